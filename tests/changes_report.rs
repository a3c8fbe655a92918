//! What `diff` says of one rich pair of revisions, in every format.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use purposelint::report::Format;
use repository::{ALONE, Repo, Run, said};
use serde_json::Value;

const BEFORE: &str = r#"version: 1
service: notes
organisations:
  host: {name: Host Inc., country: US, role: processor}
purposes:
  ai_training:
    title: Train models
    use: train_ai_system
    data: [{category: user.content}]
    setting: {default: off}
    retention: {period: P1Y}
    safeguards: [{kind: redaction, status: verified}, {kind: encryption, status: verified}]
  statistics:
    title: Count visits
    use: analytics
    setting: {default: ask}
  lost: {title: Send news, use: advertising, setting: {default: ask}}
"#;

const AFTER: &str = r#"version: 1
service: notes
organisations:
  host: {name: Host Inc., country: US, role: processor}
purposes:
  training:
    title: Train all models
    use: train_ai_system
    data: [{category: user.content}, {category: user.contact}]
    renamed_from: ai_training
    setting:
      default: on
      overrides: [{regions: [EEA], default: off}]
    retention: {period: P3Y}
    recipients: [host]
    safeguards: [{kind: encryption, status: verified}]
  statistics:
    title: Count visits
    use: analytics
    setting:
      default: off
      overrides: [{regions: [JP], from: 2027-01-01, default: on}]
  brand_new: {title: Show adverts, use: advertising, setting: {default: on}}
"#;

const OTHER: &str = "version: 1\nservice: other\npurposes:\n  x: {use: collect, setting: {default: on}}\n";

const CONFIG: &str = "version: 1\npacks: [core, fair-defaults]\n";

/// A repository whose workspace is a folder below its root. One file is there and no longer read.
fn rich() -> Repo {
    let repo = Repo::of(&[
        ("svc/purposes.yaml", BEFORE),
        ("svc/other/purposes.yaml", OTHER),
        ("svc/purposelint.yaml", CONFIG),
    ]);
    repo.put(&[("svc/purposes.yaml", AFTER), ("svc/purposelint.yaml", &format!("{CONFIG}exclude: [other/**]\n"))]);
    repo
}

fn diff(folder: &Path, line: &str) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_purposelint"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(ALONE);
    command.args(["diff", "--as-of", "2026-11-21"]).args(line.split_whitespace()).current_dir(folder);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn json(folder: &Path, line: &str) -> Value {
    let run = diff(folder, &format!("{line} --format json"));
    serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{line}\n{}\n{}", run.out, run.err))
}

fn changes(report: &Value) -> &Vec<Value> {
    report["changes"].as_array().unwrap()
}

