//! What resolution finds wrong by itself: ties, overrides that select nobody or everybody, defaults nobody declares.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Outcome, Property, Reach, Variant, extents, same, value_of};
use super::state::State;
use super::{Effective, Resolved, SettingLink, idle};
use crate::diagnostic::Diagnostic;
use crate::model::{EntityKind, FieldId, Override, Value};
use crate::source::Span;
use crate::space::{Atlas, Block, Describe, join};

/// A problem with whom it concerns.
#[derive(Debug)]
pub struct Problem {
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// The setting or purpose it is about.
    pub subject: (EntityKind, String),
    /// The key that declares it.
    pub declared: Span,
    /// The purpose whose facts decide the severity, as an index into the purposes of the service.
    pub purpose: Option<usize>,
    /// The points concerned.
    pub cells: Vec<Block>,
}

/// All problems of a service, in the order of its entities.
pub fn problems(effective: &Effective<'_>, atlas: &Atlas) -> Vec<Problem> {
    let describe = Describe::new(atlas, (effective.universe, &effective.plans), effective.date);
    let finder =
        Finder { effective, describe, reach: Reach { atlas, date: effective.date, plans: &effective.service.plans } };
    let mut problems = Vec::new();
    for (at, purpose) in effective.purposes.iter().enumerate() {
        finder.entity(&purpose.resolved, Some(at), &mut problems);
    }
    for setting in &effective.settings {
        finder.entity(setting, None, &mut problems);
    }
    for at in 0..effective.purposes.len() {
        problems.extend(finder.default_undeclared(at));
    }
    problems
}

/// Two values that tie: the overrides they belong to, `None` for the base value.
type Pair = (Option<usize>, Option<usize>);

/// Most pairs of values of one property that are all told: a few dozen overrides for the same people.
const MOST_PAIRS: usize = 5_000;

struct Finder<'e> {
    effective: &'e Effective<'e>,
    describe: Describe<'e>,
    reach: Reach<'e>,
}

