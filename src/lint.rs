//! The pipeline in one function: sources, rules and a date to a report. No IO, no clock.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Context, Finding, Outcome, Period, Subject, evaluate};
use crate::model::{Checks, Declaration, EntityKind, Workspace, lower};
use crate::policy::Library;
use crate::product::{self, Difference, Products};
use crate::schema::{self, SchemaKind};
use crate::settings::Settings;
use crate::source::{FileId, SourceMap, Span};
use crate::space::{Atlas, Date};
use crate::suppress::{self, Accepting, Ignores};
use crate::syntax::{Kind, Limits, NodeRef, is_within, parse, requoted};
use crate::vocabulary::Vocabulary;

/// Why a rule of a pack was not used.
pub const SWITCHED_OFF: &str = "switched off by the config";

/// The version of declarations that this program reads.
const VERSION: i64 = 1;

/// Something that was not judged, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// What: a path, a rule, a pack.
    pub what: String,
    /// Why, in words for people.
    pub reason: String,
}

/// What a run looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Declaration files that were read.
    pub files: usize,
    /// Documents in them.
    pub documents: usize,
    /// Services they declare.
    pub services: usize,
    /// Purposes that were judged.
    pub purposes: usize,
    /// Rules that applied to at least one purpose.
    pub rules: usize,
    /// Rules that applied to none, but are about one that is not carried out.
    pub spared: usize,
    /// Findings whose outcome is undetermined.
    pub undetermined: usize,
    /// What was not judged.
    pub skipped: Vec<Skipped>,
    /// What in the config has less effect than it seems to have.
    pub notes: Vec<Skipped>,
}

impl Checked {
    /// All that whoever reads the report should know beside the findings.
    pub fn remarks(&self) -> impl Iterator<Item = &Skipped> {
        self.skipped.iter().chain(&self.notes)
    }
}

/// The revision that a run is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The id of the commit.
    pub revision: String,
    /// What it was called.
    pub name: String,
}

/// The result of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The date of the run.
    pub as_of: Date,
    /// In order: file, place, severity (most severe first), rule id.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub checked: Checked,
    /// Why this program cannot judge some of what it was given, such as a newer version of the format.
    pub refused: Vec<Diagnostic>,
    /// Rules that applied to at least one purpose.
    pub applied: BTreeSet<String>,
    /// The revision whose findings are marked as such; `None` where all count.
    pub compared: Option<Compared>,
}

/// What a run judges with.
#[derive(Clone)]
pub struct Setup<'a> {
    /// The packs, lexicons and tables.
    pub library: &'a Library,
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// Uses, data categories, subjects and bases.
    pub vocabulary: &'a Vocabulary,
    /// What a config says of each rule for each file.
    pub settings: Settings,
    /// How much a file may ask for.
    pub limits: Limits,
    /// The date of the run and how far it looks ahead.
    pub period: Period,
    /// What is accepted, comments included; `None` where nothing is.
    pub accepting: Option<Accepting<'a>>,
    /// The product files that settings read: nothing here reads the disk.
    pub products: &'a Products,
}

/// How far a run is: counted by the pipeline, read by whoever shows it. The pipeline itself has no clock.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files that were read.
    pub files: AtomicUsize,
    /// Services there are to judge; 0 until all files are read.
    pub services: AtomicUsize,
    /// Services that were judged.
    pub judged: AtomicUsize,
}

/// One file on the way to the workspace.
#[derive(Default)]
struct Read {
    declarations: Vec<Declaration>,
    documents: usize,
    broken: bool,
    /// Purposes that belong to no service.
    homeless: bool,
    /// With the service of the document, where it could be told.
    problems: Vec<(Option<String>, Diagnostic)>,
    refused: Vec<Diagnostic>,
    ignores: Ignores,
    /// What aliases stand for: an edit there would reach further than it says.
    shared: Vec<Span>,
}

/// Judges declarations. `files` are the sources that are declarations; every document of each is read.
pub fn lint(sources: &SourceMap, files: &[FileId], setup: &Setup<'_>) -> Report {
    lint_watched(sources, files, setup, &Progress::default())
}

