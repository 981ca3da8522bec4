-- $1: the change set.
SELECT actor, reason, at,
    (SELECT undo.undoes FROM changes.undo WHERE undo.change_set = change_set.id) AS undoes,
    (SELECT undo.change_set FROM changes.undo WHERE undo.undoes = change_set.id) AS undone_by, coalesce((
    SELECT jsonb_agg(jsonb_build_object('op_id', op_id, 'entity', layer, 'id', operation.id, 'version', version,
        'result', answer) ORDER BY position)
    FROM changes.operation WHERE change_set = change_set.id), '[]') AS operations
FROM changes.change_set WHERE id = $1
