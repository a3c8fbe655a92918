//! What a rule file may say: uses and places it applies to, facts and functions in conditions, edits it proposes.

use std::ops::Range;

use super::{Completion, Insert, Kind, Offer, Place, Signature, complete};
use crate::model::{FieldId, Record, Terms, Type};
use crate::policy::condition::{Domain, Name, NameKind, Root, Texts, Unfinished, Usage};
use crate::policy::{MESSAGE_NAMES, Param, ParamValue};
use crate::schema::{self, Form, SchemaKind};

impl Place<'_> {
    /// What may stand as a value of a rule, outside conditions.
    pub(super) fn of_rule(&self) -> Vec<Offer> {
        match self.cursor.keys().as_slice() {
            ["applies", "uses"] => self.terms(Terms::Use),
            ["applies", "data"] => self.terms(Terms::Data),
            ["applies", "subjects"] => self.terms(Terms::Subject),
            ["examples", "also_flagged"] => self.known.rules(false),
            ["primary"] => facts(&|_| true),
            ["fix", "set" | "override", path] => values_of(path),
            _ => Vec::new(),
        }
    }

    /// Keys of a rule that are free, but for what they name.
    pub(super) fn keys_of_rule(&self) -> Vec<Offer> {
        match self.cursor.keys().as_slice() {
            ["fix", "set"] => self.as_keys(facts(&|_| true), Form::Scalar),
            ["fix", "override"] => self.as_keys(facts(&|field| field.get().overridable), Form::Scalar),
            _ => Vec::new(),
        }
    }

    /// What may be written in a condition, in the braces of a message, or in the declaration of an example.
    pub(super) fn inside_text(&self, text: &str, byte: usize) -> Option<Completion> {
        match self.cursor.keys().as_slice() {
            ["examples", "flagged" | "clean" | "undetermined" | "not_applicable", ..] if self.cursor.is_long => {
                self.example(text, byte)
            }
            _ => self.expression().map(|expression| match expression {
                Some((before, extra)) => self.condition(text, byte, &before, extra),
                None => Completion::default(),
            }),
        }
    }

    /// What stands before the cursor of the expression that is being written, with the names that only messages know. Nothing
    /// inside for a place in a message that is no expression.
    fn expression(&self) -> Option<Option<(String, &'static [&'static str])>> {
        let before = || unescaped(self.cursor.before, self.cursor.quote);
        match self.cursor.keys().as_slice() {
            ["when" | "require"] | ["severity", "when"] => Some(Some((before(), &[]))),
            ["message" | "help"] => {
                let before = before();
                let inner = open_brace(&before).and_then(|at| before.get(at..));
                Some(inner.map(|inner| (inner.to_owned(), MESSAGE_NAMES.as_slice())))
            }
            _ => None,
        }
    }

    /// The innermost function whose arguments are being written.
    pub(super) fn signature(&self) -> Option<Signature> {
        let (before, _) = self.expression()??;
        let found = self.unfinished(&before);
        let (usage, argument) = found.calls.last().copied()?;
        Some(Signature { usage, argument })
    }

    fn condition(&self, text: &str, byte: usize, before: &str, extra: &[&str]) -> Completion {
        let found = self.unfinished(before);
        let prefix = before.get(found.start..).unwrap_or_default();
        let is_written = text.get(..byte).is_some_and(|written| written.ends_with(prefix));
        let start = if is_written { byte - prefix.len() } else { byte };
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || (found.in_quotes && matches!(c, '.' | '-'));
        let rest = text.get(byte..).unwrap_or_default();
        let end = byte + rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let mut offers = self.texts(&found);
        let at_root = found.names.iter().any(|name| matches!(name.kind, NameKind::Fact));
        if at_root {
            offers.extend(extra.iter().map(|name| Offer::new(*name, Kind::Fact).detail("whom it concerns, in words")));
        }
        offers.extend(found.names.iter().map(name_offer));
        Completion { word: start..end, prefix: prefix.to_owned(), column: 0, offers }
    }

    fn unfinished(&self, before: &str) -> Unfinished {
        let is_of_changes = self.outline.scalar(self.cursor.document, &["on"]) == Some("change");
        let library = self.known.library;
        library.with_env(&self.params(), is_of_changes, |env| Unfinished::at_end(before, env))
    }

    /// The parameters of the rule, as far as they are written.
    fn params(&self) -> Vec<Param> {
        let document = self.cursor.document;
        let value = |name: &str| {
            let items = self.outline.items(document, &["parameters", name]);
            if !items.is_empty() {
                return ParamValue::Texts(items.into_iter().map(str::to_owned).collect());
            }
            let text = self.outline.scalar(document, &["parameters", name]).unwrap_or_default();
            match (text.parse(), text.parse(), text.parse()) {
                (Ok(value), ..) => ParamValue::Bool(value),
                (_, Ok(value), _) => ParamValue::Int(value),
                (.., Ok(value)) => ParamValue::Double(value),
                _ => ParamValue::Text(text.to_owned()),
            }
        };
        let names = self.outline.keys(document, &["parameters"]).into_iter();
        names.map(|name| Param { name: name.to_owned(), value: value(name) }).collect()
    }

    /// The texts that go with what stands before, in quotes that differ from those around.
    fn texts(&self, found: &Unfinished) -> Vec<Offer> {
        let names = |names: Vec<&String>| names.into_iter().map(|name| Offer::new(name, Kind::Word)).collect();
        let library = self.known.library;
        let offers: Vec<Offer> = match found.texts {
            None | Some(Texts::Of(Domain::Any)) => Vec::new(),
            Some(Texts::Of(Domain::Words(words))) => words.iter().map(|word| Offer::new(*word, Kind::Word)).collect(),
            Some(Texts::Of(Domain::Term(terms))) => self.terms(terms),
            Some(Texts::Of(Domain::Territory)) => self.territories(),
            Some(Texts::Group) => self.regions().into_iter().filter(|offer| offer.kind == Kind::Group).collect(),
            Some(Texts::Lexicon) => names(library.lexicons.keys().collect()),
            Some(Texts::Table) => names(library.tables.keys().collect()),
            Some(Texts::Day) => self.today(),
            Some(Texts::Duration) => super::values::durations(),
        };
        if found.in_quotes {
            return offers;
        }
        let quote = if self.cursor.quote == Some('"') { '\'' } else { '"' };
        let written = |offer: Offer| Offer { insert: Insert::text(format!("{quote}{}{quote}", offer.label)), ..offer };
        offers.into_iter().map(written).collect()
    }

    /// What may be written in the declaration of an example: the same as in any.
    fn example(&self, text: &str, byte: usize) -> Option<Completion> {
        let begin = byte - self.cursor.before.len();
        let line = text.get(..begin)?.rfind('\n').map_or(0, |at| at + 1);
        let indent = begin - line;
        let mut inner = String::new();
        let (mut at, mut inner_byte) = (line, None);
        for written in text.get(line..)?.split_inclusive('\n') {
            let lead = written.len() - written.trim_start_matches(' ').len();
            if lead < indent && !written.trim().is_empty() {
                break;
            }
            let cut = lead.min(indent);
            if (at..=at + written.trim_end_matches(['\n', '\r']).len()).contains(&byte) {
                inner_byte = Some(inner.len() + (byte - at).saturating_sub(cut));
            }
            inner.push_str(written.get(cut..)?);
            at += written.len();
        }
        let inner_byte = inner_byte?;
        let found = complete(&inner, inner_byte, SchemaKind::Declaration, self.known);
        let moved = |at: usize| (byte + at).saturating_sub(inner_byte);
        let word: Range<usize> = moved(found.word.start)..moved(found.word.end);
        Some(Completion { word, column: found.column + indent, ..found })
    }
}

