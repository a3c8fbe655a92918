//! `purposelint check`: judge the declarations of a workspace and report.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::workspace::{self, Input, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Context, FINDINGS, NOTHING_CHECKED, engine, output, progress, why};
use crate::diagnostic::Severity;
use crate::evaluate::Outcome;
use crate::lint::{Report, SWITCHED_OFF, Skipped};
use crate::missing::Missing;
use crate::policy::Library;
use crate::report::{self, Format};
use crate::space::Date;

const EXAMPLES: &str = "\
Examples:
  purposelint check                   the workspace of this folder
  purposelint check services/feed     read it all, report on one folder
  purposelint check --format json --output-file report.json
  purposelint check --as-of 2027-01-01 --fail-on-upcoming
  purposelint check --missing                        the facts nobody declared, by purpose
  purposelint check --missing=markdown --output-file missing.md
  purposelint check --missing=yaml                   the same as a stub to fill in
  purposelint check --exit-zero --format json        report, and let the next step run
  git show :purposes.yaml | purposelint check --stdin-filename purposes.yaml -

Declarations are files named purposes.yaml or *.purposes.yaml, those that
`include` in purposelint.yaml adds, and every file that is named. The root of
the workspace is the nearest folder with a purposelint.yaml, else the git root,
else the folder of the named file.

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
    /// How the report is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats())]
    format: String,
    /// Write the facts that are not declared in place of the report: `--missing` as a list, `--missing=markdown` as one to
    /// hand round and tick off, `--missing=yaml` as a stub to fill in, in which every key is an error until it has a value
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "human",
        value_parser = missing_formats(), conflicts_with = "format")]
    missing: Option<String>,
    /// Write the report to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// The least severity that fails the run; default: `fail_on` of the config, else error
    #[arg(long, value_name = "SEVERITY", value_parser = ["error", "warning", "info"])]
    fail_on: Option<String>,
    /// Show what a comment, a waiver or a baseline accepts as well
    #[arg(long)]
    show_suppressed: bool,
    /// Give what is not yet true but soon will be its full severity
    #[arg(long)]
    fail_on_upcoming: bool,
    /// End with 0 where findings would end with 1, so that a later step of a pipeline runs; 2 and 3 stay
    #[arg(long)]
    exit_zero: bool,
}

fn formats() -> clap::builder::PossibleValuesParser {
    Format::ALL.map(Format::as_str).into()
}

fn missing_formats() -> clap::builder::PossibleValuesParser {
    report::missing::Format::ALL.map(report::missing::Format::as_str).into()
}

/// Runs the command.
pub(super) fn run(args: &CheckArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let clock = progress::Clock::start();
    let mut workspace = workspace::read(&args.input, context)?;
    workspace.config.fail_on_upcoming = args.fail_on_upcoming;
    workspace::tell_unsupported(&mut workspace, context);
    let engine = engine::Engine::load(&mut workspace, &args.input.packs, context.env)?;
    let day = args.as_of.unwrap_or(context.today);
    let report = progress::watched(clock, workspace.files.len(), context, |progress| {
        engine.lint_watched(&workspace, day, progress)
    });
    finish(args, &workspace, &engine.library, report, context)
}

/// Narrows the report, writes it, and says how the run ends.
fn finish(
    args: &CheckArgs,
    workspace: &Workspace,
    library: &Library,
    mut report: Report,
    context: &mut Context<'_, '_>,
) -> Result<u8, Failure> {
    narrow(&mut report, workspace);
    let hidden = hidden_files(&report, workspace);
    let could_not_judge = !workspace.lost.is_empty() || !report.refused.is_empty() || !hidden.is_empty();
    let reasons = idle(&report, workspace);
    let ending = Ending {
        could_not_judge,
        worst: report.findings.iter().filter(|finding| finding.is_open()).map(|finding| finding.severity).max(),
        fail_on: args.fail_on.as_deref().and_then(Severity::parse).unwrap_or_else(|| workspace.config.fail_on()),
        nothing_checked: !reasons.is_empty(),
        exit_zero: args.exit_zero,
    };
    let code = exit_code(&ending);
    if !report.refused.is_empty() {
        let options = output::stderr_options(context);
        let _written = report::diagnostics(&report.refused, &workspace.sources, &options, context.streams.stderr);
    }
    if could_not_judge {
        tell_lost(workspace, &hidden, context);
    }
    match write(args, (workspace, library), &report, code, context) {
        // who stopped reading has read enough, and the verdict stands
        Err(failure) if failure.is_broken_pipe() => return Ok(code),
        written => written?,
    }
    if code == NOTHING_CHECKED || !workspace.empty.is_empty() {
        tell_idle(&reasons, workspace, context);
    }
    Ok(code)
}

