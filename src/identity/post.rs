//! Empties the outbox while the server runs. At least once: whoever is killed between handing a letter in and writing that
//! down leaves it to the next, which sends it again with a link of its own; both links are good until one is used.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::letters::{self, Told};
use super::outbox::{self, Claimed, Next};
use crate::mail::{self, MailConfig};

/// Between two looks at the outbox; the shell and other servers put mails there too.
const LOOK: Duration = Duration::from_secs(2);

/// Begins; it ends when the server stops. `asked` makes it look at once.
pub fn start(pool: PgPool, config: MailConfig, asked: Arc<Notify>, stopping: CancellationToken) {
    tokio::spawn(async move {
        let mut is_lost = false;
        loop {
            match stopping.run_until_cancelled(empty(&pool, &config)).await {
                None => return,
                Some(Ok(())) => is_lost = false,
                Some(Err(error)) => {
                    if !std::mem::replace(&mut is_lost, true) {
                        tracing::warn!(%error, "the outbox cannot be read; mails wait");
                    }
                }
            }
            let next = async {
                tokio::select! { () = asked.notified() => {}, () = tokio::time::sleep(LOOK) => {} }
            };
            if stopping.run_until_cancelled(next).await.is_none() {
                return;
            }
        }
    });
}

async fn empty(pool: &PgPool, config: &MailConfig) -> Result<(), sqlx::Error> {
    loop {
        outbox::take_wishes(pool).await?;
        match outbox::claim(pool).await? {
            Next::Nothing => return Ok(()),
            Next::Over => {}
            Next::Send(claimed) => send(pool, config, &claimed).await?,
        }
    }
}

/// The log says which mail, and neither to whom nor with which link.
async fn send(pool: &PgPool, config: &MailConfig, claimed: &Claimed) -> Result<(), sqlx::Error> {
    let Claimed { id, kind, account, name, token, .. } = claimed;
    let to = claimed.mail.as_deref().unwrap_or_default();
    let letter = letters::letter(&Told { id: *id, kind: *kind, to, account, name, token }, &config.site);
    match mail::send(config, letter).await {
        Ok(()) => {
            tracing::info!(mail = %id, "a mail was sent");
            outbox::sent(pool, *id).await
        }
        Err(why) => {
            tracing::warn!(mail = %id, reason = why.code(), is_final = why.is_final(), "a mail was not sent");
            outbox::not_sent(pool, *id, &why).await
        }
    }
}
