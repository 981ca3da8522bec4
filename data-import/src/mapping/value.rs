//! One value of one row: taken from the source, translated, and written as the target's type.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::expression::{Expression, Piece, tag};
use super::plan::{Epoch, Kind, Output, Plan};
use super::reading::Reading;
use crate::profile::glob_fits;
use crate::values::{Cell, DAY_MICROS, UNIX_EPOCH_DAYS, copy, parse, units};

/// A row as read.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// Wanted fields.
    pub cells: &'a [Cell],
    /// Where their text lies.
    pub arena: &'a [u8],
    /// Number of the row in its source layer, from 1.
    pub number: i64,
    /// Path of the file inside the delivery.
    pub file: &'a str,
}

/// A value on its way.
#[derive(Clone, Debug, PartialEq)]
pub enum Got<'a> {
    /// Nothing.
    Null,
    /// Whole number.
    Int(i64),
    /// Number.
    Float(f64),
    /// Text, decoded, NFC, trimmed, not empty.
    Text(Cow<'a, str>),
    /// Day.
    Date(i32),
    /// Moment on the source's clock, and its offset.
    Moment(i64, Option<i16>),
    /// Bytes that are no text in the source's encoding.
    Undecodable(&'a [u8]),
}

/// Why a value was not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum BadValue {
    /// Not of the column's kind.
    WrongKind(String),
    /// Text longer than the column or the limit.
    TooLong(String),
    /// Not text in the source's encoding.
    NotText(String),
}

/// A value that was written, and what is worth saying about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// Null.
    Null,
    /// As it should be.
    Value,
    /// A code that its list does not have; kept as it is.
    UnknownCode(String),
}

/// Takes the value of an output from a row.
pub fn get<'a>(plan: &'a Plan, output: &'a Output, row: Row<'a>) -> Got<'a> {
    let mut got = Got::Null;
    for expression in &output.from {
        got = take(plan, expression, row);
        if got != Got::Null {
            break;
        }
    }
    if got != Got::Null && !(output.codes.is_empty() && output.code_globs.is_empty()) {
        let text = plain_text(&got);
        let by_glob = || output.code_globs.iter().find(|(glob, _)| glob_fits(glob, &text)).map(|(_, value)| value);
        if let Some(value) = output.codes.get(text.as_ref()).or_else(by_glob) {
            got = from_json(value);
        }
    }
    match (&got, &output.default) {
        (Got::Null, Some(value)) => from_json(value),
        _ => got,
    }
}

fn take<'a>(plan: &'a Plan, expression: &'a Expression, row: Row<'a>) -> Got<'a> {
    match expression {
        Expression::Field(position) => from_cell(row.cells[*position], row.arena, &plan.reading),
        Expression::Tag(position, key) => match from_cell(row.cells[*position], row.arena, &plan.reading) {
            Got::Text(text) => tag(&text, key).map_or(Got::Null, |t| clean(Cow::Owned(t))),
            _ => Got::Null,
        },
        Expression::Join(table, on, column) => {
            let key = from_cell(row.cells[*on], row.arena, &plan.reading);
            let found = plan.joins[*table].get(plain_text(&key).as_bytes(), *column);
            found.map_or(Got::Null, |bytes| plan.reading.encoding.decode(bytes).map_or(Got::Undecodable(bytes), clean))
        }
        Expression::RowNumber => Got::Int(row.number),
        Expression::File => Got::Text(Cow::Borrowed(row.file)),
        Expression::Template(pieces) => {
            let mut out = String::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push_str(text),
                    Piece::Value(inner) => match take(plan, inner, row) {
                        Got::Null => return Got::Null,
                        other => out.push_str(&plain_text(&other)),
                    },
                }
            }
            clean(Cow::Owned(out))
        }
    }
}

