//! Files that change while they are read, and files and folders that the program may not read or write: said, never passed, and
//! nothing is lost.

#![cfg(unix)]
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test; the cases are shared with others"
)]

mod hostility;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use hostility::{Run, WRONG, check, packs, shell};
use tempfile::TempDir;

const CONFIG: &str = "version: 1\npacks: [core, fair-defaults]\n";

fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("purposelint.yaml"), CONFIG).unwrap();
    folder
}

/// Somebody who changes things for as long as this is there.
struct Busy(Child);

impl Busy {
    fn new(folder: &Path, commands: &str) -> Self {
        let forever = format!("while :; do {commands}\ndone 2>/dev/null");
        let mut sh = Command::new("sh");
        Self(sh.args(["-c", &forever]).current_dir(folder).stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Whatever is met, the run is not green, since nothing there is sound.
fn never_green(commands: &str) {
    let folder = workspace();
    fs::write(folder.path().join("wrong"), WRONG).unwrap();
    let _busy = Busy::new(folder.path(), commands);
    for _ in 0..30 {
        let Run { code, out, err } = check(folder.path(), &["--format", "concise"]);
        assert!((1..=3).contains(&code), "{code}: {out}{err}");
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[test]
fn a_file_that_becomes_something_else_is_never_passed() {
    never_green(
        "cp wrong new; mv new purposes.yaml; : >purposes.yaml; cp wrong purposes.yaml
         rm purposes.yaml; mkdir purposes.yaml; rmdir purposes.yaml; mkfifo purposes.yaml; rm purposes.yaml
         ln -s /etc/passwd purposes.yaml; rm purposes.yaml; ln -s wrong purposes.yaml; rm purposes.yaml",
    );
}

#[test]
fn a_file_that_changes_while_it_is_judged_is_no_verdict() {
    // only debug builds have room for so little that they read these again
    if !cfg!(debug_assertions) {
        return;
    }
    let folder = workspace();
    fs::write(folder.path().join("purposes.yaml"), WRONG).unwrap();
    // a git that lets an editor save both files, once the declarations are read and those of the revision are asked for
    let made = shell(
        folder.path(),
        "printf 'service: other\n# %08000d\n' 0 >other.purposes.yaml
         git init -q . && git add . && git -c user.name=a -c user.email=a@example.com commit -qm first || exit 1
         echo '# mine' >>other.purposes.yaml
         mkdir bin && for f in *purposes.yaml; do cp $f $f.saved; done || exit 1
         printf '#!/bin/sh\ncase \"$*\" in *cat-file*) for f in *purposes.yaml; do echo \"# saved\" >>$f; done ;; esac\nexec %s \"$@\"\n' \"$(command -v git)\" >bin/git
         chmod +x bin/git",
    );
    assert_eq!(made.code, 0, "{}", made.err);
    let cache = "export PURPOSELINT_CACHE_DIR=$PWD/bin/cache; ";
    let since = "PATH=$PWD/bin:$PATH $P check --as-of 2026-11-21 --format concise --since HEAD";
    let run = shell(folder.path(), &format!("{cache}{since}"));
    let said = "purposes.yaml: it was changed while it was judged";
    assert!(run.code == 2 && run.err.contains(said), "{}: {}{}", run.code, run.out, run.err);
    assert!(run.err.contains("run the command again"), "{}", run.err);
    // nothing of it is believed when the files are what they were
    let again = "for f in *purposes.yaml; do cp $f.saved $f; done; $P check --as-of 2026-11-21 --format concise";
    let run = shell(folder.path(), &format!("{cache}{again}"));
    let alone = shell(folder.path(), &format!("{again} --no-cache"));
    assert_eq!((run.code, &run.out), (1, &alone.out), "{}", run.err);
    assert!(run.out.contains("core/unknown-region"), "{}", run.out);
}

#[test]
fn a_folder_that_vanishes_during_the_walk_is_never_passed() {
    never_green(
        "mkdir -p a/b/c; cp wrong a/b/c/purposes.yaml; mv a/b d; mv d/c a/; rm -r a/c; rmdir a d
         mkdir -p a/b; cp wrong a/b/x.purposes.yaml; rm -r a; ln -s b a; rm a",
    );
}

#[test]
fn a_config_that_changes_is_read_whole_or_refused() {
    // cut short it says that a pack is missing, which must not be taken for a config without wishes
    never_green(
        "cp wrong purposes.yaml; printf 'version: 1\\npacks: [core' >new; mv new purposelint.yaml
         printf 'version: 1\\npacks: [core, fair-defaults]\\n' >purposelint.yaml; rm purposelint.yaml; mkfifo purposelint.yaml
         rm purposelint.yaml; mkdir purposelint.yaml; rmdir purposelint.yaml",
    );
}

/// Runs commands of the shell as somebody to whom permissions apply, with `$P` for a program that they may run.
fn unprivileged(folder: &Path, commands: &str) -> Run {
    let bin = tempfile::tempdir().unwrap();
    let program = bin.path().join("purposelint");
    fs::copy(env!("CARGO_BIN_EXE_purposelint"), &program).unwrap();
    fs::set_permissions(bin.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = program.display();
    let who = "if [ \"$(id -u)\" = 0 ]; then set -- setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \"$1\"; \
               else set -- sh -c \"$1\"; fi; exec \"$@\"";
    let quoted = commands.replace("$P", &program.to_string());
    shell(folder, &format!("set -- '{quoted}'; {who}"))
}

/// Every file below a folder with what it holds, as far as it can be read.
fn held(folder: &Path) -> Vec<(String, String)> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap_or_default()))
        .collect();
    all.sort();
    all
}

#[test]
fn a_folder_that_is_read_only_is_said_and_left_as_it_is() {
    let day = "--as-of 2026-11-21";
    let cases = [
        (format!("check {day} --fix"), "`purposes.yaml` cannot be written: permission denied"),
        (format!("check {day} --output-file out"), "`out` cannot be written: permission denied"),
        (format!("check {day} --format sarif=out"), "`out` cannot be written: permission denied"),
        (format!("baseline create {day}"), "cannot be written: permission denied"),
        ("init --yes --dir empty".to_owned(), "cannot be written: permission denied"),
    ];
    for (command, said) in cases {
        let folder = workspace();
        fs::write(
            folder.path().join("purposes.yaml"),
            WRONG.replace("regions: [UK]\n", "regions: [gb]\n").replace("default: off", "default: on"),
        )
        .unwrap();
        fs::create_dir(folder.path().join("empty")).unwrap();
        fs::set_permissions(folder.path().join("empty"), fs::Permissions::from_mode(0o555)).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        let before = held(folder.path());
        let run = unprivileged(folder.path(), &format!("$P {command}"));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(run.err.contains(said), "{command}: {}{}", run.out, run.err);
        assert_eq!(run.code, 2, "{command}: {}{}", run.out, run.err);
        assert_eq!(held(folder.path()), before, "{command}");
    }
}

#[test]
fn what_may_not_be_read_is_said_and_not_passed_over() {
    // what is shut, and what is said of it
    let cases = [
        ("purposes.yaml", "purposes.yaml: cannot be read: permission denied"),
        ("purposelint.yaml", "`purposelint.yaml` cannot be read: permission denied"),
        ("purposelint-baseline.json", "`purposelint-baseline.json` cannot be read: permission denied"),
        ("below", "below: cannot be read: permission denied"),
        ("acme", "acme"),
        ("acme/r.yaml", "acme"),
    ];
    for (shut, said) in cases {
        let folder = workspace();
        let root = folder.path();
        for inside in ["below", "acme"] {
            fs::create_dir(root.join(inside)).unwrap();
        }
        let sound = WRONG.replace("regions: [UK]\n", "");
        for (path, text) in [
            ("purposelint.yaml", "version: 1\npacks: [core, ./acme]\n"),
            ("purposelint-baseline.json", "{\"version\": 1, \"places\": {}, \"findings\": []}"),
            ("purposes.yaml", &sound),
            ("below/purposes.yaml", &sound.replace("service: a", "service: b")),
            ("acme/pack.yaml", "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n"),
            ("acme/r.yaml", &packs::rule("true")),
        ] {
            fs::write(root.join(path), text).unwrap();
        }
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(root.join(shut), fs::Permissions::from_mode(0o000)).unwrap();
        let run = unprivileged(root, "$P check --as-of 2026-11-21 --format concise");
        fs::set_permissions(root.join(shut), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(run.err.contains(said), "{shut}: {}{}", run.out, run.err);
        assert_eq!(run.code, 2, "{shut}: {}{}", run.out, run.err);
    }
}
