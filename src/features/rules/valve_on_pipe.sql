-- A valve without a pipe within 10 cm.
SELECT NULL::uuid AS other, ST_X(row.geom) AS lon, ST_Y(row.geom) AS lat
FROM gis.water_valve AS row
WHERE row.fid = $1 AND NOT EXISTS (
    SELECT FROM gis.water_pipe AS pipe WHERE pipe.geom && ST_Expand(row.geom, 0.00001) AND pipe.validity && row.validity
        AND ST_DWithin(pipe.geom::geography, row.geom::geography, 0.1))
