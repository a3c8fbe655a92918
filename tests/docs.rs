//! The manual and the examples, kept true: every snippet is run, every rule has its page, every field its place.
//!
//! In `docs/*.md` and the READMEs of `examples/`, a `yaml` block that begins with a file name in a comment is that file, and a
//! `console` block that begins with `$ purposelint` runs where these files are. A heading of the second level starts with an
//! empty folder, in an example with a fresh copy of it. `UPDATE=1 cargo test` rewrites what is printed or generated.
//! `yml` blocks are recipes for other programs; `tests/ecosystem/` holds those.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "in a test, what cannot be is a failing test"
)]

mod transcript;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use purposelint::change::directions;
use purposelint::explain::{markdown, markdown_index, markdown_jurisdictions};
use purposelint::policy::{Depth, Expectation, Library, PolicyFiles};
use purposelint::space::Atlas;
use serde_json::Value;
use transcript::{Block, again, blocks, copy, folders, root, run, updating};

/// The pages written by hand, with the folder that their commands start from.
fn pages() -> Vec<(PathBuf, Option<PathBuf>)> {
    let mut out: Vec<(PathBuf, Option<PathBuf>)> = fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path, None))
        .collect();
    out.extend(folders(&root().join("examples")).into_iter().map(|folder| (folder.join("README.md"), Some(folder))));
    out.sort();
    out
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// The file that a block stands for: its first line is a comment with nothing but a path.
fn file_of(block: &Block, text: &str) -> Option<String> {
    let first = block.content(text).lines().next()?.strip_prefix("# ")?;
    let is_path = first.ends_with(".yaml") && !first.contains(char::is_whitespace);
    (block.language == "yaml" && is_path).then(|| first.to_owned())
}

fn write(folder: &Path, file: &str, content: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Compares, or with `UPDATE=1` writes.
fn hold(path: &Path, expected: &str, wrong: &mut Vec<String>) {
    let actual = fs::read_to_string(path).unwrap_or_default();
    if actual == expected {
        return;
    }
    if updating() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
    } else {
        wrong.push(format!("== {}\n-- it says\n{actual}\n-- it should say\n{expected}", name(path)));
    }
}

fn report_wrong(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}\nrewrite with UPDATE=1 cargo test", wrong.join("\n"));
}

#[test]
fn every_snippet_shows_what_happens() {
    let mut wrong = Vec::new();
    let mut commands = 0;
    for (path, start) in pages() {
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", name(&path)));
        let mut updated = text.clone();
        let mut folder = None;
        let mut shift = 0_isize;
        for block in blocks(&text) {
            let here = folder.take().filter(|(heading, _)| *heading == block.heading).unwrap_or_else(|| {
                let fresh = tempfile::tempdir().unwrap();
                if let Some(start) = &start {
                    copy(start, fresh.path(), "README.md");
                }
                (block.heading.clone(), fresh)
            });
            let content = block.content(&text);
            if let Some(file) = file_of(&block, &text) {
                write(here.1.path(), &file, content);
            } else if content.starts_with("$ purposelint") {
                assert_eq!(block.language, "console", "{}: {content}", name(&path));
                let shown = again(content, here.1.path());
                let at = |offset: usize| offset.checked_add_signed(shift).unwrap();
                updated.replace_range(at(block.range.start)..at(block.range.end), &shown);
                shift += shown.len().cast_signed() - content.len().cast_signed();
                commands += 1;
            } else {
                assert_ne!(block.language, "yaml", "{}: the first line is no file name:\n{content}", name(&path));
            }
            folder = Some(here);
        }
        hold(&path, &updated, &mut wrong);
    }
    report_wrong(&wrong);
    assert!(commands >= 20, "only {commands} blocks with commands");
}

#[test]
fn every_file_of_a_page_is_used_by_a_command() {
    for (path, _) in pages().into_iter().filter(|(path, _)| !path.ends_with("format.md")) {
        let text = fs::read_to_string(&path).unwrap();
        let mut unused: Option<(String, String)> = None;
        for block in blocks(&text) {
            if let Some((heading, file)) = &unused {
                assert_eq!(*heading, block.heading, "{}: no command uses {file}", name(&path));
            }
            match file_of(&block, &text) {
                Some(file) => unused = Some((block.heading.clone(), file)),
                None if block.language == "console" => unused = None,
                None => {}
            }
        }
        assert!(unused.is_none(), "{}: no command uses {unused:?}", name(&path));
    }
}

