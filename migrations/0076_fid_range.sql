-- fid is the id of a feature in tiles: an unsigned number that a browser keeps exact, below 2^53. Tables that already have other
-- numbers keep them, and take no new ones.

CREATE OR REPLACE FUNCTION gis_trigger.fit_checks(l catalog.layer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    geometry_type text := CASE l.geometry WHEN 'line' THEN 'LINESTRING' WHEN 'multiline' THEN 'MULTILINESTRING' ELSE upper(l.geometry) END;
BEGIN
    PERFORM gis_trigger.fit_check(l.name, '_validity_not_empty', 'NOT isempty(validity)');
    IF NOT gis_trigger.has_constraint(l.name, l.name || '_fid_exact') THEN
        EXECUTE format('ALTER TABLE gis.%I ADD CONSTRAINT %I CHECK (fid BETWEEN 0 AND 9007199254740991) NOT VALID', l.name, l.name || '_fid_exact');
    END IF;
    IF l.geometry IS NOT NULL THEN
        PERFORM gis_trigger.fit_check(l.name, '_geom_srid', 'ST_SRID(geom) = 4326');
        PERFORM gis_trigger.fit_check(l.name, '_geom_not_empty', 'NOT ST_IsEmpty(geom)');
        PERFORM gis_trigger.fit_check(l.name, '_geom_on_earth', 'geom @ ST_MakeEnvelope(-180, -90, 180, 90, 4326)');
        IF l.geometry <> 'any' THEN
            PERFORM gis_trigger.fit_check(l.name, '_geom_type', format('GeometryType(geom) = %L', geometry_type));
        ELSIF NOT gis_trigger.has_constraint(l.name, l.name || '_geom_simple') THEN
            EXECUTE format('ALTER TABLE gis.%I ADD CONSTRAINT %I CHECK (NOT ST_HasArc(geom) AND GeometryType(geom) IN
                (''POINT'', ''LINESTRING'', ''POLYGON'', ''MULTIPOINT'', ''MULTILINESTRING'', ''MULTIPOLYGON'', ''GEOMETRYCOLLECTION''))
                NOT VALID', l.name, l.name || '_geom_simple');
        END IF;
    END IF;
    IF l.legal THEN
        PERFORM gis_trigger.fit_check(l.name, '_geom_source_zone', 'gis.vn2000_proj4(ST_SRID(geom_source)) IS NOT NULL OR geom_source IS NULL');
    END IF;
END $$;