#[test]
fn machines_are_told_every_change() {
    let repo = rich();
    let report = json(&repo.root.join("svc"), "HEAD");
    let schema: Value = serde_json::from_str(&fs::read_to_string("schemas/report.v1.json").unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = schema.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");

    let found: BTreeSet<String> = changes(&report)
        .iter()
        .map(|change| {
            let word = |key: &str| change[key].as_str().unwrap_or("-").to_owned();
            [word("direction"), word("kind"), word("purpose"), word("property"), word("from")].join(" ")
        })
        .collect();
    for expected in [
        "weaker moved training state -",
        "weaker moved training retention.period -",
        "weaker removed training safeguards.redaction -",
        "weaker added training data.user.contact -",
        "neutral moved training title -",
        "weaker new brand_new state -",
        "stronger gone lost state -",
        "stronger moved statistics state -",
        "weaker moved statistics state 2027-01-01",
        "unclear gone x state -",
    ] {
        assert!(found.contains(expected), "{expected} is not in {found:#?}");
    }
    let training = changes(&report).iter().find(|change| change["purpose"] == "training").unwrap();
    assert_eq!(training["was_called"], "ai_training");
    // each that is weaker or unclear is one finding, known by the same fingerprint
    let of = |list: &Value, is: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
        let list = list.as_array().unwrap().iter().filter(|item| is(item));
        list.map(|item| item["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let worse = of(&report["changes"], &|change| change["direction"] == "weaker" || change["direction"] == "unclear");
    let core = ["core/weakened", "core/unclear-change"];
    assert_eq!(worse, of(&report["findings"], &|finding| core.contains(&finding["rule"].as_str().unwrap())));
    // the lines have the same, the changes in the last
    let lines = diff(&repo.root.join("svc"), "HEAD --format jsonl").out;
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(last["changes"], report["changes"]);
}

#[test]
fn hosts_get_paths_of_files_that_they_can_show() {
    let repo = rich();
    let folder = repo.root.join("svc");
    let fingerprints: BTreeSet<String> = changes(&json(&folder, "HEAD"))
        .iter()
        .map(|change| change["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    let known = |path: &str| repo.root.join(path).is_file();

    let sarif: Value = serde_json::from_str(&diff(&folder, "HEAD --format sarif").out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "core/unclear-change"), "{results:#?}");
    for result in results {
        let places =
            [&result["locations"], &result["relatedLocations"]].into_iter().filter_map(Value::as_array).flatten();
        for place in places {
            let uri = place["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(known(uri), "{uri}");
        }
        let identity = result["partialFingerprints"]["purposelint/v1"].as_str().unwrap();
        if result["ruleId"].as_str().unwrap().starts_with("core/") {
            assert!(fingerprints.contains(&identity[..16]), "{identity}");
        }
    }
    let texts = results.iter().map(|result| result["message"]["text"].as_str().unwrap());
    assert!(texts.clone().any(|text| text.contains("(HEAD:purposes.yaml:10)")), "{:#?}", texts.collect::<Vec<_>>());

    let gitlab: Value = serde_json::from_str(&diff(&folder, "HEAD --format gitlab").out).unwrap();
    for issue in gitlab.as_array().unwrap() {
        assert!(known(issue["location"]["path"].as_str().unwrap()), "{issue}");
    }
    let reviewdog: Value = serde_json::from_str(&diff(&folder, "HEAD --format rdjson").out).unwrap();
    for item in reviewdog["diagnostics"].as_array().unwrap() {
        let related = item["relatedLocations"].as_array().into_iter().flatten().map(|place| &place["location"]);
        for place in std::iter::once(&item["location"]).chain(related) {
            assert!(known(place["path"].as_str().unwrap()), "{item}");
        }
    }
    for (format, before, after) in
        [("github", "::error file=", ","), ("azure", "sourcepath=", ";"), ("checkstyle", "<file name=\"", "\"")]
    {
        let out = diff(&folder, &format!("HEAD --format {format}")).out;
        let paths: Vec<&str> = out.split(before).skip(1).map(|rest| rest.split(after).next().unwrap()).collect();
        assert!(!paths.is_empty() && paths.iter().all(|path| known(path)), "{format}: {paths:?}");
    }
    for format in ["junit", "markdown"] {
        let out = diff(&folder, &format!("HEAD --format {format}")).out;
        assert!(out.contains("HEAD:svc/other/purposes.yaml") && !out.contains("svc/HEAD"), "{format}: {out}");
    }
}

#[test]
fn people_read_what_they_had_and_what_they_get() {
    let repo = rich();
    let folder = repo.root.join("svc");
    let human = diff(&folder, "HEAD");
    said(
        "human",
        &human,
        1,
        &[
            "Train all models (purpose training, until now ai_training)",
            "    weaker: default: off by default → on by default\n      for WORLD except EEA: it runs although",
            "Show adverts (purpose brand_new, new)",
            "Send news (purpose lost, no longer declared)",
            "weaker: how long data is kept: P1Y → P3Y",
            "weaker: safeguards: redaction is gone",
            "for JP from 2027-01-01: it runs although",
            "its file is still there, and is no longer read",
            "1 neutral change is not listed; `--verbose` does",
            "  waivers:\n    # ",
        ],
    );
    assert!(!human.out.contains("core/weakened") && !human.out.contains("Train models"), "{}", human.out);
    let verbose = diff(&folder, "HEAD -v");
    assert!(verbose.out.contains("neutral: title: Train models → Train all models"), "{}", verbose.out);
    let narrow = human.out.lines().filter(|line| !line.trim_start().starts_with('#'));
    assert!(narrow.clone().all(|line| line.chars().count() <= 80), "{:#?}", narrow.collect::<Vec<_>>());

    let page = diff(&folder, "HEAD --format markdown").out;
    for part in [
        "weaker for people, 2 unclear\n",
        "| **weaker** | “Train all models” (until now `ai_training`\\): default | WORLD except EEA | off by default | on by default | at once |",
        "| JP | people are asked | on by default | 2027-01-01 |",
        "<summary>Other changes: 2 stronger, 1 neutral</summary>",
        "waivers:\n  # ",
    ] {
        assert!(page.contains(part), "no `{part}` in\n{page}");
    }
}

#[test]
fn a_waiver_that_is_filled_in_lets_exactly_one_change_through() {
    let repo = Repo::of(&[("purposes.yaml", &repository::repaired("a")), ("purposelint.yaml", "packs: [core]\n")]);
    repo.put(&[("purposes.yaml", &repository::flagged("a"))]);
    let human = diff(&repo.root, "HEAD").out;
    let stub: String = human
        .lines()
        .skip_while(|line| *line != "  waivers:")
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{}\n", &line[2..]))
        .collect();
    repo.put(&[("purposelint.yaml", &format!("packs: [core]\n{stub}"))]);
    said("as it is printed", &diff(&repo.root, "HEAD"), 2, &["reason", "owner"]);
    let filled = stub
        .replace("reason:", "reason: people were asked")
        .replace("owner:", "owner: a@example.com")
        .replace("approver:", "approver: dpo@example.com");
    repo.put(&[("purposelint.yaml", &format!("packs: [core]\n{filled}"))]);
    let approved = diff(&repo.root, "HEAD");
    said("filled in", &approved, 0, &["approved: waived until 2027-02-19, by a@example.com, approved by", "1 waived"]);
    assert!(!approved.out.contains("if this change is meant"), "{}", approved.out);
    let report = json(&repo.root, "HEAD");
    assert_eq!(changes(&report)[0]["approved"]["approver"], "dpo@example.com");
    let page = diff(&repo.root, "HEAD --format markdown").out;
    assert!(page.contains("nothing gets weaker for people that was not approved"), "{page}");
    // what stands beside the fingerprint counts as well
    for (more, code) in [
        ("services: [a]", 0),
        ("services: [b]", 1),
        ("purposes: [x]", 1),
        ("regions: [WORLD]", 0),
        ("regions: [FR]", 1),
    ] {
        repo.put(&[("purposelint.yaml", &format!("packs: [core]\n{filled}    {more}\n"))]);
        let parts: &[&str] =
            if code == 1 { &["accepts nothing: there is no change", "` in all"] } else { &["1 waived"] };
        said(more, &diff(&repo.root, "HEAD"), code, parts);
    }
    // once it goes further it is another change
    repo.put(&[("purposelint.yaml", &format!("packs: [core]\n{filled}"))]);
    let text =
        repository::flagged("a").replace("default: on", "default: on, overrides: [{regions: [FR], default: off}]");
    repo.put(&[("purposes.yaml", &text)]);
    said("another", &diff(&repo.root, "HEAD"), 1, &["there is no change"]);
}

#[test]
fn where_nothing_has_changed_every_format_says_so() {
    let repo = Repo::of(&[("purposes.yaml", BEFORE)]);
    for format in Format::ALL {
        let run = diff(&repo.root, &format!("HEAD --format {format}"));
        assert_eq!(run.code, 0, "{format}: {}{}", run.out, run.err);
        let silent = matches!(format, Format::Concise | Format::Gitlab | Format::Rdjson);
        let structured = matches!(format, Format::Json | Format::Jsonl | Format::Sarif);
        let says = run.out.contains("nothing has changed for anybody");
        assert!(says || silent || structured, "{format}: {}", run.out);
    }
    assert_eq!(changes(&json(&repo.root, "HEAD")).len(), 0);
}

#[test]
fn what_could_not_be_read_is_never_nothing() {
    let repo = Repo::of(&[("purposes.yaml", "version: 1\nservice: a\npurposes: {x: [\n")]);
    repo.put(&[("purposes.yaml", "version: 1\nservice: a\npurposes: {x: {}\n")]);
    for format in ["human", "markdown", "github", "junit"] {
        let run = diff(&repo.root, &format!("HEAD --format {format}"));
        assert_eq!(run.code, 2, "{format}");
        assert!(
            !run.out.contains("nothing has changed") && run.out.contains("could not be read"),
            "{format}: {}",
            run.out
        );
    }
}

#[test]
fn a_page_of_any_size_fits_a_comment() {
    let title = "x`|<b>@team #1 [a](http://b.c) ".repeat(8);
    let purposes = |default: &str| -> String {
        let one = |at: usize| {
            format!(
                "  p{at}:\n    title: {title:?}\n    use: train_ai_system\n    setting: {{default: {default}}}\n    existing_users: enrolled\n    notices: []\n"
            )
        };
        format!("version: 1\nservice: a\npurposes:\n{}", (0..400).map(one).collect::<String>())
    };
    let repo = Repo::of(&[("purposes.yaml", &purposes("off"))]);
    repo.put(&[("purposes.yaml", &purposes("on"))]);
    let page = diff(&repo.root, "HEAD --format markdown").out;
    assert!(page.len() <= 65_536, "{}", page.len());
    assert!(page.contains("400 changes are weaker") && page.contains("left out"), "{}", &page[..2_000]);
}

#[test]
fn archives_are_states_as_well() {
    let repo = rich();
    let folder = repo.root.join("svc");
    let expected = json(&folder, "HEAD");
    let keep = tempfile::tempdir().unwrap();
    for (name, options) in [
        ("a.tar", vec!["--format=tar"]),
        ("a.tar.gz", vec!["--format=tar.gz", "--prefix=notes-1.0/"]),
        ("a.zip", vec!["--format=zip", "--prefix=notes-1.0/"]),
    ] {
        let path = keep.path().join(name);
        let mut args = vec!["archive", "-o", path.to_str().unwrap()];
        args.extend(options);
        args.push("HEAD");
        repo.git(&args);
        let found = json(&folder, path.to_str().unwrap());
        let of = |report: &Value| -> BTreeSet<String> {
            changes(report).iter().map(|change| change["fingerprint"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(of(&found), of(&expected), "{name}");
        assert!(found["compared"]["revision"].is_null(), "{name}");
    }
}

#[test]
fn an_archive_that_was_cut_off_is_not_taken_for_whole() {
    let service = |id: &str| {
        let text =
            format!("version: 1\nservice: {id}\npurposes: {{p: {{use: show_ads, setting: {{default: off}}}}}}\n");
        (format!("{id}.purposes.yaml"), text)
    };
    let folder = tempfile::tempdir().unwrap();
    let mut builder = tar::Builder::new(Vec::new());
    for (name, text) in [service("a"), service("b")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    let whole = builder.into_inner().unwrap();
    fs::write(folder.path().join("whole.tar"), &whole).unwrap();
    // each of the two has a header and one block, and two blocks of zeros mark the end
    for (length, code, part) in [
        (whole.len(), 0, "nothing has changed"),
        (5 * 512, 0, "nothing has changed"),
        (4 * 512, 2, "cannot be unpacked: it ends too early"),
        (3 * 512, 2, "cannot be unpacked: it ends too early"),
        (2 * 512, 2, "cannot be unpacked: it ends too early"),
        (1100, 2, "cannot be unpacked: it ends too early"),
    ] {
        let cut = &whole[..length];
        fs::write(folder.path().join("cut.tar"), cut).unwrap();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(cut).unwrap();
        fs::write(folder.path().join("cut.tar.gz"), packed.finish().unwrap()).unwrap();
        for name in ["cut.tar", "cut.tar.gz"] {
            let run = diff(folder.path(), &format!("whole.tar --against {name}"));
            said(&format!("{name} of {length}"), &run, code, &[part]);
        }
    }
}

#[test]
fn a_wrong_archive_is_a_clear_error() {
    let repo = rich();
    let keep = tempfile::tempdir().unwrap();
    let tar = |entries: &[(&str, tar::EntryType, &str)]| -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind, link) in entries {
            let mut header = tar::Header::new_ustar();
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(0);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append(&header, std::io::empty()).unwrap();
        }
        builder.into_inner().unwrap()
    };
    let file = tar::EntryType::Regular;
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("text.tar", b"version: 1\n".to_vec(), "no archive of a kind that is read"),
        ("up.tar", tar(&[("../evil.yaml", file, "")]), "`../evil.yaml` leads out of it"),
        ("root.tar", tar(&[("/evil.yaml", file, "")]), "leads out of it"),
        ("link.tar", tar(&[("a", tar::EntryType::Symlink, "../../etc")]), "its link `a` leads out of it"),
        ("hard.tar", tar(&[("a", tar::EntryType::Link, "/etc/passwd")]), "leads out of it"),
        ("empty.tar", vec![0; 1024], "no archive of a kind that is read"),
        ("broken.tar.gz", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3], "cannot be unpacked"),
        ("broken.zip", b"PK\x03\x04 and no more".to_vec(), "cannot be unpacked"),
    ];
    for (name, bytes, part) in cases {
        let path = keep.path().join(name);
        fs::write(&path, bytes).unwrap();
        said(name, &diff(&repo.root.join("svc"), path.to_str().unwrap()), 2, &[part, ".tar.gz or .zip"]);
    }
    assert!(!keep.path().parent().unwrap().join("evil.yaml").exists());
    // a link is never written through, and leads nowhere else by way of another
    let link = tar::EntryType::Symlink;
    let out = format!("../{}", keep.path().file_name().unwrap().to_str().unwrap());
    type Entries<'e> = &'e [(&'e str, tar::EntryType, &'e str)];
    let cases: [(Entries<'_>, &str); 4] = [
        (
            &[("a/b/c", link, "../.."), ("a/b/c/e", link, &out), ("a/b/c/e/planted", link, "x")],
            "`a/b/c/e` stands below",
        ),
        (&[("a", link, "b"), ("a/purposes.yaml", file, ""), ("b/x", file, "")], "`a` stands where another entry does"),
        (&[("a/b/c/e", link, "../b"), ("a/b/c", link, "../..")], "`a/b/c/e` stands below its link `a/b/c`"),
        (&[("a/b/c", link, "../.."), ("d", link, "a/b/c/../..")], "its link `d` leads out of it"),
    ];
    for (entries, part) in cases {
        let path = keep.path().join("through.tar");
        fs::write(&path, tar(entries)).unwrap();
        said(part, &diff(&repo.root.join("svc"), path.to_str().unwrap()), 2, &[part]);
        let names: Vec<_> = fs::read_dir(keep.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name == "planted"), "{part}: {names:?}");
    }
}

#[test]
fn the_case_of_september_2024_as_four_commits() {
    let repo = Repo::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/linkedin-2024-history");
    for state in ["1-before", "2-setting", "3-notice", "4-united-kingdom"] {
        for file in ["purposes.yaml", "purposelint.yaml"] {
            repo.put(&[(file, &fs::read_to_string(example.join(state).join(file)).unwrap())]);
        }
        repo.commit();
    }
    let whom = "for WORLD except EEA and CH";
    let steps: [(&str, i32, &[&str]); 4] = [
        (
            "HEAD~3 --against HEAD~2",
            1,
            &[
                "weaker: default: not there → on by default",
                whom,
                "fair-defaults/existing-users-silently-enrolled (error)",
            ],
        ),
        ("HEAD~2 --against HEAD~1", 0, &["stronger: notices: privacy_policy_2024_09 is added", whom]),
        ("HEAD~1 --against HEAD", 0, &["stronger: default: on by default → not carried out", "for GB: "]),
        ("HEAD~3", 1, &["weaker: default: not there → on by default", "for WORLD except EEA, CH and GB"]),
    ];
    for (line, code, parts) in steps {
        said(line, &diff(&repo.root, line), code, parts);
    }
}
