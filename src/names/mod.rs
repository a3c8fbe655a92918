//! The ids of a workspace: what one means where it stands, all the places that mean it, and giving it another.

mod baseline;
mod outside;
mod rename;
mod unread;

use std::collections::BTreeSet;

pub use outside::{Mention, in_config};
pub use rename::{Refusal, Renaming};

use crate::model::{Declaration, EntityKind, Located, NameKind, Occurrence, occurrences};
use crate::source::{FileId, Span};

/// A thing with an id: two places mean the same where these are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name<'n> {
    /// What kind of thing.
    pub kind: NameKind,
    /// Its id.
    pub id: &'n str,
    /// The service that has it to itself; `None` for a service, and for what services share.
    pub service: Option<&'n str>,
}

/// A place where an id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The id, with its quotes.
    pub span: Span,
    /// Whether the thing is declared here.
    pub declares: bool,
}

/// Something that was searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'d> {
    /// What it is.
    pub name: Name<'d>,
    /// Its title, else its id.
    pub title: &'d str,
    /// Where it is declared.
    pub place: Span,
}

/// What declarations declare and refer to.
#[derive(Debug, Clone)]
pub struct Names<'d> {
    declarations: Vec<&'d Declaration>,
    /// In the order of their first documents.
    services: Vec<&'d str>,
}

impl<'d> Names<'d> {
    /// The ids of declarations, in the order of their files.
    pub fn of(declarations: impl IntoIterator<Item = &'d Declaration>) -> Self {
        let declarations: Vec<&Declaration> = declarations.into_iter().collect();
        let mut seen = BTreeSet::new();
        let services = declarations.iter().filter_map(|declaration| Some(&*declaration.service.as_ref()?.value));
        let services = services.filter(|service| seen.insert(*service)).collect();
        Self { declarations, services }
    }

