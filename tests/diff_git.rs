//! `diff` in git's corners: the right answer or a clear error, never a silent pass.

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
use std::process::Command;

use repository::{ALONE, Repo, Run, git_in, run_in, said};

const CONFIG: &str = "version: 1\npacks: [core]\n";

fn off(service: &str) -> String {
    format!(
        "version: 1\nservice: {service}\nregions: [FR, US]\npurposes:\n  ads:\n    use: show_ads\n    setting: {{default: off}}\n"
    )
}

fn on(service: &str) -> String {
    off(service).replace("default: off", "default: on")
}

/// A repository with a config and one service, with what others may be compared with on `main`.
fn repo() -> Repo {
    Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &off("a"))])
}

fn diff_in(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Run {
    let args: Vec<&str> = line.split_whitespace().collect();
    run_in(folder, &[&["diff", "--format", "concise", "--as-of", "2026-11-21"], args.as_slice()].concat(), variables)
}

fn diff(repo: &Repo, line: &str) -> Run {
    diff_in(&repo.root, line, &[])
}

const WORSE: &[&str] = &["core/weakened", "is on by default"];

#[track_caller]
fn passes(what: &str, run: &Run) {
    said(what, run, 0, &[]);
    assert!(!run.out.contains("core/"), "{what}: {}", run.out);
}

#[test]
fn worktrees_and_submodules_are_repositories_like_others() {
    let repo = repo();
    let other = tempfile::tempdir().unwrap();
    let tree = other.path().join("tree");
    repo.git(&["worktree", "add", "-q", "-b", "side", &tree.to_string_lossy()]);
    fs::write(tree.join("purposes.yaml"), on("a")).unwrap();
    said("worktree", &diff_in(&tree, "main", &[]), 1, WORSE);
    passes("the main one", &diff(&repo, "side"));

    let outer = Repo::new();
    outer.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        &format!("file://{}", repo.root.display()),
        "sub",
    ]);
    outer.commit();
    let sub = outer.root.join("sub");
    passes("submodule, the same", &diff_in(&sub, "HEAD", &[]));
    fs::write(sub.join("purposes.yaml"), on("a")).unwrap();
    said("inside", &diff_in(&sub, "HEAD", &[]), 1, WORSE);
    // from outside nothing of it is read, and that is said
    said("outside", &diff(&outer, "HEAD --against HEAD"), 3, &["nothing was compared"]);
}

#[test]
fn files_move_and_go() {
    let repo = repo();
    fs::create_dir(repo.root.join("x")).unwrap();
    repo.git(&["mv", "purposes.yaml", "x/a.purposes.yaml"]);
    for line in ["HEAD", "HEAD --against index"] {
        passes("moved", &diff(&repo, line));
    }
    repo.put(&[("x/a.purposes.yaml", &on("a"))]);
    said("moved and changed", &diff(&repo, "HEAD"), 1, WORSE);
    // the same text, split over files and put together
    let split = off("a").replace("default: off", "default: on");
    let (head, rest) = split.split_once("purposes:").unwrap();
    repo.put(&[
        ("x/a.purposes.yaml", &format!("{head}purposes:{rest}").replace("{default: on}", "choice")),
        (
            "y.purposes.yaml",
            &format!("{}settings:\n  choice: {{default: off}}\n", head.replace("regions: [FR, US]\n", "")),
        ),
    ]);
    passes("split", &diff(&repo, "HEAD"));
    fs::remove_file(repo.root.join("y.purposes.yaml")).unwrap();
    fs::remove_file(repo.root.join("x/a.purposes.yaml")).unwrap();
    let run = run_in(&repo.root, &["diff", "HEAD"], &[]);
    said("deleted", &run, 3, &["it is no longer declared for them", "no declarations any longer"]);
    // what a checkout makes of line breaks is no change
    repo.put(&[("purposes.yaml", &off("a").replace('\n', "\r\n"))]);
    passes("CRLF", &diff(&repo, "HEAD"));
    repo.put(&[("purposes.yaml", &on("a").replace('\n', "\r\n"))]);
    said("CRLF and worse", &diff(&repo, "HEAD"), 1, WORSE);
}

