//! `init` and `new` from outside: what they write is what they say, in any folder, with any answers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a failing unwrap is a failing test"
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use purposelint::cli::{Env, Streams, run};
use purposelint::space::Date;
use purposelint::vocabulary::{Terms, Vocabulary};
use tempfile::TempDir;

const TODAY: &str = "2026-11-21";

struct Ran {
    code: u8,
    out: String,
    err: String,
}

/// Runs in a folder; with answers, as somebody at a terminal would.
fn ran(folder: &Path, words: &[&str], answers: Option<&str>) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut streams = Streams {
        stdin: &mut answers.unwrap_or_default().as_bytes(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdin_is_terminal: answers.is_some(),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
    };
    let env = Env { current_dir: Some(folder.to_owned()), ..Env::default() };
    let args = ["purposelint"].into_iter().chain(words.iter().copied()).map(OsString::from);
    let code = run(args, &mut streams, &env, Date::parse(TODAY).unwrap());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code, out: text(stdout), err: text(stderr) }
}

fn line(folder: &Path, line: &str) -> Ran {
    ran(folder, &line.split_whitespace().collect::<Vec<_>>(), None)
}

/// An empty folder `notes-app` that is a workspace of its own.
fn empty() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("notes-app");
    fs::create_dir_all(inside.join(".git")).unwrap();
    (folder, inside)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The commands that a text recommends.
fn commands(text: &str) -> Vec<Vec<String>> {
    let next = text.split("Next:\n").nth(1).unwrap();
    let words = |line: &str| line.trim().split("  ").next().unwrap().split(' ').skip(1).map(str::to_owned).collect();
    next.lines().filter(|line| line.starts_with("  purposelint ")).map(words).collect()
}

/// What `init` says that `check` says, and what it does say.
#[track_caller]
fn told_and_true(folder: &Path, init: &Ran) -> (String, String) {
    assert_eq!(init.code, 0, "{}\n{}", init.out, init.err);
    let told = init.out.lines().find(|line| line.contains(" says now: ")).unwrap();
    let (command, told) = told.split_once(" says now: ").unwrap();
    let command = command.trim_matches('`').strip_prefix("purposelint ").unwrap();
    let check = line(folder, command);
    assert_eq!(check.err, "");
    // what was left out of a narrowed report is said below the counts
    let counts = check.out.lines().rfind(|line| !line.starts_with("skipped ") && !line.starts_with("  "));
    (told.to_owned(), counts.unwrap().to_owned())
}

#[test]
fn what_is_written_lints_as_the_text_says() {
    for (flags, start) in [
        // what a law asks everybody to declare is not declared yet
        ("--yes", "4 errors, "),
        ("--default on", ""),
        ("--default ask --regions EU,US --ages 16+ --plans free,premium", ""),
        ("--use personalize.content.profiled --ages under-13 --regions JP --default on", ""),
        ("--dir services/feed --service feed --default on", ""),
    ] {
        let (_keep, folder) = empty();
        let init = line(&folder, &format!("init {flags}"));
        let (told, is) = told_and_true(&folder, &init);
        assert_eq!(told, is, "{flags}");
        assert!(told.starts_with(start), "{flags}: {told}");
        for words in commands(&init.out) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let next = ran(&folder, &words, None);
            assert!(next.code <= 1 && next.err.is_empty(), "{words:?}: {}\n{}", next.out, next.err);
        }
    }
}

#[test]
fn every_fact_that_a_rule_waits_for_is_there_to_be_filled_in() {
    let mut uses = BTreeSet::from(["train_ai_system.generative", "personalize.content.profiled", "analytics"]);
    uses.extend(Vocabulary::builtin().keys(Terms::Use).filter(|key| !key.contains('.')));
    for key in uses {
        for default in ["off", "on", "ask"] {
            let (_keep, folder) = empty();
            assert_eq!(line(&folder, &format!("init --use {key} --default {default}")).code, 0);
            let text = read(&folder, "purposes.yaml");
            let report = line(&folder, "check --format json").out;
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            for finding in report["findings"].as_array().unwrap() {
                for missing in finding["missing"].as_array().unwrap() {
                    let fact = missing.as_str().unwrap().rsplit('.').next().unwrap();
                    let lines = text.lines().map(str::trim_start);
                    let known = lines.map(|line| line.trim_start_matches('#').trim_start_matches([' ', '-', '{']));
                    assert!(
                        known.clone().any(|line| line.starts_with(&format!("{fact}:"))),
                        "{key} {default}: {missing} has no line in\n{text}"
                    );
                }
            }
        }
    }
}

