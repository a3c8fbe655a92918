//! What is said behind the lines that set defaults.

use serde_json::{Value, json};

use super::client::{Client, Folder, pushed};

fn capable() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["inlayHint"] = json!({});
    capabilities["workspace"]["inlayHint"] = json!({ "refreshSupport": true });
    capabilities
}

/// The hints of the lines `from` to `to`, counted from 0.
fn hints(client: &mut Client, path: &str, (from, to): (u32, u32)) -> Vec<Value> {
    let place = |line: u32| json!({ "line": line, "character": 0 });
    let range = json!({ "start": place(from), "end": place(to) });
    let params = json!({ "textDocument": { "uri": client.uri(path) }, "range": range });
    let answer = client.request("textDocument/inlayHint", params).unwrap();
    answer.as_array().cloned().unwrap_or_default()
}

/// The text with each hint at its place.
fn shown(text: &str, hints: &[Value]) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for hint in hints.iter().rev() {
        let line = &mut lines[hint["position"]["line"].as_u64().unwrap() as usize];
        let mut left = hint["position"]["character"].as_u64().unwrap() as usize;
        let at = line.char_indices().find(|(_, c)| {
            let is_there = left == 0;
            left = left.saturating_sub(c.len_utf16());
            is_there
        });
        let at = at.map_or(line.len(), |(at, _)| at);
        line.insert_str(at, &format!(" ‹{}›", hint["label"].as_str().unwrap()));
    }
    lines.join("\n") + "\n"
}

const ALL: (u32, u32) = (0, 9_999);

