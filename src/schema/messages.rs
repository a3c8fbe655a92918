//! Causes as diagnostics: the words, the help, and one diagnostic for one place.

use std::collections::{BTreeMap, HashMap};

use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::advice;
use super::cause::{Cause, What};
use super::english::{self, with_article};
use super::here::{Here, Step, homes};
use super::place::{Place, Walker};
use crate::diagnostic::{Diagnostic, Safety};
use crate::order::Order;
use crate::source::Span;
use crate::suggest;
use crate::syntax::{Kind, NodeId, NodeRef};

const UNKNOWN: &str = "unknown-key";
const MISSING: &str = "missing-key";
const INVALID: &str = "invalid-value";

/// Which of several diagnostics about one node is kept, least first: one at the node itself before one through an alias,
/// then the one that says most about the value.
type Rank = (Option<Span>, u8);

/// Turns causes into diagnostics.
pub(super) struct Explainer<'s, 't> {
    noun: &'static str,
    schema: &'s Value,
    walker: Walker<'t>,
    found: BTreeMap<(NodeId, &'static str), (Rank, Diagnostic)>,
}

impl<'s, 't> Explainer<'s, 't> {
    /// An explainer for a document that is called `noun` and must obey `schema`.
    pub(super) fn new(noun: &'static str, schema: &'s Value, root: NodeRef<'t>) -> Self {
        Self { noun, schema, walker: Walker::new(root), found: BTreeMap::new() }
    }

    /// The diagnostics, in the order of the text.
    pub(super) fn explain(mut self, causes: Vec<Cause<'_>>) -> Vec<Diagnostic> {
        let mut unknown: HashMap<&str, Vec<&str>> = HashMap::new();
        for cause in &causes {
            if let What::Unknown(names) = cause.what {
                unknown.entry(cause.at).or_default().extend(names.iter().map(String::as_str));
            }
        }
        let mut missing: BTreeMap<&str, Absent<'_>> = BTreeMap::new();
        for cause in causes {
            match cause.what {
                What::Missing(names) => {
                    // A misspelt key is reported as such; that the right one is missing follows.
                    let slips = unknown.get(cause.at).map(Vec::as_slice).unwrap_or_default();
                    if !slips.iter().any(|slip| suggest::nearest(slip, names.iter().copied()).is_some()) {
                        let absent = missing.entry(cause.at).or_insert(Absent { schema: cause.schema, keys: vec![] });
                        absent.keys.push(names);
                    }
                }
                what => self.one(cause.at, cause.schema, what),
            }
        }
        for (at, absent) in missing {
            self.missing(at, &absent);
        }
        let mut all: Vec<Diagnostic> = self.found.into_values().map(|(_, diagnostic)| diagnostic).collect();
        all.order_by(|a, b| (a.primary.span, a.code, &a.message).cmp(&(b.primary.span, b.code, &b.message)));
        all
    }

    fn one(&mut self, at: &str, schema: &str, what: What<'_>) {
        let place = self.walker.place(at);
        let here = Here::at(self.schema, schema);
        match what {
            What::Unknown(names) => names.iter().for_each(|name| self.unknown(&place, &here, name)),
            What::Allowed { types, words, .. } => {
                let (rank, diagnostic) = match place.node.kind() {
                    // An alias without an anchor, which the parser has reported.
                    Kind::Null if place.node.text().is_none() => return,
                    Kind::Null => (0, advice::no_value(&place, &here, &types, &words)),
                    _ if types.is_empty() => (2, advice::not_a_choice(&place, &here, &words)),
                    _ => (1, advice::wrong_type(&place, &here, &types, &words)),
                };
                self.keep(place.node, place.node.via(), rank, diagnostic);
            }
            What::Name { name, error } => self.name(&place, &here, &name, error.kind()),
            What::Exclusive => self.exclusive(&place, &here),
            What::Missing(_) => {}
            What::Other(kind) => {
                let rank = if matches!(kind, ValidationErrorKind::MinLength { .. }) { 3 } else { 4 };
                let diagnostic = advice::other(&place, &here, kind);
                self.keep(place.node, place.node.via(), rank, diagnostic);
            }
        }
    }

    /// Takes a diagnostic in, unless a better one about the same node is there. A node that many aliases stand for is judged
    /// many times and reported once.
    fn keep(&mut self, node: NodeRef<'t>, via: Option<Span>, rank: u8, diagnostic: Diagnostic) {
        let rank = (via, rank);
        let diagnostic = match via {
            Some(alias) if alias != diagnostic.primary.span => diagnostic.label(alias, "used here"),
            _ => diagnostic,
        };
        let key = (node.id(), diagnostic.code);
        if self.found.get(&key).is_none_or(|(other, _)| rank < *other) {
            self.found.insert(key, (rank, diagnostic));
        }
    }

