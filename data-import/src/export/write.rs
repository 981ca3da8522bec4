//! The file itself, through GDAL.

use std::path::Path;

use anyhow::Context as _;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{
    Feature, FieldDefn, Geometry, Layer, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DriverManager};
use serde_json::Value;

use super::shapefile::{self, LongTexts};
use super::{Column, Format, Kind, Row, Wanted};

/// Columns of texts take at most so much in a Shapefile.
const WIDEST: u32 = 254;

/// Writes the rows into the file that is wanted.
///
/// # Errors
/// When a row cannot be read or written.
pub fn write(wanted: &Wanted, rows: impl Iterator<Item = anyhow::Result<Row>>) -> anyhow::Result<()> {
    match wanted.format {
        Format::Gpkg => into_file(wanted, "GPKG", &wanted.path, &names(wanted), rows, &mut None),
        Format::Dxf => into_file(wanted, "DXF", &wanted.path, &[], rows, &mut None),
        Format::Geojson => into_file(wanted, "GeoJSON", &wanted.path, &names(wanted), rows, &mut None),
        Format::Shp => {
            let folder = wanted.path.with_extension("parts");
            std::fs::create_dir(&folder).context("making a folder for the parts")?;
            let short = shapefile::short_names(wanted.columns.iter().map(|column| column.name.as_str()));
            let mut long = Some(LongTexts::default());
            let path = folder.join(format!("{}.shp", wanted.name));
            into_file(wanted, "ESRI Shapefile", &path, &short, rows, &mut long)?;
            shapefile::pack(&folder, wanted, &short, &long.unwrap_or_default())?;
            std::fs::remove_dir_all(&folder).context("tidying up")
        }
    }
}

fn names(wanted: &Wanted) -> Vec<String> {
    wanted.columns.iter().map(|column| column.name.clone()).collect()
}

/// `names` are those of the columns in this file; none of them are written where it is empty.
fn into_file(
    wanted: &Wanted,
    driver: &str,
    path: &Path,
    names: &[String],
    rows: impl Iterator<Item = anyhow::Result<Row>>,
    long: &mut Option<LongTexts>,
) -> anyhow::Result<()> {
    let driver = DriverManager::get_driver_by_name(driver)?;
    let mut file = driver.create_vector_only(path).context("making the file")?;
    make_layer(wanted, &mut file, names).context("making the layer")?;
    // Without one, a GeoPackage would be synced to the disk at every row.
    if wanted.format == Format::Gpkg {
        let transaction = file.start_transaction()?;
        put_all(&mut transaction.layer(0)?, wanted, names, rows, long)?;
        transaction.commit()?;
    } else {
        put_all(&mut file.layer(0)?, wanted, names, rows, long)?;
    }
    file.close().context("ending the file")
}

fn make_layer(wanted: &Wanted, file: &mut Dataset, names: &[String]) -> anyhow::Result<()> {
    let srs = wanted.srid.map(SpatialRef::from_epsg).transpose()?;
    // Easting first, as rows and files have it; the law's own order would turn them.
    let srs = srs.map(|mut srs| {
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        srs
    });
    let title = format!("DESCRIPTION={}", wanted.title);
    let options: &[&str] = match wanted.format {
        Format::Shp => &["ENCODING=UTF-8"],
        Format::Geojson => &["RFC7946=NO", "COORDINATE_PRECISION=9"],
        Format::Gpkg => &[&title],
        Format::Dxf => &[],
    };
    let ty = if wanted.srid.is_some() { kind(&wanted.shape) } else { OGRwkbGeometryType::wkbNone };
    let layer = file.create_layer(LayerOptions {
        name: &wanted.name,
        srs: srs.as_ref(),
        ty,
        options: (!options.is_empty()).then_some(options),
    })?;
    for (name, column) in names.iter().zip(&wanted.columns) {
        let field = FieldDefn::new(name, field_type(column.kind))?;
        if let (Format::Shp, Kind::Text, Some(bytes)) = (wanted.format, column.kind, column.bytes) {
            field.set_width(bytes.clamp(1, WIDEST).try_into()?);
        }
        field.add_to_layer(&layer)?;
    }
    Ok(())
}

fn put_all(
    layer: &mut Layer<'_>,
    wanted: &Wanted,
    names: &[String],
    rows: impl Iterator<Item = anyhow::Result<Row>>,
    long: &mut Option<LongTexts>,
) -> anyhow::Result<()> {
    for (number, row) in rows.enumerate() {
        let row = row?;
        let mut feature = Feature::new(layer.defn())?;
        if let Some(wkb) = &row.wkb {
            let shape = bytes(wkb).and_then(|wkb| Ok(Geometry::from_wkb(&wkb)?));
            feature.set_geometry(shape.with_context(|| format!("reading the shape of row {}", number + 1))?)?;
        }
        if wanted.format == Format::Dxf {
            feature.set_field_string(feature.field_index("Layer")?, &wanted.name)?;
        }
        for (at, ((name, column), value)) in names.iter().zip(&wanted.columns).zip(&row.values).enumerate() {
            match (long.as_mut(), value) {
                (Some(long), Value::String(text)) if text.len() > WIDEST as usize => {
                    let object = row.values.first().and_then(Value::as_str).unwrap_or_default();
                    feature.set_field_string(at, long.cut(object, name, text, WIDEST as usize))?;
                }
                _ => put(&mut feature, at, column, value)?,
            }
        }
        feature.create(layer).with_context(|| format!("writing row {}", number + 1))?;
    }
    Ok(())
}

fn put(feature: &mut Feature<'_>, at: usize, column: &Column, value: &Value) -> gdal::errors::Result<()> {
    match (column.kind, value) {
        (_, Value::Null) => feature.set_field_null(at),
        (Kind::Int, value) if value.is_i64() => feature.set_field_integer64(at, value.as_i64().unwrap_or_default()),
        (Kind::Float, value) if value.is_number() => feature.set_field_double(at, value.as_f64().unwrap_or_default()),
        (_, Value::String(text)) => feature.set_field_string(at, text),
        (_, other) => feature.set_field_string(at, &other.to_string()),
    }
}

fn field_type(kind: Kind) -> OGRFieldType::Type {
    match kind {
        Kind::Int => OGRFieldType::OFTInteger64,
        Kind::Float => OGRFieldType::OFTReal,
        Kind::Date => OGRFieldType::OFTDate,
        Kind::Text => OGRFieldType::OFTString,
    }
}

fn kind(shape: &str) -> OGRwkbGeometryType::Type {
    match shape {
        "Point" => OGRwkbGeometryType::wkbPoint,
        "LineString" => OGRwkbGeometryType::wkbLineString,
        "Polygon" => OGRwkbGeometryType::wkbPolygon,
        "MultiPoint" => OGRwkbGeometryType::wkbMultiPoint,
        "MultiLineString" => OGRwkbGeometryType::wkbMultiLineString,
        "MultiPolygon" => OGRwkbGeometryType::wkbMultiPolygon,
        _ => OGRwkbGeometryType::wkbUnknown,
    }
}

fn bytes(hex: &str) -> anyhow::Result<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}
