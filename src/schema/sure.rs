//! Whether a document is surely valid, told quickly: most are, and explaining what is wrong is the validator's part.
//!
//! A schema becomes parts that refer to each other. A part answers yes, no, or that it does not know; a keyword that is not
//! known here makes it the last, so that nothing is passed that has not been judged.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::blank;
use super::json::Item;
use crate::source::Span;
use crate::syntax::{Kind, NodeRef};

/// What a part says of a value; `None` where it cannot tell.
type Answer = Option<bool>;

/// A schema, ready to be asked.
#[derive(Serialize, Deserialize)]
pub(super) struct Sure {
    parts: Vec<Part>,
    /// Each once, however many parts have it.
    patterns: Vec<Pattern>,
}

/// One subschema. What it does not say is `None`.
#[derive(Default, Serialize, Deserialize)]
struct Part {
    /// Says something that is not known here.
    is_beyond: bool,
    types: Option<Types>,
    words: Option<Words>,
    /// Least and most.
    bounds: (Option<i64>, Option<i64>),
    least_characters: usize,
    most_characters: Option<usize>,
    /// Among those of the schema.
    pattern: Option<usize>,
    least_items: usize,
    items: Option<usize>,
    least_entries: usize,
    properties: Properties,
    required: Vec<Box<str>>,
    dependencies: Dependencies,
    names: Option<usize>,
    /// All of these hold as well.
    all: Vec<usize>,
    any: Vec<usize>,
    one: Vec<usize>,
    not: Option<usize>,
    /// If the first holds, the second does, otherwise the third.
    condition: Option<(usize, Option<usize>, Option<usize>)>,
    /// Whether any of the last five is there.
    refers: bool,
}

/// A pattern, compiled for the first text that is held against it: most runs see few of them.
#[derive(Serialize, Deserialize)]
struct Pattern {
    text: Box<str>,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

/// Keys, each with those that it needs.
type Dependencies = Vec<(Box<str>, Vec<Box<str>>)>;

/// The types that a value may have.
#[derive(Default, Serialize, Deserialize)]
struct Types {
    null: bool,
    boolean: bool,
    integer: bool,
    number: bool,
    string: bool,
    array: bool,
    object: bool,
}

/// The values of a closed list.
#[derive(Default, Serialize, Deserialize)]
struct Words {
    texts: Vec<Box<str>>,
    booleans: Vec<bool>,
    integers: Vec<i64>,
}

/// What stands under the keys of a mapping.
#[derive(Default, Serialize, Deserialize)]
struct Properties {
    /// Sorted by length.
    named: Vec<(Box<str>, usize)>,
    /// Where the names of each length start.
    starts: Vec<usize>,
    others: Others,
}

/// What keys without a name in the schema may hold.
#[derive(Default, Serialize, Deserialize)]
enum Others {
    #[default]
    Anything,
    Nothing,
    Part(usize),
}

impl Sure {
    /// Takes a schema of draft 7 apart.
    pub(super) fn new(schema: &Value) -> Self {
        let mut maker = Maker { schema, parts: Vec::new(), patterns: Vec::new(), known: HashMap::new() };
        maker.part(schema);
        Self { parts: maker.parts, patterns: maker.patterns }
    }

    /// Whether the validator would find nothing; `false` where that is not sure. Entries that are `known` to be valid where they
    /// stand are not looked at.
    pub(super) fn is_valid(&self, root: NodeRef<'_>, known: &dyn Fn(Span) -> bool) -> bool {
        Asking { schema: self, known }.ask(0, Item::Node(root)) == Some(true)
    }
}

/// A schema that is asked.
struct Asking<'s> {
    schema: &'s Sure,
    known: &'s dyn Fn(Span) -> bool,
}

