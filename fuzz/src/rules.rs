//! Files of packs: a rule is read whole or refused, what is read can be shown and run, and reading twice gives the same.

use purposelint::diagnostic::Diagnostic;
use purposelint::explain::page;
use purposelint::policy::{Depth, Library, PolicyFiles, Rule};
use purposelint::settings::Settings;
use purposelint::source::SourceMap;
use purposelint::space::Atlas;
use purposelint::syntax::{self, Kind, Limits, NodeRef};
use purposelint::vocabulary::Terms;
use purposelint::{examples, lint};

use super::judge::{self, Case};

const PACK: &str = "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n";

/// A rule, for packs whose other files are wrong.
const RULE: &str = "title: x\nseverity: error\nwhy: x\ncites: [{text: x, kind: practice, confidence: low}]\nrequire: state != \"on\"\nexamples: [{title: a, flagged: a}, {title: b, clean: a}]\n";

/// What the rules are tried on.
const DECLARATION: &str = "\
version: 1
service: s
regions: [WORLD]
plans: [free, paid]
organisations: {lab: {name: Lab, role: third_party, country: US}}
notices: {mail: {title: Mail, channel: direct, published: 2026-01-01, covers: [p]}}
settings:
  s1: {default: on, label: Improve it, location: [Me, Data], overrides: [{regions: [EU], ages: 16+, default: ask}]}
purposes:
  p:
    use: train_ai_system
    title: Train models
    setting: s1
    data: [{category: user.content, source: provided}]
    recipients: [lab]
    started: {before: 2026-02-03}
    retention: {period: P2Y}
    overrides: [{plans: [paid], carried_out: false}]
  q: {use: analytics, setting: none}
";

/// What a file of a pack is, by the comment it begins with; a rule where there is none.
const KINDS: [(&str, &str); 5] = [
    ("# pack\n", "acme/pack.yaml"),
    ("# vocabulary\n", "acme/vocabulary.yaml"),
    ("# groups\n", "acme/groups.yaml"),
    ("# lexicon\n", "acme/lexicons/words.yaml"),
    ("# table\n", "acme/tables/days.yaml"),
];

/// Reads bytes as a file of a pack.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let path = KINDS.iter().find(|(mark, _)| text.starts_with(mark)).map_or("acme/rule.yaml", |(_, path)| path);
    let (library, found) = load(path, data);
    for diagnostic in &found {
        places(diagnostic, &library.sources);
    }
    let again = load(path, data);
    assert_eq!(found, again.1, "read twice");
    if !found.is_empty() {
        return;
    }
    match path {
        "acme/vocabulary.yaml" | "acme/groups.yaml" => added(&library, path),
        _ => {}
    }
    let pack = library.packs.iter().find(|pack| pack.name == "acme").unwrap();
    let [rule] = pack.rules.as_slice() else { panic!("{} rules of one file", pack.rules.len()) };
    if path == "acme/rule.yaml" {
        let (file, _) = library.sources.iter().find(|(_, source)| source.path() == path).unwrap();
        let (tree, _) = syntax::parse(&library.sources, file, &Limits::default());
        whole(rule, tree.root(&tree.documents()[0]).unwrap());
    }
    assert!(!page(rule, 80).is_empty());
    examples::run_rule(&library, &rule.id, None).unwrap();
    judge(&library, rule);
}

fn load(path: &str, data: &[u8]) -> (Library, Vec<Diagnostic>) {
    let mut files = PolicyFiles::default();
    files.insert("acme/pack.yaml".into(), PACK.into());
    files.insert("acme/rule.yaml".into(), RULE.into());
    files.insert(path.into(), data.to_vec());
    Library::load(&files, &["acme".to_owned()], Atlas::builtin().clone(), Depth::Run)
}

