//! Pictures in: a georeferenced scan or orthophoto becomes tiles of the web's map.
//!
//! Runs in a child process, because the file is a stranger's and GDAL may crash over it. The parent writes one line
//! ([`Wanted`]) and keeps the pipe open for as long as it lives; the worker answers with lines ([`Said`]), the last of which
//! is `done` or `refused`. A worker that ends without either died.

mod encode;
pub mod grid;
mod named;
mod picture;
mod pyramid;
mod refused;

use std::io::{self, BufRead as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use gdal::{Driver, DriverManager};
use serde::{Deserialize, Serialize};

use crate::protocol::{CrsUsed, Job, Text};
use crate::worker::fatal::Fatal;
use crate::worker::{end_with_the_parent, limit_memory, ogr, sandbox};

/// A job is one line, at most this long.
const LONGEST_JOB: u64 = 1 << 20;

/// Bounds on one picture. Each is named in the refusal that it causes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Pixels of the picture.
    pub pixels: u64,
    /// Tiles of all zooms together.
    pub tiles: u64,
    /// Address space of the worker, in bytes; 0 leaves it alone.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pixels: 10_000_000_000, tiles: 400_000, memory_bytes: 3 << 30 }
    }
}

/// What is wanted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// The picture.
    pub file: PathBuf,
    /// What a person says of its coordinates; wins over the file. As [`named::parse`] reads it.
    pub crs: Option<String>,
    /// An empty folder of the worker's own: tiles are written below it, as `z/x/y.ending`.
    pub folder: PathBuf,
    /// Bounds.
    pub limits: Limits,
}

/// What became of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// West, south, east, north, in degrees.
    pub bounds: [f64; 4],
    /// The zoom at which it is one tile.
    pub min_zoom: u8,
    /// The zoom of its own resolution.
    pub max_zoom: u8,
    /// Pixels along a tile's side.
    pub tile_size: u16,
    /// How the files' names end: `webp` or `png`.
    pub ending: String,
    /// Files that were written; what is empty has none.
    pub tiles: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The picture's own pixels across and down.
    pub pixels: [u64; 2],
    /// Where its coordinates were taken from, and how they were converted.
    pub crs: CrsUsed,
}

/// One line of the worker's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum Said {
    /// Tiles of the deepest zoom that were looked at.
    Progress {
        /// So far.
        done: u64,
        /// In all.
        of: u64,
    },
    /// All tiles are written.
    Done {
        /// What there is now.
        made: Made,
    },
    /// Nothing of it may be used.
    Refused {
        /// Stable slug.
        slug: String,
        /// What happened and what to do.
        text: Text,
    },
}

/// The child process: reads one job from standard input, answers on standard output.
pub fn process() -> ExitCode {
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    ogr::prepare();
    let made = wanted().and_then(|wanted| {
        limit_memory(wanted.limits.memory_bytes);
        prepare();
        pictures_alone();
        let folder = wanted.folder.to_string_lossy().into_owned();
        ogr::keep_aside_in(&folder);
        let file = wanted.file.to_string_lossy().into_owned();
        let job = Job { files: vec![file], work_dir: folder, ..Job::default() };
        for left in sandbox::confine(&job).0 {
            eprintln!("not locked in: {left}");
        }
        end_with_the_parent();
        run(&wanted, &mut io::stdout())
    });
    let (said, code) = match made {
        Ok(made) => (Said::Done { made }, ExitCode::SUCCESS),
        Err(Fatal { slug, message, .. }) => (Said::Refused { slug: slug.to_owned(), text: message }, ExitCode::FAILURE),
    };
    // A parent that is gone hears nothing; it sweeps the folder when it comes back.
    let _ = say(&mut io::stdout(), &said);
    code
}

/// Tiles one picture; `out` hears of the progress.
///
/// # Errors
/// What is wrong with the picture and what to do, or that a limit is reached, or that the disk is full.
pub fn run(wanted: &Wanted, out: &mut impl Write) -> Result<Made, Fatal> {
    let mut picture = picture::Picture::open(&wanted.file, wanted.crs.as_deref(), &wanted.limits)?;
    let plan = grid::Plan::of(&mut picture, &wanted.limits)?;
    let mut told = 0;
    let written = pyramid::write(&mut picture, &plan, &wanted.folder, &mut |done, of| {
        // A hundred lines are enough for anybody.
        if done * 100 / of.max(1) > told || done == of {
            told = done * 100 / of.max(1);
            // Nobody listens: the pipe's other end will be noticed.
            let _ = say(out, &Said::Progress { done, of });
        }
    })?;
    Ok(Made {
        bounds: plan.bounds,
        min_zoom: plan.min_zoom,
        max_zoom: plan.max_zoom,
        tile_size: grid::SIDE as u16,
        ending: written.ending.to_owned(),
        tiles: written.tiles,
        bytes: written.bytes,
        pixels: [picture.width as u64, picture.height as u64],
        crs: picture.crs.used(),
    })
}

/// GDAL's switches for pictures; to be thrown before any is opened.
fn prepare() {
    ogr::prepare();
    for (key, value) in [
        // Files beside the picture that would tell GDAL to open others.
        ("GDAL_PAM_ENABLED", "NO"),
        ("GDAL_CACHEMAX", "256"),
        ("GDAL_NUM_THREADS", "1"),
    ] {
        // Only a NUL byte could make it fail.
        let _ = gdal::config::set_config_option(key, value);
    }
    ogr::warm();
}

/// Leaves the drivers of pictures alone. What lies beside a picture as its mask or overviews (`.msk`, `.ovr`) is opened by
/// whichever driver knows it, and a VRT in such a name would lead to other files.
fn pictures_alone() {
    // Else the next look for a driver would bring all of them back.
    DriverManager::prevent_auto_registration();
    let is_other = |driver: &Driver| !["GTiff", "JPEG", "MEM", "PNG", "WEBP"].contains(&driver.short_name().as_str());
    for other in DriverManager::all().filter(is_other).collect::<Vec<_>>() {
        DriverManager::deregister_driver(&other);
    }
}

fn say(out: &mut impl Write, said: &Said) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

fn wanted() -> Result<Wanted, Fatal> {
    let unreadable = |error: &dyn std::fmt::Display| {
        let text = Text::new(format!("không đọc được yêu cầu: {error}"), format!("the job cannot be read: {error}"));
        Fatal::new("job-unreadable", text)
    };
    let mut line = String::new();
    io::Read::take(io::stdin().lock(), LONGEST_JOB).read_line(&mut line).map_err(|error| unreadable(&error))?;
    serde_json::from_str(&line).map_err(|error| unreadable(&error))
}

#[cfg(test)]
mod kinds;
#[cfg(test)]
mod tests;
