//! `waivers` of the config: findings that somebody has accepted for a time. They become `info` and stay visible.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::{Markable, Run, all};
use crate::config::{Config, Waiver};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Finding, Subject, Suppressed, SuppressedBy};
use crate::model::EntityKind;
use crate::policy::On;
use crate::source::Span;
use crate::space::{Atlas, Date, TerritorySet};
use crate::suggest;
use crate::syntax::Located;

/// The rules whose findings are changes with a fingerprint of their own.
const COMPARED: [&str; 2] = ["core/weakened", "core/unclear-change"];

/// Whether findings of a rule are about one change each, and known by the fingerprint of it.
pub fn is_about_a_change(rule: &str) -> bool {
    COMPARED.contains(&rule)
}

/// How many days before its end a waiver says so (docs/suppressions.md, "A waiver").
const NOTICE_DAYS: i64 = 30;

/// Waivers that hold for some places only, with those places.
pub fn splits<'a>(config: &'a Config, atlas: &Atlas, today: Date) -> Vec<(&'a Waiver, TerritorySet)> {
    let somewhere = config.waivers.iter().filter(|waiver| waiver.holds(today) && !waiver.regions.is_empty());
    somewhere.map(|waiver| (waiver, places(waiver, atlas, today))).collect()
}

fn places(waiver: &Waiver, atlas: &Atlas, today: Date) -> TerritorySet {
    let sets = waiver.regions.iter().map(|region| atlas.lookup(&region.value, today).unwrap_or_default());
    sets.fold(TerritorySet::EMPTY, TerritorySet::or)
}

/// Marks what waivers accept. Gives what is wrong with them, but for those that are over.
pub(super) fn apply<F: Markable>(findings: &mut [F], config: &Config, run: &Run<'_>) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let index = Index::of(findings, config);
    for waiver in of_run(config, run) {
        let (Some(named), Some(expires)) = (named(waiver), &waiver.expires) else { continue };
        if expires.value <= run.today {
            continue;
        }
        let near = index.near(waiver);
        let matched = meant((findings, near), waiver, config, run);
        // what will only count when the waiver is over is not what was accepted
        let in_time = |at: &usize| findings.get(*at).is_some_and(|finding| is_in_time(finding.borrow(), expires.value));
        let meant: Vec<usize> = matched.iter().copied().filter(in_time).collect();
        let Some(locked) = concern((findings, near), waiver, (config, run), meant.is_empty()) else { continue };
        let is_locked = locked.is_some();
        wrong.extend(locked);
        if let Some(most) = too_long(config, expires.value, run.today) {
            let message =
                format!("the waiver of {} holds until {}, which is longer than allowed", called(waiver), expires.value);
            let mut diagnostic = Diagnostic::new("waiver-too-long", expires.span, message);
            if let Some(max) = &config.max_waiver {
                diagnostic = diagnostic.label(max.span, format!("at most `{}`", max.value.as_str()));
            }
            wrong.push(diagnostic.help(format!("it accepts nothing; choose a day up to {most}")));
            continue;
        }
        if meant.is_empty() && run.complete && !is_locked {
            let later = matched.iter().filter_map(|at| findings.get(*at)?.borrow().counts_from).min();
            wrong.push(unmatched(waiver, named, later));
        }
        let mut accepted = 0;
        for at in &meant {
            if let Some(held) = findings.get_mut(*at).filter(|held| (**held).borrow().is_open()) {
                accept(held.to_mark(), waiver);
                accepted += 1;
            }
        }
        let left = run.today.days_until(expires.value);
        if left <= NOTICE_DAYS && !meant.is_empty() {
            wrong.push(ending(waiver, (expires.span, expires.value), left, accepted));
        }
    }
    wrong
}

/// What is wrong with waivers that are over, once it is known what is accepted without them.
pub(super) fn over<F: Borrow<Finding>>(findings: &[F], config: &Config, run: &Run<'_>) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let index = Index::of(findings, config);
    for waiver in of_run(config, run).filter(|waiver| named(waiver).is_some()) {
        let Some(expires) = waiver.expires.as_ref().filter(|expires| expires.value <= run.today) else { continue };
        let found = (findings, index.near(waiver));
        let is_idle = meant(found, waiver, config, run).is_empty();
        let Some(locked) = concern(found, waiver, (config, run), is_idle) else { continue };
        wrong.extend(locked);
        wrong.push(expired(waiver, expires.span, expires.value, touched(found, waiver, config, run)));
    }
    wrong
}

/// The waivers that a run asks for.
fn of_run<'c>(config: &'c Config, run: &Run<'_>) -> impl Iterator<Item = &'c Waiver> {
    let on = run.on;
    config.waivers.iter().filter(move |waiver| waiver.change.is_none() || on == On::Change)
}

/// The findings that waivers may be about, by rule: ten thousand waivers of one rule each must not go through ten thousand findings
/// of others.
struct Index {
    every: Vec<usize>,
    of_rule: BTreeMap<String, Vec<usize>>,
}

