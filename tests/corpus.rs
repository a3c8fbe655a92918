//! The declarations that speed is measured with: what is found in them is what is true of them, to the line.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test; a part of the corpus is enough here"
)]

#[path = "../benches/corpus/mod.rs"]
mod corpus;

use std::path::Path;
use std::process::Command;

use corpus::{Size, traps, verify};

fn check(folder: &Path, format: &str) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    let output =
        command.args(["check", "--as-of", "2026-11-21", "--format", format]).current_dir(folder).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn all_that_is_true_is_found_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus::write(Size { files: 6, ..corpus::S }, folder.path()).unwrap();
    assert!(corpus.truth.violations() > 2 && corpus.truth.0.len() > corpus.truth.violations());
    let (report, _) = check(folder.path(), "jsonl");
    assert_eq!(verify::wrong(&verify::of_rule(&report), &corpus.truth), [""; 0]);
}

#[test]
fn what_is_not_found_or_found_elsewhere_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus::write(corpus::XS, folder.path()).unwrap();
    let (report, _) = check(folder.path(), "jsonl");
    let found = verify::of_rule(&report);
    assert_eq!(verify::wrong(&found, &corpus.truth), [""; 0]);
    assert_eq!(verify::wrong(&found[1..], &corpus.truth).len(), 1);
    let mut moved = found.clone();
    moved[0]["primary"]["start"]["line"] = 1.into();
    assert!(!verify::wrong(&moved, &corpus.truth).is_empty());
}

#[test]
fn no_trap_hides_what_is_on() {
    let folder = tempfile::tempdir().unwrap();
    traps::write(folder.path()).unwrap();
    let wrong: Vec<String> = traps::TRAPS
        .iter()
        .filter_map(|trap| {
            let (text, code) = check(&folder.path().join(trap.name), "json");
            trap.wrong(code, &serde_json::from_str(&text).unwrap())
        })
        .collect();
    assert_eq!(wrong, [""; 0]);
}
