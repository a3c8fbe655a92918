//! How far the conditions of rules are followed for a service. One condition has a bound of its own; a thousand purposes under a
//! pack that is made to hurt have a thousand of them.

use std::cell::{Cell, RefCell};

/// What the conditions of a service have asked for so far. It does not depend on what was known from other services: an answer that
/// is taken from there counts as much as it took to find.
#[derive(Debug)]
pub(super) struct Steps {
    most: u64,
    taken: Cell<u64>,
    /// By the numbers of rules, with what these are called.
    of_rules: RefCell<Vec<(Box<str>, u64)>>,
}

impl Steps {
    /// For a service, on all days together.
    pub(super) fn new(most: usize) -> Self {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        Self { most, taken: Cell::default(), of_rules: RefCell::default() }
    }

    pub(super) fn take(&self, steps: u64) {
        self.taken.set(self.taken.get().saturating_add(steps));
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken.get()
    }

    /// Whether there are none left: what is found from then on is worth nothing.
    pub(super) fn are_spent(&self) -> bool {
        self.taken.get() > self.most
    }

    /// Notes for which rule, by its number on a day, all was taken since there were `before`.
    pub(super) fn book(&self, (number, rule): (usize, &str), before: u64) {
        let steps = self.taken().saturating_sub(before);
        let mut of_rules = self.of_rules.borrow_mut();
        if of_rules.len() <= number {
            of_rules.resize_with(number + 1, Default::default);
        }
        if let Some((id, all)) = of_rules.get_mut(number) {
            if id.is_empty() {
                *id = rule.into();
            }
            *all = all.saturating_add(steps);
        }
    }

    /// Why the service is not judged, and what would help; `None` where there are steps left.
    pub(super) fn too_much(&self) -> Option<(String, String)> {
        let of_rules = self.of_rules.borrow();
        let most = of_rules.iter().max_by_key(|(_, steps)| *steps).filter(|_| self.are_spent());
        most.map(|(rule, _)| {
            let reason =
                format!("the conditions of its rules take more than {} steps, and those of `{rule}` most", self.most);
            let help = format!(
                "write the conditions of `{rule}` without lists in lists, split the service, or raise `limits.steps` in purposelint.yaml"
            );
            (reason, help)
        })
    }
}
