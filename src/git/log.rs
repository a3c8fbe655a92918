//! The history of a branch, the oldest commit first: one `git log` tells all commits and which files each of them changes.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Arc;

use super::{Entry, Error, Kind, Repository, Revision, Tree, line, to_path, unstarted};

/// What stands in front of a commit in what git prints. No path begins with it: a path comes after its own line of modes.
const MARK: u8 = 1;
/// What stands between the parts of a commit.
const PART: char = '\u{1f}';
/// Id, parents, when it was written, when it came to be where it is, who wrote it, the first line of what was said.
const FORMAT: &str = "--format=%x01%H%x1f%P%x1f%ai%x1f%ci%x1f%an%x1f%s";
/// The longest record that is read: a path, or a commit with its first line.
const LONGEST: u64 = 1 << 20;

/// A commit as people know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its whole id.
    pub id: String,
    /// The day on which it was written, where its author was: `2024-09-18`.
    pub authored: String,
    /// The day on which it was made as it is, by a merge, a rebase or its author.
    pub committed: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
}

impl Commit {
    /// The first characters of the id.
    pub fn short(&self) -> &str {
        self.id.get(..super::SHORT).unwrap_or(&self.id)
    }
}

/// A commit with what it changes.
#[derive(Debug, Clone)]
pub struct Step {
    /// The commit.
    pub commit: Commit,
    /// The paths whose files differ from those of its first parent, from the top of the repository.
    pub changed: Vec<std::path::PathBuf>,
}

/// A walk through the commits of a branch, along first parents. Each step changes the tree.
#[derive(Debug)]
pub struct History {
    tree: Tree,
    /// The commit before the first one of the walk, where there is one.
    pub base: Option<Commit>,
    /// Whether this clone has no history before the first commit of the walk, although there is one.
    pub cut_off: bool,
    child: Child,
    records: BufReader<ChildStdout>,
    /// The record that begins the next commit.
    next: Option<Vec<u8>>,
}

impl Repository {
    /// The history of a revision, from its first commit on or from those that `since` does not have.
    pub fn history(self: &Arc<Self>, head: &Revision, since: Option<&Revision>) -> Result<History, Error> {
        let range = since.map_or_else(|| head.id.clone(), |since| format!("{}..{}", since.id, head.id));
        let first = self.ask(&["rev-list", "--first-parent", "--reverse", &range])?;
        let first = String::from_utf8_lossy(&first).lines().next().map(str::to_owned);
        let (base, cut_off) = match &first {
            // nothing was committed since
            None => (Some(head.id.clone()), false),
            Some(first) => {
                let parent = line(&self.ask(&["rev-list", "--parents", "--max-count=1", first])?);
                match parent.split(' ').nth(1) {
                    Some(parent) => (Some(parent.to_owned()), false),
                    None => (None, self.has_parent(first)?),
                }
            }
        };
        let tree = match &base {
            Some(id) => self.tree(&Revision { id: id.clone(), name: id.clone() })?,
            None => self.nothing(),
        };
        let base = base.map(|id| self.commit_of(&id)).transpose()?;
        let mut child = self
            .command(&[
                "-c",
                "log.showRoot=true",
                "-c",
                "log.diffMerges=first-parent",
                "log",
                "--first-parent",
                "-m",
                "--reverse",
                "--raw",
                "-z",
                "--no-abbrev",
                "--no-renames",
                "--no-show-signature",
                "--ignore-submodules=none",
                "--encoding=UTF-8",
                FORMAT,
                &range,
            ])
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| unstarted(&error))?;
        let records = child.stdout.take().map(BufReader::new);
        let records = records.ok_or_else(|| Error::Failed("it has no streams".to_owned()))?;
        Ok(History { tree, base, cut_off, child, records, next: None })
    }

    fn commit_of(&self, id: &str) -> Result<Commit, Error> {
        let said = self.ask(&["log", "--max-count=1", "--no-show-signature", "--encoding=UTF-8", FORMAT, id])?;
        Ok(commit(said.strip_prefix(&[MARK]).unwrap_or(&said)))
    }

    /// Whether a commit has a parent, also where a shallow clone does not have it.
    fn has_parent(&self, id: &str) -> Result<bool, Error> {
        let text = self.ask(&["cat-file", "commit", id])?;
        let head = text.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
        Ok(head.into_iter().any(|line| line.starts_with(b"parent ")))
    }
}

