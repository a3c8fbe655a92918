//! What `--fix` and `--diff` do to files, links and streams.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test, and these tests write files"
)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const WRONG: &str = "version: 1\r\nservice: a\r\nregions: [UK] # é\r\npurposes:\r\n  t: {use: train_ai_system, setting: {default: off}}\r\n";

fn right() -> String {
    WRONG.replace("UK", "GB")
}

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str], stdin: impl Into<Vec<u8>>) -> Run {
    run_with(folder, arguments, stdin, &[])
}

fn run_with(folder: &Path, arguments: &[&str], stdin: impl Into<Vec<u8>>, variables: &[(&str, &str)]) -> Run {
    let output = Command::cargo_bin("purposelint")
        .unwrap()
        .current_dir(folder)
        .args(["check", "--as-of", "2026-11-21", "--color", "never"])
        .args(arguments)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env_remove("GITHUB_ACTIONS")
        .env_remove("TF_BUILD")
        .env_remove("TEAMCITY_VERSION")
        .envs(variables.iter().copied())
        .write_stdin(stdin)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn a_file_keeps_its_line_breaks_and_nothing_is_left_beside_it() {
    let folder = folder(&[("purposes.yaml", WRONG)]);
    let fixed = run(folder.path(), &["--fix"], "");
    assert!(fixed.err.starts_with("fixed: purposes.yaml:3: write `GB` (core/unknown-region)"), "{}", fixed.err);
    assert_eq!(fixed.code, 0, "{}", fixed.out);
    assert_eq!(fs::read_to_string(folder.path().join("purposes.yaml")).unwrap(), right());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let modified = || fs::metadata(folder.path().join("purposes.yaml")).unwrap().modified().unwrap();
    let before = modified();
    assert_eq!(run(folder.path(), &["--fix"], "").err, "");
    assert_eq!(modified(), before, "nothing to do is nothing written");
}

#[test]
fn a_file_that_is_read_only_is_not_replaced_and_nothing_else_is_written() {
    let folder = folder(&[("a.purposes.yaml", WRONG), ("b.purposes.yaml", &WRONG.replace("service: a", "service: b"))]);
    let path = folder.path().join("b.purposes.yaml");
    let before = fs::metadata(&path).unwrap().permissions();
    let mut permissions = before.clone();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let refused = run(folder.path(), &["--fix"], "");
    assert_eq!(refused.code, 2, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("`b.purposes.yaml` cannot be written: it is read-only"), "{}", refused.err);
    for name in ["a.purposes.yaml", "b.purposes.yaml"] {
        assert!(fs::read_to_string(folder.path().join(name)).unwrap().contains("UK"), "{name}");
    }
    fs::set_permissions(&path, before).unwrap();
    assert_eq!(run(folder.path(), &["--fix"], "").code, 0);
}

/// Applies a patch to the folder by a program that did not make it; nothing where there is no such program.
fn apply(folder: &Path, line: &[&str], patch: &str) -> Option<String> {
    let (program, arguments) = line.split_first().unwrap();
    let applied = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CEILING_DIRECTORIES", folder)
        .write_stdin(patch)
        .output();
    let said = applied.ok()?;
    let text = String::from_utf8_lossy(&said.stderr).into_owned() + &String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{line:?}: {text}\n{patch}");
    Some(text)
}

/// What takes a patch. GNU's program leaves carriage returns alone only if it is told to.
const TAKERS: [&[&str]; 2] = [&["git", "apply", "-"], &["patch", "--binary", "-p1"]];

#[test]
fn a_diff_changes_nothing_and_can_be_applied() {
    let long = format!("{}# no line break\rafter this: \u{202e}é", WRONG.replace("\r\n", "\n"));
    let texts = [WRONG, WRONG.trim_end(), &format!("\u{feff}{WRONG}"), &WRONG.replace("\r\n", "\n"), &long];
    let names: &[&str] = if cfg!(unix) {
        &[
            "a/purposes.yaml",
            "a b/ c .purposes.yaml",
            "q\"u\\o/é語.purposes.yaml",
            "a\tb\nc\r\u{1b}/\u{202e}.purposes.yaml",
        ]
    } else {
        &["a/purposes.yaml", "a b/ c .purposes.yaml"]
    };
    for (name, text, taker) in
        names.iter().flat_map(|name| texts.iter().flat_map(move |text| TAKERS.map(|taker| (name, text, taker))))
    {
        let folder = folder(&[(name, text), (".git/HEAD", "")]);
        let diff = run(folder.path(), &["--diff"], "");
        assert_eq!((diff.code, diff.err.as_str()), (1, ""), "{name:?}");
        assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), **text);
        if apply(folder.path(), taker, &diff.out).is_some() {
            let now = fs::read_to_string(folder.path().join(name)).unwrap();
            assert_eq!(now, text.replace("UK", "GB"), "{name:?} {taker:?}");
            assert_eq!(run(folder.path(), &["--diff"], "").code, 0);
        }
    }
}

