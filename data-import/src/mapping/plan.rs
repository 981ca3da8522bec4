//! The plan for one source layer and one target.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::expression::{Expression, Piece, pieces};
use super::join::JoinTable;
use super::names::{fold, same_column};
use super::personal::name_looks_personal;
use super::reading::{Reading, unit_of};
use crate::profile::{Column, GeometrySource, LongColumn, Map};
use crate::protocol::{AttributeSpec, LayerSpec, StagingColumn, Text, staging_columns};
use crate::worker::ogr::Read;

/// What a source layer offers.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Field names and how they are read, in order.
    pub fields: Vec<(String, Read)>,
    /// Has it a geometry column?
    pub has_geometry: bool,
}

impl Schema {
    /// Position of a field, whatever its case; DBF names may be cut to ten letters.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|(n, _)| n == name)
            .or_else(|| self.fields.iter().position(|(n, _)| same_column(n, name)))
    }
}

/// Where geometries come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeometryFrom {
    /// The target has no place.
    Nowhere,
    /// The source's own.
    Native,
    /// Two fields: x (longitude, easting) and y.
    Columns(usize, usize),
    /// A field with WKT.
    Wkt(usize),
}

/// The kinds of values a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; codes too.
    Text,
    /// Whole numbers.
    Int,
    /// Numbers.
    Float,
    /// Truth values.
    Bool,
    /// Days.
    Date,
    /// Moments.
    Timestamp,
    /// JSON.
    Json,
    /// Ids.
    Uuid,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "json" => Self::Json,
            "uuid" => Self::Uuid,
            _ => Self::Text,
        }
    }
}

/// What the numbers of a date column count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epoch {
    /// They are no moments.
    #[default]
    None,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
}

/// One staging column after the fixed ones and before the geometry.
#[derive(Clone, Debug)]
pub struct Output {
    /// Column name.
    pub name: String,
    /// What it takes.
    pub kind: Kind,
    /// Null refuses the row.
    pub required: bool,
    /// Sources, in order.
    pub from: Vec<Expression>,
    /// Codes to translate, by the source's text.
    pub codes: HashMap<String, serde_json::Value>,
    /// The same for globs, the longest first; `*` is every other.
    pub code_globs: Vec<(String, serde_json::Value)>,
    /// Where nothing else was found.
    pub default: Option<serde_json::Value>,
    /// How an identifier is written.
    pub like: Vec<String>,
    /// What a number is multiplied by.
    pub factor: f64,
    /// The target's unit.
    pub unit: Option<String>,
    /// For dates that come as numbers.
    pub epoch: Epoch,
    /// Known codes.
    pub known: Option<Arc<HashSet<String>>>,
    /// Longest text, in characters.
    pub max_length: Option<usize>,
}

/// How rows of a source layer become rows of a target.
#[derive(Debug)]
pub struct Plan {
    /// The target.
    pub target: LayerSpec,
    /// Staging columns.
    pub columns: Vec<StagingColumn>,
    /// Fields that are read.
    pub wanted: Vec<(i32, Read)>,
    /// Their names.
    pub wanted_names: Vec<String>,
    /// `id`, attributes, `valid_from`, `valid_to`.
    pub outputs: Vec<Output>,
    /// Fields kept in `extra`: position among the wanted, name.
    pub extras: Vec<(usize, String)>,
    /// Where the geometry comes from.
    pub geometry: GeometryFrom,
    /// Areas and lines become a point inside.
    pub inside_point: bool,
    /// How text is read.
    pub reading: Reading,
    /// Joined tables.
    pub joins: Vec<JoinTable>,
    /// Source columns that no target took.
    pub unmapped: Vec<String>,
    /// Columns that the profile names but the source lacks.
    pub missing: Vec<String>,
}

/// The profile does not fit the catalog or asks for what is not allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanError {
    /// Stable slug.
    pub slug: &'static str,
    /// What to change.
    pub message: Text,
}

impl PlanError {
    pub(super) fn new(slug: &'static str, vi: String, en: String) -> Self {
        Self { slug, message: Text::new(vi, en) }
    }
}

/// Everything a plan is made from.
pub struct Request<'a> {
    /// Target layer.
    pub target: &'a LayerSpec,
    /// Source layer.
    pub schema: &'a Schema,
    /// Its entry in the profile; none means by names.
    pub map: Option<&'a Map>,
    /// Code lists of the catalog.
    pub code_lists: &'a BTreeMap<String, Arc<HashSet<String>>>,
    /// How text is read.
    pub reading: Reading,
    /// Joined tables by the name that the profile gives them.
    pub joins: Vec<(String, JoinTable)>,
}

