-- $1 the shipped code lists. A title that was altered here stays.
INSERT INTO catalog.code_list AS kept (name, title_vi, title_en, shipped)
SELECT given ->> 'name', given ->> 'title_vi', given ->> 'title_en', given
FROM jsonb_array_elements($1::jsonb) AS given
ON CONFLICT (name) DO UPDATE SET
    title_vi = CASE WHEN kept.title_vi = kept.shipped ->> 'title_vi' THEN excluded.title_vi ELSE kept.title_vi END,
    title_en = CASE WHEN kept.title_en = kept.shipped ->> 'title_en' THEN excluded.title_en ELSE kept.title_en END,
    shipped = excluded.shipped
WHERE kept.shipped IS DISTINCT FROM excluded.shipped
