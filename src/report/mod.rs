//! A report as text: one file per format. Renderers decide nothing: what is a finding, and in which order, is settled before.

mod annotation;
mod azure;
mod card;
pub mod changes;
mod checkstyle;
mod columns;
mod concise;
mod escape;
mod github;
mod gitlab;
mod group;
pub mod history;
mod human;
mod identity;
mod json;
mod junit;
mod markdown;
pub mod matrix;
pub mod missing;
mod notes;
pub mod patch;
mod place;
mod rdjson;
mod sarif;
mod source;
mod summary;
pub mod waivers;
mod words;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use words::formats;

use crate::diagnostic::{Diagnostic, Fix, Safety, Severity};
use crate::evaluate::Finding;
use crate::lint::{Report, Skipped};
use crate::parallel;
use crate::policy::Library;
use crate::source::{FileId, SourceMap};

formats! {
    /// How a report is written.
    Format {
        /// For people: snippets, grouped by cause, and a summary.
        #[default]
        Human = "human",
        /// For people and editors: one line per finding.
        Concise = "concise",
        /// For machines: one document, as `schemas/report.v1.json` has it.
        Json = "json",
        /// For machines: one finding per line, then a line with the rest.
        Jsonl = "jsonl",
        /// For Azure Pipelines: a logging command per cause.
        Azure = "azure",
        /// For Jenkins and whatever else reads Checkstyle's XML.
        Checkstyle = "checkstyle",
        /// For GitHub Actions: a workflow command per cause.
        Github = "github",
        /// For GitLab: the Code Quality report of a job.
        Gitlab = "gitlab",
        /// For CI services that show tests: JUnit's XML.
        Junit = "junit",
        /// For people: a page for job summaries and comments, in GitHub-flavoured Markdown.
        Markdown = "markdown",
        /// For reviewdog: findings and proposed edits for reviews.
        Rdjson = "rdjson",
        /// For GitHub code scanning and others: SARIF 2.1.0.
        Sarif = "sarif",
    }
}

impl Format {
    /// Whether it has a place for what was not judged.
    pub fn says_what_was_skipped(self) -> bool {
        !matches!(self, Self::Concise | Self::Gitlab | Self::Rdjson)
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How reports look and what they show. Formats for machines have no look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether to colour, with ANSI sequences.
    pub color: bool,
    /// Whether to make rule ids and citations terminal links (OSC 8).
    pub links: bool,
    /// Columns to keep within; see [`Options::columns`].
    pub width: usize,
    /// Whether to show `info` and undetermined findings in full.
    pub verbose: bool,
    /// Whether to leave out the summary.
    pub quiet: bool,
    /// Whether to show findings that a comment or a baseline accepts. JSON has all findings in any case.
    pub show_suppressed: bool,
    /// The least severity that fails the run: what reports of tests show as a failure.
    pub fail_on: Severity,
    /// The way from the root of the repository to the root of the workspace, with `/`; empty where they are the same.
    pub repository_prefix: String,
}

impl Default for Options {
    /// What suits a pipe.
    fn default() -> Self {
        Self {
            color: false,
            links: false,
            width: 80,
            verbose: false,
            quiet: false,
            show_suppressed: false,
            fail_on: Severity::Error,
            repository_prefix: String::new(),
        }
    }
}

/// The least columns in which anything can be laid out.
const NARROW: usize = 40;

impl Options {
    /// The columns to keep within: as many as are wanted, 40 at least.
    fn columns(&self) -> usize {
        self.width.max(NARROW)
    }
}

/// What a report may say of the run beside what came out of it.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The packs it judged with.
    pub library: &'a Library,
    /// The code it ends with.
    pub exit_code: u8,
    /// That nothing was checked, or some of what was named was not, and why, as sentences; empty if all was.
    pub idle: &'a [String],
    /// Whether that is as it should be, because whoever started the run allows it.
    pub may_be_idle: bool,
}

