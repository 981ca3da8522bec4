//! `dothi layer add|alter|retire|restore|list`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use sqlx::{Connection as _, PgConnection};

use super::{Attribute, Catalog, Geometry, Layer, parse_layer, store};
use crate::config::Config;
use crate::database::Database;

/// What `dothi layer` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    step: Step,
}

/// What can be done with layers.
#[derive(clap::Subcommand, Debug)]
enum Step {
    /// Adds a layer from its TOML file; it is at once importable, on the map, searchable and in the APIs.
    Add {
        /// The description, as --example prints one.
        #[arg(required_unless_present = "example")]
        file: Option<PathBuf>,
        /// Prints a whole example with comments, which works as it is.
        #[arg(long, conflicts_with = "file")]
        example: bool,
    },
    /// Alters a layer to what its TOML file says now.
    Alter {
        /// The description.
        file: PathBuf,
    },
    /// Takes a layer off the map and the APIs; its table and history stay.
    Retire {
        /// Name of the layer.
        name: String,
    },
    /// Brings a retired layer back.
    Restore {
        /// Name of the layer.
        name: String,
    },
    /// Lists the layers.
    List,
}

/// Does one step and says what was done.
///
/// # Errors
/// When the file is wrong (the message names the field), the layer unknown, or the database refuses.
pub async fn run(args: Args, config: Config) -> anyhow::Result<ExitCode> {
    // A wrong file is said before anything is started.
    let described = match &args.step {
        Step::Add { example: true, .. } => {
            print!("{}", example());
            return Ok(ExitCode::SUCCESS);
        }
        Step::Add { file: Some(file), .. } | Step::Alter { file } => Some(read(file)?),
        _ => None,
    };
    let database = Database::open(&config).await?;
    let done = step(&database, args.step, described).await;
    database.close().await;
    println!("{}", done?);
    Ok(ExitCode::SUCCESS)
}

/// A layer's file with comments: the one that the documentation shows.
pub fn example() -> &'static str {
    let readme = include_str!("README.md");
    readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default()
}

fn read(file: &Path) -> anyhow::Result<Layer> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    parse_layer(&text).with_context(|| format!("{} does not describe a layer", file.display()))
}

async fn step(database: &Database, step: Step, described: Option<Layer>) -> anyhow::Result<String> {
    database.migrate().await?;
    let mut owner = database.owner_connection().await?;
    let said = match (step, described) {
        (Step::Add { .. }, Some(layer)) => add(&mut owner, &layer).await?,
        (Step::Alter { .. }, Some(layer)) => alter(&mut owner, &layer).await?,
        (Step::Retire { name }, _) => retire(&mut owner, &name, true).await?,
        (Step::Restore { name }, _) => retire(&mut owner, &name, false).await?,
        (Step::List, _) => listed(&store::load(&mut owner).await?),
        (Step::Add { .. } | Step::Alter { .. }, None) => bail!("a file is needed"),
    };
    owner.close().await?;
    Ok(said)
}

/// Adds a layer that is not there yet.
///
/// # Errors
/// When there is one of that name, a code list or group is unknown, or the database refuses.
pub async fn add(owner: &mut PgConnection, layer: &Layer) -> anyhow::Result<String> {
    let mut transaction = owner.begin().await?;
    let present = store::layers(&mut transaction, true).await?;
    if present.iter().any(|kept| kept.name == layer.name) {
        bail!("name: there is a layer \"{}\" already; to change it: dothi layer alter FILE", layer.name);
    }
    names_exist(&mut transaction, layer, &present).await?;
    store::put_layer(&mut transaction, layer).await?;
    transaction.commit().await?;
    let seen = if layer.public.is_empty() {
        "seen by staff only (public = [\"*\"] in the file shows it to everyone)".to_owned()
    } else {
        format!("/tiles/{}", layer.name)
    };
    Ok(format!("{} added: table gis.{}, {seen}", layer.name, layer.name))
}

/// Alters a layer to what is described. Attributes can be added and altered, not taken away: history refers to them.
///
/// # Errors
/// When there is no such layer, the geometry would change, an attribute is missing, or the database refuses.
pub async fn alter(owner: &mut PgConnection, layer: &Layer) -> anyhow::Result<String> {
    let mut transaction = owner.begin().await?;
    let present = store::layers(&mut transaction, true).await?;
    let Some(kept) = present.iter().find(|kept| kept.name == layer.name) else {
        bail!("name: there is no layer \"{}\"; to add it: dothi layer add FILE", layer.name);
    };
    if kept.has_geometry() != layer.has_geometry() {
        bail!("geometry: a layer cannot gain or lose its place; add another layer");
    }
    if kept.geometry != layer.geometry {
        bail!(
            "geometry: \"{}\" was made for {}, and its rows and history are that; for another kind add another layer",
            layer.name,
            word_of(kept.geometry),
        );
    }
    if kept.legal && !layer.legal {
        bail!("legal: legal geometry cannot be given up; history rests on it");
    }
    if let Some(missing) = kept.attributes.iter().find(|attribute| layer.attribute(&attribute.name).is_none()) {
        bail!(
            "attribute \"{0}\": missing from the file, and never taken away because history refers to it; keep it and set \
             queryable = false (and private = true) to hide it",
            missing.name
        );
    }
    names_exist(&mut transaction, layer, &present).await?;
    store::put_layer(&mut transaction, layer).await?;
    transaction.commit().await?;
    Ok(format!("{} altered", layer.name))
}

