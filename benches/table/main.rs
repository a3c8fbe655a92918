//! The table of `docs/performance.md`: `cargo bench --bench table [-- XS S M L BIG traps]`.
//!
//! Without words, all but L. `cargo bench --bench table -- generate SIZE FOLDER` writes declarations and measures nothing.

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
#[path = "../measure/mod.rs"]
mod measure;
mod peers;
mod row;
#[path = "../typing/mod.rs"]
mod typing;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use corpus::{Corpus, Size, traps, verify};
use measure::{Bench, Cost, DAY, PROGRAM, Run, load, median, ratio};
use row::{Row, Unit};

/// How long one comparison may take before no further pair of runs is begun.
const TIME: Duration = Duration::from_secs(90);

/// The beginning of M, with some ten thousand findings.
const TEN_THOUSAND: Size = Size { name: "10000", files: 500, ..corpus::M };

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // as a test it has nothing to say
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.starts_with("--")).collect();
    if let ["generate", size, folder] = words[..] {
        let size = corpus::SIZES.into_iter().find(|it| it.name == size).unwrap();
        println!("{}", describe(size, &corpus::write(size, Path::new(folder)).unwrap()));
        return;
    }
    let wanted = if words.is_empty() { vec!["XS", "S", "M", "BIG", "traps"] } else { words };
    let mut table = Table { bench: Bench::new(), uncached: uncached(), rows: Vec::new(), notes: Vec::new() };
    for word in wanted {
        eprintln!("{word} ...");
        match word {
            "XS" => table.cold(),
            "S" => table.small(),
            "M" => table.medium(),
            "L" => table.large(),
            "BIG" => table.editor(),
            "traps" => table.traps(),
            _ => panic!("`{word}` is none of XS, S, M, L, BIG and traps"),
        }
    }
    table.binary();
    print!("{}", row::table(&table.rows));
    table.notes.push(format!(
        "Load average at the end: {}. Above the number of cores, trust ratios and instructions only.",
        load()
    ));
    for note in &table.notes {
        println!("\n{note}");
    }
}

fn describe(size: Size, corpus: &Corpus) -> String {
    let Corpus { bytes, lines, purposes, truth } = corpus;
    let violations = truth.violations();
    format!(
        "{}: {} files, {bytes} bytes, {lines} lines, {purposes} purposes, {violations} violate",
        size.name, size.files
    )
}

/// The flag of a run without the cache; nothing as long as there is no cache.
fn uncached() -> Option<&'static str> {
    let (help, _) = Run::ours(Path::new("."), &["check", "--help"]).output();
    help.contains("--no-cache").then_some("--no-cache")
}

struct Table {
    bench: Bench,
    uncached: Option<&'static str>,
    rows: Vec<Row>,
    /// What is said below the table.
    notes: Vec<String>,
}

impl Table {
    fn corpus(&self, size: Size) -> (PathBuf, Corpus) {
        let (folder, corpus) = self.bench.corpus(size);
        eprintln!("  {}", describe(size, &corpus));
        (folder, corpus)
    }

    /// A check of a folder as if for the first time.
    fn check(&self, folder: &Path, more: &[&str]) -> Run {
        let mut arguments = vec!["check", "--as-of", DAY];
        arguments.extend(self.uncached);
        arguments.extend(more);
        Run::ours(folder, &arguments)
    }

    fn floor(&self, folder: &Path, mode: &str, threads: &str) -> Run {
        Run::new(folder, &self.bench.floor, &[mode, threads, "."])
    }

    fn row(
        &mut self,
        what: &str,
        unit: Unit,
        goals: (impl Into<Option<f64>>, f64),
        measured: Result<(f64, String), String>,
    ) {
        self.rows.push(Row { what: what.to_owned(), unit, first: goals.0.into(), wanted: goals.1, measured });
    }

    fn cold(&mut self) {
        let (folder, _) = self.corpus(corpus::XS);
        let (ours, floor) = (self.check(&folder, &["--format", "concise"]), self.floor(&folder, "rule", "1"));
        let [costs, floors] = self.bench.in_turn([&ours, &floor], 41, TIME);
        let cpu = |costs: &[Cost]| median(costs.iter().map(|cost| cost.cpu)) * 1e3;
        let floor = format!("event floor {}", Unit::Ms.show(cpu(&floors)));
        self.row("XS cold, CPU", Unit::Ms, (10.0, 1.8), Ok((cpu(&costs), floor)));
        let peak = median(costs.iter().map(|cost| cost.peak));
        let counted =
            ours.instructions().map(|count| (count as f64 / 1e6, format!("{} at the highest", Unit::Mib.show(peak))));
        self.row("XS cold, instructions", Unit::Millions, (None, 4.0), counted.ok_or_else(no_valgrind));
    }

    fn small(&mut self) {
        let (folder, corpus) = self.corpus(corpus::S);
        self.truth("S", &folder, &corpus);
        let ours = self.check(&folder, &["--format", "concise"]).instructions();
        let floor = self.floor(&folder, "rule", "1").instructions();
        let per_byte = |count: u64| count as f64 / corpus.bytes as f64;
        let measured =
            ours.zip(floor).map(|(ours, floor)| (per_byte(ours), format!("event floor {:.0}", per_byte(floor))));
        self.row(
            "instructions per input byte, S, one thread",
            Unit::PerByte,
            (400.0, 130.0),
            measured.ok_or_else(no_valgrind),
        );
    }

