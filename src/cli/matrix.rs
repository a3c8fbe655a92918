//! `purposelint matrix`: who gets which default, and by which lines.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::workspace::{self, Engine, Input, PackArgs, Workspace};
use super::{CLEAN, COULD_NOT_JUDGE, Context, NOTHING_CHECKED, check, declared, formats, output, shown};
use crate::lint::Skipped;
use crate::matrix::{Matrix, Refused};
use crate::model;
use crate::report::matrix::{Format, render};
use crate::resolve::Effective;
use crate::space::Date;
use crate::suggest;

const EXAMPLES: &str = "\
Examples:
  purposelint matrix                         all services of this workspace
  purposelint matrix examples/linkedin-2024 --as-of 2024-09-18
  purposelint matrix --service feed --purpose ads --purpose genai_training
  purposelint matrix --format markdown --output-file docs/defaults.md
  purposelint matrix --format csv --output-file defaults.csv
  purposelint matrix --format svg --output-file defaults.svg

How to read it:
  Each row is a purpose, each column a group of places whose people are treated
  alike. A cell says what happens to a person who does nothing: `mandatory` and
  `on` run, `ask` waits for an answer, `off` does not run, `absent` does not
  exist there; `not declared` and `unknown` are open questions. The number
  after it leads to the line that decides. Ages and plans have rows of their
  own only where they make a difference. In CSV nothing is merged: one record
  per purpose, group of places, ages and plans.
  `purposelint why PURPOSE --region FR` tells the whole story of one cell.

Exit codes:
  0  the matrix is complete
  2  a file could not be read whole, a part of a declaration does not count or
     contradicts another, a service asks for too much, wrong usage, a broken
     config
  3  there is nothing to show";

/// Show who gets which default: purposes against places
#[derive(Debug, Args)]
#[command(after_help = "Examples and how to read it: `purposelint matrix --help`", after_long_help = EXAMPLES)]
pub(super) struct MatrixArgs {
    /// Files and folders whose purposes are shown, `-` for standard input; the whole workspace is read in any case
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Only this service
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only this purpose; may be repeated
    #[arg(long, value_name = "PURPOSE")]
    purpose: Vec<String>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = Format::ALL.map(Format::as_str))]
    format: String,
    /// As of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Read this config in place of the workspace's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Build on this config, whatever the workspace's says
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &MatrixArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let packs = PackArgs { packs: Vec::new(), config: args.config.clone(), base: args.base.clone() };
    let input = Input { paths: args.paths.clone(), ..Input::of_packs(&packs) };
    let mut workspace = workspace::read(&input, context)?;
    let date = args.as_of.unwrap_or(context.today);
    let library = Engine::load(&mut workspace, &[], context.env.current(), date)?.library;
    output::spare_sources(args.output_file.as_deref(), &workspace, context)?;
    shown::tell_partial(&workspace, context);
    let declared = declared::whole(&mut workspace, &library, date)?;
    named(args, &declared.workspace)?;
    let matrix = Matrix::build(&declared.workspace, &library.atlas, date, &|effective, at| {
        wanted(args, &workspace, effective, at)
    });
    let refused: Vec<Skipped> = matrix.refused.iter().filter_map(|refused| not_shown(args, refused)).collect();
    let lost = !workspace.lost.is_empty() || !refused.is_empty();
    if lost {
        check::tell_lost(&workspace, &refused, context);
    }
    if matrix.services.is_empty() && !refused.is_empty() {
        return Ok(COULD_NOT_JUDGE);
    }
    if matrix.services.is_empty() {
        let reason = if workspace.files.is_empty() { "no declarations" } else { "no purpose is declared" };
        let folders: Vec<&str> = workspace.empty.iter().map(|empty| empty.shown.as_str()).collect();
        let place = if folders.is_empty() { workspace.root.display().to_string() } else { folders.join(", ") };
        let color = output::stderr_options(context).color;
        let (message, help) = match workspace.empty.iter().find_map(|empty| Some((&empty.shown, empty.why.as_ref()?))) {
            Some((folder, (reason, help))) => (format!("nothing to show in `{folder}`: {reason}"), Some(&**help)),
            None => {
                let usual = "name a file or a folder, or write a first declaration with `purposelint init`";
                let help = workspace.files.is_empty().then_some(usual);
                (format!("nothing to show: {reason} in {place}"), help)
            }
        };
        output::complain(context.streams.stderr, "error", &message, help, color);
        return Ok(if lost { COULD_NOT_JUDGE } else { NOTHING_CHECKED });
    }
    let format = Format::parse(&args.format).unwrap_or_default();
    formats::write_to(args.output_file.as_deref(), context, |options, out| {
        render(format, &matrix, &workspace.sources, options, out)
    })?;
    let is_shown = |service: &str| matrix.services.iter().any(|shown| shown.id == service);
    let is_asked = |service: &str, file| {
        let by_service = args.service.as_ref().is_none_or(|asked| asked == service);
        // one of which nothing is left is not shown
        by_service && (is_shown(service) || workspace.is_file_in_focus(file))
    };
    let is_partial = declared.tell_left_out(&workspace, &is_asked, context);
    Ok(if lost || is_partial { COULD_NOT_JUDGE } else { CLEAN })
}

/// A service that was asked for and asks for too much itself.
fn not_shown(args: &MatrixArgs, refused: &Refused) -> Option<Skipped> {
    let by_service = args.service.as_ref().is_none_or(|service| *service == refused.service);
    let by_name = args.purpose.is_empty() || args.purpose.iter().any(|wanted| refused.purposes.contains(wanted));
    let reason = format!("not shown, because it asks for too much: {}", refused.reason);
    (by_service && by_name).then(|| Skipped { what: format!("`{}`", refused.service), reason })
}

/// Whether a purpose was asked for: by name, and by the files that it or its setting stands in.
fn wanted(args: &MatrixArgs, workspace: &Workspace, effective: &Effective<'_>, at: usize) -> bool {
    let Some(purpose) = effective.purposes.get(at).map(|purpose| purpose.resolved.entity) else { return false };
    let by_service = args.service.as_ref().is_none_or(|service| **service == *effective.service.id);
    let by_name = args.purpose.is_empty() || args.purpose.iter().any(|wanted| **wanted == *purpose.id);
    let places = [Some(purpose.place), effective.setting(at).map(|setting| setting.entity.place)];
    by_service && by_name && places.into_iter().flatten().any(|place| workspace.is_file_in_focus(place.file))
}

/// Refuses names that stand for nothing: an empty table would look like good news.
fn named(args: &MatrixArgs, declared: &model::Workspace) -> Result<(), Failure> {
    let unknown = |what: &'static str, name: &str, known: &[&str]| Failure::Unknown {
        what,
        name: name.to_owned(),
        help: suggest::did_you_mean(name, known).unwrap_or_default(),
    };
    let services: Vec<&str> = declared.services().iter().map(|service| &*service.id).collect();
    if let Some(service) = args.service.as_ref().filter(|service| !services.contains(&service.as_str())) {
        return Err(unknown("service", service, &services));
    }
    let chosen =
        declared.services().iter().filter(|service| args.service.as_ref().is_none_or(|id| **id == *service.id));
    let purposes: Vec<&str> =
        chosen.flat_map(|service| declared.purposes(service)).map(|(_, purpose)| &*purpose.id).collect();
    match args.purpose.iter().find(|purpose| !purposes.contains(&purpose.as_str())) {
        Some(purpose) => Err(unknown("purpose", purpose, &purposes)),
        None => Ok(()),
    }
}
