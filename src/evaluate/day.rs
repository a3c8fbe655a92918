//! What is the same for all services on a date: the rules, where they speak, and the lines they draw.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::context::Ground;
use super::finding::Finding;
use super::lines::Needs;
use super::memo::Memos;
use super::rows::Sets;
use super::verdict::{Parts, Quick};
use crate::model::Entity;
use crate::policy::condition::{Root, StaticRead, Template};
use crate::policy::{Cite, On, Pack, Per, Rule};
use crate::resolve::Boundaries;
use crate::settings::RuleSettings;
use crate::space::{ADULT, AgeSet, Atlas, Date, TerritorySet};
use crate::vocabulary::within;

/// A rule on a date.
pub(super) struct Active<'a> {
    pub(super) rule: &'a Rule,
    /// Where it speaks: a law counts where one of its citations is in force.
    pub(super) territories: TerritorySet,
    /// What stands for that, with its ages and plans, among those of all rules on all days.
    pub(super) scope: usize,
    /// Whether it can say something else than the day before although nothing is declared to change.
    pub(super) changes: bool,
    /// What of it is the same on all days.
    pub(super) prepared: Arc<Prepared<'a>>,
}

/// What is the same of a rule on all days.
pub(super) struct Prepared<'a> {
    /// Its place among all rules of the library, 0-based.
    pub(super) place: usize,
    /// What of an atom counts for it.
    pub(super) needs: Needs,
    /// It, cut into parts; `None` where changes are judged.
    pub(super) quick: Option<Quick<'a>>,
    /// Whether it can say something else of a purpose where only another one changes.
    pub(super) looks_aside: bool,
    /// Whether its conditions read nothing of the purpose, so that what they say of one they say of all.
    pub(super) shared: bool,
    /// What a config says of it, where that is the same for all files.
    pub(super) settings: Option<&'a RuleSettings>,
    /// Whether it reads which day is today.
    pub(super) reads_today: bool,
    /// The days on which a citation begins or ends, somebody joins or leaves a group that it names, or what it reads of a table or
    /// group changes.
    days: BTreeSet<Date>,
    /// The groups and territories whose borders it draws.
    borders: Vec<&'a str>,
    /// The ages at which it tells people apart, and the tables that hold more of them, with what is added to their values.
    ages: (BTreeSet<i64>, Vec<(&'a str, i64)>),
}

impl<'a> Prepared<'a> {
    fn of(ground: Ground<'a>, pack: &'a Pack, (place, rule): (usize, &'a Rule), quick: Option<Quick<'a>>) -> Self {
        // what is said of the service is said of all its purposes together
        let words = [&rule.message, &rule.help].into_iter().flatten().flat_map(Template::reads);
        let siblings = reads_of(rule).chain(words).any(|read| matches!(read, StaticRead::Siblings));
        let regions = rule.applies.regions.iter().chain(rule.cites.iter().flat_map(|cite| &cite.regions));
        let named = regions.clone().chain(&pack.territories);
        let joined: Vec<Date> = named.flat_map(|name| ground.atlas.changes(name)).collect();
        // the citations of a pack about no law only decorate its findings
        let most = if pack.territories.is_empty() { rule.applies.regions.len() } else { usize::MAX };
        let mut prepared = Self {
            place,
            needs: Needs::of(rule, &ground.library.tables),
            quick,
            looks_aside: siblings || rule.per == Per::Service,
            shared: is_shared(rule),
            settings: ground.settings.of_all(&rule.id),
            reads_today: false,
            days: ends(rule).chain(joined).collect(),
            borders: regions.take(most).map(String::as_str).collect(),
            ages: Default::default(),
        };
        for read in reads_of(rule) {
            match read {
                StaticRead::Root(Root::Today) => prepared.reads_today = true,
                StaticRead::DayLine(day) => _ = prepared.days.insert(*day),
                StaticRead::StatesIn(group) => {
                    prepared.borders.push(group);
                    prepared.days.extend(ground.atlas.changes(group));
                }
                StaticRead::AgeLine(line) => _ = prepared.ages.0.insert(*line),
                StaticRead::EveryAge => prepared.ages.0.extend(0..=i64::from(ADULT)),
                StaticRead::AgeTable(name, added) => prepared.ages.1.push((name, *added)),
                _ => prepared.days.extend(days_of_read(ground, read)),
            }
        }
        prepared
    }

    /// The ages at which the rule tells people apart on a day, by comparing: each and older from those who are younger.
    fn age_lines(&self, ground: Ground<'_>, date: Date) -> BTreeSet<u8> {
        let (lines, tables) = &self.ages;
        let in_table = |(name, added): &(&str, i64)| -> Vec<i64> {
            let values = ground.library.tables.get(*name).into_iter().flat_map(|table| table.numbers(date));
            values.map(|value| value.saturating_add(*added)).collect()
        };
        let lines = lines.iter().copied().chain(tables.iter().flat_map(in_table));
        lines.filter_map(|line| u8::try_from(line).ok()).filter(|line| (1..=ADULT).contains(line)).collect()
    }
}

/// The days on which the citations of a rule begin and end.
fn ends(rule: &Rule) -> impl Iterator<Item = Date> {
    rule.cites.iter().flat_map(|cite| [cite.in_force.from, cite.in_force.until]).flatten()
}

/// The rules that are judged by, in order, each with what is the same of it on all days.
pub(super) struct Rules<'a> {
    all: Vec<(&'a Pack, &'a Rule, Arc<Prepared<'a>>)>,
    /// The tables that one of them reads for the place of a cell: others draw no line.
    tables: BTreeSet<&'a str>,
    sets: Arc<Sets>,
    memos: Arc<Memos>,
    /// The scopes that rules have, in the order in which they were met.
    scopes: Mutex<BTreeMap<Scope<'a>, usize>>,
}

/// What chooses the people that a rule is about: territories, ages and plans.
type Scope<'a> = (TerritorySet, AgeSet, &'a [String]);

impl<'a> Rules<'a> {
    pub(super) fn new(ground: Ground<'a>) -> Self {
        let mut parts = Parts::default();
        let rules = ground.library.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
        let rules = rules.enumerate().filter(|(_, (_, rule))| is_active(ground, rule));
        let prepare = |(place, (pack, rule)): (usize, (&'a Pack, &'a Rule))| {
            let settings = ground.settings.of_all(&rule.id);
            let quick = if ground.on == On::State { Quick::new(rule, settings, &mut parts) } else { None };
            (pack, rule, Arc::new(Prepared::of(ground, pack, (place, rule), quick)))
        };
        let all: Vec<_> = rules.map(prepare).collect();
        let of_place = |read: &'a StaticRead| match read {
            StaticRead::Table(name) => Some(name.as_str()),
            _ => None,
        };
        let tables = all.iter().flat_map(|(_, rule, _)| reads_of(rule)).filter_map(of_place).collect();
        Self { all, tables, sets: Arc::new(parts.sets), memos: Arc::default(), scopes: Mutex::default() }
    }

    /// The days on which one of them changes, whatever is declared.
    pub(super) fn days(&self) -> BTreeSet<Date> {
        self.all.iter().flat_map(|(.., prepared)| &prepared.days).copied().collect()
    }
}

