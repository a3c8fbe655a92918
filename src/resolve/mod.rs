//! Written values to effective ones: what holds for whom on a date, where it comes from, and what it beat.
//!
//! For each service all boundaries that its overrides and notices draw (and those that rules ask for) cut the served points into
//! atoms. At an atom the candidates of a property are the base value and every combination of override items that covers it;
//! the most specific wins, ties are ambiguous, order never matters (docs/resolution.md).

mod candidate;
mod idle;
mod problems;
mod state;
mod work;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use candidate::{Candidate, Outcome, Property, Variant};
pub use problems::{Problem, problems};
pub use state::{Decider, State, StateAt, StateKind};
pub use work::Work;

use candidate::{Cuts, FEW, Reach};

use crate::model::{
    Entity, EntityId, EntityKind, FieldId, FieldValue, Items, Override, STATES, Service, SettingRef, Value, Workspace,
};
use crate::source::Span;
use crate::space::{AgeSet, Atlas, Block, Date, Grid, PlanSet, TerritorySet};

/// Boundaries that do not come from the declaration: rules and tables draw them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boundaries {
    /// Sets of territories that must not share an atom with others.
    pub territories: Vec<TerritorySet>,
    /// Sets of ages that must not share an atom with others.
    pub ages: Vec<AgeSet>,
    /// Sets of ages that matter only to services with a purpose of one of the uses.
    pub ages_by_use: Vec<(Vec<String>, AgeSet)>,
    /// Plans, by name, that must not share an atom with others.
    pub plans: Vec<String>,
}

/// A purpose or setting with its effective properties.
#[derive(Debug)]
pub struct Resolved<'w> {
    /// What was written.
    pub entity: &'w Entity,
    /// Properties that an override may set and that are set somewhere.
    pub properties: BTreeMap<FieldId, Property<'w>>,
}

/// What has properties that overrides may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Index into [`Effective::purposes`].
    Purpose(usize),
    /// Index into [`Effective::settings`].
    Setting(usize),
}

/// The setting of a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingLink {
    /// None is named; the place to point at is the purpose.
    Undeclared,
    /// `none`, at this place: facts below it have no place here.
    Nothing(Span),
    /// Index into [`Effective::settings`]; the span is where the purpose names it.
    Setting(usize, Span),
    /// Something that cannot be used stands there.
    Unknown(Span),
}

/// A purpose with everything that is effective.
#[derive(Debug)]
pub struct PurposeAt<'w> {
    /// Its id in the workspace.
    pub id: EntityId,
    /// Its properties.
    pub resolved: Resolved<'w>,
    /// Its setting.
    pub setting: SettingLink,
    /// Its state at each atom: index into `states`.
    pub state_of: Vec<u16>,
    /// The distinct states with what decided them.
    pub states: Vec<StateAt>,
}

/// Whether something concerns an atom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tri {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// What decides it cannot be read.
    Unknown,
}

/// A notice and the atoms it reaches.
#[derive(Debug)]
pub struct NoticeAt<'w> {
    /// Its id in the workspace.
    pub id: EntityId,
    /// What was written.
    pub entity: &'w Entity,
    /// For each atom, whether its `regions` and `ages` include it.
    pub reaches: Vec<Tri>,
}

/// A notice that is for a purpose: the purpose lists it, or it covers the purpose.
#[derive(Debug)]
pub struct NoticeFor<'w> {
    /// What was written.
    pub entity: &'w Entity,
    /// Whether the purpose lists it.
    pub listed: bool,
    /// Whether it says that it covers the purpose.
    pub covers: bool,
    /// Whether it reaches the atom.
    pub reaches: Tri,
}

/// One service on one date.
#[derive(Debug)]
pub struct Effective<'w> {
    /// Everything declared.
    pub workspace: &'w Workspace,
    /// The service.
    pub service: &'w Service,
    /// The date.
    pub date: Date,
    /// The ids of the plans by which people are told apart: those of the service, or of [`Self::on_plans`].
    pub plans: Cow<'w, [String]>,
    /// Every point the service reaches.
    pub universe: Block,
    /// A partition of the universe; every effective value is the same throughout an atom.
    pub atoms: Vec<Block>,
    /// The purposes, in the order of the service.
    pub purposes: Vec<PurposeAt<'w>>,
    /// The settings that purposes name.
    pub settings: Vec<Resolved<'w>>,
    /// The notices that can be referred to.
    pub notices: Vec<NoticeAt<'w>>,
    /// The words for states, as conditions hold texts. Each service has its own: threads would wait for one another to count who
    /// holds those of all.
    pub state_texts: Vec<Arc<str>>,
}

