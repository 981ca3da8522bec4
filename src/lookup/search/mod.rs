//! Finding a place by what people call it: parcels, addresses, streets, places, units of today and of before, coordinates.
//!
//! All of it is answered from memory, so it works while the database is away. What a text was read as is told with the
//! results: a plot number is never taken for an address, and what does not exist is said not to.

pub mod coordinates;
pub mod fold;
pub mod former;
mod found;
pub mod house_number;
pub mod index;
pub mod parcel_number;
mod rank;
mod same;
mod short;
mod table;
mod whereabouts;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dothi_tiles::Feature;
use geo::Point;
use serde::Serialize;
use utoipa::ToSchema;

pub use found::{Found, Kind};
pub use index::SearchIndex;

use self::{
    fold::fold,
    found::{Former, of_coordinates, of_former, of_seen},
    house_number::HouseNumber,
    index::Proposed,
    parcel_number::ParcelNumber,
    rank::{Here, Scored},
};
use super::{answer::Bilingual, view::View};

/// Results in one answer.
pub const MOST: usize = 30;
/// Letters of a question that are read.
const LONGEST: usize = 200;
/// House numbers that are offered where the one that was asked for does not exist.
const NEIGHBOURS: usize = 5;

/// What the text was read as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Understood {
    /// A position.
    Coordinates,
    /// A plot by its numbers: only plots are answered.
    Parcel {
        /// Map sheet, if it was named.
        sheet: Option<String>,
        /// Number on the sheet.
        number: String,
    },
    /// A house number.
    HouseNumber {
        /// The number with its alleys, such as `12/5`.
        number: String,
        /// What stood behind it, in plain letters.
        street: Option<String>,
    },
    /// A name, or words of one.
    Name,
}

/// What a search answers.
#[derive(Clone, Debug)]
pub struct Search {
    /// What the text was read as; none where there is no text.
    pub understood: Option<Understood>,
    /// What to know of all results, such as that exactly this does not exist.
    pub note: Option<Bilingual>,
    /// The best first.
    pub results: Vec<Found>,
    /// There were more than are told.
    pub more: bool,
}

/// Finds what the text names; nearer results come first among equals.
pub fn search(view: View<'_>, index: &SearchIndex, text: &str, near: Option<Point<f64>>) -> Search {
    let text: String = text.trim().chars().take(LONGEST).collect();
    let here = Here::of(view, near);
    if let Some(read) = coordinates::parse(&text, here.centre(), view.catalog.place().legal_srid) {
        let results = vec![of_coordinates(&read)];
        return Search { understood: Some(Understood::Coordinates), note: None, results, more: false };
    }
    if let Some(why) = coordinates::no_place(&text) {
        return Search { understood: Some(Understood::Coordinates), note: Some(why), results: Vec::new(), more: false };
    }
    let text = short::written_out(&text);
    let folded = fold(&text);
    if folded.is_empty() {
        return Search { understood: None, note: None, results: Vec::new(), more: false };
    }
    let mut more = false;
    let (understood, note, mut found) = if let Some(number) = ParcelNumber::parse(&text) {
        let (found, cut) = parcels(view, index, &number, &here);
        more = cut;
        by_parcel(index, view.layer("parcel").is_some_and(|layer| layer.len() > 0), number, found)
    } else if let Some(number) = HouseNumber::parse(&text) {
        by_house_and_where(view, index, &text, number, &here)
    } else {
        (Understood::Name, None, by_name(view, index, &text, &folded))
    };
    here.sort(&mut found);
    let (mut results, cut) = same::told_once(found.into_iter().map(|(_, found)| found), MOST);
    whereabouts::say(view, &mut results);
    Search { understood: Some(understood), note, results, more: more || cut }
}

