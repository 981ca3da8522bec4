-- $1: GeoJSON, $2: its SRID. One row; reason is null for a sound geometry.
WITH given AS (
    SELECT ST_SetSRID(ST_GeomFromGeoJSON($1), $2) AS source
), placed AS (
    SELECT source, gis.to_wgs84(ST_Force2D(source)) AS geom, ST_IsValidDetail(source) AS detail FROM given
)
SELECT CASE WHEN NOT (detail).valid THEN coalesce((detail).reason, 'unknown') END AS reason,
    ST_X(gis.to_wgs84(ST_SetSRID((detail).location, $2))) AS lon,
    ST_Y(gis.to_wgs84(ST_SetSRID((detail).location, $2))) AS lat,
    ARRAY[ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)]::float8[] AS bounds,
    CASE WHEN (detail).valid THEN ST_Area(geom::geography) ELSE 0 END AS area,
    CASE WHEN (detail).valid THEN ST_Length(geom::geography) ELSE 0 END AS length,
    ST_Dimension(source) AS dimension
FROM placed
