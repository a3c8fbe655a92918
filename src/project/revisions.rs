//! The same workspace at another time, beside the one that is judged.

use std::collections::{BTreeMap, BTreeSet};

use super::copies::Gone;
use super::strays;
use super::workspace::Workspace;
use crate::lint::{Skipped, concerned};
use crate::source::FileId;
use crate::space::Atlas;

/// The declarations of an earlier state of a workspace, among the sources of the later one.
#[derive(Debug)]
pub struct Earlier {
    /// The declarations.
    pub files: Vec<FileId>,
    /// Territories and groups, where its config has others than the later one; else `None`. What packs add is not in it.
    pub atlas: Option<Atlas>,
    /// Those of its files that are not gone although they are no declarations any longer, each with why nobody can say so.
    pub left_out: BTreeMap<FileId, String>,
    /// What of it had to be read and could not be.
    pub lost: Vec<Skipped>,
}

impl Workspace {
    /// Whether another workspace has the same declarations and the same product files, letter by letter, and lacks the same.
    pub fn has_same_text_as(&self, other: &Self) -> bool {
        let text = |workspace: &Self, file: FileId| {
            let source = workspace.sources.get(file)?;
            Some((source.path().to_owned(), source.size(), source.hash(), source.invalid_utf8()))
        };
        let texts =
            |workspace: &Self| -> Vec<_> { workspace.files.iter().map(|file| text(workspace, *file)).collect() };
        let products = |workspace: &Self| -> Vec<_> {
            let read = workspace.products.iter();
            read.map(|(path, read)| (path.clone(), read.clone().map(|file| text(workspace, file)))).collect()
        };
        texts(self) == texts(other) && products(self) == products(other) && self.lost == other.lost
    }
}

impl Earlier {
    /// Puts the texts of an earlier state beside those of a workspace, each path under the name of that state. From then on
    /// laws are chosen by the services that differ.
    pub fn beside(workspace: &mut Workspace, earlier: &Workspace, name: &str) -> Self {
        let groups = |workspace: &Workspace| workspace.config.groups.clone();
        let atlas = (groups(workspace) != groups(earlier)).then(|| earlier.config.atlas(Atlas::builtin()));
        let mut lost = earlier.lost.clone();
        let mut added = Vec::new();
        for source in earlier.files.iter().filter_map(|file| earlier.sources.get(*file)) {
            if source.invalid_utf8().is_some() {
                lost.push(Skipped { what: source.path().to_owned(), reason: "is not UTF-8".to_owned() });
            }
            added.push((workspace.sources.add_of(name, source.path(), source.text().shared()), source.path()));
        }
        let left_out = left_out(workspace, earlier, &added);
        let files: Vec<FileId> = added.into_iter().map(|(file, _)| file).collect();
        // other groups may change what any declaration means
        if atlas.is_none() {
            let limits = workspace.config.limits;
            workspace.concerned = concerned(&workspace.sources, &files, &workspace.files, &limits);
        }
        let named = |skipped: &Skipped| Skipped { what: format!("{name}:{}", skipped.what), ..skipped.clone() };
        Self { files, atlas, left_out, lost: lost.iter().map(named).collect() }
    }
}

/// Those of an earlier state's files that are not gone although they are no declarations any longer, each with why nobody can say so.
/// They stand among the sources of the later state, here with their paths.
fn left_out(workspace: &Workspace, earlier: &Workspace, files: &[(FileId, &str)]) -> BTreeMap<FileId, String> {
    let known: BTreeSet<&str> = workspace.files.iter().map(|file| workspace.sources.path(*file)).collect();
    let (mut out, mut gone) = (BTreeMap::new(), Vec::new());
    for (file, path) in files.iter().copied().filter(|(_, path)| !known.contains(path)) {
        match workspace.from.has_file(&workspace.root.join(path)) {
            true => {
                out.insert(file, "its file is still there, and is no longer read".to_owned());
            }
            false => gone.push(Gone { file, path }),
        }
    }
    out.extend(strays::of(workspace, earlier, &gone));
    out
}

/// The same by path, for a state that is not compared otherwise.
pub(super) fn no_longer_read(workspace: &mut Workspace, earlier: &Workspace) -> BTreeMap<String, String> {
    let sources = earlier.files.iter().filter_map(|file| earlier.sources.get(*file));
    let added: Vec<(FileId, &str)> =
        sources.map(|source| (workspace.sources.add(source.path(), source.text().shared()), source.path())).collect();
    let reasons = left_out(workspace, earlier, &added);
    let named = |(file, path): (FileId, &str)| Some((path.to_owned(), reasons.get(&file)?.clone()));
    added.into_iter().filter_map(named).collect()
}
