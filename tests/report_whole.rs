//! What every report says whole: that nothing was judged, who else is concerned, and which file is meant.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "what fails here is a failing test")]

mod repository;

use repository::{Repo, flagged};

const CORE: (&str, &str) = ("purposelint.yaml", "packs: [core]\n");
const NO_PURPOSE: &str = "version: 1\nservice: notes\nsettings:\n  s: {default: off}\n";
const UNCLEAR: &str = "\
version: 1
service: notes
purposes:
  training: {use: train_ai_system, setting: {label: x}}
";

/// What a run has that ends with 3, in all formats that say what was not judged.
#[track_caller]
fn tells_idle(repo: &Repo, names: &str, reason: &str) {
    for format in ["junit", "markdown", "human", "github", "azure", "checkstyle"] {
        let run = repo.check(&format!("{names} --format {format}"));
        assert_eq!(run.code, 3, "{format}\n{}\n{}", run.out, run.err);
        assert!(run.out.replace("Nothing", "nothing").contains(reason), "{format}\n{}", run.out);
        let title = run.out.lines().next().unwrap_or_default();
        assert!(format != "markdown" || title.contains("was checked"), "{title}");
        if format == "junit" {
            let (_, first) = run.out.split_once("the declarations are judged\" time=\"0\">").unwrap();
            assert!(first.trim_start().starts_with("<skipped"), "{}", run.out);
        }
        assert!(format != "checkstyle" || run.out.contains(" severity=\"error\" "), "{}", run.out);
    }
    let run = repo.check(&format!("{names} --missing=markdown"));
    assert!(run.code == 3 && !run.out.contains("nothing is missing"), "{}", run.out);
}

#[test]
fn a_finding_does_not_hide_that_nothing_was_judged() {
    let repo = Repo::of(&[CORE, ("purposes.yaml", NO_PURPOSE)]);
    tells_idle(&repo, "", "nothing was checked: no purpose is declared");
    let run = repo.check("--format markdown");
    assert!(run.out.contains("1 warning"), "{}", run.out);
}

#[test]
fn what_is_accepted_does_not_hide_that_nothing_was_judged() {
    let repo = Repo::of(&[CORE, ("purposes.yaml", UNCLEAR)]);
    let created = repo.run("baseline create");
    assert_eq!(created.code, 0, "{}", created.err);
    tells_idle(&repo, "", "nothing was checked: no rule applies");
}

#[test]
fn a_named_folder_without_declarations_is_named_in_every_report() {
    let config = "packs: [core, fair-defaults]\n";
    let clean = "version: 1\nservice: notes\npurposes:\n  p: {use: essential.service, necessity: core}\n";
    let files = [("purposelint.yaml", config), ("sub/purposes.yaml", clean), ("empty/readme", "x")];
    tells_idle(&Repo::of(&files), "sub empty", "nothing was checked in `empty`: no declarations in it");
}

#[test]
fn an_empty_folder_that_is_allowed_is_said_and_is_no_error() {
    let repo =
        Repo::of(&[("purposelint.yaml", "packs: [core, fair-defaults]\n"), ("sub/purposes.yaml", &flagged("a"))]);
    repo.put(&[("empty/readme", "x")]);
    let run = repo.check("sub empty --allow-empty --exit-zero --format github");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.contains("nothing was checked in `empty`") && !run.out.contains("title=purposelint::"),
        "{}",
        run.out
    );
}

