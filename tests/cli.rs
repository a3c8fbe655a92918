//! The binary from outside: arguments, streams, exit codes, files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing unwrap is a failing test")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const FLAGGED: &str = "\
version: 1
service: notes_app
purposes:
  model_training:
    use: train_ai_system
    setting: {default: on}
";

fn workspace(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Exit code, standard output, standard error; the environment is empty.
fn run_with(folder: &Path, line: &str, stdin: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    command.env_clear().current_dir(folder).args(line.split_whitespace()).write_stdin(stdin);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| {
        String::from_utf8(bytes).unwrap().replace(&*folder.canonicalize().unwrap().to_string_lossy(), "ROOT")
    };
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn run(folder: &TempDir, line: &str) -> (i32, String, String) {
    run_with(folder.path(), line, "")
}

#[track_caller]
fn refused(folder: &TempDir, line: &str, code: i32, parts: &[&str]) {
    let (is, out, err) = run(folder, line);
    assert_eq!(is, code, "{line}\n{out}\n{err}");
    for part in parts {
        assert!(err.contains(part), "{line}: no `{part}` in\n{err}");
    }
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn wrong_usage_is_answered_with_what_would_be_right() {
    let folder = workspace(&[("purposes.yaml", FLAGGED), ("p/acme/pack.yaml", "")]);
    refused(&folder, "--fromat json", 2, &["--fromat", "--format"]);
    refused(&folder, "--format jsn", 2, &["jsn", "json"]);
    refused(&folder, "--as-of tomorrow", 2, &["write an existing day as YYYY-MM-DD"]);
    refused(&folder, "why training --region FR --age young", 2, &["write whole years, such as 15"]);
    refused(&folder, "--output-file gone/report.json", 2, &["no such file or directory\n", "a folder that exists"]);
    refused(&folder, "chek", 2, &["`chek` does not exist", "did you mean the command `check`?"]);
    refused(&folder, "--format json check", 2, &["a command stands first: `purposelint check"]);
    refused(&folder, "purpose.yaml", 2, &["`purpose.yaml` does not exist", "did you mean `purposes.yaml`?"]);
    refused(&folder, "schema declration", 2, &["declaration"]);
    refused(&folder, "- -", 2, &["--stdin-filename"]);
    refused(&folder, "explain setting-burried", 2, &["there is no rule", "did you mean `setting-buried`?"]);
    refused(&folder, "rules --pack coer", 2, &["there is no pack `coer`", "did you mean `core`?"]);
    let parts = ["there is no pack `", "in with `--packs ", "p/acme`, or with", "name it `acme`"];
    ["rules --pack p/acme", "test p/acme", "test ./p/acme"].iter().for_each(|line| refused(&folder, line, 2, &parts));
    refused(&folder, "why model_training --region EU", 2, &["`EU` is a group, not one territory"]);
    refused(&folder, "why model_trainig --region FR", 2, &["did you mean `model_training`?"]);
    refused(&folder, "--output-file nowhere/report.json", 2, &["`nowhere/report.json` cannot be written"]);
}

#[test]
fn nothing_checked_is_an_exit_code_of_its_own() {
    let empty = workspace(&[("readme.md", "")]);
    refused(
        &empty,
        "",
        3,
        &["nothing was checked: no declarations in ROOT (files named purposes.yaml or *.purposes.yaml)"],
    );
    let folder = workspace(&[("a/purposes.yaml", FLAGGED), ("b/readme.md", "")]);
    refused(&folder, "b", 3, &["nothing was checked: no declarations in b "]);
    let void = workspace(&[("purposes.yaml", "version: 1\nservice: notes_app\npurposes: {}\n")]);
    refused(&void, "", 3, &["nothing was checked: no purpose is declared"]);
}

#[test]
fn findings_decide_the_exit_code_and_formats_do_not() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    for line in ["", "check", "purposes.yaml", "check .", "--format json", "--format concise", "--format jsonl", "-q"] {
        let (code, out, err) = run(&folder, line);
        assert_eq!(code, 1, "{line}\n{out}\n{err}");
        assert!(out.contains("ai-training-on-by-default"), "{line}\n{out}");
    }
    fs::write(folder.path().join("purposelint.yaml"), "severity: {\"*\": info}\n").unwrap();
    assert_eq!(run(&folder, "").0, 0);
    assert_eq!(run(&folder, "--fail-on info").0, 1);
}

#[test]
fn exit_zero_lets_findings_through_and_nothing_else() {
    let folder = workspace(&[("purposes.yaml", FLAGGED), ("a/readme.md", "")]);
    for format in ["human", "concise", "json", "jsonl"] {
        let (code, out, err) = run(&folder, &format!("--exit-zero --format {format}"));
        assert_eq!((code, out.contains("ai-training-on-by-default")), (0, true), "{format}\n{out}\n{err}");
    }
    refused(&folder, "--exit-zero a", 3, &["nothing was checked"]);
    refused(&folder, "--exit-zero gone.yaml", 2, &["`gone.yaml` does not exist"]);
    refused(&folder, "--exit-zero --fail-on eror", 2, &["error"]);
    fs::write(folder.path().join("purposelint.yaml"), "colour: x\n").unwrap();
    refused(&folder, "--exit-zero", 2, &["unknown key `colour`"]);
    // a file that nobody could judge is not let through, alone or beside others
    for files in [&[("purposes.yaml", "a: [\n")][..], &[("purposes.yaml", FLAGGED), ("b.purposes.yaml", "a: [\n")]] {
        let broken = workspace(files);
        refused(&broken, "--exit-zero", 2, &["not everything could be judged", "`--exit-zero`"]);
        assert_eq!(run(&broken, "").0, 1);
    }
}

#[test]
fn a_config_that_cannot_be_followed_ends_the_run() {
    for (config, parts) in [
        ("colour: x\n", &["unknown key `colour`", "purposelint.yaml:1"][..]),
        ("version: 2\n", &["version 2", "version 1"]),
        ("packs: [core, fair-default]\n", &["there is no pack `fair-default`", "did you mean `fair-defaults`?"]),
        ("severity: {fair-defaults/setting-burried: off}\n", &["did you mean `fair-defaults/setting-buried`?"]),
        ("severity: {fair-default/*: off}\n", &["matches no rule", "did you mean `fair-defaults/*`?"]),
        ("groups: {MINE: [UK]}\n", &["`UK` is not a territory", "did you mean `GB`?"]),
        ("packs: [./rules]\n", &["there is no pack in `./rules`"]),
        ("a: [\n", &["purposelint.yaml"]),
    ] {
        let folder = workspace(&[("purposes.yaml", FLAGGED), ("purposelint.yaml", config)]);
        refused(&folder, "", 2, parts);
    }
    let folder = workspace(&[("purposes.yaml", FLAGGED), ("purposelint.yml", "")]);
    refused(&folder, "", 2, &["`purposelint.yml` is not read", "rename it to `purposelint.yaml`"]);
}

#[test]
fn a_newer_format_is_not_judged() {
    let newer = FLAGGED.replace("version: 1", "version: 2");
    let folder = workspace(&[("a.purposes.yaml", FLAGGED), ("b.purposes.yaml", &newer)]);
    refused(&folder, "", 2, &["version 2"]);
    refused(&folder, "why model_training --region FR", 2, &["version 2"]);
}

#[test]
fn a_broken_file_cannot_be_hidden() {
    let config = "severity: {core/*: info}\n";
    let folder = workspace(&[("purposes.yaml", FLAGGED), ("b.purposes.yaml", "a: [\n"), ("purposelint.yaml", config)]);
    refused(&folder, "--fail-on error", 2, &["not everything could be judged"]);
    fs::write(folder.path().join("purposelint.yaml"), "severity: {core/*: off}\n").unwrap();
    refused(&folder, "", 2, &["cannot be switched off", "purposelint.yaml:1:20"]);
    fs::remove_file(folder.path().join("purposelint.yaml")).unwrap();
    assert_eq!(run(&folder, "").0, 1);
}

#[test]
fn purposes_of_no_service_cannot_be_hidden() {
    let homeless = FLAGGED.replace("service: notes_app\n", "");
    let clean = "version: 1\nservice: a\npurposes:\n  p: {use: analytics, setting: none}\n";
    let config = "severity: {core/missing-key: info}\n";
    let folder = workspace(&[("a.purposes.yaml", clean), ("b.purposes.yaml", &homeless), ("purposelint.yaml", config)]);
    refused(&folder, "", 2, &["not everything could be judged"]);
    let (_, out, _) = run(&folder, "");
    assert!(out.contains("skipped b.purposes.yaml: some purposes were not judged"), "{out}");
}

#[test]
fn a_rule_cannot_be_left_out_by_its_name_and_no_rule_is_no_test() {
    let pack = "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n";
    let config = "packs: [./policies/acme]\n";
    let folder = workspace(&[
        ("purposes.yaml", FLAGGED),
        ("purposelint.yaml", config),
        ("policies/acme/pack.yaml", pack),
        ("policies/acme/late.yml", "title: late\n"),
    ]);
    refused(&folder, "", 2, &["`late.yml` must end in `.yaml`", "help: rename it"]);
    fs::remove_file(folder.path().join("policies/acme/late.yml")).unwrap();
    refused(&folder, "test acme", 3, &["nothing was checked: no rules in acme"]);
}

#[test]
fn paths_narrow_the_report_and_never_what_is_read() {
    let shared = "version: 1\nservice: b\npurposes:\n  p: {use: train_ai_system, setting: {default: on}, recipients: [vendor]}\n";
    let vendor = "version: 1\norganisations:\n  vendor: {name: Vendor Inc., role: processor, country: US}\n";
    let folder =
        workspace(&[("a/purposes.yaml", FLAGGED), ("b/purposes.yaml", shared), ("vendor.purposes.yaml", vendor)]);
    let (_, out, _) = run(&folder, "--format concise b");
    assert!(out.contains("b/purposes.yaml:") && !out.contains("a/purposes.yaml:"), "{out}");
    assert!(!out.contains("unknown-reference"), "{out}");
    fs::write(folder.path().join("purposelint.yaml"), "").unwrap();
    let (_, out, _) = run(&folder, "--format concise b purposelint.yaml");
    assert!(out.contains("a/purposes.yaml:"), "{out}");
    fs::write(folder.path().join("other.yaml"), FLAGGED.replace("notes_app", "other")).unwrap();
    let (_, out, _) = run(&folder, "--format concise other.yaml");
    assert!(out.contains("other.yaml:") && !out.contains("a/purposes.yaml:"), "{out}");
}

#[test]
fn a_purpose_in_a_named_file_is_reported_wherever_its_cause_stands() {
    let purposes = "version: 1\nservice: s\npurposes:\n  p: {use: train_ai_system, setting: x}\n";
    let settings = "version: 1\nservice: s\nsettings:\n  x: {default: on}\n";
    let folder = workspace(&[("a.purposes.yaml", purposes), ("b.purposes.yaml", settings)]);
    let (code, out, _) = run(&folder, "--format concise a.purposes.yaml");
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("b.purposes.yaml:4:16: error[fair-defaults/ai-training-on-by-default]"), "{out}");
}

#[test]
fn a_broken_file_outside_of_what_was_named_is_not_passed_over() {
    let purposes = "version: 1\nservice: s\npurposes:\n  p: {use: train_ai_system, setting: {default: off}}\n";
    let folder =
        workspace(&[("a.purposes.yaml", purposes), ("b.purposes.yaml", "version: 1\nservice: s\nsettings: [\n")]);
    refused(&folder, "a.purposes.yaml", 2, &["b.purposes.yaml: not judged", "not everything could be judged"]);
    assert_eq!(run(&folder, "").0, 1);
    assert_eq!(run(&folder, "b.purposes.yaml").0, 1);
}

const ACME: &str = "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\nlicence: proprietary\n";

const ACME_RULE: &str = "title: it is wrong\nseverity: error\ncites: [{text: t, kind: practice, confidence: high}]\nwhy: w\n\
    applies: {uses: [train_ai_system]}\nrequire: today < \"2000-01-01\"\nmessage: it is wrong\nhelp: h\nexamples:\n\
    - {title: a, flagged: \"version: 1\\nservice: s\\npurposes:\\n  # purpose\\n  p: {use: train_ai_system, setting: {default: on}}  # <- flagged\\n\"}\n\
    - {title: b, clean: \"version: 1\\nservice: s\\npurposes: {p: {use: train_ai_system, setting: {default: on}}}\\n\", as_of: 1999-01-01}\n";

#[test]
fn a_pack_named_by_hand_is_used_whatever_the_config_lists() {
    let folder = workspace(&[
        ("purposes.yaml", &FLAGGED.replace("on", "off")),
        ("purposelint.yaml", "packs: [core, fair-defaults]\n"),
        ("rules/acme/pack.yaml", ACME),
        ("rules/acme/wrong.yaml", ACME_RULE),
    ]);
    for line in ["--packs rules --format concise", "--packs rules/acme --format concise"] {
        let (code, out, err) = run(&folder, line);
        assert!(code == 1 && out.contains("acme/wrong"), "{out}{err}");
    }
}

#[test]
fn a_rule_file_with_another_ending_is_not_passed_over() {
    let folder = workspace(&[
        ("purposes.yaml", FLAGGED),
        ("purposelint.yaml", "packs: [core, fair-defaults, ./acme]\n"),
        ("acme/pack.yaml", ACME),
        ("acme/wrong.yml", ACME_RULE),
    ]);
    refused(&folder, "", 2, &["`wrong.yml` must end in `.yaml`", "purposelint.yaml:1"]);
}

#[test]
fn a_finding_that_nothing_declared_decides_points_at_its_own_purpose() {
    let two = "version: 1\nservice: s\npurposes:\n  a: {use: essential.service, setting: {default: off}}\n  b: {use: train_ai_system, setting: {default: off}}\n";
    let folder = workspace(&[
        ("purposes.yaml", two),
        ("purposelint.yaml", "packs: [./acme]\n"),
        ("acme/pack.yaml", ACME),
        ("acme/wrong.yaml", ACME_RULE),
    ]);
    let (code, out, err) = run(&folder, "--format concise");
    assert!(code == 1 && out.contains("purposes.yaml:5:48: error[acme/wrong]"), "{out}{err}");
}

#[test]
fn what_makes_a_state_unreadable_is_named() {
    let head = "version: 1\nservice: s\npurposes:\n  p:\n    use: train_ai_system\n";
    for (text, missing) in [
        ("    setting: {default: on}\n    ended: yes\n", "`purpose.ended` cannot be read"),
        ("    setting: {default: on}\n    carried_out: maybe\n", "`purpose.carried_out` cannot be read"),
        ("    setting: {default: ask, on_dismiss: maybe}\n", "`setting.on_dismiss` cannot be read"),
        ("    setting: {default: maybe}\n", "`setting.default` cannot be read"),
        ("    setting: 3\n", "`purpose.setting` cannot be read"),
    ] {
        let folder = workspace(&[("purposes.yaml", &format!("{head}{text}"))]);
        let (_, out, _) = run(&folder, "--format concise");
        assert!(
            out.contains(&format!(
                "ai-training-on-by-default] cannot tell whether training of AI systems is on by default: {missing}"
            )),
            "{out}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_read_anyway_is_that_file() {
    let folder = workspace(&[("a.purposes.yaml", FLAGGED)]);
    std::os::unix::fs::symlink("a.purposes.yaml", folder.path().join("b.purposes.yaml")).unwrap();
    let (code, out, _) = run(&folder, "--format concise b.purposes.yaml");
    assert!(code == 1 && !out.contains("duplicate-id") && out.contains("a.purposes.yaml:6"), "{out}");
}

#[test]
fn a_tie_of_a_later_day_is_not_hidden_by_one_of_another_property() {
    let text = "version: 1\nservice: s\npurposes:\n  p:\n    use: train_ai_system\n    setting:\n      default: off\n      overrides:\n\
        - {regions: [US], default: on}\n        - {ages: 16+, default: off}\n\
        - {regions: [US], from: 2027-01-01, first_offered: 2021-01-01}\n        - {ages: 16+, from: 2027-01-01, first_offered: 2022-01-01}\n";
    let text = text.replace("\n- {", "\n        - {");
    let folder = workspace(&[("purposes.yaml", &text)]);
    let (_, out, _) = run(&folder, "--format concise --as-of 2026-11-21");
    assert!(out.contains("`default` is ambiguous") && out.contains("`first_offered` is ambiguous"), "{out}");
}

#[test]
fn paths_share_one_root() {
    let folder = workspace(&[
        ("a/purposelint.yaml", ""),
        ("a/purposes.yaml", FLAGGED),
        ("b/purposelint.yaml", ""),
        ("b/purposes.yaml", FLAGGED),
    ]);
    refused(&folder, "a b", 2, &["`a` to `ROOT/a`, `b` to `ROOT/b`", "run purposelint once for each"]);
    refused(&folder, "", 3, &["no declarations in ROOT", "a: a workspace of its own"]);
}

#[test]
fn standard_input_stands_for_a_file() {
    let folder = workspace(&[("purposes.yaml", "version: 1\n"), ("sub/readme.md", "")]);
    let (code, out, _) = run_with(folder.path(), "--format concise --stdin-filename purposes.yaml -", FLAGGED);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("purposes.yaml:6:"), "{out}");
    let (code, out, _) = run_with(folder.path(), "--format concise --stdin-filename sub/new.yaml -", FLAGGED);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("sub/new.yaml:6:"), "{out}");
    for beside in ["", "purposes.yaml", "sub"] {
        let (code, out, _) = run_with(folder.path(), &format!("--format concise - {beside}"), FLAGGED);
        assert_eq!(code, 1, "{beside}: {out}");
        assert!(out.contains("<stdin>:6:"), "{beside}: {out}");
    }
}

#[test]
fn standard_input_for_what_is_excluded_is_passed_on() {
    let folder = workspace(&[("purposelint.yaml", "exclude: [sub]\n"), ("purposes.yaml", FLAGGED), ("sub/a.md", "")]);
    let line = "--format concise --stdin-filename sub/purposes.yaml -";
    assert_eq!(run_with(folder.path(), line, FLAGGED).0, 1, "it was named");
    let (code, out, err) = run_with(folder.path(), &format!("{line} --force-exclude"), FLAGGED);
    assert_eq!((code, &*out, err.contains("sub/purposes.yaml: named, but left out by")), (0, "", true), "{err}");
    let (code, out, _) = run_with(folder.path(), &format!("{line} --force-exclude --fix"), FLAGGED);
    assert_eq!((code, &*out), (0, FLAGGED));
}

#[test]
fn a_folder_that_is_named_twice_is_one() {
    let folder = workspace(&[("a/readme.md", ""), ("b/purposes.yaml", FLAGGED)]);
    let (code, _, err) = run(&folder, "--format concise a a/. b");
    assert_eq!((code, err.matches("nothing was checked in `a`").count(), err.lines().count()), (1, 1, 1), "{err}");
}

#[test]
fn a_report_goes_to_its_file_whole() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    fs::write(folder.path().join("report.json"), "before").unwrap();
    let (code, out, err) = run(&folder, "--format json --output-file report.json");
    assert_eq!((code, out.as_str(), err.as_str()), (1, "", ""));
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(report["version"], 1);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[cfg(unix)]
#[test]
fn links_out_of_the_workspace_and_devices_are_not_read() {
    use std::os::unix::fs::symlink;
    let outside = workspace(&[("purposes.yaml", "secret: value\n")]);
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    symlink(outside.path().join("purposes.yaml"), folder.path().join("a.purposes.yaml")).unwrap();
    symlink("/dev/zero", folder.path().join("b.purposes.yaml")).unwrap();
    refused(&folder, "a.purposes.yaml", 2, &["`a.purposes.yaml` is a link that leads out of the workspace"]);
    let (code, out, err) = run(&folder, "");
    assert_eq!(code, 2, "{out}{err}");
    assert!(err.contains("b.purposes.yaml: a link that leads out of the workspace"), "{err}");
    assert!(!out.contains("secret") && !err.contains("secret"));
    refused(&folder, "--config /dev/zero", 2, &["is not a regular file"]);
}

#[test]
fn packs_are_read_from_a_folder_while_they_are_written() {
    let pack = "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\nlicence: proprietary\n";
    let folder = workspace(&[("purposes.yaml", FLAGGED), ("rules/acme/pack.yaml", pack)]);
    let (code, out, err) = run(&folder, "rules --packs rules");
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("acme 1.0.0: Acme") && out.contains("core/duplicate-key"), "{out}");
    refused(&folder, "--packs .git", 2, &["there is no pack in `.git`", "a pack is a folder with a pack.yaml"]);
    fs::write(folder.path().join("rules/acme/bad.yaml"), "tilte: x\n").unwrap();
    refused(&folder, "--packs rules", 2, &["tilte", "acme/bad.yaml"]);
    fs::write(folder.path().join("purposelint.yaml"), "packs: [fair-defaults, ./rules/acme]\n").unwrap();
    refused(&folder, "", 2, &["acme/bad.yaml"]);
    fs::remove_file(folder.path().join("rules/acme/bad.yaml")).unwrap();
    assert_eq!(run(&folder, "").0, 1);
}

