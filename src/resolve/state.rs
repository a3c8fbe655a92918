//! The state of a purpose at an atom: the effective default, with what decided it.

use super::candidate::{Outcome, Property, Variant};
use super::{Resolved, SettingLink};
use crate::model::{FieldId, Record, STATES, Value};
use crate::space::{Date, When};

/// The effective default of a purpose; most protective first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKind {
    /// Not carried out.
    Absent,
    /// Not unless the person switches it on.
    Off,
    /// The person is asked, and it does not run before the answer.
    Ask,
    /// Runs unless the person switches it off.
    On,
    /// Runs, and there is no switch.
    Mandatory,
}

impl StateKind {
    /// The word used in conditions, messages and reports.
    pub fn as_str(self) -> &'static str {
        STATES.get(self as usize).copied().unwrap_or_default()
    }
}

/// A state, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It is known. Where candidates tie, the least protective.
    Known(StateKind),
    /// No default is declared.
    Undeclared,
    /// What decides it cannot be read.
    Unknown,
    /// Whether it has ended is not settled: the day of the end is a bound.
    Unsettled,
}

/// What took part in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decider {
    /// A property of the purpose: `carried_out`, `ended`.
    Purpose(FieldId),
    /// A property of its setting: `default`, `until_answer`, `on_dismiss`.
    Setting(FieldId),
    /// `setting: none`, or a setting that cannot be read.
    SettingKey,
    /// No setting is named, and the purpose is `core`.
    Necessity,
    /// No setting is named.
    NoSetting,
}

/// A state with what decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateAt {
    /// The state.
    pub state: State,
    /// What decided it, first things first.
    pub deciders: Vec<Decider>,
}

fn known(kind: StateKind, deciders: Vec<Decider>) -> StateAt {
    StateAt { state: State::Known(kind), deciders }
}

/// The state at one atom. Each property may have several undefeated candidates; every combination counts, and the least
/// protective known one is taken (docs/resolution.md, "From values to a state").
pub(super) fn at(
    purpose: &Resolved<'_>,
    setting: SettingLink,
    settings: &[Resolved<'_>],
    atom: usize,
    date: Date,
) -> StateAt {
    if let Some(carried_out) = const { FieldId::find(Record::Purpose, "carried_out") }
        && let Some(property) = purpose.properties.get(&carried_out)
    {
        let decider = vec![Decider::Purpose(carried_out)];
        match may_be_carried_out(property, atom) {
            None => return StateAt { state: State::Unknown, deciders: decider },
            Some(true) => {}
            Some(false) => return known(StateKind::Absent, decider),
        }
    }
    if let Some(ended) = const { FieldId::find(Record::Purpose, "ended") }
        && let Some(property) = purpose.properties.get(&ended)
    {
        let decider = vec![Decider::Purpose(ended)];
        match may_still_run(property, atom, date) {
            Err(state) => return StateAt { state, deciders: decider },
            Ok(true) => {}
            Ok(false) => return known(StateKind::Absent, decider),
        }
    }
    // what may be carried out as well as not is judged as what is carried out: nothing protects more than not to be
    running(purpose, setting, settings, atom)
}

/// The properties that decide a state and are not the same at all atoms.
pub(super) fn deciding<'p, 'w>(
    purpose: &'p Resolved<'w>,
    setting: SettingLink,
    settings: &'p [Resolved<'w>],
) -> Vec<&'p Property<'w>> {
    let setting = match setting {
        SettingLink::Setting(at, _) => settings.get(at),
        _ => None,
    };
    let fields = const {
        let of_purpose = [FieldId::find(Record::Purpose, "carried_out"), FieldId::find(Record::Purpose, "ended")];
        let default = FieldId::find(Record::Setting, "default");
        let asked = [FieldId::find(Record::Setting, "until_answer"), FieldId::find(Record::Setting, "on_dismiss")];
        (of_purpose, [default, asked[0], asked[1]])
    };
    let of_purpose = fields.0.into_iter().flatten().filter_map(|field| purpose.properties.get(&field));
    let of_setting = fields.1.into_iter().flatten().filter_map(|field| setting?.properties.get(&field));
    let properties = of_purpose.chain(of_setting);
    properties.filter(|property| !property.is_constant()).collect()
}

