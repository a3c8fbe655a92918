//! The YAML test suite, replayed on the reader: no valid case may lose or change a node, no invalid one may pass in silence.
//!
//! The suite lies outside the repository; where it is absent, the test says so and passes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a failing unwrap is a failing test"
)]

use std::path::Path;

use purposelint::diagnostic::Diagnostic;
use purposelint::source::SourceMap;
use purposelint::syntax::{self, Kind, Limits, NodeRef, Style, Tree};
use serde_json::{Map, Number, Value};

const SUITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/yaml-test-suite.json");

/// Valid cases that we refuse with a diagnostic, each with words of the message, which say why.
const REFUSED: &[(&str, &str)] = &[
    ("2JQS", "is given twice"),
    ("4FJ6", "a key must be text"),
    ("6BFJ", "a key must be text"),
    ("6PBE", "a key must be text"),
    ("9MMW", "a key must be text"),
    ("KK5P", "a key must be text"),
    ("LX3P", "a key must be text"),
    ("M2N8-00", "a key must be text"),
    ("M2N8-01", "a key must be text"),
    ("M5DY", "a key must be text"),
    ("Q9WF", "a key must be text"),
    ("RZP5", "a key must be text"),
    ("SBG9", "a key must be text"),
    ("V9D5", "a key must be text"),
    ("X38W", "a key must be text"),
    ("XW4D", "a key must be text"),
    // `%YAML 1.1 1.2`: the suite itself marks it as one to skip
    ("ZYU8-02", "directive"),
];

/// Invalid cases that we accept, each with the reason.
const ACCEPTED: &[(&str, &str)] =
    &[("9C9N", "a flow list whose lines are not indented: PyYAML reads it, people write it, and it has one meaning")];

struct Case {
    id: String,
    yaml: String,
    fail: bool,
    tree: Option<String>,
    json: Option<String>,
}

fn cases() -> Option<Vec<Case>> {
    if !Path::new(SUITE).exists() {
        println!("skipped: {SUITE} is absent; it comes with the shared folder of the project, not with a clone");
        return None;
    }
    let suite: Value = serde_json::from_str(&std::fs::read_to_string(SUITE).unwrap()).unwrap();
    let text = |case: &Value, key: &str| case[key].as_str().map(str::to_owned);
    let cases = suite["cases"].as_array().unwrap().iter().map(|case| Case {
        id: text(case, "id").unwrap(),
        yaml: text(case, "yaml").unwrap(),
        fail: case["fail"].as_bool().unwrap(),
        tree: text(case, "tree"),
        json: text(case, "json"),
    });
    Some(cases.collect())
}

fn read(case: &Case) -> (Tree, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add(case.id.as_str(), case.yaml.as_str());
    syntax::parse(&sources, file, &Limits::default())
}

#[test]
fn valid_cases_give_the_right_tree() {
    let Some(cases) = cases() else { return };
    let mut refused = Vec::new();
    let mut compared = 0;
    for case in cases.iter().filter(|case| !case.fail) {
        let (tree, found) = read(case);
        if let Some(first) = found.first() {
            refused.push((case.id.clone(), first.message.clone()));
            continue;
        }
        let expected = shapes_of_events(case.tree.as_deref().unwrap());
        let roots: Vec<Option<NodeRef<'_>>> = tree.documents().iter().map(|document| tree.root(document)).collect();
        let got: Vec<Shape> = roots.iter().map(|root| root.map_or_else(Shape::empty, shape_of_node)).collect();
        if expected.is_empty() {
            assert_eq!(got, [Shape::empty()], "{}: a stream without documents", case.id);
        } else {
            assert_eq!(got, expected, "{}: {:?}", case.id, case.yaml);
        }
        if let Some(json) = &case.json {
            let values: Vec<Value> = serde_json::Deserializer::from_str(json).into_iter().map(Result::unwrap).collect();
            let ours: Vec<Value> = roots.iter().map(|root| root.map_or(Value::Null, json_of_node)).collect();
            if !values.is_empty() {
                assert_eq!(ours, values, "{}: {:?}", case.id, case.yaml);
            }
        }
        compared += 1;
    }
    assert!(compared > 250, "only {compared} cases compared");
    let unlisted: Vec<_> =
        refused.iter().filter(|(id, why)| !REFUSED.iter().any(|(i, w)| i == id && why.contains(w))).collect();
    assert_eq!((unlisted, refused.len()), (vec![], REFUSED.len()), "REFUSED is the exact list");
}

