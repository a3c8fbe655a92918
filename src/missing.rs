//! The facts that rules ask for and nobody declared, by the entity that should declare them.

use std::collections::BTreeMap;

use crate::diagnostic::{Label, Severity, not_here};
use crate::evaluate::{Cell, Finding, Outcome, Subject, reason};
use crate::model::{Entity, EntityKind, Record, Service, SettingRef, Type, Workspace};
use crate::order::Order;
use crate::schema::{Described, describe};
use crate::source::Span;
use crate::space::Date;

/// Everything that is missing, and what keeps other facts from being used.
#[derive(Debug, Clone)]
pub struct Missing {
    /// The date of the run.
    pub as_of: Date,
    /// By service, in the order of the workspace.
    pub services: Vec<ServiceGaps>,
    /// What is declared, or comes with a pack, but cannot be used; these are no facts to fill in.
    pub unsettled: Vec<Unsettled>,
    /// How many errors there are in the text of the declarations, behind which more may be missing.
    pub errors: usize,
    /// Whether something had to be judged and was not, of which nobody knows what is missing.
    pub partial: bool,
}

/// The facts that one service does not declare.
#[derive(Debug, Clone)]
pub struct ServiceGaps {
    /// Its id.
    pub id: String,
    /// Its title for people, else its id.
    pub title: String,
    /// Who should declare what, in the order of the files.
    pub owners: Vec<Owner>,
}

/// An entity that should declare something.
#[derive(Debug, Clone)]
pub struct Owner {
    /// What it is; `None` for the service itself.
    pub kind: Option<EntityKind>,
    /// Its id. A setting that is written inside a purpose has the id of the purpose.
    pub id: String,
    /// Its title for people, else its id.
    pub title: String,
    /// Whether it is a setting that is written inside its purpose.
    pub is_inline: bool,
    /// Where it is declared.
    pub place: Span,
    /// The purposes whose rules ask, by id.
    pub purposes: Vec<String>,
    /// What is missing: what matters most first.
    pub facts: Vec<Fact>,
}

/// A fact that is not declared.
#[derive(Debug, Clone)]
pub struct Fact {
    /// The keys below its owner: `retention`, `until`.
    pub path: Vec<Step>,
    /// Where it would stand, if that is an item of a list.
    pub item: Option<Span>,
    /// What it is, from the schema.
    pub described: Option<Described>,
    /// The rules that cannot judge without it.
    pub waiting: Vec<Asking>,
    /// The rules that flag something and would mind it less, or not at all, if the fact said so.
    pub milder: Vec<Asking>,
    /// For whom it is asked, each in words, with the day from which it is where that is a later one.
    pub whom: Vec<(Option<Date>, Cell)>,
}

/// A key on the way to a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The key.
    pub key: String,
    /// Whether a list stands there, of whose items one lacks what follows.
    pub is_list: bool,
}

/// A rule that asks for a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asking {
    /// How much the finding matters.
    pub severity: Severity,
    /// `pack/rule`
    pub rule: String,
    /// What the rule finds wrong.
    pub title: String,
}

/// A finding that waits for something other than a fact to fill in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unsettled {
    /// Where.
    pub place: Span,
    /// What is the matter: `` `setting.default` is ambiguous ``.
    pub reason: String,
    /// What to do.
    pub help: String,
}

impl Missing {
    /// Whether there is nothing to fill in or to settle.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty() && self.unsettled.is_empty()
    }

    /// How many facts are missing.
    pub fn count(&self) -> usize {
        self.services.iter().flat_map(|service| &service.owners).map(|owner| owner.facts.len()).sum()
    }

    /// Gathers what findings say is missing.
    pub fn gather<'f>(findings: impl Iterator<Item = &'f Finding> + Clone, workspace: &Workspace, as_of: Date) -> Self {
        let mut gathering = Gathering { workspace, owners: BTreeMap::new(), unsettled: Vec::new() };
        for finding in findings.clone() {
            gathering.add(finding);
        }
        let Gathering { owners, mut unsettled, .. } = gathering;
        let mut services: Vec<ServiceGaps> = Vec::new();
        for (at, service) in workspace.services().iter().enumerate() {
            let mut own: Vec<Owner> =
                owners.iter().filter(|((of, ..), _)| *of == at).map(|(_, owner)| owner.clone()).collect();
            own.order_by(|a, b| a.place.cmp(&b.place).then_with(|| a.kind.cmp(&b.kind)));
            own.iter_mut().for_each(Owner::settle);
            if !own.is_empty() {
                let title = service.title().to_owned();
                services.push(ServiceGaps { id: service.id.to_string(), title, owners: own });
            }
        }
        unsettled.order();
        unsettled.dedup();
        let is_error =
            |finding: &&Finding| finding.severity == Severity::Error && matches!(finding.subject, Subject::File(_));
        Self { as_of, services, unsettled, errors: findings.filter(is_error).count(), partial: false }
    }
}

