//! Territories: leaves, groups with dated membership, sets of leaves.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::date::{Date, Interval};
use crate::diagnostic::{Diagnostic, Safety};
use crate::hash::ByContent;
use crate::order::Order;
use crate::shipped::shipped;
use crate::source::Span;
use crate::suggest;

const WORDS: usize = 6;

/// Most leaves an atlas can have.
const CAPACITY: usize = WORDS * 64;

/// A leaf of the atlas, by its place in the sorted list of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Territory(u16);

/// A set of leaves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct TerritorySet([u64; WORDS]);

impl TerritorySet {
    /// No leaf.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// Exactly one leaf.
    pub fn of(leaf: Territory) -> Self {
        let mut set = Self::EMPTY;
        set.insert(leaf);
        set
    }

    /// Adds a leaf.
    pub fn insert(&mut self, leaf: Territory) {
        if let Some(word) = self.0.get_mut(usize::from(leaf.0) / 64) {
            *word |= 1 << (leaf.0 % 64);
        }
    }

    /// Whether a leaf is in it.
    pub fn has(self, leaf: Territory) -> bool {
        self.0.get(usize::from(leaf.0) / 64).is_some_and(|word| word & (1 << (leaf.0 % 64)) != 0)
    }

    /// Leaves of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Leaves of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Leaves of `self` that are not in `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Whether every leaf of `self` is in `other`.
    pub fn is_within(self, other: Self) -> bool {
        // without leaving early, which is more work than it saves
        self.0.iter().zip(&other.0).fold(0, |left, (a, b)| left | (a & !b)) == 0
    }

    /// Whether some leaves of `self` are in `other`, and some are not.
    pub fn is_divided_by(self, other: Self) -> bool {
        // without leaving early, as above
        let add = |(inside, outside), (a, b): (&u64, &u64)| (inside | (a & b), outside | (a & !b));
        let (inside, outside) = self.0.iter().zip(&other.0).fold((0, 0), add);
        inside != 0 && outside != 0
    }

    /// Whether there is no leaf.
    pub fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    /// How many leaves there are.
    pub fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The leaves in order of their codes.
    pub fn iter(self) -> impl Iterator<Item = Territory> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros())?;
                word &= word - 1;
                u16::try_from(at * 64 + bit as usize).ok().map(Territory)
            })
        })
    }

    fn zip(self, other: Self, op: impl Fn(u64, u64) -> u64) -> Self {
        let mut out = self;
        for (a, b) in out.0.iter_mut().zip(other.0) {
            *a = op(*a, b);
        }
        out
    }
}

impl std::fmt::Debug for TerritorySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TerritorySet({} leaves)", self.len())
    }
}

/// The file `policies/territories.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    leaves: Vec<LeafEntry>,
    aliases: BTreeMap<String, String>,
    rejected: BTreeMap<String, String>,
    groups: Vec<GroupEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeafEntry {
    code: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    name: String,
    title: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(default = "yes")]
    folds: bool,
    members: Vec<MemberEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberEntry {
    codes: Vec<String>,
    from: Option<String>,
    until: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    code: Arc<str>,
    name: Arc<str>,
}

#[derive(Debug, Clone, PartialEq)]
struct Group {
    name: Arc<str>,
    title: Arc<str>,
    folds: bool,
    /// Leaves with the days on which they belong, nested groups written out; first those that always do.
    members: Vec<(TerritorySet, Interval)>,
}

impl Group {
    fn new(name: Arc<str>, title: Arc<str>, folds: bool, members: Vec<(TerritorySet, Interval)>) -> Self {
        // once for the same days: a group may name another twice, and a third one that
        let mut joined = vec![(TerritorySet::EMPTY, Interval::default())];
        for (leaves, days) in members {
            match joined.iter_mut().find(|(_, known)| *known == days) {
                Some((all, _)) => *all = all.or(leaves),
                None => joined.push((leaves, days)),
            }
        }
        Self { name, title, folds, members: joined }
    }

    fn on(&self, date: Date) -> TerritorySet {
        let current = self.members.iter().filter(|(_, days)| days.contains(date));
        current.fold(TerritorySet::EMPTY, |all, (leaves, _)| all.or(*leaves))
    }
}

/// A code or group name that is not in the atlas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownTerritory;

/// The name of the set of all leaves.
pub const WORLD: &str = "WORLD";

/// Countries that are groups here, and single places wherever no more than the country is asked for.
pub const DIVIDED: [&str; 2] = ["US", "CA"];

/// All leaves and groups that a declaration can name.
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    leaves: Vec<Leaf>,
    codes: HashMap<Arc<str>, Territory, ByContent>,
    rejected: BTreeMap<String, String>,
    groups: Vec<Group>,
    /// Where each group stands in that list.
    named: HashMap<Arc<str>, usize, ByContent>,
    world: TerritorySet,
}

