//! How values are read: encoding, decimal sign, dates, offsets and units, as a profile says.

use super::plan::{Epoch, PlanError};
use crate::profile::{LongColumn, Source};
use crate::protocol::{AttributeSpec, LayerSpec};
use crate::values::parse::{DateOrder, Decimal};
use crate::values::text::Encoding;
use crate::values::units;

/// How text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Encoding.
    pub encoding: Encoding,
    /// Decimal sign.
    pub decimal: Decimal,
    /// Day or month first.
    pub order: DateOrder,
    /// Minutes from UTC of times without a zone.
    pub offset_minutes: i16,
}

/// Reads the reading settings of a profile.
///
/// # Errors
/// A setting that is none of the allowed ones.
pub fn reading(source: &Source, encoding: Encoding) -> Result<Reading, PlanError> {
    let bad = |key: &str, value: &str, allowed: &str| {
        PlanError::new(
            "profile-invalid",
            format!("[source] {key} = \"{value}\" không hợp lệ; được phép: {allowed}"),
            format!("[source] {key} = \"{value}\" is not valid; allowed: {allowed}"),
        )
    };
    let decimal = match source.decimal.as_deref() {
        None => Decimal::ByText,
        Some(",") => Decimal::Comma,
        Some(".") => Decimal::Point,
        Some(other) => return Err(bad("decimal", other, "\",\" \".\"")),
    };
    let order = match source.date_order.as_deref() {
        None | Some("dmy") => DateOrder::DayFirst,
        Some("mdy") => DateOrder::MonthFirst,
        Some(other) => return Err(bad("date_order", other, "dmy, mdy")),
    };
    let offset = source.utc_offset.as_deref().unwrap_or("+07:00");
    let minutes = |text: &str| {
        let (sign, rest) = text.strip_prefix('-').map_or((1, text.strip_prefix('+').unwrap_or(text)), |r| (-1, r));
        let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "0"));
        Some(
            sign * (hours.parse::<i16>().ok().filter(|h| *h <= 14)? * 60
                + minutes.parse::<i16>().ok().filter(|m| *m < 60)?),
        )
    };
    let offset_minutes = minutes(offset).ok_or_else(|| bad("utc_offset", offset, "+07:00"))?;
    Ok(Reading { encoding, decimal, order, offset_minutes })
}

/// The factor from a column's unit to the attribute's, and what its numbers count if they are dates.
///
/// # Errors
/// Units that measure different things.
pub fn unit_of(long: &LongColumn, spec: &AttributeSpec, target: &LayerSpec) -> Result<(f64, Epoch), PlanError> {
    let Some(unit) = long.unit.as_deref() else { return Ok((1.0, Epoch::None)) };
    match (unit, spec.kind.as_str()) {
        ("epoch_ms", "date" | "timestamp") => return Ok((1.0, Epoch::Millis)),
        ("epoch_s", "date" | "timestamp") => return Ok((1.0, Epoch::Seconds)),
        _ => {}
    }
    let to = spec.unit.as_deref().unwrap_or("");
    units::factor(unit, to).map(|f| (f, Epoch::None)).ok_or_else(|| {
        let name = format!("{}.{}", target.name, spec.name);
        PlanError::new(
            "profile-unit",
            format!("{name}: không đổi được đơn vị \"{unit}\" sang \"{to}\""),
            format!("{name}: the unit \"{unit}\" does not convert to \"{to}\""),
        )
    })
}
