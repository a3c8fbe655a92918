//! Atoms gathered to what people can take in: groups of territories, rows of people, lines of one reason.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Cell, Column, ELSEWHERE, Group, Line, rank};
use crate::order::Order;
use crate::resolve::State;
use crate::space::{AgeSet, Atlas, Block, Folder, PlanSet, TerritorySet};

/// Most columns of a table.
const COLUMNS: usize = 8;

/// What tells two cells apart at a glance; which line decides does not.
type Look = (State, bool);

fn look(cell: &Cell) -> Look {
    (cell.state, cell.ambiguous)
}

/// For each key, the looks of its atoms in the order of the atoms. Atoms are a product of the axes, so that the looks of two
/// keys can be compared one by one.
fn looks_by<K: Ord>(atoms: &[Block], answers: &[Vec<Cell>], key: impl Fn(&Block) -> K) -> BTreeMap<K, Vec<Look>> {
    let mut looks: BTreeMap<K, Vec<Look>> = BTreeMap::new();
    for purpose in answers {
        for (atom, cell) in atoms.iter().zip(purpose) {
            looks.entry(key(atom)).or_default().push(look(cell));
        }
    }
    looks
}

fn gather<K: Ord + Copy>(looks: BTreeMap<K, Vec<Look>>) -> Vec<Vec<K>> {
    let mut alike: BTreeMap<Vec<Look>, Vec<K>> = BTreeMap::new();
    for (key, looks) in looks {
        alike.entry(looks).or_default().push(key);
    }
    alike.into_values().collect()
}

/// The coarsest partition of the territories such that every purpose has one look for all people of one kind in a part.
pub(super) fn partition(atoms: &[Block], answers: &[Vec<Cell>]) -> Vec<TerritorySet> {
    let parts = gather(looks_by(atoms, answers, |atom| atom.territories));
    parts.into_iter().map(|parts| parts.into_iter().fold(TerritorySet::EMPTY, TerritorySet::or)).collect()
}

/// The people of one purpose, by ages and plans: those in one list are treated alike everywhere.
pub(super) fn people(atoms: &[Block], answers: &[Cell]) -> Vec<Vec<Block>> {
    let everywhere = atoms.iter().fold(TerritorySet::EMPTY, |all, atom| all.or(atom.territories));
    let looks = looks_by(atoms, &[answers.to_vec()], |atom| (atom.ages, atom.plans));
    let block = |(ages, plans): (AgeSet, PlanSet)| Block { territories: everywhere, ages, plans };
    gather(looks).into_iter().map(|alike| alike.into_iter().map(block).collect()).collect()
}

/// Parts with their words, largest first.
pub(super) fn named(parts: Vec<TerritorySet>, folder: &Folder<'_>, atlas: &Atlas) -> Vec<Group> {
    let group = |territories: TerritorySet| Group {
        territories,
        regions: folder.text(territories),
        codes: territories.iter().map(|leaf| atlas.code(leaf).to_owned()).collect(),
    };
    let mut groups: Vec<Group> = parts.into_iter().map(group).collect();
    groups.order_by(|a, b| {
        b.territories
            .len()
            .cmp(&a.territories.len())
            .then_with(|| a.regions.cmp(&b.regions))
            .then_with(|| a.codes.cmp(&b.codes))
    });
    groups
}

/// One column for each group, or for the largest ones, of equally large ones for those with the shortest names, and one more for
/// the others.
pub(super) fn columns(groups: &[Group]) -> Vec<Column> {
    let mut ranked: Vec<(usize, &Group)> = groups.iter().enumerate().collect();
    if groups.len() > COLUMNS {
        let words = |group: &Group| group.regions.split_whitespace().count();
        ranked.order_by_key(|(at, group)| (Reverse(group.territories.len()), words(group), *at));
    }
    let own = if groups.len() > COLUMNS { COLUMNS - 1 } else { groups.len() };
    let mut rest: Vec<usize> = ranked.split_off(own).into_iter().map(|(at, _)| at).collect();
    ranked.order_by_key(|(at, _)| *at);
    rest.sort_unstable();
    let column = |(at, group): (usize, &Group)| Column { name: group.regions.clone(), groups: vec![at] };
    let mut columns: Vec<Column> = ranked.into_iter().map(column).collect();
    if !rest.is_empty() {
        columns.push(Column { name: ELSEWHERE.to_owned(), groups: rest });
    }
    columns
}

/// The cell of a group, from the atoms of a row. All of them look the same; the places of all of them decide.
pub(super) fn merged(territories: TerritorySet, here: &[(Block, &Cell)]) -> Cell {
    let inside = here.iter().filter(|(atom, _)| atom.territories.is_within(territories));
    let mut weights: Vec<(usize, usize)> = Vec::new();
    let mut found: Option<&Cell> = None;
    for (atom, cell) in inside {
        found = found.or(Some(cell));
        for place in &cell.decided {
            match weights.iter_mut().find(|(known, _)| known == place) {
                Some((_, weight)) => *weight += atom.territories.len(),
                None => weights.push((*place, atom.territories.len())),
            }
        }
    }
    // a stable sort: what decides together keeps its order
    weights.order_by_key(|(_, weight)| Reverse(*weight));
    Cell {
        state: found.map_or(State::Unknown, |cell| cell.state),
        ambiguous: found.is_some_and(|cell| cell.ambiguous),
        decided: weights.into_iter().map(|(place, _)| place).collect(),
    }
}

/// The lines of a row: most territories first, where that is even the least protective.
pub(super) fn lines(here: &[(Block, &Cell)], folder: &Folder<'_>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // territories that two atoms of the row share, apart in age or plan, may have two reasons for one look
    let mut by_part: BTreeMap<TerritorySet, Vec<(Block, &Cell)>> = BTreeMap::new();
    for (atom, cell) in here {
        by_part.entry(atom.territories).or_default().push((*atom, cell));
    }
    for (territories, atoms) in by_part {
        let cell = merged(territories, &atoms);
        match lines.iter_mut().find(|line| line.cell == cell) {
            Some(line) => line.territories = line.territories.or(territories),
            None => lines.push(Line { cell, territories, regions: String::new() }),
        }
    }
    for line in &mut lines {
        line.regions = folder.text(line.territories);
    }
    lines.order_by(|a, b| {
        let order = |line: &Line| (Reverse(line.territories.len()), rank(line.cell.state));
        order(a).cmp(&order(b)).then_with(|| a.regions.cmp(&b.regions))
    });
    lines
}
