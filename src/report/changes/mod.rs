//! What has changed between two revisions, and the findings about it, in the formats of a report.

mod human;

use std::io::{self, Write};

use super::{Format, Options, Run, render as render_report};
use crate::lint::Comparison;
use crate::source::SourceMap;

/// Writes a comparison. Formats that know findings only get those.
pub fn render(
    format: Format,
    comparison: &Comparison,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Human => human::render(comparison, sources, options, out),
        format => render_report(format, &comparison.report, sources, run, options, out),
    }
}
