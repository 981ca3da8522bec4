-- Who changed accounts and rights, and when: written by the tables themselves, so that no road around the server leaves it out.

CREATE TABLE identity.log (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT log_pk PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    person uuid NOT NULL CONSTRAINT log_person REFERENCES identity.person,
    what text NOT NULL CONSTRAINT log_what CHECK (what IN ('account_made', 'account_closed', 'account_opened', 'renamed', 'mail_changed',
        'role_given', 'role_changed', 'role_taken', 'password_set', 'second_factor_set', 'second_factor_removed', 'token_made', 'token_revoked')),
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX log_by_person ON identity.log (person, seq DESC);
COMMENT ON TABLE identity.log IS 'What was changed of accounts and rights, by whom; append-only';
COMMENT ON COLUMN identity.log.seq IS 'Order';
COMMENT ON COLUMN identity.log.at IS 'When';
COMMENT ON COLUMN identity.log.actor IS 'Who did it: an account, shell:<user> or db:<role>';
COMMENT ON COLUMN identity.log.person IS 'Of whose account';
COMMENT ON COLUMN identity.log.what IS 'What was done';
COMMENT ON COLUMN identity.log.detail IS 'Role and units, name before, label and scopes of a token; no secret and no address';

CREATE FUNCTION identity.keep_log() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    whose uuid := coalesce(new_row, old_row) ->> CASE TG_TABLE_NAME WHEN 'person' THEN 'id' ELSE 'person' END;
    said text := nullif(current_setting('dothi.actor', true), '');
BEGIN
    -- The server names no actor where people look after their own account.
    IF said IS NULL AND session_user = 'dothi_app' THEN
        said := (SELECT account FROM identity.person WHERE id = whose);
    END IF;
    INSERT INTO identity.log (actor, person, what, detail)
    SELECT coalesce(said, 'db:' || session_user), whose, done.what, coalesce(done.detail, '{}')
    FROM (VALUES
        ('person', 'account_made', TG_OP = 'INSERT', jsonb_build_object('name', new_row -> 'name')),
        ('person', 'account_closed', TG_OP = 'UPDATE' AND old_row ->> 'disabled_at' IS NULL AND new_row ->> 'disabled_at' IS NOT NULL, NULL),
        ('person', 'account_opened', TG_OP = 'UPDATE' AND old_row ->> 'disabled_at' IS NOT NULL AND new_row ->> 'disabled_at' IS NULL, NULL),
        ('person', 'renamed', TG_OP = 'UPDATE' AND old_row ->> 'name' <> new_row ->> 'name',
            jsonb_build_object('from', old_row -> 'name', 'to', new_row -> 'name')),
        ('person', 'mail_changed', TG_OP = 'UPDATE' AND old_row ->> 'mail' IS DISTINCT FROM new_row ->> 'mail', NULL),
        ('given', 'role_given', TG_OP = 'INSERT', jsonb_build_object('role', new_row -> 'role', 'units', new_row -> 'units')),
        ('given', 'role_changed', TG_OP = 'UPDATE' AND old_row -> 'units' IS DISTINCT FROM new_row -> 'units',
            jsonb_build_object('role', new_row -> 'role', 'units', new_row -> 'units', 'before', old_row -> 'units')),
        ('given', 'role_taken', TG_OP = 'DELETE', jsonb_build_object('role', old_row -> 'role', 'units', old_row -> 'units')),
        ('credential', 'password_set', TG_OP = 'INSERT', NULL),
        ('second_factor', 'second_factor_set', TG_OP <> 'DELETE' AND new_row ->> 'confirmed_at' IS NOT NULL
            AND (old_row IS NULL OR old_row ->> 'confirmed_at' IS NULL), NULL),
        ('second_factor', 'second_factor_removed', TG_OP = 'DELETE' AND old_row ->> 'confirmed_at' IS NOT NULL, NULL),
        ('api_token', 'token_made', TG_OP = 'INSERT',
            jsonb_build_object('label', new_row -> 'label', 'scopes', new_row -> 'scopes', 'until', new_row -> 'expires_at')),
        ('api_token', 'token_revoked', TG_OP = 'UPDATE' AND old_row ->> 'revoked_at' IS NULL AND new_row ->> 'revoked_at' IS NOT NULL,
            jsonb_build_object('label', new_row -> 'label'))
    ) AS done(of_table, what, is_so, detail)
    WHERE done.of_table = TG_TABLE_NAME AND done.is_so;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION identity.keep_log() IS 'Writes down what a change of accounts and rights did';

CREATE TRIGGER keep_log AFTER INSERT OR UPDATE OF disabled_at, name, mail ON identity.person FOR EACH ROW EXECUTE FUNCTION identity.keep_log();
CREATE TRIGGER keep_log AFTER INSERT OR UPDATE OR DELETE ON identity.given FOR EACH ROW EXECUTE FUNCTION identity.keep_log();
CREATE TRIGGER keep_log AFTER INSERT ON identity.credential FOR EACH ROW EXECUTE FUNCTION identity.keep_log();
CREATE TRIGGER keep_log AFTER INSERT OR UPDATE OF confirmed_at OR DELETE ON identity.second_factor FOR EACH ROW EXECUTE FUNCTION identity.keep_log();
CREATE TRIGGER keep_log AFTER INSERT OR UPDATE OF revoked_at ON identity.api_token FOR EACH ROW EXECUTE FUNCTION identity.keep_log();

CREATE FUNCTION identity.log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'identity.log is append-only' USING ERRCODE = '42501';
END $$;
COMMENT ON FUNCTION identity.log_stays() IS 'Refuses to change or delete what was written down';
CREATE TRIGGER log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON identity.log FOR EACH STATEMENT EXECUTE FUNCTION identity.log_stays();

REVOKE ALL ON FUNCTION identity.keep_log(), identity.log_stays() FROM PUBLIC;
GRANT SELECT ON identity.log TO dothi_app;
