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
fn a_function_is_shown_while_its_arguments_are_written() {
    let folder = folder();
    let mut capabilities = capable();
    capabilities["textDocument"]["signatureHelp"] = json!({});
    let mut client = Client::start(&folder, capabilities, &[""]);
    assert_eq!(client.capabilities["signatureHelpProvider"]["triggerCharacters"], json!(["(", ","]));
    client.open(PATH, RULE);
    for (condition, label, active, argument) in [
        ("'within(purpose.use, ", "within(use, \"key\")", 0, 1),
        ("\"days(purpose.started, ", "days(from, to)", 0, 1),
        ("recipients.all(r, table(\"x\", ", "table(\"name\")", 1, 1),
        ("recipients.all(r, ", "list.all(x, …)", 0, 1),
        ("'\"😀\" == setting.label && size(", "size(x)", 0, 0),
    ] {
        let text = format!("{HEAD}require: {condition}");
        client.replace(PATH, &text);
        let last = text.lines().last().unwrap();
        let position = json!({ "line": text.matches('\n').count(), "character": last.encode_utf16().count() });
        let params = json!({ "textDocument": { "uri": client.uri(PATH) }, "position": position });
        let help = client.request("textDocument/signatureHelp", params).unwrap();
        assert_eq!(help["signatures"][0]["label"], label, "{condition}: {help}");
        assert_eq!((&help["activeSignature"], &help["activeParameter"]), (&json!(active), &json!(argument)));
    }
    let params = json!({ "textDocument": { "uri": client.uri(PATH) }, "position": { "line": 0, "character": 3 } });
    assert_eq!(client.request("textDocument/signatureHelp", params).unwrap(), Value::Null);
}

/// Numbers that look random and are the same each time.
fn below(state: &mut u64, end: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state % end.max(1) as u64) as usize
}

