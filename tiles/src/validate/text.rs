//! A tile as text, for eyes and for snapshots.

use super::{TileGeometry, TileValue, geometry::doubled_area, read};
use std::fmt::Write as _;

/// The tile as text: a line a layer, two lines a feature (id and sorted attributes, then the shape), and at the end
/// what is wrong with it. Equal texts are equal tiles.
pub fn describe(tile: &[u8]) -> String {
    let (tile, violations) = read(tile);
    let mut out = String::new();
    for layer in &tile.layers {
        let _ = writeln!(out, "{} ({}, {} features)", layer.name, layer.extent, layer.features.len());
        for feature in &layer.features {
            let mut properties: Vec<_> = feature.properties.iter().collect();
            properties.sort_by(|a, b| a.0.cmp(&b.0));
            let id = feature.id.map_or("-".into(), |id| id.to_string());
            let _ = write!(out, "  {id}");
            for (key, value) in properties {
                let _ = write!(out, " {key}={}", value_text(value));
            }
            let _ = writeln!(out, "\n    {}", geometry_text(&feature.geometry));
        }
    }
    for violation in violations {
        let _ = writeln!(out, "! {violation}");
    }
    out
}

fn value_text(value: &TileValue) -> String {
    match value {
        TileValue::Text(text) => format!("{text:?}"),
        TileValue::Float(float) => format!("{float:?}f"),
        TileValue::Double(float) => format!("{float:?}"),
        TileValue::Int(int) => int.to_string(),
        TileValue::Uint(int) => int.to_string(),
        TileValue::Bool(value) => value.to_string(),
    }
}

fn geometry_text(geometry: &TileGeometry) -> String {
    let path = |path: &[(i64, i64)]| path.iter().map(|(x, y)| format!("{x} {y}")).collect::<Vec<_>>().join(", ");
    match geometry {
        TileGeometry::Unknown => "unknown".into(),
        TileGeometry::Points(points) => format!("points {}", path(points)),
        TileGeometry::Lines(lines) => {
            lines.iter().map(|line| format!("line {}", path(line))).collect::<Vec<_>>().join("; ")
        }
        TileGeometry::Rings(rings) => {
            let name = |ring: &[(i64, i64)]| if doubled_area(ring) > 0 { "exterior" } else { "interior" };
            rings.iter().map(|ring| format!("{} {}", name(ring), path(ring))).collect::<Vec<_>>().join("; ")
        }
    }
}
