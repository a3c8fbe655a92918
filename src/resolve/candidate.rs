//! The candidates of a property and which of them hold where.

use std::collections::BTreeMap;

use super::{Boundaries, Resolved};
use crate::model::{Entity, FieldId, FieldValue, Override, Selector, Service, Value, Workspace};
use crate::source::Span;
use crate::space::{AgeSet, Atlas, Block, Date, Extent, Grid, Interval, PlanSet, TerritorySet};
use crate::vocabulary::within;

/// How many of those that are known are looked through for one that is the same.
pub(super) const FEW: usize = 64;

/// What extents are made with.
pub(super) struct Reach<'a> {
    pub(super) atlas: &'a Atlas,
    pub(super) date: Date,
    pub(super) plans: &'a [String],
}

impl Reach<'_> {
    /// The whole of every axis.
    fn whole(&self) -> Block {
        Block { territories: self.atlas.world(), ages: AgeSet::ALL, plans: PlanSet::first(self.plans.len()) }
    }

    fn plan(&self, id: &str) -> Option<PlanSet> {
        self.plans.iter().position(|plan| plan == id).map(PlanSet::of)
    }
}

/// Boundaries that cut the universe into atoms.
#[derive(Default)]
pub(super) struct Cuts {
    pub(super) territories: Vec<TerritorySet>,
    pub(super) ages: Vec<AgeSet>,
    pub(super) plans: Vec<PlanSet>,
}

impl Cuts {
    pub(super) fn add(&mut self, boundaries: &Boundaries, workspace: &Workspace, service: &Service) {
        self.territories.extend(&boundaries.territories);
        self.ages.extend(&boundaries.ages);
        let uses: Vec<Option<&str>> =
            workspace.purposes(service).map(|(_, purpose)| purpose.fields.text("use")).collect();
        // a use that cannot be read may be any
        let is_meant = |wanted: &String| uses.iter().any(|used| used.is_none_or(|used| within(used, wanted)));
        let meant = boundaries.ages_by_use.iter().filter(|(wanted, _)| wanted.iter().any(is_meant));
        self.ages.extend(meant.map(|(_, ages)| *ages));
        let plan = |name| service.plans.iter().position(|plan| plan == name);
        self.plans.extend(boundaries.plans.iter().filter_map(plan).map(PlanSet::of));
    }

    pub(super) fn add_selector(&mut self, selector: &Selector, reach: &Reach<'_>) {
        let regions = selector.regions.iter().flat_map(|regions| &regions.items);
        self.territories.extend(regions.filter_map(|item| reach.atlas.lookup(&item.value, reach.date).ok()));
        self.ages.extend(selector.ages.iter().flat_map(|ages| &ages.items).filter_map(|item| item.value));
        let plans = selector.plans.iter().flat_map(|plans| &plans.items);
        self.plans.extend(plans.filter_map(|item| reach.plan(&item.value)));
    }
}

/// A value with the points and days for which it was written.
#[derive(Debug, Clone)]
pub struct Candidate<'w> {
    /// For whom and when.
    pub extent: Extent,
    /// The value; `None` is the default of a property that has one and that nobody wrote.
    pub value: Option<&'w FieldValue>,
    /// Which override it belongs to, 0-based; `None` is the base value.
    pub over: Option<usize>,
    /// The place of the item or selector that cannot be read, if one is unknown. The extent is then whole on that axis.
    pub unknown: Option<Span>,
}

/// What holds at an atom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// One value: index of a candidate that has it.
    Value(u16),
    /// Nobody says.
    Undeclared,
    /// Undefeated candidates disagree.
    Ambiguous,
    /// Something that was written cannot be read; the place is the candidate's.
    Unknown(u16),
}

/// An outcome with the candidates that took part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant {
    /// What holds.
    pub outcome: Outcome,
    /// Undefeated candidates.
    pub winners: Vec<u16>,
    /// Candidates that match here and are beaten.
    pub beaten: Vec<u16>,
}

/// A property with its candidates and, once resolved, its variants.
#[derive(Debug)]
pub struct Property<'w> {
    /// Base first, then overrides in the order of writing.
    pub candidates: Vec<Candidate<'w>>,
    /// The distinct outcomes.
    pub variants: Vec<Variant>,
    /// For each atom, index into `variants`.
    pub by_atom: Vec<u16>,
}

