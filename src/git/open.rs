//! Which repository is asked, and which of git's variables have a say in it.
//!
//! Git starts hooks at the top of the working tree with `GIT_DIR`, `GIT_WORK_TREE` and `GIT_INDEX_FILE`, and each may be relative.
//! Whoever changes the folder then takes them along: with `GIT_DIR` alone git calls the current folder the top, whichever it is. So
//! where files belong follows from the folder, as git finds it without these variables; what they name has to be the same.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Kind, Repository, Slot, records, to_path};

/// The variables that say where a repository and its files are.
const PLACE: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_IMPLICIT_WORK_TREE", "GIT_PREFIX"];
/// Those that say where its contents are: a commit that is being made has an index of its own.
const CONTENTS: [&str; 3] = ["GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];

/// What is asked of a repository. The word in between parts the paths, which may have line breaks.
const WHERE: [&str; 4] = ["rev-parse", "--show-toplevel", "--is-bare-repository", "--absolute-git-dir"];
/// As [`WHERE`], with its index.
const NAMED: [&str; 5] = ["rev-parse", "--absolute-git-dir", "--is-bare-repository", "--git-path", "index"];
/// Files that are ignored, and kept.
const KEPT: [&str; 5] = ["ls-files", "--cached", "--ignored", "--exclude-standard", "-z"];

/// All files, each with what it is.
const STAGED: [&str; 3] = ["ls-files", "--stage", "-z"];

/// All files, each with a letter for what is special about it.
const MARKED: [&str; 3] = ["ls-files", "-t", "-z"];

/// Which of git's variables hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heeds {
    /// None that name a repository.
    Folder,
    /// Those that name its contents, such as the index.
    Contents,
    /// All, as they stand; what is relative counts from where the process runs.
    All,
    /// All, with the repository named in full: nothing but the variables says that there is one.
    Named(PathBuf),
}

impl Heeds {
    /// The variables that git must not see.
    pub(super) fn hides(&self) -> Vec<&'static str> {
        match self {
            Self::Folder => [PLACE.as_slice(), &CONTENTS].concat(),
            Self::Contents | Self::Named(_) => PLACE.to_vec(),
            Self::All => Vec::new(),
        }
    }

    /// The variables that it sees in their place.
    pub(super) fn sets<'h>(&'h self, top: &'h Path) -> Vec<(&'static str, &'h Path)> {
        match self {
            Self::Named(git_dir) => vec![("GIT_DIR", git_dir), ("GIT_WORK_TREE", top)],
            _ => Vec::new(),
        }
    }
}