impl Asking<'_> {
    fn ask(&self, part: usize, item: Item<'_>) -> Answer {
        self.judge(part, item, item.kind())
    }

    fn judge(&self, part: usize, item: Item<'_>, kind: Kind<'_>) -> Answer {
        let part = self.schema.parts.get(part).filter(|part| !part.is_beyond)?;
        let is_right = part.fits(kind)?
            && match (kind, item) {
                (Kind::Str(text), _) => self.fits_text(part, text)?,
                (Kind::Int(number), _) => part.fits_number(number),
                (Kind::Float(_), _) if part.bounds != (None, None) => return None,
                (Kind::Sequence, Item::Node(node)) => self.items(part, node)?,
                (Kind::Mapping, Item::Node(node)) => self.entries(part, node)?,
                _ => true,
            };
        if is_right && part.refers { self.others(part, item, kind) } else { Some(is_right) }
    }

    /// Whether a text is as long as it has to be, and of the right form.
    fn fits_text(&self, part: &Part, text: &str) -> Answer {
        let is_long = part.least_characters == 0
            || (!text.is_empty() && (part.least_characters == 1 || text.chars().count() >= part.least_characters));
        let is_short = |most: usize| text.len() <= most || text.chars().count() <= most;
        if !is_long || !part.most_characters.is_none_or(is_short) {
            return Some(false);
        }
        let Some(pattern) = part.pattern else { return Some(true) };
        let pattern = self.schema.patterns.get(pattern)?;
        if *pattern.text == *blank::SEEN {
            return Some(!blank::is_blank(text));
        }
        // one that cannot be compiled is the validator's to complain about
        let regex = pattern.regex.get_or_init(|| Regex::new(&pattern.text).ok());
        regex.as_ref().map(|regex| regex.is_match(text))
    }

    fn items(&self, part: &Part, node: NodeRef<'_>) -> Answer {
        if node.items().len() < part.least_items {
            return Some(false);
        }
        let Some(items) = part.items else { return Some(true) };
        all(node.items().map(|item| self.ask(items, Item::Node(item))))
    }

    fn entries(&self, part: &Part, node: NodeRef<'_>) -> Answer {
        if node.entries().len() < part.least_entries {
            return Some(false);
        }
        if !part.required.iter().all(|name| node.get(name).is_some()) {
            return Some(false);
        }
        for (name, needed) in &part.dependencies {
            if node.get(name).is_some() && !needed.iter().all(|name| node.get(name).is_some()) {
                return Some(false);
            }
        }
        if let (Others::Anything, [], None) = (&part.properties.others, &*part.properties.named, part.names) {
            return Some(true);
        }
        all(node.entries().map(|entry| {
            let name = entry.name()?;
            let below = match part.properties.named(name) {
                _ if (self.known)(entry.span()) => true,
                Some(part) => self.ask(part, Item::Node(entry.value))?,
                None => match part.properties.others {
                    Others::Anything => true,
                    Others::Nothing => false,
                    Others::Part(part) => self.ask(part, Item::Node(entry.value))?,
                },
            };
            let names = part.names.map_or(Some(true), |names| self.ask(names, Item::Name(name)))?;
            Some(below && names)
        }))
    }

    /// What a part says by way of others.
    fn others(&self, part: &Part, item: Item<'_>, kind: Kind<'_>) -> Answer {
        for other in &part.all {
            if !self.judge(*other, item, kind)? {
                return Some(false);
            }
        }
        if let Some(not) = part.not
            && self.judge(not, item, kind)?
        {
            return Some(false);
        }
        if let Some((condition, then, otherwise)) = part.condition {
            let next = if self.judge(condition, item, kind)? { then } else { otherwise };
            if let Some(next) = next
                && !self.judge(next, item, kind)?
            {
                return Some(false);
            }
        }
        if !part.any.is_empty() && self.how_many(&part.any, item, kind)? == 0 {
            return Some(false);
        }
        Some(part.one.is_empty() || self.how_many(&part.one, item, kind)? == 1)
    }

    fn how_many(&self, parts: &[usize], item: Item<'_>, kind: Kind<'_>) -> Option<usize> {
        parts.iter().try_fold(0, |sum, part| Some(sum + usize::from(self.judge(*part, item, kind)?)))
    }
}

/// Whether all say yes; an early no is enough.
fn all(answers: impl Iterator<Item = Answer>) -> Answer {
    for answer in answers {
        if !answer? {
            return Some(false);
        }
    }
    Some(true)
}

