//! `purposelint test`: the examples of rules as their tests.

use clap::Args;

use super::engine::{Engine, PackArgs};
use super::failure::Failure;
use super::workspace::{self, Input};
use super::{Context, engine};
use crate::policy::Pack;

const EXAMPLES: &str = "\
Examples:
  purposelint test
  purposelint test --packs policies fair-defaults";

/// Run the examples of rules as their tests
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct TestArgs {
    /// The packs to test; default: all
    #[arg(value_name = "PACK")]
    only: Vec<String>,
    #[command(flatten)]
    packs: PackArgs,
}

/// Runs the command.
pub(super) fn run(args: &TestArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let mut workspace = workspace::read(&Input::of_packs(&args.packs), context)?;
    let engine = engine::Engine::load_whole(&mut workspace, &args.packs.packs, context.env)?;
    let known: Vec<String> = engine.library.packs.iter().map(|pack| pack.name.clone()).collect();
    if let Some(name) = args.only.iter().find(|name| !known.contains(name)) {
        let (_, help) = crate::policy::no_such_pack(name, &known);
        return Err(Failure::Unknown { what: "pack", name: name.clone(), help });
    }
    let packs = engine.library.packs.iter().filter(|pack| args.only.is_empty() || args.only.contains(&pack.name));
    examples(&packs.collect::<Vec<_>>(), &engine, context)
}

/// The call site: judging every example goes here.
fn examples(_packs: &[&Pack], _engine: &Engine, _context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    Err(Failure::NotAvailable("test"))
}
