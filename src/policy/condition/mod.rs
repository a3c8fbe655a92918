//! Conditions: a documented subset of CEL, typed when a pack is read, evaluated with Kleene logic and witnesses.
//!
//! Text goes through tokens (`lex`) and a tree (`parse`) to typed nodes (`check`), where every name is resolved; these are what
//! `eval` walks at each cell. Everything that can be wrong with a condition is said at load, so evaluation has no errors: what
//! cannot be computed from the facts is a [`Gap`].

mod ast;
mod calls;
mod check;
mod compare;
mod eval;
mod lex;
mod literals;
mod node;
mod numbers;
mod parse;
mod parts;
mod path;
mod reads;
mod template;
#[cfg(test)]
mod tests;
mod types;
mod unfinished;
mod value;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub use calls::Usage;
pub use parts::{Elements, Join, Part, Truth};
pub use path::Path;
pub use reads::StaticRead;
pub use template::Template;
pub use types::{Domain, Env, Lookup, Ty};
pub use unfinished::{Name, NameKind, Texts, Unfinished};
pub use value::{Answer, Facts, Gap, Number, ReadId, Root, Value};

/// What is wrong with a condition, found when it is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionError {
    /// Where, in bytes of the condition's text.
    pub range: Range<usize>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// A typed expression of any type.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Expression {
    text: Box<str>,
    node: node::Node,
    #[serde(skip)]
    reads: OnceLock<BTreeSet<StaticRead>>,
}

impl Expression {
    /// Parses and types an expression.
    ///
    /// # Errors
    /// The first error of syntax, or all errors of typing.
    pub fn parse(text: &str, env: &Env<'_>) -> Result<Self, Vec<ConditionError>> {
        let node = check::check(&parse::parse(text)?, env)?;
        Ok(Self { text: text.into(), node, reads: OnceLock::new() })
    }

    /// What it evaluates to.
    pub fn ty(&self) -> &Ty {
        &self.node.ty
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Everything its value can depend on.
    pub fn reads(&self) -> &BTreeSet<StaticRead> {
        self.reads.get_or_init(|| reads::of(&self.node))
    }

    /// Its value at the cell that the facts stand for.
    pub fn evaluate<F: Facts>(&self, facts: &F) -> Answer<F::Object> {
        eval::evaluate(&self.node, facts)
    }
}

/// An expression that is true or false.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Condition(Expression);

impl Condition {
    /// Parses and types a condition.
    ///
    /// # Errors
    /// The first error of syntax, or all errors of typing.
    pub fn parse(text: &str, env: &Env<'_>) -> Result<Self, Vec<ConditionError>> {
        let expression = Expression::parse(text, env)?;
        check::check_bool(&expression.node)?;
        Ok(Self(expression))
    }

    /// As written.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// Everything the result can depend on, as a memo key; equal facts behind these give equal results.
    pub fn reads(&self) -> &BTreeSet<StaticRead> {
        self.0.reads()
    }

    /// `true`, `false` or a gap, with the reads that decided.
    pub fn evaluate<F: Facts>(&self, facts: &F) -> Answer<F::Object> {
        self.0.evaluate(facts)
    }

    /// Cuts it into parts, which are added to `parts`.
    pub fn cut<'c>(&'c self, parts: &mut Vec<Part<'c>>) -> Join {
        parts::cut(&self.0.node, parts)
    }
}
