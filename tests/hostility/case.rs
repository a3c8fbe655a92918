//! What is given to the program, and what has to come of it: the same for the tests and for `cargo bench --bench hostile`.

use std::fs;
use std::path::Path;

/// Stands in a config for the packs to judge by: two in a test, all in a measurement.
pub(crate) const PACKS: &str = "@PACKS@";

/// The packs of a test: those about laws take a debug build long, and change nothing in what is said.
pub(crate) const FEW: &str = "core, fair-defaults";

/// How most commands begin: the day is fixed, so that findings do not change by themselves.
pub(crate) const CHECK: &str = "check --as-of 2026-11-21 --color never --format concise";

/// The seconds of work that a released program has, unless a case names a budget of its own.
pub(crate) const BUDGET: f64 = 1.0;

/// A workspace, a command in it, and what has to come out.
pub(crate) struct Case {
    pub(crate) name: String,
    files: Vec<(String, Vec<u8>)>,
    /// What the shell does in the folder, with `$P` for the program.
    pub(crate) command: String,
    /// Words of the report or of standard error.
    pub(crate) said: &'static str,
    pub(crate) code: i32,
    /// Seconds of work of a released program.
    pub(crate) budget: f64,
}

impl Case {
    /// A case with a config that judges by all packs, and nothing else yet.
    pub(crate) fn new(name: &str, code: i32, said: &'static str) -> Self {
        let command = format!("exec $P {CHECK}");
        let files = Vec::new();
        Self { name: name.to_owned(), files, command, said, code, budget: BUDGET }
            .file("purposelint.yaml", format!("version: 1\npacks: [{PACKS}]\n"))
    }

    /// With this file in place of the one of that name.
    pub(crate) fn file(mut self, path: &str, text: impl Into<Vec<u8>>) -> Self {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.to_owned(), text.into()));
        self
    }

    /// With files whose names nobody has given yet.
    pub(crate) fn files(mut self, files: impl Iterator<Item = (String, String)>) -> Self {
        self.files.extend(files.map(|(path, text)| (path, text.into_bytes())));
        self
    }

    /// With more at the end of the config.
    pub(crate) fn config(mut self, more: &str) -> Self {
        if let Some((_, text)) = self.files.iter_mut().find(|(path, _)| path == "purposelint.yaml") {
            text.extend_from_slice(more.as_bytes());
        }
        self
    }

    /// With these commands of the shell before the program.
    pub(crate) fn after(mut self, commands: &str) -> Self {
        self.command = format!("{commands}\n{}", self.command);
        self
    }

    /// With another command in place of `check`.
    pub(crate) fn run(mut self, arguments: &str) -> Self {
        self.command = format!("exec $P {arguments}");
        self
    }

    /// With a budget of its own.
    pub(crate) fn within(mut self, seconds: f64) -> Self {
        self.budget = seconds;
        self
    }

    /// Writes the files.
    pub(crate) fn lay_out(&self, folder: &Path, packs: &str) {
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match std::str::from_utf8(bytes) {
                Ok(text) if text.contains(PACKS) => fs::write(path, text.replace(PACKS, packs)).unwrap(),
                _ => fs::write(path, bytes).unwrap(),
            }
        }
    }

    /// What is wrong with what came out where all packs there are judge, which may find something where those of the case do not.
    pub(crate) fn wrong_with_all(&self, code: i32, said: &str) -> Option<String> {
        self.wrong(if code == 1 { code.min(self.code) } else { code }, said)
    }

    /// What is wrong with what came out; `None` where nothing is.
    pub(crate) fn wrong(&self, code: i32, said: &str) -> Option<String> {
        let shown: String = said.chars().take(400).collect();
        if said.contains('\u{1b}') {
            return Some(format!("{}: a terminal would be commanded by {shown:?}", self.name));
        }
        if !said.contains(self.said) {
            return Some(format!("{}: no `{}` in {shown}", self.name, self.said));
        }
        (code != self.code).then(|| format!("{}: ended with {code}, not {}: {shown}", self.name, self.code))
    }
}

/// `count` lines or items, made from their number.
pub(crate) fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}
