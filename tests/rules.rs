//! Every rule that ships, on every example.

#![allow(clippy::unwrap_used, reason = "a failing unwrap is a failing test")]

use std::fs;
use std::process::Command;

use purposelint::examples;
use purposelint::policy::{Depth, Expectation, Library, PolicyFiles};
use purposelint::space::Atlas;

#[test]
fn every_example_comes_out_as_its_rule_says() {
    let files = PolicyFiles::builtin();
    let (library, problems) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Whole);
    let problems: Vec<String> = problems
        .iter()
        .map(|problem| {
            let place = problem.primary.span;
            let line = library.sources.start(place).line;
            format!("{}:{line}: {} {:?}", library.sources.path(place.file), problem.message, problem.help)
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let results = examples::run(&library, &files.packs());
    let failures: Vec<String> = results
        .failures
        .iter()
        .map(|failure| format!("{} [{}] {}", failure.rule, failure.example, failure.message))
        .collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), results.examples, failures.join("\n"));
    assert!(results.examples > 100, "{}", results.examples);
}

/// Rules of `core` that flag what could not be judged as it was meant. All others know what they flag.
const UNJUDGED: [&str; 21] = [
    "alias-expansion-too-large",
    "ambiguous-override",
    "duplicate-id",
    "duplicate-key",
    "empty-declaration",
    "file-too-large",
    "invalid-value",
    "missing-key",
    "nesting-too-deep",
    "newer-version",
    "not-utf8",
    "service-property-repeated",
    "service-too-large",
    "syntax-error",
    "too-many-entries",
    "unknown-key",
    "unknown-plan",
    "unknown-reference",
    "unknown-region",
    "unknown-term",
    "unsupported-tag",
];

#[test]
fn what_was_not_judged_never_passes_as_less_than_an_error() {
    let files = PolicyFiles::builtin();
    let (library, _) = Library::load(&files, &["core".to_owned()], Atlas::builtin().clone(), Depth::Whole);
    for rule in library.rules() {
        let (_, name) = rule.id.split_once('/').unwrap_or_default();
        assert_eq!(rule.leaves_unjudged(), UNJUDGED.contains(&name), "{name}");
        let flagged = rule.examples.iter().filter(|example| matches!(example.expect, Expectation::Flagged));
        for example in flagged.filter(|example| example.before.is_none()) {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("purposes.yaml"), &example.text).unwrap();
            let run = |config: &str, line: &str| {
                let config = format!("version: 1\npacks: [core, fair-defaults]\n{config}");
                fs::write(folder.path().join("purposelint.yaml"), config).unwrap();
                let day = example.as_of.map_or_else(|| "2026-11-21".to_owned(), |day| day.to_string());
                let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
                command.current_dir(folder.path()).args(["check", "--no-cache", "--as-of", &day]);
                let output = command.args(line.split_whitespace()).output().unwrap();
                (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
            };
            let lower = |to: &str| run(&format!("severity: {{core/*: {to}, fair-defaults/*: {to}}}\n"), "");
            let here = format!(
                "files: [{{glob: '**', severity: {{core/{name}: warning}}}}]\nseverity: {{fair-defaults/*: info}}\n"
            );
            for (code, err) in [lower("warning"), lower("info"), run("", "--cap warning"), run(&here, "")] {
                let is_told = err.contains("not everything could be judged") && err.contains("purposes.yaml: ");
                let what = format!("{name} [{}] {code:?} {err}", example.title);
                assert_eq!(is_told, code == Some(2), "{what}");
                assert!(is_told || !rule.leaves_unjudged(), "{what}");
            }
        }
    }
}

/// Whether a title denies what it says: "cannot tell whether no basis is declared" takes a moment too long. Not where the denial
/// belongs to a clause of its own, as in "a decision that is not there".
fn denies(title: &str) -> bool {
    const DENIALS: [&str; 9] = ["no", "not", "nobody", "nothing", "never", "none", "neither", "nor", "cannot"];
    let words: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let Some(at) = words.iter().position(|word| DENIALS.contains(word)) else { return false };
    let opens = |word: &&str| ["that", "who", "what", "which"].contains(word);
    !words.iter().take(at).rev().take(4).any(opens)
}

