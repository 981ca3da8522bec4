-- Accounts and rights are looked through every six months (TCVN 14423:2026, 5.4.2.1 and 5.6.2.1): who did it last, and when.

CREATE TABLE identity.review (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT review_pk PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    by_whom text NOT NULL DEFAULT gis.actor(),
    accounts int NOT NULL CONSTRAINT review_accounts CHECK (accounts >= 0),
    roles int NOT NULL CONSTRAINT review_roles CHECK (roles >= 0)
);
COMMENT ON TABLE identity.review IS 'When accounts and rights were looked through; append-only for the server';
COMMENT ON COLUMN identity.review.seq IS 'Order';
COMMENT ON COLUMN identity.review.at IS 'When';
COMMENT ON COLUMN identity.review.by_whom IS 'Who looked';
COMMENT ON COLUMN identity.review.accounts IS 'How many accounts were open then';
COMMENT ON COLUMN identity.review.roles IS 'How many roles were given then';
GRANT SELECT, INSERT (accounts, roles) ON identity.review TO dothi_app;
CREATE TRIGGER by_an_administrator BEFORE INSERT ON identity.review
    FOR EACH ROW EXECUTE FUNCTION identity.by_an_administrator();
