-- Statements that write many rows at once. A plan is made for the first rows that a session's trigger sees and is kept: made for
-- one row it compares each of 13,000 with each (measured: 72 s for a statement whose rows take 0.4 s), made for many it reads all
-- of gis.object for one. Large statements let go of the plans before and after them.

CREATE OR REPLACE FUNCTION gis_trigger.fit_statement(l catalog.layer) RETURNS void LANGUAGE plpgsql AS $$
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
    large boolean := written > 1000;
BEGIN
    IF written = 0 THEN RETURN NULL; END IF;
    IF large THEN DISCARD PLANS; END IF;
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
    IF large THEN DISCARD PLANS; END IF;
    RETURN NULL;
END$b$);
    PERFORM gis_trigger.write_function(l.name, 'update', $b$
DECLARE
    written bigint := (SELECT count(*) FROM begun);
    twice uuid;
    large boolean := written > 1000;
BEGIN
    IF written = 0 THEN RETURN NULL; END IF;
    IF large THEN DISCARD PLANS; END IF;
    -- Counted, not asked for with EXISTS: hoping for a first hit, the planner would compare every row with every other one.
    IF (SELECT count(*) FROM begun JOIN ended USING (fid) WHERE NOT begun.validity <@ ended.validity) > 0 THEN
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
    IF large THEN DISCARD PLANS; END IF;
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
