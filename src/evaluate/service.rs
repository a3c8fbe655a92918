//! One service against all rules on one date: atoms to judgements, judgements of one cause to findings.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::ahead::Seen;
use super::contents::Contents;
use super::context::Context;
use super::day::{Active, Day, Prepared};
use super::facts::CellFacts;
use super::finding::{Finding, Outcome, Subject};
use super::group::Group;
use super::judge::{Judgement, Settled, judge, severity_of, surely_applies};
use super::known::{Basis, Known};
use super::lines::{DAILY, Keys, Lines, by_place};
use super::reads::Words;
use super::rows::{Place, Rows};
use super::steps::Steps;
use crate::diagnostic::Severity;
use crate::model::{EntityId, EntityKind, FieldId};
use crate::policy::condition::Truth;
use crate::policy::{Cite, Cites, On, Param, Per, Rule, RuleSet};
use crate::resolve::{Effective, Problem, PurposeAt, problems};
use crate::settings::RuleSettings;
use crate::space::{AgeSet, Atlas, Block, Cell, Date, Describe, TerritorySet, join};

/// The findings of one service on one date, and the rules that had something to say.
#[derive(Debug, Default)]
pub struct JudgedService {
    /// Not yet in the order of a report.
    pub findings: Vec<Finding>,
    /// What was found before and holds.
    pub kept: Vec<Arc<Finding>>,
    /// The rules that had something to say about at least one purpose.
    pub applied: RuleSet,
    /// Rules that are about a purpose which is not carried out.
    pub spared: RuleSet,
    /// How many purposes were judged.
    pub purposes: usize,
    /// The service asks for more than a run takes on, so nothing of it was judged.
    pub too_much: bool,
    /// Under what it was judged, where somebody may ask again.
    pub basis: Option<Basis>,
}

/// What of a service is judged.
#[derive(Clone, Copy)]
pub(super) struct Which<'k> {
    /// The purposes for which something is declared to change on the day, where that is not all of them: a rule that does not
    /// change itself has nothing new to say of the others.
    pub(super) touched: Option<&'k BTreeSet<EntityId>>,
    /// What is known of purposes is not asked again, but for rules that look aside.
    pub(super) known: Option<&'k Known>,
    /// Whether only rules are asked that read which day it is.
    pub(super) of_today: bool,
}

/// The revision before, for the same people.
pub(super) struct Earlier<'e, 'w> {
    /// What held then.
    pub(super) effective: &'e Effective<'w>,
    /// Territories and groups of that revision.
    pub(super) atlas: &'e Atlas,
    /// The day of the run, which is that of the change: what it brings about may come later.
    pub(super) today: Date,
    /// For each purpose of today, which it was.
    pub(super) purposes: Vec<Option<usize>>,
    /// For each atom of today, that of the same people.
    pub(super) atoms: Vec<Option<usize>>,
    /// Which of its atoms are alike.
    pub(super) keys: Keys<'e, 'w>,
}

/// The classes of the atoms of a purpose, by the lines in which they differ.
pub(super) type Classes = RefCell<Vec<(Lines, Rc<[u16]>)>>;

/// Of the classes by some lines those in a scope, each with its first atom.
pub(super) type Kinds = RefCell<Vec<(Lines, Rc<[usize]>, Rc<[(u16, usize)]>)>>;

