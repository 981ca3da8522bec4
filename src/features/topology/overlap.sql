-- {layer}: from the table of rules; {same}: what both must share; {width}: metres. $1: fids.
-- Rows that another row overlaps by a strip wider than {width} m.
SELECT row.fid, row.id, other.id AS other, '{layer}' AS other_layer, 'geometry' AS field, NULL AS what,
    ST_X(ST_PointOnSurface(common)) AS lon, ST_Y(ST_PointOnSurface(common)) AS lat
FROM gis."{layer}" AS row
JOIN gis."{layer}" AS other ON other.fid <> row.fid AND other.geom && row.geom AND other.validity && row.validity AND {same}
CROSS JOIN LATERAL ST_CollectionExtract(ST_Intersection(gis.sound(row.geom), gis.sound(other.geom)), 3) AS common
WHERE row.fid = ANY ($1) AND NOT ST_IsEmpty(common)
    AND ST_Area(common::geography) > {width} * ST_Perimeter(common::geography) / 2
ORDER BY row.fid, other.id LIMIT 1000
