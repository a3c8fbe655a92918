//! All services on the date of the run, and on the later days on which something changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use self_cell::self_cell;

use super::context::{Context, Ground};
use super::day::{Day, Rules};
use super::deciding::Deciding;
use super::finding::{Finding, Outcome, Subject};
use super::known::{Basis, Known, KnownServices, Outline};
use super::service::{JudgedService, judge_effective};
use super::steps::Steps;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{Entity, EntityId, EntityKind, Fields, Override, Service, SettingRef, Value, Workspace};
use crate::parallel;
use crate::policy::{Library, On};
use crate::resolve::{Boundaries, Effective, Work, reached};
use crate::settings::Settings;
use crate::source::Span;
use crate::space::{Atlas, Block, Cell, Date, Describe, Folder, TerritorySet, join, minus};

/// The day of a run and how far it looks ahead.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// The date of the run.
    pub today: Date,
    /// The last day that is looked at.
    pub horizon: Date,
    /// Whether what is not yet true has its full severity, not `info`.
    pub full_severity: bool,
}

/// Judges every service of a workspace, in their order. The context is the one that `days` were made with, but for what the
/// workspace brings. `done` counts the services that are judged, for whoever shows progress.
pub fn evaluate(
    context: &Context<'_>,
    workspace: &Workspace,
    days: &Days<'_>,
    (known, done): (KnownServices<'_>, &AtomicUsize),
) -> Vec<JudgedService> {
    let plan = |service| Plan::of(context, workspace, service, days);
    let plans: Vec<Plan> = parallel::map(workspace.services(), plan);
    let later: BTreeSet<Date> = plans.iter().flat_map(|plan| plan.later.keys().copied()).collect();
    let later: BTreeMap<Date, Arc<Day<'_>>> = later.into_iter().map(|date| (date, days.later(date))).collect();
    let judge = |(service, plan): &(&Service, &Plan)| {
        let judge = |of: Option<&Known>| {
            judge_with_future(context, (workspace, service), plan, (days, &later), (of, known.is_some()))
        };
        let of = known.and_then(|known| known.get(&service.id));
        let judged = of.and_then(|of| judge(Some(of))).or_else(|| judge(None)).unwrap_or_default();
        done.fetch_add(1, Relaxed);
        judged
    };
    let planned: Vec<(&Service, &Plan)> = workspace.services().iter().zip(&plans).collect();
    parallel::map(&planned, judge)
}

/// The day of a run and the later days on which something changes for some service: what is the same for all services of a run.
pub struct Days<'a> {
    ground: Ground<'a>,
    period: Period,
    /// The places for which findings are waived.
    waived: Vec<TerritorySet>,
    rules: Rules<'a>,
    today: Day<'a>,
    /// The days on which a rule changes, whatever is declared.
    of_rules: BTreeSet<Date>,
    /// Those that were asked for: each is worked out once.
    later: Mutex<BTreeMap<Date, Arc<Day<'a>>>>,
}

impl<'a> Days<'a> {
    /// What holds on the day of a run and may be asked about later ones.
    pub fn new(context: &Context<'a>, period: Period) -> Self {
        Self::on(context.ground(), context.waived(), period)
    }

    fn on(ground: Ground<'a>, waived: Vec<TerritorySet>, period: Period) -> Self {
        let rules = Rules::new(ground);
        let today = Day::new(ground, &rules, &waived, period.today);
        let of_rules = rules.days();
        Self { ground, period, waived, rules, today, of_rules, later: Mutex::default() }
    }

    fn later(&self, date: Date) -> Arc<Day<'a>> {
        let mut known = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Day::new(self.ground, &self.rules, &self.waived, date));
        Arc::clone(known.entry(date).or_insert_with(new))
    }
}

self_cell! {
    struct Kept {
        owner: (Arc<Library>, Arc<Settings>),
        #[not_covariant]
        dependent: Days,
    }
}

/// [`Days`] with all that they are about, for many runs on one day.
pub struct KeptDays(Kept);

impl KeptDays {
    /// Those on which what holds is judged. `waived` are the places for which findings are waived.
    pub fn new(library: Arc<Library>, settings: Arc<Settings>, waived: Vec<TerritorySet>, period: Period) -> Self {
        Self(Kept::new((library, settings), |(library, settings)| {
            let ground = Ground { on: On::State, library, atlas: &library.atlas, settings };
            Days::on(ground, waived, period)
        }))
    }

