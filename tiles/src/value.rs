//! Attribute values, and periods of validity.

use chrono::{Datelike, NaiveDate};
use std::sync::Arc;

/// One attribute value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Not known, or not given.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text, or the code of a code list.
    Text(Arc<str>),
    /// A calendar day.
    Date(NaiveDate),
    /// An instant, in microseconds since 1970-01-01T00:00Z.
    Timestamp(i64),
}

impl Value {
    /// Text as a value.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(int) = self { Some(*int) } else { None }
    }

    /// The number, whole or not.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(*int as f64),
            Self::Float(float) => Some(*float),
            _ => None,
        }
    }
}

/// A period of whole days, half open: `start` belongs to it, `end` does not. An end that is `None` is open for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct DateRange {
    /// The first day, or `None` for "always was".
    pub start: Option<NaiveDate>,
    /// The first day after it, or `None` for "until further notice".
    pub end: Option<NaiveDate>,
}

impl DateRange {
    /// The period without beginning and end.
    pub const ALWAYS: Self = Self { start: None, end: None };

    /// The period `[start, end)`.
    pub fn new(start: Option<NaiveDate>, end: Option<NaiveDate>) -> Self {
        Self { start, end }
    }

    /// Whether `day` lies in it.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.start.is_none_or(|start| start <= day) && self.end.is_none_or(|end| day < end)
    }

    /// The earliest start or end after `today`: the next day on which this changes what is drawn.
    pub fn next_boundary(self, today: NaiveDate) -> Option<NaiveDate> {
        [self.start, self.end].into_iter().flatten().filter(|day| *day > today).min()
    }

    /// Both ends as day numbers, open ends as the extremes, to be kept in 8 bytes.
    pub(crate) fn to_days(self) -> (i32, i32) {
        (
            self.start.map_or(i32::MIN, |day| day.num_days_from_ce()),
            self.end.map_or(i32::MAX, |day| day.num_days_from_ce()),
        )
    }

    pub(crate) fn from_days((start, end): (i32, i32)) -> Self {
        Self {
            start: if start == i32::MIN { None } else { NaiveDate::from_num_days_from_ce_opt(start) },
            end: if end == i32::MAX { None } else { NaiveDate::from_num_days_from_ce_opt(end) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date in ISO form")
    }

    #[test]
    fn a_period_holds_its_first_day_and_not_its_end() {
        let may = DateRange::new(Some(day("2026-05-01")), Some(day("2026-06-01")));
        assert!(!may.contains(day("2026-04-30")));
        assert!(may.contains(day("2026-05-01")));
        assert!(may.contains(day("2026-05-31")));
        assert!(!may.contains(day("2026-06-01")));
        assert!(DateRange::ALWAYS.contains(day("1802-01-01")));
    }

    #[test]
    fn the_next_boundary_is_the_earliest_after_today() {
        let may = DateRange::new(Some(day("2026-05-01")), Some(day("2026-06-01")));
        assert_eq!(may.next_boundary(day("2026-04-01")), Some(day("2026-05-01")));
        assert_eq!(may.next_boundary(day("2026-05-01")), Some(day("2026-06-01")));
        assert_eq!(may.next_boundary(day("2026-06-01")), None);
        assert_eq!(DateRange::ALWAYS.next_boundary(day("2026-06-01")), None);
    }

    #[test]
    fn a_period_survives_being_packed() {
        for range in [
            DateRange::ALWAYS,
            DateRange::new(Some(day("2026-05-01")), None),
            DateRange::new(None, Some(day("0001-01-01"))),
        ] {
            assert_eq!(DateRange::from_days(range.to_days()), range);
        }
    }
}
