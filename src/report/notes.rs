//! What stands below a snippet: the way out, who is concerned, which other rules flag it, and under which provisions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::card::{Item, Note};
use super::escape::{self, LONG, SHORT};
use super::group::{Group, rules};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Cell, Finding, Subject, Suppressed, SuppressedBy};
use crate::order::Order;
use crate::policy::{Cite, CiteKind, Confidence};
use crate::space::{Date, WORLD};
use crate::suggest;

/// Most citations, other findings, boxes and rule names that are listed.
const CITES: usize = 6;
const OTHERS: usize = 6;
const CELLS: usize = 6;
const NAMES: usize = 6;

/// The notes of a group, in order; `verbose` lists whatever is many.
pub(super) fn of(group: &Group<'_>, as_of: Date, verbose: bool) -> Vec<Note> {
    let lead = group.lead;
    let mut notes: Vec<Note> = Vec::new();
    notes.extend(lead.help.as_deref().filter(|text| !text.trim().is_empty()).map(help));
    match (lead.missing.is_empty(), group.is_undetermined()) {
        (true, _) => {}
        (false, true) => notes.push(Note::Said("missing", missing(lead))),
        (false, false) => notes.push(Note::Said("not declared, and could make it milder", missing(lead))),
    }
    notes.extend(concerned(lead).map(|text| Note::Said("for", text)));
    notes.extend(news(lead).map(Note::Plain));
    notes.extend(lead.counts_from.map(|day| Note::Plain(format!("counts from {day}"))));
    if group.is_undetermined() {
        notes.extend(also_waiting(group).map(Note::Plain));
        notes.extend(about(group).map(|whom| Note::Said("about", whom)));
    } else {
        notes.extend(repeated_for(group).map(|whom| Note::Said("also for", whom)));
        let others = others(group);
        if !others.is_empty() {
            notes.push(Note::List("also flagged by", listed(&others, lead, verbose)));
        }
    }
    notes.extend(waiting(group).map(Note::Plain));
    let heading = if group.is_undetermined() { "judged under, once it is declared" } else { "flagged under" };
    let cites = cites(group, as_of, verbose);
    if !cites.is_empty() {
        notes.push(Note::List(heading, cites));
    }
    notes
}

/// The way out.
pub(super) fn help(text: &str) -> Note {
    Note::Said("help", escape::text(text, LONG).into_owned())
}

/// The message of a finding on one line, with all that changes what it means.
pub(super) fn message(finding: &Finding) -> Cow<'_, str> {
    let mut text = escape::text(&finding.message, LONG);
    let from = finding.counts_from.map(|day| format!("counts from {day}"));
    let accepted = finding.suppressed.as_deref().map(accepted);
    for remark in from.into_iter().chain(news(finding)).chain(accepted) {
        text.to_mut().push_str(&format!(" ({remark})"));
    }
    text
}

/// What this program cannot judge, on one line.
pub(super) fn refused(diagnostic: &Diagnostic) -> String {
    format!("{} (not judged)", escape::text(&diagnostic.message, LONG))
}

/// What is new about a finding that was known otherwise.
pub(super) fn news(finding: &Finding) -> Option<String> {
    finding.news.as_deref().map(|news| escape::text(news, LONG).into_owned())
}

/// `waived until 2027-01-31 by privacy@example.com: the period is being agreed`
pub(super) fn accepted(suppressed: &Suppressed) -> String {
    let mut text = match suppressed.by {
        SuppressedBy::Ignore => "ignored".to_owned(),
        SuppressedBy::Waiver => "waived".to_owned(),
        SuppressedBy::Baseline => "in the baseline".to_owned(),
        SuppressedBy::Revision => "known before".to_owned(),
    };
    text.extend(suppressed.expires.map(|day| format!(" until {day}")));
    let people = [("by", &suppressed.owner), ("approved by", &suppressed.approver)];
    for (word, name) in people {
        text.extend(name.as_ref().map(|name| format!(", {word} {}", escape::text(name, SHORT))));
    }
    text.extend(suppressed.reason.as_ref().map(|reason| format!(": {}", escape::text(reason, LONG))));
    text
}

/// The missing properties as a list in a sentence.
pub(super) fn missing(finding: &Finding) -> String {
    let names: Vec<String> = finding.missing.iter().map(|name| escape::text(name, SHORT).into_owned()).collect();
    suggest::join(&names)
}

/// What an undetermined group waits for: `purpose.retention is not declared for `x``, or why what is declared is of no use.
pub(super) fn cause(group: &Group<'_>) -> String {
    let lead = group.lead;
    if lead.missing.is_empty() || lead.unusable {
        return escape::text(&lead.message, LONG).into_owned();
    }
    let verb = if lead.missing.len() == 1 { "is" } else { "are" };
    format!("{} {verb} not declared for {}", missing(lead), subjects(group))
}

