//! Sorting with one compiled sort for all types, to keep the program small.
//!
//! The standard library compiles its sort anew for each type and each comparison: eight kilobytes, seventy times. Here the indices of a
//! list are sorted and its items are then swapped into place, which takes some lists of indices. Code that sorts thousands of items in
//! every run uses the standard library instead.

use std::cmp::Ordering;

/// Puts a list in order; what is equal stays as it stands.
pub trait Order<T> {
    /// By a comparison.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// By a key.
    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }

    /// By itself.
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }
}

impl<T> Order<T> for [T] {
    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let list = &*self;
        let swaps = swaps(list.len(), &mut |a, b| match (list.get(a), list.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        swaps.into_iter().for_each(|(a, b)| self.swap(a, b));
    }
}

/// What is to change places, one pair after the other, for everything to stand where it belongs.
fn swaps(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    if count < 2 {
        return Vec::new();
    }
    let mut sorted: Vec<usize> = (0..count).collect();
    sorted.sort_by(|a, b| compare(*a, *b));
    let mut goes_to = vec![0; count];
    for (place, thing) in sorted.into_iter().enumerate() {
        goes_to.get_mut(thing).into_iter().for_each(|to| *to = place);
    }
    let mut swaps = Vec::new();
    for place in 0..count {
        while let Some(to) = goes_to.get(place).copied().filter(|to| *to != place) {
            swaps.push((place, to));
            goes_to.swap(place, to);
        }
    }
    swaps
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn everything_stands_where_the_standard_library_puts_it(keys in prop::collection::vec(0..9_u8, 0..40)) {
            let list: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            ours.order_by_key(|(key, _)| *key);
            theirs.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(&ours, &theirs);
            ours.order_by(|a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(&ours, &theirs);
            ours.order();
            prop_assert_eq!(ours, list.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>());
        }
    }
}
