//! The findings of a workspace in lists, one for each file that they point at: in order, and with what is accepted marked. An
//! edit changes few of them, and the others are left as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Outcome, Subject};
use crate::parallel;
use crate::source::FileId;
use crate::space::Date;

/// Findings that point at one file, in order.
type List = Vec<Arc<Finding>>;

/// The findings of a workspace by file, and which of these lists are out of date.
#[derive(Default)]
pub(super) struct Lists {
    /// What was found, nothing marked.
    found: BTreeMap<FileId, List>,
    /// The same with what is accepted marked, and with what is wrong with that.
    marked: BTreeMap<FileId, List>,
    /// For files whose findings are about something that another file declares, or decides as well, those.
    declared: Links,
    /// For files whose findings have labels in other files, those.
    labelled: Links,
    /// The services that have findings in a file.
    of_file: BTreeMap<FileId, BTreeSet<Box<str>>>,
    stale: Stale,
}

type Links = BTreeMap<FileId, BTreeSet<FileId>>;

/// Files whose lists are no longer what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Stale {
    /// All of them, those without a list as well.
    #[default]
    All,
    /// These.
    Some(BTreeSet<FileId>),
}

impl Stale {
    /// Whether a file is among them.
    pub(super) fn holds(&self, file: FileId) -> bool {
        match self {
            Self::All => true,
            Self::Some(files) => files.contains(&file),
        }
    }

    /// Those of some files, in their order.
    pub(super) fn of(&self, files: &[FileId]) -> Vec<FileId> {
        match self {
            Self::All => files.to_vec(),
            Self::Some(_) => files.iter().copied().filter(|file| self.holds(*file)).collect(),
        }
    }

    fn add(&mut self, files: impl IntoIterator<Item = FileId>) {
        if let Self::Some(known) = self {
            known.extend(files);
        }
    }
}

impl Lists {
    /// Something else is found in these files now.
    pub(super) fn outdate(&mut self, files: impl IntoIterator<Item = FileId>) {
        self.stale.add(files);
    }

    /// Something else may be found anywhere.
    pub(super) fn outdate_all(&mut self) {
        self.stale = Stale::All;
    }

