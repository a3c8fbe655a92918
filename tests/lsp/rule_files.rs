//! Configs and rules, written with the same help as declarations.

use serde_json::{Value, json};

use super::client::{Client, Folder};
use super::completion::{capable, offered};

const CONFIG: &str = "packs: [core, fair-defaults, ./policies/acme]\n";
const PACK: &str = "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n";
const VOCABULARY: &str = "version: 1\nuses:\n  train_ai_system.soup: {title: \"Learn about soup 😀\"}\n";
const LEXICON: &str = "version: 1\ntitle: t\nlanguages: {en: {source: s, words: [better]}}\n";
const DECLARATION: &str = "version: 1\nservice: kitchen\ntitle: Kitchen\npurposes:\n  soup: {title: Soup, use: train_ai_system, setting: {default: off}}\n";
const RULE: &str = r#"title: soup is on
severity: warning
parameters: {most: 3, words: [a]}
cites:
  - {text: "Acme 😀", kind: practice, confidence: high}
why: It must not be.
require: state != "on"
examples:
  - title: on
    flagged: |
      version: 1
      service: example
      purposes:
        soup: {use: train_ai_system.soup, setting: {default: on}}   # <- flagged
  - title: off
    clean: |
      version: 1
      service: example
      purposes:
        soup: {use: train_ai_system.soup, setting: {default: off}}
"#;

const PATH: &str = "policies/acme/soup-on.yaml";

fn folder() -> Folder {
    Folder::new(&[
        ("purposelint.yaml", CONFIG),
        ("labs/purposes.yaml", DECLARATION),
        ("policies/acme/pack.yaml", PACK),
        ("policies/acme/vocabulary.yaml", VOCABULARY),
        ("policies/acme/lexicons/praise.yaml", LEXICON),
        (PATH, RULE),
    ])
}

