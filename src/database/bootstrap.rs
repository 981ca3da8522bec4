//! What only a superuser can make: roles, the database, extensions. Each step may run again.

use anyhow::{Context as _, bail};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{APP, OWNER};

/// Extensions that the tables rest on.
const EXTENSIONS: [&str; 4] = ["postgis", "btree_gist", "pg_trgm", "unaccent"];

/// Makes the roles, and the database owned by `dothi_owner`.
pub(super) async fn database(superuser: &PgConnectOptions, name: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(superuser).await.context("connecting to the private cluster")?;
    roles(&mut connection).await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        connection
            .execute(format!("CREATE DATABASE \"{name}\" OWNER {OWNER}").as_str())
            .await
            .context("making the database")?;
    }
    connection.close().await?;
    Ok(())
}

/// Drops a database, with whoever is connected.
pub(super) async fn drop_database(superuser: &PgConnectOptions, name: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(superuser).await.context("connecting to the private cluster")?;
    connection
        .execute(format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)").as_str())
        .await
        .context("dropping the database")?;
    connection.close().await?;
    Ok(())
}

/// Makes roles and extensions inside an existing database, on a superuser's connection.
pub(super) async fn inside(connection: &mut PgConnection) -> anyhow::Result<()> {
    roles(connection).await?;
    for extension in missing(connection).await? {
        connection.execute(format!("CREATE EXTENSION IF NOT EXISTS {extension}").as_str()).await.with_context(
            || format!("making the extension {extension}; is it installed? (apt-get install postgresql-15-postgis-3)"),
        )?;
    }
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut *connection).await?;
    connection.execute(format!("GRANT CREATE, CONNECT, TEMPORARY ON DATABASE \"{name}\" TO {OWNER}").as_str()).await?;
    connection.execute(format!("GRANT CREATE, USAGE ON SCHEMA public TO {OWNER}").as_str()).await?;
    // The VN-2000 zones that PostGIS lacks are added at every start (gis.ensure_srids).
    connection.execute(format!("GRANT SELECT, INSERT, UPDATE ON spatial_ref_sys TO {OWNER}").as_str()).await?;
    Ok(())
}

/// Makes what an owner without more rights may make, and names the command for the rest.
pub(super) async fn extensions(owner: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(owner).await.context("connecting to database.owner_url")?;
    for extension in missing(&mut connection).await? {
        if connection.execute(format!("CREATE EXTENSION IF NOT EXISTS {extension}").as_str()).await.is_err() {
            bail!(
                "the extension {extension} is missing and needs a superuser; run there: CREATE EXTENSION {extension};"
            );
        }
    }
    connection.close().await?;
    Ok(())
}

async fn missing(connection: &mut PgConnection) -> anyhow::Result<Vec<&'static str>> {
    let present: Vec<String> =
        sqlx::query_scalar("SELECT extname::text FROM pg_extension").fetch_all(connection).await?;
    Ok(EXTENSIONS.into_iter().filter(|name| !present.iter().any(|have| have == name)).collect())
}

/// Two servers that start at once may both try: the loser's error is not one.
async fn roles(connection: &mut PgConnection) -> anyhow::Result<()> {
    for role in [OWNER, APP] {
        let statement = format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN; END IF; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        connection.execute(statement.as_str()).await.with_context(|| format!("making the role {role}"))?;
    }
    Ok(())
}
