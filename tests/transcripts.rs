//! What people see, as transcripts: the cases under `tests/cases/<topic>/<name>/` and the README.
//!
//! A transcript is a command, what it prints, what it prints as errors, and its exit code where that is not 0. The other files
//! of a case are the folder the command runs in. `UPDATE=1 cargo test` rewrites transcripts; the difference is the review.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

mod transcript;

use std::fs;
use std::path::Path;

use transcript::{again, blocks, copy, folders, root, run, updating};

#[test]
fn every_case_prints_what_its_transcript_says() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in folders(&root().join("tests/cases")).iter().flat_map(|topic| folders(topic)) {
        let file = case.join("transcript");
        let expected = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{} has no transcript", case.display()));
        let folder = tempfile::tempdir().unwrap();
        copy(&case, folder.path(), "transcript");
        let actual = again(&expected, folder.path());
        count += 1;
        if actual != expected {
            if updating() {
                fs::write(&file, &actual).unwrap();
            } else {
                let name = case.strip_prefix(root()).unwrap().display();
                wrong.push(format!("== {name}\n-- expected\n{expected}\n-- actual\n{actual}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\nrewrite with UPDATE=1 cargo test", wrong.join("\n"));
    assert!(count >= 12, "only {count} cases");
}

/// Makes a folder a repository with one commit, which is the same each time.
fn commit(folder: &Path) {
    let lines = ["init -q -b main", "add -A", "commit -q -m x"];
    let day = "2026-01-01T00:00:00Z";
    for line in lines {
        let mut git = std::process::Command::new("git");
        git.args(line.split(' ')).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com"), ("GIT_AUTHOR_DATE", day)]);
        git.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com"), ("GIT_COMMITTER_DATE", day)]);
        assert!(git.status().unwrap().success(), "git {line}");
    }
}

#[test]
fn the_readme_shows_what_happens() {
    let path = root().join("README.md");
    let mut text = fs::read_to_string(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let of = |language: &str| -> Vec<_> {
        blocks(&text).into_iter().filter(|block| block.language == language).map(|block| block.range).collect()
    };
    let declaration = text[of("yaml")[0].clone()].to_owned();
    fs::write(folder.path().join("purposes.yaml"), &declaration).unwrap();
    let transcripts: Vec<_> =
        of("console").into_iter().filter(|range| text[range.clone()].starts_with("$ purposelint")).collect();
    assert_eq!(transcripts.len(), 3, "the finding, the clean run after the fix, and what turns it around again");

    // the second transcript is of the declaration with the change that stands between them
    let change = text[of("diff")[0].clone()].to_owned();
    let mut repaired = declaration.clone();
    for hunk in change.split("…\n") {
        let lines = |sign: char| -> String {
            hunk.lines().filter_map(|line| line.strip_prefix(sign)).map(|line| format!("{line}\n")).collect()
        };
        let (removed, added) = (lines('-'), lines('+'));
        assert!(!removed.is_empty() && repaired.contains(&removed), "the change removes what is not there:\n{removed}");
        repaired = repaired.replace(&removed, &added);
    }
    let shown: Vec<String> = transcripts
        .iter()
        .enumerate()
        .map(|(at, range)| {
            if at == 1 {
                fs::write(folder.path().join("purposes.yaml"), &repaired).unwrap();
            }
            if at == 2 {
                commit(folder.path());
                fs::write(folder.path().join("purposes.yaml"), &declaration).unwrap();
            }
            again(&text[range.clone()], folder.path())
        })
        .collect();
    assert!(shown[0].ends_with("[exit 1]\n") && !shown[1].contains("[exit"), "{shown:?}");
    assert!(shown[2].ends_with("[exit 1]\n"), "{shown:?}");
    for (range, actual) in transcripts.into_iter().zip(shown).rev() {
        if text[range.clone()] != actual {
            assert!(updating(), "README.md\n-- expected\n{}\n-- actual\n{actual}", &text[range]);
            text.replace_range(range, &actual);
            fs::write(&path, &text).unwrap();
        }
    }
}

#[test]
fn the_commands_of_the_readme_are_those_of_the_gate() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let gate = fs::read_to_string(root().join(".ci/run")).unwrap();
    for command in ["check examples/linkedin-2024 --as-of 2024-09-18", "cargo test"] {
        assert!(readme.contains(command), "README.md: {command}");
        assert!(gate.contains(command), ".ci/run: {command}");
    }
}

#[test]
fn the_example_shows_everything_it_is_about_and_its_twin_nothing() {
    let expected = [
        ("ai-training-on-by-default", "WORLD except EEA and CH"),
        ("started-before-notice", "WORLD except EEA and CH"),
        ("notice-passive-only", "WORLD except EEA and CH"),
        ("recipients-unnamed", "WORLD except EEA and CH"),
        ("setting-buried", "WORLD except EEA and CH"),
        ("opt-out-not-retroactive", "WORLD except EEA and CH"),
        ("retention-until-user-acts", "WORLD except EEA and CH"),
        ("safeguard-hedged", "WORLD except EEA and CH"),
        ("historical-data-unbounded", "WORLD except EEA and CH"),
        ("region-carve-out-gap", "GB"),
        ("label-contradicts-default", "WORLD except EEA and CH"),
        ("label-understates-purpose", "WORLD except EEA and CH"),
        ("purpose-open-ended", "WORLD except EEA and CH"),
        ("recipient-own-purpose-undeclared", "WORLD except EEA and CH"),
        ("no-onward-training-unproven", "WORLD except EEA and CH"),
        ("trained-model-effect-undeclared", "WORLD except EEA and CH"),
        ("output-exposure-undeclared", "WORLD except EEA and CH"),
        ("content-licence-undeclared", "WORLD except EEA and CH"),
    ];
    let text = run("purposelint check examples/linkedin-2024 --as-of 2024-09-18 --format json", root());
    let report: serde_json::Value = serde_json::from_str(text.strip_suffix("[exit 1]\n").unwrap()).unwrap();
    for (rule, regions) in expected {
        let found = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["rule"] == format!("fair-defaults/{rule}") && finding["outcome"] == "fail");
        let finding = found.unwrap_or_else(|| panic!("{rule} is not flagged"));
        assert_eq!(finding["cells"][0]["regions"], regions, "{rule}");
        assert_eq!(finding["cells"].as_array().unwrap().len(), 1, "{rule}");
        // no law of one country is shown for another: what is cited meets the cells
        for cite in finding["cites"].as_array().unwrap() {
            for region in cite["regions"].as_array().into_iter().flatten() {
                assert!(!["EEA", "EU", "CH"].contains(&region.as_str().unwrap()), "{rule}: {cite}");
            }
        }
    }
    let twin = run("purposelint check examples/linkedin-2024-repaired --as-of 2025-05-05", root());
    assert!(twin.contains("nothing is flagged") && !twin.contains("undetermined"), "{twin}");
}
