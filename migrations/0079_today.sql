-- Which day it is, wherever the server or a client stands: current_date is the day of the session's time zone, and between
-- midnight and seven in the morning a session in UTC is still in yesterday.
CREATE FUNCTION gis.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
COMMENT ON FUNCTION gis.today() IS 'The day in Việt Nam, which has one time zone; current_date is the day of the session''s time zone';

ALTER TABLE import.delivery ALTER delivered_on SET DEFAULT gis.today();

-- plpgsql, because the tables of the layers come after the migrations.
CREATE OR REPLACE FUNCTION identity.units_now(p_units text[], p_given date) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH RECURSIVE unit (code, since, depth, was) AS (
        SELECT code, p_given, 0, NULL::text FROM unnest(p_units) AS code
        UNION
        SELECT change.new_code, change.effective_on, unit.depth + 1, unit.code
        FROM unit JOIN gis.admin_unit_change AS change ON change.old_code = unit.code
        WHERE change.new_code IS NOT NULL AND coalesce(change.share, 1) >= 0.5 AND unit.depth < 8
            AND change.effective_on > unit.since AND change.effective_on <= gis.today()
    )
    SELECT coalesce(array_agg(DISTINCT unit.code), '{}') FROM unit
    WHERE NOT EXISTS (SELECT FROM unit AS next WHERE next.was = unit.code AND next.depth = unit.depth + 1));
END $$;
