//! Brings the shipped catalog into a database, at every migrate; what an administrator altered stays.
//!
//! Beside each row the catalog keeps what was last shipped. A value that still equals it is ours to renew; a value that
//! differs was set here and is kept. So a new version may mend a title that nobody touched, and never closes a layer that
//! the city has opened.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection, Row as _};

use super::store::{layers, write_attribute, write_layer};
use super::{Attribute, Layer, shipped_codes, shipped_layers, shipped_lists, shipped_texts};

/// Brings the shipped layers and code lists into the catalog and fits every table; `owner` is connected as `dothi_owner`.
/// Idempotent, and quick when nothing changed.
///
/// # Errors
/// When the database refuses.
pub async fn install(owner: &mut PgConnection) -> anyhow::Result<()> {
    let fingerprint = fingerprint();
    let mut transaction = owner.begin().await?;
    // Two servers that start at once take turns.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('dothi catalog install'))").execute(&mut *transaction).await?;
    let installed: Option<String> =
        sqlx::query_scalar("SELECT shipped FROM catalog.version").fetch_one(&mut *transaction).await?;
    if installed.as_deref() != Some(fingerprint.as_str()) {
        install_codes(&mut transaction).await?;
        install_layers(&mut transaction).await?;
        sqlx::query("UPDATE catalog.version SET shipped = $1").bind(&fingerprint).execute(&mut *transaction).await?;
    }
    sqlx::query("SELECT gis.fit_layers()").execute(&mut *transaction).await?;
    transaction.commit().await?;
    ensure_srids(owner).await;
    Ok(())
}

/// Rows of `spatial_ref_sys` are a service to QGIS users; our own conversions never read them.
async fn ensure_srids(owner: &mut PgConnection) {
    if let Err(error) = sqlx::query("SELECT gis.ensure_srids()").execute(owner).await {
        tracing::warn!(%error, "spatial_ref_sys lacks VN-2000 zones and dothi_owner may not add them; \
                                run as superuser: SELECT gis.ensure_srids()");
    }
}

/// Is the catalog the one that this version ships? Asked before work that needs the tables and changes none.
pub async fn is_installed(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let installed: Option<String> =
        sqlx::query_scalar("SELECT shipped FROM catalog.version").fetch_one(connection).await?;
    Ok(installed.as_deref() == Some(fingerprint().as_str()))
}

/// What is shipped, as a digest of its files.
fn fingerprint() -> String {
    let mut digest = Sha256::new();
    for text in shipped_texts() {
        digest.update(text);
        digest.update([0]);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn install_layers(owner: &mut PgConnection) -> anyhow::Result<()> {
    let present: HashMap<String, Layer> =
        layers(owner, true).await?.into_iter().map(|layer| (layer.name.clone(), layer)).collect();
    let shipped_before = shipped_before(owner).await?;
    for shipped in shipped_layers()? {
        let kept = present.get(&shipped.name);
        let before = shipped_before.get(&(shipped.name.clone(), None));
        let mut layer = renewed(&bare(&shipped), kept.map(bare).as_ref(), before)?;
        layer.attributes.clear();
        write_layer(owner, &layer).await?;
        remember(owner, "layer", &shipped.name, None, &bare(&shipped)).await?;
        for attribute in &shipped.attributes {
            let kept = kept.and_then(|layer| layer.attribute(&attribute.name));
            let before = shipped_before.get(&(shipped.name.clone(), Some(attribute.name.clone())));
            let renewed: Attribute = renewed(attribute, kept, before)?;
            write_attribute(owner, &shipped.name, &renewed).await?;
            remember(owner, "attribute", &shipped.name, Some(&attribute.name), attribute).await?;
        }
    }
    Ok(())
}

/// The layer without its attributes, which are renewed one by one.
fn bare(layer: &Layer) -> Layer {
    Layer { attributes: Vec::new(), ..layer.clone() }
}

/// What is to stand there: the shipped value where nobody altered it, else the kept one; field by field.
fn renewed<T: Serialize + DeserializeOwned>(
    shipped: &T,
    kept: Option<&T>,
    before: Option<&Value>,
) -> anyhow::Result<T> {
    let Some(kept) = kept else {
        return Ok(serde_json::from_value(serde_json::to_value(shipped)?)?);
    };
    let (shipped, mut answer) = (fields(shipped)?, fields(kept)?);
    let empty = Map::new();
    let before = before.and_then(Value::as_object).unwrap_or(&empty);
    let mut names: Vec<String> = shipped.keys().chain(before.keys()).cloned().collect();
    names.dedup();
    for name in names {
        if answer.get(&name) == before.get(&name) {
            match shipped.get(&name) {
                Some(value) => answer.insert(name, value.clone()),
                None => answer.remove(&name),
            };
        }
    }
    Ok(serde_json::from_value(Value::Object(answer))?)
}

fn fields<T: Serialize>(value: &T) -> anyhow::Result<Map<String, Value>> {
    match serde_json::to_value(value)? {
        Value::Object(fields) => Ok(fields),
        other => anyhow::bail!("a catalog row is an object, not {other}"),
    }
}

async fn shipped_before(owner: &mut PgConnection) -> anyhow::Result<HashMap<(String, Option<String>), Value>> {
    let sql = "SELECT name AS layer, NULL AS attribute, shipped FROM catalog.layer WHERE shipped IS NOT NULL \
               UNION ALL SELECT layer, name, shipped FROM catalog.attribute WHERE shipped IS NOT NULL";
    let rows = sqlx::query(sql).fetch_all(owner).await?;
    rows.into_iter()
        .map(|row| Ok(((row.try_get("layer")?, row.try_get("attribute")?), row.try_get("shipped")?)))
        .collect()
}

async fn remember<T: Serialize>(
    owner: &mut PgConnection,
    what: &str,
    layer: &str,
    attribute: Option<&str>,
    shipped: &T,
) -> anyhow::Result<()> {
    let sql = match what {
        "layer" => {
            "UPDATE catalog.layer SET shipped = $3 WHERE name = $1 AND $2::text IS NULL AND shipped IS DISTINCT FROM $3"
        }
        _ => "UPDATE catalog.attribute SET shipped = $3 WHERE layer = $1 AND name = $2 AND shipped IS DISTINCT FROM $3",
    };
    let shipped = serde_json::to_value(shipped)?;
    sqlx::query(sql).bind(layer).bind(attribute).bind(shipped).execute(owner).await?;
    Ok(())
}

async fn install_codes(owner: &mut PgConnection) -> anyhow::Result<()> {
    let lists: Vec<Value> = shipped_lists()?
        .into_iter()
        .map(|(name, title)| serde_json::json!({"name": name, "title_vi": title.vi, "title_en": title.en}))
        .collect();
    sqlx::query(include_str!("put_lists.sql")).bind(Value::Array(lists)).execute(&mut *owner).await?;
    let codes: Vec<Value> = shipped_codes()?
        .into_iter()
        .map(|(list, code)| {
            serde_json::json!({"list": list, "code": code.code, "valid_from": code.valid_from, "valid_to": code.valid_to,
                "position": code.position, "title_vi": code.title.vi, "title_en": code.title.en, "colour": code.colour,
                "group_code": code.group_code, "source": code.source})
        })
        .collect();
    let codes = Value::Array(codes);
    sqlx::query(include_str!("renew_codes.sql")).bind(&codes).execute(&mut *owner).await?;
    sqlx::query(include_str!("add_codes.sql")).bind(&codes).execute(owner).await?;
    Ok(())
}
