//! The steps from texts to a report, and what of them holds for the next time.
//!
//! A file is read by itself. A service is judged by itself: it depends on its own files and on what services share. So an edit
//! costs one file and the services that it declares something for; where it is shared, all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::desk::{Desk, Parts};
use super::read::{Read, read};
use super::{Checked, Progress, Report, SWITCHED_OFF, Setup, Skipped, has_run};
use crate::cache::Key;
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Context, Finding, Outcome, Subject, evaluate};
use crate::model::{CheckedService, CheckedShared, Checks, Declaration, EntityKind, Workspace};
use crate::policy::On;
use crate::product::{self, Difference};
use crate::source::{FileId, SourceMap, Span};
use crate::space::Date;
use crate::suppress;
use crate::syntax::{is_within, requoted};

/// A workspace that may be judged again: under the same setup, with the same files in the same order.
#[derive(Default)]
pub struct Session {
    /// Whether there will be a next time.
    keeps: bool,
    reads: BTreeMap<FileId, OfFile>,
    services: BTreeMap<Box<str>, OfService>,
    shared: Option<CheckedShared>,
    /// What differs between the settings that services share and the product.
    differing: Vec<Arc<Finding>>,
}

/// What is known of a file.
#[derive(Serialize, Deserialize)]
struct OfFile {
    read: Read,
    /// What is wrong with it by itself.
    findings: Vec<Arc<Finding>>,
}

/// What is known of a service.
#[derive(Serialize, Deserialize)]
struct OfService {
    place: Span,
    checked: CheckedService,
    /// What was found in any case.
    findings: Vec<Arc<Finding>>,
    /// What is wrong with its references; only counts where every document could be read.
    references: Vec<Arc<Finding>>,
    applied: BTreeSet<String>,
    /// Rules that are about a purpose which is not carried out.
    spared: BTreeSet<String>,
    purposes: usize,
    too_much: bool,
}

/// The keys under which a run finds what others know, and leaves what it finds out.
struct Keys {
    of_services: BTreeMap<Box<str>, Key>,
    of_shared: Key,
}

/// A desk with the keys of a run.
struct Keyed<'d> {
    desk: &'d Desk<'d>,
    keys: Keys,
}

/// What all files together come to, before anything is judged.
#[derive(Default)]
struct Gathered {
    documents: usize,
    /// The files that could not be read whole.
    broken: Vec<FileId>,
    /// The files with purposes that belong to no service.
    homeless: Vec<FileId>,
    refused: Vec<Diagnostic>,
    /// Whether anything could be read.
    has_declarations: bool,
    /// The services in the order of their first files.
    order: Vec<Box<str>>,
}

