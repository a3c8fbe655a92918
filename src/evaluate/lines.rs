//! Which atoms are alike to a rule: equal facts give equal results, and a rule reads few of them.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::model::{FieldId, Record};
use crate::policy::condition::{Root, StaticRead};
use crate::policy::{Rule, Table};
use crate::resolve::{Effective, Property, SettingLink, Tri};
use crate::space::{Atlas, Block, Date, TerritorySet};

/// What of an atom counts for a rule.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Fields that overrides may set, as bits by their place in the table of their record.
    of_purpose: u64,
    of_setting: u64,
    notices: bool,
    people: bool,
    /// The tables that are read for where people are, as lines.
    tables: Lines,
    /// Other purposes of the same setting.
    bundle: bool,
    /// Other purposes, whichever.
    siblings: bool,
    /// What holds for other people of the place.
    states_here: bool,
    /// Which notices are for the place.
    reached: bool,
}

/// The properties of a purpose and of its setting that are not the same at all atoms.
type Varying<'e, 'w> = Vec<(FieldId, &'e Property<'w>)>;

/// What is the same for all rules: per atom, numbers that stand for facts which several atoms share.
pub(super) struct Keys<'e, 'w> {
    effective: &'e Effective<'w>,
    date: Date,
    atlas: &'e Atlas,
    tables: &'e BTreeMap<String, Table>,
    /// For each table, in their order, which of its values the atom has, where somebody has asked.
    values: Vec<OnceCell<Rc<Numbers>>>,
    varying: Vec<Varying<'e, 'w>>,
    /// How many purposes each setting has.
    bundled: Vec<usize>,
    /// Which notices reach the atom.
    notices: OnceCell<Numbers>,
    /// Its ages and plans, on which comparisons over territories depend.
    people: OnceCell<Numbers>,
    /// Its territories.
    places: OnceCell<Numbers>,
    /// Which notices are for its place, whatever the age of the people.
    reached: OnceCell<Numbers>,
    /// For each purpose that was asked for, the states at its place.
    states_here: RefCell<BTreeMap<usize, Rc<Numbers>>>,
    /// Everything that is declared of any purpose there, on which comparisons with siblings depend.
    whole: OnceCell<Numbers>,
}

/// The lines of numbers in which the atoms of a purpose differ for a rule, as bits: the properties of the purpose and its setting
/// that vary, what all rules share, and tables.
pub(super) type Lines = u128;

const NOTICES: Lines = 1 << 64;
const PEOPLE: Lines = 1 << 65;
const SIBLINGS: Lines = 1 << 66;
const STATES_HERE: Lines = 1 << 67;
const REACHED: Lines = 1 << 68;
/// What differs from one purpose of a service to the next.
pub(super) const OWN: Lines = STATES_HERE | ((1 << 64) - 1);
/// Every place by itself.
const PLACES: Lines = 1 << 69;
/// The bit of the first table there is; the others follow.
const TABLES: u32 = 70;
/// What may differ otherwise on another day: the groups that notices name, and tables.
pub(super) const DAILY: Lines = REACHED | !((1 << TABLES) - 1);

/// Numbers by atom.
pub(super) struct Numbers {
    pub(super) by_atom: Vec<u32>,
    /// One more than the highest.
    count: usize,
}

impl Numbers {
    fn new(by_atom: Vec<u32>) -> Self {
        let count = by_atom.iter().max().map_or(1, |most| *most as usize + 1);
        Self { by_atom, count }
    }

    /// Whether atoms differ in what these numbers stand for.
    fn differ(&self) -> bool {
        self.count > 1
    }
}

