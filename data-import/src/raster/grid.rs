//! The web's grid of tiles, and which part of it a picture fills.

use std::f64::consts::PI;

use super::Limits;
use super::picture::Picture;
use crate::protocol::Text;
use crate::worker::fatal::Fatal;

/// Pixels along a tile's side: a quarter of the files that 256 would make.
pub const SIDE: usize = 512;
/// Deeper than this no map goes: 2 cm a pixel.
pub const DEEPEST: u8 = 22;
/// The grid ends here.
const LAST_LATITUDE: f64 = 85.051_128_779_806_6;
/// A picture that is this much finer than a zoom, in zooms, is still shown at it and not at the next.
const TOLERANCE: f64 = 0.25;
/// Points along each edge that its outline is taken from.
const EDGE: usize = 64;

/// Degrees to the grid's square: 0 to 1 eastwards and southwards.
pub fn to_square(lon: f64, lat: f64) -> (f64, f64) {
    let y = lat.to_radians().tan().asinh() / PI;
    (lon / 360.0 + 0.5, (1.0 - y) / 2.0)
}

/// The grid's square to degrees.
pub fn from_square(x: f64, y: f64) -> (f64, f64) {
    ((x - 0.5) * 360.0, (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees())
}

/// Columns and rows of one zoom, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First and last column.
    pub x: (u32, u32),
    /// First and last row.
    pub y: (u32, u32),
}

impl Range {
    fn count(self) -> u64 {
        u64::from(self.x.1 - self.x.0 + 1) * u64::from(self.y.1 - self.y.0 + 1)
    }

    /// Does it hold this tile?
    pub fn holds(self, x: u32, y: u32) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }
}

/// Which tiles there will be.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// West, south, east, north, in degrees.
    pub bounds: [f64; 4],
    /// The zoom at which it is one tile.
    pub min_zoom: u8,
    /// The zoom of its own resolution.
    pub max_zoom: u8,
    /// West, north, east, south in the grid's square.
    square: [f64; 4],
}

impl Plan {
    /// From the picture's outline and the size of a pixel in its middle.
    ///
    /// # Errors
    /// A picture that is not on this grid, or would make too many tiles.
    pub fn of(picture: &mut Picture, limits: &Limits) -> Result<Self, Fatal> {
        let (width, height) = (picture.width as f64, picture.height as f64);
        let along = |at: usize| at as f64 / EDGE as f64;
        let mut outline: Vec<(f64, f64)> = (0..=EDGE)
            .flat_map(|at| {
                let share = along(at);
                [(share * width, 0.0), (share * width, height), (0.0, share * height), (width, share * height)]
            })
            .collect();
        picture.to_degrees(&mut outline)?;
        let on_grid = |&(lon, lat): &(f64, f64)| lon.abs() <= 180.0 && lat.abs() < LAST_LATITUDE;
        // Not a number is on no grid either.
        if !outline.iter().all(on_grid) {
            return Err(off_the_map(picture));
        }
        let (mut west, mut south, mut east, mut north) = (f64::MAX, f64::MAX, f64::MIN, f64::MIN);
        for (lon, lat) in outline {
            (west, east) = (west.min(lon), east.max(lon));
            (south, north) = (south.min(lat), north.max(lat));
        }
        let max_zoom = own_zoom(picture)?;
        let ((left, top), (right, bottom)) = (to_square(west, north), to_square(east, south));
        let mut plan =
            Self { bounds: [west, south, east, north], min_zoom: 0, max_zoom, square: [left, top, right, bottom] };
        plan.min_zoom = (0..=max_zoom).rev().find(|zoom| plan.range(*zoom).count() == 1).unwrap_or(0);
        let tiles: u64 = (plan.min_zoom..=max_zoom).map(|zoom| plan.range(zoom).count()).sum();
        if tiles > limits.tiles {
            let most = limits.tiles;
            return Err(Fatal::new(
                "limit-tiles",
                Text::new(
                    format!(
                        "ảnh sẽ thành {tiles} ô, giới hạn là {most}: hãy cắt nhỏ (gdal_translate -projwin) hoặc giảm độ \
                         phân giải (gdal_translate -tr)"
                    ),
                    format!(
                        "the picture would become {tiles} tiles, the limit is {most}: cut it (gdal_translate -projwin) or \
                         make it coarser (gdal_translate -tr)"
                    ),
                ),
            ));
        }
        Ok(plan)
    }

    /// The tiles of a zoom that the picture may lie in.
    pub fn range(&self, zoom: u8) -> Range {
        let across = f64::from(1_u32 << zoom);
        let cell = |at: f64| (at * across).floor().clamp(0.0, across - 1.0) as u32;
        let [left, top, right, bottom] = self.square;
        Range { x: (cell(left), cell(right)), y: (cell(top), cell(bottom)) }
    }

    /// Tiles of the deepest zoom.
    pub fn deepest(&self) -> u64 {
        self.range(self.max_zoom).count()
    }
}

/// The first zoom whose pixels are as small as the picture's.
fn own_zoom(picture: &mut Picture) -> Result<u8, Fatal> {
    let (x, y) = (picture.width as f64 / 2.0, picture.height as f64 / 2.0);
    let mut points = [(x, y), (x + 1.0, y), (x, y + 1.0)];
    picture.to_degrees(&mut points)?;
    let [middle, right, below] = points.map(|(lon, lat)| to_square(lon, lat));
    let step = |to: (f64, f64)| (to.0 - middle.0).hypot(to.1 - middle.1);
    let finest = step(right).min(step(below));
    if !(finest.is_finite() && finest > 0.0) {
        return Err(off_the_map(picture));
    }
    let zoom = ((1.0 / (finest * SIDE as f64)).log2() - TOLERANCE).ceil();
    Ok(zoom.clamp(0.0, f64::from(DEEPEST)) as u8)
}

fn off_the_map(picture: &Picture) -> Fatal {
    let name = &picture.crs.name;
    Fatal::new(
        "off-the-map",
        Text::new(
            format!(
                "theo hệ tọa độ {name}, ảnh nằm ngoài bản đồ: có lẽ hệ tọa độ hoặc tệp .tfw sai; hãy nói đúng hệ bằng --crs \
                 (ví dụ --crs EPSG:9210)"
            ),
            format!(
                "by {name} the picture lies off the map: the system or the .tfw file is probably wrong; say the right one with \
                 --crs (such as --crs EPSG:9210)"
            ),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_is_the_web_s() {
        let (x, y) = to_square(0.0, 0.0);
        assert!((x - 0.5).abs() < 1e-15 && (y - 0.5).abs() < 1e-15);
        // The tile of Bến Thành market.
        let (x, y) = to_square(106.698, 10.7725);
        assert_eq!(((x * 32768.0) as u32, (y * 32768.0) as u32), (26095, 15397));
        let (lon, lat) = from_square(x, y);
        assert!((lon - 106.698).abs() < 1e-12 && (lat - 10.7725).abs() < 1e-12);
    }
}
