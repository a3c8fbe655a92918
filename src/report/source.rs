//! The window of a file that one diagnostic shows, as source code for miette.
//!
//! miette gets only the lines that carry a label, with their neighbours, copied to a small text of their own. The copy is found through
//! the line index, so a label costs a binary search where miette's own sources scan the file from its first byte. And since it is a
//! copy, its lines can be cropped to the terminal, and characters that must not reach it replaced, before miette measures columns.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::{columns, escape};
use crate::diagnostic::Label;
use crate::order::Order;
use crate::source::{FileId, Position, SourceMap, Text};

/// Most labels drawn in one snippet; what is beyond is listed below it.
const LABELS: usize = 8;

/// Fewest columns a remark is wrapped to; where there are less, it is listed below the snippet.
const REMARK: usize = 20;

/// Columns of a tab stop, as miette's.
const TAB: usize = 4;

/// Bytes of a line that are looked at to find a column. What decides in a line longer than this is shown without its beginning.
const REACH: usize = 4_096;

/// Lines of one file with labels, cropped and safe to show.
#[derive(Debug)]
pub(super) struct Window {
    name: String,
    text: String,
    lines: Vec<Line>,
    marks: Vec<Mark>,
}

/// A line of a window.
#[derive(Debug)]
struct Line {
    /// 0-based, in the file.
    number: usize,
    /// Its bytes in the text of the window, line break included.
    range: Range<usize>,
}

/// A label on one line. `range` counts in bytes of the file, then, once the line is laid out, of the window.
#[derive(Debug, Clone)]
struct Mark {
    range: Range<usize>,
    text: String,
    primary: bool,
    /// Where the label starts in the file, which cropping does not change.
    place: Position,
    /// Which label it came from.
    from: usize,
}

impl Window {
    /// The window on `file` with `labels`, the first of them primary, in `width` columns. Returns beside it the places in `labels` of
    /// those that found no room; `None` if there is no such file.
    pub(super) fn new(
        sources: &SourceMap,
        file: FileId,
        labels: &[&Label],
        width: usize,
    ) -> Option<(Self, Vec<usize>)> {
        let source = sources.get(file)?;
        let text = source.text();
        let mut marks: Vec<(usize, Mark)> = Vec::new();
        for (from, label) in labels.iter().enumerate().take(LABELS) {
            let (line, mark) = mark(&text, label, from);
            match marks.iter_mut().find(|(_, known)| known.range == mark.range) {
                Some((_, known)) => join(known, &mark.text),
                None => marks.push((line, mark)),
            }
        }
        marks.order_by_key(|(line, mark)| (*line, mark.range.start, mark.range.end));
        part(&mut marks);
        let numbers = shown(&text, &marks);
        let digits = numbers.last().map_or(1, |last| (last + 1).to_string().len());
        let room = width.saturating_sub(digits + 4).max(2 * REMARK);

        let name = escape::text(source.path(), escape::SHORT).into_owned();
        let mut window = Self { name, text: String::new(), lines: Vec::new(), marks: Vec::new() };
        let mut left_out: Vec<usize> = (LABELS..labels.len()).collect();
        for number in numbers {
            let marks = marks.iter().filter(|(line, _)| *line == number).map(|(_, mark)| mark.clone()).collect();
            left_out.extend(window.push(&text, number, marks, room));
        }
        left_out.sort_unstable();
        Some((window, left_out))
    }

