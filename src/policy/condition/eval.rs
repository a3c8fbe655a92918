//! Evaluation: Kleene logic over what is known, with the reads that decided.
//!
//! `&&`, `||` and the macros built on them settle what they can whatever is missing. Lists hold what is not known as elements.
//! Everything else needs all its values: a gap in one of them is a gap of the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::FieldId;
use crate::vocabulary::within as lies_within;

use super::compare::{Gaps, Trace, equal, equal_answers, known, ordered, undetermined, union};
use super::node::{Arithmetic, Each, Kind, Node, Relation, TextTest};
use super::numbers::calculate_doubles;
use super::value::{Answer, Facts, Gap, Number, ReadId, Value};

/// Steps of one evaluation at most: macros in macros multiply, and packs are input like any other. A step is a node that is visited;
/// what takes longer than most counts for more.
const MAX_STEPS: u32 = 1_000_000;

/// Elements of a list that take as long as a node.
const ITEMS_OF_A_STEP: usize = 16;

/// Bytes of a text that take as long as a node.
const BYTES_OF_A_STEP: usize = 256;

/// The value of a node that has no free variables.
pub(super) fn evaluate<F: Facts>(node: &Node, facts: &F) -> Answer<F::Object> {
    evaluate_up_to(MAX_STEPS, node, facts, Vec::new()).0
}

/// The value of a node whose free variables are these, by their slots, in so many steps; and whether it took all of them.
pub(super) fn evaluate_up_to<F: Facts>(
    steps: u32,
    node: &Node,
    facts: &F,
    locals: Vec<Answer<F::Object>>,
) -> (Answer<F::Object>, bool) {
    if facts.is_spent() {
        return (undetermined(Vec::new()), true);
    }
    let mut evaluator = Evaluator { facts, locals, steps, states: BTreeMap::new() };
    let answer = evaluator.eval(node);
    facts.spend(steps - evaluator.steps);
    (answer, evaluator.steps == 0)
}

struct Evaluator<'f, F: Facts> {
    facts: &'f F,
    locals: Vec<Answer<F::Object>>,
    /// How many more there are; without any left nothing is determined.
    steps: u32,
    /// The states in groups: all people of the service are looked through for them.
    states: BTreeMap<Box<str>, Answer<F::Object>>,
}

/// A value and its witnesses, or the answer that stands instead.
type Known<O> = Result<(Value<O>, Vec<ReadId>), Answer<O>>;

