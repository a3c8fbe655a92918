//! What `check` reads from git: the index and revisions.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

use std::fs;
use std::process::Command;

use repository::{ALONE, Repo, Run, check_in, flagged, git_in, has_default, open, repaired, said};
use serde_json::Value;

/// Without packs about laws, which would flag what the repaired declaration leaves out.
const LAWLESS: &str = "version: 1\npacks: [core, fair-defaults]\n";

#[test]
fn only_what_the_revision_did_not_have_counts() {
    let repo = Repo::of(&[("a/purposes.yaml", &flagged("a"))]);
    assert_eq!(repo.check("").code, 1);
    let clean = repo.check("--since HEAD");
    said("no change", &clean, 0, &["nothing new", "known before", "compared with ", " (HEAD)"]);
    assert!(!clean.out.contains("[fair-defaults"), "{}", clean.out);
    assert!(repo.open("--since HEAD").is_empty());

    // lines move, findings stay the same
    repo.put(&[("a/purposes.yaml", &format!("# a comment\n\n{}", flagged("a")))]);
    assert!(repo.open("--since HEAD").is_empty());
    // a new service, not even known to git
    repo.put(&[("b/purposes.yaml", &flagged("b"))]);
    let found = repo.open("--since HEAD");
    assert!(has_default(&found, "b") && !has_default(&found, "a"), "{found:?}");
    assert_eq!(repo.check("--since HEAD").code, 1);
    // a service that gets worse
    repo.commit();
    repo.put(&[("a/purposes.yaml", &repaired("a"))]);
    repo.commit();
    repo.put(&[("a/purposes.yaml", &flagged("a"))]);
    let found = repo.open("--since HEAD");
    assert!(has_default(&found, "a") && !has_default(&found, "b"), "{found:?}");
    assert!(repo.open("--since HEAD~1").is_empty());
}

#[test]
fn findings_for_more_people_are_new() {
    let narrow = "version: 1\nservice: a\nregions: [CA]\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: on}\n";
    let repo = Repo::of(&[("purposes.yaml", narrow)]);
    repo.put(&[("purposes.yaml", &narrow.replace("[CA]", "[CA, JP]"))]);
    assert!(has_default(&repo.open("--since HEAD"), "a"));
}

#[test]
fn machines_are_told_what_was_compared() {
    let repo = Repo::of(&[("purposes.yaml", &flagged("a"))]);
    let id = repo.git(&["rev-parse", "HEAD"]).trim().to_owned();
    for (format, at) in [("json", 0), ("jsonl", usize::MAX)] {
        let run = repo.check(&format!("--since HEAD --format {format}"));
        let text = if at == 0 { run.out.as_str() } else { run.out.lines().last().unwrap() };
        let report: Value = serde_json::from_str(text).unwrap();
        assert_eq!(report["compared"], serde_json::json!({"revision": id, "name": "HEAD"}), "{format}");
    }
    let report: Value = serde_json::from_str(&repo.check("--since HEAD --format json").out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty() && findings.iter().all(|finding| finding["suppressed"]["by"] == "revision"));
    let schema: Value = serde_json::from_str(&fs::read_to_string("schemas/report.v1.json").unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &report));
}

