//! What a name of a declaration stands for: a place, a key of a vocabulary, an organisation, a notice, a plan.

use super::{Block, Card, Piece, flat, quoted, some};
use crate::model::{Entity, EntityKind, Selector, Service, Terms};
use crate::space::{Atlas, Date, Folder, TerritorySet, WORLD};
use crate::vocabulary::{Vocabulary, within};

/// Most members of a group.
const MEMBERS: usize = 40;

/// Most days on which a group has changed.
const CHANGES: usize = 6;

/// Most keys below another.
const BELOW: usize = 12;

/// A place or group, with what of it a service reaches; the set is that of the service.
pub fn region(atlas: &Atlas, date: Date, name: &str, services: &[(&str, TerritorySet)]) -> Option<Card> {
    let set = atlas.lookup(name, date).ok()?;
    let is_place = atlas.leaf(name).is_some();
    let title = atlas.title(name).unwrap_or(if name == WORLD { "Everywhere" } else { name });
    let mut card = Card::new(title, format!("{} {}", if is_place { "place" } else { "group" }, quoted(name)));
    if !is_place {
        let count = if set.len() == 1 { "1 place".to_owned() } else { format!("{} places", set.len()) };
        let parts = Folder::new(atlas, set, date).parts(set);
        card.text(format!("{count} on {date}: {}", some(parts, MEMBERS)));
        let changes = atlas.changes(name);
        let skipped = changes.len().saturating_sub(CHANGES);
        for day in changes.into_iter().skip(skipped) {
            let on = |day: Date| atlas.lookup(name, day).unwrap_or_default();
            let (before, after) = (on(day.plus(-1)), on(day));
            let codes = |set: TerritorySet| some(set.iter().map(|leaf| atlas.code(leaf).to_owned()), BELOW);
            let parts = [("with", after.minus(before)), ("without", before.minus(after))];
            let parts = parts.into_iter().filter(|(_, set)| !set.is_empty());
            let parts: Vec<String> = parts.map(|(word, set)| format!("{word} {}", codes(set))).collect();
            if !parts.is_empty() {
                card.item(
                    format!("since {day} {}", parts.join(", "))
                        .replace("since", if day > date { "from" } else { "since" }),
                );
            }
        }
    }
    for (service, served) in services {
        let reached = set.and(*served);
        let folder = Folder::new(atlas, *served, date);
        card.text(match (reached.is_empty(), reached == set) {
            (true, _) => format!("{} is not offered there.", quoted(service)),
            (_, true) if is_place => format!("{} is offered there.", quoted(service)),
            (_, true) => format!("{} is offered in all of it.", quoted(service)),
            _ => format!("{} is offered in part of it: {}.", quoted(service), folder.text(reached)),
        });
    }
    Some(card)
}

/// A key of a vocabulary, with what lies above and below it.
pub fn term(vocabulary: &Vocabulary, terms: Terms, key: &str) -> Option<Card> {
    let term = vocabulary.get(terms, key)?;
    let noun = terms.noun().split_once(' ').map_or("", |(_, noun)| noun);
    let mut card = Card::new(&term.title, format!("{noun} {}", quoted(key)));
    let named = |key: &str| {
        let title = vocabulary.get(terms, key).map_or("", |term| &term.title);
        format!("{}: {title}", quoted(key))
    };
    let mut above = key;
    while let Some((parent, _)) = above.rsplit_once('.') {
        if vocabulary.get(terms, parent).is_some() {
            card.item(format!("a kind of {}", named(parent)));
        }
        above = parent;
    }
    let below: Vec<&str> = vocabulary.keys(terms).filter(|other| *other != key && within(other, key)).collect();
    if !below.is_empty() {
        card.text(format!("Below it: {}", some(below.into_iter().map(quoted), BELOW)));
    }
    Some(card)
}

/// An organisation or notice: what is declared of it.
pub fn entity(entity: &Entity) -> Card {
    let mut card = Card::new(entity.title(), format!("{} {}", entity.kind.noun(), quoted(&entity.id)));
    let title = if entity.kind == EntityKind::Organisation { "name" } else { "title" };
    for field in entity.fields.entries.iter().filter(|field| field.field.name() != title) {
        let value = field.value.value.to_string();
        let name = field.field.name();
        if name == "url" {
            card.blocks.push(Block::Item(vec![Piece::Text(format!("{name}:")), Piece::Page(value)]));
        } else {
            card.item(format!("{name}: {}", flat(&value)));
        }
    }
    let Selector { regions, ages, .. } = &entity.selector;
    if let Some(regions) = regions {
        card.item(format!("regions: {}", some(regions.items.iter().map(|item| item.value.to_string()), MEMBERS)));
    }
    if let Some(ages) = ages {
        let ages =
            ages.items.iter().map(|item| item.value.map_or("(cannot be read)".to_owned(), |ages| ages.to_string()));
        card.item(format!("ages: {}", some(ages, MEMBERS)));
    }
    card.blocks.push(Block::Text(vec![Piece::Text("Declared at".to_owned()), Piece::Place(entity.place)]));
    card
}

/// A plan of a service.
pub fn plan(service: &Service, plan: &str) -> Option<Card> {
    service.plans.iter().find(|known| *known == plan)?;
    let title = service.title();
    let mut card = Card::new(plan, format!("plan of {title}"));
    card.text(format!("All its plans: {}", some(service.plans.iter().map(|plan| quoted(plan)), BELOW)));
    Some(card)
}