impl Property<'_> {
    /// What holds at an atom.
    pub fn at(&self, atom: usize) -> Option<&Variant> {
        self.variants.get(usize::from(*self.by_atom.get(atom)?))
    }

    /// Whether every atom has the same outcome.
    pub fn is_constant(&self) -> bool {
        self.variants.len() <= 1
    }

    pub(super) fn resolve(&mut self, universe: Block, grid: &Grid, date: Date) {
        // most properties have no override
        if let [only] = self.candidates.as_slice()
            && only.extent.days.contains(date)
            && universe.is_within(only.extent.block)
        {
            self.variants.push(self.variant(&[0]));
            self.by_atom.resize(grid.count(), 0);
            return;
        }
        debug_assert!(self.candidates.len() <= usize::from(u16::MAX), "refused by `Work::too_much`");
        let current: Vec<(u16, Block)> = (0..=u16::MAX)
            .zip(&self.candidates)
            .filter(|(_, candidate)| candidate.extent.days.contains(date))
            .map(|(at, candidate)| (at, candidate.extent.block))
            .collect();
        // a candidate matches an atom where it matches each of its parts
        let (places, ages, plans) = (
            Matches::new(&current, &grid.territories, |part, block| part.is_within(block.territories)),
            Matches::new(&current, &grid.ages, |part, block| part.is_within(block.ages)),
            Matches::new(&current, &grid.plans, |part, block| part.is_within(block.plans)),
        );
        // atoms that the same candidates match have the same outcome
        let mut index: BTreeMap<Variant, u16> = BTreeMap::new();
        let mut known: Vec<(Vec<u64>, u16)> = Vec::new();
        let mut matching: Vec<u64> = Vec::new();
        self.by_atom.reserve_exact(grid.count());
        for place in places.by_part() {
            for age in ages.by_part() {
                for plan in plans.by_part() {
                    matching.clear();
                    matching.extend(place.iter().zip(age).zip(plan).map(|((place, age), plan)| place & age & plan));
                    let at = match known.iter().rev().take(FEW).find(|(these, _)| *these == matching) {
                        Some((_, at)) => *at,
                        None => {
                            let variant = self.variant(&numbers(&matching, &current));
                            let next = u16::try_from(self.variants.len()).unwrap_or(u16::MAX);
                            let at = *index.entry(variant.clone()).or_insert(next);
                            if at == next {
                                self.variants.push(variant);
                            }
                            known.push((matching.clone(), at));
                            at
                        }
                    };
                    self.by_atom.push(at);
                }
            }
        }
    }

    /// What holds where these candidates match.
    fn variant(&self, matching: &[u16]) -> Variant {
        let candidate = |at: &u16| Some((*at, self.candidates.get(usize::from(*at))?));
        let matching: Vec<(u16, &Candidate<'_>)> = matching.iter().filter_map(candidate).collect();
        // whoever is beaten is beaten by one that nobody beats, and few are: a text may have thousands for the same people
        let mut narrowest: Vec<&Extent> = Vec::new();
        for (_, candidate) in &matching {
            let extent = &candidate.extent;
            if !narrowest.iter().any(|other| *other == extent || other.beats(extent)) {
                narrowest.retain(|other| !extent.beats(other));
                narrowest.push(extent);
            }
        }
        let is_beaten = |candidate: &Candidate<'_>| narrowest.iter().any(|other| other.beats(&candidate.extent));
        let (beaten, won): (Vec<_>, Vec<_>) = matching.iter().partition(|(_, candidate)| is_beaten(candidate));
        let unreadable = matching.iter().find(|(_, candidate)| candidate.unknown.is_some());
        let invalid = || won.iter().find(|(_, candidate)| value_of(candidate).is_some_and(Value::is_invalid));
        let numbers = |some: &[(u16, &Candidate<'_>)]| some.iter().map(|(at, _)| *at).collect::<Vec<u16>>();
        let (winners, beaten) = (numbers(&won), numbers(&beaten));
        let outcome = match (unreadable.or_else(invalid), winners.as_slice()) {
            (Some((at, _)), _) => Outcome::Unknown(*at),
            (None, []) => Outcome::Undeclared,
            (None, [first, rest @ ..]) => {
                let value = |at: &u16| self.candidates.get(usize::from(*at)).and_then(value_of);
                let agree = rest.iter().all(|other| same(value(other), value(first)));
                if agree { Outcome::Value(*first) } else { Outcome::Ambiguous }
            }
        };
        Variant { outcome, winners, beaten }
    }
}

/// For each part of an axis, which candidates match it: bits, by their place among those of the day.
struct Matches {
    bits: Vec<u64>,
    /// Words for each part.
    words: usize,
}

impl Matches {
    fn new<P>(candidates: &[(u16, Block)], parts: &[P], is_within: impl Fn(&P, &Block) -> bool) -> Self {
        let words = candidates.len().div_ceil(64).max(1);
        let mut bits = Vec::with_capacity(parts.len() * words);
        for (part, after) in parts.iter().zip(1..) {
            for few in candidates.chunks(64) {
                let bit = |(at, (_, block)): (u32, &(u16, Block))| u64::from(is_within(part, block)) << at;
                bits.push((0..).zip(few).map(bit).fold(0, |all, bit| all | bit));
            }
            // without candidates there is a word all the same
            bits.resize(after * words, 0);
        }
        Self { bits, words }
    }

    fn by_part(&self) -> impl Iterator<Item = &[u64]> {
        self.bits.chunks_exact(self.words)
    }
}

/// The candidates that bits stand for.
fn numbers(bits: &[u64], candidates: &[(u16, Block)]) -> Vec<u16> {
    let is_set = |at: usize| bits.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
    candidates.iter().enumerate().filter(|(at, _)| is_set(*at)).map(|(_, (number, _))| *number).collect()
}

pub(super) fn value_of<'w>(candidate: &Candidate<'w>) -> Option<&'w Value> {
    candidate.value.map(|field| &field.value.value)
}

