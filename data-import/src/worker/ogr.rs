//! Reading through GDAL: the only place with unsafe code, because the safe API allocates and copies for every field.
//!
//! Invariant: a feature handle lives from `OGR_L_GetNextFeature` to `OGR_F_Destroy` inside [`fill`], and everything
//! taken from it is copied into the batch's arena before that.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::ffi::{CStr, c_int};
use std::sync::Once;

use gdal::errors::CplErrType;
use gdal::vector::LayerAccess;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use gdal_sys::{OGRFieldType, OGRwkbByteOrder, OGRwkbGeometryType};

use super::delivery::{Format, Item};
use crate::values::{Cell, DAY_MICROS, parse};

/// How a source field is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// 32 and 64 bit integers, truth values.
    Int,
    /// Reals.
    Float,
    /// Dates.
    Date,
    /// Dates with a time.
    Moment,
    /// Everything else, as GDAL writes it.
    Text,
}

impl Read {
    /// By OGR field type.
    pub fn of(field_type: OGRFieldType::Type) -> Self {
        match field_type {
            OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => Self::Int,
            OGRFieldType::OFTReal => Self::Float,
            OGRFieldType::OFTDate => Self::Date,
            OGRFieldType::OFTDateTime => Self::Moment,
            _ => Self::Text,
        }
    }
}

/// What a feature had for a geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawGeometry {
    /// Null, or not asked for.
    None,
    /// There, but without coordinates.
    Empty,
    /// Could not be written as WKB.
    Broken,
    /// ISO WKB, `start..end` of the arena.
    Wkb(u32, u32),
}

/// Some hundred rows on their way from the reading to the checking thread.
#[derive(Default)]
pub struct Batch {
    /// Text and WKB.
    pub arena: Vec<u8>,
    /// Rows × wanted fields.
    pub cells: Vec<Cell>,
    /// One a row.
    pub geometries: Vec<RawGeometry>,
}

impl Batch {
    fn clear(&mut self) {
        self.arena.clear();
        self.cells.clear();
        self.geometries.clear();
    }
}

/// Rows of a batch, at most.
const BATCH_ROWS: usize = 1024;
/// Bytes of a batch, about.
const BATCH_BYTES: usize = 4 << 20;

/// Fills a batch with the next rows; false at the end of the layer.
pub fn fill(layer: &impl LayerAccess, wanted: &[(c_int, Read)], with_geometry: bool, batch: &mut Batch) -> bool {
    batch.clear();
    // SAFETY: the layer outlives this call, handles are used as the module's invariant says.
    unsafe {
        let handle = layer.c_layer();
        while batch.geometries.len() < BATCH_ROWS && batch.arena.len() < BATCH_BYTES {
            let feature = gdal_sys::OGR_L_GetNextFeature(handle);
            if feature.is_null() {
                return false;
            }
            for (index, read) in wanted {
                let cell = read_field(feature, *index, *read, &mut batch.arena);
                batch.cells.push(cell);
            }
            let geometry = if with_geometry { read_geometry(feature, &mut batch.arena) } else { RawGeometry::None };
            batch.geometries.push(geometry);
            gdal_sys::OGR_F_Destroy(feature);
        }
    }
    true
}

unsafe fn read_field(feature: gdal_sys::OGRFeatureH, index: c_int, read: Read, arena: &mut Vec<u8>) -> Cell {
    unsafe {
        if gdal_sys::OGR_F_IsFieldSetAndNotNull(feature, index) == 0 {
            return Cell::Null;
        }
        match read {
            Read::Int => Cell::Int(gdal_sys::OGR_F_GetFieldAsInteger64(feature, index)),
            Read::Float => Cell::Float(gdal_sys::OGR_F_GetFieldAsDouble(feature, index)),
            Read::Text => {
                let text = gdal_sys::OGR_F_GetFieldAsString(feature, index);
                if text.is_null() {
                    return Cell::Null;
                }
                let start = arena.len();
                arena.extend_from_slice(CStr::from_ptr(text).to_bytes());
                Cell::Text(start as u32, arena.len() as u32)
            }
            Read::Date | Read::Moment => read_moment(feature, index, read, arena),
        }
    }
}

unsafe fn read_moment(feature: gdal_sys::OGRFeatureH, index: c_int, read: Read, arena: &mut Vec<u8>) -> Cell {
    let [mut year, mut month, mut day, mut hour, mut minute, mut zone] = [0 as c_int; 6];
    let mut second = 0f32;
    let days = unsafe {
        gdal_sys::OGR_F_GetFieldAsDateTimeEx(
            feature,
            index,
            &raw mut year,
            &raw mut month,
            &raw mut day,
            &raw mut hour,
            &raw mut minute,
            &raw mut second,
            &raw mut zone,
        );
        parse::days(year, month as u32, day as u32)
    };
    let Some(days) = days else {
        // A date that no calendar has: as text it becomes a bad value with its row.
        let start = arena.len();
        arena.extend(format!("{year}-{month}-{day}").into_bytes());
        return Cell::Text(start as u32, arena.len() as u32);
    };
    if read == Read::Date {
        return Cell::Date(days);
    }
    let micros = i64::from(hour) * 3_600_000_000
        + i64::from(minute) * 60_000_000
        + (f64::from(second) * 1000.0).round() as i64 * 1000;
    // GDAL: 0 unknown, 1 local, 100 UTC, and a quarter of an hour for each step from there.
    let offset = (zone > 1).then_some((zone as i16 - 100) * 15);
    Cell::Moment(i64::from(days) * DAY_MICROS + micros, offset)
}

unsafe fn read_geometry(feature: gdal_sys::OGRFeatureH, arena: &mut Vec<u8>) -> RawGeometry {
    unsafe { raw_geometry(gdal_sys::OGR_F_GetGeometryRef(feature), arena) }
}

