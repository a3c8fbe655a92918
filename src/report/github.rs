//! Workflow commands of GitHub Actions: annotations at the lines of a pull request.

use std::io::{self, Write};

use super::annotation::{Annotation, annotations};
use super::{Options, Run, host_path, place, summary};
use crate::diagnostic::Severity;
use crate::lint::Report;
use crate::source::SourceMap;

/// Annotations of one level that GitHub keeps for a step; it drops the rest without a word.
const KEPT: usize = 10;

/// The levels, with the words of GitHub.
const LEVELS: [(Severity, &str); 3] =
    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "notice")];

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let failing = summary::failing(report, sources, run);
    failing.iter().take(KEPT).try_for_each(|reason| error(reason, out))?;
    let (shown, left_out) = fitting(annotations(report, options), failing.len());
    for annotation in &shown {
        writeln!(out, "{}", command(annotation, sources, options))?;
    }
    if !left_out.is_empty() {
        writeln!(out, "::notice title=purposelint::{}", data(&said(&left_out)))?;
    }
    if !options.quiet {
        summary::lines(report, run.idle, options).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// An annotation of the run as a whole.
fn error(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "::error title=purposelint::{}", data(text))
}

/// Parts what GitHub will keep from the rest. Where there is a rest, one notice is needed to say so.
/// `errors` have been written already.
fn fitting(all: Vec<Annotation>, errors: usize) -> (Vec<Annotation>, Vec<Annotation>) {
    let of = |list: &[Annotation], severity| list.iter().filter(|one| one.severity == severity).count();
    let room = |severity| if severity == Severity::Error { KEPT.saturating_sub(errors) } else { KEPT };
    let has_rest = LEVELS.iter().any(|(severity, _)| of(&all, *severity) > room(*severity));
    let (mut shown, mut left_out) = (Vec::new(), Vec::new());
    for annotation in all {
        let kept = if has_rest && annotation.severity == Severity::Info { KEPT - 1 } else { room(annotation.severity) };
        if of(&shown, annotation.severity) < kept { shown.push(annotation) } else { left_out.push(annotation) }
    }
    (shown, left_out)
}

/// `3 errors and 14 warnings are not shown here: …`
fn said(left_out: &[Annotation]) -> String {
    let counts: Vec<String> = LEVELS
        .into_iter()
        .map(|(severity, word)| (left_out.iter().filter(|left| left.severity == severity).count(), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| summary::count(number, word))
        .collect();
    let verb = if left_out.len() == 1 { "is" } else { "are" };
    format!(
        "{} {verb} not shown as annotations, because GitHub keeps {KEPT} of each level per step; `--format markdown` has all of them, for the job summary",
        crate::suggest::join(&counts)
    )
}

/// `::error file=a.yaml,line=6,col=24,endLine=6,endColumn=26,title=pack/rule::message`
fn command(annotation: &Annotation, sources: &SourceMap, options: &Options) -> String {
    let level = LEVELS.iter().find(|(severity, _)| *severity == annotation.severity).map_or("notice", |(_, word)| word);
    let path = host_path(sources, annotation.span.file, options);
    let (start, end) = place::lines(sources, annotation.span);
    // columns that belong to two lines are refused, and the annotation with them
    let columns = if start.line == end.line {
        (format!(",col={}", start.column), format!(",endColumn={}", end.column))
    } else {
        (String::new(), String::new())
    };
    format!(
        "::{level} file={},line={}{},endLine={}{},title={}::{}",
        property(&path),
        start.line,
        columns.0,
        end.line,
        columns.1,
        property(&annotation.title),
        data(&annotation.lines.join("\n"))
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
