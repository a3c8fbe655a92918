//! What the value of a condition can depend on, known without evaluating it.

use std::collections::BTreeSet;

use crate::model::{EntityKind, FieldId, Type};

use super::node::{Kind, Node};
use super::value::Root;

/// A part of the facts that a condition reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StaticRead {
    /// A fact at the root.
    Root(Root),
    /// A field of some record, with whether it is declared.
    Field(FieldId),
    /// Purposes other than the one of the cell: `service.purposes`, `setting.purposes`, `notice.covers`.
    Siblings,
    /// `states_in` of a group.
    StatesIn(String),
    /// The value of a table for the territory of the cell.
    Table(String),
    /// The value of a table for a place that is read: it depends on the day, and not on the cell.
    TableFor(String),
    /// Who is in a group on the day.
    Group(String),
    /// Lexicons in the language of the service.
    Mentions,
    /// A parameter of the rule.
    Param(String),
}

/// All reads of a node and what is below.
pub(super) fn of(node: &Node) -> BTreeSet<StaticRead> {
    let mut reads = BTreeSet::new();
    collect(node, &mut reads);
    reads
}

fn collect(node: &Node, reads: &mut BTreeSet<StaticRead>) {
    match &node.kind {
        Kind::Root(root) => {
            reads.insert(StaticRead::Root(*root));
        }
        Kind::Field(_, field) | Kind::Has(_, field) | Kind::Declared(_, field) => {
            reads.insert(StaticRead::Field(*field));
            if names_purposes(field.get().ty) {
                reads.insert(StaticRead::Siblings);
            }
        }
        Kind::Param(name) => {
            reads.insert(StaticRead::Param(name.to_string()));
        }
        Kind::StatesIn(group) => {
            reads.insert(StaticRead::StatesIn(group.to_string()));
        }
        Kind::Table(name) => {
            reads.insert(StaticRead::Table(name.to_string()));
        }
        Kind::TableFor(name, _) => {
            reads.insert(StaticRead::TableFor(name.to_string()));
        }
        Kind::InGroup(_, group) => {
            reads.insert(StaticRead::Group(group.to_string()));
        }
        Kind::Mentions(..) => {
            reads.insert(StaticRead::Mentions);
        }
        _ => {}
    }
    node.children(&mut |child| collect(child, reads));
}

fn names_purposes(ty: Type) -> bool {
    match ty {
        Type::Ref(kind) => kind == EntityKind::Purpose,
        Type::List(element) => names_purposes(*element),
        _ => false,
    }
}
