-- $1 the snapshot of the last batch (pg_snapshot as text), $2 at most so many rows. Uses the index on feed.change (xid).
SELECT change.layer, change.id, change.op, change.import_id, max(change.xid::text::bigint) AS xid
FROM feed.change AS change
WHERE change.xid >= pg_snapshot_xmin($1::text::pg_snapshot)
  AND NOT pg_visible_in_snapshot(change.xid, $1::text::pg_snapshot)
GROUP BY change.layer, change.id, change.op, change.import_id
LIMIT $2
