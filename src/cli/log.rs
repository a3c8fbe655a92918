//! `purposelint log`: when the effective default of a purpose changed, for whom, and in which commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::failure::Failure;
use super::workspace::Engine;
use super::{CLEAN, COULD_NOT_JUDGE, Context, NOTHING_CHECKED, formats, output};
use crate::discover::{Files, find_root_of};
use crate::git::{Commit, History, Repository};
use crate::history::{Bounds, Cause, Held, Turn, follow, turns};
use crate::lint::Skipped;
use crate::order::Order;
use crate::parallel;
use crate::project::{self, OfService, Past, Revision, read_other};
use crate::report::history::{Format, Timeline, render};
use crate::space::Date;
use crate::suggest;

const EXAMPLES: &str = "\
Examples:
  purposelint log genai_training                each change of its default
  purposelint log genai_training --region FR    only for people in France
  purposelint log ads --service feed --reverse  oldest first
  purposelint log --since v1.4                  all purposes, since a release
  purposelint log genai_training --format markdown --output-file history.md

It walks the commits of HEAD, along first parents: a merge is one step, as it
was one for people. Each commit is resolved as of the day on which it was
committed, so that what is shown is what held on that day; `--as-of` takes one
day for all. A day that a declaration names may come between two commits: what
changes then is shown as well. A purpose is followed through its names, and it
does not matter which file it is in. What is not committed is not looked at.
Packs are those of HEAD.

Exit codes:
  0  all commits were read; where a clone breaks off, the output says so
  2  some commits cannot be read, and are listed; wrong usage, an unknown
     purpose
  3  no commit declares anything";

/// Show when the default of a purpose changed, for whom, and in which commit
#[derive(Debug, Args)]
#[command(after_help = "Examples and how it counts: `purposelint log --help`", after_long_help = EXAMPLES)]
pub(super) struct LogArgs {
    /// The id of a purpose, or one that it had; default: all purposes
    #[arg(value_name = "PURPOSE")]
    purpose: Option<String>,
    /// Only this service
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only what changed for people there: an ISO 3166 code or a group, such as FR, US-CA, EU
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Only commits that this revision does not have
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// The oldest first
    #[arg(long)]
    reverse: bool,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = Format::ALL.map(Format::as_str))]
    format: String,
    /// Take every commit as of this day, not each as of its own
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Read this config in place of the workspace's, at every commit
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Build on this config, whatever the workspace's says
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &LogArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let current = context.env.current_dir.clone().ok_or(Failure::NoCurrentDir)?;
    let repository = Arc::new(Repository::open(&current)?);
    let head = repository.resolve("HEAD")?;
    let since = args.since.as_deref().map(|name| repository.resolve(name)).transpose()?;
    let input = project::Input { config: args.config.clone(), base: args.base.clone(), ..project::Input::default() };
    let files = Files::Git(repository.tree(&head)?);
    let folder = std::fs::canonicalize(&current).map_err(|_| Failure::NoCurrentDir)?;
    let root = find_root_of(&folder, &files).path;
    let mut workspace = read_other(&root, files, &input, &current)?;
    output::spare_sources(args.output_file.as_deref(), &workspace, context)?;
    let day = args.as_of.unwrap_or(context.today);
    let engine = Engine::load(&mut workspace, &[], &current, day)?;
    if let Some(region) = args.region.as_ref().filter(|region| !engine.library.atlas.knows(region)) {
        let help = engine.library.atlas.suggestion(region).map(|near| format!("did you mean `{near}`?"));
        return Err(Failure::Unknown { what: "region", name: region.clone(), help: help.unwrap_or_default() });
    }
    let mut past = Past::new(&engine, &root, &input, &current);
    let walked = Walked::walk(&mut repository.history(&head, since.as_ref())?, &mut past, args.as_of)?;
    if !past.has_declarations() && walked.unread.is_empty() {
        let message = format!("nothing to show: no commit has declarations in {}", root.display());
        let color = output::stderr_options(context).color;
        output::complain(context.streams.stderr, "error", &message, None, color);
        return Ok(NOTHING_CHECKED);
    }
    if let Err(failure) = named(args, &walked) {
        walked.tell_unread(context);
        return Err(failure);
    }
    let bounds = Bounds {
        edge: walked.first.filter(|_| walked.cut_off || walked.blind),
        until: day,
        region: args.region.as_deref().map(|region| (&engine.library.atlas, region)),
    };
    tell(args, &walked, &bounds, &past, context)
}

