//! What a schema says about a key, found by its path.

use serde_json::Value;

use super::SchemaKind;

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

/// What is said of a key of a declaration: `["purposes", "retention", "until"]`, with the map of an entity first and without its
/// id, or a key of the top level alone. Items of lists have the path of the list.
pub fn describe(path: &[&str]) -> Option<Described> {
    describe_in(SchemaKind::Declaration, path)
}

/// What is said of a key of any document.
pub fn describe_in(kind: SchemaKind, path: &[&str]) -> Option<Described> {
    path.first()?;
    let schema = &kind.compiled().schema;
    let mut said = schema;
    for key in path {
        // said beside a reference is what the key means here; the reference says what it means anywhere
        said = below(schema, said, key, DEPTH)?;
    }
    let text = said.get("description").and_then(Value::as_str)?.to_owned();
    Some(Described { text, example: said.get("examples").and_then(|examples| examples.get(0)).cloned() })
}

/// Definitions of the schemas are a few steps deep; a bound keeps a circle from going on for ever.
const DEPTH: usize = 8;

/// A key below a definition: its own, or that of what it refers to, of its items, of its entries.
fn below<'s>(schema: &'s Value, at: &'s Value, key: &str, depth: usize) -> Option<&'s Value> {
    if let Some(found) = at.get("properties").and_then(|properties| properties.get(key)) {
        return Some(found);
    }
    let depth = depth.checked_sub(1)?;
    let reference = at.get("$ref").and_then(Value::as_str).and_then(|path| schema.pointer(path.strip_prefix('#')?));
    let single = ["items", "additionalProperties", "then", "else"].into_iter().filter_map(|key| at.get(key));
    let several = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| at.get(key)?.as_array()).flatten();
    let mut next = reference.into_iter().chain(single).chain(several).filter(|next| next.is_object());
    next.find_map(|next| below(schema, next, key, depth))
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

    #[test]
    fn keys_of_other_documents_are_described_too() {
        for (kind, path, begins) in [
            (SchemaKind::Config, &["severity"][..], "Other severities for single rules"),
            (SchemaKind::Config, &["waivers", "expires"], "The day from which it no longer holds."),
            (SchemaKind::Config, &["files", "severity"], "Other severities there."),
            (SchemaKind::Config, &["limits", "depth"], "How deep mappings"),
            (SchemaKind::Policy, &["require"], "What must hold"),
            (SchemaKind::Policy, &["severity", "when"], "The condition under which this severity counts"),
            (SchemaKind::Policy, &["cites", "in_force", "from"], "The first day on which"),
            (SchemaKind::Policy, &["applies", "uses"], "Purposes with one of these uses"),
            (SchemaKind::Policy, &["examples", "flagged"], "A declaration that the rule must flag."),
            (SchemaKind::Pack, &["territories"], "Where the law of the pack holds"),
        ] {
            let found = describe_in(kind, path).unwrap_or_else(|| panic!("{path:?}"));
            assert!(found.text.starts_with(begins), "{path:?}: {}", found.text);
            assert!(found.example.is_some(), "{path:?}");
        }
        assert_eq!(describe_in(SchemaKind::Config, &["waivers", "nonsense"]), None);
    }
}
