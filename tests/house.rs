//! The house rules that no compiler checks: the floors of `lib.rs`, the length of files, and what belongs together by name.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "in a test, what cannot be is a failing test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::model::{EntityKind, Record, Type};
use purposelint::policy::PolicyFiles;
use serde_json::Value;

const LONGEST: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder with this ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, ending: &str, out: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                collect(&path, ending, out);
            } else if path.to_string_lossy().ends_with(ending) {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    collect(&root().join(folder), ending, &mut out);
    out
}

/// The floor of each module: the number of blank lines above it in the list of `lib.rs`.
fn floors() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut floors = BTreeMap::new();
    let mut floor = 0;
    let mut open = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            floors.insert(name.to_owned(), floor);
            open = true;
        } else if line.is_empty() && open {
            floor += 1;
            open = false;
        }
    }
    floors
}

/// The modules that a text names as `crate::x`, one item of `use crate::{…}` each.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            names.extend(items(list).into_iter().map(first_word));
        } else {
            names.insert(first_word(rest));
        }
    }
    names
}

/// The items of a list up to its closing brace, each with the lists inside it.
fn items(list: &str) -> Vec<&str> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(list[start..at].trim());
                return items;
            }
            ',' if depth == 0 => {
                items.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    panic!("a list that does not end: {list}")
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

/// What a file below `src/` uses that does not stand on a floor above its own.
fn uses_that_go_up(floors: &BTreeMap<String, usize>, inside: &str, text: &str) -> Vec<String> {
    let module = first_word(inside);
    if matches!(module.as_str(), "lib" | "main") {
        return Vec::new();
    }
    let own = *floors.get(&module).unwrap_or_else(|| panic!("{inside} belongs to no module of lib.rs"));
    let others = named(text).into_iter().filter(|name| *name != module);
    let others = others.filter_map(|name| Some((floors.get(&name).filter(|other| **other >= own)?, name)));
    others.map(|(other, name)| format!("{inside} (floor {own}) uses crate::{name} (floor {other})")).collect()
}

#[test]
fn a_module_knows_only_the_floors_above_it() {
    let floors = floors();
    assert!(floors.len() > 10, "{floors:?}");
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let inside = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().replace('\\', "/");
        wrong.extend(uses_that_go_up(&floors, &inside, &fs::read_to_string(&path).unwrap()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_test_of_floors_sees_a_use_that_goes_up() {
    let floors = [("hash", 0), ("source", 0), ("lint", 1), ("matrix", 1), ("cli", 2)];
    let floors: BTreeMap<String, usize> = floors.iter().map(|(name, floor)| ((*name).to_owned(), *floor)).collect();
    let (matrix, cli) = (" (floor 1) uses crate::matrix (floor 1)", " (floor 1) uses crate::cli (floor 2)");
    for (inside, text, expected) in [
        ("lint.rs", "use crate::source::Span;\nuse crate::lint::Base;", vec![]),
        ("lint.rs", "use crate::matrix::Cell;", vec![matrix]),
        ("lint/keep.rs", "let run = crate::cli::run();", vec![cli]),
        ("lint/keep.rs", "use crate::{source, cli::{self, run}};", vec![cli]),
        // what stands behind a list in a list
        (
            "lint/keep.rs",
            "use crate::{\n    hash::{Map, inner::{A, B}},\n    cli,\n    matrix::Cell,\n};",
            vec![cli, matrix],
        ),
        // an item of a list in a list is no module of its own
        ("lint/keep.rs", "use crate::{source::{cli, matrix}, hash};", vec![]),
        ("hash.rs", "use crate::source::Span;", vec![" (floor 0) uses crate::source (floor 0)"]),
        ("lib.rs", "use crate::cli;", vec![]),
    ] {
        let expected: Vec<String> = expected.iter().map(|said| format!("{inside}{said}")).collect();
        assert_eq!(uses_that_go_up(&floors, inside, text), expected, "{text}");
    }
}

#[test]
fn no_file_is_too_long() {
    for folder in ["src", "tests"] {
        for path in files(folder, ".rs") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= LONGEST, "{} has {lines} lines; split it by noun", path.display());
        }
    }
}

#[test]
fn no_comment_sends_readers_to_a_page_that_is_not_here() {
    // what is decided is written in docs/
    let elsewhere = "DESIGN";
    for path in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        let is_this = path.ends_with("tests/house.rs");
        assert!(is_this || !fs::read_to_string(&path).unwrap().contains(elsewhere), "{}", path.display());
    }
}

#[test]
fn main_is_short() {
    let lines = fs::read_to_string(root().join("src/main.rs")).unwrap().lines().count();
    assert!(lines <= 30, "main.rs has {lines} lines");
}

/// The codes that a file raises: what stands as the first argument of `Diagnostic::new`, or is behind the name there. A constant
/// is one of this file, or of a file beside it.
fn codes_of(text: &str, beside: &[String]) -> Result<BTreeSet<String>, String> {
    let mut codes = BTreeSet::new();
    for (at, _) in text.match_indices("Diagnostic::new(") {
        let first = text[at + "Diagnostic::new(".len()..].trim_start();
        if let Some(literal) = first.strip_prefix('"') {
            codes.extend(literal.split('"').next().map(str::to_owned));
            continue;
        }
        let name = first_word(first);
        let constant = format!("const {name}: ");
        let variable = format!("let {name} = ");
        let is_there = |text: &&String| text.contains(&constant);
        let (text, definition) = match text.rfind(&constant).or_else(|| text[..at].rfind(&variable)) {
            Some(definition) => (text, definition),
            None => {
                let text = beside.iter().find(is_there).ok_or_else(|| format!("who knows what `{name}` is"))?;
                (text.as_str(), text.find(&constant).unwrap())
            }
        };
        let definition = text[definition..].split(';').next().unwrap();
        // every other part stands between quotes
        let words: Vec<&str> = definition.split('"').skip(1).step_by(2).collect();
        if words.is_empty() {
            return Err(format!("no code in `{definition}`"));
        }
        codes.extend(words.into_iter().map(str::to_owned));
    }
    Ok(codes)
}

/// All codes that the program raises.
fn raised_codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for path in files("src", ".rs") {
        let beside = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        let beside = beside.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
        let beside: Vec<String> = beside.map(|path| fs::read_to_string(path).unwrap()).collect();
        let found = codes_of(&fs::read_to_string(&path).unwrap(), &beside);
        codes.extend(found.unwrap_or_else(|said| panic!("{}: {said}", path.display())));
    }
    codes
}

