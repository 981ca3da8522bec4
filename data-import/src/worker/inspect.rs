//! Looking at files without importing: what they hold, and a first profile for them.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use gdal::vector::{LayerAccess, field_type_to_name, geometry_type_to_name};

use super::delivery;
use super::fatal::Fatal;
use super::ogr::{self, Batch};
use super::tables::{open, schema_of};
use crate::crs::detect::SourceCrs;
use crate::mapping::names::likeness;
use crate::mapping::personal::{name_looks_personal, value_looks_personal};
use crate::protocol::{AttributeSpec, Job, LayerSpec, Message, SourceColumn, SourceLayer, Text, write_message};
use crate::values::Cell;

/// Answers `inspect` or, with `propose`, with a profile.
///
/// # Errors
/// If the parent is gone.
pub fn answer(job: &Job, mut out: impl Write, propose: bool) -> io::Result<bool> {
    let message = match look(job) {
        Ok(seen) if propose => Message::Proposal { toml: proposal(job, &seen) },
        Ok(seen) => Message::Inspection { layers: seen.layers },
        Err(fatal) => fatal.into_message(),
    };
    let well = !matches!(message, Message::Fatal { .. });
    write_message(&mut out, &message)?;
    Ok(well)
}

/// Files of a delivery that are looked at; the others are alike.
const FILES: usize = 200;

/// What a look found.
struct Seen {
    layers: Vec<SourceLayer>,
    /// Files that could not be read, each with its reason.
    unread: Vec<Fatal>,
    /// Files beyond the first [`FILES`].
    beyond: usize,
}

fn look(job: &Job) -> Result<Seen, Fatal> {
    let delivery = delivery::open(&job.files, Path::new(&job.work_dir), &job.limits)?;
    let mut out = Vec::new();
    let mut unread = delivery.refused.clone();
    for item in delivery.items.iter().take(FILES) {
        let dataset = match open(item) {
            Ok(dataset) => dataset,
            Err(fatal) if fatal.is_of_its_file_alone() => {
                unread.push(fatal);
                continue;
            }
            Err(fatal) => return Err(fatal),
        };
        let format = dataset.driver().short_name();
        for mut layer in dataset.layers() {
            let geometry = layer.defn().geometry_type();
            let crs = layer.spatial_ref().as_ref().and_then(|s| SourceCrs::of(s, "file"));
            out.push(SourceLayer {
                file: item.name.clone(),
                format: format.clone(),
                name: layer.name(),
                rows: layer.try_feature_count().map_or(-1, |n| n as i64),
                geometry: if geometry == gdal_sys::OGRwkbGeometryType::wkbNone {
                    String::new()
                } else {
                    geometry_type_to_name(geometry)
                },
                crs: crs.as_ref().map(|c| c.name.clone()),
                srid: crs.and_then(|c| c.srid),
                columns: columns(&mut layer),
            });
        }
    }
    match unread.first() {
        // Nothing at all could be read: there is nothing to propose for.
        Some(first) if out.is_empty() => Err(first.clone()),
        _ => Ok(Seen { layers: out, unread, beyond: delivery.items.len().saturating_sub(FILES) }),
    }
}

fn columns(layer: &mut impl LayerAccess) -> Vec<SourceColumn> {
    let schema = schema_of(layer);
    let kinds: Vec<String> = layer.defn().fields().map(|f| field_type_to_name(f.field_type())).collect();
    let wanted: Vec<_> = schema.fields.iter().enumerate().map(|(i, f)| (i as i32, f.1)).collect();
    let mut batch = Batch::default();
    ogr::fill(layer, &wanted, false, &mut batch);
    let sample = |column: usize| -> Vec<String> {
        let mut seen = HashSet::new();
        let texts = batch.cells.iter().skip(column).step_by(wanted.len().max(1)).filter_map(|c| text(*c, &batch.arena));
        texts.filter(|t| seen.insert(t.clone())).take(3).collect()
    };
    let column = |(i, (name, _)): (usize, &(String, ogr::Read))| {
        let samples = sample(i);
        let personal = name_looks_personal(name) || samples.iter().any(|s| value_looks_personal(s));
        SourceColumn {
            name: name.clone(),
            kind: kinds[i].clone(),
            samples: if personal { Vec::new() } else { samples },
        }
    };
    schema.fields.iter().enumerate().map(column).collect()
}

fn text(cell: Cell, arena: &[u8]) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Int(v) => Some(v.to_string()),
        Cell::Float(v) => Some(v.to_string()),
        Cell::Text(a, b) => Some(String::from_utf8_lossy(&arena[a as usize..b as usize]).chars().take(60).collect()),
        Cell::Date(days) => Some(crate::values::parse::date_text(days)),
        Cell::Moment(micros, _) => {
            Some(crate::values::parse::date_text(micros.div_euclid(crate::values::DAY_MICROS) as i32))
        }
    }
}

