//! Declarations that move to a name under which nobody reads them: `diff` says that it is unclear, and not that they ended.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

use std::fs;
use std::path::Path;

use repository::{Repo, Run, run_in};

const CONFIG: &str = "version: 1\npacks: [core]\n";

fn declared(service: &str) -> String {
    format!("version: 1\nservice: {service}\npurposes:\n  ads: {{use: show_ads, setting: {{default: off}}}}\n")
}

fn repo() -> Repo {
    Repo::of(&[
        ("purposelint.yaml", CONFIG),
        ("purposes.yaml", &declared("other")),
        ("s/purposes.yaml", &declared("s")),
        ("old/copy.txt", &declared("s")),
        (".gitignore", "out\n"),
    ])
}

fn diff_in(folder: &Path, line: &str) -> Run {
    let args: Vec<&str> = line.split_whitespace().collect();
    run_in(folder, &[&["diff", "--format", "concise", "--fail-on", "warning"], args.as_slice()].concat(), &[])
}

#[track_caller]
fn unclear(what: &str, run: &Run, to: Option<&str>) {
    let all = format!("{what}\n{}{}", run.out, run.err);
    assert_eq!(run.code, i32::from(to.is_some()), "{all}");
    assert_eq!(run.out.contains("core/unclear-change"), to.is_some(), "{all}");
    if let Some(to) = to {
        assert!(run.out.contains(&format!("`{to}` has the same text, and is not read")), "{all}");
    }
}

#[test]
fn a_declaration_under_a_name_that_is_not_read_is_not_gone() {
    for to in [
        "s/purposes.yaml.disabled",
        "s/purposes.txt",
        "s/purposes.json",
        "s/purposes.yaml.j2",
        "s/.hidden",
        "attic/a b ü",
        "own/purposes.bak",
        "out/purposes.yaml.txt",
    ] {
        let repo = repo();
        repo.put(&[("own/purposelint.yaml", CONFIG)]);
        repo.commit();
        fs::create_dir_all(repo.root.join(to).parent().unwrap()).unwrap();
        fs::rename(repo.root.join("s/purposes.yaml"), repo.root.join(to)).unwrap();
        unclear(to, &diff_in(&repo.root, "HEAD"), Some(to));
        repo.git(&["add", "-A"]);
        repo.git(&["add", "-f", to]);
        for line in ["HEAD", "--hook", "HEAD --against index"] {
            unclear(&format!("{to} {line}"), &diff_in(&repo.root, line), Some(to));
        }
        repo.commit();
        unclear(to, &diff_in(&repo.root, "HEAD~1 --against HEAD"), Some(to));
        // the only other file with this text was there before
        fs::remove_file(repo.root.join(to)).unwrap();
        unclear(to, &diff_in(&repo.root, "HEAD"), None);
    }
}

#[test]
fn what_a_checkout_makes_of_line_breaks_is_the_same_text() {
    let repo = repo();
    fs::remove_file(repo.root.join("s/purposes.yaml")).unwrap();
    repo.put(&[("s/purposes.off", &declared("s").replace('\n', "\r\n"))]);
    unclear("CRLF", &diff_in(&repo.root, "HEAD"), Some("s/purposes.off"));
}

#[test]
fn a_declaration_that_ended_is_gone() {
    let repo = repo();
    // a copy that was there before, and another text
    fs::remove_file(repo.root.join("s/purposes.yaml")).unwrap();
    repo.put(&[("s/notes.txt", &declared("s").replace("show_ads", "analytics"))]);
    unclear("gone", &diff_in(&repo.root, "HEAD"), None);
    repo.git(&["add", "-A"]);
    unclear("gone", &diff_in(&repo.root, "--hook"), None);
    // what is read has not gone
    repo.put(&[("t/purposes.yaml", &declared("s")), ("t/purposes.txt", &declared("s"))]);
    unclear("moved", &diff_in(&repo.root, "HEAD"), None);
}

#[test]
fn a_declaration_may_leave_the_folder_of_its_workspace() {
    let repo = Repo::of(&[
        ("svc/purposelint.yaml", CONFIG),
        ("svc/purposes.yaml", &declared("other")),
        ("svc/s.purposes.yaml", &declared("s")),
    ]);
    let svc = repo.root.join("svc");
    repo.git(&["mv", "svc/s.purposes.yaml", "attic.txt"]);
    unclear("working tree", &diff_in(&svc, "HEAD"), Some("attic.txt"));
    unclear("index", &diff_in(&svc, "--hook"), Some("attic.txt"));
    repo.commit();
    unclear("commits", &diff_in(&svc, "HEAD~1 --against HEAD"), Some("attic.txt"));
}

#[test]
fn folders_are_compared_in_the_same_way() {
    let (was, is) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&was, &is] {
        fs::write(folder.path().join("purposelint.yaml"), CONFIG).unwrap();
        fs::write(folder.path().join("purposes.yaml"), declared("other")).unwrap();
    }
    fs::write(was.path().join("s.purposes.yaml"), declared("s")).unwrap();
    fs::write(is.path().join("s.purposes.yaml.off"), declared("s")).unwrap();
    let run = diff_in(is.path(), &was.path().display().to_string());
    unclear("folders", &run, Some("s.purposes.yaml.off"));
}
