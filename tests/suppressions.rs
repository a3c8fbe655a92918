//! What accepts findings, from the outside: a repository that adopts the tool, and what happens to it afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

mod suppressions {
    mod comments;
}

const RULE: &str = "fair-defaults/ai-training-on-by-default";

/// One rule alone, so that each purpose is one finding.
const CONFIG: &str = "packs: [core, fair-defaults]\nseverity: {\"fair-defaults/*\": off, fair-defaults/ai-training-on-by-default: error}\n";

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, args: &str) -> Run {
    let output = Command::cargo_bin("purposelint")
        .unwrap()
        .current_dir(folder)
        .args(args.split_whitespace())
        .env_clear()
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn check(folder: &Path, args: &str) -> (i32, Vec<Value>) {
    let run = run(folder, &format!("check --as-of 2026-11-21 --format json {args}"));
    assert!(run.code < 2, "{}{}", run.out, run.err);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    (run.code, report["findings"].as_array().unwrap().clone())
}

fn open(findings: &[Value]) -> Vec<&Value> {
    findings.iter().filter(|finding| finding["suppressed"].is_null()).collect()
}

/// A service with purposes that train on what people write, one after the other.
fn service(folder: &Path, name: &str, regions: &str, purposes: &[String]) {
    let purposes: String = purposes
        .iter()
        .map(|id| format!("  {id}:\n    use: train_ai_system\n    setting: {{default: on}}\n"))
        .collect();
    let text = format!("version: 1\nservice: {name}\nregions: [{regions}]\npurposes:\n{purposes}");
    fs::create_dir_all(folder.join(name)).unwrap();
    fs::write(folder.join(name).join("purposes.yaml"), text).unwrap();
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("training_{number:02}")).collect()
}

#[test]
fn a_repository_with_forty_findings_adopts_the_tool() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    service(root, "feed", "EEA", &ids(0..25));
    service(root, "chat", "GB", &ids(0..15));
    assert_eq!(check(root, "").0, 1);

    let created = run(root, "baseline create --as-of 2026-11-21");
    assert_eq!((created.code, created.out.as_str()), (0, "purposelint-baseline.json: 40 findings accepted\n"));
    let written = fs::read_to_string(root.join("purposelint-baseline.json")).unwrap();
    assert_eq!(written.lines().filter(|line| line.contains(RULE)).count(), 40);
    let (code, findings) = check(root, "");
    assert_eq!((code, open(&findings).len(), findings.len()), (0, 0, 40));

    // moved lines and another order are nothing new
    let reversed: Vec<String> = ids(0..25).into_iter().rev().collect();
    service(root, "feed", "EEA", &reversed);
    assert_eq!(check(root, "").0, 0);
    assert_eq!(run(root, "baseline check --as-of 2026-11-21").code, 0);

    // the 41st
    service(root, "chat", "GB", &ids(0..16));
    let (code, findings) = check(root, "");
    let new = open(&findings);
    assert_eq!((code, new.len(), new[0]["purpose"].as_str().unwrap()), (1, 1, "training_15"));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 1);
    assert_eq!(fs::read_to_string(root.join("purposelint-baseline.json")).unwrap(), written);
    service(root, "chat", "GB", &ids(0..15));
    assert_eq!(check(root, "").0, 0);

    // an old one whose territory grew
    service(root, "chat", "GB, US", &ids(0..15));
    let (code, findings) = check(root, "");
    assert_eq!((code, open(&findings).len()), (1, 15));
    assert!(open(&findings).iter().all(|finding| finding["news"] == "new for US; for others it was known"));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 1);
    // updating does not take in what is new
    assert_eq!(run(root, "baseline update --as-of 2026-11-21").code, 0);
    assert_eq!(fs::read_to_string(root.join("purposelint-baseline.json")).unwrap(), written);
    service(root, "chat", "GB", &ids(0..15));

    // one is repaired: the baseline may shrink, and then it cannot come back
    service(root, "feed", "EEA", &ids(0..24));
    let (code, findings) = check(root, "");
    let said: Vec<&str> = open(&findings).iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!((code, said), (0, vec!["core/stale-baseline"]));
    assert_eq!(run(root, "baseline check --as-of 2026-11-21").code, 1);
    let updated = run(root, "baseline update --as-of 2026-11-21");
    assert_eq!(updated.out, "purposelint-baseline.json: 1 taken out; 39 findings accepted\n");
    assert_eq!(check(root, "").1.len(), 39);
    service(root, "feed", "EEA", &ids(0..25));
    assert_eq!(check(root, "").0, 1);
}

