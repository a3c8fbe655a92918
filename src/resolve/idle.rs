//! What is declared and has no effect, or cannot be meant: answers where nobody is asked, overrides that set nothing, an end that
//! comes before the start.

use std::collections::BTreeMap;

use super::candidate::{Outcome, Property};
use super::{Effective, Resolved};
use crate::diagnostic::Diagnostic;
use crate::model::{Entity, FieldId, FieldValue, Override, Record, Value};
use crate::source::Span;
use crate::space::{Block, When, join};

/// What is said of people who are asked, with what that means.
const ANSWERS: [(&str, &str); 2] = [
    ("until_answer", "until the person has answered"),
    ("on_dismiss", "when the person closes the question without answering"),
];

/// Answers of a setting by which nobody is asked.
pub(super) fn answers(setting: &Entity) -> Vec<Diagnostic> {
    let all = || std::iter::once(&setting.fields).chain(setting.overrides.iter().map(|over| &over.fields));
    let defaults: Vec<&FieldValue> = all().filter_map(|fields| fields.named("default")).collect();
    // what cannot be read may be `ask`, and what nobody declares is told as that
    let asks_nobody = |value: &&FieldValue| matches!(&value.value.value, Value::Text(word) if **word != *"ask");
    let Some(first) = defaults.first().filter(|_| defaults.iter().all(asks_nobody)) else { return Vec::new() };
    let written = |(name, when): (&str, &str)| -> Vec<Diagnostic> {
        let said = all().filter_map(|fields| fields.named(name));
        // what several settings take from one place is for those that ask
        let own = said.filter(|field| field.value.via.is_none() && !field.value.value.is_invalid());
        let tell = |field: &FieldValue| {
            let message = format!("`{name}` says what holds {when}, and nobody is asked");
            Diagnostic::new("answer-without-question", field.key, message)
                .at("has no effect")
                .label(first.value.span, format!("`default` is `{}`", first.value.value.as_text().unwrap_or_default()))
                .help(format!("declare `default: ask` for those who are asked, or remove `{name}`"))
        };
        own.map(tell).collect()
    };
    ANSWERS.into_iter().flat_map(written).collect()
}

/// That an override sets nothing.
pub(super) fn empty(over: &Override) -> Option<Diagnostic> {
    let empty = || {
        Diagnostic::new("override-sets-nothing", over.place, "the override sets nothing")
            .at("nothing follows for whom it selects")
            .help("write what holds for them beside the selector, or remove the override")
    };
    over.is_bare.then(empty)
}

/// Ends that come before the start, each with the people for whom they do.
pub(super) fn ends(effective: &Effective<'_>, purpose: &Resolved<'_>) -> Vec<(Diagnostic, Vec<Block>)> {
    let field = |name| FieldId::find(Record::Purpose, name).and_then(|field| purpose.properties.get(&field));
    let (Some(started), Some(ended)) = (field("started"), field("ended")) else { return Vec::new() };
    let mut found: BTreeMap<(Span, Span), (When, When, Vec<Block>)> = BTreeMap::new();
    for (atom, block) in effective.atoms.iter().enumerate() {
        let (Some((from, start)), Some((until, end))) = (day(started, atom), day(ended, atom)) else { continue };
        if end.is_before(start) == Some(true) {
            found.entry((until.value.span, from.value.span)).or_insert_with(|| (end, start, Vec::new())).2.push(*block);
        }
    }
    let tell = |((until, from), (end, start, blocks)): ((Span, Span), (When, When, Vec<Block>))| {
        let message = format!("`{}` ends before it starts", purpose.entity.title());
        let wrong = Diagnostic::new("ended-before-started", until, message)
            .at(format!("`ended` is {end}"))
            .label(from, format!("`started` is {start}"))
            .help("correct one of the two; a purpose that runs again has no `ended`");
        (wrong, join(blocks))
    };
    found.into_iter().map(tell).collect()
}

/// The day that a property comes to at an atom, where that is settled.
fn day<'w>(property: &Property<'w>, atom: usize) -> Option<(&'w FieldValue, When)> {
    let Outcome::Value(winner) = property.at(atom)?.outcome else { return None };
    let value = property.candidates.get(usize::from(winner))?.value?;
    match value.value.value {
        Value::Date(when) => Some((value, when)),
        _ => None,
    }
}
