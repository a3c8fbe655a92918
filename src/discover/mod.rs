//! Which files are declarations: the root of the workspace, globs, ignore files. Reads nothing that could hang.

mod files;
mod globs;
mod links;
mod near;
mod root;
mod tracked;
mod walker;

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use files::{Files, ReadError, Texts, read, read_from};
pub use globs::{GlobError, Globs, PathGlobs};
pub use links::left_by_link;
pub use root::{Root, below_git_root, find_root, find_root_of, is_sparse, repository};
pub use tracked::Extent;
pub use walker::first_ignored;

use crate::git::{Kind, Repository, Tree};
use crate::order::Order;
use files::io_reason;
use root::above_in_git;
use walker::{Passed, is_ignored, unusable_ignore, walker};

/// The name of the config; the folder that holds one is the root of a workspace.
pub const CONFIG: &str = "purposelint.yaml";

/// The name of the baseline, beside the config or at the root.
pub const BASELINE: &str = "purposelint-baseline.json";

/// The name of git's ignore files.
const IGNORE: &str = ".gitignore";

/// The globs of declarations without a config: in any folder.
pub const DEFAULT_INCLUDE: [&str; 4] =
    ["**/purposes.yaml", "**/*.purposes.yaml", "**/purposes.yml", "**/*.purposes.yml"];

/// Why a declaration on the disk is not read that an ignore file names.
pub const IGNORED: &str = "not read, because an ignore file of the repository names it";

/// Reads a file that a declaration names, by its path from the root. It has to stand inside: links that leave are not followed.
///
/// # Errors
/// Why it was not read, in words that follow its name.
pub fn read_inside(files: &Files, root: &Path, path: &str, limit: usize) -> Result<Vec<u8>, String> {
    let is_inside = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(path).components().all(is_inside) {
        return Err("is no path from the root of the workspace".to_owned());
    }
    let file = root.join(path);
    let real = files.real(&file).map_err(|error| error.to_string())?;
    if !real.starts_with(root) {
        return Err("is a link that leads out of the workspace, which is not followed".to_owned());
    }
    files.read(&real, limit).map_err(|error| error.to_string())
}

/// Something that may hold declarations and was left aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Its path from the root.
    pub path: PathBuf,
    /// Why, in words for people.
    pub reason: String,
    /// Whether it is missing from what had to be judged, rather than left aside on purpose.
    pub lost: bool,
}

/// What a folder holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Declarations by their paths from the root, sorted.
    pub files: Vec<PathBuf>,
    /// What was left aside, sorted by path.
    pub skipped: Vec<Skipped>,
    /// Other paths that lead to these files, by way of links: each with the one under which the file is read.
    pub other_names: BTreeMap<PathBuf, PathBuf>,
    /// How much of the workspace these files are.
    pub extent: Extent,
}

/// All declarations below a root. Links are not walked through; a link to a file inside the root is read like a file. On the
/// disk, leaves out what `.gitignore` files in the repository name, but neither hidden files nor what the settings of one machine
/// ignore; what git keeps is there whatever they say.
pub fn declarations(root: &Path, globs: &Globs, files: &Files) -> Discovered {
    let real = files.real(root).unwrap_or_else(|_| root.to_owned());
    let ignores = above_in_git(&real).any(|folder| folder.join(IGNORE).is_file());
    let mut walk = Walk { root: real.clone(), globs, files, links: Vec::new(), ignores, found: Discovered::default() };
    let nested = match files {
        Files::Disk | Files::Edited(_) => walk.disk(),
        Files::Git(tree) => walk.tree(tree),
    };
    if !matches!(files, Files::Git(_)) {
        walk.kept_though_ignored(&nested);
        walk.not_checked_out(&nested);
        walk.absent_submodules(&nested);
    }
    if let Files::Edited(texts) = files {
        walk.not_yet_written(texts, &nested);
        walk.leave_apart(texts.apart());
    }
    for folder in nested {
        let reason = format!("a workspace of its own: it has a {CONFIG}, so run purposelint there");
        walk.found.skipped.push(Skipped { path: folder, reason, lost: false });
    }
    walk.finish()
}

