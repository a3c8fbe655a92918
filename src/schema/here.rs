//! The part of a schema that speaks about one value: found by following the way of an error through the schema.

use serde_json::{Map, Value};

use super::place::steps;

/// How a schema comes to speak about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It is the whole document.
    Root,
    /// It stands under a key that the schema names.
    Property,
    /// It stands under a key that the writer chose.
    Member,
    /// It is an item of a list.
    Item,
}

/// All that a schema says about one value.
#[derive(Debug)]
pub(super) struct Here<'s> {
    /// The subschemas that judge the value, outermost first.
    nodes: Vec<&'s Value>,
    /// The innermost definition among them.
    pub(super) definition: Option<&'s str>,
    /// The step that led to the value.
    pub(super) step: Step,
    /// Whether the key that holds the value may be left out.
    pub(super) is_optional: bool,
    /// What is said about the list that the value is an item of.
    list: Option<&'s str>,
}

impl<'s> Here<'s> {
    /// Follows an evaluation path, whose last step is the keyword that failed.
    pub(super) fn at(schema: &'s Value, path: &str) -> Self {
        let mut steps: Vec<String> = steps(path).collect();
        steps.pop();
        let mut here = Self { nodes: vec![schema], definition: None, step: Step::Root, is_optional: false, list: None };
        let mut steps = steps.iter().map(String::as_str);
        while let Some(step) = steps.next() {
            if here.take(schema, step, &mut steps).is_none() {
                break;
            }
        }
        here
    }

    fn take<'p>(&mut self, schema: &'s Value, step: &'p str, rest: &mut impl Iterator<Item = &'p str>) -> Option<()> {
        let node = self.last();
        match step {
            "$ref" => {
                let target = node.get("$ref")?.as_str()?;
                self.nodes.push(schema.pointer(target.strip_prefix('#')?)?);
                self.definition = target.rsplit('/').next();
            }
            "properties" => {
                let name = rest.next()?;
                let property = node.get(step)?.get(name)?;
                let is_required = self.nodes.iter().any(|node| {
                    let mut names = node.get("required").and_then(Value::as_array).into_iter().flatten();
                    names.any(|required| required == name)
                });
                self.descend(Step::Property, property);
                self.is_optional = !is_required;
            }
            "patternProperties" => self.descend(Step::Member, node.get(step)?.get(rest.next()?)?),
            "additionalProperties" => self.descend(Step::Member, node.get(step)?),
            "items" => match node.get(step)? {
                Value::Array(items) => self.descend(Step::Item, items.get(rest.next()?.parse::<usize>().ok()?)?),
                item => self.descend(Step::Item, item),
            },
            "allOf" | "anyOf" | "oneOf" => {
                self.nodes.push(node.get(step)?.get(rest.next()?.parse::<usize>().ok()?)?);
            }
            "if" | "then" | "else" => self.nodes.push(node.get(step)?),
            // What judges a key is told apart by the error itself.
            _ => return None,
        }
        Some(())
    }

    fn descend(&mut self, step: Step, node: &'s Value) {
        let list = if step == Step::Item { self.description() } else { None };
        *self = Self { nodes: vec![node], definition: None, step, is_optional: false, list };
    }

    /// The subschema that failed.
    pub(super) fn last(&self) -> &'s Value {
        self.nodes.last().copied().unwrap_or(&Value::Null)
    }

    /// A keyword of the innermost subschema that has it.
    pub(super) fn keyword(&self, name: &str) -> Option<&'s Value> {
        self.nodes.iter().rev().find_map(|node| node.get(name))
    }

    /// The innermost description: the one of the form, where the value has one; else that of the list it stands in.
    pub(super) fn description(&self) -> Option<&'s str> {
        self.keyword("description").and_then(Value::as_str).or(self.list)
    }

    /// An example that satisfies a condition.
    pub(super) fn example(&self, is_right: impl Fn(&Value) -> bool) -> Option<&'s Value> {
        self.keyword("examples")?.as_array()?.iter().find(|example| is_right(example))
    }

    /// The keys that the mapping may have.
    pub(super) fn properties(&self) -> impl Iterator<Item = (&'s str, &'s Value)> {
        self.nodes.iter().flat_map(|node| properties_of(node))
    }
}

/// The properties that an object schema names.
pub(super) fn properties_of(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties: Option<&Map<String, Value>> = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, schema)| (name.as_str(), schema))
}

/// The definitions that have a property of this name, without those that only repeat another.
pub(super) fn homes<'s>(schema: &'s Value, property: &str) -> Vec<&'s str> {
    let definitions = schema.get("definitions").and_then(Value::as_object).into_iter().flatten();
    definitions
        .filter(|(name, _)| !name.ends_with("_override"))
        .filter(|(_, definition)| properties_of(definition).any(|(name, _)| name == property))
        .map(|(name, _)| name.as_str())
        .collect()
}
