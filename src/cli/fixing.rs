//! `check --fix` and `check --diff`: what the fixes change, written to the files or shown.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::failure::Failure;
use super::formats::Outputs;
use super::workspace::{Engine, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Ci, Context, FINDINGS, output};
use crate::discover;
use crate::evaluate::Finding;
use crate::fix::{Attempt, Fixed, Wanted};
use crate::lint::Report;
use crate::report::patch;
use crate::source::{FileId, Source};
use crate::space::Date;

/// How `check` is told to repair.
#[derive(Debug, Clone, Args)]
#[group(multiple = true)]
pub(super) struct FixArgs {
    /// Repair what is a matter of form: codes of regions, days, misspelt keys. What is left is reported
    #[arg(long, conflicts_with_all = ["staged", "since", "missing"])]
    fix: bool,
    /// Print what `--fix` would change as a diff, or write it to `--output-file`, and change nothing; ends with 1 if there is
    /// something
    #[arg(long, conflicts_with_all = ["staged", "since", "missing", "format"])]
    pub(super) diff: bool,
    /// Let declared defaults follow the product files that their settings `reads`, with `--fix` or `--diff`. A change that such a
    /// file does not confirm is not made
    #[arg(long)]
    authoritative: bool,
}

impl FixArgs {
    /// Whether anything is to be repaired.
    pub(super) fn is_asked_for(&self) -> bool {
        self.fix || self.diff
    }

    /// Says where options do not go together that clap cannot tell.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.authoritative && !self.is_asked_for() {
            let message = "`--authoritative` says which fixes are applied, and none are asked for".to_owned();
            return Err(Failure::Usage { message, help: "add `--fix`, or `--diff` to look first".to_owned() });
        }
        Ok(())
    }
}

/// Most times that what was repaired is judged under other laws than before.
const MOST_LAWS: usize = 8;

/// Repairs in memory what was named, and judges it by the laws that it comes under then: what a misspelt key says of a service is
/// read only once it is repaired. Gives what it was judged with at last; `load` makes that for what a workspace holds.
pub(super) fn run(
    args: &FixArgs,
    (mut engine, report): (Engine, Report),
    (workspace, day): (&mut Workspace, Date),
    load: impl Fn(&mut Workspace) -> Result<Engine, Failure>,
) -> Result<(Engine, Fixed), Failure> {
    let mut fixed = repair(args, (&engine, workspace), day, report);
    let mut is_repaired = !fixed.texts.is_empty();
    for round in 1.. {
        if !is_repaired {
            break;
        }
        std::mem::swap(&mut workspace.sources, &mut fixed.sources);
        let right = load(workspace)?;
        let is_other = right.choices != engine.choices;
        let report = is_other.then(|| right.lint(workspace, day));
        let is_over = round == MOST_LAWS;
        let next = report.map(|report| match is_over {
            true => Fixed { unfinished: true, ..Fixed::nothing(&workspace.sources, report) },
            false => repair(args, (&right, workspace), day, report),
        });
        std::mem::swap(&mut workspace.sources, &mut fixed.sources);
        let Some(next) = next else { break };
        engine = right;
        is_repaired = !next.texts.is_empty();
        fixed = fixed.then(next);
    }
    Ok((engine, fixed))
}

/// Repairs under some laws. Beside standard input no file is changed: its text is what was asked about.
fn repair(args: &FixArgs, (engine, workspace): (&Engine, &Workspace), day: Date, report: Report) -> Fixed {
    let is_in_focus = |finding: &Finding| workspace.is_in_focus(finding);
    let may_change = |file: FileId| {
        let is_declaration = workspace.files.contains(&file) && workspace.is_file_in_focus(file);
        // the text of what is not UTF-8 is not what was written
        let is_text = workspace.sources.get(file).is_some_and(|source| source.invalid_utf8().is_none());
        is_declaration && is_text && workspace.stdin.map_or(workspace.passed_on.is_none(), |stdin| stdin == file)
    };
    let wanted = Wanted { authoritative: args.authoritative, is_in_focus: &is_in_focus, may_change: &may_change };
    engine.fix(workspace, day, report, &wanted)
}