impl<'w> Effective<'w> {
    /// Resolves a service. INVARIANT: [`Work::too_much`] has not refused it.
    pub fn resolve(
        workspace: &'w Workspace,
        service: &'w Service,
        atlas: &Atlas,
        date: Date,
        boundaries: &Boundaries,
    ) -> Self {
        let purposes: Entities<'w> = workspace.purposes(service).collect();
        let notices = workspace.notices(service).collect();
        Self::resolve_part(workspace, service, (atlas, date), boundaries, (&purposes, notices))
    }

    /// Resolves some purposes of a service with their settings, and no notices. Atoms are as coarse as these allow, so that what
    /// else a service declares costs nothing. INVARIANT: as for [`Self::resolve`].
    pub fn resolve_only(
        workspace: &'w Workspace,
        service: &'w Service,
        atlas: &Atlas,
        date: Date,
        wanted: &dyn Fn(EntityId, &Entity) -> bool,
    ) -> Self {
        let purposes: Entities<'w> = workspace.purposes(service).filter(|(id, purpose)| wanted(*id, purpose)).collect();
        let nothing = Boundaries::default();
        Self::resolve_part(workspace, service, (atlas, date), &nothing, (&purposes, Vec::new()))
    }

    fn resolve_part(
        workspace: &'w Workspace,
        service: &'w Service,
        (atlas, date): (&Atlas, Date),
        boundaries: &Boundaries,
        (entities, notices): (&[(EntityId, &'w Entity)], Entities<'w>),
    ) -> Self {
        let reach = Reach { atlas, date, plans: &service.plans };
        let universe = universe(service, &reach);
        let (links, setting_entities) = link_settings(workspace, service, entities);
        let mut cuts = Cuts::default();
        cuts.add(boundaries, workspace, service);

        let mut purposes: Vec<Resolved<'w>> = Vec::new();
        for (_, entity) in entities {
            purposes.push(candidate::collect(entity, &reach, &mut cuts));
        }
        let mut settings: Vec<Resolved<'w>> = Vec::new();
        for entity in setting_entities {
            settings.push(candidate::collect(entity, &reach, &mut cuts));
        }
        for (_, notice) in &notices {
            cuts.add_selector(&notice.selector, &reach);
        }

        let grid = Grid::cut(universe, &cuts.territories, &cuts.ages, &cuts.plans);
        let atoms = grid.atoms();
        for entity in purposes.iter_mut().chain(&mut settings) {
            for property in entity.properties.values_mut() {
                property.resolve(universe, &grid, date);
            }
        }
        let notices = notices.into_iter().map(|(id, entity)| NoticeAt {
            id,
            entity,
            reaches: atoms.iter().map(|atom| notice_reaches(entity, *atom, &reach)).collect(),
        });
        let mut effective = Self {
            workspace,
            service,
            date,
            plans: Cow::Borrowed(&service.plans),
            universe,
            notices: notices.collect(),
            purposes: Vec::new(),
            settings,
            atoms,
            state_texts: STATES.iter().copied().map(Arc::from).collect(),
        };
        let purposes = entities.iter().map(|(id, _)| *id).zip(purposes).zip(links);
        effective.purposes = effective.purposes_with_states(purposes);
        effective
    }

    /// The same with people told apart by these plans, in their order: those of the service are among them. Of a service without
    /// plans everybody may be on any of them.
    #[must_use]
    pub fn on_plans(mut self, plans: &[String]) -> Self {
        if plans.is_empty() {
            return self;
        }
        let among = |plan: &String| plans.iter().position(|known| known == plan).map_or(PlanSet::EMPTY, PlanSet::of);
        let own: Vec<PlanSet> = self.plans.iter().map(among).collect();
        let named = |unnamed: PlanSet| match own.as_slice() {
            [] => PlanSet::first(plans.len()),
            own => unnamed.iter().filter_map(|at| own.get(at)).fold(PlanSet::EMPTY, |all, plan| all.or(*plan)),
        };
        let of_atom = |(at, atom): (usize, &Block)| {
            let plans: Vec<usize> = named(atom.plans).iter().collect();
            let atom = *atom;
            plans.into_iter().map(move |plan| (Block { plans: PlanSet::of(plan), ..atom }, at))
        };
        let mut atoms: Vec<(Block, usize)> = self.atoms.iter().enumerate().flat_map(of_atom).collect();
        atoms.sort_unstable();
        let (atoms, from): (Vec<Block>, Vec<usize>) = atoms.into_iter().unzip();
        self.purposes.iter_mut().for_each(|purpose| take(&mut purpose.state_of, &from));
        self.notices.iter_mut().for_each(|notice| take(&mut notice.reaches, &from));
        let entities = self.purposes.iter_mut().map(|purpose| &mut purpose.resolved).chain(&mut self.settings);
        let properties = entities.flat_map(|entity| entity.properties.values_mut());
        properties.for_each(|property| take(&mut property.by_atom, &from));
        let universe = Block { plans: named(self.universe.plans), ..self.universe };
        Self { atoms, universe, plans: Cow::Owned(plans.to_vec()), ..self }
    }

    fn purposes_with_states(
        &self,
        purposes: impl Iterator<Item = ((EntityId, Resolved<'w>), SettingLink)>,
    ) -> Vec<PurposeAt<'w>> {
        let mut out = Vec::new();
        for ((id, resolved), setting) in purposes {
            let mut states: Vec<StateAt> = Vec::new();
            let mut state_of = Vec::with_capacity(self.atoms.len());
            // where what decides is the same, so is the state
            let deciding = state::deciding(&resolved, setting, &self.settings);
            let mut same: Vec<(usize, u16)> = Vec::new();
            for atom in 0..self.atoms.len() {
                let is_same = |(before, _): &&(usize, u16)| {
                    deciding.iter().all(|property| property.by_atom.get(*before) == property.by_atom.get(atom))
                };
                let index = match same.iter().rev().take(FEW).find(is_same) {
                    Some((_, index)) => *index,
                    None => {
                        let here = state::at(&resolved, setting, &self.settings, atom, self.date);
                        let known = states.iter().position(|state| *state == here);
                        let index = known.unwrap_or_else(|| {
                            states.push(here);
                            states.len() - 1
                        });
                        let index = u16::try_from(index).unwrap_or(u16::MAX);
                        same.push((atom, index));
                        index
                    }
                };
                state_of.push(index);
            }
            out.push(PurposeAt { id, resolved, setting, state_of, states });
        }
        out
    }

    /// The state of a purpose at an atom.
    pub fn state(&self, purpose: usize, atom: usize) -> Option<&StateAt> {
        let purpose = self.purposes.get(purpose)?;
        purpose.states.get(usize::from(*purpose.state_of.get(atom)?))
    }

    /// A purpose or setting with its effective properties.
    pub fn resolved(&self, owner: Owner) -> Option<&Resolved<'w>> {
        match owner {
            Owner::Purpose(at) => self.purposes.get(at).map(|purpose| &purpose.resolved),
            Owner::Setting(at) => self.settings.get(at),
        }
    }

    /// The default of a setting at an atom by itself, whichever purposes it is for; `setting` is an index into `settings`.
    pub fn default_of(&self, setting: usize, atom: usize) -> Option<StateAt> {
        Some(state::default(self.settings.get(setting)?, atom))
    }

    /// The setting a purpose names, with its effective properties.
    pub fn setting(&self, purpose: usize) -> Option<&Resolved<'w>> {
        match self.purposes.get(purpose)?.setting {
            SettingLink::Setting(at, _) => self.settings.get(at),
            _ => None,
        }
    }

    /// The values by which a property decides the state of a purpose at an atom: several where they agree or tie.
    pub fn values_of(&self, purpose: usize, atom: usize, decider: Decider) -> impl Iterator<Item = &'w FieldValue> {
        let property = match decider {
            Decider::Purpose(field) => self.purposes.get(purpose).and_then(|of| of.resolved.properties.get(&field)),
            Decider::Setting(field) => self.setting(purpose).and_then(|of| of.properties.get(&field)),
            _ => None,
        };
        let here = property.and_then(|property| Some((property, property.at(atom)?)));
        here.into_iter().flat_map(|(property, variant)| {
            variant.winners.iter().filter_map(|at| property.candidates.get(usize::from(*at))?.value)
        })
    }