    /// As [`evaluate`].
    pub fn evaluate(
        &self,
        context: &Context<'_>,
        workspace: &Workspace,
        how: (KnownServices<'_>, &AtomicUsize),
    ) -> Vec<JudgedService> {
        self.0.with_dependent(|_, days| evaluate(context, workspace, days, how))
    }
}

/// What is to be judged of a service.
struct Plan {
    /// The later days, with the purposes for which something changes, `None` for all.
    later: BTreeMap<Date, Option<BTreeSet<EntityId>>>,
    /// Why it is not judged: it asks for too much.
    refused: Option<String>,
}

impl Plan {
    fn of(context: &Context<'_>, workspace: &Workspace, service: &Service, days: &Days<'_>) -> Self {
        let later = later_days(context, workspace, service, (days.period, &days.of_rules));
        let work = Work::of(workspace, service, context.atlas, days.period.today, &days.today.boundaries);
        match work.too_much(1 + later.len()) {
            Some(reason) => Self { later: BTreeMap::new(), refused: Some(reason) },
            None => Self { later, refused: None },
        }
    }
}

type Identity = (String, Subject, Option<Span>);

/// What makes a finding of a later day one that is known already. What resolution finds by itself is about one place: a tie of
/// one property says nothing about another.
fn identity(context: &Context<'_>, finding: &Finding) -> Identity {
    let is_judged = context.library.rule(&finding.rule).is_some_and(|rule| rule.require.is_some());
    let place = (!is_judged).then_some(finding.primary.span);
    (finding.rule.clone(), finding.subject.clone(), place)
}

/// What is known of whom: how it turned out, how bad that is, what is missing where nobody can tell, and for which people.
type Covered = (Outcome, Severity, Vec<String>, Vec<Block>);

/// Whether what was known before is as bad as a finding. That a rule is broken is worse than that nobody can tell.
fn is_as_bad((outcome, severity, missing, _): &Covered, finding: &Finding) -> bool {
    match (outcome, finding.outcome) {
        (Outcome::Fail, Outcome::Undetermined) => true,
        (Outcome::Undetermined, Outcome::Fail) => false,
        // each fact that is missing is asked for by itself
        (Outcome::Undetermined, _) if *missing != finding.missing => false,
        // what is a warning today and an error later is news as well
        _ => *severity >= finding.severity,
    }
}

/// Judges a service today and on its later days. With what is known of it, gives nothing where that does not hold.
fn judge_with_future(
    context: &Context<'_>,
    of: (&Workspace, &Service),
    plan: &Plan,
    (days, later): (&Days<'_>, &BTreeMap<Date, Arc<Day<'_>>>),
    (known, outlines): (Option<&Known>, bool),
) -> Option<JudgedService> {
    let service = of.1;
    if let Some(reason) = &plan.refused {
        return Some(too_much(context, service, reason, HELP));
    }
    let today: [OnDay<'_, '_>; 1] = [(&days.today, None)];
    let later = plan.later.iter().filter_map(|(day, touched)| Some((&**later.get(day)?, touched.as_ref())));
    let later: Vec<OnDay<'_, '_>> = later.collect();
    // with what is known, nobody else is at work: somebody is waiting for a keystroke
    let (first, rest) = match known {
        Some(_) => rayon::join(
            || judge_days(context, of, &today, (known, outlines)),
            || judge_days(context, of, &later, (known, outlines)),
        ),
        None => (judge_days(context, of, &[&today[..], &later].concat(), (known, outlines)), Some(Told::new(context))),
    };
    let (Told { judged, mut outline, steps }, rest) = (first?, rest?);
    outline.extend(rest.outline);
    let taken = steps.taken().saturating_add(rest.steps.taken());
    let taken = taken.saturating_add(known.map_or(0, |known| known.basis.steps));
    if let Some(known) = known
        // what it took to find what is known counts as well
        && (known.basis.outline != outline || taken > u64::try_from(context.steps).unwrap_or(u64::MAX))
    {
        return None;
    }
    let mut judged = judged.into_iter().chain(rest.judged);
    let (_, first) = judged.next()?;
    let mut judged =
        with_future(context, days.period, first, judged, &|day, blocks| describe(context, service, day, blocks));
    if let Some(known) = known {
        known.complete(&mut judged, |finding| days.today.tells_apart(&finding.rule));
    }
    judged.basis = outlines.then_some(Basis { outline, steps: taken, is_old: known.is_some() });
    Some(within(context, service, &steps, judged))
}

/// A day, and the purposes for which something changes on it, `None` for all.
type OnDay<'d, 'a> = (&'d Day<'a>, Option<&'d BTreeSet<EntityId>>);

/// What is said of a service on some days.
struct Told {
    judged: Vec<(Date, JudgedService)>,
    /// How people are told apart on them, where that is asked for.
    outline: Outline,
    steps: Steps,
}

impl Told {
    fn new(context: &Context<'_>) -> Self {
        Self { judged: Vec::new(), outline: Outline::default(), steps: Steps::new(context.steps) }
    }
}

/// Judges a service on some days in order. Gives nothing where people are not told apart as they were for what is known.
fn judge_days(
    context: &Context<'_>,
    (workspace, service): (&Workspace, &Service),
    days: &[OnDay<'_, '_>],
    (known, outlines): (Option<&Known>, bool),
) -> Option<Told> {
    let mut told = Told::new(context);
    let mut last: Option<(Effective<'_>, &Boundaries)> = None;
    for (day, touched) in days {
        // where nothing is declared to change and no line is drawn elsewhere, the same holds
        let is_same = touched.is_some_and(BTreeSet::is_empty);
        let effective = match last.take().filter(|(_, boundaries)| is_same && **boundaries == day.boundaries) {
            Some((effective, _)) => Effective { date: day.date, ..effective },
            None => Effective::resolve(workspace, service, context.atlas, day.date, &day.boundaries),
        };
        if outlines {
            told.outline.add(&effective, *touched);
        }
        if known.is_some_and(|known| !known.basis.outline.has(&told.outline)) {
            return None;
        }
        let judged = judge_effective(context, &effective, None, (day, &told.steps), (*touched, known));
        told.judged.push((day.date, judged));
        last = Some((effective, &day.boundaries));
    }
    Some(told)
}

/// What was judged, unless its rules asked for more than there is: then none of it counts.
pub(super) fn within(context: &Context<'_>, service: &Service, steps: &Steps, judged: JudgedService) -> JudgedService {
    match steps.too_much() {
        Some((reason, help)) => too_much(context, service, &reason, &help),
        None => judged,
    }
}

/// Adds what is found on later days and not before, as upcoming.
pub(super) fn with_future(
    context: &Context<'_>,
    period: Period,
    mut judged: JudgedService,
    later: impl Iterator<Item = (Date, JudgedService)>,
    describe: &dyn Fn(Date, Vec<Block>) -> Arc<[Cell]>,
) -> JudgedService {
    let mut covered: BTreeMap<Identity, Vec<Covered>> = BTreeMap::new();
    let blocks = |finding: &Finding| finding.cells.iter().map(|cell| cell.block).collect::<Vec<_>>();
    judged.deciding = Deciding::default();
    for finding in &judged.findings {
        let known = covered.entry(identity(context, finding)).or_default();
        known.push((finding.outcome, finding.severity, finding.missing.clone(), blocks(finding)));
    }
    for (day, later) in later {
        for (number, mut finding) in later.findings.into_iter().enumerate() {
            let known = covered.entry(identity(context, &finding)).or_default();
            let as_bad: Vec<&Covered> = known.iter().filter(|known| is_as_bad(known, &finding)).collect();
            let seen: Vec<Block> = as_bad.iter().flat_map(|(.., blocks)| blocks).copied().collect();
            let new: Vec<Block> = blocks(&finding).into_iter().flat_map(|block| minus(block, &seen)).collect();
            if new.is_empty() && !as_bad.is_empty() {
                continue;
            }
            known.push((finding.outcome, finding.severity, finding.missing.clone(), new.clone()));
            later.deciding.narrow(number, &mut finding, &new);
            finding.cells = describe(day, join(new));
            finding.counts_from = Some(day);
            if !period.full_severity {
                finding.severity = Severity::Info;
            }
            judged.findings.push(finding);
        }
    }
    judged
}

/// What helps where what is declared asks for too much.
pub(super) const HELP: &str =
    "name groups instead of their members, leave out axes that make no difference, or split the service";

/// A service that would take longer than anybody waits is not judged, and that is a finding.
pub(super) fn too_much(context: &Context<'_>, service: &Service, reason: &str, help: &str) -> JudgedService {
    let id = service.id.to_string();
    let wrong = Diagnostic::new("service-too-large", service.place, format!("service `{id}` is not judged: {reason}"))
        .at("asks for too much")
        .help(help);
    let finding = context.raised(wrong, Some(id.clone()), Subject::Service(id), None);
    JudgedService { findings: finding.into_iter().collect(), too_much: true, ..JudgedService::default() }
}

fn describe(context: &Context<'_>, service: &Service, day: Date, blocks: Vec<Block>) -> Arc<[Cell]> {
    let universe = reached(service, context.atlas, day);
    let folder = Folder::new(context.atlas, universe.territories, day);
    let describe = Describe { folder, universe, plans: &service.plans };
    blocks.into_iter().map(|block| Cell::new(block, &describe, context.atlas)).collect()
}

/// The days after the run, up to the horizon, on which an override, a start, an end, a notice, a citation, a table or a group
/// changes what holds; with the purposes for which it does, `None` for all.
pub(super) fn later_days(
    context: &Context<'_>,
    workspace: &Workspace,
    service: &Service,
    (period, of_rules): (Period, &BTreeSet<Date>),
) -> BTreeMap<Date, Option<BTreeSet<EntityId>>> {
    let mut days: BTreeMap<Date, Option<BTreeSet<EntityId>>> = BTreeMap::new();
    for day in days_of_all(context.atlas, workspace, service) {
        days.insert(day, None);
    }
    for day in of_rules {
        days.entry(*day).or_insert_with(|| Some(BTreeSet::new()));
    }
    for (id, purpose) in workspace.purposes(service) {
        for day in days_of_purpose(workspace, service, purpose, context.atlas) {
            if let Some(touched) = days.entry(day).or_insert_with(|| Some(BTreeSet::new())) {
                touched.insert(id);
            }
        }
    }
    days.retain(|day, _| period.today < *day && *day <= period.horizon);
    days
}

/// The days on which something changes for people although nobody touches what is declared of the service.
pub fn declared_days(workspace: &Workspace, service: &Service, atlas: &Atlas) -> BTreeSet<Date> {
    let of_purposes = workspace.purposes(service);
    let mut days: BTreeSet<Date> =
        of_purposes.flat_map(|(_, purpose)| days_of_purpose(workspace, service, purpose, atlas)).collect();
    days.extend(days_of_all(atlas, workspace, service));
    days
}

/// The days on which something changes for a purpose, by itself or by its setting.
fn days_of_purpose(workspace: &Workspace, service: &Service, purpose: &Entity, atlas: &Atlas) -> BTreeSet<Date> {
    let setting = match &purpose.setting {
        Some((_, SettingRef::Inline(setting))) => Some(&**setting),
        Some((_, SettingRef::Id(id))) => {
            workspace.find(service, EntityKind::Setting, &id.value).map(|(_, setting)| setting)
        }
        _ => None,
    };
    [Some(purpose), setting].into_iter().flatten().flat_map(|entity| days_of(entity, atlas)).collect()
}

/// The days on which something changes for a purpose with this entity.
fn days_of(entity: &Entity, atlas: &Atlas) -> BTreeSet<Date> {
    let mut days: BTreeSet<Date> = entity.overrides.iter().flat_map(selector_days).collect();
    for fields in entity.overrides.iter().map(|over| &over.fields).chain([&entity.fields]) {
        days.extend(days_in(fields));
    }
    let regions = entity.overrides.iter().filter_map(|over| over.selector.regions.as_ref());
    days.extend(regions.flat_map(|regions| &regions.items).flat_map(|item| atlas.changes(&item.value)));
    days
}

/// The days on which something changes for every purpose of a service.
fn days_of_all(atlas: &Atlas, workspace: &Workspace, service: &Service) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    let served =
        service.regions.iter().chain(workspace.notices(service).filter_map(|(_, n)| n.selector.regions.as_ref()));
    days.extend(served.flat_map(|regions| &regions.items).flat_map(|item| atlas.changes(&item.value)));
    days.extend(workspace.notices(service).flat_map(|(_, notice)| days_in(&notice.fields)));
    days
}

/// The days that fields name, bounds included.
fn days_in(fields: &Fields) -> Vec<Date> {
    let mut days = Vec::new();
    fields.walk(&mut |field| {
        if let Value::Date(when) = &field.value.value {
            days.extend([when.earliest, when.latest].into_iter().flatten());
        }
    });
    days
}

fn selector_days(over: &Override) -> impl Iterator<Item = Date> {
    let day = |day: &Option<crate::model::Located<Option<Date>>>| day.as_ref().and_then(|day| day.value);
    [day(&over.selector.from), day(&over.selector.until)].into_iter().flatten()
}
