//! What has changed between two revisions, and the findings about it, in the formats of a report.

mod human;
mod markdown;
mod stub;

use std::io::{self, Write};

use super::{Format, Options, Run, escape, json, render as render_report};
use crate::change::{About, Change, Direction};
use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Suppressed};
use crate::lint::{Comparison, Report};
use crate::order::Order;
use crate::source::SourceMap;
use crate::space::WORLD;
use crate::suppress::is_about_a_change;

/// Writes a comparison. Formats that know findings only get those.
pub fn render(
    format: Format,
    comparison: &Comparison,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let changes = || comparison.changes.iter().map(|change| Known::new(change, &comparison.report)).collect::<Vec<_>>();
    match format {
        Format::Human => human::render(comparison, sources, run.idle, options, out),
        Format::Markdown => markdown::render(comparison, sources, run, options, out),
        Format::Json => json::render_changes(&comparison.report, &changes(), sources, out),
        Format::Jsonl => json::render_change_lines(&comparison.report, &changes(), sources, out),
        format => render_report(format, &comparison.report, sources, run, options, out),
    }
}

/// A change with what became of it in the report.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) change: &'a Change,
    /// The finding about it; stronger and neutral changes have none.
    finding: Option<&'a Finding>,
}

impl<'a> Known<'a> {
    fn new(change: &'a Change, report: &'a Report) -> Self {
        let is_its = |finding: &&Finding| is_about_a_change(&finding.rule) && finding.fingerprint == change.fingerprint;
        Self { change, finding: report.found().find(is_its) }
    }

    /// What lets it through, if something does.
    pub(super) fn approved(&self) -> Option<&'a Suppressed> {
        self.finding?.suppressed.as_deref()
    }

    /// Whether somebody has to look at it.
    fn is_open(&self) -> bool {
        self.finding.is_some_and(Finding::is_open)
    }

    /// What the word for its direction is painted in.
    fn severity(&self) -> Option<Severity> {
        match (self.finding, self.change.direction) {
            (Some(finding), _) => Some(finding.severity),
            (None, Direction::Weaker | Direction::Unclear) => Some(Severity::Warning),
            (None, Direction::Stronger | Direction::Neutral) => None,
        }
    }

    /// Worst first, and what is approved behind what is not.
    fn rank(&self) -> (u8, bool) {
        let direction = match self.change.direction {
            Direction::Weaker => 0,
            Direction::Unclear => 1,
            Direction::Stronger => 2,
            Direction::Neutral => 3,
        };
        (direction, self.approved().is_some())
    }

    /// Whom it concerns, in words.
    fn whom(&self) -> String {
        let whom =
            if self.change.whom == WORLD || self.change.whom.is_empty() { "everybody" } else { &self.change.whom };
        escape::text(whom, escape::LONG).into_owned()
    }
}

/// What has changed about one purpose, setting, organisation, notice, or the service as a whole.
struct Topic<'a> {
    about: &'a About,
    changes: Vec<Known<'a>>,
}

impl Topic<'_> {
    /// `purpose training, new`
    fn name(&self) -> String {
        let About { service, entity, was_called, .. } = self.about;
        let mut name = match entity {
            Some((kind, id)) => format!("{} {id}", kind.noun()),
            None => format!("service {service}"),
        };
        let any = |is: fn(&Change) -> bool| self.changes.iter().any(|known| is(known.change));
        if any(Change::is_new) {
            name.push_str(", new");
        } else if any(Change::is_gone) {
            name.push_str(", no longer declared");
        } else if let Some(old) = was_called {
            name.push_str(&format!(", until now {old}"));
        }
        escape::text(&name, escape::SHORT).into_owned()
    }
}

/// Changes by service, then by what they are about, the worst first.
fn topics<'a>(changes: &[Known<'a>]) -> Vec<(&'a str, Vec<Topic<'a>>)> {
    let mut sorted = changes.to_vec();
    sorted.order_by_key(Known::rank);
    let mut out: Vec<(&str, Vec<Topic<'_>>)> = Vec::new();
    for known in sorted {
        let about = &known.change.about;
        let at = out.iter().position(|(service, _)| *service == about.service).unwrap_or_else(|| {
            out.push((&about.service, Vec::new()));
            out.len() - 1
        });
        let Some((_, topics)) = out.get_mut(at) else { continue };
        match topics.iter_mut().find(|topic| topic.about.entity == about.entity) {
            Some(topic) => topic.changes.push(known),
            None => topics.push(Topic { about, changes: vec![known] }),
        }
    }
    out
}

/// The report without the findings that say of a change what the change says itself.
fn without_changes(report: &Report) -> Report {
    let mut rest = report.clone();
    rest.findings.retain(|finding| !is_about_a_change(&finding.rule));
    rest
}