    /// Where what decides the state of a purpose at an atom stands.
    pub fn place_of(&self, purpose: usize, atom: usize, decider: Decider) -> Option<Span> {
        let of = self.purposes.get(purpose)?;
        let entity = of.resolved.entity;
        match (decider, of.setting) {
            (Decider::Purpose(_) | Decider::Setting(_), _) => {
                self.values_of(purpose, atom, decider).next().map(|field| field.value.span)
            }
            (Decider::SettingKey, SettingLink::Nothing(span) | SettingLink::Unknown(span)) => Some(span),
            (Decider::Necessity, _) => entity.named("necessity").map(|field| field.value.span),
            _ => None,
        }
    }

    /// The properties that decide the state of a purpose and are not the same at all atoms: where they are, so is the state, with
    /// what decided it and what it beat.
    pub fn deciding(&self, purpose: usize) -> Vec<&Property<'w>> {
        let of = self.purposes.get(purpose);
        of.map(|of| state::deciding(&of.resolved, of.setting, &self.settings)).unwrap_or_default()
    }

    /// The properties whose values tie at an atom, as far as the state of a purpose hangs on them.
    pub fn ties(&self, purpose: usize, atom: usize) -> Vec<(&Resolved<'w>, FieldId)> {
        let found = self.purposes.get(purpose).zip(self.state(purpose, atom));
        let ties = found.map(|(of, state)| state::ties(&of.resolved, self.setting(purpose), state, atom));
        ties.unwrap_or_default()
    }

    /// Whether one of the values that decide the state of a purpose at an atom stands in an override that names places.
    pub fn is_stated(&self, purpose: usize, atom: usize) -> bool {
        self.stating(purpose, atom).any(|over| over.selector.regions.is_some())
    }

    /// The day from which one of the overrides that decide the state of a purpose at an atom no longer holds.
    pub fn ends(&self, purpose: usize, atom: usize) -> Option<Date> {
        self.stating(purpose, atom).filter_map(|over| over.selector.until.as_ref()?.value).min()
    }

    /// The overrides that decide the state of a purpose at an atom.
    fn stating(&self, purpose: usize, atom: usize) -> impl Iterator<Item = &'w Override> {
        let found = self.purposes.get(purpose).zip(self.state(purpose, atom));
        found
            .into_iter()
            .flat_map(move |(of, state)| {
                state.deciders.iter().filter_map(move |decider| match (decider, of.setting) {
                    (Decider::Purpose(field), _) => of.resolved.stating(*field, atom),
                    (Decider::Setting(field), SettingLink::Setting(at, _)) => {
                        self.settings.get(at)?.stating(*field, atom)
                    }
                    _ => None,
                })
            })
            .flatten()
    }

    /// The notices that are for a purpose at an atom, whether or not they reach it.
    pub fn notices_for(&self, purpose: usize, atom: usize) -> Vec<NoticeFor<'w>> {
        let Some(of) = self.purposes.get(purpose) else { return Vec::new() };
        let names = |list: Option<&'w Value>, id: &str| {
            let mut ids = list.and_then(Value::as_list).into_iter().flatten();
            ids.any(|item| item.value.as_text() == Some(id))
        };
        let property = of.resolved.properties.iter().find(|(field, _)| field.name() == "notices");
        let here = property.and_then(|(_, property)| Some((property, property.at(atom)?)));
        let lists: Vec<&'w Value> = here
            .into_iter()
            .flat_map(|(property, variant)| {
                variant.winners.iter().filter_map(|at| property.candidates.get(usize::from(*at))?.value)
            })
            .map(|field| &field.value.value)
            .collect();
        let notices = self.notices.iter().filter_map(|notice| {
            let covered = notice.entity.fields.named("covers").map(|field| &field.value.value);
            Some(NoticeFor {
                entity: notice.entity,
                listed: lists.iter().any(|list| names(Some(list), &notice.entity.id)),
                covers: names(covered, &of.resolved.entity.id),
                reaches: *notice.reaches.get(atom)?,
            })
        });
        notices.filter(|notice| notice.listed || notice.covers).collect()
    }

    /// Finds an organisation, notice, setting or purpose of the service or the shared files.
    pub fn find(&self, kind: EntityKind, id: &str) -> Option<(EntityId, &'w Entity)> {
        self.workspace.find(self.service, kind, id)
    }
}

