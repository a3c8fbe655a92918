//! The last lines: what was looked at, and what came out. Without them a clean run looks like one that looked at nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::card::Painter;
use super::escape::{self, LONG};
use super::{Options, Run};
use crate::change::Counts;
use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Outcome, SuppressedBy};
use crate::lint::{Checked, Compared, Report, Skipped};
use crate::source::SourceMap;

/// Characters of the id of a commit.
const SHORT_ID: usize = 7;

/// Most things that are named where several were skipped for one reason; `--verbose` names all.
const SHOWN: usize = 4;

/// Writes the summary.
pub(super) fn write(painter: &mut Painter<'_>, report: &Report, idle: &[String], options: &Options) {
    for line in lines(report, idle, options) {
        painter.line("", None, &line);
    }
}

/// What was skipped, with what has the same reason together, in the order of the first.
fn by_reason(skipped: &[Skipped]) -> Vec<(&str, Vec<&str>)> {
    let mut out: Vec<(&str, Vec<&str>)> = Vec::new();
    for skipped in skipped {
        match out.iter_mut().find(|(reason, _)| *reason == skipped.reason) {
            Some((_, what)) => what.push(&skipped.what),
            None => out.push((&skipped.reason, vec![&skipped.what])),
        }
    }
    out
}

/// `compared with 1a2b3c4 (origin/main)`
fn with(compared: &Compared) -> String {
    if compared.revision.is_empty() {
        return format!("compared with {}", escape::text(&compared.name, LONG));
    }
    let short = compared.revision.get(..SHORT_ID).unwrap_or(&compared.revision);
    if compared.revision.starts_with(&compared.name) {
        return format!("compared with {short}");
    }
    format!("compared with {short} ({})", escape::text(&compared.name, LONG))
}

/// The summary. Counts are of findings, not of diagnostics: grouping makes nothing less.
pub(super) fn lines(report: &Report, idle: &[String], options: &Options) -> Vec<String> {
    let mut lines = unchecked(report, idle);
    if lines.is_empty() || has_result(report) {
        lines.extend([looked_at(report), ended(report, options.fail_on)]);
    }
    // what is compared is counted with what of it could not be read
    lines.splice(0..0, incomplete(report).filter(|_| report.checked.changes.is_none()).map(str::to_owned));
    lines.extend(report.compared.as_ref().map(with));
    lines.extend(skipped(&report.checked.skipped, options.verbose).iter().map(|line| format!("skipped {line}")));
    let note = |Skipped { what, reason }: &Skipped| {
        format!("note {}: {}", escape::text(what, LONG), escape::text(reason, LONG))
    };
    lines.extend(report.checked.notes.iter().map(note));
    lines
}

/// What was skipped, a line for each; without `verbose`, many of one reason are one line.
pub(super) fn skipped(skipped: &[Skipped], verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (reason, what) in by_reason(skipped) {
        let names: Vec<String> = what.iter().map(|what| escape::text(what, LONG).into_owned()).collect();
        let reason = escape::text(reason, LONG);
        match names.split_at_checked(SHOWN) {
            Some((first, more)) if more.len() > 1 && !verbose => {
                lines.push(format!("{} and {} more: {reason}", first.join(", "), more.len()));
            }
            _ => lines.extend(names.iter().map(|what| format!("{what}: {reason}"))),
        }
    }
    lines
}

/// `checked 1 file, 1 service, 2 purposes against 30 rules as of 2026-11-21`
pub(super) fn looked_at(report: &Report) -> String {
    let checked = &report.checked;
    if checked.changes.is_some() {
        let (files, day) = (count(checked.files, "file"), report.as_of);
        return match checked.services {
            0 => format!("compared {files}: no service differs, as of {day}"),
            1 => format!("compared 1 service that differs, in {files}, as of {day}"),
            services => format!("compared {services} services that differ, in {files}, as of {day}"),
        };
    }
    format!(
        "checked {}, {}, {} against {} as of {}",
        count(checked.files, "file"),
        count(checked.services, "service"),
        count(checked.purposes, "purpose"),
        count(if checked.rules == 0 { checked.spared } else { checked.rules }, "rule"),
        report.as_of
    )
}

