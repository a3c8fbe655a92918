//! `log`: when the default of a purpose changed, for whom, and in which commit.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

use std::fs;

use repository::{Repo, git_in, run_in, said};
use serde_json::Value;

const ADS: &str = "version: 1\nservice: network\npurposes:\n  ads:\n    use: show_ads\n    setting: {default: on}\n";

fn training(extra: &str) -> String {
    format!(
        "{ADS}  training:\n    title: Training of models\n    use: train_ai_system\n    setting:\n      default: on\n{extra}"
    )
}

const NOT_EUROPE: &str = "      overrides:\n        - {regions: [EEA, CH], default: off}\n";
const NOT_EUROPE_NOR_GB: &str = "      overrides:\n        - {regions: [EEA, CH, GB], default: off}\n";

/// September 2024: a setting that had not existed arrives switched on, is told of, and is carved out for one more country.
fn september() -> Repo {
    let repo = Repo::new();
    repo.put(&[("purposes.yaml", ADS)]);
    repo.commit_on("2024-01-10", "Declare the ads");
    repo.put(&[("purposes.yaml", &training(NOT_EUROPE))]);
    repo.commit_on("2024-09-12", "Add a setting, switched on");
    let notice = "notices:\n  policy: {channel: email, published: 2024-09-18, covers: [training]}\n";
    repo.put(&[("purposes.yaml", &format!("{}{notice}", training(NOT_EUROPE)))]);
    repo.commit_on("2024-09-18", "Tell people");
    repo.put(&[("purposes.yaml", &format!("{}{notice}", training(NOT_EUROPE_NOR_GB)))]);
    repo.commit_on("2024-09-20", "Leave out the United Kingdom");
    repo
}

/// Each move of each turn on a line: `day cause purpose step whom`.
fn moves(repo: &Repo, line: &str) -> Vec<String> {
    let run = repo.run(&format!("log {line} --format json --reverse"));
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{line}\n{}\n{}", run.out, run.err));
    let text = |value: &Value| value.as_str().unwrap_or("nothing").to_owned();
    let mut out = Vec::new();
    for turn in report["turns"].as_array().unwrap() {
        let name = match turn["was_called"].as_str() {
            Some(old) => format!("{old}=>{}", text(&turn["purpose"])),
            None => text(&turn["purpose"]),
        };
        let head = format!("{} {} {name}", text(&turn["date"]), text(&turn["cause"]));
        let moves = turn["moves"].as_array().unwrap();
        if moves.is_empty() {
            out.push(head.clone());
        }
        for of in moves {
            out.push(format!("{head} {}->{} {}", text(&of["before"]), text(&of["after"]), text(&of["whom"])));
        }
    }
    out
}

#[test]
fn the_case_of_september_2024_is_a_timeline() {
    let repo = september();
    let run = repo.run("log training");
    said(
        "log",
        &run,
        0,
        &[
            "2024-09-20 ",
            " Leave out the United Kingdom (a)",
            "stronger: on → off for GB (purposes.yaml:13)",
            "weaker: nothing → on for WORLD except EEA and CH (purposes.yaml:11)",
            "2 changes on 2 occasions; 4 commits, of which 4 touch what is declared, each as",
        ],
    );
    assert!(run.out.find("2024-09-20").unwrap() < run.out.find("2024-09-12").unwrap(), "{}", run.out);
    assert!(!run.out.contains("ads") && !run.out.contains("Tell people"), "{}", run.out);
    assert_eq!(
        moves(&repo, "training"),
        [
            "2024-09-12 commit training nothing->off EEA and CH",
            "2024-09-12 commit training nothing->on WORLD except EEA and CH",
            "2024-09-20 commit training on->off GB",
        ]
    );
    let reversed = repo.run("log --reverse").out;
    assert!(reversed.find("2024-01-10").unwrap() < reversed.find("2024-09-12").unwrap(), "{reversed}");
    let page = repo.run("log training --format markdown").out;
    assert!(page.contains("| 2024-09-20 | network: training | GB | on → off | stronger |"), "{page}");
}

#[test]
fn a_move_is_where_it_decides_for_most_territories() {
    let text = |default: &str| {
        let over = format!("        - {{regions: [AD], default: {default}}}\n");
        training(&format!("      overrides:\n{over}")).replace("default: on\n", &format!("default: {default}\n"))
    };
    let repo = Repo::new();
    for (day, default) in [("2024-01-10", "off"), ("2024-02-10", "on")] {
        repo.put(&[("purposes.yaml", &text(default))]);
        repo.commit_on(day, default);
    }
    said("log", &repo.run("log training"), 0, &["weaker: off → on for WORLD (purposes.yaml:11)"]);
}

