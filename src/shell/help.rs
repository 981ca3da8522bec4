//! `--help` in the language of the shell.
//!
//! The doc comments of arguments and subcommands hold both texts, `Tiếng Việt. | English.`, in every paragraph; here one of
//! them is chosen, all over the tree, and the words that clap itself writes are replaced.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

use super::Language;

/// Between the two languages of a text.
const BETWEEN: &str = " | ";

const TEMPLATE_VI: &str = "{before-help}{about-with-newline}\nCách dùng: {usage}\n\n{all-args}{after-help}";
const TEMPLATE_EN: &str = "{before-help}{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}";

/// The whole tree of commands, in this language.
pub fn speak(mut command: Command, language: Language) -> Command {
    // Help and version get their arguments here: only what is there can be reworded.
    command.build();
    reworded(command, language)
}

fn reworded(command: Command, language: Language) -> Command {
    let say = |vi: &'static str, en: &'static str| language.pick(vi, en);
    let (about, long) = (command.get_about().cloned(), command.get_long_about().cloned());
    let mut command = command
        .mut_args(|arg| argument(arg, language))
        .mut_subcommands(|below| reworded(below, language))
        .help_template(say(TEMPLATE_VI, TEMPLATE_EN))
        .subcommand_help_heading(say("Lệnh", "Commands"))
        .subcommand_value_name(say("LỆNH", "COMMAND"));
    if command.get_name() == "help" {
        command =
            command.about(say("In lời giải thích này, hoặc của một lệnh", "Prints this help, or that of a command"));
    } else if let Some(about) = about {
        command = command.about(short(&about, language));
        command = long.map_or(command.clone(), |long| command.long_about(chosen(&long.to_string(), language)));
    }
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    if language == Language::Vi {
        let usage = usage.replace("[OPTIONS]", "[TÙY CHỌN]").replace("\n       ", "\n           ");
        command = command.override_usage(usage);
    }
    command
}

fn argument(arg: Arg, language: Language) -> Arg {
    let say = |vi: &'static str, en: &'static str| language.pick(vi, en);
    let heading: &'static str =
        if arg.is_positional() { say("Đối số", "Arguments") } else { say("Tùy chọn", "Options") };
    let arg = arg.help_heading(heading);
    match arg.get_action() {
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong => {
            let help = say("In lời giải thích", "Prints help");
            return arg.help(help).long_help(help);
        }
        ArgAction::Version => return arg.help(say("In số phiên bản", "Prints the version")),
        _ => {}
    }
    let Some(help) = arg.get_help().cloned() else { return arg };
    let mut help = short(&help, language);
    let mut long = arg.get_long_help().map(|long| chosen(&long.to_string(), language));
    let notes = notes(&arg, language);
    help.push_str(&notes);
    if let Some(long) = &mut long {
        long.push_str(&notes);
    }
    if let Some(explained) = explained_values(&arg, language) {
        long = Some(format!("{}\n{explained}", long.unwrap_or_else(|| help.clone())));
    }
    let arg = arg.hide_possible_values(true).hide_default_value(true).hide_env(true).help(help);
    match long {
        Some(long) => arg.long_help(long),
        None => arg,
    }
}

/// What clap would add in English: default, possible values, environment.
fn notes(arg: &Arg, language: Language) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    let mut notes = String::new();
    let mut note = |vi, en, what: String| {
        if !what.is_empty() {
            notes.push_str(&format!(" [{}: {what}]", language.pick(vi, en)));
        }
    };
    let possible = arg.get_possible_values();
    let shown = possible.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name());
    note("một trong", "one of", shown.collect::<Vec<_>>().join(", "));
    let default = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned());
    note("mặc định", "default", default.collect::<Vec<_>>().join(" "));
    note(
        "biến môi trường",
        "variable",
        arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    );
    notes
}

/// A line a value, where values say what they mean.
fn explained_values(arg: &Arg, language: Language) -> Option<String> {
    let possible = arg.get_possible_values();
    let explained = possible.iter().filter_map(|value| {
        let help = value.get_help()?;
        Some(format!("- {}: {}", value.get_name(), short(help, language)))
    });
    let explained = explained.collect::<Vec<_>>().join("\n");
    (!explained.is_empty()).then_some(explained)
}

