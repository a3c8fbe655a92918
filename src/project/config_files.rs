//! The files of a config: which of them may be read, and where they stand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::workspace::settle;
use crate::config::{Bases, Unopened};
use crate::discover::{self, CONFIG, Files, ReadError};
use crate::order::Order;
use crate::source::{FileId, SourceMap};
use crate::suggest;
use crate::syntax::{Limits, Located};

/// The files of a config, by their real paths.
#[derive(Debug, Clone, Default)]
pub struct ConfigFiles {
    files: BTreeMap<PathBuf, FileId>,
    places: BTreeMap<FileId, Place>,
    /// The folder that paths are shown from.
    root: PathBuf,
    /// Standard input with the file that it stands for.
    stdin: Option<(PathBuf, Vec<u8>)>,
}

/// Where a file of a config stands, and what follows from that for the paths in it.
#[derive(Debug, Clone, Default)]
struct Place {
    /// What stands in it counts from there.
    folder: PathBuf,
    /// The folders that `extends` must not leave. A base may stand outside the repository, but lets nobody else out.
    bounds: Vec<PathBuf>,
    /// Whether it stands in a repository, which other checkouts have without what lies outside.
    is_shared: bool,
    /// Where it is read from, and the packs that it names.
    from: Files,
}

impl ConfigFiles {
    /// The files of a config of a workspace; none yet.
    pub fn new(root: &Path, stdin: Option<(PathBuf, Vec<u8>)>) -> Self {
        Self { root: root.to_owned(), stdin, ..Self::default() }
    }

    /// Reads the config of the workspace, or one that is named in its place. `shown` is how people know it.
    pub fn start(
        &mut self,
        sources: &mut SourceMap,
        (path, shown): (&Path, &str),
        from: &Files,
    ) -> Result<FileId, ReadError> {
        let root = self.root.clone();
        self.begin(sources, (path, shown), from, |_| Some(root))
    }

    /// Reads a config that was given as the base of whatever the workspace says. It is none of the workspace's, so it is read
    /// from the disk also where the workspace comes from git.
    pub fn start_base(&mut self, sources: &mut SourceMap, (path, shown): (&Path, &str)) -> Result<FileId, ReadError> {
        let root = self.root.clone();
        self.begin(sources, (path, shown), &Files::Disk, |folder| Some(root).filter(|root| folder.starts_with(root)))
    }

    /// Reads a file that no other names. `also` says what it may reach besides its own repository, from its folder.
    fn begin(
        &mut self,
        sources: &mut SourceMap,
        (path, shown): (&Path, &str),
        from: &Files,
        also: impl FnOnce(&Path) -> Option<PathBuf>,
    ) -> Result<FileId, ReadError> {
        let path = settle(path, from)?;
        let real = from.real(&path).unwrap_or_else(|_| path.clone());
        if let Some(known) = self.files.get(&real) {
            return Ok(*known);
        }
        let bytes = self.read_config_file(from, &path)?;
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        let repository = discover::repository(&folder);
        let is_shared = repository.is_some();
        let own = repository.unwrap_or_else(|| folder.clone());
        let bounds = std::iter::once(own).chain(also(&folder)).collect();
        let place = self.place(&path, shown);
        let file = self.add(sources, (real, Place { folder, bounds, is_shared, from: from.clone() }), shown, bytes);
        if let Some(place) = place {
            sources.set_place(file, place);
        }
        Ok(file)
    }

    /// Where a file lies that somebody named from the folder they are in: `shown` would be another one for whoever counts from the
    /// root. A whole path is right for everybody, and all there is outside the repository.
    fn place(&self, path: &Path, shown: &str) -> Option<String> {
        let top = discover::repository(&self.root).unwrap_or_else(|| self.root.clone());
        (Path::new(shown).is_relative() || path.starts_with(top)).then(|| from_root(&self.root, path))
    }

    /// The folder or file that a path in a config leads to.
    pub fn path_of(&self, path: &Located<String>) -> PathBuf {
        self.folder_of(path.span.file).join(&path.value)
    }

    /// The same without links and `..`; `None` where there is nothing.
    pub fn real_path_of(&self, path: &Located<String>) -> Option<PathBuf> {
        self.read_from(path).real(&self.path_of(path)).ok()
    }

    /// Where the folder or file is read from that a path in a config leads to.
    pub fn read_from(&self, path: &Located<String>) -> &Files {
        self.places.get(&path.span.file).map_or(&Files::Disk, |place| &place.from)
    }

