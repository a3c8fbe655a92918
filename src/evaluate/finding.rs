//! A finding: one rule that did not pass, for one purpose, with the cells concerned.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::reads::{Lack, Read};
use crate::diagnostic::{Fix, Label, Severity};
use crate::model::EntityKind;
use crate::policy::{Cites, Rule};
use crate::source::Span;
use crate::space::{Cell, Date};

/// Why a finding is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// The declared facts contradict the rule.
    Fail,
    /// A fact the rule needs is not declared, or cannot be read.
    Undetermined,
}

impl Outcome {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Undetermined => "undetermined",
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Subject {
    /// An entity of a service.
    Entity(EntityKind, String),
    /// A service as a whole, by id.
    Service(String),
    /// A file, by path.
    File(String),
}

impl Subject {
    /// What it is called: the id, or the path of a file.
    pub fn id(&self) -> &str {
        let (Self::Entity(_, id) | Self::Service(id) | Self::File(id)) = self;
        id
    }
}

/// What accepts a finding, so that it does not fail a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SuppressedBy {
    /// A comment in the declaration.
    Ignore,
    /// An entry of the config: for a time, and visible in every report.
    Waiver,
    /// It existed when the tool was adopted.
    Baseline,
    /// It existed in the revision that the run is compared with.
    Revision,
}

impl SuppressedBy {
    /// The word used in reports for machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Waiver => "waiver",
            Self::Baseline => "baseline",
            Self::Revision => "revision",
        }
    }
}

/// How a finding came to be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// By what.
    pub by: SuppressedBy,
    /// Why, in the words of whoever accepted it.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who agreed.
    pub approver: Option<String>,
    /// The day from which it is no longer accepted.
    pub expires: Option<Date>,
    /// Where it is accepted: the comment, the entry of the config.
    pub place: Option<Span>,
    /// The severity it would have; a waiver makes it `info`.
    pub was: Severity,
}

/// One rule, one subject, one outcome, one severity, one missing property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// `pack/rule`
    pub rule: String,
    /// The title of the rule: what is wrong, in a few words.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// Why it is a finding.
    pub outcome: Outcome,
    /// The service it is about, if one could be told.
    pub service: Option<String>,
    /// What it is about.
    pub subject: Subject,
    /// Where the subject is declared; the place that decides may stand in another file. `None` for a place in a file.
    pub declared: Option<Span>,
    /// Whom it concerns: disjoint boxes; empty where it concerns a place in a file and nobody in particular.
    pub cells: Arc<[Cell]>,
    /// The place that decides.
    pub primary: Label,
    /// The other places that decide, each for some of whom it concerns; they have labels as well.
    pub deciding: Box<[Span]>,
    /// The other places that took part.
    pub labels: Vec<Label>,
    /// What is the matter. Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub help: Option<Arc<str>>,
    /// The citations in force whose regions meet the cells.
    pub cites: Cites,
    /// The missing property: `purpose.retention`. For a failure, the facts that are not declared and could lower its severity.
    pub missing: Vec<String>,
    /// Whether what is missing is written, and cannot be read, is ambiguous or is not exact enough.
    pub unusable: bool,
    /// The day from which it counts, where it does not yet.
    pub counts_from: Option<Date>,
    /// What accepts it; `None` while it is open.
    pub suppressed: Option<Box<Suppressed>>,
    /// What is new about it, in words, where a baseline or a revision has it otherwise: for fewer people, less serious.
    pub news: Option<String>,
    /// Ways to repair it, the best first; each is complete by itself.
    pub fixes: Vec<Fix>,
    /// 16 hex digits, from rule, service and subject: the same as long as the finding is about the same thing.
    pub fingerprint: String,
}

impl Finding {
    /// Whether it counts: nothing accepts it.
    pub fn is_open(&self) -> bool {
        self.suppressed.is_none()
    }

    /// Whether reports show it without being asked: what is open, and what is waived.
    pub fn is_visible(&self) -> bool {
        self.suppressed.as_ref().is_none_or(|suppressed| suppressed.by == SuppressedBy::Waiver)
    }
}

/// The fingerprint of an identity.
pub fn fingerprint(rule: &str, service: Option<&str>, subject: &Subject) -> String {
    let subject = match subject {
        Subject::Entity(kind, id) => [kind.noun(), ":", id],
        Subject::Service(id) => ["service", ":", id],
        Subject::File(path) => ["file", ":", path],
    };
    let identity = [rule, "\0", service.unwrap_or_default(), "\0", &subject.concat()].concat();
    format!("{:016x}", xxhash_rust::xxh3::xxh3_64(identity.as_bytes()))
}

/// How the message of an undetermined finding begins.
fn doubt(title: &str) -> String {
    format!("cannot tell whether {title}:")
}

/// Why an undetermined finding has no answer, as its message has it: `` `purpose.retention` is not declared ``.
pub fn reason(finding: &Finding) -> &str {
    finding.message.strip_prefix(&doubt(&finding.title)).unwrap_or(&finding.message).trim_start()
}

/// What a finding says where nobody can tell, from what is missing: its message, its help, and the facts.
pub(super) fn undetermined_text(rule: &Rule, read: Option<&Read>) -> (String, Option<String>, Vec<String>) {
    let Some(read) = read else { return (format!("cannot tell whether {}", rule.title), None, Vec::new()) };
    let why = read.missing.map_or("cannot be settled from what is declared", Lack::as_str);
    let field = read.path.rsplit('.').next().unwrap_or(&read.path);
    let named = if read.path.starts_with("the ") { read.path.clone() } else { format!("`{}`", read.path) };
    // one line in a log has to name the thing, not only the property
    let whose = if read.missing == Some(Lack::Undeclared) { format!(" for {}", read.owner) } else { String::new() };
    let message = format!("{} {named} {why}{whose}", doubt(&rule.title));
    let help = match read.missing {
        Some(Lack::Undeclared) => format!("declare `{field}` for {}", read.owner),
        Some(Lack::Ambiguous) => "resolve the ambiguous override first".to_owned(),
        Some(Lack::Unreadable) => "repair the error at this place first".to_owned(),
        Some(Lack::Open) => format!(
            "declare the day itself in `{field}` for {}, or say with `after` until when it runs at least",
            read.owner
        ),
        Some(Lack::Uncomputable) => format!(
            "ask whoever keeps `{0}`: its condition has no answer for what is declared; see `purposelint explain {0}`",
            rule.id
        ),
        Some(Lack::Uncovered) => {
            format!("{} does not cover this; see `purposelint explain {}`", read.owner, rule.id)
        }
        None => format!("declare `{field}` more exactly for {}", read.owner),
    };
    (message, Some(help), vec![read.path.clone()])
}
