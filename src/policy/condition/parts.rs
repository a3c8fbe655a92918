//! A condition cut where `&&`, `||` and `!` join it. Whether it holds follows from whether its parts do, and a part reads little,
//! so that what was found of it for one purpose holds for many.

use std::collections::BTreeSet;

use super::eval;
use super::node::{Kind, Node};
use super::reads::{self, StaticRead};
use super::value::{Facts, Gap, Value};

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
        match eval::evaluate(self.0, facts).value {
            Ok(Value::Bool(true)) => Truth::True,
            Ok(Value::Bool(false)) => Truth::False,
            Ok(_) | Err(Gap::Undetermined(_)) => Truth::Undetermined,
            Err(Gap::Inapplicable) => Truth::Inapplicable,
        }
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
    /// What the parts come to. They are asked in order, and no further than is needed.
    pub fn truth(&self, part: &mut dyn FnMut(usize) -> Truth) -> Truth {
        match self {
            Self::Part(at) => part(*at),
            Self::All(sides) => junction(sides, part, Truth::False, Truth::True),
            Self::Any(sides) => junction(sides, part, Truth::True, Truth::False),
            Self::Not(inner) => match inner.truth(part) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                gap => gap,
            },
        }
    }
}

/// One side that is `settles` settles it, whatever is missing of the others; what is missing goes before what has no place.
fn junction(sides: &[Join], part: &mut dyn FnMut(usize) -> Truth, settles: Truth, otherwise: Truth) -> Truth {
    let mut all = otherwise;
    for side in sides {
        match side.truth(part) {
            truth if truth == settles => return settles,
            Truth::Undetermined => all = Truth::Undetermined,
            Truth::Inapplicable if all == otherwise => all = Truth::Inapplicable,
            _ => {}
        }
    }
    all
}
