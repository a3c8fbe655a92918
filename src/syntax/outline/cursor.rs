//! Where somebody writes.

use std::ops::Range;

use super::scan::Writes;
use super::{Entry, Outline};

/// One step from a collection to what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// To the value of a key.
    Key(String),
    /// To an item of a list; 0-based.
    Item(usize),
}

impl Part {
    /// The name of a key.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(key),
            Self::Item(_) => None,
        }
    }
}

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// A key of the mapping that the path leads to.
    Key,
    /// The value that the path leads to: its key stands on the same line.
    Value,
    /// The first word of what the path leads to, which may become a key of a mapping, a dash of a list, or the value itself.
    Start,
}

/// A place in a text where somebody writes.
#[derive(Debug, Clone)]
pub struct Cursor<'t> {
    /// The way from the root of the document.
    pub path: Vec<Part>,
    /// What is being written there.
    pub writing: Writing,
    /// The bytes of the word that is being written, without its quotes.
    pub word: Range<usize>,
    /// What of the word stands before the cursor.
    pub prefix: &'t str,
    /// The other keys of the mapping, or items of the list.
    pub taken: Vec<String>,
    /// The quotes in which the word stands.
    pub quote: Option<char>,
    /// Whether it stands in brackets.
    pub in_flow: bool,
    /// Whether a key has its colon already.
    pub has_colon: bool,
    /// Whether a blank is missing before what is written.
    pub wants_space: bool,
    /// Whether an item of a list is missing its dash.
    pub wants_dash: bool,
    /// Whether nothing else stands on the line.
    pub is_own_line: bool,
    /// The column, in bytes, at which a mapping begins that is begun here, or is gone on with.
    pub column: usize,
    /// What of the scalar stands before the cursor, as it stands in the text, with all its lines and without its quotes.
    pub before: &'t str,
    /// Whether the scalar began on a line above.
    pub is_long: bool,
    /// The document, 0-based.
    pub document: usize,
}

impl Cursor<'_> {
    /// The keys on the way, without the items of lists.
    pub fn keys(&self) -> Vec<&str> {
        self.path.iter().filter_map(Part::key).collect()
    }
}

/// What a cursor points at, before its path is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Nothing stands above it, in a document.
    Root(usize),
    /// A mapping.
    Collection(usize),
    /// The value of an entry; `None` for that of the root.
    Entry(Option<usize>),
    /// An item of a list that is not there yet.
    NewItem(usize),
}

/// A cursor that was met.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) target: Target,
    pub(super) writes: Writes,
    pub(super) word: Range<usize>,
    /// Where the scalar begins that the word is part of.
    pub(super) scalar: usize,
    pub(super) quote: Option<char>,
    pub(super) in_flow: bool,
    pub(super) has_colon: bool,
    pub(super) wants_space: bool,
    pub(super) wants_dash: bool,
    pub(super) is_own_line: bool,
    pub(super) is_long: bool,
    pub(super) column: usize,
    /// The entry that is being written, which takes no key from itself.
    pub(super) own: Option<usize>,
}

impl Hit {
    pub(super) fn new(target: Target, word: Range<usize>) -> Self {
        Self {
            target,
            writes: Writes::Value,
            scalar: word.start,
            word,
            quote: None,
            in_flow: false,
            has_colon: false,
            wants_space: false,
            wants_dash: false,
            is_own_line: false,
            is_long: false,
            column: 0,
            own: None,
        }
    }
}

