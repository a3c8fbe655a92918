//! File systems that are made to hurt: nothing is waited for, nothing outside is read, nothing is lost.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test, and these tests measure time"
)]

mod hostility;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use hostility::{WRONG, check, shell};
use tempfile::TempDir;

fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("purposes.yaml"), WRONG).unwrap();
    fs::write(folder.path().join("purposelint.yaml"), "version: 1\npacks: [core, fair-defaults]\n").unwrap();
    folder
}

#[test]
fn what_is_no_file_is_said_and_neither_opened_nor_passed_over() {
    // what is done to a sound workspace, and the words on standard error; the exit code is always 2
    let cases = [
        ("ln -s x.purposes.yaml x.purposes.yaml", "x.purposes.yaml: a link to nothing"),
        ("ln -s y.purposes.yaml x.purposes.yaml; ln -s x.purposes.yaml y.purposes.yaml", "a link to nothing"),
        ("ln -s /etc/passwd x.purposes.yaml", "x.purposes.yaml: a link that leads out of the workspace"),
        ("mkfifo x.purposes.yaml", "x.purposes.yaml: neither a file nor a folder"),
        ("ln -s /dev/zero x.purposes.yaml", "x.purposes.yaml: "),
        (
            "git init -q; echo x.purposes.yaml >.gitignore; ln -s /etc/passwd x.purposes.yaml; git add -f .",
            "x.purposes.yaml: a link that leads out of the workspace",
        ),
        (
            "git init -q; echo q/ >.gitignore; mkdir q; cp purposes.yaml q; git add -f .; echo x >.git/index",
            "error: .: nobody knows which files git keeps although they are ignored: git failed: ",
        ),
        ("mkfifo .gitignore; mkdir .git", ".gitignore: is not a regular file"),
        ("mkdir a; mkfifo a/.gitignore; mkdir .git", "a/.gitignore: is not a regular file"),
        ("rm purposelint.yaml; mkfifo purposelint.yaml", "purposelint.yaml"),
        ("rm purposelint.yaml; mkdir purposelint.yaml", "purposelint.yaml"),
        ("rm purposelint.yaml; ln -s purposelint.yaml purposelint.yaml", "purposelint.yaml"),
        ("rm purposelint.yaml; ln -s nowhere purposelint.yaml", "purposelint.yaml"),
        ("mkfifo purposelint-baseline.json", "`purposelint-baseline.json` is not a regular file"),
        ("mkfifo q; echo 'extends: [q]' >>purposelint.yaml", "`q` is not a regular file"),
        ("echo 'extends: [purposelint.yaml]' >>purposelint.yaml", "purposelint.yaml"),
    ];
    for (done, said) in cases {
        let folder = workspace();
        assert_eq!(shell(folder.path(), done).code, 0, "{done}");
        let run = check(folder.path(), &["--format", "concise"]);
        assert_eq!(run.code, 2, "{done}: {}{}", run.out, run.err);
        assert!(run.err.contains(said), "{done}: {}", run.err);
    }
}

#[test]
fn half_a_workspace_is_told_to_be_half_by_every_command() {
    for command in ["check", "matrix", "why t --region FR"] {
        let folder = workspace();
        fs::write(folder.path().join("purposes.yaml"), WRONG.replace("UK", "FR")).unwrap();
        assert_eq!(shell(folder.path(), &format!("$P {command} --as-of 2026-11-21 >out")).code, 0, "{command}");
        let run = shell(folder.path(), &format!("ln -s nowhere x.purposes.yaml; $P {command} --as-of 2026-11-21"));
        assert_eq!(run.code, 2, "{command}: {}{}", run.out, run.err);
        assert!(run.err.contains("error: x.purposes.yaml: a link to nothing"), "{command}: {}", run.err);
        // a table of what there is may help; one sentence about what may be elsewhere does not
        assert_eq!(run.out.is_empty(), command.starts_with("why"), "{command}: {}", run.out);
    }
}

