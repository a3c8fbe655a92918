//! The report for machines, as `schemas/report.v1.json` has it, in one piece or one finding per line.

mod change;

use std::io::{self, Write};

use serde::Serialize;

use self::change::{ChangeItem, changes};
use super::changes::Known;
use super::escape;
use crate::diagnostic::{self, Label};
use crate::evaluate::{self, Finding};
use crate::lint::{self, Report};
use crate::model::EntityKind;
use crate::policy;
use crate::source::{self, SourceMap, Span};
use crate::space::{Date, Interval};

/// The version of the format.
const VERSION: u32 = 1;

/// One document, with line breaks.
pub(super) fn render(report: &Report, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    whole(report, None, sources, out)
}

/// The same, with what has changed since another revision.
pub(super) fn render_changes(
    report: &Report,
    changes: &[Known<'_>],
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    whole(report, Some(changes), sources, out)
}

fn whole(report: &Report, changes: Option<&[Known<'_>]>, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    let whole = Whole {
        version: VERSION,
        tool: Tool::this(),
        as_of: report.as_of.to_string(),
        compared: report.compared.as_ref().map(Compared::new),
        changes: changes.map(|changes| self::changes(changes, sources)),
        findings: report.found().map(|finding| Item::new(finding, sources)).collect(),
        checked: Checked::new(&report.checked),
    };
    escape::write_json(&whole, out)
}

/// One finding per line, then a line with the rest.
pub(super) fn render_lines(report: &Report, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    lines(report, None, sources, out)
}

/// The same; what has changed stands in the last line.
pub(super) fn render_change_lines(
    report: &Report,
    changes: &[Known<'_>],
    sources: &SourceMap,
    out: &mut dyn Write,
) -> io::Result<()> {
    lines(report, Some(changes), sources, out)
}

fn lines(report: &Report, changes: Option<&[Known<'_>]>, sources: &SourceMap, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let written = serde_json::to_string(&Item::new(finding, sources))?;
        writeln!(out, "{}", escape::json(&written))?;
    }
    let end = End {
        checked: Checked::new(&report.checked),
        version: VERSION,
        as_of: report.as_of.to_string(),
        compared: report.compared.as_ref().map(Compared::new),
        changes: changes.map(|changes| self::changes(changes, sources)),
        tool: Tool::this(),
    };
    let written = serde_json::to_string(&end)?;
    writeln!(out, "{}", escape::json(&written))
}

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    tool: Tool,
    as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<Compared<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeItem<'a>>>,
    findings: Vec<Item<'a>>,
    checked: Checked<'a>,
}

#[derive(Serialize)]
struct End<'a> {
    checked: Checked<'a>,
    version: u32,
    as_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    compared: Option<Compared<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<ChangeItem<'a>>>,
    tool: Tool,
}

#[derive(Serialize)]
struct Compared<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    revision: &'a str,
    name: &'a str,
}

impl<'a> Compared<'a> {
    fn new(compared: &'a lint::Compared) -> Self {
        Self { revision: &compared.revision, name: &compared.name }
    }
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    fn this() -> Self {
        Self { name: "purposelint", version: env!("CARGO_PKG_VERSION") }
    }
}

#[derive(Serialize)]
struct Item<'a> {
    rule: &'a str,
    severity: &'static str,
    outcome: &'static str,
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject<'a>>,
    cells: Vec<Cell<'a>>,
    primary: Place<'a>,
    labels: Vec<Place<'a>>,
    message: &'a str,
    help: Option<&'a str>,
    cites: Vec<Cite<'a>>,
    missing: &'a [String],
    counts_from: Option<String>,
    fixes: Vec<Fix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    news: Option<&'a str>,
    suppressed: Option<Suppressed<'a>>,
    fingerprint: &'a str,
}

impl<'a> Item<'a> {
    fn new(finding: &'a Finding, sources: &'a SourceMap) -> Self {
        let (purpose, subject) = match &finding.subject {
            evaluate::Subject::Entity(EntityKind::Purpose, id) => (Some(id.as_str()), None),
            evaluate::Subject::Entity(kind, id) => (None, Some(Subject { kind: kind.noun(), id })),
            evaluate::Subject::Service(id) => (None, Some(Subject { kind: "service", id })),
            evaluate::Subject::File(path) => (None, Some(Subject { kind: "file", id: path })),
        };
        Self {
            rule: &finding.rule,
            severity: finding.severity.as_str(),
            outcome: finding.outcome.as_str(),
            service: full(finding.service.as_deref()),
            purpose,
            subject,
            cells: finding.cells.iter().map(Cell::new).collect(),
            primary: Place::new(&finding.primary, sources),
            labels: finding.labels.iter().map(|label| Place::new(label, sources)).collect(),
            message: &finding.message,
            help: full(finding.help.as_deref()),
            cites: finding.cites.iter().map(Cite::new).collect(),
            missing: &finding.missing,
            counts_from: finding.counts_from.map(|day| day.to_string()),
            fixes: finding.fixes.iter().map(|fix| Fix::new(fix, sources)).collect(),
            news: full(finding.news.as_deref()),
            suppressed: finding.suppressed.as_deref().map(Suppressed::new),
            fingerprint: &finding.fingerprint,
        }
    }
}

