//! `purposelint check`: judge the declarations of a workspace and report.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::Args;

use super::failure::{self, Failure};
use super::fixing::{self, FixArgs};
use super::formats::{FormatArgs, Outputs};
use super::replay::Replay;
use super::shown::Shown;
use super::since::Before;
use super::workspace::{self, Engine, Input, Reading, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Context, FINDINGS, NOTHING_CHECKED, cache, output, progress, staged};
use crate::diagnostic::Severity;
use crate::discover::Files;
use crate::evaluate::{Finding, Outcome, SuppressedBy};
use crate::lint::{Checked, Report, Skipped};
use crate::policy::{Library, Rule};
use crate::project::{Empty, locked};
use crate::report::{self, Run};
use crate::space::Date;
use crate::suggest;
use crate::suppress::is_reading;

const EXAMPLES: &str = "\
Examples:
  purposelint check                         the workspace of this folder
  purposelint check services/feed           read it all, report on one folder
  purposelint check --format json --output-file report.json
  purposelint check --format sarif=report.sarif --format gitlab=report.json
  purposelint check --as-of 2027-01-01 --fail-on-upcoming
  purposelint check --missing               the facts nobody declared
  purposelint check --missing=markdown --output-file missing.md
  purposelint check --missing=yaml          the same as a stub to fill in
  purposelint check --since origin/main...  what this branch adds
  purposelint check --staged --force-exclude FILE... in a hook, before a commit
  purposelint check --diff                  what `--fix` would change
  purposelint check --fix                   repair what is a matter of form
  purposelint check --fix --authoritative   let defaults follow the product
  purposelint check --exit-zero --format json
                                            report, and let the next step run
  git show :purposes.yaml | purposelint check --stdin-filename purposes.yaml -

Declarations are files named purposes.yaml or *.purposes.yaml, those that
`include` in purposelint.yaml adds, and every file that is named. The root of
the workspace is the nearest folder with a purposelint.yaml, else the git root,
else the folder of the named file.

`--since REV` compares with exactly REV. What was mended on REV after a branch
left it would then count as news of the branch, so on a branch write `REV...`. A
finding is the same if it is about the same rule, subject and people, wherever
its line went.

Exit codes:
  0  nothing was found that fails a run
  1  findings at or above `--fail-on` (default: error); 0 with `--exit-zero`
  2  could not judge: wrong usage, a broken config or pack, an unreadable file
  3  nothing was checked: no declarations, or no rule that applies";

