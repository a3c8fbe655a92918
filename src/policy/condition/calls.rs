//! Typing of functions, methods and macros.

use std::ops::Range;
use std::sync::Arc;

use crate::model::{Record, Terms};
use crate::suggest;

use super::ast::{Expr, ExprKind, Literal, Word};
use super::check::Checker;
use super::node::{Each, Kind, Node, TextTest};
use super::types::{Domain, Ty, noun, with_article};
use super::value::Root;

/// How a function is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Its name.
    pub name: &'static str,
    /// How it is written; two ways are joined by `` ` or ` ``.
    pub written: &'static str,
    /// What it gives, in a sentence.
    pub says: &'static str,
    /// Whether its first argument names an element of a list.
    pub binds: bool,
    /// Whether it hangs on lists, or on texts; `None` for both.
    pub of_lists: Option<bool>,
}

impl Usage {
    /// The function of a name, or what is called on a value.
    pub fn named(name: &str, is_method: bool) -> Option<Self> {
        find(name, is_method)
    }

    /// All that is asked about the elements of a list.
    pub fn of_elements() -> impl Iterator<Item = Self> {
        METHODS.into_iter().filter(|usage| usage.binds)
    }

    /// The ways in which it is written.
    pub fn ways(&self) -> impl Iterator<Item = &'static str> {
        self.written.split("` or `")
    }
}

const fn function(name: &'static str, written: &'static str, says: &'static str) -> Usage {
    Usage { name, written, says, binds: false, of_lists: None }
}

/// What hangs on a text.
const fn of_text(name: &'static str, written: &'static str, says: &'static str) -> Usage {
    Usage { of_lists: Some(false), ..function(name, written, says) }
}

/// What asks about the elements of a list.
const fn of_list(name: &'static str, written: &'static str, says: &'static str) -> Usage {
    Usage { of_lists: Some(true), binds: true, ..function(name, written, says) }
}

/// What is called `name(…)`.
const FUNCTIONS: [Usage; 10] = [
    function("has", "has(x.f)", "Whether a fact is declared, an empty list included."),
    function(
        "declared",
        "declared(x.f)",
        "True where a fact is declared; else the fact is missing, and the rule undetermined.",
    ),
    function("size", "size(x)", "How many elements a list has, or letters a text."),
    function(
        "within",
        "within(use, \"key\")` or `within(use, keys)",
        "Whether a key of a vocabulary is another, or lies below it.",
    ),
    function("root", "root(use)", "The first part of a key of a vocabulary."),
    function(
        "days",
        "days(from, to)` or `days(duration)",
        "The whole days between two days, or of a duration; a month counts 30, a year 365.",
    ),
    function(
        "states_in",
        "states_in(\"GROUP\")",
        "The states of the purpose over the places of a group that the service reaches.",
    ),
    function(
        "mentions",
        "mentions(text, \"lexicon\")",
        "Whether a text has a word or phrase of a lexicon, in the language of the file.",
    ),
    function(
        "table",
        "table(\"name\")` or `table(\"name\", place)",
        "The value that a table has for the place of the finding, or for another.",
    ),
    function(
        "group",
        "place in group(\"GROUP\")",
        "Whether a place belongs to a group of territories; only after `in`.",
    ),
];

/// What is called `x.name(…)`.
const METHODS: [Usage; 9] = [
    function("size", "x.size()", "How many elements a list has, or letters a text."),
    of_text("startsWith", "text.startsWith(start)", "Whether a text starts with another."),
    of_text("endsWith", "text.endsWith(end)", "Whether a text ends with another."),
    of_text("contains", "text.contains(part)", "Whether a text has another in it."),
    of_list("exists", "list.exists(x, …)", "Whether the condition holds for some element."),
    of_list("all", "list.all(x, …)", "Whether the condition holds for every element."),
    of_list("exists_one", "list.exists_one(x, …)", "Whether the condition holds for exactly one element."),
    of_list("filter", "list.filter(x, …)", "The elements for which the condition holds."),
    of_list("map", "list.map(x, …)", "What comes of each element."),
];