#[test]
fn a_folder_without_a_name_in_letters_is_a_repository_like_others() {
    let folder = workspace();
    let run = shell(
        folder.path(),
        "x=$(printf 'x\\377'); mkdir \"$x\" || exit 9; mv purpose* \"$x\"; cd \"$x\"; git init -q; git add .; $P check --staged",
    );
    // some file systems take no such name
    if run.code != 9 {
        assert!(run.code == 1 && run.out.contains("core/unknown-region"), "{}{}", run.out, run.err);
    }
}

#[test]
fn links_that_lead_in_circles_and_out_are_not_walked() {
    for done in [
        "mkdir s; ln -s . s/here; ln -s .. s/above; ln -s ../s s/again",
        "ln -s / all",
        "ln -s /dev d",
        "git init -q; echo q >.gitignore; mkdir q; cp purposes.yaml q; git add -f q; rm -r q; ln -s . q",
    ] {
        let folder = workspace();
        assert_eq!(shell(folder.path(), done).code, 0, "{done}");
        let run = check(folder.path(), &["--format", "concise"]);
        assert_eq!(
            (run.code, run.out.matches("core/unknown-region").count()),
            (1, 1),
            "{done}: {}{}",
            run.out,
            run.err
        );
    }
}

#[test]
fn a_write_that_fails_leaves_the_old_file_whole() {
    // a limit of 0 blocks stands for a full disk: `cat` holds the messages, which would not fit either
    let full = "trap '' XFSZ; (ulimit -f 0; $P COMMAND 2>&1) | cat";
    let cases = [
        ("check --as-of 2026-11-21 --fix", "purposes.yaml", Some(WRONG)),
        ("check --as-of 2026-11-21 --format sarif=old", "old", Some("before")),
        ("check --as-of 2026-11-21 --output-file old", "old", Some("before")),
        ("baseline create", "purposelint-baseline.json", None),
    ];
    for (command, file, before) in cases {
        let folder = workspace();
        let path = folder.path().join(file);
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        }
        let names = || -> Vec<_> {
            let mut all: Vec<_> =
                fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            all.sort();
            all
        };
        let held = names();
        let run = shell(folder.path(), &full.replace("COMMAND", command));
        assert!(run.out.contains("cannot be written"), "{command}: {}{}", run.out, run.err);
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), before, "{command}");
        assert_eq!(names(), held, "{command} leaves something behind");
    }
}

