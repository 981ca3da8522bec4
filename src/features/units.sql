-- The communes in which an object lies: as it is ($3, in {layer}) and as it is to be ($1: GeoJSON or null, $2: its SRID).
-- A border is never exact, so a commune counts from a fiftieth of the object on. An empty code: one of the two shapes lies
-- in none.
WITH shape AS (
    SELECT ST_MakeValid(gis.to_wgs84(ST_Force2D(ST_SetSRID(ST_GeomFromGeoJSON($1), $2)))) AS geom WHERE $1 IS NOT NULL
    UNION ALL
    SELECT ST_MakeValid(ST_Force2D(row.geom)) FROM gis."{layer}" AS row WHERE row.id = $3
)
SELECT DISTINCT coalesce(unit.code, '')
FROM shape LEFT JOIN gis.admin_unit AS unit
  ON ST_Intersects(unit.geom, shape.geom) AND unit.level = 2 AND unit.validity @> current_date
  AND CASE ST_Dimension(shape.geom)
    WHEN 2 THEN ST_Area(ST_Intersection(unit.geom, shape.geom)) > 0.02 * ST_Area(shape.geom)
    WHEN 1 THEN ST_Length(ST_Intersection(unit.geom, shape.geom)) > 0.02 * ST_Length(shape.geom)
    ELSE true END
