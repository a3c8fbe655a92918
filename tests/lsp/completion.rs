//! What is offered where somebody writes.

use serde_json::{Value, json};

use super::client::{Client, Folder, pushed};

/// A client that takes all there is.
pub(crate) fn capable() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["completion"] = json!({
        "completionItem": {
            "snippetSupport": true, "documentationFormat": ["markdown", "plaintext"],
            "insertTextModeSupport": { "valueSet": [1, 2] },
        }
    });
    capabilities
}

/// A client that only writes text.
fn plain() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["completion"] = json!({});
    capabilities["general"] = json!({ "positionEncodings": ["utf-8"] });
    capabilities
}

/// The offers at `‸`, best first; the range of each ends or begins where the cursor is.
pub(crate) fn offered(client: &mut Client, path: &str, text: &str) -> Vec<Value> {
    let at = text.find('‸').unwrap();
    client.replace(path, &text.replace('‸', ""));
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let utf8 = client.capabilities["positionEncoding"] == "utf-8";
    let units = |text: &str| if utf8 { text.len() } else { text.encode_utf16().count() };
    let position = json!({ "line": line, "character": units(&before[start..]) });
    let document = json!({ "uri": client.uri(path) });
    let list = client.request("textDocument/completion", json!({ "textDocument": document, "position": position }));
    let list = list.unwrap();
    let mut items = list["items"].as_array().cloned().unwrap_or_default();
    for item in &items {
        let range = &item["textEdit"]["range"];
        assert_eq!((&range["start"]["line"], &range["end"]["line"]), (&json!(line), &json!(line)), "{text}");
        let (start, end) = (range["start"]["character"].as_u64(), range["end"]["character"].as_u64());
        assert!(start <= position["character"].as_u64() && position["character"].as_u64() <= end, "{text}: {item}");
    }
    items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
    items
}

fn labels(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["label"].as_str().unwrap()).collect()
}

const SHARED: &str = "version: 1\norganisations:\n  host: {name: Hosting Ltd, role: processor, country: IE}\nsettings:\n  shared_switch: {label: Shared, default: off}\n";
const OTHER: &str = "version: 1\nservice: other\norganisations:\n  foreign: {name: Foreign}\npurposes: {}\n";
const HEAD: &str = "version: 1\nservice: s # 😀\nplans: [free, paid]\norganisations:\n  vendor: {name: \"Vendor 😀\"}\nnotices:\n  policy: {title: Policy}\nsettings:\n  main: {label: Main, default: off}\npurposes:\n  first: {use: essential.service}\n  p:\n";

fn folder() -> Folder {
    let config = ("purposelint.yaml", "packs: [core]\n");
    Folder::new(&[config, ("shared.purposes.yaml", SHARED), ("other/purposes.yaml", OTHER), ("purposes.yaml", HEAD)])
}

fn client(folder: &Folder, capabilities: Value) -> Client {
    let mut client = Client::start(folder, capabilities, &[""]);
    client.open("purposes.yaml", HEAD);
    client.settle();
    client
}

