//! The places that a demo can show: what they are, and which deliveries make them, in order.

use serde_json::{Value, json};

use crate::bilingual::Bilingual;

/// One demo place.
pub(super) struct Place {
    /// The word after `--place`.
    pub name: &'static str,
    /// Its own database, so that two places never mix.
    pub database: &'static str,
    /// Code of the ward in which the people to try have their roles; none: everywhere.
    pub ward: Option<&'static str>,
    pub title: Bilingual,
    /// The setting `place` of the catalog.
    pub setting: Value,
    /// Layers that hold generated data here, and say so on the map.
    pub generated: &'static [&'static str],
    /// Layers that an installation keeps to its staff, opened here because they are generated.
    pub opened: &'static [&'static str],
    pub deliveries: Vec<Delivery>,
}

/// One delivery of a place.
pub(super) struct Delivery {
    /// Who delivers: what the database remembers it by.
    pub source: &'static str,
    pub title: Bilingual,
    pub files: Files,
    pub profile: Profile,
    /// The address is printed when all of these are in.
    pub before_opening: bool,
    /// What a person would accept: Cambridge's second year closes many parcels.
    pub accept: &'static [&'static str],
    /// The day it speaks of.
    pub date: Option<&'static str>,
}

/// Where the files come from.
pub(super) enum Files {
    /// Below `data-import/data`.
    Data(&'static [&'static str]),
    /// The generator's GeoPackage of this place.
    Generated,
}

/// How source layers find their layers.
pub(super) enum Profile {
    /// A profile that comes with dothi.
    Shipped(&'static str),
    /// Tables and columns are named like layers and attributes; only these tables, or all.
    SameNames(&'static [&'static str]),
}

/// The places by name.
pub(super) fn place(name: &str) -> Option<Place> {
    match name {
        "phuong-sai-gon" => Some(saigon()),
        "cambridge" => Some(cambridge()),
        _ => None,
    }
}

/// Names for `--place`.
pub(super) const NAMES: [&str; 2] = ["phuong-sai-gon", "cambridge"];

fn delivery(source: &'static str, vi: &str, en: &str, files: Files, profile: Profile) -> Delivery {
    Delivery { source, title: Bilingual::new(vi, en), files, profile, before_opening: false, accept: &[], date: None }
}

fn first(delivery: Delivery) -> Delivery {
    Delivery { before_opening: true, ..delivery }
}

fn saigon() -> Place {
    Place {
        name: "phuong-sai-gon",
        database: "dothi",
        ward: Some("26740"),
        title: Bilingual::new("Phường Sài Gòn, Thành phố Hồ Chí Minh", "Saigon Ward, Ho Chi Minh City"),
        setting: json!({
            "name_vi": "Phường Sài Gòn", "name_en": "Saigon Ward",
            "centre": [106.7035, 10.7775], "zoom": 15.2,
            "bounds": [106.694_971, 10.767_229, 106.715_264, 10.792_731],
            "legal_srid": 9210, "illustrative": true,
            "suggestions": ["tờ 12 thửa 345", "phường Bến Nghé", "đường Lê Lợi"],
            "attribution": ["© OpenStreetMap contributors (ODbL)", "thanglequoc/vietnamese-provinces-database (MIT)", "Dữ liệu minh họa · illustrative data: dothi"],
        }),
        generated: GENERATED,
        opened: &[
            "water_pipe",
            "water_node",
            "water_valve",
            "drain_pipe",
            "drain_node",
            "lamp_post",
            "lighting_cabinet",
            "lighting_line",
        ],
        deliveries: vec![
            first(delivery(
                "demo:units",
                "Ranh giới phường, xã Thành phố Hồ Chí Minh",
                "Wards of Ho Chi Minh City",
                Files::Data(&["vn_admin/79_ho_chi_minh.zip"]),
                Profile::Shipped("vn-admin"),
            )),
            first(delivery(
                "demo:parcels",
                "Thửa đất (minh họa)",
                "Parcels (illustrative)",
                Files::Generated,
                Profile::SameNames(&["parcel"]),
            )),
            delivery(
                "demo:former",
                "Phường, xã, quận, huyện trước 1/7/2025",
                "Wards and districts before 1 July 2025",
                Files::Data(&["vn/units_before_2025.csv.gz", "vn/unit_changes_2025.csv.gz"]),
                Profile::Shipped("vn-ward-changes"),
            ),
            delivery(
                "demo:osm",
                "Đường, nhà, địa danh (OpenStreetMap)",
                "Streets, buildings, places (OpenStreetMap)",
                Files::Data(&["vn_osm/hcmc_quan1_20230824.osm.pbf"]),
                Profile::Shipped("osm"),
            ),
            delivery(
                "demo:city",
                "Quy hoạch, cây xanh, cấp nước, chiếu sáng, giấy phép (minh họa)",
                "Plans, trees, water, lighting, permits (illustrative)",
                Files::Generated,
                Profile::SameNames(&[]),
            ),
            delivery(
                "demo:provinces",
                "Tỉnh, thành phố cả nước",
                "Provinces of the country",
                Files::Data(&["vn_admin/vn_provinces_2025_simplified.gpkg"]),
                Profile::Shipped("vn-admin"),
            ),
            delivery(
                "demo:wards",
                "Phường, xã cả nước",
                "Wards of the country",
                Files::Data(&["vn_admin/vn_wards_2025_simplified.fgb.zip"]),
                Profile::Shipped("vn-admin"),
            ),
        ],
    }
}

