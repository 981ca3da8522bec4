-- Which change set takes back which, and the way to list them.

CREATE TABLE changes.undo (
    change_set uuid CONSTRAINT undo_pk PRIMARY KEY CONSTRAINT undo_change_set REFERENCES changes.change_set,
    undoes uuid NOT NULL CONSTRAINT undo_once UNIQUE CONSTRAINT undo_undoes REFERENCES changes.change_set
);
COMMENT ON TABLE changes.undo IS 'One row a change set that takes another one back; each is taken back once';
COMMENT ON COLUMN changes.undo.change_set IS 'Change set that takes back';
COMMENT ON COLUMN changes.undo.undoes IS 'Change set that is taken back';
GRANT SELECT, INSERT ON changes.undo TO dothi_app;

CREATE INDEX change_set_by_time ON changes.change_set (at DESC, id DESC);
CREATE INDEX operation_by_layer ON changes.operation (layer, change_set);
