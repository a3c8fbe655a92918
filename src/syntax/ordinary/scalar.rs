//! Scalars.

use std::ops::Range;

use super::super::builder::index;
use super::super::tree::{Style, Text};
use super::Reader;
use super::characters::next_mark;

/// A scalar on one line.
pub(super) struct Token {
    start: usize,
    end: usize,
    text: Text,
    style: Style,
}

impl Token {
    /// Where its characters are, if they stand in the text to the letter.
    pub(super) fn content(&self) -> Option<Range<usize>> {
        match self.text {
            Text::AtSpan => Some(self.start..self.end),
            Text::InQuotes => Some(self.start + 1..self.end - 1),
            Text::Own(_) => None,
        }
    }
}

/// What a block scalar does with the line breaks at its end.
#[derive(PartialEq, Eq)]
enum Chomping {
    Strip,
    Clip,
    Keep,
}

impl Reader<'_> {
    pub(super) fn add_token(&mut self, token: Token) {
        self.add_scalar(token.start, token.end, token.text, token.style);
    }

    /// The scalar that begins here, up to its last character.
    pub(super) fn token(&mut self, in_flow: bool) -> Option<Token> {
        match self.here() {
            b'"' => self.double_quoted(),
            b'\'' => self.single_quoted(),
            _ => self.plain(in_flow),
        }
    }

    fn plain(&mut self, in_flow: bool) -> Option<Token> {
        let start = self.at;
        match self.here() {
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`' => {
                return None;
            }
            b'?' | b':' => return None,
            b'-' if matches!(self.byte(start + 1), b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b']' | b'{' | b'}') => {
                return None;
            }
            _ => {}
        }
        loop {
            self.at = next_mark(self.bytes, self.at, in_flow);
            match self.here() {
                b'\n' | b'\r' => break,
                b'\t' => return None,
                b':' => match self.byte(self.at + 1) {
                    b' ' | b'\n' | b'\r' | b'\t' => break,
                    b',' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                    _ => {}
                },
                b'#' if self.is_behind_blank() => break,
                b',' | b'[' | b']' | b'{' | b'}' if in_flow => break,
                _ => {}
            }
            self.at += 1;
        }
        let mut end = self.at;
        while end > start && self.byte(end - 1) == b' ' {
            end -= 1;
        }
        self.at = end;
        (end > start).then_some(Token { start, end, text: Text::AtSpan, style: Style::Plain })
    }

    fn double_quoted(&mut self) -> Option<Token> {
        let start = self.at;
        self.at += 1;
        let mut letters = self.at;
        let own = index(self.tree.owned.len());
        loop {
            match self.here() {
                b'"' => break,
                b'\n' | b'\r' => return None,
                b'\\' => {
                    let escaped = match self.byte(self.at + 1) {
                        b'"' => '"',
                        b'\\' => '\\',
                        b'n' => '\n',
                        _ => return None,
                    };
                    self.tree.owned.push_str(self.text.get(letters..self.at)?);
                    self.tree.owned.push(escaped);
                    self.at += 1;
                    letters = self.at + 1;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.end_quoted(start, letters, own, Style::DoubleQuoted)
    }

    fn single_quoted(&mut self) -> Option<Token> {
        let start = self.at;
        self.at += 1;
        let mut letters = self.at;
        let own = index(self.tree.owned.len());
        loop {
            match self.here() {
                b'\'' if self.byte(self.at + 1) == b'\'' => {
                    self.at += 1;
                    self.tree.owned.push_str(self.text.get(letters..self.at)?);
                    letters = self.at + 1;
                }
                b'\'' => break,
                b'\n' | b'\r' => return None,
                _ => {}
            }
            self.at += 1;
        }
        self.end_quoted(start, letters, own, Style::SingleQuoted)
    }

    /// At the closing quote. What is read stands in the text, or from `own` on among what does not, but for what came last.
    fn end_quoted(&mut self, start: usize, letters: usize, own: u32, style: Style) -> Option<Token> {
        let text = if letters == start + 1 {
            Text::InQuotes
        } else {
            self.tree.owned.push_str(self.text.get(letters..self.at)?);
            Text::Own(own..index(self.tree.owned.len()))
        };
        self.at += 1;
        Some(Token { start, end: self.at, text, style })
    }

    /// From the indicator of a block scalar to the start of the line behind it. It is indented further than `holder`.
    pub(super) fn block_scalar(&mut self, holder: usize) -> Option<()> {
        let start = self.at;
        let style = if self.here() == b'>' { Style::Folded } else { Style::Literal };
        self.at += 1;
        let chomping = match self.here() {
            b'-' => Chomping::Strip,
            b'+' => Chomping::Keep,
            _ => Chomping::Clip,
        };
        if chomping != Chomping::Clip {
            self.at += 1;
        }
        self.end_line()?;
        let own = index(self.tree.owned.len());
        let (end, empty) = self.block_lines(holder, style)?;
        match chomping {
            Chomping::Strip => {}
            Chomping::Clip => self.tree.owned.push('\n'),
            Chomping::Keep => self.break_lines(empty + 1),
        }
        let text = Text::Own(own..index(self.tree.owned.len()));
        self.add_scalar(start, end, text, style);
        Some(())
    }

    /// Takes in the lines of a block scalar. Gives the end of the last and how many empty ones follow.
    fn block_lines(&mut self, holder: usize, style: Style) -> Option<(usize, usize)> {
        self.skip_spaces();
        let indent = self.column();
        // the first line says how far it is indented
        if indent <= holder || matches!(self.here(), b'\n' | b'\r' | b'\t') {
            return None;
        }
        self.at = self.line;
        let mut last = None;
        let mut empty = 0;
        while self.at < self.bytes.len() {
            while self.here() == b' ' && self.column() < indent {
                self.at += 1;
            }
            if matches!(self.here(), b'\n' | b'\r') {
                empty += 1;
            } else if self.column() < indent {
                self.at = self.line;
                break;
            } else {
                let end = self.end_of_line();
                let line = self.text.get(self.at..end)?;
                let is_further = line.starts_with([' ', '\t']);
                if is_further && line.trim_matches([' ', '\t']).is_empty() {
                    return None;
                }
                match last {
                    None => {}
                    Some((_, was_further)) if style == Style::Literal || was_further || is_further => {
                        self.break_lines(empty + 1);
                    }
                    Some(_) if empty == 0 => self.tree.owned.push(' '),
                    Some(_) => self.break_lines(empty),
                }
                self.tree.owned.push_str(line);
                (last, empty, self.at) = (Some((end, is_further)), 0, end);
            }
            self.end_line()?;
        }
        // without a line break at its end a text is chomped in another way
        (self.bytes.last() == Some(&b'\n')).then_some((last?.0, empty))
    }

    fn break_lines(&mut self, times: usize) {
        (0..times).for_each(|_| self.tree.owned.push('\n'));
    }
}
