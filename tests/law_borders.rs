//! Every rule meets the clean examples of all others: a law speaks inside its territories only, and says on what it rests.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use law::{all_rules, failures, judge, judge_example, law_packs, library, unsound};
use purposelint::evaluate::Finding;
use purposelint::examples::default_date;
use purposelint::policy::{Example, Expectation, Pack, Rule};
use purposelint::space::{Date, TerritorySet};
use rayon::prelude::*;

/// What is wrong with a finding of a pack that encodes law.
fn beyond(finding: &Finding, pack: &Pack, date: Date) -> Option<String> {
    let atlas = &library().atlas;
    let all = |names: &[String]| {
        names.iter().fold(TerritorySet::EMPTY, |all, name| all.or(atlas.lookup(name, date).unwrap()))
    };
    let cells = finding.cells.iter().fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
    let outside = cells.minus(all(&pack.territories));
    let uncited = cells.minus(finding.cites.iter().fold(TerritorySet::EMPTY, |sum, cite| sum.or(all(&cite.regions))));
    let codes = |places: TerritorySet| places.iter().map(|leaf| atlas.code(leaf)).collect::<Vec<_>>().join(" ");
    if cells.is_empty() {
        return Some("concerns nobody".to_owned());
    }
    if !outside.is_empty() {
        return Some(format!("speaks of {}, where its law does not hold", codes(outside)));
    }
    (!uncited.is_empty()).then(|| format!("cites nothing for {}", codes(uncited)))
}

/// What is wrong with what all rules say of a clean example.
fn meet(rule: &Rule, example: &Example) -> Vec<String> {
    let date = example.as_of.unwrap_or_else(default_date);
    let report = judge_example(all_rules(), example);
    let mut wrong: Vec<String> = Vec::new();
    if let Some(found) = unsound(&report).filter(|_| rule.pack() != "core") {
        wrong.push(format!("{} ({}): {found}", rule.id, example.title));
    }
    for finding in &report.findings {
        let name = finding.rule.split('/').next().unwrap();
        if let Some(pack) = law_packs().find(|pack| pack.name == name)
            && let Some(what) = beyond(finding, pack, date)
        {
            wrong.push(format!("{} {what}, in `{}` of {}", finding.rule, example.title, rule.id));
        }
    }
    wrong
}

#[test]
fn no_law_speaks_outside_its_territories() {
    let clean = |rule: &'static Rule| {
        rule.examples.iter().filter(|example| example.expect == Expectation::Clean).map(move |example| (rule, example))
    };
    let examples: Vec<(&Rule, &Example)> = library().rules().flat_map(clean).collect();
    assert!(examples.len() > 300, "{}", examples.len());
    let wrong: Vec<String> = examples.par_iter().flat_map(|(rule, example)| meet(rule, example)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The check above sees what it looks for: a finding as it is, and the same one held against another law or another day.
#[test]
fn a_finding_outside_a_law_is_seen() {
    let text = "version: 1\nservice: example\nregions: [EEA]\npurposes: {p: {use: analytics.reporting, setting: {default: off}}}\n";
    let report = judge(all_rules(), text, default_date(), 0);
    let finding = failures(&report, "eu-gdpr/legal-basis-missing").next().unwrap();
    let pack = |name: &str| law_packs().find(|pack| pack.name == name).unwrap();
    assert_eq!(beyond(finding, pack("eu-gdpr"), default_date()), None);
    let said = beyond(finding, pack("eu-ai-act"), default_date()).unwrap();
    assert_eq!(said, "speaks of IS LI NO, where its law does not hold");
    let uncited = Finding { cites: Vec::new().into(), ..finding.clone() };
    assert!(beyond(&uncited, pack("eu-gdpr"), default_date()).unwrap().starts_with("cites nothing for"));
    let nobody = Finding { cells: [].into(), ..finding.clone() };
    assert_eq!(beyond(&nobody, pack("eu-gdpr"), default_date()).unwrap(), "concerns nobody");
}
