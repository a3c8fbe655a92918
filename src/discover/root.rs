//! The root of a workspace, and that of the repository it lies in.

use std::fs;
use std::path::{Path, PathBuf};

use super::near::is_nearly_config;
use super::{CONFIG, Files, read};

/// Bytes of a file that names a folder of git.
const LONGEST: usize = 1 << 16;

/// The folder all paths of a run count from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The folder, absolute and without links where it exists.
    pub path: PathBuf,
    /// The config in it, if there is one.
    pub config: Option<PathBuf>,
}

impl Root {
    /// A folder as a root, absolute and without links.
    pub fn at(folder: &Path, files: &Files) -> Self {
        let config = folder.join(CONFIG);
        let has_config = files.has_anything(&config);
        Self { path: folder.to_owned(), config: has_config.then_some(config) }
    }

    /// A file in the root that was probably meant to be the config, where there is none.
    pub fn misnamed_config(&self, files: &Files) -> Option<PathBuf> {
        let there = if self.config.is_none() { files.entries(&self.path).unwrap_or_default() } else { Vec::new() };
        there.into_iter().find(|path| is_nearly_config(path) && files.has_file(path))
    }
}

/// The root for a file or folder: the nearest folder upwards with a config, else the git root, else the folder itself. The
/// search ends at the git root, so that a checkout is judged alike wherever it lies.
pub fn find_root(start: &Path) -> Root {
    let start = fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
    let folder = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
    find_root_of(folder, &Files::Disk)
}

/// As [`find_root`], for an absolute path of a folder without links, which need not exist.
pub fn find_root_of(folder: &Path, files: &Files) -> Root {
    for ancestor in folder.ancestors() {
        let config = ancestor.join(CONFIG);
        // one that cannot be read is not passed over: the run says so
        if files.has_anything(&config) {
            return Root { path: ancestor.to_owned(), config: Some(config) };
        }
        let is_top = matches!(files, Files::Git(tree) if tree.top() == ancestor);
        if is_top || is_git_root(ancestor) {
            return Root { path: ancestor.to_owned(), config: None };
        }
    }
    Root { path: folder.to_owned(), config: None }
}

/// The root of the repository that a folder lies in; in a submodule, its own.
pub fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|ancestor| is_git_root(ancestor)).map(Path::to_owned)
}

/// The way from the root of the repository that holds a folder down to it; empty for the root itself, and where there is none.
pub fn below_git_root(folder: &Path) -> PathBuf {
    let root = repository(folder);
    root.and_then(|root| folder.strip_prefix(root).ok().map(Path::to_owned)).unwrap_or_default()
}

/// A folder and those above it, up to the root of its repository; none outside of a repository.
pub(super) fn above_in_git(folder: &Path) -> impl Iterator<Item = &Path> {
    let root = folder.ancestors().position(is_git_root);
    folder.ancestors().take(root.map_or(0, |at| at + 1))
}

/// `.git` is a folder, or a file in worktrees and submodules.
pub(super) fn is_git_root(folder: &Path) -> bool {
    folder.join(".git").exists()
}

/// Whether the checkout that a folder lies in may leave out files that git keeps: then it has a file that says which.
pub fn is_sparse(folder: &Path) -> bool {
    let Some(root) = repository(folder) else { return false };
    let git = root.join(".git");
    // in worktrees and submodules it names the folder
    let named = read(&git, LONGEST).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let named = named.as_deref().and_then(|text| text.strip_prefix("gitdir:")).map(|path| root.join(path.trim()));
    named.unwrap_or(git).join("info/sparse-checkout").exists()
}
