//! Declarations to findings and reports: all places lie in the text, nothing is skipped in silence, twice is the same, and so it
//! is with other line breaks.

use purposelint::evaluate::{Finding, Outcome};
use purposelint::lint::{Report, Setup, lint};
use purposelint::source::SourceMap;

use super::judge::{Case, check, texts, write};

/// Longer texts are judged once less.
const SHORT: usize = 2_048;

/// Reads bytes as declarations of one workspace: parts behind a line `=====` are further files. `# all packs` asks for all rules.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let case = Case::new(&texts(text));
    let report = case.lint();
    check(&report, &case.sources);
    write(&report, &case.sources, case.library);
    let open = report.found().filter(|finding| finding.is_open() && finding.outcome == Outcome::Undetermined);
    assert_eq!(report.checked.undetermined, open.count());
    strict(&case, &report);
    if text.len() > SHORT {
        return;
    }
    let again = case.lint();
    assert_eq!(report.findings, again.findings, "judged twice");
    assert_eq!(report.checked, again.checked, "judged twice");
    if !text.contains('\r') {
        let texts: Vec<String> = texts(text).iter().map(|text| text.replace('\n', "\r\n")).collect();
        let other = Case::new(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(
            told(&report, &case.sources),
            told(&other.lint(), &other.sources),
            "with other line breaks:\n{text}"
        );
    }
}

/// What is found, by line and column.
fn told(report: &Report, sources: &SourceMap) -> Vec<String> {
    let one = |finding: &Finding| {
        let place = sources.start(finding.primary.span);
        format!("{}:{}: {} {:?}", place.line, place.column, finding.rule, finding.outcome)
    };
    report.found().map(one).collect()
}

/// What comments accept is marked and stays.
fn strict(case: &Case, report: &Report) {
    let strict = lint(&case.sources, &case.files, &Setup { accepting: None, ..case.setup() });
    for finding in &strict.findings {
        let same = |other: &&Finding| {
            other.rule == finding.rule && other.primary == finding.primary && other.message == finding.message
        };
        assert!(report.found().any(|other| same(&other)), "gone, not accepted: {finding:?}");
    }
}
