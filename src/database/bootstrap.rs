//! What only a superuser can make: roles, the database, extensions. Each step may run again.

use anyhow::bail;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{APP, OWNER};
use crate::shell::{Said, Says as _};

/// Extensions that the tables rest on.
const EXTENSIONS: [&str; 4] = ["postgis", "btree_gist", "pg_trgm", "unaccent"];

/// Makes the roles, and the database owned by `dothi_owner`.
pub(super) async fn database(superuser: &PgConnectOptions, name: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(superuser).await.says(connecting)?;
    roles(&mut connection).await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        connection
            .execute(format!("CREATE DATABASE \"{name}\" OWNER {OWNER}").as_str())
            .await
            .says(|| ("lập cơ sở dữ liệu", "making the database"))?;
    }
    connection.close().await?;
    Ok(())
}

/// Drops a database, with whoever is connected.
pub(super) async fn drop_database(superuser: &PgConnectOptions, name: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(superuser).await.says(connecting)?;
    connection
        .execute(format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)").as_str())
        .await
        .says(|| ("xóa cơ sở dữ liệu", "dropping the database"))?;
    connection.close().await?;
    Ok(())
}

/// Makes roles and extensions inside an existing database, on a superuser's connection.
pub(super) async fn inside(connection: &mut PgConnection) -> anyhow::Result<()> {
    roles(connection).await?;
    for extension in missing(connection).await? {
        let made = connection.execute(format!("CREATE EXTENSION IF NOT EXISTS {extension}").as_str()).await;
        made.says(|| {
            (
                format!("lập phần mở rộng {extension}; đã cài chưa? (apt-get install postgresql-15-postgis-3)"),
                format!("making the extension {extension}; is it installed? (apt-get install postgresql-15-postgis-3)"),
            )
        })?;
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
    let mut connection = PgConnection::connect_with(owner)
        .await
        .says(|| ("không vào được DOTHI_DATABASE__OWNER_URL", "connecting to DOTHI_DATABASE__OWNER_URL"))?;
    for extension in missing(&mut connection).await? {
        if connection.execute(format!("CREATE EXTENSION IF NOT EXISTS {extension}").as_str()).await.is_err() {
            bail!(Said::new(
                format!(
                    "thiếu phần mở rộng {extension}, chỉ quản trị cơ sở dữ liệu lập được; chạy ở đó: CREATE EXTENSION {extension};"
                ),
                format!(
                    "the extension {extension} is missing and needs a superuser; run there: CREATE EXTENSION {extension};"
                ),
            ));
        }
    }
    connection.close().await?;
    Ok(())
}

fn connecting() -> (&'static str, &'static str) {
    ("vào cơ sở dữ liệu riêng", "connecting to the private cluster")
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
        connection
            .execute(statement.as_str())
            .await
            .says(|| (format!("lập vai trò {role}"), format!("making the role {role}")))?;
    }
    Ok(())
}