/// Takes a layer off, or brings it back.
///
/// # Errors
/// When there is no such layer or the database refuses.
pub async fn retire(owner: &mut PgConnection, name: &str, retired: bool) -> anyhow::Result<String> {
    if !store::retire_layer(owner, name, retired).await? {
        bail!("there is no layer \"{name}\"; dothi layer list shows them");
    }
    Ok(if retired {
        format!("{name} retired: off the map and the APIs; gis.{name} and its history stay")
    } else {
        format!("{name} is back")
    })
}

/// A kind of geometry as the file writes it.
fn word_of(geometry: Geometry) -> String {
    serde_json::to_value(geometry).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a file names must be there: all that is not is said at once.
async fn names_exist(connection: &mut PgConnection, layer: &Layer, present: &[Layer]) -> anyhow::Result<()> {
    let mut wrong = code_lists_and_group(connection, layer).await?;
    wrong.extend(references(layer, present));
    if wrong.is_empty() { Ok(()) } else { bail!(wrong.join("\n")) }
}

/// Groups and code lists are rows: the file may name only those that exist.
async fn code_lists_and_group(connection: &mut PgConnection, layer: &Layer) -> anyhow::Result<Vec<String>> {
    let lists: Vec<String> =
        sqlx::query_scalar("SELECT name FROM catalog.code_list ORDER BY name").fetch_all(&mut *connection).await?;
    let brought = |name: &String| layer.code_lists.iter().any(|list| list.name == *name);
    let mut wrong = Vec::new();
    for attribute in &layer.attributes {
        if let Some(list) = attribute.code_list.as_ref().filter(|list| !lists.contains(list) && !brought(list)) {
            wrong.push(format!(
                "attribute \"{}\": code_list: there is no list \"{list}\"; there are {}",
                attribute.name,
                lists.join(", ")
            ));
        }
    }
    let groups: Vec<String> =
        sqlx::query_scalar("SELECT code FROM catalog.code WHERE list = 'layer_group' ORDER BY position")
            .fetch_all(connection)
            .await?;
    if !groups.contains(&layer.group) {
        wrong.push(format!("group: there is no group \"{}\"; there are {}", layer.group, groups.join(", ")));
    }
    Ok(wrong)
}

/// What an attribute refers to is an attribute of the same kind, in a layer that is there or in this one.
fn references(layer: &Layer, present: &[Layer]) -> Vec<String> {
    let slip = |attribute: &Attribute| {
        let refers_to = attribute.refers_to.as_ref()?;
        let Some((other, name)) = refers_to.split_once('.') else {
            return Some(format!("\"{refers_to}\" names no attribute; write layer.attribute, such as \"plan.code\""));
        };
        let Some(other) = std::iter::once(layer).chain(present).find(|kept| kept.name == other) else {
            return Some(format!("there is no layer \"{other}\"; dothi layer list shows them"));
        };
        let Some(meant) = other.attribute(name) else {
            let there = other.attributes.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
            return Some(format!("{} has no attribute \"{name}\"; it has {there}", other.name));
        };
        (!meant.kind.compares_with(attribute.kind)).then(|| {
            format!(
                "{refers_to} is of kind {:?}, {} of kind {:?}; they must be alike",
                meant.kind, attribute.name, attribute.kind
            )
        })
    };
    let attributes = layer.attributes.iter();
    attributes.filter_map(|a| Some(format!("attribute \"{}\": refers_to: {}", a.name, slip(a)?))).collect()
}

fn listed(catalog: &Catalog) -> String {
    let line = |layer: &Layer| {
        let seen = if layer.is_public() { "public" } else { "staff" };
        format!(
            "{:24} {:14} {:7} {:3} attributes  {}",
            layer.name,
            format!("{:?}", layer.geometry).to_lowercase(),
            seen,
            layer.attributes.len(),
            layer.title.vi
        )
    };
    catalog.layers.iter().map(line).collect::<Vec<_>>().join("\n")
}
