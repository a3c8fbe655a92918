//! Typing: the tree as written to typed nodes, with every mistake that can be known before there are facts.

use std::ops::Range;
use std::sync::Arc;

use crate::model::{FieldId, Record};
use crate::space::ADULT;
use crate::suggest;

use super::ConditionError;
use super::ast::{Expr, ExprKind, Literal, Operator, Word};
use super::node::{Arithmetic, Constant, Kind, Node, Relation};
use super::types::{Domain, Env, Ty};
use super::value::Root;

/// Types an expression; all errors at once.
pub(super) fn check(expr: &Expr, env: &Env<'_>) -> Result<Node, Vec<ConditionError>> {
    let mut checker = Checker::new(env);
    let node = checker.node(expr);
    checker.finish(node)
}

/// Refuses what is neither true nor false.
pub(super) fn check_bool(node: &Node) -> Result<(), Vec<ConditionError>> {
    if matches!(node.ty, Ty::Bool | Ty::Any) {
        return Ok(());
    }
    let message = format!("a condition is true or false, this is {}", node.ty.describe());
    Err(vec![ConditionError { range: node.range.clone(), message, help: None }])
}

/// The state of typing. After an error the node has [`Ty::Any`], so that one mistake gives one error.
pub(super) struct Checker<'c, 'e> {
    pub(super) env: &'c Env<'e>,
    pub(super) locals: Vec<(String, Ty)>,
    errors: Vec<ConditionError>,
}

impl<'c, 'e> Checker<'c, 'e> {
    pub(super) fn new(env: &'c Env<'e>) -> Self {
        Self { env, locals: Vec::new(), errors: Vec::new() }
    }

    /// `result`, unless there were errors.
    pub(super) fn finish<T>(self, result: T) -> Result<T, Vec<ConditionError>> {
        if self.errors.is_empty() { Ok(result) } else { Err(self.errors) }
    }

    pub(super) fn error(&mut self, range: &Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.errors.push(ConditionError { range: range.clone(), message: message.into(), help });
    }

    /// What stands for an expression that is wrong.
    pub(super) fn broken(&self, range: &Range<usize>) -> Node {
        Node { kind: Kind::Constant(Constant::Null), ty: Ty::Any, range: range.clone() }
    }