/// A service of which the same holds on all days that it is judged on.
pub(super) struct Judging<'e, 'w> {
    /// What is compared with; `None` where what holds is judged.
    pub(super) earlier: Option<Earlier<'e, 'w>>,
    pub(super) context: &'e Context<'e>,
    pub(super) steps: &'e Steps,
    pub(super) effective: &'e Effective<'w>,
    date: Date,
    pub(super) describe: Describe<'e>,
    pub(super) keys: Keys<'e, 'w>,
    contents: Contents<'e, 'w>,
    /// The blocks that were put in words.
    told: RefCell<BTreeMap<Block, Cell>>,
    /// What stands beside the places that decide.
    pub(super) words: Words,
    /// Sets of atoms that were joined.
    joined: RefCell<BTreeMap<Vec<usize>, Arc<[Cell]>>>,
    /// The atoms of scopes that several rules share.
    scopes: RefCell<BTreeMap<usize, Rc<[usize]>>>,
    /// For each purpose and the lines in which its atoms differ, which of them are alike.
    pub(super) classes: Vec<Classes>,
    /// The same by scope.
    pub(super) kinds: Vec<Kinds>,
    /// What parts of rules came to.
    pub(super) rows: Rows<'e>,
    /// What parts of rules came to that read nothing of a purpose, by part and atom.
    wholes: RefCell<BTreeMap<(u32, usize), Truth>>,
}

/// What makes judgements one finding: how they turned out, how bad that is, what is missing, and under which waiver they stand.
type Cause = (Outcome, Severity, String, Option<usize>);

/// What a rule says of an atom, under what a config says of it, whatever the purpose.
type Shared = BTreeMap<(usize, *const RuleSettings), Judgement>;

