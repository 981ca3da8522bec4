//! Numbers, dates and truth values as people write them.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime};

use super::{DAY_MICROS, UNIX_EPOCH_DAYS};

/// Which sign stands before the decimals, where the profile says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decimal {
    /// Decide by the text; refuse what can be read both ways (`1,234`).
    #[default]
    ByText,
    /// `1.234,5`
    Comma,
    /// `1,234.5`
    Point,
}

/// Which of day and month comes first where the year is last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// 31/12/2025, as in Vietnam.
    #[default]
    DayFirst,
    /// 12/31/2025
    MonthFirst,
}

/// A number, with the unit that was written behind it (`5.5 m`).
pub fn number(text: &str, decimal: Decimal) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| {
            !(c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-' | '\u{a0}' | '\u{202f}' | ' ' | 'e' | 'E' | '\''))
        })
        .unwrap_or(text.len());
    // An exponent needs digits behind it; `12 ft` must not be cut at an `e` of a unit.
    let (mut digits, mut unit) = text.split_at(end);
    if let Some(cut) = digits.find(['e', 'E'])
        && digits[cut + 1..].trim_start_matches(['+', '-']).parse::<u32>().is_err()
    {
        (digits, unit) = text.split_at(cut);
    }
    Some((plain_number(digits.trim(), decimal)?, unit.trim()))
}

fn plain_number(text: &str, decimal: Decimal) -> Option<f64> {
    if let Ok(value) = text.parse::<f64>()
        && decimal != Decimal::Comma
    {
        return value.is_finite().then_some(value);
    }
    let clean: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'')).collect();
    let commas = clean.matches(',').count();
    let points = clean.matches('.').count();
    let decimal_sign = match decimal {
        Decimal::Comma => Some(','),
        Decimal::Point => Some('.'),
        Decimal::ByText => match (commas, points) {
            (0, 0 | 1) => Some('.'),
            // The later of two different signs stands before the decimals.
            (1.., 1..) => Some(if clean.rfind(',') > clean.rfind('.') { ',' } else { '.' }),
            (1, 0) if clean.len() - clean.find(',')? - 1 == 3 => return None,
            (1, 0) => Some(','),
            _ => None,
        },
    };
    let group = if decimal_sign == Some(',') || (decimal_sign.is_none() && points > 1) { '.' } else { ',' };
    if !groups_of_three(&clean, group, decimal_sign) {
        return None;
    }
    let plain: String =
        clean.chars().filter(|c| *c != group).map(|c| if Some(c) == decimal_sign { '.' } else { c }).collect();
    plain.parse::<f64>().ok().filter(|v| v.is_finite())
}

fn groups_of_three(text: &str, group: char, decimal: Option<char>) -> bool {
    let whole = decimal.and_then(|d| text.split(d).next()).unwrap_or(text);
    let mut parts = whole.trim_start_matches(['+', '-']).split(group);
    let first = parts.next().unwrap_or_default().len();
    let rest: Vec<_> = parts.collect();
    rest.is_empty() || ((1..=3).contains(&first) && rest.iter().all(|p| p.len() == 3))
}

/// A whole number; `12.0` is one, `12.5` is not.
pub fn whole(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 9e15).then_some(value as i64)
}

/// A date as days since 2000-01-01: ISO, or day, month, year with `/`, `-` or `.`.
pub fn date(text: &str, order: DateOrder) -> Option<i32> {
    let text = text.trim();
    // A time behind the date is no part of it.
    let text = text.split(['T', ' ']).next()?;
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return days(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
    }
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [a, b, c] = parts[..] else { return None };
    if [a, b, c].iter().any(|p| p.is_empty() || p.len() > 4 || !p.bytes().all(|x| x.is_ascii_digit())) {
        return None;
    }
    let (a_n, b_n, c_n) = (a.parse::<i32>().ok()?, b.parse::<u32>().ok()?, c.parse::<i32>().ok()?);
    match (a.len(), c.len(), order) {
        (4, 1 | 2, _) => days(a_n, b_n, c_n as u32),
        (1 | 2, 4, DateOrder::DayFirst) => days(c_n, b_n, a_n as u32),
        (1 | 2, 4, DateOrder::MonthFirst) => days(c_n, a_n as u32, b_n),
        _ => None,
    }
}

/// The same of a text that may be a moment with an offset: its day where local time is `offset_minutes` from UTC.
pub fn day(text: &str, order: DateOrder, offset_minutes: i16) -> Option<i32> {
    let Ok(exact) = DateTime::parse_from_rfc3339(text.trim()) else { return date(text, order) };
    // Midnight in UTC is how programs write a day alone.
    let is_day = exact.offset().local_minus_utc() == 0 && exact.time() == chrono::NaiveTime::MIN;
    let here = chrono::FixedOffset::east_opt(if is_day { 0 } else { i32::from(offset_minutes) * 60 })?;
    let local = exact.with_timezone(&here).date_naive();
    days(local.year(), local.month(), local.day())
}

