//! A tree to a declaration. Takes what is sound; what is not becomes [`Value::Invalid`] with a diagnostic.

use std::sync::Arc;

use super::declaration::{Declaration, Entity, Items, Override, Selector, SettingRef, Slots};
use super::fields::{EntityKind, FieldId, Record, Type};
use super::value::{FieldValue, Fields, Value};
use crate::diagnostic::{Diagnostic, Safety, once_each};
use crate::source::Span;
use crate::space::{AgeSet, Atlas, DIVIDED, Date, Duration, When, unknown_region};
use crate::suggest;
use crate::syntax::{Entry, Kind, Located, NodeRef};
use crate::vocabulary::{Terms, Vocabulary};

/// Reads one document. The schema has said what has the wrong shape; this adds what a shape cannot tell: days that do not
/// exist, keys that are in no vocabulary.
pub fn lower(root: NodeRef<'_>, atlas: &Atlas, vocabulary: &Vocabulary) -> (Declaration, Vec<Diagnostic>) {
    lower_but(root, atlas, vocabulary, &|_| None)
}

/// The same where entities are known that stood in the same place of another document, by the span from the key to the end of
/// the value; nothing was wrong with them.
pub fn lower_but(
    root: NodeRef<'_>,
    atlas: &Atlas,
    vocabulary: &Vocabulary,
    known: &dyn Fn(Span) -> Option<Arc<Entity>>,
) -> (Declaration, Vec<Diagnostic>) {
    let mut lowering = Lowering { atlas, vocabulary, known, diagnostics: Vec::new() };
    let declaration = lowering.declaration(root);
    (declaration, once_each(lowering.diagnostics))
}

/// Bytes of the id of a service, as the schema has it.
const LONGEST_ID: usize = 200;

struct Lowering<'a> {
    atlas: &'a Atlas,
    vocabulary: &'a Vocabulary,
    known: &'a dyn Fn(Span) -> Option<Arc<Entity>>,
    diagnostics: Vec<Diagnostic>,
}

