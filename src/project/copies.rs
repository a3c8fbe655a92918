//! Declarations that are gone and whose text has come up under a name that is not one of a declaration.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use memchr::memmem;

use super::workspace::{Workspace, slashed};
use crate::discover::{self, Files, Globs};
use crate::source::FileId;

/// Bytes of files on the disk that are held against declarations which are gone.
const MOST_BYTES: u64 = 64 << 20;

/// A file of an earlier state that is no longer there: its text among the sources of the later one, and its path.
#[derive(Clone, Copy)]
pub(super) struct Gone<'a> {
    pub(super) file: FileId,
    pub(super) path: &'a str,
}

/// The files that are gone by their contents, or by what stands for these.
type ByText<T> = BTreeMap<T, Vec<FileId>>;

fn by_text<T: Ord>(files: impl Iterator<Item = (T, FileId)>) -> ByText<T> {
    let mut out = ByText::new();
    files.for_each(|(text, file)| out.entry(text).or_default().push(file));
    out
}

/// The new files that have the text of one which is gone, with that one: anywhere in what git lists, and on the disk below the root of
/// the workspace.
pub(super) fn of(workspace: &Workspace, earlier: &Workspace, gone: &[Gone<'_>]) -> Vec<(FileId, String)> {
    if gone.is_empty() {
        return Vec::new();
    }
    let mut found = listed(workspace, earlier, gone);
    if !matches!(workspace.from, Files::Git(_)) {
        found.extend(on_disk(workspace, earlier, gone));
    }
    found
}

/// Those that git lists: it has a name for each text.
fn listed(workspace: &Workspace, earlier: &Workspace, gone: &[Gone<'_>]) -> Vec<(FileId, String)> {
    let Files::Git(before) = &earlier.from else { return Vec::new() };
    let id = |gone: &Gone<'_>| {
        let path = earlier.from.real(&earlier.root.join(gone.path)).ok()?;
        Some((before.get(path.strip_prefix(before.top()).ok()?)?.id.as_str(), gone.file))
    };
    let sought = by_text(gone.iter().filter_map(id));
    let after = match &workspace.from {
        Files::Git(tree) => Ok(tree.clone()),
        Files::Disk | Files::Edited(_) => before.repository().index(),
    };
    // a repository of which the index cannot be read is still looked at on the disk
    let Ok(after) = after else { return Vec::new() };
    // what is staged may have been edited since
    let is_there = |path: &Path, file: FileId| match &workspace.from {
        Files::Git(_) => true,
        Files::Disk | Files::Edited(_) => {
            let read = workspace.from.read(path, workspace.config.limits.file_size);
            read.is_ok_and(|bytes| text(workspace, file) == Some(plain(&bytes)))
        }
    };
    let mut found = Vec::new();
    for (path, entry) in after.below(Path::new("")).filter(|(path, _)| before.get(path).is_none()) {
        let path = after.top().join(path);
        let files = sought.get(entry.id.as_str()).into_iter().flatten().filter(|file| is_there(&path, **file));
        let shown = path.strip_prefix(&workspace.root).or(path.strip_prefix(after.top())).unwrap_or(&path);
        found.extend(files.map(|file| (*file, slashed(shown))));
    }
    found
}

/// Those on the disk. Only what has the right size is read.
fn on_disk(workspace: &Workspace, earlier: &Workspace, gone: &[Gone<'_>]) -> Vec<(FileId, String)> {
    let sought = by_text(gone.iter().filter_map(|gone| Some((text(workspace, gone.file)?, gone.file))));
    let sizes = |text: &Vec<u8>| [text.len(), text.len() + memchr::memchr_iter(b'\n', text).count()];
    let sizes: BTreeSet<u64> = sought.keys().flat_map(sizes).filter_map(|size| u64::try_from(size).ok()).collect();
    let everything = Globs::new::<&str>(&["**/*"], &[]).unwrap_or_default();
    let (mut left, mut found) = (MOST_BYTES, Vec::new());
    for inside in discover::all_named(&workspace.root, &everything, &workspace.from) {
        let path = workspace.root.join(&inside);
        let size = fs::metadata(&path).map_or(0, |known| known.len());
        if size > left || !sizes.contains(&size) || earlier.from.has_file(&earlier.root.join(&inside)) {
            continue;
        }
        left -= size;
        let Ok(bytes) = workspace.from.read(&path, workspace.config.limits.file_size) else { continue };
        let files = sought.get(&plain(&bytes)).into_iter().flatten();
        found.extend(files.map(|file| (*file, slashed(&inside))));
    }
    found
}

/// The text of a file that is gone.
fn text(workspace: &Workspace, file: FileId) -> Option<Vec<u8>> {
    Some(plain(workspace.sources.get(file)?.text().as_bytes()))
}

/// A text with line breaks as git keeps them.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut from = 0;
    for at in memmem::find_iter(text, b"\r\n") {
        out.extend_from_slice(text.get(from..at).unwrap_or_default());
        from = at + 1;
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default());
    out
}