/// Why nothing was judged, if nothing was.
pub(super) fn idle(checked: &Checked) -> Option<&'static str> {
    match checked {
        Checked { changes: Some(_), .. } => None,
        Checked { files: 0, .. } => Some("no declaration was read"),
        Checked { purposes: 0, .. } => Some("no purpose is declared"),
        Checked { rules: 0, spared: 0, .. } => Some("no rule applies"),
        _ => None,
    }
}

/// That nothing was judged, or some of what was named was not, as the run tells it (`told`); empty if all was.
pub(super) fn unchecked(report: &Report, told: &[String]) -> Vec<String> {
    // where a finding fails the run, it is no run that did nothing, and nothing else is told
    match idle(&report.checked).filter(|_| !told.is_empty() || report.findings.is_empty()) {
        Some(reason) => vec![format!("nothing was checked: {reason}")],
        None => told.iter().map(|reason| escape::text(reason, LONG).into_owned()).collect(),
    }
}

/// That something had to be judged and was not, whatever came out of the rest.
pub(super) fn incomplete(report: &Report) -> Option<&'static str> {
    let text = match report.checked.changes {
        Some(_) => "not everything could be compared",
        None => "not everything could be judged",
    };
    (!report.checked.lost.is_empty() || !report.refused.is_empty()).then_some(text)
}

/// What had to be judged and was not, but for what is named at its place because this version cannot judge it.
pub(super) fn lost<'r>(report: &'r Report, sources: &SourceMap) -> Vec<&'r Skipped> {
    let refused = report.refused.iter().map(|diagnostic| sources.path(diagnostic.primary.span.file));
    let refused: BTreeSet<&str> = refused.collect();
    report.checked.lost.iter().filter(|lost| !refused.contains(&*lost.what)).collect()
}

/// Why a run fails although nothing may be flagged: for formats that have no place for it but among what is flagged.
pub(super) fn failing(report: &Report, sources: &SourceMap, run: &Run<'_>) -> Vec<String> {
    let idle = run.failing_idle().iter().map(|reason| escape::text(reason, LONG).into_owned());
    let lost: Vec<Skipped> = lost(report, sources).into_iter().cloned().collect();
    let incomplete = incomplete(report).unwrap_or_default();
    let lost = skipped(&lost, false).into_iter().map(|line| format!("{incomplete}: {line}"));
    idle.chain(lost).collect()
}

/// Whether something came out: a run in which nothing was judged may have findings all the same, about what is declared.
pub(super) fn has_result(report: &Report) -> bool {
    idle(&report.checked).is_none() || !report.findings.is_empty()
}

/// `2 errors, 3 warnings, 1 info; 4 undetermined (a fact is not declared)`
pub(super) fn result(findings: &[Arc<Finding>], fail_on: Severity) -> String {
    headline(findings, fail_on, Severity::Error)
}

/// The result of a run. What nobody does passes, and whoever reads that should know why.
fn ended(report: &Report, fail_on: Severity) -> String {
    if let Some(changes) = report.checked.changes {
        return stepped(&changes, &report.findings, fail_on);
    }
    let mut text = result(&report.findings, fail_on);
    if report.checked.rules == 0 && report.checked.spared > 0 && report.findings.is_empty() {
        text.push_str(": what the rules are about is not carried out");
    }
    text
}

/// What came out, of a step or of what holds.
pub(super) fn came_out(report: &Report, fail_on: Severity) -> String {
    match report.checked.changes {
        Some(changes) => stepped(&changes, &report.findings, fail_on),
        None => result(&report.findings, fail_on),
    }
}

