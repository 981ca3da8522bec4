-- $1: fids of units. Units of which a part wider than 20 m lies in none of their children.
SELECT row.fid, row.id, NULL::uuid AS other, NULL AS other_layer, 'geometry' AS field, NULL AS what,
    ST_X(ST_PointOnSurface(bare)) AS lon, ST_Y(ST_PointOnSurface(bare)) AS lat
FROM gis.admin_unit AS row
CROSS JOIN LATERAL (SELECT ST_Union(gis.sound(child.geom)) AS geom FROM gis.admin_unit AS child
    WHERE child.parent_code = row.code AND child.validity && row.validity) AS children
CROSS JOIN LATERAL ST_CollectionExtract(ST_Difference(gis.sound(row.geom), children.geom), 3) AS bare
WHERE row.fid = ANY ($1) AND children.geom IS NOT NULL AND NOT ST_IsEmpty(bare)
    AND ST_Area(bare::geography) > 20 * ST_Perimeter(bare::geography) / 2
ORDER BY row.fid LIMIT 1000