fn check(client: &mut Client, path: &str, cases: &[(&str, &[&str], &[&str])]) {
    for (text, has, lacks) in cases {
        let found = offered(client, path, text);
        let found: Vec<&str> = found.iter().map(|item| item["label"].as_str().unwrap()).collect();
        has.iter().for_each(|label| assert!(found.contains(label), "{text}: {found:?} without {label}"));
        lacks.iter().for_each(|label| assert!(!found.contains(label), "{text}: {found:?} with {label}"));
        assert!(!has.is_empty() || found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn a_config_is_offered_rules_packs_and_what_is_declared() {
    let folder = folder();
    let mut client = Client::start(&folder, capable(), &[""]);
    client.open("purposelint.yaml", CONFIG);
    client.settle();
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("‸", &["version", "packs", "waivers"], &["service"]),
        ("packs: [core, ‸", &["default", "eu-gdpr"], &["core"]),
        ("packs: ‸", &["default", "core"], &[]),
        ("severity:\n  ‸", &["fair-defaults/*", "acme/soup-on", "core/unknown-key"], &["error"]),
        ("severity:\n  acme/soup-on: ‸", &["error", "off"], &["acme/soup-on"]),
        ("severity: {acme/so‸", &["acme/soup-on"], &["off"]),
        ("parameters:\n  ‸", &["acme/soup-on", "fair-defaults/setting-buried"], &["core/unknown-key"]),
        ("parameters:\n  fair-defaults/setting-buried:\n    ‸", &["max_steps"], &["most"]),
        ("parameters:\n  acme/soup-on: {most: ‸", &["3"], &[]),
        ("locked: [‸", &["acme/*", "acme/soup-on"], &[]),
        ("fail_on: ‸", &["error", "warning", "info"], &["off"]),
        ("horizon: ‸", &["P30D"], &[]),
        ("groups:\n  MINE: [‸", &["EU", "FR"], &[]),
        ("waivers:\n  - ‸", &["reason", "owner", "expires", "rule"], &["packs"]),
        ("waivers:\n  - rule: ‸", &["acme/soup-on", "acme/*"], &[]),
        ("waivers:\n  - rule: x\n    services: [‸", &["kitchen"], &["soup"]),
        ("waivers:\n  - rule: x\n    purposes: [‸", &["soup"], &["kitchen"]),
        ("waivers:\n  - rule: x\n    regions: [‸", &["EU"], &[]),
        ("waivers:\n  - rule: x\n    expires: ‸", &["2026-11-22"], &[]),
        ("waivers:\n  - reason: \"😀\"\n    ‸", &["rule", "owner"], &["reason"]),
        ("files:\n  - glob: ‸", &["labs/**", "labs/purposes.yaml"], &[]),
        ("files:\n  - glob: labs/**\n    severity: {‸", &["acme/*"], &[]),
        ("exclude: [‸", &["labs/**"], &[]),
        ("limits:\n  ‸", &["depth", "file_bytes"], &[]),
        ("waivers:\n  - owner: ‸", &[], &[]),
    ];
    for (text, has, lacks) in cases {
        let headed = format!("{CONFIG}{text}");
        let text = if text.starts_with("packs") || *text == "‸" { text } else { &*headed };
        // names are those of the last config that was sound
        client.replace("purposelint.yaml", CONFIG);
        client.settle();
        check(&mut client, "purposelint.yaml", &[(text, has, lacks)]);
    }
    let found = offered(&mut client, "purposelint.yaml", &format!("{CONFIG}severity:\n  acme‸"));
    let rule = found.iter().find(|item| item["label"] == "acme/soup-on").unwrap();
    assert_eq!((&rule["detail"], &rule["textEdit"]["newText"]), (&json!("soup is on"), &json!("acme/soup-on: ")));
}

/// A rule up to its conditions.
const HEAD: &str = "title: \"😀\"\nseverity: warning\nwhy: x\nparameters:\n  most: 3\n  words: [a]\n";

#[test]
fn a_rule_is_offered_facts_functions_and_words() {
    let folder = folder();
    let mut client = Client::start(&folder, capable(), &[""]);
    client.open(PATH, RULE);
    client.settle();
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("‸", &["title", "severity", "why", "examples", "require"], &["service"]),
        ("title: x\nseverity: ‸", &["error", "warning", "info"], &[]),
        ("title: x\nseverity:\n  - ‸", &["is", "when"], &["title"]),
        ("applies: {uses: [‸", &["train_ai_system.soup"], &["user"]),
        ("applies: {data: [‸", &["user.content"], &[]),
        ("applies: {regions: [‸", &["EEA", "FR"], &[]),
        ("applies: {ages: ‸", &["under-18"], &[]),
        ("applies: {states: [on, ‸", &["mandatory"], &["on"]),
        ("cites:\n  - kind: ‸", &["law", "practice"], &[]),
        ("primary: ‸", &["setting.default", "purpose.started"], &["purpose.state"]),
        ("fix:\n  ‸", &["safety", "set", "override"], &[]),
        ("fix: {set: {‸", &["setting.default"], &[]),
        ("fix: {override: {‸", &["setting.default"], &["setting.label"]),
        ("fix: {set: {setting.default: ‸", &["off", "ask"], &[]),
        ("examples:\n  - ‸", &["title", "flagged", "clean"], &["why"]),
        ("examples:\n  - also_flagged: [‸", &["fair-defaults/setting-buried"], &["acme/*"]),
        ("require: ‸", &["purpose", "state", "has", "param"], &["title"]),
        ("require: purpose.‸", &["necessity", "recipients", "state"], &["purpose"]),
        ("require: purpose.nec‸essity == x", &["necessity"], &[]),
        ("when: \"purpose.necessity == ‸", &["core", "optional"], &["on"]),
        ("when: 'purpose.necessity == \"‸", &["core", "optional"], &["purpose"]),
        ("when: \"purpose.necessity == \\\"‸", &["core", "optional"], &["purpose"]),
        ("require: purpose.recipients.exists(r, r.‸", &["country"], &["use"]),
        ("require: |\n  has(purpose.use) // 😀\n  && recipients.all(r,\n    r.‸\n", &["country"], &["use"]),
        ("require: within(purpose.use, \"train‸", &["train_ai_system.soup"], &["user"]),
        ("require: mentions(setting.label, \"‸", &["praise"], &["EU"]),
        ("require: states_in(\"‸", &["EU", "WORLD"], &["FR"]),
        ("require: size(setting.location) < param.‸", &["most", "words"], &["title"]),
        ("severity: [{when: state == ‸", &["on", "off"], &[]),
        ("message: \"‸", &[], &[]),
        ("message: \"`{‸", &["purpose", "regions", "who"], &[]),
        ("message: \"😀 {regions} {purpose.‸", &["title"], &["regions"]),
        ("message: \"{purpose.title} is ‸", &[], &[]),
        ("require: purpose.title ‸", &[], &[]),
        (
            "examples:\n  - title: x\n    flagged: |\n      version: 1\n      purposes:\n        p:\n          ‸\n",
            &["use"],
            &["title: x"],
        ),
        (
            "examples:\n  - title: x\n    clean: |\n      version: 1\n      purposes:\n        p: {use: ‸\n  - title: y\n",
            &["train_ai_system.soup"],
            &[],
        ),
    ];
    let headed: Vec<String> = cases.iter().map(|(text, ..)| format!("{HEAD}{text}")).collect();
    for ((text, has, lacks), headed) in cases.iter().zip(&headed) {
        let is_key_of_head = text.starts_with("title") || text.starts_with("severity") || *text == "‸";
        check(&mut client, PATH, &[(if is_key_of_head { text } else { headed }, has, lacks)]);
    }
    let found = offered(&mut client, PATH, &format!("{HEAD}require: recipients.ex‸"));
    let exists = found.iter().find(|item| item["label"] == "exists").unwrap();
    assert_eq!(exists["textEdit"]["newText"], "exists(x, $0)");
    assert_eq!(
        exists["documentation"]["value"],
        "`list.exists(x, …)`\n\nWhether the condition holds for some element."
    );
    let written = |client: &mut Client, text: &str, label: &str| -> Value {
        let found = offered(client, PATH, &format!("{HEAD}{text}"));
        found.iter().find(|item| item["label"] == label).unwrap()["textEdit"]["newText"].clone()
    };
    assert_eq!(written(&mut client, "require: state == ‸", "on"), "\"on\"");
    assert_eq!(written(&mut client, "require: \"state == ‸", "on"), "'on'");
    assert_eq!(written(&mut client, "require: 'state == \"o‸", "on"), "on");
}

#[test]
fn a_pack_is_offered_its_keys() {
    let folder = folder();
    let mut client = Client::start(&folder, capable(), &[""]);
    client.open("policies/acme/pack.yaml", PACK);
    client.settle();
    let cases: &[(&str, &[&str], &[&str])] =
        &[("title: x\n‸", &["version", "needs", "territories"], &["title"]), ("territories: [‸", &["CH"], &[])];
    check(&mut client, "policies/acme/pack.yaml", cases);
    client.open("policies/acme/vocabulary.yaml", VOCABULARY);
    check(&mut client, "policies/acme/vocabulary.yaml", &[("uses:\n  ‸", &[], &[])]);
}

#[test]
fn a_workspace_that_was_never_sound_is_helped_all_the_same() {
    let folder = Folder::new(&[("purposelint.yaml", "pakcs: [core]\n"), ("purposes.yaml", DECLARATION)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    client.open("purposelint.yaml", "pakcs: [core]\n");
    client.open("purposes.yaml", DECLARATION);
    check(&mut client, "purposelint.yaml", &[("pakcs: [core]\nseverity: {‸", &["core/*", "eu-gdpr/*"], &[])]);
    check(&mut client, "purposes.yaml", &[("version: 1\npurposes:\n  p: {use: ‸", &["train_ai_system"], &[])]);
}
