-- The planning zone nearest to the centre of the place (GiST index on geom), and a change of colour for it: the function whose
-- colour differs most from its own. It is one that is seen: of some size, no street, and with no smaller zone of
-- a more detailed plan painted over its middle. Quotes in its codes are left alone.
SELECT zone.plan, zone.zone_code,
    'function' AS attribute,
    (SELECT other.code
     FROM catalog.code AS own JOIN catalog.code AS other USING (list),
         decode(substr(own.colour, 2), 'hex') AS a, decode(substr(other.colour, 2), 'hex') AS b
     WHERE list = 'planning_function' AND other.code <> 'khac'
       AND own.code = zone.function AND own.valid @> gis.today() AND other.valid @> gis.today()
       AND own.colour ~ '^#[0-9A-Fa-f]{6}$' AND other.colour ~ '^#[0-9A-Fa-f]{6}$'
       AND other.code !~ '[''"$\\]'
     ORDER BY abs(get_byte(a, 0) - get_byte(b, 0)) + abs(get_byte(a, 1) - get_byte(b, 1)) + abs(get_byte(a, 2) - get_byte(b, 2)) DESC,
         other.position, other.code
     LIMIT 1) AS after
FROM gis.planning_zone AS zone, catalog.setting AS place
WHERE place.name = 'place'
  AND zone.validity @> gis.today()
  AND zone.plan !~ '[''"$\\]' AND zone.zone_code !~ '[''"$\\]'
  AND zone.land_use IS DISTINCT FROM 'DGT' AND zone.function <> 'giao_thong'
  AND NOT EXISTS (
    SELECT FROM gis.planning_zone AS above
    WHERE above.fid <> zone.fid AND above.validity @> gis.today()
      AND ST_Intersects(above.geom, ST_PointOnSurface(zone.geom))
      AND ST_Area(ST_Envelope(above.geom)) < ST_Area(ST_Envelope(zone.geom)))
ORDER BY ST_Area(zone.geom::geography) < 8000, zone.geom <-> ST_SetSRID(
    ST_MakePoint((place.value -> 'centre' ->> 0)::float8, (place.value -> 'centre' ->> 1)::float8), 4326)
LIMIT 1
