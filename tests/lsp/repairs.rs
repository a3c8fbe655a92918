//! Repairs that change form only: those that `check --fix` makes, and no others.

use std::sync::Arc;

use purposelint::evaluate::Finding;
use purposelint::fix::Wanted;
use purposelint::project::{Asker, Engine, Input, Reading, read};
use purposelint::source::FileId;
use purposelint::space::Date;
use serde_json::{Value, json};

use super::actions::{actions, applied, titled};
use super::client::{Client, Folder};

/// Laws would have more to say with each place that can be read.
const CONFIG: (&str, &str) = ("purposelint.yaml", "packs: [core]\n");
const HEAD: &str = "version: 1\nservice: s\nregions: [FR, GB]\n";
const SLIPS: &str = "purposes:\n  p: {use: train_ai_system, recipiens: [], retenton: {period: P1Y}, setting: {label: L, default: on}}\n";
const TWICE: &str = "settings:\n  s:\n    label: L\n    defualt: on\n    defalut: off\npurposes:\n  p: {use: train_ai_system, setting: s}\n";
const AMBIGUOUS: &str = "settings:\n  s:\n    label: L\n    default: off\n    overrides:\n      - {regions: [UK], default: ask}\n      - {regions: [GB], default: off}\npurposes:\n  p: {use: train_ai_system, setting: s}\n";
const APART: &str = "# a\npurposes:\n  p:\n    use: train_ai_system\n    recipiens: []\n    # b\n    # c\n    retenton: {period: P1Y}\n    setting: {label: é😀, defualt: on} # é😀\n";

/// What may be done to a file when it is saved.
fn fix_all(client: &mut Client, context: &Value) -> Vec<Value> {
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } });
    let document = json!({ "uri": client.uri("purposes.yaml") });
    let params = json!({ "textDocument": document, "range": range, "context": context });
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let mut actions = actions.as_array().unwrap().clone();
    actions.retain(|action| action["kind"] == "source.fixAll.purposelint");
    actions
}

/// What `check --fix` makes of the one file of a folder, if anything.
fn repaired(folder: &Folder) -> Option<String> {
    let (root, day) = (folder.path(""), Date::parse("2026-11-22").unwrap());
    let mut asker = Asker { current: Some(&root), stdin: &mut std::io::empty(), commands: &[] };
    let mut workspace = read(&Input::default(), Reading::default(), &mut asker).unwrap();
    let engine = Engine::load(&mut workspace, &[], &root, day).unwrap();
    let report = engine.lint(&workspace, day);
    let (all, any) = (|_: &Finding| true, |_: FileId| true);
    let wanted = Wanted { authoritative: false, is_in_focus: &all, may_change: &any };
    let fixed = engine.fix(&workspace, day, report, &wanted);
    fixed.texts.into_values().next().map(|text: Arc<str>| text.to_string())
}

#[test]
fn all_is_repaired_that_check_repairs_and_nothing_else() {
    for (text, edits) in [(SLIPS, 2), (TWICE, 1), (AMBIGUOUS, 0), (APART, 3), ("purposes: {}\n", 0)] {
        for text in [format!("{HEAD}{text}"), format!("{HEAD}{text}").replace('\n', "\r\n")] {
            let folder = Folder::new(&[CONFIG, ("purposes.yaml", &text)]);
            let mut client = Client::push(&folder);
            client.open("purposes.yaml", &text);
            let found = fix_all(&mut client, &json!({ "diagnostics": [], "only": ["source.fixAll"] }));
            assert_eq!(found.len(), usize::from(edits > 0), "{text}{found:#?}");
            let uri = client.uri("purposes.yaml");
            let after = found.first().map(|action| applied(action, &uri, json!(1), &text));
            assert_eq!(after, repaired(&folder), "{text}");
            if let Some(action) = found.first() {
                let made = action["edit"]["documentChanges"][0]["edits"].as_array().unwrap().len();
                assert_eq!(made, edits, "{action:#}");
            }
        }
    }
}

#[test]
fn what_nobody_asked_for_is_not_worked_out_at_each_move() {
    let text = format!("{HEAD}{SLIPS}");
    let folder = Folder::new(&[("purposes.yaml", &text)]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", &text);
    for (context, offered) in [
        (json!({ "diagnostics": [] }), 1),
        (json!({ "diagnostics": [], "triggerKind": 1 }), 1),
        (json!({ "diagnostics": [], "triggerKind": 2 }), 0),
        (json!({ "diagnostics": [], "only": ["source"], "triggerKind": 2 }), 1),
        (json!({ "diagnostics": [], "only": ["quickfix"] }), 0),
    ] {
        assert_eq!(fix_all(&mut client, &context).len(), offered, "{context}");
    }
}

#[test]
fn a_repair_that_the_product_contradicts_says_so() {
    let reads = "reads: {file: app/defaults.json, pointer: /m}";
    let text = format!(
        "{HEAD}settings:\n  m: {{label: M, default: on, {reads}}}\npurposes:\n  p: {{use: train_ai_system, setting: m}}\n"
    );
    for (product, title) in [
        ("{\"m\": true}", "set `default` to `off`; `app/defaults.json` has `on`, to be changed first"),
        ("{\"m\": false}", "set `default` to `off`"),
        ("{}", "set `default` to `off`"),
    ] {
        let config = ("purposelint.yaml", "packs: [core, fair-defaults]\n");
        let folder = Folder::new(&[config, ("purposes.yaml", &text), ("app/defaults.json", product)]);
        let mut client = Client::push(&folder);
        client.open("purposes.yaml", &text);
        let found = actions(&mut client, "purposes.yaml", "fair-defaults/ai-training-on-by-default");
        let titles: Vec<&Value> = found.iter().map(|action| &action["title"]).collect();
        assert!(titles.contains(&&json!(title)), "{product}: {titles:#?}");
    }
}

#[test]
fn a_repair_that_would_do_harm_is_not_preferred() {
    let one = "settings:\n  s: {label: L, default: off, overrides: [{regions: [UK], default: ask}]}\npurposes:\n  p: {use: train_ai_system, setting: s}\n";
    for (text, preferred) in [(AMBIGUOUS, false), (one, true)] {
        let text = format!("{HEAD}{text}");
        let folder = Folder::new(&[CONFIG, ("purposes.yaml", &text)]);
        let mut client = Client::push(&folder);
        client.open("purposes.yaml", &text);
        let found = actions(&mut client, "purposes.yaml", "core/unknown-region");
        assert_eq!(titled(&found, "write `GB`")["isPreferred"], preferred, "{text}");
    }
}
