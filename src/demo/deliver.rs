//! The deliveries of a place, one after the other, each at most once.

use std::path::{Path, PathBuf};
use std::time::Instant;

use sqlx::PgPool;
use tokio::sync::oneshot;

use super::generated;
use super::places::{Delivery, Files, Place, Profile};
use crate::bilingual::Bilingual;
use crate::imports::{self, ImportRequest};
use crate::shell::{self, Language, Said, Says as _};

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
            Ok(counts) => {
                let (title, seconds) = (&delivery.title, begun.elapsed().as_secs_f64());
                shell::say((
                    format!(
                        "dothi: {place_of} {}: {} ({} s)",
                        title.vi,
                        counts.vi,
                        format!("{seconds:.1}").replace('.', ",")
                    ),
                    format!("dothi: {place_of} {}: {} ({seconds:.1} s)", title.en, counts.en),
                ));
            }
            Err(error) if delivery.before_opening => return Err(error).says(|| delivery.title.clone()),
            Err(error) => {
                let told = |language: Language| {
                    format!("dothi: {place_of} {}: {}", language.of(&delivery.title), shell::told(&error, language))
                };
                shell::say((told(Language::Vi), told(Language::En)));
                if failed.is_none() {
                    failed = Err::<(), _>(error).says(|| delivery.title.clone()).err();
                }
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
async fn one(pool: &PgPool, place: &Place, delivery: &Delivery, folders: &Folders) -> anyhow::Result<Bilingual> {
    let files = match delivery.files {
        Files::Data(names) => names.iter().map(|name| folders.data.join(name)).collect(),
        Files::Generated => vec![generated::file(&folders.work, &folders.data, place.name).await?],
    };
    let mut request = ImportRequest::new(files, folders.work.join("imports"));
    request.profile = profile(delivery, &folders.work).await?;
    request.source = Some(delivery.source.to_owned());
    request.accept = delivery.accept.iter().map(ToString::to_string).collect();
    request.date = delivery
        .date
        .map(str::parse)
        .transpose()
        .says(|| ("ngày của một bản giao chạy thử", "a date of a demo delivery"))?;
    let report = imports::run(pool, request, None).await.map_err(Said::from)?;
    let needs = report.needs.join(", ");
    anyhow::ensure!(report.applied, Said::new(format!("chưa ghi: {needs}"), format!("not applied: {needs}")));
    let (read, refused) = report.layers.iter().fold((0, 0), |sum, layer| (sum.0 + layer.read, sum.1 + layer.refused));
    Ok(match refused {
        0 => Bilingual::new(format!("{read} dòng"), format!("{read} rows")),
        refused => {
            Bilingual::new(format!("{read} dòng, {refused} bị từ chối"), format!("{read} rows, {refused} refused"))
        }
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
    tokio::fs::create_dir_all(work).await.says(|| failed_at(("tạo", "making"), work))?;
    tokio::fs::write(&file, maps.collect::<String>()).await.says(|| failed_at(("ghi", "writing"), &file))?;
    Ok(Some(file.display().to_string()))
}

/// What could not be done with a file or folder.
pub(super) fn failed_at((vi, en): (&str, &str), path: &Path) -> (String, String) {
    (format!("không {vi} được {}", path.display()), format!("{en} {}", path.display()))
}
