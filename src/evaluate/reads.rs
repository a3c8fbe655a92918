//! The reads of one evaluation: which fact, where it stands, and what is to be seen there.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::diagnostic::Label;
use crate::model::{FieldId, FieldValue, Override, Value};
use crate::policy::condition::ReadId;
use crate::resolve::{Candidate, Effective, Owner, Property, Variant};
use crate::source::Span;
use crate::suggest::join;

/// One read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    /// The fact: `purpose.retention.until`.
    pub(super) path: String,
    /// The place that decides: where the value stands, or where it is missing.
    pub(super) place: Label,
    /// Other places that took part: what was beaten, what holds elsewhere, the alias.
    pub(super) also: Vec<Also>,
    /// Why there is no value, where there is none.
    pub(super) missing: Option<Lack>,
    /// What would supply it: the noun and id of what should declare it.
    pub(super) owner: String,
}

impl Read {
    /// Whether it is the same fact at the same place, whatever else took part.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.path == other.path && self.place == other.place && self.missing == other.missing
    }

    /// Whether it was read of the revision before.
    pub(super) fn is_earlier(&self) -> bool {
        self.path.starts_with("before.")
    }

    /// The alias or merge through which the value came.
    pub(super) fn through(&self) -> Option<Span> {
        self.also.iter().find_map(|also| match also {
            Also::Through(label) => Some(label.span),
            _ => None,
        })
    }
}

/// A place that took part beside the one that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Also {
    /// A place.
    Here(Label),
    /// The alias or merge through which the value came: it was written for whoever used it last.
    Through(Label),
    /// The candidates of a property that do not decide at an atom. Most reads end in no finding, and a property may have
    /// thousands of candidates, so these are written out only where somebody will see them.
    Elsewhere(Owner, FieldId, usize),
}

/// Candidates that were put into words, by property and by which of its variants they stand beside: several rules say them.
#[derive(Debug, Default)]
pub(super) struct Words(RefCell<BTreeMap<OfVariant, Rc<[Label]>>>);

/// A property, and one of its variants by place.
type OfVariant = (Owner, FieldId, u16);

impl Also {
    /// The same beside another read, whose value came some other way.
    pub(super) fn aside(self) -> Self {
        match self {
            Self::Through(label) => Self::Here(label),
            other => other,
        }
    }

    /// The places with what is to be seen there. `words` are of the same effective values.
    pub(super) fn labels(&self, effective: &Effective<'_>, words: &Words) -> Rc<[Label]> {
        let (owner, field, atom) = match self {
            Self::Here(label) | Self::Through(label) => return [label.clone()].into(),
            Self::Elsewhere(owner, field, atom) => (*owner, *field, *atom),
        };
        let Some(resolved) = effective.resolved(owner) else { return [].into() };
        let Some(property) = resolved.properties.get(&field) else { return [].into() };
        let Some((at, variant)) = property.by_atom.get(atom).copied().zip(property.at(atom)) else { return [].into() };
        let mut known = words.0.borrow_mut();
        let labels = known.entry((owner, field, at));
        Rc::clone(labels.or_insert_with(|| elsewhere(property, variant, &resolved.entity.overrides).into()))
    }
}

/// Why a fact has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// Nobody has declared one.
    Undeclared,
    /// Several are declared for the same people.
    Ambiguous,
    /// What is declared means nothing.
    Unreadable,
    /// The day of an end is a bound, and the day of the run lies within.
    Open,
    /// A number by zero, or a place that lies only partly in a group.
    Uncomputable,
    /// The pack has no entry for it.
    Uncovered,
}

impl Lack {
    /// Words that follow the path of the fact.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Undeclared => "is not declared",
            Self::Ambiguous => "is ambiguous",
            Self::Unreadable => "cannot be read",
            Self::Open => "leaves open whether it has ended",
            Self::Uncomputable => "cannot be computed",
            Self::Uncovered => "is not there",
        }
    }
}

/// Reads that were not put into words: of a value, of nothing, and of something that cannot be used.
const WORDLESS: ReadId = ReadId(u32::MAX - 1);
const UNDECLARED_WORDLESS: ReadId = ReadId(u32::MAX - 2);
const UNUSABLE_WORDLESS: ReadId = ReadId(u32::MAX - 3);

/// A read that is not put into words: told apart from others by nothing but whether something is missing.
pub(super) fn wordless(missing: Option<Lack>) -> ReadId {
    match missing {
        None => WORDLESS,
        Some(Lack::Undeclared) => UNDECLARED_WORDLESS,
        Some(_) => UNUSABLE_WORDLESS,
    }
}

/// Whether a read is one of those.
pub(super) fn is_wordless(read: ReadId) -> bool {
    [WORDLESS, UNDECLARED_WORDLESS, UNUSABLE_WORDLESS].contains(&read)
}

/// Collects reads while a condition is evaluated; equal reads get one id.
#[derive(Debug, Default)]
pub(super) struct Log(RefCell<Reads>);

#[derive(Debug, Default)]
struct Reads {
    all: Vec<Read>,
    /// Which of them point at a place.
    at: BTreeMap<Span, Vec<usize>>,
}

