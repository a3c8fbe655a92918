//! Places as editors count them: lines from 0, columns in units of UTF-16 or UTF-8.

use gen_lsp_types::{Position, PositionEncodingKind, Range};

use crate::source::{Source, SourceMap, Span};

/// In which units a client counts columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// What every client can do.
    #[default]
    Utf16,
}

impl Encoding {
    /// UTF-8 where a client offers it: no column has to be counted out.
    pub(super) fn choose(offered: &[&str]) -> Self {
        if offered.contains(&"utf-8") { Self::Utf8 } else { Self::Utf16 }
    }

    /// What the client is told.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// How many units a text has.
    fn units(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }

    /// How many bytes of a line stand before a column; a column behind the end is the end, one inside a character its beginning.
    fn bytes(self, line: &str, column: usize) -> usize {
        let mut units = 0;
        for (at, c) in line.char_indices() {
            let next = units + if self == Self::Utf8 { c.len_utf8() } else { c.len_utf16() };
            if next > column {
                return at;
            }
            units = next;
        }
        line.len()
    }

    /// The place of a byte.
    pub(super) fn position(self, source: &Source, offset: usize) -> Position {
        let text = source.text();
        let offset = floor(&text, offset);
        let line = text.line_of(offset);
        let start = text.line_range(line).start;
        let before = text.get(start..offset).unwrap_or_default();
        let before = if line == 0 { before.strip_prefix('\u{feff}').unwrap_or(before) } else { before };
        Position { line: number(line), character: number(self.units(before)) }
    }

    /// The byte of a place.
    pub(super) fn offset(self, source: &Source, position: Position) -> usize {
        let line = position.line as usize;
        let whole = source.text();
        if line >= whole.line_count() {
            return whole.len();
        }
        let range = whole.line_range(line);
        let text = whole.get(range.clone()).unwrap_or_default();
        let mark = if line == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = text.get(mark..).unwrap_or_default().trim_end_matches(['\n', '\r']);
        range.start + mark + self.bytes(text, position.character as usize)
    }

    /// The place of a span in its file.
    pub(super) fn range(self, sources: &SourceMap, span: Span) -> Range {
        let Some(source) = sources.get(span.file) else { return Range::default() };
        Range { start: self.position(source, span.start as usize), end: self.position(source, span.end as usize) }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The beginning of the character that a byte belongs to.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SourceMap {
        let mut map = SourceMap::new();
        map.add("a.yaml", text);
        map
    }

    #[test]
    fn columns_are_counted_as_the_client_does() {
        let text = "a: 😀é: x\r\nb: y\rc\n";
        let map = source(text);
        let (file, source) = map.iter().next().unwrap();
        let at = |encoding: Encoding, what: &str| {
            let offset = text.find(what).unwrap();
            let place = encoding.position(source, offset);
            assert_eq!(encoding.offset(source, place), offset, "{what}");
            (place.line, place.character)
        };
        assert_eq!(at(Encoding::Utf16, "x"), (0, 8));
        assert_eq!(at(Encoding::Utf8, "x"), (0, 11));
        assert_eq!(at(Encoding::Utf16, "y"), (1, 3));
        assert_eq!(at(Encoding::Utf8, "c"), (2, 0));
        let whole = Span::new(file, 0, text.len());
        assert_eq!(Encoding::Utf16.range(&map, whole).end, Position { line: 3, character: 0 });
    }

    #[test]
    fn places_that_are_not_there_are_moved_to_where_something_is() {
        let map = source("a😀\nb");
        let (_, source) = map.iter().next().unwrap();
        let offset = |line, character| Encoding::Utf16.offset(source, Position { line, character });
        assert_eq!((offset(0, 2), offset(0, 99), offset(9, 0)), (1, 5, 7));
        assert_eq!(Encoding::Utf16.position(source, 3), Position { line: 0, character: 1 });
        assert_eq!(Encoding::Utf16.position(source, 999), Position { line: 1, character: 1 });
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let map = source("\u{feff}a: b\n");
        let (_, source) = map.iter().next().unwrap();
        assert_eq!(Encoding::Utf16.position(source, 3), Position { line: 0, character: 0 });
        assert_eq!(Encoding::Utf16.offset(source, Position { line: 0, character: 0 }), 3);
    }
}
