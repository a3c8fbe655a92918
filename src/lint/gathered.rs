//! What all files together come to before anything is judged. It holds as long as no edit changes what a file comes to for others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read::Read;
use crate::diagnostic::Diagnostic;
use crate::discover::Extent;
use crate::source::FileId;

/// What a file comes to for others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outline {
    /// Whose its documents are; `None` for what services share.
    pub(super) services: Vec<Option<Box<str>>>,
    documents: usize,
    broken: bool,
    homeless: bool,
    seemed_otherwise: bool,
    refused: Vec<Diagnostic>,
}

impl Outline {
    pub(super) fn of(read: &Read) -> Self {
        Self {
            services: read.services.clone(),
            documents: read.documents,
            broken: read.broken,
            homeless: read.homeless,
            seemed_otherwise: read.seemed_otherwise,
            refused: read.refused.clone(),
        }
    }
}

/// What all files together come to.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) documents: usize,
    /// Whether one says something else of where services are offered than it seemed to.
    pub(super) seemed_otherwise: bool,
    /// The files that could not be read whole.
    pub(super) broken: Vec<FileId>,
    /// The files with purposes that belong to no service.
    pub(super) homeless: Vec<FileId>,
    pub(super) refused: Vec<Diagnostic>,
    /// How much of the workspace the files are.
    pub(super) extent: Extent,
    /// Whether anything could be read.
    pub(super) has_declarations: bool,
    pub(super) services: Arc<Services>,
}

/// The services that files are about.
#[derive(Debug, Default)]
pub(super) struct Services {
    /// In the order of their first files.
    pub(super) order: Vec<Box<str>>,
    /// The place of each in that order, and the places of its files.
    known: BTreeMap<Box<str>, (usize, BTreeSet<usize>)>,
    /// The places of the files with something that services share.
    shared: BTreeSet<usize>,
}

impl Gathered {
    /// From files in order, the services that they are about, and how much of the workspace they are.
    pub(super) fn of<'r>(
        reads: impl Iterator<Item = (FileId, &'r Read)>,
        services: Arc<Services>,
        extent: Extent,
    ) -> Self {
        let mut gathered = Self { extent, services, ..Self::default() };
        for (file, read) in reads {
            gathered.documents += read.documents;
            gathered.seemed_otherwise |= read.seemed_otherwise;
            if read.broken {
                gathered.broken.push(file);
            } else if read.homeless {
                gathered.homeless.push(file);
            }
            gathered.refused.extend(read.refused.iter().cloned());
            gathered.has_declarations |= !read.services.is_empty();
        }
        gathered
    }

    /// Whether every document that is there could be read.
    pub(super) fn is_read(&self) -> bool {
        self.broken.is_empty() && self.refused.is_empty()
    }

    /// Whether every document is there and could be read.
    pub(super) fn is_complete(&self) -> bool {
        self.is_read() && self.extent < Extent::Part
    }
}

impl Services {
    /// Those of files, each with its place among all.
    pub(super) fn of<'r>(reads: impl Iterator<Item = (usize, &'r Read)>) -> Self {
        let mut all = Self::default();
        for (place, read) in reads {
            for service in &read.services {
                let Some(service) = service else {
                    all.shared.insert(place);
                    continue;
                };
                match all.known.get_mut(service) {
                    Some((_, files)) => drop(files.insert(place)),
                    None => {
                        all.known.insert(service.clone(), (all.order.len(), BTreeSet::from([place])));
                        all.order.push(service.clone());
                    }
                }
            }
        }
        all
    }

    /// Services in the order of their first files.
    pub(super) fn ordered<'s>(&self, services: impl IntoIterator<Item = &'s Box<str>>) -> Vec<&'s str> {
        let placed = services.into_iter().filter_map(|id| Some((self.known.get(id)?.0, &**id)));
        placed.collect::<BTreeMap<_, _>>().into_values().collect()
    }

    /// The places of the files of services.
    pub(super) fn files_of<'s>(&self, services: impl IntoIterator<Item = &'s Box<str>>) -> BTreeSet<usize> {
        let known = services.into_iter().filter_map(|id| self.known.get(id));
        known.flat_map(|(_, files)| files).copied().collect()
    }

    /// The same, with those of the files that hold something which services share.
    pub(super) fn files_for<'s>(&self, services: impl IntoIterator<Item = &'s Box<str>>) -> BTreeSet<usize> {
        let mut files = self.files_of(services);
        files.extend(&self.shared);
        files
    }
}
