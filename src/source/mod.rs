//! Source text and places in it: files, byte spans, lines and columns.

mod again;
mod text;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use again::Again;
pub use again::{First, Recent, Reread};
pub use text::{Excerpt, Text};

/// A file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(u32);

impl FileId {
    /// The place of the file in its map, which is another in another run.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// A stretch of one file, in bytes of its UTF-8 text; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(FileId, u32, u32)", into = "(FileId, u32, u32)")]
pub struct Span {
    /// The file the offsets count in.
    pub file: FileId,
    /// First byte, 0-based.
    pub start: u32,
    /// One past the last byte, 0-based.
    pub end: u32,
}

impl Span {
    /// A span from byte `start` up to, not including, byte `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self { file, start, end: end.max(start) }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both; `other` is ignored where it lies in another file.
    pub fn to(self, other: Span) -> Self {
        if self.file != other.file {
            return self;
        }
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies inside this span.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

impl From<Span> for (FileId, u32, u32) {
    fn from(span: Span) -> Self {
        (span.file, span.start, span.end)
    }
}

impl TryFrom<(FileId, u32, u32)> for Span {
    type Error = &'static str;

    fn try_from((file, start, end): (FileId, u32, u32)) -> Result<Self, Self::Error> {
        if start <= end { Ok(Self { file, start, end }) } else { Err("a span that ends before it begins") }
    }
}

/// A place for people: line and column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based.
    pub line: usize,
    /// 1-based, counted in Unicode scalar values.
    pub column: usize,
}

/// One file with its text.
#[derive(Debug)]
pub struct Source {
    path: Arc<str>,
    /// Bytes of the path that name the revision it belongs to, the colon behind them included.
    revision: usize,
    /// Where it lies, seen from the root of the workspace, if the path is counted from elsewhere.
    place: Option<Arc<str>>,
    held: Held,
}

/// Where the text of a file is.
#[derive(Debug)]
enum Held {
    /// Here.
    Here { text: Arc<Text>, invalid_utf8: Option<usize>, hash: OnceLock<u128> },
    /// In the program, to be taken over once it is asked for.
    Shipped(Shipped, OnceLock<Arc<Text>>),
    /// Where it was read.
    Again(Again),
}

/// A text that comes with the program: where it stands, and who knows it.
#[derive(Debug, Clone, Copy)]
struct Shipped {
    start: usize,
    size: usize,
    text: fn(usize, usize) -> &'static str,
}

/// Bytes from outside as a text.
#[derive(Debug)]
pub struct Decoded {
    text: String,
    /// Where the first bytes stand that are no UTF-8; what replaces them has as many bytes.
    invalid_utf8: Option<usize>,
}

impl From<Vec<u8>> for Decoded {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self { text, invalid_utf8: None },
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                Self { text: replace_invalid(error.as_bytes()), invalid_utf8: Some(at) }
            }
        }
    }
}

impl Decoded {
    /// The text, with `?` for every bad byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn hash(&self) -> u128 {
        hash(&self.text, self.invalid_utf8)
    }
}

/// A hash of all that reading can tell of a file, but for its path.
fn hash(text: &str, invalid_utf8: Option<usize>) -> u128 {
    let text = xxhash_rust::xxh3::xxh3_128(text.as_bytes());
    // a bad byte reads like the question mark that stands for it
    invalid_utf8.map_or(text, |at| {
        let both = [text.to_le_bytes().as_slice(), &at.to_le_bytes()].concat();
        xxhash_rust::xxh3::xxh3_128(&both)
    })
}

impl Source {
    fn new(path: Arc<str>, text: Arc<str>, invalid_utf8: Option<usize>) -> Self {
        let held = Held::Here { text: Arc::new(text.into()), invalid_utf8, hash: OnceLock::new() };
        Self { path, revision: 0, place: None, held }
    }

    /// Path as shown to people: relative to the workspace root, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The revision that the text is of, where it is not the one that is judged. The path begins with it: `main:purposes.yaml`.
    pub fn revision(&self) -> Option<&str> {
        self.path.get(..self.revision.checked_sub(1)?)
    }