#[test]
fn every_rule_has_its_page_and_every_page_its_rule() {
    let files = PolicyFiles::builtin();
    let (library, problems) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Whole);
    assert!(problems.is_empty(), "{problems:?}");
    let folder = root().join("docs/rules");
    let mut expected: BTreeMap<PathBuf, String> =
        library.rules().map(|rule| (folder.join(format!("{}.md", rule.id)), markdown(rule))).collect();
    expected.insert(folder.join("index.md"), markdown_index(&library.packs));
    expected.insert(folder.join("jurisdictions.md"), markdown_jurisdictions(&library.packs, &library.atlas));
    let mut wrong = Vec::new();
    for (path, text) in &expected {
        hold(path, text, &mut wrong);
    }
    for path in files_below(&folder).into_iter().filter(|path| !expected.contains_key(path)) {
        if updating() {
            fs::remove_file(&path).unwrap();
        } else {
            wrong.push(format!("== {} belongs to no rule", name(&path)));
        }
    }
    report_wrong(&wrong);
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut out = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { out.extend(files_below(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

#[test]
fn links_lead_somewhere_and_lines_are_not_too_long() {
    let written = pages().into_iter().map(|(path, _)| path);
    let generated = files_below(&root().join("docs/rules"));
    let hand_written = written.len();
    for (at, path) in written.chain(generated).enumerate() {
        let text = fs::read_to_string(&path).unwrap();
        for (start, _) in text.match_indices("](") {
            let target = text[start + 2..].split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(path.parent().unwrap().join(target).exists(), "{}: {target}", name(&path));
            }
        }
        // what is printed, tables and addresses cannot be broken
        let free = |line: &str| !line.starts_with('|') && !line.contains("://");
        let printed: Vec<_> = blocks(&text).into_iter().filter(|block| block.language == "console").collect();
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let inside = printed.iter().any(|block| block.range.contains(&from));
            let long = line.trim_end().chars().count() > 120;
            assert!(at >= hand_written || inside || !long || !free(line), "{}: {line}", name(&path));
            from += line.len();
        }
    }
}

/// `schemas/declaration.v1.json`
struct Schema(Value);

/// A kind of mapping in the schema: its name, and the schema that has its `properties`.
type Mapping<'s> = (String, &'s Value);

impl Schema {
    fn read() -> Self {
        let text = fs::read_to_string(root().join("schemas/declaration.v1.json")).unwrap();
        Self(serde_json::from_str(&text).unwrap())
    }

    /// Follows references to the schema that says what a value is made of.
    fn resolve<'s>(&'s self, name: String, node: &'s Value) -> Mapping<'s> {
        let reference = node["$ref"].as_str().or_else(|| node["allOf"][0]["$ref"].as_str());
        match reference.or_else(|| node["then"]["$ref"].as_str()) {
            Some(reference) => {
                let name = reference.rsplit('/').next().unwrap().to_owned();
                self.resolve(name, self.0.pointer(reference.trim_start_matches('#')).unwrap())
            }
            None => (name, node),
        }
    }

    /// What stands below a key, an item of it where it is a list or a map by id.
    fn below<'s>(&'s self, key: &str, node: &'s Value) -> Mapping<'s> {
        let (name, node) = self.resolve(key.to_owned(), node);
        match [&node["items"], &node["additionalProperties"]].into_iter().find(|inner| inner.is_object()) {
            Some(inner) if !node["properties"].is_object() => self.resolve(key.to_owned(), inner),
            _ => (name, node),
        }
    }

    /// Every mapping with its keys.
    fn mappings(&self) -> BTreeMap<String, &Value> {
        let mut out = BTreeMap::new();
        let mut open = vec![("declaration".to_owned(), &self.0)];
        while let Some((name, node)) = open.pop() {
            let Some(properties) = node["properties"].as_object() else { continue };
            if out.insert(name, node).is_none() {
                open.extend(properties.iter().map(|(key, below)| self.below(key, below)));
            }
        }
        out
    }

