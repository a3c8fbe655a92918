//! Which packs judge a workspace, and why: laws by the places that services are offered in, as far as the config leaves it open.

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

use serde_json::Value;
use tempfile::TempDir;
use transcript::run;

fn workspace(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("purposelint.yaml"), "version: 1\n").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("version: 1\n{text}\n")).unwrap();
    }
    folder
}

/// The packs about laws that are active, with the reasons, and why each other one is not.
fn chosen(folder: &Path, more: &str) -> (Vec<String>, Vec<String>) {
    let text = run(&format!("purposelint rules --format json --as-of 2026-11-22{more}"), folder);
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let mut chosen = (Vec::new(), Vec::new());
    for pack in json["packs"].as_array().unwrap() {
        if pack["territories"].as_array().unwrap().is_empty() {
            continue;
        }
        let (name, why) = (pack["name"].as_str().unwrap(), pack["why"].as_str().unwrap());
        let list = if pack["active"].as_bool().unwrap() { &mut chosen.0 } else { &mut chosen.1 };
        list.push(format!("{name}: {why}"));
    }
    chosen
}

#[test]
fn a_declaration_that_is_refused_chooses_no_law() {
    let service = "service: app\nages: 18+\npurposes: {p: {use: train_ai_system, setting: {default: on}}}";
    let alone = workspace(&[("b.purposes.yaml", service)]);
    for refused in ["regions: [CH]", "regions: [MX]"] {
        let beside = workspace(&[("b.purposes.yaml", service)]);
        let text = format!("version: 2\nservice: app\n{refused}\npurposes: {{}}\n");
        fs::write(beside.path().join("a.purposes.yaml"), text).unwrap();
        assert_eq!(chosen(beside.path(), ""), chosen(alone.path(), ""), "{refused}");
    }
}

#[test]
fn laws_are_chosen_by_where_services_are_offered() {
    let service =
        |regions: &str| format!("service: app\nregions: {regions}\npurposes: {{p: {{use: essential.service}}}}");
    let cases: &[(&str, &[&str])] = &[
        ("[IN]", &["in: `app` is offered in IN", "minors: `app` is offered in IN"]),
        ("[MX]", &[]),
        ("[IS]", &["eu-gdpr: `app` is offered in IS", "minors: `app` is offered in IS"]),
        (
            "[US-CA]",
            &[
                "minors: `app` is offered in US-CA",
                "us-california: `app` is offered in US-CA",
                "us-federal: `app` is offered in US-CA",
            ],
        ),
        (
            "[CA]",
            &[
                "ca-federal: `app` is offered in CA except CA-QC",
                "ca-qc: `app` is offered in CA-QC",
                "minors: `app` is offered in CA-QC",
            ],
        ),
    ];
    for (regions, expected) in cases {
        let folder = workspace(&[("purposes.yaml", &service(regions))]);
        let (active, idle) = chosen(folder.path(), "");
        assert_eq!(active, *expected, "{regions}");
        assert_eq!(active.len() + idle.len(), 19, "{regions}");
        assert!(idle.iter().all(|why| why.contains(": no service is offered in ")), "{idle:?}");
    }
    let everywhere = workspace(&[("purposes.yaml", "service: app\npurposes: {p: {use: essential.service}}")]);
    assert_eq!(chosen(everywhere.path(), "").0.len(), 19);
    let nowhere = workspace(&[]);
    assert_eq!(chosen(nowhere.path(), "").1[0], "au: no service is declared here");
}