const ONLY_TRAINING: &str = "\
packs: [core, fair-defaults]
severity:
  fair-defaults/*: off
  fair-defaults/ai-training-on-by-default: error
";
const SHARED: (&str, &str) =
    ("shared/purposes.yaml", "version: 1\nsettings:\n  ai: {label: Train on my data, default: on}\n");

/// Services with a purpose each, all of which share a setting.
fn sharing(purposes: &[(usize, String)]) -> Repo {
    let repo = Repo::new();
    repo.put(&[("purposelint.yaml", ONLY_TRAINING), SHARED]);
    for (at, purpose) in purposes {
        let text =
            format!("version: 1\nservice: s{at}\npurposes:\n  {purpose}: {{use: train_ai_system, setting: ai}}\n");
        repo.put(&[(&format!("s{at}.purposes.yaml"), &text)]);
    }
    repo.commit();
    repo
}

#[test]
fn whoever_else_is_concerned_is_named_or_counted() {
    let purposes: Vec<(usize, String)> = (10..40).map(|at| (at, format!("p_{at}"))).collect();
    let repo = sharing(&purposes);
    let said = |format: &str| {
        let run = repo.check(&format!("--format {format}"));
        assert_eq!(run.code, 1, "{format}\n{}\n{}", run.out, run.err);
        run.out.split_whitespace().collect::<Vec<_>>().join(" ").replace(" │ ", " ")
    };
    for format in ["github", "azure"] {
        let out = said(format);
        let (_, others) = out.split_once("also for: ").unwrap_or_else(|| panic!("{format}\n{out}"));
        assert!(others.starts_with("`p_11`, `p_12`, "), "{others}");
        assert!(others.contains(" and 23 more"), "{others}");
    }
    let human = said("human");
    assert!(human.contains("and 23 more (error): fair-defaults/ai-training-on-by-default"), "{human}");
    assert!(human.contains("`p_11` is on by default"), "{human}");
    assert!(human.contains("(error) in service `s11`:"), "{human}");
}

#[test]
fn two_services_with_one_name_of_a_purpose_are_told_apart() {
    let repo = sharing(&[(1, "training".into()), (2, "training".into())]);
    for (format, service) in [
        ("human", "(error) in service `s2`"),
        ("markdown", "(error) in service `s2`"),
        ("github", "also for: `training` of `s2`"),
        ("azure", "also for: `training` of `s2`"),
    ] {
        let run = repo.check(&format!("--format {format}"));
        let out = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(out.contains(service), "{format}\n{}", run.out);
    }
}

#[test]
fn whoever_else_nobody_can_judge_is_named() {
    let repo = sharing(&[(1, "one".into()), (2, "two".into())]);
    for severity in ["warning", "error"] {
        let config = ONLY_TRAINING.replace("ai-training-on-by-default: error", &format!("setting-buried: {severity}"));
        repo.put(&[("purposelint.yaml", &config)]);
        for format in ["human", "markdown", "github", "azure"] {
            let run = repo.check(&format!("--fail-on info --format {format}"));
            assert_eq!(run.code, 1, "{format}\n{}\n{}", run.out, run.err);
            assert!(run.out.contains("`one` and `two`"), "{format}\n{}", run.out);
        }
    }
}

#[test]
fn a_base_and_a_config_from_above_the_workspace_are_found_by_hosts() {
    let on = flagged("notes");
    let waiver =
        "rule: fair-defaults/ai-training-on-by-default, services: [notes], reason: r, owner: o, expires: 2026-07-15";
    let base = format!("waivers: [{{{waiver}}}]\n");
    let config = "packs: [core, fair-defaults]\n";
    let whole = format!("{config}{base}");
    let repo = Repo::of(&[
        ("org/base.yaml", &base),
        ("org/whole.yaml", &whole),
        ("svc/a/purposelint.yaml", config),
        ("svc/a/purposes.yaml", &on),
    ]);
    let absolute = format!("--base {}/org/base.yaml", repo.root.display());
    for (option, file) in [
        ("--base org/base.yaml", "org/base.yaml"),
        ("--base svc/../org/base.yaml", "org/base.yaml"),
        (absolute.as_str(), "org/base.yaml"),
        ("--config org/whole.yaml", "org/whole.yaml"),
    ] {
        for (format, place) in [
            ("github", format!("file={file},")),
            ("azure", format!("sourcepath={file};")),
            ("gitlab", format!("\"path\": \"{file}\"")),
            ("sarif", format!("\"uri\": \"{file}\"")),
            ("rdjson", format!("\"path\": \"{file}\"")),
            ("checkstyle", format!("<file name=\"{file}\">")),
            ("junit", format!("({file})")),
        ] {
            let run = repo.run(&format!("check --as-of 2027-01-21 {option} svc/a --no-cache --format {format}"));
            assert!(run.out.contains(&place), "{option} {format}\n{}\n{}", run.out, run.err);
            assert!(!run.out.contains("svc/a/org"), "{option} {format}\n{}", run.out);
        }
    }
    let people = repo.run("check --as-of 2027-01-21 --base org/base.yaml svc/a --format concise");
    assert!(people.out.contains("\norg/base.yaml:1:") || people.out.starts_with("org/base.yaml:1:"), "{}", people.out);
}

/// What every format has of a run that ends with 2 because something had to be judged and was not, whatever was found.
#[track_caller]
fn tells_lost(repo: &Repo, line: &str, file: &str) {
    for (format, parts) in [
        ("json", &["\"lost\": true"][..]),
        ("jsonl", &["\"lost\":true"]),
        ("azure", &["##vso[task.logissue type=error;"]),
        ("checkstyle", &[" severity=\"error\" "]),
        ("github", &["::error "]),
        (
            "junit",
            &[
                "name=\"the declarations are judged\" time=\"0\">\n      <skipped message=\"not everything could be ",
                "<error ",
            ],
        ),
        ("markdown", &["## purposelint: not everything could be "]),
        ("sarif", &["\"executionSuccessful\": false", "\"level\": \"error\""]),
    ] {
        let run = repo.run(&format!("{line} --format {format}"));
        assert_eq!(run.code, 2, "{line} {format}\n{}\n{}", run.out, run.err);
        for part in parts.iter().chain(&[file]) {
            assert!(run.out.contains(part), "{line} {format} has no {part}\n{}", run.out);
        }
        assert!(format != "junit" || !run.out.contains(" errors=\"0\" time"), "{line}\n{}", run.out);
    }
    for format in ["human", "markdown", "yaml"].into_iter().filter(|_| line.starts_with("check")) {
        let run = repo.run(&format!("{line} --missing={format}"));
        let doubts = run.out.contains("more may be missing") || run.out.contains("may hide more");
        assert!(run.code == 2 && doubts && !run.out.contains("nothing is missing"), "{line} {format}\n{}", run.out);
    }
    let run = repo.run(line);
    assert!(run.out.contains("not everything could be judged") || line.starts_with("diff"), "{line}\n{}", run.out);
}

#[test]
fn no_report_looks_clean_where_not_everything_could_be_judged() {
    let clean = "version: 1\nservice: notes\npurposes:\n  p: {use: essential.service, necessity: core}\n";
    let unknown = format!("{clean}bogus_key: 1\n");
    let waived = "packs: [core]\nwaivers: [{rule: core/unknown-key, reason: legacy, owner: me, expires: 2027-02-01}]\n";
    let off = "packs: [core]\nseverity: {core/unknown-key: warning}\n";
    let newer = clean.replace("version: 1", "version: 2");
    for (config, text, line) in [
        (waived, &*unknown, "check --as-of 2026-11-21"),
        (off, &unknown, "check --as-of 2026-11-21"),
        ("packs: [core]\n", &unknown, "check --cap warning"),
        ("packs: [core]\n", "purposes: [", "check --exit-zero"),
        ("packs: [core]\n", &newer, "check"),
        ("packs: [core]\n", &newer, "check a.purposes.yaml"),
        ("packs: [core]\n", "purposes: [", "diff HEAD"),
        ("packs: [core]\n", &newer, "diff HEAD"),
    ] {
        let repo = Repo::of(&[("purposelint.yaml", config), ("a.purposes.yaml", clean)]);
        repo.put(&[("b/purposes.yaml", &text.replace("notes", "feed"))]);
        tells_lost(&repo, line, "b/purposes.yaml");
    }
}

#[cfg(unix)]
#[test]
fn no_report_looks_clean_where_a_file_could_not_be_read() {
    for line in ["check", "check a.purposes.yaml", "diff HEAD"] {
        let repo = Repo::of(&[CORE, ("a.purposes.yaml", NO_PURPOSE), ("c.purposes.yaml", UNCLEAR)]);
        std::fs::create_dir(repo.root.join("b")).unwrap();
        std::os::unix::fs::symlink("none", repo.root.join("b/purposes.yaml")).unwrap();
        tells_lost(&repo, line, "b/purposes.yaml");
    }
}
