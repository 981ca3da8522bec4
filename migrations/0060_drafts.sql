-- Drafts: named work on the map that nobody else sees until it is published as one change set (decision 12).

CREATE TABLE gis.draft (
    id uuid CONSTRAINT draft_pk PRIMARY KEY DEFAULT gis.uuid_v7(),
    name text NOT NULL CONSTRAINT draft_has_name CHECK (btrim(name) <> ''),
    owner uuid NOT NULL CONSTRAINT draft_owner REFERENCES identity.person,
    state text NOT NULL DEFAULT 'open'
        CONSTRAINT draft_state_known CHECK (state IN ('open', 'in_review', 'returned', 'approved', 'published', 'discarded')),
    revision int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    approved_by uuid CONSTRAINT draft_approver REFERENCES identity.person
        CONSTRAINT draft_second_person CHECK (approved_by <> owner),
    change_set uuid CONSTRAINT draft_change_set REFERENCES changes.change_set,
    CONSTRAINT draft_published_is_written CHECK ((state = 'published') = (change_set IS NOT NULL)),
    CONSTRAINT draft_approved_by_somebody CHECK (state NOT IN ('approved', 'published') OR approved_by IS NOT NULL)
);
CREATE INDEX draft_by_owner ON gis.draft (owner, changed_at DESC);
CREATE INDEX draft_waiting ON gis.draft (state) WHERE state IN ('in_review', 'approved');
COMMENT ON TABLE gis.draft IS 'Bản nháp (Draft): operations that wait to be published together';
COMMENT ON COLUMN gis.draft.id IS 'Identifier';
COMMENT ON COLUMN gis.draft.name IS 'Name';
COMMENT ON COLUMN gis.draft.owner IS 'Whose: the only one who changes it';
COMMENT ON COLUMN gis.draft.state IS 'open; in_review; returned (with a comment); approved; published; discarded';
COMMENT ON COLUMN gis.draft.revision IS 'Grows with every change of the operations: who approves says which one';
COMMENT ON COLUMN gis.draft.created_at IS 'When it was begun';
COMMENT ON COLUMN gis.draft.changed_at IS 'When operations or state changed last';
COMMENT ON COLUMN gis.draft.approved_by IS 'The second person; null until there is one';
COMMENT ON COLUMN gis.draft.change_set IS 'Change set that it was published as';

CREATE TABLE gis.draft_op (
    position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT draft_op_pk PRIMARY KEY,
    draft uuid NOT NULL CONSTRAINT draft_op_draft REFERENCES gis.draft,
    op_id uuid NOT NULL CONSTRAINT draft_op_once UNIQUE,
    operation jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX draft_op_by_draft ON gis.draft_op (draft, position);
COMMENT ON TABLE gis.draft_op IS 'Operations of drafts as they were sent; several to one object are folded into one when they are read';
COMMENT ON COLUMN gis.draft_op.position IS 'Order';
COMMENT ON COLUMN gis.draft_op.draft IS 'Draft';
COMMENT ON COLUMN gis.draft_op.op_id IS 'Identifier that the client made: sent twice, it is kept once';
COMMENT ON COLUMN gis.draft_op.operation IS 'Operation, with the version that was seen';
COMMENT ON COLUMN gis.draft_op.at IS 'When it came';

CREATE TABLE gis.draft_reader (
    draft uuid NOT NULL CONSTRAINT draft_reader_draft REFERENCES gis.draft,
    person uuid NOT NULL CONSTRAINT draft_reader_person REFERENCES identity.person,
    CONSTRAINT draft_reader_pk PRIMARY KEY (draft, person)
);
CREATE INDEX draft_reader_by_person ON gis.draft_reader (person);
COMMENT ON TABLE gis.draft_reader IS 'Who may look at a draft beside its owner and its reviewers';
COMMENT ON COLUMN gis.draft_reader.draft IS 'Draft';
COMMENT ON COLUMN gis.draft_reader.person IS 'Reader';

CREATE TABLE gis.draft_comment (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT draft_comment_pk PRIMARY KEY,
    draft uuid NOT NULL CONSTRAINT draft_comment_draft REFERENCES gis.draft,
    by uuid NOT NULL CONSTRAINT draft_comment_by REFERENCES identity.person,
    at timestamptz NOT NULL DEFAULT now(),
    text text NOT NULL CONSTRAINT draft_comment_says CHECK (btrim(text) <> ''),
    place geometry(Point, 4326)
);
CREATE INDEX draft_comment_by_draft ON gis.draft_comment (draft, seq);
COMMENT ON TABLE gis.draft_comment IS 'Remarks on a draft, with a place on the map where there is one';
COMMENT ON COLUMN gis.draft_comment.seq IS 'Order';
COMMENT ON COLUMN gis.draft_comment.draft IS 'Draft';
COMMENT ON COLUMN gis.draft_comment.by IS 'Who says it';
COMMENT ON COLUMN gis.draft_comment.at IS 'When';
COMMENT ON COLUMN gis.draft_comment.text IS 'What';
COMMENT ON COLUMN gis.draft_comment.place IS 'Where, in WGS 84';

GRANT SELECT, INSERT, UPDATE ON gis.draft TO dothi_app;
GRANT SELECT, INSERT, DELETE ON gis.draft_op, gis.draft_reader TO dothi_app;
GRANT SELECT, INSERT ON gis.draft_comment TO dothi_app;
