//! Tile, layers, features, values.

use super::wire::{Broken, Field, Fields, packed};
use super::{DecodedFeature, DecodedLayer, DecodedTile, Rule, TileGeometry, TileValue, Violation, geometry};
use hashbrown::HashSet;
use std::sync::Arc;

/// More is not said of one tile.
const MOST_VIOLATIONS: usize = 100;

/// Reads what can be read, and says everything that is wrong. Never fails, whatever the bytes.
pub fn read(tile: &[u8]) -> (DecodedTile, Vec<Violation>) {
    let mut log = Log::default();
    let mut decoded = DecodedTile::default();
    let mut names = HashSet::new();
    for field in Fields::of(tile) {
        match field {
            Ok((3, Field::Bytes(bytes))) => {
                log.at = format!("layer {}", decoded.layers.len() + 1);
                let layer = read_layer(bytes, &mut log);
                if !names.insert(layer.name.clone()) {
                    log.say(Rule::DuplicateLayer, format!("the name \"{}\" comes twice", layer.name));
                }
                decoded.layers.push(layer);
            }
            Ok((3, _)) => log.say(Rule::Protobuf, "a layer that is no message".into()),
            Ok((16..=8191, _)) => {}
            Ok((number, _)) => log.say(Rule::UnknownField, format!("field {number} in the tile")),
            Err(Broken) => log.say(Rule::Protobuf, "the tile's bytes are no message".into()),
        }
    }
    (decoded, log.violations)
}

#[derive(Default)]
struct Log {
    at: String,
    violations: Vec<Violation>,
}

impl Log {
    fn say(&mut self, rule: Rule, found: String) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(Violation { rule, at: self.at.clone(), found });
        }
    }
}

/// A layer's fields before tags are looked up.
#[derive(Default)]
struct RawLayer<'b> {
    names: Vec<&'b str>,
    features: Vec<&'b [u8]>,
    keys: Vec<Arc<str>>,
    values: Vec<Option<TileValue>>,
    extent: Option<u64>,
    version: Option<u64>,
}

fn read_layer(bytes: &[u8], log: &mut Log) -> DecodedLayer {
    let raw = raw_layer(bytes, log);
    let name = raw.names.first().copied().unwrap_or_default();
    if raw.names.len() != 1 || name.is_empty() {
        log.say(Rule::LayerName, format!("{} names", raw.names.len()));
    }
    match raw.version {
        Some(1 | 2) => {}
        Some(other) => log.say(Rule::Version, format!("version {other}")),
        None => log.say(Rule::Version, "no version".into()),
    }
    let extent = raw.extent.unwrap_or(4096);
    if extent == 0 || u32::try_from(extent).is_err() {
        log.say(Rule::Extent, format!("an extent of {extent}"));
    }
    let here = format!("{} ({name})", log.at);
    let mut layer = DecodedLayer { name: name.into(), extent: extent as u32, features: Vec::new() };
    let mut ids = HashSet::new();
    for (index, feature) in raw.features.iter().enumerate() {
        log.at = format!("{here}, feature {}", index + 1);
        let feature = read_feature(feature, &raw, log);
        if feature.id.is_some_and(|id| !ids.insert(id)) {
            log.say(Rule::DuplicateId, format!("the id {} comes twice", feature.id.unwrap_or_default()));
        }
        layer.features.push(feature);
    }
    log.at = here;
    layer
}

fn raw_layer<'b>(bytes: &'b [u8], log: &mut Log) -> RawLayer<'b> {
    let mut raw = RawLayer::default();
    for field in Fields::of(bytes) {
        match field {
            Ok((1, Field::Bytes(name))) => match std::str::from_utf8(name) {
                Ok(name) => raw.names.push(name),
                Err(_) => log.say(Rule::Protobuf, "a name that is not UTF-8".into()),
            },
            Ok((2, Field::Bytes(feature))) => raw.features.push(feature),
            Ok((3, Field::Bytes(key))) => {
                let text = String::from_utf8_lossy(key);
                if std::str::from_utf8(key).is_err() {
                    log.say(Rule::Protobuf, "a key that is not UTF-8".into());
                }
                raw.keys.push((&*text).into());
            }
            Ok((4, Field::Bytes(value))) => raw.values.push(read_value(value, log)),
            Ok((5, Field::Varint(extent))) => raw.extent = Some(extent),
            Ok((15, Field::Varint(version))) => raw.version = Some(version),
            Ok((1..=5 | 15, _)) => log.say(Rule::Protobuf, "a field of the layer has the wrong type".into()),
            Ok((16.., _)) => {}
            Ok((number, _)) => log.say(Rule::UnknownField, format!("field {number} in a layer")),
            Err(Broken) => log.say(Rule::Protobuf, "the layer's bytes are no message".into()),
        }
    }
    raw
}

