//! `dothi layer add|alter|retire|restore|list`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::ensure;
use sqlx::{Connection as _, PgConnection};

use super::definition::all_of;
use super::{Attribute, Catalog, Layer, parse_layer, store};
use crate::bilingual::Bilingual;
use crate::config::Config;
use crate::database::Database;
use crate::shell::{self, Language, Said, Says as _};

/// What `dothi layer` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    step: Step,
}

/// What can be done with layers.
#[derive(clap::Subcommand, Debug)]
enum Step {
    /// Thêm một lớp từ tệp TOML mô tả nó: nhập được, lên bản đồ, tìm được và có trong API ngay. | Adds a layer from its TOML
    /// file; it is at once importable, on the map, searchable and in the APIs.
    Add {
        /// Tệp mô tả, như --example in ra. | The description, as --example prints one.
        #[arg(required_unless_present = "example")]
        file: Option<PathBuf>,
        /// In một ví dụ đủ, có chú thích, dùng được ngay. | Prints a whole example with comments, which works as it is.
        #[arg(long, conflicts_with = "file")]
        example: bool,
    },
    /// Sửa một lớp cho đúng với tệp TOML hiện nay. | Alters a layer to what its TOML file says now.
    Alter {
        /// Tệp mô tả. | The description.
        file: PathBuf,
    },
    /// Cất một lớp khỏi bản đồ và API; bảng và lịch sử vẫn còn. | Takes a layer off the map and the APIs; its table and history
    /// stay.
    Retire {
        /// Tên lớp. | Name of the layer.
        name: String,
    },
    /// Đưa lại một lớp đã cất. | Brings a retired layer back.
    Restore {
        /// Tên lớp. | Name of the layer.
        name: String,
    },
    /// Liệt kê các lớp. | Lists the layers.
    List,
}

/// Does one step and says what was done.
///
/// # Errors
/// When the file is wrong (the message names the field), the layer unknown, or the database refuses.
pub async fn run(args: Args, config: Config) -> anyhow::Result<ExitCode> {
    // A wrong file is said before anything is started.
    let step = match args.step {
        Step::Add { example: true, .. } => {
            print!("{}", example());
            return Ok(ExitCode::SUCCESS);
        }
        Step::Add { file, .. } => Task::Add(read(&file.says(|| ("cần tệp mô tả", "a file is needed"))?)?),
        Step::Alter { file } => Task::Alter(read(&file)?),
        Step::Retire { name } => Task::Retire(name, true),
        Step::Restore { name } => Task::Retire(name, false),
        Step::List => Task::List,
    };
    let database = Database::open(&config).await?;
    let done = perform(&database, step).await;
    database.close().await;
    shell::say(done?);
    Ok(ExitCode::SUCCESS)
}

/// A step whose file has been read.
enum Task {
    Add(Layer),
    Alter(Layer),
    Retire(String, bool),
    List,
}

/// A layer's file with comments: the one that the documentation shows.
pub fn example() -> &'static str {
    let readme = include_str!("README.md");
    readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default()
}

fn read(file: &Path) -> anyhow::Result<Layer> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .says(|| (format!("không đọc được tệp {shown}"), format!("the file {shown} cannot be read")))?;
    let layer = parse_layer(&text).map_err(Said::from);
    layer.says(|| (format!("{shown} chưa mô tả được một lớp"), format!("{shown} does not describe a layer")))
}

async fn perform(database: &Database, task: Task) -> anyhow::Result<Bilingual> {
    database.migrate().await?;
    let mut owner = database.owner_connection().await?;
    let said = match task {
        Task::Add(layer) => add(&mut owner, &layer).await?,
        Task::Alter(layer) => alter(&mut owner, &layer).await?,
        Task::Retire(name, retired) => retire(&mut owner, &name, retired).await?,
        Task::List => listed(&store::load(&mut owner).await?),
    };
    owner.close().await?;
    Ok(said)
}

/// Adds a layer that is not there yet.
///
/// # Errors
/// When there is one of that name, a code list or group is unknown, or the database refuses.
pub async fn add(owner: &mut PgConnection, layer: &Layer) -> anyhow::Result<Bilingual> {
    let mut transaction = owner.begin().await?;
    let present = store::layers(&mut transaction, true).await?;
    let name = &layer.name;
    ensure!(
        present.iter().all(|kept| kept.name != *name),
        Said::new(
            format!("name: đã có lớp \"{name}\"; để sửa nó: dothi layer alter FILE"),
            format!("name: there is a layer \"{name}\" already; to change it: dothi layer alter FILE"),
        )
    );
    names_exist(&mut transaction, layer, &present).await?;
    store::put_layer(&mut transaction, layer).await?;
    transaction.commit().await?;
    let seen = who_sees(layer);
    Ok(Bilingual::new(
        format!("đã thêm lớp {name}: bảng gis.{name}; {}", seen.vi),
        format!("{name} added: table gis.{name}; {}", seen.en),
    ))
}

