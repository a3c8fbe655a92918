//! The packs of a run, what the config changes in them, and the call of the pipeline.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::{FLAT, Failure};
use super::kept;
use super::locked;
use super::revisions::Earlier;
use super::workspace::{Workspace, slashed};
use crate::cache::Key;
use crate::config::{Config, Layer, is_path};
use crate::diagnostic::Diagnostic;
use crate::discover::{Files, Globs, PathGlobs, ReadError};
use crate::evaluate::{KeptDays, Period};
use crate::fix::{Fixed, Wanted, fix};
use crate::lint::{
    Base, Comparison, Progress, Report, Session, Setup, Shelved, Skipped, compare, has_run, lint_watched,
};
use crate::model::{Offered, Said};
use crate::order::Order;
use crate::parallel;
use crate::policy::{Choice, Depth, Library, On, PolicyFiles, Rule, Selection};
use crate::settings::{Idle, Settings, Settled, settle};
use crate::source::{FileId, Span};
use crate::space::{Atlas, Date};
use crate::suppress::splits;
use crate::syntax::Located;

/// Files of packs that do not come with the program: more than anybody writes, and each is read, typed and asked everywhere.
const MOST_FILES: usize = 1000;

/// Bytes of one of them.
const MOST_FILE_BYTES: usize = 1 << 20;

/// Bytes of all of them.
const MOST_BYTES: usize = 16 << 20;

/// What a run judges with.
pub struct Engine {
    /// The packs, with the territories and vocabularies as the config and they extend them.
    pub library: Arc<Library>,
    /// What the config says of each rule for each file.
    pub settings: Arc<Settings>,
    /// Every pack there is, with whether it is used, and why; empty for a run whose config names them all.
    pub choices: Vec<Choice>,
    /// What in the config has less effect than it seems to have.
    pub notes: Vec<Skipped>,
    /// The same of what has a place in the config, with that place.
    pub placed: Vec<(Span, String)>,
    /// What stands for the files of all packs there are.
    pub(super) policies: Key,
}

/// A pack that was named by hand: its name, what was written, and its folder.
type ByHand = (String, String, PathBuf);

/// How closely declarations are looked at to see which laws they come under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Glance,
    Read,
}

impl Engine {
    /// The packs that a config asks for, as it wants them, and those of the laws that the services come under on a day.
    pub fn load(workspace: &mut Workspace, folders: &[PathBuf], current: &Path, today: Date) -> Result<Self, Failure> {
        Self::with_depth(workspace, folders, current, (today, Depth::Run), Look::Read)
    }

    /// The same where nobody has read the declarations yet: by what they seem to say at a glance of where services are offered.
    /// Whoever judges is to look at [`Report::seemed_otherwise`], and to load all again where that is so.
    pub fn load_at_a_glance(
        workspace: &mut Workspace,
        folders: &[PathBuf],
        current: &Path,
        today: Date,
    ) -> Result<Self, Failure> {
        Self::with_depth(workspace, folders, current, (today, Depth::Run), Look::Glance)
    }

    /// All packs there are, with their examples.
    pub fn load_whole(
        workspace: &mut Workspace,
        folders: &[PathBuf],
        current: &Path,
        today: Date,
    ) -> Result<Self, Failure> {
        Self::with_depth(workspace, folders, current, (today, Depth::Whole), Look::Read)
    }

