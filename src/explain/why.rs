//! The chain of one cell: for each property what holds there, where it is written, and what it beat.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::model::{Entity, EntityKind, FieldId, Override, Service, SettingRef, Workspace};
use crate::resolve::{
    Boundaries, Candidate, Effective, NoticeFor, Outcome, Property, Resolved, SettingLink, State, Tri, Variant, Work,
};
use crate::source::{FileId, SourceMap, Span};
use crate::space::{AgeSet, Atlas, Block, Date, PlanSet, TerritorySet};
use crate::suggest;

/// A cell to explain.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    /// The purpose.
    pub purpose: &'q str,
    /// The files that the purpose or its setting is looked for in: all, where none were named.
    pub named: &'q BTreeSet<FileId>,
    /// The service, where more than one has a purpose of that name.
    pub service: Option<&'q str>,
    /// A territory code.
    pub region: &'q str,
    /// An age in whole years.
    pub age: u8,
    /// A plan; needed where the service has more than one.
    pub plan: Option<&'q str>,
    /// The date.
    pub date: Date,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// What is wrong with the question.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

fn unanswered(message: String, help: Option<String>) -> Unanswered {
    Unanswered { message, help }
}

/// The chain as text.
///
/// # Errors
/// The purpose, service, region or plan is not there, or the service does not reach the point.
pub fn why(
    workspace: &Workspace,
    sources: &SourceMap,
    atlas: &Atlas,
    question: &Question<'_>,
) -> Result<String, Unanswered> {
    let (service, at) = find(workspace, question)?;
    let leaf = atlas.leaf(question.region).ok_or_else(|| {
        let group = atlas.lookup(question.region, question.date).is_ok();
        let message = match group {
            true => format!("`{}` is a group, not one territory", question.region),
            false => format!("`{}` is not a territory", question.region),
        };
        let help = match atlas.suggestion(question.region) {
            _ if group => {
                Some("name one territory of the group, such as `FR` for `EEA` or `US-CA` for `US`".to_owned())
            }
            Some(near) => Some(format!("did you mean `{near}`?")),
            None => Some("write an ISO 3166 code such as `FR` or `US-CA`".to_owned()),
        };
        unanswered(message, help)
    })?;
    let plans: Vec<&str> = service.plans.iter().map(String::as_str).collect();
    let plan = match question.plan {
        None if plans.len() > 1 => {
            let help = format!("choose with `--plan`: {}", suggest::list(&plans));
            return Err(unanswered(format!("service `{}` has {} plans", service.id, plans.len()), Some(help)));
        }
        None => 0,
        Some(plan) => plans.iter().position(|known| *known == plan).ok_or_else(|| {
            let help = match plans.as_slice() {
                [] => Some("the service has no plans; leave `--plan` out".to_owned()),
                plans => suggest::did_you_mean(plan, plans),
            };
            unanswered(format!("`{plan}` is not a plan of service `{}`", service.id), help)
        })?,
    };
    let boundaries = Boundaries::default();
    if let Some(reason) = Work::of(workspace, service, atlas, question.date, &boundaries).too_much(1) {
        return Err(unanswered(format!("service `{}` cannot be worked out: {reason}", service.id), None));
    }
    let effective = Effective::resolve(workspace, service, atlas, question.date, &boundaries);
    let ages = AgeSet::range(question.age, question.age);
    let here = Block { territories: TerritorySet::of(leaf), ages, plans: PlanSet::of(plan) };
    let atom = effective.atoms.iter().position(|atom| here.is_within(*atom)).ok_or_else(|| {
        let message = format!("service `{}` does not reach people aged {ages} in {}", service.id, question.region);
        unanswered(message, Some("see `regions` and `ages` at the top of the declaration".to_owned()))
    })?;
    let chain = Chain { effective: &effective, sources, atom };
    let mut out = String::new();
    let plan = plans.get(plan).map(|plan| format!(", plan {plan}")).unwrap_or_default();
    let purpose = effective.purposes.get(at).map(|purpose| purpose.resolved.entity.title()).unwrap_or_default();
    // writing to a string cannot fail
    let _ = writeln!(
        out,
        "{purpose}\nin {}, aged {ages}{plan}, on {}\n",
        place_name(atlas, question.region),
        question.date
    );
    let _ = chain.write(&mut out, at);
    Ok(out)
}

/// The service that a question is about.
pub fn asked<'w>(workspace: &'w Workspace, question: &Question<'_>) -> Option<&'w Service> {
    find(workspace, question).ok().map(|(service, _)| service)
}

fn place_name(atlas: &Atlas, code: &str) -> String {
    atlas.title(code).map_or_else(|| code.to_owned(), |name| format!("{code} ({name})"))
}