/// Makes the plan.
///
/// # Errors
/// Unknown attributes, units that do not convert, personal columns in `keep_extra`, geometry columns that are missing.
pub fn plan(request: Request<'_>) -> Result<Plan, PlanError> {
    let Request { target, schema, map, code_lists, reading, joins } = request;
    let mut target = target.clone();
    if target.geometry.as_deref() == Some("none") {
        target.geometry = None;
    }
    let mut builder = Builder {
        schema,
        map,
        join_names: joins.iter().map(|j| j.0.clone()).collect(),
        joins: joins.into_iter().map(|j| j.1).collect(),
        wanted: Vec::new(),
        taken: HashSet::new(),
        missing: Vec::new(),
    };
    if let Some(map) = map {
        builder.check_names(map, &target)?;
    }
    let mut columns = staging_columns(&target);
    let first = crate::protocol::FIXED_COLUMNS.len();
    let special =
        |name: &str, kind: &str| AttributeSpec { name: name.into(), kind: kind.into(), ..AttributeSpec::default() };
    let mut specs = vec![special("id", "uuid")];
    specs.extend(target.attributes.iter().cloned());
    specs.extend([special("valid_from", "date"), special("valid_to", "date")]);
    let mut outputs = Vec::new();
    for (i, spec) in specs.iter().enumerate() {
        let output = builder.output(spec, code_lists, &target)?;
        columns[first + i].given = !output.from.is_empty() || output.default.is_some();
        outputs.push(output);
    }
    let extras = builder.extras()?;
    if let Some(column) = columns.iter_mut().find(|c| c.name == "extra") {
        column.given = !extras.is_empty();
    }
    let (geometry, inside_point) = builder.geometry(&target)?;
    let unmapped = schema
        .fields
        .iter()
        .enumerate()
        .filter(|(i, _)| !builder.taken.contains(i))
        .map(|(_, f)| f.0.clone())
        .collect();
    let wanted: Vec<(i32, Read)> = builder.wanted.iter().map(|i| (*i as i32, schema.fields[*i].1)).collect();
    let wanted_names = builder.wanted.iter().map(|i| schema.fields[*i].0.clone()).collect();
    Ok(Plan {
        target,
        columns,
        wanted,
        wanted_names,
        outputs,
        extras,
        geometry,
        inside_point,
        reading,
        joins: builder.joins,
        unmapped,
        missing: builder.missing,
    })
}

struct Builder<'a> {
    schema: &'a Schema,
    map: Option<&'a Map>,
    join_names: Vec<String>,
    joins: Vec<JoinTable>,
    wanted: Vec<usize>,
    taken: HashSet<usize>,
    missing: Vec<String>,
}

