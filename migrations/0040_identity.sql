-- People of the city's offices: accounts, rights, sessions, tokens. The shell writes people and rights as dothi_owner; the
-- server only reads them, so nobody gives themselves a right through it.

CREATE SCHEMA identity;
COMMENT ON SCHEMA identity IS 'Accounts, rights, sessions and tokens; names only, for signing in and for saying who wrote';

CREATE TABLE identity.person (
    id uuid CONSTRAINT person_pk PRIMARY KEY DEFAULT gis.uuid_v7(),
    account text NOT NULL CONSTRAINT person_account UNIQUE CONSTRAINT person_account_plain CHECK (account ~ '^[a-z][a-z0-9._-]{1,39}$'),
    name text NOT NULL CONSTRAINT person_has_name CHECK (btrim(name) <> ''),
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
COMMENT ON TABLE identity.person IS 'Who has an account';
COMMENT ON COLUMN identity.person.id IS 'Identifier';
COMMENT ON COLUMN identity.person.account IS 'Word that one signs in with; history and feed hold it as actor';
COMMENT ON COLUMN identity.person.name IS 'Họ tên (Name); purpose: colleagues see who did what';
COMMENT ON COLUMN identity.person.created_at IS 'When the account was made';
COMMENT ON COLUMN identity.person.seen_at IS 'Last sign-in; after 45 days without one the account sleeps until it gets a new password';
COMMENT ON COLUMN identity.person.disabled_at IS 'When it was closed; null while it is open';

CREATE TABLE identity.credential (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT credential_pk PRIMARY KEY,
    person uuid NOT NULL CONSTRAINT credential_person REFERENCES identity.person,
    hash text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX credential_by_person ON identity.credential (person, seq DESC);
COMMENT ON TABLE identity.credential IS 'Passwords as argon2id; the latest holds, the nine before it may not come back';
COMMENT ON COLUMN identity.credential.seq IS 'Order';
COMMENT ON COLUMN identity.credential.person IS 'Whose';
COMMENT ON COLUMN identity.credential.hash IS 'argon2id, in PHC form';
COMMENT ON COLUMN identity.credential.set_at IS 'When it was set';

CREATE TABLE identity.given (
    person uuid NOT NULL CONSTRAINT given_person REFERENCES identity.person,
    role text NOT NULL CONSTRAINT given_role CHECK (role IN ('citizen', 'reception', 'officer', 'clerk', 'signatory',
        'inspector', 'planner', 'asset_keeper', 'leader', 'administrator')),
    units text[] CONSTRAINT given_units CHECK (cardinality(units) > 0 AND '' <> ALL (units)),
    given_at timestamptz NOT NULL DEFAULT now(),
    given_by text NOT NULL DEFAULT gis.actor(),
    CONSTRAINT given_pk PRIMARY KEY (person, role)
);
COMMENT ON TABLE identity.given IS 'Roles of people';
COMMENT ON COLUMN identity.given.person IS 'Whose';
COMMENT ON COLUMN identity.given.role IS 'Role';
COMMENT ON COLUMN identity.given.units IS 'Codes of the administrative units in which it holds; null: everywhere';
COMMENT ON COLUMN identity.given.given_at IS 'When it was given';
COMMENT ON COLUMN identity.given.given_by IS 'Who gave it';

CREATE TABLE identity.session (
    hash bytea CONSTRAINT session_pk PRIMARY KEY,
    person uuid NOT NULL CONSTRAINT session_person REFERENCES identity.person,
    begun_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX session_by_person ON identity.session (person);
COMMENT ON TABLE identity.session IS 'Signed-in browsers';
COMMENT ON COLUMN identity.session.hash IS 'SHA-256 of what the cookie holds';
COMMENT ON COLUMN identity.session.person IS 'Who signed in';
COMMENT ON COLUMN identity.session.begun_at IS 'When; twelve hours later it ends';
COMMENT ON COLUMN identity.session.used_at IS 'Last request; it ends when idle';
COMMENT ON COLUMN identity.session.ended_at IS 'When it was ended by hand';

CREATE TABLE identity.api_token (
    hash bytea CONSTRAINT api_token_pk PRIMARY KEY,
    person uuid NOT NULL CONSTRAINT api_token_person REFERENCES identity.person,
    label text NOT NULL,
    scopes text[] NOT NULL CONSTRAINT api_token_scopes CHECK (cardinality(scopes) > 0),
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX api_token_by_person ON identity.api_token (person);
COMMENT ON TABLE identity.api_token IS 'Tokens of programs; the token itself is shown once and kept nowhere';
COMMENT ON COLUMN identity.api_token.hash IS 'SHA-256 of the token';
COMMENT ON COLUMN identity.api_token.person IS 'In whose name it acts';
COMMENT ON COLUMN identity.api_token.label IS 'What it is for';
COMMENT ON COLUMN identity.api_token.scopes IS 'Actions that it was made for; it never does more than the person may';
COMMENT ON COLUMN identity.api_token.made_at IS 'When it was made';
COMMENT ON COLUMN identity.api_token.expires_at IS 'When it ends by itself';
COMMENT ON COLUMN identity.api_token.revoked_at IS 'When it was ended by hand';

CREATE TABLE identity.attempt (
    account_hash bytea NOT NULL,
    address text NOT NULL,
    failures int NOT NULL DEFAULT 1,
    next_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT attempt_pk PRIMARY KEY (account_hash, address)
);
COMMENT ON TABLE identity.attempt IS 'Failed sign-ins of an account from an address: the next one waits; others are not held up by it';
COMMENT ON COLUMN identity.attempt.account_hash IS 'SHA-256 of the word that was tried, which may be a mistyped password';
COMMENT ON COLUMN identity.attempt.address IS 'From where; purpose: slowing down who guesses';
COMMENT ON COLUMN identity.attempt.failures IS 'How many in a row';
COMMENT ON COLUMN identity.attempt.next_at IS 'No attempt before';

GRANT USAGE ON SCHEMA identity TO dothi_app;
GRANT SELECT ON identity.person, identity.credential, identity.given, identity.api_token TO dothi_app;
GRANT UPDATE (seen_at) ON identity.person TO dothi_app;
GRANT SELECT, INSERT, UPDATE ON identity.session TO dothi_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.attempt TO dothi_app;