/// `3 changes for people: 1 weaker, 2 stronger; 1 error`
fn stepped(changes: &Counts, findings: &[Arc<Finding>], fail_on: Severity) -> String {
    let found = headline(findings, fail_on, Severity::Error);
    let (lost, verb) = (changes.lost, if changes.lost == 1 { "it changes" } else { "they change" });
    match changes.words() {
        None if lost > 0 => format!("{} could not be read, and nobody knows what {verb}; {found}", count(lost, "file")),
        Some(words) if lost > 0 => format!(
            "{} for people: {words}; {} could not be read, and nobody knows what {verb}; {found}",
            count(changes.total(), "change"),
            count(lost, "file")
        ),
        Some(words) => format!("{} for people: {words}; {found}", count(changes.total(), "change")),
        None if findings.is_empty() => NOTHING_CHANGED.to_owned(),
        None => format!("{NOTHING_CHANGED}; {found}"),
    }
}

/// What is said where two revisions mean the same.
pub(super) const NOTHING_CHANGED: &str = "nothing has changed for anybody";

/// As [`result`]; what is accepted is counted by the severities it would have, down to `least`.
pub(super) fn headline(findings: &[Arc<Finding>], fail_on: Severity, least: Severity) -> String {
    let open = || findings.iter().filter(|finding| finding.is_open());
    let of =
        |outcome, severity| open().filter(|finding| finding.outcome == outcome && finding.severity == severity).count();
    let accepted = accepted_down_to(findings, Some(least));
    let flagged: Vec<String> = SEVERITIES
        .into_iter()
        .map(|(severity, word)| (of(Outcome::Fail, severity), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    let undetermined = || open().filter(|finding| finding.outcome == Outcome::Undetermined);
    // they fail a run as anything flagged does, so they may not hide in the count
    let failing = undetermined().filter(|finding| finding.severity >= fail_on).count();
    let open = match (undetermined().count(), failing) {
        (0, _) => None,
        (count, 0) => Some(format!("{count} undetermined (a fact is not declared)")),
        (count, 1) => Some(format!("{count} undetermined (a fact is not declared), 1 of which fails the run")),
        (count, failing) => {
            Some(format!("{count} undetermined (a fact is not declared), {failing} of which fail the run"))
        }
    };
    // what is accepted was flagged: "nothing is flagged" would deny it
    let nothing = (flagged.is_empty() && failing == 0).then(|| match (&accepted, &open) {
        (None, _) => "nothing is flagged".to_owned(),
        (Some(_), None) => "nothing new".to_owned(),
        (Some(_), Some(_)) => "nothing new is flagged".to_owned(),
    });
    let flagged = (!flagged.is_empty()).then(|| flagged.join(", "));
    let mut text = nothing.into_iter().chain(flagged).chain(open).collect::<Vec<_>>().join("; ");
    if let Some(accepted) = accepted {
        text.push_str(&format!("; accepted: {accepted}"));
    }
    text
}

const SEVERITIES: [(Severity, &str); 3] =
    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")];

/// `1 waived, 3 ignored, 40 in the baseline`
pub(super) fn accepted(findings: &[Arc<Finding>]) -> Option<String> {
    accepted_down_to(findings, None)
}

/// `1 waived, 40 in the baseline (2 errors)`: with the severities that they would have, down to `least`.
fn accepted_down_to(findings: &[Arc<Finding>], least: Option<Severity>) -> Option<String> {
    let words = [
        (SuppressedBy::Waiver, "waived"),
        (SuppressedBy::Ignore, "ignored"),
        (SuppressedBy::Baseline, "in the baseline"),
        (SuppressedBy::Revision, "known before"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (kind, word) in words {
        let accepted = findings.iter().filter_map(|finding| finding.suppressed.as_ref());
        let were: Vec<Severity> =
            accepted.filter(|suppressed| suppressed.by == kind).map(|suppressed| suppressed.was).collect();
        let of = |severity| were.iter().filter(|was| **was == severity).count();
        let counts: Vec<String> = SEVERITIES
            .into_iter()
            .filter(|(severity, _)| least.is_some_and(|least| *severity >= least) && of(*severity) > 0)
            .map(|(severity, word)| count(of(severity), word))
            .collect();
        let counts = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
        parts.extend((!were.is_empty()).then(|| format!("{} {word}{counts}", were.len())));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `1 file`, `2 files`; `info` has no plural.
pub(super) fn count(number: usize, word: &str) -> String {
    let ending = if number == 1 || word == "info" { "" } else { "s" };
    format!("{number} {word}{ending}")
}
