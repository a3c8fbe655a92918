//! `purposelint.yaml`: what a workspace asks for, every value with its place.
//!
//! What this version reads and keeps but does not act on yet is listed in [`Config::unsupported`], so that a run can say so.

mod load;
mod names;

use globset::GlobMatcher;

use crate::diagnostic::Severity;
use crate::source::{FileId, Span};
use crate::space::{Atlas, Date, Duration};
use crate::syntax::{Limits, Located};

/// How many days ahead a run looks where the config does not say.
const HORIZON_DAYS: i64 = 180;

/// The settings of a workspace. Without a file, all are the defaults.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file it was read from.
    pub file: Option<FileId>,
    /// Globs of declarations, beside the default names.
    pub include: Vec<Located<String>>,
    /// Globs of files and folders to leave out.
    pub exclude: Vec<Located<String>>,
    /// Names and paths of packs; `None` for the default choice.
    pub packs: Option<Vec<Located<String>>>,
    /// Other severities, in the order of writing.
    pub severity: Vec<SeverityFor>,
    /// Other values for parameters, in the order of writing.
    pub parameters: Vec<Parameter>,
    /// Groups of territories, each behind those that it names.
    pub groups: Vec<Group>,
    /// The least severity that fails a run; see [`Self::fail_on`].
    pub fail_on: Option<Located<Severity>>,
    /// How far ahead to look; see [`Self::horizon_days`].
    pub horizon: Option<Located<Duration>>,
    /// Bounds on what is read.
    pub limits: Limits,
    /// Rules that no comment can ignore. Kept, without effect yet.
    pub locked: Vec<RuleGlob>,
    /// Findings that were accepted. Kept, without effect yet.
    pub waivers: Vec<Waiver>,
    /// How far ahead a waiver may expire. Kept, without effect yet.
    pub max_waiver: Option<Located<Duration>>,
    /// Configs to build on. Kept, without effect yet.
    pub extends: Vec<Located<String>>,
    /// Settings for some files only. Kept, without effect yet.
    pub files: Vec<ForFiles>,
    /// Whether what will only count later has its full severity. No key of the file: the command line asks for it.
    pub fail_on_upcoming: bool,
    /// Keys that are present and that this version does not act on, with what that means.
    pub unsupported: Vec<(Span, String)>,
}

/// What a rule is turned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Override {
    /// Not reported.
    Off,
    /// Reported as this.
    Severity(Severity),
}

impl Override {
    /// What a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        if word == "off" { Some(Self::Off) } else { Severity::parse(word).map(Self::Severity) }
    }
}

/// A rule id, or a glob of rule ids in which `*` stands for anything, `/` included.
#[derive(Debug, Clone)]
pub struct RuleGlob {
    /// As written.
    pub text: Located<String>,
    /// `None` where the text is a plain id, or no glob at all, which a diagnostic says.
    matcher: Option<GlobMatcher>,
}

impl RuleGlob {
    /// Whether it names one rule.
    pub fn is_exact(&self) -> bool {
        !is_glob(&self.text.value)
    }

    /// Whether a rule is meant.
    pub fn matches(&self, rule: &str) -> bool {
        match &self.matcher {
            Some(matcher) => matcher.is_match(rule),
            None => self.text.value == rule,
        }
    }
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// An entry of `severity`.
#[derive(Debug, Clone)]
pub struct SeverityFor {
    /// Which rules.
    pub rules: RuleGlob,
    /// To what.
    pub to: Located<Override>,
}

/// A value of `parameters`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The id of the rule.
    pub rule: Located<String>,
    /// The name of the parameter.
    pub name: Located<String>,
    /// The value; whether it has the type that the rule expects is for the rule to say.
    pub value: Located<ParameterValue>,
}

/// What a parameter can be set to.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list of texts.
    List(Vec<Located<String>>),
}

/// An entry of `groups`.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: Located<String>,
    /// Codes and names of groups.
    pub regions: Vec<Located<String>>,
}

