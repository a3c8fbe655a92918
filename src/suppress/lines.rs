//! Which findings the comments of a workspace accept together: one that several lines decide needs a comment at each of them, or one
//! at its subject. Else a comment for one line would accept whatever is written on another later.

use std::collections::BTreeMap;

use super::Markable;
use super::comment::{Claim, Ignore};
use crate::diagnostic::Diagnostic;
use crate::evaluate::{Finding, Suppressed, SuppressedBy};
use crate::source::{FileId, SourceMap, Span};
use crate::suggest;

/// A line of a file, 0-based.
pub(super) type Line = (FileId, usize);

/// Most lines that are named where no comment stands at them.
pub(super) const NAMED: usize = 4;

/// The places that decide a finding, the one that it points at in front.
pub(super) fn deciders(finding: &Finding) -> impl Iterator<Item = Span> {
    [finding.primary.span].into_iter().chain(finding.deciding.iter().copied())
}

/// The line of a place.
pub(super) fn line_of(span: Span, sources: &SourceMap) -> Line {
    (span.file, sources.get(span.file).map_or(0, |source| source.line_of(span.start as usize)))
}

/// Comments by their lines and the rules that they name.
type Comments<'i> = BTreeMap<(Line, &'i str), Vec<&'i Ignore>>;

/// Marks what comments that hold accept. Gives what is wrong with those that do so for some of the lines of a finding only.
pub(super) fn accept<F: Markable>(findings: &mut [F], holding: &[Claim<'_>], sources: &SourceMap) -> Vec<Diagnostic> {
    let mut comments: Comments<'_> = BTreeMap::new();
    let mut of_finding: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, Claim { ignore, rule, meant }) in holding.iter().enumerate() {
        if let Some(line) = ignore.line {
            comments.entry(((ignore.span.file, line), &rule.value)).or_default().push(ignore);
        }
        meant.iter().for_each(|at| of_finding.entry(*at).or_default().push(number));
    }
    let mut partial: BTreeMap<usize, (usize, BTreeMap<Line, Span>)> = BTreeMap::new();
    for (at, numbers) in of_finding {
        let Some(held) = findings.get_mut(at) else { continue };
        let finding: &Finding = (*held).borrow();
        if !finding.is_open() {
            continue;
        }
        let claims = || numbers.iter().filter_map(|number| Some((*number, holding.get(*number)?.ignore)));
        let in_time = || claims().filter(|(_, ignore)| ignore.is_in_time(finding));
        match accepting(finding, in_time().map(|(_, ignore)| ignore), &comments, sources) {
            Ok(by) => {
                let suppressed = suppressed(&by, finding);
                held.to_mark().suppressed = Some(Box::new(suppressed));
            }
            Err(open) => {
                for (number, _) in in_time() {
                    partial.entry(number).or_insert_with(|| (at, BTreeMap::new())).1.extend(&open);
                }
            }
        }
    }
    let told = partial.iter().filter_map(|(number, (at, open))| {
        let finding = findings.get(*at)?.borrow();
        Some(incomplete(holding.get(*number)?.ignore, finding, open, sources))
    });
    told.collect()
}

/// The comments that accept a finding: one at its subject, or one at each line that decides. Else the lines that have none.
fn accepting<'i>(
    finding: &Finding,
    mut here: impl Iterator<Item = &'i Ignore>,
    comments: &Comments<'i>,
    sources: &SourceMap,
) -> Result<Vec<&'i Ignore>, BTreeMap<Line, Span>> {
    let declared = finding.declared.map(|span| line_of(span, sources));
    let is_at_subject = |ignore: &&Ignore| ignore.line.is_some_and(|line| Some((ignore.span.file, line)) == declared);
    if let Some(whole) = here.find(is_at_subject) {
        return Ok(vec![whole]);
    }
    let (mut by, mut open): (Vec<&Ignore>, _) = (Vec::new(), BTreeMap::new());
    for span in deciders(finding) {
        let line = line_of(span, sources);
        let there = comments.get(&(line, finding.rule.as_str())).into_iter().flatten();
        match there.copied().find(|ignore| ignore.is_in_time(finding)) {
            Some(ignore) if by.iter().any(|known| known.span == ignore.span) => {}
            Some(ignore) => by.push(ignore),
            None => drop(open.entry(line).or_insert(span)),
        }
    }
    if open.is_empty() { Ok(by) } else { Err(open) }
}

/// What comments accept together, they accept as long as all of them hold.
fn suppressed(by: &[&Ignore], finding: &Finding) -> Suppressed {
    let mut reasons: Vec<&str> = Vec::new();
    for ignore in by.iter().filter(|ignore| !ignore.reason.is_empty()) {
        if !reasons.contains(&&*ignore.reason) {
            reasons.push(&ignore.reason);
        }
    }
    Suppressed {
        by: SuppressedBy::Ignore,
        reason: Some(reasons.join("; ")),
        owner: None,
        approver: None,
        expires: by.iter().filter_map(|ignore| ignore.until.as_ref()).map(|until| until.value).min(),
        place: by.first().map(|ignore| ignore.span),
        was: finding.severity,
    }
}

/// A comment at one of several lines that decide: it is about what stands on its own.
fn incomplete(ignore: &Ignore, finding: &Finding, open: &BTreeMap<Line, Span>, sources: &SourceMap) -> Diagnostic {
    let name = |(line, span): (&Line, &Span)| match line.0 == ignore.span.file {
        true => format!("line {}", line.1 + 1),
        false => format!("line {} of {}", line.1 + 1, sources.path(span.file)),
    };
    let mut lines: Vec<String> = open.iter().take(NAMED).map(name).collect();
    if let Some(more) = open.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("{more} more"));
    }
    let verb = if open.len() == 1 { "also decides" } else { "also decide" };
    let id = finding.subject.id();
    let message = format!(
        "{} {verb} what `{}` flags for `{id}`, so the comment does not ignore it",
        suggest::join(&lines),
        finding.rule
    );
    let each = if open.len() == 1 { "put one there as well" } else { "put one at each of these lines as well" };
    let help = match finding.declared {
        Some(_) => format!("{each}, or put this one above `{id}` to ignore all of it"),
        None => each.to_owned(),
    };
    let wrong = Diagnostic::new("malformed-ignore", ignore.span, message);
    open.values().take(NAMED).fold(wrong, |wrong, span| wrong.label(*span, "also decides")).help(help)
}
