//! Where services are offered, told from their declarations before any of them is judged.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::declaration::Declaration;
use crate::source::{FileId, SourceMap};
use crate::space::{Atlas, Date, TerritorySet};
use crate::syntax::{Kind, Limits, NodeRef, Tree, parse};

/// The version of declarations that this program reads.
pub const VERSION: i64 = 1;

/// The version of a document in a format that does not exist yet for this program: none of what it says is judged.
pub fn newer_version(root: NodeRef<'_>) -> Option<i64> {
    match root.get("version")?.value.kind() {
        Kind::Int(version) if version > VERSION => Some(version),
        _ => None,
    }
}

/// The territories in which the services of a workspace are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// By the id of the service. One that names no `regions` is offered everywhere.
    pub services: BTreeMap<String, TerritorySet>,
    /// Whether part of a declaration could not be read, so that there may be more than `services` says.
    pub uncertain: bool,
}

/// What one file says of where services are offered, as it is written: it depends on nothing but the text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Services, each with the places.
    documents: Vec<(String, Places)>,
    /// Whether a part of it could not be read.
    broken: bool,
}

/// The places that a document names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        Self::of_tree(&parse(sources, file, limits).0)
    }

    /// The same of a declaration that was read.
    pub fn of_tree(tree: &Tree) -> Self {
        let broken = tree.documents().iter().any(|document| document.broken);
        let roots = tree.documents().iter().filter_map(|document| tree.root(document));
        let said = roots.filter(|root| newer_version(*root).is_none()).filter_map(|root| {
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

/// What a declaration seems to say, without reading it. Whoever goes by it is to look whether it says so in fact, once it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// Services, each with the places; `None` where those are not plain to see.
    documents: Vec<(String, Option<Places>)>,
}

impl Glance {
    /// Looks at a text; `None` where it is not plain to see whose it is.
    pub fn at(text: &str) -> Option<Self> {
        let documents = documents(text)?.into_iter();
        Some(Self { documents: documents.map(|(service, text)| (service.to_owned(), places(text))).collect() })
    }

    /// The services that the file seems to be about, one for each document.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().map(|(service, _)| service.as_str())
    }

    /// Where they seem to be offered; `None` where that is not plain to see.
    pub fn said(&self) -> Option<Said> {
        let said = self.documents.iter().map(|(service, places)| Some((service.clone(), places.clone()?)));
        Some(Said { documents: said.collect::<Option<_>>()?, broken: false })
    }
}

/// What was seen of files while their texts were at hand.
#[derive(Debug, Clone, Default)]
pub struct Glances(BTreeMap<FileId, (u128, Option<Glance>)>);

impl Glances {
    /// Nothing was looked at yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes in what was seen of a file, and the hash of its text ([`crate::source::Source::hash`]).
    pub fn add(&mut self, file: FileId, hash: u128, seen: Option<Glance>) {
        self.0.insert(file, (hash, seen));
    }

    /// What a file seems to say. Its text is looked at only where it is another than the one that was seen.
    pub fn of(&self, sources: &SourceMap, file: FileId) -> Option<Cow<'_, Glance>> {
        let source = sources.get(file)?;
        match self.0.get(&file).filter(|(hash, _)| *hash == source.hash()) {
            Some((_, seen)) => seen.as_ref().map(Cow::Borrowed),
            None => Glance::at(&source.text()).map(Cow::Owned),
        }
    }
}

const SERVICE: &str = "service:";
const OWN_VERSION: &str = "version:";
const REGIONS: &str = "regions:";

/// Documents of a file, and places of a document, that are taken in at a glance at most.
const MOST: usize = 1_000;

/// The documents of a text, each with the service that it seems to be about: one of its lines begins with that. `None` where that is
/// not plain to see, or there are more than anybody writes: what is read has limits, and a glance is not to go beyond them.
fn documents(text: &str) -> Option<Vec<(&str, &str)>> {
    let starts = memmem::find_iter(text.as_bytes(), "\n---").map(|at| at + 1);
    let mut all = Vec::new();
    let mut from = 0;
    for start in starts.chain([text.len()]) {
        let document = text.get(from..start)?;
        let mut named = lines_with(document, SERVICE).map(|rest| name(rest.lines().next()?));
        match (named.next(), named.next()) {
            (Some(_), None) if all.len() == MOST => return None,
            (Some(name), None) => all.push((name?, document)),
            (None, _) if document.lines().all(is_beside) => {}
            _ => return None,
        }
        from = start;
    }
    (!all.is_empty()).then_some(all)
}

/// What follows a key wherever a line begins with it.
fn lines_with<'t>(document: &'t str, key: &'static str) -> impl Iterator<Item = &'t str> {
    let begins = move |at: &usize| *at == 0 || document.as_bytes().get(at - 1) == Some(&b'\n');
    let places = memmem::find_iter(document.as_bytes(), key).filter(begins);
    places.filter_map(move |at| document.get(at + key.len()..))
}

/// Whether a line says nothing by itself.
fn is_beside(line: &str) -> bool {
    let line = line.strip_prefix("---").unwrap_or(line).trim_start();
    line.is_empty() || line.starts_with(['#', '%'])
}

/// A line without the comment at its end.
fn uncommented(line: &str) -> &str {
    line.split(" #").next().unwrap_or(line).trim()
}

/// A name at the end of a line, in letters that mean nothing but themselves.
fn name(line: &str) -> Option<&str> {
    let name = uncommented(line);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (name.bytes().next()?.is_ascii_alphabetic() && name.bytes().all(is_plain)).then_some(name)
}

