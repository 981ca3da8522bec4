//! The land: parcels, houses, addresses, current use, prices, generated ways and water.

use anyhow::Result;
use geo::{Area, BooleanOps, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::lots::{Block, City, Lot};
use super::numbers::{Address, ParcelKey};
use super::persons;
use super::shapes::{Frame, Place, Ring, at, bounds, centre, cut, distance, outline_length, polygon, ring_area, round};
use super::write::Sink;
use crate::generated_row;

/// A multipolygon of one ring.
pub fn area(ring: &[Place]) -> Option<Geometry> {
    Some(Geometry::MultiPolygon(MultiPolygon::new(vec![polygon(ring)])))
}

/// A multipolygon of a polygon's parts that are worth a row.
pub fn areas(parts: MultiPolygon) -> Option<Geometry> {
    let parts: Vec<Polygon> = parts.0.into_iter().filter(|p| p.unsigned_area() > 1.0).collect();
    (!parts.is_empty()).then(|| Geometry::MultiPolygon(MultiPolygon::new(parts)))
}

/// A point.
pub fn point(p: Place) -> Option<Geometry> {
    Some(Geometry::Point(Point(round(p))))
}

/// "Tờ 12 thửa 345, phường Bến Nghé (cũ)".
pub fn parcel_label(ground: &Ground, key: ParcelKey) -> String {
    let former = ground.former[key.former].name.replace("Phường", "phường");
    format!("Thửa {}, tờ {} ({former} cũ)", key.number, key.sheet)
}

/// Writes the land; returns how many parcels came out.
pub fn write(
    ground: &Ground,
    city: &City,
    addresses: &[Address],
    keys: &[ParcelKey],
    rng: &mut ChaCha8Rng,
    sink: &mut dyn Sink,
) -> Result<usize> {
    for ((lot, address), key) in city.lots.iter().zip(addresses).zip(keys) {
        parcel(ground, lot, address, *key, rng, sink)?;
    }
    for (i, (lot, address)) in city.lots.iter().zip(addresses).enumerate() {
        address_and_house(ground, lot, address, i, rng, sink)?;
    }
    current_use(ground, city, sink)?;
    ways(ground, city, sink)?;
    prices(ground, city, rng, sink)?;
    sites(ground, city, sink)?;
    Ok(city.lots.len())
}

fn parcel(
    ground: &Ground,
    lot: &Lot,
    address: &Address,
    key: ParcelKey,
    rng: &mut ChaCha8Rng,
    sink: &mut dyn Sink,
) -> Result<()> {
    let former = &ground.former[key.former];
    let exact = ring_area(&lot.ring);
    let area_m2 = (exact * 10.0).round() / 10.0;
    // One lot in fifteen has a second purpose on part of it.
    let second = match lot.code {
        "ODT" if rng.random_range(0..15) == 0 => Some("TMD"),
        "TMD" if rng.random_range(0..6) == 0 => Some("ODT"),
        _ => None,
    };
    let uses = second.map_or_else(
        || format!(r#"[{{"code":"{}","area_m2":{area_m2}}}]"#, lot.code),
        |code| {
            let part = (area_m2 * 3.0).round() / 10.0;
            let rest = ((area_m2 - part) * 10.0).round() / 10.0;
            format!(r#"[{{"code":"{}","area_m2":{rest}}},{{"code":"{code}","area_m2":{part}}}]"#, lot.code)
        },
    );
    let origin = match lot.code {
        "ODT" => "Công nhận quyền sử dụng đất",
        "TMD" => "Nhà nước cho thuê đất",
        _ => "Nhà nước giao đất không thu tiền",
    };
    sink.put(generated_row!("parcel", area(&lot.ring),
        commune_code: &former.code, former_unit_name: &former.name, unit_code: &ground.unit_code,
        sheet: key.sheet.to_string(), number: key.number.to_string(), area_m2: area_m2, land_use: lot.code, land_uses: uses,
        address: (!address.number.is_empty()).then(|| format!("{} {}", address.number, address.street)),
        origin_of_use: origin, certificate_number: persons::certificate(key), map_scale: "1:500", measured_on: if key.former == 0 { "2006-08-15" } else { "2009-03-20" },
        owner_name: persons::name(key), owner_phone: persons::phone(key), owner_id_number: persons::id_number(key)))
}

fn address_and_house(
    ground: &Ground,
    lot: &Lot,
    address: &Address,
    index: usize,
    rng: &mut ChaCha8Rng,
    sink: &mut dyn Sink,
) -> Result<()> {
    let front = lot.front.map(|f| f.1);
    if let Some(front) = front
        && !address.number.is_empty()
    {
        let c = centre(&lot.ring);
        let reach = 1.5 / distance(front, c).max(3.0);
        let place = at(front.x + (c.x - front.x) * reach, front.y + (c.y - front.y) * reach);
        let former = &ground.former[ground.former_unit_at(c)].name;
        sink.put(generated_row!("address", point(place), unit_code: &ground.unit_code, street: &address.street, number: &address.number,
            full_text: format!("{} {}, {}, Thành phố Hồ Chí Minh", address.number, address.street, ground.unit_name),
            former_unit_name: former))?;
    }
    if lot.is_built || lot.is_large && lot.code == "DKV" {
        return Ok(());
    }
    let footprint = house_on(&lot.ring, front, rng);
    let area_m2 = ring_area(&footprint);
    if area_m2 < 12.0 {
        return Ok(());
    }
    let storeys: i64 =
        if lot.is_large { rng.random_range(4..18) } else { [1, 2, 2, 3, 3, 3, 4, 4, 5, 6][rng.random_range(0..10)] };
    let building_use = match lot.code {
        "TMD" => "thuong_mai",
        "TSC" | "DTS" => "co_quan",
        "DGD" => "truong_hoc",
        "DYT" => "y_te",
        "TON" => "ton_giao",
        "ODT" if lot.is_large => "chung_cu",
        "ODT" => "nha_o",
        _ => "khac",
    };
    sink.put(generated_row!("building", area(&footprint), source_ref: format!("mh:{}:{index}", ground.unit_code), use: building_use,
        storeys: storeys, height_m: 3.4 * storeys as f64 + 0.6,
        address: (!address.number.is_empty()).then(|| format!("{} {}", address.number, address.street)),
        year_built: rng.random_range(1965..2024_i64), work_class: if storeys > 7 { "cap_2" } else if storeys > 2 { "cap_3" } else { "cap_4" },
        footprint_m2: (area_m2 * 10.0).round() / 10.0, floor_area_m2: (area_m2 * storeys as f64).round(), unit_code: &ground.unit_code))
}

/// A tube house: the whole width, a yard of a few metres at the back and now and then one in front.
fn house_on(lot: &[Place], front: Option<Place>, rng: &mut ChaCha8Rng) -> Ring {
    let frame = Frame::around(lot);
    let is_far_end = front.is_some_and(|f| frame.of(f).0 > f64::midpoint(frame.u.0, frame.u.1));
    let length = frame.length();
    let back = if length > 9.0 { rng.random_range(0.08..0.22) * length } else { 0.4 };
    let fore = if rng.random_range(0..4) == 0 { 1.8_f64.min(length * 0.15) } else { 0.0 };
    let (low, high) = if is_far_end { (back, fore) } else { (fore, back) };
    let mut ring = lot.to_vec();
    for (u, keeps_right) in [(frame.u.0 + low, true), (frame.u.1 - high, false)] {
        if (keeps_right && low < 0.1) || (!keeps_right && high < 0.1) {
            continue;
        }
        let (left, right) = cut(&ring, frame.place(u, 0.0), frame.place(u, 1.0));
        let kept = if keeps_right { right } else { left };
        if let Some(largest) = kept.into_iter().max_by(|a, b| ring_area(a).total_cmp(&ring_area(b))) {
            ring = largest;
        }
    }
    ring
}

fn current_use(ground: &Ground, city: &City, sink: &mut dyn Sink) -> Result<()> {
    let mut groups: std::collections::BTreeMap<(usize, usize, &str), Vec<&Lot>> = std::collections::BTreeMap::new();
    for lot in &city.lots {
        groups.entry((lot.block, lot.cell, lot.code)).or_default().push(lot);
    }
    for ((block, cell, code), lots) in groups {
        let rings: Vec<Polygon> = lots.iter().map(|l| polygon(&l.ring)).collect();
        let shape = if rings.len() == 1 { MultiPolygon::new(rings) } else { geo::unary_union(&rings) };
        use_row(ground, format!("{}:{block}:{cell}:{code}", ground.unit_code), code, shape, sink)?;
    }
    for (i, part) in
        squares(&ground.outline.difference(&city.land).difference(&ground.water), 250.0).into_iter().enumerate()
    {
        use_row(ground, format!("{}:dgt:{i}", ground.unit_code), "DGT", part, sink)?;
    }
    use_row(ground, format!("{}:son", ground.unit_code), "SON", ground.water.clone(), sink)
}

fn use_row(ground: &Ground, source_ref: String, code: &str, shape: MultiPolygon, sink: &mut dyn Sink) -> Result<()> {
    let area_m2 = (shape.unsigned_area() * 10.0).round() / 10.0;
    let Some(shape) = areas(shape) else { return Ok(()) };
    let user = match code {
        "ODT" => "Hộ gia đình, cá nhân",
        "TMD" => "Tổ chức kinh tế",
        "TON" => "Cơ sở tôn giáo",
        _ => "Tổ chức nhà nước",
    };
    sink.put(
        generated_row!("land_use", Some(shape), source_ref: source_ref, code: code, user_kind: user, area_m2: area_m2,
        inventory_year: 2024_i64, unit_code: &ground.unit_code),
    )
}

/// Cuts a large area by a grid, so that no single row is as wide as the place.
pub fn squares(area: &MultiPolygon, side: f64) -> Vec<MultiPolygon> {
    let places: Vec<Place> = area.0.iter().flat_map(|p| p.exterior().0.iter().copied()).collect();
    let (x0, y0, x1, y1) = bounds(&places);
    let mut parts = vec![];
    let (columns, rows) = (((x1 - x0) / side).ceil() as i64, ((y1 - y0) / side).ceil() as i64);
    for row in 0..rows.max(0) {
        for column in 0..columns {
            let (x, y) = (x0 + column as f64 * side, y0 + row as f64 * side);
            let square = polygon(&[at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side)]);
            let part = area.intersection(&square);
            if part.unsigned_area() > 5.0 {
                parts.push(part);
            }
        }
    }
    parts
}

fn ways(ground: &Ground, city: &City, sink: &mut dyn Sink) -> Result<()> {
    for (w, way) in city.ways.iter().enumerate().filter(|(_, w)| w.is_generated) {
        let line = Geometry::MultiLineString(MultiLineString::new(vec![LineString::new(way.line.clone())]));
        sink.put(generated_row!("road", Some(line), source_ref: format!("mh:{}:{w}", ground.unit_code), name: way.name.clone(),
            class: way.class, width_m: (way.width_m * 10.0).round() / 10.0,
            right_of_way_m: (way.width_m * 2.0).round() / 2.0 + if way.is_alley { 0.5 } else { 0.0 },
            surface: if way.is_alley { "be_tong" } else { "nhua" }, one_way: false, bridge: false, tunnel: false, layer_order: 0_i64,
            managed_by: "Minh họa", unit_code: &ground.unit_code))?;
    }
    for (i, part) in ground.water.0.iter().enumerate() {
        let is_river = part.unsigned_area() > 100_000.0;
        let name = if is_river { "Sông Sài Gòn" } else { "Rạch (minh họa)" };
        sink.put(generated_row!("water_area", Some(Geometry::MultiPolygon(MultiPolygon::new(vec![part.clone()]))),
            source_ref: format!("mh:{}:{i}", ground.unit_code), name: name, kind: if is_river { "song" } else { "kenh" },
            managed_by: "Minh họa", illustrative: true))?;
    }
    Ok(())
}

fn prices(ground: &Ground, city: &City, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let mut streets: std::collections::BTreeMap<&String, (f64, Vec<LineString>)> = std::collections::BTreeMap::new();
    for way in city.ways.iter().filter(|w| !w.is_alley) {
        if let Some(name) = &way.name {
            let lines = geo::BooleanOps::clip(
                &ground.outline,
                &MultiLineString::new(vec![LineString::new(way.line.clone())]),
                false,
            );
            let entry = streets.entry(name).or_insert((0.0, vec![]));
            entry.0 = entry.0.max(way.width_m);
            entry.1.extend(lines.0.into_iter().filter(|l| outline_length(&l.0) > 2.0));
        }
    }
    for (name, (width_m, lines)) in streets.into_iter().filter(|s| !s.1.1.is_empty()) {
        let first = ((width_m * 6.0 + rng.random_range(0.0..120.0)) as i64) * 1_000_000;
        sink.put(generated_row!("land_price", Some(Geometry::MultiLineString(MultiLineString::new(lines))),
            segment: format!("{name} ({})", ground.unit_name), year: 2026_i64, street: name, from_to: "Trọn đường", position_1: first,
            position_2: first / 2, position_3: first * 2 / 5, position_4: first * 32 / 100, land_use: "ODT",
            decision_number: "79/QĐ-UBND", unit_code: &ground.unit_code))?;
    }
    Ok(())
}

fn sites(ground: &Ground, city: &City, sink: &mut dyn Sink) -> Result<()> {
    for (b, block) in city.blocks.iter().enumerate() {
        if block.code == Some("DKV") && ring_area(&block.ring) > 1500.0 {
            let name = block.name.clone().unwrap_or_else(|| "Vườn hoa".into());
            sink.put(generated_row!("green_space", area(&block.ring), source_ref: format!("mh:{}:{b}", ground.unit_code), name: name,
                kind: if ring_area(&block.ring) > 8000.0 { "cong_vien" } else { "vuon_hoa" }, ownership: "cong_cong",
                area_m2: ring_area(&block.ring).round(), managed_by: "Minh họa"))?;
        }
    }
    for (i, (block, name)) in heritage(city).into_iter().enumerate() {
        sink.put(generated_row!("heritage_site", area(&block.ring), register_number: register_number(i), name: name, kind: "kien_truc",
            rank: if i % 3 == 2 { "quoc_gia" } else { "cap_tinh" }, protection_zone: "Khu vực bảo vệ I (minh họa)"))?;
    }
    Ok(())
}

/// Blocks that are ranked as heritage, with their names: institutions, churches, theatres and schools.
pub fn heritage(city: &City) -> Vec<(&Block, &str)> {
    let ranked = city.blocks.iter().filter(|b| matches!(b.code, Some("TON" | "DVH" | "TSC" | "DGD")));
    ranked.filter_map(|block| Some((block, block.name.as_deref()?))).take(12).collect()
}

/// The number in the register of the heritage site at this place of [`heritage`].
pub fn register_number(index: usize) -> String {
    format!("DT-MH-{:03}", index + 1)
}
