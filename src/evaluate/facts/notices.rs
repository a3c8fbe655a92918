//! The notices of a purpose: which there are, for whom, and whether they reach the cell.

use super::{Ans, CellFacts, Lack, Object, inapplicable, known, missing, text};
use crate::diagnostic::Label;
use crate::evaluate::reads::Read;
use crate::model::{Entity, FieldId, Record};
use crate::policy::condition::{Answer, Value};
use crate::resolve::{Outcome, Owner, PurposeAt, Tri};
use crate::suggest::join;

impl<'w> CellFacts<'_, 'w> {
    /// The notices of a purpose, as far as they reach this atom.
    pub(super) fn notices_of(&self, at: usize) -> Ans<'w> {
        let all = self.announced_by(at);
        let value = all.value.map(|value| match value {
            Value::List(items) => {
                Value::List(items.iter().cloned().filter_map(|item| self.if_reaching(item)).collect())
            }
            other => other,
        });
        Answer { value, ..all }
    }

    /// The notices that the purpose lists and those that say they cover it.
    pub(super) fn announced_by(&self, at: usize) -> Ans<'w> {
        let (Some(purpose), Some(field)) = (self.purpose_at(at), const { FieldId::find(Record::Purpose, "notices") })
        else {
            return inapplicable();
        };
        let listed = self.overridable(Owner::Purpose(at), field);
        let (mut items, witnesses) = match &listed.value {
            Ok(Value::List(items)) => (items.to_vec(), listed.witnesses.clone()),
            _ => (Vec::new(), Vec::new()),
        };
        let undeclared = purpose.resolved.properties.get(&field).and_then(|property| property.at(self.atom));
        let readable =
            undeclared.is_none_or(|variant| !matches!(variant.outcome, Outcome::Ambiguous | Outcome::Unknown(_)));
        let covering = self.covering(purpose, &items);
        if listed.value.is_err() && (!readable || covering.is_empty()) {
            return listed;
        }
        items.extend(covering);
        known(Value::List(items.into()), witnesses)
    }

    fn covering(&self, purpose: &PurposeAt<'_>, listed: &[Ans<'w>]) -> Vec<Ans<'w>> {
        let mut out = Vec::new();
        for notice in &self.effective.notices {
            let Some(covers) = notice.entity.named("covers").and_then(|covers| covers.value.value.as_list()) else {
                continue;
            };
            let already = |item: &Ans<'w>| matches!(&item.value, Ok(Value::Object(Object::Entity(e))) if std::ptr::eq(*e, notice.entity));
            let named = covers.iter().find(|item| item.value.as_text() == Some(&purpose.resolved.entity.id));
            if let Some(item) = named.filter(|_| !listed.iter().any(already)) {
                let read = self.note(None, || {
                    let place = Label::new(item.span, format!("notice `{}` covers it", notice.entity.id));
                    let (path, owner) = ("notices".to_owned(), self.owner(notice.entity));
                    Read { path, place, also: Vec::new(), missing: None, owner }
                });
                out.push(self.seen(Value::Object(Object::Entity(notice.entity)), read));
            }
        }
        out
    }

    /// For which places a notice says it is.
    pub(super) fn regions_of(&self, notice: &'w Entity) -> Ans<'w> {
        let Some(regions) = &notice.selector.regions else {
            let path = "notices.regions".to_owned();
            return missing(self.absent(path, notice.place, "regions", self.owner(notice), Lack::Undeclared));
        };
        let names = regions.items.iter().map(|item| &*item.value);
        let read = self.note(None, || {
            let names: Vec<String> = names.clone().map(str::to_owned).collect();
            let place = Label::new(regions.key, format!("for {}", join(&names)));
            let (path, owner) = ("notices.regions".to_owned(), self.owner(notice));
            Read { path, place, also: Vec::new(), missing: None, owner }
        });
        self.seen(Value::List(names.map(|name| text(name, Vec::new())).collect()), read)
    }

    /// Whether a notice is for the people of this atom; its regions are the witness where it names some.
    pub(super) fn reaches(&self, notice: &'w Entity) -> Ans<'w> {
        let found = self.effective.notices.iter().find(|known| std::ptr::eq(known.entity, notice));
        let witnesses = if self.telling { self.regions_of(notice).witnesses } else { Vec::new() };
        match found.and_then(|notice| notice.reaches.get(self.atom)) {
            Some(Tri::Yes) => known(Value::Bool(true), witnesses),
            Some(Tri::No) => known(Value::Bool(false), witnesses),
            Some(Tri::Unknown) | None => self.unreadable_regions(notice),
        }
    }

    /// Whether a notice is for this place, whatever the age of the people.
    pub(super) fn reaches_place(&self, notice: &'w Entity) -> Ans<'w> {
        let (Some(regions), Some(here)) = (&notice.selector.regions, self.effective.atoms.get(self.atom)) else {
            return known(Value::Bool(true), Vec::new());
        };
        let witnesses = if self.telling { self.regions_of(notice).witnesses } else { Vec::new() };
        let mut unreadable = false;
        for item in &regions.items {
            match self.atlas.lookup(&item.value, self.date) {
                Ok(set) if here.territories.is_within(set) => return known(Value::Bool(true), witnesses),
                Ok(_) => {}
                Err(_) => unreadable = true,
            }
        }
        if unreadable { self.unreadable_regions(notice) } else { known(Value::Bool(false), witnesses) }
    }

    /// That nobody can tell for which places a notice is.
    fn unreadable_regions(&self, notice: &'w Entity) -> Ans<'w> {
        let path = "notices.regions".to_owned();
        missing(self.absent(path, notice.place, "regions", self.owner(notice), Lack::Unreadable))
    }

    fn if_reaching(&self, item: Ans<'w>) -> Option<Ans<'w>> {
        let Ok(Value::Object(Object::Entity(entity))) = &item.value else { return Some(item) };
        let notice = self.effective.notices.iter().find(|notice| std::ptr::eq(notice.entity, *entity))?;
        match notice.reaches.get(self.atom)? {
            Tri::Yes => Some(item),
            Tri::No => None,
            Tri::Unknown => Some(self.unreadable_regions(entity)),
        }
    }
}
