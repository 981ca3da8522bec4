-- $1 layer; $2 a description in the shape of the type `Attribute`. Writes only where something differs.
INSERT INTO catalog.attribute AS kept (layer, name, position, kind, code_list, unit, title_vi, title_en, comment, comment_vi, refers_to,
    in_tile, queryable, searchable, required, private)
SELECT $1, d ->> 'name', (d ->> 'position')::int, d ->> 'kind', d ->> 'code_list', d ->> 'unit', d #>> '{title,vi}',
    d #>> '{title,en}', d ->> 'comment',
    coalesce(d ->> 'comment_vi', ''), d ->> 'refers_to', (d ->> 'in_tile')::boolean, (d ->> 'queryable')::boolean,
    (d ->> 'searchable')::boolean, (d ->> 'required')::boolean, (d ->> 'private')::boolean
FROM (SELECT $2::jsonb) AS given(d)
ON CONFLICT (layer, name) DO UPDATE SET position = excluded.position, kind = excluded.kind, code_list = excluded.code_list,
    unit = excluded.unit, title_vi = excluded.title_vi, title_en = excluded.title_en, comment = excluded.comment,
    comment_vi = excluded.comment_vi,
    refers_to = excluded.refers_to, in_tile = excluded.in_tile, queryable = excluded.queryable,
    searchable = excluded.searchable, required = excluded.required, private = excluded.private
WHERE (kept.position, kept.kind, kept.code_list, kept.unit, kept.title_vi, kept.title_en, kept.comment, kept.comment_vi, kept.refers_to,
        kept.in_tile, kept.queryable, kept.searchable, kept.required, kept.private)
    IS DISTINCT FROM (excluded.position, excluded.kind, excluded.code_list, excluded.unit, excluded.title_vi,
        excluded.title_en, excluded.comment, excluded.comment_vi, excluded.refers_to, excluded.in_tile, excluded.queryable, excluded.searchable,
        excluded.required, excluded.private)
