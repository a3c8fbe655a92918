//! Whatever is read without the library comes out as the library reads it, to the node.
#![allow(clippy::disallowed_methods, reason = "`DIFFERENCES` asks for more cases")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::parse::parse_in_full;
use super::*;
use crate::source::SourceMap;

/// Numbers that are the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound.max(1) as u64).unwrap()
    }

    fn of<'t, T: ?Sized>(&mut self, choices: &[&'t T]) -> &'t T {
        choices[self.below(choices.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Whether a text is read without the library; if so, it comes out as the library reads it.
fn is_taken(text: &str, limits: &Limits) -> bool {
    let file = SourceMap::new().add("a.yaml", "");
    let text: Arc<str> = Arc::from(text);
    let Some(fast) = read(file, &text, limits) else { return false };
    let (slow, found) = parse_in_full(file, &text, limits);
    assert!(found.is_empty(), "taken although something is wrong: {text:?}: {found:?}");
    if fast != slow {
        let parts = |tree: &Tree| (tree.nodes.clone(), tree.owned.clone(), tree.comments.clone());
        let ((nodes, owned, comments), (library_nodes, library_owned, library_comments)) = (parts(&fast), parts(&slow));
        let different = nodes.iter().zip(&library_nodes).find(|(one, other)| one != other);
        assert_eq!(different, None, "{text:?}");
        assert_eq!((owned, comments), (library_owned, library_comments), "{text:?}");
        assert_eq!(fast, slow, "{text:?}");
    }
    true
}

fn yaml_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            yaml_below(&path, out);
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml") {
            out.push(path);
        }
    }
}

/// Every YAML file of the repository, with its path.
fn files() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for folder in ["examples", "policies", "tests", "packaging", "editors", "docs"] {
        yaml_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut paths);
    }
    if let Ok(more) = std::env::var("DIFFERENCES_BELOW") {
        yaml_below(Path::new(&more), &mut paths);
    }
    paths.sort();
    paths.into_iter().filter_map(|path| Some((path.clone(), std::fs::read_to_string(path).ok()?))).collect()
}

/// The YAML test suite lies outside the repository.
fn suite() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/yaml-test-suite.json");
    let Ok(text) = std::fs::read_to_string(path) else { return Vec::new() };
    let suite: serde_json::Value = serde_json::from_str(&text).unwrap();
    suite["cases"].as_array().unwrap().iter().map(|case| case["yaml"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_file_and_every_case_of_the_suite_is_read_as_by_the_library() {
    let limits = Limits::default();
    let files = files();
    let declined: Vec<_> = files.iter().filter(|(_, text)| !is_taken(text, &limits)).map(|(path, _)| path).collect();
    let is_example = |path: &&&PathBuf| path.to_string_lossy().contains("/examples/");
    println!("{} of {}: {declined:#?}", declined.len(), files.len());
    assert_eq!(declined.iter().filter(is_example).collect::<Vec<_>>(), Vec::<&&PathBuf>::new());
    assert!(files.len() > 100 && declined.len() * 20 < files.len(), "{} declined: {declined:?}", declined.len());
    for text in suite() {
        is_taken(&text, &limits);
        is_taken(&text.replace('\n', "\r\n"), &limits);
    }
}

/// What writers of YAML put anywhere.
const PIECES: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n  ",
    "\n    ",
    "- ",
    "-",
    ":",
    ": ",
    " #",
    "# c",
    "#",
    "?",
    "? ",
    ",",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "''",
    "\\",
    "|",
    ">",
    "|\n",
    ">-\n",
    "|+\n",
    "|2\n",
    "&a ",
    "*a",
    "!!str ",
    "<<: ",
    "---\n",
    "...\n",
    "%",
    "@",
    "`",
    "\t",
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{85}",
    "é",
    "\0",
    "a",
    "a: b",
    "~",
    "\n- ",
    "\n- a",
    "[a, b]",
    "{a: b}",
    "[]",
    "{}",
    " :",
    "\na:\n",
    "\n  a: b\n",
    "\n...\n",
    "x\n y",
    "- - a",
    "- a: b",
];

/// A document of the kind that is read without the library, with all its freedoms.
struct Writer<'d> {
    dice: &'d mut Dice,
    out: String,
    keys: usize,
}

