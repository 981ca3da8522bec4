//! What is wrong with a setting, in both languages: which one, where it stands, and what would be accepted.

use figment::error::Kind;

use crate::bilingual::Bilingual;
use crate::shell::{Said, words_of};

/// All that is wrong, a line each.
pub(super) fn said(errors: figment::Error) -> Said {
    let (vi, en): (Vec<_>, Vec<_>) = errors.into_iter().map(|error| one(&error)).map(|text| (text.vi, text.en)).unzip();
    Said::new(format!("cấu hình sai: {}", vi.join("\n")), format!("wrong configuration: {}", en.join("\n")))
}

fn one(error: &figment::Error) -> Bilingual {
    let names = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let what = match &error.kind {
        Kind::UnknownField(name, known) => {
            words_of(&format!("unknown field `{name}`, expected one of {}", names(known)))
        }
        Kind::UnknownVariant(name, known) => {
            words_of(&format!("unknown variant `{name}`, expected one of {}", names(known)))
        }
        Kind::MissingField(name) => words_of(&format!("missing field `{name}`")),
        Kind::InvalidType(found, wanted) | Kind::InvalidValue(found, wanted) => {
            words_of(&format!("invalid type: {found}, expected {wanted}"))
        }
        Kind::Message(message) => match message.as_str() {
            "invalid socket address syntax" => {
                ("cần địa chỉ và cổng, ví dụ 127.0.0.1:8080", "an address and a port, such as 127.0.0.1:8080").into()
            }
            // Settings that check themselves choose the language; a wrong file is told by its reader.
            _ => Bilingual::same(message.clone()),
        },
        other => Bilingual::same(other.to_string()),
    };
    let place = place(error);
    Bilingual::new(format!("{place}: {}", what.vi), format!("{place}: {}", what.en))
}

/// `listen` of a file, or the variable.
fn place(error: &figment::Error) -> String {
    let path = error.path.join(".");
    let source = error.metadata.as_ref().and_then(|about| about.source.as_ref());
    match source.and_then(|source| source.file_path()) {
        Some(file) if path.is_empty() => file.display().to_string(),
        Some(file) => format!("{}, {path}", file.display()),
        None if path == "database.url" => "DATABASE_URL".to_owned(),
        None => format!("DOTHI_{}", path.to_uppercase().replace('.', "__")),
    }
}
