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

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::config::{Bases, Config, Start, Unopened};
use purposelint::diagnostic::Label;
use purposelint::evaluate::{Finding, Period, Subject, fingerprint};
use purposelint::examples::default_date;
use purposelint::lint::{Base, Setup, compare, lint};
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::settings::Settings;
use purposelint::source::{FileId, SourceMap};
use purposelint::space::Atlas;
use purposelint::suppress::Accepting;
use purposelint::syntax::Limits;

/// A rule, without what every rule needs; the revisions of a declaration; and what is found.
struct Case {
    file: PathBuf,
    id: String,
    rule: String,
    texts: Vec<String>,
    found: String,
}

impl Case {
    fn is_of_change(&self) -> bool {
        self.texts.len() > 1
    }

    /// A revision of the declaration, with a service that no other case has.
    fn declaration(&self, revision: usize) -> Option<String> {
        let text = self.texts.get(revision)?;
        Some(format!("version: 1\n{}", text.replacen("service: s\n", &format!("service: {}\n", self.id), 1)))
    }
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judged");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| cases_in(file)).collect()
}

fn cases_in(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).unwrap();
    let name = file.file_stem().unwrap().to_str().unwrap();
    let case = |(at, case): (usize, &str)| {
        let mut parts: Vec<String> = case.split("---\n").map(str::to_owned).collect();
        let found = parts.pop().unwrap();
        Case { file: file.to_owned(), id: format!("{name}_{at}"), rule: parts.remove(0), texts: parts, found }
    };
    text.split("===\n").enumerate().map(case).collect()
}

/// The pack with the rules of all cases, and what they may ask for.
fn library(cases: &[Case]) -> Library {
    let mut files = PolicyFiles::builtin();
    let mut add = |name: &str, text: &str| files.insert(format!("acme/{name}.yaml"), text.as_bytes().to_vec());
    add("pack", "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n");
    add(
        "tables/a_line",
        "version: 1\ntitle: a line\nsource: x\ntype: int\nvalues: [{regions: [FR], value: 15}, {regions: [DE], value: 16}]\n",
    );
    add(
        "tables/a_place",
        "version: 1\ntitle: another\nsource: x\ntype: int\nvalues: [{regions: [FR, DE], value: 15}, {regions: [IT], value: 16}]\n",
    );
    add(
        "tables/a_turn",
        "version: 1\ntitle: a turn\nsource: x\ntype: int\nvalues: [{regions: [FR], value: 15, until: 2027-02-01}, {regions: [FR], value: 16, from: 2027-02-01}]\n",
    );
    let century: String = (2001..2101)
        .map(|year| format!("{{regions: [FR], value: 1, from: {year}-01-01, until: {}-01-01}}, ", year + 1))
        .collect();
    add("tables/a_century", &format!("version: 1\ntitle: a century\nsource: x\ntype: int\nvalues: [{century}]\n"));
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
        let text = if case.is_of_change() { "{before: a, after: a}" } else { "a" };
        let examples = format!("examples: [{{title: a, flagged: {text}}}, {{title: b, clean: {text}}}]\n");
        add(&case.id, &format!("{}{missing}{examples}", case.rule));
    }
    let packs = ["core", "acme"].map(str::to_owned);
    let (library, wrong) = Library::load(&files, &packs, Atlas::builtin().clone(), Depth::Run);
    assert!(wrong.is_empty(), "{wrong:#?}");
    library
}

/// A config that builds on no other.
struct Alone;

impl Bases for Alone {
    fn open(&mut self, _: &mut SourceMap, _: FileId, path: &str) -> Result<FileId, Unopened> {
        panic!("nothing extends {path}")
    }
}

