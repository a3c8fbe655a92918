//! Links: where they lead, and what is missed because some are not followed.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use super::root::is_git_root;
use super::{CONFIG, Files, Root, Walk, find_root_of};
use crate::git::{Kind, Tree};
use crate::order::Order;

/// Files and folders that are looked at behind a link before nobody looks further: it may lead to a whole disk.
const MOST_LOOKED_AT: usize = 20_000;

/// What stands behind a link out of the workspace.
enum Behind {
    Declarations,
    Nothing,
    /// There is more than is looked at, or it cannot be looked at.
    Unknown,
}

impl Walk<'_> {
    pub(super) fn link(&mut self, link: &Path, path: PathBuf) {
        let is_declaration = self.globs.is_declaration(&path);
        match self.files.real(link) {
            Err(_) if is_declaration => self.skip(path, "a link to nothing", true),
            Err(_) if may_be_folder(&path) && !self.globs.is_excluded(&path) => {
                self.skip(path, "a link to nothing", false);
            }
            Err(_) => {}
            Ok(target) if self.files.has_folder(&target) => {
                if !target.starts_with(&self.root) && !self.globs.is_excluded(&path) {
                    self.folder_outside(&target, path);
                }
            }
            Ok(_) if !is_declaration => {}
            Ok(target) if !target.starts_with(&self.root) => {
                self.skip(path, "a link that leads out of the workspace, which is not followed", true);
            }
            Ok(target) => self.links.push((self.relative(&target), path)),
        }
    }

    fn folder_outside(&mut self, target: &Path, path: PathBuf) {
        let (reason, lost) = match self.behind(target, &path) {
            Behind::Declarations => {
                ("a link to a folder outside the workspace, which is not followed although it has declarations", true)
            }
            Behind::Nothing => ("a link to a folder outside the workspace, which is not followed", false),
            Behind::Unknown => (
                "a link to a folder outside the workspace, which is not followed, nor looked through to its end",
                false,
            ),
        };
        self.skip(path, reason, lost);
    }

    /// Whether there would be declarations if a link were followed. None of them is read.
    fn behind(&self, target: &Path, link: &Path) -> Behind {
        match self.files {
            // it holds the workspace itself, which is judged, and with it the whole disk maybe
            _ if self.root.starts_with(target) => Behind::Unknown,
            Files::Git(tree) if target.starts_with(tree.top()) => self.behind_in(tree, target, link),
            _ => self.behind_on_disk(target, link),
        }
    }

    fn behind_in(&self, tree: &Tree, target: &Path, link: &Path) -> Behind {
        let inside = target.strip_prefix(tree.top()).unwrap_or(target);
        let files: Vec<&Path> = tree
            .below(inside)
            .filter(|(_, entry)| matches!(entry.kind, Kind::File | Kind::Conflict))
            .filter_map(|(path, _)| path.strip_prefix(inside).ok())
            .take(MOST_LOOKED_AT)
            .collect();
        let configs = files.iter().filter(|path| path.file_name().is_some_and(|name| name == CONFIG));
        let own: BTreeSet<&Path> = configs.filter_map(|path| path.parent()).collect();
        let is_own = |path: &Path| path.ancestors().skip(1).any(|folder| own.contains(folder));
        let mut ours = files.iter().filter(|path| !is_own(path)).map(|path| link.join(path));
        if ours.any(|path| self.globs.is_declaration(&path) && !self.globs.is_below_excluded(&path)) {
            return Behind::Declarations;
        }
        if files.len() == MOST_LOOKED_AT { Behind::Unknown } else { Behind::Nothing }
    }

    /// Folder by folder, the nearest first, so that on every machine the same is seen before nobody looks further.
    fn behind_on_disk(&self, target: &Path, link: &Path) -> Behind {
        let here = |path: &Path| link.join(path.strip_prefix(target).unwrap_or(path));
        let (mut folders, mut seen) = (VecDeque::from([target.to_owned()]), 0_usize);
        let mut is_unknown = false;
        while let Some(folder) = folders.pop_front() {
            if self.files.has_anything(&folder.join(CONFIG)) || self.globs.is_excluded(&here(&folder)) {
                continue;
            }
            let Ok(entries) = fs::read_dir(&folder) else {
                is_unknown = true;
                continue;
            };
            let mut entries: Vec<fs::DirEntry> = entries.take(MOST_LOOKED_AT).filter_map(Result::ok).collect();
            seen += entries.len();
            if seen >= MOST_LOOKED_AT {
                return Behind::Unknown;
            }
            entries.order_by_key(fs::DirEntry::file_name);
            for entry in entries {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => folders.push_back(entry.path()),
                    Ok(kind) if kind.is_file() && self.globs.is_declaration(&here(&entry.path())) => {
                        return Behind::Declarations;
                    }
                    _ => {}
                }
            }
        }
        if is_unknown { Behind::Unknown } else { Behind::Nothing }
    }
}

/// Whether what a link to nothing once led to may have been a folder. What some editors put beside a file is none.
fn may_be_folder(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.extension().is_none() && !name.starts_with(".#")
}

/// The root of the workspace that a link on the way to a folder leaves: what stands there would be judged without its config. Where it
/// has none, a link may lead into another workspace, and comes under what holds there.
pub fn left_by_link(folder: &Path, files: &Files) -> Option<PathBuf> {
    let mut way: Vec<&Path> = folder.ancestors().filter(|path| path.file_name().is_some()).collect();
    way.reverse();
    way.into_iter().find_map(|path| {
        let (place, real) = (files.real(path.parent()?).ok()?, files.real(path).ok()?);
        if real.parent() == Some(&place) {
            return None;
        }
        let root = find_root_of(&place, files);
        let counts = root.config.is_some() || is_workspace(&root) && !is_workspace(&find_root_of(&real, files));
        (counts && !real.starts_with(&root.path)).then_some(root.path)
    })
}

/// Whether it is the root of something, and not a folder like any other.
fn is_workspace(root: &Root) -> bool {
    root.config.is_some() || is_git_root(&root.path)
}