impl Owner {
    /// Puts what matters most first, and each rule once.
    fn settle(&mut self) {
        for fact in &mut self.facts {
            for rules in [&mut fact.waiting, &mut fact.milder] {
                rules.order_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
                rules.dedup_by(|a, b| a.rule == b.rule);
            }
            let waiting: Vec<String> = fact.waiting.iter().map(|asking| asking.rule.clone()).collect();
            fact.milder.retain(|asking| !waiting.contains(&asking.rule));
            let all = fact.whom.clone();
            // whom a larger box names already, as early, need not be named again
            fact.whom.retain(|own| {
                let is_in = |other: &(Option<Date>, Cell)| other.0 <= own.0 && own.1.block.is_within(other.1.block);
                !all.iter().any(|other| other != own && is_in(other))
            });
            fact.whom.order_by_key(|(from, _)| *from);
        }
        self.facts.order_by(|a, b| {
            let weight = |fact: &Fact| {
                let worst = fact.waiting.iter().map(|asking| asking.severity).max();
                (worst, fact.waiting.len(), fact.milder.len())
            };
            weight(b).cmp(&weight(a)).then_with(|| a.path.cmp(&b.path)).then_with(|| a.item.cmp(&b.item))
        });
    }
}

/// A service by its place, what the owner is, its id, whether it is written inside a purpose.
type Key = (usize, Option<EntityKind>, String, bool);

struct Gathering<'w> {
    workspace: &'w Workspace,
    owners: BTreeMap<Key, Owner>,
    unsettled: Vec<Unsettled>,
}

/// Who should declare a fact.
struct Home<'w> {
    service: usize,
    entity: Option<&'w Entity>,
    is_inline: bool,
    place: Span,
    /// The item of a list, where it is one.
    item: Span,
}

impl<'w> Gathering<'w> {
    fn add(&mut self, finding: &Finding) {
        let Subject::Entity(EntityKind::Purpose, purpose) = &finding.subject else {
            // a fact that would make a finding about the whole service matter less has no one home
            if matches!(finding.subject, Subject::Service(_)) && !finding.missing.is_empty() {
                self.unsettled.push(Unsettled {
                    place: finding.primary.span,
                    reason: reason(finding).to_owned(),
                    help: finding.help.as_deref().unwrap_or_default().to_owned(),
                });
            }
            return;
        };
        let found = finding.service.as_deref().and_then(|id| {
            let at = self.workspace.services().iter().position(|service| *service.id == *id)?;
            let service = self.workspace.services().get(at)?;
            let (_, purpose) = self.workspace.find(service, EntityKind::Purpose, purpose)?;
            Some((at, service, purpose))
        });
        let Some((at, service, purpose)) = found else { return };
        let is_known_gap = !finding.unusable;
        if finding.rule == "core/default-undeclared" {
            let path = if self.setting(service, purpose).is_some() { "setting.default" } else { "purpose.setting" };
            self.fact(finding, path, at, purpose);
        }
        for path in &finding.missing {
            if is_known_gap && !path.contains(' ') {
                self.fact(finding, path, at, purpose);
            } else if finding.outcome == Outcome::Undetermined {
                self.unsettled.push(Unsettled {
                    place: finding.primary.span,
                    reason: reason(finding).to_owned(),
                    help: finding.help.as_deref().unwrap_or_default().to_owned(),
                });
            }
        }
    }

    fn fact(&mut self, finding: &Finding, path: &str, service: usize, purpose: &'w Entity) {
        let mut keys = path.split('.');
        let root = keys.next().unwrap_or_default();
        let keys: Vec<&str> = keys.collect();
        for home in self.homes(finding, root, &keys, service, purpose) {
            let kind = home.entity.map(|entity| entity.kind);
            let steps = steps(kind.map_or(Record::Service, EntityKind::record), &keys);
            let key = (
                home.service,
                kind,
                home.entity.map(|entity| entity.id.to_string()).unwrap_or_default(),
                home.is_inline,
            );
            let of = self.workspace.services().get(home.service);
            let owner = self.owners.entry(key).or_insert_with(|| owner(&home, of));
            if !owner.purposes.iter().any(|id| **id == *purpose.id) {
                owner.purposes.push(purpose.id.to_string());
            }
            let item = steps.iter().any(|step| step.is_list).then_some(home.item);
            let known = owner.facts.iter_mut().find(|fact| fact.path == steps && fact.item == item);
            match known {
                Some(fact) => fact.ask(finding),
                None => {
                    let mut fact = new_fact(kind, &keys, steps, item);
                    fact.ask(finding);
                    owner.facts.push(fact);
                }
            }
        }
    }

