//! Every rule notices the fact it is about: some change of one fact in its clean examples makes it fail.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;
mod mutation;

use std::collections::BTreeSet;

use law::{failures, judge_example, library, only, unsound};
use mutation::mutants;
use purposelint::evaluate::Outcome;
use purposelint::lint::Report;
use purposelint::model::{FieldId, Type};
use purposelint::policy::condition::StaticRead;
use purposelint::policy::{Example, Expectation, Rule};
use rayon::prelude::*;

/// How many changed declarations are judged for one rule before it counts as blind.
const MOST: usize = 1000;

/// What the changes to the clean examples of a rule came to.
#[derive(Debug, PartialEq, Eq)]
enum Reaction {
    /// One of them made it fail.
    Fails,
    /// With one of them it could not tell; none made it fail.
    Undetermined,
    /// It passed whatever was changed.
    Blind,
}

/// An example with another declaration; one of a change keeps what was before.
fn with_text(example: &Example, text: &str) -> Example {
    Example { text: text.to_owned(), ..example.clone() }
}

/// Changes one fact after the other until the rule fails.
fn react(rule: &Rule) -> Reaction {
    let settings = only(rule);
    let clean = rule.examples.iter().filter(|example| example.expect == Expectation::Clean);
    let changed =
        clean.flat_map(|example| mutants(rule, &example.text).into_iter().map(move |mutant| (example, mutant)));
    let mut reaction = Reaction::Blind;
    for (example, mutant) in changed.take(MOST) {
        let report = judge_example(settings.clone(), &with_text(example, &mutant.text));
        if let Some(wrong) = unsound(&report) {
            assert!(!wrong.starts_with("core/syntax-error"), "{} {}: {wrong}\n{}", rule.id, mutant.what, mutant.text);
            continue;
        }
        if failures(&report, &rule.id).next().is_some() {
            return Reaction::Fails;
        }
        if report.found().any(|found| found.rule == rule.id && found.outcome == Outcome::Undetermined) {
            reaction = Reaction::Undetermined;
        }
    }
    reaction
}

#[test]
fn every_rule_fails_when_one_fact_of_a_clean_example_changes() {
    let rules: Vec<&Rule> = library().rules().filter(|rule| rule.require.is_some()).collect();
    assert!(rules.len() > 150, "{}", rules.len());
    let wrong = |rule: &&Rule| match react(rule) {
        Reaction::Fails => None,
        reaction => Some(format!("{}: {reaction:?}", rule.id)),
    };
    let wrong: Vec<String> = rules.par_iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rules.len(), wrong.join("\n"));
}

/// What a rule says of a declaration: outcomes, and what is missing.
fn verdict(report: &Report, rule: &Rule) -> BTreeSet<(Outcome, Vec<String>)> {
    let own = report.found().filter(|found| found.rule == rule.id);
    own.map(|found| (found.outcome, found.missing.clone())).collect()
}

/// The declared facts that a rule requires something of, and that decide in none of its examples.
fn idle(rule: &Rule) -> BTreeSet<FieldId> {
    let field = |read: &StaticRead| match read {
        StaticRead::Field(field) if !field.get().derived && field.get().ty != Type::Setting => Some(*field),
        _ => None,
    };
    let mut idle: BTreeSet<FieldId> =
        rule.require.iter().flat_map(|condition| condition.reads()).filter_map(field).collect();
    let settings = only(rule);
    for example in &rule.examples {
        let judge = |text: &str| judge_example(settings.clone(), &with_text(example, text));
        let before = verdict(&judge(&example.text), rule);
        for mutant in mutants(rule, &example.text) {
            let Some(field) = mutant.field.filter(|field| idle.contains(field)) else { continue };
            let report = judge(&mutant.text);
            if unsound(&report).is_none() && verdict(&report, rule) != before {
                idle.remove(&field);
            }
        }
    }
    idle
}

/// A clause that no example needs could be wrong, or gone, and nobody would know.
#[test]
fn every_fact_a_rule_requires_decides_in_one_of_its_examples() {
    let rules: Vec<&Rule> = library().rules().filter(|rule| rule.require.is_some()).collect();
    let name = |field: &FieldId| format!("{}.{}", field.record.noun(), field.name());
    let say = |rule: &&Rule| {
        let idle: Vec<String> = idle(rule).iter().map(name).collect();
        (!idle.is_empty()).then(|| format!("{}: {}", rule.id, idle.join(", ")))
    };
    let wrong: Vec<String> = rules.par_iter().filter_map(say).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rules.len(), wrong.join("\n"));
}

/// Changes to a short text, written out: the check is worth as much as what it changes.
#[test]
fn a_mutant_differs_in_one_fact() {
    let rule = law::rule("fair-defaults/ai-training-on-by-default");
    let text = "version: 1\nservice: example\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: off, honours: [gpc, dnt]}\n";
    let texts: BTreeSet<String> = mutants(rule, text).into_iter().map(|mutant| mutant.text).collect();
    for (from, to) in [
        ("default: off", "default: on"),
        ("default: off", "default: ask"),
        ("default: off, ", ""),
        (", honours: [gpc, dnt]", ""),
        ("[gpc, dnt]", "[]"),
        ("[gpc, dnt]", "[dnt]"),
        ("[gpc, dnt]", "[gpc]"),
        ("setting: {default: off, honours: [gpc, dnt]}", "setting: none"),
        ("setting: {default: off, honours: [gpc, dnt]}", ""),
        ("train_ai_system\n", "analytics.reporting\n"),
        // facts that the flagged examples of the rule have
        ("    use", "    lawful_basis: legitimate_interests\n    use"),
        ("version", "regions: [EEA]\nversion"),
    ] {
        assert!(texts.contains(&text.replacen(from, to, 1)), "{from} to {to}: {texts:#?}");
    }
}
