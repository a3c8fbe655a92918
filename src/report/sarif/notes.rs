//! How the run went: whether it could judge, and what it did not judge or left out.

use std::sync::Arc;

use serde::Serialize;

use super::place::{Location, Places};
use super::{MOST_RESULTS, Text, left_out};
use crate::evaluate::Finding;
use crate::explain::sentence;
use crate::lint::{Checked, Report, Skipped};
use crate::report::{Options, Run, escape, summary};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation<'a> {
    execution_successful: bool,
    exit_code: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'a str,
    message: Text<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

impl Notification<'_> {
    fn new(level: &'static str, text: &str) -> Self {
        Self { level, message: Text { text: sentence(&escape::text(text, escape::LONG)) }, locations: Vec::new() }
    }
}

impl Invocation<'_> {
    /// A run that could not judge, or had nothing to judge, was no success: an empty list of results would look like one.
    pub(super) fn new(report: &Report, run: &Run<'_>, options: &Options, places: &Places<'_>) -> Self {
        let mut notes = Vec::new();
        for refused in &report.refused {
            let mut note = Notification::new("error", &refused.message);
            note.locations.push(places.plain(refused.primary.span));
            notes.push(note);
        }
        let level = if run.may_be_idle { "note" } else { "error" };
        notes.extend(run.idle.iter().map(|why| Notification::new(level, why)));
        notes.extend(report.checked.remarks().map(|skipped| self::skipped(skipped, &report.checked)));
        let over = left_out(report, options);
        if over > 0 {
            let text =
                format!("{over} results are left out: GitHub takes {MOST_RESULTS}, and the most severe are kept");
            notes.push(Notification::new("warning", &text));
        }
        notes.extend(accepted(&report.findings).filter(|_| !options.show_suppressed));
        Self { execution_successful: run.exit_code < 2, exit_code: run.exit_code, tool_execution_notifications: notes }
    }
}

fn skipped(skipped: &Skipped, checked: &Checked) -> Notification<'static> {
    let level = match () {
        () if checked.lost.contains(skipped) => "error",
        () if checked.is_off(skipped) => "note",
        () => "warning",
    };
    let Skipped { what, reason } = skipped;
    Notification::new(level, &format!("`{what}` was not judged: {reason}"))
}

/// What is not in the file because it is accepted.
fn accepted(findings: &[Arc<Finding>]) -> impl Iterator<Item = Notification<'static>> {
    let text = summary::accepted(findings).map(|counts| {
        format!("what is accepted is left out ({counts}); `--show-suppressed` puts it in, with `suppressions`")
    });
    text.map(|text| Notification::new("note", &text)).into_iter()
}
