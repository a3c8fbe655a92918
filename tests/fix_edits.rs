//! Edits in files that are written in odd ways: each is as it was but for the edit, or the edit is not offered.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

use std::sync::{Arc, OnceLock};

use purposelint::evaluate::{Finding, Outcome, Period};
use purposelint::fix;
use purposelint::lint::{Report, Setup, lint};
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::source::SourceMap;
use purposelint::space::{Atlas, Date};

/// Rules whose fixes add keys and overrides.
const RULES: [(&str, &str); 5] = [
    ("on", "require: state != \"on\"\nfix: {override: {setting.default: off}, safety: suggest}"),
    ("ask", "require: state != \"on\"\nfix: {set: {setting.default: ask}, safety: suggest}"),
    ("unsaid", "require: has(setting.until_answer)\nfix: {set: {setting.until_answer: off}, safety: suggest}"),
    (
        "done",
        "applies: {regions: [GB]}\nrequire: state == \"absent\"\nfix: {override: {purpose.carried_out: false}, safety: suggest}",
    ),
    (
        "young",
        "applies: {regions: [JP]}\nwhen: age.from < table(\"own_age\")\nrequire: state != \"on\"\nfix: {override: {setting.default: off}, safety: suggest}",
    ),
];

/// From one day to the next nothing tells people apart at the age at which it did.
const TABLE: &str = "version: 1\ntitle: x\nsource: x\ntype: int\nvalues:\n  - {regions: [JP], value: 13, until: 2027-01-01}\n  - {regions: [JP], value: 14, from: 2027-01-01}\n";

fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut files = PolicyFiles::builtin();
        files.insert("acme/pack.yaml".into(), b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n".to_vec());
        files.insert("acme/tables/own_age.yaml".into(), TABLE.as_bytes().to_vec());
        for (name, rest) in RULES {
            let rule = format!(
                "title: x\nseverity: error\nwhy: x\ncites: [{{text: x, kind: practice, confidence: low}}]\n{rest}\nexamples: [{{title: a, flagged: a}}, {{title: b, clean: a}}]\n"
            );
            files.insert(format!("acme/{name}.yaml"), rule.into_bytes());
        }
        let packs = ["core", "acme"].map(str::to_owned);
        let (library, wrong) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Run);
        assert!(wrong.is_empty(), "{wrong:?}");
        library
    })
}

fn judge(text: &str) -> Report {
    let library = library();
    let today = Date::parse("2026-11-21").unwrap();
    let mut sources = SourceMap::new();
    let file = sources.add("purposes.yaml", text);
    let period = Period { today, horizon: today.plus(180), full_severity: false };
    let setup = Setup { period, ..Setup::of(library, today) };
    lint(&sources, &[file], &setup)
}

/// The text after the first fix of a rule, `None` where none is offered. With it the rule has nothing more to say.
fn fixed(text: &str, rule: &str) -> Option<String> {
    let rule = format!("acme/{rule}");
    let of_rule = |report: &Report| {
        let findings = report.found().filter(|finding| finding.rule == rule && finding.outcome == Outcome::Fail);
        findings.flat_map(|finding| finding.fixes.clone()).collect::<Vec<_>>()
    };
    let report = judge(text);
    assert!(report.found().any(|finding| finding.rule == rule), "{rule} has nothing to say:\n{text}");
    let fix = of_rule(&report).into_iter().next()?;
    let after = fix::apply(text, &fix.edits).unwrap();
    let report = judge(&after);
    let left = report.found().find(|finding| finding.rule == rule || finding.rule.starts_with("core/"));
    assert!(left.is_none(), "{left:?}\n{after}");
    Some(after)
}

const HEAD: &str = "version: 1\nservice: a\nregions: [GB, FR]\n";
const OFF: &str = "{regions: [GB], default: off}";

