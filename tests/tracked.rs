//! What a repository has that a walk over the disk does not meet, and what it does not have although a walk meets it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

#[cfg(unix)]
use std::fs;

use repository::{Repo, check_in, flagged, git_in, has_default, repaired, said};

#[test]
fn a_tracked_file_counts_although_it_is_ignored() {
    let repo = Repo::of(&[("purposes.yaml", &repaired("a")), ("feed/purposes.yaml", &flagged("f"))]);
    repo.put(&[(".gitignore", "feed/\n")]);
    for line in ["", "--staged"] {
        assert!(has_default(&repo.open(line), "f"), "{line}");
    }
    repo.put(&[("untracked/purposes.yaml", &flagged("u")), (".gitignore", "feed/\nuntracked/\n")]);
    assert!(!has_default(&repo.open(""), "u"));
    // nobody knows of them where git does not say
    let foreign = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    said("foreign", &check_in(&repo.root, &[], &foreign), 2, &["git does not trust", "safe.directory 'ROOT'"]);
    said("without git", &check_in(&repo.root, &[], &[("PATH", "/nonexistent")]), 1, &[]);
}

/// A green run over a part of a repository would be taken for one over all of it.
#[test]
fn what_a_sparse_checkout_leaves_out_is_named() {
    let repo = Repo::of(&[
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults]\nexclude: [c]\n"),
        ("a/purposes.yaml", &repaired("a")),
        ("b/purposes.yaml", &flagged("b")),
        ("b/notes.txt", "no declaration"),
        ("c/purposes.yaml", &flagged("c")),
    ]);
    let aside = tempfile::tempdir().unwrap();
    let linked = aside.path().join("linked");
    repo.git(&["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap()]);
    let whole = repo.check("");
    assert!(!whole.out.contains("not checked out"), "{}", whole.out);
    for (root, set) in [
        (&repo.root, ["sparse-checkout", "set", "a"].as_slice()),
        (&repo.root, &["sparse-checkout", "set", "--sparse-index", "a"]),
        (&linked, &["sparse-checkout", "set", "a"]),
    ] {
        git_in(root, set);
        assert!(root.join("a/purposes.yaml").exists() && !root.join("b").exists());
        let run = check_in(root, &[], &[]);
        let out = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = "skipped b/purposes.yaml: not read, because it is not checked out";
        assert!(out.contains(told), "{}: {}{}", root.display(), run.out, run.err);
        assert!(!out.contains("notes.txt") && !out.contains("c/purposes.yaml:"), "{out}");
    }
    // the index has all of it, and what somebody puts there is read
    let staged = repo.check("--staged");
    assert!(!staged.out.contains("not checked out"), "{}", staged.out);
    repo.put(&[("b/purposes.yaml", &flagged("b"))]);
    let run = repo.check("");
    assert!(!run.out.contains("not checked out") && run.out.contains("checked 2 files"), "{}{}", run.out, run.err);

    // nobody knows what is missing where git does not say, and where all of it is missing nothing is checked
    said(
        "without git",
        &check_in(&linked, &[], &[("PATH", "/nonexistent")]),
        2,
        &["which declarations are not checked out"],
    );
    git_in(&linked, &["sparse-checkout", "set", "nothing"]);
    let missing = "skipped: a/purposes.yaml: not read, because it is not checked out";
    said("nothing", &check_in(&linked, &[], &[]), 3, &["nothing was checked", missing]);
    let allowed = check_in(&linked, &["--allow-empty"], &[]);
    said("nothing is allowed", &allowed, 0, &["skipped a/purposes.yaml: not read, because it is not checked out"]);
    assert!(!allowed.err.contains("skipped"), "{}", allowed.err);
}

/// A repository of which `a` is checked out, and `b` with what it flags is not.
fn sparse(files: &[(&str, &str)]) -> Repo {
    let own = [("a/purposes.yaml", &*repaired("a")), ("b/purposes.yaml", &*flagged("b"))];
    let repo = Repo::of(&[&own, files].concat());
    repo.git(&["sparse-checkout", "set", "a"]);
    repo
}

#[test]
fn a_list_of_missing_facts_does_not_hide_what_was_not_read() {
    let repo = sparse(&[]);
    let told = "skipped: b/purposes.yaml: not read, because it is not checked out";
    for line in ["--missing", "--missing=yaml", "--missing=markdown --output-file missing.md"] {
        let run = repo.check(line);
        assert!(run.err.contains(told), "{line}\n{}\n{}", run.out, run.err);
    }
    assert!(!repo.check("--missing --quiet").err.contains(told));
}

#[test]
fn a_value_is_shown_with_what_was_not_read_beside_it() {
    let repo = sparse(&[]);
    let told = "skipped: b/purposes.yaml: not read, because it is not checked out";
    for (line, code) in [("matrix", 0), ("why training --region FR", 0), ("why other --region FR", 2)] {
        said(line, &repo.run(line), code, &[told]);
    }
    repo.git(&["sparse-checkout", "set", "nowhere"]);
    for line in ["matrix", "why training --region FR"] {
        said(line, &repo.run(line), 3, &[told]);
    }
}

#[test]
fn what_is_named_and_not_checked_out_was_not_deleted() {
    let repo = sparse(&[("b/deep/er/privacy.yaml", "version: 1\n"), ("gone/purposes.yaml", &flagged("g"))]);
    let help = "`git sparse-checkout add` with its folder checks it out";
    for path in ["b", "b/purposes.yaml", "b/deep", "a/../b", "a --config b/deep/er/privacy.yaml"] {
        let run = repo.check(path);
        let path = path.rsplit(' ').next().unwrap();
        said(path, &run, 2, &[&format!("error: `{path}` is not checked out"), help, "check --staged"]);
    }
    said("no such", &repo.check("c"), 2, &["`c` does not exist"]);
    // what is gone from the index as well is
    repo.git(&["rm", "-q", "--cached", "--sparse", "gone/purposes.yaml"]);
    said("deleted", &repo.check("gone/purposes.yaml"), 2, &["`gone/purposes.yaml` does not exist"]);
}

#[test]
fn another_workspace_that_is_not_checked_out_is_none_of_this_one() {
    let repo = sparse(&[
        ("team/purposelint.yaml", "version: 1\n"),
        ("team/purposes.yaml", &flagged("t")),
        ("team/c/purposes.yaml", &flagged("c")),
    ]);
    let run = repo.check("");
    said("nested", &run, 1, &["skipped b/purposes.yaml: not read, because it is not checked out"]);
    assert!(!run.out.contains("team"), "{}", run.out);
}

/// What the files that are not checked out use, nobody knows.
#[test]
fn nothing_is_called_unused_where_not_all_is_checked_out() {
    let day = "reason: r, owner: o@example.com, expires: 2027-05-01";
    let rule = "fair-defaults/ai-training-on-by-default";
    let config =
        format!("version: 1\npacks: [core, fair-defaults]\nwaivers:\n  - {{rule: {rule}, services: [b], {day}}}\n");
    let unused = repaired("c").replace("purposes:", "settings:\n  export: {default: off}\npurposes:");
    let missing = repaired("d").replace("setting: {default: off}", "setting: nowhere");
    let repo = sparse(&[
        ("purposelint.yaml", &config),
        ("purposelint-baseline.json", "{\"version\": 1, \"places\": {}, \"findings\": []}\n"),
        ("a/c.purposes.yaml", &unused),
        ("a/d.purposes.yaml", &missing),
    ]);
    let rules = ["core/unmatched-waiver", "core/unused-definition", "core/unknown-reference"];
    let run = repo.check("--format concise");
    rules.iter().for_each(|rule| assert!(!run.out.contains(rule), "{rule}\n{}", run.out));
    let told = ["unknown references and unused definitions were", "what accepts findings and is not needed was"];
    told.iter().for_each(|told| {
        let told = format!("{told} not looked for, because not all declarations are checked out");
        said("part", &run, 0, &[&told]);
    });
    let waivers = repo.run("waivers --as-of 2026-11-21");
    said("waivers", &waivers, 0, &["not everything could be judged, so a waiver may accept more than is counted here"]);
    assert!(!waivers.out.contains("unused"), "{}", waivers.out);
    // what is excluded is not missed
    repo.put(&[("purposelint.yaml", &format!("{config}exclude: [b]\n"))]);
    let run = repo.check("--format concise");
    said("all that counts", &run, 1, &rules);
}

#[test]
fn a_baseline_keeps_what_is_not_checked_out() {
    let config = "version: 1\npacks: [core, fair-defaults]\n";
    let repo = Repo::of(&[
        ("purposelint.yaml", config),
        ("a/purposes.yaml", &flagged("a")),
        ("b/purposes.yaml", &flagged("b")),
        ("c/purposes.yaml", &flagged("c")),
    ]);
    let day = "--as-of 2026-11-21";
    said("create", &repo.run(&format!("baseline create {day}")), 0, &[]);
    repo.commit();
    repo.git(&["sparse-checkout", "set", "a"]);
    let written = || std::fs::read_to_string(repo.root.join("purposelint-baseline.json")).unwrap();
    let before = written();
    let kept = "are kept although not found again, because not all declarations are checked out";
    let run = repo.check("--format concise");
    assert!(run.code == 0 && !run.out.contains("core/stale-baseline"), "{}", run.out);
    for action in ["update", "check", "create", "create --update"] {
        let run = repo.run(&format!("baseline {action} {day}"));
        said(action, &run, 0, &[kept, "skipped: c/purposes.yaml: not read, because it is not"]);
        assert!(!run.out.contains("all of which"), "{}", run.out);
        assert_eq!(written(), before, "{action}");
    }
    // what is new is taken in beside them, and what was repaired stays until all is there
    repo.put(&[("a/purposes.yaml", &repaired("a")), ("a/d.purposes.yaml", &flagged("d"))]);
    said("update", &repo.run(&format!("baseline update {day}")), 0, &["nothing to take out", kept]);
    assert_eq!(written(), before);
    said("grow", &repo.run(&format!("baseline create --update {day}")), 0, &[kept, "0 taken out or made smaller"]);
    let grown = written();
    let is_there = |service: &str| grown.contains(&format!("\"service\":\"{service}\""));
    assert!(["a", "b", "c", "d"].iter().all(|service| is_there(service)), "{grown}");
    let of_a = |text: &str| text.lines().filter(|line| line.contains("\"service\":\"a\"")).count();
    assert_eq!(of_a(&grown), of_a(&before));
    repo.git(&["sparse-checkout", "disable"]);
    assert!(!repo.check("--format concise").out.contains("(new for"), "{grown}");
}

/// A repository with another one inside of it.
fn with_submodule(inner: &Repo, files: &[(&str, &str)]) -> Repo {
    let repo = Repo::of(files);
    let url = inner.root.to_string_lossy().into_owned();
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "modules/inner"]);
    repo.commit();
    repo
}