/// The purpose that is meant: of several with the name, those that stand in what was named.
fn find<'w>(workspace: &'w Workspace, question: &Question<'_>) -> Result<(&'w Service, usize), Unanswered> {
    let purpose = question.purpose;
    let services: Vec<&Service> =
        workspace.services().iter().filter(|service| question.service.is_none_or(|id| *service.id == *id)).collect();
    let place = |service: &'w Service| workspace.purposes(service).position(|(_, known)| *known.id == *purpose);
    let hits: Vec<(&Service, usize)> =
        services.iter().filter_map(|service| Some((*service, place(service)?))).collect();
    let is_named = |hit: &&(&'w Service, usize)| {
        let entity = workspace.purposes(hit.0).nth(hit.1).map(|(_, entity)| entity);
        entity.is_some_and(|entity| stands_in(workspace, hit.0, entity, question.named))
    };
    let named: Vec<(&Service, usize)> = hits.iter().filter(is_named).copied().collect();
    let choose = |hits: &[(&Service, usize)]| {
        let names: Vec<&str> = hits.iter().map(|(service, _)| &*service.id).collect();
        Some(format!("choose with `--service`: {}", suggest::list(&names)))
    };
    match (hits.as_slice(), named.as_slice()) {
        (_, [only]) => Ok(*only),
        ([], _) => Err(not_there(workspace, &services, question)),
        ([only], []) => {
            let message = format!("there is no purpose `{purpose}` in what was named");
            Err(unanswered(message, Some(format!("leave the paths out: service `{}` has one", only.0.id))))
        }
        (several, []) => {
            let message = format!("there is no purpose `{purpose}` in what was named");
            Err(unanswered(message, choose(several).map(|help| format!("leave the paths out, and {help}"))))
        }
        (_, several) => {
            let message = format!("{} services have a purpose `{purpose}`", several.len());
            Err(unanswered(message, choose(several)))
        }
    }
}

/// Whether a purpose, or the setting that decides its default, stands in one of the files.
fn stands_in(workspace: &Workspace, service: &Service, purpose: &Entity, files: &BTreeSet<FileId>) -> bool {
    let setting = match &purpose.setting {
        Some((_, SettingRef::Id(id))) => workspace.find(service, EntityKind::Setting, &id.value),
        _ => None,
    };
    let places = [Some(purpose.place), setting.map(|(_, setting)| setting.place)];
    places.into_iter().flatten().any(|place| files.contains(&place.file))
}

/// What is said of a name that no purpose of these services has.
fn not_there(workspace: &Workspace, services: &[&Service], question: &Question<'_>) -> Unanswered {
    if let Some(id) = question.service.filter(|_| services.is_empty()) {
        let known: Vec<&str> = workspace.services().iter().map(|service| &*service.id).collect();
        return unanswered(format!("there is no service `{id}`"), suggest::did_you_mean(id, &known));
    }
    let known: Vec<(&str, &str)> = services
        .iter()
        .flat_map(|service| workspace.purposes(service).map(move |(_, purpose)| (&*service.id, &*purpose.id)))
        .collect();
    let help = match known.as_slice() {
        [] => Some("no purpose could be read; `purposelint check` says why".to_owned()),
        known => suggest::purpose(question.purpose, known),
    };
    unanswered(format!("there is no purpose `{}`", question.purpose), help)
}

struct Chain<'a> {
    effective: &'a Effective<'a>,
    sources: &'a SourceMap,
    atom: usize,
}

