//! Steps at single people gathered to changes: what has changed, for whom, and from which day.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::pair::{self, AtomPair, Pair, PurposePair};
use super::step::{Held, Kind, Step, declared, steps};
use super::words::STATE;
use super::{About, Change, Direction, Side};
use crate::model::{Entity, EntityKind, FieldId, Record};
use crate::order::Order;
use crate::resolve::{Boundaries, Effective, Outcome, Resolved, State, StateKind};
use crate::source::{FileId, Span};
use crate::space::{Atlas, Block, Cell, Date, Describe, TerritorySet, join, minus};

/// What has changed in a service, on the first of the dates and on the later ones in their order.
pub fn compare(before: Side<'_>, after: Side<'_>, service: &str, dates: &[Date]) -> Vec<Change> {
    let mut told = Told::default();
    for date in dates {
        let Some(pair) = Pair::new(before, after, service, *date, &Boundaries::default()) else { continue };
        let describe = Describe::new(after.atlas, (pair.universe, &pair.plans), *date);
        let from = (Some(date) != dates.first()).then_some(*date);
        let mut gathering = Gathering { pair: &pair, left_out: before.left_out, found: BTreeMap::new() };
        gathering.all();
        for ((about, _), found) in gathering.found {
            let (step, also) = found.places.of_most(found.step);
            told.add((about, step, found.rests), (from, also), (&describe, after.atlas));
        }
    }
    let named = |(change, rests): (Change, Vec<String>)| Change { fingerprint: fingerprint(&change, rests), ..change };
    told.changes.into_iter().map(named).collect()
}

/// What else there is to a change, with the people for whom.
type Rests = BTreeMap<String, Vec<Block>>;

/// What makes what is found on one day the same as on another.
type Key = (About, String, Option<String>, Option<String>);

/// The changes of one day after another, each told once.
#[derive(Default)]
struct Told {
    /// With what else there is to each, in words.
    changes: Vec<(Change, Vec<String>)>,
    seen: BTreeMap<Key, Seen>,
}

/// What was told on the days before.
#[derive(Default)]
struct Seen {
    blocks: Vec<Block>,
    /// The place of the change that told it last.
    change: Option<usize>,
    /// What else there was to it.
    rests: Rests,
}

