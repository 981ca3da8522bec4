//! The checking thread: rows in, COPY tuples out, every row clean, repaired or refused.

mod place;

use std::collections::HashSet;
use std::io::Write;

use xxhash_rust::xxh3::xxh3_128;

use super::fatal::Fatal;
use super::messages;
use super::ogr::{Batch, RawGeometry};
use super::refused::Refused;
use super::report::{Finding, Place, Report};
use crate::crs::detect::{SourceCrs, ToWgs84};
use crate::crs::is_vn2000;
use crate::geometry::Shape;
use crate::geometry::validity::Scratch;
use crate::mapping::personal::value_looks_personal;
use crate::mapping::plan::Kind;
use crate::mapping::value::{self, Got, Row, Written};
use crate::mapping::{GeometryFrom, Plan};
use crate::profile::is_like;
use crate::protocol::{FIXED_COLUMNS, FRAME_TARGET, Job, MUTE, Message, REFUSED, Text, write_rows};
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
                self.key_of_refused(row, geometry);
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

    /// Says which object a refused row speaks of, so that it does not count as gone: its id, its key and its place, nothing
    /// else. If a part of the key cannot be read, none of it is told.
    fn key_of_refused(&mut self, row: Row<'_>, geometry: RawGeometry) {
        let plan = self.plan;
        let null = {
            let mut field = Vec::new();
            copy::null(&mut field);
            field
        };
        let mut fields: Vec<Vec<u8>> = vec![null.clone(); plan.columns.len() - FIXED_COLUMNS.len()];
        // Drawn only where it was converted; before that, its numbers are no WGS 84.
        if let Some(place) = plan.columns.iter().position(|c| c.name == "geom").filter(|_| self.place.at.is_some()) {
            let field = &mut fields[place - FIXED_COLUMNS.len()];
            field.clear();
            copy::sized(field, |out| self.shape.write_ewkb(out, 4326, true, false));
        }
        let is_key = |name: &str| name == "id" || plan.target.key.iter().any(|key| key == name);
        let (mut missing, mut garbled) = (false, false);
        for (field, output) in fields.iter_mut().zip(&plan.outputs).filter(|(_, output)| is_key(&output.name)) {
            let got = value::get(plan, output, row);
            let mut written = Vec::new();
            match value::write(output, &got, &plan.reading, self.job.limits.text_bytes, &mut written) {
                Ok(Written::Null) if output.required => missing = true,
                Ok(_) => *field = written,
                Err(_) => garbled = true,
            }
        }
        if missing || garbled {
            fields[..plan.outputs.len()].fill(null);
        }
        // No object has come in without a required part of its key, and without a place it cannot be looked for either.
        let is_nowhere =
            plan.geometry != GeometryFrom::Nowhere && matches!(geometry, RawGeometry::None | RawGeometry::Empty);
        let is_mute = is_nowhere && missing && !garbled;
        let status = if is_mute { MUTE } else { REFUSED };
        copy::begin(&mut self.out, self.plan.columns.len());
        copy::int8(&mut self.out, self.place.row.unwrap_or(0));
        copy::bytes(&mut self.out, status.as_bytes());
        copy::bytes(&mut self.out, &[0; 16]);
        self.out.extend(fields.into_iter().flatten());
    }

    fn value(&mut self, output: &crate::mapping::Output, row: Row<'_>) -> Result<(), Stop> {
        let plan = self.plan;
        let got = value::get(plan, output, row);
        if let Got::Undecodable(bytes) = got
            && plan.reading.encoding == Encoding::Unsaid
        {
            return Err(Stop::Fatal(Box::new(self.encoding_unknown(&output.name, bytes))));
        }
        if let Got::Text(text) = &got
            && !is_like(&output.like, text)
        {
            self.findings.push(messages::identifier_format(&output.name, text, &output.like));
        }
        match value::write(output, &got, &plan.reading, self.job.limits.text_bytes, &mut self.out) {
            Ok(Written::Null) if output.required => Err(Stop::refused(messages::required(&output.name))),
            Ok(Written::UnknownCode(code)) => {
                self.findings.push(messages::unknown_code(&output.name, code));
                Ok(())
            }
            Ok(_) => Ok(()),
            // A day that cannot be read would make the row valid since ever, or for ever.
            Err(bad) if output.required || matches!(output.name.as_str(), "valid_from" | "valid_to") => {
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
