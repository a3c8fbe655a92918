//! The notes that editors show behind lines that set a default: for whom the line decides, and which lines beat it elsewhere.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::model::{Entity, EntityKind, FieldId, Override, Record, Service, SettingRef, Workspace};
use crate::order::Order;
use crate::resolve::{Boundaries, Effective, Outcome, Property, Resolved, State, StateKind, Work};
use crate::source::{SourceMap, Span};
use crate::space::{ADULT, Atlas, Block, Date, Describe, join};
use crate::suggest;

/// How many other lines are named.
const LINES: usize = 3;

/// What a line comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The value.
    pub span: Span,
    /// In words.
    pub text: String,
}

/// A service that notes are made for.
pub struct Notes<'w> {
    workspace: &'w Workspace,
    service: &'w Service,
    atlas: &'w Atlas,
    date: Date,
    sources: &'w SourceMap,
    too_much: OnceCell<bool>,
}

/// What one setting or purpose comes to in a service.
struct About<'a, 'w> {
    notes: &'a Notes<'w>,
    effective: &'a Effective<'w>,
    describe: Describe<'a>,
    /// At which atoms none of its purposes is carried out.
    idle: Vec<bool>,
}

impl<'w> Notes<'w> {
    /// Of a service on a date.
    pub fn new(
        workspace: &'w Workspace,
        service: &'w Service,
        (atlas, date): (&'w Atlas, Date),
        sources: &'w SourceMap,
    ) -> Self {
        Self { workspace, service, atlas, date, sources, too_much: OnceCell::new() }
    }

    /// Whether the service asks for too much to be worked out: then nothing is said of it.
    pub fn is_too_much(&self) -> bool {
        let work = || Work::of(self.workspace, self.service, self.atlas, self.date, &Boundaries::default());
        *self.too_much.get_or_init(|| work().too_much(1).is_some())
    }

    /// Whether a purpose of the service is the entity, or has it as its setting.
    pub fn is_about(&self, entity: &Entity) -> bool {
        self.workspace.purposes(self.service).any(|(_, purpose)| self.is_meant(purpose, entity))
    }

    fn is_meant(&self, purpose: &Entity, entity: &Entity) -> bool {
        match &purpose.setting {
            _ if entity.kind == EntityKind::Purpose => purpose.place == entity.place,
            Some((_, SettingRef::Id(id))) if id.value == entity.id => {
                let found = self.workspace.find(self.service, EntityKind::Setting, &id.value);
                found.is_some_and(|(_, setting)| setting.place == entity.place)
            }
            _ => false,
        }
    }

    /// The notes about a setting or a purpose, with those about a setting that is written in the purpose; none where no purpose
    /// of the service has anything to do with it, or where the service is too much.
    pub fn of(&self, entity: &Entity) -> Vec<Note> {
        if !self.is_about(entity) || self.is_too_much() {
            return Vec::new();
        }
        let Self { workspace, service, atlas, date, .. } = *self;
        let effective =
            Effective::resolve_only(workspace, service, atlas, date, &|_, purpose| self.is_meant(purpose, entity));
        let absent = |atom: usize| {
            let state = |purpose: usize| effective.state(purpose, atom).map(|at| at.state);
            (0..effective.purposes.len()).all(|purpose| state(purpose) == Some(State::Known(StateKind::Absent)))
        };
        let idle = (0..effective.atoms.len()).map(absent).collect();
        let describe = Describe::new(atlas, (effective.universe, &service.plans), date);
        let about = About { notes: self, effective: &effective, describe, idle };
        let mut out = Vec::new();
        if entity.kind == EntityKind::Purpose {
            let purposes = effective.purposes.iter().map(|purpose| &purpose.resolved);
            purposes.for_each(|purpose| about.overrides(purpose, "carried_out", &mut out));
        }
        let inline = |setting: &Resolved<'_>| match &entity.setting {
            Some((_, SettingRef::Inline(inline))) => inline.place == setting.entity.place,
            _ => false,
        };
        for (at, setting) in effective.settings.iter().enumerate() {
            if setting.entity.place == entity.place || inline(setting) {
                about.base(at, setting, &mut out);
                about.overrides(setting, "default", &mut out);
            }
        }
        out
    }
}

/// What a setting is set to for some people, and whether values tie there.
type Look = (Option<State>, bool);