impl Told {
    /// Takes in what is found on a day, which is `from` where it is a later one.
    fn add(
        &mut self,
        (about, step, rests): (About, Step, Rests),
        (from, also): (Option<Date>, Vec<Span>),
        (describe, atlas): (&Describe<'_>, &Atlas),
    ) {
        let cells = |blocks: &[Block]| -> Arc<[Cell]> {
            blocks.iter().map(|block| Cell::new(*block, describe, atlas)).collect()
        };
        let key = (about.clone(), step.path.clone(), step.before.clone(), step.after.clone());
        let seen = self.seen.entry(key).or_default();
        let blocks: Vec<Block> = rests.values().flatten().copied().collect();
        let new = unseen(&blocks, &mut seen.blocks);
        let is_new = !new.is_empty() || (blocks.is_empty() && from.is_none());
        if is_new {
            seen.change = Some(self.changes.len());
            let whom = describe.blocks(&new);
            let change = Change { also, ..change((about, step), (whom, cells(&new)), from) };
            self.changes.push((change, Vec::new()));
        }
        // how what was told goes on later is a part of it
        let untold = rests.into_iter().filter_map(|(rest, blocks)| {
            let left = unseen(&blocks, seen.rests.entry(rest.clone()).or_default());
            (is_new || !left.is_empty()).then_some((rest, if is_new { blocks } else { left }))
        });
        let words = in_words(untold.collect(), is_new, from, |blocks| identity(&cells(&blocks)));
        if let Some((_, rests)) = seen.change.and_then(|at| self.changes.get_mut(at)) {
            rests.extend(words);
        }
    }
}

/// What of some blocks was not seen before. It has been from then on.
fn unseen(blocks: &[Block], seen: &mut Vec<Block>) -> Vec<Block> {
    let new: Vec<Block> = join(blocks.iter().flat_map(|block| minus(*block, seen)).collect());
    seen.extend(&new);
    new
}

/// What else there is to a change, for its fingerprint: with the people for whom, where there are several.
fn in_words(rests: Rests, is_new: bool, from: Option<Date>, whom: impl Fn(Vec<Block>) -> String) -> Vec<String> {
    if is_new && rests.len() == 1 {
        return rests.into_keys().filter(|rest| !rest.is_empty()).collect();
    }
    // the day of the run is another tomorrow
    let since = from.map(|day| format!(" on {day}")).unwrap_or_default();
    rests.into_iter().map(|(rest, blocks)| format!("{rest} for {}{since}", whom(join(blocks)))).collect()
}

/// A change without its fingerprint.
fn change((about, step): (About, Step), (whom, cells): (String, Arc<[Cell]>), from: Option<Date>) -> Change {
    let Step { path, kind, direction, why, before, after, was, is, rest: _ } = step;
    let runs = |state: &str| [StateKind::On, StateKind::Mandatory].iter().any(|kind| kind.as_str() == state);
    let waits = path == STATE && after.as_deref().is_some_and(|state| !runs(state));
    let fingerprint = String::new();
    let also = Vec::new();
    Change { about, path, kind, direction, why, before, after, whom, cells, from, was, is, also, waits, fingerprint }
}

/// Spans, folded words and the names of revisions are left out: they change while the change stays the same. `rests` is what else
/// there is to it.
fn fingerprint(change: &Change, rests: Vec<String>) -> String {
    let Change { about, path, before, after, cells, from, .. } = change;
    let entity = about.entity.as_ref().map(|(kind, id)| format!("{}:{id}", kind.noun())).unwrap_or_default();
    let words = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut all = vec![
        about.service.clone(),
        entity,
        path.clone(),
        words(before),
        words(after),
        from.map(|day| day.to_string()).unwrap_or_default(),
        identity(cells),
    ];
    all.extend(rests);
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(all.join("\0").as_bytes()))
}

/// People by what makes them the same in other words.
fn identity(cells: &[Cell]) -> String {
    let whom = cells.iter().map(|cell| format!("{:?} {:?} {:?}", cell.territories, cell.ages, cell.plans));
    whom.collect::<Vec<_>>().join(";")
}

struct Gathering<'p, 'w> {
    pair: &'p Pair<'w>,
    /// Files that nobody reads any longer although they are there.
    left_out: &'p BTreeMap<FileId, String>,
    /// By what has changed: where that is written does not tell changes apart.
    found: BTreeMap<(About, Same), Found>,
}

/// What was found to have changed.
struct Found {
    step: Step,
    /// The people for whom, by what else there is to it.
    rests: Rests,
    places: Places,
}

/// Where it is written on both sides, with the people for whom it is written there.
#[derive(Default)]
struct Places(BTreeMap<(Option<Span>, Option<Span>), Vec<Block>>);

impl Places {
    /// A step that points at what decides for most territories, of as many at what stands first; and where what holds for the
    /// others stands.
    fn of_most(self, step: Step) -> (Step, Vec<Span>) {
        let territories = |blocks: &[Block]| {
            blocks.iter().map(|block| block.territories).fold(TerritorySet::EMPTY, TerritorySet::or).len()
        };
        let mut places: Vec<_> = self.0.into_iter().collect();
        places.order_by_key(|(place, blocks)| (Reverse(territories(blocks)), *place));
        let Some(((was, is), _)) = places.first() else { return (step, Vec::new()) };
        let mut also: Vec<Span> = Vec::new();
        for span in places.iter().filter_map(|((_, span), _)| *span) {
            if Some(span) != *is && !also.contains(&span) {
                also.push(span);
            }
        }
        (Step { was: *was, is: *is, ..step }, also)
    }
}

/// What makes two steps one change.
type Same = (String, Kind, Direction, String, Option<String>, Option<String>);

fn same(step: &Step) -> Same {
    let Step { path, kind, direction, why, before, after, .. } = step.clone();
    (path, kind, direction, why, before, after)
}

