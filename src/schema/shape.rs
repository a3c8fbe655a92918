//! What may stand at a place, as a schema says it.

use serde_json::Value;

use super::{Described, SchemaKind};
use crate::order::Order;
use crate::syntax::Part;

/// How deep references of a schema go: a bound keeps a circle from going on for ever.
const DEEPEST: usize = 12;

/// What a schema says of one place.
#[derive(Debug, Clone)]
pub struct Shape<'s> {
    schema: &'s Value,
    /// What holds at the place, each by itself: the innermost description first.
    nodes: Vec<&'s Value>,
}

/// A key that a mapping may have.
#[derive(Debug, Clone)]
pub struct AllowedKey {
    /// Its name.
    pub name: String,
    /// Whether it has to be there.
    pub is_required: bool,
    /// How its value is written.
    pub form: Form,
    /// What it means, where the schema says so.
    pub described: Option<Described>,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One word, number or text; or a choice between that and something longer.
    Scalar,
    /// A list of words.
    Words,
    /// A list of mappings.
    Mappings,
    /// A mapping.
    Mapping,
}

/// One word of a closed list.
#[derive(Debug, Clone, PartialEq)]
pub struct AllowedWord {
    /// As it is written.
    pub text: String,
    /// What it says.
    pub meaning: Option<String>,
}

impl<'s> Shape<'s> {
    /// What a document of a kind is.
    pub fn root(kind: SchemaKind) -> Shape<'static> {
        let schema = kind.compiled().schema();
        Shape { schema, nodes: expanded(schema, schema) }
    }

    /// What stands at the end of a path; `None` where nothing may.
    pub fn at(kind: SchemaKind, path: &[Part]) -> Option<Shape<'static>> {
        path.iter().try_fold(Self::root(kind), |shape, part| match part {
            Part::Key(key) => shape.key(key),
            Part::Item(_) => shape.item(),
        })
    }

    /// What stands under a key.
    pub fn key(&self, name: &str) -> Option<Self> {
        let named = |node: &&'s Value| node.get("properties").and_then(|properties| properties.get(name));
        let own: Vec<&'s Value> = self.nodes.iter().filter_map(named).collect();
        if own.is_empty() {
            return self.entry();
        }
        self.below(own)
    }

    /// What stands under any key of a mapping whose keys are free.
    pub fn entry(&self) -> Option<Self> {
        self.below(self.nodes.iter().filter_map(|node| node.get("additionalProperties")).collect())
    }

    /// What an item of a list is.
    pub fn item(&self) -> Option<Self> {
        self.below(self.nodes.iter().filter_map(|node| node.get("items")).collect())
    }

    fn below(&self, nodes: Vec<&'s Value>) -> Option<Self> {
        let nodes: Vec<&'s Value> = nodes.into_iter().filter(|node| node.is_object()).collect();
        let nodes: Vec<&'s Value> = nodes.into_iter().flat_map(|node| expanded(self.schema, node)).collect();
        (!nodes.is_empty()).then_some(Self { schema: self.schema, nodes })
    }

    /// The keys that a mapping there may have, those that it must have first, in the order of the schema.
    pub fn keys(&self) -> Vec<AllowedKey> {
        let mut keys: Vec<AllowedKey> = Vec::new();
        let names = self.nodes.iter().filter_map(|node| node.get("properties")?.as_object());
        for name in names.flat_map(serde_json::Map::keys) {
            if keys.iter().any(|known| known.name == *name) {
                continue;
            }
            let Some(shape) = self.key(name) else { continue };
            let is_required = self.nodes.iter().any(|node| {
                let required = node.get("required").and_then(Value::as_array);
                required.into_iter().flatten().any(|required| required == name.as_str())
            });
            keys.push(AllowedKey { name: name.clone(), is_required, form: shape.form(), described: shape.described() });
        }
        keys.order_by_key(|key| !key.is_required);
        keys
    }

    /// The words of a closed list that may stand there, `true` and `false` included.
    pub fn words(&self) -> Vec<AllowedWord> {
        let mut words: Vec<AllowedWord> = Vec::new();
        let description = self.described().map(|described| described.text).unwrap_or_default();
        let listed = self.nodes.iter().filter_map(|node| node.get("enum")?.as_array()).flatten();
        let has_words = self.nodes.iter().any(|node| node.get("enum").is_some());
        let booleans = [Value::Bool(true), Value::Bool(false)];
        let is_switch = !has_words && self.allows("boolean");
        for value in listed.chain(booleans.iter().filter(|_| is_switch)) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            // where `on` and `off` are choices, nobody is to be led to the other two
            let is_other = value.is_boolean() && words.iter().any(|known| known.text == "on");
            if !is_other && !words.iter().any(|known| known.text == text) {
                words.push(AllowedWord { meaning: meaning(&description, &text), text });
            }
        }
        words
    }

    /// What it is in words, with a value that could stand there.
    pub fn described(&self) -> Option<Described> {
        let text = self.nodes.iter().find_map(|node| node.get("description")?.as_str())?.to_owned();
        let example = self.nodes.iter().find_map(|node| node.get("examples")?.get(0)).cloned();
        Some(Described { text, example })
    }

    /// Everything that is said of it: what it means here first, then what it means anywhere.
    pub fn descriptions(&self) -> Vec<&'s str> {
        self.nodes.iter().filter_map(|node| node.get("description")?.as_str()).collect()
    }

    /// How it is written.
    pub fn form(&self) -> Form {
        let words = self.allows("string") || self.nodes.iter().any(|node| node.get("enum").is_some());
        match self.item() {
            _ if words => Form::Scalar,
            Some(item) if self.allows("array") => {
                if item.allows("object") {
                    Form::Mappings
                } else {
                    Form::Words
                }
            }
            _ if self.allows("object") => Form::Mapping,
            _ => Form::Scalar,
        }
    }

    /// Whether a value of a type of JSON may stand there.
    pub fn allows(&self, ty: &str) -> bool {
        self.nodes.iter().any(|node| match node.get("type") {
            Some(Value::Array(types)) => types.iter().any(|one| one == ty),
            Some(one) => one == ty,
            None => false,
        })
    }

    /// Whether a definition of the schema holds there: `day`, `regions`.
    pub fn is(&self, definition: &str) -> bool {
        let wanted = self.schema.pointer(&format!("/definitions/{definition}"));
        wanted.is_some_and(|wanted| self.nodes.iter().any(|node| std::ptr::eq(*node, wanted)))
    }
}

