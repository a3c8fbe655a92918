//! Where the results of parts of rules are kept: for each set of columns that parts read together, a row of a memo for each content.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::columns::{Columns, Number};
use super::memo::{Found, Memo};
use crate::policy::condition::Truth;
use crate::space::Date;

/// The sets of columns that the parts of all rules read.
#[derive(Debug, Default)]
pub(super) struct Sets {
    pub(super) columns: Columns,
    all: Vec<Set>,
    /// Those that the day counts for.
    of_day: Vec<u32>,
    /// The last set of some columns, by whether the day counts.
    last: BTreeMap<(Vec<u16>, bool), u32>,
    /// How many parts there are in all sets.
    parts: u32,
}

/// Columns that parts read together.
#[derive(Debug)]
struct Set {
    columns: Vec<u16>,
    /// Whether the same numbers may come to something else on another day.
    is_of_day: bool,
    /// Whether what a config says of a rule is among the numbers.
    is_of_rule: bool,
    /// How many parts there are.
    width: u16,
}

/// Where the result of a part is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    set: u32,
    at: u16,
    /// Among all parts of all sets.
    part: u32,
}

/// Parts in a set at most: to find one among them takes time, and rows take memory.
const WIDEST: u16 = 64;

impl Sets {
    /// The set of these columns that has room for a part.
    pub(super) fn of(&mut self, columns: Vec<u16>, is_of_day: bool) -> u32 {
        let known = self.last.get(&(columns.clone(), is_of_day)).copied();
        if let Some(known) = known.filter(|at| self.set(*at).is_some_and(|set| set.width < WIDEST)) {
            return known;
        }
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.last.insert((columns.clone(), is_of_day), next);
        let is_of_rule = columns.iter().any(|column| self.columns.is_of_rule(*column));
        if is_of_day {
            self.of_day.push(next);
        }
        self.all.push(Set { columns, is_of_day, is_of_rule, width: 0 });
        next
    }

    /// A place for one more part of a set.
    pub(super) fn add(&mut self, set: u32) -> Place {
        let found = self.all.get_mut(set as usize);
        let at = found.map_or(0, |found| {
            found.width += 1;
            found.width - 1
        });
        self.parts += 1;
        Place { set, at, part: self.parts - 1 }
    }

    fn set(&self, at: u32) -> Option<&Set> {
        self.all.get(at as usize)
    }
}

/// The rows of one service on a day.
pub(super) struct Rows<'e> {
    sets: &'e Sets,
    /// The day, as a number that no other has.
    day: u32,
    memo: RefCell<Memo>,
    asked: RefCell<Asked>,
    /// By purpose and part, what was found that is the same at all atoms.
    constant: Vec<Cell<Option<Truth>>>,
}

/// Which rows purposes have, as far as somebody has asked.
#[derive(Default)]
struct Asked {
    /// By purpose and set: 0 for nothing, a row and 1 where it is the same at all atoms, else the place of a list, with [`LISTED`].
    all: Vec<u32>,
    /// Atoms with their rows, in the order of atoms.
    lists: Vec<Vec<(usize, u32)>>,
    /// How many stand in all lists.
    listed: usize,
}

const LISTED: u32 = 1 << 31;

/// Purposes times sets at most, or times parts; where there are more, each is looked for each time. The packs that come with the program
/// have 78 sets.
const MOST_ASKED: usize = 1 << 24;

/// Rows in lists at most, likewise.
const MOST_LISTED: usize = 1 << 22;

impl Asked {
    /// A row, and whether it is the same at all atoms.
    fn known(&self, of: usize, atom: usize) -> Option<(u32, bool)> {
        let known = *self.all.get(of)?;
        if known & LISTED == 0 {
            return Some((known.checked_sub(1)?, true));
        }
        let list = self.lists.get((known & !LISTED) as usize)?;
        let at = list.binary_search_by_key(&atom, |(atom, _)| *atom).ok()?;
        list.get(at).map(|(_, row)| (*row, false))
    }

    fn add(&mut self, of: usize, atom: usize, row: u32) {
        let Self { all, lists, listed } = self;
        let Some(known) = all.get_mut(of).filter(|_| *listed < MOST_LISTED) else { return };
        if *known == 0 {
            *known = u32::try_from(lists.len()).unwrap_or_default() | LISTED;
            lists.push(Vec::new());
        }
        if let Some(list) = lists.get_mut((*known & !LISTED) as usize) {
            let at = list.partition_point(|(known, _)| *known < atom);
            list.insert(at, (atom, row));
            *listed += 1;
        }
    }
}

impl<'e> Rows<'e> {
    pub(super) fn new(sets: &'e Sets, date: Date, purposes: usize, memo: Memo) -> Self {
        let all = purposes.saturating_mul(sets.all.len());
        let asked = Asked { all: vec![0; if all > MOST_ASKED { 0 } else { all }], ..Asked::default() };
        let parts = purposes.saturating_mul(sets.parts as usize);
        let constant = vec![Cell::new(None); if parts > MOST_ASKED { 0 } else { parts }];
        Self { sets, day: number_of(date), memo: RefCell::new(memo), asked: RefCell::new(asked), constant }
    }

