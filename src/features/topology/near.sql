-- {layer}: from the table of rules. $1..$4: boxes, side by side; $5: the last fid of the page before. Rows in one of the boxes.
SELECT DISTINCT row.fid, row.id
FROM unnest($1::float8[], $2::float8[], $3::float8[], $4::float8[]) AS box(west, south, east, north)
JOIN gis."{layer}" AS row ON row.geom && ST_Expand(ST_MakeEnvelope(west, south, east, north, 4326), 0.00002)
WHERE $5::bigint IS NULL OR row.fid > $5
ORDER BY row.fid LIMIT 5000
