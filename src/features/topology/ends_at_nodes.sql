-- {layer}, {node}: from the table of rules. $1: fids.
-- Ends of a pipe without a node within 5 cm.
SELECT row.fid, row.id, NULL::uuid AS other, NULL AS other_layer, 'geometry' AS field, NULL AS what, ST_X(tip) AS lon, ST_Y(tip) AS lat
FROM gis."{layer}" AS row
CROSS JOIN LATERAL (VALUES (ST_StartPoint(row.geom)), (ST_EndPoint(row.geom))) AS tips(tip)
WHERE row.fid = ANY ($1) AND NOT EXISTS (
    SELECT FROM gis."{node}" AS node WHERE node.geom && ST_Expand(tip, 0.00001) AND node.validity && row.validity
        AND ST_DWithin(node.geom::geography, tip::geography, 0.05))
ORDER BY row.fid LIMIT 1000
