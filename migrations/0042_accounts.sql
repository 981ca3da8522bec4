-- What accounts need to be kept by their owners: second factors, sessions and tokens one by one, and limits on guessing that
-- hold for an address as a whole.

ALTER TABLE identity.session
    ADD COLUMN id uuid NOT NULL DEFAULT gis.uuid_v7() CONSTRAINT session_id UNIQUE,
    ADD COLUMN agent text,
    ADD COLUMN second_at timestamptz;
COMMENT ON COLUMN identity.session.id IS 'What it is ended by; the cookie is known to the browser only';
COMMENT ON COLUMN identity.session.agent IS 'What the browser called itself; purpose: its owner tells their sessions apart';
COMMENT ON COLUMN identity.session.second_at IS 'When the second factor was shown; null: password only';

ALTER TABLE identity.api_token
    ADD COLUMN id uuid NOT NULL DEFAULT gis.uuid_v7() CONSTRAINT api_token_id UNIQUE,
    ADD COLUMN used_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN identity.api_token.id IS 'What it is revoked by';
COMMENT ON COLUMN identity.api_token.used_at IS 'Last use; after 45 days without one it is worth nothing';

ALTER TABLE identity.attempt ADD COLUMN familiar_at timestamptz;
COMMENT ON TABLE identity.attempt IS 'Sign-ins that failed, of an account from an address, and of an address as a whole (an empty account_hash): the next one waits';
COMMENT ON COLUMN identity.attempt.address IS 'From where, IPv6 by /64; purpose: slowing down who guesses';
COMMENT ON COLUMN identity.attempt.familiar_at IS 'Last sign-in that succeeded; who has signed in from an address is not held up by strangers who guess there';

CREATE TABLE identity.second_factor (
    person uuid CONSTRAINT second_factor_pk PRIMARY KEY CONSTRAINT second_factor_person REFERENCES identity.person,
    secret bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE identity.second_factor IS 'Codes by the clock (TOTP, RFC 6238)';
COMMENT ON COLUMN identity.second_factor.person IS 'Whose';
COMMENT ON COLUMN identity.second_factor.secret IS 'What codes are computed from; whoever reads it can compute them';
COMMENT ON COLUMN identity.second_factor.made_at IS 'When it was made';
COMMENT ON COLUMN identity.second_factor.confirmed_at IS 'When a first code proved that the owner has it; null: not asked for yet';
COMMENT ON COLUMN identity.second_factor.last_step IS 'Half minute of the last code that was taken: none of it or before is taken again';

CREATE TABLE identity.recovery_code (
    person uuid NOT NULL CONSTRAINT recovery_code_person REFERENCES identity.person,
    hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_code_pk PRIMARY KEY (person, hash)
);
COMMENT ON TABLE identity.recovery_code IS 'Codes for a lost second factor, each good once';
COMMENT ON COLUMN identity.recovery_code.person IS 'Whose';
COMMENT ON COLUMN identity.recovery_code.hash IS 'SHA-256';
COMMENT ON COLUMN identity.recovery_code.used_at IS 'When it was used up';

GRANT UPDATE (revoked_at, used_at) ON identity.api_token TO dothi_app;
GRANT INSERT ON identity.credential TO dothi_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.second_factor, identity.recovery_code TO dothi_app;

-- plpgsql, because the tables of the layers come after the migrations.
CREATE FUNCTION identity.units_now(p_units text[], p_given date) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH RECURSIVE unit (code, since, depth, was) AS (
        SELECT code, p_given, 0, NULL::text FROM unnest(p_units) AS code
        UNION
        SELECT change.new_code, change.effective_on, unit.depth + 1, unit.code
        FROM unit JOIN gis.admin_unit_change AS change ON change.old_code = unit.code
        WHERE change.new_code IS NOT NULL AND coalesce(change.share, 1) >= 0.5 AND unit.depth < 8
            AND change.effective_on > unit.since AND change.effective_on <= current_date
    )
    SELECT coalesce(array_agg(DISTINCT unit.code), '{}') FROM unit
    WHERE NOT EXISTS (SELECT FROM unit AS next WHERE next.was = unit.code AND next.depth = unit.depth + 1));
END $$;
COMMENT ON FUNCTION identity.units_now(text[], date) IS 'What became of units that a role was given for: each by the unit that most of it went to, merger by merger';
