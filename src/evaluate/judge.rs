//! One rule, one purpose, one atom: pass, fail, undetermined or not applicable.

use std::collections::BTreeSet;

use super::facts::{CellFacts, Object};
use super::reads::{Lack, Read, Words};
use crate::diagnostic::{Label, Severity};
use crate::model::FieldId;
use crate::model::Record;
use crate::order::Order;
use crate::policy::condition::{Answer, Condition, Facts, Gap, Path, ReadId, Truth, Value};
use crate::policy::{Applies, Rule};
use crate::resolve::Effective;
use crate::settings::{RuleSettings, most_severe};
use crate::vocabulary::within;

/// What a rule says at an atom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// What is required holds.
    Pass,
    /// The rule is about something else.
    NotApplicable,
    /// What is required does not hold.
    Fail {
        /// How much it matters.
        severity: Severity,
        /// The reads that decided; the first is the place to point at.
        reads: Vec<Read>,
        /// Facts that are not declared and that could make it matter less.
        open: Vec<Read>,
    },
    /// Facts are missing.
    Undetermined {
        /// How much that matters.
        severity: Severity,
        /// What is missing.
        missing: Vec<Read>,
    },
}

impl Judgement {
    /// Whether there is something to report.
    pub(super) fn is_reported(&self) -> bool {
        matches!(self, Self::Fail { .. } | Self::Undetermined { .. })
    }

    /// Whether it points at the purpose that was asked about, because nothing was read that it could point at.
    pub(super) fn names_the_purpose(&self) -> bool {
        let is_it = |read: &Read| read.missing == Some(Lack::Uncomputable);
        matches!(self, Self::Undetermined { missing, .. } if missing.iter().any(is_it))
    }
}

/// Yes, no, or the facts that are missing to tell.
enum Applicable {
    Yes,
    No,
    Unknown(Vec<ReadId>),
}

/// The severity of a rule where no case holds.
pub(super) const OTHERWISE: Severity = Severity::Warning;

/// What is known before a rule is judged: no fact is missing to tell it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Settled {
    /// It is about the purpose and the people.
    pub(super) applies: bool,
    /// Its `when` holds.
    pub(super) when: bool,
    /// How much it matters.
    pub(super) severity: Option<Severity>,
}

/// Judges a rule with what a config says of it; what is `settled` is not asked again.
pub(super) fn judge(rule: &Rule, facts: &CellFacts<'_, '_>, settings: &RuleSettings, settled: Settled) -> Judgement {
    let Some(require) = &rule.require else { return Judgement::NotApplicable };
    let (doubt, answer) = match concerned(rule, facts, settled) {
        Applicable::No => return Judgement::NotApplicable,
        Applicable::Yes => (Vec::new(), require.evaluate(facts)),
        Applicable::Unknown(missing) => (missing, require.evaluate(facts)),
    };
    match answer.value {
        Ok(Value::Bool(true)) => Judgement::Pass,
        Err(Gap::Inapplicable) => Judgement::NotApplicable,
        Ok(_) if doubt.is_empty() => {
            let usual = settled.severity.map(|severity| (severity, Vec::new()));
            let (usual, open) = usual.unwrap_or_else(|| weigh(rule, facts, settings));
            Judgement::Fail {
                severity: settings.capped(settings.severity.unwrap_or(usual)),
                reads: primary_first(rule, facts, reads(facts, &answer.witnesses)),
                open: if settings.severity.is_none() { reads(facts, &open) } else { Vec::new() },
            }
        }
        Ok(_) => undetermined(rule, facts, (settings, settled.severity), doubt),
        Err(Gap::Undetermined(missing)) => {
            undetermined(rule, facts, (settings, settled.severity), [doubt, missing].concat())
        }
    }
}

/// Whether a rule is about this purpose, and its `when` holds, as far as that is not settled.
fn concerned(rule: &Rule, facts: &CellFacts<'_, '_>, settled: Settled) -> Applicable {
    let condition = rule.when.as_ref().filter(|_| !settled.when);
    let applies = if settled.applies { Applicable::Yes } else { applies(&rule.applies, facts) };
    match applies {
        Applicable::No => Applicable::No,
        Applicable::Yes => when(condition, facts),
        Applicable::Unknown(mut missing) => match when(condition, facts) {
            Applicable::No => Applicable::No,
            Applicable::Yes => Applicable::Unknown(missing),
            Applicable::Unknown(more) => {
                missing.extend(more);
                Applicable::Unknown(missing)
            }
        },
    }
}

/// Whether a rule is certainly about this purpose, whatever its conditions say.
pub(super) fn surely_applies(rule: &Rule, facts: &CellFacts<'_, '_>) -> bool {
    matches!(applies(&rule.applies, facts), Applicable::Yes)
}

/// The same without the facts that are missing.
pub(super) fn applicable(of: &Applies, facts: &CellFacts<'_, '_>) -> Truth {
    match applies(of, facts) {
        Applicable::Yes => Truth::True,
        Applicable::No => Truth::False,
        Applicable::Unknown(_) => Truth::Undetermined,
    }
}

