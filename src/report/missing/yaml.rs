//! Missing facts as a declaration without values. A key without a value is an error, so that nothing passes by being pasted.

use serde_json::Value;

use super::{errors, location, nothing, reasons, whom};
use crate::missing::{Fact, Missing, Owner, ServiceGaps};
use crate::model::EntityKind;
use crate::report::{columns, escape};
use crate::source::SourceMap;

/// Columns of a comment.
const WIDTH: usize = 100;

pub(super) fn render(missing: &Missing, sources: &SourceMap) -> String {
    let mut out = String::new();
    if missing.services.is_empty() {
        let message =
            if missing.is_empty() { nothing(missing) } else { "no fact is missing; see `purposelint check --missing`" };
        comment(&mut out, 0, message);
    } else {
        comment(&mut out, 0, &format!("Facts that are not declared, as of {}.", missing.as_of));
        comment(
            &mut out,
            0,
            "Write what you know after the colons and move it to the place named above it; delete the rest. A key without a \
             value is an error: a stub that is left as it is does not pass. Where something is not done at all, say so: `[]`.",
        );
    }
    if let Some(errors) = errors(missing) {
        comment(&mut out, 0, &errors);
    }
    for (at, service) in missing.services.iter().enumerate() {
        if at > 0 {
            out.push_str("---\n");
        }
        of_service(&mut out, service, sources);
    }
    out
}

fn of_service(out: &mut String, service: &ServiceGaps, sources: &SourceMap) {
    out.push_str(&format!("version: 1\nservice: {}\n", scalar(&service.id)));
    let mut root = Node::default();
    for owner in &service.owners {
        let path = place(owner);
        let stands = format!("at {}", location(owner.place, sources));
        root.with(&path, &mut |node| node.comment.push(stands.clone()));
        for fact in &owner.facts {
            insert(&mut root, path.clone(), fact, sources);
        }
    }
    root.write(out, 0);
}

/// What leads from a node to one below it.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    Name(String),
    /// An item of a list, by the place where it is declared.
    Item(String),
}

impl Default for Key {
    fn default() -> Self {
        Self::Name(String::new())
    }
}

/// A key with what stands below it.
#[derive(Default)]
struct Node {
    key: Key,
    comment: Vec<String>,
    below: Vec<Node>,
}

impl Node {
    /// Calls `visit` with the node at a path; nodes that are not there yet are made.
    fn with(&mut self, path: &[Key], visit: &mut dyn FnMut(&mut Self)) {
        let Some((first, rest)) = path.split_first() else { return visit(self) };
        let known = self.below.iter().position(|node| node.key == *first);
        let at = known.unwrap_or(self.below.len());
        if known.is_none() {
            self.below.push(Self { key: first.clone(), ..Self::default() });
        }
        if let Some(node) = self.below.get_mut(at) {
            node.with(rest, visit);
        }
    }

    fn write(&self, out: &mut String, indent: usize) {
        for node in &self.below {
            for line in &node.comment {
                comment(out, indent, line);
            }
            let pad = " ".repeat(indent);
            out.push_str(&match &node.key {
                Key::Name(name) => format!("{pad}{}:\n", scalar(name)),
                Key::Item(_) => format!("{pad}-\n"),
            });
            node.write(out, indent + 2);
        }
    }
}

/// Where an owner stands: below `settings`, then its id; a setting inside a purpose stands there.
fn place(owner: &Owner) -> Vec<Key> {
    let names = match owner.kind {
        None => vec![],
        Some(EntityKind::Setting) if owner.is_inline => vec![EntityKind::Purpose.key(), &owner.id, "setting"],
        Some(kind) => vec![kind.key(), &owner.id],
    };
    names.into_iter().map(|name| Key::Name(name.to_owned())).collect()
}

fn insert(root: &mut Node, mut path: Vec<Key>, fact: &Fact, sources: &SourceMap) {
    for step in &fact.path {
        path.push(Key::Name(step.key.clone()));
        if let Some(item) = fact.item.filter(|_| step.is_list) {
            let place = location(item, sources);
            path.push(Key::Item(place.clone()));
            root.with(&path, &mut |node| node.comment = vec![format!("the item at {place}")]);
        }
    }
    let said = said(fact);
    root.with(&path, &mut |node| node.comment.extend(said.iter().cloned()));
}

/// What is said above a key: what to write, why, for whom, and an example.
fn said(fact: &Fact) -> Vec<String> {
    let mut said: Vec<String> = fact.described.iter().map(|described| described.text.clone()).collect();
    said.extend(reasons(fact).into_iter().map(|reason| sentence(&reason)));
    said.extend(whom(fact).map(|whom| format!("For {whom}.")));
    let example = fact.described.as_ref().and_then(|described| described.example.as_ref());
    said.extend(example.map(|example| format!("Example: {}", flow(example))));
    said
}

/// A remark as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

fn comment(out: &mut String, indent: usize, text: &str) {
    let text = escape::text(text, 2 * escape::LONG);
    let room = WIDTH.saturating_sub(indent + 2).max(40);
    for line in columns::wrap(&text, room, room) {
        out.push_str(&format!("{}# {line}\n", " ".repeat(indent)));
    }
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", scalar(key), flow(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text without quotes where that is surely the same text, else as JSON, which YAML reads as well.
fn scalar(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./ &+".contains(c);
    let is_word = !["null", "true", "false"].contains(&text.to_ascii_lowercase().as_str());
    let is_number = text.parse::<f64>().is_ok() || text.starts_with("0x") || text.starts_with("0o");
    if starts && is_word && !is_number && !text.ends_with(' ') && text.chars().all(plain) {
        return text.to_owned();
    }
    escape::json(&Value::from(text).to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_where_they_would_mean_something_else() {
        for (raw, written) in [
            ("person_deletes", "person_deletes"),
            ("2024-09-18", "2024-09-18"),
            ("Settings & Privacy", "Settings & Privacy"),
            ("null", "\"null\""),
            ("True", "\"True\""),
            ("12", "\"12\""),
            ("1e3", "\"1e3\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("- a", "\"- a\""),
            ("", "\"\""),
            ("a\nb: c", "\"a\\nb: c\""),
            ("\u{1b}\u{202e}", "\"\\u001b\\u202e\""),
        ] {
            assert_eq!(scalar(raw), written, "{raw:?}");
            let back: String = serde_yaml::from_str(&scalar(raw)).unwrap();
            assert_eq!(back, raw);
        }
    }
}
