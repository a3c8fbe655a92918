//! Why a run could not judge, as people are told.

use super::{Context, output};
use crate::report;

pub(super) use crate::project::Failure;

/// Tells people, on standard error. That nobody may hear it is no further failure.
pub(super) fn print(failure: &Failure, context: &mut Context<'_, '_>) {
    let options = output::stderr_options(context);
    let mut text = Vec::new();
    if let Failure::Diagnostics { list, sources } = failure {
        let _written = report::diagnostics(list, sources, &options, &mut text);
    } else {
        let help = failure.help();
        output::complain(&mut text, "error", &failure.to_string(), help.as_deref(), options.color);
    }
    let _written = context.streams.stderr.write_all(&text);
    let _flushed = context.streams.stderr.flush();
}
