-- Links to set a password with, for who is invited and for who has forgotten it: nobody reads out a password.

CREATE TABLE identity.link (
    hash bytea CONSTRAINT link_pk PRIMARY KEY,
    person uuid NOT NULL CONSTRAINT link_person REFERENCES identity.person,
    made_at timestamptz NOT NULL DEFAULT now(),
    made_by text NOT NULL DEFAULT gis.actor(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX link_by_person ON identity.link (person);
COMMENT ON TABLE identity.link IS 'Links to set a password with, each good once; the link itself is shown once and kept nowhere';
COMMENT ON COLUMN identity.link.hash IS 'SHA-256 of what the link holds';
COMMENT ON COLUMN identity.link.person IS 'Whose password it sets';
COMMENT ON COLUMN identity.link.made_at IS 'When it was made; a password that was set later ends it';
COMMENT ON COLUMN identity.link.made_by IS 'Who made it';
COMMENT ON COLUMN identity.link.expires_at IS 'When it ends by itself';
COMMENT ON COLUMN identity.link.used_at IS 'When it was used, or ended by a newer one or with the account';

GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON identity.link TO dothi_app;
CREATE TRIGGER by_an_administrator BEFORE INSERT ON identity.link
    FOR EACH ROW EXECUTE FUNCTION identity.by_an_administrator();

-- By trigger, because the shell and the server both close accounts, and an account that is opened again must not find its
-- old links good.
CREATE FUNCTION identity.end_links() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE identity.link SET used_at = now() WHERE person = NEW.id AND used_at IS NULL;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION identity.end_links() IS 'A closed account has no links that are good';
CREATE TRIGGER end_links AFTER UPDATE OF disabled_at ON identity.person
    FOR EACH ROW WHEN (NEW.disabled_at IS NOT NULL) EXECUTE FUNCTION identity.end_links();
