//! The two sides of a change: the facts of the cell, and those of the same people in the revision before.

use super::{Ans, CellFacts, Lack, Object, inapplicable, known, text};
use crate::diagnostic::Label;
use crate::evaluate::reads::{Also, Read, Words};
use crate::model::FieldId;
use crate::policy::condition::{Answer, Facts, Gap, ReadId, Root, Value};

impl<'w> CellFacts<'_, 'w> {
    /// A field of `before` or `after`.
    pub(super) fn side_field(&self, is_before: bool, field: FieldId) -> Ans<'w> {
        if !is_before {
            return self.side(field);
        }
        let had_purpose = self.before.as_ref().is_some_and(|before| before.purpose_at(before.purpose).is_some());
        match (&self.before, field.name()) {
            (Some(before), "service") => self.adopt(before, before.side(field)),
            (Some(before), _) if had_purpose => self.adopt(before, before.side(field)),
            // who is not there is in the same position as where nothing is done
            (_, "state") => text("absent", Vec::new()),
            _ => inapplicable(),
        }
    }

    /// Whether `before` lacks something: a purpose that is new was not there, and had no setting and no recipients; people who
    /// are new had no service.
    pub(super) fn has_side(&self, is_before: bool, field: FieldId) -> Option<Ans<'w>> {
        let has = match (&self.before, field.name()) {
            (_, "state") => true,
            (None, _) => false,
            (Some(_), "service") => true,
            (Some(before), _) => before.purpose_at(before.purpose).is_some(),
        };
        (is_before && !has).then(|| {
            let read = self.purpose_at(self.purpose).map(|purpose| {
                let path = self.say(|| format!("before.{}", field.name()));
                let owner = self.owner(purpose.resolved.entity);
                self.absent(path, purpose.resolved.entity.place, field.name(), owner, Lack::Undeclared)
            });
            known(Value::Bool(false), read.into_iter().collect())
        })
    }

    fn side(&self, field: FieldId) -> Ans<'w> {
        let root = match field.name() {
            "purpose" => Root::Purpose,
            "setting" => Root::Setting,
            "state" => Root::State,
            "service" => Root::Service,
            "notices" => Root::Notices,
            "recipients" => Root::Recipients,
            _ => return inapplicable(),
        };
        self.root(root)
    }

    /// A field of a record of the revision before.
    pub(super) fn earlier_field(&self, object: &Object<'w>, field: FieldId) -> Ans<'w> {
        match &self.before {
            Some(before) => self.adopt(before, before.field(object, field)),
            None => inapplicable(),
        }
    }

    /// What a record of the revision before is called.
    pub(super) fn earlier_name(&self, object: &Object<'w>) -> String {
        self.before.as_ref().map(|before| before.name_of(object)).unwrap_or_default()
    }

    /// An answer of the revision before as one of this evaluation: its reads are told apart from those of today.
    fn adopt(&self, before: &CellFacts<'_, 'w>, answer: Ans<'w>) -> Ans<'w> {
        let ids = |reads: &[ReadId]| -> Vec<ReadId> {
            // what is said without words says by itself whether something is missing
            if !self.telling {
                return reads.to_vec();
            }
            reads.iter().filter_map(|read| Some(self.log.push(self.earlier(before, before.log.get(*read)?)))).collect()
        };
        let value = match answer.value {
            Ok(Value::Object(object)) => Ok(Value::Object(Object::Earlier(Box::new(object)))),
            Ok(Value::List(items)) => {
                Ok(Value::List(items.iter().map(|item| self.adopt(before, item.clone())).collect()))
            }
            Err(Gap::Undetermined(missing)) => Err(Gap::Undetermined(ids(&missing))),
            other => other,
        };
        Answer { value, witnesses: ids(&answer.witnesses) }
    }

    /// The purpose as it is now, for what is decided by what it was.
    pub(in crate::evaluate) fn purpose_now(&self) -> Option<Read> {
        let entity = self.purpose_at(self.purpose)?.resolved.entity;
        let place = Label::new(entity.place, self.owner(entity));
        Some(Read { path: "purpose.id".to_owned(), place, also: Vec::new(), missing: None, owner: self.owner(entity) })
    }

    fn earlier(&self, before: &CellFacts<'_, 'w>, read: Read) -> Read {
        if !self.telling {
            return read;
        }
        let said = |label: &Label| Label::new(label.span, format!("before: {}", label.text));
        let words = Words::default();
        let also = read.also.iter().map(|also| also.labels(before.effective, &words));
        let mut also: Vec<Also> =
            also.flat_map(|labels| labels.iter().map(|label| Also::Here(said(label))).collect::<Vec<_>>()).collect();
        let mut place = said(&read.place);
        // what was not said cannot be added there any longer, so what is said of it stands at what there is now
        if let Some(now) = self.purpose_at(self.purpose).filter(|_| read.missing.is_some()) {
            let now = Label::new(now.resolved.entity.place, place.text.clone());
            also.insert(0, Also::Here(std::mem::replace(&mut place, now)));
        }
        Read {
            path: format!("before.{}", read.path),
            also,
            place,
            owner: format!("{} in the revision before", read.owner),
            ..read
        }
    }
}