    /// Goes to another day on which the same holds: rows that the day decides are others.
    pub(super) fn turn(&mut self, date: Date) {
        self.day = number_of(date);
        self.constant.fill(Cell::new(None));
        let Asked { all, lists, listed } = self.asked.get_mut();
        for of_purpose in all.chunks_mut(self.sets.all.len().max(1)) {
            for at in &self.sets.of_day {
                let Some(of) = of_purpose.get_mut(*at as usize) else { continue };
                match lists.get_mut((*of & !LISTED) as usize).filter(|_| *of & LISTED != 0) {
                    Some(list) => {
                        *listed -= list.len();
                        list.clear();
                    }
                    None => *of = 0,
                }
            }
        }
    }

    /// What a part comes to for a purpose at all atoms, where that was found.
    pub(super) fn constant(&self, place: Place, purpose: usize) -> Option<Truth> {
        self.constant.get(self.place_of(place, purpose)).and_then(Cell::get)
    }

    /// Keeps what a part comes to for a purpose at all atoms.
    pub(super) fn hold(&self, place: Place, purpose: usize, truth: Truth) {
        self.constant.get(self.place_of(place, purpose)).into_iter().for_each(|constant| constant.set(Some(truth)));
    }

    fn place_of(&self, place: Place, purpose: usize) -> usize {
        purpose * self.sets.parts as usize + place.part as usize
    }

    /// The entry of a part for a purpose at an atom, `None` where something has no number or there is no room; and whether what is read
    /// is the same at all atoms. `number` gives the numbers of columns, with the same of these.
    pub(super) fn entry(
        &self,
        place: Place,
        (purpose, atom): (usize, usize),
        number: impl Fn(u16) -> Option<(Number, bool)>,
    ) -> (Option<usize>, bool) {
        let of = purpose * self.sets.all.len() + place.set as usize;
        let known = self.asked.borrow().known(of, atom);
        let (row, is_same) = match known {
            Some((row, is_same)) => (Some(row), is_same),
            None => self.ask(place.set, of, atom, number),
        };
        (row.map(|row| row as usize + usize::from(place.at)), is_same)
    }

    /// The entry of a part that is asked of each element of a list, for the element of a number; `None` where something else that it
    /// reads has no number, or there is no room.
    pub(super) fn element(
        &self,
        place: Place,
        element: Number,
        number: impl Fn(u16) -> Option<(Number, bool)>,
    ) -> Option<usize> {
        let set = self.sets.set(place.set)?;
        let of = |column| if self.sets.columns.is_element(column) { Some((element, false)) } else { number(column) };
        let (content, _) = self.content(place.set, set, of)?;
        let row = self.memo.borrow_mut().row(content, usize::from(set.width))?;
        Some(row as usize + usize::from(place.at))
    }

    fn ask(
        &self,
        at: u32,
        of: usize,
        atom: usize,
        number: impl Fn(u16) -> Option<(Number, bool)>,
    ) -> (Option<u32>, bool) {
        let Some(set) = self.sets.set(at) else { return (None, false) };
        let Some((content, is_same)) = self.content(at, set, number) else { return (None, false) };
        let Some(row) = self.memo.borrow_mut().row(content, usize::from(set.width)) else { return (None, is_same) };
        let asked = &mut *self.asked.borrow_mut();
        if is_same {
            asked.all.get_mut(of).into_iter().for_each(|known| *known = row + 1);
        } else if !set.is_of_rule {
            asked.add(of, atom, row);
        }
        (Some(row), is_same)
    }

    /// All numbers of a set in one, and whether they are the same at all atoms.
    fn content(&self, at: u32, set: &Set, number: impl Fn(u16) -> Option<(Number, bool)>) -> Option<(Number, bool)> {
        let day = if set.is_of_day { Number::from(self.day) << 64 } else { 0 };
        let mut content = mixed(day | Number::from(at), FIRST);
        let mut place = FIRST;
        let mut is_everywhere = true;
        for column in &set.columns {
            place = place.wrapping_mul(NEXT);
            let (number, is_same) = number(*column)?;
            content ^= mixed(number, place);
            is_everywhere &= is_same;
        }
        Some((content, is_everywhere))
    }

    /// What is kept in an entry.
    pub(super) fn get(&self, entry: usize) -> Option<Found> {
        self.memo.borrow().get(entry)
    }

    /// Keeps something in an entry.
    pub(super) fn put(&self, entry: usize, found: Found) {
        self.memo.borrow_mut().put(entry, found);
    }

    /// What was found, for other services.
    pub(super) fn into_memo(self) -> Memo {
        self.memo.into_inner()
    }
}

/// A day as a number that no other has.
fn number_of(date: Date) -> u32 {
    u32::try_from(Date::MILLENNIUM.days_until(date).rem_euclid(1 << 32)).unwrap_or_default()
}

/// Odd numbers without pattern: the fractions of the square roots of 2 and 3.
const FIRST: Number = 0x6a09_e667_f3bc_c908_b2fb_1366_ea95_7d3f;
const NEXT: Number = 0xbb67_ae85_84ca_a73b_2574_2d74_07d7_6d8f;