    /// Path as it is looked up: from the root of the workspace, without the revision. People may have named the file from elsewhere.
    pub fn place(&self) -> &str {
        let path = || self.path.get(self.revision..).unwrap_or_default();
        self.place.as_deref().unwrap_or_else(path)
    }

    /// The whole text, a byte order mark included. It may be read from where it stands, so whoever looks at it more than once
    /// should hold it.
    pub fn text(&self) -> Arc<Text> {
        match &self.held {
            Held::Here { text, .. } => Arc::clone(text),
            Held::Shipped(Shipped { start, size, text }, known) => {
                Arc::clone(known.get_or_init(|| Arc::new(Arc::<str>::from(text(*start, *size)).into())))
            }
            Held::Again(again) => again.text(),
        }
    }

    /// The text, where it need not be read.
    pub fn held(&self) -> Option<Arc<Text>> {
        match &self.held {
            Held::Again(again) => again.held(),
            _ => Some(self.text()),
        }
    }

    /// Bytes of the text.
    pub fn size(&self) -> usize {
        match &self.held {
            Held::Here { text, .. } => text.len(),
            Held::Shipped(shipped, _) => shipped.size,
            Held::Again(again) => again.first.size,
        }
    }

    /// Offset of the first byte that is not UTF-8, if any. The text then has `?` for every bad byte, so offsets stay right.
    pub fn invalid_utf8(&self) -> Option<usize> {
        match &self.held {
            Held::Here { invalid_utf8, .. } => *invalid_utf8,
            Held::Shipped(..) => None,
            Held::Again(again) => again.first.invalid_utf8,
        }
    }

    /// A hash of all that reading can tell of the file, but for its path.
    pub fn hash(&self) -> u128 {
        match &self.held {
            Held::Here { text, invalid_utf8, hash: known } => *known.get_or_init(|| hash(text, *invalid_utf8)),
            Held::Shipped(..) => hash(&self.text(), None),
            Held::Again(again) => again.first.hash,
        }
    }

    /// Whether the file was another when it was to be read again: what it says now was not judged.
    pub fn is_changed(&self) -> bool {
        matches!(&self.held, Held::Again(again) if again.is_changed())
    }

    /// 0-based index of the line that holds the byte `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        self.text().line_of(offset)
    }

    /// Bytes of the 0-based line `index`, its line break included; empty past the end.
    pub fn line_range(&self, index: usize) -> std::ops::Range<usize> {
        self.text().line_range(index)
    }

    /// Line and column of the byte `offset`; an offset inside a character counts as that character.
    pub fn position(&self, offset: usize) -> Position {
        self.text().position(offset)
    }
}

