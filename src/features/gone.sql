-- {layer}, {label}: from the catalog. $1: the object. Its last version: who ended it, when, why, where it lay, and what came in its place.
WITH last AS (
    SELECT version, geom, actor AS ended_by, known_since AS at FROM gis."{layer}"
    WHERE id = $1 AND upper(validity) <= gis.today()
    UNION ALL
    SELECT version, geom, ended_by, upper(known) FROM gis_history."{layer}" WHERE id = $1
    ORDER BY at DESC, version DESC LIMIT 1
)
SELECT last.ended_by, last.at, why.reason, ST_X(inside.point) AS lon, ST_Y(inside.point) AS lat, now.ids, now.labels
FROM last
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(gis.sound(last.geom)) AS point) AS inside
LEFT JOIN LATERAL (
    SELECT change_set.reason FROM changes.operation JOIN changes.change_set ON change_set.id = operation.change_set
    WHERE operation.id = $1 AND operation.version = last.version AND operation.op = 'delete' ORDER BY change_set.at DESC LIMIT 1
) AS why ON true
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(there.id), '{}') AS ids, coalesce(array_agg(there.label), '{}') AS labels
    FROM (
        SELECT t.id, {label} AS label FROM gis."{layer}" AS t
        WHERE t.geom && last.geom AND t.id <> $1 AND t.validity @> gis.today()
            -- What came with its end or after it; other layers of meaning lay there before.
            AND t.known_since >= last.at AND (ST_Intersects(ST_PointOnSurface(gis.sound(t.geom)), gis.sound(last.geom))
            OR ST_Intersects(inside.point, gis.sound(t.geom)))
        ORDER BY label LIMIT 5
    ) AS there
) AS now
