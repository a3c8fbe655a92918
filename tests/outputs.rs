//! Several reports of one run: where each goes, what is said when one cannot be written, and the exit code in all of it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing unwrap is a failing test")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use purposelint::report::Format;
use serde_json::Value;
use tempfile::TempDir;

const FLAGGED: &str = "\
version: 1
service: notes_app
purposes:
  model_training:
    use: train_ai_system
    setting: {default: on}
";

/// Nothing that the rules object to: nobody's data is used for anything but the service.
const CLEAN: &str = "\
version: 1
service: notes_app
purposes:
  notes:
    use: essential.service
    necessity: core
";

fn workspace(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    // what is flagged is counted, and laws are not the topic
    write(&folder.path().join("purposelint.yaml"), "version: 1\npacks: [core, fair-defaults]\n");
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    folder
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Exit code, standard output, standard error; the environment is empty.
fn run(folder: &Path, line: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    let output = command.env_clear().current_dir(folder).args(line.split_whitespace()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn read(folder: &TempDir, file: &str) -> Value {
    json(&fs::read_to_string(folder.path().join(file)).unwrap())
}

#[test]
fn the_format_never_changes_the_exit_code() {
    let newer = FLAGGED.replace("version: 1", "version: 2");
    for (files, expected) in [
        (vec![("purposes.yaml", CLEAN)], 0),
        (vec![("purposes.yaml", FLAGGED)], 1),
        (vec![("a.purposes.yaml", FLAGGED), ("b.purposes.yaml", newer.as_str())], 2),
        (vec![("purposes.yaml", "version: 1\nservice: notes_app\npurposes: {}\n")], 3),
        (vec![("readme.md", "")], 3),
    ] {
        let folder = workspace(&files);
        assert_eq!(run(folder.path(), "").0, expected, "{files:?}");
        for format in Format::ALL {
            for line in
                [format!("--format {format}"), format!("--format {format}=out"), format!("--format {format} -o out")]
            {
                let (code, out, err) = run(folder.path(), &line);
                assert_eq!(code, expected, "{line} {files:?}\n{out}\n{err}");
            }
            assert!(folder.path().join("out").is_file(), "{format}");
            fs::remove_file(folder.path().join("out")).unwrap();
        }
        // the file says it as well, where its format can
        run(folder.path(), "--format sarif=out");
        let invocation = &read(&folder, "out")["runs"][0]["invocations"][0];
        assert_eq!(invocation["exitCode"], expected);
        assert_eq!(invocation["executionSuccessful"], expected < 2);
        let notes = invocation.get("toolExecutionNotifications").and_then(Value::as_array).map_or(0, Vec::len);
        assert_eq!(notes > 0, expected >= 2, "{files:?}: {invocation}");
    }
}

#[test]
fn every_format_has_its_own_file() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    let (code, out, err) =
        run(folder.path(), "--format sarif=a.sarif --format gitlab=g.json --format rdjson=r.json --format jsonl");
    assert_eq!((code, err.as_str()), (1, ""));
    let lines = out.lines().filter(|line| json(line)["rule"].is_string()).count();
    assert!(lines > 1, "{out}");
    assert_eq!(read(&folder, "a.sarif")["runs"][0]["results"].as_array().unwrap().len(), lines);
    assert_eq!(read(&folder, "g.json").as_array().unwrap().len(), lines);
    assert_eq!(read(&folder, "r.json")["diagnostics"].as_array().unwrap().len(), lines);

    // people still read what a job prints
    let (_, out, _) = run(folder.path(), "--format sarif=a.sarif");
    assert!(out.contains("fair-defaults/ai-training-on-by-default (error)"), "{out}");
    let (_, out, err) = run(folder.path(), "--format sarif=a.sarif --quiet");
    assert_eq!((out.as_str(), err.as_str()), ("", ""));
    let (_, out, _) = run(folder.path(), "--format json -o b.json --format gitlab=g.json");
    assert_eq!(out, "");
    assert_eq!(read(&folder, "b.json")["version"], 1);
}

#[test]
fn a_file_that_cannot_be_written_keeps_no_other_back() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    let (code, out, err) = run(folder.path(), "--format gitlab=gone/g.json --format sarif=a.sarif --format rdjson");
    assert_eq!(code, 2);
    assert!(err.contains("`gone/g.json` cannot be written: no such file or directory"), "{err}");
    assert!(err.contains("help: name a file in a folder that exists"), "{err}");
    assert!(json(&out)["diagnostics"].is_array());
    assert_eq!(read(&folder, "a.sarif")["version"], "2.1.0");
    let (code, _, err) = run(folder.path(), "--format gitlab=gone/g.json --format sarif=lost/a.sarif");
    assert_eq!(code, 2);
    assert!(err.contains("gone/g.json") && err.contains("lost/a.sarif"), "{err}");
}

#[test]
fn what_does_not_go_together_is_refused_before_anything_is_written() {
    let folder = workspace(&[("purposes.yaml", FLAGGED)]);
    for (line, parts) in [
        ("--format json --format sarif", ["would go to standard output: `json` and `sarif`", "`--format sarif=FILE`"]),
        ("--format json=a -o b", ["`--output-file b`", "leave `--output-file` out"]),
        ("--format json=a --format sarif=a", ["two reports would be written to `a`", "its own file"]),
        ("--format json=", ["no file is named after `json=`", "`--format json=FILE`"]),
        ("--format srif=a", ["invalid value 'srif'", "'sarif'"]),
        ("--format sarif=a --missing", ["--missing", "cannot be used with"]),
    ] {
        let (code, out, err) = run(folder.path(), line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}");
        for part in parts {
            assert!(err.contains(part), "{line}: no `{part}` in\n{err}");
        }
        assert!(!folder.path().join("a").exists() && !folder.path().join("b").exists(), "{line}");
    }
}

#[test]
fn no_report_is_written_over_what_it_was_made_from() {
    let reads = FLAGGED.replace("{default: on}", "{default: on, reads: {file: flags.json, pointer: /on}}");
    let config = "version: 1\nextends: [base.yaml]\npacks: [core, fair-defaults]\ninclude: [more/**]\n";
    let files = [
        ("purposes.yaml", reads.as_str()),
        ("flags.json", "{\"on\": \"on\"}"),
        ("purposelint.yaml", config),
        ("base.yaml", "version: 1\n"),
        ("purposelint-baseline.json", "{\"version\": 1, \"findings\": []}"),
        ("deep/note.md", "x"),
        ("more/empty.yaml", ""),
    ];
    let folder = workspace(&files);
    fs::remove_dir(folder.path().join(".git")).unwrap();
    for line in ["init -q", "add -A", "-c user.name=a -c user.email=a@example.com commit -q -m x"] {
        let git = std::process::Command::new("git").args(line.split(' ')).current_dir(folder.path()).status();
        assert!(git.unwrap().success(), "{line}");
    }
    let whole = folder.path().join("purposes.yaml");
    let mut lines = vec![format!("check -o {}", whole.display())];
    let sources = ["purposes.yaml", "./deep/../purposes.yaml", "flags.json", "purposelint.yaml", "base.yaml"];
    lines.extend(sources.map(|path| format!("check --format json={path}")));
    lines.push("check -o purposelint-baseline.json".to_owned());
    lines.push("check --missing=yaml -o purposes.yaml".to_owned());
    lines.push("check --no-suppressions --format sarif=other.sarif --format json=purposelint-baseline.json".to_owned());
    lines.extend(["matrix", "waivers", "log", "diff HEAD"].map(|command| format!("{command} -o purposes.yaml")));
    for line in lines {
        let (code, out, err) = run_with_path(folder.path(), &line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}\n{err}");
        let said = "is read by this run, so nothing is written in its place\n  help: name another file";
        assert!(err.contains(said), "{line}\n{err}");
        for (path, text) in files {
            assert_eq!(fs::read_to_string(folder.path().join(path)).unwrap(), text, "{line}: {path}");
        }
        assert!(!folder.path().join("other.sarif").exists(), "{line}");
    }
    for (line, what) in [
        ("check -o new.purposes.yaml", "a declaration"),
        ("check --missing=yaml -o deep/purposes.yml", "a declaration"),
        ("check --format json=more/report.json", "a declaration"),
        ("matrix -o deep/purposelint-baseline.json", "a baseline"),
        ("check -o deep/purposelint.yaml", "a config"),
    ] {
        let (code, out, err) = run_with_path(folder.path(), line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}\n{err}");
        assert!(err.contains(&format!("would be read as {what}, so nothing is written there")), "{line}\n{err}");
        assert!(!folder.path().join(line.rsplit([' ', '=']).next().unwrap()).exists(), "{line}");
    }
    // what was there and is no source is written over
    assert_eq!(run_with_path(folder.path(), "check -o deep/note.md").0, 1);
    assert!(fs::read_to_string(folder.path().join("deep/note.md")).unwrap().contains("ai-training-on-by-default"));
}

#[test]
fn no_report_is_written_into_a_pack() {
    let pack = "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n";
    let files = [
        ("purposes.yaml", FLAGGED),
        ("purposelint.yaml", "version: 1\npacks: [core, fair-defaults, ./rules/acme]\n"),
        ("rules/acme/pack.yaml", pack),
        ("more/other/pack.yaml", pack),
        ("rules/own/pack.yaml", pack),
    ];
    let folder = workspace(&files);
    for (line, path, code) in [
        ("", "rules/acme/pack.yaml", 2),
        ("", "rules/../rules/acme/new.yaml", 2),
        ("", "rules/acme/deep.YML", 2),
        ("--packs more", "more/other/pack.yaml", 2),
        ("--packs more/other", "more/other/new.yaml", 2),
        // nobody reads these
        ("", "rules/acme/report.json", 1),
        ("", "more/other/new.yaml", 1),
        ("--packs more", "more/new.yaml", 1),
        ("", "rules/own/new.yaml", 1),
    ] {
        let (ended, out, err) = run(folder.path(), &format!("-q {line} --format json={path}"));
        assert_eq!((ended, out.as_str()), (code, ""), "{line} {path}\n{err}");
        assert_eq!(err.contains("is read by this run") || err.contains("as a part of a pack"), code == 2, "{err}");
        for (name, text) in files {
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), text, "{line} {path}: {name}");
        }
        assert_eq!(folder.path().join(path).exists(), code == 1 || path.ends_with("pack.yaml"), "{line} {path}");
        if code == 1 {
            fs::remove_file(folder.path().join(path)).unwrap();
        }
    }
}

