//! A delivery: files, folders and archives, laid out as plain files that GDAL may open.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::fatal::Fatal;
pub use super::kinds::Format;
use super::kinds::{HEAD, Kind, READ, is_geodatabase, is_named_like_data, kind_of};
use crate::protocol::{Limits, Text};

/// A file that holds data.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Where it lies now.
    pub path: PathBuf,
    /// Path inside the delivery, for people and globs.
    pub name: String,
    /// What kind of file it is.
    pub format: Format,
    /// Its size in bytes, sidecars not counted.
    pub bytes: u64,
}

/// What was found: files to read, and names of files that are left aside.
#[derive(Debug, Default)]
pub struct Delivery {
    /// Files to read, in the order given; inside folders and archives by name.
    pub items: Vec<Item>,
    /// Files of a kind that is not read.
    pub ignored: Vec<String>,
    /// Files that should be read and cannot, among others that can.
    pub refused: Vec<Fatal>,
}

/// Unpacks and lists everything under `files`.
///
/// # Errors
/// A missing file, a name that leaves the archive, a bomb, or nothing that can be read at all. A file that is broken among
/// others that are not is in [`Delivery::refused`].
pub fn open(files: &[String], work_dir: &Path, limits: &Limits) -> Result<Delivery, Fatal> {
    let mut unpacker = Unpacker {
        delivery: Delivery::default(),
        root: work_dir.join("unpacked"),
        limits,
        bytes: 0,
        files: 0,
        archives: 0,
    };
    for file in files {
        let path = Path::new(file);
        let path = fs::canonicalize(path).map_err(|e| Fatal::in_file("file-missing", file, unreadable(file, &e)))?;
        let name = path.file_name().map_or_else(|| file.clone(), |n| n.to_string_lossy().into_owned());
        unpacker.add(&path, &name, 0, true).or_else(|fatal| unpacker.leave_out(fatal))?;
    }
    drop_tables_of_shapefiles(&mut unpacker.delivery.items);
    if unpacker.delivery.items.is_empty() {
        if let Some(first) = unpacker.delivery.refused.into_iter().next() {
            return Err(first);
        }
        let names =
            if unpacker.delivery.ignored.is_empty() { files.join(", ") } else { unpacker.delivery.ignored.join(", ") };
        return Err(Fatal::new("format-unknown", unknown(&names)));
    }
    Ok(unpacker.delivery)
}

fn unreadable(file: &str, e: &io::Error) -> Text {
    Text::new(format!("không mở được tệp {file}: {e}"), format!("the file {file} cannot be opened: {e}"))
}

fn unknown(names: &str) -> Text {
    Text::new(
        format!("không nhận ra định dạng của {names}; đọc được: {READ}"),
        format!("the format of {names} is not known; these are read: {READ}"),
    )
}

struct Unpacker<'a> {
    delivery: Delivery,
    root: PathBuf,
    limits: &'a Limits,
    bytes: u64,
    files: usize,
    archives: usize,
}

/// Archives in archives, this deep.
const DEPTH: usize = 3;

