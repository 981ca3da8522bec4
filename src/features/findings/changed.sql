-- $1: pg_snapshot of the last look. What single objects underwent since, of whichever writer; deliveries are left out.
SELECT layer, id, old_box, new_box
FROM feed.change
WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
    AND id IS NOT NULL AND layer IS NOT NULL