/// An entry of `waivers`.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The whole entry.
    pub span: Span,
    /// The rules whose findings are accepted, or else [`Self::change`].
    pub rule: Option<RuleGlob>,
    /// The fingerprint of one change that is accepted.
    pub change: Option<Located<String>>,
    /// The ids of services; empty for all.
    pub services: Vec<RuleGlob>,
    /// The ids of purposes; empty for all.
    pub purposes: Vec<RuleGlob>,
    /// Codes and names of groups; empty for everywhere.
    pub regions: Vec<Located<String>>,
    /// Why.
    pub reason: Option<Located<String>>,
    /// Who answers for it.
    pub owner: Option<Located<String>>,
    /// Who agreed.
    pub approver: Option<Located<String>>,
    /// The day from which it no longer holds.
    pub expires: Option<Located<Date>>,
}

impl Waiver {
    /// Whether it is about findings of a rule for a service and a purpose, where there are; wherever they occur.
    pub fn concerns(&self, rule: &str, service: Option<&str>, purpose: Option<&str>) -> bool {
        let one_of = |globs: &[RuleGlob], id: Option<&str>| {
            globs.is_empty() || id.is_some_and(|id| globs.iter().any(|glob| glob.matches(id)))
        };
        self.rule.as_ref().is_some_and(|glob| glob.matches(rule))
            && one_of(&self.services, service)
            && one_of(&self.purposes, purpose)
    }

    /// Whether it still holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.expires.as_ref().is_some_and(|expires| day < expires.value)
    }
}

/// An entry of `files`.
#[derive(Debug, Clone)]
pub struct ForFiles {
    /// Which declarations.
    pub glob: Option<Located<String>>,
    /// Other severities there.
    pub severity: Vec<SeverityFor>,
    /// Other values for parameters there.
    pub parameters: Vec<Parameter>,
    /// Which of them not.
    pub exclude: Vec<Located<String>>,
}

impl Config {
    /// What the config turns a rule to. An entry that names the rule beats a glob; else the last entry counts.
    pub fn severity_of(&self, rule: &str) -> Option<Override> {
        let matching = || self.severity.iter().rev().filter(|entry| entry.rules.matches(rule));
        let winner = matching().find(|entry| entry.rules.is_exact()).or_else(|| matching().next());
        winner.map(|entry| entry.to.value)
    }

    /// Where the config says what a rule is turned to.
    pub fn severity_span(&self, rule: &str) -> Option<Span> {
        let matching = || self.severity.iter().rev().filter(|entry| entry.rules.matches(rule));
        let winner = matching().find(|entry| entry.rules.is_exact()).or_else(|| matching().next());
        winner.map(|entry| entry.to.span)
    }

    /// Where the config says that nothing accepts findings of a rule, if it does.
    pub fn lock_of(&self, rule: &str) -> Option<Span> {
        self.locked.iter().find(|glob| glob.matches(rule)).map(|glob| glob.text.span)
    }

    /// Whether the config gives a rule a severity by its own id.
    pub fn names(&self, rule: &str) -> bool {
        self.severity.iter().any(|entry| entry.rules.is_exact() && entry.rules.matches(rule))
    }

    /// What the config sets a parameter of a rule to.
    pub fn parameter(&self, rule: &str, name: &str) -> Option<&Located<ParameterValue>> {
        let mut matching = self.parameters.iter().filter(|entry| entry.rule.value == rule && entry.name.value == name);
        matching.next_back().map(|entry| &entry.value)
    }

    /// The least severity that fails a run; `error` unless the config says otherwise.
    pub fn fail_on(&self) -> Severity {
        self.fail_on.as_ref().map_or(Severity::Error, |severity| severity.value)
    }

    /// How many days ahead to look for what will count only later.
    pub fn horizon_days(&self) -> i64 {
        self.horizon.as_ref().map_or(HORIZON_DAYS, |horizon| horizon.value.days())
    }

    /// The packs that are paths to folders, as written: from the folder of the config.
    pub fn local_packs(&self) -> impl Iterator<Item = &Located<String>> {
        self.packs.iter().flatten().filter(|pack| is_path(&pack.value))
    }

    /// The atlas with the groups of the config.
    pub fn atlas(&self, base: &Atlas) -> Atlas {
        let mut atlas = base.clone();
        for group in &self.groups {
            let regions: Vec<&str> = group.regions.iter().map(|region| region.value.as_str()).collect();
            // INVARIANT: loading has dropped every group that the atlas would refuse
            let _added = atlas.add_group(&group.name.value, &regions);
        }
        atlas
    }
}

/// Whether an entry of `packs` is a path, not a name.
fn is_path(pack: &str) -> bool {
    ["./", "../", "/"].into_iter().any(|start| pack.starts_with(start))
}
