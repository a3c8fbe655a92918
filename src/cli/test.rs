//! `purposelint test`: the examples of rules as their tests.

use std::io::{self, Write};

use clap::Args;

use super::failure::Failure;
use super::output::shown;
use super::workspace::{self, Engine, Input, PackArgs};
use super::{CLEAN, Context, FINDINGS, NOTHING_CHECKED, output};
use crate::examples::{self, Results};

const EXAMPLES: &str = "\
Examples:
  purposelint test
  purposelint test --packs policies fair-defaults

Exit codes:
  0  every example came out as its rule says
  1  one did not, or a rule still says TODO
  2  could not test: wrong usage, a pack that cannot be read";

/// Run the examples of rules as their tests
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint test --help`", after_long_help = EXAMPLES)]
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
    let engine = Engine::load_whole(&mut workspace, &args.packs.packs, context.env.current(), context.today)?;
    let known: Vec<String> = engine.library.packs.iter().map(|pack| pack.name.clone()).collect();
    if let Some(name) = args.only.iter().find(|name| !known.contains(name)) {
        return Err(workspace::no_such_pack(name, &known, context));
    }
    let names = known.into_iter().filter(|name| args.only.is_empty() || args.only.contains(name)).collect::<Vec<_>>();
    let results = examples::run(&engine.library, &names);
    output::to_stdout(context, |out| write(&results, &engine, out))?;
    if results.rules == 0 {
        let color = output::stderr_options(context).color;
        let message = format!("nothing was checked: no rules in {}", crate::suggest::join(&names));
        let help = "a rule is a file beside the pack.yaml; `purposelint schema policy` says what stands in it";
        output::complain(context.streams.stderr, "error", &message, Some(help), color);
        return Ok(NOTHING_CHECKED);
    }
    Ok(if results.failures.is_empty() { CLEAN } else { FINDINGS })
}

/// One line for each failure, then how many examples were run.
fn write(results: &Results, engine: &Engine, out: &mut dyn Write) -> io::Result<()> {
    let sources = &engine.library.sources;
    for failure in &results.failures {
        let place = sources.start(failure.span);
        let path = shown(sources.path(failure.span.file));
        let example =
            if failure.example.is_empty() { String::new() } else { format!(" ({})", shown(&failure.example)) };
        let (rule, message) = (shown(&failure.rule), shown(&failure.message));
        writeln!(out, "{path}:{}:{}: {rule}{example}: {message}", place.line, place.column)?;
    }
    let Results { rules, examples, failures } = results;
    let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    writeln!(out, "ran {} of {}: {} failed", count(*examples, "example"), count(*rules, "rule"), failures.len())
}
