//! One purpose through its names.

use std::collections::{BTreeMap, BTreeSet};

use super::Turn;

/// The turns of the purposes that have ever had a name, whatever they were called before and after.
pub fn follow<'t>(turns: &'t [Turn], name: &str) -> Vec<&'t Turn> {
    let mut lines: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    let mut next = 0;
    let mut of_turn = Vec::with_capacity(turns.len());
    for turn in turns {
        let new = (turn.service.as_str(), turn.purpose.as_str());
        let old = (turn.service.as_str(), turn.was_called.as_deref().unwrap_or(&turn.purpose));
        // whoever takes a name later that another has left is another
        let line = lines.remove(&old).unwrap_or_else(|| {
            next += 1;
            next
        });
        lines.insert(new, line);
        if [old.1, new.1].contains(&name) {
            wanted.insert(line);
        }
        of_turn.push(line);
    }
    turns.iter().zip(of_turn).filter(|(_, line)| wanted.contains(line)).map(|(turn, _)| turn).collect()
}