    /// Notes the keys that a declaration uses, as `mapping.key`.
    fn used(&self, (name, node): Mapping<'_>, value: &Value, out: &mut BTreeSet<String>) {
        let Some(properties) = node["properties"].as_object() else { return };
        for (key, value) in value.as_object().into_iter().flatten() {
            out.insert(format!("{name}.{key}"));
            let Some(schema) = properties.get(key) else { continue };
            let (_, inner) = self.resolve(key.clone(), schema);
            let by_id = inner["additionalProperties"].is_object() && !inner["properties"].is_object();
            let values: Vec<&Value> = match value {
                Value::Array(items) => items.iter().collect(),
                Value::Object(map) if by_id => map.values().collect(),
                value => vec![value],
            };
            for value in values {
                self.used(self.below(key, schema), value, out);
            }
        }
    }
}

#[test]
fn the_page_on_changes_has_the_direction_of_every_field() {
    let path = root().join("docs/changes.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut table = String::from("\n| field | worse is | because |\n|---|---|---|\n");
    for (field, entry) in directions() {
        let star = if entry.exposes { " *" } else { "" };
        table.push_str(&format!("| `{field}`{star} | {} | {} |\n", entry.scale.worse().unwrap(), entry.why));
    }
    let open = text.find("<!-- directions -->\n").unwrap() + "<!-- directions -->\n".len();
    let close = open + text[open..].find("<!-- end -->").unwrap();
    let mut wrong = Vec::new();
    hold(&path, &format!("{}{table}\n{}", &text[..open], &text[close..]), &mut wrong);
    report_wrong(&wrong);
}

#[test]
fn packs_that_are_shown_pass_their_own_tests() {
    let mut tested = 0;
    for (path, _) in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let mut sections: BTreeMap<String, BTreeMap<String, &str>> = BTreeMap::new();
        let mut told = BTreeSet::new();
        for block in blocks(&text) {
            let content = block.content(&text);
            // a page that runs the tests itself says what comes of them, mistakes included
            if content.contains("$ purposelint test") {
                told.insert(block.heading.clone());
            }
            if let Some(file) = file_of(&block, &text) {
                sections.entry(block.heading).or_default().insert(file, content);
            }
        }
        for (heading, files) in sections.into_iter().filter(|(heading, _)| !told.contains(heading)) {
            for pack in files.keys().filter_map(|file| file.strip_suffix("/pack.yaml")) {
                let folder = tempfile::tempdir().unwrap();
                let of_pack = files.iter().filter(|(file, _)| file.starts_with(&format!("{pack}/")));
                of_pack.for_each(|(file, content)| write(folder.path(), file, content));
                let name = pack.rsplit('/').next().unwrap();
                let shown = run(&format!("purposelint test {name} --packs {pack}"), folder.path());
                assert!(!shown.contains("[exit"), "{} under {heading}:\n{shown}", self::name(&path));
                tested += 1;
            }
        }
    }
    assert!(tested >= 5, "{tested}");
}

fn format_page() -> (PathBuf, String) {
    let path = root().join("docs/format.md");
    let text = fs::read_to_string(&path).unwrap();
    (path, text)
}

#[test]
fn the_page_on_the_format_shows_every_field() {
    let schema = Schema::read();
    let (_, text) = format_page();
    let mut used = BTreeSet::new();
    for block in blocks(&text) {
        if file_of(&block, &text).is_some_and(|file| file.ends_with("purposes.yaml")) {
            let declaration: Value = serde_yaml::from_str(block.content(&text)).unwrap();
            schema.used(("declaration".to_owned(), &schema.0), &declaration, &mut used);
        }
    }
    let mut missing = BTreeSet::new();
    for (mapping, node) in schema.mappings() {
        let keys = node["properties"].as_object().unwrap().keys();
        missing.extend(keys.map(|key| format!("{mapping}.{key}")).filter(|field| !used.contains(field)));
    }
    assert!(missing.is_empty(), "docs/format.md has no example of {missing:?}");
}

