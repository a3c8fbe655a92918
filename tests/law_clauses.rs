//! No clause of a condition is there for nothing: taken out, it changes what comes out of some example.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use purposelint::examples;
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::space::Atlas;
use rayon::prelude::*;
use serde_yaml::{Mapping, Value};

/// A condition without one of its clauses.
#[derive(Debug, PartialEq, Eq)]
struct Shorter {
    /// The clause that is gone.
    gone: String,
    /// What is left.
    text: String,
}

/// Every condition that comes of one by taking out one side of `&&` or `||`, at any depth. Nothing inside quotes counts.
fn shorter(text: &str) -> Vec<Shorter> {
    let mut out = Vec::new();
    for (from, to) in groups(text) {
        let inner = &text[from..to];
        let ors = split(inner, "||");
        out.extend(without(text, from, &ors));
        for (at, part) in &ors {
            out.extend(without(text, from + at, &split(part, "&&")));
        }
    }
    out
}

/// The stretches between parentheses, commas and the marks of `?:`: what stands in one is one chain of `&&` and `||`.
fn groups(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut open = vec![0];
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => open.push(at + 1),
            (None, ')' | ']') => out.push((open.pop().unwrap(), at)),
            (None, ',' | '?' | ':') => {
                let from = open.pop().unwrap();
                out.push((from, at));
                open.push(at + 1);
            }
            _ => {}
        }
    }
    out.push((open.pop().unwrap(), text.len()));
    out
}

/// The parts of a text between the occurrences of an operator that stand in no parentheses and no quotes, with their places.
fn split<'t>(text: &'t str, operator: &str) -> Vec<(usize, &'t str)> {
    let (mut depth, mut quote, mut from) = (0, None, 0);
    let mut out = Vec::new();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            _ if depth == 0 && at >= from && text[at..].starts_with(operator) => {
                out.push((from, &text[from..at]));
                from = at + operator.len();
            }
            _ => {}
        }
    }
    out.push((from, &text[from..]));
    out
}

/// A text without each of the parts that an operator joins.
fn without<'t>(text: &'t str, offset: usize, parts: &[(usize, &'t str)]) -> Vec<Shorter> {
    let cut = |at: usize| {
        // the operator goes with the part: the one before it, or the one after the first
        let (from, to) = match (at, parts.get(at + 1)) {
            (0, Some((next, _))) => (parts[0].0, *next),
            _ => (parts[at - 1].0 + parts[at - 1].1.len(), parts[at].0 + parts[at].1.len()),
        };
        let left = format!("{} {}", &text[..offset + from], &text[offset + to..]);
        Shorter { gone: parts[at].1.split_whitespace().collect::<Vec<_>>().join(" "), text: left }
    };
    if parts.len() < 2 { Vec::new() } else { (0..parts.len()).map(cut).collect() }
}

/// The rule with one clause less, for each clause of `when`, `require` and the conditions of `severity`; and without `when`,
/// and without each case of `severity` but the last.
fn shorter_rules(rule: &Mapping) -> Vec<(String, Mapping)> {
    let mut out = Vec::new();
    for key in ["when", "require"] {
        for cut in rule.get(key).and_then(Value::as_str).map(shorter).unwrap_or_default() {
            let mut less = rule.clone();
            less.insert(key.into(), cut.text.into());
            out.push((format!("{key}: {}", cut.gone), less));
        }
    }
    if let Some(when) = rule.get("when").and_then(Value::as_str) {
        let mut less = rule.clone();
        less.remove("when");
        out.push((format!("all of when: {when}"), less));
    }
    let cases = rule.get("severity").and_then(Value::as_sequence).cloned().unwrap_or_default();
    for (at, when) in cases.iter().enumerate().filter_map(|(at, case)| Some((at, case.get("when")?.as_str()?))) {
        let mut fewer = cases.clone();
        fewer.remove(at);
        let mut less = rule.clone();
        less.insert("severity".into(), Value::Sequence(fewer));
        out.push((format!("case of severity: {when}"), less));
        for cut in shorter(when) {
            let mut cases = cases.clone();
            cases[at].as_mapping_mut().unwrap().insert("when".into(), cut.text.into());
            let mut less = rule.clone();
            less.insert("severity".into(), Value::Sequence(cases));
            out.push((format!("severity: {}", cut.gone), less));
        }
    }
    out
}

/// What rules use beside their own file: lexicons, tables, groups, vocabularies.
fn data() -> PolicyFiles {
    let mut files = PolicyFiles::builtin();
    for pack in files.packs() {
        files.clear(&pack);
    }
    files
}

/// What is wrong with the examples of a rule that is alone in its pack; `None` where the rule cannot be read. Some name rules
/// that are not there, which is the same before and after.
fn wrong(data: &PolicyFiles, pack: &str, name: &str, rule: &Mapping) -> Option<Vec<String>> {
    let mut files = data.clone();
    let head = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(pack).join("pack.yaml");
    files.insert(format!("{pack}/pack.yaml"), fs::read(head).unwrap());
    files.insert(format!("{pack}/{name}.yaml"), serde_yaml::to_string(rule).unwrap().into_bytes());
    let packs = [pack.to_owned()];
    let (library, _) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Whole);
    let results = examples::run(&library, &packs);
    let say = |failure: examples::Failure| format!("{}: {}", failure.example, failure.message);
    (library.rules().count() == 1).then(|| results.failures.into_iter().map(say).collect())
}

