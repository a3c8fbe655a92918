//! What was worked out before, kept beyond a run: values under keys of all that they depend on.
//!
//! Whatever does not fit counts as not there. So a cache that is old, cut short, of another build or of somebody else costs time
//! and nothing else.

mod folder;
mod read;
mod shelf;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use folder::{Folder, Unwritten};
pub use shelf::Shelf;

use crate::source::{FileId, SourceMap};

/// What stands for everything that a value depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u128);

impl Key {
    /// A key of these parts in this order.
    pub fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut all = Vec::new();
        for part in parts {
            let part = part.as_ref();
            all.extend((part.len() as u64).to_le_bytes());
            all.extend(part);
        }
        Self(xxhash_rust::xxh3::xxh3_128(&all))
    }

    /// The same as bytes, to be a part of another.
    pub fn bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }
}

/// What tells this build of the program from every other.
pub const BUILD: &str = env!("PURPOSELINT_BUILD");

/// Files that values may point into, by names that are the same in every run.
#[derive(Debug, Default)]
pub struct Names {
    /// With the lengths of their texts.
    by_name: BTreeMap<String, (FileId, u32)>,
    by_number: BTreeMap<u32, String>,
}

impl Names {
    /// Declarations and product files by their paths; `None` where two declarations have one path. A product file may be a
    /// declaration as well: these are two sources.
    pub fn new<'p>(
        sources: &SourceMap,
        declarations: &[FileId],
        products: impl IntoIterator<Item = (&'p str, FileId)>,
    ) -> Option<Self> {
        let mut names = Self::default();
        let declared = declarations.iter().map(|file| (format!("d:{}", sources.path(*file)), *file));
        let read = products.into_iter().map(|(path, file)| (format!("p:{path}"), file));
        for (name, file) in declared.chain(read) {
            let length = u32::try_from(sources.get(file)?.size()).ok()?;
            if names.by_name.insert(name.clone(), (file, length)).is_some() {
                return None;
            }
            names.by_number.insert(file.number(), name);
        }
        Some(names)
    }
}

/// Texts that many values hold and that every run knows. They are kept as numbers.
#[derive(Debug, Default)]
pub struct Known<'t> {
    texts: Vec<&'t str>,
    numbers: BTreeMap<&'t str, u32>,
}

impl<'t> Known<'t> {
    /// Texts, in any order.
    pub fn new(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts: BTreeSet<&str> = texts.into_iter().collect();
        let numbers = texts.iter().zip(0..).map(|(text, number)| (*text, number)).collect();
        Self { texts: texts.into_iter().collect(), numbers }
    }

    /// What stands for these texts.
    pub fn key(&self) -> Key {
        Key::of(&self.texts)
    }
}

/// What values are written and read with.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// The files that they point into.
    pub names: &'a Names,
    /// The texts that need not be written out.
    pub known: &'a Known<'a>,
}

impl Words<'_> {
    /// A value as bytes; `None` where it points into a file that has no name.
    pub fn pack<T: serde::Serialize>(&self, value: &T) -> Option<Vec<u8>> {
        write::pack(value, self)
    }

    /// The value of bytes; `None` where they are not such a value, or it points into a file that is not there.
    pub fn unpack<T: serde::de::DeserializeOwned>(&self, bytes: &[u8]) -> Option<T> {
        read::unpack(bytes, self).ok()
    }
}
