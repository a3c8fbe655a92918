//! What comments accept, and what they do not.

use std::fs;

use serde_json::Value;

use crate::{CONFIG, RULE, check, of, open, said};

/// Two teams may call what they do alike, and the comment was agreed by one of them.
#[test]
fn a_comment_on_what_services_share_accepts_nothing_for_both() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::write(root.join("purposelint.yaml"), CONFIG).unwrap();
    let ignore = "# purposelint: ignore[fair-defaults/ai-training-on-by-default]: agreed";
    fs::write(root.join("purposes.yaml"), format!("version: 1\nsettings:\n  ai: {{default: on}} {ignore}\n")).unwrap();
    for (id, code, rules) in [("notes", 0, 0), ("mail", 1, 3)] {
        fs::create_dir(root.join(id)).unwrap();
        let text =
            format!("version: 1\nservice: {id}\npurposes: {{training: {{use: train_ai_system, setting: ai}}}}\n");
        fs::write(root.join(id).join("purposes.yaml"), text).unwrap();
        let (ended, findings) = check(root, "");
        let said: Vec<&str> = open(&findings).iter().map(|finding| finding["message"].as_str().unwrap()).collect();
        assert_eq!((ended, said.len()), (code, rules), "{said:?}");
        assert_eq!(said.iter().any(|said| said.contains("`training` of `mail` and `training` of `notes`")), rules > 0);
    }
}

/// What a comment was agreed for must not grow by what somebody writes on another line.
#[test]
fn a_comment_at_one_of_several_lines_that_decide_accepts_nothing_alone() {
    let at = |text: &str| format!("        - {{{text}, default: on}}\n");
    let agreed = |text: &str| at(text).replace('\n', &format!(" # purposelint: ignore[{RULE}]: agreed\n"));
    let over =
        |text: &str| at(text).replace('\n', &format!(" # purposelint: ignore[{RULE}] until 2026-11-01: agreed\n"));
    let (flagged, malformed) = (format!("{RULE} training"), "core/malformed-ignore".to_owned());
    let open = vec![malformed.clone(), flagged.clone()];
    let above = format!("  # purposelint: ignore[{RULE}]: agreed\n");
    for (name, above, overrides, expected) in [
        ("alone", "", agreed("regions: [FR]"), vec![]),
        ("with another", "", agreed("regions: [FR]") + &at("regions: [GB]"), open.clone()),
        ("with one for more", "", agreed("regions: [GB]") + &at("regions: [EU]"), open.clone()),
        ("with one for an age", "", agreed("regions: [FR]") + &at("regions: [DE, GB], ages: 16+"), open.clone()),
        ("with one for a plan", "", agreed("regions: [FR]") + &at("plans: [free]"), open),
        ("at each", "", agreed("regions: [FR]") + &agreed("regions: [GB]"), vec![]),
        (
            "at each, and one is over",
            "",
            agreed("regions: [FR]") + &over("regions: [GB]"),
            vec!["core/expired-ignore".to_owned(), malformed.clone(), flagged.clone()],
        ),
        ("at the purpose as well", &above, agreed("regions: [FR]") + &at("regions: [GB]"), vec![]),
        ("later", "", agreed("regions: [FR]") + &at("regions: [GB], from: 2026-12-01"), vec![flagged.clone()]),
        (
            "later in a larger place",
            "",
            agreed("regions: [FR]") + &at("regions: [EU], from: 2026-12-01"),
            vec![flagged.clone()],
        ),
        ("later, at each", "", agreed("regions: [FR]") + &agreed("regions: [GB], from: 2026-12-01"), vec![]),
        (
            "two later",
            "",
            agreed("regions: [FR], from: 2026-12-01") + &at("regions: [GB], from: 2026-12-01"),
            vec![malformed, flagged],
        ),
    ] {
        let text = format!(
            "version: 1\nservice: s\nregions: [EEA, GB]\nplans: [free, paid]\npurposes:\n{above}  training:\n    \
             use: train_ai_system\n    setting:\n      default: off\n      overrides:\n{overrides}"
        );
        let folder = of(&[("purposes.yaml", &text)], "");
        let mut found = said(folder.path(), "--fail-on-upcoming");
        found.sort();
        assert_eq!(found, expected, "{name}");
    }
}

