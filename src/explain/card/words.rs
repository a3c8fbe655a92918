//! What a key means, and what a word of a condition stands for.

use super::{Block, Card, flat, quoted};
use crate::model::{FieldId, Record};
use crate::policy::condition::{Root, Ty};
use crate::schema::Described;

/// A key with its documentation.
pub fn key(name: &str, described: &Described) -> Card {
    let mut card = Card::new(name, "key");
    card.text(described.text.clone());
    if let Some(example) = &described.example {
        card.blocks.push(Block::Code(yaml(name, example)));
    }
    card
}

/// An example as people would write it.
fn yaml(name: &str, example: &serde_json::Value) -> String {
    let entry = serde_json::json!({ name: example });
    serde_yaml::to_string(&entry).unwrap_or_default()
}

/// What can be read by a condition, and what it can call, in words.
const FACTS: [(&str, &str); 8] = [
    ("purpose", "the purpose, with the values that hold at this place, age and plan"),
    ("setting", "the setting that the purpose names"),
    ("state", "the effective default of the purpose"),
    ("service", "the service; `service.purposes` are all its purposes"),
    ("notices", "the notices about the purpose that reach these people"),
    ("recipients", "the organisations that the purpose names as recipients"),
    ("today", "the day of the run"),
    ("age", "how old the people are: `age.from` and `age.to`, in whole years; 18 is 18 and over"),
];

/// Functions: how they are written, and what they give.
const FUNCTIONS: [(&str, &str, &str); 18] = [
    ("has", "has(x.f)", "whether the field is declared; also for `[]`"),
    ("declared", "declared(x.f)", "true if the field is declared; otherwise the fact is missing"),
    ("size", "size(x)", "how many elements, or characters"),
    ("within", "within(use, \"key\")", "whether a key of a vocabulary is this one or lies below it"),
    ("root", "root(use)", "the first part of a key of a vocabulary"),
    ("days", "days(from, to)", "whole days between two dates, or of a duration; a month is 30, a year 365"),
    (
        "states_in",
        "states_in(\"EEA\")",
        "the states of this purpose over the places of a group that the service reaches",
    ),
    ("mentions", "mentions(text, \"lexicon\")", "whether a word of a lexicon occurs, whole and whatever its case"),
    ("table", "table(\"name\")", "the value of a table for this place, or for a place that a fact names"),
    ("group", "place in group(\"EEA\")", "whether a place that a fact names is in a group on the day"),
    ("contains", "text.contains(part)", "whether the text has this part"),
    ("startsWith", "text.startsWith(part)", "whether the text begins with this part"),
    ("endsWith", "text.endsWith(part)", "whether the text ends with this part"),
    ("exists", "list.exists(x, condition)", "whether the condition holds for at least one element"),
    ("all", "list.all(x, condition)", "whether the condition holds for every element"),
    ("exists_one", "list.exists_one(x, condition)", "whether the condition holds for exactly one element"),
    ("filter", "list.filter(x, condition)", "the elements for which the condition holds"),
    ("map", "list.map(x, value)", "what is made of each element"),
];

/// What gives the elements of a list a name.
const EACH: [&str; 5] = ["exists", "all", "exists_one", "filter", "map"];

/// How many names may stand for elements of each other's lists.
const NESTED: usize = 4;

/// A word of a condition with the path that leads to it: `purpose.retention.period`, or the name of a function where it is
/// called. `before` is the condition up to there, where names for elements of lists are given.
pub fn word(
    path: &str,
    is_called: bool,
    before: &str,
    describe: &dyn Fn(&[&str]) -> Option<Described>,
) -> Option<Card> {
    let last = path.rsplit('.').next()?;
    if is_called {
        let (_, form, gives) = FUNCTIONS.iter().find(|(name, ..)| *name == last)?;
        let mut card = Card::new(last, "function of a condition");
        card.text(format!("{}: {gives}.", quoted(form)));
        return Some(card);
    }
    let mut card = Card::new(path, "fact");
    if let Some((_, means)) = FACTS.iter().find(|(name, _)| *name == path) {
        let (ty, _) = read(path, before, NESTED)?;
        card.text(format!("{}: {means}.", sentence_start(&ty.describe())));
        return Some(card);
    }
    let (ty, keys) = read(path, before, NESTED)?;
    let said = describe(&keys).map(|described| format!(" {}", flat(&described.text))).unwrap_or_default();
    card.text(format!("{}.{said}", sentence_start(&ty.describe())));
    Some(card)
}

