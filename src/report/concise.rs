//! One line per finding: `path:line:column: severity[rule] message`. What is undetermined for want of one fact is one line, and so
//! is each file that could not be judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::group::{Group, group, rules};
use super::{Options, escape, notes, summary, visible};
use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Outcome};
use crate::lint::Report;
use crate::parallel;
use crate::source::{SourceMap, Span};

pub(super) fn render(report: &Report, sources: &SourceMap, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let waits = |finding: &&Finding| finding.is_open() && finding.outcome == Outcome::Undetermined;
    let open: Vec<&Finding> = visible(report, options).filter(waits).collect();
    let groups = group(&open);
    let index: BTreeMap<*const Finding, usize> = groups
        .iter()
        .enumerate()
        .flat_map(|(at, group)| group.all().map(move |finding| (std::ptr::from_ref(finding), at)))
        .collect();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    // the line of a group stands where its first finding does
    let shown = visible(report, options).filter_map(|finding| match index.get(&std::ptr::from_ref(finding)) {
        Some(at) => told.insert(*at).then(|| (finding, groups.get(*at))),
        None => Some((finding, None)),
    });
    let shown: Vec<(&Finding, Option<&Group<'_>>)> = shown.collect();
    for diagnostic in &report.refused {
        let rule = format!("core/{}", diagnostic.code);
        let place = place(sources, diagnostic.primary.span);
        writeln!(out, "{place}: {}[{rule}] {}", Severity::Error, notes::refused(diagnostic))?;
    }
    for some in shown.chunks(AT_ONCE) {
        let stretches = parallel::map_stretches(some, |stretch| {
            let mut lines = String::with_capacity(stretch.len() * 256);
            stretch.iter().for_each(|(finding, group)| line(finding, *group, sources, &mut lines));
            lines
        });
        stretches.iter().try_for_each(|lines| out.write_all(lines.as_bytes()))?;
    }
    Ok(())
}

/// Lines that are made side by side before they are written.
const AT_ONCE: usize = 4_096;

/// Writes what is said of a finding, or of the group that waits for the same as it does.
fn line(finding: &Finding, waiting: Option<&Group<'_>>, sources: &SourceMap, out: &mut String) {
    let several = waiting.map(|group| (group, rules(group.all()))).filter(|(_, rules)| rules.len() > 1);
    let (finding, message) = match several {
        Some((group, rules)) => {
            let count = summary::count(rules.len(), "rule");
            (group.lead, format!("{}; {count} wait for this: {}", notes::cause(group), notes::names(&rules)).into())
        }
        None => (finding, notes::message(finding)),
    };
    let place = place(sources, finding.primary.span);
    let word = waiting.map_or(finding.severity, Group::severity).as_str();
    let rule = escape::text(&finding.rule, escape::SHORT);
    // what can be written to a text always is
    _ = writeln!(out, "{place}: {word}[{rule}] {message}");
}

/// `path:line:column`
fn place(sources: &SourceMap, span: Span) -> String {
    let start = sources.start(span);
    format!("{}:{}:{}", escape::text(sources.path(span.file), escape::LONG), start.line, start.column)
}
