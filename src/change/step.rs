//! Two values of a field: what has changed from one to the other, and which way.

use std::collections::BTreeMap;

use super::Direction;
use super::scale::{Entry, Scale, entry_of, key_of};
use crate::model::{Entity, FieldId, FieldValue, Fields, Record, SettingRef, Value};
use crate::order::Order;
use crate::source::Span;
use crate::space::When;
use crate::syntax::Located;
use crate::vocabulary::within;

/// Longer values are cut where they are shown.
const SHOWN: usize = 80;

/// A use that is worse than any other which is not wider: what was learnt is not taken back by another change.
const TRAINING: &str = "train_ai_system";

/// What kind of step it is. Of the same two values, read backwards, it is the other of the pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It was not declared, and is.
    Started,
    /// It was declared, and is not.
    Stopped,
    /// It is in a list in which it was not.
    Added,
    /// It is no longer in a list.
    Removed,
    /// It has another value.
    Moved,
}

/// What holds for a field on one side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held<'w> {
    /// Nobody says.
    Nothing,
    /// A value.
    Value(&'w Located<Value>),
    /// A value that cannot be read.
    Unreadable(&'w Located<Value>),
    /// Nobody can tell which of several values, or whether one is meant.
    Unknown(Span),
}

/// One thing that has changed.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The property: `retention.period`, `data.user.content`.
    pub(super) path: String,
    /// What kind of step.
    pub(super) kind: Kind,
    /// Which way it goes.
    pub(super) direction: Direction,
    /// Why that way; empty where there is nothing to explain.
    pub(super) why: String,
    /// What held, in words.
    pub(super) before: Option<String>,
    /// What holds, in words.
    pub(super) after: Option<String>,
    /// Where what held stands.
    pub(super) was: Option<Span>,
    /// Where what holds stands.
    pub(super) is: Option<Span>,
    /// What comes with it and is compared with nothing: all that is declared of what is new, the day on which what holds ends.
    pub(super) rest: String,
}

impl<'w> From<Option<&'w FieldValue>> for Held<'w> {
    fn from(field: Option<&'w FieldValue>) -> Self {
        match field {
            None => Self::Nothing,
            Some(FieldValue { value, .. }) if value.value.is_invalid() => Self::Unreadable(value),
            Some(field) => Self::Value(&field.value),
        }
    }
}

impl Held<'_> {
    fn place(&self) -> Option<Span> {
        match self {
            Self::Nothing => None,
            Self::Value(value) | Self::Unreadable(value) => Some(value.span),
            Self::Unknown(span) => Some(*span),
        }
    }

    fn words(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Value(value) => Some(shown(&value.value)),
            Self::Unreadable(value) => Some(match &value.value {
                Value::Invalid(written) => {
                    format!("{} (cannot be read)", written.split_whitespace().collect::<Vec<_>>().join(" "))
                }
                other => shown(other),
            }),
            Self::Unknown(_) => Some("(cannot be told)".to_owned()),
        }
    }
}

/// What has changed in a field. Nothing where both sides say the same, however it is written.
pub(super) fn steps(path: &str, field: FieldId, before: Held<'_>, after: Held<'_>, out: &mut Vec<Step>) {
    let Some(entry) = entry_of(field) else { return };
    if entry.scale == Scale::Elsewhere {
        return;
    }
    let step = |kind: Kind, direction: Direction, why: &str| Step {
        path: path.to_owned(),
        kind,
        direction,
        why: why.to_owned(),
        before: before.words(),
        after: after.words(),
        was: before.place(),
        is: after.place(),
        rest: String::new(),
    };
    if let Some(unwritten) = unwritten(field) {
        let said = |held: &Held<'_>| match held {
            Held::Nothing => Some(Value::Text(unwritten.into())),
            Held::Value(value) => Some(value.value.clone()),
            Held::Unreadable(_) | Held::Unknown(_) => None,
        };
        if let (Some(was), Some(is)) = (said(&before), said(&after)) {
            if let Some((direction, why)) = moved(entry, &was, &is) {
                let words = |value: &Value| Some(shown(value));
                out.push(Step { before: words(&was), after: words(&is), ..step(Kind::Moved, direction, why) });
            }
            return;
        }
    }
    match (before, after) {
        (Held::Nothing, Held::Nothing) | (Held::Unknown(_), Held::Unknown(_)) => {}
        (Held::Unreadable(was), Held::Unreadable(is)) => {
            if was.value != is.value {
                out.push(step(Kind::Moved, Direction::Unclear, "it cannot be read on either side"));
            }
        }
        (Held::Unknown(_) | Held::Unreadable(_), _) | (_, Held::Unknown(_) | Held::Unreadable(_)) => {
            out.push(step(Kind::Moved, Direction::Unclear, "one side cannot be read, or says two things"));
        }
        (Held::Nothing, Held::Value(value)) => {
            let (direction, why) = started(entry, &value.value);
            out.push(step(Kind::Started, direction, why));
        }
        (Held::Value(_), Held::Nothing) => match entry.scale {
            Scale::Plain => out.push(step(Kind::Stopped, Direction::Neutral, "")),
            _ => out.push(step(Kind::Stopped, Direction::Weaker, "nobody says so any longer")),
        },
        (Held::Value(was), Held::Value(is)) => match (&was.value, &is.value) {
            (Value::Record(was), Value::Record(is)) => fields(path, was, is, out),
            (Value::List(was), Value::List(is)) if matches!(entry.scale, Scale::Exposes | Scale::Protects) => {
                items((path, entry), was, is, out);
            }
            (was, is) => {
                if let Some((direction, why)) = moved(entry, was, is) {
                    out.push(step(Kind::Moved, direction, why));
                }
            }
        },
    }
}

