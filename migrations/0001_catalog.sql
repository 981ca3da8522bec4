-- What exists: schemas, the words of the catalog, and the registry of objects.
-- Runs as dothi_owner. Extensions and roles were made before, by a superuser.

CREATE SCHEMA IF NOT EXISTS gis;
CREATE SCHEMA IF NOT EXISTS gis_history;
CREATE SCHEMA IF NOT EXISTS gis_private;
CREATE SCHEMA IF NOT EXISTS gis_trigger;
CREATE SCHEMA IF NOT EXISTS catalog;
CREATE SCHEMA IF NOT EXISTS feed;

COMMENT ON SCHEMA gis IS 'The layers: one typed table each, the truth of today and later';
COMMENT ON SCHEMA gis_history IS 'Versions of rows that have ended, written by trigger only';
COMMENT ON SCHEMA gis_private IS 'Personal data, with purpose and retention; never in tiles, feed, history or logs';
COMMENT ON SCHEMA gis_trigger IS 'Trigger functions that gis.fit_layer() writes; nothing to call by hand';
COMMENT ON SCHEMA catalog IS 'Which layers exist, their attributes, code lists, settings';
COMMENT ON SCHEMA feed IS 'What changed, in the order that followers read it';

GRANT USAGE ON SCHEMA gis, gis_history, gis_private, catalog, feed TO dothi_app;

-- Who and why ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION gis.actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('dothi.actor', true), ''), 'db:' || session_user);
COMMENT ON FUNCTION gis.actor() IS 'Who writes: the setting dothi.actor, else db:<session_user>';

CREATE FUNCTION gis.import_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('dothi.import_id', true), '')::bigint;
COMMENT ON FUNCTION gis.import_id() IS 'The delivery that this transaction applies (setting dothi.import_id), or null';

CREATE FUNCTION gis.source_id(import_id bigint, source_row bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (import_id << 28) | source_row;
COMMENT ON FUNCTION gis.source_id(bigint, bigint) IS 'Which delivery and which of its rows (up to 268 million) a row came from';

CREATE FUNCTION gis.uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
    52, 1), 53, 1), 'hex')::uuid;
COMMENT ON FUNCTION gis.uuid_v7() IS 'A new identifier in time order (RFC 9562, version 7)';

-- The registry --------------------------------------------------------------------------------------------------------

CREATE TABLE gis.object (
    id uuid CONSTRAINT object_pk PRIMARY KEY,
    layer text NOT NULL
);
COMMENT ON TABLE gis.object IS 'Every object that ever had a row in a layer; foreign keys and cases point here';
COMMENT ON COLUMN gis.object.id IS 'Identifier of the object, the same in all its validity periods and versions';
COMMENT ON COLUMN gis.object.layer IS 'Layer that it belongs to, for ever';
GRANT SELECT ON gis.object TO dothi_app;

-- The catalog ---------------------------------------------------------------------------------------------------------

