//! Other programs that can judge one rule, with the rule as each of them says it, in `benches/peers/`.
//!
//! None of them comes with this repository: a peer takes part if it is on `PATH`, or if a variable such as
//! `PURPOSELINT_BENCH_AST_GREP` names it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::measure::Run;

pub(crate) struct Peer {
    pub(crate) name: &'static str,
    variable: &'static str,
    /// How many times faster is wanted first, and in the end.
    pub(crate) first: f64,
    pub(crate) wanted: f64,
    arguments: fn(&str) -> Vec<String>,
    /// `file:line` of what it found.
    found: fn(&str) -> BTreeSet<String>,
}

pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "ast-grep",
        variable: "PURPOSELINT_BENCH_AST_GREP",
        first: 5.0,
        wanted: 12.0,
        arguments: |rules| words(&["scan", "-r", &format!("{rules}/ast-grep.yml"), "--json=stream", "."]),
        found: |text| {
            let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
            lines.map(|it: Value| place(&it["file"], &it["range"]["start"]["line"])).collect()
        },
    },
    Peer {
        name: "cfn-guard",
        variable: "PURPOSELINT_BENCH_CFN_GUARD",
        first: 17.0,
        wanted: 40.0,
        arguments: |rules| {
            words(&["validate", "-r", &format!("{rules}/training.guard"), "-d", ".", "-z", "-o", "json", "-S", "none"])
        },
        found: |text| {
            let files: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
            let mut out = BTreeSet::new();
            for file in &files {
                // a clause names the value it compared as `Path=/purposes/…[L:12,C:4]`, lines counted from 0
                let clauses = file["not_compliant"].to_string();
                for clause in clauses.split("/default[L:").skip(1) {
                    let line = clause.split(',').next().and_then(|line| line.parse().ok());
                    out.extend(line.map(|line: u64| place(&file["name"], &Value::from(line))));
                }
            }
            out
        },
    },
    Peer {
        name: "Spectral",
        variable: "PURPOSELINT_BENCH_SPECTRAL",
        first: 30.0,
        wanted: 70.0,
        arguments: |rules| {
            words(&["lint", "--quiet", "-f", "json", "-r", &format!("{rules}/spectral.yaml"), "./**/*.purposes.yaml"])
        },
        found: |text| {
            let findings: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
            findings.iter().map(|it| place(&it["source"], &it["range"]["start"]["line"])).collect()
        },
    },
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The last two parts of a path, and the line counted from 1.
fn place(file: &Value, line: &Value) -> String {
    let file = file.as_str().unwrap_or_default();
    let parts: Vec<&str> = file.rsplit('/').take(2).collect();
    format!("{}/{}:{}", parts.last().unwrap_or(&""), parts[0], line.as_u64().unwrap_or_default() + 1)
}

impl Peer {
    /// Where it is, if it is there.
    pub(crate) fn program(&self) -> Result<PathBuf, String> {
        if let Some(named) = std::env::var_os(self.variable) {
            return Ok(named.into());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let file = self.name.to_lowercase();
        let there = std::env::split_paths(&path).map(|folder| folder.join(&file)).find(|it| it.is_file());
        there.ok_or_else(|| format!("not run: {file} is not on PATH, and {} is not set", self.variable))
    }

    pub(crate) fn run(&self, program: &Path, folder: &Path) -> Run {
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers");
        let arguments = (self.arguments)(rules);
        Run::new(folder, program, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What it found in a folder, as `file:line`.
    pub(crate) fn found(&self, run: &Run) -> BTreeSet<String> {
        (self.found)(&run.output().0)
    }
}
