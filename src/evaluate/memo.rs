//! Keys of memoised judgements: equal facts give equal results, and a rule reads few of them.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::model::{FieldId, Record};
use crate::policy::condition::{Root, StaticRead};
use crate::policy::{Rule, Table};
use crate::resolve::{Effective, Property, Tri};
use crate::space::{Atlas, Block, Date};

/// What is the same for all rules: per atom, numbers that stand for facts which several atoms share.
pub(super) struct Keys<'e> {
    atlas: &'e Atlas,
    date: Date,
    tables: &'e BTreeMap<String, Table>,
    /// For each table that was asked for, which of its values the atom has.
    values: RefCell<BTreeMap<String, Rc<[u32]>>>,
    /// Which notices reach the atom.
    notices: Vec<u32>,
    /// Its ages and plans, on which comparisons over territories depend.
    people: Vec<u32>,
    /// Its territories, on which comparisons with other people of the place depend.
    places: Vec<u32>,
    /// Everything that is declared of any purpose there, on which comparisons with siblings depend.
    whole: OnceCell<Vec<u32>>,
}

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

impl<'e> Keys<'e> {
    pub(super) fn new(effective: &Effective<'_>, atlas: &'e Atlas, tables: &'e BTreeMap<String, Table>) -> Self {
        let reaching = |at: usize| -> Vec<Tri> {
            effective.notices.iter().filter_map(|notice| notice.reaches.get(at).copied()).collect()
        };
        Self {
            atlas,
            date: effective.date,
            tables,
            values: RefCell::default(),
            notices: numbered((0..effective.atoms.len()).map(reaching)),
            people: numbered(effective.atoms.iter().map(|atom| (atom.ages, atom.plans))),
            places: numbered(effective.atoms.iter().map(|atom| atom.territories)),
            whole: OnceCell::new(),
        }
    }

    fn whole(&self, effective: &Effective<'_>) -> &[u32] {
        self.whole.get_or_init(|| {
            let purposes = effective.purposes.iter().map(|purpose| &purpose.resolved);
            let properties = purposes.chain(&effective.settings).flat_map(|resolved| resolved.properties.values());
            let varying: Vec<&Property<'_>> = properties.filter(|property| !property.is_constant()).collect();
            let there = |at: usize| -> Vec<u16> {
                varying.iter().filter_map(|property| property.by_atom.get(at).copied()).collect()
            };
            numbered((0..effective.atoms.len()).map(there))
        })
    }

    /// Which value of a table each atom has.
    fn values(&self, name: &str, effective: &Effective<'_>) -> Rc<[u32]> {
        let mut known = self.values.borrow_mut();
        let values = known.entry(name.to_owned()).or_insert_with(|| {
            let on_day = self.tables.get(name).map(|table| table.on(self.atlas, self.date));
            let number = |atom: &Block| {
                let at = on_day.as_ref().and_then(|table| table.at(atom.territories));
                at.and_then(|at| u32::try_from(at + 1).ok()).unwrap_or(0)
            };
            effective.atoms.iter().map(number).collect()
        });
        Rc::clone(values)
    }

    /// A function from atoms to keys for one rule and purpose: where two keys are equal, so is the judgement. `None` where all
    /// keys would be equal.
    pub(super) fn of<'k>(
        &'k self,
        rule: &Rule,
        effective: &'k Effective<'_>,
        purpose: usize,
    ) -> Option<Box<dyn Fn(usize) -> Vec<u32> + 'k>> {
        let severities = rule.severity.iter().filter_map(|case| case.when.as_ref());
        let reads = rule.when.iter().chain(&rule.require).chain(severities).flat_map(|condition| condition.reads());
        let mut needs = Needs::default();
        for read in reads {
            needs.add(read);
        }
        // the place to point at may be one that no condition reads
        if let Some(path) = &rule.primary {
            needs.add(&StaticRead::Root(path.root));
            path.fields.iter().for_each(|field| needs.add(&StaticRead::Field(*field)));
        }
        let resolved = effective.purposes.get(purpose);
        let setting = effective.setting(purpose);
        // the state and what decided it are part of every judgement
        let always = ["carried_out", "ended"].iter().filter_map(|name| FieldId::find(Record::Purpose, name));
        let state =
            ["default", "until_answer", "on_dismiss"].iter().filter_map(|name| FieldId::find(Record::Setting, name));
        let fields = needs.fields.iter().copied().chain(always).chain(state);
        let of_field = |field: FieldId| match field.record {
            Record::Purpose => resolved.and_then(|purpose| purpose.resolved.properties.get(&field)),
            Record::Setting => setting.and_then(|setting| setting.properties.get(&field)),
            _ => None,
        };
        let properties: Vec<&Property<'_>> =
            fields.filter_map(of_field).filter(|property| !property.is_constant()).collect();
        let tables: Vec<Rc<[u32]>> = needs.tables.iter().map(|name| self.values(name, effective)).collect();
        let mut columns: Vec<&[u32]> = Vec::new();
        if needs.notices || needs.siblings {
            columns.push(&self.notices);
        }
        if needs.people {
            columns.push(&self.people);
        }
        if needs.siblings {
            columns.push(self.whole(effective));
        }
        if needs.places {
            columns.push(&self.places);
        }
        columns.retain(|numbers| differ(numbers));
        if columns.is_empty() && properties.is_empty() && tables.is_empty() {
            return None;
        }
        Some(Box::new(move |atom| {
            let declared = properties.iter().map(|property| property.by_atom.get(atom).map_or(0, |at| u32::from(*at)));
            let numbers = tables.iter().map(|values| &**values).chain(columns.iter().copied());
            declared.chain(numbers.map(|numbers| numbers.get(atom).copied().unwrap_or(0))).collect()
        }))
    }
}

#[derive(Default)]
struct Needs {
    fields: Vec<FieldId>,
    notices: bool,
    people: bool,
    places: bool,
    tables: Vec<String>,
    siblings: bool,
}

impl Needs {
    fn add(&mut self, read: &StaticRead) {
        let purpose_field = |name: &str| FieldId::find(Record::Purpose, name);
        match read {
            StaticRead::Root(Root::Notices) => {
                self.notices = true;
                self.fields.extend(purpose_field("notices"));
            }
            StaticRead::Root(Root::Recipients) => self.fields.extend(purpose_field("recipients")),
            StaticRead::Field(field) => {
                if matches!(field.name(), "notices" | "announced_by" | "reaches") {
                    self.notices = true;
                    self.fields.extend(purpose_field("notices"));
                }
                if matches!(field.name(), "states_here" | "reaches_place") {
                    self.places = true;
                }
                if field.record == Record::Revision {
                    self.fields.extend(purpose_field(field.name()));
                }
                if field.get().overridable {
                    self.fields.push(*field);
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
