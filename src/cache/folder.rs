//! The folder that shelves are kept in: one file for each, written beside and put in its place, so that several programs may share
//! it.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Key, Shelf};
use crate::discover;

/// How the names of our files end, and of those that are not yet in their place. Nothing else is ever removed.
const ENDING: &str = "purposelint-cache";
const UNFINISHED: &str = "purposelint-unfinished";

/// What tells programs that copy or search disks to leave the folder alone.
const TAG: (&str, &str) = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# Made by purposelint. `purposelint cache clean` empties it.\n",
);

/// A larger file is not read, and none is written.
const LARGEST: usize = 512 << 20;

/// Most bytes of all files together.
const MOST: u64 = 1 << 30;

/// Most files of one workspace: each day and each way to call the program has one.
const MOST_OF_ONE: usize = 6;

/// How long a file stays that is not written again.
const AGE: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// How long a file may take to be written.
const WRITING: Duration = Duration::from_secs(60 * 60);

/// Why a shelf was not kept. Nothing depends on it.
#[derive(Debug)]
pub struct Unwritten(pub String);

/// A folder for shelves. It need not exist.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// One of our files.
struct Held {
    path: PathBuf,
    /// What it is of, as far as its name says.
    root: String,
    bytes: u64,
    written: SystemTime,
    is_finished: bool,
}

impl Folder {
    /// The folder at a path.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn file(&self, root: Key, owner: Key) -> PathBuf {
        self.path.join(format!("{:032x}-{:032x}.{ENDING}", root.0, owner.0))
    }

    /// What is kept of a workspace for an owner; an empty shelf where that is nothing, or nothing that can be used.
    pub fn open(&self, root: Key, owner: Key) -> Shelf {
        let path = self.file(root, owner);
        // a link would be followed to what somebody else keeps
        let is_plain = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let bytes = if is_plain { discover::read(&path, LARGEST).ok() } else { None };
        bytes.filter(|bytes| bytes.len() <= LARGEST).and_then(|bytes| Shelf::open(bytes, owner)).unwrap_or_default()
    }

    /// Keeps a shelf, if there is anything new in it, and removes what is old.
    ///
    /// # Errors
    /// The system refuses, in words.
    pub fn keep(&self, root: Key, owner: Key, shelf: &Shelf) -> Result<(), Unwritten> {
        let Some(bytes) = shelf.close(owner).filter(|bytes| bytes.len() <= LARGEST) else { return Ok(()) };
        let path = self.file(root, owner);
        let written = self.write(&path, &bytes);
        let written = written.map_err(|error| Unwritten(format!("{}: {error}", self.path.display())))?;
        self.prune(&path, written);
        Ok(())
    }

    /// Writes a file beside its place, then puts it there. Gives the time at which it was written.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<SystemTime> {
        make(&self.path)?;
        let tag = self.path.join(TAG.0);
        if fs::symlink_metadata(&tag).is_err() {
            fs::write(tag, TAG.1)?;
        }
        let suffix = format!(".{UNFINISHED}");
        // only its owner may read and write it, and so it stays
        let mut beside = tempfile::Builder::new().suffix(&suffix).tempfile_in(&self.path)?;
        beside.write_all(bytes)?;
        let file = beside.persist(path).map_err(|error| error.error)?;
        file.metadata()?.modified()
    }

    /// Our files; what cannot be looked at is left alone.
    fn held(&self) -> Vec<Held> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let held = entries.filter_map(|entry| {
            let path = entry.path();
            let ending = path.extension()?.to_str()?.to_owned();
            let found = fs::symlink_metadata(&path).ok().filter(|_| ending == ENDING || ending == UNFINISHED)?;
            let root = path.file_stem()?.to_str()?.split('-').next()?.to_owned();
            let (bytes, written) = (found.len(), found.modified().ok()?);
            Some(Held { root, bytes, written, is_finished: ending == ENDING, path }).filter(|_| !found.is_dir())
        });
        let mut held: Vec<Held> = held.collect();
        held.sort_by(|a, b| b.written.cmp(&a.written).then_with(|| a.path.cmp(&b.path)));
        held
    }

    /// Removes what is old, beside the file that was written just now: what is too much goes with the oldest first.
    fn prune(&self, path: &Path, now: SystemTime) {
        let own = path.file_stem().and_then(|stem| stem.to_str()?.split('-').next()).unwrap_or_default();
        let (mut all, mut of_one) = (0, 0);
        for held in self.held() {
            let age = now.duration_since(held.written).unwrap_or_default();
            all += held.bytes;
            of_one += usize::from(held.root == own && held.is_finished);
            let goes = match held.is_finished {
                true => age > AGE || all > MOST || (held.root == own && of_one > MOST_OF_ONE),
                false => age > WRITING,
            };
            if goes && held.path != path {
                // somebody else may have been quicker
                let _removed = fs::remove_file(held.path);
            }
        }
    }

    /// Removes all our files. Gives how many there were, and their bytes.
    ///
    /// # Errors
    /// The system refuses.
    pub fn clean(&self) -> io::Result<(usize, u64)> {
        let (mut files, mut bytes) = (0, 0);
        for held in self.held() {
            match fs::remove_file(&held.path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => {
                    removed?;
                    files += 1;
                    bytes += held.bytes;
                }
            }
        }
        Ok((files, bytes))
    }
}

/// Makes a folder that only its owner can look into, and those above it.
fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        fs::create_dir_all(above)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made,
    }
}
