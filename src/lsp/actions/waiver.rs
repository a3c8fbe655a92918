//! A waiver in the config, but for what a person has to decide: why, who answers for it, and until when.

use gen_lsp_types::{CodeAction, Position, Range};

use super::super::here::Here;
use super::super::server::Server;
use super::{edits, quick_fix};
use crate::config::LedBy;
use crate::discover::CONFIG;
use crate::evaluate::{Finding, Subject};
use crate::model::EntityKind;
use crate::source::FileId;
use crate::suppress::is_about_suppressions;

/// Offers it where a waiver accepts findings of the rule.
pub(super) fn offer(server: &Server, here: Here<'_>, finding: &Finding) -> Option<CodeAction> {
    let workspace = &here.sound.workspace;
    let is_locked = workspace.config.lock_of(&finding.rule).is_some();
    if !finding.is_open() || is_locked || is_about_suppressions(&finding.rule, &here.sound.engine.library) {
        return None;
    }
    let own = workspace.config.layers.iter().find(|layer| layer.led_by == LedBy::Workspace).map(|layer| layer.file);
    let title = format!("Waive `{}` in {CONFIG}; write why, who answers for it and until when", finding.rule);
    let edit = match own {
        Some(file) => {
            let (at, text) = place(Here { file, ..here }, finding)?;
            edits::insert(server, &here.sound.path(file), at.at(server, here, file), text, false)
        }
        None if server.client.versioned_edits && server.client.creates_files => {
            let text = format!("version: 1\nwaivers:\n{}", entry("  ", "\n", finding));
            edits::insert(server, &workspace.root.join(CONFIG), Range::default(), text, true)
        }
        None => return None,
    };
    Some(CodeAction { edit: Some(edit), ..quick_fix(title) })
}

/// The byte of a config at which an entry goes in.
struct At(usize);

impl At {
    fn at(&self, server: &Server, here: Here<'_>, file: FileId) -> Range {
        let Some(source) = here.sound.workspace.sources.get(file) else { return Range::default() };
        let start: Position = server.client.encoding.position(source, self.0);
        Range { start, end: start }
    }
}

/// Behind the last waiver, or at the end with the key. `None` where the list is written in brackets.
fn place(config: Here<'_>, finding: &Finding) -> Option<(At, String)> {
    let source = config.source()?;
    let text = source.text();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let tree = config.tree();
    let root = tree.documents().first().and_then(|document| tree.root(document));
    let lines_end = |offset: usize| source.line_range(source.line_of(offset)).end;
    let broken = |at: usize| if at == text.len() && !text.is_empty() && !text.ends_with('\n') { end } else { "" };
    let Some(list) = root.and_then(|root| root.get("waivers")) else {
        let at = text.len();
        return Some((At(at), format!("{}waivers:{end}{}", broken(at), entry("  ", end, finding))));
    };
    let (first, last) = (list.value.items().next()?, list.value.items().last()?);
    // the dash of the first item tells how far items stand in
    let line = text.get(source.line_range(source.line_of(first.span().start as usize)))?;
    let indent = line.get(..line.find("- ")?).filter(|indent| indent.trim().is_empty())?;
    let at = lines_end((last.span().end as usize).saturating_sub(1));
    Some((At(at), format!("{}{}", broken(at), entry(indent, end, finding))))
}

/// The entry for a finding. What is left empty is an error of the config until somebody fills it in.
fn entry(indent: &str, end: &str, finding: &Finding) -> String {
    let mut lines = vec![format!("- rule: {}", finding.rule)];
    lines.extend(finding.service.iter().map(|service| format!("  services: [{service}]")));
    if let Subject::Entity(EntityKind::Purpose, id) = &finding.subject {
        lines.push(format!("  purposes: [{id}]"));
    }
    lines.extend(["reason", "owner", "expires"].map(|key| format!("  {key}:")));
    lines.iter().map(|line| format!("{indent}{line}{end}")).collect()
}
