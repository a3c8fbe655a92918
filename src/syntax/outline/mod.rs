//! The keys and items of a text that need not be YAML yet, by indentation and brackets alone, and where in it somebody writes.
//!
//! A tree knows nothing of a document with one mistake in it, and a text is nearly always broken where it is being written. So
//! this reads line by line, takes what it can, and goes on. What the parser can read, it places under the same keys.

mod cursor;
mod flow;
mod scan;

use std::ops::Range;

pub use cursor::{Cursor, Part, Writing};
use scan::Scanner;

/// A mapping or list, with what it stands under.
#[derive(Debug, Clone, Copy)]
struct Collection {
    /// The entry whose value it is; `None` for the root of a document.
    holder: Option<usize>,
    /// The document, 0-based.
    document: usize,
}

/// An entry of a mapping, or an item of a list.
#[derive(Debug, Clone)]
struct Entry {
    collection: usize,
    /// The key without its quotes; `None` for an item.
    key: Option<Range<usize>>,
    /// Which item it is, 0-based.
    index: usize,
    /// A scalar that stands there, without its quotes.
    value: Option<Range<usize>>,
    /// Whether anything stands there.
    is_filled: bool,
}

/// What stands in a text.
#[derive(Debug, Clone)]
pub struct Outline<'t> {
    text: &'t str,
    collections: Vec<Collection>,
    entries: Vec<Entry>,
}

impl<'t> Outline<'t> {
    /// Reads a text.
    pub fn new(text: &'t str) -> Self {
        Scanner::scan(text, None).0
    }

    /// Reads a text, and finds where a byte of it stands. `None` where nothing can be written, such as in a comment.
    pub fn with_cursor(text: &'t str, byte: usize) -> (Self, Option<Cursor<'t>>) {
        let mut byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let (outline, hit) = Scanner::scan(text, Some(byte));
        let cursor = hit.map(|hit| outline.cursor(hit, byte));
        (outline, cursor)
    }

    /// The scalar under the keys of a path in a document. Items of lists have the path of the list.
    pub fn scalar(&self, document: usize, path: &[&str]) -> Option<&'t str> {
        let is_there = |entry: &&Entry| entry.value.is_some() && self.is_at(entry, document, path);
        self.slice(self.entries.iter().find(is_there)?.value.clone()?)
    }

    /// The keys of the mappings under the keys of a path, in the order of the text.
    pub fn keys(&self, document: usize, path: &[&str]) -> Vec<&'t str> {
        let inside = self.entries.iter().filter(|entry| {
            let collection = self.collections.get(entry.collection);
            collection.is_some_and(|found| found.document == document && self.path_is(found.holder, path))
        });
        inside.filter_map(|entry| self.slice(entry.key.clone()?)).collect()
    }

    /// The scalars in the list under the keys of a path.
    pub fn items(&self, document: usize, path: &[&str]) -> Vec<&'t str> {
        let listed = self.entries.iter().filter(|entry| entry.key.is_none() && self.is_at(entry, document, path));
        listed.filter_map(|entry| self.slice(entry.value.clone()?)).collect()
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.collections.last().map_or(0, |last| last.document + 1)
    }

    fn is_at(&self, entry: &Entry, document: usize, path: &[&str]) -> bool {
        let Some(found) = self.collections.get(entry.collection).filter(|found| found.document == document) else {
            return false;
        };
        match (entry.key.clone().and_then(|key| self.slice(key)), path) {
            (Some(key), [before @ .., last]) => key == *last && self.path_is(found.holder, before),
            (None, path) => self.path_is(found.holder, path),
            _ => false,
        }
    }

    /// Whether an entry stands under exactly these keys, or is the root for none.
    fn path_is(&self, holder: Option<usize>, path: &[&str]) -> bool {
        let mut rest = path;
        let mut at = holder;
        while let Some(entry) = at.and_then(|at| self.entries.get(at)) {
            if let Some(key) = entry.key.clone().and_then(|key| self.slice(key)) {
                let [before @ .., last] = rest else { return false };
                if key != *last {
                    return false;
                }
                rest = before;
            }
            at = self.holder(entry.collection);
        }
        rest.is_empty()
    }

    fn holder(&self, collection: usize) -> Option<usize> {
        self.collections.get(collection).and_then(|found| found.holder)
    }

    fn slice(&self, range: Range<usize>) -> Option<&'t str> {
        self.text.get(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_text_is_found_though_it_is_broken() {
        let text = "service: s\norganisations:\n  a: {name: \"A, Inc.\"}\n  b:\n    name: B\npurposes:\n  p:\n    recipients: [\n    us: x\n    data:\n      - category: c\n---\nservice: t\n";
        let outline = Outline::new(text);
        assert_eq!(outline.documents(), 2);
        for (document, path, scalar) in [
            (0, &["service"][..], Some("s")),
            (1, &["service"], Some("t")),
            (0, &["organisations", "a", "name"], Some("A, Inc.")),
            (0, &["organisations", "b", "name"], Some("B")),
            (0, &["purposes", "p", "data", "category"], Some("c")),
            (0, &["purposes", "p", "use"], None),
        ] {
            assert_eq!(outline.scalar(document, path), scalar, "{path:?}");
        }
        assert_eq!(outline.keys(0, &["organisations"]), ["a", "b"]);
        assert_eq!(outline.keys(0, &["purposes", "p"]), ["recipients", "us", "data"]);
    }
}
