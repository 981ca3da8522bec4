//! Protection areas: along the river, major streets and power cables, and around heritage sites.

use std::collections::BTreeMap;

use anyhow::Result;
use geo::{BooleanOps, Buffer, LineString, MultiPolygon};

use super::ground::Ground;
use super::land::{areas, heritage, register_number};
use super::lots::City;
use super::shapes::polygon;
use super::streets::{power_line_ref, power_lines};
use super::write::Sink;
use crate::generated_row;

/// Width of the strip along river and canals, metres.
const BANK_M: f64 = 30.0;
/// Width of the strip on each side of a cable in the ground, metres.
const CABLE_M: f64 = 1.0;
/// Width of the strip around a heritage site, metres.
const HERITAGE_M: f64 = 15.0;

/// One area as it is written.
struct Protected<'p> {
    kind: &'p str,
    source_ref: String,
    name: String,
    restriction: &'p str,
    width_m: f64,
    area: MultiPolygon,
}

/// Writes the protection areas of a place.
pub fn write(ground: &Ground, city: &City, index: usize, sink: &mut dyn Sink) -> Result<()> {
    let mut put = |protected: Protected<'_>| -> Result<()> {
        let Some(shape) = areas(protected.area.intersection(&ground.outline)) else { return Ok(()) };
        sink.put(generated_row!("protection_area", Some(shape), kind: protected.kind, source_ref: protected.source_ref,
            name: protected.name, restriction: protected.restriction, width_m: protected.width_m, managed_by: "Minh họa"))
    };
    if !ground.water.0.is_empty() {
        put(Protected {
            kind: "song_kenh",
            source_ref: "mh:song-sai-gon".into(),
            name: "Hành lang bờ sông Sài Gòn".into(),
            restriction: "Không xây dựng công trình kiên cố trong hành lang",
            width_m: BANK_M,
            area: ground.water.buffer(BANK_M).difference(&ground.water),
        })?;
    }
    let mut streets: BTreeMap<&str, (f64, Vec<MultiPolygon>)> = BTreeMap::new();
    for way in city.ways.iter().filter(|w| matches!(w.class, "truc_chinh" | "lien_khu_vuc")) {
        if let Some(name) = &way.name {
            let street = streets.entry(name).or_default();
            street.0 = street.0.max(way.width_m / 2.0);
            street.1.push(LineString::new(way.line.clone()).buffer(way.width_m / 2.0));
        }
    }
    for (name, (width_m, corridors)) in streets {
        put(Protected {
            kind: "duong_bo",
            source_ref: format!("mh:{}:{name}", ground.unit_code),
            name: format!("Hành lang an toàn đường bộ: {name}"),
            restriction: "Không xây dựng, không lấn chiếm lòng đường, vỉa hè",
            width_m,
            area: geo::unary_union(&corridors),
        })?;
    }
    for (way, line) in power_lines(ground, city) {
        let street = city.ways[way].name.as_deref().unwrap_or_default();
        put(Protected {
            kind: "luoi_dien",
            source_ref: power_line_ref(index, way),
            name: format!("Hành lang cáp ngầm 22 kV {street}").trim_end().to_owned(),
            restriction: "Không đào bới, không xây dựng trên tuyến cáp",
            width_m: CABLE_M,
            area: line.buffer(CABLE_M),
        })?;
    }
    for (i, (block, name)) in heritage(city).into_iter().enumerate() {
        put(Protected {
            kind: "di_tich",
            source_ref: register_number(i),
            name: format!("Khu vực bảo vệ II: {name}"),
            restriction: "Công trình không làm ảnh hưởng yếu tố gốc của di tích; phải có ý kiến cơ quan văn hóa",
            width_m: HERITAGE_M,
            area: polygon(&block.ring).buffer(HERITAGE_M),
        })?;
    }
    Ok(())
}
