//! `purposelint waivers`: every waiver of the config, who answers for it, and what it accepts today.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::workspace::{self, Engine, Input, PackArgs, Workspace};
use super::{CLEAN, Context, declared, formats, output, shown};
use crate::config::Waiver;
use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Subject};
use crate::lint::Report;
use crate::model::EntityKind;
use crate::order::Order;
use crate::policy::{Library, On};
use crate::report::waivers::{Entry, Format, Standing, Waivers, render};
use crate::space::Date;
use crate::suppress;

const EXAMPLES: &str = "\
Examples:
  purposelint waivers                     who accepted what, and until when
  purposelint waivers --as-of 2027-01-01  what will have expired by then
  purposelint waivers --format markdown -o waivers.md
                                          a table to hand round
  purposelint waivers --format json       for a dashboard or a reminder

A waiver is an entry of `waivers` in purposelint.yaml. Those that end first come
first. A waiver that has expired, that names a later day than `max_waiver`
allows, or that is about a locked rule accepts nothing; one that is unused can
go.

Exit codes:
  0  the list is complete, whatever it says; `purposelint check` is what fails
  2  could not judge: wrong usage, a broken config or pack, an unreadable file
  3  nothing was checked, so nobody knows what the waivers accept";

/// List the waivers: who answers for them, until when, and what they accept today
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint waivers --help`", after_long_help = EXAMPLES)]
pub(super) struct WaiversArgs {
    /// A file or folder of the workspace; the whole workspace is judged in any case
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = Format::ALL.map(Format::as_str))]
    format: String,
    /// As of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    #[command(flatten)]
    packs: PackArgs,
}

/// Runs the command.
pub(super) fn run(args: &WaiversArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let input = Input { paths: args.path.clone().into_iter().collect(), ..Input::of_packs(&args.packs) };
    let mut workspace = workspace::read(&input, context)?;
    let date = args.as_of.unwrap_or(context.today);
    let engine = Engine::load(&mut workspace, &args.packs.packs, context.env.current(), date)?;
    output::spare_sources(args.output_file.as_deref(), &workspace, context)?;
    let report = engine.lint(&workspace, date);
    let may_be_empty = workspace.config.waivers.is_empty();
    let unsound = declared::unsound(&report, (&workspace, &engine.library), may_be_empty, context);
    shown::tell_partial(&workspace, context);
    let complete = unsound.is_none() && is_complete(&report, &workspace, &engine);
    let waivers = list(&report, (&workspace, &engine.library), complete);
    let format = Format::parse(&args.format).unwrap_or_default();
    formats::write_to(args.output_file.as_deref(), context, |options, out| {
        render(format, &waivers, &workspace.sources, options, out)
    })?;
    Ok(unsound.unwrap_or(CLEAN))
}

/// Whether no waiver may be waiting for something that was not judged.
fn is_complete(report: &Report, workspace: &Workspace, engine: &Engine) -> bool {
    let hides = |finding: &Finding| {
        finding.severity == Severity::Error
            && finding.rule.starts_with("core/")
            && !suppress::is_about_suppressions(&finding.rule, &engine.library)
    };
    let files: BTreeSet<&str> = workspace.files.iter().map(|file| workspace.sources.path(*file)).collect();
    let skipped = report.checked.skipped.iter().any(|skipped| files.contains(&*skipped.what));
    !report.checked.partial && !skipped && !report.found().any(hides)
}

/// The waivers of a config, those that end first in front.
fn list<'w>(report: &Report, (workspace, library): (&'w Workspace, &Library), complete: bool) -> Waivers<'w> {
    let today = report.as_of;
    let entry = |waiver: &'w Waiver| {
        let accepts = report.found().filter(|finding| accepted_by(finding, waiver)).count();
        let locked = locked(waiver, report, workspace);
        let standing = standing(waiver, (workspace, library), today, accepts > 0 || !complete || !locked.is_empty());
        Entry { waiver, standing, accepts, locked }
    };
    let mut entries: Vec<Entry<'_>> = workspace.config.waivers.iter().map(entry).collect();
    entries.order_by_key(|entry| (entry.waiver.expires.as_ref().map(|day| day.value), entry.waiver.span));
    Waivers { as_of: today, entries, complete }
}

fn accepted_by(finding: &Finding, waiver: &Waiver) -> bool {
    finding.suppressed.as_ref().is_some_and(|suppressed| suppressed.place == Some(waiver.span))
}

fn standing(waiver: &Waiver, (workspace, library): (&Workspace, &Library), today: Date, is_used: bool) -> Standing {
    let last = workspace.config.max_waiver.as_ref().map(|max| today.plus(max.value.days()));
    match (&waiver.rule, &waiver.change, &waiver.expires) {
        (None, None, _) | (.., None) => Standing::Broken,
        (_, _, Some(expires)) => match last {
            _ if expires.value <= today => Standing::Expired,
            Some(last) if last < expires.value => Standing::TooLong(last),
            _ if is_for_changes(waiver, library) => Standing::Change,
            _ if is_used => Standing::Holds,
            _ => Standing::Unused,
        },
    }
}

/// Whether a waiver names a change, or a rule that only judges changes: a run about what holds says nothing of it.
fn is_for_changes(waiver: &Waiver, library: &Library) -> bool {
    let rule = waiver.rule.as_ref().filter(|rule| rule.is_exact()).and_then(|rule| library.rule(&rule.text.value));
    waiver.change.is_some() || rule.is_some_and(|rule| rule.on == On::Change)
}

/// The locked rules that a waiver names, or that flag something it is about.
fn locked(waiver: &Waiver, report: &Report, workspace: &Workspace) -> Vec<String> {
    let named = waiver.rule.iter().filter(|rule| rule.is_exact()).map(|rule| rule.text.value.as_str());
    let is_about = |finding: &&Finding| {
        let purpose = match &finding.subject {
            Subject::Entity(EntityKind::Purpose, id) => Some(id.as_str()),
            _ => None,
        };
        waiver.concerns(&finding.rule, finding.service.as_deref(), purpose)
    };
    let flagged = report.found().filter(is_about).map(|finding| finding.rule.as_str());
    let rules: BTreeSet<&str> = named.chain(flagged).filter(|rule| workspace.config.lock_of(rule).is_some()).collect();
    rules.into_iter().map(str::to_owned).collect()
}
