-- $1 the shipped codes. Adds those whose dates nothing here covers yet.
INSERT INTO catalog.code (list, code, valid, position, title_vi, title_en, colour, group_code, source, shipped)
SELECT given ->> 'list', given ->> 'code', daterange((given ->> 'valid_from')::date, (given ->> 'valid_to')::date),
    (given ->> 'position')::int, given ->> 'title_vi', given ->> 'title_en', given ->> 'colour', given ->> 'group_code',
    given ->> 'source', given
FROM jsonb_array_elements($1::jsonb) AS given
WHERE NOT EXISTS (
    SELECT FROM catalog.code AS kept WHERE kept.list = given ->> 'list' AND kept.code = given ->> 'code'
        AND kept.valid && daterange((given ->> 'valid_from')::date, (given ->> 'valid_to')::date))
