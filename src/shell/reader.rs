//! What a reader of TOML stumbled over, in both languages, with the words that would be allowed.

use crate::bilingual::Bilingual;

/// Words that people write and the one that is meant; English and Vietnamese readers get the same hint.
const MEANT: [(&str, &str); 16] = [
    ("type", "kind"),
    ("string", "text"),
    ("str", "text"),
    ("varchar", "text"),
    ("integer", "int"),
    ("number", "float"),
    ("double", "float"),
    ("real", "float"),
    ("decimal", "float"),
    ("boolean", "bool"),
    ("datetime", "timestamp"),
    ("time", "timestamp"),
    ("enum", "code"),
    ("linestring", "line"),
    ("multilinestring", "multiline"),
    ("label", "title"),
];

/// The message of `toml` and `serde` in both languages.
pub fn words_of(message: &str) -> Bilingual {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (first, allowed) = (quoted.first().copied().unwrap_or_default(), quoted.get(1..).unwrap_or_default());
    let (vi_hint, en_hint) = hint(first, allowed);
    let list = allowed.join(", ");
    if message.starts_with("unknown variant") {
        let vi = format!("không có từ `{first}`; dùng một trong: {list}{vi_hint}");
        return Bilingual::new(vi, format!("unknown word `{first}`; use one of: {list}{en_hint}"));
    }
    if message.starts_with("unknown field") {
        let vi = format!("không có mục `{first}`; các mục là: {list}{vi_hint}");
        return Bilingual::new(vi, format!("unknown field `{first}`; the fields are: {list}{en_hint}"));
    }
    if message.starts_with("missing field") {
        return Bilingual::new(format!("thiếu mục `{first}`"), format!("missing field `{first}`"));
    }
    if message.starts_with("duplicate") {
        return Bilingual::new(format!("một mục có hai lần: {message}"), message);
    }
    if let Some((found, wanted)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        return Bilingual::new(format!("có {}, cần {}", form(found), form(wanted)), message);
    }
    Bilingual::new(format!("không đọc được như TOML: {message}"), message)
}

/// A value's form, as `serde` names it, in Vietnamese.
fn form(english: &str) -> String {
    let value = english.split_once('`').or_else(|| english.split_once('"'));
    let value = value.map(|(_, rest)| format!(" {}", rest.trim_end_matches(['`', '"']))).unwrap_or_default();
    match english.split_whitespace().next().unwrap_or_default() {
        "string" => format!("chữ{value}"),
        "integer" | "u8" | "u16" | "u32" | "u64" | "usize" | "i16" | "i32" | "i64" => format!("số nguyên{value}"),
        "floating" | "f64" => format!("số{value}"),
        "boolean" => format!("đúng/sai{value}"),
        "sequence" => "một danh sách [ … ]".to_owned(),
        "map" | "struct" => "một bảng { … = … }".to_owned(),
        "a" | "an" => return form(english.split_once(' ').map_or("", |(_, rest)| rest)),
        _ => english.to_owned(),
    }
}

fn hint(written: &str, allowed: &[&str]) -> (String, String) {
    let known = MEANT.iter().find(|(word, meant)| *word == written.to_lowercase() && allowed.contains(meant));
    known.map_or_else(Default::default, |(_, meant)| (format!(" (viết {meant})"), format!(" (write {meant})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_named() {
        let said = words_of("unknown field `type`, expected one of `name`, `kind`");
        assert_eq!(said.vi, "không có mục `type`; các mục là: name, kind (viết kind)");
        assert_eq!(said.en, "unknown field `type`; the fields are: name, kind (write kind)");
        let said = words_of("unknown variant `String`, expected one of `text`, `int`");
        assert_eq!(said.vi, "không có từ `String`; dùng một trong: text, int (viết text)");
        assert_eq!(
            words_of("unknown variant `dog`, expected `text` or `int`").en,
            "unknown word `dog`; use one of: text, int"
        );
    }

    #[test]
    fn forms_are_said_in_vietnamese() {
        assert_eq!(words_of("invalid type: string \"yes\", expected a boolean").vi, "có chữ yes, cần đúng/sai");
        assert_eq!(
            words_of("invalid type: integer `3`, expected a sequence").vi,
            "có số nguyên 3, cần một danh sách [ … ]"
        );
    }
}