impl Writer<'_> {
    fn spaces(&mut self, most: usize) {
        let count = self.dice.below(most + 1);
        self.out.push_str(&" ".repeat(count));
    }

    fn end(&mut self) {
        if self.dice.once_in(8) {
            self.spaces(3);
        }
        if self.dice.once_in(8) {
            let comment = self.dice.of(&[" #", " # a: b", "  # 'x", " ## [", " #\té"]);
            self.out.push_str(comment);
        }
        self.out.push('\n');
        while self.dice.once_in(10) {
            self.spaces(9);
            let line = self.dice.of(&["\n", "# alone\n", "#\n", "\n\n"]);
            self.out.push_str(line);
        }
    }

    fn word(&mut self) {
        let word = self.dice.of(&[
            "a",
            "on",
            "'off'",
            "12",
            "-1",
            "\"NO\"",
            "P30D",
            "2025-01-31",
            "https://a.example/b?c=d#e",
            "a b  c",
            "it's",
            "a:b",
            "a#b",
            "Settings > Privacy",
            "''",
            "\"\"",
            "\"a: b # c\"",
            "'[x'",
            "é 😀",
            "~",
            "a, b",
            "x'y\"z",
            "--x",
            ".5",
            "=",
            "<",
            "\"\\n\"",
            "'it''s'",
            "a [b]",
            "$x",
            "?x",
            "-",
            "a-",
            "(c)",
            "\\d",
        ]);
        self.out.push_str(word);
    }

    fn key(&mut self) {
        self.keys += 1;
        let key = match self.dice.below(12) {
            0 => format!("\"k{}\"", self.keys),
            1 => format!("'k {}'", self.keys),
            2 => format!("k {} é", self.keys),
            3 => format!("k{} ", self.keys),
            _ => format!("k{}", self.keys % 40),
        };
        self.out.push_str(&key);
    }

    fn flow(&mut self, depth: usize, column: usize) {
        let is_mapping = self.dice.once_in(2);
        self.out.push(if is_mapping { '{' } else { '[' });
        let count = self.dice.below(4);
        for at in 0..count {
            self.flow_blank(column);
            if is_mapping {
                self.key();
                self.out.push_str(": ");
            }
            if depth > 0 && self.dice.once_in(4) {
                self.flow(depth - 1, column)
            } else {
                self.word()
            }
            self.flow_blank(column);
            if at + 1 < count || self.dice.once_in(6) {
                self.out.push(',');
            }
        }
        self.flow_blank(column);
        self.out.push(if is_mapping { '}' } else { ']' });
    }

    fn flow_blank(&mut self, column: usize) {
        self.spaces(1);
        if self.dice.once_in(12) {
            self.end();
            let further = (column + self.dice.below(4)).saturating_sub(usize::from(self.dice.once_in(4)));
            self.out.push_str(&" ".repeat(further));
        }
    }

    fn block_scalar(&mut self, column: usize) {
        let header = self.dice.of(&["|", ">", "|-", ">-", "|+", ">+"]);
        self.out.push_str(header);
        if self.dice.once_in(8) {
            self.out.push_str(" # c");
        }
        self.out.push('\n');
        let indent = (column + 1 + self.dice.below(4)).saturating_sub(usize::from(self.dice.once_in(30)));
        for _ in 0..=self.dice.below(4) {
            if self.dice.once_in(8) {
                self.spaces(indent);
                self.out.push('\n');
            }
            self.out.push_str(&" ".repeat(indent));
            let line =
                self.dice.of(&["text", "text # no", "a: b", "- a", "text ", "é", "\"", " more", "\ttab", "#", "   "]);
            self.out.push_str(line);
            self.out.push('\n');
        }
        while self.dice.once_in(4) {
            self.spaces(indent);
            let line = self.dice.of(&["\n", "\n\n", "# behind\n"]);
            self.out.push_str(line);
        }
    }

    /// A value behind a colon or dash of what stands at this column, and the end of the line.
    fn value(&mut self, depth: usize, column: usize, is_item: bool) {
        match self.dice.below(if depth > 0 { 14 } else { 9 }) {
            0 => self.end(),
            1 => {
                self.out.push(' ');
                self.block_scalar(column);
            }
            2 | 3 => {
                self.out.push(' ');
                self.flow(2, column + 1);
                self.end();
            }
            4..=8 => {
                self.out.push(' ');
                self.spaces(1);
                self.word();
                self.end();
            }
            9 if is_item => {
                self.out.push(' ');
                self.node(depth - 1, column + 2, true);
            }
            9 | 10 if !is_item => {
                self.end();
                self.list(depth - 1, column, false);
            }
            11 => {
                let further = column + 1 + self.dice.below(4);
                self.end();
                self.out.push_str(&" ".repeat(further));
                self.word();
                self.end();
            }
            _ => {
                let further = column + 1 + self.dice.below(4);
                self.end();
                self.node(depth - 1, further, false);
            }
        }
    }

    fn node(&mut self, depth: usize, column: usize, is_begun: bool) {
        if self.dice.once_in(3) { self.list(depth, column, is_begun) } else { self.mapping(depth, column, is_begun) }
    }

    fn list(&mut self, depth: usize, column: usize, is_begun: bool) {
        for at in 0..=self.dice.below(4) {
            if !(is_begun && at == 0) {
                self.out.push_str(&" ".repeat(column));
            }
            self.out.push('-');
            self.value(depth, column, true);
        }
    }

    fn mapping(&mut self, depth: usize, column: usize, is_begun: bool) {
        for at in 0..=self.dice.below(5) {
            if !(is_begun && at == 0) {
                self.out.push_str(&" ".repeat(column));
            }
            self.key();
            self.out.push(':');
            self.value(depth, column, false);
        }
    }
}

