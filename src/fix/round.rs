//! One round of repairs: of fixes that do not overlap, the good ones are kept.
//!
//! Every trial judges the whole workspace, so there are to be few. What is good is mostly good together, and what is not mostly
//! makes something worse in its own file: the fixes of such files are halved, in all of them at once, and the others are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::better::{Standing, Worse};
use super::{Candidate, apply, by_file};
use crate::diagnostic::Safety;
use crate::lint::{Report, Setup, lint};
use crate::source::{FileId, SourceMap};

/// A workspace after some fixes.
pub(super) struct Next {
    /// What changed.
    pub(super) texts: BTreeMap<FileId, Arc<str>>,
    pub(super) sources: SourceMap,
    pub(super) report: Report,
}

/// Fixes of one file that are tried together.
#[derive(Clone, Copy)]
struct Lot<'c> {
    file: FileId,
    fixes: &'c [Candidate],
}

/// What comes of the fixes of one text.
pub(super) struct Round<'c> {
    sources: &'c SourceMap,
    files: &'c [FileId],
    setup: &'c Setup<'c>,
    /// How often the workspace may still be judged.
    pub(super) runs_left: usize,
    /// What counts with what was kept.
    standing: Standing,
    pub(super) kept: Vec<&'c Candidate>,
    /// What was taken back, with why.
    pub(super) refused: Vec<(&'c Candidate, String)>,
    /// The workspace with what was kept.
    pub(super) next: Option<Next>,
}

impl<'c> Round<'c> {
    pub(super) fn new(
        (sources, report): (&'c SourceMap, &Report),
        (files, setup): (&'c [FileId], &'c Setup<'c>),
        runs_left: usize,
    ) -> Self {
        let standing = Standing::of(report);
        Self { sources, files, setup, runs_left, standing, kept: Vec::new(), refused: Vec::new(), next: None }
    }

    /// Tries fixes, which are in the order of their files, as often as the workspace may be judged.
    pub(super) fn run(&mut self, chosen: &'c [Candidate]) {
        let lots = chosen.chunk_by(|a, b| a.place.file == b.place.file);
        let lot = |fixes: &'c [Candidate]| Some(Lot { file: fixes.first()?.place.file, fixes });
        self.settle(lots.filter_map(lot).collect());
    }

    fn settle(&mut self, lots: Vec<Lot<'c>>) {
        if lots.is_empty() || self.runs_left == 0 {
            return;
        }
        if let Err(worse) = self.keep(&lots) {
            let (now, later) = self.part(lots, &worse);
            self.settle(now);
            self.settle(later);
        }
    }

    /// Parts lots that are no good together into those that are tried now and those that are tried later: now what is in no
    /// doubt, with one half of each lot that is. Where none is free of doubt, one that cannot be halved is taken back. Where it is
    /// no matter of their files, half of the lots are tried now, until one is left.
    fn part(&mut self, mut lots: Vec<Lot<'c>>, worse: &Worse) -> (Vec<Lot<'c>>, Vec<Lot<'c>>) {
        let in_doubt = lots.iter().filter(|lot| worse.in_file(lot.file).is_some()).count();
        if (in_doubt == 0 || worse.is_anywhere) && lots.len() > 1 {
            let later = lots.split_off(lots.len() / 2);
            return (lots, later);
        }
        let all_are = in_doubt == lots.len() || lots.len() == 1;
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for lot in lots {
            match (lot.fixes, worse.in_file(lot.file)) {
                (_, None) if !all_are => now.push(lot),
                ([only], reason) if all_are => {
                    let reason = reason.or(worse.first()).unwrap_or_default();
                    self.refused.push((only, reason.to_owned()));
                }
                ([_], _) => later.push(lot),
                (several, _) => {
                    let (first, second) = several.split_at(several.len() / 2);
                    now.push(Lot { fixes: first, ..lot });
                    later.push(Lot { fixes: second, ..lot });
                }
            }
        }
        (now, later)
    }

    /// Keeps lots beside what was kept, where nothing gets worse by them.
    fn keep(&mut self, lots: &[Lot<'c>]) -> Result<(), Worse> {
        let tried = || lots.iter().flat_map(|lot| lot.fixes);
        let mut texts: BTreeMap<FileId, Arc<str>> = BTreeMap::new();
        for (file, edits) in
            by_file(self.kept.iter().copied().chain(tried()).flat_map(|candidate| &candidate.fix.edits))
        {
            let text = self.sources.get(file).map(|source| source.text().shared()).unwrap_or_default();
            let changed = apply(&text, edits).ok_or_else(|| Worse::at(file, "its edits do not fit the text"))?;
            texts.insert(file, changed.into());
        }
        let sources = self.sources.with_texts(&texts);
        self.runs_left -= 1;
        let report = lint(&sources, self.files, self.setup);
        let standing = Standing::of(&report);
        let targets: Vec<_> = tried().map(|candidate| (&candidate.target, candidate.place.file)).collect();
        let form = tried().all(|candidate| candidate.fix.safety == Safety::Safe);
        let worse = standing.worse_than(&self.standing, &targets, form);
        if worse.first().is_some() {
            return Err(worse);
        }
        self.kept.extend(tried());
        self.standing = standing;
        self.next = Some(Next { texts, sources, report });
        Ok(())
    }
}