/// Who finds the layer on the map, and how to open one that was forgotten to be.
fn who_sees(layer: &Layer) -> Bilingual {
    if layer.private {
        return ("dữ liệu riêng tư, chỉ cán bộ có quyền thấy", "private data, for staff with the right only").into();
    }
    if layer.public.is_empty() {
        return (
            "chỉ cán bộ thấy; để mọi người thấy: thêm public = [\"*\"] vào tệp rồi dothi layer alter FILE",
            "only staff see it; to open it to everyone: add public = [\"*\"] to the file, then dothi layer alter FILE",
        )
            .into();
    }
    if !layer.has_geometry() {
        return ("mọi người thấy trong API", "everyone sees it in the API").into();
    }
    let path = format!("/tiles/{}", layer.name);
    Bilingual::new(format!("mọi người thấy trên bản đồ, {path}"), format!("everyone sees it on the map, {path}"))
}

/// Alters a layer to what is described. Attributes can be added and altered, not taken away: history refers to them.
///
/// # Errors
/// When there is no such layer, the geometry would change, an attribute is missing, or the database refuses.
pub async fn alter(owner: &mut PgConnection, layer: &Layer) -> anyhow::Result<Bilingual> {
    let mut transaction = owner.begin().await?;
    let present = store::layers(&mut transaction, true).await?;
    let name = &layer.name;
    let kept = present.iter().find(|kept| kept.name == *name).says(|| {
        (
            format!("name: không có lớp \"{name}\"; để thêm nó: dothi layer add FILE"),
            format!("name: there is no layer \"{name}\"; to add it: dothi layer add FILE"),
        )
    })?;
    can_become(kept, layer)?;
    names_exist(&mut transaction, layer, &present).await?;
    store::put_layer(&mut transaction, layer).await?;
    transaction.commit().await?;
    let seen = who_sees(layer);
    Ok(Bilingual::new(format!("đã sửa lớp {name}; {}", seen.vi), format!("{name} altered; {}", seen.en)))
}

/// History rests on what a layer was: that is not given up.
fn can_become(kept: &Layer, layer: &Layer) -> Result<(), Said> {
    if kept.has_geometry() != layer.has_geometry() {
        return Err(Said::new(
            "geometry: một lớp không thể được thêm hay mất vị trí; hãy thêm lớp khác",
            "geometry: a layer cannot gain or lose its place; add another layer",
        ));
    }
    if kept.geometry != layer.geometry {
        let (name, word) = (&layer.name, word_of(kept.geometry));
        return Err(Said::new(
            format!(
                "geometry: \"{name}\" được lập cho {word}, các dòng và lịch sử đều là loại ấy; loại khác thì thêm lớp khác"
            ),
            format!(
                "geometry: \"{name}\" was made for {word}, and its rows and history are that; for another kind add another layer"
            ),
        ));
    }
    if kept.legal && !layer.legal {
        return Err(Said::new(
            "legal: không bỏ được hình học pháp lý; lịch sử dựa vào nó",
            "legal: legal geometry cannot be given up; history rests on it",
        ));
    }
    let Some(missing) = kept.attributes.iter().find(|attribute| layer.attribute(&attribute.name).is_none()) else {
        return Ok(());
    };
    let name = &missing.name;
    Err(Said::new(
        format!(
            "attribute \"{name}\": không có trong tệp, mà thuộc tính không bao giờ bị bỏ vì lịch sử dựa vào nó; giữ lại và đặt \
             queryable = false (và private = true) để ẩn"
        ),
        format!(
            "attribute \"{name}\": missing from the file, and never taken away because history refers to it; keep it and set \
             queryable = false (and private = true) to hide it"
        ),
    ))
}

/// Takes a layer off, or brings it back.
///
/// # Errors
/// When there is no such layer or the database refuses.
pub async fn retire(owner: &mut PgConnection, name: &str, retired: bool) -> anyhow::Result<Bilingual> {
    ensure!(
        store::retire_layer(owner, name, retired).await?,
        Said::new(
            format!("không có lớp \"{name}\"; dothi layer list liệt kê các lớp"),
            format!("there is no layer \"{name}\"; dothi layer list shows them"),
        )
    );
    Ok(if retired {
        Bilingual::new(
            format!(
                "đã cất lớp {name} khỏi bản đồ và API; gis.{name} và lịch sử vẫn còn; đưa lại: dothi layer restore {name}"
            ),
            format!(
                "{name} retired: off the map and the APIs; gis.{name} and its history stay; back: dothi layer restore {name}"
            ),
        )
    } else {
        Bilingual::new(format!("lớp {name} đã trở lại"), format!("{name} is back"))
    })
}

