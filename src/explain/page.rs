//! A rule as a page: what is wrong, why, for whom, where that comes from, and how it looks.

use std::fmt::Write;

use super::wrap;
use crate::policy::{Cite, Example, Expectation, On, Param, ParamValue, Per, RaisedBy, Rule};
use crate::space::Interval;
use crate::suggest::join;

/// The page of a rule as plain text of at most `width` columns, examples excepted.
pub fn page(rule: &Rule, width: usize) -> String {
    let mut out = String::new();
    // writing to a string cannot fail
    let _ = write_page(&mut out, rule, width);
    out
}

fn write_page(out: &mut String, rule: &Rule, width: usize) -> std::fmt::Result {
    writeln!(out, "{}\n", rule.id)?;
    writeln!(out, "{}", wrap(&sentence(&rule.title), "", width))?;
    write!(out, "{}", wrap(&rule.why, "", width))?;
    heading(out, "severity")?;
    if !rule.enabled {
        writeln!(out, "  off until `severity` in purposelint.yaml names it")?;
    }
    for case in &rule.severity {
        match &case.when {
            Some(when) => write!(out, "{}", wrap(&format!("{} where {}", case.is, squeeze(when.text())), "  ", width))?,
            None if rule.severity.len() == 1 => writeln!(out, "  {}", case.is)?,
            None => writeln!(out, "  otherwise {}", case.is)?,
        }
    }
    let undetermined = rule.undetermined.unwrap_or_else(|| rule.usual_severity().below());
    match (&rule.require, rule.raised_by) {
        (Some(require), _) => {
            writeln!(out, "  {undetermined} where a fact it needs is not declared")?;
            heading(out, "about")?;
            write!(out, "{}", wrap(&about(rule), "  ", width))?;
            if rule.on == On::Change {
                write!(out, "{}", wrap(JUDGED_ON_CHANGE, "  ", width))?;
            }
            if let Some(when) = &rule.when {
                write!(out, "{}", wrap(&format!("where {}", squeeze(when.text())), "  ", width))?;
            }
            heading(out, "requires")?;
            write!(out, "{}", wrap(&squeeze(require.text()), "  ", width))?;
        }
        (None, Some(raised_by)) => {
            heading(out, "raised by")?;
            writeln!(out, "  {}", by(raised_by))?;
        }
        (None, None) => {}
    }
    if !rule.params.is_empty() {
        heading(out, "parameters")?;
        for param in &rule.params {
            writeln!(
                out,
                "  {}: {}   (change it in purposelint.yaml under `parameters`)",
                param.name,
                shown(&param.value)
            )?;
        }
    }
    if let Some(help) = &rule.help {
        heading(out, "what to do")?;
        write!(out, "{}", wrap(&advice(rule, help.text()), "  ", width))?;
    }
    if !rule.cites.is_empty() {
        heading(out, "comes from")?;
        for cite in rule.cites.iter() {
            write!(out, "{}", citation(cite, width))?;
        }
    }
    examples(out, rule)?;
    writeln!(out, "\n{}", rule.url())
}

/// What stands beside a finding elsewhere, as plain text: why the rule is there, what to do, and where it comes from. Lines are
/// as long as their paragraphs.
pub fn help(rule: &Rule) -> String {
    let mut out = wrap(&rule.why, "", usize::MAX);
    if let Some(help) = &rule.help {
        out.push_str(&format!("\nWhat to do: {}\n", advice(rule, help.text())));
    }
    if !rule.cites.is_empty() {
        out.push_str("\nComes from:\n");
        out.extend(rule.cites.iter().map(|cite| citation(cite, usize::MAX)));
    }
    out.push_str(&format!("\n{}\n", rule.url()));
    out
}

/// What to do, with the values that parameters have in the rule as it ships.
pub(super) fn advice(rule: &Rule, help: &str) -> String {
    let with_value =
        |text: String, param: &Param| text.replace(&format!("{{param.{}}}", param.name), &shown(&param.value));
    sentence(&rule.params.iter().fold(help.to_owned(), with_value))
}

fn heading(out: &mut String, text: &str) -> std::fmt::Result {
    writeln!(out, "\n{text}")
}

/// A text on one line, with single spaces.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A message as a sentence.
pub fn sentence(text: &str) -> String {
    let mut chars = text.trim().chars();
    let Some(first) = chars.next() else { return String::new() };
    let rest = chars.as_str().trim_end_matches('.');
    let end = if rest.ends_with(['?', '!']) { "" } else { "." };
    format!("{}{rest}{end}", first.to_uppercase())
}

