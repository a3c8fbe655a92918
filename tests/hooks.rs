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

use std::path::Path;
use std::process::Command;

use repository::{ALONE, Repo, Run, check_in, flagged, git_in, has_default, repaired, run_in, said};
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
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\nexclude: [out, far/off]\n"),
        ("out/deep/purposes.yaml", &repaired("a")),
        ("far/off/deep/purposes.yaml", &repaired("a")),
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
        ("out", 3, vec!["error: nothing was checked: no declarations in out (".to_owned()]),
        ("out/deep", 3, vec!["no declarations in out/deep (".to_owned(), "leaves them out".to_owned()]),
        ("far", 3, vec!["no declarations in far (".to_owned()]),
        ("far/off/deep", 3, vec!["no declarations in far/off/deep (".to_owned()]),
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

/// What git runs before a commit says, in a folder below the top; the commit is not made.
fn as_hook(top: &Path, below: &str, line: &str, commit: &[&str]) -> Run {
    let hook = git_in(top, &["rev-parse", "--path-format=absolute", "--git-path", "hooks/pre-commit"]);
    let hook = Path::new(hook.trim());
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let program = env!("CARGO_BIN_EXE_purposelint");
    let text = format!(
        "#!/bin/sh\ncd './{below}' || exit 9\n'{program}' {line} --as-of 2026-11-21 >'{0}.out' 2>'{0}.err'\necho $? >'{0}.code'\nexit 1\n",
        hook.display()
    );
    fs::write(hook, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut git = Command::new("git");
    git.arg("-C").arg(top).args(commit).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    assert!(!git.envs(ALONE).output().unwrap().status.success(), "{commit:?}");
    let read = |what: &str| fs::read_to_string(format!("{}.{what}", hook.display())).unwrap();
    Run { code: read("code").trim().parse().unwrap(), out: read("out"), err: read("err") }
}

#[cfg(unix)]
#[test]
fn hooks_judge_what_is_committed_wherever_they_change_to() {
    let lawless = "version: 1\npacks: [core, fair-defaults]\n";
    let repo = Repo::of(&[
        ("purposelint.yaml", lawless),
        ("purposes.yaml", &repaired("top")),
        ("svc/purposelint.yaml", lawless),
        ("svc/purposes.yaml", &repaired("svc")),
        ("svc/.gitignore", "kept/\n"),
    ]);
    repo.put(&[("svc/kept/purposes.yaml", &flagged("kept"))]);
    repo.git(&["add", "-f", "svc/kept/purposes.yaml"]);
    repo.commit();
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path().canonicalize().unwrap();
    let tree = outside.join("tree");
    repo.git(&["worktree", "add", "-q", "-b", "side", &tree.to_string_lossy()]);
    let url = format!("file://{}", repo.root.display());
    let outer = Repo::new();
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "sub"]);
    for top in [&repo.root, &tree, &outer.root.join("sub")] {
        fs::write(top.join("svc/purposes.yaml"), flagged("svc")).unwrap();
        for (commit, staged) in [
            (["commit", "-qam", "x"].as_slice(), false),
            (&["commit", "-qm", "x", "svc/purposes.yaml"], false),
            (&["commit", "-qm", "x"], true),
        ] {
            if staged {
                git_in(top, &["add", "svc/purposes.yaml"]);
            }
            let what = |line: &str| format!("{}: {commit:?}: {line}", top.display());
            for (line, parts) in [
                ("diff --hook --allow-empty", ["svc", "on by default"].as_slice()),
                ("check --staged -q --format concise", &["\npurposes.yaml:6", "kept/purposes.yaml:6"]),
                ("check --staged -q --format concise purposes.yaml", &["purposes.yaml:6"]),
                ("check -q --format concise", &["kept/purposes.yaml:6"]),
            ] {
                let run = as_hook(top, "svc", line, commit);
                let run = Run { out: format!("\n{}", run.out), ..run };
                said(&what(line), &run, 1, parts);
                assert!(!run.out.contains("top"), "{}: {}", what(line), run.out);
            }
            // known before is what the workspace had at that revision, not what its folder had from the top
            let run = as_hook(top, "svc", "check --staged --since HEAD --format concise", commit);
            said(&what("--since"), &run, 1, &["purposes.yaml:6"]);
            assert!(!run.out.contains("kept/purposes.yaml:6"), "{}: {}", what("--since"), run.out);
            // the top is a workspace of its own, in which nothing has changed
            for line in ["diff --hook", "check --staged"] {
                said(&what(line), &as_hook(top, ".", line, commit), 0, &["skipped svc: a workspace of its own"]);
            }
        }
    }
}

