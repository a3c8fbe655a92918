//! Where a rule speaks: the atoms of its scope that it tells apart, each kind of them asked once.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::day::Active;
use super::judge::{Judgement, judge};
use super::lines::{Key, Lines, OWN};
use super::service::{Classes, Earlier, JudgedService, Judging};
use super::verdict::{Memo, Verdict};
use crate::policy::Rule;
use crate::resolve::{State, StateKind};
use crate::settings::RuleSettings;
use crate::space::TerritorySet;

/// Atoms that are alike to a rule, each group with the waiver under which it stands.
pub(super) type Alike = Vec<(Option<usize>, Vec<usize>)>;

impl<'e, 'w> Judging<'e, 'w> {
    /// The atoms of a scope at which a rule speaks, gathered: where it reads the same facts of a purpose, it says the same. Notes
    /// where it is silent.
    pub(super) fn speaking(
        &self,
        active: &'e Active<'e>,
        purpose: usize,
        scope: &[usize],
        (settings, memo): (&RuleSettings, &Memo),
        judged: &mut JudgedService,
    ) -> Alike {
        let lines = self.keys.lines(&active.cut.needs, purpose);
        let splits = self.splits(active.rule, purpose);
        if let Some(earlier) = &self.earlier {
            return self.alike_then(earlier, active, purpose, (scope, &splits, lines));
        }
        let mut speaks = |atom: usize| {
            match self.verdict(active, (purpose, atom), (settings, memo)) {
                Verdict::Speaks => return true,
                Verdict::Pass => judged.applied(active.rule),
                Verdict::NotApplicable => self.spare(active.rule, (purpose, atom), judged),
            }
            false
        };
        if !splits.is_empty() {
            let key = self.keys.key(purpose, lines);
            let mut alike = self.gathered(scope, &splits, |atom| key.of(atom));
            alike.retain(|(_, atoms)| atoms.first().is_some_and(|first| speaks(*first)));
            return alike;
        }
        if lines == 0 {
            let speaks = scope.first().is_some_and(|first| speaks(*first));
            return if speaks { vec![(None, scope.to_vec())] } else { Vec::new() };
        }
        let classes = self.classes(purpose, lines);
        let mut known: Vec<(u16, bool)> = Vec::new();
        for atom in scope {
            let Some(class) = classes.get(*atom) else { continue };
            if !known.iter().rev().any(|(known, _)| known == class) {
                known.push((*class, speaks(*atom)));
            }
        }
        known.retain(|(_, speaks)| *speaks);
        known.sort_unstable();
        let of = |class: u16| scope.iter().copied().filter(|atom| classes.get(*atom) == Some(&class)).collect();
        known.into_iter().map(|(class, _)| (None, of(class))).collect()
    }

    /// For each atom, to which class it belongs: those of one class have equal keys. In the order of keys.
    fn classes(&self, purpose: usize, lines: Lines) -> Rc<[u16]> {
        // past the purposes is what is the same for all of them
        let known = self.classes.get(if lines & OWN == 0 { self.effective.purposes.len() } else { purpose });
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
        alike.into_iter().map(|((split, _), atoms)| (split, atoms)).collect()
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
        let lines_then = earlier.keys.lines(&active.cut.needs, then);
        let (now, then) = (self.keys.key(purpose, lines), earlier.keys.key(then, lines_then));
        self.gathered(scope, splits, |atom| {
            let mut key = now.of(atom);
            let before = earlier.atoms.get(atom).copied().flatten();
            key.push(u32::from(before.is_some()));
            key.extend(before.map(|atom| then.of(atom)).unwrap_or_default());
            key
        })
    }

    /// Whether a rule speaks at an atom, without why.
    fn verdict(
        &self,
        active: &'e Active<'e>,
        (purpose, atom): (usize, usize),
        (settings, memo): (&RuleSettings, &Memo),
    ) -> Verdict {
        let Some(quick) = &active.cut.quick else { return Verdict::Speaks };
        let verdict = quick.verdict(active.rule, (purpose, atom), self, (settings, memo));
        debug_assert_eq!(
            verdict,
            match judge(active.rule, &self.uncounted(active.rule, purpose, atom), settings) {
                Judgement::Pass => Verdict::Pass,
                Judgement::NotApplicable => Verdict::NotApplicable,
                Judgement::Fail { .. } | Judgement::Undetermined { .. } => Verdict::Speaks,
            },
            "{} says something else of purpose {purpose} at atom {atom} when it is asked in parts",
            active.rule.id
        );
        verdict
    }

    /// Notes a rule that is about a purpose which is not carried out.
    pub(super) fn spare(&self, rule: &Rule, (purpose, atom): (usize, usize), judged: &mut JudgedService) {
        if self.is_absent(purpose, atom) && !judged.spared.contains(&rule.id) {
            judged.spared.insert(rule.id.clone());
        }
    }

    fn is_absent(&self, purpose: usize, atom: usize) -> bool {
        self.effective.state(purpose, atom).is_some_and(|at| at.state == State::Known(StateKind::Absent))
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

/// For each atom, the place of its key among all there are.
fn told_apart(atoms: usize, key: &Key<'_>) -> Vec<u16> {
    if let Some(packed) = (0..atoms).map(|atom| key.packed(atom)).collect::<Option<Vec<u64>>>() {
        let mut all = packed.clone();
        all.sort_unstable();
        all.dedup();
        let place = |key: &u64| all.binary_search(key).ok().and_then(|at| u16::try_from(at).ok()).unwrap_or(u16::MAX);
        return packed.iter().map(place).collect();
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
