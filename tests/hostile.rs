//! Input that is wrong in every way we could think of: a clear finding at the right place, the right exit code, in time.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test, and these tests measure time"
)]

use std::time::{Duration, Instant};

use assert_cmd::Command;

/// A second is the promise for the released program; a debug build on a busy machine gets more.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });

const HEAD: &str = "version: 1\nservice: a\npurposes:\n  t:\n    use: train_ai_system\n    setting: {default: off}\n";

struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `check` on a folder that holds these files.
fn check(files: &[(&str, &[u8])], arguments: &[&str]) -> Run {
    run("check", files, arguments)
}

fn run(command: &str, files: &[(&str, &[u8])], arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let started = Instant::now();
    let output = Command::cargo_bin("purposelint")
        .unwrap()
        .current_dir(folder.path())
        .args([command, "--as-of", "2026-11-21", "--color", "never"])
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    assert!(started.elapsed() < PATIENCE, "took {:?}", started.elapsed());
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The first line of the concise report that names a rule of `core`.
fn first_core(text: &[u8]) -> (i32, String) {
    let run = check(&[("purposes.yaml", text)], &["--format", "concise"]);
    let line = run.out.lines().find(|line| line.contains("[core/")).unwrap_or_default().to_owned();
    (run.code, line)
}

fn alias_bomb() -> String {
    let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for pair in ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi", "ij"] {
        let (from, to) = pair.split_at(1);
        let aliases = vec![format!("*{from}"); 9].join(", ");
        text.push_str(&format!("{to}: &{to} [{aliases}]\n"));
    }
    text
}

#[test]
fn each_mistake_is_named_at_its_place() {
    let deep = "[".repeat(100_000);
    let maps = "{a: ".repeat(100_000);
    let dashes = "- ".repeat(100_000);
    let cases: Vec<(&str, String, &str)> = vec![
        (
            "region",
            HEAD.replace("service: a\n", "service: a\nregions: [UK]\n"),
            "3:11: error[core/unknown-region] `UK` is not a territory or group",
        ),
        (
            "use",
            HEAD.replace("train_ai_system", "train_ai_sytem"),
            "5:10: error[core/unknown-term] `train_ai_sytem` is not a use",
        ),
        (
            "key",
            format!("{HEAD}    recipient: [x]\n"),
            "7:5: error[core/unknown-key] unknown key `recipient` in a purpose",
        ),
        ("word", HEAD.replace("off", "of"), "6:24: error[core/invalid-value] `of` is not a value of `default`"),
        (
            "day",
            format!("{HEAD}    started: 2024-02-30\n"),
            "7:14: error[core/invalid-value] `2024-02-30` is not a day",
        ),
        (
            "duplicate",
            format!("{HEAD}  t:\n    use: collect\n"),
            "7:3: error[core/duplicate-key] `t` is given twice in one mapping",
        ),
        (
            "notice",
            format!("{HEAD}    notices: [gone]\n"),
            "7:15: error[core/unknown-reference] there is no notice `gone`",
        ),
        (
            "plan",
            HEAD.replace("default: off", "default: off, overrides: [{plans: [pro], default: on}]"),
            "6:50: error[core/unknown-plan] `pro` is not a plan of service `a`",
        ),
        (
            "plan in a shared file",
            HEAD.replace("{default: off}", "s")
                + "---\nversion: 1\nsettings: {s: {default: off, overrides: [{plans: [pro], default: on}]}}\n",
            "9:51: error[core/unknown-plan] `pro` is not a plan of service `a`",
        ),
        (
            "tab",
            "version: 1\nservice: a\npurposes:\n\tt:\n".to_owned(),
            "4:1: error[core/syntax-error] a tab where YAML takes only spaces",
        ),
        (
            "bomb",
            alias_bomb(),
            "6:8: error[core/alias-expansion-too-large] aliases add more than 100000 nodes to this document",
        ),
        ("brackets", deep, "1:129: error[core/nesting-too-deep] nested more than 128 levels deep"),
        ("maps", maps, "error[core/nesting-too-deep] nested more than 128 levels deep"),
        ("dashes", dashes, "error[core/nesting-too-deep] nested more than 128 levels deep"),
        ("empty", String::new(), "1:1: error[core/empty-declaration] the file is empty"),
        ("comment", "# nothing\n".to_owned(), "error[core/empty-declaration] the document is empty"),
        ("text", "just a text\n".to_owned(), "1:1: error[core/invalid-value]"),
        ("list", "- a\n- b\n".to_owned(), "1:3: error[core/invalid-value] the file must be a mapping, not a list"),
        ("null byte", "version: 1\nservice: a\0b\n".to_owned(), "error[core/syntax-error]"),
    ];
    for (name, text, expected) in cases {
        let (code, line) = first_core(text.as_bytes());
        assert!(line.contains(expected), "{name}: {line}");
        assert_eq!(code, 1, "{name}: {line}");
    }
}

