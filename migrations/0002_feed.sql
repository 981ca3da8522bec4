-- The feed: what changed. Readers remember a pg_snapshot and ask for what it did not see (see live/).

CREATE TABLE feed.change (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT change_pk PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    layer text,
    id uuid,
    version int,
    op text NOT NULL CONSTRAINT change_op CHECK (op IN ('insert', 'update', 'delete', 'import', 'truncate', 'catalog')),
    actor text NOT NULL DEFAULT gis.actor(),
    import_id bigint,
    old_box float8[],
    new_box float8[],
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE feed.change IS 'One row a changed row; one a layer for an import; one for a TRUNCATE; one for a change of the catalog';
COMMENT ON COLUMN feed.change.seq IS 'Taken before commit: order within a transaction only';
COMMENT ON COLUMN feed.change.xid IS 'Transaction that wrote it; what readers and positions go by';
COMMENT ON COLUMN feed.change.layer IS 'Layer; null for the catalog';
COMMENT ON COLUMN feed.change.id IS 'Object; null for import, truncate, catalog';
COMMENT ON COLUMN feed.change.version IS 'Version of the object after the change, the last one for a delete';
COMMENT ON COLUMN feed.change.op IS 'insert, update, delete, import, truncate or catalog';
COMMENT ON COLUMN feed.change.actor IS 'Who wrote: an account name, import, or db:<role>; never personal data beyond that';
COMMENT ON COLUMN feed.change.import_id IS 'Delivery; its rows are found by source_id, what it closed by gis_history.<layer>.ended_import';
COMMENT ON COLUMN feed.change.old_box IS 'Box before, {west, south, east, north} in degrees; null if there was none';
COMMENT ON COLUMN feed.change.new_box IS 'Box after, as old_box';
COMMENT ON COLUMN feed.change.at IS 'Start of the transaction';
CREATE INDEX change_xid ON feed.change (xid);

CREATE TABLE feed.state (
    one boolean NOT NULL DEFAULT true CONSTRAINT state_one_row PRIMARY KEY CHECK (one),
    epoch uuid NOT NULL DEFAULT gis.uuid_v7(),
    system_identifier bigint NOT NULL,
    database_oid oid NOT NULL
);
COMMENT ON TABLE feed.state IS 'One row: the life of this feed. Transaction numbers of another cluster mean nothing here';
COMMENT ON COLUMN feed.state.one IS 'Always true: there is one row';
COMMENT ON COLUMN feed.state.epoch IS 'New after every restore; positions of another epoch are void';
COMMENT ON COLUMN feed.state.system_identifier IS 'Cluster that the epoch belongs to';
COMMENT ON COLUMN feed.state.database_oid IS 'Database that the epoch belongs to';

CREATE FUNCTION feed.epoch() RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
            database_oid = excluded.database_oid
        RETURNING epoch INTO answer;
    END IF;
    RETURN answer;
END $$;
COMMENT ON FUNCTION feed.epoch() IS 'The epoch of this feed; a new one, and an empty feed, when the database was restored or copied';

GRANT SELECT ON feed.change, feed.state TO dothi_app;

CREATE FUNCTION feed.note(p_layer text, p_op text) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS $$
    INSERT INTO feed.change (layer, op, import_id)
    SELECT p_layer, p_op, gis.import_id()
    WHERE NOT EXISTS (
        SELECT FROM feed.change
        WHERE xid = pg_current_xact_id() AND op = p_op AND layer IS NOT DISTINCT FROM p_layer
            AND import_id IS NOT DISTINCT FROM gis.import_id());
    SELECT pg_notify('dothi_feed', '');
$$;
COMMENT ON FUNCTION feed.note(text, text) IS 'Appends one row for a layer (import, truncate) or the catalog, once a transaction, and wakes readers';
REVOKE EXECUTE ON FUNCTION feed.note(text, text) FROM PUBLIC;

-- A change of the catalog goes through the feed before a server answers by it.
CREATE FUNCTION gis_trigger.catalog_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM feed.change WHERE xid = pg_current_xact_id() AND op = 'catalog') THEN
        UPDATE catalog.version SET n = n + 1;
        PERFORM feed.note(NULL, 'catalog');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION gis_trigger.catalog_changed() IS 'Counts catalog.version up and appends a feed row, once a transaction';
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['layer', 'attribute', 'code_list', 'code', 'setting'] LOOP
        -- A statement that changes no row is no change: the catalog is small, so the trigger is per row.
        EXECUTE format('CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON catalog.%I
            FOR EACH ROW EXECUTE FUNCTION gis_trigger.catalog_changed()', t);
    END LOOP;
END $$;
