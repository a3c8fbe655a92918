//! Boxes of points: territories × ages × plans, and sets of them.

use serde::{Deserialize, Serialize};

use super::age::AgeSet;
use super::territory::TerritorySet;

/// Plans of one service as bits, in the order in which the service lists them; one implicit plan is bit 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PlanSet(u64);

impl PlanSet {
    /// Most plans a service can have.
    pub const CAPACITY: usize = 64;

    /// No plan.
    pub const EMPTY: Self = Self(0);

    /// The first `count` plans, at least one: a service without plans has an implicit one.
    pub fn first(count: usize) -> Self {
        Self(if count >= Self::CAPACITY { u64::MAX } else { (1 << count.max(1)) - 1 })
    }

    /// One plan, by its 0-based place.
    pub fn of(index: usize) -> Self {
        Self(if index < Self::CAPACITY { 1 << index } else { 0 })
    }

    /// Plans of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Plans of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Plans of `self` that are not in `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether every plan of `self` is in `other`.
    pub fn is_within(self, other: Self) -> bool {
        self.minus(other).is_empty()
    }

    /// Whether there is no plan.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The 0-based places of the plans.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..Self::CAPACITY).filter(move |at| self.0 & (1 << at) != 0)
    }
}

/// All points of some territories, some ages and some plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Block {
    /// Where.
    pub territories: TerritorySet,
    /// How old.
    pub ages: AgeSet,
    /// On which plans.
    pub plans: PlanSet,
}

impl Block {
    /// How many combinations of a territory, an age and a plan it has.
    pub fn points(self) -> usize {
        self.territories.len().saturating_mul(self.ages.iter().count()).saturating_mul(self.plans.iter().count())
    }

    /// The points in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            territories: self.territories.and(other.territories),
            ages: self.ages.and(other.ages),
            plans: self.plans.and(other.plans),
        }
    }

    /// Whether there is no point.
    pub fn is_empty(self) -> bool {
        self.territories.is_empty() || self.ages.is_empty() || self.plans.is_empty()
    }

    /// Whether every point of `self` is in `other`.
    pub fn is_within(self, other: Self) -> bool {
        self.is_empty()
            || (self.territories.is_within(other.territories)
                && self.ages.is_within(other.ages)
                && self.plans.is_within(other.plans))
    }
}

/// The points of `block` that lie in none of `others`, as disjoint blocks.
pub fn minus(block: Block, others: &[Block]) -> Vec<Block> {
    let mut rest = vec![block];
    for other in others {
        rest = rest.into_iter().flat_map(|block| cut_away(block, *other)).collect();
    }
    rest
}

fn cut_away(block: Block, other: Block) -> impl Iterator<Item = Block> {
    let common = block.and(other);
    let parts = if common.is_empty() {
        vec![block]
    } else {
        vec![
            Block { territories: block.territories.minus(common.territories), ..block },
            Block { territories: common.territories, ages: block.ages.minus(common.ages), plans: block.plans },
            Block { territories: common.territories, ages: common.ages, plans: block.plans.minus(common.plans) },
        ]
    };
    parts.into_iter().filter(|part| !part.is_empty())
}

/// Joins disjoint blocks to as few as possible: along territories first, then ages, then plans. The result is disjoint, covers
/// the same points, and does not depend on the order of the input.
pub fn join(mut blocks: Vec<Block>) -> Vec<Block> {
    blocks.retain(|block| !block.is_empty());
    loop {
        let before = blocks.len();
        blocks = join_along(blocks, |b| (b.ages, b.plans), |a, b| a.territories = a.territories.or(b.territories));
        blocks = join_along(blocks, |b| (b.territories, b.plans), |a, b| a.ages = a.ages.or(b.ages));
        blocks = join_along(blocks, |b| (b.territories, b.ages), |a, b| a.plans = a.plans.or(b.plans));
        if blocks.len() == before {
            break;
        }
    }
    blocks.sort_by(|a, b| b.territories.len().cmp(&a.territories.len()).then_with(|| a.cmp(b)));
    blocks
}

fn join_along<K: Ord>(
    mut blocks: Vec<Block>,
    key: impl Fn(&Block) -> K,
    merge: impl Fn(&mut Block, &Block),
) -> Vec<Block> {
    blocks.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.cmp(b)));
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match out.last_mut() {
            Some(last) if key(last) == key(&block) => merge(last, &block),
            _ => out.push(block),
        }
    }
    out
}

/// How many parts [`atoms`] gives, without making them.
pub fn count_atoms(universe: Block, territories: &[TerritorySet], ages: &[AgeSet], plans: &[PlanSet]) -> usize {
    let territories = split(universe.territories, territories, |a, b| (a.and(b), a.minus(b)), TerritorySet::is_empty);
    let ages = split(universe.ages, ages, |a, b| (a.and(b), a.minus(b)), AgeSet::is_empty);
    let plans = split(universe.plans, plans, |a, b| (a.and(b), a.minus(b)), PlanSet::is_empty);
    territories.len().saturating_mul(ages.len()).saturating_mul(plans.len())
}

/// The coarsest partition of a block such that each part lies wholly inside or outside every boundary, on each axis apart.
pub fn atoms(universe: Block, territories: &[TerritorySet], ages: &[AgeSet], plans: &[PlanSet]) -> Vec<Block> {
    let territories = split(universe.territories, territories, |a, b| (a.and(b), a.minus(b)), TerritorySet::is_empty);
    let ages = split(universe.ages, ages, |a, b| (a.and(b), a.minus(b)), AgeSet::is_empty);
    let plans = split(universe.plans, plans, |a, b| (a.and(b), a.minus(b)), PlanSet::is_empty);
    let mut out = Vec::with_capacity(territories.len() * ages.len() * plans.len());
    for territories in &territories {
        for ages in &ages {
            for plans in &plans {
                out.push(Block { territories: *territories, ages: *ages, plans: *plans });
            }
        }
    }
    out
}

fn split<S: Copy + Ord>(whole: S, cuts: &[S], cut: impl Fn(S, S) -> (S, S), is_empty: impl Fn(S) -> bool) -> Vec<S> {
    // most boundaries are drawn elsewhere
    let divides = |boundary: &&S| {
        let (inside, outside) = cut(whole, **boundary);
        !is_empty(inside) && !is_empty(outside)
    };
    let mut cuts: Vec<S> = cuts.iter().filter(divides).copied().collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut parts = vec![whole];
    let mut next = Vec::new();
    for boundary in cuts {
        next.clear();
        for part in &parts {
            let (inside, outside) = cut(*part, boundary);
            next.extend([inside, outside].into_iter().filter(|part| !is_empty(*part)));
        }
        std::mem::swap(&mut parts, &mut next);
    }
    parts.retain(|part| !is_empty(*part));
    parts
}