/// A kind of geometry, or of value, as the file writes it.
fn word_of(word: impl serde::Serialize) -> String {
    serde_json::to_value(word).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a file names must be there: all that is not is said at once.
async fn names_exist(connection: &mut PgConnection, layer: &Layer, present: &[Layer]) -> anyhow::Result<()> {
    let mut wrong = code_lists_and_group(connection, layer).await?;
    wrong.extend(references(layer, present));
    ensure!(wrong.is_empty(), Said::from(all_of(wrong.into_iter())));
    Ok(())
}

/// Groups and code lists are rows: the file may name only those that exist.
async fn code_lists_and_group(connection: &mut PgConnection, layer: &Layer) -> anyhow::Result<Vec<Bilingual>> {
    let lists: Vec<String> =
        sqlx::query_scalar("SELECT name FROM catalog.code_list ORDER BY name").fetch_all(&mut *connection).await?;
    let brought = |name: &String| layer.code_lists.iter().any(|list| list.name == *name);
    let mut wrong = Vec::new();
    for attribute in &layer.attributes {
        if let Some(list) = attribute.code_list.as_ref().filter(|list| !lists.contains(list) && !brought(list)) {
            let (name, there) = (&attribute.name, lists.join(", "));
            wrong.push(Bilingual::new(
                format!("attribute \"{name}\": code_list: không có bảng mã \"{list}\"; hiện có {there}"),
                format!("attribute \"{name}\": code_list: there is no list \"{list}\"; there are {there}"),
            ));
        }
    }
    let groups: Vec<String> =
        sqlx::query_scalar("SELECT code FROM catalog.code WHERE list = 'layer_group' ORDER BY position")
            .fetch_all(connection)
            .await?;
    if !groups.contains(&layer.group) {
        let (group, there) = (&layer.group, groups.join(", "));
        wrong.push(Bilingual::new(
            format!("group: không có nhóm \"{group}\"; hiện có {there}"),
            format!("group: there is no group \"{group}\"; there are {there}"),
        ));
    }
    Ok(wrong)
}

/// What an attribute refers to is an attribute of the same kind, in a layer that is there or in this one.
fn references(layer: &Layer, present: &[Layer]) -> Vec<Bilingual> {
    let attributes = layer.attributes.iter();
    let slips = attributes.filter_map(|attribute| Some((&attribute.name, reference(layer, present, attribute)?)));
    slips
        .map(|(name, Bilingual { vi, en })| {
            Bilingual::new(
                format!("attribute \"{name}\": refers_to: {vi}"),
                format!("attribute \"{name}\": refers_to: {en}"),
            )
        })
        .collect()
}

fn reference(layer: &Layer, present: &[Layer], attribute: &Attribute) -> Option<Bilingual> {
    let refers_to = attribute.refers_to.as_ref()?;
    let Some((other, name)) = refers_to.split_once('.') else {
        return Some(Bilingual::new(
            format!("\"{refers_to}\" không nêu thuộc tính; viết lớp.thuộc_tính, ví dụ \"plan.code\""),
            format!("\"{refers_to}\" names no attribute; write layer.attribute, such as \"plan.code\""),
        ));
    };
    let Some(other) = std::iter::once(layer).chain(present).find(|kept| kept.name == other) else {
        return Some(Bilingual::new(
            format!("không có lớp \"{other}\"; dothi layer list liệt kê các lớp"),
            format!("there is no layer \"{other}\"; dothi layer list shows them"),
        ));
    };
    let Some(meant) = other.attribute(name) else {
        let there = other.attributes.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
        let other = &other.name;
        return Some(Bilingual::new(
            format!("{other} không có thuộc tính \"{name}\"; có {there}"),
            format!("{other} has no attribute \"{name}\"; it has {there}"),
        ));
    };
    let (name, theirs, ours) = (&attribute.name, word_of(meant.kind), word_of(attribute.kind));
    (!meant.kind.compares_with(attribute.kind)).then(|| {
        Bilingual::new(
            format!("{refers_to} có kind {theirs}, {name} có kind {ours}; hai kind phải như nhau"),
            format!("{refers_to} is of kind {theirs}, {name} of kind {ours}; they must be alike"),
        )
    })
}

fn listed(catalog: &Catalog) -> Bilingual {
    let rows = |language: Language| {
        let row = |layer: &Layer| {
            [
                layer.name.clone(),
                word_of(layer.geometry),
                language.of(&audience(layer)).to_owned(),
                layer.attributes.len().to_string(),
                language.of(&layer.title).to_owned(),
            ]
        };
        catalog.layers.iter().map(row).collect::<Vec<_>>()
    };
    let headings = || {
        [
            ("Lớp", "Layer").into(),
            ("Hình", "Geometry").into(),
            ("Ai thấy", "Seen by").into(),
            ("Thuộc tính", "Attributes").into(),
            ("Tên", "Title").into(),
        ]
    };
    let said = |language| shell::table(headings(), &rows(language), language);
    Bilingual::new(said(Language::Vi), said(Language::En))
}

fn audience(layer: &Layer) -> Bilingual {
    match layer {
        layer if layer.is_public() => ("mọi người", "everyone").into(),
        layer if layer.private => ("cán bộ có quyền", "staff with the right").into(),
        _ => ("cán bộ", "staff").into(),
    }
}