impl About<'_, '_> {
    /// Behind a base default: all people, by what the setting is for them.
    fn base(&self, at: usize, setting: &Resolved<'_>, out: &mut Vec<Note>) {
        let Some((_, property)) = property(setting, "default") else { return };
        let base = property.candidates.iter().find(|candidate| candidate.over.is_none());
        let Some(value) = base.and_then(|candidate| candidate.value) else { return };
        let mut looks: BTreeMap<Look, Vec<Block>> = BTreeMap::new();
        for (atom, (block, idle)) in self.effective.atoms.iter().zip(&self.idle).enumerate() {
            let tied = property.at(atom).is_some_and(|variant| variant.outcome == Outcome::Ambiguous);
            let look = match self.effective.default_of(at, atom) {
                _ if *idle => (None, false),
                Some(state) => (Some(state.state), tied),
                None => (Some(State::Unknown), false),
            };
            looks.entry(look).or_default().push(*block);
        }
        out.push(Note { span: value.value.span, text: self.summary(looks) });
    }

    fn summary(&self, looks: BTreeMap<Look, Vec<Block>>) -> String {
        let mut parts: Vec<(Look, Vec<Block>)> = looks.into_iter().map(|(look, atoms)| (look, join(atoms))).collect();
        parts.order_by_key(|(_, blocks)| blocks.iter().map(size).sum::<usize>());
        let Some((last, everybody)) = parts.pop() else { return String::new() };
        if parts.is_empty() {
            let is_world = everybody.iter().all(|block| block.territories == self.notes.atlas.world());
            let place = self.people("in", &everybody);
            return if is_world { format!("{} everywhere", words(last)) } else { format!("{} {place}", words(last)) };
        }
        let universe = self.describe.universe;
        let whole = |block: &Block| block.ages == universe.ages && block.plans == universe.plans;
        let by_place = parts.iter().all(|(_, blocks)| blocks.iter().all(whole));
        let rest = if by_place { "elsewhere" } else { "otherwise" };
        let part = |(look, blocks): &(Look, Vec<Block>)| format!("{} {}", words(*look), self.people("in", blocks));
        let parts: Vec<String> = parts.iter().map(part).chain([format!("{} {rest}", words(last))]).collect();
        parts.join("; ")
    }

    /// Behind what each override sets: for whom it decides.
    fn overrides(&self, resolved: &Resolved<'_>, name: &str, out: &mut Vec<Note>) {
        let Some((field, property)) = property(resolved, name) else { return };
        for (at, over) in resolved.entity.overrides.iter().enumerate() {
            if let Some(value) = over.fields.get(field) {
                let span = value.value.span;
                out.push(Note { span, text: self.of_override(property, (at, over), span, name == "default") });
            }
        }
    }

    fn of_override(
        &self,
        property: &Property<'_>,
        (at, over): (usize, &Override),
        own: Span,
        needs_purpose: bool,
    ) -> String {
        let mut found = Found::default();
        let is_own = |index: &u16| property.candidates.get(usize::from(*index)).is_some_and(|it| it.over == Some(at));
        for (atom, (block, idle)) in self.effective.atoms.iter().zip(&self.idle).enumerate() {
            let Some(variant) = property.at(atom) else { continue };
            let others = |indices: &[u16]| -> Vec<Span> {
                let values = indices.iter().filter_map(|at| property.candidates.get(usize::from(*at))?.value);
                values.map(|field| field.value.span).filter(|span| *span != own).collect()
            };
            if variant.beaten.iter().any(is_own) && !variant.winners.iter().any(is_own) {
                found.winners.extend(others(&variant.winners));
            }
            if !variant.winners.iter().any(is_own) {
                continue;
            }
            match variant.outcome {
                Outcome::Unknown(_) => found.unknown.push(*block),
                _ if *idle && needs_purpose => found.idle.push(*block),
                Outcome::Ambiguous => {
                    found.ties.push(*block);
                    found.tied.extend(others(&variant.winners));
                }
                _ => found.decides.push(*block),
            }
        }
        self.sentence(found, over, own)
    }

    /// Several groups of people: `in FR, aged 16+, and in DE`.
    fn people(&self, preposition: &str, blocks: &[Block]) -> String {
        let groups: Vec<String> =
            blocks.iter().map(|block| format!("{preposition} {}", self.describe.block(*block))).collect();
        groups.join(", and ")
    }

