//! One delivery from its files to its commit, step by step.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use dothi_import::keys::Keys;
use dothi_import::protocol::{Frame, Issue, IssueCount, Message, Mode, Severity, StagingColumn};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection, PgPool};
use tokio::sync::mpsc;

use super::apply::{self, Decision};
use super::checks;
use super::compare::{self, Question, Tally};
use super::error::ImportError;
use super::folders;
use super::job::{self, Profile};
use super::landing::{self, Target, Way};
use super::private::Private;
use super::report::{FileReport, LayerReport, Report};
use super::store::{self, Block, NewDelivery};
use super::worker::Worker;
use super::{ImportRequest, Progress, Scope};

/// Conflicts that the report itself carries; all are in `import.conflict`.
const REPORTED_CONFLICTS: i64 = 50;
/// A delivery that would close more than this share of its source's objects is asked about.
const MASS_CLOSE_SHARE: f64 = 0.3;
/// Fewer closings than this are never asked about.
const MASS_CLOSE_LEAST: u64 = 20;

/// A delivery under way.
struct Delivery<'a> {
    request: &'a ImportRequest,
    progress: Option<mpsc::Sender<Progress>>,
    import_id: i64,
    source: String,
    scope: Scope,
    date: NaiveDate,
    decision: Decision,
    targets: Vec<Target>,
    /// Keys that came in so far, of each target.
    keys: Vec<Keys>,
    blocks: Vec<Block>,
    report: Report,
    expected: u64,
    /// For what outlives the rollback of a delivery that waits for a person.
    pool: PgPool,
}

/// See [`super::run`].
pub(super) async fn run(
    pool: &PgPool,
    request: ImportRequest,
    mut worker: Worker,
    progress: Option<mpsc::Sender<Progress>>,
) -> Result<Report, ImportError> {
    let started = Instant::now();
    let profile = request.profile.as_deref().map(Profile::load).transpose()?;
    let source = source_of(&request, profile.as_ref());
    let hashing = tokio::task::spawn_blocking({
        let files = request.files.clone();
        move || files.iter().map(|f| describe(f)).collect::<Result<Vec<_>, _>>()
    });
    let scope =
        profile.as_ref().and_then(Profile::scope).filter(|_| request.scope == Scope::Source).unwrap_or(request.scope);
    let mut db = landing::connect(pool).await?;
    if !request.dry_run {
        store::close_abandoned(&mut db).await?;
    }
    let private = Private::load(&mut db).await?;
    let folder = folders::make(&request.work_dir, &source)?;
    let job = job::job(&mut db, &request, profile.as_ref(), &folder, Mode::Import).await?;
    let new = NewDelivery {
        source: &source,
        request: &request,
        scope,
        profile: profile.as_ref().map(|p| (p.name.as_str(), &p.value)),
    };
    let recorded = if request.dry_run { 0 } else { store::begin(&mut db, &new).await? };
    let carried = async {
        let mut tx = db.begin().await?;
        let import_id = if request.dry_run { store::begin(&mut tx, &new).await? } else { recorded };
        store::enter(&mut tx, import_id, &source).await?;
        worker.give(&job).await?;
        let mut delivery = Delivery::new(&request, progress, import_id, source.clone(), scope, pool.clone());
        delivery.date = request.date.unwrap_or(sqlx::query_scalar("SELECT gis.today()").fetch_one(&mut *tx).await?);
        delivery.read(&mut tx, worker).await?;
        delivery.report.files =
            hashing.await.map_err(|e| ImportError::new("file-unreadable", e.to_string(), e.to_string()))??;
        delivery.settle(tx).await?;
        Ok::<_, ImportError>(delivery)
    };
    match carried.await {
        Ok(delivery) => {
            let mut report = delivery.report;
            report.import_id = recorded;
            report.seconds = started.elapsed().as_secs_f64();
            private.hide(&mut report);
            // What was written is written, whether or not there is room to say so.
            if let Err(error) = report.write(&folder) {
                tracing::warn!(import_id = recorded, cause = %error, "the report of a delivery could not be written");
                report.path = None;
            }
            Ok(report)
        }
        Err(error) => {
            if recorded > 0 {
                drop(db);
                store::fail(pool, recorded, &error).await;
            }
            Err(error)
        }
    }
}

/// Asks the worker for a first profile of the files, as TOML.
pub(super) async fn propose(pool: &PgPool, request: &ImportRequest, mut worker: Worker) -> Result<String, ImportError> {
    let mut db = landing::connect(pool).await?;
    let folder = folders::make(&request.work_dir, "propose")?;
    let job = job::job(&mut db, request, None, &folder, Mode::Propose).await?;
    worker.give(&job).await?;
    loop {
        if let Frame::Message(message) = worker.next().await?
            && let Message::Proposal { toml } = *message
        {
            return Ok(toml);
        }
    }
}

