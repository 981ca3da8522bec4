-- $1: fids of plans. Plans without the date of their decision, or without their document.
SELECT row.fid, row.id, NULL::uuid AS other, NULL AS other_layer, field, 'missing' AS what,
    ST_X(ST_PointOnSurface(row.geom)) AS lon, ST_Y(ST_PointOnSurface(row.geom)) AS lat
FROM gis.plan AS row
CROSS JOIN LATERAL (VALUES ('decision_date', row.decision_date IS NULL), ('document', coalesce(row.document, '') = '')) AS said(field, is_missing)
WHERE row.fid = ANY ($1) AND is_missing
ORDER BY row.fid, field LIMIT 1000
