//! A text, and the lines and columns in it.

use std::ops::{Deref, Range};
use std::sync::{Arc, OnceLock};

use super::Position;

/// The text of a file with, once asked for, what finds its lines.
#[derive(Debug, Default)]
pub struct Text {
    text: Arc<str>,
    lines: OnceLock<Lines>,
    /// How many characters begin before each stretch of the text.
    characters: OnceLock<Vec<usize>>,
}

/// Bytes of a stretch.
const STRETCH: usize = 1_024;

/// Where lines are.
#[derive(Debug)]
enum Lines {
    /// How many line feeds stand before each stretch of the text, and in all of it. To count them is far less work than to note
    /// each, and few are asked for.
    Feeds(Vec<u32>),
    /// Byte offsets at which lines start, where carriage returns may end them; the first is 0.
    Starts(Vec<u32>),
}

impl Lines {
    fn of(text: &[u8]) -> Self {
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        if memchr::memchr(b'\r', text).is_none() {
            let mut all = 0;
            let stretches = text.chunks(STRETCH).map(|stretch| {
                all += narrow(feeds(stretch));
                all
            });
            return Self::Feeds(std::iter::once(0).chain(stretches).collect());
        }
        let ends = memchr::memchr2_iter(b'\n', b'\r', text)
            // as YAML has it, a carriage return ends a line by itself, and with a line feed once
            .filter(|at| text.get(*at) != Some(&b'\r') || text.get(at + 1) != Some(&b'\n'));
        Self::Starts(std::iter::once(0).chain(ends.map(|at| narrow(at + 1))).collect())
    }
}

/// How many line feeds there are.
fn feeds(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text).count()
}

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
        match self.lines() {
            Lines::Feeds(before) => before.last().map_or(0, |all| *all as usize) + 1,
            Lines::Starts(starts) => starts.len(),
        }
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.as_bytes()))
    }

    /// 0-based index of the line that holds the byte `offset`.
    pub fn line_of(&self, offset: usize) -> usize {
        let offset = offset.min(self.len());
        match self.lines() {
            Lines::Feeds(before) => {
                let at = offset / STRETCH;
                let here = self.as_bytes().get(at * STRETCH..offset).unwrap_or_default();
                before.get(at).map_or(0, |before| *before as usize) + feeds(here)
            }
            Lines::Starts(starts) => {
                let offset = u32::try_from(offset).unwrap_or(u32::MAX);
                starts.partition_point(|start| *start <= offset).saturating_sub(1)
            }
        }
    }

    /// Where the 0-based line `index` starts; the end of the text for one that is not there.
    fn start_of(&self, index: usize) -> usize {
        let before = match self.lines() {
            Lines::Starts(starts) => return starts.get(index).map_or(self.len(), |start| *start as usize),
            Lines::Feeds(_) if index == 0 => return 0,
            Lines::Feeds(before) => before,
        };
        let at = before.partition_point(|before| (*before as usize) < index).saturating_sub(1);
        let left = index - before.get(at).map_or(0, |before| *before as usize) - 1;
        let here = self.as_bytes().get(at * STRETCH..).unwrap_or_default();
        memchr::memchr_iter(b'\n', here).nth(left).map_or(self.len(), |feed| at * STRETCH + feed + 1)
    }

    /// Where the line starts that holds the byte `offset`, and its 0-based index.
    fn line_at(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset);
        let at = offset - offset % STRETCH;
        let here = match self.lines() {
            Lines::Feeds(_) => memchr::memrchr(b'\n', self.as_bytes().get(at..offset).unwrap_or_default()),
            Lines::Starts(_) => None,
        };
        (line, here.map_or_else(|| self.start_of(line), |feed| at + feed + 1))
    }

    /// Bytes of the 0-based line `index`, its line break included; empty past the end.
    pub fn line_range(&self, index: usize) -> Range<usize> {
        self.start_of(index)..self.start_of(index + 1)
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
        let (line, start) = self.line_at(offset);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_wherever_they_begin() {
        let long = "x".repeat(STRETCH - 1);
        let texts = [
            String::new(),
            "\n".to_owned(),
            "a\nb".to_owned(),
            "a\r\nb\rc\n\rd".to_owned(),
            "\n".repeat(2 * STRETCH),
            format!("{long}\n{long}\n\n{long}"),
            format!("{long}x\n{}", "ab\n".repeat(STRETCH)),
            format!("{long}\r\n{long}"),
        ];
        for text in texts {
            let told: Text = Arc::<str>::from(text.as_str()).into();
            let ends = text.match_indices(['\n', '\r']).map(|(at, _)| at + 1);
            let ends =
                ends.filter(|at| !(text.as_bytes()[at - 1] == b'\r' && text.as_bytes().get(*at) == Some(&b'\n')));
            let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
            assert_eq!(told.line_count(), starts.len());
            for offset in 0..=text.len() + 1 {
                let line = starts.iter().filter(|start| **start <= offset.min(text.len())).count() - 1;
                assert_eq!(told.line_of(offset), line, "{offset} of {}", text.len());
                assert_eq!(told.line_at(offset.min(text.len())), (line, starts[line]), "{offset} of {}", text.len());
            }
            for index in 0..starts.len() + 2 {
                let start = |at: usize| starts.get(at).copied().unwrap_or(text.len());
                assert_eq!(told.line_range(index), start(index)..start(index + 1), "{index}");
            }
        }
    }
}
