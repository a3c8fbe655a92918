//! A waiver in the config, but for what a person has to decide: why, who answers for it, and until when.

use gen_lsp_types::{CodeAction, Range};

use super::super::here::Here;
use super::super::server::Server;
use super::{edits, is_plain_id, quick_fix};
use crate::config::LedBy;
use crate::diagnostic::Edit;
use crate::discover::CONFIG;
use crate::evaluate::{Finding, Subject};
use crate::model::EntityKind;
use crate::schema::is_id;
use crate::source::Span;
use crate::suppress::is_about_suppressions;
use crate::syntax::word_for;

/// Offers it where a waiver accepts findings of the rule.
pub(super) fn offer(server: &Server, here: Here<'_>, finding: &Finding) -> Option<CodeAction> {
    let workspace = &here.sound.workspace;
    let is_locked = workspace.config.lock_of(&finding.rule).is_some();
    if !has_plain_ids(finding) {
        return None;
    }
    if !finding.is_open() || is_locked || is_about_suppressions(&finding.rule, &here.sound.engine.library) {
        return None;
    }
    let own = workspace.config.layers.iter().find(|layer| layer.led_by == LedBy::Workspace).map(|layer| layer.file);
    let title = format!("Waive `{}` in {CONFIG}; write why, who answers for it and until when", finding.rule);
    let edit = match own {
        Some(file) => {
            let edit = edit(Here { file, ..here }, finding)?;
            let range = server.range(here.sound, edit.span);
            edits::insert(server, &here.sound.path(file), range, edit.text, false)
        }
        None if server.client.versioned_edits && server.client.creates_files => {
            let text = format!("version: 1\nwaivers:\n{}", entry("  ", "\n", finding));
            edits::insert(server, &workspace.root.join(CONFIG), Range::default(), text, true)
        }
        None => return None,
    };
    Some(CodeAction { edit: Some(edit), ..quick_fix(title) })
}

/// Behind the last waiver, or behind the last key with the key. `None` where that would be no small edit, as in brackets.
fn edit(config: Here<'_>, finding: &Finding) -> Option<Edit> {
    let source = config.source()?;
    let text = source.text();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let tree = config.tree();
    let root = tree.documents().first().and_then(|document| tree.root(document));
    let broken = |at: usize| if at == text.len() && !text.is_empty() && !text.ends_with('\n') { end } else { "" };
    let insert = |at: usize, text: String| Some(Edit { span: Span::new(config.file, at, at), text });
    let Some(root) = root.filter(|root| root.is_mapping()) else {
        // a sign that ends the document would leave what follows it to another
        let is_comment = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let at = text.len();
        let new = || format!("{}waivers:{end}{}", broken(at), entry("  ", end, finding));
        return text.lines().all(is_comment).then(|| insert(at, new()))?;
    };
    let Some(list) = root.get("waivers") else {
        let lines = lines(finding).into_iter().map(|line| format!("  {line}"));
        return root.entry_slot()?.lines(&std::iter::once("waivers:".to_owned()).chain(lines).collect::<Vec<_>>());
    };
    let (first, last) = (list.value.items().next()?, list.value.items().last()?);
    // the dash of the first item tells how far items stand in
    let line = text.get(source.line_range(source.line_of(first.span().start as usize)))?;
    let indent = line.get(..line.find("- ")?).filter(|indent| indent.trim().is_empty())?;
    let at = source.line_range(source.line_of((last.span().end as usize).saturating_sub(1))).end;
    insert(at, format!("{}{}", broken(at), entry(indent, end, finding)))
}

/// Whether what a waiver has to name can be written into it: any other text could be a glob, or an entry of its own.
fn has_plain_ids(finding: &Finding) -> bool {
    let service = finding.service.as_deref().is_none_or(|service| is_id("service", service));
    let purpose = purpose(finding).is_none_or(|purpose| is_id(EntityKind::Purpose.key(), purpose));
    is_plain_id(&finding.rule) && service && purpose
}

/// The purpose that a finding is about.
fn purpose(finding: &Finding) -> Option<&str> {
    match &finding.subject {
        Subject::Entity(EntityKind::Purpose, id) => Some(id),
        _ => None,
    }
}

/// The entry for a finding, with a break behind each line.
fn entry(indent: &str, end: &str, finding: &Finding) -> String {
    lines(finding).iter().map(|line| format!("{indent}{line}{end}")).collect()
}

/// The lines of the entry for a finding. What is left empty is an error of the config until somebody fills it in.
fn lines(finding: &Finding) -> Vec<String> {
    let mut lines = vec![format!("- rule: {}", finding.rule)];
    let named = [("services", finding.service.as_deref()), ("purposes", purpose(finding))];
    // an id may be a word that means something else without quotes
    lines.extend(named.into_iter().filter_map(|(key, id)| Some(format!("  {key}: [{}]", word_for("", id?)))));
    lines.extend(["reason", "owner", "expires"].map(|key| format!("  {key}:")));
    lines
}