/// The properties whose values tie at an atom, as far as a state there hangs on them.
pub(super) fn ties<'p, 'w>(
    purpose: &'p Resolved<'w>,
    setting: Option<&'p Resolved<'w>>,
    state: &StateAt,
    atom: usize,
) -> Vec<(&'p Resolved<'w>, FieldId)> {
    let of_purpose = |name: &&str| Some((purpose, FieldId::find(Record::Purpose, name)?));
    let of_setting = |name: &&str| Some((setting?, FieldId::find(Record::Setting, name)?));
    let asks = setting.is_some_and(|setting| may_ask(setting, atom));
    let asked: &[&str] = if asks { &["until_answer", "on_dismiss"] } else { &[] };
    let purposes = ["carried_out", "ended"].iter().filter_map(of_purpose);
    let all = purposes.chain(["default"].iter().chain(asked).filter_map(of_setting));
    let alone = state.deciders.iter().find_map(|decider| match decider {
        Decider::Purpose(field) => Some(*field),
        _ => None,
    });
    let is_tied = |(resolved, field): &(&Resolved<'_>, FieldId)| {
        let variant = resolved.properties.get(field).and_then(|property| property.at(atom));
        variant.is_some_and(|variant| variant.outcome == Outcome::Ambiguous)
    };
    all.filter(|(_, field)| alone.is_none_or(|alone| alone == *field)).filter(is_tied).collect()
}

/// Whether `ask` is among the defaults that hold at an atom.
fn may_ask(setting: &Resolved<'_>, atom: usize) -> bool {
    let default = const { FieldId::find(Record::Setting, "default") };
    let found = default.and_then(|field| setting.properties.get(&field)).and_then(|p| values(p, p.at(atom)?));
    found.is_some_and(|values| values.iter().any(|value| value.and_then(Value::as_text) == Some("ask")))
}

fn least_protective(answers: Vec<StateAt>) -> StateAt {
    let rank = |answer: &StateAt| match answer.state {
        State::Known(kind) => (0, Some(kind)),
        State::Undeclared => (1, None),
        State::Unknown | State::Unsettled => (2, None),
    };
    let fallback = StateAt { state: State::Undeclared, deciders: Vec::new() };
    answers.into_iter().max_by_key(rank).unwrap_or(fallback)
}

/// Whether the purpose may be carried out; `None` where that cannot be read.
fn may_be_carried_out(property: &Property<'_>, atom: usize) -> Option<bool> {
    let values = values(property, property.at(atom)?)?;
    Some(values.iter().any(|value| !matches!(value, Some(Value::Bool(false)))))
}

/// Whether the purpose may still run; the state where that cannot be read, or a bound cannot settle it.
fn may_still_run(property: &Property<'_>, atom: usize, date: Date) -> Result<bool, State> {
    let variant = property.at(atom).ok_or(State::Unknown)?;
    let ends = values(property, variant).ok_or(State::Unknown)?;
    // the day of the end is the first on which it no longer runs
    let runs: Vec<Option<bool>> = ends
        .into_iter()
        .filter_map(|value| match value {
            Some(Value::Date(end)) => Some(When::on(date).is_before(*end)),
            _ => None,
        })
        .collect();
    // of values that tie the least protective counts, whatever another leaves open
    match variant.winners.is_empty() || runs.contains(&Some(true)) {
        true => Ok(true),
        false if runs.contains(&None) => Err(State::Unsettled),
        false => Ok(false),
    }
}

fn running(purpose: &Resolved<'_>, setting: SettingLink, settings: &[Resolved<'_>], atom: usize) -> StateAt {
    match setting {
        SettingLink::Unknown(_) => StateAt { state: State::Unknown, deciders: vec![Decider::SettingKey] },
        SettingLink::Nothing(_) => known(StateKind::Mandatory, vec![Decider::SettingKey]),
        SettingLink::Undeclared => match purpose.entity.fields.text("necessity") {
            Some("core") => known(StateKind::Mandatory, vec![Decider::Necessity]),
            _ => StateAt { state: State::Undeclared, deciders: vec![Decider::NoSetting] },
        },
        SettingLink::Setting(at, _) => match settings.get(at) {
            Some(setting) => default(setting, atom),
            None => StateAt { state: State::Unknown, deciders: vec![Decider::SettingKey] },
        },
    }
}

