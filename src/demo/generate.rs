//! `dothi generate`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use dothi_import::generate::{Options, PlaceKind, to_folder};

use crate::shell::{self, Said, Says as _};

/// The most that one place is made of; a country's parcels fit.
const MOST_PARCELS: usize = 100_000_000;

/// What `dothi generate` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Thư mục cho tệp GeoPackage và manifest.json của nó. | Folder for the GeoPackage and its manifest.json.
    #[arg(long)]
    out: PathBuf,
    /// phuong-sai-gon (phường có thật) hoặc grid (thành phố bàn cờ). | phuong-sai-gon (the real ward) or grid (a synthetic
    /// city).
    #[arg(long, value_parser = ["phuong-sai-gon", "grid"])]
    place: Option<String>,
    /// Bao nhiêu thửa, từ 1; thành bàn cờ nếu không nêu địa bàn. | How many parcels, from 1 on; makes a grid unless a place is
    /// named.
    #[arg(long, value_parser = shell::whole_number(1, MOST_PARCELS))]
    parcels: Option<usize>,
    /// Cùng một số thì ra cùng một địa bàn. | The same seed makes the same place.
    #[arg(long, default_value_t = 1, value_parser = shell::whole_number(0, u64::MAX))]
    seed: u64,
    /// Thư mục dữ liệu thật. | Folder of the real data.
    #[arg(long, default_value = "data-import/data", env = "DOTHI_DATA_IMPORT")]
    data: PathBuf,
}

/// Generates and says what came out.
///
/// # Errors
/// The real data are not there, or the folder cannot be written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let place = match (args.place.as_deref(), args.parcels) {
        (Some("grid"), _) | (None, Some(_)) => PlaceKind::Grid,
        _ => PlaceKind::PhuongSaiGon,
    };
    let data = args.data.display();
    anyhow::ensure!(
        place == PlaceKind::Grid || args.data.is_dir(),
        Said::new(
            format!("không có thư mục dữ liệu thật {data}; nêu nó bằng --data, hoặc tạo bàn cờ: --place grid"),
            format!("the real data are not in {data}; name their folder with --data, or make a grid: --place grid"),
        )
    );
    let out = args.out.display();
    std::fs::create_dir_all(&args.out)
        .says(|| (format!("không tạo được thư mục {out}"), format!("the folder {out} cannot be made")))?;
    let started = Instant::now();
    let options = Options { place, parcels: args.parcels, seed: args.seed, data: args.data.clone() };
    let counts = to_folder(&options, &args.out).says(|| ("không tạo được địa bàn", "the place cannot be made"))?;
    for (layer, count) in &counts {
        println!("{count:>9}  {layer}");
    }
    let file = args.out.join(format!("{}.gpkg", place.word()));
    let (file, seconds) = (file.display(), started.elapsed().as_secs_f64());
    shell::say((
        format!("{file} (dữ liệu minh họa), {} s", format!("{seconds:.1}").replace('.', ",")),
        format!("{file} (illustrative data), {seconds:.1} s"),
    ));
    Ok(ExitCode::SUCCESS)
}
