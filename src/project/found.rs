//! Which files a workspace has, and what is left aside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::config_files::ConfigFiles;
use super::engine::{DATA, packs_in};
use super::workspace::slashed;
use crate::config::{Config, Layer, is_path};
use crate::discover::{self, BASELINE, CONFIG, Discovered, Extent, Files, Globs};
use crate::lint::Skipped;
use crate::syntax::Located;

/// Which files there are to read, and which of them the report is about.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) by_name: BTreeSet<PathBuf>,
    pub(super) left: Vec<discover::Skipped>,
    pub(super) focus: Option<BTreeSet<PathBuf>>,
    pub(super) extent: Extent,
    /// Folders of packs that do not come with the program, and folders of such folders, without links.
    pub(super) rules: Vec<PathBuf>,
}

impl Found {
    pub(super) fn take(&mut self, discovered: Discovered) {
        // sorted as they are, they are put in at once
        self.files.append(&mut discovered.files.into_iter().collect());
        self.left.extend(discovered.skipped);
        self.extent = self.extent.max(discovered.extent);
    }

    /// Says nothing of links to folders of rules: nobody looks for declarations there, and the rules are read.
    pub(super) fn drop_rules(&mut self, (root, from): (&Path, &Files)) {
        let rules = &self.rules;
        let leads_there = |link: &Path| from.real(link).is_ok_and(|real| real != link && rules.contains(&real));
        self.left.retain(|skipped| rules.is_empty() || !leads_there(&root.join(&skipped.path)));
    }

    /// What is left aside. A file that is read because it was named is not.
    pub(super) fn skipped(&self) -> Vec<Skipped> {
        let skipped = self.left.iter().filter(|skipped| !self.by_name.contains(&skipped.path));
        skipped.map(|skipped| left(&skipped.path, skipped.reason.clone())).collect()
    }

    /// What of it had to be read.
    pub(super) fn lost(&self) -> Vec<Skipped> {
        let lost = self.left.iter().filter(|skipped| skipped.lost && !self.by_name.contains(&skipped.path));
        lost.map(|skipped| left(&skipped.path, skipped.reason.clone())).collect()
    }
}

/// The globs of a config. `by_hand` are folders of packs that somebody named.
pub(super) fn globs((config, files): (&Config, &ConfigFiles), root: &Path, from: &Files, by_hand: &[PathBuf]) -> Globs {
    let texts = |list: &[Located<String>]| list.iter().map(|glob| glob.value.clone()).collect::<Vec<_>>();
    // INVARIANT: loading the config has refused globs that cannot be understood
    let globs = Globs::new(&texts(&config.include), &texts(&config.exclude)).unwrap_or_default();
    let inside = |path: &Path| path.strip_prefix(root).ok().map(Path::to_owned);
    let own = [CONFIG, BASELINE].into_iter().map(PathBuf::from);
    // a pack that a nearer config leaves out is not read, and so nobody would see what else may be in it
    let listed = config.packs.iter().flatten().filter(|pack| is_path(&pack.value));
    let listed = listed.map(|pack| files.real_path_of(pack).unwrap_or_else(|| files.path_of(pack)));
    let named = by_hand.iter().flat_map(|folder| packs_in(from, folder).unwrap_or_default());
    let packs = listed.chain(named).filter_map(|pack| inside(&pack));
    let folders = packs.flat_map(|pack| DATA.map(|data| pack.join(data)).into_iter().chain([pack]));
    globs.without(own.chain(files.paths().filter_map(inside)).collect(), folders.collect())
}

/// The folders of all packs that somebody named or a config lists, also of those that are not in use.
pub(super) fn rule_folders((config, files): (&Config, &ConfigFiles), by_hand: &[PathBuf]) -> Vec<PathBuf> {
    let listed = config.layers.iter().flat_map(Layer::local_packs);
    by_hand.iter().cloned().chain(listed.filter_map(|pack| files.real_path_of(pack))).collect()
}

pub(super) fn left(path: &Path, reason: String) -> Skipped {
    Skipped { what: slashed(path), reason }
}
