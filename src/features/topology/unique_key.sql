-- $1: fids of parcels. Parcels that share sheet and number with another one of their commune.
SELECT row.fid, row.id, other.id AS other, 'parcel' AS other_layer, 'number' AS field, NULL AS what,
    ST_X(ST_PointOnSurface(row.geom)) AS lon, ST_Y(ST_PointOnSurface(row.geom)) AS lat
FROM gis.parcel AS row
JOIN gis.parcel AS other ON other.fid <> row.fid AND other.id <> row.id AND other.validity && row.validity
    AND other.commune_code = row.commune_code AND other.sheet = row.sheet AND other.number = row.number
    AND other.former_unit_name IS NOT DISTINCT FROM row.former_unit_name
WHERE row.fid = ANY ($1)
ORDER BY row.fid, other.id LIMIT 1000
