//! `purposelint.yaml`: what a workspace asks for, every value with its place.
//!
//! A config may build on others by `extends`. Each file is a [`Layer`]; [`Config`] is all of them together.

mod extends;
mod load;
mod merge;
mod names;
mod standing;
#[cfg(test)]
mod testing;

use globset::GlobMatcher;

pub use extends::{Bases, Start, Unopened};
pub use standing::{Matching, ParameterStanding, Standing};

use crate::diagnostic::Severity;
use crate::discover::PathGlobs;
use crate::source::{FileId, Span};
use crate::space::{Atlas, Date, Duration};
use crate::syntax::{Limits, Located};

/// How many days ahead a run looks where the config does not say.
const HORIZON_DAYS: i64 = 180;

/// The least severity that fails a run where the config does not say.
const FAIL_ON: Severity = Severity::Error;

/// The settings of a workspace: what all its layers say together. Without a file, all are the defaults.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The files it was read from, the nearest first. A nearer layer counts before a farther one.
    pub layers: Vec<Layer>,
    /// Globs of declarations, beside the default names; of all layers.
    pub include: Vec<Located<String>>,
    /// Globs of files and folders to leave out; of all layers.
    pub exclude: Vec<Located<String>>,
    /// Names and paths of packs, of the nearest layer that has a list; `None` for the default choice.
    pub packs: Option<Vec<Located<String>>>,
    /// Groups of territories, each behind those that it names; of all layers.
    pub groups: Vec<Group>,
    /// The least severity that fails a run; see [`Self::fail_on`].
    pub fail_on: Option<Located<Severity>>,
    /// How far ahead to look; see [`Self::horizon_days`].
    pub horizon: Option<Located<Duration>>,
    /// Bounds on what is read, each of the nearest layer that has it.
    pub limits: Limits,
    /// Findings that were accepted; of all layers. See [`Self::layer_of`] for the layer of one.
    pub waivers: Vec<Waiver>,
    /// How far ahead a waiver may expire.
    pub max_waiver: Option<Located<Duration>>,
    /// No finding is more severe than this, but for those of locked rules. No key of the file: the command line asks for it.
    pub cap: Option<Severity>,
    /// Whether what will only count later has its full severity. No key of the file: the command line asks for it.
    pub fail_on_upcoming: bool,
}

/// Why a file is part of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedBy {
    /// It is the config of the workspace itself.
    Workspace,
    /// It was given as the base of whatever the workspace says, so that the workspace cannot leave it out.
    Base,
    /// An entry of `extends`.
    Extends(Span),
}

/// What one file says.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The file.
    pub file: FileId,
    /// What first led to it.
    pub led_by: LedBy,
    /// Globs of declarations, beside the default names.
    pub include: Vec<Located<String>>,
    /// Globs of files and folders to leave out.
    pub exclude: Vec<Located<String>>,
    /// Names and paths of packs; paths count from the folder of this file.
    pub packs: Option<Vec<Located<String>>>,
    /// The key of that list.
    pub packs_place: Option<Span>,
    /// Other severities, in the order of writing.
    pub severity: Vec<SeverityFor>,
    /// Other values for parameters, in the order of writing.
    pub parameters: Vec<Parameter>,
    /// Groups of territories, in the order of writing.
    pub groups: Vec<Group>,
    /// The least severity that fails a run.
    pub fail_on: Option<Located<Severity>>,
    /// How far ahead to look.
    pub horizon: Option<Located<Duration>>,
    /// Bounds on what is read, by key.
    pub limits: Vec<(String, Located<usize>)>,
    /// Rules that nearer layers and comments cannot relax.
    pub locked: Vec<RuleGlob>,
    /// Findings that were accepted.
    pub waivers: Vec<Waiver>,
    /// How far ahead a waiver may expire.
    pub max_waiver: Option<Located<Duration>>,
    /// Configs to build on: paths from the folder of this file.
    pub extends: Vec<Located<String>>,
    /// Settings for some declarations only, in the order of writing.
    pub files: Vec<ForFiles>,
}

impl Layer {
    /// A file that says nothing.
    fn new(file: FileId, led_by: LedBy) -> Self {
        Self {
            file,
            led_by,
            include: Vec::new(),
            exclude: Vec::new(),
            packs: None,
            packs_place: None,
            severity: Vec::new(),
            parameters: Vec::new(),
            groups: Vec::new(),
            fail_on: None,
            horizon: None,
            limits: Vec::new(),
            locked: Vec::new(),
            waivers: Vec::new(),
            max_waiver: None,
            extends: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The packs that are paths to folders, as written: from the folder of this file.
    pub fn local_packs(&self) -> impl Iterator<Item = &Located<String>> {
        self.packs.iter().flatten().filter(|pack| is_path(&pack.value))
    }
}

/// The entry that counts for a rule: one that names the rule beats a glob; else the last.
fn winner<'s>(
    entries: impl DoubleEndedIterator<Item = &'s SeverityFor> + Clone,
    rule: &str,
) -> Option<&'s SeverityFor> {
    let mut matching = entries.rev().filter(|entry| entry.rules.matches(rule));
    let exact = matching.clone().find(|entry| entry.rules.is_exact());
    exact.or_else(|| matching.next())
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
        self.rule.as_ref().is_some_and(|glob| glob.matches(rule)) && self.takes_in(service, purpose)
    }

    /// The same whatever flags them.
    pub fn takes_in(&self, service: Option<&str>, purpose: Option<&str>) -> bool {
        let one_of = |globs: &[RuleGlob], id: Option<&str>| {
            globs.is_empty() || id.is_some_and(|id| globs.iter().any(|glob| glob.matches(id)))
        };
        one_of(&self.services, service) && one_of(&self.purposes, purpose)
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
    /// The glob and the exceptions from it, to be matched; `None` where they make no sense, which a diagnostic says.
    paths: Option<PathGlobs>,
    except: Option<PathGlobs>,
}

impl Config {
    /// Where a layer stands: 0 is the nearest. `None` for a place outside the config.
    pub fn layer_of(&self, place: Span) -> Option<usize> {
        self.layers.iter().position(|layer| layer.file == place.file)
    }

    /// Whether a place stands in the base, or in what that builds on: said for many workspaces, of which this is one.
    pub fn is_of_base(&self, place: Span) -> bool {
        let base = self.layers.iter().position(|layer| layer.led_by == LedBy::Base);
        base.is_some_and(|base| self.layer_of(place).is_some_and(|at| at >= base))
    }

    /// The least severity that fails a run; `error` unless the config says otherwise.
    pub fn fail_on(&self) -> Severity {
        self.fail_on.as_ref().map_or(FAIL_ON, |severity| severity.value)
    }

    /// How many days ahead to look for what will count only later.
    pub fn horizon_days(&self) -> i64 {
        self.horizon.as_ref().map_or(HORIZON_DAYS, |horizon| horizon.value.days())
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

/// The entry of `packs` that stands for all that is used where there is no such list.
pub const DEFAULT_PACKS: &str = "default";

/// Whether an entry of `packs` is a path, not a name.
pub fn is_path(pack: &str) -> bool {
    ["./", "../", "/"].into_iter().any(|start| pack.starts_with(start))
}
