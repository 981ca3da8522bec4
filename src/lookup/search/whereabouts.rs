//! In which unit a result lies: tells six communes of one name apart.

use std::collections::{BTreeMap, BTreeSet};

use dothi_tiles::LngLatBox;
use geo::{Intersects as _, Point};

use super::{
    super::{
        answer::Bilingual,
        view::{Seen, View},
        words::unit_en,
    },
    MOST,
    fold::fold,
    found::{Found, Kind},
    rank::Scored,
};

/// Levels of `admin_unit`.
const PROVINCE: i64 = 1;
const COMMUNE: i64 = 2;

/// Adds the province to communes, and the commune to streets, and to addresses and plots without an old one.
pub fn say(view: View<'_>, results: &mut [Found]) {
    let provinces =
        if results.iter().any(|one| one.kind == Kind::AdminUnit) { provinces(view) } else { BTreeMap::new() };
    for result in results {
        let unit = match result.kind {
            Kind::AdminUnit => province_of(view, result, &provinces),
            Kind::Street | Kind::Address | Kind::Parcel if result.layer_is_all_that_is_said(view) => {
                commune_at(view, Point::new(result.lon, result.lat))
            }
            _ => None,
        };
        if let Some(unit) = unit {
            result.subtitle = Bilingual::new(
                format!("{}, {unit}", result.subtitle.vi),
                format!("{}, {}", result.subtitle.en, unit_en(&unit)),
            );
        }
    }
}

/// Those of the results that lie in what the words name.
pub fn within(view: View<'_>, mut found: Vec<Scored>, words: &str) -> Vec<Scored> {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(MOST);
    let wanted: Vec<&str> = words.split(' ').collect();
    // Said of all at once: who says it looks the provinces up.
    let mut told: Vec<Found> = found.iter().map(|(_, one)| one.clone()).collect();
    say(view, &mut told);
    let fits = |told: &Found| {
        let context = fold(&format!("{} {}", told.title, told.subtitle.vi));
        wanted.iter().all(|word| context.split(' ').any(|other| other == *word))
    };
    found.into_iter().zip(told).filter(|(_, told)| fits(told)).map(|(scored, _)| scored).collect()
}

/// Units of today by code.
pub fn units(view: View<'_>, codes: &BTreeSet<&str>) -> BTreeMap<String, Seen> {
    let Some(layer) = view.layer("admin_unit").filter(|_| !codes.is_empty()) else { return BTreeMap::new() };
    let world = LngLatBox::new(-180.0, -90.0, 180.0, 90.0);
    let Some(code_at) = layer.schema().index_of("code") else { return BTreeMap::new() };
    let all = layer.intersecting(world, view.audience, view.date).into_iter();
    let wanted = all.filter(|feature| layer.value(feature, code_at).as_text().is_some_and(|code| codes.contains(code)));
    let seen = wanted.map(|feature| view.see(&layer, feature));
    seen.filter_map(|unit| Some((unit.text("code")?, unit))).collect()
}

/// Names of provinces by code.
fn provinces(view: View<'_>) -> BTreeMap<String, String> {
    let Some(layer) = view.layer("admin_unit") else { return BTreeMap::new() };
    let seen = layer.all().into_iter().map(|feature| view.see(&layer, feature));
    seen.filter(|unit| unit.int("level") == Some(PROVINCE))
        .filter_map(|unit| Some((unit.text("code")?, unit.text("name")?)))
        .collect()
}

fn province_of(view: View<'_>, found: &Found, provinces: &BTreeMap<String, String>) -> Option<String> {
    let unit = view.by_id("admin_unit", found.id?)?;
    if unit.int("level") != Some(COMMUNE) {
        return None;
    }
    unit.text("province_code").or_else(|| unit.text("parent_code")).and_then(|code| provinces.get(&code).cloned())
}

/// The commune at a point. Provinces have long borders, so they are set aside before any shape is looked at.
fn commune_at(view: View<'_>, at: Point<f64>) -> Option<String> {
    let layer = view.layer("admin_unit")?;
    let bounds = LngLatBox::new(at.x(), at.y(), at.x(), at.y());
    let near = layer.intersecting(bounds, view.audience, view.date).into_iter();
    let mut communes: Vec<Seen> =
        near.map(|feature| view.see(&layer, feature)).filter(|unit| unit.int("level") == Some(COMMUNE)).collect();
    communes.retain(|unit| unit.feature.geometry().intersects(&at));
    communes.first()?.text("name")
}