/// Equal values. `None` is the unwritten default `carried_out: true`, the only default an overridable property has.
pub(super) fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    let unwritten = Value::Bool(true);
    a.unwrap_or(&unwritten) == b.unwrap_or(&unwritten)
}

/// All candidates of all overridable properties of an entity; the boundaries they draw are added to `cuts`.
pub(super) fn collect<'w>(entity: &'w Entity, reach: &Reach<'_>, cuts: &mut Cuts) -> Resolved<'w> {
    let mut properties: BTreeMap<FieldId, Property<'w>> = BTreeMap::new();
    let whole = Extent { block: reach.whole(), days: Interval::default() };
    let mut add = |field: FieldId, candidate: Candidate<'w>| {
        let property = properties.entry(field).or_insert_with(|| Property {
            candidates: Vec::new(),
            variants: Vec::new(),
            by_atom: Vec::new(),
        });
        property.candidates.push(candidate);
    };
    for field in entity.kind.record().field_ids().filter(|field| field.get().overridable) {
        let value = entity.fields.get(field);
        // `carried_out` is true unless somebody says otherwise (docs/format.md, Purposes)
        let overridden = || entity.overrides.iter().any(|over| over.fields.get(field).is_some());
        if value.is_some() || (field.name() == "carried_out" && overridden()) {
            add(field, Candidate { extent: whole, value, over: None, unknown: None });
        }
    }
    for (at, over) in entity.overrides.iter().enumerate() {
        cuts.add_selector(&over.selector, reach);
        let extents = extents(over, reach);
        for value in &over.fields.entries {
            for (extent, unknown) in &extents {
                let candidate = Candidate { extent: *extent, value: Some(value), over: Some(at), unknown: *unknown };
                add(value.field, candidate);
            }
        }
    }
    Resolved { entity, properties }
}

/// One extent per combination of the items of an override, with the place of an item that is not known.
pub(super) fn extents(over: &Override, reach: &Reach<'_>) -> Vec<(Extent, Option<Span>)> {
    let selector = &over.selector;
    let whole = reach.whole();
    let territories = match &selector.regions {
        None => vec![(whole.territories, None)],
        Some(regions) => each(&regions.items, whole.territories, |code| reach.atlas.lookup(code, reach.date).ok()),
    };
    let ages = match &selector.ages {
        None => vec![(whole.ages, None)],
        Some(ages) => each(&ages.items, whole.ages, |ages| *ages),
    };
    let plans = match &selector.plans {
        None => vec![(whole.plans, None)],
        Some(plans) => each(&plans.items, whole.plans, |plan| reach.plan(plan)),
    };
    let day = |day: &Option<crate::model::Located<Option<Date>>>| match day {
        None => (None, None),
        Some(day) => (day.value, day.value.is_none().then_some(day.span)),
    };
    let ((from, bad_from), (until, bad_until)) = (day(&selector.from), day(&selector.until));
    let days = Interval { from, until };
    let mut out = Vec::with_capacity(territories.len() * ages.len() * plans.len());
    for (territories, no_territory) in &territories {
        for (ages, no_age) in &ages {
            for (plans, no_plan) in &plans {
                let block = Block { territories: *territories, ages: *ages, plans: *plans };
                let unknown = no_territory.or(*no_age).or(*no_plan).or(bad_from).or(bad_until).or(selector.unknown);
                out.push((Extent { block, days }, unknown));
            }
        }
    }
    out
}

/// The sets of the items; an item that is not known may be anybody.
fn each<T, S: Copy>(
    items: &[crate::model::Located<T>],
    whole: S,
    set: impl Fn(&T) -> Option<S>,
) -> Vec<(S, Option<Span>)> {
    let known = |item: &crate::model::Located<T>| match set(&item.value) {
        Some(set) => (set, None),
        None => (whole, Some(item.span)),
    };
    items.iter().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_matched_however_many_there_are() {
        let whole = Block { territories: TerritorySet::EMPTY, ages: AgeSet::ALL, plans: PlanSet::EMPTY };
        let parts: Vec<PlanSet> = (0..64).map(PlanSet::of).collect();
        for count in [0, 1, 63, 64, 65, 130] {
            // numbered as they would be if each second one held on another day
            let of_plan = |at: u16| (2 * at, Block { plans: PlanSet::of(usize::from(at) % 64), ..whole });
            let candidates: Vec<(u16, Block)> = (0..count).map(of_plan).collect();
            let matches = Matches::new(&candidates, &parts, |part, block| part.is_within(block.plans));
            let found: Vec<Vec<u16>> = matches.by_part().map(|bits| numbers(bits, &candidates)).collect();
            let expected = |plan| (0..count).filter(|at| at % 64 == plan).map(|at| 2 * at).collect::<Vec<u16>>();
            assert_eq!(found, (0..64).map(expected).collect::<Vec<_>>(), "{count}");
        }
    }
}
