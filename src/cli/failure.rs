//! Why a run could not judge, as people are told.

use super::{Context, output};
use crate::git::Error;
use crate::report;

pub(super) use crate::project::Failure;

/// Problems of a config or pack that are shown; each is some lines long, and a hostile file has hundreds of thousands.
const MOST_SHOWN: usize = 100;

/// Tells people, on standard error. That nobody may hear it is no further failure.
pub(super) fn print(failure: &Failure, context: &mut Context<'_, '_>) {
    let options = output::stderr_options(context);
    let mut text = Vec::new();
    if let Failure::Diagnostics { list, sources } = failure {
        let shown = list.get(..MOST_SHOWN).unwrap_or(list);
        let _written = report::diagnostics(shown, sources, &options, &mut text);
        if list.len() > MOST_SHOWN {
            let message = format!("{} more like these are not shown", list.len() - MOST_SHOWN);
            output::complain(&mut text, "error", &message, Some("repair the first ones"), options.color);
        }
    } else {
        let help = failure.help();
        output::complain(&mut text, "error", &failure.to_string(), help.as_deref(), options.color);
    }
    let _written = context.streams.stderr.write_all(&text);
    let _flushed = context.streams.stderr.flush();
}

/// What is said where a repository is asked only because of an option: who has none can do without.
pub(super) fn or_without(option: &str, error: Error) -> Failure {
    match (&error, error.help()) {
        (Error::NoGit | Error::NoRepository(_), Some(help)) => {
            Failure::Usage { message: error.to_string(), help: format!("{help}, or leave out `{option}`") }
        }
        _ => error.into(),
    }
}
