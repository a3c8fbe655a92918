//! Whether a rule has anything to say of a purpose at an atom, found without looking for the reasons.
//!
//! Most rules say nothing of most purposes, and most purposes have much in common. So conditions are cut into parts, and what a
//! part came to is kept under the numbers of what it reads, for all purposes of all services. Only what is reported is judged in
//! full; in debug builds everything is, to hold both together.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

use super::contents::{Columns, Number};
use super::facts::CellFacts;
use super::judge::{OTHERWISE, applicable};
use super::service::Judging;
use super::steps::Steps;
use crate::diagnostic::Severity;
use crate::model::{FieldId, Record};
use crate::policy::condition::{Join, Part, Root, StaticRead, Truth};
use crate::policy::{Rule, SeverityCase};
use crate::resolve::State;
use crate::settings::RuleSettings;

/// What a rule says at an atom, as far as it matters whether it says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What is required holds.
    Pass,
    /// The rule is about something else.
    NotApplicable,
    /// There is something to report; and how much it matters, where no fact is missing to tell.
    Speaks(Option<Severity>),
}

/// A rule, cut into parts.
pub(super) struct Quick<'a> {
    /// What its `applies` reads, `None` where nothing but the use and the state.
    applies: Option<Vec<u16>>,
    parts: Vec<Piece<'a>>,
    when: Option<Join>,
    require: Join,
    /// Cases, in the order of trying.
    severity: Vec<(Option<Join>, Severity)>,
    /// Tells what it applies to from that of other rules.
    number: u32,
}

/// A part of a rule.
struct Piece<'a> {
    part: Part<'a>,
    /// The same for parts that compute the same.
    number: u32,
    reading: Reading,
    /// Whether the same facts may come to something else on another day.
    is_of_day: bool,
}

/// Parts that read the same things, of which a further one is looked for among them.
const MOST_ALIKE: usize = 64;

/// The parts of rules and what they read, each once: many rules ask the same.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) columns: Columns,
    /// By what they read.
    known: BTreeMap<Vec<u16>, Vec<(Part<'a>, u32)>>,
    /// How many there are, which is the number of the next.
    count: u32,
}

impl<'a> Parts<'a> {
    fn add(&mut self, part: Part<'a>) -> Piece<'a> {
        let reads = part.reads();
        let reading = Reading::of(&reads, &mut self.columns);
        let is_of_day = reads.iter().any(is_of_day);
        if let Reading::Columns(columns) = &reading {
            let alike = self.known.entry(columns.clone()).or_default();
            if let Some((_, number)) = alike.iter().find(|(known, _)| *known == part) {
                return Piece { part, number: *number, reading, is_of_day };
            }
            // a condition of ten thousand branches would compare each with each
            if alike.len() < MOST_ALIKE {
                alike.push((part, self.count));
            }
        }
        self.count += 1;
        Piece { part, number: self.count - 1, reading, is_of_day }
    }
}

/// Whether what a read gives depends on the day, besides what has numbers.
fn is_of_day(read: &StaticRead) -> bool {
    match read {
        StaticRead::Root(root) => *root == Root::Today,
        StaticRead::Table(_) | StaticRead::TableFor(_) | StaticRead::AgeTable(..) => true,
        StaticRead::Group(_) | StaticRead::StatesIn(_) => true,
        StaticRead::Field(_) | StaticRead::Siblings | StaticRead::Mentions | StaticRead::Param(_) => false,
        StaticRead::AgeLine(_) | StaticRead::EveryAge => false,
    }
}

/// What a part of a rule reads.
enum Reading {
    /// What has numbers.
    Columns(Vec<u16>),
    /// Nothing of a purpose.
    Service,
    /// What has none.
    Other,
}

impl Reading {
    fn of(reads: &BTreeSet<StaticRead>, columns: &mut Columns) -> Self {
        match columns.of(reads.iter()) {
            Some(columns) => Self::Columns(columns),
            None if !reads.iter().any(|read| read.is_of_purpose() || matches!(read, StaticRead::Param(_))) => {
                Self::Service
            }
            None => Self::Other,
        }
    }
}

impl<'a> Quick<'a> {
    /// Cuts a rule that requires something; `number` is its own on a day.
    pub(super) fn new(rule: &'a Rule, number: usize, all: &mut Parts<'a>) -> Option<Self> {
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
        Some(Self {
            applies: if is_plain { None } else { all.columns.of(read.iter()) },
            parts: parts.into_iter().map(|part| all.add(part)).collect(),
            when,
            require,
            severity,
            number: u32::try_from(number).ok()?,
        })
    }

