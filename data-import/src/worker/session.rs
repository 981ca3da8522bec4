//! One import job: every source layer that something is mapped to, one after the other.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gdal::vector::{LayerAccess, sql};

use super::checker::Counts;
use super::delivery::{self, Delivery, Format, Item};
use super::fatal::Fatal;
use super::ogr;
use super::refused::Refused;
use super::report::{Finding, Place, Report};
use super::suspicion;
use super::tables::{broken, joins, layer_has_lon_lat, open, schema_of};
use crate::crs::detect::SourceCrs;
use crate::mapping::names::fold;
use crate::mapping::plan::{self, Request, Schema};
use crate::mapping::reading;
use crate::mapping::{GeometryFrom, Plan};
use crate::profile::{Map, Profile, glob_fits};
use crate::protocol::{Job, LayerSpec, Message, Severity, Text};
use crate::values::text::Encoding;

/// A running job.
pub struct Session<'a, W: Write> {
    pub(super) job: &'a Job,
    profile: Option<Profile>,
    code_lists: BTreeMap<String, Arc<HashSet<String>>>,
    pub(super) report: Report<W>,
    pub(super) refused: Refused,
    /// Rows read so far, over all source layers.
    pub(super) rows: u64,
    pub(super) progress: Progress,
    begun: bool,
    /// The first file that could not be read.
    unread: Option<Fatal>,
    /// Source layers that were read to their end.
    ended: usize,
}

#[derive(Default)]
pub(super) struct Progress {
    bytes_opened: u64,
    bytes_all: u64,
    rows_opened: u64,
    pub(super) last: Option<Instant>,
}

/// One source layer and where it goes.
struct Pass<'m> {
    layer: String,
    target: LayerSpec,
    map: Option<&'m Map>,
}

impl<'a, W: Write + Send> Session<'a, W> {
    /// Prepares a job.
    ///
    /// # Errors
    /// A profile that cannot be read.
    pub fn new(job: &'a Job, out: W) -> Result<Self, (Fatal, W)> {
        let profile = match job.profile.clone().filter(|p| !p.is_null()).map(Profile::from_json).transpose() {
            Ok(profile) => profile,
            Err(e) => {
                return Err((
                    Fatal::new("profile-invalid", Text::new(format!("hồ sơ ánh xạ không hợp lệ: {e}"), e.to_string())),
                    out,
                ));
            }
        };
        let code_lists = job
            .code_lists
            .iter()
            .map(|(name, codes)| (name.clone(), Arc::new(codes.iter().cloned().collect())))
            .collect();
        let report = Report::new(out, job.limits.issues);
        Ok(Self {
            job,
            profile,
            code_lists,
            report,
            refused: Refused::new(Path::new(&job.work_dir)),
            rows: 0,
            progress: Progress::default(),
            begun: false,
            unread: None,
            ended: 0,
        })
    }

    /// Runs it to its last message; true for `done`.
    ///
    /// # Errors
    /// If the parent is gone.
    pub fn run(mut self) -> std::io::Result<bool> {
        let message = match self.work() {
            Ok(()) => Message::Done { issues: self.report.counts(), refused: self.refused.path() },
            Err(fatal) => fatal.into_message(),
        };
        let done = matches!(message, Message::Done { .. });
        // Closed before it is named: a reader must find it complete.
        drop(self.refused);
        self.report.send(&message)?;
        Ok(done)
    }

    fn work(&mut self) -> Result<(), Fatal> {
        let delivery = delivery::open(&self.job.files, Path::new(&self.job.work_dir), &self.job.limits)?;
        self.check_targets()?;
        self.progress.bytes_all = delivery.items.iter().map(|i| i.bytes).sum();
        for name in &delivery.ignored {
            let place = Place { file: Some(name.clone()), ..Place::default() };
            self.report.issue(
                &place,
                finding(
                    "file-ignored",
                    Severity::Info,
                    "định dạng tệp này không được đọc",
                    "files of this kind are not read",
                ),
            )?;
        }
        for fatal in &delivery.refused {
            self.leave_out(fatal.clone())?;
        }
        let profile = self.profile.take();
        for item in &delivery.items {
            self.item(item, &delivery, profile.as_ref()).or_else(|fatal| self.leave_out(fatal))?;
        }
        match self.unread.take() {
            // Nothing at all could be read: that is no delivery with a hole.
            Some(first) if self.ended == 0 => Err(first),
            _ if self.begun => Ok(()),
            _ => Err(self.nothing_mapped(&delivery)),
        }
    }

