//! What was typed wrongly, told in the language of the shell.

use std::error::Error as _;
use std::fmt::Write as _;
use std::process::ExitCode;

use clap::error::{ContextKind as About, ContextValue, ErrorKind};

use super::Language;

/// Prints help, version or what is wrong, and answers the code to end with.
pub fn tell(error: &clap::Error, command: &clap::Command, language: Language) -> ExitCode {
    let typed = std::env::args().skip(1).collect::<Vec<_>>();
    match in_vietnamese(error, &command_in(command, &typed)).filter(|_| language == Language::Vi) {
        Some(words) => eprint!("{words}"),
        // Nobody may be there to read it.
        None => drop(error.print()),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The error in Vietnamese; nothing where it is help, which speaks Vietnamese already.
fn in_vietnamese(error: &clap::Error, command: &str) -> Option<String> {
    let said = |what| error.get(what).map(plain).unwrap_or_default();
    let (argument, value) = (said(About::InvalidArg), said(About::InvalidValue));
    let what = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return None;
        }
        ErrorKind::InvalidValue if value.is_empty() => format!("{argument} cần một giá trị"),
        ErrorKind::InvalidValue => format!("{argument}: không có giá trị '{value}'"),
        ErrorKind::ValueValidation => match reason(error) {
            Some(reason) => format!("{argument}: không dùng được '{value}': {reason}"),
            None => format!("{argument}: không dùng được '{value}'"),
        },
        ErrorKind::UnknownArgument => format!("không có tham số '{argument}'"),
        ErrorKind::InvalidSubcommand => format!("không có lệnh '{}'", said(About::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => format!("còn thiếu: {argument}"),
        ErrorKind::MissingSubcommand => format!("cần nói làm gì: {}", said(About::ValidSubcommand)),
        ErrorKind::ArgumentConflict if argument.is_empty() => {
            format!("lệnh '{}' không đi cùng {}", said(About::InvalidSubcommand), said(About::PriorArg))
        }
        ErrorKind::ArgumentConflict => match said(About::PriorArg) {
            prior if prior.is_empty() => format!("{argument} không đi cùng tham số khác"),
            prior if prior == argument => format!("{argument} chỉ được nêu một lần"),
            prior => format!("{argument} không đi cùng {prior}"),
        },
        ErrorKind::NoEquals => format!("{argument}: viết dấu = trước giá trị"),
        ErrorKind::TooManyValues => format!("{argument}: thừa giá trị '{value}'"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{argument}: không đủ giá trị"),
        ErrorKind::InvalidUtf8 => "tham số không phải chữ UTF-8".to_owned(),
        _ => return Some(format!("lỗi: câu lệnh không đúng\n{error}")),
    };
    let mut out = format!("lỗi: {what}\n");
    let mut line = |about, words: &str| {
        let meant = said(about);
        if !meant.is_empty() {
            let _ = writeln!(out, "  {words}: {meant}");
        }
    };
    line(About::ValidValue, "dùng một trong");
    line(About::SuggestedArg, "có lẽ ý bạn là");
    line(About::SuggestedSubcommand, "có lẽ ý bạn là");
    line(About::SuggestedValue, "có lẽ ý bạn là");
    let usage = said(About::Usage);
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).trim();
    if !usage.is_empty() {
        let _ = write!(out, "\nCách dùng: {usage}\n");
    }
    let _ = writeln!(out, "\nGiải thích: {command} --help");
    Some(out)
}

/// The command that was meant, as far as its words are known.
fn command_in(root: &clap::Command, typed: &[String]) -> String {
    let (mut path, mut at) = (root.get_name().to_owned(), root);
    for below in typed.iter().map_while(|word| {
        let below = at.find_subcommand(word)?;
        at = below;
        Some(below)
    }) {
        path.push(' ');
        path.push_str(below.get_name());
    }
    path
}

fn plain(value: &ContextValue) -> String {
    match value {
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        ContextValue::Strings(all) => all.join(", "),
        other => other.to_string(),
    }
}

/// Our own value parsers speak the shell's language; those of libraries do not.
fn reason(error: &clap::Error) -> Option<String> {
    let source = error.source()?;
    let known = None
        .or_else(|| source.is::<std::net::AddrParseError>().then_some("cần địa chỉ và cổng, ví dụ 127.0.0.1:8080"))
        .or_else(|| source.is::<std::num::ParseIntError>().then_some("cần một số nguyên"))
        .or_else(|| source.is::<chrono::ParseError>().then_some("cần ngày dạng 2026-11-23"))
        .or_else(|| source.is::<uuid::Error>().then_some("cần mã dạng 0b9f5d0c-…, như lệnh list in ra"));
    Some(known.map_or_else(|| source.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Arg, Command, value_parser};

    fn said(arguments: &[&str]) -> String {
        let size = Arg::new("size").long("size").value_parser(value_parser!(u8)).help("Cỡ. | Size.");
        let kind = Arg::new("kind").long("kind").value_parser(["tree", "lamp"]).help("Loại. | Kind.");
        let file = Arg::new("file").required(true).help("Tệp. | File.");
        let make = Command::new("make").about("Làm. | Makes.").args([size, kind, file]);
        let command = Command::new("dothi").about("Máy chủ. | Server.").subcommand(make).subcommand_required(true);
        let mut command = super::super::help::speak(command, Language::Vi);
        let typed = std::iter::once("dothi").chain(arguments.iter().copied());
        let error = command.try_get_matches_from_mut(typed).expect_err("wrong");
        let typed: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        in_vietnamese(&error, &command_in(&command, &typed)).expect("no help")
    }

    #[test]
    fn what_is_wrong_is_said_in_vietnamese_with_the_way_to_the_help() {
        for (typed, words) in [
            (&["mke"][..], "lỗi: không có lệnh 'mke'\n  có lẽ ý bạn là: make"),
            (&["make"], "lỗi: còn thiếu: <file>"),
            (&["make", "a", "--size", "abc"], "lỗi: --size <size>: không dùng được 'abc': "),
            (
                &["make", "a", "--kind", "dog"],
                "lỗi: --kind <kind>: không có giá trị 'dog'\n  dùng một trong: tree, lamp",
            ),
            (&["make", "a", "--sise", "1"], "lỗi: không có tham số '--sise'\n  có lẽ ý bạn là: --size"),
            (&["make", "a", "--size"], "lỗi: --size <size> cần một giá trị"),
        ] {
            let said = said(typed);
            assert!(said.starts_with(words), "{said}");
            let command = if typed[0] == "make" { "dothi make" } else { "dothi" };
            assert!(said.ends_with(&format!("Giải thích: {command} --help\n")), "{said}");
            assert!(!said.contains("Usage") && !said.contains("error"), "{said}");
        }
    }
}
