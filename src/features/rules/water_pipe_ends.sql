-- Ends of a pipe without a node within 5 cm.
SELECT NULL::uuid AS other, ST_X(tip) AS lon, ST_Y(tip) AS lat
FROM gis.water_pipe AS row
CROSS JOIN LATERAL (VALUES (ST_StartPoint(row.geom)), (ST_EndPoint(row.geom))) AS tips(tip)
WHERE row.fid = $1 AND NOT EXISTS (
    SELECT FROM gis.water_node AS node WHERE node.geom && ST_Expand(tip, 0.00001) AND node.validity && row.validity
        AND ST_DWithin(node.geom::geography, tip::geography, 0.05))
