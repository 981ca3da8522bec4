//! The worker's job: the files, the profile, and the catalog as far as the worker needs it.

use std::collections::BTreeMap;
use std::path::Path;

use dothi_import::mapping::personal::name_looks_personal;
use dothi_import::protocol::{AttributeSpec, Job, LayerSpec, Limits, Mode};
use serde_json::Value;
use sqlx::{PgConnection, Row as _};

use super::error::ImportError;
use super::{ImportRequest, Scope};

/// A profile as it was given: its name, and its TOML as JSON.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) value: Value,
}

impl Profile {
    /// `name` is a file, or the name of a shipped profile.
    pub(super) fn load(name: &str) -> Result<Self, ImportError> {
        let path = Path::new(name);
        let shipped = || dothi_import::profile::shipped(name).map(str::to_owned);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => shipped().ok_or_else(|| ImportError::io("reading profile", path, error))?,
        };
        let stem = path.file_stem().map_or_else(|| name.to_owned(), |s| s.to_string_lossy().into_owned());
        Self::parse(&stem, &text)
    }

    fn parse(name: &str, text: &str) -> Result<Self, ImportError> {
        let value: Value = toml::from_str(text).map_err(|e| {
            ImportError::new(
                "profile-unreadable",
                format!("hồ sơ ánh xạ {name} không phải TOML: {e}"),
                format!("profile {name} is not TOML: {e}"),
            )
        })?;
        if let Some(column) = personal_column(&value) {
            return Err(ImportError::new(
                "personal-column",
                format!("keep_extra của hồ sơ {name} nêu cột {column}, có vẻ là dữ liệu cá nhân; hãy bỏ cột này"),
                format!(
                    "keep_extra of profile {name} names the column {column}, which looks like personal data; leave it out"
                ),
            ));
        }
        let name = value.pointer("/source/name").and_then(Value::as_str).unwrap_or(name).to_owned();
        Ok(Self { name, value })
    }

    /// The scope that the profile itself declares.
    pub(super) fn scope(&self) -> Option<Scope> {
        match self.value.pointer("/source/scope").and_then(Value::as_str)? {
            "layer" => Some(Scope::Layer),
            "none" => Some(Scope::None),
            _ => Some(Scope::Source),
        }
    }
}

/// The first column in any `keep_extra` that looks like a person's name, phone or number.
fn personal_column(value: &Value) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, inner)| match (name.as_str(), inner) {
            ("keep_extra", Value::Array(columns)) => {
                columns.iter().filter_map(Value::as_str).find(|c| name_looks_personal(c)).map(str::to_owned)
            }
            _ => personal_column(inner),
        }),
        Value::Array(values) => values.iter().find_map(personal_column),
        _ => None,
    }
}

/// Puts the job together from the request and the catalog.
pub(super) async fn job(
    db: &mut PgConnection,
    request: &ImportRequest,
    profile: Option<&Profile>,
    work_dir: &Path,
    mode: Mode,
) -> Result<Job, ImportError> {
    let files = request.files.iter().map(|f| absolute(f)).collect::<Result<_, _>>()?;
    let layers = layers(db).await?;
    if let Some(layer) = &request.layer
        && !layers.iter().any(|l| l.name == *layer)
    {
        let known = layers.iter().map(|l| l.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(ImportError::new(
            "layer-unknown",
            format!("không có lớp {layer}; các lớp: {known}"),
            format!("there is no layer {layer}; layers: {known}"),
        ));
    }
    Ok(Job {
        files,
        profile: profile.map(|p| p.value.clone()),
        layer: request.layer.clone(),
        code_lists: code_lists(db).await?,
        crs: request.crs.clone(),
        encoding: request.encoding.clone(),
        checks: request.checks,
        legal_srid: sqlx::query_scalar(
            "SELECT (value ->> 'legal_srid')::int FROM catalog.setting WHERE name = 'place'",
        )
        .fetch_optional(&mut *db)
        .await?
        .flatten(),
        work_dir: work_dir.to_string_lossy().into_owned(),
        mode,
        accept: request.accept.clone(),
        limits: Limits::default(),
        layers,
    })
}

fn absolute(file: &Path) -> Result<String, ImportError> {
    let path = std::fs::canonicalize(file).map_err(|e| ImportError::io("opening", file, e))?;
    path.into_os_string().into_string().map_err(|_| {
        let file = file.display();
        ImportError::new(
            "file-unreadable",
            format!("tên tệp {file} không phải UTF-8"),
            format!("the file name {file} is not UTF-8"),
        )
    })
}

async fn layers(db: &mut PgConnection) -> Result<Vec<LayerSpec>, ImportError> {
    let rows = sqlx::query(
        "SELECT name, geometry, key, legal, legal_srid, title_vi, title_en FROM catalog.layer
         WHERE retired_at IS NULL ORDER BY position, name",
    )
    .fetch_all(&mut *db)
    .await?;
    let mut attributes = attributes(db).await?;
    rows.into_iter()
        .map(|row| {
            let name: String = row.try_get("name")?;
            let legal: bool = row.try_get("legal")?;
            Ok(LayerSpec {
                attributes: attributes.remove(&name).unwrap_or_default(),
                geometry: row.try_get("geometry")?,
                key: row.try_get("key")?,
                legal,
                legal_srid: row.try_get("legal_srid")?,
                // Legal metres are turned in the plane; a height beside them would be turned along by the database.
                has_z: !legal,
                title_vi: row.try_get("title_vi")?,
                title_en: row.try_get("title_en")?,
                name,
            })
        })
        .collect()
}

async fn attributes(db: &mut PgConnection) -> Result<BTreeMap<String, Vec<AttributeSpec>>, ImportError> {
    let rows = sqlx::query(
        "SELECT layer, name, kind, code_list, required, unit, title_vi, title_en FROM catalog.attribute ORDER BY layer, position, name",
    )
    .fetch_all(&mut *db)
    .await?;
    let mut by_layer: BTreeMap<String, Vec<AttributeSpec>> = BTreeMap::new();
    for row in rows {
        by_layer.entry(row.try_get("layer")?).or_default().push(AttributeSpec {
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            code_list: row.try_get("code_list")?,
            required: row.try_get("required")?,
            unit: row.try_get("unit")?,
            max_length: None,
            title_vi: row.try_get("title_vi")?,
            title_en: row.try_get("title_en")?,
        });
    }
    Ok(by_layer)
}

async fn code_lists(db: &mut PgConnection) -> Result<BTreeMap<String, Vec<String>>, ImportError> {
    let rows: Vec<(String, Vec<String>)> =
        sqlx::query_as("SELECT list, array_agg(DISTINCT code) FROM catalog.code GROUP BY list").fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_that_would_keep_a_persons_name_is_refused() {
        let text = "[[map]]\nsource = \"thua\"\nto = \"parcel\"\nkeep_extra = [\"so_hieu\", \"ten_chu\"]\n";
        let refused = Profile::parse("thua", text).expect_err("ten_chu is an owner's name");
        assert_eq!(refused.slug, "personal-column");
        assert!(refused.text.en.contains("ten_chu"));
        assert!(Profile::parse("thua", &text.replace(", \"ten_chu\"", "")).is_ok());
    }

    #[test]
    fn a_profile_names_its_source_and_scope() {
        let profile = Profile::parse("x", "[source]\nname = \"land-office\"\nscope = \"none\"\n").expect("valid");
        assert_eq!((profile.name.as_str(), profile.scope()), ("land-office", Some(Scope::None)));
    }
}
