//! What stands in brackets.

use super::cursor::{Hit, Target};
use super::scan::{Form, Next, Scanner, Writes, before_comment};

impl Scanner<'_> {
    pub(super) fn open_flow(&mut self, entry: Option<usize>, at: usize, form: Form) {
        self.open_under(entry, form);
        self.flow(at + 1);
    }

    fn next(&self) -> Option<Next> {
        match self.stack.last()?.form {
            Form::FlowMapping(next) | Form::FlowList(next) | Form::Pair(next) => Some(next),
            Form::Mapping(_) | Form::List(_) => None,
        }
    }

    fn expect(&mut self, next: Next) {
        if let Some(open) = self.stack.last_mut() {
            match &mut open.form {
                Form::FlowMapping(at) | Form::FlowList(at) | Form::Pair(at) => *at = next,
                Form::Mapping(_) | Form::List(_) => {}
            }
        }
    }

    fn is_pair(&self) -> bool {
        self.stack.last().is_some_and(|open| matches!(open.form, Form::Pair(_)))
    }

    fn is_list(&self) -> bool {
        self.stack.last().is_some_and(|open| matches!(open.form, Form::FlowList(_)))
    }

    /// Reads on in brackets until they are closed or the line ends.
    pub(super) fn flow(&mut self, from: usize) {
        let mut from = from;
        while self.next().is_some() {
            let at = self.skip_properties(self.skip_blanks(from));
            let rest = self.rest(at);
            let first = rest.chars().next();
            let is_comment = first == Some('#') && (at > from || at == self.line.start);
            let is_token = first.is_some_and(|c| !matches!(c, ',' | ']' | '}' | '[' | '{' | ':')) && !is_comment;
            if self.is_in(from..at) && !(is_token && self.byte == Some(at)) {
                self.gap();
            }
            let Some(first) = first.filter(|_| !is_comment) else { return };
            from = match first {
                ',' => {
                    if self.is_pair() {
                        self.stack.pop();
                    }
                    self.expect(Next::First);
                    at + 1
                }
                ']' | '}' => {
                    if self.is_pair() {
                        self.stack.pop();
                    }
                    self.stack.pop();
                    self.expect(Next::Comma);
                    at + 1
                }
                '[' | '{' => {
                    let form = if first == '[' { Form::FlowList(Next::First) } else { Form::FlowMapping(Next::First) };
                    let entry = self.place(at..at);
                    self.expect(Next::Comma);
                    self.open_under(entry, form);
                    at + 1
                }
                ':' if self.is_colon(at) => {
                    self.expect(Next::Value);
                    at + 1
                }
                _ => self.token(at, first),
            };
        }
    }

    /// The entry that a value belongs to which begins here.
    fn place(&mut self, key: std::ops::Range<usize>) -> Option<usize> {
        match self.next() {
            Some(Next::Value) => self.stack.last().and_then(|open| open.entry),
            _ if self.is_list() => self.add(None),
            _ => self.add_key(key),
        }
    }

    /// A colon in brackets: one that is followed by a blank, or by a sign.
    fn is_colon(&self, at: usize) -> bool {
        let after = self.rest(at).strip_prefix(':');
        after.is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', ',', ']', '}', '[', '{']))
    }

    /// A scalar: a key, a value or an item. Gives where it ends.
    fn token(&mut self, at: usize, first: char) -> usize {
        let quote = Some(first).filter(|first| matches!(first, '"' | '\''));
        let (begin, end, after) = match quote {
            Some(quote) => {
                let begin = at + 1;
                match super::scan::closing(self.rest(begin), quote) {
                    Some(length) => (begin, begin + length, begin + length + 1),
                    None => (begin, self.line.end, self.line.end),
                }
            }
            None => {
                let end = self.plain_end(at);
                (at, end, end.max(at + first.len_utf8()))
            }
        };
        let colon = self.skip_blanks(after);
        let has_colon = self.rest(colon).starts_with(':') && (self.is_colon(colon) || quote.is_some());
        let is_key = self.next() != Some(Next::Value) && (has_colon || !self.is_list());
        if is_key {
            if self.is_list() {
                let item = self.add(None);
                self.expect(Next::Comma);
                self.open_under(item, Form::Pair(Next::First));
            }
            let own = self.add_key(begin..end);
            if self.is_in(begin..end) {
                let collection = self.stack.last().map_or(0, |open| open.collection);
                let hit = Hit::new(Target::Collection(collection), begin..end);
                self.hit = Some(Hit { writes: Writes::Key, in_flow: true, has_colon, quote, own, ..hit });
            }
            self.expect(if has_colon { Next::Value } else { Next::Comma });
            return if has_colon { colon + 1 } else { after };
        }
        let entry = self.place(at..at);
        match quote {
            Some(quote) => self.quoted(entry, at, quote, Writes::Value),
            None => {
                // at the end of a line, a blank may be one inside the text
                let reach = if self.rest(end).trim().is_empty() { self.line.end } else { end };
                if self.is_in(begin..reach) {
                    self.hit = Some(Hit { scalar: begin, ..Hit::new(Target::Entry(entry), begin..end) });
                }
                self.fill(entry, Some(begin..end));
            }
        }
        if let Some(hit) = &mut self.hit
            && hit.target == Target::Entry(entry)
        {
            hit.in_flow = true;
        }
        self.expect(Next::Comma);
        after
    }

    fn plain_end(&self, at: usize) -> usize {
        let rest = before_comment(self.rest(at));
        let ends = |(found, c): &(usize, char)| {
            matches!(c, ',' | '[' | ']' | '{' | '}') || (*c == ':' && self.is_colon(at + found))
        };
        let length = rest.char_indices().find(ends).map_or(rest.len(), |(found, _)| found);
        at + rest.get(..length).unwrap_or(rest).trim_end().len()
    }

    /// The cursor stands between signs.
    fn gap(&mut self) {
        let byte = self.byte.unwrap_or_default();
        let Some(open) = self.stack.last() else { return };
        let new = |target| Hit { in_flow: true, ..Hit::new(target, byte..byte) };
        // what stands before a colon has it already
        let colon = self.skip_blanks(byte);
        let has_colon = colon < self.line.end && self.is_colon(colon);
        let wants_space = self.text.get(..byte).is_some_and(|before| before.ends_with(':'));
        self.hit = match (open.form, self.next()) {
            (_, Some(Next::Value)) => Some(Hit { wants_space, ..new(Target::Entry(open.entry)) }),
            (Form::FlowList(_), Some(Next::First)) => Some(new(Target::NewItem(open.collection))),
            (_, Some(Next::First)) => {
                Some(Hit { writes: Writes::Key, has_colon, ..new(Target::Collection(open.collection)) })
            }
            _ => None,
        };
    }
}
