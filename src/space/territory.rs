//! Territories: leaves, groups with dated membership, sets of leaves.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::date::{Date, Interval};
use crate::diagnostic::{Diagnostic, Safety};
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

/// All leaves and groups that a declaration can name.
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    leaves: Vec<Leaf>,
    codes: HashMap<Arc<str>, Territory>,
    rejected: BTreeMap<String, String>,
    groups: Vec<Group>,
    /// Where each group stands in that list.
    named: HashMap<Arc<str>, usize>,
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
            codes: HashMap::new(),
            rejected: BTreeMap::new(),
            groups: Vec::new(),
            named: HashMap::new(),
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
        entries.sort_by(|a, b| a.code.cmp(&b.code));
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
mod tests {
    use super::*;
    use crate::source::SourceMap;

    #[test]
    fn the_atlas_that_ships_is_sound() {
        let atlas = Atlas::load(include_str!("../../policies/territories.yaml")).unwrap();
        assert_eq!(atlas.world().len(), 313);
        for (wrong, right) in &atlas.rejected {
            assert!(!atlas.codes.contains_key(wrong.as_str()), "{wrong} is a code");
            assert!(atlas.lookup(right, Date::parse("2026-11-21").unwrap()).is_ok(), "{wrong} -> {right}");
        }
    }

    #[test]
    fn membership_is_that_of_the_date() {
        let atlas = Atlas::builtin();
        let on = |day: &str| atlas.lookup("EU", Date::parse(day).unwrap()).unwrap();
        let gb = atlas.leaf("GB").unwrap();
        assert!(on("2020-01-31").has(gb));
        assert!(!on("2020-02-01").has(gb));
        assert!(on("2026-11-21").has(atlas.leaf("RE").unwrap()));
        assert!(!on("2026-11-21").has(atlas.leaf("NO").unwrap()));
    }

    #[test]
    fn sets_of_leaves_are_sets() {
        // the first and the last leaf of each word, and what is near them
        let leaves = || [0_u16, 1, 62, 63, 64, 65, 127, 128, 311, 312].into_iter();
        let some = |bits: u32| leaves().enumerate().filter(move |(at, _)| bits & (1 << at) != 0).map(|(_, leaf)| leaf);
        let set =
            |bits: u32| some(bits).fold(TerritorySet::EMPTY, |all, leaf| all.or(TerritorySet::of(Territory(leaf))));
        let told = |set: TerritorySet| set.iter().map(|leaf| leaf.0).collect::<Vec<u16>>();
        for a in (0..1024_u32).step_by(7) {
            assert_eq!(told(set(a)), some(a).collect::<Vec<u16>>());
            assert_eq!(set(a).len(), some(a).count());
            assert_eq!(set(a).is_empty(), a == 0);
            for leaf in leaves() {
                assert_eq!(set(a).has(Territory(leaf)), some(a).any(|other| other == leaf));
            }
            for b in (0..1024).step_by(37) {
                assert_eq!(set(a).or(set(b)), set(a | b));
                assert_eq!(set(a).and(set(b)), set(a & b));
                assert_eq!(set(a).minus(set(b)), set(a & !b));
                assert_eq!(set(a).is_within(set(b)), a & !b == 0);
            }
        }
    }

    /// An atlas with few leaves, and groups that changed.
    const SMALL: &str = "\
version: 1
leaves: [{code: ZZ, name: Zed}, {code: AA, name: Aland}, {code: BB, name: Beland}, {code: CC-X, name: Exe}, {code: DD, name: Dee}]
aliases: {X: CC-X}
rejected: {A1: AA}
groups:
  - {name: INNER, title: Within, source: s, members: [
      {codes: [AA]}, {codes: [BB], from: '2010-01-01', until: '2020-01-01'}, {codes: [DD], until: '2005-01-01'}]}
  - {name: OUTER, title: Around, source: s, members: [
      {codes: [INNER], from: '2008-01-01', until: '2015-01-01'}, {codes: [X], from: '2020-01-01'}]}
  - {name: QUIET, title: Unsaid, source: s, folds: false, members: [{codes: [ZZ, AA]}]}
";

    fn codes(atlas: &Atlas, set: TerritorySet) -> String {
        set.iter().map(|leaf| atlas.code(leaf)).collect::<Vec<&str>>().join(" ")
    }

