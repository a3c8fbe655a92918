//! A config and a library to settings, and what in the config cannot stand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Profile, RuleSettings, Settings};
use crate::config::{Config, Matching, Override, Parameter, ParameterValue};
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::{Library, Param, ParamValue, Rule};
use crate::source::{FileId, Span};
use crate::syntax::Located;

/// What a config comes to.
#[derive(Debug, Default)]
pub struct Settled {
    /// The settings of a run. Not to be used with any diagnostic.
    pub settings: Settings,
    /// What cannot stand, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Globs that hold for fewer rules than they match.
    pub relaxing: Vec<Relaxing>,
    /// Globs of `files` that have no effect.
    pub idle: Vec<Idle>,
}

/// A glob of `files` that has no effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Idle {
    /// The glob.
    pub glob: Located<String>,
    /// Where it is an exception, the glob that it is an exception from.
    pub from: Option<String>,
}

/// A glob that takes in locked rules and would relax them. It holds for the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Relaxing {
    /// The glob.
    pub glob: Located<String>,
    /// What it turns rules to.
    pub to: Override,
    /// The locked rules it does not hold for, sorted.
    pub rules: BTreeSet<String>,
    /// One of the locks.
    pub lock: Span,
}

/// How severe a rule is by itself: its most severe case, or off.
pub fn own_severity(rule: &Rule) -> Override {
    if rule.enabled { Override::Severity(most_severe(rule)) } else { Override::Off }
}

/// The most severe case of a rule, whether or not it is on.
pub fn most_severe(rule: &Rule) -> Severity {
    rule.severity.iter().map(|case| case.is).max().unwrap_or(Severity::Warning)
}

/// Works out the settings for declarations, given with their paths from the root.
pub fn settle(config: &Config, library: &Library, declarations: &[(FileId, &str)]) -> Settled {
    let mut work = Work { config, library, wrong: BTreeMap::new(), relaxing: BTreeMap::new() };
    let mut settings = Settings { common: work.profile(&Matching::default()), ..Settings::default() };
    let entries: Vec<_> = config.entries_of_files().collect();
    // an entry that cannot stand is wrong whether or not a declaration matches it
    for (_, alone) in &entries {
        work.profile(alone);
    }
    // one look at each path: there may be many, and as many globs
    let mut known: BTreeMap<Matching, usize> = BTreeMap::new();
    for (file, path) in declarations {
        let matching = config.matching(Path::new(path));
        if matching == Matching::default() {
            continue;
        }
        let at = *known.entry(matching).or_insert_with_key(|matching| {
            settings.others.push(work.profile(matching));
            settings.others.len() - 1
        });
        settings.by_file.insert(*file, at);
    }
    let is_idle = |alone: &Matching| !known.keys().any(|matching| matching.meets(alone));
    let mut idle = Vec::new();
    for (entry, alone) in &entries {
        let Some(glob) = &entry.glob else { continue };
        if is_idle(alone) {
            idle.push(Idle { glob: glob.clone(), from: None });
            continue;
        }
        let paths = declarations.iter().map(|(_, path)| Path::new(*path));
        let exceptions = entry.idle_exceptions(paths).into_iter().cloned();
        idle.extend(exceptions.map(|exception| Idle { glob: exception, from: Some(glob.value.clone()) }));
    }
    let Work { wrong, relaxing, .. } = work;
    let relaxing = relaxing.into_values().collect();
    Settled { settings, diagnostics: wrong.into_values().collect(), relaxing, idle }
}

struct Work<'a> {
    config: &'a Config,
    library: &'a Library,
    /// By place: one mistake is one mistake, for however many files and rules.
    wrong: BTreeMap<Span, Diagnostic>,
    relaxing: BTreeMap<Span, Relaxing>,
}

