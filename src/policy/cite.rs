//! Citations: where a rule comes from, for whom and since when.

use serde::{Deserialize, Serialize};

use crate::space::Interval;

/// What kind of source a citation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CiteKind {
    /// A binding provision.
    Law,
    /// Guidance or a decision of a regulator.
    Regulator,
    /// A court decision.
    Case,
    /// Good practice.
    Practice,
}

/// How sure we are that a citation says what it is cited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Confidence {
    /// Read at the source, or beyond doubt.
    High,
    /// Believed right; not read again.
    Medium,
    /// To be checked.
    Low,
}

/// A source of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cite {
    /// The provision: `GDPR Art. 25(2)`.
    pub text: String,
    /// Codes and groups where it holds; empty for everywhere.
    pub regions: Vec<String>,
    /// What kind of source it is.
    pub kind: CiteKind,
    /// How sure we are.
    pub confidence: Confidence,
    /// When it holds.
    pub in_force: Interval,
    /// Not law yet; never above `info`.
    pub proposed: bool,
    /// The official text.
    pub url: Option<String>,
    /// The day on which the source was read, as written.
    pub checked: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

impl CiteKind {
    /// The word used in rule files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Regulator => "regulator",
            Self::Case => "case",
            Self::Practice => "practice",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Law, Self::Regulator, Self::Case, Self::Practice].into_iter().find(|kind| kind.as_str() == word)
    }
}

impl Confidence {
    /// The word used in rule files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The confidence of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::High, Self::Medium, Self::Low].into_iter().find(|confidence| confidence.as_str() == word)
    }
}
