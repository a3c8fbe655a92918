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
    }
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