impl Builder<'_> {
    fn check_names(&self, map: &Map, target: &LayerSpec) -> Result<(), PlanError> {
        let known = |name: &String| {
            matches!(name.as_str(), "id" | "valid_from" | "valid_to")
                || target.attributes.iter().any(|a| a.name == *name)
        };
        match map.columns.keys().find(|name| !known(name)) {
            None => Ok(()),
            Some(name) => {
                let layer = &target.name;
                let all: Vec<&str> = target.attributes.iter().map(|a| a.name.as_str()).collect();
                let all = all.join(", ");
                Err(PlanError::new(
                    "profile-attribute-unknown",
                    format!("lớp {layer} không có thuộc tính \"{name}\"; có: {all}"),
                    format!("the layer {layer} has no attribute \"{name}\"; it has: {all}"),
                ))
            }
        }
    }

    fn output(
        &mut self,
        spec: &AttributeSpec,
        code_lists: &BTreeMap<String, Arc<HashSet<String>>>,
        target: &LayerSpec,
    ) -> Result<Output, PlanError> {
        let long = match self.map.and_then(|m| m.columns.get(&spec.name)) {
            Some(Column::From(from)) => {
                LongColumn { from: crate::profile::OneOrMany::One(from.clone()), ..LongColumn::default() }
            }
            Some(Column::FirstOf(from)) => {
                LongColumn { from: crate::profile::OneOrMany::Many(from.clone()), ..LongColumn::default() }
            }
            Some(Column::Long(long)) => (**long).clone(),
            None => LongColumn::default(),
        };
        let mut from = Vec::new();
        for text in long.from.all() {
            match self.expression(text) {
                Some(expression) => from.push(expression),
                None => self.missing.push(text.to_owned()),
            }
        }
        let by_names = self.map.is_none_or(|m| m.same_names && !m.columns.contains_key(&spec.name));
        if by_names && let Some(position) = self.by_name(spec) {
            from.push(Expression::Field(self.want(position)));
        }
        let (factor, epoch) = unit_of(&long, spec, target)?;
        let (globs, codes): (Vec<_>, Vec<_>) = long.codes.clone().into_iter().partition(|(key, _)| key.contains('*'));
        let codes: HashMap<_, _> = codes.into_iter().collect();
        let mut code_globs = globs;
        code_globs.sort_by_key(|(key, _)| std::cmp::Reverse(key.chars().count()));
        let known = spec.code_list.as_ref().and_then(|l| code_lists.get(l)).cloned();
        Ok(Output {
            name: spec.name.clone(),
            kind: Kind::of(&spec.kind),
            required: spec.required,
            from,
            codes,
            code_globs,
            default: long.value.or(long.default),
            like: long.like,
            factor,
            unit: spec.unit.clone(),
            epoch,
            known,
            max_length: spec.max_length,
        })
    }

    /// A column named like the attribute, or like its title in one of the languages.
    fn by_name(&self, spec: &AttributeSpec) -> Option<usize> {
        self.schema.find(&spec.name).or_else(|| {
            let names = [fold(&spec.name), fold(&spec.title_vi), fold(&spec.title_en)];
            let free = |i: &usize| !self.taken.contains(i);
            (0..self.schema.fields.len()).filter(free).find(|i| {
                let f = fold(&self.schema.fields[*i].0);
                !f.is_empty() && names.contains(&f)
            })
        })
    }

    fn want(&mut self, field: usize) -> usize {
        self.taken.insert(field);
        if let Some(position) = self.wanted.iter().position(|w| *w == field) {
            return position;
        }
        self.wanted.push(field);
        self.wanted.len() - 1
    }

    fn expression(&mut self, text: &str) -> Option<Expression> {
        if text.contains('{') && self.schema.find(text).is_none() {
            let mut out = Vec::new();
            for (is_name, piece) in pieces(text) {
                out.push(if is_name { Piece::Value(self.expression(&piece)?) } else { Piece::Text(piece) });
            }
            return Some(Expression::Template(out));
        }
        if let Some(field) = self.schema.find(text) {
            return Some(Expression::Field(self.want(field)));
        }
        match text {
            "$row" => return Some(Expression::RowNumber),
            "$file" => return Some(Expression::File),
            _ => {}
        }
        let (left, right) = text.split_once('/')?;
        if let Some(table) = self.join_names.iter().position(|n| n == left) {
            let join = self.map?.join.get(left)?;
            let on = self.schema.find(&join.on)?;
            let column = self.joins[table].columns.iter().position(|c| c == right)?;
            return Some(Expression::Join(table, self.want(on), column));
        }
        let field = self.schema.find(left)?;
        Some(Expression::Tag(self.want(field), right.to_owned()))
    }

    fn extras(&mut self) -> Result<Vec<(usize, String)>, PlanError> {
        let mut out = Vec::new();
        let Some(map) = self.map else { return Ok(out) };
        for name in &map.keep_extra {
            if name_looks_personal(name) {
                return Err(PlanError::new(
                    "personal-column",
                    format!(
                        "keep_extra: cột \"{name}\" có vẻ là tên người, điện thoại hoặc số định danh; không được giữ ở đây, hãy bỏ nó"
                    ),
                    format!(
                        "keep_extra: the column \"{name}\" looks like a person's name, phone or ID number; it may not be kept here, remove it"
                    ),
                ));
            }
            match self.schema.find(name) {
                Some(field) => {
                    let position = self.want(field);
                    out.push((position, self.schema.fields[field].0.clone()));
                }
                None => self.missing.push(name.clone()),
            }
        }
        Ok(out)
    }

    fn geometry(&mut self, target: &LayerSpec) -> Result<(GeometryFrom, bool), PlanError> {
        if target.geometry.is_none() {
            return Ok((GeometryFrom::Nowhere, false));
        }
        let given = self.map.and_then(|m| m.geometry.clone()).unwrap_or_default();
        let inside = given.point.as_deref() == Some("inside");
        let GeometrySource { lon, lat, wkt, .. } = given;
        let mut column = |name: &str| -> Result<usize, PlanError> {
            let field = self.schema.find(name).ok_or_else(|| {
                PlanError::new(
                    "geometry-column-missing",
                    format!("không có cột hình học \"{name}\""),
                    format!("there is no geometry column \"{name}\""),
                )
            })?;
            Ok(self.want(field))
        };
        if let Some(wkt) = wkt {
            return Ok((GeometryFrom::Wkt(column(&wkt)?), inside));
        }
        if let (Some(lon), Some(lat)) = (&lon, &lat) {
            return Ok((GeometryFrom::Columns(column(lon)?, column(lat)?), inside));
        }
        if self.schema.has_geometry {
            return Ok((GeometryFrom::Native, inside));
        }
        self.guess_columns().map(|from| (from, inside)).ok_or_else(|| {
            let layer = &target.name;
            PlanError::new(
                "geometry-missing",
                format!("lớp {layer} cần hình học nhưng nguồn không có; nêu cột trong hồ sơ ánh xạ: geometry = {{ lon = …, lat = … }} hoặc {{ wkt = … }}"),
                format!("the layer {layer} needs a geometry but the source has none; name columns in a profile: geometry = {{ lon = …, lat = … }} or {{ wkt = … }}"),
            )
        })
    }

    fn guess_columns(&mut self) -> Option<GeometryFrom> {
        let find = |names: &[&str]| self.schema.fields.iter().position(|f| names.contains(&fold(&f.0).as_str()));
        let lon = find(&["lon", "lng", "long", "longitude", "x", "kinhdo", "easting"]);
        let lat = find(&["lat", "latitude", "y", "vido", "northing"]);
        let wkt = find(&["wkt", "geom", "thegeom", "geometry", "shape"]);
        if let (Some(lon), Some(lat)) = (lon, lat) {
            return Some(GeometryFrom::Columns(self.want(lon), self.want(lat)));
        }
        wkt.map(|w| GeometryFrom::Wkt(self.want(w)))
    }
}