#[test]
fn a_baseline_gets_smaller_and_never_larger() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    service(root, "feed", "EEA, GB", &ids(0..2));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 0);
    // half of it is gone, and something else has come
    service(root, "feed", "GB, CH", &ids(0..2));
    let updated = run(root, "baseline update --as-of 2026-11-21");
    assert_eq!(
        updated.out,
        "purposelint-baseline.json: 2 made smaller; 2 findings accepted\n\
         2 findings are open, as `purposelint check` reports; the baseline has 2 of them for fewer people or as less severe\n"
    );
    let (code, findings) = check(root, "");
    assert_eq!(code, 1);
    assert!(
        open(&findings).iter().all(|finding| finding["news"] == "new for CH; for others it was known"),
        "{findings:#?}"
    );
    // what was taken out does not come back
    service(root, "feed", "EEA, GB", &ids(0..2));
    let (_, findings) = check(root, "");
    assert!(
        open(&findings).iter().all(|finding| finding["news"] == "new for EEA; for others it was known"),
        "{findings:#?}"
    );
}

#[test]
fn a_finding_that_gets_more_serious_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG.replace(": error", ": warning")).unwrap();
    service(root, "feed", "EEA", &ids(0..1));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 0);
    assert_eq!(open(&check(root, "").1).len(), 0);
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    let (code, findings) = check(root, "");
    assert_eq!((code, open(&findings).len()), (1, 1));
}

#[test]
fn a_baseline_that_cannot_be_read_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    service(root, "feed", "EEA", &ids(0..1));
    let entry = |rest: &str| format!("{{\"version\": 1, \"places\": {{}}, \"findings\": [{rest}]}}");
    for (text, expected) in [
        (String::new(), "this is not a baseline"),
        ("<<<<<<< HEAD\n{\"version\": 1, \"findings\": []}\n".to_owned(), "take one side, then run"),
        ("{\"version\": 1, \"findings\": []}\n---\n{}".to_owned(), "this is not a baseline"),
        ("[]".to_owned(), "purposelint-baseline.json:"),
        ("{\"version\": 2, \"findings\": []}".to_owned(), "purposelint-baseline.json:"),
        (entry("{\"rule\": \"a/b\", \"outcome\": \"fail\"}"), "severity"),
        (
            entry(
                "{\"rule\": \"a/b\", \"purpose\": \"p\", \"outcome\": \"fail\", \"severity\": \"error\", \
                 \"cells\": [{\"regions\": \"EEA\"}]}",
            ),
            "`places` does not say what this stands for",
        ),
        ("{\"version\": 1, \"places\": {\"X\": [\"QQ\"]}, \"findings\": []}".to_owned(), "this is no territory"),
    ] {
        fs::write(root.join("purposelint-baseline.json"), &text).unwrap();
        for command in ["check", "baseline create", "baseline update", "baseline check"] {
            let run = run(root, command);
            assert_eq!(run.code, 2, "{command} {text}\n{}{}", run.out, run.err);
            assert!(run.err.contains(expected), "{command} {text}\n{}", run.err);
            assert_eq!(fs::read_to_string(root.join("purposelint-baseline.json")).unwrap(), text);
        }
        // an auditor does not need it
        assert_eq!(run(root, "check --no-suppressions").code, 1);
    }
}