#[test]
fn a_place_in_a_declaration_is_offered_what_may_stand_there() {
    let folder = folder();
    for capabilities in [capable(), plain()] {
        let mut client = client(&folder, capabilities);
        for (below, first, has, lacks) in [
            ("    ‸", "use", &["recipients", "setting"][..], &["default", "version"][..]),
            ("    use: train_ai_system\n    ‸\n    data: []\n", "title", &["setting"], &["use", "data"]),
            ("    use: ‸", "analytics", &["train_ai_system", "train_ai_system.generative"], &["user"]),
            ("    use: train‸", "analytics", &["train_ai_system"], &[]),
            ("    use: \"train‸", "analytics", &["train_ai_system"], &[]),
            ("    data: [{category: ‸", "system", &["user.content"], &["customer"]),
            ("    data:\n      - ‸", "category", &["source"], &["use"]),
            ("    data:\n      ‸", "category", &["source"], &["use"]),
            ("    recipients: [‸", "host", &["vendor"], &["foreign", "main"]),
            ("    recipients: [host, ‸", "vendor", &[], &["host", "foreign"]),
            ("    recipients: ‸", "host", &["vendor"], &["foreign"]),
            ("    recipients:\n      - ‸", "host", &["vendor"], &["foreign"]),
            ("    recipients:\n      - host\n      ‸", "vendor", &[], &["host"]),
            ("    notices: [‸]", "policy", &[], &["vendor"]),
            ("    setting: ‸", "main", &["shared_switch", "none"], &["policy"]),
            ("    setting:\n      ‸", "label", &["default", "main"], &["use"]),
            ("    setting: {default: ‸", "on", &["off", "ask"], &["true", "false"]),
            ("    setting:\n      overrides:\n        - ‸", "regions", &["plans", "default"], &["label"]),
            (
                "    setting:\n      overrides:\n        - regions: [EU]\n          def‸\n",
                "ages",
                &["default"],
                &["regions"],
            ),
            ("    setting: {overrides: [{regions: [EU, ‸", "WORLD", &["EEA"], &["EU"]),
            ("    setting: {overrides: [{plans: [‸", "free", &["paid"], &[]),
            ("    setting: {overrides: [{from: ‸", "2026-11-22", &[], &[]),
            ("    started: ‸", "2026-11-22", &[], &[]),
            ("    retention: {period: ‸", "P30D", &["P1Y"], &["person_deletes"]),
            ("    retention: {until: ‸", "person_deletes", &["account_closure"], &["P30D"]),
            ("    device_access: ‸", "true", &["false"], &["on"]),
            ("    lawful_basis: ‸", "", &["consent", "contract"], &["user"]),
            ("    subjects: [‸", "", &["customer"], &["consent"]),
        ] {
            let found = offered(&mut client, "purposes.yaml", &format!("{HEAD}{below}"));
            let found = labels(&found);
            assert!(first.is_empty() || found.first() == Some(&first), "{below}: {found:?}");
            has.iter().for_each(|label| assert!(found.contains(label), "{below}: {found:?} without {label}"));
            lacks.iter().for_each(|label| assert!(!found.contains(label), "{below}: {found:?} with {label}"));
        }
        for nothing in ["    title: ‸", "    # ‸", "    use: x # ‸", "    description: |\n      any ‸text\n"] {
            assert_eq!(offered(&mut client, "purposes.yaml", &format!("{HEAD}{nothing}")), Vec::<Value>::new());
        }
        assert_eq!(client.shut_down(), 0);
    }
}

#[test]
fn the_top_level_is_offered_as_well() {
    let folder = folder();
    let mut client = client(&folder, capable());
    for (text, first, has) in [
        ("‸", "version", &["service", "purposes"][..]),
        ("version: 1\n‸", "service", &["purposes"]),
        ("version: 1\nser‸\npurposes: {}\n", "service", &["title"]),
        ("version: ‸", "1", &[]),
        ("version: 1\nservice: s\nroles: [‸", "online_platform", &["vlop"]),
        ("version: 1\nservice: s\nages: ‸", "under-13", &["16+", "adult"]),
        ("version: 1\nservice: s\norganisations:\n  o: {country: ‸", "AD", &["FR", "CA"]),
        ("version: 1\nservice: s\norganisations:\n  o: {own_purposes: [‸", "analytics", &["train_ai_system"]),
    ] {
        let found = offered(&mut client, "purposes.yaml", text);
        let found = labels(&found);
        assert_eq!(found.first(), Some(&first), "{text}: {found:?}");
        has.iter().for_each(|label| assert!(found.contains(label), "{text}: {found:?} without {label}"));
    }
}

