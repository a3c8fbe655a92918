//! What `purposelint check` shows of a run: its reports, and what they have no place for.

use super::failure::Failure;
use super::formats::{Outputs, What};
use super::workspace::Workspace;
use super::{Context, FINDINGS, NOTHING_CHECKED, declared, output};
use crate::diagnostic::Severity;
use crate::discover::Extent;
use crate::evaluate::{Finding, SuppressedBy};
use crate::lint::{Checked, Report, Skipped};
use crate::missing::Missing;
use crate::report::{self, Run};

/// Most rules that are named where they are switched off; `--verbose` names all.
const MOST_RULES: usize = 4;

/// What the reports of a run show.
pub(super) struct Shown<'a> {
    /// What was read.
    pub(super) workspace: &'a Workspace,
    /// What came out.
    pub(super) report: &'a Report,
    /// How the run ends.
    pub(super) run: Run<'a>,
    /// Whether to show all that is accepted.
    pub(super) show_suppressed: bool,
    /// The least severity that fails the run.
    pub(super) fail_on: Severity,
}

impl Shown<'_> {
    /// Writes the reports. Gives those that could not be written.
    pub(super) fn write(&self, outputs: &Outputs, context: &mut Context<'_, '_>) -> Vec<Failure> {
        let Self { workspace, report, run, .. } = self;
        outputs.write(self.is_silent(), context, &|what, options, out| {
            let options = self.options(options);
            match what {
                What::Report(format) => report::render(format, report, &workspace.sources, run, &options, out),
                What::Missing(format) => {
                    let missing = self.gather();
                    report::missing::render(format, &missing, &workspace.sources, &options, out)
                }
            }
        })
    }

    /// Whether people are told on standard error, and need no empty report.
    pub(super) fn is_silent(&self) -> bool {
        self.run.exit_code == NOTHING_CHECKED && self.report.findings.is_empty()
    }

    fn options(&self, options: report::Options) -> report::Options {
        let repository_prefix = self.workspace.repository_prefix();
        report::Options { show_suppressed: self.show_suppressed, fail_on: self.fail_on, repository_prefix, ..options }
    }

    /// Says what no report that was written has a place for.
    pub(super) fn tell_left_out(&self, outputs: &Outputs, context: &mut Context<'_, '_>) {
        let style = output::stderr_options(context);
        let options = self.options(style.clone());
        for format in outputs.formats() {
            let over = report::left_out(format, self.report, &options);
            if over > 0 {
                let message = format!("{over} findings are not in the {format} report: its readers take no more");
                let help = "the most severe are in it; `--format json` has them all";
                output::complain(context.streams.stderr, "warning", &message, Some(help), style.color);
            }
        }
        let checked = &self.report.checked;
        let skipped = checked.skipped.iter().filter(|skipped| !checked.lost.contains(skipped));
        // an empty report for people is not written, and what was skipped may be why it is empty
        if self.is_silent() && outputs.has_summary() || outputs.leave_out_skipped() && !style.quiet {
            tell_skipped(checked, skipped, context);
        }
    }

    /// The facts that the findings wait for, with who should declare them.
    fn gather(&self) -> Missing {
        let declared = declared::readable(self.workspace, self.run.library, self.report.as_of);
        let is_asked = |finding: &&Finding| finding.is_open() || (self.show_suppressed && !is_known_before(finding));
        let missing = Missing::gather(self.report.found().filter(is_asked), &declared.workspace, self.report.as_of);
        Missing { partial: self.run.exit_code > FINDINGS, ..missing }
    }

    /// Says that a list of missing facts is not about what is accepted.
    pub(super) fn tell_accepted(&self, context: &mut Context<'_, '_>) {
        let findings = self.report.found();
        let accepted = findings.filter(|finding| !finding.is_open() && !is_known_before(finding)).count();
        if accepted == 0 || self.show_suppressed || context.global.quiet {
            return;
        }
        let color = output::stderr_options(context).color;
        let are = if accepted == 1 { "finding that is accepted is" } else { "findings that are accepted are" };
        let help = Some("`--show-suppressed` has the facts that they wait for as well");
        output::complain(context.streams.stderr, "note", &format!("{accepted} {are} left out"), help, color);
    }

    /// Says why a run ends with 1 that shows missing facts only: what cannot be read, and how much is flagged.
    pub(super) fn tell_failing(&self, context: &mut Context<'_, '_>) {
        let Self { workspace, report, run, .. } = self;
        if report.refused.is_empty() {
            declared::tell_broken(workspace, run.library, report.as_of, context);
        }
        let failing = report.found().filter(|finding| finding.is_open() && finding.severity >= self.fail_on).count();
        if run.exit_code != FINDINGS || failing == 0 || context.global.quiet {
            return;
        }
        let color = output::stderr_options(context).color;
        let fail = if failing == 1 { "1 finding fails".to_owned() } else { format!("{failing} findings fail") };
        let message = format!("{fail} the run: see `purposelint check`");
        output::complain(context.streams.stderr, "note", &message, None, color);
    }
}

/// Says what was not read or not judged.
pub(super) fn tell_skipped<'s>(
    checked: &Checked,
    skipped: impl Iterator<Item = &'s Skipped>,
    context: &mut Context<'_, '_>,
) {
    let style = output::stderr_options(context);
    let (off, mut skipped): (Vec<_>, Vec<_>) = skipped.cloned().partition(|skipped| checked.is_off(skipped));
    // whoever switched off a pack knows its rules, and a line for each would drown the rest
    match off.len() {
        many if many > MOST_RULES && !style.verbose => {
            skipped.push(Skipped::switched_off(format!("{many} rules")));
        }
        _ => skipped.extend(off),
    }
    for line in report::skipped(&skipped, style.verbose) {
        output::complain(context.streams.stderr, "skipped", &line, None, style.color);
    }
}

/// Says what was left aside where not all of a workspace is there: what is shown or counted is not all there is.
pub(super) fn tell_partial(workspace: &Workspace, context: &mut Context<'_, '_>) {
    if workspace.extent != Extent::Whole && !context.global.quiet {
        tell_skipped(&Checked::default(), workspace.skipped.iter(), context);
    }
}

/// Whether the revision that a run is compared with had it: asking for what it waits for is no news.
fn is_known_before(finding: &Finding) -> bool {
    finding.suppressed.as_ref().is_some_and(|suppressed| suppressed.by == SuppressedBy::Revision)
}
