//! What is found of small declarations, by rules that are made for it: for whom, in which words, at which places.
//!
//! The rules of the packs are tested by their examples, which say where a rule speaks and little of what it says. In the files of
//! `tests/judged/` a case is a rule, a declaration or two revisions of one, and what is found, apart by `---`; cases are apart by
//! `===`. `UPDATE=1 cargo test` rewrites what is found; the difference is the review.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::diagnostic::Label;
use purposelint::evaluate::{Finding, Period};
use purposelint::examples::default_date;
use purposelint::lint::{Base, Report, Setup, compare, lint};
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::settings::Settings;
use purposelint::source::SourceMap;
use purposelint::space::Atlas;

/// A rule, without what every rule needs; the revisions of a declaration; and what is found.
struct Case {
    id: String,
    rule: String,
    texts: Vec<String>,
    found: String,
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judged");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn cases(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).unwrap();
    let name = file.file_stem().unwrap().to_str().unwrap();
    let case = |(at, case): (usize, &str)| {
        let mut parts: Vec<String> = case.split("---\n").map(str::to_owned).collect();
        let found = parts.pop().unwrap();
        Case { id: format!("{name}-{at}"), rule: parts.remove(0), texts: parts, found }
    };
    text.split("===\n").enumerate().map(case).collect()
}

/// The pack with the rules of all cases, and what they may ask for.
fn library(cases: &[Case]) -> Library {
    let mut files = PolicyFiles::builtin();
    let mut add = |name: &str, text: &str| _ = files.insert(format!("acme/{name}.yaml"), text.as_bytes().to_vec());
    add("pack", "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n");
    add(
        "tables/line",
        "version: 1\ntitle: a line\nsource: x\ntype: int\nvalues: [{regions: [FR], value: 15}, {regions: [DE], value: 16}]\n",
    );
    add("lexicons/vague", "version: 1\ntitle: vague words\nlanguages: {en: {source: x, words: [things]}}\n");
    for case in cases {
        let defaults = [
            ("title", "x"),
            ("severity", "error"),
            ("why", "x"),
            ("cites", "[{text: x, kind: practice, confidence: low}]"),
        ];
        let missing =
            defaults.iter().filter(|(key, _)| !case.rule.lines().any(|line| line.starts_with(&format!("{key}:"))));
        let missing: String = missing.map(|(key, value)| format!("{key}: {value}\n")).collect();
        let text = if case.texts.len() > 1 { "{before: a, after: a}" } else { "a" };
        let examples = format!("examples: [{{title: a, flagged: {text}}}, {{title: b, clean: {text}}}]\n");
        add(&case.id, &format!("{}{missing}{examples}", case.rule));
    }
    let packs = ["core", "acme"].map(str::to_owned);
    let (library, wrong) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Run);
    assert!(wrong.is_empty(), "{wrong:#?}");
    library
}

fn judge(setup: &Setup<'_>, sources: &mut SourceMap, texts: &[String]) -> Report {
    let files: Vec<_> = texts.iter().map(|text| sources.add("purposes.yaml", format!("version: 1\n{text}"))).collect();
    match files.as_slice() {
        [before, after] => {
            let base = Base { files: &[*before], atlas: setup.atlas, left_out: &BTreeSet::new() };
            compare(sources, base, &[*after], setup).report
        }
        files => lint(sources, files, setup),
    }
}

/// A finding in words: how much it matters and for whom, then the places, what helps, and the fixes.
fn told(sources: &SourceMap, finding: &Finding) -> String {
    let who: Vec<&str> = finding.cells.iter().map(|cell| cell.text.as_str()).collect();
    let from = finding.counts_from.map(|day| format!(" from {day}")).unwrap_or_default();
    let (severity, outcome) = (finding.severity, finding.outcome.as_str());
    let mut out = format!("{severity} {outcome} for {}{from}: {}\n", who.join(" | "), finding.message);
    let place = |label: &Label| {
        let at = sources.start(label.span);
        format!("  {}:{} {}\n", at.line, at.column, label.text)
    };
    out.extend([&finding.primary].into_iter().chain(&finding.labels).map(place));
    if !finding.missing.is_empty() {
        _ = writeln!(out, "  missing: {}", finding.missing.join(", "));
    }
    finding.help.iter().for_each(|help| _ = writeln!(out, "  help: {help}"));
    for fix in &finding.fixes {
        _ = writeln!(out, "  fix, {}: {}", fix.safety.as_str(), fix.title);
        for edit in &fix.edits {
            let at = sources.start(edit.span);
            _ = writeln!(out, "    {}:{} `{}` becomes `{}`", at.line, at.column, sources.slice(edit.span), edit.text);
        }
    }
    out
}

#[test]
fn what_is_found_is_what_the_case_says() {
    let by_file: Vec<(PathBuf, Vec<Case>)> = files().into_iter().map(|file| (file.clone(), cases(&file))).collect();
    let (files, cases): (Vec<PathBuf>, Vec<Vec<Case>>) = by_file.into_iter().unzip();
    let counts: Vec<usize> = cases.iter().map(Vec::len).collect();
    let cases: Vec<Case> = cases.into_iter().flatten().collect();
    let library = library(&cases);
    let today = default_date();
    let mut actual = cases.iter().map(|case| {
        let mut settings = Settings::default();
        settings.switch_on(library.rule(&format!("acme/{}", case.id)).unwrap());
        let period = Period { today, horizon: today.plus(180), full_severity: false };
        let setup = Setup { settings: settings.into(), period, ..Setup::of(&library, today) };
        let mut sources = SourceMap::new();
        let report = judge(&setup, &mut sources, &case.texts);
        let found = report.findings.iter().map(|finding| told(&sources, finding)).collect::<String>();
        [&[case.rule.clone()], &case.texts[..], &[found]].concat().join("---\n")
    });
    let mut wrong = Vec::new();
    for (file, count) in files.iter().zip(counts) {
        let actual = actual.by_ref().take(count).collect::<Vec<_>>().join("===\n");
        let expected = fs::read_to_string(file).unwrap();
        if actual != expected && std::env::var_os("UPDATE").is_some() {
            fs::write(file, &actual).unwrap();
        } else if actual != expected {
            wrong.push(format!("== {}\n-- expected\n{expected}\n-- actual\n{actual}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nrewrite with UPDATE=1 cargo test", wrong.join("\n"));
}
