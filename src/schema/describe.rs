//! What a schema says about a key, found by its path.

use serde_json::Value;

use super::{SchemaKind, Shape};

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
    let mut at = Shape::root(kind);
    for key in path {
        // ids and items have no part in the path
        while at.keys().iter().all(|known| known.name != *key) {
            at = at.item().or_else(|| at.entry())?;
        }
        at = at.key(key)?;
    }
    at.described()
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
