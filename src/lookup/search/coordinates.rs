//! Coordinates that somebody typed or pasted: WGS 84 in degrees, or VN-2000 in metres.

use dothi_import::crs;
use geo::Point;

use crate::bilingual::Bilingual;

/// Why a text of numbers that [`parse`] does not read is no place; none for a text that may be something else.
pub fn no_place(text: &str) -> Option<Bilingual> {
    let text = text.trim();
    let decimals = text.rsplit_once(['.', ',']).map_or("", |(_, decimals)| decimals);
    let is_one_number = text.matches(['.', ',']).count() == 1
        && decimals.len() >= 3
        && text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit() || b".,".contains(&byte));
    if is_one_number {
        return Some(Bilingual::new(
            "Mới có một số: tọa độ gồm hai số, ví dụ 10.7769, 106.7009 hoặc X 1191000 Y 603000.",
            "This is one number: coordinates are two, such as 10.7769, 106.7009 or X 1191000 Y 603000.",
        ));
    }
    let Numbers { values, .. } = numbers(text).filter(|_| text.len() <= 120)?;
    let is_position =
        values.iter().any(|value| value.fract() != 0.0 || value.abs() >= 100_000.0) || values == [0.0, 0.0];
    is_position.then(|| {
        Bilingual::new(
            "Hai số này không phải một vị trí trên bản đồ: vĩ độ, kinh độ như 10.7769, 106.7009, hoặc X (bắc), Y (đông) của VN-2000.",
            "These two numbers are no place on the map: latitude, longitude such as 10.7769, 106.7009, or X (north), Y (east) of VN-2000.",
        )
    })
}

/// How a position was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Written {
    /// Degrees of WGS 84.
    Wgs84,
    /// Metres of a VN-2000 zone; whether X and Y stood the other way round than on Vietnamese papers.
    Vn2000 {
        /// EPSG code of the zone.
        srid: i32,
        /// Northing and easting had changed places (X named for the easting).
        swapped: bool,
    },
}

/// A position, lon/lat, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coordinates {
    /// Lon/lat.
    pub at: Point<f64>,
    /// How it was written.
    pub written: Written,
}

/// Reads coordinates; `centre` decides where the order could be either, `legal_srid` is the zone of the place.
pub fn parse(text: &str, centre: Option<Point<f64>>, legal_srid: Option<i32>) -> Option<Coordinates> {
    if text.len() > 120 {
        return None;
    }
    if let Some(at) = sexagesimal(text) {
        return Some(Coordinates { at, written: Written::Wgs84 });
    }
    let Numbers { values, named_north_first } = numbers(text)?;
    metres(values, named_north_first, legal_srid).or_else(|| degrees(values, centre))
}

/// Two numbers, and whether letters said which one is which.
struct Numbers {
    values: [f64; 2],
    /// `Some(true)` for "X … Y …" (X is the northing on Vietnamese papers), `Some(false)` for "Y … X …".
    named_north_first: Option<bool>,
}

/// Only numbers, separators and the names of axes may stand there: "12 Lê Lợi" is an address.
fn numbers(text: &str) -> Option<Numbers> {
    let text = text.trim().trim_matches(['(', ')', '[', ']']);
    let lower = text.to_lowercase();
    let mut clean = String::with_capacity(lower.len());
    let mut names = String::new();
    for word in lower.split_inclusive([' ', ',', ';', ':', '=']) {
        let bare = word.trim_end_matches([' ', ',', ';', ':', '=']);
        match bare {
            "x" | "y" | "n" | "e" => {
                names.push_str(bare);
                clean.push(' ');
            }
            "vn" | "vn-2000" | "vn2000" | "wgs84" | "wgs" | "lat" | "lon" | "lng" | "m" => clean.push(' '),
            _ => clean.push_str(word),
        }
    }
    let clean = clean.replace([':', '=', ';'], " ");
    let values = split_numbers(&clean)?;
    let named_north_first = match names.as_str() {
        "xy" | "ne" => Some(true),
        "yx" | "en" => Some(false),
        "" => None,
        _ => return None,
    };
    Some(Numbers { values, named_north_first })
}