/// Plots and nothing else: an address that happens to hold the same numbers is another place.
fn by_parcel(
    index: &SearchIndex,
    has_plots: bool,
    asked: ParcelNumber,
    found: Vec<Scored>,
) -> (Understood, Option<Bilingual>, Vec<Scored>) {
    let note = if found.is_empty() && !has_plots {
        Some(Bilingual::new(
            "Hiện không có thửa đất nào trong dữ liệu này (chưa nhập, đang đọc hoặc đã ngưng lớp), nên chưa tra được số thửa.",
            "These data hold no plots now (not imported, being read, or the layer is retired), so plot numbers cannot be looked up.",
        ))
    } else if found.is_empty() {
        Some(no_such_parcel(&asked, asked.sheet.as_deref().is_some_and(|sheet| index.has_sheet(sheet))))
    } else if !asked.rest.is_empty() && found.iter().all(|(score, _)| *score < NAMED) {
        Some(Bilingual::new(
            "Không rõ nơi đã ghi: dưới đây là mọi thửa mang số này trong dữ liệu.",
            "The place that was named is not clear: these are all plots with this number in the data.",
        ))
    } else {
        None
    };
    (Understood::Parcel { sheet: asked.sheet, number: asked.number }, note, found)
}

fn no_such_parcel(asked: &ParcelNumber, has_sheet: bool) -> Bilingual {
    let number = &asked.number;
    match &asked.sheet {
        Some(sheet) if has_sheet => Bilingual::new(
            format!("Không có thửa {number} trên tờ {sheet} trong dữ liệu này."),
            format!("These data have no plot {number} on sheet {sheet}."),
        ),
        Some(sheet) => Bilingual::new(
            format!("Không có thửa {number}, tờ {sheet}: dữ liệu này không có tờ bản đồ số {sheet}."),
            format!("No plot {number} on sheet {sheet}: these data have no map sheet {sheet}."),
        ),
        None => Bilingual::new(
            format!("Không có thửa nào mang số {number} trong dữ liệu này."),
            format!("These data have no plot with the number {number}."),
        ),
    }
}

/// "12/3 Lê Lợi, phường Sài Gòn": what stands behind the comma says where, and no address has to hold those words.
fn by_house_and_where(
    view: View<'_>,
    index: &SearchIndex,
    text: &str,
    asked: HouseNumber,
    here: &Here,
) -> (Understood, Option<Bilingual>, Vec<Scored>) {
    let whole = by_house(view, index, &fold(text), asked, here);
    let is_answered = whole.1.is_none() && !whole.2.is_empty();
    let Some((head, tail)) = text.split_once(',').filter(|_| !is_answered) else { return whole };
    let Some(asked) = HouseNumber::parse(head) else { return whole };
    let (understood, note, found) = by_house(view, index, &fold(head), asked, here);
    let there = whereabouts::within(view, found.clone(), &fold(tail));
    (understood, note, if there.is_empty() { found } else { there })
}

/// From here on every word that was asked for stands in an address ([`rank::score`]).
const ALL_WORDS: f32 = 0.74;

/// Houses by their number, the nearest first; where there is no such house, its street and the numbers next to it.
fn by_house(
    view: View<'_>,
    index: &SearchIndex,
    folded: &str,
    asked: HouseNumber,
    here: &Here,
) -> (Understood, Option<Bilingual>, Vec<Scored>) {
    let HouseNumber { number, street } = asked;
    let words = if street.is_empty() { folded.to_owned() } else { format!("{number} {street}") };
    let mut found = by_words(view, index, &words);
    if street.is_empty() {
        found.extend(houses(view, index.houses(&number)));
    }
    // A house of that number in a street of a like name is another house.
    let exists = found.iter().any(|(score, found)| *score >= if found.kind == Kind::Address { ALL_WORDS } else { 0.9 });
    if !exists && street.is_empty() {
        let mut beside = houses(view, index.houses_beside(&number));
        beside.sort_by(|a, b| here.metres(&a.1).total_cmp(&here.metres(&b.1)));
        found.extend(beside.into_iter().take(NEIGHBOURS));
    } else if !exists {
        let (mut beside, others): (Vec<Scored>, Vec<Scored>) =
            by_words(view, index, &street).into_iter().partition(|(_, found)| found.kind == Kind::Address);
        beside.retain(|(score, _)| *score >= 0.7);
        beside.sort_by_key(|(_, found)| house_number::apart(&found.title, &number));
        let streets = others.into_iter().filter(|(score, found)| found.kind == Kind::Street && *score >= 0.85);
        found.extend(streets.map(|(_, street)| (0.95, street)));
        // In this order, whatever is nearer to the reader.
        let after = |(at, (_, house)): (usize, Scored)| (0.88 - 0.02 * at as f32, house);
        found.extend(beside.into_iter().take(NEIGHBOURS).enumerate().map(after));
    }
    // Where nothing comes close either, the words may have meant no house at all.
    let note = (!exists && (street.is_empty() || !found.is_empty())).then(|| no_such_house(&number, &street));
    let street = (!street.is_empty()).then_some(street);
    (Understood::HouseNumber { number, street }, note, found)
}