impl Finder<'_> {
    fn entity(&self, resolved: &Resolved<'_>, purpose: Option<usize>, problems: &mut Vec<Problem>) {
        let mut push = |diagnostic: Diagnostic, cells: Vec<Block>| {
            let subject = (resolved.entity.kind, resolved.entity.id.to_string());
            let declared = resolved.entity.place;
            problems.push(Problem { diagnostic, subject, declared, purpose, cells });
        };
        let overrides = &resolved.entity.overrides;
        let ties = resolved.properties.iter().flat_map(|(field, property)| self.ties(*field, property, overrides));
        let ties: Vec<(Pair, Diagnostic, Vec<Block>)> = ties.collect();
        // that an override is for everybody is then said with what comes of it
        let is_told = |at: usize| ties.iter().any(|(pair, ..)| *pair == (None, Some(at)));
        for (at, over) in overrides.iter().enumerate() {
            // for whom it is does not matter before it says something
            let empty = idle::empty(over).map(|empty| (empty, Vec::new()));
            if let Some((diagnostic, cells)) = empty.or_else(|| self.reach_of(over, is_told(at))) {
                push(diagnostic, cells);
            }
        }
        match resolved.entity.kind {
            EntityKind::Setting => {
                idle::answers(resolved.entity).into_iter().for_each(|idle| push(idle, vec![self.effective.universe]));
            }
            _ => idle::ends(self.effective, resolved).into_iter().for_each(|(wrong, cells)| push(wrong, cells)),
        }
        for (_, diagnostic, cells) in ties {
            push(diagnostic, cells);
        }
    }

    /// An override for nobody, or for everybody: either is a slip.
    fn reach_of(&self, over: &Override, ties_with_base: bool) -> Option<(Diagnostic, Vec<Block>)> {
        let extents = extents(over, &self.reach);
        if extents.iter().any(|(_, unknown)| unknown.is_some()) {
            return None;
        }
        let place = selector_place(over);
        if extents.iter().all(|(extent, _)| extent.days.is_empty()) && !extents.is_empty() {
            let empty = Diagnostic::new(
                "override-selects-nobody",
                place,
                "the override never holds: `until` is not after `from`",
            );
            return Some((empty.help("let `until` be the first day on which it no longer holds"), Vec::new()));
        }
        let reached: Vec<Block> = extents.iter().map(|(extent, _)| extent.block.and(self.effective.universe)).collect();
        if reached.iter().all(|block| block.is_empty()) {
            let nobody = Diagnostic::new(
                "override-selects-nobody",
                place,
                "the override selects nobody whom the service reaches",
            );
            let served = self.describe.folder.text(self.effective.universe.territories);
            let help = format!("the service is offered in {served}; change the selector, or remove the override");
            return Some((nobody.at("nobody is left").help(help), Vec::new()));
        }
        let atoms = &self.effective.atoms;
        let everybody = atoms.iter().all(|atom| extents.iter().any(|(extent, _)| atom.is_within(extent.block)));
        let always = extents.iter().any(|(extent, _)| extent.days == Default::default());
        (everybody && always && !ties_with_base).then(|| {
            let all = Diagnostic::new(
                "override-selects-everybody",
                place,
                "the override selects everybody whom the service reaches",
            );
            let help = "set the value as the base value, or narrow the selector";
            (all.at("nobody is left out").help(help), vec![self.effective.universe])
        })
    }

    /// One problem per pair of overrides that tie on a property, with all cells of the tie. Where they are more than anybody would
    /// read, each override is in one pair at least.
    fn ties(
        &self,
        field: FieldId,
        property: &Property<'_>,
        overrides: &[Override],
    ) -> Vec<(Pair, Diagnostic, Vec<Block>)> {
        if !property.variants.iter().any(|variant| variant.outcome == Outcome::Ambiguous) {
            return Vec::new();
        }
        let pairs_in = |variant: &Variant| match variant.outcome {
            Outcome::Ambiguous => variant.winners.len().pow(2) / 2,
            _ => 0,
        };
        let all = property.variants.iter().map(pairs_in).sum::<usize>() <= MOST_PAIRS;
        let mut pairs: BTreeMap<Pair, (u16, u16, Vec<Block>)> = BTreeMap::new();
        for (atom, block) in self.effective.atoms.iter().enumerate() {
            let Some(variant) = property.at(atom).filter(|variant| variant.outcome == Outcome::Ambiguous) else {
                continue;
            };
            for [(first, a), (second, b)] in tied(property, &variant.winners, all) {
                let pair = pairs.entry((a.over, b.over));
                let (_, _, blocks) = pair.or_insert_with(|| (first, second, Vec::new()));
                // an override may win with several combinations of its items
                if blocks.last() != Some(block) {
                    blocks.push(*block);
                }
            }
        }
        let tie = |(pair, (first, second, blocks)): (Pair, (u16, u16, Vec<Block>))| {
            let cells = join(blocks);
            let (a, b) = (candidate(property, first)?, candidate(property, second)?);
            // only an override that is as wide as the base value ties with it
            let wide = pair.1.filter(|_| pair.0.is_none()).and_then(|over| overrides.get(over));
            Some((pair, self.tie(field, (a, b), wide, &cells)?, cells))
        };
        pairs.into_iter().filter_map(tie).collect()
    }

    fn tie(
        &self,
        field: FieldId,
        (a, b): (&Candidate<'_>, &Candidate<'_>),
        wide: Option<&Override>,
        cells: &[Block],
    ) -> Option<Diagnostic> {
        let (both, help) = match wide {
            Some(_) => (
                "the base value and an override for everybody",
                "write the value for everybody as the base value and remove the override, or narrow its selector",
            ),
            None => ("two values", "make one of them more specific, or add an override for exactly the people of both"),
        };
        let message = format!(
            "`{}` is ambiguous for {}: {both} apply and neither is more specific, for example {}",
            field.name(),
            self.describe.blocks(cells),
            self.witness(*cells.first()?),
        );
        let place = |candidate: &Candidate<'_>| candidate.value.map(|value| value.value.span);
        let primary = place(b).or(place(a))?;
        let mut diagnostic =
            Diagnostic::new("ambiguous-override", primary, message).at(format!("`{}` here", shown(b))).help(help);
        if let Some(other) = place(a).filter(|other| *other != primary) {
            diagnostic = diagnostic.label(other, format!("`{}` here", shown(a)));
        }
        if let Some(over) = wide {
            diagnostic = diagnostic.label(selector_place(over), "everybody, as the base value");
        }
        Some(diagnostic)
    }

    fn witness(&self, block: Block) -> String {
        let mut parts = Vec::new();
        if let Some(leaf) = block.territories.iter().next() {
            parts.push(format!("in {}", self.reach.atlas.code(leaf)));
        }
        if let Some(age) = block.ages.iter().next() {
            parts.push(format!("aged {age}"));
        }
        if let Some(plan) = block.plans.iter().next().and_then(|at| self.effective.service.plans.get(at)) {
            parts.push(format!("on plan {plan}"));
        }
        parts.join(", ")
    }

    fn default_undeclared(&self, at: usize) -> Option<Problem> {
        let purpose = self.effective.purposes.get(at)?;
        if !purpose.states.iter().any(|at| at.state == State::Undeclared) {
            return None;
        }
        let undeclared = |atom: &usize| self.effective.state(at, *atom).is_some_and(|s| s.state == State::Undeclared);
        let atoms: Vec<usize> = (0..self.effective.atoms.len()).filter(undeclared).collect();
        let cells = join(atoms.iter().filter_map(|atom| self.effective.atoms.get(*atom).copied()).collect());
        if cells.is_empty() {
            return None;
        }
        let entity = purpose.resolved.entity;
        let (place, text, help): (Span, &str, &str) = match purpose.setting {
            SettingLink::Setting(setting, _) => {
                let place = self.effective.settings.get(setting)?.entity.place;
                (place, "no `default` here", "declare the `default` of the setting: `on`, `off` or `ask`")
            }
            _ => (
                entity.place,
                "no `setting` here",
                "declare the `setting` with its `default`, or `setting: none` where people have no choice",
            ),
        };
        let who = match cells.as_slice() {
            [only] if *only == self.effective.universe => String::new(),
            cells => format!(" for {}", self.describe.blocks(cells)),
        };
        let message = format!("nobody says whether `{}` is on by default{who}", entity.title());
        Some(Problem {
            diagnostic: Diagnostic::new("default-undeclared", place, message).at(text).help(help),
            subject: (EntityKind::Purpose, entity.id.to_string()),
            declared: entity.place,
            purpose: Some(at),
            cells,
        })
    }
}

