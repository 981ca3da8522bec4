//! `dothi underlay add|list|remove`.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::ensure;
use chrono::Utc;
use dothi_import::raster::{Limits, Wanted};
use uuid::Uuid;

use super::making::make;
use super::shelf::{Card, Name, Shelf};
use crate::bilingual::Bilingual;
use crate::config::Config;
use crate::shell::{self, Language, Said, Says as _, table};

/// What `dothi underlay` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    step: Step,
}

/// What can be done with pictures.
#[derive(clap::Subcommand, Debug)]
enum Step {
    /// Xếp ô một bản quét hay ảnh trực giao đã có tọa độ, và cho cán bộ thấy trong studio. | Tiles a georeferenced scan or
    /// orthophoto, and shows it to staff in the studio.
    Add(Box<Add>),
    /// Liệt kê ảnh nền của máy này. | Lists the pictures of this machine.
    List,
    /// Xóa một ảnh nền. | Takes a picture away.
    Remove {
        /// Tên của nó. | Its name.
        name: String,
    },
}

/// One picture.
#[derive(clap::Args, Debug)]
struct Add {
    /// `GeoTIFF` màu 8 bit; tệp .tfw bên cạnh cũng được đọc. | A `GeoTIFF` with 8 bit colours; a .tfw file beside it is read too.
    file: PathBuf,
    /// Tên trong địa chỉ: chữ thường không dấu, chữ số và _. | Name in addresses: lowercase letters, digits and underscores.
    #[arg(long)]
    name: String,
    /// Tên cho người đọc. | What people read.
    #[arg(long)]
    title: String,
    /// Tên tiếng Anh; không có thì dùng tên tiếng Việt. | The same in English; the Vietnamese title unless given.
    #[arg(long)]
    title_en: Option<String>,
    /// Ảnh của ai; hiện bên cạnh ảnh. | Whose picture it is; shown beside it.
    #[arg(long, default_value = "")]
    attribution: String,
    /// Hệ tọa độ, khi tệp không ghi hoặc ghi sai: EPSG:9210, hay "VN-2000 105-45". | Its coordinate system, where the file names
    /// none or a wrong one: EPSG:9210, or "VN-2000 105-45".
    #[arg(long)]
    crs: Option<String>,
    /// Thay ảnh cùng tên. | Takes the place of a picture of the same name.
    #[arg(long)]
    replace: bool,
}

/// Does one step and says what was done.
///
/// # Errors
/// When the picture is refused (the message says what to do), the name is wrong or taken, or the disk refuses.
pub async fn run(args: Args, config: Config) -> anyhow::Result<ExitCode> {
    // All of it waits for disk and worker.
    tokio::task::spawn_blocking(move || step(args.step, &config)).await??;
    Ok(ExitCode::SUCCESS)
}

fn step(step: Step, config: &Config) -> anyhow::Result<()> {
    let shelf = Shelf::of(config)?;
    match step {
        Step::Add(order) => add(&shelf, &order, config).map(shell::say),
        Step::List => {
            list(&shelf, config);
            Ok(())
        }
        Step::Remove { name } => {
            let known = named(&name)?;
            ensure!(
                shelf.change()?.remove(&known)?,
                Said::new(
                    format!("không có ảnh nền \"{name}\"; dothi underlay list nêu tên các ảnh"),
                    format!("there is no underlay \"{name}\"; dothi underlay list names them")
                )
            );
            shell::say((format!("đã xóa {name}"), format!("{name} removed")));
            Ok(())
        }
    }
}

fn named(name: &str) -> anyhow::Result<Name> {
    Name::new(name).says(|| {
        (
            "tên chỉ gồm chữ thường không dấu, chữ số và _, nhiều nhất 60 (như to_ban_do_12)",
            "a name has lowercase letters, digits and underscores, at most 60 (such as to_ban_do_12)",
        )
    })
}

