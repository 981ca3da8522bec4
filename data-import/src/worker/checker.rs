//! The checking thread: rows in, COPY tuples out, every row clean, repaired or refused.

use std::collections::HashSet;
use std::io::Write;

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use super::fatal::Fatal;
use super::messages;
use super::ogr::{Batch, RawGeometry, wkb_of};
use super::refused::Refused;
use super::report::{Finding, Place, Report};
use crate::crs::detect::{SourceCrs, ToWgs84};
use crate::crs::{from_wgs84, is_vn2000, to_wgs84};
use crate::geometry::repair::{self, Verdict};
use crate::geometry::validity::{Scratch, is_certainly_valid};
use crate::geometry::{Dimension, Shape};
use crate::mapping::personal::value_looks_personal;
use crate::mapping::plan::Kind;
use crate::mapping::value::{self, BadValue, Got, Row, Written};
use crate::mapping::{GeometryFrom, Plan};
use crate::protocol::{Checks, FRAME_TARGET, Job, Message, Text, write_rows};
use crate::values::copy;
use crate::values::text::Encoding;

/// How the rows of one source layer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Sent as they were.
    pub clean: u64,
    /// Sent after a repair.
    pub repaired: u64,
    /// Refused.
    pub refused: u64,
}

/// Remembered geometries for the note on duplicates; beyond this many, none is added.
const DUPLICATES_LIMIT: usize = 4_000_000;

/// Checks the rows of one source layer for one target.
pub struct Checker<'a, W: Write> {
    job: &'a Job,
    plan: &'a Plan,
    crs: Option<&'a SourceCrs>,
    way: ToWgs84,
    /// Zone of `geom_source`, and whether the source is in it already.
    legal: Option<(i32, bool)>,
    report: &'a mut Report<W>,
    refused: &'a mut Refused,
    place: Place,
    first_row: i64,
    counts: Counts,
    out: Vec<u8>,
    shape: Shape,
    source_points: Vec<(f64, f64)>,
    scratch: Scratch,
    seen: HashSet<u64>,
    ewkb: Vec<u8>,
    extra: String,
    findings: Vec<Finding>,
    /// Evidence on the coordinates of the whole layer.
    pub evidence: Evidence,
}

/// What the coordinates of a layer look like.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// Rows with a geometry.
    pub rows: u64,
    /// Rows outside the range of the CRS.
    pub outside: u64,
    /// Box in WGS 84: west, south, east, north.
    pub bounds: [f64; 4],
    /// Box in the source's coordinates.
    pub source_bounds: [f64; 4],
}

impl Default for Evidence {
    fn default() -> Self {
        let nothing = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        Self { rows: 0, outside: 0, bounds: nothing, source_bounds: nothing }
    }
}

fn grow(bounds: &mut [f64; 4], by: [f64; 4]) {
    *bounds = [bounds[0].min(by[0]), bounds[1].min(by[1]), bounds[2].max(by[2]), bounds[3].max(by[3])];
}

impl<'a, W: Write> Checker<'a, W> {
    /// Begins a source layer. `first_row` is the number of its first row in the delivery.
    ///
    /// # Errors
    /// If there is no way from the CRS to WGS 84.
    pub fn new(
        job: &'a Job,
        plan: &'a Plan,
        crs: Option<&'a SourceCrs>,
        report: &'a mut Report<W>,
        refused: &'a mut Refused,
        place: Place,
        first_row: i64,
    ) -> Result<Self, Fatal> {
        let way = match crs {
            Some(crs) => ToWgs84::new(crs).map_err(|e| {
                let name = &crs.name;
                Fatal::new(
                    "crs-no-operation",
                    Text::new(
                        format!("không có phép chuyển từ {name} sang WGS 84: {e}"),
                        format!("there is no operation from {name} to WGS 84: {e}"),
                    ),
                )
            })?,
            None => ToWgs84::Same,
        };
        let legal = plan.target.legal.then(|| {
            let own = crs.and_then(|c| c.srid).filter(|s| is_vn2000(*s) && *s != 4756);
            own.map(|s| (s, true)).or_else(|| plan.target.legal_srid.or(job.legal_srid).map(|s| (s, false)))
        });
        Ok(Self {
            job,
            plan,
            crs,
            way,
            legal: legal.flatten(),
            report,
            refused,
            place,
            first_row,
            counts: Counts::default(),
            out: Vec::with_capacity(FRAME_TARGET * 2),
            shape: Shape::default(),
            source_points: Vec::new(),
            scratch: Scratch::default(),
            seen: HashSet::new(),
            ewkb: Vec::new(),
            extra: String::new(),
            findings: Vec::new(),
            evidence: Evidence::default(),
        })
    }

