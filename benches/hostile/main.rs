//! What is done to the program on purpose, with a released build and all packs: `cargo bench --bench hostile [-- WORD…]`.
//!
//! Prints what each case took and said, and ends with 1 if one is over its budget of work or says something else. Words choose the
//! cases that have one of them in their names.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a benchmark has a clock, prints, and may end early; what it shares is more than it needs"
)]

#[path = "../corpus/mod.rs"]
mod corpus;
#[path = "../../tests/hostility/mod.rs"]
mod hostility;
#[path = "../measure/mod.rs"]
mod measure;

use std::fs;
use std::path::Path;
use std::process::Command;

use hostility::case::Case;
use hostility::{configs, declarations, large, packs};
use measure::{Bench, Cost, PROGRAM, Run, load};

/// How many times its budget a case may take on the clock.
const PATIENCE_OF_CLOCK: f64 = 20.0;

/// After these seconds a case is stopped.
const PATIENCE: &str = "100";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // as a test it has nothing to say
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    let bench = Bench::new();
    let groups = [
        ("declarations", declarations::all()),
        ("large", large::all()),
        ("packs", packs::all()),
        ("configs", configs::all()),
    ];
    let all = all_packs();
    let mut wrong = Vec::new();
    let (mut cases, mut slow) = (0, 0);
    println!(
        "| case | seconds | of the processors | budget | MiB | exit | first line |\n|---|---|---|---|---|---|---|"
    );
    for (group, of_group) in groups {
        for case in of_group {
            let name = format!("{group}: {}", case.name);
            if !words.is_empty() && !words.iter().any(|word| name.contains(word)) {
                continue;
            }
            let (cost, code, said) = run(&bench, &case, &all);
            let Cost { wall, cpu, peak } = cost;
            println!(
                "| {name} | {wall:.2} | {cpu:.2} | {} | {peak:.0} | {code} | {} |",
                case.budget,
                first_line(&said)
            );
            wrong.extend(case.wrong_with_all(code, &said));
            // on a busy machine the clock measures the others; what waits for ever does no work
            if cpu > case.budget || wall > PATIENCE_OF_CLOCK * case.budget {
                slow += 1;
                wrong.push(format!(
                    "{name}: took {wall:.2} s, {cpu:.2} s of the processors; its budget is {} s",
                    case.budget
                ));
            }
            cases += 1;
        }
    }
    println!("\n{cases} cases, {slow} of them over their budget. Load average at the end: {}.", load());
    for line in &wrong {
        println!("- {line}");
    }
    if !wrong.is_empty() || cases == 0 {
        std::process::exit(1);
    }
}

/// The names of all packs there are, as a config lists them.
fn all_packs() -> String {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")).unwrap();
    let packs = folders.map(|entry| entry.unwrap().path()).filter(|path| path.join("pack.yaml").is_file());
    let mut names: Vec<String> = packs.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    names.sort();
    names.join(", ")
}

fn run(bench: &Bench, case: &Case, packs: &str) -> (Cost, i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let streams = tempfile::tempdir().unwrap();
    case.lay_out(folder.path(), packs);
    let (commands, program) = case.command.rsplit_once("exec ").unwrap_or(("", &case.command));
    if !commands.is_empty() {
        let done = Command::new("sh").args(["-c", commands]).current_dir(folder.path()).status();
        assert!(done.is_ok(), "{}: no shell", case.name);
    }
    let out = streams.path().join("out");
    let command = format!(
        "P={PROGRAM}; timeout {PATIENCE} env -i PATH=\"$PATH\" {program} >{} 2>&1; echo $? >{}.code",
        out.display(),
        out.display()
    );
    let cost = bench.cost(&Run::new(folder.path(), "sh", &["-c", &command]));
    let code = fs::read_to_string(streams.path().join("out.code")).unwrap_or_default();
    let said = String::from_utf8_lossy(&fs::read(&out).unwrap_or_default()).into_owned();
    (cost, code.trim().parse().unwrap_or(-1), said)
}

/// What it says first, as a cell of a table.
fn first_line(said: &str) -> String {
    let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut short: String = line.chars().take(90).map(|c| if c == '|' { '/' } else { c }).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
