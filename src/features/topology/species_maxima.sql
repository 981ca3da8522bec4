-- $1: fids of trees. Trees higher or thicker than their species grows, and trees of a species that does not exist.
SELECT row.fid, row.id, species.id AS other, CASE WHEN species.id IS NOT NULL THEN 'species' END AS other_layer, field, what,
    ST_X(row.geom) AS lon, ST_Y(row.geom) AS lat
FROM gis.tree AS row
LEFT JOIN gis.species ON species.code = row.species AND species.validity && row.validity
CROSS JOIN LATERAL (VALUES ('species', 'unknown', row.species IS NOT NULL AND species.id IS NULL),
    ('height_m', NULL, row.height_m > species.max_height_m), ('dbh_cm', NULL, row.dbh_cm > species.max_dbh_cm)) AS said(field, what, is_so)
WHERE row.fid = ANY ($1) AND is_so
ORDER BY row.fid, field LIMIT 1000
