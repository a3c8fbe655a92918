//! The server shows what `check` reports: for every folder of ours, and after every edit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::cli::{Env, Streams, run};
use purposelint::project::{Asker, Engine, Input, Reading, read};
use purposelint::space::Date;
use serde_json::Value;

use super::client::{Client, Folder};
use super::fresh::{FILES, TODAY, fresh, place, told};

/// What `check` says of a folder, a line for each finding.
fn checked(folder: &Path) -> Vec<String> {
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
    let text = String::from_utf8(out).unwrap();
    let findings = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let shown = findings.filter(|finding| finding["suppressed"].is_null() || finding["suppressed"]["by"] == "waiver");
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |finding: Value| {
        let (place, start) = (&finding["primary"]["file"], &finding["primary"]["start"]);
        let (severity, rule) = (word(&finding["severity"]), word(&finding["rule"]));
        let (line, column, message) = (&start["line"], &start["column"], word(&finding["message"]));
        format!("{}:{line}:{column}: {severity}[{rule}] {message}", word(place))
    };
    let mut lines: Vec<String> = shown.filter(|finding| finding["rule"].is_string()).map(line).collect();
    lines.sort();
    lines
}

/// The server says more behind a message: until when it is waived, from when it counts.
fn assert_same(folder: &Folder, client: &Client, what: &str) -> usize {
    let (checked, served) = (checked(&folder.path("")), served(&folder.path(""), client));
    let same = checked.len() == served.len() && checked.iter().zip(&served).all(|(a, b)| b.starts_with(a));
    assert!(same, "{what}\n{checked:#?}\n{served:#?}");
    checked.len()
}

/// What the server shows, as the same lines.
fn served(folder: &Path, client: &Client) -> Vec<String> {
    let mut lines = Vec::new();
    for (uri, list) in &client.shown {
        let path = uri.strip_prefix(&format!("{}/", client.uri("").trim_end_matches('/'))).unwrap();
        let text = fs::read_to_string(folder.join(path)).unwrap();
        for item in list {
            let line = item["range"]["start"]["line"].as_u64().unwrap() as usize;
            let units = item["range"]["start"]["character"].as_u64().unwrap() as usize;
            let mut left = units;
            let before = text.lines().nth(line).unwrap_or_default().chars().take_while(|c| {
                let is_before = left > 0;
                left = left.saturating_sub(c.len_utf16());
                is_before
            });
            let column = before.count() + 1;
            let severity = ["error", "warning", "info", "info"][item["severity"].as_u64().unwrap() as usize - 1];
            let message = item["message"].as_str().unwrap();
            let message = message.split_once("\nhelp: ").map_or(message, |(message, _)| message);
            let code = item["code"].as_str().unwrap();
            lines.push(format!("{path}:{}:{column}: {severity}[{code}] {message}", line + 1));
        }
    }
    lines.sort();
    lines
}

#[test]
fn every_folder_of_ours_looks_in_an_editor_as_it_does_to_check() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = Vec::new();
    for parent in ["examples", "tests/cases/outcomes"] {
        let entries = fs::read_dir(root.join(parent)).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
    folders.sort();
    assert!(folders.len() > 15, "{folders:?}");
    let mut all = 0;
    for original in folders {
        // a folder by itself: its root must not depend on where the repository stands
        let folder = Folder::new(&[]);
        copy(&original, &folder.path(""));
        let mut client = Client::push(&folder);
        client.settle();
        all += assert_same(&folder, &client, &original.display().to_string());
    }
    assert!(all > 100, "{all} findings are too few to tell");
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

const SNIPPETS: [&str; 26] = [
    "😀",
    "é",
    "\u{feff}",
    "\r\n",
    "\n",
    "\t",
    " ",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: ",
    "#",
    "---\n",
    "service: t\n",
    "  other: {use: train_ai_system, setting: {default: on}}\n",
    "regions: [GB, UK]\n",
    "null",
    "# purposelint: ignore[fair-defaults/ai-training-on-by-default]: agreed\n",
    "on",
];

/// A change of a text: the bytes that go, and what comes in their place.
fn edit(text: &str, numbers: &mut Numbers) -> (usize, usize, String) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let start = numbers.below(places.len());
    let long = if numbers.below(8) == 0 { 40 } else { 4 };
    let end = (start + numbers.below(long)).min(places.len() - 1);
    match numbers.below(4) {
        0 => (places[start], places[end], String::new()),
        1 => (places[start], places[end], SNIPPETS[numbers.below(SNIPPETS.len())].to_owned()),
        _ => (places[start], places[start], SNIPPETS[numbers.below(SNIPPETS.len())].to_owned()),
    }
}

