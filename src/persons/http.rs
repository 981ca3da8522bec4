//! How holders are asked for, and how the log of it is read.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{LONGEST_PURPOSE, LookUp, Purpose, store};
use crate::app::App;
use crate::features;
use crate::http::{
    asked::{InBody, InPath, InQuery},
    problem::Problem,
};
use crate::identity::principal::Principal;
use crate::identity::rights::{Action, Decision, Target, may};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(holders)).routes(routes!(look_ups))
}

/// Why somebody is looked up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    /// What the persons' data are needed for, such as the code of a dossier; it is logged.
    #[serde(default)]
    purpose: String,
}

/// Who has rights in a parcel today. Each look-up is logged: who asked, about whom, when and why.
#[utoipa::path(post, path = "/api/v1/parcels/{id}/holders", tag = "persons", request_body = Why,
    params(("id" = Uuid, Path, description = "the parcel")),
    responses((status = 200, description = "`holders`", body = Object), (status = 400, description = "no purpose", body = Problem),
        (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "no role that looks persons up, or the parcel lies outside one's area", body = Problem),
        (status = 404, description = "no such parcel today", body = Problem)))]
async fn holders(
    State(app): State<App>,
    who: Principal,
    path: InPath<Uuid>,
    body: InBody<Why>,
) -> Result<Response, Problem> {
    may(&who, Action::LookUpPerson, &Target::City).or_refuse()?;
    let (parcel, Why { purpose }) = (path.read()?, body.read()?);
    let purpose = Purpose::parse(&purpose).ok_or_else(no_purpose)?;
    let state = app.live.state();
    let layer = state.catalog.layer("parcel").ok_or_else(|| Problem::no_layer("parcel"))?;
    let mut change = app.pool.begin().await?;
    let fid = store::parcel(&mut change, parcel).await?.ok_or_else(|| {
        Problem::not_found((format!("hôm nay không có thửa {parcel}"), format!("there is no parcel {parcel} today")))
    })?;
    let nowhere = Target::units(Vec::<String>::new());
    // Who may everywhere is not asked where; an empty code is no commune that anybody could be given.
    if may(&who, Action::LookUpPerson, &nowhere) != Decision::Allowed {
        let communes = features::communes(&mut change, layer, fid).await?;
        let target = if communes.iter().any(String::is_empty) { nowhere } else { Target::units(communes) };
        may(&who, Action::LookUpPerson, &target).or_refuse()?;
    }
    let holders = store::holders(&mut change, parcel).await?;
    let found: Vec<Uuid> = holders.iter().map(|holder| holder.party).collect();
    store::log(&mut change, &LookUp { actor: &who.name, parcel, purpose: &purpose }, &found).await?;
    // Nothing is answered that is not logged for good.
    change.commit().await?;
    Ok(private(&json!({ "holders": holders })))
}

fn no_purpose() -> Problem {
    Problem::bad_parameter(
        "purpose",
        "",
        (
            format!("cần thông tin người để làm gì, ví dụ mã hồ sơ, 5 đến {LONGEST_PURPOSE} chữ; sẽ được ghi nhật ký"),
            format!(
                "what the persons' data are needed for, such as a dossier's code, 5 to {LONGEST_PURPOSE} letters; it is logged"
            ),
        ),
    )
}

/// Which look-ups.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    /// The account of who looked.
    actor: Option<String>,
    /// The party that was looked at.
    party: Option<Uuid>,
    /// Only those before this `seq`: `next` of the answer before.
    before: Option<i64>,
    /// How many at most, 1 to 500; 100 if absent.
    limit: Option<i64>,
}

/// Who looked up whom, when and why; the latest first. Persons are named by number only.
#[utoipa::path(get, path = "/api/v1/look-ups", tag = "persons", params(Which),
    responses((status = 200, description = "`look_ups`, and `next` where there are more", body = Object),
        (status = 403, description = "neither leader nor administrator", body = Problem)))]
async fn look_ups(State(app): State<App>, who: Principal, query: InQuery<Which>) -> Result<Response, Problem> {
    may(&who, Action::SeeLookUps, &Target::City).or_refuse()?;
    let Which { actor, party, before, limit } = query.read()?;
    let most = limit.unwrap_or(100);
    if !(1..=500).contains(&most) {
        return Err(Problem::bad_parameter("limit", most.to_string(), ("từ 1 đến 500", "1 to 500")));
    }
    let actor = actor.filter(|actor| !actor.is_empty());
    let wanted = store::Wanted { actor, party, before, most: most + 1 };
    let mut lines = store::lines(&app.pool, &wanted).await?;
    let more = lines.len() as i64 > most;
    lines.truncate(usize::try_from(most).unwrap_or_default());
    let next = lines.last().filter(|_| more).map(|line| line.seq);
    Ok(private(&json!({ "look_ups": lines, "next": next })))
}

/// An answer that no cache keeps.
fn private(body: &Value) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}