    fn with_depth(
        workspace: &mut Workspace,
        folders: &[PathBuf],
        current: &Path,
        (today, depth): (Date, Depth),
        look: Look,
    ) -> Result<Self, Failure> {
        let mut files = PolicyFiles::builtin();
        let shipped = files.packs();
        let mut replaced: Vec<ByHand> = Vec::new();
        for folder in folders {
            let shown = folder.display().to_string();
            let packs = add_packs(&mut files, &workspace.from, &current.join(folder), &shown)?;
            replaced.extend(packs.into_iter().map(|(name, folder)| (name, shown.clone(), folder)));
        }
        let built_in = files.packs();
        let listed = add_local(&mut files, workspace, &built_in, &replaced)?;
        let local: Vec<String> = listed.iter().map(|pack| pack.value.clone()).collect();
        let rules = files.rules();
        let list = locked::dropped_packs(workspace, &built_in, &rules);
        if !list.is_empty() {
            return Err(workspace.refused(list));
        }
        let mut by_hand: Vec<String> = replaced.iter().map(|(name, ..)| name.clone()).collect();
        // a pack that somebody named by hand is wanted, whatever the config lists
        by_hand.extend(built_in.iter().filter(|name| !shipped.contains(name)).cloned());
        let named: Option<Vec<String>> =
            workspace.config.packs.as_ref().map(|packs| packs.iter().map(|pack| pack.value.clone()).collect());
        let wanted = Selection { known: &built_in, by_hand: &by_hand, local: &local, named: named.as_deref() };
        let first = if depth == Depth::Whole { files.packs() } else { wanted.regardless() };
        let (mut library, mut list) = Library::load(&files, &first, workspace.config.atlas(Atlas::builtin()), depth);
        let choices = match depth == Depth::Whole || wanted.takes_default() {
            true => choose(&wanted, &files, &library.atlas, workspace, (today, look)),
            false => Vec::new(),
        };
        let more: Vec<String> = choices
            .iter()
            .filter(|choice| choice.active && !first.contains(&choice.pack))
            .map(|choice| choice.pack.clone())
            .collect();
        list.extend(library.add(&files, &more, depth));
        library.unreached =
            choices.iter().filter(|choice| choice.unreached).map(|choice| choice.pack.clone()).collect();
        // what is wrong may be wrong under laws that nobody comes under
        if !list.is_empty() && look == Look::Glance {
            return Self::with_depth(workspace, folders, current, (today, depth), Look::Read);
        }
        if !list.is_empty() {
            return Err(Failure::Diagnostics { list, sources: Box::new(library.sources) });
        }
        let Settled { settings, diagnostics, relaxing, idle } =
            settle(&workspace.config, &library, &declarations(workspace));
        let mut list = unknown_names(&workspace.config, &library, &built_in, &rules);
        list.extend(diagnostics);
        if !list.is_empty() && look == Look::Glance {
            return Self::with_depth(workspace, folders, current, (today, depth), Look::Read);
        }
        if !list.is_empty() {
            list.order_by_key(|diagnostic| diagnostic.primary.span);
            return Err(workspace.refused(list));
        }
        let replaced = replaced.iter();
        let mut notes: Vec<Skipped> =
            replaced.filter_map(|(pack, folder, _)| locked::replaced(workspace, pack, folder, &rules)).collect();
        let mut placed: Vec<(Span, String)> =
            relaxing.iter().map(|relaxing| locked::relaxing(workspace, relaxing)).collect();
        notes.extend(bare_packs(&files, workspace, &listed));
        if !workspace.is_stdin_alone() {
            placed.extend(idle_includes(workspace));
            placed.extend(idle_files(workspace, &idle));
        }
        notes.extend(
            placed.iter().map(|(span, reason)| Skipped { what: workspace.place(*span), reason: reason.clone() }),
        );
        let (library, settings) = (Arc::new(library), Arc::new(settings));
        Ok(Self { library, settings, choices, notes, placed, policies: files.key() })
    }

    /// Whether a run judges by a rule.
    pub fn runs(&self, rule: &str) -> bool {
        has_run(rule, &self.library, &self.settings)
    }

    /// Whether any rule that judges what holds on a day is on in one of these files.
    pub fn judges(&self, files: &[FileId]) -> bool {
        let judges = |rule: &&Rule| rule.raised_by.is_none() && rule.on == On::State;
        let mut judging = self.library.rules().filter(judges);
        judging.any(|rule| self.settings.files_without(&rule.id, files) < files.len())
    }

    /// Judges the declarations of a workspace.
    pub fn lint(&self, workspace: &Workspace, today: Date) -> Report {
        self.lint_watched(workspace, today, &Progress::default())
    }

    /// Judges the declarations of another workspace under the same config, and counts what is done.
    pub fn lint_other(&self, workspace: &Workspace, today: Date, progress: &Progress) -> Report {
        let settings = settle(&workspace.config, &self.library, &declarations(workspace)).settings;
        self.lint_with(workspace, settings.into(), today, progress)
    }