    /// Whether the program and the floor find what is true.
    fn truth(&mut self, name: &str, folder: &Path, corpus: &Corpus) {
        let (report, _) = self.check(folder, &["--format", "jsonl"]).output();
        let wrong = verify::wrong(&verify::of_rule(&report), &corpus.truth);
        wrong.iter().take(10).for_each(|it| eprintln!("  wrong: {it}"));
        let undetermined = report.lines().filter(|line| line.contains("\"outcome\":\"undetermined\"")).count();
        let all = corpus.truth.0.len();
        let words = format!(
            "purposes on by default, {} of them in Europe; {} wrong; {} findings in all, {undetermined} undetermined",
            corpus.truth.violations(),
            wrong.len(),
            report.lines().count().saturating_sub(1),
        );
        let right = (all as f64 - wrong.len() as f64).max(0.0);
        self.row(&format!("{name}, the truth"), Unit::Of(all as u32), (None, all as f64), Ok((right, words)));
        let (floor, _) = self.floor(folder, "rule", "2").output();
        let floor = floor.lines().map(|line| line.trim_start_matches("./").to_owned()).collect();
        assert!(corpus.truth.european_lines() == floor, "the event floor does not find what is true in {name}");
    }

    fn medium(&mut self) {
        let (folder, corpus) = self.corpus(corpus::M);
        self.truth("M", &folder, &corpus);
        let (ours, floor) = (self.check(&folder, &["--format", "concise"]), self.floor(&folder, "rule", "2"));
        let [costs, floors] = self.bench.in_turn([&ours, &floor], 7, TIME);
        let wall = |costs: &[Cost]| median(costs.iter().map(|cost| cost.wall));
        let walls = format!("{} to {}", Unit::Seconds.show(wall(&costs)), Unit::Seconds.show(wall(&floors)));
        self.row(
            "M, no cache, against the event floor",
            Unit::Times,
            (2.4, 1.0),
            Ok((ratio(&costs, &floors, |it| it.wall), walls)),
        );
        let cpu = |costs: &[Cost]| median(costs.iter().map(|cost| cost.cpu));
        let cpus = format!("{} to {}", Unit::Seconds.show(cpu(&costs)), Unit::Seconds.show(cpu(&floors)));
        self.row("the same, CPU", Unit::Times, (2.4, 1.0), Ok((ratio(&costs, &floors, |it| it.cpu), cpus)));
        self.peers(&folder, &ours);
        let peak = median(costs.iter().map(|cost| cost.peak));
        let floor = format!("event floor {}", Unit::Mib.show(median(floors.iter().map(|cost| cost.peak))));
        self.row("memory, M", Unit::Mib, (32.0, 10.0), Ok((peak, floor)));
        self.floors(&folder);
        self.warm(&folder);
        self.rendering();
    }

    fn floors(&mut self, folder: &Path) {
        let modes = [("read", "2"), ("read", "1"), ("events", "2"), ("rule", "2"), ("rule", "1")];
        let runs = modes.map(|(mode, threads)| self.floor(folder, mode, threads));
        let costs = self.bench.in_turn(runs.each_ref(), 5, TIME);
        let wall = |costs: &[Cost]| Unit::Ms.show(median(costs.iter().map(|cost| cost.wall)) * 1e3);
        let figures =
            modes.iter().zip(&costs).map(|((mode, threads), costs)| format!("{mode} {threads}: {}", wall(costs)));
        let figures: Vec<String> = figures.collect();
        self.notes.push(format!("Floors on M, by threads: {}.", figures.join(", ")));
    }

    fn peers(&mut self, folder: &Path, ours: &Run) {
        let (small, corpus) = self.bench.corpus(corpus::S);
        for peer in peers::PEERS {
            let measured = peer.program().and_then(|program| {
                let found = peer.found(&peer.run(&program, &small));
                let truth = corpus.truth.european_lines();
                let right = found.intersection(&truth).count();
                // who has not judged has no speed
                if right == 0 {
                    return Err(format!(
                        "it finds none of {} lines on S: the run ends before it has judged",
                        truth.len()
                    ));
                }
                let says = format!("on S it finds {right} of {} lines, {} extra", truth.len(), found.len() - right);
                let [costs, ours] = self.bench.in_turn([&peer.run(&program, folder), ours], 3, TIME);
                let wall = Unit::Seconds.show(median(costs.iter().map(|cost| cost.wall)));
                Ok((ratio(&costs, &ours, |it| it.wall), format!("{wall} for one rule; {says}")))
            });
            self.row(&format!("M, against {}", peer.name), Unit::Faster, (peer.first, peer.wanted), measured);
        }
    }

