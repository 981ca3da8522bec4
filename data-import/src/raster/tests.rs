//! Pictures made here, with marks at known places, tiled and looked at again.

use std::path::Path;

use gdal::raster::Buffer;
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager};

use super::grid::{SIDE, to_square};
use super::*;
use crate::crs::point_to_wgs84;

/// Left upper corner in EPSG:9210, metres, and metres a pixel.
pub(super) const CORNER: (f64, f64) = (603_000.0, 1_191_000.0);
pub(super) const METRES: f64 = 0.5;
const WIDTH: usize = 900;
const HEIGHT: usize = 700;
/// Middles of the marks, in pixels of the picture, one near each corner and one in the middle.
const MARKS: [(usize, usize); 5] = [(20, 20), (880, 30), (450, 350), (30, 680), (870, 660)];

struct Scan {
    folder: tempfile::TempDir,
}

impl Scan {
    /// White, with red squares of nine pixels a side; `crs` and `place` as wished.
    fn new(crs: Option<u32>, place: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
        let mut picture = driver.create(folder.path().join("scan.tif"), WIDTH, HEIGHT, 3).unwrap();
        if place {
            picture.set_geo_transform(&[CORNER.0, METRES, 0.0, CORNER.1, 0.0, -METRES]).unwrap();
        }
        if let Some(crs) = crs {
            picture.set_spatial_ref(&tm3(crs)).unwrap();
        }
        for band in 1..=3 {
            let mut values = vec![255_u8; WIDTH * HEIGHT];
            if band > 1 {
                for (column, row) in MARKS {
                    for at in 0..81 {
                        values[(row - 4 + at / 9) * WIDTH + column - 4 + at % 9] = 0;
                    }
                }
            }
            let mut values = Buffer::new((WIDTH, HEIGHT), values);
            picture.rasterband(band).unwrap().write((0, 0), (WIDTH, HEIGHT), &mut values).unwrap();
        }
        picture.close().unwrap();
        Self { folder }
    }

    fn tiled(&self, crs: Option<&str>, limits: Limits) -> Result<Made, Fatal> {
        prepare();
        let folder = self.tiles();
        std::fs::create_dir_all(&folder).unwrap();
        let file = self.folder.path().join("scan.tif");
        run(&Wanted { file, crs: crs.map(str::to_owned), folder, limits }, &mut std::io::sink())
    }

    fn tiles(&self) -> PathBuf {
        self.folder.path().join("tiles")
    }
}

/// By parameters, for older tables lack the codes; the name is what says that it is VN-2000.
pub(super) fn tm3(crs: u32) -> SpatialRef {
    let wkt = format!(
        "PROJCS[\"VN-2000 / TM-3 ({crs})\",GEOGCS[\"VN-2000\",DATUM[\"Vietnam_2000\",SPHEROID[\"WGS 84\",6378137,\
         298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]],\
         PROJECTION[\"Transverse_Mercator\"],PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\",105.75],\
         PARAMETER[\"scale_factor\",0.9999],PARAMETER[\"false_easting\",500000],PARAMETER[\"false_northing\",0],\
         UNIT[\"metre\",1]]"
    );
    SpatialRef::from_wkt(&wkt).unwrap()
}

/// Red, green, blue, alpha of a tile, each a plane.
pub(super) fn planes(path: &Path) -> Vec<Vec<u8>> {
    let tile = Dataset::open(path).unwrap();
    assert_eq!(tile.raster_size(), (SIDE, SIDE));
    let plane = |band| tile.rasterband(band).unwrap().read_band_as::<u8>().unwrap().data().to_vec();
    (1..=tile.raster_count()).map(plane).collect()
}

/// The middle of what is red near a place of the grid's square, in pixels of the zoom.
fn middle_of_red(tiles: &Path, made: &Made, place: (f64, f64)) -> (f64, f64) {
    let across = f64::from(1_u32 << made.max_zoom);
    let around = 24.0 / (across * SIDE as f64);
    let (mut sum, mut u, mut v) = (0.0, 0.0, 0.0);
    let cells = |at: f64| ((at - around) * across) as u32..=((at + around) * across) as u32;
    for x in cells(place.0) {
        for y in cells(place.1) {
            let path = tiles.join(format!("{}/{x}/{y}.{}", made.max_zoom, made.ending));
            if !path.exists() {
                continue;
            }
            let planes = planes(&path);
            for at in 0..SIDE * SIDE {
                let alpha = planes.get(3).map_or(255, |plane| plane[at]);
                let red = f64::from(planes[0][at].saturating_sub(planes[1][at])) * f64::from(alpha) / 255.0;
                let here = (
                    f64::from(x) * SIDE as f64 + (at % SIDE) as f64 + 0.5,
                    f64::from(y) * SIDE as f64 + (at / SIDE) as f64 + 0.5,
                );
                let is_near = |a: f64, b: f64| (a - b * across * SIDE as f64).abs() < 24.0;
                if red > 40.0 && is_near(here.0, place.0) && is_near(here.1, place.1) {
                    (sum, u, v) = (sum + red, u + red * here.0, v + red * here.1);
                }
            }
        }
    }
    assert!(sum > 0.0, "there is nothing red near {place:?}");
    (u / sum, v / sum)
}