#[test]
fn the_head_of_a_page_names_the_purpose_as_it_is_written() {
    let repo = Repo::new();
    repo.put(&[("purposes.yaml", &ADS.replace("ads:", "show_ads:"))]);
    repo.commit_on("2024-01-10", "Declare the ads");
    let page = repo.run("log show_ads --format markdown").out;
    assert!(page.starts_with("## History of `show_ads`\n"), "{page}");
}

#[test]
fn only_what_was_asked_for_is_shown() {
    let repo = september();
    for (line, expected) in [
        (
            "training --region GB",
            vec!["2024-09-12 commit training nothing->on GB", "2024-09-20 commit training on->off GB"],
        ),
        ("training --region FR", vec!["2024-09-12 commit training nothing->off FR"]),
        ("--region US --since HEAD~3", vec!["2024-09-12 commit training nothing->on US"]),
        ("ads --since HEAD~3", vec![]),
        ("ads --since HEAD", vec![]),
        ("ads --service network", vec!["2024-01-10 commit ads nothing->on WORLD"]),
    ] {
        assert_eq!(moves(&repo, line), expected, "{line}");
    }
    said("none", &repo.run("log ads --since HEAD~3"), 0, &["the default of `ads` did not change", "3 commits after "]);
    for (line, parts) in [
        ("log trainin", ["there is no purpose `trainin`", "did you mean `training`?"]),
        (
            "log network",
            ["there is no purpose `network`", "`network` is a service, which is chosen with `--service network`"],
        ),
        ("log network/ads", ["there is no purpose `network/ads`", "write `ads --service network`"]),
        ("log --service netwerk", ["there is no service `netwerk`", "did you mean `network`?"]),
        ("log --region ZZ", ["there is no region `ZZ`", ""]),
        ("log --since nowhere", ["there is no revision `nowhere`", "name a branch"]),
    ] {
        said(line, &repo.run(line), 2, &parts);
    }
}

#[test]
fn declared_days_change_what_holds_between_commits() {
    let repo = Repo::new();
    let later = "      overrides:\n        - {regions: [US], from: 2024-03-01, default: off}\n        - {regions: [CA], until: 2024-07-01, default: off}\n";
    repo.put(&[("purposes.yaml", &training(later))]);
    repo.commit_on("2024-01-10", "Declare");
    repo.put(&[("purposes.yaml", &format!("# a comment\n{}", training(later)))]);
    repo.commit_on("2024-05-01", "Say the same");
    let days = moves(&repo, "training");
    assert_eq!(
        days,
        [
            "2024-01-10 commit training nothing->off CA",
            "2024-01-10 commit training nothing->on WORLD except CA",
            "2024-03-01 declared_day training on->off US",
            "2024-07-01 declared_day training off->on CA",
        ]
    );
    // one day for all: nothing comes between
    assert_eq!(
        moves(&repo, "training --as-of 2024-04-01"),
        [
            "2024-04-01 commit training nothing->off US and CA",
            "2024-04-01 commit training nothing->on WORLD except US and CA"
        ]
    );
    said("human", &repo.run("log training"), 0, &["2024-07-01 a day that was declared before, as of "]);
}