impl<'a> Delivery<'a> {
    fn new(
        request: &'a ImportRequest,
        progress: Option<mpsc::Sender<Progress>>,
        import_id: i64,
        source: String,
        scope: Scope,
        pool: PgPool,
    ) -> Self {
        let report = Report { import_id, source: source.clone(), dry_run: request.dry_run, ..Report::default() };
        let decision = Decision::from_accepted(&request.accept);
        Self {
            request,
            progress,
            import_id,
            source,
            scope,
            date: NaiveDate::default(),
            decision,
            targets: Vec::new(),
            keys: Vec::new(),
            blocks: Vec::new(),
            report,
            expected: 0,
            pool,
        }
    }

    /// Takes all that the worker sends; every row has landed when it ends.
    async fn read(&mut self, db: &mut PgConnection, mut worker: Worker) -> Result<(), ImportError> {
        loop {
            let Frame::Message(message) = worker.next().await? else { return Err(unexpected("rows outside a block")) };
            match *message {
                Message::Begin { target, file, source_layer, columns, crs, total } => {
                    // Before the first row is what decides whether indexes wait for all of them.
                    self.expected = self.expected.max(total.unwrap_or(0));
                    let block = Block { layer: target, file, source_layer, crs, ..Block::default() };
                    self.block(db, &mut worker, block, &columns).await?;
                }
                Message::Done { issues, refused } => {
                    self.report.issue_counts = issues;
                    self.report.refused = refused.map(PathBuf::from);
                    return Ok(());
                }
                other => self.note(other)?,
            }
        }
    }

    /// Takes the rows of one source layer for one target.
    async fn block(
        &mut self,
        db: &mut PgConnection,
        worker: &mut Worker,
        mut block: Block,
        columns: &[StagingColumn],
    ) -> Result<(), ImportError> {
        let index = self.target(db, &block.layer, columns).await?;
        landing::set_mark(db).await?;
        let keys = std::mem::take(&mut self.keys[index]);
        let mut copy = self.targets[index].clone().copy(db, columns, self.import_id, keys).await?;
        let end = loop {
            match worker.next().await {
                Ok(Frame::Rows(tuples)) => copy.send(&tuples).await?,
                Ok(Frame::Message(message)) => match *message {
                    Message::End { read, clean, repaired, refused, skipped, .. } => {
                        break (read, clean, repaired, refused, skipped);
                    }
                    Message::FileRefused { file } => {
                        self.keys[index] = copy.abort().await;
                        landing::back_to_mark(db).await?;
                        self.report.refused_files.push(file);
                        return Ok(());
                    }
                    other => self.note(other)?,
                },
                Err(error) => {
                    copy.abort().await;
                    return Err(error);
                }
            }
        };
        let landed;
        (landed, self.keys[index]) = copy.finish().await?;
        landing::pass_mark(db).await?;
        (block.read, block.clean, block.repaired, block.refused, block.skipped) = end;
        block.rows = landed.rows;
        block.refused_unseen = landed.refused < block.refused;
        if landed.count != block.clean + block.repaired || block.read != landed.count + block.refused {
            return Err(unexpected("the sums of a block disagree"));
        }
        self.blocks.push(block);
        Ok(())
    }

    async fn target(
        &mut self,
        db: &mut PgConnection,
        layer: &str,
        columns: &[StagingColumn],
    ) -> Result<usize, ImportError> {
        if let Some(index) = self.targets.iter().position(|t| t.layer == layer) {
            self.targets[index].widen_for(db, columns, self.expected).await?;
            return Ok(index);
        }
        let target = Target::open(db, layer, self.targets.len(), columns, self.expected).await?;
        self.targets.push(target);
        self.keys.push(Keys::default());
        Ok(self.targets.len() - 1)
    }

    fn note(&mut self, message: Message) -> Result<(), ImportError> {
        match message {
            Message::Issue(issue) => self.report.issues.push(issue),
            Message::FileRefused { file } => self.report.refused_files.push(file),
            Message::Progress { done, total, file } => {
                self.expected = self.expected.max(total);
                self.tell(Progress::Reading { done, total, file });
            }
            _ => return Err(unexpected("a message out of order")),
        }
        Ok(())
    }

    fn tell(&self, progress: Progress) {
        if let Some(sender) = &self.progress {
            // A full channel only costs the listener a step.
            let _ = sender.try_send(progress);
        }
    }

