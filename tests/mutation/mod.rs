//! Declarations with one fact changed, by the places of the facts in the text.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

use std::collections::{BTreeMap, BTreeSet};

use purposelint::model::{EntityKind, FieldId, Record, Type};
use purposelint::policy::{Expectation, Rule};
use purposelint::source::SourceMap;
use purposelint::syntax::{Entry, Kind, Limits, NodeRef, Tree, parse};
use purposelint::vocabulary::Vocabulary;

/// A declaration with one fact changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// What was changed, for people.
    pub(crate) what: String,
    /// The field that was changed, where it is one of the table of fields.
    pub(crate) field: Option<FieldId>,
    /// The whole declaration.
    pub(crate) text: String,
}

/// What stands under a key of a kind of record, in the words of examples that a rule flags.
type Borrowed = BTreeMap<(Record, String), BTreeSet<String>>;

/// All changes of one fact, those that need no knowledge of the rule first, then values that its flagged examples have at the
/// same key, then every word of the vocabularies. Always the same, in the same order.
pub(crate) fn mutants(rule: &Rule, text: &str) -> Vec<Mutant> {
    let mut borrowed = Borrowed::new();
    for example in rule.examples.iter().filter(|example| example.expect == Expectation::Flagged) {
        let mut collect = |record: Record, entry: &Entry<'_>| {
            let value = slice(&example.text, entry.value);
            let inline = entry.value.text().is_some() || is_flow(&example.text, entry.value);
            if inline && !value.is_empty() && !value.contains('\n') {
                let key = (record, entry.name().unwrap_or_default().to_owned());
                borrowed.entry(key).or_default().insert(value.to_owned());
            }
        };
        each_entry(&tree(&example.text), &mut |record, entry, _| collect(record, entry));
    }
    let mut out = Mutants { text, field: None, by_class: Default::default() };
    let tree = tree(text);
    each_entry(&tree, &mut |record, entry, mapping| out.entry(record, entry, mapping, &borrowed));
    each_mapping(&tree, &mut |record, mapping| out.added(record, mapping, &borrowed));
    out.by_class.into_iter().flatten().collect()
}

fn tree(text: &str) -> Tree {
    let mut sources = SourceMap::new();
    let file = sources.add("example.yaml", text);
    parse(&sources, file, &Limits::default()).0
}

/// The text of a value, without what follows it.
fn slice<'t>(text: &'t str, node: NodeRef<'_>) -> &'t str {
    text[node.span().start as usize..node.span().end as usize].trim_end()
}

/// How a key of a record leads on: to a record, to a map of entities or to a list of either.
fn below(record: Record, name: &str) -> Option<Record> {
    if name == "overrides" {
        return Some(record);
    }
    match FieldId::find(record, name)?.get().ty {
        Type::Record(record) | Type::List(&Type::Record(record)) => Some(record),
        Type::Setting => Some(Record::Setting),
        _ => None,
    }
}

const ENTITIES: [EntityKind; 4] =
    [EntityKind::Organisation, EntityKind::Notice, EntityKind::Setting, EntityKind::Purpose];

fn walk<'t>(record: Record, mapping: NodeRef<'t>, visit: &mut dyn FnMut(Record, NodeRef<'t>)) {
    visit(record, mapping);
    for entry in mapping.entries() {
        let name = entry.name().unwrap_or_default();
        let entities = ENTITIES.iter().find(|kind| record == Record::Service && kind.key() == name);
        if let Some(kind) = entities {
            entry.value.entries().for_each(|entity| walk(kind.record(), entity.value, visit));
        } else if let Some(inner) = below(record, name) {
            if entry.value.is_mapping() {
                walk(inner, entry.value, visit);
            }
            entry.value.items().filter(|item| item.is_mapping()).for_each(|item| walk(inner, item, visit));
        }
    }
}

/// Every mapping of a declaration with the kind of record it is.
fn each_mapping<'t>(tree: &'t Tree, visit: &mut dyn FnMut(Record, NodeRef<'t>)) {
    for root in tree.documents().iter().filter_map(|document| tree.root(document)) {
        walk(Record::Service, root, visit);
    }
}

/// Every key with its value, and the mapping it stands in.
fn each_entry<'t>(tree: &'t Tree, visit: &mut dyn FnMut(Record, &Entry<'t>, NodeRef<'t>)) {
    each_mapping(tree, &mut |record, mapping| mapping.entries().for_each(|entry| visit(record, &entry, mapping)));
}

/// The order in which changes are tried.
#[derive(Clone, Copy)]
enum Class {
    Plain,
    Borrowed,
    Words,
}

struct Mutants<'t> {
    text: &'t str,
    /// The field that is being changed.
    field: Option<FieldId>,
    by_class: [Vec<Mutant>; 3],
}

