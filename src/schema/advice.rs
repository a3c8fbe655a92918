//! What to say about a wrong value, and what to do about it.

use jsonschema::JsonType;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};

use super::blank;
use super::english::{choices, expected, flow, gist, is_plain, noun, with_article};
use super::here::{Here, properties_of};
use super::place::Place;
use super::spelling;
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
        let or = if here.is_optional { ", or leave the key out if nothing is known" } else { "" };
        Some(format!("write `[]` if there is none{or}"))
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
    // another word would be another fact, so it is never an edit
    match spelling::choice(text, &words) {
        Some(near) => {
            let all = if words.len() > 1 { format!(" {}", one_of(&words)) } else { String::new() };
            diagnostic.help(format!("did you mean `{near}`?{all}"))
        }
        None => diagnostic.help(one_of(&words)),
    }
}

/// A value of another type than its place takes.
pub(super) fn wrong_type(place: &Place<'_>, here: &Here<'_>, types: &[JsonType], words: &[&Value]) -> Diagnostic {
    let is = match place.node.kind() {
        Kind::Bool(value) => format!("`{value}`"),
        Kind::Float(_) if types.contains(&JsonType::Integer) => {
            format!("`{}`", short(place.node.text().unwrap_or_default()))
        }
        kind => kind.describe().to_owned(),
    };
    let mut words = choices(words);
    words.truncate(MOST_CHOICES);
    let message = format!("{} must be {}, not {is}", place.subject(), expected(types, &words));
    let diagnostic = Diagnostic::new(CODE, place.value_span(), message);
    match conversion(place, here, types) {
        Some(value) => {
            let diagnostic = diagnostic.help(match place.name() {
                Some(name) => format!("write `{name}: {value}`"),
                None => format!("write `{value}`"),
            });
            replace(diagnostic, place, &value, Safety::Suggest)
        }
        None => with_help(diagnostic, only_item(place, types).or_else(|| form(place, here, types))),
    }
}

/// What to write where a list with one item stands for that item, which may be right there.
fn only_item(place: &Place<'_>, types: &[JsonType]) -> Option<String> {
    let mut items = place.node.items();
    let text = items.next()?.text().filter(|text| text.len() <= 40)?;
    if items.next().is_some() || types.contains(&JsonType::Array) || types == [JsonType::Object] {
        return None;
    }
    let value = if is_plain(text) { text.to_owned() } else { Value::from(text).to_string() };
    Some(match place.name() {
        Some(name) => format!("write `{name}: {value}`"),
        None => format!("write `{value}`"),
    })
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
        // a list of mappings is not made by brackets around a text
        Kind::Str(_) if takes(JsonType::Array) && here.example(lists_mappings).is_some() => None,
        // `[]` says that there is none, which an empty text does not
        Kind::Str(_) if takes(JsonType::Array) && text.is_empty() => None,
        Kind::Str(_) if takes(JsonType::Array) && text.split(", ").all(is_plain) => Some(format!("[{text}]")),
        Kind::Str(_) if takes(JsonType::Array) => Some(format!("[{}]", quoted())),
        // A text with a form may still be wrong in quotes.
        Kind::Int(_) | Kind::Float(_) | Kind::Bool(_)
            if types == [JsonType::String]
                && here.keyword("enum").is_none()
                && here.keyword("pattern").is_none_or(|pattern| has_form(text, pattern)) =>
        {
            Some(quoted())
        }
        _ => None,
    }
}

