//! `dothi import`: the shell's door.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;

use super::Scope;
use crate::config::Config;

/// Imports files of one delivery, all or nothing, and says what became of every row.
///
/// Exit code 0: all is in. 2: some rows were refused (the report and a GeoPackage say why). 1: nothing was applied.
#[derive(clap::Args, Debug)]
pub struct ImportArgs {
    /// GeoJSON, GeoPackage, Shapefile, FlatGeobuf, TopoJSON, CSV, OSM pbf; plain, .gz or zipped.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The layer that everything goes to, where no profile says otherwise.
    #[arg(long)]
    pub layer: Option<String>,
    /// Profile: the name of a shipped one, or a TOML file.
    #[arg(long)]
    pub profile: Option<String>,
    /// Coordinate system of the files: EPSG:9210, a PROJ string or WKT. Wins over the files' own.
    #[arg(long)]
    pub crs: Option<String>,
    /// Text encoding of the files: utf-8, tcvn3, vni, viscii, windows-1258.
    #[arg(long)]
    pub encoding: Option<String>,
    /// Reads, compares and reports, and leaves nothing behind.
    #[arg(long)]
    pub dry_run: bool,
    /// Looks at the files and prints a first profile.
    #[arg(long, conflicts_with_all = ["dry_run", "profile"])]
    pub propose: bool,
    /// How much each row is checked.
    #[arg(long, default_value = "full", value_parser = ["full", "basic"])]
    pub checks: String,
    /// Rules that you accept: keep-local, take-delivery, mass-close, or one that a report named.
    #[arg(long, value_delimiter = ',')]
    pub accept: Vec<String>,
    /// Who delivers; a later delivery of the same source closes what has gone. Default: profile or file name.
    #[arg(long)]
    pub source: Option<String>,
    /// What is closed when the delivery does not have it.
    #[arg(long, value_enum, default_value = "source")]
    pub scope: Scope,
    /// The day the delivery speaks of. Default: today.
    #[arg(long)]
    pub date: Option<NaiveDate>,
    /// Also writes the JSON report here.
    #[arg(long)]
    pub report: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// No database, or one that this version does not know.
pub async fn run(args: ImportArgs, config: Config) -> anyhow::Result<ExitCode> {
    let _ = (args, config);
    anyhow::bail!("not yet")
}