#[test]
fn a_patch_can_be_applied_where_it_was_asked_for() {
    let folder =
        folder(&[("svc/purposelint.yaml", "version: 1\n"), ("svc/feed/purposes.yaml", WRONG), (".git/HEAD", "")]);
    for (from, named, apply_in) in [("", "svc", ""), ("svc", ".", "svc"), ("svc/feed", ".", "svc")] {
        let diff = run(&folder.path().join(from), &["--diff", named], "");
        let note = "note: the patch names files from `..` on, which is where it can be applied\n";
        assert_eq!((diff.code, &*diff.err), (1, if from == "svc/feed" { note } else { "" }), "{from}");
        apply(&folder.path().join(apply_in), &["git", "apply", "--check", "-"], &diff.out);
        apply(&folder.path().join(apply_in), &["patch", "--binary", "-p1", "--dry-run"], &diff.out);
    }
}

#[test]
fn a_patch_in_a_log_gives_no_orders() {
    let orders = "title: >\n  ::purposelint-patch-0::\n  ::add-mask::a\r  ::set-output name=a::b\n";
    let text = format!("version: 1\nservice: a\n{orders}regions: [UK] # ##[add-mask]a ##vso[task.complete]b\n");
    let text = format!("{text}purposes:\n  t: {{use: train_ai_system, setting: {{default: off}}}}\n");
    let folder = folder(&[("purposes.yaml", &text), (".git/HEAD", "")]);
    let plain = run(folder.path(), &["--diff"], "");
    assert!(plain.out.starts_with("--- a/purposes.yaml\n") && plain.out.contains("##vso[task"), "{}", plain.out);
    // GitHub is told to listen no more until a word comes that the patch does not say
    let github = run_with(folder.path(), &["--diff"], "", &[("GITHUB_ACTIONS", "true")]);
    assert_eq!(github.out, format!("::stop-commands::purposelint-patch-1\n{}::purposelint-patch-1::\n", plain.out));
    assert_eq!(github.code, 1);
    // nobody else can be told, so it is not said
    for (variable, name) in [("TF_BUILD", "Azure Pipelines"), ("TEAMCITY_VERSION", "TeamCity")] {
        let refused = run_with(folder.path(), &["--diff"], "", &[(variable, "1")]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        let message = format!("error: the patch has a line that {name} would take for an order\n");
        assert_eq!(refused.err, format!("{message}  help: write it to a file: `--diff --output-file fixes.patch`\n"));
        let path = folder.path().join("fixes.patch");
        let written = run_with(folder.path(), &["--diff", "-o", path.to_str().unwrap()], "", &[(variable, "1")]);
        assert_eq!((written.code, written.out.as_str(), written.err.as_str()), (1, "", ""));
        assert_eq!(fs::read_to_string(&path).unwrap(), plain.out);
    }
    for taker in TAKERS {
        fs::write(folder.path().join("purposes.yaml"), &text).unwrap();
        if apply(folder.path(), taker, &github.out).is_some() {
            assert_eq!(fs::read_to_string(folder.path().join("purposes.yaml")).unwrap(), text.replace("UK", "GB"));
        }
    }
    // where there is nothing of the kind, every service gets the patch as it is
    fs::write(folder.path().join("purposes.yaml"), WRONG).unwrap();
    for variable in ["GITHUB_ACTIONS", "TF_BUILD"] {
        let diff = run_with(folder.path(), &["--diff"], "", &[(variable, "true")]);
        assert!(diff.out.starts_with("--- a/purposes.yaml\n") && diff.out.ends_with('\n'), "{}", diff.out);
    }
}

#[test]
fn standard_input_comes_out_fixed_and_no_file_is_touched() {
    let folder = folder(&[("purposes.yaml", WRONG), ("b.purposes.yaml", &WRONG.replace("service: a", "service: b"))]);
    for arguments in [&["--fix", "--stdin-filename", "purposes.yaml", "-"][..], &["--fix", "-"]] {
        let fixed = run(folder.path(), arguments, WRONG);
        assert_eq!(fixed.out, right(), "{arguments:?}");
        assert_eq!(fixed.code, 0, "{}", fixed.err);
        assert!(
            fixed.err.contains("fixed: ") && fixed.err.contains("nothing is flagged")
                || fixed.err.contains("undetermined")
        );
    }
    // what has nothing to fix comes out as it was, and what is left is said beside it
    let broken = WRONG.replace("default: off", "default: maybe").replace("UK", "GB");
    let fixed = run(folder.path(), &["--fix", "--stdin-filename", "purposes.yaml", "-"], broken.as_str());
    assert_eq!(fixed.out, broken);
    assert_eq!(fixed.code, 1);
    assert!(fixed.err.contains("`maybe` is not a value of `default`"), "{}", fixed.err);
    assert_eq!(fs::read_to_string(folder.path().join("purposes.yaml")).unwrap(), WRONG);
    assert!(fs::read_to_string(folder.path().join("b.purposes.yaml")).unwrap().contains("UK"));
}

#[test]
fn bytes_that_are_no_text_are_not_replaced() {
    let latin =
        WRONG.replace('é', "\u{1}").bytes().map(|byte| if byte == 1 { 0xe9 } else { byte }).collect::<Vec<u8>>();
    let folder = folder(&[]);
    fs::write(folder.path().join("purposes.yaml"), &latin).unwrap();
    for arguments in [&["--fix", "--stdin-filename", "purposes.yaml", "-"][..], &["--fix", "-"]] {
        let fixed = run(folder.path(), arguments, latin.clone());
        assert_eq!((fixed.code, fixed.out.as_str()), (2, ""), "{}", fixed.err);
        assert!(fixed.err.contains("standard input is not UTF-8 from byte 40 on"), "{}", fixed.err);
    }
    let fixed = run(folder.path(), &["--fix"], "");
    assert!(fixed.code == 1 && fixed.out.contains("not-utf8"), "{}{}", fixed.out, fixed.err);
    assert!(!fixed.err.contains("fixed"), "{}", fixed.err);
    assert_eq!(run(folder.path(), &["--diff"], "").out, "");
    assert_eq!(fs::read(folder.path().join("purposes.yaml")).unwrap(), latin);
}

#[test]
fn what_could_not_be_read_is_no_clean_diff() {
    let folder = folder(&[("purposes.yaml", "version: 2\nservice: a\n")]);
    assert_eq!(run(folder.path(), &["--diff"], "").code, 2);
    assert_eq!(run(folder.path(), &["--fix"], "").code, 2);
}

/// Under which laws a service comes is not known before the key that names it can be read.
#[test]
fn what_was_repaired_is_judged_by_the_laws_that_it_comes_under() {
    let text = "version: 1\nservise: a\nregions: [FR]\nages: 18+\norganisations: {me: {name: Me, country: FR, role: controller}}\n\
                notices: {n: {title: N, channel: direct, published: 2024-01-01}}\npurposes:\n  p:\n    title: Keep accounts\n    \
                use: essential.service\n    setting: none\n    lawful_basis: contract\n    started: 2024-06-01\n    \
                notices: [n]\n    recipients: []\n    data: [{category: user.health_and_medical, source: provided, \
                collected_since: 2024-06-01}]\n    retention: {period: P1Y}\n    safeguards: []\n";
    let wanted = "error[eu-gdpr/special-category-no-condition]";
    let files = [("purposelint.yaml", "version: 1\n"), ("purposes.yaml", text)];
    let whole = folder(&files);
    let fixed = run(whole.path(), &["--fix", "--format", "concise"], "");
    assert!(fixed.code == 1 && fixed.out.contains(wanted), "{}{}", fixed.out, fixed.err);
    assert_eq!(fixed.err.matches("fixed: ").count(), 1, "{}", fixed.err);
    let again = run(whole.path(), &["--format", "concise"], "");
    assert_eq!((again.code, again.out), (1, fixed.out));

    let named = folder(&files);
    for arguments in [&["--fix", "--format", "concise", "--stdin-filename", "purposes.yaml", "-"][..], &["--fix", "-"]]
    {
        let fixed = run(named.path(), arguments, text);
        assert_eq!((fixed.code, fixed.out.as_str()), (1, &*text.replace("servise", "service")), "{}", fixed.err);
        assert!(fixed.err.contains("eu-gdpr/special-category-no-condition"), "{}", fixed.err);
    }
}

#[test]
fn where_not_all_was_tried_it_is_said_what_helps() {
    let mut text = "version: 1\nservice: a\nregions: [GB]\nsettings:\n".to_owned();
    let of_each = |line: &dyn Fn(usize) -> String| (0..110).map(line).collect::<String>();
    let over = "overrides: [{regions: [UK], default: off}]";
    text += &of_each(&|at| format!("  s{at}: {{default: ask, {over}}}\n"));
    text += &format!("purposes:\n{}", of_each(&|at| format!("  p{at}: {{use: analytics, setting: s{at}}}\n")));
    let folder = folder(&[("purposelint.yaml", "version: 1\npacks: [core]\n"), ("purposes.yaml", &text)]);
    let fixed = run(folder.path(), &["--fix"], "");
    assert!(fixed.err.starts_with("not fixed: "), "{}", fixed.err);
    let help = "  help: repair by hand what was not fixed, then run the command again for the others\n";
    assert!(fixed.err.ends_with(&format!("warning: not all fixes were tried\n{help}")), "{}", fixed.err);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder(&[("real/feed.yaml", WRONG), ("purposelint.yaml", "version: 1\n")]);
    let (real, link) = (folder.path().join("real/feed.yaml"), folder.path().join("purposes.yaml"));
    symlink("real/feed.yaml", &link).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run(folder.path(), &["--fix"], "").code, 0);
    assert_eq!(fs::read_to_string(&real).unwrap(), right());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn a_product_file_outside_of_the_workspace_is_not_read() {
    let outside = folder(&[("defaults.json", "{\"t\": true}")]);
    let text = "version: 1\nservice: a\npurposes:\n  t:\n    use: analytics\n    setting: {default: off, reads: {file: app/defaults.json, pointer: /t}}\n";
    let folder = folder(&[("purposes.yaml", text), ("app/keep", ""), ("purposelint.yaml", "version: 1\n")]);
    std::os::unix::fs::symlink(outside.path().join("defaults.json"), folder.path().join("app/defaults.json")).unwrap();
    let checked = run(folder.path(), &["--format", "concise"], "");
    let line = checked.out.lines().find(|line| line.contains("declared-default-differs")).unwrap();
    assert!(line.contains("is a link that leads out of the workspace"), "{line}");
    fs::remove_file(folder.path().join("app/defaults.json")).unwrap();
    fs::write(folder.path().join("app/defaults.json"), "{\"t\": true}").unwrap();
    assert_eq!(run(folder.path(), &[], "").code, 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_said_with_what_was() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("a/purposes.yaml", WRONG), ("b/purposes.yaml", &WRONG.replace("service: a", "service: b"))]);
    let mode = |mode| fs::set_permissions(folder.path().join("b"), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o555);
    let fixed = run(folder.path(), &["--fix"], "");
    mode(0o755);
    // a privileged user may write anywhere
    if fixed.code == 2 {
        assert!(fixed.err.contains("fixed: a/purposes.yaml:3") && !fixed.err.contains("fixed: b/"), "{}", fixed.err);
        assert!(fixed.err.contains("`b/purposes.yaml` cannot be written"), "{}", fixed.err);
    }
    assert_eq!(fs::read_to_string(folder.path().join("a/purposes.yaml")).unwrap(), right());
    assert_eq!(fs::read_dir(folder.path().join("b")).unwrap().count(), 1);
}