/// The ISO WKB of a geometry, curves made straight.
pub fn wkb_of(geometry: &gdal::vector::Geometry, arena: &mut Vec<u8>) -> RawGeometry {
    // SAFETY: the geometry outlives this call and is not changed by it.
    unsafe { raw_geometry(geometry.c_geometry(), arena) }
}

unsafe fn raw_geometry(geometry: gdal_sys::OGRGeometryH, arena: &mut Vec<u8>) -> RawGeometry {
    unsafe {
        if geometry.is_null() {
            return RawGeometry::None;
        }
        if gdal_sys::OGR_G_IsEmpty(geometry) != 0 {
            return RawGeometry::Empty;
        }
        let flat = gdal_sys::OGR_GT_Flatten(gdal_sys::OGR_G_GetGeometryType(geometry));
        let may_curve = !(OGRwkbGeometryType::wkbPoint..=OGRwkbGeometryType::wkbMultiPolygon).contains(&flat);
        if may_curve && gdal_sys::OGR_G_HasCurveGeometry(geometry, 0) != 0 {
            let linear = gdal_sys::OGR_G_GetLinearGeometry(geometry, 0.0, std::ptr::null_mut());
            if linear.is_null() {
                return RawGeometry::Broken;
            }
            let raw = write_wkb(linear, arena);
            gdal_sys::OGR_G_DestroyGeometry(linear);
            return raw;
        }
        write_wkb(geometry, arena)
    }
}

unsafe fn write_wkb(geometry: gdal_sys::OGRGeometryH, arena: &mut Vec<u8>) -> RawGeometry {
    unsafe {
        let start = arena.len();
        let size = gdal_sys::OGR_G_WkbSizeEx(geometry);
        // Offsets are 32 bit; a batch is cut at 4 MiB, so only one giant geometry could come near.
        if start + size > u32::MAX as usize {
            return RawGeometry::Broken;
        }
        arena.resize(start + size, 0);
        // ISO: POINT EMPTY is NaN NaN there; in GDAL's older form it is the point 0 0.
        let error = gdal_sys::OGR_G_ExportToIsoWkb(geometry, OGRwkbByteOrder::wkbNDR, arena[start..].as_mut_ptr());
        if error != 0 {
            arena.truncate(start);
            return RawGeometry::Broken;
        }
        RawGeometry::Wkb(start as u32, (start + size) as u32)
    }
}

thread_local! {
    static FAILURES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Prepares GDAL for files from strangers: no network, no plug-ins, errors collected instead of printed.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let options = [
            ("GDAL_DRIVER_PATH", "disable"),
            ("OGR_SQLITE_SYNCHRONOUS", "OFF"),
            ("SQLITE_USE_OGR_VFS", "NO"),
            ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "{noext}"),
            ("GDAL_HTTP_MAX_RETRY", "0"),
            ("GDAL_HTTP_CONNECTTIMEOUT", "1"),
            ("GDAL_HTTP_PROXY", "http://127.0.0.1:9"),
            ("OGR_GEOJSON_MAX_OBJ_SIZE", "500"),
            ("OSM_MAX_TMPFILE_SIZE", "1000"),
            ("OGR_INTERLEAVED_READING", "NO"),
            ("OGR_CT_OP_SELECTION", "BEST_ACCURACY"),
        ];
        for (key, value) in options {
            // Only a NUL byte could make it fail.
            let _ = gdal::config::set_config_option(key, value);
        }
        gdal::config::set_error_handler(|class, _, message| {
            if matches!(class, CplErrType::Failure | CplErrType::Fatal) {
                FAILURES.with_borrow_mut(|f| {
                    if f.len() < 20 {
                        f.push(message.to_owned())
                    }
                });
            }
        });
        // SAFETY: a switch of the library, taken once, before other threads use it.
        unsafe { gdal_sys::OSRSetPROJEnableNetwork(0) };
    });
}

/// Loads drivers and PROJ's database ahead of the first file, which would have to wait for them.
pub fn warm() {
    gdal::DriverManager::register_all();
    // Only what it leaves open is wanted.
    let _ = gdal::spatial_ref::SpatialRef::from_epsg(4326);
}

/// Where drivers put what they set aside: nowhere else may be written.
pub fn keep_aside_in(work_dir: &str) {
    // Only a NUL byte could make it fail, and a path has none.
    let _ = gdal::config::set_config_option("CPL_TMPDIR", work_dir);
}

/// GDAL's failures on this thread since the last call.
pub fn take_failures() -> Vec<String> {
    FAILURES.with_borrow_mut(std::mem::take)
}

/// Opens a file of a delivery, with its own drivers only.
///
/// # Errors
/// GDAL's words, if no driver takes it.
pub fn open(item: &Item) -> Result<Dataset, String> {
    prepare();
    take_failures();
    let options: &[&str] = match item.format {
        // Text is decoded here, not there: a wrong .cpg or code page byte would turn it into other letters silently.
        Format::Shapefile => &["ENCODING="],
        Format::Csv => &["AUTODETECT_TYPE=NO", "EMPTY_STRING_AS_NULL=YES"],
        Format::GeoPackage => &["LIST_ALL_TABLES=NO"],
        _ => &[],
    };
    let opened = Dataset::open_ex(
        &item.path,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_READONLY,
            allowed_drivers: Some(item.format.drivers()),
            open_options: Some(options),
            sibling_files: None,
        },
    );
    opened.map_err(|e| take_failures().into_iter().next().unwrap_or_else(|| e.to_string()))
}

/// Numbers of the layers that hold data (a `GeoPackage` may list its own tables).
pub fn layer_names(dataset: &Dataset) -> Vec<String> {
    dataset.layers().map(|l| l.name()).collect()
}