#[test]
fn a_base_that_cannot_be_read_is_named_with_its_revision() {
    let broken = "version: 1\nservice: a\npurposes: {ads: [\n";
    for (path, text, parts) in [
        ("purposes.yaml", broken, &["HEAD:purposes.yaml", "not everything could be judged"][..]),
        ("purposelint.yaml", "version: 1\npacks: 7\n", &["HEAD:purposelint.yaml:2"][..]),
        (
            "purposelint.yaml",
            "version: 1\nextends: [gone.yaml]\n",
            &["HEAD:purposelint.yaml:2", "`gone.yaml` does not exist"],
        ),
        ("purposes.yaml", "version: 9\nservice: a\n", &["HEAD:purposes.yaml", "this declaration has version 9"]),
        (
            "purposes.yaml",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            &["HEAD:purposes.yaml", "kept in Git LFS"],
        ),
    ] {
        let repo = repo();
        repo.put(&[(path, text)]);
        repo.commit();
        repo.put(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &off("a"))]);
        said(text, &diff(&repo, "HEAD"), 2, parts);
        // and the other way round
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", "sound"]);
        let run = diff(&repo, "HEAD --exact --against HEAD~1");
        said(text, &run, 2, &[&parts[0]["HEAD:".len()..]]);
    }
    // a name of several words does not stand in front of a path
    let repo = repo();
    repo.put(&[("purposes.yaml", broken)]);
    repo.commit();
    repo.git(&["branch", "old"]);
    repo.put(&[("purposes.yaml", &off("a"))]);
    repo.git(&["checkout", "-q", "-b", "side", "main"]);
    repo.put(&[("purposes.yaml", &off("a"))]);
    repo.commit();
    repo.git(&["checkout", "-q", "old"]);
    repo.put(&[("x", "")]);
    repo.commit();
    repo.git(&["checkout", "-q", "side"]);
    let parted = repo.git(&["rev-parse", "--short=7", "main"]);
    said("parted", &diff(&repo, "old"), 2, &[&format!("error: {}:purposes.yaml", parted.trim())]);
}

#[test]
fn what_cannot_be_compared_is_no_clean_comparison() {
    // broken on both sides, letter by letter or not, beside a service that changes or not
    let broken = "version: 1\nservice: b\npurposes: {ads: [\n";
    let homeless = "version: 1\npurposes:\n  ads: {use: analytics, setting: none}\n";
    for (text, part) in [
        (broken, "error: b.purposes.yaml: could not be read whole: line 3: "),
        (homeless, "error: b.purposes.yaml: `service` is missing beside its purposes"),
        ("version: 9\nservice: b\n", "error: b.purposes.yaml: this declaration has version 9"),
    ] {
        let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &off("a")), ("b.purposes.yaml", text)]);
        for (path, now) in
            [("x", String::new()), ("purposes.yaml", on("a")), ("b.purposes.yaml", format!("# x\n{text}"))]
        {
            repo.put(&[(path, &now)]);
            let part = if path.starts_with('b') { part.replace("line 3", "line 4") } else { part.to_owned() };
            said(path, &diff(&repo, "HEAD"), 2, &[&part, "not everything could be judged"]);
        }
    }
    // what is left out while a file is read
    let base = off("a").replace("show_ads", "analytics");
    for (more, part) in [
        ("purposes:\n  t: {use: train_ai_system, setting: {default: on}}\n", "line 8: "),
        ("purpose:\n  t: {use: train_ai_system, setting: {default: on}}\n", "line 8: unknown key `purpose`"),
        ("settings:\n  s: {default: off}\n  s: {default: on}\n", "line 10: "),
        ("  t: {use: analytics, setting: {default: off, overrides: {regions: [US], default: on}}}\n", "line 8: "),
        (
            "  t: {use: analytics, setting: {default: off, overrides: [{regions: [NOWHERE], default: on}]}}\n",
            "line 8: ",
        ),
        ("  t: {use: analytics, carried_out: off, setting: {default: on}}\n", "line 8: "),
    ] {
        let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &base)]);
        repo.put(&[("purposes.yaml", &format!("{base}{more}"))]);
        said(more, &diff(&repo, "HEAD"), 2, &[&format!("error: purposes.yaml: not all of it was compared: {part}")]);
        repo.commit();
        repo.put(&[("purposes.yaml", &base)]);
        said(more, &diff(&repo, "HEAD"), 2, &["error: HEAD:purposes.yaml: not all of it was compared: "]);
    }
    // what two files of a service say, of which only the first counts
    for (more, part) in [
        ("purposes:\n  ads: {use: analytics, setting: {default: on}}\n", "purpose `ads` is declared twice"),
        ("ages: 13+\n", "`ages` stands in two files"),
        ("regions: [NOWHERE]\n", "`regions` stands in two files"),
    ] {
        let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &format!("{base}ages: 18+\n"))]);
        repo.put(&[("x.purposes.yaml", &format!("version: 1\nservice: a\n{more}"))]);
        said(more, &diff(&repo, "HEAD"), 2, &["x.purposes.yaml: not all of it was compared: line ", part]);
    }
}

