//! Two revisions of a workspace: what has changed for people, and what is to be said of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::left_out::is_left_out;
use super::lists::sort;
use super::read::{Read, newer_version, read};
use super::session::{by_itself, raised};
use super::{Checked, Report, Setup, Skipped, has_run};
use crate::change::{Change, Counts, Side};
use crate::diagnostic::Diagnostic;
use crate::evaluate::{Finding, JudgedChanges, evaluate_changes};
use crate::model::{Checks, Declaration, Service, Workspace};
use crate::parallel;
use crate::policy::{Library, On, RuleSet};
use crate::source::{FileId, SourceMap};
use crate::space::Atlas;
use crate::suppress;
use crate::syntax::{Limits, parse};

/// The revision that another is compared with.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// Its declarations, among the sources of both.
    pub files: &'a [FileId],
    /// Territories and groups as its config has them.
    pub atlas: &'a Atlas,
    /// Those of its files that are not gone although they are no declarations any longer, each with why nobody can say so.
    pub left_out: &'a BTreeMap<FileId, String>,
}

/// What comparing two revisions gives.
#[derive(Debug)]
pub struct Comparison {
    /// What has changed, by service in the order of the revision after, then what is gone.
    pub changes: Vec<Change>,
    /// The findings about it, in the order of any report.
    pub report: Report,
    /// What of either revision could not be read, so that nothing can be said about what it declares.
    pub unread: Vec<Skipped>,
    /// What of either revision reading has left out, so that not all of it was compared.
    pub left_out: Vec<Skipped>,
    /// Whether nothing of that is of the revision after, so that no edit repairs it.
    pub is_sound_now: bool,
}

/// Two revisions as far as what they say differs.
struct Both {
    before: Workspace,
    after: Workspace,
    /// The services that may differ.
    services: Vec<Box<str>>,
    /// How many documents of the revision after were read.
    documents: usize,
    refused: Vec<Diagnostic>,
    unread: Vec<Skipped>,
    left_out: Vec<Skipped>,
    is_sound_now: bool,
}

impl Both {
    fn read(sources: &SourceMap, base: &Base<'_>, files: &[FileId], setup: &Setup<'_>) -> Self {
        let before_setup = Setup { atlas: base.atlas, ..setup.clone() };
        let (was, is) = apart(sources, base.files, files, base.atlas == setup.atlas);
        let all = |files: &[FileId], setup: &Setup<'_>| -> Vec<(FileId, Read)> {
            parallel::map(files, |file| (*file, read(sources, *file, setup, None)))
        };
        let (was_read, is_read) = (all(&was, &before_setup), all(&is, setup));
        let of_both = || was_read.iter().chain(&is_read);
        let mut unread: Vec<Skipped> = of_both().filter_map(|read| lost(sources, read)).collect();
        let whole = of_both().filter(|read| lost(sources, read).is_none());
        let mut left_out: Vec<Skipped> = whole.filter_map(|read| dropped(sources, read, setup.library)).collect();
        let touched = touched(of_both());
        // what both have, letter by letter, is read once, and only where a service that it may belong to has changed
        let differing: BTreeSet<FileId> = is.iter().copied().collect();
        let same = files.iter().filter(|file| !differing.contains(file)).copied();
        let (common, others): (Vec<FileId>, Vec<FileId>) =
            same.partition(|file| may_matter(sources, *file, touched.as_ref()));
        let common = all(&common, setup);
        let others = parallel::map(&others, |file| (*file, at_a_glance(sources, *file, &setup.limits)));
        let lost_in_both: Vec<Skipped> = common.iter().chain(&others).filter_map(|read| lost(sources, read)).collect();
        let is_sound = |read| lost(sources, read).is_none() && dropped(sources, read, setup.library).is_none();
        let mut is_sound_now = lost_in_both.is_empty() && is_read.iter().all(is_sound);
        unread.extend(lost_in_both);
        let refused = is_read.iter().chain(&common).flat_map(|(_, read)| read.refused.iter().cloned()).collect();
        let documents = is_read.iter().chain(&common).map(|(_, read)| read.documents).sum();
        let (before, after) = (merged(was_read, &common, base.files), merged(is_read, &common, files));
        let services = services(&before, &after, touched.as_ref());
        let ids: BTreeSet<&str> = services.iter().map(|id| &**id).collect();
        let of = |workspace, atlas| clashing(sources, (workspace, atlas), (&ids, touched.is_none()), setup);
        left_out.extend(of(&before, base.atlas));
        let clashing_now = of(&after, setup.atlas);
        is_sound_now &= clashing_now.is_empty();
        left_out.extend(clashing_now);
        Self { before, after, services, documents, refused, unread, left_out, is_sound_now }
    }
}

/// What one side declares, in the order of its files: by itself and together with the other.
fn merged(own: Vec<(FileId, Read)>, common: &[(FileId, Read)], order: &[FileId]) -> Workspace {
    let mut by_file: BTreeMap<FileId, Vec<Declaration>> =
        common.iter().map(|(file, read)| (*file, read.declarations.clone())).collect();
    by_file.extend(own.into_iter().map(|(file, read)| (file, read.declarations)));
    let known = order.iter().filter_map(|file| by_file.remove(file)).flatten().collect::<Vec<_>>();
    Workspace::merge(known.into_iter().chain(by_file.into_values().flatten()).collect())
}

