-- {layer}, {line}: from the table of rules; {metres}: how near. $1: fids. Points that no line comes near enough.
SELECT row.fid, row.id, NULL::uuid AS other, NULL AS other_layer, 'geometry' AS field, NULL AS what,
    ST_X(row.geom) AS lon, ST_Y(row.geom) AS lat
FROM gis."{layer}" AS row
WHERE row.fid = ANY ($1) AND NOT EXISTS (
    SELECT FROM gis."{line}" AS line WHERE line.geom && ST_Expand(row.geom, 0.00002) AND line.validity && row.validity
        AND ST_DWithin(line.geom::geography, row.geom::geography, {metres}))
ORDER BY row.fid LIMIT 1000
