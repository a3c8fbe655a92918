//! The steps from texts to a report, and what of them holds for the next time.
//!
//! A file is read by itself. A service is judged by itself: it depends on its own files and on what services share. So an edit
//! costs one file and the services that it declares something for; where it is shared, all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::carry::{Before, carry};
use super::desk::Desk;
use super::gathered::{Gathered, Outline, Services};
use super::keep::Keyed;
use super::lists::{Lists, Stale};
use super::read::Read;
use super::repeated::Repeated;
use super::task::{AllDays, Judged, OfFile, OfService, Task, settled};
use super::{Checked, Off, Progress, Report, Setup, Skipped, has_run};
use crate::diagnostic::Diagnostic;
use crate::discover::Extent;
use crate::evaluate::{Context, Finding, KeptDays, Known, Outcome, Subject};
use crate::model::{CheckedShared, Declaration, Workspace};
use crate::order::Order;
use crate::parallel;
use crate::policy::{On, RuleSet};
use crate::source::{FileId, Source, SourceMap, Span};
use crate::suppress::{self, Accepting};

/// A workspace that may be judged again: under the same setup, with the same files in the same order.
#[derive(Default)]
pub struct Session {
    /// Whether there will be a next time.
    keeps: bool,
    /// What is the same for all services on the day that the session is about.
    days: Option<Arc<KeptDays>>,
    pub(super) reads: BTreeMap<FileId, OfFile>,
    pub(super) services: BTreeMap<Box<str>, OfService>,
    pub(super) shared: Option<CheckedShared>,
    /// What differs between the settings that services share and the product.
    pub(super) differing: Vec<Arc<Finding>>,
    /// The product files that these read.
    pub(super) looked_up: BTreeSet<String>,
    /// What is wrong with what services share, with what differs.
    of_all: Vec<Arc<Finding>>,
    /// Whether everything was read at the last time, and judged as well.
    judged: Option<(bool, bool)>,
    pub(super) lists: Lists,
    /// Files that were edited, as they could last be read whole.
    before: BTreeMap<FileId, Before>,
    /// What was known of their services then.
    past: BTreeMap<Box<str>, OfService>,
    /// What all files came to together at the last time, as long as that holds.
    gathered: Option<Arc<Gathered>>,
    /// The services that files are about, as long as they are.
    about: Option<Arc<Services>>,
    /// What files that were forgotten came to for others.
    forgotten: BTreeMap<FileId, Outline>,
    /// The services that are to be judged.
    missing: BTreeSet<Box<str>>,
}

/// Files in order, with what stands for their texts.
type Inputs = Vec<(FileId, u128)>;

impl Session {
    /// One that is asked more than once.
    pub fn new() -> Self {
        Self { keeps: true, ..Self::default() }
    }

    /// One that is asked more than once, under a setup with these days.
    pub fn on(days: KeptDays) -> Self {
        Self { days: Some(Arc::new(days)), ..Self::new() }
    }

    /// One that is asked once, and keeps nothing.
    pub fn once() -> Self {
        Self::default()
    }

    /// A file is about to have another text.
    pub fn forget(&mut self, sources: &SourceMap, file: FileId) {
        if let Some(known) = self.reads.remove(&file) {
            self.lists.outdate([file]);
            self.forgotten.insert(file, Outline::of(&known.read));
            let before = sources.get(file).and_then(|source| Before::of(source, &known.read));
            self.touch(&known.read, before.is_some());
            if let Some(before) = before {
                let declarations = known.read.declarations;
                let older = self.before.insert(file, Before { declarations, ..before });
                // nobody need wait until it is freed
                rayon::spawn(move || drop(older));
            }
        }
    }

