//! `purposelint-baseline.json`: the findings that existed when the tool was adopted. It may only shrink.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::all;
use super::known::{Entry, Identity, Known, Points};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::{Finding, Outcome, Subject};
use crate::model::EntityKind;
use crate::order::Order;
use crate::schema::{self, SchemaKind};
use crate::source::{FileId, SourceMap, Span};
use crate::space::{AgeSet, Atlas, Block, Date, Folder, PlanSet, TerritorySet};
use crate::suggest;
use crate::syntax::{Kind, Limits, NodeRef, parse};

/// The version of the format.
const VERSION: u32 = 1;

/// Most entries that are named when some no longer occur.
const NAMED: usize = 4;

/// The code of what is wrong with the file itself: no rule, since a run without it would judge something else.
const CODE: &str = "config-baseline";

/// A finding that is accepted.
#[derive(Debug, Clone)]
struct Accepted {
    identity: Identity,
    entry: Entry,
    /// Where the file has it; `None` for one that is to be written.
    place: Option<Span>,
}

/// The findings of a baseline.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    known: Known,
    entries: Vec<Accepted>,
}

impl Baseline {
    /// A baseline with findings.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut baseline = Self::default();
        for finding in findings {
            baseline.push(Accepted { identity: Identity::of(finding), entry: Entry::of(finding), place: None });
        }
        baseline
    }

    fn push(&mut self, accepted: Accepted) {
        self.known.add(accepted.identity.clone(), accepted.entry.clone());
        self.entries.push(accepted);
    }

    /// Reads a file of the map. With any diagnostic it must not be used.
    pub fn load(sources: &SourceMap, file: FileId, atlas: &Atlas, limits: &Limits) -> (Self, Vec<Diagnostic>) {
        // the program writes it itself, with an entry for each finding
        let limits = Limits { entries: usize::MAX, ..*limits };
        let (tree, mut diagnostics) = parse(sources, file, &limits);
        let mut baseline = Self::default();
        let root = match tree.documents() {
            [document] => tree.root(document).filter(|root| root.kind() != Kind::Null),
            _ => None,
        };
        match root {
            Some(root) => {
                diagnostics.extend(schema::validate(SchemaKind::Baseline, root));
                Reading { atlas, diagnostics: &mut diagnostics }.read(root, &mut baseline);
            }
            None if diagnostics.is_empty() => {
                let wrong = Diagnostic::new(
                    CODE,
                    Span::new(file, 0, 0),
                    "this is not a baseline: it must be one JSON document",
                );
                diagnostics.push(wrong.help("delete it and write it anew with `purposelint baseline create`"));
            }
            None => {}
        }
        (baseline, diagnostics)
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Its findings, to be compared with those of a run.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// How many of its findings no longer occur, or concern fewer people, in a run with these findings. `ran` tells the rules that
    /// were switched on.
    pub fn shrinkable<F: Borrow<Finding>>(&self, findings: &[F], ran: &dyn Fn(&str) -> bool) -> usize {
        self.compared(findings, ran).iter().filter(|left| !matches!(left, Left::Whole)).count()
    }

    /// The baseline without the findings that a run no longer has; one that concerns fewer people by now keeps only these. It never
    /// grows. Findings of rules for which `ran` is false stay as they are.
    #[must_use]
    pub fn shrunk<F: Borrow<Finding>>(&self, findings: &[F], ran: &dyn Fn(&str) -> bool) -> Self {
        let mut out = Self::default();
        for (accepted, left) in self.entries.iter().zip(self.compared(findings, ran)) {
            match left {
                Left::Whole => out.push(accepted.clone()),
                Left::Part(points) => {
                    let entry = Entry { points, ..accepted.entry };
                    out.push(Accepted { entry, ..accepted.clone() });
                }
                Left::Nothing => {}
            }
        }
        out
    }

    /// The baseline with more findings and without fewer: for a run that did not judge everything.
    #[must_use]
    pub fn grown<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut entries = self.entries.clone();
        for finding in findings {
            let (identity, entry) = (Identity::of(finding), Entry::of(finding));
            let of_people = |known: &&mut Accepted| known.identity == identity && !known.entry.points.is_empty();
            match entries.iter_mut().find(of_people) {
                // one more of the same for the same people
                Some(known) if identity.message.is_some() && known.entry.covers(&entry) => {
                    entries.push(Accepted { identity, entry, place: None });
                }
                Some(known) => {
                    known.entry.points.extend(&entry.points);
                    known.entry.severity = known.entry.severity.max(entry.severity);
                }
                None => entries.push(Accepted { identity, entry, place: None }),
            }
        }
        let mut out = Self::default();
        entries.into_iter().for_each(|accepted| out.push(accepted));
        out
    }

    /// How many of its findings are of rules that did not run, so that nobody knows whether they still occur.
    pub fn unjudged(&self, ran: &dyn Fn(&str) -> bool) -> usize {
        self.entries.iter().filter(|accepted| !ran(&accepted.identity.rule)).count()
    }

    /// What a run still has of each finding of the baseline. What a rule that did not run once found is there still.
    fn compared<F: Borrow<Finding>>(&self, findings: &[F], ran: &dyn Fn(&str) -> bool) -> Vec<Left> {
        let mut now: BTreeMap<Identity, (usize, Vec<Points>)> = BTreeMap::new();
        for finding in all(findings) {
            let identity = Identity::of(finding);
            let is_one_of_many = identity.message.is_some();
            let (count, current) = now.entry(identity).or_default();
            *count += 1;
            match current.first_mut().filter(|_| !is_one_of_many) {
                Some(points) => points.extend(&Points::of(&finding.cells)),
                None => current.push(Points::of(&finding.cells)),
            }
        }
        let left = |accepted: &Accepted| {
            if !ran(&accepted.identity.rule) {
                return Left::Whole;
            }
            let Some((count, current)) = now.get_mut(&accepted.identity) else { return Left::Nothing };
            let points = &accepted.entry.points;
            if points.is_empty() {
                // a place in a file is there as often as it is found
                let found = *count > 0;
                *count = count.saturating_sub(1);
                return if found { Left::Whole } else { Left::Nothing };
            }
            let mut gone = points.clone();
            for points in current.iter_mut() {
                // what one finding of several for the same people is known by is not there for another
                let found = match accepted.identity.message {
                    Some(_) => points.take(&gone),
                    None => points.clone(),
                };
                gone = gone.minus(&found);
            }
            current.retain(|points| !points.is_empty());
            if gone.is_empty() {
                return Left::Whole;
            }
            let rest = points.minus(&gone);
            if rest.is_empty() { Left::Nothing } else { Left::Part(rest) }
        };
        self.entries.iter().map(left).collect()
    }

    /// Says that the baseline may shrink, if it may.
    pub(super) fn stale<F: Borrow<Finding>>(&self, findings: &[F], ran: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
        let compared = self.entries.iter().zip(self.compared(findings, ran));
        let stale: Vec<&Accepted> =
            compared.filter(|(_, left)| !matches!(left, Left::Whole)).map(|(accepted, _)| accepted).collect();
        let place = stale.first()?.place?;
        let (subject, verbs, them) = match stale.len() {
            1 => ("a finding".to_owned(), "no longer occurs, or concerns", "it"),
            count => (format!("{count} findings"), "no longer occur, or concern", "them"),
        };
        let mut what: Vec<String> = stale.iter().map(|accepted| accepted.identity.to_string()).collect();
        what.dedup();
        let more = what.len().saturating_sub(NAMED);
        what.truncate(NAMED);
        if more > 0 {
            what.push(format!("{more} more"));
        }
        let message = format!(
            "{subject} in the baseline {verbs} fewer people: `purposelint baseline update` takes {them} out ({})",
            suggest::join(&what)
        );
        let help = "take out what was repaired, so that it cannot come back unseen";
        Some(Diagnostic::new("stale-baseline", place, message).help(help))
    }

    /// Its text: one finding per line, the same for the same findings.
    pub fn text(&self, atlas: &Atlas, day: Date) -> String {
        let mut places = Places { folder: Folder::new(atlas, atlas.world(), day), atlas, names: BTreeMap::new() };
        let mut entries: Vec<&Accepted> = self.entries.iter().collect();
        entries.order_by(|a, b| (&a.identity, &a.entry).cmp(&(&b.identity, &b.entry)));
        let lines: Vec<String> = entries.iter().map(|accepted| line(accepted, &mut places).to_string()).collect();
        let list = |out: &mut String, lines: Vec<String>| {
            if !lines.is_empty() {
                let _infallible = write!(out, "\n    {}\n  ", lines.join(",\n    "));
            }
        };
        let mut out = format!("{{\n  \"version\": {VERSION},\n  \"places\": {{");
        list(
            &mut out,
            places.names.iter().map(|(name, set)| format!("{}: {}", json!(name), places.codes(*set))).collect(),
        );
        out.push_str("},\n  \"findings\": [");
        list(&mut out, lines);
        out.push_str("]\n}\n");
        out
    }
}