CREATE TABLE catalog.layer (
    name text CONSTRAINT layer_pk PRIMARY KEY CONSTRAINT layer_name_form CHECK (name ~ '^[a-z][a-z0-9_]{0,47}$'),
    title_vi text NOT NULL,
    title_en text NOT NULL,
    comment text NOT NULL DEFAULT '',
    group_name text NOT NULL DEFAULT 'other',
    position int NOT NULL DEFAULT 1000,
    geometry text CONSTRAINT layer_geometry CHECK (geometry IN
        ('point', 'line', 'polygon', 'multipoint', 'multiline', 'multipolygon', 'any')),
    key text[] NOT NULL DEFAULT '{}',
    master text NOT NULL DEFAULT 'here' CONSTRAINT layer_master CHECK (master IN ('here', 'land', 'plan', 'case')),
    detail_zoom smallint NOT NULL DEFAULT 14 CONSTRAINT layer_detail_zoom CHECK (detail_zoom BETWEEN 0 AND 22),
    low_zoom text NOT NULL DEFAULT 'hide' CONSTRAINT layer_low_zoom CHECK (low_zoom IN ('cluster', 'merge', 'lines', 'hide')),
    legal boolean NOT NULL DEFAULT false,
    legal_srid int,
    public text[] NOT NULL DEFAULT '{}',
    public_rows jsonb,
    private boolean NOT NULL DEFAULT false,
    generated boolean NOT NULL DEFAULT false,
    rules jsonb NOT NULL DEFAULT '[]',
    style jsonb,
    retired_at timestamptz,
    shipped jsonb,
    fitted text
);
COMMENT ON TABLE catalog.layer IS 'One row a layer or entity without a place';
COMMENT ON COLUMN catalog.layer.name IS 'Name of the table gis.<name>, of the tile layer and in every address';
COMMENT ON COLUMN catalog.layer.title_vi IS 'Vietnamese title';
COMMENT ON COLUMN catalog.layer.title_en IS 'English title';
COMMENT ON COLUMN catalog.layer.comment IS 'What the layer holds, one sentence; becomes the comment of the table';
COMMENT ON COLUMN catalog.layer.group_name IS 'Group in legends, a code of the list layer_group';
COMMENT ON COLUMN catalog.layer.position IS 'Order in lists, smaller first';
COMMENT ON COLUMN catalog.layer.geometry IS 'Kind of geometry; null = an entity without a place';
COMMENT ON COLUMN catalog.layer.key IS 'Attributes that a re-delivery is matched by; any of them may be null';
COMMENT ON COLUMN catalog.layer.master IS 'Whose truth: here, land (land database), plan (planning authority), case (written by cases only)';
COMMENT ON COLUMN catalog.layer.detail_zoom IS 'From this zoom up a tile holds every feature that touches it';
COMMENT ON COLUMN catalog.layer.low_zoom IS 'How it is generalised below the detail zoom';
COMMENT ON COLUMN catalog.layer.legal IS 'True when geom_source, in a VN-2000 zone, is the legal truth';
COMMENT ON COLUMN catalog.layer.legal_srid IS 'VN-2000 zone of the data set; null = the zone of the place, or none';
COMMENT ON COLUMN catalog.layer.public IS 'What the public sees: {*} everything, {} nothing, or attribute names; never a private attribute';
COMMENT ON COLUMN catalog.layer.public_rows IS 'Which rows the public sees: {"attribute":…,"values":[…]}; null = all';
COMMENT ON COLUMN catalog.layer.private IS 'True when the layer as a whole is personal data and can never be opened';
COMMENT ON COLUMN catalog.layer.generated IS 'True while the layer holds generated data, which is labelled so everywhere';
COMMENT ON COLUMN catalog.layer.rules IS 'Rules: [{"name":…,"effect":"refuse|warn","on":"always|edit|import","title":{"vi":…,"en":…}}]';
COMMENT ON COLUMN catalog.layer.style IS 'MapLibre paint and layout, where the default does not do';
COMMENT ON COLUMN catalog.layer.retired_at IS 'Since when the layer is off the map and the APIs; its table and history stay';
COMMENT ON COLUMN catalog.layer.shipped IS 'What the product last shipped; a value that differs from it was altered here and is kept';
COMMENT ON COLUMN catalog.layer.fitted IS 'Fingerprint of the description and of fit_layer() that the table was last fitted to';

CREATE TABLE catalog.attribute (
    layer text NOT NULL CONSTRAINT attribute_layer REFERENCES catalog.layer ON UPDATE RESTRICT,
    name text NOT NULL CONSTRAINT attribute_name_form CHECK (name ~ '^[a-z][a-z0-9_]{0,47}$'
        AND name NOT IN ('fid', 'id', 'version', 'actor', 'known_since', 'geom', 'geom_source', 'validity', 'source_id',
                         'extra', 'known', 'ended_by', 'ended_import', 'layer')),
    position int NOT NULL DEFAULT 1000,
    kind text NOT NULL CONSTRAINT attribute_kind CHECK (kind IN
        ('text', 'int', 'float', 'bool', 'date', 'timestamp', 'code', 'json')),
    code_list text,
    unit text,
    title_vi text NOT NULL,
    title_en text NOT NULL,
    comment text NOT NULL DEFAULT '',
    refers_to text,
    in_tile boolean NOT NULL DEFAULT false,
    queryable boolean NOT NULL DEFAULT true,
    searchable boolean NOT NULL DEFAULT false,
    required boolean NOT NULL DEFAULT false,
    private boolean NOT NULL DEFAULT false,
    shipped jsonb,
    CONSTRAINT attribute_pk PRIMARY KEY (layer, name),
    CONSTRAINT attribute_code_list CHECK ((kind = 'code') = (code_list IS NOT NULL)),
    CONSTRAINT attribute_private_not_in_tile CHECK (NOT (private AND in_tile))
);
COMMENT ON TABLE catalog.attribute IS 'One row an attribute of a layer';
COMMENT ON COLUMN catalog.attribute.layer IS 'Layer that it belongs to';
COMMENT ON COLUMN catalog.attribute.name IS 'Name of the column';
COMMENT ON COLUMN catalog.attribute.position IS 'Order in forms and answers, smaller first';
COMMENT ON COLUMN catalog.attribute.kind IS 'Kind of value; code = text from a code list, unknown codes are kept as they came';
COMMENT ON COLUMN catalog.attribute.code_list IS 'Code list of a code (catalog.code_list.name)';
COMMENT ON COLUMN catalog.attribute.unit IS 'Unit of the number, such as m or m2';
COMMENT ON COLUMN catalog.attribute.title_vi IS 'Vietnamese title';
COMMENT ON COLUMN catalog.attribute.title_en IS 'English title';
COMMENT ON COLUMN catalog.attribute.comment IS 'What it means and where that is written; becomes the comment of the column';
COMMENT ON COLUMN catalog.attribute.refers_to IS 'layer.attribute that the value names; not enforced, deliveries come in any order';
COMMENT ON COLUMN catalog.attribute.in_tile IS 'True when tiles carry it';
COMMENT ON COLUMN catalog.attribute.queryable IS 'True when the core holds it and answers carry it';
COMMENT ON COLUMN catalog.attribute.searchable IS 'True when the search box finds it';
COMMENT ON COLUMN catalog.attribute.required IS 'True when a row without it is refused';
COMMENT ON COLUMN catalog.attribute.private IS 'True when only staff with the right may see it; never in tiles';
COMMENT ON COLUMN catalog.attribute.shipped IS 'What the product last shipped, as in catalog.layer';

