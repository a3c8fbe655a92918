//! The house rules that no compiler checks: the floors of `lib.rs`, the length of files, and what belongs together by name.

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
            let list = &list[..list.find('}').unwrap()];
            names.extend(list.split(',').map(|item| first_word(item.trim())));
        } else {
            names.insert(first_word(rest));
        }
    }
    names
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn a_module_knows_only_the_floors_above_it() {
    let floors = floors();
    assert!(floors.len() > 10, "{floors:?}");
    let mut wrong = Vec::new();
    for path in files("src", ".rs") {
        let inside = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().replace('\\', "/");
        let module = first_word(&inside);
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let own = *floors.get(&module).unwrap_or_else(|| panic!("{inside} belongs to no module of lib.rs"));
        for name in named(&fs::read_to_string(&path).unwrap()) {
            let Some(other) = floors.get(&name) else { continue };
            if name != module && *other >= own {
                wrong.push(format!("{inside} (floor {own}) uses crate::{name} (floor {other})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_test_of_floors_sees_a_use_that_goes_up() {
    assert_eq!(named("use crate::{lint::lint, source};\nlet x = crate::cli::run();").len(), 3);
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
fn main_is_short() {
    let lines = fs::read_to_string(root().join("src/main.rs")).unwrap().lines().count();
    assert!(lines <= 30, "main.rs has {lines} lines");
}

/// Codes that stand in source text as the first argument of `Diagnostic::new`.
fn raised_codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for path in files("src", ".rs") {
        let text = fs::read_to_string(&path).unwrap();
        for (at, _) in text.match_indices("Diagnostic::new(") {
            let rest = text[at + "Diagnostic::new(".len()..].trim_start();
            if let Some(code) = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                codes.insert(code.to_owned());
            }
        }
    }
    codes
}

#[test]
fn everything_the_program_raises_is_documented_as_a_rule_of_core() {
    // what ends with exit 2 instead of a finding
    let refusals = ["newer-version"];
    let documented: BTreeSet<String> = files("policies/core", ".yaml")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "pack")
        .collect();
    for code in raised_codes() {
        assert!(
            documented.contains(&code) || refusals.contains(&code.as_str()) || code.starts_with("config"),
            "policies/core/{code}.yaml is missing"
        );
    }
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
