//! Where files are read from: the disk, or a revision or the index of a repository, with the same answers to the same questions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::git::{self, Kind, Tree};
use crate::order::Order;
use crate::parallel;

/// Links that are followed one after another before they count as a circle.
const MOST_LINKS: usize = 40;
/// The longest text of a link.
const LONGEST_LINK: usize = 4096;

/// Why a file was not read.
#[derive(Debug)]
pub enum ReadError {
    /// There is nothing of that name.
    Missing,
    /// It is a folder.
    Folder,
    /// It is a device, a pipe or a socket, which might never end.
    NotRegular,
    /// It is a link to a place outside the folder that was named.
    LinkOut,
    /// It holds a file whose name has another ending than the one that counts.
    Ending(String),
    /// It holds a file in a folder in which nothing is looked for.
    Subfolder(String),
    /// It holds a file with more bytes than such a file may have.
    TooLarge(String, usize),
    /// It holds more files, or more bytes, than are read: a number and what it counts.
    TooMuch(usize, &'static str),
    /// Git has it in several versions, after a merge that did not go through.
    Conflict,
    /// Git has a pointer to it, and Git LFS has the file.
    Lfs,
    /// Git refuses.
    Git(git::Error),
    /// The system refuses.
    Io(io::Error),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("does not exist"),
            Self::Folder => f.write_str("is a folder, not a file"),
            Self::NotRegular => f.write_str("is not a regular file, so it is not read"),
            Self::LinkOut => f.write_str("is a link that leaves its folder, so it is not followed"),
            Self::Ending(name) => write!(f, "would not be read: `{name}` must end in `.yaml`"),
            Self::Subfolder(name) => {
                write!(f, "has a file that would not be read: `{name}` stands in a folder of its own")
            }
            Self::TooLarge(name, most) => write!(f, "has a file that is larger than {most} bytes: `{name}`"),
            Self::TooMuch(most, what) => write!(f, "has more than {most} {what}"),
            Self::Conflict => f.write_str("has a merge conflict in git's index; resolve it and `git add` it"),
            Self::Lfs => {
                f.write_str("is kept in Git LFS, and git has only a pointer to it; keep declarations in git itself")
            }
            Self::Git(error) => write!(f, "cannot be read: {error}"),
            Self::Io(error) => write!(f, "cannot be read: {}", io_reason(error)),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<git::Error> for ReadError {
    fn from(error: git::Error) -> Self {
        Self::Git(error)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::IsADirectory => Self::Folder,
            _ => Self::Io(error),
        }
    }
}

/// The cause without the number that the system gives it.
pub(super) fn io_reason(error: &io::Error) -> String {
    // an error of the walk repeats the path, and only its kind is plain
    let text = if error.get_ref().is_some() { error.kind().to_string() } else { error.to_string() };
    let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The bytes of a regular file, at most `limit` and one more, which is enough to see that it is too large.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    // opening a pipe waits for somebody to write
    let before = fs::metadata(path)?;
    if !before.is_file() {
        return Err(if before.is_dir() { ReadError::Folder } else { ReadError::NotRegular });
    }
    let file = open(path)?;
    let now = file.metadata()?;
    if !now.is_file() {
        return Err(ReadError::NotRegular);
    }
    let most = limit.saturating_add(1);
    let mut bytes = Vec::new();
    // it is there to be read, so there is to be room for it; a reader that makes room as it goes copies again and again
    let expected = usize::try_from(now.len()).unwrap_or(usize::MAX).saturating_add(1).min(most);
    bytes.try_reserve_exact(expected).map_err(io::Error::from)?;
    read_into(bytes, file, most)
}

/// Opens a file without waiting, also if it has become a pipe since it was looked at.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    /// `O_NONBLOCK`, which the standard library has no name for.
    const WITHOUT_WAITING: i32 = if cfg!(target_os = "macos") { 0x4 } else { 0o4000 };
    fs::OpenOptions::new().read(true).custom_flags(WITHOUT_WAITING).open(path)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// The bytes of a stream, at most `limit` and one more.
pub fn read_from(stream: impl Read, limit: usize, expected: usize) -> Result<Vec<u8>, ReadError> {
    let most = limit.saturating_add(1);
    // nobody has made sure that so much will come
    read_into(Vec::with_capacity(expected.saturating_add(1).min(most).min(1 << 20)), stream, most)
}

fn read_into(mut bytes: Vec<u8>, stream: impl Read, most: usize) -> Result<Vec<u8>, ReadError> {
    stream.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Where files are read from. All paths are absolute; a tree answers for those below the top of its repository as if it were
/// checked out there, and the disk for all others.
#[derive(Debug, Clone, Default)]
pub enum Files {
    /// What is there now.
    #[default]
    Disk,
    /// A revision or the index.
    Git(Tree),
    /// What is there now, with the texts that an editor has not written yet.
    Edited(Texts),
}

/// Texts that stand in for what the disk has, by absolute paths without links but for their last part.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    texts: Arc<BTreeMap<PathBuf, Arc<str>>>,
    apart: Arc<BTreeSet<PathBuf>>,
}

impl Texts {
    /// Texts by path.
    pub fn new(texts: BTreeMap<PathBuf, Arc<str>>) -> Self {
        Self { texts: Arc::new(texts), apart: Arc::default() }
    }