/// A comma parts the numbers, or is the decimal mark: the rest of the text says which.
fn split_numbers(text: &str) -> Option<[f64; 2]> {
    let text = text.trim().trim_matches(',').trim();
    let two = |parts: Vec<&str>, comma_is_decimal: bool| -> Option<[f64; 2]> {
        let parts: Vec<&str> =
            parts.into_iter().map(|part| part.trim().trim_end_matches(',')).filter(|part| !part.is_empty()).collect();
        let [a, b] = parts[..] else { return None };
        let number = |part: &str| -> Option<f64> {
            let part = if comma_is_decimal { part.replace(',', ".") } else { part.to_owned() };
            let plain = part.bytes().all(|byte| byte.is_ascii_digit() || b".-+".contains(&byte));
            if plain { part.parse().ok().filter(|value: &f64| value.is_finite()) } else { None }
        };
        Some([number(a)?, number(b)?])
    };
    let commas = text.matches(',').count();
    if commas == 1 && !text.contains(", ") && !text.contains(' ') || text.contains('.') {
        return two(text.split([',', ' ']).collect(), false);
    }
    two(text.split_whitespace().collect(), true)
}

/// Eastings and northings do not overlap in Việt Nam, so two numbers in metres say by themselves which is which.
fn metres(values: [f64; 2], named_north_first: Option<bool>, legal_srid: Option<i32>) -> Option<Coordinates> {
    let is_north = |value: f64| (880_000.0..2_620_000.0).contains(&value);
    let is_east = |value: f64| (200_000.0..880_000.0).contains(&value);
    let north_first = match values {
        [a, b] if is_north(a) && is_east(b) => true,
        [a, b] if is_east(a) && is_north(b) => false,
        _ => return None,
    };
    let srid = legal_srid?;
    let [north, east] = if north_first { values } else { [values[1], values[0]] };
    let (lon, lat) = crs::point_to_wgs84(srid, east, north).ok()?;
    let swapped = named_north_first.is_some_and(|named| named != north_first);
    Some(Coordinates { at: Point::new(lon, lat), written: Written::Vn2000 { srid, swapped } })
}

/// Latitude comes first, unless it cannot, or the other order lies at the place and this one does not.
fn degrees([a, b]: [f64; 2], centre: Option<Point<f64>>) -> Option<Coordinates> {
    let fits = |lat: f64, lon: f64| lat.abs() <= 90.0 && lon.abs() <= 180.0;
    let (lat_first, lon_first) = (Point::new(b, a), Point::new(a, b));
    let far = |at: Point<f64>| centre.map_or(0.0, |centre| (at.x() - centre.x()).hypot(at.y() - centre.y()));
    let at = match (fits(a, b), fits(b, a)) {
        (true, true) if far(lon_first) < 5.0 && far(lat_first) > 5.0 && centre.is_some() => lon_first,
        (true, _) => lat_first,
        (false, true) => lon_first,
        (false, false) => return None,
    };
    // Two small whole numbers are a house and an alley rather than a place in the ocean.
    let written_as_position = [a, b].iter().any(|value| value.fract() != 0.0);
    written_as_position.then_some(Coordinates { at, written: Written::Wgs84 })
}