fn name_offer(name: &Name) -> Offer {
    let (kind, documentation) = match &name.kind {
        NameKind::Fact => (Kind::Fact, Root::named(&name.name).map(|root| root.means().to_owned())),
        NameKind::Field(field) => (Kind::Fact, said_of(*field)),
        NameKind::Variable | NameKind::Parameter => (Kind::Parameter, None),
        NameKind::Function(usage) => return function_offer(usage),
    };
    Offer::new(&*name.name, kind).detail(&*name.ty).documentation(documentation)
}

fn function_offer(usage: &Usage) -> Offer {
    let open = if usage.binds { format!("{}(x, ", usage.name) } else { format!("{}(", usage.name) };
    let insert = Insert { before: open.clone(), after: ")".to_owned(), plain: open };
    let ways: Vec<String> = usage.ways().map(|way| format!("`{way}`")).collect();
    let documentation = Some(format!("{}\n\n{}", ways.join(" or "), usage.says));
    let first = usage.ways().next().unwrap_or_default();
    Offer { insert, ..Offer::new(usage.name, Kind::Function).detail(first).documentation(documentation) }
}

/// What the schema of declarations says of a field.
fn said_of(field: FieldId) -> Option<String> {
    let path: Vec<&str> = field.record.path()?.iter().copied().chain([field.name()]).collect();
    schema::describe(&path).map(|described| described.text)
}

