//! What an editor is to be shown of some files: that which a fresh run finds in them.

use std::collections::BTreeMap;

use purposelint::evaluate::{Finding, Outcome};
use purposelint::project::{Engine, Workspace};
use purposelint::source::SourceMap;
use purposelint::space::Date;
use serde_json::Value;

/// The day of all runs.
pub(crate) const TODAY: &str = "2026-11-22";

/// A workspace of two services and what they share.
pub(crate) const FILES: [(&str, &str); 4] = [
    (
        "a/purposes.yaml",
        "version: 1\nservice: s\nregions: [EEA, GB]\nplans: [free, paid]\npurposes:\n  p:\n    description: Training 😀\n    use: train_ai_system\n    setting: main\n    recipients: [vendor]\n",
    ),
    (
        "b/purposes.yaml",
        "version: 1\nservice: s\nsettings:\n  main:\n    default: on\n    overrides:\n      - {regions: [EEA], default: off}\n      # purposelint: ignore[fair-defaults/setting-buried]: agreed\n      - {regions: [GB], plans: [paid], default: off}\n",
    ),
    ("c/purposes.yaml", "version: 1\nservice: u\npurposes:\n  q: {use: train_ai_system, setting: {default: on}}\n"),
    (
        "shared.purposes.yaml",
        "version: 1\norganisations:\n  vendor: {role: processor, name: V}\n  nobody: {role: processor}\n",
    ),
];

/// A place as an editor counts it.
pub(crate) fn place(text: &str, offset: usize) -> Value {
    let ends = text
        .char_indices()
        .filter(|(at, c)| *at < offset && (*c == '\n' || (*c == '\r' && !text[*at..].starts_with("\r\n"))));
    let ends: Vec<usize> = ends.map(|(at, _)| at + 1).collect();
    let start = ends.last().copied().unwrap_or(0);
    let before = &text[start..offset];
    let before = if ends.is_empty() { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
    serde_json::json!({ "line": ends.len(), "character": before.encode_utf16().count() })
}

/// What a fresh run finds, as the server shows it: by path, in order.
pub(crate) fn fresh(workspace: &Workspace, engine: &Engine) -> BTreeMap<String, Vec<Value>> {
    let report = engine.lint(workspace, Date::parse(TODAY).unwrap());
    let mut out: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for finding in report.found().filter(|finding| finding.is_visible()) {
        let path = workspace.sources.path(finding.primary.span.file).to_owned();
        out.entry(path).or_default().push(shown(finding, &workspace.sources));
    }
    out
}

fn shown(finding: &Finding, sources: &SourceMap) -> Value {
    let span = finding.primary.span;
    let text = sources.get(span.file).unwrap().text();
    let severity = match (finding.severity.as_str(), finding.outcome) {
        ("error", _) => 1,
        ("warning", _) => 2,
        (_, Outcome::Fail) => 3,
        _ => 4,
    };
    let related: Vec<Value> = finding
        .labels
        .iter()
        .map(|label| place(&sources.get(label.span.file).unwrap().text(), label.span.start as usize))
        .collect();
    let range = [place(&text, span.start as usize), place(&text, span.end as usize)];
    serde_json::json!([range, severity, finding.rule, finding.fingerprint, related])
}

/// A diagnostic, in the form of [`shown`].
pub(crate) fn told(item: &Value) -> Value {
    let range = [&item["range"]["start"], &item["range"]["end"]];
    let related = item["relatedInformation"].as_array().into_iter().flatten();
    let related: Vec<&Value> = related.map(|related| &related["location"]["range"]["start"]).collect();
    serde_json::json!([range, item["severity"], item["code"], item["data"]["fingerprint"], related])
}
