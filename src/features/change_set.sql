-- $1: the change set.
SELECT actor, reason, at, coalesce((
    SELECT jsonb_agg(jsonb_build_object('op_id', op_id, 'entity', layer, 'id', operation.id, 'version', version,
        'result', answer) ORDER BY position)
    FROM changes.operation WHERE change_set = change_set.id), '[]') AS operations
FROM changes.change_set WHERE id = $1
