//! What a repository keeps: revisions, the index, the contents of files. It runs `git`, which writes nothing and fetches nothing.
//!
//! Contents are those that are stored, before any filter of a checkout: a filter is a command of the repository's config, and
//! must not run because somebody checks a declaration.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::suggest;

mod log;
mod open;

pub use log::{Commit, History, Step};

use open::Heeds;

/// Characters of an id that people are shown.
const SHORT: usize = 7;
/// The longest line in front of an object.
const HEADER: u64 = 4096;
/// The id of an empty file, by either hash.
const EMPTY: [&str; 2] =
    ["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"];

/// Why a repository could not be asked, or has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// There is no `git` to run.
    NoGit,
    /// The folder is in no repository.
    NoRepository(PathBuf),
    /// The repository has no files beside its history: it is bare, or the folder is inside `.git`.
    NoWorkTree(PathBuf),
    /// The repository belongs to somebody else, and git refuses to look at it.
    Distrusted(PathBuf),
    /// Git's variables name something other than the repository that the folder is in.
    Contradicted {
        /// The top of the repository that the folder is in.
        top: PathBuf,
        /// What the variables name.
        named: String,
    },
    /// Variables name a repository, and its files are not where they say.
    Unplaced(PathBuf),
    /// A revision that is written as an option, a range or nothing.
    Malformed(String),
    /// There is no such revision.
    Unknown {
        /// As it was named.
        name: String,
        /// A name that is much like it.
        near: Option<String>,
        /// Whether this clone has only the last part of the history.
        shallow: bool,
    },
    /// There is no commit at all, or none on the branch that is checked out.
    Unborn(String),
    /// A name of something other than a commit.
    NoCommit(String),
    /// Two revisions without a common past.
    Unrelated {
        /// The first, as it was named.
        left: String,
        /// The second.
        right: String,
        /// Whether this clone has only the last part of the history.
        shallow: bool,
    },
    /// Contents that git has the name of, and nothing else.
    Absent(String),
    /// Anything else that git says, or does not say.
    Failed(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoGit => f.write_str("`git` cannot be run: there is no such program on the `PATH`"),
            Self::NoRepository(folder) => write!(f, "`{}` is not in a git repository", folder.display()),
            Self::NoWorkTree(folder) => {
                write!(f, "`{}` is in a git repository without a working tree", folder.display())
            }
            Self::Distrusted(folder) => {
                write!(f, "git does not trust the repository of `{}`: it belongs to another user", folder.display())
            }
            Self::Contradicted { top, named } => {
                write!(f, "the folder is in the repository `{}`, and {named}", top.display())
            }
            Self::Unplaced(top) => {
                write!(f, "`GIT_DIR` names a repository most of whose files are not in `{}`", top.display())
            }
            Self::Malformed(name) => write!(f, "`{name}` is not the name of one revision"),
            Self::Unknown { name, shallow: false, .. } => write!(f, "there is no revision `{name}`"),
            Self::Unknown { name, .. } => write!(f, "there is no revision `{name}` in this shallow clone"),
            Self::Unborn(name) => write!(f, "there is no revision `{name}`: nothing was committed here yet"),
            Self::NoCommit(name) => write!(f, "`{name}` is not a commit"),
            Self::Unrelated { left, right, .. } => write!(f, "`{left}` and `{right}` have no commit in common"),
            Self::Absent(id) => write!(f, "git has no contents for the object {id}"),
            Self::Failed(reason) => write!(f, "git failed: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The way out.
    pub fn help(&self) -> Option<String> {
        let fetch =
            "fetch the history that is missing: `git fetch --unshallow`, or `fetch-depth: 0` in a checkout of CI";
        Some(match self {
            Self::NoGit => "install git".to_owned(),
            Self::NoRepository(_) => "change to a folder of a repository".to_owned(),
            Self::NoWorkTree(_) => {
                "change to the folder that the files are checked out to; of a bare repository `git worktree add FOLDER` makes one"
                    .to_owned()
            }
            Self::Distrusted(folder) => {
                format!("if you trust it, run `git config --global --add safe.directory '{}'`", folder.display())
            }
            Self::Contradicted { .. } => "run it in the repository that the variables name, or without them: \
                 `env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE purposelint …`"
                .to_owned(),
            Self::Unplaced(_) => "set `GIT_WORK_TREE` to the folder of its files, from the root on".to_owned(),
            Self::Malformed(_) => {
                "name a branch, a tag or a commit, such as `origin/main`; `origin/main...` is where this branch left it"
                    .to_owned()
            }
            Self::Unknown { shallow: true, .. } | Self::Unrelated { shallow: true, .. } => fetch.to_owned(),
            Self::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Unknown { .. } => {
                "name a branch, a tag or a commit of this clone; `git fetch` gets what others have pushed".to_owned()
            }
            Self::Unborn(_) => "commit something first".to_owned(),
            Self::NoCommit(_) => "name a branch, a tag or a commit".to_owned(),
            Self::Unrelated { left, .. } => format!(
                "name a revision that this branch comes from; `purposelint diff --exact` compares with `{left}` itself"
            ),
            Self::Absent(_) => {
                "this clone was made without all contents; fetch them: `git fetch --refetch --no-filter`".to_owned()
            }
            Self::Failed(_) => return None,
        })
    }
}

/// A repository with the files it is checked out to.
#[derive(Debug)]
pub struct Repository {
    /// Where commands run.
    folder: PathBuf,
    top: PathBuf,
    heeds: Heeds,
    contents: Slot,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its whole id.
    pub id: String,
    /// What it was called: `origin/main`, or where two histories part.
    pub name: String,
}

impl Revision {
    /// The first characters of the id.
    pub fn short(&self) -> &str {
        self.id.get(..SHORT).unwrap_or(&self.id)
    }
}

impl Repository {
    /// The folder that all paths of the repository count from, absolute and without links.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The commit behind a name. `A...` and `A...B` stand for the last commit that both have; a side that is left out is `HEAD`.
    pub fn resolve(&self, name: &str) -> Result<Revision, Error> {
        let Some((left, right)) = name.split_once("...") else {
            return Ok(Revision { id: self.commit(name)?, name: name.to_owned() });
        };
        let or_head = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
        self.merge_base(&or_head(left), &or_head(right))
    }

    /// The last commit that two histories have in common.
    pub fn merge_base(&self, left: &str, right: &str) -> Result<Revision, Error> {
        let (from, to) = (self.commit(left)?, self.commit(right)?);
        let output = self.run(&["merge-base", &from, &to])?;
        let id = line(&output.stdout);
        if !output.status.success() || id.is_empty() {
            return Err(Error::Unrelated {
                left: left.to_owned(),
                right: right.to_owned(),
                shallow: self.is_shallow(),
            });
        }
        Ok(Revision { id, name: format!("where {left} and {right} part") })
    }

    fn commit(&self, name: &str) -> Result<String, Error> {
        // what begins with a dash would be an option of git; `A..B` is two revisions
        if name.is_empty() || name.starts_with('-') || name.contains("..") || name.contains(['\0', '\n']) {
            return Err(Error::Malformed(name.to_owned()));
        }
        let output = self.run(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])?;
        let id = line(&output.stdout);
        if output.status.success() && !id.is_empty() { Ok(id) } else { Err(self.why_unknown(name)) }
    }

    fn why_unknown(&self, name: &str) -> Error {
        let has = |name: &str| self.ask(&["rev-parse", "--verify", "--quiet", name]).is_ok();
        let is_empty = || self.ask(&["rev-list", "--all", "--max-count=1"]).is_ok_and(|list| list.is_empty());
        if !has("HEAD") && (matches!(name, "HEAD" | "@") || is_empty()) {
            return Error::Unborn(name.to_owned());
        }
        if self.ask(&["cat-file", "-e", name]).is_ok() {
            return Error::NoCommit(name.to_owned());
        }
        let names = self.ask(&["for-each-ref", "--format=%(refname:short)"]).unwrap_or_default();
        let names = String::from_utf8_lossy(&names);
        let remote = names.lines().find(|known| known.strip_suffix(name).is_some_and(|start| start.ends_with('/')));
        let near = remote.or_else(|| suggest::nearest(name, names.lines())).map(str::to_owned);
        Error::Unknown { name: name.to_owned(), near, shallow: self.is_shallow() }
    }

    fn is_shallow(&self) -> bool {
        self.ask(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| line(&answer) == "true")
    }

    /// Whether git knows a file that is not on the disk: by the index, or by the last commit.
    pub fn remembers(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(&self.top) else { return false };
        let listed = |args: &[&str], path: &Path| {
            let args: Vec<&OsStr> = args.iter().map(OsStr::new).chain([path.as_os_str()]).collect();
            self.ask(&args).is_ok_and(|list| !list.is_empty())
        };
        listed(&["ls-tree", "-z", "--full-tree", "HEAD", "--"], inside) || listed(&["ls-files", "-z", "--"], path)
    }

    /// All files of a revision.
    pub fn tree(self: &Arc<Self>, revision: &Revision) -> Result<Tree, Error> {
        let list = self.ask(&["ls-tree", "-r", "-z", "--full-tree", &revision.id])?;
        let mut entries = BTreeMap::new();
        for record in records(&list) {
            let (mode, id) = (record.words.first(), record.words.get(2));
            if let (Some(kind), Some(id)) = (mode.and_then(|mode| Kind::of(mode)), id) {
                entries.insert(record.path, Entry { kind, id: (*id).to_owned() });
            }
        }
        Ok(Tree { repository: Arc::clone(self), entries: Arc::new(entries) })
    }

    /// What there is before the first commit: no file.
    pub fn nothing(self: &Arc<Self>) -> Tree {
        Tree { repository: Arc::clone(self), entries: Arc::default() }
    }

    /// All files of the index: what a commit would hold.
    pub fn index(self: &Arc<Self>) -> Result<Tree, Error> {
        let args = ["ls-files", "--stage", "-z", "--full-name", "--"].map(OsStr::new);
        let list = self.ask(&[args.as_slice(), &[self.top.as_os_str()]].concat())?;
        let mut entries = BTreeMap::new();
        for record in records(&list) {
            let (mode, id, stage) = (record.words.first(), record.words.get(1), record.words.get(2));
            let (Some(mut kind), Some(id)) = (mode.and_then(|mode| Kind::of(mode)), id) else { continue };
            if stage.is_some_and(|stage| *stage != "0") {
                kind = Kind::Conflict;
            }
            entries.insert(record.path, Entry { kind, id: (*id).to_owned() });
        }
        if entries.values().any(|entry| EMPTY.contains(&entry.id.as_str())) {
            // `git add --intent-to-add` leaves an entry without contents, which no commit takes in
            for record in self.ask(&["diff-files", "-z", "--name-only", "--diff-filter=A"])?.split(|byte| *byte == 0) {
                entries.remove(&to_path(record));
            }
        }
        Ok(Tree { repository: Arc::clone(self), entries: Arc::new(entries) })
    }

    /// What a command prints.
    fn ask(&self, args: &[impl AsRef<OsStr>]) -> Result<Vec<u8>, Error> {
        let output = self.run(args)?;
        if output.status.success() { Ok(output.stdout) } else { Err(self.refusal(&output.stderr)) }
    }

    fn run(&self, args: &[impl AsRef<OsStr>]) -> Result<Output, Error> {
        self.command(args).stderr(Stdio::piped()).output().map_err(|error| unstarted(&error))
    }

    fn command(&self, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new("git");
        command.args(["--no-pager", "--literal-pathspecs", "-c", "core.quotepath=off", "-c", "core.fsmonitor=false"]);
        command.args(args).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::piped());
        // nothing is asked, locked or fetched; what git says is read below, so it has to be English
        for (name, value) in [
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_ALLOW_PROTOCOL", ""),
            ("LC_ALL", "C"),
            ("LANGUAGE", "C"),
        ] {
            command.env(name, value);
        }
        for name in self.heeds.hides() {
            command.env_remove(name);
        }
        command.envs(self.heeds.sets(&self.top));
        command
    }

    fn refusal(&self, said: &[u8]) -> Error {
        let said = String::from_utf8_lossy(said);
        let says = |part: &str| said.contains(part);
        if says("dubious ownership") || says("unsafe repository") {
            let quoted = said.lines().next().and_then(|first| first.split('\'').nth(1));
            return Error::Distrusted(quoted.map_or_else(|| self.folder.clone(), PathBuf::from));
        }
        if says("not a git repository") {
            return Error::NoRepository(self.folder.clone());
        }
        if says("must be run in a work tree") {
            return Error::NoWorkTree(self.folder.clone());
        }
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
        Error::Failed(first.strip_prefix("fatal: ").unwrap_or(first).to_owned())
    }
}

