//! `GET /api/v1/lookup`, `/near`, `/within`, `/search`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use dothi_tiles::{LngLatBox, questions::Stopped};
use geo::{Geometry, Point};
use serde::{Deserialize, Serialize};
use serde_json::Value as Body;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Asked, View, When,
    answer::{Answer, Bilingual},
    coverage::{Area, Coverage},
    gather, history, missing,
    search::{Found, Search, Understood, search},
    shapes::{self, BadShape, Unanswered},
};
use crate::{
    app::App,
    http::{
        asked::{InBody, InQuery},
        problem::Problem,
        work::Given,
    },
    identity::sight::Sight,
    live::{self, http::Freshness},
    tiles_http::{NAMES, parse_layers},
};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(lookup))
        .routes(routes!(near))
        .routes(routes!(within, within_shape))
        .routes(routes!(find))
}

const NO_PARCEL: (&str, &str) = ("không có thửa này", "there is no such parcel");

/// What has to be given: `?lon=` says as little as no `lon` at all.
fn given<'t>(
    field: &'static str,
    text: Option<&'t str>,
    expected: impl FnOnce() -> Bilingual,
) -> Result<&'t str, Problem> {
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| Problem::missing_parameter(field, expected()))
}

/// A number in a range, or the field is named.
fn number(field: &'static str, text: Option<&str>, low: f64, high: f64) -> Result<f64, Problem> {
    let expected = || Bilingual::new(format!("một số từ {low} đến {high}"), format!("a number from {low} to {high}"));
    let text = given(field, text, expected)?;
    let value = text.trim().parse::<f64>().ok().filter(|value| (low..=high).contains(value));
    value.ok_or_else(|| Problem::bad_parameter(field, text, expected()))
}

fn position_of(lon: Option<&str>, lat: Option<&str>) -> Result<Point<f64>, Problem> {
    Ok(Point::new(number("lon", lon, -180.0, 180.0)?, number("lat", lat, -90.0, 90.0)?))
}

/// Answers the question on a thread that may take its time, as the state of now.
async fn ask<T: Send + 'static>(
    app: &App,
    sight: Sight,
    question: impl FnOnce(View<'_>, &Given) -> T + Send + 'static,
) -> Result<T, Problem> {
    let state = app.live.state();
    app.work.questions.run(move |given| question(view(&state, sight), given)).await
}

fn view(state: &live::State, sight: Sight) -> View<'_> {
    View {
        core: &state.core,
        catalog: &state.catalog,
        entities: &state.entities,
        audience: sight.audience(&state.audiences),
        date: state.date,
    }
}

fn answered(sight: Sight, freshness: Freshness, body: impl Serialize) -> Response {
    let mut response = ([(header::CACHE_CONTROL, "no-cache")], Json(body)).into_response();
    freshness.mark(response.headers_mut());
    sight.mark(&mut response);
    response
}

/// What `lookup` is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LookupQuery {
    /// Degrees east; with `lat`. Either a position or a `parcel` is asked for.
    #[param(value_type = Option<f64>, minimum = -180, maximum = 180)]
    lon: Option<String>,
    /// Degrees north; with `lon`.
    #[param(value_type = Option<f64>, minimum = -90, maximum = 90)]
    lat: Option<String>,
    /// One parcel, by its id, instead of a position.
    #[param(value_type = Option<uuid::Uuid>)]
    parcel: Option<String>,
    /// Another day than today, `YYYY-MM-DD`.
    #[param(value_type = Option<chrono::NaiveDate>)]
    date: Option<String>,
    /// What the register knew then: a moment (RFC 3339), or a day in Việt Nam, whose end is meant. What was entered, corrected or
    /// taken back later does not count.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    known_at: Option<String>,
    /// Position of a write that the answer must know; waits two seconds at most.
    position: Option<String>,
}