impl<'a> Run<'a> {
    /// Why it fails although nothing may be flagged.
    fn failing_idle(&self) -> &'a [String] {
        if self.may_be_idle { &[] } else { self.idle }
    }
}

/// Writes a report.
pub fn render(
    format: Format,
    report: &Report,
    sources: &SourceMap,
    run: &Run<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    // where lines begin is asked of each file with findings, and found side by side
    let files: BTreeSet<FileId> = report.found().map(|finding| finding.primary.span.file).collect();
    let held = files.into_iter().filter_map(|file| sources.get(file)?.held());
    parallel::for_each(held.collect(), |text| _ = text.line_count());
    match format {
        Format::Human => human::render(report, sources, run.idle, options, out),
        Format::Concise => concise::render(report, sources, options, out),
        Format::Json => json::render(report, sources, out),
        Format::Jsonl => json::render_lines(report, sources, out),
        Format::Azure => azure::render(report, sources, run, options, out),
        Format::Checkstyle => checkstyle::render(report, sources, run, options, out),
        Format::Github => github::render(report, sources, run, options, out),
        Format::Gitlab => gitlab::render(report, sources, options, out),
        Format::Junit => junit::render(report, sources, run, options, out),
        Format::Markdown => markdown::render(report, sources, run, options, out),
        Format::Rdjson => rdjson::render(report, sources, run.library, options, out),
        Format::Sarif => sarif::render(report, sources, run, options, out),
    }
}

/// How many findings a format leaves out because its reader takes no more; the most severe are kept.
pub fn left_out(format: Format, report: &Report, options: &Options) -> usize {
    match format {
        Format::Sarif => sarif::left_out(report, options),
        _ => 0,
    }
}

/// The findings that a report shows: what is open, what is waived, and the rest where it is asked for.
fn visible<'r>(report: &'r Report, options: &Options) -> impl Iterator<Item = &'r Finding> {
    let all = options.show_suppressed;
    report.found().filter(move |finding| all || finding.is_visible())
}

/// The fixes that a host may turn into an edit by one click: those that change form only. Any other would make a declaration say
/// what the product does not do; the help says what to do first.
fn safe_fixes(finding: &Finding) -> impl Iterator<Item = &Fix> {
    finding.fixes.iter().filter(|fix| fix.safety == Safety::Safe)
}

/// A path counted from the root of the repository, for people.
fn repository_path(sources: &SourceMap, file: FileId, options: &Options) -> String {
    let path = place::of_file(&options.repository_prefix, sources, file);
    match sources.get(file).and_then(|source| source.revision()) {
        Some(revision) => escape::text(&format!("{revision}:{path}"), escape::LONG).into_owned(),
        None => escape::text(&path, escape::LONG).into_owned(),
    }
}

/// The path of a file for a host that looks it up: without the revision that it is of.
fn host_path(sources: &SourceMap, file: FileId, options: &Options) -> String {
    escape::text(&place::of_file(&options.repository_prefix, sources, file), escape::LONG).into_owned()
}

/// A line of text that no CI service takes for an order, wherever in a log it stands.
pub fn defused(line: &str) -> Cow<'_, str> {
    escape::defused(Cow::Borrowed(line))
}

/// A finding on one line, without its place: what is the matter, and what changes what that means.
pub fn one_line(finding: &Finding) -> String {
    notes::message(finding).into_owned()
}

/// What was skipped, a line for each; without `verbose`, many of one reason are one line.
pub fn skipped(list: &[Skipped], verbose: bool) -> Vec<String> {
    summary::skipped(list, verbose)
}

/// What came out, in one line: the last of a report for people.
pub fn outcome(findings: &[Arc<Finding>]) -> String {
    summary::result(findings, Severity::Error)
}

/// Writes problems that no rule raised, such as those of a config or a pack, as `human` would. All count as errors.
pub fn diagnostics(list: &[Diagnostic], sources: &SourceMap, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    human::diagnostics(list, sources, options, out)
}