fn unstarted(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound { Error::NoGit } else { Error::Failed(error.to_string()) }
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// A line of a list: words, a tab, a path.
struct Record<'l> {
    words: Vec<&'l str>,
    path: PathBuf,
}

/// The entries of a list that ends each with a zero byte. What could not be checked out, such as `../x`, is no file.
fn records(list: &[u8]) -> impl Iterator<Item = Record<'_>> {
    list.split(|byte| *byte == 0).filter_map(|record| {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let (words, path) = record.split_at_checked(tab)?;
        let path = to_path(path.get(1..)?);
        is_plain(&path).then_some(())?;
        Some(Record { words: std::str::from_utf8(words).ok()?.split(' ').collect(), path })
    })
}

/// Whether a path of a tree can be checked out where it says.
fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// A path as git writes it.
#[cfg(unix)]
pub fn to_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

/// A path as git writes it.
#[cfg(not(unix))]
pub fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A symbolic link; its contents are where it leads.
    Link,
    /// A commit of another repository, whose files are not in this one.
    Submodule,
    /// A file that a merge left in several versions.
    Conflict,
}

impl Kind {
    fn of(mode: &str) -> Option<Self> {
        match mode {
            "120000" => Some(Self::Link),
            "160000" => Some(Self::Submodule),
            mode if mode.starts_with("100") => Some(Self::File),
            _ => None,
        }
    }
}

