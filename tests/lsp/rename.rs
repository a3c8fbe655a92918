//! Other ids, in all files at once. In a case, `«id»` is what gets the other id and `¦` stands where a client asks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::cli::{Env, Streams, run};
use purposelint::space::Date;
use serde_json::{Value, json};

use super::client::{Client, Folder};
use super::names::{Marked, capabilities, few_packs, position};

/// Paths with their texts.
type Files<'t> = &'t [(&'t str, &'t str)];

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
    let folder = few_packs(&plain);
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
    let cases: &[(&str, &str, Files<'_>)] = &[
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
                    "packs: [core]\nwaivers:\n  - {rule: core/*, services: [a], purposes: [«¦p», '*'], reason: 😀, owner: o, expires: 2026-12-31}\n  - {rule: core/*, services: [b], purposes: [p], reason: r, owner: o, expires: 2026-12-31}\n",
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
                    "packs: [core]\nwaivers: [{rule: core/*, services: [«a»], purposes: [a], reason: r, owner: o, expires: 2026-12-31}]\n",
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
            "a setting that is written in a purpose, in the baseline",
            "other",
            &[
                ("purposes.yaml", "version: 1\nservice: a\npurposes: {«¦p»: {use: x, setting: {label: L}}}\n"),
                (
                    "purposelint-baseline.json",
                    r#"{"version": 1, "places": {}, "findings": [{"rule": "core/default-undeclared", "service": "a", "subject": {"kind": "setting", "id": "«p»"}, "outcome": "fail", "severity": "warning", "message": "nobody says whether `«p»` is on by default in setting `p`"}]}"#,
                ),
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

#[test]
fn what_could_mean_something_else_afterwards_is_refused() {
    let own = "version: 1\nservice: a\norganisations: {¦o: {}}\npurposes: {p: {recipients: [o]}}\n";
    let waiver = |said: &str| {
        format!("packs: [core]\nwaivers: [{{rule: core/*, {said}, reason: r, owner: o, expires: 2026-12-31}}]\n")
    };
    let rule = r#"title: asks for one purpose
severity: error
cites:
  - {text: "Handbook 1", kind: practice, confidence: high, in_force: {from: 2025-01-01}}
why: |
  Because it says so.
require: purpose.id != "q"
examples:
  - title: another
    clean: |
      version: 1
      service: example
      purposes: {p: {use: train_ai_system}}
"#;
    let pack = "title: House rules\nversion: \"1.0.0\"\nneeds: 0.1.0\n";
    let (glob, both, exact) = (waiver("purposes: ['p*']"), waiver("purposes: [p]"), waiver("purposes: [q]"));
    let purpose = "version: 1\nservice: a\npurposes: {¦p: {use: x}}\n";
    let vague = r#"{"version": 1, "places": {}, "findings": [{"rule": "core/unknown-key", "service": "a", "subject": {"kind": "service", "id": "a"}, "outcome": "fail", "severity": "warning", "message": "unknown key `o`"}]}"#;
    let cases: &[(&str, Files<'_>, &str)] = &[
        (
            "q",
            &[("purposes.yaml", own), ("purposelint-baseline.json", vague)],
            "purposelint-baseline.json:1:184 names `o`, and nobody can tell",
        ),
        ("New", &[("purposes.yaml", own)], "`New` is no id"),
        ("", &[("purposes.yaml", own)], "`` is no id"),
        ("none", &[("purposes.yaml", "version: 1\nservice: a\nsettings: {m¦: {}}\n")], "`none` is taken"),
        (
            "q",
            &[("purposes.yaml", own), ("x/purposes.yaml", "service: a\norganisations: {q: {}}\n")],
            "service `a` has `q` among its organisations already, at x/purposes.yaml:2:17",
        ),
        (
            "q",
            &[("purposes.yaml", own), ("shared.purposes.yaml", "organisations: {q: {}}\n")],
            "services share `q` among their organisations already",
        ),
        (
            "q",
            &[
                ("purposes.yaml", "organisations: {o¦: {}}\n"),
                ("x/purposes.yaml", "service: a\norganisations: {q: {}}\n"),
            ],
            "service `a` has `q` among its own organisations",
        ),
        (
            "q",
            &[("purposes.yaml", own), ("x/purposes.yaml", "service: a\npurposes: {r: {recipients: [q]}}\n")],
            "nobody declares the organisation `q` that x/purposes.yaml:2:29 names",
        ),
        ("b", &[("purposes.yaml", "service: ¦a\n---\nservice: b\n")], "there is a service `b` already"),
        (
            "q",
            &[("purposes.yaml", own), ("b/purposes.yaml", "service: b\npurposes: {p: [o}\n")],
            "`b/purposes.yaml` cannot be read as a whole, and names `o`",
        ),
        (
            "q",
            &[
                ("purposes.yaml", own),
                ("b/purposes.yaml", "service: b\npurposes: {}\npurposes: {p: {recipients: [q]}}\n"),
            ],
            "`b/purposes.yaml` cannot be read as a whole, and names `q`",
        ),
        ("q", &[("purposes.yaml", own), ("b/purposes.yaml", "version: 2\ntitle: o\n")], "cannot be read as a whole"),
        (
            "q",
            &[("purposes.yaml", own), ("b/purposes.yaml", "service: a\npurposes: {p: {use: x, recipents: [o]}}\n")],
            "b/purposes.yaml:2:36 has o where nobody can tell what it means",
        ),
        (
            "q",
            &[("purposes.yaml", own), ("b/purposes.yaml", "service: a\npurposes: {r: {use: x, recipients: o}}\n")],
            "b/purposes.yaml:2:36 has o",
        ),
        ("q", &[("purposes.yaml", purpose), ("b/purposes.yaml", "purposes: {'p': {}}\n")], "has 'p' where"),
        (
            "q",
            &[(
                "purposes.yaml",
                "service: a\norganisations: {¦o: {}}\npurposes: {p: {title: &t o, recipients: [*t]}}\n",
            )],
            "an alias uses purposes.yaml:3:26 for something else as well",
        ),
        (
            "q",
            &[("purposes.yaml", "service: a\norganisations: &t {¦o: {}}\nnotices: {<<: *t}\n")],
            "this means several things at once",
        ),
        (
            "q",
            &[(
                "purposes.yaml",
                "service: a\norganisations: {o: {}}\npurposes: {p: {recipients: &l [o]}, r: {recipients: *¦l}}\n",
            )],
            "this is an alias",
        ),
        (
            "q",
            &[
                ("purposes.yaml", purpose),
                ("b/purposes.yaml", "service: b\npurposes: {p: {}}\n"),
                ("shared.purposes.yaml", "notices: {n: {covers: [p]}}\n"),
            ],
            "shared.purposes.yaml:1:24 also means the purpose of service `b`",
        ),
        (
            "q",
            &[
                ("purposes.yaml", "service: a\npurposes: {p: {}}\n"),
                ("b/purposes.yaml", "service: b\npurposes: {p: {}}\n"),
                ("shared.purposes.yaml", "notices: {n: {covers: [¦p]}}\n"),
            ],
            "this means several things at once",
        ),
        ("q", &[("purposes.yaml", "service: a\nplans: [¦p]\n")], "only organisations, notices"),
        ("q", &[("purposes.yaml", "service: a\npurposes: {p: {setting: ¦m}}\n")], "nobody declares m"),
        ("q", &[("purposes.yaml", "service: a\ntitle: ¦m\n")], "there is no id here"),
        (
            "q",
            &[("purposes.yaml", purpose), ("purposelint.yaml", &glob)],
            "with `p*` would no longer be for this purpose",
        ),
        ("q", &[("purposes.yaml", purpose), ("purposelint.yaml", &exact)], "with `q` would also be for this purpose"),
        (
            "r",
            &[
                ("purposes.yaml", purpose),
                ("b/purposes.yaml", "service: b\npurposes: {p: {}}\n"),
                ("purposelint.yaml", &both),
            ],
            "is for service `b` as well",
        ),
        (
            "q",
            &[
                ("purposes.yaml", purpose),
                ("purposelint.yaml", "packs: [core, ./acme]\n"),
                ("acme/pack.yaml", pack),
                ("acme/asks.yaml", rule),
            ],
            "rule `acme/asks` asks for ids by name",
        ),
    ];
    for (new, files, expected) in cases {
        let marked: Vec<(&str, Marked)> = files.iter().map(|(path, text)| (*path, Marked::new(text))).collect();
        let all: Vec<(&str, &Marked)> = marked.iter().map(|(path, marked)| (*path, marked)).collect();
        let message = ask(&all, new, false).renamed.expect_err(expected);
        assert!(message.contains(expected), "{message}\nis not: {expected}");
    }
}

/// What `check` finds in a folder, with one word for both ids.
fn checked(folder: &Path, ids: [&str; 2]) -> Vec<String> {
    let args = ["purposelint", "check", "--format", "jsonl", "--as-of", TODAY].map(Into::into);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        stdin: &mut std::io::empty(),
        stdout: &mut out,
        stderr: &mut err,
        stdin_is_terminal: false,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    };
    let env = Env { current_dir: Some(folder.to_owned()), ..Env::default() };
    run(args.into_iter(), &mut streams, &env, Date::parse(TODAY).unwrap());
    let line = |line: &str| {
        let mut finding: Value = serde_json::from_str(line).unwrap();
        finding["fingerprint"] = Value::Null;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let text = finding.to_string();
        let words = text.split_inclusive(|c| !is_part(c)).map(|word| {
            let id = word.trim_end_matches(|c| !is_part(c));
            if ids.contains(&id) { word.replacen(id, "@", 1) } else { word.to_owned() }
        });
        words.collect::<String>()
    };
    let mut lines: Vec<String> = String::from_utf8(out).unwrap().lines().map(line).collect();
    assert!(lines.len() > 1, "{}", String::from_utf8_lossy(&err));
    lines.sort();
    lines
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

#[test]
fn after_a_rename_check_finds_what_it_found_before() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut renamed = 0;
    for original in folders {
        let folder = Folder::new(&[]);
        copy(&original, &folder.path(""));
        let mut client = Client::start(&folder, capabilities(false), &[""]);
        let root = client.uri("").trim_end_matches('/').to_owned();
        let symbols = client.request("workspace/symbol", json!({ "query": "" })).unwrap();
        // every fourth is enough to meet each kind in each folder
        for symbol in symbols.as_array().unwrap().iter().step_by(4) {
            let id = symbol["name"].as_str().unwrap();
            let location = &symbol["location"];
            // as long as before, so that columns stay what they were
            let new = format!("z{}", &"q".repeat(id.len())[1..]);
            let before = checked(&folder.path(""), [id, &new]);
            let document = json!({ "uri": location["uri"] });
            let params = json!({ "textDocument": document, "position": location["range"]["start"], "newName": new });
            let edit = client.request("textDocument/rename", params).unwrap();
            let read = |path: &str| fs::read_to_string(folder.path(path)).unwrap();
            let texts = applied(&edit, &root, false, &read);
            let old: Vec<(&String, String)> = texts.keys().map(|path| (path, read(path))).collect();
            assert!(texts.values().all(|text| text.contains(&new)), "{id}: {edit:#}");
            texts.iter().for_each(|(path, text)| folder.write(path, text));
            assert_eq!(checked(&folder.path(""), [id, &new]), before, "{}: {id}", original.display());
            old.iter().for_each(|(path, text)| folder.write(path, text));
            renamed += 1;
        }
        assert_eq!(client.shut_down(), 0);
    }
    assert!(renamed > 15, "{renamed} renames are too few to tell");
}