impl Atlas {
    /// The atlas that comes with the program.
    pub fn builtin() -> &'static Self {
        static ATLAS: OnceLock<Atlas> = OnceLock::new();
        ATLAS.get_or_init(|| {
            shipped("territories.yaml").and_then(|file| Self::of(file).ok()).unwrap_or_else(Self::empty)
        })
    }

    fn empty() -> Self {
        Self {
            leaves: Vec::new(),
            codes: HashMap::default(),
            rejected: BTreeMap::new(),
            groups: Vec::new(),
            named: HashMap::default(),
            world: TerritorySet::EMPTY,
        }
    }

    /// Reads an atlas from the text of `territories.yaml`; the error says what is wrong with it.
    pub fn load(text: &str) -> Result<Self, String> {
        Self::of(serde_yaml::from_str(text).map_err(|error| error.to_string())?)
    }

    fn of(file: File) -> Result<Self, String> {
        let mut atlas = Self::empty();
        if file.leaves.len() > CAPACITY {
            return Err(format!("more than {CAPACITY} leaves"));
        }
        let mut entries = file.leaves;
        entries.order_by(|a, b| a.code.cmp(&b.code));
        for entry in entries {
            let leaf = Territory(u16::try_from(atlas.leaves.len()).unwrap_or(u16::MAX));
            let code: Arc<str> = entry.code.into();
            atlas.codes.insert(code.clone(), leaf);
            atlas.world.insert(leaf);
            atlas.leaves.push(Leaf { code, name: entry.name.into() });
        }
        for (alias, code) in file.aliases {
            let leaf = *atlas.codes.get(code.as_str()).ok_or_else(|| format!("alias {alias}: no leaf {code}"))?;
            atlas.codes.insert(alias.into(), leaf);
        }
        atlas.rejected = file.rejected;
        for entry in file.groups {
            let group = atlas.group_from(entry)?;
            atlas.push(group);
        }
        Ok(atlas)
    }

    fn group_from(&self, entry: GroupEntry) -> Result<Group, String> {
        let mut members = Vec::new();
        for member in entry.members {
            let day = |text: Option<String>| match text {
                None => Ok(None),
                Some(text) => Date::parse(&text).map(Some).ok_or_else(|| format!("{}: {text} is no day", entry.name)),
            };
            let days = Interval { from: day(member.from)?, until: day(member.until)? };
            for code in member.codes {
                if let Some(leaf) = self.codes.get(code.as_str()) {
                    members.push((TerritorySet::of(*leaf), days));
                } else if let Some(group) = self.group(&code) {
                    members.extend(group.members.iter().filter_map(|(leaves, theirs)| {
                        let both = overlap(days, *theirs);
                        (!both.is_empty()).then_some((*leaves, both))
                    }));
                } else {
                    return Err(format!("{}: no leaf or earlier group {code}", entry.name));
                }
            }
        }
        Ok(Group::new(entry.name.into(), entry.title.into(), entry.folds, members))
    }

    /// The atlas with one more group, made of leaves and groups that it has. A name that is taken is replaced.
    pub fn add_group(&mut self, name: &str, codes: &[&str]) -> Result<(), (String, UnknownTerritory)> {
        let mut members = Vec::new();
        for code in codes {
            if let Some(leaf) = self.codes.get(*code) {
                members.push((TerritorySet::of(*leaf), Interval::default()));
            } else if *code == WORLD {
                members.push((self.world, Interval::default()));
            } else if let Some(group) = self.group(code) {
                members.extend(group.members.iter().copied());
            } else {
                return Err(((*code).to_owned(), UnknownTerritory));
            }
        }
        if self.named.contains_key(name) {
            let groups = std::mem::take(&mut self.groups);
            self.named.clear();
            groups.into_iter().filter(|group| *group.name != *name).for_each(|group| self.push(group));
        }
        self.push(Group::new(name.into(), name.into(), true, members));
        Ok(())
    }

    fn push(&mut self, group: Group) {
        self.named.entry(group.name.clone()).or_insert(self.groups.len());
        self.groups.push(group);
    }

    fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(*self.named.get(name)?)
    }

    /// All leaves.
    pub fn world(&self) -> TerritorySet {
        self.world
    }

    /// The leaves that a code or group name stands for on a date. For another name, [`Self::suggestion`] tells what was meant.
    pub fn lookup(&self, name: &str, date: Date) -> Result<TerritorySet, UnknownTerritory> {
        if name == WORLD {
            return Ok(self.world);
        }
        if let Some(leaf) = self.codes.get(name) {
            return Ok(TerritorySet::of(*leaf));
        }
        self.group(name).map(|group| group.on(date)).ok_or(UnknownTerritory)
    }

    /// What was probably meant by a name that is not in the atlas.
    pub fn suggestion(&self, name: &str) -> Option<String> {
        let upper = name.trim().to_uppercase().replace('_', "-");
        if let Some(right) = self.rejected.get(&upper) {
            return Some(right.clone());
        }
        if self.codes.contains_key(upper.as_str()) || upper == WORLD || self.named.contains_key(upper.as_str()) {
            return Some(upper);
        }
        if let Some(leaf) = self.leaves.iter().find(|leaf| leaf.name.eq_ignore_ascii_case(name.trim())) {
            return Some(leaf.code.to_string());
        }
        let long = self.groups.iter().map(|group| &*group.name).chain([WORLD]).filter(|name| name.len() > 3);
        suggest::nearest(&upper, long).map(str::to_owned)
    }

    /// Whether a name that is not known is another spelling of one that is: a code by which some call the place, or its letters
    /// in another case.
    fn is_respelt(&self, name: &str, known: &str) -> bool {
        let upper = name.trim().to_uppercase().replace('_', "-");
        self.rejected.get(&upper).is_some_and(|right| right == known) || upper == known
    }

    /// The leaf of a code.
    pub fn leaf(&self, code: &str) -> Option<Territory> {
        self.codes.get(code).copied()
    }

    /// The code of a leaf.
    pub fn code(&self, leaf: Territory) -> &str {
        self.leaves.get(usize::from(leaf.0)).map_or("", |leaf| &leaf.code)
    }

    /// The English name of a code or group, if there is one.
    pub fn title(&self, name: &str) -> Option<&str> {
        if let Some(leaf) = self.codes.get(name) {
            return self.leaves.get(usize::from(leaf.0)).map(|leaf| &*leaf.name);
        }
        self.group(name).map(|group| &*group.title)
    }

    /// The names of all groups with their titles, the whole world first.
    pub fn groups(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.groups.iter().map(|group| (&*group.name, &*group.title));
        std::iter::once((WORLD, "Everywhere")).chain(all)
    }

    /// The codes of [`DIVIDED`] countries with their English names.
    pub fn divided(&self) -> impl Iterator<Item = (&str, &str)> {
        self.groups().filter(|(name, _)| DIVIDED.contains(name))
    }

    /// The codes of all leaves with their English names, in order.
    pub fn leaves(&self) -> impl Iterator<Item = (&str, &str)> {
        self.leaves.iter().map(|leaf| (&*leaf.code, &*leaf.name))
    }

    /// Whether a code or group name is in the atlas.
    pub fn knows(&self, name: &str) -> bool {
        name == WORLD || self.codes.contains_key(name) || self.named.contains_key(name)
    }

    /// The group that has exactly these members on a date, if one may stand for them.
    pub fn name_of(&self, set: TerritorySet, date: Date) -> Option<&str> {
        if set == self.world {
            return Some(WORLD);
        }
        self.folding_groups(date).find(|(_, members)| *members == set).map(|(name, _)| name)
    }

    /// Days on which the membership of a group changes, in order.
    pub fn changes(&self, name: &str) -> Vec<Date> {
        let group = self.group(name);
        let mut days: Vec<Date> = group
            .into_iter()
            .flat_map(|g| &g.members)
            .flat_map(|(_, days)| [days.from, days.until])
            .flatten()
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Groups whose names may stand for their members in text, with their leaves on a date.
    pub(super) fn folding_groups(&self, date: Date) -> impl Iterator<Item = (&str, TerritorySet)> {
        self.groups.iter().filter(|group| group.folds).map(move |group| (&*group.name, group.on(date)))
    }
}

/// The diagnostic for a name that is neither a territory nor a group.
pub fn unknown_region(atlas: &Atlas, span: Span, name: &str) -> Diagnostic {
    let wrong = Diagnostic::new("unknown-region", span, format!("`{name}` is not a territory or group"));
    match atlas.suggestion(name) {
        Some(near) => {
            // older readers of YAML take the code of Norway for a word of their own
            let written = if near == "NO" { "\"NO\"".to_owned() } else { near.clone() };
            let safety = if atlas.is_respelt(name, &near) { Safety::Safe } else { Safety::Suggest };
            let wrong = wrong.at("unknown region").help(format!("did you mean `{near}`?"));
            wrong.replace(format!("write `{near}`"), safety, span, written)
        }
        None => {
            wrong.at("unknown region").help("write an ISO 3166 code such as `FR` or `US-CA`, or a group such as `EEA`")
        }
    }
}

fn overlap(a: Interval, b: Interval) -> Interval {
    let until = match (a.until, b.until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Interval { from: a.from.max(b.from), until }
}

#[cfg(test)]
mod tests;
