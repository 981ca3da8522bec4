//! A layer's TOML file: read, and checked so that the error names the field.

use std::collections::HashSet;

use serde::Deserialize as _;

use super::{Attribute, Geometry, Kind, Layer, LowZoom, NewCodeList, Rule};
use crate::bilingual::Bilingual;
use crate::shell::{Said, words_of};

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
    /// Not TOML, or a field is missing, unknown or of another kind.
    #[error("line {line}: {message}", message = message.en)]
    Toml {
        /// The line of the file, counted from 1.
        line: usize,
        /// What is wrong and what would be accepted.
        message: Bilingual,
    },
    /// A field says what cannot be.
    #[error("{field}: {message}", message = message.en)]
    Field {
        /// Path of the field, such as `attribute "height_m": unit`.
        field: String,
        /// What is wrong and what would be accepted.
        message: Bilingual,
    },
    /// More than one thing is wrong, a line each.
    #[error("{}", lines(.0))]
    Several(Vec<DefinitionError>),
}

impl DefinitionError {
    /// The same in both languages.
    pub fn text(&self) -> Bilingual {
        match self {
            Self::Toml { line, message } => {
                Bilingual::new(format!("dòng {line}: {}", message.vi), format!("line {line}: {}", message.en))
            }
            Self::Field { field, message } => {
                Bilingual::new(format!("{field}: {}", message.vi), format!("{field}: {}", message.en))
            }
            Self::Several(all) => all_of(all.iter().map(Self::text)),
        }
    }
}

impl From<DefinitionError> for Said {
    fn from(error: DefinitionError) -> Self {
        error.text().into()
    }
}

/// A line each.
pub(super) fn all_of(texts: impl Iterator<Item = Bilingual>) -> Bilingual {
    let (vi, en): (Vec<_>, Vec<_>) = texts.map(|text| (text.vi, text.en)).unzip();
    Bilingual::new(vi.join("\n"), en.join("\n"))
}

