//! A file by itself: for what an editor asks about one text, whatever state its workspace is in.

use gen_lsp_types::{Range, Uri};

use super::documents::path_of;
use super::held::Held;
use super::here::Here;
use super::server::Server;
use crate::discover::CONFIG;
use crate::policy::is_rule;
use crate::source::{Source, SourceMap, Span};
use crate::syntax::{Limits, Tree, parse};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Declaration,
    Config,
    Rule,
}

/// A file that is one of ours, with its text.
pub(super) struct Alone<'s> {
    /// Where it stands in a workspace, for a declaration.
    pub(super) here: Option<Here<'s>>,
    pub(super) what: What,
    pub(super) tree: Tree,
    sources: SourceMap,
}

impl Alone<'_> {
    /// Its text.
    pub(super) fn source(&self) -> Option<&Source> {
        self.sources.get(self.tree.file())
    }

    /// A span as a client counts it.
    pub(super) fn range(&self, server: &Server, span: Span) -> Range {
        server.client.encoding.range(&self.sources, span)
    }
}

impl Server {
    /// The file that a URI names, if it is a declaration, a config or a rule.
    pub(super) fn alone(&self, uri: &Uri) -> Option<Alone<'_>> {
        let path = path_of(uri)?;
        let here = self.declaration(uri);
        let known = here.or_else(|| self.config(uri)).and_then(|here| Some(here.source()?.text().shared()));
        let in_pack = self.workspaces.iter().find_map(|(_, held)| match held {
            Held::Sound(sound) => sound.known_text(&path),
            Held::Broken(_) => None,
        });
        let open = self.documents.get(&path).map(|document| document.text.clone());
        let text = open.or(known).or(in_pack)?;
        let what = match path.file_name().and_then(|name| name.to_str()) {
            _ if here.is_some() => What::Declaration,
            Some(CONFIG) => What::Config,
            _ if self.config(uri).is_some() => What::Config,
            Some(name) if name.strip_suffix(".yaml").is_some_and(|stem| !is_rule(stem)) => return None,
            _ if self.documents.files().has_file(&path.with_file_name("pack.yaml")) => What::Rule,
            _ => return None,
        };
        let limits = here.map_or_else(Limits::default, |here| here.sound.workspace.config.limits);
        let mut sources = SourceMap::new();
        let file = sources.add("", text);
        let (tree, _) = parse(&sources, file, &limits);
        Some(Alone { here, what, tree, sources })
    }
}
