//! All declarations together: files of one service merge, references find their entities, and what is left over is named.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::declaration::{Declaration, Entity, Items, Override, Selector, SettingRef, title};
use super::fields::{EntityKind, Record};
use super::occurrences::{Reference, references, references_in};
use super::regions::spelled_out;
use super::value::Fields;
use crate::diagnostic::{Code, Diagnostic, Safety, once_each};
use crate::source::Span;
use crate::space::{AgeSet, Atlas, Date, PlanSet, unknown_region};
use crate::suggest;

/// An entity of a [`Workspace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(u32);

type Index = BTreeMap<EntityKind, BTreeMap<Box<str>, EntityId>>;

/// A service with everything its files declare.
#[derive(Debug)]
pub struct Service {
    /// Its id.
    pub id: Box<str>,
    /// The `service` value of its first file.
    pub place: Span,
    /// Top-level fields of all its files.
    pub fields: Fields,
    /// Where it is offered; `None` is everywhere.
    pub regions: Option<Items<Box<str>>>,
    /// Who may use it; `None` is everybody.
    pub ages: Option<Items<Option<AgeSet>>>,
    /// Its plans; empty for one implicit plan.
    pub plans: Vec<String>,
    /// Its purposes, in the order of files and lines.
    pub purposes: Vec<EntityId>,
    /// The languages of its files.
    languages: BTreeSet<Box<str>>,
    index: Index,
    /// Where its plans are listed.
    plans_key: Option<Span>,
    /// What its files say twice.
    clashes: Vec<Diagnostic>,
}

impl Service {
    /// What people call it: its title, or its id where it has none.
    pub fn title(&self) -> &str {
        title(&self.fields, "title", &self.id)
    }
}

/// Everything that was declared.
#[derive(Debug, Default)]
pub struct Workspace {
    entities: Vec<Arc<Entity>>,
    shared: Index,
    /// The languages of shared files.
    languages: BTreeSet<Box<str>>,
    services: Vec<Service>,
    /// What shared files say twice.
    clashes: Vec<Diagnostic>,
}

/// What is wrong in a service beyond each of its files by itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CheckedService {
    diagnostics: Vec<Diagnostic>,
    /// Of references; what could not be read may change it.
    references: Vec<Diagnostic>,
    /// What it names of that which services share.
    used: BTreeSet<(EntityKind, Box<str>)>,
    /// What entities that services share refer to in vain here.
    failures: Vec<Diagnostic>,
}

/// What is wrong in what services share, but for what depends on the services.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct CheckedShared {
    diagnostics: Vec<Diagnostic>,
    /// What is for nothing where nobody names it.
    entities: Vec<((EntityKind, Box<str>), Span)>,
}

/// What the checks of a workspace need to know.
pub struct Checks<'a> {
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// The date of the run.
    pub date: Date,
    /// The last day that is looked at.
    pub until: Date,
    /// Whether every document could be read. Where not, a missing or an unused definition may stand in what could not be
    /// read, so neither is reported.
    pub complete: bool,
}

impl CheckedService {
    /// What is wrong in any case, and what of references; the latter only counts where every document could be read. Given once.
    pub fn take(&mut self) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        (std::mem::take(&mut self.diagnostics), std::mem::take(&mut self.references))
    }
}

impl CheckedShared {
    /// All that is wrong, with every service there is. `complete` says whether every document could be read.
    pub fn all<'s>(&self, services: impl IntoIterator<Item = &'s CheckedService>, complete: bool) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.clone();
        if !complete {
            return diagnostics;
        }
        let mut used: BTreeSet<&(EntityKind, Box<str>)> = BTreeSet::new();
        let mut failures: BTreeMap<_, (usize, &Diagnostic)> = BTreeMap::new();
        let mut count = 0;
        for service in services {
            count += 1;
            used.extend(&service.used);
            for wrong in &service.failures {
                failures.entry(reference_of(wrong)).or_insert((0, wrong)).0 += 1;
            }
        }
        // a reference is good if it leads somewhere in at least one service
        let nowhere = failures.into_values().filter(|(times, _)| *times == count);
        diagnostics.extend(nowhere.map(|(_, wrong)| wrong.clone()));
        for (key, place) in self.entities.iter().filter(|(key, _)| !used.contains(key)) {
            diagnostics.push(unused(key.0, &key.1, *place));
        }
        diagnostics
    }
}