    /// Checks a batch and sends what is ready.
    ///
    /// # Errors
    /// A parent that is gone, or something that ends the job.
    pub fn take(&mut self, batch: &Batch) -> Result<(), Fatal> {
        let width = self.plan.wanted.len();
        let file = self.place.file.clone().unwrap_or_default();
        for (i, geometry) in batch.geometries.iter().enumerate() {
            let number = self.counts.read as i64 + 1;
            let cells = &batch.cells[i * width..(i + 1) * width];
            let row = Row { cells, arena: &batch.arena, number, file: &file };
            self.row(row, *geometry)?;
            if self.out.len() >= FRAME_TARGET {
                self.flush()?;
            }
        }
        self.flush()
    }

    /// Do the coordinates so far contradict the CRS?
    ///
    /// # Errors
    /// With the evidence.
    pub fn suspect(&self) -> Result<(), Fatal> {
        super::suspicion::at_the_start(self.crs, &self.evidence).map_or(Ok(()), |mut fatal| {
            fatal.file.clone_from(&self.place.file);
            Err(fatal)
        })
    }

    /// Says how far it is.
    ///
    /// # Errors
    /// If the parent is gone.
    pub fn progress(&mut self, before: u64, total: u64, file: &str) -> Result<(), Fatal> {
        let done = before + self.counts.read;
        Ok(self.report.send(&Message::Progress { done, total: total.max(done), file: file.to_owned() })?)
    }

    /// The end of the source layer: how its rows ended.
    pub fn finish(self) -> (Counts, Evidence) {
        (self.counts, self.evidence)
    }

    fn flush(&mut self) -> Result<(), Fatal> {
        write_rows(&mut self.report.out, &self.out)?;
        self.out.clear();
        Ok(())
    }

    fn row(&mut self, row: Row<'_>, geometry: RawGeometry) -> Result<(), Fatal> {
        let source_row = row.number;
        self.counts.read += 1;
        self.place.row = Some(self.first_row + source_row - 1);
        self.place.source_row = Some(source_row);
        self.place.at = None;
        self.findings.clear();
        let start = self.out.len();
        match self.tuple(row, geometry) {
            Ok(true) => self.counts.repaired += 1,
            Ok(false) => self.counts.clean += 1,
            Err(Stop::Refused(finding)) => {
                self.out.truncate(start);
                self.counts.refused += 1;
                return self.refuse(row, *finding);
            }
            Err(Stop::Fatal(fatal)) => return Err(*fatal),
        }
        for finding in self.findings.drain(..) {
            self.report.issue(&self.place, finding)?;
        }
        Ok(())
    }

    /// Writes one tuple; true if the geometry was repaired.
    fn tuple(&mut self, row: Row<'_>, geometry: RawGeometry) -> Result<bool, Stop> {
        let plan = self.plan;
        let has_place = plan.geometry != GeometryFrom::Nowhere;
        let repaired = has_place && self.geometry(row, geometry)?;
        copy::begin(&mut self.out, plan.columns.len());
        copy::int8(&mut self.out, self.place.row.unwrap_or(0));
        copy::bytes(&mut self.out, if repaired { b"repaired" } else { b"clean" });
        copy::bytes(&mut self.out, &[0; 16]);
        let content = self.out.len();
        for output in &plan.outputs {
            self.value(output, row)?;
        }
        self.validity(row)?;
        self.extra(row);
        if has_place {
            self.write_geometry();
        }
        // Over everything but number and status: the same content has the same hash wherever it stands in the file.
        let hash = xxh3_128(&self.out[content..]);
        self.out[content - 16..content].copy_from_slice(&hash.to_be_bytes());
        Ok(repaired)
    }

