//! What is the same for all services on a date: the rules, where they speak, and the lines they draw.

use std::collections::BTreeSet;

use super::service::Context;
use crate::policy::condition::{Root, StaticRead};
use crate::policy::{Cite, Pack, Rule, Table};
use crate::resolve::Boundaries;
use crate::space::{Atlas, Date, TerritorySet};

/// A rule on a date.
pub(super) struct Active<'a> {
    pub(super) rule: &'a Rule,
    /// Where it speaks: a law counts where one of its citations is in force.
    pub(super) territories: TerritorySet,
    /// Whether it can say something else than the day before although nothing is declared to change.
    pub(super) changes: bool,
}

/// What is the same for all services on a date: the rules, where they speak, and the boundaries they draw together.
pub(super) struct Day<'a> {
    pub(super) date: Date,
    pub(super) boundaries: Boundaries,
    pub(super) rules: Vec<Active<'a>>,
}

impl<'a> Day<'a> {
    pub(super) fn new(context: &Context<'a>, date: Date) -> Self {
        let mut day = Self { date, boundaries: Boundaries::default(), rules: Vec::new() };
        let lookup = |name: &String| context.atlas.lookup(name, date).ok();
        let moving: BTreeSet<&str> = tables(context)
            .filter(|(_, table)| table.changes().any(|change| change == date))
            .map(|(name, _)| name)
            .collect();
        let out = &mut day.boundaries;
        for pack in &context.library.packs {
            for rule in active(context, pack) {
                let regions = rule.applies.regions.iter().chain(rule.cites.iter().flat_map(|cite| &cite.regions));
                // the citations of a pack about no law only decorate its findings
                let cut = if pack.territories.is_empty() { rule.applies.regions.len() } else { usize::MAX };
                out.territories.extend(regions.take(cut).filter_map(lookup));
                out.territories.extend(states_in(rule).filter_map(|name| lookup(&name)));
                out.ages.extend(rule.applies.ages);
                out.plans.extend(rule.applies.plans.iter().cloned());
                let ends = rule.cites.iter().flat_map(|cite| [cite.in_force.from, cite.in_force.until]);
                let reads_moving =
                    |read: &StaticRead| matches!(read, StaticRead::Table(name) if moving.contains(&**name));
                let changes =
                    looks_beyond(rule) || ends.flatten().any(|end| end == date) || reads_of(rule).any(reads_moving);
                day.rules.push(Active { rule, territories: speaks_in(context.atlas, pack, rule, date), changes });
            }
        }
        for (_, table) in tables(context) {
            out.territories.extend(table.boundaries(context.atlas, date));
        }
        out.territories.extend(context.splits.iter().map(|(_, territories)| *territories));
        out.territories.sort_unstable();
        out.territories.dedup();
        day
    }
}

/// The territories that a rule is about on a date.
fn speaks_in(atlas: &Atlas, pack: &Pack, rule: &Rule, date: Date) -> TerritorySet {
    let union = |names: &mut dyn Iterator<Item = &String>| {
        names.fold(TerritorySet::EMPTY, |all, name| all.or(atlas.lookup(name, date).unwrap_or_default()))
    };
    let territories = match rule.applies.regions.as_slice() {
        [] => atlas.world(),
        regions => union(&mut regions.iter()),
    };
    if pack.territories.is_empty() {
        return territories;
    }
    let current: Vec<&Cite> = rule.cites.iter().filter(|cite| cite.in_force.contains(date)).collect();
    let everywhere = current.iter().any(|cite| cite.regions.is_empty());
    let names = if everywhere { &pack.territories } else { &Vec::new() };
    territories.and(union(&mut current.iter().flat_map(|cite| &cite.regions).chain(names)))
}

/// The tables that a rule which is switched on reads: others draw no line and change no day.
pub(super) fn tables<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a str, &'a Table)> {
    let rules = context.library.packs.iter().flat_map(|pack| active(context, pack));
    let names: BTreeSet<&str> = rules
        .flat_map(reads_of)
        .filter_map(|read| match read {
            StaticRead::Table(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let tables = &context.library.tables;
    names.into_iter().filter_map(move |name| Some((name, tables.get(name)?)))
}

/// Everything that the conditions of a rule read.
fn reads_of(rule: &Rule) -> impl Iterator<Item = &StaticRead> {
    let severities = rule.severity.iter().filter_map(|case| case.when.as_ref());
    rule.when.iter().chain(&rule.require).chain(severities).flat_map(|condition| condition.reads())
}

/// Whether what a rule says of a purpose can change on a day on which nothing changes for that purpose.
fn looks_beyond(rule: &Rule) -> bool {
    reads_of(rule).any(|read| matches!(read, StaticRead::Siblings | StaticRead::Root(Root::Today)))
}

/// The groups whose states a rule compares.
fn states_in(rule: &Rule) -> impl Iterator<Item = String> {
    reads_of(rule).filter_map(|read| match read {
        StaticRead::StatesIn(group) => Some(group.clone()),
        _ => None,
    })
}

fn active<'a>(context: &Context<'a>, pack: &'a Pack) -> impl Iterator<Item = &'a Rule> {
    let settings = context.settings;
    pack.rules.iter().filter(move |rule| rule.require.is_some() && settings.is_used(&rule.id))
}