/// Everything but wards, most streets, buildings and places is generated: no open Vietnamese cadastre, plan or network exists.
const GENERATED: &[&str] = &[
    "parcel",
    "address",
    "building", // The houses between real buildings are generated.
    "heritage_site",
    "green_space", // Outlines of the zoo and the quay are generated.
    "land_use",
    "land_price",
    "plan",
    "land_use_plan",
    "planning_zone",
    "planning_line",
    "protection_area",
    "road", // Alleys, and streets that the extract lacks, are generated.
    "water_area",
    "tree",
    "water_pipe",
    "water_node",
    "water_valve",
    "hydrant",
    "water_meter",
    "drain_pipe",
    "drain_node",
    "lamp_post",
    "luminaire",
    "lighting_cabinet",
    "lighting_line",
    "power_line",
    "power_station",
    "permit",
    "works",
    "violation",
    "legal_document",
];

fn cambridge() -> Place {
    let file = |source, vi, en, files: &'static [&'static str], profile| {
        delivery(source, vi, en, Files::Data(files), Profile::Shipped(profile))
    };
    Place {
        name: "cambridge",
        database: "dothi_cambridge",
        ward: None,
        title: Bilingual::new("Cambridge, Massachusetts (dữ liệu thật)", "Cambridge, Massachusetts (real data)"),
        setting: json!({
            "name_vi": "Cambridge, Massachusetts", "name_en": "Cambridge, Massachusetts",
            "centre": [-71.1106, 42.3736], "zoom": 14.0, "bounds": [-71.1605, 42.3524, -71.0636, 42.4043],
            "legal_srid": null, "illustrative": false, "language": "en",
            "suggestions": ["Massachusetts Ave", "Broadway", "42.3736, -71.1106"],
            "attribution": ["City of Cambridge, Massachusetts (PDDL)"],
        }),
        generated: &[],
        opened: &["lamp_post"],
        deliveries: vec![
            first(Delivery {
                date: Some("2013-01-01"),
                ..file(
                    "demo:cambridge-parcels",
                    "Thửa đất 2013",
                    "Parcels 2013",
                    &["cambridge/cambridge_ma_ParcelsFY2013.topojson.gz"],
                    "cambridge-parcels",
                )
            }),
            file(
                "demo:cambridge-zoning",
                "Phân khu quy hoạch",
                "Zoning districts",
                &["cambridge/cambridge_ma_ZoningDistricts.geojson.gz"],
                "cambridge-zoning",
            ),
            file(
                "demo:cambridge-roads",
                "Tim đường",
                "Street centrelines",
                &["cambridge/cambridge_ma_Centerlines.geojson.gz"],
                "cambridge-roads",
            ),
            file(
                "demo:cambridge-lights",
                "Cột đèn",
                "Street lights",
                &["cambridge/cambridge_ma_INFRA_StreetLights.geojson.gz"],
                "cambridge-lights",
            ),
            file(
                "demo:cambridge-hydrants",
                "Trụ cứu hỏa",
                "Hydrants",
                &["cambridge/cambridge_ma_Hydrants.geojson.gz"],
                "cambridge-hydrants",
            ),
            file(
                "demo:cambridge-permits",
                "Giấy phép",
                "Permits",
                &["cambridge/cambridge_ma_SpecialPermitAreas.geojson.gz"],
                "cambridge-permits",
            ),
            Delivery {
                accept: &["mass-close"],
                date: Some("2014-01-01"),
                ..file(
                    "demo:cambridge-parcels",
                    "Thửa đất 2014, giao lại",
                    "Parcels 2014, delivered again",
                    &["cambridge/cambridge_ma_ParcelsFY2014.topojson.gz"],
                    "cambridge-parcels",
                )
            },
        ],
    }
}
