//! What the program is made of, and what it never does: dependencies against `deny.toml`, limits against `SECURITY.md`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a failing unwrap is a failing test"
)]

mod page;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Crates of which the binary has two versions, because two dependencies have not moved yet.
const TWICE: [&str; 3] = ["getrandom", "syn", "unicode-width"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The texts in quotes of `key = [ … ]` in `deny.toml`, comments left out.
fn listed(key: &str) -> Vec<String> {
    let file = text("deny.toml");
    let lines: String = file.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let at = lines.find(&format!("\n{key} = [")).unwrap();
    let list = &lines[at..at + lines[at..].find("]\n").unwrap()];
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The crates of the binary for Linux, and those that build it: name, version and licence.
fn tree(edges: &str) -> BTreeSet<(String, String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--target", "x86_64-unknown-linux-gnu", "--no-dedupe", "--prefix", "none"])
        .args(["--edges", edges, "--format", "{p}|{l}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let package = |line: &str| {
        let (package, licence) = line.split_once('|').unwrap();
        let mut words = package.split(' ');
        (words.next().unwrap().to_owned(), words.next().unwrap().to_owned(), licence.to_owned())
    };
    lines.lines().filter(|line| line.contains('|')).map(package).collect()
}

/// Whether a licence in the words of SPDX may be chosen so that only allowed ones apply.
fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    let licence = licence.replace('/', " OR ");
    licence.split(" AND ").all(|part| {
        let part = part.trim_matches(['(', ')']);
        part.split(" OR ").any(|one| allowed.iter().any(|known| known == one.trim_matches(['(', ')', ' '])))
    })
}

#[test]
fn every_licence_may_be_shipped() {
    let allowed = listed("allow");
    assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed) && is_allowed("Apache-2.0/MIT", &allowed));
    assert!(!is_allowed("MIT AND GPL-3.0", &allowed) && !is_allowed("", &allowed));
    let wrong: Vec<_> =
        tree("normal,build").into_iter().filter(|(_, _, licence)| !is_allowed(licence, &allowed)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn nothing_in_the_lock_file_opens_a_connection_or_comes_from_elsewhere() {
    let banned = listed("deny");
    assert!(banned.len() > 10, "{banned:?}");
    let lock = text("Cargo.lock");
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        let name = field("name").unwrap();
        assert!(!banned.contains(&name), "{name} is banned by deny.toml");
        if name != "purposelint" {
            let source = field("source").unwrap_or_default();
            assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "{name}");
            assert!(field("checksum").is_some(), "{name} has no checksum");
        }
    }
}

/// Whether a line brings in what starts programs.
fn names_a_program(line: &str) -> bool {
    line.find("process::").is_some_and(|at| line[at..].contains("Command"))
}

#[test]
fn programs_are_run_in_one_place_and_it_runs_git() {
    let mut runs = Vec::new();
    let mut open = vec![root().join("src")];
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else if fs::read_to_string(&path).unwrap().lines().any(names_a_program) {
                runs.push(path);
            }
        }
    }
    let git: PathBuf = root().join("src/git.rs");
    assert_eq!(runs, std::slice::from_ref(&git));
    let source = fs::read_to_string(git).unwrap();
    assert_eq!(source.matches("Command::new(").count(), 1);
    assert!(source.contains("Command::new(\"git\")"));
}

/// The value of a constant in the source, in decimal.
fn constant(file: &str, name: &str) -> u64 {
    let source = text(file);
    let at = source.find(name).unwrap_or_else(|| panic!("{file} has no {name}"));
    let rest = &source[at + name.len()..];
    let end = rest.find([';', ',', '}']).unwrap();
    let value = rest[..end].rsplit(['=', ':']).next().unwrap().replace('_', "");
    let product = |text: &str| text.split('*').map(|factor| factor.trim().parse::<u64>().unwrap()).product();
    match value.split_once("<<") {
        Some((one, shift)) => product(one) << product(shift),
        None => product(&value),
    }
}

