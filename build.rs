//! Makes sure that the folder of built pages exists, so that the server also builds before the pages do.

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all("web/dist")?;
    println!("cargo:rerun-if-changed=web/dist");
    println!("cargo:rerun-if-changed=migrations");
    Ok(())
}
