//! Which coordinate system a source is in, and how to get from there to WGS 84.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};

use super::{CrsError, WGS84, ZONES, is_vn2000, pipeline_to_wgs84, to_wgs84};
use crate::protocol::CrsUsed;

/// A known source system: what it is called, and its definition for GDAL where PROJ pipelines of ours do not apply.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceCrs {
    /// Name for people.
    pub name: String,
    /// EPSG code, if known; always set for VN-2000.
    pub srid: Option<i32>,
    /// WKT, from which a thread makes its own transformation.
    pub wkt: String,
    /// Degrees (true) or a linear unit.
    pub geographic: bool,
    /// Name of the linear unit, for messages.
    pub unit: String,
    /// `file`, `profile` or `option`.
    pub from: &'static str,
}

impl SourceCrs {
    /// Reads a definition that a person gave: `EPSG:9210`, `9210`, a PROJ string or WKT.
    ///
    /// # Errors
    /// The definition, if PROJ does not understand it.
    pub fn parse(definition: &str, from: &'static str) -> Result<Self, String> {
        let text = definition.trim();
        let code = text.strip_prefix("EPSG:").or_else(|| text.strip_prefix("epsg:")).unwrap_or(text);
        let srs = match code.parse::<u32>() {
            Ok(epsg) => SpatialRef::from_epsg(epsg),
            // Only plain definitions: a URL or a file name must never be followed.
            Err(_) if text.starts_with('+') || text.contains('[') => SpatialRef::from_definition(text),
            Err(_) => return Err(definition.to_owned()),
        };
        Self::of(&srs.map_err(|_| definition.to_owned())?, from).ok_or_else(|| definition.to_owned())
    }

    /// What a file's own reference means; `None` where it says nothing usable.
    pub fn of(srs: &SpatialRef, from: &'static str) -> Option<Self> {
        if srs.is_local() {
            return None;
        }
        let mut srs = srs.clone();
        let name = srs.name().unwrap_or_default();
        if name.is_empty() || name.eq_ignore_ascii_case("undefined srs") || name.starts_with("Undefined ") {
            return None;
        }
        let srid = vn2000_code(&srs, &name).or_else(|| {
            let epsg =
                |s: &SpatialRef| (s.auth_name().as_deref() == Some("EPSG")).then(|| s.auth_code().ok()).flatten();
            epsg(&srs).or_else(|| srs.auto_identify_epsg().ok().and_then(|()| epsg(&srs)))
        });
        Some(Self {
            geographic: srs.is_geographic(),
            unit: srs.linear_units_name().unwrap_or_default(),
            wkt: srs.to_wkt().ok()?,
            // CRS84 is WGS 84 with the axes as we use them.
            srid: if srid.is_none() && name.contains("CRS84") { Some(WGS84) } else { srid },
            name,
            from,
        })
    }

    /// Coordinates that can be in this system: west, south, east, north in its own unit, generously.
    pub fn plausible(&self) -> [f64; 4] {
        if self.geographic {
            [-180.000_001, -90.000_001, 540.0, 90.000_001]
        } else if self.is_vn2000() {
            [-1_000_000.0, 500_000.0, 2_000_000.0, 2_800_000.0]
        } else {
            [-5e7, -5e7, 1e8, 1e8]
        }
    }

    /// Is it converted by the pinned pipeline?
    pub fn is_vn2000(&self) -> bool {
        self.srid.is_some_and(is_vn2000)
    }

    /// What is kept with the import.
    pub fn used(&self) -> CrsUsed {
        let operation = match self.srid {
            Some(WGS84) => "none".to_owned(),
            Some(srid) if is_vn2000(srid) => pipeline_to_wgs84(srid).unwrap_or_default(),
            _ => format!(
                "GDAL: best available operation from {} to EPSG:4326 without grids from a network, one for the whole layer",
                self.name
            ),
        };
        CrsUsed { name: self.name.clone(), srid: self.srid, from: self.from.to_owned(), operation }
    }
}

