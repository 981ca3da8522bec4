-- An export that holds personal data is a look-up of all whom its rows name: the log says which objects left.

ALTER TABLE gis_private.access_log ADD COLUMN objects uuid[];
COMMENT ON COLUMN gis_private.access_log.objects IS 'Objects (gis.object.id) whose private attributes left in a file; null for a look-up of one party';
CREATE INDEX access_log_by_object ON gis_private.access_log USING gin (objects);