/// Every key and every member of a group that is written has been taken in.
fn added(library: &Library, path: &str) {
    let (file, _) = library.sources.iter().find(|(_, source)| source.path() == path).unwrap();
    let (tree, _) = syntax::parse(&library.sources, file, &Limits::default());
    let root = tree.root(&tree.documents()[0]).unwrap();
    let is_taken = |node: NodeRef<'_>| node.is_mapping() || node.kind() == Kind::Null;
    assert!(is_taken(root), "nothing was taken in of {}", root.written());
    let lists = [("uses", Terms::Use), ("data", Terms::Data), ("subjects", Terms::Subject), ("bases", Terms::Basis)];
    for (key, terms) in lists {
        for entry in root.get(key).into_iter().flat_map(|entry| entry.value.entries()) {
            let term = library.vocabulary.get(terms, entry.name().unwrap());
            assert_eq!(term.map(|term| term.title.as_str()), entry.value.get("title").unwrap().value.text());
        }
        assert!(root.get(key).is_none_or(|entry| is_taken(entry.value)), "nothing was taken in of {}", root.written());
    }
    for entry in root.get("groups").into_iter().flat_map(|entry| entry.value.entries()) {
        let all = library.atlas.lookup(entry.name().unwrap(), judge::today()).unwrap();
        for member in entry.value.items() {
            let member = library.atlas.lookup(member.text().unwrap(), judge::today()).unwrap();
            assert!(member.is_within(all), "{}", root.written());
        }
    }
}

fn places(diagnostic: &Diagnostic, sources: &SourceMap) {
    for span in std::iter::once(&diagnostic.primary).chain(&diagnostic.labels).map(|label| label.span) {
        let text = sources.get(span.file).unwrap().text();
        assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
    }
    assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
}

/// What is written is there: a part that was dropped would make the rule judge something else.
fn whole(rule: &Rule, root: NodeRef<'_>) {
    let written = |key: &str| root.get(key).map(|entry| entry.value);
    let all = |key: &str| written(key).map_or(0, |list| list.items().len());
    for (key, is_read) in [
        ("when", rule.when.is_some()),
        ("require", rule.require.is_some()),
        ("message", rule.message.is_some()),
        ("help", rule.help.is_some()),
        ("primary", rule.primary.is_some()),
        ("undetermined", rule.undetermined.is_some()),
        ("raised_by", rule.raised_by.is_some()),
        ("tested_by", rule.tested_by.is_some()),
    ] {
        assert_eq!(written(key).is_some(), is_read, "`{key}` of\n{}", root.written());
    }
    let severities = written("severity").map_or(0, |node| if node.is_sequence() { node.items().len() } else { 1 });
    assert_eq!(severities, rule.severity.len(), "severity of\n{}", root.written());
    let fixes = written("fix").map_or(0, |node| if node.is_sequence() { node.items().len() } else { 1 });
    assert_eq!(fixes, rule.fixes.len(), "fixes of\n{}", root.written());
    assert_eq!(all("cites"), rule.cites.len(), "citations of\n{}", root.written());
    assert_eq!(all("examples"), rule.examples.len(), "examples of\n{}", root.written());
    let params = written("parameters").map_or(0, |node| node.entries().len());
    assert_eq!(params, rule.params.len(), "parameters of\n{}", root.written());
    for (key, read) in [
        ("uses", rule.applies.uses.len()),
        ("data", rule.applies.data.len()),
        ("subjects", rule.applies.subjects.len()),
        ("regions", rule.applies.regions.len()),
        ("plans", rule.applies.plans.len()),
        ("states", rule.applies.states.len()),
        ("roles", rule.applies.roles.len()),
    ] {
        let list = written("applies").and_then(|applies| applies.get(key)).map(|entry| entry.value);
        let items = list.map_or(0, |list| if list.is_sequence() { list.items().len() } else { 1 });
        assert_eq!(items, read, "`applies.{key}` of\n{}", root.written());
    }
    assert_eq!(written("enabled").is_some_and(|node| node.kind() == Kind::Bool(false)), !rule.enabled);
}

/// Judges a declaration by the rule alone.
fn judge(library: &Library, rule: &Rule) {
    let case = Case::new(&[DECLARATION]);
    let mut settings = Settings::default();
    settings.switch_on(rule);
    let setup = lint::Setup { settings: settings.into(), ..judge::setup(library, &case.products) };
    let report = lint::lint(&case.sources, &case.files, &setup);
    judge::check(&report, &case.sources);
    judge::write(&report, &case.sources, library);
}