#[test]
fn a_report_without_a_place_for_it_has_what_was_skipped_beside_it() {
    let repo = Repo::of(&[
        ("purposelint.yaml", CONFIG),
        ("purposes.yaml", &off("a")),
        ("own/purposelint.yaml", CONFIG),
        ("own/purposes.yaml", &off("own")),
    ]);
    repo.put(&[("purposes.yaml", &off("b"))]);
    for (format, beside) in [("concise", true), ("gitlab", true), ("human", false), ("json", false)] {
        let run = run_in(&repo.root, &["diff", "HEAD", "--format", format], &[]);
        assert_eq!(
            run.err.contains("skipped: own: a workspace of its own"),
            beside,
            "{format}: {}{}",
            run.out,
            run.err
        );
        assert!(beside || run.out.contains("a workspace of its own"), "{format}: {}", run.out);
        assert!(format!("{}{}", run.out, run.err).contains("service `b`"), "{format}: {}{}", run.out, run.err);
    }
}

#[test]
fn histories_that_do_not_meet() {
    let other = repo();
    other.git(&["checkout", "-q", "--orphan", "orphan"]);
    other.put(&[("purposes.yaml", &on("a"))]);
    other.commit();
    said(
        "unrelated",
        &diff(&other, "main"),
        2,
        &["`main` and `HEAD` have no commit in common", "`purposelint diff --exact` compares with `main` itself"],
    );
    said("exact", &diff(&other, "main --exact"), 1, WORSE);
    // a folder of that name is not what was meant
    fs::create_dir(other.root.join("main")).unwrap();
    said("a folder", &diff(&other, "main"), 2, &["have no commit in common"]);

    let origin = repo();
    for at in 0..3 {
        origin.put(&[("x", &at.to_string())]);
        origin.commit();
    }
    origin.git(&["checkout", "-q", "-b", "side", "HEAD~3"]);
    origin.put(&[("purposes.yaml", &on("a"))]);
    origin.commit();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.root.display());
    git_in(folder.path(), &["clone", "-q", "--depth", "1", "--no-single-branch", &url, "shallow"]);
    let shallow = folder.path().join("shallow");
    said(
        "shallow",
        &diff_in(&shallow, "origin/main", &[]),
        2,
        &["`origin/main` and `HEAD` have no commit in common", "git fetch --unshallow", "fetch-depth: 0"],
    );
    git_in(folder.path(), &["clone", "-q", "--bare", &url, "bare"]);
    let bare = folder.path().join("bare");
    // `HEAD` is a file there as well, and no archive
    for (folder, line) in [(&bare, "main"), (&bare, "HEAD"), (&bare, "--hook"), (&origin.root.join(".git"), "HEAD")] {
        let parts = ["is in a git repository without a working tree", "`git worktree add FOLDER` makes one"];
        said(line, &diff_in(folder, line, &[]), 2, &parts);
    }
}

