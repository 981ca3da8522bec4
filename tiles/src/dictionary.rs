//! Attribute rows: values in a few bytes each, texts by their number in the column's dictionary.
//!
//! A row travels with its feature, so that a reader who has let go of the layer's lock still sees one state of it. A
//! dictionary takes the first 4,096 texts of its column and only ever grows; later texts stand in the row itself. So
//! columns of codes cost a byte or two a feature, and columns of unique numbers cost no dictionary.

use crate::Value;
use chrono::{Datelike, NaiveDate};
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::sync::Arc;

/// How many texts a column's dictionary takes.
const DICTIONARY_ENTRIES: usize = 4096;

/// The texts of one column.
#[derive(Default)]
pub(crate) struct Dictionary {
    texts: RwLock<Texts>,
}

#[derive(Default)]
struct Texts {
    by_code: Arc<Vec<Arc<str>>>,
    codes: HashMap<Arc<str>, u32>,
}

impl Dictionary {
    /// The number of `text`, if it has one or there is room to give it one.
    fn code(&self, text: &Arc<str>) -> Option<u32> {
        {
            let texts = self.texts.read();
            if let Some(code) = texts.codes.get(text) {
                return Some(*code);
            }
            if texts.by_code.len() >= DICTIONARY_ENTRIES {
                return None;
            }
        }
        let mut texts = self.texts.write();
        if let Some(code) = texts.codes.get(text) {
            return Some(*code);
        }
        let code = texts.by_code.len() as u32;
        if texts.by_code.len() >= DICTIONARY_ENTRIES {
            return None;
        }
        Arc::make_mut(&mut texts.by_code).push(text.clone());
        texts.codes.insert(text.clone(), code);
        Some(code)
    }

    /// All texts by their number, as of now.
    pub fn texts(&self) -> Arc<Vec<Arc<str>>> {
        self.texts.read().by_code.clone()
    }

    /// What it weighs, in bytes.
    pub fn bytes(&self) -> usize {
        let texts = self.texts.read();
        let words: usize = texts.by_code.iter().map(|text| text.len().next_multiple_of(8) + 32).sum();
        words + texts.by_code.capacity() * 16 + texts.codes.allocation_size()
    }
}

const NULL: u64 = 0;
const FALSE: u64 = 1;
const TRUE: u64 = 2;
const INT: u64 = 3;
const FLOAT: u64 = 4;
const CODE: u64 = 5;
const TEXT: u64 = 6;
const DATE: u64 = 7;
const TIMESTAMP: u64 = 8;
/// A float that is a decimal of 0 to 3 places: `DECIMAL + places`.
const DECIMAL: u64 = 9;
const TAG_BITS: u32 = 4;

/// Writes a row. Nulls at its end are not stored.
pub(crate) fn write_row<'v>(row: &mut Vec<u8>, values: impl Iterator<Item = (&'v Value, &'v Dictionary)>) {
    let mut last = row.len();
    for (value, dictionary) in values {
        match value {
            Value::Null => varint(row, NULL),
            Value::Bool(value) => varint(row, if *value { TRUE } else { FALSE }),
            Value::Int(int) => tagged(row, INT, *int),
            Value::Float(float) => write_float(row, *float),
            Value::Text(text) => {
                if let Some(code) = dictionary.code(text) {
                    varint(row, u64::from(code) << TAG_BITS | CODE);
                } else {
                    varint(row, (text.len() as u64) << TAG_BITS | TEXT);
                    row.extend_from_slice(text.as_bytes());
                }
            }
            Value::Date(date) => tagged(row, DATE, i64::from(date.num_days_from_ce())),
            Value::Timestamp(at) => tagged(row, TIMESTAMP, *at),
        }
        if !value.is_null() {
            last = row.len();
        }
    }
    row.truncate(last);
}

fn write_float(row: &mut Vec<u8>, float: f64) {
    let mut scale = 1.0;
    for places in 0..4 {
        let whole = (float * scale).round();
        if whole.abs() < 1e12 && (whole / scale).to_bits() == float.to_bits() {
            tagged(row, DECIMAL + places, whole as i64);
            return;
        }
        scale *= 10.0;
    }
    varint(row, FLOAT);
    row.extend_from_slice(&float.to_le_bytes());
}

/// A signed number with its tag. The number does not share a varint with the tag when it would not fit.
fn tagged(row: &mut Vec<u8>, tag: u64, value: i64) {
    let zigzag = (value << 1 ^ value >> 63) as u64;
    varint128(row, u128::from(zigzag) << TAG_BITS | u128::from(tag));
}

fn varint(row: &mut Vec<u8>, value: u64) {
    varint128(row, u128::from(value));
}