fn no_such_house(number: &str, street: &str) -> Bilingual {
    let hint_vi = "Tìm thửa đất thì viết: tờ 12 thửa 345.";
    let hint_en = "For a plot write: sheet 12 plot 345.";
    if street.is_empty() {
        Bilingual::new(
            format!("Không có số nhà {number} trong dữ liệu này. {hint_vi}"),
            format!("These data have no house number {number}. {hint_en}"),
        )
    } else {
        Bilingual::new(
            format!("Không có số nhà {number} ở đó trong dữ liệu này; dưới đây là những gì gần đúng."),
            format!("These data have no house number {number} there; what comes close is below."),
        )
    }
}

fn houses(view: View<'_>, ids: Vec<uuid::Uuid>) -> Vec<Scored> {
    let seen = ids.into_iter().filter_map(|id| view.by_id("address", id));
    seen.filter_map(|house| Some((0.96, of_seen(view, &house, Kind::Address)?))).collect()
}

/// By its words; "Lê Lợi, Hưng Yên" is Lê Lợi, of which those in Hưng Yên come first.
fn by_name(view: View<'_>, index: &SearchIndex, text: &str, folded: &str) -> Vec<Scored> {
    let mut found = by_words(view, index, folded);
    found.extend(former_units(view, index, folded));
    if let Some((head, tail)) = text.split_once(',') {
        let (head, tail) = (fold(head), fold(tail));
        if !head.is_empty() && !tail.is_empty() {
            let mut of_head = by_words(view, index, &head);
            of_head.extend(former_units(view, index, &head));
            found.extend(whereabouts::within(view, of_head, &tail));
        }
    }
    found
}

/// The score of a plot in the commune that was named too.
const NAMED: f32 = 3.0;

/// The parcels with that number: those of a commune that the text also names, then the nearest; and whether there are more.
///
/// A number such as "thửa 1" stands in every sheet of a province: boxes say what is near, and only what is told is looked into.
fn parcels(view: View<'_>, index: &SearchIndex, asked: &ParcelNumber, here: &Here) -> (Vec<Scored>, bool) {
    let Some(layer) = view.layer("parcel") else { return (Vec::new(), false) };
    let ids = index.parcels(asked.sheet.as_deref(), &asked.number).into_iter();
    let seen = ids.filter_map(|id| layer.by_id(id, view.date)).filter(|parcel| layer.sees(view.audience, parcel));
    let is_named = |parcel: &Arc<Feature>| {
        let commune = || view.see(&layer, Arc::clone(parcel)).text("former_unit_name").unwrap_or_default();
        asked.rest.is_empty() || names(&asked.rest, &fold(&commune()))
    };
    let mut all: Vec<(bool, f64, Arc<Feature>)> = seen
        .map(|parcel| {
            let middle = parcel.bounds();
            let middle = Point::new((middle.west + middle.east) / 2.0, (middle.south + middle.north) / 2.0);
            (is_named(&parcel), here.metres_to(middle), parcel)
        })
        .collect();
    all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.total_cmp(&b.1)));
    let more = all.len() > MOST;
    all.truncate(MOST);
    let told = all.into_iter().filter_map(|(named, _, parcel)| {
        let found = of_seen(view, &view.see(&layer, parcel), Kind::Parcel)?;
        Some((if named { NAMED } else { 2.0 }, found))
    });
    (told.collect(), more)
}

/// "phuong ben nghe quan 1" and "ben nghe" both name "phuong ben nghe".
fn names(rest: &str, commune: &str) -> bool {
    let bare = ["phuong ", "xa ", "thi tran "].iter().find_map(|kind| commune.strip_prefix(kind)).unwrap_or(commune);
    !bare.is_empty() && format!(" {rest} ").contains(&format!(" {bare} "))
}