/// Writes what was asked for, and says by the exit code whether that is all.
fn tell(
    args: &LogArgs,
    walked: &Walked,
    bounds: &Bounds<'_>,
    past: &Past<'_>,
    context: &mut Context<'_, '_>,
) -> Result<u8, Failure> {
    let (turns, refused) = walked.turns(args, bounds);
    let timeline = Timeline {
        purpose: args.purpose.as_deref(),
        region: args.region.as_deref(),
        as_of: args.as_of,
        until: bounds.until,
        commits: &walked.commits,
        read: walked.read,
        turns: shown(args, &turns),
        unread: &walked.unread,
        cut_off: walked.cut_off,
        base: walked.base.as_ref(),
        notes: walked.notes.iter().chain(&refused).cloned().collect(),
    };
    write(args, &timeline, past, context)?;
    let is_whole = walked.unread.is_empty() && refused.is_empty() && !walked.blind;
    Ok(if is_whole { CLEAN } else { COULD_NOT_JUDGE })
}

fn write(
    args: &LogArgs,
    timeline: &Timeline<'_>,
    past: &Past<'_>,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    let format = Format::parse(&args.format).unwrap_or_default();
    formats::write_to(args.output_file.as_deref(), context, |options, out| {
        render(format, timeline, &past.sources, options, out)
    })
}

/// The turns that were asked for, in the order that was asked for. Of one day, what came last is told first.
fn shown<'t>(args: &LogArgs, turns: &'t [Turn]) -> Vec<&'t Turn> {
    let mut shown: Vec<&Turn> = match &args.purpose {
        Some(name) => follow(turns, name),
        None => turns.iter().collect(),
    };
    if !args.reverse {
        shown.reverse();
    }
    shown
}

/// All commits, and what each service declared at those that touched it.
struct Walked {
    commits: Vec<Commit>,
    base: Option<Commit>,
    cut_off: bool,
    /// Whether what stood before the first commit cannot be read.
    blind: bool,
    /// The first commit that could be read.
    first: Option<usize>,
    read: usize,
    unread: Vec<(usize, Vec<Skipped>)>,
    services: BTreeMap<Box<str>, Vec<Known>>,
    notes: Vec<String>,
}

/// What a service declared at a commit.
struct Known {
    date: Date,
    commit: Option<usize>,
    of: OfService,
    unread: Option<(Date, Vec<usize>)>,
}

impl Walked {
    fn walk(history: &mut History, past: &mut Past<'_>, as_of: Option<Date>) -> Result<Self, Failure> {
        let mut walked = Self {
            commits: Vec::new(),
            base: history.base.clone(),
            cut_off: history.cut_off,
            blind: false,
            first: None,
            read: 0,
            unread: Vec::new(),
            services: BTreeMap::new(),
            notes: Vec::new(),
        };
        let mut gap: Option<(Date, Vec<usize>)> = None;
        if let Some(base) = walked.base.clone() {
            let date = as_of.map_or_else(|| day_of(&base), Ok)?;
            match past.read(history.tree(), &base, None)? {
                Revision::Read(services) => walked.take(services, (date, None), None),
                Revision::Untouched => {}
                Revision::Unread(reasons) => {
                    let first = reasons.first().map(|of| format!("{} {}", of.what, of.reason)).unwrap_or_default();
                    walked.notes.push(format!("what stood before, at {}, cannot be read: {first}", base.short()));
                    walked.blind = true;
                }
            }
        }
        let mut before = None;
        while let Some(step) = history.step()? {
            let at = walked.commits.len();
            let date = as_of.map_or_else(|| day_of(&step.commit), Ok)?;
            if before.replace(date).is_some_and(|before| date < before) {
                let commit = step.commit.short();
                walked.notes.push(format!(
                    "{commit} is dated before the commit that it builds on, so days between the two may be told twice"
                ));
            }
            let revision = past.read(history.tree(), &step.commit, Some(&step))?;
            walked.commits.push(step.commit);
            match revision {
                Revision::Untouched => {}
                Revision::Read(services) => {
                    walked.read += 1;
                    walked.first = walked.first.or(Some(at));
                    walked.take(services, (date, Some(at)), gap.take());
                }
                Revision::Unread(reasons) => {
                    walked.read += 1;
                    walked.unread.push((at, reasons));
                    gap.get_or_insert_with(|| (date, Vec::new())).1.push(at);
                }
            }
        }
        Ok(walked)
    }