impl Part {
    /// Whether the type is right, and the value in the list.
    fn fits(&self, kind: Kind<'_>) -> Answer {
        let is_type = match (&self.types, kind) {
            (None, _) => true,
            (Some(types), Kind::Null) => types.null,
            (Some(types), Kind::Bool(_)) => types.boolean,
            (Some(types), Kind::Int(_)) => types.integer || types.number,
            // `1.0` is whole
            (Some(types), Kind::Float(_)) if types.integer && !types.number => return None,
            (Some(types), Kind::Float(_)) => types.number,
            (Some(types), Kind::Str(_)) => types.string,
            (Some(types), Kind::Sequence) => types.array,
            (Some(types), Kind::Mapping) => types.object,
        };
        let is_word = match (&self.words, kind) {
            (None, _) => true,
            (Some(words), Kind::Str(text)) => words.texts.iter().any(|word| **word == *text),
            (Some(words), Kind::Bool(value)) => words.booleans.contains(&value),
            (Some(words), Kind::Int(number)) => words.integers.contains(&number),
            (Some(words), Kind::Float(_)) if !words.integers.is_empty() => return None,
            (Some(_), _) => false,
        };
        Some(is_type && is_word)
    }

    fn fits_number(&self, number: i64) -> bool {
        self.bounds.0.is_none_or(|least| least <= number) && self.bounds.1.is_none_or(|most| number <= most)
    }
}

impl Properties {
    fn new(mut named: Vec<(Box<str>, usize)>, others: Others) -> Self {
        named.sort_by_key(|(name, _)| name.len());
        let longest = named.last().map_or(0, |(name, _)| name.len() + 1);
        let starts = (0..=longest).map(|length| named.partition_point(|(name, _)| name.len() < length)).collect();
        Self { named, starts, others }
    }

    fn named(&self, name: &str) -> Option<usize> {
        let (start, end) = (self.starts.get(name.len())?, self.starts.get(name.len() + 1)?);
        self.named.get(*start..*end)?.iter().find(|(known, _)| **known == *name).map(|(_, part)| *part)
    }
}

/// Takes subschemas apart, each once.
struct Maker<'s> {
    schema: &'s Value,
    parts: Vec<Part>,
    patterns: Vec<Pattern>,
    /// By the address of the subschema: definitions refer to each other.
    known: HashMap<*const Value, usize>,
}

impl<'s> Maker<'s> {
    fn part(&mut self, schema: &'s Value) -> usize {
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        let at = self.parts.len();
        self.known.insert(schema, at);
        // until it is known, so that a circle finds its place taken
        self.parts.push(Part { is_beyond: true, ..Part::default() });
        let made = match schema {
            Value::Bool(true) => Some(Part::default()),
            Value::Object(keywords) => self.object(keywords),
            _ => None,
        };
        // what says nothing but by one other is that other
        let target = made.as_ref().and_then(|made| if let [target] = *made.all { Some(target) } else { None });
        if let Some(target) = target.filter(|_| judging(schema) == 1) {
            self.known.insert(schema, target);
        }
        if let (Some(part), Some(made)) = (self.parts.get_mut(at), made) {
            *part = made;
        }
        self.known.get(&std::ptr::from_ref(schema)).copied().unwrap_or(at)
    }

