//! Where rows go: one GeoPackage, one table a layer, written in batches.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Defn, Feature, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use gdal::{Dataset, DriverManager};
use geo::{Coord, CoordsIter, Geometry, MapCoordsInPlace};
use geozero::{CoordDimensions, ToWkb};

use crate::crs;

/// The VN-2000 zone of Ho Chi Minh City, in which the place is computed.
pub const LEGAL_SRID: i32 = 9210;

/// One value of a row; `None` is unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Words, codes and dates (ISO).
    Text(Option<String>),
    /// A whole number.
    Int(Option<i64>),
    /// A number.
    Float(Option<f64>),
    /// Yes or no.
    Bool(Option<bool>),
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(Some(v.to_owned()))
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(Some(v.clone()))
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(Some(v))
    }
}
impl From<Option<String>> for Value {
    fn from(v: Option<String>) -> Self {
        Self::Text(v)
    }
}
impl From<Option<&str>> for Value {
    fn from(v: Option<&str>) -> Self {
        Self::Text(v.map(str::to_owned))
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(Some(v))
    }
}
impl From<Option<i64>> for Value {
    fn from(v: Option<i64>) -> Self {
        Self::Int(v)
    }
}
impl From<f64> for Value {
    fn from(v: f64) -> Self {
        Self::Float(Some((v * 1000.0).round() / 1000.0))
    }
}
impl From<Option<f64>> for Value {
    fn from(v: Option<f64>) -> Self {
        Self::Float(v)
    }
}
impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Bool(Some(v))
    }
}

/// One generated row: its layer, its shape in VN-2000 metres, its attributes. All rows of a layer name the same attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of the catalog layer.
    pub layer: &'static str,
    /// Shape in metres; none for entities without a place.
    pub shape: Option<Geometry>,
    /// Attribute names and values.
    pub values: Vec<(&'static str, Value)>,
}

/// A row: `row!("tree", shape, tree_number: "…", height_m: 7.5)`.
#[macro_export]
macro_rules! generated_row {
    ($layer:expr, $shape:expr, $($name:ident : $value:expr),* $(,)?) => {
        $crate::generate::write::Row {
            layer: $layer,
            shape: $shape,
            values: vec![$((stringify!($name), $crate::generate::write::Value::from($value))),*],
        }
    };
}

/// Where rows go.
pub trait Sink {
    /// Takes one row.
    fn put(&mut self, row: Row) -> Result<()>;
}

/// Keeps rows in memory: for tests and benches.
impl Sink for Vec<Row> {
    fn put(&mut self, row: Row) -> Result<()> {
        self.push(row);
        Ok(())
    }
}

const BATCH: usize = 20_000;

/// Writes rows into a GeoPackage in EPSG:4326.
pub struct GeoPackage {
    dataset: Dataset,
    waiting: BTreeMap<&'static str, Vec<Row>>,
    /// Rows so far, by layer.
    pub counts: BTreeMap<&'static str, u64>,
}

impl GeoPackage {
    /// Makes the file anew.
    pub fn create(path: &Path) -> Result<Self> {
        if path.exists() {
            std::fs::remove_file(path).with_context(|| format!("removing the old {}", path.display()))?;
        }
        gdal::config::set_config_option("OGR_SQLITE_SYNCHRONOUS", "OFF")?;
        gdal::config::set_config_option("OGR_CURRENT_DATE", "2026-01-01T00:00:00.000Z")?;
        let dataset = DriverManager::get_driver_by_name("GPKG")?
            .create_vector_only(path)
            .with_context(|| format!("creating {}", path.display()))?;
        Ok(Self { dataset, waiting: BTreeMap::new(), counts: BTreeMap::new() })
    }

