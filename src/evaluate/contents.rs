//! Numbers that stand for declared facts, so that a part of a condition need not be worked out twice: where everything that it reads has
//! the same numbers, its result is the same, in whichever service. Source positions have no part in the numbers, so a result that
//! depends on where something is written cannot be kept by them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use xxhash_rust::xxh3::xxh3_128;

use super::columns::{Column, Columns, Number};
use super::lines::{Keys, Numbers};
use crate::model::{Entity, EntityId, EntityKind, FieldId, FieldValue, Fields, Items, Record, Type, Value};
use crate::policy::{Param, ParamValue};
use crate::resolve::{Effective, Outcome, Property, SettingLink, State, Tri};
use crate::settings::RuleSettings;
use crate::space::{AgeSet, Atlas, Date, PlanSet};

/// Places by atom, and numbers by place.
type ByPlace<'e> = (&'e [u16], Box<[Cell<Option<Number>>]>);

/// What is kept of a column for a purpose.
enum Slot<'e> {
    /// One number, whatever the atom and the rule.
    Same(Number),
    /// For each atom the place of what holds there, and the numbers by these places, as far as somebody has asked.
    ByPlace(Box<ByPlace<'e>>),
    /// For each atom the value of a table.
    OfTable(Rc<Numbers>),
    /// Nothing: it is worked out for each atom.
    Each,
}

/// The numbers of one service on one day, worked out when they are asked for.
pub(super) struct Contents<'e, 'w> {
    effective: &'e Effective<'w>,
    date: Date,
    atlas: &'e Atlas,
    columns: &'e [Column],
    /// By purpose and column, for purposes that were asked about; last those of the service.
    slots: Vec<OnceCell<Box<[OnceCell<Slot<'e>>]>>>,
    entities: RefCell<BTreeMap<EntityId, Number>>,
    /// The numbers of the elements of lists, by where these are declared.
    elements: RefCell<BTreeMap<*const FieldValue, Rc<[Number]>>>,
    buffer: RefCell<Vec<u8>>,
    /// Whether some notice says which purposes it is for; and for each atom, which notices there are and whether they reach it.
    notices: OnceCell<(bool, Vec<Number>)>,
    /// The atoms of groups.
    groups: RefCell<BTreeMap<String, Rc<[usize]>>>,
    /// The states of a purpose in groups, by purpose, ages and plans.
    states_in: RefCell<BTreeMap<(String, usize, AgeSet, PlanSet), Number>>,
}

impl<'e, 'w> Contents<'e, 'w> {
    pub(super) fn new(effective: &'e Effective<'w>, atlas: &'e Atlas, columns: &'e Columns) -> Self {
        Self {
            effective,
            date: effective.date,
            atlas,
            columns: columns.all(),
            slots: (0..=effective.purposes.len()).map(|_| OnceCell::new()).collect(),
            entities: RefCell::default(),
            elements: RefCell::default(),
            buffer: RefCell::default(),
            notices: OnceCell::new(),
            groups: RefCell::default(),
            states_in: RefCell::default(),
        }
    }

    /// Goes to another day on which the same holds.
    pub(super) fn turn(&mut self, date: Date) {
        self.date = date;
        let columns = self.columns.iter().enumerate().filter(|(_, column)| column.is_of_day());
        let columns: Vec<usize> = columns.map(|(at, _)| at).collect();
        for slots in self.slots.iter_mut().filter_map(OnceCell::get_mut) {
            columns.iter().for_each(|at| _ = slots.get_mut(*at).and_then(OnceCell::take));
        }
        self.groups.get_mut().clear();
        self.states_in.get_mut().clear();
    }