/// A line decides for whom it says so, also by what stands elsewhere, and by what else makes a question count as an answer.
#[test]
fn a_line_that_decides_by_way_of_another_needs_a_comment_too() {
    let agreed = format!("# purposelint: ignore[{RULE}]: agreed");
    let flagged = |lines: &str| vec![format!("{RULE} training"), lines.to_owned()];
    let aliased = |first: &str, second: &str| {
        format!(
            "      default: off\n      overrides:\n        - {{regions: [FR], default: &d on}}{first}\n        \
             - {{regions: [GB], default: *d}}{second}\n"
        )
    };
    let merged = |more: &str| {
        let first =
            format!("      default: off\n      overrides:\n        - &fr {{regions: [FR], default: on}} {agreed}\n");
        format!("{first}        - {{<<: *fr, {more}}}\n")
    };
    let asked = |first: &str, overrides: &[&str]| {
        let overrides: String = overrides.iter().map(|over| format!("        - {over}\n")).collect();
        format!("      default: ask {first}\n      overrides:\n{overrides}")
    };
    let at_dismiss = format!("{{regions: [FR], on_dismiss: on}} {agreed}");
    for (name, setting, expected) in [
        ("an alias", aliased(&format!(" {agreed}"), ""), flagged("line 11 also decides")),
        ("an alias by itself", aliased("", &format!(" {agreed}")), flagged("line 10 also decides")),
        ("an anchor and an alias", aliased(&format!(" {agreed}"), &format!(" {agreed}")), vec![]),
        (
            "an alias on a later day",
            aliased(&format!(" {agreed}"), "").replace("[GB]", "[GB], from: 2027-01-01"),
            flagged("line 11 also decides"),
        ),
        ("a merge", merged("regions: [GB]"), flagged("line 11 also decides")),
        ("a merge on a later day", merged("regions: [GB], from: 2027-01-01"), flagged("line 11 also decides")),
        (
            "an anchor with one use",
            format!(
                "      default: off\n      label: &d on {agreed}\n      overrides: [{{regions: [FR], default: *d}}]\n"
            ),
            vec![],
        ),
        (
            "what is done when the question is waved away",
            asked(&agreed, &["{regions: [FR], on_dismiss: on}"]),
            flagged("line 10 also decides"),
        ),
        (
            "each at which something is done",
            asked(&agreed, &[&at_dismiss, "{regions: [GB], until_answer: on}"]),
            flagged("line 11 also decides"),
        ),
        ("all that decide a question", asked(&agreed, &[&at_dismiss]), vec![]),
    ] {
        let text = format!(
            "version: 1\nservice: s\nregions: [FR, GB]\npurposes:\n  training:\n    use: train_ai_system\n    setting:\n{setting}"
        );
        let folder = of(&[("purposes.yaml", &text)], "");
        let found = check(folder.path(), "--fail-on-upcoming").1;
        let said = |finding: &&Value| match finding["rule"] == RULE {
            true => format!("{RULE} training"),
            false => finding["message"].as_str().unwrap().split(" what `").next().unwrap().to_owned(),
        };
        let mut found: Vec<String> = open(&found).iter().map(said).collect();
        found.sort();
        found.dedup();
        assert_eq!(found, expected, "{name}");
    }
}