impl Work<'_> {
    /// The rules as they are where these entries of `files` hold.
    fn profile(&mut self, matching: &Matching) -> Profile {
        let library = self.library;
        library.rules().filter_map(|rule| Some((rule.id.clone(), self.rule(rule, matching)?))).collect()
    }

    fn rule(&mut self, rule: &Rule, matching: &Matching) -> Option<RuleSettings> {
        let config = self.config;
        let own = own_severity(rule);
        let standing = config.standing(&rule.id, own, matching);
        for (entry, lock) in standing.refused {
            if entry.rules.is_exact() {
                self.locked(&rule.id, entry.rules.text.span, lock, "the rule would be less strict here");
                continue;
            }
            let relaxing = self.relaxing.entry(entry.rules.text.span).or_insert_with(|| Relaxing {
                glob: entry.rules.text.clone(),
                to: entry.to.value,
                rules: BTreeSet::new(),
                lock,
            });
            relaxing.rules.insert(rule.id.clone());
        }
        if let Some(entry) = standing.entry.filter(|entry| entry.to.value == Override::Off) {
            self.keep(rule, entry.to.span);
        }
        let params = rule.params.iter().map(|param| self.param(rule, param, matching)).collect();
        let severity = match standing.entry.map_or(own, |entry| entry.to.value) {
            Override::Off => return None,
            Override::Severity(severity) => standing.entry.map(|_| severity),
        };
        let cap = config.cap.filter(|_| config.lock_of(&rule.id).is_none());
        Some(RuleSettings { severity, cap, params })
    }

    /// A parameter with the value that the config gives it.
    fn param(&mut self, rule: &Rule, param: &Param, matching: &Matching) -> Param {
        let is_own = |value: &ParameterValue| convert(value, &param.value).is_some_and(|value| value == param.value);
        let standing = self.config.parameter_standing((&rule.id, &param.name), &is_own, matching);
        for (entry, lock) in standing.refused {
            self.locked(&rule.id, entry.name.span, lock, "another value here");
        }
        let mut param = param.clone();
        if let Some(Parameter { value: wanted, .. }) = standing.entry {
            match convert(&wanted.value, &param.value) {
                Some(value) => param.value = value,
                None => {
                    let message = format!("`{}` of `{}` must be {}", param.name, rule.id, kind(&param.value));
                    let wrong = Diagnostic::new("invalid-value", wanted.span, message)
                        .help(format!("`purposelint explain {}` shows the value it has by itself", rule.id));
                    self.wrong.insert(wanted.span, wrong);
                }
            }
        }
        param
    }

    fn locked(&mut self, rule: &str, place: Span, lock: Span, what: &str) {
        let wrong = Diagnostic::new("config-locked", place, format!("`{rule}` is locked, and cannot be relaxed here"))
            .at(what)
            .label(lock, "locked here")
            .help("leave this out, or change the config that locks the rule; making it stricter is fine");
        self.wrong.entry(place).or_insert(wrong);
    }

    /// A check of `core` without which a declaration would pass unjudged cannot be off.
    fn keep(&mut self, rule: &Rule, place: Span) {
        let is_error = rule.severity.iter().any(|case| case.is == Severity::Error);
        if rule.raised_by.is_none() || !is_error {
            return;
        }
        let wrong = Diagnostic::new("config-core-off", place, format!("`{}` cannot be switched off", rule.id));
        let wrong = wrong.help(
            "what cannot be read or is not known cannot be judged; repair it, or leave the file out with `exclude`",
        );
        // a glob that takes in many is one mistake
        self.wrong.entry(place).or_insert(wrong);
    }
}

/// A value of the config in the type that the rule has; a whole number is a number as well.
fn convert(value: &ParameterValue, like: &ParamValue) -> Option<ParamValue> {
    Some(match (value, like) {
        (ParameterValue::Bool(value), ParamValue::Bool(_)) => ParamValue::Bool(*value),
        (ParameterValue::Int(value), ParamValue::Int(_)) => ParamValue::Int(*value),
        #[expect(clippy::cast_precision_loss, reason = "a parameter is no number of 16 digits")]
        (ParameterValue::Int(value), ParamValue::Double(_)) => ParamValue::Double(*value as f64),
        (ParameterValue::Float(value), ParamValue::Double(_)) => ParamValue::Double(*value),
        (ParameterValue::Text(value), ParamValue::Text(_)) => ParamValue::Text(value.clone()),
        (ParameterValue::List(items), ParamValue::Texts(_)) => {
            ParamValue::Texts(items.iter().map(|item| item.value.clone()).collect())
        }
        _ => return None,
    })
}

fn kind(value: &ParamValue) -> &'static str {
    match value {
        ParamValue::Bool(_) => "true or false",
        ParamValue::Int(_) => "a whole number",
        ParamValue::Double(_) => "a number",
        ParamValue::Text(_) => "text",
        ParamValue::Texts(_) => "a list of texts",
    }
}