#[test]
fn after_a_thousand_edits_of_all_kinds_the_server_shows_what_a_fresh_run_finds() {
    let folder = Folder::new(&FILES);
    // the same packs whatever is declared, so that a fresh run need not load them each time
    folder.write("purposelint.yaml", "packs: [core, fair-defaults]\n");
    let mut capabilities = super::names::capabilities(false);
    capabilities["textDocument"]["completion"] = super::completion::capable()["textDocument"]["completion"].take();
    let mut client = Client::start(&folder, capabilities, &[""]);
    let root = folder.path("");
    let mut asker = Asker { current: Some(&root), stdin: &mut std::io::empty(), commands: &[] };
    let mut workspace = read(&Input::default(), Reading::default(), &mut asker).unwrap();
    let engine = Engine::load(&mut workspace, &[], &root, Date::parse("2026-11-22").unwrap()).unwrap();
    let mut texts: BTreeMap<&str, String> = FILES.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    FILES.iter().for_each(|(path, text)| client.open(path, text));
    let mut numbers = Numbers(0x2026_1122);
    for round in 0..1_000 {
        let (path, original) = FILES[numbers.below(FILES.len())];
        let text = texts.get_mut(path).unwrap();
        if numbers.below(6) == 0 {
            *text = original.to_owned();
            client.replace(path, text);
        } else {
            let (start, end, new) = edit(text, &mut numbers);
            let range = serde_json::json!({ "start": place(text, start), "end": place(text, end) });
            let mut after = text.clone();
            after.replace_range(start..end, &new);
            // between the bytes of a line break there is no place that an editor could name
            let splits = |at: usize| text[..at].ends_with('\r') && text[at..].starts_with('\n');
            let is_mark = start == 0 && (text.starts_with('\u{feff}') || end == 0);
            if splits(start) || splits(end) || is_mark {
                client.replace(path, &after);
            } else {
                client.change(path, serde_json::json!([{ "range": range, "text": new }]));
            }
            *text = after;
        }
        super::names::ask_everything(&mut client, path, &texts[path], numbers.below(1_000));
        let file = *workspace.files.iter().find(|file| workspace.sources.path(**file) == path).unwrap();
        workspace.sources.replace(file, texts[path].as_str());
        let at = texts[path].floor_char_boundary(numbers.below(texts[path].len() + 1));
        super::hover::point(&mut client, path, &place(&texts[path], at));
        client.settle();
        let document = serde_json::json!({ "uri": client.uri(path) });
        let places: Vec<usize> = texts[path].char_indices().map(|(at, _)| at).chain([texts[path].len()]).collect();
        let position = place(&texts[path], places[numbers.below(places.len())]);
        let pointed = serde_json::json!({ "textDocument": document, "position": position });
        client.request("textDocument/completion", pointed).unwrap();
        let expected = fresh(&workspace, &engine);
        for (path, _) in FILES {
            let shown = client.shown.get(&client.uri(path)).into_iter().flatten();
            let shown: Vec<Value> =
                shown.filter(|item| item["code"].as_str().unwrap().contains('/')).map(told).collect();
            let expected = expected.get(path).cloned().unwrap_or_default();
            assert_eq!(shown, expected, "round {round}, {path}:\n{}", texts[path]);
        }
    }
    assert_eq!(client.shut_down(), 0);
}

#[test]
fn where_a_service_is_offered_and_what_its_settings_read_may_change() {
    let text = |region: &str, reads: &str| {
        format!(
            "version: 1\nservice: s\nregions: [{region}]\npurposes:\n  p:\n    use: train_ai_system\n    setting:\n      default: off\n{reads}"
        )
    };
    let reads = "      reads: {file: product.json, pointer: /training}\n";
    let folder = Folder::new(&[("purposes.yaml", &text("FR", "")), ("product.json", "{\"training\": true}")]);
    let mut client = Client::push(&folder);
    client.open("purposes.yaml", &text("FR", ""));
    for (region, reads) in [("BR", ""), ("GB", reads), ("GB", ""), ("FR, [", ""), ("FR", reads)] {
        let text = text(region, reads);
        client.replace("purposes.yaml", &text);
        client.settle();
        folder.write("purposes.yaml", &text);
        assert_same(&folder, &client, &text);
    }
    let differs = |client: &mut Client| {
        let list = client.diagnostics("purposes.yaml");
        super::client::codes(&list).contains(&"core/declared-default-differs")
    };
    assert!(differs(&mut client));
    folder.write("product.json", "{\"training\": false}");
    client.changed_on_disk("product.json");
    assert!(!differs(&mut client));
}
