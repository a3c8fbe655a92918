//! What is kept of a workspace beyond a run: what its files say by themselves, and what was judged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::engine::Engine;
use super::workspace::Workspace;
use crate::cache::{Folder, Key, Known, Names, Shelf, Unwritten, Words};
use crate::lint::Setup;
use crate::source::{FileId, SourceMap};
use crate::syntax::Limits;

/// The shelves of one workspace.
#[derive(Debug)]
pub struct Kept {
    folder: Folder,
    root: Key,
    /// Of what files say by themselves.
    facts: (Key, Shelf),
    /// By all that judging depends on but for the declarations.
    judged: Mutex<BTreeMap<Key, Arc<Shelf>>>,
}

impl Kept {
    /// What a folder has of the workspace with this root.
    pub fn open(folder: Folder, root: &Path, limits: &Limits) -> Self {
        let root = Key::of([root.as_os_str().as_encoded_bytes()]);
        let owner = Key::of(["facts".to_owned(), format!("{limits:?}")]);
        let facts = (owner, folder.open(root, owner));
        Self { folder, root, facts, judged: Mutex::default() }
    }

    /// What a file says, which must depend on its text and the limits alone. `kind` tells what is asked from anything else.
    fn told<T: Serialize + DeserializeOwned>(
        &self,
        kind: &str,
        (sources, file): (&SourceMap, FileId),
        tell: impl FnOnce() -> T,
    ) -> T {
        let Some(source) = sources.get(file) else { return tell() };
        let length = source.size() as u64;
        let key = Key::of([kind.as_bytes(), &length.to_le_bytes(), &source.hash().to_le_bytes()]);
        let words = Words { names: &Names::default(), known: &Known::default() };
        let (_, facts) = &self.facts;
        facts.get(key).and_then(|bytes| words.unpack(bytes)).unwrap_or_else(|| {
            let told = tell();
            words.pack(&told).into_iter().for_each(|bytes| facts.put(key, bytes));
            told
        })
    }

    /// What was judged under a setup.
    pub fn judged(&self, setup: Key) -> Arc<Shelf> {
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(judged.entry(setup).or_insert_with(|| Arc::new(self.folder.open(self.root, setup))))
    }

    /// Keeps what is new.
    ///
    /// # Errors
    /// It could not be written. Nothing depends on it.
    pub fn keep(&self) -> Result<(), Unwritten> {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let (owner, facts) = &self.facts;
        let shelves = judged.iter().map(|(owner, shelf)| (*owner, &**shelf));
        self.folder.keep(self.root, shelves.chain([(*owner, facts)]))
    }
}

/// What a file of a workspace says, out of what is kept where anything is.
pub(super) fn told<T: Serialize + DeserializeOwned>(
    workspace: &Workspace,
    kind: &str,
    file: FileId,
    tell: impl FnOnce() -> T,
) -> T {
    match &workspace.kept {
        Some(kept) => kept.told(kind, (&workspace.sources, file), tell),
        None => tell(),
    }
}

/// What stands for all that judging depends on but for the declarations, the product files and the baseline: the program, the packs,
/// the config, the day, and how the command was called.
pub(super) fn key(engine: &Engine, workspace: &Workspace, setup: &Setup<'_>) -> Key {
    let mut parts = vec![b"judged".to_vec(), engine.policies.bytes().to_vec()];
    let names = |names: &mut dyn Iterator<Item = &String>| {
        names.map(|name| format!("{} {name}", name.len())).collect::<String>()
    };
    parts.push(names(&mut setup.library.packs.iter().map(|pack| &pack.name)).into_bytes());
    parts.push(names(&mut setup.library.unreached.iter()).into_bytes());
    let config = &workspace.config;
    for layer in &config.layers {
        let hash = workspace.sources.get(layer.file).map(|source| source.hash().to_le_bytes());
        let told = (workspace.sources.path(layer.file), layer.led_by, hash);
        parts.push(format!("{told:?}").into_bytes());
    }
    let called = (config.cap, config.fail_on_upcoming, workspace.strict, setup.accepting.is_some());
    parts.push(format!("{called:?} {:?} {:?}", setup.limits, setup.period).into_bytes());
    Key::of(parts)
}
