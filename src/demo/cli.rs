//! `dothi demo`.

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::sync::oneshot;

use super::deliver::{self, Folders};
use super::{hints, places, settings};
use crate::app::App;
use crate::config::Config;
use crate::database::{self, Database};
use crate::http;
use crate::shell::{self, Language, Said, Says as _};

/// What `dothi demo` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Địa bàn nào. | Which place.
    #[arg(long, default_value = places::NAMES[0], value_parser = places::NAMES)]
    place: String,
    /// Xóa cơ sở dữ liệu của địa bàn và làm lại từ đầu. | Throws the place's database away and begins anew.
    #[arg(long)]
    reset: bool,
    /// Không mở trang trong trình duyệt. | Does not open the page in a browser.
    #[arg(long)]
    no_open: bool,
}

/// Makes the place, imports it and serves it, until it is told to stop.
///
/// # Errors
/// No database, a taken port, or a place whose first deliveries cannot be imported.
pub async fn run(args: Args, mut config: Config) -> anyhow::Result<ExitCode> {
    let place = places::place(&args.place).says(|| ("không có địa bàn ấy", "there is no such place"))?;
    if config.log == Config::default().log {
        "warn".clone_into(&mut config.log);
    }
    config.demo = true;
    place.database.clone_into(&mut config.database.name);
    http::cli::start_log(&config);
    let stop = http::cli::stop_asked();
    let listener = http::cli::listen(config.listen).await?;
    let folders = folders(&config)?;
    if args.reset {
        forget(&config, &folders).await?;
    }
    println!("dothi: {}", Language::of_shell().of(&place.title));
    let database = Database::open(&config).await?;
    let served = serve(place, folders, &database, config, listener, stop, !args.no_open).await;
    database.close().await;
    served.map(|()| ExitCode::SUCCESS)
}

fn folders(config: &Config) -> anyhow::Result<Folders> {
    let data = config
        .demo_data
        .clone()
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data-import/data")));
    anyhow::ensure!(
        data.is_dir(),
        Said::new(
            format!("không có dữ liệu chạy thử trong {}; chạy trong kho mã, hoặc đặt DOTHI_DEMO_DATA", data.display()),
            format!("the demo's data are not in {}; run it in the repository, or set DOTHI_DEMO_DATA", data.display()),
        )
    );
    Ok(Folders { data, work: database::data_folder(config)?.join("demo") })
}

/// Throws away what an earlier demo made, and nothing that belongs to somebody else.
async fn forget(config: &Config, folders: &Folders) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.database.url.is_none(),
        Said::new(
            "--reset chỉ dành cho cơ sở dữ liệu riêng; DATABASE_URL thì bạn tự dọn",
            "--reset is for the private database only; DATABASE_URL is yours to clear",
        )
    );
    shell::say(("dothi: làm lại từ đầu", "dothi: beginning anew"));
    Database::forget(config).await?;
    if folders.work.exists() {
        tokio::fs::remove_dir_all(&folders.work).await.says(|| {
            let work = folders.work.display();
            (format!("không dọn được {work}"), format!("clearing {work}"))
        })?;
    }
    Ok(())
}

async fn serve(
    place: places::Place,
    folders: Folders,
    database: &Database,
    config: Config,
    listener: tokio::net::TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
    open: bool,
) -> anyhow::Result<()> {
    database.migrate().await?;
    let mut owner = database.owner_connection().await?;
    // The private database is the demo's own, whatever has been added to it since.
    anyhow::ensure!(
        config.database.url.is_none() || settings::is_free(&mut owner, &place).await?,
        Said::new(
            "cơ sở dữ liệu của DATABASE_URL có dữ liệu không phải của bản chạy thử này, mà bản chạy thử ghi các thửa bịa ra và mở \
             lớp cho mọi người; chưa ghi gì. Bỏ DATABASE_URL (bản chạy thử sẽ có cơ sở dữ liệu riêng), hoặc đưa một cơ sở dữ liệu trống",
            "the database of DATABASE_URL holds data that are not this demo's, and a demo writes invented plots and opens layers; \
             nothing was written. Unset DATABASE_URL (the demo then keeps a database of its own), or give an empty one",
        )
    );
    settings::apply(&mut owner, &place)
        .await
        .says(|| ("ghi cấu hình của địa bàn", "writing the settings of the place"))?;
    let app = App::start(config, database).await?;
    let addresses = hints::addresses(listener.local_addr()?);
    let stopping = app.stopping.clone();
    let server = tokio::spawn(http::serve(app.clone(), listener, async move { stopping.cancelled().await }));
    let told = tell(place, folders, app.clone(), addresses, database.psql(), open);
    let outcome = tokio::select! {
        failed = told => failed,
        () = stop => Ok(()),
        () = app.stopping.cancelled() => Ok(()),
    };
    app.stopping.cancel();
    server.await.says(|| ("máy chủ", "the server"))??;
    outcome
}

/// Imports, says what there is to see as soon as there is something, and then goes on for ever.
async fn tell(
    place: places::Place,
    folders: Folders,
    app: App,
    addresses: Vec<String>,
    psql: String,
    open: bool,
) -> anyhow::Result<()> {
    let (opened, looks) = oneshot::channel();
    let begun = std::time::Instant::now();
    let announce = async {
        if looks.await.is_err() {
            return;
        }
        for address in &addresses {
            println!("dothi: {address}");
        }
        if open && let Some(address) = addresses.first() {
            hints::open_page(address);
        }
    };
    let deliveries = deliver::all(&app.pool, &place, &folders, opened);
    let (delivered, ()) = tokio::join!(deliveries, announce);
    if let Err(error) = &delivered {
        shell::say((
            format!("dothi: bản chạy thử chưa đủ: {}", shell::told(error, Language::Vi)),
            format!("dothi: demo incomplete: {}", shell::told(error, Language::En)),
        ));
    } else {
        let seconds = begun.elapsed().as_secs_f64();
        shell::say((
            format!("dothi: bản chạy thử đã đủ sau {seconds:.0} s"),
            format!("dothi: demo complete after {seconds:.0} s"),
        ));
    }
    if let Some(line) = hints::change_a_zone(&app.pool, &psql).await {
        shell::say((
            format!("dothi: đổi một ô quy hoạch và xem bản đồ đang mở:\n  {line}"),
            format!("dothi: change a zone and watch the open map:\n  {line}"),
        ));
    }
    shell::say(("dothi: Ctrl-C để dừng", "dothi: Ctrl-C stops it"));
    match delivered {
        // Without units and parcels there is nothing to serve.
        Err(error) if !opened_before(&app, &place).await => Err(error),
        _ => std::future::pending().await,
    }
}

async fn opened_before(app: &App, place: &places::Place) -> bool {
    for (number, _) in place.deliveries.iter().enumerate().filter(|(_, delivery)| delivery.before_opening) {
        if !deliver::is_delivered(&app.pool, place, number).await.unwrap_or(false) {
            return false;
        }
    }
    true
}
