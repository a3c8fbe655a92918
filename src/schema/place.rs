//! From the path of an error to the node in the tree, and from there to a span that a person can look at.

use std::collections::HashMap;

use crate::source::Span;
use crate::syntax::{Entry, Kind, NodeId, NodeRef, Style};

/// A value with the way that led to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'t> {
    /// The value.
    pub(super) node: NodeRef<'t>,
    /// The entry whose value it is, unless it is an item of a list or the root.
    pub(super) entry: Option<Entry<'t>>,
    /// The nearest entry at or above the value.
    pub(super) owner: Option<Entry<'t>>,
}

impl<'t> Place<'t> {
    /// What to call the value: `` `default` ``, ``an item of `data` ``.
    pub(super) fn subject(&self) -> String {
        let name = |entry: Entry<'t>| entry.name().map(str::to_owned);
        match (self.entry.and_then(name), self.owner.and_then(name)) {
            (Some(name), _) => format!("`{name}`"),
            (None, Some(owner)) => format!("an item of `{owner}`"),
            (None, None) => "the file".to_owned(),
        }
    }

    /// The name of the key whose value it is.
    pub(super) fn name(&self) -> Option<&'t str> {
        self.entry.and_then(|entry| entry.name())
    }

    /// The span of a wrong value: itself where it fits a line, else its key; of an item that has none, where it starts.
    pub(super) fn value_span(&self) -> Span {
        let span = self.node.span();
        let is_item = self.entry.is_none() && self.owner.is_some();
        match self.node.kind() {
            Kind::Sequence | Kind::Mapping if is_item && !self.node.written().contains('\n') => span,
            Kind::Sequence if is_item => first_byte(span),
            Kind::Sequence | Kind::Mapping => self.key_span(),
            _ if span.is_empty() => {
                let of_owner = || self.owner.map_or(span, |entry| entry.key.span());
                self.node.dash().filter(|_| is_item).unwrap_or_else(of_owner)
            }
            _ => head(self.node, 0),
        }
    }

    /// The span that stands for a whole collection: the key that holds it, or its first line where no key does or where
    /// the collection stands elsewhere, behind an alias.
    pub(super) fn key_span(&self) -> Span {
        match self.entry {
            Some(entry) if entry.key.via() == self.node.via() => entry.key.span(),
            _ => head(self.node, 0),
        }
    }
}

/// A span of one line at the start of a node. The tree does not tell where lines end, so of what may run over several lines
/// only the first token is taken.
fn head(node: NodeRef<'_>, depth: usize) -> Span {
    let span = node.span();
    let first = match node.kind() {
        Kind::Mapping => node.entries().find(|entry| entry.merged.is_none()).map(|entry| entry.key),
        Kind::Sequence => node.items().next(),
        _ => return scalar_head(node),
    };
    match first {
        Some(first) if span.contains(first.span()) && depth < 128 => head(first, depth + 1),
        // The first item is an alias.
        Some(first) => first.via().filter(|via| span.contains(*via)).unwrap_or(first_byte(span)),
        None => span,
    }
}

fn scalar_head(node: NodeRef<'_>) -> Span {
    let span = node.span();
    let text = node.text().unwrap_or_default();
    match node.style() {
        Some(Style::Literal | Style::Folded) => first_byte(span),
        Some(Style::Plain) if text.len() != span.len() || text.contains('\n') => {
            let word = text.split_whitespace().next().map_or(1, str::len).min(span.len());
            Span { end: span.start.saturating_add(u32::try_from(word).unwrap_or(1)), ..span }
        }
        _ => span,
    }
}

fn first_byte(span: Span) -> Span {
    Span { end: span.end.min(span.start.saturating_add(1)), ..span }
}

/// The children of a collection are the same for every way that leads to it with the same alias.
type Handle = (NodeId, Option<Span>);

/// Follows paths. Remembers the children of every collection it passed, so that many errors in a long list do not walk it
/// from the start each time.
#[derive(Debug)]
pub(super) struct Walker<'t> {
    root: NodeRef<'t>,
    entries: HashMap<Handle, HashMap<&'t str, Entry<'t>>>,
    items: HashMap<Handle, Vec<NodeRef<'t>>>,
}

impl<'t> Walker<'t> {
    /// A walker that starts at a node.
    pub(super) fn new(root: NodeRef<'t>) -> Self {
        Self { root, entries: HashMap::new(), items: HashMap::new() }
    }

    /// The value at a JSON Pointer; steps that the tree does not have end the way early.
    pub(super) fn place(&mut self, pointer: &str) -> Place<'t> {
        let mut place = Place { node: self.root, entry: None, owner: None };
        for step in steps(pointer) {
            if place.node.is_mapping() {
                let Some(entry) = self.entry(place.node, &step) else { break };
                place = Place { node: entry.value, entry: Some(entry), owner: Some(entry) };
            } else {
                let Some(item) = self.item(place.node, &step) else { break };
                place = Place { node: item, entry: None, owner: place.owner };
            }
        }
        place
    }

    /// The entry of a mapping under a name.
    pub(super) fn entry(&mut self, mapping: NodeRef<'t>, name: &str) -> Option<Entry<'t>> {
        let by_name = self.entries.entry((mapping.id(), mapping.via())).or_insert_with(|| {
            let mut names = HashMap::new();
            for entry in mapping.entries() {
                if let Some(name) = entry.name() {
                    names.entry(name).or_insert(entry);
                }
            }
            names
        });
        by_name.get(name).copied()
    }

    fn item(&mut self, list: NodeRef<'t>, step: &str) -> Option<NodeRef<'t>> {
        let items = self.items.entry((list.id(), list.via())).or_insert_with(|| list.items().collect());
        items.get(step.parse::<usize>().ok()?).copied()
    }
}

/// The steps of a JSON Pointer, unescaped. A step may be empty, as a key may.
pub(super) fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}
