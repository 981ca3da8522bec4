//! `dothi serve`.

use std::net::SocketAddr;
use std::process::ExitCode;

use tokio::net::TcpListener;

use crate::app::App;
use crate::config::Config;
use crate::database::Database;
use crate::shell::Says as _;

/// What `dothi serve` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Nghe ở đâu, ví dụ 127.0.0.1:8080; cổng 0: lấy một cổng rảnh. | Where to listen, for example 127.0.0.1:8080; port 0
    /// takes a free one.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
}

/// Starts database and server, and serves until it is told to stop.
///
/// # Errors
/// No database, no tables, or a taken port; the message says what to do.
pub async fn run(args: Args, mut config: Config) -> anyhow::Result<ExitCode> {
    start_log(&config);
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    let stop = stop_asked();
    let listener = listen(config.listen).await?;
    let database = Database::open(&config).await?;
    database.migrate().await?;
    let app = App::start(config, &database).await?;
    println!("dothi: http://{}", listener.local_addr()?);
    let served = super::serve(app, listener, stop).await;
    database.close().await;
    served.map(|()| ExitCode::SUCCESS)
}

/// Takes the address, or says who to ask about it.
///
/// # Errors
/// When the port is taken or not allowed.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.says(|| {
        let (port, next) = (address.port(), address.port().wrapping_add(1));
        if port == 0 {
            return (format!("không nghe được ở {address}"), format!("listening on {address}"));
        }
        (
            format!(
                "không nghe được ở {address}; xem ai đang giữ: ss -ltnp 'sport = :{port}', hoặc chọn cổng khác: \
                 DOTHI_LISTEN=127.0.0.1:{next}"
            ),
            format!(
                "listening on {address}; find who has it with `ss -ltnp 'sport = :{port}'`, or take another: \
                 DOTHI_LISTEN=127.0.0.1:{next}"
            ),
        )
    })
}

/// Done when SIGTERM or SIGINT arrives; listens for them from this call on, not from the first poll.
pub fn stop_asked() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        match asked {
            [Ok(mut first), Ok(mut second)] => {
                tokio::select! { _ = first.recv() => {}, _ = second.recv() => {} }
            }
            // Without handlers the system ends the process by itself.
            _ => std::future::pending().await,
        }
    }
}

/// Logs as JSON, one line an event, to standard error. A second call changes nothing.
pub fn start_log(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).unwrap_or_else(|_| "info".into());
    // A log that is already there (in tests) stays.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
