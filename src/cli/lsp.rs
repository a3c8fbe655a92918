//! `purposelint lsp`: the language server, over standard input and output.

use std::io::{self, BufReader};

use clap::Args;

use super::failure::Failure;
use super::{COULD_NOT_JUDGE, Context, output};
use crate::lsp;

const EXAMPLES: &str = "\
An editor starts this by itself and speaks the language server protocol with
it over standard input and output. docs/editors.md has the settings of the
editors that were tried.

Examples:
  purposelint lsp
  nvim --cmd 'lua vim.lsp.config.purposelint = {cmd = {\"purposelint\", \"lsp\"}}'

Exit codes:
  0  the editor has shut the server down
  1  the editor went without doing so
  2  what came in was not the protocol";

/// Show findings while you write: a language server for editors
#[derive(Debug, Args)]
#[command(after_help = "Examples and exit codes: `purposelint lsp --help`", after_long_help = EXAMPLES)]
pub(super) struct LspArgs {
    /// For editors that pass it to every server: there is no other way
    #[arg(long, hide = true)]
    stdio: bool,
}

/// Runs the command.
pub(super) fn run(_args: &LspArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let started = context.today;
    let env = lsp::Env {
        today: context
            .env
            .clock
            .map_or_else(|| -> Box<dyn Fn() -> _ + Send> { Box::new(move || started) }, |now| Box::new(now)),
    };
    // the streams of the context belong to this thread, and a server listens while it works
    let (connection, transport) = lsp::connect(BufReader::new(io::stdin()), io::stdout());
    let code = lsp::run(connection, env);
    if let Err(error) = transport.finish() {
        let color = output::stderr_options(context).color;
        let help = Some("an editor starts `purposelint lsp`; people start `purposelint check`");
        output::complain(context.streams.stderr, "error", &format!("not the protocol: {error}"), help, color);
        return Ok(COULD_NOT_JUDGE);
    }
    Ok(code)
}