impl Gathered {
    /// Whether every document could be read.
    fn is_complete(&self) -> bool {
        self.broken.is_empty() && self.refused.is_empty()
    }
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
        if let Some(known) = self.reads.remove(&file) {
            self.touch(&known.read);
        }
    }

    /// Forgets what depends on a file.
    fn touch(&mut self, read: &Read) {
        for service in &read.services {
            match service {
                Some(service) => drop(self.services.remove(service)),
                None => {
                    self.services.clear();
                    self.shared = None;
                }
            }
        }
    }

    /// Judges what is not known, and reports on all of it.
    pub fn lint(&mut self, sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, progress: &Progress) -> Report {
        let (gathered, findings) = self.findings(sources, files, setup, progress);
        let mut checked = Checked { files: files.len(), documents: gathered.documents, ..Checked::default() };
        checked.skipped = skipped(&gathered, sources);
        checked.skipped.extend(switched_off(files, setup));
        let (mut applied, mut spared) = (BTreeSet::new(), BTreeSet::new());
        for id in &gathered.order {
            let Some(of) = self.services.get_mut(id) else { continue };
            checked.purposes += of.purposes;
            for (all, own) in [(&mut applied, &mut of.applied), (&mut spared, &mut of.spared)] {
                match self.keeps {
                    true => all.extend(own.iter().cloned()),
                    false => all.append(own),
                }
            }
            if of.too_much {
                let reason = format!("service `{id}` is not judged, because it asks for too much");
                checked.skipped.push(Skipped { what: sources.path(of.place.file).to_owned(), reason });
            }
        }
        checked.services = gathered.order.len();
        checked.rules = applied.len();
        checked.spared = spared.difference(&applied).count();
        let findings: Vec<Finding> = findings.into_iter().map(Arc::unwrap_or_clone).collect();
        checked.undetermined =
            findings.iter().filter(|finding| finding.is_open() && finding.outcome == Outcome::Undetermined).count();
        Report { as_of: setup.period.today, findings, checked, refused: gathered.refused, applied, compared: None }
    }

    /// Judges what is not known. Gives all findings in order, and what this program is too old to read.
    pub fn judge(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        setup: &Setup<'_>,
    ) -> (Vec<Arc<Finding>>, Vec<Diagnostic>) {
        let (gathered, findings) = self.findings(sources, files, setup, &Progress::default());
        (findings, gathered.refused)
    }

    fn findings(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        setup: &Setup<'_>,
        progress: &Progress,
    ) -> (Gathered, Vec<Arc<Finding>>) {
        let context = setup.context(On::State);
        let desk = Desk::of(setup, sources, files);
        self.read(sources, files, (setup, &context), desk.as_ref(), progress);
        let gathered = self.gather(files);
        progress.services.store(gathered.order.len(), Relaxed);
        let keyed = desk.as_ref().map(|desk| Keyed { keys: self.keys(files, &gathered.order, desk), desk });
        if let Some(keyed) = &keyed {
            self.take(&gathered.order, keyed, progress);
        }
        self.judge_services(sources, files, &gathered.order, (setup, &context), keyed.as_ref(), progress);

        let complete = gathered.is_complete();
        let known = || gathered.order.iter().filter_map(|id| self.services.get(id));
        let shared = self.shared.as_ref().map(|shared| shared.all(known().map(|of| &of.checked), complete));
        let mut judged_all = true;
        let aliased = self.aliased();
        let of_shared = raised(by_itself(shared.into_iter().flatten()), sources, &context);
        let mut findings = settled(of_shared, &aliased, sources);
        hand_over(&mut self.differing, self.keeps, &mut findings);
        for file in files {
            let Some(of) = self.reads.get_mut(file) else { continue };
            hand_over(&mut of.findings, self.keeps, &mut findings);
        }
        for id in &gathered.order {
            let Some(of) = self.services.get_mut(id) else { continue };
            judged_all &= !of.too_much;
            hand_over(&mut of.findings, self.keeps, &mut findings);
            if complete {
                hand_over(&mut of.references, self.keeps, &mut findings);
            }
        }
        sort(&mut findings);
        if let Some(accepting) = &setup.accepting {
            let complete = complete && judged_all;
            let ran = |rule: &str| has_run(rule, setup.library, &setup.settings);
            let today = setup.period.today;
            let run = suppress::Run {
                on: On::State,
                sources,
                library: setup.library,
                atlas: setup.atlas,
                today,
                ran: &ran,
                complete,
            };
            let ignores = files.iter().filter_map(|file| self.reads.get(file)).map(|of| of.read.ignores.clone());
            let wrong = suppress::apply(&mut findings, accepting, ignores.collect(), &run);
            findings.extend(raised(by_itself(wrong), sources, &context));
            // what is accepted in part has become two findings
            sort(&mut findings);
        }
        (gathered, findings)
    }

    /// Reads the files that are not known.
    fn read(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        (setup, context): (&Setup<'_>, &Context<'_>),
        desk: Option<&Desk<'_>>,
        progress: &Progress,
    ) {
        let unknown: Vec<FileId> = files.iter().filter(|file| !self.reads.contains_key(file)).copied().collect();
        let read = |file: FileId| {
            progress.files.fetch_add(1, Relaxed);
            let known: Option<OfFile> = desk.and_then(|desk| desk.take(desk.of_file(file)));
            if let Some(mut known) = known {
                desk.into_iter().for_each(|desk| desk.fill(&mut known.findings));
                return (file, known);
            }
            let mut read = read(sources, file, setup);
            read.shared.sort_unstable();
            let findings = settled(raised(std::mem::take(&mut read.problems), sources, context), &read.shared, sources);
            let known = OfFile { read, findings };
            desk.into_iter().for_each(|desk| desk.put(desk.of_file(file), &BTreeSet::new(), &known));
            (file, known)
        };
        let read: Vec<(FileId, OfFile)> = unknown.into_par_iter().map(read).collect();
        for (file, known) in read {
            self.touch(&known.read);
            self.reads.insert(file, known);
        }
    }

    /// What aliases stand for, in all files, in order.
    fn aliased(&self) -> Vec<Span> {
        let mut shared: Vec<Span> = self.reads.values().flat_map(|of| of.read.shared.iter().copied()).collect();
        shared.sort_unstable();
        shared
    }

    fn gather(&self, files: &[FileId]) -> Gathered {
        let mut gathered = Gathered::default();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for (file, read) in files.iter().filter_map(|file| Some((file, &self.reads.get(file)?.read))) {
            gathered.documents += read.documents;
            if read.broken {
                gathered.broken.push(*file);
            } else if read.homeless {
                gathered.homeless.push(*file);
            }
            gathered.refused.extend(read.refused.iter().cloned());
            gathered.has_declarations |= !read.services.is_empty();
            for service in read.services.iter().flatten() {
                if known.insert(service) {
                    gathered.order.push(service.clone());
                }
            }
        }
        gathered
    }

    /// The keys of services, and of what they share.
    fn keys(&self, files: &[FileId], order: &[Box<str>], desk: &Desk<'_>) -> Keys {
        let mut parts = Parts::default();
        for (file, read) in files.iter().filter_map(|file| Some((file, &self.reads.get(file)?.read))) {
            for service in read.services.iter().map(Option::as_deref).collect::<BTreeSet<_>>() {
                match service {
                    Some(service) => parts.of_services.entry(service).or_default().push(*file),
                    None => parts.shared.push(*file),
                }
            }
        }
        let of_services = order.iter().map(|id| (id.clone(), desk.of_service(id, &parts)));
        Keys { of_services: of_services.collect(), of_shared: desk.of_shared(&parts) }
    }

    /// Takes over what other runs know of services.
    fn take(&mut self, order: &[Box<str>], Keyed { desk, keys }: &Keyed<'_>, progress: &Progress) {
        let take = |id: &Box<str>| {
            let mut known: OfService = desk.take(*keys.of_services.get(id)?)?;
            desk.fill(&mut known.findings);
            desk.fill(&mut known.references);
            progress.judged.fetch_add(1, Relaxed);
            Some((id.clone(), known))
        };
        let unknown: Vec<&Box<str>> = order.iter().filter(|id| !self.services.contains_key(*id)).collect();
        self.services.extend(unknown.into_par_iter().filter_map(take).collect::<Vec<_>>());
        if self.shared.is_none()
            && let Some((shared, differing)) = desk.take(keys.of_shared)
        {
            (self.shared, self.differing) = (Some(shared), differing);
            desk.fill(&mut self.differing);
        }
    }

    /// Judges the services that are not known.
    fn judge_services(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        order: &[Box<str>],
        (setup, context): (&Setup<'_>, &Context<'_>),
        keyed: Option<&Keyed<'_>>,
        progress: &Progress,
    ) {
        let unknown: BTreeSet<Box<str>> = order.iter().filter(|id| !self.services.contains_key(*id)).cloned().collect();
        if unknown.is_empty() && self.shared.is_some() {
            return;
        }
        let is_meant = |id: &str| unknown.contains(id);
        self.declare(sources, files, setup, &is_meant);
        let declarations = match self.keeps {
            true => self.declarations(files, &is_meant),
            false => self.take_declarations(files, &is_meant),
        };
        // whether everything could be read only matters to what is made of these later
        let checks =
            Checks { atlas: setup.atlas, date: setup.period.today, until: setup.period.horizon, complete: true };
        let workspace = Workspace::merge(declarations);
        self.shared = Some(workspace.check_shared(&checks));
        let shared = self.aliased();
        let mut looked_up: BTreeMap<Option<&str>, BTreeSet<String>> = BTreeMap::new();
        for (service, path) in product::looked_up(&workspace) {
            looked_up.entry(service.map(|service| &*service.id)).or_default().insert(path.to_owned());
        }
        let looked_up_in = |services: [Option<&str>; 2]| -> BTreeSet<String> {
            services.iter().filter_map(|service| looked_up.get(service)).flatten().cloned().collect()
        };
        let differences = product::compare(&workspace, setup.products, sources, &setup.limits);
        // where nobody compares, nobody could see that a changed default is not that of the product
        let uncompared = workspace.settings().map(|(_, setting)| setting.place);
        let uncompared = uncompared.filter(|place| setup.settings.of(place.file, &product::rule()).is_none());
        let open = differences.iter().filter(|difference| difference.is_open).map(|open| open.setting.place);
        let unconfirmed = open.chain(uncompared).collect();
        let context = &Context { splits: context.splits.clone(), unconfirmed, ..*context };
        let mut of_services: BTreeMap<Box<str>, Vec<Arc<Finding>>> = BTreeMap::new();
        self.differing.clear();
        for difference in differences {
            let service = difference.service.map(|service| service.id.clone());
            let finding = differing(difference, context).map(Arc::new);
            match service {
                Some(service) => of_services.entry(service).or_default().extend(finding),
                None => self.differing.extend(finding),
            }
        }
        let differing = std::mem::take(&mut self.differing);
        self.differing = settled(differing, &shared, sources);
        if let (Some(Keyed { desk, keys }), Some(shared)) = (keyed, &self.shared) {
            desk.put(keys.of_shared, &looked_up_in([None, None]), &(shared, &self.differing));
        }
        let judged = evaluate(context, &workspace, setup.period, &progress.judged);
        let services = workspace.services().par_iter().zip(judged).map(|(service, judged)| {
            let mut checked = workspace.check_service(service, &checks);
            let (always, references) = checked.take();
            let mut findings: Vec<Arc<Finding>> = judged.findings.into_iter().map(Arc::new).collect();
            findings.extend(raised(by_itself(always), sources, context));
            findings.extend(of_services.get(&service.id).into_iter().flatten().cloned());
            let of = OfService {
                place: service.place,
                checked,
                findings: settled(findings, &shared, sources),
                references: settled(raised(by_itself(references), sources, context), &shared, sources),
                applied: judged.applied,
                spared: judged.spared,
                purposes: judged.purposes,
                too_much: judged.too_much,
            };
            if let Some((desk, key)) = keyed.and_then(|keyed| Some((keyed.desk, keyed.keys.of_services.get(&service.id)?))) {
                desk.put(*key, &looked_up_in([None, Some(&*service.id)]), &of);
            }
            (service.id.clone(), of)
        });
        let services: Vec<(Box<str>, OfService)> = services.collect();
        self.services.extend(services);
    }

    /// What some services declare, with what they share: as far as it is known since the last time.
    pub fn declared(&self, files: &[FileId], is_meant: &dyn Fn(&str) -> bool) -> Workspace {
        Workspace::merge(self.declarations(files, is_meant))
    }

    /// What a file declares, as far as it could be read, and whether all of it could.
    pub fn declared_in(&self, file: FileId) -> Option<(&[Declaration], bool)> {
        let read = &self.reads.get(&file)?.read;
        Some((&read.declarations, !read.broken && read.refused.is_empty()))
    }

    /// The comments of a file that accept findings.
    pub fn ignores(&self, file: FileId) -> &[suppress::Ignore] {
        self.reads.get(&file).map(|of| of.read.ignores.list.as_slice()).unwrap_or_default()
    }

    /// What is declared, document by document: as far as it is known since the last time.
    pub fn documents<'s>(&'s self, files: &'s [FileId]) -> impl Iterator<Item = &'s Declaration> {
        files.iter().filter_map(|file| self.reads.get(file)).flat_map(|of| &of.read.declarations)
    }

    /// Reads files of which others knew all but what they declare, as far as that is needed.
    fn declare(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        setup: &Setup<'_>,
        is_meant: &(dyn Fn(&str) -> bool + Sync),
    ) {
        let is_needed = |file: &&FileId| {
            let read = self.reads.get(file).map(|of| &of.read).filter(|read| !read.is_whole);
            let mut services = read.into_iter().flat_map(|read| &read.services);
            services.any(|service| service.as_deref().is_none_or(is_meant))
        };
        let needed: Vec<FileId> = files.iter().filter(is_needed).copied().collect();
        let read = needed.into_par_iter().map(|file| (file, read(sources, file, setup).declarations));
        for (file, declarations) in read.collect::<Vec<_>>() {
            if let Some(of) = self.reads.get_mut(&file) {
                (of.read.declarations, of.read.is_whole) = (declarations, true);
            }
        }
    }

    /// What some services declare, with what they share; nothing of it is needed again.
    fn take_declarations(&mut self, files: &[FileId], is_meant: &dyn Fn(&str) -> bool) -> Vec<Declaration> {
        let mut out = Vec::new();
        for file in files {
            let declarations = self.reads.get_mut(file).map(|of| std::mem::take(&mut of.read.declarations));
            out.extend(declarations.into_iter().flatten().filter(|declaration| concerns(declaration, is_meant)));
        }
        out
    }

    fn declarations(&self, files: &[FileId], is_meant: &dyn Fn(&str) -> bool) -> Vec<Declaration> {
        let read = files.iter().filter_map(|file| self.reads.get(file)).flat_map(|of| &of.read.declarations);
        read.filter(|declaration| concerns(declaration, is_meant)).cloned().collect()
    }
}

