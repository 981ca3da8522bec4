//! The picture itself: opened by one driver, its colours as red, green, blue and alpha, its place by the pinned pipelines.

use std::path::Path;

use gdal::raster::{ColorInterpretation, GdalDataType, RasterBand, ResampleAlg};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, GeoTransform, GeoTransformEx as _, Metadata as _};

use super::grid::{SIDE, from_square};
use super::refused::{broken, cannot_convert, leads_elsewhere, no_colours, no_geotiff, no_place, no_system, within};
use super::{Limits, named};
use crate::crs::detect::{SourceCrs, ToWgs84};
use crate::crs::{WGS84, from_wgs84, is_vn2000};
use crate::protocol::Text;
use crate::worker::fatal::Fatal;

/// Between these pixels of a tile its place in the picture is converted exactly, and straight in between: what that misses is
/// far below a pixel.
const STEP: usize = 16;
const NODES: usize = SIDE / STEP + 1;
/// A window of the picture is read with at most this many pixels a side; more are averaged while reading.
const MOST_READ: usize = SIDE * 2;

/// A picture that is open.
pub struct Picture {
    dataset: Dataset,
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// The system of its coordinates.
    pub crs: SourceCrs,
    to_ground: GeoTransform,
    from_ground: GeoTransform,
    to_wgs84: ToWgs84,
    from_wgs84: FromWgs84,
    colours: Colours,
}

/// Where the colours are.
enum Colours {
    /// One band; its values are multiplied by this.
    Grey { band: usize, times: u8 },
    /// One band of numbers, and what they mean.
    Palette { band: usize, colours: Vec<[u8; 4]> },
    /// Red, green, blue.
    Three([usize; 3]),
}

/// The way from degrees to the picture's own coordinates.
enum FromWgs84 {
    Same,
    Pinned(i32),
    Gdal(Box<CoordTransform>),
}

/// Red, green, blue and alpha of a window of the picture.
struct Window {
    /// Its left upper corner in the picture.
    at: (usize, usize),
    /// Pixels across and down, as they were read.
    size: (usize, usize),
    /// Pixels that were read for one of the picture.
    share: (f64, f64),
    pixels: Vec<[u8; 4]>,
}

impl Picture {
    /// Opens a `GeoTIFF`.
    ///
    /// # Errors
    /// A file of another kind, without a place, without a coordinate system, too large, or with pixels that are no colours.
    pub fn open(file: &Path, crs: Option<&str>, limits: &Limits) -> Result<Self, Fatal> {
        // GDAL gives some names a meaning (`/vsicurl/…`, `GTIFF_DIR:…`); a path from the root that is there has none.
        let file = file.canonicalize().map_err(|error| {
            let shown = file.display();
            let text = Text::new(
                format!("không mở được tệp {shown}: {error}"),
                format!("the file {shown} cannot be opened: {error}"),
            );
            Fatal::new("file-missing", text)
        })?;
        let dataset = Dataset::open_ex(
            &file,
            DatasetOptions {
                open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER,
                allowed_drivers: Some(&["GTiff"]),
                open_options: Some(&["GEOREF_SOURCES=INTERNAL,WORLDFILE"]),
                sibling_files: None,
            },
        )
        .map_err(|_| no_geotiff())?;
        // Its own words would have GDAL open another file in its place wherever it is read coarser.
        if dataset.metadata_item("OVERVIEW_FILE", "OVERVIEWS").is_some() {
            return Err(leads_elsewhere());
        }
        let (width, height) = dataset.raster_size();
        within(width, height, limits)?;
        let to_ground = dataset.geo_transform().map_err(|_| no_place(!dataset.gcps().is_empty()))?;
        let from_ground = to_ground.invert().map_err(|_| no_place(false))?;
        let crs = match crs {
            Some(said) => named::parse(said)?,
            None => dataset.spatial_ref().ok().and_then(|srs| SourceCrs::of(&srs, "file")).ok_or_else(no_system)?,
        };
        let no_way = |error: &dyn std::fmt::Display| cannot_convert(&crs.name, error);
        let to_wgs84 = ToWgs84::new(&crs).map_err(|error| no_way(&error))?;
        let from_wgs84 = FromWgs84::new(&crs).map_err(|error| no_way(&error))?;
        let colours = Colours::of(&dataset)?;
        Ok(Self { dataset, width, height, crs, to_ground, from_ground, to_wgs84, from_wgs84, colours })
    }