    /// Compares, decides, applies, commits; or says what it needs and rolls back.
    async fn settle(&mut self, mut tx: sqlx::Transaction<'_, sqlx::Postgres>) -> Result<(), ImportError> {
        let earlier = store::earlier(&mut tx, &self.source, self.import_id).await?;
        let ids: Vec<i64> = earlier.iter().map(|(id, _)| *id).collect();
        let targets = self.targets.clone();
        // What a file that could not be read would have held is not gone.
        let scope = if self.report.refused_files.is_empty() { self.scope } else { Scope::None };
        if store::is_older(&mut tx, &self.source, self.import_id, self.date).await? {
            self.ask("older-delivery");
        }
        let mut staged = Vec::new();
        for (target, keys) in targets.iter().zip(std::mem::take(&mut self.keys)) {
            if target.way == Way::Staged && self.blocks.iter().any(|b| b.layer == target.layer && b.refused > 0) {
                target.set_refused_aside(&mut tx).await?;
            }
            self.check(&mut tx, target, &keys).await?;
            if target.way == Way::Staged {
                self.tell(Progress::Comparing { layer: target.layer.clone() });
                target.lock(&mut tx).await?;
                let refused_unseen =
                    self.blocks.iter().any(|block| block.layer == target.layer && block.refused_unseen);
                let question = Question { target, earlier: &ids, scope, date: self.date, refused_unseen };
                let tally = compare::compare(&mut tx, &question).await?;
                self.weigh(&tally);
                if tally.conflicts() > 0 {
                    store::keep_conflicts(
                        &mut tx,
                        &question,
                        self.import_id,
                        self.decision,
                        &format!("import:{}", self.source),
                    )
                    .await?;
                }
                staged.push((question, tally));
            }
        }
        if self.decision != Decision::Open && store::were_not_shown(&mut tx, &self.source, self.import_id).await? {
            self.need("local-edits");
        }
        self.report.conflicts = store::conflicts(&mut tx, self.import_id, REPORTED_CONFLICTS).await?;
        self.count(&targets, &staged)?;
        self.report.applied = self.report.needs.is_empty();
        if self.report.applied {
            self.apply(&mut tx, &targets, &staged, &earlier).await?;
        }
        if self.request.dry_run {
            tx.rollback().await?;
            return Ok(());
        }
        if !self.report.applied {
            return self.keep_open(tx).await;
        }
        store::supersede(&mut tx, self.import_id).await?;
        self.keep(&mut tx, "applied").await?;
        tx.commit().await?;
        Ok(())
    }

    async fn check(&mut self, db: &mut PgConnection, target: &Target, keys: &Keys) -> Result<(), ImportError> {
        checks::no_personal_extra(db, target).await?;
        checks::legal_metres(db, target, self.request.checks).await?;
        if keys.perhaps_twice() {
            let (_, issues) = checks::ambiguous_keys(db, target).await?;
            self.found(&target.layer, "ambiguous-key", issues.len() as u64, issues);
        }
        Ok(())
    }

    fn found(&mut self, layer: &str, rule: &str, count: u64, issues: Vec<Issue>) {
        if count > 0 {
            let target = Some(layer.to_owned());
            self.report.issue_counts.push(IssueCount {
                target,
                rule: rule.to_owned(),
                severity: Severity::Warning,
                count,
            });
            self.report.issues.extend(issues);
        }
    }

    /// What a person must accept first.
    fn weigh(&mut self, tally: &Tally) {
        if tally.conflicts() > 0 && self.decision == Decision::Open {
            self.need("local-edits");
        }
        let many = tally.closing >= MASS_CLOSE_LEAST && tally.closing as f64 > MASS_CLOSE_SHARE * tally.in_scope as f64;
        if many {
            self.ask("mass-close");
        }
    }

    /// Waits for a person, unless they have accepted it.
    fn ask(&mut self, rule: &str) {
        if !self.request.accept.iter().any(|accepted| accepted == rule) {
            self.need(rule);
        }
    }

    fn need(&mut self, rule: &str) {
        if !self.report.needs.iter().any(|need| need == rule) {
            self.report.needs.push(rule.to_owned());
        }
    }

