//! Judgements of one cause as a finding: the places that decide it, and what is said there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::finding::{Finding, Outcome, Subject, fingerprint, undetermined_text};
use super::judge::{add_label, join_text, labels};
use super::reads::{Lack, Read, says, span_of, via};
use super::service::Judging;
use crate::diagnostic::{Label, Severity};
use crate::model::{EntityKind, FieldValue};
use crate::policy::Rule;
use crate::resolve::Decider;
use crate::source::Span;
use crate::space::{Block, minus};

/// Judgements of one cause: the atoms and what was read there.
#[derive(Default)]
pub(super) struct Group {
    pub(super) atoms: Vec<usize>,
    /// For how many leaves each place decides that is pointed at.
    leaves: BTreeMap<Span, usize>,
    /// What decides together, the one that is pointed at in front, and the atom and the reads that show it.
    decisions: BTreeMap<Vec<Use>, (usize, Vec<Read>)>,
    /// Facts that are not declared and that could make a failure matter less.
    pub(super) open: BTreeSet<String>,
    /// The people of whom something as bad was seen before. An atom may hold some of them: what told them apart may have ended.
    seen: Vec<Block>,
}

impl Group {
    /// What is new after what was seen before.
    pub(super) fn after(seen: Vec<Block>) -> Self {
        Self { seen, ..Self::default() }
    }
}

/// A value that decides: where it is written and where it is used, which are two places where it comes through an alias or a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    value: Span,
    at: Span,
}

impl Use {
    fn new(value: Span, through: Option<Span>) -> Self {
        Self { value, at: through.unwrap_or(value) }
    }

    fn of(read: &Read) -> Self {
        Self::new(read.place.span, read.through())
    }

    fn is_elsewhere(&self) -> bool {
        self.at != self.value
    }
}

