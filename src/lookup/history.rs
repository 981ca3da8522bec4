//! Days before today, and what was known at earlier moments: read from PostGIS into a small core, and answered by the same
//! code (decision 2). [`When`] says which version of an object counts.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use dothi_tiles::{Core, Layer, LayerSchema, LngLatBox, NewFeature};
use sqlx::{Connection as _, PgConnection, PgPool};
use uuid::Uuid;

use super::when::When;
pub use super::when::parse_date;
use crate::{
    catalog::Catalog,
    http::problem::Problem,
    live::{
        loader::{self, ReadError},
        plan::LayerPlan,
    },
};

/// Layers that an answer about the past is made from.
pub const ANSWERED: [&str; 14] = [
    "admin_unit",
    "address",
    "parcel",
    "plan",
    "land_use_plan",
    "planning_zone",
    "planning_line",
    "road",
    "building",
    "protection_area",
    "heritage_site",
    "water_area",
    "permit",
    "works",
];

/// Rows of all layers together that one answer about an earlier day is made from.
const MOST_ROWS: usize = 50_000;
/// How long the database may take for one answer, all layers together.
const MOST_TIME: Duration = Duration::from_secs(10);

/// Why an earlier day could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// The database did not answer, or told nonsense.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Somebody else holds the table of this layer, as a first large delivery does for minutes.
    #[error("{0} is held by somebody else")]
    Held(String),
    /// More rows than [`MOST_ROWS`], or more time than [`MOST_TIME`].
    #[error("more than can be read at once")]
    TooMuch,
}

impl PastError {
    /// What a failed reading of a layer means.
    pub(super) fn about(layer: &str, error: impl Into<ReadError>) -> Self {
        let error = error.into();
        if error.is_locked() { Self::Held(layer.to_owned()) } else { Self::Read(error) }
    }
}

impl From<sqlx::Error> for PastError {
    fn from(error: sqlx::Error) -> Self {
        ReadError::from(error).into()
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

impl From<PastError> for Problem {
    fn from(error: PastError) -> Self {
        match error {
            // 57014: the statement ran out of the time that was left.
            PastError::Read(ReadError::Database(sqlx::Error::Database(cause)))
                if cause.code().as_deref() == Some("57014") =>
            {
                PastError::TooMuch.into()
            }
            PastError::Read(error) => error.into(),
            PastError::Held(layer) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "layer-held",
                "Lớp dữ liệu đang được nạp",
                "The layer is being delivered",
            )
            .detail((
                format!("lớp “{layer}” đang được nạp nên chưa đọc được ngày trước: hỏi hôm nay, hoặc thử lại sau vài phút"),
                format!("“{layer}” is being delivered, and its past cannot be read: ask about today, or again in some minutes"),
            ))
            .with("layer", layer)
            .retry_after(60),
            PastError::TooMuch => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-much-of-the-past",
                "Ngày trước có quá nhiều dữ liệu ở vùng này",
                "An earlier day holds too much here",
            )
            .detail((
                format!(
                    "mỗi câu trả lời về ngày trước dùng nhiều nhất {MOST_ROWS} dòng, trong {} giây: phóng to, hoặc hỏi ít lớp hơn",
                    MOST_TIME.as_secs()
                ),
                format!(
                    "an answer about an earlier day is made from {MOST_ROWS} rows at most, within {} s: \
                     zoom in, or ask for fewer layers",
                    MOST_TIME.as_secs()
                ),
            ))
            .with("most_rows", MOST_ROWS),
        }
    }
}

/// What some layers held in a box on a day, as it came from the database.
pub struct Past(Vec<(LayerSchema, Vec<NewFeature>)>);

impl Past {
    /// A small core of it. Takes a thread for a while.
    pub fn into_core(self) -> Core {
        let core = Core::new();
        for (schema, rows) in self.0 {
            core.swap(Layer::bulk(schema, rows.into_iter()));
        }
        core
    }
}

/// Reads what these layers held in a box on a day, as far as it was known.
///
/// # Errors
/// When the database cannot answer, for the past is nowhere else; or when it is too much.
pub async fn read_at(
    pool: &PgPool,
    catalog: &Catalog,
    layers: &[&str],
    bounds: LngLatBox,
    when: impl Into<When>,
) -> Result<Past, PastError> {
    read_at_most(pool, catalog, layers, bounds, when, MOST_ROWS).await
}