#[test]
fn titles_read_well_after_cannot_tell_whether() {
    for (title, expected) in [
        ("no basis is declared", true),
        ("data is sold, and nobody can refuse", true),
        ("people who appear in public posts cannot object", true),
        ("a transfer relies on a decision that is not there", false),
        ("data is used for something that it was not collected for", false),
        ("a processor lacks a contract", false),
    ] {
        assert_eq!(denies(title), expected, "{title}");
    }
    let files = PolicyFiles::builtin();
    let (library, _) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Run);
    let judged = library.rules().filter(|rule| rule.raised_by.is_none());
    let wrong: Vec<String> =
        judged.filter(|rule| denies(&rule.title)).map(|rule| format!("{}: {}", rule.id, rule.title)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A pack with one rule, whose clean example lists another one.
const PACK: &str = "title: A pack\nversion: \"1.0.0\"\nneeds: 0.1.0\n";
const RULE: &str = "\
title: it is on by default
severity: error
cites: [{text: a handbook, kind: practice, confidence: high}]
why: For this test.
require: state != \"on\"
examples:
  - title: on
    flagged: |
      {version: 1, service: example, purposes: {x: {use: collect, setting: {default: on}}}}   # <- flagged
  - title: the list
    also_flagged: [LISTED]
    clean: |
      version: 1
      service: example
      regions: [EEA]
      purposes: {x: {use: collect, setting: {default: off}}}
";

#[test]
fn what_an_example_says_of_its_finding_is_held_to_it() {
    const ON: &str = "flagged: '{version: 1, service: a, regions: [FR], purposes: {x: {use: collect, setting: {default: on}}}} # <- flagged'";
    const UNTOLD: &str = "also_flagged: [core/default-undeclared], undetermined: '{version: 1, service: a, regions: [FR], purposes: {x: {use: collect}}}'";
    const OFF: &str = "clean: '{version: 1, service: a, purposes: {x: {use: collect, setting: {default: off}}}}'";
    const NOBODY: &str = "not_applicable: '{version: 1, service: a, purposes: {}}'";
    for (example, says, said) in [
        (ON, "severity: error, in: [FR], not_in: [JP]", ""),
        (ON, "severity: info", "has severity error, not info"),
        (ON, "in: [JP]", "does not concern JP"),
        (ON, "not_in: [EEA]", "concerns EEA"),
        (UNTOLD, "severity: warning, in: [FR], not_in: [JP]", ""),
        (UNTOLD, "severity: error", "has severity warning, not error"),
        (UNTOLD, "in: [JP]", "does not concern JP"),
        (UNTOLD, "not_in: [EEA]", "concerns EEA"),
        (OFF, "severity: error", "`severity` is about a finding, and what is `clean` has none"),
        (OFF, "in: [FR]", "`in` is about a finding, and what is `clean` has none"),
        (NOBODY, "not_in: [FR]", "`not_in` is about a finding, and what is `not_applicable` has none"),
    ] {
        let mut files = PolicyFiles::builtin();
        files.insert("acme/pack.yaml".to_owned(), PACK.into());
        let (rule, _) = RULE.split_once("  - title: on").unwrap();
        let rule = format!(
            "{rule}  - {{title: this one, {says}, {example}}}\n  - {{title: off, {OFF}}}\n  - {{title: on, {ON}}}\n"
        );
        files.insert("acme/on-by-default.yaml".to_owned(), rule.into());
        let packs = ["core", "acme"].map(str::to_owned);
        let (library, problems) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Whole);
        let wrong = problems.iter().map(|problem| problem.message.clone());
        let failures = examples::run(&library, &["acme".to_owned()]).failures;
        let all: Vec<String> = wrong.chain(failures.into_iter().map(|failure| failure.message)).collect();
        assert_eq!(all.join("\n"), said, "{example} with {says}");
    }
}

