//! Every row of the catalogue of rules is a rule, under its own name or another, or a manual says why it is none.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod law;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use law::library;
use purposelint::policy::{Expectation, On};

/// The sections of the catalogue and the packs that they became.
const SECTIONS: &[(&str, &[&str])] = &[
    ("3.2", &["fair-defaults"]),
    ("4.1", &["eu-gdpr"]),
    ("4.2", &["eu-eprivacy"]),
    ("4.3", &["uk"]),
    ("4.4", &["ch"]),
    ("4.5", &["eu-ai-act"]),
    ("4.6", &["eu-platforms"]),
    ("4.7", &["us-federal"]),
    ("4.8", &["us-california", "us-states"]),
    ("4.9", &["in"]),
    ("4.10", &["br"]),
    ("4.11", &["cn"]),
    ("4.12", &["kr", "jp", "au", "hk"]),
    ("4.13", &["ca-federal", "ca-qc"]),
    ("4.14", &["minors"]),
];

/// A row of a table in a manual: the heading above it, and its cells.
struct Line {
    heading: String,
    cells: Vec<String>,
}

fn manuals() -> Vec<Line> {
    let mut out = Vec::new();
    for name in ["README.md", "README-eu.md", "README-us.md", "README-world.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(name);
        let mut heading = String::new();
        for line in fs::read_to_string(path).unwrap().lines() {
            if let Some(title) = line.strip_prefix("## ") {
                title.clone_into(&mut heading);
            } else if line.starts_with('|') {
                let cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
                out.push(Line { heading: heading.clone(), cells });
            }
        }
    }
    out
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a manual says what became of a row: a rule of another name that is there, nothing for a reason, or one about changes.
fn is_told(row: &str, packs: &[&str], manuals: &[Line]) -> bool {
    let there = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        packs.iter().any(|pack| library().rule(&format!("{pack}/{name}")).is_some())
    };
    manuals.iter().filter(|line| line.cells.first().is_some_and(|cell| quoted(cell).any(|name| name == row))).any(
        |line| {
            let told = line.cells.get(1).map(String::as_str).unwrap_or_default();
            if line.heading.starts_with("Names") {
                quoted(told).any(|name| there(name) || there(&format!("{row}{name}")))
            } else {
                (line.heading == "Not encoded" || line.heading.starts_with("Change rules")) && told.len() > 20
            }
        },
    )
}

#[test]
fn every_row_of_the_catalogue_is_a_rule_or_has_a_reason() {
    let manuals = manuals();
    let mut packs: &[&str] = &[];
    let (mut rows, mut sections, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for line in include_str!("law/catalogue.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            packs = SECTIONS.iter().find(|(name, _)| *name == section).unwrap_or_else(|| panic!("{section}")).1;
            sections.insert(section);
            continue;
        }
        rows += 1;
        let same = packs.iter().any(|pack| library().rule(&format!("{pack}/{line}")).is_some());
        if !same && !is_told(line, packs, &manuals) {
            wrong.push(format!("{line} ({})", packs.join(", ")));
        }
    }
    assert_eq!(sections.len(), SECTIONS.len(), "a section has no rows");
    assert!(rows > 180, "{rows}");
    assert!(wrong.is_empty(), "no rule, and no manual says why:\n{}", wrong.join("\n"));
}

/// The tables of rules about changes name all of these, and no others.
#[test]
fn every_rule_about_changes_is_told_with_its_row() {
    let manuals = manuals();
    let lines = manuals.iter().filter(|line| line.heading == "Change rules");
    let told: Vec<&str> = lines.filter_map(|line| line.cells.get(1)).flat_map(|cell| quoted(cell)).collect();
    let named: BTreeSet<&str> = told.iter().copied().collect();
    let there: BTreeSet<&str> = library()
        .rules()
        .filter(|rule| rule.on == On::Change && rule.require.is_some())
        .map(|rule| rule.id.as_str())
        .collect();
    assert_eq!(named, there);
    assert_eq!(told.len(), named.len(), "a rule stands for two rows");
}

/// A rule that reads two revisions has twice as much that may be left out.
#[test]
fn every_rule_about_changes_shows_what_it_does_not_judge() {
    for rule in library().rules().filter(|rule| rule.on == On::Change && rule.require.is_some()) {
        for expect in [Expectation::Undetermined, Expectation::NotApplicable] {
            assert!(rule.examples.iter().any(|example| example.expect == expect), "{}: {expect:?}", rule.id);
        }
    }
}

#[test]
fn a_row_that_nobody_mentions_is_seen() {
    let manuals = manuals();
    assert!(!is_told("no-such-row", &["uk"], &manuals));
    assert!(is_told("aadc-default-high", &["uk"], &manuals), "under another name");
    assert!(!is_told("aadc-default-high", &["ch"], &manuals), "in another pack");
    assert!(is_told("consent-or-pay", &["eu-gdpr"], &manuals), "with a reason");
}
