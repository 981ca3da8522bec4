-- People of the demo: without a password, entered by one click, and only while `dothi demo` runs.

ALTER TABLE identity.person ADD COLUMN is_demo boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN identity.person.is_demo IS 'Made by the demo: whoever opens the demo may act as them, and nobody anywhere else';
