//! Keys of memoised judgements: equal facts give equal results, and a rule reads few of them.

use std::collections::BTreeMap;

use crate::model::{FieldId, Record};
use crate::policy::Rule;
use crate::policy::condition::{Root, StaticRead};
use crate::resolve::{Effective, Property, Tri};
use crate::space::{AgeSet, PlanSet};

/// What is the same for all rules: per atom, numbers that stand for facts which several atoms share.
pub(super) struct Keys {
    /// Which notices reach the atom.
    notices: Vec<u32>,
    /// Its ages and plans, on which comparisons over territories depend.
    people: Vec<u32>,
}

impl Keys {
    pub(super) fn new(effective: &Effective<'_>) -> Self {
        let mut people: BTreeMap<(AgeSet, PlanSet), u32> = BTreeMap::new();
        let mut notices: BTreeMap<Vec<Tri>, u32> = BTreeMap::new();
        let mut keys = Self { notices: Vec::new(), people: Vec::new() };
        for (at, atom) in effective.atoms.iter().enumerate() {
            let next = u32::try_from(people.len()).unwrap_or(u32::MAX);
            keys.people.push(*people.entry((atom.ages, atom.plans)).or_insert(next));
            let reaching = effective.notices.iter().filter_map(|notice| notice.reaches.get(at).copied()).collect();
            let next = u32::try_from(notices.len()).unwrap_or(u32::MAX);
            keys.notices.push(*notices.entry(reaching).or_insert(next));
        }
        keys
    }

    /// A function from atoms to keys for one rule and purpose: where two keys are equal, so is the judgement.
    pub(super) fn of<'k>(
        &'k self,
        rule: &Rule,
        effective: &'k Effective<'_>,
        purpose: usize,
    ) -> impl Fn(usize) -> Vec<u32> + use<'k> {
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
        let properties: Vec<&Property<'_>> = fields.filter_map(of_field).collect();
        move |atom| {
            if needs.everything {
                return vec![u32::try_from(atom).unwrap_or(u32::MAX)];
            }
            let mut key: Vec<u32> =
                properties.iter().map(|property| property.by_atom.get(atom).map_or(0, |at| u32::from(*at))).collect();
            if needs.notices {
                key.push(self.notices.get(atom).copied().unwrap_or(0));
            }
            if needs.people {
                key.push(self.people.get(atom).copied().unwrap_or(0));
            }
            key
        }
    }
}

#[derive(Default)]
struct Needs {
    fields: Vec<FieldId>,
    notices: bool,
    people: bool,
    /// Reads that no number stands for: siblings, tables.
    everything: bool,
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
                if field.get().overridable {
                    self.fields.push(*field);
                }
            }
            StaticRead::StatesIn(_) | StaticRead::Root(Root::Age) => self.people = true,
            StaticRead::Siblings | StaticRead::Table(_) => self.everything = true,
            // they depend on the day and on what is read besides
            StaticRead::TableFor(_) | StaticRead::Group(_) => {}
            // they say where atoms are cut, not what is read at one
            StaticRead::AgeLine(_) | StaticRead::AgeTable(..) | StaticRead::EveryAge => {}
            StaticRead::Root(_) | StaticRead::Mentions | StaticRead::Param(_) => {}
        }
    }
}
