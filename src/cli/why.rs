//! `purposelint why`: which default holds for one person, and by which lines.

use std::path::PathBuf;

use clap::Args;

use super::engine::PackArgs;
use super::failure::Failure;
use super::workspace::{self, Input, Workspace};
use super::{Context, NOTHING_CHECKED};
use crate::space::{ADULT, Atlas, Date, Territory, WORLD};

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
    #[arg(long, value_name = "YEARS", default_value_t = ADULT)]
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

/// For whom and when.
#[derive(Debug)]
struct Question<'a> {
    purpose: &'a str,
    service: Option<&'a str>,
    territory: Territory,
    /// 18 for 18 and over.
    age: u8,
    plan: Option<&'a str>,
    date: Date,
}

/// Runs the command.
pub(super) fn run(args: &WhyArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let packs = PackArgs { packs: Vec::new(), config: args.config.clone() };
    let input = Input { paths: args.paths.clone(), ..Input::of_packs(&packs) };
    let mut workspace = workspace::read(&input, context)?;
    workspace::tell_unsupported(&mut workspace, context);
    let atlas = workspace.config.atlas(Atlas::builtin());
    let question = Question {
        purpose: &args.purpose,
        service: args.service.as_deref(),
        territory: territory(&args.region, &atlas)?,
        age: args.age.min(ADULT),
        plan: args.plan.as_deref(),
        date: args.as_of.unwrap_or(context.today),
    };
    if workspace.files.is_empty() {
        let message = format!("nothing to explain: no declarations in {}", workspace.root.display());
        let color = super::output::stderr_options(context).color;
        super::output::complain(context.streams.stderr, "error", &message, None, color);
        return Ok(NOTHING_CHECKED);
    }
    chain(&question, &workspace, &atlas, context)
}

/// One territory; a group holds many, for which different lines may decide.
fn territory(name: &str, atlas: &Atlas) -> Result<Territory, Failure> {
    let help = match (atlas.leaf(name), atlas.suggestion(name)) {
        (Some(leaf), _) => return Ok(leaf),
        (None, _) if name == WORLD || atlas.knows(name) => format!("`{name}` is a group; name one territory of it, such as FR"),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => "write an ISO 3166 code such as `FR` or `US-CA`".to_owned(),
    };
    Err(Failure::Unknown { what: "territory", name: name.to_owned(), help })
}

/// The call site: the explanation of a cell goes here.
fn chain(
    _question: &Question<'_>,
    _workspace: &Workspace,
    _atlas: &Atlas,
    _context: &mut Context<'_, '_>,
) -> Result<u8, Failure> {
    Err(Failure::NotAvailable("why"))
}
