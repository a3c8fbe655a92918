//! What a place in a declaration holds, by the table of fields.

use super::fields::{EntityKind, FieldId, Record, Type};
use crate::syntax::Part;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// A mapping of a record.
    Record(Record),
    /// A field.
    Field(Type),
    /// Entities by id.
    Entities(EntityKind),
    /// An override of a record, or the list of them.
    Override(Record),
    /// Places, or a list of them.
    Regions,
    /// Ranges of ages, or a list of them.
    Ages,
    /// Plans of the service, or a list of them.
    Plans,
    /// A day.
    Day,
}

impl Holds {
    /// What stands at a path from the root of a declaration; `None` where nothing is known of it.
    pub fn at(path: &[Part]) -> Option<Self> {
        path.iter().try_fold(Self::Record(Record::Service), |at, part| match part {
            Part::Key(key) => at.key(key),
            Part::Item(_) => at.item(),
        })
    }

    fn key(self, key: &str) -> Option<Self> {
        let entities = [EntityKind::Organisation, EntityKind::Notice, EntityKind::Setting, EntityKind::Purpose];
        match (self, key) {
            (Self::Record(Record::Service), "plans") => None,
            (Self::Record(Record::Service | Record::Notice) | Self::Override(_), "regions") => Some(Self::Regions),
            (Self::Record(Record::Service | Record::Notice) | Self::Override(_), "ages") => Some(Self::Ages),
            (Self::Override(_), "plans") => Some(Self::Plans),
            (Self::Override(_), "from" | "until") => Some(Self::Day),
            (Self::Record(record @ (Record::Setting | Record::Purpose)), "overrides") => Some(Self::Override(record)),
            (Self::Record(Record::Service), key) if entities.iter().any(|kind| kind.key() == key) => {
                entities.into_iter().find(|kind| kind.key() == key).map(Self::Entities)
            }
            (Self::Record(record) | Self::Override(record), key) => {
                let field = FieldId::find(record, key)?.get();
                (!field.derived).then(|| Self::of(field.ty))
            }
            (Self::Field(Type::Setting), key) => Self::Record(Record::Setting).key(key),
            (Self::Field(Type::Date), "before" | "after") => Some(Self::Day),
            (Self::Entities(kind), _) => Some(Self::Record(kind.record())),
            _ => None,
        }
    }

    fn item(self) -> Option<Self> {
        match self {
            Self::Field(Type::List(element)) => Some(Self::of(*element)),
            Self::Override(_) | Self::Regions | Self::Ages | Self::Plans => Some(self),
            _ => None,
        }
    }

    fn of(ty: Type) -> Self {
        match ty {
            Type::Record(record) => Self::Record(record),
            ty => Self::Field(ty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Terms;

    #[test]
    fn every_place_of_a_declaration_holds_what_the_table_says() {
        for (path, holds) in [
            ("regions 0", Some(Holds::Regions)),
            ("plans 0", None),
            ("organisations o country", Some(Holds::Field(Type::Territory))),
            ("purposes p use", Some(Holds::Field(Type::Term(Terms::Use)))),
            ("purposes p data 0 category", Some(Holds::Field(Type::Term(Terms::Data)))),
            ("purposes p recipients 2", Some(Holds::Field(Type::Ref(EntityKind::Organisation)))),
            ("purposes p overrides 0 recipients 0", Some(Holds::Field(Type::Ref(EntityKind::Organisation)))),
            ("purposes p setting", Some(Holds::Field(Type::Setting))),
            ("purposes p setting overrides 0 plans 0", Some(Holds::Plans)),
            ("settings s overrides 0 from", Some(Holds::Day)),
            ("settings s overrides 0 opt_out within", Some(Holds::Field(Type::Duration))),
            ("notices n covers 0", Some(Holds::Field(Type::Ref(EntityKind::Purpose)))),
            ("notices n published before", Some(Holds::Day)),
            ("commitments 0 scope recipients 0", Some(Holds::Field(Type::Ref(EntityKind::Organisation)))),
            ("purposes p state", None),
            ("purposes p nonsense", None),
        ] {
            let part = |part: &str| part.parse().map_or_else(|_| Part::Key(part.to_owned()), Part::Item);
            assert_eq!(Holds::at(&path.split(' ').map(part).collect::<Vec<_>>()), holds, "{path}");
        }
    }
}
