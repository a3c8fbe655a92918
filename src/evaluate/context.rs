//! What a run judges with, and diagnostics as findings.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::finding::{Finding, Outcome, Subject, fingerprint};
use crate::config::Waiver;
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::{Cites, Library, On, Rule};
use crate::settings::Settings;
use crate::source::{FileId, Span};
use crate::space::{Atlas, TerritorySet};

/// What rules are chosen by, the same for every service and on every day.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) on: On,
    pub(super) library: &'a Library,
    pub(super) atlas: &'a Atlas,
    pub(super) settings: &'a Settings,
}

/// What a run judges with, the same for every service.
pub struct Context<'a> {
    /// What is judged: what holds, or what changes.
    pub on: On,
    /// The rules, with what they use.
    pub library: &'a Library,
    /// Territories and groups.
    pub atlas: &'a Atlas,
    /// For each rule and file, what the config says.
    pub settings: &'a Settings,
    /// Most steps of the conditions of all rules for a service.
    pub steps: usize,
    /// Waivers for some places only, with those places: what is found there is a finding of its own.
    pub splits: Vec<(&'a Waiver, TerritorySet)>,
    /// Settings whose product file could not be read, by the key that declares them: nothing confirms a change there.
    pub unconfirmed: BTreeSet<Span>,
}

impl<'a> Context<'a> {
    pub(super) fn ground(&self) -> Ground<'a> {
        let Self { on, library, atlas, settings, .. } = *self;
        Ground { on, library, atlas, settings }
    }

    /// The places for which findings are waived.
    pub(super) fn waived(&self) -> Vec<TerritorySet> {
        self.splits.iter().map(|(_, territories)| *territories).collect()
    }
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
    pub(super) fn raised_in(
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
            None => usual(),
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
            cells: Arc::default(),
            primary: diagnostic.primary,
            deciding: Box::default(),
            labels: diagnostic.labels,
            message: diagnostic.message,
            help: diagnostic.help.map(Arc::from),
            cites: rule.map(|rule| Cites::of(&rule.cites, |_| true)).unwrap_or_default(),
            missing: Vec::new(),
            unusable: false,
            counts_from: None,
            suppressed: None,
            news: None,
            fixes: diagnostic.fixes,
        })
    }
}
