//! Which encoding a column's bytes are in, by scored evidence; decided only above a margin.

use std::borrow::Cow;

use super::syllable::is_syllable;
use crate::values::text::Encoding;

/// What is tried, in the order in which choices are shown.
pub const CANDIDATES: [Encoding; 8] = [
    Encoding::Mojibake { times: 1 },
    Encoding::Mojibake { times: 2 },
    Encoding::Tcvn3,
    Encoding::Tcvn5712,
    Encoding::Vni,
    Encoding::Viscii,
    Encoding::Standard(encoding_rs::WINDOWS_1258),
    Encoding::Standard(encoding_rs::WINDOWS_1252),
];

/// Of the words that are evidence, at least this share must be syllables.
const SHARE: f64 = 0.85;
/// Fewer syllables than this decide nothing.
const LEAST: usize = 5;
/// The next best may have at most this share of the best one's syllables,
const NEXT: f64 = 0.6;
/// or this one, where it has this many fewer.
const NEXT_OF_MANY: (f64, usize) = (0.8, 6);
/// Of a sample, this share may be bytes that the encoding does not have: rows of another hand.
const ILLEGAL: f64 = 0.02;

/// So many values may be UTF-8 by chance.
const BY_CHANCE: usize = 3;

/// How a sample reads in one encoding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The encoding.
    pub encoding: Encoding,
    /// Words that hold a letter beyond ASCII.
    pub words: usize,
    /// Those of them that are Vietnamese syllables.
    pub syllables: usize,
    /// Values whose bytes this encoding does not have.
    pub illegal: usize,
}

impl Score {
    fn share(self) -> f64 {
        if self.words == 0 { 0.0 } else { self.syllables as f64 / self.words as f64 }
    }
}

/// What a sample says.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// ASCII alone: no evidence, and none needed.
    Plain,
    /// UTF-8 as it should be.
    Utf8,
    /// This one, by a margin; the scores of all, best first.
    Decided(Vec<Score>),
    /// Nothing by a margin; the scores of those that are possible, best first.
    Unclear(Vec<Score>),
}

/// Looks at values of text; those of ASCII alone are no evidence.
pub fn detect<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Found {
    let values: Vec<&[u8]> = values.into_iter().filter(|value| is_evidence(value)).collect();
    if values.is_empty() {
        return Found::Plain;
    }
    let is_utf8 = values.iter().all(|value| !value.is_ascii() && std::str::from_utf8(value).is_ok());
    // One value or two may be UTF-8 by chance; what they read as is no Vietnamese then.
    let is_utf8 = is_utf8
        && !(values.len() <= BY_CHANCE
            && score(Encoding::Utf8, &values).share() < SHARE
            && !can_be_taken_back(&values));
    let is_mojibake = |encoding: Encoding| matches!(encoding, Encoding::Mojibake { .. });
    // Bytes of another encoding that are UTF-8 by chance, value after value, do not happen; UTF-8 that was garbled on its way does.
    let mut scores: Vec<Score> =
        CANDIDATES.iter().filter(|one| is_mojibake(**one) == is_utf8).map(|one| score(*one, &values)).collect();
    scores.retain(|one| one.illegal as f64 <= ILLEGAL * values.len() as f64);
    scores.sort_by(|a, b| (b.syllables, a.illegal).cmp(&(a.syllables, b.illegal)));
    let Some(best) = scores.first().copied() else {
        return if is_utf8 { Found::Utf8 } else { Found::Unclear(scores) };
    };
    // VN1 is TCVN3 and its capitals: where there are none, both read the same.
    let is_same = |one: &&Score| {
        [one.encoding, best.encoding].iter().all(|of| matches!(of, Encoding::Tcvn3 | Encoding::Tcvn5712))
    };
    let next = scores.iter().skip(1).find(|one| !is_same(one)).map_or(0, |one| one.syllables);
    let apart = best.syllables - next;
    let at_most = |share: f64| next as f64 <= share * best.syllables as f64;
    let has_margin = apart >= 2 && at_most(NEXT) || apart >= NEXT_OF_MANY.1 && at_most(NEXT_OF_MANY.0);
    // That all of it can be taken back, and is Vietnamese then, does not happen by chance to what is as it should be.
    let least = if is_utf8 && best.illegal == 0 { 1 } else { LEAST };
    let has_margin = has_margin || (is_utf8 && next == 0);
    if best.syllables >= least && best.share() >= SHARE && has_margin {
        return Found::Decided(scores);
    }
    if is_utf8 && best.illegal > 0 { Found::Utf8 } else { Found::Unclear(scores) }
}

/// Does it hold more than ASCII? Some capitals of VISCII and of TCVN 5712 are control codes of ASCII; those stand beside letters then.
fn is_evidence(value: &[u8]) -> bool {
    let is_capital = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r');
    let beside = |pair: &[u8]| {
        is_capital(pair[0]) && pair[1].is_ascii_alphabetic() || pair[0].is_ascii_alphabetic() && is_capital(pair[1])
    };
    !value.is_ascii() || value.windows(2).any(beside)
}

/// Was it UTF-8 before somebody read it as Windows-1252?
fn can_be_taken_back(values: &[&[u8]]) -> bool {
    values.iter().all(|value| Encoding::Mojibake { times: 1 }.decode(value).is_some())
}

fn score(encoding: Encoding, values: &[&[u8]]) -> Score {
    let mut score = Score { encoding, words: 0, syllables: 0, illegal: 0 };
    for value in values {
        let Some(text) = encoding.decode(value) else {
            score.illegal += 1;
            continue;
        };
        for word in words(&text) {
            score.words += 1;
            score.syllables += usize::from(is_syllable(word) && has_plain_case(word, encoding));
        }
    }
    score
}

/// Words with a letter beyond ASCII: the others read the same in every encoding. Signs beyond ASCII stand in no Vietnamese word,
/// so that they belong to the word and spoil it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_ascii() && !letter.is_ascii_alphabetic()).filter(|word| !word.is_ascii())
}

/// Lower, upper or with one capital in front. ABC fonts have no accented capitals: there all is possible.
fn has_plain_case(word: &str, encoding: Encoding) -> bool {
    if encoding == Encoding::Tcvn3 {
        return true;
    }
    let rest = || word.chars().skip(1);
    rest().all(|letter| !letter.is_uppercase()) || word.chars().all(|letter| !letter.is_lowercase())
}

/// The first few values that are evidence, as they would read; nothing for what cannot be read so.
pub fn preview<'v>(encoding: Encoding, values: impl IntoIterator<Item = &'v [u8]>, most: usize) -> Vec<String> {
    let read = values.into_iter().filter(|value| is_evidence(value)).filter_map(|value| encoding.decode(value));
    read.take(most).map(Cow::into_owned).map(|text| text.chars().take(60).collect()).collect()
}

#[cfg(test)]
mod tests;
