-- A unit that was split into parts of less than half each kept its old code in a grant, which then reached nowhere: the right
-- goes to the largest part.

-- plpgsql, because the tables of the layers come after the migrations.
CREATE OR REPLACE FUNCTION identity.units_now(p_units text[], p_given date) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (WITH RECURSIVE change AS (
        SELECT old_code, new_code, effective_on, coalesce(share, 1) AS share,
            max(coalesce(share, 1)) OVER (PARTITION BY old_code, effective_on) AS largest
        FROM gis.admin_unit_change WHERE new_code IS NOT NULL AND effective_on <= gis.today()
    ), unit (code, since, depth, was) AS (
        SELECT code, p_given, 0, NULL::text FROM unnest(p_units) AS code
        UNION
        SELECT change.new_code, change.effective_on, unit.depth + 1, unit.code
        FROM unit JOIN change ON change.old_code = unit.code
        WHERE (change.share >= 0.5 OR change.share = change.largest) AND unit.depth < 8
            AND change.effective_on > unit.since
    )
    SELECT coalesce(array_agg(DISTINCT unit.code), '{}') FROM unit
    WHERE NOT EXISTS (SELECT FROM unit AS next WHERE next.was = unit.code AND next.depth = unit.depth + 1));
END $$;