/// A cell as a value.
pub fn from_cell<'a>(cell: Cell, arena: &'a [u8], reading: &Reading) -> Got<'a> {
    match cell {
        Cell::Null => Got::Null,
        Cell::Int(value) => Got::Int(value),
        Cell::Float(value) if value.is_finite() => Got::Float(value),
        Cell::Float(_) => Got::Null,
        Cell::Date(days) => Got::Date(days),
        Cell::Moment(micros, offset) => Got::Moment(micros, offset),
        Cell::Text(start, end) => {
            let bytes = &arena[start as usize..end as usize];
            reading.encoding.decode(bytes).map_or(Got::Undecodable(bytes), clean)
        }
    }
}

fn clean(text: Cow<'_, str>) -> Got<'_> {
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    let trimmed = match text {
        Cow::Borrowed(t) => Cow::Borrowed(t.trim_matches(is_space)),
        Cow::Owned(t) if t.starts_with(is_space) || t.ends_with(is_space) => {
            Cow::Owned(t.trim_matches(is_space).to_owned())
        }
        owned @ Cow::Owned(_) => owned,
    };
    if trimmed.is_empty() { Got::Null } else { Got::Text(trimmed) }
}

fn from_json(value: &serde_json::Value) -> Got<'static> {
    match value {
        serde_json::Value::Null => Got::Null,
        serde_json::Value::Bool(b) => Got::Int(i64::from(*b)),
        serde_json::Value::Number(n) => n.as_i64().map_or_else(|| n.as_f64().map_or(Got::Null, Got::Float), Got::Int),
        serde_json::Value::String(text) => clean(Cow::Owned(text.clone())),
        other => Got::Text(Cow::Owned(other.to_string())),
    }
}

