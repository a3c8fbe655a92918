//! A run that is the same as one before says what that one said; one that is another in any way is done.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be is a failing test")]

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use purposelint::cli::{Env, Streams, run};
use purposelint::space::Date;
use tempfile::TempDir;

const NOTES: &str = "version: 1\nservice: notes\nregions: [EEA, GB]\npurposes:\n  training:\n    use: train_ai_system\n    setting:\n      default: on\n      overrides:\n        - {regions: [FR], default: off, until: 2026-12-24}\n";
const FEED: &str = "version: 1\nservice: feed\nregions: [EU]\npurposes:\n  # purposelint: ignore[fair-defaults/ai-training-on-by-default] until 2027-01-01: a trial\n  training:\n    use: train_ai_system\n    setting: {default: on}\n";
const CONFIG: &str = "version: 1\ninclude: [\"none/**\"]\nwaivers:\n  - {rule: fair-defaults/ai-training-on-by-default, regions: [FR], reason: a trial, owner: us@example.com, expires: 2026-12-20}\n";
const BROKEN: &str = "version: 1\nservice: feed\npurposes: {training: [\n";

const TODAY: &str = "2026-11-21";

/// How a run is called.
#[derive(Clone)]
struct Call {
    line: &'static str,
    /// Below the root.
    folder: &'static str,
    /// How wide the terminal is, where somebody looks at one.
    terminal: Option<usize>,
    day: &'static str,
}

const CALL: Call = Call { line: "check", folder: "", terminal: None, day: TODAY };

#[derive(Debug, PartialEq)]
struct Ran {
    code: u8,
    out: String,
    err: String,
}

struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.write("a.purposes.yaml", NOTES);
        world.write("b/purposes.yaml", FEED);
        world.write("purposelint.yaml", CONFIG);
        world
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The files of the cache.
    fn kept(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.0.path().join("cache")).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "purposelint-cache")).collect()
    }

    /// Has a report written to a file.
    fn write_report(&self) -> PathBuf {
        let path = self.0.path().join("report.txt");
        let line = format!("check --output-file {}", path.display());
        self.call(&Call { line: line.leak(), ..CALL }, true);
        path
    }

    fn call(&self, call: &Call, is_cached: bool) -> Ran {
        let mut out = Vec::new();
        let (code, err) = self.call_to(&mut out, call, is_cached);
        Ran { code, out: String::from_utf8(out).unwrap(), err }
    }

    fn call_to(&self, out: &mut dyn Write, call: &Call, is_cached: bool) -> (u8, String) {
        let mut err = Vec::new();
        let mut streams = Streams {
            stdin: &mut io::empty(),
            stdout: out,
            stderr: &mut err,
            stdin_is_terminal: false,
            stdout_is_terminal: call.terminal.is_some(),
            stderr_is_terminal: false,
        };
        let env = Env {
            current_dir: Some(self.root().join(call.folder)),
            cache_dir: is_cached.then(|| self.0.path().join("cache")),
            columns: call.terminal,
            ..Env::default()
        };
        let args = ["purposelint"].into_iter().chain(call.line.split_whitespace()).map(OsString::from);
        let code = run(args, &mut streams, &env, Date::parse(call.day).unwrap());
        (code, String::from_utf8(err).unwrap())
    }
}

fn forget(paths: &[PathBuf]) {
    paths.iter().filter(|path| path.exists()).for_each(|path| fs::remove_file(path).unwrap());
}

#[test]
fn nothing_is_judged_for_a_run_that_is_the_same() {
    let world = World::new();
    // what goes to a file is not said, and is written each time
    for _ in 0..2 {
        fs::remove_file(world.write_report()).unwrap();
    }
    let judged = world.kept();
    let concise = Call { line: "check --format concise", ..CALL };
    let expected = world.call(&concise, true);
    assert!(expected.err.contains("`none/**`"), "what has no effect is told: {}", expected.err);
    assert_eq!((expected.code, judged.len(), world.kept().len()), (1, 2, 3));
    forget(&judged);
    assert_eq!(world.call(&concise, true), expected);
    assert_eq!(world.kept().len(), 1, "nothing was judged");
}

