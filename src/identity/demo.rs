//! The people of the demo: one for each role that can be tried, entered by one click.
//!
//! They have no password, and their sessions hold only while `dothi demo` serves: a server that is started on the demo's
//! database by other means does not know them.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rights::Role;
use super::{http, principal, store};
use crate::app::App;
use crate::bilingual::Bilingual;
use crate::http::{asked::InBody, problem::Problem};

/// The roles that can be tried, with the person who has each.
const PEOPLE: [(Role, &str); 6] = [
    (Role::Planner, "Lan (quy hoạch)"),
    (Role::Officer, "Minh (thụ lý)"),
    (Role::Inspector, "Hùng (thanh tra)"),
    (Role::AssetKeeper, "Hoa (hạ tầng)"),
    (Role::Signatory, "Dũng (ký duyệt)"),
    (Role::Administrator, "Tâm (quản trị)"),
];

/// The roles that can be tried.
pub(super) fn roles() -> impl Iterator<Item = Role> {
    PEOPLE.iter().map(|(role, _)| *role)
}

/// Makes the demo's people, as `dothi_owner`; `unit` is the demo's ward, or none where the place has no wards.
///
/// # Errors
/// When the database refuses.
pub async fn make_people(owner: &mut PgConnection, unit: Option<&str>) -> Result<(), sqlx::Error> {
    let (roles, names): (Vec<&str>, Vec<&str>) = PEOPLE.iter().map(|(role, name)| (role.code(), *name)).unzip();
    sqlx::query(include_str!("demo_people.sql")).bind(roles).bind(names).bind(unit).execute(owner).await.map(|_| ())
}

/// Routes of the demo; they answer 404 everywhere else.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(try_as))
}

/// Whom to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TryAs {
    /// A role of `try_as` in `/api/v1/me`.
    role: String,
}

/// Signs in as the demo's person of a role. Only the demo answers; any other server has no such address.
#[utoipa::path(post, path = "/api/v1/demo/try-as", tag = "identity", request_body = TryAs,
    responses((status = 204, description = "signed in"), (status = 404, description = "this is no demo", body = Problem)))]
async fn try_as(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: InBody<TryAs>,
) -> Result<Response, Problem> {
    if !app.config.demo {
        return Err(Problem::not_found(Bilingual::same("/api/v1/demo/try-as")));
    }
    principal::same_origin(&headers)?;
    let TryAs { role } = body.read()?;
    let expected = || roles().map(Role::code).collect::<Vec<_>>().join(", ");
    let role = roles().find(|known| known.code() == role);
    let role = role.ok_or_else(|| Problem::bad_parameter("role", "", Bilingual::same(expected())))?;
    let account = format!("demo.{}", role.code());
    let person = store::demo_person(&app.pool, &account).await?;
    let person = person.ok_or_else(|| Problem::not_found(Bilingual::same(account.clone())))?;
    let address = http::place(address.ip());
    let begun = store::Begun { person, account: &account, address: &address, device: None, agent: None, second: false };
    let token = store::begin_session(&app.pool, begun).await?;
    Ok(http::with_session(&headers, &token))
}
