-- $1 the shipped codes. Renews those that are here from an earlier shipping; what was altered here stays.
UPDATE catalog.code AS kept SET
    valid = CASE WHEN kept.valid = daterange((kept.shipped ->> 'valid_from')::date, (kept.shipped ->> 'valid_to')::date)
        THEN daterange((given ->> 'valid_from')::date, (given ->> 'valid_to')::date) ELSE kept.valid END,
    position = CASE WHEN kept.position = (kept.shipped ->> 'position')::int THEN (given ->> 'position')::int ELSE kept.position END,
    title_vi = CASE WHEN kept.title_vi = kept.shipped ->> 'title_vi' THEN given ->> 'title_vi' ELSE kept.title_vi END,
    title_en = CASE WHEN kept.title_en = kept.shipped ->> 'title_en' THEN given ->> 'title_en' ELSE kept.title_en END,
    colour = CASE WHEN kept.colour IS NOT DISTINCT FROM kept.shipped ->> 'colour' THEN given ->> 'colour' ELSE kept.colour END,
    group_code = CASE WHEN kept.group_code IS NOT DISTINCT FROM kept.shipped ->> 'group_code'
        THEN given ->> 'group_code' ELSE kept.group_code END,
    source = CASE WHEN kept.source IS NOT DISTINCT FROM kept.shipped ->> 'source' THEN given ->> 'source' ELSE kept.source END,
    shipped = given
FROM jsonb_array_elements($1::jsonb) AS given
WHERE kept.shipped ->> 'list' = given ->> 'list' AND kept.shipped ->> 'code' = given ->> 'code'
    AND kept.shipped ->> 'valid_from' IS NOT DISTINCT FROM given ->> 'valid_from'
    AND kept.shipped IS DISTINCT FROM given
