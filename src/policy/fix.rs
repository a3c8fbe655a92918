//! Edits that a rule proposes: which value for which fact, and how far they may be trusted.

use serde::{Deserialize, Serialize};

use super::condition::{Path, Root};
use super::read::Reader;
use crate::diagnostic::Safety;
use crate::model::Type;
use crate::space::{Date, Duration};
use crate::suggest;
use crate::syntax::{Entry, Kind, NodeRef};

/// An edit that a rule proposes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FixTemplate {
    /// Where the values go.
    pub kind: FixKind,
    /// The facts, each with its value as YAML text. Never empty.
    pub values: Vec<(Path, String)>,
    /// Whether it may be applied in bulk.
    pub safety: Safety,
}

/// Where the values of a fix go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FixKind {
    /// Where they are written now, or into the setting or purpose if they are not.
    Set,
    /// Into a new override for exactly the people of the finding.
    Override,
}

/// The values of a fact, most protective first, where they have such an order.
pub fn protection(path: &Path) -> Option<&'static [&'static str]> {
    match (path.root, path.fields.first()?.name()) {
        (Root::Setting, "default") => Some(&["off", "ask", "on"]),
        (Root::Setting, "until_answer" | "on_dismiss") => Some(&["off", "on"]),
        (Root::Purpose, "carried_out") => Some(&["false", "true"]),
        _ => None,
    }
}

impl Reader<'_> {
    /// One fix, or a list of them.
    pub(super) fn fixes(&mut self, node: NodeRef<'_>) -> Vec<FixTemplate> {
        if node.is_sequence() {
            return node.items().filter_map(|item| self.fix(item)).collect();
        }
        self.fix(node).into_iter().collect()
    }

    fn fix(&mut self, node: NodeRef<'_>) -> Option<FixTemplate> {
        let safety = node.get("safety")?.value;
        let (kind, values) = match (node.get("set"), node.get("override")) {
            (Some(set), None) => (FixKind::Set, set.value),
            (None, Some(over)) => (FixKind::Override, over.value),
            _ => return None,
        };
        let all = values.entries().len();
        let values: Vec<(Path, String)> = values.entries().filter_map(|entry| self.fix_value(kind, entry)).collect();
        let template = FixTemplate {
            kind,
            safety: if safety.text() == Some("authoritative") { Safety::Authoritative } else { Safety::Suggest },
            values,
        };
        let is_default = |path: &Path| path.root == Root::Setting && path.fields.iter().any(|f| f.name() == "default");
        if template.safety == Safety::Authoritative
            && (kind == FixKind::Override || !template.values.iter().all(|(path, _)| is_default(path)))
        {
            self.wrong(
                safety.span(),
                "only a `set` of `setting.default` can be authoritative",
                "a product file confirms one default for everybody and nothing else, so write `safety: suggest`",
            );
        }
        (template.values.len() == all && all > 0).then_some(template)
    }

    /// A fact with its value; nothing where one of them is wrong, which is said.
    fn fix_value(&mut self, kind: FixKind, entry: Entry<'_>) -> Option<(Path, String)> {
        let path = self.path(entry.key)?;
        let [field] = path.fields.as_slice() else {
            let help = "write `setting.default`, `purpose.carried_out` or another fact one step below";
            self.wrong(entry.key.span(), "a fix sets a fact of the setting or the purpose itself", help);
            return None;
        };
        if !matches!(path.root, Root::Setting | Root::Purpose) || field.get().derived {
            let help = "a fix can set what is declared below `setting` or `purpose`";
            self.wrong(entry.key.span(), &format!("nobody declares `{}` here", field.name()), help);
            return None;
        }
        if kind == FixKind::Override && !field.get().overridable {
            let help = "an override can set the facts that are marked so in the format";
            self.wrong(entry.key.span(), &format!("no override can set `{}`", field.name()), help);
            return None;
        }
        let value = self.typed(field.get().ty, entry.value)?;
        let order = protection(&path);
        if order.and_then(<[_]>::last).is_some_and(|least| *least == value) {
            let message = format!("`{}: {value}` protects nobody, and a fix never weakens", field.name());
            let most = order.and_then(<[_]>::first).copied().unwrap_or_default();
            self.wrong(entry.value.span(), &message, &format!("write another value, such as `{most}`"));
            return None;
        }
        Some((path, value))
    }

    /// A value as YAML text, if it is one of the type.
    fn typed(&mut self, ty: Type, node: NodeRef<'_>) -> Option<String> {
        let text = node.text()?;
        let (is_one, help) = match ty {
            Type::Enum(words) => {
                // where on and off are choices, YAML's own words for them are as good
                let word = match node.kind() {
                    Kind::Bool(true) => "on",
                    Kind::Bool(false) => "off",
                    _ => text,
                };
                if words.contains(&word) {
                    return Some(word.to_owned());
                }
                (false, suggest::did_you_mean(text, words))
            }
            Type::Bool => {
                let value = match (node.kind(), text) {
                    (Kind::Bool(value), _) => Some(value),
                    (_, "on") => Some(true),
                    (_, "off") => Some(false),
                    _ => None,
                };
                if let Some(value) = value {
                    return Some(value.to_string());
                }
                (false, Some("write `true` or `false`".to_owned()))
            }
            Type::Int => (matches!(node.kind(), Kind::Int(_)), Some("write a whole number".to_owned())),
            Type::Date => (Date::parse(text).is_some(), Some("write a day as YYYY-MM-DD".to_owned())),
            Type::Duration => (Duration::parse(text).is_some(), Some("write a duration such as `P6M`".to_owned())),
            Type::Term(terms) => {
                let vocabulary = self.names.vocabulary;
                (vocabulary.get(terms, text).is_some(), Some(vocabulary.help(terms, text)))
            }
            _ => (false, Some("a fix sets a word, a number, a day or a duration".to_owned())),
        };
        if !is_one {
            let help = help.unwrap_or_else(|| "see docs/format.md for its values".to_owned());
            self.wrong(node.span(), &format!("`{text}` is not a value that a fix can set here"), &help);
        }
        is_one.then(|| text.to_owned())
    }
}
