-- What the feed has forgotten, and which life of the database it belongs to.

-- One number cannot say what was pruned: a transaction that was still running when a later one was pruned has a lower number,
-- and may be pruned after it. So the pruning snapshot itself is kept.
ALTER TABLE feed.state ADD COLUMN pruned_seen pg_snapshot;
UPDATE feed.state SET pruned_seen = format('%s:%s:', pruned::text::bigint + 1, pruned::text::bigint + 1)::pg_snapshot WHERE pruned IS NOT NULL;
ALTER TABLE feed.state DROP COLUMN pruned;
COMMENT ON COLUMN feed.state.pruned_seen IS
    'Newest snapshot whose rows feed.prune() removed; a reader who has not seen all that it saw must read everything again';

-- A base backup and a recovery to a point in time keep cluster and database; the recovery begins a new timeline of the log.
ALTER TABLE feed.state ADD COLUMN timeline text;
COMMENT ON COLUMN feed.state.timeline IS 'Timeline of the write-ahead log that the epoch belongs to, as in the names of its files';

CREATE FUNCTION feed.timeline() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)
$$;
COMMENT ON FUNCTION feed.timeline() IS 'Timeline that this server writes to now';
UPDATE feed.state SET timeline = feed.timeline();

CREATE OR REPLACE FUNCTION feed.prune(p_seen pg_snapshot) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    removed bigint;
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
    SELECT count(*) INTO removed FROM gone;
    IF removed > 0 THEN
        -- Of two snapshots of one cluster the later one sees all that the earlier one sees.
        UPDATE feed.state SET pruned_seen = p_seen
        WHERE pruned_seen IS NULL
           OR (pg_snapshot_xmax(pruned_seen), pg_snapshot_xmin(pruned_seen), (SELECT -count(*) FROM pg_snapshot_xip(pruned_seen)))
            < (pg_snapshot_xmax(p_seen), pg_snapshot_xmin(p_seen), (SELECT -count(*) FROM pg_snapshot_xip(p_seen)));
    END IF;
    RETURN removed;
END $$;

CREATE FUNCTION feed.renew() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    answer uuid;
BEGIN
    -- Its rows carry transaction numbers that lie here, and nothing was pruned yet.
    DELETE FROM feed.change;
    INSERT INTO feed.state (system_identifier, database_oid, timeline)
    VALUES ((SELECT system_identifier FROM pg_control_system()),
            (SELECT oid FROM pg_database WHERE datname = current_database()), feed.timeline())
    ON CONFLICT (one) DO UPDATE SET epoch = gis.uuid_v7(), system_identifier = excluded.system_identifier,
        database_oid = excluded.database_oid, timeline = excluded.timeline, pruned_seen = NULL
    RETURNING epoch INTO answer;
    RETURN answer;
END $$;
COMMENT ON FUNCTION feed.renew() IS 'Begins a new life of the feed: every reader reads everything again, every position is void';
REVOKE EXECUTE ON FUNCTION feed.renew() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed.renew() TO dothi_app;

CREATE OR REPLACE FUNCTION feed.epoch() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    RETURN coalesce(
        (SELECT epoch FROM feed.state
         WHERE system_identifier = (SELECT system_identifier FROM pg_control_system())
           AND database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND timeline = feed.timeline()),
        feed.renew());
END $$;