#[test]
fn the_page_on_the_format_describes_every_field() {
    let schema = Schema::read();
    let (path, text) = format_page();
    let mappings = schema.mappings();
    let mut described = BTreeSet::new();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("<!-- fields: ") {
        let open = at + rest[at..].find("-->\n").unwrap() + 4;
        let close = open + rest[open..].find("<!-- end -->").unwrap();
        let mapping = rest[at + "<!-- fields: ".len()..open - 4].trim();
        described.insert(mapping.to_owned());
        out.push_str(&rest[..open]);
        out.push_str(&fields(&mappings, mapping));
        rest = &rest[close..];
    }
    out.push_str(rest);
    let mut wrong = Vec::new();
    hold(&path, &out, &mut wrong);
    report_wrong(&wrong);
    assert_eq!(described, mappings.into_keys().collect::<BTreeSet<_>>(), "lists in docs/format.md");
}

/// The fields of a mapping as a list, as the schema describes them. An override lists only what the mapping it changes has not.
fn fields(mappings: &BTreeMap<String, &Value>, mapping: &str) -> String {
    let node = mappings.get(mapping).unwrap_or_else(|| panic!("the schema has no mapping {mapping}"));
    let keys = |name: &str| mappings.get(name).and_then(|node| node["properties"].as_object());
    let changed = mapping.strip_suffix("_override").and_then(keys);
    let overrides = keys(&format!("{mapping}_override"));
    let required = |key: &str| node["required"].as_array().is_some_and(|list| list.iter().any(|name| name == key));
    let mut out = String::from("\n");
    for (key, property) in node["properties"].as_object().unwrap() {
        if changed.is_some_and(|changed| changed.contains_key(key)) {
            continue;
        }
        let mark = if overrides.is_some_and(|overrides| overrides.contains_key(key)) { " *(o)*" } else { "" };
        let needed = if required(key) { " *(needed)*" } else { "" };
        let mut line = format!("- `{key}`{mark}{needed}:");
        for word in property["description"].as_str().unwrap().split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > 120 {
                out.push_str(&format!("{line}\n"));
                line = format!("  {word}");
            } else {
                line.push_str(&format!(" {word}"));
            }
        }
        out.push_str(&format!("{line}\n"));
    }
    out.push('\n');
    out
}

#[test]
fn the_declarations_on_the_format_are_sound() {
    let (_, text) = format_page();
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for block in blocks(&text) {
        let Some(file) = file_of(&block, &text) else { continue };
        let section = sections.entry(block.heading.clone()).or_default();
        let twice = section.insert(file.clone(), block.content(&text).to_owned());
        assert!(twice.is_none(), "{}: {file} stands there twice", block.heading);
    }
    assert!(sections.len() >= 5, "{:?}", sections.keys());
    for (heading, files) in sections {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(file, content)| write(folder.path(), file, content));
        if !files.contains_key("purposelint.yaml") {
            write(folder.path(), "purposelint.yaml", "version: 1\npacks: [core]\n");
        }
        let shown = run("purposelint check --as-of 2026-11-21 --format concise", folder.path());
        // exit code 3: no rule of core has anything to say
        assert!(!shown.contains("[core/") && !shown.contains("[exit 2]"), "{heading}:\n{shown}");
    }
}

#[test]
fn the_map_of_the_source_is_that_of_the_source() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut floors: Vec<Vec<String>> = vec![Vec::new()];
    for line in library.lines() {
        match line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            Some(module) => floors.last_mut().unwrap().push(module.to_owned()),
            None if line.is_empty() && !floors.last().unwrap().is_empty() => floors.push(Vec::new()),
            None => {}
        }
    }
    let map = blocks(&page).into_iter().find(|block| block.language == "text").unwrap();
    let mut shown: Vec<Vec<String>> = vec![Vec::new()];
    for line in map.content(&page).lines() {
        let module = line.split(char::is_whitespace).next().unwrap();
        match module.trim_end_matches('/').trim_end_matches(".rs") {
            "" => shown.push(Vec::new()),
            "main" => {}
            name => shown.last_mut().unwrap().push(name.to_owned()),
        }
        assert!(root().join("src").join(module).exists(), "docs/architecture.md: `{module}` is not in src/");
    }
    shown.retain(|floor| !floor.is_empty());
    assert_eq!(shown, floors, "docs/architecture.md and src/lib.rs");
}

