//! What became of every row: the report, as text in both languages and as JSON.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use dothi_import::protocol::{Issue, IssueCount};
use serde::{Deserialize, Serialize};

use crate::catalog::Master;

use super::compare::Tally;
use super::error::ImportError;

/// What became of a delivery.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Number of the delivery; 0 for a dry run.
    pub import_id: i64,
    /// Who delivered.
    pub source: String,
    /// Was anything of it applied (or was there nothing to apply)?
    pub applied: bool,
    /// Was it only tried?
    pub dry_run: bool,
    /// Why nothing was applied, where a person can change that: `local-edits`, `mass-close`, `older-delivery`.
    pub needs: Vec<String>,
    /// The files.
    pub files: Vec<FileReport>,
    /// Files inside the delivery that could not be read; then nothing was closed. The issues say why.
    #[serde(default)]
    pub refused_files: Vec<String>,
    /// Layer by layer.
    pub layers: Vec<LayerReport>,
    /// Each rule that was met, counted in full.
    pub issue_counts: Vec<IssueCount>,
    /// The first findings of each rule.
    pub issues: Vec<Issue>,
    /// The first rows that met local edits, with their three versions.
    pub conflicts: Vec<ConflictReport>,
    /// The `GeoPackage` of the refused rows, if any were refused.
    pub refused: Option<PathBuf>,
    /// Where this report lies as JSON.
    pub path: Option<PathBuf>,
    /// How long it took.
    pub seconds: f64,
}

/// One file of a delivery.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// What became of the rows for one layer. `read = imported + repaired + unchanged + refused + waiting`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerReport {
    /// Its name.
    pub layer: String,
    /// Whose data are the truth there: what is advised when a delivery meets an edit.
    #[serde(default)]
    pub master: Master,
    /// Rows read for it.
    pub read: u64,
    /// Rows that went in as they were (new or changed).
    pub imported: u64,
    /// Rows that went in after a repair of their geometry (new or changed).
    pub repaired: u64,
    /// Rows that are here already, or whose local edit stands over an unchanged delivery.
    pub unchanged: u64,
    /// Rows refused, each with its reason.
    pub refused: u64,
    /// Rows that meet an edit made here since the last delivery.
    pub waiting: u64,
    /// Of the rows that went in: new objects.
    pub added: u64,
    /// Of the rows that went in: new versions of objects that were here.
    pub changed: u64,
    /// Objects that the delivery no longer has, closed on its day.
    pub closed: u64,
    /// Objects that are not in what went in, and stay: a row that speaks of them, or may, was refused.
    #[serde(default)]
    pub kept: u64,
    /// Objects edited here that the delivery no longer has; they stay until a person decides.
    pub missing: u64,
    /// Rows that share their key with another one.
    pub ambiguous: u64,
    /// Rows that the profile left out; not part of `read`.
    pub skipped: u64,
}

/// Three versions of one object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ConflictReport {
    /// Its layer.
    pub layer: String,
    /// Its id.
    pub id: uuid::Uuid,
    /// Its key, as text.
    pub key: Option<String>,
    /// `edited`, `deleted`, `gone`, `both_new`.
    pub kind: String,
    /// What the last delivery said.
    pub base: Option<serde_json::Value>,
    /// What stands here.
    pub ours: Option<serde_json::Value>,
    /// What this delivery says.
    pub theirs: Option<serde_json::Value>,
}

impl LayerReport {
    /// Takes the comparison's counts. Until then `imported` and `repaired` are what the worker sent.
    pub(super) fn take(&mut self, tally: &Tally, edits_taken: bool) {
        let taken = if edits_taken { tally.edited } else { 0 };
        self.imported = tally.added + tally.changed + taken;
        self.repaired = tally.added_repaired + tally.changed_repaired;
        self.unchanged = tally.unchanged;
        self.waiting = tally.edited - taken;
        self.added = tally.added + tally.added_repaired;
        self.changed = tally.changed + tally.changed_repaired + taken;
        self.closed = tally.closing + if edits_taken { tally.gone_edited } else { 0 };
        self.kept = tally.kept;
        self.missing = if edits_taken { 0 } else { tally.gone_edited };
        self.ambiguous = tally.ambiguous;
    }

    /// Did every row that was read end somewhere?
    pub(super) fn adds_up(&self) -> bool {
        self.read == self.imported + self.repaired + self.unchanged + self.refused + self.waiting
    }
}

impl Report {
    /// Writes it as `report.json` into the delivery's folder.
    pub(super) fn write(&mut self, folder: &Path) -> Result<(), ImportError> {
        let path = folder.join("report.json");
        self.path = Some(path.clone());
        self.save(&path)
    }

    /// Writes it as JSON.
    pub(super) fn save(&self, path: &Path) -> Result<(), ImportError> {
        let json = serde_json::to_vec_pretty(self).map_err(|e| ImportError::io("writing", path, e.into()))?;
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).truncate(true).write(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(&json)).map_err(|e| ImportError::io("writing", path, e))
    }

    /// The shell's exit code: 0 all in, 2 some rows or files refused or left for a person to decide, 1 nothing applied.
    pub fn exit_code(&self) -> u8 {
        let refused: u64 = self.layers.iter().map(|l| l.refused).sum();
        let read: u64 = self.layers.iter().map(|l| l.read).sum();
        let waiting: u64 = self.layers.iter().map(|l| l.waiting + l.missing).sum();
        match (self.applied, refused) {
            (false, _) => 1,
            (true, 0) if self.refused_files.is_empty() && waiting == 0 => 0,
            (true, 0) => 2,
            (true, all) if all == read => 1,
            (true, _) => 2,
        }
    }
}