impl Mutants<'_> {
    fn push(&mut self, class: Class, what: String, start: usize, end: usize, new: &str) {
        let text = format!("{}{new}{}", &self.text[..start], &self.text[end..]);
        if text != self.text {
            self.by_class[class as usize].push(Mutant { what, field: self.field, text });
        }
    }

    /// Another value for a key.
    fn replace(&mut self, class: Class, entry: &Entry<'_>, new: &str) {
        let start = entry.value.span().start as usize;
        let end = start + slice(self.text, entry.value).len();
        self.push(class, format!("{}: {new}", entry.name().unwrap_or_default()), start, end, new);
    }

    fn entry(&mut self, record: Record, entry: &Entry<'_>, mapping: NodeRef<'_>, borrowed: &Borrowed) {
        let name = entry.name().unwrap_or_default();
        self.field = FieldId::find(record, name);
        self.dropped(entry, mapping);
        for (class, new) in values(self.field.map(|field| field.get().ty), name, entry.value) {
            self.replace(class, entry, &new);
        }
        self.items(entry);
        for new in borrowed.get(&(record, name.to_owned())).into_iter().flatten() {
            self.replace(Class::Borrowed, entry, new);
        }
    }

    /// Without a key.
    fn dropped(&mut self, entry: &Entry<'_>, mapping: NodeRef<'_>) {
        let (mut start, value) = (entry.key.span().start as usize, entry.value.span().start as usize);
        let mut end = value + slice(self.text, entry.value).len();
        let what = format!("without {}", entry.name().unwrap_or_default());
        if mapping.entries().len() == 1 {
            let at = mapping.span().start as usize;
            return self.push(Class::Plain, what, at, at + slice(self.text, mapping).len(), "{}");
        }
        if is_flow(self.text, mapping) {
            (start, end) = with_comma(self.text, start, end);
        }
        self.push(Class::Plain, what, start, end, "");
    }

    /// Without one item of a list.
    fn items(&mut self, entry: &Entry<'_>) {
        let name = entry.name().unwrap_or_default();
        if !entry.value.is_sequence() || !is_flow(self.text, entry.value) {
            return;
        }
        for item in entry.value.items() {
            let start = item.span().start as usize;
            let (start, end) = with_comma(self.text, start, start + slice(self.text, item).len());
            self.push(Class::Plain, format!("without an item of {name}"), start, end, "");
        }
    }

    /// With a key that flagged examples have and this one has not.
    fn added(&mut self, record: Record, mapping: NodeRef<'_>, borrowed: &Borrowed) {
        for ((_, name), values) in borrowed.iter().filter(|((of, _), _)| *of == record) {
            if mapping.get(name).is_some() {
                continue;
            }
            let Some(first) = mapping.entries().next() else { continue };
            self.field = FieldId::find(record, name);
            let at = first.key.span().start as usize;
            let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
            let rest =
                if is_flow(self.text, mapping) { ", ".to_owned() } else { format!("\n{}", " ".repeat(at - line)) };
            for value in values {
                self.push(Class::Borrowed, format!("with {name}: {value}"), at, at, &format!("{name}: {value}{rest}"));
            }
        }
    }
}

fn is_flow(text: &str, node: NodeRef<'_>) -> bool {
    text[node.span().start as usize..].starts_with(['{', '['])
}

/// A stretch with the comma that parts it from what follows, or else from what comes before.
fn with_comma(text: &str, start: usize, end: usize) -> (usize, usize) {
    if let Some(rest) = text[end..].trim_start().strip_prefix(',') {
        return (start, text.len() - rest.trim_start().len());
    }
    let before = text[..start].trim_end();
    (before.strip_suffix(',').map_or(start, str::len), end)
}

/// Other values that a field can have.
fn values(ty: Option<Type>, name: &str, value: NodeRef<'_>) -> Vec<(Class, String)> {
    let plain = |texts: &[&str]| texts.iter().map(|text| (Class::Plain, (*text).to_owned())).collect::<Vec<_>>();
    match ty {
        _ if name == "ages" => plain(&["under-13", "13-15", "16-17", "18+", "0-18"]),
        _ if name == "regions" => plain(&["[WORLD]", "[EEA]", "[US]", "[GB]"]),
        Some(Type::Bool) => plain(&[if value.kind() == Kind::Bool(true) { "false" } else { "true" }]),
        Some(Type::Int) => plain(&["0", "1", "100"]),
        Some(Type::Enum(words)) => plain(words),
        Some(Type::List(&Type::Enum(words))) => {
            words.iter().map(|word| (Class::Plain, format!("[{word}]"))).chain(plain(&["[]"])).collect()
        }
        Some(Type::Date) => value.text().map(shifted).unwrap_or_default(),
        Some(Type::Duration) => plain(&["P1D", "P100Y"]),
        Some(Type::Setting) => plain(&["none", "{default: on}", "{default: off}"]),
        Some(Type::List(_)) => plain(&["[]"]),
        Some(Type::Term(terms)) => {
            Vocabulary::builtin().keys(terms).map(|key| (Class::Words, key.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

/// A day some years earlier and later.
fn shifted(day: &str) -> Vec<(Class, String)> {
    let (Some(Ok(year)), Some(rest)) = (day.get(..4).map(str::parse::<i32>), day.get(4..)) else { return Vec::new() };
    [-10, -2, -1, 1, 2, 10].map(|by| (Class::Plain, format!("{}{rest}", year + by))).to_vec()
}
