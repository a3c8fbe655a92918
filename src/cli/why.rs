//! `purposelint why`: which default holds for one person, and by which lines.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::workspace::{self, Engine, Input, PackArgs};
use super::{CLEAN, COULD_NOT_JUDGE, Context, NOTHING_CHECKED, check, declared, output, shown};
use crate::explain::{Question, Unanswered, asked, why};
use crate::space::{ADULT, Date};

const EXAMPLES: &str = "\
Examples:
  purposelint why genai_training --region FR
  purposelint why genai_training --region US-CA --age 15 --plan free
  purposelint why model_training --service notes --region CH --as-of 2024-09-17

Exit codes:
  0  answered
  2  no answer, because of an unknown purpose or region or a file that cannot be
     read; or one that may be wrong: a part of the declaration does not count or
     contradicts another
  3  there are no declarations";

/// Say which default holds for one person, and by which lines
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint why --help`", after_long_help = EXAMPLES)]
pub(super) struct WhyArgs {
    /// The id of the purpose
    purpose: String,
    /// Where the person is: an ISO 3166 code, such as FR or US-CA
    #[arg(long, value_name = "CODE")]
    region: String,
    /// How old the person is, in years
    #[arg(long, value_name = "YEARS", default_value_t = ADULT, value_parser = years)]
    age: u8,
    /// Which plan the person has; needed where a service has several
    #[arg(long)]
    plan: Option<String>,
    /// The service, where several have a purpose of this id
    #[arg(long)]
    service: Option<String>,
    /// As of this day, not today
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    as_of: Option<Date>,
    /// Files and folders that the purpose is looked for in; the whole workspace is read in any case
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Read this config in place of the workspace's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Build on this config, whatever the workspace's says
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &WhyArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let packs = PackArgs { packs: Vec::new(), config: args.config.clone(), base: args.base.clone() };
    let input = Input { paths: args.paths.clone(), ..Input::of_packs(&packs) };
    let mut workspace = workspace::read(&input, context)?;
    if !workspace.lost.is_empty() {
        // what could not be read may hold the line that decides
        check::tell_lost(&workspace, &[], context);
        return Ok(COULD_NOT_JUDGE);
    }
    shown::tell_partial(&workspace, context);
    if workspace.files.is_empty() {
        let message = format!("nothing to explain: no declarations in {}", workspace.root.display());
        let color = output::stderr_options(context).color;
        output::complain(context.streams.stderr, "error", &message, None, color);
        return Ok(NOTHING_CHECKED);
    }
    let date = args.as_of.unwrap_or(context.today);
    let named = workspace.files_in_focus().into_iter().collect();
    let question = Question {
        purpose: &args.purpose,
        named: &named,
        service: args.service.as_deref(),
        region: &args.region,
        age: args.age.min(ADULT),
        plan: args.plan.as_deref(),
        date,
    };
    // packs may add groups and vocabulary, so that the same file means the same here and in `check`
    let library = Engine::load(&mut workspace, &[], context.env.current(), date)?.library;
    let declared = declared::whole(&mut workspace, &library, date)?;
    let answer = why(&declared.workspace, &workspace.sources, &library.atlas, &question)
        .map_err(|Unanswered { message, help }| Failure::Unanswered { message, help: help.unwrap_or_default() })?;
    output::to_stdout(context, |out| out.write_all(output::shown_lines(&answer).as_bytes()))?;
    let asked = asked(&declared.workspace, &question).map(|service| &*service.id);
    let is_partial = declared.tell_left_out(&workspace, &|service, _| Some(service) == asked, context);
    Ok(if is_partial { COULD_NOT_JUDGE } else { CLEAN })
}

/// Reads an age for an option.
fn years(text: &str) -> Result<u8, &'static str> {
    text.parse().map_err(|_| "write whole years, such as 15; 18 stands for all who are older as well")
}
