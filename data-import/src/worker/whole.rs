//! Is a file whole? What GDAL would read in part without a word is refused by name.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::delivery::{Format, Item};
use super::fatal::Fatal;
use crate::protocol::Text;

/// Columns of a CSV that are read; GDAL leaves out the rest.
const MOST_COLUMNS: usize = 2_000;
/// Columns that are counted before that is enough.
const COUNTED: usize = 10_000_000;

/// Looks at what belongs to the file, and at its head.
///
/// # Errors
/// `file-unreadable`: a Shapefile or MapInfo file without its table, a CSV of more columns than are read.
pub(super) fn check(item: &Item) -> Result<(), Fatal> {
    let name = &item.name;
    let refused = |vi, en| Err(Fatal::in_file("file-unreadable", name, Text::new(vi, en)));
    match item.format {
        Format::Shapefile if lacks_its_table(&item.path) => {
            let table = Path::new(name).with_extension("dbf");
            let table = table.display();
            refused(
                format!("{name} thiếu {table} (bảng thuộc tính); giao đủ bộ .shp, .shx, .dbf, .prj cùng một chỗ"),
                format!("{table}, the table of {name}, is missing; deliver .shp, .shx, .dbf and .prj side by side"),
            )
        }
        Format::MapInfo => match missing_part(&item.path) {
            Some(part) => refused(
                format!("{name} thiếu tệp .{part}; giao đủ bộ .tab, .dat, .map, .id (hoặc .mif, .mid) cùng một chỗ"),
                format!(
                    "the .{part} of {name} is missing; deliver .tab, .dat, .map and .id (or .mif and .mid) side by side"
                ),
            ),
            None => Ok(()),
        },
        Format::Csv => match columns(&item.path) {
            Ok(columns) if columns > MOST_COLUMNS => refused(
                format!("{name} có {columns} cột, mà chỉ đọc được nhiều nhất {MOST_COLUMNS}; bỏ bớt cột hoặc tách tệp"),
                format!(
                    "{name} has {columns} columns, and {MOST_COLUMNS} are read at most; leave some out or split the file"
                ),
            ),
            // What cannot be read is told by whoever opens it.
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn lacks_its_table(shape: &Path) -> bool {
    shape.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("shp"))
        && !["dbf", "DBF", "Dbf"].iter().any(|extension| shape.with_extension(extension).exists())
}

/// What GDAL would do without: a TAB's table, its map where there is an index of one, a MIF's table.
fn missing_part(path: &Path) -> Option<&'static str> {
    let has = |wanted: &str| [wanted.to_owned(), wanted.to_uppercase()].iter().any(|e| path.with_extension(e).exists());
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("mif")) {
        return (!has("mid")).then_some("mid");
    }
    if !has("dat") {
        return Some("dat");
    }
    (has("id") && !has("map")).then_some("map")
}

/// Columns of the first line: what is not quoted is parted by the mark that parts it most often.
fn columns(path: &Path) -> std::io::Result<usize> {
    const MARKS: [u8; 4] = *b",;\t|";
    let (mut file, mut counts, mut is_quoted) = (BufReader::new(File::open(path)?), [0; 4], false);
    loop {
        let head = file.fill_buf()?;
        let length = head.len();
        for byte in head {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b'\n' | b'\r' if !is_quoted => return Ok(most(counts)),
                _ if is_quoted => {}
                byte => {
                    if let Some(at) = MARKS.iter().position(|mark| mark == byte) {
                        counts[at] += 1;
                    }
                }
            }
        }
        if length == 0 || most(counts) > COUNTED {
            return Ok(most(counts));
        }
        file.consume(length);
    }
}

fn most(counts: [usize; 4]) -> usize {
    counts.into_iter().max().unwrap_or(0) + 1
}