/// Prints what would change, or writes it to a file, and says what would not.
pub(super) fn show(
    (fixed, workspace): (&Fixed, &Workspace),
    outputs: &Outputs,
    could_judge: bool,
    context: &mut Context<'_, '_>,
) -> Result<u8, Failure> {
    let (prefix, place) = counted_from(&workspace.root, context.env.current());
    let patch_of = |(file, text): (&FileId, &Arc<str>)| {
        let old = workspace.sources.get(*file).map(Source::text).unwrap_or_default();
        patch::unified(&format!("{prefix}{}", workspace.sources.path(*file)), &old, text)
    };
    let patch: String = fixed.texts.iter().map(patch_of).collect();
    match outputs.paths().next() {
        Some(path) => output::to_file(path, |out| out.write_all(patch.as_bytes()))?,
        None => print(&patch, context)?,
    }
    tell(fixed.refused(), "not fixed", workspace, context);
    tell_unfinished(fixed, context);
    if let Some(place) = place.filter(|_| !fixed.texts.is_empty()) {
        let color = output::stderr_options(context).color;
        let message = format!("the patch names files from `{place}` on, which is where it can be applied");
        output::complain(context.streams.stderr, "note", &message, None, color);
    }
    Ok(match fixed.texts.is_empty() {
        _ if !could_judge => COULD_NOT_JUDGE,
        true => CLEAN,
        false => FINDINGS,
    })
}

/// What stands before the paths of a patch, so that it can be applied in the folder of the command; and where it has to be applied
/// where that folder lies in the workspace, because no patch leads out of where it is applied.
fn counted_from(root: &Path, current: &Path) -> (String, Option<String>) {
    let current = fs::canonicalize(current).unwrap_or_else(|_| current.to_owned());
    match (root.strip_prefix(&current), current.strip_prefix(root)) {
        (Ok(below), _) => (below.components().map(|part| format!("{}/", part.as_os_str().display())).collect(), None),
        (_, Ok(above)) => (String::new(), Some(vec![".."; above.components().count()].join("/"))),
        _ => (String::new(), Some(root.display().to_string())),
    }
}

/// Prints a patch. It says what a file holds, byte for byte, so what it cannot say to its reader is kept from it in other ways.
fn print(patch: &str, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    let shown = match context.env.ci {
        _ if context.streams.stdout_is_terminal => patch::on_terminal(patch),
        Some(ci) if patch::gives_orders(patch) => match ci {
            Ci::Github => patch::unheard_by_github(patch),
            // there is no word for them to obey nothing that a patch could not take back
            Ci::Azure | Ci::Teamcity => {
                return Err(Failure::Unanswered {
                    message: format!("the patch has a line that {} would take for an order", ci.as_str()),
                    help: "write it to a file: `--diff --output-file fixes.patch`".to_owned(),
                });
            }
        },
        _ => patch.to_owned(),
    };
    output::to_stdout(context, |out| out.write_all(shown.as_bytes()))
}