#[test]
fn revisions_are_named_in_every_way() {
    let repo = Repo::of(&[("purposes.yaml", &flagged("a"))]);
    repo.git(&["tag", "-a", "v1", "-m", "x"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.git(&["checkout", "-q", "-b", "feature/x"]);
    repo.put(&[("b.purposes.yaml", &flagged("b"))]);
    repo.commit();
    // main goes on after the branch has left it, and repairs what was flagged
    repo.git(&["checkout", "-q", "main"]);
    repo.put(&[("purposes.yaml", &repaired("a"))]);
    repo.commit();
    repo.git(&["checkout", "-q", "feature/x"]);
    let id = repo.git(&["rev-parse", "HEAD~1"]);
    let id = id.trim();
    for name in ["HEAD~1", "v1", "origin/main", "@{-1}~1", id, &id[..8], "main...", "main...HEAD", "...main"] {
        let found = repo.open(&format!("--since {name}"));
        assert!(has_default(&found, "b") && !has_default(&found, "a"), "{name}: {found:?}");
    }
    // exactly main: what was repaired there is news here
    assert!(has_default(&repo.open("--since main"), "a"));
    said("merge base", &repo.check("--since main..."), 1, &["(where main and HEAD part)"]);
    said("by id", &repo.check(&format!("--since {id}")), 1, &[&format!("compared with {}\n", &id[..7])]);
}

#[test]
fn revisions_that_are_none_end_the_run() {
    let repo = Repo::of(&[("purposes.yaml", &flagged("a"))]);
    repo.git(&["update-ref", "refs/remotes/origin/release", "HEAD"]);
    repo.git(&["tag", "file", "HEAD:purposes.yaml"]);
    let absent = "0123456789012345678901234567890123456789";
    for (line, parts) in [
        ("--since mian", ["there is no revision `mian`", "did you mean `main`?"]),
        ("--since release", ["there is no revision `release`", "did you mean `origin/release`?"]),
        ("--since HEAD~1", ["there is no revision `HEAD~1`", "git fetch"]),
        (&format!("--since {absent}"), [absent, "git fetch"]),
        ("--since main..HEAD", ["`main..HEAD` is not the name of one revision", "origin/main..."]),
        ("--since=--help", ["`--help` is not the name of one revision", "origin/main"]),
        ("--since=-x...main", ["`-x` is not the name of one revision", "origin/main"]),
        ("--since=", ["`` is not the name of one revision", "origin/main"]),
        ("--since file", ["`file` is not a commit", "name a branch"]),
        ("--since main...mian", ["there is no revision `mian`", "did you mean `main`?"]),
    ] {
        repo.refused(line, &parts);
    }
    repo.git(&["checkout", "-q", "--orphan", "other"]);
    repo.git(&["commit", "-q", "-m", "other"]);
    repo.refused("--since main...", &["`main` and `HEAD` have no commit in common", "that this branch comes from"]);
}

#[test]
fn repositories_of_every_kind() {
    let unborn = Repo::new();
    unborn.put(&[("purposes.yaml", &flagged("a"))]);
    said("no commit", &unborn.check("--since HEAD"), 1, &["there is no commit yet, so every finding counts as new"]);
    said("nothing staged", &unborn.check("--staged"), 3, &["no declarations in git's index of ROOT"]);
    unborn.git(&["add", "."]);
    assert!(has_default(&unborn.open("--staged"), "a"));

    let sha256 = Repo::with(&["init", "-q", "--object-format=sha256"]);
    sha256.put(&[("purposes.yaml", &flagged("a"))]);
    sha256.commit();
    sha256.put(&[("b.purposes.yaml", &flagged("b"))]);
    let found = sha256.open("--since HEAD");
    assert!(has_default(&found, "b") && !has_default(&found, "a"), "{found:?}");
    assert!(has_default(&sha256.open("--staged"), "a"));

    let origin = Repo::of(&[("purposes.yaml", &flagged("a")), ("sub/purposes.yaml", &flagged("s"))]);
    origin.put(&[("b.purposes.yaml", &flagged("b"))]);
    origin.commit();
    let other = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.root.display());
    git_in(other.path(), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let run = check_in(&other.path().join("shallow"), &["--since", "HEAD~1"], &[]);
    said("shallow", &run, 2, &["no revision `HEAD~1` in this shallow clone", "git fetch --unshallow"]);

    origin.git(&["worktree", "add", "-q", &other.path().join("tree").to_string_lossy(), "HEAD~1"]);
    let tree = other.path().join("tree");
    fs::write(tree.join("c.purposes.yaml"), flagged("c")).unwrap();
    said("worktree", &check_in(&tree, &["--since", "HEAD", "-q"], &[]), 1, &["c.purposes.yaml"]);
    git_in(&tree, &["add", "."]);
    said("worktree", &check_in(&tree, &["--staged"], &[]), 1, &["checked 3 files"]);

    git_in(other.path(), &["clone", "-q", "--bare", &url, "bare.git"]);
    let bare = other.path().join("bare.git");
    fs::write(bare.join("purposes.yaml"), flagged("a")).unwrap();
    for args in [["--since", "HEAD"].as_slice(), &["--staged"]] {
        said("bare", &check_in(&bare, args, &[]), 2, &["without a working tree", "checked out"]);
    }

    let none = tempfile::tempdir().unwrap();
    fs::write(none.path().join("purposes.yaml"), flagged("a")).unwrap();
    for args in [["--since", "HEAD"].as_slice(), &["--staged"]] {
        let help = format!("or leave out `{}`", args[0]);
        said("no repository", &check_in(none.path(), args, &[]), 2, &["is not in a git repository", &help]);
        said(
            "no git",
            &check_in(&origin.root, args, &[("PATH", "/nonexistent")]),
            2,
            &["`git` cannot be run", "install git"],
        );
        let foreign = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
        said("foreign", &check_in(&origin.root, args, &foreign), 2, &["git does not trust", "safe.directory 'ROOT'"]);
    }
}

#[test]
fn contents_that_are_not_here_are_not_fetched() {
    let origin = Repo::of(&[("purposes.yaml", &flagged("a"))]);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    origin.put(&[("purposes.yaml", &repaired("a"))]);
    origin.commit();
    let other = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.root.display());
    git_in(other.path(), &["clone", "-q", "--filter=blob:none", &url, "partial"]);
    let run = check_in(&other.path().join("partial"), &["--since", "HEAD~1"], &[]);
    said("partial", &run, 2, &["git has no contents for the object", "git fetch --refetch"]);
}

#[test]
fn no_command_of_the_config_is_run() {
    let repo = Repo::of(&[("purposes.yaml", &flagged("a")), (".gitattributes", "*.yaml filter=evil diff=evil\n")]);
    let proof = repo.root.join("proof");
    let evil = format!("touch {}; cat", proof.display());
    for key in [
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.textconv",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
    ] {
        repo.git(&["config", key, &evil]);
    }
    repo.git(&[
        "-c",
        "core.fsmonitor=false",
        "-c",
        "filter.evil.process=",
        "-c",
        "filter.evil.clean=cat",
        "update-index",
        "--add",
        "--cacheinfo",
        "100644,e69de29bb2d1d6434b8b29ae775ad8c2e48c5391,empty",
    ]);
    fs::write(repo.root.join("purposes.yaml"), repaired("a")).unwrap();
    let _left = fs::remove_file(&proof);
    said("since", &repo.check("--since HEAD"), 0, &["compared with"]);
    said("staged", &repo.check("--staged"), 1, &["is not the same on the disk"]);
    assert!(!proof.exists());
}

#[test]
fn what_is_staged_is_judged_and_nothing_else() {
    let repo = Repo::of(&[("purposes.yaml", &repaired("a")), ("old.purposes.yaml", &flagged("old"))]);
    repo.put(&[("purposes.yaml", &flagged("a"))]);
    repo.put(&[("new.purposes.yaml", &flagged("new"))]);
    let found = repo.open("--staged");
    assert!(!has_default(&found, "a") && !has_default(&found, "new") && has_default(&found, "old"), "{found:?}");
    repo.git(&["add", "purposes.yaml"]);
    repo.put(&[("purposes.yaml", &repaired("a"))]);
    said("note", &repo.check("--staged"), 1, &["note: purposes.yaml is not the same on the disk", "`git add` it"]);
    assert!(has_default(&repo.open("--staged"), "a"));
    // against what was there before: only what the commit adds
    assert!(
        has_default(&repo.open("--staged --since HEAD"), "a")
            && !has_default(&repo.open("--staged --since HEAD"), "old")
    );
    // deleted from the index, and still on the disk
    repo.git(&["rm", "-q", "--cached", "old.purposes.yaml"]);
    assert!(!has_default(&repo.open("--staged"), "old"));
    // known to git without contents
    repo.git(&["add", "-N", "new.purposes.yaml"]);
    let found = repo.open("--staged");
    assert!(!found.iter().any(|line| line.contains("empty-declaration") || line.starts_with("new")), "{found:?}");
    // gone from the disk, and still in the index
    fs::remove_file(repo.root.join("purposes.yaml")).unwrap();
    assert!(has_default(&repo.open("--staged purposes.yaml"), "a"));
}

#[test]
fn the_index_that_git_names_is_read() {
    let repo = Repo::of(&[("purposes.yaml", &repaired("a")), ("purposelint.yaml", LAWLESS)]);
    let index = repo.root.join(".git/next-index");
    fs::copy(repo.root.join(".git/index"), &index).unwrap();
    repo.put(&[("sub/b.purposes.yaml", &flagged("b"))]);
    let next = [("GIT_INDEX_FILE", &*index.to_string_lossy())];
    let output =
        Command::new("git").args(["add", "sub"]).current_dir(&repo.root).envs(ALONE).envs(next).output().unwrap();
    assert!(output.status.success());
    assert_eq!(repo.check("--staged").code, 0);
    let relative = [("GIT_INDEX_FILE", ".git/next-index")];
    let folder = repo.root.join("sub");
    for (folder, variables) in [(&repo.root, &next), (&repo.root, &relative), (&folder, &relative)] {
        said("next", &check_in(folder, &["--staged"], variables), 1, &["b.purposes.yaml"]);
    }
    let git_dir = repo.root.join(".git");
    let apart = [("GIT_DIR", &*git_dir.to_string_lossy()), ("GIT_INDEX_FILE", &*index.to_string_lossy())];
    said("as a hook", &check_in(&repo.root, &["--staged", "sub/b.purposes.yaml"], &apart), 1, &["b.purposes.yaml"]);
}

#[test]
fn a_workspace_in_git_follows_the_rules_of_one_on_the_disk() {
    let repo = Repo::of(&[
        (
            "purposelint.yaml",
            "version: 1\ninclude: [privacy/*.yaml]\nexclude: [vendor, 'x/*.purposes.yaml']\npacks: [core, fair-defaults, ./policies/acme]\n",
        ),
        ("policies/acme/pack.yaml", "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\nlicence: MIT\n"),
        ("policies/acme/switch-unplaced.yaml", RULE),
        ("purposes.yaml", &flagged("a")),
        ("privacy/b.yaml", &flagged("b")),
        ("vendor/purposes.yaml", &flagged("vendored")),
        ("vendor/own/purposelint.yaml", ""),
        ("x/y.purposes.yaml", &flagged("x")),
        ("team/purposelint.yaml", ""),
        ("team/purposes.yaml", &flagged("team")),
        ("team/deep/purposelint.yaml", ""),
        ("notes/é ü\n.purposes.yaml", &flagged("odd")),
    ]);
    let run = |line: &str| {
        let run = repo.check(&format!("{line} --format json"));
        serde_json::from_str::<Value>(&run.out).unwrap_or_else(|_| panic!("{line}\n{}", run.err))
    };
    let (disk, staged) = (run(""), run("--staged"));
    assert_eq!(disk, staged);
    assert!(open(&disk).iter().any(|line| line.starts_with("odd acme/switch-unplaced")), "{:?}", open(&disk));
    assert_eq!(disk["checked"]["files"], 3);
    assert_eq!(run("--since HEAD")["checked"]["skipped"], disk["checked"]["skipped"]);
    // the config and the pack of the index, not those of the disk
    repo.put(&[("purposelint.yaml", "nonsense: 1\n"), ("policies/acme/switch-unplaced.yaml", "nonsense: 1\n")]);
    assert_eq!(run("--staged"), staged);
    repo.refused("--config purposelint.yaml", &["nonsense"]);
    assert_eq!(run("--staged --config purposelint.yaml")["findings"], staged["findings"]);
    let outside = tempfile::tempdir().unwrap();
    let config = outside.path().join("own.yaml");
    fs::write(&config, "version: 1\npacks: [core]\n").unwrap();
    let report = run(&format!("--staged --config {}", config.display()));
    assert!(!open(&report).iter().any(|line| line.contains("fair-defaults")));
    // a folder that is a workspace by itself
    let team = check_in(&repo.root.join("team"), &["--staged"], &[]);
    said("team", &team, 1, &["checked 1 file,", "skipped deep: a workspace of its own"]);
}

#[test]
fn what_include_covers_and_is_read_as_something_else_is_no_declaration() {
    let repo = Repo::of(&[
        ("purposelint.yaml", "extends: [base.yaml]\ninclude: ['**/*.yaml', '*.json']\npacks: [core, ./acme]\n"),
        ("base.yaml", "fail_on: warning\n"),
        ("purposelint-baseline.json", "{\"version\": 1, \"findings\": []}\n"),
        ("acme/pack.yaml", "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\nlicence: MIT\n"),
        ("acme/purposes.yaml", RULE),
        ("acme/examples/purposes.yaml", &flagged("in_pack")),
        ("svc.yaml", &flagged("named")),
    ]);
    for line in ["", "--staged", "--since HEAD", "acme/purposes.yaml", "base.yaml", "--packs acme"] {
        let run = repo.check(&format!("{line} --format json"));
        let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{line}\n{}", run.err));
        assert_eq!(report["checked"]["files"], 2, "{line}: {report:#}");
        let told = report["checked"]["skipped"].to_string();
        assert!(told.contains("is read as a file of a pack") && told.contains("acme/purposes.yaml"), "{line}: {told}");
    }
    said("diff", &repo.run("diff HEAD"), 0, &["acme/purposes.yaml"]);
    // what is no rule in the folder of a pack is never passed over
    repo.put(&[("acme/svc.yaml", &flagged("hidden"))]);
    repo.refused("", &["acme/svc.yaml"]);
}

const RULE: &str = "\
title: nobody says where the switch is
severity: warning
cites:
  - {text: rules of the house, kind: practice, confidence: high}
why: Support has to find it.
applies: {states: [\"on\"]}
require: has(setting.location)
primary: setting.default
message: \"nobody says where the switch of `{purpose.title}` is\"
help: list the screens
examples:
  - title: no place
    flagged: |
      version: 1
      service: example
      purposes:
        ranking:
          title: Order recipes
          use: personalize.content.profiled
          setting: {default: on}   # <- flagged
  - title: a place
    clean: |
      version: 1
      service: example
      purposes:
        ranking:
          title: Order recipes
          use: personalize.content.profiled
          setting: {location: [Settings], default: on}
";

#[cfg(unix)]
#[test]
fn links_in_git_end_where_those_on_the_disk_do() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("purposes.yaml"), flagged("outside")).unwrap();
    let repo = Repo::new();
    repo.put(&[
        ("real/purposes.yaml", &flagged("real")),
        ("real/text.yaml", &flagged("text")),
        ("w/purposelint.yaml", ""),
    ]);
    repo.put(&[("w/purposes.yaml", &flagged("w")), ("w/own.yaml", &flagged("own"))]);
    for (target, link) in [
        ("../real/purposes.yaml", "links/purposes.yaml"),
        ("../real/text.yaml", "links/a.purposes.yaml"),
        ("nowhere", "links/c.purposes.yaml"),
        ("d.purposes.yaml", "links/d.purposes.yaml"),
        ("../../../../../../../../../../etc/hostname", "links/e.purposes.yaml"),
        (&*outside.path().join("purposes.yaml").to_string_lossy(), "links/b.purposes.yaml"),
        (&*outside.path().to_string_lossy(), "links/folder"),
        ("../real", "links/inside"),
        ("../real/text.yaml", "w/out.purposes.yaml"),
        ("own.yaml", "w/in.purposes.yaml"),
        (&*repo.root.join("real/text.yaml").to_string_lossy(), "links/again.purposes.yaml"),
    ] {
        let link = repo.root.join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
    repo.commit();
    for folder in ["", "w"] {
        let folder = repo.root.join(folder);
        let (disk, staged) =
            (check_in(&folder, &["--format", "json"], &[]), check_in(&folder, &["--staged", "--format", "json"], &[]));
        let skipped = |run: &Run| serde_json::from_str::<Value>(&run.out).unwrap()["checked"]["skipped"].clone();
        assert_eq!(skipped(&disk), skipped(&staged));
        assert!(disk.out == staged.out);
        assert_eq!((disk.code, disk.err.as_str()), (staged.code, staged.err.as_str()));
        assert_eq!(disk.code, 2, "{}", disk.err);
    }
    repo.refused("--staged links/b.purposes.yaml", &["a link that leads out of the workspace"]);
    assert!(has_default(&repo.open("--staged links/purposes.yaml"), "real"));
}

#[test]
fn what_git_cannot_give_is_missed_aloud() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let repo = Repo::of(&[("lfs.purposes.yaml", pointer), ("purposes.yaml", &repaired("a"))]);
    repo.refused("--staged", &["lfs.purposes.yaml: is kept in Git LFS", "not everything could be judged"]);
    repo.put(&[("lfs.purposes.yaml", &flagged("lfs"))]);
    let run = repo.check("--since HEAD");
    said("lfs before", &run, 1, &["is kept in Git LFS", "; what it declares counts as new"]);
    repo.commit();

    // both sides change the same line
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.put(&[("purposes.yaml", &flagged("a"))]);
    repo.commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.put(&[("purposes.yaml", &repaired("a").replace("off", "ask"))]);
    repo.commit();
    let merge = Command::new("git").args(["merge", "-q", "side"]).current_dir(&repo.root).envs(ALONE).output().unwrap();
    assert!(!merge.status.success());
    repo.refused("--staged", &["purposes.yaml: has a merge conflict in git's index; resolve it and `git add` it"]);

    let large = format!("{}# {}\n", flagged("large"), "x".repeat(200_000));
    let repo = Repo::of(&[("purposes.yaml", &large), ("b.purposes.yaml", &flagged("b"))]);
    repo.put(&[("purposelint.yaml", "version: 1\nlimits: {file_bytes: 100000}\n")]);
    repo.git(&["add", "."]);
    let run = repo.check("--staged --format concise");
    assert!(run.out.contains("purposes.yaml:1:1: error[core/") && run.out.contains("b.purposes.yaml"), "{}", run.out);
    assert_eq!(run.out, repo.check("--format concise").out);
}

#[test]
fn submodules_are_another_repository() {
    let inner = Repo::of(&[("purposes.yaml", &flagged("inner"))]);
    let repo = Repo::of(&[("purposes.yaml", &repaired("a")), ("purposelint.yaml", LAWLESS)]);
    let url = inner.root.to_string_lossy().into_owned();
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "modules/inner"]);
    repo.commit();
    said(
        "outer",
        &repo.check("--staged"),
        0,
        &["skipped modules/inner: a submodule, whose declarations git keeps in another"],
    );
    said("outer", &repo.check("--since HEAD"), 1, &["modules/inner of ", "counts as new"]);
    let inside = repo.root.join("modules/inner");
    said("inner", &check_in(&inside, &["--staged"], &[]), 1, &["checked 1 file"]);
    said("inner", &check_in(&inside, &["--since", "HEAD"], &[]), 0, &["known before"]);
}