fn varint128(row: &mut Vec<u8>, mut value: u128) {
    while value >= 0x80 {
        row.push(value as u8 | 0x80);
        value >>= 7;
    }
    row.push(value as u8);
}

/// One value as it stands in a row: cheap to read, compare and hash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'r> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Code(u32),
    Text(&'r str),
    Date(i32),
    Timestamp(i64),
}

impl Cell<'_> {
    pub fn to_value(self, dictionary: &Dictionary) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Bool(value) => Value::Bool(value),
            Cell::Int(int) => Value::Int(int),
            Cell::Float(float) => Value::Float(float),
            Cell::Code(code) => {
                dictionary.texts().get(code as usize).map_or(Value::Null, |text| Value::Text(text.clone()))
            }
            Cell::Text(text) => Value::text(text),
            Cell::Date(days) => NaiveDate::from_num_days_from_ce_opt(days).map_or(Value::Null, Value::Date),
            Cell::Timestamp(at) => Value::Timestamp(at),
        }
    }
}

/// Reads a row, cell by cell; trailing nulls are not stored and simply do not come.
#[derive(Clone)]
pub(crate) struct Row<'r> {
    rest: &'r [u8],
}

impl<'r> Row<'r> {
    pub fn new(bytes: &'r [u8]) -> Self {
        Self { rest: bytes }
    }

    pub fn cell(mut self, index: usize) -> Cell<'r> {
        self.nth(index).unwrap_or(Cell::Null)
    }

    #[inline]
    fn varint(&mut self) -> Option<u128> {
        let mut value = 0_u128;
        for (index, byte) in self.rest.iter().enumerate().take(11) {
            value |= u128::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[index + 1..];
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'r [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }
}

impl<'r> Iterator for Row<'r> {
    type Item = Cell<'r>;

    #[inline]
    fn next(&mut self) -> Option<Cell<'r>> {
        let word = self.varint()?;
        let tag = word as u64 & 0xf;
        let payload = (word >> TAG_BITS) as u64;
        let signed = (payload >> 1).cast_signed() ^ -(payload & 1).cast_signed();
        Some(match tag {
            FALSE => Cell::Bool(false),
            TRUE => Cell::Bool(true),
            INT => Cell::Int(signed),
            FLOAT => Cell::Float(f64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            CODE => Cell::Code(payload as u32),
            TEXT => Cell::Text(std::str::from_utf8(self.take(payload as usize)?).ok()?),
            DATE => Cell::Date(signed as i32),
            TIMESTAMP => Cell::Timestamp(signed),
            DECIMAL => Cell::Float(signed as f64),
            10 => Cell::Float(signed as f64 / 10.0),
            11 => Cell::Float(signed as f64 / 100.0),
            12 => Cell::Float(signed as f64 / 1000.0),
            _ => Cell::Null,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            any::<f64>().prop_filter("numbers", |f| !f.is_nan()).prop_map(Value::Float),
            (-1_000_000..1_000_000_i32).prop_map(|whole| Value::Float(f64::from(whole) / 100.0)),
            ".{0,20}".prop_map(|text| Value::text(&text)),
            (-800_000..800_000_i32)
                .prop_map(|days| Value::Date(NaiveDate::from_num_days_from_ce_opt(days).expect("a day chrono knows"))),
            any::<i64>().prop_map(Value::Timestamp),
        ]
    }

    proptest! {
        #[test]
        fn a_row_gives_back_what_was_put_in(values in prop::collection::vec(value(), 0..12)) {
            let dictionaries: Vec<_> = values.iter().map(|_| Dictionary::default()).collect();
            let mut row = Vec::new();
            write_row(&mut row, values.iter().zip(&dictionaries));
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(&Row::new(&row).cell(index).to_value(&dictionaries[index]), value);
            }
        }
    }

    #[test]
    fn a_full_dictionary_leaves_further_texts_in_the_row() {
        let dictionary = Dictionary::default();
        let texts: Vec<_> = (0..DICTIONARY_ENTRIES + 2).map(|n| Value::text(&format!("t{n}"))).collect();
        for text in &texts {
            write_row(&mut Vec::new(), [(text, &dictionary)].into_iter());
        }
        let mut row = Vec::new();
        write_row(&mut row, [&texts[0], &texts[DICTIONARY_ENTRIES]].into_iter().map(|text| (text, &dictionary)));
        assert_eq!(Row::new(&row).cell(0), Cell::Code(0));
        assert_eq!(Row::new(&row).cell(1), Cell::Text("t4096"));
    }

    #[test]
    fn an_area_with_one_decimal_takes_three_bytes() {
        let mut row = Vec::new();
        write_row(&mut row, [(&Value::Float(85.3), &Dictionary::default())].into_iter());
        assert!(row.len() <= 3, "{row:?}");
    }
}