    /// Lines on paper rather than a photograph?
    pub fn is_drawing(&self) -> bool {
        !matches!(self.colours, Colours::Three(_))
    }

    /// Pixels of the picture to degrees, in place.
    ///
    /// # Errors
    /// Where its system does not reach.
    pub fn to_degrees(&mut self, points: &mut [(f64, f64)]) -> Result<(), Fatal> {
        for point in points.iter_mut() {
            *point = self.to_ground.apply(point.0, point.1);
        }
        self.to_wgs84.convert(points).map_err(|error| cannot_convert(&self.crs.name, &error))
    }

    /// One tile, red, green, blue and alpha; nothing where the picture is not.
    ///
    /// # Errors
    /// A picture that cannot be read to its end.
    pub fn draw(&mut self, zoom: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, Fatal> {
        let nodes = self.nodes(zoom, x, y);
        let Some(window) = self.window(&nodes)? else { return Ok(None) };
        let mut tile = vec![0_u8; SIDE * SIDE * 4];
        let (width, height) = (self.width as f64, self.height as f64);
        for (at, pixel) in tile.chunks_exact_mut(4).enumerate() {
            let (u, v) = between(&nodes, at % SIDE, at / SIDE);
            // Not a number is nowhere.
            if (0.0..width).contains(&u) && (0.0..height).contains(&v) {
                pixel.copy_from_slice(&window.sample(u, v));
            }
        }
        Ok(Some(tile))
    }

    /// Where in the picture every sixteenth corner of a tile's pixels lies.
    fn nodes(&self, zoom: u8, x: u32, y: u32) -> Vec<(f64, f64)> {
        let across = f64::from(1_u32 << zoom);
        let part = |at: usize| (at * STEP) as f64 / SIDE as f64;
        let mut nodes: Vec<(f64, f64)> = (0..NODES * NODES)
            .map(|at| {
                let (column, row) = (part(at % NODES), part(at / NODES));
                from_square((f64::from(x) + column) / across, (f64::from(y) + row) / across)
            })
            .collect();
        self.from_wgs84.convert(&mut nodes);
        for node in &mut nodes {
            *node = self.from_ground.apply(node.0, node.1);
        }
        nodes
    }

    /// The part of the picture that a tile needs.
    fn window(&self, nodes: &[(f64, f64)]) -> Result<Option<Window>, Fatal> {
        let (mut left, mut top, mut right, mut bottom) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        for (u, v) in nodes.iter().filter(|(u, v)| u.is_finite() && v.is_finite()) {
            (left, right) = (left.min(*u), right.max(*u));
            (top, bottom) = (top.min(*v), bottom.max(*v));
        }
        let (width, height) = (self.width as f64, self.height as f64);
        if left >= width || top >= height || right <= 0.0 || bottom <= 0.0 || left > right {
            return Ok(None);
        }
        // One more on each side: a colour is mixed from four.
        let from = |at: f64| (at.floor() - 1.0).max(0.0) as usize;
        let to = |at: f64, last: usize| ((at.ceil() + 1.0).max(1.0) as usize).min(last);
        let at = (from(left), from(top));
        let wanted = (to(right, self.width) - at.0, to(bottom, self.height) - at.1);
        let size = (wanted.0.min(MOST_READ), wanted.1.min(MOST_READ));
        let pixels = self.read(at, wanted, size).map_err(|error| broken(&error))?;
        let share = (size.0 as f64 / wanted.0 as f64, size.1 as f64 / wanted.1 as f64);
        Ok(Some(Window { at, size, share, pixels }))
    }

    fn read(
        &self,
        at: (usize, usize),
        wanted: (usize, usize),
        size: (usize, usize),
    ) -> gdal::errors::Result<Vec<[u8; 4]>> {
        let at = (isize::try_from(at.0)?, isize::try_from(at.1)?);
        let values = |band: &RasterBand<'_>, how: ResampleAlg| -> gdal::errors::Result<Vec<u8>> {
            Ok(band.read_as::<u8>(at, wanted, size, Some(how))?.data().to_vec())
        };
        let mut pixels = vec![[0, 0, 0, 255]; size.0 * size.1];
        match &self.colours {
            Colours::Grey { band, times } => {
                let band = self.dataset.rasterband(*band)?;
                for (pixel, value) in pixels.iter_mut().zip(values(&band, ResampleAlg::Average)?) {
                    let value = value.saturating_mul(*times);
                    *pixel = [value, value, value, 255];
                }
                seen(&mut pixels, &[band], &values)?;
            }
            Colours::Palette { band, colours } => {
                let band = self.dataset.rasterband(*band)?;
                for (pixel, value) in pixels.iter_mut().zip(values(&band, ResampleAlg::NearestNeighbour)?) {
                    *pixel = colours.get(usize::from(value)).copied().unwrap_or_default();
                }
                seen(&mut pixels, &[band], &values)?;
            }
            Colours::Three(bands) => {
                let bands = bands.iter().map(|band| self.dataset.rasterband(*band)).collect::<Result<Vec<_>, _>>()?;
                for (channel, band) in bands.iter().enumerate() {
                    for (pixel, value) in pixels.iter_mut().zip(values(band, ResampleAlg::Average)?) {
                        pixel[channel] = value;
                    }
                }
                seen(&mut pixels, &bands, &values)?;
            }
        }
        Ok(pixels)
    }
}

