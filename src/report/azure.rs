//! Logging commands of Azure Pipelines: issues of a build, with their places.

use std::io::{self, Write};

use super::annotation::{Annotation, annotations};
use super::{Options, Run, host_path, place, repository_path, summary};
use crate::diagnostic::Severity;
use crate::lint::Report;
use crate::source::SourceMap;

pub(super) fn render(
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    for reason in summary::failing(report, sources, run) {
        writeln!(out, "##vso[task.logissue type=error;]{}", data(&reason))?;
    }
    let all = annotations(report, options);
    let (issues, remarks): (Vec<_>, Vec<_>) = all.iter().partition(|annotation| annotation.severity > Severity::Info);
    for annotation in issues {
        writeln!(out, "{}", command(annotation, sources, options))?;
    }
    // Azure has no issues below a warning: the log has to do
    for annotation in remarks {
        writeln!(out, "{}", remark(annotation, sources, options))?;
    }
    if !options.quiet {
        summary::lines(report, run.idle, options).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// `##vso[task.logissue type=error;sourcepath=a.yaml;linenumber=6;columnnumber=24;code=pack/rule;]message`
fn command(annotation: &Annotation, sources: &SourceMap, options: &Options) -> String {
    let kind = if annotation.severity == Severity::Error { "error" } else { "warning" };
    let path = host_path(sources, annotation.span.file, options);
    let (start, _) = place::lines(sources, annotation.span);
    let code = annotation.rule.as_deref().map(|rule| format!("code={};", property(rule))).unwrap_or_default();
    // the code is shown beside nothing, so what is no plain error or warning is said in words
    let kind_said = if annotation.kind == kind { String::new() } else { format!("{}: ", annotation.kind) };
    format!(
        "##vso[task.logissue type={kind};sourcepath={};linenumber={};columnnumber={};{code}]{}",
        property(&path),
        start.line,
        start.column,
        data(&format!("{kind_said}{}", annotation.lines.join("\n")))
    )
}

/// `a.yaml:6:24: info[pack/rule] message`, and below it the rest.
fn remark(annotation: &Annotation, sources: &SourceMap, options: &Options) -> String {
    let path = repository_path(sources, annotation.span.file, options);
    let start = sources.start(annotation.span);
    let rule = annotation.rule.as_deref().map(|rule| format!("[{rule}]")).unwrap_or_default();
    let text = annotation.lines.join("\n  ");
    format!("{path}:{}:{}: {}{rule} {text}", start.line, start.column, annotation.kind)
}

fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}
