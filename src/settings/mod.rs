//! Severities and parameters of rules as a run uses them: those of the packs, changed by the config, for each declaration.

mod settle;

use std::collections::BTreeMap;

use crate::diagnostic::Severity;
use crate::policy::{Library, Param, Rule};
use crate::source::FileId;

pub use settle::{Idle, Relaxing, Settled, most_severe, own_severity, settle};

/// What a config says of a rule.
#[derive(Debug, Clone, Default)]
pub struct RuleSettings {
    /// Instead of the rule's own severity.
    pub severity: Option<Severity>,
    /// No finding of the rule is more severe than this.
    pub cap: Option<Severity>,
    /// All parameters of the rule, changed ones included.
    pub params: Vec<Param>,
}

impl RuleSettings {
    /// A rule as its pack has it.
    pub fn of(rule: &Rule) -> Self {
        Self { severity: None, cap: None, params: rule.params.clone() }
    }

    /// A severity, but no more than the cap.
    pub fn capped(&self, severity: Severity) -> Severity {
        self.cap.map_or(severity, |cap| severity.min(cap))
    }
}

/// The rules that are switched on, by id.
type Profile = BTreeMap<String, RuleSettings>;

/// The settings of all rules for all declarations. Few differ: each set of rules that is the same for several files is a profile.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// For every file that no other is for.
    common: Profile,
    others: Vec<Profile>,
    /// Indices into `others`.
    by_file: BTreeMap<FileId, usize>,
}

impl Settings {
    /// Every rule of a library that judges without being asked, as its pack has it, for all files.
    pub fn new(library: &Library) -> Self {
        let rules = library.rules().filter(|rule| rule.enabled);
        let common = rules.map(|rule| (rule.id.clone(), RuleSettings::of(rule))).collect();
        Self { common, ..Self::default() }
    }

    /// Switches a rule on for all files, as its pack has it.
    pub fn switch_on(&mut self, rule: &Rule) {
        for profile in [&mut self.common].into_iter().chain(&mut self.others) {
            profile.insert(rule.id.clone(), RuleSettings::of(rule));
        }
    }

    /// What holds for a rule in a file; `None` where it is off. What is about several files belongs to the one that declares
    /// its subject, else to the one it points at.
    pub fn of(&self, file: FileId, rule: &str) -> Option<&RuleSettings> {
        let other = self.by_file.get(&file).and_then(|at| self.others.get(*at));
        other.unwrap_or(&self.common).get(rule)
    }

    /// What holds for a rule in every file; `None` where it is off, or files differ in anything.
    pub fn of_all(&self, rule: &str) -> Option<&RuleSettings> {
        if self.others.is_empty() { self.common.get(rule) } else { None }
    }

    /// Whether a rule is on in at least one file.
    pub fn is_used(&self, rule: &str) -> bool {
        self.common.contains_key(rule) || self.others.iter().any(|profile| profile.contains_key(rule))
    }

    /// In how many of these files a rule is off.
    pub fn files_without(&self, rule: &str, files: &[FileId]) -> usize {
        if self.others.is_empty() {
            return if self.common.contains_key(rule) { 0 } else { files.len() };
        }
        files.iter().filter(|file| self.of(**file, rule).is_none()).count()
    }
}
