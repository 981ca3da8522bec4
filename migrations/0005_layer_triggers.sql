-- What happens at every write to a layer, whoever writes. fit_layer() writes these functions for each layer, with its
-- columns by name: `row` before a row (version, actor, legal metres), the others once a statement (registry, history, feed).

CREATE FUNCTION gis_trigger.write_function(p_layer text, part text, body text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE f text := format('gis_trigger.%I', p_layer || '_' || part);
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog, public AS %L', f, replace(replace(replace(body, '«table»', format('gis.%I', p_layer)),
            '«history»', format('gis_history.%I', p_layer)), '«layer»', quote_literal(p_layer)));
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s() FROM PUBLIC', f);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', f, 'Written by gis.fit_layer()');
END $$;
COMMENT ON FUNCTION gis_trigger.write_function(text, text, text) IS 'Writes one trigger function of a layer';

-- Imports bring rows that are new, registered by the statement trigger, and legal geometry that they computed set-wise.
CREATE FUNCTION gis_trigger.fit_row(l catalog.layer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    multi text := CASE WHEN l.geometry LIKE 'multi%' THEN
        'IF GeometryType(new.geom) = ' || quote_literal(CASE l.geometry WHEN 'multiline' THEN 'LINESTRING'
            ELSE upper(substr(l.geometry, 6)) END) || ' THEN new.geom := ST_Multi(new.geom); END IF;' ELSE '' END;
    multi_source text := CASE WHEN l.legal AND l.geometry LIKE 'multi%' THEN 'new.geom_source := ST_Multi(new.geom_source);' ELSE '' END;
    legal text := CASE WHEN l.legal THEN $b$
    IF gis.import_id() IS NULL THEN
        geom_given := tg_op = 'INSERT' OR new.geom IS DISTINCT FROM old.geom;
        source_given := new.geom_source IS NOT NULL AND (tg_op = 'INSERT' OR new.geom_source IS DISTINCT FROM old.geom_source
            OR ST_SRID(new.geom_source) <> ST_SRID(old.geom_source));
        IF source_given AND (new.geom IS NULL OR NOT geom_given) THEN
            new.geom := gis.to_wgs84(new.geom_source);
        ELSIF source_given AND NOT gis.legal_agrees(new.geom, new.geom_source) THEN
            RAISE EXCEPTION 'geom and geom_source are not the same place to 1 mm' USING ERRCODE = 'check_violation',
                SCHEMA = 'gis', TABLE = «layer», CONSTRAINT = 'legal_metres_agree',
                HINT = 'Set one of the two; the other is computed. Convert with gis.to_wgs84() or gis.from_wgs84() only.';
        ELSIF NOT source_given AND (geom_given OR new.geom_source IS NULL) THEN
            zone := CASE WHEN tg_op = 'UPDATE' THEN coalesce(ST_SRID(old.geom_source), gis.legal_srid(«layer»)) ELSE gis.legal_srid(«layer») END;
            new.geom_source := gis.from_wgs84(new.geom, zone);
            IF new.geom_source IS NOT NULL THEN new.geom := gis.to_wgs84(new.geom_source); END IF;
        END IF;
    END IF;$b$ ELSE '' END;
BEGIN
    PERFORM gis_trigger.write_function(l.name, 'row', $b$
DECLARE geom_given boolean; source_given boolean; zone int;
BEGIN
    IF tg_op = 'UPDATE' THEN
        IF new.id <> old.id OR new.fid <> old.fid THEN
            RAISE EXCEPTION 'id and fid of a row never change' USING ERRCODE = 'check_violation', SCHEMA = 'gis',
                TABLE = «layer», CONSTRAINT = 'identity_is_kept', HINT = 'Insert another object and delete this one.';
        END IF;
        -- A transaction that began earlier may write later: its version still ends the one before.
        new.known_since := CASE WHEN old.known_since <= now() THEN now() ELSE old.known_since + interval '1 microsecond' END;
        IF gis.import_id() IS NOT NULL THEN
            new.version := greatest(new.version, old.version + 1);
        END IF;
    ELSE
        new.known_since := now();
    END IF;
    IF gis.import_id() IS NULL THEN
        new.version := 1 + greatest(
            (SELECT max(version) FROM «table» AS row WHERE row.id = new.id),
            (SELECT max(version) FROM «history» AS row WHERE row.id = new.id), 0);
    END IF;
    new.actor := gis.actor();
    $b$ || multi || multi_source || legal || $b$
    RETURN new;
END$b$);
    -- An import's inserts take the defaults of the columns instead: a row trigger doubles the time of a COPY.
    EXECUTE format('CREATE OR REPLACE TRIGGER row_insert BEFORE INSERT ON gis.%I FOR EACH ROW
        WHEN (coalesce(current_setting(''dothi.import_id'', true), '''') = '''')
        EXECUTE FUNCTION gis_trigger.%I()', l.name, l.name || '_row');
    EXECUTE format('CREATE OR REPLACE TRIGGER row_update BEFORE UPDATE ON gis.%I FOR EACH ROW
        EXECUTE FUNCTION gis_trigger.%I()', l.name, l.name || '_row');
END $$;
COMMENT ON FUNCTION gis_trigger.fit_row(catalog.layer) IS 'Version, actor, known_since and legal metres, before each row';

CREATE FUNCTION gis_trigger.refuse_overlap(p_layer text, p_id uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'object % would have two rows of gis.% on the same day', p_id, p_layer USING ERRCODE = 'exclusion_violation',
        SCHEMA = 'gis', TABLE = p_layer, CONSTRAINT = p_layer || '_one_row_at_a_time',
        HINT = 'End the validity of the present row first, then begin the next one on that day.';
END $$;
COMMENT ON FUNCTION gis_trigger.refuse_overlap(text, uuid) IS 'The error for an object with two rows on one day';

CREATE FUNCTION gis_trigger.fit_statement(l catalog.layer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    all_columns text := gis_trigger.columns(l.name);
    ended text := gis_trigger.columns(l.name, 'ended.');
    old_box text := CASE WHEN l.geometry IS NULL THEN 'NULL' ELSE 'gis.box(ended.geom)' END;
    new_box text := CASE WHEN l.geometry IS NULL THEN 'NULL' ELSE 'gis.box(begun.geom)' END;
    legal text := CASE WHEN l.legal THEN $b$
    -- A sample, spread over the delivery: the import has verified all of it; this holds the next importer to it.
    IF gis.import_id() IS NOT NULL AND EXISTS (
        SELECT FROM (SELECT geom, geom_source FROM begun WHERE geom_source IS NOT NULL AND begun.fid % 64 = 0 LIMIT 2000) AS sample
        WHERE NOT gis.legal_agrees(geom, geom_source)) THEN
        RAISE EXCEPTION 'geom and geom_source are not the same place to 1 mm' USING ERRCODE = 'check_violation',
            SCHEMA = 'gis', TABLE = «layer», CONSTRAINT = 'legal_metres_agree';
    END IF;$b$ ELSE '' END;
BEGIN
    PERFORM gis_trigger.write_function(l.name, 'insert', $b$
DECLARE
    written bigint := (SELECT count(*) FROM begun);
    registered bigint;
    other text;
    twice uuid;
BEGIN
    IF written = 0 THEN RETURN NULL; END IF;
    BEGIN
        -- Nearly always all are new, and a plain insert takes half the time of ON CONFLICT.
        INSERT INTO gis.object (id, layer) SELECT id, «layer» FROM begun;
        registered := written;
    EXCEPTION WHEN unique_violation THEN
        INSERT INTO gis.object (id, layer) SELECT id, «layer» FROM begun ON CONFLICT (id) DO NOTHING;
        GET DIAGNOSTICS registered = ROW_COUNT;
    END;
    IF registered < written THEN
        -- Some were registered before. Touching them in order makes two writers of one object take turns.
        UPDATE gis.object SET layer = object.layer
        FROM (SELECT DISTINCT id FROM begun ORDER BY id) AS b WHERE object.id = b.id;
        SELECT object.layer INTO other FROM begun JOIN gis.object USING (id) WHERE object.layer <> «layer» LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'this id belongs to an object of the layer %', other USING ERRCODE = 'unique_violation',
                SCHEMA = 'gis', TABLE = «layer», CONSTRAINT = 'object_of_one_layer';
        END IF;
        SELECT b.id INTO twice FROM begun AS b JOIN «table» AS row ON row.id = b.id AND row.fid <> b.fid
            AND row.validity && b.validity LIMIT 1;
        IF FOUND THEN PERFORM gis_trigger.refuse_overlap(«layer», twice); END IF;
    END IF;
    IF gis.import_id() IS NOT NULL THEN
        PERFORM feed.note(«layer», 'import');
    ELSE
        INSERT INTO feed.change (layer, id, version, op, new_box)
        SELECT «layer», begun.id, begun.version, 'insert', $b$ || new_box || $b$ FROM begun;
        PERFORM pg_notify('dothi_feed', '');
    END IF;$b$ || legal || $b$
    RETURN NULL;
END$b$);
    PERFORM gis_trigger.write_function(l.name, 'update', $b$
DECLARE twice uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM begun) THEN RETURN NULL; END IF;
    IF EXISTS (SELECT FROM begun JOIN ended USING (fid) WHERE NOT begun.validity <@ ended.validity) THEN
        UPDATE gis.object SET layer = object.layer
        FROM (SELECT DISTINCT begun.id FROM begun JOIN ended USING (fid) WHERE NOT begun.validity <@ ended.validity ORDER BY 1) AS b
        WHERE object.id = b.id;
        SELECT b.id INTO twice FROM begun AS b JOIN «table» AS row ON row.id = b.id AND row.fid <> b.fid
            AND row.validity && b.validity LIMIT 1;
        IF FOUND THEN PERFORM gis_trigger.refuse_overlap(«layer», twice); END IF;
    END IF;
    -- What was written and changed again in one transaction was never known to anybody.
    INSERT INTO «history» ($b$ || all_columns || $b$, known, ended_by, ended_import)
    SELECT $b$ || ended || $b$, tstzrange(ended.known_since, begun.known_since), begun.actor, gis.import_id()
    FROM ended JOIN begun USING (fid) WHERE ended.known_since < begun.known_since;
    IF gis.import_id() IS NOT NULL THEN
        PERFORM feed.note(«layer», 'import');
    ELSE
        INSERT INTO feed.change (layer, id, version, op, old_box, new_box)
        SELECT «layer», begun.id, begun.version, 'update', $b$ || old_box || ', ' || new_box || $b$ FROM begun JOIN ended USING (fid);
        PERFORM pg_notify('dothi_feed', '');
    END IF;$b$ || legal || $b$
    RETURN NULL;
END$b$);
    PERFORM gis_trigger.write_function(l.name, 'delete', $b$
BEGIN
    IF NOT EXISTS (SELECT FROM ended) THEN RETURN NULL; END IF;
    INSERT INTO «history» ($b$ || all_columns || $b$, known, ended_by, ended_import)
    SELECT $b$ || ended || $b$, tstzrange(ended.known_since, greatest(now(), ended.known_since + interval '1 microsecond')), gis.actor(), gis.import_id()
    FROM ended WHERE ended.known_since <> now();
    IF gis.import_id() IS NOT NULL THEN
        PERFORM feed.note(«layer», 'import');
    ELSE
        INSERT INTO feed.change (layer, id, version, op, old_box)
        SELECT «layer», ended.id, ended.version, 'delete', $b$ || old_box || $b$ FROM ended;
        PERFORM pg_notify('dothi_feed', '');
    END IF;
    RETURN NULL;
END$b$);
    PERFORM gis_trigger.write_function(l.name, 'truncate', $b$
BEGIN
    INSERT INTO «history» ($b$ || all_columns || $b$, known, ended_by, ended_import)
    SELECT $b$ || ended || $b$, tstzrange(ended.known_since, now()), gis.actor(), gis.import_id()
    FROM «table» AS ended WHERE ended.known_since < now();
    PERFORM feed.note(«layer», 'truncate');
    RETURN NULL;
END$b$);
    EXECUTE format('CREATE OR REPLACE TRIGGER after_insert AFTER INSERT ON gis.%I REFERENCING NEW TABLE AS begun
        FOR EACH STATEMENT EXECUTE FUNCTION gis_trigger.%I()', l.name, l.name || '_insert');
    EXECUTE format('CREATE OR REPLACE TRIGGER after_update AFTER UPDATE ON gis.%I REFERENCING OLD TABLE AS ended NEW TABLE AS begun
        FOR EACH STATEMENT EXECUTE FUNCTION gis_trigger.%I()', l.name, l.name || '_update');
    EXECUTE format('CREATE OR REPLACE TRIGGER after_delete AFTER DELETE ON gis.%I REFERENCING OLD TABLE AS ended
        FOR EACH STATEMENT EXECUTE FUNCTION gis_trigger.%I()', l.name, l.name || '_delete');
    EXECUTE format('CREATE OR REPLACE TRIGGER before_truncate BEFORE TRUNCATE ON gis.%I
        FOR EACH STATEMENT EXECUTE FUNCTION gis_trigger.%I()', l.name, l.name || '_truncate');
END $$;
COMMENT ON FUNCTION gis_trigger.fit_statement(catalog.layer) IS 'Registry, history and feed, once a statement';

-- The whole -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION gis.fit_layer(p_layer text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE l catalog.layer;
BEGIN
    SELECT * INTO l FROM catalog.layer WHERE name = p_layer;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the catalog has no layer %', p_layer USING ERRCODE = 'undefined_object';
    END IF;
    PERFORM gis_trigger.fit_columns(l), gis_trigger.fit_checks(l), gis_trigger.fit_indexes(l), gis_trigger.fit_history(l),
        gis_trigger.fit_comments(l), gis_trigger.fit_grants(l), gis_trigger.fit_row(l), gis_trigger.fit_statement(l);
END $$;
COMMENT ON FUNCTION gis.fit_layer(text) IS 'Makes or mends the table of a layer, its history, constraints, triggers, indexes, grants and comments; idempotent';

CREATE FUNCTION gis_trigger.fingerprint(p_layer text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT md5(concat(
        (SELECT to_jsonb(layer) - 'shipped' - 'fitted' FROM catalog.layer WHERE name = p_layer),
        (SELECT jsonb_agg(to_jsonb(attribute) - 'shipped' ORDER BY name) FROM catalog.attribute WHERE layer = p_layer),
        (SELECT string_agg(prosrc, '' ORDER BY proname) FROM pg_proc
         WHERE pronamespace IN ('gis_trigger'::regnamespace, 'gis'::regnamespace) AND proname IN ('fit_layer', 'fit_columns', 'fit_check',
            'fit_checks', 'fit_indexes', 'fit_history', 'fit_comments', 'fit_grants', 'fit_row', 'fit_statement',
            'write_function', 'column_type', 'columns'))))
$$;
COMMENT ON FUNCTION gis_trigger.fingerprint(text) IS 'Fingerprint of what fit_layer() would make of a layer now';

CREATE FUNCTION gis.fit_layers() RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    fitted int := 0;
    l record;
BEGIN
    FOR l IN SELECT name, layer.fitted AS before, gis_trigger.fingerprint(name) AS now FROM catalog.layer ORDER BY position, name LOOP
        CONTINUE WHEN l.before = l.now AND to_regclass(format('gis.%I', l.name)) IS NOT NULL;
        PERFORM gis.fit_layer(l.name);
        UPDATE catalog.layer SET fitted = l.now WHERE name = l.name;
        fitted := fitted + 1;
    END LOOP;
    RETURN fitted;
END $$;
COMMENT ON FUNCTION gis.fit_layers() IS 'Fits every layer whose description, or fit_layer() itself, changed since it was last fitted; says how many';

-- Large deliveries into an empty layer --------------------------------------------------------------------------------

CREATE FUNCTION gis.bulk_begin(p_layer text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l catalog.layer;
    filled boolean;
    i record;
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
    EXECUTE format('ALTER TABLE gis.%I DISABLE TRIGGER after_insert', p_layer);
    FOR i IN SELECT indexrelid::regclass AS name FROM pg_index
        WHERE indrelid = format('gis.%I', p_layer)::regclass AND NOT indisprimary AND NOT indisexclusion LOOP
        EXECUTE format('DROP INDEX %s', i.name);
    END LOOP;
END $$;
COMMENT ON FUNCTION gis.bulk_begin(text) IS
    'Takes indexes, exclusion and the insert trigger off an empty layer, until gis.bulk_end() in the same transaction';

CREATE FUNCTION gis.bulk_end(p_layer text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    l catalog.layer;
    written bigint;
    registered bigint;
    wrong uuid;
BEGIN
    SELECT * INTO STRICT l FROM catalog.layer WHERE name = p_layer;
    EXECUTE format('ALTER TABLE gis.%I ENABLE TRIGGER after_insert', p_layer);
    PERFORM gis_trigger.fit_indexes(l);
    EXECUTE format('SELECT count(*) FROM gis.%I', p_layer) INTO written;
    BEGIN
        EXECUTE format('INSERT INTO gis.object (id, layer) SELECT id, %L FROM gis.%I', p_layer, p_layer);
        registered := written;
    EXCEPTION WHEN unique_violation THEN
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
COMMENT ON FUNCTION gis.bulk_end(text) IS 'Puts back what gis.bulk_begin() took off, registers the objects and appends the feed row';

REVOKE EXECUTE ON FUNCTION gis.fit_layer(text), gis.fit_layers(), gis.bulk_begin(text), gis.bulk_end(text), gis.ensure_srids() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION gis.bulk_begin(text), gis.bulk_end(text) TO dothi_app;
