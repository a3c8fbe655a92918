//! What stands under the pointer, in words: the same text, day and rules as the diagnostics.

mod config;
mod declaration;
mod rule_file;

use gen_lsp_types::{Contents, Hover, HoverParams, MarkupContent, MarkupKind};

use super::held::Sound;
use super::server::Server;
use crate::explain::card::{self, Card, Style};
use crate::source::{FileId, SourceMap, Span};

/// What there is to say about a place: its text, and what it is about.
pub(super) fn answer(server: &Server, params: &HoverParams) -> Option<Hover> {
    let place = &params.text_document_position_params;
    let uri = &place.text_document.uri;
    if let Some((here, offset)) = server.pointed_at(place) {
        return Some(show(server, here.sound, declaration::card(here, offset)?, &here.sound.workspace.sources));
    }
    if let Some(here) = server.config(uri) {
        let offset = server.offset(here, place.position)?;
        return Some(show(server, here.sound, config::card(here, offset)?, &here.sound.workspace.sources));
    }
    let (sound, file) = rule_file::find(server, uri)?;
    let sources = &sound.engine.library.sources;
    let offset = server.client.encoding.offset(sources.get(file)?, place.position);
    Some(show(server, sound, rule_file::card(sound, file, offset)?, sources))
}

/// A card as an answer. Places on it are in declarations; `sources` has the file that was pointed into.
fn show(server: &Server, sound: &Sound, (card, span): (Card, Span), sources: &SourceMap) -> Hover {
    let link = |place: Span| {
        let line = sound.workspace.sources.start(place).line;
        Some(format!("{}#L{line}", server.uri(sound, place.file).0))
    };
    let (kind, style) = match server.client.hovers_in_markdown {
        true => (MarkupKind::Markdown, Style::Markdown(&link)),
        false => (MarkupKind::PlainText, Style::Plain),
    };
    let value = card.write(&style, &sound.workspace.sources);
    let range = Some(server.client.encoding.range(sources, span));
    Hover { contents: Contents::MarkupContent(MarkupContent { kind, value }), range }
}

/// A rule by its id, as it counts in a file.
fn rule(sound: &Sound, file: FileId, id: &str) -> Option<Card> {
    let engine = &sound.engine;
    let Some(rule) = engine.library.rule(id) else { return card::absent_rule(&engine.library, &engine.choices, id) };
    Some(card::rule(rule, engine.settings.of(file, id), &engine.library.sources))
}
