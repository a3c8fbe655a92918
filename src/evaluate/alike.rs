//! Where a rule speaks: the atoms of its scope that it tells apart, each kind of them asked once.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::day::Active;
use super::facts::CellFacts;
use super::judge::{Judgement, Settled, judge};
use super::lines::{Key, Lines, OWN};
use super::service::{Classes, Earlier, JudgedService, Judging, Kinds};
use super::verdict::{Said, Verdict};
use crate::order::Order;
use crate::policy::Rule;
use crate::resolve::{State, StateAt, StateKind};
use crate::settings::RuleSettings;
use crate::space::TerritorySet;

/// Atoms that are alike to a rule, each group with the waiver under which it stands and with what is settled there.
pub(super) type Alike = Vec<(Option<usize>, Vec<usize>, Settled)>;

impl<'e, 'w> Judging<'e, 'w> {
    /// The atoms of a scope at which a rule speaks, gathered: where it reads the same facts of a purpose, it says the same. Notes
    /// where it is silent.
    pub(super) fn speaking(
        &self,
        active: &'e Active<'e>,
        purpose: usize,
        (scope, shared): (&Rc<[usize]>, Lines),
        settings: &'e RuleSettings,
        judged: &mut JudgedService,
    ) -> Alike {
        if let Some(earlier) = &self.earlier {
            let lines = self.keys.lines(&active.prepared.needs, purpose, shared);
            return self.alike_then(earlier, active, purpose, (scope, &self.splits(active.rule, purpose), lines));
        }
        let Some(first) = scope.first() else { return Vec::new() };
        let is_closed = active.prepared.quick.as_ref().is_some_and(|quick| quick.is_closed(purpose, &self.rows));
        let (verdict, is_everywhere) = match is_closed {
            true => self.checked(active, (purpose, *first), settings, (Verdict::NotApplicable, true)),
            false => self.verdict(active, (purpose, *first), settings),
        };
        if is_everywhere && self.is_silent(verdict, active, (purpose, scope), judged) {
            return Vec::new();
        }
        let lines = self.keys.lines(&active.prepared.needs, purpose, shared);
        let splits = self.splits(active.rule, purpose);
        let mut speaks = |atom: usize| {
            let verdict = if is_everywhere || atom == *first {
                verdict
            } else {
                self.verdict(active, (purpose, atom), settings).0
            };
            match verdict {
                Verdict::Speaks(settled) => Some(settled),
                silent => {
                    self.is_silent(silent, active, (purpose, &[atom]), judged);
                    None
                }
            }
        };
        if !splits.is_empty() {
            let key = self.keys.key(purpose, lines);
            let alike = self.gathered(scope, &splits, |atom| key.of(atom)).into_iter();
            return alike
                .filter_map(|(split, atoms, _)| speaks(*atoms.first()?).map(|it| (split, atoms, it)))
                .collect();
        }
        debug_assert!(
            // all of them would make what is not optimised much slower
            !(purpose + active.prepared.place).is_multiple_of(4)
                || self.are_alike(active, purpose, (scope, lines), settings),
            "{} says something else of people whom it does not tell apart, of purpose {purpose}",
            active.rule.id
        );
        if lines == 0 {
            return speaks(*first).map(|settled| (None, scope.to_vec(), settled)).into_iter().collect();
        }
        let kinds = self.kinds(purpose, lines, scope);
        let speaking: Vec<(u16, Settled)> =
            kinds.iter().filter_map(|(class, first)| Some((*class, speaks(*first)?))).collect();
        if speaking.is_empty() {
            return Vec::new();
        }
        let classes = self.classes(purpose, lines);
        let of = |class: u16| scope.iter().copied().filter(|atom| classes.get(*atom) == Some(&class)).collect();
        speaking.into_iter().map(|(class, settled)| (None, of(class), settled)).collect()
    }

    /// Whether a rule has nothing to report of a purpose, and notes why not.
    fn is_silent(
        &self,
        verdict: Verdict,
        active: &Active<'_>,
        (purpose, atoms): (usize, &[usize]),
        judged: &mut JudgedService,
    ) -> bool {
        match verdict {
            Verdict::Speaks(_) => return false,
            Verdict::Pass => judged.applied.insert(active.prepared.place),
            Verdict::NotApplicable => self.spare(active, (purpose, atoms), judged),
        }
        true
    }

