//! The core as one audience sees it on one day. Every value that leaves lookup comes through here.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use dothi_tiles::{Audience, Core, Feature, Layer, LayerName, LngLatBox, Value};
use geo::{Geometry, Intersects as _, Point};
use serde_json::Value as Json;

use super::answer::{Bilingual, Coded};
use crate::{catalog::Catalog, live::Entities};

/// What somebody may see, and when.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Layers in memory, or a small core read for an earlier day.
    pub core: &'a Core,
    /// What the layers are.
    pub catalog: &'a Catalog,
    /// Entities without a place.
    pub entities: &'a Entities,
    /// Who asks.
    pub audience: &'a Audience,
    /// The day that is asked about.
    pub date: NaiveDate,
}

/// A feature with the attributes that the audience sees.
#[derive(Clone)]
pub struct Seen {
    /// The layer it is in.
    pub layer: Arc<Layer>,
    /// The feature.
    pub feature: Arc<Feature>,
    values: BTreeMap<Arc<str>, Value>,
}

impl<'a> View<'a> {
    /// A layer, if it exists for this audience.
    pub fn layer(&self, name: &str) -> Option<Arc<Layer>> {
        let name = LayerName::new(name).ok()?;
        if self.audience.sees(&name) { self.core.layer(&name) } else { None }
    }

    /// Whether a point lies in the bounds that this server is for; without bounds, everything does.
    pub fn serves(&self, at: Point<f64>) -> bool {
        self.catalog.place().bounds.is_none_or(|[west, south, east, north]| {
            (west..=east).contains(&at.x()) && (south..=north).contains(&at.y())
        })
    }

    /// Whether the audience sees this attribute of this layer.
    pub fn sees(&self, layer: &str, attribute: &str) -> bool {
        let access = LayerName::new(layer).ok().and_then(|layer| self.audience.access(&layer));
        access.is_some_and(|access| access.attributes.as_ref().is_none_or(|set| set.contains(attribute)))
    }

    /// The feature as the audience sees it.
    pub fn see(&self, layer: &Arc<Layer>, feature: Arc<Feature>) -> Seen {
        let values = layer.values(&feature, self.audience).into_iter().collect();
        Seen { layer: Arc::clone(layer), feature, values }
    }

    /// Features of a layer that touch a geometry, boundaries included.
    pub fn touching(&self, layer: &str, geometry: &Geometry<f64>) -> Vec<Seen> {
        let Some(layer) = self.layer(layer) else { return Vec::new() };
        let bounds = bounds_of(geometry);
        let near = layer.intersecting(bounds, self.audience, self.date).into_iter();
        near.filter(|feature| feature.geometry().intersects(geometry))
            .map(|feature| self.see(&layer, feature))
            .collect()
    }

    /// Features of a layer that touch a point.
    pub fn at(&self, layer: &str, at: Point<f64>) -> Vec<Seen> {
        self.touching(layer, &at.into())
    }

    /// A feature of a layer by its object.
    pub fn by_id(&self, layer: &str, id: uuid::Uuid) -> Option<Seen> {
        let layer = self.layer(layer)?;
        let feature = layer.by_id(id, self.date)?;
        layer.sees(self.audience, &feature).then(|| self.see(&layer, feature))
    }

    /// What people call a feature: a name it has by custom, else the first of its words that the search box finds.
    pub fn label(&self, seen: &Seen) -> Option<String> {
        seen.label().or_else(|| {
            let layer = self.catalog.layer(seen.layer_name())?;
            let searchable = layer.attributes.iter().filter(|attribute| attribute.searchable);
            searchable.filter_map(|attribute| seen.text(&attribute.name)).next()
        })
    }

    /// Title of a layer.
    pub fn layer_title(&self, name: &str) -> Bilingual {
        self.catalog.layer(name).map_or_else(
            || Bilingual::new(name, name),
            |layer| Bilingual::new(layer.title.vi.clone(), layer.title.en.clone()),
        )
    }

    /// A code with its meaning and colour on this day; the code itself when no list knows it.
    pub fn coded(&self, list: &str, code: &str) -> Coded {
        let known = self.catalog.code_lists.get(list).and_then(|list| list.code_on(code, self.date));
        Coded {
            code: code.to_owned(),
            title: known.map_or_else(
                || Bilingual::new(code, code),
                |known| Bilingual::new(known.title.vi.clone(), known.title.en.clone()),
            ),
            colour: known.and_then(|known| known.colour.clone()),
            area_m2: None,
        }
    }
}

impl Seen {
    /// Name of its layer.
    pub fn layer_name(&self) -> &str {
        self.layer.schema().name.as_str()
    }

    /// An attribute, if the audience sees it and the feature has it.
    pub fn value(&self, attribute: &str) -> Option<&Value> {
        self.values.get(attribute)
    }

    /// A text that says something.
    pub fn text(&self, attribute: &str) -> Option<String> {
        self.value(attribute)?.as_text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A number, whole or not.
    pub fn number(&self, attribute: &str) -> Option<f64> {
        self.value(attribute)?.as_f64()
    }

    /// A whole number.
    pub fn int(&self, attribute: &str) -> Option<i64> {
        self.value(attribute)?.as_int()
    }

    /// A claim.
    pub fn bool(&self, attribute: &str) -> Option<bool> {
        if let Value::Bool(value) = self.value(attribute)? { Some(*value) } else { None }
    }

    /// A day.
    pub fn date(&self, attribute: &str) -> Option<NaiveDate> {
        if let Value::Date(date) = self.value(attribute)? { Some(*date) } else { None }
    }

    /// All attributes as JSON.
    pub fn attributes(&self) -> BTreeMap<String, Json> {
        self.values.iter().map(|(name, value)| (name.to_string(), json_of(value))).collect()
    }

    /// A name or number that people call it by: the first of these that it has.
    fn label(&self) -> Option<String> {
        const NAMES: [&str; 17] = [
            "name",
            "works_name",
            "full_text",
            "common_name",
            "project",
            "permit_number",
            "works_code",
            "post_number",
            "tree_number",
            "hydrant_number",
            "register_number",
            "number",
            "zone_code",
            "road_name",
            "street",
            "code",
            "segment",
        ];
        NAMES.iter().find_map(|name| self.text(name))
    }
}

/// A value as JSON: dates as ISO text, instants as RFC 3339.
pub fn json_of(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => serde_json::Number::from_f64(*value).map_or(Json::Null, Json::Number),
        // Attributes of kind json are held as text; what reads as an object or a list is given as that.
        Value::Text(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_string()))
        }
        Value::Text(text) => Json::String(text.to_string()),
        Value::Date(date) => Json::String(date.to_string()),
        Value::Timestamp(micros) => chrono::DateTime::from_timestamp_micros(*micros)
            .map_or(Json::Null, |at| Json::String(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))),
    }
}

/// The box around a geometry.
pub fn bounds_of(geometry: &Geometry<f64>) -> LngLatBox {
    use geo::CoordsIter as _;
    let mut bounds = LngLatBox::EMPTY;
    for coord in geometry.coords_iter() {
        bounds.extend(coord.x, coord.y);
    }
    bounds
}