/// Whether a declaration is about one of some services, or about all.
fn concerns(declaration: &Declaration, is_meant: &dyn Fn(&str) -> bool) -> bool {
    declaration.service.as_ref().is_none_or(|service| is_meant(&service.value))
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

/// What was not judged, and why.
fn skipped(gathered: &Gathered, sources: &SourceMap) -> Vec<Skipped> {
    let what = |file: FileId| sources.path(file).to_owned();
    let skip = |file: FileId, reason: &str| (file, Skipped { what: what(file), reason: reason.to_owned() });
    let broken = gathered.broken.iter().map(|file| skip(*file, "not judged, because it could not be read whole"));
    let refused = gathered.refused.iter().map(|refused| skip(refused.primary.span.file, &refused.message));
    let mut unread: Vec<(FileId, Skipped)> = broken.chain(refused).collect();
    unread.sort_by_key(|(file, _)| *file);
    let mut out: Vec<Skipped> = unread.into_iter().map(|(_, skipped)| skipped).collect();
    if !gathered.is_complete() && gathered.has_declarations {
        let reason =
            "unknown references and unused definitions were not looked for, because a file could not be read whole";
        out.push(Skipped { what: "core".to_owned(), reason: reason.to_owned() });
    }
    let reason = "some purposes were not judged, because `service` is missing beside them";
    out.extend(gathered.homeless.iter().map(|file| skip(*file, reason).1));
    out
}

/// Problems that belong to no service in particular.
pub(super) fn by_itself(problems: impl IntoIterator<Item = Diagnostic>) -> Vec<(Option<String>, Diagnostic)> {
    problems.into_iter().map(|problem| (None, problem)).collect()
}

/// Gives findings, to be kept here as well or not.
fn hand_over(findings: &mut Vec<Arc<Finding>>, keeps: bool, out: &mut Vec<Arc<Finding>>) {
    match keeps {
        true => out.extend(findings.iter().cloned()),
        false => out.append(findings),
    }
}

/// Diagnostics as findings of the `core` rules that document them.
pub(super) fn raised(
    problems: Vec<(Option<String>, Diagnostic)>,
    sources: &SourceMap,
    context: &Context<'_>,
) -> Vec<Arc<Finding>> {
    let raise = |(service, diagnostic): (Option<String>, Diagnostic)| {
        let subject = Subject::File(sources.path(diagnostic.primary.span.file).to_owned());
        context.raised(diagnostic, service, subject, None).map(Arc::new)
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

/// Findings whose edits are sound; see [`settle_edits`].
fn settled(mut findings: Vec<Arc<Finding>>, shared: &[Span], sources: &SourceMap) -> Vec<Arc<Finding>> {
    for finding in findings.iter_mut().filter(|finding| !finding.fixes.is_empty()) {
        settle_edits(Arc::make_mut(finding), shared, sources);
    }
    findings
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
pub(super) fn sort(findings: &mut [Arc<Finding>]) {
    fn rest(finding: &Finding) -> (&str, Outcome, &[String], Option<Date>, &str) {
        (&finding.rule, finding.outcome, &finding.missing, finding.counts_from, &finding.message)
    }
    findings.sort_by(|a, b| {
        let severity: std::cmp::Ordering = Severity::cmp(&b.severity, &a.severity);
        a.primary.span.cmp(&b.primary.span).then(severity).then_with(|| rest(a).cmp(&rest(b)))
    });
}