    /// Whether a rule says the same at the first and the last atom of each class in a scope, asked in full.
    fn are_alike(
        &self,
        active: &'e Active<'e>,
        purpose: usize,
        (scope, lines): (&Rc<[usize]>, Lines),
        settings: &RuleSettings,
    ) -> bool {
        let said = |atom: usize| {
            let facts = CellFacts { steps: None, ..self.quiet(active.rule, purpose, atom) };
            match judge(active.rule, &facts, settings, Settled::default()) {
                Judgement::Pass => (0, None),
                Judgement::NotApplicable => (1, None),
                Judgement::Fail { severity, .. } => (2, Some(severity)),
                Judgement::Undetermined { severity, .. } => (3, Some(severity)),
            }
        };
        let classes = (lines != 0).then(|| self.classes(purpose, lines));
        let class = |atom: usize| classes.as_ref().and_then(|classes| classes.get(atom)).copied().unwrap_or_default();
        let mut ends: BTreeMap<u16, (usize, usize)> = BTreeMap::new();
        for atom in scope.iter() {
            ends.entry(class(*atom)).or_insert((*atom, *atom)).1 = *atom;
        }
        ends.into_values().filter(|(first, last)| first != last).all(|(first, last)| said(first) == said(last))
    }

    /// The classes there are in a scope, in order, each with its first atom. Many rules share their scope and their lines.
    fn kinds(&self, purpose: usize, lines: Lines, scope: &Rc<[usize]>) -> Rc<[(u16, usize)]> {
        let known = self.kinds.get(self.place_of(purpose, lines));
        let same = |known: &Kinds| {
            let known = known.borrow();
            let same = known.iter().find(|(by, of, _)| *by == lines && Rc::ptr_eq(of, scope));
            same.map(|(.., kinds)| Rc::clone(kinds))
        };
        if let Some(kinds) = known.and_then(same) {
            return kinds;
        }
        let classes = self.classes(purpose, lines);
        let mut first: Vec<Option<usize>> = Vec::new();
        for atom in scope.iter() {
            let Some(class) = classes.get(*atom).map(|class| usize::from(*class)) else { continue };
            if first.len() <= class {
                first.resize(class + 1, None);
            }
            first.get_mut(class).into_iter().for_each(|first| _ = first.get_or_insert(*atom));
        }
        let kinds: Rc<[(u16, usize)]> = (0..).zip(first).filter_map(|(class, first)| Some((class, first?))).collect();
        known.into_iter().for_each(|known| known.borrow_mut().push((lines, Rc::clone(scope), Rc::clone(&kinds))));
        kinds
    }

    /// Under which purpose classes are kept; past them is what is the same for all.
    fn place_of(&self, purpose: usize, lines: Lines) -> usize {
        if lines & OWN == 0 { self.effective.purposes.len() } else { purpose }
    }

    /// For each atom, to which class it belongs: those of one class have equal keys. In the order of keys.
    fn classes(&self, purpose: usize, lines: Lines) -> Rc<[u16]> {
        let known = self.classes.get(self.place_of(purpose, lines));
        let same =
            |known: &Classes| known.borrow().iter().find(|(by, _)| *by == lines).map(|(_, classes)| Rc::clone(classes));
        if let Some(classes) = known.and_then(same) {
            return classes;
        }
        let classes: Rc<[u16]> = told_apart(self.effective.atoms.len(), &self.keys.key(purpose, lines)).into();
        known.into_iter().for_each(|known| known.borrow_mut().push((lines, Rc::clone(&classes))));
        classes
    }

    /// Atoms with equal keys under one waiver, in the order of waivers and keys.
    fn gathered(&self, scope: &[usize], splits: &[TerritorySet], key: impl Fn(usize) -> Vec<u32>) -> Alike {
        let mut alike: BTreeMap<(Option<usize>, Vec<u32>), Vec<usize>> = BTreeMap::new();
        for atom in scope {
            alike.entry((self.split(splits, *atom), key(*atom))).or_default().push(*atom);
        }
        alike.into_iter().map(|((split, _), atoms)| (split, atoms, Settled::default())).collect()
    }

    /// The same where revisions are compared: what is alike today may have been different before.
    fn alike_then(
        &self,
        earlier: &Earlier<'e, 'w>,
        active: &Active<'_>,
        purpose: usize,
        (scope, splits, lines): (&[usize], &[TerritorySet], Lines),
    ) -> Alike {
        // past the end for a purpose that is new: what is read of the service then counts all the same
        let then = earlier.purposes.get(purpose).copied().flatten().unwrap_or(usize::MAX);
        let lines_then = earlier.keys.lines(&active.prepared.needs, then, earlier.keys.shared(&active.prepared.needs));
        let (now, then) = (self.keys.key(purpose, lines), earlier.keys.key(then, lines_then));
        let before = |atom: usize| earlier.atoms.get(atom).copied().flatten();
        let mut alike = self.gathered(scope, splits, |atom| {
            let mut key = now.of(atom);
            let before = before(atom);
            key.push(u32::from(before.is_some()));
            key.extend(before.map(|atom| then.of(atom)).unwrap_or_default());
            key
        });
        // keys hang on the order in which each side writes its plans, and atoms do not; of whom nothing was known most is missing
        alike.order_by_key(|(split, atoms, _)| (*split, atoms.first().map(|at| (before(*at).is_some(), *at))));
        alike
    }

