//! Short forms as everybody writes them: "P. Bến Nghé, Q.1", "q1", "TP.HCM", "12 Đ. Lê Lợi".

use unicode_normalization::UnicodeNormalization as _;

/// With a full stop behind it, a short form is one wherever it stands.
const DOTTED: [(&str, &str); 8] = [
    ("tp.", "thành phố"),
    ("tx.", "thị xã"),
    ("tt.", "thị trấn"),
    ("p.", "phường"),
    ("q.", "quận"),
    ("h.", "huyện"),
    ("x.", "xã"),
    ("đ.", "đường"),
];

/// Without one, these are short forms in front of a name or a number. Not `d`, which belongs to house numbers, nor `h` and
/// `x`, which stand for much else.
const PLAIN: [(&str, &str); 5] =
    [("tp", "thành phố"), ("tx", "thị xã"), ("p", "phường"), ("q", "quận"), ("đ", "đường")];

/// Names that are hardly ever written in full.
const NAMES: [(&str, &str); 4] = [
    ("tphcm", "thành phố hồ chí minh"),
    ("tp.hcm", "thành phố hồ chí minh"),
    ("hcm", "hồ chí minh"),
    ("tp.hcm.", "thành phố hồ chí minh"),
];

/// The text with its short forms written out; any other text as it is.
pub fn written_out(text: &str) -> String {
    let composed: String = text.nfc().collect();
    // "P.Bến Nghé,Q.1": a comma parts words even without a blank behind it, and stays where it was.
    let spaced = composed.replace(',', ", ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let full = |at: usize, word: &str| -> Option<String> {
        let (bare, comma) = word.strip_suffix(',').map_or((word, ""), |bare| (bare, ","));
        let lower = bare.to_lowercase();
        let (form, rest) = one(&lower, comma.is_empty() && at + 1 < words.len(), at > 0 && is_number(words[at - 1]))?;
        // What follows keeps its own letters.
        let kept: String = bare.chars().skip(bare.chars().count() - rest.chars().count()).collect();
        Some(if kept.is_empty() { format!("{form}{comma}") } else { format!("{form} {kept}{comma}") })
    };
    let mut changed = false;
    let out: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| full(at, word).inspect(|_| changed = true).unwrap_or_else(|| (*word).to_owned()))
        .collect();
    if changed { out.join(" ") } else { composed }
}

/// What a word in small letters is short for, and what of it is left.
fn one(word: &str, something_follows: bool, behind_number: bool) -> Option<(&'static str, &str)> {
    if let Some((_, full)) = NAMES.iter().find(|(name, _)| *name == word) {
        return Some((full, ""));
    }
    if let Some((rest, full)) = DOTTED.iter().find_map(|(form, full)| Some((word.strip_prefix(form)?, *full)))
        && (!rest.is_empty() || something_follows)
    {
        return Some((full, rest));
    }
    let (rest, full) = PLAIN.iter().find_map(|(form, full)| Some((word.strip_prefix(form)?, *full)))?;
    let is_numbered = !rest.is_empty() && rest.len() <= 2 && rest.bytes().all(|byte| byte.is_ascii_digit());
    (is_numbered || (rest.is_empty() && something_follows && !behind_number)).then_some((full, rest))
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_forms_are_written_out() {
        for (text, full) in [
            ("P. Bến Nghé, Q.1", "phường Bến Nghé, quận 1"),
            ("P.Bến Nghé,Q1", "phường Bến Nghé, quận 1"),
            ("q1", "quận 1"),
            ("Q. 1", "quận 1"),
            ("p6 q3", "phường 6 quận 3"),
            ("TP.HCM", "thành phố hồ chí minh"),
            ("Q1 TPHCM", "quận 1 thành phố hồ chí minh"),
            ("TP. Thủ Đức", "thành phố Thủ Đức"),
            ("12 Đ. Lê Lợi", "12 đường Lê Lợi"),
            ("tờ 12 thửa 345 P.Bến Nghé", "tờ 12 thửa 345 phường Bến Nghé"),
        ] {
            assert_eq!(written_out(text), full, "{text}");
        }
    }

    #[test]
    fn what_is_no_short_form_stays() {
        for text in
            ["Phạm Ngũ Lão", "Phở", "quán", "12 D Lê Lợi", "X 1191000 Y 603000", "12 Q", "q", "", "Q1A", "GPXD-27/2025"]
        {
            assert_eq!(written_out(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = written_out(&text);
        }
    }
}
