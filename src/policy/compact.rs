//! Packs that come with the program, as a run wants them: parsed and typed.
//!
//! `policies/compact/` has a file for each, made from its rules, which are the source. It begins with a stamp of what it was made
//! from. Where that is not what is there, `build.rs` leaves the file out, and the rules themselves are read. The test below writes
//! these files, and holds them to the rules.

use super::rule::Rule;
use crate::cache::{Known, Names, Words};
use crate::source::{FileId, SourceMap};

include!(concat!(env!("OUT_DIR"), "/compact.rs"));

/// Bytes of the stamp.
const STAMP: usize = 32;

/// The rules of a pack, whose files are in `sources`; `None` where they have to be read.
pub(super) fn rules(pack: &str, sources: &SourceMap, files: &[FileId]) -> Option<Vec<Rule>> {
    let at = COMPACT.binary_search_by(|(known, _)| (*known).cmp(pack)).ok()?;
    let (_, bytes) = COMPACT.get(at)?;
    let names = Names::new(sources, files, [])?;
    Words { names: &names, known: &Known::default() }.unpack(bytes.get(STAMP..)?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::policy::{Depth, Library, PolicyFiles};
    use crate::space::Atlas;

    fn library(depth: Depth) -> Library {
        let files = PolicyFiles::builtin();
        let (library, found) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), depth);
        assert!(found.is_empty(), "{found:?}");
        library
    }

    /// The rules of each pack as bytes, without the stamp.
    fn packed(library: &Library) -> Vec<(&str, Vec<u8>)> {
        let pack = |name, rules: &Vec<Rule>| {
            let files: Vec<FileId> = rules.iter().map(|rule| rule.place.file).collect();
            let names = Names::new(&library.sources, &files, []).unwrap();
            (name, Words { names: &names, known: &Known::default() }.pack(rules).unwrap())
        };
        library.packs.iter().map(|own| pack(own.name.as_str(), &own.rules)).collect()
    }

    /// What is written or, with `UPDATE=1`, to be written.
    fn is_same(path: &Path, bytes: &[u8]) -> bool {
        if std::env::var_os("UPDATE").is_some() {
            fs::write(path, bytes).unwrap();
        }
        fs::read(path).is_ok_and(|written| written == bytes)
    }

    #[test]
    fn the_compact_packs_are_what_the_rules_say() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies/compact");
        let library = library(Depth::Whole);
        let packed: Vec<(&str, Vec<u8>)> = packed(&library);
        let mut wrong = Vec::new();
        for (name, stamp) in STAMPS {
            let own = packed.iter().find(|(pack, _)| pack == name).map(|(_, bytes)| bytes.as_slice());
            if !is_same(&folder.join(name), &[stamp.as_bytes(), own.unwrap_or_default()].concat()) {
                wrong.push(*name);
            }
        }
        assert!(
            wrong.is_empty(),
            "policies/compact lags behind for {wrong:?}: run `UPDATE=1 cargo test --lib compact`"
        );
        let there = fs::read_dir(&folder).unwrap().count();
        assert_eq!(there, STAMPS.len(), "remove the pack from policies/compact that is there no longer");
    }

    #[test]
    fn a_run_judges_by_the_rules_as_they_are_written() {
        let (run, whole) = (library(Depth::Run), library(Depth::Whole));
        assert!(COMPACT.is_sorted_by_key(|(pack, _)| *pack));
        for ((pack, one), (_, other)) in packed(&run).into_iter().zip(packed(&whole)) {
            let is_there = COMPACT.iter().any(|(known, _)| *known == pack);
            // what has just been written is in the next build
            if std::env::var_os("UPDATE").is_none() {
                assert!(is_there, "{pack} is read from its rules");
                assert!(one == other, "{pack}");
            }
        }
    }
}
