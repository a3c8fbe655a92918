//! Findings of rules with `per: service`: what such a rule finds in the purposes of a service is joined into one finding.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::finding::{Finding, Outcome, Subject, fingerprint};
use super::judge::path_read;
use super::service::Judging;
use crate::diagnostic::Label;
use crate::policy::Rule;
use crate::source::Span;
use crate::space::{Block, TerritorySet, minus};

/// How many purposes are shown with their places.
const SHOWN: usize = 5;

impl<'e, 'w> Judging<'e, 'w> {
    /// Failures of one severity as one finding about the service, apart only where some of their places are waived. What is not
    /// declared stays a finding for each purpose, because there is where to declare it.
    pub(super) fn of_service(&self, rule: &'e Rule, found: Vec<Finding>) -> Vec<Finding> {
        let (failed, mut out): (Vec<Finding>, Vec<Finding>) =
            found.into_iter().partition(|finding| finding.outcome == Outcome::Fail);
        let waived = self.waived_places(rule);
        let key = |finding: &Finding| {
            let places = finding.cells.iter().fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
            (finding.severity, waived.iter().position(|waived| places.is_within(*waived)))
        };
        for wanted in failed.iter().map(key).collect::<BTreeSet<_>>() {
            let of_one = failed.iter().filter(|finding| key(finding) == wanted);
            out.extend(self.joined(rule, &of_one.collect::<Vec<_>>()));
        }
        out
    }

    /// The places for which a finding of the rule about the whole service is waived.
    fn waived_places(&self, rule: &Rule) -> Vec<TerritorySet> {
        let service = Some(self.effective.service.id.as_ref());
        let waived = self.context.splits.iter().filter(|(waiver, _)| waiver.concerns(&rule.id, service, None));
        waived.map(|(_, territories)| *territories).collect()
    }

    fn joined(&self, rule: &'e Rule, of_purposes: &[&Finding]) -> Option<Finding> {
        let first = *of_purposes.first()?;
        let service = self.effective.service;
        let mut blocks: Vec<Block> = Vec::new();
        for block in of_purposes.iter().flat_map(|finding| &*finding.cells).map(|cell| cell.block) {
            blocks.extend(minus(block, &blocks));
        }
        let is_met = |atom: &Block| blocks.iter().any(|block| !atom.and(*block).is_empty());
        let atom = self.effective.atoms.iter().position(is_met);
        let cells = self.cells(blocks);
        let of = |id: &str| self.effective.purposes.iter().position(|purpose| *purpose.resolved.entity.id == *id);
        let purpose = if let Subject::Entity(_, id) = &first.subject { of(id) } else { None };
        let facts = self.facts(rule, purpose.unwrap_or_default(), atom.unwrap_or_default(), true);
        let place = rule.primary.as_ref().and_then(|path| path_read(path, &facts)).map(|read| read.place.span);
        let subject = Subject::Service(service.id.to_string());
        let missing: BTreeSet<String> = of_purposes.iter().flat_map(|finding| finding.missing.clone()).collect();
        let own = place.unwrap_or(service.place);
        // at the service itself it is about all of them; elsewhere each purpose has a part in it
        let of_each = of_purposes.iter().filter(|_| own != service.place);
        let spans: BTreeSet<Span> = of_each
            .flat_map(|finding| [finding.primary.span].into_iter().chain(finding.deciding.iter().copied()))
            .collect();
        Some(Finding {
            message: self.message(rule, &facts, &cells),
            help: self.help(rule, &facts, &cells).map(Arc::from),
            cites: self.cites(rule, &cells),
            fingerprint: fingerprint(&rule.id, Some(&service.id), &subject),
            subject,
            declared: Some(service.place),
            primary: Label::new(own, counted(of_purposes.len())),
            deciding: spans.into_iter().filter(|span| *span != own).collect(),
            labels: labels(of_purposes),
            missing: missing.into_iter().collect(),
            cells,
            ..first.clone()
        })
    }
}

fn counted(purposes: usize) -> String {
    match purposes {
        1 => "for one purpose".to_owned(),
        many => format!("for {many} purposes"),
    }
}

/// The purposes, each at its place, as far as there is room.
fn labels(of_purposes: &[&Finding]) -> Vec<Label> {
    let place = |finding: &&Finding| finding.declared.unwrap_or(finding.primary.span);
    let name = |finding: &&Finding| format!("`{}`", finding.subject.id());
    let shown = of_purposes.iter().take(SHOWN).map(|finding| Label::new(place(finding), name(finding)));
    let mut labels: Vec<Label> = shown.collect();
    if let Some(more) = of_purposes.len().checked_sub(SHOWN).filter(|more| *more > 0)
        && let Some(last) = labels.last_mut()
    {
        last.text = format!("{}, and {more} more", last.text).into();
    }
    labels
}
