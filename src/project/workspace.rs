//! What somebody names, as a workspace: its root, its config, its declarations, and which of them the report is about.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::config_files::ConfigFiles;
use super::empty::{self, Empty};
use super::failure::Failure;
use super::found::{Found, globs, rule_folders};
use super::kept::Kept;
use super::misnamed;
use crate::cache::Folder;
use crate::config::{Config, Start};
use crate::diagnostic::Diagnostic;
use crate::discover::{
    self, BASELINE, CONFIG, Extent, Files, Globs, IGNORED, ReadError, Root, find_root, find_root_of,
};
use crate::evaluate::Finding;
use crate::lint::Skipped;
use crate::model::Glances;
use crate::product::Products;
use crate::source::{FileId, SourceMap, Span};
use crate::space::Atlas;
use crate::suppress::{Accepting, Baseline};
use crate::syntax::Limits;

/// Standard input without a name.
pub(super) const STDIN: &str = "<stdin>";

/// How git marks, at the beginning of a line, what two sides of a merge have changed.
const CONFLICT: &[u8] = b"<<<<<<< ";

/// What is to be read.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Files and folders that the report is about, `-` for standard input; the whole workspace is read in any case.
    pub paths: Vec<PathBuf>,
    /// The file that standard input stands for: its text is judged in place of that file's.
    pub stdin_filename: Option<PathBuf>,
    /// A config to read in place of the workspace's.
    pub config: Option<PathBuf>,
    /// A config to build on, whatever the workspace's says.
    pub base: Option<PathBuf>,
    /// Folders of packs that stand in for the built-in ones of the same name.
    pub packs: Vec<PathBuf>,
}

/// Who asks, and from where.
pub struct Asker<'a> {
    /// The folder that relative paths count from; `None` where it no longer exists.
    pub current: Option<&'a Path>,
    /// What `-` stands for.
    pub stdin: &'a mut dyn Read,
    /// Words that were meant as something else where they stand in place of a path.
    pub commands: &'a [String],
}

/// Where a workspace is read from, and what counts of it.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The disk, or the index.
    pub files: Files,
    /// Whether `exclude` leaves out files that are named as well.
    pub force_exclude: bool,
    /// Where what was found out is kept beyond a run; `None` where nothing is.
    pub cache: Option<PathBuf>,
    /// Whether texts may be read again: then not all are held, and [`SourceMap::changed`] is to be asked at the end.
    pub rereads: bool,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Workspace {
    /// Where it was read from.
    pub from: Files,
    /// The folder that paths in the report count from.
    pub root: PathBuf,
    /// The config and the declarations.
    pub sources: SourceMap,
    /// Which of the sources are declarations, in the order of their paths.
    pub files: Vec<FileId>,
    /// The config; the default one where there is no file.
    pub config: Config,
    /// Where the files of the config stand.
    pub config_files: ConfigFiles,
    /// Findings that existed when the tool was adopted; see [`Self::read_baseline`].
    pub baseline: Option<Baseline>,
    /// Whether nothing is accepted: no comment, no waiver, no baseline.
    pub strict: bool,
    /// What was not read, and why.
    pub skipped: Vec<Skipped>,
    /// What of it had to be read.
    pub lost: Vec<Skipped>,
    /// How much of the workspace was there to be read.
    pub extent: Extent,
    /// Named folders that hold no declaration.
    pub empty: Vec<Empty>,
    /// Whether all that was named is left out by the config, as the command line asks for.
    pub all_left_out: bool,
    /// The source that is standard input, where one is.
    pub stdin: Option<FileId>,
    /// Standard input where the config leaves out the file that it stands for, as the command line asks for.
    pub passed_on: Option<Vec<u8>>,
    /// The product files that settings read.
    pub products: Products,
    /// Declarations of the services in question, where those are not all: laws are chosen by them.
    pub concerned: Option<Vec<FileId>>,
    /// What was seen of declarations while they were read.
    pub glances: Glances,
    /// What other runs found out of it.
    pub kept: Option<Arc<Kept>>,
    /// Folders of packs that do not come with the program, and folders of such folders, without links.
    pub rules: Vec<PathBuf>,
    /// Files that are declarations because they were named.
    pub(super) by_name: BTreeSet<PathBuf>,
    /// Which paths are those of declarations.
    pub globs: Globs,
    /// What the report is about, as it calls files and folders; `None` for everything. Two whose names are no UTF-8 may be called
    /// the same, and are both meant then.
    pub(super) focus: Option<BTreeSet<PathBuf>>,
}