/// What a field says where nobody writes it (docs/format.md).
fn unwritten(field: FieldId) -> Option<&'static str> {
    match (field.record, field.name()) {
        (Record::Purpose, "necessity") => Some("optional"),
        (Record::Service, "language") => Some("en"),
        _ => None,
    }
}

/// What has changed in a mapping, field by field.
pub(super) fn fields(path: &str, before: &Fields, after: &Fields, out: &mut Vec<Step>) {
    for field in before.record.field_ids() {
        let path = format!("{path}.{}", field.name());
        steps(&path, field, before.get(field).into(), after.get(field).into(), out);
    }
}

/// To say something for the first time is better than not to say it, unless what is said is that more is done: that may be new,
/// and may only be new to the reader.
fn started(entry: Entry, value: &Value) -> (Direction, &'static str) {
    let is_harmless = match (entry.scale, value) {
        (Scale::Worse(worse), Value::Bool(is)) => *is != worse,
        (_, Value::List(items)) => items.is_empty(),
        _ => false,
    };
    match entry.scale {
        Scale::Plain => (Direction::Neutral, ""),
        _ if entry.exposes && !is_harmless => {
            (Direction::Unclear, "nobody said so before, so it may have been so before or not")
        }
        _ => (Direction::Stronger, ""),
    }
}

/// Which way a value has moved; `None` where it has not.
fn moved(entry: Entry, was: &Value, is: &Value) -> Option<(Direction, &'static str)> {
    let by = |order: Option<std::cmp::Ordering>| match order {
        None => Some((Direction::Unclear, "the days are not exact enough to compare them")),
        Some(std::cmp::Ordering::Equal) => None,
        Some(std::cmp::Ordering::Greater) => Some((Direction::Weaker, entry.why)),
        Some(std::cmp::Ordering::Less) => Some((Direction::Stronger, "")),
    };
    match (entry.scale, was, is) {
        (Scale::Plain, _, _) => (plain(was) != plain(is)).then_some((Direction::Neutral, "")),
        (Scale::Worse(worse), Value::Bool(was), Value::Bool(is)) => by(Some((*is == worse).cmp(&(*was == worse)))),
        (Scale::Words(order), Value::Text(was), Value::Text(is)) => {
            let rank = |word: &str| order.iter().position(|known| *known == word);
            by(Some(rank(is).cmp(&rank(was))))
        }
        (Scale::More, Value::Int(was), Value::Int(is)) => by(Some(is.cmp(was))),
        (Scale::More, Value::Duration(was), Value::Duration(is)) => by(Some(is.days().cmp(&was.days()))),
        (Scale::More, Value::List(was), Value::List(is)) if was.len() != is.len() => by(Some(is.len().cmp(&was.len()))),
        (Scale::More, Value::List(_), Value::List(_)) => (was != is).then_some((Direction::Neutral, "")),
        (Scale::Later, Value::Date(was), Value::Date(is)) => later(*was, *is).map_or_else(|| by(None), by),
        (Scale::Earlier, Value::Date(was), Value::Date(is)) => later(*is, *was).map_or_else(|| by(None), by),
        (Scale::Wider, Value::Text(was), Value::Text(is)) if was != is => Some(if within(was, is) {
            (Direction::Weaker, entry.why)
        } else if within(is, was) {
            (Direction::Stronger, "")
        } else if within(is, TRAINING) && !within(was, TRAINING) {
            (Direction::Weaker, "it trains AI systems, which keep what they have learnt")
        } else {
            (Direction::Unclear, "it is another use, neither wider nor narrower")
        }),
        (Scale::Basis, Value::Text(was), Value::Text(is)) if was != is => {
            let is_consent = |basis: &str| within(basis, "consent") || within(basis, "explicit_consent");
            Some(match (is_consent(was), is_consent(is)) {
                (true, false) => (Direction::Weaker, entry.why),
                (false, true) => (Direction::Stronger, ""),
                _ => (Direction::Unclear, "people have other rights under another basis"),
            })
        }
        (Scale::Wider | Scale::Basis, _, _) => None,
        _ if plain(was) == plain(is) => None,
        _ => Some((Direction::Unclear, entry.why)),
    }
}

