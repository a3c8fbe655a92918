//! The inputs that the fuzzers found worth keeping, and those that once broke something, tried again. What `fuzz/run` begins with
//! is written here as well: `UPDATE=1 cargo test --test corpora` writes the dictionary, the ignored test the seeds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use purposelint::policy::{Depth, Library, PolicyFiles};
use purposelint::space::Atlas;
use serde_json::Value;

/// All corpora together: what is kept is to be read by people, and replayed by everybody.
const MOST_BYTES: u64 = 400_000;
const MOST_FILES: usize = 600;

/// Seeds of one target: all of them are tried before anything is made up.
const MOST_SEEDS: usize = 400;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

fn replay(target: &str, run: fn(&[u8])) {
    let inputs = files(&root().join("fuzz/corpus").join(target));
    assert!(!inputs.is_empty(), "fuzz/corpus/{target} is empty");
    for path in inputs {
        let data = fs::read(&path).unwrap();
        assert!(catch_unwind(|| run(&data)).is_ok(), "{} fails, see above", path.display());
    }
}

#[test]
fn cache() {
    replay("cache", fuzz::cache::run);
}

#[test]
fn changes() {
    replay("changes", fuzz::changes::run);
}

#[test]
fn comments() {
    replay("comments", fuzz::comments::run);
}

#[test]
fn conditions() {
    replay("conditions", fuzz::conditions::run);
}

#[test]
fn config() {
    replay("config", fuzz::config::run);
}

#[test]
fn edits() {
    replay("edits", fuzz::edits::run);
}

#[test]
fn findings() {
    replay("findings", fuzz::findings::run);
}

#[test]
fn fixes() {
    replay("fixes", fuzz::fixes::run);
}

#[test]
fn rules() {
    replay("rules", fuzz::rules::run);
}

#[test]
fn tree() {
    replay("tree", fuzz::tree::run);
}

#[test]
fn corpora_are_small_and_each_has_its_target() {
    let all = files(&root().join("fuzz/corpus"));
    let bytes: u64 = all.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= MOST_BYTES && all.len() <= MOST_FILES, "{bytes} bytes in {} files", all.len());
    let folders = |folder: &str| -> BTreeSet<String> {
        let paths = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(folders("fuzz/corpus"), folders("fuzz/targets"));
    let this = fs::read_to_string(root().join("tests/corpora.rs")).unwrap();
    for target in folders("fuzz/targets") {
        assert!(this.contains(&format!("replay(\"{target}\", fuzz::{target}::run)")), "{target} is not replayed");
    }
}

/// Every key and every word of a schema.
fn words(schema: &Value, out: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                if let (true, Value::Object(properties)) = (key == "properties", value) {
                    out.extend(properties.keys().map(|name| format!("{name}: ")));
                }
                if let (true, Value::Array(words)) = (key == "enum", value) {
                    out.extend(words.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                words(value, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, out)),
        _ => {}
    }
}

/// What no schema has: the signs of YAML, of conditions, of comments, and of inputs that stand for several texts.
const SIGNS: [&str; 76] = [
    "\n",
    "\n  ",
    "\n    ",
    "\n- ",
    "\r\n",
    "\t",
    ": ",
    ", ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "!!int ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "#",
    " # ",
    "\u{feff}",
    "é",
    "😀",
    "~",
    "null",
    "true",
    "false",
    "2026-01-01",
    "P1Y",
    "16+",
    "13-15",
    "[EU, GB]",
    "EEA",
    "US",
    "WORLD",
    "=====\n",
    "# all packs\n",
    "# pack\n",
    "# vocabulary\n",
    "# groups\n",
    "# lexicon\n",
    "# table\n",
    "# purposelint: ignore[",
    "]: because",
    " until 2027-01-31: ",
    "fair-defaults/ai-training-on-by-default",
    "core/unknown-key",
    " && ",
    " || ",
    "!",
    " == ",
    " != ",
    " <= ",
    " in ",
    " ? ",
    "has(",
    "size(",
    ".exists(x, ",
    ".all(x, ",
    ".filter(x, ",
    ".map(x, ",
    ".startsWith(\"",
    "days(",
    "states_in(\"EU\")",
    "purpose.",
    "setting.",
    "params.",
    "train_ai_system",
];

