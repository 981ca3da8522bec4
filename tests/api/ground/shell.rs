//! The shell speaks the user's language: Vietnamese, unless the locale says English.

use std::path::Path;
use std::process::Command;

use crate::support::TestCity;

/// How a command ended, and all that it said.
struct Ended {
    code: Option<i32>,
    text: String,
}

fn dothi(arguments: &[&str], locale: &str, database: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    command.args(arguments).env("LC_ALL", locale).env("DATABASE_URL", database);
    let output = command.output().expect("dothi runs");
    let text = [output.stdout, output.stderr].concat();
    Ended { code: output.status.code(), text: String::from_utf8(text).expect("UTF-8") }
}

/// Nothing is asked of it: what is wrong is said before it is looked for.
const NOWHERE: &str = "postgresql://nobody@127.0.0.1:1/nothing";

const BENCH: &str = r#"name = "bench"
title = { vi = "Ghế đá", en = "Bench" }
geometry = "point"

[[attribute]]
name = "bench_number"
kind = "text"
title = { vi = "Số hiệu", en = "Number" }
"#;

fn written(folder: &Path, text: &str) -> String {
    let file = folder.join("bench.toml");
    std::fs::write(&file, text).expect("it is written");
    file.display().to_string()
}

#[test]
fn a_wrong_layer_file_is_named_with_line_and_allowed_words_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for (from, to, vi, en) in [
        (
            "\"point\"",
            "\"dot\"",
            "dòng 3: không có từ `dot`; dùng một trong: none, point",
            "line 3: unknown word `dot`",
        ),
        ("kind =", "type =", "dòng 7: không có mục `type`;", "line 7: unknown field `type`;"),
        ("\"text\"", "\"string\"", "code, json (viết text)", "code, json (write text)"),
        ("name = \"bench\"", "name = bench", "dòng 1: không đọc được như TOML", "line 1: "),
    ] {
        let file = written(folder.path(), &BENCH.replacen(from, to, 1));
        for (locale, words) in [("vi_VN.UTF-8", vi), ("en_US.UTF-8", en)] {
            let Ended { code, text } = dothi(&["layer", "add", &file], locale, NOWHERE);
            assert_eq!((code, text.matches(words).count()), (Some(1), 1), "{text}");
            assert_eq!(text.matches("bench.toml").count(), 1, "{text}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_said_without_the_systems_number() {
    for (locale, words) in [("", "không có tệp hay thư mục ấy"), ("en_US.UTF-8", "there is no such file or folder")]
    {
        let Ended { code, text } = dothi(&["layer", "add", "/nowhere/bench.toml"], locale, NOWHERE);
        assert_eq!(code, Some(1));
        assert!(text.contains(words) && text.contains("/nowhere/bench.toml") && !text.contains("os error"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_only_staff_see_says_so_and_how_to_open_it() {
    let (city, folder) = (TestCity::start().await, tempfile::tempdir().expect("a folder"));
    let url = city.database_url();
    let file = written(folder.path(), BENCH);
    let added = dothi(&["layer", "add", &file], "vi_VN.UTF-8", &url);
    assert_eq!(added.code, Some(0), "{}", added.text);
    assert!(added.text.contains("chỉ cán bộ thấy") && added.text.contains("public = [\"*\"]"), "{}", added.text);
    assert!(!added.text.contains("/tiles/"), "{}", added.text);
    let altered = dothi(&["layer", "alter", &file], "en_US.UTF-8", &url);
    assert!(
        altered.text.contains("only staff see it") && altered.text.contains("public = [\"*\"]"),
        "{}",
        altered.text
    );
    let file = written(folder.path(), &BENCH.replacen("geometry", "public = [\"*\"]\ngeometry", 1));
    let opened = dothi(&["layer", "alter", &file], "en_US.UTF-8", &url);
    assert!(opened.text.contains("everyone sees it on the map, /tiles/bench"), "{}", opened.text);
    let again = dothi(&["layer", "add", &file], "vi_VN.UTF-8", &url);
    assert!(again.text.contains("đã có lớp \"bench\""), "{}", again.text);
    let listed = dothi(&["layer", "list"], "vi_VN.UTF-8", &url).text;
    let bench = listed.lines().find(|line| line.starts_with("bench ")).expect("it is listed");
    assert!(listed.starts_with("Lớp ") && bench.contains("mọi người") && bench.ends_with("Ghế đá"), "{listed}");
}

#[test]
fn help_and_slips_are_in_the_language_of_the_shell() {
    let help = dothi(&["layer", "--help"], "vi_VN.UTF-8", NOWHERE).text;
    assert!(help.contains("Cách dùng: dothi layer <LỆNH>") && !help.contains("Usage"), "{help}");
    assert!(dothi(&["layer", "--help"], "en_GB.UTF-8", NOWHERE).text.is_ascii());
    let slip = dothi(&["generate", "--out", "/tmp", "--parcels", "0"], "vi_VN.UTF-8", NOWHERE);
    assert_eq!(slip.code, Some(2));
    assert!(slip.text.contains("không dùng được '0': cần một số nguyên từ 1"), "{}", slip.text);
    assert!(slip.text.contains("Giải thích: dothi generate --help"), "{}", slip.text);
    let slip = dothi(&["generate", "--out", "/tmp", "--parcels", "abc"], "en_US.UTF-8", NOWHERE).text;
    assert!(slip.contains("a whole number from 1"), "{slip}");
}
