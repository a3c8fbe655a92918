//! A text, and the lines and columns in it.

use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use super::Position;

/// The text of a file with, once asked for, the starts of its lines.
#[derive(Debug, Default)]
pub struct Text {
    text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
    /// How many characters begin before each stretch of the text.
    characters: OnceLock<Vec<usize>>,
}

/// Bytes of a stretch.
const STRETCH: usize = 1_024;

/// How many characters begin in UTF-8 text.
fn characters(text: &[u8]) -> usize {
    text.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Text {
    /// The text alone, for whoever keeps it.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.text)
    }

    /// How many lines there are: one more than line breaks.
    pub fn line_count(&self) -> usize {
        self.line_starts().len()
    }

    /// Byte offsets at which lines start; the first is 0.
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let text = self.as_bytes();
            let mut starts = vec![0];
            let start = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
            if memchr::memchr(b'\r', text).is_none() {
                starts.extend(memchr::memchr_iter(b'\n', text).map(start));
                return starts;
            }
            for at in memchr::memchr2_iter(b'\n', b'\r', text) {
                // as YAML has it, a carriage return ends a line by itself, and with a line feed once
                if text.get(at) == Some(&b'\r') && text.get(at + 1) == Some(&b'\n') {
                    continue;
                }
                starts.push(start(at));
            }
            starts
        })
    }

    /// 0-based index of the line that holds the byte `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.line_starts().partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Bytes of the 0-based line `index`, its line break included; empty past the end.
    pub fn line_range(&self, index: usize) -> Range<usize> {
        let starts = self.line_starts();
        let end = self.len();
        let start = starts.get(index).map_or(end, |s| *s as usize);
        let stop = starts.get(index + 1).map_or(end, |s| *s as usize);
        start..stop
    }

    /// How many characters begin before a byte. Counted once for stretches of the text: a file may be one line with thousands of
    /// findings.
    fn characters_before(&self, offset: usize) -> usize {
        let text = self.as_bytes();
        let stretches = self.characters.get_or_init(|| {
            let mut all = 0;
            let mut before = Vec::with_capacity(text.len() / STRETCH + 1);
            for stretch in text.chunks(STRETCH) {
                before.push(all);
                all += characters(stretch);
            }
            before
        });
        let at = offset / STRETCH;
        match stretches.get(at) {
            Some(before) => before + characters(text.get(at * STRETCH..offset).unwrap_or_default()),
            None => stretches.last().map_or(0, |before| {
                before + characters(text.get((stretches.len() - 1) * STRETCH..).unwrap_or_default())
            }),
        }
    }

    /// Line and column of the byte `offset`; an offset inside a character counts as that character.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.len());
        let line = self.line_of(offset);
        let start = self.line_range(line).start;
        let mut column = match self.as_bytes().get(start..offset) {
            Some(before) if before.len() <= STRETCH => characters(before),
            _ => self.characters_before(offset) - self.characters_before(start),
        };
        if line == 0 && self.starts_with('\u{feff}') && offset >= 3 {
            column = column.saturating_sub(1);
        }
        Position { line: line + 1, column: column + 1 }
    }
}

/// A stretch of a text, which it keeps alive.
#[derive(Debug, Clone)]
pub struct Excerpt {
    text: Arc<Text>,
    range: Range<usize>,
}

impl Excerpt {
    /// A range of bytes; empty where it does not fit.
    pub(super) fn new(text: Arc<Text>, range: Range<usize>) -> Self {
        Self { text, range }
    }
}

impl Deref for Excerpt {
    type Target = str;

    fn deref(&self) -> &str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }
}

impl std::fmt::Display for Excerpt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}
