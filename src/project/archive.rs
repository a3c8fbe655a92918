//! Archives: another state of a workspace in one file, unpacked to a temporary folder that is gone when it is let go.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use tempfile::TempDir;

use super::failure::Failure;

/// Bytes that an archive may unpack to, and entries that it may have: more than any repository of declarations, and few enough
/// that a small file cannot fill a disk.
const MOST_BYTES: u64 = 1 << 30;
const MOST_ENTRIES: usize = 500_000;

/// What a `.tar` is made of. Behind its last entry stands at least one that is all zeros.
const BLOCK: u64 = 512;

const TOO_EARLY: &str = "it ends too early";

/// The longest target of a link.
const LONGEST_LINK: u64 = 4_096;

/// An archive, unpacked.
#[derive(Debug)]
pub struct Archive {
    /// Where it lies until it is let go.
    keep: TempDir,
    /// The folder that everything in it is in, if it has one such.
    top: PathBuf,
}

impl Archive {
    /// Unpacks a `.tar`, `.tar.gz` or `.zip`, whatever its name; what it is, its first bytes say.
    pub fn open(path: &Path, shown: &str) -> Result<Self, Failure> {
        let failed = |reason: String| Failure::Unanswered {
            message: format!("`{shown}` cannot be unpacked: {reason}"),
            help: "give a revision, a folder, or an archive as `git archive` makes it: .tar, .tar.gz or .zip"
                .to_owned(),
        };
        let broken = |error: io::Error| failed(error.to_string());
        let mut file = File::open(path).map_err(broken)?;
        let mut head = Vec::new();
        (&mut file).take(512).read_to_end(&mut head).map_err(broken)?;
        file.rewind().map_err(broken)?;
        let keep = tempfile::tempdir().map_err(broken)?;
        let mut unpacking = Unpacking::new(keep.path());
        let done = if head.starts_with(b"PK") {
            unpacking.zip(BufReader::new(file))
        } else if head.starts_with(&[0x1f, 0x8b]) {
            unpacking.tar(MultiGzDecoder::new(BufReader::new(file)))
        } else if head.get(257..262) == Some(b"ustar") {
            unpacking.tar(BufReader::new(file))
        } else {
            Err("it is no archive of a kind that is read".to_owned())
        };
        done.and_then(|()| unpacking.link()).map_err(failed)?;
        let root = fs::canonicalize(keep.path()).map_err(broken)?;
        let top = only_folder(&root).unwrap_or(root);
        Ok(Self { keep, top })
    }

    /// The folder with the state: the one of this name in it, where it has one, since an archive may be of a whole repository.
    pub fn folder(&self, prefix: &str) -> PathBuf {
        debug_assert!(self.keep.path().exists(), "it is there as long as the archive is held");
        let inside = self.top.join(prefix);
        if inside.is_dir() { inside } else { self.top.clone() }
    }
}

/// The folder in a folder that has nothing else.
fn only_folder(root: &Path) -> Option<PathBuf> {
    let mut entries = fs::read_dir(root).ok()?;
    let only = entries.next()?.ok()?;
    (entries.next().is_none() && only.file_type().ok()?.is_dir()).then(|| only.path())
}

struct Unpacking<'a> {
    root: &'a Path,
    bytes: u64,
    entries: usize,
    /// Made at last, so that nothing is ever written through one.
    links: Vec<Link>,
}

/// A symbolic link of an archive.
struct Link {
    /// As the archive has it.
    name: PathBuf,
    place: PathBuf,
    target: PathBuf,
}

/// A stream, and how much of it was read.
struct Counted<'c, R> {
    stream: R,
    read: &'c Cell<u64>,
    /// Whether there was no more although more was asked for.
    is_over: &'c Cell<bool>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(into)?;
        self.read.set(self.read.get() + read as u64);
        self.is_over.set(self.is_over.get() || (read == 0 && !into.is_empty()));
        Ok(read)
    }
}

impl<'a> Unpacking<'a> {
    fn new(root: &'a Path) -> Self {
        Self { root, bytes: 0, entries: 0, links: Vec::new() }
    }

    fn tar(&mut self, stream: impl Read) -> Result<(), String> {
        let (read, is_over) = (Cell::new(0), Cell::new(false));
        let mut archive = tar::Archive::new(Counted { stream, read: &read, is_over: &is_over });
        let why = |error: io::Error| if is_over.get() { TOO_EARLY.to_owned() } else { error.to_string() };
        let (mut is_empty, mut end) = (true, 0_u64);
        for entry in archive.entries().map_err(why)? {
            let mut entry = entry.map_err(why)?;
            is_empty = false;
            let name = entry.path().map_err(|error| error.to_string())?.into_owned();
            let target = entry.link_name().map_err(|error| error.to_string())?.map(std::borrow::Cow::into_owned);
            let kind = entry.header().entry_type();
            match (kind, target) {
                _ if kind.is_dir() => self.folder(&name)?,
                _ if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() => self.file(&name, &mut entry)?,
                (tar::EntryType::Symlink, Some(target)) => self.later(&name, target)?,
                (tar::EntryType::Link, Some(target)) => self.copy(&name, &target)?,
                // devices and pipes hold no declaration, and headers are no entries
                _ => {}
            }
            io::copy(&mut entry, &mut io::sink()).map_err(why)?;
            end = read.get().next_multiple_of(BLOCK);
        }
        match read.get() {
            _ if is_empty => Err("it holds nothing".to_owned()),
            // one that was cut off between two entries looks whole but for what marks its end
            read if read < end + BLOCK => Err(TOO_EARLY.to_owned()),
            _ => Ok(()),
        }
    }

