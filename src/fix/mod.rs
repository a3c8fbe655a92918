//! Repairs: edits that do not overlap, applied, judged again, and kept where they made things better. No IO.
//!
//! [`apply`] puts the edits of one fix into a text. [`fix`] works on a workspace to a fixed point: it applies what may be applied
//! without a person looking, judges everything again, and takes back what did not remove its finding or added another.

mod better;
mod edits;
mod round;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use edits::{apply, by_file};

use crate::diagnostic::{Edit, Fix, Safety};
use crate::evaluate::Finding;
use crate::lint::{Report, Setup};
use crate::order::Order;
use crate::source::{FileId, SourceMap, Span};
use better::Target;
use round::{Next, Round};

/// Most times that a workspace is judged again before what is left is left.
const MOST_RUNS: usize = 200;

/// What a run of fixes is asked to do.
pub struct Wanted<'a> {
    /// Whether defaults may be changed where a product file confirms them, besides what changes form only.
    pub authoritative: bool,
    /// Whether a finding counts, so that its fixes are tried.
    pub is_in_focus: &'a dyn Fn(&Finding) -> bool,
    /// Whether a file may be changed.
    pub may_change: &'a dyn Fn(FileId) -> bool,
}

impl Wanted<'_> {
    fn allows(&self, fix: &Fix) -> bool {
        let safe = match fix.safety {
            Safety::Safe => true,
            Safety::Authoritative => self.authoritative,
            Safety::Suggest => false,
        };
        safe && !fix.edits.is_empty() && fix.edits.iter().all(|edit| (self.may_change)(edit.span.file))
    }
}

/// A fix that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The rule of its finding.
    pub rule: String,
    /// What it does.
    pub title: String,
    /// The file it changes first.
    pub file: FileId,
    /// The 1-based line of the finding in the text as it was when the fix was tried.
    pub line: usize,
    /// Why it was taken back; `None` where it was kept.
    pub refused: Option<String>,
}

/// What came out.
#[derive(Debug)]
pub struct Fixed {
    /// The new texts of the files that changed.
    pub texts: BTreeMap<FileId, Arc<str>>,
    /// The fixes that were tried, in the order of trying.
    pub attempts: Vec<Attempt>,
    /// Whether it ended before there was nothing left to try.
    pub unfinished: bool,
    /// How often the workspace was judged for it.
    pub runs: usize,
    /// The sources with the new texts.
    pub sources: SourceMap,
    /// What is left to be found in them.
    pub report: Report,
}

impl Fixed {
    /// Nothing was tried; what is found in the sources as they are.
    pub fn nothing(sources: &SourceMap, report: Report) -> Self {
        let sources = sources.with_texts(&BTreeMap::new());
        Self { texts: BTreeMap::new(), attempts: Vec::new(), unfinished: false, runs: 0, sources, report }
    }

    /// What came out where the sources were fixed once more. What was taken back was tried again.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.attempts.retain(|attempt| attempt.refused.is_none());
        self.attempts.extend(next.attempts);
        self.texts.extend(next.texts);
        let runs = self.runs + next.runs;
        Self { unfinished: next.unfinished, runs, sources: next.sources, report: next.report, ..self }
    }

    /// The fixes that were kept.
    pub fn applied(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.refused.is_none())
    }

    /// The fixes that were taken back.
    pub fn refused(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|attempt| attempt.refused.is_some())
    }
}

/// One way to repair one finding.
#[derive(Clone)]
struct Candidate {
    target: Target,
    fix: Fix,
    rule: String,
    place: Span,
}

impl Candidate {
    fn key(&self) -> Key {
        Key {
            file: self.place.file,
            at: self.place.start as usize,
            rule: self.rule.clone(),
            title: self.fix.title.clone(),
        }
    }
}

/// What tells one fix from others, so that it is not tried again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    file: FileId,
    at: usize,
    rule: String,
    title: String,
}

/// Fixes what may be fixed without a person looking. `report` is what was found in the sources as they are.
pub fn fix(sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, report: Report, wanted: &Wanted<'_>) -> Fixed {
    let mut work =
        Work { files, setup, refused: BTreeSet::new(), changed: false, fixed: Fixed::nothing(sources, report) };
    loop {
        // what is a matter of form first: before that, nobody can read what a default comes to
        let chosen = [Safety::Safe, Safety::Authoritative].map(|safety| work.choose(safety, wanted));
        let Some(chosen) = chosen.into_iter().find(|chosen| !chosen.is_empty()) else {
            if work.retry() {
                continue;
            }
            return work.fixed;
        };
        if work.fixed.runs >= MOST_RUNS {
            work.fixed.unfinished = true;
            return work.fixed;
        }
        work.attempt(&chosen);
    }
}