    /// The labels as miette wants them.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> {
        self.marks.iter().map(|mark| {
            let text = (!mark.text.is_empty()).then(|| mark.text.clone());
            let span = (mark.range.start, mark.range.len());
            if mark.primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        })
    }

    /// Lays out a line and returns the labels that found no room.
    fn push(&mut self, whole: &Text, number: usize, marks: Vec<Mark>, room: usize) -> Vec<usize> {
        let bytes = content(whole, number);
        let text = whole.get(bytes.clone()).unwrap_or_default();
        let anchor = marks.iter().find(|mark| mark.primary).or(marks.first());
        let from = anchor.map_or(0, |anchor| crop(text, bytes.start, anchor, room));
        let laid = lay(text, from, room);
        let start = self.text.len();
        let anchor = anchor.map(|anchor| anchor.from);
        let mut left_out = Vec::new();
        for mut mark in marks {
            let place = |at: usize| laid.place(at.saturating_sub(bytes.start));
            let (low, high) = (place(mark.range.start), place(mark.range.end));
            let cut = from > 0 && mark.range.end <= bytes.start + from;
            let hidden = cut || mark.range.start >= bytes.start + laid.until;
            if hidden && anchor != Some(mark.from) {
                left_out.push(mark.from);
                continue;
            }
            let bar = laid.column(low).midpoint(laid.column(high).max(laid.column(low) + 1));
            let room = room.saturating_sub(bar + 4);
            if columns::of(&mark.text) > room {
                if room < REMARK && anchor != Some(mark.from) {
                    left_out.push(mark.from);
                    mark.text.clear();
                }
                mark.text = columns::wrap(&mark.text, room.max(REMARK), room.max(REMARK)).join("\n");
            }
            mark.range = start + low..start + high;
            self.marks.push(mark);
        }
        self.text.push_str(&laid.text);
        self.text.push('\n');
        self.lines.push(Line { number, range: start..self.text.len() });
        left_out
    }

    fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|line| line.range.start <= offset).saturating_sub(1)
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let mut first = self.line_at(span.offset());
        let mut last = self.line_at(span.offset() + span.len());
        let number = |at: usize| self.lines.get(at).map(|line| line.number);
        for _ in 0..before {
            // lines of a window that are no neighbours in the file are none in a snippet
            if first > 0 && number(first - 1).map(|line| line + 1) == number(first) {
                first -= 1;
            }
        }
        for _ in 0..after {
            if number(last).map(|line| line + 1) == number(last + 1) {
                last += 1;
            }
        }
        let (Some(top), Some(bottom)) = (self.lines.get(first), self.lines.get(last)) else {
            return Err(MietteError::OutOfBounds);
        };
        let range = top.range.start..bottom.range.end;
        let data = self.text.as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        // without context, miette asks for the line and column to print
        let at = self.marks.iter().find(|mark| before == 0 && mark.range.start == span.offset());
        let (line, column) = at.map_or((top.number, 0), |mark| (mark.place.line - 1, mark.place.column - 1));
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            (range.start, range.len()).into(),
            line,
            column,
            last - first + 1,
        )))
    }
}