impl Index {
    fn of<F: Borrow<Finding>>(findings: &[F], config: &Config) -> Self {
        let mut of_rule: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, finding) in all(findings).enumerate().filter(|_| !config.waivers.is_empty()) {
            of_rule.entry(finding.rule.clone()).or_default().push(at);
        }
        Self { every: (0..findings.len()).collect(), of_rule }
    }

    fn near(&self, waiver: &Waiver) -> &[usize] {
        match &waiver.rule {
            Some(rule) if rule.is_exact() => self.of_rule.get(&rule.text.value).map_or(&[], Vec::as_slice),
            _ => &self.every,
        }
    }
}

/// What a waiver would accept although its rule is locked, if anything; `None` where the run has nothing to say of the waiver, for which
/// it found nothing.
fn concern<F: Borrow<Finding>>(
    found: Near<'_, F>,
    waiver: &Waiver,
    (config, run): (&Config, &Run<'_>),
    is_idle: bool,
) -> Option<Option<Diagnostic>> {
    // a run about what holds says nothing of a waiver for a change, nor the other way round
    if is_idle && !is_for(waiver, run) {
        return None;
    }
    let locked = locks(found, waiver, config);
    // what a company accepts in another repository is no mistake of this one
    let is_elsewhere = is_idle && locked.is_none() && config.is_of_base(waiver.span);
    (!is_elsewhere).then_some(locked)
}

/// Whether a finding counts before a waiver is over.
fn is_in_time(finding: &Finding, expires: Date) -> bool {
    finding.counts_from.is_none_or(|day| day < expires)
}

/// All findings, and the places of those that a waiver may be about.
type Near<'f, F> = (&'f [F], &'f [usize]);

fn near<'f, F: Borrow<Finding>>((findings, near): Near<'f, F>) -> impl Iterator<Item = (usize, &'f Finding)> {
    near.iter().filter_map(move |at| Some((*at, findings.get(*at)?.borrow())))
}

/// The findings that a waiver is about, but for those of locked rules.
fn meant<F: Borrow<Finding>>(findings: Near<'_, F>, waiver: &Waiver, config: &Config, run: &Run<'_>) -> Vec<usize> {
    let places = (!waiver.regions.is_empty()).then(|| places(waiver, run.atlas, run.today));
    let covers = |finding: &Finding| match places {
        None => true,
        Some(places) => {
            !finding.cells.is_empty() && finding.cells.iter().all(|cell| cell.block.territories.is_within(places))
        }
    };
    let is_meant =
        |finding: &Finding| is_about(waiver, finding) && covers(finding) && config.lock_of(&finding.rule).is_none();
    near(findings).filter(|(_, finding)| is_meant(finding)).map(|(at, _)| at).collect()
}

/// How many findings a waiver that is over would have accepted, for some of the people they concern at least, and nothing else
/// accepts. What will only count later is not flagged again.
fn touched<F: Borrow<Finding>>(findings: Near<'_, F>, waiver: &Waiver, config: &Config, run: &Run<'_>) -> usize {
    let places = (!waiver.regions.is_empty()).then(|| places(waiver, run.atlas, run.today));
    let meets = |finding: &Finding| match places {
        None => true,
        Some(places) => finding.cells.iter().any(|cell| !cell.block.territories.and(places).is_empty()),
    };
    let counts = |finding: &Finding| finding.is_open() && finding.counts_from.is_none();
    let is_meant = |finding: &Finding| {
        counts(finding) && is_about(waiver, finding) && meets(finding) && config.lock_of(&finding.rule).is_none()
    };
    near(findings).filter(|(_, finding)| is_meant(finding)).count()
}

/// What a waiver names: rules, or a change.
fn named(waiver: &Waiver) -> Option<&Located<String>> {
    waiver.change.as_ref().or(waiver.rule.as_ref().map(|rule| &rule.text))
}

/// Whether a waiver can accept something in a run of this kind: it is for a change, or for a rule that the run judges by. A rule that
/// no pack has is one of what holds, so that a run says that the waiver is for nothing.
fn is_for(waiver: &Waiver, run: &Run<'_>) -> bool {
    let Some(glob) = &waiver.rule else { return run.on == On::Change };
    let mut meant = run.library.rules().filter(|rule| glob.matches(&rule.id)).peekable();
    match run.on {
        On::State => meant.peek().is_none() || meant.any(|rule| rule.on == On::State),
        On::Change => glob.is_exact() && meant.any(|rule| rule.on == On::Change),
    }
}

fn is_about(waiver: &Waiver, finding: &Finding) -> bool {
    let purpose = match &finding.subject {
        Subject::Entity(EntityKind::Purpose, id) => Some(id.as_str()),
        _ => None,
    };
    let service = finding.service.as_deref();
    match &waiver.change {
        Some(change) => {
            is_about_a_change(&finding.rule) && finding.fingerprint == change.value && waiver.takes_in(service, purpose)
        }
        None => waiver.concerns(&finding.rule, service, purpose),
    }
}

