//! Which result comes first: how well the words fit, what kind of thing it is, and how far away.

use dothi_tiles::LngLatBox;
use geo::{Distance as _, Haversine, Point};

use super::{
    super::view::View,
    fold::{grams, similarity},
    found::Found,
    index::Proposed,
    same,
};

/// Something found, and how well it answers, 0 to 1 (plots that were named by number stand above).
pub type Scored = (f32, Found);

/// From here on a result is what was asked for, and what only resembles it is left out.
const EXACT: f32 = 0.9;
/// How far below an exact result others may stand.
const RESEMBLES: f32 = 0.82;
/// What is farther from the place than this is "elsewhere".
const NEAR_M: f64 = 15_000.0;
/// What "elsewhere" costs: less than lies between a whole name and a part of one, so that a name that only exists far
/// away is still found before a nearby part of a name, and a street of that name here is found before a commune there.
const ELSEWHERE: f32 = 0.04;

/// Where the reader stands: around the position that was given, or in the place that is served.
pub struct Here {
    centre: Option<Point<f64>>,
    bounds: Option<LngLatBox>,
}

impl Here {
    /// The position that was given, else the place.
    pub fn of(view: View<'_>, near: Option<Point<f64>>) -> Self {
        let place = view.catalog.place();
        let bounds = place.bounds.map(|[west, south, east, north]| LngLatBox::new(west, south, east, north));
        let middle = bounds.map(|b| Point::new((b.west + b.east) / 2.0, (b.south + b.north) / 2.0));
        let own = place.centre.map(|[lon, lat]| Point::new(lon, lat)).or(middle);
        Self { centre: near.or(own), bounds: if near.is_none() { bounds } else { None } }
    }

    /// Where distances begin.
    pub fn centre(&self) -> Option<Point<f64>> {
        self.centre
    }

    /// Metres, good enough to order by.
    pub fn metres(&self, found: &Found) -> f64 {
        self.metres_to(Point::new(found.lon, found.lat))
    }

    /// Metres to a point.
    pub fn metres_to(&self, there: Point<f64>) -> f64 {
        self.centre.map_or(0.0, |at| Haversine.distance(at, there))
    }

    fn is_elsewhere(&self, found: &Found) -> bool {
        let inside = |b: &LngLatBox| (b.west..=b.east).contains(&found.lon) && (b.south..=b.north).contains(&found.lat);
        !self.bounds.as_ref().is_some_and(inside) && self.metres(found) > NEAR_M
    }

    /// The best first; of those that answer as well, the nearest. What only resembles goes where something fits.
    pub fn sort(&self, found: &mut Vec<Scored>) {
        for (score, found) in found.iter_mut() {
            if self.is_elsewhere(found) {
                *score -= ELSEWHERE;
            }
        }
        let best = found.iter().map(|(score, _)| *score).fold(0.0, f32::max);
        if best >= EXACT {
            found.retain(|(score, _)| *score >= RESEMBLES * best.min(1.0));
        }
        found.sort_by(|a, b| {
            // Scores in steps of a fiftieth: within one step the nearer comes first.
            let step = |score: f32| (score * 50.0).round() as i32;
            step(b.0)
                .cmp(&step(a.0))
                .then_with(|| self.metres(&a.1).total_cmp(&self.metres(&b.1)))
                .then_with(|| a.1.title.cmp(&b.1.title))
        });
    }
}

/// Attributes that say where a thing is, not what it is called.
fn is_context(attribute: &str) -> bool {
    matches!(attribute, "street" | "address" | "former_unit_name")
}

/// What a match in such an attribute counts.
const CONTEXT: f32 = 0.8;

/// How well the words fit, 0 to 1; none when they do not. Fields that the audience does not see count for nothing.
pub fn score(view: View<'_>, folded: &str, proposed: &Proposed) -> Option<f32> {
    let access = view.audience.access(&proposed.layer)?;
    let seen: Vec<(&str, &str)> = proposed
        .fields
        .iter()
        .filter(|(name, _)| access.attributes.as_ref().is_none_or(|set| set.contains(name)))
        .map(|(name, text)| (&**name, &**text))
        .collect();
    // "Đường Lê Lợi" and "Lê Lợi" are one street.
    let on_street = matches!(proposed.layer.as_str(), "road" | "address");
    let plain = |text: &str| if on_street { same::bare_street(text) } else { text.to_owned() };
    let asked = plain(folded);
    let of =
        |(name, text): &(&str, &str)| of_field(&asked, &plain(text)) * if is_context(name) { CONTEXT } else { 1.0 };
    let best = seen.iter().map(of).fold(0.0, f32::max);
    let all = plain(&seen.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" "));
    let only_where = seen.iter().all(|(name, text)| is_context(name) || of_words(&asked, &plain(text)) == 0.0);
    let score = best.max(of_words(&asked, &all) * if only_where { 0.9 * CONTEXT } else { 0.9 });
    (score >= 0.4).then_some(score)
}

/// One field against the question.
pub fn of_field(asked: &str, field: &str) -> f32 {
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

pub fn weight(layer: &str, folded: &str) -> f32 {
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