fn lines(errors: &[DefinitionError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn wrong(field: impl Into<String>, message: impl Into<Bilingual>) -> DefinitionError {
    DefinitionError::Field { field: field.into(), message: message.into() }
}

/// Reads and checks the file of one layer.
///
/// # Errors
/// When it is not a description of a layer; the error names every field that is wrong.
pub fn parse_layer(text: &str) -> Result<Layer, DefinitionError> {
    let mut layer: Layer = toml::from_str(text).map_err(|first| unread(text, first))?;
    for (index, attribute) in layer.attributes.iter_mut().enumerate() {
        if attribute.position == 0 {
            attribute.position = i32::try_from(index).unwrap_or(i32::MAX).saturating_add(1);
        }
    }
    check(&layer)?;
    Ok(layer)
}

/// The reader stops at the first thing that it does not know: what else is wrong is found part by part.
fn unread(text: &str, first: toml::de::Error) -> DefinitionError {
    let line = first.span().map_or(1, |span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
    let line_begins =
        first.span().is_some_and(|span| text.get(..span.start).is_some_and(|before| before.ends_with('\n')));
    let line = line + usize::from(line_begins);
    let mut found = vec![DefinitionError::Toml { line, message: words_of(first.message()) }];
    let Ok(mut whole) = toml::from_str::<toml::Table>(text) else { return several(found) };
    let mut take = |name: &str| match whole.remove(name) {
        Some(toml::Value::Array(parts)) => parts,
        _ => Vec::new(),
    };
    let (attributes, rules, lists) = (take("attribute"), take("rule"), take("code_list"));
    let mut wrongs = Vec::new();
    wrongs.extend(Layer::deserialize(toml::Value::Table(whole)).err().map(|e| ("layer".to_owned(), e)));
    wrongs.extend(wrong_parts::<Attribute>("attribute", attributes));
    wrongs.extend(wrong_parts::<Rule>("rule", rules));
    wrongs.extend(wrong_parts::<NewCodeList>("code_list", lists));
    let others = wrongs.into_iter().filter(|(_, error)| error.message() != first.message());
    found.extend(others.map(|(field, error)| wrong(field, words_of(error.message()))));
    several(found)
}

fn wrong_parts<T: serde::de::DeserializeOwned>(kind: &str, parts: Vec<toml::Value>) -> Vec<(String, toml::de::Error)> {
    let named = |part: &toml::Value, number: usize| match part.get("name").and_then(toml::Value::as_str) {
        Some(name) => format!("{kind} \"{name}\""),
        None => format!("{kind} {}", number + 1),
    };
    let parts = parts.into_iter().enumerate();
    parts.filter_map(|(number, part)| Some((named(&part, number), T::deserialize(part).err()?))).collect()
}

fn several(mut found: Vec<DefinitionError>) -> DefinitionError {
    if found.len() == 1 { found.remove(0) } else { DefinitionError::Several(found) }
}

/// Checks what the types do not say.
pub(super) fn check(layer: &Layer) -> Result<(), DefinitionError> {
    let mut found = Vec::new();
    let mut note = |result: Result<(), DefinitionError>| found.extend(result.err());
    note(name_form(&layer.name, "name"));
    if layer.title.vi.trim().is_empty() || layer.title.en.trim().is_empty() {
        note(Err(wrong("title", IN_BOTH)));
    }
    if layer.detail_zoom > 22 {
        note(Err(wrong(
            "detail_zoom",
            (
                format!("{} không phải mức thu phóng; 0 đến 22", layer.detail_zoom),
                format!("{} is not a zoom; 0 to 22", layer.detail_zoom),
            ),
        )));
    }
    note(low_zoom_fits(layer));
    if layer.legal && layer.geometry == Geometry::None {
        note(Err(wrong(
            "legal",
            (
                "đối tượng không có vị trí thì không có hình học pháp lý",
                "an entity without a place has no legal geometry",
            ),
        )));
    }
    if layer.attributes.is_empty() {
        note(Err(wrong(
            "attribute",
            ("lớp cần ít nhất một [[attribute]]", "a layer needs at least one [[attribute]]"),
        )));
    }
    let mut seen = HashSet::new();
    for attribute in &layer.attributes {
        note(check_attribute(attribute, !seen.insert(attribute.name.as_str())));
    }
    layer.code_lists.iter().for_each(|list| note(check_code_list(list)));
    note(check_names(layer));
    if found.is_empty() { Ok(()) } else { Err(several(found)) }
}

fn check_code_list(list: &NewCodeList) -> Result<(), DefinitionError> {
    let field = |part: &str| format!("code_list \"{}\": {part}", list.name);
    name_form(&list.name, &field("name"))?;
    let mut seen = HashSet::new();
    for code in &list.codes {
        if code.code.trim().is_empty() || !seen.insert(code.code.as_str()) {
            return Err(wrong(
                field("codes"),
                (
                    format!("\"{}\" trống hoặc có hai lần", code.code),
                    format!("\"{}\" is empty or stands twice", code.code),
                ),
            ));
        }
        if let Some(colour) = code.colour.as_ref().filter(|colour| !is_colour(colour)) {
            return Err(wrong(
                field("colour"),
                (format!("\"{colour}\" không phải màu; viết #rrggbb"), format!("\"{colour}\" is no colour; #rrggbb")),
            ));
        }
    }
    if seen.is_empty() {
        return Err(wrong(field("codes"), ("bảng mã cần ít nhất một mã", "a list needs at least one code")));
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
    Err(wrong(
        "low_zoom",
        (
            "cluster cho điểm, merge cho vùng, lines cho đường; hide hợp với mọi loại",
            "cluster is for points, merge for polygons, lines for lines; hide fits all",
        ),
    ))
}

fn check_attribute(attribute: &Attribute, stands_twice: bool) -> Result<(), DefinitionError> {
    let field = |part: &str| format!("attribute \"{}\": {part}", attribute.name);
    name_form(&attribute.name, &field("name"))?;
    if RESERVED.contains(&attribute.name.as_str()) || VALIDITY.contains(&attribute.name.as_str()) {
        return Err(wrong(
            field("name"),
            ("lớp nào cũng có sẵn cột này; đặt tên khác", "every layer has that column already; take another name"),
        ));
    }
    if stands_twice {
        return Err(wrong(field("name"), ("có hai lần", "stands twice")));
    }
    if (attribute.kind == Kind::Code) != attribute.code_list.is_some() {
        return Err(wrong(
            field("code_list"),
            (
                "kind = \"code\" cần code_list, các kind khác thì không",
                "kind = \"code\" needs a code_list, other kinds have none",
            ),
        ));
    }
    if attribute.private && attribute.in_tile {
        return Err(wrong(
            field("private"),
            (
                "thuộc tính riêng tư không bao giờ vào ô bản đồ; bỏ in_tile",
                "a private attribute is never in a tile; leave out in_tile",
            ),
        ));
    }
    if attribute.title.vi.trim().is_empty() || attribute.title.en.trim().is_empty() {
        return Err(wrong(field("title"), IN_BOTH));
    }
    Ok(())
}

/// Holds names in `key`, `public` and `public_rows` to the attributes.
fn check_names(layer: &Layer) -> Result<(), DefinitionError> {
    let unknown = |name: &str| layer.attribute(name).is_none();
    if let Some(name) = layer.key.iter().find(|name| unknown(name)) {
        return Err(wrong("key", no_attribute(name)));
    }
    if layer.private && !layer.public.is_empty() {
        return Err(wrong(
            "public",
            ("lớp riêng tư không có gì công khai; để trống", "a private layer has nothing public; leave it empty"),
        ));
    }
    for name in layer.public.iter().filter(|name| *name != "*") {
        match layer.attribute(name) {
            None => return Err(wrong("public", no_attribute(name))),
            Some(attribute) if attribute.private => {
                return Err(wrong(
                    "public",
                    (
                        format!("\"{name}\" là riêng tư nên không công khai được"),
                        format!("\"{name}\" is private and cannot be public"),
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    if let Some(rows) = &layer.public_rows {
        let Some(attribute) = layer.attribute(&rows.attribute) else {
            return Err(wrong("public_rows", no_attribute(&rows.attribute)));
        };
        // Its values are compared as text: of a number or a day none would ever be equal, and the layer would show nothing.
        if attribute.kind != Kind::Text && attribute.kind != Kind::Code {
            return Err(wrong(
                "public_rows",
                (
                    format!("\"{}\" phải là chữ hoặc mã: giá trị của nó được so từng chữ", rows.attribute),
                    format!(
                        "\"{}\" has to be text or a code: its values are compared letter by letter",
                        rows.attribute
                    ),
                ),
            ));
        }
    }
    Ok(())
}

/// A title is for people, and they read either.
const IN_BOTH: (&str, &str) =
    ("viết bằng cả hai ngôn ngữ: { vi = \"…\", en = \"…\" }", "say it in both languages: { vi = \"…\", en = \"…\" }");

fn no_attribute(name: &str) -> (String, String) {
    (format!("\"{name}\" không phải thuộc tính của lớp"), format!("\"{name}\" is not an attribute of the layer"))
}

fn name_form(name: &str, field: &str) -> Result<(), DefinitionError> {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_lowercase());
    let rest = letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if first && rest && name.len() <= 48 {
        return Ok(());
    }
    Err(wrong(
        field,
        (
            format!("\"{name}\": chữ thường a-z không dấu, chữ số và _, bắt đầu bằng chữ, tối đa 48"),
            format!("\"{name}\": small letters a-z, digits and _, a letter first, at most 48"),
        ),
    ))
}
