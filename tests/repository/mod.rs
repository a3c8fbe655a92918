//! Real repositories in temporary folders, and `check` run in them.

#![allow(dead_code, reason = "each test uses the part it needs")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// A declaration that is flagged, for a service of this name.
pub(crate) fn flagged(service: &str) -> String {
    format!(
        "version: 1\nservice: {service}\npurposes:\n  training:\n    use: train_ai_system\n    setting: {{default: on}}\n"
    )
}

/// The same with the default repaired; other facts are still missing.
pub(crate) fn repaired(service: &str) -> String {
    flagged(service).replace("default: on", "default: off")
}

/// What no machine may add to a test: the config of whoever runs it, and of the machine.
pub(crate) const ALONE: [(&str, &str); 9] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "a"),
    ("GIT_AUTHOR_EMAIL", "a@example.com"),
    ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
    ("GIT_COMMITTER_NAME", "a"),
    ("GIT_COMMITTER_EMAIL", "a@example.com"),
    ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
    ("HOME", "/nonexistent"),
];

pub(crate) struct Repo {
    pub(crate) keep: TempDir,
    pub(crate) root: PathBuf,
}

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Repo {
    pub(crate) fn new() -> Self {
        Self::with(&["init", "-q", "-b", "main"])
    }

    pub(crate) fn with(init: &[&str]) -> Self {
        let keep = tempfile::tempdir().unwrap();
        let root = keep.path().canonicalize().unwrap();
        let repo = Self { keep, root };
        repo.git(init);
        repo
    }

    /// A repository with one commit of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let repo = Self::new();
        repo.put(files);
        repo.commit();
        repo
    }

    pub(crate) fn put(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = self.root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        git_in(&self.root, args)
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x", "--allow-empty"]);
    }

    /// A commit of all there is, written and made on a day.
    pub(crate) fn commit_on(&self, day: &str, subject: &str) {
        self.git(&["add", "-A"]);
        let moment = format!("{day}T12:00:00Z");
        let mut command = Command::new("git");
        command.args(["commit", "-q", "--allow-empty", "-m", subject]).current_dir(&self.root).envs(ALONE);
        command.env("GIT_AUTHOR_DATE", &moment).env("GIT_COMMITTER_DATE", &moment);
        assert!(command.status().unwrap().success(), "{subject}");
    }

    /// Runs a command line of the program.
    pub(crate) fn run(&self, line: &str) -> Run {
        run_in(&self.root, &line.split_whitespace().collect::<Vec<_>>(), &[])
    }

    pub(crate) fn check(&self, line: &str) -> Run {
        let args: Vec<&str> = line.split_whitespace().collect();
        check_in(&self.root, &args, &[])
    }

    /// Rule and service of each open finding at or above a severity.
    pub(crate) fn open(&self, line: &str) -> BTreeSet<String> {
        let run = self.check(&format!("{line} --format json"));
        let report: Value =
            serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{line}\n{}\n{}", run.out, run.err));
        open(&report)
    }

    #[track_caller]
    pub(crate) fn refused(&self, line: &str, parts: &[&str]) {
        said(line, &self.check(line), 2, parts);
    }
}

pub(crate) fn git_in(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").args(args).current_dir(folder).envs(ALONE).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn check_in(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    run_in(folder, &[&["check", "--as-of", "2026-11-21"], args].concat(), variables)
}

pub(crate) fn run_in(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(ALONE);
    command.args(args).current_dir(folder).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&*folder.to_string_lossy(), "ROOT");
    let run = Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!run.err.contains("panicked"), "{}", run.err);
    run
}

pub(crate) fn open(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let open = findings.filter(|finding| finding["suppressed"].is_null());
    open.map(|finding| {
        let (rule, service) = (finding["rule"].as_str().unwrap(), finding["service"].as_str().unwrap_or("-"));
        format!(
            "{service} {rule} {} {} {}",
            finding["outcome"], finding["missing"], finding["primary"]["start"]["line"]
        )
    })
    .collect()
}

/// Whether one of the findings is about the default that [`flagged`] has and [`repaired`] has not.
pub(crate) fn has_default(found: &BTreeSet<String>, service: &str) -> bool {
    found.iter().any(|line| line.starts_with(&format!("{service} fair-defaults/ai-training-on-by-default \"fail\"")))
}

#[track_caller]
pub(crate) fn said(what: &str, run: &Run, code: i32, parts: &[&str]) {
    assert_eq!(run.code, code, "{what}\n{}\n{}", run.out, run.err);
    for part in parts {
        assert!(run.out.contains(part) || run.err.contains(part), "{what}: no `{part}` in\n{}\n{}", run.out, run.err);
    }
}
