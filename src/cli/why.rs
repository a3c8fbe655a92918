//! `purposelint why`: which default holds for one person, and by which lines.

use std::path::PathBuf;

use clap::Args;

use super::engine::PackArgs;
use super::failure::Failure;
use super::workspace::{self, Input, Workspace};
use super::{CLEAN, Context, NOTHING_CHECKED, output};
use crate::explain::{Question, Unanswered, why};
use crate::lint::newer_version;
use crate::model::{self, Checks};
use crate::space::{ADULT, Atlas, Date};
use crate::syntax::{Kind, parse};
use crate::vocabulary::Vocabulary;

const EXAMPLES: &str = "\
Examples:
  purposelint why genai_training --region FR
  purposelint why genai_training --region US-CA --age 15 --plan free
  purposelint why model_training --service notes_app --region CH --as-of 2024-09-17";

/// Say which default holds for one person, and by which lines
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
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
    /// Files and folders of the workspace; default: that of this folder
    #[arg(value_name = "PATHS")]
    paths: Vec<PathBuf>,
    /// Read this config in place of the workspace's
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &WhyArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let packs = PackArgs { packs: Vec::new(), config: args.config.clone() };
    let input = Input { paths: args.paths.clone(), ..Input::of_packs(&packs) };
    let mut workspace = workspace::read(&input, context)?;
    workspace::tell_unsupported(&mut workspace, context);
    if workspace.files.is_empty() {
        let message = format!("nothing to explain: no declarations in {}", workspace.root.display());
        let color = output::stderr_options(context).color;
        output::complain(context.streams.stderr, "error", &message, None, color);
        return Ok(NOTHING_CHECKED);
    }
    let question = Question {
        purpose: &args.purpose,
        service: args.service.as_deref(),
        region: &args.region,
        age: args.age.min(ADULT),
        plan: args.plan.as_deref(),
        date: args.as_of.unwrap_or(context.today),
    };
    let atlas = workspace.config.atlas(Atlas::builtin());
    let declared = declared(&mut workspace, &atlas, question.date)?;
    let answer = why(&declared, &workspace.sources, &atlas, &question)
        .map_err(|Unanswered { message, help }| Failure::Unanswered { message, help: help.unwrap_or_default() })?;
    output::to_stdout(context, |out| out.write_all(output::shown_lines(&answer).as_bytes()))?;
    Ok(CLEAN)
}

/// Reads an age for an option.
fn years(text: &str) -> Result<u8, &'static str> {
    text.parse().map_err(|_| "write whole years, such as 15; 18 stands for all who are older as well")
}

/// What the files declare. An answer from half of a file could be wrong, so one that cannot be read whole ends the run.
fn declared(workspace: &mut Workspace, atlas: &Atlas, date: Date) -> Result<model::Workspace, Failure> {
    let mut list = Vec::new();
    let mut declarations = Vec::new();
    for file in &workspace.files {
        let (tree, problems) = parse(&workspace.sources, *file, &workspace.config.limits);
        if tree.documents().iter().any(|document| document.broken) {
            list.extend(problems);
        }
        for root in tree.documents().iter().filter_map(|document| tree.root(document)) {
            if root.kind() == Kind::Null {
                continue;
            }
            list.extend(newer_version(root));
            declarations.push(model::lower(root, atlas, Vocabulary::builtin()).0);
        }
    }
    if !list.is_empty() {
        return Err(Failure::Diagnostics { list, sources: Box::new(std::mem::take(&mut workspace.sources)) });
    }
    Ok(model::Workspace::build(declarations, &Checks { atlas, date, complete: true }).0)
}
