//! Finding a place by what people call it: parcels, addresses, streets, places, units of today and of before, coordinates.
//!
//! All of it is answered from memory, so it works while the database is away.

pub mod coordinates;
pub mod fold;
pub mod former;
mod found;
pub mod index;
pub mod parcel_number;

use std::collections::BTreeSet;

use geo::Point;

pub use found::{Found, Kind};
pub use index::SearchIndex;

use self::{
    fold::{fold, grams, similarity},
    found::{of_coordinates, of_former, of_seen},
    index::Proposed,
    parcel_number::ParcelNumber,
};
use super::view::View;

/// Results in one answer.
pub const MOST: usize = 30;
/// Letters of a question that are read.
const LONGEST: usize = 200;

/// Finds what the text names; nearer results come first among equals.
pub fn search(view: View<'_>, index: &SearchIndex, text: &str, near: Option<Point<f64>>) -> Vec<Found> {
    let text: String = text.trim().chars().take(LONGEST).collect();
    let place = view.catalog.place();
    let centre = near.or(place.centre.map(|[lon, lat]| Point::new(lon, lat)));
    if let Some(read) = coordinates::parse(&text, centre, place.legal_srid) {
        return vec![of_coordinates(&read)];
    }
    let folded = fold(&text);
    if folded.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(f32, Found)> = Vec::new();
    if let Some(number) = ParcelNumber::parse(&text) {
        found.extend(parcels(view, index, &number));
    }
    found.extend(by_words(view, index, &folded));
    found.extend(former_units(view, &folded));
    let distance = |found: &Found| centre.map_or(0.0, |at| (found.lon - at.x()).hypot(found.lat - at.y()));
    found.sort_by(|a, b| {
        // Scores in steps of a fiftieth: within one step the nearer comes first.
        let step = |score: f32| (score * 50.0).round() as i32;
        step(b.0)
            .cmp(&step(a.0))
            .then_with(|| distance(&a.1).total_cmp(&distance(&b.1)))
            .then_with(|| a.1.title.cmp(&b.1.title))
    });
    // A street is many segments, and an old name may have led here twice: each is told once.
    let mut told = BTreeSet::new();
    found.retain(|(_, found)| told.insert(found.sameness()));
    found.into_iter().map(|(_, found)| found).take(MOST).collect()
}

