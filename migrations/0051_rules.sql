-- What rules need: sound shapes to compute with, how an operation ended a version, and what is broken now.

CREATE FUNCTION gis.sound(geom geometry) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN ST_IsValid(geom) THEN geom ELSE ST_MakeValid(geom) END;
COMMENT ON FUNCTION gis.sound(geometry) IS 'The geometry, mended if it is not valid: what somebody else drew wrong must not stop a rule';

ALTER TABLE changes.operation ADD COLUMN op text CONSTRAINT operation_op CHECK (op IN ('insert', 'update', 'delete'));
COMMENT ON COLUMN changes.operation.op IS 'What it did: a delete ends the version that it names, the others begin it; null before this was kept';

CREATE TABLE gis.finding (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT finding_pk PRIMARY KEY,
    layer text NOT NULL,
    id uuid NOT NULL,
    version int NOT NULL,
    actor text NOT NULL,
    rule text NOT NULL,
    field text,
    what text,
    other uuid,
    other_layer text,
    place geometry(Point, 4326) NOT NULL,
    message jsonb NOT NULL,
    seen timestamptz NOT NULL DEFAULT now(),
    gone timestamptz
);
COMMENT ON TABLE gis.finding IS 'What breaks a rule now (gone is null), and what did: whoever wrote it, through the server or beside it';
COMMENT ON COLUMN gis.finding.seq IS 'Order in which it was found';
COMMENT ON COLUMN gis.finding.layer IS 'Layer of the row that breaks the rule';
COMMENT ON COLUMN gis.finding.id IS 'Its object';
COMMENT ON COLUMN gis.finding.version IS 'Version of the object when it was found';
COMMENT ON COLUMN gis.finding.actor IS 'Who wrote that version: an account, or db:<role>';
COMMENT ON COLUMN gis.finding.rule IS 'Rule of the layer, as the catalog names it';
COMMENT ON COLUMN gis.finding.field IS 'Attribute, or geometry';
COMMENT ON COLUMN gis.finding.what IS 'unknown: it names nothing that exists; missing; null: as the rule says';
COMMENT ON COLUMN gis.finding.other IS 'The other object that it meets';
COMMENT ON COLUMN gis.finding.other_layer IS 'Layer of that';
COMMENT ON COLUMN gis.finding.place IS 'Where on the map';
COMMENT ON COLUMN gis.finding.message IS 'What is wrong, {vi, en}';
COMMENT ON COLUMN gis.finding.seen IS 'When it was first found';
COMMENT ON COLUMN gis.finding.gone IS 'When it was found mended; null while it holds';
CREATE INDEX finding_place ON gis.finding USING gist (place) WHERE gone IS NULL;
CREATE INDEX finding_object ON gis.finding (layer, id) WHERE gone IS NULL;

CREATE TABLE gis.finding_state (
    one boolean NOT NULL DEFAULT true CONSTRAINT finding_state_one_row PRIMARY KEY CHECK (one),
    epoch uuid NOT NULL,
    snapshot text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gis.finding_state IS 'One row: how far the feed was looked through for findings; one server at a time holds it';
COMMENT ON COLUMN gis.finding_state.one IS 'Always true: there is one row';
COMMENT ON COLUMN gis.finding_state.epoch IS 'Life of the feed that the snapshot belongs to';
COMMENT ON COLUMN gis.finding_state.snapshot IS 'pg_snapshot of the last look';
COMMENT ON COLUMN gis.finding_state.at IS 'When that was';

GRANT SELECT, INSERT ON gis.finding TO dothi_app;
GRANT UPDATE (gone) ON gis.finding TO dothi_app;
GRANT SELECT, INSERT, UPDATE ON gis.finding_state TO dothi_app;
