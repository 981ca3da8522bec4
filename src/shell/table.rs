//! Columns for people to read: a heading, and cells that stand below each other.

use super::Language;
use crate::bilingual::Bilingual;

/// The rows below their headings, in the language of the shell. The last column is not filled up, so that nothing wraps.
pub fn table<const N: usize>(headings: [Bilingual; N], rows: &[[String; N]], language: Language) -> String {
    let heading = headings.map(|heading| language.of(&heading).to_owned());
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = std::iter::once(&heading).chain(rows).map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    std::iter::once(&heading).chain(rows).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_their_headings() {
        let rows = [["lan".to_owned(), "Nguyễn Thị Lan".to_owned()], ["minh.tran".to_owned(), "Minh".to_owned()]];
        let headings = [("Tài khoản", "Account").into(), ("Tên", "Name").into()];
        let said = table(headings, &rows, Language::Vi);
        assert_eq!(said, "Tài khoản  Tên\nlan        Nguyễn Thị Lan\nminh.tran  Minh");
    }
}