/// Judge declarations and report what is flagged
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint check --help`", after_long_help = EXAMPLES)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    input: Input,
    /// Judge as of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    #[command(flatten)]
    output: FormatArgs,
    /// Write the facts that are not declared in place of the report: `--missing` as a list, `--missing=markdown` as one to
    /// hand round and tick off, `--missing=yaml` as a stub to fill in, in which every key is an error until it has a value
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "human",
        value_parser = missing_formats(), conflicts_with = "format")]
    missing: Option<String>,
    /// The least severity that fails the run; default: `fail_on` of the config, else error
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warning", "info"])]
    fail_on: Option<String>,
    /// Report nothing as more severe than this, for a gradual start; locked rules keep their severity
    #[arg(long, value_name = "SEVERITY", value_parser = ["warning", "info"])]
    cap: Option<String>,
    /// Count only findings that this revision of git did not have: a branch, a tag or a commit. `REV...` stands for the last
    /// commit that REV and HEAD share. Both are judged with the rules and the config of this run
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Judge what is staged: read everything from git's index, not from the disk
    #[arg(long, conflicts_with = "stdin_filename")]
    staged: bool,
    #[command(flatten)]
    fixing: FixArgs,
    /// Leave out what `exclude` of the config names even if it is named here, as hooks do
    #[arg(long)]
    force_exclude: bool,
    /// Show what comments, the baseline and `--since` accept as well; what a waiver accepts is shown in any case
    #[arg(long)]
    show_suppressed: bool,
    /// Accept nothing: no comment, no waiver, no baseline
    #[arg(long)]
    no_suppressions: bool,
    /// Give what is not yet true but soon will be its full severity
    #[arg(long)]
    fail_on_upcoming: bool,
    /// End with 0 where there are no declarations, and say so: for hooks and jobs that run everywhere
    #[arg(long)]
    allow_empty: bool,
    /// End with 0 where findings would end with 1, so that a later step of a pipeline runs; 2 and 3 stay, and a file that
    /// cannot be read ends with 2
    #[arg(long)]
    exit_zero: bool,
    /// Judge everything anew and keep nothing; what is reported is the same. See `purposelint cache`
    #[arg(long)]
    no_cache: bool,
}

fn missing_formats() -> clap::builder::PossibleValuesParser {
    report::missing::Format::ALL.map(report::missing::Format::as_str).into()
}

/// A format of `--missing` that was written apart from it is taken for a path, and there is none of that name.
fn apart_from_its_option(args: &CheckArgs, failure: Failure) -> Failure {
    match failure {
        Failure::Missing { path, .. } if args.missing.is_some() && report::missing::Format::parse(&path).is_some() => {
            let help = format!("write `--missing={path}`: the format is joined to the option");
            Failure::Missing { path, help }
        }
        failure => failure,
    }
}

/// Runs the command.
pub(super) fn run(args: &CheckArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let clock = progress::Clock::start();
    let missing = args.missing.as_deref().map(|word| report::missing::Format::parse(word).unwrap_or_default());
    args.fixing.check()?;
    let mut outputs = Outputs::new(&args.output, missing, context)?;
    let files = if args.staged { staged::files(&args.input, context)? } else { Files::Disk };
    let cache = if args.no_cache { None } else { cache::place(context) };
    // what is to be repaired is repaired in the text that was judged
    let rereads = !args.fixing.is_asked_for();
    let reading = Reading { files, force_exclude: args.force_exclude, cache, rereads };
    let read = workspace::read_from(&args.input, reading, context);
    let mut workspace = read.map_err(|failure| apart_from_its_option(args, failure))?;
    workspace.config.fail_on_upcoming = args.fail_on_upcoming;
    workspace.config.cap = args.cap.as_deref().and_then(Severity::parse);
    workspace.strict = args.no_suppressions;
    if !workspace.strict {
        workspace.read_baseline()?;
    }
    let before = args.since.as_deref().map(|name| Before::read(name, &mut workspace)).transpose()?.flatten();
    let day = args.as_of.unwrap_or(context.today);
    let engine = Engine::load_at_a_glance(&mut workspace, &args.input.packs, context.env.current(), day)?;
    output::spare_sources(outputs.paths(), &workspace, context)?;
    let is_alone = !args.fixing.is_asked_for() && args.since.is_none() && !args.staged;
    let replay = if is_alone { Replay::of(args, &outputs, (&workspace, &engine, day), context) } else { None };
    let is_unchanged = workspace.sources.changed().next().is_none();
    if let Some(code) = replay.as_ref().filter(|_| is_unchanged).and_then(|replay| replay.say(context)) {
        // as at the end
        std::mem::forget(engine);
        return Ok(code);
    }
    let (mut engine, mut report, is_as_it_seemed) = judge(args, engine, &mut workspace, day, clock, context)?;
    report.checked.notes = engine.notes.clone();
    if let Some(before) = before {
        before.compare((&mut report, &workspace), (&engine, day), clock, context);
    }
    if args.fixing.is_asked_for() {
        keep(&workspace, context);
        // what could not be read may hold the other half of a service
        let could_judge = !args.fixing.diff || !could_not_judge(&report, (&workspace, &engine.library), context);
        let folder = context.env.current();
        let load = |workspace: &mut Workspace| Engine::load(workspace, &args.input.packs, folder, day);
        let (judged_with, fixed) = fixing::run(&args.fixing, (engine, report), (&mut workspace, day), load)?;
        engine = judged_with;
        if args.fixing.diff {
            return fixing::show((&fixed, &workspace), &outputs, could_judge, context);
        }
        outputs = fixing::carry_out(&fixed, &workspace, outputs, context)?;
        report = Report { checked: Checked { notes: engine.notes.clone(), ..fixed.report.checked }, ..fixed.report };
        workspace.sources = fixed.sources;
    }
    let finish = |context: &mut Context<'_, '_>| finish(args, &outputs, (&workspace, &engine), report, context);
    // packs were read once more, and may be others by now
    let code = match replay.filter(|_| is_as_it_seemed) {
        Some(replay) => replay.keep(context, finish),
        None => finish(context),
    };
    if !args.fixing.is_asked_for() {
        keep(&workspace, context);
    }
    // the process ends here, and taking apart rule after rule would cost more than reading a small file
    std::mem::forget(engine);
    code
}

/// Leaves to other runs what this one has found out: not of a text that was another when it was read again.
fn keep(workspace: &Workspace, context: &mut Context<'_, '_>) {
    if workspace.sources.changed().next().is_none() {
        cache::keep(workspace.kept.as_deref(), context);
    }
}

/// Judges a workspace by the laws that it seems to come under, which the engine has, so that nothing is read twice; and where it comes
/// under others, once it is read, by those. Says whether it was as it seemed.
fn judge(
    args: &CheckArgs,
    engine: Engine,
    workspace: &mut Workspace,
    day: Date,
    clock: progress::Clock,
    context: &mut Context<'_, '_>,
) -> Result<(Engine, Report, bool), Failure> {
    let files = workspace.files.len();
    let report = progress::watched(clock, files, context, |progress| engine.lint_watched(workspace, day, progress));
    if !report.seemed_otherwise {
        return Ok((engine, report, true));
    }
    let right = Engine::load(workspace, &args.input.packs, context.env.current(), day)?;
    if right.choices == engine.choices {
        return Ok((right, report, false));
    }
    drop((engine, report));
    let report = progress::watched(clock, files, context, |progress| right.lint_watched(workspace, day, progress));
    Ok((right, report, false))
}

/// Tells people what has less effect than it seems to have, unless they want to hear of findings only.
pub(super) fn tell_notes(notes: &[Skipped], context: &mut Context<'_, '_>) {
    let color = output::stderr_options(context).color;
    for Skipped { what, reason } in notes.iter().filter(|_| !context.global.quiet) {
        output::complain(context.streams.stderr, "warning", &format!("{what}: {reason}"), None, color);
    }
}

/// Narrows the report, writes it, and says how the run ends.
fn finish(
    args: &CheckArgs,
    outputs: &Outputs,
    (workspace, engine): (&Workspace, &Engine),
    mut report: Report,
    context: &mut Context<'_, '_>,
) -> Result<u8, Failure> {
    let library: &Library = &engine.library;
    narrow(&mut report, workspace);
    let uncapped = locked::uncapped(&workspace.config, &report);
    report.checked.notes.extend(uncapped);
    let could_not_judge = could_not_judge(&report, (workspace, library), context);
    let reasons = idle(&report, (workspace, engine));
    let unread = args.exit_zero && has_unread(&report, workspace);
    let unread_files = if unread { unread_files(&report, workspace) } else { Vec::new() };
    if unread && !could_not_judge {
        let color = output::stderr_options(context).color;
        for Skipped { what, reason } in &unread_files {
            output::complain(context.streams.stderr, "error", &format!("{what}: {reason}"), None, color);
        }
        let help = Some(
            "`--exit-zero` lets findings through, but no file that nobody could read; repair it or leave it out with `exclude`",
        );
        output::complain(context.streams.stderr, "error", "not everything could be judged", help, color);
    }
    let lost = lost(&report, (workspace, library));
    report.checked.lose(lost.into_iter().chain(unread_files));
    let may_be_empty = args.allow_empty && is_empty(workspace);
    let ending = Ending {
        could_not_judge: could_not_judge || unread,
        worst: report.found().filter(|finding| finding.is_open()).map(|finding| finding.severity).max(),
        fail_on: fail_on(args, workspace),
        nothing_checked: !reasons.is_empty() && !may_be_empty,
        exit_zero: args.exit_zero,
    };
    let code = exit_code(&ending);
    let tells_idle = code == NOTHING_CHECKED || !workspace.empty.is_empty() || may_be_empty;
    let told: Vec<String> = reasons.iter().map(|idle| idle.message.clone()).collect();
    let shown = Shown {
        workspace,
        report: &report,
        run: Run { library, exit_code: code, idle: if tells_idle { &told } else { &[] }, may_be_idle: may_be_empty },
        show_suppressed: args.show_suppressed,
        fail_on: ending.fail_on,
    };
    if !outputs.has_summary() || shown.is_silent() {
        tell_notes(&report.checked.notes, context);
    }
    let failures = shown.write(outputs, context);
    failures.iter().for_each(|failure| failure::print(failure, context));
    if tells_idle {
        tell_idle(if may_be_empty { "note" } else { "error" }, &reasons, workspace, context);
    }
    shown.tell_left_out(outputs, context);
    if args.missing.is_some() {
        shown.tell_accepted(context);
        shown.tell_failing(context);
    }
    if args.staged {
        staged::tell_unstaged(&report, workspace, context);
    }
    let is_changed = tell_changed(workspace, context);
    // the program is about to end; to free the texts of thousands of findings one by one would take a tenth of a short run
    std::mem::forget(report);
    Ok(if failures.is_empty() && !is_changed { code } else { COULD_NOT_JUDGE })
}

/// What is said of a file that is no longer what was judged.
const CHANGED: &str = "it was changed while it was judged";

/// Whether files were written while they were judged. Says which: nobody knows what a report says of them.
fn tell_changed(workspace: &Workspace, context: &mut Context<'_, '_>) -> bool {
    let color = output::stderr_options(context).color;
    let mut is_changed = false;
    for source in workspace.sources.changed() {
        is_changed = true;
        let message = format!("{}: {CHANGED}", source.path());
        output::complain(context.streams.stderr, "error", &message, Some("run the command again"), color);
    }
    is_changed
}

/// Whether something was not judged that had to be. Says what.
pub(super) fn could_not_judge(
    report: &Report,
    (workspace, library): (&Workspace, &Library),
    context: &mut Context<'_, '_>,
) -> bool {
    let hidden = unsaid(report, (workspace, library));
    let is_changed = workspace.sources.changed().next().is_some();
    if workspace.lost.is_empty() && report.refused.is_empty() && hidden.is_empty() {
        return is_changed;
    }
    if !report.refused.is_empty() {
        let options = output::stderr_options(context);
        let _written = report::diagnostics(&report.refused, &workspace.sources, &options, context.streams.stderr);
    }
    tell_lost(workspace, &hidden, context);
    true
}

/// Everything for which a run ends with 2, whether it could be read or not.
fn lost(report: &Report, (workspace, library): (&Workspace, &Library)) -> Vec<Skipped> {
    let refused: BTreeSet<&str> =
        report.refused.iter().map(|refused| workspace.sources.path(refused.primary.span.file)).collect();
    let refused = report.checked.skipped.iter().filter(|skipped| refused.contains(&*skipped.what)).cloned();
    let changed = workspace
        .sources
        .changed()
        .map(|source| Skipped { what: source.path().to_owned(), reason: CHANGED.to_owned() });
    let unsaid = unsaid(report, (workspace, library));
    workspace.lost.iter().cloned().chain(unsaid).chain(refused).chain(changed).collect()
}

/// What was read and not judged, though it had to be, and no error of the report says so.
fn unsaid(report: &Report, (workspace, library): (&Workspace, &Library)) -> Vec<Skipped> {
    let mut unsaid = hidden_files(report, workspace);
    let hidden: BTreeSet<String> = unsaid.iter().map(|hidden| hidden.what.clone()).collect();
    unsaid.extend(lowered(report, (workspace, library)).into_iter().filter(|lowered| !hidden.contains(&lowered.what)));
    unsaid
}

/// The least severity that fails the run.
fn fail_on(args: &CheckArgs, workspace: &Workspace) -> Severity {
    args.fail_on.as_deref().and_then(Severity::parse).unwrap_or_else(|| workspace.config.fail_on())
}

/// Whether a file could not be read whole: what `--exit-zero` lets through are findings, not what nobody judged.
pub(super) fn has_unread(report: &Report, workspace: &Workspace) -> bool {
    !unread_files(report, workspace).is_empty()
}

fn unread_files(report: &Report, workspace: &Workspace) -> Vec<Skipped> {
    let files: BTreeSet<&str> = workspace.files.iter().map(|file| workspace.sources.path(*file)).collect();
    report.checked.skipped.iter().filter(|skipped| files.contains(&*skipped.what)).cloned().collect()
}

/// What was not judged and is no error all the same, because the config or the command line made less of it: by file.
fn lowered(report: &Report, (workspace, library): (&Workspace, &Library)) -> Vec<Skipped> {
    // what lies ahead is no error yet, and judged on its day
    let is_lower = |finding: &&Finding| finding.severity < Severity::Error && finding.counts_from.is_none();
    let is_unjudged = |finding: &Finding, rule: &Rule| match &finding.suppressed {
        None => rule.leaves_unjudged(),
        // nobody knows what the waiver of an unread declaration accepts
        Some(suppressed) => suppressed.by == SuppressedBy::Waiver && is_reading(rule),
    };
    let mut rules: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in report.found().filter(is_lower) {
        if library.rule(&finding.rule).is_some_and(|rule| is_unjudged(finding, rule)) {
            rules.entry(workspace.sources.path(finding.primary.span.file)).or_default().insert(&finding.rule);
        }
    }
    let tell = |(path, rules): (&str, BTreeSet<&str>)| {
        let rules: Vec<&str> = rules.into_iter().collect();
        let verb = if rules.len() == 1 { "flags" } else { "flag" };
        let reason = format!("what {} {verb} was not judged, and is no error here", suggest::list(&rules));
        Skipped { what: path.to_owned(), reason }
    };
    rules.into_iter().map(tell).collect()
}

/// Files that could not be read whole and that no error of the report names: the config turned it off, or it stands outside
/// what was named. What is missing from them may be a part of any service.
fn hidden_files(report: &Report, workspace: &Workspace) -> Vec<Skipped> {
    let errors = report.found().filter(|finding| finding.severity == Severity::Error && finding.is_open());
    let named: BTreeSet<&str> = errors
        .filter(|finding| finding.rule.starts_with("core/"))
        .map(|finding| workspace.sources.path(finding.primary.span.file))
        .collect();
    let files: BTreeSet<&str> = workspace.files.iter().map(|file| workspace.sources.path(*file)).collect();
    let refused =
        |what: &str| report.refused.iter().any(|refused| workspace.sources.path(refused.primary.span.file) == what);
    let broken = report.checked.skipped.iter();
    let broken = broken.filter(|skipped| files.contains(&*skipped.what) && !refused(&skipped.what));
    broken.filter(|skipped| !named.contains(&*skipped.what)).cloned().collect()
}

fn narrow(report: &mut Report, workspace: &Workspace) {
    let all = std::mem::take(&mut report.findings);
    let (here, elsewhere): (Vec<_>, Vec<_>) = all.into_iter().partition(|finding| workspace.is_in_focus(finding));
    report.findings = here;
    if !elsewhere.is_empty() {
        let is_error = |finding: &&Arc<Finding>| finding.is_open() && finding.severity == Severity::Error;
        let errors = match elsewhere.iter().filter(is_error).count() {
            0 => String::new(),
            1 => ", 1 of them an error".to_owned(),
            errors => format!(", {errors} of them errors"),
        };
        let noun = if elsewhere.len() == 1 { "finding" } else { "findings" };
        let reason = "the report is about what was named".to_owned();
        let what = format!("{} {noun} in other files{errors}", elsewhere.len());
        report.checked.skipped.push(Skipped { what, reason });
    }
    let undetermined =
        |finding: &&crate::evaluate::Finding| finding.outcome == Outcome::Undetermined && finding.is_open();
    report.checked.undetermined = report.found().filter(undetermined).count();
    report.checked.skipped.extend(workspace.skipped.iter().cloned());
}

/// Whether there is nothing to judge because nothing is declared, in the workspace or in what was named.
fn is_empty(workspace: &Workspace) -> bool {
    workspace.files.is_empty() || !workspace.empty.is_empty()
}

/// Why nothing was checked.
struct Idle {
    /// A sentence.
    message: String,
    /// The way out, where it is not the usual one.
    help: Option<String>,
}

impl Idle {
    fn because(reason: &str) -> Self {
        Self { message: format!("nothing was checked: {reason}"), help: None }
    }
}

/// Why nothing was checked, or some of what was named was not; empty if all was.
fn idle(report: &Report, (workspace, engine): (&Workspace, &Engine)) -> Vec<Idle> {
    // whoever asks to leave out what is named has seen it coming: a hook is not to stop a commit of such files
    if workspace.all_left_out {
        return Vec::new();
    }
    let names = "files named purposes.yaml or *.purposes.yaml";
    let names = match workspace.config.exclude.as_slice() {
        [] => names.to_owned(),
        _ => format!("{names}, unless `exclude` in purposelint.yaml leaves them out"),
    };
    let place = match workspace.from {
        Files::Disk | Files::Edited(_) => "",
        Files::Git(_) => "git's index of ",
    };
    if !workspace.empty.is_empty() {
        return workspace.empty.iter().map(|empty| idle_folder(empty, workspace, (place, &names))).collect();
    }
    if workspace.files.is_empty() {
        let reason = format!("no declarations in {place}{} ({names})", workspace.root.display());
        return vec![Idle::because(&reason)];
    }
    let named = workspace.files_in_focus();
    // a purpose that is not carried out was judged: nothing is done that a rule could be against
    match (report.checked.purposes, report.checked.rules + report.checked.spared) {
        (0, _) => vec![Idle::because("no purpose is declared")],
        (_, 0) if !report.checked.off.is_empty() => {
            vec![Idle::because("none of the rules that are switched on applies to the purposes that are declared")]
        }
        (_, 0) => vec![Idle::because("no rule applies to the purposes that are declared")],
        _ if !named.is_empty() && !engine.judges(&named) => {
            let help = "switch a rule on there, or leave it out with `exclude`, which `--force-exclude` keeps to";
            let message = "nothing was checked: the config switches off every rule in what was named".to_owned();
            vec![Idle { message, help: Some(help.to_owned()) }]
        }
        _ => Vec::new(),
    }
}

/// What is said of a named folder without a declaration. Where others were checked, it must not sound as if they were not.
fn idle_folder(empty: &Empty, workspace: &Workspace, (place, names): (&str, &str)) -> Idle {
    let folder = &empty.shown;
    match &empty.why {
        Some((reason, help)) => {
            Idle { message: format!("nothing was checked in `{folder}`: {reason}"), help: Some(help.clone()) }
        }
        None if workspace.is_all_empty() => Idle::because(&format!("no declarations in {place}{folder} ({names})")),
        None => Idle {
            message: format!("nothing was checked in `{folder}`: no declarations in {place}it ({names})"),
            help: None,
        },
    }
}

fn tell_idle(kind: &str, reasons: &[Idle], workspace: &Workspace, context: &mut Context<'_, '_>) {
    let color = output::stderr_options(context).color;
    for Idle { message, help } in reasons {
        let usual = workspace.files.is_empty().then_some(
            "name a file or a folder, write a first declaration with `purposelint init`, or pass `--allow-empty` where there need not be one",
        );
        let help = help.as_deref().or(usual).filter(|_| kind == "error");
        output::complain(context.streams.stderr, kind, message, help, color);
    }
}

/// What could not be read is an error by itself: the report may look clean without it.
pub(super) fn tell_lost(workspace: &Workspace, hidden: &[Skipped], context: &mut Context<'_, '_>) {
    let help = "repair what could not be read, or leave it out with `exclude` in purposelint.yaml";
    tell_lost_with(help, workspace, hidden, context);
}

/// As [`tell_lost`], with another way out.
pub(super) fn tell_lost_with(help: &str, workspace: &Workspace, hidden: &[Skipped], context: &mut Context<'_, '_>) {
    let color = output::stderr_options(context).color;
    for Skipped { what, reason } in workspace.lost.iter().chain(hidden) {
        output::complain(context.streams.stderr, "error", &format!("{what}: {reason}"), None, color);
    }
    output::complain(context.streams.stderr, "error", "not everything could be judged", Some(help), color);
}

/// What the end of a run depends on.
struct Ending {
    could_not_judge: bool,
    worst: Option<Severity>,
    fail_on: Severity,
    nothing_checked: bool,
    exit_zero: bool,
}

/// Not being able to judge beats findings, findings beat having had nothing to do. Findings alone can be let through: a run
/// that judged nothing is never a clean one.
fn exit_code(ending: &Ending) -> u8 {
    if ending.could_not_judge {
        COULD_NOT_JUDGE
    } else if !ending.exit_zero && ending.worst.is_some_and(|worst| worst >= ending.fail_on) {
        FINDINGS
    } else if ending.nothing_checked {
        NOTHING_CHECKED
    } else {
        CLEAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::{Error, Info, Warning};

    #[test]
    fn exit_codes() {
        for (could_not_judge, worst, fail_on, nothing_checked, code) in [
            (false, None, Error, false, 0),
            (false, Some(Warning), Error, false, 0),
            (false, Some(Error), Error, false, 1),
            (false, Some(Warning), Warning, false, 1),
            (false, Some(Error), Info, false, 1),
            (false, Some(Info), Info, false, 1),
            (false, Some(Info), Warning, false, 0),
            (false, None, Error, true, 3),
            (false, Some(Warning), Error, true, 3),
            (false, Some(Error), Error, true, 1),
            (true, None, Error, false, 2),
            (true, Some(Error), Error, false, 2),
            (true, None, Error, true, 2),
        ] {
            let ending = Ending { could_not_judge, worst, fail_on, nothing_checked, exit_zero: false };
            assert_eq!(exit_code(&ending), code, "{could_not_judge} {worst:?} {fail_on} {nothing_checked}");
            // findings no longer hide that nothing was checked
            let let_through = match code {
                1 if nothing_checked => 3,
                1 => 0,
                code => code,
            };
            assert_eq!(exit_code(&Ending { exit_zero: true, ..ending }), let_through);
        }
    }
}
