//! The reports for machines keep to their schema.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what fails here is a failing test, and Clippy knows only functions marked as tests"
)]

mod report_help;

use purposelint::diagnostic::{Edit, Fix, Safety, Severity};
use purposelint::evaluate::{Finding, Subject};
use purposelint::lint::Skipped;
use purposelint::model::EntityKind;
use purposelint::report::{Format, Options};
use report_help::*;
use serde_json::Value;

fn schema() -> jsonschema::Validator {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/report.v1.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// One finding of each kind, with everything a finding can have.
fn findings(at: &Files) -> Vec<Finding> {
    let mut full = fail("fair-defaults/ai-training-on-by-default", Severity::Error, at.label("on", "on by default"));
    full.help = Some("set it to `off`".into());
    full.labels = vec![at.label("é", "")];
    let mut cites = vec![cite("GDPR Art. 25(2)", &["EEA"], Some("2018-05-25")), cite("Good practice", &[], None)];
    cites[0].url = Some("https://eur-lex.europa.eu/eli/reg/2016/679/oj".into());
    cites[0].checked = Some("2026-11-21".into());
    cites[1].url = Some("on paper".into());
    cites[1].checked = Some("lately".into());
    cites[1].proposed = true;
    full.cites = cites.into();
    full.fixes = vec![Fix {
        title: "set the default to off".into(),
        safety: Safety::Authoritative,
        edits: vec![Edit { span: at.label("on", "").span, text: "off".into() }],
    }];
    let mut list = vec![full, undetermined("core/fact", &["purpose.retention"], at.label("on", ""))];
    for subject in [
        Subject::Entity(EntityKind::Setting, "improvement".into()),
        Subject::Entity(EntityKind::Notice, "policy".into()),
        Subject::Entity(EntityKind::Organisation, "parent".into()),
        Subject::Service("notes_app".into()),
        Subject::File("purposes.yaml".into()),
    ] {
        let mut finding = fail("core/x", Severity::Info, at.label("on", ""));
        finding.subject = subject;
        finding.service = None;
        finding.cells = [].into();
        finding.counts_from = Some(day("2027-01-01"));
        list.push(finding);
    }
    list
}

#[test]
fn json_keeps_to_its_schema() {
    let at = Files::one("é: 1\ndefault: on\n");
    let mut report = report(findings(&at));
    report.checked.skipped = vec![Skipped { what: "x".into(), reason: "too large".into() }];
    let written = render_to(Format::Json, &report, &at.map, &Options::default());
    let value: Value = serde_json::from_str(&written).unwrap();
    let problems: Vec<String> = schema().iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(written.starts_with("{\n  \"version\": 1,") && written.ends_with("}\n"));

    let finding = &value["findings"][0];
    assert_eq!(finding["purpose"], "model_training");
    assert_eq!(finding["primary"]["start"], serde_json::json!({ "line": 2, "column": 10 }));
    assert_eq!(finding["primary"]["offset"], 15);
    assert_eq!(finding["labels"][0]["end"]["column"], 2);
    assert_eq!(finding["labels"][0]["length"], 2);
    assert_eq!(value["findings"][2]["subject"], serde_json::json!({ "kind": "setting", "id": "improvement" }));
}

#[test]
fn lines_hold_the_same_as_the_document() {
    let at = Files::one("é: 1\ndefault: on\n");
    let whole: Value =
        serde_json::from_str(&written(Format::Json, &at.map, findings(&at), &Options::default())).unwrap();
    let lines = written(Format::Jsonl, &at.map, findings(&at), &Options::default());
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (end, items) = lines.split_last().unwrap();
    assert_eq!(items, whole["findings"].as_array().unwrap());
    for key in ["checked", "version", "as_of", "tool"] {
        assert_eq!(end[key], whole[key]);
    }
}
