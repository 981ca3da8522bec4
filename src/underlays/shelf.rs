//! Pictures of one's own, tiled: one folder each below the data folder, with the tiles and what is known of them.
//!
//! A folder whose name begins with a dot is being made or taken away. It gets its name by one rename when all is written, so
//! that no reader ever finds half a picture.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use dothi_import::raster::Made;
use rustix::fs::{FlockOperation, flock, syncfs};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::bilingual::Bilingual;
use crate::config::Config;

/// What is known of a picture, beside its tiles.
const CARD: &str = "underlay.json";

/// Name of a picture: lowercase letters, digits and underscores, so that it leads to no other folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// At most 60 lowercase letters, digits and underscores.
    pub fn new(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_name = (1..=60).contains(&text.len()) && text.bytes().all(is_plain);
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is known of a picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    /// What people read.
    pub title: Bilingual,
    /// Whose picture it is.
    pub attribution: String,
    /// When it was added.
    pub added: DateTime<Utc>,
    /// Another one after every replacement: validators of tiles begin with it.
    pub version: Uuid,
    /// What the worker made.
    pub made: Made,
}

/// One tile, or the lack of it.
#[derive(Debug)]
pub enum Tile {
    /// The file.
    File(Vec<u8>),
    /// Within the picture's zooms, but nothing is there.
    Empty,
    /// The picture has no such zoom, column or row.
    OffThePyramid,
}

/// The folder of all pictures.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// Below the data folder; it need not be there yet.
    ///
    /// # Errors
    /// When there is no telling where data lie (neither set nor a home folder).
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        Ok(Self { folder: crate::database::data_folder(config)?.join("underlays") })
    }

    /// All pictures by name. One whose card cannot be read is left out and named in the log.
    pub fn list(&self) -> Vec<(Name, Card)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| Name::new(entry.file_name().to_str()?));
        let mut pictures: Vec<_> = names.filter_map(|name| self.card(&name).map(|card| (name, card))).collect();
        pictures.sort_by(|(a, _), (b, _)| a.cmp(b));
        pictures
    }

    /// What is known of one.
    pub fn card(&self, name: &Name) -> Option<Card> {
        let text = match fs::read(self.folder.join(name.as_str()).join(CARD)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(underlay = name.as_str(), %error, "an underlay cannot be read");
                return None;
            }
        };
        let card = serde_json::from_slice(&text);
        card.inspect_err(|error| tracing::warn!(underlay = name.as_str(), %error, "an underlay cannot be read")).ok()
    }

    /// One tile of a picture.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn tile(&self, name: &Name, made: &Made, (z, x, y): (u8, u32, u32)) -> io::Result<Tile> {
        if !(made.min_zoom..=made.max_zoom).contains(&z) || x >> z != 0 || y >> z != 0 {
            return Ok(Tile::OffThePyramid);
        }
        // The ending is read from a file of ours, and looked at all the same: it becomes part of a path.
        let ending = if made.ending == "png" { "png" } else { "webp" };
        match fs::read(self.folder.join(name.as_str()).join(format!("{z}/{x}/{y}.{ending}"))) {
            Ok(body) => Ok(Tile::File(body)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Tile::Empty),
            Err(error) => Err(error),
        }
    }

    /// Opens the shelf for a change: one at a time. What a killed run left behind is swept away.
    ///
    /// # Errors
    /// When somebody else changes it now, when it belongs to another user, or when the disk refuses.
    pub fn change(&self) -> anyhow::Result<Change<'_>> {
        let shown = self.folder.display();
        self.belongs_to_us()?;
        fs::create_dir_all(&self.folder).with_context(|| format!("making {shown}"))?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join(".lock"))
            .with_context(|| format!("writing to {shown}"))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!("another `dothi underlay` is at work on {shown}; wait until it is through");
        }
        for entry in fs::read_dir(&self.folder).with_context(|| format!("reading {shown}"))?.flatten() {
            let is_ours = entry
                .file_name()
                .to_str()
                .is_some_and(|name| name.starts_with(".making-") || name.starts_with(".gone-"));
            if is_ours {
                fs::remove_dir_all(entry.path()).with_context(|| format!("sweeping {}", entry.path().display()))?;
            }
        }
        Ok(Change { shelf: self, _lock: lock })
    }

    /// A server of another user could not read what this one writes.
    fn belongs_to_us(&self) -> anyhow::Result<()> {
        use std::os::unix::fs::MetadataExt as _;
        let existing = self.folder.ancestors().find(|folder| folder.exists());
        let Some(owner) = existing.and_then(|folder| folder.metadata().ok()).map(|about| about.uid()) else {
            return Ok(());
        };
        let us = rustix::process::geteuid().as_raw();
        if owner != us && self.folder.parent().is_some_and(Path::exists) {
            bail!(
                "{} belongs to user {owner}, and this is user {us}: run it as that user (sudo -u '#{owner}' dothi underlay …)",
                self.folder.display()
            );
        }
        Ok(())
    }
}

