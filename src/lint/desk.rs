//! The results that a session takes from earlier runs and leaves to later ones, and the keys that they are kept under.
//!
//! A result is used again only where all that it depends on is the same. For a file by itself, that is its text, its path and the
//! setup. For a service, it is its files in order, the files that services share, the setup, and the product files that its settings
//! read. Which product files these are is known only afterwards, so they are kept beside the result instead of in its key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Setup;
use crate::cache::{Key, Known, Names, Shelf, Words};
use crate::evaluate::Finding;
use crate::policy::Library;
use crate::product::Products;
use crate::source::{FileId, SourceMap};
use crate::space::{Atlas, Cell, TerritorySet};

/// Where a run finds what others found out.
#[derive(Debug, Clone, Copy)]
pub struct Shelved<'a> {
    /// Values by key.
    pub shelf: &'a Shelf,
    /// What stands for all of the [`Setup`] but for the product files, the baseline and the texts of declarations.
    pub setup: Key,
}

/// The files of a workspace by what they declare something for.
#[derive(Default)]
pub(super) struct Parts<'r> {
    /// In order.
    pub(super) of_services: BTreeMap<&'r str, Vec<FileId>>,
    /// Those with something that services share.
    pub(super) shared: Vec<FileId>,
}

/// Reads and writes the values of one run.
pub(super) struct Desk<'a> {
    shelf: &'a Shelf,
    setup: Key,
    sources: &'a SourceMap,
    products: &'a Products,
    library: &'a Library,
    atlas: &'a Atlas,
    names: Names,
    known: Known<'a>,
    /// Codes of territories that were asked for: most findings concern the same few sets.
    codes: Mutex<BTreeMap<TerritorySet, Arc<[String]>>>,
}

impl<'a> Desk<'a> {
    /// What a setup has shelved; `None` where it has not, or the files cannot be told apart.
    pub(super) fn of(setup: &'a Setup<'_>, sources: &'a SourceMap, files: &[FileId]) -> Option<Self> {
        let Shelved { shelf, setup: key } = setup.shelved?;
        let products = setup.products.iter().filter_map(|(path, file)| Some((path.as_str(), *file.as_ref().ok()?)));
        let names = Names::new(sources, files, products)?;
        let known = known(setup.library);
        let key = Key::of([key.bytes(), known.key().bytes()]);
        let (products, library, atlas) = (setup.products, setup.library, setup.atlas);
        Some(Self { shelf, setup: key, sources, products, library, atlas, names, known, codes: Mutex::default() })
    }

    /// The key of a file by itself.
    pub(super) fn of_file(&self, file: FileId) -> Key {
        self.key("file", "", &[file], &[])
    }

    /// The key of a service.
    pub(super) fn of_service(&self, id: &str, parts: &Parts<'_>) -> Key {
        let own = parts.of_services.get(id).map(Vec::as_slice).unwrap_or_default();
        self.key("service", id, own, &parts.shared)
    }

    /// The key of what services share.
    pub(super) fn of_shared(&self, parts: &Parts<'_>) -> Key {
        self.key("shared", "", &[], &parts.shared)
    }

    fn key(&self, kind: &str, id: &str, own: &[FileId], shared: &[FileId]) -> Key {
        let mut parts: Vec<Vec<u8>> = vec![self.setup.bytes().to_vec(), kind.into(), id.into()];
        for (role, files) in [("own", own), ("shared", shared)] {
            for source in files.iter().filter_map(|file| self.sources.get(*file)) {
                let (length, hash) = (source.size() as u64, source.hash());
                parts.extend([
                    role.into(),
                    source.path().into(),
                    length.to_le_bytes().into(),
                    hash.to_le_bytes().into(),
                ]);
            }
        }
        Key::of(parts)
    }

    /// What stands for the product files of these paths as they are now.
    fn products(&self, paths: &BTreeSet<String>) -> Key {
        let state = |path: &String| match self.products.get(path) {
            Some(Ok(file)) => {
                let hash = self.sources.get(*file).map(|source| source.hash().to_le_bytes());
                [b"text".as_slice(), &hash.unwrap_or_default()].concat()
            }
            Some(Err(why)) => [b"error", why.as_bytes()].concat(),
            None => b"unread".to_vec(),
        };
        Key::of(paths.iter().flat_map(|path| [path.clone().into_bytes(), state(path)]))
    }

    fn words(&self) -> Words<'_> {
        Words { names: &self.names, known: &self.known }
    }

    /// The value of a key, as long as the product files are what they were.
    pub(super) fn take<T: DeserializeOwned>(&self, key: Key) -> Option<T> {
        let (paths, state, value): (BTreeSet<String>, [u8; 16], T) = self.words().unpack(self.shelf.get(key)?)?;
        (self.products(&paths).bytes() == state).then_some(value)
    }

    /// Leaves a value for which these product files were looked up.
    pub(super) fn put<T: Serialize>(&self, key: Key, paths: &BTreeSet<String>, value: &T) {
        let state = self.products(paths).bytes();
        if let Some(bytes) = self.words().pack(&(paths, state, value)) {
            self.shelf.put(key, bytes);
        }
    }

    /// Gives findings the citations of their rules, and their cells what follows from their blocks.
    pub(super) fn fill(&self, findings: &mut [Arc<Finding>]) {
        for finding in findings.iter_mut().filter_map(Arc::get_mut) {
            if let Some(rule) = self.library.rule(&finding.rule) {
                finding.cites.belong_to(&rule.cites);
            }
        }
        let mut known: BTreeMap<TerritorySet, Arc<[String]>> = BTreeMap::new();
        let own = findings.iter_mut().filter_map(Arc::get_mut);
        for cell in own.filter_map(|finding| Arc::get_mut(&mut finding.cells)).flatten() {
            let territories = cell.block.territories;
            let codes = known.entry(territories).or_insert_with(|| {
                let mut all = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(all.entry(territories).or_insert_with(|| Cell::codes(territories, self.atlas)))
            });
            cell.territories = Arc::clone(codes);
        }
    }
}

/// The texts of rules, which findings repeat.
fn known(library: &Library) -> Known<'_> {
    let of_rules = library.rules().flat_map(|rule| [rule.id.as_str(), rule.title.as_str()]);
    Known::new(of_rules)
}