/// Files below a root that these globs name, also where [`declarations`] does not look: in a workspace of its own, and on the disk where
/// an ignore file leaves them out. Sorted, and without those that are links.
pub fn all_named(root: &Path, globs: &Globs, files: &Files) -> Vec<PathBuf> {
    let mut paths = match files {
        Files::Disk | Files::Edited(_) => walker::all_named(root, globs),
        Files::Git(tree) => {
            let inside = root.strip_prefix(tree.top()).unwrap_or(root);
            let kept = tree.below(inside).filter(|(_, entry)| entry.kind == Kind::File);
            let paths = kept.filter_map(|(path, _)| path.strip_prefix(inside).ok().map(Path::to_owned));
            paths.filter(|path| globs.is_declaration(path)).collect()
        }
    };
    if let Files::Edited(texts) = files {
        let own = texts.below(root).filter_map(|path| path.strip_prefix(root).ok().map(Path::to_owned));
        paths.extend(own.filter(|path| globs.is_declaration(path)));
    }
    paths.order();
    paths.dedup();
    paths
}

struct Walk<'a> {
    root: PathBuf,
    globs: &'a Globs,
    files: &'a Files,
    /// Links to files inside the root: target, then the path of the link.
    links: Vec<(PathBuf, PathBuf)>,
    /// Whether an ignore file of git has a say.
    ignores: bool,
    found: Discovered,
}