    /// Forgets what depends on a file; `is_whole` says whether it could be read.
    fn touch(&mut self, read: &Read, is_whole: bool) {
        for service in &read.services {
            match service {
                Some(service) => {
                    if let Some(of) = self.lose(service) {
                        // what was found while a file could not be read is no help when it can
                        if self.keeps && (is_whole || !self.past.contains_key(service)) {
                            self.past.insert(service.clone(), of);
                        }
                    }
                }
                None => {
                    let all: Vec<Box<str>> = self.services.keys().cloned().collect();
                    all.iter().for_each(|service| drop(self.lose(service)));
                    self.past.clear();
                    self.shared = None;
                }
            }
        }
    }

    /// Takes a service away, which is to be judged again.
    fn lose(&mut self, service: &str) -> Option<OfService> {
        let of = self.services.remove(service)?;
        self.lists.displace(service, of.found());
        self.missing.insert(service.into());
        Some(of)
    }

    /// Judges what is not known, and reports on all of it.
    pub fn lint(&mut self, sources: &SourceMap, files: &[FileId], setup: &Setup<'_>, progress: &Progress) -> Report {
        // which rules applied is known for certain only of what was judged as a whole
        let in_part: Vec<Box<str>> =
            self.services.iter().filter(|(_, of)| of.was_known()).map(|(id, _)| id.clone()).collect();
        in_part.iter().for_each(|id| drop(self.lose(id)));
        self.past.clear();
        let (gathered, _) = self.lists(sources, files, setup, progress);
        let mut checked = Checked { files: files.len(), documents: gathered.documents, ..Checked::default() };
        checked.skipped = skipped(&gathered, sources);
        if setup.extent != Extent::Whole && self.accepts(setup) {
            let lack = setup.extent.lack();
            let reason = format!("what accepts findings and is not needed was not looked for, because {lack}");
            checked.skipped.push(Skipped { what: "core".to_owned(), reason });
        }
        checked.partial = self.judged.is_some_and(|(_, all)| !all);
        for (skipped, off) in switched_off(files, setup) {
            checked.off.insert(skipped.what.clone(), off);
            checked.skipped.push(skipped);
        }
        let (mut applied, mut spared) = (RuleSet::default(), RuleSet::default());
        for id in &gathered.services.order {
            let Some(of) = self.services.get(id) else { continue };
            checked.purposes += of.purposes;
            applied.extend(&of.applied);
            spared.extend(&of.spared);
            if of.too_much {
                let reason = format!("service `{id}` is not judged, because it asks for too much");
                checked.skipped.push(Skipped { what: sources.path(of.place.file).to_owned(), reason });
            }
        }
        checked.services = gathered.services.order.len();
        checked.rules = applied.len();
        spared.extend(&applied);
        checked.spared = spared.len() - applied.len();
        let applied = applied.ids(setup.library).map(str::to_owned).collect();
        let findings = self.lists.all(self.keeps);
        checked.undetermined =
            findings.iter().filter(|finding| finding.is_open() && finding.outcome == Outcome::Undetermined).count();
        let (refused, seemed_otherwise) = (gathered.refused.clone(), gathered.seemed_otherwise);
        Report { as_of: setup.period.today, findings, checked, refused, applied, seemed_otherwise, compared: None }
    }

    /// Judges what is not known. Gives the files in which something else is found than the last time, and what this program is
    /// too old to read.
    pub fn judge(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        setup: &Setup<'_>,
    ) -> (BTreeSet<FileId>, Vec<Diagnostic>) {
        let (gathered, changed) = self.lists(sources, files, setup, &Progress::default());
        (changed, gathered.refused.clone())
    }

    /// What was found in a file at the last time, in order, accepted or not.
    pub fn findings(&self, file: FileId) -> &[Arc<Finding>] {
        self.lists.of(file)
    }

    /// The files with findings that show something of another.
    pub fn reaching(&self, file: FileId) -> impl Iterator<Item = FileId> {
        self.lists.reaching(file)
    }

