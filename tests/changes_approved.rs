//! The fingerprints by which changes are approved: the same for the same change, and another for whatever else comes with it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what cannot be is a failing test")]

mod compared;

use compared::{changes, one};
use purposelint::change::Direction;
use purposelint::space::Atlas;

/// The day of the run, and one on which something else holds.
const DAYS: [&str; 2] = ["2026-11-21", "2026-12-05"];

/// For one of them it ends on the second day, and for the other later.
const FR_THEN_DE: &str =
    "{regions: [FR], until: 2026-12-05, default: on}, {regions: [DE], until: 2027-01-01, default: on}";

#[test]
fn a_fingerprint_is_that_of_the_change_and_of_nothing_else() {
    let atlas = Atlas::builtin();
    let print = |before: &str, after: &str| -> Vec<String> {
        changes(&[before], &[after], atlas, &DAYS).into_iter().map(|change| change.fingerprint).collect()
    };
    let (before, after) = (one("retention: {period: P30D}"), one("retention: {period: P1Y}"));
    let known = print(&before, &after);
    let moved = format!("# a comment\n{}", after.replace("regions: [FR, DE, US]", "regions: [US, FR, DE]"));
    assert_eq!(print(&before, &moved), known);
    assert_ne!(print(&before, &one("retention: {period: P2Y}")), known);
    let fewer = "retention: {period: P30D}, overrides: [{regions: [FR], retention: {period: P1Y}}]";
    assert_ne!(print(&before, &one(fewer)), known);
}

#[test]
fn what_comes_with_a_change_is_part_of_its_fingerprint() {
    let atlas = Atlas::builtin();
    let print_on = |before: &str, after: &str, days: &[&str]| -> Vec<String> {
        let text = |text: &str| {
            let rest = "regions: [FR, DE]\npurposes:\n  p: {use: collect, setting: {default: off}, recipients: []}\n";
            format!("version: 1\nservice: s\n{}", if text.is_empty() { rest } else { text })
        };
        let found = changes(&[&text(before)], &[&text(after)], atlas, days).into_iter();
        found.filter(|change| change.direction == Direction::Weaker).map(|change| change.fingerprint).collect()
    };
    let print = |before: &str, after: &str| print_on(before, after, &DAYS);
    let purpose = |facts: &str| {
        format!(
            "regions: [FR, DE]\norganisations: {{o: {{role: processor}}, k: {{role: third_party}}}}\npurposes:\n  \
             p: {{use: collect, setting: {{default: off}}, recipients: []}}\n{facts}"
        )
    };
    let p = |facts: &str| {
        format!(
            "regions: [FR, DE]\n{facts}purposes:\n  p: {{use: collect, setting: {{default: off}}, recipients: [o]}}\n"
        )
    };
    let default = |over: &str| {
        format!(
            "regions: [FR, DE]\npurposes:\n  p: {{use: collect, setting: {{default: off{over}}}, recipients: []}}\n"
        )
    };
    // two ways to go from the same state to what looks the same: an approval of the one is none of the other
    for (one, other) in [
        (
            purpose("  u: {use: analytics, setting: {default: on}}\n"),
            purpose("  u: {use: train_ai_system, setting: {default: on}}\n"),
        ),
        (
            purpose("  u: {use: analytics, setting: {default: on}, recipients: [o]}\n"),
            purpose("  u: {use: analytics, setting: {default: on}, recipients: [k]}\n"),
        ),
        (
            purpose("  u: {use: analytics, setting: {default: on}}\n"),
            purpose("  u: {use: analytics, setting: {default: on, on_dismiss: on}}\n"),
        ),
        (
            p("organisations: {o: {role: processor, onward_training: prohibited}}\n"),
            p("organisations: {o: {role: third_party, onward_training: allowed}}\n"),
        ),
        (
            default(", overrides: [{regions: [FR, DE], from: 2026-11-21, until: 2026-12-05, default: on}]"),
            default(", overrides: [{regions: [FR, DE], from: 2026-11-21, default: on}]"),
        ),
        (
            default(
                ", overrides: [{regions: [FR], until: 2026-12-01, default: on}, {regions: [DE], until: 2027-01-01, default: on}]",
            ),
            default(
                ", overrides: [{regions: [FR], until: 2027-02-01, default: on}, {regions: [DE], until: 2027-01-01, default: on}]",
            ),
        ),
        (
            default(
                ", overrides: [{until: 2026-12-05, default: on}, {from: 2026-12-05, until: 2027-01-01, default: on}]",
            ),
            default(", overrides: [{until: 2026-12-05, default: on}, {from: 2026-12-05, default: on}]"),
        ),
        (
            default(&format!(", overrides: [{FR_THEN_DE}]")),
            default(&format!(
                ", overrides: [{FR_THEN_DE}, {{regions: [FR], from: 2026-12-05, until: 2027-01-01, default: on}}]"
            )),
        ),
        (
            format!(
                "{}    recipients: [o]\n    overrides: [{{regions: [FR], recipients: []}}]\n",
                purpose("  u:\n    use: analytics\n    setting: {default: on}\n")
            ),
            format!(
                "{}    recipients: [o]\n    overrides: [{{regions: [FR], recipients: [k]}}]\n",
                purpose("  u:\n    use: analytics\n    setting: {default: on}\n")
            ),
        ),
    ] {
        let (known, wider) = (print("", &one), print("", &other));
        assert!(!known.is_empty() && !wider.is_empty(), "{one}{other}");
        assert!(wider.iter().any(|print| !known.contains(print)), "{one}{other}");
        // where and in which order it is written makes no difference, and nor does the day of the run
        assert_eq!(print("", &format!("# a comment\n{one}")), known);
        assert_eq!(print_on("", &one, &["2026-11-22", DAYS[1]]), known, "{one}");
    }
}