#[test]
fn nothing_is_accepted_that_was_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    let nothing = run(root, "baseline create");
    assert_eq!(nothing.code, 3, "{}{}", nothing.out, nothing.err);
    assert!(!root.join("purposelint-baseline.json").exists());
    service(root, "feed", "EEA", &ids(0..2));
    fs::create_dir(root.join("broken")).unwrap();
    fs::write(root.join("broken/purposes.yaml"), "version: 1\nservice: x\npurposes: {a: [\n").unwrap();
    let created = run(root, "baseline create");
    assert_eq!(created.code, 0, "{}{}", created.out, created.err);
    assert!(created.out.contains("open that no baseline accepts: core/syntax-error"), "{}", created.out);
    let (code, findings) = check(root, "");
    let said: Vec<&str> = open(&findings).iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!((code, said), (1, vec!["core/syntax-error"]));
}

#[test]
fn a_narrowed_run_accepts_the_same_as_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let waiver = "waivers: [{rule: \"fair-defaults/*\", services: [chat], purposes: [training_00], reason: r, \
                  owner: o, expires: 2027-01-31}]\n";
    fs::write(root.join("purposelint.yaml"), format!("{CONFIG}{waiver}")).unwrap();
    service(root, "feed", "EEA", &ids(0..3));
    service(root, "chat", "GB", &ids(0..3));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 0);
    service(root, "feed", "EEA", &ids(0..4));
    let text = fs::read_to_string(root.join("chat/purposes.yaml")).unwrap();
    let ignored = text.replace("  training_02:", &format!("  # purposelint: ignore[{RULE}]: agreed\n  training_02:"));
    fs::write(root.join("chat/purposes.yaml"), ignored).unwrap();
    let (_, whole) = check(root, "");
    let mut parts = check(root, "chat").1;
    parts.extend(check(root, "feed/purposes.yaml").1);
    assert_eq!(parts, whole);
    let by: Vec<Option<&str>> = whole.iter().map(|finding| finding["suppressed"]["by"].as_str()).collect();
    let baseline = Some("baseline");
    assert_eq!(by, [Some("waiver"), baseline, Some("ignore"), baseline, baseline, baseline, None]);
    // config and baseline concern everything
    assert_eq!(check(root, "purposelint.yaml").1, whole);
    assert_eq!(check(root, "purposelint-baseline.json").1, whole);
}

/// A workspace of files with [`CONFIG`], and more of it.
fn of(files: &[(&str, &str)], config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("purposelint.yaml"), format!("{CONFIG}{config}")).unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

/// The rules of open findings with the purposes that they name.
fn said(folder: &Path, args: &str) -> Vec<String> {
    let found = check(folder, args).1;
    let name = |finding: &&Value| {
        let rule = finding["rule"].as_str().unwrap();
        finding["purpose"].as_str().map_or(rule.to_owned(), |purpose| format!("{rule} {purpose}"))
    };
    open(&found).iter().map(name).collect()
}

#[test]
fn what_counts_after_the_end_is_not_accepted() {
    let text = "version: 1\nservice: s\nregions: [FR]\npurposes:\n  p:\n    use: train_ai_system\n    \
                setting: {default: off, overrides: [{from: 2027-02-01, default: on}]}";
    let waiver = |day: &str| format!("waivers: [{{rule: {RULE}, reason: r, owner: o, expires: {day}}}]\n");
    let (unmatched, unused) = (Some("core/unmatched-waiver"), Some("core/unused-ignore"));
    for (day, comment, expected, told) in [
        ("2027-03-01", "", 0, None),
        ("2027-02-01", "", 1, unmatched),
        ("2027-01-01", "", 1, unmatched),
        ("2026-12-01", "", 1, unmatched),
        ("", "until 2027-03-01", 0, None),
        ("", "until 2026-12-01", 1, unused),
        ("", "", 1, None),
    ] {
        let comment =
            if comment.is_empty() { String::new() } else { format!(" # purposelint: ignore[{RULE}] {comment}: r") };
        let config = if day.is_empty() { String::new() } else { waiver(day) };
        let folder = of(&[("purposes.yaml", &format!("{text}{comment}\n"))], &config);
        let (code, found) = check(folder.path(), "--fail-on-upcoming");
        assert_eq!(code, expected, "{day} {comment}");
        let about: Vec<&str> =
            found.iter().filter_map(|finding| finding["rule"].as_str()).filter(|rule| *rule != RULE).collect();
        assert_eq!(about, told.into_iter().collect::<Vec<_>>(), "{day} {comment}");
    }
}