    /// Brings the lists up to date. Gives what all files together come to, and the files in which something else is found than
    /// the last time.
    fn lists(
        &mut self,
        sources: &SourceMap,
        files: &[FileId],
        setup: &Setup<'_>,
        progress: &Progress,
    ) -> (Arc<Gathered>, BTreeSet<FileId>) {
        let context = setup.context(On::State);
        let kept = self.days.clone();
        let days = kept.as_deref().map_or_else(|| AllDays::Own(Box::default()), AllDays::Kept);
        let task = Task { sources, setup, context: &context, days, progress, repeated: Repeated::new(!self.keeps) };
        let desk = Desk::of(setup, sources, files);
        let known = desk.as_ref().map(|desk| self.take_files(files, desk, &task)).unwrap_or_default();
        if !self.keeps {
            let unknown: Vec<FileId> = files.iter().filter(|file| !known.contains(file)).copied().collect();
            if !unknown.is_empty() {
                self.declare(files.iter().copied(), &|_| false, &task);
                self.judge_in_portions(&unknown, &task);
            }
        }
        self.read(files, &task);
        let gathered = self.gather(files, setup);
        progress.services.store(gathered.services.order.len(), Relaxed);
        let keyed = desk.as_ref().map(|desk| Keyed::new(desk, &self.reads, files, known));
        let taken =
            keyed.as_ref().map(|keyed| self.take_services(&gathered.services.order, keyed, &task)).unwrap_or_default();
        self.judge_services(files, &gathered, &task);
        if let Some(keyed) = &keyed {
            self.leave(keyed, &taken);
        }
        debug_assert_eq!(
            gathered.services.ordered(self.services.keys()).len(),
            self.services.len(),
            "none is there that is gone"
        );
        let complete = gathered.is_complete();
        let is_all = complete && gathered.extent == Extent::Whole;
        let is_judged = is_all && gathered.homeless.is_empty() && self.services.values().all(|of| !of.too_much);
        let judged = (complete, is_judged);
        let shared =
            self.shared.as_ref().map(|shared| shared.all(self.services.values().map(|of| &of.checked), complete));
        let raised = raised(by_itself(shared.into_iter().flatten()), sources, &context);
        let has_fixes = raised.iter().any(|finding| !finding.fixes.is_empty());
        let aliased = if has_fixes { self.aliased(self.reads.keys()) } else { Vec::new() };
        let mut of_all = settled(raised, &aliased, sources);
        of_all.extend(self.differing.iter().cloned());
        let anywhere = setup.accepting.as_ref().is_some_and(accepts_anywhere);
        self.outdate(of_all, judged, anywhere);
        let found = self.found(files, &gathered, complete);
        let stale = self.lists.refill(found, anywhere, self.keeps);
        let changed = self.mark(stale, files, (&task, judged.1));
        (gathered, changed)
    }

    /// Whether there is anything that accepts findings.
    fn accepts(&self, setup: &Setup<'_>) -> bool {
        let has_comments = || self.reads.values().any(|of| !of.read.ignores.list.is_empty());
        setup.accepting.as_ref().is_some_and(|accepting| accepts_anywhere(accepting) || has_comments())
    }

    /// Takes in what is found of nothing in particular, and looks at what of the lists cannot be as it was.
    fn outdate(&mut self, of_all: Vec<Arc<Finding>>, judged: (bool, bool), anywhere: bool) {
        let is_other = self.judged.replace(judged) != Some(judged);
        if is_other && anywhere {
            self.lists.outdate_all();
        } else if is_other {
            // what is wrong with references counts or does not, and comments that accept nothing are told or not
            let references = self.services.values().flat_map(|of| &of.references);
            let commented = self.reads.iter().filter(|(_, of)| !of.read.ignores.list.is_empty());
            self.lists.outdate(references.map(|finding| finding.primary.span.file));
            self.lists.outdate(commented.map(|(file, _)| *file));
        }
        if self.of_all != of_all {
            self.lists.outdate(self.of_all.iter().chain(&of_all).map(|finding| finding.primary.span.file));
            self.of_all = of_all;
        }
    }

