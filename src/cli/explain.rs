//! `purposelint explain`: a rule as a page.

use clap::Args;

use super::failure::Failure;
use super::workspace::{self, Engine, Input, PackArgs};
use super::{CLEAN, Context, output};
use crate::explain;
use crate::policy::Rule;
use crate::suggest;

const EXAMPLES: &str = "\
Examples:
  purposelint explain fair-defaults/setting-buried
  purposelint explain setting-buried";

/// Say what a rule looks at, why, and where it comes from
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExplainArgs {
    /// The rule: `pack/name`, or its name alone
    rule: String,
    #[command(flatten)]
    packs: PackArgs,
}

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let mut workspace = workspace::read(&Input::of_packs(&args.packs), context)?;
    let engine = Engine::load_whole(&mut workspace, &args.packs.packs, context.env.current(), context.today)?;
    let rules = || engine.library.rules();
    let matching = rules().find(|rule| rule.id == args.rule || rule.id.ends_with(&format!("/{}", args.rule)));
    match matching {
        Some(rule) => page(rule, context),
        None => {
            let ids = || rules().map(|rule| rule.id.as_str());
            let bare = || ids().filter_map(|id| id.rsplit('/').next());
            let help = match suggest::nearest(&args.rule, ids()).or_else(|| suggest::nearest(&args.rule, bare())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`purposelint rules` lists all rules".to_owned(),
            };
            Err(Failure::Unknown { what: "rule", name: args.rule.clone(), help })
        }
    }
}

fn page(rule: &Rule, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let page = explain::page(rule, output::stdout_options(context).width);
    output::to_stdout(context, |out| out.write_all(output::shown_lines(&page).as_bytes()))?;
    Ok(CLEAN)
}