/// Every parcel with that number; those of a commune that the text also names come first.
fn parcels(view: View<'_>, index: &SearchIndex, asked: &ParcelNumber) -> Vec<(f32, Found)> {
    let ids = index.parcels(asked.sheet.as_deref(), &asked.number);
    let seen = ids.into_iter().filter_map(|id| view.by_id("parcel", id));
    let mut found: Vec<(f32, Found)> = seen
        .filter_map(|parcel| {
            let commune = fold(&parcel.text("former_unit_name").unwrap_or_default());
            let named = asked.rest.is_empty()
                || asked.rest.split(' ').all(|word| commune.split(' ').any(|other| other == word));
            Some((if named { 3.0 } else { 2.0 }, of_seen(view, &parcel, Kind::Parcel)?))
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(MOST);
    found
}

fn by_words(view: View<'_>, index: &SearchIndex, folded: &str) -> Vec<(f32, Found)> {
    let mut best: Vec<(f32, Proposed)> = index
        .propose(folded, |layer| view.audience.sees(layer))
        .into_iter()
        .filter_map(|proposed| {
            let score = score(view, folded, &proposed)?;
            Some((score * weight(proposed.layer.as_str(), folded), proposed))
        })
        .collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    best.truncate(4 * MOST);
    let resolved = best.into_iter().filter_map(|(score, proposed)| {
        let seen = view.by_id(proposed.layer.as_str(), proposed.id)?;
        Some((score, of_seen(view, &seen, Kind::of_layer(proposed.layer.as_str()))?))
    });
    resolved.collect()
}

/// How well the words fit, 0 to 1; none when they do not. Fields that the audience does not see count for nothing.
fn score(view: View<'_>, folded: &str, proposed: &Proposed) -> Option<f32> {
    let access = view.audience.access(&proposed.layer)?;
    let seen: Vec<&str> = proposed
        .fields
        .iter()
        .filter(|(name, _)| access.attributes.as_ref().is_none_or(|set| set.contains(name)))
        .map(|(_, text)| &**text)
        .collect();
    let best = seen.iter().map(|field| of_field(folded, field)).fold(0.0, f32::max);
    let all = seen.join(" ");
    let score = best.max(of_words(folded, &all) * 0.9);
    (score >= 0.4).then_some(score)
}

/// One field against the question.
fn of_field(asked: &str, field: &str) -> f32 {
    if field == asked {
        1.0
    } else if field.strip_prefix(asked).is_some_and(|rest| rest.starts_with(' ')) {
        0.95
    } else if field.strip_suffix(asked).is_some_and(|rest| rest.ends_with(' ')) {
        0.93
    } else if field.starts_with(asked) {
        0.9
    } else {
        of_words(asked, field) * 0.88
    }
}

/// Every word of the question has to stand there (the last one may be begun only); else how alike the letters are.
fn of_words(asked: &str, field: &str) -> f32 {
    let words: Vec<&str> = field.split(' ').collect();
    let wanted: Vec<&str> = asked.split(' ').collect();
    let last = wanted.len() - 1;
    let stands = |(at, wanted): (usize, &&str)| {
        let is_number = wanted.starts_with(|c: char| c.is_ascii_digit());
        words.iter().any(|word| word == wanted || (at == last && !is_number && word.starts_with(*wanted)))
    };
    let standing = wanted.iter().enumerate().filter(|one| stands(*one)).count();
    if standing == wanted.len() {
        let share = asked.len() as f32 / field.len().max(1) as f32;
        return 0.85 + 0.1 * share.min(1.0);
    }
    // A house number that does not stand there is another house.
    let numbers_stand =
        wanted.iter().enumerate().filter(|(_, w)| w.starts_with(|c: char| c.is_ascii_digit())).all(stands);
    if !numbers_stand {
        return 0.0;
    }
    let alike = similarity(&grams(asked), &grams(field));
    if alike >= 0.35 { 0.4 + alike * 0.4 } else { 0.0 }
}

fn weight(layer: &str, folded: &str) -> f32 {
    let begins_with_number = folded.starts_with(|c: char| c.is_ascii_digit());
    match layer {
        "address" => {
            if begins_with_number {
                1.0
            } else {
                0.8
            }
        }
        "admin_unit" | "parcel" => 1.0,
        "road" => {
            if begins_with_number {
                0.7
            } else {
                0.98
            }
        }
        "place" | "heritage_site" => 0.97,
        "green_space" | "water_area" | "building" | "plan" => 0.92,
        _ => 0.85,
    }
}

/// Old wards and districts by name, each leading to where it is today.
fn former_units(view: View<'_>, folded: &str) -> Vec<(f32, Found)> {
    let hits = former::each(view, "admin_unit_former", |unit| {
        let names = ["name", "short_name"].iter().filter_map(|name| unit.text(name)).map(fold);
        let full =
            unit.text("name").map(|name| fold(&format!("{name} {}", unit.text("district_name").unwrap_or_default())));
        let score = names.chain(full).map(|name| of_field(folded, &name)).fold(0.0, f32::max);
        let code = unit.text("code")?.to_owned();
        let told = (
            unit.id(),
            unit.text("name")?.to_owned(),
            unit.text("district_name").map(str::to_owned),
            unit.text("province_name").map(str::to_owned),
        );
        (score >= 0.7).then_some((score, code, told))
    });
    let mut hits = hits;
    hits.sort_by(|a, b| b.0.total_cmp(&a.0));
    hits.truncate(MOST);
    hits.into_iter()
        .filter_map(|(score, code, (id, name, district, province))| {
            let today = former::units_after(view, &code);
            // A name that is still in use stands for the unit of today first.
            Some((score * 0.96, of_former(view, id, &name, district.as_deref(), province.as_deref(), &today)?))
        })
        .collect()
}