#[test]
fn variables_of_git_that_contradict_the_folder_are_refused() {
    let lawless = ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\n");
    let repo = Repo::of(&[lawless, ("svc/purposes.yaml", &flagged("a"))]);
    let other = Repo::of(&[lawless, ("purposes.yaml", &repaired("b"))]);
    let place = |repo: &Repo, path: &str| repo.root.join(path).to_string_lossy().into_owned();
    let (own, theirs) = (place(&repo, ".git"), place(&other, ".git"));
    let (top, index, free) = (place(&repo, ""), place(&other, ".git/index"), place(&other, "index"));
    fs::copy(repo.root.join(".git/index"), other.root.join("index")).unwrap();
    let lines = ["check --staged", "check --since HEAD", "diff HEAD", "diff --hook", "log ads"];
    for (variables, part) in [
        (vec![("GIT_DIR", &*theirs)], "and `GIT_DIR` names another one"),
        (vec![("GIT_DIR", &theirs), ("GIT_WORK_TREE", &top)], "and `GIT_DIR` names another one"),
        (vec![("GIT_DIR", "/nonexistent")], "and `GIT_DIR` names no repository"),
        (vec![("GIT_INDEX_FILE", &index)], "and `GIT_INDEX_FILE` names the index of another one"),
    ] {
        for (line, folder) in lines.iter().flat_map(|line| [(line, ""), (line, "svc")]) {
            let args: Vec<&str> = line.split(' ').collect();
            let run = run_in(&repo.root.join(folder), &args, &variables);
            said(
                &format!("{line} {folder} {variables:?}"),
                &run,
                2,
                &["the folder is in the repository `", part, "`env -u GIT_DIR"],
            );
        }
    }
    // as the hook of the repository around a submodule has it
    let outer = Repo::new();
    let url = format!("file://{}", repo.root.display());
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "sub"]);
    let run = check_in(&outer.root.join("sub"), &["--staged"], &[("GIT_INDEX_FILE", ".git/index")]);
    said("submodule", &run, 2, &["and `GIT_INDEX_FILE` names no index of it, `ROOT/.git/index`"]);
    for variables in [
        vec![("GIT_DIR", &*own)],
        vec![("GIT_DIR", "../.git")],
        vec![("GIT_DIR", ".git"), ("GIT_WORK_TREE", ".")],
        vec![("GIT_DIR", &own), ("GIT_WORK_TREE", &top), ("GIT_INDEX_FILE", ".git/index")],
        vec![("GIT_INDEX_FILE", &free)],
    ] {
        let run = run_in(&repo.root.join("svc"), &["check", "--staged"], &variables);
        said(&format!("{variables:?}"), &run, 1, &["svc/purposes.yaml:6:"]);
    }
}

#[test]
fn a_repository_that_only_variables_name_is_read() {
    let keep = tempfile::tempdir().unwrap();
    let home = keep.path().canonicalize().unwrap().join("home");
    let git_dir = home.with_file_name("home.git");
    let (bare, top) = (git_dir.to_string_lossy().into_owned(), home.to_string_lossy().into_owned());
    fs::create_dir_all(home.join("svc/kept")).unwrap();
    git_in(keep.path(), &["init", "-q", "--bare", "home.git"]);
    for (path, text) in [
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\n"),
        ("svc/.gitignore", "kept\n"),
        ("svc/purposes.yaml", &*repaired("a")),
        ("svc/kept/purposes.yaml", &*flagged("b")),
    ] {
        fs::write(home.join(path), text).unwrap();
    }
    git_in(&home, &["--git-dir", &bare, "--work-tree", ".", "add", "-f", "."]);
    let (named, here) =
        ([("GIT_DIR", &*bare), ("GIT_WORK_TREE", &*top)], [("GIT_DIR", &*bare), ("GIT_WORK_TREE", ".")]);
    for (folder, variables, parts) in [
        ("", named, ["svc/kept/purposes.yaml:6:"].as_slice()),
        ("svc", named, &["svc/kept/purposes.yaml:6:"]),
        ("", here, &["svc/kept/purposes.yaml:6:"]),
        // nobody knows where the files are, once somebody has changed the folder
        ("svc", here, &["most of whose files are not in `ROOT`", "set `GIT_WORK_TREE`"]),
    ] {
        for line in ["", "--staged"] {
            let what = format!("{folder} {line} {variables:?}");
            let code = if parts.len() == 1 { 1 } else { 2 };
            let args: Vec<&str> = line.split_whitespace().collect();
            said(&what, &check_in(&home.join(folder), &args, &variables), code, parts);
        }
    }
}
