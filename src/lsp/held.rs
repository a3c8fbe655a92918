//! One workspace as the server holds it: read once, changed with its buffers, judged when somebody looks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::config::Layer;
use crate::diagnostic::{Diagnostic, Fix};
use crate::discover::{BASELINE, CONFIG, Files, Globs};
use crate::evaluate::Finding;
use crate::fix::{Attempt, Wanted};
use crate::lint::{Session, Skipped};
use crate::model::{self, Declaration, Offered};
use crate::names::Names;
use crate::product;
use crate::project::{self, Asker, Engine, Failure, Input, Reading, Workspace};
use crate::source::{FileId, SourceMap, Span};
use crate::space::Date;
use crate::suppress::Ignore;
use crate::syntax::parse;

/// A workspace that was read, or why it could not be.
pub(super) enum Held {
    /// It can be judged.
    Sound(Box<Sound>),
    /// Its config or one of its packs is wrong.
    Broken(Box<Broken>),
}

/// A workspace that can be judged.
pub(super) struct Sound {
    /// What was read.
    pub(super) workspace: Workspace,
    /// What it is judged with.
    pub(super) engine: Engine,
    /// What is known of it.
    session: Session,
    /// The day that is known of.
    day: Option<Date>,
    /// What is shown of each file, in order.
    findings: BTreeMap<FileId, Vec<Arc<Finding>>>,
    /// What a comment or the baseline accepts in each file.
    accepted: BTreeMap<FileId, Vec<Arc<Finding>>>,
    /// Files whose text has changed since the last judgement.
    edited: BTreeSet<FileId>,
    /// The services that they declared something for before.
    edited_services: BTreeSet<Box<str>>,
    /// Whether the workspace has to be read again because an edit offers a service in a place whose law is not among those it is
    /// judged by.
    is_outdated: bool,
    /// What this version of the program cannot read.
    pub(super) refused: Vec<Diagnostic>,
    /// The declarations by absolute path.
    paths: BTreeMap<PathBuf, FileId>,
    /// Those of these paths at which the disk had nothing.
    unwritten: BTreeSet<PathBuf>,
    /// The folders of packs that the config names.
    packs: Vec<PathBuf>,
    /// Which paths are those of declarations.
    globs: Globs,
    /// The product files that edited files read.
    products: BTreeMap<FileId, BTreeSet<String>>,
    /// The day for which packs were chosen.
    read_on: Date,
    /// What came of repairing files as they are.
    repaired: RefCell<BTreeMap<FileId, Rc<Repaired>>>,
}

/// A file as `check --fix` would leave it.
pub(super) struct Repaired {
    /// The new text, where that is another.
    pub(super) text: Option<Arc<str>>,
    /// The repairs that did good and no harm.
    kept: Vec<Attempt>,
}

impl Repaired {
    /// Whether a repair of a finding was kept.
    pub(super) fn keeps(&self, fix: &Fix, finding: &Finding, line: usize) -> bool {
        self.kept.iter().any(|kept| kept.line == line && kept.rule == finding.rule && kept.title == fix.title)
    }
}

/// Why a workspace cannot be judged.
pub(super) struct Broken {
    /// The folder that paths count from.
    pub(super) root: PathBuf,
    /// What is wrong, with its places.
    pub(super) list: Vec<Diagnostic>,
    /// The texts of these places.
    pub(super) sources: SourceMap,
    /// What is wrong without a place.
    pub(super) message: Option<String>,
    /// The workspace as it was when it could be judged.
    pub(super) last: Option<Box<Sound>>,
}

/// What a change of a file comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// The workspace is to be judged again.
    Judge,
    /// The workspace is to be shown anew, all of it.
    Show,
    /// The workspace is to be read again.
    Read,
}

