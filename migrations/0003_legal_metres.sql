-- Legal metres: VN-2000 coordinates are the truth, EPSG:4326 is derived. Every conversion is pinned to EPSG:6960, because
-- by EPSG codes alone PROJ takes EPSG:5194 around Ho Chi Minh City and jumps 0.8 m.

CREATE FUNCTION gis.vn2000_proj4(srid int) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN srid IN (3405, 3406) THEN
        '+proj=utm +zone=' || (srid - 3357) || ' +ellps=WGS84'
        || ' +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs'
    ELSE '+proj=tmerc +lat_0=0 +lon_0=' || CASE srid
        WHEN 5896 THEN '102' WHEN 9205 THEN '103' WHEN 9206 THEN '104' WHEN 9207 THEN '104.5' WHEN 9208 THEN '104.75'
        WHEN 5897 THEN '105' WHEN 9209 THEN '105.5' WHEN 9210 THEN '105.75' WHEN 9211 THEN '106' WHEN 9212 THEN '106.25'
        WHEN 9213 THEN '106.5' WHEN 9214 THEN '107' WHEN 9215 THEN '107.25' WHEN 9216 THEN '107.5' WHEN 5899 THEN '107.75'
        WHEN 5898 THEN '108' WHEN 9217 THEN '108.25' WHEN 9218 THEN '108.5'
        WHEN 6956 THEN '102' WHEN 6957 THEN '105' WHEN 6958 THEN '108' WHEN 6959 THEN '107.75' END
        || ' +k=0.9999 +x_0=500000 +y_0=0 +ellps=WGS84'
        || ' +towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +units=m +no_defs'
END;
COMMENT ON FUNCTION gis.vn2000_proj4(int) IS
    'Pinned definition of a VN-2000 zone (QĐ 05/2007/QĐ-BTNMT = EPSG:6960, signs as position vector); null for any other SRID';

CREATE FUNCTION gis.known_zone(srid int) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE zone text := gis.vn2000_proj4(srid);
BEGIN
    IF zone IS NULL THEN
        RAISE EXCEPTION 'SRID % is not a VN-2000 zone', srid USING ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'legal_srid_known', HINT = 'Use one of 5896-5899, 9205-9218, 3405, 3406, in the axis order easting, northing.';
    END IF;
    RETURN zone;
END $$;
COMMENT ON FUNCTION gis.known_zone(int) IS 'As gis.vn2000_proj4, but an error for an SRID that is not a VN-2000 zone';

CREATE FUNCTION gis.to_wgs84(source geometry) RETURNS geometry LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT CASE WHEN ST_SRID(source) = 4326 THEN source ELSE ST_Transform(source, gis.known_zone(ST_SRID(source)), 4326) END $$;
COMMENT ON FUNCTION gis.to_wgs84(geometry) IS 'VN-2000 (easting, northing in metres) to EPSG:4326 by EPSG:6960; the only way in SQL';

CREATE FUNCTION gis.from_wgs84(geom geometry, srid int) RETURNS geometry LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT ST_SetSRID(ST_Transform(geom, '+proj=longlat +datum=WGS84 +no_defs', gis.known_zone(srid)), srid) $$;
COMMENT ON FUNCTION gis.from_wgs84(geometry, int) IS 'EPSG:4326 to a VN-2000 zone (easting, northing in metres) by EPSG:6960; the only way in SQL';

CREATE FUNCTION gis.legal_srid(p_layer text) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(layer.legal_srid, (SELECT (value ->> 'legal_srid')::int FROM catalog.setting WHERE name = 'place'))
    FROM catalog.layer WHERE layer.name = p_layer AND layer.legal
$$;
COMMENT ON FUNCTION gis.legal_srid(text) IS 'VN-2000 zone that new legal geometry of a layer is kept in; null outside Vietnam';

CREATE FUNCTION gis.metres_apart(a geometry, b geometry) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN ST_NPoints(a) <> ST_NPoints(b) OR GeometryType(a) <> GeometryType(b) THEN 'infinity'
        ELSE (SELECT max(ST_Distance(p.geom, q.geom))
              FROM ST_DumpPoints(a) AS p JOIN ST_DumpPoints(b) AS q ON q.path = p.path) END
$$;
COMMENT ON FUNCTION gis.metres_apart(geometry, geometry) IS
    'Greatest distance between vertices of the same place in two geometries of one zone; infinite when they have other vertices';

CREATE FUNCTION gis.legal_agrees(geom geometry, source geometry) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(gis.metres_apart(gis.from_wgs84(geom, ST_SRID(source)), source) <= 0.001, false) $$;
COMMENT ON FUNCTION gis.legal_agrees(geometry, geometry) IS 'Whether a geometry (EPSG:4326) and its legal source are the same to 1 mm';

CREATE FUNCTION gis.ensure_srids() RETURNS int LANGUAGE plpgsql AS $$
DECLARE added int := 0;
BEGIN
    INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
    SELECT srid, 'dothi', srid, 'PROJCS["VN-2000 / TM-3 pinned to EPSG:6960",GEOGCS["VN-2000",DATUM["Vietnam_2000",'
            'SPHEROID["WGS 84",6378137,298.257223563],TOWGS84[-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,'
            '0.00427372,0.252906278]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
            'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",'
            || substring(gis.vn2000_proj4(srid) FROM 'lon_0=([0-9.]+)')
            || '],PARAMETER["scale_factor",0.9999],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
            'UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]',
        gis.vn2000_proj4(srid)
    FROM generate_series(9205, 9218) AS zone(srid)
    ON CONFLICT (srid) DO UPDATE SET auth_name = excluded.auth_name, auth_srid = excluded.auth_srid,
        srtext = excluded.srtext, proj4text = excluded.proj4text
    WHERE spatial_ref_sys.proj4text IS DISTINCT FROM excluded.proj4text
        OR spatial_ref_sys.auth_name IS DISTINCT FROM excluded.auth_name;
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END $$;
COMMENT ON FUNCTION gis.ensure_srids() IS
    'Gives spatial_ref_sys the VN-2000 zones that PostGIS lacks, pinned; such rows are not dumped, so every start calls it';