/// What is left of a finding of the baseline.
enum Left {
    Whole,
    Part(Points),
    Nothing,
}

/// Sets of places by their words. The words for many places are cut short, so that two sets may have the same.
struct Places<'a> {
    folder: Folder<'a>,
    atlas: &'a Atlas,
    names: BTreeMap<String, TerritorySet>,
}

impl Places<'_> {
    fn name(&mut self, set: TerritorySet) -> String {
        let words = self.folder.text(set);
        let mut name = words.clone();
        let mut number = 1;
        while self.names.get(&name).is_some_and(|known| *known != set) {
            number += 1;
            name = format!("{words} ({number})");
        }
        self.names.insert(name.clone(), set);
        name
    }

    /// A list of codes on one line.
    fn codes(&self, set: TerritorySet) -> String {
        let codes: Vec<String> = set.iter().map(|leaf| json!(self.atlas.code(leaf)).to_string()).collect();
        format!("[{}]", codes.join(", "))
    }
}

fn line(accepted: &Accepted, places: &mut Places<'_>) -> Value {
    let Accepted { identity, entry, .. } = accepted;
    let mut out = Map::new();
    out.insert("rule".into(), json!(identity.rule));
    if let Some(service) = &identity.service {
        out.insert("service".into(), json!(service));
    }
    match &identity.subject {
        Subject::Entity(EntityKind::Purpose, id) => out.insert("purpose".into(), json!(id)),
        Subject::Entity(kind, id) => out.insert("subject".into(), json!({"kind": kind.noun(), "id": id})),
        Subject::Service(id) => out.insert("subject".into(), json!({"kind": "service", "id": id})),
        Subject::File(path) => out.insert("subject".into(), json!({"kind": "file", "id": path})),
    };
    out.insert("outcome".into(), json!(identity.outcome.as_str()));
    out.insert("severity".into(), json!(entry.severity.as_str()));
    if !identity.missing.is_empty() {
        out.insert("missing".into(), json!(identity.missing));
    }
    if let Some(message) = &identity.message {
        out.insert("message".into(), json!(message));
    }
    let cell = |(block, plans): (Block, Vec<String>)| {
        let mut out = Map::new();
        out.insert("regions".into(), json!(places.name(block.territories)));
        if block.ages != AgeSet::ALL {
            out.insert("ages".into(), json!(block.ages.iter().collect::<Vec<_>>()));
        }
        if !plans.is_empty() {
            out.insert("plans".into(), json!(plans));
        }
        Value::Object(out)
    };
    let cells: Vec<Value> = entry.points.cells().into_iter().map(cell).collect();
    if !cells.is_empty() {
        out.insert("cells".into(), Value::Array(cells));
    }
    Value::Object(out)
}