    /// The number of what stands in a column for a purpose at an atom, and whether it is the same at all atoms; `None` where it has
    /// none for this purpose.
    pub(super) fn number(
        &self,
        column: u16,
        (purpose, atom): (usize, usize),
        keys: &Keys<'e, 'w>,
        settings: &RuleSettings,
    ) -> Option<(Number, bool)> {
        let of = self.columns.get(usize::from(column))?;
        let work_out = || self.worked_out(of, (purpose, atom), keys, settings);
        // what is the same for all purposes stands past them
        let slots = self.slots.get(if of.is_of_service() { self.effective.purposes.len() } else { purpose })?;
        let slots = slots.get_or_init(|| self.columns.iter().map(|_| OnceCell::new()).collect());
        let slot = slots.get(usize::from(column))?;
        let (places, numbers) = match slot.get_or_init(|| self.slot(of, purpose, keys, work_out)) {
            Slot::Same(number) => return Some((*number, true)),
            Slot::OfTable(numbers) => return Some((numbers.by_atom.get(atom).copied()?.into(), false)),
            Slot::Each => return Some((work_out()?, false)),
            Slot::ByPlace(by_place) => &**by_place,
        };
        let known = places.get(atom).and_then(|place| numbers.get(usize::from(*place)));
        if let Some(number) = known.and_then(Cell::get) {
            return Some((number, false));
        }
        let number = work_out()?;
        known.into_iter().for_each(|known| known.set(Some(number)));
        Some((number, false))
    }

    /// What can be kept of a column for a purpose.
    fn slot(
        &self,
        column: &Column,
        purpose: usize,
        keys: &Keys<'e, 'w>,
        work_out: impl FnOnce() -> Option<Number>,
    ) -> Slot<'e> {
        let Some(of) = self.effective.purposes.get(purpose) else { return Slot::Each };
        let by_place = match column {
            Column::Field(field) => {
                let resolved = match field.record {
                    Record::Purpose => Some(&of.resolved),
                    Record::Setting => self.effective.setting(purpose),
                    _ => None,
                };
                let property = resolved.and_then(|resolved| resolved.properties.get(field));
                let varies = property.filter(|property| !property.is_constant());
                varies.map(|property| (&property.by_atom, property.variants.len()))
            }
            Column::Id(_) | Column::Setting | Column::Bundle | Column::Languages | Column::Given(..) => None,
            Column::State if of.states.len() != 1 => Some((&of.state_of, of.states.len())),
            Column::State => None,
            Column::StatesHere | Column::StatesIn(_) if of.states.len() == 1 => None,
            Column::Table(name) => return keys.values(name).map_or(Slot::Each, Slot::OfTable),
            _ => return Slot::Each,
        };
        match by_place {
            Some((places, count)) => Slot::ByPlace(Box::new((places, vec![Cell::new(None); count].into()))),
            None => work_out().map_or(Slot::Each, Slot::Same),
        }
    }

    fn worked_out(
        &self,
        column: &Column,
        (purpose, atom): (usize, usize),
        keys: &Keys<'e, 'w>,
        settings: &RuleSettings,
    ) -> Option<Number> {
        let block = || self.effective.atoms.get(atom);
        Some(match column {
            Column::Field(field) => self.field(*field, purpose, atom),
            Column::Id(record) => self.id(*record, purpose),
            Column::Setting => self.link(purpose),
            Column::Bundle => keys.is_alone(purpose).then_some(1)?,
            Column::State => self.state(purpose, atom),
            Column::StatesHere => self.states_here(purpose, atom),
            Column::StatesIn(group) => self.states_in(group, purpose, atom),
            Column::Notices => self.notices(purpose, atom),
            Column::Stated => Number::from(self.effective.is_stated(purpose, atom)),
            Column::Ages => block().map_or(0, |block| hashed(&block.ages)),
            Column::Languages => hashed(&self.effective.workspace.languages(self.effective.service)),
            Column::Places => block().map_or(0, |block| hashed(&block.territories)),
            // what is kept of it answers, and who asks for it
            Column::Table(_) | Column::Element(_) => return None,
            Column::Param(name) => number_of(&settings.params, name),
            Column::Given(_, number) => *number,
        })
    }

