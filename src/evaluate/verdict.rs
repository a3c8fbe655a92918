//! Whether a rule has anything to say of a purpose at an atom, found without looking for the reasons.
//!
//! Most rules say nothing of most purposes, and most purposes have much in common. So conditions are cut into parts, and what a
//! part came to is kept under the numbers of what it reads, for all purposes of all services. Only what is reported is judged in
//! full; in debug builds everything is, to hold both together.

use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};

use super::contents::number_of;
use super::facts::CellFacts;
use super::judge::{OTHERWISE, Settled, applicable};
use super::rows::{Place, Rows, Sets};
use super::service::Judging;
use super::steps::Steps;
use crate::diagnostic::Severity;
use crate::model::{FieldId, Record};
use crate::policy::condition::{Answer, Elements, Join, Part, Root, StaticRead, Truth};
use crate::policy::{Param, Rule, SeverityCase};
use crate::resolve::State;
use crate::settings::RuleSettings;

/// What a rule says at an atom, as far as it matters whether it says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What is required holds.
    Pass,
    /// The rule is about something else.
    NotApplicable,
    /// There is something to report.
    Speaks(Settled),
}

/// What a rule says at an atom, and whether that is what it says of the purpose at all others: nothing that it asked differs.
pub(super) type Said = (Verdict, bool);

/// A rule, cut into parts.
pub(super) struct Quick<'a> {
    /// Where the result of its `applies` is kept, `None` where that reads nothing but the use and the state.
    applies: Option<Place>,
    parts: Vec<Piece<'a>>,
    /// What must not come to this, or its `when` does not hold.
    gates: Vec<(Place, Truth)>,
    when: Option<Join>,
    require: Join,
    /// Cases, in the order of trying.
    severity: Vec<(Option<Join>, Severity)>,
}

/// A part of a rule.
struct Piece<'a> {
    part: Part<'a>,
    reading: Reading,
    /// What it asks of each element of a list, and where the results for elements are kept: lists have some in common.
    elements: Option<(Elements<'a>, Place)>,
}

/// The parts of rules and what they read, each once: many rules ask the same.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) sets: Sets,
    /// With where they are kept, by the set of what they read.
    known: BTreeMap<u32, Vec<(Part<'a>, Place)>>,
    /// How many there are that read nothing of a purpose, which is the number of the next.
    of_service: u32,
}

impl<'a> Parts<'a> {
    /// Adds a part of a rule with these parameters, where all files agree on them.
    fn add(&mut self, part: Part<'a>, params: Option<&[Param]>) -> Piece<'a> {
        let reads = part.reads();
        let given = |name: &str| Some(number_of(params?, name));
        let Some(columns) = self.sets.columns.of(reads.iter(), given) else {
            let of_purpose = |read: &StaticRead| read.is_of_purpose() || matches!(read, StaticRead::Param(_));
            if reads.iter().any(of_purpose) {
                return Piece { part, reading: Reading::Other, elements: None };
            }
            self.of_service += 1;
            return Piece { part, reading: Reading::Service(self.of_service), elements: None };
        };
        let place = self.place(part, columns, &reads);
        let elements = part.elements().and_then(|elements| {
            let body = elements.body();
            let reads = body.reads();
            let columns = self.sets.columns.of_element(elements.field(), reads.iter(), given)?;
            Some((elements, self.place(body, columns, &reads)))
        });
        Piece { part, reading: Reading::Columns(place), elements }
    }

    /// Where the result of a part is kept that reads these columns.
    fn place(&mut self, part: Part<'a>, columns: Vec<u16>, reads: &BTreeSet<StaticRead>) -> Place {
        let set = self.sets.of(columns, reads.iter().any(is_of_day));
        let alike = self.known.entry(set).or_default();
        let known = alike.iter().find(|(known, _)| *known == part).map(|(_, place)| *place);
        known.unwrap_or_else(|| {
            let place = self.sets.add(set);
            alike.push((part, place));
            place
        })
    }
}

/// Whether what a read gives depends on the day, besides what has numbers.
fn is_of_day(read: &StaticRead) -> bool {
    match read {
        StaticRead::Root(root) => *root == Root::Today,
        StaticRead::Table(_) | StaticRead::TableFor(_) | StaticRead::AgeTable(..) => true,
        StaticRead::Group(_) | StaticRead::StatesIn(_) => true,
        // the groups that a notice names have other members on another day
        StaticRead::Field(field) => field.record == Record::Notice && field.name() == "reaches_place",
        StaticRead::Siblings | StaticRead::Mentions | StaticRead::Param(_) => false,
        StaticRead::AgeLine(_) | StaticRead::EveryAge | StaticRead::DayLine(_) => false,
    }
}

/// What a part of a rule reads.
enum Reading {
    /// What has numbers, and where the result is kept.
    Columns(Place),
    /// Nothing of a purpose; with a number of its own.
    Service(u32),
    /// What has no numbers.
    Other,
}

impl<'a> Quick<'a> {
    /// Cuts a rule that requires something; `settings` are what a config says of it, where that is the same for all files.
    pub(super) fn new(rule: &'a Rule, settings: Option<&RuleSettings>, all: &mut Parts<'a>) -> Option<Self> {
        let params = settings.map(|settings| settings.params.as_slice());
        let mut parts = Vec::new();
        let when = rule.when.as_ref().map(|when| when.cut(&mut parts));
        let require = rule.require.as_ref()?.cut(&mut parts);
        let case = |case: &'a SeverityCase| (case.when.as_ref().map(|when| when.cut(&mut parts)), case.is);
        let severity = rule.severity.iter().map(case).collect();
        let applies = &rule.applies;
        let fields: [(bool, Record, &str); 4] = [
            (true, Record::Purpose, "use"),
            (!applies.subjects.is_empty(), Record::Purpose, "subjects"),
            (!applies.data.is_empty(), Record::Purpose, "data"),
            (!applies.roles.is_empty(), Record::Service, "roles"),
        ];
        let fields = fields.iter().filter(|(is_read, ..)| *is_read);
        let mut read: Vec<StaticRead> =
            fields.filter_map(|(_, record, name)| FieldId::find(*record, name).map(StaticRead::Field)).collect();
        let is_plain = read.len() == 1;
        read.extend(FieldId::find(Record::Purpose, "state").map(StaticRead::Field));
        let columns = if is_plain { None } else { all.sets.columns.of(read.iter(), |_| None) };
        let applies = columns.map(|columns| {
            let set = all.sets.of(columns, false);
            all.sets.add(set)
        });
        let parts: Vec<Piece<'a>> = parts.into_iter().map(|part| all.add(part, params)).collect();
        let settling = when.iter().flat_map(|when| when.settling(Truth::False));
        let gates = settling.filter_map(|(at, truth)| match parts.get(at)?.reading {
            Reading::Columns(place) => Some((place, truth)),
            Reading::Service(_) | Reading::Other => None,
        });
        Some(Self { applies, gates: gates.collect(), parts, when, require, severity })
    }

