//! One line per finding: `path:line:column: severity[rule] message`. What is undetermined for want of one fact is one line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::group::{Group, group, rules};
use super::{Options, escape, notes, summary, visible};
use crate::evaluate::{Finding, Outcome};
use crate::lint::Report;
use crate::source::SourceMap;

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
    for finding in visible(report, options) {
        let at = index.get(&std::ptr::from_ref(finding));
        // the line of a group stands where its first finding does
        if at.is_some_and(|at| !told.insert(*at)) {
            continue;
        }
        let waiting = at.and_then(|at| groups.get(*at));
        let several = waiting.map(|group| (group, rules(group.all()))).filter(|(_, rules)| rules.len() > 1);
        let (finding, message) = match several {
            Some((group, rules)) => {
                let count = summary::count(rules.len(), "rule");
                (group.lead, format!("{}; {count} wait for this: {}", notes::cause(group), notes::names(&rules)))
            }
            None => (finding, notes::message(finding)),
        };
        let span = finding.primary.span;
        let path = escape::text(sources.path(span.file), escape::LONG);
        let start = sources.start(span);
        let word = waiting.map_or(finding.severity, Group::severity).as_str();
        let rule = escape::text(&finding.rule, escape::SHORT);
        writeln!(out, "{path}:{}:{}: {word}[{rule}] {message}", start.line, start.column)?;
    }
    Ok(())
}