/// The schema knows no empty texts: what is empty is not there.
fn full(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[derive(Serialize)]
struct Subject<'a> {
    kind: &'static str,
    id: &'a str,
}

#[derive(Serialize)]
struct Cell<'a> {
    regions: &'a str,
    territories: &'a [String],
    ages: &'a [u8],
    plans: &'a [String],
}

impl<'a> Cell<'a> {
    fn new(cell: &'a evaluate::Cell) -> Self {
        Self { regions: &cell.regions, territories: &cell.territories, ages: &cell.ages, plans: &cell.plans }
    }
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

impl From<source::Position> for Position {
    fn from(position: source::Position) -> Self {
        Self { line: position.line, column: position.column }
    }
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    offset: u32,
    length: usize,
    text: &'a str,
}

impl<'a> Place<'a> {
    fn new(label: &'a Label, sources: &'a SourceMap) -> Self {
        Self { text: &label.text, ..Self::of(label.span, sources) }
    }

    fn of(span: Span, sources: &'a SourceMap) -> Self {
        Self {
            file: sources.path(span.file),
            start: sources.start(span).into(),
            end: sources.end(span).into(),
            offset: span.start,
            length: span.len(),
            text: "",
        }
    }
}

#[derive(Serialize)]
struct Cite<'a> {
    text: &'a str,
    kind: &'static str,
    confidence: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    regions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force: Option<InForce>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

impl<'a> Cite<'a> {
    fn new(cite: &'a policy::Cite) -> Self {
        let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        Self {
            text: &cite.text,
            kind: cite.kind.as_str(),
            confidence: cite.confidence.as_str(),
            regions: &cite.regions,
            in_force: InForce::new(cite.in_force),
            url: cite.url.as_deref().filter(is_web),
            checked: cite.checked.as_deref().filter(|day| Date::parse(day).is_some()),
            status: cite.proposed.then_some("proposed"),
        }
    }
}

#[derive(Serialize)]
struct InForce {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl InForce {
    fn new(interval: Interval) -> Option<Self> {
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        (interval != Interval::default()).then(|| Self { from: day(interval.from), until: day(interval.until) })
    }
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<Edit<'a>>,
}

impl<'a> Fix<'a> {
    fn new(fix: &'a diagnostic::Fix, sources: &'a SourceMap) -> Self {
        let edits = fix.edits.iter().map(|edit| Edit {
            file: sources.path(edit.span.file),
            start: sources.start(edit.span).into(),
            end: sources.end(edit.span).into(),
            replacement: &edit.text,
        });
        Self { title: &fix.title, safety: fix.safety.as_str(), edits: edits.collect() }
    }
}

#[derive(Serialize)]
struct Suppressed<'a> {
    by: &'static str,
    was: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

impl<'a> Suppressed<'a> {
    fn new(suppressed: &'a evaluate::Suppressed) -> Self {
        Self {
            by: suppressed.by.as_str(),
            was: suppressed.was.as_str(),
            reason: full(suppressed.reason.as_deref()),
            owner: full(suppressed.owner.as_deref()),
            approver: full(suppressed.approver.as_deref()),
            expires: suppressed.expires.map(|day| day.to_string()),
        }
    }
}

#[derive(Serialize)]
struct Edit<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Checked<'a> {
    files: usize,
    documents: usize,
    services: usize,
    purposes: usize,
    rules: usize,
    undetermined: usize,
    skipped: Vec<Skipped<'a>>,
}

impl<'a> Checked<'a> {
    fn new(checked: &'a lint::Checked) -> Self {
        let skipped = checked.remarks().map(|skipped| Skipped {
            what: &skipped.what,
            reason: &skipped.reason,
            lost: checked.lost.contains(skipped),
        });
        Self {
            files: checked.files,
            documents: checked.documents,
            services: checked.services,
            purposes: checked.purposes,
            rules: checked.rules,
            undetermined: checked.undetermined,
            skipped: skipped.collect(),
        }
    }
}

#[derive(Serialize)]
struct Skipped<'a> {
    what: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lost: bool,
}
