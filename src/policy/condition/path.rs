//! Paths such as `setting.default`: a place in the facts, for what is not computed.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::model::FieldId;

use super::ConditionError;
use super::ast::{Expr, ExprKind};
use super::check::Checker;
use super::node::{Kind, Node};
use super::parse;
use super::types::{Env, Ty};
use super::value::Root;

/// A fact at the root and fields below it, through lists to each of their elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// Where it starts.
    pub root: Root,
    /// The fields on the way.
    pub fields: Vec<FieldId>,
}

impl Path {
    /// Reads and types a path.
    ///
    /// # Errors
    /// The first mistake.
    pub fn parse(text: &str, env: &Env<'_>) -> Result<Self, Vec<ConditionError>> {
        let expr = parse::parse(text)?;
        let mut checker = Checker::new(env);
        let path = follow(&mut checker, &expr);
        match path {
            Some((path, _)) => checker.finish(path),
            None => Err(checker.finish(()).err().unwrap_or_else(|| vec![no_path(&expr.range)])),
        }
    }
}

fn no_path(range: &Range<usize>) -> ConditionError {
    let help = Some("a path is a fact with fields, such as `setting.default`".to_owned());
    ConditionError { range: range.clone(), message: "this is not a path".to_owned(), help }
}

/// The path of an expression, and the type of what stands at its end.
fn follow(checker: &mut Checker<'_, '_>, expr: &Expr) -> Option<(Path, Ty)> {
    match &expr.kind {
        ExprKind::Name(_) => match checker.node(expr) {
            Node { kind: Kind::Root(root), ty, .. } => Some((Path { root, fields: Vec::new() }, ty)),
            _ => None,
        },
        ExprKind::Select(object, field) if !checker.is_param(object) => {
            let (mut path, mut ty) = follow(checker, object)?;
            while let Ty::List(element) = ty {
                ty = *element;
            }
            let object = Node { ty, ..checker.broken(&object.range) };
            let id = checker.field(&object, field)?;
            path.fields.push(id);
            Some((path, Ty::of(id.get().ty)))
        }
        _ => None,
    }
}
