//! Our tree as JSON.

use serde_json::{Map, Number, Value};

use crate::syntax::{Kind, NodeRef};

/// A node of the tree, or the name of a key on its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'t> {
    /// A value of the document.
    Node(NodeRef<'t>),
    /// A key, which `propertyNames` judges as if it were a value.
    Name(&'t str),
}

impl<'t> Item<'t> {
    /// What the item is. JSON has no infinite numbers, so `.inf` and `.nan` count as text.
    pub(super) fn kind(&self) -> Kind<'t> {
        match self {
            Self::Name(name) => Kind::Str(name),
            Self::Node(node) => match node.kind() {
                Kind::Float(number) if !number.is_finite() => Kind::Str(node.text().unwrap_or_default()),
                kind => kind,
            },
        }
    }
}

/// Levels of which a copy is made. No schema describes as many, and a chain of aliases may be deeper than a stack.
const DEEPEST: usize = 256;

/// A copy of a node with everything below it. Of two entries under one key it has the first, and none under a key that is no text:
/// both are the parser's to report.
pub(super) fn copied(node: NodeRef<'_>) -> Value {
    levels_of(node, DEEPEST)
}

fn levels_of(node: NodeRef<'_>, levels: usize) -> Value {
    match Item::Node(node).kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(value),
        Kind::Int(number) => Value::Number(number.into()),
        Kind::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        Kind::Str(text) => Value::String(text.to_owned()),
        Kind::Sequence | Kind::Mapping if levels == 0 => Value::Null,
        Kind::Sequence => Value::Array(node.items().map(|item| levels_of(item, levels - 1)).collect()),
        Kind::Mapping => {
            let mut entries = Map::with_capacity(node.entries().len());
            for (name, value) in node.entries().filter_map(|entry| Some((entry.name()?, entry.value))) {
                if !entries.contains_key(name) {
                    entries.insert(name.to_owned(), levels_of(value, levels - 1));
                }
            }
            Value::Object(entries)
        }
    }
}
