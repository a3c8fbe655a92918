//! A rule: whom it applies to, what it requires, and where that comes from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cite::Cite;
use super::condition::{Condition, Path, Template};
use super::fix::FixTemplate;
use crate::diagnostic::Severity;
use crate::source::Span;
use crate::space::{AgeSet, Date};

/// One case of a severity: the first whose condition holds is taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeverityCase {
    /// When it is taken; `None` is always.
    pub when: Option<Condition>,
    /// The severity.
    pub is: Severity,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ParamValue {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
}

/// A parameter that a config may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value unless a config says otherwise.
    pub value: ParamValue,
}

/// The cells a rule is about; what is empty does not narrow.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Applies {
    /// Uses, by prefix.
    pub uses: Vec<String>,
    /// Data categories, by prefix: one of the purpose's must match.
    pub data: Vec<String>,
    /// Data subjects, by prefix: one of the purpose's must match.
    pub subjects: Vec<String>,
    /// Territory codes and groups.
    pub regions: Vec<String>,
    /// Ages.
    pub ages: Option<AgeSet>,
    /// Plans, by name.
    pub plans: Vec<String>,
    /// States; empty for every state but `absent`.
    pub states: Vec<String>,
    /// Roles of the service: it must have one of them.
    pub roles: Vec<String>,
}

impl Applies {
    /// Whether a purpose in this state is judged.
    pub fn takes_state(&self, state: &str) -> bool {
        match self.states.as_slice() {
            [] => state != "absent",
            states => states.iter().any(|wanted| wanted == state),
        }
    }
}

/// What a failure is a finding about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Per {
    /// Each purpose for which it fails.
    #[default]
    Purpose,
    /// The service: one finding for all its purposes together.
    Service,
}

/// What a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum On {
    /// What holds on a day.
    #[default]
    State,
    /// The step from one revision to the next.
    Change,
}

/// Which part of the program raises a `core` finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RaisedBy {
    /// `syntax`
    Reader,
    /// `schema`
    Schema,
    /// `model`
    Workspace,
    /// `resolve`
    Resolver,
    /// `suppress`
    Suppressions,
    /// `change`
    Comparison,
}

/// What an example must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// The rule fails at the marked line.
    Flagged,
    /// The rule passes somewhere, and neither fails nor is undetermined anywhere.
    Clean,
    /// A fact the rule needs is not declared.
    Undetermined,
    /// The rule is about something else.
    NotApplicable,
}

impl Expectation {
    /// All of them with their keys in rule files.
    pub const ALL: [(&'static str, Self); 4] = [
        ("flagged", Self::Flagged),
        ("clean", Self::Clean),
        ("undetermined", Self::Undetermined),
        ("not_applicable", Self::NotApplicable),
    ];

    /// The key in rule files.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, expectation)| *expectation == self).map_or("", |(name, _)| name)
    }
}

/// A declaration with the outcome it must have.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// What must come out.
    pub expect: Expectation,
    /// The declaration; of two revisions, the one after the change.
    pub text: String,
    /// The declaration before the change, for a rule about changes.
    pub before: Option<String>,
    /// The date it is judged for.
    pub as_of: Option<Date>,
    /// The day from which the finding counts, where it does not yet on the date of the example.
    pub upcoming: Option<Date>,
    /// The severity the finding must have.
    pub severity: Option<Severity>,
    /// Codes and groups that the finding must concern.
    pub within: Vec<String>,
    /// Codes and groups that the finding must not concern.
    pub not_in: Vec<String>,
    /// Rules that may fail here although the example is clean for its own.
    pub also_flagged: Vec<String>,
    /// Where the text stands in the rule file.
    pub span: Span,
}

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// `pack/rule`
    pub id: String,
    /// The rule file, at its first key.
    pub place: Span,
    /// What is wrong, in a few words.
    pub title: String,
    /// Whether it judges without being asked; otherwise a config has to give it a severity by its id.
    pub enabled: bool,
    /// Cases, in the order of trying.
    pub severity: Vec<SeverityCase>,
    /// The severity of an undetermined outcome; `None` is one below the failure's.
    pub undetermined: Option<Severity>,
    /// Where the rule comes from.
    pub cites: Arc<[Cite]>,
    /// For the person who has to defend a finding.
    pub why: String,
    /// What a config may change.
    pub params: Vec<Param>,
    /// What it judges.
    pub on: On,
    /// What a failure is about.
    pub per: Per,
    /// Whom it is about.
    pub applies: Applies,
    /// A further condition on whom it is about.
    pub when: Option<Condition>,
    /// What must hold; `None` where the program raises the finding itself.
    pub require: Option<Condition>,
    /// Who raises it where nothing is required.
    pub raised_by: Option<RaisedBy>,
    /// The place to point at; `None` for the first deciding read.
    pub primary: Option<Path>,
    /// What a finding says; `None` for the title.
    pub message: Option<Template>,
    /// What to do.
    pub help: Option<Template>,
    /// Edits that repair it, the best first.
    pub fixes: Vec<FixTemplate>,
    /// Its tests and its manual. Empty where a run does not need them.
    #[serde(skip)]
    pub examples: Vec<Example>,
    /// Another test that stands in for examples that cannot be written as text.
    pub tested_by: Option<String>,
}

impl Rule {
    /// The pack part of the id.
    pub fn pack(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// The severity of the last case: what the rule has when no condition says otherwise.
    pub fn usual_severity(&self) -> Severity {
        self.severity.last().map_or(Severity::Warning, |case| case.is)
    }

    /// Whether what it flags was not judged as it was meant: it could not be read, is not known, or says two things. A rule with
    /// an undetermined outcome of its own tells apart what it knows.
    pub fn leaves_unjudged(&self) -> bool {
        let by = [RaisedBy::Reader, RaisedBy::Schema, RaisedBy::Workspace, RaisedBy::Resolver];
        self.raised_by.is_some_and(|raised| by.contains(&raised))
            && self.usual_severity() == Severity::Error
            && self.undetermined.is_none()
    }

    /// The page of the rule on the web.
    pub fn url(&self) -> String {
        format!("https://purposelint.dev/rules/{}", self.id)
    }
}
