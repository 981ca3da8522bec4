//! Issues: sent one by one up to a limit for each rule and target, counted in full.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::protocol::{Issue, IssueCount, Message, Severity, Text, write_message};

/// Where in the delivery something was found.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Target layer.
    pub target: Option<String>,
    /// File.
    pub file: Option<String>,
    /// Layer in it.
    pub source_layer: Option<String>,
    /// Row of the delivery.
    pub row: Option<i64>,
    /// Row of the source layer.
    pub source_row: Option<i64>,
    /// Position in WGS 84.
    pub at: Option<(f64, f64)>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Slug of the rule.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Attribute or column.
    pub field: Option<String>,
    /// The value.
    pub value: Option<String>,
    /// What it means and what to do.
    pub message: Text,
}

/// Counts issues and sends the first of each kind.
pub struct Report<W> {
    /// The way to the parent.
    pub out: W,
    limit: u64,
    counts: BTreeMap<(Option<String>, &'static str, Severity), u64>,
}

/// Values are shortened to this many characters.
const VALUE_LENGTH: usize = 120;

impl<W: Write> Report<W> {
    /// A report that sends at most `limit` issues of a kind.
    pub fn new(out: W, limit: u64) -> Self {
        Self { out, limit, counts: BTreeMap::new() }
    }

    /// Counts, and sends while below the limit.
    ///
    /// # Errors
    /// If the parent is gone.
    pub fn issue(&mut self, place: &Place, finding: Finding) -> io::Result<()> {
        let count = self.counts.entry((place.target.clone(), finding.rule, finding.severity)).or_default();
        *count += 1;
        if *count > self.limit {
            return Ok(());
        }
        let issue = Issue {
            target: place.target.clone(),
            file: place.file.clone(),
            source_layer: place.source_layer.clone(),
            row: place.row,
            source_row: place.source_row,
            field: finding.field,
            value: finding.value.map(|v| shorten(&v)),
            severity: finding.severity,
            rule: finding.rule.to_owned(),
            message: finding.message,
            lon: place.at.map(|a| a.0),
            lat: place.at.map(|a| a.1),
        };
        write_message(&mut self.out, &Message::Issue(issue))
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the parent is gone.
    pub fn send(&mut self, message: &Message) -> io::Result<()> {
        write_message(&mut self.out, message)
    }

    /// All counts, by target and rule.
    pub fn counts(&self) -> Vec<IssueCount> {
        let count = |((target, rule, severity), count): (&(Option<String>, &'static str, Severity), &u64)| IssueCount {
            target: target.clone(),
            rule: (*rule).to_owned(),
            severity: *severity,
            count: *count,
        };
        self.counts.iter().map(count).collect()
    }
}

fn shorten(value: &str) -> String {
    match value.char_indices().nth(VALUE_LENGTH) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_issues_are_counted_but_not_sent() {
        let mut report = Report::new(Vec::new(), 3);
        let place = Place { target: Some("tree".into()), ..Place::default() };
        for _ in 0..10 {
            report
                .issue(
                    &place,
                    Finding {
                        rule: "r",
                        severity: Severity::Info,
                        field: None,
                        value: Some("đ".repeat(500)),
                        message: Text::default(),
                    },
                )
                .unwrap();
        }
        assert_eq!(report.counts()[0].count, 10);
        let mut from = report.out.as_slice();
        let mut sent = 0;
        while let Some(frame) = crate::protocol::read_frame(&mut from).unwrap() {
            let crate::protocol::Frame::Message(m) = frame else { panic!("rows") };
            let Message::Issue(issue) = *m else { panic!("other") };
            assert_eq!(issue.value.unwrap().chars().count(), VALUE_LENGTH + 1);
            sent += 1;
        }
        assert_eq!(sent, 3);
    }
}
