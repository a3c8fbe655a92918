//! The texts of declarations: which are held, which are read again, and what is seen of them on the way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use super::found::left;
use super::products;
use super::workspace::{Gathering, STDIN, Workspace, slashed};
use crate::discover::{self, ReadError};
use crate::model::Glance;
use crate::source::{Decoded, First, Recent};

/// Bytes of texts that are held where they may be read again: those of most workspaces. To read a file that the system has in
/// memory costs a hundredth of judging it. Debug builds have room for little, so that tests read again.
const ROOM: usize = if cfg!(debug_assertions) { 4 * 1024 } else { 8 * 1024 * 1024 };

/// A declaration that was read.
enum Loaded {
    Here(Decoded),
    Again(First, Option<Glance>),
}

impl Gathering {
    /// Reads the declarations, and takes over all texts.
    pub(super) fn read_all(mut self, files: BTreeSet<PathBuf>, workspace: &mut Workspace) -> Result<(), Failure> {
        let limit = workspace.config.limits.file_size;
        let paths: Vec<PathBuf> = files.iter().map(|file| self.root.join(file)).collect();
        let to_read: Vec<&Path> =
            paths.iter().map(PathBuf::as_path).filter(|path| self.stdin_for(path).is_none()).collect();
        let recent = self.rereads.then(|| Arc::new(Recent::new(ROOM)));
        let load = |bytes: Vec<u8>| {
            let decoded = Decoded::from(bytes);
            match &recent {
                Some(recent) => {
                    let seen = Glance::at(decoded.text());
                    Loaded::Again(recent.first(decoded), seen)
                }
                None => Loaded::Here(decoded),
            }
        };
        let mut read = self.from.read_all(&to_read, limit, &load)?.into_iter();
        workspace.sources = std::mem::take(&mut self.sources);
        if let Some(stdin) = self.stdin.as_ref().filter(|_| self.is_alone()) {
            workspace.files.push(workspace.sources.add_bytes(STDIN, stdin.bytes.clone()));
            workspace.stdin = workspace.files.last().copied();
        }
        for (file, path) in files.iter().zip(paths) {
            let stdin = self.stdin_for(&path).map(|bytes| Loaded::Here(bytes.into()));
            let is_stdin = stdin.is_some();
            match stdin.map(Ok).or_else(|| read.next()).unwrap_or(Err(ReadError::Missing)) {
                Ok(text) => {
                    let id = match text {
                        Loaded::Here(text) => workspace.sources.add_decoded(slashed(file), text),
                        Loaded::Again(first, seen) => {
                            let hash = first.hash();
                            let again = move || discover::read(&path, limit).ok().map(Decoded::from);
                            let id = workspace.sources.add_again(slashed(file), first, Box::new(again));
                            workspace.glances.add(id, hash, seen);
                            id
                        }
                    };
                    workspace.files.push(id);
                    if is_stdin {
                        workspace.stdin = Some(id);
                    }
                }
                Err(error) => {
                    let skipped = left(file, error.to_string());
                    workspace.skipped.push(skipped.clone());
                    workspace.lost.push(skipped);
                }
            }
        }
        products::read(workspace);
        Ok(())
    }
}