/// The type of a fact, and the keys under which a declaration has it.
fn read<'p>(path: &'p str, before: &'p str, depth: usize) -> Option<(Ty, Vec<&'p str>)> {
    let mut names = path.split('.');
    let first = names.next()?;
    let (mut ty, mut keys) = match Root::ALL.iter().find(|(name, _)| *name == first) {
        Some((_, root)) => (Ty::of_root(*root), Vec::new()),
        None => element(first, before, depth.checked_sub(1)?)?,
    };
    for name in names {
        let Ty::Object(record) = ty else { return None };
        let field = FieldId::find(record, name)?;
        if let Some(map) = map_of(record) {
            keys = vec![map];
        }
        keys.push(name);
        ty = Ty::of(field.get().ty);
    }
    Some((ty, keys))
}

/// What a name for the elements of a list stands for: that of the nearest list before it.
fn element<'p>(name: &str, before: &'p str, depth: usize) -> Option<(Ty, Vec<&'p str>)> {
    let nearest = before.rmatch_indices('(').find_map(|(at, _)| {
        let inside = before.get(at + 1..)?.trim_start().strip_prefix(name)?;
        inside.trim_start().strip_prefix(',')?;
        let list = before.get(..at)?;
        let list = EACH.iter().find_map(|each| list.strip_suffix(each)?.strip_suffix('.'))?;
        let start = list.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.').len();
        Some((list.get(start..)?, list.get(..start)?))
    });
    let (list, before) = nearest?;
    match read(list, before, depth)? {
        (Ty::List(element), keys) => Some((*element, keys)),
        _ => None,
    }
}

fn sentence_start(text: &str) -> String {
    super::super::sentence(text).trim_end_matches('.').to_owned()
}

/// The key of a declaration under which such a record stands.
fn map_of(record: Record) -> Option<&'static str> {
    match record {
        Record::Purpose => Some("purposes"),
        Record::Setting => Some("settings"),
        Record::Organisation => Some("organisations"),
        Record::Notice => Some("notices"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, what cannot be is a failing test")]

    use super::*;
    use crate::explain::card::Style;
    use crate::schema;
    use crate::source::SourceMap;

    fn shown(path: &str, is_called: bool) -> Option<String> {
        let before = "purpose.data.all(d, d.category != \"\" && service.purposes.exists(p, p.data.exists( e , ";
        let card = word(path, is_called, before, &schema::describe)?;
        Some(card.write(&Style::Plain, &SourceMap::new()))
    }

    #[test]
    fn words_of_conditions_have_a_type_and_a_meaning() {
        for (path, is_called, begins) in [
            ("state", false, "state (fact)\n\nA text: the effective default of the purpose."),
            ("today", false, "today (fact)\n\nA date: the day of the run."),
            ("purpose.retention.period", false, "purpose.retention.period (fact)\n\nA duration. How long"),
            ("setting.opt_out.effect", false, "setting.opt_out.effect (fact)\n\nA text. What switching off does."),
            ("purpose.use", false, "purpose.use (fact)\n\nA use."),
            ("purpose.state", false, "purpose.state (fact)\n\nA text."),
            ("d.category", false, "d.category (fact)\n\nA data category. What kind of data it is"),
            ("p", false, "p (fact)\n\nA purpose."),
            ("p.retention.until", false, "p.retention.until (fact)\n\nA text. The event until which"),
            ("e.source", false, "e.source (fact)\n\nA text. Where"),
            ("within", true, "within (function of a condition)\n\n`within(use, \"key\")`: whether"),
            ("purpose.data.exists", true, "exists (function of a condition)"),
        ] {
            let text = shown(path, is_called).unwrap();
            assert!(text.starts_with(begins), "{path}: {text}");
        }
        for (path, is_called) in [
            ("nonsense", false),
            ("purpose.nonsense", false),
            ("d.nonsense", false),
            ("x.category", false),
            ("", false),
            (".", true),
            ("x.", false),
        ] {
            assert_eq!(shown(path, is_called), None, "{path}");
        }
    }

    #[test]
    fn every_fact_and_function_has_a_meaning() {
        let manual = include_str!("../../../docs/writing-rules.md");
        let rows = manual.split("| to write | what it gives |").nth(1).unwrap().split("\n\n").next().unwrap();
        let called = rows.split('(').filter_map(|before| {
            let start = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
            before.get(start..).filter(|name| !name.is_empty())
        });
        let called: Vec<&str> = called.collect();
        assert!(called.len() >= 18, "{called:?}");
        for name in called {
            assert!(shown(name, true).is_some(), "{name}");
        }
        for (name, _) in Root::ALL {
            assert!(shown(name, false).is_some(), "{name}");
        }
    }
}
