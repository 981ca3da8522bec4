//! What a Shapefile cannot hold, beside it in the same package: full names of its fields, and texts that are too long for it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::Wanted;

/// Letters of a field's name.
const LONGEST_NAME: usize = 10;

/// Names of at most ten letters, each once whatever its case; those that fit stay as they are.
pub fn short_names<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Vec<String> {
    let fits = |name: &str| name.len() <= LONGEST_NAME && name.is_ascii();
    let mut taken: BTreeSet<String> = names.clone().filter(|name| fits(name)).map(str::to_ascii_lowercase).collect();
    let shortened = |name: &'n str| {
        if fits(name) {
            return name.to_owned();
        }
        let short = shorten(name);
        let numbered = (2..).map(|number: u32| {
            let number = number.to_string();
            let kept = short.len().min(LONGEST_NAME - number.len());
            format!("{}{number}", &short[..kept])
        });
        let free = std::iter::once(short.clone()).chain(numbered).find(|one| taken.insert(one.to_ascii_lowercase()));
        free.unwrap_or(short)
    };
    names.map(shortened).collect()
}

/// Takes the last letter off the longest word until the whole fits: `former_unit_name` is `for_uni_na`.
fn shorten(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let mut words: Vec<&str> = plain.split('_').filter(|word| !word.is_empty()).collect();
    loop {
        let joined = words.join("_");
        if joined.len() <= LONGEST_NAME {
            return joined;
        }
        let longest = words.iter_mut().max_by_key(|word| word.len()).filter(|word| word.len() > 1);
        match longest {
            Some(word) => *word = &word[..word.len() - 1],
            None => return words.concat().chars().take(LONGEST_NAME).collect(),
        }
    }
}

/// Texts that did not fit.
#[derive(Default)]
pub struct LongTexts(String);

impl LongTexts {
    /// Keeps the whole text, and gives what fits of it.
    pub fn cut<'t>(&mut self, object: &str, field: &str, text: &'t str, most: usize) -> &'t str {
        let _ = write!(self.0, "{}", line(&[object, field, text]));
        let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        &text[..end]
    }
}

/// A line of CSV.
fn line(cells: &[&str]) -> String {
    let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
    quoted.join(",") + "\r\n"
}

/// Packs the parts, the table of names and the long texts into the file that is wanted.
pub fn pack(folder: &Path, wanted: &Wanted, short: &[String], long: &LongTexts) -> anyhow::Result<()> {
    let mut zip = zip::ZipWriter::new(File::create(&wanted.path).context("making the package")?);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    let mut parts: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    parts.sort_by_key(std::fs::DirEntry::file_name);
    for part in parts {
        zip.start_file(part.file_name().to_string_lossy(), options)?;
        std::io::copy(&mut File::open(part.path())?, &mut zip)?;
    }
    // Spreadsheets take a file for UTF-8 by its mark.
    let mut fields = String::from('\u{feff}') + &line(&["field", "name", "title_vi", "title_en", "unit"]);
    for (short, column) in short.iter().zip(&wanted.columns) {
        let unit = column.unit.as_deref().unwrap_or_default();
        fields += &line(&[short, &column.name, &column.title_vi, &column.title_en, unit]);
    }
    zip.start_file("fields.csv", options)?;
    zip.write_all(fields.as_bytes())?;
    if !long.0.is_empty() {
        zip.start_file("long_texts.csv", options)?;
        zip.write_all(format!("\u{feff}{}{}", line(&["id", "field", "text"]), long.0).as_bytes())?;
    }
    zip.finish().context("ending the package")?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_stay_readable() {
        let names = ["id", "former_unit_name", "storeys_max", "land_use", "boundary_by_document"];
        assert_eq!(short_names(names.into_iter()), ["id", "for_uni_na", "storey_max", "land_use", "bou_by_doc"]);
    }

    #[test]
    fn names_that_fall_together_are_numbered() {
        let names = ["planning_area", "planning_area_m2", "plannin_are", "PLANNI_ARE"];
        let short = short_names(names.into_iter());
        let distinct: BTreeSet<String> = short.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(distinct.len(), names.len(), "{short:?}");
        assert_eq!(short[3], "PLANNI_ARE");
    }

    proptest! {
        #[test]
        fn no_two_fields_share_a_name(names in prop::collection::btree_set("[a-z_]{1,3}[a-z0-9_]{0,24}", 1..80)) {
            let short = short_names(names.iter().map(String::as_str));
            let distinct: BTreeSet<String> = short.iter().map(|name| name.to_lowercase()).collect();
            prop_assert_eq!(distinct.len(), names.len());
            prop_assert!(short.iter().all(|name| (1..=LONGEST_NAME).contains(&name.len())));
        }
    }
}
