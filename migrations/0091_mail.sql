-- Invitations and recovery by mail: an outbox beside what it tells, and links that are made when a mail is sent, so that the
-- database never holds one.

ALTER TABLE identity.person ADD COLUMN mail text CONSTRAINT person_mail_unique UNIQUE
    CONSTRAINT person_mail_plain CHECK (mail = lower(mail) AND length(mail) <= 254 AND mail ~ '^[a-z0-9.!#$%&''*+/=?^_{|}~-]+@[a-z0-9.-]+$');
COMMENT ON COLUMN identity.person.mail IS 'Thư điện tử công vụ (Office mail); purpose: links to set a password with';
GRANT INSERT (mail), UPDATE (mail) ON identity.person TO dothi_app;
DROP TRIGGER by_an_administrator ON identity.person;
CREATE TRIGGER by_an_administrator BEFORE INSERT OR UPDATE OF disabled_at, account, name, mail ON identity.person
    FOR EACH ROW EXECUTE FUNCTION identity.by_an_administrator();
-- What lies in a mailbox that is no longer the person's is worth nothing.
CREATE TRIGGER end_links_of_an_address AFTER UPDATE OF mail ON identity.person
    FOR EACH ROW WHEN (OLD.mail IS DISTINCT FROM NEW.mail) EXECUTE FUNCTION identity.end_links();

CREATE TABLE identity.mail (
    id uuid CONSTRAINT mail_pk PRIMARY KEY DEFAULT gis.uuid_v7(),
    person uuid NOT NULL CONSTRAINT mail_person REFERENCES identity.person,
    kind text NOT NULL CONSTRAINT mail_kind CHECK (kind IN ('invitation', 'recovery')),
    asked_at timestamptz NOT NULL DEFAULT now(),
    asked_by text NOT NULL DEFAULT gis.actor(),
    give_up_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT mail_state CHECK (state IN ('waiting', 'sent', 'failed')),
    tries int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT now(),
    busy_until timestamptz NOT NULL DEFAULT '-infinity',
    address text,
    done_at timestamptz,
    reason text,
    detail text,
    CONSTRAINT mail_done CHECK ((state = 'waiting') = (done_at IS NULL))
);
CREATE UNIQUE INDEX mail_waiting ON identity.mail (person, kind) WHERE state = 'waiting';
CREATE INDEX mail_next ON identity.mail (next_at) WHERE state = 'waiting';
CREATE INDEX mail_by_person ON identity.mail (person, asked_at);
COMMENT ON TABLE identity.mail IS 'Outbox: mails that wait, were sent or failed; kept for 30 days after';
COMMENT ON COLUMN identity.mail.id IS 'Identifier, and the Message-ID';
COMMENT ON COLUMN identity.mail.person IS 'To whom';
COMMENT ON COLUMN identity.mail.kind IS 'invitation or recovery';
COMMENT ON COLUMN identity.mail.asked_at IS 'When it was asked for';
COMMENT ON COLUMN identity.mail.asked_by IS 'Who asked; of a recovery the server';
COMMENT ON COLUMN identity.mail.give_up_at IS 'Not tried after this';
COMMENT ON COLUMN identity.mail.state IS 'waiting, sent or failed';
COMMENT ON COLUMN identity.mail.tries IS 'How often it was begun';
COMMENT ON COLUMN identity.mail.next_at IS 'No try before';
COMMENT ON COLUMN identity.mail.busy_until IS 'A server is at it until then; past it, that server was lost on the way';
COMMENT ON COLUMN identity.mail.address IS 'Where the last try went';
COMMENT ON COLUMN identity.mail.done_at IS 'When it was sent or given up';
COMMENT ON COLUMN identity.mail.reason IS 'Why it was not sent, as a word';
COMMENT ON COLUMN identity.mail.detail IS 'The same in the words of the mail server';
GRANT SELECT, INSERT, DELETE ON identity.mail TO dothi_app;
GRANT UPDATE (asked_at, asked_by, give_up_at, state, tries, next_at, busy_until, address, done_at, reason, detail) ON identity.mail TO dothi_app;
CREATE TRIGGER by_an_administrator BEFORE INSERT ON identity.mail
    FOR EACH ROW WHEN (NEW.kind = 'invitation') EXECUTE FUNCTION identity.by_an_administrator();

CREATE TABLE identity.recovery_wish (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT recovery_wish_pk PRIMARY KEY,
    mail text NOT NULL CONSTRAINT recovery_wish_length CHECK (length(mail) <= 254),
    asked_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE identity.recovery_wish IS 'Addresses that somebody typed who forgot a password, known here or not; gone within seconds';
COMMENT ON COLUMN identity.recovery_wish.seq IS 'Order';
COMMENT ON COLUMN identity.recovery_wish.mail IS 'As it was typed, in small letters; purpose: finding the account';
COMMENT ON COLUMN identity.recovery_wish.asked_at IS 'When';
GRANT SELECT, INSERT, DELETE ON identity.recovery_wish TO dothi_app;

-- A link is made by an administrator, or for a mail that waits for the same person.
ALTER TABLE identity.link ADD COLUMN mail uuid CONSTRAINT link_mail REFERENCES identity.mail ON DELETE SET NULL;
CREATE INDEX link_by_mail ON identity.link (mail) WHERE mail IS NOT NULL;
COMMENT ON COLUMN identity.link.mail IS 'The mail that it was made for; null: an administrator handed it over';
CREATE FUNCTION identity.for_a_mail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM identity.mail WHERE mail.id = NEW.mail AND mail.person = NEW.person AND state = 'waiting') THEN
        RAISE EXCEPTION 'permission denied: no mail waits for this link' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION identity.for_a_mail() IS 'Holds the server to it: a link that no administrator made belongs to a mail that waits';
DROP TRIGGER by_an_administrator ON identity.link;
CREATE TRIGGER by_an_administrator BEFORE INSERT ON identity.link
    FOR EACH ROW WHEN (NEW.mail IS NULL) EXECUTE FUNCTION identity.by_an_administrator();
CREATE TRIGGER for_a_mail BEFORE INSERT ON identity.link
    FOR EACH ROW WHEN (NEW.mail IS NOT NULL) EXECUTE FUNCTION identity.for_a_mail();
