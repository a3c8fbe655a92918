//! One cause, one diagnostic: findings for people, gathered by what makes them so.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::diagnostic::Severity;
use crate::evaluate::{Finding, Outcome};
use crate::order::Order;
use crate::source::Span;
use crate::space::Date;
use crate::space::TerritorySet;

/// Findings with one cause.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The finding that speaks for all.
    pub(super) lead: &'a Finding,
    /// The other findings of the same outcome, most severe first.
    pub(super) others: Vec<&'a Finding>,
    /// Undetermined findings that wait for what a `core` finding among the others demands.
    pub(super) waiting: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// The most severe of all.
    pub(super) fn severity(&self) -> Severity {
        self.all().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }

    /// Whether it says no more than that a fact is missing.
    pub(super) fn is_undetermined(&self) -> bool {
        self.lead.outcome == Outcome::Undetermined
    }

    /// The lead and the others.
    pub(super) fn flagged(&self) -> impl Iterator<Item = &'a Finding> {
        std::iter::once(self.lead).chain(self.others.iter().copied())
    }

    /// All findings of the group.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Finding> {
        self.flagged().chain(self.waiting.iter().copied())
    }
}

/// Where a finding stands and since when: what must agree for any grouping.
type Place = (Span, Option<Date>);

/// The cause of a finding: a place, with what is not declared there, if that is the matter; and for what is undetermined, with the
/// missing properties.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'a> {
    Seen(Place, Option<&'a str>),
    Missing(Place, Vec<&'a str>),
}

/// Gathers findings. Groups come in the order of their first finding.
pub(super) fn group<'a>(findings: &[&'a Finding]) -> Vec<Group<'a>> {
    let homes = homes(findings);
    let mut index: BTreeMap<Cause<'_>, usize> = BTreeMap::new();
    let mut gathered: Vec<Vec<&Finding>> = Vec::new();
    for &finding in findings {
        let cause = match homes.get(&place(finding)) {
            Some(home) if finding.outcome == Outcome::Undetermined => home.clone(),
            _ => cause(finding),
        };
        let at = *index.entry(cause).or_insert(gathered.len());
        match gathered.get_mut(at) {
            Some(members) => members.push(finding),
            None => gathered.push(vec![finding]),
        }
    }
    gathered.into_iter().filter_map(lead).collect()
}

/// The causes that `core` findings name, by place: whatever is undetermined there waits for them. A failure goes first.
fn homes<'a>(findings: &[&'a Finding]) -> BTreeMap<Place, Cause<'a>> {
    let mut homes = BTreeMap::new();
    for outcome in [Outcome::Fail, Outcome::Undetermined] {
        for &finding in findings.iter().filter(|finding| is_core(finding) && finding.outcome == outcome) {
            homes.entry(place(finding)).or_insert_with(|| cause(finding));
        }
    }
    homes
}

fn lead(members: Vec<&Finding>) -> Option<Group<'_>> {
    let has_core = members.iter().any(|finding| is_core(finding));
    let (waiting, mut flagged): (Vec<_>, Vec<_>) = members
        .into_iter()
        .partition(|finding| has_core && !is_core(finding) && finding.outcome == Outcome::Undetermined);
    flagged
        .order_by_key(|finding| (finding.outcome, Reverse(finding.severity), Reverse(breadth(finding)), &finding.rule));
    let mut flagged = flagged.into_iter();
    Some(Group { lead: flagged.next()?, others: flagged.collect(), waiting })
}

/// In how many territories a finding concerns somebody: what is said of the most places speaks for what is said of a few.
fn breadth(finding: &Finding) -> usize {
    let territories = finding.cells.iter().map(|cell| cell.block.territories);
    territories.fold(TerritorySet::EMPTY, TerritorySet::or).len()
}

fn place(finding: &Finding) -> Place {
    (finding.primary.span, finding.counts_from)
}

fn cause(finding: &Finding) -> Cause<'_> {
    if finding.outcome == Outcome::Fail {
        return Cause::Seen(place(finding), finding.primary.gap());
    }
    let mut missing: Vec<&str> = finding.missing.iter().map(String::as_str).collect();
    missing.sort_unstable();
    Cause::Missing(place(finding), missing)
}

fn is_core(finding: &Finding) -> bool {
    finding.rule.starts_with("core/")
}