    #[test]
    fn a_group_within_a_group_is_in_it_on_the_days_of_both() {
        let atlas = Atlas::load(SMALL).unwrap();
        for (day, inner, outer) in [
            ("2004-12-31", "AA DD", ""),
            ("2005-01-01", "AA", ""),
            ("2007-12-31", "AA", ""),
            ("2008-01-01", "AA", "AA"),
            ("2010-01-01", "AA BB", "AA BB"),
            ("2014-12-31", "AA BB", "AA BB"),
            ("2015-01-01", "AA BB", ""),
            ("2019-12-31", "AA BB", ""),
            ("2020-01-01", "AA", "CC-X"),
        ] {
            let on = |name: &str| codes(&atlas, atlas.lookup(name, Date::parse(day).unwrap()).unwrap());
            assert_eq!((on("INNER").as_str(), on("OUTER").as_str()), (inner, outer), "{day}");
            assert_eq!(on(WORLD), "AA BB CC-X DD ZZ", "in order, however they are written");
        }
        let days = |name: &str| atlas.changes(name).iter().map(Date::to_string).collect::<Vec<String>>().join(" ");
        assert_eq!(days("INNER"), "2005-01-01 2010-01-01 2020-01-01");
        // DD had left before the rest of them came
        assert_eq!(days("OUTER"), "2008-01-01 2010-01-01 2015-01-01 2020-01-01");
        assert_eq!((days("QUIET"), days("AA"), days("NOBODY")), Default::default());
    }

    #[test]
    fn what_has_a_name_is_found_by_it() {
        let mut atlas = Atlas::load(SMALL).unwrap();
        let day = Date::parse("2026-11-21").unwrap();
        for (name, title, leaves) in [
            ("AA", Some("Aland"), Some("AA")),
            ("X", Some("Exe"), Some("CC-X")),
            ("INNER", Some("Within"), Some("AA")),
            ("QUIET", Some("Unsaid"), Some("AA ZZ")),
            ("NOBODY", None, None),
            ("A1", None, None),
            ("", None, None),
        ] {
            assert_eq!(atlas.title(name), title, "{name}");
            assert_eq!(atlas.lookup(name, day).ok().map(|set| codes(&atlas, set)).as_deref(), leaves, "{name}");
            assert_eq!(atlas.knows(name), leaves.is_some(), "{name}");
        }
        assert!(atlas.knows(WORLD));
        assert_eq!(atlas.leaves().collect::<Vec<_>>()[..2], [("AA", "Aland"), ("BB", "Beland")]);
        let groups: Vec<_> = atlas.groups().collect();
        assert_eq!(groups, [(WORLD, "Everywhere"), ("INNER", "Within"), ("OUTER", "Around"), ("QUIET", "Unsaid")]);
        let set = |atlas: &Atlas, name: &str| atlas.lookup(name, day).unwrap();
        let name = |atlas: &Atlas, set: TerritorySet| atlas.name_of(set, day).map(str::to_owned);
        for (of, said) in [(WORLD, Some(WORLD)), ("INNER", Some("INNER")), ("QUIET", None), ("DD", None)] {
            assert_eq!(name(&atlas, set(&atlas, of)).as_deref(), said, "{of}");
        }

        atlas.add_group("OURS", &["QUIET", "DD"]).unwrap();
        assert_eq!(codes(&atlas, set(&atlas, "OURS")), "AA DD ZZ");
        assert_eq!(name(&atlas, set(&atlas, "OURS")).as_deref(), Some("OURS"));
        atlas.add_group("OURS", &["INNER", "X"]).unwrap();
        assert_eq!(codes(&atlas, set(&atlas, "OURS")), "AA CC-X", "a name stands for what was said last");
        assert_eq!(atlas.groups().filter(|(name, _)| *name == "OURS").count(), 1);
        assert_eq!(atlas.changes("OURS").len(), 3, "a part keeps its days");
        atlas.add_group("ALL", &[WORLD]).unwrap();
        assert_eq!(set(&atlas, "ALL"), atlas.world());
        assert_eq!(atlas.add_group("MORE", &["AA", "EE"]), Err(("EE".to_owned(), UnknownTerritory)));
        assert!(!atlas.knows("MORE"));
    }