    pub(super) fn node(&mut self, expr: &Expr) -> Node {
        let range = &expr.range;
        match &expr.kind {
            ExprKind::Literal(literal) => constant(literal, range),
            ExprKind::Name(name) => self.name(name, range),
            ExprKind::Select(object, field) => self.select(object, field, range),
            ExprKind::Index(list, index) => self.index(list, index, range),
            ExprKind::Call(function, arguments) => self.call(function, arguments, range),
            ExprKind::Method(object, method, arguments) => self.method(object, method, arguments, range),
            ExprKind::List(items) => {
                let mut nodes: Vec<Node> = items.iter().map(|item| self.node(item)).collect();
                let ty = Ty::list(self.join(&mut nodes));
                Node { kind: Kind::List(nodes), ty, range: range.clone() }
            }
            ExprKind::Not(inner) => {
                let inner = self.bool(inner, "`!`");
                Node { kind: Kind::Not(Box::new(inner)), ty: Ty::Bool, range: range.clone() }
            }
            ExprKind::Negate(inner) => self.negate(inner, range),
            ExprKind::And(sides) => {
                let nodes = sides.iter().map(|side| self.bool(side, "`&&`")).collect();
                Node { kind: Kind::And(nodes), ty: Ty::Bool, range: range.clone() }
            }
            ExprKind::Or(sides) => {
                let nodes = sides.iter().map(|side| self.bool(side, "`||`")).collect();
                Node { kind: Kind::Or(nodes), ty: Ty::Bool, range: range.clone() }
            }
            ExprKind::Binary(Operator::In, place, right) if let Some(group) = as_group(right) => {
                self.in_group(place, group, range)
            }
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right, range),
            ExprKind::If(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let condition = self.bool(condition, "`? :`");
                let mut branches = [self.node(then), self.node(otherwise)];
                let ty = self.join(&mut branches);
                let [then, otherwise] = branches;
                Node { kind: Kind::If(Box::new([condition, then, otherwise])), ty, range: range.clone() }
            }
        }
    }

    /// An expression that must be true or false, for `user`.
    pub(super) fn bool(&mut self, expr: &Expr, user: &str) -> Node {
        let node = self.node(expr);
        if !matches!(node.ty, Ty::Bool | Ty::Any) {
            let message = format!("{user} needs a truth value, this is {}", node.ty.describe());
            self.error(&node.range, message, bool_help(&node));
        }
        node
    }

    fn name(&mut self, name: &str, range: &Range<usize>) -> Node {
        let node = |kind, ty| Node { kind, ty, range: range.clone() };
        // the innermost variable of that name
        if let Some(slot) = self.locals.iter().rposition(|(local, _)| local == name)
            && let Some((_, ty)) = self.locals.get(slot)
        {
            return node(Kind::Local(slot), ty.clone());
        }
        if let Some(root) = Root::named(name) {
            if root.is_of_changes() && !self.env.revisions {
                let help = "a rule with `on: change` judges the step from one revision to the next".to_owned();
                self.error(range, format!("`{name}` is known to rules about changes only"), Some(help));
                return self.broken(range);
            }
            return node(Kind::Root(root), Ty::of_root(root));
        }
        if name == "param" {
            self.error(range, "`param` alone is not a value", Some("write `param.<name>`".to_owned()));
            return self.broken(range);
        }
        let has_place = |root: &Root| self.env.revisions || !root.is_of_changes();
        let roots = Root::ALL.iter().filter(|(_, root)| has_place(root)).map(|(name, _)| *name);
        let mut known: Vec<&str> = roots.chain(["param"]).collect();
        known.extend(self.locals.iter().map(|(local, _)| local.as_str()));
        let help = suggest::did_you_mean(name, &known);
        self.error(range, format!("there is no fact `{name}`"), help);
        self.broken(range)
    }

    fn select(&mut self, object: &Expr, field: &Word, range: &Range<usize>) -> Node {
        if self.is_param(object) {
            return self.param(field, range);
        }
        let object = self.node(object);
        match self.field(&object, field) {
            Some(id) => {
                let ty = Ty::of(id.get().ty);
                Node { kind: Kind::Field(Box::new(object), id), ty, range: range.clone() }
            }
            None => self.broken(range),
        }
    }

    pub(super) fn is_param(&self, object: &Expr) -> bool {
        matches!(&object.kind, ExprKind::Name(name) if name == "param")
            && !self.locals.iter().any(|(l, _)| l == "param")
    }

    fn param(&mut self, name: &Word, range: &Range<usize>) -> Node {
        let params = &self.env.params;
        if let Some((_, ty)) = params.iter().find(|(param, _)| *param == name.text) {
            return Node { kind: Kind::Param(name.text.as_str().into()), ty: ty.clone(), range: range.clone() };
        }
        let known: Vec<&str> = params.iter().map(|(param, _)| param.as_str()).collect();
        let help = suggest::did_you_mean(&name.text, &known);
        self.error(&name.range, format!("the rule has no parameter `{}`", name.text), help);
        self.broken(range)
    }

    /// The field of an object by name, with an error where there is none.
    pub(super) fn field(&mut self, object: &Node, field: &Word) -> Option<FieldId> {
        let record = match &object.ty {
            Ty::Object(record) => *record,
            Ty::Any => return None,
            other => {
                let help = matches!(other, Ty::List(_)).then(|| {
                    format!("ask about its elements: `….exists(x, x.{} …)`, `all`, `filter`, `map`", field.text)
                });
                self.error(&field.range, format!("{} has no fields", other.describe()), help);
                return None;
            }
        };
        let found = FieldId::find(record, &field.text);
        if found.is_none() {
            let known: Vec<&str> = record.fields().iter().map(|field| field.name).collect();
            let help = suggest::did_you_mean(&field.text, &known);
            self.error(&field.range, format!("{} has no `{}`", object.ty.describe(), field.text), help);
        }
        found
    }

    fn index(&mut self, list: &Expr, index: &Expr, range: &Range<usize>) -> Node {
        let (list, index) = (self.node(list), self.node(index));
        let ty = match &list.ty {
            Ty::List(element) => (**element).clone(),
            Ty::Any => Ty::Any,
            other => {
                let help = matches!(other, Ty::Object(_)).then(|| "fields are written `x.field`".to_owned());
                self.error(&list.range, format!("{} cannot be indexed", other.describe()), help);
                return self.broken(range);
            }
        };
        if !matches!(index.ty, Ty::Int | Ty::Any) {
            self.error(&index.range, format!("an index is a whole number, this is {}", index.ty.describe()), None);
        }
        Node { kind: Kind::Index(Box::new(list), Box::new(index)), ty, range: range.clone() }
    }

    fn negate(&mut self, inner: &Expr, range: &Range<usize>) -> Node {
        let inner = self.node(inner);
        if !inner.ty.is_number() && inner.ty != Ty::Any {
            self.error(&inner.range, format!("`-` needs a number, this is {}", inner.ty.describe()), None);
            return self.broken(range);
        }
        Node { ty: inner.ty.clone(), kind: Kind::Negate(Box::new(inner)), range: range.clone() }
    }

    fn binary(&mut self, operator: Operator, left: &Expr, right: &Expr, range: &Range<usize>) -> Node {
        let (left, right) = (self.node(left), self.node(right));
        let relation = match operator {
            Operator::Equal => Relation::Equal,
            Operator::NotEqual => Relation::NotEqual,
            Operator::Less => Relation::Less,
            Operator::LessOrEqual => Relation::LessOrEqual,
            Operator::Greater => Relation::Greater,
            Operator::GreaterOrEqual => Relation::GreaterOrEqual,
            Operator::In => return self.membership(left, right, range),
            Operator::Add => return self.arithmetic(Arithmetic::Add, operator, left, right, range),
            Operator::Subtract => return self.arithmetic(Arithmetic::Subtract, operator, left, right, range),
            Operator::Multiply => return self.arithmetic(Arithmetic::Multiply, operator, left, right, range),
            Operator::Divide => return self.arithmetic(Arithmetic::Divide, operator, left, right, range),
            Operator::Remainder => return self.arithmetic(Arithmetic::Remainder, operator, left, right, range),
        };
        self.comparison(relation, operator, left, right, range)
    }

    fn comparison(
        &mut self,
        relation: Relation,
        operator: Operator,
        mut left: Node,
        mut right: Node,
        range: &Range<usize>,
    ) -> Node {
        self.align(&mut left, &mut right);
        self.age(relation, &left, &right);
        if !left.is_empty_list() && !right.is_empty_list() {
            self.records(&left.ty, &right.ty, range);
        }
        if !left.ty.comparable(&right.ty) {
            let message = format!("{} cannot be compared with {}", left.ty.describe(), right.ty.describe());
            let help = comparison_help(&left.ty, &right.ty).or_else(|| comparison_help(&right.ty, &left.ty));
            self.error(range, message, help);
        } else if !matches!(relation, Relation::Equal | Relation::NotEqual) {
            for side in [&left, &right] {
                if !ordered(&side.ty) {
                    let what = if matches!(side.ty, Ty::Text(_)) { "words".to_owned() } else { side.ty.describe() };
                    let help = Some("compare with `==`, `!=` or `in`".to_owned());
                    self.error(range, format!("`{}` does not order {what}", operator.sign()), help);
                    break;
                }
            }
        }
        Node { kind: Kind::Compare(relation, Box::new(left), Box::new(right)), ty: Ty::Bool, range: range.clone() }
    }

    /// A record is the one that is declared at its place. None of one revision is one of the other, so to compare them would come to
    /// the same whatever they say; and of those without an id two may say the same.
    fn records(&mut self, left: &Ty, right: &Ty, range: &Range<usize>) {
        let message = match (left.record(), right.record()) {
            (Some(_), Some(_)) if self.env.revisions => {
                "a rule about changes does not compare records: none of one revision is one of the other"
            }
            (Some(left), Some(right)) if left == right && !has_id(left) && left != Record::Age => {
                "records without an id are not compared: two of them may say the same"
            }
            _ => return,
        };
        self.error(range, message.to_owned(), Some("compare what they say: `a.field != b.field`".to_owned()));
    }

    /// Nobody is told apart above 18: a comparison that wants to would never be settled.
    fn age(&mut self, relation: Relation, left: &Node, right: &Node) {
        let (number, flipped) = match (&left.kind, &right.kind) {
            (_, Kind::Constant(Constant::Int(number))) if left.is_age() => (*number, false),
            (Kind::Constant(Constant::Int(number)), _) if right.is_age() => (*number, true),
            _ => return,
        };
        let above = match (relation, flipped) {
            (Relation::Less | Relation::GreaterOrEqual, false) | (Relation::Greater | Relation::LessOrEqual, true) => {
                number > i64::from(ADULT)
            }
            _ => number >= i64::from(ADULT),
        };
        if above || number < 0 {
            let range = if flipped { &left.range } else { &right.range };
            let help = format!("compare with `< {ADULT}` or `>= {ADULT}`, or with a lower age");
            self.error(
                range,
                format!("ages are told apart up to {ADULT}, which stands for {ADULT} and over"),
                Some(help),
            );
        }
    }

    fn membership(&mut self, mut left: Node, mut right: Node, range: &Range<usize>) -> Node {
        let element = match &right.ty {
            Ty::List(element) => (**element).clone(),
            Ty::Any => Ty::Any,
            other => {
                let message = format!("`in` needs a list on its right, this is {}", other.describe());
                let help =
                    matches!(other, Ty::Text(_)).then(|| "for parts of a text write `text.contains(part)`".to_owned());
                self.error(&right.range, message, help);
                return self.broken(range);
            }
        };
        let wanted = Ty::list(left.ty.clone());
        self.expect(&mut right, &wanted);
        self.expect(&mut left, &element);
        let element = if let Ty::List(element) = &right.ty { (**element).clone() } else { Ty::Any };
        self.records(&left.ty, &element, range);
        if !left.ty.comparable(&element) {
            let message = format!("{} cannot be in {}", left.ty.describe(), right.ty.describe());
            self.error(range, message, None);
        }
        Node { kind: Kind::In(Box::new(left), Box::new(right)), ty: Ty::Bool, range: range.clone() }
    }

    fn arithmetic(
        &mut self,
        arithmetic: Arithmetic,
        operator: Operator,
        left: Node,
        right: Node,
        range: &Range<usize>,
    ) -> Node {
        let sign = operator.sign();
        for side in [&left, &right] {
            if !side.ty.is_number() && side.ty != Ty::Any {
                let help = matches!(side.ty, Ty::Date | Ty::Duration)
                    .then(|| "`days(from, to)` and `days(duration)` give whole days".to_owned());
                self.error(&side.range, format!("`{sign}` needs numbers, this is {}", side.ty.describe()), help);
                return self.broken(range);
            }
        }
        let ty = if left.ty == Ty::Any { right.ty.clone() } else { left.ty.clone() };
        if ty != right.ty && right.ty != Ty::Any {
            let help = Some("write both with or both without a decimal point".to_owned());
            self.error(range, format!("`{sign}` does not mix whole and other numbers"), help);
        } else if arithmetic == Arithmetic::Remainder && ty == Ty::Double {
            self.error(range, "`%` needs whole numbers", None);
        }
        Node { kind: Kind::Arithmetic(arithmetic, Box::new(left), Box::new(right)), ty, range: range.clone() }
    }
}

