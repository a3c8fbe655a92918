//! The packs of a run, what the config changes in them, and the call of the pipeline.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Env;
use super::failure::Failure;
use super::workspace::{Input, Workspace};
use crate::config::{Config, Layer, Override, ParameterValue, is_path};
use crate::diagnostic::{Diagnostic, Severity};
use crate::discover::{self, ReadError};
use crate::evaluate::{Period, RuleSettings};
use crate::lint::{Progress, Report, Setup, lint_watched, rule_settings};
use crate::policy::{Depth, Library, ParamValue, PolicyFiles, Rule};
use crate::source::{SourceMap, Span};
use crate::space::{Atlas, Date};
use crate::syntax::{Limits, Located};

/// The pack without which a broken declaration would go unseen.
const CORE: &str = "core";

/// How commands about rules are told which packs there are.
#[derive(Debug, Clone, Args)]
pub(super) struct PackArgs {
    /// Read packs from this folder in place of the built-in ones of the same name; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(super) packs: Vec<PathBuf>,
    /// Read this config in place of the workspace's
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl Input {
    /// What a command about rules reads: the config of the workspace of this folder.
    pub(super) fn of_packs(args: &PackArgs) -> Self {
        Self { paths: Vec::new(), stdin_filename: None, config: args.config.clone(), packs: args.packs.clone() }
    }
}

/// What a run judges with.
pub(super) struct Engine {
    /// The packs, with the territories and vocabularies as the config and they extend them.
    pub(super) library: Library,
    rules: BTreeMap<String, RuleSettings>,
}

impl Engine {
    /// The packs that a config asks for, as it wants them.
    pub(super) fn load(workspace: &mut Workspace, folders: &[PathBuf], env: &Env) -> Result<Self, Failure> {
        Self::with_depth(workspace, folders, env, Depth::Run)
    }

    /// All packs there are, with their examples.
    pub(super) fn load_whole(workspace: &mut Workspace, folders: &[PathBuf], env: &Env) -> Result<Self, Failure> {
        Self::with_depth(workspace, folders, env, Depth::Whole)
    }

    fn with_depth(workspace: &mut Workspace, folders: &[PathBuf], env: &Env, depth: Depth) -> Result<Self, Failure> {
        let mut files = PolicyFiles::builtin();
        let shipped = files.packs();
        let current = env.current_dir.as_deref().unwrap_or(Path::new("."));
        for folder in folders {
            add_packs(&mut files, &current.join(folder), &folder.display().to_string())?;
        }
        let built_in = files.packs();
        let local = add_local(&mut files, workspace, &built_in)?;
        let wanted = match (&workspace.config.packs, depth) {
            (Some(packs), Depth::Run) => {
                let named = packs.iter().map(|pack| pack.value.clone()).filter(|name| built_in.contains(name));
                // a pack that somebody named by hand is wanted, whatever the config lists
                let by_hand = built_in.iter().filter(|name| !shipped.contains(name)).cloned();
                named.chain(by_hand).chain(local).chain([CORE.to_owned()]).collect()
            }
            _ => files.packs(),
        };
        let (library, list) = Library::load(&files, &wanted, workspace.config.atlas(Atlas::builtin()), depth);
        if !list.is_empty() {
            return Err(Failure::Diagnostics { list, sources: Box::new(library.sources) });
        }
        let (rules, list) = settle(&workspace.config, &library, &built_in, &files.rules());
        if !list.is_empty() {
            let sources: SourceMap = std::mem::take(&mut workspace.sources);
            return Err(Failure::Diagnostics { list, sources: Box::new(sources) });
        }
        Ok(Self { library, rules })
    }

    /// Judges the declarations of a workspace.
    pub(super) fn lint(&self, workspace: &Workspace, today: Date) -> Report {
        self.lint_watched(workspace, today, &Progress::default())
    }

