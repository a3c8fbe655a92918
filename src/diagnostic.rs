//! What is wrong, and where: the plain value that reader, workspace and resolver raise. Knows no rule and no renderer.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::source::Span;

include!(concat!(env!("OUT_DIR"), "/codes.rs"));

/// How much a finding matters, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Worth knowing; never fails a build by itself.
    Info,
    /// Should be looked at.
    Warning,
    /// Fails a build by default.
    Error,
}

impl Severity {
    /// The word used in rule files, reports and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity of a word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Info, Self::Warning, Self::Error].into_iter().find(|severity| severity.as_str() == word)
    }

    /// One step less, at least `info`.
    pub fn below(self) -> Self {
        match self {
            Self::Error => Self::Warning,
            Self::Warning | Self::Info => Self::Info,
        }
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A span with a short remark; an empty remark only marks the place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be seen there, without a full stop.
    #[serde(deserialize_with = "shared")]
    pub text: Arc<str>,
}

/// A text that several may hold; by itself it would be copied twice on the way.
fn shared<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
    struct Shared;
    impl Visitor<'_> for Shared {
        type Value = Arc<str>;

        fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Arc<str>, E> {
            Ok(text.into())
        }
    }
    from.deserialize_str(Shared)
}

/// What stands at the place of something that does not declare a property.
pub fn not_here(property: &str) -> String {
    format!("no `{property}` here")
}

impl Label {
    /// What it says, where that is that something is not declared ([`not_here`]).
    pub fn gap(&self) -> Option<&str> {
        self.text.starts_with("no `").then_some(&*self.text)
    }

    /// A label at a span.
    pub fn new(span: Span, text: impl Into<Arc<str>>) -> Self {
        Self { span, text: text.into() }
    }
}

/// How far an edit may be trusted (docs/fixes.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Safety {
    /// Changes form only.
    Safe,
    /// Changes a declared default that the product reads.
    Authoritative,
    /// Offered, never applied in bulk.
    Suggest,
}

impl Safety {
    /// The word used in rule files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Authoritative => "authoritative",
            Self::Suggest => "suggest",
        }
    }
}

/// A replacement of one stretch of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Edits that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fix {
    /// What the fix does, as an imperative.
    pub title: String,
    /// Whether it may be applied without a person looking.
    pub safety: Safety,
    /// Edits that do not overlap.
    pub edits: Vec<Edit>,
}

/// A name that the program has for a problem.
pub type Code = &'static str;

/// A problem that needs no rule to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The `core` rule that documents it, without the pack: `duplicate-key`.
    #[serde(deserialize_with = "code")]
    pub code: Code,
    /// Lower case, no full stop.
    pub message: String,
    /// The place that decides.
    pub primary: Label,
    /// The other places that took part.
    pub labels: Vec<Label>,
    /// The way out, apart from the message.
    pub help: Option<String>,
    /// Ways to repair it, the best first; each is complete by itself.
    pub fixes: Vec<Fix>,
}

/// Reads a code that this program raises.
fn code<'de, D: Deserializer<'de>>(from: D) -> Result<Code, D::Error> {
    let word = String::deserialize(from)?;
    let known = CODES.iter().find(|code| **code == word);
    known.copied().ok_or_else(|| D::Error::custom("an unknown code"))
}

impl Diagnostic {
    /// A problem at a place.
    pub fn new(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            primary: Label::new(span, ""),
            labels: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Says what is to be seen at the primary place.
    #[must_use]
    pub fn at(mut self, text: impl Into<Arc<str>>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds another place that took part.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<Arc<str>>) -> Self {
        self.labels.push(Label::new(span, text));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    fn first_use(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// Offers a replacement of `span` by `text`.
    #[must_use]
    pub fn replace(mut self, title: impl Into<String>, safety: Safety, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title: title.into(), safety, edits: vec![Edit { span, text: text.into() }] });
        self
    }
}

/// Each problem once: what stands behind an alias is met wherever it is used. Of those that say the same about one place, the one
/// without another place is kept, else the one whose other place comes first.
pub fn once_each(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(all.len());
    let mut known: BTreeMap<(Span, Code), Vec<usize>> = BTreeMap::new();
    for diagnostic in all {
        let alike = known.entry((diagnostic.primary.span, diagnostic.code)).or_default();
        let same = alike.iter().find_map(|at| {
            let same = kept.get(*at)?;
            (same.message == diagnostic.message).then_some(*at)
        });
        match same.and_then(|at| kept.get_mut(at)) {
            Some(same) if diagnostic.first_use() < same.first_use() => *same = diagnostic,
            Some(_) => {}
            None => {
                alike.push(kept.len());
                kept.push(diagnostic);
            }
        }
    }
    kept
}
