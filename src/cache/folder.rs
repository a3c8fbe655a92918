//! The folder that shelves are kept in: one file for each, written beside and put in its place, so that several programs may share
//! it.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Key, Shelf};
use crate::discover;
use crate::order::Order;

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

/// Most files of one workspace: what files say and what was said have one each, and what was judged one for each day and each way to
/// judge.
const MOST_OF_ONE: usize = 6;

/// How long a file stays that no run uses.
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
    /// When a run last wrote or used it.
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
        self.path.join(format!("{}-{}.{ENDING}", name(root), name(owner)))
    }

    /// What is kept of a workspace for an owner; an empty shelf where that is nothing, or nothing that can be used.
    pub fn open(&self, root: Key, owner: Key) -> Shelf {
        let path = self.file(root, owner);
        // a link would be followed to what somebody else keeps
        let is_plain = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let bytes = if is_plain { discover::read(&path, LARGEST).ok() } else { None };
        bytes.filter(|bytes| bytes.len() <= LARGEST).and_then(|bytes| Shelf::open(bytes, owner)).unwrap_or_default()
    }

    /// Keeps the shelves of a run, each with its owner, as far as there is anything new in them. If there is, what the run has read
    /// counts as new as well, and what is old is removed.
    ///
    /// # Errors
    /// The system refuses, in words.
    pub fn keep<'s>(&self, root: Key, shelves: impl IntoIterator<Item = (Key, &'s Shelf)>) -> Result<(), Unwritten> {
        let mut used = BTreeSet::new();
        let mut written = None;
        for (owner, shelf) in shelves {
            let path = self.file(root, owner);
            if let Some(bytes) = shelf.close(owner).filter(|bytes| bytes.len() <= LARGEST) {
                let done = self.write(&path, &bytes);
                written = Some(done.map_err(|error| Unwritten(format!("{}: {error}", self.path.display())))?);
                used.insert(path);
            } else if shelf.was_asked() {
                used.insert(path);
            }
        }
        if let Some(now) = written {
            used.iter().for_each(|path| freshen(path, now));
            self.prune(root, &used, now);
        }
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

    /// Our files; what cannot be looked at is left alone. None where there is no folder.
    fn held(&self) -> io::Result<Vec<Held>> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let held = entries.flatten().filter_map(|entry| {
            let path = entry.path();
            let ending = path.extension()?.to_str()?.to_owned();
            let found = fs::symlink_metadata(&path).ok().filter(|_| ending == ENDING || ending == UNFINISHED)?;
            let root = path.file_stem()?.to_str()?.split('-').next()?.to_owned();
            let (bytes, written) = (found.len(), found.modified().ok()?);
            Some(Held { root, bytes, written, is_finished: ending == ENDING, path }).filter(|_| !found.is_dir())
        });
        Ok(held.collect())
    }

    /// Removes what is old; somebody else may be quicker, or forbid it.
    fn prune(&self, root: Key, used: &BTreeSet<PathBuf>, now: SystemTime) {
        for path in superfluous(self.held().unwrap_or_default(), &name(root), used, now) {
            let _removed = fs::remove_file(path);
        }
    }

    /// Removes all our files. Gives how many there were, and their bytes.
    ///
    /// # Errors
    /// The system refuses.
    pub fn clean(&self) -> io::Result<(usize, u64)> {
        let (mut files, mut bytes) = (0, 0);
        for held in self.held()? {
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

/// Makes a file look as if it had been written at a time. Where that cannot be, it goes when its own time has come.
fn freshen(path: &Path, now: SystemTime) {
    let is_plain = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    if let Some(file) = is_plain.then(|| fs::File::options().write(true).open(path).ok()).flatten() {
        let _set = file.set_modified(now);
    }
}

fn name(key: Key) -> String {
    format!("{:032x}", key.0)
}

/// What of our files has to go: what is too much goes with the oldest first, and never what a run of `root` has used.
fn superfluous(mut held: Vec<Held>, root: &str, used: &BTreeSet<PathBuf>, now: SystemTime) -> Vec<PathBuf> {
    held.order_by(|a, b| b.written.cmp(&a.written).then_with(|| a.path.cmp(&b.path)));
    let (mut all, mut of_one) = (0, 0);
    let goes = |held: &Held| {
        // a clock that was wrong must not keep a file for years
        let age = now.duration_since(held.written).unwrap_or_else(|ahead| ahead.duration());
        all += held.bytes;
        of_one += usize::from(held.root == root);
        let is_much = match held.is_finished {
            true => age > AGE || all > MOST || (held.root == root && of_one > MOST_OF_ONE),
            false => age > WRITING,
        };
        is_much && !used.contains(&held.path)
    };
    held.into_iter().filter(goes).map(|held| held.path).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60;
    const DAY: u64 = 24 * HOUR;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 * DAY)
    }

    fn ago(seconds: u64) -> SystemTime {
        now() - Duration::from_secs(seconds)
    }

    /// A file of `us` in its place, named after its workspace and a number.
    fn held(root: &str, number: usize, written: SystemTime, bytes: u64) -> Held {
        Held { path: format!("{root}-{number}").into(), root: root.to_owned(), bytes, written, is_finished: true }
    }

    fn unfinished(number: usize, written: SystemTime) -> Held {
        Held { is_finished: false, ..held(".tmp", number, written, 0) }
    }

    #[test]
    fn what_is_old_or_too_much_goes() {
        let days = |root: &'static str, days: &'static [u64]| {
            days.iter().enumerate().map(move |(number, days)| held(root, number, ago(days * DAY), 1))
        };
        let sizes = |sizes: &'static [u64]| {
            sizes.iter().zip(0..).map(|(size, number)| held("them", number as usize, ago(number * HOUR), *size))
        };
        let ahead = now() + AGE + Duration::from_secs(1);
        let cases: Vec<(&str, Vec<Held>, &[&str])> = vec![
            ("nothing", vec![], &[]),
            ("two weeks and a day", days("them", &[0, 14, 15]).collect(), &["them-2"]),
            ("as long ago, but in use", vec![held("us", 9, ago(15 * DAY), MOST)], &[]),
            ("a clock that was ahead", vec![held("them", 0, now() + AGE, 1), held("them", 1, ahead, 1)], &["them-1"]),
            ("a seventh of one", days("us", &[0, 1, 2, 6, 5, 4, 3]).collect(), &["us-3"]),
            ("of those that are as old, by name", (0..7).map(|n| held("us", 6 - n, now(), 1)).collect(), &["us-6"]),
            (
                "of another, older than a seventh of one",
                days("us", &[0, 1, 2, 3, 4, 5, 6]).chain(days("them", &[7])).collect(),
                &["us-6"],
            ),
            ("a seventh of another", days("them", &[0, 1, 2, 3, 4, 5, 6]).collect(), &[]),
            (
                "what is in use counts",
                days("us", &[0, 1, 2, 3, 4, 5]).chain([held("us", 9, now(), 1)]).collect(),
                &["us-5"],
            ),
            ("as much as there may be", sizes(&[MOST / 2, MOST / 2]).collect(), &[]),
            ("more", sizes(&[MOST / 2, MOST / 2 - 1, 2, 0]).collect(), &["them-2", "them-3"]),
            (
                "what others are writing, and what they never finished",
                vec![unfinished(0, ago(HOUR)), unfinished(1, ago(HOUR + 1))],
                &[".tmp-1"],
            ),
            ("many unfinished", (0..9).map(|number| unfinished(number, now())).collect(), &[]),
        ];
        let used = BTreeSet::from(["us-9".into()]);
        for (name, held, expected) in cases {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(superfluous(held, "us", &used, now()), expected, "{name}");
        }
    }

    fn key(name: &str) -> Key {
        Key::of([name])
    }

    fn shelf(value: &str) -> Shelf {
        let shelf = Shelf::default();
        shelf.put(key("value"), value.as_bytes().to_vec());
        shelf
    }

    fn set(path: &Path, time: SystemTime) {
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn what_every_run_uses_stays_though_nothing_in_it_is_new() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().to_owned());
        folder.keep(key("root"), [(key("facts"), &shelf("facts"))]).unwrap();
        let first = folder.file(key("root"), key("facts"));
        for day in 0..2 * MOST_OF_ONE {
            // as if every run was a day after the one before
            for held in folder.held().unwrap() {
                set(&held.path, held.written - Duration::from_secs(DAY));
            }
            let facts = folder.open(key("root"), key("facts"));
            assert!(facts.get(key("value")).is_some(), "on day {day}");
            let (owner, judged) = (key(&format!("day {day}")), shelf("judged"));
            folder.keep(key("root"), [(owner, &judged), (key("facts"), &facts)]).unwrap();
            assert!(folder.file(key("root"), owner).exists());
        }
        assert!(first.exists());
        assert_eq!(folder.held().unwrap().len(), MOST_OF_ONE);
        // nobody asks any more
        for day in 0..MOST_OF_ONE {
            folder.keep(key("root"), [(key(&format!("later {day}")), &shelf("judged"))]).unwrap();
        }
        assert!(!first.exists());
    }

    #[test]
    fn only_old_files_of_ours_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("cache"));
        folder.keep(key("root"), [(key("us"), &shelf("1"))]).unwrap();
        let at = |name: &str| folder.path().join(name);
        let old = folder.held().unwrap().first().unwrap().written - AGE - Duration::from_secs(HOUR);
        let foreign = ["notes.txt", "purposelint-cache", "a.purposelint-cache.bak", ".tmp.unfinished"];
        let ours = ["of-others.purposelint-cache", ".tmp.purposelint-unfinished"];
        for name in foreign.iter().chain(&ours) {
            fs::write(at(name), "").unwrap();
            set(&at(name), old);
        }
        set(&at(TAG.0), old);
        fs::create_dir(at("folder.purposelint-cache")).unwrap();
        fs::write(at("folder.purposelint-cache/old.purposelint-cache"), "").unwrap();
        set(&at("folder.purposelint-cache/old.purposelint-cache"), old);
        let young = ["young-of-others.purposelint-cache", ".young.purposelint-unfinished"];
        young.iter().for_each(|name| fs::write(at(name), "").unwrap());

        folder.keep(key("root"), [(key("us"), &shelf("2"))]).unwrap();
        for name in foreign.iter().chain(&young) {
            assert!(at(name).is_file(), "{name}");
        }
        assert!(at(TAG.0).is_file());
        assert!(at("folder.purposelint-cache/old.purposelint-cache").is_file());
        for name in ours {
            assert!(!at(name).exists(), "{name}");
        }
        assert_eq!(folder.open(key("root"), key("us")).get(key("value")), Some(&b"2"[..]));
        assert_eq!(folder.clean().unwrap().0, 1 + young.len());
        assert!(foreign.iter().all(|name| at(name).is_file()) && at("folder.purposelint-cache").is_dir());
    }

    #[test]
    #[cfg(unix)]
    fn where_a_link_leads_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("cache"));
        folder.keep(key("root"), [(key("us"), &shelf("1")), (key("facts"), &shelf("2"))]).unwrap();
        let (facts, other) = (folder.open(key("root"), key("facts")), place.path().join("other"));
        assert!(facts.get(key("value")).is_some());
        let path = folder.file(key("root"), key("facts"));
        fs::rename(&path, &other).unwrap();
        set(&other, ago(0));
        std::os::unix::fs::symlink(&other, &path).unwrap();
        // it is in use as far as this run knows
        folder.keep(key("root"), [(key("us"), &shelf("3")), (key("facts"), &facts)]).unwrap();
        assert_eq!(fs::metadata(&other).unwrap().modified().unwrap(), ago(0));
        assert!(folder.open(key("root"), key("facts")).get(key("value")).is_none());
        assert_eq!(folder.clean().unwrap().0, 2);
        assert!(other.is_file() && !path.is_symlink());
    }

    #[test]
    fn what_is_no_folder_is_not_said_to_be_empty() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        assert_eq!(Folder::at(file.clone()).clean().unwrap(), (0, 0));
        fs::write(&file, "").unwrap();
        assert!(Folder::at(file.clone()).clean().is_err());
        assert!(Folder::at(file.clone()).keep(key("root"), [(key("us"), &shelf("1"))]).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"");
    }
}