impl Workspace {
    /// What a run accepts.
    pub fn accepting(&self) -> Option<Accepting<'_>> {
        (!self.strict).then_some(Accepting { config: Some(&self.config), baseline: self.baseline.as_ref() })
    }

    /// Reads the baseline, if there is one.
    pub fn read_baseline(&mut self) -> Result<(), Failure> {
        let limits = Limits::default();
        let bytes = match self.from.read(&self.root.join(BASELINE), limits.file_size) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) => return Ok(()),
            Err(error) => return Err(Failure::Read { path: BASELINE.to_owned(), error }),
        };
        inside(&self.from, &self.root, &self.root.join(BASELINE), BASELINE)?;
        if bytes.starts_with(CONFLICT)
            || bytes.windows(CONFLICT.len() + 1).any(|text| text.strip_prefix(b"\n") == Some(CONFLICT))
        {
            let message = format!("`{BASELINE}` has the marks of a merge that is not finished");
            let help = "take one side, then run `purposelint baseline create --update`".to_owned();
            return Err(Failure::Unanswered { message, help });
        }
        let file = self.sources.add_bytes(BASELINE, bytes);
        let (baseline, list) = Baseline::load(&self.sources, file, Atlas::builtin(), &limits);
        if !list.is_empty() {
            return Err(Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut self.sources)) });
        }
        self.baseline = Some(baseline);
        Ok(())
    }

    /// Whether a finding belongs in the report: what it is about, or one of its places, lies in what was named.
    pub fn is_in_focus(&self, finding: &Finding) -> bool {
        let places = || std::iter::once(&finding.primary).chain(&finding.labels).map(|label| label.span);
        self.focus.is_none() || places().chain(finding.declared).any(|span| self.is_file_in_focus(span.file))
    }

    /// What is wrong in the config, with its texts.
    pub fn refused(&mut self, list: Vec<Diagnostic>) -> Failure {
        Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut self.sources)) }
    }

    /// Whether there is nothing but standard input without a name.
    pub fn is_stdin_alone(&self) -> bool {
        !self.files.is_empty() && self.files.iter().all(|file| self.sources.path(*file) == STDIN)
    }

    /// A place for people: `purposelint.yaml:3:1`.
    pub fn place(&self, span: Span) -> String {
        let start = self.sources.start(span);
        format!("{}:{}:{}", self.sources.path(span.file), start.line, start.column)
    }

    /// The way from the root of the repository to where paths in the report begin; empty where they begin at that root.
    pub fn repository_prefix(&self) -> String {
        let below = discover::below_git_root(&self.root);
        if below.as_os_str().is_empty() { String::new() } else { slashed(&below) }
    }

    /// Whether all that was named are folders without a declaration.
    pub fn is_all_empty(&self) -> bool {
        self.focus.as_ref().is_some_and(|focus| focus.len() <= self.empty.len())
    }

    /// The declarations in what was named.
    pub fn files_in_focus(&self) -> Vec<FileId> {
        self.files.iter().copied().filter(|file| self.is_file_in_focus(*file)).collect()
    }

    /// Whether a file lies in what was named.
    pub fn is_file_in_focus(&self, file: FileId) -> bool {
        let file = Path::new(self.sources.path(file));
        self.focus.as_ref().is_none_or(|focus| file.ancestors().any(|path| focus.contains(path)))
    }
}

/// A path from the command line.
pub(super) struct Named {
    /// As written.
    pub(super) shown: String,
    /// Absolute; only the last part may be a link.
    pub(super) path: PathBuf,
    pub(super) is_folder: bool,
}

impl Named {
    fn find(path: &Path, (current, commands): (&Path, &[String]), files: &Files) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let failed = |error: ReadError| match error {
            ReadError::Missing => misnamed::path(path, current, files, commands),
            error => Failure::Read { path: shown.clone(), error },
        };
        let whole = current.join(path);
        let path = settle(&whole, files).map_err(failed)?;
        let is_folder = files.is_folder(&path).map_err(failed)?;
        let folder = if is_folder { Some(&*whole) } else { whole.parent() };
        if let Some(root) = folder.and_then(|folder| discover::left_by_link(folder, files)) {
            return Err(Failure::LeavesRoot { path: shown.clone(), root: root.display().to_string() });
        }
        let path = if is_folder { files.real(&path).map_err(failed)? } else { path };
        Ok(Self { shown, path, is_folder })
    }

    fn root(&self, files: &Files) -> Root {
        find_root_of(if self.is_folder { &self.path } else { self.path.parent().unwrap_or(&self.path) }, files)
    }
}