/// Every rule that judges, as its file has it.
fn rules() -> Vec<(String, String, Mapping)> {
    let files = PolicyFiles::builtin();
    let read = |id: &String| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(format!("{id}.yaml"));
        let rule: Mapping = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let (pack, name) = id.split_once('/').unwrap();
        rule.contains_key("require").then(|| (pack.to_owned(), name.to_owned(), rule))
    };
    files.rules().iter().filter_map(read).collect()
}

/// Clauses that no example needs yet, one on a line. It may only get shorter: `UPDATE=1` takes out what is shown by now, and
/// adds nothing.
const OPEN: &str = "tests/law/open_clauses.txt";

#[test]
fn every_clause_of_a_condition_matters_to_some_example() {
    let data = data();
    let rules = rules();
    assert!(rules.len() > 150, "{}", rules.len());
    let idle = |(pack, name, rule): &(String, String, Mapping)| {
        let before = wrong(&data, pack, name, rule);
        assert!(before.is_some(), "{pack}/{name} cannot be read alone");
        let unseen = |(_, less): &(String, Mapping)| wrong(&data, pack, name, less) == before;
        let found = shorter_rules(rule).into_iter().filter(unseen);
        found.map(|(what, _)| format!("{pack}/{name} without {what}").replace('\n', " ")).collect::<Vec<_>>()
    };
    let idle: BTreeSet<String> = rules.par_iter().flat_map_iter(idle).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(OPEN);
    let open: BTreeSet<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    let new: Vec<&str> = idle.difference(&open).map(String::as_str).collect();
    assert!(new.is_empty(), "{} clauses that no example needs:\n{}", new.len(), new.join("\n"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, idle.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        return;
    }
    let shown: Vec<&str> = open.difference(&idle).map(String::as_str).collect();
    assert!(shown.is_empty(), "shown by now, so take them out of {OPEN} with UPDATE=1:\n{}", shown.join("\n"));
}

/// Written out: the check is worth as much as the clauses it takes out.
#[test]
fn clauses_are_found_at_any_depth_and_never_in_quotes() {
    let texts = |text: &str| -> Vec<String> {
        shorter(text).into_iter().map(|cut| cut.text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(texts("a == \"x && y\""), Vec::<String>::new());
    assert_eq!(texts("a && b"), ["b", "a"]);
    assert_eq!(texts("a && b || c"), ["c", "a && b", "b || c", "a || c"]);
    assert_eq!(texts("!(a || b)"), ["!( b)", "!(a )"]);
    assert_eq!(texts("l.exists(x, x.a && x.b)"), ["l.exists(x, x.b)", "l.exists(x, x.a )"]);
    assert_eq!(texts("s ? a && b : c"), ["s ? b : c", "s ? a : c"]);
}