    fn object(&mut self, keywords: &'s Map<String, Value>) -> Option<Part> {
        let mut part = Part::default();
        if let Some(target) = keywords.get("$ref") {
            // in draft 7 nothing beside a reference counts
            let target = self.schema.pointer(target.as_str()?.strip_prefix('#')?)?;
            part.all.push(self.part(target));
            part.refers = true;
            return Some(part);
        }
        for (keyword, value) in keywords {
            match keyword.as_str() {
                _ if SILENT.contains(&keyword.as_str()) => {}
                "type" => part.types = Some(types(value)?),
                "enum" => part.words = Some(words(value.as_array()?)?),
                "minimum" => part.bounds.0 = Some(value.as_i64()?),
                "maximum" => part.bounds.1 = Some(value.as_i64()?),
                "minLength" => part.least_characters = count(value)?,
                "maxLength" => part.most_characters = Some(count(value)?),
                "minItems" => part.least_items = count(value)?,
                "minProperties" => part.least_entries = count(value)?,
                "pattern" => part.pattern = Some(self.pattern(value.as_str()?)),
                "items" if value.is_object() => part.items = Some(self.part(value)),
                "required" => part.required = texts(value.as_array()?)?,
                "propertyNames" => part.names = Some(self.part(value)),
                "allOf" => part.all = self.list(value)?,
                "anyOf" => part.any = self.list(value)?,
                "oneOf" => part.one = self.list(value)?,
                "dependencies" => part.dependencies = dependencies(value)?,
                "not" => part.not = Some(self.part(value)),
                "properties" | "additionalProperties" | "if" | "then" | "else" => {}
                _ => return None,
            }
        }
        let named = keywords.get("properties").and_then(Value::as_object).into_iter().flatten();
        let named = named.map(|(name, value)| (name.as_str().into(), self.part(value))).collect();
        let others = match keywords.get("additionalProperties") {
            None | Some(Value::Bool(true)) => Others::Anything,
            Some(Value::Bool(false)) => Others::Nothing,
            Some(others) => Others::Part(self.part(others)),
        };
        part.properties = Properties::new(named, others);
        if let Some(condition) = keywords.get("if") {
            let mut branch = |name: &str| keywords.get(name).map(|branch| self.part(branch));
            let (then, otherwise) = (branch("then"), branch("else"));
            part.condition = Some((self.part(condition), then, otherwise));
        }
        part.refers = !(part.all.is_empty() && part.any.is_empty() && part.one.is_empty())
            || part.not.is_some()
            || part.condition.is_some();
        Some(part)
    }

    fn pattern(&mut self, text: &str) -> usize {
        self.patterns.iter().position(|known| *known.text == *text).unwrap_or_else(|| {
            self.patterns.push(Pattern { text: text.into(), regex: OnceLock::new() });
            self.patterns.len() - 1
        })
    }

    fn list(&mut self, schemas: &'s Value) -> Option<Vec<usize>> {
        Some(schemas.as_array()?.iter().map(|schema| self.part(schema)).collect())
    }
}

/// Keywords that judge nothing.
const SILENT: &[&str] = &["$schema", "$id", "title", "description", "examples", "definitions", "default", "$comment"];

/// How many keywords judge; a reference is the only one where it is there.
fn judging(schema: &Value) -> usize {
    match schema.as_object() {
        Some(keywords) if keywords.contains_key("$ref") => 1,
        Some(keywords) => keywords.keys().filter(|keyword| !SILENT.contains(&keyword.as_str())).count(),
        None => 0,
    }
}

fn count(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn texts(values: &[Value]) -> Option<Vec<Box<str>>> {
    values.iter().map(|value| value.as_str().map(Into::into)).collect()
}

fn dependencies(value: &Value) -> Option<Dependencies> {
    let entries = value.as_object()?.iter();
    entries.map(|(name, needed)| Some((name.as_str().into(), texts(needed.as_array()?)?))).collect()
}

fn types(value: &Value) -> Option<Types> {
    let mut types = Types::default();
    for name in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
        match name.as_str()? {
            "null" => types.null = true,
            "boolean" => types.boolean = true,
            "integer" => types.integer = true,
            "number" => types.number = true,
            "string" => types.string = true,
            "array" => types.array = true,
            "object" => types.object = true,
            _ => return None,
        }
    }
    Some(types)
}