impl Workspace {
    /// Merges declarations and checks what only all of them together can tell.
    pub fn build(declarations: Vec<Declaration>, checks: &Checks<'_>) -> (Self, Vec<Diagnostic>) {
        let workspace = Self::merge(declarations);
        let services: Vec<CheckedService> =
            workspace.services.iter().map(|service| workspace.check_service(service, checks)).collect();
        let shared = workspace.check_shared(checks);
        let mut diagnostics = shared.all(&services, checks.complete);
        for mut service in services {
            let (always, references) = service.take();
            diagnostics.extend(always.into_iter().chain(references.into_iter().filter(|_| checks.complete)));
        }
        (workspace, diagnostics)
    }

    /// Merges declarations. Those of one service say the same whether or not those of others are there.
    pub fn merge(declarations: Vec<Declaration>) -> Self {
        let mut workspace = Self::default();
        declarations.into_iter().for_each(|declaration| workspace.add(declaration));
        workspace
    }

    /// All services, in the order of their first files.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The entity behind an id of this workspace.
    pub fn entity(&self, id: EntityId) -> Option<&Entity> {
        self.entities.get(id.0 as usize).map(|entity| &**entity)
    }

    /// Finds an entity by name: in the service first, then among what services share.
    pub fn find(&self, service: &Service, kind: EntityKind, id: &str) -> Option<(EntityId, &Entity)> {
        let in_index = |index: &Index| index.get(&kind)?.get(id).copied();
        let found = in_index(&service.index).or_else(|| in_index(&self.shared))?;
        Some((found, self.entity(found)?))
    }

    /// Finds an entity by name among what services share.
    pub fn find_shared(&self, kind: EntityKind, id: &str) -> Option<&Entity> {
        self.entity(*self.shared.get(&kind)?.get(id)?)
    }

    /// Whether only purposes of the service can name an entity of it: it is no definition that services share.
    pub fn is_own(&self, service: &Service, kind: EntityKind, id: &str) -> bool {
        service.index.get(&kind).is_some_and(|entities| entities.contains_key(id))
    }

