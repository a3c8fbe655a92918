//! What is found of a service does not depend on what was judged before it.
//!
//! A run keeps what parts of conditions came to, for all services and purposes that have the same facts behind them. A key that
//! leaves out one of these facts answers one service with what was found of another. The examples of a rule differ in little more
//! than what it asks for, so all of them are judged in one run, and again from the last to the first.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use law::{all_rules, library};
use purposelint::evaluate::{Finding, Outcome};
use purposelint::examples::default_date;
use purposelint::lint::{Setup, lint};
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::settings::Settings;
use purposelint::source::{FileId, SourceMap};
use purposelint::space::{Atlas, Date};

/// The examples that are about what holds on one day, each as a file with services of its own.
fn examples() -> BTreeMap<Date, Vec<String>> {
    let mut by_day: BTreeMap<Date, Vec<String>> = BTreeMap::new();
    for example in library().rules().flat_map(|rule| &rule.examples).filter(|example| example.before.is_none()) {
        let files = by_day.entry(example.as_of.unwrap_or_else(default_date)).or_default();
        let own = format!("service: of-{}-", files.len());
        files.push(example.text.replace("service: ", &own));
    }
    by_day
}

fn judge(
    library: &Library,
    settings: Settings,
    sources: &SourceMap,
    files: &[FileId],
    today: Date,
) -> Vec<Arc<Finding>> {
    let setup = Setup { settings: settings.into(), ..Setup::of(library, today) };
    lint(sources, files, &setup).findings
}

#[test]
fn what_was_judged_before_makes_no_difference() {
    let by_day = examples();
    assert!(by_day.values().map(Vec::len).max() > Some(500));
    for (today, texts) in by_day {
        let mut sources = SourceMap::new();
        let mut files: Vec<FileId> =
            texts.iter().enumerate().map(|(at, text)| sources.add(format!("{at}.yaml"), text.as_str())).collect();
        // which of two definitions is the first is a matter of order
        let judges = |finding: &&Arc<Finding>| library().rule(&finding.rule).is_some_and(|rule| rule.require.is_some());
        let found = |files: &[FileId]| -> BTreeSet<String> {
            let findings = judge(library(), all_rules(), &sources, files, today);
            findings.iter().filter(judges).map(|finding| format!("{finding:?}")).collect()
        };
        let forwards = found(&files);
        files.reverse();
        let backwards = found(&files);
        let only = |these: &BTreeSet<String>, those: &BTreeSet<String>, way: &str| -> Vec<String> {
            these.difference(those).map(|finding| format!("only {way}: {finding}")).collect()
        };
        let differ = [only(&forwards, &backwards, "forwards"), only(&backwards, &forwards, "backwards")].concat();
        assert!(differ.is_empty(), "{} findings on {today}:\n{}", differ.len(), differ.join("\n"));
    }
}

