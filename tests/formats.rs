//! Reports for code hosts: what each host asks of a file, and that text from outside comes back as it was.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod report_help;

use std::collections::BTreeSet;

use purposelint::diagnostic::{Diagnostic, Edit, Fix, Safety, Severity};
use purposelint::evaluate::{Finding, Subject, Suppressed, SuppressedBy};
use purposelint::lint::{Off, Report, Skipped};
use purposelint::report::{Format, Options, Run, left_out, render};
use purposelint::source::{SourceMap, Span};
use report_help::*;
use serde_json::{Value, json};

const HOSTS: [Format; 3] = [Format::Gitlab, Format::Rdjson, Format::Sarif];
const RULE: &str = "fair-defaults/ai-training-on-by-default";
const NOTES: &str = "é: 😀\nsettings:\n  improvement: {default: on, overrides: [{regions: [EU], default: off}]}\n";

fn parsed(format: Format, report: &Report, map: &SourceMap, options: &Options) -> Value {
    let written = render_with(format, report, map, &packs(&["core", "fair-defaults"]), options);
    serde_json::from_str(&written).unwrap()
}

fn sarif(report: &Report, map: &SourceMap, options: &Options) -> Value {
    parsed(Format::Sarif, report, map, options)["runs"][0].clone()
}

fn with_suppressed() -> Options {
    Options { show_suppressed: true, ..Options::default() }
}

/// A finding with everything a finding can have.
fn full(at: &Files) -> Finding {
    let mut finding = fail(RULE, Severity::Error, at.label("on", "`default` is `on`"));
    finding.message = "`model_training` is on in [EU]".into();
    finding.help = Some("set it to `off`".into());
    finding.labels = vec![at.label("EU", "only for [EU]"), at.label("improvement", "")];
    finding.counts_from = Some(day("2027-01-01"));
    finding.cites = vec![cite("GDPR Art. 25(2)", &["EEA"], Some("2018-05-25"))].into();
    finding.fixes = vec![Fix {
        title: "set the default to `off`".into(),
        safety: Safety::Safe,
        edits: vec![Edit { span: at.label("on", "").span, text: "off".into() }],
    }];
    finding
}

fn accepted(at: &Files, by: SuppressedBy) -> Finding {
    let mut finding = fail(RULE, Severity::Info, at.label("on", ""));
    finding.suppressed = Some(Box::new(Suppressed {
        by,
        reason: Some("it is being agreed".into()),
        owner: Some("privacy@example.com".into()),
        approver: None,
        expires: Some(day("2027-01-31")),
        place: Some(at.label("EU", "").span),
        was: Severity::Error,
    }));
    finding
}

#[test]
fn sarif_has_all_that_github_asks_for() {
    let at = Files::one(NOTES);
    let mut report = report(vec![full(&at), undetermined("core/unknown-key", &["purpose.data"], at.label("é", ""))]);
    report.applied = ["fair-defaults/setting-buried".to_owned(), RULE.to_owned()].into();
    let whole = parsed(Format::Sarif, &report, &at.map, &Options::default());
    assert_eq!((&whole["version"], whole["runs"].as_array().unwrap().len()), (&json!("2.1.0"), 1));
    assert!(whole["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &whole["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["automationDetails"]["id"], "purposelint/");
    let driver = &run["tool"]["driver"];
    assert_eq!(
        (&driver["name"], &driver["semanticVersion"]),
        (&json!("purposelint"), &json!(env!("CARGO_PKG_VERSION")))
    );

    let rules = driver["rules"].as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["core/unknown-key", RULE, "fair-defaults/setting-buried"], "what applied and what has a result");
    for rule in rules {
        for (pointer, most) in [
            ("/name", 255),
            ("/shortDescription/text", 1_024),
            ("/fullDescription/text", 1_024),
            ("/help/text", 20_000),
            ("/help/markdown", 20_000),
        ] {
            let text = rule.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.trim().is_empty() && text.chars().count() <= most, "{pointer} of {rule}");
        }
        let properties = &rule["properties"];
        assert!(["very-high", "high", "medium", "low"].contains(&properties["precision"].as_str().unwrap()));
        assert!(["error", "warning", "recommendation"].contains(&properties["problem.severity"].as_str().unwrap()));
        assert!(properties["tags"].as_array().unwrap().len() <= 20);
        assert!(properties.get("security-severity").is_none());
        assert!(rule["helpUri"].as_str().unwrap().starts_with("https://purposelint.dev/rules/"));
    }
    let markdown = rules[1]["help"]["markdown"].as_str().unwrap();
    assert!(markdown.contains("## What to do") && markdown.contains("GDPR Art. 25(2) (law"), "{markdown}");
    for result in run["results"].as_array().unwrap() {
        assert_eq!(ids[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(region[key].as_u64().unwrap() >= 1, "{region}");
        }
        assert!(result.get("suppressions").is_none());
    }
}

