//! Pixels to a file's bytes, by the drivers of the GDAL that is there.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use gdal::DriverManager;
use gdal::errors::Result;
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::vsi::get_vsi_mem_file_bytes_owned;

use super::grid::SIDE;

/// Encoders of this process so far: each has a file of its own in memory.
static ENCODERS: AtomicU64 = AtomicU64::new(0);

/// How tiles are written.
pub struct Encoder {
    drawn: gdal::Driver,
    written: gdal::Driver,
    options: Vec<&'static str>,
    /// A file in memory that is made and taken away for each tile.
    aside: String,
    /// How names of its files end.
    pub ending: &'static str,
}

impl Encoder {
    /// `WebP` where this GDAL has it, else PNG. Drawings keep every pixel, photographs need not.
    ///
    /// # Errors
    /// A GDAL with neither.
    pub fn new(is_drawing: bool) -> Result<Self> {
        let drawn = DriverManager::get_driver_by_name("MEM")?;
        let aside = |ending| format!("/vsimem/dothi-tile-{}.{ending}", ENCODERS.fetch_add(1, Ordering::Relaxed));
        if let Ok(written) = DriverManager::get_driver_by_name("WEBP") {
            let options = if is_drawing { vec!["LOSSLESS=TRUE"] } else { vec!["QUALITY=85"] };
            return Ok(Self { drawn, written, options, aside: aside("webp"), ending: "webp" });
        }
        let written = DriverManager::get_driver_by_name("PNG")?;
        Ok(Self { drawn, written, options: vec!["ZLEVEL=6"], aside: aside("png"), ending: "png" })
    }

    /// One tile of red, green, blue and alpha.
    ///
    /// # Errors
    /// GDAL's, such as no memory.
    pub fn encode(&self, pixels: &[u8]) -> Result<Vec<u8>> {
        let side = (SIDE, SIDE);
        let mut dataset = self.drawn.create_with_band_type::<u8, _>("", SIDE, SIDE, 4)?;
        for channel in 0..4 {
            let values: Vec<u8> = pixels.iter().skip(channel).step_by(4).copied().collect();
            dataset.rasterband(channel + 1)?.write((0, 0), side, &mut Buffer::new(side, values))?;
        }
        let options = RasterCreationOptions::from_iter(self.options.iter().copied());
        // Closed before it is read: only then it is whole.
        drop(dataset.create_copy(&self.written, Path::new(&self.aside), &options)?);
        dataset.flush_cache()?;
        get_vsi_mem_file_bytes_owned(&self.aside)
    }
}