/// All functions.
pub(super) fn functions() -> impl Iterator<Item = Usage> {
    FUNCTIONS.into_iter()
}

/// All methods and macros.
pub(super) fn methods() -> impl Iterator<Item = Usage> {
    METHODS.into_iter()
}

/// The function, or the method, of a name.
pub(super) fn find(name: &str, is_method: bool) -> Option<Usage> {
    let table: &[Usage] = if is_method { &METHODS } else { &FUNCTIONS };
    table.iter().find(|usage| usage.name == name).copied()
}

/// Functions of CEL that are left out, with what to use instead.
const LEFT_OUT: [(&str, Option<&str>); 25] = [
    ("matches", Some("use `startsWith`, `endsWith`, `contains` or `mentions`")),
    ("timestamp", Some("a date is written as a text: `today >= \"2024-09-18\"`")),
    ("duration", Some("a duration is compared with a text: `x < \"P30D\"`, or counted with `days(x)`")),
    ("existsOne", Some("write `exists_one`")),
    ("int", None),
    ("uint", None),
    ("double", None),
    ("string", None),
    ("bytes", None),
    ("bool", None),
    ("type", None),
    ("dyn", None),
    ("getDate", None),
    ("getDayOfMonth", None),
    ("getDayOfWeek", None),
    ("getDayOfYear", None),
    ("getFullYear", None),
    ("getHours", None),
    ("getMilliseconds", None),
    ("getMinutes", None),
    ("getMonth", None),
    ("getSeconds", None),
    ("transformList", Some("use `filter` and `map`")),
    ("transformMap", None),
    ("transformMapEntry", None),
];

/// How a function is written, for help.
fn usage(name: &str, table: &[Usage]) -> Option<String> {
    table.iter().find(|known| known.name == name).map(|known| format!("write `{}`", known.written))
}

impl Checker<'_, '_> {
    pub(super) fn call(&mut self, function: &Word, arguments: &[Expr], range: &Range<usize>) -> Node {
        let (kind, ty) = match (function.text.as_str(), arguments) {
            ("has", [x]) => return self.has_or_declared(function, x, range),
            ("declared", [x]) => return self.has_or_declared(function, x, range),
            ("size", [x]) => {
                let x = self.node(x);
                return self.size(x, range);
            }
            ("within", [x, key]) => return self.within(x, key, range),
            ("root", [x]) => return self.first_segment(x, range),
            ("days", [from, to]) => {
                let (from, to) = (self.typed(from, &Ty::Date, "days"), self.typed(to, &Ty::Date, "days"));
                (Kind::DaysBetween(Box::new(from), Box::new(to)), Ty::Int)
            }
            ("days", [duration]) => {
                let duration = self.typed(duration, &Ty::Duration, "days");
                (Kind::DaysOf(Box::new(duration)), Ty::Int)
            }
            ("states_in", [group]) => {
                let Some(name) = self.group_name(group) else { return self.broken(range) };
                (Kind::StatesIn(name), Ty::list(Ty::of_root(Root::State)))
            }
            ("mentions", [text, lexicon]) => {
                let text = self.typed(text, &Ty::Text(Domain::Any), "mentions");
                let known: Vec<&str> = self.env.lexicons.iter().map(String::as_str).collect();
                let Some(name) = self.name_of("lexicon", lexicon, &known) else { return self.broken(range) };
                (Kind::Mentions(Box::new(text), name), Ty::Bool)
            }
            ("table", [table]) => {
                let Some((name, ty)) = self.table(table) else { return self.broken(range) };
                (Kind::Table(name), ty)
            }
            ("table", [table, place]) => {
                let place = self.place(place, "`table`");
                let Some((name, ty)) = self.table(table) else { return self.broken(range) };
                (Kind::TableFor(name, Box::new(place)), ty)
            }
            ("group", [_]) => {
                let help = usage("group", &FUNCTIONS);
                self.error(range, "`group` has a meaning only after `in`", help);
                return self.broken(range);
            }
            _ => return self.no_such_call(function, range, &FUNCTIONS, &METHODS),
        };
        Node { kind, ty, range: range.clone() }
    }

