-- The planning zone nearest to the centre of the place, by the GiST index on geom; quotes in its codes are left alone.
SELECT zone.plan, zone.zone_code
FROM gis.planning_zone AS zone, catalog.setting AS place
WHERE place.name = 'place'
  AND zone.validity @> current_date
  AND zone.plan !~ '[''"$\\]' AND zone.zone_code !~ '[''"$\\]'
ORDER BY zone.geom <-> ST_SetSRID(ST_MakePoint((place.value -> 'centre' ->> 0)::float8, (place.value -> 'centre' ->> 1)::float8), 4326)
LIMIT 1
