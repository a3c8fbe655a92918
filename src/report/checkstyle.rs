//! Checkstyle's XML: findings by file, for services that know no format of their own.

use std::io::{self, Write};

use super::escape::{self, LONG, SHORT, xml};
use super::{Options, Run, host_path, notes, place, summary, visible};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Finding, Outcome};
use crate::lint::Report;
use crate::order::Order;
use crate::source::{FileId, SourceMap, Span};

/// The version of Checkstyle whose format this is.
const VERSION: &str = "4.3";

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"{VERSION}\">")?;
    let mut rows: Vec<Row> = report.refused.iter().map(Row::refused).collect();
    rows.extend(visible(report, options).map(Row::new));
    rows.order_by_key(|row| row.span);
    for file in rows.chunk_by(|a, b| a.span.file == b.span.file) {
        let Some(first) = file.first() else { continue };
        of_file(first.span.file, file, sources, options, out)?;
    }
    // what fails a run is an error of nothing smaller than the folder, or services would take the run for a pass
    let failing = summary::failing(report, sources, run);
    if !failing.is_empty() {
        writeln!(out, "  <file name=\".\">")?;
        for reason in &failing {
            let message = escape::xml_lines(reason);
            writeln!(out, "    <error severity=\"error\" message=\"{message}\" source=\"purposelint.run.failed\"/>")?;
        }
        writeln!(out, "  </file>")?;
    }
    // the format has no place for what was not judged, and a file without errors would look like a pass
    for line in summary::lines(report, run.idle, options) {
        writeln!(out, "<!-- {} -->", comment(&line))?;
    }
    writeln!(out, "</checkstyle>")
}

fn of_file(file: FileId, rows: &[Row], sources: &SourceMap, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  <file name=\"{}\">", escape::xml_lines(&host_path(sources, file, options)))?;
    for row in rows {
        let (start, _) = place::lines(sources, row.span);
        writeln!(
            out,
            "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"{}\"/>",
            start.line,
            start.column,
            row.severity,
            escape::xml_lines(&row.message),
            row.source
        )?;
    }
    writeln!(out, "  </file>")
}

struct Row {
    span: Span,
    severity: Severity,
    message: String,
    source: String,
}

impl Row {
    fn new(finding: &Finding) -> Self {
        let mut message = escape::text(&finding.message, LONG).into_owned();
        let remarks = [
            (finding.outcome == Outcome::Undetermined).then(|| "undetermined".to_owned()),
            finding.counts_from.map(|day| format!("counts from {day}")),
            notes::news(finding),
            finding.suppressed.as_deref().map(notes::accepted),
        ];
        message.extend(remarks.into_iter().flatten().map(|remark| format!(" ({remark})")));
        Self { span: finding.primary.span, severity: finding.severity, message, source: source(&finding.rule) }
    }

    fn refused(diagnostic: &Diagnostic) -> Self {
        Self {
            span: diagnostic.primary.span,
            severity: Severity::Error,
            message: notes::refused(diagnostic),
            source: source(&format!("core/{}", diagnostic.code)),
        }
    }
}

/// `purposelint.pack.rule`: readers take what stands behind the last dot for the type and what stands before it for the category.
fn source(rule: &str) -> String {
    xml(&format!("purposelint.{}", rule.replace('/', ".")), SHORT)
}

/// A comment may not hold two hyphens, nor end with one.
fn comment(line: &str) -> String {
    escape::xml_lines(line).replace("--", "- - ")
}
