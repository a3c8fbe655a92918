//! `purposelint config`: what the config comes to, and who says so.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::failure::Failure;
use super::workspace::{self, Engine, Input, PackArgs, Workspace};
use super::{CLEAN, Context, output};
use crate::discover::{self, CONFIG, Files, PathGlobs};
use crate::explain::{self, Explained};

const EXAMPLES: &str = "\
Examples:
  purposelint config explain                          the config of this folder
  purposelint config explain services/feed/purposes.yaml
  purposelint config explain --format json

Exit codes:
  0  explained
  2  no answer: a path that does not exist, a broken config or pack";

/// Show what the config comes to, and who says so
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Explain(ExplainArgs),
}

/// Say which config files count, what each setting is, where it is set, and what becomes of the rules
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct ExplainArgs {
    /// A declaration or a folder: what holds there; default: this folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = ["human", "json"])]
    format: String,
    #[command(flatten)]
    packs: PackArgs,
}

/// The answer as JSON.
#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    workspace: String,
    because: &'a str,
    path: Option<&'a str>,
    status: Option<&'a str>,
    #[serde(flatten)]
    explained: &'a Explained,
    notes: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: &ConfigArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let ConfigCommand::Explain(args) = &args.command;
    let input = Input { paths: args.path.iter().cloned().collect(), ..Input::of_packs(&args.packs) };
    let mut workspace = workspace::read(&input, context)?;
    let engine = Engine::load(&mut workspace, &args.packs.packs, context.env.current(), context.today)?;
    let named = args.path.as_ref().and_then(|path| {
        let current = context.env.current_dir.as_deref()?;
        let real = fs::canonicalize(current.join(path)).ok()?;
        let settled =
            workspace::settle(&current.join(path), &Files::Disk).ok().filter(|_| !real.is_dir()).unwrap_or(real);
        Some(settled.strip_prefix(&workspace.root).ok()?.to_owned())
    });
    let status = named.as_ref().map(|path| status(&workspace, path));
    let shown = named.as_ref().map(|path| workspace::slashed(path));
    let is_file = named.as_ref().is_some_and(|path| !workspace.root.join(path).is_dir());
    let of = shown.as_deref().filter(|_| is_file);
    let first = if args.packs.config.is_some() { "named by `--config`" } else { "the nearest" };
    let explained = explain::config(&workspace.config, &engine.library, &workspace.sources, of, first);
    let because = why_root(&workspace, context.env.current_dir.as_deref());
    let notes: Vec<String> = engine.notes.iter().map(|note| format!("{}: {}", note.what, note.reason)).collect();
    if args.format == "json" {
        let answer = Answer {
            version: 1,
            workspace: workspace.root.display().to_string(),
            because: &because,
            path: shown.as_deref(),
            status: status.as_deref(),
            explained: &explained,
            notes,
        };
        output::to_stdout(context, |out| {
            serde_json::to_writer_pretty(&mut *out, &answer)?;
            writeln!(out)
        })?;
        return Ok(CLEAN);
    }
    let mut text = format!("workspace: {}\n  {because}\n", workspace.root.display());
    if let (Some(shown), Some(status)) = (&shown, &status) {
        text.push_str(&format!("{shown}: {status}\n"));
    }
    text.push_str(&explained.text());
    for (at, note) in notes.iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        text.push_str(&format!("{gap}note: {note}\n"));
    }
    output::to_stdout(context, |out| out.write_all(output::shown_lines(&text).as_bytes()))?;
    Ok(CLEAN)
}

/// Why this folder is the root.
fn why_root(workspace: &Workspace, current: Option<&Path>) -> String {
    let why = if workspace.root.join(CONFIG).is_file() {
        "the nearest folder with a purposelint.yaml"
    } else if discover::repository(&workspace.root).is_some_and(|root| root == workspace.root) {
        "the root of the repository; there is no purposelint.yaml"
    } else {
        "there is neither a purposelint.yaml nor a repository"
    };
    let here = current.map(|current| discover::find_root(current).path);
    match here.filter(|here| *here != workspace.root) {
        Some(here) => format!("{why}; the workspace of the current folder is {}", here.display()),
        None => why.to_owned(),
    }
}

/// What a path is to the workspace when nobody names it.
fn status(workspace: &Workspace, path: &Path) -> String {
    let globs = &workspace.globs;
    let found = discover::declarations(&workspace.root, globs, &workspace.from);
    let excluding = workspace
        .config
        .exclude
        .iter()
        .find(|glob| PathGlobs::new([glob.value.as_str()]).is_ok_and(|globs| globs.holds(path)));
    let excluded =
        excluding.map(|glob| format!("left out by `exclude: {}` at {}", glob.value, workspace.place(glob.span)));
    if workspace.root.join(path).is_dir() {
        let count = found.files.iter().filter(|file| file.starts_with(path)).count();
        let noun = if count == 1 { "declaration" } else { "declarations" };
        return excluded.unwrap_or_else(|| format!("a folder with {count} {noun}"));
    }
    if found.files.iter().any(|file| file == path) {
        return "a declaration".to_owned();
    }
    if let Some(excluded) = excluded {
        return excluded;
    }
    if let Some(skipped) = found.skipped.iter().find(|skipped| skipped.path == path) {
        return skipped.reason.clone();
    }
    if let Some(what) = globs.read_as(path) {
        return what.to_owned();
    }
    match globs.is_declaration(path) {
        true => discover::IGNORED.to_owned(),
        false => {
            "no declaration by its name, and `include` does not name it; read only where the command line names it"
                .to_owned()
        }
    }
}