impl Chain<'_> {
    fn write(&self, out: &mut String, at: usize) -> std::fmt::Result {
        let Some(purpose) = self.effective.purposes.get(at) else { return Ok(()) };
        let state = self.effective.state(at, self.atom).map(|state| state.state);
        let words = match state {
            Some(State::Known(kind)) => kind.as_str(),
            Some(State::Undeclared) | None => "not declared",
            Some(State::Unknown) => "not to be told: something that decides it cannot be read",
            Some(State::Unsettled) => "not to be told: the day on which it ends is a bound that leaves it open",
        };
        let is_tied = matches!(state, Some(State::Known(_))) && !self.effective.ties(at, self.atom).is_empty();
        let note = if is_tied { " (the least protective of the values that tie)" } else { "" };
        writeln!(out, "state: {words}{note}")?;
        match purpose.setting {
            SettingLink::Nothing(span) => writeln!(out, "  there is no setting ({})", self.place(span))?,
            SettingLink::Undeclared => {
                let place = self.place(purpose.resolved.entity.place);
                let core = purpose.resolved.entity.fields.text("necessity") == Some("core");
                let why = if core { ", and `necessity` is `core`" } else { "" };
                writeln!(out, "  no setting is named{why} ({place})")?;
            }
            SettingLink::Unknown(span) => writeln!(out, "  the setting cannot be read ({})", self.place(span))?,
            SettingLink::Setting(..) => {}
        }
        self.properties(out, &purpose.resolved)?;
        if let Some(setting) = self.effective.setting(at) {
            self.properties(out, setting)?;
        }
        self.notices(out, at)
    }

    /// The notices that are for the purpose, whether they reach the person or not. What the purpose lists alone does not tell.
    fn notices(&self, out: &mut String, at: usize) -> std::fmt::Result {
        let notices = self.effective.notices_for(at, self.atom);
        if !notices.is_empty() {
            writeln!(out, "\nnotices for it")?;
        }
        for NoticeFor { entity, listed, covers, reaches } in notices {
            let whom = entity.selector.whom();
            let (word, why) = match (reaches, listed, covers) {
                (Tri::No, ..) => ("not here", format!("it is for {whom}")),
                (Tri::Unknown, ..) => ("unknown", "whom it is for cannot be read".to_owned()),
                (Tri::Yes, true, true) => ("holds", "the purpose lists it, and it covers the purpose".to_owned()),
                (Tri::Yes, true, false) => ("holds", "the purpose lists it".to_owned()),
                (Tri::Yes, false, _) => ("holds", "it covers the purpose".to_owned()),
            };
            writeln!(out, "  {word:<9} {}  {why}  ({})", entity.id, self.place(entity.place))?;
        }
        Ok(())
    }

    fn properties(&self, out: &mut String, resolved: &Resolved<'_>) -> std::fmt::Result {
        let kind = resolved.entity.kind;
        if kind == EntityKind::Setting || !resolved.properties.is_empty() {
            writeln!(out, "\n{} `{}` ({})", kind.noun(), resolved.entity.id, self.place(resolved.entity.place))?;
        }
        for (field, property) in &resolved.properties {
            self.property(out, *field, property, &resolved.entity.overrides)?;
        }
        Ok(())
    }

    fn property(
        &self,
        out: &mut String,
        field: FieldId,
        property: &Property<'_>,
        overrides: &[Override],
    ) -> std::fmt::Result {
        let Some(variant) = property.at(self.atom) else { return Ok(()) };
        let verdict = match variant.outcome {
            Outcome::Value(_) => "",
            Outcome::Undeclared => "  not declared here",
            Outcome::Ambiguous => "  ambiguous: the values below tie",
            Outcome::Unknown(_) => "  cannot be told: a selector or value cannot be read",
        };
        writeln!(out, "  {}{verdict}", field.name())?;
        let rows = variant.winners.iter().map(|at| (at, "holds")).chain(variant.beaten.iter().map(|at| (at, "beaten")));
        for (at, word) in rows {
            let Some(candidate) = property.candidates.get(usize::from(*at)) else { continue };
            let word = if word == "holds" && variant.outcome == Outcome::Ambiguous { "ties" } else { word };
            let origin = match candidate.over {
                None => "base value".to_owned(),
                Some(over) => format!("override for {}", selector(overrides.get(over))),
            };
            let place = match candidate.value {
                Some(value) => self.place(value.value.span),
                None => "not written; the default".to_owned(),
            };
            writeln!(out, "    {word:<9} {}  {origin}  ({place})", value(candidate))?;
        }
        self.elsewhere(out, property, variant, overrides)
    }

    /// Overrides that set the property for others, so that nobody has to guess why they do not hold here.
    fn elsewhere(
        &self,
        out: &mut String,
        property: &Property<'_>,
        variant: &Variant,
        overrides: &[Override],
    ) -> std::fmt::Result {
        let here = variant.winners.iter().chain(&variant.beaten);
        let mut said: Vec<Span> =
            here.filter_map(|at| Some(property.candidates.get(usize::from(*at))?.value?.value.span)).collect();
        for candidate in &property.candidates {
            let Some(field) = candidate.value else { continue };
            let span = field.value.span;
            if said.contains(&span) {
                continue;
            }
            said.push(span);
            let whom = selector(candidate.over.and_then(|over| overrides.get(over)));
            writeln!(out, "    {:<9} {}  override for {whom}  ({})", "not here", value(candidate), self.place(span))?;
        }
        Ok(())
    }

    fn place(&self, span: Span) -> String {
        format!("{}:{}", self.sources.path(span.file), self.sources.start(span).line)
    }
}

fn value(candidate: &Candidate<'_>) -> String {
    match candidate.value.map(|field| &field.value.value) {
        Some(value) => value.to_string(),
        None => "true".to_owned(),
    }
}

/// Whom an override selects, in its own words.
fn selector(over: Option<&Override>) -> String {
    over.map_or_else(|| "everybody".to_owned(), Override::whom)
}