/// The same with a bound of one's own.
///
/// # Errors
/// As [`read_at`].
pub async fn read_at_most(
    pool: &PgPool,
    catalog: &Catalog,
    layers: &[&str],
    bounds: LngLatBox,
    when: impl Into<When>,
    most: usize,
) -> Result<Past, PastError> {
    let mut connection = pool.acquire().await?;
    let past = read_on(&mut connection, catalog, layers, bounds, when.into(), most).await;
    if past.is_err() {
        // A COPY that was refused leaves its end unread, and the next who gets this connection would read it as his answer.
        connection.close_on_drop();
    }
    past
}

async fn read_on(
    connection: &mut PgConnection,
    catalog: &Catalog,
    layers: &[&str],
    bounds: LngLatBox,
    when: When,
    most: usize,
) -> Result<Past, PastError> {
    let until = Instant::now() + MOST_TIME;
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // A delivery that holds a layer for minutes is not waited for.
    sqlx::query("SET LOCAL lock_timeout = '2s'").execute(&mut *transaction).await?;
    let mut past = Vec::new();
    let mut left = most;
    for plan in
        layers.iter().filter_map(|name| catalog.layer(name)).filter_map(LayerPlan::of).filter(|plan| plan.has_place)
    {
        let time_left = until.saturating_duration_since(Instant::now()).as_millis();
        if time_left == 0 {
            return Err(PastError::TooMuch);
        }
        let bound = format!("SET LOCAL statement_timeout = {time_left}");
        sqlx::query(&bound).execute(&mut *transaction).await?;
        let query = format!("{} LIMIT {}", query(&plan, catalog, bounds, when), left + 1);
        let (mut rows, mut count) = (Vec::new(), 0_usize);
        loader::copy(&mut transaction, &plan, &query, |row| {
            count += 1;
            rows.extend(row.into_feature());
        })
        .await
        .map_err(|error| PastError::about(plan.name.as_str(), error))?;
        left = left.checked_sub(count).ok_or(PastError::TooMuch)?;
        past.push((plan.schema.clone(), rows));
    }
    transaction.rollback().await?;
    Ok(Past(past))
}

/// COPY takes no parameters: numbers, moments and names of the catalog stand in the statement.
fn query(plan: &LayerPlan, catalog: &Catalog, bounds: LngLatBox, when: When) -> String {
    let layer = catalog.layer(plan.name.as_str());
    let source = if layer.is_some_and(|layer| layer.legal) { ", geom_source" } else { "" };
    let attributes: String =
        plan.schema.attributes.iter().map(|attribute| format!(", \"{}\"", attribute.name)).collect();
    include_str!("history.sql")
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{layer}", plan.name.as_str())
        .replace("{columns}", &plan.columns)
        .replace("{raw}", &format!("fid, id, version, geom{source}, validity{attributes}"))
        .replace("{west}", &bounds.west.to_string())
        .replace("{south}", &bounds.south.to_string())
        .replace("{east}", &bounds.east.to_string())
        .replace("{north}", &bounds.north.to_string())
        .replace("{date}", &when.date.to_string())
        .replace("{known}", &when.known_in_sql())
}

/// The box in which an object lay then; none when it was not there.
///
/// # Errors
/// When the database cannot answer.
pub async fn bounds_then(
    pool: &PgPool,
    layer: &str,
    id: Uuid,
    when: When,
    today: chrono::NaiveDate,
) -> Result<Option<LngLatBox>, PastError> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SET LOCAL lock_timeout = '2s'").execute(&mut *transaction).await?;
    let rows = when.rows(layer, "id, geom", &format!(" AND id = '{id}'"), today);
    let statement = format!(
        "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM (SELECT ST_Extent(geom) AS box FROM {rows} AS there) AS one"
    );
    let row: Result<(Option<f64>, Option<f64>, Option<f64>, Option<f64>), _> =
        sqlx::query_as(&statement).fetch_one(&mut *transaction).await;
    let row = row.map_err(|error| PastError::about(layer, error))?;
    let (Some(west), Some(south), Some(east), Some(north)) = row else { return Ok(None) };
    Ok(Some(LngLatBox::new(west, south, east, north)))
}
