//! Configs of several files for tests, without a disk.

use std::collections::BTreeMap;

use super::{Bases, Config, Start, Unopened};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, SourceMap};
use crate::space::Atlas;

/// A workspace in memory: the first file is the config of the workspace, the others can be extended by their paths.
struct Files<'f>(&'f [(&'f str, &'f str)], BTreeMap<String, FileId>);

impl Bases for Files<'_> {
    fn open(&mut self, sources: &mut SourceMap, _: FileId, path: &str) -> Result<FileId, Unopened> {
        if let Some(file) = self.1.get(path) {
            return Ok(*file);
        }
        let unopened = || Unopened { message: format!("`{path}` does not exist"), help: String::new() };
        let (_, text) = self.0.iter().find(|(name, _)| *name == path).ok_or_else(unopened)?;
        let file = sources.add(path, *text);
        self.1.insert(path.to_owned(), file);
        Ok(file)
    }
}

/// The config of the first file, with what it extends.
pub(super) fn load_all(files: &[(&str, &str)]) -> (SourceMap, Config, Vec<Diagnostic>) {
    load(files, Some(files[0].0), None)
}

/// The config of the file `r`, where there is one, over a base.
pub(super) fn load_over(files: &[(&str, &str)], base: &str) -> (SourceMap, Config, Vec<Diagnostic>) {
    load(files, files.iter().map(|(name, _)| *name).find(|name| *name == "r"), Some(base))
}

fn load(files: &[(&str, &str)], workspace: Option<&str>, base: Option<&str>) -> (SourceMap, Config, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let mut bases = Files(files, BTreeMap::new());
    let mut add = |name: Option<&str>| {
        let (name, text) = files.iter().find(|(known, _)| Some(*known) == name)?;
        let file = sources.add(*name, *text);
        bases.1.insert((*name).to_owned(), file);
        Some(file)
    };
    let start = Start { workspace: add(workspace), base: add(base) };
    let (config, diagnostics) = Config::load(&mut sources, start, Atlas::builtin(), &mut bases);
    (sources, config, diagnostics)
}