/// A condition, and two services that differ in nothing but what it asks for: it fails for the first alone.
const APART: &[(&str, &str, &str)] = &[
    ("service.id != \"a\"", "service: a\npurposes: {p: {PURPOSE}}", "service: b\npurposes: {p: {PURPOSE}}"),
    ("service.service != \"a\"", "service: a\npurposes: {p: {PURPOSE}}", "service: b\npurposes: {p: {PURPOSE}}"),
    ("purpose.id != \"p\"", "service: a\npurposes: {p: {PURPOSE}}", "service: b\npurposes: {q: {PURPOSE}}"),
    (
        "setting.id != \"s\"",
        "service: a\nsettings: {s: {default: off}}\npurposes: {p: {use: analytics, setting: s}}",
        "service: b\nsettings: {t: {default: off}}\npurposes: {p: {use: analytics, setting: t}}",
    ),
    ("has(purpose.setting)", "service: a\npurposes: {p: {use: analytics}}", "service: b\npurposes: {p: {PURPOSE}}"),
    (
        "state == \"off\"",
        "service: a\npurposes: {p: {use: analytics, setting: {default: on}}}",
        "service: b\npurposes: {p: {PURPOSE}}",
    ),
    (
        "\"FR\" in service.regions",
        "service: a\nregions: [DE]\npurposes: {p: {PURPOSE}}",
        "service: b\nregions: [FR]\npurposes: {p: {PURPOSE}}",
    ),
    (
        "\"16+\" in service.ages",
        "service: a\nages: 13+\npurposes: {p: {PURPOSE}}",
        "service: b\nages: 16+\npurposes: {p: {PURPOSE}}",
    ),
    (
        "service.language == \"de\"",
        "service: a\npurposes: {p: {PURPOSE}}",
        "service: b\nlanguage: de\npurposes: {p: {PURPOSE}}",
    ),
    (
        "\"vlop\" in service.roles",
        "service: a\nroles: [gatekeeper]\npurposes: {p: {PURPOSE}}",
        "service: b\nroles: [vlop]\npurposes: {p: {PURPOSE}}",
    ),
    (
        "size(service.purposes) == 1",
        "service: a\npurposes: {p: {PURPOSE}, q: {PURPOSE}}",
        "service: b\npurposes: {p: {PURPOSE}}",
    ),
    (
        "size(setting.purposes) == 1",
        "service: a\nsettings: {s: {default: off}}\npurposes: {p: {use: analytics, setting: s}, q: {use: analytics, setting: s}}",
        "service: b\nsettings: {s: {default: off}}\npurposes: {p: {use: analytics, setting: s}}",
    ),
    (
        "notices.exists(n, n.channel == \"direct\")",
        "service: a\nnotices: {n: {channel: passive}}\npurposes: {p: {PURPOSE, notices: [n]}}",
        "service: b\nnotices: {n: {channel: direct}}\npurposes: {p: {PURPOSE, notices: [n]}}",
    ),
    (
        "purpose.announced_by.exists(n, n.reaches)",
        "service: a\nregions: [FR]\nnotices: {n: {regions: [DE]}}\npurposes: {p: {PURPOSE, notices: [n]}}",
        "service: b\nregions: [FR]\nnotices: {n: {regions: [FR]}}\npurposes: {p: {PURPOSE, notices: [n]}}",
    ),
    (
        "purpose.announced_by.exists(n, n.reaches_place)",
        "service: a\nregions: [FR]\nnotices: {n: {regions: [DE]}}\npurposes: {p: {PURPOSE, notices: [n]}}",
        "service: b\nregions: [FR]\nnotices: {n: {regions: [FR]}}\npurposes: {p: {PURPOSE, notices: [n]}}",
    ),
    (
        "purpose.region_stated",
        "service: a\nregions: [FR]\npurposes: {p: {PURPOSE}}",
        "service: b\nregions: [FR]\npurposes: {p: {use: analytics, setting: {overrides: [{regions: [FR], default: off}]}}}",
    ),
    (
        "size(purpose.states_here) == 1",
        "service: a\npurposes: {p: {use: analytics, setting: {default: off, overrides: [{ages: 18+, default: on}]}}}",
        "service: b\npurposes: {p: {PURPOSE}}",
    ),
    (
        "recipients.exists(r, r.country == \"DE\")",
        "service: a\norganisations: {o: {country: FR}}\npurposes: {p: {PURPOSE, recipients: [o]}}",
        "service: b\norganisations: {o: {country: DE}}\npurposes: {p: {PURPOSE, recipients: [o]}}",
    ),
    (
        "purpose.models.provider.country == \"DE\"",
        "service: a\norganisations: {o: {country: FR}}\npurposes: {p: {PURPOSE, models: {provider: o}}}",
        "service: b\norganisations: {o: {country: DE}}\npurposes: {p: {PURPOSE, models: {provider: o}}}",
    ),
    (
        "purpose.retention.period <= \"P30D\"",
        "service: a\npurposes: {p: {PURPOSE, retention: {period: P1Y}}}",
        "service: b\npurposes: {p: {PURPOSE, retention: {period: P30D}}}",
    ),
    (
        "purpose.data.all(d, d.source == \"provided\")",
        "service: a\npurposes: {p: {PURPOSE, data: [{category: user.content, source: inferred}]}}",
        "service: b\npurposes: {p: {PURPOSE, data: [{category: user.content, source: provided}]}}",
    ),
    (
        "purpose.started < \"2024-01-01\"",
        "service: a\npurposes: {p: {PURPOSE, started: 2024-01-01}}",
        "service: b\npurposes: {p: {PURPOSE, started: 2023-12-31}}",
    ),
];

/// The packs of the program have no rule that asks for some of these facts, and those of others may.
#[test]
fn services_that_differ_in_one_fact_are_told_apart() {
    let mut files = PolicyFiles::builtin();
    files.insert("acme/pack.yaml".into(), b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n".to_vec());
    for (at, (require, ..)) in APART.iter().enumerate() {
        files.insert(format!("acme/r{at}.yaml"), rule(require).into_bytes());
    }
    let packs = ["core", "acme"].map(str::to_owned);
    let (library, wrong) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Run);
    assert!(wrong.is_empty(), "{wrong:?}");
    for (at, (require, first, second)) in APART.iter().enumerate() {
        let mut sources = SourceMap::new();
        let texts = [first, second].map(|text| text.replace("PURPOSE", "use: analytics, setting: {default: off}"));
        let [first, second] = texts.map(|text| sources.add(text.clone(), format!("version: 1\n{text}\n")));
        for files in [[first, second], [second, first]] {
            let report = judge(&library, Settings::new(&library), &sources, &files, default_date());
            let rule = format!("acme/r{at}");
            let found: BTreeSet<FileId> =
                report.iter().filter(|found| found.rule == rule).map(|found| found.primary.span.file).collect();
            assert_eq!(found, BTreeSet::from([first]), "{require}: {:?}\n{report:#?}", files);
        }
    }
}

