//! Where an id is declared, and all the places that mean it.

use gen_lsp_types::{
    Definition, DefinitionResponse, DocumentHighlight, DocumentHighlightKind, Location, ReferenceParams,
    TextDocumentPositionParams,
};

use super::here::Here;
use super::server::Server;
use crate::names::{Name, Names, Place, in_config};
use crate::source::Span;
use crate::suppress::Ignores;

/// Where the id is declared that a client points at, or the rule.
pub(super) fn definition(server: &Server, params: &TextDocumentPositionParams) -> Option<DefinitionResponse> {
    let (here, offset) = server.pointed_at_any(params)?;
    let names = here.sound.names();
    let meant = meant(here, &names, offset);
    let places = meant.iter().flat_map(|name| names.places(*name)).filter(|place| place.declares);
    let mut found: Vec<Location> = places.map(|place| server.location(here.sound, place.span)).collect();
    found.extend(rule(server, here, offset));
    (!found.is_empty()).then(|| Definition::LocationList(found).into())
}

/// All places that mean what a client points at.
pub(super) fn references(server: &Server, params: &ReferenceParams) -> Option<Vec<Location>> {
    let (here, offset) = server.pointed_at_any(&params.text_document_position_params)?;
    let places = places(here, offset)?.into_iter();
    let places = places.filter(|place| params.context.include_declaration || !place.declares);
    Some(places.map(|place| server.location(here.sound, place.span)).collect())
}

/// The places in the same file that mean what a client points at.
pub(super) fn here(server: &Server, params: &TextDocumentPositionParams) -> Option<Vec<DocumentHighlight>> {
    let (here, offset) = server.pointed_at_any(params)?;
    let places = places(here, offset)?.into_iter().filter(|place| place.span.file == here.file);
    let highlight = |place: Place| {
        let kind = if place.declares { DocumentHighlightKind::Write } else { DocumentHighlightKind::Read };
        DocumentHighlight { range: server.range(here.sound, place.span), kind: Some(kind) }
    };
    Some(places.map(highlight).collect())
}

/// The things that an id means, or an alias that stands for several.
pub(super) fn meant<'s>(here: Here<'s>, names: &Names<'s>, offset: usize) -> Vec<Name<'s>> {
    let declared = names.at(here.file, offset);
    let mut meant: Vec<Name<'s>> = declared.iter().flat_map(|it| names.meant(it)).collect();
    let config = in_config(&here.sound.workspace.config).filter(|mention| is_at(here, mention.span, offset));
    meant.extend(config.flat_map(|mention| mention.meant(names)));
    meant.sort_unstable();
    meant.dedup();
    meant
}

/// Whether a byte belongs to a span; one right behind it does, as editors see it.
pub(super) fn is_at(here: Here<'_>, span: Span, offset: usize) -> bool {
    span.file == here.file && span.start as usize <= offset && offset <= span.end as usize
}

fn places(here: Here<'_>, offset: usize) -> Option<Vec<Place>> {
    let names = here.sound.names();
    let meant = meant(here, &names, offset);
    let mut places: Vec<Place> = meant.iter().flat_map(|name| names.places(*name)).collect();
    let in_config = in_config(&here.sound.workspace.config);
    let mentions = in_config.filter(|mention| mention.meant(&names).iter().any(|name| meant.contains(name)));
    places.extend(mentions.map(|mention| Place { span: mention.span, declares: false }));
    places.sort_unstable();
    places.dedup();
    (!places.is_empty()).then_some(places)
}

/// The rule that a config or a comment names, where its file is one of the workspace.
fn rule(server: &Server, here: Here<'_>, offset: usize) -> Option<Location> {
    let Here { sound, file } = here;
    let library = &sound.engine.library;
    let ignores = Ignores::of(&sound.workspace.sources, file, &here.tree(), library).list;
    let in_comments = ignores.iter().flat_map(|ignore| &ignore.rules);
    let mut named = sound.workspace.config.rules_named().chain(in_comments);
    let (path, place) = sound.rule(&named.find(|rule| is_at(here, rule.span, offset))?.value)?;
    Some(Location { uri: server.uri_of(&path), range: server.client.encoding.range(&library.sources, place) })
}