/// A node of a schema with all that it says by reference or by condition, itself first.
fn expanded<'s>(schema: &'s Value, node: &'s Value) -> Vec<&'s Value> {
    let mut out = Vec::new();
    expand(schema, node, DEEPEST, &mut out);
    out
}

fn expand<'s>(schema: &'s Value, node: &'s Value, left: usize, out: &mut Vec<&'s Value>) {
    if left == 0 {
        return;
    }
    out.push(node);
    let reference = node.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    let target = reference.and_then(|pointer| schema.pointer(pointer));
    let all = node.get("allOf").and_then(Value::as_array).into_iter().flatten();
    let conditional = ["then", "else"].into_iter().filter_map(|key| node.get(key));
    for next in target.into_iter().chain(all).chain(conditional) {
        expand(schema, next, left - 1, out);
    }
}

/// What a description says of one of its words: ``… `off`: they do not. …``.
fn meaning(description: &str, word: &str) -> Option<String> {
    let mark = format!("`{word}`: ");
    let start = description.find(&mark)? + mark.len();
    let rest = description.get(start..)?;
    let end = rest.find(". ").unwrap_or(rest.len());
    Some(rest.get(..end)?.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path of keys, with numbers for items.
    fn shape(kind: SchemaKind, path: &str) -> Option<Shape<'static>> {
        let part = |part: &str| part.parse().map_or_else(|_| Part::Key(part.to_owned()), Part::Item);
        Shape::at(kind, &path.split(' ').filter(|part| !part.is_empty()).map(part).collect::<Vec<_>>())
    }

    #[test]
    fn keys_are_those_of_the_schema_at_every_place() {
        use SchemaKind::{Config, Declaration, Pack, Policy};
        for (kind, path, first, has) in [
            (Declaration, "", "version", "purposes"),
            (Declaration, "purposes p", "use", "recipients"),
            (Declaration, "purposes p setting", "label", "overrides"),
            (Declaration, "purposes p setting overrides 0", "regions", "default"),
            (Declaration, "settings s opt_out", "effect", "within"),
            (Declaration, "purposes p data 0", "category", "collected_for"),
            (Declaration, "notices n published", "before", "after"),
            (Config, "waivers 0", "reason", "rule"),
            (Config, "files 0", "glob", "severity"),
            (Config, "", "version", "packs"),
            (Policy, "", "title", "tested_by"),
            (Policy, "severity 0", "is", "when"),
            (Policy, "fix 0", "safety", "override"),
            (Policy, "applies", "uses", "states"),
            (Pack, "", "title", "territories"),
        ] {
            let keys = shape(kind, path).unwrap_or_else(|| panic!("{path}")).keys();
            assert_eq!(keys[0].name, first, "{path}");
            assert!(keys.iter().any(|key| key.name == has), "{path}: {keys:?}");
            assert!(keys.iter().all(|key| key.described.is_some()), "{path}");
        }
        assert!(shape(SchemaKind::Declaration, "nonsense").is_none());
        assert!(shape(SchemaKind::Declaration, "purposes p use x").is_none());
    }

    #[test]
    fn words_come_with_what_they_say() {
        for (path, words) in [
            ("settings s default", &["on", "off", "ask"][..]),
            ("settings s requires_reason", &["true", "false"]),
            ("roles 0", &["online_platform", "vlop", "gatekeeper", "micro_or_small", "gpai_provider"]),
            ("version", &["1"]),
            ("title", &[]),
            ("purposes p setting", &[]),
        ] {
            let found = shape(SchemaKind::Declaration, path).unwrap_or_else(|| panic!("{path}")).words();
            assert_eq!(found.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), words, "{path}");
        }
        let role = shape(SchemaKind::Declaration, "organisations o role").unwrap().words();
        assert_eq!(role[0].meaning.as_deref(), Some("decides why and how"));
    }

    #[test]
    fn forms_are_those_of_the_values() {
        for (path, form) in [
            ("purposes", Form::Mapping),
            ("regions", Form::Words),
            ("ages", Form::Scalar),
            ("purposes p data", Form::Mappings),
            ("purposes p setting", Form::Scalar),
            ("purposes p retention", Form::Mapping),
            ("settings s overrides", Form::Mappings),
            ("settings s default", Form::Scalar),
            ("settings s first_offered", Form::Scalar),
        ] {
            assert_eq!(shape(SchemaKind::Declaration, path).unwrap().form(), form, "{path}");
        }
        assert!(shape(SchemaKind::Declaration, "settings s overrides 0 from").unwrap().is("day"));
        assert!(shape(SchemaKind::Config, "waivers 0 regions").unwrap().is("regions"));
    }
}