/// A file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: Kind,
    /// The id of its contents.
    pub id: String,
}

/// The files of a revision or of the index, by their paths from the top of the repository.
#[derive(Debug, Clone)]
pub struct Tree {
    repository: Arc<Repository>,
    /// Shared: whoever walks through a history changes a few at a time.
    entries: Arc<BTreeMap<PathBuf, Entry>>,
}

impl Tree {
    /// The folder that the paths count from.
    pub fn top(&self) -> &Path {
        self.repository.top()
    }

    /// The repository it belongs to.
    pub fn repository(&self) -> &Arc<Repository> {
        &self.repository
    }

    /// The entry at a path from the top.
    pub fn get(&self, path: &Path) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Whether there is a file below a path from the top.
    pub fn is_folder(&self, path: &Path) -> bool {
        path.as_os_str().is_empty() || self.below(path).any(|(file, _)| file != path)
    }

    /// Whether there is a symbolic link at a path from the top.
    pub fn is_link(&self, path: &Path) -> bool {
        self.get(path).is_some_and(|entry| entry.kind == Kind::Link)
    }

    /// Whether it has a symbolic link anywhere.
    pub fn has_links(&self) -> bool {
        self.entries.values().any(|entry| entry.kind == Kind::Link)
    }

    /// The entries below a path from the top, sorted. The path itself is the first, if it is one.
    pub fn below(&self, folder: &Path) -> impl Iterator<Item = (&Path, &Entry)> {
        let start = folder.to_owned();
        self.entries
            .range::<Path, _>((std::ops::Bound::Included(folder), std::ops::Bound::Unbounded))
            .map(|(path, entry)| (path.as_path(), entry))
            .take_while(move |(path, _)| path.starts_with(&start))
    }