/// A purpose, setting, organisation or notice on both sides.
#[derive(Clone, Copy)]
struct Both<'p, 'w> {
    was: &'p Resolved<'w>,
    is: &'p Resolved<'w>,
}

impl<'p, 'w> Gathering<'p, 'w> {
    fn all(&mut self) {
        self.service();
        let mut settings: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
        let mut organisations: BTreeMap<&'w str, Met<'w>> = BTreeMap::new();
        let mut notices: BTreeMap<&'w str, Met<'w>> = BTreeMap::new();
        for at in &self.pair.purposes {
            self.states(*at);
            let (Some(before), Some(after)) = (&self.pair.before, &self.pair.after) else { continue };
            let (Some(was), Some(is)) = (at.before, at.after) else { continue };
            let running = self.running(was, is);
            self.purpose((was, is), &running);
            if let (Some(a), Some(b)) = (setting_of(before, was), setting_of(after, is)) {
                settings.entry((a, b)).or_default().extend(&running);
            }
            for place in &running {
                let Some(AtomPair { before: Some(a), after: Some(b), .. }) = self.pair.atoms.get(*place) else {
                    continue;
                };
                meet(&mut organisations, *place, pair::recipients(before, was, *a), pair::recipients(after, is, *b));
                let (told, tells) = (pair::notices(before, was, *a), pair::notices(after, is, *b));
                self.told((was, is), *place, &told, &tells);
                meet(&mut notices, *place, told, tells);
            }
        }
        self.settings(&settings);
        self.entities(EntityKind::Organisation, organisations);
        self.entities(EntityKind::Notice, notices);
    }

    fn add(&mut self, about: &About, steps: Vec<Step>, places: impl IntoIterator<Item = usize>) {
        if steps.is_empty() {
            return;
        }
        let blocks: Vec<Block> =
            places.into_iter().filter_map(|at| self.pair.atoms.get(at)).map(|atom| atom.block).collect();
        for step in steps {
            let (key, rest, places) = ((about.clone(), same(&step)), step.rest.clone(), (step.was, step.is));
            let new = || Found { step, rests: BTreeMap::new(), places: Places::default() };
            let found = self.found.entry(key).or_insert_with(new);
            found.rests.entry(rest).or_default().extend(&blocks);
            found.places.0.entry(places).or_default().extend(&blocks);
        }
    }

    fn about(&self, was: Option<&Entity>, is: Option<&Entity>) -> About {
        let here = is.or(was);
        let id = here.map(|entity| entity.id.to_string()).unwrap_or_default();
        let old = was.map(|entity| entity.id.to_string()).filter(|old| *old != id);
        About {
            service: self.service_id(),
            entity: here.map(|entity| (entity.kind, id.clone())),
            title: here.map_or(id, |entity| entity.title().to_owned()),
            was_called: old,
        }
    }

    fn service_id(&self) -> String {
        let side = self.pair.after.as_ref().or(self.pair.before.as_ref());
        side.map(|side| side.service.id.to_string()).unwrap_or_default()
    }

    /// What is declared of the service as a whole.
    fn service(&mut self) {
        let (Some(before), Some(after)) = (&self.pair.before, &self.pair.after) else { return };
        let mut found = Vec::new();
        for field in Record::Service.field_ids() {
            let (was, is) = (before.service.fields.get(field), after.service.fields.get(field));
            steps(field.name(), field, was.into(), is.into(), &mut found);
        }
        let title = after.service.title().to_owned();
        let about = About { service: self.service_id(), entity: None, title, was_called: None };
        let missing = after.service.place;
        found.iter_mut().for_each(|step| step.is = step.is.or(Some(missing)));
        self.add(&about, found, 0..self.pair.atoms.len());
    }

