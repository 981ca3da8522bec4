//! Comparing names with and without diacritics.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, no diacritics, letters and digits only: `Số tờ bản đồ` → `sotobando`.
pub fn fold(name: &str) -> String {
    words(name).concat()
}

/// The words of a name: `tenChuHo`, `ten_chu_ho` and `Tên chủ hộ` are the same three.
pub fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last_lower = false;
    let mut fresh = true;
    for c in name.nfd().filter(|c| !is_combining_mark(*c)) {
        let c = match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        };
        if !c.is_alphanumeric() {
            fresh = true;
            continue;
        }
        if c.is_uppercase() && last_lower {
            fresh = true;
        }
        last_lower = c.is_lowercase() || c.is_numeric();
        if fresh {
            out.push(String::new());
            fresh = false;
        }
        if let Some(word) = out.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    out
}

/// Is `column` (perhaps cut to the ten letters of a DBF) the same name as `wanted`?
pub fn same_column(column: &str, wanted: &str) -> bool {
    column.eq_ignore_ascii_case(wanted)
        || (!wanted.contains('/')
            && column.len() == 10
            && wanted.is_char_boundary(10)
            && wanted.len() > 10
            && column.eq_ignore_ascii_case(&wanted[..10]))
}

/// How alike two names are, 0 to 1: shared letter pairs (Dice), a little more where a word is shared.
pub fn likeness(a: &str, b: &str) -> f64 {
    let (fa, fb) = (fold(a), fold(b));
    if fa == fb && !fa.is_empty() {
        return 1.0;
    }
    // `SO_TO` is short for `Số tờ bản đồ`.
    let starts = fa.len().min(fb.len()) >= 4 && (fa.starts_with(&fb) || fb.starts_with(&fa));
    let pairs = |s: &str| -> Vec<(char, char)> { s.chars().zip(s.chars().skip(1)).collect() };
    let (pa, mut pb) = (pairs(&fa), pairs(&fb));
    let total = pa.len() + pb.len();
    if total == 0 {
        return 0.0;
    }
    let shared = pa.iter().filter(|p| pb.iter().position(|q| q == *p).map(|i| pb.swap_remove(i)).is_some()).count();
    let dice = 2.0 * shared as f64 / total as f64;
    let (wa, wb) = (words(a), words(b));
    let shares_word = wa.iter().any(|w| w.len() > 3 && wb.contains(w));
    let least = if starts { 0.7 } else { 0.0 };
    (dice + if shares_word { 0.15 } else { 0.0 }).clamp(least, 0.99)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_with_and_without_diacritics() {
        assert_eq!(fold("Số tờ bản đồ"), fold("so_to_ban_do"));
        assert_eq!(words("tenChuHo"), words("Tên chủ hộ"));
        assert!(same_column("gisServerI", "gisServerId"));
        assert!(!same_column("gisServer", "gisServerId"));
        assert!(!same_column("other_tags", "other_tags/width"), "a tag of a column is not the column");
        assert!(likeness("LOAI_DAT", "Loại đất chính") > 0.6);
        assert!(likeness("LOAI_DAT", "Số thửa") < 0.3);
    }
}
