//! The GDAL that this program runs with.

/// Format drivers that deliveries need, by GDAL's short names.
const DRIVERS: [&str; 14] = [
    "GeoJSON",
    "GPKG",
    "ESRI Shapefile",
    "FlatGeobuf",
    "TopoJSON",
    "CSV",
    "OSM",
    "KML",
    "MapInfo File",
    "OpenFileGDB",
    "DXF",
    "DGN",
    "GTiff",
    "PNG",
];

/// GDAL's release, such as `3.6.2`.
pub fn gdal_version() -> String {
    gdal::version::version_info("RELEASE_NAME")
}

/// Drivers that this GDAL was built without; usually none.
pub fn missing_drivers() -> Vec<&'static str> {
    DRIVERS.into_iter().filter(|name| gdal::DriverManager::get_driver_by_name(name).is_err()).collect()
}

/// Variables that a worker may see of its parent's: no addresses, no passwords.
pub fn may_see(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "LANG" | "LANGUAGE" | "TMPDIR" | "LD_LIBRARY_PATH" | "RUST_BACKTRACE")
        || ["LC_", "GDAL_", "PROJ_", "DOTHI_IMPORT_"].iter().any(|prefix| name.starts_with(prefix))
}
