-- $1: layers; $2: {west, south, east, north} or null; $3: how many at most. Uses the index on places.
SELECT layer, id, version, actor, rule, field, message, ARRAY[ST_X(place), ST_Y(place)] AS place, other, other_layer, seen
FROM gis.finding
WHERE gone IS NULL AND layer = ANY ($1)
    AND ($2::float8[] IS NULL OR place && ST_MakeEnvelope($2[1], $2[2], $2[3], $2[4], 4326))
ORDER BY seq DESC LIMIT $3
