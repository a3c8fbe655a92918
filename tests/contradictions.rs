//! What contradicts itself, or is left out while it is read, tells nobody anything: no finding is known by it, and no answer is
//! given as if it were whole.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

mod repository;

use repository::{Repo, Run};

const CONFIG: &str = "\
version: 1
packs: [core, fair-defaults]
severity: {\"fair-defaults/*\": off, fair-defaults/ai-training-on-by-default: error}
";
const RULE: &str = "fair-defaults/ai-training-on-by-default";

/// A service with one purpose.
fn with(service: &str, setting: &str) -> String {
    format!("version: 1\nservice: {service}\npurposes:\n  a: {{use: train_ai_system, setting: {setting}}}\n")
}

fn on(service: &str) -> String {
    with(service, "{default: on}")
}

/// Without the line breaks of a terminal.
#[track_caller]
fn says(what: &str, run: &Run, code: i32, parts: &[&str]) {
    let all = format!("{} {}", run.out, run.err);
    let text = all.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(run.code, code, "{what}\n{all}");
    parts.iter().for_each(|part| assert!(text.contains(part), "{what}: no `{part}` in\n{all}"));
}

#[test]
fn a_base_that_contradicts_itself_makes_nothing_known() {
    let again = "version: 1\nservice: n\npurposes:\n  a: {use: train_ai_system, setting: {default: off}}\n";
    let unknown = on("n").replace("{default: on}", "{default: on, overides: [{regions: [FR, US], default: off}]}");
    let two_documents = format!("{}---\n{again}", on("n"));
    for (base, more, part) in [
        (with("n", "{default: on, default: off}"), None, "line 4: `default` is given twice in one mapping"),
        (unknown, None, "line 4: unknown key `overides`"),
        (two_documents, None, "line 9: purpose `a` is declared twice in service `n`"),
        (on("n"), Some(again), "line 4: purpose `a` is declared twice in service `n`"),
        (on("n"), Some("version: 1\nservice: n\npurpose: {}\n"), "line 3: unknown key `purpose`"),
        // what could not be read may be a part of what could
        (on("n"), Some("version: 1\nservice: n\ntitle: \"a\" b\n"), "could not be read whole"),
    ] {
        let repo = Repo::of(&[
            ("purposelint.yaml", CONFIG),
            ("purposes.yaml", &base),
            ("x.purposes.yaml", more.unwrap_or(&on("x"))),
            ("m.purposes.yaml", &on("m")),
        ]);
        repo.put(&[("purposes.yaml", &format!("{}# repaired\n", on("n"))), ("x.purposes.yaml", &on("x"))]);
        let run = repo.check("--since HEAD");
        says(&base, &run, 1, &[part, "; what it declares counts as new", "known before"]);
        let open = repo.open("--since HEAD");
        let is_open = |service: &str| open.iter().any(|line| line.starts_with(&format!("{service} {RULE}")));
        assert!(is_open("n") && !is_open("m"), "{base}: {open:?}");
        // to be judged like this may not depend on how severe the config makes it
        let lowered = repo.check("--since HEAD --cap warning");
        says(&base, &lowered, 0, &[part]);
    }
}

#[test]
fn what_services_share_is_in_doubt_for_all_of_them() {
    let user = with("n", "choice");
    for shared in [
        "version: 1\nsettings:\n  choice: {default: on, default: off}\n",
        "version: 1\nsettings:\n  choice: {default: on, overides: []}\n",
    ] {
        let repo =
            Repo::of(&[("purposelint.yaml", CONFIG), ("shared.purposes.yaml", shared), ("purposes.yaml", &user)]);
        repo.put(&[("shared.purposes.yaml", "version: 1\nsettings:\n  choice: {default: on}\n")]);
        let parts = ["shared.purposes.yaml of ", "(HEAD): nobody knows", "so every finding counts as new"];
        says(shared, &repo.check("--since HEAD"), 1, &parts);
        assert!(repo.open("--since HEAD").iter().any(|line| line.starts_with(&format!("n {RULE}"))), "{shared}");
    }
}

#[test]
fn a_base_without_contradictions_is_known_as_before() {
    let plans = format!("{}plans: [paid]\n", with("n", "{default: on, overrides: [{plans: [fre], default: off}]}"));
    let tie = with("n", "{default: on, overrides: [{regions: [EU], default: on}, {ages: under-18, default: off}]}");
    for base in [on("n"), on("n").replace("setting:", "data: [{category: nothing.of.this}], setting:"), plans, tie] {
        let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &base)]);
        repo.put(&[("purposes.yaml", &format!("# x\n{base}"))]);
        let run = repo.check("--since HEAD");
        assert!(!run.out.contains("counts as new"), "{base}\n{}", run.out);
        assert!(!repo.open("--since HEAD").iter().any(|line| line.contains(RULE)), "{base}\n{}", run.out);
    }
}