/// A proposal needs names at least this alike.
const ALIKE: f64 = 0.55;

fn proposal(job: &Job, seen: &Seen) -> String {
    let layers = &seen.layers;
    let mut out = String::from(
        "# Đề xuất tự động: hãy đọc lại từng dòng. / Proposed from names: read each line before use.\n\n[source]\n",
    );
    if layers.iter().all(|l| l.crs.is_none()) {
        out.push_str("# crs = \"EPSG:…\"    # tệp không ghi hệ tọa độ / the files do not say their CRS\n");
    }
    for fatal in &seen.unread {
        let (file, Text { vi, en }) = (fatal.file.as_deref().unwrap_or_default(), &fatal.message);
        let _ =
            writeln!(out, "# KHÔNG ĐỌC ĐƯỢC / NOT READ: {}", format!("{file}: {vi} / {en}").replace(['\n', '\r'], " "));
    }
    if seen.beyond > 0 {
        let _ = writeln!(out, "# {} tệp nữa chưa được xem / {0} more files were not looked at", seen.beyond);
    }
    let mut told = HashSet::new();
    for layer in layers
        .iter()
        .filter(|l| told.insert((l.name.clone(), l.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>())))
    {
        let target = job
            .layer
            .as_ref()
            .and_then(|n| job.layers.iter().find(|l| l.name == *n))
            .or_else(|| best_target(job, layer));
        match target {
            Some(target) => propose_map(&mut out, layer, target),
            None => {
                let _ = writeln!(out, "\n# {} ({}): không rõ lớp đích / no layer is like it", layer.name, layer.file);
            }
        }
    }
    out
}

fn best_target<'a>(job: &'a Job, layer: &SourceLayer) -> Option<&'a LayerSpec> {
    let score = |target: &LayerSpec| {
        let by_name = [&target.name, &target.title_vi, &target.title_en]
            .iter()
            .map(|n| likeness(n, &layer.name))
            .fold(0.0, f64::max);
        let attributes = target.attributes.len().max(1) as f64;
        let by_columns =
            target.attributes.iter().filter(|a| best_column(a, layer).is_some()).count() as f64 / attributes;
        by_name + by_columns
    };
    let fits = |t: &&LayerSpec| geometry_fits(t, &layer.geometry);
    job.layers
        .iter()
        .filter(fits)
        .map(|t| (score(t), t))
        .filter(|(s, _)| *s > 0.4)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, t)| t)
}

fn geometry_fits(target: &LayerSpec, geometry: &str) -> bool {
    let geometry = geometry.to_lowercase();
    match target.geometry.as_deref() {
        None | Some("none") => geometry.is_empty(),
        Some(_) if geometry.is_empty() || geometry.contains("unknown") => true,
        Some(kind) => {
            kind == "any" || ["point", "line", "polygon"].iter().any(|k| kind.contains(k) && geometry.contains(k))
        }
    }
}

fn best_column<'a>(attribute: &AttributeSpec, layer: &'a SourceLayer) -> Option<&'a SourceColumn> {
    let score = |c: &SourceColumn| {
        [&attribute.name, &attribute.title_vi, &attribute.title_en]
            .iter()
            .map(|n| likeness(n, &c.name))
            .fold(0.0, f64::max)
    };
    layer
        .columns
        .iter()
        .map(|c| (score(c), c))
        .filter(|(s, _)| *s >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

fn propose_map(out: &mut String, layer: &SourceLayer, target: &LayerSpec) {
    let quote = |s: &str| serde_json::Value::from(s).to_string();
    let _ = writeln!(out, "\n[[map]]    # {}, {} ({} dòng/rows)", layer.file, layer.format, layer.rows);
    let _ = writeln!(out, "source = {}\nto = {}", quote(&layer.name), quote(&target.name));
    let _ = writeln!(out, "[map.columns]");
    let mut used = HashSet::new();
    for attribute in &target.attributes {
        let found = best_column(attribute, layer).filter(|c| !used.contains(&c.name));
        if let Some(column) = found {
            used.insert(column.name.clone());
            let _ = writeln!(
                out,
                "{} = {}    # {}; {}",
                attribute.name,
                quote(&column.name),
                attribute.title_vi,
                column.samples.join(" | ")
            );
        } else if attribute.required {
            let _ = writeln!(out, "# {} = \"…\"    # {}: bắt buộc / required", attribute.name, attribute.title_vi);
        }
    }
    for column in layer.columns.iter().filter(|c| !used.contains(&c.name)) {
        let note = if name_looks_personal(&column.name) {
            "có vẻ là dữ liệu cá nhân / looks personal".to_owned()
        } else {
            column.samples.join(" | ")
        };
        let _ = writeln!(out, "# … = {}    # {note}", quote(&column.name));
    }
}