impl History {
    /// The files after the last step that was taken; before the first one, those of the base.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Takes the next step; nothing at the end.
    pub fn step(&mut self) -> Result<Option<Step>, Error> {
        let Some(head) = self.next.take().map_or_else(|| self.record(), |record| Ok(Some(record)))? else {
            return self.end();
        };
        let Some(text) = head.strip_prefix(&[MARK]) else {
            return Err(Error::Failed("it printed something else than a commit".to_owned()));
        };
        let mut step = Step { commit: commit(text), changed: Vec::new() };
        while let Some(record) = self.record()? {
            match record.first() {
                Some(&MARK) => {
                    self.next = Some(record);
                    break;
                }
                Some(b':') => {
                    let path = self.record()?.ok_or_else(|| Error::Failed("it ended within a commit".to_owned()))?;
                    self.apply(&String::from_utf8_lossy(&record), &path, &mut step);
                }
                _ => return Err(Error::Failed("it printed something else than a change".to_owned())),
            }
        }
        Ok(Some(step))
    }

    /// `:old-mode new-mode old-id new-id status` of a path.
    fn apply(&mut self, record: &str, path: &[u8], step: &mut Step) {
        let path = to_path(path);
        if !super::is_plain(&path) {
            return;
        }
        let mut words = record.split(' ').skip(1);
        let (kind, id) = (words.next().and_then(Kind::of), words.nth(1));
        let entries = Arc::make_mut(&mut self.tree.entries);
        match (kind, id) {
            (Some(kind), Some(id)) => {
                entries.insert(path.clone(), Entry { kind, id: id.to_owned() });
            }
            _ => {
                entries.remove(&path);
            }
        }
        step.changed.push(path);
    }

    /// The next record, without the zero byte that ends it. Empty ones, and line breaks between them, say nothing.
    fn record(&mut self) -> Result<Option<Vec<u8>>, Error> {
        loop {
            let mut record = Vec::new();
            let failed = |error: std::io::Error| Error::Failed(error.to_string());
            let read = self.records.by_ref().take(LONGEST).read_until(0, &mut record).map_err(failed)?;
            if read == 0 {
                return Ok(None);
            }
            if record.pop_if(|last| *last == 0).is_none() && read as u64 == LONGEST {
                return Err(Error::Failed("it printed a name that is too long".to_owned()));
            }
            let start = record.iter().take_while(|byte| **byte == b'\n').count();
            record.drain(..start);
            if !record.is_empty() {
                return Ok(Some(record));
            }
        }
    }

    /// A list that breaks off is not the whole history.
    fn end(&mut self) -> Result<Option<Step>, Error> {
        let mut said = Vec::new();
        let failed = |error: std::io::Error| Error::Failed(error.to_string());
        if let Some(mut stderr) = self.child.stderr.take() {
            let _read = stderr.read_to_end(&mut said);
        }
        let ended = self.child.wait().map_err(failed)?;
        if ended.success() { Ok(None) } else { Err(self.tree.repository.refusal(&said)) }
    }
}

impl Drop for History {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn commit(text: &[u8]) -> Commit {
    let text = String::from_utf8_lossy(text);
    let mut parts = text.trim_end_matches(['\0', '\n']).splitn(6, PART).map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (id, _parents) = (part(), part());
    // `2024-09-18 10:00:00 +0200`
    let day = |moment: String| moment.get(..10).unwrap_or_default().to_owned();
    Commit { id, authored: day(part()), committed: day(part()), author: part(), subject: part() }
}
