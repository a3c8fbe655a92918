//! From an offset in the value of a scalar back to the place in the file.

use std::ops::Range;

use crate::source::{SourceMap, Span};
use crate::syntax::{NodeRef, Style};

/// Maps ranges of a scalar's value to spans. Folding and indentation change only white space, so the n-th visible character of
/// the value is the n-th visible character of the source.
pub(super) struct Places {
    whole: Span,
    /// For each byte of the value, its byte in the file; `None` where the scalar has escapes and no such map exists.
    bytes: Option<Vec<u32>>,
}

impl Places {
    pub(super) fn new(node: NodeRef<'_>, value: &str, sources: &SourceMap) -> Self {
        let whole = node.span();
        let source = sources.slice(whole);
        let skip = match node.style() {
            Some(Style::SingleQuoted | Style::DoubleQuoted) => 1,
            // the indicator and what may follow it on its line
            Some(Style::Literal | Style::Folded) => source.find('\n').unwrap_or(0),
            Some(Style::Plain) | None => 0,
        };
        let escaped = match node.style() {
            Some(Style::DoubleQuoted) => source.contains('\\'),
            Some(Style::SingleQuoted) => {
                source.get(1..source.len().saturating_sub(1)).is_some_and(|s| s.contains("''"))
            }
            _ => false,
        };
        let bytes = (!escaped).then(|| align(value, &source, skip, whole.start));
        Self { whole, bytes }
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        let Some(bytes) = &self.bytes else { return self.whole };
        let Some(start) = bytes.get(range.start).or(bytes.last()).copied() else { return self.whole };
        let last = range.end.max(range.start + 1) - 1;
        let end = bytes.get(last).or(bytes.last()).map_or(start, |end| end + 1);
        Span { file: self.whole.file, start, end: end.max(start) }
    }
}

fn align(value: &str, source: &str, skip: usize, base: u32) -> Vec<u32> {
    let mut visible = source.char_indices().filter(|(at, c)| *at >= skip && !c.is_whitespace());
    let mut out = Vec::with_capacity(value.len());
    let mut last = u32::try_from(skip).unwrap_or(0);
    for c in value.chars() {
        if c.is_whitespace() {
            // white space has no place of its own: it counts to what stands before it
            out.extend(std::iter::repeat_n(base + last, c.len_utf8()));
            continue;
        }
        let at = visible.next().map_or(last, |(at, _)| u32::try_from(at).unwrap_or(last));
        out.extend((0..c.len_utf8()).map(|byte| base + at + u32::try_from(byte).unwrap_or(0)));
        last = at + u32::try_from(c.len_utf8()).unwrap_or(1) - 1;
    }
    out
}