fn accept(finding: &mut Finding, waiver: &Waiver) {
    let text = |text: &Option<Located<String>>| text.as_ref().map(|text| text.value.clone());
    finding.suppressed = Some(Box::new(Suppressed {
        by: SuppressedBy::Waiver,
        reason: text(&waiver.reason),
        owner: text(&waiver.owner),
        approver: text(&waiver.approver),
        expires: waiver.expires.as_ref().map(|day| day.value),
        place: Some(waiver.span),
        was: finding.severity,
    }));
    finding.severity = Severity::Info;
}

/// The last day a waiver may name, where this one names a later one.
fn too_long(config: &Config, expires: Date, today: Date) -> Option<Date> {
    let last = today.plus(config.max_waiver.as_ref()?.value.days());
    (last < expires).then_some(last)
}

/// The locked rules that a waiver names or whose findings it would accept.
fn locks<F: Borrow<Finding>>(findings: Near<'_, F>, waiver: &Waiver, config: &Config) -> Option<Diagnostic> {
    let glob = waiver.rule.as_ref()?;
    let named = glob.is_exact().then_some(glob.text.value.as_str());
    let about = near(findings).filter(|(_, finding)| is_about(waiver, finding));
    let would = about.map(|(_, finding)| finding.rule.as_str());
    let locked: BTreeMap<&str, Span> =
        named.into_iter().chain(would).filter_map(|rule| Some((rule, config.lock_of(rule)?))).collect();
    let place = *locked.values().next()?;
    let names: Vec<String> = locked.keys().map(|rule| format!("`{rule}`")).collect();
    let message = format!("{} cannot be waived", suggest::join(&names));
    let help = match named {
        Some(_) => "repair what it flags, or ask whoever keeps the config to unlock the rule",
        None => "name the rules that are meant in place of a glob that takes in locked ones",
    };
    Some(Diagnostic::new("waiver-of-locked-rule", glob.text.span, message).label(place, "locked here").help(help))
}

fn expired(waiver: &Waiver, span: Span, day: Date, meant: usize) -> Diagnostic {
    let help = match (meant, &waiver.owner) {
        (0, _) => "remove it: what it accepted is no longer flagged".to_owned(),
        (_, None) => "repair what it accepted, or have it approved anew with a later day".to_owned(),
        (_, Some(owner)) => {
            format!(
                "repair what it accepted, or have it approved anew with a later day; {} answers for it",
                owner.value
            )
        }
    };
    let message = format!(
        "the waiver of {} has expired: it held until {day}{}",
        called(waiver),
        accepted(meant, "flagged again")
    );
    Diagnostic::new("expired-waiver", span, message).help(help)
}

/// The rule of a waiver with whoever answers for it.
fn called(waiver: &Waiver) -> String {
    let rule = named(waiver).map(|named| named.value.as_str()).unwrap_or_default();
    match &waiver.owner {
        Some(owner) => format!("`{rule}` ({})", owner.value),
        None => format!("`{rule}`"),
    }
}

fn ending(waiver: &Waiver, (span, day): (Span, Date), left: i64, meant: usize) -> Diagnostic {
    let days = if left == 1 { "tomorrow".to_owned() } else { format!("in {left} days") };
    let again = accepted(meant, "flagged again from then on");
    let message = format!("the waiver of {} expires {days}, on {day}{again}", called(waiver));
    Diagnostic::new("waiver-expires-soon", span, message)
        .help("repair what it accepts before that day, or have it approved anew with a later one")
}

fn accepted(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!("; 1 finding is {what}"),
        count => format!("; {count} findings are {what}"),
    }
}

/// `later` is the first day on which there is something that it names, where it is over by then.
fn unmatched(waiver: &Waiver, named: &Located<String>, later: Option<Date>) -> Diagnostic {
    let (span, name) = (named.span, &named.value);
    if let Some(day) = later {
        let what = if waiver.change.is_some() { "the change counts" } else { "what it names is flagged" };
        let message = format!("the waiver accepts nothing: {what} from {day} on, when it is over");
        return Diagnostic::new("unmatched-waiver", span, message).help("remove it, or let it expire later");
    }
    let is_narrowed = !(waiver.services.is_empty() && waiver.purposes.is_empty() && waiver.regions.is_empty());
    if waiver.change.is_some() && is_narrowed {
        let message = format!("the waiver accepts nothing: there is no change `{name}` in all that it names");
        return Diagnostic::new("unmatched-waiver", span, message)
            .help("leave `services`, `purposes` and `regions` out, the fingerprint names one change; or remove it once the change is merged");
    }
    if waiver.change.is_some() {
        let message = format!("the waiver accepts nothing: there is no change `{name}` between the two revisions");
        return Diagnostic::new("unmatched-waiver", span, message)
            .help("remove it once the change is merged; a change that was edited again has another fingerprint");
    }
    let message = format!("the waiver accepts nothing: `{name}` flags nothing it names");
    Diagnostic::new("unmatched-waiver", span, message)
        .help("remove it, or correct its services, purposes or regions: a waiver for some regions accepts findings that lie in them")
}