    /// What the rule says of a purpose at an atom.
    pub(super) fn verdict<'e, 'w>(
        &self,
        rule: &'e Rule,
        (purpose, atom): (usize, usize),
        judging: &Judging<'e, 'w>,
        (settings, memo): (&RuleSettings, &Memo),
    ) -> Verdict {
        let cell = Asked { rule, purpose, atom, judging, settings, memo, facts: OnceCell::new() };
        let may_apply = match &self.applies {
            None => may_have_state(&cell),
            Some(columns) => {
                cell.known(columns, (self.number, 0), false, |facts| applicable(&rule.applies, facts)) != Truth::False
            }
        };
        if !may_apply {
            return Verdict::NotApplicable;
        }
        let mut part = |at: usize| {
            let Some(Piece { part, number, reading, is_of_day }) = self.parts.get(at) else {
                return Truth::Undetermined;
            };
            match reading {
                Reading::Columns(columns) => {
                    if let Some((truth, took)) = judging.everywhere.get(purpose, *number) {
                        judging.steps.take(took);
                        return truth;
                    }
                    cell.known(columns, (u32::MAX, *number), *is_of_day, |facts| part.truth(facts))
                }
                Reading::Service => judging.whole(*number, atom, || part.truth(cell.facts())),
                Reading::Other => part.truth(cell.facts()),
            }
        };
        let when = self.when.as_ref().map_or(Truth::True, |when| when.truth(&mut part));
        if matches!(when, Truth::False | Truth::Inapplicable) {
            return Verdict::NotApplicable;
        }
        match self.require.truth(&mut part) {
            Truth::True => Verdict::Pass,
            Truth::Inapplicable => Verdict::NotApplicable,
            Truth::False | Truth::Undetermined => Verdict::Speaks(self.severity(&mut part)),
        }
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
    settings: &'q RuleSettings,
    memo: &'q Memo,
    facts: OnceCell<CellFacts<'e, 'w>>,
}

impl<'e, 'w> Asked<'_, 'e, 'w> {
    fn facts(&self) -> &CellFacts<'e, 'w> {
        self.facts.get_or_init(|| self.judging.quiet(self.rule, self.purpose, self.atom))
    }

    /// What is kept under these columns, or found now; `is_of_day` says whether it holds on this day only. What a part comes to where
    /// the columns are the same at all atoms is noted.
    fn known(
        &self,
        columns: &[u16],
        number: (u32, u32),
        is_of_day: bool,
        find: impl Fn(&CellFacts<'_, 'w>) -> Truth,
    ) -> Truth {
        let day = if is_of_day { Number::from(self.judging.day_number()) << 96 } else { 0 };
        let mut key = mixed(day | Number::from(number.0) << 64 | Number::from(number.1), FIRST);
        let mut place = FIRST;
        let mut is_everywhere = true;
        for column in columns {
            place = place.wrapping_mul(NEXT);
            match self.judging.number(*column, (self.purpose, self.atom), self.settings) {
                Some((number, is_same)) => {
                    key ^= mixed(number, place);
                    is_everywhere &= is_same;
                }
                None => return find(self.facts()),
            }
        }
        let note = |found: Found| {
            if is_everywhere && number.0 == u32::MAX {
                self.judging.everywhere.put(self.purpose, number.1, found);
            }
        };
        let steps = self.judging.steps;
        if let Some((truth, took)) = self.memo.get(key) {
            steps.take(took);
            // all of them would make what is not optimised twice as slow
            debug_assert!(
                !key.is_multiple_of(16) || (truth, took) == self.counted(find),
                "{} is known under too little",
                self.rule.id
            );
            note((truth, took));
            return truth;
        }
        if steps.are_spent() {
            return Truth::Undetermined;
        }
        let before = steps.taken();
        let truth = find(self.facts());
        let found = (truth, steps.taken() - before);
        self.memo.put(key, found);
        note(found);
        truth
    }