/// How a day compares with the one before it: greater is later. The inner `None` is not to be told.
#[expect(clippy::option_option, reason = "that nothing has changed and that nobody can tell are two things")]
fn later(was: When, is: When) -> Option<Option<std::cmp::Ordering>> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    if was == is {
        return Some(Some(Equal));
    }
    if was.is_before(is) == Some(true) {
        return Some(Some(Greater));
    }
    if is.is_before(was) == Some(true) {
        return Some(Some(Less));
    }
    // of two bounds on one side the one that allows less is known to be no worse, and no better
    None
}

/// What a value says, in an order that does not depend on how it was written.
pub(super) fn plain(value: &Value) -> String {
    let mut parts: Vec<String> = match value {
        Value::List(items) => items.iter().map(|item| plain(&item.value)).collect(),
        Value::Record(fields) => fields
            .entries
            .iter()
            .map(|entry| format!("{}: {}", entry.field.name(), plain(&entry.value.value)))
            .collect(),
        other => return other.to_string(),
    };
    parts.order();
    parts.join("\n")
}

/// All that is declared of something, wherever and in whatever order.
pub(super) fn declared(entity: &Entity) -> String {
    let record = |fields: &Fields| plain(&Value::Record(Box::new(fields.clone())));
    let mut parts: Vec<String> =
        entity.overrides.iter().map(|over| format!("{}: {}", over.whom(), record(&over.fields))).collect();
    parts.order();
    parts.push(record(&entity.fields));
    if let Some((_, SettingRef::Inline(setting))) = &entity.setting {
        parts.push(declared(setting));
    }
    parts.join("\n")
}

/// What has changed in a list whose items are known by name: which are new, which are gone, and what has changed in the others.
fn items((path, entry): (&str, Entry), before: &[Located<Value>], after: &[Located<Value>], out: &mut Vec<Step>) {
    let (was, is) = (named(before), named(after));
    let (added, removed) = match entry.scale {
        Scale::Protects => (Direction::Stronger, Direction::Weaker),
        _ => (Direction::Weaker, Direction::Stronger),
    };
    for (name, item) in &is {
        let path = format!("{path}.{}", name.0);
        match was.get(name) {
            None => {
                let why = if added == Direction::Weaker { entry.why } else { "" };
                let kind = (Kind::Added, added, why);
                out.push(alone(path, kind, (None, Some(item))));
            }
            Some(known) => {
                if let (Value::Record(known), Value::Record(item)) = (&known.value, &item.value) {
                    fields(&path, known, item, out);
                }
            }
        }
    }
    for (name, item) in was.iter().filter(|(name, _)| !is.contains_key(*name)) {
        let why = if removed == Direction::Weaker { "it is gone" } else { "" };
        out.push(alone(format!("{path}.{}", name.0), (Kind::Removed, removed, why), (Some(item), None)));
    }
}

fn alone(
    path: String,
    (kind, direction, why): (Kind, Direction, &str),
    (before, after): (Option<&Located<Value>>, Option<&Located<Value>>),
) -> Step {
    Step {
        path,
        kind,
        direction,
        why: why.to_owned(),
        before: before.map(|item| shown(&item.value)),
        after: after.map(|item| shown(&item.value)),
        was: before.map(|item| item.span),
        is: after.map(|item| item.span),
        rest: String::new(),
    }
}

/// The items of a list by what tells them apart; of those that nothing tells apart, by how many came before.
fn named(items: &[Located<Value>]) -> BTreeMap<(String, usize), &Located<Value>> {
    let mut out = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        let name = match &item.value {
            Value::Record(fields) => {
                let texts = key_of(fields.record).iter().filter_map(|key| fields.text(key));
                texts.map(short).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        let count = counts.entry(name.clone()).or_default();
        out.insert((name, *count), item);
        *count += 1;
    }
    out
}

/// A value on one line, whole: what tells two changes apart may be its last word.
fn shown(value: &Value) -> String {
    value.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text short enough for a line of a report.
pub fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
    }
}