#[test]
fn one_mistake_is_one_finding_of_core() {
    let good = |service: &str, purpose: &str, plan: &str| {
        let purpose = format!("{purpose}: {{use: essential.service, setting: s}}");
        format!("---\nversion: 1\nservice: {service}\nplans: [{plan}, basic]\npurposes: {{{purpose}}}\n")
    };
    let services = good("a", "feed", "free") + &good("b", "mail", "pro");
    let notice = |covers: &str| format!("notices: {{n: {{covers: [{covers}]}}}}\n");
    let setting = |plan: &str| {
        let overrides = format!("[{{plans: [free], default: on}}, {{plans: [{plan}], default: on}}]");
        format!("settings: {{s: {{default: off, overrides: {overrides}}}}}\n")
    };
    let shared = |covers: &str, plan: &str| format!("version: 1\n{}{}{services}", notice(covers), setting(plan));
    let cases: Vec<(&str, String, &[&str])> = vec![
        ("a reference that is good in one service each", shared("feed, mail", "pro"), &[]),
        (
            "a reference that is good in none",
            shared("feed, post, mail", "gold"),
            &[
                "2:30: error[core/unknown-reference] there is no purpose `post`",
                "3:81: error[core/unknown-plan] `gold` is not a plan of service `a`",
            ],
        ),
        (
            "a plan that is listed twice is one",
            HEAD.replace("service: a", "service: a\nplans: [free, free, pro]")
                .replace("default: off", "default: on, overrides: [{plans: [free], default: off}]"),
            &["3:15: error[core/duplicate-id] plan `free` is listed twice in service `a`"],
        ),
        (
            "plans in two documents",
            HEAD.replace("service: a", "service: a\nplans: [free]") + "---\nversion: 1\nservice: a\nplans: [pro]\n",
            &["11:1: error[core/service-property-repeated] `plans` stands in two documents of one service"],
        ),
        (
            "what aliases stand for is wrong once",
            HEAD.replace("off", "off, overrides: [{regions: &r [FR, XX1], default: on}, {regions: *r, default: on}]")
                + "    recipients: &o [gone]\n    started: &d 2024-02-30\n    lawful_basis: &b consen\n"
                + "  s:\n    use: collect\n    recipients: *o\n    started: *d\n    lawful_basis: *b\n    setting: none\n",
            &[
                "6:59: error[core/unknown-region] `XX1` is not a territory or group",
                "7:21: error[core/unknown-reference] there is no organisation `gone`",
                "8:17: error[core/invalid-value] `2024-02-30` is not a day",
                "9:22: error[core/unknown-term] `consen` is not a lawful basis",
            ],
        ),
        (
            "a bound that is no day",
            format!("{HEAD}    started: {{before: 2024-02-30, after: 2024-01-01}}\n"),
            &["7:23: error[core/invalid-value] `2024-02-30` is not a day"],
        ),
        (
            "a bound without a value",
            format!("{HEAD}    started: {{before: ~}}\n"),
            &["7:23: error[core/invalid-value] `before` has no value"],
        ),
        (
            "what should be an override",
            HEAD.replace("{default: off}", "s")
                + "settings:\n  s:\n    default: off\n    overrides:\n      - - regions: [FR]\n      - [a]\n      -\n      - a\n",
            &[
                "11:9: error[core/invalid-value] an item of `overrides` must be a mapping, not a list",
                "12:9: error[core/invalid-value] an item of `overrides` must be a mapping, not a list",
                "13:7: error[core/invalid-value] an item of `overrides` has no value",
                "14:9: error[core/invalid-value] an item of `overrides` must be a mapping, not text",
            ],
        ),
    ];
    for (name, text, expected) in cases {
        let run = check(
            &[("purposes.yaml", text.as_bytes()), ("purposelint.yaml", b"version: 1\npacks: [core]\n")],
            &["--format", "concise"],
        );
        let found = run.out.lines().filter(|line| line.contains("[core/"));
        let found: Vec<&str> = found.filter_map(|line| line.strip_prefix("purposes.yaml:")).collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_named_at_their_place() {
    let (code, line) = first_core(b"version: 1\nservice: \xff\xfe\n");
    assert!(line.starts_with("purposes.yaml:2:10: error[core/not-utf8]"), "{line}");
    assert_eq!(code, 1);
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let config = b"limits: {file_bytes: 100}\n";
    let text = format!("{HEAD}# {}\n", "x".repeat(200));
    let run = check(&[("purposelint.yaml", config), ("purposes.yaml", text.as_bytes())], &["--format", "concise"]);
    assert!(run.out.contains("error[core/file-too-large]"), "{}{}", run.out, run.err);
    assert_eq!(run.code, 1);
}

#[test]
fn a_newer_version_of_the_format_is_not_judged() {
    let run = check(&[("purposes.yaml", HEAD.replace("version: 1", "version: 2").as_bytes())], &[]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(format!("{}{}", run.out, run.err).contains("this declaration has version 2"), "{}{}", run.out, run.err);
}

#[test]
fn nothing_to_check_is_not_a_pass() {
    let run = check(&[("readme.md", b"x")], &[]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("nothing was checked: no declarations in"), "{}", run.err);
    let run = check(&[("purposes.yaml", b"version: 1\nservice: a\n")], &[]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
}

#[test]
fn every_document_of_a_file_is_read() {
    let second = HEAD.replace("service: a", "service: b").replace("default: off", "default: on");
    let run = check(&[("purposes.yaml", format!("{HEAD}---\n{second}").as_bytes())], &["--format", "concise"]);
    assert!(run.out.contains("purposes.yaml:13:24: error[fair-defaults/ai-training-on-by-default]"), "{}", run.out);
    assert_eq!(run.code, 1);
}

#[test]
fn a_document_that_cannot_be_read_does_not_hide_the_next() {
    let second = HEAD.replace("service: a", "service: b").replace("default: off", "default: on");
    let run = check(&[("purposes.yaml", format!("a: [\n---\n{second}").as_bytes())], &[]);
    assert!(run.out.contains("core/syntax-error"), "{}", run.out);
    assert!(run.out.contains("ai-training-on-by-default"), "{}", run.out);
    assert!(run.out.contains("skipped purposes.yaml: not judged, because it could not be read whole"), "{}", run.out);
}

#[test]
fn a_rule_with_a_misspelt_field_stops_the_run_with_the_place_and_the_right_name() {
    let pack = b"title: Acme\nversion: 1.0.0\nneeds: 0.1.0\n";
    let rule = br#"title: basis is wrong
severity: error
cites:
  - {text: house rule, kind: practice, confidence: high}
why: because
require: purpose.lawfull_basis != "legitimate_interest"
message: the basis is wrong
examples:
  - title: a
    clean: |
      version: 1
"#;
    let files: &[(&str, &[u8])] =
        &[("packs/acme/pack.yaml", pack), ("packs/acme/basis.yaml", rule), ("purposes.yaml", HEAD.as_bytes())];
    let run = check(files, &["--packs", "packs"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    let said = format!("{}{}", run.out, run.err);
    assert!(said.contains("acme/basis.yaml:6:18"), "{said}");
    assert!(said.contains("lawful_basis"), "{said}");
}

/// The ids of `count` plans.
fn plans(count: usize) -> String {
    (0..count).map(|at| format!("q{at}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_asks_for_too_much_is_said_and_not_judged() {
    let regions = "US, GB, FR, DE, IT, ES, PT, CH, AT, BE, NL, SE, FI, NO, DK, IE, PL, CZ, SK, HU, RO, BG, GR, HR, SI, EE, LV, LT, \
        LU, MT, CY, JP, KR, CN, IN, BR, AR, CL, PE, MX, AU, NZ, ZA, EG, NG, KE, MA, TN, DZ, LY, TR, UA";
    let ages = (0..18).map(|age| age.to_string()).collect::<Vec<_>>().join(", ");
    let head = format!("version: 1\nservice: a\nplans: [{}]\npurposes:\n  t:\n    use: train_ai_system\n", plans(64));
    let setting = |overrides: &str| format!("{head}    setting:\n      default: off\n      overrides:\n{overrides}");
    let all = format!("{{regions: [{regions}], ages: [{ages}], plans: [{}], default: on}}", plans(64));
    let each = format!(
        "        - {{regions: [{regions}], default: on}}\n        - {{ages: [{ages}], default: ask}}\n        - {{plans: [{}], default: off}}\n",
        plans(64)
    );
    let again = format!("        - {{regions: [{regions}], default: on}}\n").repeat(1_000);
    for (text, why) in [
        (setting(&format!("        - {all}\n")), "59904 combinations"),
        (setting(&each), "groups; the limit is 50000"),
        (setting(&again), "52000 combinations"),
    ] {
        let run = check(&[("purposes.yaml", text.as_bytes())], &["--format", "concise"]);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        assert!(
            run.out.contains("purposes.yaml:2:10: error[core/service-too-large] service `a` is not judged: "),
            "{}",
            run.out
        );
        assert!(run.out.contains(why), "{}", run.out);
        let off = b"severity: {core/service-too-large: off}\n";
        let run = check(&[("purposes.yaml", text.as_bytes()), ("purposelint.yaml", off)], &[]);
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    }
}

/// A service with some purposes.
fn service(id: &str) -> String {
    let purposes: String = ["train_ai_system", "analytics", "collect"]
        .iter()
        .map(|term| format!("  {term}: {{use: {term}, setting: {{default: on}}, retention: {{period: P1Y}}}}\n"))
        .collect();
    format!("version: 1\nservice: {id}\nregions: [US, DE]\npurposes:\n{purposes}")
}

#[test]
fn whether_a_service_takes_too_many_steps_does_not_depend_on_the_others() {
    let three = ["b", "c", "d"].map(service).join("---\n");
    let too_large = |text: &str, steps: usize| {
        let config = format!("limits: {{steps: {steps}}}\n");
        let files: [(&str, &[u8]); 2] = [("purposelint.yaml", config.as_bytes()), ("purposes.yaml", text.as_bytes())];
        let run = check(&files, &["--format", "concise"]);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
        run.out.matches("core/service-too-large").count()
    };
    let (mut least, mut most) = (1_usize, 10_000_000);
    while least < most {
        let middle = least.midpoint(most);
        if too_large(&service("a"), middle) == 0 { most = middle } else { least = middle + 1 }
    }
    assert!((100..1_000_000).contains(&least), "{least} steps");
    for _ in 0..3 {
        assert_eq!(too_large(&three, least - 1), 3, "with {least} steps less one");
        assert_eq!(too_large(&three, least), 0, "with {least} steps");
    }
}

#[test]
fn what_takes_too_many_steps_is_said_and_not_judged() {
    let text = service("a");
    let files: [(&str, &[u8]); 2] =
        [("purposelint.yaml", b"limits: {steps: 10}\n"), ("purposes.yaml", text.as_bytes())];
    let run = check(&files, &["--format", "concise"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let finding = "purposes.yaml:2:10: error[core/service-too-large] service `a` is not judged: the conditions of its rules take \
                   more than 10 steps, and those of `";
    assert!(run.out.contains(finding), "{}", run.out);
    assert_eq!(run.out.matches("error[").count(), 1, "{}", run.out);
    let human = check(&files, &[]);
    assert!(human.out.contains("not judged, because it asks for too much"), "{}", human.out);
    assert!(human.out.contains("or raise `limits.steps`"), "{}", human.out);
}

#[test]
fn many_overrides_for_the_same_people_are_each_told_and_not_each_pair() {
    for count in [60, 2_500] {
        let is_off = |at: &usize| at.is_multiple_of(3);
        let value = |at: usize| if is_off(&at) { "off" } else { "on" };
        let over = |at: usize| format!("      - {{ages: under-13, default: {}}}\n", value(at));
        let overrides: String = (0..count).map(over).collect();
        let text = format!(
            "version: 1\nservice: a\npurposes: {{p: {{use: ads, setting: s}}}}\nsettings:\n  s:\n    default: off\n    \
             overrides:\n{overrides}"
        );
        let run = check(&[("purposes.yaml", text.as_bytes())], &["--format", "concise"]);
        assert_eq!(run.code, 1, "{}", run.err);
        let ties: Vec<&str> = run.out.lines().filter(|line| line.contains("[core/ambiguous-override]")).collect();
        let off = (0..count).filter(is_off).count();
        let all = off * (count - off);
        assert_eq!(ties.len(), if count == 60 { all } else { count - 1 }, "{count}");
    }
}

#[test]
fn what_check_does_not_work_out_nobody_shows() {
    let ages = (1..=18).map(|age| format!("under-{age}")).collect::<Vec<_>>().join(", ");
    let plans = (0..64).map(|plan| format!("p{plan}")).collect::<Vec<_>>().join(", ");
    let regions = "AT, BE, BG, CH, CY, CZ, DE, DK, EE, ES, FI, FR, GB, GR, HR, HU, IE, IN, IS, IT, JP, KR, LI, LT, LU, LV, MT, NL, NO, \
                   PL, PT, RO, SE, SI, SK, BR, AU, NZ, ZA, MX, AR, CL, CO, PE, UY, TR, IL, EG, KE, NG, GH, MA, TN, SA, AE, TH, VN, MY, SG";
    let large = format!(
        "version: 1\nservice: large\nplans: [{plans}]\npurposes:\n  t:\n    use: ads\n    setting:\n      default: on\n      overrides:\n        \
         - {{regions: [{regions}], ages: [{ages}], plans: [{plans}], default: off}}\n---\nversion: 1\nservice: small\n\
         purposes: {{q: {{use: ads, setting: {{default: on}}}}}}\n"
    );
    let files: [(&str, &[u8]); 1] = [("purposes.yaml", large.as_bytes())];
    assert!(
        check(&files, &["--format", "concise"]).out.contains("[core/service-too-large] service `large` is not judged")
    );
    for (arguments, code, is_told) in [
        (&[][..], 2, true),
        (&["--service", "large"], 2, true),
        (&["--purpose", "t"], 2, true),
        (&["--service", "small"], 0, false),
        (&["--purpose", "q"], 0, false),
    ] {
        let run = run("matrix", &files, arguments);
        let told = "`large`: not shown, because it asks for too much: the overrides of one purpose or setting have ";
        assert_eq!((run.code, run.err.contains(told)), (code, is_told), "{arguments:?} {}{}", run.out, run.err);
        assert_eq!(
            run.out.contains("small"),
            arguments.last().is_none_or(|last| !["large", "t"].contains(last)),
            "{}",
            run.out
        );
    }
}

#[test]
fn deleting_the_default_does_not_make_the_example_green() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/linkedin-2024/purposes.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let without: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("default: on"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(text, without);
    let run = check(&[("purposes.yaml", without.as_bytes())], &["--format", "concise"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("error[core/default-undeclared]"), "{}", run.out);
}

#[test]
fn twenty_seven_overrides_and_a_bad_one_are_one_diagnostic() {
    let members = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
        "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    ];
    let overrides: String =
        members.iter().map(|code| format!("        - {{regions: [{code}], default: off}}\n")).collect();
    let text = format!(
        "version: 1\nservice: a\nregions: [AT, BE, BG, CY, CZ, DE, DK, EE, ES, FI, FR, GR, HR, HU, IE, IT, LT, LU, LV, MT, \
         NL, PL, PT, RO, SE, SI, SK, GB]\npurposes:\n  t:\n    use: train_ai_system\n    setting:\n      default: off\n      \
         overrides:\n{overrides}        - {{regions: [GB], default: on}}\n"
    );
    let run = check(&[("purposes.yaml", text.as_bytes())], &[]);
    let blocks = run.out.lines().filter(|line| line.starts_with("fair-defaults/ai-training-on-by-default")).count();
    assert_eq!(blocks, 1, "{}", run.out);
    assert!(run.out.contains("is on by default in GB"), "{}", run.out);
    let widest = run.out.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(widest <= 80, "{widest}\n{}", run.out);
}

#[test]
fn output_is_the_same_every_time() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/linkedin-2024/purposes.yaml");
    let text = std::fs::read(path).unwrap();
    for format in ["human", "concise", "json", "jsonl"] {
        let once = check(&[("purposes.yaml", &text)], &["--format", format]);
        let again = check(&[("purposes.yaml", &text)], &["--format", format]);
        assert_eq!(once.out, again.out, "{format}");
        assert_eq!(once.code, again.code, "{format}");
    }
}
