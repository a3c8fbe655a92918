//! What the program says of the corpus, held against what is true.

use std::collections::BTreeSet;

use serde_json::Value;

use super::truth::{Case, Truth};

/// The rule that says just this: training is on by default.
pub(crate) const RULE: &str = "fair-defaults/ai-training-on-by-default";

const EUROPE: &[&str] = &[
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The findings of the rule in a report of one finding a line.
pub(crate) fn of_rule(report: &str) -> Vec<Value> {
    let lines = report.lines().filter(|line| line.contains(RULE));
    lines.filter_map(|line| serde_json::from_str(line).ok()).filter(|it: &Value| it["rule"] == RULE).collect()
}

/// What is wrong with the findings of the rule in the corpus: nothing, if all purposes, all lines and nobody else were found.
pub(crate) fn wrong(findings: &[Value], truth: &Truth) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for finding in findings {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = (text(&finding["primary"]["file"]), text(&finding["purpose"]));
        let what = format!("{} `{}`", key.0, key.1);
        match truth.0.get(&key) {
            None => wrong.push(format!("{what} is found and should not be")),
            Some(case) => wrong.extend(differences(finding, case).into_iter().map(|it| format!("{what}: {it}"))),
        }
        if !seen.insert(key) {
            wrong.push(format!("{what} is found twice"));
        }
    }
    let missed = truth.0.keys().filter(|key| !seen.contains(*key));
    wrong.extend(missed.map(|(file, purpose)| format!("{file} `{purpose}` is missed")));
    wrong
}

fn differences(finding: &Value, case: &Case) -> Vec<String> {
    let line = |place: &Value| place["start"]["line"].as_u64().unwrap_or_default() as usize;
    let labels = finding["labels"].as_array().into_iter().flatten();
    let on = labels.filter(|label| label["text"].as_str().is_some_and(|text| text.contains("is `on`"))).map(line);
    let primary = line(&finding["primary"]);
    let said: BTreeSet<usize> = on.chain([primary]).collect();
    let cells = finding["cells"].as_array().into_iter().flatten();
    let territories = cells.flat_map(|cell| cell["territories"].as_array().into_iter().flatten());
    let european = territories.filter_map(Value::as_str).any(|territory| EUROPE.contains(&territory));
    let mut out = Vec::new();
    if !case.lines.contains(&primary) {
        out.push(format!("points at line {primary}, which decides nothing"));
    }
    out.extend(case.lines.difference(&said).map(|line| format!("does not show line {line}, which decides")));
    out.extend(said.difference(&case.stated).map(|line| format!("shows line {line}, which does not say `on`")));
    if european == case.european.is_empty() {
        out.push(format!("says {}", if european { "Europe, wrongly" } else { "nothing of Europe" }));
    }
    out
}
