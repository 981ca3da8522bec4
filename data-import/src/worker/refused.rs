//! `refused.gpkg`: every refused row with its reason, so that a department can mend and send it again.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Feature, FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use gdal::{Dataset, DriverManager};

use super::fatal::Fatal;
use super::report::{Finding, Place};
use crate::geometry::Shape;
use crate::protocol::Text;

/// Writes refused rows; the file is made with the first.
pub struct Refused {
    path: PathBuf,
    dataset: Option<Dataset>,
    layers: HashSet<String>,
}

const TEXT_FIELDS: [&str; 9] =
    ["target", "file", "source_layer", "rule", "field", "value", "reason_vi", "reason_en", "attributes"];

impl Refused {
    /// In this folder.
    pub fn new(work_dir: &Path) -> Self {
        Self { path: work_dir.join("refused.gpkg"), dataset: None, layers: HashSet::new() }
    }

    /// The file, if a row was written.
    pub fn path(&self) -> Option<String> {
        self.dataset.as_ref().map(|_| self.path.to_string_lossy().into_owned())
    }

    /// Adds a row. `shape` is in WGS 84; `attributes` is the JSON of what was read.
    ///
    /// # Errors
    /// If the file cannot be written (disk full).
    pub fn add(
        &mut self,
        place: &Place,
        finding: &Finding,
        shape: Option<&Shape>,
        attributes: &str,
    ) -> Result<(), Fatal> {
        self.write(place, finding, shape, attributes).map_err(|e| {
            Fatal::new(
                "disk",
                Text::new(format!("không ghi được refused.gpkg: {e}"), format!("refused.gpkg cannot be written: {e}")),
            )
        })
    }

    fn write(
        &mut self,
        place: &Place,
        finding: &Finding,
        shape: Option<&Shape>,
        attributes: &str,
    ) -> gdal::errors::Result<()> {
        let name = format!("refused_{}", place.target.as_deref().unwrap_or("row"));
        if self.dataset.is_none() {
            // Left over from an earlier run in the same folder.
            let _ = std::fs::remove_file(&self.path);
            self.dataset = Some(DriverManager::get_driver_by_name("GPKG")?.create_vector_only(&self.path)?);
        }
        let Some(dataset) = self.dataset.as_mut() else { return Ok(()) };
        if !self.layers.contains(&name) {
            let wgs84 = SpatialRef::from_epsg(4326)?;
            let layer = dataset.create_layer(LayerOptions {
                name: &name,
                srs: Some(&wgs84),
                ty: OGRwkbGeometryType::wkbUnknown,
                options: None,
            })?;
            let mut fields: Vec<(&str, u32)> = TEXT_FIELDS.iter().map(|f| (*f, OGRFieldType::OFTString)).collect();
            fields.extend([("row", OGRFieldType::OFTInteger64), ("source_row", OGRFieldType::OFTInteger64)]);
            layer.create_defn_fields(&fields)?;
            self.layers.insert(name.clone());
        }
        let layer = dataset.layer_by_name(&name)?;
        let mut feature = Feature::new(layer.defn())?;
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let values = [
            text(&place.target),
            text(&place.file),
            text(&place.source_layer),
            finding.rule.to_owned(),
            text(&finding.field),
            text(&finding.value),
            finding.message.vi.clone(),
            finding.message.en.clone(),
            attributes.to_owned(),
        ];
        for (index, value) in values.into_iter().enumerate() {
            feature.set_field(index, &FieldValue::StringValue(value.replace('\0', "")))?;
        }
        feature.set_field(TEXT_FIELDS.len(), &FieldValue::Integer64Value(place.row.unwrap_or(0)))?;
        feature.set_field(TEXT_FIELDS.len() + 1, &FieldValue::Integer64Value(place.source_row.unwrap_or(0)))?;
        if let Some(geometry) = shape.and_then(|s| Geometry::from_wkb(&s.to_wkb(s.multi)).ok()) {
            feature.set_geometry(geometry)?;
        }
        feature.create(&layer)
    }
}
