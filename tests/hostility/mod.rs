//! Runs the program on what nobody should give it, and watches the clock.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test, these tests measure time, and each uses the part it needs"
)]

pub(crate) mod case;
pub(crate) mod configs;
pub(crate) mod declarations;
pub(crate) mod large;
pub(crate) mod packs;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use case::Case;

/// A second is the promise for the released program on an idle machine; a debug build on a busy one gets much more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 90 } else { 3 });

/// A sound declaration with one thing to repair in it.
pub(crate) const WRONG: &str =
    "version: 1\nservice: a\nregions: [UK]\npurposes:\n  t: {use: train_ai_system, setting: {default: off}}\n";

/// The beginning of a sound declaration that ends inside a purpose.
pub(crate) const HEAD: &str =
    "version: 1\nservice: a\npurposes:\n  t:\n    use: train_ai_system\n    setting: {default: off}\n";

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// What a released program may take longer for, a debug build takes minutes for: that is left to `cargo bench --bench hostile`.
const MOST: f64 = if cfg!(debug_assertions) { 3.0 } else { f64::INFINITY };

/// Holds the program to what each case says.
pub(crate) fn hold(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| case.budget <= MOST) {
        let folder = tempfile::tempdir().unwrap();
        case.lay_out(folder.path(), case::FEW);
        let run = shell(folder.path(), &case.command);
        wrong.extend(case.wrong(run.code, &format!("{}{}", run.out, run.err)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a command of the shell in a folder, with `$P` for the program, and stops it when it takes too long.
pub(crate) fn shell(folder: &Path, command: &str) -> Run {
    run(folder, "sh", &["-c".as_ref(), command.as_ref()])
}

/// Runs `check` in a folder.
pub(crate) fn check(folder: &Path, arguments: &[&str]) -> Run {
    let fixed = ["check", "--as-of", "2026-11-21", "--color", "never"];
    let all: Vec<&OsStr> = fixed.iter().chain(arguments).map(OsStr::new).collect();
    run(folder, env!("CARGO_BIN_EXE_purposelint"), &all)
}

fn run(folder: &Path, program: &str, arguments: &[&OsStr]) -> Run {
    let streams = tempfile::tempdir().unwrap();
    let file = |name: &str| fs::File::create(streams.path().join(name)).unwrap();
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("P", env!("CARGO_BIN_EXE_purposelint"))
        .stdin(Stdio::null())
        .stdout(file("out"))
        .stderr(file("err"))
        .spawn()
        .unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{arguments:?} has not ended after {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let text = |name: &str| String::from_utf8_lossy(&fs::read(streams.path().join(name)).unwrap()).into_owned();
    Run { code: status.code().unwrap_or(-1), out: text("out"), err: text("err") }
}