/// A label as a mark: on its first line only, so that a mapping of a hundred lines is one line, and without trailing white space.
fn mark(text: &Text, label: &Label, from: usize) -> (usize, Mark) {
    let mut start = (label.span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let line = text.line_of(start);
    let content = content(text, line);
    let start = start.clamp(content.start, content.end);
    let mut end = (label.span.end as usize).clamp(start, content.end);
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let covered = text.get(start..end).unwrap_or_default();
    let end = start + covered.trim_end().len();
    let mark = Mark {
        range: start..end,
        text: escape::text(&label.text, escape::SHORT).into_owned(),
        primary: from == 0,
        place: text.position(start),
        from,
    };
    (line, mark)
}

/// The bytes of a line without its line break and without a byte order mark.
fn content(text: &Text, line: usize) -> Range<usize> {
    let range = text.line_range(line);
    let text = text.get(range.clone()).unwrap_or_default();
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let end = range.start + text.len();
    let start = if line == 0 && text.starts_with('\u{feff}') { 3 } else { range.start };
    start..end
}

fn join(known: &mut Mark, text: &str) {
    if known.text.is_empty() {
        known.text.push_str(text);
    } else if !text.is_empty() && known.text != text {
        known.text.push_str("; ");
        known.text.push_str(text);
    }
}

/// Keeps marks from overlapping, which miette draws out of place: the outer one ends where the inner one starts, or starts where it
/// ends.
fn part(marks: &mut [(usize, Mark)]) {
    for at in 1..marks.len() {
        let (left, right) = marks.split_at_mut(at);
        let (Some((_, left)), Some((_, right))) = (left.last_mut(), right.first_mut()) else { continue };
        if left.range.start == right.range.start {
            right.range.start = left.range.end.min(right.range.end);
        } else {
            left.range.end = left.range.end.min(right.range.start).max(left.range.start);
        }
    }
}

/// The lines to show: those with marks and their neighbours.
fn shown(text: &Text, marks: &[(usize, Mark)]) -> Vec<usize> {
    let mut count = text.line_count();
    if text.ends_with('\n') {
        // nothing stands behind the last line break
        count -= 1;
    }
    let mut numbers: Vec<usize> = Vec::new();
    for (line, _) in marks {
        numbers.extend((line.saturating_sub(1)..=line + 1).filter(|number| number == line || *number < count));
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Where in a line to begin, so that the anchor and its remark can be seen: at 0 if that is possible.
fn crop(text: &str, base: usize, anchor: &Mark, room: usize) -> usize {
    let start = anchor.range.start - base;
    let before = text.get(..start).unwrap_or_default();
    let covered = text.get(start..anchor.range.end - base).unwrap_or_default();
    if before.len() <= REACH {
        let low = width(before, 0);
        let high = if covered.len() <= REACH { low + width(covered, low).max(1) } else { room }.min(room);
        let remark = columns::of(&anchor.text).min(REMARK);
        if low + 2 < room && (remark == 0 || low.midpoint(high) + 4 + remark <= room) {
            return 0;
        }
    }
    // with this much before it, even an anchor that reaches to the edge has its remark inside
    let limit = room.saturating_sub(2 * (REMARK + 4)).max(8);
    let mut from = start;
    let mut used = 1;
    for (at, c) in before.char_indices().rev().take(REACH) {
        used += if c == '\t' { TAB } else { columns::of_char(c) };
        if used > limit {
            break;
        }
        from = at;
    }
    from
}

fn width(text: &str, column: usize) -> usize {
    text.chars().fold(column, |column, c| column + advance(c, column)) - column
}

fn advance(c: char, column: usize) -> usize {
    match c {
        '\t' => TAB - column % TAB,
        c if escape::is_unsafe(c) => 1,
        c => columns::of_char(c),
    }
}

/// A line as shown.
struct Laid {
    text: String,
    /// Bytes in the line and bytes and columns in `text`, for each character.
    places: Vec<(usize, usize, usize)>,
    /// The first byte of the line that is not shown, its length if all is.
    until: usize,
}

impl Laid {
    /// The byte in the shown text for a byte of the line.
    fn place(&self, at: usize) -> usize {
        let found = self.places.partition_point(|(from, _, _)| *from < at);
        // before the crop stands the ellipsis
        if self.places.first().is_some_and(|(from, _, _)| at < *from) {
            return 0;
        }
        self.places.get(found).map_or(self.text.len(), |(_, to, _)| *to)
    }

    /// The column of a byte of the shown text.
    fn column(&self, at: usize) -> usize {
        let found = self.places.partition_point(|(_, to, _)| *to < at);
        self.places.get(found).or(self.places.last()).map_or(0, |(_, _, column)| *column)
    }
}

/// Shows a line from the byte `from`, in `room` columns.
fn lay(text: &str, from: usize, room: usize) -> Laid {
    let mut laid = Laid { text: String::new(), places: Vec::new(), until: text.len() + 1 };
    let mut column = 0;
    if from > 0 {
        laid.text.push('…');
        column = 1;
    }
    let mut rest = text.get(from..).unwrap_or_default().char_indices().peekable();
    let mut orders = escape::Orders::default();
    while let Some((at, c)) = rest.next() {
        let step = advance(c, column);
        let needed = step + usize::from(rest.peek().is_some());
        // marks of no width would fill a line for ever
        if column + needed > room || laid.places.len() > 4 * room {
            laid.until = from + at;
            break;
        }
        laid.places.push((from + at, laid.text.len(), column));
        match c {
            '\t' => laid.text.extend(std::iter::repeat_n(' ', step)),
            c if orders.opens(c) || escape::is_unsafe(c) => laid.text.push(escape::picture(c)),
            c => laid.text.push(c),
        }
        column += step;
    }
    if laid.until <= text.len() {
        laid.places.push((laid.until, laid.text.len(), column));
        laid.text.push('…');
        column += 1;
    }
    laid.places.push((text.len() + 1, laid.text.len(), column));
    laid
}
