-- Parcels of the same sheet that the row overlaps by a strip wider than 2 cm.
SELECT other.id AS other, ST_X(ST_PointOnSurface(common)) AS lon, ST_Y(ST_PointOnSurface(common)) AS lat
FROM gis.parcel AS row
JOIN gis.parcel AS other ON other.fid <> row.fid AND other.geom && row.geom AND other.validity && row.validity
    AND other.commune_code IS NOT DISTINCT FROM row.commune_code AND other.sheet IS NOT DISTINCT FROM row.sheet
    AND other.former_unit_name IS NOT DISTINCT FROM row.former_unit_name
CROSS JOIN LATERAL ST_CollectionExtract(ST_Intersection(row.geom, other.geom), 3) AS common
WHERE row.fid = $1 AND NOT ST_IsEmpty(common)
    AND ST_Area(common::geography) > 0.02 * ST_Perimeter(common::geography) / 2
ORDER BY other.id LIMIT 20
