//! Every rule runs on the clean examples of all others, and what fails there is listed in the example.
//!
//! A clean example shows that its own rule is content. Other rules may still flag it: what is lawful in one place is not in
//! another, and a setting with a good label may be on by default. Each such failure stands under `also_flagged` of the
//! example, so that somebody has read it, and a rule that begins to fire where it should not is seen at once.
//!
//! An example of what holds meets the rules about what holds, one of a change the rules about changes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::{BTreeMap, BTreeSet};

use law::{all_rules, judge_example, library, rule};
use purposelint::evaluate::{Finding, Outcome};
use purposelint::policy::{Example, Expectation, RaisedBy, Rule};
use purposelint::settings::Settings;
use rayon::prelude::*;

/// Rules that ask every purpose or service in their territory for a statement, and the labels that say it is missing. An
/// example about something else stays short and leaves it out, so these failures are expected almost everywhere, and
/// hundreds of lists that name them would hide the few that say something. They pass here only where nothing is declared:
/// one of these rules that does not accept a statement, or fires at another fact, has to be listed like any other.
const ASKED: &[(&str, &[&str])] = &[
    ("br/legal-basis-missing", &["no `lawful_basis` here"]),
    ("eu-gdpr/legal-basis-missing", &["no `lawful_basis` here"]),
    (
        "eu-gdpr/record-fields-missing",
        &["no `data` here", "no `subjects` here", "no `recipients` here", "no `retention` here"],
    ),
    ("eu-gdpr/retention-unspecified", &["no `retention` here"]),
    ("fair-defaults/choice-offered-after-start", &["no `first_offered` here"]),
    // asks for a default written down for each place
    ("fair-defaults/region-undeclared", &["`default` is `on`", "`default` is `ask`"]),
    (
        "fair-defaults/trained-model-effect-undeclared",
        &["no `training_sets` here", "no `models` here", "no `trained_models` here"],
    ),
    // about the service: its purposes are named, and any one of them could say it
    ("minors/age-assurance-missing", &["for one purpose", "for 2 purposes"]),
    ("uk/complaints-route-missing", &["for one purpose", "for 2 purposes", "for 3 purposes"]),
    ("us-california/retention-undisclosed", &["no `retention` here"]),
];

/// Whether a finding says only that a statement is missing for which its rule asks everybody.
fn asks(finding: &Finding) -> bool {
    let labels = ASKED.iter().find(|(rule, _)| *rule == finding.rule).map_or(&[][..], |(_, labels)| labels);
    labels.iter().any(|label| finding.primary.text.contains(label))
}

/// What the other rules say of an example.
#[derive(Debug, Default)]
struct Met {
    /// What is wrong with the list of the example.
    wrong: Vec<String>,
    /// The rules that ask it for a statement.
    asked: Vec<String>,
}

/// Every rule of every pack, those included that are off unless a config asks for them.
fn every_rule() -> Settings {
    let mut settings = all_rules();
    library().rules().for_each(|rule| settings.switch_on(rule));
    settings
}

/// Judges an example with all rules, and compares what fails with what it lists.
fn meet(rule: &Rule, example: &Example) -> Met {
    let report = judge_example(every_rule(), example);
    // that something gets weaker is what an example of a change is about
    let is_step = |id: &str| library().rule(id).is_some_and(|rule| rule.raised_by == Some(RaisedBy::Comparison));
    let failed = |finding: &&Finding| {
        finding.outcome == Outcome::Fail
            && !is_step(&finding.rule)
            && finding.counts_from.is_none()
            && finding.is_open()
            && finding.rule != rule.id
    };
    let mut met = Met::default();
    let mut found: BTreeMap<&str, &Finding> = BTreeMap::new();
    let mut asked: BTreeSet<&str> = BTreeSet::new();
    for finding in report.found().filter(failed) {
        if asks(finding) {
            asked.insert(&finding.rule);
        } else {
            found.entry(&finding.rule).or_insert(finding);
        }
    }
    let place = library().sources.start(example.span).line;
    let at = format!("policies/{}.yaml:{place} ({})", rule.id, example.title);
    let listed: BTreeSet<&str> = example.also_flagged.iter().map(String::as_str).collect();
    for (id, finding) in found.iter().filter(|(id, _)| !listed.contains(*id)) {
        met.wrong.push(format!("{at}: {id} fails: {} ({})", finding.message, finding.primary.text));
    }
    for id in listed.iter().filter(|id| !found.contains_key(*id) && !asked.contains(*id)) {
        met.wrong.push(format!("{at}: {id} does not fail"));
    }
    if !met.wrong.is_empty() {
        let stays = listed.iter().filter(|id| asked.contains(*id));
        let list: BTreeSet<&str> = found.keys().chain(stays).copied().collect();
        let list: Vec<&str> = list.into_iter().collect();
        met.wrong.push(format!("    also_flagged: [{}]", list.join(", ")));
    }
    met.asked.extend(asked.into_iter().map(str::to_owned));
    met
}

#[test]
fn what_fails_on_the_clean_examples_of_other_rules_is_listed_there() {
    let clean = |rule: &'static Rule| {
        rule.examples.iter().filter(|example| example.expect == Expectation::Clean).map(move |example| (rule, example))
    };
    let examples: Vec<(&Rule, &Example)> = library().rules().flat_map(clean).collect();
    assert!(examples.len() > 300, "{}", examples.len());
    let met: Vec<Met> = examples.par_iter().map(|(rule, example)| meet(rule, example)).collect();
    let asked: BTreeSet<&String> = met.iter().flat_map(|met| &met.asked).collect();
    let idle: Vec<&str> =
        ASKED.iter().map(|(rule, _)| *rule).filter(|rule| !asked.iter().any(|asked| asked == rule)).collect();
    assert_eq!(idle, [""; 0], "these rules ask no example for a statement, so they need no exception");
    let wrong: Vec<&str> = met.iter().flat_map(|met| &met.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The check above sees what it looks for.
#[test]
fn a_list_that_is_not_true_is_seen() {
    let example = |purpose: &str, also_flagged: &[&str]| {
        let mut example = rule("eu-gdpr/deceptive-default").examples[0].clone();
        example.text = format!("version: 1\nservice: example\nregions: [EEA]\npurposes: {{p: {purpose}}}\n");
        example.also_flagged = also_flagged.iter().map(|id| (*id).to_owned()).collect();
        meet(rule("eu-gdpr/deceptive-default"), &example)
    };
    let retention = "eu-gdpr/retention-unspecified";
    let asked = ["eu-gdpr/legal-basis-missing", "eu-gdpr/record-fields-missing", retention];
    let silent = example("{use: analytics.reporting, setting: {default: off}}", &[]);
    assert_eq!((silent.wrong, silent.asked), (Vec::new(), asked.map(str::to_owned).to_vec()));
    let on = "{use: analytics.reporting, setting: {default: on}, lawful_basis: consent, retention: {period: P1Y}}";
    let said = example(on, &[]).wrong.join("\n");
    assert!(said.contains("eu-gdpr/consent-default-on fails:"), "{said}");
    assert!(said.ends_with("    also_flagged: [eu-gdpr/consent-default-on]"), "{said}");
    assert_eq!(example(on, &["eu-gdpr/consent-default-on"]).wrong, Vec::<String>::new());
    let said = example(on, &["eu-gdpr/consent-default-on", retention]).wrong.join("\n");
    assert!(said.contains("eu-gdpr/retention-unspecified does not fail"), "{said}");
}
