//! Tables as facts: for the place of the cell, and for a place that a fact names.

use super::{Ans, CellFacts, Lack, Object, inapplicable, known, missing, text};
use crate::diagnostic::Label;
use crate::evaluate::reads::Read;
use crate::policy::ParamValue;
use crate::policy::condition::{Number, ReadId, Value};
use crate::source::Span;

impl<'w> CellFacts<'_, 'w> {
    /// The value for the territories of the atom, which the table itself cuts.
    pub(super) fn table_here(&self, name: &str) -> Ans<'w> {
        let here = self.effective.atoms.get(self.atom);
        let value = self
            .library
            .tables
            .get(name)
            .zip(here)
            .and_then(|(table, atom)| table.get(self.atlas, atom.territories, self.date));
        match (value, self.purpose_at(self.purpose)) {
            (Some(value), _) => known(param_value(value), Vec::new()),
            (None, Some(purpose)) => {
                self.no_value(format!("the table `{name}` for this territory"), purpose.resolved.entity.place)
            }
            (None, None) => inapplicable(),
        }
    }

    /// The value for a place that was read. A country that is cut into states has one where all of them have the same.
    pub(super) fn table_elsewhere(&self, name: &str, place: &str, reads: &[ReadId]) -> Ans<'w> {
        let day = self.date;
        let table = self.library.tables.get(name).zip(self.atlas.lookup(place, day).ok());
        if let Some(value) = table.and_then(|(table, leaves)| table.get_for_all(self.atlas, leaves, day)) {
            return known(param_value(value), reads.to_vec());
        }
        let here = reads.iter().find_map(|read| self.log.get(*read)).map(|read| read.place.span);
        match here.or_else(|| Some(self.purpose_at(self.purpose)?.resolved.entity.place)) {
            Some(span) => self.no_value(format!("the table `{name}` for `{place}`"), span),
            None => inapplicable(),
        }
    }

    fn no_value(&self, path: String, place: Span) -> Ans<'w> {
        missing(self.note(Some(Lack::Uncovered), || {
            let (place, owner) = (Label::new(place, String::new()), "the pack".to_owned());
            Read { path, place, also: Vec::new(), missing: None, owner }
        }))
    }
}

pub(super) fn param_value<'w>(value: &ParamValue) -> Value<Object<'w>> {
    match value {
        ParamValue::Bool(value) => Value::Bool(*value),
        ParamValue::Int(value) => Value::Int(Number { least: Some(*value), most: Some(*value) }),
        ParamValue::Double(value) => Value::Double(*value),
        ParamValue::Text(value) => Value::Text(value.as_str().into()),
        ParamValue::Texts(values) => {
            Value::List(values.iter().map(|value| text(value, Vec::new())).collect::<Vec<_>>().into())
        }
    }
}
