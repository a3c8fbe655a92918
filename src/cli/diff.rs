//! `purposelint diff`: what changes for people from one revision to the next, and what is to be said of it.

use std::path::PathBuf;

use clap::Args;

use super::failure::{self, Failure};
use super::formats::{FormatArgs, Outputs, What};
use super::sides::{self, Named, Sides};
use super::workspace::{Engine, Input, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Context, FINDINGS, NOTHING_CHECKED, check, output, shown};
use crate::diagnostic::Severity;
use crate::git::{self, Repository};
use crate::lint::{Comparison, Skipped};
use crate::project::Earlier;
use crate::report::{self, Run};
use crate::space::Date;

const EXAMPLES: &str = "\
Examples:
  purposelint diff main                  what this branch changes
  purposelint diff HEAD                  what is changed and not yet committed
  purposelint diff HEAD --against index  what is staged, before a commit
  purposelint diff --hook --allow-empty  in a hook: what is committed or pushed
  purposelint diff v1.4 --exact --against v1.5
  purposelint diff ../release-1.4        another folder
  purposelint diff release-1.4.tar.gz    an archive: .tar, .tar.gz or .zip
  purposelint diff main --format markdown --output-file comment.md

What is compared are effective values, for each place, age and plan: what people
get, not how it is written. Each change is weaker for the person, stronger,
neutral, or unclear; what is weaker fails the run unless a waiver in
purposelint.yaml names its fingerprint under `change`. Rules about changes judge
the step as well.

BASE is a branch, a tag or a commit. Where it is not a part of the history of
what is compared, the commit at which both parted stands in for it, so that what
has changed on BASE since is no change of this branch; `--exact` takes BASE
itself.

Exit codes:
  0  nothing gets worse that was not approved
  1  findings at or above `--fail-on` (default: error)
  2  could not compare: wrong usage, no such revision, a file that cannot be
     read
  3  nothing is declared: on neither side, or not any longer";

/// What to do where nothing of this state is wrong, and what was committed before it is.
const BEYOND_REPAIR: &str = "nobody can edit what was committed, and this change repairs it or takes it out: have it approved without \
    this gate, and compare again from the next commit on";

