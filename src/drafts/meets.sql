-- {layer}, {label}, {source}: from the catalog; $1: changed shapes (WKB, WGS 84), $2: objects that are left out.
-- A border that only touches is no meeting: under 0.05 m² of an area.
WITH changed AS MATERIALIZED (
    SELECT gis.sound(ST_GeomFromWKB(shape, 4326)) AS geom FROM unnest($1::bytea[]) AS shape
), near AS (
    SELECT DISTINCT t.fid FROM changed JOIN gis."{layer}" AS t ON ST_Intersects(t.geom, changed.geom)
    WHERE t.validity @> gis.today() AND t.id <> ALL ($2)
), covered AS (
    SELECT t.id, {label} AS label, ST_Dimension(t.geom) AS dimension, t.geom, {source} AS source,
        (SELECT ST_Union(ST_Intersection(changed.geom, gis.sound(ST_Force2D(t.geom)))) FROM changed
            WHERE ST_Intersects(changed.geom, t.geom)) AS part
    FROM near JOIN gis."{layer}" AS t USING (fid)
), measured AS (
    SELECT id, label, dimension,
        CASE WHEN dimension = 2 AND ST_Dimension(part) = 2 THEN
            CASE WHEN source IS NOT NULL AND ST_SRID(source) NOT IN (0, 4326)
                THEN ST_Area(gis.from_wgs84(part, ST_SRID(source))) ELSE ST_Area(part::geography) END END AS area_m2,
        ST_Dimension(part) AS part_dimension
    FROM covered
)
SELECT id, label, area_m2 FROM measured
WHERE dimension < 2 OR area_m2 >= 0.05 OR (part_dimension < 2 AND NOT EXISTS (SELECT FROM changed WHERE ST_Dimension(geom) = 2))
ORDER BY area_m2 DESC NULLS LAST, label LIMIT 5000
