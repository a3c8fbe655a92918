//! What many findings say, held once: whom they concern, what their labels remark, what to do. Most of it is the same for all
//! findings of a rule.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::evaluate::Finding;
use crate::hash::ByContent;
use crate::space::Cell;

/// What was said so far; nothing where few findings are made at a time, and soon.
pub(super) struct Repeated(Option<Mutex<Said>>);

#[derive(Default)]
struct Said {
    texts: HashSet<Arc<str>, ByContent>,
    cells: HashSet<Arc<[Cell]>, ByContent>,
}

impl Repeated {
    /// `shares` says whether it is worth the time.
    pub(super) fn new(shares: bool) -> Self {
        Self(shares.then(Mutex::default))
    }

    /// Lets findings that nobody else holds share with others what they say alike.
    pub(super) fn share(&self, findings: &mut [Arc<Finding>]) {
        let Some(said) = &self.0 else { return };
        let Said { texts, cells } = &mut *said.lock().unwrap_or_else(PoisonError::into_inner);
        for finding in findings.iter_mut().filter_map(Arc::get_mut) {
            one(&mut finding.cells, cells);
            let labels = finding.labels.iter_mut().chain([&mut finding.primary]).map(|label| &mut label.text);
            labels.chain(&mut finding.help).for_each(|text| one(text, texts));
            finding.message.shrink_to_fit();
            finding.labels.shrink_to_fit();
        }
    }
}

/// Puts what is known in the place of what is equal to it.
fn one<T: Hash + Eq + Clone>(value: &mut T, known: &mut HashSet<T, ByContent>) {
    match known.get(value) {
        Some(same) => value.clone_from(same),
        None => drop(known.insert(value.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{lint, tested};
    use crate::source::SourceMap;

    const SERVICE: &str = "version: 1\nregions: [DE]\npurposes:\n  p: {use: train_ai_system, data: [{category: user.content}], setting: {default: on}}\n";

    #[test]
    fn findings_of_two_services_share_what_is_the_same() {
        let library = tested::library(&["core", "fair-defaults"]);
        let mut sources = SourceMap::new();
        let files = ["a", "b"].map(|id| sources.add(format!("{id}.yaml"), format!("service: {id}\n{SERVICE}")));
        let report = lint(&sources, &files, &tested::setup(&library));
        let of = |id: &str| {
            let own: Vec<_> = report.found().filter(|finding| finding.service.as_deref() == Some(id)).collect();
            assert!(
                own.iter().any(|finding| finding.help.is_some()) && own.iter().any(|finding| !finding.cells.is_empty())
            );
            own
        };
        for (a, b) in of("a").into_iter().zip(of("b")) {
            assert_eq!((&a.rule, &a.message), (&b.rule, &b.message));
            assert!(Arc::ptr_eq(&a.cells, &b.cells) || a.cells.is_empty(), "{a:?}");
            assert!(Arc::ptr_eq(&a.primary.text, &b.primary.text), "{a:?}");
            assert_eq!(a.help.as_ref().map(Arc::as_ptr), b.help.as_ref().map(Arc::as_ptr), "{a:?}");
        }
    }
}
