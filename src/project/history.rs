//! The revisions of a workspace, one after another: each text that a file has had is read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::engine::Engine;
use super::failure::Failure;
use super::revisions::no_longer_read;
use super::workspace::{Input, Workspace, read_other};
use crate::discover::{CONFIG, Files, Globs};
use crate::git::{self, Commit, Step, Tree};
use crate::lint::{Skipped, newer_version};
use crate::model::{self, Declaration};
use crate::source::{FileId, SourceMap};
use crate::space::Atlas;
use crate::syntax::{Kind, Limits, parse};

/// What a service declares at a revision, with what services share.
#[derive(Debug)]
pub struct OfService {
    /// The service.
    pub id: Box<str>,
    /// What is declared.
    pub workspace: model::Workspace,
    /// Territories and groups.
    pub atlas: Arc<Atlas>,
    /// Files of the last revision that are not gone although this one does not read them, each with why nobody can say so.
    pub left_out: Arc<BTreeMap<FileId, String>>,
}

/// What a revision has that the last one that could be read had not.
#[derive(Debug)]
pub enum Revision {
    /// Nothing that says what holds for people was touched.
    Untouched,
    /// The services that were touched; empty where all say the same.
    Read(Vec<OfService>),
    /// What it declares cannot be read, and why: at least one reason.
    Unread(Vec<Skipped>),
}

/// Reads the revisions of a workspace in their order.
pub struct Past<'a> {
    engine: &'a Engine,
    root: PathBuf,
    input: &'a Input,
    current: PathBuf,
    /// The declarations of all revisions, each text once.
    pub sources: SourceMap,
    known: BTreeMap<(usize, String, Arc<str>), Arc<Text>>,
    atlases: Vec<(Groups, Arc<Atlas>)>,
    last: State,
    /// The commit that has the workspace as it was last read.
    commit: Option<git::Revision>,
    /// What the last revision that was looked at was read from; `None` where it could not be.
    read: Option<Inputs>,
}

/// The groups of a config, by name.
type Groups = Vec<(String, Vec<String>)>;

/// What a file declares.
struct Text {
    file: FileId,
    declarations: Vec<Declaration>,
    /// Why that is not all.
    lost: Option<String>,
}

/// The workspace as it was last read.
#[derive(Default)]
struct State {
    atlas: usize,
    files: BTreeMap<String, Arc<Text>>,
}

/// The paths that a revision was read from.
struct Inputs {
    /// Its declarations, from the root.
    files: BTreeSet<PathBuf>,
    globs: Globs,
    /// The files of its config, from the top of the repository.
    others: BTreeSet<PathBuf>,
    has_links: bool,
}

impl<'a> Past<'a> {
    /// Nothing is read yet. Packs and vocabularies are those of the engine for all revisions.
    pub fn new(engine: &'a Engine, root: &Path, input: &'a Input, current: &Path) -> Self {
        Self {
            engine,
            root: root.to_owned(),
            input,
            current: current.to_owned(),
            sources: SourceMap::new(),
            known: BTreeMap::new(),
            atlases: Vec::new(),
            last: State::default(),
            commit: None,
            read: None,
        }
    }