impl Log {
    pub(super) fn push(&self, read: Read) -> ReadId {
        if read.path.is_empty() {
            return wordless(read.missing);
        }
        let reads = &mut *self.0.borrow_mut();
        let here = reads.at.entry(read.place.span).or_default();
        let same = |at: &&usize| reads.all.get(**at).is_some_and(|r| r.is_same(&read) && r.also == read.also);
        let at = here.iter().find(same).copied().unwrap_or_else(|| {
            here.push(reads.all.len());
            reads.all.push(read);
            reads.all.len() - 1
        });
        ReadId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    pub(super) fn get(&self, id: ReadId) -> Option<Read> {
        self.0.borrow().all.get(id.0 as usize).cloned()
    }

    /// Whether a read found that nothing is declared.
    pub(super) fn is_undeclared(&self, id: ReadId) -> bool {
        id == UNDECLARED_WORDLESS
            || self.0.borrow().all.get(id.0 as usize).is_some_and(|read| read.missing == Some(Lack::Undeclared))
    }
}

/// Where a field's value is pointed at: the value of a scalar, the key of a list or mapping, which may be long.
pub(super) fn span_of(field: &FieldValue) -> Span {
    match &field.value.value {
        Value::List(_) | Value::Record(_) => field.key,
        // a bound is a mapping
        Value::Date(when) if when.exact().is_none() => field.key,
        _ => field.value.span,
    }
}

/// What a field says, for a label: `` `default` is `on` ``.
pub(super) fn says(field: &FieldValue) -> String {
    let name = field.field.name();
    // every finding says some, and to put pieces side by side takes a fifth of what a format takes
    let is = |value: &str| ["`", name, "` is ", value].concat();
    let is_word = |value: &str| ["`", name, "` is `", value, "`"].concat();
    let declared_here = || ["`", name, "` is declared here"].concat();
    match &field.value.value {
        Value::Bool(value) => is_word(if *value { "true" } else { "false" }),
        Value::Int(value) => is(&value.to_string()),
        Value::Text(text) if text.chars().count() > 40 => declared_here(),
        Value::Text(text) => is_word(text),
        Value::Date(when) => match when.exact() {
            Some(day) => is(&day.to_string()),
            None => is(&when.to_string()),
        },
        Value::Duration(duration) => is(duration.as_str()),
        Value::List(items) => match items.len() {
            0 => is("empty"),
            1 => ["`", name, "` has one entry"].concat(),
            many => format!("`{name}` has {many} entries"),
        },
        Value::Record(_) => declared_here(),
        Value::Invalid(_) => ["`", name, "` cannot be read"].concat(),
    }
}

/// The alias or merge through which a value came.
pub(super) fn via(field: &FieldValue) -> Option<Also> {
    field.value.via.map(|via| Also::Through(Label::new(via, format!("`{}` comes through here", field.field.name()))))
}

/// Labels for the candidates of a property that do not decide at an atom: what holds elsewhere, and what was beaten here.
fn elsewhere(property: &Property<'_>, variant: &Variant, overrides: &[Override]) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut seen: BTreeSet<Span> =
        variant.winners.iter().filter_map(|at| property.candidates.get(usize::from(*at))?.value).map(span_of).collect();
    for candidate in &property.candidates {
        let Some(value) = candidate.value else { continue };
        let span = span_of(value);
        if seen.insert(span) {
            labels.push(Label::new(span, [says(value), for_whom(candidate, overrides)].join(" ")));
        }
    }
    labels
}

/// For whom a candidate was written, in the words of its selector.
fn for_whom(candidate: &Candidate<'_>, overrides: &[Override]) -> String {
    let Some(over) = candidate.over.and_then(|at| overrides.get(at)) else { return "otherwise".to_owned() };
    let mut parts = Vec::new();
    if let Some(regions) = &over.selector.regions {
        let names: Vec<String> = regions.items.iter().map(|item| item.value.to_string()).collect();
        parts.push(format!("only for {}", few(&names)));
    }
    if let Some(ages) = &over.selector.ages {
        let names: Vec<String> = ages.items.iter().filter_map(|item| Some(item.value?.to_string())).collect();
        parts.push(format!("aged {}", few(&names)));
    }
    if let Some(plans) = &over.selector.plans {
        let names: Vec<String> = plans.items.iter().map(|item| item.value.to_string()).collect();
        parts.push(format!("on plan {}", few(&names)));
    }
    if let Some(from) = over.selector.from.as_ref().and_then(|from| from.value) {
        parts.push(format!("from {from}"));
    }
    if let Some(until) = over.selector.until.as_ref().and_then(|until| until.value) {
        parts.push(format!("until {until}"));
    }
    if parts.is_empty() { "for everybody".to_owned() } else { parts.join(", ") }
}

fn few(names: &[String]) -> String {
    match names.split_at_checked(5) {
        Some((first, rest)) if rest.len() > 1 => format!("{} and {} more", first.join(", "), rest.len()),
        _ => join(names),
    }
}
