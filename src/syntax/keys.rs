//! The entries of a mapping: keys given twice, keys that are no text, and merge keys.

use std::collections::HashMap;

use super::builder::{Builder, Open, index};
use super::complaint::shorten;
use super::tree::{Data, Node, NodeId, Pair, Style, Tag, Tree};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Mappings up to this size compare their keys one by one, larger ones hash them.
const FEW: usize = 12;

/// Third and later places of one key that are labelled.
const MOST_LABELS: usize = 8;

impl Builder<'_> {
    /// Makes the entries of a mapping from its keys and values, which lie on the stack.
    pub(super) fn close_mapping(&mut self, open: &Open) -> Data {
        // out of the tree while they grow, so that the keys can borrow their text from it
        let mut pairs = std::mem::take(&mut self.tree.pairs);
        let start = pairs.len();
        let mut odd = Odd::default();
        let mut keys = Keys::default();
        for pair in self.stack.get(open.first..).unwrap_or_default().chunks_exact(2) {
            let &[key, value] = pair else { continue };
            match Key::of(&self.tree, key) {
                Key::Text(text) => match keys.insert(text) {
                    None => pairs.push(Pair { key, value, merged: None }),
                    Some(first) => odd.repeated.push((first, key)),
                },
                Key::Merge => odd.merges.push((key, value)),
                Key::Complex => odd.complex.push(key),
                Key::Unknown => {}
            }
        }
        if self.is_sound()
            && let Some((_, value)) = odd.merges.first()
        {
            merge(&self.tree, *value, &mut keys, &mut pairs, &mut odd.unmergeable);
        }
        self.tree.pairs = pairs;
        if odd.is_there() {
            self.complain_about_keys(odd, start);
        }
        Data::Mapping { entries: index(start)..index(self.tree.pairs.len()) }
    }

    #[cold]
    fn complain_about_keys(&mut self, mut odd: Odd, start: usize) {
        odd.repeated.sort_by_key(|(first, _)| *first);
        for group in odd.repeated.chunk_by(|(one, _), (other, _)| one == other) {
            let Some(first) = group.first().and_then(|(first, _)| self.tree.pairs.get(start + first)) else { continue };
            let places: Vec<NodeId> = std::iter::once(first.key).chain(group.iter().map(|(_, key)| *key)).collect();
            let help = "keep one of them; which one counts differs from reader to reader";
            self.repeated(&places, help);
        }
        let merges: Vec<NodeId> = odd.merges.iter().map(|(key, _)| *key).collect();
        self.repeated(&merges, "merge several mappings with one `<<: [*one, *two]`");
        for span in odd.unmergeable {
            let help = "write `<<: *name`, where `&name` marks a mapping, or `<<: [*one, *two]`";
            self.report(Diagnostic::new("syntax-error", span, "`<<` needs a mapping to merge").help(help));
            self.break_document();
        }
        for key in odd.complex {
            let span = self.span_of(key);
            let placeholder = self.tree.text.get(..span.start as usize + 1).is_some_and(|text| text.ends_with("{{"));
            let help = if placeholder {
                "put quotes around a value with a `{{ placeholder }}`"
            } else {
                "use a word or quoted text before the colon"
            };
            self.report(Diagnostic::new("syntax-error", span, "a key must be text").help(help));
            self.break_document();
        }
    }

    /// Says of a key that is given several times where it stands.
    fn repeated(&mut self, places: &[NodeId], help: &str) {
        let [first, second, others @ ..] = places else { return };
        let key = self.tree.target(*second).and_then(|(_, node)| self.tree.scalar(node)).unwrap_or_default();
        let times = if others.is_empty() { "twice".to_owned() } else { format!("{} times", places.len()) };
        let message = format!("`{}` is given {times} in one mapping", shorten(key));
        let mut diagnostic = Diagnostic::new("duplicate-key", self.span_of(*second), message)
            .at("given again here")
            .label(self.span_of(*first), "first here")
            .help(help);
        for other in others.iter().take(MOST_LABELS) {
            diagnostic = diagnostic.label(self.span_of(*other), "and here");
        }
        self.report(diagnostic);
    }

    fn span_of(&self, id: NodeId) -> Span {
        self.tree.node(id).map_or_else(|| Span::new(self.file, 0, 0), |node| node.span)
    }
}

/// Adds the entries of what a `<<` refers to, unless the mapping or an earlier one has the key.
fn merge<'t>(tree: &'t Tree, value: NodeId, keys: &mut Keys<'t>, pairs: &mut Vec<Pair>, unmergeable: &mut Vec<Span>) {
    let Some(written) = tree.node(value) else { return };
    let aliased = matches!(written.data, Data::Alias { .. });
    let one = [value];
    let sources = match tree.target(value).map(|(_, node)| &node.data) {
        Some(Data::Sequence { items }) => tree.items.get(items.start as usize..items.end as usize).unwrap_or_default(),
        _ => &one,
    };
    for source in sources {
        let Some(node) = tree.node(*source) else { continue };
        let via = if aliased { written.span } else { node.span };
        match tree.target(*source).map(|(_, node)| &node.data) {
            Some(Data::Mapping { entries }) => {
                for at in entries.start as usize..entries.end as usize {
                    let Some(pair) = pairs.get(at).copied() else { continue };
                    if let Key::Text(text) = Key::of(tree, pair.key)
                        && keys.insert(text).is_none()
                    {
                        pairs.push(Pair { merged: Some(via), ..pair });
                    }
                }
            }
            Some(_) => unmergeable.push(via),
            // an alias that leads nowhere: there is a diagnostic
            None => {}
        }
    }
}

/// What rarely is there: places for diagnostics, and merge keys.
#[derive(Default)]
struct Odd {
    /// The number of the key that is repeated, and the key that repeats it.
    repeated: Vec<(usize, NodeId)>,
    merges: Vec<(NodeId, NodeId)>,
    unmergeable: Vec<Span>,
    complex: Vec<NodeId>,
}

impl Odd {
    fn is_there(&self) -> bool {
        !(self.repeated.is_empty() && self.merges.is_empty() && self.complex.is_empty())
    }
}

enum Key<'t> {
    Text(&'t str),
    /// `<<`, plain.
    Merge,
    /// A list or mapping.
    Complex,
    /// An alias that leads nowhere.
    Unknown,
}

impl<'t> Key<'t> {
    fn of(tree: &'t Tree, id: NodeId) -> Self {
        let Some((found, node)) = tree.target(id) else { return Self::Unknown };
        let Some(text) = tree.scalar(node) else { return Self::Complex };
        let plain = matches!(node, Node { data: Data::Scalar { style: Style::Plain, tag: Tag::Implicit, .. }, .. });
        if text == "<<" && plain && found == id { Self::Merge } else { Self::Text(text) }
    }
}

/// The keys of one mapping, each with its number.
#[derive(Default)]
struct Keys<'t> {
    few: [&'t str; FEW],
    length: usize,
    many: Option<HashMap<&'t str, usize>>,
}

impl<'t> Keys<'t> {
    /// The number of a key that is there already; or else takes it in.
    fn insert(&mut self, key: &'t str) -> Option<usize> {
        if let Some(free) = self.few.get_mut(self.length) {
            *free = key;
            let known = self.few.iter().take(self.length).position(|other| *other == key);
            if known.is_none() {
                self.length += 1;
            }
            return known;
        }
        let few = &self.few;
        let many = self.many.get_or_insert_with(|| few.iter().enumerate().map(|(at, key)| (*key, at)).collect());
        if let Some(known) = many.get(key) {
            return Some(*known);
        }
        many.insert(key, self.length);
        self.length += 1;
        None
    }
}