/// The places that a document seems to name: in brackets on one line, or one below another.
fn places(document: &str) -> Option<Places> {
    // another way to write the same key is no mistake, and what is seen too late is judged twice
    if ["\"regions\"", "'regions'", "? "].iter().any(|key| lines_with(document, key).next().is_some()) {
        return None;
    }
    // of another version only the whole document tells whether it is refused
    let is_ours = |rest: &str| rest.lines().next().is_some_and(|line| uncommented(line) == VERSION.to_string());
    if !lines_with(document, OWN_VERSION).all(is_ours) {
        return None;
    }
    let mut all = lines_with(document, REGIONS);
    let rest = match (all.next(), all.next()) {
        (None, _) => return Some(Places::Unsaid),
        (Some(rest), None) => rest,
        _ => return None,
    };
    let mut lines = rest.lines();
    let first = uncommented(lines.next()?);
    let names: Vec<&str> = match first.strip_prefix('[') {
        Some(list) => list.strip_suffix(']')?.split(',').map(name).take(MOST + 1).collect::<Option<_>>()?,
        None if first.is_empty() => {
            let lines = lines.take_while(|line| line.starts_with([' ', '-', '#']) || line.is_empty());
            let items = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
            items.map(|item| name(item.strip_prefix("- ")?)).take(MOST + 1).collect::<Option<_>>()?
        }
        None => return None,
    };
    // what reads as something else than a text names no place
    let is_text = |name: &str| !["true", "false", "null"].iter().any(|word| name.eq_ignore_ascii_case(word));
    let is_list = (1..=MOST).contains(&names.len()) && names.iter().all(|name| is_text(name));
    is_list.then(|| Places::Names(names.into_iter().map(|name| Some(name.to_owned())).collect()))
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
            (&["version: 2\nservice: a\nregions: [CH]", "version: 1\nservice: a"], "a: everywhere"),
            (&["version: 2\nservice: a\nregions: [CH]\n---\nversion: 1\nservice: b\nregions: [GB]"], "b: GB"),
        ];
        for (files, expected) in cases {
            assert_eq!(offered(files), ((*expected).to_owned(), false), "{files:?}");
        }
    }

    #[test]
    fn a_glance_says_whose_a_file_is_or_nothing() {
        let cases: &[(&str, Option<&[&str]>)] = &[
            ("service: feed\npurposes: {}\n", Some(&["feed"])),
            ("# ours\n---\nversion: 1\nservice: feed-2 # the feed\n", Some(&["feed-2"])),
            ("service: b\n---\nservice: a\n---\nservice: b\n", Some(&["b", "a", "b"])),
            ("service: a\n---\nnotices: {}\n", None),
            ("notices: {}\n", None),
            ("service: \"a\"\n", None),
            ("service: 1\n", None),
            ("service: &a x\n", None),
            ("service:\n  a\n", None),
            ("{service: a}\n", None),
            ("service: a\nservice: b\n", None),
            ("", None),
            ("---\n", None),
            ("\u{feff}service: a\n", None),
        ];
        for (text, expected) in cases {
            let seen = Glance::at(text);
            let services = seen.as_ref().map(|seen| seen.services().collect::<Vec<_>>());
            assert_eq!(services.as_deref(), *expected, "{text:?}");
        }
    }

    #[test]
    fn a_glance_is_right_or_seen_to_be_wrong() {
        let cases: &[(&str, Option<&str>)] = &[
            ("service: a\nregions: [FR, IN] # here", Some("FR IN")),
            ("# ours\n---\nservice: a\nregions:\n  - FR\n\n  # and\n  - IN # too\npurposes: {}", Some("FR IN")),
            ("regions:\n- FR\nservice: a\n", Some("FR")),
            ("service: a\npurposes:\n  p: {overrides: [{regions: [FR]}]}", Some("everywhere")),
            ("service: a\nregions: [NO]", Some("NO")),
            ("service: a\nregions: [true]", None),
            ("service: a\nregions: [\"FR\"]", None),
            ("service: a\nregions: [FR,\n  IN]", None),
            ("service: a\nregions: []", None),
            ("service: a\nregions:\n  FR: 1", None),
            ("service: a\nregions: FR", None),
            ("service: a\nregions: *r", None),
            ("service: a\nregions: [FR]\nregions: [IN]", None),
            ("notices: {}", None),
            ("service: a\n\"regions\": [FR]", None),
            ("service: a\n? regions\n: [FR]", None),
            ("version: 2\nservice: a\nregions: [FR]", None),
            ("version: 1 # ours\nservice: a\nregions: [FR]", Some("FR")),
            // what is not so
            ("service: a\n!!str regions: [FR]\nregions: [IN]", Some("IN")),
            ("service: a\n!!str regions: [FR]", Some("everywhere")),
            ("service: a\nregions: [FR]\npurposes: {p: [}", Some("FR")),
            ("service: a\nregions:\n  - FR\n - IN", Some("FR IN")),
        ];
        for (at, (text, expected)) in cases.iter().enumerate() {
            let mut sources = SourceMap::new();
            let file = sources.add("a.yaml", (*text).to_owned());
            let seen = Glance::at(text).and_then(|seen| seen.said());
            let told = seen.as_ref().map(|seen| match &seen.documents[0].1 {
                Places::Names(names) => names.iter().flatten().cloned().collect::<Vec<_>>().join(" "),
                _ => "everywhere".to_owned(),
            });
            assert_eq!(told.as_deref(), *expected, "{text}");
            let is_so = at + 4 < cases.len();
            assert!(seen.is_none_or(|seen| (seen == Said::of(&sources, file, &Limits::default())) == is_so), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(offered(&["service: a\nregions: [FR]\npurposes: {p: [}\n"]).1);
    }
}
