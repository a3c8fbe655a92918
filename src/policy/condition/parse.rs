//! Tokens to a tree, by operator precedence (Pratt), with the precedence and associativity of CEL.

use std::ops::Range;

use super::ConditionError;
use super::ast::{Expr, ExprKind, Literal, Operator, Word};
use super::lex::{Lexeme, Token, lex};

/// Brackets, branches and operators in front, inside each other. Recursion here is bounded by a small multiple of it.
const MAX_NESTING: usize = 64;

/// Levels of a tree, for everything that recurses over it later: `1 + 1 + …` is deep without any brackets.
const MAX_HEIGHT: usize = 128;

/// Words that CEL keeps for itself and that therefore name nothing.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

type Parsed<T> = Result<T, ConditionError>;

/// Reads one expression that takes up the whole text.
pub(super) fn parse(text: &str) -> Result<Expr, Vec<ConditionError>> {
    parse_whole(text).map_err(|error| vec![error])
}

fn parse_whole(text: &str) -> Parsed<Expr> {
    let mut parser = Parser { lexemes: lex(text)?, at: 0, nesting: 0, end: text.len() };
    if matches!(parser.token(), Token::End) {
        return Err(error(0..text.len(), "the condition is empty", None));
    }
    let expr = parser.expression()?;
    match parser.token() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

fn error(range: Range<usize>, message: impl Into<String>, help: Option<&str>) -> ConditionError {
    ConditionError { range, message: message.into(), help: help.map(str::to_owned) }
}

/// How tightly an operator binds: the higher, the tighter.
fn binding(token: &Token<'_>) -> Option<(u8, Joint)> {
    let operator = |operator| Joint::Binary(operator);
    Some(match token {
        Token::Sign("||") => (1, Joint::Or),
        Token::Sign("&&") => (2, Joint::And),
        Token::Sign("==") => (3, operator(Operator::Equal)),
        Token::Sign("!=") => (3, operator(Operator::NotEqual)),
        Token::Sign("<") => (3, operator(Operator::Less)),
        Token::Sign("<=") => (3, operator(Operator::LessOrEqual)),
        Token::Sign(">") => (3, operator(Operator::Greater)),
        Token::Sign(">=") => (3, operator(Operator::GreaterOrEqual)),
        Token::Word("in") => (3, operator(Operator::In)),
        Token::Sign("+") => (4, operator(Operator::Add)),
        Token::Sign("-") => (4, operator(Operator::Subtract)),
        Token::Sign("*") => (5, operator(Operator::Multiply)),
        Token::Sign("/") => (5, operator(Operator::Divide)),
        Token::Sign("%") => (5, operator(Operator::Remainder)),
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Joint {
    And,
    Or,
    Binary(Operator),
}

struct Parser<'t> {
    lexemes: Vec<Lexeme<'t>>,
    at: usize,
    nesting: usize,
    end: usize,
}

impl<'t> Parser<'t> {
    fn token(&self) -> &Token<'t> {
        self.lexemes.get(self.at).map_or(&Token::End, |lexeme| &lexeme.token)
    }

    fn range(&self) -> Range<usize> {
        self.lexemes.get(self.at).map_or(self.end..self.end, |lexeme| lexeme.range.clone())
    }

    /// Takes a sign if it comes next.
    fn take(&mut self, sign: &str) -> Option<Range<usize>> {
        let found = matches!(self.token(), Token::Sign(next) if *next == sign);
        found.then(|| self.advance())
    }

    fn advance(&mut self) -> Range<usize> {
        let range = self.range();
        self.at += 1;
        range
    }

    fn need(&mut self, sign: &str) -> Parsed<Range<usize>> {
        self.take(sign).ok_or_else(|| self.unexpected(&format!("`{sign}`")))
    }

    fn unexpected(&self, wanted: &str) -> ConditionError {
        let found = match self.token() {
            Token::End => "the end of the condition".to_owned(),
            Token::Word(word) => format!("`{word}`"),
            Token::Sign("{") => return self.braces(),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Int(_) | Token::Double(_) => "a number".to_owned(),
            Token::Text(_) => "a text".to_owned(),
        };
        error(self.range(), format!("expected {wanted}, found {found}"), None)
    }

    fn braces(&self) -> ConditionError {
        let message = "maps and messages are not part of the condition language";
        error(self.range(), message, Some("lists are written `[a, b]`"))
    }

    /// A node of the tree, unless the tree would become too high.
    fn node(kind: ExprKind, range: Range<usize>) -> Parsed<Expr> {
        let height = kind.height_inside() + 1;
        if height > MAX_HEIGHT {
            return Err(too_deep(range));
        }
        Ok(Expr { kind, range, height })
    }

    /// Runs a part of the grammar one level further in.
    fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == MAX_NESTING {
            return Err(too_deep(self.range()));
        }
        self.nesting += 1;
        let result = part(self);
        self.nesting -= 1;
        result
    }

    /// `c ? a : b`, or what binds tighter.
    fn expression(&mut self) -> Parsed<Expr> {
        let condition = self.binary(0)?;
        if self.take("?").is_none() {
            return Ok(condition);
        }
        let then = self.binary(0)?;
        self.need(":")?;
        let otherwise = self.nested(Self::expression)?;
        let range = condition.range.start..otherwise.range.end;
        Self::node(ExprKind::If(Box::new([condition, then, otherwise])), range)
    }

    /// Operators that bind tighter than `least`, from the left.
    fn binary(&mut self, least: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        while let Some((strength, joint)) = binding(self.token())
            && strength > least
        {
            self.advance();
            let right = self.binary(strength)?;
            let start = left.range.start;
            let kind = match joint {
                Joint::Binary(operator) => ExprKind::Binary(operator, Box::new(left), Box::new(right)),
                _ => {
                    let mut sides = vec![left, right];
                    while binding(self.token()) == Some((strength, joint)) {
                        self.advance();
                        sides.push(self.binary(strength)?);
                    }
                    if joint == Joint::And { ExprKind::And(sides) } else { ExprKind::Or(sides) }
                }
            };
            let end = self.lexemes.get(self.at.wrapping_sub(1)).map_or(self.end, |lexeme| lexeme.range.end);
            left = Self::node(kind, start..end)?;
        }
        Ok(left)
    }

    /// Signs in front, all of one kind.
    fn unary(&mut self) -> Parsed<Expr> {
        let mut starts = Vec::new();
        let sign = if matches!(self.token(), Token::Sign("!")) { "!" } else { "-" };
        while let Some(range) = self.take(sign) {
            starts.push(range.start);
            if starts.len() > MAX_NESTING {
                return Err(too_deep(range));
            }
        }
        let negative = match self.token() {
            // the sign is part of a number: the least one has no positive counterpart
            Token::Int(_) | Token::Double(_) if sign == "-" => starts.pop(),
            _ => None,
        };
        let mut inner = self.member(negative)?;
        for start in starts.into_iter().rev() {
            let range = start..inner.range.end;
            let boxed = Box::new(inner);
            inner = Self::node(if sign == "!" { ExprKind::Not(boxed) } else { ExprKind::Negate(boxed) }, range)?;
        }
        Ok(inner)
    }

    /// A value with what hangs on it: fields, methods, indices.
    fn member(&mut self, negative: Option<usize>) -> Parsed<Expr> {
        let mut left = self.primary(negative)?;
        loop {
            let start = left.range.start;
            if self.take(".").is_some() {
                let word = self.word()?;
                left = match self.arguments()? {
                    Some((items, end)) => Self::node(ExprKind::Method(Box::new(left), word, items), start..end)?,
                    None => {
                        let range = start..word.range.end;
                        Self::node(ExprKind::Select(Box::new(left), word), range)?
                    }
                };
            } else if self.take("[").is_some() {
                let index = self.nested(Self::expression)?;
                let end = self.need("]")?.end;
                left = Self::node(ExprKind::Index(Box::new(left), Box::new(index)), start..end)?;
            } else if matches!(self.token(), Token::Sign("{")) {
                return Err(self.braces());
            } else {
                return Ok(left);
            }
        }
    }

    /// The name of a field or method.
    fn word(&mut self) -> Parsed<Word> {
        match self.token() {
            Token::Word(text) => {
                let text = (*text).to_owned();
                Ok(Word { text, range: self.advance() })
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// `(a, b)`, if that comes next, with its end.
    fn arguments(&mut self) -> Parsed<Option<(Vec<Expr>, usize)>> {
        if self.take("(").is_none() {
            return Ok(None);
        }
        self.items(")", false).map(Some)
    }

    /// Expressions between commas up to a closing sign, with the end of that.
    fn items(&mut self, close: &str, trailing: bool) -> Parsed<(Vec<Expr>, usize)> {
        let mut items = Vec::new();
        if let Some(range) = self.take(close) {
            return Ok((items, range.end));
        }
        loop {
            items.push(self.nested(Self::expression)?);
            if self.take(",").is_none() {
                return Ok((items, self.need(close)?.end));
            }
            if let Some(range) = trailing.then(|| self.take(close)).flatten() {
                return Ok((items, range.end));
            }
        }
    }

    fn primary(&mut self, negative: Option<usize>) -> Parsed<Expr> {
        let start = negative.unwrap_or(self.range().start);
        let literal = match self.token() {
            Token::Int(size) => Literal::Int(self.whole(*size, negative.is_some())?),
            Token::Double(value) => Literal::Double(if negative.is_some() { -value } else { *value }),
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Word("null") => Literal::Null,
            Token::Word("true") => Literal::Bool(true),
            Token::Word("false") => Literal::Bool(false),
            Token::Word(word) => {
                let word = *word;
                return self.name(word);
            }
            Token::Sign("(") => {
                self.advance();
                let mut inner = self.nested(Self::expression)?;
                inner.range = start..self.need(")")?.end;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.advance();
                let (items, end) = self.items("]", true)?;
                return Self::node(ExprKind::List(items), start..end);
            }
            _ => return Err(self.unexpected("a value")),
        };
        let end = self.advance().end;
        Self::node(ExprKind::Literal(literal), start..end)
    }

    fn whole(&self, size: u64, negative: bool) -> Parsed<i64> {
        let value = if negative { 0_i64.checked_sub_unsigned(size) } else { i64::try_from(size).ok() };
        value.ok_or_else(|| error(self.range(), "this number is too large", None))
    }

    /// A name on its own, or a call.
    fn name(&mut self, word: &str) -> Parsed<Expr> {
        if RESERVED.contains(&word) {
            return Err(self.unexpected("a value"));
        }
        let range = self.advance();
        match self.arguments()? {
            Some((items, end)) => {
                let start = range.start;
                Self::node(ExprKind::Call(Word { text: word.to_owned(), range }, items), start..end)
            }
            None => Self::node(ExprKind::Name(word.to_owned()), range),
        }
    }
}

fn too_deep(range: Range<usize>) -> ConditionError {
    error(range, "the condition is nested too deeply", Some("split the rule in two"))
}
