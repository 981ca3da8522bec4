//! What is read of a layer and in which order: the SELECT and the core's schema, made from the catalog together.

use std::sync::Arc;

use dothi_tiles::{AttributeSchema, GeometryKind, LayerName, LayerSchema, LowZoom, ValueKind};

use crate::catalog;

/// How one layer comes out of PostGIS and into the core.
#[derive(Clone, Debug)]
pub struct LayerPlan {
    /// Its stable name.
    pub name: LayerName,
    /// Its shape for the core; the attributes stand in the order of the SELECT.
    pub schema: LayerSchema,
    /// Whether its rows have a place.
    pub has_place: bool,
    /// The columns that the decoder expects, in its order.
    pub columns: String,
    /// `SELECT … FROM gis.<layer> WHERE …`, open for one more `AND`.
    pub select: String,
}

impl LayerPlan {
    /// Makes the plan for a layer of the catalog.
    ///
    /// An attribute, or a whole layer, that is marked private is not read at all: what is not in memory cannot leak from it
    /// (decision 7).
    pub fn of(layer: &catalog::Layer) -> Option<Self> {
        // The catalog takes only names of this form; one that is none has no table.
        let name = LayerName::new(&layer.name).ok().filter(|_| !layer.private)?;
        let attributes: Vec<AttributeSchema> = layer
            .attributes
            .iter()
            .filter(|attribute| !attribute.private)
            .map(|attribute| AttributeSchema {
                name: attribute.name.as_str().into(),
                kind: kind_of(attribute.kind),
                in_tile: attribute.in_tile,
                queryable: attribute.queryable || attribute.searchable,
            })
            .filter(AttributeSchema::is_held)
            .collect();
        let min_zoom = attributes.iter().find(|a| &*a.name == "min_zoom" && a.kind == ValueKind::Int);
        let schema = LayerSchema {
            name: name.clone(),
            geometry: geometry_of(layer.geometry),
            detail_zoom: layer.detail_zoom,
            low_zoom: low_zoom_of(layer.low_zoom),
            min_zoom_attribute: min_zoom.map(|a| Arc::clone(&a.name)),
            attributes,
        };
        let columns = columns_of(layer, &schema);
        // The core holds today and later; "today" is a day in Việt Nam.
        let select = format!(
            "SELECT {columns} FROM gis.{name} \
             WHERE (upper(validity) IS NULL OR upper(validity) > (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date)"
        );
        Some(Self { name, schema, has_place: layer.has_geometry(), columns, select })
    }

    /// The kinds of the attributes, in the order of the SELECT.
    pub fn kinds(&self) -> Vec<ValueKind> {
        self.schema.attributes.iter().map(|attribute| attribute.kind).collect()
    }
}

fn geometry_of(geometry: catalog::Geometry) -> GeometryKind {
    use catalog::Geometry as G;
    match geometry {
        G::Point => GeometryKind::Point,
        G::Line => GeometryKind::Line,
        G::Polygon => GeometryKind::Polygon,
        G::MultiPoint => GeometryKind::MultiPoint,
        G::MultiLine => GeometryKind::MultiLine,
        G::MultiPolygon => GeometryKind::MultiPolygon,
        G::Any | G::None => GeometryKind::Any,
    }
}

fn low_zoom_of(low_zoom: catalog::LowZoom) -> LowZoom {
    match low_zoom {
        catalog::LowZoom::Cluster => LowZoom::Cluster,
        catalog::LowZoom::Merge => LowZoom::Merge,
        catalog::LowZoom::Lines => LowZoom::Lines,
        catalog::LowZoom::Hide => LowZoom::Hide,
    }
}

fn kind_of(kind: catalog::Kind) -> ValueKind {
    use catalog::Kind as K;
    match kind {
        K::Text | K::Code | K::Json => ValueKind::Text,
        K::Int => ValueKind::Int,
        K::Float => ValueKind::Float,
        K::Bool => ValueKind::Bool,
        K::Date => ValueKind::Date,
        K::Timestamp => ValueKind::Timestamp,
    }
}

/// Names in the statement come from the catalog, which takes `[a-z][a-z0-9_]*` only; they are quoted for words like `use`.
fn columns_of(layer: &catalog::Layer, schema: &LayerSchema) -> String {
    let geometry = if layer.has_geometry() { "geom" } else { "NULL::bytea" };
    let legal_srid = if layer.legal { "nullif(ST_SRID(geom_source), 0)::int4" } else { "NULL::int4" };
    let fixed = format!("fid, id, version, {geometry}, {legal_srid}, lower(validity), upper(validity)");
    let cast = |kind| match kind {
        ValueKind::Text => "text",
        ValueKind::Int => "int8",
        ValueKind::Float => "float8",
        ValueKind::Bool => "bool",
        ValueKind::Date => "date",
        ValueKind::Timestamp => "timestamptz",
    };
    let attributes =
        schema.attributes.iter().map(|attribute| format!("\"{}\"::{}", attribute.name, cast(attribute.kind)));
    std::iter::once(fixed).chain(attributes).collect::<Vec<_>>().join(", ")
}