/// As [`run`], with git.
fn run_with_path(folder: &Path, line: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    let output = command.current_dir(folder).args(line.split_whitespace()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn paths_for_hosts_count_from_the_repository_wherever_the_run_starts() {
    let folder =
        workspace(&[("services/feed/purposelint.yaml", "version: 1\n"), ("services/feed/x/purposes.yaml", FLAGGED)]);
    let path = "services/feed/x/purposes.yaml";
    for (start, line) in [("", "services/feed"), ("services/feed", ""), ("services/feed/x", "purposes.yaml")] {
        let here = folder.path().join(start);
        let of = |format: &str| json(&run(&here, &format!("check {line} --format {format}")).1);
        assert_eq!(of("gitlab")[0]["location"]["path"], path, "{start}");
        assert_eq!(of("rdjson")["diagnostics"][0]["location"]["path"], path, "{start}");
        let sarif = of("sarif");
        let result = &sarif["runs"][0]["results"][0];
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], path, "{start}");
        assert_eq!(sarif["runs"][0]["automationDetails"]["id"], "purposelint/services/feed/");
        // the report of the tool itself counts from its root
        assert_eq!(of("json")["findings"][0]["primary"]["file"], "x/purposes.yaml");
    }
}

#[test]
fn every_command_says_that_a_file_cannot_be_read() {
    let waiver = "{rule: core/unused-definition, reason: r, owner: a@example.com, expires: 2027-01-01}";
    let config = format!("version: 1\npacks: [core, fair-defaults]\nwaivers: [{waiver}]\n");
    let folder = workspace(&[("purposes.yaml", "service: [\n"), ("purposelint.yaml", &config)]);
    write(&folder.path().join("purposelint-baseline.json"), "{\"version\": 1, \"findings\": []}");
    let fails = "note: 1 finding fails the run: see `purposelint check`";
    for (line, code, parts) in [
        ("matrix", 2, vec![]),
        ("baseline create", 2, vec![]),
        ("baseline check", 2, vec![]),
        ("baseline update", 2, vec![]),
        ("waivers", 2, vec![]),
        ("check --missing", 1, vec!["no fact is known to be missing", fails]),
        ("check --missing=yaml", 1, vec!["no fact is known to be missing", fails]),
        ("check --missing=markdown", 1, vec!["no fact is known to be missing", fails]),
    ] {
        let (ended, out, err) = run(folder.path(), line);
        assert_eq!(ended, code, "{line}\n{out}{err}");
        assert!(err.contains("this `[` is never closed") && err.contains("purposes.yaml:1:10"), "{line}\n{err}");
        assert!(!err.contains("no purpose is declared") && !out.contains("nothing is missing"), "{line}\n{out}{err}");
        for part in parts {
            assert!(out.contains(part) || err.contains(part), "{line}: no `{part}` in\n{out}{err}");
        }
    }
    // what is flagged fails a run that lists what is missing, and it says so; where nothing fails it is silent
    for (text, code) in [(FLAGGED, 1), (CLEAN, 0)] {
        write(&folder.path().join("purposes.yaml"), text);
        let (ended, out, err) = run(folder.path(), "check --missing");
        assert_eq!((ended, err.contains(fails)), (code, code == 1), "{out}{err}");
    }
}