/// What a group is about, each thing once.
pub(super) fn subjects(group: &Group<'_>) -> String {
    suggest::join(&named(group.flagged()))
}

/// What an undetermined group is about, where its message is that of one of several.
pub(super) fn about(group: &Group<'_>) -> Option<String> {
    let names = named(group.flagged());
    (names.len() > 1).then(|| suggest::join(&names))
}

/// The entities that a group is about besides that of its lead.
pub(super) fn also_for(group: &Group<'_>) -> Option<String> {
    besides(group.lead, group.others.iter().copied())
}

/// The entities of which the rule of the lead says the same.
pub(super) fn repeated_for(group: &Group<'_>) -> Option<String> {
    besides(group.lead, group.others.iter().copied().filter(|other| is_repeat(other, group.lead)))
}

/// The other findings of a group that say something of their own.
pub(super) fn others<'a>(group: &Group<'a>) -> Vec<&'a Finding> {
    group.others.iter().copied().filter(|other| !is_repeat(other, group.lead)).collect()
}

/// Whether the rule of the lead says the same of something else: a list of others would name it beside itself.
fn is_repeat(other: &Finding, lead: &Finding) -> bool {
    other.rule == lead.rule
        && other.severity == lead.severity
        && other.message == lead.message
        && other.service == lead.service
        && words(&other.cells) == words(&lead.cells)
}

fn besides<'f>(lead: &'f Finding, others: impl Iterator<Item = &'f Finding>) -> Option<String> {
    let is_entity = |finding: &&Finding| matches!(finding.subject, Subject::Entity(..));
    let names = named(Some(lead).filter(is_entity).into_iter().chain(others.filter(is_entity)));
    let others = names.get(1..).filter(|others| is_entity(&lead) && !others.is_empty())?;
    Some(match others.split_at_checked(NAMES) {
        Some((first, more)) if more.len() > 1 => format!("{} and {} more", first.join(", "), more.len()),
        _ => suggest::join(others),
    })
}

/// What findings are about, each thing once; with its service where another has a thing of that name.
fn named<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<String> {
    let mut services: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
    let mut subjects = Vec::new();
    for finding in findings {
        let (id, service) = match &finding.subject {
            Subject::Entity(_, id) => (id.as_str(), finding.service.as_deref()),
            Subject::Service(id) | Subject::File(id) => (id.as_str(), None),
        };
        if services.entry(id).or_default().insert(service) {
            subjects.push((id, service));
        }
    }
    let name = |(id, service): (&str, Option<&str>)| {
        let is_several = services.get(id).is_some_and(|services| services.len() > 1);
        let of = service.filter(|_| is_several).map(|service| format!(" of `{}`", escape::text(service, SHORT)));
        format!("`{}`{}", escape::text(id, SHORT), of.unwrap_or_default())
    };
    subjects.into_iter().map(name).collect()
}

/// Rule ids in a row.
pub(super) fn names(rules: &[&Finding]) -> String {
    let mut names: Vec<String> =
        rules.iter().take(NAMES).map(|finding| escape::text(&finding.rule, SHORT).into_owned()).collect();
    if let Some(more) = rules.len().checked_sub(NAMES).filter(|more| *more > 0) {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

/// The rules that cannot judge before the lead is dealt with.
pub(super) fn waiting(group: &Group<'_>) -> Option<String> {
    let rules = rules(group.waiting.iter().copied());
    let verb = match rules.len() {
        0 => return None,
        1 => "1 rule waits".to_owned(),
        count => format!("{count} rules wait"),
    };
    Some(format!("{verb} for this: {}", names(&rules)))
}

fn also_waiting(group: &Group<'_>) -> Option<String> {
    let rules = rules(group.others.iter().copied().filter(|other| other.rule != group.lead.rule));
    let verb = match rules.len() {
        0 => return None,
        1 => "1 other rule waits".to_owned(),
        count => format!("{count} other rules wait"),
    };
    Some(format!("{verb} for it: {}", names(&rules)))
}

/// The other findings on the same place. Where they are many, the first speak, and the rest are named.
fn listed(others: &[&Finding], lead: &Finding, verbose: bool) -> Vec<Item> {
    let shown = if verbose || others.len() <= OTHERS + 1 { others.len() } else { OTHERS };
    let (first, rest) = others.split_at(shown);
    let mut items: Vec<Item> = first.iter().map(|other| also(other, lead)).collect();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let of = || rest.iter().copied().filter(|other| other.severity == severity);
        let names: Vec<String> =
            rules(of()).iter().map(|other| escape::text(&other.rule, SHORT).into_owned()).collect();
        if !names.is_empty() {
            items.push(Item::plain(format!("and {} more ({severity}): {}", of().count(), suggest::join(&names))));
        }
    }
    items
}

/// The service of another finding on the same place, where it is not that of the lead.
pub(super) fn other_service<'f>(other: &'f Finding, lead: &Finding) -> Option<&'f str> {
    other.service.as_deref().filter(|_| other.service != lead.service)
}

