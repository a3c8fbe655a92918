//! A condition that is being written: what may come at its end, by the types of what stands before it.

use super::calls::{self, Usage};
use super::check::Checker;
use super::lex::{Lexeme, Token, lex_unfinished};
use super::parse;
use super::types::{Domain, Env, Ty};
use super::value::Root;
use crate::model::FieldId;

/// What may be written at the end of a condition.
#[derive(Debug, Clone, Default)]
pub struct Unfinished {
    /// Where the word begins that is being written, in bytes.
    pub start: usize,
    /// Whether it stands in quotes that are open.
    pub in_quotes: bool,
    /// Facts, fields, functions.
    pub names: Vec<Name>,
    /// Of which texts one may stand there.
    pub texts: Option<Texts>,
    /// The functions whose brackets are open there, with the 0-based argument; the innermost last.
    pub calls: Vec<(Usage, usize)>,
}

/// Something that has a name in a condition.
#[derive(Debug, Clone)]
pub struct Name {
    /// As it is written.
    pub name: String,
    /// What it is.
    pub kind: NameKind,
    /// Its type in words: `a list of purposes`.
    pub ty: String,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum NameKind {
    /// A fact at the root.
    Fact,
    /// A field of a record.
    Field(FieldId),
    /// The variable of a macro around.
    Variable,
    /// A parameter of the rule.
    Parameter,
    /// A function, method or macro.
    Function(Usage),
}

/// The texts that go with what stands before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Those of a fact.
    Of(Domain),
    /// Days.
    Day,
    /// Durations.
    Duration,
    /// Names of lexicons.
    Lexicon,
    /// Names of tables.
    Table,
    /// Names of groups of territories.
    Group,
}

impl Unfinished {
    /// Reads what stands before the place where somebody writes.
    pub fn at_end(text: &str, env: &Env<'_>) -> Self {
        let (mut lexemes, open) = lex_unfinished(text);
        let mut start = text.len();
        if let Some(quote) = open {
            start = quote + 1;
        } else if let Some(Lexeme { token: Token::Word(_), range }) = lexemes.last()
            && range.end == text.len()
        {
            start = range.start;
            lexemes.pop();
        }
        let mut reading = Reading { text, lexemes: &lexemes, env, locals: Vec::new(), opened: Vec::new() };
        reading.enter();
        let in_quotes = open.is_some();
        let calls = reading.opened.iter().filter_map(|open| Some((open.usage?, open.commas))).collect();
        Self {
            start,
            in_quotes,
            names: if in_quotes { Vec::new() } else { reading.names() },
            texts: reading.texts(),
            calls,
        }
    }
}

/// A bracket that is open.
#[derive(Debug, Clone)]
struct Opened {
    /// Which lexeme it is.
    at: usize,
    /// The function whose arguments stand in it.
    usage: Option<Usage>,
    commas: usize,
    /// How many variables there were outside.
    locals: usize,
}

struct Reading<'r, 'e> {
    text: &'r str,
    lexemes: &'r [Lexeme<'r>],
    env: &'r Env<'e>,
    locals: Vec<(String, Ty)>,
    opened: Vec<Opened>,
}

impl Reading<'_, '_> {
    /// Finds the brackets that are open at the end, and the variables of the macros among them.
    fn enter(&mut self) {
        for at in 0..self.lexemes.len() {
            match self.sign(at) {
                Some("(" | "[") => {
                    let usage = self.usage(at);
                    self.opened.push(Opened { at, usage, commas: 0, locals: self.locals.len() });
                }
                Some(")" | "]") => {
                    if let Some(closed) = self.opened.pop() {
                        self.locals.truncate(closed.locals);
                    }
                }
                Some(",") => {
                    if let Some(open) = self.opened.last_mut() {
                        open.commas += 1;
                    }
                    self.bind();
                }
                _ => {}
            }
        }
    }