impl<'w> Resolved<'w> {
    /// The overrides whose values of a property count at an atom.
    fn stating(&self, field: FieldId, atom: usize) -> Option<impl Iterator<Item = &'w Override>> {
        let property = self.properties.get(&field)?;
        let winners = property.at(atom)?.winners.iter();
        let overs = winners.filter_map(|at| property.candidates.get(usize::from(*at))?.over);
        let entity = self.entity;
        Some(overs.filter_map(|over| entity.overrides.get(over)))
    }
}

/// Puts the items at some places in the place of all.
fn take<T: Copy>(items: &mut Vec<T>, places: &[usize]) {
    *items = places.iter().filter_map(|at| items.get(*at).copied()).collect();
}

/// Every point a service reaches on a date.
pub fn reached(service: &Service, atlas: &Atlas, date: Date) -> Block {
    universe(service, &Reach { atlas, date, plans: &service.plans })
}

/// Every point a service reaches. Items that are unknown are reported elsewhere and left out; where nothing is left, everything
/// is in, so that an unreadable list never makes people vanish.
fn universe(service: &Service, reach: &Reach<'_>) -> Block {
    let territories = served(service, reach.atlas, reach.date);
    let mut ages = AgeSet::EMPTY;
    for item in service.ages.iter().flat_map(|ages| &ages.items) {
        ages = ages.or(item.value.unwrap_or(AgeSet::EMPTY));
    }
    if ages.is_empty() {
        ages = AgeSet::ALL;
    }
    Block { territories, ages, plans: PlanSet::first(service.plans.len()) }
}