impl Walk<'_> {
    /// Looks at what is on the disk. Gives the folders that are workspaces of their own.
    fn disk(&mut self) -> Vec<PathBuf> {
        let passed = Arc::new(Mutex::new(Passed::at(&self.root)));
        let mut unusable: Vec<PathBuf> =
            above_in_git(&self.root).chain([&*self.root]).filter_map(unusable_ignore).collect();
        for entry in walker(&self.root, self.globs, self.files, unusable.is_empty(), Arc::clone(&passed)) {
            match entry {
                Ok(entry) => self.entry(&entry),
                Err(error) => self.failed(&error),
            }
        }
        let passed = passed.lock().map(|mut passed| std::mem::take(&mut *passed)).unwrap_or_default();
        // where everything was seen nothing is ignored, and git need not be asked for what it keeps all the same
        self.ignores = self.ignores && passed.has_unseen();
        passed.excluded.iter().for_each(|folder| self.left_out(folder));
        unusable.extend(passed.unusable);
        for path in unusable {
            // git would wait for it as well
            self.ignores = false;
            self.skip(self.relative(&path), "is not a regular file, so nobody knows what it leaves out", true);
        }
        passed.nested
    }

    /// Finds declarations that only an editor has.
    fn not_yet_written(&mut self, texts: &Texts, nested: &[PathBuf]) {
        let root = self.root.clone();
        let kept = LazyCell::new(|| Repository::kept_though_ignored(&root).unwrap_or_default());
        for path in texts.below(&root).filter(|path| !path.exists()) {
            let path = self.relative(path);
            let is_left_out = self.globs.is_below_excluded(&path) || self.is_elsewhere(&path, nested);
            // the walk does not meet it, and so not what would have ended the walk
            if self.globs.is_declaration(&path)
                && !is_left_out
                && (!is_ignored(&self.root, &path) || kept.contains(&path))
            {
                self.found.files.push(path);
            }
        }
    }

    /// Whether a folder on the way to a file is a workspace of its own; one that is ignored was not walked through.
    fn is_nested(&self, path: &Path) -> bool {
        let folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        folders.into_iter().any(|folder| self.files.has_anything(&self.root.join(folder).join(CONFIG)))
    }

    /// Says by which globs of the config something was left out; what a folder held is not looked at.
    fn left_out(&mut self, path: &Path) {
        let globs: Vec<PathBuf> = self.globs.left_out(path).map(PathBuf::from).collect();
        for glob in globs {
            self.skip(glob, "left out by `exclude` in the config", false);
        }
    }

    /// Looks at what git keeps. Gives the folders that are workspaces of their own.
    fn tree(&mut self, tree: &Tree) -> Vec<PathBuf> {
        let Ok(inside) = self.root.strip_prefix(tree.top()).map(Path::to_owned) else { return Vec::new() };
        let below = || tree.below(&inside).filter_map(|(path, entry)| Some((path.strip_prefix(&inside).ok()?, entry)));
        let is_config = |path: &Path| path.file_name().is_some_and(|name| name == CONFIG);
        let own: BTreeSet<&Path> = below()
            .filter(|(path, _)| is_config(path) && self.files.has_file(&self.root.join(path)))
            .filter_map(|(path, _)| path.parent().filter(|folder| !folder.as_os_str().is_empty()))
            .collect();
        let mut nested = BTreeSet::new();
        for (path, entry) in below() {
            // as on the disk, whichever is met first on the way down ends it
            let mut way: Vec<&Path> =
                path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect();
            way.reverse();
            match way.into_iter().find(|folder| self.globs.is_excluded(folder) || own.contains(folder)) {
                Some(folder) if self.globs.is_excluded(folder) => self.left_out(folder),
                Some(folder) => drop(nested.insert(folder.to_owned())),
                None => self.kept(path, entry.kind),
            }
        }
        nested.into_iter().collect()
    }

    fn kept(&mut self, path: &Path, kind: Kind) {
        if self.globs.is_named(path) && self.globs.is_excluded(path) {
            self.left_out(path);
            return;
        }
        match kind {
            Kind::Link => self.link(&self.root.join(path), path.to_owned()),
            Kind::Submodule if !self.globs.is_excluded(path) && self.has_declarations(path) => {
                self.submodule(path.to_owned());
            }
            Kind::Submodule if !self.globs.is_excluded(path) => self.absent_submodule(path),
            // one with a conflict is found as well, so that it is missed when it cannot be read
            Kind::File | Kind::Conflict if self.globs.is_declaration(path) => self.found.files.push(path.to_owned()),
            Kind::File => self.misnamed(path.to_owned()),
            _ => {}
        }
    }

    /// Whether a folder on the disk has something to say at all.
    fn has_declarations(&self, folder: &Path) -> bool {
        let found = declarations(&self.root.join(folder), &self.globs.anywhere(), &Files::Disk);
        !found.files.is_empty()
    }

    fn entry(&mut self, entry: &ignore::DirEntry) {
        if let Some(error) = entry.error() {
            self.failed(error);
        }
        let path = self.relative(entry.path());
        match entry.file_type() {
            Some(kind) if kind.is_dir() => {}
            Some(_) if path.file_name().is_some_and(|name| name == IGNORE) => self.ignores = true,
            Some(_) if self.globs.is_named(&path) && self.globs.is_excluded(&path) => self.left_out(&path),
            Some(kind) => self.there(kind, path),
            None => {}
        }
    }

    /// Takes in what stands at a path from the root.
    fn there(&mut self, kind: fs::FileType, path: PathBuf) {
        if kind.is_symlink() {
            self.link(&self.root.join(&path), path);
        } else if !kind.is_dir() && self.globs.is_declaration(&path) {
            if kind.is_file() {
                self.found.files.push(path);
            } else {
                self.skip(path, "neither a file nor a folder", true);
            }
        } else if kind.is_file() {
            self.misnamed(path);
        }
    }

    /// A file whose name is nearly that of a declaration, or is one and counts for nothing: whoever wrote it may think that it is
    /// read. Rules of a pack are called as what they are about.
    fn misnamed(&mut self, path: PathBuf) {
        if near::is_nearly_config(&path) {
            return self.nearly_config(path);
        }
        if let Some(what) = self.globs.read_as(&path).filter(|_| self.globs.is_usual(&path)) {
            return self.skip(path, what, false);
        }
        let is_rule = || self.files.has_file(&self.root.join(path.with_file_name("pack.yaml")));
        if let Some(meant) = near::meant(&path).filter(|_| !self.globs.is_excluded(&path) && !is_rule()) {
            self.skip(path, &format!("would be read as {meant}"), false);
        }
    }

    /// A file that may have been meant as the config of its folder.
    fn nearly_config(&mut self, path: PathBuf) {
        let is_hidden = |part: &OsStr| part.to_string_lossy().starts_with('.');
        // what services read there, such as the workflows of GitHub, is called after what it runs
        let is_of_service = path.parent().is_some_and(|folder| folder.iter().any(is_hidden));
        // some file systems find it by the right name all the same
        let is_config =
            || self.files.real(&self.root.join(path.with_file_name(CONFIG))).ok() == Some(self.root.join(&path));
        let is_read = self.globs.read_as(&path).is_some() || is_config();
        if !is_of_service && !is_read && !self.globs.is_excluded(&path) {
            self.skip(path, &format!("is not read: a config is called {CONFIG}"), false);
        }
    }

    /// A folder that cannot be read, an ignore file that makes no sense.
    fn failed(&mut self, error: &ignore::Error) {
        let Some((path, reason, lost)) = explain(error) else { return };
        let path = self.relative(&path);
        if !self.globs.is_excluded(&path) {
            self.skip(path, &reason, lost);
        }
    }

    fn skip(&mut self, path: PathBuf, reason: &str, lost: bool) {
        self.found.skipped.push(Skipped { path, reason: reason.to_owned(), lost });
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// Adds links whose targets are not read anyway, one for each target, and sorts.
    fn finish(self) -> Discovered {
        let Discovered { mut files, mut skipped, mut other_names, extent } = self.found;
        files.order();
        let mut links = self.links;
        links.order();
        let mut first: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        for (target, link) in links.into_iter().filter(|(target, _)| self.globs.read_as(target).is_none()) {
            if files.binary_search(&target).is_ok() {
                other_names.insert(link, target);
            } else if let Some(read) = first.get(&target) {
                let reason = format!("a link to the file that is read as `{}`", read.display());
                skipped.push(Skipped { path: link.clone(), reason, lost: false });
                other_names.insert(link, read.clone());
            } else {
                first.insert(target, link);
            }
        }
        files.extend(first.values().cloned());
        other_names.extend(first);
        files.order();
        files.dedup();
        skipped.order();
        skipped.dedup();
        Discovered { files, skipped, other_names, extent }
    }
}

