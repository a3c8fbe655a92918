//! Files that could hide an id, because nobody can tell what stands in them.

use std::collections::BTreeSet;

use super::rename::Refusal;
use crate::lint::newer_version;
use crate::project::Workspace;
use crate::schema::{self, SchemaKind};
use crate::source::{FileId, Span};
use crate::syntax::{Kind, NodeRef, Tree, parse};

/// What could hide one of these ids at a place that is not `known`.
pub(super) fn hides(workspace: &Workspace, ids: [&str; 2], known: &BTreeSet<Span>) -> Result<(), Refusal> {
    if let Some(lost) = workspace.lost.first() {
        return Err(Refusal(format!("`{}` could not be read: {}", lost.what, lost.reason)));
    }
    for file in &workspace.files {
        let Some(source) = workspace.sources.get(*file) else { continue };
        if ids.iter().any(|id| has_word(&source.text(), id)) {
            let (tree, problems) = parse(&workspace.sources, *file, &workspace.config.limits);
            let is_readable = source.invalid_utf8().is_none()
                // of a key that is given twice only the first is read
                && problems.is_empty()
                && tree.documents().iter().all(|document| !document.broken)
                && roots(&tree).all(|root| newer_version(root).is_none());
            if !is_readable {
                return Err(Refusal(format!(
                    "`{}` cannot be read as a whole, and names `{}`: repair it first",
                    source.path(),
                    ids.into_iter().find(|id| has_word(&source.text(), id)).unwrap_or_default()
                )));
            }
            if let Some(span) = roots(&tree).find_map(|root| misplaced(&tree, root, *file, ids, known)) {
                let (place, id) = (workspace.place(span), workspace.sources.slice(span));
                return Err(Refusal(format!("{place} has {id} where nobody can tell what it means: repair it first")));
            }
        }
    }
    Ok(())
}

fn roots(tree: &Tree) -> impl Iterator<Item = NodeRef<'_>> {
    tree.documents().iter().filter_map(|document| tree.root(document))
}

/// One of the ids in a part of a document that its schema refuses.
fn misplaced(tree: &Tree, root: NodeRef<'_>, file: FileId, ids: [&str; 2], known: &BTreeSet<Span>) -> Option<Span> {
    let is_hidden =
        |node: &NodeRef<'_>| node.text().is_some_and(|text| ids.contains(&text)) && !known.contains(&node.span());
    let service = root.get("service").map(|entry| entry.value);
    let is_homeless = match service {
        Some(service) => !matches!(service.kind(), Kind::Str(_)),
        None => root.get("purposes").is_some(),
    };
    if is_homeless {
        return scalar_below(root, &is_hidden);
    }
    let problems = schema::validate(SchemaKind::Declaration, root);
    // what lacks a key is read all the same
    problems.iter().filter(|problem| problem.code != "missing-key").find_map(|problem| {
        let span = problem.primary.span;
        let way = (span.file == file).then(|| tree.at(span.start as usize)).flatten()?;
        let last = way.steps.last()?.value();
        scalar_below(last, &is_hidden)
    })
}

fn scalar_below(node: NodeRef<'_>, is_meant: &dyn Fn(&NodeRef<'_>) -> bool) -> Option<Span> {
    if is_meant(&node) {
        return Some(node.span());
    }
    let entry = |key: NodeRef<'_>, value: NodeRef<'_>| {
        if is_meant(&key) { Some(key.span()) } else { scalar_below(value, is_meant) }
    };
    let in_entries = node.entries().find_map(|it| entry(it.key, it.value));
    in_entries.or_else(|| node.items().find_map(|item| scalar_below(item, is_meant)))
}

/// Whether a text has an id as a word of its own.
fn has_word(text: &str, id: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(id).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let behind = text.get(at + id.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}
