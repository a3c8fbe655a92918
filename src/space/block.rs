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

    /// Whether some plans of `self` are in `other`, and some are not.
    pub fn is_divided_by(self, other: Self) -> bool {
        !self.and(other).is_empty() && !self.minus(other).is_empty()
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

/// How many atoms a [`Grid`] has, without making it.
pub fn count_atoms(universe: Block, territories: &[TerritorySet], ages: &[AgeSet], plans: &[PlanSet]) -> usize {
    let (territories, ages, plans) = parts(universe, territories, ages, plans);
    territories.len().saturating_mul(ages.len()).saturating_mul(plans.len())
}

/// The coarsest partition of a block such that each part lies wholly inside or outside every boundary, on each axis apart. Every
/// combination of parts is an atom; no part is empty.
#[derive(Debug)]
pub struct Grid {
    /// Parts of its territories.
    pub territories: Vec<TerritorySet>,
    /// Parts of its ages.
    pub ages: Vec<AgeSet>,
    /// Parts of its plans.
    pub plans: Vec<PlanSet>,
}

impl Grid {
    /// Cuts a block by boundaries.
    pub fn cut(universe: Block, territories: &[TerritorySet], ages: &[AgeSet], plans: &[PlanSet]) -> Self {
        let (territories, ages, plans) = parts(universe, territories, ages, plans);
        Self { territories, ages, plans }
    }

    /// How many atoms there are.
    pub fn count(&self) -> usize {
        self.territories.len() * self.ages.len() * self.plans.len()
    }

    /// All atoms: for each place, for each of its ages, each plan.
    pub fn atoms(&self) -> Vec<Block> {
        let mut out = Vec::with_capacity(self.count());
        for territories in &self.territories {
            for ages in &self.ages {
                for plans in &self.plans {
                    out.push(Block { territories: *territories, ages: *ages, plans: *plans });
                }
            }
        }
        out
    }
}

/// The parts of each axis of a block.
fn parts(
    universe: Block,
    territories: &[TerritorySet],
    ages: &[AgeSet],
    plans: &[PlanSet],
) -> (Vec<TerritorySet>, Vec<AgeSet>, Vec<PlanSet>) {
    let Block { territories: served, ages: reached, plans: offered } = universe;
    (
        split(served, territories, TerritorySet::is_divided_by, |a, b| [a.and(b), a.minus(b)], TerritorySet::is_empty),
        split(reached, ages, AgeSet::is_divided_by, |a, b| [a.and(b), a.minus(b)], AgeSet::is_empty),
        split(offered, plans, PlanSet::is_divided_by, |a, b| [a.and(b), a.minus(b)], PlanSet::is_empty),
    )
}

/// Cuts a whole by boundaries, of which `divides` says whether they go through a part, and `cut` what lies on either side.
fn split<S: Copy + Ord>(
    whole: S,
    cuts: &[S],
    divides: impl Fn(S, S) -> bool,
    cut: impl Fn(S, S) -> [S; 2],
    is_empty: impl Fn(S) -> bool,
) -> Vec<S> {
    // most boundaries are drawn elsewhere
    let mut cuts: Vec<S> = cuts.iter().filter(|boundary| divides(whole, **boundary)).copied().collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut parts = vec![whole];
    let mut next = Vec::new();
    for boundary in cuts {
        next.clear();
        for part in &parts {
            if divides(*part, boundary) {
                next.extend(cut(*part, boundary));
            } else {
                next.push(*part);
            }
        }
        std::mem::swap(&mut parts, &mut next);
    }
    parts.retain(|part| !is_empty(*part));
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::territory::Atlas;
    use super::*;

    type Points = BTreeSet<(usize, u8, usize)>;

    fn atoms(universe: Block, territories: &[TerritorySet], ages: &[AgeSet], plans: &[PlanSet]) -> Vec<Block> {
        Grid::cut(universe, territories, ages, plans).atoms()
    }

    /// Three territories, from the first and the last word of a set.
    const LANDS: [&str; 3] = ["AD", "FR", "ZW"];

    fn lands(bits: usize) -> TerritorySet {
        let one = |code: &str| TerritorySet::of(Atlas::builtin().leaf(code).unwrap());
        chosen(LANDS, bits).fold(TerritorySet::EMPTY, |all, code| all.or(one(code)))
    }

    fn ages(bits: usize) -> AgeSet {
        AgeSet::of(chosen([0, 18], bits))
    }

    fn plans(bits: usize) -> PlanSet {
        chosen([0, 63], bits).fold(PlanSet::EMPTY, |all, plan| all.or(PlanSet::of(plan)))
    }

    fn chosen<T, const N: usize>(from: [T; N], bits: usize) -> impl Iterator<Item = T> {
        from.into_iter().enumerate().filter(move |(at, _)| bits & (1 << at) != 0).map(|(_, item)| item)
    }

    /// The bits of every block of three territories, two ages and two plans, those without points as well.
    fn all_bits() -> impl Iterator<Item = (usize, usize, usize)> {
        (0..8).flat_map(|t| (0..4).flat_map(move |a| (0..4).map(move |p| (t, a, p))))
    }

    fn all_blocks() -> Vec<Block> {
        let parts = all_bits();
        parts.map(|(t, a, p)| Block { territories: lands(t), ages: ages(a), plans: plans(p) }).collect()
    }

    fn points(block: Block) -> Points {
        let has = |at: &usize| lands(1 << at).iter().any(|leaf| block.territories.has(leaf));
        let places = (0..3).filter(has).collect::<Vec<usize>>().into_iter();
        let on = |place: usize| {
            block.ages.iter().flat_map(move |age| block.plans.iter().map(move |plan| (place, age, plan)))
        };
        places.flat_map(on).collect()
    }

    /// The points of disjoint blocks.
    fn points_of(blocks: &[Block]) -> Points {
        let all: Vec<_> = blocks.iter().flat_map(|block| points(*block)).collect();
        let set: Points = all.iter().copied().collect();
        assert_eq!(set.len(), all.len(), "the blocks overlap: {blocks:?}");
        assert!(blocks.iter().all(|block| !block.is_empty()), "a block without points: {blocks:?}");
        set
    }

    #[test]
    fn plans_are_counted_and_numbered() {
        let at = |plans: PlanSet| plans.iter().collect::<Vec<usize>>();
        assert_eq!(at(PlanSet::first(0)), [0], "a service without plans has one that is implicit");
        for count in [1, 2, 63, 64] {
            assert_eq!(at(PlanSet::first(count)), (0..count).collect::<Vec<usize>>());
        }
        assert_eq!(PlanSet::first(65), PlanSet::first(64));
        for index in [0, 1, 62, 63] {
            assert_eq!(at(PlanSet::of(index)), [index]);
        }
        assert!(PlanSet::of(64).is_empty(), "there is no such plan");
    }

    #[test]
    fn blocks_are_sets_of_points() {
        let blocks = all_blocks();
        let points_of_each: Vec<Points> = blocks.iter().map(|block| points(*block)).collect();
        for (a, ours) in blocks.iter().zip(&points_of_each) {
            assert_eq!(a.points(), ours.len());
            assert_eq!(a.is_empty(), ours.is_empty());
            for (b, theirs) in blocks.iter().zip(&points_of_each) {
                assert_eq!(a.is_within(*b), ours.is_subset(theirs), "{a:?} {b:?}");
                assert_eq!(points(a.and(*b)), ours.intersection(theirs).copied().collect(), "{a:?} {b:?}");
                let left = if a.is_empty() { Vec::new() } else { minus(*a, &[*b]) };
                assert_eq!(points_of(&left), ours.difference(theirs).copied().collect(), "{a:?} {b:?}");
            }
        }
        for (a, b) in (0..4).flat_map(|a| (0..4).map(move |b| (a, b))) {
            let divides = a & b != 0 && a & !b != 0;
            assert_eq!(lands(a).is_divided_by(lands(b)), divides, "{a:b} {b:b}");
            assert_eq!(ages(a).is_divided_by(ages(b)), divides, "{a:b} {b:b}");
            assert_eq!(plans(a).is_divided_by(plans(b)), divides, "{a:b} {b:b}");
        }
        let all = plans(3);
        assert_eq!((all.or(plans(1)), plans(1).or(all)), (all, all));
        for (a, b, within) in [(plans(1), plans(2), false), (plans(1), all, true), (all, plans(1), false)] {
            assert_eq!(a.is_within(b), within);
        }
    }

    #[test]
    fn several_blocks_are_taken_away_and_joined_again() {
        let blocks: Vec<Block> = all_blocks().into_iter().filter(|block| !block.is_empty()).collect();
        let whole = Block { territories: lands(7), ages: ages(3), plans: plans(3) };
        for (a, b) in blocks.iter().step_by(3).flat_map(|a| blocks.iter().step_by(4).map(move |b| (*a, *b))) {
            let left = minus(whole, &[a, b]);
            let gone: Points = points(a).union(&points(b)).copied().collect();
            let expected: Points = points(whole).difference(&gone).copied().collect();
            assert_eq!(points_of(&left), expected);
            let joined = join(left.clone());
            assert_eq!(points_of(&joined), expected);
            assert!(joined.len() <= left.len());
            assert!(joined.is_sorted_by_key(|block| std::cmp::Reverse(block.territories.len())));
            let backwards: Vec<Block> = left.into_iter().rev().collect();
            assert_eq!(join(backwards), joined);
        }
        let gone = Block { ages: AgeSet::EMPTY, ..whole };
        assert_eq!(join(vec![gone]), []);
        // each axis alone, then all of them at once
        for parts in [[(1, 3, 3), (6, 3, 3)], [(7, 1, 3), (7, 2, 3)], [(7, 3, 1), (7, 3, 2)]] {
            let parts =
                parts.iter().map(|(t, a, p)| Block { territories: lands(*t), ages: ages(*a), plans: plans(*p) });
            assert_eq!(join(parts.collect()), [whole]);
        }
        let single = atoms(whole, &[lands(1), lands(2)], &[ages(1), ages(2)], &[plans(1)]);
        assert_eq!((single.len(), join(single)), (12, vec![whole]));
    }

    #[test]
    fn atoms_lie_inside_or_outside_of_every_boundary() {
        for universe in [(7, 3, 3), (3, 2, 1), (0, 3, 3)] {
            let universe = Block { territories: lands(universe.0), ages: ages(universe.1), plans: plans(universe.2) };
            for (t, a, p) in all_bits() {
                let (in_lands, in_ages) = ([lands(t), lands(t ^ 3)], [ages(a), ages(a ^ 1)]);
                let cut = atoms(universe, &in_lands, &in_ages, &[plans(p)]);
                assert_eq!(cut.len(), count_atoms(universe, &in_lands, &in_ages, &[plans(p)]));
                assert_eq!(points_of(&cut), points(universe));
                let sorted = |inside: bool, outside: bool| assert!(inside || outside, "{cut:?}");
                for atom in &cut {
                    in_lands
                        .iter()
                        .for_each(|b| sorted(atom.territories.is_within(*b), atom.territories.and(*b).is_empty()));
                    in_ages.iter().for_each(|b| sorted(atom.ages.is_within(*b), atom.ages.and(*b).is_empty()));
                    sorted(atom.plans.is_within(plans(p)), atom.plans.and(plans(p)).is_empty());
                }
                assert!(join(cut).len() <= 1);
            }
        }
        let world = Block { territories: lands(7), ages: ages(3), plans: plans(3) };
        assert_eq!(atoms(world, &[], &[], &[]), [world]);
        assert_eq!(
            atoms(world, &[lands(7)], &[AgeSet::ALL], &[PlanSet::EMPTY]),
            [world],
            "a line around all divides nothing"
        );
    }
}