    fn unknown(&mut self, place: &Place<'t>, here: &Here<'s>, name: &str) {
        let Some(entry) = self.walker.entry(place.node, name) else { return };
        let span = entry.key.span();
        let message = format!("unknown key `{}` in {}", advice::short(name), self.container(place, here));
        let mut diagnostic = Diagnostic::new(UNKNOWN, span, message);
        let free: Vec<&str> = here
            .properties()
            .map(|(property, _)| property)
            .filter(|property| self.walker.entry(place.node, property).is_none())
            .collect();
        if let Some(near) = suggest::nearest(name, free.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            // Behind an alias the edit would reach further than is seen.
            if entry.key.via().is_none() {
                let all = here.properties().map(|(property, _)| property);
                let safety = if suggest::slip(name, all) == Some(near) { Safety::Safe } else { Safety::Suggest };
                diagnostic = diagnostic.replace(format!("rename the key to `{near}`"), safety, span, near);
            }
        } else if let Some(help) = self.belongs(name, here).or_else(|| suggest::did_you_mean(name, &free)) {
            diagnostic = diagnostic.help(help);
        }
        self.keep(entry.key, entry.key.via(), 0, diagnostic);
    }

    /// Where a key that is unknown here would be right, if that is not just anywhere.
    fn belongs(&self, name: &str, here: &Here<'_>) -> Option<String> {
        let homes = homes(self.schema, name);
        if homes.is_empty() || homes.len() > 2 || here.definition.is_some_and(|own| homes.contains(&own)) {
            return None;
        }
        let nouns: Vec<String> = homes.into_iter().map(|home| with_article(&english::noun(home))).collect();
        Some(format!("`{name}` is a key of {}", suggest::join(&nouns)))
    }

    fn missing(&mut self, at: &str, absent: &Absent<'_>) {
        let place = self.walker.place(at);
        let here = Here::at(self.schema, absent.schema);
        let verb = if absent.keys.len() == 1 { "is" } else { "are" };
        let whole = match (here.step, here.definition, place.name()) {
            (Step::Root, ..) => format!("the {}", self.noun),
            (Step::Member, Some(definition), Some(name)) => {
                format!("{} `{}`", english::noun(definition), advice::short(name))
            }
            _ => self.container(&place, &here),
        };
        let message = format!("{} {verb} missing from {whole}", absent.list());
        let mut diagnostic = Diagnostic::new(MISSING, place.key_span(), message);
        let property = |name: &str| here.properties().find(|(property, _)| *property == name);
        let help = match absent.keys.as_slice() {
            [names] => match names.as_slice() {
                [name] => property(name).and_then(|(name, property)| advice::what_it_is(name, property)),
                _ => None,
            },
            several => {
                let only = several.iter().filter_map(|names| property(names.first()?));
                advice::for_example(only)
            }
        };
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.keep(place.node, place.node.via(), 0, diagnostic);
    }

    /// What holds the keys, with its article: `a purpose`, `` `retention` ``.
    fn container(&self, place: &Place<'_>, here: &Here<'_>) -> String {
        let owner = place.owner.and_then(|entry| entry.name());
        match (here.step, here.definition) {
            (Step::Root, _) => with_article(self.noun),
            (Step::Member, Some(definition)) => with_article(&english::noun(definition)),
            (Step::Item, Some(definition)) if Some(definition) != owner => with_article(&english::noun(definition)),
            _ => place.subject(),
        }
    }

    fn name(&mut self, place: &Place<'t>, here: &Here<'s>, name: &str, kind: &ValidationErrorKind) {
        let Some(entry) = self.walker.entry(place.node, name) else { return };
        let form = match kind {
            ValidationErrorKind::Pattern { pattern } => advice::definition_of(self.schema, pattern),
            _ => None,
        };
        let diagnostic = advice::wrong_name(entry.key.span(), name, place, here, form);
        self.keep(entry.key, entry.key.via(), 0, diagnostic);
    }

    fn exclusive(&mut self, place: &Place<'t>, here: &Here<'s>) {
        let branches = here.last().get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let names = branches.filter_map(|branch| branch.get("required")?.get(0)?.as_str());
        let mut present: Vec<_> = names.filter_map(|name| self.walker.entry(place.node, name)).collect();
        present.order_by_key(|entry| entry.key.span());
        let diagnostic = match present.as_slice() {
            [first, second, ..] => {
                let words: Vec<&str> = present.iter().filter_map(|entry| entry.name()).collect();
                let message = format!("{} exclude each other", suggest::list(&words));
                Diagnostic::new(INVALID, second.key.span(), message).label(first.key.span(), "")
            }
            _ => {
                let message = format!("{} can be read in more than one way", place.subject());
                Diagnostic::new(INVALID, place.value_span(), message)
            }
        };
        self.keep(place.node, place.node.via(), 5, diagnostic);
    }
}

/// The keys that a mapping lacks; any name of each group would do.
struct Absent<'e> {
    schema: &'e str,
    keys: Vec<Vec<&'e str>>,
}

impl Absent<'_> {
    fn list(&self) -> String {
        let quoted = |name: &&str| format!("`{name}`");
        let groups: Vec<String> =
            self.keys.iter().map(|names| english::join_or(&names.iter().map(quoted).collect::<Vec<_>>())).collect();
        suggest::join(&groups)
    }
}
