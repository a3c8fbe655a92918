//! `purposelint completions`: a script that completes commands and flags in a shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::failure::Failure;
use super::{CLEAN, Context, output};

const EXAMPLES: &str = "\
Examples:
  purposelint completions bash \\
    > ~/.local/share/bash-completion/completions/purposelint
  purposelint completions zsh > ~/.zfunc/_purposelint
                        with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
  purposelint completions fish > ~/.config/fish/completions/purposelint.fish
  purposelint completions powershell >> $PROFILE
  purposelint completions elvish >> ~/.config/elvish/rc.elv";

/// Print a script that completes commands and flags in a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Runs the command.
pub(super) fn run(args: &CompletionsArgs, context: &mut Context<'_, '_>) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Args::command(), "purposelint", &mut script);
    output::to_stdout(context, |out| out.write_all(&script))?;
    Ok(CLEAN)
}
