//! The deliveries of a place, one after the other, each at most once.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use sqlx::PgPool;
use tokio::sync::oneshot;

use super::generated;
use super::places::{Delivery, Files, Place, Profile};
use crate::imports::{self, ImportRequest};

/// Where a place's files come from and go to.
pub(super) struct Folders {
    /// The open data of the repository.
    pub data: PathBuf,
    /// Generated files, profiles and reports.
    pub work: PathBuf,
}

/// Imports what has not been delivered yet; `opened` is told when everything that the first look needs is in.
///
/// # Errors
/// The first delivery that failed; the later ones are tried all the same, unless the first look needs it.
pub(super) async fn all(
    pool: &PgPool,
    place: &Place,
    folders: &Folders,
    opened: oneshot::Sender<()>,
) -> anyhow::Result<()> {
    let mut opened = Some(opened);
    let mut failed = None;
    for (number, delivery) in place.deliveries.iter().enumerate() {
        if !delivery.before_opening
            && let Some(opened) = opened.take()
        {
            // The one who waits may have been stopped.
            let _ = opened.send(());
        }
        if is_delivered(pool, place, number).await? {
            continue;
        }
        let place_of = format!("{}/{}", number + 1, place.deliveries.len());
        let begun = Instant::now();
        match one(pool, place, delivery, folders).await {
            Ok(counts) => println!(
                "dothi: {place_of} {} · {}: {counts} ({:.1} s)",
                delivery.title.vi,
                delivery.title.en,
                begun.elapsed().as_secs_f64()
            ),
            Err(error) if delivery.before_opening => return Err(error.context(delivery.title.en.clone())),
            Err(error) => {
                println!("dothi: {place_of} {} · {}: {error:#}", delivery.title.vi, delivery.title.en);
                failed.get_or_insert(error.context(delivery.title.en.clone()));
            }
        }
    }
    if let Some(opened) = opened.take() {
        let _ = opened.send(());
    }
    failed.map_or(Ok(()), Err)
}

/// Did this delivery end well before? The second of a source is there when two of it are.
pub(super) async fn is_delivered(pool: &PgPool, place: &Place, number: usize) -> Result<bool, sqlx::Error> {
    let source = place.deliveries[number].source;
    let wanted = place.deliveries[..=number].iter().filter(|delivery| delivery.source == source).count();
    sqlx::query_scalar(
        "SELECT count(*) >= $2 FROM import.delivery WHERE source = $1 AND state IN ('applied', 'nothing')",
    )
    .bind(source)
    .bind(i64::try_from(wanted).unwrap_or(i64::MAX))
    .fetch_one(pool)
    .await
}

/// Imports one delivery and says how many rows it brought.
async fn one(pool: &PgPool, place: &Place, delivery: &Delivery, folders: &Folders) -> anyhow::Result<String> {
    let files = match delivery.files {
        Files::Data(names) => names.iter().map(|name| folders.data.join(name)).collect(),
        Files::Generated => vec![generated::file(&folders.work, &folders.data, place.name).await?],
    };
    let mut request = ImportRequest::new(files, folders.work.join("imports"));
    request.profile = profile(delivery, &folders.work).await?;
    request.source = Some(delivery.source.to_owned());
    request.accept = delivery.accept.iter().map(ToString::to_string).collect();
    request.date = delivery.date.map(str::parse).transpose().context("a date of a demo delivery")?;
    let report = imports::run(pool, request, None).await?;
    anyhow::ensure!(report.applied, "not applied: {}", report.needs.join(", "));
    let (read, refused) = report.layers.iter().fold((0, 0), |sum, layer| (sum.0 + layer.read, sum.1 + layer.refused));
    Ok(match refused {
        0 => format!("{read} rows"),
        refused => format!("{read} rows, {refused} refused"),
    })
}

/// The profile's name, or the file that one was written to.
async fn profile(delivery: &Delivery, work: &Path) -> anyhow::Result<Option<String>> {
    let tables = match delivery.profile {
        Profile::Shipped(name) => return Ok(Some(name.to_owned())),
        Profile::SameNames([]) => return Ok(None),
        Profile::SameNames(tables) => tables,
    };
    let maps =
        tables.iter().map(|table| format!("[[map]]\nsource = \"{table}\"\nto = \"{table}\"\nsame_names = true\n"));
    let file = work.join(format!("{}.toml", delivery.source.replace(':', "-")));
    tokio::fs::create_dir_all(work).await.with_context(|| format!("making {}", work.display()))?;
    tokio::fs::write(&file, maps.collect::<String>()).await.with_context(|| format!("writing {}", file.display()))?;
    Ok(Some(file.display().to_string()))
}