/// A file that counts for a whole workspace must stand in it: a link that leads elsewhere is not the same on the next machine.
fn inside(from: &Files, root: &Path, file: &Path, shown: &str) -> Result<(), Failure> {
    match from.real(file) {
        Ok(real) if !real.starts_with(root) => {
            Err(Failure::LeavesRoot { path: shown.to_owned(), root: root.display().to_string() })
        }
        _ => Ok(()),
    }
}

/// The path without links and `..`, but for its last part.
pub fn settle(path: &Path, files: &Files) -> Result<PathBuf, ReadError> {
    match (path.parent(), path.components().next_back()) {
        (Some(parent), Some(Component::Normal(name))) => Ok(files.real(parent)?.join(name)),
        _ => files.real(path),
    }
}

/// Standard input on its way to a place among the files.
pub(super) struct Stdin {
    /// The file it stands for; `None` where it stands for itself alone.
    pub(super) named: Option<Named>,
    pub(super) bytes: Vec<u8>,
}

/// Reads what was asked for. Nothing is judged yet.
pub fn read(input: &Input, reading: Reading, asker: &mut Asker<'_>) -> Result<Workspace, Failure> {
    let current = asker.current.map(Path::to_owned).ok_or(Failure::NoCurrentDir)?;
    let stdin = read_stdin(input, asker, &current)?;
    let mut named = Vec::new();
    for path in input.paths.iter().filter(|path| path.as_os_str() != "-") {
        named.push(Named::find(path, (&current, asker.commands), &reading.files)?);
    }
    let root = common_root(&named, stdin.as_ref(), &current, &reading.files)?;
    read_at(root, (named, stdin), input, reading, (asker, &current))
}

/// Reads another state of a workspace: what stands in a folder, under the config that it has there.
pub fn read_other(folder: &Path, files: Files, input: &Input, current: &Path) -> Result<Workspace, Failure> {
    let root = Root::at(folder, &files);
    let mut asker = Asker { current: Some(current), stdin: &mut std::io::empty(), commands: &[] };
    let reading = Reading { files, ..Reading::default() };
    read_at(root, (Vec::new(), None), input, reading, (&mut asker, current))
}

