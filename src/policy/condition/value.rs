//! What conditions compute with: values, what stands in for a value that is not there, and the reads that decided.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::compare::union;
use crate::model::FieldId;
use crate::space::When;

/// A whole number, or what is known of one: `days()` between dates that are bounds is a bound as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Least it can be, `None` where nothing is known.
    pub least: Option<i64>,
    /// Most it can be, `None` where nothing is known.
    pub most: Option<i64>,
}

/// A value of a condition. `O` is what the facts use to name a record: a purpose, a setting, an item of a list.
#[derive(Debug, Clone)]
pub enum Value<O> {
    /// Nothing; the literal `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(Number),
    /// Any other number.
    Double(f64),
    /// Text, an enum word, a vocabulary key, an id.
    Text(Arc<str>),
    /// A day, or a bound of one.
    Date(When),
    /// A duration, in whole days.
    Duration(i64),
    /// A list whose elements may each be unknown.
    List(Arc<[Answer<O>]>),
    /// A record whose fields are read through [`Facts`].
    Object(O),
}

/// Why a value is not there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gap {
    /// Not declared, or not to be known: the facts that are missing, each by the read that missed it.
    Undetermined(Vec<ReadId>),
    /// Has no place here, such as facts below `setting` where `setting: none`.
    Inapplicable,
}

/// The result of an expression with the reads that decided it, in the order of reading, each once.
#[derive(Debug, Clone)]
pub struct Answer<O> {
    /// The value, or why there is none.
    pub value: Result<Value<O>, Gap>,
    /// The reads that decided.
    pub witnesses: Vec<ReadId>,
}

impl<O> Answer<O> {
    /// Takes in why the same is so elsewhere.
    pub fn also(&mut self, other: &Self) {
        self.witnesses = union(std::mem::take(&mut self.witnesses), &other.witnesses);
        if let (Err(Gap::Undetermined(missing)), Err(Gap::Undetermined(others))) = (&mut self.value, &other.value) {
            *missing = union(std::mem::take(missing), others);
        }
    }
}

/// A read of one fact during an evaluation: index into the list that the facts keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadId(pub u32);

/// A fact at the root of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Root {
    /// `purpose`
    Purpose,
    /// `setting`
    Setting,
    /// `state`
    State,
    /// `service`
    Service,
    /// `notices`
    Notices,
    /// `recipients`
    Recipients,
    /// `today`
    Today,
    /// `age`
    Age,
    /// `before`: a rule about changes alone knows it.
    Before,
    /// `after`: a rule about changes alone knows it.
    After,
}

impl Root {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 10] = [
        ("purpose", Self::Purpose),
        ("setting", Self::Setting),
        ("state", Self::State),
        ("service", Self::Service),
        ("notices", Self::Notices),
        ("recipients", Self::Recipients),
        ("today", Self::Today),
        ("age", Self::Age),
        ("before", Self::Before),
        ("after", Self::After),
    ];

    /// The fact of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, root)| *root)
    }

    /// What it stands for, in words without an end.
    pub fn means(self) -> &'static str {
        match self {
            Self::Purpose => "the purpose, with the values that hold at this place, age and plan",
            Self::Setting => "the setting that the purpose names",
            Self::State => "the effective default of the purpose",
            Self::Service => "the service; `service.purposes` are all its purposes",
            Self::Notices => "the notices about the purpose that reach these people",
            Self::Recipients => "the organisations that the purpose names as recipients",
            Self::Today => "the day of the run",
            Self::Age => "how old the people are: `age.from` and `age.to`, in whole years; 18 is 18 and over",
            Self::Before => {
                "what held for these people before the change; `has(before.purpose)` is false for what is new"
            }
            Self::After => "what holds for these people after the change",
        }
    }

    /// Whether only a rule about changes knows it.
    pub fn is_of_changes(self) -> bool {
        matches!(self, Self::Before | Self::After)
    }
}

/// Where a condition gets its facts: the effective values at one cell. Every call that reads something declared (or finds it
/// missing) records a read and returns its id as the one witness; facts that stand in no file (`today`) have no witness.
pub trait Facts {
    /// How the facts name a record; equal where they are the same record.
    type Object: Clone + std::fmt::Debug + PartialEq;

    /// A fact at the root.
    fn root(&self, root: Root) -> Answer<Self::Object>;

    /// A field of a record. `purpose.setting` gives the setting as an object, references give the entities.
    fn field(&self, object: &Self::Object, field: FieldId) -> Answer<Self::Object>;

    /// `has(object.field)`: `true` where it is declared, `[]` included, `false` where not; the witness of `false` is the place
    /// that should hold it. Inapplicable, or undetermined where what is declared cannot be known.
    fn has(&self, object: &Self::Object, field: FieldId) -> Answer<Self::Object>;

    /// The value of a parameter of the rule.
    fn param(&self, name: &str) -> Answer<Self::Object>;

    /// A list of the distinct states of this purpose over the served territories of a group at this age and plan, each
    /// element with its own witness.
    fn states_in(&self, group: &str) -> Answer<Self::Object>;

    /// Whether a text has a word of a lexicon; undetermined where there is no lexicon for the language of the service.
    fn mentions(&self, text: &str, lexicon: &str) -> Answer<Self::Object>;

    /// The value of a table for the territory of the cell.
    fn table(&self, name: &str) -> Answer<Self::Object>;

    /// The value of a table for a place that was read, with the reads that gave it.
    fn table_for(&self, name: &str, place: &str, reads: &[ReadId]) -> Answer<Self::Object>;

    /// Whether a place is in a group on the day: `None` where only parts of it are.
    fn is_in(&self, place: &str, group: &str) -> Option<bool>;

    /// The steps that it takes to read a field, beyond one.
    fn weight_of_field(&self, field: FieldId) -> usize;

    /// The steps that it takes to read a table, beyond one.
    fn weight_of_table(&self, name: &str) -> usize;

    /// Whether somebody wants to know all reads that decided; else an evaluation ends as soon as its value is settled.
    fn is_telling(&self) -> bool;

    /// Whether nothing is to be evaluated any more, because too much was: all is undetermined from then on.
    fn is_spent(&self) -> bool;

    /// Takes note of the steps that an evaluation took.
    fn spend(&self, steps: u32);
}
