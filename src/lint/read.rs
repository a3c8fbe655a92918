//! One file: what it declares, and what is wrong with it by itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Setup;
use super::carry::Before;
use crate::diagnostic::Diagnostic;
use crate::model::{self, Declaration, Said, VERSION, lower_but};
use crate::schema::{self, SchemaKind};
use crate::source::{FileId, SourceMap, Span};
use crate::suppress::Ignores;
use crate::syntax::{Kind, NodeRef, parse};

/// One file on the way to the workspace.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Read {
    /// What it declares, unless it was kept from another run: see `is_whole`.
    #[serde(skip)]
    pub(super) declarations: Vec<Declaration>,
    /// Whether what it declares was read in this run.
    #[serde(skip)]
    pub(super) is_whole: bool,
    /// Whether nothing is wrong with any document by itself, but for what its YAML is.
    #[serde(skip)]
    pub(super) is_valid: bool,
    /// Whose they are, one for each; `None` for what services share.
    pub(super) services: Vec<Option<Box<str>>>,
    pub(super) documents: usize,
    pub(super) broken: bool,
    /// Whether it says something else of where services are offered than it seemed to.
    pub(super) seemed_otherwise: bool,
    /// Purposes that belong to no service.
    pub(super) homeless: bool,
    /// With the service of the document, where it could be told. They become findings.
    #[serde(skip)]
    pub(super) problems: Vec<(Option<String>, Diagnostic)>,
    pub(super) refused: Vec<Diagnostic>,
    pub(super) ignores: Ignores,
    /// What aliases stand for: an edit there would reach further than it says.
    pub(super) shared: Vec<Span>,
}

/// Reads a file; `before` is what it was.
pub(super) fn read(sources: &SourceMap, file: FileId, setup: &Setup<'_>, before: Option<&Before>) -> Read {
    let seen = setup.glances.of(sources, file).and_then(|seen| seen.said());
    let (tree, problems) = parse(sources, file, &setup.limits);
    let (documents, shared) = (tree.documents().len(), tree.shared().to_vec());
    let mut read = Read { documents, shared, is_whole: true, is_valid: true, ..Read::default() };
    let kept = before.filter(|_| tree.shared().is_empty()).and_then(|before| before.kept(sources.get(file)?));
    let same = |span: Span| kept.as_ref().and_then(|kept| kept.same(span));
    read.problems.extend(problems.into_iter().map(|problem| (None, problem)));
    if setup.accepting.is_some() {
        read.ignores = Ignores::of(sources, file, &tree, setup.library);
    }
    read.seemed_otherwise = seen.is_some_and(|seen| seen != Said::of_tree(&tree));
    for document in tree.documents() {
        read.broken |= document.broken;
        let Some(root) = tree.root(document).filter(|root| root.kind() != Kind::Null) else {
            if !document.broken {
                read.problems.push((None, empty(sources, document.span)));
            }
            continue;
        };
        if let Some(newer) = newer_version(root) {
            read.refused.push(newer);
            continue;
        }
        let sound = kept.as_ref().map(|kept| kept.in_document(root)).unwrap_or_default();
        let shape = schema::validate_but(SchemaKind::Declaration, root, &|span| sound.contains(&span));
        read.is_valid &= shape.is_empty();
        let (declaration, meaning) = lower_but(root, setup.atlas, setup.vocabulary, &same);
        read.is_valid &= meaning.is_empty();
        read.services.push(declaration.service.as_ref().map(|service| service.value.clone()));
        let service = declaration.service.as_ref().map(|service| service.value.to_string());
        read.homeless |= service.is_none() && root.get("purposes").is_some();
        // the schema speaks first; lowering only adds places of which it has named nothing
        let named: BTreeSet<Span> = shape.iter().map(|problem| problem.primary.span).collect();
        let is_named = |whole: Span| {
            named.range(Span { end: whole.start, ..whole }..).next().is_some_and(|part| whole.contains(*part))
        };
        let meaning = meaning.into_iter().filter(|problem| !is_named(problem.primary.span));
        read.problems.extend(shape.iter().cloned().chain(meaning).map(|problem| (service.clone(), problem)));
        read.declarations.push(declaration);
    }
    read
}

fn empty(sources: &SourceMap, span: Span) -> Diagnostic {
    let alone = sources.get(span.file).is_some_and(|source| source.text().trim().is_empty());
    let message = if alone { "the file is empty" } else { "the document is empty" };
    let help = "declare a service: `version: 1`, a `service` and its `purposes`; or delete the file";
    Diagnostic::new("empty-declaration", span, message).at("nothing is declared here").help(help)
}

/// A format that does not exist yet for this program: it must not judge what it cannot understand.
pub fn newer_version(root: NodeRef<'_>) -> Option<Diagnostic> {
    let version = model::newer_version(root)?;
    let ours = env!("CARGO_PKG_VERSION");
    let message = format!("this declaration has version {version}; purposelint {ours} reads version {VERSION}");
    let help = format!("update to a purposelint that reads version {version} of declarations");
    let place = root.get("version")?.value.span();
    Some(Diagnostic::new("newer-version", place, message).at("a newer format").help(help))
}
