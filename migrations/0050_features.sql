-- Change sets: who wrote what and why, and the answer to every operation for as long as there is a database.

CREATE SCHEMA IF NOT EXISTS changes;
COMMENT ON SCHEMA changes IS 'Change sets and the operations that they settled; append-only for the server';
GRANT USAGE ON SCHEMA changes TO dothi_app;

CREATE TABLE changes.change_set (
    id uuid CONSTRAINT change_set_pk PRIMARY KEY DEFAULT gis.uuid_v7(),
    actor text NOT NULL DEFAULT gis.actor(),
    reason text NOT NULL CONSTRAINT change_set_has_reason CHECK (btrim(reason) <> ''),
    at timestamptz NOT NULL DEFAULT now(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    epoch uuid NOT NULL DEFAULT feed.epoch()
);
COMMENT ON TABLE changes.change_set IS 'One row a change set that was written';
COMMENT ON COLUMN changes.change_set.id IS 'Identifier';
COMMENT ON COLUMN changes.change_set.actor IS 'Who wrote it';
COMMENT ON COLUMN changes.change_set.reason IS 'Why, in the writer''s words';
COMMENT ON COLUMN changes.change_set.at IS 'When its transaction began';
COMMENT ON COLUMN changes.change_set.xid IS 'Its transaction: with epoch, its position in the feed';
COMMENT ON COLUMN changes.change_set.epoch IS 'Life of the feed that xid belongs to';

CREATE TABLE changes.operation (
    op_id uuid CONSTRAINT operation_pk PRIMARY KEY,
    change_set uuid NOT NULL CONSTRAINT operation_change_set REFERENCES changes.change_set,
    position int NOT NULL,
    request_hash bytea NOT NULL,
    layer text NOT NULL,
    id uuid NOT NULL,
    version int NOT NULL,
    answer jsonb NOT NULL
);
COMMENT ON TABLE changes.operation IS 'One row an operation that was settled; its op_id is never taken again';
COMMENT ON COLUMN changes.operation.op_id IS 'Identifier that the client made';
COMMENT ON COLUMN changes.operation.change_set IS 'Change set that it was written with';
COMMENT ON COLUMN changes.operation.position IS 'Order in the change set, from 0';
COMMENT ON COLUMN changes.operation.request_hash IS 'SHA-256 of the operation: another one under the same op_id is refused';
COMMENT ON COLUMN changes.operation.layer IS 'Layer';
COMMENT ON COLUMN changes.operation.id IS 'Object';
COMMENT ON COLUMN changes.operation.version IS 'Version of the object after it';
COMMENT ON COLUMN changes.operation.answer IS 'The answer, returned when the operation is sent again';
CREATE INDEX operation_by_change_set ON changes.operation (change_set);
CREATE INDEX operation_by_version ON changes.operation (id, version);

GRANT SELECT, INSERT ON changes.change_set, changes.operation TO dothi_app;