    fn field(&self, field: FieldId, purpose: usize, atom: usize) -> Number {
        let resolved = match field.record {
            Record::Purpose => self.effective.purposes.get(purpose).map(|of| &of.resolved),
            Record::Setting => self.effective.setting(purpose),
            _ => return self.of_service(field),
        };
        let Some(resolved) = resolved else { return 0 };
        match resolved.properties.get(&field).filter(|_| field.get().overridable) {
            Some(property) => self.at(property, atom),
            None => self.plain(&resolved.entity.fields, field),
        }
    }

    fn of_service(&self, field: FieldId) -> Number {
        let service = self.effective.service;
        match field.name() {
            "regions" => self.written(|out| write_items(service.regions.as_ref(), out, |region| region.to_string())),
            "ages" => self.written(|out| write_items(service.ages.as_ref(), out, |ages| format!("{ages:?}"))),
            _ => self.plain(&service.fields, field),
        }
    }

    fn id(&self, record: Record, purpose: usize) -> Number {
        let id = match record {
            Record::Purpose => self.effective.purposes.get(purpose).map(|of| &of.resolved.entity.id),
            Record::Setting => self.effective.setting(purpose).map(|setting| &setting.entity.id),
            _ => Some(&self.effective.service.id),
        };
        id.map_or(0, |id| xxh3_128(id.as_bytes()))
    }

    fn link(&self, purpose: usize) -> Number {
        let Some(of) = self.effective.purposes.get(purpose) else { return 0 };
        let is_core = || of.resolved.entity.fields.text("necessity") == Some("core");
        match of.setting {
            SettingLink::Setting(..) => 1,
            SettingLink::Nothing(_) => 2,
            SettingLink::Unknown(_) => 3,
            SettingLink::Undeclared if is_core() => 4,
            SettingLink::Undeclared => 5,
        }
    }

    fn state(&self, purpose: usize, atom: usize) -> Number {
        match self.effective.state(purpose, atom) {
            None => 0,
            Some(at) if at.deciders.is_empty() => 1,
            Some(at) => match at.state {
                State::Undeclared => 2,
                State::Unknown => 3,
                State::Unsettled => 4,
                State::Known(kind) => 5 + kind as Number,
            },
        }
    }

    fn states_here(&self, purpose: usize, atom: usize) -> Number {
        let Some(here) = self.effective.atoms.get(atom) else { return 0 };
        let atoms = self.effective.atoms.iter().enumerate();
        let same_place = atoms.filter(|(_, atom)| atom.territories == here.territories).map(|(at, _)| at);
        // to find them takes the longer the more atoms there are
        hashed(&(self.effective.atoms.len(), self.in_order(purpose, same_place)))
    }

    fn states_in(&self, group: &str, purpose: usize, atom: usize) -> Number {
        let Some(here) = self.effective.atoms.get(atom) else { return 0 };
        let of = (group.to_owned(), purpose, here.ages, here.plans);
        if let Some(known) = self.states_in.borrow().get(&of) {
            return *known;
        }
        let inside = Rc::clone(self.groups.borrow_mut().entry(group.to_owned()).or_insert_with(|| {
            let territories = self.atlas.lookup(group, self.date).unwrap_or_default();
            let atoms = self.effective.atoms.iter().enumerate();
            atoms.filter(|(_, atom)| atom.territories.is_within(territories)).map(|(at, _)| at).collect()
        }));
        let same_people = |at: &&usize| {
            self.effective.atoms.get(**at).is_some_and(|atom| atom.ages == here.ages && atom.plans == here.plans)
        };
        let number = hashed(&self.in_order(purpose, inside.iter().filter(same_people).copied()));
        self.states_in.borrow_mut().insert(of, number);
        number
    }

    /// The states of a purpose at some atoms as a condition lists them, each once: to go through them takes other steps in
    /// another order.
    fn in_order(&self, purpose: usize, atoms: impl Iterator<Item = usize>) -> Vec<Number> {
        let states =
            self.effective.purposes.get(purpose).map(|purpose| purpose.state_of.as_slice()).unwrap_or_default();
        let mut seen = BTreeSet::new();
        let first = atoms.filter(|at| states.get(*at).is_some_and(|state| seen.insert(*state)));
        first.map(|at| self.state(purpose, at)).collect()
    }