/// The rules of findings, each once, in order.
pub(super) fn rules<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<&'a Finding> {
    let mut rules: Vec<&Finding> = Vec::new();
    for finding in findings {
        if !rules.iter().any(|known| known.rule == finding.rule) {
            rules.push(finding);
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Label, not_here};
    use crate::evaluate::Subject;
    use crate::policy::Cites;
    use crate::source::SourceMap;

    fn finding(rule: &str, severity: Severity, missing: &[&str], at: usize) -> Finding {
        let file = SourceMap::new().add("a.yaml", "");
        Finding {
            rule: rule.into(),
            title: String::new(),
            severity,
            outcome: if missing.is_empty() { Outcome::Fail } else { Outcome::Undetermined },
            service: None,
            subject: Subject::Service("s".into()),
            declared: None,
            cells: [].into(),
            primary: Label::new(Span::new(file, at, at + 1), ""),
            deciding: Box::default(),
            labels: Vec::new(),
            message: String::new(),
            help: None,
            cites: Cites::default(),
            missing: missing.iter().map(ToString::to_string).collect(),
            unusable: false,
            counts_from: None,
            suppressed: None,
            news: None,
            fixes: Vec::new(),
            fingerprint: String::new(),
        }
    }

    /// Groups as `lead+other+other>waiting`.
    fn shape(findings: &[Finding]) -> Vec<String> {
        let rules = |list: &[&Finding], mark: char| -> String {
            list.iter().map(|finding| format!("{mark}{}", finding.rule)).collect()
        };
        let findings: Vec<&Finding> = findings.iter().collect();
        let groups = group(&findings);
        groups.iter().map(|g| g.lead.rule.clone() + &rules(&g.others, '+') + &rules(&g.waiting, '>')).collect()
    }

    #[test]
    fn the_most_severe_leads_then_the_first_by_id() {
        let warning = |rule| finding(rule, Severity::Warning, &[], 4);
        let list = [warning("c/x"), warning("b/x"), finding("d/x", Severity::Error, &[], 4), warning("a/x")];
        assert_eq!(shape(&list), ["d/x+a/x+b/x+c/x"]);
    }

    #[test]
    fn place_outcome_and_missing_fact_part_groups() {
        let error = |rule, missing: &[&str], at| finding(rule, Severity::Error, missing, at);
        let mut upcoming = error("f/x", &[], 4);
        upcoming.counts_from = Date::parse("2027-01-01");
        let list = [
            error("a/x", &[], 4),
            error("b/x", &["p.one", "p.two"], 4),
            error("c/x", &["p.two", "p.one"], 4),
            error("d/x", &["p.one"], 4),
            error("e/x", &[], 5),
            upcoming,
            error("g/x", &[], 4),
        ];
        assert_eq!(shape(&list), ["a/x+g/x", "b/x+c/x", "d/x", "e/x", "f/x"]);
    }

    #[test]
    fn two_facts_that_one_place_lacks_are_two_causes() {
        let lacks = |rule, fact: &str| {
            let mut finding = finding(rule, Severity::Error, &[], 4);
            finding.primary.text = not_here(fact).into();
            finding
        };
        let list = [lacks("a/x", "retention"), lacks("b/x", "lawful_basis"), lacks("c/x", "retention")];
        assert_eq!(shape(&list), ["a/x+c/x", "b/x"]);
    }

    #[test]
    fn files_part_groups() {
        let mut map = SourceMap::new();
        map.add("a.yaml", "");
        let mut other = finding("b/x", Severity::Error, &[], 4);
        other.primary.span = Span::new(map.add("b.yaml", ""), 4, 5);
        assert_eq!(shape(&[finding("a/x", Severity::Error, &[], 4), other]), ["a/x", "b/x"]);
    }

    #[test]
    fn what_is_undetermined_waits_for_the_core() {
        let list = [
            finding("a/x", Severity::Error, &["setting.default"], 4),
            finding("core/default-undeclared", Severity::Warning, &[], 4),
            finding("b/x", Severity::Warning, &["state"], 4),
            finding("c/x", Severity::Warning, &["state"], 5),
        ];
        assert_eq!(shape(&list), ["core/default-undeclared>a/x>b/x", "c/x"]);
        assert_eq!(group(&list.iter().collect::<Vec<_>>()).first().map(Group::severity), Some(Severity::Error));
        let list =
            [finding("a/x", Severity::Error, &["other"], 4), finding("core/fact", Severity::Warning, &["state"], 4)];
        assert_eq!(shape(&list), ["core/fact>a/x"]);
    }
}
