//! The steps from texts to a report, and what of them holds for the next time.
//!
//! A file is read by itself. A service is judged by itself: it depends on its own files and on what services share. So an edit
//! costs one file and the services that it declares something for; where it is shared, all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;

use super::read::{Read, read};
use super::{Checked, Progress, Report, SWITCHED_OFF, Setup, Skipped, has_run};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Context, Finding, JudgedService, Outcome, Subject, evaluate};
use crate::model::{CheckedService, CheckedShared, Checks, Declaration, Workspace};
use crate::source::{FileId, SourceMap, Span};
use crate::space::Date;
use crate::suppress;

/// A workspace that may be judged again: under the same setup, with the same files in the same order.
#[derive(Default)]
pub struct Session {
    /// Whether there will be a next time.
    keeps: bool,
    reads: BTreeMap<FileId, Read>,
    services: BTreeMap<Box<str>, OfService>,
    shared: Option<CheckedShared>,
    off: Option<Vec<Skipped>>,
}

/// What is known of a service.
struct OfService {
    place: Span,
    checked: CheckedService,
    judged: JudgedService,
}

/// What all files together come to, before anything is judged.
struct Gathered {
    checked: Checked,
    /// Whether every document could be read.
    complete: bool,
    refused: Vec<Diagnostic>,
    problems: Vec<(Option<String>, Diagnostic)>,
    /// The services in the order of their first files.
    order: Vec<Box<str>>,
}

impl Session {
    /// One that is asked more than once.
    pub fn new() -> Self {
        Self { keeps: true, ..Self::default() }
    }

    /// One that is asked once, and keeps nothing.
    pub fn once() -> Self {
        Self::default()
    }

    /// A file has another text now.
    pub fn forget(&mut self, file: FileId) {
        if let Some(read) = self.reads.remove(&file) {
            self.touch(&read);
        }
    }

    /// Forgets what depends on a file.
    fn touch(&mut self, read: &Read) {
        for declaration in &read.declarations {
            match &declaration.service {
                Some(service) => drop(self.services.remove(&service.value)),
                None => {
                    self.services.clear();
                    self.shared = None;
                }
            }
        }
    }

    /// Judges what is not known.
    pub fn lint(&mut self, sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, progress: &Progress) -> Report {
        self.read(sources, files, setup, progress);
        let Gathered { mut checked, complete, refused, problems, order } = self.gather(sources, files, setup);
        let config = setup.accepting.and_then(|accepting| accepting.config);
        let splits = config.map(|config| suppress::splits(config, setup.atlas, setup.period.today)).unwrap_or_default();
        let context = Context { library: setup.library, atlas: setup.atlas, settings: &setup.settings, splits };
        progress.services.store(order.len(), Relaxed);
        self.judge(files, &order, (setup, &context), progress);

        let mut findings = raised(problems, sources, &context);
        let mut applied = BTreeSet::new();
        let mut judged_all = true;
        let known = || order.iter().filter_map(|id| self.services.get(id));
        let shared = self.shared.as_ref().map(|shared| shared.all(known().map(|of| &of.checked), complete));
        findings.extend(raised(by_itself(shared.into_iter().flatten()), sources, &context));
        for (id, of) in order.iter().filter_map(|id| Some((id, self.services.get(id)?))) {
            checked.purposes += of.judged.purposes;
            applied.extend(of.judged.applied.iter().cloned());
            findings.extend(raised(by_itself(of.checked.clone().all(complete)), sources, &context));
            if of.judged.too_much {
                judged_all = false;
                let reason = format!("service `{id}` is not judged, because it asks for too much");
                checked.skipped.push(Skipped { what: sources.path(of.place.file).to_owned(), reason });
            }
        }
        for id in &order {
            findings.extend(
                match self.keeps {
                    true => self.services.get(id).map(|of| of.judged.findings.clone()),
                    false => self.services.remove(id).map(|of| of.judged.findings),
                }
                .into_iter()
                .flatten(),
            );
        }
        sort(&mut findings);
        if let Some(accepting) = &setup.accepting {
            let complete = complete && judged_all;
            let ran = |rule: &str| has_run(rule, setup.library, &setup.settings);
            let today = setup.period.today;
            let run = suppress::Run { sources, library: setup.library, atlas: setup.atlas, today, ran: &ran, complete };
            let ignores = files.iter().filter_map(|file| self.reads.get(file)).map(|read| read.ignores.clone());
            let wrong = suppress::apply(&mut findings, accepting, ignores.collect(), &run);
            if !wrong.is_empty() {
                findings.extend(raised(by_itself(wrong), sources, &context));
                sort(&mut findings);
            }
        }
        checked.services = order.len();
        checked.rules = applied.len();
        checked.undetermined =
            findings.iter().filter(|finding| finding.is_open() && finding.outcome == Outcome::Undetermined).count();
        Report { as_of: setup.period.today, findings, checked, refused, applied, compared: None }
    }