struct Reading<'a> {
    atlas: &'a Atlas,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn read(&mut self, root: NodeRef<'_>, baseline: &mut Baseline) {
        let mut places: BTreeMap<&str, TerritorySet> = BTreeMap::new();
        for entry in root.get("places").into_iter().flat_map(|places| places.value.entries()) {
            if let Some(name) = entry.name() {
                places.insert(name, self.territories(entry.value));
            }
        }
        for node in root.get("findings").into_iter().flat_map(|findings| findings.value.items()) {
            if let Some((identity, entry)) = self.finding(node, &places) {
                baseline.push(Accepted { identity, entry, place: Some(node.span()) });
            }
        }
    }

    fn territories(&mut self, list: NodeRef<'_>) -> TerritorySet {
        let mut all = TerritorySet::EMPTY;
        for code in list.items() {
            match code.text().map(|text| self.atlas.leaf(text)) {
                Some(Some(leaf)) => all.insert(leaf),
                Some(None) => self.wrong(code.span(), "this is no territory"),
                None => {}
            }
        }
        all
    }

    fn wrong(&mut self, span: Span, message: &str) {
        let wrong = Diagnostic::new(CODE, span, message);
        self.diagnostics.push(wrong.help("write the baseline anew with `purposelint baseline update`"));
    }

    /// What the schema refuses is left out; the file is not used then.
    fn finding(&mut self, node: NodeRef<'_>, places: &BTreeMap<&str, TerritorySet>) -> Option<(Identity, Entry)> {
        let text = |key: &str| node.get(key).and_then(|entry| Some(entry.value.text()?.to_owned()));
        let texts =
            |list: NodeRef<'_>| list.items().filter_map(|item| Some(item.text()?.to_owned())).collect::<Vec<_>>();
        let outcome = match text("outcome")?.as_str() {
            "fail" => Outcome::Fail,
            "undetermined" => Outcome::Undetermined,
            _ => return None,
        };
        let mut points = Points::default();
        for cell in node.get("cells").into_iter().flat_map(|cells| cells.value.items()) {
            let regions = cell.get("regions")?.value;
            let Some(territories) = regions.text().and_then(|name| places.get(name)) else {
                self.wrong(regions.span(), "`places` does not say what this stands for");
                continue;
            };
            let ages = cell.get("ages").map(|ages| {
                let year = |age: NodeRef<'_>| match age.kind() {
                    Kind::Int(age) => u8::try_from(age).ok(),
                    _ => None,
                };
                AgeSet::of(ages.value.items().filter_map(year))
            });
            let plans = cell.get("plans").map(|plans| texts(plans.value)).unwrap_or_default();
            let block =
                Block { territories: *territories, ages: ages.unwrap_or(AgeSet::ALL), plans: PlanSet::first(1) };
            points.add(&plans, block);
        }
        let mut missing = node.get("missing").map(|list| texts(list.value)).unwrap_or_default();
        missing.order();
        let identity = Identity {
            rule: text("rule")?,
            service: text("service"),
            subject: subject(node)?,
            outcome,
            missing,
            message: text("message"),
        };
        Some((identity, Entry { severity: Severity::parse(&text("severity")?)?, points }))
    }
}

