//! What became of an object that is asked for and is not there: whoever drew on it can go on with what came after it.

use chrono::{DateTime, FixedOffset, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Finding;
use crate::catalog::Layer;

/// Việt Nam is seven hours before UTC all the year round.
const VIET_NAM_SECONDS: i32 = 7 * 3600;

#[derive(sqlx::FromRow)]
struct Gone {
    ended_by: Option<String>,
    at: Option<DateTime<Utc>>,
    reason: Option<String>,
    lon: Option<f64>,
    lat: Option<f64>,
    ids: Vec<Uuid>,
    labels: Vec<Option<String>>,
}

/// Says who ended the object, when and why, and what lies in its place today; only that there is none, where there never was.
///
/// # Errors
/// When the database cannot answer.
pub(super) async fn finding(connection: &mut PgConnection, layer: &Layer, id: Uuid) -> Result<Finding, sqlx::Error> {
    let nothing =
        || Finding::refuse("exists", None, "Không có đối tượng này vào ngày đó", "There is no such object on that day");
    if !layer.has_geometry() {
        return Ok(nothing());
    }
    // What a person knows it by; the commune is where they are looking.
    let known_by: Vec<String> =
        layer.key.iter().filter(|name| *name != "commune_code").map(|name| format!("t.\"{name}\"::text")).collect();
    let label =
        if known_by.is_empty() { "NULL".to_owned() } else { format!("concat_ws('/', {})", known_by.join(", ")) };
    let statement = include_str!("gone.sql").replace("{layer}", &layer.name).replace("{label}", &label);
    let Some(gone) = sqlx::query_as::<_, Gone>(&statement).bind(id).fetch_optional(connection).await? else {
        return Ok(nothing());
    };
    let by = gone.ended_by.unwrap_or_default();
    let at = gone.at.zip(FixedOffset::east_opt(VIET_NAM_SECONDS)).map(|(at, here)| at.with_timezone(&here));
    let (day, moment) =
        at.map(|at| (at.format("%d/%m/%Y %H:%M").to_string(), at.format("%Y-%m-%d %H:%M").to_string())).unzip();
    let why = gone.reason.map(|reason| format!(" (“{reason}”)")).unwrap_or_default();
    let labels: Vec<String> = gone.labels.into_iter().flatten().filter(|label| !label.is_empty()).collect();
    let now = labels.join(", ");
    let (now_vi, now_en) = match labels.len() {
        0 => (String::new(), String::new()),
        1 => (format!("; chỗ đó nay là {now}"), format!("; there is {now} in its place now")),
        many => (format!("; chỗ đó nay có {many}: {now}"), format!("; there are {many} in its place now: {now}")),
    };
    let mut finding = Finding::refuse(
        "exists",
        None,
        format!("Đối tượng này không còn: {by} đã kết thúc lúc {}{why}{now_vi}", day.unwrap_or_default()),
        format!("This object is no more: {by} ended it at {}{why}{now_en}", moment.unwrap_or_default()),
    );
    finding.place = gone.lon.zip(gone.lat).map(Into::into);
    finding.other = gone.ids.first().copied();
    finding.other_layer = finding.other.map(|_| layer.name.clone());
    Ok(finding)
}