#[test]
fn what_could_not_be_judged_is_judged_again() {
    let world = World::new();
    world.write_report();
    world.write("b/purposes.yaml", BROKEN);
    for _ in 0..2 {
        forget(&world.kept());
        assert_eq!(world.call(&Call { line: "check --exit-zero", ..CALL }, true).code, 2);
        assert!(world.kept().len() > 1, "{:?}", world.kept());
    }
}

#[test]
fn a_run_that_is_called_otherwise_is_done() {
    let world = World::new();
    let called = |line: &'static str| Call { line, ..CALL };
    let calls = [
        CALL,
        Call { terminal: Some(80), ..CALL },
        Call { terminal: Some(50), ..CALL },
        Call { line: "check --color never", terminal: Some(80), ..CALL },
        Call { day: "2026-12-25", ..CALL },
        Call { folder: "b", ..CALL },
        Call { line: "check .", folder: "b", ..CALL },
        called("check --color always"),
        called("check --quiet"),
        called("check --verbose"),
        called("check --format concise"),
        called("check --missing"),
        called("check --exit-zero"),
        called("check --fail-on info"),
        called("check --show-suppressed"),
        called("check --no-suppressions"),
        called("check --as-of 2026-12-22"),
        called("check b"),
    ];
    let mut all = Vec::new();
    for round in ["first", "second"] {
        for call in &calls {
            let ran = world.call(call, true);
            assert_eq!(ran, world.call(call, false), "{round} run of `{}`", call.line);
            all.push(ran);
        }
    }
    all.dedup();
    assert!(all.len() > 30, "most say something else than the one before, else this shows nothing: {}", all.len());
}

/// What happens to a workspace, by its root.
type Change<'c> = (&'c str, &'c dyn Fn(&Path));

#[test]
fn where_the_workspace_is_another_the_run_is_done() {
    let world = World::new();
    let changes: [Change<'_>; 7] = [
        ("a text of the same length", &|root| {
            fs::write(root.join("a.purposes.yaml"), NOTES.replace("[FR]", "[DE]")).unwrap();
        }),
        ("a file more", &|root| fs::write(root.join("c.purposes.yaml"), NOTES.replace("notes", "draw")).unwrap()),
        ("a file that cannot be decoded", &|root| fs::write(root.join("c.purposes.yaml"), b"service: \xFF\n").unwrap()),
        ("a file less", &|root| fs::remove_file(root.join("c.purposes.yaml")).unwrap()),
        ("another name", &|root| fs::rename(root.join("a.purposes.yaml"), root.join("d.purposes.yaml")).unwrap()),
        ("no config", &|root| fs::remove_file(root.join("purposelint.yaml")).unwrap()),
        ("a baseline", &|root| fs::write(root.join("purposelint-baseline.json"), "{").unwrap()),
    ];
    let mut before = world.call(&CALL, true);
    for (name, change) in changes {
        change(&world.root());
        let ran = world.call(&CALL, true);
        assert_eq!(ran, world.call(&CALL, false), "{name}");
        assert_ne!(ran, before, "{name}: else this shows nothing");
        before = ran;
    }
}

/// A stream that somebody closes after some bytes.
struct Closed(usize);

impl Write for Closed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.0);
        self.0 -= count;
        if count == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(count) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn half_of_what_is_said_is_not_kept() {
    let world = World::new();
    let expected = world.call(&CALL, false);
    for bytes in [0, 1, expected.out.len() / 2] {
        let cut = world.call_to(&mut Closed(bytes), &CALL, true);
        assert_eq!(cut, (expected.code, String::new()), "the verdict stands");
        assert_eq!(world.call(&CALL, true), expected, "{bytes}");
        assert_eq!(world.call_to(&mut Closed(bytes), &CALL, true), cut, "said again to somebody who stops reading");
        forget(&world.kept());
    }
}
