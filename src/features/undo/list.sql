-- $1: layer, $2: who, $3: since, $4: until, $5: the change set after which the page begins, $6: how many; each may be null.
SELECT jsonb_build_object('id', change_set.id, 'actor', actor, 'reason', reason, 'at', at,
    'undoes', (SELECT undo.undoes FROM changes.undo WHERE undo.change_set = change_set.id),
    'undone_by', (SELECT undo.change_set FROM changes.undo WHERE undo.undoes = change_set.id),
    'layers', coalesce((SELECT jsonb_agg(jsonb_build_object('layer', layer, 'insert', inserted, 'update', updated, 'delete', deleted)
            ORDER BY layer)
        FROM (SELECT layer, count(*) FILTER (WHERE op = 'insert') AS inserted, count(*) FILTER (WHERE op = 'delete') AS deleted,
                count(*) FILTER (WHERE op = 'update' OR op IS NULL) AS updated
            FROM changes.operation WHERE operation.change_set = change_set.id GROUP BY layer) AS counted), '[]'))
FROM changes.change_set
WHERE ($1::text IS NULL OR EXISTS (
        SELECT FROM changes.operation WHERE operation.change_set = change_set.id AND operation.layer = $1))
    AND ($2::text IS NULL OR actor = $2) AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
    AND ($5::uuid IS NULL OR (at, id) < (SELECT before.at, before.id FROM changes.change_set AS before WHERE before.id = $5))
ORDER BY at DESC, id DESC LIMIT $6
