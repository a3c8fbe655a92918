//! A typed condition: every name resolved, every literal of the type that its place wants.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::FieldId;
use crate::space::{Date, When};

use super::types::Ty;
use super::value::{Number, Root, Value};

/// An expression, its type and where it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Known while it is typed. A value follows from the kind alone.
    #[serde(skip, default = "Ty::unknown")]
    pub(super) ty: Ty,
    /// Known while it is typed.
    #[serde(skip)]
    pub(super) range: Range<usize>,
}

/// Equal where the same is computed, wherever it stands.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Kind {
    Constant(Constant),
    Root(Root),
    Param(Arc<str>),
    /// A variable of a macro; the outermost has slot 0.
    Local(usize),
    Field(Box<Node>, FieldId),
    Has(Box<Node>, FieldId),
    Declared(Box<Node>, FieldId),
    List(Vec<Node>),
    Index(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    If(Box<[Node; 3]>),
    Compare(Relation, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// A macro over a list; its variable is the slot that is free at this place.
    Each(Each, Box<Node>, Box<Node>),
    Size(Box<Node>),
    TextTest(TextTest, Box<Node>, Box<Node>),
    Within(Box<Node>, Arc<str>),
    /// Whether a key lies within one that is read, or one of a list of such.
    WithinRead(Box<Node>, Box<Node>),
    FirstSegment(Box<Node>),
    DaysBetween(Box<Node>, Box<Node>),
    DaysOf(Box<Node>),
    StatesIn(Arc<str>),
    Mentions(Box<Node>, Arc<str>),
    Table(Arc<str>),
    /// The value of a table for a place that is read.
    TableFor(Arc<str>, Box<Node>),
    /// Whether a place lies in a group.
    InGroup(Box<Node>, Arc<str>),
}

/// A value that is written out; equal to one that computes the same, which `0.0` and `-0.0` do not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Arc<str>),
    Date(Date),
    /// In days.
    Duration(i64),
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Int(one), Self::Int(other)) | (Self::Duration(one), Self::Duration(other)) => one == other,
            (Self::Double(one), Self::Double(other)) => one.to_bits() == other.to_bits(),
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Date(one), Self::Date(other)) => one == other,
            _ => false,
        }
    }
}

impl Constant {
    /// What it says.
    pub(super) fn value<O>(&self) -> Value<O> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(Number::exactly(*value)),
            Self::Double(value) => Value::Double(*value),
            Self::Text(text) => Value::Text(Arc::clone(text)),
            Self::Date(day) => Value::Date(When::on(*day)),
            Self::Duration(days) => Value::Duration(*days),
        }
    }
}

/// A comparison. `a > b` is `b < a` with the sides read in the order written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// An operation on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A macro over a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Each {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

/// A question about two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

impl Node {
    /// The text that it is, where it is written out.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Constant(Constant::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Calls `visit` on the nodes directly below.
    pub(super) fn children<'n>(&'n self, visit: &mut dyn FnMut(&'n Node)) {
        match &self.kind {
            Kind::Constant(_)
            | Kind::Root(_)
            | Kind::Param(_)
            | Kind::Local(_)
            | Kind::StatesIn(_)
            | Kind::Table(_) => {}
            Kind::Field(a, _) | Kind::Has(a, _) | Kind::Declared(a, _) => visit(a),
            Kind::Not(a) | Kind::Negate(a) | Kind::Size(a) | Kind::FirstSegment(a) | Kind::DaysOf(a) => visit(a),
            Kind::Within(a, _) | Kind::Mentions(a, _) | Kind::TableFor(_, a) | Kind::InGroup(a, _) => visit(a),
            Kind::List(items) | Kind::And(items) | Kind::Or(items) => items.iter().for_each(visit),
            Kind::If(items) => items.iter().for_each(visit),
            Kind::Index(a, b)
            | Kind::Compare(_, a, b)
            | Kind::In(a, b)
            | Kind::Arithmetic(_, a, b)
            | Kind::Each(_, a, b)
            | Kind::TextTest(_, a, b)
            | Kind::WithinRead(a, b)
            | Kind::DaysBetween(a, b) => {
                visit(a);
                visit(b);
            }
        }
    }

    /// Whether it is `age.from` or `age.to`.
    pub(super) fn is_age(&self) -> bool {
        matches!(&self.kind, Kind::Field(object, _) if matches!(object.kind, Kind::Root(Root::Age)))
    }

    /// Whether it is `[]`.
    pub(super) fn is_empty_list(&self) -> bool {
        matches!(&self.kind, Kind::List(items) if items.is_empty())
    }

    /// Whether it names a place: a fact, a variable, or a field of such.
    pub(super) fn is_place(&self) -> bool {
        match &self.kind {
            Kind::Root(_) | Kind::Local(_) => true,
            Kind::Field(object, _) => object.is_place(),
            _ => false,
        }
    }
}