/// What atoms have in one line of a key.
enum Line<'k> {
    /// With how many there are.
    Property(&'k [u16], usize),
    Shared(&'k Numbers),
    Own(Rc<Numbers>),
}

impl Line<'_> {
    fn at(&self, atom: usize) -> u32 {
        match self {
            Self::Property(numbers, _) => numbers.get(atom).map_or(0, |at| u32::from(*at)),
            Self::Shared(numbers) => numbers.by_atom.get(atom).copied().unwrap_or(0),
            Self::Own(numbers) => numbers.by_atom.get(atom).copied().unwrap_or(0),
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Property(_, count) => (*count).max(1),
            Self::Shared(numbers) => numbers.count,
            Self::Own(numbers) => numbers.count,
        }
    }
}

/// Kinds of atoms that there could be at most for each to have its place.
const FEW_KINDS: usize = 256;

/// What atoms are told apart by: where all its numbers are equal, a rule says the same.
pub(super) struct Key<'k>(Vec<Line<'k>>);

impl Key<'_> {
    /// The numbers of an atom.
    pub(super) fn of(&self, atom: usize) -> Vec<u32> {
        self.0.iter().map(|line| line.at(atom)).collect()
    }

    /// For each atom the place of its numbers among all that they could be, where those are few; ordered as they are.
    pub(super) fn counted(&self, atoms: usize) -> Option<Vec<u16>> {
        let fits = |all: usize, line: &Line<'_>| all.checked_mul(line.count()).filter(|all| *all <= FEW_KINDS);
        self.0.iter().try_fold(1, fits)?;
        let mut places = vec![0_u16; atoms];
        for line in &self.0 {
            let count = u16::try_from(line.count()).ok()?;
            for (atom, place) in places.iter_mut().enumerate() {
                *place = *place * count + u16::try_from(line.at(atom)).ok()?;
            }
        }
        Some(places)
    }

    /// For each atom its numbers in one, where they are few; ordered as they are.
    pub(super) fn packed(&self, atoms: usize) -> Option<Vec<u64>> {
        if self.0.len() > 4 {
            return None;
        }
        let mut packed = vec![0; atoms];
        for line in &self.0 {
            match line {
                Line::Property(numbers, _) => add(&mut packed, numbers.iter().copied().map(Some))?,
                Line::Shared(numbers) => add(&mut packed, numbers.by_atom.iter().map(|at| u16::try_from(*at).ok()))?,
                Line::Own(numbers) => add(&mut packed, numbers.by_atom.iter().map(|at| u16::try_from(*at).ok()))?,
            }
        }
        Some(packed)
    }

    /// Whether an atom has these numbers.
    pub(super) fn is(&self, atom: usize, numbers: &[u32]) -> bool {
        self.0.iter().zip(numbers).all(|(line, number)| line.at(atom) == *number)
    }
}

/// Puts numbers behind others; `None` where one is too large.
fn add(packed: &mut [u64], numbers: impl Iterator<Item = Option<u16>>) -> Option<()> {
    for (packed, number) in packed.iter_mut().zip(numbers.chain(std::iter::repeat(Some(0)))) {
        *packed = *packed << 16 | u64::from(number?);
    }
    Some(())
}

/// Numbers for values: equal values have equal numbers.
fn numbered<T: Ord>(values: impl Iterator<Item = T>) -> Numbers {
    let mut known: BTreeMap<T, u32> = BTreeMap::new();
    let number = |value: T| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(value).or_insert(next)
    };
    Numbers::new(values.map(number).collect())
}

/// What is asked about the places of atoms. Neighbours have the same place more often than not, and are asked about once.
pub(super) fn by_place<T: Clone>(ask: impl Fn(TerritorySet) -> T) -> impl FnMut(&Block) -> T {
    let mut last: Option<(TerritorySet, T)> = None;
    move |atom| match &last {
        Some((place, answer)) if *place == atom.territories => answer.clone(),
        _ => {
            let answer = ask(atom.territories);
            last = Some((atom.territories, answer.clone()));
            answer
        }
    }
}

