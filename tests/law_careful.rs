//! What careful teams would declare is no error under any rule: a rule that says otherwise fires where it should not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use law::{TODAY, all_rules, day, failures, judge, judge_step, library, unsound};
use purposelint::diagnostic::Severity;
use purposelint::evaluate::{Finding, Outcome};
use purposelint::examples::default_date;
use purposelint::policy::On;
use purposelint::vocabulary::{Terms, Vocabulary, within};
use rayon::prelude::*;

/// A day on which all law of which we know today is in force.
const LATER: &str = "2027-12-03";

/// What a balanced opt-out may vary in: uses, data, roles, and whom it is for.
const USES: [&str; 5] = [
    "train_ai_system",
    "train_ai_system.fine_tune",
    "train_ai_system.generative",
    "train_ai_system.generative.foundation",
    "train_ai_system.recommender",
];
const DATA: [&str; 4] = [
    "",
    "data: [{category: user.behavior, source: observed}]",
    "data: [{category: user.content.public, source: provided, collected_since: 2025-12-01}]",
    "data: [{category: user.content, source: provided, collected_since: 2007-01-01, collected_for: [essential.service]}]",
];
const ROLES: [&str; 3] = ["[]", "[online_platform, vlop]", "[gatekeeper, gpai_provider]"];
const WHOM: [&str; 3] = ["regions: [EEA, GB, CH]\nages: 18+", "regions: [EEA, CH]\nages: 16+", "regions: [EEA, CH]"];

/// Training that rests on legitimate interests, weighed beforehand, announced directly and beforehand, with an opt-out that
/// was open before it began.
fn balanced(use_: &str, data: &str, roles: &str, whom: &str) -> String {
    format!(
        "version: 1
service: example
{whom}
roles: {roles}
notices:
  mail: {{channel: direct, published: 2025-09-18}}
purposes:
  training:
    use: {use_}
    description: Train the model that finishes sentences.
    {data}
    lawful_basis: legitimate_interests
    setting: {{default: on, first_offered: 2025-09-18, requires_reason: false}}
    started: 2025-11-03
    notices: [mail]
    assessments:
      - {{kind: lia, date: 2025-08-01}}
      - {{kind: dpia, date: 2025-08-01}}
      - {{kind: compatibility, date: 2025-08-01}}
    documents: [{{kind: training_data_summary, ref: docs/data.md}}, {{kind: copyright_policy, ref: docs/rights.md}}]
    retention: {{period: P1Y}}
"
    )
}

/// European authorities have accepted such training case by case. Nothing here may say that it needs consent.
#[test]
fn a_balanced_opt_out_is_no_error_in_europe() {
    let mut texts = Vec::new();
    for use_ in USES {
        for data in DATA {
            for roles in ROLES {
                texts.extend(WHOM.map(|whom| balanced(use_, data, roles, whom)));
            }
        }
    }
    let wrong = |text: &String| {
        let report = judge(all_rules(), text, default_date(), 0);
        assert_eq!(unsound(&report), None, "{text}");
        let failed = |finding: &&Finding| finding.outcome == Outcome::Fail;
        let bad = |finding: &&Finding| finding.severity == Severity::Error || finding.message.contains("consent");
        let found = report.found().filter(failed).filter(bad);
        found.map(|found| format!("{}: {}\n{text}", found.rule, found.message)).collect::<Vec<_>>()
    };
    let wrong: Vec<String> = texts.par_iter().flat_map(wrong).collect();
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
    // without the balance, the notice and the switch it is one
    let bare = balanced(USES[0], DATA[0], ROLES[0], WHOM[0])
        .replace("setting: {default: on, first_offered: 2025-09-18, requires_reason: false}", "setting: none");
    let report = judge(all_rules(), &bare, default_date(), 0);
    let objection = failures(&report, "eu-gdpr/objection-route-missing").map(|found| found.severity).max();
    assert_eq!(objection, Some(Severity::Error));
}

