//! Two threads: one reads through GDAL, one checks and sends.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use gdal::vector::LayerAccess;

use super::checker::{Checker, Counts, Evidence};
use super::delivery::Item;
use super::fatal::Fatal;
use super::ogr::{self, Batch};
use super::report::Place;
use super::session::Session;
use crate::crs::detect::SourceCrs;
use crate::mapping::{GeometryFrom, Plan};
use crate::protocol::{Job, Text};

/// Rows on their way between the two threads: this many batches.
const BATCHES: usize = 3;

impl<W: Write + Send> Session<'_, W> {
    /// Reads on this thread, checks on another.
    pub(super) fn stream<L: LayerAccess>(
        &mut self,
        item: &Item,
        plan: &Plan,
        crs: Option<&SourceCrs>,
        layer: &L,
        place: &Place,
    ) -> Result<(Counts, Evidence), Fatal> {
        ogr::take_failures();
        let job = self.job;
        let first_row = self.rows as i64 + 1;
        let shown = Shown { total: self.total(), file: item.name.clone(), before: self.rows };
        let (report, refused, last) = (&mut self.report, &mut self.refused, &mut self.progress.last);
        let place = place.clone();
        let (counts, evidence) = std::thread::scope(|scope| {
            let (full_in, full_out) = sync_channel::<Batch>(BATCHES);
            let (empty_in, empty_out) = sync_channel::<Batch>(BATCHES + 1);
            let checking = scope.spawn(move || {
                let mut checker = Checker::new(job, plan, crs, report, refused, place, first_row)?;
                check_all(&mut checker, &full_out, &empty_in, last, &shown)?;
                Ok(checker.finish())
            });
            let read = read_all(layer, plan, job, first_row, full_in, &empty_out);
            let checked = checking.join().unwrap_or_else(|_| {
                Err(Fatal::new(
                    "internal",
                    Text::new("lỗi nội bộ khi kiểm tra dữ liệu", "an internal error while checking rows"),
                ))
            });
            // What the checking thread found comes first: the reader only stops because of it.
            checked.and_then(|done| read.map(|()| done))
        })?;
        if let Some(said) = ogr::take_failures().into_iter().next() {
            let (name, n) = (&item.name, counts.read);
            return Err(Fatal::in_file(
                "file-broken",
                name,
                Text::new(
                    format!("{name} bị hỏng sau {n} dòng: {said}"),
                    format!("{name} is broken after {n} rows: {said}"),
                ),
            ));
        }
        self.rows += counts.read;
        Ok((counts, evidence))
    }
}

struct Shown {
    total: u64,
    file: String,
    before: u64,
}

fn read_all<L: LayerAccess>(
    layer: &L,
    plan: &Plan,
    job: &Job,
    first_row: i64,
    to: SyncSender<Batch>,
    empty: &Receiver<Batch>,
) -> Result<(), Fatal> {
    let native = plan.geometry == GeometryFrom::Native;
    let mut rows = first_row as u64 - 1;
    loop {
        let mut batch = empty.try_recv().unwrap_or_default();
        let more = ogr::fill(layer, &plan.wanted, native, &mut batch);
        rows += batch.geometries.len() as u64;
        if rows > job.limits.rows {
            let limit = job.limits.rows;
            return Err(Fatal::new(
                "limit-rows",
                Text::new(
                    format!("quá {limit} dòng trong một lần nhập"),
                    format!("more than {limit} rows in one delivery"),
                ),
            ));
        }
        // A closed channel means that checking has stopped; it says why.
        if to.send(batch).is_err() || !more {
            return Ok(());
        }
    }
}

fn check_all<W: Write>(
    checker: &mut Checker<'_, W>,
    full: &Receiver<Batch>,
    empty: &SyncSender<Batch>,
    last: &mut Option<Instant>,
    shown: &Shown,
) -> Result<(), Fatal> {
    for batch in full {
        checker.take(&batch)?;
        // A full channel of empty batches: this one is let go.
        let _ = empty.try_send(batch);
        checker.suspect()?;
        if last.is_none_or(|l| l.elapsed() > Duration::from_millis(250)) {
            *last = Some(Instant::now());
            checker.progress(shown.before, shown.total, &shown.file)?;
        }
    }
    Ok(())
}