impl<'e, 'w> Judging<'e, 'w> {
    /// On the day for which effective values were resolved.
    pub(super) fn new(
        context: &'e Context<'e>,
        effective: &'e Effective<'w>,
        earlier: Option<Earlier<'e, 'w>>,
        (day, steps): (&'e Day<'e>, &'e Steps),
    ) -> Self {
        Self {
            earlier,
            context,
            steps,
            told: RefCell::default(),
            words: Words::default(),
            joined: RefCell::default(),
            scopes: RefCell::default(),
            classes: (0..=effective.purposes.len()).map(|_| RefCell::default()).collect(),
            kinds: (0..=effective.purposes.len()).map(|_| RefCell::default()).collect(),
            wholes: RefCell::default(),
            keys: Keys::new(effective, context.atlas, &context.library.tables),
            contents: Contents::new(effective, context.atlas, &day.sets.columns),
            rows: Rows::new(&day.sets, effective.date, effective.purposes.len(), day.memos.take()),
            effective,
            date: effective.date,
            describe: described(context, effective, effective.date),
        }
    }

    /// Goes to another day on which the same holds: what depends on which day it is counts no longer.
    pub(super) fn turn(&mut self, date: Date) {
        if self.date == date {
            return;
        }
        self.date = date;
        self.describe = described(self.context, self.effective, date);
        self.told.get_mut().clear();
        self.joined.get_mut().clear();
        self.wholes.get_mut().clear();
        self.classes.iter_mut().for_each(|known| known.get_mut().retain(|(lines, _)| lines & DAILY == 0));
        self.kinds.iter_mut().for_each(|known| known.get_mut().retain(|(lines, ..)| lines & DAILY == 0));
        self.keys.turn(date);
        self.contents.turn(date);
        self.rows.turn(date);
    }

    /// Judges what holds on the day, or what has changed. Findings are about people of whom nothing as bad was seen before.
    pub(super) fn judge(&self, day: &'e Day<'e>, which: Which<'_>, seen: &Seen) -> JudgedService {
        let effective = self.effective;
        let mut judged = JudgedService { purposes: effective.purposes.len(), ..JudgedService::default() };
        let is_untouched = which.touched.is_some_and(BTreeSet::is_empty);
        let about: Vec<Option<Arc<[bool]>>> =
            effective.purposes.iter().map(|purpose| day.about(purpose.resolved.entity)).collect();
        let [all, unknown, touched] = self.asked(which);
        // what is the same as before has the same problems
        if self.context.on == On::State && !is_untouched {
            judged
                .findings
                .extend(problems(effective, self.context.atlas).into_iter().filter_map(|it| self.problem(it)));
        }
        let mut concerned = Vec::new();
        for (number, active) in day.rules.iter().enumerate() {
            let Active { rule, territories, changes, prepared, scope } = active;
            let Prepared { looks_aside, shared, reads_today, .. } = &**prepared;
            if is_untouched && !changes || which.of_today && !reads_today {
                continue;
            }
            let whose = match (looks_aside, changes) {
                (true, _) => &all,
                (false, true) => &unknown,
                (false, false) => &touched,
            };
            let may_apply = |at: &usize| {
                let about = about.get(*at).and_then(Option::as_ref);
                about.is_none_or(|about| about.get(number) != Some(&false))
            };
            concerned.clear();
            concerned.extend(whose.iter().copied().filter(may_apply));
            if concerned.is_empty() {
                continue;
            }
            let mut known = self.scopes.borrow_mut();
            let scope = Rc::clone(known.entry(*scope).or_insert_with(|| self.scope(rule, *territories)));
            drop(known);
            if scope.is_empty() {
                continue;
            }
            let before = judged.findings.len();
            let mut known = shared.then(BTreeMap::new);
            let lines = self.keys.shared(&prepared.needs);
            let taken = self.steps.taken();
            concerned.iter().for_each(|at| self.rule(active, *at, (&scope, lines), (&mut known, seen), &mut judged));
            if rule.per == Per::Service {
                let found = judged.findings.split_off(before);
                judged.findings.extend(self.of_service(rule, found));
            }
            self.steps.book((number, &rule.id), taken);
        }
        judged
    }

    /// The purposes that a rule is asked about: all if it looks aside; else those of which nothing is known; and of these, if it does
    /// not change by itself, those for which something changes.
    fn asked(&self, which: Which<'_>) -> [Vec<usize>; 3] {
        let is_known = |of: &PurposeAt<'_>| which.known.is_some_and(|known| known.holds(of.resolved.entity));
        let is_touched = |of: &PurposeAt<'_>| which.touched.is_none_or(|touched| touched.contains(&of.id));
        let (mut unknown, mut touched) = (Vec::new(), Vec::new());
        for (at, purpose) in self.effective.purposes.iter().enumerate().filter(|(_, purpose)| !is_known(purpose)) {
            unknown.push(at);
            touched.extend(is_touched(purpose).then_some(at));
        }
        [(0..self.effective.purposes.len()).collect(), unknown, touched]
    }

    /// Leaves what is known to the next service.
    pub(super) fn finish(self, day: &Day<'_>) {
        day.memos.give(self.rows.into_memo());
    }

    /// The atoms a rule is about.
    fn scope(&self, rule: &Rule, territories: TerritorySet) -> Rc<[usize]> {
        let ages = rule.applies.ages.unwrap_or(AgeSet::ALL);
        let plans = |block: &Block| {
            let mut names = block.plans.iter().filter_map(|at| self.effective.plans.get(at));
            rule.applies.plans.is_empty() || names.any(|name| rule.applies.plans.contains(name))
        };
        let mut is_there = by_place(|place| place.is_within(territories));
        let mut inside = |block: &Block| is_there(block) && block.ages.is_within(ages) && plans(block);
        let atoms = self.effective.atoms.iter().enumerate();
        atoms.filter(|(_, block)| inside(block)).map(|(at, _)| at).collect()
    }

    /// What the config says of a rule for a purpose, by the file that declares the purpose; `None` where the rule is off there.
    fn settings(&self, rule: &Rule, purpose: usize) -> Option<&'e RuleSettings> {
        let place = self.effective.purposes.get(purpose)?.resolved.entity.place;
        self.context.settings.of(place.file, &rule.id)
    }

    pub(super) fn facts(&self, rule: &'e Rule, purpose: usize, atom: usize, for_people: bool) -> CellFacts<'e, 'w> {
        let params = self.settings(rule, purpose).map_or(rule.params.as_slice(), |settings| &settings.params);
        self.facts_under(params, (purpose, atom), self.before(rule, purpose, atom, for_people), for_people)
    }

