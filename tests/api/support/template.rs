//! The migrated database that every test's own is cloned from: 0.1 s instead of the migrations each time.

use dothi::config::Config;
use dothi::database::Database;
use sqlx::{Connection as _, Executor as _, PgConnection};

const TEMPLATE: &str = "dothi_template";

/// The superuser's URL of one database of the test cluster.
pub fn url(database: &str) -> String {
    let server = std::env::var("DOTHI_TEST_DATABASE_URL")
        .expect("these tests need a database: run `make test-api`, or `dothi with-database -- cargo test --test api`");
    let (base, _) = server.rsplit_once('/').expect("a URL ends in /database");
    format!("{base}/{database}")
}

async fn superuser() -> PgConnection {
    PgConnection::connect(&url("postgres")).await.expect("the test cluster answers")
}

/// A new database like the template; the first caller of the whole run makes that.
pub async fn clone() -> String {
    static READY: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    READY.get_or_init(make).await;
    empty_like(TEMPLATE).await
}

/// A new database like `template`.
pub async fn empty_like(template: &str) -> String {
    let name = format!("city_{}", uuid::Uuid::now_v7().simple());
    let statement = format!("CREATE DATABASE {name} TEMPLATE {template}");
    superuser().await.execute(statement.as_str()).await.expect("a database is cloned");
    name
}

/// Makes the template under another name first, so that a half-made one is never cloned.
async fn make() {
    let mut superuser = superuser().await;
    // Other test processes wait here; the lock goes with the connection.
    superuser.execute("SELECT pg_advisory_lock(4207)").await.expect("a lock");
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(TEMPLATE)
        .fetch_one(&mut superuser)
        .await
        .expect("the catalog answers");
    if exists {
        return;
    }
    let half = format!("{TEMPLATE}_half");
    superuser.execute(format!("DROP DATABASE IF EXISTS {half}").as_str()).await.expect("dropped");
    superuser.execute(format!("CREATE DATABASE {half}").as_str()).await.expect("created");
    let mut config = Config::default();
    config.database.url = Some(url(&half));
    let database = Database::open(&config).await.expect("the template opens");
    database.migrate().await.expect("the migrations run");
    superuser.execute(format!("ALTER DATABASE {half} RENAME TO {TEMPLATE}").as_str()).await.expect("renamed");
}

/// Takes a database away, with whoever is still connected.
pub async fn drop_database(name: &str) -> Result<(), sqlx::Error> {
    let mut superuser = PgConnection::connect(&url("postgres")).await?;
    superuser.execute(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)").as_str()).await?;
    Ok(())
}
