//! Some of the rules of a library.

use serde::{Deserialize, Serialize};

use super::library::Library;

/// Rules of one library, each as a bit at its place among [`Library::rules`], 0-based.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RuleSet(Vec<u64>);

impl RuleSet {
    /// Adds the rule at a place.
    pub fn insert(&mut self, place: usize) {
        let word = place / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0.get_mut(word).into_iter().for_each(|word| *word |= 1 << (place % 64));
    }

    /// Adds all rules of another set.
    pub fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// Whether it has the rule at a place.
    pub fn has(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|word| word & 1 << (place % 64) != 0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Their ids, in the order of the library.
    pub fn ids<'l>(&self, library: &'l Library) -> impl Iterator<Item = &'l str> {
        library.rules().enumerate().filter(|(place, _)| self.has(*place)).map(|(_, rule)| rule.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_into_them() {
        let of = |places: &[usize]| {
            let mut set = RuleSet::default();
            places.iter().for_each(|place| set.insert(*place));
            set
        };
        for (one, other, all) in [
            (vec![], vec![], vec![]),
            (vec![0], vec![], vec![0]),
            (vec![], vec![63, 64], vec![63, 64]),
            (vec![1, 1, 200], vec![0, 63], vec![0, 1, 63, 200]),
        ] {
            let mut set = of(&one);
            assert_eq!(
                (set.len(), set.is_empty()),
                (one.iter().collect::<std::collections::BTreeSet<_>>().len(), one.is_empty())
            );
            set.extend(&of(&other));
            assert_eq!((0..300).filter(|place| set.has(*place)).collect::<Vec<_>>(), all, "{one:?} {other:?}");
            assert_eq!(set.len(), all.len());
        }
    }
}