fn read_at(
    root: Root,
    (mut named, stdin): (Vec<Named>, Option<Stdin>),
    input: &Input,
    reading: Reading,
    (asker, current): (&mut Asker<'_>, &Path),
) -> Result<Workspace, Failure> {
    if let Some(path) = root.misnamed_config(&reading.files).filter(|_| input.config.is_none()) {
        return Err(Failure::Misnamed { path: relative(&path, current) });
    }
    let mut gathering = Gathering {
        sources: SourceMap::new(),
        root: root.path.clone(),
        stdin,
        // what git has would have to be asked for once more
        rereads: reading.rereads && matches!(reading.files, Files::Disk),
        from: reading.files,
    };
    let (config, config_files) = gathering.config(input, &root, current)?;
    gathering.read_on(&config, asker)?;
    let real = |folder: &PathBuf| gathering.from.real(&current.join(folder)).ok();
    let by_hand: Vec<PathBuf> = input.packs.iter().filter_map(real).collect();
    let globs = globs((&config, &config_files), &root.path, &gathering.from, &by_hand);
    let rules = rule_folders((&config, &config_files), &by_hand);
    let mut found = Found { rules, ..Found::default() };
    let mut passed_on = None;
    if reading.force_exclude {
        named = gathering.without_excluded(&globs, named, &mut found);
        passed_on = gathering.take_excluded(&globs, &mut found);
    }
    let all_left_out = !found.left.is_empty() && named.is_empty() && gathering.stdin.is_none();
    gathering.discover((&globs, &config_files), &named, &mut found)?;
    if all_left_out {
        found.focus = Some(BTreeSet::new());
    }
    let empty = gathering.empty(&globs, &named, &mut found);
    // what has no name is not seen again
    let cache = reading.cache.filter(|_| !gathering.is_alone());
    let mut workspace = Workspace {
        kept: cache.map(|path| Arc::new(Kept::open(Folder::at(path), &root.path, &config.limits))),
        from: gathering.from.clone(),
        root: root.path,
        sources: SourceMap::new(),
        files: Vec::new(),
        lost: found.lost(),
        skipped: found.skipped(),
        extent: found.extent,
        config,
        config_files,
        baseline: None,
        strict: false,
        empty,
        all_left_out,
        stdin: None,
        passed_on,
        products: Products::new(),
        concerned: None,
        glances: Glances::new(),
        by_name: found.by_name,
        globs,
        focus: found.focus,
        rules: found.rules,
    };
    gathering.read_all(found.files, &mut workspace)?;
    Ok(workspace)
}

impl Workspace {
    /// The same workspace as another source of files has it, under the config of this one.
    pub fn as_in(&self, files: Files) -> Result<Self, Failure> {
        let mut sources = SourceMap::new();
        // the config keeps its spans
        for (file, source) in self.sources.iter() {
            if !self.files.contains(&file) {
                let copy = sources.add(source.path(), source.text().shared());
                sources.set_place(copy, source.place());
            }
        }
        let gathering = Gathering { sources, root: self.root.clone(), stdin: None, from: files, rereads: false };
        let mut found = Found::default();
        found.take(discover::declarations(&self.root, &self.globs, &gathering.from));
        let named = self.by_name.iter().filter(|path| gathering.from.has_file(&self.root.join(path)));
        found.files.extend(named.cloned());
        let mut workspace = Self {
            from: gathering.from.clone(),
            root: self.root.clone(),
            sources: SourceMap::new(),
            files: Vec::new(),
            lost: found.lost(),
            skipped: found.skipped(),
            extent: found.extent,
            config: self.config.clone(),
            config_files: self.config_files.clone(),
            baseline: None,
            strict: self.strict,
            empty: Vec::new(),
            all_left_out: false,
            stdin: None,
            passed_on: None,
            products: Products::new(),
            concerned: None,
            glances: Glances::new(),
            kept: self.kept.clone(),
            by_name: BTreeSet::new(),
            globs: self.globs.clone(),
            focus: None,
            rules: self.rules.clone(),
        };
        gathering.read_all(found.files, &mut workspace)?;
        Ok(workspace)
    }
}

/// A path in a report, the same on every machine.
pub fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// A path as it is shorter for people.
fn relative(path: &Path, current: &Path) -> String {
    let current = fs::canonicalize(current).unwrap_or_else(|_| current.to_owned());
    path.strip_prefix(&current).unwrap_or(path).display().to_string()
}

fn read_stdin(input: &Input, asker: &mut Asker<'_>, current: &Path) -> Result<Option<Stdin>, Failure> {
    let count = input.paths.iter().filter(|path| path.as_os_str() == "-").count();
    let named = match &input.stdin_filename {
        _ if count > 1 => return Err(Failure::Stdin),
        Some(_) if count == 0 => return Err(Failure::Stdin),
        None if count == 0 => return Ok(None),
        None => None,
        // the file need not exist yet
        Some(path) => match settle(&current.join(path), &Files::Disk) {
            Ok(settled) => Some(Named { shown: path.display().to_string(), path: settled, is_folder: false }),
            Err(error) => return Err(Failure::Read { path: path.display().to_string(), error }),
        },
    };
    let limit = Limits::default().file_size;
    let bytes = discover::read_from(&mut *asker.stdin, limit, 0)
        .map_err(|error| Failure::Read { path: STDIN.to_owned(), error })?;
    Ok(Some(Stdin { named, bytes }))
}

fn common_root(named: &[Named], stdin: Option<&Stdin>, current: &Path, files: &Files) -> Result<Root, Failure> {
    let mut all = named.iter().chain(stdin.and_then(|stdin| stdin.named.as_ref()));
    let Some(first) = all.next() else {
        return Ok(match (files, fs::canonicalize(current)) {
            (Files::Git(_) | Files::Edited(_), Ok(folder)) => find_root_of(&folder, files),
            _ => find_root(current),
        });
    };
    let root = first.root(files);
    for other in all {
        let theirs = other.root(files);
        if theirs.path != root.path {
            let with_root = |named: &Named, root: &Root| (named.shown.clone(), root.path.display().to_string());
            return Err(Failure::TwoRoots { first: with_root(first, &root), second: with_root(other, &theirs) });
        }
    }
    Ok(root)
}

/// What is read on the way to a workspace.
pub(super) struct Gathering {
    pub(super) sources: SourceMap,
    pub(super) root: PathBuf,
    pub(super) stdin: Option<Stdin>,
    pub(super) from: Files,
    pub(super) rereads: bool,
}

impl Gathering {
    pub(super) fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// The text of standard input if it stands for this file.
    pub(super) fn stdin_for(&self, path: &Path) -> Option<Vec<u8>> {
        let stdin = self.stdin.as_ref()?;
        (stdin.named.as_ref()?.path == path).then(|| stdin.bytes.clone())
    }

    /// Standard input was read up to the usual limit, because the config was not known; this reads what it allows beyond.
    fn read_on(&mut self, config: &Config, asker: &mut Asker<'_>) -> Result<(), Failure> {
        let Some(stdin) = self.stdin.as_mut().filter(|stdin| stdin.bytes.len() > Limits::default().file_size) else {
            return Ok(());
        };
        let more = config.limits.file_size.saturating_sub(stdin.bytes.len());
        let more = discover::read_from(&mut *asker.stdin, more, 0)
            .map_err(|error| Failure::Read { path: STDIN.to_owned(), error })?;
        stdin.bytes.extend(more);
        Ok(())
    }

    pub(super) fn is_alone(&self) -> bool {
        self.stdin.as_ref().is_some_and(|stdin| stdin.named.is_none())
    }

    /// The config with all that it extends, and the folders of its files.
    fn config(&mut self, input: &Input, root: &Root, current: &Path) -> Result<(Config, ConfigFiles), Failure> {
        if let (None, Some(file)) = (&input.config, &root.config) {
            inside(&self.from, &root.path, file, CONFIG)?;
        }
        let stdin =
            self.stdin.as_ref().and_then(|stdin| Some((stdin.named.as_ref()?.path.clone(), stdin.bytes.clone())));
        let mut files = ConfigFiles::new(&root.path, stdin);
        let mut start = Start::default();
        if let Some(base) = &input.base {
            let path = current.join(base);
            let read = files.start_base(&mut self.sources, (&path, &base.display().to_string()));
            start.base = Some(read.map_err(|error| misnamed::config(base, current, &Files::Disk, error))?);
        }
        if let Some(named) = &input.config {
            let path = current.join(named);
            let read = files.start(&mut self.sources, (&path, &named.display().to_string()), &self.from);
            start.workspace = Some(read.map_err(|error| misnamed::config(named, current, &self.from, error))?);
        } else if let Some(nearest) = &root.config {
            let read = files.start(&mut self.sources, (nearest, CONFIG), &self.from);
            start.workspace = Some(read.map_err(|error| Failure::Read { path: CONFIG.to_owned(), error })?);
        }
        let (config, list) = Config::load(&mut self.sources, start, Atlas::builtin(), &mut files);
        if !list.is_empty() {
            return Err(Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut self.sources)) });
        }
        Ok((config, files))
    }

    /// What was named without what the config leaves out, which is said.
    fn without_excluded(&self, globs: &Globs, mut named: Vec<Named>, found: &mut Found) -> Vec<Named> {
        let left = named.extract_if(.., |one| globs.is_below_excluded(&self.relative(&one.path)));
        let reason = "named, but left out by `exclude` in the config";
        let left = left.map(|one| self.relative(&one.path));
        found.left.extend(left.map(|path| discover::Skipped { path, reason: reason.to_owned(), lost: false }));
        named
    }

    /// Standard input, where the config leaves out what it stands for: nobody asks about it then.
    fn take_excluded(&mut self, globs: &Globs, found: &mut Found) -> Option<Vec<u8>> {
        let named = self.stdin.as_mut()?.named.take()?;
        match self.without_excluded(globs, vec![named], found).pop() {
            None => self.stdin.take().map(|stdin| stdin.bytes),
            named => {
                self.stdin.as_mut()?.named = named;
                None
            }
        }
    }

    /// The named folders in which nothing is declared. Where there is nothing at all, it is said what an ignore file names.
    fn empty(&self, globs: &Globs, named: &[Named], found: &mut Found) -> Vec<Empty> {
        if found.files.is_empty() && found.focus.is_none() && !self.is_alone() {
            let ignored = empty::ignored(&self.root, Path::new(""), globs, &self.from);
            let left = |path| discover::Skipped { path, reason: IGNORED.to_owned(), lost: false };
            found.left.extend(ignored.map(left));
        }
        let folders = named.iter().filter(|named| named.is_folder && found.focus.is_some());
        let mut seen = BTreeSet::new();
        let places = folders.map(|named| (named.shown.as_str(), self.relative(&named.path)));
        let bare = places.filter(|(_, inside)| !found.has_below(inside));
        let bare = bare.filter(|(_, inside)| seen.insert(inside.clone()));
        bare.map(|(shown, inside)| Empty::of((shown, &inside), (&self.root, globs, &self.from), found)).collect()
    }
}
