//! Which files a workspace has, and what is left aside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::workspace::slashed;
use crate::config::Config;
use crate::discover::{self, Discovered, Extent, Files, Globs};
use crate::lint::Skipped;

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

/// The globs of a config.
pub(super) fn globs(config: &Config) -> Globs {
    let texts =
        |list: &[crate::syntax::Located<String>]| list.iter().map(|glob| glob.value.clone()).collect::<Vec<_>>();
    // INVARIANT: loading the config has refused globs that cannot be understood
    Globs::new(&texts(&config.include), &texts(&config.exclude)).unwrap_or_default()
}

pub(super) fn left(path: &Path, reason: String) -> Skipped {
    Skipped { what: slashed(path), reason }
}
