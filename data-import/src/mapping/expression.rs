//! Where a value comes from: a column, a tag of an OSM column, a joined column, or a template of these.

/// One source of a value. Numbers are positions among the fields that are read.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A field.
    Field(usize),
    /// A tag in an hstore text such as OSM's `other_tags`.
    Tag(usize, String),
    /// A column of a joined table: table, key field, column.
    Join(usize, usize, usize),
    /// `$row`: the row's number in its source layer. It is no lasting key.
    RowNumber,
    /// `$file`: the file's path inside the delivery.
    File,
    /// Pieces one after the other; null if one of them is.
    Template(Vec<Piece>),
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// A value.
    Value(Expression),
}

/// Splits `way/{osm_way_id}` into texts and names.
pub fn pieces(template: &str) -> Vec<(bool, String)> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else { break };
        if open > 0 {
            out.push((false, rest[..open].to_owned()));
        }
        out.push((true, rest[open + 1..open + close].to_owned()));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        out.push((false, rest.to_owned()));
    }
    out
}

/// The value of `key` in an hstore text: `"key"=>"value","other"=>"x"`.
pub fn tag(hstore: &str, key: &str) -> Option<String> {
    let mut rest = hstore;
    while let Some(start) = rest.find('"') {
        let (name, after) = quoted(&rest[start + 1..])?;
        let after = after.trim_start().strip_prefix("=>")?.trim_start();
        let (value, next) = quoted(after.strip_prefix('"')?)?;
        if name == key {
            return Some(value);
        }
        rest = next;
    }
    None
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => {
                out.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((out, &text[i + 1..])),
            _ => out.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_whatever_stands_around_them() {
        let text = r#""width"=>"5 m","name:en"=>"Say \"hi\"","note"=>"a,b=>c""#;
        assert_eq!(tag(text, "width").as_deref(), Some("5 m"));
        assert_eq!(tag(text, "name:en").as_deref(), Some("Say \"hi\""));
        assert_eq!(tag(text, "note").as_deref(), Some("a,b=>c"));
        assert_eq!(tag(text, "b"), None);
        assert_eq!(tag("\"broken", "broken"), None);
    }

    #[test]
    fn templates_are_cut_at_braces() {
        assert_eq!(pieces("way/{id}"), [(false, "way/".into()), (true, "id".into())]);
        assert_eq!(pieces("{a} {b}").len(), 3);
        assert_eq!(pieces("no end {"), [(false, "no end {".into())]);
    }
}
