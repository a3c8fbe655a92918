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
    let (rule, others) = find(&args.rule, &engine)?;
    page(rule, context)?;
    if !others.is_empty() && !context.global.quiet {
        let theirs = if others.len() == 1 {
            "has this name too, in a pack that is"
        } else {
            "have this name too, in packs that are"
        };
        let message = format!("{} {theirs} not active here", suggest::list(&others));
        let color = output::stderr_options(context).color;
        output::complain(context.streams.stderr, "note", &message, None, color);
    }
    Ok(CLEAN)
}

/// The rule that a name stands for, and the others of that name, whose packs are not active. Which of several is meant is not
/// guessed: laws of different countries have rules of one name.
fn find<'e>(name: &str, engine: &'e Engine) -> Result<(&'e Rule, Vec<&'e str>), Failure> {
    let library = &engine.library;
    if let Some(rule) = library.rule(name) {
        return Ok((rule, Vec::new()));
    }
    let named: Vec<&Rule> = library.rules().filter(|rule| suggest::own_name(&rule.id) == name).collect();
    let is_active = |rule: &&&Rule| engine.choices.iter().any(|choice| choice.active && choice.pack == rule.pack());
    let active: Vec<&&Rule> = named.iter().filter(is_active).collect();
    match (named.as_slice(), active.as_slice()) {
        ([], _) => Err(unknown(name, engine)),
        ([only], _) => Ok((only, Vec::new())),
        (_, [only]) => {
            let others = named.iter().map(|rule| rule.id.as_str()).filter(|id| *id != only.id);
            Ok((only, others.collect()))
        }
        _ => {
            let ids: Vec<&str> = named.iter().map(|rule| rule.id.as_str()).collect();
            let message = format!("{} rules are named `{name}`", ids.len());
            Err(Failure::Unanswered { message, help: format!("write {}", suggest::either(&ids)) })
        }
    }
}

/// What is said of a name that no rule has.
fn unknown(name: &str, engine: &Engine) -> Failure {
    let pack = name.trim_end_matches('/');
    if engine.library.packs.iter().any(|known| known.name == pack) {
        let help = format!("`purposelint rules --pack {pack}` lists its rules");
        return Failure::Unanswered { message: format!("`{pack}` is a pack, not a rule"), help };
    }
    let ids = || engine.library.rules().map(|rule| rule.id.as_str());
    let help = match suggest::nearest(name, ids()).or_else(|| suggest::nearest(name, ids().map(suggest::own_name))) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`purposelint rules` lists all rules".to_owned(),
    };
    Failure::Unknown { what: "rule", name: name.to_owned(), help }
}

fn page(rule: &Rule, context: &mut Context<'_, '_>) -> Result<(), Failure> {
    let page = explain::page(rule, output::stdout_options(context).width);
    output::to_stdout(context, |out| out.write_all(output::shown_lines(&page).as_bytes()))
}
