//! Packs that come with the program, as a run wants them: parsed and typed.

use super::rule::Rule;
use crate::cache::Names;
use crate::shipped;
use crate::source::{FileId, SourceMap};

/// The rules of a pack, whose files are in `sources`; `None` where they have to be read.
pub(super) fn rules(pack: &str, sources: &SourceMap, files: &[FileId]) -> Option<Vec<Rule>> {
    shipped::compact(pack, &Names::new(sources, files, [])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Known, Words};
    use crate::policy::{Depth, Library, Pack, PolicyFiles};
    use crate::shipped::is_compact;
    use crate::space::Atlas;

    fn library(depth: Depth) -> Library {
        let files = PolicyFiles::builtin();
        let (library, found) = Library::load(&files, &files.packs(), Atlas::builtin().clone(), depth);
        assert!(found.is_empty(), "{found:?}");
        library
    }

    fn names(library: &Library, pack: &Pack) -> Names {
        let files: Vec<FileId> = pack.rules.iter().map(|rule| rule.place.file).collect();
        Names::new(&library.sources, &files, []).unwrap()
    }

    #[test]
    fn the_compact_packs_are_what_the_rules_say() {
        let (run, whole) = (library(Depth::Run), library(Depth::Whole));
        let mut lagging = Vec::new();
        for (pack, same) in whole.packs.iter().zip(&run.packs) {
            let bytes = |library, pack: &Pack| {
                Words { names: &names(library, pack), known: &Known::default() }.pack(&pack.rules).unwrap()
            };
            let heads = [pack, same].map(|pack| (&pack.title, &pack.version, &pack.territories));
            assert_eq!(heads[0], heads[1], "{}", pack.name);
            if !is_compact(&pack.name, &pack.rules, &names(&whole, pack)) {
                lagging.push(&pack.name);
            } else if std::env::var_os("UPDATE").is_none() {
                assert!(bytes(&run, same) == bytes(&whole, pack), "{} is judged by other rules", pack.name);
            }
        }
        assert!(
            lagging.is_empty(),
            "policies/compact lags behind in {lagging:?}: run `UPDATE=1 cargo test --lib compact`"
        );
    }
}
