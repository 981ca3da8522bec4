-- A delivery of an older day than one that is in already puts old values back. Only days that somebody named can be compared:
-- without one the day of the import stands there.
ALTER TABLE import.delivery ADD COLUMN dated boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN import.delivery.dated IS 'Was the day it speaks of named, rather than taken to be the day of the import?';
