//! Citations: where a rule comes from, for whom and since when.

use std::sync::Arc;

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
    /// A remark for whoever looks the source up.
    pub note: Option<String>,
}

/// Some of the citations of a rule, which all its findings share.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Cites {
    /// All that the rule has: who reads what was kept of a finding knows the rule.
    #[serde(skip)]
    all: Arc<[Cite]>,
    /// Their places among these, in order.
    chosen: Box<[u32]>,
}

impl Cites {
    /// Those of a rule of which something holds.
    pub fn of(all: &Arc<[Cite]>, is_meant: impl Fn(&Cite) -> bool) -> Self {
        let meant = (0..).zip(all.iter()).filter(|(_, cite)| is_meant(cite));
        Self { all: Arc::clone(all), chosen: meant.map(|(at, _)| at).collect() }
    }

    /// The same places among the citations of a rule.
    pub fn belong_to(&mut self, all: &Arc<[Cite]>) {
        self.all = Arc::clone(all);
    }

    /// Each of them, as the rule has them.
    pub fn iter(&self) -> impl Iterator<Item = &Cite> {
        self.chosen.iter().filter_map(|at| self.all.get(*at as usize))
    }
}

impl PartialEq for Cites {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Cites {}

impl From<Vec<Cite>> for Cites {
    fn from(cites: Vec<Cite>) -> Self {
        Self::of(&cites.into(), |_| true)
    }
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
