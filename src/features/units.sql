-- The communes in which shapes lie ({shapes}, by $1), part by part. A border is never exact, so a fiftieth of a part may
-- lie across it, but at most some 25 m², or 2 m of a line. An empty code: more than that of a part lies in no commune.
WITH shape AS (
    {shapes}
), part AS (
    SELECT row_number() OVER () AS number, dumped.geom, ST_Dimension(dumped.geom) AS dimension,
        CASE ST_Dimension(dumped.geom) WHEN 2 THEN ST_Area(dumped.geom) WHEN 1 THEN ST_Length(dumped.geom) ELSE 1 END AS size,
        CASE ST_Dimension(dumped.geom) WHEN 2 THEN least(0.02 * ST_Area(dumped.geom), 2e-9)
            WHEN 1 THEN least(0.02 * ST_Length(dumped.geom), 2e-5) ELSE 0.5 END AS tolerance
    FROM shape CROSS JOIN LATERAL ST_Dump(shape.geom) AS dumped
), meets AS (
    SELECT part.number, part.tolerance, unit.code,
        CASE part.dimension WHEN 2 THEN ST_Area(ST_Intersection(unit.geom, part.geom))
            WHEN 1 THEN ST_Length(ST_Intersection(unit.geom, part.geom)) ELSE 1 END AS size
    FROM part JOIN gis.admin_unit AS unit ON ST_Intersects(unit.geom, part.geom)
    WHERE unit.level = 2 AND unit.validity @> gis.today()
)
SELECT DISTINCT code FROM meets WHERE size > tolerance
UNION
SELECT '' FROM part
WHERE part.size - coalesce((SELECT sum(meets.size) FROM meets WHERE meets.number = part.number), 0) > part.tolerance
