-- {layer}, {content}: from the catalog; $1: the object. Newest first. An end is of a version, not of the object.
SELECT jsonb_build_object('version', all_versions.version, 'actor', all_versions.actor, 'known_from', known_from,
        'known_to', known_to, 'ended_by', ended_by, 'valid_from', lower(validity), 'valid_to', upper(validity),
        'change_set', why.id, 'reason', why.reason, 'deleted', CASE WHEN gone.id IS NOT NULL AND known_to IS NOT NULL THEN
            jsonb_build_object('change_set', gone.id, 'reason', gone.reason, 'actor', gone.actor, 'at', gone.at) END) AS head,
    held
FROM (
    SELECT t.version, t.actor, t.known_since AS known_from, NULL::timestamptz AS known_to, NULL::text AS ended_by,
        t.validity, {content} AS held
    FROM gis."{layer}" AS t WHERE t.id = $1
    UNION ALL
    SELECT t.version, t.actor, lower(t.known), upper(t.known), t.ended_by, t.validity, {content}
    FROM gis_history."{layer}" AS t WHERE t.id = $1
) AS all_versions
LEFT JOIN LATERAL (
    SELECT change_set.id, change_set.reason FROM changes.operation JOIN changes.change_set ON change_set.id = operation.change_set
    WHERE operation.id = $1 AND operation.version = all_versions.version AND operation.answer ->> 'outcome' <> 'identical'
        AND operation.op IS DISTINCT FROM 'delete'
    ORDER BY change_set.at LIMIT 1
) AS why ON true
LEFT JOIN LATERAL (
    SELECT change_set.* FROM changes.operation JOIN changes.change_set ON change_set.id = operation.change_set
    WHERE operation.id = $1 AND operation.version = all_versions.version AND operation.op = 'delete'
    ORDER BY change_set.at LIMIT 1
) AS gone ON true
ORDER BY all_versions.version DESC, known_from DESC LIMIT 1000
