//! Which atoms are alike to a rule: equal facts give equal results, and a rule reads few of them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::model::{FieldId, Record};
use crate::policy::condition::{Root, StaticRead};
use crate::policy::{Rule, Table};
use crate::resolve::{Effective, Property, Tri};
use crate::space::{Atlas, Block};

/// What of an atom counts for a rule.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Fields that overrides may set, as bits by their place in the table of their record.
    of_purpose: u64,
    of_setting: u64,
    notices: bool,
    people: bool,
    places: bool,
    tables: Vec<String>,
    siblings: bool,
}

/// What is the same for all rules: per atom, numbers that stand for facts which several atoms share.
pub(super) struct Keys<'e, 'w> {
    effective: &'e Effective<'w>,
    atlas: &'e Atlas,
    tables: &'e BTreeMap<String, Table>,
    /// For each table that was asked for, which of its values the atom has.
    values: RefCell<BTreeMap<String, Rc<[u32]>>>,
    /// For each purpose, its properties and those of its setting that are not the same at all atoms.
    varying: Vec<Vec<(FieldId, &'e Property<'w>)>>,
    /// Which notices reach the atom.
    notices: Vec<u32>,
    /// Its ages and plans, on which comparisons over territories depend.
    people: Vec<u32>,
    /// Its territories, on which comparisons with other people of the place depend.
    places: Vec<u32>,
    /// Everything that is declared of any purpose there, on which comparisons with siblings depend.
    whole: OnceCell<Vec<u32>>,
}

/// Numbers by atom.
enum Line<'k> {
    Property(&'k [u16]),
    Shared(&'k [u32]),
    Table(Rc<[u32]>),
}

impl Line<'_> {
    fn at(&self, atom: usize) -> u32 {
        match self {
            Self::Property(numbers) => numbers.get(atom).map_or(0, |at| u32::from(*at)),
            Self::Shared(numbers) => numbers.get(atom).copied().unwrap_or(0),
            Self::Table(numbers) => numbers.get(atom).copied().unwrap_or(0),
        }
    }
}

/// The lines in which the atoms of a purpose differ for a rule.
pub(super) type Lines = Vec<u16>;

/// Past all properties.
const NOTICES: u16 = 1_000;
const PEOPLE: u16 = 1_001;
const SIBLINGS: u16 = 1_002;
const PLACES: u16 = 1_003;
/// The first table there is; the others follow.
const TABLES: u16 = 2_000;

/// Numbers for values: equal values have equal numbers.
fn numbered<T: Ord>(values: impl Iterator<Item = T>) -> Vec<u32> {
    let mut known: BTreeMap<T, u32> = BTreeMap::new();
    let number = |value: T| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(value).or_insert(next)
    };
    values.map(number).collect()
}

/// Whether atoms differ in what these numbers stand for.
fn differ(numbers: &[u32]) -> bool {
    numbers.iter().any(|number| *number != 0)
}

impl<'e, 'w> Keys<'e, 'w> {
    pub(super) fn new(effective: &'e Effective<'w>, atlas: &'e Atlas, tables: &'e BTreeMap<String, Table>) -> Self {
        let reaching = |at: usize| -> Vec<Tri> {
            effective.notices.iter().filter_map(|notice| notice.reaches.get(at).copied()).collect()
        };
        let varying = |purpose: usize| {
            let resolved = effective.purposes.get(purpose).map(|purpose| &purpose.resolved);
            let properties = resolved.into_iter().chain(effective.setting(purpose)).flat_map(|of| &of.properties);
            let varying = properties.filter(|(_, property)| !property.is_constant());
            varying.map(|(field, property)| (*field, property)).collect()
        };
        Self {
            effective,
            atlas,
            tables,
            values: RefCell::default(),
            varying: (0..effective.purposes.len()).map(varying).collect(),
            notices: numbered((0..effective.atoms.len()).map(reaching)),
            people: numbered(effective.atoms.iter().map(|atom| (atom.ages, atom.plans))),
            places: numbered(effective.atoms.iter().map(|atom| atom.territories)),
            whole: OnceCell::new(),
        }
    }

