//! The place of a row: its geometry read, brought to what the layer takes, converted, checked, and written.

use std::io::Write;

use xxhash_rust::xxh3::xxh3_64;

use super::super::messages;
use super::super::ogr::{RawGeometry, wkb_of};
use super::{Checker, Stop};
use crate::crs::{from_wgs84, to_wgs84};
use crate::geometry::repair::{self, Verdict};
use crate::geometry::validity::is_certainly_valid;
use crate::geometry::{Dimension, Shape};
use crate::mapping::GeometryFrom;
use crate::mapping::value::{self, BadValue, Got, Row};
use crate::protocol::Checks;
use crate::values::copy;

/// Remembered geometries for the note on duplicates; beyond this many, none is added.
const DUPLICATES_LIMIT: usize = 4_000_000;

impl<W: Write> Checker<'_, W> {
    /// Reads, checks and converts the geometry into `shape` (WGS 84) and `source_points` (legal zone).
    pub(super) fn geometry(&mut self, row: Row<'_>, raw: RawGeometry) -> Result<bool, Stop> {
        self.read_shape(row, raw)?;
        let mended = self.shape.mended > 0;
        if mended {
            self.findings.push(messages::mended());
        }
        self.coerce()?;
        self.shape.structure().map_err(|what| Stop::refused(messages::structure(what)))?;
        self.in_range()?;
        self.convert()?;
        self.place.at = self.shape.points.first().copied();
        grow(&mut self.evidence.bounds, self.shape.bounds());
        if self.job.checks == Checks::Basic {
            return Ok(mended);
        }
        let repaired = self.valid()?;
        Ok(repaired || mended)
    }

    fn read_shape(&mut self, row: Row<'_>, raw: RawGeometry) -> Result<(), Stop> {
        let limit = self.job.limits.vertices;
        let refuse = |d| Stop::refused(messages::defect(d, limit));
        match (self.plan.geometry, raw) {
            (GeometryFrom::Native, RawGeometry::Wkb(a, b)) => {
                self.shape.read(&row.arena[a as usize..b as usize], limit).map_err(refuse)
            }
            (GeometryFrom::Native, RawGeometry::Empty) => Err(refuse(crate::geometry::Defect::Empty)),
            (GeometryFrom::Native, RawGeometry::Broken) => Err(refuse(crate::geometry::Defect::Broken)),
            (GeometryFrom::Columns(x, y), _) => {
                let (x, y) = (self.coordinate(row, x)?, self.coordinate(row, y)?);
                self.shape.set_point(x, y);
                Ok(())
            }
            (GeometryFrom::Wkt(field), _) => {
                let Got::Text(text) = value::from_cell(row.cells[field], row.arena, &self.plan.reading) else {
                    return Err(Stop::refused(messages::geometry_missing()));
                };
                let broken = || refuse(crate::geometry::Defect::Broken);
                let geometry = gdal::vector::Geometry::from_wkt(&text).map_err(|_| broken())?;
                let mut wkb = Vec::new();
                match wkb_of(&geometry, &mut wkb) {
                    RawGeometry::Wkb(..) => self.shape.read(&wkb, limit).map_err(refuse),
                    RawGeometry::Empty => Err(refuse(crate::geometry::Defect::Empty)),
                    _ => Err(broken()),
                }
            }
            _ => Err(Stop::refused(messages::geometry_missing())),
        }
    }

    fn coordinate(&self, row: Row<'_>, field: usize) -> Result<f64, Stop> {
        let name = &self.plan.wanted_names[field];
        match value::from_cell(row.cells[field], row.arena, &self.plan.reading) {
            Got::Int(v) => Ok(v as f64),
            Got::Float(v) => Ok(v),
            Got::Text(text) => match crate::values::parse::number(&text, self.plan.reading.decimal) {
                Some((v, "" | "°")) => Ok(v),
                _ => Err(Stop::refused(messages::bad_value(
                    name,
                    "number",
                    BadValue::WrongKind(text.into_owned()),
                    true,
                ))),
            },
            _ => Err(Stop::refused(messages::geometry_missing())),
        }
    }

    fn coerce(&mut self) -> Result<(), Stop> {
        let needed = self.plan.target.geometry.as_deref().unwrap_or("any");
        if self.plan.inside_point && self.shape.dimension() != Dimension::Point {
            let (x, y) = inside_point(&self.shape)
                .ok_or_else(|| Stop::refused(messages::defect(crate::geometry::Defect::Empty, 0)))?;
            self.shape.set_point(x, y);
        }
        let dimension = match needed {
            "point" | "multipoint" => Some(Dimension::Point),
            "line" | "multiline" => Some(Dimension::Line),
            "polygon" | "multipolygon" => Some(Dimension::Polygon),
            _ => None,
        };
        let single = matches!(needed, "point" | "line" | "polygon");
        if dimension == Some(Dimension::Polygon) && self.shape.areas_of_closed_lines() {
            self.findings.push(messages::closed_line());
        }
        let fits = dimension.is_none_or(|d| d == self.shape.dimension()) && !(single && self.shape.parts.len() > 1);
        if fits {
            return Ok(());
        }
        let kind = match self.shape.dimension() {
            Dimension::Point => "point",
            Dimension::Line => "line",
            Dimension::Polygon => "polygon",
        };
        let found = if self.shape.parts.len() > 1 {
            format!("multi{kind} ({})", self.shape.parts.len())
        } else {
            kind.to_owned()
        };
        Err(Stop::refused(messages::wrong_type(&found, needed)))
    }

    fn in_range(&mut self) -> Result<(), Stop> {
        self.evidence.rows += 1;
        let bounds = self.shape.bounds();
        grow(&mut self.evidence.source_bounds, bounds);
        let Some(crs) = self.crs else { return Ok(()) };
        let may = crs.plausible();
        if bounds[0] >= may[0] && bounds[1] >= may[1] && bounds[2] <= may[2] && bounds[3] <= may[3] {
            return Ok(());
        }
        self.evidence.outside += 1;
        Err(Stop::refused(messages::out_of_range(bounds[0], bounds[1], &crs.name)))
    }

    fn convert(&mut self) -> Result<(), Stop> {
        let refuse = |e: &dyn std::fmt::Display| Stop::refused(messages::not_convertible(&e.to_string()));
        if let Some((srid, is_source)) = self.legal {
            if !is_source {
                self.way.convert(&mut self.shape.points).map_err(|e| refuse(&e))?;
                from_wgs84(srid, &mut self.shape.points).map_err(|e| refuse(&e))?;
            }
            self.source_points.clone_from(&self.shape.points);
            to_wgs84(srid, &mut self.shape.points).map_err(|e| refuse(&e))?;
        } else {
            self.way.convert(&mut self.shape.points).map_err(|e| refuse(&e))?;
        }
        let finite = |p: &(f64, f64)| p.0.is_finite() && p.1.is_finite();
        if !(self.shape.points.iter().all(finite) && self.source_points.iter().all(finite)) {
            return Err(refuse(&"inf"));
        }
        self.on_earth()
    }

    /// One row that lies nowhere is refused by itself: the database would refuse all that come with it.
    fn on_earth(&self) -> Result<(), Stop> {
        let is_off = |p: &&(f64, f64)| p.0.abs() > 180.0 || p.1.abs() > 90.0;
        if let Some((lon, lat)) = self.shape.points.iter().find(is_off) {
            return Err(Stop::refused(messages::out_of_range(*lon, *lat, "WGS 84")));
        }
        // Where no survey has ever been: what a program writes for "not measured".
        if self.shape.points.iter().all(|p| *p == (0.0, 0.0)) {
            return Err(Stop::refused(messages::never_measured()));
        }
        Ok(())
    }

    /// Validity and repair, in the legal metres where there are some.
    fn valid(&mut self) -> Result<bool, Stop> {
        let mut repaired = false;
        if !is_certainly_valid(&self.shape, &mut self.scratch) {
            let legal = self.legal.map(|l| l.0);
            if legal.is_some() {
                std::mem::swap(&mut self.shape.points, &mut self.source_points);
            }
            let m2 = if legal.is_some() { 1.0 } else { square_metres_at(&self.shape) };
            let verdict = repair::check(&mut self.shape, m2);
            if let Some(srid) = legal {
                self.source_points.clone_from(&self.shape.points);
                to_wgs84(srid, &mut self.shape.points)
                    .map_err(|e| Stop::refused(messages::not_convertible(&e.to_string())))?;
            }
            match verdict {
                Verdict::Valid => {}
                Verdict::Repaired { before_m2, after_m2 } => {
                    repaired = true;
                    self.findings.push(messages::repaired(before_m2, after_m2));
                }
                Verdict::Refused { before_m2, after_m2 } => {
                    return Err(Stop::refused(messages::not_repairable(before_m2, after_m2)));
                }
            }
        }
        Ok(repaired)
    }

    pub(super) fn write_geometry(&mut self) {
        let needed = self.plan.target.geometry.as_deref().unwrap_or("any");
        let multi =
            needed.starts_with("multi") || (needed == "any" && (self.shape.multi || self.shape.parts.len() > 1));
        let with_z = self.plan.target.has_z;
        let (shape, ewkb) = (&mut self.shape, &mut self.ewkb);
        ewkb.clear();
        shape.write_ewkb(ewkb, 4326, multi, with_z);
        copy::bytes(&mut self.out, ewkb);
        if self.job.checks == Checks::Full && self.seen.len() < DUPLICATES_LIMIT && !self.seen.insert(xxh3_64(ewkb)) {
            self.findings.push(messages::duplicate());
        }
        if !self.plan.target.legal {
            return;
        }
        let Some((srid, _)) = self.legal else { return copy::null(&mut self.out) };
        std::mem::swap(&mut shape.points, &mut self.source_points);
        copy::sized(&mut self.out, |out| shape.write_ewkb(out, srid, multi, with_z));
        std::mem::swap(&mut shape.points, &mut self.source_points);
    }
}

fn grow(bounds: &mut [f64; 4], by: [f64; 4]) {
    *bounds = [bounds[0].min(by[0]), bounds[1].min(by[1]), bounds[2].max(by[2]), bounds[3].max(by[3])];
}

/// Square metres of a square degree where a shape lies: good to a percent, which tolerances do not notice.
fn square_metres_at(shape: &Shape) -> f64 {
    let [_, south, _, north] = shape.bounds();
    let latitude = f64::midpoint(south, north).to_radians();
    111_320.0 * 111_320.0 * latitude.cos()
}

/// A point on an area or line: inside it, near the middle.
fn inside_point(shape: &Shape) -> Option<(f64, f64)> {
    use geo::InteriorPoint;
    use geozero::ToGeo;
    let wkb = shape.to_wkb(true);
    let geometry = geozero::wkb::Wkb(&wkb).to_geo().ok()?;
    geometry.interior_point().map(|p| (p.x(), p.y()))
}