#[test]
fn invalid_cases_are_never_accepted_in_silence() {
    let Some(cases) = cases() else { return };
    let mut accepted = Vec::new();
    for case in cases.iter().filter(|case| case.fail) {
        let (tree, found) = read(case);
        for diagnostic in &found {
            assert!(diagnostic.primary.span.end as usize <= case.yaml.len(), "{}", case.id);
        }
        if found.is_empty() {
            accepted.push(case.id.as_str());
        } else {
            assert!(tree.documents().iter().any(|document| document.broken), "{}", case.id);
        }
    }
    let listed: Vec<&str> = ACCEPTED.iter().map(|(id, _)| *id).collect();
    assert_eq!(accepted, listed, "ACCEPTED is the exact list");
}

/// A node as the suite's events describe it: no tags, aliases written out.
#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Scalar(char, String),
    Sequence(Vec<Shape>),
    Mapping(Vec<(Shape, Shape)>),
}

impl Shape {
    fn empty() -> Self {
        Self::Scalar(':', String::new())
    }
}

fn shape_of_node(node: NodeRef<'_>) -> Shape {
    if node.is_sequence() {
        return Shape::Sequence(node.items().map(shape_of_node).collect());
    }
    if node.is_mapping() {
        return Shape::Mapping(
            node.entries().map(|entry| (shape_of_node(entry.key), shape_of_node(entry.value))).collect(),
        );
    }
    let mark = match node.style().unwrap() {
        Style::Plain => ':',
        Style::SingleQuoted => '\'',
        Style::DoubleQuoted => '"',
        Style::Literal => '|',
        Style::Folded => '>',
    };
    Shape::Scalar(mark, node.text().unwrap().to_owned())
}

fn shapes_of_events(events: &str) -> Vec<Shape> {
    let mut documents = Vec::new();
    let mut anchors: Vec<(String, Shape)> = Vec::new();
    // anchor, whether it is a mapping, children
    let mut open: Vec<(Option<String>, bool, Vec<Shape>)> = Vec::new();
    for line in events.lines().map(str::trim_start) {
        let (event, rest) = line.split_at(4);
        let (anchor, value) = properties(rest);
        let (anchor, shape) = match event {
            "+SEQ" | "+MAP" => {
                open.push((anchor, event == "+MAP", Vec::new()));
                continue;
            }
            "-SEQ" | "-MAP" => match open.pop().unwrap() {
                (anchor, false, children) => (anchor, Shape::Sequence(children)),
                (anchor, true, children) => {
                    (anchor, Shape::Mapping(children.chunks(2).map(|p| (p[0].clone(), p[1].clone())).collect()))
                }
            },
            "=VAL" => (anchor, Shape::Scalar(value.chars().next().unwrap(), unescape(&value[1..]))),
            "=ALI" => {
                let name = value.strip_prefix('*').unwrap();
                (None, anchors.iter().rev().find(|(known, _)| known == name).unwrap().1.clone())
            }
            _ => continue,
        };
        anchors.extend(anchor.map(|name| (name, shape.clone())));
        match open.last_mut() {
            Some((_, _, children)) => children.push(shape),
            None => documents.push(shape),
        }
    }
    documents
}

/// Splits ` &anchor <tag> :value` into anchor and value.
fn properties(rest: &str) -> (Option<String>, &str) {
    let mut rest = rest.strip_prefix(' ').unwrap_or(rest);
    let mut anchor = None;
    loop {
        let word = rest.split(' ').next().unwrap();
        match word.chars().next() {
            Some('&') => anchor = Some(word[1..].to_owned()),
            Some('<' | '[' | '{') => {}
            _ => return (anchor, rest),
        }
        rest = rest[word.len()..].trim_start();
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        out.push(match c {
            '\\' => match characters.next().unwrap() {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                '0' => '\0',
                other => other,
            },
            c => c,
        });
    }
    out
}

fn json_of_node(node: NodeRef<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(value),
        Kind::Int(value) => Value::from(value),
        // the suite writes 450.00 as 450
        #[allow(clippy::cast_possible_truncation, reason = "only where nothing is lost")]
        Kind::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Value::from(value as i64),
        Kind::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Kind::Str(text) => Value::from(text),
        Kind::Sequence => node.items().map(json_of_node).collect(),
        Kind::Mapping => {
            let entry = |entry: syntax::Entry<'_>| (entry.name().unwrap().to_owned(), json_of_node(entry.value));
            Value::Object(node.entries().map(entry).collect::<Map<_, _>>())
        }
    }
}
