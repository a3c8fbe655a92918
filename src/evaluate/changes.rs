//! The step from one revision of a service to the next: what has changed, and what rules about changes say of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ahead::{Ahead, Seen};
use super::context::Context;
use super::day::{Day, Rules};
use super::finding::{Finding, Subject};
use super::later::later_days;
use super::lines::Keys;
use super::service::{Earlier, JudgedService, Judging, Which};
use super::steps::Steps;
use super::workspace::{HELP, Period, too_much, within};
use crate::change::{Change, Direction, Pair, Side, compare, short};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Service;
use crate::resolve::Work;
use crate::source::Span;
use crate::space::{Block, Cell, Date, Describe, PlanSet};

/// How far a comparison looks ahead, in days: a hundred years.
const FAR: i64 = 36_500;

/// What has changed in a service, and the findings about it.
#[derive(Debug, Default)]
pub struct JudgedChanges {
    /// What has changed.
    pub changes: Vec<Change>,
    /// The findings: of rules about changes, and of what is weaker or unclear.
    pub judged: JudgedService,
}

/// Compares a service of two revisions on the day of a run and on every later day on which something changes on either side, and
/// judges the step. What comes later counts in full. Nothing where neither side has it.
pub fn evaluate_changes(
    context: &Context<'_>,
    (before, after): (Side<'_>, Side<'_>),
    id: &str,
    period: Period,
) -> JudgedChanges {
    // nobody compares these two revisions again when the day has come, however far ahead it is
    let period = Period { horizon: period.today.plus(FAR), full_severity: true, ..period };
    // a change is made on the day of the run, under the law of that day
    let of_rules = BTreeSet::new();
    let (ground, waived) = (context.ground(), context.waived());
    let rules = Rules::new(ground);
    let today = Day::new(ground, &rules, &waived, period.today);
    let mut days: BTreeSet<Date> = BTreeSet::from([period.today]);
    let mut plans = BTreeSet::new();
    for side in [before, after] {
        let Some(service) = service(side, id) else { continue };
        days.extend(later_days(context, side.workspace, service, (period, &of_rules)).into_keys());
        plans.extend(&service.plans);
        let work = Work::of(side.workspace, service, side.atlas, period.today, &today.boundaries);
        let many = || format!("both states together have {} plans; the limit is {}", plans.len(), PlanSet::CAPACITY);
        let crowd = (plans.len() > PlanSet::CAPACITY).then(many);
        if let Some(reason) = work.too_much(2 * days.len()).or(crowd) {
            return JudgedChanges { changes: Vec::new(), judged: too_much(context, service, &reason, HELP) };
        }
    }
    let days: Vec<Date> = days.into_iter().collect();
    let changes = compare(before, after, id, &days);
    let mut judged = JudgedService::default();
    if !changes.is_empty() {
        let steps = Steps::new(context.steps);
        let mut ahead = Ahead::new(context, period);
        for date in &days {
            let day = Day::new(ground, &rules, &waived, *date);
            let found = step(context, (before, after), id, (&day, &steps, period.today), &ahead.seen);
            ahead.add(*date, found, &|day, blocks| describe(context, (before, after), id, (day, blocks)));
        }
        judged = ahead.judged();
        if let Some(service) = service(after, id) {
            judged = within(context, service, &steps, judged);
        }
    }
    let place = service(after, id).map(|service| service.place);
    judged.findings.extend(changes.iter().filter_map(|change| raise(context, change, place, id)));
    JudgedChanges { changes, judged }
}

fn service<'w>(side: Side<'w>, id: &str) -> Option<&'w Service> {
    side.workspace.services().iter().find(|service| *service.id == *id)
}

/// What rules about changes say on a day, of a change that is made on the day of the run.
fn step(
    context: &Context<'_>,
    (before, after): (Side<'_>, Side<'_>),
    id: &str,
    (day, steps, today): (&Day<'_>, &Steps, Date),
    seen: &Seen,
) -> JudgedService {
    let Some(pair) = Pair::new(before, after, id, day.date, &day.boundaries) else { return JudgedService::default() };
    // where the service is gone nothing is done to anybody any longer
    let Some(now) = &pair.after else { return JudgedService::default() };
    let earlier = pair.before.as_ref().map(|then| {
        let mut purposes = vec![None; now.purposes.len()];
        for purpose in &pair.purposes {
            if let Some(slot) = purpose.after.and_then(|at| purposes.get_mut(at)) {
                *slot = purpose.before;
            }
        }
        let mut atoms: Vec<Option<usize>> = vec![None; now.atoms.len()];
        for atom in &pair.atoms {
            if let Some(slot) = atom.after.and_then(|at| atoms.get_mut(at)) {
                *slot = atom.before;
            }
        }
        let keys = Keys::new(then, before.atlas, &context.library.tables);
        Earlier { effective: then, atlas: before.atlas, today, purposes, atoms, keys }
    });
    let judging = Judging::new(context, now, earlier, (day, steps));
    let judged = judging.judge(day, Which { touched: None, known: None, of_today: false }, seen);
    judging.finish(day);
    judged
}

/// Blocks of the service after the change as cells.
fn describe(
    context: &Context<'_>,
    (before, after): (Side<'_>, Side<'_>),
    id: &str,
    (day, blocks): (Date, Vec<Block>),
) -> Arc<[Cell]> {
    let pair = Pair::new(before, after, id, day, &crate::resolve::Boundaries::default());
    let Some(now) = pair.as_ref().and_then(|pair| pair.after.as_ref()) else { return Arc::default() };
    Cell::all(blocks, &Describe::new(context.atlas, (now.universe, &now.plans), day), context.atlas)
}

/// A change that is weaker or unclear, as the `core` finding that documents it.
fn raise(context: &Context<'_>, change: &Change, service: Option<Span>, id: &str) -> Option<Finding> {
    let code = match change.direction {
        Direction::Weaker => "weakened",
        Direction::Unclear => "unclear-change",
        Direction::Neutral | Direction::Stronger => return None,
    };
    let place = change.is.or(service).or(change.was)?;
    let mut wrong = Diagnostic::new(code, place, change.sentence());
    if let Some(after) = &change.after {
        wrong = wrong.at(format!("now `{}`", short(after)));
    }
    if let (Some(was), Some(before)) = (change.was.filter(|was| *was != place), &change.before) {
        wrong = wrong.label(was, format!("before: `{}`", short(before)));
    }
    let others = change.also.iter().filter(|also| **also != place);
    wrong = others.fold(wrong, |wrong, also| wrong.label(*also, "and here for others"));
    let wrong = wrong.help(format!(
        "if this is meant, have it approved: a waiver in purposelint.yaml with `change: \"{}\"`",
        change.fingerprint
    ));
    // who can still say no has not lost as much as who was never asked
    let severity = (change.direction == Direction::Weaker && change.waits).then_some(Severity::Warning);
    let subject = match &change.about.entity {
        Some((kind, id)) => Subject::Entity(*kind, id.clone()),
        None => Subject::Service(id.to_owned()),
    };
    let finding = context.raised(wrong, Some(id.to_owned()), subject, severity)?;
    Some(Finding {
        fingerprint: change.fingerprint.clone(),
        counts_from: change.from,
        cells: Arc::clone(&change.cells),
        ..finding
    })
}