#[test]
fn before_the_first_commit() {
    let unborn = Repo::new();
    unborn.put(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &on("a"))]);
    for line in ["HEAD", "main", "HEAD --against index"] {
        said(line, &diff(&unborn, line), 2, &["nothing was committed here yet", "commit something first"]);
    }
    said("nothing staged", &diff(&unborn, "--hook"), 3, &["neither HEAD (no commit yet) nor this state"]);
    said("an empty one", &diff(&unborn, "--hook --allow-empty"), 0, &["note: nothing was compared"]);
    // the first commit of a repository, and of a branch that comes from nowhere
    unborn.git(&["add", "."]);
    let orphan = repo();
    orphan.git(&["checkout", "-q", "--orphan", "other"]);
    orphan.put(&[("purposes.yaml", &on("a"))]);
    orphan.git(&["add", "."]);
    for repo in [&unborn, &orphan] {
        said(
            "hook",
            &diff(repo, "--hook"),
            1,
            &["HEAD (no commit yet) has no declarations, so everything is new", WORSE[0]],
        );
        repo.put(&[("purposes.yaml", &off("a"))]);
        repo.git(&["add", "."]);
        said("off", &diff(repo, "--hook"), 0, &["everything is new"]);
        said("named", &diff(repo, "HEAD"), 2, &["nothing was committed here yet"]);
        said("since", &repo.check("--since HEAD"), 1, &["no commit yet, so every finding counts as new"]);
    }
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_not_gone() {
    let repo = Repo::of(&[
        ("purposelint.yaml", "version: 1\npacks: [core]\ninclude: [privacy/*.yaml]\n"),
        ("a/purposes.yaml", &off("a")),
        ("b/purposes.yaml", &off("b")),
        ("b/own/purposelint.yaml", CONFIG),
        ("b/own/purposes.yaml", &off("own")),
        ("privacy/c.yaml", &off("c")),
    ]);
    for set in [["sparse-checkout", "set", "a"], ["sparse-checkout", "set", "--sparse-index"]] {
        repo.git(&set);
        assert!(!repo.root.join("b").exists() && !repo.root.join("privacy").exists());
        for line in ["HEAD", "HEAD --against index", "--hook"] {
            passes("sparse", &diff(&repo, line));
        }
    }
    repo.git(&["sparse-checkout", "set", "a"]);
    repo.put(&[("a/purposes.yaml", &on("a"))]);
    let run = diff(&repo, "HEAD");
    said("what is there", &run, 1, WORSE);
    assert!(!run.out.contains("core/unclear") && run.out.lines().count() == 1, "{}", run.out);
    // one that is put there is what counts, and one that is taken out of the index is gone
    repo.put(&[("a/purposes.yaml", &off("a")), ("b/purposes.yaml", &on("b"))]);
    said("put there", &diff(&repo, "HEAD"), 1, &["b/purposes.yaml", WORSE[0]]);
    fs::remove_dir_all(repo.root.join("b")).unwrap();
    repo.git(&["update-index", "--force-remove", "privacy/c.yaml"]);
    let run = run_in(&repo.root, &["diff", "HEAD"], &[]);
    assert!(run.out.contains("privacy/c.yaml") && !run.out.contains("b/"), "{}{}", run.out, run.err);
}

