//! Rows out: a file that other programs read. Runs in a child process, because GDAL may crash and takes memory of its own.
//!
//! The parent writes one line that says what is wanted ([`Wanted`]), then one line a row ([`Row`]), then [`END`]. A parent
//! that died says no end: the half file is erased then, and the worker fails.

mod shapefile;
mod write;

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::Job;
use crate::worker::sandbox;

pub use write::write;

/// The line after the last row.
pub const END: &str = "end";

/// What kind of file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `GeoPackage`.
    Gpkg,
    /// A Shapefile, zipped, with a table of its shortened names.
    Shp,
    /// `AutoCAD` DXF: lines and points on a layer, without attributes.
    Dxf,
    /// `GeoJSON` that names its reference system.
    Geojson,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gpkg, Self::Shp, Self::Dxf, Self::Geojson];

    /// The end of the file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gpkg => "gpkg",
            Self::Shp => "zip",
            Self::Dxf => "dxf",
            Self::Geojson => "geojson",
        }
    }

    /// What a browser is told that it is.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Gpkg => "application/geopackage+sqlite3",
            Self::Shp => "application/zip",
            Self::Dxf => "image/vnd.dxf",
            Self::Geojson => "application/geo+json",
        }
    }
}

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whole number.
    Int,
    /// Number.
    Float,
    /// Day, as `YYYY-MM-DD`.
    Date,
    /// Text, and everything that has no type of its own in all formats.
    Text,
}

/// A column of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Column {
    /// Its name; a Shapefile shortens it.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Its name for people, Vietnamese.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// Unit of a number.
    pub unit: Option<String>,
    /// Bytes of its longest text, where the format has to know them before the first row.
    pub bytes: Option<u32>,
}

/// The first line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// The file, which does not exist yet; its folder is the worker's own.
    pub path: PathBuf,
    /// Its kind.
    pub format: Format,
    /// Name of the layer in it.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Reference system of the shapes; none for a table without a place.
    pub srid: Option<u32>,
    /// Kind of shape: `Point`, `LineString`, `Polygon`, `Multi…`; anything else is any.
    pub shape: String,
    /// The columns, the first of which names the object.
    pub columns: Vec<Column>,
}

/// Every other line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The shape as WKB in hexadecimal digits.
    pub wkb: Option<String>,
    /// One value a column.
    pub values: Vec<Value>,
}

/// The child process: reads standard input, writes the file.
pub fn process() -> ExitCode {
    // What is written is for who asked alone.
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    // Its warnings quote values; what goes wrong is said by the call that fails.
    gdal::config::set_error_handler(|_, _, _| {});
    let mut input = std::io::stdin().lock();
    let written = wanted(&mut input).and_then(|wanted| {
        let folder = wanted.path.parent().unwrap_or(Path::new(".")).to_string_lossy().into_owned();
        // A drawing is written beside itself first; not wherever the server was started.
        gdal::config::set_config_option("CPL_TMPDIR", &folder)?;
        // Nothing here is a stranger's, but nothing is needed either: no network, no other file.
        sandbox::confine(&Job { work_dir: folder, ..Job::default() });
        rows(&wanted, input)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the file that `input` asks for; nothing is left of it when the input breaks off.
///
/// # Errors
/// When the input cannot be read, or GDAL cannot write.
pub fn run(mut input: impl BufRead) -> anyhow::Result<()> {
    let wanted = wanted(&mut input)?;
    rows(&wanted, input)
}

fn wanted(input: &mut impl BufRead) -> anyhow::Result<Wanted> {
    let mut first = String::new();
    input.read_line(&mut first).context("nothing is wanted")?;
    serde_json::from_str(&first).context("reading what is wanted")
}

fn rows(wanted: &Wanted, input: impl BufRead) -> anyhow::Result<()> {
    let mut lines = input.lines();
    let mut ended = false;
    let mut number = 0_usize;
    let rows = std::iter::from_fn(|| {
        let line = match lines.next()? {
            Ok(line) => line,
            Err(error) => return Some(Err(error.into())),
        };
        if line == END {
            ended = true;
            return None;
        }
        number += 1;
        // Its error would quote the row.
        Some(serde_json::from_str::<Row>(&line).map_err(|_| anyhow::anyhow!("row {number} cannot be read")))
    });
    let written = write(wanted, rows);
    if written.is_ok() && ended {
        return Ok(());
    }
    // Half a file looks like a whole one to who finds it.
    let _ = std::fs::remove_file(&wanted.path);
    written?;
    bail!("the rows broke off after {number}")
}

#[cfg(test)]
mod tests;
