//! Finds the installed PostgreSQL that has PostGIS.
//!
//! Other builds of `initdb` and `pg_ctl` may stand first on `PATH`, so the search goes by what matters: a share folder with
//! `extension/postgis.control`, and the programs that belong to it.

use std::path::{Path, PathBuf};

use crate::bilingual::Bilingual;
use crate::config::Config;
use crate::shell::Said;

/// The oldest PostgreSQL that dothi runs on.
pub const OLDEST: u32 = 15;

/// One installed PostgreSQL with PostGIS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The folder with `initdb`, `pg_ctl`, `postgres`.
    pub bin: PathBuf,
    /// The major version.
    pub version: u32,
}

/// Why no installation fits.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Missing {
    /// No PostgreSQL at all.
    #[error("PostgreSQL is not installed")]
    PostgreSql,
    /// PostgreSQL without PostGIS.
    #[error("PostgreSQL {version} is installed without PostGIS")]
    PostGis {
        /// The newest version found.
        version: u32,
    },
    /// Too old.
    #[error("PostgreSQL {version} is too old, dothi needs {OLDEST} or later")]
    TooOld {
        /// The newest version found.
        version: u32,
    },
}

impl Missing {
    /// What is missing.
    pub fn what(&self) -> Bilingual {
        match self {
            Self::PostgreSql => ("chưa cài PostgreSQL", "PostgreSQL is not installed").into(),
            Self::PostGis { version } => Bilingual::new(
                format!("PostgreSQL {version} đã cài nhưng thiếu PostGIS"),
                format!("PostgreSQL {version} is installed without PostGIS"),
            ),
            Self::TooOld { version } => Bilingual::new(
                format!("PostgreSQL {version} quá cũ, dothi cần từ {OLDEST}"),
                format!("PostgreSQL {version} is too old, dothi needs {OLDEST} or later"),
            ),
        }
    }

    /// The command that mends it.
    pub fn mend(&self) -> String {
        let version = if let Self::PostGis { version } = self { *version } else { OLDEST };
        format!("sudo apt-get install postgresql-{version}-postgis-3")
    }
}

impl From<Missing> for Said {
    fn from(missing: Missing) -> Self {
        let (Bilingual { vi, en }, mend) = (missing.what(), missing.mend());
        Self::new(format!("{vi}: {mend}"), format!("{en}: {mend}"))
    }
}

impl Installation {
    /// The newest fitting installation of this machine.
    ///
    /// # Errors
    /// Says which package is missing.
    pub fn find(config: &Config) -> Result<Self, Missing> {
        if let Some(bin) = &config.database.bin_dir {
            return Self::choose(vec![candidate(bin.clone(), &[])]);
        }
        Self::choose(candidates(Path::new("/")))
    }

    /// One program of it.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }

    fn choose(found: Vec<Option<Candidate>>) -> Result<Self, Missing> {
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        found.sort_by_key(|candidate| std::cmp::Reverse(candidate.version));
        let newest = found.first().ok_or(Missing::PostgreSql)?.version;
        if newest < OLDEST {
            return Err(Missing::TooOld { version: newest });
        }
        let fitting = found.into_iter().find(|candidate| candidate.has_postgis && candidate.version >= OLDEST);
        let fitting = fitting.ok_or(Missing::PostGis { version: newest })?;
        Ok(Self { bin: fitting.bin, version: fitting.version })
    }
}

/// A folder with server programs.
struct Candidate {
    bin: PathBuf,
    version: u32,
    has_postgis: bool,
}

/// Debian keeps versions side by side; others install one beside its share folder.
fn candidates(root: &Path) -> Vec<Option<Candidate>> {
    let mut found = Vec::new();
    for version in versions(&root.join("usr/lib/postgresql")) {
        let share = root.join(format!("usr/share/postgresql/{version}"));
        found.push(candidate(root.join(format!("usr/lib/postgresql/{version}/bin")), &[share]));
    }
    for version in OLDEST..=OLDEST + 10 {
        let home = root.join(format!("usr/pgsql-{version}"));
        found.push(candidate(home.join("bin"), &[home.join("share")]));
    }
    for home in ["usr/local/pgsql", "opt/homebrew", "usr/local"] {
        found.push(candidate(root.join(home).join("bin"), &[]));
    }
    found
}

fn versions(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Reads version and share folder beside the programs; symbolic links lead to the real folder.
fn candidate(bin: PathBuf, shares: &[PathBuf]) -> Option<Candidate> {
    let bin = bin.join("initdb").canonicalize().ok()?.parent()?.to_path_buf();
    if !bin.join("postgres").exists() {
        return None;
    }
    let version = version_of(&bin)?;
    let debian = PathBuf::from(format!("/usr/share/postgresql/{version}"));
    let beside = ["share", "share/postgresql"].map(|share| bin.join("..").join(share));
    let has_postgis = shares
        .iter()
        .chain(&beside)
        .chain(std::iter::once(&debian))
        .any(|share| share.join("extension/postgis.control").exists());
    Some(Candidate { bin, version, has_postgis })
}

fn version_of(bin: &Path) -> Option<u32> {
    let output = std::process::Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"
    let number = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|end: char| !end.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(version: u32, has_postgis: bool) -> Option<Candidate> {
        Some(Candidate { bin: PathBuf::from(format!("/pg/{version}")), version, has_postgis })
    }

    #[test]
    fn the_newest_with_postgis_is_taken_not_the_newest() {
        let chosen = Installation::choose(vec![one(15, true), None, one(17, false), one(16, true)]).unwrap();
        assert_eq!(chosen.version, 16);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(Installation::choose(vec![None]), Err(Missing::PostgreSql));
        assert_eq!(Installation::choose(vec![one(13, true)]), Err(Missing::TooOld { version: 13 }));
        assert_eq!(Installation::choose(vec![one(15, false)]), Err(Missing::PostGis { version: 15 }));
    }
}