    /// The purposes of a service.
    pub fn purposes<'w>(&'w self, service: &'w Service) -> impl Iterator<Item = (EntityId, &'w Entity)> {
        service.purposes.iter().filter_map(|id| Some((*id, self.entity(*id)?)))
    }

    /// All settings, those written in place included, each with its service; `None` for what services share.
    pub fn settings(&self) -> impl Iterator<Item = (Option<&Service>, &Entity)> {
        let of = |service: Option<&'_ Service>, index: &'_ Index| -> Vec<EntityId> {
            let named = index.get(&EntityKind::Setting).into_iter().flat_map(BTreeMap::values);
            named.chain(service.into_iter().flat_map(|service| &service.purposes)).copied().collect()
        };
        let all = self.services.iter().map(|service| (Some(service), &service.index)).chain([(None, &self.shared)]);
        all.flat_map(move |(service, index)| of(service, index).into_iter().map(move |id| (service, id))).filter_map(
            |(service, id)| match self.entity(id)? {
                Entity { setting: Some((_, SettingRef::Inline(setting))), .. } => Some((service, &**setting)),
                setting @ Entity { kind: EntityKind::Setting, .. } => Some((service, setting)),
                _ => None,
            },
        )
    }

    /// All notices that purposes of a service can refer to, by id.
    pub fn notices<'w>(&'w self, service: &'w Service) -> impl Iterator<Item = (EntityId, &'w Entity)> {
        self.reachable(service, EntityKind::Notice)
    }

    /// All entities of a kind that a service can refer to, by id: its own, then what services share.
    pub fn reachable<'w>(
        &'w self,
        service: &'w Service,
        kind: EntityKind,
    ) -> impl Iterator<Item = (EntityId, &'w Entity)> {
        let of = move |index: &'w Index| index.get(&kind).into_iter().flatten();
        let own = of(&service.index);
        let is_own = move |id: &str| service.index.get(&kind).is_some_and(|entities| entities.contains_key(id));
        let shared = of(&self.shared).filter(move |(id, _)| !is_own(id));
        own.chain(shared).filter_map(|(_, id)| Some((*id, self.entity(*id)?)))
    }

    /// The languages that texts of a service may be written in: a file has one for all its texts, and no text says in which file it
    /// stands.
    pub fn languages<'w>(&'w self, service: &'w Service) -> BTreeSet<&'w str> {
        service.languages.union(&self.languages).map(|language| &**language).collect()
    }

    /// All entities of a kind, of every service and of what services share.
    pub fn all(&self, kind: EntityKind) -> impl Iterator<Item = &Entity> {
        self.entities.iter().map(|entity| &**entity).filter(move |entity| entity.kind == kind)
    }

    fn add(&mut self, declaration: Declaration) {
        let Declaration { service, place, fields, regions, ages, plans, entities, .. } = declaration;
        let at = match &service {
            None => None,
            Some(id) => {
                let known = self.services.iter().position(|known| known.id == id.value);
                Some(known.unwrap_or_else(|| {
                    self.services.push(Service {
                        id: id.value.clone(),
                        place: id.span,
                        fields: Fields::new(Record::Service, place),
                        regions: None,
                        ages: None,
                        plans: Vec::new(),
                        purposes: Vec::new(),
                        languages: BTreeSet::new(),
                        index: Index::new(),
                        plans_key: None,
                        clashes: Vec::new(),
                    });
                    self.services.len() - 1
                }))
            }
        };
        // as the schema has it
        let language = fields.text("language").unwrap_or("en").into();
        match at.and_then(|at| self.services.get_mut(at)) {
            Some(service) => {
                service.languages.insert(language);
                service.take(fields, regions, ages, plans);
            }
            None => drop(self.languages.insert(language)),
        }
        for entity in entities {
            self.add_entity(at, entity);
        }
    }

    fn add_entity(&mut self, service: Option<usize>, entity: Arc<Entity>) {
        let next = EntityId(u32::try_from(self.entities.len()).unwrap_or(u32::MAX));
        let service = service.and_then(|at| self.services.get_mut(at));
        // purposes without a service are reported by the schema; nothing can be worked out for them
        if service.is_none() && entity.kind == EntityKind::Purpose {
            return;
        }
        let (index, clashes, scope) = match service {
            Some(service) => {
                if entity.kind == EntityKind::Purpose && !has(&service.index, &entity) {
                    service.purposes.push(next);
                }
                (&mut service.index, &mut service.clashes, format!("service `{}`", service.id))
            }
            None => (&mut self.shared, &mut self.clashes, "the shared files".to_owned()),
        };
        let first = *index.entry(entity.kind).or_default().entry(entity.id.clone()).or_insert(next);
        if first != next
            && let Some(first) = self.entities.get(first.0 as usize)
            // the reader has said so where both stand in one mapping
            && first.place != entity.place
        {
            let message = format!("{} `{}` is declared twice in {scope}", entity.kind.noun(), entity.id);
            clashes.push(
                Diagnostic::new("duplicate-id", entity.place, message)
                    .at("declared again here")
                    .label(first.place, "first declared here")
                    .help("give one of them another id, or remove it; only the first is judged"),
            );
        }
        self.entities.push(entity);
    }

    /// What is wrong in a service. Another service changes nothing about it, and another shared file may.
    pub fn check_service(&self, service: &Service, checks: &Checks<'_>) -> CheckedService {
        let mut diagnostics = service.clashes.clone();
        check_list(service.regions.as_ref(), checks, &mut diagnostics);
        for (_, entity) in self.in_index(&service.index) {
            check_regions(&entity.selector, checks, &mut diagnostics);
            let inline = match &entity.setting {
                Some((_, SettingRef::Inline(setting))) => setting.overrides.as_slice(),
                _ => &[],
            };
            check_overrides(&entity.overrides, checks, &mut diagnostics);
            check_overrides(inline, checks, &mut diagnostics);
            for over in entity.overrides.iter().chain(inline) {
                check_plans(&over.selector, service, &mut diagnostics);
            }
        }
        let mut used: BTreeSet<EntityId> = BTreeSet::new();
        let mut references = Vec::new();
        let mut sink = References { workspace: self, service, used: &mut used, diagnostics: &mut references };
        sink.fields(&service.fields);
        self.in_index(&service.index).for_each(|(_, entity)| sink.entity(entity));
        let failures = self.check_shared_in(service, &mut used);
        for (id, entity) in self.in_index(&service.index) {
            if !used.contains(&id) && is_unused(entity) {
                references.push(unused(entity.kind, &entity.id, entity.place));
            }
        }
        let shared = self.in_index(&self.shared).filter(|(id, _)| used.contains(id));
        let used = shared.map(|(_, entity)| (entity.kind, entity.id.clone())).collect();
        let (diagnostics, references) = (once_each(diagnostics), once_each(references));
        CheckedService { diagnostics, references, used, failures }
    }

    /// References of the shared files, as they are for one service: to each other, or to something that it declares.
    fn check_shared_in(&self, service: &Service, used: &mut BTreeSet<EntityId>) -> Vec<Diagnostic> {
        let mut failures = Vec::new();
        for (_, entity) in self.in_index(&self.shared) {
            References { workspace: self, service, used: &mut *used, diagnostics: &mut failures }.entity(entity);
            entity.overrides.iter().for_each(|over| check_plans(&over.selector, service, &mut failures));
        }
        once_each(failures)
    }

    /// What is wrong in what services share.
    pub fn check_shared(&self, checks: &Checks<'_>) -> CheckedShared {
        let mut diagnostics = self.clashes.clone();
        for (_, entity) in self.in_index(&self.shared) {
            check_regions(&entity.selector, checks, &mut diagnostics);
            check_overrides(&entity.overrides, checks, &mut diagnostics);
        }
        let entities = self.in_index(&self.shared).filter(|(_, entity)| is_unused(entity));
        let entities = entities.map(|(_, entity)| ((entity.kind, entity.id.clone()), entity.place));
        CheckedShared { diagnostics: once_each(diagnostics), entities: entities.collect() }
    }

    /// What stands in an index.
    fn in_index(&self, index: &Index) -> impl Iterator<Item = (EntityId, &Entity)> {
        index.values().flat_map(BTreeMap::values).filter_map(|id| Some((*id, self.entity(*id)?)))
    }
}

