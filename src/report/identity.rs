//! What a finding is known by from one run to the next, where a host keeps a list of what it has seen.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::diagnostic::Diagnostic;
use crate::evaluate::{Finding, Subject};
use crate::lint::Report;
use crate::source::SourceMap;

/// 32 hex digits for each finding, no two alike. The first 16 are its fingerprint; the others tell findings with one
/// fingerprint apart: by what is missing, by the message of what the program raises itself, and at last by their order.
/// Lines play no part, so a finding stays itself when text moves.
pub(super) fn identities(report: &Report) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let identity = |finding: &Finding| {
        // what the program raises itself may be found several times for one subject
        let is_raised = finding.rule.starts_with("core/") || matches!(finding.subject, Subject::File(_));
        let message = if is_raised { finding.message.as_str() } else { "" };
        let rest = [finding.outcome.as_str(), &finding.missing.join("\0"), message].join("\0\0");
        let known = seen.entry(format!("{}{rest}", finding.fingerprint)).or_default();
        *known += 1;
        format!("{}{:016x}", finding.fingerprint, xxh3_64(format!("{rest}\0\0{known}").as_bytes()))
    };
    report.found().map(identity).collect()
}

/// The same for what could not be judged: by its file and what is the matter.
pub(super) fn of_refused(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let path = sources.path(diagnostic.primary.span.file);
    format!("{:016x}{:016x}", xxh3_64(path.as_bytes()), xxh3_64(diagnostic.message.as_bytes()))
}
