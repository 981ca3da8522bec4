-- {layer}: from the table of rules. $1: fids.
-- Rows of which a part wider than 1 m lies outside their plan, and rows whose plan does not exist.
SELECT row.fid, row.id, plan.id AS other, CASE WHEN plan.id IS NOT NULL THEN 'plan' END AS other_layer,
    CASE WHEN plan.id IS NULL THEN 'plan' ELSE 'geometry' END AS field, CASE WHEN plan.id IS NULL THEN 'unknown' END AS what,
    ST_X(ST_PointOnSurface(outside)) AS lon, ST_Y(ST_PointOnSurface(outside)) AS lat
FROM gis."{layer}" AS row
LEFT JOIN gis.plan ON plan.code = row.plan AND plan.validity && row.validity
CROSS JOIN LATERAL (SELECT CASE WHEN plan.id IS NULL THEN row.geom
    ELSE ST_CollectionExtract(ST_Difference(gis.sound(row.geom), gis.sound(plan.geom)), 3) END AS outside) AS part
WHERE row.fid = ANY ($1) AND NOT ST_IsEmpty(outside)
    AND (plan.id IS NULL OR ST_Area(outside::geography) > ST_Perimeter(outside::geography) / 2)
ORDER BY row.fid LIMIT 1000
