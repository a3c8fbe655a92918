//! Messages with expressions in them: `` `{purpose.title}` is {state} by default in {regions} ``.

use serde::{Deserialize, Serialize};

use crate::suggest;

use super::ConditionError;
use super::Expression;
use super::reads::StaticRead;
use super::types::Env;
use super::value::{Facts, Gap, Number, Value};

/// Bytes of a message at most.
const LONGEST: usize = 8_192;

/// Items of a list that a message names.
const MOST_ITEMS: usize = 100;

/// A text with expressions in curly brackets. `{{` and `}}` stand for the brackets themselves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Template {
    text: Box<str>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Segment {
    Text(String),
    Expression(Expression),
    /// A plain name that the caller fills in.
    Extra(String),
}

impl Template {
    /// Reads a template; `extra_names` are names that are not facts and that rendering asks the caller for.
    ///
    /// # Errors
    /// All errors of all expressions, with ranges in the whole text.
    pub fn parse(text: &str, env: &Env<'_>, extra_names: &[&str]) -> Result<Self, Vec<ConditionError>> {
        let mut segments = Vec::new();
        let mut errors = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = text.get(at..).unwrap_or_default();
            let length = rest.find(['{', '}']).unwrap_or(rest.len());
            if length > 0 {
                plain.push_str(rest.get(..length).unwrap_or_default());
                at += length;
                continue;
            }
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push(next);
                at += 2;
            } else if next == '{' {
                let length = closing(rest);
                let Some(inner) = length.and_then(|length| rest.get(1..length)) else {
                    errors.push(bracket(at, "this `{` is not closed", "{{"));
                    break;
                };
                if !plain.is_empty() {
                    segments.push(Segment::Text(std::mem::take(&mut plain)));
                }
                match parse_inner(inner, at + 1, env, extra_names) {
                    Ok(segment) => segments.push(segment),
                    Err(found) => errors.extend(found),
                }
                at += inner.len() + 2;
            } else {
                errors.push(bracket(at, "this `}` closes nothing", "}}"));
                at += 1;
            }
        }
        if !plain.is_empty() {
            segments.push(Segment::Text(plain));
        }
        if errors.is_empty() { Ok(Self { text: text.into(), segments }) } else { Err(errors) }
    }

    /// As written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Everything the rendered text can depend on, besides the extra names.
    pub fn reads(&self) -> impl Iterator<Item = &StaticRead> {
        let expressions = self.segments.iter().filter_map(|segment| match segment {
            Segment::Expression(expression) => Some(expression.reads()),
            _ => None,
        });
        expressions.flatten()
    }

    /// The text at the cell that the facts stand for. `name` says how an object is called; what is not known is `?`.
    pub fn render<F: Facts>(
        &self,
        facts: &F,
        extra: &dyn Fn(&str) -> Option<String>,
        name: &dyn Fn(&F::Object) -> String,
    ) -> String {
        self.render_with(facts, extra, name, &|_| "?".to_owned())
    }

    /// Like [`render`](Self::render), with words for what is not known.
    pub fn render_with<F: Facts>(
        &self,
        facts: &F,
        extra: &dyn Fn(&str) -> Option<String>,
        name: &dyn Fn(&F::Object) -> String,
        gap: &dyn Fn(&Gap) -> String,
    ) -> String {
        let mut out = String::new();
        for segment in &self.segments {
            if out.len() > LONGEST {
                break;
            }
            match segment {
                Segment::Text(text) => out.push_str(text),
                Segment::Extra(word) => out.push_str(&extra(word).unwrap_or_else(|| "?".to_owned())),
                Segment::Expression(expression) => match expression.evaluate(facts).value {
                    Ok(value) => out.push_str(&show(&value, name, gap)),
                    Err(missing) => out.push_str(&gap(&missing)),
                },
            }
        }
        cut(&mut out);
        out
    }
}

/// Shortens what nobody would read to the end, and a hostile declaration would have in each of ten thousand findings.
fn cut(text: &mut String) {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

fn bracket(at: usize, message: &str, instead: &str) -> ConditionError {
    let help = Some(format!("for the character itself write `{instead}`"));
    ConditionError { range: at..at + 1, message: message.to_owned(), help }
}

/// Where the bracket closes that `text` starts with; brackets in quotes do not count.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') => return Some(at),
            (None, _) => {}
        }
    }
    None
}

fn parse_inner(
    inner: &str,
    offset: usize,
    env: &Env<'_>,
    extra_names: &[&str],
) -> Result<Segment, Vec<ConditionError>> {
    if extra_names.contains(&inner.trim()) {
        return Ok(Segment::Extra(inner.trim().to_owned()));
    }
    let parsed = Expression::parse(inner, env).map(Segment::Expression);
    parsed.map_err(|errors| {
        errors
            .into_iter()
            .map(|error| ConditionError {
                range: error.range.start + offset..error.range.end + offset,
                help: near_extra(inner.trim(), extra_names).or(error.help),
                ..error
            })
            .collect()
    })
}

fn near_extra(name: &str, extra_names: &[&str]) -> Option<String> {
    suggest::nearest(name, extra_names.iter().copied()).map(|near| format!("did you mean `{near}`?"))
}

/// A value for people.
fn show<O>(value: &Value<O>, name: &dyn Fn(&O) -> String, gap: &dyn Fn(&Gap) -> String) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => show_number(*number),
        Value::Double(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Duration(1) => "1 day".to_owned(),
        Value::Duration(days) => format!("{days} days"),
        Value::Object(object) => name(object),
        Value::List(items) if items.is_empty() => "none".to_owned(),
        Value::List(items) => {
            let mut words: Vec<String> = items
                .iter()
                .take(MOST_ITEMS)
                .map(|item| match &item.value {
                    Ok(value) => show(value, name, gap),
                    Err(missing) => gap(missing),
                })
                .collect();
            if items.len() > MOST_ITEMS {
                words.push(format!("{} more", items.len() - MOST_ITEMS));
            }
            suggest::join(&words)
        }
    }
}

fn show_number(number: Number) -> String {
    match (number.least, number.most) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "an unknown number".to_owned(),
    }
}