#[test]
fn a_purpose_is_followed_through_names_and_files() {
    let repo = september();
    repo.git(&["mv", "purposes.yaml", "network.purposes.yaml"]);
    repo.commit_on("2024-10-01", "Move");
    let text = fs::read_to_string(repo.root.join("network.purposes.yaml")).unwrap();
    let renamed =
        text.replace("  training:\n", "  genai:\n    renamed_from: training\n").replace("[training]", "[genai]");
    repo.put(&[("network.purposes.yaml", &renamed)]);
    repo.commit_on("2024-10-02", "Rename");
    repo.put(&[("network.purposes.yaml", &renamed.replace("default: on\n      o", "default: off\n      o"))]);
    repo.commit_on("2024-10-03", "Switch it off");
    repo.put(&[("network.purposes.yaml", ADS)]);
    repo.commit_on("2024-10-04", "Take it out");
    let expected = [
        "2024-09-12 commit training nothing->off EEA and CH",
        "2024-09-12 commit training nothing->on WORLD except EEA and CH",
        "2024-09-20 commit training on->off GB",
        "2024-10-02 commit training=>genai",
        "2024-10-03 commit genai on->off WORLD except EEA, CH and GB",
        "2024-10-04 commit genai off->nothing WORLD",
    ];
    for name in ["training", "genai"] {
        assert_eq!(moves(&repo, name), expected, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_listed_and_doubted() {
    let repo = september();
    let sound = fs::read_to_string(repo.root.join("purposes.yaml")).unwrap();
    repo.put(&[("purposes.yaml", &format!("{sound}x: [\n"))]);
    repo.commit_on("2024-10-01", "Break the file");
    repo.put(&[("README", "nothing to do with it")]);
    repo.commit_on("2024-10-02", "Something else");
    repo.put(&[("purposelint.yaml", "version: 1\ngroups: 7\n"), ("purposes.yaml", &sound)]);
    repo.commit_on("2024-10-03", "Break the config");
    repo.put(&[("purposelint.yaml", "version: 1\n"), ("purposes.yaml", &sound.replace("GB]", "GB, CA]"))]);
    repo.commit_on("2024-10-04", "Repair both, and leave out Canada");
    let run = repo.run("log training");
    let id = |name: &str| repo.git(&["rev-parse", "--short=7", name]).trim().to_owned();
    said(
        "unread",
        &run,
        2,
        &[
            &format!("or in one of 2 that cannot be read, {} to {}", id("HEAD~3"), id("HEAD~1")),
            "on → off for CA",
            &format!("not read, so nothing is said of it: {} (2024-10-01)", id("HEAD~3")),
            "purposes.yaml could not be read whole: line",
            &format!("not read, so nothing is said of it: {} (2024-10-03)", id("HEAD~1")),
            "purposelint.yaml line 2",
        ],
    );
    // what stood before is not known, so nothing is called new
    let since = repo.run("log training --since HEAD~3 --reverse");
    said("since", &since, 2, &["what stood before, at ", "(a), or earlier: nothing", "    off for "]);
    assert!(!since.out.contains("new"), "{}", since.out);
    // a broken commit after the last sound one hides what holds today
    repo.put(&[("purposes.yaml", "version: 1\nservice: [\n")]);
    repo.commit_on("2024-10-05", "Break it again");
    said("last", &repo.run("log ads"), 2, &["2024-10-05", "could not be read whole"]);
}

#[test]
fn a_commit_without_a_day_is_dated_by_nobody() {
    let repo = september();
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let parent = repo.git(&["rev-parse", "HEAD"]);
    for moment in ["one day", "-1 +0000", "253402300800 +0000"] {
        let (tree, parent) = (tree.trim(), parent.trim());
        let text = format!(
            "tree {tree}\nparent {parent}\nauthor a <a@example.com> 0 +0000\ncommitter a <a@example.com> {moment}\n\nx\n"
        );
        repo.put(&[("commit", &text)]);
        let id = repo.git(&["hash-object", "-w", "-t", "commit", "--literally", "commit"]);
        repo.git(&["reset", "-q", "--hard", id.trim()]);
        for line in ["log training", "log training --since HEAD"] {
            let message = format!("the commit {} has no day that can be read", &id[..7]);
            said(moment, &repo.run(line), 2, &[&message, "`--as-of`"]);
        }
        said(moment, &repo.run("log training --as-of 2024-10-01"), 0, &["training"]);
    }
}

#[test]
fn a_shallow_clone_says_where_it_ends() {
    let origin = september();
    let other = tempfile::tempdir().unwrap();
    let url = format!("file://{}", origin.root.display());
    git_in(other.path(), &["clone", "-q", "--depth", "2", &url, "shallow"]);
    let clone = other.path().join("shallow");
    let run = run_in(&clone, &["log", "training"], &[]);
    said(
        "shallow",
        &run,
        0,
        &[
            "this shallow clone has no earlier history",
            "git fetch --unshallow",
            "2024-09-18 ",
            "or earlier: nothing before it can be read",
            "on → off for GB",
        ],
    );
    assert!(!run.out.contains("nothing → on"), "{}", run.out);
    let json = run_in(&clone, &["log", "training", "--format", "json"], &[]).out;
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["complete"], &report["cut_off"]), (&Value::Bool(false), &Value::Bool(true)));
    git_in(other.path(), &["clone", "-q", "--depth", "2", &url, "none"]);
}

#[test]
fn a_merge_is_one_step_and_side_branches_are_none() {
    let repo = Repo::new();
    repo.put(&[("purposes.yaml", ADS)]);
    repo.commit_on("2024-01-10", "Declare");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.put(&[("purposes.yaml", &ADS.replace("default: on", "default: off"))]);
    repo.commit_on("2024-02-01", "Try something");
    repo.put(&[("purposes.yaml", &ADS.replace("default: on", "default: ask"))]);
    repo.commit_on("2024-02-02", "Try something else");
    repo.git(&["checkout", "-q", "main"]);
    repo.put(&[("README", "x")]);
    repo.commit_on("2024-03-01", "Meanwhile");
    // merges are made on the day that all commits of these tests have by default
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge it", "side"]);
    assert_eq!(moves(&repo, "ads"), ["2024-01-10 commit ads nothing->on WORLD", "2026-01-01 commit ads on->ask WORLD"]);
    said("merge", &repo.run("log ads"), 0, &["Merge it", "3 commits, of which 2 touch what is declared"]);
}

#[test]
fn repositories_of_every_kind() {
    let unborn = Repo::new();
    unborn.put(&[("purposes.yaml", ADS)]);
    said("unborn", &unborn.run("log"), 2, &["nothing was committed here yet", "commit something first"]);
    unborn.git(&["rm", "-q", "--cached", "--ignore-unmatch", "purposes.yaml"]);
    fs::remove_file(unborn.root.join("purposes.yaml")).unwrap();
    unborn.commit_on("2024-01-01", "Nothing");
    said("nothing", &unborn.run("log"), 3, &["no commit has declarations in ROOT"]);
    let outside = tempfile::tempdir().unwrap();
    said("outside", &run_in(outside.path(), &["log"], &[]), 2, &["is not in a git repository"]);

    let sha256 = Repo::with(&["init", "-q", "--object-format=sha256"]);
    sha256.put(&[("purposes.yaml", ADS)]);
    sha256.commit_on("2024-01-01", "Declare");
    assert_eq!(moves(&sha256, "ads"), ["2024-01-01 commit ads nothing->on WORLD"]);

    // whoever configures git for their own eyes
    let own = september();
    for (name, value) in [
        ("log.showRoot", "false"),
        ("log.diffMerges", "off"),
        ("diff.renames", "copies"),
        ("log.follow", "true"),
        ("format.pretty", "fuller"),
        ("log.date", "relative"),
        ("diff.noprefix", "true"),
        ("core.quotePath", "true"),
        ("diff.ignoreSubmodules", "all"),
    ] {
        own.git(&["config", name, value]);
    }
    assert_eq!(moves(&own, "").len(), 4);
}

#[test]
fn a_workspace_in_a_folder_has_the_history_of_that_folder() {
    let repo = Repo::new();
    repo.put(&[("other/purposes.yaml", &ADS.replace("network", "other"))]);
    repo.commit_on("2024-01-01", "Another one");
    let config = "version: 1\nextends: [../base.yaml]\n";
    let grouped = ADS.replace("{default: on}", "{default: on, overrides: [{regions: [NEAR], default: off}]}");
    let base = |members: &str| format!("version: 1\ngroups:\n  NEAR: [{members}]\n");
    repo.put(&[("feed/purposelint.yaml", config), ("feed/purposes.yaml", &grouped), ("base.yaml", &base("FR"))]);
    repo.commit_on("2024-02-01", "A workspace");
    repo.put(&[("base.yaml", &base("FR, DE"))]);
    repo.commit_on("2024-03-01", "A wider group");
    let run = run_in(&repo.root.join("feed"), &["log", "--format", "json", "--reverse"], &[]);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let turns = report["turns"].as_array().unwrap();
    let days: Vec<&str> = turns.iter().map(|turn| turn["date"].as_str().unwrap()).collect();
    assert_eq!(days, ["2024-02-01", "2024-03-01"], "{}", run.out);
    assert_eq!(turns[1]["moves"][0]["whom"], "DE");
    assert!(turns.iter().all(|turn| turn["service"] == "network"));
}

#[test]
fn what_is_only_no_longer_read_is_not_gone() {
    for (what, to, reason) in [
        ("excluded", "", "its file is still there, and is no longer read"),
        ("another ending", "purposes.yaml.bak", "`purposes.yaml.bak` has the same text, and is not read"),
        ("another name", "old.yaml", "`old.yaml` still says `service: network`, and is not read"),
        ("gone", "/", ""),
    ] {
        let repo = Repo::new();
        repo.put(&[("purposes.yaml", ADS)]);
        repo.commit_on("2024-01-10", "Declare the ads");
        repo.put(&[("README.md", "Nothing of it")]);
        repo.commit_on("2024-01-20", "Something else");
        match to {
            "" => repo.put(&[("purposelint.yaml", "version: 1\nexclude: [purposes.yaml]\n")]),
            "/" => fs::remove_file(repo.root.join("purposes.yaml")).unwrap(),
            to => fs::rename(repo.root.join("purposes.yaml"), repo.root.join(to)).unwrap(),
        }
        repo.commit_on("2024-02-10", "Take it out");
        let [way, fate] = if reason.is_empty() { ["stronger", "gone"] } else { ["unclear", "unread"] };
        let run = repo.run("log ads --format json");
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let turn = &report["turns"][0];
        assert_eq!(turn["fate"], fate, "{what} {turn}");
        assert_eq!(turn["moves"][0]["direction"], way, "{what} {turn}");
        assert_eq!(turn["moves"][0]["why"], reason, "{what} {turn}");
        let told = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        let line = format!("{way}: on → nothing for WORLD{told} (purposes.yaml:");
        said(what, &repo.run("log ads"), 0, &["network: ads, "]);
        let human = repo.run("log ads").out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(human.contains(&line), "{what}\n{human}");
    }
}