#[test]
fn an_expired_waiver_says_what_comes_back() {
    let text = format!(
        "version: 1\nservice: s\nregions: [EEA, GB]\npurposes:\n  p: {}\n",
        "{use: train_ai_system, setting: {default: on}}"
    );
    let waiver = |regions: &str, day: &str| {
        format!("{{rule: {RULE}, regions: [{regions}], reason: r, owner: o, expires: {day}}}")
    };
    let over = "it held until 2026-11-01";
    for (waivers, expected) in [
        (vec![waiver("GB", "2026-11-01")], format!("{over}; 1 finding is flagged again")),
        // what others accept is not
        (
            vec![waiver("EEA", "2026-11-01"), waiver("FR", "2027-03-01"), waiver("FR, DE", "2027-03-01")],
            format!("{over}; 1 finding is flagged again"),
        ),
        (vec![waiver("GB", "2026-11-01"), waiver("GB", "2027-03-01")], over.to_owned()),
    ] {
        let folder = of(&[("purposes.yaml", &text)], &format!("waivers: [{}]\n", waivers.join(", ")));
        let (_, found) = check(folder.path(), "");
        let expired = found.iter().find(|finding| finding["rule"] == "core/expired-waiver").unwrap();
        assert!(expired["message"].as_str().unwrap().ends_with(&expected), "{expired:#}");
    }
}

#[test]
fn two_ties_of_one_setting_are_two_findings() {
    let setting = |first: &str, second: &str| {
        format!(
            "version: 1\nservice: s\nregions: [FR, DE, US]\nsettings:\n  sw:\n    default: off\n    overrides:\n      \
             - {{regions: [FR, DE], {first}}}\n      - {{regions: [FR, US], {second}}}\npurposes:\n  p: {{use: train_ai_system, setting: sw}}\n"
        )
    };
    let before = setting("default: on, first_offered: 2024-01-01", "default: on, first_offered: 2025-01-01");
    let folder = of(&[("purposes.yaml", &before)], "");
    run(folder.path(), "baseline create --as-of 2026-11-21");
    assert_eq!(said(folder.path(), ""), Vec::<String>::new());
    let after = setting("default: on, first_offered: 2024-01-01", "default: off, first_offered: 2025-01-01");
    fs::write(folder.path().join("purposes.yaml"), after).unwrap();
    assert!(said(folder.path(), "").contains(&"core/ambiguous-override".to_owned()));
}

/// A setting that a purpose has to itself goes by the id of the purpose, and there may be one that is declared by that id.
#[test]
fn of_two_ties_that_are_called_alike_each_has_to_be_known() {
    let tie = "{default: off, overrides: [{regions: [FR], default: on}, {regions: [FR], default: off}]}";
    let with = |declared: &str, inline: &str| {
        format!(
            "version: 1\nservice: s\nregions: [FR, DE]\nsettings: {{p: {declared}}}\npurposes:\n  q: {{use: essential.service, setting: p}}\n  \
             t: {{use: train_ai_system, setting: {{default: off}}}}\n  p: {{use: essential.service, setting: {inline}}}\n"
        )
    };
    let rule = "core/ambiguous-override".to_owned();
    let folder = of(&[("purposes.yaml", &with(tie, "{default: off}"))], "");
    let write = |text: &str| fs::write(folder.path().join("purposes.yaml"), text).unwrap();
    assert_eq!(run(folder.path(), "baseline create --as-of 2026-11-21").code, 0);
    assert_eq!(said(folder.path(), ""), Vec::<String>::new());
    write(&with(tie, tie));
    assert_eq!(said(folder.path(), ""), [rule]);
    // both are taken in, and one that is gone is told
    assert_eq!(run(folder.path(), "baseline create --update --as-of 2026-11-21").code, 0);
    assert_eq!(said(folder.path(), ""), Vec::<String>::new());
    write(&with(tie, "{default: off}"));
    assert_eq!(said(folder.path(), ""), ["core/stale-baseline"]);
    let updated = run(folder.path(), "baseline update --as-of 2026-11-21");
    assert_eq!(updated.out, "purposelint-baseline.json: 1 taken out; 1 finding accepted\n");
    assert_eq!(said(folder.path(), ""), Vec::<String>::new());
}