#[test]
fn what_is_compared_can_be_named() {
    let repo = repo();
    repo.put(&[("purposes.yaml", &on("a"))]);
    repo.commit();
    repo.git(&["tag", "v2"]);
    repo.put(&[("purposes.yaml", &off("a"))]);
    passes("tree", &diff(&repo, "v2~1"));
    said("index", &diff(&repo, "v2~1 --against index"), 1, WORSE);
    said("revision", &diff(&repo, "v2~1 --against v2"), 1, WORSE);
    passes("the other way", &diff(&repo, "v2 --exact --against v2~1"));
    passes("where they part", &diff(&repo, "v2 --against v2~1"));
    said("unknown", &diff(&repo, "v2 --against v3"), 2, &["there is no revision `v3`", "did you mean `v2`?"]);
    said("nowhere", &diff(&repo, "somewhere"), 2, &["no revision `somewhere`, and no folder or archive of that name"]);
    said("no path", &diff(&repo, "./release-1.4"), 2, &["`./release-1.4` does not exist", "paths count from"]);
    for line in ["v2..v2~1", "--against=v2", "HEAD:purposes.yaml"] {
        assert_eq!(diff(&repo, line).code, 2, "{line}");
    }
    // a merge that stopped
    repo.commit();
    repo.git(&["checkout", "-q", "-b", "side", "v2"]);
    repo.put(&[("purposes.yaml", &off("a").replace("off", "ask"))]);
    repo.commit();
    let merge = Command::new("git").args(["merge", "-q", "main"]).current_dir(&repo.root).envs(ALONE).output().unwrap();
    assert!(!merge.status.success());
    said("conflict", &diff(&repo, "v2 --against index"), 2, &["purposes.yaml", "has a merge conflict in git's index"]);
    assert_eq!(diff(&repo, "v2").code, 2);
}

#[test]
fn a_workspace_in_a_folder() {
    let repo = Repo::of(&[("x", ""), ("outer/purposes.yaml", &off("outer"))]);
    repo.put(&[("svc/purposelint.yaml", CONFIG), ("svc/purposes.yaml", &on("a"))]);
    let svc = repo.root.join("svc");
    let run = diff_in(&svc, "HEAD", &[]);
    said("new folder", &run, 1, &["HEAD has no declarations, so everything is new", "core/weakened"]);
    assert!(!run.out.contains("outer"), "{}", run.out);
    repo.commit();
    repo.put(&[("svc/purposes.yaml", &off("a"))]);
    passes("better", &diff_in(&svc, "HEAD", &[]));
    said("the outer one does not read it", &diff(&repo, "HEAD --against index"), 0, &[]);
    // the config goes: then the workspace is the repository, and what was one of its own is new
    fs::remove_file(svc.join("purposelint.yaml")).unwrap();
    repo.put(&[("svc/purposes.yaml", &on("a"))]);
    let run = diff_in(&svc, "HEAD --fail-on warning", &[]);
    said("config gone", &run, 1, &["core/weakened", "svc/purposes.yaml"]);
    // the folder becomes a workspace of its own: the outer one no longer reads it
    let repo =
        Repo::of(&[("purposelint.yaml", CONFIG), ("svc/purposes.yaml", &off("a")), ("purposes.yaml", &off("b"))]);
    repo.put(&[("svc/purposelint.yaml", CONFIG), ("svc/purposes.yaml", &on("a"))]);
    let run = diff(&repo, "HEAD --fail-on warning");
    said("nested", &run, 1, &["core/unclear-change", "its file is still there, and is no longer read"]);
    said("by itself", &diff_in(&repo.root.join("svc"), "HEAD", &[]), 1, WORSE);
}

#[test]
fn a_config_that_changes_hides_nothing() {
    let repo = repo();
    repo.put(&[("b.purposes.yaml", &off("b")), ("c/purposes.yaml", &off("c"))]);
    repo.commit();
    repo.put(&[("c/purposes.yaml", &on("c"))]);
    for exclude in ["c", "c/**", "'**/c/*.yaml'", "c/purposes.yaml"] {
        repo.put(&[("purposelint.yaml", &format!("{CONFIG}exclude: [{exclude}]\n"))]);
        for line in ["HEAD", "HEAD --against index"] {
            repo.git(&["add", "-A"]);
            let run = diff(&repo, &format!("{line} --fail-on warning"));
            said(exclude, &run, 1, &["core/unclear-change", "its file is still there, and is no longer read"]);
        }
    }
    // all of them: a gate that reads nothing is not green
    repo.put(&[("purposelint.yaml", &format!("{CONFIG}exclude: ['**']\n"))]);
    said("all", &diff(&repo, "HEAD --fail-on warning"), 1, &["core/unclear-change"]);
}