#[test]
fn whatever_a_rule_or_config_looks_like_there_is_an_answer() {
    let folder = folder();
    let mut client = Client::start(&folder, capable(), &[""]);
    client.open(PATH, RULE);
    client.open("purposelint.yaml", CONFIG);
    let pieces =
        ["‸", "😀", "\n", "  ", ": ", "- ", "[", "{", "\"", "'", "(", ".", ",", "#", "|", "&", "*", "\r\n", "purpose"];
    let mut state = 0x2026_1122;
    for round in 0..60 {
        let (path, text) = if round % 4 == 0 { ("purposelint.yaml", CONFIG) } else { (PATH, RULE) };
        let mut text: Vec<char> = text.chars().collect();
        for _ in 0..below(&mut state, 4) {
            let at = below(&mut state, text.len());
            let until = (at + below(&mut state, 6)).min(text.len());
            text.splice(at..until, pieces[1 + below(&mut state, pieces.len() - 1)].chars());
        }
        text.insert(below(&mut state, text.len() + 1), '‸');
        let text: String = text.into_iter().collect();
        let line = text[..text.find('‸').unwrap()].matches('\n').count();
        client.replace(path, &text.replace('‸', ""));
        let document = json!({ "uri": client.uri(path) });
        let column = below(&mut state, 60);
        let position = json!({ "line": line, "character": column });
        let params = json!({ "textDocument": document, "position": position });
        for method in ["textDocument/completion", "textDocument/signatureHelp", "textDocument/codeLens"] {
            client.request(method, params.clone()).unwrap_or_else(|error| panic!("{error}: {text}"));
        }
    }
    assert_eq!(client.shut_down(), 0);
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

/// A client that shows lenses, and the rule file open in it.
fn with_lenses(folder: &Folder, pulls: bool) -> Client {
    let mut capabilities = if pulls { super::client::pulling() } else { capable() };
    capabilities["textDocument"]["codeLens"] = json!({});
    capabilities["workspace"]["codeLens"] = json!({ "refreshSupport": true });
    let mut client = Client::start(folder, capabilities, &[""]);
    client.open(PATH, RULE);
    client.settle();
    client
}

/// The lenses of the rule file, each with its line and title.
fn lenses(client: &mut Client) -> Vec<(u64, String, Value)> {
    let params = json!({ "textDocument": { "uri": client.uri(PATH) } });
    let lenses = client.request("textDocument/codeLens", params).unwrap();
    let lens = |lens: &Value| {
        let line = lens["range"]["start"]["line"].as_u64().unwrap();
        (line, lens["command"]["title"].as_str().unwrap().to_owned(), lens["command"].clone())
    };
    lenses.as_array().into_iter().flatten().map(lens).collect()
}

fn titles(client: &mut Client) -> Vec<(u64, String)> {
    lenses(client).into_iter().map(|(line, title, _)| (line, title)).collect()
}

/// Does what the lens at a line does.
fn press(client: &mut Client, line: u64) -> Value {
    let (.., command) = lenses(client).into_iter().find(|(at, ..)| *at == line).unwrap();
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    client.request("workspace/executeCommand", params).unwrap()
}

fn owned(titles: &[(u64, &str)]) -> Vec<(u64, String)> {
    titles.iter().map(|(line, title)| (*line, (*title).to_owned())).collect()
}

#[test]
fn the_examples_of_a_rule_run_where_they_are_written() {
    let folder = folder();
    for pulls in [false, true] {
        let mut client = with_lenses(&folder, pulls);
        let shown = |client: &mut Client| if pulls { client.pulled(PATH) } else { client.diagnostics(PATH) };
        assert_eq!(titles(&mut client), owned(&[(0, "▶ run its 2 examples"), (9, "▶ run"), (15, "▶ run")]));
        assert_eq!(press(&mut client, 0), json!({ "examples": 2, "failures": [] }));
        assert_eq!(titles(&mut client), owned(&[(0, "2 examples pass"), (9, "passes"), (15, "passes")]));
        assert_eq!(shown(&mut client), Vec::<Value>::new());
        let told = client.told.iter().rfind(|it| it.method == "window/showMessage").unwrap();
        assert_eq!(told.params["message"], "2 examples of `acme/soup-on` pass");
        let refresh =
            |client: &Client| client.asked.iter().filter(|it| it.method == "workspace/codeLens/refresh").count();
        assert_eq!(refresh(&client), 1);

        // what is not saved is what is run
        let broken = RULE.replace("state != \"on\"", "state != \"off\"");
        client.replace(PATH, &broken);
        assert_eq!(titles(&mut client), owned(&[(0, "▶ run its 2 examples"), (9, "▶ run"), (15, "▶ run")]));
        assert_eq!(shown(&mut client), Vec::<Value>::new(), "an example fails only when it is run");
        press(&mut client, 15);
        assert_eq!(titles(&mut client), owned(&[(0, "▶ run its 2 examples"), (9, "▶ run"), (15, "fails")]));
        press(&mut client, 0);
        assert_eq!(titles(&mut client), owned(&[(0, "2 of 2 fail"), (9, "fails"), (15, "fails")]));
        let list = shown(&mut client);
        let about: Vec<_> = list.iter().map(|item| (&item["range"]["start"]["line"], &item["severity"])).collect();
        assert!(about.contains(&(&json!(9), &json!(1))) && about.contains(&(&json!(15), &json!(1))), "{list:?}");
        assert!(list.iter().all(|item| item["source"] == "purposelint" && item["code"] == "example-failed"));
        assert_eq!(list[0]["message"], "is not flagged; line 4 is marked");

        client.replace(PATH, &format!("{broken}# changed\n"));
        assert_eq!(shown(&mut client), Vec::<Value>::new());
        press(&mut client, 9);
        assert_eq!(shown(&mut client).len(), 1);
        client.replace(PATH, RULE);
        press(&mut client, 0);
        assert_eq!(shown(&mut client), Vec::<Value>::new());
        assert_eq!(client.shut_down(), 0);
    }
}

#[test]
fn a_rule_that_cannot_be_read_says_so_in_place_of_running() {
    let folder = folder();
    let mut client = with_lenses(&folder, false);
    client.replace(PATH, &RULE.replace("state !=", "stat !="));
    press(&mut client, 0);
    let told = client.told.iter().rfind(|it| it.method == "window/showMessage").unwrap();
    assert_eq!(told.params["message"], "the examples were not run: there is no fact `stat`");
    assert_eq!(told.params["type"], 1);
    client.replace(PATH, "title: [\n");
    assert_eq!(titles(&mut client), Vec::new());
    client.replace(PATH, &RULE.replace("flagged: |", "clean: |"));
    press(&mut client, 0);
    assert_eq!(titles(&mut client)[0].1, "1 of 2 fails");
    let list = client.diagnostics(PATH);
    assert!(list.iter().any(|item| item["message"].as_str().unwrap().starts_with("needs at least one")), "{list:?}");
    let wrong = json!({ "command": "purposelint.runExamples", "arguments": ["file:///nowhere.yaml"] });
    assert!(client.request("workspace/executeCommand", wrong).is_err());
    let none = Client::push(&folder);
    assert!(none.capabilities["codeLensProvider"].is_null());
}

#[test]
fn every_kind_of_mistake_in_a_rule_or_config_is_shown_at_its_place() {
    let folder = folder();
    let mut client = Client::push(&folder);
    client.open(PATH, RULE);
    client.open("purposelint.yaml", CONFIG);
    for (from, to, at, message) in [
        ("state !=", "stat !=", "stat", "there is no fact `stat`"),
        ("\"on\"\n", "\"onn\"\n", "\"onn\"", "`onn` is not a possible value here"),
        ("why:", "whyy:", "whyy", "unknown key `whyy` in a rule"),
        ("severity: warning", "severity: loud", "loud", "`loud` is not a value of `severity`"),
        ("confidence: high", "confidence: hihg", "hihg", "`hihg` is not a value of `confidence`"),
        ("require:", "applies: {regions: [UK]}\nrequire:", "UK", "`UK` is not a territory or group"),
        ("require:", "message: \"{purpose.titel}\"\nrequire:", "titel", "a purpose has no `titel`"),
        ("require:", "primary: setting.defualt\nrequire:", "defualt", "a setting has no `defualt`"),
        ("title: off", "titel: off", "titel", "unknown key `titel` in an example"),
    ] {
        let text = RULE.replacen(from, to, 1);
        client.replace(PATH, &text);
        let list = client.diagnostics(PATH);
        let found = list.iter().find(|item| item["message"].as_str().unwrap().starts_with(message));
        let found = found.unwrap_or_else(|| panic!("{message}: {list:#?}"));
        let line = text[..text.find(at).unwrap()].matches('\n').count();
        assert_eq!(found["range"]["start"]["line"], line, "{message}");
        client.replace(PATH, RULE);
        assert_eq!(client.diagnostics(PATH), Vec::<Value>::new());
    }
    for (text, message) in [
        ("pakcs: []", "unknown key `pakcs` in a config"),
        ("packs: [eu-gdrp]", "there is no pack `eu-gdrp`"),
        ("severity: {core/*: lound}", "`lound` is not a value of `core/*`"),
        ("severity: {acme/soup-onn: off}", "there is no rule `acme/soup-onn`"),
        ("parameters: {acme/soup-on: {mots: 1}}", "`acme/soup-on` has no parameter `mots`"),
        ("groups: {MINE: [UK]}", "`UK` is not a territory or group"),
        ("waivers: [{rule: core/*, reason: x, owner: y, expires: soon}]", "`soon` is not a day"),
    ] {
        let text = if text.starts_with("packs") { text.to_owned() } else { format!("{CONFIG}{text}\n") };
        client.replace("purposelint.yaml", &text);
        let list = client.diagnostics("purposelint.yaml");
        let says = |item: &Value| item["message"].as_str().unwrap().contains(message);
        assert!(list.iter().any(says), "{text}: {list:#?}");
    }
}