#[test]
fn keys_are_added_in_every_way_of_writing() {
    let cases: &[(&str, &str)] = &[
        ("setting:\n      default: ask", "setting:\n      default: ask\n      until_answer: off"),
        ("setting:\n        default: ask\t# tab", "setting:\n        default: ask\t# tab\n        until_answer: off"),
        ("setting: {default: ask}", "setting: {default: ask, until_answer: off}"),
        ("setting: {default: ask,}", "setting: {default: ask, until_answer: off,}"),
        (
            "setting: {\n      default: ask # why\n      # so\n    }",
            "setting: {\n      default: ask, until_answer: off # why\n      # so\n    }",
        ),
        ("\"setting\": {\"default\": \"ask\"}", "\"setting\": {\"default\": \"ask\", until_answer: off}"),
        ("? setting\n    : default: ask", ""),
        ("setting:\n      ? default\n      : ask", ""),
        ("setting: &s\n      default: ask", "setting: &s\n      default: ask\n      until_answer: off"),
        ("setting: !!map\n      default: ask", "setting: !!map\n      default: ask\n      until_answer: off"),
        (
            "setting:\n      default: ask\n      location:\n      - a\n      -   b # c",
            "setting:\n      default: ask\n      location:\n      - a\n      -   b # c\n      until_answer: off",
        ),
        (
            "setting:\n      default: ask\n      help: >-\n        One\n        two\n\n      # behind",
            "setting:\n      default: ask\n      help: >-\n        One\n        two\n      until_answer: off\n\n      # behind",
        ),
        (
            "setting:\n      default: ask\n      label: \"one\n        two\" # c",
            "setting:\n      default: ask\n      label: \"one\n        two\" # c\n      until_answer: off",
        ),
        ("setting:\n      default: ask\n      help: |+\n        One\n\n", ""),
    ];
    for (before, after) in cases {
        let whole = |part: &str| format!("{HEAD}purposes:\n  t:\n    use: analytics\n    {part}\n");
        let changed = fixed(&whole(before), "unsaid");
        assert_eq!(changed, (!after.is_empty()).then(|| whole(after)), "{before}");
    }
}

#[test]
fn overrides_are_added_in_every_way_of_writing() {
    let fr = "{regions: [FR], default: off}";
    let cases: &[(String, Option<String>)] = &[
        // merged keys stand elsewhere, and what they bring is not the last entry here
        (
            format!(
                "settings:\n  b: &b {{label: x}}\n  s:\n    <<: *b\n    default: on\n    overrides: [{fr}]\npurposes:\n  t: {{use: analytics, setting: s}}\n  u: {{use: analytics, setting: b}}\n"
            ),
            Some(format!(
                "settings:\n  b: &b {{label: x}}\n  s:\n    <<: *b\n    default: on\n    overrides: [{fr}, {OFF}]\npurposes:\n  t: {{use: analytics, setting: s}}\n  u: {{use: analytics, setting: b}}\n"
            )),
        ),
        // two documents, the second without a line break at its end
        (
            format!(
                "purposes: {{t: {{use: analytics, setting: {{default: off}}}}}}\n---\nversion: 1\nservice: b\nregions: [GB, FR]\npurposes:\n  t:\n    use: analytics\n    setting:\n      overrides:\n        - {fr}\n      default: on"
            ),
            Some(format!(
                "purposes: {{t: {{use: analytics, setting: {{default: off}}}}}}\n---\nversion: 1\nservice: b\nregions: [GB, FR]\npurposes:\n  t:\n    use: analytics\n    setting:\n      overrides:\n        - {fr}\n        - {OFF}\n      default: on"
            )),
        ),
        (
            "purposes:\n  t:\n    use: analytics\n    setting:\n      overrides:\n        -   regions: [FR]\n            default: off # c\n\n      default: on\n...\n"
                .to_owned(),
            Some(format!(
                "purposes:\n  t:\n    use: analytics\n    setting:\n      overrides:\n        -   regions: [FR]\n            default: off # c\n        - {OFF}\n\n      default: on\n...\n"
            )),
        ),
        // a list that other settings share
        (
            format!(
                "settings:\n  b: {{default: off, overrides: &o [{fr}]}}\n  s: {{default: on, overrides: *o}}\npurposes:\n  t: {{use: analytics, setting: s}}\n  u: {{use: analytics, setting: b}}\n"
            ),
            None,
        ),
    ];
    for (before, after) in cases {
        let whole = |part: &str| format!("{HEAD}{part}");
        let text = whole(before);
        let changed = if before.contains("&b") {
            let case = judge(&text);
            let failing = |finding: &&Arc<Finding>| finding.rule == "acme/on" && finding.outcome == Outcome::Fail;
            let finding = case.findings.iter().find(failing).unwrap();
            finding.fixes.first().map(|fix| fix::apply(&text, &fix.edits).unwrap())
        } else {
            fixed(&text, "on")
        };
        assert_eq!(changed, after.as_deref().map(whole), "{before}");
    }
}

