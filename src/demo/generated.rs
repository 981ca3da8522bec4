//! The generator's file of a place, made once by a child process of the same binary.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::deliver::failed_at;
use crate::shell::{Said, Says as _};

/// The GeoPackage of `place` below `folder`; a half-made one is never taken for it.
pub(super) async fn file(folder: &Path, data: &Path, place: &str) -> anyhow::Result<PathBuf> {
    let done = folder.join(place);
    let file = done.join(format!("{place}.gpkg"));
    if file.exists() {
        return Ok(file);
    }
    let half = folder.join(format!("{place}.half"));
    if half.exists() {
        tokio::fs::remove_dir_all(&half).await.says(|| failed_at(("dọn", "clearing"), &half))?;
    }
    tokio::fs::create_dir_all(&half).await.says(|| failed_at(("tạo", "making"), &half))?;
    let this = std::env::current_exe().says(|| ("tìm chương trình này", "finding this program"))?;
    let output = tokio::process::Command::new(this)
        .arg("generate")
        .arg("--out")
        .arg(&half)
        .args(["--place", place, "--data"])
        .arg(data)
        .kill_on_drop(true)
        .output()
        .await
        .says(|| ("chạy trình tạo dữ liệu", "starting the generator"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        let (status, why) = (output.status, why.trim());
        bail!(Said::new(
            format!("trình tạo dữ liệu kết thúc với {status}: {why}"),
            format!("the generator ended with {status}: {why}"),
        ));
    }
    if done.exists() {
        tokio::fs::remove_dir_all(&done).await.says(|| failed_at(("dọn", "clearing"), &done))?;
    }
    tokio::fs::rename(&half, &done).await.says(|| ("giữ lại những gì đã tạo", "keeping what was generated"))?;
    if !file.exists() {
        let file = file.display();
        bail!(Said::new(format!("trình tạo dữ liệu không ghi {file}"), format!("the generator did not write {file}")));
    }
    Ok(file)
}