    /// Who should declare a fact: the purpose, its setting, the service, or the organisations and notices that are pointed at.
    fn homes(
        &self,
        finding: &Finding,
        root: &str,
        keys: &[&str],
        service: usize,
        purpose: &'w Entity,
    ) -> Vec<Home<'w>> {
        let Some(of) = self.workspace.services().get(service) else { return Vec::new() };
        let home = |entity: Option<&'w Entity>, is_inline, item| {
            let place = entity.map_or(of.place, |entity| entity.place);
            Home { service, entity, is_inline, place, item }
        };
        let gap = not_here(keys.last().copied().unwrap_or_default());
        let lacks = |label: &&Label| label.text.contains(&gap);
        let mut places: Vec<Span> = vec![finding.primary.span];
        places.extend(finding.labels.iter().filter(lacks).map(|label| label.span));
        match (root, keys) {
            ("service", _) => vec![home(None, false, of.place)],
            ("setting", _) => match self.setting(of, purpose) {
                Some((setting, is_inline)) => vec![home(Some(setting), is_inline, setting.place)],
                None => vec![home(Some(purpose), false, purpose.place)],
            },
            ("notices" | "recipients", [_, ..]) => {
                let kind = if root == "notices" { EntityKind::Notice } else { EntityKind::Organisation };
                let entities = places.iter().filter_map(|place| self.at(of, kind, *place));
                entities.map(|entity| home(Some(entity), false, entity.place)).collect()
            }
            _ => places.into_iter().map(|place| home(Some(purpose), false, place)).collect(),
        }
    }

    fn setting(&self, service: &'w Service, purpose: &'w Entity) -> Option<(&'w Entity, bool)> {
        match &purpose.setting {
            Some((_, SettingRef::Inline(setting))) => Some((setting, true)),
            Some((_, SettingRef::Id(id))) => {
                self.workspace.find(service, EntityKind::Setting, &id.value).map(|(_, setting)| (setting, false))
            }
            _ => None,
        }
    }

    /// The entity that is declared at a place.
    fn at(&self, service: &'w Service, kind: EntityKind, place: Span) -> Option<&'w Entity> {
        self.workspace.reachable(service, kind).map(|(_, entity)| entity).find(|entity| entity.place == place)
    }
}

impl Fact {
    fn ask(&mut self, finding: &Finding) {
        let asking = Asking { severity: finding.severity, rule: finding.rule.clone(), title: finding.title.clone() };
        // without a default there is nothing to be milder about
        let waits = finding.outcome == Outcome::Undetermined || finding.rule.starts_with("core/");
        if waits {
            self.waiting.push(asking)
        } else {
            self.milder.push(asking)
        }
        for cell in &*finding.cells {
            let asked = (finding.counts_from, cell.clone());
            if !self.whom.contains(&asked) {
                self.whom.push(asked);
            }
        }
    }
}

fn owner(home: &Home<'_>, service: Option<&Service>) -> Owner {
    let own = |text: &str| text.to_owned();
    let (id, title) = match (home.entity, service) {
        (Some(entity), _) => (own(&entity.id), own(entity.title())),
        (None, Some(service)) => (own(&service.id), own(service.title())),
        (None, None) => Default::default(),
    };
    Owner {
        kind: home.entity.map(|entity| entity.kind),
        id,
        title,
        is_inline: home.is_inline,
        place: home.place,
        purposes: Vec::new(),
        facts: Vec::new(),
    }
}

fn new_fact(kind: Option<EntityKind>, keys: &[&str], path: Vec<Step>, item: Option<Span>) -> Fact {
    let mut whole: Vec<&str> = kind.map(EntityKind::key).into_iter().collect();
    whole.extend(keys);
    Fact { path, item, described: describe(&whole), waiting: Vec::new(), milder: Vec::new(), whom: Vec::new() }
}

/// Keys with what stands at each of them.
fn steps(record: Record, keys: &[&str]) -> Vec<Step> {
    let mut record = Some(record);
    let mut steps = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let field = record.and_then(|record| record.fields().iter().find(|field| field.name == *key));
        let below = match field.map(|field| field.ty) {
            Some(Type::Record(below)) => Some((below, false)),
            Some(Type::List(Type::Record(below))) => Some((*below, true)),
            _ => None,
        };
        let is_last = at + 1 == keys.len();
        steps.push(Step { key: (*key).to_owned(), is_list: !is_last && below.is_some_and(|(_, is_list)| is_list) });
        record = below.map(|(below, _)| below);
    }
    steps
}