/// The text with every `#` directly before a key or a list item taken away.
fn filled_in(text: &str) -> String {
    let line = |line: &str| {
        let (space, rest) = line.split_at(line.len() - line.trim_start().len());
        let is_fact = rest.strip_prefix('#').is_some_and(|rest| {
            let inner = rest.trim_start();
            let depth = rest.len() - inner.len();
            let is_key = inner
                .split_once(':')
                .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            depth == 0 && is_key || depth == 2 && (is_key || inner.starts_with("- "))
        });
        if is_fact { format!("{space}{}\n", &rest[1..]) } else { format!("{line}\n") }
    };
    text.lines().map(line).collect()
}

#[test]
fn with_every_fact_filled_in_nothing_is_open_and_nothing_wrong() {
    for flags in ["--yes", "--yes --default ask", "--yes --use analytics --ages 16+ --plans free"] {
        let (_keep, folder) = empty();
        line(&folder, &format!("init {flags}"));
        for name in ["purposes.yaml", "purposelint.yaml"] {
            let text = read(&folder, name);
            let filled = filled_in(&text);
            assert_ne!(text, filled);
            fs::write(folder.join(name), filled).unwrap();
        }
        let check = line(&folder, "check");
        assert_eq!((check.code, check.err.as_str()), (0, ""), "{}\n{}", check.out, read(&folder, "purposes.yaml"));
        // what a rule will ask for from a later day is for information
        let flagged = ["(error", "(warning"].iter().any(|severity| check.out.contains(severity));
        assert!(!flagged, "{flags}: {}", check.out);
        assert!(!check.out.contains("not declared"), "{flags}: {}", check.out);
    }
}

#[test]
fn nothing_is_ever_overwritten() {
    for taken in ["purposes.yaml", "purposelint.yml", "purposes.yml"] {
        let (_keep, folder) = empty();
        fs::write(folder.join(taken), "mine\n").unwrap();
        let init = line(&folder, "init --yes");
        assert_eq!(init.code, 2);
        assert!(init.err.contains(&format!("`{taken}` already exists")), "{}", init.err);
        assert!(init.err.contains("nothing was written"), "{}", init.err);
        assert_eq!(read(&folder, taken), "mine\n");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "the file and .git");
    }
}

#[test]
fn a_config_that_is_there_is_kept() {
    for flags in ["--yes", "--yes --dir svc"] {
        let (_keep, folder) = empty();
        let place = if flags.contains("--dir") { folder.join("svc") } else { folder.clone() };
        fs::create_dir_all(&place).unwrap();
        let config = place.join("purposelint.yaml");
        fs::write(&config, "mine\n").unwrap();
        let init = line(&folder, &format!("init {flags}"));
        assert!(init.code == 2 && !place.join("purposes.yaml").exists(), "{}", init.out);
        fs::write(&config, "version: 1\npacks: [core, fair-defaults]\n").unwrap();
        let init = line(&folder, &format!("init {flags}"));
        assert!(init.out.contains("purposelint.yaml was there and is left as it is\n"), "{}{}", init.out, init.err);
        assert_eq!(fs::read_to_string(&config).unwrap(), "version: 1\npacks: [core, fair-defaults]\n");
        let (told, is) = told_and_true(&folder, &init);
        assert_eq!(told, is, "{flags}");
    }
}