impl<'e, 'w> Keys<'e, 'w> {
    pub(super) fn new(effective: &'e Effective<'w>, atlas: &'e Atlas, tables: &'e BTreeMap<String, Table>) -> Self {
        let varying = |purpose: usize| {
            let resolved = effective.purposes.get(purpose).map(|purpose| &purpose.resolved);
            let properties = resolved.into_iter().chain(effective.setting(purpose)).flat_map(|of| &of.properties);
            let varying = properties.filter(|(_, property)| !property.is_constant());
            varying.map(|(field, property)| (*field, property)).collect()
        };
        let mut bundled = vec![0; effective.settings.len()];
        for purpose in &effective.purposes {
            if let SettingLink::Setting(at, _) = purpose.setting
                && let Some(count) = bundled.get_mut(at)
            {
                *count += 1;
            }
        }
        Self {
            effective,
            date: effective.date,
            atlas,
            tables,
            values: tables.iter().map(|_| OnceCell::new()).collect(),
            varying: (0..effective.purposes.len()).map(varying).collect(),
            bundled,
            notices: OnceCell::new(),
            people: OnceCell::new(),
            places: OnceCell::new(),
            reached: OnceCell::new(),
            states_here: RefCell::default(),
            whole: OnceCell::new(),
        }
    }

    /// Goes to another day on which the same holds.
    pub(super) fn turn(&mut self, date: Date) {
        self.date = date;
        self.values.iter_mut().for_each(|values| _ = values.take());
        self.reached.take();
    }

    /// Whether the setting of a purpose is for it alone.
    pub(super) fn is_alone(&self, purpose: usize) -> bool {
        match self.effective.purposes.get(purpose).map(|purpose| purpose.setting) {
            Some(SettingLink::Setting(at, _)) => self.bundled.get(at) == Some(&1),
            _ => true,
        }
    }

    fn notices(&self) -> &Numbers {
        let reaching = |at: usize| -> Vec<Tri> {
            self.effective.notices.iter().filter_map(|notice| notice.reaches.get(at).copied()).collect()
        };
        self.notices.get_or_init(|| numbered((0..self.effective.atoms.len()).map(reaching)))
    }

    fn people(&self) -> &Numbers {
        self.people.get_or_init(|| numbered(self.effective.atoms.iter().map(|atom| (atom.ages, atom.plans))))
    }

    fn places(&self) -> &Numbers {
        self.places.get_or_init(|| numbered(self.effective.atoms.iter().map(|atom| atom.territories)))
    }

    fn reached(&self) -> &Numbers {
        self.reached.get_or_init(|| {
            let notices = self.effective.notices.iter().map(|notice| &notice.entity.selector.regions);
            let regions = notices.flatten().flat_map(|regions| &regions.items);
            let sets: Vec<Option<TerritorySet>> =
                regions.map(|region| self.atlas.lookup(&region.value, self.date).ok()).collect();
            let there = by_place(|territories| -> Vec<bool> {
                sets.iter().map(|set| set.is_some_and(|set| territories.is_within(set))).collect()
            });
            numbered(self.effective.atoms.iter().map(there))
        })
    }

    /// What varies of a purpose at the place of each atom, over all ages and plans.
    fn states_here(&self, purpose: usize) -> Rc<Numbers> {
        let mut known = self.states_here.borrow_mut();
        let states = known.entry(purpose).or_insert_with(|| {
            let varying = self.varying.get(purpose);
            let mut by_place: BTreeMap<u32, BTreeSet<Vec<u16>>> = BTreeMap::new();
            for (atom, place) in self.places().by_atom.iter().enumerate() {
                let properties = varying.into_iter().flatten();
                let here = properties.filter_map(|(_, property)| property.by_atom.get(atom).copied()).collect();
                by_place.entry(*place).or_default().insert(here);
            }
            Rc::new(numbered(self.places().by_atom.iter().map(|place| by_place.get(place))))
        });
        Rc::clone(states)
    }