impl Held {
    /// Reads the workspace of a root. Nothing is judged yet.
    pub(super) fn read(root: &Path, files: Files, today: Date) -> Self {
        match read(root, files, today) {
            Ok(sound) => Self::Sound(Box::new(sound)),
            Err(failure) => Self::Broken(Box::new(Broken::new(root, failure))),
        }
    }

    /// What was known last: of a workspace that cannot be judged, from when it could be.
    pub(super) fn last(&self) -> Option<&Sound> {
        match self {
            Self::Sound(sound) => Some(sound),
            Self::Broken(broken) => broken.last.as_deref(),
        }
    }

    /// Remembers what was known before.
    pub(super) fn after(mut self, before: Option<Self>) -> Self {
        if let Self::Broken(broken) = &mut self {
            broken.last = match before {
                Some(Self::Sound(sound)) => Some(sound),
                Some(Self::Broken(before)) => before.last,
                None => None,
            };
        }
        self
    }

    /// Takes over what a file holds now; `None` for one that is gone.
    pub(super) fn change(&mut self, path: &Path, text: Option<&str>) -> Effect {
        match self {
            Self::Sound(sound) => sound.change(path, text),
            // whatever it was that is wrong may have been repaired
            Self::Broken(broken) if is_yaml(path) || path.starts_with(&broken.root) => Effect::Read,
            Self::Broken(_) => Effect::None,
        }
    }

    /// Whether it has to be read again to be judged by all that holds now.
    pub(super) fn is_outdated(&self) -> bool {
        matches!(self, Self::Sound(sound) if sound.is_outdated)
    }

    /// Judges what has changed. Gives the files that look different from before, or nothing where that is all of them.
    pub(super) fn judge(&mut self, today: Date) -> Option<BTreeSet<FileId>> {
        match self {
            Self::Sound(sound) => Some(sound.judge(today)),
            Self::Broken(_) => None,
        }
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

fn read(root: &Path, files: Files, today: Date) -> Result<Sound, Failure> {
    let reading = Reading { files, ..Reading::default() };
    let mut asker = Asker { current: Some(root), stdin: &mut std::io::empty(), commands: &[] };
    let mut workspace = project::read(&Input::default(), reading, &mut asker)?;
    workspace.read_baseline()?;
    let engine = Engine::load(&mut workspace, &[], root, today)?;
    let mut paths = BTreeMap::new();
    for file in &workspace.files {
        let path = workspace.root.join(workspace.sources.path(*file));
        if path.is_symlink()
            && let Ok(real) = fs::canonicalize(&path)
        {
            paths.insert(real, *file);
        }
        paths.insert(path, *file);
    }
    let unwritten = paths.keys().filter(|path| !path.exists()).cloned().collect();
    let local = workspace.config.layers.iter().flat_map(Layer::local_packs);
    let files = &workspace.config_files;
    // one that is not there yet may come to be
    let packs = local.map(|pack| files.real_path_of(pack).unwrap_or_else(|| files.path_of(pack))).collect();
    let globs = workspace.globs.clone();
    Ok(Sound {
        globs,
        products: BTreeMap::new(),
        read_on: today,
        repaired: RefCell::default(),
        workspace,
        engine,
        session: Session::new(),
        day: None,
        findings: BTreeMap::new(),
        accepted: BTreeMap::new(),
        edited: BTreeSet::new(),
        edited_services: BTreeSet::new(),
        is_outdated: false,
        refused: Vec::new(),
        paths,
        unwritten,
        packs,
    })
}

impl Sound {
    /// The declaration at a path.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        self.paths.get(path).copied()
    }

    /// Where a file of the workspace stands.
    pub(super) fn path(&self, file: FileId) -> PathBuf {
        below(&self.workspace.root, self.workspace.sources.path(file))
    }

    /// What the service of a declaration declares in all its files, with what services share.
    pub(super) fn declared(&self, service: &str) -> model::Workspace {
        self.session.declared(&self.workspace.files, &|id| id == service)
    }

    /// What all services declare.
    pub(super) fn all_declared(&self) -> model::Workspace {
        self.session.declared(&self.workspace.files, &|_| true)
    }

    /// What a declaration declares by itself, `None` where part of it could not be read.
    pub(super) fn declared_in(&self, file: FileId) -> Option<&[model::Declaration]> {
        self.session.declared_in(file).filter(|(_, is_whole)| *is_whole).map(|(declarations, _)| declarations)
    }

    /// Whether every declaration could be read, so that no other can say anything else.
    pub(super) fn is_whole(&self) -> bool {
        self.workspace.lost.is_empty() && self.workspace.files.iter().all(|file| self.declared_in(*file).is_some())
    }

    /// The comments of a declaration that accept findings.
    pub(super) fn ignores(&self, file: FileId) -> &[Ignore] {
        self.session.ignores(file)
    }

    /// What a comment accepts, so that it is not shown.
    pub(super) fn accepted(&self, comment: Span) -> impl Iterator<Item = &Finding> {
        let place =
            move |finding: &&Arc<Finding>| finding.suppressed.as_ref().is_some_and(|by| by.place == Some(comment));
        self.accepted.values().flatten().filter(place).map(|finding| &**finding)
    }

    /// The day that everything was judged as of.
    pub(super) fn day(&self) -> Date {
        self.day.unwrap_or(self.read_on)
    }

    /// The ids of all that is declared.
    pub(super) fn names(&self) -> Names<'_> {
        Names::of(self.documents())
    }

