-- {layer}: from the catalog. $1: rule; $2..$9: breaches, side by side. Those that are not listed yet.
INSERT INTO gis.finding (layer, id, version, actor, rule, field, what, other, other_layer, place, message)
SELECT '{layer}', row.id, row.version, row.actor, $1, found.field, found.what, found.other, found.other_layer,
    ST_SetSRID(ST_MakePoint(found.lon, found.lat), 4326), found.message
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::float8[], $8::float8[], $9::jsonb[])
    AS found(fid, field, what, other, other_layer, lon, lat, message)
JOIN gis."{layer}" AS row ON row.fid = found.fid