/// Another finding on the same place: with its service, its message and its cells where they are not those of the lead.
fn also(other: &Finding, lead: &Finding) -> Item {
    let mut text = format!("{} ({})", escape::text(&other.rule, SHORT), other.severity);
    if let Some(service) = other_service(other, lead) {
        text.push_str(&format!(" in service `{}`", escape::text(service, SHORT)));
    }
    if other.message != lead.message {
        text.push_str(": ");
        text.push_str(&escape::text(&other.message, LONG));
    }
    if words(&other.cells) != words(&lead.cells)
        && let Some(concerned) = concerned(other)
    {
        text.push_str("; for: ");
        text.push_str(&concerned);
    }
    Item::plain(text)
}

/// Whom a finding concerns, unless that is everybody or the message says it.
pub(super) fn concerned(finding: &Finding) -> Option<String> {
    let words = words(&finding.cells)?;
    (words != WORLD && !finding.message.contains(&words)).then(|| escape::text(&words, LONG).into_owned())
}

pub(super) fn words(cells: &[Cell]) -> Option<String> {
    let mut words: Vec<String> = cells.iter().take(CELLS).map(|cell| cell.text.clone()).collect();
    if words.is_empty() {
        return None;
    }
    if let Some(more) = cells.len().checked_sub(CELLS).filter(|more| *more > 0) {
        words.push(format!("{more} others"));
    }
    // as `Describe::blocks` has it, so that a message which says the same is recognised
    Some(if words.iter().any(|word| word.contains(',')) { words.join("; ") } else { suggest::join(&words) })
}

/// The citations of all that is flagged, each once with a rule that has it: what binds most first, and among those the first
/// of each rule before the second of any.
pub(super) fn sources<'a>(group: &Group<'a>) -> Vec<(&'a Cite, &'a str)> {
    let mut known: Vec<(usize, &Cite, &str)> = Vec::new();
    for finding in group.flagged() {
        let mut ranks: BTreeMap<CiteKind, usize> = BTreeMap::new();
        for cite in finding.cites.iter() {
            if !known.iter().any(|(_, other, _)| other.text == cite.text && other.regions == cite.regions) {
                let rank = ranks.entry(cite.kind).or_default();
                known.push((*rank, cite, &finding.rule));
                *rank += 1;
            }
        }
    }
    known.order_by_key(|(rank, cite, _)| (cite.proposed, cite.kind, *rank));
    known.into_iter().map(|(_, cite, rule)| (cite, rule)).collect()
}

/// Where the citations stand that are not listed: the page of a rule, if they are all of one.
fn whereabouts(rest: &[(&Cite, &str)]) -> String {
    match rest {
        [(_, rule), others @ ..] if others.iter().all(|(_, other)| other == rule) => {
            format!("purposelint explain {}", escape::text(rule, SHORT))
        }
        _ => "`--verbose` lists them".to_owned(),
    }
}

fn cites(group: &Group<'_>, as_of: Date, verbose: bool) -> Vec<Item> {
    let known = sources(group);
    let shown = if verbose { known.len() } else { known.len().min(CITES) };
    let (first, rest) = known.split_at(shown);
    let mut items: Vec<Item> = first.iter().map(|(cite, _)| item(cite, as_of)).collect();
    if !rest.is_empty() {
        items.push(Item::plain(format!("and {} more ({})", rest.len(), whereabouts(rest))));
    }
    items
}

/// `GDPR Art. 25(2) · law · in force since 2018-05-25 · EEA`
pub(super) fn item(cite: &Cite, as_of: Date) -> Item {
    let name = escape::text(&cite.text, SHORT);
    let mut parts = vec![name.to_string(), cite.kind.as_str().to_owned()];
    if cite.proposed {
        parts.push("proposed".to_owned());
    } else {
        parts.extend(in_force(cite, as_of));
    }
    if !cite.regions.is_empty() {
        parts.push(escape::text(&cite.regions.join(", "), SHORT).into_owned());
    }
    if cite.confidence != Confidence::High {
        parts.push(format!("{} confidence", cite.confidence.as_str()));
    }
    Item { text: parts.join(" · "), link: cite.url.clone().map(|url| (name.len(), url)) }
}

fn in_force(cite: &Cite, as_of: Date) -> Option<String> {
    let from = cite.in_force.from.map(|day| format!("{} {day}", if day <= as_of { "since" } else { "from" }));
    let until = cite.in_force.until.map(|day| format!("until {day}"));
    let days: Vec<String> = from.into_iter().chain(until).collect();
    (!days.is_empty()).then(|| format!("in force {}", days.join(" ")))
}