#[test]
fn what_is_said_not_to_be_there_is_not() {
    let absent = ["std::net", "static mut", "thread_local!"];
    for path in files_below(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let found = absent.iter().find(|name| text.contains(**name));
        assert!(found.is_none(), "{} uses {found:?}; see docs/architecture.md", path.display());
        // counters that a caller hands in are not global, and neither is what a run keeps for itself
        let changing = ["Atomic", "Mutex", "RwLock", "Cell"];
        let changes = |line: &str| changing.iter().any(|name| line.contains(name)) && !line.contains("OnceCell");
        let is_global = text.lines().any(|line| line.contains("static ") && changes(line));
        assert!(!is_global, "{}", path.display());
        assert!(path.ends_with("src/main.rs") || !text.contains("SystemTime::now"), "{}", path.display());
        assert!(path.ends_with("src/cli/progress.rs") || !text.contains("Instant::now"), "{}", path.display());
    }
}

#[test]
fn the_two_lists_of_countries_are_all_that_differs() {
    let facts = |folder: &str| -> Vec<String> {
        let text = fs::read_to_string(root().join("examples").join(folder).join("purposes.yaml")).unwrap();
        let code = |line: &str| line.split(" #").next().unwrap().trim_end().to_owned();
        text.lines().filter(|line| !line.starts_with('#')).map(code).collect()
    };
    let (first, second) = (facts("linkedin-2024"), facts("linkedin-2024-uk-excluded"));
    assert_eq!(second[..first.len()], first[..]);
    let added: Vec<&str> = second[first.len()..].iter().map(|line| line.trim()).collect();
    assert_eq!(added, ["- regions: [GB]", "from: 2024-09-20", "carried_out: false"]);
}

#[test]
fn every_claim_has_its_rule_and_is_flagged_somewhere() {
    let files = PolicyFiles::builtin();
    let (library, _) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), Depth::Whole);
    let shown = run("purposelint check --as-of 2024-09-18 --format json", &root().join("examples/linkedin-2024"));
    let report: Value = serde_json::from_str(shown.strip_suffix("[exit 1]\n").unwrap()).unwrap();
    let line = |id: &str| {
        let failed = |finding: &&Value| finding["rule"] == id && finding["outcome"] == "fail";
        let finding = report["findings"].as_array().unwrap().iter().find(failed)?;
        finding["primary"]["start"]["line"].as_u64()
    };
    let path = root().join("docs/claims.md");
    let mut out = String::new();
    let mut claims = 0;
    for text in fs::read_to_string(&path).unwrap().lines() {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let name = cells.get(2).and_then(|cell| cell.split('`').nth(1));
        let Some(name) = name.filter(|_| text.starts_with("| ")) else {
            out.push_str(&format!("{text}\n"));
            continue;
        };
        claims += 1;
        let id = format!("fair-defaults/{name}");
        let (rule, place) = match (library.rule(&id), line(&id)) {
            (None, _) => (format!("`{name}`"), "not yet a rule".to_owned()),
            (Some(_), Some(line)) => (
                format!("[`{name}`](rules/{id}.md)"),
                format!("[line {line} of the example](../examples/linkedin-2024/purposes.yaml#L{line})"),
            ),
            (Some(rule), None) => {
                let example = rule.examples.iter().find(|example| example.expect == Expectation::Flagged).unwrap();
                (format!("[`{name}`](rules/{id}.md)"), format!("example of the rule: {}", example.title))
            }
        };
        out.push_str(&format!("| {} | {rule} | {place} |\n", cells[1]));
    }
    let mut wrong = Vec::new();
    hold(&path, &out, &mut wrong);
    report_wrong(&wrong);
    assert!(claims > 30, "{claims}");
}