    fn warm(&mut self, folder: &Path) {
        let measured = self.uncached.ok_or("no cache yet".to_owned()).map(|_| {
            let ours = Run::ours(folder, &["check", "--as-of", DAY, "--format", "concise"]);
            // fills the cache
            self.bench.cost(&ours);
            let [costs, floors] = self.bench.in_turn([&ours, &self.floor(folder, "read", "2")], 15, TIME);
            let wall = median(costs.iter().map(|cost| cost.wall)) * 1e3;
            (ratio(&costs, &floors, |it| it.wall), Unit::Ms.show(wall))
        });
        self.row("M, warm cache, against the read floor", Unit::Times, (8.0, 3.0), measured);
        let measured = self.uncached.ok_or("no cache yet".to_owned()).map(|_| self.edited(folder));
        self.row("the same, one file changed before each run", Unit::Times, (None, 3.0), measured);
    }

    /// What a run costs against the read floor when a file has changed since the last.
    fn edited(&self, folder: &Path) -> (f64, String) {
        let ours = Run::ours(folder, &["check", "--as-of", DAY, "--format", "concise"]);
        let floor = self.floor(folder, "read", "2");
        let file = typing::nearest(folder, 19_000);
        let text = fs::read_to_string(&file).unwrap();
        let pairs: Vec<(Cost, Cost)> = (0..15)
            .map(|round| {
                fs::write(&file, format!("{text}# {round}\n")).unwrap();
                (self.bench.cost(&ours), self.bench.cost(&floor))
            })
            .collect();
        fs::write(&file, text).unwrap();
        let (costs, floors): (Vec<Cost>, Vec<Cost>) = pairs.into_iter().unzip();
        let wall = median(costs.iter().map(|cost| cost.wall)) * 1e3;
        (ratio(&costs, &floors, |it| it.wall), Unit::Ms.show(wall))
    }

    /// What people's reports take longer than the plainest, scaled to ten thousand diagnostics.
    fn rendering(&mut self) {
        let (folder, _) = self.corpus(TEN_THOUSAND);
        let plain = self.check(&folder, &["--format", "concise"]);
        let findings = plain.output().0.lines().count() as f64;
        let human = self.check(&folder, &["--format", "human", "--verbose", "--color", "always"]);
        let [human, plain] = self.bench.in_turn([&human, &plain], 5, TIME);
        let more: Vec<f64> = human.iter().zip(&plain).map(|(human, plain)| human.cpu - plain.cpu).collect();
        let least = more.iter().copied().fold(f64::INFINITY, f64::min);
        let measured = match least > 0.0 {
            true => {
                let words = format!("more CPU than `concise`, of {findings} findings");
                Ok((median(more) * 10_000.0 / findings, words))
            }
            // what judging takes differs from run to run by more than that
            false => Err(format!("cannot be told: lost in runs of {}", Unit::Seconds.show(plain[0].cpu))),
        };
        self.row("10,000 diagnostics rendered `human`", Unit::Seconds, (2.0, 0.5), measured);
    }

    fn large(&mut self) {
        let (folder, _) = self.corpus(corpus::L);
        let cost = self.bench.cost(&self.check(&folder, &["--format", "concise"]));
        let words = format!("{} on the clock", Unit::Seconds.show(cost.wall));
        self.row("memory, L", Unit::Mib, (32.0, 10.0), Ok((cost.peak, words)));
    }

    fn editor(&mut self) {
        let folder = self.bench.folder("editor", |folder| typing::write_workspace(folder, corpus::M.files));
        let mut editor = typing::Editor::open(&folder);
        eprintln!("  the workspace is judged after {:?}", editor.start);
        for (name, bytes, goals) in [("19 KB", 19_000, (4.0, 1.0)), ("1 MB", 1_000_000, (45.0, 4.0))] {
            let strokes = editor.edit(&typing::nearest(&folder, bytes), 42, TIME / 3);
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            let words: Vec<String> = strokes
                .iter()
                .map(|it| {
                    format!("{}: {}, at worst {}", it.kind, Unit::Ms.show(ms(it.median)), Unit::Ms.show(ms(it.worst)))
                })
                .collect();
            let what = format!("editor, keystroke to diagnostics, {name} of 2,000 files");
            self.row(&what, Unit::Ms, goals, Ok((ms(strokes[0].median), words.join("; "))));
        }
        editor.close();
    }

    fn traps(&mut self) {
        let folder = self.bench.folder("traps", |folder| traps::write(folder).unwrap());
        let wrong: Vec<String> = traps::TRAPS
            .iter()
            .filter_map(|trap| {
                let (text, code) = self.check(&folder.join(trap.name), &["--format", "json"]).output();
                let report = serde_json::from_str(&text).unwrap_or_default();
                trap.wrong(code, &report)
            })
            .collect();
        let all = traps::TRAPS.len();
        let right = (all - wrong.len()) as f64;
        self.row("traps", Unit::Of(all as u32), (all as f64, all as f64), Ok((right, wrong.join("; "))));
    }

    fn binary(&mut self) {
        let bytes = fs::metadata(PROGRAM).unwrap().len() as f64;
        self.row("binary", Unit::Mib, (12.0, 7.0), Ok((bytes / f64::from(1 << 20), String::new())));
    }
}

fn no_valgrind() -> String {
    "not counted: valgrind is not there".to_owned()
}
