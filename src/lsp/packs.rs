//! The rules of the packs that a config names by their folders, by what their files are called: a workspace that cannot be judged
//! as it is, often because of what is being written, still has them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::config::is_path;
use crate::discover::Files;
use crate::policy::is_rule;
use crate::source::SourceMap;
use crate::syntax::{Limits, Tree, parse};

/// Most bytes of a file that are looked at.
const LIMIT: usize = 1 << 20;

/// Most rules of a pack.
const MOST: usize = 1_000;

/// The ids of the rules, with their titles; what cannot be read is left out. `text` is that of the config, if it is being written.
pub(super) fn rules(config: &Path, text: Option<&str>, files: &Files) -> Vec<(String, String)> {
    let tree = match text {
        Some(text) => Some(tree_of(text.to_owned())),
        None => tree_at(config, files),
    };
    let Some(around) = config.parent() else { return Vec::new() };
    let tree = tree.as_ref();
    let roots = tree.into_iter().flat_map(|tree| tree.documents().iter().filter_map(|document| tree.root(document)));
    let packs = roots.filter_map(|root| root.get("packs")).flat_map(|entry| entry.value.items());
    let folders = packs.filter_map(|pack| pack.text()).filter(|pack| is_path(pack));
    // `./` in the middle of a path is no part of the names of buffers
    let folders = folders.map(|pack| around.join(pack).components().collect::<PathBuf>());
    folders.flat_map(|folder| of_pack(&folder, files)).collect()
}

fn of_pack(folder: &Path, files: &Files) -> Vec<(String, String)> {
    let name = folder.file_name().and_then(OsStr::to_str);
    let Some(name) = name.filter(|_| files.has_file(&folder.join("pack.yaml"))) else { return Vec::new() };
    let rule = |path: PathBuf| {
        let stem = path.file_stem()?.to_str().filter(|stem| is_rule(stem))?;
        let is_there = path.extension() == Some(OsStr::new("yaml")) && files.has_file(&path);
        let tree = tree_at(&path, files).filter(|_| is_there)?;
        let root = tree.documents().iter().find_map(|document| tree.root(document));
        let title = root.and_then(|root| root.get("title")?.value.text()).unwrap_or_default().to_owned();
        Some((format!("{name}/{stem}"), title))
    };
    files.entries(folder).unwrap_or_default().into_iter().take(MOST).filter_map(rule).collect()
}

fn tree_at(path: &Path, files: &Files) -> Option<Tree> {
    let bytes = files.read(path, LIMIT).ok()?;
    String::from_utf8(bytes).ok().map(tree_of)
}

fn tree_of(text: String) -> Tree {
    let mut sources = SourceMap::new();
    let file = sources.add("", text);
    parse(&sources, file, &Limits::default()).0
}
