//! What the command line names, as a workspace: its root, its config, its declarations, and which of them the report is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::{Context, output};
use crate::config::Config;
use crate::discover::{self, CONFIG, Discovered, Globs, ReadError, Root, find_root};
use crate::evaluate::Finding;
use crate::lint::Skipped;
use crate::source::{FileId, SourceMap};
use crate::space::Atlas;
use crate::suggest;
use crate::syntax::Limits;

/// Standard input without a name.
const STDIN: &str = "<stdin>";

/// How commands are told what to read.
#[derive(Debug, Clone, Args)]
pub(super) struct Input {
    /// Files and folders to report on, `-` for standard input; the whole workspace is read in any case
    #[arg(value_name = "PATHS")]
    pub(super) paths: Vec<PathBuf>,
    /// The file that standard input stands for: its text is judged in place of that file's
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_filename: Option<PathBuf>,
    /// Read this config in place of the workspace's; packs in it count from its folder, globs from the root
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Read packs from this folder in place of the built-in ones of the same name; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) packs: Vec<PathBuf>,
}

/// Everything that was read.
#[derive(Debug)]
pub(super) struct Workspace {
    /// The folder that paths in the report count from.
    pub(super) root: PathBuf,
    /// The config and the declarations.
    pub(super) sources: SourceMap,
    /// Which of the sources are declarations, in the order of their paths.
    pub(super) files: Vec<FileId>,
    /// The config; the default one where there is no file.
    pub(super) config: Config,
    /// The folder that paths in the config count from.
    pub(super) config_folder: PathBuf,
    /// What was not read, and why.
    pub(super) skipped: Vec<Skipped>,
    /// What of it had to be read.
    pub(super) lost: Vec<Skipped>,
    /// Named folders that hold no declaration.
    pub(super) empty: Vec<String>,
    focus: Option<Vec<PathBuf>>,
}

impl Workspace {
    /// Whether a finding belongs in the report: what it is about, or one of its places, lies in what was named.
    pub(super) fn is_in_focus(&self, finding: &Finding) -> bool {
        let places = std::iter::once(&finding.primary).chain(&finding.labels).map(|label| label.span);
        places.chain(finding.declared).any(|span| self.is_file_in_focus(span.file))
    }

    /// The way from the root of the repository to where paths in the report begin; empty where they begin at that root.
    pub(super) fn repository_prefix(&self) -> String {
        let below = discover::below_git_root(&self.root);
        if below.as_os_str().is_empty() { String::new() } else { slashed(&below) }
    }

    /// Whether a file lies in what was named.
    pub(super) fn is_file_in_focus(&self, file: FileId) -> bool {
        self.focus.as_ref().is_none_or(|focus| is_below(self.sources.path(file), focus))
    }
}

fn is_below(file: &str, focus: &[PathBuf]) -> bool {
    focus.iter().any(|named| Path::new(file).starts_with(named))
}

/// A path from the command line.
struct Named {
    /// As written.
    shown: String,
    /// Absolute; only the last part may be a link.
    path: PathBuf,
    is_folder: bool,
}

impl Named {
    fn find(path: &Path, current: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let failed = |error: io::Error| match ReadError::from(error) {
            ReadError::Missing => Failure::Missing { help: help_for_missing(path, current), path: shown.clone() },
            error => Failure::Read { path: shown.clone(), error },
        };
        let path = settle(&current.join(path)).map_err(failed)?;
        let is_folder = fs::metadata(&path).map_err(failed)?.is_dir();
        let path = if is_folder { fs::canonicalize(&path).map_err(failed)? } else { path };
        Ok(Self { shown, path, is_folder })
    }

    fn root(&self) -> Root {
        find_root(if self.is_folder { &self.path } else { self.path.parent().unwrap_or(&self.path) })
    }
}

/// The path without links and `..`, but for its last part.
fn settle(path: &Path) -> io::Result<PathBuf> {
    match (path.parent(), path.components().next_back()) {
        (Some(parent), Some(Component::Normal(name))) => Ok(fs::canonicalize(parent)?.join(name)),
        _ => fs::canonicalize(path),
    }
}

