//! Keys of mappings.

use super::{Insert, Kind, Offer};
use crate::schema::{AllowedKey, Form, Shape};
use crate::syntax::Cursor;

/// The keys that a mapping may have and has not, those first that it must have.
pub(super) fn offers(shape: &Shape<'_>, cursor: &Cursor<'_>) -> Vec<Offer> {
    let free = shape.keys().into_iter().filter(|key| !cursor.taken.contains(&key.name));
    free.map(|key| offer(&key, cursor)).collect()
}

fn offer(key: &AllowedKey, cursor: &Cursor<'_>) -> Offer {
    let described = key.described.as_ref();
    let detail = described.map(|described| described.first_sentence().trim_end_matches('.').to_owned());
    let example = described.and_then(|described| described.example.as_ref());
    let example = example.map(|example| format!("\n\nExample: `{}: {}`", key.name, in_one_line(example)));
    let text = described.map(|described| described.text.clone() + &example.unwrap_or_default());
    let detail = detail.unwrap_or_default();
    let detail = if key.is_required { format!("required: {detail}") } else { detail };
    Offer {
        insert: insert(&key.name, key.form, cursor),
        ..Offer::new(&*key.name, Kind::Key).detail(detail).documentation(text)
    }
}

/// A value as flow YAML, which JSON is but for its quotes.
fn in_one_line(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) if !super::values::needs_quotes(text) => text.clone(),
        serde_json::Value::Array(items) => {
            format!("[{}]", items.iter().map(in_one_line).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", in_one_line(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A key with the beginning of its value.
pub(super) fn insert(name: &str, form: Form, cursor: &Cursor<'_>) -> Insert {
    if cursor.has_colon || cursor.quote.is_some() {
        return Insert::text(name);
    }
    let around = |open: char, close: char, plain: String| Insert {
        before: format!("{name}: {open}"),
        after: close.to_string(),
        plain,
    };
    match (form, cursor.in_flow) {
        (Form::Scalar, _) => Insert::text(format!("{name}: ")),
        (Form::Mapping, true) => around('{', '}', format!("{name}: ")),
        (Form::Words | Form::Mappings, true) => around('[', ']', format!("{name}: ")),
        (Form::Words, false) => around('[', ']', format!("{name}:\n  - ")),
        (Form::Mappings, false) => Insert::text(format!("{name}:\n  - ")),
        (Form::Mapping, false) => Insert::text(format!("{name}:\n  ")),
    }
}