#[test]
fn the_other_commands_answer() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    let (code, out, _) = run(&folder, "schema declaration");
    assert_eq!(code, 0);
    assert_eq!(out, include_str!("../schemas/declaration.v1.json"));
    let (code, out, _) = run(&folder, "why model_training --region FR --age 15");
    assert_eq!(code, 0);
    assert!(out.contains("FR (France)"), "{out}");
    let (code, out, _) = run(&folder, "explain ai-training-on-by-default");
    assert_eq!(code, 0);
    assert!(out.starts_with("fair-defaults/ai-training-on-by-default"), "{out}");
    let (code, out, err) = run(&folder, "test core");
    assert_eq!(code, 0, "{out}{err}");
    let (code, out, _) = run(&folder, "rules --format json");
    assert_eq!(code, 0);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap()["version"], 1);
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let folder = workspace(&[]);
    for line in ["--help", "check --help"] {
        let (code, out, _) = run(&folder, line);
        assert_eq!(code, 0);
        assert!(out.contains("Examples:") && out.contains("Exit codes:"), "{line}\n{out}");
    }
    for command in ["explain", "rules", "why", "test", "schema"] {
        let (code, out, _) = run(&folder, &format!("{command} --help"));
        assert_eq!(code, 0);
        assert!(out.contains("Examples:\n  purposelint "), "{command}\n{out}");
    }
    let (code, out, _) = run(&folder, "--version");
    assert_eq!((code, out), (0, format!("purposelint {}\n", env!("CARGO_PKG_VERSION"))));
}

