//! Our tree as the validator wants to see JSON: the same nodes, nothing copied.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, cmp};
use serde_json::{Map, Number, Value};

use crate::syntax::{Kind, NodeRef};

/// The representation that validators are compiled for.
#[derive(Debug)]
pub(super) struct Yaml;

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

/// The entries of a mapping.
#[derive(Debug)]
pub(super) struct Members<'t>(NodeRef<'t>);

/// The items of a list.
#[derive(Debug)]
pub(super) struct Items<'t>(NodeRef<'t>);

impl Json for Yaml {
    type Node<'a> = Item<'a>;
    type PreparedKey = String;
    type StringBuffer = ();

    // Looking a key up walks the mapping, so one walk for a handful of keys is cheaper.
    const KEYS_PER_LOOKUP: usize = 16;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Item<'_>) -> T) -> T {
        f(Item::Name(string))
    }
}

impl<'a> Node<'a, Yaml> for Item<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = Number;

    fn as_object(&self) -> Option<Members<'a>> {
        match self {
            Self::Node(node) if node.is_mapping() => Some(Members(*node)),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Items<'a>> {
        match self {
            Self::Node(node) if node.is_sequence() => Some(Items(*node)),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Name(name) => Some(Cow::Borrowed(name)),
            Self::Node(node) if self.is_string() => node.text().map(Cow::Borrowed),
            Self::Node(_) => None,
        }
    }

    fn as_number(&self) -> Option<Number> {
        match self.kind() {
            Kind::Int(number) => Some(number.into()),
            Kind::Float(number) => Number::from_f64(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind() {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.kind(), Kind::Null)
    }

    fn json_type(&self) -> JsonType {
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::Bool(_) => JsonType::Boolean,
            Kind::Int(_) | Kind::Float(_) => JsonType::Number,
            Kind::Str(_) => JsonType::String,
            Kind::Sequence => JsonType::Array,
            Kind::Mapping => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (Self::Node(node), Value::Array(values)) if node.is_sequence() => {
                node.items().len() == values.len()
                    && node.items().zip(values).all(|(item, value)| Self::Node(item).equals_value(value))
            }
            (Self::Node(node), Value::Object(values)) if node.is_mapping() => {
                node.entries().len() == values.len()
                    && values.iter().all(|(name, value)| {
                        node.get(name).is_some_and(|entry| Self::Node(entry.value).equals_value(value))
                    })
            }
            (_, Value::Array(_) | Value::Object(_)) => false,
            _ => cmp::equal(&self.to_value(), expected),
        }
    }

    /// Scalars whole, collections empty: an error needs to know what the value is, and finds the rest in the tree.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self.kind() {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(value),
            Kind::Int(number) => Value::Number(number.into()),
            Kind::Float(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
            Kind::Str(text) => Value::String(text.to_owned()),
            Kind::Sequence => Value::Array(Vec::new()),
            Kind::Mapping => Value::Object(Map::new()),
        })
    }

    /// None: the parser bounds the depth of the tree and no schema refers to itself at the same value.
    fn identity(&self) -> Option<NodeIdentity> {
        None
    }
}

impl<'a> Object<'a, Yaml> for Members<'a> {
    type Node = Item<'a>;
    type MemberName = &'a str;
    type MembersIter = Box<dyn Iterator<Item = (&'a str, Item<'a>)> + 'a>;

    fn len(&self) -> usize {
        self.0.entries().filter(|entry| entry.name().is_some()).count()
    }

    fn get(&self, key: &String) -> Option<Item<'a>> {
        self.0.get(key).map(|entry| Item::Node(entry.value))
    }

    fn members(&self) -> Self::MembersIter {
        // A key that is a list or a mapping is the parser's to report.
        Box::new(self.0.entries().filter_map(|entry| Some((entry.name()?, Item::Node(entry.value)))))
    }
}

impl<'a> Array<'a, Yaml> for Items<'a> {
    type Node = Item<'a>;
    type ElementsIter = Box<dyn Iterator<Item = Item<'a>> + 'a>;

    fn len(&self) -> usize {
        self.0.items().len()
    }

    fn elements(&self) -> Self::ElementsIter {
        Box::new(self.0.items().map(Item::Node))
    }

    fn is_unique(&self) -> bool {
        let values: Vec<Value> = self.0.items().map(whole).collect();
        jsonschema::json::unique::is_unique(&values)
    }
}

/// A copy of everything below a node; only `uniqueItems` needs one.
fn whole(node: NodeRef<'_>) -> Value {
    match node.kind() {
        Kind::Sequence => Value::Array(node.items().map(whole).collect()),
        Kind::Mapping => {
            let entries = node.entries();
            Value::Object(entries.filter_map(|e| Some((e.name()?.to_owned(), whole(e.value)))).collect())
        }
        _ => Item::Node(node).to_value().into_owned(),
    }
}
