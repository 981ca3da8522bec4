-- Metres of EPSG:9210 around (603000, 1191000). The street's axis is y = -4; lots begin at y = 0, 5 m wide, 20 m deep.
INSERT INTO catalog.setting (name, value) VALUES ('place',
    '{"name_vi": "Phường Sài Gòn", "name_en": "Sai Gon ward", "centre": [106.6936, 10.7684], "zoom": 16, "legal_srid": 9210,
      "illustrative": false, "attribution": ["© OpenStreetMap"]}')
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

CREATE FUNCTION pg_temp.box(x0 float8, y0 float8, x1 float8, y1 float8) RETURNS geometry LANGUAGE sql AS
$$ SELECT ST_Multi(ST_MakeEnvelope(603000 + x0, 1191000 + y0, 603000 + x1, 1191000 + y1, 9210)) $$;
CREATE FUNCTION pg_temp.line(y float8) RETURNS geometry LANGUAGE sql AS
$$ SELECT ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint(602900, 1191000 + y), ST_MakePoint(603200, 1191000 + y)), 9210)) $$;

INSERT INTO gis.admin_unit (code, name, short_name, kind, level, parent_code, geom) VALUES
    ('79', 'Thành phố Hồ Chí Minh', 'Hồ Chí Minh', 'thanh_pho_tw', 1, NULL, gis.to_wgs84(pg_temp.box(-5000, -5000, 5000, 5000))),
    ('26740', 'Phường Sài Gòn', 'Sài Gòn', 'phuong', 2, '79', gis.to_wgs84(pg_temp.box(-500, -500, 500, 500)));
INSERT INTO gis.admin_unit_former (code, name, short_name, kind, district_code, district_name, province_name) VALUES
    ('26740', 'Phường Bến Nghé', 'Bến Nghé', 'phuong', '760', 'Quận 1', 'Thành phố Hồ Chí Minh'),
    ('26743', 'Phường Bến Thành', 'Bến Thành', 'phuong', '760', 'Quận 1', 'Thành phố Hồ Chí Minh'),
    ('760', 'Quận 1', 'Quận 1', 'quan', NULL, NULL, 'Thành phố Hồ Chí Minh');
INSERT INTO gis.admin_unit_change (old_code, new_code, old_name, new_name, kind, share, effective_on) VALUES
    ('26740', '26740', 'Phường Bến Nghé', 'Phường Sài Gòn', 'sap_nhap', 1, '2025-07-01');

INSERT INTO gis.plan (code, name, level, scale, status, decision_number, decision_date, authority, geom_source) VALUES
    ('P1', 'Quy hoạch phân khu Bến Nghé', 'phan_khu', '1:2000', 'hieu_luc', '5678/QĐ-UBND', '2024-03-12',
     'UBND Thành phố Hồ Chí Minh', pg_temp.box(-200, -200, 200, 200));
INSERT INTO gis.planning_zone (id, plan, zone_code, name, function, land_use, storeys_max, coverage_max_pct, geom_source) VALUES
    ('00000000-0000-7000-8000-0000000000a1', 'P1', 'A1', 'Khu ở', 'o_hien_huu', 'ODT', 5, 80, pg_temp.box(-100, 1.24, 7, 100)),
    ('00000000-0000-7000-8000-0000000000b1', 'P1', 'B1', 'Công viên', 'cay_xanh', 'DKV', NULL, NULL, pg_temp.box(7, 1.24, 100, 100));
INSERT INTO gis.planning_line (plan, source_ref, kind, road_name, road_width_m, geom_source) VALUES
    ('P1', 'R1', 'chi_gioi_duong_do', 'Lê Lợi', 10.5, pg_temp.line(1.24)),
    ('P1', 'T1', 'tim_duong', 'Lê Lợi', 10.5, pg_temp.line(-4));
INSERT INTO gis.parcel (id, commune_code, former_unit_name, unit_code, sheet, number, area_m2, land_use, address, certificate_number, geom_source)
VALUES
    ('00000000-0000-7000-8000-000000000345', '26740', 'Phường Bến Nghé', '26740', '12', '345', 100, 'ODT',
     'PRIVATEMARK-parcel-address', 'PRIVATEMARK-certificate', pg_temp.box(0, 0, 5, 20)),
    ('00000000-0000-7000-8000-000000000346', '26740', 'Phường Bến Nghé', '26740', '12', '346', 100, 'ODT', NULL, NULL,
     pg_temp.box(5, 0, 10, 20)),
    ('00000000-0000-7000-8000-000000000347', '26743', 'Phường Bến Thành', '26740', '12', '345', 100, 'ODT', NULL, NULL,
     pg_temp.box(50, 0, 55, 20));
INSERT INTO gis.address (unit_code, street, number, full_text, geom) VALUES
    ('26740', 'Lê Lợi', '12/3', '12/3 Lê Lợi', gis.to_wgs84(ST_Centroid(pg_temp.box(0, 0, 5, 20)))),
    ('26740', 'Lê Lợi', '14', '14 Lê Lợi', gis.to_wgs84(ST_Centroid(pg_temp.box(5, 0, 10, 20))));
INSERT INTO gis.road (source_ref, name, class, geom) VALUES
    ('w1', 'Đường Lê Lợi', 'secondary', gis.to_wgs84(pg_temp.line(-4)));
INSERT INTO gis.tree (tree_number, common_name, geom) VALUES
    ('T-1', 'Sao đen', gis.to_wgs84(ST_SetSRID(ST_MakePoint(603002, 1190999), 9210)));
