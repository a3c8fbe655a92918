//! Where services are offered, told from their declarations before any of them is judged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::declaration::Declaration;
use crate::source::{FileId, SourceMap};
use crate::space::{Atlas, Date, TerritorySet};
use crate::syntax::{Limits, parse};

/// The territories in which the services of a workspace are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// By the id of the service. One that names no `regions` is offered everywhere.
    pub services: BTreeMap<String, TerritorySet>,
    /// Whether part of a declaration could not be read, so that there may be more than `services` says.
    pub uncertain: bool,
}

/// What one file says of where services are offered, as it is written: it depends on nothing but the text.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Said {
    /// Services, each with the places.
    documents: Vec<(String, Places)>,
    /// Whether a part of it could not be read.
    broken: bool,
}

/// The places that a document names.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Places {
    /// None: another file of the service may.
    Unsaid,
    /// Something that is no list.
    Unclear,
    /// Names; `None` for what is none.
    Names(Vec<Option<String>>),
}

impl Said {
    /// Reads a declaration.
    pub fn of(sources: &SourceMap, file: FileId, limits: &Limits) -> Self {
        let (tree, _) = parse(sources, file, limits);
        let broken = tree.documents().iter().any(|document| document.broken);
        let roots = tree.documents().iter().filter_map(|document| tree.root(document));
        let said = roots.filter_map(|root| {
            let service = root.get("service")?.value.text()?.to_owned();
            let places = match root.get("regions").map(|entry| entry.value) {
                None => Places::Unsaid,
                Some(list) if !list.is_sequence() => Places::Unclear,
                Some(list) => Places::Names(list.items().map(|item| item.text().map(str::to_owned)).collect()),
            };
            Some((service, places))
        });
        Self { documents: said.collect(), broken }
    }
}

impl Offered {
    /// Takes together what files say. Groups count as they are made up on any of `dates`. A name that the atlas does not know
    /// stands for every territory: what may be meant is not left out.
    pub fn of(said: impl IntoIterator<Item = Said>, atlas: &Atlas, dates: &[Date]) -> Self {
        let mut offered = Self::default();
        let mut silent = Vec::new();
        // thousands of services name the same few places
        let mut known: BTreeMap<Vec<Option<String>>, TerritorySet> = BTreeMap::new();
        for Said { documents, broken } in said {
            offered.uncertain |= broken;
            for (service, places) in documents {
                let regions = match places {
                    Places::Unsaid => {
                        silent.push(service);
                        continue;
                    }
                    Places::Unclear => atlas.world(),
                    Places::Names(names) => match known.get(&names) {
                        Some(territories) => *territories,
                        None => {
                            let territories = territories(&names, atlas, dates);
                            known.insert(names, territories);
                            territories
                        }
                    },
                };
                let known = offered.services.entry(service).or_insert(TerritorySet::EMPTY);
                *known = known.or(regions);
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

    /// The services that are offered in one of these territories, by id, with all places where they are.
    pub fn within(&self, territories: TerritorySet) -> impl Iterator<Item = (&str, TerritorySet)> {
        let all = self.services.iter().map(|(service, offered)| (service.as_str(), *offered));
        all.filter(move |(_, offered)| !offered.and(territories).is_empty())
    }
}

fn territories(names: &[Option<String>], atlas: &Atlas, dates: &[Date]) -> TerritorySet {
    let items = names.iter().map(|name| name.as_ref().map_or_else(|| atlas.world(), |name| named(name, atlas, dates)));
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
        let said = ids.iter().map(|file| Said::of(&sources, *file, &Limits::default()));
        let offered = Offered::of(said, atlas, &[Date::parse("2026-11-22").unwrap()]);
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