struct Work<'a> {
    files: &'a [FileId],
    setup: &'a Setup<'a>,
    /// What was taken back, at its place in the text as it is.
    refused: BTreeSet<Key>,
    /// Whether anything was fixed since everything was tried.
    changed: bool,
    fixed: Fixed,
}

/// The same fix behind edits that were made.
fn moved(key: Key, made: &[&Candidate]) -> Key {
    let edits = made.iter().flat_map(|candidate| &candidate.fix.edits);
    let before = |edit: &&Edit| edit.span.file == key.file && edit.span.end as usize <= key.at;
    let (added, removed) = edits
        .filter(before)
        .fold((0, 0), |(added, removed), edit| (added + edit.text.len(), removed + edit.span.len()));
    Key { at: (key.at + added).saturating_sub(removed), ..key }
}

impl Work<'_> {
    /// Lets what was taken back be tried again, where it may do good beside what was fixed since.
    fn retry(&mut self) -> bool {
        let again = self.changed && !self.refused.is_empty() && self.fixed.runs < MOST_RUNS;
        if again {
            self.changed = false;
            self.refused.clear();
            self.fixed.attempts.retain(|attempt| attempt.refused.is_none());
        }
        again
    }

    /// Fixes that do not overlap, by their files: of two that do, that of the most severe finding, then of the first in the report;
    /// of each finding the best one that was not taken back.
    fn choose(&self, safety: Safety, wanted: &Wanted<'_>) -> Vec<Candidate> {
        let open = |finding: &&Finding| finding.is_open() && (wanted.is_in_focus)(finding);
        let mut findings: Vec<&Finding> = self.fixed.report.found().filter(open).collect();
        findings.order_by_key(|finding| std::cmp::Reverse(finding.severity));
        let mut taken: Vec<Edit> = Vec::new();
        let mut chosen = Vec::new();
        for finding in findings {
            let ways = finding.fixes.iter().filter(|fix| fix.safety == safety && wanted.allows(fix));
            let mut ways = ways.map(|fix| self.candidate(finding, fix));
            let Some(way) = ways.find(|way| !self.refused.contains(&way.key())) else { continue };
            // what another fix does already needs no second time, and must not be done twice
            let edits: Vec<&Edit> = way.fix.edits.iter().filter(|edit| !taken.contains(edit)).collect();
            if edits.len() == way.fix.edits.len()
                && edits.iter().all(|edit| !taken.iter().any(|t| edits::meet(t, edit)))
            {
                taken.extend(way.fix.edits.iter().cloned());
                chosen.push(way);
            }
        }
        chosen.order_by_key(|way| way.place.file);
        chosen
    }

    fn candidate(&self, finding: &Finding, fix: &Fix) -> Candidate {
        Candidate {
            target: Target::of(finding),
            fix: fix.clone(),
            rule: finding.rule.clone(),
            place: finding.primary.span,
        }
    }

    /// Keeps what is good of some fixes.
    fn attempt(&mut self, chosen: &[Candidate]) {
        let known = (&self.fixed.sources, &self.fixed.report);
        let mut round = Round::new(known, (self.files, self.setup), MOST_RUNS - self.fixed.runs);
        round.run(chosen);
        let Round { kept, refused, next, runs_left, .. } = round;
        let kept_attempts = kept.iter().map(|candidate| self.describe(candidate, None));
        let attempts = refused.iter().map(|(candidate, why)| self.describe(candidate, Some(why.clone())));
        let attempts: Vec<Attempt> = kept_attempts.chain(attempts).collect();
        self.fixed.attempts.extend(attempts);
        self.fixed.runs = MOST_RUNS - runs_left;
        self.refused.extend(refused.into_iter().map(|(candidate, _)| candidate.key()));
        if let Some(Next { texts, sources, report }) = next {
            self.changed = true;
            self.refused = std::mem::take(&mut self.refused).into_iter().map(|key| moved(key, &kept)).collect();
            self.fixed.texts.extend(texts);
            self.fixed.sources = sources;
            self.fixed.report = report;
        }
    }

    fn describe(&self, candidate: &Candidate, refused: Option<String>) -> Attempt {
        Attempt {
            rule: candidate.rule.clone(),
            title: candidate.fix.title.clone(),
            file: candidate.place.file,
            line: self.fixed.sources.start(candidate.place).line,
            refused,
        }
    }
}