/// Whether a text has the form that a pattern of the schema asks for.
fn has_form(text: &str, pattern: &Value) -> bool {
    jsonschema::is_valid(&json!({"pattern": pattern}), &Value::from(text))
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
        let help = about
            .map(|about| lower(&about.trim_end_matches('.').replace(". A ", ": a ")))
            .or_else(|| here.description().map(gist));
        return with_help(Diagnostic::new(CODE, span, message), help);
    };
    let diagnostic = Diagnostic::new(CODE, span, format!("`{shown}` is not {}", with_article(&noun(definition))));
    let help = respelled(definition, name).map(|(near, _)| format!("did you mean `{near}`?"));
    with_help(diagnostic, help.or_else(|| schema.get("description").and_then(Value::as_str).map(gist)))
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
        Is::Pattern { pattern } if pattern == blank::SEEN => (format!("{subject} is empty"), about()),
        Is::Pattern { .. } | Is::Format { .. } => return wrong_form(place, here, &text),
        Is::MinLength { .. } if text.is_empty() => (format!("{subject} is empty"), about()),
        Is::MinLength { limit } => (format!("{subject} must have at least {limit} letters"), about()),
        Is::MaxLength { limit } => (format!("{subject} must have at most {limit} letters"), about()),
        Is::MinItems { .. } if place.node.items().len() == 0 => {
            let or = if here.is_optional { ", or leave the key out" } else { "" };
            (format!("{subject} is an empty list"), Some(format!("list at least one{or}")))
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

/// Text that does not have the form of a date, an id and so on.
fn wrong_form(place: &Place<'_>, here: &Here<'_>, text: &str) -> Diagnostic {
    let owner = place.owner.and_then(|entry| entry.name());
    let message = match (here.definition, owner) {
        (Some(definition), _) => format!("`{text}` is not {}", with_article(&noun(definition))),
        (None, Some(owner)) => format!("`{text}` is not a value of `{owner}`"),
        (None, None) => format!("`{text}` is not what is expected here"),
    };
    let diagnostic = Diagnostic::new(CODE, place.value_span(), message);
    let respelled = here.definition.and_then(|definition| respelled(definition, place.node.text()?));
    match respelled.filter(|(near, _)| near != text) {
        Some((near, safety)) => {
            let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            match safety {
                Some(safety) => replace(diagnostic, place, &near, safety),
                None => diagnostic,
            }
        }
        None => with_help(diagnostic, form(place, here, &[JsonType::String])),
    }
}

/// A text in the form of a definition, and how far the edit may be trusted. Ids get none: others refer to them.
fn respelled(definition: &str, text: &str) -> Option<(String, Option<Safety>)> {
    match definition {
        "day" | "date" => Some((spelling::day(text)?, Some(Safety::Safe))),
        "duration" => Some((spelling::duration(text)?, Some(Safety::Suggest))),
        "age" | "ages" => Some((spelling::ages(text)?, Some(Safety::Suggest))),
        "id" | "name" | "event" => Some((spelling::id(text)?, None)),
        _ => None,
    }
}

/// What a right value looks like.
fn form(place: &Place<'_>, here: &Here<'_>, types: &[JsonType]) -> Option<String> {
    if types == [JsonType::Object] {
        let keys = here.keyword("required").and_then(|names| names.get(0)).and_then(Value::as_str);
        let example = properties_of(here.last())
            .filter(|(name, _)| keys.is_none_or(|first| first == *name))
            .find_map(|(name, property)| Some((name, flow(property.get("examples")?.get(0)?)?)));
        if let Some((name, example)) = example {
            return Some(format!("write keys with values, such as `{name}: {example}`"));
        }
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

fn lists_mappings(example: &Value) -> bool {
    example.get(0).is_some_and(Value::is_object)
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

/// What several missing keys would say.
pub(super) fn for_example<'v>(properties: impl Iterator<Item = (&'v str, &'v Value)>) -> Option<String> {
    let example =
        |(name, property): (&str, &Value)| Some(format!("`{name}: {}`", flow(property.get("examples")?.get(0)?)?));
    let examples: Vec<String> = properties.filter_map(example).collect();
    (!examples.is_empty()).then(|| format!("add them; for example {}", suggest::join(&examples)))
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
fn replace(diagnostic: Diagnostic, place: &Place<'_>, value: &str, safety: Safety) -> Diagnostic {
    let is_block = matches!(place.node.style(), Some(Style::Literal | Style::Folded) | None);
    if is_block || place.node.via().is_some() || place.node.span().is_empty() {
        return diagnostic;
    }
    diagnostic.replace(format!("write `{value}`"), safety, place.node.span(), value)
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
