//! What to say about a wrong value, and what to do about it.

use jsonschema::JsonType;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::english::{choices, flow, gist, is_plain, join_or, noun, type_name, with_article};
use super::here::{Here, properties_of};
use super::place::Place;
use crate::diagnostic::{Diagnostic, Safety};
use crate::source::Span;
use crate::suggest;
use crate::syntax::{Kind, Style};

const CODE: &str = "invalid-value";

/// More choices than this are not read.
const MOST_CHOICES: usize = 16;

/// A key that stands there with nothing behind it.
pub(super) fn no_value(place: &Place<'_>, here: &Here<'_>, types: &[JsonType], words: &[&Value]) -> Diagnostic {
    let diagnostic = Diagnostic::new(CODE, place.value_span(), format!("{} has no value", place.subject()));
    let words = choices(words);
    let may_be_empty = types.contains(&JsonType::Array) && here.keyword("minItems").is_none();
    let help = if may_be_empty {
        Some("write `[]` if there is none, or leave the key out if it is not known".to_owned())
    } else if words.is_empty() {
        form(place, here, types)
    } else {
        Some(one_of(&words))
    };
    with_help(diagnostic, help)
}

/// A value that is none of the words that are right.
pub(super) fn not_a_choice(place: &Place<'_>, here: &Here<'_>, words: &[&Value]) -> Diagnostic {
    let span = place.value_span();
    if let ([only], Some("version"), Kind::Int(version)) = (words, place.name(), place.node.kind()) {
        let message = format!("this file has version {version}; this program reads version {only}");
        return Diagnostic::new(CODE, span, message).help("a newer purposelint may read it");
    }
    let Some(text) = place.node.text() else { return wrong_type(place, here, &[], words) };
    let owner = place.owner.and_then(|entry| entry.name()).map_or("this place".to_owned(), |name| format!("`{name}`"));
    let diagnostic = Diagnostic::new(CODE, span, format!("`{}` is not a value of {owner}", short(text)));
    let words = choices(words);
    match suggest::nearest(text, words.iter().map(String::as_str)) {
        Some(near) => {
            let all = if words.len() > 1 { format!(" {}", one_of(&words)) } else { String::new() };
            replace(diagnostic.help(format!("did you mean `{near}`?{all}")), place, near)
        }
        None => diagnostic.help(one_of(&words)),
    }
}

/// A value of another type than its place takes.
pub(super) fn wrong_type(place: &Place<'_>, here: &Here<'_>, types: &[JsonType], words: &[&Value]) -> Diagnostic {
    let mut right: Vec<String> = types.iter().map(|kind| type_name(*kind).to_owned()).collect();
    right.extend(choices(words).iter().take(MOST_CHOICES).map(|word| format!("`{word}`")));
    let is = match place.node.kind() {
        Kind::Bool(value) => format!("`{value}`"),
        kind => kind.describe().to_owned(),
    };
    let message = format!("{} must be {}, not {is}", place.subject(), join_or(&right));
    let diagnostic = Diagnostic::new(CODE, place.value_span(), message);
    match conversion(place, here, types) {
        Some(value) => {
            let diagnostic = diagnostic.help(match place.name() {
                Some(name) => format!("write `{name}: {value}`"),
                None => format!("write `{value}`"),
            });
            replace(diagnostic, place, &value)
        }
        None => with_help(diagnostic, form(place, here, types)),
    }
}

