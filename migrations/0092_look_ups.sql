-- Each look-up of a person has a reason, and the server cannot say when it was.

ALTER TABLE gis_private.access_log ADD CONSTRAINT access_log_has_reason CHECK (btrim(reason) <> '') NOT VALID;
CREATE INDEX access_log_by_actor ON gis_private.access_log (actor, seq DESC);
CREATE INDEX access_log_by_party ON gis_private.access_log (party, seq DESC) WHERE party IS NOT NULL;
REVOKE INSERT ON gis_private.access_log FROM dothi_app;
GRANT INSERT (actor, party, reason, objects) ON gis_private.access_log TO dothi_app;
COMMENT ON COLUMN gis_private.access_log.objects IS 'Objects (gis.object.id) through which they were looked up, or whose private attributes left in a file';