/// What tells a reference of the shared files that leads nowhere: the place, and what it should be, which the message says with
/// the names that one service has.
fn reference_of(wrong: &Diagnostic) -> (Span, Code, &str) {
    (wrong.primary.span, wrong.code, &wrong.primary.text)
}

fn unused(kind: EntityKind, id: &str, place: Span) -> Diagnostic {
    let message = format!("{} `{id}` is not used", kind.noun());
    let help = match kind {
        EntityKind::Setting => "name it in the `setting` of a purpose, or remove it",
        EntityKind::Notice => "list it in the `notices` of a purpose, or say what it `covers`, or remove it",
        _ => "name it in the `recipients` of a purpose, or remove it",
    };
    Diagnostic::new("unused-definition", place, message).at("never named").help(help)
}

impl Service {
    fn take(
        &mut self,
        fields: Fields,
        regions: Option<Items<Box<str>>>,
        ages: Option<Items<Option<AgeSet>>>,
        plans: Option<Items<Box<str>>>,
    ) {
        let diagnostics = &mut self.clashes;
        let mut repeated = |name: &str, first: Span, again: Span| {
            let part = if first.file == again.file { "document" } else { "file" };
            let message = format!("`{name}` stands in two {part}s of one service");
            diagnostics.push(
                Diagnostic::new("service-property-repeated", again, message)
                    .at("given again here")
                    .label(first, "first given here")
                    .help(format!("keep it in one {part}; only the first is used")),
            );
        };
        for entry in fields.entries {
            let first = self.fields.entries.iter_mut().find(|first| first.field == entry.field);
            match (first, entry.field.name()) {
                (None, _) => self.fields.entries.push(entry),
                (Some(first), "commitments") => first.value.value.join(entry.value.value),
                // each file has its own
                (Some(_), "language") => {}
                (Some(first), name) => repeated(name, first.key, entry.key),
            }
        }
        match (&self.regions, regions) {
            (Some(first), Some(again)) => repeated("regions", first.key, again.key),
            (None, regions) => self.regions = regions,
            _ => {}
        }
        match (&self.ages, ages) {
            (Some(first), Some(again)) => repeated("ages", first.key, again.key),
            (None, ages) => self.ages = ages,
            _ => {}
        }
        match (self.plans_key, plans) {
            (Some(first), Some(again)) => repeated("plans", first, again.key),
            (None, Some(plans)) => self.take_plans(&plans),
            _ => {}
        }
    }

    fn take_plans(&mut self, plans: &Items<Box<str>>) {
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for plan in &plans.items {
            let place = plan.via.unwrap_or(plan.span);
            match first.entry(&plan.value) {
                Entry::Vacant(entry) => {
                    entry.insert(place);
                    self.plans.push(plan.value.to_string());
                }
                // two of one name would be two plans, of which an override reaches the first; what cannot be read is told as such
                Entry::Occupied(known) if !plan.value.is_empty() => {
                    let message = format!("plan `{}` is listed twice in service `{}`", plan.value, self.id);
                    let wrong = Diagnostic::new("duplicate-id", place, message).at("listed again here");
                    let wrong = wrong.label(*known.get(), "first listed here").help("remove it");
                    self.clashes.push(wrong);
                }
                Entry::Occupied(_) => {}
            }
        }
        self.plans_key = (!self.plans.is_empty()).then_some(plans.key);
        if self.plans.len() > PlanSet::CAPACITY {
            let message = format!("more than {} plans", PlanSet::CAPACITY);
            self.clashes.push(Diagnostic::new("invalid-value", plans.key, message));
            self.plans.truncate(PlanSet::CAPACITY);
        }
    }
}

