//! What accepts findings: waivers of the config, comments in declarations, the baseline. And what is wrong with these.

mod baseline;
mod comment;
mod known;
mod lines;
mod waiver;

pub use baseline::Baseline;
pub use comment::{Ignore, Ignores, begun};
pub use known::{Known, about};
pub use waiver::{is_about_a_change, splits};

use std::borrow::Borrow;
use std::sync::Arc;

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::evaluate::{Finding, SuppressedBy};
use crate::policy::{Library, On, RaisedBy, Rule};
use crate::source::{SourceMap, Span};
use crate::space::{Atlas, Date};

/// What a run accepts besides comments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Accepting<'a> {
    /// Waivers, how long they may hold, and the rules of which nothing is accepted.
    pub config: Option<&'a Config>,
    /// Findings that existed when the tool was adopted.
    pub baseline: Option<&'a Baseline>,
}

/// What is known of a run when its findings are there.
pub struct Run<'a> {
    /// Every text.
    pub sources: &'a SourceMap,
    /// The rules.
    pub library: &'a Library,
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// The date of the run.
    pub today: Date,
    /// What was judged: what holds, or what changes.
    pub on: On,
    /// The rules that were switched on.
    pub ran: &'a (dyn Fn(&str) -> bool + 'a),
    /// Whether everything was judged: else what accepts nothing may be waiting for what was not.
    pub complete: bool,
}

/// A finding that may be marked: one's own, or one that others hold as well, of which a copy is marked.
pub trait Markable: Borrow<Finding> {
    /// The finding, to be changed.
    fn to_mark(&mut self) -> &mut Finding;
}

impl Markable for Finding {
    fn to_mark(&mut self) -> &mut Finding {
        self
    }
}

impl Markable for Arc<Finding> {
    fn to_mark(&mut self) -> &mut Finding {
        Arc::make_mut(self)
    }
}

/// Findings, whoever holds them.
fn all<F: Borrow<Finding>>(findings: &[F]) -> impl Iterator<Item = &Finding> {
    findings.iter().map(Borrow::borrow)
}

/// Marks what is accepted. Gives what is wrong with waivers, comments and baseline, as problems that `core` rules document.
///
/// Where several accept a finding, the most visible says so: a waiver before a comment, a comment before the baseline.
pub fn apply<F: Markable>(
    findings: &mut [F],
    accepting: &Accepting<'_>,
    comments: Vec<Ignores>,
    run: &Run<'_>,
) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    if let Some(config) = accepting.config {
        wrong.extend(waiver::apply(findings, config, run));
    }
    wrong.extend(comment::apply(findings, comments, accepting.config, run));
    if let Some(baseline) = accepting.baseline {
        let locked = |rule: &str| !may_be_known(rule, accepting.config, run.library);
        baseline.known().accept(findings, SuppressedBy::Baseline, &locked, (run.atlas, run.today));
        if run.complete {
            wrong.extend(baseline.stale(findings, run.ran));
        }
    }
    if let Some(config) = accepting.config {
        wrong.extend(waiver::over(findings, config, run));
    }
    wrong
}

/// Marks what waivers accept of the findings about a change. Comments and baselines are about what stands in a file, and a
/// change is approved once, by name. Gives what is wrong with the waivers, as problems that `core` rules document.
pub fn approve(findings: &mut [Arc<Finding>], config: &Config, run: &Run<'_>) -> Vec<Diagnostic> {
    let mut wrong = waiver::apply(findings, config, run);
    wrong.extend(waiver::over(findings, config, run));
    wrong
}

/// Why no comment and no baseline accepts findings of a rule.
enum Lock {
    /// A config says so, at this place.
    Config(Span),
    /// What it reports keeps a declaration from being judged.
    Reading,
}

fn lock(rule: &str, config: Option<&Config>, library: &Library) -> Option<Lock> {
    let locked = config.and_then(|config| config.lock_of(rule)).map(Lock::Config);
    let reading = || library.rule(rule).filter(|rule| is_reading(rule)).map(|_| Lock::Reading);
    locked.or_else(reading)
}

/// Whether a rule reports what keeps a declaration from being read as it was meant. A tie is read, and may be known.
pub fn is_reading(rule: &Rule) -> bool {
    rule.leaves_unjudged() && rule.raised_by != Some(RaisedBy::Resolver)
}

/// Whether a baseline may have findings of a rule. What is wrong with suppressions would only hide itself there.
pub fn may_be_known(rule: &str, config: Option<&Config>, library: &Library) -> bool {
    !is_about_suppressions(rule, library) && lock(rule, config, library).is_none()
}

/// Whether a rule reports what is wrong with comments, waivers or the baseline.
pub fn is_about_suppressions(rule: &str, library: &Library) -> bool {
    library.rule(rule).is_some_and(|rule| rule.raised_by == Some(RaisedBy::Suppressions))
}