fn subject(node: NodeRef<'_>) -> Option<Subject> {
    if let Some(purpose) = node.get("purpose") {
        return Some(Subject::Entity(EntityKind::Purpose, purpose.value.text()?.to_owned()));
    }
    let subject = node.get("subject")?.value;
    let id = subject.get("id")?.value.text()?.to_owned();
    let kinds = [EntityKind::Organisation, EntityKind::Notice, EntityKind::Setting, EntityKind::Purpose];
    Some(match subject.get("kind")?.value.text()? {
        "service" => Subject::Service(id),
        "file" => Subject::File(id),
        noun => Subject::Entity(kinds.into_iter().find(|kind| kind.noun() == noun)?, id),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Label;
    use crate::evaluate::Cell;
    use crate::evaluate::{SuppressedBy, fingerprint};
    use crate::policy::Cites;

    const CODES: [&str; 6] = ["FR", "DE", "NO", "GB", "CH", "US-CA"];

    fn today() -> Date {
        Date::parse("2026-11-21").unwrap()
    }

    /// A finding for the places whose bits are set, for people over an age, on plans.
    fn finding(purpose: u8, places: u8, from_age: u8, plans: u8, severity: Severity) -> Finding {
        let atlas = Atlas::builtin();
        let mut territories = TerritorySet::EMPTY;
        let set = CODES.iter().enumerate().filter(|(at, _)| places & (1 << at) != 0);
        set.for_each(|(_, code)| territories.insert(atlas.leaf(code).unwrap()));
        let block = Block { territories, ages: AgeSet::range(from_age, 18), plans: PlanSet::first(1) };
        let names = ["free", "paid"].iter().enumerate().filter(|(at, _)| plans & (1 << at) != 0);
        let cell = Cell {
            block,
            regions: String::new(),
            territories: Vec::new().into(),
            ages: block.ages.iter().collect(),
            plans: names.map(|(_, name)| (*name).to_owned()).collect(),
            text: String::new(),
        };
        let file = SourceMap::new().add("a.yaml", "");
        let subject = Subject::Entity(EntityKind::Purpose, format!("p{purpose}"));
        Finding {
            rule: "pack/rule".into(),
            title: String::new(),
            severity,
            outcome: Outcome::Fail,
            service: Some("s".into()),
            fingerprint: fingerprint("pack/rule", Some("s"), &subject),
            subject,
            declared: None,
            cells: if territories.is_empty() { [].into() } else { [cell].into() },
            primary: Label::new(Span::new(file, 0, 0), ""),
            deciding: Box::default(),
            labels: Vec::new(),
            message: format!("message {from_age}"),
            help: None,
            cites: Cites::default(),
            missing: Vec::new(),
            unusable: false,
            counts_from: None,
            suppressed: None,
            news: None,
            fixes: Vec::new(),
        }
    }

    fn some() -> impl Strategy<Value = Vec<Finding>> {
        let severity = prop_oneof![Just(Severity::Error), Just(Severity::Warning), Just(Severity::Info)];
        let one = (0..4_u8, 0..64_u8, 0..19_u8, 0..4_u8, severity);
        let finding = |(purpose, places, age, plans, severity)| finding(purpose, places, age, plans, severity);
        prop::collection::vec(one.prop_map(finding), 0..8)
    }

    fn load(text: &str) -> Baseline {
        let mut sources = SourceMap::new();
        let file = sources.add("purposelint-baseline.json", text);
        let (baseline, wrong) = Baseline::load(&sources, file, Atlas::builtin(), &Limits::default());
        assert_eq!(wrong, [], "{text}");
        baseline
    }

    fn accept(baseline: &Baseline, mut findings: Vec<Finding>) -> Vec<Finding> {
        let at = (Atlas::builtin(), today());
        baseline.known().accept(&mut findings, SuppressedBy::Baseline, &|_| false, at);
        findings
    }

    /// Every point of findings: purpose, territory, age, plan.
    fn points(findings: &[Finding]) -> std::collections::BTreeSet<(String, String)> {
        let mut out = std::collections::BTreeSet::new();
        for finding in findings {
            for cell in &*finding.cells {
                for leaf in cell.block.territories.iter() {
                    for age in cell.block.ages.iter() {
                        let plans = if cell.plans.is_empty() { vec![String::new()] } else { cell.plans.clone() };
                        for plan in plans {
                            let code = Atlas::builtin().code(leaf);
                            out.insert((format!("{:?}", finding.subject), format!("{code} {age} {plan}")));
                        }
                    }
                }
            }
        }
        out
    }

    proptest! {
        #[test]
        fn subject_written_is_read_again(findings in some()) {
            let baseline = Baseline::of(&findings);
            let text = baseline.text(Atlas::builtin(), today());
            let back = load(&text);
            prop_assert_eq!(back.text(Atlas::builtin(), today()), text);
            prop_assert_eq!(back.len(), baseline.len());
            let accepted = accept(&back, findings.clone());
            prop_assert!(accepted.iter().all(|finding| !finding.is_open()));
            prop_assert_eq!(back.shrinkable(&findings, &|_| true), 0);
        }

        #[test]
        fn a_finding_is_accepted_where_all_its_points_were_known(before in some(), now in some()) {
            let accepted = accept(&Baseline::of(&before), now);
            for finding in accepted.iter().filter(|finding| !finding.cells.is_empty()) {
                let one = std::slice::from_ref(finding);
                let as_bad: Vec<Finding> =
                    before.iter().filter(|known| known.severity >= finding.severity).cloned().collect();
                let known = points(&as_bad);
                let covered = points(one).iter().filter(|point| known.contains(point)).count();
                prop_assert_eq!(!finding.is_open(), covered == points(one).len());
                prop_assert!(finding.news.is_some() || covered == 0 || covered == points(one).len());
            }
        }

        #[test]
        fn a_baseline_only_shrinks(before in some(), now in some()) {
            let baseline = Baseline::of(&before);
            let shrunk = baseline.shrunk(&now, &|_| true);
            prop_assert!(shrunk.len() <= baseline.len());
            prop_assert_eq!(shrunk.shrinkable(&now, &|_| true), 0);
            let once = shrunk.text(Atlas::builtin(), today());
            prop_assert_eq!(shrunk.shrunk(&now, &|_| true).text(Atlas::builtin(), today()), once);
            // what it accepts, the one before accepted as well
            for (small, large) in accept(&shrunk, now.clone()).iter().zip(accept(&baseline, now)) {
                prop_assert!(small.is_open() || !large.is_open());
            }
        }
    }
}
