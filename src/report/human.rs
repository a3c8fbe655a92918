//! The report for people: errors and warnings in full, then what is worth a line, then what was looked at.

use std::io::{self, Write};

use super::card::{Card, Painter, location};
use super::group::{Group, group, rules};
use super::{Options, escape, notes, summary, visible};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::source::SourceMap;

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    idle: &[String],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut painter = Painter::new(sources, options);
    let (open, accepted): (Vec<_>, Vec<_>) = visible(report, options).partition(|finding| finding.is_open());
    let groups = group(&open);
    let (full, short): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| options.verbose || is_full(group, options.fail_on));
    for group in full {
        painter.card(&card(group, report, options.verbose)).map_err(io::Error::other)?;
        out.write_all(painter.take().as_bytes())?;
    }
    let (missing, info): (Vec<_>, Vec<_>) = short.iter().partition(|group| group.is_undetermined());
    for group in missing {
        undetermined(&mut painter, group, sources);
    }
    for group in info {
        remark(&mut painter, group, sources);
    }
    for finding in &accepted {
        known(&mut painter, finding, sources);
    }
    if !options.quiet {
        if !short.is_empty() || !accepted.is_empty() {
            painter.line("", None, "");
        }
        summary::write(&mut painter, report, idle, options);
    }
    out.write_all(painter.take().as_bytes())
}

pub(super) fn diagnostics(
    list: &[Diagnostic],
    sources: &SourceMap,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut painter = Painter::new(sources, options);
    for diagnostic in list {
        let help = diagnostic.help.as_deref().map(notes::help);
        let card = Card {
            severity: Severity::Error,
            code: None,
            message: &diagnostic.message,
            primary: &diagnostic.primary,
            labels: &diagnostic.labels,
            notes: help.into_iter().collect(),
        };
        painter.card(&card).map_err(io::Error::other)?;
        out.write_all(painter.take().as_bytes())?;
    }
    Ok(())
}

/// Whether a group is shown in full without being asked: what is flagged from `warning` on, and a missing fact only where it
/// fails the run.
fn is_full(group: &Group<'_>, fail_on: Severity) -> bool {
    let least = if group.is_undetermined() { fail_on } else { Severity::Warning };
    group.severity() >= least
}

fn card<'a>(group: &Group<'a>, report: &Report, verbose: bool) -> Card<'a> {
    let lead = group.lead;
    let remark =
        if group.is_undetermined() { format!("{}, undetermined", lead.severity) } else { lead.severity.to_string() };
    Card {
        severity: group.severity(),
        code: Some((&lead.rule, remark)),
        message: &lead.message,
        primary: &lead.primary,
        labels: &lead.labels,
        notes: notes::of(group, report.as_of, verbose),
    }
}

/// `undetermined: purpose.retention is not declared for `x` (purposes.yaml:4); 3 rules wait for it: …`
fn undetermined(painter: &mut Painter<'_>, group: &Group<'_>, sources: &SourceMap) {
    let lead = group.lead;
    let mut text = notes::cause(group);
    text.push_str(&format!(" ({})", location(sources, &lead.primary, false)));
    let rules = rules(group.all());
    let (verb, it) =
        (if rules.len() == 1 { "waits" } else { "wait" }, if lead.missing.len() > 1 { "them" } else { "it" });
    text.push_str(&format!("; {} {verb} for {it}: {}", summary::count(rules.len(), "rule"), notes::names(&rules)));
    text.push_str(&counts_from(lead));
    painter.line("undetermined: ", Some(Severity::Warning), &text);
}

/// `info: message (purposes.yaml:4) [pack/rule]`
fn remark(painter: &mut Painter<'_>, group: &Group<'_>, sources: &SourceMap) {
    let lead = group.lead;
    let message = escape::text(&lead.message, escape::LONG);
    let place = location(sources, &lead.primary, false);
    let mut text = format!("{message} ({place}) [{}]", notes::names(&rules(group.flagged())));
    text.push_str(&counts_from(lead));
    text.extend(notes::also_for(group).map(|whom| format!("; also for: {whom}")));
    if let Some(waiting) = notes::waiting(group) {
        text.push_str(&format!("; {waiting}"));
    }
    painter.line("info: ", Some(Severity::Info), &text);
}

/// `accepted: message (purposes.yaml:4) [pack/rule]; waived until 2027-01-31: reason`
fn known(painter: &mut Painter<'_>, finding: &Finding, sources: &SourceMap) {
    let Some(suppressed) = &finding.suppressed else { return };
    let message = escape::text(&finding.message, escape::LONG);
    let place = location(sources, &finding.primary, false);
    let rule = escape::text(&finding.rule, escape::SHORT);
    let text = format!("{message} ({place}) [{rule}]; {}", notes::accepted(suppressed));
    painter.line("accepted: ", Some(Severity::Info), &text);
}

fn counts_from(finding: &Finding) -> String {
    finding.counts_from.map_or_else(String::new, |day| format!(", counts from {day}"))
}