/// The keys of a stub that have no value, by line.
fn empty_keys(stub: &str) -> Vec<usize> {
    let lines: Vec<(usize, &str)> =
        (1..).zip(stub.lines()).filter(|(_, line)| !line.trim_start().starts_with('#')).collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_leaf = |at: usize| lines.get(at + 1).is_none_or(|(_, next)| indent(next) <= indent(lines[at].1));
    let leaves = (0..lines.len()).filter(|at| lines[*at].1.ends_with(':') && is_leaf(*at));
    leaves.map(|at| lines[at].0).collect()
}

#[test]
fn a_stub_that_nobody_filled_in_does_not_pass() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/missing");
    for (case, facts) in [("smallest", 11), ("below", 25)] {
        let text = fs::read_to_string(cases.join(case).join("purposes.yaml")).unwrap();
        let folder = workspace(&[("purposes.yaml", &text)]);
        let (code, out, err) = run(&folder, "check --missing=yaml --as-of 2026-11-21 --output-file stub/stub.yaml");
        assert_eq!((code, &*out), (2, ""), "{err}");
        fs::create_dir(folder.path().join("stub")).unwrap();
        run(&folder, "check --missing=yaml --as-of 2026-11-21 --output-file stub/stub.yaml");
        let stub = fs::read_to_string(folder.path().join("stub/stub.yaml")).unwrap();
        let alone = workspace(&[("purposes.yaml", &stub)]);
        let (code, out, _) = run(&alone, "--format concise");
        assert_eq!(code, 1);
        let keys = empty_keys(&stub);
        assert!(keys.len() >= facts, "{case}: {} keys\n{stub}", keys.len());
        for line in keys {
            let flagged = out.lines().any(|found| {
                found.starts_with(&format!("purposes.yaml:{line}:"))
                    && found.contains("error")
                    && found.contains("has no value")
            });
            assert!(flagged, "{case}: line {line} passes\n{stub}\n{out}");
        }
    }
}