fn has(index: &Index, entity: &Entity) -> bool {
    index.get(&entity.kind).is_some_and(|entities| entities.contains_key(&entity.id))
}

/// A controller is never unused; a notice that covers purposes is used by them.
fn is_unused(entity: &Entity) -> bool {
    match entity.kind {
        EntityKind::Purpose => false,
        EntityKind::Setting => true,
        EntityKind::Notice => entity.named("covers").is_none(),
        EntityKind::Organisation => !matches!(entity.fields.text("role"), Some("controller" | "joint_controller")),
    }
}

fn check_regions(selector: &Selector, checks: &Checks<'_>, diagnostics: &mut Vec<Diagnostic>) {
    check_list(selector.regions.as_ref(), checks, diagnostics);
}

fn check_list(regions: Option<&Items<Box<str>>>, checks: &Checks<'_>, diagnostics: &mut Vec<Diagnostic>) {
    check_items(regions, checks, diagnostics);
    diagnostics.extend(regions.and_then(|regions| spelled_out(regions, &[], checks)));
}

fn check_overrides(overrides: &[Override], checks: &Checks<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for over in overrides {
        let regions = over.selector.regions.as_ref();
        check_items(regions, checks, diagnostics);
        diagnostics.extend(regions.and_then(|regions| spelled_out(regions, overrides, checks)));
    }
}

fn check_items(regions: Option<&Items<Box<str>>>, checks: &Checks<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for item in regions.into_iter().flat_map(|regions| &regions.items) {
        if !item.value.is_empty() && checks.atlas.lookup(&item.value, checks.date).is_err() {
            let wrong = unknown_region(checks.atlas, item.span, &item.value);
            diagnostics.push(with_via(wrong, item.via));
        }
    }
}

fn check_plans(selector: &Selector, service: &Service, diagnostics: &mut Vec<Diagnostic>) {
    for item in selector.plans.iter().flat_map(|plans| &plans.items) {
        if item.value.is_empty() || service.plans.iter().any(|plan| **plan == *item.value) {
            continue;
        }
        let plans: Vec<&str> = service.plans.iter().map(String::as_str).collect();
        let message = format!("`{}` is not a plan of service `{}`", item.value, service.id);
        let help = suggest::did_you_mean(&item.value, &plans)
            .unwrap_or_else(|| "list the plans of the service under `plans` at the top level".to_owned());
        diagnostics.push(with_via(
            Diagnostic::new("unknown-plan", item.span, message).at("unknown plan").help(help),
            item.via,
        ));
    }
}

fn with_via(diagnostic: Diagnostic, via: Option<Span>) -> Diagnostic {
    match via {
        Some(via) => diagnostic.label(via, "used here"),
        None => diagnostic,
    }
}

/// Follows every reference of one service.
struct References<'a> {
    workspace: &'a Workspace,
    service: &'a Service,
    used: &'a mut BTreeSet<EntityId>,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Words that are defaults, where the id of a setting is asked for.
const DEFAULTS: [&str; 3] = ["on", "off", "ask"];

impl References<'_> {
    fn entity(&mut self, entity: &Entity) {
        references(entity, &mut |reference| self.reference(reference));
    }

    fn fields(&mut self, fields: &Fields) {
        references_in(fields, &mut |reference| self.reference(reference));
    }

    fn reference(&mut self, Reference { kind, id, span, via, must_exist }: Reference<'_>) {
        if let Some((found, _)) = self.workspace.find(self.service, kind, id) {
            self.used.insert(found);
            return;
        }
        if !must_exist {
            return;
        }
        let wrong = Diagnostic::new("unknown-reference", span, format!("there is no {} `{id}`", kind.noun()));
        let names = |index: &Index| -> Vec<Box<str>> {
            index.get(&kind).into_iter().flat_map(BTreeMap::keys).cloned().collect()
        };
        let known = [names(&self.service.index), names(&self.workspace.shared)].concat();
        let wrong = wrong.at(format!("no such {}", kind.noun()));
        if kind == EntityKind::Setting && DEFAULTS.contains(&id) {
            let help = format!("write `setting: {{default: {id}}}`, or declare a setting of this id under `settings`");
            self.diagnostics.push(with_via(wrong.help(help), via));
            return;
        }
        let wrong = match suggest::nearest(id, known.iter().map(|name| &**name)) {
            Some(near) => wrong.help(format!("did you mean `{near}`?")).replace(
                format!("write `{near}`"),
                Safety::Suggest,
                span,
                near,
            ),
            None => wrong.help(format!("declare it under `{}`", kind.key())),
        };
        self.diagnostics.push(with_via(wrong, via));
    }
}
