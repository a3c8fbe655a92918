//! A service day by day: what is found on a later day and was not known before counts as upcoming.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::context::Context;
use super::day::Day;
use super::finding::{Finding, Outcome, Subject};
use super::known::{Known, Outline};
use super::service::{JudgedService, Judging, Which};
use super::steps::Steps;
use super::workspace::Period;
use crate::diagnostic::Severity;
use crate::model::{EntityId, Service, Workspace};
use crate::policy::Rule;
use crate::resolve::{Effective, reached};
use crate::source::Span;
use crate::space::{Block, Cell, Date, Describe, join, minus};

/// What makes a finding of a later day one that is known already: its rule, its subject, and for what resolution finds by itself
/// the place, because a tie of one property says nothing about another.
type Identity = (String, Subject, Option<Span>);

/// What is known of whom: how it turned out, how bad that is, what is missing where nobody can tell, and for which people.
type Covered = (Outcome, Severity, Vec<String>, Vec<Block>);

/// What was found on the days before.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<Identity, Vec<Covered>>);

impl Seen {
    /// The people of whom something as bad is known; `None` where nothing is. That a rule is broken is worse than that nobody can
    /// tell.
    fn of(
        &self,
        identity: &Identity,
        (outcome, severity, missing): (Outcome, Severity, &[String]),
    ) -> Option<Vec<Block>> {
        let is_as_bad = |(known, at, lacks, _): &&Covered| match (*known, outcome) {
            (Outcome::Fail, Outcome::Undetermined) => true,
            (Outcome::Undetermined, Outcome::Fail) => false,
            // each fact that is missing is asked for by itself
            (Outcome::Undetermined, _) if **lacks != *missing => false,
            // what is a warning today and an error later is news as well
            _ => *at >= severity,
        };
        let mut as_bad = self.0.get(identity)?.iter().filter(is_as_bad).peekable();
        as_bad.peek()?;
        Some(as_bad.flat_map(|(.., blocks)| blocks).copied().collect())
    }

    /// The people of whom something as bad as what a rule says of a subject is known; none where nothing is.
    pub(super) fn known(
        &self,
        (rule, subject): (&Rule, &dyn Fn() -> Subject),
        found: (Outcome, Severity, &[String]),
    ) -> Vec<Block> {
        let known = (!self.0.is_empty()).then(|| self.of(&(rule.id.clone(), subject(), None), found));
        known.flatten().unwrap_or_default()
    }

    fn add(&mut self, identity: Identity, covered: Covered) {
        self.0.entry(identity).or_default().push(covered);
    }
}

/// What is found of a service on the day of a run, and from which day on what is found later.
pub(super) struct Ahead<'c> {
    context: &'c Context<'c>,
    period: Period,
    pub(super) seen: Seen,
    judged: Option<JudgedService>,
}

impl<'c> Ahead<'c> {
    pub(super) fn new(context: &'c Context<'c>, period: Period) -> Self {
        Self { context, period, seen: Seen::default(), judged: None }
    }

    /// Adds what is found on a day, in their order: the first is the day of the run, and of later ones what is new on them.
    /// `describe` puts the people into words on that day.
    pub(super) fn add(&mut self, day: Date, judged: JudgedService, describe: &dyn Fn(Date, Vec<Block>) -> Arc<[Cell]>) {
        let blocks = |finding: &Finding| finding.cells.iter().map(|cell| cell.block).collect::<Vec<_>>();
        let covered = |finding: &Finding, blocks| (finding.outcome, finding.severity, finding.missing.clone(), blocks);
        let Some(all) = &mut self.judged else {
            for finding in &judged.findings {
                self.seen.add(identity(self.context, finding), covered(finding, blocks(finding)));
            }
            self.judged = Some(judged);
            return;
        };
        for mut finding in judged.findings {
            let identity = identity(self.context, &finding);
            let found = (finding.outcome, finding.severity, finding.missing.as_slice());
            let mut new = blocks(&finding);
            if let Some(seen) = self.seen.of(&identity, found) {
                new = new.into_iter().flat_map(|block| minus(block, &seen)).collect();
                if new.is_empty() {
                    continue;
                }
                if new != blocks(&finding) {
                    finding.cells = describe(day, join(new.clone()));
                }
            }
            self.seen.add(identity, covered(&finding, new));
            finding.counts_from = Some(day);
            if !self.period.full_severity {
                finding.severity = Severity::Info;
            }
            all.findings.push(finding);
        }
    }

    /// All that was found.
    pub(super) fn judged(self) -> JudgedService {
        self.judged.unwrap_or_default()
    }
}

fn identity(context: &Context<'_>, finding: &Finding) -> Identity {
    let is_judged = context.library.rule(&finding.rule).is_some_and(|rule| rule.require.is_some());
    let place = (!is_judged).then_some(finding.primary.span);
    (finding.rule.clone(), finding.subject.clone(), place)
}

