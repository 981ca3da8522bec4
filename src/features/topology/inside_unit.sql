-- $1: fids of addresses. Addresses that lie outside the unit that they name, and those whose unit does not exist.
SELECT row.fid, row.id, unit.id AS other, CASE WHEN unit.id IS NOT NULL THEN 'admin_unit' END AS other_layer,
    CASE WHEN unit.id IS NULL THEN 'unit_code' ELSE 'geometry' END AS field, CASE WHEN unit.id IS NULL THEN 'unknown' END AS what,
    ST_X(row.geom) AS lon, ST_Y(row.geom) AS lat
FROM gis.address AS row
LEFT JOIN LATERAL (SELECT id, geom FROM gis.admin_unit
    WHERE code = row.unit_code AND validity && row.validity
    ORDER BY ST_Intersects(geom, row.geom) DESC, level DESC LIMIT 1) AS unit ON true
WHERE row.fid = ANY ($1) AND (unit.id IS NULL OR NOT ST_Intersects(unit.geom, row.geom))
ORDER BY row.fid LIMIT 1000
