//! Equality and order of values, as far as what is known of them settles it.

use super::node::Relation;
use super::numbers::Numeric;
use super::value::{Answer, Gap, ReadId, Value};

/// Reads in the order in which they were first made, each once.
#[derive(Debug, Default)]
pub(super) struct Trace {
    order: Vec<ReadId>,
    /// The same as a set, once there are so many that looking through them is slow.
    seen: std::collections::BTreeSet<ReadId>,
}

const FEW: usize = 16;

impl Trace {
    pub(super) fn add(&mut self, reads: &[ReadId]) {
        for read in reads {
            let new = if self.order.len() < FEW {
                !self.order.contains(read)
            } else {
                if self.seen.is_empty() {
                    self.seen.extend(&self.order);
                }
                self.seen.insert(*read)
            };
            if new {
                self.order.push(*read);
            }
        }
    }

    pub(super) fn into_reads(self) -> Vec<ReadId> {
        self.order
    }
}

/// Gaps that meet where all values are needed: undetermined goes before inapplicable, missing facts add up.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    missing: Trace,
    undetermined: bool,
    inapplicable: Option<Trace>,
}

impl Gaps {
    pub(super) fn add(&mut self, gap: &Gap, witnesses: &[ReadId]) {
        match gap {
            Gap::Undetermined(missing) => {
                self.undetermined = true;
                self.missing.add(missing);
            }
            Gap::Inapplicable => self.inapplicable.get_or_insert_default().add(witnesses),
        }
    }

    /// Adds an answer, if it is a gap.
    pub(super) fn add_answer<O>(&mut self, answer: &Answer<O>) {
        if let Err(gap) = &answer.value {
            self.add(gap, &answer.witnesses);
        }
    }

    /// What they come to, `None` where there were none.
    pub(super) fn into_answer<O>(self) -> Option<Answer<O>> {
        if self.undetermined {
            return Some(undetermined(self.missing.into_reads()));
        }
        let witnesses = self.inapplicable?.into_reads();
        Some(Answer { value: Err(Gap::Inapplicable), witnesses })
    }
}

/// A value with the reads that decided it.
pub(super) fn known<O>(value: Value<O>, witnesses: Vec<ReadId>) -> Answer<O> {
    Answer { value: Ok(value), witnesses }
}

/// No value, for want of some facts.
pub(super) fn undetermined<O>(missing: Vec<ReadId>) -> Answer<O> {
    Answer { value: Err(Gap::Undetermined(missing.clone())), witnesses: missing }
}

/// The union of two lists of reads.
pub(super) fn union(mut first: Vec<ReadId>, second: &[ReadId]) -> Vec<ReadId> {
    if first.len() + second.len() > FEW {
        let mut trace = Trace::default();
        trace.add(&first);
        trace.add(second);
        return trace.into_reads();
    }
    for read in second {
        if !first.contains(read) {
            first.push(*read);
        }
    }
    first
}

/// Whether two values are equal. `Err` holds no missing facts where bounds cannot settle it: the caller knows their reads.
pub(super) fn equal<O: PartialEq>(left: &Value<O>, right: &Value<O>) -> Result<bool, Gap> {
    let unsettled = Gap::Undetermined(Vec::new());
    match (left, right) {
        (Value::List(a), Value::List(b)) => equal_lists(a, b),
        (Value::Date(a), Value::Date(b)) => a.is_same(*b).ok_or(unsettled),
        (Value::Null, Value::Null) => Ok(true),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Text(a), Value::Text(b)) => Ok(a == b),
        (Value::Duration(a), Value::Duration(b)) => Ok(a == b),
        (Value::Object(a), Value::Object(b)) => Ok(a == b),
        _ => match (numeric(left), numeric(right)) {
            (Some(a), Some(b)) => a.is_same(b).ok_or(unsettled),
            _ => Ok(false),
        },
    }
}

/// `false` if some pair is unequal, whatever is not known of the others.
fn equal_lists<O: PartialEq>(left: &[Answer<O>], right: &[Answer<O>]) -> Result<bool, Gap> {
    if left.len() != right.len() {
        return Ok(false);
    }
    let mut gaps = Gaps::default();
    for (a, b) in left.iter().zip(right) {
        if let Some(gap) = equal_answers(a, b, &mut gaps)
            && !gap
        {
            return Ok(false);
        }
    }
    match gaps.into_answer::<O>() {
        Some(Answer { value: Err(gap), .. }) => Err(gap),
        _ => Ok(true),
    }
}

/// Whether two answers are equal; `None`, and what is missing in `gaps`, where that is not known.
pub(super) fn equal_answers<O: PartialEq>(left: &Answer<O>, right: &Answer<O>, gaps: &mut Gaps) -> Option<bool> {
    match (&left.value, &right.value) {
        (Ok(a), Ok(b)) => match equal(a, b) {
            Ok(same) => return Some(same),
            Err(Gap::Undetermined(missing)) if missing.is_empty() => {
                let reads = union(left.witnesses.clone(), &right.witnesses);
                gaps.add(&Gap::Undetermined(reads), &[]);
            }
            Err(gap) => gaps.add(&gap, &union(left.witnesses.clone(), &right.witnesses)),
        },
        _ => {
            gaps.add_answer(left);
            gaps.add_answer(right);
        }
    }
    None
}

/// Whether `left relation right` for a relation of order; `None` where the bounds cannot settle it.
pub(super) fn ordered<O>(left: &Value<O>, relation: Relation, right: &Value<O>) -> Option<bool> {
    match relation {
        Relation::Less => less(left, right),
        Relation::Greater => less(right, left),
        Relation::LessOrEqual => at_most(left, right),
        _ => at_most(right, left),
    }
}

fn less<O>(left: &Value<O>, right: &Value<O>) -> Option<bool> {
    match (left, right) {
        (Value::Date(a), Value::Date(b)) => a.is_before(*b),
        (Value::Bool(a), Value::Bool(b)) => Some(a < b),
        (Value::Text(a), Value::Text(b)) => Some(a < b),
        (Value::Duration(a), Value::Duration(b)) => Some(a < b),
        _ => numeric(left)?.is_less(numeric(right)?),
    }
}

fn at_most<O>(left: &Value<O>, right: &Value<O>) -> Option<bool> {
    less(right, left).map(|less| !less)
}

fn numeric<O>(value: &Value<O>) -> Option<Numeric> {
    match value {
        Value::Int(number) => Some(Numeric::Whole(*number)),
        Value::Double(value) => Some(Numeric::Double(*value)),
        _ => None,
    }
}
