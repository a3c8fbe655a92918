//! A basis that the law of a place does not know carries nothing there, and the rules of that place say so.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::BTreeSet;

use law::{all_rules, day, judge, library, unsound};
use purposelint::diagnostic::Severity;
use purposelint::evaluate::Outcome;
use purposelint::space::TerritorySet;
use purposelint::vocabulary::{Terms, Vocabulary};

/// A day on which every law below is in force.
const LATER: &str = "2027-06-01";

/// Where the declaration names the wrong ground and the processing may be fine all the same: private parties need none in
/// Switzerland, and Canadian law takes consent to be implied in some cases.
const MILD: &[&str] = &["CA-ON", "CH"];

/// A place, the rule that looks at the basis there, and the bases that its law does not know.
const PLACES: &[(&str, &str, &[&str])] = &[
    (
        "IE",
        "eu-gdpr/legal-basis-foreign",
        &["legitimate_use", "no_basis_needed", "notice_and_opt_out", "recognised_interest"],
    ),
    (
        "NO",
        "eu-gdpr/legal-basis-foreign",
        &["legitimate_use", "no_basis_needed", "notice_and_opt_out", "recognised_interest"],
    ),
    ("GB", "uk/legal-basis-foreign", &["legitimate_use", "no_basis_needed", "notice_and_opt_out"]),
    (
        "BR",
        "br/basis-unknown-to-the-law",
        &["legitimate_use", "no_basis_needed", "notice_and_opt_out", "recognised_interest"],
    ),
    (
        "KR",
        "kr/basis-unknown-to-the-act",
        &["legitimate_use", "no_basis_needed", "notice_and_opt_out", "recognised_interest"],
    ),
    (
        "CN",
        "cn/basis-unknown-to-the-law",
        &["legitimate_interests", "legitimate_use", "no_basis_needed", "notice_and_opt_out", "recognised_interest"],
    ),
    (
        "IN",
        "in/basis-unknown-to-the-act",
        &["contract", "legitimate_interests", "no_basis_needed", "notice_and_opt_out", "recognised_interest"],
    ),
    ("CH", "ch/basis-unknown-to-the-act", &["legitimate_use", "notice_and_opt_out", "recognised_interest"]),
    (
        "CA-ON",
        "ca-federal/basis-unknown-to-the-act",
        &["contract", "legitimate_interests", "legitimate_use", "no_basis_needed", "recognised_interest"],
    ),
];

/// Places whose law has no list of grounds, so no declared one can be wrong. Each has its reason in the manuals of the packs.
const NO_LIST: &[&str] = &["AU", "CA-QC", "HK", "JP", "US-CA", "US-VA"];

/// The rules that look at nothing but whether a basis is one of their law.
fn rules() -> BTreeSet<&'static str> {
    PLACES.iter().map(|(_, rule, _)| *rule).collect()
}

/// What those rules say of a basis in a place, with the severity.
fn said(place: &str, basis: &str, today: &str) -> Vec<(String, Severity)> {
    let text = format!(
        "version: 1\nservice: example\nregions: [\"{place}\"]\nages: 18+\npurposes:\n  fraud: {{use: essential.fraud_detection, \
         necessity: core, data: [], lawful_basis: {basis}}}\n"
    );
    let report = judge(all_rules(), &text, day(today), 0);
    assert_eq!(unsound(&report), None, "{text}");
    let about = |rule: &str| rules().contains(rule);
    let found = report.found().filter(|found| found.outcome == Outcome::Fail && about(&found.rule));
    found.map(|found| (found.rule.clone(), found.severity)).collect()
}

#[test]
fn a_basis_is_flagged_exactly_where_the_law_does_not_know_it() {
    let bases: Vec<&str> = Vocabulary::builtin().keys(Terms::Basis).collect();
    assert!(bases.len() >= 11, "{bases:?}");
    let mut wrong = Vec::new();
    for (place, rule, unknown) in PLACES {
        assert!(unknown.iter().all(|basis| bases.contains(basis)), "{place} names a basis that is none: {unknown:?}");
        for basis in &bases {
            let severity = if MILD.contains(place) { Severity::Warning } else { Severity::Error };
            let expected = if unknown.contains(basis) { vec![((*rule).to_owned(), severity)] } else { Vec::new() };
            let said = said(place, basis, LATER);
            if said != expected {
                wrong.push(format!("{basis} in {place}: {said:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_place_whose_law_lists_its_bases_has_a_rule_about_them() {
    let table = &library().tables["lawful_bases"];
    let atlas = &library().atlas;
    let has = |code: &str| table.get(atlas, atlas.lookup(code, day(LATER)).unwrap(), day(LATER)).is_some();
    for (place, rule, _) in PLACES {
        assert!(has(place), "`lawful_bases` has nothing for {place}, so {rule} says nothing there");
    }
    let covered: BTreeSet<&str> = PLACES.iter().map(|(place, ..)| *place).collect();
    // one member stands for the EEA, and one province for Canada
    let one = ["EEA", "CA"].iter().map(|group| atlas.lookup(group, day(LATER)).unwrap());
    let one = one.fold(TerritorySet::EMPTY, TerritorySet::or);
    let outside = atlas.world().minus(one).iter().map(|leaf| atlas.code(leaf)).filter(|code| has(code));
    let missing: Vec<&str> = outside.filter(|code| !covered.contains(code)).collect();
    assert!(missing.is_empty(), "no rule looks at the basis in {missing:?}");
}

#[test]
fn where_no_law_lists_bases_none_is_wrong() {
    for place in NO_LIST {
        assert!(PLACES.iter().all(|(other, ..)| other != place), "{place}");
        for basis in Vocabulary::builtin().keys(Terms::Basis) {
            assert_eq!(said(place, basis, LATER), Vec::new(), "{basis} in {place}");
        }
    }
}

#[test]
fn what_the_law_knows_depends_on_the_day() {
    for (place, basis, wrong_on, fine_on) in [
        ("GB", "recognised_interest", "2026-02-04", "2026-02-05"),
        // no law listed any bases there before
        ("IN", "legitimate_interests", "2027-05-14", "2027-05-13"),
        ("CN", "legitimate_interests", "2021-11-01", "2021-10-31"),
    ] {
        assert_eq!(said(place, basis, wrong_on).len(), 1, "{basis} in {place} on {wrong_on}");
        assert_eq!(said(place, basis, fine_on).len(), 0, "{basis} in {place} on {fine_on}");
    }
}
