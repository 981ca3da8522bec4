//! One result a spot: a street is many segments, and a market is a place, a building and an address.

use std::collections::HashMap;

use geo::{Distance as _, Haversine, Point};
use uuid::Uuid;

use super::{
    super::answer::Bilingual,
    fold::fold,
    found::{Found, Kind},
};

/// Two things of one name this near each other are one.
const ONE_SPOT_M: f64 = 80.0;
/// Segments of one name this near each other are one street.
const ONE_STREET_M: f64 = 4_000.0;
/// Features of one name and layer that are told, such as trees of one species.
const OF_ONE_NAME: usize = 3;

/// Folded text without the word that only says "street": "Đường Lê Lợi" is "Lê Lợi", but "Đường số 13" stays.
pub fn bare_street(folded: &str) -> String {
    let words: Vec<&str> = folded.split(' ').collect();
    let is_street = |at: usize| {
        let next = words.get(at + 1);
        matches!(words[at], "duong" | "pho")
            && next.is_some_and(|next| *next != "so" && !next.starts_with(char::is_numeric))
    };
    // Only in front, or behind a number: "Thành phố" ends with one of these words too.
    let in_front = |at: usize| at == 0 || words[at - 1].starts_with(|c: char| c.is_ascii_digit());
    let kept: Vec<&str> =
        (0..words.len()).filter(|at| !(in_front(*at) && is_street(*at))).map(|at| words[at]).collect();
    kept.join(" ")
}

/// Each once, at most `most`, and whether there were more; what is dropped adds what it knows to what stays.
pub fn told_once(found: impl Iterator<Item = Found>, most: usize) -> (Vec<Found>, bool) {
    let mut more = false;
    let mut told: Vec<(Key, Found)> = Vec::new();
    let mut of_one_name: HashMap<(Option<String>, String), usize> = HashMap::new();
    for found in found {
        let key = Key::of(&found);
        if let Some((_, same)) = told.iter_mut().find(|(other, earlier)| other.is_same(earlier, &key, &found)) {
            take_over(same, &found);
            continue;
        }
        if found.kind == Kind::Feature {
            let count = of_one_name.entry((found.layer.clone(), key.names[0].clone())).or_default();
            *count += 1;
            if *count > OF_ONE_NAME {
                continue;
            }
        }
        if told.len() == most {
            more = true;
            break;
        }
        told.push((key, found));
    }
    (told.into_iter().map(|(_, found)| found).collect(), more)
}

/// What tells one result from another.
struct Key {
    id: Option<Uuid>,
    /// Folded names it goes by, its title first.
    names: Vec<String>,
}

impl Key {
    fn of(found: &Found) -> Self {
        let title = fold(&found.title);
        let mut names = match found.kind {
            Kind::Street => vec![bare_street(&title)],
            // "25 Lê Thánh Tôn" and "25 Lê Thánh Tôn, Phường Sài Gòn" are one house.
            Kind::Address => vec![bare_street(&fold(found.title.split(',').next().unwrap_or_default()))],
            _ => vec![title],
        };
        names.extend(found.house.as_deref().map(fold).filter(|name| !name.is_empty()));
        Self { id: found.id, names }
    }

    fn is_same(&self, earlier: &Found, key: &Self, found: &Found) -> bool {
        let metres = || Haversine.distance(Point::new(earlier.lon, earlier.lat), Point::new(found.lon, found.lat));
        let named_alike = || self.names.iter().any(|name| key.names.contains(name));
        match (earlier.kind, found.kind) {
            _ if self.id.is_some() && self.id == key.id => true,
            (Kind::Street, Kind::Street) => named_alike() && metres() < ONE_STREET_M,
            _ if is_spot(earlier) && is_spot(found) => named_alike() && metres() < ONE_SPOT_M,
            _ => false,
        }
    }
}

/// Kinds that may show one and the same house.
fn is_spot(found: &Found) -> bool {
    matches!(found.kind, Kind::Place | Kind::Address)
        || matches!(found.layer.as_deref(), Some("building" | "green_space" | "water_area" | "power_station"))
}

fn take_over(stays: &mut Found, goes: &Found) {
    if stays.kind == Kind::Street {
        stays.bbox = match (stays.bbox, goes.bbox) {
            (Some(a), Some(b)) => Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]),
            (one, other) => one.or(other),
        };
    }
    // The market's house number stands under its name.
    if goes.kind == Kind::Address && stays.kind != Kind::Address && !stays.subtitle.vi.contains(&goes.title) {
        stays.subtitle = Bilingual::new(
            format!("{}, {}", stays.subtitle.vi, goes.title),
            format!("{}, {}", stays.subtitle.en, goes.title),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_for_street_makes_no_other_street() {
        for (text, bare) in [
            ("duong le loi", "le loi"),
            ("le loi", "le loi"),
            ("12 duong le loi", "12 le loi"),
            ("duong so 13", "duong so 13"),
            ("duong 3 thang 2", "duong 3 thang 2"),
            ("thanh pho ho chi minh", "thanh pho ho chi minh"),
            ("duong", "duong"),
        ] {
            assert_eq!(bare_street(text), bare);
        }
    }
}
