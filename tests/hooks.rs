//! Files that hooks name: in several runs, excluded, deleted, not staged.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

use std::collections::BTreeSet;
use std::fs;

use repository::{Repo, check_in, flagged, has_default, repaired, said};
use serde_json::Value;

#[test]
fn paths_narrow_what_is_staged() {
    let repo = Repo::of(&[("a/purposes.yaml", &flagged("a")), ("b/purposes.yaml", &flagged("b")), ("out/x", "")]);
    let found = repo.open("--staged a");
    assert!(has_default(&found, "a") && !has_default(&found, "b"), "{found:?}");
    assert_eq!(found, repo.open("--staged a/purposes.yaml"));
    assert_eq!(found, repo.open("a"));
    said("no declarations", &repo.check("--staged out"), 3, &["no declarations in git's index of out"]);
    repo.put(&[("c/purposes.yaml", &flagged("c"))]);
    repo.refused(
        "--staged c/purposes.yaml",
        &["`c/purposes.yaml` is not in git's index", "`git add c/purposes.yaml` puts it there"],
    );
    repo.refused("--staged c", &["`c` is not in git's index", "nothing in this folder is known to git"]);
    repo.refused("--staged d.yaml", &["`d.yaml` does not exist"]);
    repo.refused("--staged -", &["`--staged` reads git's index, and `-` standard input"]);
    repo.refused("--staged --stdin-filename a/purposes.yaml -", &["cannot be used with"]);
    // deleted files that a script names all the same
    fs::remove_file(repo.root.join("a/purposes.yaml")).unwrap();
    repo.refused("a/purposes.yaml", &["`a/purposes.yaml` does not exist", "it was deleted", "--diff-filter=d"]);
    repo.git(&["rm", "-q", "--cached", "a/purposes.yaml"]);
    for line in ["a/purposes.yaml", "--staged a/purposes.yaml"] {
        repo.refused(line, &["`a/purposes.yaml` does not exist", "it was deleted", "--diff-filter=d"]);
    }
}

#[test]
fn what_is_excluded_stays_so_when_it_is_named() {
    let repo = Repo::of(&[
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\nexclude: [legacy, '*.draft.yaml']\n"),
        ("purposes.yaml", &repaired("a")),
        ("legacy/b/purposes.yaml", &flagged("b")),
        ("x.draft.yaml", &flagged("x")),
        ("README.md", "# Title\n"),
    ]);
    assert!(has_default(&repo.open("legacy/b/purposes.yaml"), "b"));
    for extra in ["", " --staged", " --since HEAD"] {
        let line = format!("--force-exclude{extra} legacy/b/purposes.yaml x.draft.yaml purposes.yaml");
        let parts = ["skipped legacy/b/purposes.yaml: named, but left out by `exclude`", "skipped x.draft.yaml: named"];
        said(&line, &repo.check(&line), 0, &parts);
        assert!(!has_default(&repo.open(&line), "b") && !has_default(&repo.open(&line), "x"));
    }
    // a hook with nothing else to say lets the commit pass, and says why
    for line in
        ["--force-exclude legacy", "--force-exclude x.draft.yaml", "--force-exclude --staged legacy/b/purposes.yaml"]
    {
        let run = repo.check(line);
        said(line, &run, 0, &["nothing is flagged", ": named, but left out by `exclude`"]);
        assert!(!run.out.contains("undetermined"), "{}", run.out);
    }
    assert_eq!(repo.check("legacy").code, 3);
    let repo = Repo::of(&[
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\nexclude: [legacy]\n"),
        ("legacy/purposes.yaml", &flagged("b")),
    ]);
    said("only excluded", &repo.check("--force-exclude legacy/purposes.yaml"), 0, &["left out by `exclude`"]);
    assert_eq!(repo.check("--force-exclude").code, 3);
}