    /// Reads the next revision, that of a commit; without a step the one that all begins with.
    ///
    /// # Errors
    /// Git has no answer, so nothing can be said of any revision.
    pub fn read(&mut self, tree: &Tree, commit: &Commit, step: Option<&Step>) -> Result<Revision, Failure> {
        let named = git::Revision { id: commit.id.clone(), name: commit.id.clone() };
        if step.is_some_and(|step| !self.concerns(tree, step)) {
            self.commit = Some(named);
            return Ok(Revision::Untouched);
        }
        self.read = None;
        let mut workspace = match self.workspace(tree) {
            Ok(workspace) => workspace,
            Err(failure @ (Failure::Git(_) | Failure::Stream(_) | Failure::NoCurrentDir)) => return Err(failure),
            Err(failure) => return Ok(Revision::Unread(vec![why(failure)])),
        };
        self.read = Some(self.inputs(&workspace, tree));
        let atlas = self.atlas(&workspace);
        let mut state = State { atlas, files: BTreeMap::new() };
        let mut lost = workspace.lost.clone();
        for source in workspace.files.iter().filter_map(|file| workspace.sources.get(*file)) {
            let text = self.text(atlas, source.path(), &source.text().shared(), &workspace.config.limits);
            let reason = source.invalid_utf8().map(|_| "is not UTF-8".to_owned()).or_else(|| text.lost.clone());
            lost.extend(reason.map(|reason| Skipped { what: source.path().to_owned(), reason }));
            state.files.insert(source.path().to_owned(), text);
        }
        if !lost.is_empty() {
            return Ok(Revision::Unread(lost));
        }
        let touched = touched(&self.last, &state);
        let left_out = Arc::new(self.left_out(&mut workspace, &state, tree)?);
        self.last = state;
        self.commit = Some(named);
        Ok(Revision::Read(touched.into_iter().map(|id| self.of_service(id, &left_out)).collect()))
    }

    fn workspace(&self, tree: &Tree) -> Result<Workspace, Failure> {
        read_other(&self.root, Files::Git(tree.clone()), self.input, &self.current)
    }

    /// The files of the last revision that this one does not read although they are not gone. That one is read again for it: to hold
    /// the tree of each would copy it at every step.
    fn left_out(
        &self,
        workspace: &mut Workspace,
        state: &State,
        tree: &Tree,
    ) -> Result<BTreeMap<FileId, String>, Failure> {
        let Some(commit) = &self.commit else { return Ok(BTreeMap::new()) };
        if self.last.files.keys().all(|path| state.files.contains_key(path)) {
            return Ok(BTreeMap::new());
        }
        let earlier = self.workspace(&tree.repository().tree(commit)?)?;
        let reasons = no_longer_read(workspace, &earlier);
        let of = |(path, reason)| Some((self.last.files.get(&path)?.file, reason));
        Ok(reasons.into_iter().filter_map(of).collect())
    }

    /// Whether any revision has declared a service.
    pub fn has_declarations(&self) -> bool {
        !self.known.is_empty()
    }

    /// Whether a step touches what the last revision was read from, or adds to it.
    fn concerns(&self, tree: &Tree, step: &Step) -> bool {
        let Some(read) = &self.read else { return true };
        let top = tree.top();
        let is_meant = |path: &PathBuf| {
            let whole = top.join(path);
            let inside = whole.strip_prefix(&self.root).ok();
            read.others.contains(path)
                || inside.is_some_and(|inside| {
                    inside.ends_with(CONFIG) || read.files.contains(inside) || read.globs.is_declaration(inside)
                })
        };
        // a link may lead to whatever was changed, and a file may have been the way to another
        read.has_links || step.changed.iter().any(|path| tree.is_link(path)) || step.changed.iter().any(is_meant)
    }

    fn inputs(&self, workspace: &Workspace, tree: &Tree) -> Inputs {
        let top = tree.top();
        let relative = |path: &Path| path.strip_prefix(top).ok().map(Path::to_owned);
        let paths = workspace.files.iter().map(|file| PathBuf::from(workspace.sources.path(*file)));
        Inputs {
            files: paths.collect(),
            globs: workspace.globs.clone(),
            others: workspace.config_files.paths().filter_map(relative).collect(),
            has_links: tree.has_links(),
        }
    }

    /// The place of the atlas with the groups of a config.
    fn atlas(&mut self, workspace: &Workspace) -> usize {
        let groups: Groups = workspace
            .config
            .groups
            .iter()
            .map(|group| (group.name.value.clone(), group.regions.iter().map(|region| region.value.clone()).collect()))
            .collect();
        self.atlases.iter().position(|(known, _)| *known == groups).unwrap_or_else(|| {
            let atlas = self.engine.library.atlas_over(workspace.config.atlas(Atlas::builtin()));
            self.atlases.push((groups, Arc::new(atlas)));
            self.atlases.len() - 1
        })
    }