    pub(super) fn method(&mut self, object: &Expr, method: &Word, arguments: &[Expr], range: &Range<usize>) -> Node {
        let each = match method.text.as_str() {
            "exists" => Some(Each::Exists),
            "all" => Some(Each::All),
            "exists_one" => Some(Each::ExistsOne),
            "filter" => Some(Each::Filter),
            "map" => Some(Each::Map),
            _ => None,
        };
        if let Some(each) = each {
            return match arguments {
                [variable, body] => self.each(each, object, variable, None, body, range),
                [variable, condition, body] if each == Each::Map => {
                    self.each(each, object, variable, Some(condition), body, range)
                }
                _ => self.no_such_call(method, range, &METHODS, &FUNCTIONS),
            };
        }
        let test = match (method.text.as_str(), arguments) {
            ("size", []) => {
                let object = self.node(object);
                return self.size(object, range);
            }
            ("startsWith", [_]) => TextTest::StartsWith,
            ("endsWith", [_]) => TextTest::EndsWith,
            ("contains", [_]) => TextTest::Contains,
            _ => return self.no_such_call(method, range, &METHODS, &FUNCTIONS),
        };
        let name = method.text.as_str();
        let text = self.node(object);
        if !matches!(text.ty, Ty::Text(_) | Ty::Any) {
            let help =
                (matches!(text.ty, Ty::List(_)) && test == TextTest::Contains).then(|| "write `x in list`".to_owned());
            self.error(&text.range, format!("`{name}` needs a text, this is {}", text.ty.describe()), help);
        }
        let part = match arguments {
            [part] => self.typed(part, &Ty::Text(Domain::Any), name),
            _ => self.broken(range),
        };
        Node { kind: Kind::TextTest(test, Box::new(text), Box::new(part)), ty: Ty::Bool, range: range.clone() }
    }

    /// Says why a call is wrong: the number of arguments, the way of writing, or the name.
    fn no_such_call(&mut self, name: &Word, range: &Range<usize>, here: &[Usage], elsewhere: &[Usage]) -> Node {
        let text = name.text.as_str();
        if let Some(help) = usage(text, here) {
            self.error(range, format!("`{text}` does not take these arguments"), Some(help));
        } else if let Some(help) = usage(text, elsewhere) {
            self.error(&name.range, format!("`{text}` is not called like this"), Some(help));
        } else if let Some((_, instead)) = LEFT_OUT.iter().find(|(known, _)| *known == text) {
            let message = format!("`{text}` is not part of the condition language");
            self.error(&name.range, message, Some(instead.map_or_else(all_functions, str::to_owned)));
        } else {
            let known: Vec<&str> = FUNCTIONS.iter().chain(&METHODS).map(|known| known.name).collect();
            let help = suggest::did_you_mean(text, &known).unwrap_or_else(all_functions);
            self.error(&name.range, format!("there is no function `{text}`"), Some(help));
        }
        self.broken(range)
    }

    /// An argument of one type; literals become it.
    fn typed(&mut self, argument: &Expr, wanted: &Ty, function: &str) -> Node {
        let mut node = self.node(argument);
        if *wanted == Ty::Date || *wanted == Ty::Duration {
            self.expect(&mut node, wanted);
        }
        let fits = match (&node.ty, wanted) {
            (Ty::Any, _) | (Ty::Text(_), Ty::Text(_)) => true,
            (ty, wanted) => ty == wanted,
        };
        if !fits {
            let message = format!("`{function}` needs {}, this is {}", wanted.describe(), node.ty.describe());
            self.error(&node.range, message, None);
        }
        node
    }

    fn has_or_declared(&mut self, function: &Word, argument: &Expr, range: &Range<usize>) -> Node {
        let name = function.text.as_str();
        let (object, field) = match &argument.kind {
            ExprKind::Select(object, field) if !self.is_param(object) => (object, field),
            _ => {
                let message = format!("`{name}` needs a field");
                self.error(&argument.range, message, usage(name, &FUNCTIONS));
                return self.broken(range);
            }
        };
        let object = Box::new(self.node(object));
        let Some(id) = self.field(&object, field) else { return self.broken(range) };
        let kind = if name == "has" { Kind::Has(object, id) } else { Kind::Declared(object, id) };
        Node { kind, ty: Ty::Bool, range: range.clone() }
    }

