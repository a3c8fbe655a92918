//! Types of expressions, and what a condition may name besides the model.

use crate::model::{EntityKind, Record, STATES, Terms, Type};

use super::value::Root;

/// Where the texts of an expression come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// Any text.
    Any,
    /// A closed list of words.
    Words(&'static [&'static str]),
    /// Keys of a vocabulary.
    Term(Terms),
    /// Territory codes.
    Territory,
}

/// What an expression evaluates to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// Any other number.
    Double,
    /// A text.
    Text(Domain),
    /// A day.
    Date,
    /// A duration.
    Duration,
    /// A list.
    List(Box<Ty>),
    /// A record with fields.
    Object(Record),
    /// Only `null`.
    Null,
    /// Not known: the elements of `[]`. Goes with everything.
    Any,
}

/// Whether there is such a name; if not, perhaps the one that was meant.
pub type Lookup = Result<(), Option<String>>;

/// What a condition may name besides the facts and their fields.
pub struct Env<'e> {
    /// The parameters of the rule.
    pub params: Vec<(String, Ty)>,
    /// The texts that a parameter holds: itself, or its elements.
    pub texts: &'e dyn Fn(&str) -> Vec<String>,
    /// The lexicons that `mentions` may use.
    pub lexicons: &'e [String],
    /// The tables that `table` may read, with the type of their values.
    pub tables: &'e [(String, Ty)],
    /// Whether there is a group of territories of this name.
    pub group: &'e dyn Fn(&str) -> Lookup,
    /// Whether the rule is about changes, so that there are two revisions to name.
    pub revisions: bool,
    /// Whether a vocabulary has this key.
    pub term: &'e dyn Fn(Terms, &str) -> Lookup,
}

impl Ty {
    /// The record that it is, or that it is a list of.
    pub(super) fn record(&self) -> Option<Record> {
        match self {
            Self::Object(record) => Some(*record),
            Self::List(element) => element.record(),
            _ => None,
        }
    }

    /// The type of a field of the model, as conditions see it: references are the entities.
    pub fn of(ty: Type) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Text | Type::Mention(_) => Self::Text(Domain::Any),
            Type::Enum(words) => Self::Text(Domain::Words(words)),
            Type::Term(terms) => Self::Text(Domain::Term(terms)),
            Type::Territory => Self::Text(Domain::Territory),
            Type::Date => Self::Date,
            Type::Duration => Self::Duration,
            Type::Ref(kind) => Self::Object(kind.record()),
            Type::Record(record) => Self::Object(record),
            Type::List(element) => Self::list(Self::of(*element)),
            Type::Setting => Self::Object(Record::Setting),
        }
    }

    /// The type of a fact at the root.
    pub fn of_root(root: Root) -> Self {
        match root {
            Root::Purpose => Self::Object(Record::Purpose),
            Root::Setting => Self::Object(Record::Setting),
            Root::State => Self::Text(Domain::Words(STATES)),
            Root::Service => Self::Object(Record::Service),
            Root::Notices => Self::list(Self::Object(EntityKind::Notice.record())),
            Root::Recipients => Self::list(Self::Object(EntityKind::Organisation.record())),
            Root::Today => Self::Date,
            Root::Age => Self::Object(Record::Age),
            Root::Before | Root::After => Self::Object(Record::Revision),
        }
    }

    /// That of an expression that was typed before.
    pub(super) fn unknown() -> Self {
        Self::Any
    }

    /// A list of `element`.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }

    /// For people, with its article: `a list of texts`.
    pub fn describe(&self) -> String {
        match self {
            Self::Bool => "a truth value".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Double => "a number".to_owned(),
            Self::Text(Domain::Term(terms)) => with_article(noun(*terms)),
            Self::Text(Domain::Territory) => "a territory".to_owned(),
            Self::Text(_) => "a text".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::Duration => "a duration".to_owned(),
            Self::List(element) => match element.plural() {
                Some(elements) => format!("a list of {elements}"),
                None => "a list".to_owned(),
            },
            Self::Object(
                record @ (Record::Steps | Record::Reads | Record::Rights | Record::Models | Record::Signals),
            ) => {
                format!("`{}`", record.noun())
            }
            Self::Object(record) => with_article(record.noun()),
            Self::Null => "`null`".to_owned(),
            Self::Any => "a value".to_owned(),
        }
    }

    fn plural(&self) -> Option<String> {
        let one = match self {
            Self::Any | Self::Null => return None,
            Self::List(_) => "list".to_owned(),
            Self::Text(Domain::Territory) => return Some("territories".to_owned()),
            Self::Text(Domain::Term(Terms::Data)) => return Some("data categories".to_owned()),
            Self::Text(Domain::Term(Terms::Basis)) => return Some("lawful bases".to_owned()),
            other => {
                let described = other.describe();
                let bare = described.strip_prefix("a ").or_else(|| described.strip_prefix("an "));
                bare.unwrap_or(&described).to_owned()
            }
        };
        Some(format!("{one}s"))
    }

    /// Whether `==` between the two can ever be true.
    pub(super) fn comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Text(a), Self::Text(b)) => a.meets(*b),
            (Self::List(a), Self::List(b)) => a.comparable(b),
            (a, b) => a == b || (a.is_number() && b.is_number()),
        }
    }

    /// The type of what may be either, `None` where they have nothing in common.
    pub(super) fn join(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, ty) | (ty, Self::Any) => Some(ty),
            (Self::List(a), Self::List(b)) => Some(Self::list((*a).join(*b)?)),
            (Self::Text(a), Self::Text(b)) if a != b => Some(Self::Text(Domain::Any)),
            (a, b) => (a == b).then_some(a),
        }
    }
}

impl Domain {
    /// Whether some text can be in both.
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Words(a), Self::Words(b)) => a.iter().any(|word| b.contains(word)),
            (a, b) => a == b,
        }
    }
}

/// The word for people: `lawful basis`.
pub(super) fn noun(terms: Terms) -> &'static str {
    match terms {
        Terms::Use => "use",
        Terms::Data => "data category",
        Terms::Subject => "data subject",
        Terms::Basis => "lawful basis",
    }
}

/// `a purpose`, `an organisation`; `a use`, for what is said "you".
pub(super) fn with_article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']) && !noun.starts_with("use");
    format!("{} {noun}", if vowel { "an" } else { "a" })
}