#[test]
fn a_project_in_parts_has_the_findings_of_the_whole() {
    let repo = Repo::new();
    repo.put(&[("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\n")]);
    repo.put(&[("shared.purposes.yaml", "version: 1\norganisations:\n  host: {name: Host, country: US, role: processor}\n  unused: {name: U, country: US, role: processor}\n")]);
    let mut files = vec!["shared.purposes.yaml".to_owned()];
    for at in 0..250 {
        let (settings, purposes) = (format!("s{at}/settings.purposes.yaml"), format!("s{at}/purposes.yaml"));
        let service = format!("version: 1\nservice: s{at}\n");
        repo.put(&[
            (
                &settings,
                &format!("{service}settings:\n  choice: {{default: {}}}\n", if at % 2 == 0 { "on" } else { "off" }),
            ),
            (
                &purposes,
                &format!(
                    "{service}purposes:\n  p:\n    use: train_ai_system\n    setting: choice\n    recipients: [host]\n"
                ),
            ),
        ]);
        files.extend([settings, purposes]);
    }
    repo.git(&["add", "."]);
    let findings = |args: &[&str]| -> BTreeSet<String> {
        let run = check_in(&repo.root, &[args, &["--format", "json"]].concat(), &[]);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        report["findings"].as_array().unwrap().iter().map(Value::to_string).collect()
    };
    for extra in [["--force-exclude"].as_slice(), &["--staged"]] {
        let whole = findings(extra);
        assert!(whole.len() > 1000 && whole.iter().any(|finding| finding.contains("`unused`")), "{}", whole.len());
        let mut union = BTreeSet::new();
        // every third, the last first: neighbours are apart, and nothing is in order
        for part in 0..3 {
            let named: Vec<&str> = files.iter().rev().skip(part).step_by(3).map(String::as_str).collect();
            assert!(named.len() >= 167);
            let found = findings(&[extra, &named].concat());
            assert!(found.len() < whole.len());
            union.extend(found);
        }
        assert_eq!(union, whole);
    }
}

#[test]
fn why_nothing_was_found_in_a_folder_is_said() {
    let repo = Repo::of(&[
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\n"),
        ("sub/purposes.yaml", &repaired("a")),
        ("svc/a/purposelint.yaml", "version: 1\n"),
        ("svc/b/purposelint.yaml", "version: 1\n"),
        ("empty/readme.md", ""),
        (".gitignore", "ign/\n"),
    ]);
    repo.put(&[("ign/deep/purposes.yaml", &flagged("b")), ("ign/deep/x.yaml", "")]);
    let ignored = "is not read, because an ignore file of the repository names it";
    let own = "nothing was checked in `svc`: `svc/a` and `svc/b` are workspaces of their own";
    for (line, code, parts) in [
        ("ign", 3, vec![format!("error: nothing was checked in `ign`: `ign/deep/purposes.yaml` {ignored}")]),
        ("./ign/deep", 3, vec![format!("`ign/deep/purposes.yaml` {ignored}"), "help: name the file itself".to_owned()]),
        ("svc", 3, vec![own.to_owned(), "help: run `purposelint check svc/a`".to_owned()]),
        ("--staged svc", 3, vec![own.to_owned()]),
        ("--allow-empty svc", 0, vec![format!("note: {own}")]),
        ("empty", 3, vec!["error: nothing was checked: no declarations in empty (".to_owned()]),
        ("sub empty", 3, vec!["error: nothing was checked in `empty`: no declarations in it (".to_owned()]),
        (
            "--staged sub empty",
            3,
            vec!["nothing was checked in `empty`: no declarations in git's index of it (".to_owned()],
        ),
        // what is named itself is read
        ("ign/deep/purposes.yaml", 1, vec!["ai-training-on-by-default".to_owned()]),
    ] {
        said(line, &repo.check(line), code, &parts.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let all = Repo::of(&[(".gitignore", "*.yaml\n")]);
    all.put(&[("a/purposes.yaml", &flagged("a"))]);
    said(
        "all",
        &all.check(""),
        3,
        &["no declarations in ROOT", "skipped: a/purposes.yaml: not read, because an ignore file"],
    );
    // what was said of an empty folder is not what is said of a full one
    let cache = tempfile::tempdir().unwrap();
    let kept =
        |line: &str| check_in(&repo.root, &[line], &[("PURPOSELINT_CACHE_DIR", &*cache.path().to_string_lossy())]);
    said("empty, kept", &kept("empty"), 3, &["no declarations in empty"]);
    repo.put(&[(".gitignore", "ign/\nempty/\n"), ("empty/purposes.yaml", &flagged("e"))]);
    said("ignored by now", &kept("empty"), 3, &[&format!("`empty/purposes.yaml` {ignored}")]);
}

#[test]
fn what_may_be_empty_is_let_through_and_said() {
    let empty = Repo::of(&[("readme.md", "")]);
    said("empty", &empty.check(""), 3, &["nothing was checked", "`purposelint init`", "`--allow-empty`"]);
    said("empty", &empty.check("--allow-empty"), 0, &["note: nothing was checked"]);
    said("empty", &empty.check("--staged --allow-empty"), 0, &["note: nothing was checked"]);
    // declarations to which no rule applies are another matter, and so is a config that makes no sense
    let idle = Repo::of(&[("purposes.yaml", &flagged("a")), ("purposelint.yaml", "packs: [core]\n")]);
    said("idle", &idle.check("--allow-empty"), 3, &["no rule applies"]);
    let wrong = Repo::of(&[("purposelint.yaml", "colour: x\n")]);
    said("wrong", &wrong.check("--allow-empty"), 2, &["unknown key `colour`"]);
}
