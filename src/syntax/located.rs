//! A value together with its place.

use serde::{Deserialize, Serialize};

use super::tree::NodeRef;
use crate::source::Span;

/// A value and where it stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands; for an alias, the place of its anchor.
    pub span: Span,
    /// The alias or merge through which it came, if any.
    pub via: Option<Span>,
}

impl<T> Located<T> {
    /// A value at the place of a node.
    pub fn at(node: NodeRef<'_>, value: T) -> Self {
        Self { value, span: node.span(), via: node.via() }
    }
}

/// Equal where the values are; the place does not matter.
impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}
