//! How the catalog is kept: `catalog.*` read and written.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{PgConnection, Row as _, postgres::PgRow};

use super::{Attribute, Catalog, Code, CodeList, Layer, NewCodeList, Text};

/// Loads the catalog at its present version. Retired layers are left out.
///
/// # Errors
/// When the database cannot answer. A layer whose row says what the types do not know is named in
/// [`Catalog::unreadable`].
pub async fn load(connection: &mut PgConnection) -> anyhow::Result<Catalog> {
    let version = sqlx::query_scalar("SELECT n FROM catalog.version").fetch_one(&mut *connection).await?;
    let (mut layers, mut unreadable) = (Vec::new(), Vec::new());
    for (name, layer) in described(connection, false).await? {
        match layer {
            Ok(layer) => layers.push(layer),
            Err(error) => {
                tracing::error!(layer = name, %error, "the catalog's row of a layer cannot be read: mend catalog.layer or catalog.attribute");
                unreadable.push(name);
            }
        }
    }
    Ok(Catalog {
        version,
        layers,
        code_lists: code_lists(connection).await?,
        settings: settings(connection).await?,
        unreadable,
    })
}

/// Layers with their attributes, in order; retired ones too when asked.
pub(super) async fn layers(connection: &mut PgConnection, retired: bool) -> anyhow::Result<Vec<Layer>> {
    let described = described(connection, retired).await?.into_iter();
    described.map(|(name, layer)| layer.map_err(|error| anyhow::anyhow!("catalog.layer {name}: {error}"))).collect()
}

/// The rows of layers, each as far as it can be read.
async fn described(
    connection: &mut PgConnection,
    retired: bool,
) -> sqlx::Result<Vec<(String, serde_json::Result<Layer>)>> {
    let rows = sqlx::query(include_str!("layers.sql")).bind(retired).fetch_all(connection).await?;
    let read = |row: PgRow| Ok((row.try_get("name")?, serde_json::from_value(row.try_get::<Value, _>("description")?)));
    rows.into_iter().map(read).collect()
}

async fn code_lists(connection: &mut PgConnection) -> sqlx::Result<BTreeMap<String, CodeList>> {
    let mut lists = BTreeMap::new();
    for row in sqlx::query("SELECT name, title_vi, title_en FROM catalog.code_list").fetch_all(&mut *connection).await?
    {
        let name: String = row.try_get("name")?;
        let title = Text { vi: row.try_get("title_vi")?, en: row.try_get("title_en")? };
        lists.insert(name.clone(), CodeList { name, title, codes: Vec::new() });
    }
    let codes = "SELECT list, code, lower(valid) AS valid_from, upper(valid) AS valid_to, position, title_vi, title_en, \
                 colour, group_code, source FROM catalog.code ORDER BY list, position, code, valid";
    for row in sqlx::query(codes).fetch_all(connection).await? {
        let list: String = row.try_get("list")?;
        if let Some(list) = lists.get_mut(&list) {
            list.codes.push(Code {
                code: row.try_get("code")?,
                title: Text { vi: row.try_get("title_vi")?, en: row.try_get("title_en")? },
                colour: row.try_get("colour")?,
                group_code: row.try_get("group_code")?,
                valid_from: row.try_get("valid_from")?,
                valid_to: row.try_get("valid_to")?,
                source: row.try_get("source")?,
                position: row.try_get("position")?,
            });
        }
    }
    Ok(lists)
}

async fn settings(connection: &mut PgConnection) -> sqlx::Result<BTreeMap<String, Value>> {
    let rows = sqlx::query("SELECT name, value FROM catalog.setting").fetch_all(connection).await?;
    rows.into_iter().map(|row| Ok((row.try_get("name")?, row.try_get("value")?))).collect()
}

/// Writes a layer and its attributes as they are described, and fits its table. `owner` is connected as `dothi_owner`.
/// Attributes that the description lacks stay.
///
/// # Errors
/// When the database refuses, such as a newly required attribute that old rows lack.
pub async fn put_layer(owner: &mut PgConnection, layer: &Layer) -> anyhow::Result<()> {
    for list in &layer.code_lists {
        write_code_list(owner, list).await?;
    }
    write_layer(owner, layer).await?;
    for attribute in &layer.attributes {
        write_attribute(owner, &layer.name, attribute).await?;
    }
    sqlx::query("SELECT gis.fit_layers()").execute(owner).await?;
    Ok(())
}

/// Writes a code list that a file brings along. Codes that are there keep their dates; those that the file lacks stay.
async fn write_code_list(owner: &mut PgConnection, list: &NewCodeList) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO catalog.code_list AS kept (name, title_vi, title_en) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE \
         SET title_vi = excluded.title_vi, title_en = excluded.title_en \
         WHERE (kept.title_vi, kept.title_en) <> (excluded.title_vi, excluded.title_en)",
    )
    .bind(&list.name)
    .bind(&list.title.vi)
    .bind(&list.title.en)
    .execute(&mut *owner)
    .await?;
    for (position, code) in list.codes.iter().enumerate() {
        sqlx::query(include_str!("put_code.sql"))
            .bind(&list.name)
            .bind(&code.code)
            .bind(i32::try_from(position)?)
            .bind(&code.title.vi)
            .bind(&code.title.en)
            .bind(&code.colour)
            .execute(&mut *owner)
            .await?;
    }
    Ok(())
}

/// Writes the row of a layer where it differs.
pub(super) async fn write_layer(owner: &mut PgConnection, layer: &Layer) -> anyhow::Result<()> {
    let described = serde_json::to_value(layer)?;
    sqlx::query(include_str!("put_layer.sql")).bind(described).execute(owner).await?;
    Ok(())
}

/// Writes the row of an attribute where it differs.
pub(super) async fn write_attribute(
    owner: &mut PgConnection,
    layer: &str,
    attribute: &Attribute,
) -> anyhow::Result<()> {
    let described = serde_json::to_value(attribute)?;
    sqlx::query(include_str!("put_attribute.sql")).bind(layer).bind(described).execute(owner).await?;
    Ok(())
}

/// Takes a layer off the map and the APIs; its table and history stay. False when there is no such layer.
///
/// # Errors
/// When the database cannot answer.
pub async fn retire_layer(owner: &mut PgConnection, name: &str, retired: bool) -> sqlx::Result<bool> {
    let sql = "UPDATE catalog.layer SET retired_at = CASE WHEN $2 THEN coalesce(retired_at, now()) END WHERE name = $1";
    Ok(sqlx::query(sql).bind(name).bind(retired).execute(owner).await?.rows_affected() > 0)
}