#[test]
fn a_submodule_that_is_not_checked_out_is_named() {
    let inner = Repo::of(&[("purposes.yaml", &flagged("inner"))]);
    let day = "reason: r, owner: o@example.com, expires: 2027-05-01";
    let config = format!(
        "version: 1\npacks: [core, fair-defaults]\nwaivers:\n  - {{rule: \"fair-defaults/*\", services: [inner], {day}}}\n"
    );
    let lonely = repaired("a").replace("purposes:", "settings:\n  export: {default: off}\npurposes:");
    let outer = with_submodule(&inner, &[("purposelint.yaml", &config), ("a/purposes.yaml", &lonely)]);
    assert!(!outer.check("").out.contains("not checked out"));
    outer.git(&["submodule", "--quiet", "deinit", "--force", "modules/inner"]);
    let told = "modules/inner: not read, because the submodule is not checked out";
    for line in ["check", "check --since HEAD", "check --staged", "diff HEAD", "diff HEAD --against index"] {
        let run = outer.run(&format!("{line} --as-of 2026-11-21"));
        let out = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 0 && out.contains(told), "{line}\n{}{}", run.out, run.err);
        assert!(!out.contains("counts as new") && !run.out.contains("core/unmatched-waiver"), "{line}\n{}", run.out);
        let concise = outer.run(&format!("{line} --as-of 2026-11-21 --format concise"));
        assert!(concise.err.contains("skipped: modules/inner: not read"), "{line}\n{}{}", concise.out, concise.err);
    }
    // what the superproject declares is judged as strictly as ever
    assert!(outer.check("").out.contains("core/unused-definition"));
    std::fs::remove_dir(outer.root.join("modules/inner")).unwrap();
    said("no folder", &outer.check("--format concise"), 0, &[told]);
    let without = check_in(&outer.root, &["--format", "concise"], &[("PATH", "/nonexistent")]);
    said("without git", &without, 0, &["nobody knows which submodules are not checked out"]);
    for (path, text) in
        [("purposelint.yaml", format!("{config}exclude: [modules]\n")), ("modules/purposelint.yaml", config.clone())]
    {
        outer.put(&[(path, &text)]);
        assert!(!outer.check("").out.contains("submodule is not"), "{path}");
        outer.git(&["checkout", "--quiet", "--", "."]);
    }
}

