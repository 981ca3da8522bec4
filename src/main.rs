//! The command line: one line a subcommand. Each room brings its own arguments and its own `run`.

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use dothi::config::Config;
use dothi::shell::{self, Language};

/// Máy chủ bản đồ đô thị: đất đai, quy hoạch, cây xanh, đường ống, đèn và giấy phép của một thành phố trên một bản đồ sống. | One server that keeps a city's land, planning, trees, pipes, lamps and permits on one live map.
#[derive(Parser)]
#[command(name = "dothi", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What dothi can do, in the order a newcomer meets it.
#[derive(Subcommand)]
enum Command {
    /// Chạy thử: tạo địa bàn mẫu, nhập vào rồi mở bản đồ. | Makes the demo place, imports it, and serves it.
    Demo(dothi::demo::cli::Args),
    /// Nhập các tệp của một bản giao, hoặc vào hết hoặc không vào gì, và nói từng dòng ra sao. | Imports the files of one
    /// delivery, all or nothing, and says what became of every row.
    ///
    /// Mã kết thúc 0: đã vào hết; 2: có dòng bị từ chối hoặc chờ quyết định (báo cáo nói vì sao); 1: chưa ghi gì. | Exit
    /// code 0: all is in; 2: some rows were refused or wait for a decision (the report says why); 1: nothing was applied.
    Import(dothi::imports::cli::ImportArgs),
    /// Tạo một địa bàn minh họa cỡ tùy ý, thành một tệp GeoPackage. | Makes an illustrative place of any size, as one
    /// GeoPackage.
    Generate(dothi::demo::generate::Args),
    /// Đọc tệp cho dothi import, là tiến trình con. | Reads files for `dothi import`, as its child.
    #[command(hide = true)]
    ImportWorker,
    /// Ghi tệp kết xuất cho máy chủ, là tiến trình con. | Writes a file of rows for the server, as its child.
    #[command(hide = true)]
    ExportWorker,
    /// Xếp ô một ảnh cho dothi underlay add, là tiến trình con. | Tiles a picture for `dothi underlay add`, as its child.
    #[command(hide = true)]
    UnderlayWorker,
    /// Khởi động máy chủ. | Starts the server.
    Serve(dothi::http::cli::Args),
    /// Nói máy này còn thiếu gì, và lệnh để khắc phục. | Says what is missing on this machine and the command that mends it.
    Doctor(dothi::doctor::cli::Args),
    /// Thêm, sửa, cất và liệt kê các lớp dữ liệu. | Adds, alters, retires and lists layers.
    Layer(dothi::catalog::cli::Args),
    /// Ảnh nền: xếp ô bản quét, ảnh trực giao (`GeoTIFF`) để nằm dưới bản đồ của studio; liệt kê và xóa. | Tiles scans and
    /// orthophotos (`GeoTIFF`) to lie below the studio's map; lists and removes them.
    Underlay(dothi::underlays::cli::Args),
    /// Người dùng: tài khoản, vai trò, mật khẩu, mã API, rà soát. | People: accounts, roles, passwords, API tokens, review.
    User(dothi::identity::cli::Args),
    /// Đưa bảng và danh mục trong cơ sở dữ liệu lên phiên bản này. | Brings the database's tables and catalog up to this
    /// version.
    Migrate(dothi::database::cli::MigrateArgs),
    /// Chạy một lệnh với cơ sở dữ liệu dùng tạm (để kiểm thử). | Runs a command with a throw-away database (for tests).
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
    let language = Language::of_shell();
    let mut command = shell::help::speak(Arguments::command(), language);
    let typed = command.try_get_matches_from_mut(std::env::args_os());
    let arguments = match typed.and_then(|typed| Arguments::from_arg_matches(&typed)) {
        Ok(arguments) => arguments,
        Err(slip) => return shell::slip::tell(&slip, &command, language),
    };
    if matches!(arguments.command, Command::ImportWorker) {
        return dothi_import::worker::process();
    }
    if matches!(arguments.command, Command::ExportWorker) {
        return dothi_import::export::process();
    }
    if matches!(arguments.command, Command::UnderlayWorker) {
        return dothi_import::raster::process();
    }
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dothi: {}", shell::told(&error, language));
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
        Command::Generate(args) => dothi::demo::generate::run(&args),
        // Taken before any of this, without a runtime.
        Command::ImportWorker | Command::ExportWorker | Command::UnderlayWorker => Ok(ExitCode::FAILURE),
        Command::Serve(args) => dothi::http::cli::run(args, config).await,
        Command::Doctor(args) => dothi::doctor::cli::run(args, config).await,
        Command::Layer(args) => dothi::catalog::cli::run(args, config).await,
        Command::Underlay(args) => dothi::underlays::cli::run(args, config).await,
        Command::User(args) => dothi::identity::cli::run(args, config).await,
        Command::Migrate(args) => dothi::database::cli::migrate(args, config).await,
        Command::WithDatabase(args) => dothi::database::cli::with_database(args, config).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_help_is_there_in_both_languages() {
        assert_eq!(shell::help::untold(&Arguments::command()), Vec::<String>::new());
    }

    #[test]
    fn arguments_hang_together() {
        for language in [Language::Vi, Language::En] {
            shell::help::speak(Arguments::command(), language).debug_assert();
        }
    }
}