/// What every purpose below declares.
const DECLARED: [&str; 6] = [
    "notices: [policy, mail], started: 2024-03-01, recipients: [host]",
    "documents: [{kind: training_data_summary, ref: docs/data.md}, {kind: copyright_policy, ref: docs/rights.md}]",
    "assessments: [{kind: dpia, date: 2024-01-01}, {kind: us_risk, date: 2024-01-01}, {kind: tia, date: 2024-01-01}]",
    "safeguards: [{kind: age_assurance, status: implemented, evidence: docs/ages.md}]",
    "retention: {period: P1Y, training_sets: P1Y, models: kept}",
    "rights: {complaint: {route: web/complain}, objection: {route: web/object, non_users: true}}",
];

/// Off until people agree.
const ASKED: [&str; 3] = [
    "setting: {default: off, first_offered: 2024-01-12, label: Use my data, honours: [gpc, dnt], steps: {on: 2, off: 2}}",
    "lawful_basis: explicit_consent, special_condition: GDPR Art. 9(2)(a)",
    "consent: {separate: true, parental: true}",
];

/// What the service cannot do without.
const NEEDED: [&str; 2] =
    ["necessity: core, lawful_basis: contract", "overrides: [{regions: [IN], lawful_basis: legitimate_use}]"];

/// One purpose of such a service.
fn purpose(use_: &str, category: &str, ground: &[&str]) -> String {
    let data =
        format!("{{category: {category}, source: provided, collected_since: 2024-03-01, collected_for: [essential]}}");
    format!("use: {use_}, data: [{data}], {}, {}", ground.join(", "), DECLARED.join(", "))
}

/// What a careful team would write for the whole world.
fn careful(ages: &str, purposes: &[String]) -> String {
    let head = format!(
        "version: 1
service: example
ages: {ages}
organisations:
  host: {{name: Hosting Ltd, role: processor, contract: contracts/host.md, country: IE}}
notices:
  policy: {{kind: privacy_policy, channel: passive, published: 2024-01-12}}
  mail: {{kind: privacy_policy, channel: direct, published: 2024-01-12}}
purposes:
"
    );
    let one = |(at, purpose): (usize, &String)| format!("  p{at}: {{{purpose}}}\n");
    head + &purposes.iter().enumerate().map(one).collect::<String>()
}

/// Whatever it is for and whatever the data: what waits until people agree, and what the service cannot do without, is no
/// error anywhere, neither now nor when the law of which we know today is in force.
#[test]
fn careful_declarations_are_no_error_anywhere() {
    // a use that says nothing is an error in Brazil and Japan
    let uses = || Vocabulary::builtin().keys(Terms::Use).filter(|key| *key != "collect");
    let by_use: Vec<String> = uses().map(|key| purpose(key, "user.behavior", &ASKED)).collect();
    let categories = Vocabulary::builtin().keys(Terms::Data);
    let by_data: Vec<String> = categories.map(|key| purpose("essential.service", key, &ASKED)).collect();
    let essential = uses().filter(|key| within(key, "essential"));
    let core: Vec<String> = essential.map(|key| purpose(key, "user.behavior", &NEEDED)).collect();
    assert!(by_use.len() > 50 && by_data.len() > 80 && core.len() > 10);
    let cases = [
        ("18+", &by_use, TODAY),
        ("18+", &by_use, LATER),
        ("6+", &by_use, LATER),
        ("18+", &by_data, LATER),
        ("13+", &core, LATER),
    ];
    let wrong = |(ages, purposes, today): &(&str, &Vec<String>, &str)| {
        let text = careful(ages, purposes);
        let report = judge(all_rules(), &text, day(today), 0);
        assert_eq!(unsound(&report), None, "{text}");
        let errors = report.findings.into_iter().filter(|found| found.severity == Severity::Error);
        errors
            .map(|found| format!("{} on {today}: {} ({})", found.rule, found.message, found.primary.text))
            .collect::<Vec<_>>()
    };
    let wrong: Vec<String> = cases.par_iter().flat_map(wrong).collect();
    assert!(wrong.is_empty(), "{} times:\n{}", wrong.len(), wrong.join("\n"));
    let unasked = careful("18+", &by_use).replace("default: off", "default: on");
    let report = judge(all_rules(), &unasked, day(TODAY), 0);
    let consent = failures(&report, "eu-gdpr/consent-default-on").count();
    assert_eq!(consent, by_use.len(), "the same purposes, on before anybody agreed");
}

