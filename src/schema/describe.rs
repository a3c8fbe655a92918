//! What the schema of declarations says about a key, found by its path.

use std::sync::OnceLock;

use serde_json::Value;

use super::{SchemaKind, text};

/// A key in plain words.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// What it means, and which values it takes.
    pub text: String,
    /// A value that could stand there.
    pub example: Option<Value>,
}

impl Described {
    /// The first sentence: what the key means.
    pub fn first_sentence(&self) -> &str {
        self.text.split_inclusive(". ").next().unwrap_or(&self.text).trim_end()
    }
}

/// What is said of a key: `["purposes", "retention", "until"]`, with the map of an entity first and without its id, or a key of
/// the top level alone. Items of lists have the path of the list.
pub fn describe(path: &[&str]) -> Option<Described> {
    path.first()?;
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| serde_json::from_str(text(SchemaKind::Declaration)).unwrap_or_default());
    path.first()?;
    let mut at = schema;
    let mut said = schema;
    for key in path {
        // said beside a reference is what the key means here; the reference says what it means anywhere
        said = properties(schema, at)?.get(*key)?;
        at = said;
    }
    let text = said.get("description").and_then(Value::as_str)?.to_owned();
    Some(Described { text, example: said.get("examples").and_then(|examples| examples.get(0)).cloned() })
}

/// The keys below a definition: its own, or those of what it refers to, of its items, of its entries.
fn properties<'s>(schema: &'s Value, at: &'s Value) -> Option<&'s Value> {
    let mut at = at;
    // definitions of the schema are a few steps deep; a bound keeps a circle from going on for ever
    for _ in 0..8 {
        if let Some(properties) = at.get("properties") {
            return Some(properties);
        }
        let all = at.get("allOf").and_then(|all| all.get(0));
        at = match at.get("$ref").and_then(Value::as_str) {
            Some(reference) => schema.pointer(reference.strip_prefix('#')?)?,
            None => {
                let below = ["items", "additionalProperties", "then"].into_iter().filter_map(|key| at.get(key));
                below.chain(all).find(|below| below.is_object())?
            }
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_described_wherever_they_stand() {
        for (path, begins) in [
            (&["purposes", "retention"][..], "How long the data is kept"),
            (&["purposes", "retention", "until"], "The event until which"),
            (&["purposes", "data", "collected_since"], "The day from which"),
            (&["purposes", "setting"], "The control a person has"),
            (&["settings", "default"], "Whether the purposes behind"),
            (&["settings", "opt_out", "effect"], "What switching off does."),
            (&["organisations", "name"], "The name under which"),
            (&["notices", "published"], "The day on which"),
            (&["roles"], ""),
        ] {
            let found = describe(path).unwrap_or_else(|| panic!("{path:?}"));
            assert!(found.text.starts_with(begins), "{path:?}: {}", found.text);
            assert!(found.example.is_some(), "{path:?}");
        }
        assert_eq!(describe(&["purposes", "nonsense"]), None);
        assert_eq!(describe(&[]), None);
        let first = describe(&["settings", "opt_out", "effect"]).unwrap();
        assert_eq!(first.first_sentence(), "What switching off does.");
    }
}