/// The path and the cause in an error of the walk, and whether something could not be read; `None` for what concerns no path.
fn explain(error: &ignore::Error) -> Option<(PathBuf, String, bool)> {
    match error {
        ignore::Error::Partial(errors) => errors.iter().find_map(explain),
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithDepth { err, .. } => explain(err),
        ignore::Error::WithPath { path, err } => match err.io_error() {
            Some(error) => Some((path.clone(), format!("cannot be read: {}", io_reason(error)), true)),
            None => Some((path.clone(), format!("cannot be understood: {err}"), false)),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        (folder, root)
    }

    fn shown(found: &Discovered) -> (Vec<String>, Vec<String>) {
        let path = |path: &Path| path.to_string_lossy().replace('\\', "/");
        let skipped = found.skipped.iter().map(|left| format!("{}: {}", path(&left.path), left.reason));
        (found.files.iter().map(|file| path(file)).collect(), skipped.collect())
    }

    #[test]
    fn the_root_is_the_nearest_config_else_the_repository_else_the_folder() {
        let (_keep, root) = folder();
        put(&root, "purposelint.yaml", "");
        put(&root, "repo/.git/HEAD", "");
        put(&root, "repo/a/purposelint.yaml", "");
        put(&root, "repo/a/b/purposes.yaml", "");
        put(&root, "repo/c/purposes.yaml", "");
        put(&root, "d/e/purposes.yaml", "");
        let at = |path: &str| find_root(&root.join(path));
        assert_eq!(at("repo/a/b/purposes.yaml").path, root.join("repo/a"));
        assert_eq!(at("repo/a/b").config, Some(root.join("repo/a/purposelint.yaml")));
        assert_eq!(at("repo/c"), Root { path: root.join("repo"), config: None });
        assert_eq!(at("d/e/purposes.yaml").path, root);
    }

    #[test]
    fn declarations_are_found_by_name_unless_ignored_or_excluded() {
        let (_keep, root) = folder();
        for path in ["purposes.yaml", "b/x.purposes.yml", ".hidden/purposes.yaml", "b/notes.yaml", "privacy/c.yaml"] {
            put(&root, path, "");
        }
        for path in ["out/purposes.yaml", "vendor/purposes.yaml", "old/purposes.yaml", ".git/purposes.yaml"] {
            put(&root, path, "");
        }
        put(&root, ".gitignore", "out/\n");
        let globs = Globs::new(&["privacy/*.yaml"], &["vendor/**", "./old/"]);
        let (files, skipped) = shown(&declarations(&root, &globs.unwrap(), &Files::Disk));
        assert_eq!(files, [".hidden/purposes.yaml", "b/x.purposes.yml", "privacy/c.yaml", "purposes.yaml"]);
        let why = "left out by `exclude` in the config";
        assert_eq!(skipped, [format!("./old/: {why}"), format!("vendor/**: {why}")]);
    }

    #[test]
    fn a_folder_with_its_own_config_is_another_workspace() {
        let (_keep, root) = folder();
        put(&root, "purposes.yaml", "");
        put(&root, "team/purposelint.yaml", "");
        put(&root, "team/purposes.yaml", "");
        let (files, skipped) = shown(&declarations(&root, &Globs::new::<&str>(&[], &[]).unwrap(), &Files::Disk));
        assert_eq!(files, ["purposes.yaml"]);
        assert_eq!(skipped, ["team: a workspace of its own: it has a purposelint.yaml, so run purposelint there"]);
    }

    #[test]
    fn a_config_of_nearly_the_right_name_is_told() {
        let (_keep, root) = folder();
        let names = ["purposelint.yml", "a/.purposelint.yaml", "b/Purposelint.yaml", "shared/purposelint.yml"];
        for path in names.into_iter().chain(["purposes.yaml", ".github/workflows/purposelint.yml"]) {
            put(&root, path, "");
        }
        assert_eq!(Root::at(&root, &Files::Disk).misnamed_config(&Files::Disk), Some(root.join("purposelint.yml")));
        put(&root, "purposelint.yaml", "");
        assert_eq!(Root::at(&root, &Files::Disk).misnamed_config(&Files::Disk), None);
        let globs = Globs::new::<&str>(&[], &["b"]).unwrap();
        let globs = globs.without(BTreeSet::from([PathBuf::from("shared/purposelint.yml")]), BTreeSet::new());
        let (_, skipped) = shown(&declarations(&root, &globs, &Files::Disk));
        let why = "is not read: a config is called purposelint.yaml";
        let left = "b: left out by `exclude` in the config".to_owned();
        assert_eq!(skipped, [format!("a/.purposelint.yaml: {why}"), left, format!("purposelint.yml: {why}")]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_to_files_inside_only() {
        use std::os::unix::fs::symlink;
        let (_keep, root) = folder();
        let (_other, outside) = folder();
        put(&outside, "purposes.yaml", "");
        put(&root, "real/purposes.yaml", "");
        put(&root, "real/text.yaml", "");
        fs::create_dir(root.join("links")).unwrap();
        symlink(root.join("real/purposes.yaml"), root.join("links/purposes.yaml")).unwrap();
        symlink(root.join("real/text.yaml"), root.join("links/a.purposes.yaml")).unwrap();
        symlink(outside.join("purposes.yaml"), root.join("links/b.purposes.yaml")).unwrap();
        symlink(root.join("nowhere"), root.join("links/c.purposes.yaml")).unwrap();
        put(&outside, "empty/notes.yaml", "");
        put(&outside, "own/purposelint.yaml", "");
        put(&outside, "own/purposes.yaml", "");
        symlink(&outside, root.join("links/folder")).unwrap();
        symlink(outside.join("empty"), root.join("links/empty")).unwrap();
        symlink(outside.join("own"), root.join("links/own")).unwrap();
        symlink(outside.join("nowhere"), root.join("links/gone")).unwrap();
        symlink(outside.join("nowhere"), root.join("links/gone.txt")).unwrap();
        let found = declarations(&root, &Globs::new::<&str>(&[], &[]).unwrap(), &Files::Disk);
        let (files, skipped) = shown(&found);
        assert_eq!(files, ["links/a.purposes.yaml", "real/purposes.yaml"]);
        assert_eq!(
            skipped,
            [
                "links/b.purposes.yaml: a link that leads out of the workspace, which is not followed",
                "links/c.purposes.yaml: a link to nothing",
                "links/empty: a link to a folder outside the workspace, which is not followed",
                "links/folder: a link to a folder outside the workspace, which is not followed although it has declarations",
                "links/gone: a link to nothing",
                "links/own: a link to a folder outside the workspace, which is not followed",
            ]
        );
        let lost = found.skipped.iter().map(|left| left.lost).collect::<Vec<_>>();
        assert_eq!(lost, [true, true, false, true, false, false]);
    }
}