    /// What is found and how many steps that takes, without taking them.
    fn counted(&self, find: impl Fn(&CellFacts<'_, 'w>) -> Truth) -> (Truth, u64) {
        let steps = Steps::new(usize::MAX);
        let facts = CellFacts { steps: Some(&steps), ..self.judging.quiet(self.rule, self.purpose, self.atom) };
        let truth = find(&facts);
        (truth, steps.taken())
    }
}

/// Odd numbers without pattern: the fractions of the square roots of 2 and 3.
const FIRST: Number = 0x6a09_e667_f3bc_c908_b2fb_1366_ea95_7d3f;
const NEXT: Number = 0xbb67_ae85_84ca_a73b_2574_2d74_07d7_6d8f;

/// A number at its place in a key, spread over all bits.
fn mixed(number: Number, place: Number) -> Number {
    let spread = (number ^ place).wrapping_mul(NEXT);
    (spread ^ (spread >> 64)).wrapping_mul(place | 1)
}

/// Whether a rule may be about a purpose, where it asks for nothing but a state: a purpose that has another use was left out before.
fn may_have_state(cell: &Asked<'_, '_, '_>) -> bool {
    let effective = cell.judging.effective;
    let Some(at) = effective.state(cell.purpose, cell.atom).filter(|at| !at.deciders.is_empty()) else {
        return false;
    };
    let State::Known(kind) = at.state else { return true };
    let kind = kind.as_str();
    match cell.rule.applies.states.as_slice() {
        [] => kind != "absent",
        states => states.iter().any(|state| state == kind),
    }
}

/// What parts came to that read nothing which differs from atom to atom, of the purposes of one service on one day.
#[derive(Default)]
pub(super) struct Everywhere(RefCell<HashMap<u64, Found, BuildHasherDefault<ByItself>>>);

impl Everywhere {
    /// By purpose and part, spread over all bits.
    fn key(purpose: usize, part: u32) -> u64 {
        let key = (purpose as u64) << 32 | u64::from(part);
        (key ^ key >> 29).wrapping_mul(NEXT as u64).rotate_left(32)
    }

    fn get(&self, purpose: usize, part: u32) -> Option<Found> {
        self.0.borrow().get(&Self::key(purpose, part)).copied()
    }

    fn put(&self, purpose: usize, part: u32, found: Found) {
        self.0.borrow_mut().insert(Self::key(purpose, part), found);
    }
}

/// What parts came to, for everybody who asks.
pub(super) struct Memo {
    shards: [Mutex<Known>; SHARDS],
}

const SHARDS: usize = 64;

/// In each shard; then what is there is forgotten, so that no workspace is too large. About 10 MiB for all.
const MOST: usize = 4_000;

type Known = HashMap<Number, Found, BuildHasherDefault<ByItself>>;

/// What a part came to, and the steps that took.
type Found = (Truth, u64);

impl Default for Memo {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Memo {
    fn shard(&self, key: Number) -> Option<&Mutex<Known>> {
        self.shards.get((key >> 64) as usize % SHARDS)
    }

    fn get(&self, key: Number) -> Option<Found> {
        self.shard(key)?.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied()
    }

    fn put(&self, key: Number, found: Found) {
        let Some(shard) = self.shard(key) else { return };
        let mut known = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, found);
    }
}

/// Keys are hashes already.
#[derive(Default)]
struct ByItself(u64);

impl Hasher for ByItself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first));
    }
}