#[test]
fn the_table_of_limits_is_that_of_the_code() {
    let limits = [
        ("bytes of a file", "src/syntax/parse.rs", "Self { file_size:", "`limits.file_bytes`"),
        ("levels of lists and mappings", "src/syntax/parse.rs", ", depth:", "`limits.depth`"),
        (
            "nodes that aliases add to a document; 64 bytes of a text count as one",
            "src/syntax/parse.rs",
            ", alias_nodes:",
            "`limits.alias_nodes`",
        ),
        ("entries of a list or mapping, documents of a file", "src/syntax/parse.rs", ", entries:", "`limits.entries`"),
        ("letters of an id", "src/model/lower.rs", "const LONGEST_ID", ""),
        ("syntax errors that are listed for a file", "src/syntax/builder.rs", "const MOST_DIAGNOSTICS", ""),
        ("combinations of the overrides of a purpose or setting", "src/resolve/work.rs", "const MOST_COMBINATIONS", ""),
        ("groups of people of a service", "src/resolve/work.rs", "const MOST_ATOMS", ""),
        ("steps for a service, estimated before it is judged", "src/resolve/work.rs", "const MOST_STEPS", ""),
        ("steps of the conditions of all rules for a service", "src/syntax/parse.rs", ", steps:", "`limits.steps`"),
        ("nesting of a condition", "src/policy/condition/parse.rs", "const MAX_NESTING", ""),
        (
            "steps of a condition for one purpose and group of people",
            "src/policy/condition/eval.rs",
            "const MAX_STEPS",
            "",
        ),
        ("files of a config with all it extends", "src/config/extends.rs", "const MOST_LAYERS", ""),
        ("entries of `files` in a config", "src/config/load.rs", "const MOST_FILES", ""),
        ("globs of paths in a config", "src/config/load.rs", "const MOST_PATH_GLOBS", ""),
        ("bytes of a glob of paths", "src/discover/globs.rs", "const LONGEST: usize", ""),
        ("globs of rules in a config", "src/config/load.rs", "const MOST_GLOBS", ""),
        ("bytes of a glob of rules", "src/config/load.rs", "const LONGEST_RULE_GLOB", ""),
        ("files of packs that do not come with the program", "src/project/engine.rs", "const MOST_FILES", ""),
        ("bytes of one of these files", "src/project/engine.rs", "const MOST_FILE_BYTES", ""),
        ("bytes of all these files", "src/project/engine.rs", "const MOST_BYTES", ""),
        ("bytes that an archive unpacks to", "src/project/archive.rs", "const MOST_BYTES", ""),
        ("entries of an archive", "src/project/archive.rs", "const MOST_ENTRIES", ""),
    ];
    let schema: serde_json::Value = serde_json::from_str(&text("schemas/config.v1.json")).unwrap();
    let mut table = String::from("| what | at most | set by |\n|---|---|---|\n");
    for (what, file, name, key) in limits {
        let set_by = match key.trim_matches('`').strip_prefix("limits.") {
            Some(limit) => {
                let most = &schema["properties"]["limits"]["properties"][limit]["maximum"];
                format!("{key}, up to {}", most.as_u64().unwrap())
            }
            None => "—".to_owned(),
        };
        table.push_str(&format!("| {what} | {} | {set_by} |\n", constant(file, name)));
    }
    page::hold("SECURITY.md", "limits", &table);
}

#[test]
fn the_page_says_what_the_program_is_made_of() {
    let manifest = text("Cargo.toml");
    let list = &manifest[manifest.find("[dependencies]\n").unwrap()..manifest.find("[build-dependencies]").unwrap()];
    let mut table = String::from("| crate | what for |\n|---|---|\n");
    let (mut reason, mut direct) = (String::new(), 0);
    for line in list.lines().skip(1).filter(|line| !line.is_empty()) {
        match line.strip_prefix("# ") {
            Some(more) => reason = more.to_owned(),
            None => {
                let name = line.split(' ').next().unwrap();
                assert!(!reason.is_empty(), "Cargo.toml does not say why `{name}` is there");
                table.push_str(&format!("| `{name}` | {reason} |\n"));
                reason.clear();
                direct += 1;
            }
        }
    }
    let normal = tree("normal");
    let names: Vec<&str> = normal.iter().map(|(name, ..)| name.as_str()).collect();
    let twice: Vec<&str> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert_eq!(twice, TWICE, "crates in two versions");
    let all = normal.len() - 1;
    let build = tree("normal,build").len() - 1 - all;
    let told = format!(
        "{direct} crates are asked for. With all that these need, the binary for Linux has {all}; {build} more only build it. \
         In two versions, because others have not moved yet: {}.",
        TWICE.map(|name| format!("`{name}`")).join(", "),
    );
    page::hold("docs/trust.md", "dependencies", &format!("{}\n\n{table}", page::wrapped(&told)));
}
