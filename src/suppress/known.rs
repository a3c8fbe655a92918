//! Findings that were known before, by identity and cells: of a baseline, of another revision.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Markable;
use crate::diagnostic::Severity;
use crate::evaluate::{Cell, Finding, Outcome, Subject, Suppressed, SuppressedBy};
use crate::order::Order;
use crate::source::Span;
use crate::space::{AgeSet, Atlas, Block, Date, Folder, PlanSet, join, minus};
use crate::suggest;

/// What makes two findings the same, besides whom they concern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) rule: String,
    pub(super) service: Option<String>,
    pub(super) subject: Subject,
    pub(super) outcome: Outcome,
    /// What is missing, where that is why it is a finding.
    pub(super) missing: Vec<String>,
    /// The message of what the program raises itself: nothing else tells two findings of one such rule apart.
    pub(super) message: Option<String>,
}

impl Identity {
    pub(super) fn of(finding: &Finding) -> Self {
        let is_undetermined = finding.outcome == Outcome::Undetermined;
        let mut missing = if is_undetermined { finding.missing.clone() } else { Vec::new() };
        missing.order();
        Self {
            rule: finding.rule.clone(),
            service: finding.service.clone(),
            subject: finding.subject.clone(),
            outcome: finding.outcome,
            missing,
            message: is_raised(finding).then(|| finding.message.clone()),
        }
    }
}

impl std::fmt::Display for Identity {
    /// `pack/rule for purpose_id`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} for `{}`", self.rule, self.subject.id())
    }
}

/// Whether the program found it by itself: there may be several of a rule for one subject, each about a place of its own.
pub(super) fn is_raised(finding: &Finding) -> bool {
    finding.cells.is_empty() || finding.rule.starts_with("core/")
}

/// All places of a finding, the one that it points at in front.
pub(super) fn places(finding: &Finding) -> Vec<Span> {
    [&finding.primary].into_iter().chain(&finding.labels).map(|label| label.span).collect()
}

/// What a finding is about, as a comment means it: what a rule judges, by its subject; of what the program found by itself there may
/// be several for one subject.
pub fn about(finding: &Finding) -> (&Subject, Vec<Span>) {
    (&finding.subject, if is_raised(finding) { places(finding) } else { Vec::new() })
}

/// Points by plan; findings of a service without plans are under the empty name.
///
/// Plans are compared by name, so a service that gets plans, or loses them, has other points than before.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Points {
    plans: BTreeMap<String, Vec<Block>>,
}

impl Points {
    pub(super) fn of(cells: &[Cell]) -> Self {
        let mut points = Self::default();
        for cell in cells {
            points.add(&cell.plans, cell.block);
        }
        points
    }

    /// Adds the territories and ages of a block for each plan.
    pub(super) fn add(&mut self, plans: &[String], block: Block) {
        let block = Block { plans: PlanSet::first(1), ..block };
        let implicit = [String::new()];
        for plan in if plans.is_empty() { &implicit } else { plans } {
            let known = self.plans.entry(plan.clone()).or_default();
            known.extend(minus(block, known));
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        for (plan, blocks) in &other.plans {
            for block in blocks {
                self.add(std::slice::from_ref(plan), *block);
            }
        }
    }

    /// The points as blocks, each with its plans; none for the implicit one.
    pub(super) fn cells(&self) -> Vec<(Block, Vec<String>)> {
        let mut out: BTreeMap<Block, Vec<String>> = BTreeMap::new();
        for (plan, blocks) in &self.plans {
            for block in join(blocks.clone()) {
                out.entry(block).or_default().extend(Some(plan).filter(|plan| !plan.is_empty()).cloned());
            }
        }
        out.into_iter().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plans.is_empty()
    }

    /// Takes what others have as well. Gives it.
    pub(super) fn take(&mut self, others: &Self) -> Self {
        let taken = self.minus(&self.minus(others));
        *self = self.minus(&taken);
        taken
    }

    /// The points that others do not have.
    pub(super) fn minus(&self, others: &Self) -> Self {
        let mut rest = Self::default();
        for (plan, blocks) in &self.plans {
            let known = others.plans.get(plan).map(Vec::as_slice).unwrap_or_default();
            let left: Vec<Block> = blocks.iter().flat_map(|block| minus(*block, known)).collect();
            if !left.is_empty() {
                rest.plans.insert(plan.clone(), join(left));
            }
        }
        rest
    }

    fn ages(&self) -> AgeSet {
        self.plans.values().flatten().fold(AgeSet::EMPTY, |all, block| all.or(block.ages))
    }

    /// `GB, aged 16-17, on free`; ages and plans only where they are not those of the whole.
    fn text(&self, whole: &Self, folder: &Folder<'_>) -> String {
        let mut words: Vec<String> = Vec::new();
        for (block, plans) in self.cells() {
            let mut text = folder.text(block.territories);
            if block.ages != whole.ages() {
                text.push_str(&format!(", aged {}", block.ages));
            }
            if plans.len() != whole.plans.len() && !plans.is_empty() {
                text.push_str(&format!(", on {}", suggest::join(&plans)));
            }
            words.push(text);
        }
        if words.iter().any(|word| word.contains(',')) { words.join("; ") } else { suggest::join(&words) }
    }
}

/// One finding that was known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) severity: Severity,
    pub(super) points: Points,
}