fn add(shelf: &Shelf, order: &Add, config: &Config) -> anyhow::Result<Bilingual> {
    let name = named(&order.name)?;
    let shown = &order.name;
    ensure!(
        config.underlays.iter().all(|underlay| underlay.name != order.name),
        Said::new(
            format!("--name: dothi.toml đã có ảnh nền tên \"{shown}\""),
            format!("--name: dothi.toml names an underlay \"{shown}\" already")
        )
    );
    let title = order.title.trim();
    ensure!(!title.is_empty(), Said::new("--title: ghi tên cho người đọc", "--title: say what people shall read"));
    let change = shelf.change()?;
    ensure!(
        order.replace || shelf.card(&name).is_none(),
        Said::new(
            format!("--name: đã có ảnh nền \"{shown}\"; --replace thay nó bằng ảnh này"),
            format!("--name: there is an underlay \"{shown}\" already; --replace puts this one in its place")
        )
    );
    let making = change.begin()?;
    let program = match &config.program {
        Some(program) => program.clone(),
        None => std::env::current_exe()?,
    };
    let wanted = Wanted {
        file: order.file.clone(),
        crs: order.crs.clone(),
        folder: std::path::absolute(making.folder())?,
        limits: Limits::default(),
    };
    let made = make(&program, &wanted, &mut progress()).map_err(Said::from)?;
    let card = Card {
        title: Bilingual::new(title, order.title_en.as_deref().map_or(title, str::trim)),
        attribution: order.attribution.trim().to_owned(),
        added: Utc::now(),
        version: Uuid::now_v7(),
        made,
    };
    change.show(&making, &name, &card)?;
    Ok(added(shown, &card))
}

fn added(name: &str, card: &Card) -> Bilingual {
    let (made, [west, south, east, north]) = (&card.made, card.made.bounds);
    let ([across, down], crs, from) = (made.pixels, &made.crs.name, &made.crs.from);
    let (tiles, first, last, size) = (made.tiles, made.min_zoom, made.max_zoom, made.bytes as f64 / 1e6);
    Bilingual::new(
        format!(
            "đã thêm {name}: {across} × {down} điểm ảnh theo {crs} (lấy từ: {from}), {tiles} ô mức {first} đến {last}, {size:.1} MB\n\
             kinh độ {west:.5} đến {east:.5}, vĩ độ {south:.5} đến {north:.5}; hãy xem ảnh nằm đúng chỗ chưa: /studio, Ảnh nền"
        ),
        format!(
            "{name} added: {across} × {down} pixels by {crs} (from: {from}), {tiles} tiles of zoom {first} to {last}, {size:.1} MB\n\
             {west:.5} to {east:.5} east, {south:.5} to {north:.5} north; look whether it lies right: /studio, Underlay"
        ),
    )
}

/// One line that counts up on a terminal, nothing elsewhere.
fn progress() -> impl FnMut(u64, u64) {
    let is_seen = std::io::stderr().is_terminal();
    move |done, of| {
        if is_seen {
            let end = if done == of { '\n' } else { '\r' };
            eprint!("{done}/{of} ({} %){end}", done * 100 / of.max(1));
            // Nobody is hurt when it is not seen.
            let _ = std::io::stderr().flush();
        }
    }
}

fn list(shelf: &Shelf, config: &Config) {
    let language = Language::of_shell();
    let own = shelf.list().into_iter().map(|(name, card)| {
        let made = &card.made;
        [
            name.as_str().to_owned(),
            language.of(&card.title).to_owned(),
            format!("{}–{}", made.min_zoom, made.max_zoom),
            made.tiles.to_string(),
            format!("{:.1}", made.bytes as f64 / 1e6),
            card.added.format("%d/%m/%Y").to_string(),
        ]
    });
    let named = config.underlays.iter().map(|underlay| {
        let title = language.of(&underlay.title).to_owned();
        let zooms = format!("{}–{}", underlay.min_zoom, underlay.max_zoom);
        [underlay.name.clone(), title, zooms, String::new(), String::new(), "dothi.toml".to_owned()]
    });
    let rows: Vec<[String; 6]> = own.chain(named).collect();
    if rows.is_empty() {
        return shell::say((
            "chưa có ảnh nền nào; dothi underlay add TỆP.tif --name TÊN --title \"…\" thêm một ảnh",
            "no underlays; dothi underlay add FILE.tif --name NAME --title \"…\" adds one",
        ));
    }
    let headings: [Bilingual; 6] = [
        ("Tên", "Name").into(),
        ("Cho người đọc", "Title").into(),
        ("Mức", "Zooms").into(),
        ("Ô", "Tiles").into(),
        ("MB", "MB").into(),
        ("Thêm ngày", "Added").into(),
    ];
    println!("{}", table(headings, &rows, language));
}