/// A short text has no full stop at its end, as everywhere in a shell.
fn short(text: &StyledStr, language: Language) -> String {
    chosen(&text.to_string(), language).trim_end_matches('.').to_owned()
}

fn chosen(text: &str, language: Language) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| match paragraph.split_once(BETWEEN) {
        Some((vi, en)) => language.pick(vi, en),
        None => paragraph,
    });
    paragraphs.map(str::trim).collect::<Vec<_>>().join("\n\n")
}

/// Where a text lacks one of the languages, for the test that walks the tree.
pub fn untold(command: &Command) -> Vec<String> {
    let mut places = Vec::new();
    look(command, command.get_name(), &mut places);
    places
}

fn look(command: &Command, path: &str, places: &mut Vec<String>) {
    let mut note = |place: String, text: Option<&StyledStr>| {
        let text = text.map(ToString::to_string).unwrap_or_default();
        if !text.split("\n\n").all(is_bilingual) {
            places.push(format!("{place}: {text:?}"));
        }
    };
    note(path.to_owned(), command.get_about());
    if command.get_long_about().is_some() {
        note(path.to_owned(), command.get_long_about());
    }
    for arg in command.get_arguments() {
        note(format!("{path} {}", arg.get_id()), arg.get_help());
        if arg.get_long_help().is_some() {
            note(format!("{path} {}", arg.get_id()), arg.get_long_help());
        }
        for value in arg.get_possible_values().iter().filter(|value| value.get_help().is_some()) {
            note(format!("{path} {} {}", arg.get_id(), value.get_name()), value.get_help());
        }
    }
    for below in command.get_subcommands() {
        look(below, &format!("{path} {}", below.get_name()), places);
    }
}

/// Vietnamese is told from English by its letters.
fn is_bilingual(paragraph: &str) -> bool {
    paragraph
        .split_once(BETWEEN)
        .is_some_and(|(vi, en)| !vi.is_ascii() && !en.trim().is_empty() && !en.contains(BETWEEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Command {
        let size = Arg::new("size").long("size").default_value("1").help("Cỡ. | Size.");
        let file = Arg::new("file").help("Tệp. | File.");
        let below = Command::new("make").about("Làm ra. | Makes.").arg(file).arg(size);
        Command::new("dothi").about("Máy chủ. | Server.").subcommand(below)
    }

    fn help_of(path: &[&str], language: Language) -> String {
        let arguments = std::iter::once("dothi").chain(path.iter().copied()).chain(["--help"]);
        speak(tree(), language).try_get_matches_from(arguments).expect_err("help ends it").to_string()
    }

    #[test]
    fn one_language_is_shown_headings_too() {
        let vi = help_of(&["make"], Language::Vi);
        for part in ["Làm ra\n", "Cách dùng: dothi make [TÙY CHỌN] [file]", "Đối số:", "Tùy chọn:", "Cỡ [mặc định: 1]"]
        {
            assert!(vi.contains(part), "{part}: {vi}");
        }
        for word in ["Makes", "Usage", "Options", "Arguments", "Print", "default"] {
            assert!(!vi.contains(word), "{word}: {vi}");
        }
        let en = help_of(&["make"], Language::En);
        assert!(en.contains("Makes\n\nUsage: dothi make [OPTIONS] [file]\n\nArguments:\n  [file]  File\n"), "{en}");
        assert!(en.contains("Size [default: 1]") && en.is_ascii(), "{en}");
        assert!(help_of(&[], Language::Vi).contains("Lệnh:\n  make  Làm ra\n"));
        assert!(help_of(&[], Language::Vi).contains("dothi <LỆNH>") || help_of(&[], Language::Vi).contains("[LỆNH]"));
    }

    #[test]
    fn a_text_in_one_language_is_found() {
        assert_eq!(untold(&tree()), Vec::<String>::new());
        let half = tree().arg(Arg::new("half").long("half").help("Only this."));
        assert_eq!(untold(&half), ["dothi half: \"Only this.\""]);
        let none = tree().arg(Arg::new("none").long("none"));
        assert_eq!(untold(&none).len(), 1);
    }
}