    fn value(&mut self, output: &crate::mapping::Output, row: Row<'_>) -> Result<(), Stop> {
        let plan = self.plan;
        let got = value::get(plan, output, row);
        if let Got::Undecodable(bytes) = got
            && plan.reading.encoding == Encoding::Unsaid
        {
            return Err(Stop::Fatal(Box::new(self.encoding_unknown(&output.name, bytes))));
        }
        match value::write(output, &got, &plan.reading, self.job.limits.text_bytes, &mut self.out) {
            Ok(Written::Null) if output.required => Err(Stop::refused(messages::required(&output.name))),
            Ok(Written::UnknownCode(code)) => {
                self.findings.push(messages::unknown_code(&output.name, code));
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(bad) if output.required => {
                Err(Stop::refused(messages::bad_value(&output.name, kind_name(output.kind), bad, true)))
            }
            Err(bad) => {
                copy::null(&mut self.out);
                self.findings.push(messages::bad_value(&output.name, kind_name(output.kind), bad, false));
                Ok(())
            }
        }
    }

    /// A validity that ends before it begins holds on no day.
    fn validity(&self, row: Row<'_>) -> Result<(), Stop> {
        let plan = self.plan;
        let [.., from, to] = plan.outputs.as_slice() else { return Ok(()) };
        if from.from.is_empty() && from.default.is_none() || to.from.is_empty() && to.default.is_none() {
            return Ok(());
        }
        let day = |output| value::date(output, &value::get(plan, output, row), &plan.reading);
        match (day(from), day(to)) {
            (Some(from), Some(to)) if from >= to => Err(Stop::refused(messages::validity(from, to))),
            _ => Ok(()),
        }
    }

    fn encoding_unknown(&self, field: &str, bytes: &[u8]) -> Fatal {
        let file = self.place.file.clone().unwrap_or_default();
        let row = self.place.source_row.unwrap_or(0);
        let hex: String = bytes.iter().take(24).map(|b| format!("{b:02X}")).collect();
        let choices = "tcvn3, tcvn5712, vni, viscii, windows-1258, windows-1252, utf-8";
        Fatal::in_file(
            "encoding-unknown",
            &file,
            Text::new(
                format!(
                    "văn bản không phải UTF-8 (dòng {row}, thuộc tính {field}, byte {hex}); nêu bảng mã bằng --encoding hoặc trong hồ sơ ánh xạ: {choices}"
                ),
                format!(
                    "the text is not UTF-8, an encoding is needed (row {row}, attribute {field}, bytes {hex}); name it with --encoding or in the profile: {choices}"
                ),
            ),
        )
    }

    fn extra(&mut self, row: Row<'_>) {
        let plan = self.plan;
        if plan.extras.is_empty() {
            return copy::null(&mut self.out);
        }
        let mut object = serde_json::Map::new();
        for (position, name) in &plan.extras {
            let json = match value::from_cell(row.cells[*position], row.arena, &plan.reading) {
                Got::Null => continue,
                Got::Int(v) if !value_looks_personal(&format!("{v:0>10}")) => v.into(),
                Got::Float(v) => v.into(),
                other => {
                    let text = value::plain_text(&other).replace('\0', "");
                    if value_looks_personal(&text) {
                        self.findings.push(messages::personal_value(name));
                        continue;
                    }
                    text.into()
                }
            };
            object.insert(name.clone(), json);
        }
        self.extra.clear();
        self.extra.push_str(&serde_json::Value::Object(object).to_string());
        copy::jsonb(&mut self.out, &self.extra);
    }

    /// Reads, checks and converts the geometry into `shape` (WGS 84) and `source_points` (legal zone).
    fn geometry(&mut self, row: Row<'_>, raw: RawGeometry) -> Result<bool, Stop> {
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
        let finite = |p: &(f64, f64)| p.0.is_finite() && p.1.is_finite() && p.1.abs() <= 90.000_001;
        if self.shape.points.iter().all(finite) && self.source_points.iter().all(|p| p.0.is_finite() && p.1.is_finite())
        {
            Ok(())
        } else {
            Err(refuse(&"inf"))
        }
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

    fn write_geometry(&mut self) {
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

    fn refuse(&mut self, row: Row<'_>, finding: Finding) -> Result<(), Fatal> {
        let mut object = serde_json::Map::new();
        for (name, cell) in self.plan.wanted_names.iter().zip(row.cells) {
            let got = value::from_cell(*cell, row.arena, &self.plan.reading);
            if got != Got::Null {
                object.insert(name.clone(), value::plain_text(&got).into());
            }
        }
        // Drawn only where it was converted; before that, its numbers are no WGS 84.
        let shape = self.place.at.is_some().then_some(&self.shape);
        self.refused.add(&self.place, &finding, shape, &serde_json::Value::Object(object).to_string())?;
        self.report.issue(&self.place, finding)?;
        Ok(())
    }
}

enum Stop {
    Refused(Box<Finding>),
    Fatal(Box<Fatal>),
}

impl Stop {
    fn refused(finding: Finding) -> Self {
        Self::Refused(Box::new(finding))
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Int => "int",
        Kind::Float => "float",
        Kind::Bool => "bool",
        Kind::Date => "date",
        Kind::Timestamp => "timestamp",
        Kind::Json => "json",
        Kind::Uuid => "uuid",
    }
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