    fn size(&mut self, x: Node, range: &Range<usize>) -> Node {
        if !matches!(x.ty, Ty::List(_) | Ty::Text(_) | Ty::Any) {
            self.error(&x.range, format!("`size` needs a list or a text, this is {}", x.ty.describe()), None);
        }
        Node { kind: Kind::Size(Box::new(x)), ty: Ty::Int, range: range.clone() }
    }

    fn within(&mut self, x: &Expr, key: &Expr, range: &Range<usize>) -> Node {
        let x = self.node(x);
        let mut keys = self.node(key);
        match x.ty.clone() {
            Ty::Text(Domain::Term(terms)) => self.keys(&mut keys, terms),
            Ty::Any => {}
            other => self.not_of_vocabulary("within", &x.range, &other),
        }
        let kind = match &key.kind {
            ExprKind::Literal(Literal::Text(name)) => Kind::Within(Box::new(x), Arc::from(name.as_str())),
            _ => Kind::WithinRead(Box::new(x), Box::new(keys)),
        };
        Node { kind, ty: Ty::Bool, range: range.clone() }
    }

    /// What a key may lie within: a key of the same vocabulary, or a list of them. A parameter has no vocabulary, so its texts
    /// are looked at.
    fn keys(&mut self, keys: &mut Node, terms: Terms) {
        let one = Ty::Text(Domain::Term(terms));
        let wanted = if matches!(keys.ty, Ty::List(_)) { Ty::list(one.clone()) } else { one };
        self.expect(keys, &wanted);
        if let (Kind::Param(name), Ty::Text(_) | Ty::List(_)) = (&keys.kind, &keys.ty) {
            for text in (self.env.texts)(name) {
                if let Err(suggestion) = (self.env.term)(terms, &text) {
                    let help = suggestion.map(|near| format!("did you mean `{near}`?"));
                    let message = format!("`param.{name}` has `{text}`, which is not {}", with_article(noun(terms)));
                    self.error(&keys.range, message, help);
                }
            }
            return;
        }
        let fits = keys.ty == wanted || matches!(&keys.ty, Ty::Any) || keys.ty == Ty::list(Ty::Any);
        if !fits {
            let message = format!("{} cannot lie within {}", with_article(noun(terms)), keys.ty.describe());
            let help = format!("compare with {} or a list of such", with_article(noun(terms)));
            self.error(&keys.range, message, Some(help));
        }
    }

    fn first_segment(&mut self, x: &Expr, range: &Range<usize>) -> Node {
        let x = self.node(x);
        if !matches!(x.ty, Ty::Text(Domain::Term(_)) | Ty::Any) {
            self.not_of_vocabulary("root", &x.range, &x.ty);
        }
        Node { ty: x.ty.clone(), kind: Kind::FirstSegment(Box::new(x)), range: range.clone() }
    }

    fn not_of_vocabulary(&mut self, function: &str, range: &Range<usize>, ty: &Ty) {
        let help = "such as `purpose.use`, or `category` of a data item".to_owned();
        let message = format!("`{function}` needs a key of a vocabulary, this is {}", ty.describe());
        self.error(range, message, Some(help));
    }

    /// A text that is written out, where nothing else will do.
    fn literal(&mut self, argument: &Expr, what: &str) -> Option<Arc<str>> {
        if let ExprKind::Literal(Literal::Text(text)) = &argument.kind {
            return Some(Arc::from(text.as_str()));
        }
        self.error(&argument.range, format!("{what} must be written out"), Some("a text such as `\"…\"`".to_owned()));
        None
    }

    /// The written name of a lexicon or table.
    fn name_of(&mut self, noun: &str, argument: &Expr, known: &[&str]) -> Option<Arc<str>> {
        let name = self.literal(argument, &format!("the name of a {noun}"))?;
        if known.contains(&&*name) {
            return Some(name);
        }
        self.error(&argument.range, format!("there is no {noun} `{name}`"), suggest::did_you_mean(&name, known));
        None
    }

