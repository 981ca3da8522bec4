//! `POST /api/v1/layers/{layer}/export`.

use std::path::PathBuf;

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use dothi_import::export::Format;
use serde::Deserialize;
use serde_json::Value;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Order, export};
use crate::app::App;
use crate::catalog::{Geometry, Layer};
use crate::http::{
    asked::{InBody, InPath},
    problem::Problem,
};
use crate::identity::principal::Principal;
use crate::identity::rights::{Action, Target, may};
use crate::items::http::{layer, staff};
use crate::items::question::{Asked, Question};

/// Letters of a purpose.
const LONGEST_PURPOSE: usize = 500;

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(exported))
}

/// Which rows are exported, and as what. Rows are chosen as a table's are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Chosen {
    /// `gpkg`, `shp` (zipped, with a table of its shortened names), `dxf` or `geojson`.
    #[schema(value_type = String)]
    format: Format,
    /// Words that each stand in one of the texts.
    q: Option<String>,
    /// `[["storeys_max", ">=", 5], ["name", "empty"]]`; all must hold.
    #[schema(value_type = Option<Vec<Object>>)]
    filter: Option<Value>,
    /// Attribute, `-` before it for the other way.
    sort: Option<String>,
    /// West, south, east, north.
    bbox: Option<[f64; 4]>,
    /// Corners, lon lat.
    polygon: Option<Vec<[f64; 2]>>,
    /// These objects.
    ids: Option<Vec<Uuid>>,
    /// The rows that held on another day than today, YYYY-MM-DD.
    #[schema(value_type = Option<chrono::NaiveDate>)]
    date: Option<String>,
    /// The rows as the register knew them then: a moment (RFC 3339), or a day in Việt Nam, whose end is meant.
    known_at: Option<String>,
    /// With private attributes, for who may look up persons where the rows lie.
    #[serde(default)]
    private: bool,
    /// What private attributes are needed for; it is logged.
    purpose: Option<String>,
}

impl Chosen {
    /// The same as the parameters of a table.
    fn asked(self) -> Asked {
        let numbers =
            |numbers: &[f64], between: &str| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(between);
        let corners = |corners: Vec<[f64; 2]>| corners.iter().map(|c| numbers(c, " ")).collect::<Vec<_>>().join(",");
        Asked {
            q: self.q,
            filter: self.filter.map(|filter| filter.to_string()),
            sort: self.sort,
            bbox: self.bbox.map(|bbox| numbers(&bbox, ",")),
            polygon: self.polygon.map(corners),
            ids: self.ids.map(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
            date: self.date,
            known_at: self.known_at,
            ..Asked::default()
        }
    }
}

/// Why private attributes leave; empty where none do.
fn purpose(who: &Principal, chosen: &Chosen) -> Result<String, Problem> {
    if !chosen.private {
        return Ok(String::new());
    }
    may(who, Action::LookUpPerson, &Target::City).or_refuse()?;
    let purpose = chosen.purpose.as_deref().unwrap_or_default().trim();
    if purpose.is_empty() || purpose.chars().count() > LONGEST_PURPOSE || purpose.contains('\0') {
        let expected = (
            format!("cần thuộc tính riêng tư để làm gì, 1 đến {LONGEST_PURPOSE} chữ; sẽ được ghi nhật ký"),
            format!("what private attributes are needed for, 1 to {LONGEST_PURPOSE} letters; it is logged"),
        );
        return Err(Problem::bad_parameter("purpose", "", expected));
    }
    Ok(purpose.to_owned())
}

/// Refuses a format that cannot hold the layer.
fn fits(layer: &Layer, format: Format) -> Result<(), Problem> {
    let refused = |value: &str, vi: &str, en: &str| Err(Problem::bad_parameter("format", value, (vi, en)));
    match (format, layer.geometry) {
        (Format::Dxf, Geometry::None) => refused(
            "dxf",
            "gpkg, shp hoặc geojson: bảng này không có hình để vẽ",
            "gpkg, shp or geojson: this table has no place to draw",
        ),
        (Format::Shp, Geometry::Any) => refused(
            "shp",
            "gpkg, dxf hoặc geojson: tệp Shapefile chỉ chứa một loại hình, lớp này có nhiều loại",
            "gpkg, dxf or geojson: a Shapefile holds one kind of shape, this layer has several",
        ),
        _ => Ok(()),
    }
}

/// The program that runs, also when a newer one was laid in its place meanwhile.
fn this_program() -> std::io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

/// The rows that a table would show, as a file in the VN-2000 zone of the place (in degrees where it has none).
///
/// At most 100,000 rows (1,000 with private attributes) within 25 seconds.
#[utoipa::path(
    post, path = "/api/v1/layers/{layer}/export", tag = "items", params(("layer" = String, Path, description = "layer")),
    request_body = Chosen,
    responses((status = 200, description = "the file; `dothi-rows` says how many rows it has", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 400, description = "not understood, or the format cannot hold the layer", body = Problem),
        (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not of the staff; or private attributes of rows outside one's area", body = Problem),
        (status = 404, description = "no such layer", body = Problem),
        (status = 413, description = "more rows or time than one file takes", body = Problem),
        (status = 503, description = "other exports are running", body = Problem)),
)]
async fn exported(
    State(app): State<App>,
    who: Principal,
    path: InPath<String>,
    body: InBody<Chosen>,
) -> Result<Response, Problem> {
    staff(&who)?;
    let (name, chosen) = (path.read()?, body.read()?);
    let state = app.live.state();
    let layer = layer(&state.catalog, &name)?;
    let (format, private) = (chosen.format, chosen.private);
    fits(layer, format)?;
    let purpose = purpose(&who, &chosen)?;
    let question = Question { private, ..Question::read(layer, chosen.asked(), state.date)? };
    let srid = layer.legal_srid.or(state.catalog.place().legal_srid);
    let program = app.config.program.clone().map_or_else(this_program, Ok).map_err(Problem::internal)?;
    let _place = app.work.exports.place().await?;
    let order = Order { layer, question: &question, format, srid, purpose: &purpose };
    let written = export(&app.pool, program, &who, &order).await?;
    let zone = match (layer.has_geometry(), srid) {
        (false, _) => String::new(),
        (true, Some(srid)) => format!("-vn2000-{srid}"),
        (true, None) => "-wgs84".to_owned(),
    };
    let day = question.when.map_or(state.date, |when| when.date);
    let file = format!("attachment; filename=\"{}{zone}-{day}.{}\"", layer.name, format.ending());
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CONTENT_LENGTH, written.bytes.to_string()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::HeaderName::from_static("dothi-rows"), written.rows.to_string()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::with_capacity(written.file, 1 << 16))).into_response())
}