    /// What is declared, document by document.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Declaration> {
        self.session.documents(&self.workspace.files)
    }

    /// The file of a rule, where it is of a pack of the workspace's own, and its place there.
    pub(super) fn rule(&self, id: &str) -> Option<(PathBuf, Span)> {
        let place = self.engine.library.rule(id)?.place;
        let path = below(&self.workspace.root, self.engine.library.sources.path(place.file));
        self.packs.iter().any(|folder| path.starts_with(folder)).then_some((path, place))
    }

    /// What is shown of each file.
    pub(super) fn by_file(&self) -> impl Iterator<Item = (FileId, &[Arc<Finding>])> {
        self.findings.iter().map(|(file, findings)| (*file, findings.as_slice()))
    }

    /// What is shown of a file.
    pub(super) fn findings(&self, file: FileId) -> &[Arc<Finding>] {
        self.findings.get(&file).map(Vec::as_slice).unwrap_or_default()
    }

    /// What had to be judged and could not be read.
    pub(super) fn lost(&self) -> &[Skipped] {
        &self.workspace.lost
    }

    /// The product file that says otherwise than a fix would have it, and what it says.
    pub(super) fn contradiction(&self, finding: &Finding, fix: &Fix) -> Option<(String, &'static str)> {
        let Workspace { products, sources, config, .. } = &self.workspace;
        if products.is_empty() {
            return None;
        }
        let declared = self.declared(finding.service.as_deref()?);
        let (file, word) = product::contradiction(&declared, products, sources, &config.limits, &fix.edits)?;
        Some((file.to_owned(), word))
    }

    /// Repairs what changes form only in a declaration, in memory, by the same means as `check --fix`: a repair that does not
    /// remove its finding, or brings another, is none. All is judged anew for that, so it is kept as long as nothing changes.
    pub(super) fn repaired(&self, file: FileId) -> Rc<Repaired> {
        if let Some(known) = self.repaired.borrow().get(&file) {
            return Rc::clone(known);
        }
        let is_in_focus = |finding: &Finding| finding.primary.span.file == file;
        let may_change = |other: FileId| other == file && self.workspace.files.contains(&file);
        let wanted = Wanted { authoritative: false, is_in_focus: &is_in_focus, may_change: &may_change };
        let report = self.engine.lint(&self.workspace, self.day());
        let mut fixed = self.engine.fix(&self.workspace, self.day(), report, &wanted);
        let repaired = Rc::new(Repaired { text: fixed.texts.remove(&file), kept: fixed.applied().cloned().collect() });
        self.repaired.borrow_mut().insert(file, Rc::clone(&repaired));
        repaired
    }

    fn change(&mut self, path: &Path, text: Option<&str>) -> Effect {
        match (self.file(path), text) {
            // whether it is read is to be asked anew, also where its text is the same
            (Some(_), Some(_)) if self.unwritten.contains(path) == path.exists() => Effect::Read,
            (Some(file), Some(text)) => {
                if self.workspace.sources.get(file).is_some_and(|source| **source.text() == *text) {
                    return Effect::None;
                }
                let before = self.products.remove(&file).unwrap_or_else(|| self.reads(file));
                self.edited_services.extend(services_of(self.session.documents(&[file])));
                self.session.forget(&self.workspace.sources, file);
                self.workspace.sources.replace(file, text);
                self.edited.insert(file);
                let mut now = self.reads(file);
                // what cannot be read at the moment reads what it did: most keystrokes leave something half written
                if now != before && self.is_broken(file) {
                    now.clone_from(&before);
                }
                // a file may be a declaration and something else besides
                let is_judged = before == now && !self.is_read_otherwise(path);
                self.products.insert(file, now);
                if is_judged { Effect::Judge } else { Effect::Read }
            }
            (Some(_), None) => Effect::Read,
            (None, Some(text)) if self.known_text(path).is_some_and(|known| *known == *text) => Effect::None,
            (None, _) if self.depends_on(path) => Effect::Read,
            (None, _) => Effect::None,
        }
    }

    /// What the config includes and declarations read, as globs from the root.
    pub(super) fn named(&self) -> impl Iterator<Item = String> {
        // signs of globs in the name of a file stand for themselves, which not every client can be told
        let plain = |path: &String| path.replace(['*', '?', '[', ']', '{', '}', '!'], "?");
        let includes = self.workspace.config.include.iter().map(|glob| glob.value.clone());
        includes.chain(self.workspace.products.keys().map(plain))
    }

    /// The product files that the settings of a declaration read.
    fn reads(&self, file: FileId) -> BTreeSet<String> {
        product::named(&self.workspace.sources, file, &self.workspace.config.limits)
    }

    fn is_broken(&self, file: FileId) -> bool {
        let (tree, _) = parse(&self.workspace.sources, file, &self.workspace.config.limits);
        tree.documents().iter().any(|document| document.broken)
    }

    /// Whether one of some services has come to be offered where a law holds that is not looked at.
    fn reaches_further(&self, services: &BTreeSet<Box<str>>) -> bool {
        let idle = self.engine.choices.iter().filter(|choice| !choice.active && !choice.law.is_empty());
        let mut laws = idle.map(|choice| choice.law).peekable();
        if laws.peek().is_none() {
            return false;
        }
        let dates = [self.read_on, self.read_on.plus(self.workspace.config.horizon_days())];
        let documents = self.session.documents_of(&self.workspace.files, services);
        let offered = Offered::declared(documents, &self.engine.library.atlas, &dates);
        laws.any(|law| offered.within(law).next().is_some())
    }

    /// The text of a file of the config or of a pack of the workspace's own.
    pub(super) fn known_text(&self, path: &Path) -> Option<Arc<str>> {
        let Workspace { root, sources, config_files, .. } = &self.workspace;
        let rules = self.packs.iter().any(|folder| path.starts_with(folder)).then_some(&self.engine.library.sources);
        let rules = rules.into_iter().flat_map(SourceMap::iter).map(|(_, source)| source);
        let config = config_files.file_at(path).and_then(|file| sources.get(file));
        let known = config.into_iter().chain(rules.filter(|source| below(root, source.path()) == *path)).next()?;
        Some(known.text().shared()).filter(|_| known.invalid_utf8().is_none())
    }

    /// Whether a file that is no declaration has a say, or was or would be one.
    fn depends_on(&self, path: &Path) -> bool {
        let is_or_was_one = |inside: &Path| {
            self.globs.is_declaration(inside)
                || self.paths.range(path.to_owned()..).next().is_some_and(|(known, _)| known.starts_with(path))
        };
        self.is_read_otherwise(path) || path.strip_prefix(&self.workspace.root).is_ok_and(is_or_was_one)
    }

    /// Whether a file, or something in a folder, has a say as what is no declaration: as a config, a rule, a product file.
    fn is_read_otherwise(&self, path: &Path) -> bool {
        let Workspace { root, config_files, .. } = &self.workspace;
        let is_named = |names: &[&str]| path.file_name().is_some_and(|name| names.iter().any(|known| name == *known));
        self.packs.iter().any(|folder| path.starts_with(folder))
            // a client that says a folder is gone need not say so of what was in it
            || self.packs.iter().any(|folder| folder.starts_with(path))
            || self.workspace.products.keys().any(|product| below(root, product).starts_with(path))
            || config_files.holds(path)
            || config_files.paths().any(|known| known.starts_with(path))
            || is_named(&[".gitignore"]) && path.parent().is_some_and(|folder| root.starts_with(folder))
            || path.starts_with(root) && is_named(&[CONFIG, BASELINE, ".gitignore", "pack.yaml"])
    }

    /// Gives the files that look different from before.
    fn judge(&mut self, today: Date) -> BTreeSet<FileId> {
        self.repaired.take();
        let mut before = BTreeSet::new();
        if self.day.replace(today) != Some(today) {
            self.session = self.engine.session(&self.workspace, today);
            self.accepted.clear();
            before.extend(std::mem::take(&mut self.findings).into_keys());
        }
        let (mut changed, refused) = self.engine.judge(&self.workspace, today, &mut self.session);
        for file in &changed {
            let (shown, accepted): (Vec<_>, Vec<_>) =
                self.session.findings(*file).iter().cloned().partition(|finding| finding.is_visible());
            for (lists, list) in [(&mut self.findings, shown), (&mut self.accepted, accepted)] {
                match list.is_empty() {
                    true => drop(lists.remove(file)),
                    false => drop(lists.insert(*file, list)),
                }
            }
        }
        changed.extend(before);
        let refusals = |list: &[Diagnostic]| list.iter().map(|wrong| wrong.primary.span.file).collect::<Vec<_>>();
        changed.extend(refusals(&refused).into_iter().chain(refusals(&self.refused)));
        self.refused = refused;
        let edited = std::mem::take(&mut self.edited);
        // where a line of another file went is to be seen there
        changed.extend(edited.iter().flat_map(|file| self.session.reaching(*file)));
        let mut services = std::mem::take(&mut self.edited_services);
        services.extend(edited.iter().flat_map(|file| services_of(self.session.documents(std::slice::from_ref(file)))));
        self.is_outdated = self.reaches_further(&services);
        changed.extend(edited);
        changed
    }
}

fn services_of<'d>(documents: impl Iterator<Item = &'d Declaration>) -> impl Iterator<Item = Box<str>> {
    documents.filter_map(|declaration| Some(declaration.service.as_ref()?.value.clone()))
}

/// A path as people know it, from a root, as a whole and without `..`.
pub(super) fn below(root: &Path, shown: &str) -> PathBuf {
    let mut path = root.to_owned();
    for part in Path::new(shown).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path
}

impl Broken {
    fn new(root: &Path, failure: Failure) -> Self {
        let root = root.to_owned();
        match failure {
            Failure::Diagnostics { list, sources } => Self { root, list, sources: *sources, message: None, last: None },
            failure => {
                let help = failure.help().map(|help| format!(": {help}")).unwrap_or_default();
                let message = Some(format!("{failure}{help}"));
                Self { root, list: Vec::new(), sources: SourceMap::new(), message, last: None }
            }
        }
    }
}