/// What applies here: one plain sentence first, then parcels, zones, lines, what stands around, and what is not known.
#[utoipa::path(
    get, path = "/api/v1/lookup", tag = "questions", params(LookupQuery),
    responses(
        (status = 200, description = "the answer", body = Answer),
        (status = 400, description = "a parameter cannot be read", body = Problem),
        (status = 404, description = "no such parcel", body = Problem),
        (status = 503, description = "a day before today or an earlier moment, while the database is away", body = Problem),
    ),
)]
async fn lookup(State(app): State<App>, sight: Sight, query: InQuery<LookupQuery>) -> Result<Response, Problem> {
    let query = query.read()?;
    let asked = match &query.parcel {
        Some(text) => {
            let id = text.parse().map_err(|_| {
                Problem::bad_parameter("parcel", text, ("mã (uuid) của một thửa", "the id (uuid) of a parcel"))
            })?;
            Asked::Parcel(id)
        }
        None => Asked::At(position_of(query.lon.as_deref(), query.lat.as_deref())?),
    };
    let today = app.live.state().date;
    let when = When::read(query.date.as_deref(), query.known_at.as_deref(), today, chrono::Utc::now())?;
    let freshness = Freshness::of(&app.live, query.position.as_deref()).await?;
    let position = freshness.position();
    let today = app.live.state().date;
    let answer = match when {
        Some(when) if !when.is_in_memory(today) => {
            let bounds = around(&app, asked, when).await?;
            let place = app.work.other_days.place().await?;
            let state = app.live.state();
            let pool = app.pool.clone();
            // A task of its own: it holds its place until the database has answered, even when the client is gone.
            let answering = tokio::spawn(async move {
                let past = history::read_at(&pool, &state.catalog, &history::ANSWERED, bounds, when).await?;
                let middle = Point::new((bounds.west + bounds.east) / 2.0, (bounds.south + bounds.north) / 2.0);
                let area = Area::of(view(&state, sight), middle);
                let coverage = Coverage::in_the_past(&pool, area, &state.catalog, when).await?;
                let answer = move |_: &Given| {
                    let core = past.into_core();
                    gather(
                        View { core: &core, date: when.date, ..view(&state, sight) },
                        asked,
                        position,
                        Some(&coverage),
                    )
                };
                place.run(answer).await
            });
            answering.await.map_err(Problem::internal)??
        }
        _ => {
            let day = when.map(|when| when.date);
            ask(&app, sight, move |view, _| {
                gather(View { date: day.unwrap_or(view.date), ..view }, asked, position, None)
            })
            .await?
        }
    };
    let mut answer = answer.ok_or_else(|| Problem::not_found(NO_PARCEL))?;
    if let Some(when) = when {
        if !when.is_in_memory(today) {
            answer.missing.push(missing::around_then());
        }
        (answer.known_at, answer.as_of) = (when.known, when.in_words(today));
    }
    Ok(answered(sight, freshness, answer))
}

/// The surroundings of what is asked about, where it lay then.
async fn around(app: &App, asked: Asked, when: When) -> Result<LngLatBox, Problem> {
    let mut bounds = match asked {
        Asked::At(at) => LngLatBox::new(at.x(), at.y(), at.x(), at.y()),
        Asked::Parcel(id) => {
            let then = history::bounds_then(&app.pool, "parcel", id, when, app.live.state().date).await?;
            then.ok_or_else(|| Problem::not_found(NO_PARCEL))?
        }
    };
    // Around 60 m, as far as the answer tells.
    bounds.extend(bounds.west - 0.000_6, bounds.south - 0.000_6);
    bounds.extend(bounds.east + 0.000_6, bounds.north + 0.000_6);
    Ok(bounds)
}

/// What `near` is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NearQuery {
    /// Degrees east.
    #[param(value_type = f64, required = true, minimum = -180, maximum = 180)]
    lon: Option<String>,
    /// Degrees north.
    #[param(value_type = f64, required = true, minimum = -90, maximum = 90)]
    lat: Option<String>,
    /// Names of layers, separated by commas.
    #[param(value_type = String, required = true)]
    layers: Option<String>,
    /// Metres on the ground, at most 10,000; 200 unless told.
    #[param(value_type = Option<f64>, minimum = 0, maximum = 10000)]
    radius_m: Option<String>,
    /// At most so many features, up to 1,000; 20 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// Position of a write that the answer must know.
    position: Option<String>,
}

/// Features as GeoJSON.
#[derive(Serialize, ToSchema)]
struct Features {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The features.
    #[schema(value_type = Vec<Object>)]
    features: Vec<Body>,
    /// There are more than the limit.
    more: bool,
    /// Where the core stood.
    position: String,
}

impl Features {
    fn of(features: Vec<Body>, more: bool, freshness: Freshness) -> Self {
        Self { kind: "FeatureCollection", features, more, position: freshness.position().to_string() }
    }
}

fn layers_of(app: &App, sight: Sight, text: Option<&str>) -> Result<Vec<String>, Problem> {
    let state = app.live.state();
    let text = given("layers", text, || NAMES.into())?;
    let names = parse_layers(text, &state.core, sight.audience(&state.audiences))?;
    Ok(names.into_iter().map(|name| name.to_string()).collect())
}