    fn sentence(&self, found: Found, over: &Override, own: Span) -> String {
        let Found { decides, ties, tied, idle, unknown, winners } = found;
        let whom = |blocks: Vec<Block>| self.people("for", &join(blocks));
        let mut parts = Vec::new();
        if !decides.is_empty() {
            parts.push(format!("decides {}", whom(decides)));
        }
        if !ties.is_empty() {
            parts.push(format!("ties with {} {}", self.lines(tied, own), whom(ties)));
        }
        if !unknown.is_empty() {
            parts.push(format!("cannot be told {}", whom(unknown)));
        }
        if parts.is_empty() {
            return format!("decides for nobody: {}", self.why_nobody(&winners, &idle, over, own));
        }
        if !idle.is_empty() {
            parts.push(format!("not carried out {}", whom(idle)));
        }
        parts.join("; ")
    }

    fn why_nobody(&self, winners: &[Span], idle: &[Block], over: &Override, own: Span) -> String {
        let day = |day: &Option<crate::model::Located<Option<Date>>>| day.as_ref().and_then(|day| day.value);
        let (from, until) = (day(&over.selector.from), day(&over.selector.until));
        let date = self.notes.date;
        if let Some(from) = from.filter(|from| *from > date) {
            return format!("it begins on {from}");
        }
        if let Some(until) = until.filter(|until| *until <= date) {
            return format!("it ended on {until}");
        }
        if !idle.is_empty() {
            return "not carried out there".to_owned();
        }
        match winners {
            [] => "the service reaches none of them".to_owned(),
            winners => format!("beaten by {}", self.lines(winners.to_vec(), own)),
        }
    }

    /// `line 14`, `lines 14 and 20`; with its file where that is another.
    fn lines(&self, mut spans: Vec<Span>, own: Span) -> String {
        spans.sort_unstable();
        spans.dedup();
        let sources = self.notes.sources;
        let more = spans.len().saturating_sub(LINES);
        let one = |span: &Span| {
            let line = sources.start(*span).line;
            if span.file == own.file { line.to_string() } else { format!("{}:{line}", sources.path(span.file)) }
        };
        let mut names: Vec<String> = spans.iter().take(LINES).map(one).collect();
        names.extend((more > 0).then(|| format!("{more} more")));
        match names.as_slice() {
            [] => "another line".to_owned(),
            [only] => format!("line {only}"),
            several => format!("lines {}", suggest::join(several)),
        }
    }
}

/// About how many people there are in a block, next to others: most are adults.
fn size(block: &Block) -> usize {
    let years: usize = block.ages.iter().map(|age| if age == ADULT { 60 } else { 1 }).sum();
    block.territories.len() * years * block.plans.iter().count()
}

/// What an override comes to.
#[derive(Default)]
struct Found {
    decides: Vec<Block>,
    ties: Vec<Block>,
    tied: Vec<Span>,
    idle: Vec<Block>,
    unknown: Vec<Block>,
    winners: Vec<Span>,
}

fn property<'r, 'w>(resolved: &'r Resolved<'w>, name: &str) -> Option<(FieldId, &'r Property<'w>)> {
    let record = if resolved.entity.kind == EntityKind::Purpose { Record::Purpose } else { Record::Setting };
    let field = FieldId::find(record, name)?;
    Some((field, resolved.properties.get(&field)?))
}