#[test]
fn the_dictionary_has_the_words_of_all_schemas() {
    let mut all: BTreeSet<String> = SIGNS.iter().map(|sign| (*sign).to_owned()).collect();
    for name in ["declaration.v1", "policy.v1", "config.v1"] {
        let text = fs::read_to_string(root().join(format!("schemas/{name}.json"))).unwrap();
        words(&serde_json::from_str(&text).unwrap(), &mut all);
    }
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
    let escaped = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("\\x{byte:02x}") };
    let line = |word: &String| format!("\"{}\"\n", word.bytes().map(escaped).collect::<String>());
    let expected: String = all.iter().map(line).collect();
    let path = root().join("fuzz/words.dict");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), expected, "run `UPDATE=1 cargo test --test corpora`");
}

/// Inputs to begin with, by target: declarations, rules and configs of ours, and the cases of the YAML test suite where it is.
struct Seeds(BTreeSet<(&'static str, Vec<u8>)>);

impl Seeds {
    fn add(&mut self, target: &'static str, data: impl AsRef<[u8]>) {
        self.0.insert((target, data.as_ref().to_vec()));
    }

    /// A declaration, for all that reads one.
    fn declaration(&mut self, text: &str) {
        for target in ["tree", "findings", "fixes"] {
            self.add(target, text);
        }
        self.add("findings", format!("# all packs\n{text}"));
        for (from, to) in [("default: off", "default: on"), ("default: on", "default: ask"), ("    ", "     ")] {
            let changed = text.replace(from, to);
            if changed != text {
                self.add("changes", format!("{text}=====\n{changed}"));
            }
        }
    }
}

#[test]
#[ignore = "writes fuzz/seeds for fuzz/run"]
fn seeds() {
    let mut seeds = Seeds(BTreeSet::new());
    let builtin = PolicyFiles::builtin();
    let (library, _) = Library::load(&builtin, &builtin.packs(), Atlas::builtin().clone(), Depth::Whole);
    for rule in library.rules() {
        for example in &rule.examples {
            seeds.declaration(&example.text);
            if let Some(before) = &example.before {
                seeds.add("changes", format!("{before}=====\n{}", example.text));
            }
        }
        let conditions = rule.when.iter().chain(&rule.require).map(|condition| condition.text());
        let templates = rule.message.iter().chain(&rule.help).map(|template| template.text());
        conditions.chain(templates).for_each(|text| seeds.add("conditions", text));
        seeds.add("comments", format!("[{}]: because", rule.id));
    }
    for path in ["examples", "policies", "tests/cases"].iter().flat_map(|folder| files(&root().join(folder))) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let is_policy = path.starts_with(root().join("policies"));
        match name.as_str() {
            "purposelint.yaml" => seeds.add("config", &text),
            "pack.yaml" | "vocabulary.yaml" | "groups.yaml" => {
                seeds.add("rules", format!("# {}\n{text}", name.trim_end_matches(".yaml")));
            }
            _ if name.ends_with("purposes.yaml") => seeds.declaration(&text),
            _ if is_policy && folder == "lexicons" => seeds.add("rules", format!("# lexicon\n{text}")),
            _ if is_policy && folder == "tables" => seeds.add("rules", format!("# table\n{text}")),
            _ if name.ends_with(".yaml") && (is_policy || folder == "acme") => seeds.add("rules", &text),
            _ => {}
        }
    }
    let suite = root().join("../shared/data/yaml-test-suite.json");
    let suite: Value = fs::read_to_string(suite).map_or(Value::Null, |text| serde_json::from_str(&text).unwrap());
    let texts = suite["cases"].as_array().into_iter().flatten().filter_map(|case| case["yaml"].as_str());
    texts.for_each(|text| seeds.add("tree", text));
    let folder = root().join("fuzz/seeds");
    let _gone = fs::remove_dir_all(&folder);
    let targets: BTreeSet<&str> = seeds.0.iter().map(|(target, _)| *target).collect();
    for target in targets {
        let own: Vec<&Vec<u8>> = seeds.0.iter().filter(|(of, _)| *of == target).map(|(_, data)| data).collect();
        fs::create_dir_all(folder.join(target)).unwrap();
        for (at, data) in own.iter().enumerate().step_by(own.len() / MOST_SEEDS + 1) {
            fs::write(folder.join(target).join(format!("{at:05}")), data).unwrap();
        }
    }
}