fn undetermined(
    rule: &Rule,
    facts: &CellFacts<'_, '_>,
    (settings, settled): (&RuleSettings, Option<Severity>),
    missing: Vec<ReadId>,
) -> Judgement {
    let severity = settings.severity.or(settled).unwrap_or_else(|| severity_of(rule, facts));
    let mut missing = reads(facts, &missing);
    // a computation that failed without reading anything must not pass for lack of something to name
    if missing.is_empty() {
        missing.extend(facts.uncomputed());
    }
    let severity = match (rule.undetermined, settings.severity) {
        // where the config makes less of the failure, not to know is no worse; where it does not, neither does it make less of that
        (Some(own), Some(failure)) if failure < most_severe(rule) => own.min(failure),
        (Some(own), _) => own,
        (None, _) => severity.below(),
    };
    Judgement::Undetermined { severity: settings.capped(severity), missing }
}

/// The severity of the first case whose condition holds; a condition that cannot be told does not.
pub(super) fn severity_of(rule: &Rule, facts: &CellFacts<'_, '_>) -> Severity {
    weigh(rule, facts, &RuleSettings::default()).0
}

/// The severity, and the facts whose absence kept a milder case from being tried.
fn weigh(rule: &Rule, facts: &CellFacts<'_, '_>, settings: &RuleSettings) -> (Severity, Vec<ReadId>) {
    let mut untold: Vec<(Severity, Vec<ReadId>)> = Vec::new();
    for case in &rule.severity {
        match case.when.as_ref().map(|condition: &Condition| condition.evaluate(facts).value) {
            None | Some(Ok(Value::Bool(true))) => {
                let milder = untold.into_iter().filter(|(severity, _)| *severity < settings.capped(case.is));
                return (case.is, milder.flat_map(|(_, missing)| missing).collect());
            }
            Some(Err(Gap::Undetermined(missing))) => untold.push((case.is, missing)),
            Some(_) => {}
        }
    }
    (OTHERWISE, Vec::new())
}

fn reads(facts: &CellFacts<'_, '_>, ids: &[ReadId]) -> Vec<Read> {
    let mut seen = BTreeSet::new();
    let mut out: Vec<Read> = Vec::new();
    for read in ids.iter().filter(|id| seen.insert(**id)).filter_map(|id| facts.log.get(*id)) {
        // one fact that was read for people here and for others elsewhere is said once
        match out.iter_mut().find(|known| known.is_same(&read)) {
            Some(known) => known.also.extend(read.also),
            None => out.push(read),
        }
    }
    out
}

/// Puts the place to point at first: the deciding read of the rule's `primary`, or what stands at that path.
fn primary_first(rule: &Rule, facts: &CellFacts<'_, '_>, mut reads: Vec<Read>) -> Vec<Read> {
    // a condition that reads no declared fact, only a table, is about what the state brings about
    if reads.is_empty() && rule.primary.is_none() {
        let state = facts.root(crate::policy::condition::Root::State);
        reads.extend(state.witnesses.first().and_then(|id| facts.log.get(*id)));
    }
    let Some(path) = &rule.primary else { return now_first(facts, reads) };
    let name = path_name(path);
    let deciding = reads.iter().position(|read| read.path == name).map(|at| reads.remove(at));
    reads.splice(0..0, deciding.or_else(|| path_read(path, facts)));
    now_first(facts, reads)
}

/// Puts what was read of the revision before last: people mend what is there now.
fn now_first(facts: &CellFacts<'_, '_>, mut reads: Vec<Read>) -> Vec<Read> {
    reads.order_by_key(Read::is_earlier);
    if reads.first().is_some_and(Read::is_earlier) {
        reads.splice(0..0, facts.purpose_now());
    }
    reads
}

/// A path as reads name it: `recipients.name` also where the rule says `purpose.recipients.name`.
fn path_name(path: &Path) -> String {
    let root =
        crate::policy::condition::Root::ALL.iter().find(|(_, root)| *root == path.root).map_or("", |(name, _)| name);
    let full = path.fields.iter().fold(root.to_owned(), |name, field| format!("{name}.{}", field.name()));
    for list in ["recipients.", "notices."] {
        if let Some(rest) = full.strip_prefix("purpose.").filter(|rest| rest.starts_with(list)) {
            return rest.to_owned();
        }
    }
    full
}

/// The first read that a path leads to at this atom; nothing where it has no place here.
pub(super) fn path_read(path: &Path, facts: &CellFacts<'_, '_>) -> Option<Read> {
    let mut answers = vec![facts.root(path.root)];
    for field in &path.fields {
        let objects = answers.iter().flat_map(objects_of).collect::<Vec<_>>();
        if objects.is_empty() {
            break;
        }
        answers = objects.iter().map(|object| facts.field(object, *field)).collect();
    }
    answers.iter().find_map(|answer| answer.witnesses.first()).and_then(|id| facts.log.get(*id))
}