#[test]
fn a_second_service_joins_the_workspace() {
    let (_keep, folder) = empty();
    line(&folder, "init --yes");
    let init = line(&folder, "init --dir feed --default on");
    let (told, is) = told_and_true(&folder, &init);
    assert_eq!(told, is);
    assert!(init.out.starts_with("wrote feed/purposes.yaml\nthe config of this workspace is "), "{}", init.out);
    assert!(!folder.join("feed/purposelint.yaml").exists());
    let inside = folder.join("blog");
    fs::create_dir(&inside).unwrap();
    let init = line(&inside, "init");
    let (told, is) = told_and_true(&inside, &init);
    assert_eq!(told, is);
    // the purpose has the same name in both, and the paths say which is meant
    for words in commands(&init.out) {
        let next = ran(&inside, &words.iter().map(String::as_str).collect::<Vec<_>>(), None);
        assert!(next.code <= 1 && next.err.is_empty(), "{words:?}: {}", next.err);
    }
    let feed = line(&folder, "why train_ai_system --region FR feed");
    assert!(feed.out.contains("(feed/purposes.yaml:"), "{}{}", feed.out, feed.err);
    for (words, part) in [
        ("why train_ai_system --region FR", "3 services have a purpose `train_ai_system`"),
        ("why train_ai_system --region FR other", "in what was named\n  help: leave the paths out, and choose"),
        ("why train_ai_system --region FR --service zz", "no service `zz`\n  help: one of `blog`, `feed` and `"),
    ] {
        fs::create_dir_all(folder.join("other")).unwrap();
        let why = line(&folder, words);
        assert!(why.code == 2 && why.err.contains(part), "{words}: {}", why.err);
    }
}

#[test]
fn answers_are_asked_for_and_wrong_ones_explained() {
    let (_keep, folder) = empty();
    let answers = "Notes App\nnotes\nNotes: \"the\" app # 1\nUK\nGB,NO\nsixteen\n16+\n\ntrain_ai\ntrain_ai_system.generative\nyes\non\n";
    let init = ran(&folder, &["init"], Some(answers));
    let (told, is) = told_and_true(&folder, &init);
    assert_eq!(told, is);
    for part in [
        "service, as an id [notes_app]: ",
        "error: `Notes App` is not an id\n  help: did you mean `notes_app`?",
        "its name for people [Notes]: ",
        "error: `UK` is not a territory or group\n  help: did you mean `GB`?",
        "error: `sixteen` is not an age range",
        "error: `train_ai` is not a use\n  help: did you mean ",
        "error: `yes` is not a default\n  help: did you mean `on`?",
    ] {
        assert!(init.err.contains(part), "no {part:?} in\n{}", init.err);
    }
    let written: serde_yaml::Value = serde_yaml::from_str(&read(&folder, "purposes.yaml")).unwrap();
    assert_eq!(written["title"].as_str(), Some("Notes: \"the\" app # 1"));
    assert_eq!(written["regions"][1].as_str(), Some("NO"));
    assert_eq!(written["ages"].as_str(), Some("16+"));
    assert!(written.get("plans").is_none());
}

#[test]
fn an_answer_that_does_not_come_writes_nothing() {
    let (_keep, folder) = empty();
    let init = ran(&folder, &["init"], Some("notes\n"));
    assert_eq!(init.code, 2);
    assert!(init.err.contains("nothing was written") && init.err.contains("--yes"), "{}", init.err);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    // with --yes there is nobody to wait for
    assert_eq!(ran(&folder, &["init", "--yes"], Some("")).code, 0);
}

#[test]
fn editors_are_told_the_schema_on_the_first_line() {
    let (_keep, folder) = empty();
    line(&folder, "init --yes");
    for (name, schema) in [("purposes.yaml", "declaration"), ("purposelint.yaml", "config")] {
        let text = read(&folder, name);
        let published: serde_json::Value =
            serde_json::from_str(&line(&folder, &format!("schema {schema}")).out).unwrap();
        let modeline = format!("# yaml-language-server: $schema={}", published["$id"].as_str().unwrap());
        assert_eq!(text.lines().next(), Some(&*modeline));
    }
}

/// The lines of a file that say they are still to be written, as `test` names them.
fn todos(folder: &Path, file: &str) -> Vec<String> {
    let text = read(folder, &format!("policies/{file}"));
    let numbered = (1..).zip(text.lines()).filter(|(_, line)| line.contains("TODO:"));
    numbered.map(|(number, line)| format!("policies/{file}:{number}:{}: ", line.find("TODO:").unwrap() + 1)).collect()
}