    fn whole(&self) -> &Numbers {
        self.whole.get_or_init(|| {
            let purposes = self.effective.purposes.iter().map(|purpose| &purpose.resolved);
            let properties = purposes.chain(&self.effective.settings).flat_map(|resolved| resolved.properties.values());
            let varying: Vec<&Property<'_>> = properties.filter(|property| !property.is_constant()).collect();
            let there = |at: usize| -> Vec<u16> {
                varying.iter().filter_map(|property| property.by_atom.get(at).copied()).collect()
            };
            numbered((0..self.effective.atoms.len()).map(there))
        })
    }

    /// Which value of a table each atom has, from 1; 0 for none. `None` where there is no such table.
    pub(super) fn values(&self, name: &str) -> Option<Rc<Numbers>> {
        self.values_at(self.tables.keys().position(|table| table == name)?)
    }

    /// The same by the place of the table.
    fn values_at(&self, at: usize) -> Option<Rc<Numbers>> {
        let values = self.values.get(at)?.get_or_init(|| {
            let on_day = self.tables.values().nth(at).map(|table| table.on(self.atlas, self.date));
            let number = by_place(|territories| {
                let at = on_day.as_ref().and_then(|table| table.at(territories));
                at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
            });
            Rc::new(Numbers::new(self.effective.atoms.iter().map(number).collect()))
        });
        Some(Rc::clone(values))
    }

    /// In which lines atoms differ for a rule, whatever the purpose.
    pub(super) fn shared(&self, needs: &Needs) -> Lines {
        let mut lines = needs.tables;
        if (needs.notices || needs.siblings) && self.notices().differ() {
            lines |= NOTICES;
        }
        if (needs.people || needs.states_here) && self.people().differ() {
            lines |= if needs.people { PEOPLE } else { STATES_HERE };
        }
        if needs.siblings && self.whole().differ() {
            lines |= SIBLINGS;
        }
        if needs.reached && self.reached().differ() {
            lines |= REACHED;
        }
        lines
    }

    /// In which lines the atoms of a purpose differ for a rule, those `shared` included; where none do, all atoms are alike.
    pub(super) fn lines(&self, needs: &Needs, purpose: usize, shared: Lines) -> Lines {
        let mut lines = shared;
        for (at, (field, _)) in (0_u32..).zip(self.varying.get(purpose).into_iter().flatten()) {
            if needs.has(*field) {
                // more than there are fields are told apart place by place and age by age
                lines |= if at < 64 { 1 << at } else { PLACES | PEOPLE };
            }
        }
        if needs.bundle && !needs.siblings && !self.is_alone(purpose) {
            lines |= if self.notices().differ() { NOTICES } else { 0 };
            lines |= if self.whole().differ() { SIBLINGS } else { 0 };
        }
        // the states of another purpose are those of the place, whatever varies of this one
        if needs.states_here && (needs.siblings || needs.bundle && !self.is_alone(purpose)) {
            lines |= PLACES;
        }
        // what varies for other people of the place may vary by any line
        if needs.states_here && lines & PEOPLE != 0 {
            lines |= STATES_HERE;
        }
        lines
    }

    /// What atoms are told apart by, by these lines.
    pub(super) fn key(&self, purpose: usize, lines: Lines) -> Key<'_> {
        let mut key = Vec::new();
        let properties = self.varying.get(purpose).into_iter().flatten();
        let properties = (0_u32..64).zip(properties).filter(|(at, _)| lines & (1 << at) != 0);
        key.extend(properties.map(|(_, (_, property))| Line::Property(&property.by_atom, property.variants.len())));
        let has = |line: Lines| lines & line != 0;
        key.extend(has(NOTICES).then(|| Line::Shared(self.notices())));
        key.extend(has(PEOPLE).then(|| Line::Shared(self.people())));
        key.extend(has(SIBLINGS).then(|| Line::Shared(self.whole())));
        key.extend(has(STATES_HERE).then(|| Line::Own(self.states_here(purpose))));
        key.extend(has(REACHED).then(|| Line::Shared(self.reached())));
        key.extend(has(PLACES).then(|| Line::Shared(self.places())));
        let mut tables = lines >> TABLES;
        while tables != 0 {
            key.extend(self.values_at(tables.trailing_zeros() as usize).map(Line::Own));
            tables &= tables - 1;
        }
        Key(key)
    }
}

