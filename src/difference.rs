//! What changes from one list of texts to another: compiled once, for patches and for editors.

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

/// Steps from `old` to `new` that cover both from beginning to end, in order; places count from 0.
pub fn steps(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    // the library's own way in compiles six algorithms for each type, of which one runs
    let mut steps = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut steps, old, 0..old.len(), new, 0..new.len());
    steps.into_inner().into_inner().into_ops()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use similar::DiffTag;

    use super::*;

    proptest! {
        #[test]
        fn the_steps_lead_from_one_to_the_other(
            old in prop::collection::vec(0..4_usize, 0..40),
            new in prop::collection::vec(0..4_usize, 0..40),
        ) {
            let texts = |of: &[usize]| of.iter().map(|at| ["a", "b", "", "é"][*at]).collect::<Vec<&str>>();
            let (old, new) = (texts(&old), texts(&new));
            let (mut from, mut to) = (0, 0);
            for step in steps(&old, &new) {
                let (tag, before, after) = step.as_tag_tuple();
                prop_assert_eq!((before.start, after.start), (from, to));
                prop_assert_eq!(tag == DiffTag::Equal, old[before.clone()] == new[after.clone()]);
                (from, to) = (before.end, after.end);
            }
            prop_assert_eq!((from, to), (old.len(), new.len()));
        }
    }
}