    /// Judges the declarations of a workspace, and counts what is done.
    pub fn lint_watched(&self, workspace: &Workspace, today: Date, progress: &Progress) -> Report {
        self.lint_with(workspace, self.settings.clone(), today, progress)
    }

    /// Judges what a session does not know yet; it must have seen no other day. Gives the files in which something else is found
    /// than the last time, and what this program is too old to read.
    pub fn judge(
        &self,
        workspace: &Workspace,
        today: Date,
        session: &mut Session,
    ) -> (BTreeSet<FileId>, Vec<Diagnostic>) {
        let setup = self.setup(workspace, self.settings.clone(), today);
        session.judge(&workspace.sources, &workspace.files, &setup)
    }

    /// A session for a workspace on a day, as long as the files are the same.
    pub fn session(&self, workspace: &Workspace, today: Date) -> Session {
        let Setup { period, .. } = self.setup(workspace, Arc::clone(&self.settings), today);
        let splits = splits(&workspace.config, &self.library.atlas, today);
        let waived = splits.into_iter().map(|(_, territories)| territories).collect();
        Session::on(KeptDays::new(Arc::clone(&self.library), Arc::clone(&self.settings), waived, period))
    }

    fn lint_with(&self, workspace: &Workspace, settings: Arc<Settings>, today: Date, progress: &Progress) -> Report {
        let mut setup = self.setup(workspace, settings, today);
        let shelf = workspace.kept.as_ref().map(|kept| {
            let key = kept::key(self, workspace, &setup);
            (kept.judged(key), key)
        });
        setup.shelved = shelf.as_ref().map(|(shelf, setup)| Shelved { shelf, setup: *setup });
        lint_watched(&workspace.sources, &workspace.files, &setup, progress)
    }

    /// What stands for all that a report on a workspace depends on, but for how it is asked for and looks.
    pub fn report_key(&self, workspace: &Workspace, today: Date) -> Key {
        kept::report_key(self, workspace, &self.setup(workspace, Arc::clone(&self.settings), today))
    }

    /// Compares the declarations of a workspace with those it had.
    pub fn compare(&self, workspace: &Workspace, earlier: &Earlier, today: Date) -> Comparison {
        // the groups that packs add are the same on both sides
        let own = earlier.atlas.clone().map(|atlas| self.library.atlas_over(atlas));
        let atlas = own.as_ref().unwrap_or(&self.library.atlas);
        let base = Base { files: &earlier.files, atlas, left_out: &earlier.left_out };
        compare(&workspace.sources, base, &workspace.files, &self.setup(workspace, self.settings.clone(), today))
    }

    /// Repairs the declarations of a workspace, in memory.
    pub fn fix(&self, workspace: &Workspace, today: Date, report: Report, wanted: &Wanted<'_>) -> Fixed {
        let setup = self.setup(workspace, self.settings.clone(), today);
        fix(&workspace.sources, &workspace.files, &setup, report, wanted)
    }

    fn setup<'a>(&'a self, workspace: &'a Workspace, settings: Arc<Settings>, today: Date) -> Setup<'a> {
        let config = &workspace.config;
        let horizon = today.plus(config.horizon_days());
        Setup {
            library: &self.library,
            atlas: &self.library.atlas,
            vocabulary: &self.library.vocabulary,
            settings,
            limits: config.limits,
            period: Period { today, horizon, full_severity: config.fail_on_upcoming },
            accepting: workspace.accepting(),
            products: &workspace.products,
            glances: &workspace.glances,
            extent: workspace.extent,
            shelved: None,
        }
    }
}