#[test]
fn rules_that_do_not_run_take_nothing_out_of_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    service(root, "feed", "EEA", &ids(0..3));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 0);
    let written = fs::read_to_string(root.join("purposelint-baseline.json")).unwrap();
    fs::write(root.join("purposelint.yaml"), "packs: [core]\n").unwrap();
    let updated = run(root, "baseline update --as-of 2026-11-21");
    assert!(updated.out.contains("3 findings are kept, because their rules are switched off"), "{}", updated.out);
    assert_eq!(fs::read_to_string(root.join("purposelint-baseline.json")).unwrap(), written);
}

#[test]
fn long_lines_and_many_comments_take_no_longer_than_they_must() {
    let purposes: Vec<String> =
        (0..1_500).map(|at| format!("p{at}: {{use: train_ai_system, setting: {{default: on}}}}")).collect();
    let line = format!("version: 1\nservice: s\nregions: [FR]\ntitle: é\npurposes: {{{}}}\n", purposes.join(", "));
    let comments = "# purposelint: ignore[core/unused-definition]: x\n".repeat(20_000);
    let unknown = "# purposelint: ignore[core/nothing]: x\n".repeat(2_000);
    let folder = of(&[("purposes.yaml", &line), ("a.purposes.yaml", &format!("{comments}{unknown}version: 1\n"))], "");
    for format in ["json", "gitlab", "concise"] {
        let mut command = Command::cargo_bin("purposelint").unwrap();
        let command = command.current_dir(folder.path()).args(["check", "--as-of", "2026-11-21", "--format", format]);
        // a debug build on a busy machine; quadratic work takes minutes
        let output = command.env_clear().timeout(std::time::Duration::from_secs(60)).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{format}");
    }
}

#[test]
fn what_could_not_be_judged_stays_in_the_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    service(root, "feed", "EEA", &ids(0..3));
    service(root, "chat", "GB", &ids(0..2));
    assert_eq!(run(root, "baseline create --as-of 2026-11-21").code, 0);
    let baseline = root.join("purposelint-baseline.json");
    let written = fs::read_to_string(&baseline).unwrap();
    let path = root.join("chat/purposes.yaml");
    let whole = fs::read_to_string(&path).unwrap();
    let kept = "2 findings are kept although not found again, because not everything could be judged";
    for broken in [format!("{whole} ["), whole.replace("service:", "# service:")] {
        fs::write(&path, &broken).unwrap();
        assert!(!said(root, "").contains(&"core/stale-baseline".to_owned()));
        for command in ["baseline update", "baseline create --update"] {
            let run = run(root, &format!("{command} --as-of 2026-11-21"));
            assert_eq!(run.code, 2, "{command}\n{}{}", run.out, run.err);
            assert!(run.out.contains(kept) && run.err.contains("nothing was taken out"), "{}{}", run.out, run.err);
            assert_eq!(fs::read_to_string(&baseline).unwrap(), written, "{command}");
        }
        let verified = run(root, "baseline check --as-of 2026-11-21");
        assert_eq!(verified.code, 1, "{}", verified.err);
        assert!(verified.err.contains(kept) && !verified.err.contains("no longer occur"), "{}", verified.err);
    }
    fs::remove_file(&path).unwrap();
    let updated = run(root, "baseline update --as-of 2026-11-21");
    assert_eq!((updated.code, updated.out.lines().next().unwrap().contains("2 taken out")), (0, true));
}
