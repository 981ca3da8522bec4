//! Values: from what a file holds to what a column takes.

pub mod copy;
pub mod parse;
pub mod text;
pub mod units;

/// A value as read, before it has a target. Text lies in the batch's arena.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell {
    /// Null or unset.
    Null,
    /// Integer of any width.
    Int(i64),
    /// Floating point.
    Float(f64),
    /// Bytes `start..end` of the arena, in the source's encoding.
    Text(u32, u32),
    /// Days since 2000-01-01.
    Date(i32),
    /// Microseconds since 2000-01-01 00:00 on the clock of the source, and its offset from UTC in minutes if known.
    Moment(i64, Option<i16>),
}

/// Days from 2000-01-01 (PostgreSQL's zero) to 1970-01-01 (Unix's).
pub const UNIX_EPOCH_DAYS: i64 = -10_957;
/// Microseconds of a day.
pub const DAY_MICROS: i64 = 86_400_000_000;