impl<'e> Judging<'e, '_> {
    /// Adds what was judged at atoms that are alike, if it is new of anybody there.
    pub(super) fn add(&self, group: &mut Group, purpose: usize, atoms: &[usize], reads: &[Read]) -> bool {
        let is_new = |at: &usize| group.seen.is_empty() || !self.people(group, &[*at]).is_empty();
        let atoms: Vec<usize> = atoms.iter().copied().filter(is_new).collect();
        let Some(first) = atoms.first().copied() else { return false };
        group.atoms.extend(&atoms);
        let leaves: usize = self.people(group, &atoms).iter().map(|block| block.territories.len()).sum();
        let place = self.effective.purposes.get(purpose).map(|purpose| purpose.resolved.entity.place);
        let Some(shown) = reads.first().map(Use::of).or(place.map(|place| Use::new(place, None))) else { return true };
        let besides = self.besides(purpose, first, shown.value);
        *group.leaves.entry(shown.value).or_default() += leaves;
        let together = [shown].into_iter().chain(besides.iter().map(Use::of)).collect();
        group.decisions.entry(together).or_insert_with(|| (first, [reads, &besides].concat()));
        true
    }

    /// The people at some atoms of whom what was judged is new.
    fn people(&self, group: &Group, atoms: &[usize]) -> Vec<Block> {
        let blocks = atoms.iter().filter_map(|atom| self.effective.atoms.get(*atom).copied());
        match group.seen.as_slice() {
            [] => blocks.collect(),
            seen => blocks.flat_map(|block| minus(block, seen)).collect(),
        }
    }

    /// What decides the state together with a value that is pointed at: `on_dismiss: on`, where that is `default: ask`.
    fn besides(&self, purpose: usize, atom: usize, shown: Span) -> Vec<Read> {
        let deciders = self.effective.state(purpose, atom).map(|state| state.deciders.as_slice()).unwrap_or_default();
        let values = |decider: &Decider| self.effective.values_of(purpose, atom, *decider);
        let Some(own) = deciders.iter().position(|of| values(of).any(|field| span_of(field) == shown)) else {
            return Vec::new();
        };
        let others = deciders.iter().enumerate().filter(|(at, _)| *at != own);
        let read = |field: &FieldValue| Read {
            path: "state".to_owned(),
            place: Label::new(span_of(field), says(field)),
            also: via(field).into_iter().collect(),
            missing: None,
            owner: String::new(),
        };
        others.flat_map(|(_, decider)| values(decider)).map(read).collect()
    }

    /// The places that decide. An alias is one of them where its anchor has other uses: what was agreed for one of these was not for
    /// whatever else may use it later.
    fn deciding(&self, purpose: usize, group: &Group) -> BTreeSet<Span> {
        let uses: BTreeSet<Use> = group.decisions.keys().flatten().copied().collect();
        let reused = if uses.iter().any(Use::is_elsewhere) { self.reused(purpose, &uses) } else { Vec::new() };
        let is_reused = |of: &Use| reused.iter().any(|value| value.contains(of.value));
        uses.iter().map(|of| if of.is_elsewhere() && is_reused(of) { of.at } else { of.value }).collect()
    }

    /// What is written once and used several times by a purpose and its setting, on whichever day.
    fn reused(&self, purpose: usize, known: &BTreeSet<Use>) -> Vec<Span> {
        let purpose_at = self.effective.purposes.get(purpose).map(|purpose| &purpose.resolved);
        let properties =
            purpose_at.into_iter().chain(self.effective.setting(purpose)).flat_map(|of| of.properties.values());
        let values = properties.flat_map(|property| &property.candidates).filter_map(|candidate| candidate.value);
        let uses =
            values.flat_map(|field| [span_of(field), field.value.span].map(|value| Use::new(value, field.value.via)));
        let uses: BTreeSet<Use> = uses.chain(known.iter().copied()).collect();
        let next = uses.iter().skip(1);
        uses.iter().zip(next).filter(|(one, next)| one.value == next.value).map(|(one, _)| one.value).collect()
    }

    /// What was judged as a finding.
    pub(super) fn finding(
        &self,
        rule: &'e Rule,
        at: usize,
        outcome: Outcome,
        severity: Severity,
        mut group: Group,
    ) -> Finding {
        let entity = self.effective.purposes.get(at).map(|purpose| purpose.resolved.entity);
        let id = entity.map(|entity| entity.id.to_string()).unwrap_or_default();
        let fallback = entity.map_or(rule.place, |entity| entity.place);
        group.atoms.sort_unstable();
        let cells = match group.seen.as_slice() {
            [] => self.cells_of(&group.atoms),
            _ => self.cells(self.people(&group, &group.atoms)),
        };
        let most = group.leaves.iter().max_by_key(|(span, leaves)| (**leaves, std::cmp::Reverse(**span)));
        let span = most.map_or(fallback, |(span, _)| *span);
        let is_here = |uses: &[Use]| uses.first().is_some_and(|shown| shown.value == span);
        let best = group.decisions.iter().find(|(uses, _)| is_here(uses));
        let (atom, reads) = best.map(|(_, best)| best.clone()).unwrap_or_default();
        let deciding = self.deciding(at, &group).into_iter().filter(|other| *other != span).collect();
        let mut primary = Label::new(span, reads.first().map(|read| read.place.text.clone()).unwrap_or_default());
        let mut others = labels(&reads, self.effective, &self.words);
        for (uses, (_, reads)) in group.decisions.iter().filter(|(uses, _)| best.is_none_or(|(best, _)| best != *uses))
        {
            let other = uses.first().filter(|shown| shown.value != span);
            let text = || reads.first().map(|read| read.place.text.clone()).unwrap_or_default();
            other.into_iter().for_each(|other| add_label(&mut others, &Label::new(other.value, text())));
            labels(reads, self.effective, &self.words).iter().for_each(|label| add_label(&mut others, label));
        }
        // one place, one remark
        if let Some(same) = others.iter().position(|label| label.span == span) {
            let same = others.remove(same);
            join_text(&mut primary, &same.text);
        }
        let gap = reads.first().and_then(|read| read.missing);
        let unusable = outcome == Outcome::Undetermined && gap != Some(Lack::Undeclared);
        let facts = self.facts(rule, at, atom, true);
        let subject = Subject::Entity(EntityKind::Purpose, id);
        let service = Some(self.effective.service.id.to_string());
        let (message, help, missing) = match outcome {
            Outcome::Fail => {
                let open = group.open.into_iter().collect();
                (self.message(rule, &facts, &cells), self.help(rule, &facts, &cells), open)
            }
            Outcome::Undetermined => undetermined_text(rule, reads.first()),
        };
        Finding {
            fixes: if outcome == Outcome::Fail { self.fixes(rule, at, (&group.atoms, &cells)) } else { Vec::new() },
            fingerprint: fingerprint(&rule.id, service.as_deref(), &subject),
            cites: self.cites(rule, &cells),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            severity,
            outcome,
            service,
            subject,
            declared: entity.map(|entity| entity.place),
            cells,
            primary,
            deciding,
            labels: others,
            message,
            help: help.map(Arc::from),
            missing,
            unusable,
            counts_from: None,
            suppressed: None,
            news: None,
        }
    }
}