impl Lowering<'_> {
    fn declaration(&mut self, root: NodeRef<'_>) -> Declaration {
        let place = root.entries().next().map_or(root.span(), |entry| entry.key.span());
        let mut declaration = Declaration::new(place.file, place);
        for entry in root.entries() {
            let Some(name) = entry.name() else { continue };
            match name {
                "version" => {}
                "service" => {
                    // the schema says so: one of a megabyte would be in each of ten thousand findings
                    let id = text(entry.value).filter(|id| id.len() <= LONGEST_ID);
                    declaration.service = id.map(|id| Located::at(entry.value, id.into()));
                }
                "regions" => declaration.regions = self.texts(entry),
                "plans" => declaration.plans = self.texts(entry),
                "ages" => declaration.ages = Some(self.ages(entry)),
                _ => match EntityKind::ALL.into_iter().find(|kind| kind.key() == name) {
                    Some(kind) => {
                        let entities = entry.value.entries().filter_map(|entry| {
                            match (self.known)(entry.span()).filter(|known| known.kind == kind) {
                                Some(known) => Some(known),
                                None => self.entity(kind, entry).map(Arc::new),
                            }
                        });
                        declaration.entities.extend(entities);
                    }
                    None => self.field(&mut declaration.fields, entry),
                },
            }
        }
        declaration
    }

    fn entity(&mut self, kind: EntityKind, entry: Entry<'_>) -> Option<Entity> {
        let id = entry.name()?;
        Some(self.entity_at(kind, id, entry.key.span(), entry.value))
    }

    fn entity_at(&mut self, kind: EntityKind, id: &str, place: Span, node: NodeRef<'_>) -> Entity {
        let mut entity = Entity {
            kind,
            id: id.into(),
            place,
            extent: Span { end: node.span().end.max(place.end), ..place },
            fields: fields(kind.record(), place, node),
            selector: Selector::default(),
            overrides: Vec::new(),
            setting: None,
            slots: Slots::default(),
        };
        if matches!(kind, EntityKind::Purpose | EntityKind::Setting) {
            let overrides = node.get("overrides");
            let over = overrides.filter(|entry| entry.merged.is_none()).and_then(|entry| entry.value.item_slot());
            entity.slots = Slots { key: node.entry_slot(), over, has_overrides: overrides.is_some() };
        }
        if !node.is_mapping() {
            self.wrong(node, place, &format!("{} `{id}` must be a mapping", kind.noun()));
        }
        for entry in node.entries() {
            match (kind, entry.name()) {
                (EntityKind::Purpose | EntityKind::Setting, Some("overrides")) => {
                    entity.overrides = entry.value.items().map(|item| self.override_(kind, item)).collect();
                }
                (EntityKind::Purpose, Some("setting")) => {
                    entity.setting = Some((entry.key.span(), self.setting_ref(id, entry)));
                }
                (EntityKind::Notice, Some("regions" | "ages")) => self.selector_key(&mut entity.selector, entry),
                _ => self.field(&mut entity.fields, entry),
            }
        }
        entity
    }

    fn setting_ref(&mut self, purpose: &str, entry: Entry<'_>) -> SettingRef {
        let span = entry.value.span();
        match entry.value.kind() {
            Kind::Str("none") => SettingRef::Nothing(span),
            Kind::Str(id) => SettingRef::Id(Located::at(entry.value, id.into())),
            Kind::Mapping => SettingRef::Inline(Box::new(self.entity_at(
                EntityKind::Setting,
                purpose,
                entry.key.span(),
                entry.value,
            ))),
            _ => {
                self.wrong(entry.value, entry.key.span(), "`setting` must be an id, a mapping or `none`");
                SettingRef::Invalid(if span.is_empty() { entry.key.span() } else { span })
            }
        }
    }

    fn override_(&mut self, kind: EntityKind, node: NodeRef<'_>) -> Override {
        let place = node.entries().next().map_or(node.span(), |entry| entry.key.span());
        let fields = fields(kind.record(), place, node);
        let mut made = Override { place, selector: Selector::default(), fields, is_bare: node.is_mapping() };
        // nobody can tell for whom it was meant
        made.selector.unknown = (!node.is_mapping()).then_some(place);
        for entry in node.entries() {
            let is_selector = matches!(entry.name(), Some("regions" | "ages" | "plans" | "from" | "until"));
            made.is_bare &= is_selector;
            match entry.name() {
                _ if is_selector => self.selector_key(&mut made.selector, entry),
                name => match name.and_then(|name| FieldId::find(kind.record(), name)) {
                    Some(field) if field.get().overridable => self.field_as(field, &mut made.fields, entry),
                    Some(_) => {}
                    // `region: FR` is not for everybody
                    None => made.selector.unknown = Some(entry.key.span()),
                },
            }
        }
        made
    }

    fn selector_key(&mut self, selector: &mut Selector, entry: Entry<'_>) {
        match entry.name() {
            Some("regions") => selector.regions = self.texts(entry),
            Some("plans") => selector.plans = self.texts(entry),
            Some("ages") => selector.ages = Some(self.ages(entry)),
            Some("from") => selector.from = Some(self.day(entry)),
            Some("until") => selector.until = Some(self.day(entry)),
            _ => {}
        }
    }

    /// A list of texts; one text counts as a list of one.
    fn texts(&mut self, entry: Entry<'_>) -> Option<Items<Box<str>>> {
        let mut made = Items { key: entry.key.span(), items: Vec::with_capacity(entry.value.items().len().max(1)) };
        for item in items(entry.value) {
            made.items.push(match text(item) {
                Some(text) => Located::at(item, text.into()),
                None => {
                    self.wrong(item, entry.key.span(), &format!("`{}` lists text", entry.name().unwrap_or_default()));
                    // an item that cannot be read must not vanish: it makes what it selects undetermined
                    Located::at(item, "".into())
                }
            });
        }
        Some(made)
    }

    fn ages(&mut self, entry: Entry<'_>) -> Items<Option<AgeSet>> {
        let mut made = Items { key: entry.key.span(), items: Vec::new() };
        for item in items(entry.value) {
            let ages = item.text().and_then(AgeSet::parse);
            if ages.is_none() {
                let message = format!("`{}` is not an age range", item.text().unwrap_or("…"));
                let wrong = Diagnostic::new("invalid-value", place_of(item, entry.key.span()), message);
                self.diagnostics.push(wrong.help("write `under-13`, `13-15`, `16+`, `adult` or a year from 0 to 18"));
            }
            made.items.push(Located::at(item, ages));
        }
        made
    }

    fn day(&mut self, entry: Entry<'_>) -> Located<Option<Date>> {
        let day = text(entry.value).and_then(Date::parse);
        if day.is_none() {
            self.not_a_day(entry.value, entry.key.span());
        }
        Located::at(entry.value, day)
    }

    fn field(&mut self, fields: &mut Fields, entry: Entry<'_>) {
        if let Some(field) = entry.name().and_then(|name| FieldId::find(fields.record, name)) {
            self.field_as(field, fields, entry);
        }
    }

    fn field_as(&mut self, field: FieldId, fields: &mut Fields, entry: Entry<'_>) {
        if field.get().derived {
            return;
        }
        let key = entry.key.span();
        let mut value = Located::at(entry.value, self.value(field.get().ty, entry.value, key));
        if value.span.is_empty() {
            value.span = key;
        }
        fields.entries.push(FieldValue { field, key, value });
    }

    fn value(&mut self, ty: Type, node: NodeRef<'_>, key: Span) -> Value {
        let value = match ty {
            Type::Bool => match node.kind() {
                Kind::Bool(value) => Some(Value::Bool(value)),
                Kind::Str("on") => Some(Value::Bool(true)),
                Kind::Str("off") => Some(Value::Bool(false)),
                _ => None,
            },
            Type::Int => match node.kind() {
                Kind::Int(value) => Some(Value::Int(value)),
                _ => None,
            },
            Type::Text | Type::Ref(_) | Type::Mention(_) => text(node).map(|text| Value::Text(text.into())),
            Type::Enum(words) => return self.word(words, node, key),
            Type::Term(terms) => return self.term(terms, node, key),
            Type::Territory => return self.territory(node, key),
            Type::Date => return self.when(node, key),
            Type::Duration => text(node).and_then(Duration::parse).map(Value::Duration),
            Type::List(ty) => node.is_sequence().then(|| {
                let mut items = Vec::with_capacity(node.items().len());
                for item in node.items() {
                    // an item that should be no list or mapping stands for itself; what one lacks is told at its first key
                    let is_record = matches!(ty, Type::Record(_)) && item.is_mapping();
                    let first = item.entries().next().map_or(key, |entry| entry.key.span());
                    let place = if is_collection(item) && !is_record { item.span() } else { first };
                    items.push(Located::at(item, self.value(*ty, item, place)));
                }
                Value::List(items)
            }),
            Type::Record(record) => node.is_mapping().then(|| self.record(record, node, key)),
            // handled where purposes are read
            Type::Setting => None,
        };
        value.unwrap_or_else(|| {
            self.wrong(node, key, &format!("this must be {}", describe(ty)));
            invalid(node)
        })
    }

    fn record(&mut self, record: Record, node: NodeRef<'_>, key: Span) -> Value {
        let mut fields = fields(record, key, node);
        for entry in node.entries() {
            self.field(&mut fields, entry);
        }
        Value::Record(Box::new(fields))
    }

    fn word(&mut self, words: &[&str], node: NodeRef<'_>, key: Span) -> Value {
        let word = match node.kind() {
            Kind::Str(word) => Some(word),
            Kind::Bool(true) => Some("on"),
            Kind::Bool(false) => Some("off"),
            _ => None,
        };
        match word.filter(|word| words.contains(word)) {
            Some(word) => Value::Text(word.into()),
            None => {
                let span = place_of(node, key);
                let shown = node.text().unwrap_or("this");
                let wrong = Diagnostic::new("invalid-value", span, format!("`{shown}` is not one of its values"));
                let help = suggest::did_you_mean(shown, words);
                self.diagnostics.push(Diagnostic { help, ..wrong });
                invalid(node)
            }
        }
    }

    fn term(&mut self, terms: Terms, node: NodeRef<'_>, key: Span) -> Value {
        let Some(term) = text(node) else {
            self.wrong(node, key, &format!("this must be {}", terms.noun()));
            return invalid(node);
        };
        if self.vocabulary.get(terms, term).is_some() {
            return Value::Text(term.into());
        }
        let wrong = Diagnostic::new("unknown-term", node.span(), format!("`{term}` is not {}", terms.noun()));
        let wrong = wrong.at("not in the vocabulary").help(self.vocabulary.help(terms, term));
        self.diagnostics.push(match self.vocabulary.suggestion(terms, term) {
            Some(near) => wrong.replace(format!("write `{near}`"), Safety::Suggest, node.span(), near),
            None => wrong,
        });
        invalid(node)
    }

    fn territory(&mut self, node: NodeRef<'_>, key: Span) -> Value {
        let Some(code) = text(node) else {
            self.wrong(node, key, "this must be a territory code");
            return invalid(node);
        };
        if self.atlas.leaf(code).is_some() || DIVIDED.contains(&code) {
            return Value::Text(code.into());
        }
        self.diagnostics.push(match self.atlas.knows(code) {
            true => Diagnostic::new("unknown-region", node.span(), format!("`{code}` is a group, not one country"))
                .at("one country is wanted here")
                .help("write the ISO 3166 code of the country, such as `IE` or `US`"),
            false => unknown_region(self.atlas, node.span(), code),
        });
        invalid(node)
    }

    fn when(&mut self, node: NodeRef<'_>, key: Span) -> Value {
        if !node.is_mapping() {
            return match text(node).and_then(Date::parse) {
                Some(day) => Value::Date(When::on(day)),
                None => {
                    self.not_a_day(node, key);
                    invalid(node)
                }
            };
        }
        let mut bound = |name: &str| node.get(name).map(|entry| self.day(entry).value);
        let when = match [bound("before"), bound("after")] {
            [None, None] => {
                self.not_a_day(node, key);
                return invalid(node);
            }
            [Some(Some(before)), None] => When::before(before),
            [None, Some(Some(after))] => When::after(after),
            [Some(Some(before)), Some(Some(after))] => {
                let both = When { earliest: When::after(after).earliest, latest: When::before(before).latest };
                if both.earliest > both.latest {
                    // every comparison with no day at all would hold, the one that is hoped for included
                    self.wrong(node, node.span(), &format!("no day is both after {after} and before {before}"));
                    return invalid(node);
                }
                both
            }
            _ => return invalid(node),
        };
        Value::Date(when)
    }

    fn not_a_day(&mut self, node: NodeRef<'_>, key: Span) {
        let message = match node.text() {
            Some(text) if !text.is_empty() => format!("`{text}` is not a day"),
            _ => "this must be a day".to_owned(),
        };
        let wrong = Diagnostic::new("invalid-value", place_of(node, key), message);
        self.diagnostics.push(wrong.help("write an existing day as YYYY-MM-DD"));
    }

    fn wrong(&mut self, node: NodeRef<'_>, key: Span, message: &str) {
        self.diagnostics.push(Diagnostic::new("invalid-value", place_of(node, key), message));
    }
}