    /// A file that cannot be read is refused by itself; the others go on.
    fn leave_out(&mut self, fatal: Fatal) -> Result<(), Fatal> {
        let Some(file) = fatal.file.clone().filter(|_| fatal.is_of_its_file_alone()) else { return Err(fatal) };
        let place = Place { file: Some(file.clone()), ..Place::default() };
        let Text { vi, en } = fatal.message.clone();
        self.report.issue(&place, finding(fatal.slug, Severity::Error, vi, en))?;
        self.report.send(&Message::FileRefused { file })?;
        self.unread.get_or_insert(fatal);
        Ok(())
    }

    fn check_targets(&self) -> Result<(), Fatal> {
        let targets = self.profile.iter().flat_map(|p| p.map.iter().map(|m| &m.to)).chain(&self.job.layer);
        for target in targets {
            if !self.job.layers.iter().any(|l| l.name == *target) {
                let all: Vec<&str> = self.job.layers.iter().map(|l| l.name.as_str()).collect();
                let all = all.join(", ");
                return Err(Fatal::new(
                    "layer-unknown",
                    Text::new(
                        format!("không có lớp \"{target}\"; có: {all}"),
                        format!("there is no layer \"{target}\"; there are: {all}"),
                    ),
                ));
            }
        }
        Ok(())
    }

    fn nothing_mapped(&self, delivery: &Delivery) -> Fatal {
        let mut names: Vec<String> = Vec::new();
        for item in delivery.items.iter().take(20) {
            if let Ok(dataset) = ogr::open(item) {
                names.extend(ogr::layer_names(&dataset));
            }
        }
        names.sort();
        names.dedup();
        let names = names.join(", ");
        Fatal::new(
            "nothing-mapped",
            Text::new(
                format!(
                    "không lớp nguồn nào ứng với lớp đích; nguồn có: {names}. Dùng --layer TÊN hoặc --profile HỒ_SƠ (dothi import --propose TỆP gợi ý một hồ sơ)"
                ),
                format!(
                    "no source layer goes to a layer; the source has: {names}. Pass --layer NAME or --profile PROFILE (dothi import --propose FILE suggests one)"
                ),
            ),
        )
    }

    fn item(&mut self, item: &Item, delivery: &Delivery, profile: Option<&Profile>) -> Result<(), Fatal> {
        let dataset = open(item)?;
        self.progress.bytes_opened += item.bytes;
        let names = ogr::layer_names(&dataset);
        let mut passes = Vec::new();
        for name in names {
            let found = self.passes(item, &name, profile);
            let used_by_join =
                profile.is_some_and(|p| p.map.iter().any(|m| m.join.values().any(|j| glob_fits(&j.file, &item.name))));
            if found.is_empty() && !used_by_join {
                let place =
                    Place { file: Some(item.name.clone()), source_layer: Some(name.clone()), ..Place::default() };
                self.report.issue(
                    &place,
                    finding(
                        "layer-unmapped",
                        Severity::Info,
                        "không có lớp đích cho lớp nguồn này; bỏ qua",
                        "this source layer goes to no layer; left out",
                    ),
                )?;
            }
            passes.extend(found);
        }
        let mut counted = HashSet::new();
        for pass in passes {
            if item.format == Format::Osm {
                // The driver reads all layers from one stream; asked by SQL on a fresh dataset, it keeps one only.
                let fresh = open(item)?;
                let query = format!("SELECT * FROM \"{}\"", pass.layer);
                let result = fresh.execute_sql(query, None, sql::Dialect::DEFAULT).ok().flatten();
                let mut result = result.ok_or_else(|| broken(item))?;
                self.pass(item, delivery, profile, &pass, &mut *result, counted.insert(pass.layer.clone()))?;
            } else {
                let mut layer = dataset.layer_by_name(&pass.layer).map_err(|_| broken(item))?;
                self.pass(item, delivery, profile, &pass, &mut layer, counted.insert(pass.layer.clone()))?;
            }
        }
        Ok(())
    }