/// The facts that are declared in a setting or a purpose, as paths.
fn facts(fits: &dyn Fn(FieldId) -> bool) -> Vec<Offer> {
    let mut offers = Vec::new();
    for record in [Record::Setting, Record::Purpose] {
        for field in record.field_ids().filter(|field| !field.get().derived && fits(*field)) {
            let path = format!("{}.{}", record.noun(), field.name());
            let said = said_of(field);
            let detail = said.as_deref().and_then(|said| said.split_inclusive(". ").next()).unwrap_or_default();
            let detail = detail.trim_end_matches([' ', '.']).to_owned();
            offers.push(Offer::new(path, Kind::Fact).detail(detail).documentation(said));
        }
    }
    offers
}

/// The words that a fact at a path may be set to.
fn values_of(path: &str) -> Vec<Offer> {
    let record = match path.split_once('.') {
        Some(("setting", name)) => FieldId::find(Record::Setting, name),
        Some(("purpose", name)) => FieldId::find(Record::Purpose, name),
        _ => None,
    };
    let words: &[&str] = match record.map(|field| field.get().ty) {
        Some(Type::Enum(words)) => words,
        Some(Type::Bool) => &["true", "false"],
        _ => &[],
    };
    words.iter().map(|word| Offer::new(*word, Kind::Word)).collect()
}

/// The text of a scalar as it is read, where it stands in quotes.
fn unescaped(raw: &str, quote: Option<char>) -> String {
    match quote {
        Some('\'') => raw.replace("''", "'"),
        Some(_) => raw.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => raw.to_owned(),
    }
}

/// Where an expression begins in a message whose brace is not closed.
fn open_brace(text: &str) -> Option<usize> {
    let mut open = None;
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if open.is_none() && (rest.starts_with("{{") || rest.starts_with("}}")) {
            at += 2;
            continue;
        }
        match c {
            '{' => open = Some(at + 1),
            '}' => open = None,
            _ => {}
        }
        at += c.len_utf8();
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_field_is_described() {
        for record in Record::ALL {
            for field in record.field_ids().filter(|field| !field.get().derived) {
                assert!(said_of(field).is_some(), "{record:?} {}", field.name());
            }
        }
    }

    #[test]
    fn a_brace_is_open_until_it_is_closed() {
        for (text, open) in [
            ("a {", Some(3)),
            ("{a} {b", Some(5)),
            ("{a}", None),
            ("{{a", None),
            ("😀 {purpose.title} and {{x}} {s", Some(32)),
        ] {
            assert_eq!(open_brace(text), open, "{text}");
        }
    }
}