#[test]
fn ages_and_plans_are_named_where_they_are_not_all() {
    let head = "version: 1\nservice: a\nregions: [GB, FR]\nages: 13+\nplans: [free, paid]\n";
    let setting = |more: &str| {
        format!(
            "{head}purposes:\n  t: {{use: analytics, setting: {{default: on, overrides: [{{ages: 13-17, default: off}}, {{plans: [paid], ages: adult, default: off}}{more}]}}}}\n"
        )
    };
    let expected = setting(", {ages: [18+], plans: [free], default: off}");
    assert_eq!(fixed(&setting(""), "on").as_deref(), Some(expected.as_str()));
    // a plan stays the plan that it is
    let named = |plan: &str| setting("").replace("[free,", &format!("[{plan},"));
    let quoted = fixed(&named("\"null\""), "on");
    assert!(quoted.as_ref().is_some_and(|text| text.contains("plans: [\"null\"], default: off}")), "{quoted:?}");
    assert_eq!(fixed(&named("\"x], default: ask}, {plans: [x\""), "on"), None);
    // what is to stop is said at the purpose
    let text = format!("{head}purposes:\n  t:\n    use: analytics\n    setting: {{default: off}}\n");
    let expected = format!("{text}    overrides:\n      - {{regions: [GB], carried_out: false}}\n");
    assert_eq!(fixed(&text, "done").as_deref(), Some(expected.as_str()));
}

#[test]
fn a_question_that_would_not_hold_back_the_processing_is_not_offered() {
    let text = |more: &str| format!("{HEAD}purposes:\n  t: {{use: analytics, setting: {{default: on{more}}}}}\n");
    assert_eq!(fixed(&text(""), "ask"), Some(text("").replace("default: on", "default: ask")));
    assert_eq!(fixed(&text(", until_answer: on"), "ask"), None);
    assert_eq!(fixed(&text(", on_dismiss: on"), "ask"), None);
    assert_eq!(fixed(&text(", overrides: [{regions: [FR], on_dismiss: on}]"), "ask"), None);
    // what is off is not asked again
    let over = text(", overrides: [{regions: [FR], default: off}]");
    let expected = over.replace("default: on", "default: ask");
    assert_eq!(fixed(&over, "ask"), Some(expected));
}

#[test]
fn what_is_upcoming_is_repaired_for_those_whom_it_is_about() {
    let report = judge(
        "version: 1\nservice: a\nregions: [JP]\npurposes:\n  t:\n    use: analytics\n    setting: {default: on}\n",
    );
    let found = report.found().filter(|finding| finding.rule == "acme/young");
    let titles: Vec<&str> = found.flat_map(|finding| &finding.fixes).map(|fix| fix.title.as_str()).collect();
    let add = |ages: &str| format!("add an override for JP, aged {ages}: `default: off`");
    assert_eq!(titles, [add("under 13"), add("13")]);
}
