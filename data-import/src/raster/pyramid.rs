//! From the picture to files: the deepest tiles are drawn, each other one is its four halved.
//!
//! Depth first, so that no more than four tiles a zoom are held, and nothing that was written is read again.

use std::fs;
use std::io;
use std::path::Path;

use super::encode::Encoder;
use super::grid::{Plan, SIDE};
use super::picture::Picture;
use super::refused::broken;
use crate::protocol::Text;
use crate::worker::fatal::Fatal;

/// What was written.
#[derive(Debug)]
pub struct Written {
    /// Files.
    pub tiles: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How their names end.
    pub ending: &'static str,
}

/// Writes every tile that is not empty; `tell` hears how many of the deepest zoom are through, and of how many.
///
/// # Errors
/// A picture that breaks off, or a disk that is full.
pub fn write(
    picture: &mut Picture,
    plan: &Plan,
    folder: &Path,
    tell: &mut dyn FnMut(u64, u64),
) -> Result<Written, Fatal> {
    let encoder = Encoder::new(picture.is_drawing()).map_err(|error| broken(&error))?;
    let written = Written { tiles: 0, bytes: 0, ending: encoder.ending };
    let mut work = Work { picture, plan, folder, encoder, tell, done: 0, written };
    let top = plan.range(plan.min_zoom);
    work.tile(plan.min_zoom, top.x.0, top.y.0)?;
    if work.written.tiles == 0 {
        return Err(Fatal::new(
            "empty",
            Text::new(
                "ảnh không có điểm nào nhìn thấy được (tất cả trong suốt hoặc “nodata”)",
                "the picture has no pixel that can be seen (all are transparent or “nodata”)",
            ),
        ));
    }
    Ok(work.written)
}

struct Work<'a> {
    picture: &'a mut Picture,
    plan: &'a Plan,
    folder: &'a Path,
    encoder: Encoder,
    tell: &'a mut dyn FnMut(u64, u64),
    done: u64,
    written: Written,
}

impl Work<'_> {
    /// Writes a tile and all below it; its pixels, unless it is empty.
    fn tile(&mut self, zoom: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, Fatal> {
        let pixels = if zoom == self.plan.max_zoom {
            let drawn = self.picture.draw(zoom, x, y)?;
            self.done += 1;
            (self.tell)(self.done, self.plan.deepest());
            drawn
        } else {
            self.halved(zoom, x, y)?
        };
        let Some(pixels) = pixels.filter(|pixels| pixels.iter().skip(3).step_by(4).any(|alpha| *alpha > 0)) else {
            return Ok(None);
        };
        let body = self.encoder.encode(&pixels).map_err(|error| broken(&error))?;
        let column = self.folder.join(zoom.to_string()).join(x.to_string());
        fs::create_dir_all(&column).map_err(|error| cannot_write(&error))?;
        fs::write(column.join(format!("{y}.{}", self.encoder.ending)), &body).map_err(|error| cannot_write(&error))?;
        self.written.tiles += 1;
        self.written.bytes += body.len() as u64;
        Ok(Some(pixels))
    }

    fn halved(&mut self, zoom: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, Fatal> {
        let below = self.plan.range(zoom + 1);
        let mut canvas = None;
        for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let (x, y) = (x * 2 + right, y * 2 + down);
            if !below.holds(x, y) {
                continue;
            }
            if let Some(child) = self.tile(zoom + 1, x, y)? {
                let canvas = canvas.get_or_insert_with(|| vec![0_u8; SIDE * SIDE * 4]);
                halve_into(canvas, &child, right as usize, down as usize);
            }
        }
        Ok(canvas)
    }
}

/// Puts a tile at half its size into a quarter of another. What is transparent has no say in the colour.
fn halve_into(canvas: &mut [u8], child: &[u8], right: usize, down: usize) {
    const HALF: usize = SIDE / 2;
    for row in 0..HALF {
        for column in 0..HALF {
            let first = (row * 2 * SIDE + column * 2) * 4;
            let four = [first, first + 4, first + SIDE * 4, first + SIDE * 4 + 4];
            let opaque: u32 = four.iter().map(|at| u32::from(child[at + 3])).sum();
            if opaque == 0 {
                continue;
            }
            let to = ((row + down * HALF) * SIDE + column + right * HALF) * 4;
            for channel in 0..3 {
                let sum: u32 = four.iter().map(|at| u32::from(child[at + channel]) * u32::from(child[at + 3])).sum();
                canvas[to + channel] = ((sum + opaque / 2) / opaque) as u8;
            }
            canvas[to + 3] = ((opaque + 2) / 4) as u8;
        }
    }
}

fn cannot_write(error: &io::Error) -> Fatal {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return Fatal::new(
            "disk-full",
            Text::new(
                "đĩa đã đầy: hãy giải phóng chỗ trong thư mục dữ liệu (hoặc đặt DOTHI_DATA_DIR sang đĩa khác) rồi chạy lại; \
                 không có gì dở dang được giữ lại",
                "the disk is full: free some space in the data folder (or set DOTHI_DATA_DIR to another disk) and run it again; \
                 nothing half done is kept",
            ),
        );
    }
    Fatal::new(
        "disk",
        Text::new(
            format!("không ghi được vào thư mục dữ liệu: {error}"),
            format!("the data folder cannot be written to: {error}"),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_transparent_does_not_darken_its_neighbours() {
        let mut child = vec![0_u8; SIDE * SIDE * 4];
        child[..4].copy_from_slice(&[200, 100, 50, 255]);
        let mut canvas = vec![0_u8; SIDE * SIDE * 4];
        halve_into(&mut canvas, &child, 1, 1);
        let at = (SIDE / 2 * SIDE + SIDE / 2) * 4;
        assert_eq!(canvas[at..at + 4], [200, 100, 50, 64]);
        assert!(canvas[at + 4..].iter().all(|value| *value == 0));
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let fatal = cannot_write(&io::Error::from_raw_os_error(libc::ENOSPC));
        assert_eq!(fatal.slug, "disk-full");
        assert!(fatal.message.en.contains("DOTHI_DATA_DIR"));
    }
}
