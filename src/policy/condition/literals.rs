//! Literals where a vocabulary, a closed list of words or a date is wanted: checked when the condition is loaded.

use std::sync::Arc;

use crate::space::{Date, Duration};
use crate::suggest;

use super::check::Checker;
use super::node::{Constant, Kind, Node};
use super::types::{Domain, Ty, noun, with_article};

impl Checker<'_, '_> {
    /// Gives each side's literals the type of the other side.
    pub(super) fn align(&mut self, left: &mut Node, right: &mut Node) {
        let (left_ty, right_ty) = (left.ty.clone(), right.ty.clone());
        self.expect(left, &right_ty);
        self.expect(right, &left_ty);
    }

    /// Gives the literals in `node` the type that their place wants, and says where they cannot have it.
    pub(super) fn expect(&mut self, node: &mut Node, wanted: &Ty) {
        if let Kind::Constant(Constant::Text(text)) = &node.kind {
            let text = Arc::clone(text);
            return self.expect_text(node, &text, wanted);
        }
        match (&mut node.kind, wanted) {
            (Kind::List(items), Ty::List(element)) => {
                items.iter_mut().for_each(|item| self.expect(item, element));
                node.ty = Ty::list(joined(items));
            }
            (Kind::If(parts), _) => {
                let [_, then, otherwise] = parts.as_mut();
                self.expect(then, wanted);
                self.expect(otherwise, wanted);
                node.ty = then.ty.clone().join(otherwise.ty.clone()).unwrap_or(Ty::Any);
            }
            _ => {}
        }
    }

    fn expect_text(&mut self, node: &mut Node, text: &Arc<str>, wanted: &Ty) {
        let constant = match wanted {
            Ty::Text(domain) => {
                self.check_member(node, text, *domain);
                node.ty = Ty::Text(*domain);
                return;
            }
            Ty::Date => Date::parse(text).map(Constant::Date),
            Ty::Duration => Duration::parse(text).map(|duration| Constant::Duration(duration.days())),
            _ => return,
        };
        match constant {
            Some(constant) => {
                node.kind = Kind::Constant(constant);
                node.ty = wanted.clone();
            }
            None => {
                let help = if *wanted == Ty::Date {
                    "dates are written `\"2024-09-18\"`"
                } else {
                    "durations are written `\"P30D\"`, `\"P6M\"`, `\"P1Y\"`"
                };
                self.error(&node.range, format!("`{text}` is not {}", wanted.describe()), Some(help.to_owned()));
                node.ty = Ty::Any;
            }
        }
    }

    /// Says where a text cannot be what it is compared with.
    fn check_member(&mut self, node: &Node, text: &str, domain: Domain) {
        match domain {
            Domain::Any => {}
            Domain::Territory => {
                if let Err(suggestion) = (self.env.group)(text) {
                    let help = suggestion.map(|near| format!("did you mean `{near}`?"));
                    self.error(&node.range, format!("`{text}` is not a territory"), help);
                }
            }
            Domain::Words(words) if words.contains(&text) => {}
            Domain::Words(words) => {
                let help = suggest::did_you_mean(text, words);
                self.error(&node.range, format!("`{text}` is not a possible value here"), help);
            }
            Domain::Term(terms) => {
                if let Err(suggestion) = (self.env.term)(terms, text) {
                    let help = suggestion.map(|near| format!("did you mean `{near}`?"));
                    self.error(&node.range, format!("`{text}` is not {}", with_article(noun(terms))), help);
                }
            }
        }
    }

    /// Gives the literals among `nodes` the type of the others and returns the type of them all.
    pub(super) fn join(&mut self, nodes: &mut [Node]) -> Ty {
        let written = |node: &&Node| !matches!(node.kind, Kind::Constant(Constant::Text(_)));
        if let Some(model) = nodes.iter().find(written).map(|node| node.ty.clone()) {
            nodes.iter_mut().for_each(|node| self.expect(node, &model));
        }
        let mut all = Ty::Any;
        for node in nodes {
            match all.clone().join(node.ty.clone()) {
                Some(ty) => all = ty,
                None => {
                    let message = format!("{} stands beside {}", node.ty.describe(), all.describe());
                    self.error(&node.range, message, Some("all must be of one type".to_owned()));
                    return Ty::Any;
                }
            }
        }
        all
    }
}

fn joined(items: &[Node]) -> Ty {
    items.iter().try_fold(Ty::Any, |all, item| all.join(item.ty.clone())).unwrap_or(Ty::Any)
}
