-- {layer}: from the catalog; $1: objects. Every version of their rows.
SELECT fid, id, version, actor, known_since AS known_from, NULL::timestamptz AS known_to, NULL::text AS ended_by,
    lower(validity) AS valid_from, upper(validity) AS valid_to
FROM gis."{layer}" WHERE id = ANY ($1)
UNION ALL
SELECT fid, id, version, actor, lower(known), upper(known), ended_by, lower(validity), upper(validity)
FROM gis_history."{layer}" WHERE id = ANY ($1)
