//! Whether a workspace is better than it was: what was to go is gone, and nothing came.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Safety, Severity};
use crate::evaluate::{Finding, Outcome, Subject};
use crate::lint::{Report, Skipped};
use crate::product;
use crate::source::FileId;
use crate::space::{Block, PlanSet, minus};

/// What a fix is to remove: a finding, told by what it is about and not by where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    identity: Identity,
    outcome: Outcome,
    missing: Vec<String>,
    /// The message of what the program raises itself: there may be several of a rule about one thing.
    message: Option<String>,
}

impl Target {
    pub(super) fn of(finding: &Finding) -> Self {
        // a message tells whom a finding concerns, which changes with every repair
        let raised = finding.cells.is_empty() || finding.rule.starts_with("core/");
        Self {
            identity: Identity::of(finding),
            outcome: finding.outcome,
            missing: finding.missing.clone(),
            message: raised.then(|| finding.message.clone()),
        }
    }
}

/// What a finding is about. Of a place in a file that is its file, and the words there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    rule: String,
    service: Option<String>,
    subject: Subject,
}

impl Identity {
    fn of(finding: &Finding) -> Self {
        Self { rule: finding.rule.clone(), service: finding.service.clone(), subject: finding.subject.clone() }
    }
}

/// What tells findings of one rule about one thing from each other.
type Wording = (Outcome, Vec<String>, Option<String>);

/// How often a finding occurs.
#[derive(Debug, Default, Clone, Copy)]
struct Times {
    all: usize,
    /// Without a fix of form.
    unfixable: usize,
}

/// What was said of one thing under one rule.
#[derive(Debug, Default)]
struct Said {
    times: BTreeMap<Wording, Times>,
    /// The files in which it is shown.
    files: BTreeSet<FileId>,
    /// Whom all of them concern, with the severity of the failures and of what could not be told.
    cells: Vec<(Severity, Outcome, Vec<String>, Block)>,
}

/// All that counts in a workspace.
#[derive(Debug, Default)]
pub(super) struct Standing {
    said: BTreeMap<Identity, Said>,
    /// How many services were judged, and what was not.
    scope: (usize, Vec<Skipped>),
}

impl Standing {
    pub(super) fn of(report: &Report) -> Self {
        let scope = (report.checked.services, report.checked.skipped.clone());
        let mut standing = Self { scope, ..Self::default() };
        // whoever accepts a difference from the product accepts no new one
        let counts = |finding: &&Finding| finding.is_open() || finding.rule == product::rule();
        for finding in report.found().filter(counts) {
            let target = Target::of(finding);
            let said = standing.said.entry(target.identity).or_default();
            said.files.insert(finding.primary.span.file);
            let times = said.times.entry((target.outcome, target.missing, target.message)).or_default();
            times.all += 1;
            times.unfixable += usize::from(finding.fixes.iter().all(|fix| fix.safety != Safety::Safe));
            for cell in &*finding.cells {
                let block = Block { plans: PlanSet::first(1), ..cell.block };
                said.cells.push((finding.severity, finding.outcome, cell.plans.clone(), block));
            }
        }
        standing
    }

    /// What is no better than before, where something is. What changes `form` only makes no new facts: of whom nothing was known
    /// because of a slip of the pen, a law may now say something, and a slip within what nobody could read is seen only now.
    pub(super) fn worse_than(&self, before: &Self, targets: &[(&Target, FileId)], form: bool) -> Worse {
        let mut wanted: BTreeMap<&Target, BTreeMap<FileId, usize>> = BTreeMap::new();
        for (target, file) in targets {
            *wanted.entry(target).or_default().entry(*file).or_default() += 1;
        }
        let mut worse = Worse { is_anywhere: self.scope != before.scope, ..Worse::default() };
        for (target, files) in wanted {
            if self.times(target) + files.values().sum::<usize>() > before.times(target) {
                worse.add(files.into_keys(), &format!("{} would still be found", target.identity.rule));
            }
        }
        let nothing = Said::default();
        for (identity, said) in &self.said {
            let before = before.said.get(identity).unwrap_or(&nothing);
            let may_grow = form && (!identity.rule.starts_with("core/") || !before.cells.is_empty());
            if !may_grow && said.has_grown(before, form) {
                worse.add(said.files.iter().copied(), &reason(identity, said));
            }
        }
        worse
    }

    fn times(&self, target: &Target) -> usize {
        let said = self.said.get(&target.identity);
        let key = (target.outcome, target.missing.clone(), target.message.clone());
        said.and_then(|said| said.times.get(&key)).map_or(0, |times| times.all)
    }
}

impl Said {
    /// Whether there is more than before. What could not be told and is settled now is no news, whatever the answer; nor is, for
    /// what changes `form` only, what another such fix can remove.
    fn has_grown(&self, before: &Self, form: bool) -> bool {
        if self.cells.is_empty() {
            return self.times.iter().any(|(wording, now)| {
                let before = before.times.get(wording).copied().unwrap_or_default();
                now.all > before.all && (!form || now.unfixable > before.unfixable)
            });
        }
        // the program raised it for nobody in particular before, so nothing is known of whom
        if before.cells.is_empty() {
            return true;
        }
        self.cells.iter().any(|(severity, outcome, plans, block)| {
            let was = |(severity_before, outcome_before, ..): &&(Severity, Outcome, Vec<String>, Block)| {
                *outcome_before == Outcome::Undetermined || (outcome_before == outcome && severity_before >= severity)
            };
            let one_plan = |plan: Option<&String>| {
                let known = before.cells.iter().filter(was).filter(|(_, _, plans, _)| match plan {
                    Some(plan) => plans.contains(plan),
                    None => plans.is_empty(),
                });
                let known: Vec<Block> = known.map(|(.., block)| *block).collect();
                !minus(*block, &known).is_empty()
            };
            if plans.is_empty() { one_plan(None) } else { plans.iter().any(|plan| one_plan(Some(plan))) }
        })
    }
}

/// What got worse, with the files in which it is shown.
#[derive(Debug, Default)]
pub(super) struct Worse {
    found: Vec<(FileId, String)>,
    /// Whether it may be found in other files than the one of the fix that brings it: with a service more, or with all that is
    /// there to be read, more is looked for everywhere.
    pub(super) is_anywhere: bool,
}

impl Worse {
    pub(super) fn at(file: FileId, reason: &str) -> Self {
        Self { found: vec![(file, reason.to_owned())], is_anywhere: false }
    }

    fn add(&mut self, files: impl IntoIterator<Item = FileId>, reason: &str) {
        self.found.extend(files.into_iter().map(|file| (file, reason.to_owned())));
    }

    /// The first of all.
    pub(super) fn first(&self) -> Option<&str> {
        self.found.first().map(|(_, reason)| reason.as_str())
    }

    /// The first that is shown in a file.
    pub(super) fn in_file(&self, file: FileId) -> Option<&str> {
        self.found.iter().find(|(of, _)| *of == file).map(|(_, reason)| reason.as_str())
    }
}

fn reason(identity: &Identity, said: &Said) -> String {
    if identity.rule == product::rule() {
        return "the product file says otherwise: change it first".to_owned();
    }
    let id = identity.subject.id();
    let doubt = said.times.keys().all(|(outcome, ..)| *outcome == Outcome::Undetermined);
    let verb = if doubt { "could no longer be told" } else { "would be found" };
    format!("{} {verb} for `{id}`", identity.rule)
}