/// Which packs a workspace is judged by: laws by the places its services are offered in, today or within the horizon.
fn choose(
    wanted: &Selection<'_>,
    files: &PolicyFiles,
    atlas: &Atlas,
    workspace: &Workspace,
    (today, look): (Date, Look),
) -> Vec<Choice> {
    let dates = [today, today.plus(workspace.config.horizon_days())];
    let files_in_question = workspace.concerned.as_deref().unwrap_or(&workspace.files);
    let limits = &workspace.config.limits;
    let read = |file: FileId| kept::told(workspace, "offered", file, || Said::of(&workspace.sources, file, limits));
    let glance = |file: FileId| workspace.glances.of(&workspace.sources, file)?.said();
    let said: Vec<Said> = parallel::map(files_in_question, |file| match look {
        Look::Glance => glance(*file).unwrap_or_else(|| read(*file)),
        Look::Read => read(*file),
    });
    let offered = Offered::of(said, atlas, &dates);
    wanted.choose(files, &offered, atlas, &dates)
}

/// The declarations of a workspace with their paths.
fn declarations(workspace: &Workspace) -> Vec<(FileId, &str)> {
    workspace.files.iter().map(|file| (*file, workspace.sources.path(*file))).collect()
}

/// What the run says of packs of the workspace that bring nothing: whoever lists one believes that it judges.
fn bare_packs(files: &PolicyFiles, workspace: &Workspace, listed: &[Located<String>]) -> Vec<Skipped> {
    let reason = |name: &str| format!("the pack `{name}` has no rule, so it judges nothing");
    let bare = listed.iter().filter(|pack| files.is_bare(&pack.value));
    bare.map(|pack| Skipped { what: workspace.place(pack.span), reason: reason(&pack.value) }).collect()
}

/// What the run says of globs under `include` that take in nothing. Every declaration is read, whatever was named.
fn idle_includes(workspace: &Workspace) -> Vec<(Span, String)> {
    let is_idle = |glob: &&Located<String>| {
        let globs = PathGlobs::new([glob.value.as_str()]);
        let names =
            |file: &FileId| globs.as_ref().is_ok_and(|globs| globs.names(Path::new(workspace.sources.path(*file))));
        !workspace.files.iter().any(names)
    };
    let reason = |glob: &str| {
        let folder = glob.trim_end_matches('/');
        // elsewhere in a config a folder stands for all that is in it
        let way_out = match workspace.from.has_folder(&workspace.root.join(folder.trim_start_matches('/'))) {
            true => format!("; for all YAML files in this folder write `{folder}/**/*.yaml`"),
            false => String::new(),
        };
        format!("no declaration matches `{glob}`, so this entry of `include` has no effect{way_out}")
    };
    let own = workspace.config.include.iter().filter(|glob| !workspace.config.is_of_base(glob.span));
    let idle = own.filter(is_idle);
    idle.map(|glob| (glob.span, reason(&glob.value))).collect()
}

/// What the run says of globs under `files` that take in nothing, or take nothing out.
fn idle_files(workspace: &Workspace, idle: &[Idle]) -> Vec<(Span, String)> {
    let reason = |Idle { glob, from }: &Idle| match from {
        None => format!("no declaration matches `{}`, so this entry of `files` has no effect", glob.value),
        Some(from) => {
            format!("no declaration that `{from}` matches is matched by `{}`, so it excludes nothing there", glob.value)
        }
    };
    let own = idle.iter().filter(|idle| !workspace.config.is_of_base(idle.glob.span));
    own.map(|idle| (idle.glob.span, reason(idle))).collect()
}

/// Every name in a config that means nothing.
fn unknown_names(config: &Config, library: &Library, packs: &[String], rules: &[String]) -> Vec<Diagnostic> {
    let parameters = |id: &str| {
        let rule = library.rule(id)?;
        Some(rule.params.iter().map(|param| param.name.clone()).collect())
    };
    let mut found = config.check(packs, rules, &parameters);
    found.extend(config.unknown_places(&library.atlas));
    found
}

