//! What the product ships: the files of `layers/` and `codes/`, built into the binary.

use serde::Deserialize;

use super::{Code, Layer, Text, definition::parse_layer};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("layers/", $name, ".toml")))),+]
    };
}

/// Name and text of every shipped layer; a test holds the list to the folder.
pub(super) const LAYERS: &[(&str, &str)] = files![
    "address",
    "admin_unit",
    "admin_unit_change",
    "admin_unit_former",
    "building",
    "drain_node",
    "drain_pipe",
    "green_space",
    "heritage_site",
    "hydrant",
    "lamp_post",
    "land_price",
    "land_use",
    "land_use_plan",
    "legal_document",
    "lighting_cabinet",
    "lighting_line",
    "luminaire",
    "parcel",
    "permit",
    "place",
    "plan",
    "planning_line",
    "planning_zone",
    "power_line",
    "power_station",
    "protection_area",
    "road",
    "species",
    "tree",
    "violation",
    "water_area",
    "water_meter",
    "water_node",
    "water_pipe",
    "water_valve",
    "works",
];

const LISTS: &str = include_str!("codes/lists.csv");
const CODES: [&str; 2] = [include_str!("codes/codes.csv"), include_str!("codes/land_use.csv")];

/// All that is shipped, as it stands in the files.
pub(super) fn texts() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().flat_map(|(name, text)| [*name, *text]).chain([LISTS]).chain(CODES)
}

/// A row of `codes/*.csv`.
#[derive(Deserialize)]
struct CodeRow {
    list: String,
    code: String,
    title_vi: String,
    title_en: String,
    colour: Option<String>,
    group_code: Option<String>,
    valid_from: Option<chrono::NaiveDate>,
    valid_to: Option<chrono::NaiveDate>,
    source: Option<String>,
}

/// A row of `codes/lists.csv`.
#[derive(Deserialize)]
struct ListRow {
    name: String,
    title_vi: String,
    title_en: String,
}

/// The shipped layers, in order.
///
/// # Errors
/// When a shipped file is wrong; tests read them all.
pub fn shipped_layers() -> anyhow::Result<Vec<Layer>> {
    let mut layers = Vec::with_capacity(LAYERS.len());
    for (name, text) in LAYERS {
        layers.push(parse_layer(text).map_err(|error| anyhow::anyhow!("layers/{name}.toml: {error}"))?);
    }
    layers.sort_by_key(|layer: &Layer| layer.position);
    Ok(layers)
}

/// The shipped code lists: name and title.
///
/// # Errors
/// When the shipped file is wrong.
pub fn shipped_lists() -> anyhow::Result<Vec<(String, Text)>> {
    let mut lists = Vec::new();
    for row in csv::Reader::from_reader(LISTS.as_bytes()).deserialize() {
        let row: ListRow = row?;
        lists.push((row.name, Text { vi: row.title_vi, en: row.title_en }));
    }
    Ok(lists)
}

/// The shipped codes with the list they belong to, in order.
///
/// # Errors
/// When a shipped file is wrong.
pub fn shipped_codes() -> anyhow::Result<Vec<(String, Code)>> {
    let mut codes = Vec::new();
    for text in CODES {
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            let row: CodeRow = row?;
            let position = i32::try_from(codes.len())?;
            codes.push((
                row.list,
                Code {
                    code: row.code,
                    title: Text { vi: row.title_vi, en: row.title_en },
                    colour: row.colour,
                    group_code: row.group_code,
                    valid_from: row.valid_from,
                    valid_to: row.valid_to,
                    source: row.source,
                    position,
                },
            ));
        }
    }
    Ok(codes)
}