fn written(dice: &mut Dice) -> String {
    let mut writer = Writer { dice, out: String::new(), keys: 0 };
    if writer.dice.once_in(4) {
        writer.end();
    }
    let column = if writer.dice.once_in(10) { 2 } else { 0 };
    let depth = writer.dice.below(5);
    writer.node(depth, column, false);
    let mut out = writer.out;
    if dice.once_in(6) {
        out = out.trim_end_matches('\n').to_owned();
    }
    out
}

/// Some lines of a text.
fn excerpt(text: &str, dice: &mut Dice) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start = if dice.once_in(3) { 0 } else { dice.below(lines.len()) };
    lines.iter().skip(start).take(1 + dice.below(30)).copied().collect()
}

/// A change of the kind that typing, merging and generating bring about.
fn mutate(text: &mut String, dice: &mut Dice, others: &[String]) {
    let boundary =
        |text: &str, at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
    let at = boundary(text, dice.below(text.len() + 1));
    let to = boundary(text, at + dice.below(6)).max(at);
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let line = dice.below(lines.len());
    match dice.below(11) {
        0 | 1 => text.insert_str(at, dice.of(PIECES)),
        2 => text.replace_range(at..to, dice.of(PIECES)),
        3 => text.replace_range(at..to, ""),
        4 => {
            let copy = text.get(at..to).unwrap().to_owned();
            text.insert_str(at, &copy);
        }
        5 if !lines.is_empty() => {
            let moved = lines.remove(line);
            if dice.once_in(2) {
                let to = dice.below(lines.len() + 1);
                lines.insert(to, moved);
            }
            *text = lines.concat();
        }
        6 if !lines.is_empty() => {
            let copy = lines[line].clone();
            let to = dice.below(lines.len() + 1);
            lines.insert(to, copy);
            *text = lines.concat();
        }
        7 | 8 if !lines.is_empty() => {
            let end = (line + 1 + dice.below(3)).min(lines.len());
            let (more, by) = (dice.once_in(2), 1 + dice.below(3));
            for line in &mut lines[line..end] {
                let blanks = line.len() - line.trim_start_matches(' ').len();
                if more { line.insert_str(0, &" ".repeat(by)) } else { line.replace_range(..by.min(blanks), "") }
            }
            *text = lines.concat();
        }
        9 if dice.once_in(3) => *text = text.replace('\n', "\r\n"),
        _ => {
            let other = &others[dice.below(others.len())];
            let other = excerpt(other, dice);
            text.truncate(at);
            let start = boundary(&other, dice.below(other.len() + 1));
            text.push_str(other.get(start..).unwrap());
        }
    }
}

/// So many texts, and more where `DIFFERENCES` asks for it.
fn rounds() -> u64 {
    std::env::var("DIFFERENCES").ok().and_then(|count| count.parse().ok()).unwrap_or(6_000)
}

#[test]
fn generated_and_mutated_texts_are_read_as_by_the_library() {
    let mut texts: Vec<String> = files().into_iter().map(|(_, text)| text).collect();
    texts.extend(suite());
    let (mut taken, mut tried) = ([0, 0], [0, 0]);
    let seed = std::env::var("DIFFERENCES_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0);
    for round in 0..rounds() {
        let mut dice = Dice((seed << 40) + round);
        let mut text = match dice.below(5) {
            0 => texts[dice.below(texts.len())].clone(),
            1 | 2 => excerpt(&texts[dice.below(texts.len())].clone(), &mut dice),
            _ => written(&mut dice),
        };
        if text.len() > 8_000 {
            text = excerpt(&text, &mut dice);
        }
        let mutations = dice.below(4);
        for _ in 0..mutations {
            mutate(&mut text, &mut dice, &texts);
        }
        let depth = if dice.once_in(4) { 1 + dice.below(6) } else { 128 };
        let changed = usize::from(mutations > 0);
        tried[changed] += 1;
        taken[changed] += usize::from(is_taken(&text, &Limits { depth, ..Limits::default() }));
    }
    println!("taken as they were: {} of {}, changed: {} of {}", taken[0], tried[0], taken[1], tried[1]);
    assert!(taken[0] * 3 > tried[0] && taken[1] * 8 > tried[1], "{taken:?} of {tried:?}");
}