fn words(values: &[Value]) -> Option<Words> {
    let mut words = Words::default();
    for value in values {
        match value {
            Value::String(text) => words.texts.push(text.as_str().into()),
            Value::Bool(value) => words.booleans.push(*value),
            Value::Number(number) => words.integers.push(number.as_i64()?),
            _ => return None,
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "`DIFFERENCES` asks for more cases")]

    use std::path::Path;

    use super::super::SchemaKind;
    use super::super::json::copied;
    use super::*;
    use crate::source::SourceMap;
    use crate::syntax::{Limits, parse};

    /// What is written in the place of words.
    const WORDS: &[&str] = &[
        "",
        "0",
        "12",
        "-1",
        "19",
        "1.0",
        "1.5",
        ".inf",
        "1e3",
        "true",
        "null",
        "~",
        "[]",
        "{}",
        "[a]",
        "[1]",
        "{a: b}",
        "''",
        "' '",
        "none",
        "A",
        "a b",
        "é",
        "P30D",
        "P1Y2M",
        "PT",
        "2024-13-01",
        "2024-02-31",
        "\"2024-01-01\"",
        "under-13",
        "16+",
        "17-3",
        "on",
        "'off'",
        "http://a",
        "https://",
        "{before: 2024-01-01}",
        "&a",
        "*a",
        "<<: *a",
    ];

    fn next(state: &mut u64) -> usize {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap()
    }

    /// Every YAML file of the repository.
    fn texts() -> Vec<String> {
        fn below(folder: &Path, out: &mut Vec<String>) {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    below(&path, out);
                } else if path.extension().is_some_and(|it| it == "yaml") {
                    out.extend(std::fs::read_to_string(path));
                }
            }
        }
        let mut out = Vec::new();
        for folder in ["examples", "policies", "tests/cases"] {
            below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut out);
        }
        out.sort();
        out
    }

    /// Another word, line or indentation somewhere.
    fn mutate(text: &mut String, state: &mut u64) {
        let is_word = |c: char| c.is_alphanumeric() || "_-+".contains(c);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let Some(at) = next(state).checked_rem(lines.len()) else { return };
        let words: Vec<&str> = lines[at].split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
        let written = match next(state) % 3 {
            0 => lines[next(state) % lines.len()].split(|c| !is_word(c)).next_back().unwrap_or_default().to_owned(),
            _ => WORDS[next(state) % WORDS.len()].to_owned(),
        };
        match next(state) % 8 {
            0 => drop(lines.remove(at)),
            1 => {
                let copy = lines[next(state) % lines.len()].clone();
                lines.insert(at, copy);
            }
            2 => lines[at].insert_str(0, "  "),
            3 => lines[at] = lines[at].strip_prefix("  ").unwrap_or_default().to_owned(),
            4 => {
                let key = lines[at].split(':').next().unwrap_or_default().to_owned();
                lines[at] = format!("{key}: {written}");
            }
            _ => {
                if let Some(at_word) = next(state).checked_rem(words.len()) {
                    lines[at] = lines[at].replacen(words[at_word], &written, 1);
                }
            }
        }
        *text = lines.join("\n");
    }

    /// Asks both; tells what the quick one says and what the validator says.
    fn ask(kind: SchemaKind, text: &str) -> Option<(Answer, bool)> {
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", text);
        let (tree, _) = parse(&sources, file, &Limits::default());
        let root = tree.root(&tree.documents()[0])?;
        let compiled = kind.compiled();
        Some((
            Asking { schema: &compiled.sure, known: &|_| false }.ask(0, Item::Node(root)),
            compiled.validator().is_valid(&copied(root)),
        ))
    }

    #[test]
    fn what_is_sure_is_what_the_validator_says() {
        use SchemaKind::{Config, Declaration, Pack, Policy};
        let count = std::env::var("DIFFERENCES").ok().and_then(|count| count.parse().ok()).unwrap_or(1_500);
        let texts = texts();
        let (mut sure, mut valid, mut wrong) = (0, 0, 0);
        for round in 0..count {
            let mut state = round as u64;
            let mut text = texts[next(&mut state) % texts.len()].clone();
            for _ in 0..next(&mut state) % 4 {
                mutate(&mut text, &mut state);
            }
            for kind in [Declaration, Policy, Pack, Config] {
                let Some((quick, is_valid)) = ask(kind, &text) else { continue };
                assert!(quick.is_none_or(|quick| quick == is_valid), "{kind:?}: {quick:?} of {text}");
                sure += usize::from(quick == Some(true));
                valid += usize::from(is_valid);
                wrong += usize::from(quick == Some(false));
            }
        }
        println!("{valid} valid, {sure} sure, {wrong} wrong of {count}");
        assert!(sure * 8 > count && wrong * 4 > count && sure * 10 > valid * 9);
    }

    #[test]
    fn no_keyword_of_what_people_write_is_left_to_the_validator() {
        for kind in [SchemaKind::Declaration, SchemaKind::Policy, SchemaKind::Pack, SchemaKind::Config] {
            assert!(kind.compiled().sure.parts.iter().all(|part| !part.is_beyond), "{kind:?}");
        }
    }
}
