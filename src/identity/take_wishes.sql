-- $1: days after which an account sleeps. A sleeping account is woken by an administrator, not by its mailbox.
WITH taken AS (
    DELETE FROM identity.recovery_wish
    WHERE seq IN (SELECT seq FROM identity.recovery_wish ORDER BY seq LIMIT 100)
    RETURNING mail, asked_at
)
INSERT INTO identity.mail (person, kind, asked_at, give_up_at)
SELECT person.id, 'recovery', min(taken.asked_at), now() + interval '4 hours'
FROM taken JOIN identity.person ON person.mail = taken.mail
WHERE person.disabled_at IS NULL AND NOT person.is_demo AND person.seen_at > now() - make_interval(days => $1)
    AND taken.asked_at > now() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM identity.mail AS before WHERE before.person = person.id AND before.kind = 'recovery'
        AND before.asked_at > now() - interval '10 minutes')
    AND (SELECT count(*) FROM identity.mail AS before WHERE before.person = person.id AND before.kind = 'recovery'
        AND before.asked_at > now() - interval '1 day') < 5
GROUP BY person.id
ON CONFLICT (person, kind) WHERE state = 'waiting' DO NOTHING
