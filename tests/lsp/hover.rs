//! What is said of the place under the pointer.

use purposelint::space::Date;
use serde_json::{Value, json};

use super::client::{Client, Folder, pushed};

/// A text without the mark where the pointer is, and the place of the mark, in UTF-16.
pub(super) fn pointer(marked: &str) -> (String, Value) {
    let at = marked.find('¦').unwrap_or_else(|| panic!("no mark in {marked}"));
    let before = &marked[..at];
    let line = before.matches('\n').count();
    let character = before.rsplit('\n').next().unwrap().encode_utf16().count();
    (marked.replacen('¦', "", 1), json!({ "line": line, "character": character }))
}

fn capable() -> Value {
    let mut capabilities = pushed();
    capabilities["textDocument"]["hover"] = json!({ "contentFormat": ["markdown", "plaintext"] });
    capabilities
}

fn hover(client: &mut Client, path: &str, position: &Value) -> Option<Value> {
    let params = json!({ "textDocument": { "uri": client.uri(path) }, "position": position });
    Some(client.request("textDocument/hover", params).unwrap()).filter(|hover| !hover.is_null())
}

/// Points at a place of a text, whatever it is, and asks what stands behind its lines.
pub(super) fn point(client: &mut Client, path: &str, place: &Value) {
    let _anything = hover(client, path, place);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": place });
    let params = json!({ "textDocument": { "uri": client.uri(path) }, "range": range });
    client.request("textDocument/inlayHint", params).unwrap();
}

/// The text of a range, in UTF-16.
fn stretch(text: &str, range: &Value) -> String {
    let (start, end) = (&range["start"], &range["end"]);
    assert_eq!(start["line"], end["line"], "{range}");
    let line: Vec<u16> = text.lines().nth(start["line"].as_u64().unwrap() as usize).unwrap().encode_utf16().collect();
    let at = |place: &Value| place["character"].as_u64().unwrap() as usize;
    String::from_utf16(&line[at(start)..at(end)]).unwrap()
}

