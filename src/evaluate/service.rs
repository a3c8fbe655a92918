//! One service against all rules on one date: atoms to judgements, judgements of one cause to findings.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::facts::CellFacts;
use super::finding::{Cell, Finding, Outcome, Subject, fingerprint};
use super::judge::{Judgement, add_label, join_text, judge, labels, path_read, severity_of};
use super::memo::Keys;
use super::reads::Read;
use crate::config::Waiver;
use crate::diagnostic::{Diagnostic, Edit, Fix, Label, Safety, Severity};
use crate::model::{EntityId, EntityKind, Service, Workspace};
use crate::policy::condition::{Root, StaticRead};
use crate::policy::{Cite, FixTemplate, Library, Pack, Rule, Table};
use crate::resolve::{Boundaries, Effective, Problem, problems};
use crate::settings::{RuleSettings, Settings};
use crate::source::{FileId, Span};
use crate::space::{AgeSet, Atlas, Block, Date, Describe, Folder, TerritorySet, join};
use crate::vocabulary::within;

/// What a run judges with, the same for every service.
pub struct Context<'a> {
    /// The rules, with what they use.
    pub library: &'a Library,
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// For each rule and file, what the config says.
    pub settings: &'a Settings,
    /// Waivers for some places only, with those places: what is found there is a finding of its own.
    pub splits: Vec<(&'a Waiver, TerritorySet)>,
}

impl Context<'_> {
    /// A diagnostic as a finding of the `core` rule that documents it; nothing where a config switched that rule off. Without
    /// such a rule it is an error all the same: nothing that was noticed may get lost.
    pub fn raised(
        &self,
        diagnostic: Diagnostic,
        service: Option<String>,
        subject: Subject,
        severity: Option<Severity>,
    ) -> Option<Finding> {
        let file = diagnostic.primary.span.file;
        self.raised_in(file, diagnostic, service, subject, severity)
    }

    /// As [`Self::raised`], with the settings of the file that declares the subject.
    fn raised_in(
        &self,
        file: FileId,
        diagnostic: Diagnostic,
        service: Option<String>,
        subject: Subject,
        severity: Option<Severity>,
    ) -> Option<Finding> {
        let id = format!("core/{}", diagnostic.code);
        let rule = self.library.rule(&id);
        let settings = self.settings.of(file, &id);
        if rule.is_some() && settings.is_none() {
            return None;
        }
        let usual = || severity.unwrap_or_else(|| rule.map_or(Severity::Error, Rule::usual_severity));
        let severity = match settings {
            Some(settings) => settings.capped(settings.severity.unwrap_or_else(usual)),
            None => self.settings.cap().map_or_else(usual, |cap| usual().min(cap)),
        };
        Some(Finding {
            fingerprint: fingerprint(&id, service.as_deref(), &subject),
            title: rule.map_or_else(|| diagnostic.code.to_owned(), |rule| rule.title.clone()),
            rule: id,
            severity,
            outcome: Outcome::Fail,
            service,
            subject,
            declared: None,
            cells: Vec::new(),
            primary: diagnostic.primary,
            labels: diagnostic.labels,
            message: diagnostic.message,
            help: diagnostic.help,
            cites: rule.map(|rule| rule.cites.clone()).unwrap_or_default(),
            missing: Vec::new(),
            unusable: false,
            counts_from: None,
            suppressed: None,
            news: None,
            fixes: diagnostic.fix.into_iter().collect(),
        })
    }
}

/// The findings of one service on one date, and the rules that had something to say.
#[derive(Debug, Default)]
pub struct JudgedService {
    /// Not yet in the order of a report.
    pub findings: Vec<Finding>,
    /// The rules that had something to say about at least one purpose.
    pub applied: BTreeSet<String>,
    /// How many purposes were judged.
    pub purposes: usize,
    /// The service asks for more than a run takes on, so nothing of it was judged.
    pub too_much: bool,
}

