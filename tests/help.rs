//! What teaches: help, completions, the manual page.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing unwrap is a failing test"
)]

use std::collections::BTreeSet;

use assert_cmd::Command;

fn output(words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    let output = command.env_clear().current_dir(folder.path()).args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands, as the help lists them.
fn commands() -> Vec<String> {
    let names = commands_in(&output(&["--help"]));
    assert!(names.len() >= 10 && names.contains(&"init".to_owned()), "{names:?}");
    names
}

/// The commands that a help lists, without `help`.
fn commands_in(help: &str) -> Vec<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap();
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names: Vec<String> = names.map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    names.into_iter().filter(|name| name != "help").collect()
}

/// The long flags that a help names as its options.
fn flags(help: &str) -> BTreeSet<String> {
    let options = help.split("Options:\n").nth(1).unwrap();
    let lines = options.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let flag = |line: &str| {
        let from = &line[line.find("--")?..];
        Some(from.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next()?.to_owned())
    };
    lines.filter_map(flag).collect()
}

#[test]
fn every_command_has_examples() {
    for name in commands() {
        let help = output(&[&name, "--help"]);
        assert!(help.contains("\nExamples:\n  "), "{name}: {help}");
    }
    for name in ["check", "why", "test", "init", "new", "waivers"] {
        assert!(output(&[name, "--help"]).contains("\nExit codes:\n  0  "), "{name}");
    }
}

#[test]
fn no_help_is_wider_than_a_terminal() {
    let mut left = vec![Vec::new()];
    let mut seen = 0;
    while let Some(words) = left.pop() {
        for flag in ["-h", "--help"] {
            let words: Vec<&str> = words.iter().map(String::as_str).chain([flag]).collect();
            for line in output(&words).lines() {
                assert!(line.chars().count() <= 80, "{words:?}: {line}");
            }
        }
        let all: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
        left.extend(commands_in(&output(&all)).into_iter().map(|name| [words.clone(), vec![name]].concat()));
        seen += 1;
    }
    assert!(seen > commands().len() + 5, "commands of commands as well: {seen}");
}

#[test]
fn the_help_teaches_the_first_steps() {
    let help = output(&["--help"]);
    let first = help.lines().next().unwrap();
    assert!(first.starts_with("A linter for what a company declares"), "{first}");
    let start = help.split("Start here:\n").nth(1).unwrap();
    let start = start.split("\n\n").next().unwrap();
    for command in ["purposelint init", "purposelint check", "purposelint explain"] {
        assert!(start.contains(command), "{start}");
    }
    assert!(help.contains("\nRead on:\n"), "{help}");
}

#[test]
fn scripts_complete_every_command_and_flag() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = output(&["completions", shell]);
        for name in commands() {
            assert!(script.contains(&name), "{shell}: {name}");
            for flag in flags(&output(&[&name, "--help"])) {
                // fish writes `-l format`
                let found = script.contains(&flag) || script.contains(&format!("-l {}", &flag[2..]));
                assert!(found, "{shell}: {name} {flag}");
            }
        }
    }
}

#[test]
fn the_manual_page_has_every_command_and_flag() {
    let page = output(&["man"]);
    assert!(page.contains("\n.TH PURPOSELINT 1 "), "{page}");
    let plain = page.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "");
    for name in commands() {
        assert!(plain.contains(&format!(".SH \"PURPOSELINT {}\"", name.to_uppercase())), "{name}");
        for flag in flags(&output(&[&name, "--help"])) {
            assert!(plain.contains(&flag), "{name} {flag}");
        }
    }
    // lines that stand as they are would be broken once more where a terminal has 80 columns
    for part in plain.split(".nf\n").skip(1) {
        for line in part.split(".fi\n").next().unwrap().lines() {
            assert!(line.replace("\\(ga", "`").replace("\\(aq", "'").chars().count() <= 80, "{line}");
        }
    }
    // a line that begins with a dot is a command of the typesetter
    let known = [".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi", ".ie", ".el", ".RS", ".RE", ".br", ".sp", ".IP"];
    for line in page.lines().filter(|line| line.starts_with('.')) {
        assert!(known.iter().any(|macro_| line.starts_with(macro_)), "{line}");
    }
}
