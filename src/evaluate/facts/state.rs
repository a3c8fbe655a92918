//! The state of a purpose as a read: what decided it, and what holds elsewhere.

use std::sync::Arc;

use super::{Ans, CellFacts, Lack, inapplicable, known, missing, owner};
use crate::diagnostic::{Label, not_here};
use crate::evaluate::reads::{Also, Read, says, span_of, via};
use crate::model::{FieldId, Record};
use crate::policy::condition::Value;
use crate::resolve::{Decider, Outcome, Owner, PurposeAt, SettingLink, State, StateAt};
use crate::source::Span;

/// The distinct states of one purpose at several atoms, each with all that decides it somewhere.
#[derive(Default)]
pub(super) struct States<'w>(Vec<(Option<State>, Ans<'w>)>);

impl<'w> States<'w> {
    /// Adds what holds at an atom; no state where the question has no place.
    pub(super) fn add(&mut self, at: Option<&StateAt>, answer: Ans<'w>) {
        let state = at.filter(|at| !at.deciders.is_empty()).map(|at| at.state);
        let Some((_, known)) = self.0.iter_mut().find(|(known, _)| *known == state) else {
            return self.0.push((state, answer));
        };
        known.also(&answer);
    }

    /// All of them as a list.
    pub(super) fn into_list(self) -> Ans<'w> {
        let items: Vec<Ans<'w>> = self.0.into_iter().map(|(_, answer)| answer).collect();
        known(Value::List(items.into()), Vec::new())
    }
}

impl<'w> CellFacts<'_, 'w> {
    pub(super) fn state_of(&self, purpose: usize, atom: usize) -> Ans<'w> {
        if self.telling && (purpose, atom) == (self.purpose, self.atom) {
            return self.state.get_or_init(|| self.state_at(purpose, atom)).clone();
        }
        self.state_at(purpose, atom)
    }

    fn state_at(&self, purpose: usize, atom: usize) -> Ans<'w> {
        let Some(state) = self.effective.state(purpose, atom) else { return inapplicable() };
        let Some(at) = self.purpose_at(purpose) else { return inapplicable() };
        if state.deciders.is_empty() {
            return inapplicable();
        }
        let gap = match state.state {
            State::Known(_) => None,
            State::Undeclared => Some(Lack::Undeclared),
            State::Unknown => Some(Lack::Unreadable),
            State::Unsettled => Some(Lack::Open),
        };
        let id = self.note(gap, || {
            self.tell_state(purpose, at, state, atom).unwrap_or_else(|| Read {
                path: String::new(),
                place: Label::new(at.resolved.entity.place, ""),
                also: Vec::new(),
                missing: None,
                owner: String::new(),
            })
        });
        match state.state {
            State::Known(kind) => match self.effective.state_texts.get(kind as usize) {
                Some(text) => self.seen(Value::Text(Arc::clone(text)), id),
                None => missing(id),
            },
            _ => missing(id),
        }
    }

    /// The states of a purpose at this place, over all ages and plans.
    pub(super) fn states_here(&self, purpose: usize) -> Ans<'w> {
        let Some(here) = self.effective.atoms.get(self.atom) else { return inapplicable() };
        let atoms = self.effective.atoms.iter().enumerate();
        // the territories of two atoms are the same or have nothing in common
        let same_place = atoms.filter(|(_, atom)| atom.territories == here.territories);
        let mut states = States::default();
        for (at, _) in same_place {
            states.add(self.effective.state(purpose, at), self.state_of(purpose, at));
        }
        states.into_list()
    }

    /// What decided a state, in words.
    fn tell_state(&self, at: usize, purpose: &PurposeAt<'w>, state: &StateAt, atom: usize) -> Option<Read> {
        let mut reads = state.deciders.iter().filter_map(|decider| self.decider(at, purpose, *decider, atom));
        let mut read = reads.next()?;
        for other in reads {
            read.also.push(Also::Here(other.place));
            read.also.extend(other.also.into_iter().map(Also::aside));
        }
        read.also.extend(self.carried_out_elsewhere(at, atom));
        read.path = match (state.state, state.deciders.first()) {
            (State::Known(_), _) => "state".to_owned(),
            (_, Some(Decider::Purpose(field))) => ["purpose.", field.name()].concat(),
            (_, Some(Decider::Setting(field))) => ["setting.", field.name()].concat(),
            _ => "purpose.setting".to_owned(),
        };
        Some(read)
    }

    /// The overrides by which the purpose is not carried out for somebody else.
    fn carried_out_elsewhere(&self, purpose: usize, atom: usize) -> impl Iterator<Item = Also> {
        let fields = const { [FieldId::find(Record::Purpose, "carried_out"), FieldId::find(Record::Purpose, "ended")] };
        fields.into_iter().flatten().map(move |field| Also::Elsewhere(Owner::Purpose(purpose), field, atom))
    }

    fn decider(&self, at: usize, purpose: &PurposeAt<'w>, decider: Decider, atom: usize) -> Option<Read> {
        let entity = purpose.resolved.entity;
        let plain = |place: Span, text: String| Read {
            path: "state".to_owned(),
            place: Label::new(place, text),
            also: Vec::new(),
            missing: None,
            owner: owner(entity),
        };
        match decider {
            Decider::Purpose(field) => self.property_read(Owner::Purpose(at), field, atom),
            Decider::Setting(field) => match purpose.setting {
                SettingLink::Setting(at, _) => self.property_read(Owner::Setting(at), field, atom),
                _ => None,
            },
            Decider::SettingKey => match purpose.setting {
                SettingLink::Nothing(span) => Some(plain(span, "there is no setting".to_owned())),
                SettingLink::Unknown(span) => Some(plain(span, format!("`setting` {}", Lack::Unreadable.as_str()))),
                _ => None,
            },
            Decider::Necessity => {
                let necessity = entity.named("necessity").map_or(entity.place, |field| field.value.span);
                Some(plain(necessity, "`core`, and no setting is named".to_owned()))
            }
            Decider::NoSetting => Some(plain(entity.place, "no `setting` here".to_owned())),
        }
    }

    /// What decides a property at an atom, as a read.
    fn property_read(&self, whose: Owner, field: FieldId, atom: usize) -> Option<Read> {
        let resolved = self.effective.resolved(whose)?;
        let entity = resolved.entity;
        let at = resolved.properties.get(&field).and_then(|property| Some((property, property.at(atom)?)));
        let winner = at.and_then(|(property, variant)| {
            let decisive = match variant.outcome {
                Outcome::Value(at) | Outcome::Unknown(at) => Some(at),
                Outcome::Ambiguous => variant.winners.first().copied(),
                Outcome::Undeclared => None,
            }?;
            property.candidates.get(usize::from(decisive))
        });
        let place = match winner {
            Some(candidate) => match (candidate.unknown, candidate.value) {
                (Some(span), _) => Label::new(span, Lack::Unreadable.as_str()),
                (None, Some(value)) => Label::new(span_of(value), says(value)),
                (None, None) => Label::new(entity.place, format!("`{}` is not restricted", field.name())),
            },
            None => Label::new(entity.place, not_here(field.name())),
        };
        let mut also = vec![Also::Elsewhere(whose, field, atom)];
        also.extend(winner.and_then(|candidate| candidate.value).and_then(via));
        Some(Read { path: "state".to_owned(), place, also, missing: None, owner: owner(entity) })
    }
}