/// The default of a setting by itself.
pub(super) fn default(setting: &Resolved<'_>, atom: usize) -> StateAt {
    let field = const { FieldId::find(Record::Setting, "default") };
    let undeclared =
        || StateAt { state: State::Undeclared, deciders: field.map(Decider::Setting).into_iter().collect() };
    let Some((default, property)) = field.and_then(|id| Some((id, setting.properties.get(&id)?))) else {
        return undeclared();
    };
    let Some(variant) = property.at(atom) else { return undeclared() };
    let Some(values) = values(property, variant) else {
        return StateAt { state: State::Unknown, deciders: vec![Decider::Setting(default)] };
    };
    let mut answers = Vec::new();
    for value in values {
        let decider = Decider::Setting(default);
        answers.push(match value.and_then(Value::as_text) {
            Some("off") => known(StateKind::Off, vec![decider]),
            Some("on") => known(StateKind::On, vec![decider]),
            Some("ask") => asked(setting, atom, decider),
            _ => StateAt { state: State::Unknown, deciders: vec![decider] },
        });
    }
    if answers.is_empty() { undeclared() } else { least_protective(answers) }
}

/// A question counts as `on` where the processing runs before the answer, or when the question is waved away. Each of the two
/// may have several candidates; every pair of them counts.
fn asked(setting: &Resolved<'_>, atom: usize, decider: Decider) -> StateAt {
    let (until, dismiss) = (switch(setting, "until_answer", atom), switch(setting, "on_dismiss", atom));
    let mut answers = Vec::new();
    for first in &until {
        for second in &dismiss {
            let on = [first, second].into_iter().find(|candidate| candidate.1 == Switch::On);
            let unknown = [first, second].into_iter().find(|candidate| candidate.1 == Switch::Unknown);
            let with = |candidate: &(Option<FieldId>, Switch)| candidate.0.map(Decider::Setting);
            answers.push(match (on, unknown) {
                (Some(on), _) => known(StateKind::On, [Some(decider), with(on)].into_iter().flatten().collect()),
                (None, Some(unknown)) => {
                    StateAt { state: State::Unknown, deciders: with(unknown).into_iter().chain([decider]).collect() }
                }
                (None, None) => known(StateKind::Ask, vec![decider]),
            });
        }
    }
    least_protective(answers)
}

/// What a candidate says of the time before an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Switch {
    On,
    NotOn,
    Unknown,
}

/// The undefeated candidates of `until_answer` or `on_dismiss`; not declared is not on.
fn switch(setting: &Resolved<'_>, name: &str, atom: usize) -> Vec<(Option<FieldId>, Switch)> {
    let field = FieldId::find(Record::Setting, name);
    let found = field.and_then(|field| setting.properties.get(&field)).and_then(|p| Some((p, p.at(atom)?)));
    let Some((property, variant)) = found else { return vec![(field, Switch::NotOn)] };
    let Some(values) = values(property, variant) else { return vec![(field, Switch::Unknown)] };
    if values.is_empty() {
        return vec![(field, Switch::NotOn)];
    }
    let on = |value: &Option<&Value>| value.and_then(Value::as_text) == Some("on");
    values.iter().map(|value| (field, if on(value) { Switch::On } else { Switch::NotOn })).collect()
}

/// The values of the undefeated candidates; `None` where one cannot be read.
fn values<'w>(property: &Property<'w>, variant: &Variant) -> Option<Vec<Option<&'w Value>>> {
    if matches!(variant.outcome, Outcome::Unknown(_)) {
        return None;
    }
    let value = |at: &u16| property.candidates.get(usize::from(*at)).map(|c| c.value.map(|field| &field.value.value));
    let values: Vec<Option<&Value>> = variant.winners.iter().filter_map(value).collect();
    // among tied candidates one may be unreadable while the others are not
    (!values.iter().flatten().any(|value| value.is_invalid())).then_some(values)
}
