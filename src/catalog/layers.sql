-- $1 retired layers too? One JSON description a layer, in the shape of the type `Layer`.
SELECT layer.name, jsonb_strip_nulls(jsonb_build_object(
    'name', layer.name, 'title', jsonb_build_object('vi', layer.title_vi, 'en', layer.title_en),
    'comment', layer.comment, 'group', layer.group_name, 'position', layer.position,
    'geometry', coalesce(layer.geometry, 'none'), 'key', to_jsonb(layer.key), 'master', layer.master,
    'detail_zoom', layer.detail_zoom, 'low_zoom', layer.low_zoom, 'legal', layer.legal, 'legal_srid', layer.legal_srid,
    'public', to_jsonb(layer.public), 'public_rows', layer.public_rows, 'private', layer.private,
    'generated', layer.generated, 'rules', layer.rules))
    || jsonb_build_object('style', layer.style, 'attributes', coalesce(attributes.list, '[]')) AS description
FROM catalog.layer
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'name', attribute.name, 'position', attribute.position, 'kind', attribute.kind, 'code_list', attribute.code_list,
        'unit', attribute.unit, 'title', jsonb_build_object('vi', attribute.title_vi, 'en', attribute.title_en),
        'comment', attribute.comment, 'comment_vi', attribute.comment_vi, 'refers_to', attribute.refers_to, 'in_tile', attribute.in_tile,
        'queryable', attribute.queryable, 'searchable', attribute.searchable, 'required', attribute.required,
        'private', attribute.private)) ORDER BY attribute.position, attribute.name) AS list
    FROM catalog.attribute WHERE attribute.layer = layer.name
) AS attributes ON true
WHERE $1 OR layer.retired_at IS NULL
ORDER BY layer.position, layer.name