/// The boundaries that all rules together draw on a date.
pub(super) fn boundaries(context: &Context<'_>, date: Date) -> Boundaries {
    let mut out = Boundaries::default();
    for pack in &context.library.packs {
        for rule in active(context, pack) {
            let regions = rule.applies.regions.iter().chain(rule.cites.iter().flat_map(|cite| &cite.regions));
            // the citations of a pack about no law only decorate its findings
            let cut = if pack.territories.is_empty() { rule.applies.regions.len() } else { usize::MAX };
            out.territories.extend(regions.take(cut).filter_map(|name| context.atlas.lookup(name, date).ok()));
            out.territories.extend(states_in(rule).filter_map(|name| context.atlas.lookup(&name, date).ok()));
            out.ages.extend(rule.applies.ages);
            out.plans.extend(rule.applies.plans.iter().cloned());
        }
    }
    for table in tables(context) {
        out.territories.extend(table.boundaries(context.atlas, date));
    }
    out.territories.extend(context.splits.iter().map(|(_, territories)| *territories));
    out
}

/// The tables that a rule which is switched on reads: others draw no line and change no day.
pub(super) fn tables<'a>(context: &'a Context<'_>) -> impl Iterator<Item = &'a Table> {
    let rules = context.library.packs.iter().flat_map(|pack| active(context, pack));
    let names: BTreeSet<&str> = rules
        .flat_map(reads_of)
        .filter_map(|read| match read {
            StaticRead::Table(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    names.into_iter().filter_map(|name| context.library.tables.get(name))
}

/// Everything that the conditions of a rule read.
fn reads_of(rule: &Rule) -> impl Iterator<Item = &StaticRead> {
    let severities = rule.severity.iter().filter_map(|case| case.when.as_ref());
    rule.when.iter().chain(&rule.require).chain(severities).flat_map(|condition| condition.reads())
}

/// Whether what a rule says of a purpose can change on a day on which nothing changes for that purpose.
fn looks_beyond(rule: &Rule) -> bool {
    reads_of(rule).any(|read| matches!(read, StaticRead::Siblings | StaticRead::Root(Root::Today)))
}

/// The groups whose states a rule compares.
fn states_in(rule: &Rule) -> impl Iterator<Item = String> {
    reads_of(rule).filter_map(|read| match read {
        StaticRead::StatesIn(group) => Some(group.clone()),
        _ => None,
    })
}

fn active<'a>(context: &'a Context<'_>, pack: &'a Pack) -> impl Iterator<Item = &'a Rule> {
    pack.rules.iter().filter(|rule| rule.require.is_some() && context.settings.is_used(&rule.id))
}

/// Judges a service; `touched` are the purposes for which something changes on the date, where that is not all of them.
pub(super) fn judge_service(
    context: &Context<'_>,
    workspace: &Workspace,
    service: &Service,
    date: Date,
    boundaries: &Boundaries,
    touched: Option<&BTreeSet<EntityId>>,
) -> JudgedService {
    let effective = Effective::resolve(workspace, service, context.atlas, date, boundaries);
    let describe = Describe {
        folder: Folder::new(context.atlas, effective.universe.territories, date),
        universe: effective.universe,
        plans: &service.plans,
    };
    let judging =
        Judging { context, told: RefCell::default(), keys: Keys::new(&effective), effective: &effective, describe };
    let mut judged = JudgedService { purposes: effective.purposes.len(), ..JudgedService::default() };
    for problem in problems(&effective, context.atlas) {
        judged.findings.extend(judging.problem(problem));
    }
    for pack in &context.library.packs {
        for rule in active(context, pack) {
            let scope = judging.scope(pack, rule);
            let touched = touched.filter(|_| !looks_beyond(rule));
            for (at, purpose) in effective.purposes.iter().enumerate() {
                if touched.is_none_or(|touched| touched.contains(&purpose.id)) {
                    judging.rule(rule, at, &scope, &mut judged);
                }
            }
        }
    }
    judged
}

/// Judgements of one cause: the atoms and what was read there.
#[derive(Default)]
struct Group {
    atoms: Vec<usize>,
    /// For each place that decides: how many leaves and which atom shows it best.
    primaries: BTreeMap<Span, (usize, usize, Vec<Read>)>,
    /// Facts that are not declared and that could make a failure matter less.
    open: BTreeSet<String>,
}

pub(super) struct Judging<'e, 'w> {
    pub(super) context: &'e Context<'e>,
    pub(super) effective: &'e Effective<'w>,
    pub(super) describe: Describe<'e>,
    keys: Keys,
    /// The blocks that were put in words.
    told: RefCell<BTreeMap<Block, Cell>>,
}

impl<'e, 'w> Judging<'e, 'w> {
    /// The atoms a rule is about.
    fn scope(&self, pack: &Pack, rule: &Rule) -> Vec<usize> {
        let date = self.effective.date;
        let union = |names: &mut dyn Iterator<Item = &String>| {
            names.fold(TerritorySet::EMPTY, |all, name| {
                all.or(self.context.atlas.lookup(name, date).unwrap_or_default())
            })
        };
        let mut territories = match rule.applies.regions.as_slice() {
            [] => self.context.atlas.world(),
            regions => union(&mut regions.iter()),
        };
        if !pack.territories.is_empty() {
            // a law counts where one of its citations is in force
            let current: Vec<&Cite> = rule.cites.iter().filter(|cite| cite.in_force.contains(date)).collect();
            let everywhere = current.iter().any(|cite| cite.regions.is_empty());
            let names = if everywhere { &pack.territories } else { &Vec::new() };
            territories = territories.and(union(&mut current.iter().flat_map(|cite| &cite.regions).chain(names)));
        }
        let plans = |block: &Block| {
            let names: Vec<&String> =
                block.plans.iter().filter_map(|at| self.effective.service.plans.get(at)).collect();
            rule.applies.plans.is_empty() || names.iter().any(|name| rule.applies.plans.contains(name))
        };
        let ages = rule.applies.ages.unwrap_or(AgeSet::ALL);
        let atoms = self.effective.atoms.iter().enumerate();
        let inside =
            |block: &Block| block.territories.is_within(territories) && block.ages.is_within(ages) && plans(block);
        atoms.filter(|(_, block)| inside(block)).map(|(at, _)| at).collect()
    }

    /// What the config says of a rule for a purpose, by the file that declares the purpose; `None` where the rule is off there.
    fn settings(&self, rule: &Rule, purpose: usize) -> Option<&'e RuleSettings> {
        let place = self.effective.purposes.get(purpose)?.resolved.entity.place;
        self.context.settings.of(place.file, &rule.id)
    }

    fn facts(&self, rule: &'e Rule, purpose: usize, atom: usize, for_people: bool) -> CellFacts<'e, 'w> {
        let params = self.settings(rule, purpose).map_or(rule.params.as_slice(), |settings| &settings.params);
        CellFacts {
            effective: self.effective,
            library: self.context.library,
            atlas: self.context.atlas,
            params,
            purpose,
            atom,
            log: Default::default(),
            for_people,
            telling: true,
        }
    }

    /// Facts that answer without saying why.
    fn quiet(&self, rule: &'e Rule, purpose: usize, atom: usize) -> CellFacts<'e, 'w> {
        CellFacts { telling: false, ..self.facts(rule, purpose, atom, false) }
    }

    fn rule(&self, rule: &'e Rule, purpose: usize, scope: &[usize], judged: &mut JudgedService) {
        if !may_apply(rule, self.effective, purpose) {
            return;
        }
        let Some(settings) = self.settings(rule, purpose) else { return };
        let key = self.keys.of(rule, self.effective, purpose);
        let mut memo: BTreeMap<Vec<u32>, Judgement> = BTreeMap::new();
        let mut groups: BTreeMap<(Outcome, Severity, String, Option<usize>), Group> = BTreeMap::new();
        let splits = self.splits(rule, purpose);
        for atom in scope {
            let split = self.split(&splits, *atom);
            let judgement = memo.entry(key(*atom)).or_insert_with(|| {
                // words are made only for what is reported
                match judge(rule, &self.quiet(rule, purpose, *atom), settings) {
                    Judgement::Fail { .. } | Judgement::Undetermined { .. } => {
                        judge(rule, &self.facts(rule, purpose, *atom, false), settings)
                    }
                    judgement => judgement,
                }
            });
            match judgement {
                Judgement::NotApplicable => continue,
                Judgement::Pass => {}
                Judgement::Fail { severity, reads, open } => {
                    let group = groups.entry((Outcome::Fail, *severity, String::new(), split)).or_default();
                    self.add(group, purpose, *atom, reads);
                    group.open.extend(open.iter().filter(|read| read.missing.is_some()).map(|read| read.path.clone()));
                }
                Judgement::Undetermined { severity, missing } => {
                    for read in missing {
                        let group =
                            groups.entry((Outcome::Undetermined, *severity, read.path.clone(), split)).or_default();
                        self.add(group, purpose, *atom, std::slice::from_ref(read));
                    }
                }
            }
            if !judged.applied.contains(&rule.id) {
                judged.applied.insert(rule.id.clone());
            }
        }
        for ((outcome, severity, ..), group) in groups {
            judged.findings.push(self.finding(rule, purpose, outcome, severity, group));
        }
    }

    /// The places for which findings of a rule about a purpose are waived.
    fn splits(&self, rule: &Rule, purpose: usize) -> Vec<TerritorySet> {
        let purpose = self.effective.purposes.get(purpose).map(|purpose| purpose.resolved.entity.id.as_ref());
        let service = Some(self.effective.service.id.as_ref());
        let waived = self.context.splits.iter().filter(|(waiver, _)| waiver.concerns(&rule.id, service, purpose));
        waived.map(|(_, territories)| *territories).collect()
    }

    /// Which of them an atom lies in. Atoms never lie across: the places are boundaries.
    fn split(&self, splits: &[TerritorySet], atom: usize) -> Option<usize> {
        let block = self.effective.atoms.get(atom)?;
        splits.iter().position(|territories| block.territories.is_within(*territories))
    }

    fn add(&self, group: &mut Group, purpose: usize, atom: usize, reads: &[Read]) {
        group.atoms.push(atom);
        let leaves = self.effective.atoms.get(atom).map_or(0, |block| block.territories.len());
        let place = self.effective.purposes.get(purpose).map(|purpose| purpose.resolved.entity.place);
        if let Some(span) = reads.first().map(|read| read.place.span).or(place) {
            group.primaries.entry(span).or_insert_with(|| (0, atom, reads.to_vec())).0 += leaves;
        }
    }

    fn finding(&self, rule: &'e Rule, at: usize, outcome: Outcome, severity: Severity, group: Group) -> Finding {
        let entity = self.effective.purposes.get(at).map(|purpose| purpose.resolved.entity);
        let id = entity.map(|entity| entity.id.to_string()).unwrap_or_default();
        let fallback = entity.map_or(rule.place, |entity| entity.place);
        let cells =
            self.cells(group.atoms.iter().filter_map(|atom| self.effective.atoms.get(*atom).copied()).collect());
        let most = group.primaries.iter().max_by_key(|(span, (leaves, ..))| (*leaves, std::cmp::Reverse(**span)));
        let (span, atom, reads) = match most {
            Some((span, (_, atom, reads))) => (*span, *atom, reads.clone()),
            None => (fallback, 0, Vec::new()),
        };
        let mut primary = Label::new(span, reads.first().map(|read| read.place.text.clone()).unwrap_or_default());
        let mut others = labels(&reads, self.effective);
        for (other, (_, _, reads)) in group.primaries.iter().filter(|(other, _)| **other != span) {
            add_label(
                &mut others,
                &Label::new(*other, reads.first().map(|read| read.place.text.clone()).unwrap_or_default()),
            );
            labels(reads, self.effective).iter().for_each(|label| add_label(&mut others, label));
        }
        // one place, one remark
        if let Some(same) = others.iter().position(|label| label.span == span) {
            let same = others.remove(same);
            join_text(&mut primary, &same.text);
        }
        let gap = reads.first().and_then(|read| read.missing);
        let unusable = outcome == Outcome::Undetermined && gap != Some("is not declared");
        let facts = self.facts(rule, at, atom, true);
        let subject = Subject::Entity(EntityKind::Purpose, id);
        let service = Some(self.effective.service.id.to_string());
        let (message, help, missing) = match outcome {
            Outcome::Fail => {
                let open = group.open.into_iter().collect();
                (self.message(rule, &facts, &cells), self.help(rule, &facts, &cells), open)
            }
            Outcome::Undetermined => undetermined_text(rule, reads.first()),
        };
        Finding {
            fixes: rule
                .fix
                .iter()
                .filter(|_| outcome == Outcome::Fail)
                .filter_map(|fix| self.fix(fix, &facts))
                .collect(),
            fingerprint: fingerprint(&rule.id, service.as_deref(), &subject),
            cites: self.cites(rule, &cells),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            severity,
            outcome,
            service,
            subject,
            declared: entity.map(|entity| entity.place),
            cells,
            primary,
            labels: others,
            message,
            help,
            missing,
            unusable,
            counts_from: None,
            suppressed: None,
            news: None,
        }
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

    /// Blocks as cells with their words.
    pub(super) fn cells(&self, blocks: Vec<Block>) -> Vec<Cell> {
        let mut told = self.told.borrow_mut();
        let cell = |block| told.entry(block).or_insert_with(|| cell(block, &self.describe, self.context.atlas)).clone();
        join(blocks).into_iter().map(cell).collect()
    }

    fn message(&self, rule: &Rule, facts: &CellFacts<'_, 'w>, cells: &[Cell]) -> String {
        match &rule.message {
            Some(template) => template.render(facts, &|name| self.word(name, cells), &|object| facts.name_of(object)),
            None => rule.title.clone(),
        }
    }

    fn help(&self, rule: &Rule, facts: &CellFacts<'_, 'w>, cells: &[Cell]) -> Option<String> {
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

    fn cites(&self, rule: &Rule, cells: &[Cell]) -> Vec<Cite> {
        let date = self.effective.date;
        let territories = cells.iter().fold(TerritorySet::EMPTY, |all, cell| all.or(cell.block.territories));
        let meets = |cite: &&Cite| {
            let lookup = |name: &String| self.context.atlas.lookup(name, date).unwrap_or_default();
            cite.in_force.contains(date)
                && (cite.regions.is_empty()
                    || cite.regions.iter().any(|name| !lookup(name).and(territories).is_empty()))
        };
        rule.cites.iter().filter(meets).cloned().collect()
    }

    /// The edit a rule proposes, where the value is written in one place that decides here.
    fn fix(&self, fix: &FixTemplate, facts: &CellFacts<'_, 'w>) -> Option<Fix> {
        let read = path_read(&fix.path, facts).filter(|read| read.missing.is_none())?;
        let field = fix.path.fields.last()?.name();
        let reads_product = self.effective.setting(facts.purpose).is_some_and(|s| s.entity.named("reads").is_some());
        // a declaration that nothing is generated from would only look repaired (DESIGN section 9)
        let safety = if fix.safety == Safety::Authoritative && !reads_product { Safety::Suggest } else { fix.safety };
        let edits = vec![Edit { span: read.place.span, text: fix.value.clone() }];
        Some(Fix { title: format!("set `{field}` to `{}`", fix.value), safety, edits })
    }
}

/// A block with its words.
pub(super) fn cell(block: Block, describe: &Describe<'_>, atlas: &Atlas) -> Cell {
    Cell {
        block,
        regions: describe.folder.text(block.territories),
        territories: block.territories.iter().map(|leaf| atlas.code(leaf).to_owned()).collect(),
        ages: block.ages.iter().collect(),
        plans: block.plans.iter().filter_map(|at| describe.plans.get(at).cloned()).collect(),
        text: describe.block(block),
    }
}

/// Whether the use of a purpose can be one that the rule is about; an unreadable use can.
fn may_apply(rule: &Rule, effective: &Effective<'_>, purpose: usize) -> bool {
    let Some(purpose) = effective.purposes.get(purpose) else { return false };
    match purpose.resolved.entity.fields.text("use") {
        Some(key) if !rule.applies.uses.is_empty() => rule.applies.uses.iter().any(|wanted| within(key, wanted)),
        _ => true,
    }
}

/// How the message of an undetermined finding begins.
fn doubt(title: &str) -> String {
    format!("cannot tell whether {title}:")
}

/// Why an undetermined finding has no answer, as its message has it: `` `purpose.retention` is not declared ``.
pub fn reason(finding: &Finding) -> &str {
    finding.message.strip_prefix(&doubt(&finding.title)).unwrap_or(&finding.message).trim_start()
}

fn undetermined_text(rule: &Rule, read: Option<&Read>) -> (String, Option<String>, Vec<String>) {
    let Some(read) = read else { return (format!("cannot tell whether {}", rule.title), None, Vec::new()) };
    let why = read.missing.unwrap_or("cannot be settled from what is declared");
    let field = read.path.rsplit('.').next().unwrap_or(&read.path);
    let named = if read.path.starts_with("the ") { read.path.clone() } else { format!("`{}`", read.path) };
    // one line in a log has to name the thing, not only the property
    let whose = if why == "is not declared" { format!(" for {}", read.owner) } else { String::new() };
    let message = format!("{} {named} {why}{whose}", doubt(&rule.title));
    let help = match why {
        "is not declared" => format!("declare `{field}` for {}", read.owner),
        "is ambiguous" => "resolve the ambiguous override first".to_owned(),
        "cannot be read" => "repair the error at this place first".to_owned(),
        "is not there" => format!("{} does not cover this; see `purposelint explain {}`", read.owner, rule.id),
        _ => format!("declare `{field}` more exactly for {}", read.owner),
    };
    (message, Some(help), vec![read.path.clone()])
}