/// The config that waives what the rules of some cases find in the places that they name.
fn config(sources: &mut SourceMap, cases: &[&Case]) -> Config {
    let places = cases.iter().filter_map(|case| Some((case, case.rule.lines().next()?.strip_prefix("# waived: ")?)));
    let waivers = places.map(|(case, places)| {
        format!("  - {{rule: acme/{}, {places}, reason: x, owner: x, expires: 2027-05-01}}\n", case.id)
    });
    let waivers: String = waivers.collect();
    let text = if waivers.is_empty() { String::new() } else { format!("waivers:\n{waivers}") };
    let workspace = Some(sources.add("purposelint.yaml", text));
    let (config, wrong) = Config::load(sources, Start { workspace, base: None }, Atlas::builtin(), &mut Alone);
    assert!(wrong.is_empty(), "{wrong:#?}");
    config
}

/// What the rules of some cases find, all in one run: for each case what its own rule finds in its own declaration. All of them are
/// about changes, or none.
fn found(library: &Library, cases: &[&Case]) -> Vec<String> {
    let mut settings = Settings::default();
    cases.iter().for_each(|case| settings.switch_on(library.rule(&format!("acme/{}", case.id)).unwrap()));
    let today = default_date();
    let period = Period { today, horizon: today.plus(180), full_severity: false };
    let mut sources = SourceMap::new();
    let config = config(&mut sources, cases);
    let accepting = Some(Accepting { config: Some(&config), baseline: None });
    let setup = Setup { settings: settings.into(), period, accepting, ..Setup::of(library, today) };
    let mut add = |revision: usize| -> Vec<FileId> {
        let texts = cases.iter().filter_map(|case| Some((format!("{}.yaml", case.id), case.declaration(revision)?)));
        texts.map(|(path, text)| sources.add(path, text)).collect()
    };
    let (first, second) = (add(0), add(1));
    let (files, report) = if second.is_empty() {
        let report = lint(&sources, &first, &setup);
        (first, report)
    } else {
        let base = Base { files: &first, atlas: setup.atlas, left_out: &BTreeSet::new() };
        let report = compare(&sources, base, &second, &setup).report;
        (second, report)
    };
    let of = |(case, file): (&&Case, &FileId)| {
        let own = |found: &&Finding| found.rule == format!("acme/{}", case.id) && found.primary.span.file == *file;
        report.found().filter(own).map(|finding| told(&sources, finding)).collect()
    };
    cases.iter().zip(&files).map(of).collect()
}

