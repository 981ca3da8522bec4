-- {layer}: from the catalog. $1: fids. Rows whose geometry crosses itself or is otherwise not valid, and where.
SELECT row.fid, row.id, NULL::uuid AS other, NULL AS other_layer, 'geometry' AS field, NULL AS what,
    ST_X(coalesce((detail).location, ST_PointN(ST_ExteriorRing(ST_Envelope(row.geom)), 1))) AS lon,
    ST_Y(coalesce((detail).location, ST_PointN(ST_ExteriorRing(ST_Envelope(row.geom)), 1))) AS lat
FROM gis."{layer}" AS row
CROSS JOIN LATERAL ST_IsValidDetail(row.geom) AS detail
WHERE row.fid = ANY ($1) AND NOT (detail).valid
