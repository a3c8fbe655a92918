//! How much a service asks for, counted before anything is worked out.

use std::collections::BTreeMap;

use super::candidate::{Cuts, Reach};
use super::{Boundaries, SettingLink, link_settings, universe};
use crate::model::{Entity, EntityId, Service, Workspace};
use crate::space::{Atlas, Block, Date, count_atoms};

/// Most combinations of override items that one purpose or setting may have; candidates are counted in 16 bits.
const MOST_COMBINATIONS: usize = 50_000;

/// Most atoms of a service; its states and outcomes are counted in 16 bits.
const MOST_ATOMS: usize = 50_000;

/// Most steps for a service. A released program takes some hundred million in a second or two.
const MOST_STEPS: usize = 200_000_000;

/// What a purpose costs at an atom even without overrides, next to a candidate: the rules that look at it.
const PER_PURPOSE: usize = 16;

/// What it costs to compare a purpose with another under the same setting.
const PER_PAIR: usize = 100;

/// How much there is to work out for a service on one date.
pub struct Work {
    universe: Block,
    cuts: Cuts,
    /// Combinations of override items, of all purposes and settings, for each property they set.
    combinations: usize,
    /// Combinations of override items of the purpose or setting that has most.
    most: usize,
    /// Its purposes.
    purposes: usize,
    /// Pairs of purposes under one setting.
    pairs: usize,
}

impl Work {
    /// Counts, in time that grows with the text and not with what it asks for.
    pub fn of(workspace: &Workspace, service: &Service, atlas: &Atlas, date: Date, boundaries: &Boundaries) -> Self {
        let reach = Reach { atlas, date, plans: &service.plans };
        let mut cuts = Cuts::default();
        cuts.add(boundaries, workspace, service);
        let purposes: Vec<(EntityId, &Entity)> = workspace.purposes(service).collect();
        let (links, settings) = link_settings(workspace, service, &purposes);
        let purposes = purposes.into_iter().map(|(_, purpose)| purpose);
        let (mut combinations, mut most) = (0_usize, 0_usize);
        for entity in purposes.chain(settings) {
            let (all, of_properties) = combined(entity);
            entity.overrides.iter().for_each(|over| cuts.add_selector(&over.selector, &reach));
            most = most.max(all);
            combinations = combinations.saturating_add(of_properties);
        }
        for (_, notice) in workspace.notices(service) {
            cuts.add_selector(&notice.selector, &reach);
        }
        let mut sharing: BTreeMap<usize, usize> = BTreeMap::new();
        for link in links {
            if let SettingLink::Setting(at, _) = link {
                *sharing.entry(at).or_default() += 1;
            }
        }
        let pairs = sharing.values().fold(0_usize, |all, count| all.saturating_add(count.saturating_mul(*count)));
        let universe = universe(service, &reach);
        Self { universe, cuts, combinations, most, purposes: service.purposes.len(), pairs }
    }

    /// Parts in which its points are looked at.
    fn atoms(&self) -> usize {
        count_atoms(self.universe, &self.cuts.territories, &self.cuts.ages, &self.cuts.plans)
    }

    fn steps(&self, atoms: usize, days: usize) -> usize {
        let at_an_atom = self.combinations.saturating_add(self.purposes.saturating_mul(PER_PURPOSE));
        let steps = atoms.saturating_mul(at_an_atom).saturating_mul(days);
        steps.saturating_add(self.pairs.saturating_mul(PER_PAIR))
    }

    /// Why this is more than a run takes on, judged on `days` dates; `None` where it is not.
    pub fn too_much(&self, days: usize) -> Option<String> {
        // there are no more parts than points; to count them takes as long as to cut them, and few services come near a limit
        let points = self.universe.points();
        if self.most <= MOST_COMBINATIONS && points <= MOST_ATOMS && self.steps(points, days) <= MOST_STEPS {
            return None;
        }
        let atoms = self.atoms();
        if self.most > MOST_COMBINATIONS {
            return Some(format!(
                "the overrides of one purpose or setting have {} combinations; the limit is {MOST_COMBINATIONS}",
                self.most
            ));
        }
        if atoms > MOST_ATOMS {
            return Some(format!("people fall into {atoms} groups; the limit is {MOST_ATOMS}"));
        }
        (self.steps(atoms, days) > MOST_STEPS).then(|| {
            format!(
                "{} purposes, {} combinations of overrides, {atoms} groups of people and {days} dates are more than can be worked out",
                self.purposes, self.combinations
            )
        })
    }
}

/// The combinations of all overrides, once and for each property that they set.
fn combined(entity: &Entity) -> (usize, usize) {
    let mut sums = (0_usize, 0_usize);
    for over in &entity.overrides {
        let selector = &over.selector;
        let regions = selector.regions.as_ref().map_or(1, |regions| regions.items.len());
        let ages = selector.ages.as_ref().map_or(1, |ages| ages.items.len());
        let plans = selector.plans.as_ref().map_or(1, |plans| plans.items.len());
        let all = regions.saturating_mul(ages).saturating_mul(plans);
        sums.0 = sums.0.saturating_add(all);
        sums.1 = sums.1.saturating_add(all.saturating_mul(over.fields.entries.len()));
    }
    sums
}