fn limit_of(text: Option<&str>, otherwise: usize) -> Result<usize, Problem> {
    text.map_or(Ok(otherwise), whole)
}

/// A limit in whole features.
fn whole(text: &str) -> Result<usize, Problem> {
    let limit = text.trim().parse::<usize>().ok().filter(|limit| (1..=shapes::MOST).contains(limit));
    limit.ok_or_else(|| {
        Problem::bad_parameter(
            "limit",
            text,
            (format!("một số nguyên từ 1 đến {}", shapes::MOST), format!("a whole number from 1 to {}", shapes::MOST)),
        )
    })
}

/// The nearest features of some layers.
#[utoipa::path(
    get, path = "/api/v1/near", tag = "questions", params(NearQuery),
    responses(
        (status = 200, description = "GeoJSON, nearest first, with distance_m", body = Features),
        (status = 400, description = "a parameter cannot be read", body = Problem),
        (status = 404, description = "no such layer", body = Problem),
    ),
)]
async fn near(State(app): State<App>, sight: Sight, query: InQuery<NearQuery>) -> Result<Response, Problem> {
    let query = query.read()?;
    let at = position_of(query.lon.as_deref(), query.lat.as_deref())?;
    let layers = layers_of(&app, sight, query.layers.as_deref())?;
    let radius_m = query.radius_m.as_deref().map_or(Ok(200.0), |text| number("radius_m", Some(text), 0.0, 10_000.0))?;
    let limit = limit_of(query.limit.as_deref(), 20)?;
    let freshness = Freshness::of(&app.live, query.position.as_deref()).await?;
    let mut features = ask(&app, sight, move |view, given| {
        let near = shapes::near(view, &layers, at, radius_m, limit + 1, &|| given.up())?;
        Ok::<_, Stopped>(near.iter().map(|(seen, metres)| shapes::feature(seen, Some(*metres))).collect::<Vec<_>>())
    })
    .await??;
    let more = features.len() > limit;
    features.truncate(limit);
    Ok(answered(sight, freshness, Features::of(features, more, freshness)))
}

/// A shape that is not asked about.
fn refused(bad: BadShape, malformed: impl FnOnce((&'static str, &'static str)) -> Problem) -> Problem {
    match bad {
        BadShape::Malformed(expected) => malformed(expected),
        BadShape::TooManyCorners(count) => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-many-corners",
            "Hình có quá nhiều đỉnh",
            "The shape has too many corners",
        )
        .detail((
            format!(
                "hình có {count} đỉnh, nhiều nhất {} đỉnh: đơn giản hóa hình, hoặc hỏi từng phần",
                shapes::MOST_CORNERS
            ),
            format!(
                "the shape has {count} corners, {} at most are compared: simplify it, or ask about pieces of it",
                shapes::MOST_CORNERS
            ),
        ))
        .with("corners", count)
        .with("most", shapes::MOST_CORNERS),
    }
}

impl From<Unanswered> for Problem {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Stopped(stopped) => stopped.into(),
            Unanswered::TooMany => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-many-features",
                "Quá nhiều đối tượng quanh hình này",
                "Too many features lie around this shape",
            )
            .detail((
                "hỏi một vùng nhỏ hơn, hoặc ít lớp hơn; lấy cả lớp bằng /items",
                "ask about a smaller area, or fewer layers; /items gives a whole layer",
            )),
        }
    }
}

/// What `within` is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WithinQuery {
    /// Names of layers, separated by commas.
    #[param(value_type = String, required = true)]
    layers: Option<String>,
    /// `west,south,east,north`; or `wkt`.
    bbox: Option<String>,
    /// A shape in WKT, lon lat; or `bbox`.
    wkt: Option<String>,
    /// At most so many features, up to 1,000; 1,000 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
    /// Position of a write that the answer must know.
    position: Option<String>,
}

/// Features that share a point with a box or a shape.
#[utoipa::path(
    get, path = "/api/v1/within", tag = "questions", params(WithinQuery),
    responses(
        (status = 200, description = "GeoJSON; `more` when there are more than the limit", body = Features),
        (status = 400, description = "a parameter cannot be read", body = Problem),
        (status = 404, description = "no such layer", body = Problem),
        (status = 413, description = "the shape has more than 1,000 corners", body = Problem),
    ),
)]
async fn within(State(app): State<App>, sight: Sight, query: InQuery<WithinQuery>) -> Result<Response, Problem> {
    let query = query.read()?;
    layers_of(&app, sight, query.layers.as_deref())?;
    let shape = match (query.bbox.as_deref(), query.wkt.as_deref()) {
        (Some(text), None) => {
            shapes::parse_bbox(text).map_err(|expected| Problem::bad_parameter("bbox", text, expected))?
        }
        (None, Some(text)) => shapes::parse_wkt(text)
            .map_err(|bad| refused(bad, |expected| Problem::bad_parameter("wkt", text, expected)))?,
        (None, None) => return Err(Problem::missing_parameter("bbox", ("bbox hoặc wkt", "either bbox or wkt"))),
        (Some(bbox), Some(_)) => {
            return Err(Problem::bad_parameter(
                "bbox",
                bbox,
                ("bbox hoặc wkt, không phải cả hai", "either bbox or wkt, not both"),
            ));
        }
    };
    inside(&app, sight, &query, shape).await
}