/// Days since 2000-01-01, if it is a date between the years 1 and 9999.
pub fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    i32::try_from((date - NaiveDate::from_ymd_opt(2000, 1, 1)?).num_days()).ok()
}

/// ISO text of days since 2000-01-01.
pub fn date_text(days: i32) -> String {
    NaiveDate::from_ymd_opt(2000, 1, 1)
        .and_then(|d| d.checked_add_signed(chrono::Duration::days(i64::from(days))))
        .map_or_else(String::new, |d| d.to_string())
}

/// A moment in microseconds since 2000-01-01 UTC; without an offset, `offset_minutes` is taken.
pub fn moment(text: &str, order: DateOrder, offset_minutes: i16) -> Option<i64> {
    let text = text.trim();
    if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
        return unix_micros(exact.timestamp_micros());
    }
    let (day, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let clock = clock.trim();
    let form = if clock.matches(':').count() == 2 { "%Y-%m-%d %H:%M:%S%.f" } else { "%Y-%m-%d %H:%M" };
    let local = NaiveDateTime::parse_from_str(&format!("{} {clock}", date_text(date(day, order)?)), form).ok()?;
    unix_micros(local.and_utc().timestamp_micros()).map(|m| m - i64::from(offset_minutes) * 60_000_000)
}

/// Unix microseconds to microseconds since 2000-01-01.
pub fn unix_micros(micros: i64) -> Option<i64> {
    micros.checked_add(UNIX_EPOCH_DAYS * DAY_MICROS)
}

/// Yes or no.
pub fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "có" | "co" | "đúng" | "dung" | "x" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "không" | "khong" | "ko" | "sai" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, value) in [
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("12,5", 12.5),
            ("1.234.567", 1_234_567.0),
            ("1,234,567", 1_234_567.0),
            ("1 234 567,25", 1_234_567.25),
            ("-3", -3.0),
            ("1e3", 1000.0),
            ("1.234", 1.234),
            ("1234,56", 1234.56),
        ] {
            assert_eq!(number(text, Decimal::ByText).map(|n| n.0), Some(value), "{text}");
        }
        assert_eq!(number("5.5 m", Decimal::ByText), Some((5.5, "m")));
        assert_eq!(number("1.234", Decimal::Comma).map(|n| n.0), Some(1234.0));
        assert_eq!(number("1,234", Decimal::Point).map(|n| n.0), Some(1234.0));
        assert_eq!(number("1234,5", Decimal::Comma).map(|n| n.0), Some(1234.5));
        for bad in ["1,234", "", "abc", "1,2,3", "12.34.56", "1.23.456,7", "--1", "nan", "inf", "1e999"] {
            assert_eq!(number(bad, Decimal::ByText), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_read_day_first_and_impossible_ones_are_not() {
        let new_year = days(2025, 12, 31);
        for text in [
            "2025-12-31",
            "31/12/2025",
            "31-12-2025",
            "31.12.2025",
            "20251231",
            "2025/12/31",
            "31/12/2025 08:30",
            "2025-12-31T08:30:00Z",
        ] {
            assert_eq!(date(text, DateOrder::DayFirst), new_year, "{text}");
        }
        assert_eq!(date("12/31/2025", DateOrder::MonthFirst), new_year);
        for bad in ["12/31/2025", "31/02/2025", "2025", "", "1/1/25", "0000-01-01", "ngày 1"] {
            assert_eq!(date(bad, DateOrder::DayFirst), None, "{bad}");
        }
        assert_eq!(date_text(days(1999, 12, 31).unwrap()), "1999-12-31");
    }

    #[test]
    fn the_day_of_a_moment_is_that_of_where_the_file_was_written() {
        let day = |text| day(text, DateOrder::DayFirst, 420);
        assert_eq!(day("2025-12-30T17:00:00Z"), days(2025, 12, 31));
        assert_eq!(day("2025-12-31T16:59:59Z"), days(2025, 12, 31));
        assert_eq!(day("2025-12-31T00:00:00+07:00"), days(2025, 12, 31));
        assert_eq!(day("2025-12-31T00:00:00"), days(2025, 12, 31), "without an offset it is local");
        assert_eq!(day("31/12/2025"), days(2025, 12, 31));
        let in_cambridge = super::day("2025-12-31T00:00:00.000Z", DateOrder::DayFirst, -300);
        assert_eq!(in_cambridge, days(2025, 12, 31), "a day alone, as programs write it");
    }

    #[test]
    fn moments_know_their_offset() {
        let at = moment("2000-01-01T00:00:00Z", DateOrder::DayFirst, 420);
        assert_eq!(at, Some(0));
        assert_eq!(moment("01/01/2000 07:00", DateOrder::DayFirst, 420), Some(0));
        assert_eq!(moment("2000-01-01T07:00:00+07:00", DateOrder::DayFirst, 0), Some(0));
        assert_eq!(unix_micros(0), Some(UNIX_EPOCH_DAYS * DAY_MICROS));
    }

    #[test]
    fn truth_in_two_languages() {
        assert_eq!((truth("Có"), truth("no"), truth("maybe")), (Some(true), Some(false), None));
    }
}