#[test]
fn colour_repeats_what_the_words_of_the_matrix_say() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    let (_, plain, _) = run(&folder, "matrix --as-of 2026-11-21");
    let (code, colored, _) = run(&folder, "matrix --as-of 2026-11-21 --color always");
    assert_eq!(code, 0);
    assert!(colored.contains("\u{1b}[31mon [1]\u{1b}[0m"), "{colored}");
    assert_eq!(colored.replace("\u{1b}[31m", "").replace("\u{1b}[0m", ""), plain);
}

#[test]
fn a_config_builds_on_files_of_its_repository_only() {
    let near = "extends: [../base/purposelint.yaml]\n";
    let folder = workspace(&[
        ("service/purposes.yaml", FLAGGED),
        ("service/purposelint.yaml", near),
        ("base/purposelint.yaml", "extends: [more.yaml]\n"),
        ("base/more.yaml", "severity: {fair-defaults/ai-training-on-by-defualt: off}\n"),
    ]);
    refused(&folder, "check service", 2, &["../base/more.yaml:1:12", "did you mean"]);
    fs::write(
        folder.path().join("base/more.yaml"),
        "packs: [core, fair-defaults]\nseverity: {fair-defaults/*: info}\n",
    )
    .unwrap();
    assert_eq!(run(&folder, "check service").0, 0);
    // a change to a file of the config concerns every declaration
    assert!(run(&folder, "check service/purposes.yaml base/../service/purposelint.yaml").1.contains("model_training"));

    // the same file named by two paths is one file
    fs::write(folder.path().join("base/more.yaml"), "extends: [../base/./purposelint.yaml]\n").unwrap();
    refused(&folder, "check service", 2, &["leads in a circle: ../base/purposelint.yaml → ../base/more.yaml"]);

    // a repository inside a repository ends at its own root
    fs::create_dir(folder.path().join("service/.git")).unwrap();
    refused(&folder, "check service", 2, &["is outside the repository", "git submodule"]);
    fs::remove_dir(folder.path().join("service/.git")).unwrap();

    for (bytes, part) in [(&b"a: \xff\n"[..], "UTF-8"), (&b"extends: [/etc/passwd]\n"[..], "outside the repository")] {
        fs::write(folder.path().join("base/more.yaml"), bytes).unwrap();
        refused(&folder, "check service", 2, &[part, "../base/more.yaml"]);
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_extends_does_not_leave_the_repository() {
    let outside = workspace(&[("base.yaml", "fail_on: info\n")]);
    let folder = workspace(&[
        ("purposes.yaml", FLAGGED),
        ("purposelint.yaml", "extends: [a.yaml]\n"),
        ("b.yaml", "fail_on: x\n"),
    ]);
    let link = folder.path().join("a.yaml");
    std::os::unix::fs::symlink(outside.path().join("base.yaml"), &link).unwrap();
    refused(&folder, "", 2, &["`a.yaml` is outside the repository"]);
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("b.yaml", &link).unwrap();
    refused(&folder, "", 2, &["`x` is not a value of `fail_on`", "a.yaml:1:10"]);
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
    refused(&folder, "", 2, &["outside the repository"]);
}

#[test]
fn a_cap_hides_no_file_that_cannot_be_read() {
    let folder = workspace(&[("purposes.yaml", FLAGGED), ("b.purposes.yaml", "a: [\n")]);
    assert_eq!(run(&folder, "").0, 1);
    refused(&folder, "--cap warning", 2, &["not everything could be judged"]);
    fs::remove_file(folder.path().join("b.purposes.yaml")).unwrap();
    assert_eq!(run(&folder, "--cap warning").0, 0);
    assert_eq!(run(&folder, "--cap warning --fail-on warning").0, 1);
    let (_, out, _) = run(&folder, "--cap info --format concise");
    assert!(out.contains(": info[") && !out.contains("error[") && !out.contains("warning["), "{out}");
}

#[test]
fn checks_of_core_are_kept_in_every_file() {
    for files in ["{glob: labs, severity: {core/*: off}}", "{glob: nowhere, severity: {core/unknown-key: off}}"] {
        let config = format!("files: [{files}]\n");
        let folder = workspace(&[("labs/purposes.yaml", FLAGGED), ("purposelint.yaml", &config)]);
        refused(&folder, "", 2, &["cannot be switched off"]);
    }
}

#[test]
fn a_rule_that_is_off_in_some_files_is_said_to_be() {
    let config = "files: [{glob: labs, severity: {fair-defaults/ai-training-on-by-default: off}}]\n";
    let other = FLAGGED.replace("notes_app", "other");
    let folder = workspace(&[("labs/purposes.yaml", FLAGGED), ("purposes.yaml", &other), ("purposelint.yaml", config)]);
    let (code, out, _) = run(&folder, "");
    assert_eq!(code, 1);
    let skipped = "skipped fair-defaults/ai-training-on-by-default: switched off by the config for 1 of 2 files";
    assert!(out.replace("\n  ", " ").contains(skipped), "{out}");
    assert!(!run(&folder, "labs --format concise").1.contains("ai-training-on-by-default"));
}

#[test]
fn a_pack_by_hand_in_place_of_a_locked_one_is_said() {
    let pack = "title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n";
    let rule = "title: t\nseverity: info\ncites: [{text: a, kind: practice, confidence: high, in_force: {from: 2025-01-01}}]\n\
                why: w\nrequire: \"true\"\nexamples: [{title: t, clean: \"version: 1\"}]\n";
    let folder = workspace(&[
        ("purposes.yaml", FLAGGED),
        ("purposelint.yaml", "packs: [core, fair-defaults]\nlocked: [fair-defaults/*]\n"),
        ("mine/fair-defaults/pack.yaml", pack),
        ("mine/fair-defaults/setting-buried.yaml", rule),
    ]);
    let (code, out, err) = run(&folder, "--packs mine");
    assert_eq!(code, 0, "{out}{err}");
    // once: in the report of who reads one, else beside it
    let said = "although its rules are locked at purposelint.yaml:2:10";
    assert!(out.replace("\n  ", " ").contains(said) && err.is_empty(), "{out}{err}");
    let (_, out, err) = run(&folder, "--packs mine --format concise");
    assert!(
        err.contains(&format!("warning: the pack `fair-defaults`: comes from mine, as the command line says, {said}")),
        "{err}"
    );
    assert!(!out.contains(said), "{out}");
    let (_, out, err) = run(&folder, "--packs mine --format json --quiet");
    assert!(out.contains(said) && err.is_empty(), "{out}{err}");
}
