//! What is declared and has no effect, or cannot be meant: answers where nobody is asked, overrides that set nothing, an end that
//! comes before the start.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::candidate::{Outcome, Property};
use super::{Effective, Resolved};
use crate::diagnostic::Diagnostic;
use crate::model::{Entity, FieldId, FieldValue, Fields, Override, Record, Value};
use crate::source::Span;
use crate::space::{Block, When, join};

/// What is said of people who are asked, with what that means.
const ANSWERS: [(&str, &str); 2] = [
    ("until_answer", "until the person has answered"),
    ("on_dismiss", "when the person closes the question without answering"),
];

/// Answers of a setting that asks nobody, where it is on. Beside `off` they are left alone: whoever switches off what a question
/// left running has repaired it, and what is left behind misleads nobody.
pub(super) fn answers(setting: &Entity) -> Vec<Diagnostic> {
    let all = || std::iter::once(&setting.fields).chain(setting.overrides.iter().map(|over| &over.fields));
    let word = |value: &FieldValue| match &value.value.value {
        Value::Text(word) => Some(Arc::clone(word)),
        _ => None,
    };
    let mut defaults = all().filter_map(|fields| fields.named("default")).map(word);
    // what cannot be read may be `ask`
    if defaults.any(|word| word.is_none_or(|word| *word == *"ask")) {
        return Vec::new();
    }
    let tell = |fields: &Fields, (name, when): (&str, &str)| {
        // what several settings take from one place is for those that ask
        let own = |field: &&FieldValue| field.value.via.is_none() && !field.value.value.is_invalid();
        let field = fields.named(name).filter(own)?;
        let default = fields.named("default").or_else(|| setting.named("default"))?;
        if default.value.value.as_text() != Some("on") {
            return None;
        }
        let message = format!("`{name}` says what holds {when}, and nobody is asked");
        let wrong = Diagnostic::new("answer-without-question", field.key, message)
            .at("has no effect")
            .label(default.value.span, "`default` is `on`")
            .help(format!("declare `default: ask` for those who are asked, or remove `{name}`"));
        Some(wrong)
    };
    all().flat_map(|fields| ANSWERS.into_iter().filter_map(move |answer| tell(fields, answer))).collect()
}

/// That an override sets nothing.
pub(super) fn empty(over: &Override) -> Option<Diagnostic> {
    let empty = || {
        Diagnostic::new("override-sets-nothing", over.place, "the override sets nothing")
            .at("changes nothing for the people it selects")
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