/// Where a wrong value is shown: a list or mapping at its key and an item without a value at its dash, as the schema shows them, so
/// that it is said once.
fn place_of(node: NodeRef<'_>, key: Span) -> Span {
    let at_key = node.span().is_empty() || is_collection(node) && node.via().is_none();
    if at_key { node.dash().unwrap_or(key) } else { node.span() }
}

fn is_collection(node: NodeRef<'_>) -> bool {
    node.is_sequence() || node.is_mapping()
}

/// The items of a list, or the value itself as the only item.
fn items(node: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    node.items().chain((!node.is_sequence()).then_some(node))
}

/// Room for the fields of a mapping.
fn fields(record: Record, place: Span, node: NodeRef<'_>) -> Fields {
    Fields { record, place, entries: Vec::with_capacity(node.entries().len()) }
}

/// Text by the core schema: `on` and `NO` are, `12` and `true` are not.
fn text(node: NodeRef<'_>) -> Option<&str> {
    match node.kind() {
        Kind::Str(text) => Some(text),
        _ => None,
    }
}

fn describe(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "`true` or `false`",
        Type::Int => "a whole number",
        Type::Text | Type::Mention(_) => "text",
        Type::Ref(_) => "an id",
        Type::Enum(_) => "one of its words",
        Type::Term(terms) => terms.noun(),
        Type::Territory => "a territory code",
        Type::Date => "a day",
        Type::Duration => "a duration such as `P30D` or `P1Y`",
        Type::List(_) => "a list",
        Type::Record(_) => "a mapping",
        Type::Setting => "an id, a mapping or `none`",
    }
}

