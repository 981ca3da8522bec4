-- $1: roles, $2: the name of each one's person, $3: the ward, or null for everywhere. A second time nothing differs.
WITH people AS (
    INSERT INTO identity.person AS old (account, name, is_demo)
    SELECT 'demo.' || role, name, true FROM unnest($1::text[], $2::text[]) AS wanted (role, name)
    ON CONFLICT (account) DO UPDATE SET name = excluded.name WHERE old.is_demo
    RETURNING id, account
)
INSERT INTO identity.given (person, role, units)
SELECT id, substr(account, 6), CASE WHEN $3::text IS NOT NULL THEN ARRAY[$3::text] END FROM people
ON CONFLICT (person, role) DO UPDATE SET units = excluded.units