    /// The contents of an object, at most `limit` bytes and one more.
    pub fn read(&self, id: &str, limit: usize) -> Result<Vec<u8>, Error> {
        let mut all = self.read_all(&[id], limit)?;
        all.pop().ok_or_else(|| Error::Absent(id.to_owned()))
    }

    /// The contents of many objects, in the order of the ids, each at most `limit` bytes and one more.
    pub fn read_all(&self, ids: &[&str], limit: usize) -> Result<Vec<Vec<u8>>, Error> {
        // whoever panicked has left the process at an unknown place
        let mut slot = self.repository.contents.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut contents = match slot.take() {
            Some(contents) => contents,
            None => Contents::start(&self.repository)?,
        };
        let read = contents.read_all(ids, limit)?;
        *slot = Some(contents);
        Ok(read)
    }
}

/// The process that reads contents, once there is one; for one caller at a time.
#[derive(Debug, Default)]
struct Slot(Mutex<Option<Contents>>);

/// A running `git cat-file --batch`.
#[derive(Debug)]
struct Contents {
    child: Child,
    questions: Option<ChildStdin>,
    answers: Option<BufReader<ChildStdout>>,
}

impl Contents {
    fn start(repository: &Repository) -> Result<Self, Error> {
        let mut command = repository.command(&["cat-file", "--batch"]);
        let mut child =
            command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(|error| unstarted(&error))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        Ok(Self { child, questions, answers })
    }