impl Unpacker<'_> {
    fn add(&mut self, path: &Path, name: &str, depth: usize, asked_for: bool) -> Result<(), Fatal> {
        if path.is_dir() {
            if is_geodatabase(path) {
                return self.add_geodatabase(path, name);
            }
            return self.add_folder(path, name, depth);
        }
        let io = |e: io::Error| Fatal::in_file("file-unreadable", name, unreadable(name, &e));
        let mut head = [0u8; HEAD];
        let mut file = File::open(path).map_err(io)?;
        let n = read_up_to(&mut file, &mut head).map_err(io)?;
        match kind_of(&head[..n], path) {
            Kind::Zip if depth < DEPTH => self.add_zip(path, name, depth),
            Kind::Gzip if depth < DEPTH => self.add_gzip(path, name, depth),
            Kind::Data(format) => {
                let bytes = path.metadata().map_or(0, |m| m.len());
                self.delivery.items.push(Item { path: path.to_owned(), name: name.to_owned(), format, bytes });
                Ok(())
            }
            Kind::Empty if asked_for || is_named_like_data(name) => Err(Fatal::in_file(
                "file-empty",
                name,
                Text::new(format!("tệp {name} rỗng"), format!("the file {name} is empty")),
            )),
            Kind::Side if !asked_for => Ok(()),
            Kind::Foreign(foreign) if asked_for => Err(Fatal::in_file("format-unknown", name, foreign.message(name))),
            _ if asked_for || is_named_like_data(name) => Err(Fatal::in_file("format-unknown", name, unknown(name))),
            _ => {
                self.delivery.ignored.push(name.to_owned());
                Ok(())
            }
        }
    }

    fn add_folder(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), Fatal> {
        let io = |e: io::Error| Fatal::in_file("file-unreadable", name, unreadable(name, &e));
        let mut entries: Vec<_> = fs::read_dir(path).map_err(io)?.collect::<Result<_, _>>().map_err(io)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            // Links could lead out of the delivery.
            if entry.file_type().map_err(io)?.is_symlink() {
                continue;
            }
            self.count_file(name)?;
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            self.add(&entry.path(), &inner, depth, false).or_else(|fatal| self.leave_out(fatal))?;
        }
        Ok(())
    }

    /// One item, however many files it is; its driver knows it by the end of its name.
    fn add_geodatabase(&mut self, folder: &Path, name: &str) -> Result<(), Fatal> {
        let io = |e: io::Error| Fatal::in_file("file-unreadable", name, unreadable(name, &e));
        let mut bytes = 0;
        for entry in fs::read_dir(folder).map_err(io)? {
            bytes += entry.and_then(|e| e.metadata()).map_err(io)?.len();
            self.count_file(name)?;
        }
        let mut path = folder.to_owned();
        if !folder.extension().is_some_and(|e| e.eq_ignore_ascii_case("gdb")) {
            path = self.new_folder(name)?.join("named.gdb");
            std::os::unix::fs::symlink(folder, &path).map_err(|e| Fatal::in_file("disk", name, cannot_write(&e)))?;
        }
        self.delivery.items.push(Item { path, name: name.to_owned(), format: Format::FileGeodatabase, bytes });
        Ok(())
    }

    /// One file that cannot be read does not take the others along: it is refused by itself.
    fn leave_out(&mut self, fatal: Fatal) -> Result<(), Fatal> {
        if !fatal.is_of_its_file_alone() {
            return Err(fatal);
        }
        self.delivery.refused.push(fatal);
        Ok(())
    }

    fn count_file(&mut self, name: &str) -> Result<(), Fatal> {
        self.files += 1;
        if self.files <= self.limits.archive_files {
            return Ok(());
        }
        let limit = self.limits.archive_files;
        Err(Fatal::in_file(
            "limit-files",
            name,
            Text::new(
                format!("quá {limit} tệp trong một lần nhập"),
                format!("more than {limit} files in one delivery"),
            ),
        ))
    }

    fn add_zip(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), Fatal> {
        let broken = |e: &dyn std::fmt::Display| {
            Fatal::in_file(
                "archive-broken",
                name,
                Text::new(format!("tệp nén {name} bị hỏng: {e}"), format!("the archive {name} is broken: {e}")),
            )
        };
        let file = File::open(path).map_err(|e| broken(&e))?;
        let mut zip = zip::ZipArchive::new(file).map_err(|e| broken(&e))?;
        let folder = self.new_folder(name)?;
        let mut inner: Vec<(String, PathBuf)> = Vec::new();
        for index in 0..zip.len() {
            let mut entry = zip.by_index(index).map_err(|e| broken(&e))?;
            let shown = entry.name().to_owned();
            let Some(relative) = entry.enclosed_name().filter(|p| {
                !shown.starts_with(['/', '\\']) && p.components().all(|c| matches!(c, Component::Normal(_)))
            }) else {
                return Err(Fatal::in_file(
                    "archive-path",
                    name,
                    Text::new(
                        format!("tệp nén {name} có đường dẫn đi ra ngoài: {shown}"),
                        format!("the archive {name} has a path that leads outside: {shown}"),
                    ),
                ));
            };
            // Folders make themselves; links are never followed.
            if entry.is_dir() || entry.is_symlink() || shown.starts_with("__MACOSX/") {
                continue;
            }
            self.count_file(name)?;
            let target = folder.join(&relative);
            let packed = entry.compressed_size();
            match self.unpack(&mut entry, packed, &target, &format!("{name}/{shown}")) {
                Ok(()) => inner.push((shown, target)),
                Err(fatal) => {
                    self.leave_out(fatal)?;
                    // The half of it that was written is no file of the delivery, nor a side file of one.
                    let _ = fs::remove_file(&target);
                }
            }
        }
        inner.sort();
        for database in geodatabases(&folder, &mut inner) {
            let within = database.strip_prefix(&folder).unwrap_or(&database).to_string_lossy().into_owned();
            let shown = if within.is_empty() { name.to_owned() } else { format!("{name}/{within}") };
            self.add_geodatabase(&database, &shown).or_else(|fatal| self.leave_out(fatal))?;
        }
        inner.into_iter().try_for_each(|(shown, target)| {
            self.add(&target, &format!("{name}/{shown}"), depth + 1, false).or_else(|fatal| self.leave_out(fatal))
        })
    }

    fn add_gzip(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), Fatal> {
        let io = |e: io::Error| Fatal::in_file("file-unreadable", name, unreadable(name, &e));
        let file = File::open(path).map_err(io)?;
        let packed = file.metadata().map_err(io)?.len();
        let folder = self.new_folder(name)?;
        let plain = Path::new(name).file_name().map_or_else(|| "data".into(), |n| n.to_string_lossy().into_owned());
        let plain = plain.strip_suffix(".gz").unwrap_or(&plain).to_owned();
        let target = folder.join(&plain);
        self.unpack(&mut flate2::read::MultiGzDecoder::new(file), packed, &target, name)?;
        // The name inside is the name without `.gz`, in the same folder of the delivery.
        let inner = name.strip_suffix(".gz").unwrap_or(name).to_owned();
        self.add(&target, &inner, depth + 1, depth == 0)
    }

    fn new_folder(&mut self, name: &str) -> Result<PathBuf, Fatal> {
        self.archives += 1;
        let folder = self.root.join(self.archives.to_string());
        fs::create_dir_all(&folder).map_err(|e| Fatal::in_file("disk", name, cannot_write(&e)))?;
        Ok(folder)
    }

    /// Writes one packed file out, watching size and ratio while it grows: what an archive says of itself may lie.
    fn unpack(&mut self, from: &mut impl Read, packed: u64, target: &Path, name: &str) -> Result<(), Fatal> {
        let disk = |e: io::Error| Fatal::in_file("disk", name, cannot_write(&e));
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(disk)?;
        }
        // Two entries of one name: the second would hide the first.
        let mut out = File::options().write(true).create_new(true).open(target).map_err(disk)?;
        let mut buffer = vec![0u8; 128 * 1024];
        let mut written = 0u64;
        let ceiling = (16 << 20).max(packed.saturating_mul(self.limits.compression_ratio));
        loop {
            let n = match from.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    return Err(Fatal::in_file(
                        "archive-broken",
                        name,
                        Text::new(format!("giải nén {name} thất bại: {e}"), format!("unpacking {name} fails: {e}")),
                    ));
                }
            };
            written += n as u64;
            self.bytes += n as u64;
            if self.bytes > self.limits.unpacked_bytes || written > ceiling {
                let (limit, ratio) = (self.limits.unpacked_bytes, self.limits.compression_ratio);
                return Err(Fatal::in_file(
                    "archive-bomb",
                    name,
                    Text::new(
                        format!(
                            "{name} nở quá lớn khi giải nén (giới hạn {limit} byte cho cả lần nhập, {ratio} lần cho một tệp)"
                        ),
                        format!(
                            "{name} unpacks to too much (limits: {limit} bytes for the delivery, {ratio} times for one file)"
                        ),
                    ),
                ));
            }
            out.write_all(&buffer[..n]).map_err(disk)?;
        }
    }
}

fn cannot_write(e: &io::Error) -> Text {
    Text::new(format!("không ghi được vào thư mục làm việc: {e}"), format!("the work folder cannot be written to: {e}"))
}

fn read_up_to(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..])? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(filled)
}

/// Folders of an unpacked archive that are geodatabases; their files are taken out of the list.
fn geodatabases(root: &Path, files: &mut Vec<(String, PathBuf)>) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = files.iter().filter_map(|(_, file)| file.parent().map(Path::to_owned)).collect();
    found.dedup();
    found.retain(|folder| folder.starts_with(root) && is_geodatabase(folder));
    files.retain(|(_, file)| !file.parent().is_some_and(|folder| found.iter().any(|database| database == folder)));
    found.sort();
    found.dedup();
    found
}

/// A `.dbf` beside its `.shp` is part of it.
fn drop_tables_of_shapefiles(items: &mut Vec<Item>) {
    let is = |item: &Item, extension: &str| item.path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension));
    let shapes: std::collections::HashSet<PathBuf> =
        items.iter().filter(|i| is(i, "shp")).map(|i| i.path.with_extension("")).collect();
    items.retain(|i| !(is(i, "dbf") && shapes.contains(&i.path.with_extension(""))));
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