#[test]
fn a_revision_without_declarations_makes_everything_new() {
    let repo = Repo::of(&[("README.md", "x")]);
    repo.put(&[("purposes.yaml", &flagged("a"))]);
    said("none", &repo.check("--since HEAD"), 1, &["(HEAD): it has no declarations, so every finding counts as new"]);
    repo.put(&[("purposes.yaml", "service: [\n")]);
    repo.commit();
    repo.put(&[("purposes.yaml", &flagged("a"))]);
    said("broken", &repo.check("--since HEAD"), 1, &["skipped purposes.yaml of ", "; what it declares counts as new"]);
    assert!(has_default(&repo.open("--since HEAD"), "a"));
    repo.put(&[("purposes.yaml", "version: 2\n")]);
    repo.commit();
    repo.put(&[("purposes.yaml", &flagged("a"))]);
    said(
        "newer",
        &repo.check("--since HEAD"),
        1,
        &["this declaration has version 2", "; what it declares counts as new"],
    );
}

#[test]
fn both_sides_are_judged_by_the_config_of_today() {
    let repo = Repo::of(&[("purposes.yaml", &flagged("a")), ("x/other.yaml", &flagged("x"))]);
    repo.put(&[(
        "purposelint.yaml",
        "version: 1\ninclude: [x/*.yaml]\nseverity: {fair-defaults/ai-training-on-by-default: warning}\n",
    )]);
    assert!(repo.open("--since HEAD").is_empty());
    // a file that is a declaration because it is named is one in the revision as well
    let repo = Repo::of(&[("other.yaml", &flagged("x"))]);
    assert!(repo.open("--since HEAD other.yaml").is_empty());
}