/// What is the same for all services on a date: the rules, where they speak, and the boundaries they draw together.
pub(super) struct Day<'a> {
    pub(super) date: Date,
    pub(super) boundaries: Boundaries,
    pub(super) rules: Vec<Active<'a>>,
    /// Whether one of the rules reads which day it is.
    pub(super) reads_today: bool,
    /// What the rules read.
    pub(super) sets: Arc<Sets>,
    /// What parts of rules came to, on all days.
    pub(super) memos: Arc<Memos>,
    /// For each use that was asked for, which of the rules can be about it.
    about: RwLock<BTreeMap<Box<str>, Arc<[bool]>>>,
}

/// How many uses are remembered: a vocabulary has fewer.
const MOST_USES: usize = 1_000;

impl<'a> Day<'a> {
    /// `waived` are the places for which findings are waived.
    pub(super) fn new(ground: Ground<'a>, rules: &Rules<'a>, waived: &[TerritorySet], date: Date) -> Self {
        let mut boundaries = Boundaries::default();
        let mut all = Vec::with_capacity(rules.all.len());
        let out = &mut boundaries;
        // many rules name the same places
        let borders: BTreeSet<&str> = rules.all.iter().flat_map(|(.., prepared)| &prepared.borders).copied().collect();
        out.territories.extend(borders.into_iter().filter_map(|name| ground.atlas.lookup(name, date).ok()));
        let mut scopes = rules.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        for (pack, rule, prepared) in &rules.all {
            let lines = prepared.age_lines(ground, date).into_iter().map(|line| AgeSet::range(line, ADULT));
            let ages: BTreeSet<AgeSet> = rule.applies.ages.into_iter().chain(lines).collect();
            match rule.applies.uses.as_slice() {
                [] => out.ages.extend(ages),
                uses => out.ages_by_use.extend(ages.into_iter().map(|ages| (uses.to_vec(), ages))),
            }
            out.plans.extend(rule.applies.plans.iter().cloned());
            let territories = speaks_in(ground.atlas, pack, rule, date);
            let next = scopes.len();
            let of = (territories, rule.applies.ages.unwrap_or(AgeSet::ALL), rule.applies.plans.as_slice());
            all.push(Active {
                rule,
                territories,
                scope: *scopes.entry(of).or_insert(next),
                changes: prepared.reads_today || prepared.days.contains(&date),
                prepared: Arc::clone(prepared),
            });
        }
        for table in rules.tables.iter().filter_map(|name| ground.library.tables.get(*name)) {
            out.territories.extend(table.boundaries(ground.atlas, date));
        }
        out.territories.extend(waived);
        out.territories.sort_unstable();
        out.territories.dedup();
        let reads_today = all.iter().any(|active| active.prepared.reads_today);
        let sets = Arc::clone(&rules.sets);
        let memos = Arc::clone(&rules.memos);
        Self { date, boundaries, rules: all, reads_today, sets, memos, about: RwLock::default() }
    }
}

