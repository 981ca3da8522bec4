//! Pictures of every kind that scanners and cameras leave behind, and files that mean no good.

use std::fs::{self, File};
use std::path::Path;

use gdal::raster::RasterCreationOptions;
use gdal::raster::{Buffer, ColorEntry, ColorInterpretation, ColorTable, GdalType, PaletteInterpretation};
use gdal::{Dataset, DriverManager, Metadata as _};

use super::grid::{SIDE, to_square};
use super::tests::{CORNER, METRES, planes, tm3};
use super::*;
use crate::crs::point_to_wgs84;

const SIDE_PIXELS: usize = 400;

/// A picture of `bands`, placed; `value` by band, column and row.
fn picture<T: Copy + GdalType>(
    path: &Path,
    bands: usize,
    options: &[&str],
    value: impl Fn(usize, usize, usize) -> T,
) -> Dataset {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::from_iter(options.iter().copied());
    let size = (SIDE_PIXELS, SIDE_PIXELS);
    let mut dataset = driver.create_with_band_type_with_options::<T, _>(path, size.0, size.1, bands, &options).unwrap();
    dataset.set_geo_transform(&[CORNER.0, METRES, 0.0, CORNER.1, 0.0, -METRES]).unwrap();
    dataset.set_spatial_ref(&tm3(9210)).unwrap();
    for band in 1..=bands {
        let values = (0..size.0 * size.1).map(|at| value(band, at % size.0, at / size.0)).collect();
        dataset.rasterband(band).unwrap().write((0, 0), size, &mut Buffer::new(size, values)).unwrap();
    }
    dataset
}

fn tiled(folder: &Path) -> Result<Made, Fatal> {
    prepare();
    let tiles = folder.join("tiles");
    fs::create_dir_all(&tiles).unwrap();
    let file = folder.join("scan.tif");
    run(&Wanted { file, crs: None, folder: tiles, limits: Limits::default() }, &mut io::sink())
}

/// Red, green, blue, alpha of the deepest tiles where this pixel of the picture lies.
fn seen_at(folder: &Path, made: &Made, column: usize, row: usize) -> [u8; 4] {
    let (east, north) = (CORNER.0 + (column as f64 + 0.5) * METRES, CORNER.1 - (row as f64 + 0.5) * METRES);
    let (lon, lat) = point_to_wgs84(9210, east, north).unwrap();
    let (x, y) = to_square(lon, lat);
    let across = f64::from(1_u32 << made.max_zoom);
    let at = |part: f64| ((part * across) as u32, ((part * across).fract() * SIDE as f64) as usize);
    let ((x, column), (y, row)) = (at(x), at(y));
    let path = folder.join(format!("tiles/{}/{x}/{y}.{}", made.max_zoom, made.ending));
    if !path.exists() {
        return [0; 4];
    }
    let planes = planes(&path);
    std::array::from_fn(|channel| planes.get(channel).map_or(255, |plane| plane[row * SIDE + column]))
}

fn is_near(seen: [u8; 4], wanted: [u8; 4]) -> bool {
    seen.iter().zip(wanted).all(|(seen, wanted)| seen.abs_diff(wanted) <= 10)
}

#[test]
fn a_palette_gives_its_colours_and_nodata_is_seen_through() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut colours = ColorTable::new(PaletteInterpretation::Rgba);
    colours.set_color_entry(0, &ColorEntry::rgba(200, 30, 40, 255));
    colours.set_color_entry(1, &ColorEntry::rgba(1, 2, 3, 255));
    let mut dataset = driver.create(&path, SIDE_PIXELS, SIDE_PIXELS, 1).unwrap();
    dataset.set_geo_transform(&[CORNER.0, METRES, 0.0, CORNER.1, 0.0, -METRES]).unwrap();
    dataset.set_spatial_ref(&tm3(9210)).unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    band.set_color_table(&colours);
    band.set_no_data_value(Some(1.0)).unwrap();
    let values = (0..SIDE_PIXELS * SIDE_PIXELS).map(|at| u8::from(at % SIDE_PIXELS >= 200)).collect();
    let size = (SIDE_PIXELS, SIDE_PIXELS);
    band.write((0, 0), size, &mut Buffer::new(size, values)).unwrap();
    dataset.close().unwrap();
    let made = tiled(folder.path()).unwrap();
    assert_eq!(seen_at(folder.path(), &made, 100, 200), [200, 30, 40, 255]);
    assert_eq!(seen_at(folder.path(), &made, 300, 200)[3], 0);
}

