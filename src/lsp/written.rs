//! A text as it is being written, whatever is wrong with it or with its workspace.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{Position, Range, Uri};

use super::documents::path_of;
use super::held::{Held, Sound, below};
use super::packs;
use super::server::Server;
use crate::discover::{CONFIG, Globs};
use crate::model;
use crate::policy::Library;
use crate::project::Workspace;
use crate::schema::SchemaKind;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{Limits, Tree, parse};

/// A buffer that is, or is to become, a document of a kind.
pub(super) struct Written<'s> {
    /// What it is to be.
    pub(super) kind: SchemaKind,
    /// Its text.
    pub(super) text: Arc<str>,
    /// The workspace it belongs to, as it was when it could last be judged.
    pub(super) sound: Option<&'s Sound>,
    /// The config that it comes under.
    config: PathBuf,
    sources: SourceMap,
    file: FileId,
}

impl<'s> Written<'s> {
    /// What it may name.
    pub(super) fn library(&self) -> &'s Library {
        match self.sound {
            Some(sound) => &sound.engine.library,
            None => Library::builtin(),
        }
    }

    /// What a service declares with what services share, or all that is declared.
    pub(super) fn declared(&self, service: Option<&str>) -> model::Workspace {
        match (self.sound, service) {
            (Some(sound), Some(service)) => sound.declared(service),
            (Some(sound), None) => sound.all_declared(),
            (None, _) => model::Workspace::default(),
        }
    }

    /// The paths of the declarations of the workspace, from its root.
    pub(super) fn paths(&self) -> Vec<String> {
        let workspace = self.sound.map(|sound| &sound.workspace);
        let files = |workspace: &Workspace| {
            workspace.files.iter().map(|file| workspace.sources.path(*file).to_owned()).collect()
        };
        workspace.map(files).unwrap_or_default()
    }

    /// The rules of packs that the config names by their folders, with their titles.
    pub(super) fn own_rules(&self, server: &Server) -> Vec<(String, String)> {
        let text = Some(&*self.text).filter(|_| self.kind == SchemaKind::Config);
        packs::rules(&self.config, text, &server.documents.files())
    }

    /// Its text as a tree.
    pub(super) fn tree(&self) -> Tree {
        parse(&self.sources, self.file, &Limits::default()).0
    }

    /// The byte of a place.
    pub(super) fn offset(&self, server: &Server, position: Position) -> usize {
        self.sources.get(self.file).map_or(0, |source| server.client.encoding.offset(source, position))
    }

    /// Bytes as a client counts them.
    pub(super) fn range(&self, server: &Server, bytes: std::ops::Range<usize>) -> Range {
        server.client.encoding.range(&self.sources, Span::new(self.file, bytes.start, bytes.end))
    }
}

impl Server {
    /// The buffer that a URI names, if it is one of ours.
    pub(super) fn written(&self, uri: &Uri) -> Option<Written<'_>> {
        let path = path_of(uri)?;
        let text = Arc::clone(&self.documents.get(&path)?.text);
        let around = self.workspaces.iter().filter(|(root, held)| path.starts_with(root) || is_part(held, &path));
        let (root, held) = around.max_by_key(|(root, held)| (is_part(held, &path), root.components().count()))?;
        let kind = self.kind(held, &path)?;
        let mut sources = SourceMap::new();
        let file = sources.add("", Arc::clone(&text));
        let config = if kind == SchemaKind::Config { path } else { root.join(CONFIG) };
        Some(Written { kind, text, sound: held.last(), config, sources, file })
    }

    fn kind(&self, held: &Held, path: &Path) -> Option<SchemaKind> {
        let name = path.file_name()?.to_str()?;
        let sound = held.last();
        if sound.is_some_and(|sound| sound.file(path).is_some()) {
            return Some(SchemaKind::Declaration);
        }
        if name == CONFIG || sound.is_some_and(|sound| sound.workspace.config_files.file_at(path).is_some()) {
            return Some(SchemaKind::Config);
        }
        let folder = path.parent()?;
        let is_yaml = name.ends_with(".yaml");
        if is_yaml && (name == "pack.yaml" || self.documents.files().has_file(&folder.join("pack.yaml"))) {
            return match name {
                "pack.yaml" => Some(SchemaKind::Pack),
                "vocabulary.yaml" | "groups.yaml" => None,
                _ => Some(SchemaKind::Policy),
            };
        }
        let globs = Globs::new::<&str>(&[], &[]).unwrap_or_default();
        globs.is_declaration(Path::new(name)).then_some(SchemaKind::Declaration)
    }
}

/// Whether a workspace has a file as one of its own.
fn is_part(held: &Held, path: &Path) -> bool {
    held.last().is_some_and(|sound| {
        let root = &sound.workspace.root;
        let mut rules = sound.engine.library.sources.iter().map(|(_, source)| below(root, source.path()));
        sound.file(path).is_some()
            || sound.workspace.config_files.file_at(path).is_some()
            || rules.any(|rule| rule == *path)
    })
}