#[test]
fn a_base_is_read_from_the_disk_wherever_the_rest_comes_from() {
    let outside = tempfile::tempdir().unwrap();
    let company = outside.path().canonicalize().unwrap().join("company.yaml");
    fs::write(&company, "locked: [fair-defaults/ai-training-on-by-default]\nextends: [more.yaml]\n").unwrap();
    fs::write(company.with_file_name("more.yaml"), "fail_on: warning\n").unwrap();
    let relaxed = "severity: {fair-defaults/ai-training-on-by-default: off}\n";
    let repo = Repo::of(&[("purposes.yaml", &flagged("a")), ("purposelint.yaml", relaxed)]);
    // in the repository, unknown to git
    repo.put(&[("company.yaml", "locked: [fair-defaults/ai-training-on-by-default]\n")]);
    for base in [&*company.to_string_lossy(), "company.yaml"] {
        for line in ["", "--staged", "--since HEAD", "--staged --since HEAD", "--config purposelint.yaml"] {
            repo.refused(&format!("--base {base} {line}"), &["is locked, and cannot be relaxed", "company.yaml:1:"]);
        }
    }
    repo.refused("--staged --config company.yaml", &["`company.yaml` is not in git's index", "`git add company.yaml`"]);
    repo.git(&["rm", "-q", "--cached", "purposelint.yaml"]);
    assert!(has_default(&repo.open(&format!("--staged --base {}", company.display())), "a"));
    // a base may stand outside, but lets the config of the workspace not out
    repo.put(&[("purposelint.yaml", &format!("extends: [{}]\n", company.display()))]);
    repo.refused(&format!("--base {}", company.display()), &["is outside the repository"]);
    // packs of a base are read where the base is
    let pack = company.with_file_name("acme");
    fs::create_dir(&pack).unwrap();
    fs::write(pack.join("pack.yaml"), "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n").unwrap();
    fs::write(&company, "packs: [core, ./acme]\n").unwrap();
    repo.put(&[("purposelint.yaml", "version: 1\n")]);
    for line in ["", "--staged"] {
        let run = repo.check(&format!("--base {} {line}", company.display()));
        assert!(matches!(run.code, 1 | 3), "{line}: {} {}", run.code, run.err);
    }
}

