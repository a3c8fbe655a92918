//! Where services are offered, told from their declarations before any of them is judged.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::declaration::Declaration;
use crate::source::{FileId, SourceMap};
use crate::space::{Atlas, Date, TerritorySet};
use crate::syntax::{Limits, NodeRef, Tree, parse};

/// The territories in which the services of a workspace are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// By the id of the service. One that names no `regions` is offered everywhere.
    pub services: BTreeMap<String, TerritorySet>,
    /// Whether part of a declaration could not be read, so that there may be more than `services` says.
    pub uncertain: bool,
}

/// What one document says.
struct Said {
    service: String,
    /// `None` where the document says nothing of it: another file of the service may.
    regions: Option<TerritorySet>,
}

impl Offered {
    /// Reads declarations. Groups count as they are made up on any of `dates`. A name that the atlas does not know stands for
    /// every territory: what may be meant is not left out.
    pub fn of(sources: &SourceMap, files: &[FileId], atlas: &Atlas, dates: &[Date], limits: &Limits) -> Self {
        let read = |file: &FileId| {
            let (tree, _) = parse(sources, *file, limits);
            let broken = tree.documents().iter().any(|document| document.broken);
            (said(&tree, atlas, dates), broken)
        };
        let mut offered = Self::default();
        let mut silent = Vec::new();
        for (said, broken) in files.par_iter().map(read).collect::<Vec<_>>() {
            offered.uncertain |= broken;
            for Said { service, regions } in said {
                match regions {
                    Some(regions) => {
                        let known = offered.services.entry(service).or_insert(TerritorySet::EMPTY);
                        *known = known.or(regions);
                    }
                    None => silent.push(service),
                }
            }
        }
        for service in silent {
            offered.services.entry(service).or_insert_with(|| atlas.world());
        }
        offered
    }

    /// The same of declarations that were read already, each with its service; those that could not be read are left out.
    pub fn declared<'d>(declarations: impl Iterator<Item = &'d Declaration>, atlas: &Atlas, dates: &[Date]) -> Self {
        let mut offered = Self::default();
        let mut silent = Vec::new();
        for declaration in declarations {
            let Some(service) = &declaration.service else { continue };
            match &declaration.regions {
                Some(regions) => {
                    let named = regions.items.iter().map(|item| named(&item.value, atlas, dates));
                    let regions = somewhere(named.fold(TerritorySet::EMPTY, TerritorySet::or), atlas);
                    let known = offered.services.entry(service.value.to_string()).or_insert(TerritorySet::EMPTY);
                    *known = known.or(regions);
                }
                None => silent.push(service.value.to_string()),
            }
        }
        for service in silent {
            offered.services.entry(service).or_insert_with(|| atlas.world());
        }
        offered
    }

    /// The services that are offered in one of these territories, by id.
    pub fn within(&self, territories: TerritorySet) -> impl Iterator<Item = &str> {
        let reached = self.services.iter().filter(move |(_, offered)| !offered.and(territories).is_empty());
        reached.map(|(service, _)| service.as_str())
    }
}

fn said(tree: &Tree, atlas: &Atlas, dates: &[Date]) -> Vec<Said> {
    let roots = tree.documents().iter().filter_map(|document| tree.root(document));
    let said = roots.filter_map(|root| {
        let service = root.get("service")?.value.text()?.to_owned();
        let regions = root.get("regions").map(|entry| territories(entry.value, atlas, dates));
        Some(Said { service, regions })
    });
    said.collect()
}

fn territories(list: NodeRef<'_>, atlas: &Atlas, dates: &[Date]) -> TerritorySet {
    if !list.is_sequence() {
        return atlas.world();
    }
    let items = list.items().map(|item| item.text().map_or_else(|| atlas.world(), |name| named(name, atlas, dates)));
    somewhere(items.fold(TerritorySet::EMPTY, TerritorySet::or), atlas)
}

/// What a name may stand for on one of the dates.
fn named(name: &str, atlas: &Atlas, dates: &[Date]) -> TerritorySet {
    let on = |date: &Date| atlas.lookup(name, *date).unwrap_or_else(|_| atlas.world());
    dates.iter().map(on).fold(TerritorySet::EMPTY, TerritorySet::or)
}

/// An empty list is reported, and makes nobody vanish.
fn somewhere(named: TerritorySet, atlas: &Atlas) -> TerritorySet {
    if named.is_empty() { atlas.world() } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(files: &[&str]) -> (String, bool) {
        let mut sources = SourceMap::new();
        let ids: Vec<FileId> =
            files.iter().enumerate().map(|(at, text)| sources.add(format!("{at}.yaml"), (*text).to_owned())).collect();
        let atlas = Atlas::builtin();
        let offered = Offered::of(&sources, &ids, atlas, &[Date::parse("2026-11-22").unwrap()], &Limits::default());
        let places = |set: TerritorySet| match set == atlas.world() {
            true => "everywhere".to_owned(),
            false => set.iter().map(|leaf| atlas.code(leaf)).collect::<Vec<_>>().join(" "),
        };
        let told = offered.services.iter().map(|(service, set)| format!("{service}: {}", places(*set)));
        (told.collect::<Vec<_>>().join(", "), offered.uncertain)
    }

    #[test]
    fn a_service_is_offered_where_one_of_its_files_says() {
        let cases: &[(&[&str], &str)] = &[
            (&["service: a\nregions: [FR, IN]"], "a: FR IN"),
            (&["service: a"], "a: everywhere"),
            (&["service: a\nregions: []"], "a: everywhere"),
            (&["service: a", "service: a\nregions: [GB]"], "a: GB"),
            (&["service: a\nregions: [GB]\n---\nservice: b\nregions: [CH]"], "a: GB, b: CH"),
            (&["service: a\nregions: [NO]"], "a: NO"),
            (&["service: a\nregions: [FR, Frankreich]"], "a: everywhere"),
            (&["service: a\nregions: FR"], "a: everywhere"),
            (&["x: &r [KR]\nservice: a\nregions: *r"], "a: KR"),
            (&["notices: {}"], ""),
        ];
        for (files, expected) in cases {
            assert_eq!(offered(files), ((*expected).to_owned(), false), "{files:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(offered(&["service: a\nregions: [FR]\npurposes: {p: [}\n"]).1);
    }
}
