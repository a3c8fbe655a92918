//! The files of a config: which of them may be read, and where they stand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::failure::Failure;
use super::workspace::settle;
use crate::config::{Bases, Unopened};
use crate::discover::{self, CONFIG, Files, ReadError};
use crate::source::{FileId, SourceMap};
use crate::suggest;
use crate::syntax::{Limits, Located};

/// The files of a config, by their real paths.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigFiles {
    /// Where they are read from.
    from: Files,
    files: BTreeMap<PathBuf, FileId>,
    /// The folder of each file: what stands in it counts from there.
    folders: BTreeMap<FileId, PathBuf>,
    /// The folder that paths are shown from.
    root: PathBuf,
    /// The folders that `extends` must not leave.
    bounds: Vec<PathBuf>,
    /// Standard input with the file that it stands for.
    stdin: Option<(PathBuf, Vec<u8>)>,
}

impl ConfigFiles {
    /// Reads the config of a workspace, given as its path and how people know it.
    pub(super) fn start(
        sources: &mut SourceMap,
        (path, shown): (&Path, &str),
        root: &Path,
        stdin: Option<(PathBuf, Vec<u8>)>,
        from: &Files,
    ) -> Result<(Self, FileId), Failure> {
        let failed = |error: ReadError| Failure::Read { path: shown.to_owned(), error };
        let path = settle(path, from).map_err(failed)?;
        let folder = path.parent().unwrap_or(root).to_owned();
        let bounds = vec![discover::repository(&folder).unwrap_or_else(|| folder.clone()), root.to_owned()];
        let mut files = Self { from: from.clone(), root: root.to_owned(), bounds, stdin, ..Self::default() };
        let bytes = files.read_config_file(&path).map_err(failed)?;
        let real = from.real(&path).unwrap_or(path);
        let file = files.add(sources, (real, folder), shown, bytes);
        Ok((files, file))
    }

    /// The folder or file that a path in a config leads to.
    pub(super) fn path_of(&self, path: &Located<String>) -> PathBuf {
        self.folders.get(&path.span.file).unwrap_or(&self.root).join(&path.value)
    }

    /// The same without links and `..`; empty where there is nothing.
    pub(super) fn real_path_of(&self, path: &Located<String>) -> PathBuf {
        self.from.real(&self.path_of(path)).unwrap_or_default()
    }

    /// A path in a config as people know it: as written where it counts from the root, else from the root.
    pub(super) fn shown(&self, path: &Located<String>) -> String {
        match self.folders.get(&path.span.file) {
            Some(folder) if *folder != self.root => from_root(&self.root, &self.real_path_of(path)),
            _ => path.value.clone(),
        }
    }

    /// Whether a path is that of a file of the config.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.from.real(path).is_ok_and(|real| self.files.contains_key(&real))
    }

    fn add(
        &mut self,
        sources: &mut SourceMap,
        (real, folder): (PathBuf, PathBuf),
        shown: &str,
        bytes: Vec<u8>,
    ) -> FileId {
        let file = sources.add_bytes(shown, bytes);
        self.files.insert(real, file);
        self.folders.insert(file, folder);
        file
    }

    /// The bytes of a file of the config: the one place that reads them.
    fn read_config_file(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        match &self.stdin {
            Some((named, bytes)) if named == path => Ok(bytes.clone()),
            _ => self.from.read(path, Limits::default().file_size),
        }
    }

    fn is_inside(&self, real: &Path) -> bool {
        self.bounds.iter().any(|bound| real.starts_with(bound))
    }
}

impl Bases for ConfigFiles {
    fn open(&mut self, sources: &mut SourceMap, from: FileId, path: &str) -> Result<FileId, Unopened> {
        let unopened = |message: String, help: &str| Unopened { message, help: help.to_owned() };
        if path.contains("://") {
            return Err(unopened(
                format!("`{path}` is no local file"),
                "put a copy of it into the repository, or add its repository as a git submodule",
            ));
        }
        let whole = self.folders.get(&from).unwrap_or(&self.root).join(path);
        let missing = || unopened(format!("`{path}` does not exist"), &help_for_missing(&whole, path));
        let outside = || {
            unopened(
                format!("`{path}` is outside the repository"),
                "only a config in the same repository is read, so that every checkout has it; put a copy of it there, or add it as a git submodule",
            )
        };
        let settled = settle(&whole, &self.from).map_err(|_| missing())?;
        // whether a file outside exists is nothing to tell
        if !self.is_inside(&settled) {
            return Err(outside());
        }
        let is_stdin = self.stdin.as_ref().is_some_and(|(named, _)| *named == settled);
        let real = match self.from.real(&settled) {
            Ok(real) => real,
            Err(_) if is_stdin => settled.clone(),
            Err(_) => return Err(missing()),
        };
        if let Some(known) = self.files.get(&real) {
            return Ok(*known);
        }
        if !self.is_inside(&real) {
            return Err(outside());
        }
        if self.from.has_folder(&real) {
            let help = if self.from.has_file(&real.join(CONFIG)) {
                format!("name the file in it: `{}/{CONFIG}`", path.trim_end_matches('/'))
            } else {
                "name a config file".to_owned()
            };
            return Err(Unopened { message: format!("`{path}` is a folder"), help });
        }
        let bytes = self
            .read_config_file(&settled)
            .map_err(|error| unopened(format!("`{path}` {error}"), "repair it, or leave it out"))?;
        let folder = settled.parent().unwrap_or(&self.root).to_owned();
        let shown = from_root(&self.root, &settled);
        Ok(self.add(sources, (real, folder), &shown, bytes))
    }
}

fn help_for_missing(whole: &Path, path: &str) -> String {
    let siblings = whole.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut names: Vec<String> = siblings.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let wrong = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match suggest::nearest(&wrong, names.iter().map(String::as_str)) {
        Some(near) if *near != wrong => {
            let near = Path::new(path).with_file_name(near);
            format!("did you mean `{}`?", near.display())
        }
        _ => "paths in a config count from the folder of the file that names them".to_owned(),
    }
}

/// A path from a folder, with `..` where it leads out of it; both are absolute.
fn from_root(root: &Path, path: &Path) -> String {
    let common = root.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = root.components().skip(common).map(|_| "..".to_owned());
    let down =
        path.components().skip(common).map(|part: Component<'_>| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_the_root() {
        for (path, shown) in
            [("/a/b/c.yaml", "c.yaml"), ("/a/base/c.yaml", "../base/c.yaml"), ("/x.yaml", "../../x.yaml")]
        {
            assert_eq!(from_root(Path::new("/a/b"), Path::new(path)), shown);
        }
    }
}