/// Features that share a point with a shape in GeoJSON.
#[utoipa::path(
    post, path = "/api/v1/within", tag = "questions", params(WithinQuery), request_body = Object,
    responses(
        (status = 200, description = "GeoJSON; `more` when there are more than the limit", body = Features),
        (status = 400, description = "the shape or a parameter cannot be read", body = Problem),
        (status = 404, description = "no such layer", body = Problem),
        (status = 413, description = "the shape has more than 1,000 corners", body = Problem),
    ),
)]
async fn within_shape(
    State(app): State<App>,
    sight: Sight,
    query: InQuery<WithinQuery>,
    body: InBody<Body>,
) -> Result<Response, Problem> {
    let (query, body) = (query.read()?, body.read()?);
    let shape = shapes::parse_geojson(&body).map_err(|bad| refused(bad, |expected| Problem::bad_body(expected)))?;
    inside(&app, sight, &query, shape).await
}

async fn inside(app: &App, sight: Sight, query: &WithinQuery, shape: Geometry<f64>) -> Result<Response, Problem> {
    let layers = layers_of(app, sight, query.layers.as_deref())?;
    let limit = limit_of(query.limit.as_deref(), shapes::MOST)?;
    let freshness = Freshness::of(&app.live, query.position.as_deref()).await?;
    let (features, more) = ask(app, sight, move |view, given| {
        let (seen, more) = shapes::within(view, &layers, &shape, limit, &|| given.up())?;
        Ok::<_, Unanswered>((seen.iter().map(|seen| shapes::feature(seen, None)).collect::<Vec<_>>(), more))
    })
    .await??;
    Ok(answered(sight, freshness, Features::of(features, more, freshness)))
}

/// What `search` is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// What people call the place: an address, a street, "tờ 12 thửa 345", an old ward, coordinates.
    #[param(value_type = String, required = true)]
    q: Option<String>,
    /// Where the map stands: nearer results come first among equals. The place that is served unless told.
    #[param(value_type = Option<f64>, minimum = -180, maximum = 180)]
    lon: Option<String>,
    /// Where the map stands; with `lon`.
    #[param(value_type = Option<f64>, minimum = -90, maximum = 90)]
    lat: Option<String>,
}

/// Results of a search.
#[derive(Serialize, ToSchema)]
struct SearchAnswer {
    /// What was asked.
    query: String,
    /// Some of what could be searched was not: never now, since all of it is in memory.
    degraded: bool,
    /// What the text was read as.
    understood: Option<Understood>,
    /// What to know of all results, such as that exactly what was asked for does not exist.
    note: Option<Bilingual>,
    /// The best first.
    results: Vec<Found>,
    /// There are more than are told: name the commune, or ask nearer.
    more: bool,
}

/// Finds parcels, addresses, streets, places, units of today and of before, and coordinates; with or without diacritics.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "questions", params(SearchQuery),
    responses((status = 200, description = "what was found", body = SearchAnswer), (status = 400, description = "no question", body = Problem)),
)]
async fn find(State(app): State<App>, sight: Sight, query: InQuery<SearchQuery>) -> Result<Response, Problem> {
    let query = query.read()?;
    let text = query.q.ok_or_else(|| Problem::missing_parameter("q", ("điều cần tìm", "what to look for")))?;
    let near = match (&query.lon, &query.lat) {
        (None, None) => None,
        (lon, lat) => Some(position_of(lon.as_deref(), lat.as_deref())?),
    };
    let freshness = Freshness::of(&app.live, None).await?;
    let index = Arc::clone(&app.search);
    let asked = text.clone();
    let Search { understood, note, results, more } =
        ask(&app, sight, move |view, _| search(view, &index, &asked, near)).await?;
    Ok(answered(sight, freshness, SearchAnswer { query: text, degraded: false, understood, note, results, more }))
}
