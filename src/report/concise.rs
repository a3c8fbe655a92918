//! One line per finding: `path:line:column: severity[rule] message`.

use std::io::{self, Write};

use super::{Options, escape, notes, visible};
use crate::lint::Report;
use crate::source::SourceMap;

pub(super) fn render(report: &Report, sources: &SourceMap, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in visible(report, options) {
        let span = finding.primary.span;
        let path = escape::text(sources.path(span.file), escape::LONG);
        let start = sources.start(span);
        let word = finding.severity.as_str();
        let rule = escape::text(&finding.rule, escape::SHORT);
        let message = notes::message(finding);
        writeln!(out, "{path}:{}:{}: {word}[{rule}] {message}", start.line, start.column)?;
    }
    Ok(())
}
