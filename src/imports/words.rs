//! The report as a person reads it, Vietnamese or English.

use std::fmt::Write as _;

use dothi_import::protocol::Severity;

use crate::catalog::Master;
use crate::shell::Language;

use super::report::{ConflictReport, LayerReport, Report};

/// Findings and conflicts shown one by one; the JSON report and the database have more.
const SHOWN: usize = 12;

/// What became of the delivery, in a few lines.
pub fn report(report: &Report, language: Language) -> String {
    let mut out = String::new();
    let headline = match (report.applied, report.dry_run) {
        (true, false) if report.exit_code() == 1 => {
            language.pick("CHƯA NHẬP GÌ, mọi dòng bị từ chối", "NOTHING IMPORTED, every row was refused")
        }
        (true, false) => language.pick("Đã nhập", "Imported"),
        (true, true) => language.pick("Chạy thử, không ghi gì", "Dry run, nothing written"),
        (false, _) => language.pick("CHƯA NHẬP GÌ", "NOTHING APPLIED"),
    };
    let _ = writeln!(out, "{headline}: {} ({:.1} s)", report.source, report.seconds);
    for layer in &report.layers {
        let _ = writeln!(out, "  {}", layer_line(layer, language));
    }
    if !report.refused_files.is_empty() {
        let _ = writeln!(out, "{}", unread_line(&report.refused_files, language));
    }
    findings(&mut out, report, language);
    conflicts(&mut out, report, language);
    for need in &report.needs {
        let _ = writeln!(out, "{}", need_line(need, language));
        if need == "local-edits" {
            for line in report.layers.iter().filter(|layer| layer.waiting + layer.missing > 0) {
                let _ = writeln!(out, "  {}: {}", line.layer, advice(line.master, language));
            }
        }
    }
    if let Some(path) = &report.refused {
        let _ = writeln!(out, "{}: {}", language.pick("Các dòng bị từ chối", "Refused rows"), path.display());
    }
    if let Some(path) = &report.path {
        let _ = writeln!(out, "{}: {}", language.pick("Báo cáo đầy đủ", "Full report"), path.display());
    }
    out
}

fn layer_line(l: &LayerReport, language: Language) -> String {
    let mut parts = Vec::new();
    let words: [(u64, &str, &str); 10] = [
        (l.added, "mới", "new"),
        (l.changed, "thay đổi", "changed"),
        (l.unchanged, "không đổi", "unchanged"),
        (l.repaired, "đã sửa hình", "repaired"),
        (l.refused, "bị từ chối", "refused"),
        (l.waiting, "gặp chỉnh sửa tại chỗ", "meet local edits"),
        (l.missing, "đã sửa tại đây, không còn trong bản giao", "edited here, gone from the delivery"),
        (l.closed, "đóng lại", "closed"),
        (l.kept, "giữ nguyên vì dòng nói về chúng bị từ chối", "kept, because a row on them was refused"),
        (l.skipped, "bỏ qua theo hồ sơ", "left out by the profile"),
    ];
    for (count, vi, en) in words {
        if count > 0 {
            parts.push(format!("{count} {}", language.pick(vi, en)));
        }
    }
    format!("{}: {} {}; {}", l.layer, l.read, language.pick("dòng", "rows"), parts.join(", "))
}

fn findings(out: &mut String, report: &Report, language: Language) {
    for count in &report.issue_counts {
        let mark = match count.severity {
            Severity::Info => "·",
            Severity::Warning => "!",
            Severity::Error => "✗",
        };
        let target = count.target.as_deref().unwrap_or("-");
        let _ = writeln!(out, "  {mark} {} × {} ({target})", count.count, count.rule);
        let first = report.issues.iter().filter(|i| i.rule == count.rule && i.target == count.target).take(3);
        for issue in first {
            let row = issue.source_row.or(issue.row).map(|r| format!("#{r} ")).unwrap_or_default();
            let file = issue.file.as_deref().map(|f| format!("{f} ")).unwrap_or_default();
            let field = issue.field.as_deref().map(|f| format!("{f}: ")).unwrap_or_default();
            let _ = writeln!(out, "      {file}{row}{field}{}", language.pick(&issue.message.vi, &issue.message.en));
        }
    }
}

fn conflicts(out: &mut String, report: &Report, language: Language) {
    for conflict in report.conflicts.iter().take(SHOWN) {
        let _ = writeln!(out, "  ⚡ {} {} ({})", conflict.layer, conflict.key.as_deref().unwrap_or("-"), conflict.kind);
        for (name, before, here, delivered) in differences(conflict) {
            let words = [("trước", "before"), ("ở đây", "here"), ("bản giao", "delivered")]
                .map(|(vi, en)| language.pick(vi, en));
            let _ =
                writeln!(out, "      {name}: {} {before} | {} {here} | {} {delivered}", words[0], words[1], words[2]);
        }
    }
}

/// Attributes on which the three versions differ: name, before, here, delivered.
fn differences(conflict: &ConflictReport) -> Vec<(String, String, String, String)> {
    let of = |version: &Option<serde_json::Value>, name: &str| match version {
        None => "–".to_owned(),
        Some(version) => version.get(name).map_or_else(|| "–".to_owned(), ToString::to_string),
    };
    let mut names: Vec<String> = Vec::new();
    for version in [&conflict.base, &conflict.ours, &conflict.theirs].into_iter().flatten() {
        names.extend(version.as_object().into_iter().flat_map(|o| o.keys().cloned()));
    }
    names.sort();
    names.dedup();
    let all = names.into_iter().map(|name| {
        let (base, ours, theirs) = (of(&conflict.base, &name), of(&conflict.ours, &name), of(&conflict.theirs, &name));
        (name, base, ours, theirs)
    });
    all.filter(|(_, base, ours, theirs)| base != ours || ours != theirs).collect()
}

