-- What an attribute means, in the language of those who fill it in. `comment` stays the comment of the column.
ALTER TABLE catalog.attribute ADD COLUMN comment_vi text NOT NULL DEFAULT '';
COMMENT ON COLUMN catalog.attribute.comment_vi IS 'What it means, in Vietnamese, as forms tell it; empty = comment is shown';