/// A comment is about one thing: what is added to its line later was not agreed.
#[test]
fn a_comment_on_a_line_with_several_things_accepts_none_of_them() {
    let tie = "core/ambiguous-override";
    let agreed = format!("# purposelint: ignore[{tie}]: both lists are right");
    let purpose = |above: &str, overrides: &[&str]| {
        let overrides: String = overrides.iter().map(|over| format!("      - {over}\n")).collect();
        format!(
            "purposes:\n  {above}\n  p:\n    use: train_ai_system\n    setting: {{default: off}}\n    overrides:\n{overrides}"
        )
    };
    let settings = |more: &str| {
        format!(
            "settings: {{a: {{default: off}}{more}}} # purposelint: ignore[core/unused-definition]: it comes in May\n{}",
            purpose("", &["{regions: [GB], carried_out: false}"])
        )
    };
    let (basis, carried) = ("{regions: [FR], lawful_basis: contract}", "{regions: [GB], carried_out: false}");
    let one = format!("{{plans: [free], lawful_basis: consent}} {agreed}");
    let two = format!("{{plans: [free], carried_out: true, lawful_basis: consent}} {agreed}");
    let twice = format!("{{plans: [free], lawful_basis: consent}} {agreed}");
    let bare = "{plans: [free], carried_out: true, lawful_basis: consent}";
    let malformed = "core/malformed-ignore";
    for (name, text, expected) in [
        ("one tie", purpose("", &[basis, &one]), vec![]),
        ("one of another property", purpose("", &[basis, carried, &two]), vec![malformed, tie, tie]),
        (
            "one with another override",
            purpose("", &[basis, "{regions: [GB], lawful_basis: contract}", &twice]),
            vec![malformed, tie, tie],
        ),
        ("above the purpose", purpose(&agreed, &[basis, carried, bare]), vec![]),
        ("one definition", settings(""), vec![]),
        (
            "two definitions",
            settings(", b: {default: off}"),
            vec![malformed, "core/unused-definition", "core/unused-definition"],
        ),
    ] {
        let text = format!("version: 1\nservice: s\nregions: [FR, GB, US]\nplans: [free, paid]\n{text}");
        let folder = of(&[("purposes.yaml", &text)], "");
        let mut found = said(folder.path(), "");
        found.iter_mut().for_each(|said| *said = said.split(' ').next().unwrap_or_default().to_owned());
        found.sort();
        let mut expected = expected;
        expected.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_comment_ignores_what_it_stands_at_and_no_more() {
    let on = "{use: train_ai_system, setting: {default: on}}";
    let ignore = format!("# purposelint: ignore[{RULE}]: agreed");
    let flagged = |purpose: &str| format!("{RULE} {purpose}");
    let malformed = "core/malformed-ignore".to_owned();
    for (name, purposes, expected) in [
        ("at its line", format!("  p: {on} {ignore}\n  q: {on}\n"), vec![flagged("q")]),
        ("lone carriage returns", format!("  p: {on}\r  q: {on} {ignore}\r"), vec![flagged("p")]),
        (
            "an alias of a later purpose",
            format!(
                "  p:\n    use: train_ai_system\n    setting: &x {{default: on}} {ignore}\n  q: {{use: train_ai_system, setting: *x}}\n"
            ),
            vec![malformed.clone(), flagged("p"), flagged("q")],
        ),
        (
            "several on one line",
            format!("  {{p: {on}, q: {on}}} {ignore}\n"),
            vec![flagged("p"), malformed.clone(), flagged("q")],
        ),
        (
            "a blank line between",
            format!("  {ignore}\n\n  p: {on}\n"),
            vec!["core/unused-ignore".to_owned(), flagged("p")],
        ),
        ("another comment between", format!("  {ignore}\n  # and why\n  p: {on}\n"), vec![]),
        (
            "a name that is nearly ours",
            format!("  p: {on} # purpose-lint: ignore[{RULE}]: x\n"),
            vec![flagged("p"), malformed.clone()],
        ),
        (
            "a rule named twice",
            format!("  p: {on} # purposelint: ignore[{RULE}, {RULE}]: x\n"),
            vec![flagged("p"), malformed],
        ),
    ] {
        let text = format!("version: 1\nservice: s\nregions: [FR]\npurposes:\n{purposes}");
        let folder = of(&[("purposes.yaml", &text)], "");
        let mut found = said(folder.path(), "");
        let mut expected = expected;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{name}");
    }
}