/// Pairs of winners that say different things, by their numbers: all of them, or for each winner one that says something else.
fn tied<'p>(property: &'p Property<'p>, winners: &[u16], all: bool) -> Vec<[(u16, &'p Candidate<'p>); 2]> {
    let winners: Vec<_> = winners.iter().filter_map(|at| Some((*at, candidate(property, *at)?))).collect();
    let differ = |a: &(u16, &Candidate<'_>), b: &(u16, &Candidate<'_>)| !same(value_of(a.1), value_of(b.1));
    if all {
        let behind = |(place, first): (usize, _)| winners.iter().skip(place + 1).map(move |second| [first, *second]);
        return winners.iter().copied().enumerate().flat_map(behind).filter(|[a, b]| differ(a, b)).collect();
    }
    let first = winners.first();
    // whoever agrees with one of these two says something else than the other
    let two = [first, first.and_then(|first| winners.iter().find(|winner| differ(first, winner)))];
    let with_another = |winner: &(u16, &'p Candidate<'p>)| {
        let other = two.into_iter().flatten().find(|other| differ(other, winner))?;
        Some(if other.0 < winner.0 { [*other, *winner] } else { [*winner, *other] })
    };
    winners.iter().filter_map(with_another).collect()
}

fn candidate<'p, 'w>(property: &'p Property<'w>, at: u16) -> Option<&'p Candidate<'w>> {
    property.candidates.get(usize::from(at))
}

fn shown(candidate: &Candidate<'_>) -> String {
    match value_of(candidate) {
        Some(Value::Text(text)) => text.to_string(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Date(when)) => when.to_string(),
        Some(_) => "set".to_owned(),
        None => "true".to_owned(),
    }
}

/// Where the selector begins.
fn selector_place(over: &Override) -> Span {
    let regions = over.selector.regions.as_ref().map(|items| items.key);
    let ages = over.selector.ages.as_ref().map(|items| items.key);
    let plans = over.selector.plans.as_ref().map(|items| items.key);
    regions.or(ages).or(plans).unwrap_or(over.place)
}