/// All files of a run. Ids are given in the order of adding.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<Source>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a text under a path for people.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        self.push(Source::new(path.into(), text.into(), None))
    }

    /// Takes in a text that comes with the program: its start and its size, and who has it. It is taken over once somebody asks
    /// for it.
    pub fn add_shipped(
        &mut self,
        path: impl Into<Arc<str>>,
        (start, size): (usize, usize),
        text: fn(usize, usize) -> &'static str,
    ) -> FileId {
        let held = Held::Shipped(Shipped { start, size, text }, OnceLock::new());
        self.push(Source { path: path.into(), revision: 0, place: None, held })
    }

    /// Takes in a text of another revision than the one that is judged.
    pub fn add_of(&mut self, revision: &str, path: &str, text: impl Into<Arc<str>>) -> FileId {
        let id = self.add(format!("{revision}:{path}"), text);
        if let Some(source) = self.files.get_mut(id.0 as usize) {
            source.revision = revision.len() + 1;
        }
        id
    }

    /// Takes in bytes from outside, which may not be UTF-8 (see [`Source::invalid_utf8`]).
    pub fn add_bytes(&mut self, path: impl Into<Arc<str>>, bytes: Vec<u8>) -> FileId {
        self.add_decoded(path, Decoded::from(bytes))
    }

    /// Takes in what was made of bytes from outside.
    pub fn add_decoded(&mut self, path: impl Into<Arc<str>>, decoded: Decoded) -> FileId {
        self.push(Source::new(path.into(), decoded.text.into(), decoded.invalid_utf8))
    }

    /// Takes in a text that is read again where it is no longer held. `read` has to read the same; where it does not, the text is
    /// empty from then on, see [`Self::changed`].
    pub fn add_again(&mut self, path: impl Into<Arc<str>>, first: First, read: Box<Reread>) -> FileId {
        let held = Held::Again(Again::new(first, read));
        self.push(Source { path: path.into(), revision: 0, place: None, held })
    }

    /// The files that were others when they were to be read again: what was made of their texts may be wrong.
    pub fn changed(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|source| source.is_changed())
    }

    /// Gives a file another text; its id and path stay. Nothing happens for an id of another map.
    pub fn replace(&mut self, file: FileId, text: impl Into<Arc<str>>) {
        if let Some(source) = self.files.get_mut(file.0 as usize) {
            let (path, revision, place) = (Arc::clone(&source.path), source.revision, source.place.clone());
            *source = Source { revision, place, ..Source::new(path, text.into(), None) };
        }
    }

    /// Says where a file lies, seen from the root of the workspace, whose path is counted from elsewhere. Nothing happens for an id
    /// of another map.
    pub fn set_place(&mut self, file: FileId, place: impl Into<Arc<str>>) {
        if let Some(source) = self.files.get_mut(file.0 as usize) {
            source.place = Some(place.into());
        }
    }

    fn push(&mut self, source: Source) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(source);
        id
    }

    /// The file behind an id; an id of another map gives `None`.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize)
    }

    /// Path for people, empty for an id of another map.
    pub fn path(&self, file: FileId) -> &str {
        self.get(file).map_or("", Source::path)
    }

    /// The text a span covers, empty where the span does not fit.
    pub fn slice(&self, span: Span) -> Excerpt {
        let text = self.get(span.file).map(Source::text).unwrap_or_default();
        Excerpt::new(text, span.start as usize..span.end as usize)
    }

    /// Line and column of the start of a span.
    pub fn start(&self, span: Span) -> Position {
        self.get(span.file).map_or(Position { line: 1, column: 1 }, |file| file.position(span.start as usize))
    }

    /// Line and column just behind the last character of a span.
    pub fn end(&self, span: Span) -> Position {
        self.get(span.file).map_or(Position { line: 1, column: 1 }, |file| file.position(span.end as usize))
    }

    /// The same files under the same ids, some with another text.
    #[must_use]
    pub fn with_texts(&self, texts: &BTreeMap<FileId, Arc<str>>) -> Self {
        let mut changed = Self::new();
        for (file, source) in self.iter() {
            let (text, invalid_utf8) = match texts.get(&file) {
                Some(text) => (Arc::clone(text), None),
                None => (source.text().shared(), source.invalid_utf8()),
            };
            let (revision, place) = (source.revision, source.place.clone());
            changed.push(Source { revision, place, ..Source::new(Arc::clone(&source.path), text, invalid_utf8) });
        }
        changed
    }

    /// Ids and files, in order of adding.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, source)| (FileId(u32::try_from(at).unwrap_or(u32::MAX)), source))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

fn replace_invalid(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '?'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_not_bytes() {
        let mut map = SourceMap::new();
        let file = map.add("a.yaml", "a: 😀é: x\nb: y\n");
        let source = map.get(file).unwrap();
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(7), Position { line: 1, column: 5 });
        assert_eq!(source.position(source.text().find('b').unwrap()), Position { line: 2, column: 1 });
        assert_eq!(source.position(9_999), Position { line: 3, column: 1 });
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let mut map = SourceMap::new();
        let file = map.add("a.yaml", "\u{feff}a: b\n");
        assert_eq!(map.get(file).unwrap().position(3), Position { line: 1, column: 1 });
    }

    #[test]
    fn bytes_that_are_not_utf8_keep_their_offsets() {
        let mut map = SourceMap::new();
        let file = map.add_bytes("a.yaml", b"a: \xff\xfe!\n".to_vec());
        let source = map.get(file).unwrap();
        assert_eq!(source.invalid_utf8(), Some(3));
        assert_eq!(&**source.text(), "a: ??!\n");
    }
}
