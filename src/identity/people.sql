-- $1: days after which an account sleeps; $2, $3: hours and idle minutes of a session.
SELECT person.account, person.name, person.mail, person.is_demo, person.created_at, person.seen_at, person.disabled_at,
    NOT is_demo AND person.seen_at <= now() - make_interval(days => $1) AS asleep,
    EXISTS (SELECT FROM identity.second_factor AS factor
        WHERE factor.person = person.id AND factor.confirmed_at IS NOT NULL) AS second_factor,
    (SELECT count(*) FROM identity.session WHERE session.person = person.id AND ended_at IS NULL
        AND begun_at > now() - make_interval(hours => $2) AND used_at > now() - make_interval(mins => $3)) AS sessions,
    (SELECT count(*) FROM identity.api_token AS token WHERE token.person = person.id AND revoked_at IS NULL
        AND expires_at > now() AND used_at > now() - make_interval(days => $1)) AS tokens,
    coalesce((SELECT jsonb_agg(jsonb_build_object('role', given.role, 'units', given.units) ORDER BY given.role)
        FROM identity.given WHERE given.person = person.id), '[]') AS roles
FROM identity.person ORDER BY person.account LIMIT 5000