/// A value as text.
pub fn plain_text<'a>(got: &'a Got<'_>) -> Cow<'a, str> {
    match got {
        Got::Null => Cow::Borrowed(""),
        Got::Int(value) => Cow::Owned(value.to_string()),
        // An id that was stored as a real number is still that id.
        Got::Float(value) => Cow::Owned(parse::whole(*value).map_or_else(|| value.to_string(), |w| w.to_string())),
        Got::Text(text) => Cow::Borrowed(text),
        Got::Date(days) => Cow::Owned(parse::date_text(*days)),
        Got::Moment(micros, _) => {
            let mut text = parse::date_text((micros.div_euclid(DAY_MICROS)) as i32);
            let seconds = micros.rem_euclid(DAY_MICROS) / 1_000_000;
            let _ = write!(text, "T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
            Cow::Owned(text)
        }
        Got::Undecodable(bytes) => String::from_utf8_lossy(bytes),
    }
}

/// Writes a value as a COPY field of the output's type.
///
/// # Errors
/// The [`BadValue`]; nothing was written then.
pub fn write(
    output: &Output,
    got: &Got<'_>,
    reading: &Reading,
    text_limit: usize,
    out: &mut Vec<u8>,
) -> Result<Written, BadValue> {
    if let Got::Undecodable(_) = got {
        return Err(BadValue::NotText(plain_text(got).into_owned()));
    }
    if *got == Got::Null {
        copy::null(out);
        return Ok(Written::Null);
    }
    let wrong = || BadValue::WrongKind(plain_text(got).into_owned());
    match output.kind {
        Kind::Text => return write_text(output, got, text_limit, out),
        Kind::Int => copy::int8(out, parse::whole(number(output, got, reading).ok_or_else(wrong)?).ok_or_else(wrong)?),
        Kind::Float => copy::float8(out, number(output, got, reading).ok_or_else(wrong)?),
        Kind::Bool => copy::boolean(out, truth(got).ok_or_else(wrong)?),
        Kind::Date => copy::date(out, date(output, got, reading).ok_or_else(wrong)?),
        Kind::Timestamp => copy::int8(out, moment(output, got, reading).ok_or_else(wrong)?),
        Kind::Json => {
            let text = plain_text(got);
            serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(|_| wrong())?;
            // jsonb has no NUL, escaped or not.
            if text.contains("\\u0000") {
                return Err(wrong());
            }
            copy::jsonb(out, &text);
        }
        Kind::Uuid => copy::bytes(out, uuid::Uuid::try_parse(&plain_text(got)).map_err(|_| wrong())?.as_bytes()),
    }
    Ok(Written::Value)
}

fn write_text(output: &Output, got: &Got<'_>, limit: usize, out: &mut Vec<u8>) -> Result<Written, BadValue> {
    let scaled;
    let text = match got {
        Got::Float(value) if output.factor != 1.0 => {
            scaled = Got::Float(value * output.factor);
            plain_text(&scaled)
        }
        _ => plain_text(got),
    };
    if text.contains('\0') {
        return Err(BadValue::WrongKind(text.replace('\0', "␀")));
    }
    if text.len() > limit || output.max_length.is_some_and(|m| text.len() > m && text.chars().count() > m) {
        return Err(BadValue::TooLong(text.into_owned()));
    }
    copy::bytes(out, text.as_bytes());
    match &output.known {
        Some(known) if !known.contains(text.as_ref()) => Ok(Written::UnknownCode(text.into_owned())),
        _ => Ok(Written::Value),
    }
}

fn number(output: &Output, got: &Got<'_>, reading: &Reading) -> Option<f64> {
    match got {
        // Exact where no unit is converted.
        Got::Int(value) if value.unsigned_abs() < 1 << 53 => Some(*value as f64 * output.factor),
        Got::Float(value) => Some(value * output.factor),
        Got::Text(text) => {
            let (value, unit) = parse::number(text, reading.decimal)?;
            let factor = if unit.is_empty() { output.factor } else { units::factor(unit, output.unit.as_deref()?)? };
            Some(value * factor)
        }
        _ => None,
    }
}

fn truth(got: &Got<'_>) -> Option<bool> {
    match got {
        Got::Int(value @ (0 | 1)) => Some(*value == 1),
        Got::Text(text) => parse::truth(text),
        _ => None,
    }
}

fn unix_moment(output: &Output, value: i64) -> Option<i64> {
    match output.epoch {
        Epoch::None => None,
        Epoch::Seconds => parse::unix_micros(value.checked_mul(1_000_000)?),
        Epoch::Millis => parse::unix_micros(value.checked_mul(1000)?),
    }
}

/// A value as days since 2000-01-01.
pub fn date(output: &Output, got: &Got<'_>, reading: &Reading) -> Option<i32> {
    match got {
        Got::Date(days) => Some(*days),
        // With an offset it is a moment, and its day is that of where the file was written; midnight in UTC is how programs
        // write a day alone.
        Got::Moment(micros, offset) => {
            let is_date = *offset == Some(0) && micros.rem_euclid(DAY_MICROS) == 0;
            let here =
                offset.filter(|_| !is_date).map_or(0, |offset| i64::from(reading.offset_minutes) - i64::from(offset));
            i32::try_from(micros.checked_add(here * 60_000_000)?.div_euclid(DAY_MICROS)).ok()
        }
        Got::Text(text) => parse::day(text, reading.order, reading.offset_minutes),
        Got::Int(value) => {
            let local = unix_moment(output, *value)? + i64::from(reading.offset_minutes) * 60_000_000;
            // Beyond these, no calendar of ours.
            i32::try_from(local.div_euclid(DAY_MICROS))
                .ok()
                .filter(|d| i64::from(*d).abs() < 3_000_000 + UNIX_EPOCH_DAYS.abs())
        }
        _ => None,
    }
}

fn moment(output: &Output, got: &Got<'_>, reading: &Reading) -> Option<i64> {
    let utc =
        |local: i64, offset: Option<i16>| local - i64::from(offset.unwrap_or(reading.offset_minutes)) * 60_000_000;
    match got {
        Got::Date(days) => Some(utc(i64::from(*days) * DAY_MICROS, None)),
        Got::Moment(micros, offset) => Some(utc(*micros, *offset)),
        Got::Text(text) => parse::moment(text, reading.order, reading.offset_minutes),
        Got::Int(value) => unix_moment(output, *value),
        _ => None,
    }
}