/// The same scalar, written so that it has the right type.
fn conversion(place: &Place<'_>, here: &Here<'_>, types: &[JsonType]) -> Option<String> {
    let text = place.node.text().filter(|text| text.len() <= 40)?;
    let takes = |kind| types.contains(&kind);
    let quoted = || Value::from(text).to_string();
    match place.node.kind() {
        Kind::Str(_) if (takes(JsonType::Integer) || takes(JsonType::Number)) && text.parse::<i64>().is_ok() => {
            Some(text.to_owned())
        }
        Kind::Str(_) if takes(JsonType::Boolean) => match text.to_ascii_lowercase().as_str() {
            "on" | "yes" | "true" | "y" => Some("true".to_owned()),
            "off" | "no" | "false" | "n" => Some("false".to_owned()),
            _ => None,
        },
        Kind::Str(_) if takes(JsonType::Array) && text.is_empty() => Some("[]".to_owned()),
        Kind::Str(_) if takes(JsonType::Array) && is_plain(text) => Some(format!("[{text}]")),
        Kind::Str(_) if takes(JsonType::Array) => Some(format!("[{}]", quoted())),
        // A text with a form would still be wrong in quotes.
        Kind::Int(_) | Kind::Float(_) | Kind::Bool(_)
            if takes(JsonType::String)
                && here.keyword("pattern").is_none()
                && here.keyword("enum").is_none()
                && types.len() == 1 =>
        {
            Some(quoted())
        }
        _ => None,
    }
}

/// A key that may not be a key there. `form` is the definition that the key does not satisfy, if it is a known one.
pub(super) fn wrong_name(
    span: Span,
    name: &str,
    place: &Place<'_>,
    here: &Here<'_>,
    form: Option<(&str, &Value)>,
) -> Diagnostic {
    let shown = short(name);
    let Some((definition, schema)) = form else {
        let message = format!("`{shown}` cannot be a key of {}", place.subject());
        let about = here.description().filter(|description| description.len() <= 160);
        let help = about.map(|about| lower(about.trim_end_matches('.'))).or_else(|| here.description().map(gist));
        return with_help(Diagnostic::new(CODE, span, message), help);
    };
    let diagnostic = Diagnostic::new(CODE, span, format!("`{shown}` is not {}", with_article(&noun(definition))));
    let near = snake_case(name).filter(|_| matches!(definition, "id" | "name"));
    let help = near.map(|near| format!("did you mean `{near}`?"));
    with_help(diagnostic, help.or_else(|| schema.get("description").and_then(Value::as_str).map(gist)))
}

fn snake_case(name: &str) -> Option<String> {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let word: String = name.trim().chars().map(letter).collect();
    (name.is_ascii() && word.len() <= 40 && word.starts_with(|first: char| first.is_ascii_alphabetic())).then_some(word)
}

/// The definition in the schema that a pattern belongs to.
pub(super) fn definition_of<'s>(schema: &'s Value, pattern: &str) -> Option<(&'s str, &'s Value)> {
    let definitions = schema.get("definitions")?.as_object()?;
    definitions
        .iter()
        .find(|(_, definition)| definition.get("pattern").and_then(Value::as_str) == Some(pattern))
        .map(|(name, definition)| (name.as_str(), definition))
}

/// All that is neither the type nor one of a few words.
pub(super) fn other(place: &Place<'_>, here: &Here<'_>, kind: &ValidationErrorKind) -> Diagnostic {
    use ValidationErrorKind as Is;
    let subject = place.subject();
    let text = short(place.node.text().unwrap_or_default());
    let about = || here.description().map(gist);
    let (message, help) = match kind {
        Is::Pattern { .. } | Is::Format { .. } => {
            (not_the_form(place, here, &text), form(place, here, &[JsonType::String]))
        }
        Is::MinLength { .. } if text.is_empty() => (format!("{subject} is empty"), about()),
        Is::MinLength { limit } => (format!("{subject} must have at least {limit} letters"), about()),
        Is::MaxLength { limit } => (format!("{subject} must have at most {limit} letters"), about()),
        Is::MinItems { .. } if place.node.items().len() == 0 => {
            (format!("{subject} is an empty list"), Some("name at least one, or leave the key out".to_owned()))
        }
        Is::MinItems { limit } => (format!("{subject} must have at least {limit} items"), about()),
        Is::MaxItems { limit } => (format!("{subject} must have at most {limit} items"), about()),
        Is::MinProperties { .. } if place.node.entries().len() == 0 => (format!("{subject} is empty"), about()),
        Is::MinProperties { limit } => (format!("{subject} must have at least {limit} keys"), about()),
        Is::MaxProperties { limit: 1 } => (format!("{subject} must have only one key"), about()),
        Is::MaxProperties { limit } => (format!("{subject} must have at most {limit} keys"), about()),
        Is::Minimum { limit } => (format!("{subject} must be at least {limit}, not {text}"), about()),
        Is::Maximum { limit } => (format!("{subject} must be at most {limit}, not {text}"), about()),
        Is::ExclusiveMinimum { limit } => (format!("{subject} must be more than {limit}, not {text}"), about()),
        Is::ExclusiveMaximum { limit } => (format!("{subject} must be less than {limit}, not {text}"), about()),
        Is::UniqueItems => (format!("{subject} has the same item twice"), None),
        Is::Not { .. } | Is::FalseSchema => (format!("{subject} is not allowed here"), about()),
        _ => (format!("{subject} is not what is expected here"), about()),
    };
    with_help(Diagnostic::new(CODE, place.value_span(), message), help)
}

