-- The mail that is due longest and nobody is at. `over`: why it is not sent any more.
SELECT mail.id, mail.kind, mail.person, person.account, person.name, person.mail, mail.tries,
    CASE WHEN person.disabled_at IS NOT NULL OR person.is_demo THEN 'closed'
        WHEN person.mail IS NULL THEN 'no_address'
        WHEN EXISTS (SELECT FROM identity.credential AS later
            WHERE later.person = mail.person AND later.set_at > mail.asked_at) THEN 'not_needed'
        WHEN mail.give_up_at <= now() THEN 'too_late'
    END AS over
FROM identity.mail JOIN identity.person ON person.id = mail.person
WHERE mail.state = 'waiting' AND mail.next_at <= now() AND mail.busy_until <= now()
ORDER BY mail.next_at LIMIT 1
FOR UPDATE OF mail SKIP LOCKED