    /// The state of a purpose for everybody. Whoever is not reached is in the same position as where it is not carried out.
    fn states(&mut self, at: PurposePair) {
        let (was, is) = self.pair.entities(at);
        let about = self.about(was, is);
        for (place, atom) in self.pair.atoms.iter().enumerate() {
            let before = state(self.pair.before.as_ref(), at.before, atom.before);
            let after = state(self.pair.after.as_ref(), at.after, atom.after);
            if before.0 != after.0 {
                let there = is.is_some() && atom.after.is_some();
                let mut why = why_state((before.0, after.0), (was.is_some() && atom.before.is_some(), there));
                let mut direction = direction(before.0, after.0);
                let left_out = was.filter(|_| !there).and_then(|entity| self.left_out.get(&entity.place.file));
                if let Some(reason) = left_out {
                    (direction, why) = (Direction::Unclear, reason);
                }
                let word = |state: State| match state {
                    State::Known(kind) => kind.as_str(),
                    State::Undeclared => "not declared",
                    State::Unknown => "unknown",
                    State::Unsettled => "unsettled",
                };
                let step = Step {
                    path: STATE.to_owned(),
                    kind: Kind::Moved,
                    direction,
                    why: why.to_owned(),
                    before: Some(word(before.0).to_owned()),
                    after: Some(word(after.0).to_owned()),
                    was: before.1.or(was.map(|entity| entity.place)),
                    is: after.1.or(is.map(|entity| entity.place)),
                    rest: self.rest(at, *atom),
                };
                self.add(&about, vec![step], [place]);
            }
        }
    }

    /// What else there is to a state: when it ends, and of a purpose that is new what it is, with its setting and its recipients.
    fn rest(&self, at: PurposePair, atom: AtomPair) -> String {
        let Some((side, purpose)) = self.pair.after.as_ref().zip(at.after) else { return String::new() };
        let ends = atom.after.and_then(|atom| side.ends(purpose, atom));
        let mut rest: Vec<String> = ends.map(|day| format!("until {day}")).into_iter().collect();
        if at.before.is_none() {
            let setting = side.setting(purpose).map(|setting| setting.entity);
            let entity = side.purposes.get(purpose).map(|purpose| purpose.resolved.entity);
            let recipients = atom.after.map(|atom| pair::recipients(side, purpose, atom)).unwrap_or_default();
            let declared_of = recipients.into_values().chain(setting).chain(entity).map(declared);
            rest.extend(declared_of);
        }
        rest.join("\n")
    }