    /// What was found in files whose lists are outdated: with nothing left behind where nobody asks again.
    fn found(&mut self, files: &[FileId], gathered: &Gathered, complete: bool) -> Vec<Arc<Finding>> {
        let (stale, services) = self.lists.stale();
        let (stale, keeps) = (stale.clone(), self.keeps);
        let is_stale = |finding: &&Arc<Finding>| stale.holds(finding.primary.span.file);
        let mut out: Vec<Arc<Finding>> = self.of_all.iter().filter(is_stale).cloned().collect();
        let mut give = |findings: &mut Vec<Arc<Finding>>| match keeps {
            true => out.extend(findings.iter().filter(is_stale).cloned()),
            false => out.append(findings),
        };
        for file in stale.of(files) {
            self.reads.get_mut(&file).into_iter().for_each(|of| give(&mut of.findings));
        }
        let meant = match stale {
            Stale::All => gathered.services.ordered(&gathered.services.order),
            Stale::Some(_) => gathered.services.ordered(&services),
        };
        for id in meant {
            let Some(of) = self.services.get_mut(id) else { continue };
            give(&mut of.findings);
            if complete {
                give(&mut of.references);
            }
        }
        out
    }

    /// Marks what is accepted in files. Gives those whose lists are others now.
    fn mark(&mut self, stale: Stale, files: &[FileId], (task, complete): (&Task<'_>, bool)) -> BTreeSet<FileId> {
        let Task { sources, setup, context, .. } = task;
        let mut findings = self.lists.found(&stale, self.keeps);
        if let Some(accepting) = &setup.accepting {
            let ran = |rule: &str| has_run(rule, setup.library, &setup.settings);
            let run = suppress::Run {
                on: On::State,
                sources,
                library: setup.library,
                atlas: setup.atlas,
                today: setup.period.today,
                ran: &ran,
                complete,
            };
            let ignores = stale.of(files).into_iter().filter_map(|file| self.reads.get(&file));
            let ignores = ignores.map(|of| of.read.ignores.clone()).collect();
            let wrong = suppress::apply(&mut findings, accepting, ignores, &run);
            findings.extend(raised(by_itself(wrong), sources, context));
        }
        self.lists.mark(&stale, findings, self.keeps)
    }

    /// Reads the files that are not known.
    pub(super) fn read(&mut self, files: &[FileId], task: &Task<'_>) {
        let unknown: Vec<FileId> = match &self.about {
            Some(_) => self.forgotten.keys().copied().collect(),
            None => files.iter().filter(|file| !self.reads.contains_key(file)).copied().collect(),
        };
        let read: Vec<(FileId, OfFile)> =
            parallel::map_into(unknown, |file| (file, task.read(file, self.before.get(&file))));
        for (file, known) in read {
            self.lists.outdate([file]);
            let (before, now) = (self.forgotten.remove(&file), Outline::of(&known.read));
            if before.as_ref().is_none_or(|before| before.services != now.services) {
                self.about = None;
            }
            if before.is_none_or(|before| before != now) {
                self.gathered = None;
            }
            self.touch(&known.read, true);
            self.reads.insert(file, known);
        }
    }

    /// What aliases stand for in files, in order.
    pub(super) fn aliased<'f>(&self, files: impl IntoIterator<Item = &'f FileId>) -> Vec<Span> {
        let reads = files.into_iter().filter_map(|file| self.reads.get(file));
        let mut shared: Vec<Span> = reads.flat_map(|of| of.read.shared.iter().copied()).collect();
        shared.sort_unstable();
        shared
    }

    /// What all files together come to, and which services are to be judged.
    fn gather(&mut self, files: &[FileId], setup: &Setup<'_>) -> Arc<Gathered> {
        if let Some(known) = &self.gathered {
            return Arc::clone(known);
        }
        let reads = || (0..).zip(files).filter_map(|(place, file)| Some((place, *file, &self.reads.get(file)?.read)));
        let known = self.about.clone();
        let services = known.unwrap_or_else(|| Arc::new(Services::of(reads().map(|(place, _, read)| (place, read)))));
        let of_files = reads().map(|(_, file, read)| (file, read));
        let gathered = Arc::new(Gathered::of(of_files, Arc::clone(&services), setup.extent));
        if self.about.is_none() {
            self.missing = services.order.iter().filter(|id| !self.services.contains_key(*id)).cloned().collect();
        }
        if self.keeps {
            (self.gathered, self.about) = (Some(Arc::clone(&gathered)), Some(services));
        }
        gathered
    }