fn not_the_form(place: &Place<'_>, here: &Here<'_>, text: &str) -> String {
    let owner = place.owner.and_then(|entry| entry.name());
    match (here.definition, owner) {
        (Some(definition), _) => format!("`{text}` is not {}", with_article(&noun(definition))),
        (None, Some(owner)) => format!("`{text}` is not a value of `{owner}`"),
        (None, None) => format!("`{text}` is not what is expected here"),
    }
}

/// What a right value looks like.
fn form(place: &Place<'_>, here: &Here<'_>, types: &[JsonType]) -> Option<String> {
    if types == [JsonType::Object] {
        let keys = here.keyword("required").and_then(|names| names.get(0)).and_then(Value::as_str);
        let (name, example) = properties_of(here.last())
            .filter(|(name, _)| keys.is_none_or(|first| first == *name))
            .find_map(|(name, property)| Some((name, flow(property.get("examples")?.get(0)?)?)))?;
        return Some(format!("a mapping has keys with values, such as `{name}: {example}`"));
    }
    let about = gist(here.description()?);
    let name = place.name().filter(|_| !about.contains('`'));
    let example = name.and_then(|name| {
        let example = here.example(|example| types.iter().any(|kind| is_of(example, *kind)))?;
        Some(format!("{name}: {}", flow(example)?))
    });
    Some(match example {
        Some(example) => format!("{about}; for example `{example}`"),
        None => about,
    })
}

fn is_of(example: &Value, kind: JsonType) -> bool {
    let own = JsonType::from(example);
    own == kind || (own == JsonType::Number && kind == JsonType::Integer)
}

/// What a missing key would say.
pub(super) fn what_it_is(name: &str, property: &Value) -> Option<String> {
    let about = gist(property.get("description")?.as_str()?);
    let example = property.get("examples").and_then(|examples| examples.get(0)).and_then(flow);
    Some(match example {
        Some(example) => format!("{about}; for example `{name}: {example}`"),
        None => about,
    })
}

fn one_of(words: &[String]) -> String {
    let mut shown: Vec<String> = words.iter().take(MOST_CHOICES).map(|word| format!("`{word}`")).collect();
    if words.len() > shown.len() {
        shown.push(format!("{} more", words.len() - shown.len()));
    }
    match words {
        [only] => format!("it can only be `{only}`"),
        _ => format!("it is one of {}", suggest::join(&shown)),
    }
}

/// Offers another value. Not where the value stands behind an alias, as the edit would reach further than is seen.
fn replace(diagnostic: Diagnostic, place: &Place<'_>, value: &str) -> Diagnostic {
    let is_block = matches!(place.node.style(), Some(Style::Literal | Style::Folded) | None);
    if is_block || place.node.via().is_some() || place.node.span().is_empty() {
        return diagnostic;
    }
    diagnostic.replace(format!("write `{value}`"), Safety::Suggest, place.node.span(), value)
}

fn with_help(diagnostic: Diagnostic, help: Option<String>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// A text to be quoted in a message: one line, not long.
pub(super) fn short(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(40).collect();
    if text.chars().nth(40).is_some() { format!("{line}…") } else { line }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
