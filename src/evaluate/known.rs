//! Findings about a service that stay valid when only some of its purposes were edited. For the other purposes they hold as long as the
//! service divides people into the same atoms, on the same days.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use super::finding::Finding;
use super::service::JudgedService;
use crate::model::{Entity, EntityId};
use crate::policy::RuleSet;
use crate::resolve::Effective;
use crate::space::Date;

/// What was found of a service, as far as it may hold.
#[derive(Debug, Clone)]
pub struct Known {
    /// The purposes of which it does not.
    pub touched: BTreeSet<Box<str>>,
    /// What was found of purposes, with the places that it has now.
    pub findings: Vec<Arc<Finding>>,
    /// Under what it was found.
    pub basis: Basis,
    /// The rules that had something to say.
    pub applied: RuleSet,
    /// Those that are about a purpose which is not carried out.
    pub spared: RuleSet,
}

/// Under what a service was judged.
#[derive(Debug, Clone)]
pub struct Basis {
    pub(super) outline: Outline,
    /// The steps that the conditions of its rules took, of what was known before as well.
    pub(super) steps: u64,
    /// Whether something was known before.
    pub is_old: bool,
}

/// How a service tells people apart, on each day that it was judged on. What a rule says of one purpose depends on the others by
/// nothing else, unless it asks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline(Vec<(Date, bool, u128)>);

/// What is known of services, by id; `None` where nobody asks again, so that nobody need know how they tell people apart.
pub type KnownServices<'k> = Option<&'k BTreeMap<Box<str>, Known>>;

impl Outline {
    /// Adds a day; `touched` are the purposes for which something changes on it, `None` for all.
    pub(super) fn add(&mut self, effective: &Effective<'_>, date: Date, touched: Option<&BTreeSet<EntityId>>) {
        let mut hasher = Xxh3::new();
        effective.universe.hash(&mut hasher);
        effective.atoms.hash(&mut hasher);
        self.0.push((date, touched.is_none(), hasher.digest128()));
    }

    /// Whether each day of another is one of this.
    pub(super) fn has(&self, other: &Self) -> bool {
        other.0.iter().all(|day| self.0.contains(day))
    }
}

impl Known {
    /// Whether what is known of a purpose holds.
    pub(super) fn holds(&self, purpose: &Entity) -> bool {
        !self.touched.contains(&purpose.id)
    }

    /// Adds what holds to what was found of the others.
    pub(super) fn complete(&self, judged: &mut JudgedService, is_kept: impl Fn(&Finding) -> bool) {
        judged.kept.extend(self.findings.iter().filter(|finding| is_kept(finding)).cloned());
        judged.applied.extend(&self.applied);
        judged.spared.extend(&self.spared);
    }
}