    /// A service has these findings now.
    pub(super) fn place<'f>(&mut self, service: &str, findings: impl Iterator<Item = &'f Arc<Finding>>) {
        for file in files_of(findings) {
            self.of_file.entry(file).or_default().insert(service.into());
            self.outdate([file]);
        }
    }

    /// A service no longer has these findings.
    pub(super) fn displace<'f>(&mut self, service: &str, findings: impl Iterator<Item = &'f Arc<Finding>>) {
        for file in files_of(findings) {
            if let Some(services) = self.of_file.get_mut(&file) {
                services.remove(service);
            }
            self.outdate([file]);
        }
    }

    /// The files whose lists are outdated, and the services that may have findings in them.
    pub(super) fn stale(&self) -> (&Stale, BTreeSet<Box<str>>) {
        let services = match &self.stale {
            Stale::All => BTreeSet::new(),
            Stale::Some(files) => files.iter().filter_map(|file| self.of_file.get(file)).flatten().cloned().collect(),
        };
        (&self.stale, services)
    }

    /// Puts what was found into the lists that were outdated. Gives the files whose findings are to be marked anew: no comment
    /// of another file can have to do with any of them. With `anywhere`, something else than comments marks them as well; with `keeps`,
    /// some of them will be outdated again.
    pub(super) fn refill(&mut self, findings: List, anywhere: bool, keeps: bool) -> Stale {
        let mut stale = std::mem::replace(&mut self.stale, Stale::Some(BTreeSet::new()));
        if let Stale::Some(files) = &stale {
            // what was about another file may be no longer
            let before = self.connected(files);
            files.iter().for_each(|file| drop(self.found.remove(file)));
            self.declared.retain(|file, _| !files.contains(file));
            stale = Stale::Some(before);
        } else {
            self.found.clear();
            self.declared.clear();
        }
        for finding in findings.iter().filter(|_| keeps) {
            let file = finding.primary.span.file;
            let others = finding.deciding.iter().copied().chain(finding.declared).filter(|other| other.file != file);
            for other in others {
                self.declared.entry(file).or_default().insert(other.file);
            }
        }
        put(findings, &mut self.found);
        match &stale {
            Stale::All => parallel::for_each(self.found.values_mut().collect(), |list| sort(list)),
            Stale::Some(files) => {
                files.iter().for_each(|file| self.found.get_mut(file).into_iter().for_each(|list| sort(list)));
            }
        }
        match stale {
            Stale::Some(files) if !anywhere => Stale::Some(self.connected(&files)),
            Stale::Some(files) if files.is_empty() => Stale::Some(files),
            _ => Stale::All,
        }
    }

    /// Files with all others that what is found in them is about, and those with findings about them.
    fn connected(&self, files: &BTreeSet<FileId>) -> BTreeSet<FileId> {
        let mut all = BTreeSet::new();
        let mut new: Vec<FileId> = files.iter().copied().collect();
        while let Some(file) = new.pop() {
            if all.insert(file) {
                let into = self.declared.iter().filter(|(_, declared)| declared.contains(&file)).map(|(from, _)| from);
                new.extend(into.chain(self.declared.get(&file).into_iter().flatten()));
            }
        }
        all
    }

    /// What was found in files; with `keeps`, to be had again.
    pub(super) fn found(&mut self, files: &Stale, keeps: bool) -> List {
        match files {
            Stale::All if !keeps => std::mem::take(&mut self.found).into_values().flatten().collect(),
            Stale::All => self.found.values().flatten().cloned().collect(),
            Stale::Some(files) => files.iter().filter_map(|file| self.found.get(file)).flatten().cloned().collect(),
        }
    }

    /// What is found in files, with what is accepted marked. Gives the files whose lists are others now, where it `keeps` them to be
    /// asked again.
    pub(super) fn mark(&mut self, files: &Stale, findings: List, keeps: bool) -> BTreeSet<FileId> {
        let mut new: BTreeMap<FileId, List> = BTreeMap::new();
        put(findings, &mut new);
        match files {
            Stale::All => parallel::for_each(new.values_mut().collect(), |list| sort(list)),
            // a few lists after a keystroke are sorted before others have woken up
            Stale::Some(_) => new.values_mut().for_each(|list| sort(list)),
        }
        if !keeps {
            self.marked = new;
            return BTreeSet::new();
        }
        let before = match files {
            Stale::All => std::mem::take(&mut self.marked),
            // what a comment is to blame for stands in its file, and that is one of these
            Stale::Some(files) => files.iter().filter_map(|file| Some((*file, self.marked.remove(file)?))).collect(),
        };
        let is_other = |file: &FileId| match (before.get(file), new.get(file)) {
            (Some(before), Some(new)) => !is_same(before, new),
            (before, new) => before.is_some() != new.is_some(),
        };
        let changed: BTreeSet<FileId> = before.keys().chain(new.keys()).copied().filter(is_other).collect();
        for file in &changed {
            let labels = new.get(file).into_iter().flatten().flat_map(|finding| &finding.labels);
            let others: BTreeSet<FileId> = labels.map(|label| label.span.file).filter(|other| other != file).collect();
            match others.is_empty() {
                true => drop(self.labelled.remove(file)),
                false => drop(self.labelled.insert(*file, others)),
            }
        }
        // to append would make the whole map anew
        self.marked.extend(new);
        changed
    }

    /// What is found in a file, in order, accepted or not.
    pub(super) fn of(&self, file: FileId) -> &[Arc<Finding>] {
        self.marked.get(&file).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files with findings that have labels in another.
    pub(super) fn reaching(&self, file: FileId) -> impl Iterator<Item = FileId> {
        self.labelled.iter().filter(move |(_, others)| others.contains(&file)).map(|(from, _)| *from)
    }

    /// All that is found, in order; with `keeps`, to be had again.
    pub(super) fn all(&mut self, keeps: bool) -> List {
        match keeps {
            true => self.marked.values().flatten().cloned().collect(),
            false => std::mem::take(&mut self.marked).into_values().flatten().collect(),
        }
    }
}

/// Puts findings into the lists of their files. Most stand beside others of the same file.
fn put(findings: List, lists: &mut BTreeMap<FileId, List>) {
    let mut rest = findings.into_iter().peekable();
    while let Some(first) = rest.next() {
        let file = first.primary.span.file;
        let list = lists.entry(file).or_default();
        list.push(first);
        list.extend(std::iter::from_fn(|| rest.next_if(|next| next.primary.span.file == file)));
    }
}

fn files_of<'f>(findings: impl Iterator<Item = &'f Arc<Finding>>) -> BTreeSet<FileId> {
    findings.map(|finding| finding.primary.span.file).collect()
}

fn is_same(before: &[Arc<Finding>], now: &[Arc<Finding>]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| Arc::ptr_eq(a, b) || a == b)
}

/// Place, most severe first, rule id, and whatever else tells two findings apart.
pub(super) fn sort(findings: &mut [Arc<Finding>]) {
    fn rest(finding: &Finding) -> (&str, Outcome, &[String], Option<Date>, &str, &Subject) {
        (&finding.rule, finding.outcome, &finding.missing, finding.counts_from, &finding.message, &finding.subject)
    }
    findings.sort_by(|a, b| {
        let severity: std::cmp::Ordering = Severity::cmp(&b.severity, &a.severity);
        a.primary.span.cmp(&b.primary.span).then(severity).then_with(|| rest(a).cmp(&rest(b)))
    });
}
