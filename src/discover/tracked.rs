//! Declarations that git keeps and that a walk over the disk does not meet: those that an ignore file names, those that are
//! not checked out, and those of submodules that are not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::root::{is_git_root, is_sparse, repository};
use super::{CONFIG, Walk};
use crate::git::{Error, Repository};

/// How much of a workspace there is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// All but repositories inside of it, which may declare something.
    ButSubmodules,
    /// Not all of its declarations: others are not checked out.
    Part,
}

impl Extent {
    /// What is not there, as a sentence.
    pub fn lack(self) -> &'static str {
        match self {
            Self::Whole => "nothing is missing",
            Self::ButSubmodules => "a submodule was not read",
            Self::Part => "not all declarations are checked out",
        }
    }
}

/// What git lists submodules in.
const SUBMODULES: &str = ".gitmodules";

impl Walk<'_> {
    /// Finds declarations that git keeps although an ignore file names them: a checkout has them, and so has `--staged`.
    pub(super) fn kept_though_ignored(&mut self, nested: &[PathBuf]) {
        if !self.ignores {
            return;
        }
        let kept = match Repository::kept_though_ignored(&self.root) {
            Ok(kept) => kept,
            // without git nothing is kept, and where nothing is checked out no file is
            Err(Error::NoGit | Error::NoRepository(_) | Error::NoWorkTree(_)) => return,
            Err(error) => return self.unknown("which files git keeps although they are ignored", &error),
        };
        for path in kept {
            if !self.globs.is_named(&path) || self.is_elsewhere(&path, nested) {
                continue;
            }
            let Some(kind) = self.kind_without_links(&path) else { continue };
            match path.ancestors().find(|part| self.globs.is_excluded(part)) {
                Some(part) => self.left_out(part),
                None => self.there(kind, path),
            }
        }
    }

    /// Says which declarations are not checked out: a run over a part of a repository must not be taken for one over all of it.
    pub(super) fn not_checked_out(&mut self, nested: &[PathBuf]) {
        if !is_sparse(&self.root) {
            return;
        }
        let spared = match Repository::not_checked_out(&self.root) {
            Ok(spared) => spared,
            Err(error) => {
                self.found.extent = Extent::Part;
                return self.unknown("which declarations are not checked out", &error);
            }
        };
        // one that is there all the same is what somebody works on
        let spared = spared.into_iter().filter(|path| !self.files.has_anything(&self.root.join(path)));
        let spared: Vec<PathBuf> = spared.collect();
        let configs = spared.iter().filter(|path| path.file_name().is_some_and(|name| name == CONFIG));
        let own = configs.filter_map(|path| path.parent()).filter(|folder| !folder.as_os_str().is_empty());
        let nested: Vec<PathBuf> = own.map(Path::to_owned).chain(nested.iter().cloned()).collect();
        for path in spared {
            let is_left_out = self.globs.is_below_excluded(&path) || self.is_elsewhere(&path, &nested);
            if self.globs.is_declaration(&path) && !is_left_out {
                self.found.extent = Extent::Part;
                self.skip(path, "not read, because it is not checked out", false);
            }
        }
    }

    /// Says which submodules are not checked out: whatever they declare is not judged.
    pub(super) fn absent_submodules(&mut self, nested: &[PathBuf]) {
        // git need not be asked where it has no list of them
        if !repository(&self.root).is_some_and(|top| top.join(SUBMODULES).is_file()) {
            return;
        }
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let submodules = match Repository::submodules(&self.root.join(&folder)) {
                Ok(submodules) => submodules,
                Err(error) => return self.unknown_submodules(&folder, &error),
            };
            for path in submodules.iter().map(|path| folder.join(path)) {
                if self.globs.is_below_excluded(&path) || self.is_elsewhere(&path, nested) {
                    continue;
                }
                self.absent_submodule(&path);
                if self.has_submodules(&path) {
                    folders.push(path);
                }
            }
        }
    }

    /// Whether a folder is a repository with a list of submodules. What a link leads to is met where it stands.
    fn has_submodules(&self, path: &Path) -> bool {
        let folder = self.root.join(path);
        let is_folder = fs::symlink_metadata(&folder).is_ok_and(|known| known.is_dir());
        is_folder && is_git_root(&folder) && folder.join(SUBMODULES).is_file()
    }

    /// Says that nobody knows what is there. Most submodules declare nothing, so that this is no reason to judge nothing.
    fn unknown_submodules(&mut self, folder: &Path, error: &Error) {
        self.found.extent = self.found.extent.max(Extent::ButSubmodules);
        self.skip(folder.join(SUBMODULES), &unknown("which submodules are not checked out", error), false);
    }

    /// Leaves out what lies in submodules, as a revision does, which has nothing of them.
    pub(super) fn leave_apart(&mut self, submodules: &BTreeSet<PathBuf>) {
        for path in submodules.iter().map(|folder| self.relative(folder)).collect::<Vec<_>>() {
            let is_below = |file: &Path| file != path && file.starts_with(&path);
            let all = self.found.files.len() + self.links.len();
            self.found.files.retain(|file| !is_below(file));
            self.links.retain(|(_, link)| !is_below(link));
            self.found.skipped.retain(|skipped| !is_below(&skipped.path));
            if self.found.files.len() + self.links.len() < all {
                self.submodule(path);
            }
        }
    }

    /// Says that what a submodule declares is not read.
    pub(super) fn submodule(&mut self, path: PathBuf) {
        self.found.extent = self.found.extent.max(Extent::ButSubmodules);
        self.skip(path, "a submodule, whose declarations git keeps in another repository", false);
    }

    /// Says so where a submodule is not checked out.
    pub(super) fn absent_submodule(&mut self, path: &Path) {
        let is_there = fs::read_dir(self.root.join(path)).is_ok_and(|mut there| there.next().is_some());
        if !is_there {
            self.found.extent = self.found.extent.max(Extent::ButSubmodules);
            self.skip(path.to_owned(), "not read, because the submodule is not checked out", false);
        }
    }

    /// Says what nobody knows because git does not say it.
    fn unknown(&mut self, what: &str, error: &Error) {
        self.skip(PathBuf::new(), &unknown(what, error), true);
    }

    /// Whether a file belongs to another workspace.
    pub(super) fn is_elsewhere(&self, path: &Path, nested: &[PathBuf]) -> bool {
        nested.iter().any(|folder| path.starts_with(folder)) || self.is_nested(path)
    }

    /// What stands at a path from the root. Below a link there is nothing that git keeps.
    fn kind_without_links(&self, path: &Path) -> Option<fs::FileType> {
        let kind = |path: &Path| fs::symlink_metadata(self.root.join(path)).ok().map(|known| known.file_type());
        let mut folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        if folders.all(|folder| kind(folder).is_some_and(|kind| kind.is_dir())) { kind(path) } else { None }
    }
}

/// That nobody knows something, with what git says of it.
fn unknown(what: &str, error: &Error) -> String {
    let help = error.help().map(|help| format!("; {help}")).unwrap_or_default();
    format!("nobody knows {what}: {error}{help}")
}
