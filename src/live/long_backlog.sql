-- $1 the snapshot of the last batch, $2 from how many rows on a layer is read again as a whole.
-- One row for each layer above that, the rows of the others as they are.
WITH pending AS (
    SELECT change.layer, change.id, change.op, change.import_id, change.xid::text::bigint AS xid,
           count(*) OVER (PARTITION BY change.layer) AS in_layer
    FROM feed.change AS change
    WHERE change.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
      AND NOT pg_visible_in_snapshot(change.xid, $1::text::pg_snapshot)
)
SELECT layer, id, op, import_id, max(xid) AS xid
FROM pending WHERE in_layer <= $2
GROUP BY layer, id, op, import_id
UNION ALL
SELECT layer, NULL, 'truncate', NULL, max(xid)
FROM pending WHERE in_layer > $2
GROUP BY layer
