//! What declarations say that does not count, because it means nothing or contradicts what else they say.

use super::Skipped;
use crate::diagnostic::Diagnostic;
use crate::policy::Library;
use crate::source::{SourceMap, Span};
use crate::suppress::is_reading;

/// Whether what a rule of `core` flags is left out, so that the rest says less than was written. A word of no vocabulary and a name
/// that nothing has are taken as they are written, what names a plan is told as unclear, and a tie is read.
pub fn leaves_out(rule: &str, library: &Library) -> bool {
    let is_taken = matches!(rule, "core/unknown-term" | "core/unknown-plan" | "core/unknown-reference");
    !is_taken && library.rule(rule).is_none_or(is_reading)
}

/// As [`leaves_out`], of what is not yet a finding.
pub fn is_left_out(problem: &Diagnostic, library: &Library) -> bool {
    leaves_out(&format!("core/{}", problem.code), library)
}

impl Skipped {
    /// A file of which something was left out, where and why; `was` is what became of the rest: compared, counted.
    pub fn in_part(sources: &SourceMap, place: Span, was: &str, why: &str) -> Self {
        let reason = format!("not all of it {was}: line {}: {why}", sources.start(place).line);
        Self { what: sources.path(place.file).to_owned(), reason }
    }
}
