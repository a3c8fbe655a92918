//! Two revisions of a service side by side: the same purposes, and the same people.

use std::collections::{BTreeMap, BTreeSet};

use super::Side;
use super::step::{declared, plain};
use crate::model::{Entity, EntityKind, Service, SettingRef};
use crate::resolve::{Boundaries, Effective, Tri};
use crate::space::{AgeSet, Block, Date, PlanSet, TerritorySet};

/// People whom both revisions treat alike among themselves; a side that does not reach them has no atom for them.
#[derive(Debug, Clone, Copy)]
pub struct AtomPair {
    /// The people; plans by their place in [`Pair::plans`].
    pub block: Block,
    /// Index into the atoms of the revision before.
    pub before: Option<usize>,
    /// Index into the atoms of the revision after.
    pub after: Option<usize>,
}

/// A purpose on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurposePair {
    /// Index into the purposes before; `None` for one that is new.
    pub before: Option<usize>,
    /// Index into the purposes after; `None` for one that is gone.
    pub after: Option<usize>,
}

/// A service in both revisions on one date. At least one side is there.
pub struct Pair<'w> {
    /// The date; that of the side after, where each side has one.
    pub date: Date,
    /// As it was.
    pub before: Option<Effective<'w>>,
    /// As it is.
    pub after: Option<Effective<'w>>,
    /// Everybody whom either side reaches.
    pub universe: Block,
    /// The plans of both sides.
    pub plans: Vec<String>,
    /// The people, in pieces.
    pub atoms: Vec<AtomPair>,
    /// The purposes, in the order of the side after, those that are gone last.
    pub purposes: Vec<PurposePair>,
}

impl<'w> Pair<'w> {
    /// Puts the two revisions of a service side by side. `lines` are boundaries that rules draw.
    pub fn new(before: Side<'w>, after: Side<'w>, id: &str, date: Date, lines: &Boundaries) -> Option<Self> {
        Self::between((before, date), (after, date), id, lines)
    }

    /// The same with a day for each side: what held on the one, and what holds on the other.
    pub fn between(
        (before, then): (Side<'w>, Date),
        (after, date): (Side<'w>, Date),
        id: &str,
        lines: &Boundaries,
    ) -> Option<Self> {
        let of = |side: Side<'w>| side.workspace.services().iter().find(|service| *service.id == *id);
        let services = (of(before), of(after));
        let resolve = |(side, day): (Side<'w>, Date), service: Option<&'w Service>, lines: &Boundaries| {
            service.map(|service| Effective::resolve(side.workspace, service, side.atlas, day, lines))
        };
        // each side is cut along the lines of the other as well, so that pieces either match or do not meet
        let (before, after) = ((before, then), (after, date));
        let (first, second) = (resolve(before, services.0, lines), resolve(after, services.1, lines));
        let plans = plans(services);
        let mut all = lines.clone();
        for side in [&first, &second].into_iter().flatten() {
            all.territories.push(side.universe.territories);
            all.ages.push(side.universe.ages);
            all.territories.extend(side.atoms.iter().map(|atom| atom.territories));
            all.ages.extend(side.atoms.iter().map(|atom| atom.ages));
        }
        all.territories.sort_unstable();
        all.territories.dedup();
        all.ages.sort_unstable();
        all.ages.dedup();
        let on_plans = |side, service| Some(resolve(side, service, &all)?.on_plans(&plans));
        let (before, after) = (on_plans(before, services.0), on_plans(after, services.1));
        let atoms = atoms(before.as_ref(), after.as_ref());
        let purposes = purposes(before.as_ref(), after.as_ref());
        let whole = |a: Block, b: &AtomPair| Block {
            territories: a.territories.or(b.block.territories),
            ages: a.ages.or(b.block.ages),
            plans: a.plans.or(b.block.plans),
        };
        let nobody = Block { territories: TerritorySet::EMPTY, ages: AgeSet::EMPTY, plans: PlanSet::EMPTY };
        let universe = atoms.iter().fold(nobody, whole);
        (before.is_some() || after.is_some()).then_some(Self { date, before, after, universe, plans, atoms, purposes })
    }

    /// What a purpose is on each side.
    pub fn entities(&self, at: PurposePair) -> (Option<&'w Entity>, Option<&'w Entity>) {
        let of =
            |side: &Option<Effective<'w>>, at: Option<usize>| Some(side.as_ref()?.purposes.get(at?)?.resolved.entity);
        (of(&self.before, at.before), of(&self.after, at.after))
    }
}

/// In the order of their names: how people fall into boxes must not hang on the order in which plans are written.
fn plans((before, after): (Option<&Service>, Option<&Service>)) -> Vec<String> {
    let all = [before, after].into_iter().flatten().flat_map(|service| &service.plans);
    all.collect::<BTreeSet<&String>>().into_iter().cloned().collect()
}

fn atoms(before: Option<&Effective<'_>>, after: Option<&Effective<'_>>) -> Vec<AtomPair> {
    let all = |side: Option<&Effective<'_>>| side.map(|side| side.atoms.clone()).unwrap_or_default();
    let (was, is) = (all(before), all(after));
    let by_block: BTreeMap<Block, usize> = was.iter().copied().zip(0..).collect();
    let reached: BTreeSet<Block> = is.iter().copied().collect();
    let here = |(block, at): (Block, usize)| AtomPair { block, before: by_block.get(&block).copied(), after: Some(at) };
    let left = was.iter().copied().zip(0..).filter(|(block, _)| !reached.contains(block));
    let left = left.map(|(block, at)| AtomPair { block, before: Some(at), after: None });
    is.into_iter().zip(0..).map(here).chain(left).collect()
}

/// Which purposes are the same: by id, then by what one says it was called, then by what they are.
fn purposes(before: Option<&Effective<'_>>, after: Option<&Effective<'_>>) -> Vec<PurposePair> {
    fn entities<'w>(side: Option<&Effective<'w>>) -> Vec<&'w Entity> {
        side.into_iter().flat_map(|side| &side.purposes).map(|purpose| purpose.resolved.entity).collect()
    }
    let (was, is) = (entities(before), entities(after));
    let mut pairs: Vec<PurposePair> = (0..is.len()).map(|at| PurposePair { before: None, after: Some(at) }).collect();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let passes: [[Marks; 2]; 3] = [[id, id], [called_before, called_after], [form, form]];
    for [mark_before, mark_after] in passes {
        // looked up, since everything may have another name: comparing each with each would take minutes
        let mut marked: BTreeMap<Mark, Vec<usize>> = BTreeMap::new();
        for (at, entity) in was.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
            mark_before(entity).into_iter().for_each(|mark| marked.entry(mark).or_default().push(at));
        }
        let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, pair) in pairs.iter().enumerate().filter(|(_, pair)| pair.before.is_none()) {
            let entity = pair.after.and_then(|at| is.get(at));
            let marks = entity.map(|entity| mark_after(entity)).unwrap_or_default();
            let mut candidates = marks.iter().filter_map(|mark| marked.get(mark)).flatten();
            // one that fits two is recognised as neither
            if let Some(one) = candidates.next()
                && candidates.all(|other| other == one)
            {
                found.entry(*one).or_default().push(at);
            }
        }
        for (known, fits) in found {
            if let [at] = fits.as_slice()
                && let Some(pair) = pairs.get_mut(*at)
            {
                pair.before = Some(known);
                taken.insert(known);
            }
        }
    }
    let gone = (0..was.len()).filter(|at| !taken.contains(at));
    pairs.extend(gone.map(|at| PurposePair { before: Some(at), after: None }));
    pairs
}

