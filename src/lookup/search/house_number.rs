//! House numbers as people write them: "12", "12A", "12/5", "12/5/3", "số 12 bis", "117-121".

use super::fold::fold;

/// A house number, and the words behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseNumber {
    /// The number with its alleys, in plain letters without blanks.
    pub number: String,
    /// What else was written, folded: a street, most often.
    pub street: String,
}

/// Signs behind a number that belong to it even after a blank.
fn is_suffix(word: &str) -> bool {
    matches!(word, "bis" | "ter" | "a" | "b" | "c" | "d")
}

/// Digits, a letter or two behind them, and the same again after each slash.
fn is_number(word: &str) -> bool {
    word.split('/').all(|part| {
        let letters = part.trim_start_matches(|c: char| c.is_ascii_digit());
        letters.len() < part.len()
            && (letters.len() <= 2 || is_suffix(letters))
            && letters.chars().all(|c| c.is_ascii_alphabetic())
    })
}

impl HouseNumber {
    /// Reads a text that begins with a house number; none for any other.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        let mut words: Vec<&str> = folded.split(' ').collect();
        while words.len() > 1 && matches!(words[0], "so" | "nha" | "address" | "no") {
            words.remove(0);
        }
        let (first, mut rest) = words.split_first()?;
        if !is_number(first) {
            return None;
        }
        let mut number = (*first).to_owned();
        if let Some((word, after)) = rest.split_first()
            && is_suffix(word)
            && number.ends_with(|c: char| c.is_ascii_digit())
        {
            number.push_str(word);
            rest = after;
        }
        Some(Self { number, street: rest.join(" ") })
    }
}

/// Under which numbers a house is looked for: "117-121" is found by either end.
pub fn keys(number: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for word in fold(number).split(' ').filter(|word| !word.is_empty()) {
        match keys.last_mut() {
            Some(last) if !word.starts_with(|c: char| c.is_ascii_digit()) => last.push_str(word),
            _ => keys.push(word.to_owned()),
        }
    }
    keys
}

/// How far two house numbers lie apart along a street, by the number they begin with.
pub fn apart(title: &str, number: &str) -> u32 {
    let first = |text: &str| {
        let digits: String = text.chars().take_while(char::is_ascii_digit).take(6).collect();
        digits.parse::<u32>().ok()
    };
    first(title).zip(first(number)).map_or(u32::MAX, |(a, b)| a.abs_diff(b))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_reads_what_people_write() {
        for (text, number, street) in [
            ("12", "12", ""),
            ("345/12", "345/12", ""),
            ("12/5 Lê Lợi", "12/5", "le loi"),
            ("Số nhà 12A Lê Lợi", "12a", "le loi"),
            ("số 25 Bis Thi Sách", "25bis", "thi sach"),
            ("178/15B", "178/15b", ""),
            ("23 tháng 9", "23", "thang 9"),
        ] {
            let expected = HouseNumber { number: number.into(), street: street.into() };
            assert_eq!(HouseNumber::parse(text), Some(expected), "{text}");
        }
        for text in ["", "Lê Lợi", "Quận 1", "GPXD-27/2025", "27/GPXD", "hẻm 33", "số"] {
            assert_eq!(HouseNumber::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_house_stands_under_each_of_its_numbers() {
        assert_eq!(keys("117-121"), ["117", "121"]);
        assert_eq!(keys("25 Bis"), ["25bis"]);
        assert_eq!(keys("12/5"), ["12/5"]);
        assert_eq!((apart("13 Lê Lợi", "15/2"), apart("Lê Lợi", "15")), (2, u32::MAX));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = HouseNumber::parse(&text);
            let _ = keys(&text);
        }
    }
}