#[test]
fn what_moves_to_where_nobody_reads_it_is_not_gone() {
    let two = [
        ("purposelint.yaml", CONFIG),
        ("a/purposes.yaml", &*off("a")),
        ("b/purposes.yaml", &*off("b")),
        ("own/purposelint.yaml", CONFIG),
        (".gitignore", "out\n"),
    ];
    for (to, text, unclear) in [
        ("a/purpose.yaml", on("a"), true),
        ("a/purpose.yaml", off("a"), true),
        ("old/x.yml", format!("{}# rewritten\n", on("a")), true),
        // in a workspace of its own, and where an ignore file leaves it out: then git does not have it either
        ("own/purposes.yaml", on("a"), true),
        ("out/purposes.yaml", on("a"), true),
        // another service, no declaration at all, and one that is read
        ("a/purpose.yaml", on("c"), false),
        ("a/chart.yaml", "service: a\nimage: x\n".to_owned(), false),
        ("c/purposes.yaml", off("a"), false),
    ] {
        let repo = Repo::of(&two);
        fs::create_dir_all(repo.root.join(to).parent().unwrap()).unwrap();
        repo.git(&["mv", "a/purposes.yaml", to]);
        repo.put(&[(to, &text)]);
        let mut runs = vec![diff(&repo, "HEAD --fail-on warning")];
        repo.git(&["add", "-A"]);
        if to.starts_with("out") {
            repo.git(&["rm", "-q", "--cached", to]);
            runs = vec![diff(&repo, "HEAD --fail-on warning")];
        } else {
            runs.push(diff(&repo, "--hook --fail-on warning"));
        }
        for run in runs {
            let reason = format!("`{to}` still says `service: a`, and is not read");
            assert_eq!(run.out.contains("core/unclear-change"), unclear, "{to}: {}{}", run.out, run.err);
            assert_eq!(run.out.contains(&reason), unclear, "{to}: {}{}", run.out, run.err);
            assert_eq!(run.code, i32::from(unclear), "{to}: {}{}", run.out, run.err);
        }
        for line in ["", "--staged"] {
            let said = repo.check(line).out.contains(&format!("skipped {to}: would be read as purposes.yaml"));
            assert_eq!(said, to == "a/purpose.yaml", "{to} {line}");
        }
    }
}

#[test]
fn groups_are_those_of_each_side() {
    let grouped = off("a").replace("{default: off}", "{default: on, overrides: [{regions: [SAFE], default: off}]}");
    let groups = |members: &str| format!("{CONFIG}groups:\n  SAFE: [{members}]\n");
    let repo = Repo::of(&[("purposelint.yaml", &groups("FR, US")), ("purposes.yaml", &grouped)]);
    repo.put(&[("purposelint.yaml", &groups("FR"))]);
    said("narrower", &diff(&repo, "HEAD"), 1, &["core/weakened", "is on by default for US;"]);
    repo.put(&[("purposelint.yaml", &format!("# the same\n{}", groups("US, FR")))]);
    passes("the same", &diff(&repo, "HEAD"));

    // groups that a pack adds are there on both sides, whatever the config adds beside them
    let pack = [
        ("rules/own/pack.yaml", "version: \"1.0.0\"\nneeds: \"0.1.0\"\ntitle: Own groups\n"),
        ("rules/own/groups.yaml", "version: 1\ngroups:\n  OURS: [FR, US]\n"),
    ];
    let ours = grouped.replace("SAFE", "OURS");
    let config = |more: &str| format!("version: 1\npacks: [core, ./rules/own]\n{more}");
    let repo = Repo::of(&[("purposelint.yaml", &config("")), ("purposes.yaml", &ours), pack[0], pack[1]]);
    passes("pack", &diff(&repo, "HEAD"));
    repo.put(&[
        ("purposelint.yaml", &config("groups:\n  MORE: [US, FR]\n")),
        ("purposes.yaml", &format!("{ours}# x\n")),
    ]);
    passes("pack and config", &diff(&repo, "HEAD"));
}

