-- Administrators make people and give roles through the server too. The database holds it to that: who acts (dothi.actor) has
-- to be an administrator, nobody changes their own roles, and the demo's people change nobody but the demo's.

GRANT INSERT (account, name), UPDATE (disabled_at) ON identity.person TO dothi_app;
GRANT INSERT, UPDATE, DELETE ON identity.given TO dothi_app;

CREATE FUNCTION identity.by_an_administrator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who uuid;
    whose uuid;
BEGIN
    IF pg_has_role(current_user, 'dothi_owner', 'MEMBER') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    SELECT person.id INTO who FROM identity.person JOIN identity.given ON given.person = person.id AND role = 'administrator'
    WHERE account = current_setting('dothi.actor', true) AND disabled_at IS NULL;
    IF who IS NULL THEN
        RAISE EXCEPTION 'permission denied: only an administrator changes people and roles' USING ERRCODE = '42501';
    END IF;
    IF TG_TABLE_NAME = 'given' THEN
        whose := (to_jsonb(coalesce(NEW, OLD)) ->> 'person')::uuid;
    ELSIF TG_OP = 'UPDATE' THEN
        whose := (to_jsonb(OLD) ->> 'id')::uuid;
    END IF;
    IF whose = who THEN
        RAISE EXCEPTION 'permission denied: nobody changes their own roles' USING ERRCODE = '42501';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
COMMENT ON FUNCTION identity.by_an_administrator() IS 'Holds the server to it: people and roles are changed by administrators, and never their own';
CREATE TRIGGER by_an_administrator BEFORE INSERT OR UPDATE OR DELETE ON identity.given
    FOR EACH ROW EXECUTE FUNCTION identity.by_an_administrator();
CREATE TRIGGER by_an_administrator BEFORE INSERT OR UPDATE OF disabled_at, account, name ON identity.person
    FOR EACH ROW EXECUTE FUNCTION identity.by_an_administrator();
