//! What is found of small declarations, by rules that are made for it: for whom, in which words, at which places.
//!
//! The rules of the packs are tested by their examples, which say where a rule speaks and little of what it says. In the files of
//! `tests/judged/` a case is a rule, a declaration or two revisions of one, and what is found, apart by `---`; cases are apart by
//! `===`. `UPDATE=1 cargo test` rewrites what is found; the difference is the review. A rule may begin with comments:
//! `# today: DATE` is another day of the run, `# waived: PLACES` what a waiver is for, and `# also: RULE, …` names rules of `core`
//! of which is shown what they find as well.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::config::{Bases, Config, Start, Unopened};
use purposelint::diagnostic::Label;
use purposelint::evaluate::{Finding, Period, Subject, fingerprint};
use purposelint::examples::default_date;
use purposelint::lint::{Base, Setup, compare, lint};
use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::settings::{Settings, settle};
use purposelint::source::{FileId, SourceMap};
use purposelint::space::{Atlas, Date};
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

    /// What stands behind a name in a comment at the head of the rule.
    fn head(&self, name: &str) -> Option<&str> {
        let mut head = self.rule.lines().map_while(|line| line.strip_prefix("# "));
        head.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The day of the run.
    fn today(&self) -> Date {
        self.head("today").map_or_else(default_date, |day| Date::parse(day).unwrap())
    }

    /// The rules of which everything that is found is shown: its own, and those of `core` that it names.
    fn shown(&self) -> Vec<String> {
        let also = self.head("also").into_iter().flat_map(|ids| ids.split(", "));
        also.map(|id| format!("core/{id}")).chain([format!("acme/{}", self.id)]).collect()
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
    add(
        "tables/a_move",
        "version: 1\ntitle: a move\nsource: x\ntype: int\nvalues: [{regions: [FR], value: 15, until: 2027-02-01}, {regions: [DE], value: 16, from: 2027-02-01}]\n",
    );
    add(
        "tables/a_parting",
        "version: 1\ntitle: a parting\nsource: x\ntype: int\nvalues: [{regions: [FR, DE], value: 15, until: 2027-02-01}, {regions: [FR], value: 16, from: 2027-02-01}, {regions: [DE], value: 14, from: 2027-02-01}]\n",
    );
    add(
        "tables/a_corner",
        "version: 1\ntitle: a corner\nsource: x\ntype: int\nvalues: [{regions: [KE], value: 15}, {regions: [NG], value: 16}]\n",
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
    let places = cases.iter().filter_map(|case| Some((case, case.head("waived")?)));
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

/// What the rules of some cases find, all in one run of `today`: for each case what is found in its own declaration. All of them are
/// about changes, or none.
fn found(library: &Library, cases: &[&Case], today: Date) -> Vec<String> {
    let mut settings = Settings::default();
    cases.iter().flat_map(|case| case.shown()).for_each(|id| settings.switch_on(library.rule(&id).unwrap()));
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
        let base = Base { files: &first, atlas: setup.atlas, left_out: &BTreeMap::new() };
        let report = compare(&sources, base, &second, &setup).report;
        (second, report)
    };
    let of = |(case, file): (&&Case, &FileId)| {
        let own = |found: &&Finding| case.shown().contains(&found.rule) && found.primary.span.file == *file;
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
    // each change of a subject is by itself
    let is_change = ["core/weakened", "core/unclear-change"].contains(&finding.rule.as_str());
    let usual = fingerprint(&finding.rule, finding.service.as_deref(), &finding.subject);
    assert_eq!(finding.fingerprint == usual, !is_change, "{}", finding.message);
    let rule = if finding.rule.starts_with("core/") { format!("[{}]", finding.rule) } else { String::new() };
    let declared = finding.declared.map(|span| format!(" in line {}", sources.start(span).line)).unwrap_or_default();
    let waived = if finding.suppressed.is_some() { ", waived" } else { "" };
    let who = if who.is_empty() { "nobody".to_owned() } else { who.join(" | ") };
    let mut out =
        format!("{severity}{rule} {outcome}{waived}{subject}{declared} for {who}{from}: {}\n", finding.message);
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
        let found = found(&library, &[case], case.today());
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
    let mut together: BTreeMap<(&Path, bool, Date), Vec<&Case>> = BTreeMap::new();
    for case in &cases {
        together.entry((&case.file, case.is_of_change(), case.today())).or_default().push(case);
    }
    for ((_, _, today), cases) in together {
        for (case, found) in cases.iter().zip(found(&library, &cases, today)) {
            assert_eq!(found, case.found, "{}", case.id);
        }
    }
}

/// What is said of a service says what counts in the file of the purpose that fails.
#[test]
fn a_service_in_two_files_is_told_what_counts_where_it_fails() {
    let rule = "per: service\nparameters: {most: 1}\nmessage: \"more than {param.most}\"\n";
    let case = Case {
        file: PathBuf::new(),
        id: "files".into(),
        rule: format!("{rule}require: size(purpose.data) <= param.most\n"),
        texts: Vec::new(),
        found: String::new(),
    };
    let library = library(&[case]);
    let mut sources = SourceMap::new();
    let config = "severity: {acme/files: error}\nfiles: [{glob: b.yaml, parameters: {acme/files: {most: 2}}}]\n";
    let workspace = Some(sources.add("purposelint.yaml", config));
    let (config, wrong) = Config::load(&mut sources, Start { workspace, base: None }, Atlas::builtin(), &mut Alone);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let head = "version: 1\nservice: s\n";
    let texts = [
        ("a.yaml", "purposes: {p: {use: analytics, setting: none, data: [{category: user.account}]}}\n"),
        (
            "b.yaml",
            "purposes: {q: {use: analytics, setting: none, data: [{category: user.account}, {category: user.behavior}, {category: user.content}]}}\n",
        ),
    ];
    let files = texts.map(|(path, text)| (sources.add(path, format!("{head}{text}")), path));
    let settings = settle(&config, &library, &files).settings;
    let setup = Setup { settings: settings.into(), ..Setup::of(&library, default_date()) };
    let report = lint(&sources, &files.map(|(file, _)| file), &setup);
    let own = report.found().filter(|finding| finding.rule == "acme/files");
    assert_eq!(own.map(|finding| finding.message.as_str()).collect::<Vec<_>>(), ["more than 2"]);
}

/// Where files differ in what counts for two rules that ask the same, each asks by its own.
#[test]
fn rules_that_ask_the_same_are_told_apart_file_by_file() {
    let case = |id: &str, most: usize| Case {
        file: PathBuf::new(),
        id: id.into(),
        rule: format!("parameters: {{most: {most}}}\nrequire: size(purpose.data) <= param.most\n"),
        texts: Vec::new(),
        found: String::new(),
    };
    let library = library(&[case("one", 1), case("other", 2)]);
    let mut sources = SourceMap::new();
    let config = "severity: {acme/one: error, acme/other: error}\nfiles: [{glob: b.yaml, parameters: {acme/one: {most: 2}, acme/other: {most: 1}}}]\n";
    let workspace = Some(sources.add("purposelint.yaml", config));
    let (config, wrong) = Config::load(&mut sources, Start { workspace, base: None }, Atlas::builtin(), &mut Alone);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let declared = |id: &str| {
        let data = "[{category: user.account}, {category: user.behavior}]";
        format!("version: 1\nservice: s\npurposes: {{{id}: {{use: analytics, setting: none, data: {data}}}}}\n")
    };
    let files = [("a.yaml", "p"), ("b.yaml", "q")].map(|(path, id)| (sources.add(path, declared(id)), path));
    let settings = settle(&config, &library, &files).settings;
    let setup = Setup { settings: settings.into(), ..Setup::of(&library, default_date()) };
    let report = lint(&sources, &files.map(|(file, _)| file), &setup);
    let own = report.found().filter(|finding| finding.rule.starts_with("acme/"));
    let own: Vec<String> = own.map(|finding| told(&sources, finding)).collect();
    let of = |id: &str| own.iter().filter(|found| found.contains(&format!("fail of `{id}`"))).count();
    assert_eq!((own.len(), of("p"), of("q")), (2, 1, 1), "{own:?}");
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
    let cases: [(&[&str], &str, usize, &str); 9] = [
        (&["size(purpose.announced_by) < 9"], one, 6, "steps_0"),
        (&["size(purpose.announced_by) < 9"], two, 7, "steps_0"),
        (&["size(purpose.states_here) < 9"], one, 6, "steps_0"),
        (&["size(purpose.states_here) < 9"], aged, 7, "steps_0"),
        (&["table(\"a_line\") < 99"], one, 5, "steps_0"),
        (&["table(\"a_century\") < 99"], one, 103, "steps_0"),
        (&[cheap, dear], one, 18, "steps_1"),
        (&[dear, cheap], one, 18, "steps_0"),
        // it is asked once, for people of all ages and for all rules
        (&["state == \"off\""; 4], aged, 3, "steps_0"),
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

/// A rule that fails is asked again, for the reasons; not where the first time took the last steps, so that what it took is told.
#[test]
fn what_takes_the_last_steps_is_not_asked_again() {
    let (passes, fails) =
        ("service.purposes.all(q, q.id != \"x\" && q.id != \"y\")", "service.purposes.all(q, q.id == \"x\")");
    let library = steps_library(&[passes, fails]);
    let text = "purposes: {p: {use: analytics, setting: none}}";
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for told in (0..100).map_while(|steps| refused(&library, steps, &[text]).remove(0)) {
        let rule = ["steps_0", "steps_1"].into_iter().find(|rule| told.contains(&format!("acme/{rule}` most")));
        *named.entry(rule.unwrap()).or_default() += 1;
    }
    assert_eq!(named, BTreeMap::from([("steps_0", 12 + 7), ("steps_1", 7)]));
}

/// What was asked of a service until its steps ran out is no answer about another.
#[test]
fn what_was_broken_off_is_known_of_nobody() {
    let items = |categories: &[&str]| {
        let items: Vec<String> = categories.iter().map(|category| format!("{{category: {category}}}")).collect();
        format!("data: [{}]", items.join(", "))
    };
    let long = items(&[
        "user.account",
        "user.account.settings",
        "user.authorization",
        "user.authorization.password",
        "user.behavior",
    ]);
    let same = format!("x: {{use: analytics, {long}}}");
    let declared = |at: usize, purposes: &str| format!("version: 1\nservice: of_{at}\npurposes:\n  {purposes}\n");
    let short = items(&["user.account", "user.authorization"]);
    let before = declared(0, &format!("a: {{use: analytics, {short}}}\n  {same}"));
    let after = declared(1, &same);
    let found = |library: &Library, steps: usize, texts: &[&str]| {
        let limits = Limits { steps, ..Limits::default() };
        let setup = Setup { limits, ..Setup::of(library, default_date()) };
        let mut sources = SourceMap::new();
        let mut add = |text: &&str| sources.add("purposes.yaml", *text);
        let files: Vec<FileId> = texts.iter().map(&mut add).collect();
        // one after the other
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let report = alone.install(|| lint(&sources, &files, &setup));
        let own = |found: &&Finding| found.service.as_deref() == Some("of_1");
        report.found().filter(own).map(|found| told(&sources, found)).collect::<Vec<String>>()
    };
    // one is asked of each element by itself, one of all of them for each
    let conditions = [
        "purpose.data.all(d, d.category != \"user.behavior\")",
        "!purpose.data.exists(d, purpose.data.all(e, d.category != \"user.account\" && e.category != d.category))",
        "purpose.data.all(d, !purpose.data.exists(e, e.category == \"user.behavior\" && d.category == e.category))",
    ];
    for (condition, (fails, most)) in conditions.into_iter().zip([(true, 90), (false, 600), (true, 600)]) {
        let library = steps_library(&[condition]);
        let mut judged = 0;
        for steps in (1..most).step_by(3) {
            let (both, alone) = (found(&library, steps, &[&before, &after]), found(&library, steps, &[&after]));
            assert_eq!(both, alone, "{condition} in {steps} steps");
            judged += usize::from(!alone.iter().any(|found| found.contains("core/service-too-large")));
            assert!(!fails || judged == 0 || alone.iter().any(|found| found.contains("fail of `x`")), "{alone:?}");
        }
        assert!((1..most / 3 - 1).contains(&judged), "{condition}: {judged}");
    }
}

/// A service is judged on the day of the run and on each later day on which something changes; two revisions on the days of both.
#[test]
fn what_is_to_be_worked_out_is_counted_for_each_day() {
    let list = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    let places: Vec<&str> = Atlas::builtin().leaves().map(|(code, _)| code).collect();
    let (places, ages) = (list(200, &|at| format!("{:?}", places[at])), list(9, &|at| format!("\"{at}\"")));
    let plans = |count: usize| list(count, &|at| format!("p{at}"));
    let over = |axis: &str, items: &str| format!("{{{axis}: [{items}], default: off}}");
    let overrides = [over("regions", &places), over("ages", &ages), over("plans", &plans(19))].join(", ");
    let day = |at: usize| [", started: 2027-01-01", ", started: 2027-02-01"].get(at).copied().unwrap_or_default();
    let purposes = list(400, &|at| format!("x{at}: {{use: collect, setting: none{}}}", day(at)));
    let text = format!(
        "version: 1\nservice: s\nplans: [{}]\npurposes: {{{purposes}, y: {{use: collect, setting: {{default: on, overrides: [{overrides}]}}}}}}\n",
        plans(20)
    );
    let library = library(&[]);
    let today = default_date();
    let period = Period { today, horizon: today.plus(180), full_severity: false };
    let setup = Setup { period, ..Setup::of(&library, today) };
    let mut sources = SourceMap::new();
    let before = sources.add("before.yaml", text.replacen("on, overrides", "off, overrides", 1));
    let after = sources.add("after.yaml", text);
    let base = Base { files: &[before], atlas: setup.atlas, left_out: &BTreeMap::new() };
    for (report, dates) in
        [(lint(&sources, &[after], &setup), 3), (compare(&sources, base, &[after], &setup).report, 6)]
    {
        let found = report.found().find(|found| found.rule == "core/service-too-large").unwrap();
        assert!(found.message.contains(&format!(" groups of people and {dates} dates are more")), "{}", found.message);
    }
}

/// Where a law ends on the day on which what it asks for turns, nothing of it is found there, although the rule goes on elsewhere.
#[test]
fn a_law_that_ends_asks_for_nothing_on_that_day() {
    let mut files = PolicyFiles::builtin();
    let mut add = |name: &str, text: &str| files.insert(format!("law/{name}.yaml"), text.as_bytes().to_vec());
    add("pack", "title: A law\nversion: 1.0.0\nneeds: 0.1.0\nterritories: [FR, DE]\n");
    let cite = "text: x, kind: practice, confidence: low";
    let cites = format!("[{{{cite}, regions: [FR]}}, {{{cite}, regions: [DE], in_force: {{until: 2027-02-01}}}}]");
    let require = "purpose.safeguards.all(s, days(s.date, today) <= 730)";
    let examples = "[{title: a, flagged: a}, {title: b, clean: a}]";
    add(
        "old",
        &format!("title: x\nseverity: error\nwhy: x\ncites: {cites}\nrequire: {require}\nexamples: {examples}\n"),
    );
    let (library, wrong) = Library::load(&files, &["law".to_owned()], Atlas::builtin().clone(), Depth::Run);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let today = default_date();
    let period = Period { today, horizon: today.plus(180), full_severity: false };
    let setup = Setup { period, ..Setup::of(&library, today) };
    for (date, expected) in [
        ("2025-01-31", &["2027-02-01 FR"][..]),
        ("2025-01-30", &["2027-01-31 DE and FR"]),
        ("2025-02-01", &["2027-02-02 FR"]),
    ] {
        let safeguards = format!("[{{kind: filtering, date: {date}}}]");
        let purposes = format!("{{p: {{use: analytics, setting: none, safeguards: {safeguards}}}}}");
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", format!("version: 1\nservice: s\nregions: [FR, DE]\npurposes: {purposes}\n"));
        let report = lint(&sources, &[file], &setup);
        let told = report.found().map(|finding| {
            let who: Vec<&str> = finding.cells.iter().map(|cell| cell.text.as_str()).collect();
            format!("{} {}", finding.counts_from.unwrap(), who.join(" | "))
        });
        assert_eq!(told.collect::<Vec<_>>(), expected, "{date}");
    }
}