    /// The written name of a table, and the type of its values.
    fn table(&mut self, argument: &Expr) -> Option<(Arc<str>, Ty)> {
        let known: Vec<&str> = self.env.tables.iter().map(|(table, _)| table.as_str()).collect();
        let name = self.name_of("table", argument, &known)?;
        let found = self.env.tables.iter().find(|(table, _)| **table == *name);
        Some((name, found.map_or(Ty::Any, |(_, ty)| ty.clone())))
    }

    /// A place, for `user`: a territory that is read or written out.
    fn place(&mut self, argument: &Expr, user: &str) -> Node {
        let mut place = self.node(argument);
        let territory = Ty::Text(Domain::Territory);
        self.expect(&mut place, &territory);
        if place.ty != territory && place.ty != Ty::Any {
            let help =
                matches!(&place.ty, Ty::Object(Record::Organisation)).then(|| "ask for its `country`".to_owned());
            let help = help.unwrap_or_else(|| "such as `country` of a recipient".to_owned());
            self.error(&place.range, format!("{user} needs a territory, this is {}", place.ty.describe()), Some(help));
        }
        place
    }

    /// `place in group("GROUP")`.
    pub(super) fn in_group(&mut self, place: &Expr, group: &Expr, range: &Range<usize>) -> Node {
        let place = self.place(place, "`in group(…)`");
        let Some(name) = self.group_name(group) else { return self.broken(range) };
        Node { kind: Kind::InGroup(Box::new(place), name), ty: Ty::Bool, range: range.clone() }
    }

    fn group_name(&mut self, argument: &Expr) -> Option<Arc<str>> {
        let name = self.literal(argument, "the name of a group")?;
        match (self.env.group)(&name) {
            Ok(()) => Some(name),
            Err(suggestion) => {
                let help = suggestion.map(|near| format!("did you mean `{near}`?"));
                self.error(&argument.range, format!("there is no group of territories `{name}`"), help);
                None
            }
        }
    }

    /// A macro. `map` with a condition is `filter` and then `map`.
    fn each(
        &mut self,
        each: Each,
        list: &Expr,
        variable: &Expr,
        condition: Option<&Expr>,
        body: &Expr,
        range: &Range<usize>,
    ) -> Node {
        let mut list = self.node(list);
        let element = match &list.ty {
            Ty::List(element) => (**element).clone(),
            Ty::Any => Ty::Any,
            other => {
                let message = format!("only a list has elements, this is {}", other.describe());
                self.error(&list.range, message, None);
                Ty::Any
            }
        };
        let Some(name) = self.variable(variable) else { return self.broken(range) };
        self.locals.push((name, element));
        if let Some(condition) = condition {
            let condition = Box::new(self.bool(condition, "`map`"));
            let (ty, range) = (list.ty.clone(), list.range.clone());
            list = Node { kind: Kind::Each(Each::Filter, Box::new(list), condition), ty, range };
        }
        let body = if each == Each::Map { self.node(body) } else { self.bool(body, "the condition on an element") };
        self.locals.pop();
        let ty = match each {
            Each::All | Each::Exists | Each::ExistsOne => Ty::Bool,
            Each::Filter => list.ty.clone(),
            Each::Map => Ty::list(body.ty.clone()),
        };
        Node { kind: Kind::Each(each, Box::new(list), Box::new(body)), ty, range: range.clone() }
    }

    fn variable(&mut self, variable: &Expr) -> Option<String> {
        let ExprKind::Name(name) = &variable.kind else {
            let help = Some("write `list.exists(x, …)`".to_owned());
            self.error(&variable.range, "the name of a variable must stand here", help);
            return None;
        };
        if name == "param" || Root::named(name).is_some() {
            self.error(&variable.range, format!("`{name}` already names something"), Some("choose another".to_owned()));
            return None;
        }
        Some(name.clone())
    }
}

fn all_functions() -> String {
    let mut names: Vec<&str> = FUNCTIONS.iter().chain(&METHODS).map(|known| known.name).collect();
    names.sort_unstable();
    names.dedup();
    format!("there are {}", suggest::list(&names))
}
