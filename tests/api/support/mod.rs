//! A city of its own for each test: its database, its server, and the ways in.
#![allow(dead_code)] // Each room uses its part of the harness.

mod answer;
pub mod post_office;
mod template;

use std::sync::Arc;

use dothi::app::App;
use dothi::config::Config;
use dothi::database::{APP, Database, OWNER};
use serde::Serialize;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::net::TcpListener;

pub use answer::Answer;

/// One running server on its own database, cloned from a migrated template.
pub struct TestCity {
    /// `http://127.0.0.1:<port>`
    pub origin: String,
    /// The server's own handles, to wait for facts.
    pub app: App,
    /// The ways into the database.
    pub database: Arc<Database>,
    /// A client that follows no redirects and decodes nothing.
    pub client: reqwest::Client,
    name: String,
}

impl TestCity {
    /// A city with the shipped layers and nothing in them.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with another configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let name = template::clone().await;
        Self::on_database(name, change).await
    }

    /// A server on a database that a test made by itself.
    pub async fn on_database(name: String, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { log: "warn".to_owned(), ..Config::default() };
        config.database.url = Some(template::url(&name));
        config.database.max_connections = 6;
        config.limits.requests_per_second = 0;
        config.program = Some(env!("CARGO_BIN_EXE_dothi").into());
        change(&mut config);
        let database = Database::open(&config).await.expect("the test database opens");
        let app = App::start(config, &database).await.expect("the server starts");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("a bound listener has an address"));
        let stop = app.stopping.clone();
        tokio::spawn(dothi::http::serve(app.clone(), listener, async move { stop.cancelled().await }));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_gzip()
            .no_brotli()
            .no_proxy()
            .build()
            .expect("a client");
        Self { origin, app, database: Arc::new(database), client, name }
    }

    /// GET, as the public.
    pub async fn get(&self, path: &str) -> Answer {
        Answer::read(self.client.get(format!("{}{path}", self.origin))).await
    }

    /// POST of a JSON body, as the public.
    pub async fn post(&self, path: &str, body: impl Serialize) -> Answer {
        Answer::read(self.client.post(format!("{}{path}", self.origin)).json(&body)).await
    }

    /// Any request to `path`.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.origin))
    }

    /// A connection as `dothi_owner`.
    pub async fn owner(&self) -> PgConnection {
        self.connect(OWNER).await
    }

    /// A connection as `dothi_app`.
    pub async fn app_connection(&self) -> PgConnection {
        self.connect(APP).await
    }

    /// A connection as superuser.
    pub async fn superuser(&self) -> PgConnection {
        self.connect("postgres").await
    }

    /// Runs statements as `dothi_owner`, as somebody with `psql` would.
    pub async fn sql(&self, statements: &str) {
        self.owner().await.execute(statements).await.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// The name of this city's database.
    pub fn database_name(&self) -> &str {
        &self.name
    }

    /// The superuser's URL of this city's database, for programs like `dothi import` and `ogr2ogr`.
    pub fn database_url(&self) -> String {
        template::url(&self.name)
    }

    /// Waits until `fact` is true, at most 10 seconds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, mut fact: impl FnMut() -> F) {
        let begun = std::time::Instant::now();
        while !fact().await {
            assert!(begun.elapsed().as_secs() < 10, "waited 10 s until {what}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn connect(&self, role: &str) -> PgConnection {
        let options: PgConnectOptions = template::url(&self.name).parse().expect("a URL");
        PgConnection::connect_with(&options.username(role)).await.unwrap_or_else(|error| panic!("as {role}: {error}"))
    }
}

impl Drop for TestCity {
    /// Takes the database away again: hundreds of cities would fill a disk.
    fn drop(&mut self) {
        self.app.stopping.cancel();
        let name = self.name.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(template::drop_database(&name)).ok()
        });
        // A database that stays is not worth failing a test for.
        let _ = dropped.join();
    }
}