/// `10°46'12"N 106°42'00"E`, with B/Đ (bắc, đông) as Vietnamese papers write.
fn sexagesimal(text: &str) -> Option<Point<f64>> {
    if !text.contains('°') {
        return None;
    }
    let (mut lat, mut lon) = (None, None);
    let mut numbers: Vec<f64> = Vec::new();
    let mut digits = String::new();
    let take = |digits: &mut String, numbers: &mut Vec<f64>| -> Option<()> {
        if !digits.is_empty() {
            numbers.push(digits.replace(',', ".").trim_end_matches('.').parse().ok()?);
            digits.clear();
        }
        Some(())
    };
    let finish = |numbers: &mut Vec<f64>| -> Option<f64> {
        let parts = std::mem::take(numbers);
        let [degrees, rest @ ..] = &parts[..] else { return None };
        let minutes_fit = rest.len() <= 2 && rest.iter().all(|part| (0.0..60.0).contains(part));
        minutes_fit.then(|| degrees + rest.first().unwrap_or(&0.0) / 60.0 + rest.get(1).unwrap_or(&0.0) / 3600.0)
    };
    for c in text.chars() {
        match c {
            '0'..='9' | '.' => digits.push(c),
            ',' if digits.is_empty() => {}
            ',' => digits.push(c),
            '°' | '\'' | '′' | '’' | '"' | '″' | '”' => take(&mut digits, &mut numbers)?,
            'N' | 'n' | 'B' | 'b' | 'S' | 's' => {
                take(&mut digits, &mut numbers)?;
                let value = finish(&mut numbers)?;
                lat = Some(if matches!(c, 'S' | 's') { -value } else { value });
            }
            'E' | 'e' | 'Đ' | 'đ' | 'W' | 'w' => {
                take(&mut digits, &mut numbers)?;
                let value = finish(&mut numbers)?;
                lon = Some(if matches!(c, 'W' | 'w') { -value } else { value });
            }
            c if c.is_whitespace() || c == ';' => {}
            _ => return None,
        }
    }
    let (lat, lon) = (lat?, lon?);
    (lat.abs() <= 90.0 && lon.abs() <= 180.0).then(|| Point::new(lon, lat))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CENTRE: Option<Point<f64>> = Some(Point(geo::Coord { x: 106.7, y: 10.77 }));

    fn read(text: &str) -> Option<Coordinates> {
        parse(text, CENTRE, Some(9210))
    }

    #[test]
    fn degrees_read_as_people_write_them() {
        for text in [
            "10.77, 106.70",
            "10.77 106.70",
            "106.70, 10.77",
            "10,77 106,70",
            "10,77, 106,70",
            "(10.77; 106.70)",
            "10.77,106.70",
            "lat 10.77 lon 106.70",
        ] {
            let read = read(text).unwrap_or_else(|| panic!("{text}"));
            assert!((read.at.x() - 106.7).abs() < 1e-9 && (read.at.y() - 10.77).abs() < 1e-9, "{text}: {read:?}");
            assert_eq!(read.written, Written::Wgs84);
        }
        for text in ["10°46'12\"N 106°42'00\"E", "10°46′12″B, 106°42′Đ", "10°46'12\" B 106°42' E"] {
            let read = read(text).unwrap_or_else(|| panic!("{text}"));
            assert!((read.at.x() - 106.7).abs() < 1e-9 && (read.at.y() - 10.77).abs() < 1e-9, "{text}: {read:?}");
        }
        let cambridge = Some(Point::new(-71.11, 42.37));
        for text in ["42.37, -71.11", "-71.11, 42.37"] {
            let read = parse(text, cambridge, None).unwrap();
            assert!((read.at.x() + 71.11).abs() < 1e-9, "{text}: {read:?}");
        }
    }

    #[test]
    fn metres_are_taken_by_their_size_and_a_swap_is_noticed() {
        for (text, swapped) in [
            ("1191000, 603000", false),
            ("603000 1191000", false),
            ("X 1191000 Y 603000", false),
            ("X=1191000; Y=603000", false),
            ("X 603000 Y 1191000", true),
            ("1191000,603000", false),
            ("Y: 603000 X: 1191000", false),
            ("1191000.00 603000.00", false),
        ] {
            let read = read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(read.written, Written::Vn2000 { srid: 9210, swapped }, "{text}");
            assert!(
                (read.at.x() - 106.693_584_094).abs() < 1e-8 && (read.at.y() - 10.768_403_658).abs() < 1e-8,
                "{text}"
            );
        }
        assert_eq!(parse("1191000, 603000", CENTRE, None), None, "without a zone, metres are no place");
    }

    #[test]
    fn what_is_no_position_is_none() {
        for text in [
            "",
            "12/3 Lê Lợi",
            "12 345",
            "tờ 12 thửa 345",
            "10.77",
            "95.5, 200.1",
            "10.77, 106.70, 3.0",
            "Bến Nghé",
            "°",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_place_are_said_to_be_none() {
        for text in ["10.7769", "106,700981", "-71.1117", "95.5, 200.1", "0,0", "0 0", "5191000 9603000"] {
            assert!(read(text).is_none() && no_place(text).is_some(), "{text}");
        }
        for text in ["12", "12.5", "12/3", "12 345", "Lê Lợi", "tờ 12 thửa 345", "10.77, 106.70, 3.0", "1.234 Lê Lợi"]
        {
            assert_eq!(no_place(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = (read(&text), no_place(&text));
        }

        #[test]
        fn a_position_in_vietnam_is_found_again(lon in 102.2f64..109.4, lat in 8.3f64..23.3) {
            let found = read(&format!("{lat:.6}, {lon:.6}"));
            if let Some(found) = found {
                prop_assert!((found.at.x() - lon).abs() < 1e-6 && (found.at.y() - lat).abs() < 1e-6);
            } else {
                let whole = lat.fract().abs() < 1e-6 && lon.fract().abs() < 1e-6;
                prop_assert!(whole);
            }
        }
    }
}