/// The text of the first offer with a label.
fn written(items: &[Value], label: &str) -> String {
    let item = items.iter().find(|item| item["label"] == label).unwrap_or_else(|| panic!("{label}: {items:?}"));
    item["textEdit"]["newText"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_written_begins_the_value() {
    let folder = folder();
    let (mut capable, mut plain) = (client(&folder, capable()), client(&folder, plain()));
    for (below, label, snippet, text) in [
        ("    ‸", "use", "use: ", "use: "),
        ("    us‸e: x", "title", "title", "title"),
        ("    ‸", "retention", "retention:\n  ", "retention:\n      "),
        ("    ‸", "recipients", "recipients: [$0]", "recipients:\n      - "),
        ("    ‸", "data", "data:\n  - ", "data:\n      - "),
        ("    data:\n      - ‸", "collected_for", "collected_for: [$0]", "collected_for:\n          - "),
        ("    data:\n      ‸", "category", "- category: ", "- category: "),
        ("    setting: {‸", "opt_out", "opt_out: {$0}", "opt_out: "),
        ("    {‸: train_ai_system}", "use", "use", "use"),
        ("    {title: x, ‸ : train_ai_system}", "use", "use", "use"),
        ("    use:‸", "collect", " collect", " collect"),
        ("    recipients: ‸", "host", "[host$0]", "[host]"),
        ("    recipients:‸", "host", " [host$0]", " [host]"),
        ("    recipients:\n      ‸", "host", "- host", "- host"),
        ("    setting: {overrides: [{regions: [N‸", "NO", "\"NO\"", "\"NO\""),
        ("    setting: {overrides: [{regions: [\"N‸", "NO", "NO", "NO"),
    ] {
        let text_with = format!("{HEAD}{below}");
        assert_eq!(written(&offered(&mut capable, "purposes.yaml", &text_with), label), snippet, "{below}");
        assert_eq!(written(&offered(&mut plain, "purposes.yaml", &text_with), label), text, "{below}");
    }
}

#[test]
fn places_are_found_by_their_names_and_never_too_many_at_once() {
    let folder = folder();
    let mut client = client(&folder, capable());
    let text = format!("{HEAD}    setting: {{overrides: [{{regions: [‸");
    let all = offered(&mut client, "purposes.yaml", &text);
    assert!(all.len() <= 200, "{}", all.len());
    let found = offered(&mut client, "purposes.yaml", &text.replace('‸', "Germ‸"));
    let germany = found.iter().find(|item| item["label"] == "DE").unwrap();
    assert_eq!((&germany["filterText"], &germany["detail"]), (&json!("DE Germany"), &json!("Germany")));
    let states = "version: 1\nservice: s\norganisations:\n  o: {country: United S‸";
    let found = offered(&mut client, "purposes.yaml", states);
    assert!(labels(&found).contains(&"US"), "{found:?}");
    let found = offered(&mut client, "purposes.yaml", &format!("{HEAD}    recipients: [‸"));
    assert_eq!(found[0]["detail"], "Hosting Ltd");
    assert_eq!(found[0]["documentation"]["value"], "- `role: processor`\n- `country: IE`");
    assert_eq!(found[1]["detail"], "Vendor 😀");
    let found = offered(&mut client, "purposes.yaml", &format!("{HEAD}    use: x\n    nec‸"));
    let key = found.iter().find(|item| item["label"] == "necessity").unwrap();
    assert!(key["documentation"]["value"].as_str().unwrap().starts_with("Whether the service can be provided"));
    assert_eq!(key["documentation"]["kind"], "markdown");
}

#[test]
fn the_quotes_of_a_key_are_none_of_it() {
    let folder = folder();
    let mut client = client(&folder, capable());
    for quote in ['"', '\''] {
        for (key, is_inside) in [("‸QuseQ", false), ("Q‸useQ", true), ("Quse‸Q", true), ("QuseQ‸", false)] {
            let text = format!("{HEAD}    {}: train_ai_system\n", key.replace('Q', &quote.to_string()));
            let found = offered(&mut client, "purposes.yaml", &text);
            assert_eq!(labels(&found).contains(&"use"), is_inside, "{text}: {found:#?}");
            let range = found.first().map(|item| item["textEdit"]["range"].clone());
            let ends = range.map(|range| [&range["start"], &range["end"]].map(|end| end["character"].as_u64()));
            assert_eq!(ends, is_inside.then_some([Some(5), Some(8)]), "{text}");
        }
    }
}

#[test]
fn who_does_not_ask_is_told_nothing_of_it() {
    let folder = folder();
    let client = Client::push(&folder);
    assert!(client.capabilities["completionProvider"].is_null());
}

#[test]
fn rules_of_ones_own_pack_are_offered_wherever_a_rule_is_named() {
    // without its words a pack cannot be used, and nothing is judged: what is written is offered all the same
    own_rules_are_offered(&["pack.yaml", "label-sells.yaml"]);
    own_rules_are_offered(&[
        "pack.yaml",
        "label-sells.yaml",
        "groups.yaml",
        "vocabulary.yaml",
        "lexicons/sales_talk.yaml",
    ]);
}

fn own_rules_are_offered(pack_files: &[&str]) {
    let config = "version: 1\npacks: [core, ./policies/acme]\n";
    let folder = Folder::new(&[("purposelint.yaml", config), ("purposes.yaml", HEAD), ("x/purposes.yaml", OTHER)]);
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/private-pack/policies/acme");
    for name in pack_files {
        folder.write(&format!("policies/acme/{name}"), &std::fs::read_to_string(pack.join(name)).unwrap());
    }
    let mut client = client(&folder, capable());
    let own = "acme/label-sells";
    client.open("purposelint.yaml", config);
    for text in [
        "severity: {‸}\n",
        "severity:\n  ‸\n",
        "locked: [‸]\n",
        "waivers:\n  - rule: ‸\n",
        "files:\n  - glob: '*'\n    severity:\n      ‸\n",
    ] {
        let items = offered(&mut client, "purposelint.yaml", &format!("{config}{text}"));
        assert!(labels(&items).contains(&own) && labels(&items).contains(&"acme/*"), "{text}: {:?}", labels(&items));
        let found = items.iter().find(|item| item["label"] == own).unwrap();
        assert!(found["detail"].as_str().is_some_and(|title| !title.is_empty()), "{found}");
    }
    for (comment, expected) in [
        ("# purposelint: ignore[‸", true),
        ("# purposelint: ignore[‸]: reason", true),
        ("x: y # purposelint: ignore[acme/‸]: reason", true),
        ("# x # purposelint: ignore[core/unknown-key, ac‸me/x, core/default-undeclared]: reason", true),
        // what is named once is not named again
        ("# purposelint: ignore[acme/label-sells, ‸]: reason", false),
        ("# purposelint: ignore[‸, acme/label-sells]: reason", false),
        ("# purposelint: ignore[core/unknown-key]: reason ‸", false),
        ("# purposelint: ‸", false),
        ("# ignore[‸]", false),
    ] {
        let items = offered(&mut client, "purposes.yaml", &format!("{HEAD}    {comment}\n    use: x\n"));
        assert_eq!(labels(&items).contains(&own), expected, "{comment}: {:?}", labels(&items));
        assert!(!labels(&items).contains(&"acme/*") && !labels(&items).contains(&"core/unknown-key, "), "{comment}");
    }
    let items = offered(&mut client, "purposes.yaml", &format!("{HEAD}    # purposelint: ignore[ac‸me/x]: reason\n"));
    let found = items.iter().find(|item| item["label"] == own).unwrap();
    let range = &found["textEdit"]["range"];
    assert_eq!((range["start"]["character"].as_u64(), range["end"]["character"].as_u64()), (Some(26), Some(32)));
}
