//! `dothi generate`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use super::{Options, PlaceKind, to_folder};

/// Arguments of `dothi generate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder for the GeoPackage and its manifest.json.
    #[arg(long)]
    out: PathBuf,
    /// phuong-sai-gon (the real ward) or grid (a synthetic city).
    #[arg(long, value_parser = ["phuong-sai-gon", "grid"])]
    place: Option<String>,
    /// How many parcels; makes a grid unless a place is named.
    #[arg(long)]
    parcels: Option<usize>,
    /// The same seed makes the same place.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of the real data.
    #[arg(long, default_value = "data-import/data", env = "DOTHI_DATA_IMPORT")]
    data: PathBuf,
}

/// Generates and says what came out.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let place = match (args.place.as_deref(), args.parcels) {
        (Some("grid"), _) | (None, Some(_)) => PlaceKind::Grid,
        _ => PlaceKind::PhuongSaiGon,
    };
    let started = Instant::now();
    let options = Options { place, parcels: args.parcels, seed: args.seed, data: args.data.clone() };
    let counts = to_folder(&options, &args.out)?;
    for (layer, count) in &counts {
        println!("{count:>9}  {layer}");
    }
    println!(
        "{} (dữ liệu minh họa), {:.1} s",
        args.out.join(format!("{}.gpkg", place.word())).display(),
        started.elapsed().as_secs_f64()
    );
    Ok(ExitCode::SUCCESS)
}