/// A service of which each purpose is something else than the others, with what all of them declare.
fn service(uses: &[&str], regions: &str, shared: &str) -> String {
    let head = format!(
        "version: 1
service: example
ages: 18+
regions: [{regions}]
organisations: {{host: {{name: Hosting Ltd, role: processor}}, lab: {{name: Lab Ltd, role: third_party}}}}
notices:
  policy: {{channel: passive, published: 2024-01-12}}
  mail: {{channel: direct, published: 2026-10-01}}
purposes:
  diary: {{use: essential.service, necessity: core, setting: none, data: [{{category: user.content}}], notices: [policy]}}
"
    );
    let one = |(at, use_): (usize, &&str)| {
        format!("  p{at}: {{use: {use_}, data: [{{category: user.content, collected_since: 2024-03-01}}], {shared}}}\n")
    };
    head + &uses.iter().enumerate().map(one).collect::<String>()
}

/// What the rules about changes say of a step.
fn said_of(before: &str, after: &str) -> Vec<String> {
    let report = judge_step(all_rules(), Some(before), after, day(TODAY), 0);
    assert_eq!(unsound(&report), None, "{after}");
    let about = |id: &str| library().rule(id).is_some_and(|rule| rule.on == On::Change && rule.require.is_some());
    let findings = report.findings.into_iter().filter(|found| about(&found.rule));
    findings.map(|found| format!("{}: {} ({})", found.rule, found.message, found.primary.text)).collect()
}

/// Who asks people before something changes for them, and tells them at the time, hears nothing from a rule about changes; who
/// changes the same and lets things stand as they were hears of it.
#[test]
fn careful_changes_are_flagged_nowhere() {
    const PEOPLE: &str = "EEA, GB, US, IN, BR, CN, KR, JP, HK, AU, CA";
    const OFF: &str = "setting: {default: off}, lawful_basis: explicit_consent, recipients: [host]";
    const ON: &str = "setting: {default: on}, lawful_basis: contract, recipients: [host]";
    const KEPT: &str = "retention: {period: P1Y}, existing_users: enrolled, notices: [policy], assessments: []";
    const TOLD: &str = "retention: {period: P1Y}, existing_users: asked, notices: [policy, mail], \
                        assessments: [{kind: compatibility, date: 2026-09-01}], started: 2026-11-01";
    let uses: Vec<&str> = Vocabulary::builtin().keys(Terms::Use).collect();
    let ranking = vec!["personalize.content"; uses.len()];
    let all = |uses: &[&str], setting: &str, rest: &str| service(uses, PEOPLE, &format!("{setting}, {rest}"));
    let nothing = service(&[], PEOPLE, "");
    let steps = [
        ("added, and off until people agree", nothing.clone(), [all(&uses, OFF, TOLD), String::new()]),
        ("added, and on for those who were asked", nothing, [all(&uses, ON, TOLD), all(&uses, ON, KEPT)]),
        (
            "switched on",
            all(&uses, &ON.replace("default: on", "default: off"), KEPT),
            [all(&uses, ON, TOLD), all(&uses, ON, KEPT)],
        ),
        ("another use", all(&ranking, OFF, KEPT), [all(&uses, OFF, TOLD), all(&uses, OFF, KEPT)]),
        ("another use of what is on", all(&ranking, ON, KEPT), [all(&uses, ON, TOLD), all(&uses, ON, KEPT)]),
        (
            "passed on",
            all(&uses, OFF, KEPT),
            [TOLD, KEPT].map(|rest| all(&uses, OFF, rest).replace("[host]", "[host, lab]")),
        ),
    ];
    for (what, before, [asked, unasked]) in steps {
        let said = said_of(&before, &asked);
        assert!(said.is_empty(), "{what}:\n{}", said.join("\n"));
        assert!(unasked.is_empty() || said_of(&before, &unasked).len() > 30, "{what}: nobody hears of it");
    }
}