fn marks_lie_where_the_pinned_pipeline_puts_them(scan: &Scan, made: &Made) {
    let across = f64::from(1_u32 << made.max_zoom) * SIDE as f64;
    for (column, row) in MARKS {
        let (east, north) = (CORNER.0 + (column as f64 + 0.5) * METRES, CORNER.1 - (row as f64 + 0.5) * METRES);
        let (lon, lat) = point_to_wgs84(9210, east, north).unwrap();
        let place = to_square(lon, lat);
        let (u, v) = middle_of_red(&scan.tiles(), made, place);
        let off = (u - place.0 * across).hypot(v - place.1 * across);
        assert!(off < 0.5, "the mark at {column}, {row} is off by {off} pixels");
    }
}

#[test]
fn marks_of_a_vn_2000_picture_lie_where_an_import_would_put_them() {
    let scan = Scan::new(Some(9210), true);
    let made = scan.tiled(None, Limits::default()).unwrap();
    assert_eq!(made.crs.srid, Some(9210));
    assert!(made.crs.operation.contains("-191.90441429"), "{}", made.crs.operation);
    marks_lie_where_the_pinned_pipeline_puts_them(&scan, &made);
    // Half a metre in the picture, 0.59 m at this zoom; the next has 0.29 m.
    assert_eq!(made.max_zoom, 17);
    let count = |zoom: u8| std::fs::read_dir(scan.tiles().join(zoom.to_string())).unwrap().count();
    assert_eq!(count(made.min_zoom), 1, "the first zoom is one tile");
    for zoom in made.min_zoom..=made.max_zoom {
        assert!(count(zoom) > 0, "zoom {zoom} is there");
    }
    // What lies outside the picture is transparent.
    let corner = to_square(made.bounds[0] - 1e-5, made.bounds[3] + 1e-5);
    let across = f64::from(1_u32 << made.max_zoom);
    let (x, y) = ((corner.0 * across) as u32, (corner.1 * across) as u32);
    let tile = scan.tiles().join(format!("{}/{x}/{y}.{}", made.max_zoom, made.ending));
    if tile.exists() {
        let at = |part: f64| ((part * across).fract() * SIDE as f64) as usize;
        assert_eq!(planes(&tile)[3][at(corner.1) * SIDE + at(corner.0)], 0);
    }
}

#[test]
fn a_world_file_counts_together_with_a_system_that_is_said() {
    let scan = Scan::new(None, false);
    let world = format!("{METRES}\n0\n0\n-{METRES}\n{}\n{}\n", CORNER.0 + METRES / 2.0, CORNER.1 - METRES / 2.0);
    std::fs::write(scan.folder.path().join("scan.tfw"), world).unwrap();
    assert_eq!(scan.tiled(None, Limits::default()).unwrap_err().slug, "crs-missing");
    let made = scan.tiled(Some("VN-2000 105-45"), Limits::default()).unwrap();
    assert_eq!((made.crs.srid, made.crs.from.as_str()), (Some(9210), "option"));
    marks_lie_where_the_pinned_pipeline_puts_them(&scan, &made);
}

#[test]
fn what_cannot_be_laid_anywhere_is_refused_with_what_to_do() {
    let refused = |scan: &Scan, crs, limits| scan.tiled(crs, limits).unwrap_err();
    let bare = refused(&Scan::new(None, false), Some("EPSG:9210"), Limits::default());
    assert_eq!(bare.slug, "no-place");
    assert!(bare.message.vi.contains(".tfw") && bare.message.en.contains("Georeferencer"), "{bare:?}");
    let nameless = refused(&Scan::new(None, true), None, Limits::default());
    assert_eq!(nameless.slug, "crs-missing");
    assert!(nameless.message.en.contains("--crs EPSG:9210"), "{nameless:?}");
    let degrees = refused(&Scan::new(None, true), Some("EPSG:4326"), Limits::default());
    assert_eq!(degrees.slug, "off-the-map");
    let whole = Scan::new(Some(9210), true);
    let few = |pixels, tiles| Limits { pixels, tiles, ..Limits::default() };
    assert_eq!(refused(&whole, None, few(1_000, 400_000)).slug, "limit-pixels");
    assert_eq!(refused(&whole, None, few(1_000_000, 2)).slug, "limit-tiles");
    std::fs::write(whole.folder.path().join("scan.tif"), "<VRTDataset/>").unwrap();
    assert_eq!(refused(&whole, None, Limits::default()).slug, "format-unknown");
}
