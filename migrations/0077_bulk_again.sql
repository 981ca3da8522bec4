-- Large deliveries into an empty layer, again faster. Measured on 100,000 buildings, of about 0.8 s: the writer's name asked for at
-- each row cost 20 ms, the B-tree over source_id 15 ms more than an index of block ranges.

CREATE OR REPLACE FUNCTION gis_trigger.fit_indexes(l catalog.layer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t text := format('gis.%I', l.name);
    key_columns text := (
        SELECT string_agg(quote_ident(u.k) || CASE WHEN a.kind IN ('text', 'code') THEN ' text_pattern_ops' ELSE '' END, ', ' ORDER BY u.i)
        FROM unnest(l.key) WITH ORDINALITY AS u(k, i) JOIN catalog.attribute AS a ON a.layer = l.name AND a.name = u.k);
BEGIN
    -- Only after a bulk is it not there.
    IF NOT gis_trigger.has_constraint(l.name, l.name || '_pk') THEN
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY (fid)', t, l.name || '_pk');
    END IF;
    IF NOT gis_trigger.has_constraint(l.name, l.name || '_one_row_at_a_time') THEN
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I EXCLUDE USING gist (id WITH =, validity WITH &&)
            WHERE (validity <> ''(,)''::daterange)', t, l.name || '_one_row_at_a_time');
    END IF;
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s (id)', l.name || '_id', t);
    -- Asked for by whole deliveries only, whose rows lie together.
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING brin (source_id)', l.name || '_source_id', t);
    IF key_columns IS NOT NULL THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s (%s)', l.name || '_key', t, key_columns);
    END IF;
    IF l.geometry IS NOT NULL THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s USING gist (geom)', l.name || '_geom', t);
    END IF;
END $$;

DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT layer.name FROM catalog.layer LOOP
        EXECUTE format('DROP INDEX IF EXISTS gis.%I', name || '_source_id');
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION gis.bulk_begin(p_layer text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l catalog.layer;
    filled boolean;
    suffix text;
BEGIN
    SELECT * INTO l FROM catalog.layer WHERE name = p_layer;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the catalog has no layer %', p_layer USING ERRCODE = 'undefined_object';
    ELSIF gis.import_id() IS NULL THEN
        RAISE EXCEPTION 'only an import (setting dothi.import_id) may begin a bulk' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('LOCK TABLE gis.%I IN ACCESS EXCLUSIVE MODE', p_layer);
    EXECUTE format('SELECT EXISTS (SELECT FROM gis.%I)', p_layer) INTO filled;
    IF filled THEN
        RAISE EXCEPTION 'layer % is not empty', p_layer USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('DROP TRIGGER row_insert ON gis.%1$I; DROP TRIGGER after_insert ON gis.%1$I', p_layer);
    -- By name: an index that somebody added here is kept, and costs what it costs.
    FOREACH suffix IN ARRAY ARRAY['_id', '_source_id', '_key', '_geom'] LOOP
        EXECUTE format('DROP INDEX IF EXISTS gis.%I', p_layer || suffix);
    END LOOP;
    BEGIN
        EXECUTE format('ALTER TABLE gis.%I DROP CONSTRAINT %I', p_layer, p_layer || '_pk');
    EXCEPTION WHEN dependent_objects_still_exist THEN
        NULL; -- Somebody's foreign key or view rests on it.
    END;
    -- One number a row from the sequence costs a third of the COPY; what is left of a thousand is a gap, and gaps mean nothing.
    EXECUTE format('ALTER TABLE gis.%I ALTER fid SET CACHE 1000', p_layer);
    -- Who writes is the same for all of them, and asking for each costs a tenth of the COPY.
    EXECUTE format('ALTER TABLE gis.%I ALTER actor SET DEFAULT %L', p_layer, gis.actor());
END $$;

CREATE OR REPLACE FUNCTION gis.bulk_end(p_layer text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l catalog.layer;
    written bigint;
    registered bigint;
    wrong uuid;
BEGIN
    SELECT * INTO STRICT l FROM catalog.layer WHERE name = p_layer;
    EXECUTE format('ALTER TABLE gis.%I ALTER fid SET CACHE 1, ALTER actor SET DEFAULT gis.actor()', p_layer);
    PERFORM gis_trigger.fit_row(l), gis_trigger.fit_statement(l);
    IF pg_relation_size(format('gis.%I', p_layer)::regclass) < 512 << 20 THEN
        PERFORM set_config('max_parallel_maintenance_workers', '0', true);
    END IF;
    PERFORM gis_trigger.fit_indexes(l);
    BEGIN
        EXECUTE format('INSERT INTO gis.object (id, layer) SELECT id, %L FROM gis.%I', p_layer, p_layer);
    EXCEPTION WHEN unique_violation THEN
        EXECUTE format('SELECT count(*) FROM gis.%I', p_layer) INTO written;
        EXECUTE format('INSERT INTO gis.object (id, layer) SELECT id, %L FROM gis.%I ON CONFLICT (id) DO NOTHING', p_layer, p_layer);
        GET DIAGNOSTICS registered = ROW_COUNT;
    END;
    IF registered < written THEN
        EXECUTE format('SELECT object.id FROM gis.%I AS row JOIN gis.object USING (id) WHERE object.layer <> %L LIMIT 1', p_layer, p_layer)
            INTO wrong;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'the id % belongs to an object of another layer', wrong USING ERRCODE = 'unique_violation',
                SCHEMA = 'gis', TABLE = p_layer, CONSTRAINT = 'object_of_one_layer';
        END IF;
        EXECUTE format('SELECT a.id FROM gis.%1$I AS a JOIN gis.%1$I AS b ON a.id = b.id AND a.fid < b.fid AND a.validity && b.validity LIMIT 1',
            p_layer) INTO wrong;
        IF wrong IS NOT NULL THEN PERFORM gis_trigger.refuse_overlap(p_layer, wrong); END IF;
    END IF;
    PERFORM feed.note(p_layer, 'import');
END $$;