    /// The ids at a byte: one, or all that an alias stands for.
    pub fn at(&self, file: FileId, offset: usize) -> Vec<Occurrence<'d>> {
        let holds = |span: Span| span.start as usize <= offset && offset <= span.end as usize;
        let (mut here, mut behind) = (Vec::new(), Vec::new());
        for declaration in self.declarations.iter().filter(|declaration| declaration.file == file) {
            occurrences(declaration, &mut |it| {
                if holds(it.span) {
                    here.push(it);
                } else if it.via.is_some_and(holds) {
                    behind.push(it);
                }
            });
        }
        if here.is_empty() { behind } else { here }
    }

    /// What an id means where it stands: nothing where nobody declares it, and several things in a shared file that speaks of
    /// what each service declares by itself.
    pub fn meant(&self, at: &Occurrence<'d>) -> Vec<Name<'d>> {
        if !at.declares || at.kind == NameKind::Service {
            return self.find(at.service, at.kind, at.id);
        }
        let is_lost = at.kind == NameKind::Entity(EntityKind::Purpose) && at.service.is_none();
        let name = Name { kind: at.kind, id: at.id, service: at.service };
        (!is_lost).then_some(name).into_iter().collect()
    }

    /// What an id means in a service, or in a file that services share.
    pub fn find(&self, from: Option<&str>, kind: NameKind, id: &str) -> Vec<Name<'d>> {
        let scopes = self.scopes(kind, id);
        let declared = |scope: Option<&str>| {
            scopes.iter().find(|(service, _)| *service == scope).map(|(service, id)| Name {
                kind,
                id,
                service: *service,
            })
        };
        let in_service = |service: &str| declared(Some(service)).or_else(|| declared(None));
        let mut found: Vec<Name<'d>> = match from {
            _ if kind == NameKind::Service || self.services.is_empty() => declared(None).into_iter().collect(),
            Some(service) => in_service(service).into_iter().collect(),
            None => self.services.iter().filter_map(|service| in_service(service)).collect(),
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    /// All places that mean a thing, in order, each once. Of a service the first `service` declares it.
    pub fn places(&self, name: Name<'_>) -> Vec<Place> {
        let mut places = Vec::new();
        self.each(name, &mut |it| places.push(Place { span: it.span, declares: it.declares }));
        places.sort_unstable_by_key(|place| (place.span, !place.declares));
        places.dedup_by_key(|place| place.span);
        if name.kind == NameKind::Service {
            places.iter_mut().skip(1).for_each(|place| place.declares = false);
        }
        places
    }

    /// What is declared under an id, or a title, that has the letters of a query in their order, in the order of the files.
    pub fn search(&self, query: &str) -> Vec<Found<'d>> {
        let mut found: Vec<Found<'d>> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let is_meant = |id: &str, title: &str| has_letters(id, query) || has_letters(title, query);
        for declaration in &self.declarations {
            let service = declaration.service.as_ref().map(|service| &*service.value);
            if let Some(Located { value: id, span, .. }) = &declaration.service {
                let name = Name { kind: NameKind::Service, id, service: None };
                if seen.insert(&**id) {
                    let title = self.title_of(id);
                    found.extend(is_meant(id, title).then_some(Found { name, title, place: *span }));
                }
            }
            for entity in declaration.entities.iter().filter(|entity| is_meant(&entity.id, entity.title())) {
                let name = Name { kind: NameKind::Entity(entity.kind), id: &entity.id, service };
                found.push(Found { name, title: entity.title(), place: entity.place });
            }
        }
        found
    }

    /// The title of a service, in whichever file it stands.
    fn title_of(&self, service: &'d str) -> &'d str {
        let of = |it: &&&'d Declaration| it.service.as_ref().is_some_and(|id| *id.value == *service);
        let titles = self.declarations.iter().filter(of).find_map(|it| it.fields.text("title"));
        titles.filter(|title| !title.trim().is_empty()).unwrap_or(service)
    }

    /// Calls `visit` for every place of every declaration.
    fn all(&self, visit: &mut dyn FnMut(Occurrence<'d>)) {
        self.declarations.iter().for_each(|declaration| occurrences(declaration, visit));
    }

    /// Calls `visit` for every place that means a thing, once for each way that leads there.
    fn each(&self, name: Name<'_>, visit: &mut dyn FnMut(Occurrence<'d>)) {
        let scopes = self.scopes(name.kind, name.id);
        let has_own = |service: &str| scopes.iter().any(|(scope, _)| *scope == Some(service));
        let means = |from: Option<&str>| match (from, name.service) {
            (Some(from), Some(own)) => from == own,
            (Some(from), None) => !has_own(from),
            (None, Some(_)) => true,
            (None, None) => self.services.is_empty() || !self.services.iter().all(|service| has_own(service)),
        };
        self.all(&mut |it| {
            let is_here = it.kind == NameKind::Service || it.service == name.service;
            if it.kind == name.kind && it.id == name.id && if it.declares { is_here } else { means(it.service) } {
                visit(it);
            }
        });
    }

    /// Where an id is declared, by which services or by shared files, and as it stands there.
    fn scopes(&self, kind: NameKind, id: &str) -> Vec<(Option<&'d str>, &'d str)> {
        let mut scopes = Vec::new();
        self.all(&mut |it| {
            // a purpose that belongs to no service is none that could be meant
            let is_lost = kind == NameKind::Entity(EntityKind::Purpose) && it.service.is_none();
            if it.declares && it.kind == kind && it.id == id && !is_lost {
                let scope = if kind == NameKind::Service { None } else { it.service };
                if !scopes.iter().any(|(known, _)| *known == scope) {
                    scopes.push((scope, it.id));
                }
            }
        });
        scopes
    }
}

/// Whether a text has the letters of a query in their order, whatever their case.
fn has_letters(text: &str, query: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    let mut wanted = query.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    wanted.all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_some_letters_in_their_order() {
        for (text, query, has) in [
            ("genai_training", "gentr", true),
            ("genai_training", "", true),
            ("Train models", "TRAIN MOD", true),
            ("genai_training", "trgen", false),
            ("é", "É", true),
            ("a", "aa", false),
        ] {
            assert_eq!(has_letters(text, query), has, "{text} {query}");
        }
    }
}