#[test]
fn the_config_narrows_and_adds() {
    let declared = ("purposes.yaml", "service: app\nregions: [IN]\npurposes: {p: {use: essential.service}}");
    let cases = [
        ("[core, uk]", "uk: `packs` names it; no service is offered in GB"),
        ("[core, in]", "in: `packs` names it; `app` is offered in IN"),
        (
            "[default, uk]",
            "in: `app` is offered in IN, minors: `app` is offered in IN, uk: `packs` names it; no service is offered in GB",
        ),
    ];
    for (packs, expected) in cases {
        let folder = workspace(&[declared, ("purposelint.yaml", &format!("packs: {packs}"))]);
        assert_eq!(chosen(folder.path(), "").0.join(", "), expected, "{packs}");
    }
    let narrowed = workspace(&[declared, ("purposelint.yaml", "packs: [core]")]);
    let (active, idle) = chosen(narrowed.path(), "");
    assert!(active.is_empty());
    assert!(idle.contains(&"in: `packs` does not name it; `app` is offered in IN".to_owned()), "{idle:?}");
}

/// `rules` and `check` agree: what is not active finds nothing, and a declaration nobody could read narrows nothing.
#[test]
fn the_choice_is_that_of_the_run() {
    let text = "service: app\nregions: [FR]\npurposes: {p: {use: train_ai_system, setting: {default: on}}}";
    let rules = |folder: &Path| {
        let report: Value = serde_json::from_str(
            &run("purposelint check --format json --as-of 2026-11-22", folder).replace("[exit 1]\n", ""),
        )
        .unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let mut packs: Vec<String> =
            findings.map(|finding| finding["rule"].as_str().unwrap().split('/').next().unwrap().to_owned()).collect();
        packs.sort();
        packs.dedup();
        packs
    };
    let folder = workspace(&[("purposes.yaml", text)]);
    let chosen_packs = rules(folder.path());
    assert!(chosen_packs.contains(&"eu-gdpr".to_owned()), "{chosen_packs:?}");
    let may = ["eu-ai-act", "eu-eprivacy", "eu-gdpr", "eu-platforms", "fair-defaults", "minors"];
    assert!(chosen_packs.iter().all(|pack| may.contains(&pack.as_str())), "{chosen_packs:?}");
    fs::write(folder.path().join("purposelint.yaml"), "version: 1\npacks: [default]\n").unwrap();
    assert_eq!(rules(folder.path()), chosen_packs);
    fs::write(folder.path().join("purposelint.yaml"), "version: 1\npacks: [core, fair-defaults]\n").unwrap();
    assert_eq!(rules(folder.path()), ["fair-defaults"]);

    let broken = workspace(&[("purposes.yaml", text), ("b/purposes.yaml", "service: b\nregions: [FR\npurposes: {")]);
    let (active, _) = chosen(broken.path(), "");
    assert!(
        active.contains(&"in: a declaration could not be read whole, so every law counts".to_owned()),
        "{active:?}"
    );
}

/// `check` does not read what it is about to read anyway, and looks at it again where it is not what it seemed to be.
#[test]
fn what_is_otherwise_than_at_a_glance_is_judged_as_it_is() {
    let purposes = "purposes: {p: {use: train_ai_system, setting: {default: on}}}";
    let laws = |regions: &str| {
        let folder = workspace(&[("purposes.yaml", &format!("service: app\n{regions}\n{purposes}"))]);
        let check = || run("purposelint check --format concise --as-of 2026-11-22", folder.path());
        let (first, again) = (check(), check());
        assert_eq!(first, again, "{regions}");
        ["eu-gdpr/", "uk/"].map(|law| first.contains(&format!("[{law}")))
    };
    for (regions, expected) in [
        ("regions: [MX]", [false, false]),
        ("regions:\n- FR # here\n\n# and\n- GB", [true, true]),
        // given twice, of which the first counts
        ("!!str regions: [FR]\nregions: [MX]", [true, false]),
        ("\"regions\": [FR]\nregions: [MX]", [true, false]),
        ("x: &x [GB]\nregions: *x", [false, true]),
    ] {
        assert_eq!(laws(regions), expected, "{regions}");
    }
}