/// VN-2000 by its code, or, where a file names none (Shapefile `.prj`), by datum and parameters.
fn vn2000_code(srs: &SpatialRef, name: &str) -> Option<i32> {
    if srs.auth_name().as_deref() == Some("EPSG")
        && let Ok(code) = srs.auth_code()
        && is_vn2000(code)
    {
        return Some(code);
    }
    let datum = srs.get_attr_value("DATUM", 0).ok().flatten().unwrap_or_default();
    let is_ours = |s: &str| {
        let s: String = s.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        s.contains("vn2000") || s.contains("vietnam2000") || s.contains("hanoi2000")
    };
    if !is_ours(&datum) && !is_ours(name) {
        return None;
    }
    if srs.is_geographic() {
        return Some(4756);
    }
    let parameter = |key: &str, default: f64| srs.get_proj_param(key).ok().flatten().unwrap_or(default);
    let metres = (srs.linear_units() - 1.0).abs() < 1e-9;
    let (meridian, scale) = (parameter("central_meridian", f64::NAN), parameter("scale_factor", f64::NAN));
    let origin = (parameter("false_easting", 0.0) - 500_000.0).abs() < 1e-6
        && parameter("false_northing", 0.0).abs() < 1e-6
        && parameter("latitude_of_origin", 0.0).abs() < 1e-9;
    let fits = |z: &super::Zone| (z.meridian - meridian).abs() < 1e-7 && (z.scale - scale).abs() < 1e-9;
    ZONES.iter().find(|z| metres && origin && fits(z)).map(|z| z.srid)
}

/// The way from a source system to WGS 84, made in and used by one thread.
pub enum ToWgs84 {
    /// Already there.
    Same,
    /// A pinned VN-2000 pipeline.
    Pinned(i32),
    /// GDAL's transformation, with room for its separate arrays.
    Gdal(Box<(CoordTransform, Vec<f64>, Vec<f64>, Vec<f64>)>),
}

impl ToWgs84 {
    /// Makes the transformation.
    ///
    /// # Errors
    /// GDAL's, if it knows no way.
    pub fn new(source: &SourceCrs) -> Result<Self, CrsError> {
        match source.srid {
            Some(WGS84) => return Ok(Self::Same),
            Some(srid) if is_vn2000(srid) => return Ok(Self::Pinned(srid)),
            _ => {}
        }
        let make = || -> gdal::errors::Result<CoordTransform> {
            let mut from = SpatialRef::from_wkt(&source.wkt)?;
            let mut to = SpatialRef::from_epsg(4326)?;
            from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            to.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            CoordTransform::new_with_options(&from, &to, &CoordTransformOptions::new()?)
        };
        let transform = make().map_err(|e| CrsError::Proj(e.to_string()))?;
        Ok(Self::Gdal(Box::new((transform, Vec::new(), Vec::new(), Vec::new()))))
    }

    /// Converts points in place.
    ///
    /// # Errors
    /// Where one of them cannot be converted.
    pub fn convert(&mut self, points: &mut [(f64, f64)]) -> Result<(), CrsError> {
        match self {
            Self::Same => Ok(()),
            Self::Pinned(srid) => to_wgs84(*srid, points),
            Self::Gdal(inner) => {
                let (transform, xs, ys, zs) = inner.as_mut();
                xs.clear();
                ys.clear();
                xs.extend(points.iter().map(|p| p.0));
                ys.extend(points.iter().map(|p| p.1));
                zs.clear();
                zs.resize(points.len(), 0.0);
                transform.transform_coords(xs, ys, zs).map_err(|e| CrsError::Proj(e.to_string()))?;
                for (point, (x, y)) in points.iter_mut().zip(xs.iter().zip(ys.iter())) {
                    *point = (*x, *y);
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vn2000_is_known_by_code_by_prj_and_by_parameters() {
        assert_eq!(SourceCrs::parse("EPSG:9210", "option").unwrap().srid, Some(9210));
        assert_eq!(SourceCrs::parse("3405", "option").unwrap().srid, Some(3405));
        let prj = r#"PROJCS["VN_2000_TM-3_105-45",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",105.75],PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
        assert_eq!(SourceCrs::parse(prj, "file").unwrap().srid, Some(9210));
    }

    #[test]
    fn a_definition_is_never_a_file_or_an_address() {
        for bad in ["http://example.org/crs", "/etc/passwd", "nonsense", "EPSG:99999999", ""] {
            assert!(SourceCrs::parse(bad, "option").is_err(), "{bad}");
        }
    }

    #[test]
    fn feet_become_degrees() {
        let feet = SourceCrs::parse("EPSG:2229", "file").unwrap();
        assert!(!feet.geographic);
        let mut points = [(6_515_000.0, 1_800_000.0)];
        ToWgs84::new(&feet).unwrap().convert(&mut points).unwrap();
        assert!((points[0].0 + 118.15).abs() < 0.2 && (points[0].1 - 33.94).abs() < 0.2, "{points:?}");
    }
}
