//! The Diagnostic Format of reviewdog, which puts findings and proposed edits into reviews.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::card::location;
use super::{Options, escape, notes, place, safe_fixes, visible};
use crate::diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::order::Order;
use crate::policy::Library;
use crate::source::{SourceMap, Span};

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    library: &Library,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let whole = Whole {
        source: Tool { name: "purposelint", url: "https://purposelint.dev" },
        diagnostics: Diagnostics { report, sources, library, options },
    };
    escape::write_json(&whole, out)
}

#[derive(Serialize)]
struct Whole<'a> {
    source: Tool,
    diagnostics: Diagnostics<'a>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    url: &'static str,
}

/// Diagnostics are made one by one while they are written.
struct Diagnostics<'a> {
    report: &'a Report,
    sources: &'a SourceMap,
    library: &'a Library,
    options: &'a Options,
}

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let urls = self.library.rules().map(|rule| (rule.id.as_str(), rule.url())).collect();
        let refused = self.report.refused.iter().map(|diagnostic| self.refused(diagnostic, &urls));
        let shown = visible(self.report, self.options).map(|finding| self.item(finding, &urls));
        serializer.collect_seq(refused.chain(shown))
    }
}

type Urls<'a> = std::collections::BTreeMap<&'a str, String>;

impl Diagnostics<'_> {
    fn item<'a>(&'a self, finding: &'a Finding, urls: &'a Urls<'_>) -> Item<'a> {
        let mut message = notes::message(finding).into_owned();
        let earlier = |label: &&Label| place::is_elsewhere(self.sources, label.span.file);
        for label in finding.labels.iter().filter(earlier) {
            message.push_str(&format!(
                "\n{}: {}",
                location(self.sources, label, true),
                escape::text(&label.text, escape::SHORT)
            ));
        }
        let here = finding.labels.iter().filter(|label| !earlier(label));
        message.push_str(&help(finding.help.as_deref()));
        Item {
            message,
            location: self.location(finding.primary.span),
            severity: word(finding.severity),
            code: Code {
                value: Cow::Borrowed(&finding.rule),
                url: urls.get(finding.rule.as_str()).map(String::as_str),
            },
            suggestions: safe_fixes(finding).filter_map(|fix| self.suggestion(fix, finding.primary.span)).collect(),
            related_locations: here.map(|label| self.related(label)).collect(),
        }
    }

    /// What could not be judged: without it a report of a file that nobody judged would look clean.
    fn refused<'a>(&'a self, diagnostic: &Diagnostic, urls: &'a Urls<'_>) -> Item<'a> {
        let rule = format!("core/{}", diagnostic.code);
        Item {
            message: notes::refused(diagnostic) + &help(diagnostic.help.as_deref()),
            location: self.location(diagnostic.primary.span),
            severity: word(Severity::Error),
            code: Code { url: urls.get(rule.as_str()).map(String::as_str), value: Cow::Owned(rule) },
            suggestions: Vec::new(),
            related_locations: diagnostic.labels.iter().map(|label| self.related(label)).collect(),
        }
    }

    fn related(&self, label: &Label) -> Related {
        let message = escape::text(&label.text, escape::SHORT).into_owned();
        Related { message: Some(message).filter(|text| !text.is_empty()), location: self.location(label.span) }
    }

    fn location(&self, span: Span) -> Location {
        let path = place::of_file(&self.options.repository_prefix, self.sources, span.file).into_owned();
        if place::is_elsewhere(self.sources, span.file) {
            let first = || Position { line: 1, column: 1 };
            return Location { path, range: Range { start: first(), end: first() } };
        }
        Location { path, range: self.range(span) }
    }

    fn range(&self, span: Span) -> Range {
        Range { start: self.position(span, span.start), end: self.position(span, span.end) }
    }

    /// Columns of this format count bytes.
    fn position(&self, span: Span, offset: u32) -> Position {
        let Some(source) = self.sources.get(span.file) else { return Position { line: 1, column: 1 } };
        let offset = offset as usize;
        let line = source.line_of(offset);
        Position { line: line + 1, column: offset - source.line_range(line).start.min(offset) + 1 }
    }

    /// The edits of a fix as one: a suggestion is one stretch of the file that the diagnostic is about. `None` where they are not.
    fn suggestion(&self, fix: &Fix, primary: Span) -> Option<Suggestion> {
        let mut edits: Vec<&Edit> = fix.edits.iter().collect();
        edits.order_by_key(|edit| edit.span);
        let (first, last) = (edits.first()?, edits.last()?);
        if edits.iter().any(|edit| edit.span.file != primary.file) {
            return None;
        }
        let whole = Span { end: last.span.end, ..first.span };
        let mut text = String::new();
        let mut at = whole.start;
        for edit in edits {
            // edits of a fix do not overlap; if they did, what they mean together would be anyone's guess
            let between = Span { start: at, end: edit.span.start, ..whole };
            if between.start > between.end {
                return None;
            }
            text.push_str(&self.sources.slice(between));
            text.push_str(&edit.text);
            at = edit.span.end;
        }
        Some(Suggestion { range: self.range(whole), text })
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}

/// The way out, on a line of its own; nothing where there is none.
fn help(text: Option<&str>) -> String {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| format!("\nhelp: {}", escape::text(text, escape::LONG))).unwrap_or_default()
}

#[derive(Serialize)]
struct Item<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Code<'a> {
    value: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Related {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}
