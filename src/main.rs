//! The command line: one line a subcommand. Each room brings its own arguments and its own `run`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use dothi::config::Config;

/// Máy chủ bản đồ đô thị: one server that keeps a city's land, planning, trees, pipes, lamps and permits on one live map.
#[derive(Parser)]
#[command(name = "dothi", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What dothi can do, in the order a newcomer meets it.
#[derive(Subcommand)]
enum Command {
    /// Chạy thử: makes the demo place, imports it, and serves it.
    Demo(dothi::demo::cli::Args),
    /// Nhập dữ liệu: imports the files of one delivery and says what became of every row.
    Import(dothi::imports::cli::ImportArgs),
    /// Tạo dữ liệu minh họa: makes an illustrative place of any size, as one GeoPackage.
    Generate(dothi_import::generate::cli::Args),
    /// Reads files for `dothi import`, as its child.
    #[command(hide = true)]
    ImportWorker,
    /// Writes a file of rows for the server, as its child.
    #[command(hide = true)]
    ExportWorker,
    /// Starts the server.
    Serve(dothi::http::cli::Args),
    /// Says what is missing on this machine and the command that mends it.
    Doctor(dothi::doctor::cli::Args),
    /// Adds, alters, retires and lists layers.
    Layer(dothi::catalog::cli::Args),
    /// Người dùng: makes accounts, gives roles, sets passwords, makes API tokens.
    User(dothi::identity::cli::Args),
    /// Brings the database's tables and catalog up to this version.
    Migrate(dothi::database::cli::MigrateArgs),
    /// Runs a command with a throw-away database (for tests).
    #[command(hide = true)]
    WithDatabase(dothi::database::cli::WithDatabaseArgs),
}

/// Whoever closes the pipe has read enough (`dothi layer list | head`): no fault to tell of.
fn end_quietly_when_nobody_reads() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>().map_or("", String::as_str);
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(0);
        }
        tell(panic);
    }));
}

fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let arguments = Arguments::parse();
    if matches!(arguments.command, Command::ImportWorker) {
        return dothi_import::worker::process();
    }
    if matches!(arguments.command, Command::ExportWorker) {
        return dothi_import::export::process();
    }
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dothi: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    match command {
        Command::Demo(args) => dothi::demo::cli::run(args, config).await,
        Command::Import(args) => dothi::imports::cli::run(args, config).await,
        Command::Generate(args) => dothi_import::generate::cli::run(&args),
        // Taken before any of this, without a runtime.
        Command::ImportWorker | Command::ExportWorker => Ok(ExitCode::FAILURE),
        Command::Serve(args) => dothi::http::cli::run(args, config).await,
        Command::Doctor(args) => dothi::doctor::cli::run(args, config).await,
        Command::Layer(args) => dothi::catalog::cli::run(args, config).await,
        Command::User(args) => dothi::identity::cli::run(args, config).await,
        Command::Migrate(args) => dothi::database::cli::migrate(args, config).await,
        Command::WithDatabase(args) => dothi::database::cli::with_database(args, config).await,
    }
}
