//! The workspaces of all folders and buffers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

use super::documents::Documents;
use super::held::{Effect, Held, Sound};
use super::uri;
use crate::discover::{CONFIG, Files, Globs, find_root_of, read};
use crate::source::FileId;
use crate::space::Date;
use crate::syntax::Limits;

/// A folder of the editor.
#[derive(Debug, Clone)]
struct Folder {
    /// As the client writes it.
    given: PathBuf,
    /// Without links.
    real: PathBuf,
}

/// What has changed since the last time.
#[derive(Debug, Default)]
pub(super) struct Refreshed {
    /// The roots of workspaces that look different, with the files that do; nothing for all of them.
    pub(super) changed: Vec<(PathBuf, Option<BTreeSet<FileId>>)>,
    /// The roots of workspaces that nobody looks at any more.
    pub(super) gone: Vec<PathBuf>,
    /// What is to be said that has no place in a file.
    pub(super) messages: Vec<String>,
}

/// All workspaces there are to show.
#[derive(Default)]
pub(super) struct Workspaces {
    folders: Vec<Folder>,
    held: BTreeMap<PathBuf, Held>,
    /// Roots of workspaces that are to be judged, or read and judged.
    stale: BTreeMap<PathBuf, Effect>,
    /// Roots of workspaces that nobody looks at any more.
    gone: Vec<PathBuf>,
    /// The day of the last judgement.
    day: Option<Date>,
}

impl Workspaces {
    /// Adds folders of the editor, and takes some away.
    pub(super) fn change_folders(&mut self, added: &[Uri], removed: &[Uri], documents: &Documents) {
        let path = |uri: &Uri| uri::to_path(uri);
        let removed: BTreeSet<PathBuf> = removed.iter().filter_map(path).collect();
        self.folders.retain(|folder| !removed.contains(&folder.given));
        for given in added.iter().filter_map(path) {
            let real = fs::canonicalize(&given).unwrap_or_else(|_| given.clone());
            self.folders.push(Folder { given, real });
        }
        self.find(documents);
    }

    /// Works out which workspaces there are. Those that are new are read when they are looked at.
    pub(super) fn find(&mut self, documents: &Documents) {
        let files = documents.files();
        let of_folders: BTreeSet<PathBuf> =
            self.folders.iter().map(|folder| find_root_of(&folder.real, &files).path).collect();
        let mut roots = of_folders.clone();
        for path in documents.paths() {
            let folder = path.parent().unwrap_or(path);
            let is_known =
                self.held.values().any(|held| matches!(held, Held::Sound(sound) if sound.file(path).is_some()));
            if is_known || is_ours(path, &files) {
                let root = find_root_of(folder, &files);
                // a folder of the editor stands for all below it that has no config of its own
                if root.config.is_some() || !folder.ancestors().any(|above| of_folders.contains(above)) {
                    roots.insert(root.path);
                }
            }
        }
        self.gone.extend(self.held.keys().filter(|root| !roots.contains(*root)).cloned());
        self.held.retain(|root, _| roots.contains(root));
        self.stale.retain(|root, _| roots.contains(root));
        for root in roots {
            if !self.held.contains_key(&root) {
                self.stale.insert(root, Effect::Read);
            }
        }
    }

