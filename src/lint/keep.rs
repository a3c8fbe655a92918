//! What a session takes over from other runs before it judges, and what it leaves to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::desk::{Desk, Parts};
use super::read::read;
use super::session::Session;
use super::task::{OfFile, OfService, Task};
use crate::cache::Key;
use crate::evaluate::Finding;
use crate::model::CheckedShared;
use crate::parallel;
use crate::source::FileId;

/// A desk with the keys of a run.
pub(super) struct Keyed<'d> {
    desk: &'d Desk<'d>,
    of_services: BTreeMap<Box<str>, Key>,
    of_shared: Key,
    /// The files that were known.
    known: BTreeSet<FileId>,
}

/// What was known of services.
#[derive(Default)]
pub(super) struct Taken {
    services: BTreeSet<Box<str>>,
    /// Whether what they share was known as well.
    shared: bool,
}

impl<'d> Keyed<'d> {
    /// The keys of the services that files are about, and of what they share.
    pub(super) fn new(
        desk: &'d Desk<'d>,
        reads: &BTreeMap<FileId, OfFile>,
        files: &[FileId],
        known: BTreeSet<FileId>,
    ) -> Self {
        let mut parts = Parts::default();
        for (file, read) in files.iter().filter_map(|file| Some((file, &reads.get(file)?.read))) {
            for service in read.services.iter().map(Option::as_deref).collect::<BTreeSet<_>>() {
                match service {
                    Some(service) => parts.of_services.entry(service).or_default().push(*file),
                    None => parts.shared.push(*file),
                }
            }
        }
        let of_services = parts.of_services.keys().map(|id| (Box::from(*id), desk.of_service(id, &parts)));
        Self { of_services: of_services.collect(), of_shared: desk.of_shared(&parts), desk, known }
    }
}

impl Session {
    /// Takes over what other runs know of files by themselves. Gives those of which they do.
    pub(super) fn take_files(&mut self, files: &[FileId], desk: &Desk<'_>, task: &Task<'_>) -> BTreeSet<FileId> {
        let take = |file: &FileId| {
            let mut of: OfFile = desk.take(desk.of_file(*file))?;
            desk.fill(&mut of.findings);
            task.progress.files.fetch_add(1, Relaxed);
            Some((*file, of))
        };
        let taken: Vec<(FileId, OfFile)> = parallel::map(files, take).into_iter().flatten().collect();
        let known = taken.iter().map(|(file, _)| *file).collect();
        self.reads.extend(taken);
        known
    }

    /// Takes over what other runs know of services, and of what they share.
    pub(super) fn take_services(&mut self, order: &[Box<str>], keyed: &Keyed<'_>, task: &Task<'_>) -> Taken {
        let desk = keyed.desk;
        let take = |id: &str| {
            let mut of: OfService = desk.take(*keyed.of_services.get(id)?)?;
            desk.fill(&mut of.findings);
            task.repeated.share(&mut of.findings);
            desk.fill(&mut of.references);
            task.progress.judged.fetch_add(1, Relaxed);
            Some((Box::from(id), of))
        };
        let unknown = order.iter().filter(|id| !self.services.contains_key(*id));
        let unknown: Vec<&str> = unknown.map(|id| &**id).collect();
        let found: Vec<(Box<str>, OfService)> = parallel::map_into(unknown, take).into_iter().flatten().collect();
        let mut taken = Taken { services: found.iter().map(|(id, _)| id.clone()).collect(), shared: false };
        self.hold(found);
        let shared: Option<(CheckedShared, Vec<Arc<Finding>>)> = desk.take(keyed.of_shared);
        if let Some((shared, mut differing)) = shared.filter(|_| self.shared.is_none()) {
            desk.fill(&mut differing);
            (self.shared, self.differing, taken.shared) = (Some(shared), differing, true);
        }
        taken
    }

    /// Leaves what this run has found out.
    pub(super) fn leave(&self, keyed: &Keyed<'_>, taken: &Taken) {
        let desk = keyed.desk;
        let files: Vec<(&FileId, &OfFile)> =
            self.reads.iter().filter(|(file, _)| !keyed.known.contains(file)).collect();
        parallel::for_each(files, |(file, of)| desk.put(desk.of_file(*file), &BTreeSet::new(), of));
        let services = self.services.iter().filter(|(id, _)| !taken.services.contains(*id));
        let services: Vec<(&Key, &OfService)> =
            services.filter_map(|(id, of)| Some((keyed.of_services.get(id)?, of))).collect();
        parallel::for_each(services, |(key, of)| desk.put(*key, &of.looked_up, of));
        if let Some(shared) = self.shared.as_ref().filter(|_| !taken.shared) {
            desk.put(keyed.of_shared, &self.looked_up, &(shared, &self.differing));
        }
    }

    /// Reads files of which other runs knew all but what they declare, as far as that is needed: for what services share, and
    /// for those that are meant.
    pub(super) fn declare(
        &mut self,
        files: impl Iterator<Item = FileId>,
        is_meant: &(dyn Fn(&str) -> bool + Sync),
        task: &Task<'_>,
    ) {
        let is_needed = |file: &FileId| {
            let read = self.reads.get(file).map(|of| &of.read).filter(|read| !read.is_whole);
            let mut services = read.into_iter().flat_map(|read| &read.services);
            services.any(|service| service.as_deref().is_none_or(is_meant))
        };
        let needed: Vec<FileId> = files.filter(is_needed).collect();
        let read = |file: FileId| (file, read(task.sources, file, task.setup, None).declarations);
        for (file, declarations) in parallel::map_into(needed, read) {
            if let Some(of) = self.reads.get_mut(&file) {
                (of.read.declarations, of.read.is_whole) = (declarations, true);
            }
        }
    }
}
