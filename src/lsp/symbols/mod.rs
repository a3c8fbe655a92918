//! What is in a file, as an outline, and what is in a workspace, for a search.

mod declaration;
mod plain;

use gen_lsp_types::{
    BaseSymbolInformation, DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, Location, SymbolInformation,
    SymbolKind, Uri, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};

use super::alone::{Alone, What};
use super::held::Held;
use super::server::Server;
use crate::model::{EntityKind, NameKind};
use crate::names::Found;
use crate::source::Span;

/// One line of an outline.
#[derive(Debug, Clone, PartialEq)]
struct Symbol {
    name: String,
    detail: Option<String>,
    kind: SymbolKind,
    /// All of it.
    whole: Span,
    /// What is to be selected, within the whole.
    place: Span,
    children: Vec<Symbol>,
}

/// The outline of a file: nested where the client can show that.
pub(super) fn outline(server: &Server, params: &DocumentSymbolParams) -> Option<DocumentSymbolResponse> {
    let uri = &params.text_document.uri;
    let alone = server.alone(uri)?;
    let symbols: Vec<Symbol> = match alone.what {
        What::Declaration => declaration::outline(&alone),
        What::Config => plain::config(&alone.tree),
        What::Rule => plain::rule(&alone.tree, &rule_id(uri)),
    };
    if server.client.nested_symbols {
        return Some(symbols.into_iter().map(|symbol| nested(server, &alone, symbol)).collect::<Vec<_>>().into());
    }
    let mut flat = Vec::new();
    for symbol in symbols {
        flatten(symbol, None, &mut |symbol, container| {
            let location = Location { uri: uri.clone(), range: alone.range(server, symbol.whole) };
            flat.push(information(&symbol.name, symbol.kind, container.map(str::to_owned), location));
        });
    }
    Some(flat.into())
}

/// What is declared under an id or a title with the letters of a query.
pub(super) fn search(server: &Server, params: &WorkspaceSymbolParams) -> Option<WorkspaceSymbolResponse> {
    let mut found = Vec::new();
    for (_, held) in server.workspaces.iter() {
        let Held::Sound(sound) = held else { continue };
        for Found { name, title, place } in sound.names().search(&params.query) {
            let noun = name.kind.noun();
            let of = name.service.map_or_else(|| noun.to_owned(), |service| format!("{noun} of {service}"));
            let container = if title == name.id { of } else { format!("{of}: {title}") };
            found.push(information(name.id, kind(name.kind), Some(container), server.location(sound, place)));
        }
    }
    Some(found.into())
}

fn kind(kind: NameKind) -> SymbolKind {
    match kind {
        NameKind::Service => SymbolKind::Module,
        NameKind::Plan => SymbolKind::String,
        NameKind::Entity(EntityKind::Organisation) => SymbolKind::Class,
        NameKind::Entity(EntityKind::Notice) => SymbolKind::File,
        NameKind::Entity(EntityKind::Setting) => SymbolKind::Property,
        NameKind::Entity(EntityKind::Purpose) => SymbolKind::Function,
    }
}

/// `pack/rule`, from the place of the file.
fn rule_id(uri: &Uri) -> String {
    let path = uri.0.strip_suffix(".yaml").unwrap_or(&uri.0);
    let mut parts = path.rsplit('/');
    let (rule, pack) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{pack}/{rule}")
}

fn nested(server: &Server, alone: &Alone<'_>, symbol: Symbol) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> = symbol.children.into_iter().map(|child| nested(server, alone, child)).collect();
    let (whole, place) = (alone.range(server, symbol.whole), alone.range(server, symbol.place));
    let children = (!children.is_empty()).then_some(children);
    DocumentSymbol::new(symbol.name, symbol.detail, symbol.kind, None, None, whole, place, children)
}

fn flatten(symbol: Symbol, container: Option<&str>, take: &mut dyn FnMut(&Symbol, Option<&str>)) {
    take(&symbol, container);
    symbol.children.into_iter().for_each(|child| flatten(child, Some(&symbol.name), take));
}

fn information(name: &str, kind: SymbolKind, container_name: Option<String>, location: Location) -> SymbolInformation {
    let base = BaseSymbolInformation { name: name.to_owned(), kind, tags: None, container_name };
    SymbolInformation::new(None, location, base)
}
