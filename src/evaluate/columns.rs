//! What parts of conditions can read of a purpose at an atom: the columns in which numbers stand.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EntityKind, FieldId, Record, Type};
use crate::policy::condition::{Root, StaticRead};

/// A number for a content. 128 bits, so that two contents never have one by chance.
pub(super) type Number = u128;

/// Something that a part of a condition can read of a purpose at an atom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// A field of the purpose, its setting or the service.
    Field(FieldId),
    /// The id of one of them.
    Id(Record),
    /// How the purpose names its setting.
    Setting,
    /// The purposes under its setting, where there is no other.
    Bundle,
    State,
    /// The states at the place, over all ages and plans.
    StatesHere,
    /// The states in a group, for the same people.
    StatesIn(String),
    /// All notices that may be for the purpose, with whether they reach the atom.
    Notices,
    /// `region_stated`
    Stated,
    /// How old the people are.
    Ages,
    /// Where they are.
    Places,
    /// The languages that texts may be written in.
    Languages,
    /// The value of a table for where they are.
    Table(String),
    /// A parameter of the rule, where files differ in what a config says of it.
    Param(String),
    /// A parameter of the rule that has one value in all files, with the number of that.
    Given(String, Number),
    /// An element of a list that a purpose declares, whichever is asked about.
    Element(FieldId),
}

impl Column {
    /// Whether it may be another on another day, although the same holds.
    pub(super) fn is_of_day(&self) -> bool {
        matches!(self, Self::StatesIn(_) | Self::Table(_))
    }

    /// Whether it is the same for all purposes.
    pub(super) fn is_of_service(&self) -> bool {
        match self {
            Self::Field(field) => field.record == Record::Service,
            Self::Id(record) => *record == Record::Service,
            Self::Languages | Self::Given(..) => true,
            _ => false,
        }
    }
}

/// The columns that the rules of a run read, each once.
#[derive(Debug, Default)]
pub(super) struct Columns {
    places: BTreeMap<Column, u16>,
    all: Vec<Column>,
    /// What reads come to.
    of_reads: BTreeMap<StaticRead, Option<Vec<u16>>>,
}

impl Columns {
    /// The places of the columns of some reads; `None` where something is read that has no number. `given` are the numbers of
    /// parameters that have one value in all files.
    pub(super) fn of<'r>(
        &mut self,
        reads: impl Iterator<Item = &'r StaticRead>,
        given: impl Fn(&str) -> Option<Number>,
    ) -> Option<Vec<u16>> {
        let mut all = Vec::new();
        for read in reads {
            if let StaticRead::Param(name) = read
                && let Some(number) = given(name)
            {
                all.push(self.place(Column::Given(name.clone(), number))?);
                continue;
            }
            let known = match self.of_reads.get(read) {
                Some(known) => known,
                None => {
                    let mut columns = BTreeSet::new();
                    let places = of_read(read, &mut columns)
                        .and_then(|()| columns.into_iter().map(|column| self.place(column)).collect());
                    self.of_reads.entry(read.clone()).or_insert(places)
                }
            };
            all.extend(known.as_ref()?);
        }
        all.sort_unstable();
        all.dedup();
        Some(all)
    }

    /// The places of the columns of what is asked of each element of a list, by what that reads, the element first; `None`
    /// where something is read that has no number. `given` are the numbers of parameters that have one value in all files.
    pub(super) fn of_element<'r>(
        &mut self,
        list: FieldId,
        reads: impl Iterator<Item = &'r StaticRead>,
        given: impl Fn(&str) -> Option<Number>,
    ) -> Option<Vec<u16>> {
        let record = match list.get().ty {
            Type::List(Type::Record(record)) => *record,
            Type::List(Type::Ref(kind @ EntityKind::Organisation)) => kind.record(),
            _ => return None,
        };
        // what an element declares is in its number
        let is_inside = |read: &&StaticRead| matches!(read, StaticRead::Field(field) if field.record == record);
        let others = self.of(reads.filter(|read| !is_inside(read)), given)?;
        let element = self.place(Column::Element(list))?;
        Some(std::iter::once(element).chain(others).collect())
    }

    /// Whether a column is an element of a list.
    pub(super) fn is_element(&self, place: u16) -> bool {
        matches!(self.all.get(usize::from(place)), Some(Column::Element(_)))
    }

    /// All of them, by their places.
    pub(super) fn all(&self) -> &[Column] {
        &self.all
    }

    /// Whether the numbers of a column depend on what a config says of a rule.
    pub(super) fn is_of_rule(&self, place: u16) -> bool {
        matches!(self.all.get(usize::from(place)), Some(Column::Param(_)))
    }

    fn place(&mut self, column: Column) -> Option<u16> {
        if let Some(known) = self.places.get(&column) {
            return Some(*known);
        }
        let place = u16::try_from(self.all.len()).ok()?;
        self.places.insert(column.clone(), place);
        self.all.push(column);
        Some(place)
    }
}

