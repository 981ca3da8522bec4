//! The generator's file of a place, made once by a child process of the same binary.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The GeoPackage of `place` below `folder`; a half-made one is never taken for it.
pub(super) async fn file(folder: &Path, data: &Path, place: &str) -> anyhow::Result<PathBuf> {
    let done = folder.join(place);
    let file = done.join(format!("{place}.gpkg"));
    if file.exists() {
        return Ok(file);
    }
    let half = folder.join(format!("{place}.half"));
    if half.exists() {
        tokio::fs::remove_dir_all(&half).await.with_context(|| format!("clearing {}", half.display()))?;
    }
    tokio::fs::create_dir_all(&half).await.with_context(|| format!("making {}", half.display()))?;
    let this = std::env::current_exe().context("finding this program")?;
    let output = tokio::process::Command::new(this)
        .arg("generate")
        .arg("--out")
        .arg(&half)
        .args(["--place", place, "--data"])
        .arg(data)
        .kill_on_drop(true)
        .output()
        .await
        .context("starting the generator")?;
    if !output.status.success() {
        bail!("the generator ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    if done.exists() {
        tokio::fs::remove_dir_all(&done).await.with_context(|| format!("clearing {}", done.display()))?;
    }
    tokio::fs::rename(&half, &done).await.context("keeping what was generated")?;
    if !file.exists() {
        bail!("the generator did not write {}", file.display());
    }
    Ok(file)
}
