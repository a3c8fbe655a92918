//! A condition cut where `&&`, `||` and `!` join it. Whether it holds follows from whether its parts do, and a part reads little,
//! so that what was found of it for one purpose holds for many.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::eval;
use super::node::{Each, Kind, Node};
use super::reads::{self, StaticRead};
use super::value::{Answer, Facts, Gap, Root, Value};
use crate::model::{FieldId, Record};

/// Whether something holds, without why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    True,
    /// It does not.
    False,
    /// The question has no place here.
    Inapplicable,
    /// Facts are missing.
    Undetermined,
}

/// How the parts of a condition are joined.
#[derive(Debug, Clone)]
pub enum Join {
    /// A part, by its place among those of the condition.
    Part(usize),
    /// `&&`
    All(Vec<Join>),
    /// `||`
    Any(Vec<Join>),
    /// `!`
    Not(Box<Join>),
}

/// A part of a condition that is judged as a whole; equal to one that computes the same, wherever that stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part<'c>(&'c Node);

impl<'c> Part<'c> {
    /// Everything its value can depend on.
    pub fn reads(&self) -> BTreeSet<StaticRead> {
        reads::of(self.0)
    }

    /// Whether it holds for the cell that the facts stand for.
    pub fn truth<F: Facts>(&self, facts: &F) -> Truth {
        without_why(&eval::evaluate(self.0, facts))
    }

    /// What it asks of each element of a list that the purpose declares; `None` where it is another question.
    pub fn elements(&self) -> Option<Elements<'c>> {
        let Kind::Each(each @ (Each::All | Each::Exists), list, body) = &self.0.kind else { return None };
        let field = match &list.kind {
            Kind::Field(object, field) if matches!(object.kind, Kind::Root(Root::Purpose)) => *field,
            Kind::Root(Root::Recipients) => const { FieldId::find(Record::Purpose, "recipients") }?,
            _ => return None,
        };
        Some(Elements { list, field, body, settles: *each == Each::Exists })
    }
}

fn without_why<O>(answer: &Answer<O>) -> Truth {
    match &answer.value {
        Ok(Value::Bool(true)) => Truth::True,
        Ok(Value::Bool(false)) => Truth::False,
        Ok(_) | Err(Gap::Undetermined(_)) => Truth::Undetermined,
        Err(Gap::Inapplicable) => Truth::Inapplicable,
    }
}

/// A question about each element of a list: whether it holds for one, or for all.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'c> {
    list: &'c Node,
    field: FieldId,
    body: &'c Node,
    settles: bool,
}

impl<'c> Elements<'c> {
    /// The field of the purpose that holds the list.
    pub fn field(&self) -> FieldId {
        self.field
    }

    /// What is asked of each.
    pub fn body(&self) -> Part<'c> {
        Part(self.body)
    }

    /// The elements as facts give them; `None` where there is no list.
    pub fn items<F: Facts>(&self, facts: &F) -> Option<Arc<[Answer<F::Object>]>> {
        match eval::evaluate(self.list, facts).value {
            Ok(Value::List(items)) => Some(items),
            _ => None,
        }
    }

    /// Whether it holds for one element; `None` where that takes this many steps.
    pub fn truth_of<F: Facts>(&self, item: &Answer<F::Object>, facts: &F, steps: u32) -> Option<Truth> {
        let (answer, is_spent) = eval::evaluate_up_to(steps, self.body, facts, vec![item.clone()]);
        (!is_spent).then(|| without_why(&answer))
    }

    /// What the elements come to. They are asked in order, and no further than is needed; `None` where there is no answer for one.
    pub fn truth(&self, each: impl Iterator<Item = Option<Truth>>) -> Option<Truth> {
        let (settles, otherwise) = if self.settles { (Truth::True, Truth::False) } else { (Truth::False, Truth::True) };
        let mut is_whole = true;
        let known = each.map_while(|truth| {
            is_whole = truth.is_some();
            truth
        });
        let all = joined(known, settles, otherwise);
        is_whole.then_some(all)
    }
}

/// Cuts a condition. Its parts are added to `parts`.
pub(super) fn cut<'c>(node: &'c Node, parts: &mut Vec<Part<'c>>) -> Join {
    match &node.kind {
        Kind::And(sides) => Join::All(sides.iter().map(|side| cut(side, parts)).collect()),
        Kind::Or(sides) => Join::Any(sides.iter().map(|side| cut(side, parts)).collect()),
        Kind::Not(inner) => Join::Not(Box::new(cut(inner, parts))),
        _ => {
            parts.push(Part(node));
            Join::Part(parts.len() - 1)
        }
    }
}

impl Join {
    /// The parts that settle what all come to, whatever the others do: each with what it comes to then.
    pub fn settling(&self, all: Truth) -> Vec<(usize, Truth)> {
        match (self, all) {
            (Self::Part(at), _) => vec![(*at, all)],
            (Self::All(sides), Truth::False) | (Self::Any(sides), Truth::True) => {
                sides.iter().flat_map(|side| side.settling(all)).collect()
            }
            (Self::Not(inner), Truth::False) => inner.settling(Truth::True),
            (Self::Not(inner), Truth::True) => inner.settling(Truth::False),
            _ => Vec::new(),
        }
    }

    /// What the parts come to. They are asked in order, and no further than is needed.
    pub fn truth(&self, part: &mut dyn FnMut(usize) -> Truth) -> Truth {
        match self {
            Self::Part(at) => part(*at),
            Self::All(sides) => joined(sides.iter().map(|side| side.truth(part)), Truth::False, Truth::True),
            Self::Any(sides) => joined(sides.iter().map(|side| side.truth(part)), Truth::True, Truth::False),
            Self::Not(inner) => match inner.truth(part) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                gap => gap,
            },
        }
    }
}

/// One side that is `settles` settles it, whatever is missing of the others; what is missing goes before what has no place.
fn joined(sides: impl Iterator<Item = Truth>, settles: Truth, otherwise: Truth) -> Truth {
    let mut all = otherwise;
    for side in sides {
        match side {
            truth if truth == settles => return settles,
            Truth::Undetermined => all = Truth::Undetermined,
            Truth::Inapplicable if all == otherwise => all = Truth::Inapplicable,
            _ => {}
        }
    }
    all
}
