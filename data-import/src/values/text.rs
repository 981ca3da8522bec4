//! Text: source encodings to UTF-8 in NFC.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How a source's bytes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not said: UTF-8 is taken if all text is; else the import stops and asks.
    Unsaid,
    /// Strict UTF-8; other bytes are a bad value.
    Utf8,
    /// TCVN3: ABC fonts (`.VnTime`).
    Tcvn3,
    /// TCVN 5712:1993 VN1, with capitals among the control codes, which ABC fonts do not use.
    Tcvn5712,
    /// VNI-Windows.
    Vni,
    /// VISCII (RFC 1456).
    Viscii,
    /// UTF-8 that a program read as Windows-1252 and wrote as UTF-8 again, once or twice.
    Mojibake {
        /// How often.
        times: u8,
    },
    /// One of the encodings of the WHATWG standard, such as windows-1258.
    Standard(&'static encoding_rs::Encoding),
}

impl Encoding {
    /// By name, as in `--encoding`.
    pub fn by_name(name: &str) -> Option<Self> {
        let folded: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        Some(match folded.as_str() {
            "utf8" => Self::Utf8,
            "tcvn3" | "abc" => Self::Tcvn3,
            "tcvn" | "tcvn5712" | "tcvn57121" | "vn1" => Self::Tcvn5712,
            "vni" | "vniwindows" => Self::Vni,
            "viscii" => Self::Viscii,
            "utf8ascp1252" | "mojibake" => Self::Mojibake { times: 1 },
            "utf8ascp1252twice" | "mojibake2" => Self::Mojibake { times: 2 },
            "cp1258" | "1258" | "ansi1258" => Self::Standard(encoding_rs::WINDOWS_1258),
            "cp1252" | "1252" | "ansi1252" | "iso88591" | "88591" => Self::Standard(encoding_rs::WINDOWS_1252),
            _ => Self::Standard(encoding_rs::Encoding::for_label(name.trim().as_bytes())?),
        })
    }

    /// Its name, as [`by_name`](Self::by_name) takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsaid | Self::Utf8 => "utf-8",
            Self::Tcvn3 => "tcvn3",
            Self::Tcvn5712 => "tcvn5712",
            Self::Vni => "vni",
            Self::Viscii => "viscii",
            Self::Mojibake { times: 1 } => "utf8-as-cp1252",
            Self::Mojibake { .. } => "utf8-as-cp1252-twice",
            Self::Standard(encoding) => encoding.name(),
        }
    }

    /// Decodes to UTF-8, NFC. `None` if the bytes cannot be text in this encoding.
    pub fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        if bytes.is_ascii() && !matches!(self, Self::Viscii | Self::Tcvn5712) {
            return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
        }
        let text = match self {
            Self::Unsaid | Self::Utf8 => Cow::Borrowed(std::str::from_utf8(bytes).ok()?),
            Self::Tcvn3 => Cow::Owned(with_capitals(single_byte(&TCVN3, bytes)?)),
            Self::Tcvn5712 => Cow::Owned(single_byte(&TCVN5712, bytes)?),
            Self::Viscii => Cow::Owned(single_byte(&VISCII, bytes)?),
            Self::Vni => Cow::Owned(vni(bytes)?),
            Self::Mojibake { times } => Cow::Owned(ungarbled(bytes, times)?),
            Self::Standard(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes)?,
        };
        Some(nfc(text))
    }
}

/// ABC fonts have no accented capitals but Ă Â Ê Ô Ơ Ư Đ: a font that draws all letters as capitals stands in for them, and a table
/// does not say which font it was. Where every letter that has a case of its own is a capital, and more than one is, so were the others.
fn with_capitals(text: String) -> String {
    let certain = |letter: &char| letter.is_ascii_alphabetic() || "ĂÂÊÔƠƯĐăâêôơưđ".contains(*letter);
    let capitals = text.chars().filter(certain).filter(|letter| letter.is_uppercase()).count();
    let small = text.chars().filter(certain).any(|letter| letter.is_lowercase());
    if small || capitals < 2 {
        // One by one: a word among others may be in capitals.
        let words = text.split_inclusive(' ').map(|word| {
            let capitals = word.chars().filter(certain).filter(|letter| letter.is_uppercase()).count();
            let small = word.chars().filter(certain).any(|letter| letter.is_lowercase());
            if small || capitals < 2 { word.to_owned() } else { word.to_uppercase() }
        });
        return words.collect();
    }
    text.to_uppercase()
}

/// Takes back what reading UTF-8 as Windows-1252 did. Nothing where the text holds what that never makes.
fn ungarbled(bytes: &[u8], times: u8) -> Option<String> {
    let mut text = std::str::from_utf8(bytes).ok()?.to_owned();
    for _ in 0..times {
        if text.is_ascii() {
            break;
        }
        let (before, _, has_others) = encoding_rs::WINDOWS_1252.encode(&text);
        if has_others {
            return None;
        }
        text = String::from_utf8(before.into_owned()).ok()?;
    }
    Some(text)
}