    /// Whether it is known already that the rule says nothing of a purpose, because one side of its `when` never holds.
    pub(super) fn is_closed(&self, purpose: usize, rows: &Rows<'_>) -> bool {
        self.gates.iter().any(|(place, closing)| rows.constant(*place, purpose) == Some(*closing))
    }

    /// What the rule says of a purpose at an atom.
    pub(super) fn verdict<'e, 'w>(
        &self,
        rule: &'e Rule,
        (purpose, atom): (usize, usize),
        judging: &Judging<'e, 'w>,
        settings: &'e RuleSettings,
    ) -> Said {
        let (facts, varies) = (OnceCell::new(), Cell::new(false));
        let asked = Asked { rule, purpose, atom, judging, settings, facts, varies };
        let applies = match self.applies {
            None => has_state(&asked),
            Some(place) => asked.known(place, |facts| applicable(&rule.applies, facts)),
        };
        let whom_varies = asked.varies.replace(false);
        if applies == Truth::False {
            return (Verdict::NotApplicable, !whom_varies);
        }
        let mut part = |at: usize| {
            let Some(Piece { part, reading, elements }) = self.parts.get(at) else { return Truth::Undetermined };
            match reading {
                Reading::Columns(place) => asked.known(*place, |facts| match elements {
                    Some(elements) => asked.of_elements(elements, facts).unwrap_or_else(|| part.truth(facts)),
                    None => part.truth(facts),
                }),
                Reading::Service(number) => {
                    asked.varies.set(true);
                    judging.whole(*number, atom, || part.truth(asked.facts()))
                }
                Reading::Other => {
                    asked.varies.set(true);
                    part.truth(asked.facts())
                }
            }
        };
        let when = self.when.as_ref().map_or(Truth::True, |when| when.truth(&mut part));
        if matches!(when, Truth::False | Truth::Inapplicable) {
            // also of people whom the rule is not about
            return (Verdict::NotApplicable, !asked.varies.get());
        }
        let verdict = match self.require.truth(&mut part) {
            Truth::True => Verdict::Pass,
            Truth::Inapplicable => Verdict::NotApplicable,
            Truth::False | Truth::Undetermined => {
                let (applies, when) = (applies == Truth::True, when == Truth::True);
                Verdict::Speaks(Settled { applies, when, severity: self.severity(&mut part) })
            }
        };
        (verdict, !whom_varies && !asked.varies.get())
    }

    /// The severity of the first case that holds, unless nobody can tell of one before.
    fn severity(&self, part: &mut dyn FnMut(usize) -> Truth) -> Option<Severity> {
        for (when, is) in &self.severity {
            match when.as_ref().map_or(Truth::True, |when| when.truth(part)) {
                Truth::True => return Some(*is),
                Truth::False | Truth::Inapplicable => {}
                Truth::Undetermined => return None,
            }
        }
        Some(OTHERWISE)
    }
}

/// A rule that is asked about a purpose at an atom.
struct Asked<'q, 'e, 'w> {
    rule: &'e Rule,
    purpose: usize,
    atom: usize,
    judging: &'q Judging<'e, 'w>,
    settings: &'e RuleSettings,
    facts: OnceCell<CellFacts<'e, 'w>>,
    /// Whether something was asked that may come to something else at another atom.
    varies: Cell<bool>,
}