/// What stands for a value that cannot be used.
fn invalid(node: NodeRef<'_>) -> Value {
    Value::Invalid(node.written().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;
    use crate::syntax::{Limits, parse};

    #[test]
    fn what_a_mapping_lacks_is_pointed_at_by_its_key_and_what_an_item_lacks_by_its_first() {
        let text = |field: &str| format!("version: 1\nservice: a\npurposes:\n  p:\n    {field}\n");
        for (field, place) in [
            ("consent: {parental: true}", "consent"),
            ("models: {hosted: own}", "models"),
            ("signals: {robots: honoured}", "signals"),
            ("decision: {automated: true}", "decision"),
            ("retention: {period: P30D}", "retention"),
            ("data: [{source: provided}]", "source"),
            ("data: [{}]", "data"),
        ] {
            let mut sources = SourceMap::new();
            let file = sources.add("purposes.yaml", text(field));
            let (tree, wrong) = parse(&sources, file, &Limits::default());
            assert!(wrong.is_empty(), "{field}: {wrong:?}");
            let root = tree.documents().first().and_then(|document| tree.root(document)).unwrap();
            let (declaration, _) = lower(root, Atlas::builtin(), Vocabulary::builtin());
            let value = &declaration.entities[0].fields.entries[0].value.value;
            let fields = match value {
                Value::List(items) => &items[0].value,
                value => value,
            };
            let Value::Record(fields) = fields else { panic!("{field}: {fields:?}") };
            assert_eq!(&*sources.slice(fields.place), place, "{field}");
        }
    }
}