    fn take(
        &mut self,
        services: Vec<OfService>,
        (date, commit): (Date, Option<usize>),
        unread: Option<(Date, Vec<usize>)>,
    ) {
        for of in services {
            let known = Known { date, commit, unread: unread.clone(), of };
            self.services.entry(known.of.id.clone()).or_default().push(known);
        }
    }

    /// Says that what was asked for may stand where nobody can read it.
    fn tell_unread(&self, context: &mut Context<'_, '_>) {
        if !self.unread.is_empty() {
            let color = output::stderr_options(context).color;
            let message = format!("{} of {} commits cannot be read", self.unread.len(), self.commits.len());
            output::complain(context.streams.stderr, "note", &message, None, color);
        }
    }

    /// What changed in all services, the oldest first, and what could not be worked out.
    fn turns(&self, args: &LogArgs, bounds: &Bounds<'_>) -> (Vec<Turn>, Vec<String>) {
        let wanted: Vec<_> = self
            .services
            .iter()
            .filter(|(id, _)| args.service.as_ref().is_none_or(|service| **service == ***id))
            .collect();
        let worked = parallel::map_into(wanted, |(id, known)| {
            let held: Vec<Held<'_>> = known
                .iter()
                .map(|known| Held {
                    date: known.date,
                    commit: known.commit,
                    workspace: &known.of.workspace,
                    atlas: &known.of.atlas,
                    left_out: &known.of.left_out,
                    unread: known.unread.as_ref().map(|(date, commits)| (*date, commits.as_slice())),
                })
                .collect();
            turns(id, &held, bounds).map_err(|reason| format!("nothing is said of service `{id}`: {reason}"))
        });
        let (mut all, mut refused) = (Vec::new(), Vec::new());
        for result in worked {
            match result {
                Ok(turns) => all.extend(turns),
                Err(reason) => refused.push(reason),
            }
        }
        all.order_by_key(place);
        (all, refused)
    }
}

/// Where a turn stands in the history: at its commit, or after the one as of which its day was declared.
fn place(turn: &Turn) -> (Option<usize>, bool, Date) {
    match turn.cause {
        Cause::Commit(at) | Cause::Edge(at) => (Some(at), false, turn.date),
        Cause::Day(at) => (at, true, turn.date),
    }
}

/// The day on which a commit came to be where it is.
fn day_of(commit: &Commit) -> Result<Date, Failure> {
    Date::parse(&commit.committed).ok_or_else(|| Failure::Unanswered {
        message: format!("the commit {} has no day that can be read", commit.short()),
        help: "name one with `--as-of`, which stands for that of every commit".to_owned(),
    })
}

/// Refuses names that no commit has ever had: an empty list would look like good news.
fn named(args: &LogArgs, walked: &Walked) -> Result<(), Failure> {
    let unknown = |what: &'static str, name: &str, known: &[&str]| Failure::Unknown {
        what,
        name: name.to_owned(),
        help: suggest::did_you_mean(name, known).unwrap_or_default(),
    };
    let services: Vec<&str> = walked.services.keys().map(|id| &**id).collect();
    if let Some(service) = args.service.as_ref().filter(|service| !services.contains(&service.as_str())) {
        return Err(unknown("service", service, &services));
    }
    let Some(purpose) = &args.purpose else { return Ok(()) };
    let chosen =
        walked.services.iter().filter(|(id, _)| args.service.as_ref().is_none_or(|service| **service == ***id));
    let known: BTreeSet<(&str, &str)> = chosen
        .flat_map(|(_, known)| known)
        .map(|known| &known.of.workspace)
        .flat_map(|workspace| workspace.services().iter().map(move |service| (workspace, service)))
        .flat_map(|(workspace, service)| workspace.purposes(service).map(|(_, purpose)| (&*service.id, &*purpose.id)))
        .collect();
    if known.iter().any(|(_, id)| id == purpose) {
        return Ok(());
    }
    let known: Vec<(&str, &str)> = known.into_iter().collect();
    let help = suggest::purpose(purpose, &known).unwrap_or_default();
    Err(Failure::Unknown { what: "purpose", name: purpose.clone(), help })
}