    /// Asks from one thread and reads on another: git stops reading questions while nobody takes its answers.
    fn read_all(&mut self, ids: &[&str], limit: usize) -> Result<Vec<Vec<u8>>, Error> {
        let Self { child, questions, answers } = self;
        let (Some(questions), Some(answers)) = (questions, answers) else {
            return Err(Error::Failed("it has no streams".to_owned()));
        };
        thread::scope(|scope| {
            let asking = scope.spawn(move || {
                let text: String = ids.iter().flat_map(|id| [*id, "\n"]).collect();
                questions.write_all(text.as_bytes()).and_then(|()| questions.flush())
            });
            let read: Result<Vec<_>, Error> = ids.iter().map(|id| answer(answers, id, limit)).collect();
            if read.is_err() {
                // the other thread may wait for a reader that is gone
                let _killed = child.kill();
            }
            let asked = asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let read = read?;
            asked.map_err(|error| Error::Failed(error.to_string()))?;
            Ok(read)
        })
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        // without questions git ends, and without a reader at the latest
        drop(self.questions.take());
        drop(self.answers.take());
        let _ended = self.child.wait();
    }
}

/// One answer: `<id> blob <size>`, the contents, a line break.
fn answer(answers: &mut BufReader<ChildStdout>, id: &str, limit: usize) -> Result<Vec<u8>, Error> {
    let failed = |error: &io::Error| Error::Failed(error.to_string());
    let mut header = Vec::new();
    answers.by_ref().take(HEADER).read_until(b'\n', &mut header).map_err(|error| failed(&error))?;
    let header = String::from_utf8_lossy(&header);
    let mut words = header.split_whitespace().skip(1);
    let size = match (words.next(), words.next().map(str::parse::<u64>)) {
        (Some("blob"), Some(Ok(size))) => size,
        (Some("missing"), _) => return Err(Error::Absent(id.to_owned())),
        (None, _) => return Err(Error::Failed(format!("it ended before it gave the object {id}"))),
        _ => return Err(Error::Failed(format!("it gave something else for the object {id}"))),
    };
    let most = u64::try_from(limit.saturating_add(1)).unwrap_or(u64::MAX).min(size);
    let mut bytes = Vec::with_capacity(usize::try_from(most).unwrap_or(0).min(1 << 20));
    let read = answers.by_ref().take(most).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let rest = (size - most).saturating_add(1);
    let left = io::copy(&mut answers.by_ref().take(rest), &mut io::sink()).map_err(|error| failed(&error))?;
    if read as u64 != most || left != rest {
        return Err(Error::Failed(format!("it ended within the object {id}")));
    }
    Ok(bytes)
}

/// Whether a text stands for a file that Git LFS keeps elsewhere.
pub fn is_lfs_pointer(text: &[u8]) -> bool {
    text.len() < 1024 && text.starts_with(b"version https://git-lfs.github.com/spec/")
}