/// As [`lint`], and counts what is done, for another thread to read.
pub fn lint_watched(sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, progress: &Progress) -> Report {
    let read = |file: &FileId| {
        let read = read(sources, *file, setup);
        progress.files.fetch_add(1, Relaxed);
        read
    };
    let read: Vec<Read> = files.par_iter().map(read).collect();
    let mut checked = Checked { files: files.len(), ..Checked::default() };
    let (mut declarations, mut problems, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let (mut homeless, mut ignores, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    for (file, read) in files.iter().zip(read) {
        checked.documents += read.documents;
        if read.broken {
            let reason = "not judged, because it could not be read whole";
            checked.skipped.push(Skipped { what: sources.path(*file).to_owned(), reason: reason.to_owned() });
        }
        if read.homeless && !read.broken {
            let reason = "some purposes were not judged, because `service` is missing beside them";
            homeless.push(Skipped { what: sources.path(*file).to_owned(), reason: reason.to_owned() });
        }
        problems.extend(read.problems);
        for refused in &read.refused {
            let (what, reason) = (sources.path(*file).to_owned(), refused.message.clone());
            checked.skipped.push(Skipped { what, reason });
        }
        refused.extend(read.refused);
        declarations.extend(read.declarations);
        ignores.push(read.ignores);
        shared.extend(read.shared);
    }
    let off = switched_off(files, setup);
    let complete = checked.skipped.is_empty() && refused.is_empty();
    if !complete && !declarations.is_empty() {
        let reason =
            "unknown references and unused definitions were not looked for, because a file could not be read whole";
        checked.skipped.push(Skipped { what: "core".to_owned(), reason: reason.to_owned() });
    }
    checked.skipped.extend(homeless);
    checked.skipped.extend(off);
    let checks = Checks { atlas: setup.atlas, date: setup.period.today, until: setup.period.horizon, complete };
    let (workspace, found) = Workspace::build(declarations, &checks);
    problems.extend(found.into_iter().map(|diagnostic| (None, diagnostic)));

    checked.services = workspace.services().len();
    let config = setup.accepting.and_then(|accepting| accepting.config);
    let splits = config.map(|config| suppress::splits(config, setup.atlas, setup.period.today)).unwrap_or_default();
    let differences = product::compare(&workspace, setup.products, sources, &setup.limits);
    // where nobody compares, nobody could see that a changed default is not that of the product
    let uncompared = workspace.settings().map(|(_, setting)| setting.place);
    let uncompared = uncompared.filter(|place| setup.settings.of(place.file, &product::rule()).is_none());
    let open = differences.iter().filter(|difference| difference.is_open).map(|open| open.setting.place);
    let unconfirmed = open.chain(uncompared).collect();
    let context =
        Context { library: setup.library, atlas: setup.atlas, settings: &setup.settings, splits, unconfirmed };
    progress.services.store(checked.services, Relaxed);
    let judgements = evaluate(&context, &workspace, setup.period, &progress.judged);
    checked.purposes = judgements.purposes;
    for (place, reason) in &judgements.left {
        checked.skipped.push(Skipped { what: sources.path(place.file).to_owned(), reason: reason.clone() });
    }

    let mut findings = judgements.findings;
    findings.extend(raised(problems, sources, &context));
    findings.extend(differences.into_iter().filter_map(|difference| differing(difference, &context)));
    shared.sort_unstable();
    findings.iter_mut().for_each(|finding| settle_edits(finding, &shared, sources));
    if let Some(accepting) = &setup.accepting {
        let complete = complete && judgements.left.is_empty();
        let ran = |rule: &str| has_run(rule, setup.library, &setup.settings);
        let today = setup.period.today;
        let run = suppress::Run { sources, library: setup.library, atlas: setup.atlas, today, ran: &ran, complete };
        let wrong = suppress::apply(&mut findings, accepting, ignores, &run);
        findings.extend(raised(wrong.into_iter().map(|wrong| (None, wrong)).collect(), sources, &context));
    }
    sort(&mut findings);
    checked.rules = judgements.applied.len();
    checked.spared = judgements.spared.difference(&judgements.applied).count();
    checked.undetermined =
        findings.iter().filter(|finding| finding.is_open() && finding.outcome == Outcome::Undetermined).count();
    Report { as_of: setup.period.today, findings, checked, refused, applied: judgements.applied, compared: None }
}

/// Whether a run with these settings judges by a rule. One that no pack has any more counts as run: it will find nothing again;
/// and so does one of a law that holds where no service is offered.
pub fn has_run(rule: &str, library: &Library, settings: &Settings) -> bool {
    let is_unreached =
        || rule.split_once('/').is_some_and(|(pack, _)| library.unreached.iter().any(|idle| idle == pack));
    settings.is_used(rule) || !library.known.iter().any(|known| known == rule) || is_unreached()
}

fn read(sources: &SourceMap, file: FileId, setup: &Setup<'_>) -> Read {
    let (tree, problems) = parse(sources, file, &setup.limits);
    let mut read = Read { documents: tree.documents().len(), shared: tree.shared().to_vec(), ..Read::default() };
    read.problems.extend(problems.into_iter().map(|problem| (None, problem)));
    if setup.accepting.is_some() {
        read.ignores = Ignores::of(sources, file, &tree, setup.library);
    }
    for document in tree.documents() {
        read.broken |= document.broken;
        let Some(root) = tree.root(document).filter(|root| root.kind() != Kind::Null) else {
            if !document.broken {
                read.problems.push((None, empty(sources, document.span)));
            }
            continue;
        };
        if let Some(newer) = newer_version(root) {
            read.refused.push(newer);
            continue;
        }
        let shape = schema::validate(SchemaKind::Declaration, root);
        let (declaration, meaning) = lower(root, setup.atlas, setup.vocabulary);
        let service = declaration.service.as_ref().map(|service| service.value.to_string());
        read.homeless |= service.is_none() && root.get("purposes").is_some();
        // the schema speaks first; lowering only adds places it has not named
        let named: BTreeSet<Span> = shape.iter().map(|problem| problem.primary.span).collect();
        let meaning = meaning.into_iter().filter(|problem| !named.contains(&problem.primary.span));
        read.problems.extend(shape.iter().cloned().chain(meaning).map(|problem| (service.clone(), problem)));
        read.declarations.push(declaration);
    }
    read
}

/// The rules that the config switches off, for all files or for some.
fn switched_off(files: &[FileId], setup: &Setup<'_>) -> Vec<Skipped> {
    let rules = setup.library.rules().filter(|rule| rule.enabled);
    let skipped = rules.filter_map(|rule| {
        let without = setup.settings.files_without(&rule.id, files);
        let reason = match without {
            _ if !setup.settings.is_used(&rule.id) || (without > 0 && without == files.len()) => {
                SWITCHED_OFF.to_owned()
            }
            0 => return None,
            without => format!("{SWITCHED_OFF} for {without} of {} files", files.len()),
        };
        Some(Skipped { what: rule.id.clone(), reason })
    });
    skipped.collect()
}

fn empty(sources: &SourceMap, span: Span) -> Diagnostic {
    let alone = sources.get(span.file).is_some_and(|source| source.text().trim().is_empty());
    let message = if alone { "the file is empty" } else { "the document is empty" };
    let help = "declare a service: `version: 1`, a `service` and its `purposes`; or delete the file";
    Diagnostic::new("empty-declaration", span, message).at("nothing is declared here").help(help)
}

/// A format that does not exist yet for this program: it must not judge what it cannot understand.
pub fn newer_version(root: NodeRef<'_>) -> Option<Diagnostic> {
    let entry = root.get("version")?;
    match entry.value.kind() {
        Kind::Int(version) if version > VERSION => {
            let ours = env!("CARGO_PKG_VERSION");
            let message = format!("this declaration has version {version}; purposelint {ours} reads version {VERSION}");
            let help = format!("update to a purposelint that reads version {version} of declarations");
            Some(Diagnostic::new("newer-version", entry.value.span(), message).at("a newer format").help(help))
        }
        _ => None,
    }
}

/// Diagnostics as findings of the `core` rules that document them.
fn raised(problems: Vec<(Option<String>, Diagnostic)>, sources: &SourceMap, context: &Context<'_>) -> Vec<Finding> {
    let raise = |(service, diagnostic): (Option<String>, Diagnostic)| {
        let subject = Subject::File(sources.path(diagnostic.primary.span.file).to_owned());
        context.raised(diagnostic, service, subject, None)
    };
    problems.into_iter().filter_map(raise).collect()
}

/// A default that is not that of the product, or of which nobody can tell, as a finding.
fn differing(difference: Difference<'_>, context: &Context<'_>) -> Option<Finding> {
    let Difference { service, setting, diagnostic, is_open } = difference;
    let subject = Subject::Entity(EntityKind::Setting, setting.id.to_string());
    let service = service.map(|service| service.id.to_string());
    let mut finding = context.raised(diagnostic, service, subject, None)?;
    finding.declared = Some(setting.place);
    if is_open {
        let below = context.library.rule(&finding.rule).and_then(|rule| rule.undetermined);
        finding.severity = below.unwrap_or_else(|| finding.severity.below()).min(finding.severity);
        finding.outcome = Outcome::Undetermined;
        finding.unusable = true;
        finding.missing = vec!["setting.reads".to_owned()];
        finding.message = format!("cannot tell whether {}: {}", finding.title, finding.message);
    }
    Some(finding)
}

/// Drops fixes that would reach further than they say or take comments away, and gives new values the quotes of the old ones.
fn settle_edits(finding: &mut Finding, shared: &[Span], sources: &SourceMap) {
    let is_shared = |span: Span| is_within(shared, span);
    let has_comment = |span: Span| {
        let text = sources.slice(span);
        text.contains('#') && text.contains(['\n', '\r'])
    };
    finding.fixes.retain(|fix| !fix.edits.iter().any(|edit| is_shared(edit.span) || has_comment(edit.span)));
    for edit in finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
        if !edit.span.is_empty() {
            edit.text = requoted(sources.slice(edit.span), &edit.text);
        }
    }
}

/// File, place, most severe first, rule id, and whatever else tells two findings apart.
fn sort(findings: &mut [Finding]) {
    fn rest(finding: &Finding) -> (&str, Outcome, &[String], Option<Date>, &str) {
        (&finding.rule, finding.outcome, &finding.missing, finding.counts_from, &finding.message)
    }
    findings.sort_by(|a, b| {
        let severity: std::cmp::Ordering = Severity::cmp(&b.severity, &a.severity);
        a.primary.span.cmp(&b.primary.span).then(severity).then_with(|| rest(a).cmp(&rest(b)))
    });
}