impl Day<'_> {
    /// Whether something is found by a rule that reads which day it is.
    pub(super) fn is_of_today(&self, findings: &[Finding]) -> bool {
        let mut of_today = self.rules.iter().filter(|active| active.prepared.reads_today);
        !findings.is_empty() && of_today.any(|active| findings.iter().any(|finding| finding.rule == active.rule.id))
    }

    /// Whether a rule judges each purpose by itself, so that what it says of one holds whatever is declared of others.
    pub(super) fn tells_apart(&self, rule: &str) -> bool {
        self.rules.iter().any(|active| active.rule.id == rule && !active.prepared.looks_aside)
    }

    /// Which rules can be about a purpose, by its use; `None` where that cannot be read, so that all can.
    pub(super) fn about(&self, purpose: &Entity) -> Option<Arc<[bool]>> {
        let key = purpose.fields.text("use")?;
        if let Some(known) = self.about.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Some(Arc::clone(known));
        }
        let is_meant = |active: &Active<'_>| {
            let uses = &active.rule.applies.uses;
            uses.is_empty() || uses.iter().any(|wanted| within(key, wanted))
        };
        let about: Arc<[bool]> = self.rules.iter().map(is_meant).collect();
        let mut known = self.about.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MOST_USES {
            known.insert(key.into(), Arc::clone(&about));
        }
        Some(about)
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

/// The days on which what a rule reads of a table or group changes.
fn days_of_read(ground: Ground<'_>, read: &StaticRead) -> Vec<Date> {
    match read {
        StaticRead::Table(name) | StaticRead::TableFor(name) => {
            ground.library.tables.get(name).map(|table| table.changes(ground.atlas)).unwrap_or_default()
        }
        StaticRead::Group(name) => ground.atlas.changes(name),
        _ => Vec::new(),
    }
}

/// Everything that the conditions of a rule read.
fn reads_of(rule: &Rule) -> impl Iterator<Item = &StaticRead> {
    let severities = rule.severity.iter().filter_map(|case| case.when.as_ref());
    rule.when.iter().chain(&rule.require).chain(severities).flat_map(|condition| condition.reads())
}

/// Whether the conditions of a rule about a service read nothing that differs between its purposes.
fn is_shared(rule: &Rule) -> bool {
    rule.per == Per::Service && !reads_of(rule).any(StaticRead::is_of_purpose)
}

/// Whether a rule judges, and a config leaves it on somewhere.
fn is_active(ground: Ground<'_>, rule: &Rule) -> bool {
    rule.on == ground.on && rule.require.is_some() && ground.settings.is_used(&rule.id)
}
