//! The work on a file by itself, and on services by themselves: what it takes, and what it comes to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::carry::Before;
use super::read::{Read, read};
use super::repeated::Repeated;
use super::session::{by_itself, raised};
use super::{Progress, Setup};
use crate::evaluate::{
    Basis, Context, Days, Finding, JudgedService, KeptDays, KnownServices, Outcome, Subject, evaluate,
};
use crate::model::{CheckedService, CheckedShared, Checks, Declaration, EntityKind, Service, Workspace};
use crate::parallel;
use crate::policy::RuleSet;
use crate::product::{self, Difference};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{is_within, requoted};

/// What a run works with.
pub(super) struct Task<'t> {
    pub(super) sources: &'t SourceMap,
    pub(super) setup: &'t Setup<'t>,
    pub(super) context: &'t Context<'t>,
    pub(super) days: AllDays<'t>,
    pub(super) progress: &'t Progress,
    /// What findings say alike.
    pub(super) repeated: Repeated,
}

/// What is the same for all services.
pub(super) enum AllDays<'t> {
    /// Known from the last run.
    Kept(&'t KeptDays),
    /// Worked out for the first service.
    Own(Box<OnceLock<Days<'t>>>),
}

/// What is known of a file.
#[derive(Serialize, Deserialize)]
pub(super) struct OfFile {
    pub(super) read: Read,
    /// What is wrong with it by itself.
    pub(super) findings: Vec<Arc<Finding>>,
}

/// What is known of a service.
#[derive(Serialize, Deserialize)]
pub(super) struct OfService {
    pub(super) place: Span,
    pub(super) checked: CheckedService,
    /// What was found in any case.
    pub(super) findings: Vec<Arc<Finding>>,
    /// What is wrong with its references; only counts where every document could be read.
    pub(super) references: Vec<Arc<Finding>>,
    pub(super) applied: RuleSet,
    /// Rules that are about a purpose which is not carried out.
    pub(super) spared: RuleSet,
    pub(super) purposes: usize,
    pub(super) too_much: bool,
    /// The product files that its settings read, and those that services share.
    pub(super) looked_up: BTreeSet<String>,
    /// Under what it was judged, where somebody may ask again.
    #[serde(skip)]
    pub(super) basis: Option<Basis>,
    /// Its files with what stands for their texts, where somebody may ask again.
    #[serde(skip)]
    pub(super) inputs: Vec<(FileId, u128)>,
}

impl OfService {
    /// Whether some of it was known before, so that what applies may be too much.
    pub(super) fn was_known(&self) -> bool {
        self.basis.as_ref().is_some_and(|basis| basis.is_old)
    }

    /// All that was found, references included.
    pub(super) fn found(&self) -> impl Iterator<Item = &Arc<Finding>> {
        self.findings.iter().chain(&self.references)
    }
}

/// What services came to.
pub(super) struct Judged {
    pub(super) services: Vec<(Box<str>, OfService)>,
    pub(super) shared: CheckedShared,
    /// What differs between the settings that they share and the product.
    pub(super) differing: Vec<Arc<Finding>>,
    /// The product files that these read.
    pub(super) looked_up: BTreeSet<String>,
}

impl<'t> Task<'t> {
    /// A file by itself; `before` is what it was.
    pub(super) fn read(&self, file: FileId, before: Option<&Before>) -> OfFile {
        let mut read = read(self.sources, file, self.setup, before);
        read.shared.sort_unstable();
        let problems = raised(std::mem::take(&mut read.problems), self.sources, self.context);
        let mut findings = settled(problems, &read.shared, self.sources);
        self.repeated.share(&mut findings);
        self.progress.files.fetch_add(1, Relaxed);
        OfFile { read, findings }
    }

    /// Judges services, each by itself, from their declarations and all that services share. `aliased` are the places that YAML
    /// aliases in their files stand for, sorted: no fix edits those. What is `known` of a service is not judged again.
    pub(super) fn judge(&self, declarations: Vec<Declaration>, aliased: &[Span], known: KnownServices<'_>) -> Judged {
        let Self { sources, setup, .. } = *self;
        // whether everything could be read only matters to what is made of these later
        let checks =
            Checks { atlas: setup.atlas, date: setup.period.today, until: setup.period.horizon, complete: true };
        let workspace = Workspace::merge(declarations);
        let mut looked_up: BTreeMap<Option<&str>, BTreeSet<String>> = BTreeMap::new();
        for (service, path) in product::looked_up(&workspace) {
            looked_up.entry(service.map(|service| &*service.id)).or_default().insert(path.to_owned());
        }
        let of_all = looked_up.get(&None).cloned().unwrap_or_default();
        let differences = product::compare(&workspace, setup.products, sources, &setup.limits);
        // where nobody compares, nobody could see that a changed default is not that of the product
        let uncompared = workspace.settings().map(|(_, setting)| setting.place);
        let uncompared = uncompared.filter(|place| setup.settings.of(place.file, &product::rule()).is_none());
        let open = differences.iter().filter(|difference| difference.is_open).map(|open| open.setting.place);
        let unconfirmed = open.chain(uncompared).collect();
        let context = &Context { splits: self.context.splits.clone(), unconfirmed, ..*self.context };
        let mut of_services: BTreeMap<Box<str>, Vec<Arc<Finding>>> = BTreeMap::new();
        let mut of_shared = Vec::new();
        for difference in differences {
            let service = difference.service.map(|service| service.id.clone());
            let finding = differing(difference, context).map(Arc::new);
            match service {
                Some(service) => of_services.entry(service).or_default().extend(finding),
                None => of_shared.extend(finding),
            }
        }
        let how = (known, &self.progress.judged);
        let judged = match &self.days {
            AllDays::Kept(days) => days.evaluate(context, &workspace, how),
            AllDays::Own(days) => {
                let days = days.get_or_init(|| Days::new(self.context, setup.period));
                evaluate(context, &workspace, days, how)
            }
        };
        let services = |(service, judged): (&Service, JudgedService)| {
            let mut checked = workspace.check_service(service, &checks);
            let (always, references) = checked.take();
            // collected, they would keep the memory of the list that they come from
            let mut findings: Vec<Arc<Finding>> = Vec::with_capacity(judged.findings.len());
            findings.extend(judged.findings.into_iter().map(Arc::new));
            findings.extend(raised(by_itself(always), sources, context));
            findings.extend(of_services.get(&service.id).into_iter().flatten().cloned());
            let mut findings = settled(findings, aliased, sources);
            self.repeated.share(&mut findings);
            // these were settled when they were found
            findings.extend(judged.kept);
            let of = OfService {
                place: service.place,
                checked,
                findings,
                references: settled(raised(by_itself(references), sources, context), aliased, sources),
                applied: judged.applied,
                spared: judged.spared,
                purposes: judged.purposes,
                too_much: judged.too_much,
                basis: judged.basis,
                inputs: Vec::new(),
                looked_up: looked_up.get(&Some(&*service.id)).into_iter().chain([&of_all]).flatten().cloned().collect(),
            };
            (service.id.clone(), of)
        };
        Judged {
            services: parallel::map_into(workspace.services().iter().zip(judged).collect(), services),
            shared: workspace.check_shared(&checks),
            differing: settled(of_shared, aliased, sources),
            looked_up: of_all.clone(),
        }
    }
}

/// A default that is not that of the product, or of which nobody can tell, as a finding.
fn differing(difference: Difference<'_>, context: &Context<'_>) -> Option<Finding> {
    let Difference { service, setting, diagnostic, is_open } = difference;
    let subject = Subject::Entity(EntityKind::Setting, setting.id.to_string());
    let service = service.map(|service| service.id.to_string());
    let mut finding = context.raised(diagnostic, service, subject, None)?;
    finding.declared = Some(setting.place);
    if is_open {
        let below = context.library.rule(&finding.rule).and_then(|rule| rule.undetermined);
        finding.severity = below.unwrap_or_else(|| finding.severity.below()).min(finding.severity);
        finding.outcome = Outcome::Undetermined;
        finding.unusable = true;
        finding.missing = vec!["setting.reads".to_owned()];
        finding.message = format!("cannot tell whether {}: {}", finding.title, finding.message);
    }
    Some(finding)
}

/// Findings whose edits are sound; see [`settle_edits`].
pub(super) fn settled(mut findings: Vec<Arc<Finding>>, shared: &[Span], sources: &SourceMap) -> Vec<Arc<Finding>> {
    for finding in findings.iter_mut().filter(|finding| !finding.fixes.is_empty()) {
        settle_edits(Arc::make_mut(finding), shared, sources);
    }
    findings
}

/// Drops fixes that would reach further than they say or take comments away, and gives new values the quotes of the old ones.
fn settle_edits(finding: &mut Finding, shared: &[Span], sources: &SourceMap) {
    let is_shared = |span: Span| is_within(shared, span);
    let has_comment = |span: Span| {
        let text = sources.slice(span);
        text.contains('#') && text.contains(['\n', '\r'])
    };
    finding.fixes.retain(|fix| !fix.edits.iter().any(|edit| is_shared(edit.span) || has_comment(edit.span)));
    for edit in finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
        if !edit.span.is_empty() {
            edit.text = requoted(&sources.slice(edit.span), &edit.text);
        }
    }
}