/// The argument of `group(…)`, which has a meaning only after `in`.
fn as_group(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call(function, arguments) if function.text == "group" => match arguments.as_slice() {
            [name] => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn constant(literal: &Literal, range: &Range<usize>) -> Node {
    let (constant, ty) = match literal {
        Literal::Null => (Constant::Null, Ty::Null),
        Literal::Bool(value) => (Constant::Bool(*value), Ty::Bool),
        Literal::Int(value) => (Constant::Int(*value), Ty::Int),
        Literal::Double(value) => (Constant::Double(*value), Ty::Double),
        Literal::Text(value) => (Constant::Text(Arc::from(value.as_str())), Ty::Text(Domain::Any)),
    };
    Node { kind: Kind::Constant(constant), ty, range: range.clone() }
}

fn ordered(ty: &Ty) -> bool {
    matches!(ty, Ty::Bool | Ty::Int | Ty::Double | Ty::Text(Domain::Any) | Ty::Date | Ty::Duration | Ty::Any)
}

/// How a value that is neither true nor false becomes so.
fn bool_help(node: &Node) -> Option<String> {
    match &node.ty {
        Ty::Text(Domain::Words(words)) if words.contains(&"on") => Some("compare it: `… == \"on\"`".to_owned()),
        Ty::List(_) => Some("for whether it has elements write `size(…) > 0`".to_owned()),
        Ty::Object(_) => Some("for whether it is declared write `has(x.f)`".to_owned()),
        _ => None,
    }
}

/// What was probably meant where two types do not go together.
fn comparison_help(one: &Ty, other: &Ty) -> Option<String> {
    match (one, other) {
        (_, Ty::Null) => Some("`has(x.f)` tells whether something is declared".to_owned()),
        (Ty::Duration | Ty::Date, Ty::Int) => Some("`days(duration)` and `days(from, to)` give whole days".to_owned()),
        (Ty::Text(Domain::Words(words)), Ty::Bool) if words.contains(&"on") => {
            Some("write `\"on\"` or `\"off\"`".to_owned())
        }
        (Ty::Object(record), Ty::Text(_)) if has_id(*record) => Some("compare its `id`".to_owned()),
        (Ty::List(_), Ty::Text(_) | Ty::Int | Ty::Object(_)) => Some("write `x in list`".to_owned()),
        _ => None,
    }
}

fn has_id(record: Record) -> bool {
    FieldId::find(record, "id").is_some()
}
