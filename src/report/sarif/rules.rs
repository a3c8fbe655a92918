//! The rules of a run: what hosts show beside a result.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Text;
use crate::diagnostic::Severity;
use crate::evaluate::Finding;
use crate::explain::{help, help_markdown, sentence, squeeze};
use crate::policy::{Confidence, Library, Rule};
use crate::report::escape;

/// Most characters of a full description that GitHub takes.
const DESCRIPTION: usize = 1_024;
/// Most characters of a name that GitHub takes.
const NAME: usize = 255;

/// Every rule that applied or has a result, by id: the file then also says what was judged and found right.
pub(super) struct Rules<'a> {
    ids: Vec<&'a str>,
    known: BTreeMap<&'a str, &'a Rule>,
}

impl<'a> Rules<'a> {
    pub(super) fn gather(library: &'a Library, occurring: BTreeSet<&'a str>, applied: &'a BTreeSet<String>) -> Self {
        let mut ids = occurring;
        ids.extend(applied.iter().map(String::as_str));
        Self { ids: ids.into_iter().collect(), known: library.rules().map(|rule| (rule.id.as_str(), rule)).collect() }
    }

    /// The place of a rule in the list.
    pub(super) fn index(&self, id: &str) -> usize {
        self.ids.binary_search(&id).unwrap_or_default()
    }

    /// The list. A rule that no pack has is described by its findings.
    pub(super) fn descriptors(&self, shown: &[(usize, &'a Finding)]) -> Vec<Descriptor<'a>> {
        let title = |id: &str| {
            let finding = shown.iter().find(|(_, finding)| finding.rule == id);
            finding.map_or(id, |(_, finding)| finding.title.as_str()).to_owned()
        };
        let describe = |id: &&'a str| match self.known.get(*id) {
            Some(rule) => Descriptor::new(rule),
            None => Descriptor::unknown(id, &title(id)),
        };
        self.ids.iter().map(describe).collect()
    }
}

/// The word for a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor<'a> {
    id: &'a str,
    name: String,
    short_description: Text<String>,
    full_description: Text<String>,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// Without `security-severity`: it would make a rule one about security, with a score between 0 and 10. What is declared about
/// personal data is no vulnerability, and such a score would be made up.
#[derive(Serialize)]
struct Properties<'a> {
    tags: Vec<&'a str>,
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem: &'static str,
}

impl<'a> Descriptor<'a> {
    fn new(rule: &'a Rule) -> Self {
        let title = full(sentence(&squeeze(&rule.title)), &rule.id);
        let first = rule.why.split("\n\n").next().unwrap_or_default();
        let mut described = Self::of(&rule.id, title, rule.usual_severity());
        described.full_description.text = full(cut(&squeeze(first), DESCRIPTION), &described.short_description.text);
        described.help = Help { text: help(rule), markdown: help_markdown(rule) };
        described.help_uri = Some(rule.url());
        described.properties.precision = precision(rule);
        described
    }

    fn unknown(id: &'a str, title: &str) -> Self {
        Self::of(id, full(sentence(&escape::text(title, escape::LONG)), id), Severity::Warning)
    }

    fn of(id: &'a str, title: String, severity: Severity) -> Self {
        let pack = id.split('/').next().unwrap_or_default();
        Self {
            id,
            name: cut(&pascal(id), NAME),
            short_description: Text { text: title.clone() },
            full_description: Text { text: cut(&title, DESCRIPTION) },
            help: Help { text: title.clone(), markdown: title },
            help_uri: None,
            default_configuration: Configuration { level: level(severity) },
            properties: Properties {
                tags: vec!["privacy", pack],
                precision: "medium",
                problem: match severity {
                    Severity::Info => "recommendation",
                    Severity::Error | Severity::Warning => severity.as_str(),
                },
            },
        }
    }
}

/// Hosts take an empty text for one that is missing.
fn full(text: String, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_owned() } else { text }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// How sure a rule is. What the program raises itself is plain in the text; any other rule is as sure as its best source.
fn precision(rule: &Rule) -> &'static str {
    if rule.raised_by.is_some() {
        return "very-high";
    }
    match rule.cites.iter().map(|cite| cite.confidence).min() {
        Some(Confidence::High) => "high",
        Some(Confidence::Medium) | None => "medium",
        Some(Confidence::Low) => "low",
    }
}

/// `FairDefaultsSettingBuried`
fn pascal(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let upper = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    full(words.map(upper).collect(), "Rule")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for (id, name) in [
            ("fair-defaults/setting-buried", "FairDefaultsSettingBuried"),
            ("acme/x_y.z", "AcmeXYZ"),
            ("é/ß", "ÉSS"),
            ("/", "Rule"),
        ] {
            assert_eq!(pascal(id), name);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_by_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
    }
}