/// A finding in words: how much it matters and for whom, then the places, what helps, and the fixes.
fn told(sources: &SourceMap, finding: &Finding) -> String {
    let who: Vec<&str> = finding.cells.iter().map(|cell| cell.text.as_str()).collect();
    let from = finding.counts_from.map(|day| format!(" from {day}")).unwrap_or_default();
    let (severity, outcome) = (finding.severity, finding.outcome.as_str());
    let subject = match &finding.subject {
        Subject::Entity(_, id) => format!(" of `{id}`"),
        Subject::Service(_) | Subject::File(_) => String::new(),
    };
    assert_eq!(finding.fingerprint, fingerprint(&finding.rule, finding.service.as_deref(), &finding.subject));
    let declared = finding.declared.map(|span| sources.start(span).line).unwrap_or_default();
    let waived = if finding.suppressed.is_some() { ", waived" } else { "" };
    let mut out = format!(
        "{severity} {outcome}{waived}{subject} in line {declared} for {}{from}: {}\n",
        who.join(" | "),
        finding.message
    );
    let place = |label: &Label| {
        let at = sources.start(label.span);
        format!("  {}:{} {}\n", at.line, at.column, label.text)
    };
    out.extend([&finding.primary].into_iter().chain(&finding.labels).map(place));
    if !finding.missing.is_empty() {
        let what = if finding.unusable { "unusable" } else { "missing" };
        _ = writeln!(out, "  {what}: {}", finding.missing.join(", "));
    }
    let cites: Vec<&str> = finding.cites.iter().map(|cite| cite.text.as_str()).filter(|text| *text != "x").collect();
    if !cites.is_empty() {
        _ = writeln!(out, "  cites: {}", cites.join(", "));
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
    let cases = cases();
    let library = library(&cases);
    let mut by_file: BTreeMap<&Path, Vec<String>> = BTreeMap::new();
    for case in &cases {
        let found = found(&library, &[case]);
        let all = [std::slice::from_ref(&case.rule), &case.texts[..], &found].concat().join("---\n");
        by_file.entry(&case.file).or_default().push(all);
    }
    let mut wrong = Vec::new();
    for (file, actual) in by_file {
        let (actual, expected) = (actual.join("===\n"), fs::read_to_string(file).unwrap());
        if actual != expected && std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
            fs::write(file, &actual).unwrap();
        } else if actual != expected {
            wrong.push(format!("== {}\n-- expected\n{expected}\n-- actual\n{actual}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nrewrite with UPDATE=1 cargo test", wrong.join("\n"));
}

/// A run keeps what parts of conditions came to for all rules and services.
#[test]
fn what_others_ask_makes_no_difference() {
    let cases = cases();
    let library = library(&cases);
    let mut together: BTreeMap<(&Path, bool), Vec<&Case>> = BTreeMap::new();
    for case in &cases {
        together.entry((&case.file, case.is_of_change())).or_default().push(case);
    }
    for cases in together.into_values() {
        for (case, found) in cases.iter().zip(found(&library, &cases)) {
            assert_eq!(found, case.found, "{}", case.id);
        }
    }
}

/// Of which purposes a rule had something to say is counted, whether or not it found anything.
#[test]
fn rules_that_apply_and_those_that_are_spared_are_counted() {
    let rule = "when: purpose.use == \"analytics\"\nrequire: state != \"on\"\n".to_owned();
    for (purpose, applied, spared) in [
        ("{use: analytics, setting: {default: off}}", 1, 0),
        ("{use: analytics, setting: {default: on}}", 1, 0),
        ("{use: collect, setting: {default: on}}", 0, 0),
        ("{use: analytics, setting: {default: on}, carried_out: false}", 0, 1),
        ("{use: analytics, setting: {default: on}, overrides: [{regions: [FR], carried_out: false}]}", 1, 0),
    ] {
        let text = format!("service: s\npurposes: {{p: {purpose}}}\n");
        let case = Case {
            file: PathBuf::new(),
            id: "counted".into(),
            rule: rule.clone(),
            texts: vec![text],
            found: String::new(),
        };
        let library = library(std::slice::from_ref(&case));
        let mut settings = Settings::default();
        settings.switch_on(library.rule("acme/counted").unwrap());
        let setup = Setup { settings: settings.into(), ..Setup::of(&library, default_date()) };
        let mut sources = SourceMap::new();
        let file = sources.add("purposes.yaml", case.declaration(0).unwrap());
        let checked = lint(&sources, &[file], &setup).checked;
        assert_eq!((checked.purposes, checked.rules, checked.spared), (1, applied, spared), "{purpose}");
    }
}

fn steps_library(rules: &[&str]) -> Library {
    let case = |(at, rule): (usize, &&str)| {
        let (id, rule) = (format!("steps_{at}"), format!("require: '{rule}'\n"));
        Case { file: PathBuf::new(), id, rule, texts: Vec::new(), found: String::new() }
    };
    library(&rules.iter().enumerate().map(case).collect::<Vec<_>>())
}

/// For each service, why it is not judged with so many steps.
fn refused(library: &Library, steps: usize, services: &[&str]) -> Vec<Option<String>> {
    let limits = Limits { steps, ..Limits::default() };
    let setup = Setup { limits, ..Setup::of(library, default_date()) };
    let mut sources = SourceMap::new();
    let mut add = |(at, text): (usize, &&str)| {
        sources.add(format!("{at}.yaml"), format!("version: 1\nservice: of_{at}\n{text}\n"))
    };
    let files: Vec<FileId> = services.iter().enumerate().map(&mut add).collect();
    let report = lint(&sources, &files, &setup);
    let refused = |file: &FileId| {
        let here = |found: &&Finding| found.rule == "core/service-too-large" && found.primary.span.file == *file;
        report.found().find(here).map(|finding| finding.message.clone())
    };
    files.iter().map(refused).collect()
}

/// The limit is exact, and a condition costs what it goes through: notices, atoms, the rows of a table. What is said names the rule
/// that took most.
#[test]
fn conditions_take_the_more_steps_the_more_they_read() {
    let (cheap, dear) =
        ("state == \"off\"", "service.purposes.all(q, service.purposes.all(r, q.id != \"x\" && r.id != \"y\"))");
    let one = "notices: {a: {channel: direct}}";
    let aged = "notices: {a: {channel: direct, ages: 16+}}";
    let two = "notices: {a: {channel: direct}, b: {channel: direct}}";
    let cases: [(&[&str], &str, usize, &str); 8] = [
        (&["size(purpose.announced_by) < 9"], one, 6, "steps_0"),
        (&["size(purpose.announced_by) < 9"], two, 7, "steps_0"),
        (&["size(purpose.states_here) < 9"], one, 6, "steps_0"),
        (&["size(purpose.states_here) < 9"], aged, 7, "steps_0"),
        (&["table(\"a_line\") < 99"], one, 5, "steps_0"),
        (&["table(\"a_century\") < 99"], one, 103, "steps_0"),
        (&[cheap, dear], one, 18, "steps_1"),
        (&[dear, cheap], one, 18, "steps_0"),
    ];
    for (rules, more, needed, most) in cases {
        let purposes = "purposes: {p: {use: analytics, setting: {default: off}, notices: []}}";
        let text = format!("regions: [FR]\n{more}\n{purposes}");
        let library = steps_library(rules);
        let told = format!("take more than {} steps, and those of `acme/{most}` most", needed - 1);
        for found in refused(&library, needed - 1, &[&text, &text]) {
            assert!(found.as_ref().is_some_and(|found| found.contains(&told)), "{rules:?} {more}: {found:?}");
        }
        assert_eq!(refused(&library, needed, &[&text, &text]), [None, None], "{rules:?} {more}");
    }
}

/// What was asked of a service until its steps ran out is no answer about another.
#[test]
fn what_was_broken_off_is_known_of_nobody() {
    let library = steps_library(&["purpose.data.all(d, d.category != \"user.behavior\")"]);
    let long =
        "data: [user.account, user.account.settings, user.authorization, user.authorization.password, user.behavior]";
    let same = format!("x: {{use: analytics, {long}}}");
    let declared = |at: usize, purposes: &str| format!("version: 1\nservice: of_{at}\npurposes:\n  {purposes}\n");
    let before = declared(0, &format!("a: {{use: analytics, data: [user.account, user.authorization]}}\n  {same}"));
    let found = |steps: usize, texts: &[&str]| {
        let limits = Limits { steps, ..Limits::default() };
        let setup = Setup { limits, ..Setup::of(&library, default_date()) };
        let mut sources = SourceMap::new();
        let mut add = |text: &&str| sources.add("purposes.yaml", *text);
        let files: Vec<FileId> = texts.iter().map(&mut add).collect();
        // one after the other
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let report = alone.install(|| lint(&sources, &files, &setup));
        let own = |found: &&Finding| found.service.as_deref() == Some("of_1");
        report.found().filter(own).map(|found| told(&sources, found)).collect::<Vec<String>>()
    };
    let after = declared(1, &same);
    let mut judged = 0;
    for steps in 1..60 {
        let (both, alone) = (found(steps, &[&before, &after]), found(steps, &[&after]));
        assert_eq!(both, alone, "{steps}");
        judged += usize::from(alone.iter().any(|found| found.contains("fail of `x`")));
    }
    assert!((1..59).contains(&judged), "{judged}");
}
