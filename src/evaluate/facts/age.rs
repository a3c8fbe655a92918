//! How old the people of the atom are.

use super::{Ans, CellFacts, inapplicable, known};
use crate::model::FieldId;
use crate::policy::condition::{Number, Value};
use crate::space::ADULT;

impl<'w> CellFacts<'_, 'w> {
    /// The youngest or the oldest of the atom. Every comparison has cut the atoms, so that it is true for all of them or for none.
    pub(super) fn age_field(&self, field: FieldId) -> Ans<'w> {
        let Some(atom) = self.effective.atoms.get(self.atom) else { return inapplicable() };
        let year = if field.name() == "from" { atom.ages.iter().next() } else { atom.ages.iter().last() };
        match year {
            // 18 stands for everybody above as well
            Some(ADULT) => known(Value::Int(Number { least: Some(ADULT.into()), most: None }), Vec::new()),
            Some(year) => known(Value::Int(Number::exactly(i64::from(year))), Vec::new()),
            None => inapplicable(),
        }
    }
}