#[test]
fn a_list_of_other_rules_names_rules_that_were_run_and_failed() {
    let all = PolicyFiles::builtin().packs();
    let some = vec!["core".to_owned()];
    for (listed, packs, said) in [
        ("eu-gdpr/legal-basis-missing", &all, ""),
        ("eu-gdpr/legal-basis-missing", &some, "was not run: there is no pack `eu-gdpr` here"),
        ("eu-gdpr/legal-base-missing", &all, "did you mean eu-gdpr/legal-basis-missing?"),
        ("fair-defaults/region-undeclared", &all, "was not run: it is off unless a config switches it on"),
        ("uk/complaints-route-missing", &all, "does not fail, although it is listed"),
    ] {
        let mut files = PolicyFiles::builtin();
        files.insert("acme/pack.yaml".to_owned(), PACK.into());
        files.insert("acme/on-by-default.yaml".to_owned(), RULE.replace("LISTED", listed).into());
        let wanted = [packs.clone(), vec!["acme".to_owned()]].concat();
        let (library, problems) = Library::load(&files, &wanted, Atlas::builtin().clone(), Depth::Whole);
        assert!(problems.is_empty(), "{problems:?}");
        let results = examples::run(&library, &["acme".to_owned()]);
        let failures: Vec<&str> = results.failures.iter().map(|failure| failure.message.as_str()).collect();
        let failures = failures.join("\n");
        assert!(failures.contains(said) && failures.is_empty() == said.is_empty(), "{listed}: {failures}");
    }
}

#[test]
fn what_a_pack_adds_is_taken_in_whole_or_refused() {
    let words = |list: &str| format!("{{version: 1, title: t, languages: {{en: {{source: s, words: [{list}]}}}}}}\n");
    for (path, text, said) in [
        ("vocabulary.yaml", "uses: {collect.door: {title: A door}}\n".to_owned(), ""),
        ("vocabulary.yaml", "uses:\n".to_owned(), ""),
        ("vocabulary.yaml", "- uses\n".to_owned(), "a vocabulary.yaml must be a mapping, not a list"),
        ("vocabulary.yaml", "uses\n".to_owned(), "a vocabulary.yaml must be a mapping, not text"),
        ("vocabulary.yaml", "uses: [collect.door]\n".to_owned(), "`uses` must be a mapping, not a list"),
        ("groups.yaml", "groups: {OURS: [FR, EFTA]}\n".to_owned(), ""),
        ("groups.yaml", "7\n".to_owned(), "a groups.yaml must be a mapping, not a whole number"),
        ("groups.yaml", "groups: [OURS, FR]\n".to_owned(), "`groups` must be a mapping, not a list"),
        ("groups.yaml", "groups: {OURS: [FR, [DE]]}\n".to_owned(), "a member of group `OURS` must be text, not a list"),
        ("groups.yaml", "groups: {OURS: [FR, {DE: 1}]}\n".to_owned(), "must be text, not a mapping"),
        ("groups.yaml", "groups: {OURS: FR}\n".to_owned(), "group `OURS` has no members"),
        ("lexicons/own.yaml", words("may"), ""),
        // it would be found in every text
        ("lexicons/own.yaml", words("may, '...'"), "`...` has no word in it"),
        ("lexicons/own.yaml", words("''"), "`` has no word in it"),
    ] {
        let mut files = PolicyFiles::builtin();
        files.insert("own/pack.yaml".to_owned(), PACK.into());
        files.insert(format!("own/{path}"), text.clone().into_bytes());
        let (_, problems) = Library::load(&files, &["own".to_owned()], Atlas::builtin().clone(), Depth::Run);
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let expected = usize::from(!said.is_empty());
        assert_eq!(messages.len(), expected, "{path}: {text}{messages:?}");
        assert!(messages.iter().all(|message| message.contains(said)), "{path}: {text}{messages:?}");
    }
}