    fn notices(&self, purpose: usize, atom: usize) -> Number {
        let (covers, all) = self.notices.get_or_init(|| {
            let mut notices = self.effective.notices.iter();
            (notices.any(|notice| notice.entity.named("covers").is_some()), self.reaching())
        });
        let reaching = all.get(atom).copied().unwrap_or_default();
        let whose = if *covers { self.id(Record::Purpose, purpose) } else { 0 };
        reaching ^ whose.rotate_left(1)
    }

    /// For each atom, all notices with whether they reach it.
    fn reaching(&self) -> Vec<Number> {
        let notices: Vec<Number> =
            self.effective.notices.iter().map(|notice| self.entity(notice.id, notice.entity, 0)).collect();
        let there = |atom: usize| {
            let mut out = Vec::with_capacity(17 * notices.len());
            for (notice, number) in self.effective.notices.iter().zip(&notices) {
                write_number(*number, &mut out);
                out.push(match notice.reaches.get(atom) {
                    Some(Tri::Yes) => 1,
                    Some(Tri::No) => 2,
                    Some(Tri::Unknown) | None => 3,
                });
            }
            xxh3_128(&out)
        };
        (0..self.effective.atoms.len()).map(there).collect()
    }

    /// The numbers of the elements of a list of a purpose at an atom, in order; `None` where no list is known.
    pub(super) fn elements(&self, list: FieldId, (purpose, atom): (usize, usize)) -> Option<Rc<[Number]>> {
        let resolved = &self.effective.purposes.get(purpose)?.resolved;
        let found = match resolved.properties.get(&list).filter(|_| list.get().overridable) {
            None => resolved.entity.fields.get(list)?,
            Some(property) => match property.at(atom)?.outcome {
                Outcome::Value(at) => property.candidates.get(usize::from(at))?.value?,
                _ => return None,
            },
        };
        let (Type::List(element), Value::List(items)) = (list.get().ty, &found.value.value) else { return None };
        let mut known = self.elements.borrow_mut();
        let numbers = known.entry(std::ptr::from_ref(found)).or_insert_with(|| {
            items.iter().map(|item| self.written(|out| self.write(*element, &item.value, 0, out))).collect()
        });
        Some(Rc::clone(numbers))
    }

    /// What holds of a property at an atom.
    fn at(&self, property: &Property<'_>, atom: usize) -> Number {
        let Some(variant) = property.at(atom) else { return 1 };
        let winner = match variant.outcome {
            Outcome::Value(at) => property.candidates.get(usize::from(at)),
            Outcome::Undeclared => return 2,
            Outcome::Ambiguous => return 3,
            Outcome::Unknown(_) => return 4,
        };
        let Some(field) = winner.and_then(|candidate| candidate.value) else { return 5 };
        self.written(|out| self.write(field.field.get().ty, &field.value.value, 0, out))
    }

    fn plain(&self, fields: &Fields, field: FieldId) -> Number {
        let Some(found) = fields.get(field) else { return 2 };
        self.written(|out| self.write(field.get().ty, &found.value.value, 0, out))
    }

    /// A number for what is written; there is one buffer for all of it.
    fn written(&self, write: impl FnOnce(&mut Vec<u8>)) -> Number {
        let mut out = self.buffer.take();
        write(&mut out);
        let number = xxh3_128(&out);
        out.clear();
        self.buffer.replace(out);
        number
    }

    /// An organisation or notice with all that it says.
    fn entity(&self, id: EntityId, entity: &Entity, depth: u8) -> Number {
        if let Some(known) = self.entities.borrow().get(&id) {
            return *known;
        }
        let mut out = vec![entity.kind as u8];
        write_text(&entity.id, &mut out);
        self.write_fields(&entity.fields, depth, &mut out);
        write_items(entity.selector.regions.as_ref(), &mut out, |region| region.to_string());
        write_items(entity.selector.ages.as_ref(), &mut out, |ages| format!("{ages:?}"));
        let number = xxh3_128(&out);
        self.entities.borrow_mut().insert(id, number);
        number
    }

