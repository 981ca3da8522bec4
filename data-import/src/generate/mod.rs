//! `dothi generate`: an illustrative place, whole and of any size, on real ground or on a grid.
//!
//! No open Vietnamese cadastre, plan or network exists, so the demo place is made: streets (real ones where there are
//! any) cut the ground into blocks, alleys cut blocks into tube-house lots, and plans, trees, lamps, pipes and permits
//! are laid on these. All of it is computed in VN-2000 metres on a 1 mm grid, hangs together topologically, and is the
//! same again for the same seed. Everything that comes out is illustrative (`dữ liệu minh họa`) and says so.

mod borders;
mod cases;
mod fronts;
mod ground;
mod land;
mod lines;
mod lots;
mod medians;
mod nearby;
mod numbers;
mod papers;
pub mod persons;
mod pipes;
mod plans;
mod protection;
mod rules;
mod shapes;
mod streets;
mod subdivide;
#[cfg(test)]
mod tests;
pub mod write;
mod zones;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use ground::Ground;
use write::{GeoPackage, Row, Sink};

/// What to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which place: the real ward, or squares of a synthetic city.
    pub place: PlaceKind,
    /// At least so many parcels (of the grid; the ward has what it has).
    pub parcels: Option<usize>,
    /// The same seed makes the same place.
    pub seed: u64,
    /// Folder of the real data (`vn_admin`, `vn_osm`, `vn`).
    pub data: PathBuf,
}

/// Which place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// *Phường Sài Gòn* on its real ground.
    PhuongSaiGon,
    /// A synthetic city on a grid, of any size.
    Grid,
}

impl PlaceKind {
    /// Its word: name of the file, and after `--place`.
    pub fn word(self) -> &'static str {
        match self {
            Self::PhuongSaiGon => "phuong-sai-gon",
            Self::Grid => "grid",
        }
    }
}

/// Side of a grid city's square, metres, and about how many parcels it holds.
const SQUARE_M: f64 = 500.0;

/// Generates a place row by row into `sink`; returns how many parcels came out.
pub fn rows(options: &Options, sink: &mut dyn Sink) -> Result<usize> {
    papers::write(sink)?;
    match options.place {
        PlaceKind::PhuongSaiGon => {
            let ground = ground::saigon(&options.data)?;
            papers::labels(&options.data, sink)?;
            one(&ground, options.seed, 0, usize::MAX, sink)
        }
        PlaceKind::Grid => {
            let wanted = options.parcels.unwrap_or(10_000);
            let columns = ((wanted as f64 / 1300.0).sqrt().ceil() as usize).max(1);
            let mut made = 0;
            let mut index = 0;
            while made < wanted {
                let ground = ground::square(index, columns, SQUARE_M);
                made += one(&ground, options.seed, index, wanted - made, sink)?;
                index += 1;
            }
            Ok(made)
        }
    }
}

fn one(ground: &Ground, seed: u64, index: usize, most: usize, sink: &mut dyn Sink) -> Result<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(index as u64));
    let mut city = lots::build(ground, &mut rng);
    city.lots.truncate(most);
    let addresses = numbers::addresses(&mut city);
    let keys = numbers::parcel_keys(ground, &city);
    let made = land::write(ground, &city, &addresses, &keys, &mut rng, sink)?;
    plans::write(ground, &city, index, &mut rng, sink)?;
    protection::write(ground, &city, index, sink)?;
    streets::write(ground, &city, index, &mut rng, sink)?;
    pipes::write(ground, &city, index, &mut rng, sink)?;
    cases::write(ground, &city, &addresses, &keys, index, &mut rng, sink)?;
    Ok(made)
}

/// Generates a place into `<folder>/<place>.gpkg` with a `manifest.json` beside it; returns counts by layer.
pub fn to_folder(options: &Options, folder: &Path) -> Result<BTreeMap<&'static str, u64>> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let file = format!("{}.gpkg", options.place.word());
    let mut package = GeoPackage::create(&folder.join(&file))?;
    rows(options, &mut package)?;
    let counts = package.finish()?;
    let manifest = json!({
        "place": options.place.word(), "file": file, "seed": options.seed, "parcels_wanted": options.parcels,
        "label": {"vi": "dữ liệu minh họa", "en": "illustrative data"},
        "crs": "EPSG:4326", "computed_in": format!("EPSG:{} (EPSG:6960)", write::LEGAL_SRID), "layers": counts,
    });
    std::fs::write(folder.join("manifest.json"), serde_json::to_vec_pretty(&manifest)?)
        .context("writing manifest.json")?;
    Ok(counts)
}

/// Generates a place in memory, in VN-2000 metres.
pub fn to_memory(options: &Options) -> Result<Vec<Row>> {
    let mut rows_made = Vec::new();
    rows(options, &mut rows_made)?;
    Ok(rows_made)
}