const SERVICE: &str = "\
version: 1
service: notes
title: Notes 😀
regions: [EEA, GB]
plans: [free, paid]
organisations:
  acme: {name: Acme_Inc, country: US, url: https://example.com/a}
notices:
  policy: {title: Privacy policy, published: 2024-05-01, regions: [GB], url: javascript:alert(1)}
settings:
  training:
    label: Train on my notes
    default: on
    overrides:
      - regions: [EEA]
        default: off
      - {regions: [FR], plans: [paid], default: ask}
      - {regions: [FR], ages: [under-16], default: off}
      - {regions: [GB], from: 2027-02-01, default: off}
    opt_out: {effect: stops_use}
purposes:
  models:
    title: Train *models*
    use: train_ai_system
    data: [{category: user.content.public}]
    setting: training
    recipients: [acme]
    notices: [policy]
  adverts:
    use: marketing
    lawful_basis: consent
    setting: training
  bare: {title: \"😀 Bare\", use: personalize}
";

/// A text with a mark before the last character of what is looked for.
fn marked(text: &str, what: &str) -> String {
    let name = what.split(['\n', ':', '"', '(', ']', ',', '}']).next().unwrap();
    let at = text.find(what).unwrap_or_else(|| panic!("{what}")) + name.char_indices().last().map_or(0, |(at, _)| at);
    format!("{}¦{}", &text[..at], &text[at..])
}

/// Compares all that is seen with a file, or with `UPDATE=1` writes it.
fn hold(file: &str, seen: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, seen).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(seen, expected, "rewrite {file} with UPDATE=1 cargo test --test lsp");
}

/// What is seen at each of these places, one after the other: the text, with `FOLDER` for where the folder is, and what of the
/// file it is about.
fn all_seen(files: &[(&str, &str)], places: &[(&str, &str)]) -> String {
    let folder = Folder::new(files);
    let mut client = Client::start(&folder, capable(), &[""]);
    let mut out = String::new();
    for (path, what) in places {
        let text = files.iter().find(|(name, _)| name == path).unwrap().1;
        let (_, position) = pointer(&marked(text, what));
        out.push_str(&format!("=== {path}: {what:?}"));
        match hover(&mut client, path, &position) {
            None => out.push_str(" shows nothing\n\n"),
            Some(hover) => {
                assert_eq!(hover["contents"]["kind"], "markdown");
                let value = hover["contents"]["value"].as_str().unwrap().replace(&folder.uri(""), "FOLDER");
                out.push_str(&format!(" shows `{}`\n\n{value}\n\n", stretch(text, &hover["range"])));
            }
        }
    }
    out
}

#[test]
fn what_stands_in_a_declaration_is_explained() {
    let places = [
        "notes",
        "Notes 😀",
        "GB]\nplans",
        "EEA",
        "paid]",
        "acme:",
        "US",
        "policy:",
        "2024-05-01",
        "javascript",
        "training:",
        "label",
        "Train on",
        "default",
        "on\n    over",
        "off\n",
        "paid], default",
        "under-16",
        "effect",
        "stops_use",
        "models:",
        "train_ai_system",
        "user.content.public",
        "training\n    rec",
        "acme]",
        "policy]",
        "adverts:",
        "consent",
        "bare:",
        "personalize",
        "recipients",
        "version",
        "overrides",
    ];
    let places: Vec<(&str, &str)> = places.iter().map(|place| ("purposes.yaml", *place)).collect();
    hold("tests/lsp/hover/declaration.md", &all_seen(&[("purposes.yaml", SERVICE)], &places));
}

const IGNORES: &str = "\
version: 1
service: notes
purposes:
  p:
    use: train_ai_system
    # purposelint: ignore[fair-defaults/ai-training-on-by-default] until 2027-01-01: agreed with *legal*
    setting: {default: on}
  q:
    use: essential.service
    necessity: core
    # purposelint: ignore[fair-defaults/ai-training-on-by-default]: never matches
    title: Q
    # an ordinary comment
    # purposelint: ignore[nonsense]: not sound
";

const CONFIG: &str = "\
version: 1
packs: [default, uk, ./rules/acme]
fail_on: warning
severity:
  fair-defaults/setting-buried: warning
  eu-gdpr/*: info
  uk/*: off
parameters:
  fair-defaults/setting-buried: {max_steps: 3}
groups:
  DACH: [DE, AT, CH]
horizon: P90D
files:
  - glob: \"labs/**\"
    severity: {jp/*: info}
    exclude: [\"labs/x/**\"]
waivers:
  - rule: acme/own
    reason: none
    owner: me
    expires: 2027-01-01
";

const RULE: &str = "\
title: the notice is too late
severity:
  - {when: purpose.use == \"marketing\", is: warning}
  - is: info
cites:
  - {text: House rule 3, kind: practice, confidence: high, regions: [EEA]}
why: Because *we* said so.
parameters:
  days: 30
applies:
  uses: [train_ai_system]
  data: [user.content]
when: within(purpose.use, \"train_ai_system\") && today >= \"2020-01-01\"
require: |
  notices.exists(n, days(n.published, today) >= param.days)
    && states_in(\"EEA\").all(s, s != \"on\")
    && setting.opt_out.effect == \"stops_use\"
message: \"{purpose.title} is late\"
examples:
  - title: without a notice
    undetermined: |
      version: 1
      service: s
      purposes:
        p:
          use: train_ai_system
    also_flagged: [fair-defaults/ai-training-on-by-default]
";

fn with_config<'f>() -> Vec<(&'f str, &'f str)> {
    vec![
        ("purposes.yaml", IGNORES),
        ("purposelint.yaml", CONFIG),
        ("rules/acme/pack.yaml", "title: Acme's own\nversion: 1.0.0\nneeds: \"0.1.0\"\n"),
        ("rules/acme/own.yaml", RULE),
    ]
}

#[test]
fn comments_configs_and_rules_are_explained() {
    let of = |path: &'static str, places: &[&'static str]| -> Vec<(&'static str, &'static str)> {
        places.iter().map(|place| (path, *place)).collect()
    };
    let places = [
        of("purposes.yaml", &["fair-defaults/ai-training-on-by-default]", "until", "never", "an ord", "not sound"]),
        of(
            "purposelint.yaml",
            &[
                "packs",
                "default",
                "uk",
                "./rules/acme",
                "warning",
                "fair-defaults/setting-buried",
                "warning\n  eu",
                "eu-gdpr/*",
                "max_steps",
                "DACH",
                "AT",
                "P90D",
                "glob",
                "jp/*",
                "info}",
                "acme/own",
                "none",
                "expires",
            ],
        ),
        of(
            "rules/acme/own.yaml",
            &[
                "title",
                "when",
                "purpose.use",
                "marketing",
                "info",
                "EEA",
                "high",
                "days: 30",
                "train_ai_system]",
                "user.content",
                "within",
                "train_ai_system\")",
                "today",
                "notices",
                "notices.exists(n",
                "days(n",
                "n.published",
                "param.days",
                "states_in",
                "EEA\")",
                "setting.opt_out",
                "setting.opt_out.effect",
                "purpose.title",
                "late\"",
                "also_flagged",
                "fair-defaults/ai-training-on-by-default",
                "version: 1",
            ],
        ),
        of("rules/acme/pack.yaml", &["version", "own"]),
    ];
    hold("tests/lsp/hover/others.md", &all_seen(&with_config(), &places.concat()));
}

#[test]
fn a_client_without_markdown_gets_plain_text() {
    let folder = Folder::new(&[("purposes.yaml", SERVICE)]);
    let mut capabilities = pushed();
    capabilities["textDocument"]["hover"] = json!({});
    capabilities["general"] = json!({ "positionEncodings": ["utf-8"] });
    let mut client = Client::start(&folder, capabilities, &[""]);
    let line = SERVICE.lines().position(|line| line.contains("models:")).unwrap();
    let hover = self::hover(&mut client, "purposes.yaml", &json!({ "line": line, "character": 2 })).unwrap();
    assert_eq!(hover["contents"]["kind"], "plaintext");
    let value = hover["contents"]["value"].as_str().unwrap();
    assert!(
        value.starts_with("Train *models* (purpose `models` of Notes 😀)\n\nEffective defaults on 2026-11-22:\n\n- "),
        "{value}"
    );
    assert!(value.contains("| purposes.yaml:13 default: on"), "{value}");
    assert_eq!(hover["range"]["end"]["character"], 8);
    // four bytes and two units: the place is the same one
    let (_, mut place) = pointer(&marked(SERVICE, "personalize"));
    place["character"] = json!(place["character"].as_u64().unwrap() + 2);
    let hover = self::hover(&mut client, "purposes.yaml", &place).unwrap();
    let line = SERVICE.lines().nth(place["line"].as_u64().unwrap() as usize).unwrap();
    let at = |end: &str| hover["range"][end]["character"].as_u64().unwrap() as usize;
    assert_eq!(&line[at("start")..at("end")], "personalize");
}

#[test]
fn another_day_or_text_says_something_else() {
    let folder = Folder::new(&[("purposes.yaml", SERVICE)]);
    let mut client = Client::start(&folder, capable(), &[""]);
    let (_, place) = pointer(&marked(SERVICE, "models:"));
    let said = |client: &mut Client| {
        let hover = hover(client, "purposes.yaml", &place).unwrap();
        hover["contents"]["value"].as_str().unwrap().to_owned()
    };
    assert!(said(&mut client).contains("What changes on 2027-02-01:"), "{}", said(&mut client));
    let settings = json!({ "settings": { "purposelint": { "asOf": "2027-02-01" } } });
    client.notify("workspace/didChangeConfiguration", settings);
    assert!(said(&mut client).contains("on 2027-02-01:") && !said(&mut client).contains("What changes"));
    client.notify("workspace/didChangeConfiguration", json!({ "settings": {} }));
    client.open("purposes.yaml", &SERVICE.replace("    default: on\n", "    default: maybe\n"));
    assert!(said(&mut client).contains("unknown"), "{}", said(&mut client));
    client.replace("purposes.yaml", &format!("{SERVICE}a: [\n"));
    assert_eq!(hover(&mut client, "purposes.yaml", &place), None);
}

/// Compares the one block of a language on a page with what is shown, or with `UPDATE=1` writes it.
fn hold_block(page: &str, language: &str, shown: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let open = format!("\n```{language}\n");
    let start = text.find(&open).unwrap_or_else(|| panic!("{page} has no block of {language}")) + open.len();
    assert_eq!(text.matches(&open).count(), 1, "{page}: {language}");
    let end = start + text[start..].find("```").unwrap();
    let with = format!("{}{}\n{}", &text[..start], shown.trim_end(), &text[end..]);
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, with).unwrap();
    } else {
        assert_eq!(text, with, "rewrite {page} with UPDATE=1 cargo test --test lsp");
    }
}

#[test]
fn the_manual_shows_what_is_seen_of_the_example() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("examples/linkedin-2024/purposes.yaml")).unwrap();
    let folder = Folder::new(&[("purposes.yaml", &text)]);
    let mut capabilities = capable();
    capabilities["textDocument"]["inlayHint"] = json!({});
    let mut client = Client::start_on(&folder, capabilities, &[""], Box::new(|| Date::parse("2024-09-18").unwrap()));
    let (_, place) = pointer(&marked(&text, "genai_training:"));
    let hover = hover(&mut client, "purposes.yaml", &place).unwrap();
    let value = hover["contents"]["value"].as_str().unwrap().replace(&folder.uri(""), "file:///home/me/linkedin-2024");
    hold_block("docs/editors.md", "markdown", &value);
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9_999, "character": 0 } });
    let params = json!({ "textDocument": { "uri": client.uri("purposes.yaml") }, "range": whole });
    let hints = client.request("textDocument/inlayHint", params).unwrap();
    let shown = hints.as_array().unwrap().iter().map(|hint| {
        let at = |key: &str| hint["position"][key].as_u64().unwrap() as usize;
        let line: String = text.lines().nth(at("line")).unwrap().chars().take(at("character")).collect();
        format!("{:>3} {line}  ‹{}›\n", at("line") + 1, hint["label"].as_str().unwrap())
    });
    hold_block("docs/editors.md", "text", &shown.collect::<String>());
}

#[test]
fn a_setting_that_services_share_is_shown_for_each_of_them() {
    let service = |name: &str, region: &str, purpose: &str| {
        format!("version: 1\nservice: {name}\nregions: [{region}]\npurposes: {{{purpose}}}\n")
    };
    let shared =
        "version: 1\nsettings:\n  x: {default: on, overrides: [{regions: [FR], default: off}]}\n  y: {default: on}\n";
    let own = "settings: {x: {default: ask}}\n";
    let folder = Folder::new(&[
        ("shared.purposes.yaml", shared),
        ("a.purposes.yaml", &service("a", "EU", "p: {use: marketing, setting: x}")),
        ("b.purposes.yaml", &service("b", "US", "p: {use: marketing, setting: x}")),
        ("c.purposes.yaml", &(service("c", "US", "p: {use: marketing, setting: x}") + own)),
    ]);
    let mut client = Client::start(&folder, capable(), &[""]);
    let seen = |client: &mut Client, path: &str, text: &str, what: &str| {
        let hover = hover(client, path, &pointer(&marked(text, what)).1).unwrap();
        let value = hover["contents"]["value"].as_str().unwrap().replace(&folder.uri(""), "FOLDER");
        value.lines().filter(|line| !line.starts_with("|--") && !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let place = "[shared.purposes.yaml:3](FOLDER/shared.purposes.yaml#L3)";
    assert_eq!(
        seen(&mut client, "shared.purposes.yaml", shared, "x:"),
        [
            "**x** (setting `x`)",
            "Effective defaults in `a` on 2026-11-22:",
            "| purpose | for | default | decided by |",
            &format!("| p | EU except FR | on | {place} default: on |"),
            &format!("| p | FR | off | {place} default: off (override for FR) |"),
            "Effective defaults in `b` on 2026-11-22:",
            "| purpose | for | default | decided by |",
            &format!("| p | US | on | {place} default: on |"),
        ]
    );
    assert_eq!(
        seen(&mut client, "shared.purposes.yaml", shared, "y:"),
        ["**y** (setting `y`)", "No purpose that could be read names this setting, so it decides nothing."]
    );
    client.open("b.purposes.yaml", "version: 1\nservice: [\n");
    let lines = seen(&mut client, "shared.purposes.yaml", shared, "y:");
    assert_eq!(lines[2], "A declaration of this workspace could not be read, so there may be more to it.");
}

#[test]
fn every_place_of_every_file_can_be_pointed_at() {
    let files = with_config();
    let folder = Folder::new(&files);
    let mut client = Client::start(&folder, capable(), &[""]);
    let mut said = 0;
    for (path, text) in &files {
        for (at, _) in text.char_indices().step_by(3) {
            let (_, place) = pointer(&format!("{}¦{}", &text[..at], &text[at..]));
            if let Some(hover) = hover(&mut client, path, &place) {
                let (start, end) = (&hover["range"]["start"], &hover["range"]["end"]);
                let place = |place: &Value| (place["line"].as_u64(), place["character"].as_u64());
                assert!(place(start) < place(end), "{path} {at}: {hover}");
                assert!(!hover["contents"]["value"].as_str().unwrap().is_empty(), "{path} {at}");
                said += 1;
            }
        }
    }
    assert!(said > 200, "only {said}");
    // what is not there is pointed at as well, when an editor is ahead of the server
    for (line, character) in [(0, 9_999), (9_999, 0), (u32::MAX, u32::MAX)] {
        for (path, _) in &files {
            point(&mut client, path, &json!({ "line": line, "character": character }));
        }
    }
    // a config that is wrong judges nothing, so nothing is said
    client.open("purposelint.yaml", "packs: [nonsense]\n");
    assert_eq!(hover(&mut client, "purposelint.yaml", &json!({ "line": 0, "character": 1 })), None);
    assert_eq!(hover(&mut client, "rules/acme/own.yaml", &json!({ "line": 0, "character": 1 })), None);
}