fn help_for_missing(path: &Path, current: &Path) -> String {
    let text = path.to_string_lossy();
    let commands = super::names();
    let is_word = path.components().count() == 1 && !text.contains('.');
    if commands.iter().any(|known| *known == *text) {
        return format!("a command stands first: `purposelint {text} …`");
    }
    if is_word && let Some(near) = suggest::nearest(&text, commands.iter().map(String::as_str)) {
        return format!("did you mean the command `{near}`?");
    }
    let whole = current.join(path);
    let siblings = whole.parent().and_then(|parent| fs::read_dir(parent).ok()).into_iter().flatten().flatten();
    let names: BTreeSet<String> = siblings.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let wrong = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match suggest::nearest(&wrong, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{}`?", path.with_file_name(near).display()),
        None => format!("paths count from `{}`", current.display()),
    }
}

/// Standard input on its way to a place among the files.
struct Stdin {
    /// The file it stands for; `None` where it stands for itself alone.
    named: Option<Named>,
    bytes: Vec<u8>,
}

/// Reads what was asked for. Nothing is judged yet.
pub(super) fn read(input: &Input, context: &mut Context<'_, '_>) -> Result<Workspace, Failure> {
    let current = context.env.current_dir.clone().ok_or(Failure::NoCurrentDir)?;
    let stdin = read_stdin(input, context, &current)?;
    let mut named = Vec::new();
    for path in input.paths.iter().filter(|path| path.as_os_str() != "-") {
        named.push(Named::find(path, &current)?);
    }
    let root = common_root(&named, stdin.as_ref(), &current)?;
    if let Some(path) = root.misnamed_config().filter(|_| input.config.is_none()) {
        return Err(Failure::Misnamed { path: relative(&path, &current) });
    }
    let mut gathering = Gathering { sources: SourceMap::new(), root: root.path.clone(), stdin };
    let (config, config_folder) = gathering.config(input, &root, &current)?;
    gathering.read_on(&config, context)?;
    let (discovered, focus) = gathering.discover(&config, &named, input, &current)?;
    let empty = named.iter().filter(|named| named.is_folder).filter(|named| {
        let inside = gathering.relative(&named.path);
        !discovered.files.iter().any(|file| file.starts_with(&inside))
    });
    let empty = empty.filter(|_| focus.is_some()).map(|named| named.shown.clone()).collect();
    let lost = discovered.skipped.iter().filter(|skipped| skipped.lost);
    let mut workspace = Workspace {
        root: root.path,
        sources: SourceMap::new(),
        files: Vec::new(),
        lost: lost.cloned().map(|skipped| left(&skipped.path, skipped.reason)).collect(),
        skipped: discovered.skipped.iter().cloned().map(|skipped| left(&skipped.path, skipped.reason)).collect(),
        config,
        config_folder,
        empty,
        focus,
    };
    gathering.read_all(discovered.files, &mut workspace);
    Ok(workspace)
}

fn left(path: &Path, reason: String) -> Skipped {
    Skipped { what: slashed(path), reason }
}

/// A path in a report, the same on every machine.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// A path as it is shorter for people.
fn relative(path: &Path, current: &Path) -> String {
    let current = fs::canonicalize(current).unwrap_or_else(|_| current.to_owned());
    path.strip_prefix(&current).unwrap_or(path).display().to_string()
}

fn read_stdin(input: &Input, context: &mut Context<'_, '_>, current: &Path) -> Result<Option<Stdin>, Failure> {
    let count = input.paths.iter().filter(|path| path.as_os_str() == "-").count();
    let named = match &input.stdin_filename {
        _ if count > 1 => return Err(Failure::Stdin),
        Some(_) if count == 0 => return Err(Failure::Stdin),
        None if count == 0 => return Ok(None),
        None => None,
        // the file need not exist yet
        Some(path) => match settle(&current.join(path)) {
            Ok(settled) => Some(Named { shown: path.display().to_string(), path: settled, is_folder: false }),
            Err(error) => return Err(Failure::Read { path: path.display().to_string(), error: error.into() }),
        },
    };
    let limit = Limits::default().file_size;
    let bytes = discover::read_from(&mut *context.streams.stdin, limit, 0)
        .map_err(|error| Failure::Read { path: STDIN.to_owned(), error })?;
    Ok(Some(Stdin { named, bytes }))
}

fn common_root(named: &[Named], stdin: Option<&Stdin>, current: &Path) -> Result<Root, Failure> {
    let mut all = named.iter().chain(stdin.and_then(|stdin| stdin.named.as_ref()));
    let Some(first) = all.next() else { return Ok(find_root(current)) };
    let root = first.root();
    for other in all {
        let theirs = other.root();
        if theirs.path != root.path {
            let with_root = |named: &Named, root: &Root| (named.shown.clone(), root.path.display().to_string());
            return Err(Failure::TwoRoots { first: with_root(first, &root), second: with_root(other, &theirs) });
        }
    }
    Ok(root)
}

struct Gathering {
    sources: SourceMap,
    root: PathBuf,
    stdin: Option<Stdin>,
}

impl Gathering {
    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// The text of standard input if it stands for this file.
    fn stdin_for(&self, path: &Path) -> Option<Vec<u8>> {
        let stdin = self.stdin.as_ref()?;
        (stdin.named.as_ref()?.path == path).then(|| stdin.bytes.clone())
    }

    /// Standard input was read up to the usual limit, because the config was not known; this reads what it allows beyond.
    fn read_on(&mut self, config: &Config, context: &mut Context<'_, '_>) -> Result<(), Failure> {
        let Some(stdin) = self.stdin.as_mut().filter(|stdin| stdin.bytes.len() > Limits::default().file_size) else {
            return Ok(());
        };
        let more = config.limits.file_size.saturating_sub(stdin.bytes.len());
        let more = discover::read_from(&mut *context.streams.stdin, more, 0)
            .map_err(|error| Failure::Read { path: STDIN.to_owned(), error })?;
        stdin.bytes.extend(more);
        Ok(())
    }

    fn is_alone(&self) -> bool {
        self.stdin.as_ref().is_some_and(|stdin| stdin.named.is_none())
    }

    /// The config, and the folder that paths in it count from.
    fn config(&mut self, input: &Input, root: &Root, current: &Path) -> Result<(Config, PathBuf), Failure> {
        let (path, shown) = match (&input.config, &root.config) {
            (Some(file), _) => (current.join(file), file.display().to_string()),
            (None, Some(file)) => (file.clone(), CONFIG.to_owned()),
            (None, None) => return Ok((Config::default(), root.path.clone())),
        };
        let bytes = match self.stdin_for(&path) {
            Some(bytes) => bytes,
            None => discover::read(&path, Limits::default().file_size)
                .map_err(|error| Failure::Read { path: shown.clone(), error })?,
        };
        let file = self.sources.add_bytes(shown, bytes);
        let (config, list) = Config::load(&self.sources, file, Atlas::builtin());
        if !list.is_empty() {
            return Err(Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut self.sources)) });
        }
        let folder = path.parent().map_or_else(|| root.path.clone(), Path::to_owned);
        Ok((config, folder))
    }

    /// The declarations, and what the report is about; `None` for everything.
    fn discover(
        &self,
        config: &Config,
        named: &[Named],
        input: &Input,
        current: &Path,
    ) -> Result<(Discovered, Option<Vec<PathBuf>>), Failure> {
        if self.is_alone() && named.is_empty() {
            return Ok((Discovered::default(), None));
        }
        let texts =
            |list: &[crate::syntax::Located<String>]| list.iter().map(|glob| glob.value.clone()).collect::<Vec<_>>();
        // INVARIANT: loading the config has refused globs that cannot be understood
        let globs = Globs::new(&texts(&config.include), &texts(&config.exclude));
        let mut found = globs.map(|globs| discover::declarations(&self.root, &globs)).unwrap_or_default();
        let rule_folders: Vec<PathBuf> = (input.packs.iter().map(|folder| current.join(folder)))
            .chain(config.local_packs().map(|pack| self.root.join(&pack.value)))
            .filter_map(|folder| fs::canonicalize(folder).ok())
            .collect();
        let mut focus = Vec::new();
        let mut is_whole = named.is_empty() && self.stdin.is_none();
        for one in named.iter().chain(self.stdin.as_ref().and_then(|stdin| stdin.named.as_ref())) {
            let mut path = self.relative(&one.path);
            if path == Path::new(CONFIG) || one.path == self.root || is_rule(one, &rule_folders) {
                is_whole = true;
                continue;
            }
            if !one.is_folder {
                path = self.add_named(one, &mut found)?;
            }
            focus.push(path);
        }
        found.files.sort();
        found.files.dedup();
        Ok((found, (!is_whole).then_some(focus)))
    }

    /// A file that was named is a declaration whatever it is called. Gives the path under which it is read: a link to a file
    /// that is read anyway must not declare everything twice.
    fn add_named(&self, one: &Named, found: &mut Discovered) -> Result<PathBuf, Failure> {
        let path = self.relative(&one.path);
        if self.stdin_for(&one.path).is_none() {
            let real = fs::canonicalize(&one.path)
                .map_err(|error| Failure::Read { path: one.shown.clone(), error: error.into() })?;
            if !real.starts_with(&self.root) {
                return Err(Failure::LeavesRoot { path: one.shown.clone(), root: self.root.display().to_string() });
            }
            let real = self.relative(&real);
            if found.files.contains(&real) {
                return Ok(real);
            }
        }
        found.skipped.retain(|skipped| skipped.path != path);
        found.files.push(path.clone());
        Ok(path)
    }

    /// Reads the declarations, and takes over all texts.
    fn read_all(self, files: Vec<PathBuf>, workspace: &mut Workspace) {
        let limit = workspace.config.limits.file_size;
        let mut texts: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let mut failed = BTreeMap::new();
        for file in files {
            let path = self.root.join(&file);
            let read = match self.stdin_for(&path) {
                Some(bytes) => Ok(bytes),
                None => discover::read(&path, limit),
            };
            match read {
                Ok(bytes) => drop(texts.insert(file, bytes)),
                Err(error) => drop(failed.insert(file, error)),
            }
        }
        let failed: Vec<Skipped> = failed.iter().map(|(path, error)| left(path, error.to_string())).collect();
        workspace.skipped.extend(failed.iter().cloned());
        workspace.lost.extend(failed);
        workspace.sources = self.sources;
        if let Some(Stdin { named: None, bytes }) = self.stdin {
            workspace.files.push(workspace.sources.add_bytes(STDIN, bytes));
        }
        for (path, bytes) in texts {
            workspace.files.push(workspace.sources.add_bytes(slashed(&path), bytes));
        }
    }
}

/// A rule file, a pack, or a folder of packs: a change there concerns every declaration.
fn is_rule(named: &Named, folders: &[PathBuf]) -> bool {
    let folder = if named.is_folder { Some(named.path.as_path()) } else { named.path.parent() };
    folders.iter().any(|folder| named.path.starts_with(folder))
        || folder.is_some_and(|folder| folder.join("pack.yaml").is_file())
}

/// Tells people what in their config has no effect, unless they want to hear of findings only.
pub(super) fn tell_unsupported(workspace: &mut Workspace, context: &mut Context<'_, '_>) {
    let color = output::stderr_options(context).color;
    for (span, meaning) in &workspace.config.unsupported {
        let place = workspace.sources.start(*span);
        let what = format!("{}:{}:{}", workspace.sources.path(span.file), place.line, place.column);
        if !context.global.quiet {
            output::complain(context.streams.stderr, "warning", &format!("{what}: {meaning}"), None, color);
        }
        workspace.skipped.push(Skipped { what, reason: meaning.clone() });
    }
}
