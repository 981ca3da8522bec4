//! Numbers, dates and names as people write them: Vietnamese first, English beside it.

use chrono::{Datelike as _, NaiveDate};

/// A number with at most `decimals` places, thousands grouped: `1.234,5`.
pub fn number_vi(value: f64, decimals: usize) -> String {
    grouped(value, decimals, '.', ',')
}

/// A number with at most `decimals` places, thousands grouped: `1,234.5`.
pub fn number_en(value: f64, decimals: usize) -> String {
    grouped(value, decimals, ',', '.')
}

/// Zeros after the point say nothing and are left out.
fn grouped(value: f64, decimals: usize, thousands: char, point: char) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(thousands);
        }
        out.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
    }
    let is_zero = out.chars().all(|c| !c.is_ascii_digit() || c == '0');
    if value < 0.0 && !is_zero { format!("−{out}") } else { out }
}

/// `12/03/2024`.
pub fn date_vi(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// `12 March 2024`.
pub fn date_en(date: NaiveDate) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    format!("{} {} {}", date.day(), MONTHS[date.month0() as usize], date.year())
}

/// Words for units, and their English ones.
const UNITS: [(&str, &str); 9] = [
    ("Thành phố ", "City"),
    ("Tỉnh ", "Province"),
    ("Phường ", "Ward"),
    ("Xã ", "Commune"),
    ("Thị trấn ", "Township"),
    ("Thị xã ", "Town"),
    ("Đặc khu ", "Special Zone"),
    ("Quận ", "District"),
    ("Huyện ", "District"),
];

/// A unit as an English sentence names it: "Bến Nghé Ward", "District 1"; other names stay as they are.
pub fn unit_en(name: &str) -> String {
    let found = UNITS.iter().find_map(|(vi, en)| name.strip_prefix(vi).map(|rest| (rest, en)));
    match found {
        Some((rest, en)) if rest.chars().all(|c| c.is_ascii_digit()) => format!("{en} {rest}"),
        Some((rest, en)) => format!("{rest} {en}"),
        None => name.to_owned(),
    }
}

/// The first letter small, as inside a sentence.
pub fn inside(text: &str) -> String {
    let mut chars = text.chars();
    let first_is_word = text.chars().nth(1).is_none_or(char::is_lowercase);
    match chars.next() {
        Some(first) if first_is_word => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// The first letter capital, as a sentence begins.
pub fn beginning(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_each_language() {
        for (value, decimals, vi, en) in [
            (6.2, 1, "6,2", "6.2"),
            (1234.5, 1, "1.234,5", "1,234.5"),
            (80.0, 1, "80", "80"),
            (1_234_567.0, 0, "1.234.567", "1,234,567"),
            (-0.04, 1, "0", "0"),
            (-3.25, 2, "−3,25", "−3.25"),
            (0.999, 1, "1", "1"),
        ] {
            assert_eq!(number_vi(value, decimals), vi);
            assert_eq!(number_en(value, decimals), en);
        }
    }

    #[test]
    fn units_are_introduced_in_english_and_keep_their_names() {
        for (vi, en) in [("Phường Bến Nghé", "Bến Nghé Ward"), ("Quận 1", "District 1"), ("Cambridge", "Cambridge")]
        {
            assert_eq!(unit_en(vi), en);
        }
    }

    #[test]
    fn dates_are_written_as_in_each_language() {
        let date = NaiveDate::from_ymd_opt(2024, 3, 12).unwrap();
        assert_eq!((date_vi(date).as_str(), date_en(date).as_str()), ("12/03/2024", "12 March 2024"));
    }

    #[test]
    fn a_code_in_capitals_stays_as_it_is_inside_a_sentence() {
        assert_eq!(inside("Đất ở đô thị"), "đất ở đô thị");
        assert_eq!(inside("ODT"), "ODT");
        assert_eq!(beginning("đường mở rộng"), "Đường mở rộng");
    }
}
