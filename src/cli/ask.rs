//! Questions on a terminal: one line each on standard error, the default in brackets; answers from standard input.

use std::io::{self, Read};

use super::failure::Failure;
use super::{Context, output};

/// No answer is longer.
const LONGEST: usize = 4096;

/// An answer that will not do.
#[derive(Debug)]
pub(super) struct Wrong {
    /// What is wrong.
    pub(super) message: String,
    /// What would be right.
    pub(super) help: String,
    /// Lines of our own to choose from, for whoever asks for them.
    pub(super) choices: String,
}

impl Wrong {
    /// What is wrong, and what would be right.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), choices: String::new() }
    }
}

/// Asks until an answer will do; an empty one is the default.
pub(super) fn ask<T>(
    context: &mut Context<'_, '_>,
    question: &str,
    default: &str,
    read: impl Fn(&str) -> Result<T, Wrong>,
) -> Result<T, Failure> {
    loop {
        write!(context.streams.stderr, "{question} [{default}]: ")?;
        context.streams.stderr.flush()?;
        let Some(line) = line(context.streams.stdin)? else {
            let _newline = writeln!(context.streams.stderr);
            return Err(Failure::Unanswered {
                message: "not every question was answered, so nothing was written".to_owned(),
                help: "answer them, or take what is in brackets with `--yes`".to_owned(),
            });
        };
        let answer = Some(line.trim()).filter(|answer| !answer.is_empty()).unwrap_or(default);
        match read(answer) {
            Ok(value) => return Ok(value),
            Err(Wrong { choices, .. }) if !choices.is_empty() => write!(context.streams.stderr, "{choices}")?,
            Err(Wrong { message, help, .. }) => {
                let color = output::stderr_options(context).color;
                output::complain(context.streams.stderr, "error", &message, Some(&help), color);
            }
        }
    }
}

/// One line, without what ends it; `None` at the end of the input. Reads no byte beyond, which belongs to the next question.
fn line(input: &mut dyn Read) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    loop {
        match input.read(&mut byte) {
            Ok(0) if bytes.is_empty() => return Ok(None),
            Ok(0) => break,
            Ok(_) if byte == *b"\n" => break,
            Ok(_) if bytes.len() < LONGEST => bytes.extend(byte),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