impl Repository {
    /// The repository that a folder is in, with the index that git's variables name. They may also name one that no folder tells of,
    /// and must not name another one.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let mut repository = Self::at(folder, Heeds::Folder);
        let found = match repository.ask(&WHERE) {
            Ok(found) => found,
            Err(error @ (Error::NoRepository(_) | Error::NoWorkTree(_))) => return Self::by_variables(folder, error),
            Err(error) => return Err(error),
        };
        let (top, git_dir) = in_two(&found).ok_or_else(|| Error::NoWorkTree(folder.to_owned()))?;
        repository.top = fs::canonicalize(&top).unwrap_or(top);
        repository.agree(&git_dir)?;
        repository.heeds = Heeds::Contents;
        Ok(repository)
    }

    /// A folder whose repository is not known yet.
    pub(super) fn at(folder: &Path, heeds: Heeds) -> Self {
        Self { folder: folder.to_owned(), top: PathBuf::new(), heeds, contents: Slot::default() }
    }

    /// Files that git keeps although an ignore file names them, as they stand below a folder. One process: every run asks.
    pub fn kept_though_ignored(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let list = Self::ask_in(folder, &KEPT)?;
        Ok(list.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(to_path).collect())
    }

    /// Files of the index that are not to be checked out, as in a sparse checkout, as they stand below a folder.
    pub fn not_checked_out(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let list = Self::ask_in(folder, &MARKED)?;
        Ok(list.split(|byte| *byte == 0).filter_map(|record| record.strip_prefix(b"S ")).map(to_path).collect())
    }

    /// Repositories that the index has as submodules, as they stand below a folder.
    pub fn submodules(folder: &Path) -> Result<Vec<PathBuf>, Error> {
        let list = Self::ask_in(folder, &STAGED)?;
        let submodules = records(&list)
            .filter(|record| record.words.first().and_then(|mode| Kind::of(mode)) == Some(Kind::Submodule));
        Ok(submodules.map(|record| record.path).collect())
    }

    /// What a command prints in a folder, of the repository that it is in, else of the one that variables name.
    fn ask_in(folder: &Path, args: &[&str]) -> Result<Vec<u8>, Error> {
        match Self::at(folder, Heeds::Folder).ask(args) {
            Err(error @ (Error::NoRepository(_) | Error::NoWorkTree(_))) => {
                Self::by_variables(folder, error)?.ask(args)
            }
            asked => asked,
        }
    }

    /// The repository that only variables name, as for a home folder under version control; else why there is none.
    fn by_variables(folder: &Path, none: Error) -> Result<Self, Error> {
        let seen_from = |place: &str| {
            let found = Self::at(Path::new(place), Heeds::All).ask(&WHERE)?;
            Ok(in_two(&found).map(|(top, git_dir)| (fs::canonicalize(&top).unwrap_or(top), git_dir)))
        };
        let (top, git_dir) = match seen_from(".") {
            Ok(Some(found)) => found,
            Ok(None) | Err(Error::NoRepository(_) | Error::NoWorkTree(_)) => return Err(none),
            Err(error) => return Err(error),
        };
        let repository = Self { top: top.clone(), ..Self::at(folder, Heeds::Named(git_dir)) };
        // a work tree that is named in full is the same from everywhere; another is wherever somebody stands
        let is_named = seen_from("..").is_ok_and(|seen| seen.is_some_and(|(seen, _)| seen == top));
        if !is_named && !repository.has_its_files()? {
            return Err(Error::Unplaced(top));
        }
        Ok(repository)
    }

    /// Whether most files of the index are there below the top.
    fn has_its_files(&self) -> Result<bool, Error> {
        let there = Self { folder: self.top.clone(), top: self.top.clone(), ..Self::at(&self.top, self.heeds.clone()) };
        let count = |args: [&str; 3]| Ok(there.ask(&args)?.iter().filter(|byte| **byte == 0).count());
        Ok(count(["ls-files", "-z", "--deleted"])? * 2 <= count(["ls-files", "-z", "--cached"])?)
    }

    /// Holds what the variables name against the repository that was found. Hooks begin at its top, and people call from where they
    /// are: relative paths count from either.
    fn agree(&self, git_dir: &Path) -> Result<(), Error> {
        let other = |named: String| Err(Error::Contradicted { top: self.top.clone(), named });
        let mut found = None;
        for place in [&self.top, Path::new(".")] {
            match Self::at(place, Heeds::All).ask(&NAMED) {
                Err(error @ (Error::NoGit | Error::Distrusted(_))) => return Err(error),
                Err(_) => {}
                Ok(asked) => found = in_two(&asked).or(found),
            }
            if found.as_ref().is_some_and(|(theirs, _)| theirs == git_dir) {
                break;
            }
        }
        let Some((theirs, index)) = found else { return other("`GIT_DIR` names no repository".to_owned()) };
        if theirs != git_dir {
            return other(format!("`GIT_DIR` names another one, `{}`", theirs.display()));
        }
        let index = self.top.join(index);
        if index.parent().is_some_and(Path::is_file) {
            // `.git/index`, as the repository around a submodule calls its own
            return other(format!("`GIT_INDEX_FILE` names no index of it, `{}`", index.display()));
        }
        match index.ancestors().skip(1).find(|folder| is_git_dir(folder)) {
            Some(owner) if fs::canonicalize(owner).is_ok_and(|owner| !is_same(&owner, git_dir)) => {
                other(format!("`GIT_INDEX_FILE` names the index of another one, `{}`", index.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a folder is what git calls one: the commit that is checked out is named in it, and contents or where they are.
fn is_git_dir(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && (folder.join("objects").is_dir() || folder.join("commondir").is_file())
}

fn is_same(canonical: &Path, other: &Path) -> bool {
    fs::canonicalize(other).is_ok_and(|other| other == canonical)
}

/// Two paths, with a line between them that says `true` or `false`.
fn in_two(answer: &[u8]) -> Option<(PathBuf, PathBuf)> {
    let parted = [b"\ntrue\n".as_slice(), b"\nfalse\n"].into_iter().find_map(|word| {
        let at = memchr::memmem::find(answer, word)?;
        Some((answer.get(..at)?, answer.get(at + word.len()..)?))
    });
    let (first, second) = parted?;
    (!first.is_empty()).then(|| (path_of(first), path_of(second)))
}

/// A path that stands alone in an answer.
fn path_of(answer: &[u8]) -> PathBuf {
    let end = answer.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    to_path(answer.get(..end).unwrap_or_default())
}