    /// Whether a path in a config leads out of the repository that the config stands in.
    pub fn leads_out(&self, path: &Located<String>) -> bool {
        let Some(place) = self.places.get(&path.span.file).filter(|place| place.is_shared) else { return false };
        // whether a folder outside exists is nothing to tell
        let real = self.real_path_of(path).or_else(|| settle(&self.path_of(path), &place.from).ok());
        real.is_some_and(|real| !place.bounds.iter().any(|bound| real.starts_with(bound)))
    }

    fn folder_of(&self, file: FileId) -> &Path {
        self.places.get(&file).map_or(&self.root, |place| &place.folder)
    }

    /// A path in a config as people know it: as written where it counts from the root, else from the root.
    pub fn shown(&self, path: &Located<String>) -> String {
        if self.folder_of(path.span.file) == self.root {
            return path.value.clone();
        }
        from_root(&self.root, &self.real_path_of(path).unwrap_or_else(|| self.path_of(path)))
    }

    /// Whether a path is that of a file of the config.
    pub fn holds(&self, path: &Path) -> bool {
        let mut from = self.places.values().map(|place| &place.from);
        from.any(|from| from.real(path).is_ok_and(|real| self.files.contains_key(&real)))
    }

    /// The paths of all files, without links.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(PathBuf::as_path)
    }

    /// The file at a path without links.
    pub fn file_at(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }

    fn add(&mut self, sources: &mut SourceMap, (real, place): (PathBuf, Place), shown: &str, bytes: Vec<u8>) -> FileId {
        let file = sources.add_bytes(shown, bytes);
        self.files.insert(real, file);
        self.places.insert(file, place);
        file
    }

    /// The bytes of a file of the config: the one place that reads them.
    fn read_config_file(&self, from: &Files, path: &Path) -> Result<Vec<u8>, ReadError> {
        match &self.stdin {
            Some((named, bytes)) if named == path => Ok(bytes.clone()),
            _ => from.read(path, Limits::default().file_size),
        }
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
        let Place { folder, bounds, is_shared, from } = self.places.get(&from).cloned().unwrap_or_default();
        let is_inside = |real: &Path| bounds.iter().any(|bound| real.starts_with(bound));
        let whole = folder.join(path);
        let missing = || unopened(format!("`{path}` does not exist"), &help_for_missing(&whole, path));
        let outside = || {
            unopened(
                format!("`{path}` is outside the repository"),
                "only a config in the same repository is read, so that every checkout has it; put a copy of it there, or add it as a git submodule",
            )
        };
        let settled = settle(&whole, &from).map_err(|_| missing())?;
        // whether a file outside exists is nothing to tell
        if !is_inside(&settled) {
            return Err(outside());
        }
        let is_stdin = self.stdin.as_ref().is_some_and(|(named, _)| *named == settled);
        let real = match from.real(&settled) {
            Ok(real) => real,
            Err(_) if is_stdin => settled.clone(),
            Err(_) => return Err(missing()),
        };
        if let Some(known) = self.files.get(&real) {
            return Ok(*known);
        }
        if !is_inside(&real) {
            return Err(outside());
        }
        if from.has_folder(&real) {
            let help = if from.has_file(&real.join(CONFIG)) {
                format!("name the file in it: `{}/{CONFIG}`", path.trim_end_matches('/'))
            } else {
                "name a config file".to_owned()
            };
            return Err(Unopened { message: format!("`{path}` is a folder"), help });
        }
        let bytes = self
            .read_config_file(&from, &settled)
            .map_err(|error| unopened(format!("`{path}` {error}"), "repair it, or leave it out"))?;
        let folder = settled.parent().unwrap_or(&self.root).to_owned();
        let shown = from_root(&self.root, &settled);
        Ok(self.add(sources, (real, Place { folder, bounds, is_shared, from }), &shown, bytes))
    }
}

fn help_for_missing(whole: &Path, path: &str) -> String {
    let siblings = whole.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let mut names: Vec<String> = siblings.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.order();
    let wrong = whole.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match suggest::nearest(&wrong, names.iter().map(String::as_str)) {
        Some(near) => {
            let near = Path::new(path).with_file_name(near);
            format!("did you mean `{}`?", near.display())
        }
        None if whole.is_symlink() => "it is a link to something that does not exist".to_owned(),
        None => "paths in a config count from the folder of the file that names them".to_owned(),
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