    /// The same where no declaration is looked for in these folders, because they are repositories of their own.
    #[must_use]
    pub fn without(self, folders: BTreeSet<PathBuf>) -> Self {
        Self { apart: Arc::new(folders), ..self }
    }

    /// The folders in which no declaration is looked for.
    pub(super) fn apart(&self) -> &BTreeSet<PathBuf> {
        &self.apart
    }

    /// The text that stands for a file, under this path or under the one that a link of this path leads to.
    pub fn get(&self, path: &Path) -> Option<&Arc<str>> {
        self.texts.get(path).or_else(|| self.texts.get(&fs::canonicalize(path).ok()?))
    }

    /// The paths of texts below a folder.
    pub fn below<'t>(&'t self, folder: &'t Path) -> impl Iterator<Item = &'t Path> {
        self.texts.keys().map(PathBuf::as_path).filter(move |path| path.starts_with(folder))
    }
}

/// A path without links, and who has it.
enum Place {
    Disk(PathBuf),
    /// From the top of the tree.
    Tree(PathBuf),
}

impl Files {
    /// The path without links and `..`; it must exist.
    pub fn real(&self, path: &Path) -> Result<PathBuf, ReadError> {
        match (self, self.place(path)?) {
            (Self::Git(tree), Place::Tree(inside)) => Ok(tree.top().join(inside)),
            (_, Place::Tree(path) | Place::Disk(path)) => Ok(path),
        }
    }

    /// Whether a path is that of a folder, not of a file; it must exist.
    pub fn is_folder(&self, path: &Path) -> Result<bool, ReadError> {
        match (self, self.place(path)?) {
            (Self::Git(tree), Place::Tree(inside)) => Ok(tree.is_folder(&inside)),
            (Self::Edited(texts), Place::Tree(path) | Place::Disk(path)) if texts.get(&path).is_some() => Ok(false),
            (_, Place::Tree(path) | Place::Disk(path)) => Ok(fs::metadata(path)?.is_dir()),
        }
    }

    /// Whether there is a file, or a link to one.
    pub fn has_file(&self, path: &Path) -> bool {
        match self {
            Self::Disk => path.is_file(),
            Self::Edited(texts) => path.is_file() || texts.get(path).is_some(),
            Self::Git(_) => self.is_folder(path).is_ok_and(|is_folder| !is_folder),
        }
    }

    /// Whether there is anything by this name, also what cannot be read: a pipe, a folder, a link to nothing.
    pub(super) fn has_anything(&self, path: &Path) -> bool {
        match self {
            Self::Disk => fs::symlink_metadata(path).is_ok(),
            Self::Edited(texts) => fs::symlink_metadata(path).is_ok() || texts.get(path).is_some(),
            Self::Git(_) => self.has_file(path),
        }
    }

    /// Whether there is a folder, or a link to one.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.is_folder(path).unwrap_or(false)
    }

    /// What a folder holds, sorted.
    pub fn entries(&self, folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
        match (self, self.place(folder)?) {
            (Self::Git(tree), Place::Tree(inside)) => {
                let below = tree.below(&inside).filter_map(|(path, _)| path.strip_prefix(&inside).ok());
                let names: BTreeSet<&Path> = below.filter_map(|path| path.iter().next().map(Path::new)).collect();
                Ok(names.into_iter().map(|name| folder.join(name)).collect())
            }
            (_, Place::Tree(_) | Place::Disk(_)) => {
                let mut paths = Vec::new();
                for entry in fs::read_dir(folder)? {
                    paths.push(entry?.path());
                }
                if let Self::Edited(texts) = self {
                    paths.extend(texts.below(folder).filter(|path| path.parent() == Some(folder)).map(Path::to_owned));
                }
                paths.order();
                paths.dedup();
                Ok(paths)
            }
        }
    }

