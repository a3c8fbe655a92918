//! A comment that ignores a finding, but for the reason, which a person has to give: until then it ignores nothing, and is flagged
//! for that.

use std::collections::BTreeSet;

use gen_lsp_types::{CodeAction, Position, Range};

use super::super::here::Here;
use super::super::server::Server;
use super::{edits, is_plain_id, quick_fix};
use crate::evaluate::Finding;
use crate::source::Span;
use crate::suppress::{about, may_be_known};

/// Offers the comment where comments ignore findings of the rule.
pub(super) fn offer(server: &Server, here: Here<'_>, finding: &Finding) -> Option<CodeAction> {
    let library = &here.sound.engine.library;
    let is_open = finding.is_open() && may_be_known(&finding.rule, Some(&here.sound.workspace.config), library);
    let place = place(here, finding).filter(|_| is_open && is_plain_id(&finding.rule))?;
    let source = here.sound.workspace.sources.get(place.file)?;
    let whole = source.text();
    let line = whole.line_of(place.start as usize);
    let text = whole.get(whole.line_range(line))?;
    let indent = &text.trim_start_matches('\u{feff}');
    let indent = indent.get(..indent.len() - indent.trim_start_matches([' ', '\t']).len())?;
    let end = if text.ends_with("\r\n") { "\r\n" } else { "\n" };
    let start = Position { line: u32::try_from(line).ok()?, character: 0 };
    let comment = format!("{indent}# purposelint: ignore[{}]: {end}", finding.rule);
    let edit = edits::insert(server, &here.sound.path(place.file), Range { start, end: start }, comment, false);
    let title = format!("Ignore `{}` here; write the reason after the colon", finding.rule);
    Some(CodeAction { edit: Some(edit), ..quick_fix(title) })
}

/// The line that the comment belongs above: that of the finding, or that of its subject where the line is about several things, is one of
/// several that decide, or begins inside a text, of which the comment would become a part.
fn place(here: Here<'_>, finding: &Finding) -> Option<Span> {
    let line = |span: Span| Some(here.sound.workspace.sources.get(span.file)?.line_of(span.start as usize));
    let own = line(finding.primary.span)?;
    let findings = here.sound.findings(finding.primary.span.file).iter();
    let there = findings.filter(|other| other.rule == finding.rule && line(other.primary.span) == Some(own));
    let things = there.map(|other| about(other)).collect::<BTreeSet<_>>().len();
    let own = Some(finding.primary.span).filter(|_| things < 2 && finding.deciding.is_empty());
    [own, finding.declared].into_iter().flatten().find(|span| !begins_in_text(here, *span))
}

/// Whether the line at a place begins inside a scalar.
fn begins_in_text(here: Here<'_>, place: Span) -> bool {
    let Some(source) = here.sound.workspace.sources.get(place.file) else { return false };
    let start = source.text().line_range(source.line_of(place.start as usize)).start;
    let tree = Here { file: place.file, ..here }.tree();
    let scalar = tree.at(start).and_then(|way| way.scalar()).map(|scalar| scalar.span());
    scalar.is_some_and(|scalar| (scalar.start as usize) < start && start < scalar.end as usize)
}
