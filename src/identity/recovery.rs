//! Who forgot a password asks for a link by mail, and gets the same answer whoever they are.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{http, outbox, principal, store};
use crate::app::App;
use crate::http::{asked::InBody, problem::Problem};
use crate::mail;

/// Routes of recovery by mail.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask))
}

/// 409: there is nobody here to hand a mail to.
pub(super) fn no_mail() -> Problem {
    Problem::conflict("no-mail", "Máy chủ này không gửi thư", "This server sends no mail").detail((
        "quản trị viên trao liên kết đặt mật khẩu bằng cách khác; người vận hành có thể khai báo [mail] trong dothi.toml",
        "an administrator hands a link over by other means; the operator may set [mail] in dothi.toml",
    ))
}

/// Where the link shall go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    /// The mail address of the account.
    mail: String,
}

/// Asks for a link by mail to set a new password with. The answer is the same whether the address belongs to anybody; a
/// mailbox gets one in ten minutes and five a day at most.
#[utoipa::path(post, path = "/api/v1/recovery/mail", tag = "identity", request_body = Forgotten,
    responses((status = 202, description = "if the address belongs to an open account, a mail is on its way"),
        (status = 400, description = "no mail address", body = Problem), (status = 409, description = "this server sends no mail", body = Problem),
        (status = 429, description = "too many wishes from this address: wait", body = Problem)))]
async fn ask(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: InBody<Forgotten>,
) -> Result<StatusCode, Problem> {
    principal::same_origin(&headers)?;
    let Forgotten { mail } = body.read()?;
    if app.config.mail.is_none() {
        return Err(no_mail());
    }
    let mail = mail::address(&mail).ok_or_else(|| not_an_address(mail))?;
    if let Some(seconds) = store::try_wish(&app.pool, &http::place(address.ip())).await? {
        return Err(Problem::too_many_requests(u64::try_from(seconds).unwrap_or(1)));
    }
    if !outbox::wish(&app.pool, &mail).await? {
        return Err(Problem::unavailable((
            "quá nhiều yêu cầu đang chờ, thử lại sau",
            "too many wishes wait; try again later",
        )));
    }
    app.post.notify_one();
    Ok(StatusCode::ACCEPTED)
}

/// 400: nobody can be written to there.
pub(super) fn not_an_address(typed: String) -> Problem {
    Problem::bad_parameter("mail", typed, ("một địa chỉ thư điện tử, không dấu", "a mail address in ASCII"))
}