/// Makes transparent what the file says is no picture: its alpha, its mask, or "nodata" in every band.
fn seen(
    pixels: &mut [[u8; 4]],
    bands: &[RasterBand<'_>],
    values: &dyn Fn(&RasterBand<'_>, ResampleAlg) -> gdal::errors::Result<Vec<u8>>,
) -> gdal::errors::Result<()> {
    let mut alpha = vec![0_u8; pixels.len()];
    for band in bands {
        let flags = band.mask_flags()?;
        if flags.is_all_valid() {
            return Ok(());
        }
        for (most, value) in alpha.iter_mut().zip(values(&band.open_mask_band()?, ResampleAlg::NearestNeighbour)?) {
            *most = value.max(*most);
        }
        if flags.is_per_dataset() {
            break;
        }
    }
    for (pixel, alpha) in pixels.iter_mut().zip(alpha) {
        pixel[3] = pixel[3].min(alpha);
    }
    Ok(())
}

/// The place in the picture of the middle of one pixel of a tile.
fn between(nodes: &[(f64, f64)], column: usize, row: usize) -> (f64, f64) {
    let share = |at: usize| ((at % STEP) as f64 + 0.5) / STEP as f64;
    let (right, down) = (share(column), share(row));
    let first = row / STEP * NODES + column / STEP;
    let mix = |a: (f64, f64), b: (f64, f64), by: f64| (a.0 + (b.0 - a.0) * by, a.1 + (b.1 - a.1) * by);
    let above = mix(nodes[first], nodes[first + 1], right);
    let below = mix(nodes[first + NODES], nodes[first + NODES + 1], right);
    mix(above, below, down)
}

impl Window {
    /// The colour at a place of the picture, mixed from the four nearest pixels. What is transparent has no say in it.
    fn sample(&self, u: f64, v: f64) -> [u8; 4] {
        let along = |at: f64, from: usize, share: f64, last: usize| {
            let at = ((at - from as f64) * share - 0.5).clamp(0.0, last as f64 - 1.0);
            let first = at.floor();
            (first as usize, (first as usize + 1).min(last - 1), at - first)
        };
        let (left, right, across) = along(u, self.at.0, self.share.0, self.size.0);
        let (top, bottom, down) = along(v, self.at.1, self.share.1, self.size.1);
        let mut sums = [0.0; 4];
        for (column, row, weight) in [
            (left, top, (1.0 - across) * (1.0 - down)),
            (right, top, across * (1.0 - down)),
            (left, bottom, (1.0 - across) * down),
            (right, bottom, across * down),
        ] {
            let [red, green, blue, alpha] = self.pixels[row * self.size.0 + column].map(f64::from);
            let weight = weight * alpha;
            for (sum, value) in sums.iter_mut().zip([red, green, blue, 1.0]) {
                *sum += value * weight;
            }
        }
        let [red, green, blue, alpha] = sums;
        if alpha <= 0.0 {
            return [0; 4];
        }
        [red / alpha, green / alpha, blue / alpha, alpha].map(|value| value.round().clamp(0.0, 255.0) as u8)
    }
}

impl FromWgs84 {
    fn new(crs: &SourceCrs) -> gdal::errors::Result<Self> {
        match crs.srid {
            Some(WGS84) => return Ok(Self::Same),
            Some(srid) if is_vn2000(srid) => return Ok(Self::Pinned(srid)),
            _ => {}
        }
        let mut from = SpatialRef::from_epsg(4326)?;
        let mut to = SpatialRef::from_wkt(&crs.wkt)?;
        from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        to.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let transform = CoordTransform::new_with_options(&from, &to, &CoordTransformOptions::new()?)?;
        Ok(Self::Gdal(Box::new(transform)))
    }

    /// Converts points in place; one that the system does not reach becomes no number.
    fn convert(&self, points: &mut [(f64, f64)]) {
        let all = |points: &mut [(f64, f64)]| match self {
            Self::Same => true,
            Self::Pinned(srid) => from_wgs84(*srid, points).is_ok(),
            Self::Gdal(transform) => {
                let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
                let is_done = transform.transform_coords(&mut xs, &mut ys, &mut []).is_ok();
                for (point, (x, y)) in points.iter_mut().zip(xs.into_iter().zip(ys)) {
                    *point = (x, y);
                }
                is_done
            }
        };
        let before = points.to_vec();
        if all(points) {
            return;
        }
        for (point, before) in points.iter_mut().zip(before) {
            let mut one = [before];
            *point = if all(&mut one) { one[0] } else { (f64::NAN, f64::NAN) };
        }
    }
}

impl Colours {
    fn of(dataset: &Dataset) -> Result<Self, Fatal> {
        let bands = dataset.raster_count();
        let mut three = [1, 2, 3];
        for at in 1..=bands {
            let band = dataset.rasterband(at).map_err(|error| broken(&error))?;
            if band.band_type() != GdalDataType::UInt8 {
                return Err(no_colours());
            }
            match band.color_interpretation() {
                ColorInterpretation::RedBand => three[0] = at,
                ColorInterpretation::GreenBand => three[1] = at,
                ColorInterpretation::BlueBand => three[2] = at,
                ColorInterpretation::CyanBand => return Err(no_colours()),
                _ => {}
            }
        }
        if bands >= 3 {
            return Ok(Self::Three(three));
        }
        let band = dataset.rasterband(1).map_err(|_| no_colours())?;
        if let Some(table) = band.color_table() {
            let entry = |at| table.entry_as_rgb(at).map_or([0; 4], |one| [one.r, one.g, one.b, one.a].map(byte));
            return Ok(Self::Palette { band: 1, colours: (0..table.entry_count()).map(entry).collect() });
        }
        // A scan of one bit a pixel has the values 0 and 1.
        let bits = band.metadata_item("NBITS", "IMAGE_STRUCTURE").and_then(|bits| bits.parse::<u32>().ok());
        let times = bits.filter(|bits| (1..8).contains(bits)).map_or(1, |bits| 255 / ((1_u16 << bits) - 1));
        Ok(Self::Grey { band: 1, times: u8::try_from(times).unwrap_or(1) })
    }
}

fn byte(value: i16) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(0)
}
