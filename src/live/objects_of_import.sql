-- $1 number of the import, $2 at most so many. Rows that a delivery brought or closed carry its number (row 0 = closed by it);
-- versions that it ended are in history. Uses the indexes on source_id and ended_import.
SELECT id FROM gis.{layer} WHERE source_id >= gis.source_id($1, 0) AND source_id < gis.source_id($1 + 1, 0)
UNION
SELECT id FROM gis_history.{layer} WHERE ended_import = $1
LIMIT $2