fn objects_of<'w>(answer: &Answer<Object<'w>>) -> Vec<Object<'w>> {
    match &answer.value {
        Ok(Value::Object(object)) => vec![object.clone()],
        Ok(Value::List(items)) => items.iter().flat_map(objects_of).collect(),
        _ => Vec::new(),
    }
}

fn when(condition: Option<&Condition>, facts: &CellFacts<'_, '_>) -> Applicable {
    let Some(condition) = condition else { return Applicable::Yes };
    match condition.evaluate(facts).value {
        Ok(Value::Bool(true)) => Applicable::Yes,
        Ok(_) | Err(Gap::Inapplicable) => Applicable::No,
        Err(Gap::Undetermined(missing)) => Applicable::Unknown(missing),
    }
}

/// Everything that `applies` says except territories, ages and plans, by which atoms are chosen.
fn applies(applies: &Applies, facts: &CellFacts<'_, '_>) -> Applicable {
    let mut missing = Vec::new();
    let mut is_other = |answer: Answer<Object<'_>>, is_meant: &dyn Fn(&str) -> bool| match holds(&answer, is_meant) {
        Applicable::Yes => false,
        Applicable::No => true,
        Applicable::Unknown(more) => {
            missing.extend(more);
            false
        }
    };
    let of_purpose = |field: FieldId| facts.field(&Object::Purpose(facts.purpose), field);
    let below = |keys: &[String], text: &str| keys.iter().any(|key| within(text, key));
    let (uses, subjects) =
        const { (FieldId::find(Record::Purpose, "use"), FieldId::find(Record::Purpose, "subjects")) };
    for (keys, field) in [(&applies.uses, uses), (&applies.subjects, subjects)] {
        if let Some(field) = field.filter(|_| !keys.is_empty())
            && is_other(of_purpose(field), &|text| below(keys, text))
        {
            return Applicable::No;
        }
    }
    let (data, category) = const { (FieldId::find(Record::Purpose, "data"), FieldId::find(Record::Data, "category")) };
    if let (Some(data), Some(category)) = (data.filter(|_| !applies.data.is_empty()), category)
        && is_other(each_field(facts, of_purpose(data), category), &|text| below(&applies.data, text))
    {
        return Applicable::No;
    }
    if let Some(roles) = const { FieldId::find(Record::Service, "roles") }.filter(|_| !applies.roles.is_empty())
        && is_other(facts.field(&Object::Service, roles), &|role| applies.roles.iter().any(|wanted| wanted == role))
    {
        return Applicable::No;
    }
    if is_other(facts.root(crate::policy::condition::Root::State), &|state| applies.takes_state(state)) {
        return Applicable::No;
    }
    if missing.is_empty() { Applicable::Yes } else { Applicable::Unknown(missing) }
}

/// A list of records as the list of one of their fields.
fn each_field<'w>(facts: &CellFacts<'_, 'w>, list: Answer<Object<'w>>, field: FieldId) -> Answer<Object<'w>> {
    let value = list.value.map(|value| match value {
        Value::List(items) => {
            Value::List(items.iter().flat_map(objects_of).map(|item| facts.field(&item, field)).collect())
        }
        other => other,
    });
    Answer { value, ..list }
}

/// Whether a text, or one text of a list, passes a test.
fn holds(answer: &Answer<Object<'_>>, test: &dyn Fn(&str) -> bool) -> Applicable {
    match &answer.value {
        Ok(Value::Text(text)) if test(text) => Applicable::Yes,
        Ok(Value::List(items)) => {
            let mut missing = Vec::new();
            for item in items.iter() {
                match holds(item, test) {
                    Applicable::Yes => return Applicable::Yes,
                    Applicable::No => {}
                    Applicable::Unknown(more) => missing.extend(more),
                }
            }
            if missing.is_empty() { Applicable::No } else { Applicable::Unknown(missing) }
        }
        Ok(_) | Err(Gap::Inapplicable) => Applicable::No,
        Err(Gap::Undetermined(missing)) => Applicable::Unknown(missing.clone()),
    }
}

/// The labels of reads after the first, each place once.
pub(super) fn labels(reads: &[Read], effective: &Effective<'_>, words: &Words) -> Vec<Label> {
    let mut out: Vec<Label> = Vec::new();
    reads.iter().skip(1).for_each(|read| add_label(&mut out, &read.place));
    for also in reads.iter().flat_map(|read| &read.also) {
        also.labels(effective, words).iter().for_each(|label| add_label(&mut out, label));
    }
    out
}

/// Adds a label; a second remark on one place is joined to the first.
pub(super) fn add_label(labels: &mut Vec<Label>, label: &Label) {
    match labels.iter_mut().find(|known| known.span == label.span) {
        None => labels.push(label.clone()),
        Some(known) => join_text(known, &label.text),
    }
}

/// Appends a remark that is not there yet.
pub(super) fn join_text(label: &mut Label, text: &str) {
    if text.contains(&*label.text) {
        label.text = text.into();
    } else if !label.text.contains(text) {
        label.text = format!("{}, {text}", label.text).into();
    }
}