    /// The people for whom a purpose is carried out on both sides: only there its other values can be compared.
    fn running(&self, was: usize, is: usize) -> Vec<usize> {
        let runs = |side: &Option<Effective<'_>>, purpose: usize, atom: Option<usize>| {
            let state = atom.and_then(|atom| side.as_ref()?.state(purpose, atom)).map(|at| at.state);
            state.is_some_and(|state| state != State::Known(StateKind::Absent))
        };
        let atoms = self.pair.atoms.iter().enumerate();
        let both = atoms
            .filter(|(_, atom)| runs(&self.pair.before, was, atom.before) && runs(&self.pair.after, is, atom.after));
        both.map(|(at, _)| at).collect()
    }

    fn purpose(&mut self, (was, is): (usize, usize), running: &[usize]) {
        let of = |side: &'p Option<Effective<'w>>, at: usize| Some(&side.as_ref()?.purposes.get(at)?.resolved);
        if let (Some(was), Some(is)) = (of(&self.pair.before, was), of(&self.pair.after, is)) {
            self.resolved(Both { was, is }, running);
        }
    }

    fn settings(&mut self, settings: &BTreeMap<(usize, usize), BTreeSet<usize>>) {
        for ((was, is), places) in settings {
            let of = |side: &'p Option<Effective<'w>>, at: usize| side.as_ref()?.settings.get(at);
            if let (Some(was), Some(is)) = (of(&self.pair.before, *was), of(&self.pair.after, *is)) {
                self.resolved(Both { was, is }, &places.iter().copied().collect::<Vec<_>>());
            }
        }
    }

    /// Compares all fields of a purpose or setting for these people.
    fn resolved(&mut self, both: Both<'p, 'w>, places: &[usize]) {
        let about = self.about(Some(both.was.entity), Some(both.is.entity));
        let missing = both.is.entity.place;
        for field in both.is.entity.kind.record().field_ids() {
            // people for whom the same candidates hold on both sides see the same step
            let mut alike: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
            for place in places {
                let atom = self.pair.atoms.get(*place);
                let variant = |resolved: &Resolved<'_>, atom: Option<usize>| {
                    let property = resolved.properties.get(&field);
                    property
                        .zip(atom)
                        .map_or(0, |(property, atom)| property.by_atom.get(atom).map_or(0, |at| usize::from(*at) + 1))
                };
                let key = (
                    variant(both.was, atom.and_then(|atom| atom.before)),
                    variant(both.is, atom.and_then(|atom| atom.after)),
                );
                alike.entry(key).or_default().push(*place);
            }
            for places in alike.into_values() {
                let atom = places.first().and_then(|at| self.pair.atoms.get(*at));
                let was = held(both.was, field, atom.and_then(|atom| atom.before));
                let is = held(both.is, field, atom.and_then(|atom| atom.after));
                let mut found = Vec::new();
                steps(field.name(), field, was, is, &mut found);
                for step in &mut found {
                    step.is = step.is.or(Some(missing));
                    step.rest = self.of_recipient(step);
                }
                self.add(&about, found, places);
            }
        }
    }

    /// What is declared of the organisation that is a new recipient.
    fn of_recipient(&self, step: &Step) -> String {
        let id = step.path.strip_prefix("recipients.").filter(|_| step.kind == Kind::Added);
        let found = id.zip(self.pair.after.as_ref()).and_then(|(id, side)| side.find(EntityKind::Organisation, id));
        found.map(|(_, organisation)| declared(organisation)).unwrap_or_default()
    }

    /// Which notices tell people of a purpose.
    fn told(
        &mut self,
        (was, is): (usize, usize),
        place: usize,
        told: &BTreeMap<&'w str, &'w Entity>,
        tells: &BTreeMap<&'w str, &'w Entity>,
    ) {
        let (before, after) = self.pair.entities(PurposePair { before: Some(was), after: Some(is) });
        let about = self.about(before, after);
        let step = |id: &str, was: Option<&&Entity>, is: Option<&&Entity>| Step {
            path: format!("notices.{id}"),
            kind: if is.is_some() { Kind::Added } else { Kind::Removed },
            direction: if is.is_some() { Direction::Stronger } else { Direction::Weaker },
            why: if is.is_some() { String::new() } else { "this notice no longer tells people of it".to_owned() },
            before: was.map(|notice| notice.title().to_owned()),
            after: is.map(|notice| notice.title().to_owned()),
            was: was.map(|notice| notice.place),
            is: is.map(|notice| notice.place).or(after.map(|entity| entity.place)),
            rest: String::new(),
        };
        let gone =
            told.iter().filter(|(id, _)| !tells.contains_key(*id)).map(|(id, entity)| step(id, Some(entity), None));
        let new =
            tells.iter().filter(|(id, _)| !told.contains_key(*id)).map(|(id, entity)| step(id, None, Some(entity)));
        let found: Vec<Step> = gone.chain(new).collect();
        self.add(&about, found, [place]);
    }

    /// Organisations or notices that both sides have at the same people.
    fn entities(&mut self, kind: EntityKind, met: BTreeMap<&'w str, Met<'w>>) {
        for Met { was, is, places } in met.into_values() {
            let about = self.about(Some(was), Some(is));
            let mut found = Vec::new();
            for field in kind.record().field_ids() {
                steps(field.name(), field, was.fields.get(field).into(), is.fields.get(field).into(), &mut found);
            }
            found.iter_mut().for_each(|step| step.is = step.is.or(Some(is.place)));
            self.add(&about, found, places);
        }
    }
}

/// An organisation or notice on both sides, with the people for whom both name it.
struct Met<'w> {
    was: &'w Entity,
    is: &'w Entity,
    places: BTreeSet<usize>,
}

fn meet<'w>(
    met: &mut BTreeMap<&'w str, Met<'w>>,
    place: usize,
    before: BTreeMap<&'w str, &'w Entity>,
    after: BTreeMap<&'w str, &'w Entity>,
) {
    for (id, is) in after {
        if let Some(was) = before.get(id).copied() {
            met.entry(id).or_insert_with(|| Met { was, is, places: BTreeSet::new() }).places.insert(place);
        }
    }
}