#[test]
fn codes_are_found_by_their_names_as_well() {
    let beside = ["const CODE: &str = \"of-another\";".to_owned()];
    for (text, expected) in [
        ("Diagnostic::new(\"one\", span, \"text\"); Diagnostic::new(\n    \"other\",\n span)", Ok("one other")),
        ("const CODE: &str = \"own\";\nDiagnostic::new(CODE, span, \"text\")", Ok("own")),
        ("Diagnostic::new(CODE, span, \"text\")", Ok("of-another")),
        ("let code = match x { A => \"a\", B => \"b\" };\nDiagnostic::new(code, span, \"text\")", Ok("a b")),
        ("let code = code_of(x);\nDiagnostic::new(code, span, \"text\")", Err("no code in `let code = code_of(x)`")),
        ("fn f(code: Code) { Diagnostic::new(code, span, \"text\") }", Err("who knows what `code` is")),
    ] {
        let found = codes_of(text, &beside).map(|codes| codes.into_iter().collect::<Vec<_>>().join(" "));
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
}

#[test]
fn everything_the_program_raises_is_documented_as_a_rule_of_core() {
    // what is wrong with a config or a pack, and is shown with its file, never as `core/…`: nobody looks it up
    let refusals = [
        "config-baseline",
        "config-core-off",
        "config-extends",
        "config-locked",
        "config-unknown-pack",
        "config-unknown-parameter",
        "config-unknown-rule",
        "invalid-rule",
    ];
    let documented = files("policies/core", ".yaml");
    let documented = documented.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let known: BTreeSet<String> = documented.filter(|name| name != "pack").chain(refusals.map(str::to_owned)).collect();
    let raised = raised_codes();
    let only =
        |these: &BTreeSet<String>, those: &BTreeSet<String>| these.difference(those).cloned().collect::<Vec<_>>();
    assert_eq!(only(&raised, &known), Vec::<String>::new(), "files are missing in policies/core");
    assert_eq!(only(&known, &raised), Vec::<String>::new(), "nothing raises these");
}

#[test]
fn every_policy_file_is_embedded() {
    let on_disk: BTreeSet<String> = files("policies", "/pack.yaml")
        .iter()
        .map(|path| path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(PolicyFiles::builtin().packs().into_iter().collect::<BTreeSet<_>>(), on_disk);
}

/// The keys that a definition of the declaration schema allows.
fn keys(schema: &Value, definition: &Value) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if let Some(reference) = definition.get("$ref").and_then(Value::as_str) {
        return keys_at(schema, reference);
    }
    for part in definition.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        keys.extend(self::keys(schema, part));
    }
    keys.extend(
        definition.get("properties").and_then(Value::as_object).into_iter().flat_map(|map| map.keys().cloned()),
    );
    keys
}

fn keys_at(schema: &Value, reference: &str) -> BTreeSet<String> {
    keys(schema, schema.pointer(reference.trim_start_matches('#')).unwrap())
}

#[test]
fn the_table_of_fields_and_the_schema_say_the_same() {
    let text = fs::read_to_string(root().join("schemas/declaration.v1.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    for kind in [EntityKind::Organisation, EntityKind::Notice, EntityKind::Setting, EntityKind::Purpose] {
        let map = &schema["properties"][kind.key()];
        let definition =
            map.get("additionalProperties").filter(|value| value.is_object()).cloned().unwrap_or_else(|| {
                let reference = map["$ref"].as_str().or_else(|| map["allOf"][0]["$ref"].as_str()).unwrap();
                schema.pointer(reference.trim_start_matches('#')).unwrap()["additionalProperties"].clone()
            });
        let mut in_schema = keys(&schema, &definition);
        // selectors and overrides are not fields
        for key in ["overrides", "regions", "ages"] {
            in_schema.remove(key);
        }
        let in_table: BTreeSet<String> =
            kind.record().fields().iter().filter(|field| !field.derived).map(|field| field.name.to_owned()).collect();
        assert_eq!(in_schema, in_table, "{}", kind.noun());
    }
}

#[test]
fn every_record_of_the_table_is_reachable() {
    fn visit(record: Record, seen: &mut BTreeSet<Record>) {
        if !seen.insert(record) {
            return;
        }
        for field in record.fields() {
            let mut ty = field.ty;
            while let Type::List(inner) = ty {
                ty = *inner;
            }
            match ty {
                Type::Record(inner) => visit(inner, seen),
                Type::Ref(kind) => visit(kind.record(), seen),
                Type::Setting => visit(Record::Setting, seen),
                _ => {}
            }
        }
    }
    let mut seen = BTreeSet::new();
    visit(Record::Service, &mut seen);
    assert!(
        seen.contains(&Record::Right) && seen.contains(&Record::Reads) && seen.contains(&Record::Scope),
        "{seen:?}"
    );
}