    fn text(&mut self, atlas: usize, path: &str, text: &Arc<str>, limits: &Limits) -> Arc<Text> {
        let key = (atlas, path.to_owned(), Arc::clone(text));
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        let file = self.sources.add(path, Arc::clone(text));
        let read = Arc::new(self.lower(file, atlas, limits));
        self.known.insert(key, Arc::clone(&read));
        read
    }

    fn lower(&self, file: FileId, atlas: usize, limits: &Limits) -> Text {
        let (tree, problems) = parse(&self.sources, file, limits);
        let mut text = Text { file, declarations: Vec::new(), lost: None };
        let atlas = self.atlases.get(atlas).map_or(&self.engine.library.atlas, |(_, atlas)| &**atlas);
        for document in tree.documents() {
            if document.broken {
                let first = problems.first().map(|problem| {
                    format!(": line {}: {}", self.sources.start(problem.primary.span).line, problem.message)
                });
                text.lost = Some(format!("could not be read whole{}", first.unwrap_or_default()));
            }
            let Some(root) = tree.root(document).filter(|root| root.kind() != Kind::Null) else { continue };
            if let Some(newer) = newer_version(root) {
                text.lost = Some(newer.message);
                continue;
            }
            let declaration = model::lower(root, atlas, &self.engine.library.vocabulary).0;
            if declaration.service.is_none() && root.get("purposes").is_some() {
                text.lost = Some("`service` is missing beside its purposes".to_owned());
            }
            text.declarations.push(declaration);
        }
        text
    }

    fn of_service(&self, id: Box<str>, left_out: &Arc<BTreeMap<FileId, String>>) -> OfService {
        let is_meant =
            |declaration: &&Declaration| declaration.service.as_ref().is_none_or(|service| service.value == id);
        let all = self.last.files.values().flat_map(|text| &text.declarations);
        let workspace = model::Workspace::merge(all.filter(is_meant).cloned().collect());
        let known = self.atlases.get(self.last.atlas).map(|(_, atlas)| Arc::clone(atlas));
        let atlas = known.unwrap_or_else(|| Arc::new(self.engine.library.atlas.clone()));
        OfService { id, workspace, atlas, left_out: Arc::clone(left_out) }
    }
}

/// The services of which a file differs; all of them where what they share does.
fn touched(was: &State, is: &State) -> BTreeSet<Box<str>> {
    let differs = |(path, text): &(&String, &Arc<Text>), other: &State| {
        other.files.get(*path).is_none_or(|known| known.file != text.file)
    };
    let gone = was.files.iter().filter(|of| differs(of, is));
    let new = is.files.iter().filter(|of| differs(of, was));
    let changed: Vec<&Declaration> = gone.chain(new).flat_map(|(_, text)| &text.declarations).collect();
    let all = was.files.values().chain(is.files.values()).flat_map(|text| &text.declarations);
    let services = |declarations: &mut dyn Iterator<Item = &Declaration>| {
        declarations.filter_map(|declaration| Some(declaration.service.as_ref()?.value.clone())).collect()
    };
    match was.atlas != is.atlas || changed.iter().any(|declaration| declaration.service.is_none()) {
        true => services(&mut all.into_iter()),
        false => services(&mut changed.into_iter()),
    }
}

/// Why a revision could not be read, on one line.
fn why(failure: Failure) -> Skipped {
    match failure {
        Failure::Diagnostics { list, sources } => {
            let first = list.first();
            let place = first.map_or((CONFIG, 1), |first| {
                (sources.path(first.primary.span.file), sources.start(first.primary.span).line)
            });
            let message = first.map(|first| first.message.clone()).unwrap_or_default();
            Skipped { what: place.0.to_owned(), reason: format!("line {}: {message}", place.1) }
        }
        failure => Skipped { what: CONFIG.to_owned(), reason: failure.to_string() },
    }
}
