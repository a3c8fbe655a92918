//! Declarations that moved to where nobody reads them: under another name, or into a folder that is left out, is ignored or is a
//! workspace of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use memchr::memmem;

use super::copies::{self, Gone};
use super::workspace::{Workspace, slashed};
use crate::discover::{self, Globs};
use crate::order::Order;
use crate::source::{FileId, SourceMap};
use crate::syntax::{Limits, parse};

/// Every file that may hold a declaration.
const YAML: [&str; 2] = ["**/*.yaml", "**/*.yml"];

/// What a declaration has that says what is done with data, beside the name of its service.
const CONTENTS: [&str; 2] = ["purposes", "settings"];

/// Those of an earlier state's files, which are no longer there, of whose service a file that nobody reads now still speaks; each
/// with a sentence that says so. To see that takes a look at all YAML files, so a file that has only moved is not asked about. Of
/// files of other names only those are seen that are new and have the same text.
pub(super) fn of(workspace: &Workspace, earlier: &Workspace, gone: &[Gone<'_>]) -> BTreeMap<FileId, String> {
    let sources = &workspace.sources;
    let limits = workspace.config.limits;
    let hash = |file: &FileId| sources.get(*file).map(|source| source.hash());
    let there: BTreeSet<u128> = workspace.files.iter().filter_map(hash).collect();
    let mut sought: BTreeMap<String, Vec<FileId>> = BTreeMap::new();
    for Gone { file, .. } in gone.iter().filter(|gone| hash(&gone.file).is_some_and(|hash| !there.contains(&hash))) {
        for service in services(sources, *file, &limits) {
            sought.entry(service).or_default().push(*file);
        }
    }
    let mut out = BTreeMap::new();
    if sought.is_empty() {
        return out;
    }
    for (path, text) in unread(workspace, &sought) {
        let mut alone = SourceMap::new();
        let file = alone.add_bytes(path.as_str(), text);
        for service in services(&alone, file, &limits) {
            for file in sought.get(&service).into_iter().flatten() {
                out.entry(*file)
                    .or_insert_with(|| format!("`{path}` still says `service: {service}`, and is not read"));
            }
        }
    }
    let declaring: BTreeSet<FileId> = sought.into_values().flatten().filter(|file| !out.contains_key(file)).collect();
    let rest: Vec<Gone<'_>> = gone.iter().filter(|gone| declaring.contains(&gone.file)).copied().collect();
    for (file, path) in copies::of(workspace, earlier, &rest) {
        out.entry(file).or_insert_with(|| format!("`{path}` has the same text, and is not read"));
    }
    out
}

/// The services of which a file declares what they do. What cannot be parsed counts as far as it can.
fn services(sources: &SourceMap, file: FileId, limits: &Limits) -> Vec<String> {
    let (tree, _) = parse(sources, file, limits);
    let roots = tree.documents().iter().filter_map(|document| tree.root(document));
    let declaring = roots.filter(|root| CONTENTS.iter().any(|key| root.get(key).is_some()));
    declaring.filter_map(|root| Some(root.get("service")?.value.text()?.to_owned())).collect()
}

/// The YAML files that are no declarations and have the letters of one of these services, with what is in them.
fn unread(workspace: &Workspace, sought: &BTreeMap<String, Vec<FileId>>) -> Vec<(String, Vec<u8>)> {
    let globs = Globs::new::<&str>(&YAML, &[]).unwrap_or_default();
    let known: BTreeSet<&str> = workspace.files.iter().map(|file| workspace.sources.path(*file)).collect();
    let mut found = discover::declarations(&workspace.root, &globs, &workspace.from).files;
    // that a workspace of its own or an ignore file took it in is no reason to call it gone
    found.extend(discover::all_named(&workspace.root, &globs, &workspace.from));
    found.order();
    found.dedup();
    let names: Vec<String> = found.iter().map(|path| slashed(path)).filter(|path| !known.contains(&**path)).collect();
    let paths: Vec<_> = names.iter().map(|name| workspace.root.join(name)).collect();
    let speaks = |bytes: Vec<u8>| {
        let has = |part: &str| memmem::find(&bytes, part.as_bytes()).is_some();
        (has("service") && sought.keys().any(|service| has(service))).then_some(bytes)
    };
    let paths: Vec<&Path> = paths.iter().map(|path| path.as_path()).collect();
    // what cannot be read is no declaration of this run either, and says nothing
    let read = workspace.from.read_all(&paths, workspace.config.limits.file_size, &speaks).unwrap_or_default();
    names.into_iter().zip(read).filter_map(|(name, bytes)| Some((name, bytes.ok()??))).collect()
}