    fn facts_under(
        &self,
        params: &'e [Param],
        (purpose, atom): (usize, usize),
        before: Option<Box<CellFacts<'e, 'w>>>,
        for_people: bool,
    ) -> CellFacts<'e, 'w> {
        CellFacts {
            effective: self.effective,
            library: self.context.library,
            atlas: self.context.atlas,
            params,
            purpose,
            atom,
            before,
            date: self.date,
            today: self.earlier.as_ref().map_or(self.date, |earlier| earlier.today),
            log: Default::default(),
            state: Default::default(),
            steps: Some(self.steps),
            for_people,
            telling: true,
        }
    }

    /// The facts of the revision before, for the same purpose and people.
    fn before(&self, rule: &'e Rule, purpose: usize, atom: usize, for_people: bool) -> Option<Box<CellFacts<'e, 'w>>> {
        let Earlier { effective, atlas, today, purposes, atoms, .. } = self.earlier.as_ref()?;
        // past the end for a purpose that is new: the service was there, and the purpose was not
        let purpose_then = purposes.get(purpose).copied().flatten().unwrap_or(usize::MAX);
        let atom = atoms.get(atom).copied().flatten()?;
        let params = self.settings(rule, purpose).map_or(rule.params.as_slice(), |settings| &settings.params);
        Some(Box::new(CellFacts {
            effective,
            library: self.context.library,
            atlas,
            params,
            purpose: purpose_then,
            atom,
            before: None,
            date: effective.date,
            today: *today,
            log: Default::default(),
            state: Default::default(),
            steps: None,
            for_people,
            telling: true,
        }))
    }

    /// Where the result of a part of a rule is kept for a purpose at an atom, `None` where it is not; and whether it is the same at all
    /// atoms.
    pub(super) fn entry(&self, place: Place, at: (usize, usize), settings: &RuleSettings) -> (Option<usize>, bool) {
        self.rows.entry(place, at, |column| self.contents.number(column, at, &self.keys, settings))
    }

    /// Where the results are kept of a part of a rule that asks of each element of a list, for the elements of a purpose at an atom in
    /// their order; `None` where no list is known.
    pub(super) fn entries_of_elements(
        &self,
        (list, place): (FieldId, Place),
        at: (usize, usize),
        settings: &RuleSettings,
    ) -> Option<impl Iterator<Item = Option<usize>>> {
        let number = move |column| self.contents.number(column, at, &self.keys, settings);
        let elements = self.contents.elements(list, at)?;
        Some((0..elements.len()).map(move |at| self.rows.element(place, *elements.get(at)?, number)))
    }

    /// What a part of a rule that reads nothing of a purpose comes to.
    pub(super) fn whole(&self, part: u32, atom: usize, find: impl FnOnce() -> Truth) -> Truth {
        let of = (part, atom);
        if let Some(known) = self.wholes.borrow().get(&of) {
            return *known;
        }
        let truth = find();
        self.wholes.borrow_mut().insert(of, truth);
        truth
    }

    /// Facts that answer without saying why.
    pub(super) fn quiet(&self, rule: &'e Rule, purpose: usize, atom: usize) -> CellFacts<'e, 'w> {
        let mut facts = self.facts(rule, purpose, atom, false);
        facts.telling = false;
        if let Some(before) = &mut facts.before {
            before.telling = false;
        }
        facts
    }

    /// The same of what holds, with what a config says of the rule.
    pub(super) fn quiet_under(&self, settings: &'e RuleSettings, purpose: usize, atom: usize) -> CellFacts<'e, 'w> {
        CellFacts { telling: false, ..self.facts_under(&settings.params, (purpose, atom), None, false) }
    }

    /// Facts for an evaluation that nobody asked for but to hold another against it.
    pub(super) fn uncounted(&self, rule: &'e Rule, purpose: usize, atom: usize) -> CellFacts<'e, 'w> {
        CellFacts { steps: None, ..self.facts(rule, purpose, atom, false) }
    }