    /// Fills the report layer by layer, and holds the sums against each other.
    fn count(&mut self, targets: &[Target], staged: &[(Question<'_>, Tally)]) -> Result<(), ImportError> {
        for target in targets {
            let mut layer =
                LayerReport { layer: target.layer.clone(), master: target.master, ..LayerReport::default() };
            for block in self.blocks.iter().filter(|b| b.layer == target.layer) {
                layer.read += block.read;
                layer.refused += block.refused;
                layer.skipped += block.skipped;
                layer.imported += block.clean;
                layer.repaired += block.repaired;
            }
            match staged.iter().find(|(q, _)| q.target.layer == target.layer) {
                None => layer.added = layer.imported + layer.repaired,
                Some((_, tally)) => layer.take(tally, self.decision == Decision::TakeDelivery),
            }
            if !layer.adds_up() {
                return Err(unexpected(&format!("the sums of {} disagree: {layer:?}", layer.layer)));
            }
            self.report.layers.push(layer);
        }
        Ok(())
    }

    async fn apply(
        &mut self,
        db: &mut PgConnection,
        targets: &[Target],
        staged: &[(Question<'_>, Tally)],
        earlier: &[(i64, Vec<String>)],
    ) -> Result<(), ImportError> {
        for target in targets {
            self.tell(Progress::Applying { layer: target.layer.clone() });
            target.finish_bulk(db).await?;
            if let Some((question, _)) = staged.iter().find(|(q, _)| q.target.layer == target.layer) {
                let redelivered = earlier.iter().any(|(_, layers)| layers.contains(&target.layer));
                apply::apply(db, question, self.import_id, self.decision, redelivered).await?;
            }
        }
        for target in targets {
            let (count, found) = checks::dangling_references(db, target, self.import_id).await?;
            let (issues, slips): (Vec<_>, Vec<_>) = found.into_iter().partition(|i| i.rule == "dangling-reference");
            self.found(&target.layer, "reference-unknown", slips.len() as u64, slips);
            self.found(&target.layer, "dangling-reference", count, issues);
        }
        Ok(())
    }

    async fn keep(&self, db: &mut PgConnection, state: &str) -> Result<(), ImportError> {
        store::keep_blocks(db, self.import_id, &self.blocks).await?;
        store::keep_issues(db, self.import_id, &self.report.issues).await?;
        store::finish(db, &self.report, state, &self.blocks).await
    }

    /// Nothing will have been applied, but what a person has to decide is kept, over a connection of its own.
    async fn keep_open(&mut self, mut tx: sqlx::Transaction<'_, sqlx::Postgres>) -> Result<(), ImportError> {
        let mut own = landing::connect(&self.pool).await?;
        let mut keeping = own.begin().await?;
        store::supersede(&mut keeping, self.import_id).await?;
        let mut from = 0;
        loop {
            let rows = store::conflict_rows(&mut tx, self.import_id, from).await?;
            let Some(last) = rows.last().map(|(position, _)| *position) else { break };
            store::put_conflict_rows(&mut keeping, rows).await?;
            from = last + 1;
        }
        tx.rollback().await?;
        store::place_conflicts(&mut keeping, self.import_id).await?;
        self.keep(&mut keeping, "conflicts").await?;
        keeping.commit().await?;
        Ok(())
    }
}

fn unexpected(what: &str) -> ImportError {
    ImportError::new(
        "worker-malformed",
        format!("tiến trình đọc tệp trả lời sai ({what}); chưa có gì được ghi"),
        format!("the import worker answered wrongly ({what}); nothing was applied"),
    )
}

/// Starts the worker of a request.
pub(super) fn start_worker(request: &ImportRequest) -> Result<Worker, ImportError> {
    let set = std::env::var("DOTHI_IMPORT_SILENCE_S").ok().and_then(|s| s.parse().ok());
    Worker::start(&worker_command(request)?, Duration::from_secs(set.unwrap_or(300)))
}

fn worker_command(request: &ImportRequest) -> Result<Vec<String>, ImportError> {
    if let Some(command) = &request.worker {
        return Ok(command.clone());
    }
    let me = std::env::current_exe().map_err(|e| ImportError::io("finding", Path::new("dothi"), e))?;
    Ok(vec![me.to_string_lossy().into_owned(), "import-worker".to_owned()])
}

/// The profile's name, else the first file's name without its endings.
fn source_of(request: &ImportRequest, profile: Option<&Profile>) -> String {
    let file = || {
        let name = request
            .files
            .first()
            .and_then(|f| f.file_name())
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        name.split('.').find(|part| !part.is_empty()).unwrap_or("delivery").to_owned()
    };
    request.source.clone().or_else(|| profile.map(|p| p.name.clone())).unwrap_or_else(file)
}

fn describe(path: &Path) -> Result<FileReport, ImportError> {
    let fail = |e| ImportError::io("reading", path, e);
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if path.is_dir() {
        return Ok(FileReport { name, ..FileReport::default() });
    }
    let mut file = std::fs::File::open(path).map_err(fail)?;
    let mut digest = Sha256::new();
    let bytes = std::io::copy(&mut file, &mut digest).map_err(fail)?;
    let sha256 = digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(FileReport { name, bytes, sha256 })
}