impl Needs {
    /// What counts for a rule.
    pub(super) fn of(rule: &Rule, tables: &BTreeMap<String, Table>) -> Self {
        let severities = rule.severity.iter().filter_map(|case| case.when.as_ref());
        let reads = rule.when.iter().chain(&rule.require).chain(severities).flat_map(|condition| condition.reads());
        let mut needs = Self::default();
        reads.for_each(|read| needs.add(read, tables));
        // the place to point at may be one that no condition reads
        if let Some(path) = &rule.primary {
            needs.add(&StaticRead::Root(path.root), tables);
            path.fields.iter().for_each(|field| needs.add(&StaticRead::Field(*field), tables));
        }
        // the state and what decided it are part of every judgement
        let always = ["carried_out", "ended"].iter().filter_map(|name| FieldId::find(Record::Purpose, name));
        let state =
            ["default", "until_answer", "on_dismiss"].iter().filter_map(|name| FieldId::find(Record::Setting, name));
        always.chain(state).for_each(|field| needs.add_field(field));
        needs
    }

    fn has(&self, field: FieldId) -> bool {
        let bits = if field.record == Record::Purpose { self.of_purpose } else { self.of_setting };
        bits & bit(field) != 0
    }

    fn add_field(&mut self, field: FieldId) {
        match field.record {
            Record::Purpose => self.of_purpose |= bit(field),
            Record::Setting => self.of_setting |= bit(field),
            _ => {}
        }
    }

    fn add_purpose(&mut self, name: &str) {
        FieldId::find(Record::Purpose, name).into_iter().for_each(|field| self.add_field(field));
    }

    fn add(&mut self, read: &StaticRead, tables: &BTreeMap<String, Table>) {
        match read {
            StaticRead::Root(Root::Notices) => {
                self.notices = true;
                self.add_purpose("notices");
            }
            StaticRead::Root(Root::Recipients) => self.add_purpose("recipients"),
            StaticRead::Field(field) => {
                match field.name() {
                    "notices" | "announced_by" | "reaches" => {
                        self.notices = true;
                        self.add_purpose("notices");
                    }
                    "states_here" => self.states_here = true,
                    "reaches_place" => self.reached = true,
                    _ => {}
                }
                match (field.record, field.name()) {
                    (Record::Setting, "purposes") => self.bundle = true,
                    _ if field.names_purposes() => self.siblings = true,
                    _ => {}
                }
                if field.record == Record::Revision {
                    self.add_purpose(field.name());
                }
                if field.get().overridable {
                    self.add_field(*field);
                }
            }
            StaticRead::StatesIn(_) | StaticRead::Root(Root::Age) => self.people = true,
            // the field by which they are reached says which
            StaticRead::Siblings => {}
            StaticRead::Table(name) => {
                let at = tables.keys().position(|table| table == name).and_then(|at| u32::try_from(at).ok());
                self.tables |= at.and_then(|at| 1_u128.checked_shl(TABLES + at)).unwrap_or(PLACES);
            }
            // they depend on the day and on what is read besides
            StaticRead::TableFor(_) | StaticRead::Group(_) => {}
            // they say where atoms are cut, not what is read at one
            StaticRead::AgeLine(_) | StaticRead::AgeTable(..) | StaticRead::EveryAge | StaticRead::DayLine(_) => {}
            StaticRead::Root(_) | StaticRead::Mentions | StaticRead::Param(_) => {}
        }
    }
}

/// The bit of a field. INVARIANT: no record has more than 64 fields; where one had, too many atoms would be told apart, and
/// never too few.
fn bit(field: FieldId) -> u64 {
    1_u64.checked_shl(u32::try_from(field.index()).unwrap_or(u32::MAX)).unwrap_or(u64::MAX)
}