impl<F: Facts> Evaluator<'_, F> {
    fn eval(&mut self, node: &Node) -> Answer<F::Object> {
        let Some(steps) = self.steps.checked_sub(1) else { return undetermined(Vec::new()) };
        self.steps = steps;
        let answer = self.value(node);
        match &answer.value {
            Ok(Value::List(items)) => self.weigh(items.len() / ITEMS_OF_A_STEP),
            Ok(Value::Text(text)) => self.weigh(text.len() / BYTES_OF_A_STEP),
            _ => {}
        }
        answer
    }

    /// Takes these steps if there are as many.
    fn takes(&mut self, steps: usize) -> bool {
        let left = u32::try_from(steps).ok().and_then(|steps| self.steps.checked_sub(steps));
        self.steps = left.unwrap_or(self.steps);
        left.is_some()
    }

    /// Takes these steps as well.
    fn weigh(&mut self, steps: usize) {
        self.steps = self.steps.saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
    }

    fn value(&mut self, node: &Node) -> Answer<F::Object> {
        match &node.kind {
            Kind::Constant(constant) => known(constant.value(), Vec::new()),
            Kind::Root(root) => self.facts.root(*root),
            Kind::Param(name) => self.facts.param(name),
            Kind::Local(slot) => self.locals.get(*slot).cloned().unwrap_or_else(|| undetermined(Vec::new())),
            Kind::StatesIn(group) => self.states_in(group),
            Kind::Table(name) => {
                self.weigh(self.facts.weight_of_table(name));
                self.facts.table(name)
            }
            Kind::Field(object, field) | Kind::Declared(object, field) => self.field(node, object, *field),
            Kind::Has(object, field) => self.has(object, *field),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.eval(item)).collect();
                self.list(items)
            }
            Kind::And(sides) => self.junction(sides, false),
            Kind::Or(sides) => self.junction(sides, true),
            Kind::If(parts) => self.branch(parts),
            Kind::Each(each, list, body) => self.each(*each, list, body),
            Kind::In(item, list) => self.membership(item, list),
            Kind::Compare(relation, left, right) => self.compare(*relation, left, right),
            Kind::Arithmetic(operation, left, right) => self.arithmetic(*operation, left, right),
            Kind::Index(list, index) => self.index(list, index),
            Kind::TextTest(test, text, part) => self.text_test(*test, text, part),
            Kind::DaysBetween(from, to) => self.days_between(from, to),
            Kind::Mentions(text, lexicon) => self.mentions(text, lexicon),
            Kind::WithinRead(key, keys) => self.within(key, keys),
            Kind::TableFor(name, place) => {
                self.weigh(self.facts.weight_of_table(name));
                self.of_place(place, |facts, place, reads| facts.table_for(name, place, reads))
            }
            Kind::InGroup(place, group) => self.of_place(place, |facts, place, reads| {
                facts
                    .is_in(place, group)
                    .map_or_else(|| undetermined(reads.to_vec()), |is_in| known(Value::Bool(is_in), reads.to_vec()))
            }),
            Kind::Not(_)
            | Kind::Negate(_)
            | Kind::Size(_)
            | Kind::FirstSegment(_)
            | Kind::DaysOf(_)
            | Kind::Within(..) => self.function_of_one(node),
        }
    }

    fn states_in(&mut self, group: &str) -> Answer<F::Object> {
        if let Some(known) = self.states.get(group) {
            return known.clone();
        }
        let answer = self.facts.states_in(group);
        self.states.insert(group.into(), answer.clone());
        answer
    }

    /// A list with the reads of its elements inside them.
    fn list(&self, items: Vec<Answer<F::Object>>) -> Answer<F::Object> {
        known(Value::List(items.into()), Vec::new())
    }

    /// The value of a node, or its gap as an answer.
    fn known(&mut self, node: &Node) -> Known<F::Object> {
        let answer = self.eval(node);
        match answer.value {
            Ok(value) => Ok((value, answer.witnesses)),
            Err(gap) => Err(Answer { value: Err(gap), witnesses: answer.witnesses }),
        }
    }

    /// The values of two nodes and the union of their witnesses, or their gaps joined.
    #[allow(clippy::type_complexity, reason = "two values and their reads, used right here")]
    fn both(
        &mut self,
        left: &Node,
        right: &Node,
    ) -> Result<(Value<F::Object>, Value<F::Object>, Vec<ReadId>), Answer<F::Object>> {
        let left = self.eval(left);
        self.with_left(left, right)
    }

    /// The same where the left one is known.
    #[allow(clippy::type_complexity, reason = "as above")]
    fn with_left(
        &mut self,
        left: Answer<F::Object>,
        right: &Node,
    ) -> Result<(Value<F::Object>, Value<F::Object>, Vec<ReadId>), Answer<F::Object>> {
        let right = self.eval(right);
        let mut gaps = Gaps::default();
        gaps.add_answer(&left);
        gaps.add_answer(&right);
        match (left.value, right.value) {
            (Ok(a), Ok(b)) => Ok((a, b, union(left.witnesses, &right.witnesses))),
            _ => Err(gaps.into_answer().unwrap_or_else(|| undetermined(Vec::new()))),
        }
    }

    /// A field, or `declared` of it. Where the object is a named place only the last read decides: the label of
    /// `purpose.retention.period` is the period, not the purpose.
    fn field(&mut self, node: &Node, object: &Node, field: FieldId) -> Answer<F::Object> {
        self.weigh(self.facts.weight_of_field(field));
        let mut answer = match self.known(object) {
            Ok((Value::Object(record), reads)) => {
                let mut answer = self.facts.field(&record, field);
                if !object.is_place() && answer.value.is_ok() {
                    answer.witnesses = union(reads, &answer.witnesses);
                }
                answer
            }
            Ok((_, reads)) => undetermined(reads),
            Err(gap) => gap,
        };
        if matches!(node.kind, Kind::Declared(..)) && answer.value.is_ok() {
            answer.value = Ok(Value::Bool(true));
        }
        answer
    }

    /// `has(a.b.c)`: where `a.b` is not declared, neither is `c`, and that is not a gap.
    fn has(&mut self, object: &Node, field: FieldId) -> Answer<F::Object> {
        self.weigh(self.facts.weight_of_field(field));
        if let Kind::Field(outer, outer_field) = &object.kind {
            let outer = self.has(outer, *outer_field);
            if !matches!(outer.value, Ok(Value::Bool(true))) {
                return outer;
            }
        }
        match self.known(object) {
            Ok((Value::Object(record), _)) => self.facts.has(&record, field),
            Ok((_, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    /// `||` if one side that is true settles it, `&&` if one that is false does.
    fn junction(&mut self, sides: &[Node], settles: bool) -> Answer<F::Object> {
        let mut gaps = Gaps::default();
        let mut settling = Trace::default();
        let mut others = Trace::default();
        let mut settled = false;
        for side in sides {
            let answer = self.eval(side);
            match &answer.value {
                Ok(Value::Bool(value)) if *value == settles => {
                    if settles {
                        // one true side is reason enough, and the first is the one to show
                        return known(Value::Bool(true), answer.witnesses);
                    }
                    settled = true;
                    settling.add(&answer.witnesses);
                    if !self.facts.is_telling() {
                        break;
                    }
                }
                Ok(Value::Bool(_)) => others.add(&answer.witnesses),
                Ok(_) => gaps.add(&Gap::Undetermined(answer.witnesses), &[]),
                Err(_) => gaps.add_answer(&answer),
            }
        }
        if settled {
            return known(Value::Bool(settles), settling.into_reads());
        }
        gaps.into_answer().unwrap_or_else(|| known(Value::Bool(!settles), others.into_reads()))
    }

    fn branch(&mut self, parts: &[Node; 3]) -> Answer<F::Object> {
        let [condition, then, otherwise] = parts;
        match self.known(condition) {
            Ok((Value::Bool(value), reads)) => {
                let mut chosen = self.eval(if value { then } else { otherwise });
                if chosen.value.is_ok() {
                    chosen.witnesses = union(reads, &chosen.witnesses);
                }
                chosen
            }
            Ok((_, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    fn compare(&mut self, relation: Relation, left: &Node, right: &Node) -> Answer<F::Object> {
        let left = self.eval(left);
        if let (Ok(Value::Text(text)), Some(word)) = (&left.value, right.as_text())
            && let (Relation::Equal, is) | (Relation::NotEqual, is) = (relation, relation == Relation::Equal)
            && self.takes(1 + word.len() / BYTES_OF_A_STEP)
        {
            return known(Value::Bool((**text == *word) == is), left.witnesses);
        }
        let (left, right, reads) = match self.with_left(left, right) {
            Ok(both) => both,
            Err(gap) => return gap,
        };
        let result = match relation {
            Relation::Equal => equal(&left, &right),
            Relation::NotEqual => equal(&left, &right).map(|same| !same),
            _ => ordered(&left, relation, &right).ok_or(Gap::Undetermined(Vec::new())),
        };
        match result {
            Ok(value) => known(Value::Bool(value), reads),
            Err(Gap::Undetermined(missing)) if missing.is_empty() => undetermined(reads),
            Err(Gap::Undetermined(missing)) => undetermined(missing),
            Err(Gap::Inapplicable) => Answer { value: Err(Gap::Inapplicable), witnesses: reads },
        }
    }

    fn arithmetic(&mut self, operation: Arithmetic, left: &Node, right: &Node) -> Answer<F::Object> {
        match self.both(left, right) {
            Ok((Value::Int(a), Value::Int(b), reads)) => match a.calculate(operation, b) {
                Some(number) => known(Value::Int(number), reads),
                None => undetermined(reads),
            },
            Ok((Value::Double(a), Value::Double(b), reads)) => {
                known(Value::Double(calculate_doubles(a, operation, b)), reads)
            }
            Ok((_, _, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    fn index(&mut self, list: &Node, index: &Node) -> Answer<F::Object> {
        match self.both(list, index) {
            Ok((Value::List(items), Value::Int(number), reads)) => {
                let at = number.exact().and_then(|number| usize::try_from(number).ok());
                match at.and_then(|at| items.get(at)).cloned() {
                    Some(mut item) if item.value.is_ok() => {
                        item.witnesses = union(reads, &item.witnesses);
                        item
                    }
                    Some(gap) => gap,
                    None => undetermined(reads),
                }
            }
            Ok((_, _, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    fn text_test(&mut self, test: TextTest, text: &Node, part: &Node) -> Answer<F::Object> {
        match self.both(text, part) {
            Ok((Value::Text(text), Value::Text(part), reads)) => {
                let found = match test {
                    TextTest::StartsWith => text.starts_with(&*part),
                    TextTest::EndsWith => text.ends_with(&*part),
                    TextTest::Contains => text.contains(&*part),
                };
                known(Value::Bool(found), reads)
            }
            Ok((_, _, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    /// Whether one of the words that are written out fits, at the steps that it takes to make a list of them; `None` where there are
    /// none, or too few steps. Most lists are such words, and nothing need be made of them to compare.
    fn is_among(&mut self, list: &Node, fits: impl Fn(&str) -> bool) -> Option<bool> {
        let Kind::List(nodes) = &list.kind else { return None };
        let mut steps = 1 + nodes.len() / ITEMS_OF_A_STEP;
        for node in nodes {
            steps += 1 + node.as_text()?.len() / BYTES_OF_A_STEP;
        }
        self.takes(steps).then(|| nodes.iter().filter_map(Node::as_text).any(fits))
    }

    /// What is asked about a place that is read.
    fn of_place(
        &mut self,
        place: &Node,
        ask: impl FnOnce(&F, &str, &[ReadId]) -> Answer<F::Object>,
    ) -> Answer<F::Object> {
        match self.known(place) {
            Ok((Value::Text(place), reads)) => ask(self.facts, &place, &reads),
            Ok((_, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    /// What `keys.exists(k, within(key, k))` is; a key alone is a list of one.
    fn within(&mut self, key: &Node, keys: &Node) -> Answer<F::Object> {
        let key = self.eval(key);
        if let Ok(Value::Text(text)) = &key.value
            && let Some(lies_below) = self.is_among(keys, |above| lies_within(text, above))
        {
            return known(Value::Bool(lies_below), key.witnesses);
        }
        let keys = self.eval(keys);
        let mut gaps = Gaps::default();
        gaps.add_answer(&key);
        gaps.add_answer(&keys);
        let (text, items) = match (&key.value, &keys.value) {
            (Ok(Value::Text(text)), Ok(Value::List(items))) => (text, Arc::clone(items)),
            (Ok(Value::Text(text)), Ok(Value::Text(_))) => (text, Arc::from([keys.clone()])),
            _ => return gaps.into_answer().unwrap_or_else(|| undetermined(union(key.witnesses, &keys.witnesses))),
        };
        let mut reads = Trace::default();
        reads.add(&key.witnesses);
        let lies_below =
            |item: &&Answer<F::Object>| matches!(&item.value, Ok(Value::Text(above)) if lies_within(text, above));
        if let Some(found) = items.iter().find(lies_below) {
            reads.add(if found.witnesses.is_empty() { &keys.witnesses } else { &found.witnesses });
            return known(Value::Bool(true), reads.into_reads());
        }
        reads.add(&keys.witnesses);
        for item in items.iter() {
            reads.add(&item.witnesses);
            gaps.add_answer(item);
        }
        gaps.into_answer().unwrap_or_else(|| known(Value::Bool(false), reads.into_reads()))
    }

    fn days_between(&mut self, from: &Node, to: &Node) -> Answer<F::Object> {
        match self.both(from, to) {
            Ok((Value::Date(from), Value::Date(to), reads)) => known(Value::Int(Number::of_days(from, to)), reads),
            Ok((_, _, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    fn mentions(&mut self, text: &Node, lexicon: &str) -> Answer<F::Object> {
        match self.known(text) {
            Ok((Value::Text(text), reads)) => {
                let mut answer = self.facts.mentions(&text, lexicon);
                if answer.value.is_ok() {
                    answer.witnesses = union(reads, &answer.witnesses);
                }
                answer
            }
            Ok((_, reads)) => undetermined(reads),
            Err(gap) => gap,
        }
    }

    /// Functions of one value.
    fn function_of_one(&mut self, node: &Node) -> Answer<F::Object> {
        let (Kind::Not(inner)
        | Kind::Negate(inner)
        | Kind::Size(inner)
        | Kind::FirstSegment(inner)
        | Kind::DaysOf(inner)
        | Kind::Within(inner, _)) = &node.kind
        else {
            return undetermined(Vec::new());
        };
        let (value, reads) = match self.known(inner) {
            Ok(known) => known,
            Err(gap) => return gap,
        };
        let result = match (&node.kind, value) {
            (Kind::Not(_), Value::Bool(value)) => Some(Value::Bool(!value)),
            (Kind::Negate(_), Value::Int(number)) => number.negated().map(Value::Int),
            (Kind::Negate(_), Value::Double(value)) => Some(Value::Double(-value)),
            (Kind::Size(_), Value::List(items)) => count(items.len()),
            (Kind::Size(_), Value::Text(text)) => count(text.chars().count()),
            (Kind::FirstSegment(_), Value::Text(text)) => text.split('.').next().map(|first| Value::Text(first.into())),
            (Kind::DaysOf(_), Value::Duration(days)) => Some(Value::Int(Number::exactly(days))),
            (Kind::Within(_, key), Value::Text(text)) => Some(Value::Bool(lies_within(&text, key))),
            _ => None,
        };
        result.map_or_else(|| undetermined(reads.clone()), |value| known(value, reads.clone()))
    }

    /// `x in list`: what `list.exists(y, y == x)` is, with the reads of `x`.
    fn membership(&mut self, item: &Node, list: &Node) -> Answer<F::Object> {
        let item = self.eval(item);
        if let Ok(Value::Text(text)) = &item.value
            && let Some(is_there) = self.is_among(list, |word| **text == *word)
        {
            return known(Value::Bool(is_there), item.witnesses);
        }
        let list = self.eval(list);
        let mut gaps = Gaps::default();
        gaps.add_answer(&item);
        gaps.add_answer(&list);
        let items = match (&item.value, &list.value) {
            (Ok(_), Ok(Value::List(items))) => Arc::clone(items),
            _ => return gaps.into_answer().unwrap_or_else(|| undetermined(union(item.witnesses, &list.witnesses))),
        };
        let mut reads = Trace::default();
        reads.add(&item.witnesses);
        if let Some(found) = items.iter().find(|other| equal_answers(&item, other, &mut gaps) == Some(true)) {
            reads.add(if found.witnesses.is_empty() { &list.witnesses } else { &found.witnesses });
            return known(Value::Bool(true), reads.into_reads());
        }
        reads.add(&list.witnesses);
        items.iter().for_each(|other| reads.add(&other.witnesses));
        gaps.into_answer().unwrap_or_else(|| known(Value::Bool(false), reads.into_reads()))
    }

    fn each(&mut self, each: Each, list: &Node, body: &Node) -> Answer<F::Object> {
        let (items, reads) = match self.known(list) {
            Ok((Value::List(items), reads)) => (items, reads),
            Ok((_, reads)) => return undetermined(reads),
            Err(gap) => return gap,
        };
        match each {
            Each::All => self.quantifier(&items, reads, body, false),
            Each::Exists => self.quantifier(&items, reads, body, true),
            Each::ExistsOne => self.exists_one(&items, reads, body),
            Each::Filter => self.filter(&items, reads, body),
            Each::Map => {
                let mapped: Vec<_> = items.iter().map(|item| self.with(item, body)).collect();
                known(Value::List(mapped.into()), reads)
            }
        }
    }

    /// The body for one element.
    fn with(&mut self, item: &Answer<F::Object>, body: &Node) -> Answer<F::Object> {
        self.locals.push(item.clone());
        let answer = self.eval(body);
        self.locals.pop();
        answer
    }

    /// `exists` if an element that is true settles it, `all` if one that is false does.
    fn quantifier(
        &mut self,
        items: &[Answer<F::Object>],
        list: Vec<ReadId>,
        body: &Node,
        settles: bool,
    ) -> Answer<F::Object> {
        let mut gaps = Gaps::default();
        let (mut settling, mut others) = (Trace::default(), Trace::default());
        others.add(&list);
        let mut settled = false;
        for item in items {
            let answer = self.with(item, body);
            match &answer.value {
                Ok(Value::Bool(value)) if *value == settles => {
                    settled = true;
                    settling.add(&item.witnesses);
                    settling.add(&answer.witnesses);
                    // the first that exists is enough; of `all`, every failing element is worth a label
                    if settles || !self.facts.is_telling() {
                        break;
                    }
                }
                Ok(Value::Bool(_)) if settles => {
                    others.add(&item.witnesses);
                    others.add(&answer.witnesses);
                }
                Ok(Value::Bool(_)) => {}
                Ok(_) => gaps.add(&Gap::Undetermined(answer.witnesses), &[]),
                Err(_) => gaps.add_answer(&answer),
            }
        }
        if settled {
            return known(Value::Bool(settles), settling.into_reads());
        }
        gaps.into_answer().unwrap_or_else(|| known(Value::Bool(!settles), others.into_reads()))
    }

    /// Two that are true settle it, whatever is not known of the others.
    fn exists_one(&mut self, items: &[Answer<F::Object>], list: Vec<ReadId>, body: &Node) -> Answer<F::Object> {
        let mut gaps = Gaps::default();
        let (mut found, mut all) = (Trace::default(), Trace::default());
        all.add(&list);
        let mut count = 0;
        for item in items {
            let answer = self.with(item, body);
            all.add(&item.witnesses);
            all.add(&answer.witnesses);
            match &answer.value {
                Ok(Value::Bool(true)) => {
                    count += 1;
                    found.add(&item.witnesses);
                    found.add(&answer.witnesses);
                    if count == 2 {
                        return known(Value::Bool(false), found.into_reads());
                    }
                }
                Ok(Value::Bool(false)) => {}
                Ok(_) => gaps.add(&Gap::Undetermined(answer.witnesses), &[]),
                Err(_) => gaps.add_answer(&answer),
            }
        }
        gaps.into_answer().unwrap_or_else(|| known(Value::Bool(count == 1), all.into_reads()))
    }

    /// The elements that fit; which these are depends on every condition, so the list's reads are those of all of them.
    fn filter(&mut self, items: &[Answer<F::Object>], list: Vec<ReadId>, body: &Node) -> Answer<F::Object> {
        let mut gaps = Gaps::default();
        let mut reads = Trace::default();
        reads.add(&list);
        let mut kept = Vec::new();
        for item in items {
            let answer = self.with(item, body);
            match &answer.value {
                Ok(Value::Bool(keep)) => {
                    reads.add(&answer.witnesses);
                    kept.extend(keep.then(|| item.clone()));
                }
                Ok(_) => gaps.add(&Gap::Undetermined(answer.witnesses), &[]),
                Err(_) => gaps.add_answer(&answer),
            }
        }
        gaps.into_answer().unwrap_or_else(|| known(Value::List(kept.into()), reads.into_reads()))
    }
}

fn count<O>(size: usize) -> Option<Value<O>> {
    i64::try_from(size).ok().map(|size| Value::Int(Number::exactly(size)))
}