/// The text of a table, with hints where the server should show them.
fn check(marked: &str) {
    let mut text = String::new();
    let mut rest = marked;
    while let Some((before, after)) = rest.split_once(" ‹") {
        text.push_str(before);
        rest = after.split_once('›').unwrap().1;
    }
    text.push_str(rest);
    let folder = Folder::new(&[("purposes.yaml", &text)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    let hints = hints(&mut client, "purposes.yaml", ALL);
    assert_eq!(shown(&text, &hints), marked);
}

#[test]
fn behind_each_line_stands_for_whom_it_decides() {
    check(
        "version: 1
service: s
settings:
  training:
    label: \"Use 😀\"
    default: on ‹ask in FR; off in EEA except FR; on elsewhere›
    overrides:
      - regions: [EEA]
        default: off ‹decides for EEA except FR›
      - {regions: [FR], default: ask ‹decides for FR›}
      - {regions: [IS], from: 2030-01-01, default: ask ‹decides for nobody: it begins on 2030-01-01›}
purposes:
  p:
    use: train_ai_system
    setting: training
  q:
    use: marketing
    setting: {label: \"😀\", default: off ‹not carried out in EU; off elsewhere›}
    overrides:
      - {regions: [EU], carried_out: false ‹decides for EU›}
",
    );
}

#[test]
fn only_the_lines_that_are_asked_for_are_worked_out() {
    let text = "version: 1
service: s
purposes:
  p:
    setting: {default: on}
    use: marketing
  q:
    use: marketing
    setting:
      default: off
      overrides:
        - {regions: [EU], default: on}
";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    for (lines, expected) in [(ALL, 3), ((0, 4), 0), ((4, 5), 1), ((5, 10), 1), ((11, 12), 1), ((500, 400), 0)] {
        let hints = hints(&mut client, "purposes.yaml", lines);
        assert_eq!(hints.len(), expected, "{lines:?}: {hints:?}");
    }
    assert_eq!(hints(&mut client, "purposelint.yaml", ALL), Vec::<Value>::new());
}

#[test]
fn a_long_text_is_cut_and_the_whole_of_it_is_in_the_tooltip() {
    let over = |code: &str, default: &str| format!("        - {{regions: [{code}], default: {default}}}\n");
    let overrides: String = ["DZ", "AR", "IN", "JP", "BR", "KE", "PE"].map(|code| over(code, "off")).concat();
    let setting = format!("      default: on\n      overrides:\n{overrides}{}", over("GB", "ask"));
    let text = format!("version: 1\nservice: s\npurposes:\n  p:\n    use: marketing\n    setting:\n{setting}");
    let folder = Folder::new(&[("purposes.yaml", &text)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    let first = &hints(&mut client, "purposes.yaml", ALL)[0];
    assert_eq!(first["label"], "ask in GB; off in AR, BR, DZ, IN, JP, KE and PE; on elsewhere");
    assert_eq!(first["tooltip"], "ask in GB; off in AR, BR, DZ, IN, JP, KE and PE; on elsewhere\nAs of 2026-11-22.");
    let more: String = ["NG", "MA", "TN", "EG", "CO", "CL"].map(|code| over(code, "off")).concat();
    client.open("purposes.yaml", &format!("{text}{more}"));
    let first = &hints(&mut client, "purposes.yaml", ALL)[0];
    let (label, tooltip) = (first["label"].as_str().unwrap(), first["tooltip"].as_str().unwrap());
    assert!(label.ends_with(" …") && label.chars().count() <= 80, "{label}");
    assert!(tooltip.starts_with(label.trim_end_matches(" …")) && tooltip.contains("; on elsewhere\n"), "{tooltip}");
}

#[test]
fn what_cannot_be_read_has_no_hints_and_is_said_where_it_may_matter() {
    let text = "version: 1\nservice: s\npurposes: {p: {use: marketing, setting: {default: on}}}\n";
    let folder = Folder::new(&[("purposes.yaml", text), ("b.purposes.yaml", "version: 1\nservice: [")]);
    let mut client = Client::start(&folder, capable(), &[""]);
    let found = hints(&mut client, "purposes.yaml", ALL);
    assert_eq!(found[0]["label"], "on everywhere");
    let note = "A declaration of this workspace could not be read, so there may be more to it.";
    assert_eq!(found[0]["tooltip"], format!("on everywhere\nAs of 2026-11-22.\n{note}"));
    client.open("purposes.yaml", &format!("{text}---\na: [\n"));
    assert_eq!(hints(&mut client, "purposes.yaml", ALL), Vec::<Value>::new());
    client.replace("purposes.yaml", &text.replace("version: 1", "version: 99"));
    assert_eq!(hints(&mut client, "purposes.yaml", ALL), Vec::<Value>::new());
}

#[test]
fn a_setting_that_services_share_says_where_they_differ() {
    let shared = "version: 1\nsettings:\n  x: {default: on, overrides: [{regions: [FR], default: off}]}\n";
    let service = |name: &str, region: &str| {
        format!("version: 1\nservice: {name}\nregions: [{region}]\npurposes: {{p: {{use: marketing, setting: x}}}}\n")
    };
    let folder = Folder::new(&[
        ("shared.purposes.yaml", shared),
        ("a.purposes.yaml", &service("a", "EU")),
        ("b.purposes.yaml", &service("b", "EU")),
    ]);
    let mut client = Client::start(&folder, capable(), &[""]);
    let found = hints(&mut client, "shared.purposes.yaml", ALL);
    let labels: Vec<&Value> = found.iter().map(|hint| &hint["label"]).collect();
    assert_eq!(labels, ["off in FR; on elsewhere", "decides for FR"]);
    client.open("b.purposes.yaml", &service("b", "US"));
    let found = hints(&mut client, "shared.purposes.yaml", ALL);
    assert_eq!(found[0]["label"], "differs between 2 services");
    assert_eq!(found[0]["tooltip"], "a: off in FR; on elsewhere\nb: on in US\nAs of 2026-11-22.");
    assert!(found[1]["tooltip"].as_str().unwrap().contains("b: decides for nobody: the service reaches none of them"));
}

#[test]
fn clients_get_what_they_can_show_and_what_they_want() {
    let text = "version: 1\nservice: s\npurposes: {p: {use: marketing, setting: {default: on}}}\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    assert_eq!(client.capabilities["inlayHintProvider"], true);
    assert!(client.capabilities["codeLensProvider"].is_null());
    client.open("purposes.yaml", &text.replace("default: on", "default: off"));
    client.settle();
    assert!(client.asked.iter().any(|asked| asked.method == "workspace/inlayHint/refresh"));
    let settings = json!({ "settings": { "purposelint": { "inlayHints": false } } });
    client.notify("workspace/didChangeConfiguration", settings);
    assert_eq!(hints(&mut client, "purposes.yaml", ALL), Vec::<Value>::new());

    let mut capabilities = pushed();
    capabilities["textDocument"]["codeLens"] = json!({});
    let mut client = Client::start(&folder, capabilities, &[""]);
    assert!(client.capabilities["inlayHintProvider"].is_null());
    let params = json!({ "textDocument": { "uri": client.uri("purposes.yaml") } });
    let lenses = client.request("textDocument/codeLens", params).unwrap();
    assert_eq!(lenses[0]["command"]["title"], "on everywhere");
    assert_eq!(lenses[0]["range"]["start"], json!({ "line": 2, "character": 50 }));
    client.settle();
    assert!(client.asked.iter().all(|asked| asked.method != "workspace/inlayHint/refresh"));

    let client = Client::push(&folder);
    let capabilities = &client.capabilities;
    assert!(["inlayHintProvider", "codeLensProvider", "hoverProvider"].iter().all(|it| capabilities[it].is_null()));
}

#[test]
fn the_day_is_that_of_the_diagnostics() {
    let text = "version: 1\nservice: s\npurposes:\n  p:\n    use: marketing\n    setting:\n      default: on\n      overrides: [{from: 2027-01-01, regions: [EU], default: off}]\n";
    let folder = Folder::new(&[("purposes.yaml", text)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    assert_eq!(hints(&mut client, "purposes.yaml", ALL)[0]["label"], "on everywhere");
    let settings = json!({ "settings": { "purposelint": { "asOf": "2027-01-01" } } });
    client.notify("workspace/didChangeConfiguration", settings);
    assert_eq!(hints(&mut client, "purposes.yaml", ALL)[0]["label"], "off in EU; on elsewhere");
}
