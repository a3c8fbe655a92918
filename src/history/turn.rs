//! The turns in the history of one service.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Bounds, Cause, Fate, Held, Move, Turn};
use crate::change::{Direction, Pair, PurposePair, Side, direction};
use crate::evaluate::declared_days;
use crate::model::Workspace;
use crate::order::Order;
use crate::resolve::{Boundaries, Effective, State, StateKind, Work};
use crate::source::{FileId, Span};
use crate::space::{Block, Cell, Date, Describe, TerritorySet, join};

/// What changed for people of a service, the oldest turn first. `held` is what it declared at each revision that touched it, oldest
/// first.
///
/// # Errors
/// The service asks for more work than anybody waits for, in words.
pub fn turns(service: &str, held: &[Held<'_>], bounds: &Bounds<'_>) -> Result<Vec<Turn>, String> {
    let mut out = Vec::new();
    let nothing = Workspace::default();
    let nobody = BTreeMap::new();
    let mut last: Option<Held<'_>> = None;
    for at in held {
        refuse_too_much(service, at)?;
        let mut then = at.date;
        if let Some(last) = &last {
            // what happened from the first revision on that cannot be read is told with the next one that can
            then = at.unread.map_or(at.date, |(day, _)| day.min(at.date));
            pass((service, *last), then, bounds, &mut out);
        }
        if let Some(commit) = at.commit {
            let before = last.map_or(Side { workspace: &nothing, atlas: at.atlas, left_out: &nobody }, |last| Side {
                workspace: last.workspace,
                atlas: last.atlas,
                left_out: at.left_out,
            });
            let after = Side { workspace: at.workspace, atlas: at.atlas, left_out: &nobody };
            let is_edge = last.is_none() && bounds.edge == Some(commit);
            let cause = if is_edge { Cause::Edge(commit) } else { Cause::Commit(commit) };
            let unread = at.unread.map(|(_, commits)| commits).unwrap_or_default();
            step(((before, then), (after, at.date)), service, (cause, unread), bounds, &mut out);
        }
        last = Some(*at);
    }
    if let Some(last) = last {
        pass((service, last), bounds.until, bounds, &mut out);
    }
    Ok(out)
}

fn refuse_too_much(service: &str, at: &Held<'_>) -> Result<(), String> {
    let Some(found) = at.workspace.services().iter().find(|known| *known.id == *service) else { return Ok(()) };
    Work::of(at.workspace, found, at.atlas, at.date, &Boundaries::default()).too_much(2).map_or(Ok(()), Err)
}

/// What changes while the days go by, up to and with a day.
fn pass((service, held): (&str, Held<'_>), until: Date, bounds: &Bounds<'_>, out: &mut Vec<Turn>) {
    let Some(found) = held.workspace.services().iter().find(|known| *known.id == *service) else { return };
    let nobody = BTreeMap::<FileId, String>::new();
    let side = Side { workspace: held.workspace, atlas: held.atlas, left_out: &nobody };
    let mut from = held.date;
    for day in declared_days(held.workspace, found, held.atlas) {
        if held.date < day && day <= until {
            step(((side, from), (side, day)), service, (Cause::Day(held.commit), &[]), bounds, out);
            from = day;
        }
    }
}

type Sides<'w> = ((Side<'w>, Date), (Side<'w>, Date));

fn step(
    (before, after): Sides<'_>,
    service: &str,
    (cause, unread): (Cause, &[usize]),
    bounds: &Bounds<'_>,
    out: &mut Vec<Turn>,
) {
    let Some(pair) = Pair::between(before, after, service, &Boundaries::default()) else { return };
    let (atlas, date) = (after.0.atlas, after.1);
    let scope = bounds.region.map(|(atlas, name)| atlas.lookup(name, date).unwrap_or_default());
    let describe = Describe::new(atlas, (pair.universe, &pair.plans), date);
    for at in &pair.purposes {
        let (was, is) = pair.entities(*at);
        let Some(entity) = is.or(was) else { continue };
        let left_out = was.and_then(|was| before.0.left_out.get(&was.place.file));
        let moves: Vec<Move> = moved(&pair, *at, scope)
            .into_iter()
            .map(|((before, after), (blocks, place))| Move {
                before,
                after,
                direction: left_out.filter(|_| after.is_none()).map_or(way(before, after), |_| Direction::Unclear),
                why: left_out.filter(|_| after.is_none()).cloned().unwrap_or_default(),
                whom: describe.blocks(&blocks),
                cells: blocks.iter().map(|block| Cell::new(*block, &describe, atlas)).collect(),
                place,
            })
            .collect();
        let old = was.filter(|was| was.id != entity.id).map(|was| was.id.to_string());
        if moves.is_empty() && old.is_none() {
            continue;
        }
        out.push(Turn {
            date,
            cause,
            unread: unread.to_vec(),
            service: service.to_owned(),
            purpose: entity.id.to_string(),
            title: entity.title().to_owned(),
            was_called: old,
            fate: match (was, is) {
                (None, _) => Fate::New,
                (_, None) if left_out.is_some() => Fate::Unread,
                (_, None) => Fate::Gone,
                _ => Fate::Stays,
            },
            moves,
        });
    }
}

type Both = (Option<State>, Option<State>);

/// The people of a move, and where what decides for most territories stands.
type Met = (Vec<Block>, Option<Span>);

/// The people for whom a purpose has another state than before, by both states.
fn moved(pair: &Pair<'_>, at: PurposePair, scope: Option<TerritorySet>) -> Vec<(Both, Met)> {
    let mut found: BTreeMap<Both, BTreeMap<Option<Span>, Vec<Block>>> = BTreeMap::new();
    for atom in &pair.atoms {
        let territories = scope.map_or(atom.block.territories, |scope| atom.block.territories.and(scope));
        let (before, was) = state(pair.before.as_ref(), at.before, atom.before);
        let (after, is) = state(pair.after.as_ref(), at.after, atom.after);
        if territories.is_empty() || !differs((before, after), at) {
            continue;
        }
        let known = found.entry((before, after)).or_default();
        known.entry(is.or(was)).or_default().push(Block { territories, ..atom.block });
    }
    let territories = |blocks: &[Block]| {
        blocks.iter().map(|block| block.territories).fold(TerritorySet::EMPTY, TerritorySet::or).len()
    };
    let met = |places: BTreeMap<Option<Span>, Vec<Block>>| {
        let most = places.iter().min_by_key(|(_, blocks)| Reverse(territories(blocks)));
        let place = most.and_then(|(place, _)| *place);
        (join(places.into_values().flatten().collect()), place)
    };
    let mut out: Vec<_> = found.into_iter().map(|(both, places)| (both, met(places))).collect();
    // the worst first, as in a diff
    out.order_by_key(|(both, _)| Reverse(way(both.0, both.1)));
    out
}

/// For whom nothing is carried out it makes no difference whether that is declared, except where the purpose itself comes or goes.
fn differs((before, after): Both, at: PurposePair) -> bool {
    let comes_or_goes = at.before.is_none() || at.after.is_none();
    before != after && (comes_or_goes || absent(before) != absent(after))
}

fn absent(state: Option<State>) -> State {
    state.unwrap_or(State::Known(StateKind::Absent))
}

fn way(before: Option<State>, after: Option<State>) -> Direction {
    match (absent(before), absent(after)) {
        (before, after) if before == after => Direction::Neutral,
        (before, after) => direction(before, after),
    }
}

/// The state of a purpose at an atom, and where what decides it stands; nothing where it is not there for them.
fn state(side: Option<&Effective<'_>>, purpose: Option<usize>, atom: Option<usize>) -> (Option<State>, Option<Span>) {
    let (Some(side), Some(purpose), Some(atom)) = (side, purpose, atom) else { return (None, None) };
    let Some(at) = side.state(purpose, atom) else { return (None, None) };
    let entity = side.purposes.get(purpose).map(|purpose| purpose.resolved.entity.place);
    let place = at.deciders.first().and_then(|decider| side.place_of(purpose, atom, *decider));
    (Some(at.state), place.or(entity))
}