/// A number at its place in a key, spread over all bits.
fn mixed(number: Number, place: Number) -> Number {
    let spread = (number ^ place).wrapping_mul(NEXT);
    (spread ^ (spread >> 64)).wrapping_mul(place | 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::memo::Memos;

    const DAY: Date = Date::MILLENNIUM;

    #[test]
    fn a_set_that_is_full_is_followed_by_another() {
        let mut sets = Sets::default();
        let first = sets.of(vec![1, 2], false);
        for at in 0..WIDEST {
            assert_eq!(sets.of(vec![1, 2], false), first);
            assert_eq!(sets.add(first).at, at);
        }
        let others = [sets.of(vec![1, 2], false), sets.of(vec![1, 2], true), sets.of(vec![1], false)];
        assert_eq!(others, [first + 1, first + 2, first + 3]);
    }

    #[test]
    fn on_another_day_rows_that_it_decides_are_looked_for_again() {
        let mut sets = Sets::default();
        let mut of = |columns: &[u16], is_of_day| {
            let set = sets.of(columns.to_vec(), is_of_day);
            sets.add(set)
        };
        let (plain, daily, listed) = (of(&[1], false), of(&[1], true), of(&[2], true));
        let mut rows = Rows::new(&sets, DAY, 2, Memos::default().take());
        let number = |column: u16| Some((7, column == 1));
        let entries =
            |rows: &Rows<'_>| [plain, daily, listed].map(|place| rows.entry(place, (1, 3), number).0.unwrap());
        let first = entries(&rows);
        assert_eq!([plain, daily, listed].map(|place| rows.entry(place, (1, 3), |_| None).0), first.map(Some));
        rows.turn(DAY.plus(1));
        let known = [plain, daily, listed].map(|place| rows.entry(place, (1, 3), |_| None).0);
        assert_eq!(known, [Some(first[0]), None, None]);
        let next = entries(&rows);
        assert!(next[0] == first[0] && next[1] != first[1] && next[2] != first[2]);
        rows.turn(DAY);
        assert_eq!((entries(&rows), rows.asked.borrow().listed), (first, 1));
    }

    #[test]
    fn what_is_the_same_at_all_atoms_is_held_by_purpose_and_part_for_a_day() {
        let mut sets = Sets::default();
        let [one, other] = [[1], [2]].map(|columns| {
            let set = sets.of(columns.to_vec(), false);
            sets.add(set)
        });
        let mut rows = Rows::new(&sets, DAY, 2, Memos::default().take());
        rows.hold(one, 1, Truth::False);
        rows.hold(other, 0, Truth::Inapplicable);
        let held = |rows: &Rows<'_>| [0, 1, 2].map(|purpose| [one, other].map(|part| rows.constant(part, purpose)));
        assert_eq!(held(&rows), [[None, Some(Truth::Inapplicable)], [Some(Truth::False), None], [None, None]]);
        rows.turn(DAY.plus(1));
        assert_eq!(held(&rows), [[None, None]; 3]);
    }

    #[test]
    fn what_has_the_same_numbers_has_the_same_row() {
        let mut sets = Sets::default();
        let of = |sets: &mut Sets, columns: &[u16], is_of_day| {
            let set = sets.of(columns.to_vec(), is_of_day);
            sets.add(set)
        };
        let (plain, daily, other) =
            (of(&mut sets, &[1, 2], false), of(&mut sets, &[1, 2], true), of(&mut sets, &[3], false));
        let second = of(&mut sets, &[1, 2], false);
        let mut memo = Memos::default().take();
        let mut entries = Vec::new();
        for date in [DAY, DAY.plus(1)] {
            let rows = Rows::new(&sets, date, 2, memo);
            // the first column is the same everywhere; the second tells apart whether an atom is even
            let number = |atom: usize| {
                move |column: u16| {
                    Some(if column == 2 { (Number::from(atom.is_multiple_of(2)), false) } else { (9, true) })
                }
            };
            for (purpose, atom) in [(0, 2), (0, 1), (0, 0), (1, 3)] {
                let entry = |place| rows.entry(place, (purpose, atom), number(atom)).0.unwrap();
                assert_eq!(entry(second), entry(plain) + 1);
                assert_eq!(entry(plain), rows.entry(plain, (purpose, atom), |_| None).0.unwrap(), "asked once");
                entries.push([entry(plain), entry(daily), entry(other)]);
            }
            let same = rows.entry(other, (1, 7), |_| None);
            assert_eq!((same, same.1), (rows.entry(other, (0, 0), |_| None), true), "the same at all atoms");
            assert_eq!(rows.entry(plain, (1, 7), |_| None), (None, false));
            memo = rows.into_memo();
        }
        let [even, odd, zero, three, ..] = entries[..] else { panic!("{entries:?}") };
        assert_eq!((even, odd), (zero, three));
        assert!(even[0] != odd[0] && even[1] != odd[1] && even[2] == odd[2] && even[0] != even[1]);
        let next_day = entries[4];
        assert!(even[0] == next_day[0] && even[1] != next_day[1] && even[2] == next_day[2]);
    }
}
