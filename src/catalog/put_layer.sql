-- $1 a description in the shape of the type `Layer`. Writes only where something differs.
INSERT INTO catalog.layer AS kept (name, title_vi, title_en, comment, group_name, position, geometry, key, master, detail_zoom,
    low_zoom, legal, legal_srid, public, public_rows, private, generated, rules, style)
SELECT d ->> 'name', d #>> '{title,vi}', d #>> '{title,en}', d ->> 'comment', d ->> 'group', (d ->> 'position')::int,
    nullif(d ->> 'geometry', 'none'), ARRAY(SELECT jsonb_array_elements_text(d -> 'key')), d ->> 'master',
    (d ->> 'detail_zoom')::smallint, d ->> 'low_zoom', (d ->> 'legal')::boolean, (d ->> 'legal_srid')::int,
    ARRAY(SELECT jsonb_array_elements_text(d -> 'public')), d -> 'public_rows', (d ->> 'private')::boolean,
    (d ->> 'generated')::boolean, d -> 'rules', d -> 'style'
FROM (SELECT $1::jsonb) AS given(d)
ON CONFLICT (name) DO UPDATE SET title_vi = excluded.title_vi, title_en = excluded.title_en, comment = excluded.comment,
    group_name = excluded.group_name, position = excluded.position, geometry = excluded.geometry, key = excluded.key,
    master = excluded.master, detail_zoom = excluded.detail_zoom, low_zoom = excluded.low_zoom, legal = excluded.legal,
    legal_srid = excluded.legal_srid, public = excluded.public, public_rows = excluded.public_rows,
    private = excluded.private, generated = excluded.generated, rules = excluded.rules, style = excluded.style
WHERE (kept.title_vi, kept.title_en, kept.comment, kept.group_name, kept.position, kept.geometry, kept.key, kept.master,
        kept.detail_zoom, kept.low_zoom, kept.legal, kept.legal_srid, kept.public, kept.public_rows, kept.private,
        kept.generated, kept.rules, kept.style)
    IS DISTINCT FROM (excluded.title_vi, excluded.title_en, excluded.comment, excluded.group_name, excluded.position,
        excluded.geometry, excluded.key, excluded.master, excluded.detail_zoom, excluded.low_zoom, excluded.legal,
        excluded.legal_srid, excluded.public, excluded.public_rows, excluded.private, excluded.generated, excluded.rules,
        excluded.style)
