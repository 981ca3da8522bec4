-- The planning zone nearest to the centre of the place (GiST index on geom), and a change of colour for it: another land
-- use where it has one, else another function. It is one that is seen: of some size, no street, and with no smaller zone of
-- a more detailed plan painted over its middle. Quotes in its codes are left alone.
SELECT zone.plan, zone.zone_code,
    CASE WHEN zone.land_use IS NULL THEN 'function' ELSE 'land_use' END AS attribute,
    (SELECT code.code
     FROM catalog.code AS code
     WHERE code.list = CASE WHEN zone.land_use IS NULL THEN 'planning_function' ELSE 'land_use' END
       AND code.valid @> current_date
       AND code.colour IS NOT NULL
       AND code.code <> coalesce(zone.land_use, zone.function)
       AND code.code !~ '[''"$\\]'
     ORDER BY (code.code = 'DKV') DESC, code.position, code.code
     LIMIT 1) AS after
FROM gis.planning_zone AS zone, catalog.setting AS place
WHERE place.name = 'place'
  AND zone.validity @> current_date
  AND zone.plan !~ '[''"$\\]' AND zone.zone_code !~ '[''"$\\]'
  AND zone.land_use IS DISTINCT FROM 'DGT' AND zone.function <> 'giao_thong'
  AND NOT EXISTS (
    SELECT FROM gis.planning_zone AS above
    WHERE above.fid <> zone.fid AND above.validity @> current_date
      AND ST_Intersects(above.geom, ST_PointOnSurface(zone.geom))
      AND ST_Area(ST_Envelope(above.geom)) < ST_Area(ST_Envelope(zone.geom)))
ORDER BY ST_Area(zone.geom::geography) < 8000, zone.geom <-> ST_SetSRID(
    ST_MakePoint((place.value -> 'centre' ->> 0)::float8, (place.value -> 'centre' ->> 1)::float8), 4326)
LIMIT 1
