-- $1: who looked, $2: whom, $3: lines before this one; each null for all. $4: lines at most.
SELECT log.seq, log.at, log.actor, person.name, log.party, log.reason, coalesce(cardinality(log.objects), 0) AS objects,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', parcel.id, 'commune_code', parcel.commune_code, 'sheet', parcel.sheet,
            'number', parcel.number))
        FROM (SELECT DISTINCT ON (row.id) row.id, row.commune_code, row.sheet, row.number FROM gis.parcel AS row
            WHERE row.id = ANY (log.objects[1:3]) ORDER BY row.id, row.fid DESC) AS parcel), '[]') AS parcels
FROM gis_private.access_log AS log LEFT JOIN identity.person ON person.account = log.actor
WHERE ($1::text IS NULL OR log.actor = $1) AND ($2::uuid IS NULL OR log.party = $2) AND ($3::bigint IS NULL OR log.seq < $3)
ORDER BY log.seq DESC LIMIT $4
