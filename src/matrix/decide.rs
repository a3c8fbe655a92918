//! What decides a state, as places with words.

use std::collections::BTreeMap;

use super::{Cell, Place};
use crate::model::{Entity, FieldId, Override};
use crate::resolve::{Candidate, Decider, Effective, Outcome, Property, Resolved, SettingLink, State};
use crate::source::Span;

/// The places met so far.
#[derive(Default)]
pub(super) struct Notebook {
    pub(super) places: Vec<Place>,
    known: BTreeMap<(Span, String), usize>,
}

impl Notebook {
    /// The cell of a purpose at an atom.
    pub(super) fn cell(&mut self, effective: &Effective<'_>, purpose: usize, atom: usize) -> Cell {
        let Some(state) = effective.state(purpose, atom) else {
            return Cell { state: State::Unknown, ambiguous: false, decided: Vec::new() };
        };
        let at = At { effective, purpose, atom };
        let mut places: Vec<Place> = state.deciders.iter().flat_map(|decider| at.places(*decider)).collect();
        let ties = effective.ties(purpose, atom);
        places.extend(ties.iter().flat_map(|(resolved, field)| property_places(resolved, *field, atom)));
        let mut decided: Vec<usize> = Vec::new();
        for place in places {
            let index = self.index(place);
            if !decided.contains(&index) {
                decided.push(index);
            }
        }
        Cell { state: state.state, ambiguous: !ties.is_empty(), decided }
    }

    fn index(&mut self, place: Place) -> usize {
        *self.known.entry((place.span, place.says.clone())).or_insert_with(|| {
            self.places.push(place);
            self.places.len() - 1
        })
    }
}

/// One purpose at one atom.
struct At<'a, 'w> {
    effective: &'a Effective<'w>,
    purpose: usize,
    atom: usize,
}

impl<'a, 'w> At<'a, 'w> {
    fn places(&self, decider: Decider) -> Vec<Place> {
        let Some(purpose) = self.effective.purposes.get(self.purpose) else { return Vec::new() };
        let entity = purpose.resolved.entity;
        let one = |span: Span, says: &str| vec![Place { span, says: says.to_owned() }];
        match decider {
            Decider::Purpose(field) => property_places(&purpose.resolved, field, self.atom),
            Decider::Setting(field) => match self.effective.setting(self.purpose) {
                Some(setting) => property_places(setting, field, self.atom),
                None => Vec::new(),
            },
            Decider::SettingKey => match purpose.setting {
                SettingLink::Nothing(span) => one(span, "setting: none"),
                SettingLink::Unknown(span) => one(span, "names a setting that is not there or cannot be read"),
                _ => Vec::new(),
            },
            Decider::Necessity => {
                let place = entity.named("necessity").map_or(entity.place, |field| field.value.span);
                one(place, "necessity: core, and no setting is named")
            }
            Decider::NoSetting => one(entity.place, &format!("purpose `{}` names no setting", entity.id)),
        }
    }
}

fn winners<'p, 'w>(property: &'p Property<'w>, at: &'p [u16]) -> impl Iterator<Item = &'p Candidate<'w>> {
    at.iter().filter_map(|at| property.candidates.get(usize::from(*at)))
}

/// Where the value of a property at an atom stands. Several places where they agree, or tie.
fn property_places(resolved: &Resolved<'_>, field: FieldId, atom: usize) -> Vec<Place> {
    let entity = resolved.entity;
    let nowhere = || vec![Place { span: entity.place, says: nothing(entity, field) }];
    let property = resolved.properties.get(&field);
    let Some((property, variant)) = property.and_then(|property| Some((property, property.at(atom)?))) else {
        return nowhere();
    };
    let found: Vec<Place> = match variant.outcome {
        Outcome::Undeclared => return nowhere(),
        Outcome::Unknown(at) => winners(property, &[at]).map(|candidate| place(candidate, entity, field)).collect(),
        Outcome::Value(_) | Outcome::Ambiguous => {
            winners(property, &variant.winners).map(|candidate| place(candidate, entity, field)).collect()
        }
    };
    if found.is_empty() { nowhere() } else { found }
}

fn nothing(entity: &Entity, field: FieldId) -> String {
    format!("{} `{}` has no `{}` for them", entity.kind.noun(), entity.id, field.name())
}

fn place(candidate: &Candidate<'_>, entity: &Entity, field: FieldId) -> Place {
    let name = field.name();
    let over = candidate.over.and_then(|at| entity.overrides.get(at));
    let whom = over.map(|over| format!(" (override for {})", Override::whom(over))).unwrap_or_default();
    match (candidate.unknown, candidate.value) {
        (Some(span), _) => Place { span, says: format!("cannot be read, and `{name}` hangs on it{whom}") },
        (None, Some(value)) => Place { span: value.value.span, says: format!("{name}: {}{whom}", value.value.value) },
        (None, None) => Place { span: entity.place, says: format!("{name} is true unless something else is said") },
    }
}
