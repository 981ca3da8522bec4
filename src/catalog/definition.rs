//! A layer's TOML file: read, and checked so that the error names the field.

use std::collections::HashSet;

use super::{Geometry, Kind, Layer, LowZoom};

/// Column names that every table has from us.
const RESERVED: [&str; 14] = [
    "fid",
    "id",
    "version",
    "actor",
    "known_since",
    "geom",
    "geom_source",
    "validity",
    "source_id",
    "extra",
    "known",
    "ended_by",
    "ended_import",
    "layer",
];
/// Names that deliveries use for the validity of a row.
const VALIDITY: [&str; 2] = ["valid_from", "valid_to"];

/// What is wrong with a layer's file, and in which field.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// Not TOML, or a field is missing, unknown or of another kind; the message has line and column.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A field says what cannot be.
    #[error("{field}: {message}")]
    Field {
        /// Path of the field, such as `attribute "height_m": unit`.
        field: String,
        /// What is wrong and what would be accepted.
        message: String,
    },
}

fn wrong(field: impl Into<String>, message: impl Into<String>) -> DefinitionError {
    DefinitionError::Field { field: field.into(), message: message.into() }
}

/// Reads and checks the file of one layer.
///
/// # Errors
/// When it is not a description of a layer; the error names the field.
pub fn parse_layer(text: &str) -> Result<Layer, DefinitionError> {
    let mut layer: Layer = toml::from_str(text)?;
    for (index, attribute) in layer.attributes.iter_mut().enumerate() {
        if attribute.position == 0 {
            attribute.position = i32::try_from(index).unwrap_or(i32::MAX).saturating_add(1);
        }
    }
    check(&layer)?;
    Ok(layer)
}

/// Checks what the types do not say.
pub(super) fn check(layer: &Layer) -> Result<(), DefinitionError> {
    name_form(&layer.name, "name")?;
    if layer.title.vi.trim().is_empty() || layer.title.en.trim().is_empty() {
        return Err(wrong("title", "say it in both languages: { vi = \"…\", en = \"…\" }"));
    }
    if layer.detail_zoom > 22 {
        return Err(wrong("detail_zoom", format!("{} is not a zoom; 0 to 22", layer.detail_zoom)));
    }
    low_zoom_fits(layer)?;
    if layer.legal && layer.geometry == Geometry::None {
        return Err(wrong("legal", "an entity without a place has no legal geometry"));
    }
    if layer.attributes.is_empty() {
        return Err(wrong("attribute", "a layer needs at least one [[attribute]]"));
    }
    check_attributes(layer)?;
    check_code_lists(layer)?;
    check_names(layer)
}

fn check_code_lists(layer: &Layer) -> Result<(), DefinitionError> {
    for list in &layer.code_lists {
        let field = |part: &str| format!("code_list \"{}\": {part}", list.name);
        name_form(&list.name, &field("name"))?;
        let mut seen = HashSet::new();
        for code in &list.codes {
            if code.code.trim().is_empty() || !seen.insert(code.code.as_str()) {
                return Err(wrong(field("codes"), format!("\"{}\" is empty or stands twice", code.code)));
            }
            if let Some(colour) = code.colour.as_ref().filter(|colour| !is_colour(colour)) {
                return Err(wrong(field("colour"), format!("\"{colour}\" is no colour; #rrggbb")));
            }
        }
        if seen.is_empty() {
            return Err(wrong(field("codes"), "a list needs at least one code"));
        }
    }
    Ok(())
}

fn is_colour(text: &str) -> bool {
    text.len() == 7 && text.strip_prefix('#').is_some_and(|hex| hex.chars().all(|digit| digit.is_ascii_hexdigit()))
}

fn low_zoom_fits(layer: &Layer) -> Result<(), DefinitionError> {
    let fits = match layer.low_zoom {
        LowZoom::Hide => true,
        LowZoom::Cluster => matches!(layer.geometry, Geometry::Point | Geometry::MultiPoint | Geometry::Any),
        LowZoom::Merge => matches!(layer.geometry, Geometry::Polygon | Geometry::MultiPolygon | Geometry::Any),
        LowZoom::Lines => matches!(layer.geometry, Geometry::Line | Geometry::MultiLine | Geometry::Any),
    };
    if fits {
        return Ok(());
    }
    Err(wrong("low_zoom", "cluster is for points, merge for polygons, lines for lines; hide fits all"))
}

fn check_attributes(layer: &Layer) -> Result<(), DefinitionError> {
    let mut seen = HashSet::new();
    for attribute in &layer.attributes {
        let field = |part: &str| format!("attribute \"{}\": {part}", attribute.name);
        name_form(&attribute.name, &field("name"))?;
        if RESERVED.contains(&attribute.name.as_str()) || VALIDITY.contains(&attribute.name.as_str()) {
            return Err(wrong(field("name"), "every layer has that column already; take another name"));
        }
        if !seen.insert(attribute.name.as_str()) {
            return Err(wrong(field("name"), "stands twice"));
        }
        if (attribute.kind == Kind::Code) != attribute.code_list.is_some() {
            return Err(wrong(field("code_list"), "kind = \"code\" needs a code_list, other kinds have none"));
        }
        if attribute.private && attribute.in_tile {
            return Err(wrong(field("private"), "a private attribute is never in a tile; leave out in_tile"));
        }
        if attribute.title.vi.trim().is_empty() || attribute.title.en.trim().is_empty() {
            return Err(wrong(field("title"), "say it in both languages: { vi = \"…\", en = \"…\" }"));
        }
    }
    Ok(())
}

/// Holds names in `key`, `public` and `public_rows` to the attributes.
fn check_names(layer: &Layer) -> Result<(), DefinitionError> {
    let unknown = |name: &str| layer.attribute(name).is_none();
    if let Some(name) = layer.key.iter().find(|name| unknown(name)) {
        return Err(wrong("key", format!("\"{name}\" is not an attribute of the layer")));
    }
    if layer.private && !layer.public.is_empty() {
        return Err(wrong("public", "a private layer has nothing public; leave it empty"));
    }
    for name in layer.public.iter().filter(|name| *name != "*") {
        match layer.attribute(name) {
            None => return Err(wrong("public", format!("\"{name}\" is not an attribute of the layer"))),
            Some(attribute) if attribute.private => {
                return Err(wrong("public", format!("\"{name}\" is private and cannot be public")));
            }
            Some(_) => {}
        }
    }
    if let Some(rows) = &layer.public_rows
        && unknown(&rows.attribute)
    {
        return Err(wrong("public_rows", format!("\"{}\" is not an attribute of the layer", rows.attribute)));
    }
    Ok(())
}

fn name_form(name: &str, field: &str) -> Result<(), DefinitionError> {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_lowercase());
    let rest = letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if first && rest && name.len() <= 48 {
        return Ok(());
    }
    Err(wrong(field, format!("\"{name}\": small letters a-z, digits and _, a letter first, at most 48")))
}