pub(super) fn by(raised_by: RaisedBy) -> &'static str {
    match raised_by {
        RaisedBy::Comparison => "what compares two revisions",
        RaisedBy::Reader => "the reader, from the text of a file",
        RaisedBy::Schema => "the schema of declarations",
        RaisedBy::Workspace => "the workspace, from all files together",
        RaisedBy::Resolver => "the resolver, from what holds for whom",
        RaisedBy::Suppressions => "the reader of comments, waivers and the baseline",
    }
}

pub(super) fn about(rule: &Rule) -> String {
    let applies = &rule.applies;
    let quoted = |words: &[String]| join(&words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>());
    let mut parts = vec!["purposes".to_owned()];
    let mut add = |words: &[String], text: &str| {
        if !words.is_empty() {
            parts.push(format!("{text} {}", quoted(words)));
        }
    };
    add(&applies.uses, "whose use is or lies below");
    add(&applies.data, "with data of");
    add(&applies.subjects, "about");
    add(&applies.states, "in state");
    add(&applies.plans, "on plan");
    add(&applies.roles, "of a service that is");
    if !applies.regions.is_empty() {
        parts.push(format!("in {}", join(&applies.regions)));
    }
    if let Some(ages) = applies.ages {
        parts.push(format!("aged {ages}"));
    }
    if applies.states.is_empty() {
        parts.push("wherever they are carried out".to_owned());
    }
    if rule.per == Per::Service {
        parts.push("(one finding for each service)".to_owned());
    }
    parts.join(" ")
}

pub(super) fn shown(value: &ParamValue) -> String {
    match value {
        ParamValue::Bool(value) => value.to_string(),
        ParamValue::Int(value) => value.to_string(),
        ParamValue::Double(value) => value.to_string(),
        ParamValue::Text(value) => value.clone(),
        ParamValue::Texts(values) => format!("[{}]", values.join(", ")),
    }
}

fn citation(cite: &Cite, width: usize) -> String {
    let mut out = wrap(&cite.text, "  ", width);
    out.push_str(&wrap(&standing(cite), "    ", width));
    if let Some(url) = &cite.url {
        out.push_str(&format!("    {url}\n"));
    }
    if let Some(note) = &cite.note {
        out.push_str(&wrap(&sentence(note), "    ", width));
    }
    out
}

/// What a citation is, where and since when it holds, and how sure we are.
pub(super) fn standing(cite: &Cite) -> String {
    let mut facts = vec![cite.kind.as_str().to_owned()];
    if !cite.regions.is_empty() {
        facts.push(join(&cite.regions));
    }
    if cite.proposed {
        facts.push("proposed, not in force".to_owned());
    }
    if let Some(days) = days(cite.in_force) {
        facts.push(days);
    }
    facts.push(format!("{} confidence", cite.confidence.as_str()));
    if let Some(checked) = &cite.checked {
        facts.push(format!("checked {checked}"));
    }
    facts.join(" · ")
}

/// Since when, and until when, in words.
fn days(interval: Interval) -> Option<String> {
    match (interval.from, interval.until) {
        (Some(from), Some(until)) => Some(format!("in force from {from} until {until}")),
        (Some(from), None) => Some(format!("in force since {from}")),
        (None, Some(until)) => Some(format!("in force until {until}")),
        (None, None) => None,
    }
}

/// When a rule about changes is judged.
pub(super) const JUDGED_ON_CHANGE: &str = "It judges the step from one revision to the next, so it is judged by `purposelint diff` \
                                           and by no `check`.";

/// One example of each kind; the rest are in the rule file.
pub(super) fn shown_examples(rule: &Rule) -> impl Iterator<Item = (&'static str, &Example)> {
    let first = |expect| rule.examples.iter().find(move |example| example.expect == expect);
    [("flagged", first(Expectation::Flagged)), ("clean", first(Expectation::Clean))]
        .into_iter()
        .filter_map(|(verb, example)| Some((verb, example?)))
}

fn examples(out: &mut String, rule: &Rule) -> std::fmt::Result {
    for (verb, example) in shown_examples(rule) {
        heading(out, &format!("{verb}: {}", example.title))?;
        let revisions = match &example.before {
            Some(before) => vec![(Some("before"), before), (Some("after"), &example.text)],
            None => vec![(None, &example.text)],
        };
        for (name, text) in revisions {
            if let Some(name) = name {
                writeln!(out, "  {name}:")?;
            }
            let indent = if name.is_some() { "    " } else { "  " };
            for line in text.lines() {
                writeln!(out, "{}", format!("{indent}{line}").trim_end())?;
            }
        }
    }
    Ok(())
}