/// What a read comes to as columns; `None` where it has no number.
fn of_read(read: &StaticRead, columns: &mut BTreeSet<Column>) -> Option<()> {
    match read {
        StaticRead::Root(Root::Purpose | Root::Service | Root::Today) => {}
        StaticRead::Root(Root::Setting) => drop(columns.insert(Column::Setting)),
        StaticRead::Root(Root::State) => drop(columns.insert(Column::State)),
        StaticRead::Root(Root::Notices) => {
            columns.insert(Column::Field(FieldId::find(Record::Purpose, "notices")?));
            columns.insert(Column::Notices);
        }
        StaticRead::Root(Root::Recipients) => {
            columns.insert(Column::Field(FieldId::find(Record::Purpose, "recipients")?));
        }
        StaticRead::Root(Root::Age) => drop(columns.insert(Column::Ages)),
        StaticRead::Field(field) => of_field(*field, columns)?,
        StaticRead::Table(name) => drop(columns.insert(Column::Table(name.clone()))),
        StaticRead::Param(name) => drop(columns.insert(Column::Param(name.clone()))),
        StaticRead::Mentions => drop(columns.insert(Column::Languages)),
        // the same for everybody on one day
        StaticRead::TableFor(_) | StaticRead::Group(_) => {}
        // they say where atoms are cut, not what is read at one
        StaticRead::AgeLine(_) | StaticRead::AgeTable(..) | StaticRead::EveryAge | StaticRead::DayLine(_) => {}
        // the field by which they are reached says which
        StaticRead::Siblings => {}
        StaticRead::StatesIn(group) => drop(columns.insert(Column::StatesIn(group.clone()))),
        // only a rule about changes names them, and such a rule is not cut
        StaticRead::Root(Root::Before | Root::After) => return None,
    }
    Some(())
}

fn of_field(field: FieldId, columns: &mut BTreeSet<Column>) -> Option<()> {
    let column = match (field.record, field.name()) {
        (record @ (Record::Purpose | Record::Setting | Record::Service), "id") => Column::Id(record),
        // how a service is called is its id, and no field holds it
        (Record::Service, "service") => Column::Id(Record::Service),
        (Record::Purpose, "state") => Column::State,
        (Record::Purpose, "setting") => Column::Setting,
        (Record::Purpose, "notices" | "announced_by") | (Record::Notice, "reaches" | "reaches_place") => {
            columns.extend((field.name() == "reaches_place").then_some(Column::Places));
            columns.insert(Column::Field(FieldId::find(Record::Purpose, "notices")?));
            Column::Notices
        }
        (Record::Purpose, "region_stated") => Column::Stated,
        (Record::Purpose, "states_here") => Column::StatesHere,
        (Record::Setting, "purposes") => Column::Bundle,
        _ if field.names_purposes() => return None,
        (Record::Setting, _) => {
            columns.insert(Column::Setting);
            Column::Field(field)
        }
        (Record::Purpose | Record::Service, _) => Column::Field(field),
        // reached through a field that is read as well, and numbered with all it holds
        _ => return Some(()),
    };
    columns.insert(column);
    Some(())
}