/// A condition, and a service in two files that says the same in whichever order they are read: it fails.
const IN_FILES: &[(&str, [&str; 2])] = &[
    (
        "!service.commitments.exists(c, c.scope.uses.exists(u, within(purpose.use, u)))",
        [
            "service: a\ncommitments: [{text: x, scope: {uses: [third_party_sharing.sale]}}]\npurposes: {p: {PURPOSE}}",
            "service: a\ncommitments: [{text: y, scope: {uses: [analytics]}}]",
        ],
    ),
    (
        "!service.commitments.exists(c, c.scope.uses.exists(u, within(purpose.use, u)))",
        [
            "service: a\ncommitments: []\npurposes: {p: {PURPOSE}}",
            "service: a\ncommitments: [{text: y, scope: {uses: [analytics]}}]",
        ],
    ),
    (
        "!mentions(setting.label, \"hedges\")",
        [
            "service: a\nlanguage: de\npurposes: {q: {use: analytics, setting: none}}",
            "service: a\npurposes: {p: {use: analytics, setting: {label: We seek to do it, default: off}}}",
        ],
    ),
    (
        "!mentions(setting.label, \"hedges\")",
        [
            "service: a\npurposes: {p: {use: analytics, setting: s}}",
            "language: de\nsettings: {s: {label: Wir versuchen es, default: off}}",
        ],
    ),
];

#[test]
fn a_service_says_the_same_in_whichever_files_it_stands() {
    let mut files = PolicyFiles::builtin();
    files.insert("acme/pack.yaml".into(), b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n".to_vec());
    for (at, (require, _)) in IN_FILES.iter().enumerate() {
        files.insert(format!("acme/r{at}.yaml"), rule(require).into_bytes());
    }
    let packs = ["core", "acme"].map(str::to_owned);
    let (library, wrong) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Run);
    assert!(wrong.is_empty(), "{wrong:?}");
    for (at, (require, texts)) in IN_FILES.iter().enumerate() {
        let mut sources = SourceMap::new();
        let [first, second] = texts
            .map(|text| text.replace("PURPOSE", "use: analytics, setting: {default: off}"))
            .map(|text| sources.add("a.yaml", format!("version: 1\n{text}\n")));
        for files in [[first, second], [second, first]] {
            let report = judge(&library, Settings::new(&library), &sources, &files, default_date());
            let wrong =
                report.iter().filter(|found| found.rule == format!("acme/r{at}") && found.outcome == Outcome::Fail);
            assert!(wrong.count() > 0, "{require}: {files:?}\n{report:#?}");
            assert!(report.iter().all(|found| found.rule != "core/service-property-repeated"), "{report:#?}");
        }
    }
}

/// A condition, and values of its parameters: with the first it holds of the purpose below, with the second it does not.
const PARAMETERS: &[(&str, &str, &str)] = &[
    (
        "purpose.data.exists(d, within(d.category, param.wanted) && !within(d.category, param.other))",
        "wanted: user.content, other: user.contact",
        "wanted: user.contact, other: user.content",
    ),
    ("size(purpose.data) > param.less && size(purpose.data) < param.more", "less: 1, more: 3", "less: 3, more: 1"),
    (
        "size(purpose.data) == param.a && size(purpose.data) == param.b && size(purpose.data) < param.c",
        "a: 2, b: 2, c: 3",
        "a: 2, b: 3, c: 2",
    ),
    (
        "purpose.use in param.those && !(purpose.use in param.these)",
        "those: [analytics], these: [ads]",
        "those: [ads], these: [analytics]",
    ),
    ("size(purpose.data) + param.a == param.b", "a: 1, b: 3", "a: 3, b: 1"),
];

#[test]
fn rules_that_differ_in_their_parameters_are_told_apart() {
    const SERVICE: &str = "version: 1\nservice: a\npurposes:\n  p: {use: analytics, setting: {default: off}, data: [{category: user.content}, {category: user.behavior}]}\n";
    for (require, holding, other) in PARAMETERS {
        for values in [[holding, other], [other, holding]] {
            let mut files = PolicyFiles::builtin();
            files.insert("acme/pack.yaml".into(), b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n".to_vec());
            for (at, values) in values.iter().enumerate() {
                files.insert(format!("acme/r{at}.yaml"), format!("{}parameters: {{{values}}}\n", rule(require)).into());
            }
            let packs = ["core", "acme"].map(str::to_owned);
            let (library, wrong) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Run);
            assert!(wrong.is_empty(), "{wrong:?}");
            let mut sources = SourceMap::new();
            let file = sources.add("a.yaml", SERVICE);
            let found = judge(&library, Settings::new(&library), &sources, &[file], default_date());
            let found: Vec<&str> =
                found.iter().map(|found| &*found.rule).filter(|rule| rule.starts_with("acme/")).collect();
            assert_eq!(found, [if values[0] == holding { "acme/r1" } else { "acme/r0" }], "{require}: {values:?}");
        }
    }
}

fn rule(require: &str) -> String {
    format!(
        "title: x\nseverity: error\nwhy: x\ncites: [{{text: x, kind: practice, confidence: low}}]\nrequire: '{require}'\nexamples: [{{title: a, flagged: a}}, {{title: b, clean: a}}]\n"
    )
}
