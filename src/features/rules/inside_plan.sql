-- The part of a zone that lies outside its plan, wider than 1 m.
SELECT plan.id AS other, ST_X(ST_PointOnSurface(outside)) AS lon, ST_Y(ST_PointOnSurface(outside)) AS lat
FROM gis.planning_zone AS row
JOIN gis.plan ON plan.code = row.plan AND plan.validity && row.validity
CROSS JOIN LATERAL ST_CollectionExtract(ST_Difference(row.geom, plan.geom), 3) AS outside
WHERE row.fid = $1 AND NOT ST_IsEmpty(outside)
    AND ST_Area(outside::geography) > ST_Perimeter(outside::geography) / 2
LIMIT 1