    /// `lines` are those in which the atoms differ for the rule whatever the purpose; `known` is what was judged of other purposes,
    /// where it holds for this one as well.
    fn rule(
        &self,
        active: &'e Active<'e>,
        purpose: usize,
        (scope, lines): (&Rc<[usize]>, Lines),
        (known, seen): (&mut Option<Shared>, &Seen),
        judged: &mut JudgedService,
    ) {
        let rule = active.rule;
        if self.steps.are_spent() {
            return;
        }
        let Some(settings) = active.prepared.settings.or_else(|| self.settings(rule, purpose)) else { return };
        let speaking = self.speaking(active, purpose, (scope, lines), settings, judged);
        if speaking.is_empty() {
            return;
        }
        let mut groups: BTreeMap<Cause, Group> = BTreeMap::new();
        let group = |cause: &Cause| self.group(seen, (rule, purpose), cause);
        for (split, atoms, settled) in speaking {
            let Some(first) = atoms.first() else { continue };
            let known = known.as_mut().filter(|_| surely_applies(rule, &self.quiet(rule, purpose, *first)));
            let key = (*first, std::ptr::from_ref(settings));
            let same = known.as_ref().and_then(|known| known.get(&key)).cloned();
            let judgement = same.unwrap_or_else(|| self.told(active, (purpose, *first), (settings, settled)));
            if let Some(known) = known.filter(|_| !judgement.names_the_purpose()) {
                known.insert(key, judgement.clone());
            }
            match judgement {
                Judgement::NotApplicable => {
                    self.spare(active, (purpose, &[*first]), judged);
                    continue;
                }
                Judgement::Pass => {}
                Judgement::Fail { severity, reads, open } => {
                    let cause = (Outcome::Fail, severity, String::new(), split);
                    let group = groups.entry(cause).or_insert_with_key(group);
                    if self.add(group, purpose, &atoms, &reads) {
                        let open = open.iter().filter(|read| read.missing.is_some());
                        group.open.extend(open.map(|read| read.path.clone()));
                    }
                }
                Judgement::Undetermined { severity, missing } => {
                    for read in &missing {
                        let cause = (Outcome::Undetermined, severity, read.path.clone(), split);
                        let group = groups.entry(cause).or_insert_with_key(group);
                        self.add(group, purpose, &atoms, std::slice::from_ref(read));
                    }
                }
            }
            judged.applied.insert(active.prepared.place);
        }
        for ((outcome, severity, ..), group) in groups.into_iter().filter(|(_, group)| !group.atoms.is_empty()) {
            judged.findings.push(self.finding(rule, purpose, outcome, severity, group));
        }
    }

    /// A group for what a rule says of a purpose, or with others of the service, beside what was seen before.
    fn group(&self, seen: &Seen, (rule, purpose): (&Rule, usize), (outcome, severity, missing, _): &Cause) -> Group {
        let is_failure = *outcome == Outcome::Fail;
        let subject = || match self.effective.purposes.get(purpose) {
            Some(of) if rule.per != Per::Service || !is_failure => {
                Subject::Entity(EntityKind::Purpose, of.resolved.entity.id.to_string())
            }
            _ => Subject::Service(self.effective.service.id.to_string()),
        };
        let missing = if is_failure { &[] } else { std::slice::from_ref(missing) };
        Group::after(seen.known((rule, &subject), (*outcome, *severity, missing)))
    }

    fn told(
        &self,
        active: &Active<'e>,
        (purpose, atom): (usize, usize),
        (settings, settled): (&RuleSettings, Settled),
    ) -> Judgement {
        let rule = active.rule;
        // words are made only for what is reported; where it was asked in parts, that is known
        if active.prepared.quick.is_none()
            && let silent @ (Judgement::Pass | Judgement::NotApplicable) =
                judge(rule, &self.quiet(rule, purpose, atom), settings, settled)
        {
            return silent;
        }
        judge(rule, &self.facts(rule, purpose, atom, false), settings, settled)
    }

