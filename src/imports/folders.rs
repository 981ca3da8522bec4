//! The folder of each delivery: for its owner alone, and not for ever.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use super::error::ImportError;

/// Reports and refused rows are kept for so many days, unless `DOTHI_IMPORT_KEEP_DAYS` says otherwise (0: for ever).
const KEEP_DAYS: u64 = 90;

/// Makes the folder of one delivery, and erases those that are past their time.
pub(super) fn make(work_dir: &Path, source: &str) -> Result<PathBuf, ImportError> {
    let set = std::env::var("DOTHI_IMPORT_KEEP_DAYS").ok().and_then(|days| days.parse().ok());
    erase_older(work_dir, set.unwrap_or(KEEP_DAYS), SystemTime::now());
    let plain: String =
        source.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).take(60).collect();
    let folder = work_dir.join(format!("{plain}-{}", Uuid::now_v7().simple()));
    let mut builder = std::fs::DirBuilder::new();
    // Refused rows hold all that the department sent.
    builder.recursive(true).mode(0o700).create(&folder).map_err(|e| ImportError::io("making folder", &folder, e))?;
    std::fs::canonicalize(&folder).map_err(|e| ImportError::io("opening", &folder, e))
}

fn erase_older(work_dir: &Path, days: u64, now: SystemTime) {
    let kept = Duration::from_secs(days * 24 * 60 * 60);
    for entry in std::fs::read_dir(work_dir).into_iter().flatten().flatten() {
        let made = entry.file_name().to_str().and_then(made_at);
        let is_old = made.is_some_and(|made| now.duration_since(made).is_ok_and(|age| age > kept));
        if days > 0
            && is_old
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Err(error) = std::fs::remove_dir_all(entry.path())
        {
            tracing::warn!(folder = %entry.path().display(), %error, "an old folder of an import could not be erased");
        }
    }
}

/// When a delivery's folder was made, from its name; none for what is not ours.
fn made_at(name: &str) -> Option<SystemTime> {
    let id = name.rsplit_once('-').map(|(_, id)| id).filter(|id| id.len() == 32)?;
    let (seconds, _) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_go_when_their_time_is_over_and_nothing_else_does() {
        let work = tempfile::tempdir().expect("a folder");
        let folder = make(work.path(), "cây xanh").expect("is made");
        std::fs::create_dir(work.path().join("kept-by-hand")).expect("is made");
        let names = || std::fs::read_dir(work.path()).expect("is read").count();
        let day = Duration::from_secs(24 * 60 * 60);
        erase_older(work.path(), 90, SystemTime::now() + 89 * day);
        assert_eq!(names(), 2);
        erase_older(work.path(), 0, SystemTime::now() + 900 * day);
        assert_eq!(names(), 2, "0 keeps for ever");
        erase_older(work.path(), 90, SystemTime::now() + 91 * day);
        assert_eq!((names(), folder.exists()), (1, false));
    }
}