    /// Judges the services that are not known.
    fn judge_services(&mut self, files: &[FileId], gathered: &Gathered, task: &Task<'_>) {
        let mut inputs = if self.keeps { self.inputs(files, gathered, task.sources) } else { BTreeMap::new() };
        let known = self.carry(&inputs, task.sources);
        if self.missing.is_empty() && self.shared.is_some() {
            return;
        }
        let unknown = self.missing.clone();
        let is_meant = |id: &str| unknown.contains(id);
        let places = gathered.services.files_for(&unknown).into_iter();
        let files: Vec<FileId> = places.filter_map(|place| files.get(place).copied()).collect();
        self.declare(files.iter().copied(), &is_meant, task);
        let declarations = match self.keeps {
            true => self.declarations(&files, &is_meant),
            false => self.take_declarations(&files, &is_meant),
        };
        let mut judged = task.judge(declarations, &self.aliased(&files), self.keeps.then_some(&known));
        for (id, of) in &mut judged.services {
            of.inputs = inputs.remove(id).unwrap_or_default();
        }
        self.take_in(judged);
    }

    /// The files of the services that are to be judged, with what stands for their texts.
    fn inputs(&self, files: &[FileId], gathered: &Gathered, sources: &SourceMap) -> BTreeMap<Box<str>, Inputs> {
        let mut inputs: BTreeMap<Box<str>, Inputs> = BTreeMap::new();
        for id in &self.missing {
            let files = gathered.services.files_of([id]).into_iter().filter_map(|place| files.get(place).copied());
            let hash = |file: FileId| sources.get(file).map(Source::hash).unwrap_or_default();
            inputs.insert(id.clone(), files.map(|file| (file, hash(file))).collect());
        }
        inputs
    }

    /// Takes back services whose files are again what they were, and gives what is known of those where one file was edited.
    fn carry(&mut self, inputs: &BTreeMap<Box<str>, Inputs>, sources: &SourceMap) -> BTreeMap<Box<str>, Known> {
        let mut known = BTreeMap::new();
        for (id, inputs) in inputs {
            let Some(past) = self.past.get(id).filter(|past| past.inputs.len() == inputs.len()) else { continue };
            let mut differ = past.inputs.iter().zip(inputs).filter(|(before, now)| before != now);
            match (differ.next(), differ.next()) {
                (None, _) => {
                    let past = self.past.remove(id);
                    self.hold(past.map(|past| (id.clone(), past)).into_iter().collect());
                }
                (Some(((file, before), (now, _))), None) if file == now => {
                    let before = self.before.get(file).filter(|known| known.hash == *before);
                    let files = inputs.iter().map(|(file, _)| *file);
                    let carried = before.and_then(|before| self.known((id, files), past, (*file, before), sources));
                    known.extend(carried.map(|carried| (id.clone(), carried)));
                }
                _ => {}
            }
        }
        known
    }

    /// What is known of a service with these files since before one of them was edited.
    fn known(
        &self,
        (id, files): (&str, impl Iterator<Item = FileId> + Clone),
        past: &OfService,
        before: (FileId, &Before),
        sources: &SourceMap,
    ) -> Option<Known> {
        let (read, source) = (&self.reads.get(&before.0)?.read, sources.get(before.0)?);
        Before::of(source, read)?;
        let declared = files.filter_map(|file| self.reads.get(&file)).flat_map(|of| &of.read.declarations);
        let own = declared.filter(|it| it.service.as_ref().is_some_and(|service| *service.value == *id));
        carry(past, before, (&source.text(), &read.declarations), own)
    }

