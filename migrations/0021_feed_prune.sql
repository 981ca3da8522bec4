-- The feed forgets what every reader has had its time to read. A reader that was away for longer sees that from
-- feed.state.pruned and reads everything again, so nothing is ever lost silently.

ALTER TABLE feed.state ADD COLUMN pruned xid8;
COMMENT ON COLUMN feed.state.pruned IS 'Highest transaction whose rows feed.prune() removed; a reader whose snapshot does not see it must read everything again';

CREATE FUNCTION feed.prune(p_seen pg_snapshot) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    removed bigint;
    highest xid8;
BEGIN
    -- Only one server prunes at a time, and a snapshot cannot claim what this transaction does not see itself.
    IF NOT pg_try_advisory_xact_lock(hashtext('feed.prune')) THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM feed.change
        WHERE ctid = ANY (ARRAY(
            SELECT change.ctid FROM feed.change AS change
            WHERE change.xid < pg_snapshot_xmax(p_seen) AND pg_visible_in_snapshot(change.xid, p_seen)
            ORDER BY change.xid LIMIT 50000))
        RETURNING xid)
    SELECT count(*), (array_agg(xid ORDER BY xid DESC))[1] INTO removed, highest FROM gone;
    IF removed > 0 THEN
        UPDATE feed.state SET pruned = greatest(pruned, highest);
    END IF;
    RETURN removed;
END $$;
COMMENT ON FUNCTION feed.prune(pg_snapshot) IS 'Removes at most 50,000 rows of the feed that the snapshot had seen, and notes how far it went; returns how many';
REVOKE EXECUTE ON FUNCTION feed.prune(pg_snapshot) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed.prune(pg_snapshot) TO dothi_app;

-- A restored feed has pruned nothing yet: the old number means nothing among the new cluster's transactions.
CREATE OR REPLACE FUNCTION feed.epoch() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    cluster bigint := (SELECT system_identifier FROM pg_control_system());
    here oid := (SELECT oid FROM pg_database WHERE datname = current_database());
    answer uuid;
BEGIN
    SELECT epoch INTO answer FROM feed.state WHERE system_identifier = cluster AND database_oid = here;
    IF answer IS NULL THEN
        -- A dump restored elsewhere: its rows carry transaction numbers that lie here.
        DELETE FROM feed.change;
        INSERT INTO feed.state (system_identifier, database_oid) VALUES (cluster, here)
        ON CONFLICT (one) DO UPDATE SET epoch = gis.uuid_v7(), system_identifier = excluded.system_identifier,
            database_oid = excluded.database_oid, pruned = NULL
        RETURNING epoch INTO answer;
    END IF;
    RETURN answer;
END $$;
