//! Text that shows nothing to anybody: it says as little as text that is empty.

/// What the schemas ask of free text: one character that can be seen. Every character is spelled out, since engines do not agree
/// on what a space is.
pub(super) const SEEN: &str = concat!(
    r"[^\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f",
    r"\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0]"
);

/// The same as [`SEEN`] of all of a text, without a pattern: most texts start with a letter.
pub(super) fn is_blank(text: &str) -> bool {
    !text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && text.chars().all(is_unseen)
}

fn is_unseen(c: char) -> bool {
    matches!(c,
        '\0'..=' ' | '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{1680}' | '\u{180e}'
        | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use regex::Regex;
    use serde_json::{Value, json};

    use super::super::{SchemaKind, schema};
    use super::*;

    #[test]
    fn every_engine_sees_the_same_characters() {
        let schema = json!({"pattern": SEEN});
        let (validator, regex) = (jsonschema::validator_for(&schema).unwrap(), Regex::new(SEEN).unwrap());
        for c in ('\0'..='\u{ffff}').chain(['\u{10000}', '😀', '\u{e0100}']) {
            for text in [c.to_string(), format!(" {c}\u{200b}")] {
                let is_seen = regex.is_match(&text);
                assert_eq!(validator.is_valid(&Value::from(text.as_str())), is_seen, "{text:?}");
                assert_eq!(!is_blank(&text), is_seen, "{text:?}");
            }
            assert!(!c.is_whitespace() || is_blank(&c.to_string()), "{c:?}");
        }
        assert!(is_blank("") && !regex.is_match(""));
    }

    #[test]
    fn the_schemas_ask_for_the_same() {
        for kind in [SchemaKind::Declaration, SchemaKind::Policy, SchemaKind::Config] {
            let schema = schema(kind);
            assert_eq!(schema.pointer("/definitions/text/pattern"), Some(&Value::from(SEEN)), "{kind:?}");
        }
    }
}