/// Compares the declarations of two revisions; the setup is that of the revision after.
pub fn compare(sources: &SourceMap, base: Base<'_>, files: &[FileId], setup: &Setup<'_>) -> Comparison {
    let Both { before, after, services, documents, refused, unread, left_out, is_sound_now } =
        Both::read(sources, &base, files, setup);
    let config = setup.accepting.and_then(|accepting| accepting.config);
    let context = setup.context(On::Change);
    let nothing = BTreeMap::new();
    let sides = (
        Side { workspace: &before, atlas: base.atlas, left_out: base.left_out },
        Side { workspace: &after, atlas: setup.atlas, left_out: &nothing },
    );
    let judged: Vec<JudgedChanges> = parallel::map(&services, |id| evaluate_changes(&context, sides, id, setup.period));
    let complete = unread.is_empty() && left_out.is_empty() && judged.iter().all(|judged| !judged.judged.too_much);
    let mut checked = Checked { files: files.len(), documents, services: services.len(), ..Checked::default() };
    let (mut changes, mut findings): (_, Vec<Arc<Finding>>) = (Vec::new(), Vec::new());
    let mut applied = RuleSet::default();
    for JudgedChanges { changes: of_service, judged } in judged {
        changes.extend(of_service);
        findings.extend(judged.findings.into_iter().map(Arc::new));
        checked.purposes += judged.purposes;
        applied.extend(&judged.applied);
    }
    if let Some(config) = config {
        let ran = |rule: &str| has_run(rule, setup.library, &setup.settings);
        let (library, atlas, today) = (setup.library, setup.atlas, setup.period.today);
        let run = suppress::Run { sources, library, atlas, today, on: On::Change, ran: &ran, complete };
        let wrong = suppress::approve(&mut findings, config, &run);
        findings.extend(raised(by_itself(wrong), sources, &context));
    }
    sort(&mut findings);
    checked.rules = applied.len();
    checked.notes = renamed(&before, &after);
    checked.changes = Some(Counts { lost: unread.len() + left_out.len(), ..Counts::of(&changes) });
    checked.skipped.extend(unread.iter().chain(&left_out).cloned());
    let applied = applied.ids(setup.library).map(str::to_owned).collect();
    let as_of = setup.period.today;
    let report = Report { as_of, findings, checked, refused, applied, seemed_otherwise: false, compared: None };
    Comparison { changes, report, unread, left_out, is_sound_now }
}

/// The files that only one side has: others are the same on both, whatever they are called and in whatever order they are read.
fn apart(sources: &SourceMap, before: &[FileId], after: &[FileId], same_groups: bool) -> (Vec<FileId>, Vec<FileId>) {
    if !same_groups {
        return (before.to_vec(), after.to_vec());
    }
    let text = |file: &FileId| sources.get(*file).map(|source| source.text().shared()).unwrap_or_default();
    let mut known: BTreeMap<Arc<str>, Vec<FileId>> = BTreeMap::new();
    for file in before {
        known.entry(text(file)).or_default().push(*file);
    }
    let mut new = Vec::new();
    for file in after {
        if known.get_mut(&text(file)).and_then(Vec::pop).is_none() {
            new.push(*file);
        }
    }
    let mut old: Vec<FileId> = known.into_values().flatten().collect();
    old.sort_unstable();
    (old, new)
}

/// The files of the side after that may say something of a service which differs; `None` where that may be any of them.
pub fn concerned(sources: &SourceMap, before: &[FileId], after: &[FileId], limits: &Limits) -> Option<Vec<FileId>> {
    let (was, is) = apart(sources, before, after, true);
    let mut touched = BTreeSet::new();
    for file in was.iter().chain(&is) {
        let (tree, _) = parse(sources, *file, limits);
        for document in tree.documents() {
            let root = tree.root(document).filter(|_| !document.broken)?;
            touched.insert(root.get("service")?.value.text()?.into());
        }
    }
    let matters = |file: &FileId| is.contains(file) || may_matter(sources, *file, Some(&touched));
    Some(after.iter().copied().filter(matters).collect())
}

/// What could not be read of a file.
fn lost(sources: &SourceMap, (file, read): &(FileId, Read)) -> Option<Skipped> {
    let what = sources.path(*file).to_owned();
    if let Some(refused) = read.refused.first() {
        return Some(Skipped { what, reason: refused.message.clone() });
    }
    let reason = if read.broken {
        let first = read.problems.first().map(|(_, problem)| {
            let line = sources.start(problem.primary.span).line;
            format!(": line {line}: {}", problem.message)
        });
        format!("could not be read whole{}", first.unwrap_or_default())
    } else if read.homeless {
        "`service` is missing beside its purposes".to_owned()
    } else {
        return None;
    };
    Some(Skipped { what, reason })
}

