//! Another id for a thing, in all files at once.

use gen_lsp_types::{
    PrepareRenamePlaceholder, PrepareRenameResult, RenameParams, TextDocumentPositionParams, WorkspaceEdit,
};
use lsp_server::ErrorCode;

use super::actions::workspace_edit;
use super::dispatch::Refused;
use super::here::Here;
use super::names::{is_at, meant};
use super::server::Server;
use crate::names::{Name, Names, Refusal, Renaming, in_config};
use crate::source::Span;

/// What would be renamed at a place.
pub(super) fn prepare(
    server: &Server,
    params: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResult>, Refused> {
    let Some((here, offset)) = server.pointed_at_any(params) else { return Ok(None) };
    let names = here.sound.names();
    let Some((name, span)) = one(here, &names, offset)? else { return Ok(None) };
    renaming(here, &names).check(name).map_err(refused)?;
    let range = server.range(here.sound, inside_quotes(here, span));
    Ok(Some(PrepareRenamePlaceholder { range, placeholder: name.id.to_owned() }.into()))
}

/// The edits that give a thing another id.
pub(super) fn rename(server: &Server, params: &RenameParams) -> Result<Option<WorkspaceEdit>, Refused> {
    let nothing = || fail("there is no id here");
    let (here, offset) = server.pointed_at_any(&params.text_document_position_params).ok_or_else(nothing)?;
    let names = here.sound.names();
    let (name, _) = one(here, &names, offset)?.ok_or_else(nothing)?;
    let edits = renaming(here, &names).to(name, params.new_name.trim()).map_err(refused)?;
    Ok(Some(workspace_edit(server, here.sound, &edits)))
}

/// The one thing that an id means, and where the id stands.
fn one<'s>(here: Here<'s>, names: &Names<'s>, offset: usize) -> Result<Option<(Name<'s>, Span)>, Refused> {
    let declared: Vec<_> = names.at(here.file, offset);
    let mut spans = declared.iter().map(|it| it.span);
    let in_config = in_config(&here.sound.workspace.config).map(|mention| mention.span);
    let Some(span) = spans.find(|span| is_at(here, *span, offset)).or_else(|| {
        let mut spans = in_config;
        spans.find(|span| is_at(here, *span, offset))
    }) else {
        return match declared.is_empty() {
            true => Ok(None),
            false => Err(fail("this is an alias: rename where its anchor stands")),
        };
    };
    match meant(here, names, offset).as_slice() {
        [name] => Ok(Some((*name, span))),
        [] => Err(fail(format!("nobody declares {}", here.sound.workspace.sources.slice(span)))),
        _ => Err(fail("this means several things at once: rename each where it is declared")),
    }
}

fn renaming<'s>(here: Here<'s>, names: &'s Names<'s>) -> Renaming<'s> {
    Renaming { workspace: &here.sound.workspace, names, library: &here.sound.engine.library }
}

/// An id without its quotes: what a person sees as the id.
fn inside_quotes(here: Here<'_>, span: Span) -> Span {
    let is_quoted = here.sound.workspace.sources.slice(span).starts_with(['"', '\'']) && span.len() > 1;
    let quotes = u32::from(is_quoted);
    Span { start: span.start + quotes, end: span.end - quotes, ..span }
}

fn refused(refusal: Refusal) -> Refused {
    fail(refusal.to_string())
}

fn fail(message: impl Into<String>) -> Refused {
    Refused::new(ErrorCode::RequestFailed, message)
}