/// Reads a folder of packs, or a pack, over what is there. Gives their names and their folders.
fn add_packs(
    files: &mut PolicyFiles,
    from: &Files,
    folder: &Path,
    shown: &str,
) -> Result<Vec<(String, PathBuf)>, Failure> {
    let failed = |error: ReadError| Failure::Read { path: shown.to_owned(), error };
    let folder = from.real(folder).map_err(failed)?;
    let mut found = Vec::new();
    for pack in packs_in(from, &folder).map_err(failed)? {
        let Some(name) = pack.file_name().map(|name| name.to_string_lossy().into_owned()) else { continue };
        let shown = if pack == folder { shown.to_owned() } else { format!("{}/{name}", shown.trim_end_matches('/')) };
        add_folder(files, from, &pack, &shown).map_err(|error| Failure::Read { path: shown, error })?;
        found.push((name, pack));
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let help = "a pack is a folder with a pack.yaml; name it, or the folder that holds it".to_owned();
    Err(Failure::Unknown { what: "pack in", name: shown.to_owned(), help })
}

/// A folder that is a pack, or those in it that are packs or hold what rules of packs use. `folder` is without links.
pub(super) fn packs_in(from: &Files, folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    if from.has_file(&folder.join("pack.yaml")) {
        return Ok(vec![folder.to_owned()]);
    }
    let mut found = from.entries(folder)?;
    let is_data = |below: &Path| DATA.iter().any(|data| below.ends_with(data));
    found.retain(|below| from.has_folder(below) && (is_data(below) || from.has_file(&below.join("pack.yaml"))));
    Ok(found)
}

/// Puts the YAML files of a folder in place of those with the same folder name. `shown` is the folder as it was named.
fn add_folder(files: &mut PolicyFiles, from: &Files, folder: &Path, shown: &str) -> Result<(), ReadError> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    files.clear(&name);
    let shown = shown.trim_end_matches('/');
    files.stands_in(&name, shown.strip_prefix("./").unwrap_or(shown).to_owned());
    add_files(files, from, (folder, folder), &name)?;
    for below in DATA {
        let data = folder.join(below);
        if from.has_folder(&data) {
            add_files(files, from, (folder, &data), &format!("{name}/{below}"))?;
        }
    }
    let stray = stray(from, (folder, folder), &mut BTreeSet::new())?;
    stray.map_or(Ok(()), |path| Err(ReadError::Subfolder(slashed(path.strip_prefix(folder).unwrap_or(&path)))))
}

/// Folders of a pack that hold what rules use.
pub(super) const DATA: [&str; 2] = ["lexicons", "tables"];