/// Writes a text as an old program would; nothing where the encoding lacks a letter. Capitals that TCVN3 lacks are small, as its fonts
/// of capitals have them.
#[cfg(test)]
pub(crate) fn encode(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    let by_table = |table: &Table, letter: char| -> Option<Vec<u8>> {
        if letter.is_ascii() {
            return Some(vec![letter as u8]);
        }
        let shortest =
            |letter: &str| table.iter().filter(|(_, to)| to.as_str() == letter).map(|(code, _)| code).min().cloned();
        shortest(&letter.to_string()).or_else(|| shortest(&letter.to_lowercase().to_string()))
    };
    let by = |table: &Table| {
        text.nfc().map(|letter| by_table(table, letter)).collect::<Option<Vec<_>>>().map(|all| all.concat())
    };
    match encoding {
        Encoding::Unsaid | Encoding::Utf8 => Some(text.as_bytes().to_vec()),
        Encoding::Tcvn3 => by(&TCVN3),
        Encoding::Tcvn5712 => by(&TCVN5712),
        Encoding::Viscii => by(&VISCII),
        Encoding::Vni => by(&VNI),
        Encoding::Mojibake { times } => {
            let mut text = text.to_owned();
            for _ in 0..times {
                text = encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned();
            }
            Some(text.into_bytes())
        }
        Encoding::Standard(standard) => {
            // Letters have their hooks and hats there, and marks of tone stand behind them.
            let is_tone = |mark: &char| matches!(mark, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
            let whole: String = text
                .nfc()
                .flat_map(|letter| {
                    let parts: Vec<char> = std::iter::once(letter).nfd().collect();
                    let plain: String = parts.iter().copied().filter(|part| !is_tone(part)).nfc().collect();
                    plain.chars().chain(parts.into_iter().filter(is_tone)).collect::<Vec<_>>()
                })
                .collect();
            let (bytes, _, lacks) = standard.encode(&whole);
            (!lacks).then(|| bytes.into_owned())
        }
    }
}

/// NFC, without a copy where the text is in it already.
pub fn nfc(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { Cow::Owned(text.nfc().collect()) }
}

type Table = HashMap<Vec<u8>, String>;

static TCVN3: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../data/encodings/tcvn3.csv"), false));
static TCVN5712: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../data/encodings/tcvn3.csv"), true));
static VISCII: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../data/encodings/viscii.csv"), false));
static VNI: LazyLock<Table> = LazyLock::new(|| table(include_str!("../../data/encodings/vni.csv"), false));

fn single_byte(table: &Table, bytes: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        match table.get(std::slice::from_ref(byte)) {
            Some(letters) => out.push_str(letters),
            None if byte.is_ascii() => out.push(char::from(*byte)),
            None => return None,
        }
    }
    Some(out)
}

/// Greedy: a base letter with its mark byte first, then single bytes.
fn vni(bytes: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(bytes.len() * 2);
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        if let Some(letters) = rest.get(..2).and_then(|pair| VNI.get(pair)) {
            out.push_str(letters);
            rest = &rest[2..];
        } else {
            match VNI.get(&rest[..1]) {
                Some(letters) => out.push_str(letters),
                None if first.is_ascii() => out.push(char::from(first)),
                None => return None,
            }
            rest = &rest[1..];
        }
    }
    Some(out)
}

/// Reads a table: hex bytes in `source_bytes_hex`, the letter in `unicode_char`.
fn table(csv: &str, with_vn1: bool) -> Table {
    let mut lines = csv.lines().filter(|l| !l.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|h| h.trim() == name);
    let (Some(bytes), Some(letter)) = (column("source_bytes_hex"), column("unicode_char")) else {
        return Table::new();
    };
    let mut table = Table::new();
    for line in lines.filter(|l| with_vn1 || !l.contains("VN1 only")) {
        let cells: Vec<&str> = line.split(',').collect();
        if let (Some(hex), Some(text)) = (cells.get(bytes), cells.get(letter)) {
            let code: Option<Vec<u8>> = hex
                .trim()
                .as_bytes()
                .chunks(2)
                .map(|c| u8::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok())
                .collect();
            // Tabs and line ends stay what they are, whatever a program's own table says.
            let is_layout = |c: &[u8]| matches!(c, [0x09 | 0x0a | 0x0d]);
            if let Some(code) = code.filter(|c| !is_layout(c)) {
                // The first reading of a byte wins: rows marked as belonging to one program only stand last.
                table.entry(code).or_insert_with(|| text.nfc().collect());
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes().chunks(2).map(|c| u8::from_str_radix(std::str::from_utf8(c).unwrap(), 16).unwrap()).collect()
    }

    #[test]
    fn the_test_vector_reads_the_same_in_all_encodings() {
        let text = "Đường Nguyễn Huệ";
        assert_eq!(Encoding::Tcvn3.decode(&bytes("A7ADEA6E67204E677579D46E204875D6")).unwrap(), text);
        assert_eq!(Encoding::Vni.decode(&bytes("D1F6F4F86E67204E67757965E36E20487565E4")).unwrap(), text);
        assert_eq!(Encoding::Viscii.decode(&bytes("D0DFB66E67204E677579AD6E204875AE")).unwrap(), text);
        let decomposed: String = text.nfd().collect();
        assert_eq!(Encoding::Utf8.decode(decomposed.as_bytes()).unwrap(), text);
        let (cp1258, _, _) = encoding_rs::WINDOWS_1258.encode("Hu\u{ea}\u{323}");
        assert_eq!(Encoding::by_name("windows-1258").unwrap().decode(&cp1258).unwrap(), "Huệ");
    }

    #[test]
    fn bytes_of_another_encoding_are_not_utf8() {
        assert_eq!(Encoding::Unsaid.decode(&bytes("A7ADEA6E67")), None);
        assert_eq!(Encoding::by_name("klingon"), None);
        assert_eq!(
            (Encoding::by_name("tcvn").unwrap().decode(&[2]).as_deref(), Encoding::Tcvn3.decode(&[2]).as_deref()),
            (Some("Ụ"), Some("\u{2}"))
        );
    }
}
