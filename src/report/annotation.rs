//! What a report says at a line of code: one annotation per cause, short enough for the margin of a code review.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::escape::{self, LONG, SHORT};
use super::group::{Group, group, rules};
use super::{Options, notes, summary, visible};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::order::Order;
use crate::policy::Cite;
use crate::source::Span;

/// Most citations that are named.
const CITES: usize = 3;

/// Something to show at a place. Texts are escaped as for a terminal, not yet for the format.
#[derive(Debug)]
pub(super) struct Annotation {
    pub(super) severity: Severity,
    /// `error`, `undetermined`, `accepted` …
    pub(super) kind: &'static str,
    /// The rule, or what many rules have in common.
    pub(super) title: String,
    /// `pack/rule`, where one rule speaks.
    pub(super) rule: Option<String>,
    pub(super) span: Span,
    /// What is the matter, and below it what else there is to know.
    pub(super) lines: Vec<String>,
}

impl Annotation {
    fn new(severity: Severity, kind: &'static str, finding: &Finding, lines: Vec<String>) -> Self {
        let rule = escape::text(&finding.rule, SHORT).into_owned();
        let title = if kind == severity.as_str() { rule.clone() } else { format!("{kind}: {rule}") };
        Self { severity, kind, title, rule: Some(rule), span: finding.primary.span, lines }
    }
}

/// All annotations: most severe first, then what is flagged, what is undetermined, what is accepted, each in the order of the report.
pub(super) fn annotations(report: &Report, options: &Options) -> Vec<Annotation> {
    let (open, accepted): (Vec<_>, Vec<_>) = visible(report, options).partition(|finding| finding.is_open());
    let groups = group(&open);
    let (missing, flagged): (Vec<_>, Vec<_>) = groups.iter().partition(|group| group.is_undetermined());
    let mut all: Vec<Annotation> = report.refused.iter().map(refused).collect();
    all.extend(flagged.into_iter().map(of_group));
    all.extend(by_place(&missing).into_iter().filter_map(|groups| undetermined(&groups)));
    all.extend(accepted.into_iter().filter_map(known));
    all.order_by_key(|annotation| Reverse(annotation.severity));
    all
}

/// What this program cannot judge.
fn refused(diagnostic: &Diagnostic) -> Annotation {
    let mut lines = vec![escape::text(&diagnostic.message, LONG).into_owned()];
    lines.extend(help(diagnostic.help.as_deref()));
    Annotation {
        severity: Severity::Error,
        kind: "not judged",
        title: "not judged".to_owned(),
        rule: Some(format!("core/{}", diagnostic.code)),
        span: diagnostic.primary.span,
        lines,
    }
}

fn of_group(group: &Group<'_>) -> Annotation {
    let lead = group.lead;
    let mut lines = vec![escape::text(&lead.message, LONG).into_owned()];
    lines.extend(notes::concerned(lead).map(|whom| format!("for: {whom}")));
    lines.extend(notes::news(lead));
    lines.extend(lead.counts_from.map(|day| format!("counts from {day}")));
    let others = rules(group.others.iter().copied().filter(|other| other.rule != lead.rule));
    if !others.is_empty() {
        lines.push(format!("also flagged by: {}", notes::names(&others)));
    }
    lines.extend(notes::also_for(group).map(|whom| format!("also for: {whom}")));
    lines.extend(notes::waiting(group));
    lines.extend(help(lead.help.as_deref()));
    lines.extend(cites(group));
    Annotation::new(group.severity(), group.severity().as_str(), lead, lines)
}

/// Twelve facts that are missing at one place are twelve causes, and one annotation.
fn by_place<'g, 'f>(groups: &[&'g Group<'f>]) -> Vec<Vec<&'g Group<'f>>> {
    let mut index = BTreeMap::new();
    let mut places: Vec<Vec<&Group<'_>>> = Vec::new();
    for &group in groups {
        let place = (group.lead.primary.span, group.severity(), group.lead.counts_from);
        let at = *index.entry(place).or_insert(places.len());
        match places.get_mut(at) {
            Some(known) => known.push(group),
            None => places.push(vec![group]),
        }
    }
    places
}

fn undetermined(groups: &[&Group<'_>]) -> Option<Annotation> {
    let (first, rest) = groups.split_first()?;
    let mut lines = Vec::new();
    if rest.is_empty() {
        lines.push(format!("{}; {}", notes::cause(first), waiting(first)));
        lines.extend(help(first.lead.help.as_deref()));
    } else {
        let subjects = notes::subjects(first);
        lines.push(format!("{subjects} cannot be judged before these facts are settled:"));
        let whose = format!(" for {subjects}");
        let fact = |group: &&Group<'_>| {
            let cause = notes::cause(group);
            format!("- {}; {}", cause.strip_suffix(&whose).unwrap_or(&cause), waiting(group))
        };
        lines.extend(groups.iter().map(fact));
    }
    lines.extend(first.lead.counts_from.map(|day| format!("counts from {day}")));
    let mut annotation = Annotation::new(first.severity(), "undetermined", first.lead, lines);
    if !rest.is_empty() {
        annotation.title = format!("undetermined: {} are open", summary::count(groups.len(), "fact"));
        annotation.rule = None;
    }
    Some(annotation)
}

/// `2 rules wait: pack/rule, pack/other`
fn waiting(group: &Group<'_>) -> String {
    let rules = rules(group.all());
    let verb = if rules.len() == 1 { "waits" } else { "wait" };
    format!("{} {verb}: {}", summary::count(rules.len(), "rule"), notes::names(&rules))
}

fn known(finding: &Finding) -> Option<Annotation> {
    let how = notes::accepted(finding.suppressed.as_ref()?);
    let lines = vec![escape::text(&finding.message, LONG).into_owned(), how];
    Some(Annotation::new(Severity::Info, "accepted", finding, lines))
}

fn help(help: Option<&str>) -> Option<String> {
    let help = help.filter(|text| !text.trim().is_empty())?;
    Some(format!("help: {}", escape::text(help, LONG)))
}

/// `flagged under: GDPR Art. 25(2) (EEA), FADP Art. 7(3) (CH) and 8 more (purposelint explain pack/rule)`
fn cites(group: &Group<'_>) -> Option<String> {
    let known = notes::sources(group);
    let name = |cite: &Cite| {
        let mut remarks = cite.regions.clone();
        remarks.extend(cite.proposed.then(|| "proposed".to_owned()));
        let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
        escape::text(&format!("{}{remarks}", cite.text), SHORT).into_owned()
    };
    let (first, rest) = known.split_at(known.len().min(CITES));
    let names: Vec<String> = first.iter().map(|(cite, _)| name(cite)).collect();
    let (_, rule) = known.first()?;
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more (purposelint explain {})", escape::text(rule, SHORT)),
    };
    Some(format!("flagged under: {}{more}", names.join("; ")))
}
