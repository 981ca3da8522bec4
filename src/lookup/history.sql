-- {layer}, {columns}, {raw}: from the catalog; {west} … {north}: degrees; {date}: the day, {known}: which versions count.
-- Of each object the first version that was valid on the day and counts: the one that was known at the moment; or, where no
-- moment is asked for, at the end of the day, else the first that was known later.
-- Uses the GiST indexes on geom of both tables.
WITH here AS (
    SELECT id FROM gis.{layer} WHERE geom && ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326)
    UNION
    SELECT id FROM gis_history.{layer} WHERE geom && ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326)
), version_of AS (
    SELECT {raw}, known_since AS known_from, 'infinity'::timestamptz AS known_to
    FROM gis.{layer} WHERE id IN (SELECT id FROM here) AND validity @> '{date}'::date
    UNION ALL
    SELECT {raw}, lower(known), coalesce(upper(known), 'infinity')
    FROM gis_history.{layer} WHERE id IN (SELECT id FROM here) AND validity @> '{date}'::date
)
SELECT DISTINCT ON (id) {columns}
FROM version_of
WHERE {known}
ORDER BY id, known_from