CREATE TABLE catalog.code_list (
    name text CONSTRAINT code_list_pk PRIMARY KEY CONSTRAINT code_list_name_form CHECK (name ~ '^[a-z][a-z0-9_]{0,47}$'),
    title_vi text NOT NULL,
    title_en text NOT NULL,
    shipped jsonb
);
COMMENT ON TABLE catalog.code_list IS 'One row a code list';
COMMENT ON COLUMN catalog.code_list.name IS 'Name, as in catalog.attribute.code_list';
COMMENT ON COLUMN catalog.code_list.title_vi IS 'Vietnamese title';
COMMENT ON COLUMN catalog.code_list.title_en IS 'English title';
COMMENT ON COLUMN catalog.code_list.shipped IS 'What the product last shipped, as in catalog.layer';

CREATE TABLE catalog.code (
    list text NOT NULL CONSTRAINT code_of_list REFERENCES catalog.code_list,
    code text NOT NULL,
    valid daterange NOT NULL DEFAULT daterange(NULL, NULL),
    position int NOT NULL DEFAULT 1000,
    title_vi text NOT NULL,
    title_en text NOT NULL,
    colour text CONSTRAINT code_colour CHECK (colour ~ '^#[0-9A-Fa-f]{6}$'),
    group_code text,
    source text,
    shipped jsonb,
    CONSTRAINT code_once_at_a_time EXCLUDE USING gist (list WITH =, code WITH =, valid WITH &&),
    CONSTRAINT code_valid_not_empty CHECK (NOT isempty(valid))
);
COMMENT ON TABLE catalog.code IS 'Codes with the dates that they hold on; old codes are legal history, not errors';
COMMENT ON COLUMN catalog.code.list IS 'List that it belongs to';
COMMENT ON COLUMN catalog.code.code IS 'The code as it stands in data';
COMMENT ON COLUMN catalog.code.valid IS 'From which day, and before which day, the code holds';
COMMENT ON COLUMN catalog.code.position IS 'Order in legends, smaller first';
COMMENT ON COLUMN catalog.code.title_vi IS 'Vietnamese meaning';
COMMENT ON COLUMN catalog.code.title_en IS 'English meaning';
COMMENT ON COLUMN catalog.code.colour IS 'Colour in maps and legends; style data, not law';
COMMENT ON COLUMN catalog.code.group_code IS 'Group of the code in its list';
COMMENT ON COLUMN catalog.code.source IS 'Where the code and its meaning are written';
COMMENT ON COLUMN catalog.code.shipped IS 'What the product last shipped, as in catalog.layer';

CREATE TABLE catalog.setting (
    name text CONSTRAINT setting_pk PRIMARY KEY,
    value jsonb NOT NULL
);
COMMENT ON TABLE catalog.setting IS 'Settings that belong to the data; "place" says which place this is';
COMMENT ON COLUMN catalog.setting.name IS 'Name of the setting';
COMMENT ON COLUMN catalog.setting.value IS 'Value; place = {name_vi, name_en, centre, zoom, bounds, legal_srid, illustrative, attribution}';

CREATE TABLE catalog.version (
    n bigint NOT NULL,
    shipped text,
    one boolean NOT NULL DEFAULT true CONSTRAINT version_one_row PRIMARY KEY CHECK (one)
);
COMMENT ON TABLE catalog.version IS 'One row: counts the transactions that changed the catalog';
COMMENT ON COLUMN catalog.version.n IS 'Grows by one with every change';
COMMENT ON COLUMN catalog.version.shipped IS 'Fingerprint of the shipped catalog that was last installed';
COMMENT ON COLUMN catalog.version.one IS 'Always true: there is one row';
INSERT INTO catalog.version (n) VALUES (1);

GRANT SELECT ON ALL TABLES IN SCHEMA catalog TO dothi_app;