impl Entry {
    /// Of a finding as it would be if nothing accepted it.
    pub(super) fn of(finding: &Finding) -> Self {
        let severity = finding.suppressed.as_ref().map_or(finding.severity, |suppressed| suppressed.was);
        Self { severity, points: Points::of(&finding.cells) }
    }

    /// Whether it is as severe as another, and for all whom that concerns.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.severity >= other.severity && other.points.minus(&self.points).is_empty()
    }
}

/// Takes the points of a finding from what was known as at least as severe, from the least severe first. Where not all of them are
/// there, takes none and gives those that are not.
fn spend(left: &mut Vec<Entry>, points: &Points, severity: Severity) -> Option<Points> {
    let mut rest = points.clone();
    let mut after: Vec<(usize, Points)> = Vec::new();
    for (at, entry) in left.iter().enumerate().filter(|(_, entry)| entry.severity >= severity) {
        if rest.is_empty() {
            break;
        }
        let mut kept = entry.points.clone();
        rest = rest.minus(&kept.take(&rest));
        after.push((at, kept));
    }
    if !rest.is_empty() {
        return Some(rest);
    }
    for (at, kept) in after {
        left.get_mut(at).into_iter().for_each(|entry| entry.points.clone_from(&kept));
    }
    left.retain(|entry| !entry.points.is_empty());
    None
}

/// Findings that were known before.
#[derive(Debug, Clone, Default)]
pub struct Known {
    entries: BTreeMap<Identity, Vec<Entry>>,
}

impl Known {
    /// The findings of a run, accepted ones included: what was accepted was there.
    pub fn of(findings: &[Arc<Finding>]) -> Self {
        let mut known = Self::default();
        for finding in findings {
            known.add(Identity::of(finding), Entry::of(finding));
        }
        known
    }

    pub(super) fn add(&mut self, identity: Identity, entry: Entry) {
        self.entries.entry(identity).or_default().push(entry);
    }

    /// Marks the findings that were known, for all whom they concern and at least as severe. What has grown stays open, and
    /// says for whom it is new. `locked` tells the rules of which nothing is accepted.
    pub fn accept<F: Markable>(
        &self,
        findings: &mut [F],
        by: SuppressedBy,
        locked: &dyn Fn(&str) -> bool,
        (atlas, day): (&Atlas, Date),
    ) {
        let folder = Folder::new(atlas, atlas.world(), day);
        let mut spent: BTreeMap<Identity, usize> = BTreeMap::new();
        let mut left: BTreeMap<Identity, Vec<Entry>> = BTreeMap::new();
        let mut locks: BTreeMap<String, bool> = BTreeMap::new();
        for held in findings {
            let finding: &Finding = (*held).borrow();
            if !finding.is_open() {
                continue;
            }
            if *locks.entry(finding.rule.clone()).or_insert_with(|| locked(&finding.rule)) {
                continue;
            }
            let identity = Identity::of(finding);
            let Some(entries) = self.entries.get(&identity) else {
                let news = self.answered(&identity);
                if news != finding.news {
                    held.to_mark().news = news;
                }
                continue;
            };
            if let Some(before) = entries.iter().map(|entry| entry.severity).max().filter(|s| *s < finding.severity) {
                let news = format!("it was known as {before}, and is {} now", finding.severity);
                held.to_mark().news = Some(news);
                continue;
            }
            let as_bad = entries.iter().filter(|entry| entry.severity >= finding.severity);
            if finding.cells.is_empty() {
                // as often as it was known, and no more
                let count = as_bad.count();
                let spent = spent.entry(identity).or_default();
                if *spent < count {
                    *spent += 1;
                    mark(held.to_mark(), by);
                }
                continue;
            }
            let all = Points::of(&finding.cells).minus(&Points::default());
            let rest = if identity.message.is_some() {
                // there may be several for the same people: each has to have been known
                let left = left.entry(identity).or_insert_with(|| {
                    let mut left = entries.clone();
                    left.order_by_key(|entry| entry.severity);
                    left
                });
                spend(left, &all, finding.severity).unwrap_or_default()
            } else {
                let mut before = Points::default();
                as_bad.for_each(|entry| before.extend(&entry.points));
                all.minus(&before)
            };
            if rest.is_empty() {
                mark(held.to_mark(), by);
            } else if rest != all {
                let news = format!("new for {}; for others it was known", rest.text(&all, &folder));
                held.to_mark().news = Some(news);
            }
        }
    }
}

impl Known {
    /// Why a finding is new although its rule was known to wait for a fact: now that the fact is declared, it fails.
    fn answered(&self, identity: &Identity) -> Option<String> {
        let of = |known: &Identity| {
            (&known.rule, &known.service, &known.subject) == (&identity.rule, &identity.service, &identity.subject)
        };
        let open = Identity { outcome: Outcome::Undetermined, missing: Vec::new(), message: None, ..identity.clone() };
        // the entries are in order, and a baseline may have more of them than can be gone through for each finding
        let first = self.entries.range(open..).next();
        let is_open = |known: &Identity| of(known) && known.outcome == Outcome::Undetermined;
        let waited = identity.outcome == Outcome::Fail && first.is_some_and(|(known, _)| is_open(known));
        waited.then(|| "it was known as undetermined; what was missing is declared now".to_owned())
    }
}

fn mark(finding: &mut Finding, by: SuppressedBy) {
    finding.suppressed = Some(Box::new(Suppressed {
        by,
        reason: None,
        owner: None,
        approver: None,
        expires: None,
        place: None,
        was: finding.severity,
    }));
}