#[test]
fn a_repository_may_hold_what_no_checkout_could() {
    let repo = Repo::of(&[("purposes.yaml", &repaired("a"))]);
    let blob = repo.git(&["rev-parse", "HEAD:purposes.yaml"]);
    let blob = blob.trim();
    // a tree with a name that climbs out of the repository
    let entry = [b"100644 ..\0".as_slice(), &bytes(blob), b"100644 purposes.yaml\0", &bytes(blob)].concat();
    let path = repo.keep.path().join("tree");
    fs::write(&path, entry).unwrap();
    let tree = repo.git(&["hash-object", "-t", "tree", "-w", "--literally", "tree"]);
    let commit = repo.git(&["commit-tree", tree.trim(), "-m", "x"]);
    said("climbing", &repo.check(&format!("--since {}", commit.trim())), 0, &["known before"]);
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn what_nobody_could_judge_is_never_known_before() {
    let good = "version: 1\nservice: a\npurposes:\n  p: {use: train_ai_system, setting: {default: off}}\n";
    let broken = "version: 1\nservice: b\nregions: [FR]\ntitle: \"a\" b\npurposes:\n  p: {use: train_ai_system, setting: {default: off}}\n";
    let typo = good.replace("service: a", "service: c").replace("train_ai_system", "train_ai_systemm");
    let repo = Repo::of(&[("purposes.yaml", good), ("b.purposes.yaml", broken), ("c.purposes.yaml", &typo)]);
    repo.put(&[
        ("b.purposes.yaml", &format!("{broken}  q: {{use: train_ai_system, setting: {{default: on}}}}\n")),
        ("c.purposes.yaml", &typo.replace("default: off", "default: on")),
    ]);
    for line in ["--since HEAD", "--since HEAD --exit-zero"] {
        let run = repo.check(line);
        assert!(run.code == 1 || run.code == 2, "{line}\n{}{}", run.out, run.err);
        assert!(run.out.contains("core/syntax-error") && run.out.contains("core/unknown-term"), "{line}\n{}", run.out);
    }
}

#[test]
fn what_is_wrong_in_the_config_of_today_is_news() {
    let repo = Repo::of(&[("purposes.yaml", &flagged("a")), ("purposelint.yaml", "max_waiver: P90D\n")]);
    let rule = "fair-defaults/ai-training-on-by-default";
    let waiver = format!("waivers: [{{rule: {rule}, reason: r, owner: o, expires: 2099-01-01}}]\n");
    repo.put(&[("purposelint.yaml", &format!("max_waiver: P90D\n{waiver}"))]);
    said("a waiver", &repo.check("--since HEAD"), 1, &["core/waiver-too-long"]);
}

#[test]
fn a_product_that_changes_is_news() {
    let text = repaired("a").replace("default: off", "default: off, reads: {file: product.json, pointer: /training}");
    let repo = Repo::of(&[("purposes.yaml", &text), ("product.json", "{\"training\": false}")]);
    said("as it was", &repo.check("--since HEAD"), 0, &["nothing new"]);
    for (product, code) in [("{\"training\": true}", 1), ("{\"training\": false }", 0), ("{}", 0), ("[", 0)] {
        repo.put(&[("product.json", product)]);
        let run = repo.check("--since HEAD --verbose");
        assert_eq!(run.code, code, "{product}\n{}{}", run.out, run.err);
        assert_eq!(
            run.out.contains("core/declared-default-differs"),
            !product.contains("false"),
            "{product}\n{}",
            run.out
        );
    }
}