#[test]
fn a_link_to_a_folder_outside_hides_no_declaration() {
    const NOT_JUDGED: &str =
        "b/s: a link to a folder outside the workspace, which is not followed although it has declarations";
    const LEAVES: &str = "is a link that leads out of the workspace";
    let cases = [
        ("ln -s ../../outside b/s; $P check", 2, NOT_JUDGED),
        ("ln -s ../../outside/deep b/s; $P check", 2, NOT_JUDGED),
        ("ln -s ../../outside b/s; $P check purposes.yaml", 2, NOT_JUDGED),
        ("ln -s ../../outside b/s; echo 'exclude: [b/s]' >>purposelint.yaml; $P check", 0, ""),
        ("ln -s ../../outside/none b/s; $P check", 0, "b/s: a link to a folder outside the workspace"),
        ("touch ../outside/purposelint.yaml; ln -s ../../outside b/s; $P check", 0, "b/s: a link to a folder outside"),
        ("ln -s ../../gone b/s; $P check", 0, "b/s: a link to nothing"),
        ("ln -s ../../gone b/s.txt; $P check", 0, ""),
        ("ln -s ../../outside b/s; $P check b/s", 2, LEAVES),
        ("ln -s ../../outside b/s; cd b; $P check s/deep", 2, LEAVES),
        ("ln -s ../../outside b/s; cd ..; $P check repo/b/s/purposes.yaml", 2, LEAVES),
        ("touch ../outside/purposelint.yaml; ln -s ../../outside b/s; $P check b/s", 2, LEAVES),
        ("rm purposelint.yaml; ln -s ../../outside b/s; $P check b/s", 2, LEAVES),
        ("ln -s b c; $P check c", 3, "no declarations in c"),
        ("ln -s repo ../c; cd ..; $P check c", 0, ""),
        ("ln -s ../repo ../outside/c; cd ..; $P check outside/c/purposes.yaml", 0, ""),
    ];
    for (command, code, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let clean = "version: 1\nservice: notes\npurposes:\n  p: {use: essential.service, necessity: core}\n";
        for (path, text) in [
            ("repo/.git/HEAD", ""),
            ("repo/purposelint.yaml", "packs: [core, fair-defaults]\n"),
            ("repo/purposes.yaml", clean),
            ("repo/b/readme", ""),
            ("outside/purposes.yaml", "bogus: 1\n"),
            ("outside/deep/er/x.purposes.yaml", "bogus: 1\n"),
            ("outside/none/notes.yaml", "bogus: 1\n"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let run = shell(folder.path(), &format!("cd repo; {command} --format concise --as-of 2026-11-21"));
        assert_eq!(run.code, code, "{command}: {}{}", run.out, run.err);
        assert!(format!("{}{}", run.out, run.err).contains(said), "{command}: {}{}", run.out, run.err);
        assert!(!run.out.contains("bogus"), "{command}: {}", run.out);
    }
}

#[test]
fn a_file_with_several_names_is_read_once() {
    let cases = [
        ("$P check", "b/purposes.yaml: a link to the file that is read as `a/purposes.yaml`"),
        ("$P check a/purposes.yaml b/purposes.yaml", "a/purposes.yaml:3:"),
        ("$P check b/purposes.yaml a", "a/purposes.yaml:3:"),
        ("$P check b", "a/purposes.yaml:3:"),
        ("$P check shared", "a/purposes.yaml:3:"),
        ("$P check shared/x.yaml", "a/purposes.yaml:3:"),
        (
            "mv shared/x.yaml shared/purposes.yaml; rm a/*; ln -sf ../shared/purposes.yaml b; $P check b",
            "shared/purposes.yaml:3:",
        ),
        ("rm -r a b; ln -s shared/x.yaml 1; ln -s shared/x.yaml 2; $P check 2 1 shared/x.yaml", "2:3:"),
        ("git init -q; git add .; $P check --staged b", "a/purposes.yaml:3:"),
    ];
    for (command, said) in cases {
        let folder = tempfile::tempdir().unwrap();
        let made = shell(
            folder.path(),
            "mkdir a b shared; for f in a b; do ln -s ../shared/x.yaml $f/purposes.yaml; done; touch purposelint.yaml",
        );
        assert_eq!(made.code, 0, "{}", made.err);
        fs::write(folder.path().join("shared/x.yaml"), WRONG).unwrap();
        let run = shell(folder.path(), &format!("{command} --format concise --as-of 2026-11-21"));
        assert_eq!(run.code, 1, "{command}: {}{}", run.out, run.err);
        assert!(format!("{}{}", run.out, run.err).contains(said), "{command}: {}{}", run.out, run.err);
        assert_eq!(run.out.matches("core/unknown-region").count(), 1, "{command}: {}", run.out);
        assert!(!run.out.contains("core/duplicate-id"), "{command}: {}", run.out);
    }
}

#[test]
fn a_stream_that_is_full_or_closed_is_told_apart() {
    let cases = [
        ("$P check --as-of 2026-11-21 >/dev/full", 2, "error: the output cannot be written"),
        ("$P check --as-of 2026-11-21 --format sarif=/dev/full", 2, "`/dev/full` cannot be written"),
        ("$P check --as-of 2026-11-21 --output-file nowhere/x", 2, "name a file in a folder that exists"),
        ("($P check --as-of 2026-11-21 --format json; echo code $? >&2) | true", 0, "code 1"),
        ("$P check --as-of 2026-11-21 2>/dev/full", 1, ""),
        ("$P --help >/dev/full", 2, "error: the output cannot be written"),
        ("$P --version >/dev/full", 2, "error: the output cannot be written"),
        ("$P check --wrong 2>/dev/full", 2, ""),
        ("($P --help; echo code $? >&2) | true", 0, "code 0"),
        ("ln -s nowhere gone.yaml; $P check gone.yaml", 2, "`gone.yaml` is a link to `nowhere`, which does not exist"),
        ("ln -s nowhere x.yaml; $P check --config x.yaml", 2, "`x.yaml` is a link to `nowhere`, which does not exist"),
    ];
    for (command, code, said) in cases {
        if command.contains("/dev/full") && !Path::new("/dev/full").exists() {
            continue;
        }
        let run = shell(workspace().path(), command);
        assert_eq!(run.code, code, "{command}: {}", run.err);
        assert!(run.err.contains(said), "{command}: {}", run.err);
    }
}

#[test]
fn names_are_shown_and_command_nobody() {
    let names: [&[u8]; 7] = [
        b"a\nb\x1b[2J.purposes.yaml",
        b"x\xff\xfe.purposes.yaml",
        b"##vso[task.complete].purposes.yaml",
        b"$(touch pwned).purposes.yaml",
        b"-rf.purposes.yaml",
        b"%0A::error::x.purposes.yaml",
        b"\xe2\x80\xae.purposes.yaml",
    ];
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(OsStr::from_bytes(name));
        if fs::write(&path, WRONG).is_err() {
            // some file systems take no such name
            continue;
        }
        for format in ["concise", "human", "github", "azure", "markdown", "junit", "sarif", "json"] {
            let run = check(folder.path(), &["--format", format]);
            let said = format!("{}{}", run.out, run.err);
            assert_eq!(run.code, 1, "{name:?} {format}: {said}");
            assert!(!said.contains(['\u{1b}', '\u{202e}']), "{name:?} {format}");
            assert!(!said.contains("##vso[task.complete]") && !said.contains("\n::error::x"), "{name:?} {format}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{name:?}");
    }
}

#[test]
fn names_that_are_no_utf8_can_be_given() {
    let cases = [
        ("$P check $F", 1),
        ("$P check $D", 1),
        ("$P check $D/purposes.yaml", 1),
        ("$P check --force-exclude $F", 1),
        ("git init -q; git add .; $P check --staged $F", 1),
        ("git init -q; git add .; $P check --staged $D", 1),
        ("$P check - --stdin-filename $F <$F", 1),
        ("$P check other", 0),
    ];
    for (command, code) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
        if fs::write(path(b"caf\xe9.purposes.yaml"), WRONG).is_err() {
            // some file systems take no such name
            continue;
        }
        fs::create_dir(path(b"other")).unwrap();
        fs::create_dir(path(b"dir\xe9")).unwrap();
        fs::write(path(b"dir\xe9/purposes.yaml"), WRONG.replace("service: a", "service: b")).unwrap();
        let clean = "version: 1\nservice: c\npurposes:\n  p: {use: essential.service, necessity: core}\n";
        fs::write(path(b"other/purposes.yaml"), clean).unwrap();
        fs::write(path(b"purposelint.yaml"), "packs: [core, fair-defaults]\n").unwrap();
        let names = "F=$(printf 'caf\\351.purposes.yaml'); D=$(printf 'dir\\351');";
        let run = shell(folder.path(), &format!("{names} {command} --format concise --as-of 2026-11-21"));
        assert_eq!(run.code, code, "{command}: {}{}", run.out, run.err);
        assert_eq!(run.out.matches("core/unknown-region").count(), usize::from(code == 1), "{command}: {}", run.out);
    }
}

#[test]
fn many_files_and_deep_folders_are_walked() {
    let folder = workspace();
    let made = shell(
        folder.path(),
        "mkdir many; cd many; i=0; while [ $i -lt 5000 ]; do : >f$i.txt; i=$((i+1)); done; cd ..
         i=0; while [ $i -lt 1000 ]; do mkdir d && cd -P d || exit 1; i=$((i+1)); done 2>/dev/null; true",
    );
    assert_eq!(made.code, 0, "{}", made.err);
    let run = check(folder.path(), &["--format", "concise"]);
    assert!(run.code == 1 || run.code == 2 && run.err.contains("cannot be read"), "{}{}", run.out, run.err);
    assert!(run.out.contains("core/unknown-region"), "{}", run.out);
}
