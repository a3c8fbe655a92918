//! The entries of a mapping: keys given twice, keys that are no text, and merge keys.

use std::collections::HashMap;

use super::builder::{Builder, Open, index};
use super::complaint::shorten;
use super::tree::{Data, Node, NodeId, Pair, Style, Tag, Tree};
use crate::diagnostic::Diagnostic;
use crate::order::Order;
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
        let children = self.stack.get(open.first..).unwrap_or_default();
        let mut keys = Keys { expected: children.len() / 2, ..Keys::default() };
        for pair in children.chunks_exact(2) {
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
        odd.repeated.order_by_key(|(first, _)| *first);
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
    expected: usize,
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
        let (few, expected) = (&self.few, self.expected);
        let many = self.many.get_or_insert_with(|| {
            let mut many = HashMap::with_capacity(expected);
            many.extend(few.iter().enumerate().map(|(at, key)| (*key, at)));
            many
        });
        if let Some(known) = many.get(key) {
            return Some(*known);
        }
        many.insert(key, self.length);
        self.length += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::tests::{read, slice};

    /// The entries of the mapping under the last key: name, value, and what `<<` they came by.
    fn entries(text: &str) -> Vec<(String, String, Option<String>)> {
        let (tree, found) = read(text);
        assert!(found.is_empty(), "{text:?}: {found:?}");
        let root = tree.root(&tree.documents()[0]).unwrap();
        let mapping = root.entries().last().unwrap().value;
        let entry = |entry: super::super::Entry<'_>| {
            let via = entry.merged.map(|span| slice(text, span));
            (entry.name().unwrap().to_owned(), entry.value.text().unwrap_or("…").to_owned(), via)
        };
        mapping.entries().map(entry).collect()
    }

    #[test]
    fn merged_entries_give_way_to_own_ones_and_to_earlier_merges() {
        let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 0\n";
        let own =
            |name: &str, value: &str, via: Option<&str>| (name.to_owned(), value.to_owned(), via.map(str::to_owned));
        assert_eq!(entries(text), [own("a", "0", None), own("b", "1", Some("*x")), own("c", "2", Some("*y"))]);
        let chain = "x: &x {a: 1}\ny: &y {<<: *x, b: 2}\nz: {<<: *y}\n";
        assert_eq!(entries(chain), [own("b", "2", Some("*y")), own("a", "1", Some("*y"))]);
        let inline = "z: {<<: {a: 1}, b: 2}\n";
        assert_eq!(entries(inline), [own("b", "2", None), own("a", "1", Some("{a: 1}"))]);
        let quoted = "z: {\"<<\": 1}\n";
        assert_eq!(entries(quoted), [own("<<", "1", None)]);
    }

    #[test]
    fn a_repeated_key_is_told_once_with_every_place() {
        let many: String = (0..40).map(|n| format!("k{n}: 1\n")).collect();
        let cases = [
            ("a: 1\nb: 2\na: 3\n".to_owned(), "`a` is given twice in one mapping", 10),
            ("{a: 1, \"a\": 2}".to_owned(), "`a` is given twice in one mapping", 7),
            ("a: 1\na: 2\na: 3\n".to_owned(), "`a` is given 3 times in one mapping", 5),
            (many.clone() + "k39: 2\n", "`k39` is given twice in one mapping", many.len()),
            ("x: &x {}\ny: {<<: *x, <<: *x}\n".to_owned(), "`<<` is given twice in one mapping", 21),
        ];
        for (text, message, place) in cases {
            let (tree, found) = read(&text);
            let [one] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            assert_eq!((one.code, one.message.as_str()), ("duplicate-key", message));
            assert_eq!(one.primary.span.start as usize, place, "{text:?}");
            assert_eq!(&*one.labels[0].text, "first here");
            let root = tree.root(&tree.documents()[0]).expect("the document stays sound");
            assert!(root.get("a").is_none_or(|entry| entry.value.text() == Some("1")), "the first one counts");
        }
    }

    #[test]
    fn keys_and_merges_that_mean_nothing_break_the_document() {
        let cases = [
            ("? [a, b]\n: c\n", "[a, b]", "a key must be text"),
            ("a: {{ x }}\n", "{ x }", "a key must be text"),
            ("x: &x [1]\n*x : 1\n", "*x", "a key must be text"),
            ("<<: 3\n", "3", "`<<` needs a mapping to merge"),
            ("<<:\n", "@3", "`<<` needs a mapping to merge"),
            ("a: {<<: [{}, x]}\n", "x", "`<<` needs a mapping to merge"),
        ];
        for (text, place, message) in cases {
            let (tree, found) = read(text);
            let [one] = found.as_slice() else { panic!("{text:?}: {found:?}") };
            assert_eq!((slice(text, one.primary.span), one.message.as_str()), (place.to_owned(), message), "{text:?}");
            assert!(tree.documents()[0].broken && tree.root(&tree.documents()[0]).is_none());
        }
    }
}
