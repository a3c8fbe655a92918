//! The YAML test suite, replayed on the reader: no valid case may lose or change a node, no invalid one may pass in silence.
//! The numbers stand in `docs/trust.md`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test"
)]

mod page;

use purposelint::diagnostic::Diagnostic;
use purposelint::source::SourceMap;
use purposelint::syntax::{self, Kind, Limits, NodeRef, Style, Tree};
use serde_json::{Map, Number, Value};

const SUITE: &str = include_str!("suites/yaml-test-suite.json");

/// Valid cases that are refused: why, words of the message, and which.
const REFUSED: &[(&str, &str, &[&str])] = &[
    (
        "a key is a list, a mapping or a block of text; in a declaration a key is a word",
        "a key must be text",
        &[
            "4FJ6", "6BFJ", "6PBE", "9MMW", "KK5P", "LX3P", "M2N8-00", "M2N8-01", "M5DY", "Q9WF", "RZP5", "SBG9",
            "V9D5", "X38W", "XW4D",
        ],
    ),
    (
        "a tag that means nothing here, such as `!foo` or `!!set`: what it makes of a value cannot be known",
        "has no meaning here",
        &[
            "2XXW", "565N", "5TYM", "6CK3", "6WLZ", "7FWL", "9WXW", "C4HZ", "CC74", "CUP7", "J7PZ", "M5C3", "P76L",
            "UGM3", "Z67P", "Z9M4",
        ],
    ),
    ("one key, the empty one, is given twice", "is given twice", &["2JQS"]),
    ("a `%YAML` line with two versions; the suite itself marks the case as one to skip", "directive", &["ZYU8-02"]),
];

/// How many of the cases came out how.
#[derive(Default)]
struct Numbers {
    tree: usize,
    values: usize,
    refused: usize,
    invalid: usize,
}

struct Case {
    id: String,
    yaml: String,
    fail: bool,
    tree: Option<String>,
    json: Option<String>,
}

fn cases() -> Vec<Case> {
    let suite: Value = serde_json::from_str(SUITE).unwrap();
    let text = |case: &Value, key: &str| case[key].as_str().map(str::to_owned);
    let cases = suite["cases"].as_array().unwrap().iter().map(|case| Case {
        id: text(case, "id").unwrap(),
        yaml: text(case, "yaml").unwrap(),
        fail: case["fail"].as_bool().unwrap(),
        tree: text(case, "tree"),
        json: text(case, "json"),
    });
    cases.collect()
}

fn read(case: &Case) -> (Tree, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add(case.id.as_str(), case.yaml.as_str());
    syntax::parse(&sources, file, &Limits::default())
}

/// Every case is right, or refused in plain words at a place; nothing is taken in silence.
#[test]
fn every_case_is_read_right_or_refused() {
    let mut numbers = Numbers::default();
    let (mut refused, mut taken) = (Vec::new(), Vec::new());
    for case in cases() {
        let (tree, found) = read(&case);
        found.iter().for_each(|diagnostic| is_clear(&case, diagnostic));
        let broken = tree.documents().iter().any(|document| document.broken);
        match (case.fail, found.first()) {
            (false, None) => {
                is_right(&case, &tree, &mut numbers);
                numbers.tree += 1;
            }
            (false, Some(first)) => refused.push((case.id, first.message.clone())),
            (true, Some(_)) if broken => numbers.invalid += 1,
            (true, _) => taken.push(case.id),
        }
    }
    numbers.refused = refused.len();
    assert_eq!(taken, Vec::<String>::new(), "invalid, and judged all the same");
    are_listed(&refused, REFUSED);
    page::hold("docs/trust.md", "yaml", &told(&numbers));
}

/// A message, a place inside the file, and a way out.
fn is_clear(case: &Case, diagnostic: &Diagnostic) {
    let span = diagnostic.primary.span;
    assert!(!diagnostic.message.is_empty() && diagnostic.help.is_some(), "{}: {diagnostic:?}", case.id);
    assert!(case.yaml.get(span.start as usize..span.end as usize).is_some(), "{}: {diagnostic:?}", case.id);
}

/// Nodes against the events of the suite, values against its JSON.
fn is_right(case: &Case, tree: &Tree, numbers: &mut Numbers) {
    let expected = shapes_of_events(case.tree.as_deref().unwrap());
    let roots: Vec<Option<NodeRef<'_>>> = tree.documents().iter().map(|document| tree.root(document)).collect();
    let got: Vec<Shape> = roots.iter().map(|root| root.map_or_else(Shape::empty, shape_of_node)).collect();
    if expected.is_empty() {
        assert_eq!(got, [Shape::empty()], "{}: a stream without documents", case.id);
    } else {
        assert_eq!(got, expected, "{}: {:?}", case.id, case.yaml);
    }
    let Some(json) = &case.json else { return };
    let values: Vec<Value> = serde_json::Deserializer::from_str(json).into_iter().map(Result::unwrap).collect();
    let ours: Vec<Value> = roots.iter().map(|root| root.map_or(Value::Null, json_of_node)).collect();
    if values.is_empty() {
        assert!(ours.iter().all(Value::is_null), "{}: a stream without values", case.id);
    } else {
        assert_eq!(ours, values, "{}: {:?}", case.id, case.yaml);
    }
    numbers.values += 1;
}

/// The list of differences is exact: none is missing, and none is left over.
fn are_listed(found: &[(String, String)], list: &[(&str, &str, &[&str])]) {
    let known = |id: &String, message: &String| {
        list.iter().any(|(_, words, ids)| ids.contains(&id.as_str()) && message.contains(words))
    };
    let new: Vec<_> = found.iter().filter(|(id, message)| !known(id, message)).collect();
    assert!(new.is_empty(), "in no list: {new:#?}");
    let listed: usize = list.iter().map(|(_, _, ids)| ids.len()).sum();
    assert_eq!(found.len(), listed, "a case of a list is read by now");
}

fn told(numbers: &Numbers) -> String {
    let mut out = format!(
        "| cases of the YAML test suite | {} |\n|---|---|\n\
         | valid, and every node is right | {} |\n\
         | … of these, every value is right as well, where the suite gives values | {} |\n\
         | valid, and refused at its place, for a reason below | {} |\n\
         | invalid, and refused at its place | {} |\n\
         | invalid, and judged all the same | 0 |\n\n",
        numbers.tree + numbers.refused + numbers.invalid,
        numbers.tree,
        numbers.values,
        numbers.refused,
        numbers.invalid,
    );
    for (why, _, ids) in REFUSED {
        out.push_str(&page::wrapped(&format!("- {why}: {}", ids.join(", "))).replace('\n', "\n  "));
        out.push('\n');
    }
    out
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