fn setting_of(effective: &Effective<'_>, purpose: usize) -> Option<usize> {
    match effective.purposes.get(purpose)?.setting {
        crate::resolve::SettingLink::Setting(at, _) => Some(at),
        _ => None,
    }
}

/// What holds of a field at an atom.
fn held<'w>(resolved: &Resolved<'w>, field: FieldId, atom: Option<usize>) -> Held<'w> {
    let Some(property) = resolved.properties.get(&field) else { return resolved.entity.fields.get(field).into() };
    let Some(variant) = atom.and_then(|atom| property.at(atom)) else { return Held::Nothing };
    match variant.outcome {
        Outcome::Undeclared => Held::Nothing,
        Outcome::Value(at) => property.candidates.get(usize::from(at)).and_then(|candidate| candidate.value).into(),
        Outcome::Ambiguous => {
            let winner = variant.winners.first().and_then(|at| property.candidates.get(usize::from(*at))?.value);
            Held::Unknown(winner.map_or(resolved.entity.place, |field| field.value.span))
        }
        Outcome::Unknown(at) => {
            let candidate = property.candidates.get(usize::from(at));
            match candidate.and_then(|candidate| candidate.unknown) {
                Some(place) => Held::Unknown(place),
                None => candidate.and_then(|candidate| candidate.value).into(),
            }
        }
    }
}

/// The state of a purpose at an atom, and where what decides it stands.
fn state(side: Option<&Effective<'_>>, purpose: Option<usize>, atom: Option<usize>) -> (State, Option<Span>) {
    let there = side.zip(purpose).zip(atom);
    let Some((((side, purpose), atom), at)) =
        there.and_then(|((side, purpose), atom)| Some((((side, purpose), atom), side.state(purpose, atom)?)))
    else {
        return (State::Known(StateKind::Absent), None);
    };
    let place = at.deciders.first().and_then(|decider| side.place_of(purpose, atom, *decider));
    (at.state, place)
}

/// Which way a step from one state to another goes for the person.
pub fn direction(before: State, after: State) -> Direction {
    match (before, after) {
        (State::Known(before), State::Known(after)) if after > before => Direction::Weaker,
        (State::Known(_), State::Known(_)) => Direction::Stronger,
        _ => Direction::Unclear,
    }
}

/// Why a state has changed the way it has; `there` says on which side people are reached at all.
fn why_state((before, after): (State, State), there: (bool, bool)) -> &'static str {
    use StateKind::{Absent, Ask, Mandatory, Off, On};
    match (before, after) {
        _ if !there.1 => "it is no longer declared for them",
        (_, State::Known(On | Mandatory)) if !there.0 => "it is new for them, and runs without their say",
        (_, State::Known(_)) if !there.0 => "it is new for them, and waits for their say",
        _ if !there.0 => "it is new for them, and nobody says what happens to a person who does nothing",
        (_, State::Undeclared) => "nobody says any longer what happens to a person who does nothing",
        (State::Undeclared, _) => "nobody said before what happened to a person who did nothing",
        (_, State::Unknown) | (State::Unknown, _) => "one side cannot be read",
        (_, State::Unsettled) | (State::Unsettled, _) => {
            "on one side the day on which it ends is a bound that leaves it open"
        }
        (_, State::Known(Mandatory)) => "it runs, and there is no switch any longer",
        (State::Known(Mandatory), State::Known(On)) => "there is a switch now",
        (_, State::Known(On)) => "it runs although the person has said nothing",
        (_, State::Known(Absent)) => "it is not carried out any longer",
        (State::Known(On | Mandatory), State::Known(Ask | Off)) => "it waits for the person's say now",
        (State::Known(Absent), _) => "it can run now, once the person says so",
        (State::Known(Off), _) => "the person is asked for what was simply off",
        (State::Known(Ask), _) => "the person is no longer asked, and it does not run",
    }
}