/// A day, and the purposes for which something changes on it, `None` for all.
pub(super) type OnDay<'d, 'a> = (&'d Day<'a>, Option<&'d BTreeSet<EntityId>>);

/// A service that is judged day by day.
pub(super) struct Walk<'c> {
    context: &'c Context<'c>,
    of: (&'c Workspace, &'c Service),
    pub(super) steps: Steps,
    /// How people are told apart on each day, where that is asked for.
    pub(super) outline: Outline,
    ahead: Ahead<'c>,
}

impl<'c> Walk<'c> {
    pub(super) fn new(context: &'c Context<'c>, of: (&'c Workspace, &'c Service), period: Period) -> Self {
        let steps = Steps::new(context.steps);
        Self { context, of, steps, outline: Outline::default(), ahead: Ahead::new(context, period) }
    }

    /// Judges the service on some days in order, up to the horizon. Gives nothing where people are not told apart as they were for
    /// what is known.
    pub(super) fn judge(&mut self, days: &[OnDay<'_, '_>], (known, outlines): (Option<&Known>, bool)) -> Option<()> {
        let mut rest = days;
        while let Some(((first, _), others)) = rest.split_first() {
            // where nothing is declared to change and no line is drawn elsewhere, the same holds
            let same = |(day, touched): &&OnDay<'_, '_>| {
                touched.is_some_and(BTreeSet::is_empty) && day.boundaries == first.boundaries
            };
            let count = 1 + others.iter().take_while(same).count();
            let (alike, later) = rest.split_at(count);
            let end = later.first().map_or(self.ahead.period.horizon, |(next, _)| next.date.plus(-1));
            self.alike(alike, end, (known, outlines))?;
            rest = later;
        }
        Some(())
    }

    /// Days on which the same holds, and all up to an `end`.
    fn alike(&mut self, days: &[OnDay<'_, '_>], end: Date, (known, outlines): (Option<&Known>, bool)) -> Option<()> {
        let Some((first, _)) = days.first() else { return Some(()) };
        let (workspace, service) = self.of;
        let effective = Effective::resolve(workspace, service, self.context.atlas, first.date, &first.boundaries);
        let steps = std::mem::replace(&mut self.steps, Steps::new(0));
        let mut judging = Judging::new(self.context, &effective, None, (first, &steps));
        let mut last = *first;
        for (day, touched) in days {
            if outlines {
                self.outline.add(&effective, day.date, *touched);
            }
            if known.is_some_and(|known| !known.basis.outline.has(&self.outline)) {
                return None;
            }
            let which = Which { touched: *touched, known, of_today: false };
            judging.turn(day.date);
            let mut judged = judging.judge(day, which, &self.ahead.seen);
            // a rule that reads which day it is may have come to that before
            if last.date < day.date && last.reads_today && last.is_of_today(&judged.findings) {
                self.between(&mut judging, last, day.date.plus(-1), known);
                judging.turn(day.date);
                judged = judging.judge(day, which, &self.ahead.seen);
            }
            self.add(day.date, judged);
            last = day;
        }
        if last.reads_today {
            self.between(&mut judging, last, end, known);
        }
        judging.finish(first);
        self.steps = steps;
        Some(())
    }

    /// What rules that read which day it is say for the first time after a day, up to an `end`, although nothing else changes.
    /// Between two days each of them is taken to turn once.
    fn between<'e>(&mut self, judging: &mut Judging<'e, '_>, day: &'e Day<'e>, end: Date, known: Option<&Known>) {
        let mut from = day.date;
        while from < end {
            let found = self.on(judging, day, end, known);
            if found.findings.is_empty() {
                return;
            }
            let (mut none, mut some) = (from, (end, found));
            while none.plus(1) < some.0 {
                let middle = none.plus(none.days_until(some.0) / 2);
                let found = self.on(judging, day, middle, known);
                if found.findings.is_empty() {
                    none = middle;
                } else {
                    some = (middle, found);
                }
            }
            let (turn, found) = some;
            self.add(turn, found);
            from = turn;
        }
    }

    /// What is new on a date by rules that read which day it is, where all else is as on a day before.
    fn on<'e>(
        &self,
        judging: &mut Judging<'e, '_>,
        day: &'e Day<'e>,
        date: Date,
        known: Option<&Known>,
    ) -> JudgedService {
        judging.turn(date);
        judging.judge(day, Which { touched: Some(&BTreeSet::new()), known, of_today: true }, &self.ahead.seen)
    }

    fn add(&mut self, day: Date, judged: JudgedService) {
        let (context, service) = (self.context, self.of.1);
        self.ahead.add(day, judged, &|day, blocks| describe(context, service, day, blocks));
    }

    /// All that was found.
    pub(super) fn judged(self) -> (JudgedService, Outline, Steps) {
        (self.ahead.judged(), self.outline, self.steps)
    }
}

fn describe(context: &Context<'_>, service: &Service, day: Date, blocks: Vec<Block>) -> Arc<[Cell]> {
    let universe = reached(service, context.atlas, day);
    Cell::all(blocks, &Describe::new(context.atlas, (universe, &service.plans), day), context.atlas)
}