#[test]
fn a_scan_of_one_bit_is_black_and_white() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    picture::<u8>(&path, 1, &["NBITS=1"], |_, column, _| u8::from(column >= 200)).close().unwrap();
    let made = tiled(folder.path()).unwrap();
    assert_eq!(seen_at(folder.path(), &made, 100, 200), [0, 0, 0, 255]);
    assert_eq!(seen_at(folder.path(), &made, 300, 200), [255, 255, 255, 255]);
}

#[test]
fn nodata_counts_where_every_band_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    // Nothing in the west, a dark red in the east.
    let dataset = picture::<u8>(&path, 3, &[], |band, column, _| if band == 1 && column >= 200 { 90 } else { 0 });
    for band in 1..=3 {
        dataset.rasterband(band).unwrap().set_no_data_value(Some(0.0)).unwrap();
    }
    dataset.close().unwrap();
    let made = tiled(folder.path()).unwrap();
    assert_eq!(seen_at(folder.path(), &made, 100, 200)[3], 0);
    let east = seen_at(folder.path(), &made, 300, 200);
    assert!(is_near(east, [90, 0, 0, 255]), "{east:?}");
}

#[test]
fn alpha_is_kept_and_its_edge_is_not_dark() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    // Transparent black beside half transparent red.
    let dataset = picture::<u8>(&path, 4, &["ALPHA=YES"], |band, column, _| match (column >= 200, band) {
        (true, 1) => 220,
        (true, 4) => 128,
        _ => 0,
    });
    dataset.rasterband(4).unwrap().set_color_interpretation(ColorInterpretation::AlphaBand).unwrap();
    dataset.close().unwrap();
    let made = tiled(folder.path()).unwrap();
    assert_eq!(seen_at(folder.path(), &made, 100, 200)[3], 0);
    let inside = seen_at(folder.path(), &made, 300, 200);
    assert!(is_near(inside, [220, 0, 0, 128]), "{inside:?}");
    for column in 198..204 {
        let edge = seen_at(folder.path(), &made, column, 200);
        assert!(edge[3] == 0 || edge[0] >= 190, "{edge:?} at {column}");
    }
}

#[test]
fn sixteen_bits_are_refused_with_the_way_to_eight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    picture::<u16>(&path, 3, &[], |band, column, _| (band * column) as u16).close().unwrap();
    let refused = tiled(folder.path()).unwrap_err();
    assert_eq!(refused.slug, "no-colours");
    assert!(refused.message.vi.contains("-ot Byte -scale"), "{refused:?}");
}

#[test]
fn a_file_that_breaks_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    picture::<u8>(&path, 3, &["COMPRESS=DEFLATE"], |band, column, row| (band * column * row) as u8).close().unwrap();
    let whole = fs::metadata(&path).unwrap().len();
    for (left, slug) in [(whole * 2 / 3, "file-broken"), (6, "format-unknown"), (0, "format-unknown")] {
        File::options().write(true).open(&path).unwrap().set_len(left).unwrap();
        assert_eq!(tiled(folder.path()).unwrap_err().slug, slug, "{left} of {whole} bytes");
    }
}

#[test]
fn a_giant_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::from_iter(["SPARSE_OK=TRUE", "TILED=YES", "BIGTIFF=YES"]);
    let giant = driver.create_with_band_type_with_options::<u8, _>(&path, 400_000, 400_000, 1, &options).unwrap();
    giant.close().unwrap();
    let refused = tiled(folder.path()).unwrap_err();
    assert_eq!(refused.slug, "limit-pixels");
    assert!(refused.message.en.contains("400000 × 400000"), "{refused:?}");
}

#[test]
fn a_picture_that_names_another_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.tif");
    let mut dataset = picture::<u8>(&path, 3, &[], |_, _, _| 9);
    dataset.set_metadata_item("OVERVIEW_FILE", "/etc/passwd", "OVERVIEWS").unwrap();
    dataset.close().unwrap();
    assert_eq!(tiled(folder.path()).unwrap_err().slug, "leads-elsewhere");
}
