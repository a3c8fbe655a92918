//! The outline of a declaration: service, kind, entity, overrides.

use std::collections::BTreeMap;

use gen_lsp_types::SymbolKind;

use super::super::alone::Alone;
use super::{Symbol, kind};
use crate::model::{Declaration, Entity, EntityKind, FieldValue, NameKind, Override, SettingRef};
use crate::syntax::{Entry, NodeRef};

/// What is declared, by the byte where it begins: the model has words for it, the tree its whole extent.
#[derive(Default)]
struct Declared<'d> {
    services: BTreeMap<u32, &'d Declaration>,
    entities: BTreeMap<u32, &'d Entity>,
    overrides: BTreeMap<u32, &'d Override>,
}

/// A symbol for each document.
pub(super) fn outline(alone: &Alone<'_>) -> Vec<Symbol> {
    let Some(here) = alone.here else { return Vec::new() };
    let mut declared = Declared::default();
    for declaration in here.sound.documents().filter(|declaration| declaration.file == here.file) {
        declared.services.insert(declaration.place.start, declaration);
        for entity in &declaration.entities {
            declared.entities.insert(entity.place.start, entity);
            let inline = match &entity.setting {
                Some((_, SettingRef::Inline(setting))) => setting.overrides.as_slice(),
                _ => &[],
            };
            let overrides = entity.overrides.iter().chain(inline);
            declared.overrides.extend(overrides.map(|over| (over.place.start, over)));
        }
    }
    let roots = alone.tree.documents().iter().filter_map(|document| alone.tree.root(document));
    roots.filter_map(|root| declared.document(root)).collect()
}

impl Declared<'_> {
    fn document(&self, root: NodeRef<'_>) -> Option<Symbol> {
        let first = root.entries().next()?.key.span();
        let declaration = self.services.get(&first.start)?;
        let service = root.get("service").map(|entry| entry.value).filter(|value| value.via().is_none());
        let place = service.map_or(first, |value| value.span());
        let title = declaration.fields.text("title").filter(|title| !title.trim().is_empty()).map(str::to_owned);
        let name = declaration.service.as_ref().map_or("shared", |service| &*service.value).to_owned();
        let children = root.entries().filter(stands_here).filter_map(|entry| self.map(entry)).collect();
        Some(Symbol { name, detail: title, kind: SymbolKind::Module, whole: root.span(), place, children })
    }

    /// `purposes`, with what is below.
    fn map(&self, entry: Entry<'_>) -> Option<Symbol> {
        let of = EntityKind::ALL.into_iter().find(|kind| entry.name() == Some(kind.key()))?;
        let entities = entry.value.entries().filter(stands_here);
        let children: Vec<Symbol> = entities.filter_map(|entry| self.entity(of, entry)).collect();
        (!children.is_empty()).then(|| symbol(of.key(), SymbolKind::Namespace, entry, children))
    }

    fn entity(&self, of: EntityKind, entry: Entry<'_>) -> Option<Symbol> {
        let id = entry.name().filter(|id| !id.is_empty())?;
        let below = |entry: Entry<'_>| match entry.name() {
            Some("overrides") => self.overrides(entry.value),
            Some("setting") if entry.value.is_mapping() => {
                let children = entry.value.get("overrides").filter(stands_here);
                let children = children.map(|overrides| self.overrides(overrides.value)).unwrap_or_default();
                vec![symbol("setting", kind(NameKind::Entity(EntityKind::Setting)), entry, children)]
            }
            _ => Vec::new(),
        };
        let children = entry.value.entries().filter(stands_here).flat_map(below).collect();
        let title = self.entities.get(&entry.key.span().start).map(|entity| entity.title());
        let detail = title.filter(|title| *title != id).map(str::to_owned);
        Some(Symbol { detail, ..symbol(id, kind(NameKind::Entity(of)), entry, children) })
    }

    fn overrides(&self, list: NodeRef<'_>) -> Vec<Symbol> {
        let overrides = list.items().filter(|item| item.via().is_none()).filter_map(|item| {
            let place = item.entries().find(stands_here)?.key.span();
            let over = self.overrides.get(&place.start)?;
            let set = |entry: &FieldValue| format!("{}: {}", entry.field.name(), entry.value.value);
            let detail = over.fields.entries.iter().map(set).collect::<Vec<_>>().join(", ");
            let (name, detail) = (over.whom(), (!detail.is_empty()).then_some(detail));
            Some(Symbol { name, detail, kind: SymbolKind::Field, whole: item.span(), place, children: Vec::new() })
        });
        overrides.collect()
    }
}

/// Whether an entry is written where it is read, not behind an alias.
fn stands_here(entry: &Entry<'_>) -> bool {
    entry.key.via().is_none() && entry.value.via().is_none()
}

fn symbol(name: &str, kind: SymbolKind, entry: Entry<'_>, children: Vec<Symbol>) -> Symbol {
    let (whole, place) = (entry.span(), entry.key.span());
    Symbol { name: name.to_owned(), detail: None, kind, whole, place, children }
}
