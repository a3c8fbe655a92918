//! All services on the date of the run, and on the later days on which something changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use self_cell::self_cell;

use super::ahead::{OnDay, Walk};
use super::context::{Context, Ground};
use super::day::{Day, Rules};
use super::finding::Subject;
use super::known::{Basis, Known, KnownServices};
use super::later::later_days;
use super::service::JudgedService;
use super::steps::Steps;
use crate::diagnostic::Diagnostic;
use crate::model::{EntityId, Service, Workspace};
use crate::parallel;
use crate::policy::{Library, On};
use crate::resolve::Work;
use crate::settings::Settings;
use crate::space::{Date, TerritorySet};

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
    let mut walk = Walk::new(context, of, days.period);
    walk.judge(&[&today[..], &later].concat(), (known, outlines))?;
    let (mut judged, outline, steps) = walk.judged();
    let taken = steps.taken().saturating_add(known.map_or(0, |known| known.basis.steps));
    if let Some(known) = known
        // what it took to find what is known counts as well
        && (known.basis.outline != outline || taken > u64::try_from(context.steps).unwrap_or(u64::MAX))
    {
        return None;
    }
    if let Some(known) = known {
        known.complete(&mut judged, |finding| days.today.tells_apart(&finding.rule));
    }
    judged.basis = outlines.then_some(Basis { outline, steps: taken, is_old: known.is_some() });
    Some(within(context, service, &steps, judged))
}

/// What was judged, unless its rules asked for more than there is: then none of it counts.
pub(super) fn within(context: &Context<'_>, service: &Service, steps: &Steps, judged: JudgedService) -> JudgedService {
    match steps.too_much() {
        Some((reason, help)) => too_much(context, service, &reason, &help),
        None => judged,
    }
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
