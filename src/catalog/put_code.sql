-- $1 list, $2 code, $3 position, $4 and $5 titles, $6 colour. Adds the code, or renews those rows of it that hold now or later.
WITH renewed AS (
    UPDATE catalog.code SET position = $3, title_vi = $4, title_en = $5, colour = $6
    WHERE list = $1 AND code = $2 AND (upper_inf(valid) OR upper(valid) > gis.today())
    RETURNING 1)
INSERT INTO catalog.code (list, code, position, title_vi, title_en, colour, source)
SELECT $1, $2, $3, $4, $5, $6, 'added here'
WHERE NOT EXISTS (SELECT FROM renewed) AND NOT EXISTS (SELECT FROM catalog.code WHERE list = $1 AND code = $2)