/// A YAML file in a folder of a pack in which nothing is looked for: whoever put a rule there believes that it holds. Hidden
/// folders, packs inside of a pack, declarations and what a link leads to are no rules that somebody misplaced.
fn stray(
    from: &Files,
    (pack, folder): (&Path, &Path),
    seen: &mut BTreeSet<PathBuf>,
) -> Result<Option<PathBuf>, ReadError> {
    let declared = Globs::new::<&str>(&[], &[]).unwrap_or_default();
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let is_read = folder == pack || DATA.iter().any(|data| folder == pack.join(data));
    for path in from.entries(folder)?.into_iter().filter(|path| !is_hidden(path)) {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if !from.has_folder(&path) {
            if matches!(&*ending, "yaml" | "yml") && !is_read && !declared.is_declaration(&path) {
                return Ok(Some(path));
            }
            continue;
        }
        let real = from.real(&path)?;
        let is_own = real.starts_with(pack) && !from.has_file(&path.join("pack.yaml"));
        if is_own
            && seen.insert(real)
            && let Some(found) = stray(from, (pack, &path), seen)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Puts the YAML files of one folder under a name. `pack` is the folder that no link may leave.
fn add_files(
    files: &mut PolicyFiles,
    from: &Files,
    (pack, folder): (&Path, &Path),
    name: &str,
) -> Result<(), ReadError> {
    for path in from.entries(folder)? {
        // a rule that is left out silently is a rule that passes
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        if path.extension().is_some_and(|extension| extension != "yaml")
            && extension.is_some_and(|extension| matches!(&*extension, "yaml" | "yml"))
        {
            return Err(ReadError::Ending(path.file_name().unwrap_or_default().to_string_lossy().into_owned()));
        }
        if path.extension().is_some_and(|extension| extension == "yaml") {
            if !from.real(&path)?.starts_with(pack) {
                return Err(ReadError::LinkOut);
            }
            let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let (count, total) = files.added();
            if count == MOST_FILES {
                return Err(ReadError::TooMuch(MOST_FILES, "files, with those of the packs before it"));
            }
            let bytes = from.read(&path, MOST_FILE_BYTES)?;
            if bytes.len() > MOST_FILE_BYTES {
                return Err(ReadError::TooLarge(file, MOST_FILE_BYTES));
            }
            if total + bytes.len() > MOST_BYTES {
                return Err(ReadError::TooMuch(MOST_BYTES, "bytes, with those of the packs before it"));
            }
            files.insert(format!("{name}/{file}"), bytes);
        }
    }
    Ok(())
}

/// The packs of the workspace itself. Gives the names of those that are in use, at the places where they are listed, without what was
/// named by hand as well.
fn add_local(
    files: &mut PolicyFiles,
    workspace: &mut Workspace,
    known: &[String],
    by_hand: &[ByHand],
) -> Result<Vec<Located<String>>, Failure> {
    let mut names: Vec<Located<String>> = Vec::new();
    let mut list = Vec::new();
    let paths = |pack: &&Located<String>| is_path(&pack.value);
    for pack in workspace.config.packs.iter().flatten().filter(paths) {
        let from = workspace.config_files.read_from(pack);
        let wrong = |message: String, help: &str| local_problem(pack.span, message, help);
        let folder = workspace.config_files.real_path_of(pack);
        let is_by_hand = by_hand.iter().any(|(_, _, given)| Some(given) == folder.as_ref());
        if !is_by_hand && workspace.config_files.leads_out(pack) {
            list.push(wrong(format!("`{}` is outside the repository", pack.value), OUTSIDE));
            continue;
        }
        let Some(folder) = folder.filter(|folder| from.has_file(&folder.join("pack.yaml"))) else {
            list.push(wrong(format!("there is no pack in `{}`", pack.value), "a pack is a folder with a pack.yaml"));
            continue;
        };
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if is_by_hand {
            // the same folder named twice is one pack, and it has been read
        } else if known.contains(&name) || names.iter().any(|known| known.value == name) {
            list.push(wrong(format!("there is another pack `{name}`"), "give the folder another name"));
        } else {
            match add_folder(files, from, &folder, &workspace.config_files.shown(pack)) {
                Ok(()) => names.push(Located { value: name, ..pack.clone() }),
                Err(error @ ReadError::Ending(_)) => {
                    list.push(wrong(format!("`{}` {error}", pack.value), "rename it"));
                }
                Err(error @ ReadError::Subfolder(_)) => {
                    list.push(wrong(format!("`{}` {error}", pack.value), FLAT));
                }
                Err(error @ (ReadError::TooLarge(..) | ReadError::TooMuch(..))) => {
                    let help = "take out what is no rule, or leave the pack out";
                    list.push(wrong(format!("`{}` {error}", pack.value), help));
                }
                Err(error) => {
                    let help = "repair it, or leave the pack out";
                    list.push(wrong(format!("a file in `{}` {error}", pack.value), help));
                }
            }
        }
    }
    if list.is_empty() {
        add_superseded(files, workspace, known.iter().chain(names.iter().map(|name| &name.value)).cloned().collect());
        return Ok(names);
    }
    Err(workspace.refused(list))
}

/// Packs that a config lists and a nearer one leaves out. They are not used, but their rules are names that a config may know.
fn add_superseded(files: &mut PolicyFiles, workspace: &Workspace, mut known: Vec<String>) {
    for pack in workspace.config.layers.iter().flat_map(Layer::local_packs) {
        let from = workspace.config_files.read_from(pack);
        let Some(folder) = workspace.config_files.real_path_of(pack) else { continue };
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if from.has_file(&folder.join("pack.yaml")) && !known.contains(&name) {
            // one that cannot be read has no names
            let _names = add_folder(files, from, &folder, &workspace.config_files.shown(pack));
            known.push(name);
        }
    }
}

/// What to do about a pack that other checkouts do not have.
const OUTSIDE: &str = "only a pack in the same repository is read, so that every checkout has it; put a copy of it there, add it as a git submodule, or name it with `--packs`";

fn local_problem(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new("config-unknown-pack", span, message).help(help)
}
