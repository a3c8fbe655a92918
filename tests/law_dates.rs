//! Days on which law begins and ends are data: the same declaration is judged otherwise before and after them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::BTreeSet;

use law::{HORIZON, TODAY, all_rules, day, failures, judge, only, rule};
use purposelint::lint::Report;

/// What one rule says of a declaration on three days, and the first day on which it counts.
struct Case {
    rule: &'static str,
    from: &'static str,
    /// What it says on that day.
    severity: &'static str,
    /// On 2024-09-18, on 2026-11-21 and on 2027-06-01: `-` for nothing, a severity, `later` for `info` with the day.
    says: [&'static str; 3],
    /// The declaration, after `version` and `service`.
    text: &'static str,
}

const DAYS: [&str; 3] = ["2024-09-18", TODAY, "2027-06-01"];

const BEFORE_ALL: [&str; 3] = ["error", "error", "error"];

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { rule: "eu-gdpr/legal-basis-missing", from: "2018-05-25", severity: "error", says: BEFORE_ALL,
        text: "regions: [EEA]\npurposes: {p: {use: analytics.reporting, setting: {default: off}}}" },
    Case { rule: "br/legal-basis-missing", from: "2020-09-18", severity: "error", says: BEFORE_ALL,
        text: "regions: [BR]\npurposes: {p: {use: analytics.reporting, setting: {default: off}}}" },
    Case { rule: "cn/basis-unknown-to-the-law", from: "2021-11-01", severity: "error", says: BEFORE_ALL,
        text: "regions: [CN]\npurposes: {p: {use: analytics.reporting, setting: {default: off}, lawful_basis: legitimate_interests}}" },
    Case { rule: "ch/default-not-minimum", from: "2023-09-01", severity: "error", says: BEFORE_ALL,
        text: "regions: [CH]\npurposes: {p: {use: analytics.reporting, setting: {default: on}, assessments: []}}" },
    Case { rule: "us-states/ads-or-sale-without-opt-out", from: "2024-10-01", severity: "error", says: ["later", "error", "error"],
        text: "regions: [US-MT]\npurposes: {p: {use: third_party_sharing.sale, setting: none}}" },
    Case { rule: "us-states/ads-or-sale-without-opt-out", from: "2025-07-01", severity: "error", says: ["-", "error", "error"],
        text: "regions: [US-TN]\npurposes: {p: {use: third_party_sharing.sale, setting: none}}" },
    // an error from 2027-08-02 on for models that were there before
    Case { rule: "eu-ai-act/gpai-training-summary-missing", from: "2025-08-02", severity: "warning",
        says: ["-", "warning", "warning, info from 2027-08-02"],
        text: "regions: [EU]\nroles: [gpai_provider]\npurposes: {p: {use: train_ai_system.generative.foundation, setting: {default: off}, started: 2024-01-01}}" },
    Case { rule: "kr/generative-training-unexplained", from: "2025-08-06", severity: "warning", says: ["-", "warning", "warning"],
        text: "regions: [KR]\npurposes: {p: {use: train_ai_system.generative, setting: {default: off}}}" },
    Case { rule: "us-california/training-data-summary-missing", from: "2026-01-01", severity: "error", says: ["-", "error", "error"],
        text: "regions: [US-CA]\npurposes: {p: {use: train_ai_system.generative, setting: {default: off}, output: public}}" },
    Case { rule: "uk/statistics-storage-without-opt-out", from: "2026-02-05", severity: "error", says: ["-", "error", "error"],
        text: "regions: [GB]\npurposes: {p: {use: analytics.reporting, setting: none, device_access: true}}" },
    Case { rule: "uk/recognised-interest-misused", from: "2026-02-05", severity: "error", says: ["-", "error", "error"],
        text: "regions: [GB]\npurposes: {p: {use: train_ai_system, setting: {default: off}, lawful_basis: recognised_interest}}" },
    Case { rule: "us-states/md-sensitive-sold", from: "2026-04-01", severity: "error", says: ["-", "error", "error"],
        text: "regions: [US-MD]\npurposes: {p: {use: third_party_sharing.sale, data: [{category: user.health_and_medical}], setting: {default: off}}}" },
    Case { rule: "us-federal/child-disclosure-consent-bundled", from: "2026-04-22", severity: "error", says: ["-", "error", "error"],
        text: "regions: [US]\nages: 6-12\norganisations: {lab: {name: Lab, role: third_party}}\n\
               purposes: {p: {use: train_ai_system.third_party, setting: {default: off}, recipients: [lab], consent: {parental: true, separate: false}}}" },
    Case { rule: "us-federal/child-retention-undeclared", from: "2026-04-22", severity: "error", says: ["-", "error", "error"],
        text: "regions: [US]\nages: 6-12\npurposes: {p: {use: analytics.reporting, setting: {default: off}, consent: {parental: true}}}" },
    Case { rule: "uk/complaints-route-missing", from: "2026-06-19", severity: "warning", says: ["-", "warning", "warning"],
        text: "regions: [GB]\npurposes: {p: {use: essential.service, necessity: core}}" },
    Case { rule: "us-states/ct-training-statement-missing", from: "2026-07-01", severity: "error", says: ["-", "error", "error"],
        text: "regions: [US-CT]\npurposes: {p: {use: train_ai_system.generative, setting: {default: off}, notices: []}}" },
    Case { rule: "eu-ai-act/ai-interaction-undisclosed", from: "2026-08-02", severity: "warning", says: ["-", "warning", "warning"],
        text: "regions: [EU]\npurposes: {p: {use: essential.service.ai_feature, necessity: core, output: to_user, notices: []}}" },
    // a feature that ran before 2026-08-02 has until 2026-12-02
    Case { rule: "eu-ai-act/ai-output-unmarked", from: "2026-12-02", severity: "warning", says: ["-", "later", "warning"],
        text: "regions: [EU]\npurposes: {p: {use: essential.service.ai_feature, necessity: core, started: 2025-01-01, \
               data: [{category: user.content.ai_output}], output: public, safeguards: []}}" },
    Case { rule: "au/automated-decision-not-in-policy", from: "2026-12-10", severity: "error", says: ["-", "later", "error"],
        text: "regions: [AU]\npurposes: {p: {use: essential.service, necessity: core, notices: [], decision: {automated: true, significant: true}}}" },
    Case { rule: "us-california/automated-decision-without-opt-out", from: "2027-01-01", severity: "error", says: ["-", "later", "error"],
        text: "regions: [US-CA]\npurposes: {p: {use: essential.service, necessity: core, decision: {automated: true, significant: true, human_review: false}}}" },
    Case { rule: "us-states/co-automated-decision-undisclosed", from: "2027-01-01", severity: "warning", says: ["-", "later", "warning"],
        text: "regions: [US-CO]\npurposes: {p: {use: essential.service, necessity: core, notices: [], decision: {automated: true, significant: true}}}" },
    Case { rule: "in/consent-default-on", from: "2027-05-14", severity: "error", says: ["-", "later", "error"],
        text: "regions: [IN]\npurposes: {p: {use: train_ai_system, setting: {default: on}, lawful_basis: consent}}" },
    Case { rule: "in/basis-unknown-to-the-act", from: "2027-05-14", severity: "error", says: ["-", "later", "error"],
        text: "regions: [IN]\npurposes: {p: {use: train_ai_system, setting: {default: off}, lawful_basis: legitimate_interests}}" },
    Case { rule: "minors/training-on-under-18", from: "2027-05-14", severity: "error", says: ["-", "later", "error"],
        text: "regions: [IN]\nages: 16-17\npurposes: {p: {use: train_ai_system, setting: {default: on}, assessments: []}}" },
    // beyond the horizon even in June 2027
    Case { rule: "eu-ai-act/significant-training-data-undocumented", from: "2027-12-02", severity: "warning", says: ["-", "-", "-"],
        text: "regions: [EU]\npurposes: {p: {use: train_ai_system, setting: {default: off}, decision: {significant: true}, \
               data: [{category: user.job_title}], documents: []}}" },
];