    /// Takes in what services came to.
    pub(super) fn take_in(&mut self, judged: Judged) {
        self.shared = Some(judged.shared);
        self.differing = judged.differing;
        self.looked_up = judged.looked_up;
        self.hold(judged.services);
    }

    /// Takes in services.
    pub(super) fn hold(&mut self, services: Vec<(Box<str>, OfService)>) {
        for (id, of) in services {
            if self.keeps {
                self.lists.place(&id, of.found());
            }
            self.missing.remove(&id);
            self.services.insert(id, of);
        }
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

    /// What some services declare, document by document: as far as it is known since the last time.
    pub fn documents_of<'s>(
        &'s self,
        files: &'s [FileId],
        services: &BTreeSet<Box<str>>,
    ) -> impl Iterator<Item = &'s Declaration> {
        let places = self.about.as_ref().map(|about| about.files_of(services)).unwrap_or_default();
        let files = places.into_iter().filter_map(|place| files.get(place));
        let documents = files.filter_map(|file| self.reads.get(file)).flat_map(|of| &of.read.declarations);
        documents.filter(|it| it.service.as_ref().is_some_and(|id| services.contains(&id.value)))
    }

    /// What is declared, document by document: as far as it is known since the last time.
    pub fn documents<'s>(&'s self, files: &'s [FileId]) -> impl Iterator<Item = &'s Declaration> {
        files.iter().filter_map(|file| self.reads.get(file)).flat_map(|of| &of.read.declarations)
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
fn switched_off(files: &[FileId], setup: &Setup<'_>) -> Vec<(Skipped, Off)> {
    let rules = setup.library.rules().filter(|rule| rule.enabled);
    let skipped = rules.filter_map(|rule| {
        let without = setup.settings.files_without(&rule.id, files);
        let all = Skipped::switched_off(rule.id.as_str());
        match without {
            _ if !setup.settings.is_used(&rule.id) || (without > 0 && without == files.len()) => {
                Some((all, Off::Everywhere))
            }
            0 => None,
            without => {
                let reason = format!("{} for {without} of {} files", all.reason, files.len());
                Some((Skipped { reason, ..all }, Off::Somewhere))
            }
        }
    });
    skipped.collect()
}

/// Whether something else than comments accepts findings, wherever they are.
fn accepts_anywhere(accepting: &Accepting<'_>) -> bool {
    accepting.baseline.is_some() || accepting.config.is_some_and(|config| !config.waivers.is_empty())
}

/// What was not judged, and why.
fn skipped(gathered: &Gathered, sources: &SourceMap) -> Vec<Skipped> {
    let what = |file: FileId| sources.path(file).to_owned();
    let skip = |file: FileId, reason: &str| (file, Skipped { what: what(file), reason: reason.to_owned() });
    let broken = gathered.broken.iter().map(|file| skip(*file, "not judged, because it could not be read whole"));
    let refused = gathered.refused.iter().map(|refused| skip(refused.primary.span.file, &refused.message));
    let mut unread: Vec<(FileId, Skipped)> = broken.chain(refused).collect();
    unread.order_by_key(|(file, _)| *file);
    let mut out: Vec<Skipped> = unread.into_iter().map(|(_, skipped)| skipped).collect();
    if !gathered.is_complete() && gathered.has_declarations {
        let because = if gathered.is_read() { gathered.extent.lack() } else { "a file could not be read whole" };
        let reason = format!("unknown references and unused definitions were not looked for, because {because}");
        out.push(Skipped { what: "core".to_owned(), reason });
    }
    let reason = "some purposes were not judged, because `service` is missing beside them";
    out.extend(gathered.homeless.iter().map(|file| skip(*file, reason).1));
    out
}

/// Problems that belong to no service in particular.
pub(super) fn by_itself(problems: impl IntoIterator<Item = Diagnostic>) -> Vec<(Option<String>, Diagnostic)> {
    problems.into_iter().map(|problem| (None, problem)).collect()
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