    /// The bytes of a file, at most `limit` and one more, which is enough to see that it is too large.
    pub fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        let mut read = self.read_all(std::slice::from_ref(&path), limit, &|bytes| bytes)?;
        read.pop().unwrap_or(Err(ReadError::Missing))
    }

    /// What `make` makes of the bytes of many files, in the order of the paths. Fails as a whole where git does: then no answer can
    /// be trusted.
    pub fn read_all<T: Send>(
        &self,
        paths: &[&Path],
        limit: usize,
        make: &(dyn Fn(Vec<u8>) -> T + Sync),
    ) -> Result<Vec<Result<T, ReadError>>, git::Error> {
        let from_disk = |path: &Path| read(path, limit).map(make);
        let tree = match self {
            Self::Disk => return Ok(parallel::map(paths, |path| from_disk(path))),
            Self::Edited(texts) => {
                let text = |path: &&Path| texts.get(path).map(|text| Ok(make(text.as_bytes().to_vec())));
                return Ok(parallel::map(paths, |path| text(path).unwrap_or_else(|| from_disk(path))));
            }
            Self::Git(tree) => tree,
        };
        let mut ids: Vec<&str> = Vec::new();
        let mut read_now = Vec::new();
        for path in paths {
            read_now.push(match self.place(path) {
                Err(ReadError::Git(error)) => return Err(error),
                Err(error) => Some(Err(error)),
                Ok(Place::Disk(path)) => Some(from_disk(&path)),
                Ok(Place::Tree(inside)) => match tree.get(&inside).map(|entry| (entry.kind, &entry.id)) {
                    Some((Kind::File, id)) => {
                        ids.push(id);
                        None
                    }
                    Some((Kind::Conflict, _)) => Some(Err(ReadError::Conflict)),
                    Some((Kind::Link | Kind::Submodule, _)) | None => Some(Err(ReadError::Folder)),
                },
            });
        }
        let mut contents = if ids.is_empty() { Vec::new() } else { tree.read_all(&ids, limit)? }.into_iter();
        let pointer = |bytes: Vec<u8>| if git::is_lfs_pointer(&bytes) { Err(ReadError::Lfs) } else { Ok(make(bytes)) };
        let filled = read_now
            .into_iter()
            .map(|known| known.or_else(|| contents.next().map(pointer)).unwrap_or(Err(ReadError::Missing)));
        Ok(filled.collect())
    }

    fn place(&self, path: &Path) -> Result<Place, ReadError> {
        match self {
            Self::Disk => Ok(Place::Disk(fs::canonicalize(path)?)),
            Self::Edited(texts) => match fs::canonicalize(path) {
                Err(_) if texts.texts.contains_key(path) => Ok(Place::Disk(path.to_owned())),
                real => Ok(Place::Disk(real?)),
            },
            Self::Git(tree) => place_in(tree, path),
        }
    }
}

/// Follows links and `..` inside a tree, for as long as they stay there.
fn place_in(tree: &Tree, path: &Path) -> Result<Place, ReadError> {
    let parts = |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).collect::<VecDeque<OsString>>();
    let inside = |path: &Path| path.strip_prefix(tree.top()).map(parts).ok();
    let outside = |path: &Path| -> Result<PathBuf, ReadError> { Ok(fs::canonicalize(path)?) };
    let mut rest = match inside(path) {
        Some(rest) => rest,
        None => {
            let path = outside(path)?;
            let Some(rest) = inside(&path) else { return Ok(Place::Disk(path)) };
            rest
        }
    };
    let mut done = PathBuf::new();
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) if done.as_os_str().is_empty() => {
                let whole: PathBuf = tree.top().join("..").iter().chain(rest.iter().map(OsString::as_os_str)).collect();
                return outside(&whole).map(Place::Disk);
            }
            Some(Component::ParentDir) => {
                done.pop();
            }
            Some(Component::Normal(name)) => {
                let next = done.join(name);
                match tree.get(&next) {
                    Some(entry) if entry.kind == Kind::Link => {
                        links += 1;
                        if links > MOST_LINKS {
                            return Err(ReadError::Missing);
                        }
                        let target = git::to_path(&tree.read(&entry.id, LONGEST_LINK)?);
                        if target.is_absolute() {
                            let Some(target) = inside(&target) else {
                                let whole: PathBuf =
                                    target.iter().chain(rest.iter().map(OsString::as_os_str)).collect();
                                return outside(&whole).map(Place::Disk);
                            };
                            done.clear();
                            rest = target.into_iter().chain(rest).collect();
                        } else {
                            rest = parts(&target).into_iter().chain(rest).collect();
                        }
                    }
                    Some(_) if rest.is_empty() => done = next,
                    None if tree.is_folder(&next) => done = next,
                    Some(_) | None => return Err(ReadError::Missing),
                }
            }
            _ => {}
        }
    }
    Ok(Place::Tree(done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_bounded_and_never_waits() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::write(root.join("a"), "0123456789").unwrap();
        assert_eq!(read(&root.join("a"), 4).unwrap(), b"01234");
        assert_eq!(read(&root.join("a"), 10).unwrap(), b"0123456789");
        assert_eq!(read(&root, 4).unwrap_err().to_string(), "is a folder, not a file");
        assert_eq!(read(&root.join("b"), 4).unwrap_err().to_string(), "does not exist");
        #[cfg(unix)]
        assert_eq!(
            read(Path::new("/dev/zero"), 4).unwrap_err().to_string(),
            "is not a regular file, so it is not read"
        );
    }
}