fn whole(text: &str) -> String {
    format!("version: 1\nservice: example\n{text}\n")
}

/// `-` for nothing, the severity of the finding, `info from DAY` for one that does not count yet.
fn said(case: &Case, today: &str, plus: i64) -> String {
    let text = whole(case.text);
    let report = judge(only(rule(case.rule)), &text, day(today).plus(plus), HORIZON);
    assert_eq!(law::unsound(&report), None, "{text}");
    let findings: Vec<String> = failures(&report, case.rule)
        .map(|finding| match finding.counts_from {
            Some(from) => format!("{} from {from}", finding.severity),
            None => finding.severity.to_string(),
        })
        .collect();
    if findings.is_empty() { "-".to_owned() } else { findings.join(", ") }
}

#[test]
fn what_a_rule_says_changes_on_the_day_on_which_its_law_begins() {
    let packs: BTreeSet<&str> = CASES.iter().map(|case| rule(case.rule).pack()).collect();
    assert!(CASES.len() >= 12 && packs.len() >= 10, "{packs:?}");
    let mut wrong = Vec::new();
    for case in CASES {
        let later = format!("info from {}", case.from);
        let around = [(-HORIZON - 1, "-"), (-HORIZON, &later), (-1, &later), (0, case.severity)];
        let around = around.map(|(plus, expected)| (case.from, plus, expected));
        let on = |(today, says)| (today, 0, if says == "later" { later.as_str() } else { says });
        for (today, plus, expected) in DAYS.into_iter().zip(case.says).map(on).chain(around) {
            let said = said(case, today, plus);
            if said != expected {
                wrong.push(format!("{} on {today} {plus:+}: {said}, not {expected}", case.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The places that the findings of a rule concern.
fn places(report: &Report, rule: &str) -> BTreeSet<String> {
    failures(report, rule).flat_map(|finding| &*finding.cells).flat_map(|cell| cell.territories.to_vec()).collect()
}

/// The provisions that the findings of a rule show.
fn cited(report: &Report, rule: &str) -> Vec<String> {
    failures(report, rule).flat_map(|finding| finding.cites.iter()).map(|cite| cite.text.clone()).collect()
}

#[test]
fn storage_for_statistics_is_judged_otherwise_in_the_union_and_in_the_united_kingdom() {
    let (eu, uk) = ("eu-eprivacy/terminal-storage-default-on", "uk/statistics-storage-without-opt-out");
    let text = |setting: &str| {
        whole(&format!(
            "regions: [FR, GB]\nnotices: {{policy: {{channel: passive, published: 2024-01-12}}}}\npurposes:\n  statistics:\n    \
             use: analytics.reporting\n    device_access: true\n    notices: [policy]\n    setting: {setting}"
        ))
    };
    for (setting, today, in_eu, in_uk) in [
        // an opt-out and a notice are enough in the United Kingdom
        ("{default: on}", "2026-02-04", true, false),
        ("{default: on}", "2026-02-05", true, false),
        ("none", "2026-02-05", true, true),
        ("none", TODAY, true, true),
        ("{default: off}", TODAY, false, false),
    ] {
        let report = judge(all_rules(), &text(setting), day(today), 0);
        let expected = |found: bool, place: &str| found.then(|| place.to_owned()).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(places(&report, eu), expected(in_eu, "FR"), "{setting} on {today}");
        assert_eq!(places(&report, uk), expected(in_uk, "GB"), "{setting} on {today}");
    }
}

#[test]
fn a_provision_that_has_ended_is_neither_applied_nor_shown() {
    let sale = "purposes: {p: {use: third_party_sharing.sale, setting: {default: on, honours: []}, data: [{category: user.behavior}]}}";
    for (rule_id, region, today, expected) in [
        ("us-states/universal-signal-ignored", "US-CT", "2026-06-30", "Conn. Gen. Stat. 42-520(e)(1)(A)(ii)"),
        (
            "us-states/universal-signal-ignored",
            "US-CT",
            "2026-07-01",
            "Conn. Gen. Stat. 42-520(c)(1)(A)(ii), as amended by PA 25-113",
        ),
        ("us-states/teen-ads-without-consent", "US-OR", "2025-12-31", "ORS 646A.578(2)"),
        ("us-states/teen-ads-without-consent", "US-OR", "2026-01-01", ""),
        ("us-states/or-minor-ads-or-sale", "US-OR", "2025-12-31", ""),
        (
            "us-states/or-minor-ads-or-sale",
            "US-OR",
            "2026-01-01",
            "ORS 646A.578(2)(c)-(d), as amended by HB 2008 (2025)",
        ),
    ] {
        let text = whole(&format!("regions: [{region}]\nages: 13-15\n{sale}"));
        let report = judge(only(rule(rule_id)), &text, day(today), 0);
        assert_eq!(cited(&report, rule_id).join("; "), expected, "{rule_id} on {today}");
    }
}
