//! Where the private cluster lies, and as whom it runs: PostgreSQL refuses to run as root.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::shell::{Said, Says as _};

/// The system user that runs PostgreSQL when dothi is started by root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServiceUser {
    pub uid: u32,
    pub gid: u32,
}

impl ServiceUser {
    /// `postgres` when this process is root, else nobody but ourselves.
    pub(super) fn needed() -> anyhow::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let passwd = std::fs::read_to_string("/etc/passwd").says(|| ("đọc /etc/passwd", "reading /etc/passwd"))?;
        let line = passwd.lines().find(|line| line.starts_with("postgres:")).says(|| {
            (
                "PostgreSQL không chịu chạy bằng root, mà máy không có người dùng postgres: sudo apt-get install postgresql-15-postgis-3",
                "PostgreSQL refuses to run as root, and there is no user `postgres`: sudo apt-get install postgresql-15-postgis-3",
            )
        })?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(uid)), Some(Ok(gid))) => Ok(Some(Self { uid, gid })),
            _ => anyhow::bail!(Said::new(
                "không đọc được dòng postgres trong /etc/passwd",
                "the line of `postgres` in /etc/passwd cannot be read",
            )),
        }
    }
}

/// The folders of one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Belongs to dothi: locks, and the cluster's folder.
    pub home: PathBuf,
    /// Holds the Unix socket.
    pub socket: PathBuf,
}

/// Socket paths end at 107 bytes, and `/.s.PGSQL.5432` follows the folder.
pub(super) const LONGEST_SOCKET_FOLDER: usize = 90;

impl Layout {
    /// As root `/var/lib/dothi` and `/run/dothi`, else below the user's data folder and `/tmp/dothi-<uid>`. Another data
    /// folder gets another socket.
    pub(super) fn of(config: &Config) -> anyhow::Result<Self> {
        let uid = rustix::process::geteuid().as_raw();
        let usual = usual_home(uid)?;
        let home = config.data_dir.clone().map_or_else(|| Ok(usual.clone()), std::path::absolute)?;
        // A service manager's folder (systemd's RuntimeDirectory) is reached by others with the right; /tmp always is there.
        let runtime =
            std::env::var("RUNTIME_DIRECTORY").ok().filter(|folder| folder.starts_with('/') && !folder.contains(':'));
        if let Some(folder) = runtime.filter(|_| uid != 0) {
            return Ok(Self { home, socket: PathBuf::from(folder) });
        }
        let mut name = if uid == 0 { "/run/dothi".to_owned() } else { format!("/tmp/dothi-{uid}") };
        if home != usual {
            name.push('-');
            name.push_str(&short_hash(&home));
        }
        Ok(Self { home, socket: PathBuf::from(name) })
    }
}

fn usual_home(uid: u32) -> anyhow::Result<PathBuf> {
    if uid == 0 {
        return Ok(PathBuf::from("/var/lib/dothi"));
    }
    if let Some(data) = std::env::var_os("XDG_DATA_HOME").filter(|data| Path::new(data).is_absolute()) {
        return Ok(PathBuf::from(data).join("dothi"));
    }
    let home = std::env::var_os("HOME").says(|| {
        (
            "không có XDG_DATA_HOME lẫn HOME; hãy đặt DOTHI_DATA_DIR",
            "neither XDG_DATA_HOME nor HOME is set; set DOTHI_DATA_DIR",
        )
    })?;
    Ok(PathBuf::from(home).join(".local/share/dothi"))
}

fn short_hash(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    format!("{:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_data_folder_gets_another_socket() {
        let place = |path: &str| Layout::of(&Config { data_dir: Some(path.into()), ..Config::default() }).unwrap();
        assert_ne!(place("/srv/a").socket, place("/srv/b").socket);
        assert_eq!(place("/srv/a"), place("/srv/a"));
        assert!(place("/srv/a").socket.as_os_str().len() < LONGEST_SOCKET_FOLDER);
    }
}
