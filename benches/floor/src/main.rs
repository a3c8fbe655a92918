//! `floor MODE THREADS FOLDER`: the least that a linter of a folder costs on this machine.
//!
//! - `read`: find and read every declaration
//! - `events`: read, and go through the events of the fastest YAML parser on the registry
//! - `rule`: the same, and judge one rule on the events; prints `file:line` of each value that decides
//!
//! `floor cost COMMAND…` runs a command and prints what it cost, as the kernel counts it: seconds on the clock, seconds of
//! the processors, peak memory in KiB, exit code. This program is small, so that its own memory is no floor of that.

mod rule;

use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio, exit};
use std::time::Instant;

use memchr::memchr_iter;
use rayon::prelude::*;
use rlsp_yaml_parser::{Event as Yaml, parse_events};
use rule::{Event, Rule};

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["cost", command, arguments @ ..] => cost(command, arguments),
        [mode @ ("read" | "events" | "rule"), threads, folder] => walk(mode, threads, folder),
        _ => {
            eprintln!("usage: floor read|events|rule THREADS FOLDER, or floor cost COMMAND...");
            exit(2);
        }
    }
}

fn walk(mode: &str, threads: &str, folder: &str) {
    let threads = threads.parse().expect("a number of threads");
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files: Vec<PathBuf> = entries
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.to_str().is_some_and(|path| path.ends_with(".purposes.yaml")))
        .collect();
    let one = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a file that can be read");
        let lines = if mode == "read" { Vec::new() } else { events(&bytes, mode == "rule") };
        (bytes.len(), lines)
    };
    let all: Vec<(usize, Vec<usize>)> = match threads {
        // no pool at all, so that its start is not counted
        1 => files.iter().map(one).collect(),
        _ => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build_global().expect("threads");
            files.par_iter().map(one).collect()
        }
    };
    let mut out = String::new();
    for (path, (_, lines)) in files.iter().zip(&all) {
        for line in lines {
            out.push_str(&format!("{}:{line}\n", path.display()));
        }
    }
    if mode != "rule" {
        out = format!("{} files, {} bytes\n", files.len(), all.iter().map(|(bytes, _)| bytes).sum::<usize>());
    }
    std::io::stdout().write_all(out.as_bytes()).expect("somebody who reads");
}

fn events(bytes: &[u8], judge: bool) -> Vec<usize> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut rule = Rule::default();
    let mut count = 0_usize;
    for event in parse_events(text) {
        let (event, span) = event.expect("YAML");
        count += 1;
        if !judge {
            continue;
        }
        match event {
            Yaml::Scalar { value, .. } => rule.on(Event::Scalar(&value, span.start as usize)),
            Yaml::MappingStart { .. } => rule.on(Event::MapStart),
            Yaml::MappingEnd => rule.on(Event::MapEnd),
            Yaml::SequenceStart { .. } => rule.on(Event::SeqStart),
            Yaml::SequenceEnd => rule.on(Event::SeqEnd),
            _ => {}
        }
    }
    std::hint::black_box(count);
    rule.hits.iter().map(|at| 1 + memchr_iter(b'\n', &bytes[..*at]).count()).collect()
}

fn cost(command: &str, arguments: &[&str]) {
    let started = Instant::now();
    let child = Command::new(command).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.unwrap_or_else(|error| {
        eprintln!("cannot run {command}: {error}");
        exit(2);
    });
    let mut status = 0;
    // SAFETY: rusage is plain numbers, for which all zeros is a value
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the child is ours and nobody has waited for it; both pointers are to locals
    let pid = unsafe { libc::wait4(child.id() as libc::pid_t, &mut status, 0, &mut usage) };
    let wall = started.elapsed().as_secs_f64();
    assert!(pid > 0, "wait4");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
    println!("{wall} {} {} {code}", seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
}
