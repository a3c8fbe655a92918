//! A place in a declaration.

use super::super::held::Sound;
use super::super::here::Here;
use super::rule;
use crate::explain::card::{self, Asked, Card};
use crate::model::{Entity, EntityKind, Meant, Service, Workspace, meant};
use crate::resolve::served;
use crate::schema;
use crate::source::Span;
use crate::space::TerritorySet;
use crate::syntax::{NodeRef, Tree};

/// Most services that are named beside a place which all of them share.
const SERVICES: usize = 3;

/// What stands at a byte, and where it begins and ends.
pub(super) fn card(here: Here<'_>, offset: usize) -> Option<(Card, Span)> {
    let tree = here.tree();
    if let Some(found) = comment(here, &tree, offset) {
        return Some(found);
    }
    let root = root(&tree, offset)?;
    let way = tree.at(offset)?;
    let (meant, span) = meant(&way)?;
    let own = root.get("service").and_then(|entry| entry.value.text());
    let sound = here.sound;
    let library = &sound.engine.library;
    let card = match meant {
        Meant::Key(path) => {
            let name = path.last()?;
            // a setting in a purpose has the keys of any other
            let inline = path.strip_prefix(&["purposes", "setting"]).filter(|rest| !rest.is_empty());
            let of_setting = || schema::describe(&[&["settings"], inline?].concat());
            card::key(name, &schema::describe(&path).or_else(of_setting)?)
        }
        Meant::Term(terms, key) => card::term(&library.vocabulary, terms, key)?,
        Meant::Region(name) => {
            let declared = of(sound, own);
            let served = offered(sound, &declared);
            card::region(&library.atlas, sound.day(), name, &served)?
        }
        Meant::Plan(plan) => {
            let declared = of(sound, own);
            card::plan(declared.services().first()?, plan)?
        }
        Meant::Entity(kind, id) => {
            let declared = of(sound, own);
            entity(sound, &declared, own.is_none(), (kind, id))?
        }
    };
    Some((card, span))
}

/// What the service of a document declares; all services where it belongs to none.
fn of(sound: &Sound, service: Option<&str>) -> Workspace {
    service.map_or_else(|| sound.all_declared(), |service| sound.declared(service))
}

/// The root of the document that holds a byte.
fn root(tree: &Tree, offset: usize) -> Option<NodeRef<'_>> {
    let holds = |span: Span| span.start as usize <= offset && offset <= span.end as usize;
    tree.root(tree.documents().iter().rfind(|document| holds(document.span))?)
}

/// Where each service is offered; of many, nothing is said.
fn offered<'w>(sound: &Sound, declared: &'w Workspace) -> Vec<(&'w str, TerritorySet)> {
    let atlas = &sound.engine.library.atlas;
    let set = |service: &'w Service| (&*service.id, served(service, atlas, sound.day()));
    match declared.services() {
        services if services.len() <= SERVICES => services.iter().map(set).collect(),
        _ => Vec::new(),
    }
}

fn entity(sound: &Sound, declared: &Workspace, is_shared: bool, (kind, id): (EntityKind, &str)) -> Option<Card> {
    let services: Vec<&Service> = declared.services().iter().collect();
    let find = |service: &&Service| declared.find(service, kind, id).map(|(_, entity)| entity);
    let shared = declared.find_shared(kind, id);
    // where services share definitions, the shared one is meant, even if a service has another of that name
    let entity: &Entity = if is_shared {
        shared.or_else(|| services.iter().find_map(find))
    } else {
        services.iter().find_map(find).or(shared)
    }?;
    if matches!(kind, EntityKind::Organisation | EntityKind::Notice) {
        return Some(card::entity(entity));
    }
    let asked = Asked { workspace: declared, atlas: &sound.engine.library.atlas, date: sound.day() };
    // another service may have one of the same name
    let is_it =
        |service: &&Service| declared.find(service, kind, id).is_some_and(|(_, found)| found.place == entity.place);
    let services: Vec<&Service> = services.into_iter().filter(is_it).collect();
    let mut card = card::defaults(asked, &services, entity);
    if !sound.is_whole() {
        card.add("A declaration of this workspace could not be read, so there may be more to it.");
    }
    Some(card)
}

/// A comment that accepts findings, or a rule that it names.
fn comment(here: Here<'_>, tree: &Tree, offset: usize) -> Option<(Card, Span)> {
    let holds = |span: Span| span.start as usize <= offset && offset <= span.end as usize;
    let comment = tree.comments().iter().find(|comment| holds(comment.span))?;
    let ignore = here.sound.ignores(here.file).iter().find(|ignore| ignore.span == comment.span)?;
    if let Some(named) = ignore.rules.iter().find(|rule| holds(rule.span)) {
        return Some((rule(here.sound, here.file, &named.value)?, named.span));
    }
    let accepted: Vec<_> = here.sound.accepted(ignore.span).collect();
    let inside = |finding: &&crate::evaluate::Finding| {
        let at = finding.primary.span;
        at.start >= ignore.span.start && at.end <= ignore.span.end
    };
    let flagged: Vec<_> = here.sound.findings(here.file).iter().map(|finding| &**finding).filter(inside).collect();
    Some((card::ignore(ignore, &accepted, &flagged, here.sound.day()), ignore.span))
}