    fn whole(&self) -> &[u32] {
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

    /// Which value of a table each atom has, from 1; 0 for none.
    pub(super) fn values(&self, name: &str) -> Rc<[u32]> {
        if let Some(known) = self.values.borrow().get(name) {
            return Rc::clone(known);
        }
        let on_day = self.tables.get(name).map(|table| table.on(self.atlas, self.effective.date));
        let number = |atom: &Block| {
            let at = on_day.as_ref().and_then(|table| table.at(atom.territories));
            at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
        };
        let values: Rc<[u32]> = self.effective.atoms.iter().map(number).collect();
        self.values.borrow_mut().insert(name.to_owned(), Rc::clone(&values));
        values
    }

    /// In which lines the atoms of a purpose differ for a rule; where none do, all atoms are alike.
    pub(super) fn lines(&self, needs: &Needs, purpose: usize) -> Lines {
        let varying = self.varying.get(purpose).into_iter().flatten();
        let needed = (0..).zip(varying).filter(|(_, (field, _))| needs.has(*field));
        let mut lines: Lines = needed.map(|(at, _)| at).collect();
        if (needs.notices || needs.siblings) && differ(&self.notices) {
            lines.push(NOTICES);
        }
        if needs.people && differ(&self.people) {
            lines.push(PEOPLE);
        }
        if needs.siblings && differ(self.whole()) {
            lines.push(SIBLINGS);
        }
        if needs.places && differ(&self.places) {
            lines.push(PLACES);
        }
        let at = |name: &String| self.tables.keys().position(|table| table == name);
        let tables = needs.tables.iter().filter_map(at).filter_map(|at| u16::try_from(at).ok());
        lines.extend(tables.map(|at| TABLES.saturating_add(at)));
        lines
    }

    /// A function from atoms to keys: where two keys are equal, so is what the rule says.
    pub(super) fn key<'k>(&'k self, purpose: usize, lines: &[u16]) -> impl Fn(usize) -> Vec<u32> + 'k {
        let line = |line: &u16| match *line {
            NOTICES => Some(Line::Shared(&self.notices)),
            PEOPLE => Some(Line::Shared(&self.people)),
            SIBLINGS => Some(Line::Shared(self.whole())),
            PLACES => Some(Line::Shared(&self.places)),
            at if at >= TABLES => {
                self.tables.keys().nth(usize::from(at - TABLES)).map(|name| Line::Table(self.values(name)))
            }
            at => {
                let property = self.varying.get(purpose).and_then(|of| of.get(usize::from(at)));
                property.map(|(_, property)| Line::Property(&property.by_atom))
            }
        };
        let lines: Vec<Line<'k>> = lines.iter().filter_map(line).collect();
        move |atom| lines.iter().map(|line| line.at(atom)).collect()
    }
}

impl Needs {
    /// What counts for a rule.
    pub(super) fn of(rule: &Rule) -> Self {
        let severities = rule.severity.iter().filter_map(|case| case.when.as_ref());
        let reads = rule.when.iter().chain(&rule.require).chain(severities).flat_map(|condition| condition.reads());
        let mut needs = Self::default();
        reads.for_each(|read| needs.add(read));
        // the place to point at may be one that no condition reads
        if let Some(path) = &rule.primary {
            needs.add(&StaticRead::Root(path.root));
            path.fields.iter().for_each(|field| needs.add(&StaticRead::Field(*field)));
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

    fn add(&mut self, read: &StaticRead) {
        match read {
            StaticRead::Root(Root::Notices) => {
                self.notices = true;
                self.add_purpose("notices");
            }
            StaticRead::Root(Root::Recipients) => self.add_purpose("recipients"),
            StaticRead::Field(field) => {
                if matches!(field.name(), "notices" | "announced_by" | "reaches") {
                    self.notices = true;
                    self.add_purpose("notices");
                }
                if matches!(field.name(), "states_here" | "reaches_place") {
                    self.places = true;
                }
                if field.record == Record::Revision {
                    self.add_purpose(field.name());
                }
                if field.get().overridable {
                    self.add_field(*field);
                }
            }
            StaticRead::StatesIn(_) | StaticRead::Root(Root::Age) => self.people = true,
            StaticRead::Siblings => self.siblings = true,
            StaticRead::Table(name) => self.tables.push(name.clone()),
            // they depend on the day and on what is read besides
            StaticRead::TableFor(_) | StaticRead::Group(_) => {}
            // they say where atoms are cut, not what is read at one
            StaticRead::AgeLine(_) | StaticRead::AgeTable(..) | StaticRead::EveryAge => {}
            StaticRead::Root(_) | StaticRead::Mentions | StaticRead::Param(_) => {}
        }
    }
}

/// The bit of a field. INVARIANT: no record has more than 64 fields; where one had, too many atoms would be told apart, and
/// never too few.
fn bit(field: FieldId) -> u64 {
    1_u64.checked_shl(u32::try_from(field.index()).unwrap_or(u32::MAX)).unwrap_or(u64::MAX)
}
