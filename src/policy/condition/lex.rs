//! Text to tokens, after the lexical grammar of CEL.

use std::ops::Range;

use super::ConditionError;

/// The smallest piece of a condition that means something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// A name or a keyword.
    Word(&'t str),
    /// A whole number without its sign, so that the least of all can be written.
    Int(u64),
    /// Any other number.
    Double(f64),
    /// A text with its escapes resolved.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// A token and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Lexeme<'t> {
    pub(super) token: Token<'t>,
    pub(super) range: Range<usize>,
}

/// Longer signs first: `<=` is not `<` and `=`.
const SIGNS: [&str; 24] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "?", ":", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".",
    "{", "}",
];

/// All tokens, with [`Token::End`] as the last.
pub(super) fn lex(text: &str) -> Result<Vec<Lexeme<'_>>, ConditionError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut lexemes = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        lexemes.push(Lexeme { token, range: start..lexer.at });
        if end {
            return Ok(lexemes);
        }
    }
}

/// The tokens of a text that breaks off, without [`Token::End`], and where a text in it begins that has no closing quote.
pub(super) fn lex_unfinished(text: &str) -> (Vec<Lexeme<'_>>, Option<usize>) {
    let mut lexer = Lexer { text, at: 0 };
    let mut lexemes = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        match lexer.token() {
            Ok(Token::End) => return (lexemes, None),
            Ok(token) => lexemes.push(Lexeme { token, range: start..lexer.at }),
            Err(_) if text.get(start..).is_some_and(|rest| rest.starts_with(['"', '\''])) => {
                return (lexemes, Some(start));
            }
            Err(_) => return (lexemes, None),
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn peek_after(&self, bytes: usize) -> Option<char> {
        self.rest().get(bytes..)?.chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Takes bytes while they fit and returns them; those that fit are letters by themselves.
    fn take_bytes(&mut self, fits: impl Fn(u8) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !fits(byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Takes characters while they fit and returns them.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn error(&self, start: usize, message: impl Into<String>, help: Option<&str>) -> ConditionError {
        ConditionError { range: start..self.at, message: message.into(), help: help.map(str::to_owned) }
    }

    fn skip_blanks(&mut self) {
        loop {
            self.take_bytes(|c| matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0xc));
            if !self.rest().starts_with("//") {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<Token<'t>, ConditionError> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        if first == '"' || first == '\'' {
            return self.text_literal(false);
        }
        if first.is_ascii_digit() || (first == '.' && self.peek_after(1).is_some_and(|c| c.is_ascii_digit())) {
            return self.number();
        }
        if first.is_ascii_alphabetic() || first == '_' {
            return self.word_or_prefix();
        }
        let rest = self.rest().as_bytes();
        match SIGNS.into_iter().find(|sign| rest.starts_with(sign.as_bytes())) {
            Some(sign) => {
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
            None => Err(self.stray(first)),
        }
    }

    /// A character that starts no token.
    fn stray(&mut self, first: char) -> ConditionError {
        let start = self.at;
        self.take();
        let help = match first {
            '=' => Some(match self.peek() {
                Some('<') => "write `<=`",
                Some('>') => "write `>=`",
                _ => "write `==`",
            }),
            '&' => Some("write `&&`"),
            '|' => Some("write `||`"),
            '“' | '”' | '„' | '‘' | '’' => Some("write texts in straight quotes, `\"…\"` or `'…'`"),
            _ => None,
        };
        self.error(start, format!("`{}` has no meaning here", first.escape_debug()), help)
    }

    fn word_or_prefix(&mut self) -> Result<Token<'t>, ConditionError> {
        let start = self.at;
        let word = self.take_bytes(|c| c.is_ascii_alphanumeric() || c == b'_');
        if !matches!(self.peek(), Some('"' | '\'')) {
            return Ok(Token::Word(word));
        }
        match word {
            "r" | "R" => self.text_literal(true),
            _ if word.eq_ignore_ascii_case("b")
                || word.eq_ignore_ascii_case("br")
                || word.eq_ignore_ascii_case("rb") =>
            {
                Err(self.error(start, "bytes are not part of the condition language", Some("write a text, `\"…\"`")))
            }
            _ => Ok(Token::Word(word)),
        }
    }

    fn number(&mut self) -> Result<Token<'t>, ConditionError> {
        let start = self.at;
        if self.rest().starts_with("0x") {
            self.at += 2;
            let digits = self.take_while(|c| c.is_ascii_hexdigit());
            self.no_suffix(start)?;
            return self.whole(start, u64::from_str_radix(digits, 16).ok());
        }
        let digits = self.take_bytes(|c| c.is_ascii_digit());
        let mut double = false;
        if self.peek() == Some('.') && self.peek_after(1).is_some_and(|c| c.is_ascii_digit()) {
            double = true;
            self.take();
            self.take_while(|c| c.is_ascii_digit());
        }
        double |= self.exponent();
        let written = self.text.get(start..self.at).unwrap_or_default();
        self.no_suffix(start)?;
        if double {
            return match written.parse() {
                Ok(value) => Ok(Token::Double(value)),
                Err(_) => Err(self.error(start, format!("`{written}` is no number"), None)),
            };
        }
        self.whole(start, digits.parse().ok())
    }

    /// `e+10`, if that is what comes.
    fn exponent(&mut self) -> bool {
        let sign = usize::from(matches!(self.peek_after(1), Some('+' | '-')));
        let exponent = matches!(self.peek(), Some('e' | 'E'));
        if !exponent || !self.peek_after(1 + sign).is_some_and(|c| c.is_ascii_digit()) {
            return false;
        }
        self.at += 1 + sign;
        self.take_while(|c| c.is_ascii_digit());
        true
    }

    fn whole(&self, start: usize, value: Option<u64>) -> Result<Token<'t>, ConditionError> {
        // one more than the greatest number, for its place after a minus
        let value = value.filter(|value| *value <= i64::MIN.unsigned_abs());
        value.map(Token::Int).ok_or_else(|| self.error(start, "this number is too large", None))
    }

    /// Refuses `5u` and `5days`.
    fn no_suffix(&mut self, start: usize) -> Result<(), ConditionError> {
        let suffix = self.take_while(|c| c.is_alphanumeric() || c == '_');
        match suffix {
            "" => Ok(()),
            "u" | "U" => {
                let message = "unsigned numbers are not part of the condition language";
                Err(self.error(start, message, Some("leave out the `u`")))
            }
            _ => {
                let written = self.text.get(start..self.at).unwrap_or_default();
                Err(self.error(start, format!("`{written}` is no number"), None))
            }
        }
    }

    /// A text from its opening quotes on.
    fn text_literal(&mut self, raw: bool) -> Result<Token<'t>, ConditionError> {
        let start = self.at;
        let (long, short) = if self.peek() == Some('"') { ("\"\"\"", "\"") } else { ("'''", "'") };
        let quotes = if self.rest().starts_with(long) { long } else { short };
        self.at += quotes.len();
        let mut value = String::new();
        let quote = quotes.bytes().next();
        loop {
            value.push_str(self.take_while(|c| u8::try_from(c).ok() != quote && !matches!(c, '\\' | '\n' | '\r')));
            if self.rest().starts_with(quotes) {
                self.at += quotes.len();
                return Ok(Token::Text(value));
            }
            match self.take() {
                Some('\n' | '\r') if quotes.len() == 1 => {
                    self.at -= 1;
                    return Err(self.error(start, "this text has no closing quote", None));
                }
                Some('\\') if !raw => value.push(self.escape()?),
                Some('\\') => {
                    value.push('\\');
                    value.extend(self.take());
                }
                Some(other) => value.push(other),
                None => return Err(self.error(start, "this text has no closing quote", None)),
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, ConditionError> {
        let start = self.at - 1;
        let value = match self.take() {
            Some(c @ ('\\' | '?' | '"' | '\'' | '`')) => Some(c),
            Some('a') => Some('\u{7}'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('v') => Some('\u{b}'),
            Some('x' | 'X') => self.code_point(2, 16),
            Some('u') => self.code_point(4, 16),
            Some('U') => self.code_point(8, 16),
            Some('0'..='3') => {
                self.at -= 1;
                self.code_point(3, 8)
            }
            _ => None,
        };
        value.ok_or_else(|| self.error(start, "no such escape", Some("a backslash itself is written `\\\\`")))
    }

    fn code_point(&mut self, digits: usize, radix: u32) -> Option<char> {
        let written = self.rest().get(..digits).filter(|text| text.chars().all(|c| c.is_digit(radix)))?;
        self.at += digits;
        char::from_u32(u32::from_str_radix(written, radix).ok()?)
    }
}