    /// Whether a rule speaks at an atom, without why; and whether that is what it does at all atoms.
    fn verdict(&self, active: &'e Active<'e>, (purpose, atom): (usize, usize), settings: &'e RuleSettings) -> Said {
        let Some(quick) = &active.prepared.quick else { return (Verdict::Speaks(Settled::default()), false) };
        let said = quick.verdict(active.rule, (purpose, atom), self, settings);
        self.checked(active, (purpose, atom), settings, said)
    }

    /// What a rule says at an atom when it is asked in parts. In debug builds that is held against what it says in full.
    fn checked(
        &self,
        active: &'e Active<'e>,
        (purpose, atom): (usize, usize),
        settings: &'e RuleSettings,
        said: Said,
    ) -> Said {
        let is_so = |atom: usize| {
            let told = |settled| judge(active.rule, &self.uncounted(active.rule, purpose, atom), settings, settled);
            let full = told(Settled::default());
            match said.0 {
                // without steps nothing is found, and nothing of the service counts
                _ if self.steps.are_spent() => true,
                Verdict::Pass => full == Judgement::Pass,
                Verdict::NotApplicable => full == Judgement::NotApplicable,
                Verdict::Speaks(settled) => full.is_reported() && told(settled) == full,
            }
        };
        debug_assert!(
            is_so(atom) && (!said.1 || is_so(0) && is_so(self.effective.atoms.len() - 1)),
            "{} says something else of purpose {purpose} when it is asked in parts, at atom {atom} or elsewhere",
            active.rule.id
        );
        said
    }

    /// Notes that a rule is about a purpose which is not carried out, where that is why it says nothing of somebody.
    pub(super) fn spare(&self, active: &Active<'_>, (purpose, atoms): (usize, &[usize]), judged: &mut JudgedService) {
        let Some(of) = self.effective.purposes.get(purpose) else { return };
        let is_absent = |at: &StateAt| at.state == State::Known(StateKind::Absent);
        if of.states.iter().any(is_absent)
            && atoms.iter().any(|atom| self.effective.state(purpose, *atom).is_some_and(is_absent))
        {
            judged.spared.insert(active.prepared.place);
        }
    }

    /// The places for which findings of a rule about a purpose are waived.
    fn splits(&self, rule: &Rule, purpose: usize) -> Vec<TerritorySet> {
        let purpose = self.effective.purposes.get(purpose).map(|purpose| purpose.resolved.entity.id.as_ref());
        let service = Some(self.effective.service.id.as_ref());
        let waived = self.context.splits.iter().filter(|(waiver, _)| waiver.concerns(&rule.id, service, purpose));
        waived.map(|(_, territories)| *territories).collect()
    }

    /// Which of them an atom lies in. Atoms never lie across: the places are boundaries.
    fn split(&self, splits: &[TerritorySet], atom: usize) -> Option<usize> {
        let block = self.effective.atoms.get(atom)?;
        splits.iter().position(|territories| block.territories.is_within(*territories))
    }
}

/// For each atom, the place of its key among all that there could be, where those are few, or among all there are.
fn told_apart(atoms: usize, key: &Key<'_>) -> Vec<u16> {
    if let Some(places) = key.counted(atoms) {
        return places;
    }
    if let Some(packed) = key.packed(atoms) {
        // neighbours are alike more often than not
        let alike = || packed.chunk_by(|one, next| one == next);
        let mut all: Vec<u64> = alike().filter_map(|alike| alike.first().copied()).collect();
        all.sort_unstable();
        all.dedup();
        let place = |key: &u64| all.binary_search(key).ok().and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX);
        let mut places = Vec::with_capacity(atoms);
        for alike in alike() {
            places.resize(places.len() + alike.len(), alike.first().map_or(u16::MAX, place));
        }
        return places;
    }
    let mut keys: Vec<(Vec<u32>, u16)> = Vec::new();
    let mut classes = Vec::with_capacity(atoms);
    for atom in 0..atoms {
        // neighbours are alike more often than not
        let known = keys.iter().rev().find(|(numbers, _)| key.is(atom, numbers)).map(|(_, class)| *class);
        classes.push(known.unwrap_or_else(|| {
            let class = u16::try_from(keys.len()).unwrap_or(u16::MAX);
            keys.push((key.of(atom), class));
            class
        }));
    }
    keys.sort_unstable();
    let mut places = vec![0_u16; keys.len()];
    for (place, (_, class)) in (0..).zip(&keys) {
        places.get_mut(usize::from(*class)).into_iter().for_each(|at| *at = place);
    }
    classes.into_iter().map(|class| places.get(usize::from(class)).copied().unwrap_or(class)).collect()
}