    fn zip(&mut self, stream: impl Read + Seek) -> Result<(), String> {
        let mut archive = zip::ZipArchive::new(stream).map_err(|error| error.to_string())?;
        if archive.is_empty() {
            return Err("it holds nothing".to_owned());
        }
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).map_err(|error| error.to_string())?;
            let name = PathBuf::from(&*entry.name().map_err(|error| error.to_string())?);
            if entry.is_dir() {
                self.folder(&name)?;
            } else if entry.is_symlink() {
                let mut target = String::new();
                (&mut entry).take(LONGEST_LINK).read_to_string(&mut target).map_err(|error| error.to_string())?;
                self.later(&name, PathBuf::from(target))?;
            } else {
                self.file(&name, &mut entry)?;
            }
        }
        Ok(())
    }

    /// Where an entry goes. Nothing leaves the folder, however it is called.
    fn place(&mut self, name: &Path) -> Result<PathBuf, String> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(format!("it has more than {MOST_ENTRIES} entries"));
        }
        let inside =
            inside(Path::new(""), name).ok_or_else(|| format!("its entry `{}` leads out of it", name.display()))?;
        Ok(self.root.join(inside))
    }

    fn folder(&mut self, name: &Path) -> Result<(), String> {
        let place = self.place(name)?;
        fs::create_dir_all(place).map_err(|error| error.to_string())
    }

    fn file(&mut self, name: &Path, content: &mut dyn Read) -> Result<(), String> {
        let place = self.place(name)?;
        let mut write = || -> io::Result<u64> {
            fs::create_dir_all(place.parent().unwrap_or(self.root))?;
            io::copy(&mut content.take(MOST_BYTES - self.bytes + 1), &mut File::create(&place)?)
        };
        self.bytes += write().map_err(|error| format!("its entry `{}`: {error}", name.display()))?;
        if self.bytes > MOST_BYTES { Err(format!("it unpacks to more than {MOST_BYTES} bytes")) } else { Ok(()) }
    }

    /// A second name of a file that the archive has already given.
    fn copy(&mut self, name: &Path, target: &Path) -> Result<(), String> {
        let target = self.place(target)?;
        let mut file = File::open(target).map_err(|error| format!("its entry `{}`: {error}", name.display()))?;
        self.file(name, &mut file)
    }

    fn later(&mut self, name: &Path, target: PathBuf) -> Result<(), String> {
        let place = self.place(name)?;
        let from = name.parent().unwrap_or(Path::new(""));
        if inside(from, &target).is_none() {
            return Err(format!("its link `{}` leads out of it", name.display()));
        }
        self.links.push(Link { name: name.to_owned(), place, target });
        Ok(())
    }

    /// Makes the links. Where one leads follows from the others, so what was checked of its words says nothing before all are
    /// there: none is made below another, and at the end none may lead out.
    fn link(&self) -> Result<(), String> {
        let places: BTreeSet<&Path> = self.links.iter().map(|link| link.place.as_path()).collect();
        for Link { name, place, target } in &self.links {
            if let Some(above) = place.ancestors().skip(1).find(|folder| places.contains(folder)) {
                let above = above.strip_prefix(self.root).unwrap_or(above);
                return Err(format!("its link `{}` stands below its link `{}`", name.display(), above.display()));
            }
            self.folders_above(place, name)?;
            if fs::symlink_metadata(place).is_ok() {
                return Err(format!("its link `{}` stands where another entry does", name.display()));
            }
            symlink(target, place).map_err(|error| format!("its link `{}`: {error}", name.display()))?;
        }
        let root = fs::canonicalize(self.root).map_err(|error| error.to_string())?;
        match self.links.iter().find(|link| fs::canonicalize(&link.place).is_ok_and(|real| !real.starts_with(&root))) {
            Some(link) => Err(format!("its link `{}` leads out of it", link.name.display())),
            None => Ok(()),
        }
    }

    /// Makes the folders that a link stands in. Each is looked at by itself, since names that differ here may be one on the disk.
    fn folders_above(&self, place: &Path, name: &Path) -> Result<(), String> {
        let inside = place.parent().and_then(|folder| folder.strip_prefix(self.root).ok()).unwrap_or(Path::new(""));
        let mut folder = self.root.to_owned();
        for part in inside.components() {
            folder.push(part);
            let made = match fs::symlink_metadata(&folder) {
                Ok(known) if known.is_dir() => Ok(()),
                Ok(_) => Err(io::Error::from(io::ErrorKind::NotADirectory)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&folder),
                Err(error) => Err(error),
            };
            made.map_err(|error| format!("its link `{}`: {error}", name.display()))?;
        }
        Ok(())
    }
}

/// A path below a folder, without `.` and `..`; `None` where it leads out.
fn inside(from: &Path, path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in from.components().chain(path.components()) {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir if out.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(out)
}

#[cfg(unix)]
fn symlink(target: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::other("links in archives are not unpacked on this system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out() {
        for (from, path, expected) in [
            ("", "a/b", Some("a/b")),
            ("", "./a//b", Some("a/b")),
            ("a/b", "../c", Some("a/c")),
            ("", "..", None),
            ("", "a/../../b", None),
            ("a", "../../b", None),
            ("a", "/etc/passwd", None),
        ] {
            assert_eq!(inside(Path::new(from), Path::new(path)), expected.map(PathBuf::from), "{from} {path}");
        }
    }
}
