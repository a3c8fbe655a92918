//! Declarations to findings and reports: all places lie in the text, nothing is skipped in silence, twice is the same.

use super::judge::{Case, check, texts, write};
use purposelint::evaluate::Outcome;

/// Reads bytes as declarations of one workspace: parts behind a line `=====` are further files. `# all packs` asks for all rules.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let case = Case::new(&texts(text));
    let report = case.lint();
    check(&report, &case.sources);
    let again = case.lint();
    assert_eq!(report.findings, again.findings, "judged twice");
    assert_eq!(report.checked, again.checked, "judged twice");
    write(&report, &case.sources, case.library);
    let open = report.findings.iter().filter(|finding| finding.is_open() && finding.outcome == Outcome::Undetermined);
    assert_eq!(report.checked.undetermined, open.count());
    strict(&case, &report);
}

/// What comments accept is marked and stays.
fn strict(case: &Case, report: &purposelint::lint::Report) {
    let strict = purposelint::lint::lint(
        &case.sources,
        &case.files,
        &purposelint::lint::Setup { accepting: None, ..case.setup() },
    );
    for finding in &strict.findings {
        let same = |other: &&purposelint::evaluate::Finding| {
            other.rule == finding.rule && other.primary == finding.primary && other.message == finding.message
        };
        assert!(report.findings.iter().any(|other| same(&other)), "gone, not accepted: {finding:?}");
    }
}
