//! Configs: one that is wrong says where, one that stands switches nothing off in silence, and a lock holds.

use std::path::Path;

use purposelint::config::{Bases, Config, LedBy, Override, Start, Unopened};
use purposelint::diagnostic::Diagnostic;
use purposelint::lint::{Setup, lint};
use purposelint::policy::PolicyFiles;
use purposelint::settings::{own_severity, settle};
use purposelint::source::{FileId, SourceMap};
use purposelint::space::Atlas;
use purposelint::suppress::Accepting;

use super::judge::{self, check, texts, write};

/// What is judged with the config.
const DECLARATION: &str = "\
version: 1
service: s
regions: [WORLD]
settings: {s1: {default: on, overrides: [{regions: [EU], default: off}]}}
purposes:
  p: {use: train_ai_system, setting: s1, started: 2027-02-03}
  q: {use: train_ai_system, setting: {default: on}}
";

/// The parts of an input as files: the first is the config, the others are called `./1.yaml` and so on.
struct Parts<'t> {
    texts: Vec<&'t str>,
    files: Vec<FileId>,
}

impl Bases for Parts<'_> {
    fn open(&mut self, _: &mut SourceMap, _: FileId, path: &str) -> Result<FileId, Unopened> {
        let at = path.trim_start_matches("./").strip_suffix(".yaml").and_then(|name| name.parse::<usize>().ok());
        let missing =
            || Unopened { message: format!("`{path}` does not exist"), help: "write another path".to_owned() };
        self.files.get(at.ok_or_else(missing)?).copied().ok_or_else(missing)
    }
}

fn load(texts: &[&str]) -> (SourceMap, Config, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let files = texts.iter().enumerate().map(|(at, text)| sources.add(format!("{at}.yaml"), *text)).collect();
    let mut parts = Parts { texts: texts.to_vec(), files };
    let start = Start { workspace: parts.files.first().copied(), base: None };
    let (config, found) = Config::load(&mut sources, start, Atlas::builtin(), &mut parts);
    assert_eq!(sources.len(), parts.texts.len());
    (sources, config, found)
}

/// Reads bytes as a config; parts behind a line `=====` are files that it may extend.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let texts = texts(text);
    let (mut sources, mut config, found) = load(&texts);
    wrong(&found, &sources);
    assert_eq!(found, load(&texts).2, "read twice");
    if !found.is_empty() {
        return;
    }
    let library = judge::library(text);
    let names = config.check(&PolicyFiles::builtin().packs(), &library.known, &|_| None);
    wrong(&names, &sources);
    wrong(&config.unknown_places(&library.atlas), &sources);
    let file = sources.add("purposes.yaml", DECLARATION);
    let settled = settle(&config, library, &[(file, "purposes.yaml")]);
    wrong(&settled.diagnostics, &sources);
    if !names.is_empty() || !settled.diagnostics.is_empty() {
        return;
    }
    locked(&config, library);
    // without its groups: the atlas is that of the library
    config.groups.clear();
    let products = purposelint::product::Products::new();
    let accepting = Some(Accepting { config: Some(&config), baseline: None });
    let setup = Setup {
        settings: settled.settings.clone().into(),
        accepting,
        limits: config.limits,
        ..judge::setup(library, &products)
    };
    let report = lint(&sources, &[file], &setup);
    check(&report, &sources);
    write(&report, &sources, library);
    for rule in library.rules().filter(|rule| rule.enabled && settled.settings.of(file, &rule.id).is_none()) {
        // with one file, off for it is off for all
        let said =
            report.checked.skipped.iter().any(|skipped| skipped.what == rule.id && report.checked.is_off(skipped));
        assert!(said, "{} is switched off in silence", rule.id);
    }
    accepted(&config, library, &report, &sources, file);
}

/// What is found without the config is found with it, unless its rule is off; what is accepted is accepted by an entry of it.
fn accepted(
    config: &Config,
    library: &purposelint::policy::Library,
    report: &purposelint::lint::Report,
    sources: &SourceMap,
    file: FileId,
) {
    for finding in report.found().filter_map(|finding| Some((finding, finding.suppressed.as_ref()?))) {
        let (finding, suppressed) = finding;
        assert!(config.lock_of(&finding.rule).is_none(), "locked, and accepted: {finding:?}");
        assert!(suppressed.expires.is_some_and(|day| day > judge::today()), "{suppressed:?}");
        let place = suppressed.place.unwrap();
        assert!(config.waivers.iter().any(|waiver| waiver.span == place), "{suppressed:?}");
    }
    let products = purposelint::product::Products::new();
    let plain = lint(sources, &[file], &Setup { limits: config.limits, ..judge::setup(library, &products) });
    let matching = config.matching(Path::new("purposes.yaml"));
    for finding in plain.findings {
        let rule = library.rule(&finding.rule).unwrap();
        let own = own_severity(rule);
        let standing = config.standing(&finding.rule, own, &matching);
        let is_off = standing.entry.map_or(own, |entry| entry.to.value) == Override::Off;
        let is_changed = config
            .layers
            .iter()
            .any(|layer| !layer.parameters.is_empty() || layer.files.iter().any(|files| !files.parameters.is_empty()));
        let found = report.found().any(|other| other.rule == finding.rule && other.subject == finding.subject);
        assert!(is_off || is_changed || found, "gone, and nobody switched it off: {finding:?}");
    }
}

/// What a farther layer locks, no nearer one relaxes.
fn locked(config: &Config, library: &purposelint::policy::Library) {
    let matching = config.matching(Path::new("purposes.yaml"));
    for rule in library.rules() {
        let own = own_severity(rule);
        let standing = config.standing(&rule.id, own, &matching);
        let lock = config.lock_of(&rule.id).and_then(|lock| config.layer_of(lock));
        let entry = standing.entry.map(|entry| (config.layer_of(entry.to.span).unwrap(), entry.to.value));
        if let (Some(lock), Some((layer, to))) = (lock, entry)
            && layer < lock
            && config.layers.iter().skip(lock).all(|layer| layer.severity.is_empty() && layer.files.is_empty())
        {
            assert!(to >= own, "{} is locked in layer {lock}, and relaxed to {to:?} in layer {layer}", rule.id);
        }
    }
    assert!(config.layers.iter().filter(|layer| layer.led_by == LedBy::Workspace).count() <= 1);
}

fn wrong(found: &[Diagnostic], sources: &SourceMap) {
    for diagnostic in found {
        for span in std::iter::once(&diagnostic.primary).chain(&diagnostic.labels).map(|label| label.span) {
            let text = sources.get(span.file).unwrap().text();
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
        }
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains('\n'), "{diagnostic:?}");
    }
}
