//! What a place in the text of a declaration means, by the table of fields.

use super::fields::{EntityKind, FieldId, Record, Type};
use crate::source::Span;
use crate::syntax::{Step, Way};
use crate::vocabulary::Terms;

/// What is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant<'t> {
    /// An entity, by its own key or by a reference to it.
    Entity(EntityKind, &'t str),
    /// A territory or group.
    Region(&'t str),
    /// A key of a vocabulary.
    Term(Terms, &'t str),
    /// A plan.
    Plan(&'t str),
    /// A key, with the keys on the way to it as the schema has them: without ids and without items of lists.
    Key(Vec<&'t str>),
}

/// What the values at some place are.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Document,
    Entities(EntityKind),
    Record(Record),
    Overrides(Record),
    Override(Record),
    Field(FieldId, Type),
    Regions,
    Plans,
    /// Nothing that has a name.
    Plain,
}

/// The fields that decide on the default of a purpose: their values stand for what they decide.
const DECIDING: [&str; 4] = ["default", "until_answer", "on_dismiss", "carried_out"];

/// What stands at the end of a way, and where.
pub fn meant<'t>(way: &Way<'t>) -> Option<(Meant<'t>, Span)> {
    let mut holds = Holds::Document;
    let mut keys: Vec<&'t str> = Vec::new();
    let mut owner: Option<(EntityKind, &'t str)> = None;
    let last = way.steps.len().checked_sub(1)?;
    for (at, step) in way.steps.iter().enumerate() {
        let Step::Entry(entry) = step else {
            holds = item(holds);
            continue;
        };
        let name = entry.name()?;
        let is_key = at == last && way.on_key;
        if let Holds::Entities(kind) = holds {
            owner = Some((kind, name));
            if is_key {
                return Some((Meant::Entity(kind, name), entry.key.span()));
            }
        } else {
            keys.push(name);
            if is_key {
                return Some((Meant::Key(keys), entry.key.span()));
            }
        }
        holds = entry_of(holds, name);
    }
    let node = way.scalar()?;
    let text = node.text()?;
    let meant = match holds {
        Holds::Regions => Meant::Region(text),
        Holds::Plans => Meant::Plan(text),
        Holds::Field(field, ty) => of_field(field, ty, text, owner, keys)?,
        _ => return None,
    };
    Some((meant, node.span()))
}

fn of_field<'t>(
    field: FieldId,
    ty: Type,
    text: &'t str,
    owner: Option<(EntityKind, &'t str)>,
    keys: Vec<&'t str>,
) -> Option<Meant<'t>> {
    let ty = match ty {
        // one word may stand for a list of one
        Type::List(of) => *of,
        ty => ty,
    };
    match ty {
        _ if DECIDING.contains(&field.name()) => owner.map(|(kind, id)| Meant::Entity(kind, id)),
        Type::Ref(kind) => Some(Meant::Entity(kind, text)),
        Type::Setting if text != "none" => Some(Meant::Entity(EntityKind::Setting, text)),
        Type::Term(terms) => Some(Meant::Term(terms, text)),
        Type::Territory => Some(Meant::Region(text)),
        Type::Enum(_) | Type::Bool | Type::Setting => Some(Meant::Key(keys)),
        _ => None,
    }
}

fn item(holds: Holds) -> Holds {
    match holds {
        Holds::Overrides(record) => Holds::Override(record),
        Holds::Field(_, Type::List(Type::Record(record))) => Holds::Record(*record),
        Holds::Field(field, Type::List(of)) => Holds::Field(field, *of),
        Holds::Regions | Holds::Plans => holds,
        _ => Holds::Plain,
    }
}

fn entry_of(holds: Holds, name: &str) -> Holds {
    match holds {
        Holds::Document => match name {
            "organisations" => Holds::Entities(EntityKind::Organisation),
            "notices" => Holds::Entities(EntityKind::Notice),
            "settings" => Holds::Entities(EntityKind::Setting),
            "purposes" => Holds::Entities(EntityKind::Purpose),
            "regions" => Holds::Regions,
            "plans" => Holds::Plans,
            _ => field(Record::Service, name),
        },
        Holds::Entities(kind) => Holds::Record(kind.record()),
        Holds::Record(record @ (Record::Purpose | Record::Setting)) if name == "overrides" => Holds::Overrides(record),
        Holds::Override(_) | Holds::Record(Record::Notice) if name == "regions" => Holds::Regions,
        Holds::Override(_) if name == "plans" => Holds::Plans,
        Holds::Record(record) | Holds::Override(record) | Holds::Field(_, Type::Record(record)) => field(record, name),
        Holds::Field(_, Type::Setting) => entry_of(Holds::Record(Record::Setting), name),
        Holds::Field(_, Type::List(Type::Record(record))) => field(*record, name),
        _ => Holds::Plain,
    }
}

fn field(record: Record, name: &str) -> Holds {
    let found = FieldId::find(record, name).filter(|field| !field.get().derived);
    found.map_or(Holds::Plain, |field| Holds::Field(field, field.get().ty))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, what cannot be is a failing test")]

    use super::*;
    use crate::source::SourceMap;
    use crate::syntax::{Limits, parse};

    const TEXT: &str = "\
service: s
regions: [EU, FR]
plans: [free]
organisations:
  acme: {name: Acme, country: US, role: processor}
notices:
  n: {title: N, regions: [DE], covers: [p], published: 2024-01-01}
settings:
  s1:
    default: off
    overrides:
      - {regions: [GB], plans: paid, default: on}
purposes:
  p:
    use: train_ai_system
    setting: s1
    recipients: [acme]
    data: [{category: user.content}]
    subjects: customer
    retention: {until: done}
  q:
    setting: {until_answer: on, opt_out: {effect: future_only}}
  r: {setting: none}
";

    #[test]
    fn every_name_means_something() {
        use EntityKind::{Notice, Organisation, Purpose, Setting};
        for (at, expected) in [
            ("EU", Some(Meant::Region("EU"))),
            ("free", Some(Meant::Plan("free"))),
            ("acme:", Some(Meant::Entity(Organisation, "acme"))),
            ("Acme", None),
            ("US", Some(Meant::Region("US"))),
            ("processor", Some(Meant::Key(vec!["organisations", "role"]))),
            ("n:", Some(Meant::Entity(Notice, "n"))),
            ("DE]", Some(Meant::Region("DE"))),
            ("p]", Some(Meant::Entity(Purpose, "p"))),
            ("2024", None),
            ("s1:", Some(Meant::Entity(Setting, "s1"))),
            ("off", Some(Meant::Entity(Setting, "s1"))),
            ("GB", Some(Meant::Region("GB"))),
            ("paid", Some(Meant::Plan("paid"))),
            ("on}", Some(Meant::Entity(Setting, "s1"))),
            ("p:\n", Some(Meant::Entity(Purpose, "p"))),
            ("train", Some(Meant::Term(Terms::Use, "train_ai_system"))),
            ("s1\n", Some(Meant::Entity(Setting, "s1"))),
            ("acme]", Some(Meant::Entity(Organisation, "acme"))),
            ("user.", Some(Meant::Term(Terms::Data, "user.content"))),
            ("customer", Some(Meant::Term(Terms::Subject, "customer"))),
            ("until: done", Some(Meant::Key(vec!["purposes", "retention", "until"]))),
            ("done", None),
            ("on,", Some(Meant::Entity(Purpose, "q"))),
            ("effect", Some(Meant::Key(vec!["purposes", "setting", "opt_out", "effect"]))),
            ("future", Some(Meant::Key(vec!["purposes", "setting", "opt_out", "effect"]))),
            ("none", Some(Meant::Key(vec!["purposes", "setting"]))),
            ("overrides", Some(Meant::Key(vec!["settings", "overrides"]))),
        ] {
            let mut sources = SourceMap::new();
            let file = sources.add("a.yaml", TEXT);
            let (tree, _) = parse(&sources, file, &Limits::default());
            let way = tree.at(TEXT.find(at).unwrap()).unwrap();
            assert_eq!(meant(&way).map(|(meant, _)| meant), expected, "{at}");
        }
    }
}
