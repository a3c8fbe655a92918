//! Which files a workspace has, and what is left aside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::config_files::ConfigFiles;
use super::engine::{DATA, packs_in};
use super::failure::Failure;
use super::workspace::{Gathering, Named, STDIN, slashed};
use crate::config::{Config, Layer, is_path};
use crate::discover::{self, BASELINE, CONFIG, Discovered, Extent, Files, Globs};
use crate::lint::Skipped;
use crate::syntax::Located;

/// Which files there are to read, and which of them the report is about.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) by_name: BTreeSet<PathBuf>,
    /// Other paths that lead to files, each with the one under which the file is read.
    pub(super) other_names: BTreeMap<PathBuf, PathBuf>,
    pub(super) left: Vec<discover::Skipped>,
    /// As the report calls them; see [`super::Workspace`].
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
        self.other_names.extend(discovered.other_names);
        self.extent = self.extent.max(discovered.extent);
    }

    /// Says nothing of links to folders of rules: nobody looks for declarations there, and the rules are read.
    pub(super) fn drop_rules(&mut self, (root, from): (&Path, &Files)) {
        let rules = &self.rules;
        let leads_there = |link: &Path| from.real(link).is_ok_and(|real| real != link && rules.contains(&real));
        self.left.retain(|skipped| rules.is_empty() || !leads_there(&root.join(&skipped.path)));
    }

    /// Whether there is a declaration in a folder, by whatever name it is read.
    pub(super) fn has_below(&self, folder: &Path) -> bool {
        self.files.iter().chain(self.other_names.keys()).any(|file| file.starts_with(folder))
    }

    /// The paths under which files are read that a folder has under another.
    fn read_elsewhere(&self, folder: &Path) -> impl Iterator<Item = &Path> {
        let below = self.other_names.iter().filter(move |(name, _)| name.starts_with(folder));
        below.map(|(_, read)| read.as_path())
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

impl Gathering {
    /// The declarations, and what the report is about; no focus for everything.
    pub(super) fn discover(
        &self,
        (globs, files): (&Globs, &ConfigFiles),
        named: &[Named],
        found: &mut Found,
    ) -> Result<(), Failure> {
        if self.is_alone() && named.is_empty() {
            return Ok(());
        }
        found.take(discover::declarations(&self.root, globs, &self.from));
        found.drop_rules((&self.root, &self.from));
        let mut focus = BTreeSet::new();
        let mut is_whole = named.is_empty() && self.stdin.is_none();
        for one in named.iter().chain(self.stdin.as_ref().and_then(|stdin| stdin.named.as_ref())) {
            let path = self.relative(&one.path);
            if path == Path::new(CONFIG)
                || path == Path::new(BASELINE)
                || files.holds(&one.path)
                || one.path == self.root
                || self.is_rule(one, &found.rules)
            {
                is_whole = true;
            } else if one.is_folder {
                focus.extend(found.read_elsewhere(&path).chain([&*path]).map(slashed));
            } else {
                focus.insert(slashed(&self.add_named(one, found)?));
            }
        }
        if self.is_alone() {
            focus.insert(STDIN.to_owned());
        }
        found.focus = (!is_whole).then(|| focus.into_iter().map(PathBuf::from).collect());
        Ok(())
    }

    /// A rule file, a pack, or a folder of packs: a change there concerns every declaration.
    fn is_rule(&self, named: &Named, folders: &[PathBuf]) -> bool {
        let folder = if named.is_folder { Some(named.path.as_path()) } else { named.path.parent() };
        folders.iter().any(|folder| named.path.starts_with(folder))
            || folder.is_some_and(|folder| self.from.has_file(&folder.join("pack.yaml")))
    }

    /// A file that was named is a declaration whatever it is called. Gives the path under which it is read: a file that is read
    /// under another name must not declare everything twice.
    fn add_named(&self, one: &Named, found: &mut Found) -> Result<PathBuf, Failure> {
        let path = self.relative(&one.path);
        if self.stdin_for(&one.path).is_none() {
            let real = self.from.real(&one.path).map_err(|error| Failure::Read { path: one.shown.clone(), error })?;
            if !real.starts_with(&self.root) {
                return Err(Failure::LeavesRoot { path: one.shown.clone(), root: self.root.display().to_string() });
            }
            let real = self.relative(&real);
            if found.files.contains(&real) {
                return Ok(real);
            }
            if let Some(read) = found.other_names.get(&real) {
                return Ok(read.clone());
            }
            found.other_names.insert(real, path.clone());
        }
        found.by_name.insert(path.clone());
        found.files.insert(path.clone());
        Ok(path)
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
