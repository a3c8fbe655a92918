//! Values as they were written, each with its place.

use std::sync::Arc;

use super::fields::{FieldId, Record};
use crate::source::Span;
use crate::space::{Duration, When};
use crate::syntax::Located;

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text, a word of a closed list, a vocabulary key, a territory, an id. Shared with what conditions compute.
    Text(Arc<str>),
    /// A day or a bound of one.
    Date(When),
    /// A duration.
    Duration(Duration),
    /// A list.
    List(Vec<Located<Value>>),
    /// A nested mapping.
    Record(Box<Fields>),
    /// Something is written, these letters, that cannot be used; a diagnostic says why. Reading it is undetermined, never a pass.
    Invalid(Box<str>),
}

impl Value {
    /// Whether it cannot be used.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }

    /// The characters of a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Adds the items of another list. Where one of the two cannot be used, neither can both together.
    pub fn join(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::List(items), Self::List(more)) => items.extend(more),
            (Self::List(_), other) => *self = other,
            _ => {}
        }
    }

    /// The items of a list.
    pub fn as_list(&self) -> Option<&[Located<Value>]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }
}

impl std::fmt::Display for Value {
    /// On one line, much as YAML would write it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::Date(when) => write!(f, "{when}"),
            Self::Duration(duration) => f.write_str(duration.as_str()),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.value.to_string()).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Record(fields) => {
                let entry = |entry: &FieldValue| format!("{}: {}", entry.field.name(), entry.value.value);
                write!(f, "{{{}}}", fields.entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
            Self::Invalid(_) => f.write_str("(cannot be read)"),
        }
    }
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct FieldValue {
    /// Which field.
    pub field: FieldId,
    /// The key.
    pub key: Span,
    /// The value.
    pub value: Located<Value>,
}

/// A mapping whose keys are fields of one record.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Which record.
    pub record: Record,
    /// The place to point at when a field is missing: the key of the mapping, or the start of a list item.
    pub place: Span,
    /// What is declared, in the order of writing.
    pub entries: Vec<FieldValue>,
}

impl Fields {
    /// An empty mapping.
    pub fn new(record: Record, place: Span) -> Self {
        Self { record, place, entries: Vec::new() }
    }

    /// What is declared for a field.
    pub fn get(&self, field: FieldId) -> Option<&FieldValue> {
        self.entries.iter().find(|entry| entry.field == field)
    }

    /// What is declared under a key.
    pub fn named(&self, name: &str) -> Option<&FieldValue> {
        self.entries.iter().find(|entry| entry.field.name() == name)
    }

    /// The text under a key.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.named(name)?.value.value.as_text()
    }

    /// Calls `visit` for every field, nested ones included.
    pub fn walk<'f>(&'f self, visit: &mut dyn FnMut(&'f FieldValue)) {
        for entry in &self.entries {
            visit(entry);
            walk_value(&entry.value.value, visit);
        }
    }
}

fn walk_value<'f>(value: &'f Value, visit: &mut dyn FnMut(&'f FieldValue)) {
    match value {
        Value::Record(fields) => fields.walk(visit),
        Value::List(items) => items.iter().for_each(|item| walk_value(&item.value, visit)),
        _ => {}
    }
}

/// Equal where the same fields have the same values, in any order.
impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.record == other.record
            && self.entries.len() == other.entries.len()
            && self.entries.iter().all(|entry| other.get(entry.field).is_some_and(|theirs| theirs.value == entry.value))
    }
}
