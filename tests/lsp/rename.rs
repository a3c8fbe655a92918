//! Other ids, in all files at once. In a case, `«id»` is what gets the other id and `¦` stands where a client asks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::cli::{Env, Streams, run};
use purposelint::space::Date;
use serde_json::{Value, json};

use super::client::{Client, Folder};
use super::names::{Marked, capabilities, position};

const TODAY: &str = "2026-11-22";

/// The byte of a place.
fn offset(text: &str, place: &Value, utf8: bool) -> usize {
    let line = place["line"].as_u64().unwrap() as usize;
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = place["character"].as_u64().unwrap() as usize;
    let mut units = 0;
    let rest = text[start..].char_indices().find(|(_, c)| {
        let is_there = units >= column;
        units += if utf8 { c.len_utf8() } else { c.len_utf16() };
        is_there
    });
    rest.map_or(text.len(), |(at, _)| start + at)
}

/// Texts by path after an edit of several files.
fn applied(edit: &Value, root: &str, utf8: bool, read: &dyn Fn(&str) -> String) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        let uri = change["textDocument"]["uri"].as_str().unwrap();
        let path = uri.trim_start_matches(root).trim_start_matches('/').to_owned();
        let mut text = read(&path);
        let place = |edit: &Value, end: &str| offset(&text, &edit["range"][end], utf8);
        let edits = change["edits"].as_array().unwrap().iter();
        let mut edits: Vec<(usize, usize, String)> = edits
            .map(|edit| (place(edit, "start"), place(edit, "end"), edit["newText"].as_str().unwrap().to_owned()))
            .collect();
        edits.sort();
        assert!(edits.windows(2).all(|pair| pair[0].1 <= pair[1].0), "edits meet: {edits:?}");
        for (start, end, new) in edits.into_iter().rev() {
            text.replace_range(start..end, &new);
        }
        assert!(texts.insert(path, text).is_none(), "{edit:#}");
    }
    texts
}

struct Asked {
    prepared: Result<Value, Value>,
    renamed: Result<BTreeMap<String, String>, String>,
}

fn ask(files: &[(&str, &Marked)], new: &str, utf8: bool) -> Asked {
    let plain: Vec<(&str, &str)> = files.iter().map(|(path, marked)| (*path, marked.text.as_str())).collect();
    let folder = Folder::new(&plain);
    let mut client = Client::start(&folder, capabilities(utf8), &[""]);
    let (path, at) = files.iter().find_map(|(path, it)| Some((*path, position(&it.text, it.asked?, utf8)))).unwrap();
    let mut params = json!({ "textDocument": { "uri": client.uri(path) }, "position": at });
    let prepared = client.request("textDocument/prepareRename", params.clone());
    params["newName"] = json!(new);
    let edit = client.request("textDocument/rename", params);
    let root = client.uri("").trim_end_matches('/').to_owned();
    let read = |path: &str| fs::read_to_string(folder.path(path)).unwrap();
    let renamed = edit.map(|edit| applied(&edit, &root, utf8, &read));
    let renamed = renamed.map_err(|error| error["message"].as_str().unwrap().to_owned());
    assert_eq!(client.shut_down(), 0);
    Asked { prepared, renamed }
}

