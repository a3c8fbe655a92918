//! The reads of one evaluation: which fact, where it stands, and what is to be seen there.

use std::cell::RefCell;

use crate::diagnostic::Label;
use crate::model::{FieldValue, Override, Value};
use crate::policy::condition::ReadId;
use crate::resolve::{Candidate, Property, Variant};
use crate::source::Span;
use crate::suggest::join;

/// One read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    /// The fact: `purpose.retention.until`.
    pub(super) path: String,
    /// The place that decides: where the value stands, or where it is missing.
    pub(super) place: Label,
    /// Other places that took part: what was beaten, what holds elsewhere, the alias.
    pub(super) also: Vec<Label>,
    /// Why there is no value, in words that follow the path: `is not declared`.
    pub(super) missing: Option<&'static str>,
    /// What would supply it: the noun and id of what should declare it.
    pub(super) owner: String,
}

/// Collects reads while a condition is evaluated; equal reads get one id.
#[derive(Debug, Default)]
pub(super) struct Log(RefCell<Vec<Read>>);

impl Log {
    pub(super) fn push(&self, read: Read) -> ReadId {
        let mut reads = self.0.borrow_mut();
        // reads without words are told apart by nothing, and nobody looks for them
        let told = !read.path.is_empty();
        let same = |known: &Read| known.path == read.path && known.place == read.place && known.missing == read.missing;
        let known = if told { reads.iter().position(same) } else { None };
        let at = known.unwrap_or(reads.len());
        if known.is_none() {
            reads.push(read);
        }
        ReadId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    pub(super) fn get(&self, id: ReadId) -> Option<Read> {
        self.0.borrow().get(id.0 as usize).cloned()
    }
}

/// Where a field's value is pointed at: the value of a scalar, the key of a list or mapping, which may be long.
pub(super) fn span_of(field: &FieldValue) -> Span {
    match &field.value.value {
        Value::List(_) | Value::Record(_) => field.key,
        // a bound is a mapping
        Value::Date(when) if when.exact().is_none() => field.key,
        _ => field.value.span,
    }
}

/// What a field says, for a label: `` `default` is `on` ``.
pub(super) fn says(field: &FieldValue) -> String {
    let name = field.field.name();
    match &field.value.value {
        Value::Bool(value) => format!("`{name}` is `{value}`"),
        Value::Int(value) => format!("`{name}` is {value}"),
        Value::Text(text) if text.chars().count() > 40 => format!("`{name}` is declared here"),
        Value::Text(text) => format!("`{name}` is `{text}`"),
        Value::Date(when) => match when.exact() {
            Some(day) => format!("`{name}` is {day}"),
            None => format!("`{name}` is {when}"),
        },
        Value::Duration(duration) => format!("`{name}` is {}", duration.as_str()),
        Value::List(items) => match items.len() {
            0 => format!("`{name}` is empty"),
            1 => format!("`{name}` has one entry"),
            many => format!("`{name}` has {many} entries"),
        },
        Value::Record(_) => format!("`{name}` is declared here"),
        Value::Invalid => format!("`{name}` cannot be read"),
    }
}

/// The alias or merge through which a value came.
pub(super) fn via(field: &FieldValue) -> Option<Label> {
    field.value.via.map(|via| Label::new(via, format!("`{}` comes through here", field.field.name())))
}

/// Labels for the candidates of a property that do not decide at an atom: what holds elsewhere, and what was beaten here.
pub(super) fn elsewhere(property: &Property<'_>, variant: &Variant, overrides: &[Override]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let deciding: Vec<Span> =
        variant.winners.iter().filter_map(|at| property.candidates.get(usize::from(*at))?.value).map(span_of).collect();
    for candidate in &property.candidates {
        let Some(value) = candidate.value else { continue };
        let span = span_of(value);
        if deciding.contains(&span) || labels.iter().any(|label| label.span == span) {
            continue;
        }
        labels.push(Label::new(span, format!("{} {}", says(value), for_whom(candidate, overrides))));
    }
    labels
}

/// For whom a candidate was written, in the words of its selector.
fn for_whom(candidate: &Candidate<'_>, overrides: &[Override]) -> String {
    let Some(over) = candidate.over.and_then(|at| overrides.get(at)) else { return "otherwise".to_owned() };
    let mut parts = Vec::new();
    if let Some(regions) = &over.selector.regions {
        let names: Vec<String> = regions.items.iter().map(|item| item.value.to_string()).collect();
        parts.push(format!("only for {}", few(&names)));
    }
    if let Some(ages) = &over.selector.ages {
        let names: Vec<String> = ages.items.iter().filter_map(|item| Some(item.value?.to_string())).collect();
        parts.push(format!("aged {}", few(&names)));
    }
    if let Some(plans) = &over.selector.plans {
        let names: Vec<String> = plans.items.iter().map(|item| item.value.to_string()).collect();
        parts.push(format!("on plan {}", few(&names)));
    }
    if let Some(from) = over.selector.from.as_ref().and_then(|from| from.value) {
        parts.push(format!("from {from}"));
    }
    if let Some(until) = over.selector.until.as_ref().and_then(|until| until.value) {
        parts.push(format!("until {until}"));
    }
    if parts.is_empty() { "for everybody".to_owned() } else { parts.join(", ") }
}

fn few(names: &[String]) -> String {
    match names.split_at_checked(5) {
        Some((first, rest)) if rest.len() > 1 => format!("{} and {} more", first.join(", "), rest.len()),
        _ => join(names),
    }
}