#[test]
fn what_was_skipped_is_said_where_no_report_can() {
    let files = [("a/purposes.yaml", FLAGGED), ("b/purposes.yaml", &*FLAGGED.replace("notes_app", "other_app"))];
    let folder = workspace(&files);
    let said = "1 of them an error: the report is about what was named";
    for (line, on_stderr) in [
        ("--format gitlab", true),
        ("--format rdjson=r.json --format gitlab", true),
        ("--format gitlab=g.json", false),
        // whoever reads one report does not read the other
        ("--format gitlab --format sarif=a.sarif", true),
        ("--format gitlab --quiet", false),
        ("--format concise", true),
        ("--format concise --quiet", false),
        ("--format concise --format json=r.json", true),
        ("--format json --format gitlab=g.json", false),
        ("--format json=r.json --format gitlab=g.json --quiet", false),
    ] {
        let (_, out, err) = run(folder.path(), &format!("check a {line}"));
        assert_eq!(err.contains(said), on_stderr, "{line}\n{err}");
        assert!(!line.contains("concise") || !out.contains("in other files"), "{line}\n{out}");
    }
    let notes = &read(&folder, "a.sarif")["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notes[0]["message"]["text"].as_str().unwrap().contains("findings in other files"), "{notes}");
}

#[test]
fn every_format_tells_what_was_not_judged_and_what_nobody_can_tell() {
    let config = "version: 1\npacks: [core, fair-defaults]\nseverity: {fair-defaults/setting-buried: off}\n";
    let newer = "version: 2\nservice: newer_app\n";
    let files = [("purposes.yaml", FLAGGED), ("newer.purposes.yaml", newer), ("purposelint.yaml", config)];
    let folder = workspace(&files);
    for format in Format::ALL {
        let path = folder.path().join("report");
        let (code, _, err) = run(folder.path(), &format!("check --quiet --format {format}=report"));
        let loud = run(folder.path(), &format!("check --format {format}"));
        assert_eq!((code, loud.0), (2, 2), "{format}");
        // lines are broken for people; what is written for programs has its own signs for some characters
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let file = one_line(&fs::read_to_string(&path).unwrap()).replace("\\_", "_");
        let refused = "declaration has version 2";
        // people have read of it above the report, in full
        if format != Format::Human {
            assert!(file.contains(refused) && file.contains("newer.purposes.yaml"), "{format}\n{file}");
        }
        assert!(err.contains(refused) && loud.2.contains(refused), "{format}");
        assert!(file.contains("purpose.notices"), "{format} does not say what is undetermined\n{file}");
        let (out, err) = (one_line(&loud.1).replace(['\\', '`'], ""), one_line(&loud.2));
        let skipped = format!("{out} {err}").contains("fair-defaults/setting-buried");
        assert!(skipped, "{format} does not say what was skipped\n{out}\n{err}");
        assert_eq!(format.says_what_was_skipped(), !err.contains("switched off by the config"), "{format}\n{err}");
        let (.., beside) = run(folder.path(), &format!("check --format {format} --format json=side.json"));
        assert_eq!(err, one_line(&beside), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_changes_no_verdict() {
    use std::process::Stdio;
    let repairable =
        "version: 1\nservice: a\nregions: [UK]\npurposes:\n  t: {use: train_ai_system, setting: {default: off}}\n";
    let rule = "title: t\nseverity: error\nwhy: w\nrequire: \"true\"\ncites: [{text: t, kind: practice, confidence: high}]\n\
                examples: [{title: t, flagged: \"version: 1\"}]\n";
    let pack = [("p/acme/pack.yaml", "needs: \"0.1.0\"\nversion: 0.1.0\ntitle: Acme\n"), ("p/acme/r.yaml", rule)];
    let flagged = workspace(&[("purposes.yaml", FLAGGED), pack[0], pack[1]]);
    let known = workspace(&[("purposes.yaml", FLAGGED)]);
    assert_eq!(run(known.path(), "baseline create").0, 0);
    write(&known.path().join("new.purposes.yaml"), &FLAGGED.replace("notes_app", "feed"));
    let torn = workspace(&[("purposes.yaml", FLAGGED)]);
    std::os::unix::fs::symlink("nowhere", torn.path().join("x.purposes.yaml")).unwrap();
    let to_repair = workspace(&[("purposes.yaml", repairable)]);
    for (folder, line, code) in [
        (&flagged, "schema declaration", 0),
        (&flagged, "check", 1),
        (&flagged, "test --packs p acme", 1),
        (&flagged, "matrix", 0),
        (&known, "baseline check", 1),
        (&known, "baseline create", 1),
        (&torn, "matrix", 2),
        (&to_repair, "check --diff", 1),
    ] {
        let (heard, said, told) = run(folder.path(), line);
        assert!(heard == code && !said.is_empty(), "{line}: {heard}\n{said}\n{told}");
        // no process reads from the other end by the time anything is written
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_purposelint"));
        command.env_clear().current_dir(folder.path()).args(line.split_whitespace());
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let unheard = (output.status.code(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(unheard, (Some(code), told), "{line}");
    }
}
