//! What can be done about a finding, at the press of a key.
//!
//! Every edit names the version of the buffer that it was made for, so an editor that has gone on does not apply it.

mod edits;
mod ignore;
mod page;
mod waiver;

use gen_lsp_types::{CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, CodeActionTriggerKind};

pub(super) use edits::of as workspace_edit;
pub(super) use page::{OPEN_PAGE, execute};

use super::diagnostics::Showing;
use super::here::Here;
use super::server::Server;
use crate::diagnostic::Safety;
use crate::evaluate::Finding;
use crate::order::Order;
use crate::source::Span;

/// Repairs all that changes form only; for an editor that does so when it saves.
pub(super) const FIX_ALL: &str = "source.fixAll.purposelint";

/// The actions for a stretch of a file.
pub(super) fn offer(server: &Server, params: &CodeActionParams) -> Option<Vec<CodeActionResponse>> {
    let here = server.declaration(&params.text_document.uri).or_else(|| server.config(&params.text_document.uri))?;
    let stretch = server.span(here, params.range)?;
    let wants = |kind: &str| match &params.context.only {
        Some(only) => only.iter().any(|wanted| is_below(kind, &wanted.to_string())),
        None => true,
    };
    let mut actions = Vec::new();
    if wants("quickfix") {
        let mut offers = Vec::new();
        for finding in here.sound.findings(here.file).iter().filter(|finding| touches(finding, stretch)) {
            if server.settings.shows(finding, &here.sound.engine.library) {
                of_finding(server, here, finding, &mut offers);
            }
        }
        actions = merged(offers);
    }
    // a client that looks at each move of the cursor whether there is anything to offer does not want the whole file repaired
    let by_itself =
        params.context.only.is_none() && params.context.trigger_kind == Some(CodeActionTriggerKind::Automatic);
    if wants(FIX_ALL) && !by_itself {
        actions.extend(edits::fix_all(server, here));
    }
    Some(actions.into_iter().map(CodeActionResponse::CodeAction).collect())
}

/// What an action does about a finding. People look for the first of these first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Does {
    Repair,
    Ignore,
    Waive,
    Read,
}

/// Each action once, about all findings that it is offered for.
fn merged(offers: Vec<(Does, CodeAction)>) -> Vec<CodeAction> {
    let mut out: Vec<(Does, CodeAction)> = Vec::new();
    for (does, offer) in offers {
        let is_same = |known: &CodeAction| known.title == offer.title && known.edit == offer.edit;
        match out.iter_mut().find(|(_, known)| is_same(known)) {
            Some((_, known)) => {
                known.diagnostics.get_or_insert_default().extend(offer.diagnostics.into_iter().flatten());
                known.is_preferred = known.is_preferred.max(offer.is_preferred);
            }
            None => out.push((does, offer)),
        }
    }
    out.order_by_key(|(does, _)| *does);
    out.into_iter().map(|(_, action)| action).collect()
}

/// Whether a kind is one that is asked for: the same, or below it.
fn is_below(kind: &str, wanted: &str) -> bool {
    wanted.is_empty() || kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn touches(finding: &Finding, stretch: Span) -> bool {
    let span = finding.primary.span;
    span.file == stretch.file && span.start <= stretch.end && stretch.start <= span.end
}

fn of_finding(server: &Server, here: Here<'_>, finding: &Finding, offers: &mut Vec<(Does, CodeAction)>) {
    let locate = |span: Span| Some(server.location(here.sound, span));
    let showing = Showing { sources: &here.sound.workspace.sources, client: &server.client, locate };
    let diagnostic = showing.finding(finding, &here.sound.engine.library);
    let about = |action: CodeAction| CodeAction { diagnostics: Some(vec![diagnostic.clone()]), ..action };
    let line = here.sound.workspace.sources.start(finding.primary.span).line;
    for fix in &finding.fixes {
        let is_preferred = finding.fixes.len() == 1
            && fix.safety == Safety::Safe
            && here.sound.repaired(here.file).keeps(fix, finding, line);
        let edit = edits::of(server, here.sound, &fix.edits);
        let title = match here.sound.contradiction(finding, fix) {
            Some((file, word)) => format!("{}; `{file}` has `{word}`, to be changed first", fix.title),
            None => fix.title.clone(),
        };
        let action = CodeAction { is_preferred: Some(is_preferred), edit: Some(edit), ..quick_fix(title) };
        offers.push((Does::Repair, about(action)));
    }
    let others = [
        (Does::Ignore, ignore::offer(server, here, finding)),
        (Does::Waive, waiver::offer(server, here, finding)),
        (Does::Read, page::offer(server, here, finding)),
    ];
    offers.extend(others.into_iter().filter_map(|(does, action)| Some((does, about(action?)))));
}

fn quick_fix(title: String) -> CodeAction {
    CodeAction { kind: Some(CodeActionKind::QuickFix), ..plain(title) }
}

/// Whether a rule is called so that its id can be written as it is, in a config and in a comment. The folder of a pack may have any
/// name.
fn is_plain_id(rule: &str) -> bool {
    rule.starts_with(char::is_alphanumeric) && rule.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c))
}

fn plain(title: String) -> CodeAction {
    CodeAction {
        title,
        kind: None,
        diagnostics: None,
        is_preferred: None,
        disabled: None,
        edit: None,
        command: None,
        data: None,
        tags: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_it_is_means_nothing_else() {
        for (rule, is) in [
            ("fair-defaults/ai-training-on-by-default", true),
            ("privé/opt_in.v2", true),
            ("acme/x]: agreed", false),
            ("acme/x\ny", false),
            ("acme/*", false),
            ("!acme/x", false),
            ("", false),
        ] {
            assert_eq!(is_plain_id(rule), is, "{rule:?}");
        }
    }

    #[test]
    fn kinds_are_asked_for_by_their_beginning() {
        for (kind, wanted, is) in [
            ("quickfix", "quickfix", true),
            ("quickfix", "", true),
            (FIX_ALL, "source", true),
            (FIX_ALL, "source.fixAll", true),
            (FIX_ALL, "source.fix", false),
            ("quickfix", "quickfix.more", false),
        ] {
            assert_eq!(is_below(kind, wanted), is, "{kind} {wanted}");
        }
    }
}