    /// What resolution found by itself, as the `core` rule that documents it says; nothing where a config switched it off.
    fn problem(&self, problem: Problem) -> Option<Finding> {
        let rule = self.context.library.rule(&format!("core/{}", problem.diagnostic.code));
        let here = rule.zip(problem.purpose).map(|(rule, at)| severity_of(rule, &self.facts(rule, at, 0, false)));
        let subject = Subject::Entity(problem.subject.0, problem.subject.1);
        let service = Some(self.effective.service.id.to_string());
        let finding = self.context.raised_in(problem.declared.file, problem.diagnostic, service, subject, here)?;
        Some(Finding { cells: self.cells(problem.cells), declared: Some(problem.declared), ..finding })
    }

    /// Atoms in order as cells. Many rules speak of the same atoms.
    pub(super) fn cells_of(&self, atoms: &[usize]) -> Arc<[Cell]> {
        if let Some(cells) = self.joined.borrow().get(atoms) {
            return Arc::clone(cells);
        }
        let cells = self.cells(atoms.iter().filter_map(|atom| self.effective.atoms.get(*atom).copied()).collect());
        self.joined.borrow_mut().insert(atoms.to_vec(), Arc::clone(&cells));
        cells
    }

    /// Blocks as cells with their words.
    pub(super) fn cells(&self, blocks: Vec<Block>) -> Arc<[Cell]> {
        let mut told = self.told.borrow_mut();
        let cell =
            |block| told.entry(block).or_insert_with(|| Cell::new(block, &self.describe, self.context.atlas)).clone();
        join(blocks).into_iter().map(cell).collect()
    }

    pub(super) fn message(&self, rule: &Rule, facts: &CellFacts<'_, 'w>, cells: &[Cell]) -> String {
        match &rule.message {
            Some(template) => template.render(facts, &|name| self.word(name, cells), &|object| facts.name_of(object)),
            None => rule.title.clone(),
        }
    }

    pub(super) fn help(&self, rule: &Rule, facts: &CellFacts<'_, 'w>, cells: &[Cell]) -> Option<String> {
        let template = rule.help.as_ref()?;
        Some(template.render(facts, &|name| self.word(name, cells), &|object| facts.name_of(object)))
    }

    /// The words that messages may use besides facts.
    fn word(&self, name: &str, cells: &[Cell]) -> Option<String> {
        let blocks: Vec<Block> = cells.iter().map(|cell| cell.block).collect();
        let first = blocks.first()?;
        let all = blocks.iter().skip(1).fold(*first, |all, block| Block {
            territories: all.territories.or(block.territories),
            ages: all.ages.or(block.ages),
            plans: all.plans.or(block.plans),
        });
        match name {
            // with ages and plans where they are not all: a box must not be taken for its territories
            "regions" | "who" => Some(self.describe.blocks(&blocks)),
            "ages" => Some(all.ages.to_string()),
            "plans" => Some(self.describe.plans(all)),
            _ => None,
        }
    }

    pub(super) fn cites(&self, rule: &Rule, cells: &[Cell]) -> Cites {
        let date = self.date;
        let territories = cells.iter().fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
        let meets = |cite: &Cite| {
            let lookup = |name: &String| self.context.atlas.lookup(name, date).unwrap_or_default();
            cite.in_force.contains(date)
                && (cite.regions.is_empty()
                    || cite.regions.iter().any(|name| !lookup(name).and(territories).is_empty()))
        };
        Cites::of(&rule.cites, meets)
    }
}

/// How people of a service are put into words on a day.
fn described<'e>(context: &'e Context<'_>, effective: &'e Effective<'_>, date: Date) -> Describe<'e> {
    Describe::new(context.atlas, (effective.universe, &effective.plans), date)
}
