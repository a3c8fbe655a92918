//! The packs that come with the program, and declarations judged with some or all of their rules.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test uses the part it needs, and what fails here is a failing test"
)]

use std::sync::OnceLock;

use purposelint::diagnostic::Severity;
use purposelint::evaluate::{Finding, Outcome, Period};
use purposelint::lint::{Report, Setup, lint};
use purposelint::policy::{Depth, Library, Pack, PolicyFiles, Rule};
use purposelint::product::Products;
use purposelint::settings::Settings;
use purposelint::source::SourceMap;
use purposelint::space::{Atlas, Date};
use purposelint::suppress::Accepting;
use purposelint::syntax::Limits;

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
    let library = library();
    let setup = Setup {
        library,
        atlas: &library.atlas,
        vocabulary: &library.vocabulary,
        settings,
        limits: Limits::default(),
        period: Period { today, horizon: today.plus(horizon), full_severity: false },
        accepting: Some(Accepting::default()),
        products: &Products::new(),
    };
    let mut sources = SourceMap::new();
    let file = sources.add("example.yaml", text);
    lint(&sources, &[file], &setup)
}

/// The failures of a rule.
pub(crate) fn failures<'r>(report: &'r Report, rule: &'r str) -> impl Iterator<Item = &'r Finding> {
    report.findings.iter().filter(move |finding| finding.rule == rule && finding.outcome == Outcome::Fail)
}

/// What is wrong with a declaration itself, whatever the rules say of it.
pub(crate) fn unsound(report: &Report) -> Option<String> {
    let wrong = |finding: &&Finding| finding.rule.starts_with("core/") && finding.severity == Severity::Error;
    report.findings.iter().find(wrong).map(|finding| format!("{}: {}", finding.rule, finding.message))
}