/// What a purpose is recognised by: two are one where one of their marks is the same.
type Mark = Vec<String>;

/// The marks of a purpose, on one of the sides.
type Marks = fn(&Entity) -> Vec<Mark>;

fn id(entity: &Entity) -> Vec<Mark> {
    vec![vec![entity.id.to_string()]]
}

/// The name it had, and that which it says the other one has.
fn called_before(entity: &Entity) -> Vec<Mark> {
    names(Some(&entity.id), entity.fields.text("renamed_from"))
}

/// The other way round: of a change that takes a renaming back, the side before says what the purpose is called after.
fn called_after(entity: &Entity) -> Vec<Mark> {
    names(entity.fields.text("renamed_from"), Some(&entity.id))
}

fn names(before: Option<&str>, after: Option<&str>) -> Vec<Mark> {
    let mark = |side: &str, name: Option<&str>| Some(vec![side.to_owned(), name?.to_owned()]);
    [mark("before", before), mark("after", after)].into_iter().flatten().collect()
}

/// What a purpose is, whatever its name: the use of which data behind which setting.
fn form(entity: &Entity) -> Vec<Mark> {
    let said = |name: &str| entity.fields.named(name).map(|field| plain(&field.value.value));
    let setting = match &entity.setting {
        Some((_, SettingRef::Id(id))) => Some(format!("id: {}", id.value)),
        Some((_, SettingRef::Inline(setting))) => Some(format!("in place: {}", declared(setting))),
        Some((_, SettingRef::Nothing(_))) => Some("none".to_owned()),
        Some((_, SettingRef::Invalid(_))) | None => None,
    };
    [said("use"), said("data"), setting].into_iter().collect::<Option<Mark>>().into_iter().collect()
}

/// The notices of a purpose at an atom, by id: those it lists and those that cover it, as far as they reach the atom.
pub(super) fn notices<'w>(effective: &Effective<'w>, purpose: usize, atom: usize) -> BTreeMap<&'w str, &'w Entity> {
    let notices = effective.notices_for(purpose, atom).into_iter().filter(|notice| notice.reaches != Tri::No);
    notices.map(|notice| (&*notice.entity.id, notice.entity)).collect()
}

/// The recipients of a purpose at an atom, by id.
pub(super) fn recipients<'w>(effective: &Effective<'w>, purpose: usize, atom: usize) -> BTreeMap<&'w str, &'w Entity> {
    let mut out = BTreeMap::new();
    let Some(of) = effective.purposes.get(purpose) else { return out };
    let property = of.resolved.properties.iter().find(|(field, _)| field.name() == "recipients");
    let Some((property, variant)) = property.and_then(|(_, property)| Some((property, property.at(atom)?))) else {
        return out;
    };
    let values = variant.winners.iter().filter_map(|at| property.candidates.get(usize::from(*at))?.value);
    for id in values.filter_map(|field| field.value.value.as_list()).flatten().filter_map(|item| item.value.as_text()) {
        if let Some((_, entity)) = effective.find(EntityKind::Organisation, id) {
            out.insert(&*entity.id, entity);
        }
    }
    out
}