    /// Writes what waits and closes the file.
    pub fn finish(mut self) -> Result<BTreeMap<&'static str, u64>> {
        let layers: Vec<&'static str> = self.waiting.keys().copied().collect();
        for layer in layers {
            self.flush(layer)?;
        }
        self.dataset.close().context("closing the GeoPackage")?;
        Ok(self.counts)
    }

    fn make_layer(&mut self, first: &Row) -> Result<()> {
        let wgs84 = SpatialRef::from_epsg(4326)?;
        let has_shape = first.shape.is_some();
        let layer = self.dataset.create_layer(LayerOptions {
            name: first.layer,
            srs: has_shape.then_some(&wgs84),
            ty: if has_shape { OGRwkbGeometryType::wkbUnknown } else { OGRwkbGeometryType::wkbNone },
            options: Some(&["SPATIAL_INDEX=NO"]),
        })?;
        let fields: Vec<(&str, OGRFieldType::Type)> = first
            .values
            .iter()
            .map(|(name, value)| {
                let kind = match value {
                    Value::Text(_) => OGRFieldType::OFTString,
                    Value::Int(_) => OGRFieldType::OFTInteger64,
                    Value::Float(_) => OGRFieldType::OFTReal,
                    Value::Bool(_) => OGRFieldType::OFTInteger,
                };
                (*name, kind)
            })
            .collect();
        layer.create_defn_fields(&fields)?;
        Ok(())
    }

    fn flush(&mut self, name: &'static str) -> Result<()> {
        let Some(rows) = self.waiting.remove(name) else { return Ok(()) };
        let Some(first) = rows.first() else { return Ok(()) };
        if !self.counts.contains_key(name) {
            self.make_layer(first)?;
        }
        *self.counts.entry(name).or_default() += rows.len() as u64;
        let transaction = self.dataset.start_transaction()?;
        {
            let layer = transaction.layer_by_name(name)?;
            for row in &rows {
                let feature = write_row(layer.defn(), row)?;
                feature.create(&layer)?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

impl Sink for GeoPackage {
    fn put(&mut self, row: Row) -> Result<()> {
        let name = row.layer;
        let waiting = self.waiting.entry(name).or_default();
        waiting.push(row);
        if waiting.len() >= BATCH { self.flush(name) } else { Ok(()) }
    }
}

fn write_row<'d>(defn: &'d Defn, row: &Row) -> Result<Feature<'d>> {
    let mut feature = Feature::new(defn)?;
    for (i, (_, value)) in row.values.iter().enumerate() {
        match value {
            Value::Text(Some(v)) => feature.set_field_string(i, v)?,
            Value::Int(Some(v)) => feature.set_field_integer64(i, *v)?,
            Value::Float(Some(v)) => feature.set_field_double(i, *v)?,
            Value::Bool(Some(v)) => feature.set_field_integer(i, i32::from(*v))?,
            Value::Text(None) | Value::Int(None) | Value::Float(None) | Value::Bool(None) => {
                feature.set_field_null(i)?;
            }
        }
    }
    if let Some(shape) = &row.shape {
        let mut shape = shape.clone();
        to_lon_lat(&mut shape)?;
        feature.set_geometry(gdal::vector::Geometry::from_wkb(&shape.to_wkb(CoordDimensions::xy())?)?)?;
    }
    Ok(feature)
}

/// Turns a shape from VN-2000 metres to lon/lat by the pinned pipeline.
pub fn to_lon_lat(shape: &mut Geometry) -> Result<()> {
    turn(shape, |c| crs::point_to_wgs84(LEGAL_SRID, c.x, c.y).map(|(x, y)| Coord { x, y }))
}

/// Turns every corner of a shape; refuses the shape if one cannot be turned.
pub fn turn(shape: &mut Geometry, by: impl Fn(Coord) -> Result<Coord, crs::CrsError> + Copy) -> Result<()> {
    // geo's own fallible mapping recurses without end on `Geometry`, so a corner that fails is marked and found after.
    shape.map_coords_in_place(|c| by(c).unwrap_or(Coord { x: f64::NAN, y: f64::NAN }));
    anyhow::ensure!(shape.coords_iter().all(|c| c.x.is_finite() && c.y.is_finite()), "a corner cannot be converted");
    Ok(())
}
