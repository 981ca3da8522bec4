//! The rows of an export, as the lines that the worker reads.

use dothi_import::export::Format;
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::Order;
use crate::catalog::Kind;
use crate::items::store::{conditions, order as sorted, table};

fn chosen<'a>(order: &'a Order<'_>, what: &str) -> QueryBuilder<'a, Postgres> {
    let mut made = QueryBuilder::new(format!("SELECT {what} FROM {} AS t", table(order.layer, order.question, "")));
    conditions(&mut made, order.layer, order.question);
    made
}

/// How many there are.
pub(super) async fn count(connection: &mut PgConnection, order: &Order<'_>) -> Result<i64, sqlx::Error> {
    chosen(order, "count(*)").build_query_scalar().fetch_one(connection).await
}

/// Their identifiers.
pub(super) async fn ids(connection: &mut PgConnection, order: &Order<'_>) -> Result<Vec<uuid::Uuid>, sqlx::Error> {
    chosen(order, "t.id").build_query_scalar().fetch_all(connection).await
}

/// The communes in which their parts lie; an empty code for a part in none, and for a row without a place.
pub(super) async fn communes(connection: &mut PgConnection, order: &Order<'_>) -> Result<Vec<String>, sqlx::Error> {
    let mut made = QueryBuilder::new(format!(
        "SELECT DISTINCT coalesce(unit.code, '') FROM {} AS t \
         LEFT JOIN LATERAL ST_Dump(gis.sound(ST_Force2D(t.geom))) AS part ON true \
         LEFT JOIN gis.admin_unit AS unit ON unit.level = 2 AND unit.validity @> gis.today() \
             AND ST_Intersects(unit.geom, ST_PointOnSurface(part.geom))",
        table(order.layer, order.question, "")
    ));
    conditions(&mut made, order.layer, order.question);
    made.build_query_scalar().fetch_all(connection).await
}

/// Bytes of the longest value of each attribute.
pub(super) async fn widths(connection: &mut PgConnection, order: &Order<'_>) -> Result<Vec<Option<i32>>, sqlx::Error> {
    let longest = |(name, kind): (&str, Kind)| match kind {
        Kind::Text | Kind::Code => format!("max(octet_length(t.\"{name}\"))"),
        _ => format!("max(octet_length(to_jsonb(t.\"{name}\")::text))"),
    };
    let all: Vec<String> = order.question.seen(order.layer).map(|one| longest((one.name.as_str(), one.kind))).collect();
    chosen(order, &format!("ARRAY[{}]::int[]", all.join(", "))).build_query_scalar().fetch_one(connection).await
}

/// One line a row, sorted as it was asked.
pub(super) fn lines<'a>(order: &'a Order<'_>) -> QueryBuilder<'a, Postgres> {
    let shape = shape(order).map_or_else(|| "NULL".to_owned(), |shape| format!("encode(ST_AsBinary({shape}), 'hex')"));
    let values: Vec<String> = std::iter::once("t.id".to_owned())
        .chain(order.question.seen(order.layer).map(|one| format!("t.\"{}\"", one.name)))
        .collect();
    // Functions take 100 arguments.
    let parts: Vec<String> = values.chunks(90).map(|some| format!("jsonb_build_array({})", some.join(", "))).collect();
    let mut made = chosen(order, &format!("json_build_object('wkb', {shape}, 'values', {})::text", parts.join(" || ")));
    made.push(format!(" ORDER BY {}", sorted(order.question)));
    made
}

/// The shape in the zone; of an area in a drawing the lines around it.
fn shape(order: &Order<'_>) -> Option<String> {
    let shape = match (order.layer.legal, order.srid) {
        _ if !order.layer.has_geometry() => return None,
        // The legal truth itself, where it is kept in that zone.
        (true, Some(srid)) => format!(
            "CASE WHEN ST_SRID(t.geom_source) = {srid} THEN t.geom_source ELSE gis.from_wgs84(t.geom, {srid}) END"
        ),
        (false, Some(srid)) => format!("gis.from_wgs84(t.geom, {srid})"),
        (_, None) => "t.geom".to_owned(),
    };
    Some(if order.format == Format::Dxf {
        format!(
            "CASE WHEN GeometryType(t.geom) IN ('POLYGON', 'MULTIPOLYGON') THEN ST_Boundary({shape}) ELSE {shape} END"
        )
    } else {
        shape
    })
}
