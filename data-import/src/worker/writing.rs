//! In which encoding a file's text is, where nobody said so: decided by a sample of its rows above a margin, else asked with previews.

use std::io::Write;

use gdal::vector::LayerAccess;

use super::delivery::{Format, Item};
use super::fatal::Fatal;
use super::ogr::{self, Batch};
use super::report::{Finding, Place};
use super::session::Session;
use crate::mapping::Plan;
use crate::profile::Profile;
use crate::protocol::{Severity, Text};
use crate::text::detect::{Found, Score, detect, preview};
use crate::values::{Cell, text::Encoding};

/// Rows that are looked at: reading text alone, some tenths of a second.
const ROWS: usize = 20_000;
/// So many values with more than ASCII are enough.
const VALUES: usize = 2_000;
/// Values that are shown of each reading.
const SHOWN: usize = 3;

impl<W: Write + Send> Session<'_, W> {
    /// The plan with the encoding that the text is in. A `.cpg` is a hint, which evidence outweighs; what a person named is not looked at.
    pub(super) fn read_as_detected<L: LayerAccess>(
        &mut self,
        item: &Item,
        profile: Option<&Profile>,
        mut plan: Plan,
        layer: &mut L,
        place: &Place,
    ) -> Result<Plan, Fatal> {
        let is_named = self.job.encoding.is_some() || profile.is_some_and(|profile| profile.source.encoding.is_some());
        // The other formats say that they are UTF-8.
        if is_named || !matches!(item.format, Format::Shapefile | Format::Csv) {
            return Ok(plan);
        }
        let sample = sample(layer, &plan);
        let values = || sample.iter().map(Vec::as_slice);
        let hint = plan.reading.encoding;
        match detect(values()) {
            Found::Decided(scores) => {
                let Some(best) = scores.first() else { return Ok(plan) };
                plan.reading.encoding = best.encoding;
                if best.encoding != hint {
                    self.report.issue(place, detected(&scores, &preview(best.encoding, values(), SHOWN)))?;
                }
            }
            Found::Unclear(scores)
                if hint == Encoding::Unsaid && values().any(|value| std::str::from_utf8(value).is_err()) =>
            {
                return Err(unclear(item, &scores, &sample));
            }
            // Text of another encoding is not UTF-8, value after value: whatever the file says of itself.
            Found::Utf8 if !matches!(hint, Encoding::Unsaid | Encoding::Utf8) => {
                plan.reading.encoding = Encoding::Unsaid;
                self.report.issue(place, outweighed(hint, &preview(Encoding::Utf8, values(), SHOWN)))?;
            }
            Found::Unclear(_) | Found::Plain | Found::Utf8 => {}
        }
        Ok(plan)
    }
}

/// Text with more than ASCII from the first rows; the layer is at its beginning again afterwards.
fn sample<L: LayerAccess>(layer: &mut L, plan: &Plan) -> Vec<Vec<u8>> {
    let (mut batch, mut values, mut rows) = (Batch::default(), Vec::new(), 0);
    loop {
        let more = ogr::fill(layer, &plan.wanted, false, &mut batch);
        rows += batch.geometries.len();
        for cell in &batch.cells {
            if let Cell::Text(from, to) = cell
                && let Some(bytes) = batch.arena.get(*from as usize..*to as usize)
                && bytes.iter().any(|byte| !byte.is_ascii() || byte.is_ascii_control())
            {
                values.push(bytes.to_vec());
            }
        }
        if !more || rows >= ROWS || values.len() >= VALUES {
            break;
        }
    }
    layer.reset_feature_reading();
    values
}

fn quoted(shown: &[String]) -> String {
    shown.iter().map(|text| format!("“{text}”")).collect::<Vec<_>>().join(", ")
}

fn found(message: Text) -> Finding {
    Finding { rule: "encoding-detected", severity: Severity::Warning, field: None, value: None, message }
}

fn outweighed(hint: Encoding, shown: &[String]) -> Finding {
    let (hint, shown) = (hint.name(), quoted(shown));
    found(Text::new(
        format!(
            "tệp ghi bảng mã {hint}, nhưng chữ là UTF-8 và được đọc theo đó: {shown}. Không đúng thì nêu bằng --encoding"
        ),
        format!(
            "the file says {hint}, but its text is UTF-8 and is read so: {shown}. If that is wrong, name the encoding with --encoding"
        ),
    ))
}

fn detected(scores: &[Score], shown: &[String]) -> Finding {
    let shown = quoted(shown);
    let told = |words: [&str; 2]| {
        let one = |score: &Score| format!("{} {}/{}", score.encoding.name(), score.syllables, score.words);
        let rest: Vec<String> = scores.iter().skip(1).take(2).map(one).collect();
        let best = scores.first().map(one).unwrap_or_default();
        let rest = if rest.is_empty() { String::new() } else { format!("; {} {}", words[1], rest.join(", ")) };
        format!("{best} {}{rest}", words[0])
    };
    found(Text::new(
        format!(
            "không ai nêu bảng mã; chữ được đọc theo {}: {shown}. Không đúng thì nêu bằng --encoding",
            told(["từ là âm tiết tiếng Việt", "kế đó"])
        ),
        format!(
            "no encoding was named; the text is read as {}: {shown}. If that is wrong, name it with --encoding",
            told(["words are Vietnamese syllables", "next"])
        ),
    ))
}

/// Nothing is decided: how it would read in each, side by side.
fn unclear(item: &Item, scores: &[Score], sample: &[Vec<u8>]) -> Fatal {
    let line = |encoding: Encoding| {
        let read = preview(encoding, sample.iter().map(Vec::as_slice), SHOWN).join("” “");
        (!read.is_empty()).then(|| format!("\n  --encoding {:<14} “{read}”", encoding.name()))
    };
    let mut lines: Vec<String> = scores.iter().filter_map(|score| line(score.encoding)).collect();
    if lines.is_empty() {
        lines = crate::text::detect::CANDIDATES.into_iter().filter_map(line).collect();
    }
    let lines = lines.concat();
    Fatal::in_file(
        "encoding-unknown",
        &item.name,
        Text::new(
            format!("văn bản không phải UTF-8 và không rõ là bảng mã nào; hãy chọn cách đọc đúng:{lines}"),
            format!(
                "the text is not UTF-8, an encoding is needed and none is certain; choose the one that reads right:{lines}"
            ),
        ),
    )
}
