//! Days before today: read from PostGIS into a small core, and answered by the same code (decision 2).
//!
//! What held on a day is what the register said on that day; what was entered later counts as it was first entered.

use chrono::{Days, NaiveDate};
use dothi_tiles::{Core, Layer, LngLatBox};
use sqlx::{Connection as _, PgPool};
use uuid::Uuid;

use crate::{
    catalog::Catalog,
    http::problem::Problem,
    live::{
        loader::{self, ReadError},
        plan::LayerPlan,
    },
};

/// Layers that an answer for another day is made from.
pub const ANSWERED: [&str; 11] = [
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
];

/// Reads a day.
///
/// # Errors
/// 400 when it is none.
pub fn parse_date(text: &str) -> Result<NaiveDate, Problem> {
    let year = |date: &NaiveDate| (1800..2200).contains(&chrono::Datelike::year(date));
    let date = text.parse::<NaiveDate>().ok().filter(year);
    date.ok_or_else(|| Problem::bad_parameter("date", text, "a day from 1800 to 2199 as YYYY-MM-DD"))
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

/// A core with what these layers held in a box on a day.
///
/// # Errors
/// When the database cannot answer: the past is nowhere else.
pub async fn core_at(
    pool: &PgPool,
    catalog: &Catalog,
    layers: &[&str],
    bounds: LngLatBox,
    date: NaiveDate,
) -> Result<Core, ReadError> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    sqlx::query("SET LOCAL statement_timeout = '10s'").execute(&mut *transaction).await?;
    let core = Core::new();
    for plan in
        layers.iter().filter_map(|name| catalog.layer(name)).filter_map(LayerPlan::of).filter(|plan| plan.has_place)
    {
        let query = query(&plan, catalog, bounds, date);
        let mut rows = Vec::new();
        loader::copy(&mut transaction, &plan, &query, |row| rows.extend(row.into_feature())).await?;
        core.swap(Layer::bulk(plan.schema.clone(), rows.into_iter()));
    }
    transaction.rollback().await?;
    Ok(core)
}

/// COPY takes no parameters: numbers, a date and names of the catalog stand in the statement.
fn query(plan: &LayerPlan, catalog: &Catalog, bounds: LngLatBox, date: NaiveDate) -> String {
    let layer = catalog.layer(plan.name.as_str());
    let source = if layer.is_some_and(|layer| layer.legal) { ", geom_source" } else { "" };
    let attributes: String =
        plan.schema.attributes.iter().map(|attribute| format!(", \"{}\"", attribute.name)).collect();
    let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
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
        .replace("{date}", &date.to_string())
        .replace("{next}", &next.to_string())
}

/// The box in which an object ever lay; none when it never was.
///
/// # Errors
/// When the database cannot answer.
pub async fn bounds_ever(pool: &PgPool, layer: &str, id: Uuid) -> Result<Option<LngLatBox>, sqlx::Error> {
    let statement = format!(
        "SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box) FROM (SELECT ST_Extent(geom) AS box FROM \
         (SELECT geom FROM gis.{layer} WHERE id = $1 UNION ALL SELECT geom FROM gis_history.{layer} WHERE id = $1) AS ever) AS one"
    );
    let row: (Option<f64>, Option<f64>, Option<f64>, Option<f64>) =
        sqlx::query_as(&statement).bind(id).fetch_one(pool).await?;
    let (Some(west), Some(south), Some(east), Some(north)) = row else { return Ok(None) };
    Ok(Some(LngLatBox::new(west, south, east, north)))
}
