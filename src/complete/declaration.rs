//! What a declaration may name: keys of vocabularies, places, plans, and ids of what is declared.

use std::collections::BTreeMap;

use super::{Kind, Offer, Place};
use crate::model::{Entity, EntityKind, Holds, Type, Workspace};

impl Place<'_> {
    /// What the table of fields says of the path.
    pub(super) fn of_declaration(&self) -> Vec<Offer> {
        let holds = Holds::at(&self.cursor.path);
        let holds = match holds {
            Some(Holds::Field(Type::List(element))) => Some(Holds::Field(*element)),
            other => other,
        };
        match holds {
            Some(Holds::Field(Type::Term(terms))) => self.terms(terms),
            Some(Holds::Field(Type::Territory)) => self.places(),
            Some(Holds::Field(Type::Ref(kind))) => self.entities(kind),
            Some(Holds::Field(Type::Setting)) => {
                let mut offers = self.entities(EntityKind::Setting);
                offers.push(Offer::new("none", Kind::Word).detail("people have no control"));
                offers
            }
            Some(Holds::Plans) => self.plans(),
            _ => Vec::new(),
        }
    }

    /// The service that the document belongs to.
    fn service(&self) -> Option<&str> {
        self.outline.scalar(self.cursor.document, &["service"])
    }

    /// Ids that can be referred to here: those of this text as it stands, then those of other files.
    fn entities(&self, kind: EntityKind) -> Vec<Offer> {
        let mut found: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
        let service = self.service();
        let declared = (self.known.declared)(service);
        for entity in reachable(&declared, service, kind) {
            found.entry(entity.id.to_string()).or_insert_with(|| (entity.title().to_owned(), gist(entity)));
        }
        for document in 0..self.outline.documents() {
            let other = self.outline.scalar(document, &["service"]);
            if other.is_some() && service.is_some() && other != service {
                continue;
            }
            for id in self.outline.keys(document, &[kind.key()]) {
                let title =
                    title_keys(kind).iter().find_map(|key| self.outline.scalar(document, &[kind.key(), id, key]));
                let known = found.entry(id.to_owned()).or_default();
                known.0 = title.unwrap_or(id).to_owned();
            }
        }
        let offer = |(id, (title, gist)): (String, (String, Option<String>))| {
            let found_by = Some(format!("{id} {title}"));
            let title = if title == id { String::new() } else { title };
            Offer { found_by, ..Offer::new(id, Kind::Entity(kind)).detail(title).documentation(gist) }
        };
        found.into_iter().map(offer).collect()
    }

    /// The plans of the service, as this text or another file of it lists them.
    fn plans(&self) -> Vec<Offer> {
        let service = self.service();
        let declared = (self.known.declared)(service);
        let services = declared.services().iter().filter(|known| service == Some(&*known.id));
        let mut plans: Vec<String> = services.flat_map(|service| service.plans.clone()).collect();
        plans.extend(self.outline.items(self.cursor.document, &["plans"]).into_iter().map(str::to_owned));
        plans.into_iter().map(|plan| Offer::new(plan, Kind::Word)).collect()
    }
}

/// What a service can refer to; everything for what services share.
fn reachable<'w>(declared: &'w Workspace, service: Option<&str>, kind: EntityKind) -> Vec<&'w Entity> {
    match declared.services().iter().find(|known| service == Some(&*known.id)) {
        Some(service) => declared.reachable(service, kind).map(|(_, entity)| entity).collect(),
        None => declared.all(kind).collect(),
    }
}

/// Where an entity of a kind has its name for people.
fn title_keys(kind: EntityKind) -> &'static [&'static str] {
    match kind {
        EntityKind::Organisation => &["name", "category"],
        EntityKind::Notice | EntityKind::Purpose => &["title"],
        EntityKind::Setting => &["label"],
    }
}

/// What of an entity tells it apart from others.
fn gist(entity: &Entity) -> Option<String> {
    let keys: &[&str] = match entity.kind {
        EntityKind::Organisation => &["role", "country", "category", "transfer_tool"],
        EntityKind::Notice => &["kind", "channel", "published", "effective"],
        EntityKind::Setting => &["default", "changed_by", "first_offered"],
        EntityKind::Purpose => &["use", "necessity", "lawful_basis", "started"],
    };
    let line = |key: &&str| Some(format!("- `{key}: {}`", entity.named(key)?.value.value));
    let lines: Vec<String> = keys.iter().filter_map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
