//! Keys, values and features of one MVT layer (MVT 2.1, §4.1, §4.2, §4.4).

use super::pbf;
use crate::Value;
use chrono::{DateTime, SecondsFormat};
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;
use std::sync::Arc;

/// A layer being written.
pub(crate) struct Table {
    name: Arc<str>,
    keys: Vec<Arc<str>>,
    values: Vec<u8>,
    ends: Vec<u32>,
    known: HashTable<u32>,
    hasher: DefaultHashBuilder,
    features: Vec<u8>,
    scratch: Vec<u8>,
    /// How many features were written.
    pub count: usize,
}

impl Table {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            keys: Vec::new(),
            values: Vec::new(),
            ends: Vec::new(),
            known: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            features: Vec::new(),
            scratch: Vec::new(),
            count: 0,
        }
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.features.len() + self.values.len() + self.ends.len() * 3
    }

    /// The place of a key, new or known.
    pub fn key(&mut self, key: &Arc<str>) -> u32 {
        if let Some(index) = self.keys.iter().position(|known| known == key) {
            return index as u32;
        }
        self.keys.push(key.clone());
        (self.keys.len() - 1) as u32
    }

    /// The place of a value, new or known; `None` for what a tile cannot say: null, and what is not a number.
    pub fn value(&mut self, value: &Value) -> Option<u32> {
        match value {
            Value::Null => None,
            Value::Bool(value) => Some(self.bool(*value)),
            Value::Int(int) => Some(self.int(*int)),
            Value::Float(float) => self.float(*float),
            Value::Text(text) => Some(self.text(text)),
            Value::Date(date) => Some(self.text(&date.to_string())),
            Value::Timestamp(at) => self.timestamp(*at),
        }
    }

    pub fn bool(&mut self, value: bool) -> u32 {
        self.dedup(&[7 << 3, u8::from(value)])
    }

    /// `uint_value` from 0 up, `sint_value` below.
    pub fn int(&mut self, int: i64) -> u32 {
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        match u64::try_from(int) {
            Ok(int) => pbf::number(&mut bytes, 5, int),
            Err(_) => pbf::number(&mut bytes, 6, pbf::zigzag(int)),
        }
        let index = self.dedup(&bytes);
        self.scratch = bytes;
        index
    }

    pub fn float(&mut self, float: f64) -> Option<u32> {
        if !float.is_finite() {
            return None;
        }
        let mut bytes = [0; 9];
        bytes[0] = 3 << 3 | 1;
        bytes[1..].copy_from_slice(&float.to_le_bytes());
        Some(self.dedup(&bytes))
    }

    pub fn text(&mut self, text: &str) -> u32 {
        let mut bytes = std::mem::take(&mut self.scratch);
        bytes.clear();
        pbf::bytes(&mut bytes, 1, text.as_bytes());
        let index = self.dedup(&bytes);
        self.scratch = bytes;
        index
    }

    /// In RFC 3339, UTC.
    pub fn timestamp(&mut self, at: i64) -> Option<u32> {
        let at = DateTime::from_timestamp_micros(at)?;
        Some(self.text(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
    }

    fn dedup(&mut self, value: &[u8]) -> u32 {
        let (values, ends, hasher) = (&self.values, &self.ends, &self.hasher);
        let hash = hasher.hash_one(value);
        if let Some(index) = self.known.find(hash, |index| stored(values, ends, *index) == value) {
            return *index;
        }
        let index = self.ends.len() as u32;
        self.values.extend_from_slice(value);
        self.ends.push(self.values.len() as u32);
        let (values, ends) = (&self.values, &self.ends);
        self.known.insert_unique(hash, index, |index| hasher.hash_one(stored(values, ends, *index)));
        index
    }

    /// Writes a feature: its id, its tags (pairs of places), its dimension and commands.
    pub fn feature(&mut self, id: Option<u64>, tags: &[u32], dimension: u8, commands: &[u8]) {
        let mut body = std::mem::take(&mut self.scratch);
        body.clear();
        if let Some(id) = id {
            pbf::number(&mut body, 1, id);
        }
        let tag_bytes: usize = tags.iter().map(|tag| varint_len(*tag)).sum();
        if tag_bytes > 0 {
            pbf::varint(&mut body, 2 << 3 | 2);
            pbf::varint(&mut body, tag_bytes as u64);
            for tag in tags {
                pbf::varint(&mut body, u64::from(*tag));
            }
        }
        pbf::number(&mut body, 3, u64::from(dimension) + 1);
        pbf::bytes(&mut body, 4, commands);
        pbf::bytes(&mut self.features, 2, &body);
        self.scratch = body;
        self.count += 1;
    }

    /// The layer as a field of the tile; nothing, if it has no feature.
    pub fn finish(self, tile: &mut Vec<u8>) {
        if self.count == 0 {
            return;
        }
        let mut layer = Vec::with_capacity(self.features.len() + self.values.len() + self.ends.len() * 3 + 256);
        pbf::number(&mut layer, 15, 2);
        pbf::bytes(&mut layer, 1, self.name.as_bytes());
        layer.extend_from_slice(&self.features);
        for key in &self.keys {
            pbf::bytes(&mut layer, 3, key.as_bytes());
        }
        for index in 0..self.ends.len() as u32 {
            pbf::bytes(&mut layer, 4, stored(&self.values, &self.ends, index));
        }
        pbf::number(&mut layer, 5, u64::from(crate::EXTENT));
        pbf::bytes(tile, 3, &layer);
    }
}

fn stored<'v>(values: &'v [u8], ends: &[u32], index: u32) -> &'v [u8] {
    let index = index as usize;
    let from = if index == 0 { 0 } else { ends[index - 1] as usize };
    &values[from..ends[index] as usize]
}

fn varint_len(value: u32) -> usize {
    (38 - (value | 1).leading_zeros() as usize) / 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_varint_is_foreseen() {
        for value in [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, u32::MAX] {
            let mut bytes = Vec::new();
            pbf::varint(&mut bytes, u64::from(value));
            assert_eq!(bytes.len(), varint_len(value), "{value}");
        }
    }

    #[test]
    fn equal_values_have_one_place_and_unlike_kinds_have_two() {
        let mut table = Table::new("t");
        let places: Vec<_> = [Value::Int(1), Value::Float(1.0), Value::text("1"), Value::Bool(true), Value::Int(1)]
            .iter()
            .map(|value| table.value(value))
            .collect();
        assert_eq!(places, [Some(0), Some(1), Some(2), Some(3), Some(0)]);
        assert_eq!(table.value(&Value::Float(f64::NAN)), None);
        assert_eq!(table.value(&Value::Null), None);
    }
}