fn unread_line(files: &[String], language: Language) -> String {
    let named = files.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if files.len() > SHOWN { ", …" } else { "" };
    match language {
        Language::Vi => format!(
            "  ✗ {} tệp không đọc được và bị từ chối: {named}{more}. Các tệp khác được nhập, không đối tượng nào bị đóng; sửa tệp \
             rồi nhập lại cả bản giao.",
            files.len()
        ),
        Language::En => format!(
            "  ✗ {} files could not be read and were refused: {named}{more}. The other files went in, no object was closed; mend \
             them and import the whole delivery again.",
            files.len()
        ),
    }
}

fn need_line(need: &str, language: Language) -> &'static str {
    match need {
        "local-edits" => language.pick(
            "Bản giao gặp các chỉnh sửa tại đây từ lần giao trước. Nhập lại với --accept keep-local (giữ chỉnh sửa, bản giao \
             thành đề xuất) hoặc --accept take-delivery (lấy bản giao, chỉnh sửa còn trong lịch sử).",
            "The delivery meets edits made here since the last one. Import again with --accept keep-local (the edits stay, \
             the delivered versions are kept as proposals) or --accept take-delivery (the delivery wins, the edits stay in \
             the history).",
        ),
        "older-delivery" => language.pick(
            "Nguồn này đã giao dữ liệu của một ngày sau ngày này. Nhập tiếp sẽ đưa giá trị cũ trở lại; nếu đúng ý: \
             --accept older-delivery; nếu ngày sai: --date.",
            "This source has delivered data of a later day already. Going on would put old values back; if that is meant: \
             --accept older-delivery; if the day is wrong: --date.",
        ),
        _ => language.pick(
            "Bản giao thiếu nhiều đối tượng của lần trước và sẽ đóng chúng lại. Nếu đúng là bản đầy đủ: --accept mass-close; \
             nếu chỉ là một phần: --scope none.",
            "The delivery lacks many objects of the last one and would close them. If it is complete: --accept mass-close; \
             if it is a part: --scope none.",
        ),
    }
}

/// Who decides as a rule where two say different things (decision 11: every layer says who is master).
fn advice(master: Master, language: Language) -> &'static str {
    match master {
        Master::Here => language.pick(
            "dữ liệu gốc ở đây, nên thường là --accept keep-local.",
            "the truth is kept here, so as a rule --accept keep-local.",
        ),
        Master::Land => language.pick(
            "dữ liệu gốc ở cơ sở dữ liệu đất đai, nên thường là --accept take-delivery.",
            "the truth is the land database's, so as a rule --accept take-delivery.",
        ),
        Master::Plan => language.pick(
            "dữ liệu gốc ở cơ quan quy hoạch, nên thường là --accept take-delivery.",
            "the truth is the planning authority's, so as a rule --accept take-delivery.",
        ),
        Master::Case => language.pick(
            "chỉ hồ sơ mới ghi vào lớp này, nên thường là --accept keep-local.",
            "only cases write this layer, so as a rule --accept keep-local.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Report {
        let layer = LayerReport {
            layer: "tree".into(),
            read: 9,
            imported: 5,
            repaired: 1,
            added: 6,
            refused: 2,
            unchanged: 1,
            ..LayerReport::default()
        };
        Report { source: "cay".into(), applied: true, layers: vec![layer], ..Report::default() }
    }

    #[test]
    fn the_report_speaks_both_languages() {
        let (vi, en) = (report(&sample(), Language::Vi), report(&sample(), Language::En));
        assert!(vi.contains("tree: 9 dòng; 6 mới, 1 không đổi, 1 đã sửa hình, 2 bị từ chối"), "{vi}");
        assert!(en.contains("tree: 9 rows; 6 new, 1 unchanged, 1 repaired, 2 refused"), "{en}");
    }

    #[test]
    fn a_delivery_of_which_nothing_went_in_is_not_called_imported() {
        let layer = LayerReport { layer: "tree".into(), read: 2, refused: 2, ..LayerReport::default() };
        let refused = Report { layers: vec![layer], ..sample() };
        assert!(report(&refused, Language::Vi).starts_with("CHƯA NHẬP GÌ, mọi dòng bị từ chối: cay"));
        assert!(report(&refused, Language::En).starts_with("NOTHING IMPORTED"));
    }

    #[test]
    fn three_versions_are_shown_side_by_side() {
        let version = |n: i64| Some(serde_json::json!({"storeys": n, "name": "a"}));
        let conflict = ConflictReport {
            layer: "building".into(),
            kind: "edited".into(),
            base: version(2),
            ours: version(3),
            theirs: version(4),
            ..ConflictReport::default()
        };
        let layer = |layer: &str, master, waiting| LayerReport {
            layer: layer.into(),
            master,
            waiting,
            ..LayerReport::default()
        };
        let layers =
            vec![layer("parcel", Master::Land, 0), layer("building", Master::Here, 1), layer("plan", Master::Plan, 2)];
        let met = Report { layers, ..sample() };
        let text =
            report(&Report { conflicts: vec![conflict], needs: vec!["local-edits".into()], ..met }, Language::En);
        assert!(text.contains("storeys: before 2 | here 3 | delivered 4"), "{text}");
        assert!(!text.contains("name:") && text.contains("--accept keep-local"), "{text}");
        assert!(
            text.contains("building: the truth is kept here") && text.contains("plan: the truth is the planning"),
            "{text}"
        );
        assert!(!text.contains("parcel: the truth"), "nothing waits there: {text}");
    }
}