/// Whatever a glance makes of a file: `check` judges by the packs that `rules` reads it for.
#[test]
fn what_cannot_be_taken_in_at_a_glance_is_read() {
    let many = |item: &str| format!("regions: [{}]", vec![item; 10_001].join(", "));
    let broken = "regions: [MX]\nnotices: {";
    for more in [
        "regions: [MX]\r\n",
        "? regions\n: [FR]",
        "x: &x {regions: [FR]}\n<<: *x",
        "regions: [MX]\n...\n---\nservice: b\nregions: [GB]",
        "regions:\n  - MX\n - FR",
        broken,
        &many("MX"),
        &many("FR"),
        &"\n---\nservice: app\nregions: [MX]".repeat(1_001),
    ] {
        let folder = workspace(&[(
            "purposes.yaml",
            &format!("service: app\npurposes: {{p: {{use: train_ai_system, setting: {{default: on}}}}}}\n{more}"),
        )]);
        let rules = run("purposelint rules --active --format json --as-of 2026-11-22", folder.path());
        let rules: Value = serde_json::from_str(&rules).unwrap_or_else(|_| panic!("{rules}"));
        let packs: Vec<&str> =
            rules["packs"].as_array().unwrap().iter().filter_map(|pack| pack["name"].as_str()).collect();
        let check = || run("purposelint check --no-cache --format concise --as-of 2026-11-22", folder.path());
        let found = check();
        fs::write(folder.path().join("purposelint.yaml"), format!("version: 1\npacks: [{}]\n", packs.join(", ")))
            .unwrap();
        let shown: String = more.chars().take(60).collect();
        assert_eq!(found, check(), "{shown} with {packs:?}");
    }
}

/// Membership of a group is a matter of days: what leaves or joins within the horizon counts already.
#[test]
fn a_day_chooses() {
    let folder =
        workspace(&[("purposes.yaml", "service: app\nregions: [EU]\npurposes: {p: {use: essential.service}}")]);
    let uk = |day: &str| {
        run(&format!("purposelint rules --active --pack uk --as-of {day}"), folder.path()).contains("`app`")
    };
    assert!(uk("2020-01-31"));
    assert!(!uk("2020-02-01"));
}

/// A key that a company puts below one of ours is judged like the one above it, by the packs that are chosen.
#[test]
fn a_key_of_ones_own_is_judged_like_the_one_above_it() {
    let judged = |category: &str| {
        let text = format!(
            "service: app
regions: [US-IL, US-VA, US-MD, US-WA, US-UT, US-CA, FR, CN]
ages: 18+
purposes:
  tagging:
    use: personalize.content
    data: [{{category: {category}, source: provided}}]
    setting: {{default: on}}
    retention: {{period: P5Y}}
    notices: []
    recipients: []
    assessments: []
  sale: {{use: third_party_sharing.sale, data: [{{category: {category}}}], setting: none, notices: [], assessments: []}}
  scraping:
    {{use: train_ai_system, data: [{{category: {category}, source: public_web}}], setting: {{default: off}}}}"
        );
        let folder = workspace(&[
            ("purposes.yaml", &text),
            ("purposelint.yaml", "packs: [default, ./acme]"),
            ("acme/vocabulary.yaml", "data: {user.biometric.face: {title: Face geometry}}"),
        ]);
        fs::write(folder.path().join("acme/pack.yaml"), "title: Acme\nversion: \"1.0.0\"\nneeds: 0.1.0\n").unwrap();
        let report = run("purposelint check --format json --as-of 2026-11-22", folder.path());
        let report: Value = serde_json::from_str(&report.replace("[exit 1]\n", "")).unwrap();
        let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
        let mut findings: Vec<(String, String)> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (word(finding, "rule"), word(finding, "severity")))
            .collect();
        findings.sort();
        findings
    };
    let known = judged("user.biometric");
    assert!(known.iter().any(|(rule, _)| rule == "us-states/il-biometric-sold"), "{known:?}");
    assert_eq!(judged("user.biometric.face"), known);
}