/// What of a file that differs was left out while it was read, because it means nothing or stands twice: whatever it says was not
/// compared.
fn dropped(sources: &SourceMap, (_, read): &(FileId, Read), library: &Library) -> Option<Skipped> {
    let (_, problem) = read.problems.iter().find(|(_, problem)| is_left_out(problem, library))?;
    Some(not_compared(sources, problem))
}

/// What of the services that are compared, and of what they share where that differs, was left out because several files say it, or
/// because it names no place.
fn clashing(
    sources: &SourceMap,
    (workspace, atlas): (&Workspace, &Atlas),
    (ids, with_shared): (&BTreeSet<&str>, bool),
    setup: &Setup<'_>,
) -> Vec<Skipped> {
    let checks = Checks { atlas, date: setup.period.today, until: setup.period.horizon, complete: true };
    let services: Vec<&Service> = workspace.services().iter().filter(|service| ids.contains(&*service.id)).collect();
    let first = |problems: Vec<Diagnostic>| {
        let problem = problems.iter().find(|problem| is_left_out(problem, setup.library))?;
        Some(not_compared(sources, problem))
    };
    let clashes = parallel::map(&services, |service| first(workspace.check_service(service, &checks).take().0));
    let shared = with_shared.then(|| first(workspace.check_shared(&checks).all([], false)));
    shared.into_iter().chain(clashes).flatten().collect()
}

fn not_compared(sources: &SourceMap, problem: &Diagnostic) -> Skipped {
    let place = problem.primary.span;
    Skipped::in_part(sources, place, "was compared", &problem.message)
}

/// Whether a file can be read that nothing hinges on, without what it declares.
fn at_a_glance(sources: &SourceMap, file: FileId, limits: &Limits) -> Read {
    let (tree, problems) = parse(sources, file, limits);
    let roots = || tree.documents().iter().filter_map(|document| tree.root(document));
    Read {
        broken: tree.documents().iter().any(|document| document.broken),
        homeless: roots().any(|root| root.get("service").is_none() && root.get("purposes").is_some()),
        refused: roots().filter_map(newer_version).collect(),
        problems: problems.into_iter().map(|problem| (None, problem)).collect(),
        ..Read::default()
    }
}

/// The services that differ between the two sides; `None` for all: what they share differs, or what could not be read may be
/// a part of any.
fn touched<'r>(reads: impl Iterator<Item = &'r (FileId, Read)>) -> Option<BTreeSet<Box<str>>> {
    let mut touched = BTreeSet::new();
    for (_, read) in reads {
        if read.broken || !read.refused.is_empty() {
            return None;
        }
        for declaration in &read.declarations {
            touched.insert(declaration.service.as_ref()?.value.clone());
        }
    }
    Some(touched)
}

/// Whether a file that is the same on both sides may say something of a service that is not. To be sure that it does not, it has
/// to be one document of which one line names another service in plain letters.
fn may_matter(sources: &SourceMap, file: FileId, touched: Option<&BTreeSet<Box<str>>>) -> bool {
    let Some(touched) = touched else { return true };
    if touched.is_empty() {
        return false;
    }
    let Some(text) = sources.get(file).map(|source| source.text()) else { return true };
    let mut names = text.lines().filter_map(|line| line.strip_prefix("service:"));
    let (Some(name), None) = (names.next(), names.next()) else { return true };
    let name = name.split(" #").next().unwrap_or_default().trim();
    let is_plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let has_more = text.lines().skip(1).any(|line| line.starts_with("---") || line.starts_with("..."));
    !is_plain || has_more || touched.contains(name)
}

/// Services that are new and have the purposes of one that is gone: nobody can tell whether it is the same under another name.
fn renamed(before: &Workspace, after: &Workspace) -> Vec<Skipped> {
    let purposes = |workspace: &Workspace, service: &Service| -> BTreeSet<Box<str>> {
        workspace.purposes(service).map(|(_, purpose)| purpose.id.clone()).collect()
    };
    let lacks = |workspace: &Workspace, id: &str| workspace.services().iter().all(|known| *known.id != *id);
    let mut out = Vec::new();
    for new in after.services().iter().filter(|service| lacks(before, &service.id)) {
        let own = purposes(after, new);
        let is_alike = |gone: &&Service| !own.is_empty() && purposes(before, gone) == own;
        for gone in before.services().iter().filter(|service| lacks(after, &service.id)).filter(is_alike) {
            let reason = format!(
                "is new, and has the purposes of `{}`, which is gone; if it was renamed, nothing of it was compared: all counts as new",
                gone.id
            );
            out.push(Skipped { what: format!("service `{}`", new.id), reason });
        }
    }
    out
}

/// The services to compare, in the order of the side after, then those that are gone.
fn services(before: &Workspace, after: &Workspace, touched: Option<&BTreeSet<Box<str>>>) -> Vec<Box<str>> {
    let mut out: Vec<Box<str>> = Vec::new();
    for service in after.services().iter().chain(before.services()) {
        if touched.is_none_or(|touched| touched.contains(&service.id)) && !out.contains(&service.id) {
            out.push(service.id.clone());
        }
    }
    out
}