    /// Behind the first comma of a macro, its variable stands for an element.
    fn bind(&mut self) {
        let Some(open) = self.opened.last().filter(|open| open.commas == 1) else { return };
        if !open.usage.is_some_and(|usage| usage.binds) {
            return;
        }
        let (Some(name), Some(dot)) = (self.word(open.at + 1).map(str::to_owned), open.at.checked_sub(2)) else {
            return;
        };
        let element = match self.operand_before(dot) {
            Ty::List(element) => *element,
            _ => Ty::Any,
        };
        self.locals.push((name, element));
    }

    /// How the function is used whose arguments a bracket opens.
    fn usage(&self, bracket: usize) -> Option<Usage> {
        let name = bracket.checked_sub(1)?;
        let word = self.word(name).filter(|_| self.sign(bracket) == Some("("))?;
        let is_method = name.checked_sub(1).is_some_and(|dot| self.sign(dot) == Some("."));
        calls::find(word, is_method)
    }

    fn sign(&self, at: usize) -> Option<&'static str> {
        match self.lexemes.get(at).map(|lexeme| &lexeme.token) {
            Some(Token::Sign(sign)) => Some(sign),
            _ => None,
        }
    }

    fn word(&self, at: usize) -> Option<&str> {
        match self.lexemes.get(at).map(|lexeme| &lexeme.token) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// The type of the value that ends right before a lexeme.
    fn operand_before(&self, end: usize) -> Ty {
        let Some(last) = end.checked_sub(1) else { return Ty::Any };
        let slice = self.begin_of(last).and_then(|first| {
            let (first, last) = (self.lexemes.get(first)?, self.lexemes.get(last)?);
            self.text.get(first.range.start..last.range.end)
        });
        slice.map_or(Ty::Any, |slice| self.type_of(slice))
    }

    fn type_of(&self, text: &str) -> Ty {
        let Ok(expr) = parse::parse(text) else { return Ty::Any };
        let mut checker = Checker::new(self.env);
        checker.locals.clone_from(&self.locals);
        checker.node(&expr).ty
    }

    /// The first lexeme of the value that ends with a lexeme: names with what hangs on them.
    fn begin_of(&self, last: usize) -> Option<usize> {
        let mut at = last;
        loop {
            if matches!(self.sign(at), Some(")" | "]")) {
                let open = self.partner(at)?;
                let before = open.checked_sub(1).filter(|before| self.ends_value(*before));
                match before {
                    // arguments or an index of what stands before
                    Some(before) => {
                        at = before;
                        continue;
                    }
                    None => return Some(open),
                }
            }
            if !self.ends_value(at) {
                return None;
            }
            match at.checked_sub(1).filter(|dot| self.sign(*dot) == Some(".")).and_then(|dot| dot.checked_sub(1)) {
                Some(before) => at = before,
                None => return Some(at),
            }
        }
    }

    /// The bracket that one closes.
    fn partner(&self, close: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in (0..=close).rev() {
            match self.sign(at) {
                Some(")" | "]") => depth += 1,
                Some("(" | "[") => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a value can end with a lexeme.
    fn ends_value(&self, at: usize) -> bool {
        match self.lexemes.get(at).map(|lexeme| &lexeme.token) {
            Some(Token::Word(word)) => *word != "in",
            Some(Token::Sign(sign)) => matches!(*sign, ")" | "]"),
            Some(Token::Int(_) | Token::Double(_) | Token::Text(_)) => true,
            Some(Token::End) | None => false,
        }
    }

    fn names(&self) -> Vec<Name> {
        let Some(last) = self.lexemes.len().checked_sub(1) else { return self.facts() };
        if self.sign(last) == Some(".") {
            let is_param = last.checked_sub(1).is_some_and(|before| {
                self.word(before) == Some("param")
                    && before.checked_sub(1).is_none_or(|dot| self.sign(dot) != Some("."))
            });
            return if is_param { self.parameters() } else { members(&self.operand_before(last)) };
        }
        // the variable of a macro is for people to name
        let names_variable =
            self.opened.last().is_some_and(|open| open.at == last && open.usage.is_some_and(|usage| usage.binds));
        if self.ends_value(last) || names_variable { Vec::new() } else { self.facts() }
    }

    fn parameters(&self) -> Vec<Name> {
        let name =
            |(name, ty): &(String, Ty)| Name { name: name.clone(), kind: NameKind::Parameter, ty: ty.describe() };
        self.env.params.iter().map(name).collect()
    }

    /// Variables, the innermost first, facts at the root, functions.
    fn facts(&self) -> Vec<Name> {
        let variable =
            |(name, ty): &(String, Ty)| Name { name: name.clone(), kind: NameKind::Variable, ty: ty.describe() };
        let mut names: Vec<Name> = self.locals.iter().rev().map(variable).collect();
        let known = Root::ALL.into_iter().filter(|(_, root)| self.env.revisions || !root.is_of_changes());
        names.extend(known.map(|(name, root)| Name {
            name: name.to_owned(),
            kind: NameKind::Fact,
            ty: Ty::of_root(root).describe(),
        }));
        if !self.env.params.is_empty() {
            names.push(Name {
                name: "param".to_owned(),
                kind: NameKind::Fact,
                ty: "the parameters of the rule".to_owned(),
            });
        }
        names.extend(calls::functions().map(function));
        names
    }

    /// The texts that go with what stands before, if any do.
    fn texts(&self) -> Option<Texts> {
        let last = self.lexemes.len().checked_sub(1)?;
        match self.sign(last) {
            Some("==" | "!=" | "<" | "<=" | ">" | ">=") => texts_of(&self.operand_before(last)),
            Some("(" | ",") if self.opened.last()?.usage.is_some() => self.argument(self.opened.last()?),
            Some("[" | ",") => self.item(),
            _ => None,
        }
    }

    /// The texts that an argument of a function may be.
    fn argument(&self, open: &Opened) -> Option<Texts> {
        match (open.usage?.name, open.commas) {
            ("within", 1) => texts_of(&self.first_argument(open)),
            ("mentions", 1) => Some(Texts::Lexicon),
            ("table", 0) => Some(Texts::Table),
            ("table", 1) => Some(Texts::Of(Domain::Territory)),
            ("group" | "states_in", 0) => Some(Texts::Group),
            _ => None,
        }
    }

    fn first_argument(&self, open: &Opened) -> Ty {
        let comma = (open.at..self.lexemes.len()).find(|at| self.sign(*at) == Some(","));
        comma.map_or(Ty::Any, |comma| self.operand_before(comma))
    }

    /// The texts that an item of a list may be, by what the list is held against.
    fn item(&self) -> Option<Texts> {
        let list = self.opened.last()?.at;
        let before = list.checked_sub(1)?;
        if self.word(before) == Some("in") || matches!(self.sign(before), Some("==" | "!=")) {
            return texts_of(&self.operand_before(before));
        }
        let outside = self.opened.len().checked_sub(2).and_then(|at| self.opened.get(at))?;
        outside.usage.and_then(|_| self.argument(outside))
    }
}

/// What hangs on a value behind a dot.
fn members(ty: &Ty) -> Vec<Name> {
    match ty {
        Ty::Object(record) => {
            let name = |field: FieldId| Name {
                name: field.name().to_owned(),
                kind: NameKind::Field(field),
                ty: Ty::of(field.get().ty).describe(),
            };
            record.field_ids().map(name).collect()
        }
        Ty::List(_) | Ty::Text(_) => {
            let is_list = matches!(ty, Ty::List(_));
            calls::methods()
                .filter(|usage| usage.of_lists == Some(is_list) || usage.of_lists.is_none())
                .map(function)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn function(usage: Usage) -> Name {
    Name { name: usage.name.to_owned(), kind: NameKind::Function(usage), ty: String::new() }
}

fn texts_of(ty: &Ty) -> Option<Texts> {
    match ty {
        Ty::Text(Domain::Any) => None,
        Ty::Text(domain) => Some(Texts::Of(*domain)),
        Ty::List(element) => texts_of(element),
        Ty::Date => Some(Texts::Day),
        Ty::Duration => Some(Texts::Duration),
        _ => None,
    }
}
