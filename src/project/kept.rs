//! What is kept of a workspace beyond a run: what its files say by themselves, what was judged, and what was said of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

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
    /// What runs have said, for those that are the same.
    said: OnceLock<(Key, Shelf)>,
}

impl Kept {
    /// What a folder has of the workspace with this root.
    pub fn open(folder: Folder, root: &Path, limits: &Limits) -> Self {
        let root = Key::of([root.as_os_str().as_encoded_bytes()]);
        let owner = Key::of(["facts".to_owned(), format!("{limits:?}")]);
        let facts = (owner, folder.open(root, owner));
        Self { folder, root, facts, judged: Mutex::default(), said: OnceLock::new() }
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

    /// What a run has said.
    pub fn said<T: DeserializeOwned>(&self, run: Key) -> Option<T> {
        let (_, said) = self.all_said();
        Words { names: &Names::default(), known: &Known::default() }.unpack(said.get(run)?)
    }

    /// Puts down what a run has said.
    pub fn say<T: Serialize>(&self, run: Key, said: &T) {
        let (_, all) = self.all_said();
        let words = Words { names: &Names::default(), known: &Known::default() };
        words.pack(said).into_iter().for_each(|bytes| all.put(run, bytes));
    }

    fn all_said(&self) -> &(Key, Shelf) {
        self.said.get_or_init(|| {
            let owner = Key::of(["said"]);
            (owner, self.folder.open(self.root, owner))
        })
    }

    /// Keeps what is new.
    ///
    /// # Errors
    /// It could not be written. Nothing depends on it.
    pub fn keep(&self) -> Result<(), Unwritten> {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let (owner, facts) = &self.facts;
        let shelves = judged.iter().map(|(owner, shelf)| (*owner, &**shelf));
        let said = self.said.get().map(|(owner, said)| (*owner, said));
        self.folder.keep(self.root, shelves.chain([(*owner, facts)]).chain(said))
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

/// What stands for all that a report on a workspace depends on, but for how the command was called and where it writes to.
pub(super) fn report_key(engine: &Engine, workspace: &Workspace, setup: &Setup<'_>) -> Key {
    // whatever is added to these is to be thought of here; what has a place is among the notes as well
    let Engine { library: _, settings: _, choices, notes, placed: _, policies: _ } = engine;
    let Workspace {
        from,
        root,
        sources,
        files,
        config: _,
        config_files,
        baseline: _,
        strict: _,
        skipped,
        lost,
        extent,
        empty,
        all_left_out,
        stdin,
        // it is not judged
        passed_on: _,
        products,
        concerned,
        kept: _,
        // they follow from the texts
        glances: _,
        by_name,
        // so does what they hold, from the files
        globs: _,
        focus,
        // what they are read for has its own key, and where nothing is written is asked before
        rules: _,
    } = workspace;
    let found = (skipped, lost, extent, empty, all_left_out, stdin, products, concerned, by_name, focus);
    let told = format!("{choices:?} {notes:?} {from:?} {root:?} {files:?} {config_files:?} {found:?}");
    let mut parts = vec![b"said".to_vec(), key(engine, workspace, setup).bytes().to_vec(), told.into_bytes()];
    for (_, source) in sources.iter() {
        let text = (source.path(), source.revision(), source.size(), source.hash(), source.invalid_utf8());
        parts.push(format!("{text:?}").into_bytes());
    }
    Key::of(parts)
}