#[test]
fn the_todos_of_a_new_rule_are_all_that_fails() {
    let (_keep, folder) = empty();
    let new = line(&folder, "new acme/consent-not-recorded");
    assert_eq!(new.code, 0, "{}", new.err);
    let test = line(&folder, "test acme --packs policies");
    assert_eq!(test.code, 1, "{}{}", test.out, test.err);
    let mut expected = todos(&folder, "acme/consent-not-recorded.yaml");
    expected.extend(todos(&folder, "acme/pack.yaml"));
    assert_eq!(expected.len(), 11);
    let lines: Vec<&str> = test.out.lines().collect();
    assert_eq!(lines.len(), expected.len() + 1, "{}", test.out);
    for (line, place) in lines.iter().zip(&expected) {
        assert!(line.starts_with(place) && line.contains("still to be done: "), "{place}: {line}");
    }
    assert_eq!(lines.last().unwrap(), &"ran 2 examples of 1 rule: 11 failed");

    // with the marks gone, it is a rule
    for name in ["consent-not-recorded.yaml", "pack.yaml"] {
        let path = folder.join("policies/acme").join(name);
        fs::write(&path, fs::read_to_string(&path).unwrap().replace("TODO: ", "")).unwrap();
    }
    let test = line(&folder, "test acme --packs policies");
    assert_eq!((test.code, test.out.as_str()), (0, "ran 2 examples of 1 rule: 0 failed\n"));
    assert_eq!(line(&folder, "explain acme/consent-not-recorded --packs policies").code, 0);

    // in a workspace that lists the pack, nobody has to name its folder, and who does names the same one
    fs::write(folder.join("purposelint.yaml"), "version: 1\npacks: [./policies/acme]\n").unwrap();
    let new = line(&folder, "new acme/second-thing");
    assert!(!new.out.contains("--packs"), "{}", new.out);
    for words in commands(&new.out) {
        let next = ran(&folder, &words.iter().map(String::as_str).collect::<Vec<_>>(), None);
        assert!(next.code <= 1 && next.err.is_empty(), "{words:?}: {}", next.err);
    }
    for words in ["test acme --packs policies", "test acme --packs policies/acme", "rules --packs policies"] {
        let run = line(&folder, words);
        assert!(run.code <= 1 && run.err.is_empty(), "{words}: {}", run.err);
    }
}

#[test]
fn a_new_rule_disturbs_no_other_rule_of_its_pack() {
    let (_keep, folder) = empty();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/fair-defaults");
    let theirs = folder.join("policies/fair-defaults");
    fs::create_dir_all(&theirs).unwrap();
    for entry in fs::read_dir(ours).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, theirs.join(path.file_name().unwrap())).unwrap();
    }
    let new = line(&folder, "new fair-defaults/consent-not-recorded");
    assert_eq!(new.code, 0, "{}", new.err);
    let test = line(&folder, "test fair-defaults --packs policies");
    let failures = test.out.lines().filter(|line| !line.starts_with("ran "));
    let others: Vec<&str> = failures.filter(|line| !line.contains("still to be done")).collect();
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn a_new_rule_overwrites_nothing_and_needs_a_name_that_will_do() {
    let (_keep, folder) = empty();
    assert_eq!(line(&folder, "new acme/a-b").code, 0);
    let before = read(&folder, "policies/acme/a-b.yaml");
    for (words, part) in [
        ("new acme/a-b", "`policies/acme/a-b.yaml` already exists"),
        ("new acme/check-retention", "not what is wrong"),
        ("new acme/pack", "`pack.yaml` of a pack is no rule"),
        ("new acme/vocabulary", "`vocabulary.yaml` of a pack is no rule"),
        ("new acme/A_b", "did you mean `a-b`?"),
        ("new fair-defaults/x", "comes with purposelint"),
    ] {
        let new = line(&folder, words);
        assert_eq!(new.code, 2, "{words}");
        assert!(new.err.contains(part), "{words}: {}", new.err);
    }
    assert_eq!(read(&folder, "policies/acme/a-b.yaml"), before);
    assert_eq!(line(&folder, "new acme/c-d").out.lines().next(), Some("wrote policies/acme/c-d.yaml"));
}