    #[test]
    fn an_atlas_that_is_wrong_is_refused() {
        let leaves = |count: usize| {
            let leaves: Vec<String> = (0..count).map(|at| format!("{{code: L{at}, name: L}}")).collect();
            format!("{{version: 1, leaves: [{}], aliases: {{}}, rejected: {{}}, groups: []}}", leaves.join(", "))
        };
        assert_eq!(Atlas::load(&leaves(384)).unwrap().world().len(), 384);
        for (text, said) in [
            (leaves(385), "more than 384 leaves"),
            (SMALL.replace("X: CC-X", "X: CC-Y"), "alias X: no leaf CC-Y"),
            (SMALL.replace("[INNER]", "[QUIET]"), "OUTER: no leaf or earlier group QUIET"),
            (SMALL.replace("'2015-01-01'", "'2015-02-30'"), "OUTER: 2015-02-30 is no day"),
            (SMALL.replace("folds", "fold"), "unknown field `fold`"),
        ] {
            let error = Atlas::load(&text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn wrong_codes_are_answered_with_the_right_one() {
        let atlas = Atlas::builtin();
        for (wrong, right) in [
            ("UK", Some("GB")),
            ("EL", Some("GR")),
            ("USA", Some("US")),
            ("gb", Some("GB")),
            (" uk ", Some("GB")),
            ("world", Some(WORLD)),
            ("GDPR_LIKE_EUROPE", Some("GDPR-LIKE-EUROPE")),
            ("GDPR-LIKE-EUROP", Some("GDPR-LIKE-EUROPE")),
            ("wolrd", Some(WORLD)),
            ("us-ca", Some("US-CA")),
            ("France", Some("FR")),
            ("south africa ", Some("ZA")),
            // of two or three letters, others with one letter changed are no guess but a lottery
            ("EV", None),
            ("EUA", None),
            ("somewhere", None),
        ] {
            assert_eq!(atlas.suggestion(wrong).as_deref(), right, "{wrong}");
        }
    }

    #[test]
    fn only_another_spelling_is_corrected_without_asking() {
        let atlas = Atlas::builtin();
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", "regions: [x]");
        let span = Span::new(file, 10, 11);
        for (name, help, fix) in [
            ("UK", "did you mean `GB`?", Some(("GB", Safety::Safe))),
            ("fr", "did you mean `FR`?", Some(("FR", Safety::Safe))),
            ("GDPR_LIKE_EUROPE", "did you mean `GDPR-LIKE-EUROPE`?", Some(("GDPR-LIKE-EUROPE", Safety::Safe))),
            ("GDPR-LIKE-EUROP", "did you mean `GDPR-LIKE-EUROPE`?", Some(("GDPR-LIKE-EUROPE", Safety::Suggest))),
            ("Germany", "did you mean `DE`?", Some(("DE", Safety::Suggest))),
            ("no", "did you mean `NO`?", Some(("\"NO\"", Safety::Safe))),
            ("7", "write an ISO 3166 code such as `FR` or `US-CA`, or a group such as `EEA`", None),
        ] {
            let wrong = unknown_region(atlas, span, name);
            assert_eq!((wrong.code, wrong.help.as_deref()), ("unknown-region", Some(help)), "{name}");
            assert_eq!(wrong.message, format!("`{name}` is not a territory or group"));
            let fixes: Vec<_> = wrong.fixes.iter().map(|fix| (&*fix.edits[0].text, fix.safety)).collect();
            assert_eq!(fixes, fix.into_iter().collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn a_group_that_is_named_again_and_again_is_no_larger() {
        let mut atlas = Atlas::builtin().clone();
        let members = |atlas: &Atlas, name: &str| atlas.group(name).unwrap().members.len();
        atlas.add_group("G0", &["EU", "EEA"]).unwrap();
        for at in 0..64 {
            let (name, before) = (format!("G{}", at + 1), format!("G{at}"));
            atlas.add_group(&name, &[&before, &before]).unwrap();
        }
        assert_eq!(members(&atlas, "G64"), members(&atlas, "G0"));
        for day in ["2010-01-01", "2019-01-01", "2026-11-21"] {
            let day = Date::parse(day).unwrap();
            assert_eq!(atlas.lookup("G64", day), atlas.lookup("G0", day));
        }
        // one that takes the place of another is found under its name
        atlas.add_group("G0", &["FR"]).unwrap();
        let now = Date::parse("2026-11-21").unwrap();
        assert_eq!(atlas.lookup("G0", now).unwrap().len(), 1);
        assert_eq!(atlas.lookup("G1", now).unwrap().len(), atlas.lookup("G64", now).unwrap().len());
    }
}