    fn passes<'m>(&self, item: &Item, layer: &str, profile: Option<&'m Profile>) -> Vec<Pass<'m>> {
        let target = |name: &str| self.job.layers.iter().find(|l| l.name == name).cloned();
        if let Some(profile) = profile {
            let fits = |m: &&Map| {
                m.source.as_deref().is_none_or(|g| glob_fits(g, layer))
                    && m.file.as_deref().is_none_or(|g| glob_fits(g, &item.name))
            };
            return profile
                .map
                .iter()
                .filter(fits)
                .filter_map(|m| Some(Pass { layer: layer.to_owned(), target: target(&m.to)?, map: Some(m) }))
                .collect();
        }
        let by_name = || {
            let stem = Path::new(&item.name).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let same = |name: &str| self.job.layers.iter().find(|l| fold(&l.name) == fold(name)).cloned();
            same(layer).or_else(|| same(stem.split('.').next().unwrap_or_default()))
        };
        let found = match &self.job.layer {
            Some(name) => target(name),
            None => by_name(),
        };
        found.map(|target| Pass { layer: layer.to_owned(), target, map: None }).into_iter().collect()
    }

    fn pass<L: LayerAccess>(
        &mut self,
        item: &Item,
        delivery: &Delivery,
        profile: Option<&Profile>,
        pass: &Pass<'_>,
        layer: &mut L,
        first: bool,
    ) -> Result<(), Fatal> {
        let place = Place {
            target: Some(pass.target.name.clone()),
            file: Some(item.name.clone()),
            source_layer: Some(pass.layer.clone()),
            ..Place::default()
        };
        let mut schema = schema_of(layer);
        // GDAL takes WKT from a column of a table by itself and makes what it cannot read null; here it is a reason.
        schema.has_geometry &= item.format != Format::Csv;
        let plan = self.plan(item, delivery, profile, pass, &schema, &place)?;
        let crs = self.crs(item, profile, layer, &plan, &place)?;
        let filter = pass.map.and_then(|m| m.filter.as_deref());
        let all = match filter {
            Some(_) => Some(layer.feature_count()),
            None => layer.try_feature_count(),
        };
        if let Some(filter) = filter {
            layer.set_attribute_filter(filter).map_err(|e| {
                let said = ogr::take_failures().into_iter().next().unwrap_or_else(|| e.to_string());
                Fatal::in_file(
                    "profile-where",
                    &item.name,
                    Text::new(
                        format!("where = \"{filter}\" không hợp lệ: {said}"),
                        format!("where = \"{filter}\" is not valid: {said}"),
                    ),
                )
            })?;
        }
        let plan = self.read_as_detected(item, profile, plan, layer, &place)?;
        if first {
            self.progress.rows_opened += all.unwrap_or(0);
        }
        self.begun = true;
        self.report.send(&Message::Begin {
            target: pass.target.name.clone(),
            file: item.name.clone(),
            source_layer: pass.layer.clone(),
            columns: plan.columns.clone(),
            crs: crs.as_ref().map(SourceCrs::used),
            total: all.filter(|_| filter.is_none()),
        })?;
        let (counts, evidence) = self.stream(item, &plan, crs.as_ref(), layer, &place)?;
        suspicion::at_the_end(self.job, crs.as_ref(), &evidence, item, layer_has_lon_lat(&schema))
            .map_or(Ok(()), Err)?;
        let skipped = filter.and(all).map_or(0, |n| n.saturating_sub(counts.read));
        let Counts { read, clean, repaired, refused } = counts;
        self.report.send(&Message::End {
            target: pass.target.name.clone(),
            file: item.name.clone(),
            source_layer: pass.layer.clone(),
            read,
            clean,
            repaired,
            refused,
            skipped,
        })?;
        self.ended += 1;
        Ok(())
    }

    fn plan(
        &mut self,
        item: &Item,
        delivery: &Delivery,
        profile: Option<&Profile>,
        pass: &Pass<'_>,
        schema: &Schema,
        place: &Place,
    ) -> Result<Plan, Fatal> {
        let fatal = |e: plan::PlanError| Fatal::in_file(e.slug, &item.name, e.message);
        let source = profile.map(|p| p.source.clone()).unwrap_or_default();
        let encoding = self.encoding(item, &source)?;
        let reading = reading::reading(&source, encoding).map_err(fatal)?;
        let joins = pass.map.map_or(Ok(Vec::new()), |m| joins(m, delivery))?;
        let plan = plan::plan(Request {
            target: &pass.target,
            schema,
            map: pass.map,
            code_lists: &self.code_lists,
            reading,
            joins,
        })
        .map_err(fatal)?;
        for name in &plan.missing {
            let finding = Finding {
                field: Some(name.clone()),
                ..finding(
                    "column-missing",
                    Severity::Warning,
                    "nguồn không có cột này",
                    "the source does not have this column",
                )
            };
            self.report.issue(place, finding)?;
        }
        if pass.map.is_none() {
            for name in &plan.unmapped {
                let finding = Finding {
                    field: Some(name.clone()),
                    ..finding(
                        "column-unmapped",
                        Severity::Info,
                        "cột nguồn không ứng với thuộc tính nào; bỏ qua",
                        "the source column is no attribute's; left out",
                    )
                };
                self.report.issue(place, finding)?;
            }
        }
        if plan.outputs.iter().all(|o| o.from.is_empty() && o.default.is_none())
            && !plan.target.attributes.is_empty()
            && pass.map.is_none()
            && self.job.layer.is_some()
        {
            let finding = finding(
                "no-column-mapped",
                Severity::Warning,
                "không cột nào ứng với thuộc tính của lớp; nên dùng hồ sơ ánh xạ",
                "no column is an attribute of the layer; a profile is needed",
            );
            self.report.issue(place, finding)?;
        }
        Ok(plan)
    }

    fn encoding(&mut self, item: &Item, source: &crate::profile::Source) -> Result<Encoding, Fatal> {
        let named = self.job.encoding.clone().or_else(|| source.encoding.clone());
        if let Some(name) = named {
            return Encoding::by_name(&name).ok_or_else(|| {
                Fatal::new(
                    "encoding-unknown",
                    Text::new(
                        format!("không biết bảng mã \"{name}\""),
                        format!("the encoding \"{name}\" is not known"),
                    ),
                )
            });
        }
        if item.format != Format::Shapefile {
            return Ok(Encoding::Unsaid);
        }
        let said = ["cpg", "CPG"].iter().find_map(|e| std::fs::read_to_string(item.path.with_extension(e)).ok());
        Ok(said.and_then(|s| Encoding::by_name(s.trim())).filter(|e| *e != Encoding::Utf8).unwrap_or(Encoding::Unsaid))
    }

    fn crs<L: LayerAccess>(
        &mut self,
        item: &Item,
        profile: Option<&Profile>,
        layer: &L,
        plan: &Plan,
        place: &Place,
    ) -> Result<Option<SourceCrs>, Fatal> {
        if plan.geometry == GeometryFrom::Nowhere {
            return Ok(None);
        }
        let parse = |text: &str, from| {
            SourceCrs::parse(text, from).map_err(|bad| {
                Fatal::new(
                    "crs-invalid",
                    Text::new(
                        format!("không hiểu hệ tọa độ \"{bad}\""),
                        format!(
                            "the coordinate system \"{bad}\" is not understood; give EPSG:code, a PROJ string or WKT"
                        ),
                    ),
                )
            })
        };
        // A TopoJSON says none, whatever GDAL assumes; columns of a table neither.
        let of_file = (plan.geometry == GeometryFrom::Native)
            .then(|| layer.spatial_ref().as_ref().and_then(|s| SourceCrs::of(s, "file")))
            .flatten();
        if let Some(text) = &self.job.crs {
            let crs = parse(text, "option")?;
            if let Some(file) = of_file.filter(|f| f.srid != crs.srid) {
                let (a, b) = (&file.name, &crs.name);
                self.report.issue(
                    place,
                    finding(
                        "crs-overridden",
                        Severity::Warning,
                        format!("tệp ghi {a}, dùng {b} theo yêu cầu"),
                        format!("the file says {a}; {b} is used as asked"),
                    ),
                )?;
            }
            return Ok(Some(crs));
        }
        if let Some(crs) = of_file {
            return Ok(Some(crs));
        }
        if let Some(text) = profile.and_then(|p| p.source.crs.as_deref()) {
            return parse(text, "profile").map(Some);
        }
        let name = &item.name;
        Err(Fatal::in_file(
            "crs-unknown",
            name,
            Text::new(
                format!(
                    "{name} không ghi hệ tọa độ; nêu bằng --crs (ví dụ --crs EPSG:4326, --crs EPSG:9210 cho VN-2000 kinh tuyến trục 105°45′) hoặc [source] crs trong hồ sơ ánh xạ"
                ),
                format!(
                    "{name} does not say its coordinate system; pass --crs (such as --crs EPSG:4326, or --crs EPSG:9210 for VN-2000 with central meridian 105°45′) or set [source] crs in the profile"
                ),
            ),
        ))
    }

    /// Rows of the whole delivery, estimated from what is opened.
    pub(super) fn total(&self) -> u64 {
        let p = &self.progress;
        if p.bytes_opened == 0 || p.rows_opened == 0 {
            return 0;
        }
        (p.rows_opened as f64 * (p.bytes_all as f64 / p.bytes_opened as f64)).round() as u64
    }
}

fn finding(rule: &'static str, severity: Severity, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { rule, severity, field: None, value: None, message: Text::new(vi, en) }
}