#[test]
fn a_submodule_of_a_submodule_is_looked_for_too() {
    let leaf = Repo::of(&[("purposes.yaml", &flagged("leaf"))]);
    let inner = with_submodule(&leaf, &[("purposes.yaml", &repaired("inner"))]);
    let outer = with_submodule(&inner, &[("a/purposes.yaml", &repaired("a"))]);
    let told = "skipped: modules/inner/modules/inner: not read, because the submodule is not checked out";
    said("deep", &outer.check("--format concise"), 1, &[told]);
    outer.put(&[("modules/inner/purposelint.yaml", "version: 1\n")]);
    assert!(!outer.check("--format concise").err.contains("submodule"));
}

/// A revision has nothing of a submodule but its commit, so that everything in it would be new.
#[test]
fn what_a_submodule_declares_is_compared_on_neither_side() {
    let inner = Repo::of(&[("purposes.yaml", &flagged("inner")), ("deep/purposes.yaml", "version: [\n")]);
    let config = "version: 1\npacks: [core]\n";
    let outer = with_submodule(&inner, &[("purposelint.yaml", config), ("a/purposes.yaml", &repaired("a"))]);
    let told = "skipped: modules/inner: a submodule, whose declarations git keeps in another repository";
    for line in ["HEAD", "HEAD --against index"] {
        let run = outer.run(&format!("diff {line} --as-of 2026-11-21 --format concise"));
        said(line, &run, 0, &[told]);
        assert!(!run.out.contains("inner"), "{line}\n{}", run.out);
    }
    outer.put(&[("a/purposes.yaml", &flagged("a")), ("new/purposes.yaml", &flagged("n"))]);
    let run = outer.run("diff HEAD --as-of 2026-11-21 --format concise");
    said("a change", &run, 1, &["a/purposes.yaml:6", "new/purposes.yaml", told]);
    // another folder has all that is in it
    let other = tempfile::tempdir().unwrap();
    let there = other.path().to_str().unwrap();
    outer.put(&[("modules/inner/deep/purposes.yaml", &flagged("deep"))]);
    std::fs::write(other.path().join("purposes.yaml"), repaired("a")).unwrap();
    std::fs::write(other.path().join("purposelint.yaml"), config).unwrap();
    let run = outer.run(&format!("diff {there} --as-of 2026-11-21 --format concise"));
    said("a folder", &run, 1, &["modules/inner/purposes.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_pack_of_a_config_is_one_of_its_repository() {
    let outside = tempfile::tempdir().unwrap();
    let acme = outside.path().canonicalize().unwrap().join("acme");
    let title = "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n";
    fs::create_dir(&acme).unwrap();
    fs::write(acme.join("pack.yaml"), title).unwrap();
    let linked = "packs: [core, fair-defaults, ./acme]\n";
    let repo = Repo::of(&[("team/purposes.yaml", &repaired("a")), ("team/purposelint.yaml", linked)]);
    repo.put(&[("own/acme/pack.yaml", title)]);
    let link = repo.root.join("team/acme");
    std::os::unix::fs::symlink(&acme, &link).unwrap();
    repo.git(&["add", "."]);
    for line in ["team", "--staged team"] {
        repo.refused(line, &["`./acme` is outside the repository", "--packs", "purposelint.yaml:1:30"]);
    }
    // the command line may name any, and nobody misses declarations in it
    for packs in [acme.as_path(), link.as_path()] {
        let run = repo.check(&format!("team --packs {}", packs.display()));
        said("by hand", &run, 0, &[]);
        assert!(!run.out.contains("not followed"), "{}", run.out);
    }
    let elsewhere = format!("packs: [core, fair-defaults, {}]\n", acme.display());
    repo.put(&[("team/purposelint.yaml", &elsewhere)]);
    repo.refused("team", &["is outside the repository"]);
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("../own/acme", &link).unwrap();
    repo.put(&[("team/purposelint.yaml", linked)]);
    let run = repo.check("team");
    assert!(run.code == 0 && !run.out.contains("not followed"), "{}{}", run.out, run.err);
    // what is no repository has no other checkouts
    fs::create_dir(outside.path().join("team")).unwrap();
    fs::write(outside.path().join("team/purposes.yaml"), repaired("b")).unwrap();
    fs::write(outside.path().join("team/purposelint.yaml"), "packs: [core, fair-defaults, ../acme]\n").unwrap();
    assert_eq!(check_in(&outside.path().join("team"), &[], &[]).code, 0);
}