fn write(
    args: &CheckArgs,
    (workspace, library): (&Workspace, &Library),
    report: &Report,
    code: u8,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    let format = Format::parse(&args.format).unwrap_or_default();
    let missing = args.missing.as_deref().map(|word| report::missing::Format::parse(word).unwrap_or_default());
    // people are told on standard error, and need no empty report
    let is_for_people = match missing {
        Some(format) => format == report::missing::Format::Human,
        None => matches!(format, Format::Human | Format::Concise),
    };
    if args.output_file.is_none() && is_for_people && code == NOTHING_CHECKED && report.findings.is_empty() {
        return Ok(());
    }
    let missing = missing.map(|format| (format, gather(workspace, library, report)));
    let write = |options: report::Options, out: &mut dyn Write| {
        let options = report::Options { show_suppressed: args.show_suppressed, ..options };
        match &missing {
            Some((format, missing)) => report::missing::render(*format, missing, &workspace.sources, &options, out),
            None => report::render(format, report, &workspace.sources, &options, out),
        }
    };
    if let Some(path) = &args.output_file {
        let options = output::file_options(context);
        return output::to_file(path, |out| write(options, out));
    }
    let options = output::stdout_options(context);
    output::to_stdout(context, |out| write(options, out))
}

/// The facts that the findings wait for, with who should declare them.
fn gather(workspace: &Workspace, library: &Library, report: &Report) -> Missing {
    let (declared, _) = why::readable(workspace, library, report.as_of);
    Missing::gather(&report.findings, &declared, report.as_of)
}

/// Files that could not be read whole and that no error of the report names: the config turned it off, or it stands outside
/// what was named. What is missing from them may be a part of any service.
fn hidden_files(report: &Report, workspace: &Workspace) -> Vec<Skipped> {
    let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let named: BTreeSet<&str> = errors
        .filter(|finding| finding.rule.starts_with("core/"))
        .map(|finding| workspace.sources.path(finding.primary.span.file))
        .collect();
    let files: BTreeSet<&str> = workspace.files.iter().map(|file| workspace.sources.path(*file)).collect();
    let broken = report.checked.skipped.iter().filter(|skipped| files.contains(&*skipped.what));
    broken.filter(|skipped| !named.contains(&*skipped.what)).cloned().collect()
}

fn narrow(report: &mut Report, workspace: &Workspace) {
    let all = report.findings.len();
    report.findings.retain(|finding| workspace.is_in_focus(finding));
    let elsewhere = all - report.findings.len();
    if elsewhere > 0 {
        let noun = if elsewhere == 1 { "finding" } else { "findings" };
        let reason = "the report is about what was named".to_owned();
        report.checked.skipped.push(Skipped { what: format!("{elsewhere} {noun} in other files"), reason });
    }
    let undetermined =
        |finding: &&crate::evaluate::Finding| finding.outcome == Outcome::Undetermined && finding.is_open();
    report.checked.undetermined = report.findings.iter().filter(undetermined).count();
    report.checked.skipped.extend(workspace.skipped.iter().cloned());
}

/// Why nothing was checked, or some of what was named was not; empty if all was.
fn idle(report: &Report, workspace: &Workspace) -> Vec<String> {
    let names = "files named purposes.yaml or *.purposes.yaml";
    let names = match workspace.config.exclude.as_slice() {
        [] => names.to_owned(),
        _ => format!("{names}, unless `exclude` in purposelint.yaml leaves them out"),
    };
    if workspace.files.is_empty() {
        let place = if workspace.empty.is_empty() {
            vec![workspace.root.display().to_string()]
        } else {
            workspace.empty.clone()
        };
        return place.into_iter().map(|place| format!("no declarations in {place} ({names})")).collect();
    }
    if !workspace.empty.is_empty() {
        return workspace.empty.iter().map(|place| format!("no declarations in {place} ({names})")).collect();
    }
    match (report.checked.purposes, report.checked.rules) {
        (0, _) => vec!["no purpose is declared".to_owned()],
        (_, 0) if report.checked.skipped.iter().any(|skipped| skipped.reason == SWITCHED_OFF) => {
            vec!["none of the rules that are switched on applies to the purposes that are declared".to_owned()]
        }
        (_, 0) => vec!["no rule applies to the purposes that are declared".to_owned()],
        _ => Vec::new(),
    }
}

fn tell_idle(reasons: &[String], workspace: &Workspace, context: &mut Context<'_, '_>) {
    let color = output::stderr_options(context).color;
    for reason in reasons {
        let help = workspace.files.is_empty().then_some(
            "name a file or a folder, or describe the service in a purposes.yaml with the keys of `purposelint schema declaration`",
        );
        output::complain(context.streams.stderr, "error", &format!("nothing was checked: {reason}"), help, color);
    }
    if workspace.files.is_empty() {
        for Skipped { what, reason } in &workspace.skipped {
            output::complain(context.streams.stderr, "skipped", &format!("{what}: {reason}"), None, color);
        }
    }
}

/// What could not be read is an error by itself: the report may look clean without it.
pub(super) fn tell_lost(workspace: &Workspace, hidden: &[Skipped], context: &mut Context<'_, '_>) {
    let color = output::stderr_options(context).color;
    for Skipped { what, reason } in workspace.lost.iter().chain(hidden) {
        output::complain(context.streams.stderr, "error", &format!("{what}: {reason}"), None, color);
    }
    let help = "repair what could not be read, or leave it out with `exclude` in purposelint.yaml";
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
