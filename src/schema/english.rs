//! Schema words as English words.

use jsonschema::JsonType;
use serde_json::Value;

use crate::order::Order;

/// `a purpose`, `an organisation`.
pub(super) fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// `` `a`, `b` or `c` ``
pub(super) fn join_or(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// The word for values of a type, the same as the tree's.
fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "nothing",
        JsonType::Boolean => "`true` or `false`",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "a mapping",
    }
}

/// `text, a list or a mapping`, with words at the end.
pub(super) fn expected(types: &[JsonType], words: &[String]) -> String {
    let order = |kind: &JsonType| match kind {
        JsonType::String => 0,
        JsonType::Integer | JsonType::Number => 1,
        JsonType::Boolean | JsonType::Null => 2,
        JsonType::Array => 3,
        JsonType::Object => 4,
    };
    let mut types = types.to_vec();
    types.order_by_key(order);
    let types = types.into_iter().map(|kind| type_name(kind).to_owned());
    let all: Vec<String> = types.chain(words.iter().map(|word| format!("`{word}`"))).collect();
    join_or(&all)
}

/// The values of an `enum`. Where `on` and `off` are there, `true` and `false` are only other spellings and left out.
pub(super) fn choices(words: &[&Value]) -> Vec<String> {
    let is_switch = words.iter().any(|word| *word == "on") && words.iter().any(|word| *word == "off");
    words
        .iter()
        .filter(|word| !(is_switch && word.is_boolean()))
        .filter_map(|word| match word {
            Value::String(text) => Some(text.clone()),
            other => flow(other),
        })
        .collect()
}

/// What a definition of the schema describes, as a noun without an article.
pub(super) fn noun(definition: &str) -> String {
    match definition {
        "age" | "ages" => "age range".to_owned(),
        "url" => "web address".to_owned(),
        "cite" => "citation".to_owned(),
        "files_entry" => "entry of `files`".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The first sentence of a description, to follow a colon or a semicolon.
pub(super) fn gist(description: &str) -> String {
    let sentence = description.split_once(". ").map_or(description, |(first, _)| first).trim_end_matches('.');
    let mut letters = sentence.chars();
    match (letters.next(), letters.clone().next()) {
        // `ISO codes` keeps its capitals.
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => sentence.to_owned(),
    }
}

/// A value as YAML on one line, `None` where that is too long to be of help.
pub(super) fn flow(value: &Value) -> Option<String> {
    let text = match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Option<Vec<_>>>()?.join(", ")),
        Value::Object(entries) => {
            let pair = |(key, value): (&String, &Value)| Some(format!("{}: {}", scalar(key), flow(value)?));
            format!("{{{}}}", entries.iter().map(pair).collect::<Option<Vec<_>>>()?.join(", "))
        }
        Value::String(text) => scalar(text),
        other => other.to_string(),
    };
    (text.len() <= 80 && !text.contains('\n')).then_some(text)
}

/// Text as YAML, in quotes where it would otherwise mean something else.
fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { Value::from(text).to_string() }
}

/// Whether a text means itself wherever it stands in YAML, without quotes.
pub(super) fn is_plain(text: &str) -> bool {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " _-./+&()".contains(c))
        && !text.ends_with(' ');
    let is_date = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_taken = ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    (is_word && !is_taken) || is_date
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_become_yaml() {
        let table = [
            (json!(["a", 1, true]), "[a, 1, true]"),
            (json!({"on": 1, "a b": "2024-09-18"}), "{on: 1, a b: 2024-09-18}"),
            (json!("yes: no"), r#""yes: no""#),
            (json!("true"), r#""true""#),
            (json!("12"), r#""12""#),
        ];
        for (value, yaml) in table {
            assert_eq!(flow(&value).as_deref(), Some(yaml));
        }
        assert_eq!(flow(&json!("x".repeat(100))), None);
    }

    #[test]
    fn a_gist_is_the_first_sentence_without_its_capital() {
        assert_eq!(gist("A day: `YYYY-MM-DD`. No time."), "a day: `YYYY-MM-DD`");
        assert_eq!(gist("ISO codes."), "ISO codes");
    }
}
