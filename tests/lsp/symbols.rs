//! Outlines, the search of a workspace, folds, and what grows around a cursor.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::client::{Client, Folder};
use super::names::{Marked, capabilities, few_packs, position};

/// `name (detail)`, indented by depth. What is selected lies in the whole, and the whole in that of the parent.
fn tree(symbols: &Value, within: Option<&Value>, depth: usize, out: &mut String) {
    let place = |place: &Value| (place["line"].as_u64().unwrap(), place["character"].as_u64().unwrap());
    let holds = |outer: &Value, inner: &Value| {
        place(&outer["start"]) <= place(&inner["start"]) && place(&inner["end"]) <= place(&outer["end"])
    };
    for symbol in symbols.as_array().into_iter().flatten() {
        assert!(holds(&symbol["range"], &symbol["selectionRange"]), "{symbol:#}");
        assert!(within.is_none_or(|outer| holds(outer, &symbol["range"])), "{symbol:#}");
        let detail = symbol["detail"].as_str().map(|detail| format!(" ({detail})")).unwrap_or_default();
        let line = place(&symbol["selectionRange"]["start"]).0 + 1;
        out.push_str(&format!("{}{line}: {}{detail}\n", "  ".repeat(depth), symbol["name"].as_str().unwrap()));
        tree(&symbol["children"], Some(&symbol["range"]), depth + 1, out);
    }
}

fn outline(client: &mut Client, path: &str) -> String {
    let document = json!({ "uri": client.uri(path) });
    let symbols = client.request("textDocument/documentSymbol", json!({ "textDocument": document })).unwrap();
    let mut out = String::new();
    tree(&symbols, None, 0, &mut out);
    out
}

