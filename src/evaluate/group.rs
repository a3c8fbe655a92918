//! Judgements of one cause as a finding: the places that decide it, and what is said there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::finding::{Finding, Outcome, Subject, fingerprint, undetermined_text};
use super::judge::{add_label, join_text, labels};
use super::reads::{Lack, Read};
use super::service::Judging;
use crate::diagnostic::{Label, Severity};
use crate::model::EntityKind;
use crate::policy::Rule;
use crate::source::Span;

/// Judgements of one cause: the atoms and what was read there.
#[derive(Default)]
pub(super) struct Group {
    pub(super) atoms: Vec<usize>,
    /// For each place that decides: how many leaves and which atom shows it best.
    primaries: BTreeMap<Span, (usize, usize, Vec<Read>)>,
    /// Facts that are not declared and that could make a failure matter less.
    pub(super) open: BTreeSet<String>,
}

impl<'e> Judging<'e, '_> {
    /// Adds what was judged at atoms that are alike.
    pub(super) fn add(&self, group: &mut Group, purpose: usize, atoms: &[usize], reads: &[Read]) {
        group.atoms.extend(atoms);
        let blocks = atoms.iter().filter_map(|atom| self.effective.atoms.get(*atom));
        let leaves: usize = blocks.map(|block| block.territories.len()).sum();
        let place = self.effective.purposes.get(purpose).map(|purpose| purpose.resolved.entity.place);
        let first = atoms.first().copied().unwrap_or_default();
        if let Some(span) = reads.first().map(|read| read.place.span).or(place) {
            group.primaries.entry(span).or_insert_with(|| (0, first, reads.to_vec())).0 += leaves;
        }
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
        let cells = self.cells_of(&group.atoms);
        let most = group.primaries.iter().max_by_key(|(span, (leaves, ..))| (*leaves, std::cmp::Reverse(**span)));
        let (span, atom, reads) = match most {
            Some((span, (_, atom, reads))) => (*span, *atom, reads.clone()),
            None => (fallback, 0, Vec::new()),
        };
        let mut primary = Label::new(span, reads.first().map(|read| read.place.text.clone()).unwrap_or_default());
        let mut others = labels(&reads, self.effective, &self.words);
        for (other, (_, _, reads)) in group.primaries.iter().filter(|(other, _)| **other != span) {
            add_label(
                &mut others,
                &Label::new(*other, reads.first().map(|read| read.place.text.clone()).unwrap_or_default()),
            );
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
            fixes: if outcome == Outcome::Fail { self.fixes(rule, at, &group.atoms) } else { Vec::new() },
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
            deciding: group.primaries.into_keys().filter(|other| *other != span).collect(),
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
