//! Transcripts: a command, what it prints, what it prints as errors, and its exit code where that is not 0.

#![allow(dead_code, reason = "each test uses the part it needs")]

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The folder of the package.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether what is generated is to be written anew, not compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// Runs `purposelint …` in a folder; the text as a transcript shows it.
pub(crate) fn run(command: &str, folder: &Path) -> String {
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("purposelint"), "{command}");
    let output =
        Command::cargo_bin("purposelint").unwrap().current_dir(folder).args(words).env_clear().output().unwrap();
    let clean = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let real = folder.canonicalize().unwrap();
        text.replace(&*real.to_string_lossy(), "[FOLDER]").replace(&*folder.to_string_lossy(), "[FOLDER]")
    };
    let mut text = clean(output.stdout);
    let errors = clean(output.stderr);
    if !errors.is_empty() {
        text.push_str(&format!("[errors]\n{errors}"));
    }
    match output.status.code() {
        Some(0) => {}
        code => text.push_str(&format!("[exit {}]\n", code.unwrap_or(-1))),
    }
    text
}

/// A transcript with every output replaced by what comes out now.
pub(crate) fn again(transcript: &str, folder: &Path) -> String {
    let commands = transcript.lines().filter_map(|line| line.strip_prefix("$ "));
    commands.map(|command| format!("$ {command}\n{}", run(command, folder))).collect::<Vec<_>>().join("\n")
}

/// The folders in a folder, sorted.
pub(crate) fn folders(path: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> =
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    out.sort();
    out
}

/// Copies a folder, without files of one name.
pub(crate) fn copy(from: &Path, to: &Path, without: &str) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target, without);
        } else if path.file_name().unwrap() != without {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A fenced block of a Markdown text.
pub(crate) struct Block {
    /// What stands behind the opening fence.
    pub(crate) language: String,
    /// Where its content is.
    pub(crate) range: Range<usize>,
    /// The heading of the second level above it; empty where there is none.
    pub(crate) heading: String,
}

impl Block {
    /// The content.
    pub(crate) fn content<'t>(&self, text: &'t str) -> &'t str {
        &text[self.range.clone()]
    }
}

/// All fenced blocks of a Markdown text.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut open: Option<(&str, Block)> = None;
    let mut heading = String::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        let fence = &line[..line.len() - line.trim_start_matches('`').len()];
        match &mut open {
            Some((closing, _)) if fence == *closing && line.trim_end() == fence => {
                let (_, mut block) = open.take().unwrap();
                block.range.end = at;
                out.push(block);
            }
            Some(_) => {}
            None if fence.len() >= 3 => {
                let language = line[fence.len()..].trim().to_owned();
                open = Some((fence, Block { language, range: next..next, heading: heading.clone() }));
            }
            None => heading = line.strip_prefix("## ").map_or(heading, |title| title.trim().to_owned()),
        }
        at = next;
    }
    assert!(open.is_none(), "a block is not closed: {}", &text[open.unwrap().1.range.start..]);
    out
}