fn read_value(bytes: &[u8], log: &mut Log) -> Option<TileValue> {
    let mut values = Vec::new();
    for field in Fields::of(bytes) {
        values.push(match field {
            Ok((1, Field::Bytes(text))) => {
                let Ok(text) = std::str::from_utf8(text) else {
                    log.say(Rule::Protobuf, "a text that is not UTF-8".into());
                    return None;
                };
                TileValue::Text(text.into())
            }
            Ok((2, Field::Fixed32(bytes))) => TileValue::Float(f32::from_le_bytes(bytes)),
            Ok((3, Field::Fixed64(bytes))) => TileValue::Double(f64::from_le_bytes(bytes)),
            Ok((4, Field::Varint(value))) => TileValue::Int(value.cast_signed()),
            Ok((5, Field::Varint(value))) => TileValue::Uint(value),
            Ok((6, Field::Varint(value))) => TileValue::Int((value >> 1).cast_signed() ^ -(value & 1).cast_signed()),
            Ok((7, Field::Varint(value))) => TileValue::Bool(value != 0),
            Ok((1..=7, _)) => {
                log.say(Rule::ValueType, "a value whose bytes are not of its type".into());
                return None;
            }
            Ok((8.., _)) => continue,
            Ok((0, _)) | Err(Broken) => {
                log.say(Rule::Protobuf, "a value that is no message".into());
                return None;
            }
        });
    }
    if values.len() != 1 {
        log.say(Rule::ValueType, format!("a value with {} types", values.len()));
    }
    values.pop()
}

#[derive(Default)]
struct RawFeature {
    id: Option<u64>,
    tags: Vec<u32>,
    kinds: Vec<u64>,
    commands: Vec<u32>,
    geometries: usize,
}

fn read_feature(bytes: &[u8], layer: &RawLayer<'_>, log: &mut Log) -> DecodedFeature {
    let raw = raw_feature(bytes, log);
    let kind = match raw.kinds.as_slice() {
        [kind @ 0..=3] => *kind as u32,
        [] => {
            log.say(Rule::GeometryType, "no type".into());
            0
        }
        others => {
            log.say(Rule::GeometryType, format!("the type {others:?}"));
            0
        }
    };
    let mut shape = TileGeometry::Unknown;
    if raw.geometries == 1 {
        shape = geometry::read(kind, &raw.commands, &mut |rule, found| log.say(rule, found));
        if raw.commands.is_empty() && kind != 0 && kind != 1 {
            log.say(Rule::Commands, "no commands".into());
        }
    } else {
        log.say(Rule::Geometry, format!("{} geometries", raw.geometries));
    }
    DecodedFeature { id: raw.id, properties: properties(&raw.tags, layer, log), geometry: shape }
}

fn raw_feature(bytes: &[u8], log: &mut Log) -> RawFeature {
    let mut raw = RawFeature::default();
    for field in Fields::of(bytes) {
        let read = match field {
            Ok((1, Field::Varint(id))) => {
                raw.id = Some(id);
                Ok(())
            }
            Ok((2, Field::Bytes(tags))) => packed(tags, &mut raw.tags),
            Ok((2, Field::Varint(tag))) => {
                raw.tags.push(u32::try_from(tag).unwrap_or(u32::MAX));
                Ok(())
            }
            Ok((3, Field::Varint(kind))) => {
                raw.kinds.push(kind);
                Ok(())
            }
            Ok((4, Field::Bytes(commands))) => {
                raw.geometries += 1;
                packed(commands, &mut raw.commands)
            }
            Ok((1..=4, _)) | Err(Broken) => Err(Broken),
            Ok((number, _)) => {
                log.say(Rule::UnknownField, format!("field {number} in a feature"));
                Ok(())
            }
        };
        if read == Err(Broken) {
            log.say(Rule::Protobuf, "a field of the feature is broken or has the wrong type".into());
        }
    }
    raw
}

fn properties(tags: &[u32], layer: &RawLayer<'_>, log: &mut Log) -> Vec<(Arc<str>, TileValue)> {
    let (pairs, odd) = tags.as_chunks::<2>();
    if !odd.is_empty() {
        log.say(Rule::TagPairs, format!("{} tags", tags.len()));
    }
    let mut seen = HashSet::new();
    let mut properties = Vec::new();
    for [key, value] in pairs {
        let (name, stored) = (layer.keys.get(*key as usize), layer.values.get(*value as usize));
        if name.is_none() || stored.is_none() {
            let sizes = (layer.keys.len(), layer.values.len());
            log.say(Rule::TagRange, format!("the tag ({key}, {value}) of {} keys and {} values", sizes.0, sizes.1));
        }
        if !seen.insert(*key) {
            log.say(Rule::DuplicateKey, format!("the key {key} comes twice"));
        }
        if let (Some(name), Some(Some(stored))) = (name, stored) {
            properties.push((name.clone(), stored.clone()));
        }
    }
    properties
}