#[test]
fn a_result_says_what_and_where_and_what_to_do() {
    let at = Files::one(NOTES);
    let mut known = full(&at);
    known.news = Some("new for GB; for others it was known".into());
    let run = sarif(&report(vec![full(&at), known]), &at.map, &Options::default());
    let result = &run["results"][0];
    assert_eq!(
        result["message"]["text"],
        "`model_training` is on in [EU]. See [only for \\[EU\\]](1). Counts from 2027-01-01. Set it to `off`."
    );
    assert_eq!(result["relatedLocations"][0]["id"], 1);
    assert_eq!(result["relatedLocations"][0]["message"]["text"], "only for [EU]");
    assert!(result["relatedLocations"][1].get("message").is_none());
    assert_eq!(
        result["locations"][0],
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": "purposes.yaml", "uriBaseId": "%SRCROOT%" },
                "region": { "startLine": 3, "startColumn": 26, "endLine": 3, "endColumn": 28 },
            },
            "message": { "text": "`default` is `on`" },
        })
    );
    assert_eq!(
        result["fixes"],
        json!([{
            "description": { "text": "set the default to `off`" },
            "artifactChanges": [{
                "artifactLocation": { "uri": "purposes.yaml", "uriBaseId": "%SRCROOT%" },
                "replacements": [{
                    "deletedRegion": { "startLine": 3, "startColumn": 26, "endLine": 3, "endColumn": 28 },
                    "insertedContent": { "text": "off" },
                }],
            }],
            "properties": { "safety": "safe" },
        }])
    );
    assert_eq!(result["properties"]["outcome"], "fail");
    assert_eq!(result["properties"]["subject"], "purpose model_training");
    let text = run["results"][1]["message"]["text"].as_str().unwrap();
    assert!(text.contains("New for GB; for others it was known."), "{text}");
}

#[test]
fn what_is_undetermined_keeps_its_level() {
    let at = Files::one(NOTES);
    let open = undetermined("core/unknown-key", &["purpose.data"], at.label("on", ""));
    let run = sarif(&report(vec![open]), &at.map, &Options::default());
    let result = &run["results"][0];
    assert_eq!((&result["level"], &result["properties"]["outcome"]), (&json!("warning"), &json!("undetermined")));
    assert!(result.get("kind").is_none());
}

#[test]
fn what_is_accepted_is_left_out_of_sarif_and_that_is_said() {
    let at = Files::one(NOTES);
    let findings = vec![
        full(&at),
        accepted(&at, SuppressedBy::Ignore),
        accepted(&at, SuppressedBy::Waiver),
        accepted(&at, SuppressedBy::Baseline),
    ];
    let run = sarif(&report(findings.clone()), &at.map, &Options::default());
    assert_eq!(run["results"].as_array().unwrap().len(), 1);
    let note = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(note["level"], "note");
    let text = note["message"]["text"].as_str().unwrap();
    assert!(text.contains("1 waived, 1 ignored, 1 in the baseline") && text.contains("--show-suppressed"), "{text}");

    let run = sarif(&report(findings.clone()), &at.map, &with_suppressed());
    let results = run["results"].as_array().unwrap();
    assert!(run["invocations"][0].get("toolExecutionNotifications").is_none());
    assert_eq!(results[0]["suppressions"], json!([]), "all results have the key, or none");
    let kinds: Vec<&Value> = results[1..].iter().map(|result| &result["suppressions"][0]["kind"]).collect();
    assert_eq!(kinds, ["inSource", "external", "external"]);
    for result in &results[1..] {
        assert_eq!(result["level"], "error", "what it would be");
        let suppression = &result["suppressions"][0];
        assert_eq!(suppression["status"], "accepted");
        assert_eq!(suppression["justification"], "it is being agreed");
        assert_eq!(suppression["location"]["physicalLocation"]["region"]["startColumn"], 53);
        assert_eq!(suppression["properties"]["owner"], "privacy@example.com");
    }

    // formats without a word for it show a waiver as it is: known, and for a time
    let gitlab = parsed(Format::Gitlab, &report(findings.clone()), &at.map, &Options::default());
    assert_eq!(gitlab.as_array().unwrap().len(), 2);
    assert!(gitlab[1]["description"].as_str().unwrap().contains("(waived until 2027-01-31, by privacy@example.com"));
    assert_eq!(gitlab[1]["severity"], "info");
    let rdjson = parsed(Format::Rdjson, &report(findings), &at.map, &with_suppressed());
    assert_eq!(rdjson["diagnostics"].as_array().unwrap().len(), 4);
}

