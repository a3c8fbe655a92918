//! The way through the folders of a workspace, and what is met on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ignore::gitignore::Gitignore;

use super::root::{above_in_git, is_git_root};
use super::{CONFIG, Files, Globs, IGNORE};

/// What the walk meets on its way and does not enter.
#[derive(Default)]
pub(super) struct Passed {
    /// Folders that are workspaces of their own.
    pub(super) nested: Vec<PathBuf>,
    /// Folders that the config leaves out.
    pub(super) excluded: Vec<PathBuf>,
    /// Ignore files that are no files: opening a pipe would wait for somebody to write.
    pub(super) unusable: Vec<PathBuf>,
    /// The folders that were entered, with how many of their entries nothing ignores.
    entered: BTreeMap<PathBuf, usize>,
}

impl Passed {
    pub(super) fn at(root: &Path) -> Self {
        Self { entered: BTreeMap::from([(root.to_owned(), 0)]), ..Self::default() }
    }

    /// Whether a folder that was entered has something that was not seen.
    pub(super) fn has_unseen(&self) -> bool {
        self.entered.iter().any(|(folder, seen)| fs::read_dir(folder).map_or(true, |there| there.count() != *seen))
    }
}

/// The ignore file of a folder, if it is there and is neither a file nor a folder.
pub(super) fn unusable_ignore(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(IGNORE);
    fs::metadata(&path).is_ok_and(|known| !known.is_file() && !known.is_dir()).then_some(path)
}

/// Everything below a root that no ignore file names, as long as these are `usable`.
pub(super) fn walker(
    root: &Path,
    globs: &Globs,
    files: &Files,
    usable: bool,
    passed: Arc<Mutex<Passed>>,
) -> ignore::Walk {
    let in_git = root.ancestors().any(is_git_root);
    let exclude = globs.exclude.clone();
    let (base, files) = (root.to_owned(), files.clone());
    let enter = move |entry: &ignore::DirEntry| {
        let path = entry.path().strip_prefix(&base).unwrap_or(entry.path());
        if let (Ok(mut passed), Some(folder)) = (passed.lock(), entry.path().parent())
            && let Some(seen) = passed.entered.get_mut(folder)
        {
            *seen += 1;
        }
        if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
            return true;
        }
        if path.ends_with(".git") {
            return false;
        }
        let excluded = exclude.is_match(path);
        let own = !excluded && files.has_anything(&entry.path().join(CONFIG));
        let unusable = if own || excluded { None } else { unusable_ignore(entry.path()) };
        let enters = !own && !excluded && unusable.is_none();
        if let Ok(mut passed) = passed.lock() {
            passed.unusable.extend(unusable);
            if own {
                passed.nested.push(path.to_owned());
            } else if excluded {
                passed.excluded.push(path.to_owned());
            }
            if enters {
                passed.entered.insert(entry.path().to_owned(), 0);
            }
        }
        enters
    };
    let mut builder = ignore::WalkBuilder::new(root);
    // outside a repository no folder above the root has a say; inside one, all up to its root
    builder.standard_filters(false).git_ignore(usable).require_git(in_git).parents(in_git).filter_entry(enter);
    builder.build()
}

/// Whether an ignore file names a path from a root, or a folder that it lies in below the root: where there is nothing yet, the walk
/// cannot tell.
pub(super) fn is_ignored(root: &Path, path: &Path) -> bool {
    let mut above: Vec<&Path> = above_in_git(root).collect();
    if above.is_empty() {
        above.push(root);
    }
    // the walk follows none either where one of these cannot be read
    if above.iter().any(|folder| unusable_ignore(folder).is_some()) {
        return false;
    }
    let rules =
        |folder: &Path| Some(folder.join(IGNORE)).filter(|file| file.is_file()).map(|file| Gitignore::new(file).0);
    let mut known: Vec<Gitignore> = above.into_iter().rev().filter_map(rules).collect();
    let (whole, mut at) = (root.join(path), root.to_owned());
    for part in path {
        at.push(part);
        let is_folder = at != whole;
        let said = known.iter().rev().map(|rules| rules.matched(&at, is_folder)).find(|said| !said.is_none());
        if said.is_some_and(|said| said.is_ignore()) {
            return true;
        }
        if is_folder {
            // no repository has a say in another
            if is_git_root(&at) {
                known.clear();
            }
            known.extend(rules(&at));
        }
    }
    false
}

/// Files and folders that are looked at before somebody who waits is told less.
const MOST_LOOKED_AT: usize = 200_000;

/// Files on the disk below a root that these globs name, whatever leaves them out: ignore files, or a config on the way. Of a great
/// many entries only the first are looked at.
pub(super) fn all_named(root: &Path, globs: &Globs) -> Vec<PathBuf> {
    let enter = |entry: &ignore::DirEntry| entry.file_name() != ".git";
    let mut builder = ignore::WalkBuilder::new(root);
    builder.standard_filters(false).sort_by_file_name(Ord::cmp).filter_entry(enter);
    let found = builder.build().take(MOST_LOOKED_AT).filter_map(Result::ok);
    let files = found.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let paths = files.filter_map(|entry| entry.path().strip_prefix(root).ok().map(Path::to_owned));
    paths.filter(|path| globs.is_declaration(path)).collect()
}

/// The first declaration on the disk in a folder in which none was found: an ignore file names it. Its path counts from the root.
pub fn first_ignored(root: &Path, folder: &Path, globs: &Globs) -> Option<PathBuf> {
    // the walk starts inside, and would not ask about what it starts from
    if globs.is_below_excluded(folder) {
        return None;
    }
    let (base, exclude) = (root.to_owned(), globs.exclude.clone());
    let enter = move |entry: &ignore::DirEntry| {
        let path = entry.path().strip_prefix(&base).unwrap_or(entry.path());
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        let is_own = || fs::symlink_metadata(entry.path().join(CONFIG)).is_ok();
        entry.depth() == 0 || !is_folder || !(path.ends_with(".git") || exclude.is_match(path) || is_own())
    };
    let mut builder = ignore::WalkBuilder::new(root.join(folder));
    builder.standard_filters(false).sort_by_file_name(Ord::cmp).filter_entry(enter);
    let found = builder.build().take(MOST_LOOKED_AT).filter_map(Result::ok);
    let files = found.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut paths = files.filter_map(|entry| entry.path().strip_prefix(root).ok().map(Path::to_owned));
    paths.find(|path| globs.is_declaration(path))
}

#[cfg(test)]
mod tests {
    use super::super::tests::put;
    use super::*;

    #[test]
    fn git_is_asked_where_something_may_be_ignored() {
        for (ignored, has_unseen) in [("nothing\n", false), ("out/\n", true), ("a/*.md\n", true), ("vendor/x\n", false)]
        {
            let folder = tempfile::tempdir().unwrap();
            let root = fs::canonicalize(folder.path()).unwrap();
            ["purposes.yaml", "a/b.md", "out/c.yaml", "vendor/x", ".git/d"]
                .iter()
                .for_each(|path| put(&root, path, ""));
            put(&root, ".gitignore", ignored);
            let passed = Arc::new(Mutex::new(Passed::at(&root)));
            let globs = Globs::new::<&str>(&[], &["vendor"]).unwrap();
            walker(&root, &globs, &Files::Disk, true, Arc::clone(&passed)).for_each(drop);
            assert_eq!(passed.lock().unwrap().has_unseen(), has_unseen, "{ignored}");
        }
    }
}