    /// Judges the declarations of a workspace, and counts what is done.
    pub(super) fn lint_watched(&self, workspace: &Workspace, today: Date, progress: &Progress) -> Report {
        let config = &workspace.config;
        let horizon = today.plus(config.horizon_days());
        let setup = Setup {
            library: &self.library,
            atlas: &self.library.atlas,
            vocabulary: &self.library.vocabulary,
            rules: self.rules.clone(),
            limits: config.limits,
            period: Period { today, horizon, full_severity: config.fail_on_upcoming },
        };
        lint_watched(&workspace.sources, &workspace.files, &setup, progress)
    }
}

/// Severities and parameters as the config has them, and every name in it that means nothing.
fn settle(
    config: &Config,
    library: &Library,
    packs: &[String],
    rules: &[String],
) -> (BTreeMap<String, RuleSettings>, Vec<Diagnostic>) {
    let parameters = |id: &str| {
        let rule = library.rule(id)?;
        Some(rule.params.iter().map(|param| param.name.clone()).collect())
    };
    let mut found = config.check(packs, rules, &parameters);
    let mut settings = rule_settings(library);
    // a rule that is off by itself is switched on by its own name, not by a glob that happens to match
    for rule in library.rules().filter(|rule| !rule.enabled && config.names(&rule.id)) {
        settings.insert(rule.id.clone(), RuleSettings { severity: None, params: rule.params.clone() });
    }
    found.extend(kept(config, library));
    settings.retain(|id, _| config.severity_of(id) != Some(Override::Off));
    for (id, settings) in &mut settings {
        if let Some(Override::Severity(severity)) = config.severity_of(id) {
            settings.severity = Some(severity);
        }
        for param in &mut settings.params {
            let Some(wanted) = config.parameter(id, &param.name) else { continue };
            match convert(&wanted.value, &param.value) {
                Some(value) => param.value = value,
                None => {
                    let message = format!("`{}` of `{id}` must be {}", param.name, kind(&param.value));
                    found.push(
                        Diagnostic::new("invalid-value", wanted.span, message)
                            .help(format!("`purposelint explain {id}` shows the value it has by itself")),
                    );
                }
            }
        }
    }
    found.sort_by_key(|diagnostic| diagnostic.primary.span);
    (settings, found)
}

/// Checks of `core` without which a declaration would pass unjudged, and that the config switches off all the same.
fn kept(config: &Config, library: &Library) -> Vec<Diagnostic> {
    let is_error =
        |rule: &&Rule| rule.raised_by.is_some() && rule.severity.iter().any(|case| case.is == Severity::Error);
    let off = |rule: &Rule| config.severity_of(&rule.id) == Some(Override::Off);
    let mut found: Vec<Diagnostic> = Vec::new();
    for rule in library.rules().filter(is_error).filter(|rule| off(rule)) {
        let Some(span) = config.severity_span(&rule.id) else { continue };
        // a glob that takes in many is one mistake
        if found.iter().all(|known| known.primary.span != span) {
            let wrong = Diagnostic::new("config-core-off", span, format!("`{}` cannot be switched off", rule.id));
            found.push(wrong.help("what cannot be read or is not known cannot be judged; make it a `warning`, or leave the file out with `exclude`"));
        }
    }
    found
}

/// A value of the config in the type that the rule has; a whole number is a number as well.
fn convert(value: &ParameterValue, like: &ParamValue) -> Option<ParamValue> {
    Some(match (value, like) {
        (ParameterValue::Bool(value), ParamValue::Bool(_)) => ParamValue::Bool(*value),
        (ParameterValue::Int(value), ParamValue::Int(_)) => ParamValue::Int(*value),
        #[expect(clippy::cast_precision_loss, reason = "a parameter is no number of 16 digits")]
        (ParameterValue::Int(value), ParamValue::Double(_)) => ParamValue::Double(*value as f64),
        (ParameterValue::Float(value), ParamValue::Double(_)) => ParamValue::Double(*value),
        (ParameterValue::Text(value), ParamValue::Text(_)) => ParamValue::Text(value.clone()),
        (ParameterValue::List(items), ParamValue::Texts(_)) => {
            ParamValue::Texts(items.iter().map(|item| item.value.clone()).collect())
        }
        _ => return None,
    })
}

fn kind(value: &ParamValue) -> &'static str {
    match value {
        ParamValue::Bool(_) => "true or false",
        ParamValue::Int(_) => "a whole number",
        ParamValue::Double(_) => "a number",
        ParamValue::Text(_) => "text",
        ParamValue::Texts(_) => "a list of texts",
    }
}