#[test]
fn sarif_says_what_was_not_judged_and_how_the_run_ended() {
    let at = Files::one(NOTES);
    let mut report = report(Vec::new());
    report.checked.skipped =
        vec![Skipped { what: "big.yaml".into(), reason: "larger than 16 MiB".into() }, Skipped::switched_off("acme/x")];
    report.checked.off.insert("acme/x".into(), Off::Everywhere);
    report.refused = vec![Diagnostic::new("newer-version", at.label("on", "").span, "version 2 is not read")];
    let library = no_packs();
    for (exit_code, successful) in [(0, true), (1, true), (2, false), (3, false)] {
        let idle = ["nothing was checked: no purpose is declared".to_owned()];
        let run =
            Run { library: &library, exit_code, idle: if exit_code == 3 { &idle } else { &[] }, may_be_idle: false };
        let mut out = Vec::new();
        render(Format::Sarif, &report, &at.map, &run, &Options::default(), &mut out).unwrap();
        let written: Value = serde_json::from_slice(&out).unwrap();
        let invocation = &written["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], successful, "{exit_code}");
        assert_eq!(invocation["exitCode"], exit_code);
        let notes = invocation["toolExecutionNotifications"].as_array().unwrap();
        let mut said: Vec<(&str, &str)> = notes
            .iter()
            .map(|note| (note["level"].as_str().unwrap(), note["message"]["text"].as_str().unwrap()))
            .collect();
        if exit_code == 3 {
            assert_eq!(said.remove(1), ("error", "Nothing was checked: no purpose is declared."));
        }
        assert_eq!(
            said,
            [
                ("error", "Version 2 is not read."),
                ("warning", "`big.yaml` was not judged: larger than 16 MiB."),
                ("note", "`acme/x` was not judged: switched off by the config."),
            ]
        );
        assert_eq!(notes[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
    }
}

#[test]
fn each_host_counts_columns_its_own_way() {
    // a mark at the start, a character of two bytes, one of four, and a line that ends as on Windows
    let at = Files::one("\u{feff}é 😀 on\r\n  é: off\r\n");
    let findings =
        || vec![fail(RULE, Severity::Error, at.label("on", "")), fail(RULE, Severity::Error, at.label("off", ""))];
    let run = sarif(&report(findings()), &at.map, &Options::default());
    let region = |at: usize| run["results"][at]["locations"][0]["physicalLocation"]["region"].clone();
    assert_eq!(region(0), json!({ "startLine": 1, "startColumn": 5, "endLine": 1, "endColumn": 7 }));
    assert_eq!(region(1), json!({ "startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 9 }));

    let rdjson = parsed(Format::Rdjson, &report(findings()), &at.map, &Options::default());
    let range = |at: usize| rdjson["diagnostics"][at]["location"]["range"].clone();
    assert_eq!(range(0), json!({ "start": { "line": 1, "column": 12 }, "end": { "line": 1, "column": 14 } }));
    assert_eq!(range(1), json!({ "start": { "line": 2, "column": 7 }, "end": { "line": 2, "column": 10 } }));
}

#[test]
fn paths_count_from_the_root_of_the_repository() {
    let mut at = Files { map: SourceMap::new() };
    at.add("a b/ü#.yaml", "default: on\n");
    let findings = || vec![fail(RULE, Severity::Error, at.label("on", ""))];
    let options = Options { repository_prefix: "services/feed".into(), ..Options::default() };
    let run = sarif(&report(findings()), &at.map, &options);
    let uri = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "services/feed/a%20b/%C3%BC%23.yaml");
    assert_eq!(run["automationDetails"]["id"], "purposelint/services/feed/");
    let gitlab = parsed(Format::Gitlab, &report(findings()), &at.map, &options);
    assert_eq!(
        gitlab[0]["location"],
        json!({ "path": "services/feed/a b/ü#.yaml", "lines": { "begin": 1, "end": 1 } })
    );
    let rdjson = parsed(Format::Rdjson, &report(findings()), &at.map, &options);
    assert_eq!(rdjson["diagnostics"][0]["location"]["path"], "services/feed/a b/ü#.yaml");
}

fn identities(run: &Value) -> Vec<String> {
    let results = run["results"].as_array().unwrap().iter();
    results.map(|result| result["partialFingerprints"]["purposelint/v1"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_two_findings_have_one_identity_and_lines_do_not_change_it() {
    let findings = |at: &Files| {
        let file = |message: &str| {
            let mut finding = fail("core/unknown-key", Severity::Error, at.label("on", ""));
            finding.subject = Subject::File("purposes.yaml".into());
            finding.fingerprint = "0123456789abcdef".into();
            finding.message = message.into();
            finding
        };
        vec![
            fail(RULE, Severity::Error, at.label("on", "")),
            fail(RULE, Severity::Warning, at.label("EU", "")),
            undetermined(RULE, &["purpose.started"], at.label("on", "")),
            undetermined(RULE, &["purpose.notices"], at.label("on", "")),
            file("unknown key `a`"),
            file("unknown key `b`"),
        ]
    };
    let at = Files::one(NOTES);
    let before = identities(&sarif(&report(findings(&at)), &at.map, &Options::default()));
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 6, "{before:?}");
    assert!(before.iter().all(|identity| identity.len() == 32));
    assert!(before[0].starts_with(&findings(&at)[0].fingerprint));

    let moved = Files::one(&format!("# a remark\n\n{NOTES}"));
    assert_eq!(identities(&sarif(&report(findings(&moved)), &moved.map, &Options::default())), before);
    let gitlab = parsed(Format::Gitlab, &report(findings(&moved)), &moved.map, &Options::default());
    let fingerprints: Vec<&str> =
        gitlab.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints, before, "one identity for all hosts");

    // what goes away leaves the others as they are
    let mut fewer = findings(&at);
    fewer.remove(2);
    fewer.remove(3);
    let after = identities(&sarif(&report(fewer), &at.map, &Options::default()));
    assert_eq!(after, [&*before[0], &before[1], &before[3], &before[5]]);
}

#[test]
fn sarif_keeps_within_the_limits_and_says_so() {
    let at = Files::one(NOTES);
    let mut findings: Vec<Finding> = (0..25_003)
        .map(|at_number| {
            let severity = if at_number % 2 == 0 { Severity::Info } else { Severity::Warning };
            fail(RULE, severity, at.label("on", ""))
        })
        .collect();
    findings.push(fail("core/last", Severity::Error, at.label("on", "")));
    findings[1].labels = vec![at.label("EU", "here"); 1_200];
    let report = report(findings);
    let run = sarif(&report, &at.map, &Options::default());
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[24_999]["ruleId"], "core/last", "the most severe are kept, in order");
    let notes = results.iter().filter(|result| result["level"] == "note").count();
    assert_eq!(notes, 25_000 - 12_501 - 1);
    let related = results[1]["relatedLocations"].as_array().unwrap();
    assert_eq!((related.len(), &results[1]["properties"]["locationsLeftOut"]), (999, &json!(201)));
    assert!(results[1]["message"]["text"].as_str().unwrap().matches("](").count() <= 10);
    let text = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("4 results are left out: GitHub takes 25000"), "{text}");
    assert_eq!(left_out(Format::Sarif, &report, &Options::default()), 4);
    assert_eq!(left_out(Format::Gitlab, &report, &Options::default()), 0);
}

#[test]
fn rdjson_keeps_to_the_schema_of_reviewdog() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reviewdog/DiagnosticResult.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let at = Files::one(NOTES);
    let written = parsed(Format::Rdjson, &report(vec![full(&at)]), &at.map, &Options::default());
    let problems: Vec<String> = validator.iter_errors(&written).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    // the schema lets keys pass that it does not know
    let known = |name: &str| schema["definitions"][name]["properties"].as_object().unwrap();
    for key in written["diagnostics"][0].as_object().unwrap().keys() {
        assert!(known("reviewdog.rdf.Diagnostic").contains_key(key), "{key}");
    }
    assert!(written.as_object().unwrap().keys().all(|key| known("DiagnosticResult").contains_key(key)));
    let diagnostic = &written["diagnostics"][0];
    assert_eq!(diagnostic["severity"], "ERROR");
    assert_eq!(diagnostic["code"], json!({ "value": RULE, "url": format!("https://purposelint.dev/rules/{RULE}") }));
    assert_eq!(diagnostic["suggestions"][0]["text"], "off");
    assert!(!validator.is_valid(&json!({ "diagnostics": [{ "severity": "FATAL" }] })), "the schema refuses something");
}

#[test]
fn a_suggestion_is_all_edits_of_a_fix_in_one_piece() {
    let mut at = Files::one("default: on\nages: 13-15\nplans: [free]\n");
    at.add("other.yaml", "elsewhere\n");
    let edit = |needle: &str, text: &str| Edit { span: at.label(needle, "").span, text: text.into() };
    let start = |needle: &str| {
        let span = at.label(needle, "").span;
        Edit { span: Span { end: span.start, ..span }, text: "# é\n".into() }
    };
    for (edits, expected) in [
        (vec![edit("on", "off")], Some((1, 10, 1, 12, "off"))),
        (vec![start("ages")], Some((2, 1, 2, 1, "# é\n"))),
        (vec![edit("free", "[]"), edit("on", "off")], Some((1, 10, 3, 13, "off\nages: 13-15\nplans: [[]"))),
        (vec![edit("on", "off"), edit("elsewhere", "x")], None),
        (vec![edit("on", "off"), edit("on", "ask")], None),
        (Vec::new(), None),
    ] {
        let mut finding = fail(RULE, Severity::Error, at.label("on", ""));
        finding.fixes = vec![Fix { title: "x".into(), safety: Safety::Safe, edits }];
        let written = parsed(Format::Rdjson, &report(vec![finding]), &at.map, &Options::default());
        let expected = expected.map(|(line, column, end_line, end_column, text)| {
            let start = json!({ "line": line, "column": column });
            json!([{ "range": { "start": start, "end": { "line": end_line, "column": end_column } }, "text": text }])
        });
        assert_eq!(written["diagnostics"][0].get("suggestions"), expected.as_ref());
    }
}

#[test]
fn only_edits_of_form_are_one_click_away() {
    let at = Files::one(NOTES);
    for (safety, offered) in [(Safety::Safe, true), (Safety::Authoritative, false), (Safety::Suggest, false)] {
        let mut finding = full(&at);
        finding.fixes[0].safety = safety;
        let report = report(vec![finding]);
        let rdjson = &parsed(Format::Rdjson, &report, &at.map, &Options::default())["diagnostics"][0];
        let result = &sarif(&report, &at.map, &Options::default())["results"][0];
        assert_eq!(rdjson.get("suggestions").is_some(), offered, "{safety:?}");
        assert_eq!(result.get("fixes").is_some(), offered, "{safety:?}");
        // whoever gets no edit is told what to do, and programs that ask for it get all
        assert!(rdjson["message"].as_str().unwrap().contains("help: set it to `off`"), "{rdjson}");
        assert!(result["message"]["text"].as_str().unwrap().contains("Set it to `off`"), "{result}");
        let json = parsed(Format::Json, &report, &at.map, &Options::default());
        assert_eq!(json["findings"][0]["fixes"][0]["safety"], safety.as_str());
    }
}

/// What a declaration, a file name or a pack may hold.
const HOSTILE: [&str; 12] = [
    "\u{1b}[31mred\u{1b}[0m \u{1b}]8;;http://evil\u{7}",
    "one\r\ntwo\nthree\r",
    "[click](https://evil.example) ](1) [2](2)",
    "<script>alert(1)</script> &amp; <!-- -->",
    "::error::file=x %0A ##vso[task] ##[error]",
    "\u{202e}txet\u{2066}x\u{2069}\u{200b}\u{feff}\u{e0041}",
    "a\0b\u{7f}c\u{9b}d\u{85}e\u{2028}f",
    "\u{fffd}\u{ffff}\u{d7ff}\u{e000} \\ud800 \\u0000",
    "😀👩‍💻𐐀 語 é ñ",
    "\"quoted\" \\ back / slash {0} {{x}} ${y}",
    "",
    "@team #1 ../../etc/passwd C:\\x",
];

#[test]
fn hostile_text_comes_back_and_steers_nothing() {
    let long = "x😀".repeat(50_000);
    for raw in HOSTILE.into_iter().chain([long.as_str()]) {
        let mut at = Files { map: SourceMap::new() };
        let path = format!("{raw}/purposes.yaml");
        at.add(&path, &format!("title: {raw:?}\nvalue: here\n"));
        let here = at.label("here", raw);
        let mut finding = fail(&format!("acme/{raw}"), Severity::Error, here.clone());
        finding.title = raw.into();
        finding.message = format!("`{raw}` is");
        finding.help = Some(raw.into());
        finding.news = Some(raw.into());
        finding.service = Some(raw.into());
        finding.labels = vec![at.label("here", "ours")];
        finding.cells = [cell(raw)].into();
        finding.cites = vec![cite(raw, &[raw], None)].into();
        finding.fixes = vec![Fix {
            title: raw.into(),
            safety: Safety::Safe,
            edits: vec![Edit { span: here.span, text: raw.into() }],
        }];
        finding.suppressed = Some(Box::new(Suppressed {
            by: SuppressedBy::Waiver,
            reason: Some(raw.into()),
            owner: Some(raw.into()),
            approver: Some(raw.into()),
            expires: None,
            place: Some(here.span),
            was: Severity::Error,
        }));
        let report = report(vec![finding]);
        let options = with_suppressed();
        for format in HOSTS {
            let written = render_with(format, &report, &at.map, &no_packs(), &options);
            let steers = |c: char| {
                c != '\n'
                    && (c.is_control()
                        || matches!(c, '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0041}'))
            };
            assert!(!written.contains(steers), "{format}: {raw:.80?}");
            let value: Value = serde_json::from_str(&written).unwrap();
            let (rule, path_of, message) = match format {
                Format::Gitlab => {
                    (&value[0]["check_name"], value[0]["location"]["path"].clone(), &value[0]["description"])
                }
                Format::Rdjson => {
                    let item = &value["diagnostics"][0];
                    (&item["code"]["value"], item["location"]["path"].clone(), &item["message"])
                }
                _ => {
                    let item = &value["runs"][0]["results"][0];
                    let uri = item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
                    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%:".contains(c);
                    assert!(uri.chars().all(plain), "{uri:.80}");
                    let uri = uri.strip_prefix("file://").unwrap_or(uri);
                    (&item["ruleId"], Value::from(decoded(uri)), &item["message"]["text"])
                }
            };
            assert_eq!(rule, &format!("acme/{raw}"), "{format}");
            assert_eq!(path_of, path, "{format}");
            let message = message.as_str().unwrap();
            assert!(message.chars().count() < 8_000, "{format}: a message is for people");
            assert!(!message.contains(steers), "{format}: {message:.200?}");
            if format == Format::Sarif {
                assert_eq!(links(message), ["1"], "only our own link: {message:.300}");
            }
        }
    }
}

/// The targets of all links in a message, as SARIF has them.
fn links(message: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = false;
    let mut chars = message.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '[' => open = true,
            ']' if open && chars.peek() == Some(&'(') => {
                out.push(chars.by_ref().skip(1).take_while(|c| *c != ')').collect());
                open = false;
            }
            ']' => open = false,
            _ => {}
        }
    }
    out
}

fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            byte => byte,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).unwrap()
}