impl<'t> Outline<'t> {
    pub(super) fn cursor(&self, hit: Hit, byte: usize) -> Cursor<'t> {
        let path = match hit.target {
            Target::Root(_) => Vec::new(),
            Target::Collection(collection) => self.path(self.holder(collection)),
            Target::Entry(entry) => self.path(entry),
            Target::NewItem(list) => {
                let count = self.entries.iter().filter(|entry| entry.collection == list).count();
                let mut path = self.path(self.holder(list));
                path.push(Part::Item(count));
                path
            }
        };
        let word = hit.word.start.min(byte)..hit.word.end.max(byte);
        Cursor {
            path,
            writing: match hit.writes {
                Writes::Key => Writing::Key,
                Writes::Value => Writing::Value,
                Writes::Start => Writing::Start,
            },
            prefix: self.text.get(word.start..byte).unwrap_or_default(),
            word,
            taken: self.taken(&hit),
            quote: hit.quote,
            in_flow: hit.in_flow,
            has_colon: hit.has_colon,
            wants_space: hit.wants_space,
            wants_dash: hit.wants_dash,
            is_own_line: hit.is_own_line,
            column: hit.column,
            before: self.text.get(hit.scalar..byte).unwrap_or_default(),
            is_long: hit.is_long,
            document: self.document_of(hit.target),
        }
    }

    fn document_of(&self, target: Target) -> usize {
        let of = |collection: usize| self.collections.get(collection).map_or(0, |found| found.document);
        match target {
            Target::Root(document) => document,
            Target::Collection(collection) | Target::NewItem(collection) => of(collection),
            Target::Entry(entry) => {
                let entry = entry.and_then(|entry| self.entries.get(entry));
                entry.map_or_else(|| self.documents().saturating_sub(1), |entry| of(entry.collection))
            }
        }
    }

    fn path(&self, entry: Option<usize>) -> Vec<Part> {
        let mut path = Vec::new();
        let mut at = entry;
        while let Some(entry) = at.and_then(|at| self.entries.get(at)) {
            path.push(match entry.key.clone() {
                Some(key) => Part::Key(self.slice(key).unwrap_or_default().to_owned()),
                None => Part::Item(entry.index),
            });
            at = self.holder(entry.collection);
        }
        path.reverse();
        path
    }

    /// The keys beside one that is written, those of a mapping that begins here, or the items of the list.
    fn taken(&self, hit: &Hit) -> Vec<String> {
        let is_root = |document: usize, entry: &Entry| {
            let found = self.collections.get(entry.collection);
            found.is_some_and(|found| found.holder.is_none() && found.document == document)
        };
        let own_list = match hit.target {
            Target::Entry(Some(entry)) => self.entries.get(entry).filter(|entry| entry.key.is_none()),
            _ => None,
        };
        let beside = |at: usize, entry: &Entry| match hit.target {
            Target::Root(document) => is_root(document, entry),
            Target::Collection(collection) | Target::NewItem(collection) => entry.collection == collection,
            Target::Entry(None) => false,
            Target::Entry(Some(target)) => {
                at != target && own_list.is_some_and(|own| own.collection == entry.collection)
                    || self.holder(entry.collection) == Some(target)
            }
        };
        let others = self.entries.iter().enumerate().filter(|(at, entry)| Some(*at) != hit.own && beside(*at, entry));
        let word =
            |entry: &Entry| entry.key.clone().or_else(|| entry.value.clone()).and_then(|range| self.slice(range));
        others.filter_map(|(_, entry)| Some(word(entry)?.to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `‸` is the cursor. Gives the path with items as numbers, what is written, and the prefix.
    fn at(text: &str) -> String {
        let byte = text.find('‸').unwrap();
        let text = text.replace('‸', "");
        let Some(cursor) = Outline::with_cursor(&text, byte).1 else { return "nothing".to_owned() };
        let part = |part: &Part| match part {
            Part::Key(key) => key.clone(),
            Part::Item(index) => index.to_string(),
        };
        let path: Vec<String> = cursor.path.iter().map(part).collect();
        format!("{} {:?} `{}`", path.join("."), cursor.writing, cursor.prefix)
    }

    #[test]
    fn a_cursor_is_found_however_broken_the_text_is() {
        for (text, found) in [
            ("‸", " Start ``"),
            ("ver‸", " Start `ver`"),
            ("version: 1\n‸", " Key ``"),
            ("version: 1\nser‸\npurposes:\n  p: {}\n", " Key `ser`"),
            ("version: ‸", "version Value ``"),
            ("version:‸", "version Value ``"),
            ("version:‸\nservice: a\n", "version Value ``"),
            ("purposes:\n  ‸", "purposes Start ``"),
            ("purposes:\n  p‸", "purposes Start `p`"),
            ("purposes:\n‸", " Key ``"),
            ("purposes:\n  p:\n    use: x\n    ‸", "purposes.p Key ``"),
            ("purposes:\n  p:\n    use: x\n  ‸", "purposes Key ``"),
            ("purposes:\n  p:\n    use: x\n   ‸", "nothing"),
            ("purposes:\n  p:\n    use: x\n    nec‸\n    setting:\n      default: on\n", "purposes.p Key `nec`"),
            ("purposes:\n  p:\n    us‸e: x\n", "purposes.p Key `us`"),
            ("purposes:\n  p:\n    use: tra‸in\n", "purposes.p.use Value `tra`"),
            ("purposes:\n  p:\n    use:\n      tra‸\n", "purposes.p.use Start `tra`"),
            ("a: text\n  ‸more: of it\n", "a Key ``"),
            ("a: text\n  and ‸more\n", "a Value `and `"),
            ("a: [‸", "a.0 Value ``"),
            ("a: [x, ‸", "a.1 Value ``"),
            ("a: [x‸", "a.0 Value `x`"),
            ("a: [x ‸]", "nothing"),
            ("a: [x == ‸", "a.0 Value `x == `"),
            ("a: [x,‸]\nb: 1\n", "a.1 Value ``"),
            ("p:\n  a: [x,\n    y‸\n  b: 1\n", "p.a.1 Value `y`"),
            ("p:\n  a: [\n  b: 1\n  c‸\n", "p Key `c`"),
            ("p:\n  a: [x, {b: ‸}]\n", "p.a.1.b Value ``"),
            ("p:\n  a: [x, {b‸}]\n", "p.a.1 Key `b`"),
            ("p:\n  a: [x, {b: 1, ‸}]\n", "p.a.1 Key ``"),
            ("p: {a: {b: c‸", "p.a.b Value `c`"),
            ("p: {a: {b: c}, ‸", "p Key ``"),
            ("p: [a: b, c: d‸]", "p.1.c Value `d`"),
            ("p: {\"a\":‸}", "p.a Value ``"),
            ("a:\n  - ‸", "a.0 Start ``"),
            ("a:\n  -‸", "a.0 Start ``"),
            ("a:\n- b\n- ‸", "a.1 Start ``"),
            ("a:\n- b\n‸", " Key ``"),
            ("a:\n  - b\n  ‸", "a.1 Start ``"),
            ("a:\n  - reg‸\n    default: off\n", "a.0 Start `reg`"),
            ("a:\n  - regions: [EU]\n    ‸", "a.0 Key ``"),
            ("a:\n  - regions: [EU]\n    def‸\n  - c: d\n", "a.0 Key `def`"),
            ("a:\n  - - ‸", "a.0.0 Start ``"),
            ("a: x # no‸te", "nothing"),
            ("# no‸te", "nothing"),
            ("a: \"x # y‸\"", "a Value `x # y`"),
            ("a: \"x‸\nb: 1\n", "a Value `x`"),
            ("a: \"x\nb: ‸\n", "b Value ``"),
            ("a: 'it''s ‸'", "a Value `it''s `"),
            ("a: |\n  long ‸text\nb: 1\n", "a Value `long `"),
            ("a: |\n  long\n  ‸\nb: 1\n", "a Value ``"),
            ("a: |\n  long\n‸\n", " Key ``"),
            ("a: >-\n  x: ‸\n", "a Value `x: `"),
            ("a: 1\n---\nb: ‸\n", "b Value ``"),
            ("a: 1\n---\n‸", " Start ``"),
            ("a:\r\n  b: 1\r\n  ‸\r\n", "a Key ``"),
            ("a:\n\tb‸: 1\n", "a Key `b`"),
            ("\u{feff}a: ‸", "a Value ``"),
            ("😀: [é, ‸", "😀.1 Value ``"),
            ("a: &x ‸", "a Value ``"),
            ("a: &x\n  b: ‸", "a.b Value ``"),
            ("\"a b\": ‸", "a b Value ``"),
            ("a: http://x‸", "a Value `http://x`"),
            ("a: 1\n  ‸", "nothing"),
        ] {
            assert_eq!(at(text), found, "{text}");
        }
    }

    #[test]
    fn what_stands_beside_is_taken() {
        for (text, taken) in [
            ("a: 1\n‸\nb: 2\n", &["a", "b"][..]),
            ("a: 1\nb‸\nc: 2\n", &["a", "c"]),
            ("p:\n  ‸\n  q: 1\n", &["q"]),
            ("p:\n  - a‸\n    b: 1\n  - c: 2\n", &["b"]),
            ("p: {a: 1, ‸}\n", &["a"]),
            ("p: [EU, ‸]\n", &["EU"]),
            ("p: [EU, F‸, GB]\n", &["EU", "GB"]),
            ("p:\n  - EU\n  - ‸\n", &["EU"]),
            ("‸\na: 1\n---\nb: 2\n", &["a"]),
        ] {
            let byte = text.find('‸').unwrap();
            let plain = text.replace('‸', "");
            let cursor = Outline::with_cursor(&plain, byte).1.unwrap_or_else(|| panic!("{text}"));
            assert_eq!(cursor.taken, taken, "{text}");
        }
    }

    #[test]
    fn what_is_missing_before_a_word_is_known() {
        for (text, space, dash, colon, column) in [
            ("a:‸", true, false, false, 3),
            ("a: ‸", false, false, false, 3),
            ("a:\n  -‸", true, false, false, 4),
            ("a:\n  - b\n  ‸", false, true, false, 2),
            ("a:\n  - b‸", false, false, false, 4),
            ("a‸: 1", false, false, true, 0),
            ("a: {‸: b}", false, false, true, 0),
            ("a: {b: c, ‸  : d}", false, false, true, 0),
            ("a: {b: c, ‸ :d}", false, false, false, 0),
            ("a: {‸}", false, false, false, 0),
            ("a:\n    b‸", false, false, false, 4),
        ] {
            let byte = text.find('‸').unwrap();
            let plain = text.replace('‸', "");
            let cursor = Outline::with_cursor(&plain, byte).1.unwrap_or_else(|| panic!("{text}"));
            let found = (cursor.wants_space, cursor.wants_dash, cursor.has_colon, cursor.column);
            assert_eq!(found, (space, dash, colon, column), "{text}");
        }
    }
}
