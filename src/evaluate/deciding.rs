//! Which of the places that decide a finding decide it for whom: asked where it turns out to be new for some of these people only.

use std::collections::BTreeMap;

use super::finding::Finding;
use crate::diagnostic::Label;
use crate::source::Span;
use crate::space::Block;

/// For findings that several places decide, by their number: each place, with those for whom it does.
#[derive(Debug, Default)]
pub(super) struct Deciding(BTreeMap<usize, Vec<(Span, Vec<Block>)>>);

impl Deciding {
    /// Adds the places of a finding.
    pub(super) fn add(&mut self, number: usize, places: Vec<(Span, Vec<Block>)>) {
        if places.len() > 1 {
            self.0.insert(number, places);
        }
    }

    /// Forgets the findings from this number on.
    pub(super) fn cut(&mut self, number: usize) {
        drop(self.0.split_off(&number));
    }

    /// Makes a finding one of the places that decide it for these people: a place that decides for nobody of them only took part.
    pub(super) fn narrow(&self, number: usize, finding: &mut Finding, people: &[Block]) {
        let Some(places) = self.0.get(&number) else { return };
        let meets = |blocks: &[Block]| blocks.iter().any(|block| people.iter().any(|one| !block.and(*one).is_empty()));
        let left: Vec<Span> = places.iter().filter(|(_, blocks)| meets(blocks)).map(|(span, _)| *span).collect();
        if !left.contains(&finding.primary.span)
            && let Some(first) = left.first()
        {
            let shown = finding.labels.iter_mut().find(|label| label.span == *first);
            match shown {
                Some(label) => std::mem::swap(&mut finding.primary, label),
                None => finding.primary = Label::new(*first, ""),
            }
        }
        finding.deciding = left.into_iter().filter(|span| *span != finding.primary.span).collect();
    }
}
