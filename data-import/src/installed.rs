//! The GDAL that this program runs with.

/// Format drivers that deliveries need, by GDAL's short names.
const DRIVERS: [&str; 8] = ["GeoJSON", "GPKG", "ESRI Shapefile", "FlatGeobuf", "TopoJSON", "CSV", "OSM", "DXF"];

/// GDAL's release, such as `3.6.2`.
pub fn gdal_version() -> String {
    gdal::version::version_info("RELEASE_NAME")
}

/// Drivers that this GDAL was built without; usually none.
pub fn missing_drivers() -> Vec<&'static str> {
    DRIVERS.into_iter().filter(|name| gdal::DriverManager::get_driver_by_name(name).is_err()).collect()
}