#[test]
fn a_thing_gets_its_other_id_wherever_it_is_meant() {
    let baseline = r#"{"version": 1, "places": {}, "findings": [{"rule": "core/unused-definition", "service": "a", "subject": {"kind": "organisation", "id": "«o»"}, "outcome": "fail", "severity": "warning", "message": "organisation `«o»` is not used"}, {"rule": "core/unused-definition", "service": "b", "subject": {"kind": "organisation", "id": "o"}, "outcome": "fail", "severity": "warning", "message": "organisation `o` is not used"}]}"#;
    let cases: &[(&str, &str, &[(&str, &str)])] = &[
        (
            "in all files, with its quotes",
            "other",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\npurposes:\n  p: {title: 😀, setting: «ma¦in»} # main\n  main: {title: main, setting: '«main»'}\n",
                ),
                ("x/purposes.yaml", "version: 1\nservice: a\nsettings:\n  # 😀\n  \"«main»\": {default: on}\n"),
                ("b/purposes.yaml", "version: 1\nservice: b\nsettings:\n  main: {default: on}\n"),
            ],
        ),
        (
            "a purpose with all that names it",
            "other",
            &[
                ("purposes.yaml", "version: 1\nservice: a\npurposes:\n  «p»: {use: x, data: [{inputs_of: «p»}]}\n"),
                ("shared.purposes.yaml", "version: 1\nnotices:\n  n: {covers: [«p»]}\n"),
                (
                    "purposelint.yaml",
                    "version: 1\nwaivers:\n  - {rule: core/*, services: [a], purposes: [«¦p», '*'], reason: 😀, owner: o, expires: 2026-12-31}\n  - {rule: core/*, services: [b], purposes: [p], reason: r, owner: o, expires: 2026-12-31}\n",
                ),
            ],
        ),
        (
            "a service",
            "c",
            &[
                ("purposes.yaml", "version: 1\nservice: «¦a»\norganisations: {a: {}}\n"),
                ("x/purposes.yaml", "version: 1\nservice: '«a»'\n---\nversion: 1\nservice: b\n"),
                (
                    "purposelint.yaml",
                    "version: 1\nwaivers: [{rule: core/*, services: [«a»], purposes: [a], reason: r, owner: o, expires: 2026-12-31}]\n",
                ),
            ],
        ),
        (
            "what an alias stands for is edited once",
            "other",
            &[(
                "purposes.yaml",
                "version: 1\nservice: a\norganisations:\n  «¦o»: {}\npurposes:\n  p: &base {recipients: &list [&one «o»]}\n  q: {<<: *base}\n  r: {recipients: *list}\n  s: {recipients: [*one]}\n",
            )],
        ),
        (
            "an id that would be no text",
            "null",
            &[("purposes.yaml", "version: 1\nservice: a\nsettings: {«main»: {}}\npurposes: {p: {setting: «ma¦in»}}\n")],
        ),
        (
            "in the baseline",
            "other",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\norganisations: {«o¦»: {}}\n---\nservice: b\norganisations: {o: {}}\n",
                ),
                ("purposelint-baseline.json", baseline),
            ],
        ),
        (
            "one of its own behind which a shared one stands",
            "other",
            &[
                (
                    "purposes.yaml",
                    "version: 1\nservice: a\norganisations: {«o¦»: {}}\npurposes: {p: {recipients: [«o»]}}\n",
                ),
                ("shared.purposes.yaml", "version: 1\norganisations: {o: {}}\n"),
            ],
        ),
    ];
    for (title, new, files) in cases {
        let marked: Vec<(&str, Marked)> = files.iter().map(|(path, text)| (*path, Marked::new(text))).collect();
        let all: Vec<(&str, &Marked)> = marked.iter().map(|(path, marked)| (*path, marked)).collect();
        for utf8 in [true, false] {
            let asked = ask(&all, new, utf8);
            let prepared = asked.prepared.unwrap_or_else(|error| panic!("{title}: {error}"));
            let mut expected: BTreeMap<String, String> = BTreeMap::new();
            let written = if *new == "null" { "\"null\"" } else { new };
            for (path, Marked { text, places, .. }) in marked.iter().filter(|(_, marked)| !marked.places.is_empty()) {
                let mut text = text.clone();
                for (start, end, _) in places.iter().rev() {
                    assert_eq!(prepared["placeholder"], text[*start..*end], "{title}");
                    text.replace_range(start..end, written);
                }
                expected.insert((*path).to_owned(), text);
            }
            assert_eq!(asked.renamed, Ok(expected), "{title}");
        }
    }
}
