//! A condition as it was written: names not yet resolved.

use std::ops::Range;

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) kind: ExprKind,
    /// Bytes of the condition's text, round brackets included.
    pub(super) range: Range<usize>,
    /// Levels of expressions, itself included: what recursion over it costs.
    pub(super) height: usize,
}

/// What is written.
#[derive(Debug, Clone)]
pub(super) enum ExprKind {
    /// `"off"`
    Literal(Literal),
    /// `purpose`
    Name(String),
    /// `purpose.title`
    Select(Box<Expr>, Word),
    /// `list[0]`
    Index(Box<Expr>, Box<Expr>),
    /// `size(x)`
    Call(Word, Vec<Expr>),
    /// `x.size()`
    Method(Box<Expr>, Word, Vec<Expr>),
    /// `[1, 2]`
    List(Vec<Expr>),
    /// `!x`
    Not(Box<Expr>),
    /// `-x`
    Negate(Box<Expr>),
    /// `a && b && c`, a node of its own for any number of sides: long ones are common and would be deep otherwise.
    And(Vec<Expr>),
    /// `a || b || c`
    Or(Vec<Expr>),
    /// `a + b`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    If(Box<[Expr; 3]>),
}

/// A name and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) range: Range<usize>,
}

/// A value that is written out.
#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
}

/// An operator with two sides that both are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// As written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl ExprKind {
    /// Levels of the deepest expression inside.
    pub(super) fn height_inside(&self) -> usize {
        let highest = |items: &[Expr]| items.iter().map(|item| item.height).max().unwrap_or(0);
        match self {
            Self::Literal(_) | Self::Name(_) => 0,
            Self::Select(inner, _) | Self::Not(inner) | Self::Negate(inner) => inner.height,
            Self::Index(a, b) | Self::Binary(_, a, b) => a.height.max(b.height),
            Self::Method(object, _, items) => object.height.max(highest(items)),
            Self::Call(_, items) | Self::List(items) | Self::And(items) | Self::Or(items) => highest(items),
            Self::If(items) => highest(items.as_slice()),
        }
    }
}