/// Writes the files that changed, and says what was done. Gives the reports that are still to be written: where the text of
/// standard input goes to standard output, what was meant for it goes to standard error.
pub(super) fn carry_out(
    fixed: &Fixed,
    workspace: &Workspace,
    outputs: Outputs,
    context: &mut Context<'_, '_>,
) -> Result<Outputs, Failure> {
    let mut written = BTreeSet::new();
    let texts = || fixed.texts.iter().filter(|(file, _)| Some(**file) != workspace.stdin);
    // one that must not be written is seen before another is
    for (file, _) in texts() {
        let shown = workspace.sources.path(*file);
        let failed = |error: io::Error| Failure::Output { path: shown.to_owned(), error };
        output::writable(&workspace.root.join(shown)).map_err(failed)?;
    }
    for (file, text) in texts() {
        if let Err(failure) = write(*file, text, workspace) {
            // whoever tidies up has to know what was changed
            tell(fixed.applied().filter(|attempt| written.contains(&attempt.file)), "fixed", workspace, context);
            return Err(failure);
        }
        written.insert(*file);
    }
    tell(fixed.applied(), "fixed", workspace, context);
    tell(fixed.refused(), "not fixed", workspace, context);
    tell_unfinished(fixed, context);
    if let Some(bytes) = &workspace.passed_on {
        output::to_stdout(context, |out| out.write_all(bytes))?;
        return Ok(outputs.on_stderr());
    }
    let Some(stdin) = workspace.stdin else { return Ok(outputs) };
    if let Some(at) = workspace.sources.get(stdin).and_then(Source::invalid_utf8) {
        return Err(Failure::Unanswered {
            message: format!(
                "standard input is not UTF-8 from byte {at} on, so nothing was fixed and nothing is given back"
            ),
            help: "convert it to UTF-8 first; without `--fix` it is only judged".to_owned(),
        });
    }
    let text = fixed.sources.get(stdin).map(Source::text).unwrap_or_default();
    output::to_stdout(context, |out| out.write_all(text.as_bytes()))?;
    Ok(outputs.on_stderr())
}

/// Puts a new text in the place of the one that was judged, whole or not at all.
fn write(file: FileId, text: &str, workspace: &Workspace) -> Result<(), Failure> {
    let shown = workspace.sources.path(file);
    let path = workspace.root.join(shown);
    let failed = |error: io::Error| Failure::Output { path: shown.to_owned(), error };
    let real = fs::canonicalize(&path).map_err(failed)?;
    if !real.starts_with(&workspace.root) {
        return Err(Failure::LeavesRoot { path: shown.to_owned(), root: workspace.root.display().to_string() });
    }
    let judged = workspace.sources.get(file).map(Source::text).unwrap_or_default();
    // whoever edits the file while it is judged keeps the edit
    let mut edited = false;
    let against = || {
        let now = discover::read(&real, judged.len()).map_err(|error| io::Error::other(error.to_string()))?;
        edited = now != judged.as_bytes();
        if edited { Err(io::Error::other("it was changed")) } else { Ok(()) }
    };
    match output::to_file_unless(&real, |out| out.write_all(text.as_bytes()), against) {
        Err(_) if edited => Err(Failure::Unanswered {
            message: format!("`{shown}` was changed while it was judged, so it was not overwritten"),
            help: "run the command again".to_owned(),
        }),
        Err(Failure::Output { error, .. }) => Err(failed(error)),
        written => written,
    }
}

fn tell<'f>(
    attempts: impl Iterator<Item = &'f Attempt>,
    kind: &str,
    workspace: &Workspace,
    context: &mut Context<'_, '_>,
) {
    let color = output::stderr_options(context).color;
    for attempt in attempts.filter(|_| !context.global.quiet) {
        let Attempt { rule, title, file, line, refused } = attempt;
        let why = refused.as_deref().map(|why| format!("; {why}")).unwrap_or_default();
        let message = format!("{}:{line}: {title} ({rule}){why}", workspace.sources.path(*file));
        output::complain(context.streams.stderr, kind, &message, None, color);
    }
}

fn tell_unfinished(fixed: &Fixed, context: &mut Context<'_, '_>) {
    if fixed.unfinished {
        let color = output::stderr_options(context).color;
        // what was taken back would be tried before the others once more
        let help = match fixed.refused().next() {
            Some(_) => "repair by hand what was not fixed, then run the command again for the others",
            None => "run the command again for the others",
        };
        output::complain(context.streams.stderr, "warning", "not all fixes were tried", Some(help), color);
    }
}
