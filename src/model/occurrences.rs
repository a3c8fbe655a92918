//! Where ids stand: the places that declare one and the places that refer to one. What checks references and what finds them
//! for people walk the same way, along the table of fields.

use super::declaration::{Declaration, Entity, Items, SettingRef};
use super::fields::{EntityKind, Type};
use super::value::{FieldValue, Fields, Value};
use crate::source::Span;

/// A kind of thing with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// A service.
    Service,
    /// A plan of a service.
    Plan,
    /// An entry of one of the maps.
    Entity(EntityKind),
}

impl NameKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Service,
        Self::Plan,
        Self::Entity(EntityKind::Organisation),
        Self::Entity(EntityKind::Notice),
        Self::Entity(EntityKind::Setting),
        Self::Entity(EntityKind::Purpose),
    ];

    /// The word for people: `organisation`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Plan => "plan",
            Self::Entity(kind) => kind.noun(),
        }
    }
}

/// A place that refers to an entity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reference<'d> {
    pub(super) kind: EntityKind,
    pub(super) id: &'d str,
    pub(super) span: Span,
    pub(super) via: Option<Span>,
    /// Whether the text has to be an id; otherwise it may be a name of something that is not declared.
    pub(super) must_exist: bool,
}

/// A place in a declaration where an id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence<'d> {
    /// Of what.
    pub kind: NameKind,
    /// The id.
    pub id: &'d str,
    /// The id, with its quotes; behind an alias, the place of the anchor.
    pub span: Span,
    /// The alias or merge through which it came, if any.
    pub via: Option<Span>,
    /// Whether the thing is declared here.
    pub declares: bool,
    /// The service of the document, `None` for a shared one.
    pub service: Option<&'d str>,
}

/// Calls `visit` for every reference of an entity.
pub(super) fn references<'d>(entity: &'d Entity, visit: &mut dyn FnMut(Reference<'d>)) {
    references_in(&entity.fields, visit);
    entity.overrides.iter().for_each(|over| references_in(&over.fields, visit));
    match &entity.setting {
        Some((_, SettingRef::Id(id))) => {
            let (kind, must_exist) = (EntityKind::Setting, true);
            visit(Reference { kind, id: &id.value, span: id.span, via: id.via, must_exist });
        }
        Some((_, SettingRef::Inline(setting))) => references(setting, visit),
        _ => {}
    }
}

/// Calls `visit` for every reference of a mapping.
pub(super) fn references_in<'d>(fields: &'d Fields, visit: &mut dyn FnMut(Reference<'d>)) {
    fields.walk(&mut |entry: &'d FieldValue| {
        let (ty, value) = (entry.field.get().ty, &entry.value);
        let (ty, items) = match (ty, &value.value) {
            (Type::List(ty), Value::List(items)) => (*ty, items.as_slice()),
            (ty, _) => (ty, std::slice::from_ref(value)),
        };
        let (kind, must_exist) = match ty {
            Type::Ref(kind) => (kind, true),
            Type::Mention(kind) => (kind, false),
            _ => return,
        };
        for item in items {
            if let Value::Text(id) = &item.value {
                visit(Reference { kind, id, span: item.span, via: item.via, must_exist });
            }
        }
    });
}

/// Calls `visit` for every place of a declaration where an id stands.
pub fn occurrences<'d>(declaration: &'d Declaration, visit: &mut dyn FnMut(Occurrence<'d>)) {
    let service = declaration.service.as_ref().map(|service| &*service.value);
    if let Some(id) = &declaration.service {
        let kind = NameKind::Service;
        visit(Occurrence { kind, id: &id.value, span: id.span, via: id.via, declares: true, service });
    }
    let refer = |it: Reference<'d>, visit: &mut dyn FnMut(Occurrence<'d>)| {
        let kind = NameKind::Entity(it.kind);
        visit(Occurrence { kind, id: it.id, span: it.span, via: it.via, declares: false, service });
    };
    let plans = |items: Option<&'d Items<Box<str>>>, declares: bool, visit: &mut dyn FnMut(Occurrence<'d>)| {
        for plan in items.into_iter().flat_map(|items| &items.items) {
            let kind = NameKind::Plan;
            visit(Occurrence { kind, id: &plan.value, span: plan.span, via: plan.via, declares, service });
        }
    };
    plans(declaration.plans.as_ref(), true, visit);
    references_in(&declaration.fields, &mut |it| refer(it, visit));
    for entity in &declaration.entities {
        let kind = NameKind::Entity(entity.kind);
        visit(Occurrence { kind, id: &entity.id, span: entity.place, via: None, declares: true, service });
        references(entity, &mut |it| refer(it, visit));
        let inline = match &entity.setting {
            Some((_, SettingRef::Inline(setting))) => setting.overrides.as_slice(),
            _ => &[],
        };
        for over in entity.overrides.iter().chain(inline) {
            plans(over.selector.plans.as_ref(), false, visit);
        }
    }
}
