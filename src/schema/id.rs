//! What the schema of declarations allows as an id.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{SchemaKind, text};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(text(SchemaKind::Declaration)).unwrap_or_default());

/// Whether a text may be an id below a key of the top level: the key of an entry of `purposes`, the value of `service`.
pub fn is_id(key: &str, id: &str) -> bool {
    let schema = &*SCHEMA;
    let allowed = schema.get("properties").and_then(|properties| properties.get(key));
    let Some(allowed) = allowed.map(|allowed| allowed.get("propertyNames").unwrap_or(allowed)) else { return false };
    let schema = json!({
        "$schema": schema.get("$schema"),
        "allOf": [allowed],
        "definitions": { "id": schema.pointer("/definitions/id") },
    });
    jsonschema::validator_for(&schema).is_ok_and(|validator| validator.is_valid(&json!(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_the_schema_says() {
        for (key, id, is) in [
            ("purposes", "model_training", true),
            ("purposes", "none", true),
            ("settings", "none", false),
            ("settings", "a1", true),
            ("service", "Feed", false),
            ("service", "feed", true),
            ("notices", "1a", false),
            ("notices", "a-b", false),
            ("organisations", "", false),
            ("organisations", "a\n", false),
            ("nonsense", "a", false),
        ] {
            assert_eq!(is_id(key, id), is, "{key} {id:?}");
        }
    }
}
