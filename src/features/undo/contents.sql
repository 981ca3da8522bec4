-- {layer}, {attributes}, {geometry}: from the catalog; $1, $2, $3: objects, their rows and versions.
WITH asked AS (SELECT DISTINCT id, fid, version FROM unnest($1::uuid[], $2::bigint[], $3::int[]) AS one(id, fid, version))
SELECT t.fid, t.version, {attributes} AS held, {geometry} AS geometry
FROM asked JOIN gis."{layer}" AS t ON t.id = asked.id AND t.fid = asked.fid AND t.version = asked.version
UNION ALL
SELECT t.fid, t.version, {attributes}, {geometry}
FROM asked JOIN gis_history."{layer}" AS t ON t.id = asked.id AND t.fid = asked.fid AND t.version = asked.version
