//! What the value of a condition can depend on, known without evaluating it.

use std::collections::BTreeSet;

use crate::model::{FieldId, Record};
use crate::space::Date;

use super::node::{Constant, Kind, Node, Relation};
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
    /// A comparison that tells people of this age and older from those who are younger.
    AgeLine(i64),
    /// The same for each value of a table, with what is to be added to it.
    AgeTable(String, i64),
    /// A use of ages that may tell any two of them apart.
    EveryAge,
    /// A comparison of today that tells this day and later ones from those before.
    DayLine(Date),
    /// Who is in a group on the day.
    Group(String),
    /// Lexicons in the language of the service.
    Mentions,
    /// A parameter of the rule.
    Param(String),
}

impl StaticRead {
    /// Whether it differs from one purpose of a service to the next.
    pub fn is_of_purpose(&self) -> bool {
        match self {
            Self::Root(root) => !matches!(root, Root::Service | Root::Today | Root::Age | Root::Before | Root::After),
            Self::Field(field) => field.record == Record::Revision && field.name() != "service",
            Self::StatesIn(_) => true,
            _ => false,
        }
    }
}

/// All reads of a node and what is below.
pub(super) fn of(node: &Node) -> BTreeSet<StaticRead> {
    let mut reads = BTreeSet::new();
    collect(node, &mut reads);
    reads
}

fn collect(node: &Node, reads: &mut BTreeSet<StaticRead>) {
    match &node.kind {
        Kind::Compare(relation, left, right) if left.is_age() != right.is_age() => {
            let (age, other) = if left.is_age() { (left, right) } else { (right, left) };
            lines(other, added(*relation, left.is_age()), reads);
            reads.insert(StaticRead::Root(Root::Age));
            reads.extend(field_of(age).map(StaticRead::Field));
            return collect(other, reads);
        }
        // an age that is not compared with one number may mean any of them
        Kind::Root(Root::Age) => {
            reads.insert(StaticRead::EveryAge);
            reads.insert(StaticRead::Root(Root::Age));
        }
        Kind::Compare(relation, left, right) => {
            let (day, is_left) = match (&left.kind, &right.kind) {
                (Kind::Root(Root::Today), Kind::Constant(Constant::Date(day))) => (Some(day), true),
                (Kind::Constant(Constant::Date(day)), Kind::Root(Root::Today)) => (Some(day), false),
                _ => (None, false),
            };
            let lines =
                |day: Date| added(*relation, is_left).iter().map(move |more| StaticRead::DayLine(day.plus(*more)));
            reads.extend(day.copied().into_iter().flat_map(lines));
        }
        Kind::Root(root) => {
            reads.insert(StaticRead::Root(*root));
        }
        Kind::Field(_, field) | Kind::Has(_, field) | Kind::Declared(_, field) => {
            reads.insert(StaticRead::Field(*field));
            if field.names_purposes() {
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

/// Where a comparison draws its lines, from what it compares with: `<` and `>=` below it, `<=` and `>` above it. What is divided
/// stands on the left, or on the right.
fn added(relation: Relation, is_left: bool) -> &'static [i64] {
    match (relation, is_left) {
        (Relation::Equal | Relation::NotEqual, _) => &[0, 1],
        (Relation::Less | Relation::GreaterOrEqual, true) => &[0],
        (Relation::Greater | Relation::LessOrEqual, false) => &[0],
        _ => &[1],
    }
}

/// Which ages a comparison with `other` tells apart.
fn lines(other: &Node, added: &[i64], reads: &mut BTreeSet<StaticRead>) {
    match &other.kind {
        Kind::Constant(Constant::Int(number)) => {
            reads.extend(added.iter().map(|more| StaticRead::AgeLine(number.saturating_add(*more))));
        }
        Kind::Table(name) | Kind::TableFor(name, _) => {
            reads.extend(added.iter().map(|more| StaticRead::AgeTable(name.to_string(), *more)));
        }
        _ => {
            reads.insert(StaticRead::EveryAge);
        }
    }
}

fn field_of(node: &Node) -> Option<FieldId> {
    match &node.kind {
        Kind::Field(_, field) => Some(*field),
        _ => None,
    }
}