    /// Reads the files that are not known.
    fn read(&mut self, sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, progress: &Progress) {
        let unknown: Vec<FileId> = files.iter().filter(|file| !self.reads.contains_key(file)).copied().collect();
        let read = |file: FileId| {
            let read = read(sources, file, setup);
            progress.files.fetch_add(1, Relaxed);
            (file, read)
        };
        let read: Vec<(FileId, Read)> = unknown.into_par_iter().map(read).collect();
        for (file, read) in read {
            self.touch(&read);
            self.reads.insert(file, read);
        }
    }

    fn gather(&mut self, sources: &SourceMap, files: &[FileId], setup: &Setup<'_>) -> Gathered {
        let mut checked = Checked { files: files.len(), ..Checked::default() };
        let (mut problems, mut refused, mut homeless) = (Vec::new(), Vec::new(), Vec::new());
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut order = Vec::new();
        let mut some = false;
        for (file, read) in files.iter().filter_map(|file| Some((file, self.reads.get(file)?))) {
            let skip = |list: &mut Vec<Skipped>, reason: &str| {
                list.push(Skipped { what: sources.path(*file).to_owned(), reason: reason.to_owned() });
            };
            checked.documents += read.documents;
            if read.broken {
                skip(&mut checked.skipped, "not judged, because it could not be read whole");
            } else if read.homeless {
                skip(&mut homeless, "some purposes were not judged, because `service` is missing beside them");
            }
            problems.extend(read.problems.iter().cloned());
            read.refused.iter().for_each(|refused| skip(&mut checked.skipped, &refused.message));
            refused.extend(read.refused.iter().cloned());
            some |= !read.declarations.is_empty();
            for service in read.declarations.iter().filter_map(|declaration| declaration.service.as_ref()) {
                if known.insert(&service.value) {
                    order.push(service.value.clone());
                }
            }
        }
        let complete = checked.skipped.is_empty() && refused.is_empty();
        if !complete && some {
            let reason =
                "unknown references and unused definitions were not looked for, because a file could not be read whole";
            checked.skipped.push(Skipped { what: "core".to_owned(), reason: reason.to_owned() });
        }
        checked.skipped.extend(homeless);
        checked.skipped.extend(self.off.get_or_insert_with(|| switched_off(files, setup)).iter().cloned());
        Gathered { checked, complete, refused, problems, order }
    }

    /// Judges the services that are not known.
    fn judge(
        &mut self,
        files: &[FileId],
        order: &[Box<str>],
        (setup, context): (&Setup<'_>, &Context<'_>),
        progress: &Progress,
    ) {
        let unknown: BTreeSet<Box<str>> = order.iter().filter(|id| !self.services.contains_key(*id)).cloned().collect();
        if unknown.is_empty() && self.shared.is_some() {
            return;
        }
        let declarations = match self.keeps {
            true => self.declarations(files, &|id| unknown.contains(id)),
            false => self.take_declarations(files),
        };
        // whether everything could be read only matters to what is made of these later
        let checks = Checks { atlas: setup.atlas, date: setup.period.today, complete: true };
        let workspace = Workspace::merge(declarations);
        self.shared = Some(workspace.check_shared(&checks));
        let judged = evaluate(context, &workspace, setup.period, &progress.judged);
        let checked: Vec<CheckedService> =
            workspace.services().par_iter().map(|service| workspace.check_service(service, &checks)).collect();
        for ((service, judged), checked) in workspace.services().iter().zip(judged).zip(checked) {
            self.services.insert(service.id.clone(), OfService { place: service.place, checked, judged });
        }
    }

    /// What some services declare, with what they share: as far as it is known since the last time.
    pub fn declared(&self, files: &[FileId], is_meant: &dyn Fn(&str) -> bool) -> Workspace {
        Workspace::merge(self.declarations(files, is_meant))
    }

    /// All that is declared; it is not needed again.
    fn take_declarations(&mut self, files: &[FileId]) -> Vec<Declaration> {
        let mut out = Vec::new();
        for file in files {
            out.extend(
                self.reads.get_mut(file).map(|read| std::mem::take(&mut read.declarations)).into_iter().flatten(),
            );
        }
        out
    }

    fn declarations(&self, files: &[FileId], is_meant: &dyn Fn(&str) -> bool) -> Vec<Declaration> {
        let is_meant = |declaration: &&Declaration| match &declaration.service {
            Some(service) => is_meant(&service.value),
            None => true,
        };
        let read = files.iter().filter_map(|file| self.reads.get(file));
        read.flat_map(|read| &read.declarations).filter(is_meant).cloned().collect()
    }
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

/// Problems that belong to no service in particular.
fn by_itself(problems: impl IntoIterator<Item = Diagnostic>) -> Vec<(Option<String>, Diagnostic)> {
    problems.into_iter().map(|problem| (None, problem)).collect()
}

/// Diagnostics as findings of the `core` rules that document them.
fn raised(problems: Vec<(Option<String>, Diagnostic)>, sources: &SourceMap, context: &Context<'_>) -> Vec<Finding> {
    let raise = |(service, diagnostic): (Option<String>, Diagnostic)| {
        let subject = Subject::File(sources.path(diagnostic.primary.span.file).to_owned());
        context.raised(diagnostic, service, subject, None)
    };
    problems.into_iter().filter_map(raise).collect()
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