/// Reads a folder of packs, or a pack, over what is there.
fn add_packs(files: &mut PolicyFiles, folder: &Path, shown: &str) -> Result<(), Failure> {
    let failed = |error: ReadError| Failure::Read { path: shown.to_owned(), error };
    let folder = fs::canonicalize(folder).map_err(|error| failed(error.into()))?;
    if folder.join("pack.yaml").is_file() {
        return add_folder(files, &folder, shown).map_err(failed);
    }
    let mut found = false;
    for below in entries(&folder).map_err(failed)? {
        let is_data = below.ends_with("lexicons") || below.ends_with("tables");
        if below.is_dir() && (is_data || below.join("pack.yaml").is_file()) {
            let name = below.file_name().unwrap_or_default().to_string_lossy();
            let shown = format!("{}/{name}", shown.trim_end_matches('/'));
            add_folder(files, &below, &shown).map_err(|error| Failure::Read { path: shown, error })?;
            found = true;
        }
    }
    if found {
        return Ok(());
    }
    let help = "a pack is a folder with a pack.yaml; name it, or the folder that holds it".to_owned();
    Err(Failure::Unknown { what: "pack in", name: shown.to_owned(), help })
}

/// Puts the YAML files of a folder in place of those with the same folder name. `shown` is the folder as it was named.
fn add_folder(files: &mut PolicyFiles, folder: &Path, shown: &str) -> Result<(), ReadError> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    files.clear(&name);
    let shown = shown.trim_end_matches('/');
    files.stands_in(&name, shown.strip_prefix("./").unwrap_or(shown).to_owned());
    add_files(files, folder, folder, &name)?;
    for below in ["lexicons", "tables"] {
        let data = folder.join(below);
        if data.is_dir() {
            add_files(files, folder, &data, &format!("{name}/{below}"))?;
        }
    }
    Ok(())
}

/// Puts the YAML files of one folder under a name. `pack` is the folder that no link may leave.
fn add_files(files: &mut PolicyFiles, pack: &Path, folder: &Path, name: &str) -> Result<(), ReadError> {
    for path in entries(folder)? {
        // a rule that is left out silently is a rule that passes
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        if path.extension().is_some_and(|extension| extension != "yaml")
            && extension.is_some_and(|extension| matches!(&*extension, "yaml" | "yml"))
        {
            return Err(ReadError::Ending(path.file_name().unwrap_or_default().to_string_lossy().into_owned()));
        }
        if path.extension().is_some_and(|extension| extension == "yaml") {
            if !fs::canonicalize(&path)?.starts_with(pack) {
                return Err(ReadError::LinkOut);
            }
            let bytes = discover::read(&path, Limits::default().file_size)?;
            let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            files.insert(format!("{name}/{file}"), bytes);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The packs of the workspace itself. Gives the names of those that are in use.
fn add_local(files: &mut PolicyFiles, workspace: &mut Workspace, known: &[String]) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    let mut list = Vec::new();
    let paths = |pack: &&Located<String>| is_path(&pack.value);
    for pack in workspace.config.packs.iter().flatten().filter(paths) {
        let folder = workspace.config_files.real_path_of(pack);
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let wrong = |message: String, help: &str| local_problem(pack.span, message, help);
        if !folder.join("pack.yaml").is_file() {
            list.push(wrong(format!("there is no pack in `{}`", pack.value), "a pack is a folder with a pack.yaml"));
        } else if known.contains(&name) || names.contains(&name) {
            list.push(wrong(
                format!("there is another pack `{name}`"),
                "give the folder another name, or leave `--packs` out if it names the same folder",
            ));
        } else {
            match add_folder(files, &folder, &workspace.config_files.shown(pack)) {
                Ok(()) => names.push(name),
                Err(error @ ReadError::Ending(_)) => {
                    list.push(wrong(format!("`{}` {error}", pack.value), "rename it"));
                }
                Err(error) => {
                    let help = "repair it, or leave the pack out";
                    list.push(wrong(format!("a file in `{}` {error}", pack.value), help));
                }
            }
        }
    }
    if list.is_empty() {
        add_superseded(files, workspace, [known, &names].concat());
        return Ok(names);
    }
    Err(Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut workspace.sources)) })
}

/// Packs that a config lists and a nearer one leaves out. They are not used, but their rules are names that a config may know.
fn add_superseded(files: &mut PolicyFiles, workspace: &Workspace, mut known: Vec<String>) {
    for pack in workspace.config.layers.iter().flat_map(Layer::local_packs) {
        let folder = workspace.config_files.real_path_of(pack);
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if folder.join("pack.yaml").is_file() && !known.contains(&name) {
            // one that cannot be read has no names
            let _names = add_folder(files, &folder, &workspace.config_files.shown(pack));
            known.push(name);
        }
    }
}

fn local_problem(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new("config-unknown-pack", span, message).help(help)
}
