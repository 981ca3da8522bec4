//! What an opened file offers: its fields, and the tables that a profile joins.

use gdal::Dataset;
use gdal::vector::LayerAccess;

use super::delivery::{Delivery, Item};
use super::fatal::Fatal;
use super::ogr::{self, Read};
use super::whole;
use crate::mapping::join::JoinTable;
use crate::mapping::names::fold;
use crate::mapping::plan::Schema;
use crate::profile::{Map, glob_fits};
use crate::protocol::Text;

/// Opens an item or says that it cannot be read.
///
/// # Errors
/// `format-unknown` with GDAL's words.
pub fn open(item: &Item) -> Result<Dataset, Fatal> {
    whole::check(item)?;
    ogr::open(item).map_err(|said| {
        let name = &item.name;
        Fatal::in_file(
            "file-unreadable",
            name,
            Text::new(format!("không đọc được {name}: {said}"), format!("{name} cannot be read: {said}")),
        )
    })
}

/// A file that opens but cannot be read on.
pub fn broken(item: &Item) -> Fatal {
    let name = &item.name;
    let said = ogr::take_failures().into_iter().next().unwrap_or_default();
    Fatal::in_file(
        "file-broken",
        name,
        Text::new(format!("{name} bị hỏng: {said}"), format!("{name} is broken: {said}")),
    )
}

/// Fields of a layer.
pub fn schema_of(layer: &impl LayerAccess) -> Schema {
    let fields = layer.defn().fields().map(|f| (f.name(), Read::of(f.field_type()))).collect();
    Schema {
        fields,
        has_geometry: layer.defn().geom_fields().count() > 0
            && layer.defn().geometry_type() != gdal_sys::OGRwkbGeometryType::wkbNone,
    }
}

/// Has it columns named like longitude and latitude?
pub fn layer_has_lon_lat(schema: &Schema) -> bool {
    let has = |names: &[&str]| schema.fields.iter().any(|f| names.contains(&fold(&f.0).as_str()));
    has(&["lon", "lng", "long", "longitude"]) && has(&["lat", "latitude"])
}

/// The joined tables of a map entry.
///
/// # Errors
/// A table without the columns that are used, or one that is too large.
pub fn joins(map: &Map, delivery: &Delivery) -> Result<Vec<(String, JoinTable)>, Fatal> {
    let mut out = Vec::new();
    for (name, join) in &map.join {
        let Some(item) = delivery.items.iter().find(|i| glob_fits(&join.file, &i.name)) else {
            // Without its table the joined columns are null; the plan says that they are missing.
            continue;
        };
        let columns = used_columns(map, name);
        let key = join.key.as_deref().unwrap_or(&join.on);
        let table = JoinTable::read(&open(item)?, key, &columns).map_err(|column| {
            let file = &item.name;
            Fatal::in_file(
                "join",
                file,
                Text::new(
                    format!("bảng {file} không nối được: {column}"),
                    format!("the table {file} cannot be joined: {column}"),
                ),
            )
        })?;
        out.push((name.clone(), table));
    }
    Ok(out)
}

fn used_columns(map: &Map, join: &str) -> Vec<String> {
    use crate::mapping::expression::pieces;
    use crate::profile::Column;
    let mut columns = Vec::new();
    for column in map.columns.values() {
        let texts: Vec<&str> = match column {
            Column::From(text) => vec![text],
            Column::FirstOf(texts) => texts.iter().map(String::as_str).collect(),
            Column::Long(long) => long.from.all(),
        };
        for text in texts {
            let names: Vec<String> = if text.contains('{') {
                pieces(text).into_iter().filter(|p| p.0).map(|p| p.1).collect()
            } else {
                vec![text.to_owned()]
            };
            columns.extend(
                names
                    .iter()
                    .filter_map(|n| n.split_once('/'))
                    .filter(|(left, _)| *left == join)
                    .map(|(_, c)| c.to_owned()),
            );
        }
    }
    columns.sort();
    columns.dedup();
    columns
}