#[test]
fn a_service_under_another_name_is_said_to_be_new() {
    let repo = repo();
    repo.put(&[("purposes.yaml", &off("b"))]);
    let run = run_in(&repo.root, &["diff", "HEAD", "--format", "json"], &[]);
    said("renamed", &run, 0, &["service `b`", "has the purposes of `a`, which is gone; if it was renamed"]);
    said("human", &run_in(&repo.root, &["diff", "HEAD"], &[]), 0, &["has the purposes of `a`"]);
}

#[test]
fn hooks_of_git_set_variables() {
    let repo = repo();
    repo.put(&[("purposes.yaml", &on("a"))]);
    repo.git(&["add", "-A"]);
    let git_dir = repo.root.join(".git");
    let index = git_dir.join("index");
    let variables = [("GIT_DIR", &*git_dir.to_string_lossy()), ("GIT_INDEX_FILE", &*index.to_string_lossy())];
    said("hook", &diff_in(&repo.root, "HEAD --against index", &variables), 1, WORSE);
    // what pre-commit and prek set before a push, and with `--from-ref` and `--to-ref`
    repo.commit();
    said("nothing staged", &diff(&repo, "--hook"), 0, &[]);
    let pushed = |from: &str, to: &str| {
        diff_in(&repo.root, "--hook", &[("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", to)])
    };
    said("pushed", &pushed("HEAD~1", "HEAD"), 1, WORSE);
    passes("pushed back", &pushed("HEAD", "HEAD"));
    said("gone", &pushed("0123456789012345678901234567890123456789", "HEAD"), 2, &["there is no revision"]);
    repo.put(&[("purposes.yaml", &off("a"))]);
    repo.commit();
    repo.put(&[("purposes.yaml", &on("a"))]);
    said("not staged", &diff(&repo, "--hook"), 0, &[]);
    repo.git(&["add", "-A"]);
    said("staged", &diff(&repo, "--hook"), 1, WORSE);
    for line in ["--hook HEAD", "--hook --against HEAD", ""] {
        assert_eq!(diff(&repo, line).code, 2, "{line}");
    }
}

#[test]
fn a_folder_can_stand_for_the_base() {
    let repo = repo();
    let other = tempfile::tempdir().unwrap();
    let old = other.path().canonicalize().unwrap();
    fs::write(old.join("purposes.yaml"), off("a")).unwrap();
    repo.put(&[("purposes.yaml", &on("a"))]);
    said("folder", &diff(&repo, &old.to_string_lossy()), 1, WORSE);
    fs::write(old.join("purposelint.yaml"), "version: 1\nnonsense: 1\n").unwrap();
    said(
        "its config counts",
        &diff(&repo, &old.to_string_lossy()),
        2,
        &["unknown key `nonsense`", "purposelint.yaml:2"],
    );
    fs::remove_file(old.join("purposelint.yaml")).unwrap();
    // neither side in a repository
    let third = tempfile::tempdir().unwrap();
    fs::write(third.path().join("purposes.yaml"), on("a")).unwrap();
    said("no repository", &diff_in(third.path(), &old.to_string_lossy(), &[]), 1, WORSE);
    said("no git", &diff_in(third.path(), "HEAD", &[]), 2, &["is not in a git repository"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_workspace() {
    let repo = repo();
    fs::rename(repo.root.join("purposes.yaml"), repo.root.join("real.yml")).unwrap();
    std::os::unix::fs::symlink("real.yml", repo.root.join("purposes.yaml")).unwrap();
    passes("a link in place of the file", &diff(&repo, "HEAD"));
    repo.commit();
    passes("both linked", &diff(&repo, "HEAD"));
    repo.put(&[("real.yml", &on("a"))]);
    said("what it leads to", &diff(&repo, "HEAD"), 1, WORSE);
    fs::remove_file(repo.root.join("purposes.yaml")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", repo.root.join("purposes.yaml")).unwrap();
    let run = diff(&repo, "HEAD --fail-on warning");
    assert_ne!(run.code, 0, "{}{}", run.out, run.err);
}
