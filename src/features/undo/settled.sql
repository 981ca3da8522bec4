-- $1: the change set. What it settled and wrote.
SELECT layer, id, version, coalesce(op = 'delete', false) AS is_delete, coalesce(op = 'insert', false) AS is_insert, position
FROM changes.operation WHERE change_set = $1 AND answer ->> 'outcome' <> 'identical' ORDER BY position
