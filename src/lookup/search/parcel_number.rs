//! "tờ 12 thửa 345", in the ways that people write it.

use super::fold::fold;

/// Sheet and number of a parcel, as asked for; the rest of the text may name a commune.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelNumber {
    /// Map sheet, if it was named.
    pub sheet: Option<String>,
    /// Number on the sheet.
    pub number: String,
    /// What else was written, folded.
    pub rest: String,
}

/// Leading zeros say nothing: "thửa 012" is plot 12.
pub fn normal(number: &str) -> String {
    let bare = number.trim_start_matches('0');
    if bare.is_empty() && !number.is_empty() { "0".to_owned() } else { bare.to_lowercase() }
}

impl ParcelNumber {
    /// Reads "tờ 12 thửa 345", "thửa đất số 345, tờ bản đồ số 12 Bến Nghé", "sheet 12 plot 345", "thửa 345".
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(&spaced(text));
        let words: Vec<&str> = folded.split(' ').collect();
        let (mut sheet, mut number, mut rest) = (None, None, Vec::new());
        let mut at = 0;
        while at < words.len() {
            let place = match words[at] {
                "to" | "sheet" | "tbd" if sheet.is_none() => Some(true),
                "thua" | "plot" | "parcel" if number.is_none() => Some(false),
                _ => None,
            };
            let value = place.and_then(|_| value_after(&words, at));
            match (place, value) {
                (Some(true), Some((value, next))) => (sheet, at) = (Some(normal(value)), next),
                (Some(false), Some((value, next))) => (number, at) = (Some(normal(value)), next),
                _ => {
                    rest.push(words[at]);
                    at += 1;
                }
            }
        }
        Some(Self { sheet, number: number?, rest: rest.join(" ") })
    }
}

/// "tờ12" is "tờ 12".
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut last = ' ';
    for c in text.chars() {
        if c.is_ascii_digit() && last.is_alphabetic() && !last.is_ascii_uppercase() {
            out.push(' ');
        }
        out.push(c);
        last = c;
    }
    out
}

/// The number behind a keyword and the filling words people put between, and where to read on.
fn value_after<'w>(words: &[&'w str], keyword: usize) -> Option<(&'w str, usize)> {
    let mut at = keyword + 1;
    while words.get(at).is_some_and(|word| matches!(*word, "ban" | "do" | "so" | "dat" | "no" | "number")) {
        at += 1;
    }
    let value = words.get(at).filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_reads_what_people_write() {
        for text in [
            "tờ 12 thửa 345",
            "thửa 345 tờ 12",
            "Thửa đất số 345, tờ bản đồ số 12",
            "to 12 thua 345",
            "TỜ 012, THỬA 0345",
            "tờ12 thửa345",
            "sheet 12 plot 345",
            "thửa 345, tờ 12",
        ] {
            let read = ParcelNumber::parse(text);
            let expected = ParcelNumber { sheet: Some("12".into()), number: "345".into(), rest: String::new() };
            assert_eq!(read, Some(expected), "{text}");
        }
        let read = ParcelNumber::parse("tờ 12 thửa 345 phường Bến Nghé").unwrap();
        assert_eq!(read.rest, "phuong ben nghe");
        assert_eq!(ParcelNumber::parse("thửa 345").unwrap().sheet, None);
        for text in ["12/3 Lê Lợi", "tờ 12", "thửa", "Thủ Đức", ""] {
            assert_eq!(ParcelNumber::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = ParcelNumber::parse(&text);
        }

        #[test]
        fn the_order_makes_no_difference(sheet in 1u32..500, number in 1u32..2000) {
            let one = ParcelNumber::parse(&format!("tờ {sheet} thửa {number}"));
            prop_assert_eq!(&one, &ParcelNumber::parse(&format!("thửa {number} tờ {sheet}")));
            prop_assert_eq!(one.unwrap().number, number.to_string());
        }
    }
}