/// Elements and steps up to which what is asked of each is kept: more are rare, and are asked as the condition says.
const MOST_ELEMENTS: usize = 64;
const MOST_STEPS: u32 = 4_096;

impl<'e, 'w> Asked<'_, 'e, 'w> {
    fn facts(&self) -> &CellFacts<'e, 'w> {
        self.facts.get_or_init(|| self.judging.quiet_under(self.settings, self.purpose, self.atom))
    }

    /// What is kept at a place for the purpose, or found now. What is the same at all atoms takes its steps once.
    fn known(&self, place: Place, find: impl Fn(&CellFacts<'_, 'w>) -> Truth) -> Truth {
        if let Some(truth) = self.judging.rows.constant(place, self.purpose) {
            return truth;
        }
        let (entry, is_same) = self.judging.entry(place, (self.purpose, self.atom), self.settings);
        let truth = self.at(entry, find);
        if !is_same {
            self.varies.set(true);
        } else if !self.judging.steps.are_spent() {
            self.judging.rows.hold(place, self.purpose, truth);
        }
        truth
    }

    /// What is kept in an entry, or found now.
    fn at(&self, entry: Option<usize>, find: impl Fn(&CellFacts<'_, 'w>) -> Truth) -> Truth {
        let Some(entry) = entry else { return find(self.facts()) };
        let (steps, rows) = (self.judging.steps, &self.judging.rows);
        if let Some((truth, took)) = rows.get(entry) {
            steps.take(took);
            // all of them would make what is not optimised twice as slow
            debug_assert!(
                !entry.is_multiple_of(16) || (truth, took) == self.counted(find),
                "{} is known under too little",
                self.rule.id
            );
            return truth;
        }
        if steps.are_spent() {
            return Truth::Undetermined;
        }
        let before = steps.taken();
        let truth = find(self.facts());
        // what was broken off between two elements is no answer
        if !steps.are_spent() {
            rows.put(entry, (truth, steps.taken() - before));
        }
        truth
    }

    /// What a part that asks of each element of a list comes to; `None` where no list is known, or that takes longer than most. At as
    /// many steps, whatever is known.
    fn of_elements(&self, (of, place): &(Elements<'_>, Place), facts: &CellFacts<'_, 'w>) -> Option<Truth> {
        let (steps, rows) = (facts.steps?, &self.judging.rows);
        let items = of.items(facts).filter(|items| items.len() <= MOST_ELEMENTS)?;
        let entries =
            self.judging.entries_of_elements((of.field(), *place), (self.purpose, self.atom), self.settings)?;
        let mut left = MOST_STEPS;
        let one = |(item, entry): (&Answer<_>, Option<usize>)| {
            if let Some((truth, took)) = entry.and_then(|entry| rows.get(entry)) {
                let took = u32::try_from(took).unwrap_or(u32::MAX).min(left);
                steps.take(took.into());
                left -= took;
                return (left > 0).then_some(truth);
            }
            let before = steps.taken();
            let truth = of.truth_of(item, facts, left)?;
            let took = steps.taken() - before;
            left = left.saturating_sub(u32::try_from(took).unwrap_or(u32::MAX));
            if let Some(entry) = entry {
                rows.put(entry, (truth, took));
            }
            Some(truth)
        };
        of.truth(items.iter().zip(entries).map(one))
    }

    /// What is found and how many steps that takes, without taking them.
    fn counted(&self, find: impl Fn(&CellFacts<'_, 'w>) -> Truth) -> (Truth, u64) {
        let steps = Steps::new(usize::MAX);
        let facts =
            CellFacts { steps: Some(&steps), ..self.judging.quiet_under(self.settings, self.purpose, self.atom) };
        let truth = find(&facts);
        (truth, steps.taken())
    }
}

/// Whether a rule is about a purpose, where it asks for nothing but a use and a state: a purpose that has another use was left out
/// before, and one whose use cannot be read was not.
fn has_state(asked: &Asked<'_, '_, '_>) -> Truth {
    let effective = asked.judging.effective;
    asked.varies.set(effective.purposes.get(asked.purpose).is_none_or(|purpose| purpose.states.len() != 1));
    let Some(at) = effective.state(asked.purpose, asked.atom).filter(|at| !at.deciders.is_empty()) else {
        return Truth::False;
    };
    let applies = &asked.rule.applies;
    let State::Known(kind) = at.state else { return Truth::Undetermined };
    let kind = kind.as_str();
    let is_meant = match applies.states.as_slice() {
        [] => kind != "absent",
        states => states.iter().any(|state| state == kind),
    };
    let purpose = effective.purposes.get(asked.purpose).map(|purpose| &purpose.resolved.entity.fields);
    let has_use = || applies.uses.is_empty() || purpose.is_some_and(|fields| fields.text("use").is_some());
    match is_meant {
        false => Truth::False,
        true if has_use() => Truth::True,
        true => Truth::Undetermined,
    }
}