    fn write_fields(&self, fields: &Fields, depth: u8, out: &mut Vec<u8>) {
        write_length(fields.entries.len(), out);
        for entry in &fields.entries {
            out.push(entry.field.record as u8);
            write_length(entry.field.index(), out);
            self.write(entry.field.get().ty, &entry.value.value, depth, out);
        }
    }

    /// A value without places, and entities with what they say in place of their ids.
    fn write(&self, ty: Type, value: &Value, depth: u8, out: &mut Vec<u8>) {
        match (ty, value) {
            (_, Value::Invalid(_)) => out.push(0),
            (Type::Ref(kind), Value::Text(id)) => {
                out.push(1);
                write_text(id, out);
                // what is said of other purposes is never numbered, and nothing else is circular
                if kind != EntityKind::Purpose && depth < 4 {
                    match self.effective.find(kind, id) {
                        Some((found, entity)) => write_number(self.entity(found, entity, depth + 1), out),
                        None => out.push(0),
                    }
                }
            }
            (_, Value::Text(text)) => {
                out.push(2);
                write_text(text, out);
            }
            (_, Value::Bool(value)) => out.extend([3, u8::from(*value)]),
            (_, Value::Int(value)) => {
                out.push(4);
                out.extend(value.to_le_bytes());
            }
            (_, Value::Date(when)) => {
                out.push(5);
                for day in [when.earliest, when.latest] {
                    let days = day.map_or(i64::MIN, |day| Date::MILLENNIUM.days_until(day));
                    out.extend(days.to_le_bytes());
                }
            }
            (_, Value::Duration(duration)) => {
                out.push(6);
                write_text(duration.as_str(), out);
            }
            (ty, Value::List(items)) => {
                out.push(7);
                write_length(items.len(), out);
                let element = match ty {
                    Type::List(element) => *element,
                    other => other,
                };
                items.iter().for_each(|item| self.write(element, &item.value, depth, out));
            }
            (_, Value::Record(fields)) => {
                out.push(8);
                self.write_fields(fields, depth, out);
            }
        }
    }
}

/// The number of a parameter; 0 where there is none of that name.
pub(super) fn number_of(params: &[Param], name: &str) -> Number {
    params.iter().find(|param| param.name == name).map_or(0, |param| of_param(&param.value))
}

fn of_param(value: &ParamValue) -> Number {
    let mut out = Vec::new();
    match value {
        ParamValue::Bool(value) => out.extend([1, u8::from(*value)]),
        ParamValue::Int(value) => {
            out.push(2);
            out.extend(value.to_le_bytes());
        }
        ParamValue::Double(value) => {
            out.push(3);
            out.extend(value.to_bits().to_le_bytes());
        }
        ParamValue::Text(text) => {
            out.push(4);
            write_text(text, &mut out);
        }
        ParamValue::Texts(texts) => {
            out.push(5);
            texts.iter().for_each(|text| write_text(text, &mut out));
        }
    }
    xxh3_128(&out)
}

fn hashed(value: &impl std::hash::Hash) -> Number {
    let mut bytes = Bytes(Vec::new());
    value.hash(&mut bytes);
    xxh3_128(&bytes.0)
}

/// What a value hashes, as bytes.
struct Bytes(Vec<u8>);

impl std::hash::Hasher for Bytes {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
    }
}

fn write_items<T>(items: Option<&Items<T>>, out: &mut Vec<u8>, words: impl Fn(&T) -> String) {
    let Some(items) = items else { return out.push(0) };
    out.push(1);
    write_length(items.items.len(), out);
    items.items.iter().for_each(|item| write_text(&words(&item.value), out));
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_length(text.len(), out);
    out.extend(text.as_bytes());
}

fn write_length(length: usize, out: &mut Vec<u8>) {
    out.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn write_number(number: Number, out: &mut Vec<u8>) {
    out.extend(number.to_le_bytes());
}
