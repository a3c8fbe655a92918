//! From line to line: block collections by their columns.

use std::ops::Range;

use super::cursor::{Hit, Target};
use super::{Collection, Entry, Outline};

/// A collection that more may be written into.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) collection: usize,
    pub(super) form: Form,
    /// Its last entry.
    pub(super) entry: Option<usize>,
    pub(super) count: usize,
}

/// How a collection is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Keys at a column.
    Mapping(usize),
    /// Dashes at a column.
    List(usize),
    /// `{`, and what comes next in it.
    FlowMapping(Next),
    /// `[`, and what comes next in it.
    FlowList(Next),
    /// `a: b` as an item of a list in brackets.
    Pair(Next),
}

/// What comes next in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A key, or an item.
    First,
    /// The value of the last key.
    Value,
    /// A comma.
    Comma,
}

/// A scalar that goes on for more than a line.
#[derive(Debug, Clone)]
enum Long {
    /// `|` or `>`, below what stands at a column.
    Block(Option<usize>),
    /// In quotes that are still open.
    Quoted(char),
}

/// A line without its line break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Reads a text once, from the first line to the last.
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) outline: Outline<'t>,
    pub(super) stack: Vec<Open>,
    pub(super) byte: Option<usize>,
    pub(super) hit: Option<Hit>,
    /// Where the content of the line begins, and where the line does.
    pub(super) line: Line,
    document: usize,
    long: Option<Long>,
    /// The entry that the long scalar belongs to, and where it begins.
    long_entry: (Option<usize>, usize),
}

impl<'t> Scanner<'t> {
    pub(super) fn scan(text: &'t str, byte: Option<usize>) -> (Outline<'t>, Option<Hit>) {
        let outline = Outline { text, collections: Vec::new(), entries: Vec::new() };
        let line = Line { start: 0, end: 0 };
        let mut scanner = Scanner {
            text,
            outline,
            stack: Vec::new(),
            byte,
            hit: None,
            line,
            document: 0,
            long: None,
            long_entry: (None, 0),
        };
        let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        loop {
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            scanner.line = Line { start, end: start + length };
            scanner.take_line();
            let after = rest.get(length..).unwrap_or_default();
            start += length + if after.starts_with("\r\n") { 2 } else { 1 };
            if after.is_empty() {
                return (scanner.outline, scanner.hit);
            }
        }
    }

