//! How many instructions fixed commands execute: `cargo bench --bench instructions [-- --save NAME | --against NAME] [--limit 3]`.
//!
//! The same program and input give the same count, whatever else the machine does, so a change can be judged on a busy one.
//! With `--against`, ends with 1 if a command needs more than the limit, in per cent, above the saved run. Needs valgrind.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and may end early; it needs a part of what the table needs"
)]

mod corpus;
mod measure;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use corpus::Size;
use measure::{Bench, DAY, PROGRAM, Run};
use serde_json::{Value, json};

/// Per cent by which a command may grow.
const LIMIT: f64 = 3.0;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // as a test it has nothing to say
    if !words.iter().any(|word| word == "--bench") {
        return ExitCode::SUCCESS;
    }
    let after = |flag: &str| words.iter().position(|word| word == flag).map(|at| words[at + 1].as_str());
    let limit = after("--limit").map_or(LIMIT, |it| it.parse().unwrap());
    let earlier = after("--against").map(|name| read(&saved(name)));
    let mut counts = BTreeMap::new();
    let mut grown = false;
    println!("| command | instructions | |\n|---|---|---|");
    for (name, run) in commands() {
        let count = run.instructions().unwrap_or_else(|| panic!("valgrind counts nothing for {name}"));
        let known = earlier.as_ref().and_then(|earlier| earlier.get(name));
        let change = known.map(|known| (count as f64 / *known as f64 - 1.0) * 100.0);
        grown |= change.is_some_and(|change| change > limit);
        println!("| {name} | {count} | {} |", change.map(|it| format!("{it:+.2} %")).unwrap_or_default());
        counts.insert(name.to_owned(), count);
    }
    if let Some(name) = after("--save") {
        write(&saved(name), &counts);
    }
    if grown {
        eprintln!("a command needs more than {limit} % above the saved run");
    }
    ExitCode::from(u8::from(grown))
}

fn commands() -> Vec<(&'static str, Run)> {
    let bench = Bench::new();
    let (xs, _) = bench.corpus(corpus::XS);
    let ten = bench.folder("ten", |folder| {
        corpus::write(Size { files: 10, ..corpus::S }, folder).unwrap();
        fs::write(folder.join("two-packs.yaml"), "version: 1\npacks: [core, fair-defaults]\n").unwrap();
        fs::write(folder.join("typed"), typed(folder)).unwrap();
    });
    let check = |folder: &Path, more: &[&str]| {
        let mut arguments = vec!["check", "--as-of", DAY, "--format", "concise"];
        arguments.extend(more);
        Run::ours(folder, &arguments)
    };
    vec![
        ("--version", Run::ours(&xs, &["--version"])),
        ("check, XS", check(&xs, &[])),
        ("check, 10 files, core and fair-defaults", check(&ten, &["--config", "two-packs.yaml"])),
        ("check, 10 files, all packs", check(&ten, &[])),
        ("lsp, 10 files: open one, ten keystrokes, a hover", Run::ours(&ten, &["lsp"]).reading(&ten.join("typed"))),
    ]
}

/// What an editor says to the server in a short session.
fn typed(folder: &Path) -> String {
    let first = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_dir()).min().unwrap();
    let path = fs::read_dir(first).unwrap().map(|it| it.unwrap().path()).min().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let (line, default) = text.lines().enumerate().find(|(_, line)| line.starts_with("      default: ")).unwrap();
    let uri = format!("file://{}", fs::canonicalize(&path).unwrap().display());
    let root = format!("file://{}", fs::canonicalize(folder).unwrap().display());
    let folders = json!([{ "uri": root, "name": "bench" }]);
    let mut out = String::new();
    let mut say = |id: Option<u32>, method: &str, params: Value| {
        let mut message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        if let Some(id) = id {
            message["id"] = id.into();
        }
        let message = message.to_string();
        out.push_str(&format!("Content-Length: {}\r\n\r\n{message}", message.len()));
    };
    say(Some(1), "initialize", json!({ "capabilities": {}, "workspaceFolders": folders }));
    say(None, "initialized", json!({}));
    let document = json!({ "uri": uri, "languageId": "yaml", "version": 0, "text": text });
    say(None, "textDocument/didOpen", json!({ "textDocument": document }));
    for version in 1..=10 {
        // a comment that grows at the end of the line
        let end = json!({ "line": line, "character": default.len() + if version == 1 { 0 } else { 4 } });
        let typed = if version == 1 { " # x" } else { "x" };
        let change = json!({ "range": { "start": end, "end": end }, "text": typed });
        let document = json!({ "uri": uri, "version": version });
        say(None, "textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }));
    }
    let place = json!({ "line": line, "character": 8 });
    say(Some(3), "textDocument/hover", json!({ "textDocument": { "uri": uri }, "position": place }));
    say(Some(2), "shutdown", Value::Null);
    say(None, "exit", Value::Null);
    out
}

fn saved(name: &str) -> PathBuf {
    let target = Path::new(PROGRAM).parent().and_then(Path::parent).unwrap();
    target.join("bench-instructions").join(format!("{name}.json"))
}

fn read(path: &Path) -> BTreeMap<String, u64> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn write(path: &Path, counts: &BTreeMap<String, u64>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, serde_json::to_string_pretty(counts).unwrap()).unwrap();
}
