//! Where a client looks, and places for it to look at.

use std::path::Path;

use gen_lsp_types::{Location, Position, Range, TextDocumentPositionParams, Uri};

use super::documents::path_of;
use super::held::{Held, Sound};
use super::server::Server;
use crate::order::Order;
use crate::source::{FileId, Source, Span};
use crate::syntax::{Tree, parse};

/// A file of a workspace that can be judged: a declaration, or a file of its config.
#[derive(Clone, Copy)]
pub(super) struct Here<'s> {
    /// The workspace.
    pub(super) sound: &'s Sound,
    /// The file.
    pub(super) file: FileId,
}

impl<'s> Here<'s> {
    /// Its text, as the client has it.
    pub(super) fn source(self) -> Option<&'s Source> {
        self.sound.workspace.sources.get(self.file)
    }

    /// Its text as a tree.
    pub(super) fn tree(self) -> Tree {
        parse(&self.sound.workspace.sources, self.file, &self.sound.workspace.config.limits).0
    }
}

impl Server {
    /// The declaration that a URI names.
    pub(super) fn declaration(&self, uri: &Uri) -> Option<Here<'_>> {
        let (sound, file) = self.workspaces.of(&path_of(uri)?)?;
        Some(Here { sound, file })
    }

    /// The declaration that a client points into, and the byte.
    pub(super) fn pointed_at(&self, params: &TextDocumentPositionParams) -> Option<(Here<'_>, usize)> {
        let here = self.declaration(&params.text_document.uri)?;
        Some((here, self.offset(here, params.position)?))
    }

    /// The same, also for a file of a config.
    pub(super) fn pointed_at_any(&self, params: &TextDocumentPositionParams) -> Option<(Here<'_>, usize)> {
        self.pointed_at(params).or_else(|| {
            let here = self.config(&params.text_document.uri)?;
            Some((here, self.offset(here, params.position)?))
        })
    }

    /// The file of a config that a URI names.
    pub(super) fn config(&self, uri: &Uri) -> Option<Here<'_>> {
        let path = path_of(uri)?;
        self.workspaces.iter().find_map(|(_, held)| match held {
            Held::Sound(sound) => Some(Here { sound, file: sound.workspace.config_files.file_at(&path)? }),
            Held::Broken(_) => None,
        })
    }

    /// The byte of a place.
    pub(super) fn offset(&self, here: Here<'_>, position: Position) -> Option<usize> {
        Some(self.client.encoding.offset(here.source()?, position))
    }

    /// The bytes of a range.
    pub(super) fn span(&self, here: Here<'_>, range: Range) -> Option<Span> {
        Some(Span::new(here.file, self.offset(here, range.start)?, self.offset(here, range.end)?))
    }

    /// A span as a client counts it.
    pub(super) fn range(&self, sound: &Sound, span: Span) -> Range {
        self.client.encoding.range(&sound.workspace.sources, span)
    }

    /// The URI of a file of a workspace.
    pub(super) fn uri(&self, sound: &Sound, file: FileId) -> Uri {
        self.uri_of(&sound.path(file))
    }

    /// The URI of a path.
    pub(super) fn uri_of(&self, path: &Path) -> Uri {
        self.workspaces.uri(path, &self.documents)
    }

    /// The URIs that a client knows a path by, in order.
    pub(super) fn uris_of(&self, path: &Path) -> Vec<Uri> {
        let mut uris: Vec<Uri> = self.documents.uris(path).cloned().collect();
        if uris.is_empty() {
            uris.push(self.uri_of(path));
        }
        uris.order_by(|a, b| a.0.cmp(&b.0));
        uris
    }

    /// A span as a place to go to.
    pub(super) fn location(&self, sound: &Sound, span: Span) -> Location {
        Location { uri: self.uri(sound, span.file), range: self.range(sound, span) }
    }
}