fn words((state, tied): Look) -> String {
    let word = match state {
        None => "not carried out",
        Some(state) => super::word(state),
    };
    if tied { format!("ambiguous, at worst {word},") } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "in a test, what cannot be is a failing test")]

    use super::*;
    use crate::model::lower;
    use crate::syntax::{Limits, parse};
    use crate::vocabulary::Vocabulary;

    /// The notes of all settings and purposes: the line of each, and what it says.
    fn notes(text: &str) -> Vec<String> {
        let mut sources = SourceMap::new();
        let file = sources.add("a.yaml", text);
        let (tree, _) = parse(&sources, file, &Limits::default());
        let atlas = Atlas::builtin();
        let root = tree.root(tree.documents().first().unwrap()).unwrap();
        let (declaration, _) = lower(root, atlas, Vocabulary::builtin());
        let workspace = Workspace::merge(vec![declaration.clone()]);
        let date = Date::parse("2026-11-22").unwrap();
        let notes = Notes::new(&workspace, workspace.services().first().unwrap(), (atlas, date), &sources);
        let mut all: Vec<Note> = declaration.entities.iter().flat_map(|entity| notes.of(entity)).collect();
        all.sort_by_key(|note| note.span);
        all.iter().map(|note| format!("{}: {}", sources.start(note.span).line, note.text)).collect()
    }

    const PURPOSE: &str = "purposes: {p: {setting: s}}\n";

    #[test]
    fn a_line_says_for_whom_it_decides() {
        let cases: &[(&str, &[&str])] = &[
            ("    default: on\n", &["5: on everywhere"]),
            ("    default: ask\n", &["5: ask everywhere"]),
            (
                "    default: on\n    overrides:\n      - {regions: [EEA], default: off}\n",
                &["5: off in EEA; on elsewhere", "7: decides for EEA"],
            ),
            (
                "    default: on\n    overrides:\n      - {regions: [EEA], default: off}\n      - {regions: [FR], default: ask}\n",
                &[
                    "5: ask in FR; off in EEA except FR; on elsewhere",
                    "7: decides for EEA except FR",
                    "8: decides for FR",
                ],
            ),
            (
                "    default: on\n    overrides:\n      - {regions: [FR, DE], default: off}\n      - {regions: [FR], ages: [under-16], default: ask}\n      - {regions: [DE], until: 2026-01-01, default: ask}\n      - {regions: [DE], from: 2027-01-01, default: ask}\n",
                &[
                    "5: ask in FR, aged under 16; off in DE and FR, aged 16+, and in DE, aged under 16; on otherwise",
                    "7: decides for DE and FR, aged 16+, and for DE, aged under 16",
                    "8: decides for FR, aged under 16",
                    "9: decides for nobody: it ended on 2026-01-01",
                    "10: decides for nobody: it begins on 2027-01-01",
                ],
            ),
            (
                "    default: on\n    overrides:\n      - {regions: [EEA], default: off}\n      - {ages: [under-16], default: ask}\n",
                &[
                    "5: ambiguous, at worst ask, in EEA, aged under 16; off in EEA, aged 16+; ask in WORLD except EEA, aged under 16; on otherwise",
                    "7: decides for EEA, aged 16+; ties with line 8 for EEA, aged under 16",
                    "8: decides for WORLD except EEA, aged under 16; ties with line 7 for EEA, aged under 16",
                ],
            ),
            ("    overrides:\n      - {regions: [EEA], default: off}\n", &["6: decides for EEA"]),
        ];
        for (setting, expected) in cases {
            let text = format!("version: 1\nservice: a\nsettings:\n  s:\n{setting}{PURPOSE}");
            assert_eq!(notes(&text), *expected, "{text}");
        }
    }

    #[test]
    fn a_line_that_decides_for_nobody_says_why() {
        let cases: &[(&str, &[&str])] = &[
            (
                "regions: [FR, DE]\npurposes:\n  p:\n    setting:\n      default: on\n      overrides:\n        - {regions: [EEA], default: off}\n        - {regions: [FR], default: ask}\n        - {regions: [DE], default: ask}\n        - {regions: [US], default: ask}\n",
                &[
                    "7: ask in DE and FR",
                    "9: decides for nobody: beaten by lines 10 and 11",
                    "10: decides for FR",
                    "11: decides for DE",
                    "12: decides for nobody: the service reaches none of them",
                ],
            ),
            (
                "purposes:\n  p:\n    carried_out: false\n    setting:\n      default: on\n      overrides: [{regions: [FR], default: off}]\n    overrides:\n      - {regions: [EU], carried_out: true}\n      - {regions: [EU], carried_out: true}\n",
                &[
                    "7: off in FR; on in EU except FR; not carried out elsewhere",
                    "8: decides for FR",
                    "10: decides for EU",
                    "11: decides for EU",
                ],
            ),
            (
                "purposes:\n  p:\n    setting: {default: on, overrides: [{regions: [FR], default: off}]}\n    overrides: [{regions: [EU], carried_out: false}]\n",
                &[
                    "5: not carried out in EU; on elsewhere",
                    "5: decides for nobody: not carried out there",
                    "6: decides for EU",
                ],
            ),
            ("settings: {s: {default: on}}\npurposes: {p: {setting: none}}\n", &[]),
            (
                "purposes: {p: {setting: {default: on, overrides: [{regions: [Atlantis], default: off}]}}}\n",
                &["3: unknown everywhere", "3: cannot be told for WORLD"],
            ),
        ];
        for (text, expected) in cases {
            let text = format!("version: 1\nservice: a\n{text}");
            assert_eq!(notes(&text), *expected, "{text}");
        }
    }
}