    pub(super) fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..self.line.end).unwrap_or_default()
    }

    pub(super) fn skip_blanks(&self, at: usize) -> usize {
        let rest = self.rest(at);
        at + rest.len() - rest.trim_start_matches([' ', '\t']).len()
    }

    /// Whether the cursor stands in a stretch, its end included.
    pub(super) fn is_in(&self, stretch: Range<usize>) -> bool {
        self.hit.is_none() && self.byte.is_some_and(|byte| stretch.start <= byte && byte <= stretch.end)
    }

    fn take_line(&mut self) {
        let Line { start, end } = self.line;
        let content = self.skip_blanks(start);
        let column = content - start;
        let is_blank = content == end;
        match self.long.take() {
            Some(Long::Block(parent)) => {
                // an empty line is one of the text as far in as the cursor stands
                let column = match self.byte {
                    Some(byte) if is_blank && (start..=end).contains(&byte) => byte - start,
                    _ => column,
                };
                let is_below = parent.is_none_or(|parent| column > parent);
                if is_blank || is_below {
                    self.long = Some(Long::Block(parent));
                }
                if is_below {
                    return self.inside_block(content);
                }
            }
            Some(Long::Quoted(quote)) if is_blank || column > self.column().unwrap_or(0) || self.column().is_none() => {
                return self.go_on_quoted(quote, content);
            }
            _ => {}
        }
        if self.is_in_flow() {
            if is_blank || !self.leaves_flow(content, column) {
                return self.flow(content);
            }
            self.stack.retain(|open| matches!(open.form, Form::Mapping(_) | Form::List(_)));
        }
        if is_blank {
            return self.blank();
        }
        if self.rest(content).starts_with('#') {
            return;
        }
        let marker = |mark: &str| column == 0 && self.rest(start).strip_prefix(mark).is_some_and(is_break);
        if marker("---") || marker("...") {
            if self.outline.collections.iter().any(|found| found.document == self.document) || marker("...") {
                self.document += 1;
            }
            self.stack.clear();
            let content = self.skip_blanks(start + 3);
            return self.value(None, content, true);
        }
        self.block(content, column);
    }

    /// The column of the innermost block collection.
    fn column(&self) -> Option<usize> {
        self.stack.iter().rev().find_map(|open| match open.form {
            Form::Mapping(column) | Form::List(column) => Some(column),
            _ => None,
        })
    }

    fn is_in_flow(&self) -> bool {
        self.stack.last().is_some_and(|open| !matches!(open.form, Form::Mapping(_) | Form::List(_)))
    }

    /// Whether a line is none of brackets that were never closed: it stands where the next key or dash would.
    fn leaves_flow(&self, content: usize, column: usize) -> bool {
        let rest = self.rest(content);
        self.column().is_some_and(|parent| column <= parent)
            && (is_dash(rest) || self.key(content).is_some() || rest.starts_with("---"))
    }

    fn inside_block(&mut self, content: usize) {
        let (entry, begin) = self.long_entry;
        let begin = if begin == 0 { content } else { begin };
        self.long_entry.1 = begin;
        let end = self.line.end;
        if let Some(value) = entry.and_then(|entry| self.outline.entries.get_mut(entry)) {
            value.value = Some(begin..end.max(begin));
        }
        if self.is_in(self.line.start..end) {
            self.hit = Some(Hit { scalar: begin, is_long: true, ..Hit::new(Target::Entry(entry), content..end) });
        }
    }

    /// What follows on further lines of a text in quotes.
    fn go_on_quoted(&mut self, quote: char, content: usize) {
        let (entry, begin) = self.long_entry;
        let close = closing(self.rest(content), quote).map(|at| content + at);
        let end = close.unwrap_or(self.line.end);
        if self.is_in(self.line.start..end) {
            let hit = Hit::new(Target::Entry(entry), content..end);
            self.hit = Some(Hit { quote: Some(quote), scalar: begin, is_long: true, ..hit });
        }
        self.fill(entry, Some(begin..end));
        match close {
            None => self.long = Some(Long::Quoted(quote)),
            Some(close) if self.is_in_flow() => self.flow(close + 1),
            Some(_) => {}
        }
    }

    /// An empty line with the cursor on it: what could begin there.
    fn blank(&mut self) {
        if !self.is_in(self.line.start..self.line.end) {
            return;
        }
        let byte = self.byte.unwrap_or_default();
        let column = byte - self.line.start;
        let of = |open: &Open| match open.form {
            Form::Mapping(at) | Form::List(at) => at,
            _ => 0,
        };
        let fits = self.stack.iter().rposition(|open| of(open) <= column);
        let new = |target, writes| Hit { writes, is_own_line: true, column, ..Hit::new(target, byte..byte) };
        let Some(at) = fits else {
            self.hit = self.stack.is_empty().then(|| new(Target::Root(self.document), Writes::Start));
            return;
        };
        let open = self.stack.get(at).cloned();
        let below = at.checked_sub(1).and_then(|below| self.stack.get(below)).cloned();
        let Some(open) = open else { return };
        let is_empty = open.entry.is_some_and(|entry| self.outline.entries.get(entry).is_some_and(|e| !e.is_filled));
        self.hit = match (open.form, below) {
            (Form::Mapping(at), _) if at == column => Some(new(Target::Collection(open.collection), Writes::Key)),
            (Form::List(at), Some(Open { form: Form::Mapping(key), collection, .. })) if at == column && key == at => {
                Some(new(Target::Collection(collection), Writes::Key))
            }
            (Form::List(at), _) if at == column => Some(new(Target::NewItem(open.collection), Writes::Start)),
            _ if is_empty => Some(new(Target::Entry(open.entry), Writes::Start)),
            _ => None,
        };
        if let Some(hit) = &mut self.hit {
            hit.wants_dash = matches!(hit.target, Target::NewItem(_));
        }
    }

    fn block(&mut self, content: usize, column: usize) {
        let dash = is_dash(self.rest(content));
        while let Some(open) = self.stack.last() {
            let goes_on = match open.form {
                Form::Mapping(at) => at <= column,
                Form::List(at) => at < column || (at == column && dash),
                _ => false,
            };
            if goes_on {
                break;
            }
            self.stack.pop();
        }
        if self.goes_on_plain(content, column) {
            let entry = self.stack.last().and_then(|open| open.entry);
            return self.plain(entry, content, true);
        }
        self.inner(content, column);
    }

    /// Whether a line belongs to a text that began on a line above.
    fn goes_on_plain(&self, content: usize, column: usize) -> bool {
        let Some(open) = self.stack.last() else { return false };
        let (Form::Mapping(at) | Form::List(at)) = open.form else { return false };
        let entry = open.entry.and_then(|entry| self.outline.entries.get(entry));
        at < column && entry.is_some_and(|entry| entry.value.is_some()) && self.key(content).is_none()
    }

    /// Dashes, a key, or a value at a column.
    fn inner(&mut self, mut at: usize, mut column: usize) {
        let is_at = |open: Option<&Open>, form| open.is_some_and(|open| open.form == form);
        while is_dash(self.rest(at)) {
            if !is_at(self.stack.last(), Form::List(column)) {
                self.open(Form::List(column));
            }
            let item = self.add(None);
            let content = self.skip_blanks(at + 1);
            if self.rest(content).is_empty() || self.starts_comment(content) {
                return self.value(item, at + 1, true);
            }
            column += content - at;
            at = content;
        }
        let content = self.skip_properties(at);
        if let Some(key) = self.key(content) {
            if !is_at(self.stack.last(), Form::Mapping(column)) {
                self.open(Form::Mapping(column));
            }
            let entry = self.add_key(key.name.clone());
            if self.is_in(key.name.clone()) {
                let collection = self.stack.last().map_or(0, |open| open.collection);
                let hit = Hit::new(Target::Collection(collection), key.name.clone());
                let (quote, writes) = (key.quote, Writes::Key);
                self.hit = Some(Hit { writes, has_colon: true, column, own: entry, quote, ..hit });
            }
            return self.value(entry, key.colon + 1, false);
        }
        if is_at(self.stack.last(), Form::Mapping(column)) {
            return self.pending_key(content, column);
        }
        let entry = self.stack.last().and_then(|open| open.entry);
        let was_hit = self.hit.is_some();
        self.value(entry, content, true);
        if let Some(hit) = self.hit.as_mut().filter(|_| !was_hit) {
            hit.column = column;
            hit.is_own_line = self.line.start + column == content;
        }
    }

    /// A word where a key belongs.
    fn pending_key(&mut self, at: usize, column: usize) {
        let end = at + before_comment(self.rest(at)).trim_end().len();
        let entry = self.add_key(at..end);
        if self.is_in(at..end) {
            let collection = self.stack.last().map_or(0, |open| open.collection);
            let hit = Hit::new(Target::Collection(collection), at..end);
            self.hit = Some(Hit { writes: Writes::Key, column, own: entry, is_own_line: true, ..hit });
        }
    }

    /// What stands behind a key or dash, or on a line of its own below it.
    pub(super) fn value(&mut self, entry: Option<usize>, from: usize, begins: bool) {
        let content = self.skip_properties(self.skip_blanks(from));
        let rest = self.rest(content);
        let writes = if begins { Writes::Start } else { Writes::Value };
        if rest.is_empty() || self.starts_comment(content) {
            if self.is_in(from..content) {
                let byte = self.byte.unwrap_or_default();
                let wants_space = byte == from
                    && from > self.line.start
                    && self.text.get(..from).is_some_and(|before| before.ends_with([':', '-']));
                let column = byte - self.line.start + usize::from(wants_space);
                let target = entry.map_or(Target::Root(self.document), |entry| Target::Entry(Some(entry)));
                self.hit = Some(Hit { writes, wants_space, column, ..Hit::new(target, byte..byte) });
            }
            return;
        }
        match rest.chars().next() {
            Some('[') => self.open_flow(entry, content, Form::FlowList(Next::First)),
            Some('{') => self.open_flow(entry, content, Form::FlowMapping(Next::First)),
            Some(quote @ ('"' | '\'')) => self.quoted(entry, content, quote, writes),
            Some('|' | '>') if is_header(rest) => {
                self.fill(entry, None);
                self.long = Some(Long::Block(self.column()));
                self.long_entry = (entry, 0);
            }
            _ => self.plain(entry, content, begins),
        }
    }

    /// A text in quotes.
    pub(super) fn quoted(&mut self, entry: Option<usize>, at: usize, quote: char, writes: Writes) {
        let begin = at + 1;
        let close = closing(self.rest(begin), quote).map(|length| begin + length);
        let end = close.unwrap_or(self.line.end);
        if self.is_in(begin..end) {
            let hit = Hit::new(Target::Entry(entry), begin..end);
            self.hit = Some(Hit { writes, quote: Some(quote), scalar: begin, ..hit });
        }
        self.fill(entry, Some(begin..end));
        if close.is_none() {
            self.long = Some(Long::Quoted(quote));
            self.long_entry = (entry, begin);
        }
    }

    fn plain(&mut self, entry: Option<usize>, at: usize, begins: bool) {
        let written = before_comment(self.rest(at));
        let end = at + written.trim_end().len();
        let reach = if written.len() == self.rest(at).len() { at + written.len() } else { end };
        let first = entry.and_then(|entry| self.outline.entries.get(entry)?.value.clone());
        let is_long = first.is_some();
        let scalar = first.map_or(at, |first| first.start);
        if self.is_in(at..reach) {
            let end = end.max(self.byte.unwrap_or_default());
            let writes = if begins && !is_long { Writes::Start } else { Writes::Value };
            let target = entry.map_or(Target::Root(self.document), |entry| Target::Entry(Some(entry)));
            self.hit = Some(Hit { writes, scalar, is_long, ..Hit::new(target, at..end) });
        }
        self.fill(entry, Some(scalar..end));
    }

    /// Begins a collection under the last entry.
    fn open(&mut self, form: Form) {
        let holder = self.stack.last().and_then(|open| open.entry);
        self.open_under(holder, form);
    }

    pub(super) fn open_under(&mut self, holder: Option<usize>, form: Form) {
        self.fill(holder, None);
        self.outline.collections.push(Collection { holder, document: self.document });
        let collection = self.outline.collections.len() - 1;
        self.stack.push(Open { collection, form, entry: None, count: 0 });
    }

    /// Adds an item to the innermost collection, or a key.
    pub(super) fn add(&mut self, key: Option<Range<usize>>) -> Option<usize> {
        let open = self.stack.last_mut()?;
        let entry = Entry { collection: open.collection, key, index: open.count, value: None, is_filled: false };
        self.outline.entries.push(entry);
        open.entry = Some(self.outline.entries.len() - 1);
        open.count += 1;
        open.entry
    }

    pub(super) fn add_key(&mut self, key: Range<usize>) -> Option<usize> {
        self.add(Some(key))
    }

    pub(super) fn fill(&mut self, entry: Option<usize>, value: Option<Range<usize>>) {
        if let Some(entry) = entry.and_then(|entry| self.outline.entries.get_mut(entry)) {
            entry.is_filled = true;
            entry.value = value;
        }
    }

    fn starts_comment(&self, at: usize) -> bool {
        self.rest(at).starts_with('#')
    }

    /// Behind an anchor and a tag.
    pub(super) fn skip_properties(&self, at: usize) -> usize {
        let mut at = at;
        while self.rest(at).starts_with(['&', '!']) {
            let rest = self.rest(at);
            at = self.skip_blanks(at + rest.find([' ', '\t', ',', ']', '}']).unwrap_or(rest.len()));
            if self.rest(at).starts_with([',', ']', '}']) {
                break;
            }
        }
        at
    }

    /// The key at a place of a line, with its colon.
    pub(super) fn key(&self, at: usize) -> Option<Key> {
        let rest = self.rest(at);
        let first = rest.chars().next()?;
        let colon_at = |colon: usize| self.rest(colon).strip_prefix(':').is_some_and(is_break);
        if first == '"' || first == '\'' {
            let close = at + 1 + closing(self.rest(at + 1), first)?;
            let colon = self.skip_blanks(close + 1);
            return colon_at(colon).then(|| Key { name: at + 1..close, colon, quote: Some(first) });
        }
        if matches!(first, '[' | '{' | '#' | '|' | '>' | '%' | '@' | '`' | ',' | ']' | '}') {
            return None;
        }
        let written = before_comment(rest);
        let colon = at + written.match_indices(':').map(|(found, _)| found).find(|found| colon_at(at + found))?;
        let end = at + self.text.get(at..colon)?.trim_end().len();
        Some(Key { name: at..end, colon, quote: None })
    }
}

/// What can be written at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writes {
    Key,
    Value,
    Start,
}

/// A key and its colon.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) name: Range<usize>,
    pub(super) colon: usize,
    pub(super) quote: Option<char>,
}

/// Whether what follows a sign makes it one.
fn is_break(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

fn is_dash(rest: &str) -> bool {
    rest.strip_prefix('-').is_some_and(is_break)
}

/// Whether `|` or `>` begins a text of many lines.
fn is_header(rest: &str) -> bool {
    let rest =
        rest.get(1..).unwrap_or_default().trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    is_break(rest) && matches!(rest.trim_start().chars().next(), None | Some('#'))
}

/// What stands before a comment.
pub(super) fn before_comment(rest: &str) -> &str {
    let starts = |at: &usize| *at == 0 || rest.get(..*at).is_some_and(|before| before.ends_with([' ', '\t']));
    let comment = rest.match_indices('#').map(|(at, _)| at).find(starts);
    rest.get(..comment.unwrap_or(rest.len())).unwrap_or(rest)
}

/// How far it is to the quote that closes a text.
pub(super) fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            '\'' if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') => drop(chars.next()),
            c if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}
