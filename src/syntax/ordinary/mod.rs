//! The YAML that people write day by day, read without the library: mappings and lists by indentation or in brackets, scalars
//! on one line, block scalars, comments.
//!
//! There is one meaning of a text, that of the library. What is read here comes out with the same nodes in the same order,
//! with the same spans; for anything else, and for anything that would bring a diagnostic, the answer is `None`, and the
//! library reads the whole file. So every doubt below ends in `None`.

mod block;
mod characters;
mod flow;
mod scalar;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::builder::index;
use super::parse::Limits;
use super::tree::{Comment, Data, Document, Node, NodeId, Pair, Style, Tag, Text, Tree};
use crate::source::{FileId, Span};

/// Longest key in bytes. YAML wants the colon within 1,024 characters.
const LONGEST_KEY: usize = 1_000;

/// Mappings up to this size compare their keys one by one.
const FEW: usize = 24;

/// The tree of a text; `None` where the library has to read it.
pub(super) fn read(file: FileId, text: &Arc<str>, limits: &Limits) -> Option<Tree> {
    if !characters::are_ordinary(text.as_bytes()) {
        return None;
    }
    let mut tree = Tree::empty(file, text.clone());
    // declarations have a node every 12 bytes or so
    tree.nodes.reserve(text.len() / 12);
    tree.pairs.reserve(text.len() / 28);
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 0,
        file,
        depth: limits.depth,
        entries: limits.entries,
        tree,
        open: Vec::with_capacity(16),
        waiting: Vec::with_capacity(64),
        keys: Vec::with_capacity(64),
        empty: None,
    };
    reader.document()?;
    Some(reader.tree)
}

/// A list or mapping whose end has not come yet.
struct Open {
    node: NodeId,
    is_mapping: bool,
    /// Of its first key or dash; of what holds it, for one in brackets.
    column: usize,
    /// Where its children start among those that wait.
    first: usize,
    /// Where its keys start.
    keys: usize,
}

/// Reads one text into a tree, and gives up at the first doubt.
struct Reader<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    /// Where the line of `at` starts.
    line: usize,
    file: FileId,
    depth: usize,
    entries: usize,
    tree: Tree,
    open: Vec<Open>,
    /// Children of what is open.
    waiting: Vec<NodeId>,
    /// Hashes of the keys of the mappings that are open.
    keys: Vec<u64>,
    /// Where the value of the last key or dash stands if it is empty, as long as none has come.
    empty: Option<usize>,
}

impl Reader<'_> {
    /// The byte at an offset; behind the end of the text there is a line break.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn here(&self) -> u8 {
        self.byte(self.at)
    }

    fn column(&self) -> usize {
        self.at - self.line
    }

    fn skip_spaces(&mut self) {
        // there is one, mostly
        while self.here() == b' ' {
            self.at += 1;
            if self.here() == b' ' {
                self.at = characters::next_word(self.bytes, self.at);
            }
        }
    }

    /// Over blanks and a comment to the start of the next line.
    fn end_line(&mut self) -> Option<()> {
        self.skip_spaces();
        if self.here() == b'#' && self.is_behind_blank() {
            self.comment();
        }
        match self.here() {
            b'\n' => self.at = self.bytes.len().min(self.at + 1),
            b'\r' => self.at += 2,
            _ => return None,
        }
        self.line = self.at;
        Some(())
    }

    fn is_behind_blank(&self) -> bool {
        self.at == self.line || self.at.checked_sub(1).is_some_and(|before| self.byte(before) == b' ')
    }

    fn comment(&mut self) {
        let start = self.at;
        self.at = self.end_of_line();
        let span = Span::new(self.file, start, self.at);
        self.tree.comments.push(Comment { span });
    }

    /// The offset of the line break behind `at`.
    fn end_of_line(&self) -> usize {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).map_or(self.bytes.len(), |length| self.at + length);
        match end.checked_sub(1) {
            Some(before) if before >= self.at && self.byte(before) == b'\r' => before,
            _ => end,
        }
    }

    /// Adds a node below the innermost collection that is open.
    fn add(&mut self, start: usize, end: usize, data: Data) -> NodeId {
        let id = NodeId(index(self.tree.nodes.len()));
        self.tree.nodes.push(Node { span: Span::new(self.file, start, end), data });
        if !self.open.is_empty() {
            self.waiting.push(id);
        }
        id
    }

    fn add_scalar(&mut self, start: usize, end: usize, text: Text, style: Style) {
        self.add(start, end, Data::Scalar { text, style, tag: Tag::Implicit });
    }

    fn add_empty(&mut self, at: usize) {
        self.add_scalar(at, at, Text::AtSpan, Style::Plain);
    }

    /// Takes in the key that is the last node.
    fn add_key(&mut self, key: &str) -> Option<()> {
        if key == "<<" || key.len() > LONGEST_KEY {
            return None;
        }
        self.keys.push(xxh3_64(key.as_bytes()));
        Some(())
    }

    fn begin(&mut self, is_mapping: bool, column: usize) -> Option<()> {
        // the library has limits of its own
        if self.open.len() + 1 >= self.depth {
            return None;
        }
        let data = if is_mapping { Data::Mapping { entries: 0..0 } } else { Data::Sequence { items: 0..0 } };
        let node = self.add(self.at, self.at, data);
        self.open.push(Open { node, is_mapping, column, first: self.waiting.len(), keys: self.keys.len() });
        Some(())
    }

    /// Ends the innermost collection, at `end` or else with its last child.
    fn close(&mut self, end: Option<usize>) -> Option<()> {
        let open = self.open.pop()?;
        let children = self.waiting.get(open.first..)?;
        // the library says what is too much
        if children.len() > if open.is_mapping { self.entries.saturating_mul(2) } else { self.entries } {
            return None;
        }
        let last = children.last().and_then(|id| self.tree.node(*id)).map(|node| node.span.end);
        let data = if open.is_mapping {
            if has_twins(self.keys.get_mut(open.keys..)?) {
                return None;
            }
            let start = index(self.tree.pairs.len());
            let pairs = children.as_chunks::<2>().0.iter();
            self.tree.pairs.extend(pairs.map(|&[key, value]| Pair { key, value, merged: None }));
            Data::Mapping { entries: start..index(self.tree.pairs.len()) }
        } else {
            let start = index(self.tree.items.len());
            self.tree.items.extend_from_slice(children);
            Data::Sequence { items: start..index(self.tree.items.len()) }
        };
        self.waiting.truncate(open.first);
        self.keys.truncate(open.keys);
        let node = self.tree.nodes.get_mut(open.node.0 as usize)?;
        node.span.end = end.map(index).or(last)?;
        node.data = data;
        Some(())
    }

    fn end_document(&mut self) -> Option<()> {
        let root = self.tree.nodes.first()?;
        self.tree.documents.push(Document { root: Some(NodeId(0)), span: root.span, broken: false });
        Some(())
    }
}

/// Whether two are the same. Keys that only share their hash are left to the library as well.
fn has_twins(hashes: &mut [u64]) -> bool {
    if hashes.len() > FEW {
        hashes.sort_unstable();
        return hashes.windows(2).any(|pair| pair.first() == pair.last());
    }
    let mut rest = &*hashes;
    while let Some((first, others)) = rest.split_first() {
        if others.contains(first) {
            return true;
        }
        rest = others;
    }
    false
}