#[test]
fn the_outline_of_a_file_has_what_is_declared_there() {
    let own = "version: 1\nservice: a # 😀\ntitle: A 😀\nsettings:\n  s: &s\n    label: Switch\n    default: on\n    overrides:\n      - {regions: [EEA], default: off}\n      - plans: [free]\n        until_answer: off\n  t: *s\npurposes:\n  p:\n    title: Train\n    setting: {default: on, overrides: [{ages: 16+, default: off}]}\n    overrides: [{from: 2026-01-01, carried_out: false}]\n---\nversion: 1\norganisations: {o: {name: O}, u: {}}\n";
    let config = "version: 1\npacks: [core, ./acme]\nseverity: {core/*: info}\nwaivers:\n  - rule: core/unused-definition\n    reason: r\n    owner: o\n    expires: 2026-12-31\n";
    let folder = Folder::new(&[("purposes.yaml", own), ("purposelint.yaml", config)]);
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/private-pack/policies/acme");
    for name in ["pack.yaml", "label-sells.yaml", "groups.yaml", "vocabulary.yaml", "lexicons/sales_talk.yaml"] {
        folder.write(&format!("acme/{name}"), &fs::read_to_string(pack.join(name)).unwrap());
    }
    let mut client = Client::start(&folder, capabilities(false), &[""]);
    let expected = "\
2: a (A 😀)
  4: settings
    5: s (Switch)
      9: EEA (default: off)
      10: plan free (until_answer: off)
  13: purposes
    14: p (Train)
      16: setting
        16: aged 16+ (default: off)
      17: from 2026-01-01 (carried_out: false)
19: shared
  20: organisations
    20: o (O)
    20: u
";
    assert_eq!(outline(&mut client, "purposes.yaml"), expected);
    let expected = "\
1: version (1)
2: packs
3: severity
  3: core/* (info)
4: waivers
  5: core/unused-definition
";
    assert_eq!(outline(&mut client, "purposelint.yaml"), expected);
    let rule = outline(&mut client, "acme/label-sells.yaml");
    assert!(rule.starts_with("1: acme/label-sells ("), "{rule}");
    assert!(rule.contains("\n  2: severity") && rule.contains(": examples\n    "), "{rule}");
    assert_eq!(outline(&mut client, "acme/pack.yaml"), "");
    // also while the config is broken
    client.open("purposelint.yaml", "version: 1\nnonsense: x\n");
    assert_eq!(outline(&mut client, "purposelint.yaml"), "1: version (1)\n2: nonsense (x)\n");
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn a_client_without_trees_gets_a_list() {
    let folder = few_packs(&[("purposes.yaml", "version: 1\nservice: a\npurposes: {p: {title: 😀, use: x}, q: {}}\n")]);
    let mut able = capabilities(false);
    able["textDocument"]["documentSymbol"] = json!({});
    let mut client = Client::start(&folder, able, &[""]);
    let document = json!({ "uri": client.uri("purposes.yaml") });
    let list = client.request("textDocument/documentSymbol", json!({ "textDocument": document })).unwrap();
    let shown: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!("{} in {} at {}", it["name"], it["containerName"], it["location"]["range"]["start"]["character"])
        })
        .collect();
    let expected = [
        "\"a\" in null at 0",
        "\"purposes\" in \"a\" at 0",
        "\"p\" in \"purposes\" at 11",
        "\"q\" in \"purposes\" at 35",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_search_goes_by_ids_and_titles() {
    let folder = few_packs(&[
        (
            "purposes.yaml",
            "version: 1\nservice: feed\ntitle: News feed\npurposes: {rank_posts: {title: Order 😀 posts}}\n",
        ),
        ("b/purposes.yaml", "version: 1\nservice: feed\nsettings: {main: {label: Personal order}}\n"),
        ("shared.purposes.yaml", "version: 1\norganisations: {host: {name: Hosting Inc.}}\nnotices: {policy: {}}\n"),
    ]);
    let mut client = Client::start(&folder, capabilities(false), &[""]);
    for (query, expected) in [
        (
            "",
            "feed: service: News feed, main: setting of feed: Personal order, rank_posts: purpose of feed: Order 😀 posts, host: organisation: Hosting Inc., policy: notice",
        ),
        ("RKPS", "rank_posts: purpose of feed: Order 😀 posts"),
        ("pers ord", "main: setting of feed: Personal order"),
        ("inc", "host: organisation: Hosting Inc."),
        ("News", "feed: service: News feed"),
        ("xyz", ""),
    ] {
        let found = client.request("workspace/symbol", json!({ "query": query })).unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let found = found.as_array().unwrap().iter();
        let found: Vec<String> =
            found.map(|it| format!("{}: {}", word(&it["name"]), word(&it["containerName"]))).collect();
        assert_eq!(found.join(", "), expected, "{query}");
    }
}

#[test]
fn lines_are_folded_and_no_more_than_a_client_takes() {
    let text = "# one\n# two\nversion: 1\nservice: a\npurposes:\n  p:\n    use: x\n    data:\n      - category: user\n        source: provided\n";
    let folder = few_packs(&[("purposes.yaml", text), ("x.yaml", text)]);
    let folds = |able: Value, path: &str| {
        let mut client = Client::start(&folder, able, &[""]);
        let document = json!({ "uri": client.uri(path) });
        let folds = client.request("textDocument/foldingRange", json!({ "textDocument": document })).unwrap();
        let line =
            |fold: &Value| format!("{}-{}{}", fold["startLine"], fold["endLine"], fold["kind"].as_str().unwrap_or(""));
        folds.as_array().map(|folds| folds.iter().map(line).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(folds(capabilities(false), "purposes.yaml").unwrap(), "0-1comment 4-9 5-9 7-9 8-9");
    assert_eq!(folds(capabilities(false), "purposelint.yaml").unwrap(), "");
    assert_eq!(folds(capabilities(false), "x.yaml"), None);
    let mut few = capabilities(false);
    few["textDocument"]["foldingRange"] = json!({ "rangeLimit": 2, "lineFoldingOnly": true });
    assert_eq!(folds(few, "purposes.yaml").unwrap(), "4-9 5-9");
}

#[test]
fn a_selection_grows_from_word_to_document() {
    for utf8 in [true, false] {
        let marked = Marked::new("service: a\npurposes:\n  p: {title: 😀, recipients: [a, o¦x]}\n");
        let text = &marked.text;
        let folder = few_packs(&[("purposes.yaml", text)]);
        let mut client = Client::start(&folder, capabilities(utf8), &[""]);
        let at = [position(text, marked.asked.unwrap(), utf8), json!({ "line": 99, "character": 0 })];
        let params = json!({ "textDocument": { "uri": client.uri("purposes.yaml") }, "positions": at });
        let answer = client.request("textDocument/selectionRange", params).unwrap();
        let expected = ["ox", "[a, ox]", "recipients: [a, ox]", "{title: 😀, recipients: [a, ox]}"];
        let mut node = &answer[0];
        for expected in expected {
            let start = text.find(expected).unwrap();
            let (start, end) = (position(text, start, utf8), position(text, start + expected.len(), utf8));
            assert_eq!(node["range"], json!({ "start": start, "end": end }), "{expected}");
            node = &node["parent"];
        }
        let mut depth = 0;
        while !node.is_null() {
            depth += 1;
            node = &node["parent"];
        }
        assert_eq!(depth, 3);
        assert_eq!(answer[1]["range"]["start"], answer[1]["range"]["end"]);
    }
}

#[test]
fn what_a_client_cannot_do_is_not_offered() {
    let folder = few_packs(&[("purposes.yaml", "version: 1\nservice: a\n")]);
    let features = [
        ("definitionProvider", "/textDocument/definition"),
        ("referencesProvider", "/textDocument/references"),
        ("documentHighlightProvider", "/textDocument/documentHighlight"),
        ("renameProvider", "/textDocument/rename"),
        ("documentSymbolProvider", "/textDocument/documentSymbol"),
        ("workspaceSymbolProvider", "/workspace/symbol"),
        ("foldingRangeProvider", "/textDocument/foldingRange"),
        ("selectionRangeProvider", "/textDocument/selectionRange"),
    ];
    let offered = |able: Value| Client::start(&folder, able, &[""]).capabilities;
    let all = offered(capabilities(false));
    assert_eq!(all["renameProvider"], json!({ "prepareProvider": true }));
    for (provider, pointer) in features {
        assert!(!all[provider].is_null(), "{provider}");
        let mut able = capabilities(false);
        *able.pointer_mut(pointer).unwrap() = Value::Null;
        assert!(offered(able)[provider].is_null(), "{provider}");
    }
}
