//! The packs that come with the program, and declarations judged with some or all of their rules.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses the part it needs, and what fails here is a failing test"
)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use purposelint::diagnostic::Severity;
use purposelint::evaluate::{Finding, Outcome, Period};
use purposelint::examples::default_date;
use purposelint::lint::{Base, Report, Setup, compare, lint};
use purposelint::policy::{Depth, Example, Library, Pack, PolicyFiles, RaisedBy, Rule};
use purposelint::settings::Settings;
use purposelint::source::SourceMap;
use purposelint::space::{Atlas, Date};

/// The day on which the packs were last read against the law.
pub(crate) const TODAY: &str = "2026-11-22";

/// How far a run looks ahead unless a config says otherwise, in days.
pub(crate) const HORIZON: i64 = 180;

/// All packs with their examples, read once.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let files = PolicyFiles::builtin();
        let (library, problems) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Whole);
        assert!(problems.is_empty(), "{problems:?}");
        library
    })
}

/// The packs that encode the law of some place.
pub(crate) fn law_packs() -> impl Iterator<Item = &'static Pack> {
    library().packs.iter().filter(|pack| !pack.territories.is_empty())
}

pub(crate) fn rule(id: &str) -> &'static Rule {
    library().rule(id).unwrap_or_else(|| panic!("there is no rule {id}"))
}

pub(crate) fn day(text: &str) -> Date {
    Date::parse(text).unwrap_or_else(|| panic!("{text} is no day"))
}

/// Every rule of every pack, as the packs have it.
pub(crate) fn all_rules() -> Settings {
    Settings::new(library())
}

/// One rule alone, with the checks of `core` that say whether a declaration is sound.
pub(crate) fn only(rule: &Rule) -> Settings {
    let mut settings = Settings::default();
    for checked in library().rules().filter(|other| other.pack() == "core") {
        settings.switch_on(checked);
    }
    settings.switch_on(rule);
    settings
}

/// Judges one declaration.
pub(crate) fn judge(settings: Settings, text: &str, today: Date, horizon: i64) -> Report {
    judge_step(settings, None, text, today, horizon)
}

/// Judges an example of a rule on its day: what is declared, or for a rule about changes the step.
pub(crate) fn judge_example(settings: Settings, example: &Example) -> Report {
    let today = example.as_of.unwrap_or_else(default_date);
    judge_step(settings, example.before.as_deref(), &example.text, today, 0)
}

/// Judges one declaration, or with another one before it the step from that one.
pub(crate) fn judge_step(settings: Settings, before: Option<&str>, text: &str, today: Date, horizon: i64) -> Report {
    let library = library();
    let setup = Setup {
        settings: settings.into(),
        period: Period { today, horizon: today.plus(horizon), full_severity: false },
        ..Setup::of(library, today)
    };
    let mut sources = SourceMap::new();
    let file = sources.add("example.yaml", text);
    let Some(before) = before else { return lint(&sources, &[file], &setup) };
    let before = sources.add("before.yaml", before);
    let base = Base { files: &[before], atlas: &library.atlas, left_out: &BTreeMap::new() };
    let comparison = compare(&sources, base, &[file], &setup);
    // what cannot be compared is said by a run that only reads it
    if comparison.unread.is_empty() { comparison.report } else { lint(&sources, &[file], &setup) }
}

/// The failures of a rule.
pub(crate) fn failures<'r>(report: &'r Report, rule: &'r str) -> impl Iterator<Item = &'r Finding> {
    report.found().filter(move |finding| finding.rule == rule && finding.outcome == Outcome::Fail)
}

/// What is wrong with a declaration itself, whatever the rules say of it. That something changes for the worse is not.
pub(crate) fn unsound(report: &Report) -> Option<String> {
    let is_step = |finding: &Finding| rule(&finding.rule).raised_by == Some(RaisedBy::Comparison);
    let wrong = |finding: &&Finding| {
        finding.rule.starts_with("core/") && finding.severity == Severity::Error && !is_step(finding)
    };
    report.found().find(wrong).map(|finding| format!("{}: {}", finding.rule, finding.message))
}