/// Where a service is offered on a date.
pub fn served(service: &Service, atlas: &Atlas, date: Date) -> TerritorySet {
    let named = service.regions.iter().flat_map(|regions| &regions.items);
    let named = named.map(|item| atlas.lookup(&item.value, date).unwrap_or_default());
    let territories = named.fold(TerritorySet::EMPTY, TerritorySet::or);
    if territories.is_empty() { atlas.world() } else { territories }
}

/// Entities with their ids in the workspace.
type Entities<'w> = Vec<(EntityId, &'w Entity)>;

fn link_settings<'w>(
    workspace: &'w Workspace,
    service: &'w Service,
    purposes: &[(EntityId, &'w Entity)],
) -> (Vec<SettingLink>, Vec<&'w Entity>) {
    let mut links = Vec::new();
    let mut entities: Vec<&'w Entity> = Vec::new();
    let mut places: BTreeMap<EntityId, usize> = BTreeMap::new();
    for (_, purpose) in purposes {
        links.push(match &purpose.setting {
            None => SettingLink::Undeclared,
            Some((_, SettingRef::Nothing(span))) => SettingLink::Nothing(*span),
            Some((_, SettingRef::Invalid(span))) => SettingLink::Unknown(*span),
            Some((key, SettingRef::Inline(setting))) => {
                entities.push(setting);
                SettingLink::Setting(entities.len() - 1, *key)
            }
            Some((_, SettingRef::Id(id))) => match workspace.find(service, EntityKind::Setting, &id.value) {
                None => SettingLink::Unknown(id.span),
                Some((found, setting)) => {
                    let at = *places.entry(found).or_insert_with(|| {
                        entities.push(setting);
                        entities.len() - 1
                    });
                    SettingLink::Setting(at, id.span)
                }
            },
        });
    }
    (links, entities)
}

fn notice_reaches(notice: &Entity, atom: Block, reach: &Reach<'_>) -> Tri {
    let regions = in_any(notice.selector.regions.as_ref(), |code| {
        reach.atlas.lookup(code, reach.date).ok().map(|set| atom.territories.is_within(set))
    });
    let ages = in_any(notice.selector.ages.as_ref(), |ages| ages.map(|ages| atom.ages.is_within(ages)));
    match (regions, ages) {
        (Tri::No, _) | (_, Tri::No) => Tri::No,
        (Tri::Yes, Tri::Yes) => Tri::Yes,
        _ => Tri::Unknown,
    }
}

fn in_any<T>(items: Option<&Items<T>>, holds: impl Fn(&T) -> Option<bool>) -> Tri {
    let Some(items) = items else { return Tri::Yes };
    let mut result = Tri::No;
    for item in &items.items {
        match holds(&item.value) {
            Some(true) => return Tri::Yes,
            Some(false) => {}
            None => result = Tri::Unknown,
        }
    }
    result
}