/// The one change that is under way.
pub struct Change<'s> {
    shelf: &'s Shelf,
    /// Let go when the file is closed, also when this process is killed.
    _lock: File,
}

impl Change<'_> {
    /// A new empty folder that nobody sees.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(&self) -> anyhow::Result<Making> {
        let folder = self.shelf.folder.join(format!(".making-{}", Uuid::now_v7().simple()));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(Making { folder })
    }

    /// Shows a finished picture, in place of one of the same name.
    ///
    /// # Errors
    /// When the worker left something else than files, or the disk refuses; what was there before is there still.
    pub fn show(&self, making: &Making, name: &Name, card: &Card) -> anyhow::Result<()> {
        only_plain_files(&making.folder)?;
        fs::write(making.folder.join(CARD), serde_json::to_vec_pretty(card)?).context("writing what is known of it")?;
        // A name must not be on the disk before what it names.
        syncfs(File::open(&making.folder)?).context("writing the tiles out")?;
        let place = self.shelf.folder.join(name.as_str());
        let replaced = self.put_aside(name)?;
        if let Err(error) = fs::rename(&making.folder, &place) {
            if let Some(replaced) = &replaced {
                fs::rename(replaced, &place).context("bringing the former picture back")?;
            }
            return Err(error).context("showing the picture");
        }
        // What cannot be erased now is swept by the next change.
        let _ = replaced.map(fs::remove_dir_all);
        Ok(())
    }

    /// Takes a picture away; was it there?
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, name: &Name) -> anyhow::Result<bool> {
        let Some(gone) = self.put_aside(name)? else { return Ok(false) };
        fs::remove_dir_all(&gone).context("erasing its tiles")?;
        Ok(true)
    }

    /// From here on nobody sees it; where it lies now, if it was there.
    fn put_aside(&self, name: &Name) -> anyhow::Result<Option<PathBuf>> {
        let gone = self.shelf.folder.join(format!(".gone-{}", Uuid::now_v7().simple()));
        match fs::rename(self.shelf.folder.join(name.as_str()), &gone) {
            Ok(()) => Ok(Some(gone)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("taking {} away", name.as_str())),
        }
    }
}

/// The worker handled a stranger's file and may have been taken over: a link among its tiles would show other files of ours.
fn only_plain_files(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            only_plain_files(&entry.path())?;
        } else if !kind.is_file() {
            bail!("{} is no plain file: the picture is not to be trusted", entry.path().display());
        }
    }
    Ok(())
}

/// A folder that is being filled; erased unless it is shown.
#[derive(Debug)]
pub struct Making {
    folder: PathBuf,
}

impl Making {
    /// Where the worker writes.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        // Gone under this name when it was shown; what cannot be erased now is swept by the next change.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for bad in ["", ".", "..", "a/b", "../a", "A", "ảnh", ".making-1", &"a".repeat(61)] {
            assert!(Name::new(bad).is_none(), "{bad}");
        }
        assert!(Name::new("to_ban_do_12").is_some());
    }

    #[test]
    fn a_link_among_the_tiles_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("3/1")).unwrap();
        fs::write(folder.path().join("3/1/2.webp"), "").unwrap();
        only_plain_files(folder.path()).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("3/1/3.webp")).unwrap();
        assert!(only_plain_files(folder.path()).is_err());
    }

    #[test]
    fn half_a_picture_is_seen_by_nobody_and_swept_by_the_next_change() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf { folder: folder.path().join("underlays") };
        let change = shelf.change().unwrap();
        let killed = change.begin().unwrap();
        fs::write(killed.folder().join(CARD), "{}").unwrap();
        assert!(shelf.change().is_err(), "one change at a time");
        let left = killed.folder().to_path_buf();
        std::mem::forget(killed);
        drop(change);
        assert!(shelf.list().is_empty());
        drop(shelf.change().unwrap());
        assert!(!left.exists());
    }
}
