//! The change gate from the outside: a repository, a change, and what `diff` says and ends with.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const BEFORE: &str = "version: 1\nservice: notes\nregions: [FR, US]\nnotices: {mail: {channel: direct, published: 2026-11-01, covers: [training]}}\npurposes:\n  training:\n    use: train_ai_system\n    setting: {default: off}\n    existing_users: asked\n";

/// Rules about changes alone, so that each test has few findings.
const CONFIG: &str = "packs: [core, fair-defaults]\n";

struct Run {
    code: i32,
    out: String,
    err: String,
}

fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]);
    let output = command.args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository with one commit.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    fs::write(folder.path().join("purposes.yaml"), BEFORE).unwrap();
    fs::write(folder.path().join("purposelint.yaml"), CONFIG).unwrap();
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "before"]);
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    fs::write(folder.join(path), text).unwrap();
}

fn diff(folder: &Path, args: &str) -> Run {
    let output = assert_cmd::Command::cargo_bin("purposelint")
        .unwrap()
        .current_dir(folder)
        .arg("diff")
        .args(args.split_whitespace())
        .args(["--as-of", "2026-11-21"])
        .env_remove("GIT_DIR")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The open findings, as rule, severity, fingerprint.
fn findings(folder: &Path, args: &str) -> (i32, Vec<(String, String, String)>) {
    let run = diff(folder, &format!("{args} --format json"));
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let open = report["findings"].as_array().unwrap().iter().filter(|finding| finding["suppressed"].is_null());
    let found = open.map(|f| (text(f, "rule"), text(f, "severity"), text(f, "fingerprint")));
    (run.code, found.collect())
}

fn rules(found: &[(String, String, String)]) -> Vec<&str> {
    found.iter().map(|(rule, ..)| rule.as_str()).collect()
}

#[test]
fn what_gets_worse_fails_and_what_does_not_passes() {
    let folder = repository();
    let folder = folder.path();
    assert_eq!(diff(folder, "HEAD").code, 0);
    for (after, code, expected) in [
        (BEFORE.replace("off", "on"), 1, vec!["core/weakened"]),
        (BEFORE.replace("off", "ask"), 0, vec!["core/weakened"]),
        (BEFORE.replace("FR, US", "US, FR"), 0, vec![]),
        (format!("{BEFORE}    retention: {{period: P30D}}\n"), 0, vec![]),
        (format!("{BEFORE}    content_licence: ours\n"), 0, vec![]),
        (format!("{BEFORE}    recipients: [x]\norganisations: {{x: {{name: X}}}}\n"), 0, vec!["core/unclear-change"]),
        (BEFORE.replace("existing_users: asked", ""), 1, vec!["core/weakened"]),
        (
            BEFORE.replace("off", "on").replace("asked", "enrolled").replace("direct", "passive"),
            1,
            vec!["core/weakened", "core/weakened", "core/weakened", "fair-defaults/existing-users-silently-enrolled"],
        ),
    ] {
        write(folder, "purposes.yaml", &after);
        let (ended, found) = findings(folder, "HEAD");
        let mut found = rules(&found);
        found.sort_unstable();
        assert_eq!(found, expected, "{after}");
        assert_eq!(ended, code, "{after}");
    }
}

#[test]
fn people_of_each_plan_are_judged_whatever_the_order_of_plans() {
    let folder = repository();
    let folder = folder.path();
    let base = BEFORE.replace("asked", "enrolled").replace("direct", "passive");
    // on for people of some plans, off for those of the others
    let on = |plans: &str, on: &str| {
        let text = base.replace("off", &format!("off, overrides: [{{plans: [{on}], default: on}}]"));
        text.replace("regions", &format!("plans: [{plans}]\nregions"))
    };
    let (two, three) = (["free, pro", "pro, free"], ["free, max, pro", "max, pro, free"]);
    let without = |default: &str| [base.replace("off", default), base.replace("off", default)];
    let pro = |plans: [&str; 2]| plans.map(|plans| on(plans, "pro"));
    let whole = |plans: [&str; 2]| plans.map(|plans| on(plans, plans));
    let asked = pro(three).map(|text| text.replace("}]}", "}, {plans: [max], default: ask}]}"));
    for (before, after, whom) in [
        (pro(two), without("on"), Some("free")),
        (pro(three), without("on"), Some("free and max")),
        (asked, without("on"), Some("free and max")),
        (without("off"), pro(two), Some("pro")),
        (pro(two), whole(two), Some("free")),
        // whoever is left had it on, and who would be on a plan of another name is new
        (pro(two), whole(["pro", "pro"]), None),
        (pro(two), whole(["basic, pro", "pro, basic"]), None),
    ] {
        let mut told = before.iter().zip(&after).map(|(before, after)| {
            write(folder, "purposes.yaml", before);
            git(folder, &["commit", "-q", "-a", "--allow-empty", "-m", "before"]);
            write(folder, "purposes.yaml", after);
            diff(folder, "HEAD --format concise").out
        });
        let (told, other) = (told.next().unwrap(), told.next().unwrap());
        assert_eq!(told, other, "{before:?}");
        let rule = "fair-defaults/existing-users-silently-enrolled";
        let found: Vec<&str> = told.lines().filter(|line| line.contains(rule)).collect();
        let said = whom.map(|plans| format!("was off and is on for people in US and FR, on plan {plans} who were"));
        assert_eq!(found.len(), said.iter().count(), "{told}");
        assert!(said.is_none_or(|said| found[0].contains(&said)), "{told}");
    }
}

#[test]
fn more_plans_than_can_be_compared_are_no_pass() {
    let folder = repository();
    let folder = folder.path();
    let on = |plans: std::ops::Range<usize>| {
        let plans: Vec<String> = plans.map(|plan| format!("plan_{plan:02}")).collect();
        let over = "off, overrides: [{plans: [plan_64], default: on}]";
        BEFORE.replace("off", over).replace("regions", &format!("plans: [{}]\nregions", plans.join(", ")))
    };
    write(folder, "purposes.yaml", &on(0..64));
    git(folder, &["commit", "-q", "-a", "-m", "before"]);
    write(folder, "purposes.yaml", &on(1..65));
    let (code, found) = findings(folder, "HEAD");
    assert_eq!((code, rules(&found)), (1, vec!["core/service-too-large"]));
}

#[test]
fn a_waiver_lets_exactly_one_change_through() {
    let folder = repository();
    let folder = folder.path();
    write(folder, "purposes.yaml", &BEFORE.replace("off", "on"));
    let (code, found) = findings(folder, "HEAD");
    assert_eq!((code, rules(&found)), (1, vec!["core/weakened"]));
    let waiver = |print: &str| {
        format!(
            "{CONFIG}waivers:\n  - {{change: \"{print}\", reason: agreed, owner: a@example.com, approver: dpo@example.com, expires: 2027-06-01}}\n"
        )
    };
    write(folder, "purposelint.yaml", &waiver(&found[0].2));
    assert_eq!(findings(folder, "HEAD"), (0, vec![]));
    assert_eq!(findings(folder, "HEAD --no-suppressions").0, 1);
    // another commit on top, other lines, other names of revisions: the same change
    git(folder, &["checkout", "-q", "-b", "topic"]);
    write(folder, "purposes.yaml", &format!("# more\n\n{}", BEFORE.replace("off", "on")));
    git(folder, &["commit", "-qam", "after"]);
    assert_eq!(findings(folder, "main"), (0, vec![]));
    assert_eq!(findings(folder, "main --against topic"), (0, vec![]));
    // for more people it is two changes, of which one was approved
    write(folder, "purposes.yaml", &BEFORE.replace("off", "on").replace("[FR, US]", "[FR, US, GB]"));
    let (code, found) = findings(folder, "main");
    assert_eq!((code, rules(&found)), (1, vec!["core/weakened"]));
    // as is the same change of other people
    write(folder, "purposes.yaml", &BEFORE.replace("off}", "off, overrides: [{regions: [FR], default: on}]}"));
    let (code, mut found) = findings(folder, "main");
    found.sort();
    assert_eq!((code, rules(&found)), (1, vec!["core/unmatched-waiver", "core/weakened"]));
    // what is merged is no change any longer, and `check` says nothing of waivers for changes
    write(folder, "purposes.yaml", &BEFORE.replace("off", "on"));
    let (code, found) = findings(folder, "HEAD");
    assert_eq!((code, rules(&found)), (0, vec!["core/unmatched-waiver"]));
    let checked = assert_cmd::Command::cargo_bin("purposelint")
        .unwrap()
        .current_dir(folder)
        .args(["check", "--format", "concise"])
        .output()
        .unwrap();
    assert!(!String::from_utf8(checked.stdout).unwrap().contains("unmatched-waiver"));
}

#[test]
fn what_comes_in_years_counts_now() {
    let folder = repository();
    let folder = folder.path();
    let later =
        BEFORE.replace("{default: off}", "{default: off, overrides: [{regions: [FR], from: 2031-01-01, default: on}]}");
    write(folder, "purposes.yaml", &later.replace("asked", "enrolled"));
    let (code, found) = findings(folder, "HEAD");
    let errors: Vec<&str> =
        found.iter().filter(|(_, severity, _)| severity == "error").map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(code, 1);
    assert!(errors.contains(&"core/weakened"), "{found:?}");
}

#[test]
fn what_is_no_longer_read_is_not_gone() {
    let folder = repository();
    let folder = folder.path();
    write(folder, "purposelint.yaml", &format!("{CONFIG}exclude: [purposes.yaml]\n"));
    write(
        folder,
        "other.purposes.yaml",
        "version: 1\nservice: other\npurposes: {p: {use: essential.service, necessity: core, setting: none}}\n",
    );
    let run = diff(folder, "HEAD --format concise");
    assert!(run.out.contains("core/unclear-change") && run.out.contains("no longer read"), "{}{}", run.out, run.err);
}

#[test]
fn that_nothing_is_declared_any_longer_is_no_pass() {
    let folder = repository();
    let folder = folder.path();
    fs::remove_file(folder.join("purposes.yaml")).unwrap();
    let run = diff(folder, "HEAD");
    assert!(run.code == 3 && run.err.contains("any longer"), "{}{}", run.out, run.err);
    // that there may be none does not say that they may be taken out
    git(folder, &["add", "-A"]);
    for args in ["HEAD --allow-empty", "HEAD --against index --allow-empty", "--hook --allow-empty"] {
        for (format, part) in [
            ("human", "no longer declared"),
            ("human", "this state has no declarations any longer"),
            ("checkstyle", "severity=\"error\" message=\"this state has no declarations any longer"),
            ("github", "::error title=purposelint::this state has no declarations any longer"),
            (
                "markdown",
                "## purposelint: nothing is declared any longer\n\n**This state has no declarations any longer,",
            ),
        ] {
            let run = diff(folder, &format!("{args} --format {format}"));
            assert_eq!(run.code, 3, "{args} {format}: {}{}", run.out, run.err);
            assert!(run.out.contains(part) && run.err.contains("error: this state has no"), "{}{}", run.out, run.err);
        }
    }
    git(folder, &["commit", "-q", "-m", "gone"]);
    let run = diff(folder, "--hook --allow-empty --format markdown");
    assert!(run.code == 0 && run.err.contains("note: nothing was compared"), "{}{}", run.out, run.err);
}

#[test]
fn what_cannot_be_read_is_never_a_pass() {
    let folder = repository();
    let folder = folder.path();
    write(folder, "more.purposes.yaml", "version: 1\nservice: [\n");
    let run = diff(folder, "HEAD");
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("more.purposes.yaml"), "{}", run.err);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "broken"]);
    fs::remove_file(folder.join("more.purposes.yaml")).unwrap();
    let run = diff(folder, "HEAD");
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("HEAD:more.purposes.yaml"), "{}", run.err);
    for (args, says) in [("nowhere", "nowhere"), ("HEAD --against nowhere", "nowhere")] {
        let run = diff(folder, args);
        assert!(run.code == 2 && run.err.contains(says), "{}", run.err);
    }
}

#[test]
fn a_base_without_declarations_makes_everything_new() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "main"]);
    write(folder, "purposelint.yaml", CONFIG);
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "nothing"]);
    let run = diff(folder, "HEAD");
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert_eq!(diff(folder, "HEAD --allow-empty").code, 0);
    write(folder, "purposes.yaml", &BEFORE.replace("off", "on"));
    let run = diff(folder, "HEAD");
    assert!(run.code == 1 && run.err.contains("everything is new"), "{}{}", run.out, run.err);
}
