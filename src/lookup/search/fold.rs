//! Makes texts comparable: without diacritics, case or Unicode form, as people type on a phone.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Words in small letters without diacritics, one space between; number chains such as `12/3` stay one word.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bare = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut last = ' ';
    for c in bare {
        let c = match c {
            'đ' | 'ð' => 'd',
            // A slash holds a chain together only behind a digit or letter: "12/3", "12a/3".
            '/' if last.is_alphanumeric() => '/',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        };
        if c == ' ' && last == '/' {
            out.pop();
        }
        if c != ' ' || (last != ' ' && last != '/') {
            out.push(c);
        } else if last == '/' {
            out.push(' ');
        }
        last = c;
    }
    out.trim_matches([' ', '/']).to_owned()
}

/// Three letters as one number.
pub type Gram = u64;

/// The trigrams of folded text, each word padded as `pg_trgm` does: two blanks before, one behind. Sorted, each once.
pub fn grams(folded: &str) -> Vec<Gram> {
    let mut grams = Vec::new();
    for word in folded.split(' ').filter(|word| !word.is_empty()) {
        let letters: Vec<u64> =
            "  ".chars().chain(word.chars()).chain(" ".chars()).map(|c| u64::from(u32::from(c))).collect();
        grams.extend(letters.windows(3).map(|three| three[0] << 42 | three[1] << 21 | three[2]));
    }
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// How alike two sets of trigrams are: those in common over all (as `similarity` of `pg_trgm`).
pub fn similarity(a: &[Gram], b: &[Gram]) -> f32 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let common = a.iter().filter(|gram| b.binary_search(gram).is_ok()).count();
    common as f32 / (a.len() + b.len() - common) as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn diacritics_case_and_form_make_no_difference() {
        for (text, folded) in [
            ("Đường Nguyễn Huệ", "duong nguyen hue"),
            ("12/3 Lê Lợi", "12/3 le loi"),
            ("  PHƯỜNG  Bến-Nghé, Q.1 ", "phuong ben nghe q 1"),
            ("12/ 3", "12 3"),
            ("/", ""),
            ("GPXD-27/2025", "gpxd 27/2025"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
            assert_eq!(fold(&text.nfd().collect::<String>()), folded);
            assert_eq!(fold(&text.nfc().collect::<String>()), folded);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_text_is_like_itself(text in "[a-z ]{1,30}") {
            let grams = grams(&fold(&text));
            prop_assert!(grams.is_empty() || (similarity(&grams, &grams) - 1.0).abs() < 1e-6);
        }
    }
}