fn by_words(view: View<'_>, index: &SearchIndex, folded: &str) -> Vec<Scored> {
    let mut best: Vec<(f32, Proposed)> = index
        .propose(folded, |layer| view.audience.sees(layer))
        .into_iter()
        .filter_map(|proposed| {
            let score = rank::score(view, folded, &proposed)?;
            Some((score * rank::weight(proposed.layer.as_str(), folded), proposed))
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

/// Old wards, districts and provinces by name, each leading to where it is today.
fn former_units(view: View<'_>, index: &SearchIndex, folded: &str) -> Vec<Scored> {
    let mut hits = former::each_with(view, &index.former, folded, |unit| {
        let score = former_score(folded, &unit);
        let known = Former {
            id: unit.id(),
            code: unit.text("code")?.to_owned(),
            name: unit.text("name")?.to_owned(),
            district: unit.text("district_name").map(str::to_owned),
            province: unit.text("province_name").map(str::to_owned),
        };
        (score >= 0.7).then_some((score, known))
    });
    hits.sort_by(|a, b| b.0.total_cmp(&a.0));
    hits.truncate(MOST);
    let after = former::units_after(view, &hits.iter().map(|(_, unit)| unit.code.clone()).collect());
    let units = whereabouts::units(view, &after.values().flatten().map(|(code, _)| code.as_str()).collect());
    let found = hits.into_iter().filter_map(|(score, unit)| {
        let today = after.get(&unit.code)?;
        let plots = view.sees("parcel", "commune_code").then(|| index.extent_of_commune(&unit.code)).flatten();
        // A name that is still in use stands for the unit of today first.
        Some((score * 0.96, of_former(unit, today, &units, plots)?))
    });
    found.chain(former_provinces(view, index, folded)).collect()
}

/// How well the words name an old unit: by its own name, or by that and its district. The district alone names the district.
fn former_score(folded: &str, unit: &former::Entity<'_>) -> f32 {
    let own: Vec<String> = ["name", "short_name"].iter().filter_map(|name| unit.text(name)).map(fold).collect();
    let by_name = own.iter().map(|name| rank::of_field(folded, name)).fold(0.0, f32::max);
    let Some((name, district)) = own.first().zip(unit.text("district_name")) else { return by_name };
    let bare = former::bare(name);
    let is_named = bare.split(' ').all(|word| folded.split(' ').any(|asked| asked == word));
    let district = fold(district);
    let whole = [format!("{name} {district}"), format!("{bare} {district}")];
    let by_whole = whole.iter().map(|whole| rank::of_field(folded, whole)).fold(0.0, f32::max);
    if is_named { by_name.max(by_whole) } else { by_name }
}

/// Provinces of before that are no more: known by the wards that named them, they lead to the province of those today.
fn former_provinces(view: View<'_>, index: &SearchIndex, folded: &str) -> Vec<Scored> {
    let mut named: BTreeMap<String, (f32, String, BTreeSet<String>)> = BTreeMap::new();
    former::each_with(view, &index.former, folded, |ward| {
        let (code, name) = (ward.text("province_code")?, ward.text("province_name")?);
        let whole = fold(name);
        let score = rank::of_field(folded, &whole).max(rank::of_field(folded, former::bare(&whole)));
        if score >= 0.9 {
            let known = named.entry(code.to_owned()).or_insert_with(|| (score, name.to_owned(), BTreeSet::new()));
            known.2.extend(ward.text("code").map(str::to_owned));
        }
        None::<()>
    });
    let found = named.into_values().filter_map(|(score, name, wards)| {
        let after = former::units_after(view, &wards);
        let communes: BTreeSet<&str> = after.values().flatten().map(|(code, _)| code.as_str()).collect();
        let communes = whereabouts::units(view, &communes);
        let mut provinces: BTreeMap<String, usize> = BTreeMap::new();
        for parent in communes.values().filter_map(|commune| commune.text("parent_code")) {
            *provinces.entry(parent).or_default() += 1;
        }
        let (today, _) = provinces.into_iter().max_by_key(|(_, communes)| *communes)?;
        let province = whereabouts::units(view, &BTreeSet::from([today.as_str()])).remove(&today)?;
        let of_today = province.text("name")?;
        // One that goes on under its name is found as itself.
        (fold(&of_today) != fold(&name))
            .then(|| found::of_former_province(&name, &of_today, communes.values()))?
            .map(|found| (score * 0.96, found))
    });
    found.collect()
}