#[test]
fn an_answer_that_leaves_something_out_is_none() {
    let off = with("n", "{default: off}");
    let other = "version: 1\nservice: n\npurposes:\n  a: {use: train_ai_system, setting: {default: on}}\n";
    let shared = "version: 1\nsettings:\n  s: {default: off}\n  s: {default: on}\n";
    let twice = ["version: 1\nsettings:\n  s: {default: off}\n", "version: 1\nsettings:\n  s: {default: on}\n"];
    let user = with("n", "s");
    for (files, part) in [
        (
            vec![("purposes.yaml", with("n", "{default: off, default: on}"))],
            "purposes.yaml: not all of it counts: line 4: `default` is given twice in one mapping",
        ),
        (
            vec![("purposes.yaml", with("n", "{default: off, overides: [{regions: [FR], default: on}]}"))],
            "purposes.yaml: not all of it counts: line 4: unknown key `overides`",
        ),
        (
            vec![("purposes.yaml", format!("{off}---\n{other}"))],
            "purposes.yaml: not all of it counts: line 9: purpose `a` is declared twice in service `n`",
        ),
        (
            vec![("purposes.yaml", off.clone()), ("x.purposes.yaml", other.to_owned())],
            "x.purposes.yaml: not all of it counts: line 4: purpose `a` is declared twice in service `n`",
        ),
        (
            vec![("purposes.yaml", user.clone()), ("s.purposes.yaml", shared.to_owned())],
            "s.purposes.yaml: not all of it counts: line 4: `s` is given twice",
        ),
        (
            vec![
                ("purposes.yaml", user.clone()),
                ("s.purposes.yaml", twice[0].to_owned()),
                ("t.purposes.yaml", twice[1].to_owned()),
            ],
            "t.purposes.yaml: not all of it counts: line 3: setting `s` is declared twice in the shared files",
        ),
        // people whom nobody can name are not in the table
        (
            vec![("purposes.yaml", format!("{off}regions: [FR, UK]\n"))],
            "purposes.yaml: not all of it counts: line 5: `UK` is not a territory or group",
        ),
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let repo =
            Repo::of(&[[("purposelint.yaml", CONFIG), ("o.purposes.yaml", &on("other"))].as_slice(), &files].concat());
        let parts = [&format!("error: {part}"), "error: not all that is declared counts here", "`purposelint check`"];
        for line in ["why a --region FR --service n", "matrix", "matrix --service n", "matrix --format csv"] {
            let run = repo.run(line);
            says(line, &run, 2, &parts);
            assert!(run.out.contains("off"), "{line}: the answer as far as there is one\n{}", run.out);
        }
        // what another service says has no part in the answer, but for what they share
        let code = if part.starts_with("s.") || part.starts_with("t.") { 2 } else { 0 };
        for line in ["why a --region FR --service other", "matrix --service other", "matrix o.purposes.yaml"] {
            says(line, &repo.run(line), code, &[]);
        }
        // a check says the same by its findings
        says("check", &repo.check(""), 1, &["core/"]);
    }
}

#[test]
fn a_service_whose_purposes_are_left_out_is_missed_in_the_table() {
    let lost = "version: 1\nservice: lost\npurpose:\n  a: {use: train_ai_system, setting: {default: on}}\n";
    let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &on("n")), ("b/purposes.yaml", lost)]);
    let part = "b/purposes.yaml: not all of it counts: line 3: unknown key `purpose`";
    for (line, code) in
        [("matrix", 2), ("matrix --purpose a", 2), ("matrix --service n", 0), ("matrix purposes.yaml", 0)]
    {
        let parts = if code == 2 { vec![part] } else { Vec::new() };
        says(line, &repo.run(line), code, &parts);
    }
}

const REPAIRED: &str = "have it approved without this gate, and compare again from the next commit on";

#[test]
fn a_repair_of_what_was_committed_cannot_be_told_to_repair_it() {
    let base = with("n", "{default: on}").replace("setting:", "retenton: {period: P1Y}, setting:");
    let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &base)]);
    let now = base.replace("retenton", "retention");
    repo.put(&[("purposes.yaml", &now)]);
    let parts = ["HEAD:purposes.yaml: not all of it was compared: line 4: unknown key `retenton`", REPAIRED];
    for line in ["diff HEAD", "diff HEAD --format json"] {
        let run = repo.run(line);
        says(line, &run, 2, &parts);
        assert!(!run.err.contains("`exclude`"), "{}", run.err);
    }
    // where this state has some of its own, that has to be repaired; and so has a folder that can be written to
    let old = tempfile::tempdir().unwrap();
    std::fs::write(old.path().join("purposes.yaml"), &base).unwrap();
    let line = format!("diff {}", old.path().display());
    says("a folder", &repo.run(&line), 2, &["purposes.yaml: not all of it was compared: line 4", "`exclude`"]);
    repo.put(&[("purposes.yaml", &now), ("x.purposes.yaml", "version: 1\nservice: x\nmore: 1\n")]);
    let run = repo.run("diff HEAD");
    says("both", &run, 2, &["error: x.purposes.yaml: not all of it was compared", "`exclude`"]);
    assert!(!run.err.contains("approved"), "{}", run.err);
    std::fs::remove_file(repo.root.join("x.purposes.yaml")).unwrap();
    repo.commit();
    says("the next one", &repo.run("diff HEAD"), 0, &[]);
    // what cannot be read at all
    repo.put(&[("purposes.yaml", "version: 1\nservice: n\npurposes: {a: [\n")]);
    repo.commit();
    repo.put(&[("purposes.yaml", &now)]);
    says("broken", &repo.run("diff HEAD"), 2, &["HEAD:purposes.yaml: could not be read whole", REPAIRED]);
    says("the other way round", &repo.run("diff HEAD~1 --against HEAD"), 2, &["`exclude`"]);
}

#[test]
fn shared_files_that_say_two_things_are_not_compared() {
    let one = "version: 1\nsettings:\n  s: {default: off}\n";
    let repo = Repo::of(&[("purposelint.yaml", CONFIG), ("purposes.yaml", &with("n", "s")), ("s.purposes.yaml", one)]);
    repo.put(&[("z.purposes.yaml", &one.replace("off", "on"))]);
    let part = "purposes.yaml: not all of it was compared: line 3: setting `s` is declared twice in the shared files";
    says("new", &repo.run("diff HEAD"), 2, &[&format!("error: z.{part}"), "`exclude`"]);
    repo.commit();
    std::fs::remove_file(repo.root.join("z.purposes.yaml")).unwrap();
    says("gone", &repo.run("diff HEAD"), 2, &[part, REPAIRED]);
}
