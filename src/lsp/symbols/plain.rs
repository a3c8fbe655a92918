//! The outlines of a config and of a rule: their keys, with what is listed below.

use gen_lsp_types::SymbolKind;

use super::Symbol;
use crate::source::Span;
use crate::syntax::{Entry, NodeRef, Tree};

/// The keys of a config. A waiver goes by its rule, an entry of `files` by its glob.
pub(super) fn config(tree: &Tree) -> Vec<Symbol> {
    roots(tree).flat_map(|root| root.entries().filter_map(key)).collect()
}

/// A rule with its keys. An example goes by its title.
pub(super) fn rule(tree: &Tree, id: &str) -> Vec<Symbol> {
    let outline = |root: NodeRef<'_>| {
        let first = root.entries().next()?.key.span();
        let title = root.get("title").and_then(|entry| Some(entry.value.text()?.to_owned()));
        let children = root.entries().filter_map(key).collect();
        let name = id.to_owned();
        Some(Symbol { name, detail: title, kind: SymbolKind::Function, whole: root.span(), place: first, children })
    };
    roots(tree).filter_map(outline).collect()
}

fn roots(tree: &Tree) -> impl Iterator<Item = NodeRef<'_>> {
    tree.documents().iter().filter_map(|document| tree.root(document))
}

fn key(entry: Entry<'_>) -> Option<Symbol> {
    let value = entry.value;
    if entry.key.via().is_some() || value.via().is_some() {
        return None;
    }
    let entries = value.entries().filter(|entry| entry.key.via().is_none()).filter_map(|entry| {
        let detail = entry.value.text().map(first_line);
        named(entry.name()?, detail, entry.span(), entry.key.span())
    });
    let items = value.items().filter(|item| item.via().is_none() && item.is_mapping()).filter_map(|item| {
        let first = item.entries().next()?;
        let label = ["title", "rule", "change", "glob"].into_iter().find_map(|key| item.get(key)).unwrap_or(first);
        let place = first.key.span();
        named(&first_line(label.value.text()?), None, item.span(), place)
    });
    let children: Vec<Symbol> = entries.chain(items).collect();
    let detail = value.text().map(first_line).filter(|text| !text.is_empty());
    let symbol = named(entry.name()?, detail, entry.span(), entry.key.span())?;
    Some(Symbol { kind: SymbolKind::Property, children, ..symbol })
}

fn named(name: &str, detail: Option<String>, whole: Span, place: Span) -> Option<Symbol> {
    let kind = SymbolKind::Field;
    (!name.is_empty()).then(|| Symbol { name: name.to_owned(), detail, kind, whole, place, children: Vec::new() })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