    /// Takes over what the editor or the disk has at a path now.
    pub(super) fn change(&mut self, path: &Path, documents: &Documents) {
        let on_disk;
        let text = match documents.get(path) {
            Some(document) => Some(&*document.text),
            None => {
                on_disk = read(path, self.file_size()).ok();
                // what is no UTF-8 is read with all else
                on_disk.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok())
            }
        };
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        for (root, held) in &mut self.held {
            let effect =
                held.change(path, text).max(if real == path { Effect::None } else { held.change(&real, text) });
            if effect > Effect::None {
                let stale = self.stale.entry(root.clone()).or_insert(effect);
                *stale = effect.max(*stale);
            }
        }
    }

    /// How large a file may be, in the workspace that allows most.
    fn file_size(&self) -> usize {
        let sizes = self.held.values().map(|held| match held {
            Held::Sound(sound) => sound.workspace.config.limits.file_size,
            Held::Broken(_) => 0,
        });
        sizes.max().unwrap_or(0).max(Limits::default().file_size)
    }

    /// Everything is to be judged again, or shown anew.
    pub(super) fn look_again(&mut self, effect: Effect) {
        for root in self.held.keys() {
            let stale = self.stale.entry(root.clone()).or_insert(effect);
            *stale = effect.max(*stale);
        }
    }

    /// Whether something waits to be judged.
    pub(super) fn is_stale(&self, today: Date) -> bool {
        !self.stale.is_empty() || !self.gone.is_empty() || self.day.is_some_and(|day| day != today)
    }

    /// Reads and judges what has changed.
    pub(super) fn refresh(&mut self, documents: &Documents, today: Date) -> Refreshed {
        if self.day.replace(today) != Some(today) {
            // another day may bring another law
            self.look_again(Effect::Read);
        }
        let mut refreshed = Refreshed { gone: std::mem::take(&mut self.gone), ..Refreshed::default() };
        for (root, effect) in std::mem::take(&mut self.stale) {
            if effect == Effect::Read {
                refreshed.messages.extend(self.read(&root, documents, today));
            }
            let Some(held) = self.held.get_mut(&root) else { continue };
            let mut changed = held.judge(today).filter(|_| effect == Effect::Judge);
            if held.is_outdated() {
                refreshed.messages.extend(self.read(&root, documents, today));
                self.held.get_mut(&root).and_then(|held| held.judge(today));
                changed = None;
            }
            refreshed.changed.push((root, changed));
        }
        refreshed
    }

    /// Reads a workspace. One that can no longer be read keeps what was known of it; what is wrong without a place is given.
    fn read(&mut self, root: &Path, documents: &Documents, today: Date) -> Option<String> {
        let held = Held::read(root, documents.files(), today);
        let message = match &held {
            Held::Sound(_) => None,
            Held::Broken(broken) => broken.message.clone(),
        };
        let held = held.after(self.held.remove(root));
        self.held.insert(root.to_owned(), held);
        message
    }

    /// The workspace of a root.
    pub(super) fn at(&self, root: &Path) -> Option<&Held> {
        self.held.get(root)
    }

    /// All workspaces by root.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Path, &Held)> {
        self.held.iter().map(|(root, held)| (root.as_path(), held))
    }

    /// The workspace that has a file as a declaration.
    pub(super) fn of(&self, path: &Path) -> Option<(&Sound, FileId)> {
        self.held.values().find_map(|held| match held {
            Held::Sound(sound) => Some((&**sound, sound.file(path)?)),
            Held::Broken(_) => None,
        })
    }

    /// The buffers that a workspace judges, or would judge if it could.
    pub(super) fn open_in(&self, root: &Path, documents: &Documents) -> Vec<PathBuf> {
        let files = documents.files();
        let last = self.held.get(root).and_then(Held::last);
        let around = |path: &Path| {
            let roots = self.held.keys().filter(|root| path.starts_with(root));
            roots.max_by_key(|root| root.components().count())
        };
        let is_meant = |path: &Path| last.is_some_and(|sound| sound.file(path).is_some()) || is_ours(path, &files);
        let is_part = |path: &&Path| around(path).is_some_and(|nearest| nearest == root) && is_meant(path);
        documents.paths().filter(is_part).map(Path::to_owned).collect()
    }

    /// The URI of a file: that of its buffer, else one below a folder as the client writes it.
    pub(super) fn uri(&self, path: &Path, documents: &Documents) -> Uri {
        if let Some(document) = documents.get(path) {
            return document.uri.clone();
        }
        let folder =
            self.folders.iter().find_map(|folder| Some(folder.given.join(path.strip_prefix(&folder.real).ok()?)));
        uri::from_path(folder.as_deref().unwrap_or(path))
    }
}

/// Whether a file that stands in no known workspace is worth looking for one.
fn is_ours(path: &Path, files: &Files) -> bool {
    let globs = Globs::new::<&str>(&[], &[]).unwrap_or_default();
    path.file_name().is_some_and(|name| name == CONFIG || globs.is_declaration(Path::new(name)))
        || path.parent().is_some_and(|folder| files.has_file(&folder.join("pack.yaml")))
}