/// Show what changes for people since another revision, and fail on what gets worse
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint diff --help`", after_long_help = EXAMPLES)]
pub(super) struct DiffArgs {
    /// What to compare with: a branch, a tag, a commit, or a folder or an archive with another state of the workspace
    #[arg(value_name = "BASE", required_unless_present = "hook")]
    base_revision: Option<String>,
    /// For a hook of pre-commit or prek: what is pushed or named by `--from-ref` and `--to-ref`, else what is staged
    #[arg(long, conflicts_with_all = ["base_revision", "against", "exact"])]
    hook: bool,
    /// What is compared: `working-tree`, `index` for what is staged, or a branch, a tag, a commit, a folder, an archive
    #[arg(long, value_name = "STATE", default_value = sides::WORKING_TREE)]
    against: String,
    /// Compare with BASE itself, not with the commit at which its history and this one parted
    #[arg(long)]
    exact: bool,
    /// Compare as of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    #[command(flatten)]
    output: FormatArgs,
    /// The least severity that fails the run; default: `fail_on` of the config, else error
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warning", "info"])]
    fail_on: Option<String>,
    /// Approve nothing: no waiver counts
    #[arg(long)]
    no_suppressions: bool,
    /// End with 0 where neither side has declarations, and say so: for hooks and jobs that run everywhere. Where there are none
    /// any longer the run ends with 3 all the same
    #[arg(long)]
    allow_empty: bool,
    /// Read this config in place of the workspace's, on both sides
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Build on this config, whatever the workspace's says
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Read packs from this folder in place of the built-in ones of the same name; may be repeated
    #[arg(long, value_name = "DIR")]
    packs: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &DiffArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let day = args.as_of.unwrap_or(context.today);
    let outputs = Outputs::new(&args.output, None, context)?;
    let input = Input {
        paths: Vec::new(),
        stdin_filename: None,
        config: args.config.clone(),
        base: args.base.clone(),
        packs: args.packs.clone(),
    };
    let (base, against) = states(args, context)?;
    let named = Named { base: base.as_deref(), against: &against, exact: args.exact, input };
    let Sides { mut workspace, earlier, compared, unpacked: _unpacked } = sides::read(&named, context)?;
    for side in [&workspace, &earlier] {
        output::spare_sources(outputs.paths(), side, context)?;
    }
    workspace.strict = args.no_suppressions;
    let had_none = earlier.files.is_empty();
    let earlier = Earlier::beside(&mut workspace, &earlier, &sides::label(&compared));
    let engine = Engine::load(&mut workspace, &args.packs, context.env.current(), day)?;
    let mut comparison = engine.compare(&workspace, &earlier, day);
    comparison.report.compared = Some(compared);
    comparison.report.checked.notes.extend(engine.notes.iter().cloned());
    comparison.report.checked.skipped.extend(workspace.skipped.iter().cloned());
    if let Some(changes) = &mut comparison.report.checked.changes {
        changes.lost += workspace.lost.len() + earlier.lost.len();
        comparison.report.checked.skipped.extend(earlier.lost.iter().cloned());
    }
    let lost = tell_lost(&comparison, (&workspace, &earlier), context);
    let Comparison { unread, left_out, report, .. } = &mut comparison;
    report.checked.lose([&*unread, &*left_out, &workspace.lost, &earlier.lost].into_iter().flatten().cloned());
    let has_none = workspace.files.is_empty();
    let idle = tell_empty(args, &comparison, (had_none, has_none), context);
    let fail_on = args.fail_on.as_deref().and_then(Severity::parse).unwrap_or_else(|| workspace.config.fail_on());
    let open = comparison.report.found().filter(|finding| finding.is_open());
    let code = match open.map(|finding| finding.severity).max() {
        _ if lost => COULD_NOT_JUDGE,
        Some(worst) if worst >= fail_on => FINDINGS,
        // that nothing is declared any longer is no good news: nobody says what is done
        _ if !idle.is_empty() => NOTHING_CHECKED,
        _ => CLEAN,
    };
    let prefix = workspace.repository_prefix();
    let run = Run { library: &engine.library, exit_code: code, idle: &idle, may_be_idle: false };
    let failures = outputs.write(had_none && has_none, context, &|what, options, out| {
        let options = report::Options { fail_on, repository_prefix: prefix.clone(), ..options };
        match what {
            What::Report(format) => {
                report::changes::render(format, &comparison, &workspace.sources, &run, &options, out)
            }
            What::Missing(_) => Ok(()),
        }
    });
    failures.iter().for_each(|failure| failure::print(failure, context));
    tell_left_out(&comparison, (&workspace, &earlier), &outputs, context);
    Ok(if failures.is_empty() { code } else { COULD_NOT_JUDGE })
}

/// The states that are compared. Before the first commit of a branch there is nothing, and a hook has everything to look at.
fn states(args: &DiffArgs, context: &Context<'_, '_>) -> Result<(Option<String>, String), Failure> {
    if let (false, Some(base)) = (args.hook, &args.base_revision) {
        return Ok((Some(base.clone()), args.against.clone()));
    }
    if let Some((from, to)) = &context.env.pushed {
        return Ok((Some(from.clone()), to.clone()));
    }
    let base = match Repository::open(context.env.current())?.resolve("HEAD") {
        Err(git::Error::Unborn(_)) => None,
        resolved => Some(resolved?.name),
    };
    Ok((base, sides::INDEX.to_owned()))
}

/// Says what no report that was written has a place for; what could not be compared was told.
fn tell_left_out(
    comparison: &Comparison,
    (workspace, earlier): (&Workspace, &Earlier),
    outputs: &Outputs,
    context: &mut Context<'_, '_>,
) {
    if !outputs.has_summary() {
        check::tell_notes(&comparison.report.checked.notes, context);
    }
    if context.global.quiet || !outputs.leave_out_skipped() {
        return;
    }
    let told = [&workspace.lost, &earlier.lost, &comparison.unread, &comparison.left_out];
    let is_new = |skipped: &&Skipped| !told.iter().any(|told| told.contains(skipped));
    let checked = &comparison.report.checked;
    shown::tell_skipped(checked, checked.skipped.iter().filter(is_new), context);
}

/// Says what could not be compared, on either side. Gives whether there is something.
fn tell_lost(
    comparison: &Comparison,
    (workspace, earlier): (&Workspace, &Earlier),
    context: &mut Context<'_, '_>,
) -> bool {
    let unread: Vec<_> = comparison.unread.iter().chain(&comparison.left_out).chain(&earlier.lost).cloned().collect();
    let is_lost = !unread.is_empty() || !workspace.lost.is_empty();
    // a folder can be repaired, and what was committed cannot
    let is_committed = comparison.report.compared.as_ref().is_some_and(|compared| !compared.revision.is_empty());
    if is_lost && is_committed && comparison.is_sound_now && workspace.lost.is_empty() {
        check::tell_lost_with(BEYOND_REPAIR, workspace, &unread, context);
    } else if is_lost {
        check::tell_lost(workspace, &unread, context);
    }
    is_lost
}

/// Says that there is nothing before, after, or on both sides: then everything is new or gone, or nothing was compared. Gives why
/// the run had nothing to judge; that there never was anything can be allowed, that it was taken out cannot.
fn tell_empty(
    args: &DiffArgs,
    comparison: &Comparison,
    (had_none, has_none): (bool, bool),
    context: &mut Context<'_, '_>,
) -> Vec<String> {
    let name = comparison.report.compared.as_ref().map(|compared| compared.name.clone()).unwrap_or_default();
    let color = output::stderr_options(context).color;
    let mut tell = |kind, message: &str, help| output::complain(context.streams.stderr, kind, message, help, color);
    match (had_none, has_none) {
        (false, false) => Vec::new(),
        (true, false) => {
            tell("note", &format!("{name} has no declarations, so everything is new"), None);
            Vec::new()
        }
        (true, true) => {
            let reason = format!("nothing was compared: neither {name} nor this state has declarations");
            let kind = if args.allow_empty { "note" } else { "error" };
            tell(kind, &reason, None);
            if args.allow_empty { Vec::new() } else { vec![reason] }
        }
        (false, true) => {
            let reason = "this state has no declarations any longer, so nothing is known of what it does".to_owned();
            let help = "say of each purpose that has stopped since when, with `ended`, rather than delete it";
            tell("error", &reason, Some(help));
            vec![reason]
        }
    }
}
