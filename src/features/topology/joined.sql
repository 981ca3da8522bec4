-- $1: fids of drain nodes. Nodes at which no pipe ends, to 5 cm.
SELECT row.fid, row.id, NULL::uuid AS other, NULL AS other_layer, 'geometry' AS field, NULL AS what,
    ST_X(row.geom) AS lon, ST_Y(row.geom) AS lat
FROM gis.drain_node AS row
WHERE row.fid = ANY ($1) AND NOT EXISTS (
    SELECT FROM gis.drain_pipe AS pipe WHERE pipe.geom && ST_Expand(row.geom, 0.00001) AND pipe.validity && row.validity
        AND (ST_DWithin(ST_StartPoint(pipe.geom)::geography, row.geom::geography, 0.05)
            OR ST_DWithin(ST_EndPoint(pipe.geom)::geography, row.geom::geography, 0.05)))
ORDER BY row.fid LIMIT 1000
