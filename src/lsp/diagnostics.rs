//! Findings as the diagnostics of the protocol.

use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location, Range,
};
use serde_json::json;

use super::capabilities::Client;
use crate::diagnostic::{self, Label, Severity};
use crate::evaluate::{Finding, Outcome};
use crate::policy::{Library, is_builtin};
use crate::report;
use crate::source::{SourceMap, Span};

/// Who says so.
pub(super) const SOURCE: &str = "purposelint";

/// Rules that flag what may as well not be there.
const UNNECESSARY: [&str; 3] = ["core/unused-definition", "core/unused-ignore", "core/unmatched-waiver"];

/// What is needed to show places to a client.
pub(super) struct Showing<'a, L> {
    /// The texts.
    pub(super) sources: &'a SourceMap,
    /// Who looks.
    pub(super) client: &'a Client,
    /// The place of a span; `None` for a file that has none.
    pub(super) locate: L,
}

impl<L: Fn(Span) -> Option<Location>> Showing<'_, L> {
    /// A finding.
    pub(super) fn finding(&self, finding: &Finding, library: &Library) -> Diagnostic {
        let mut tags = Vec::new();
        if UNNECESSARY.contains(&finding.rule.as_str()) {
            tags.push(DiagnosticTag::Unnecessary);
        }
        Diagnostic {
            range: self.range(finding.primary.span),
            severity: Some(severity(finding)),
            code: Some(Code::String(finding.rule.clone())),
            code_description: described(&finding.rule, library),
            source: Some(SOURCE.to_owned()),
            message: with_help(report::one_line(finding), finding.help.as_deref()).into(),
            tags: Some(tags).filter(|tags| self.client.tags && !tags.is_empty()),
            related_information: self.related(&finding.labels),
            data: Some(json!({ "fingerprint": finding.fingerprint })),
        }
    }

    /// A problem that keeps something from being judged.
    pub(super) fn problem(&self, problem: &diagnostic::Diagnostic) -> Diagnostic {
        Diagnostic {
            range: self.range(problem.primary.span),
            severity: Some(DiagnosticSeverity::Error),
            code: Some(Code::String(problem.code.to_owned())),
            source: Some(SOURCE.to_owned()),
            message: with_help(problem.message.clone(), problem.help.as_deref()).into(),
            related_information: self.related(&problem.labels),
            ..plain()
        }
    }

    /// What this program cannot judge.
    pub(super) fn refused(&self, problem: &diagnostic::Diagnostic, library: &Library) -> Diagnostic {
        let rule = format!("core/{}", problem.code);
        let code_description = described(&rule, library);
        Diagnostic { code: Some(Code::String(rule)), code_description, ..self.problem(problem) }
    }

    /// What has less effect than it seems to have.
    pub(super) fn note(&self, span: Span, reason: &str) -> Diagnostic {
        Diagnostic {
            range: self.range(span),
            severity: Some(DiagnosticSeverity::Warning),
            source: Some(SOURCE.to_owned()),
            message: reason.to_owned().into(),
            ..plain()
        }
    }

    /// That a file is not judged, because of a problem in another.
    pub(super) fn blocked(&self, problem: &diagnostic::Diagnostic) -> Diagnostic {
        let span = problem.primary.span;
        let (path, start) = (self.sources.path(span.file), self.sources.start(span));
        let reason = format!("{path}:{}:{}: {}", start.line, start.column, problem.message);
        let place = Label { span, text: problem.message.clone().into() };
        Diagnostic { related_information: self.related(&[place]), ..unread(&reason) }
    }

    fn range(&self, span: Span) -> Range {
        self.client.encoding.range(self.sources, span)
    }

    fn related(&self, labels: &[Label]) -> Option<Vec<DiagnosticRelatedInformation>> {
        let related = |label: &Label| {
            let message = if label.text.is_empty() { "takes part in this".to_owned() } else { label.text.to_string() };
            Some(DiagnosticRelatedInformation { location: (self.locate)(label.span)?, message })
        };
        let related: Vec<_> = labels.iter().filter_map(related).collect();
        Some(related).filter(|related| self.client.related && !related.is_empty())
    }
}

/// What could not be read as a whole, at the beginning of its file.
pub(super) fn unread(reason: &str) -> Diagnostic {
    Diagnostic {
        severity: Some(DiagnosticSeverity::Error),
        source: Some(SOURCE.to_owned()),
        message: format!("not judged: {reason}").into(),
        ..plain()
    }
}

/// A diagnostic that says nothing yet.
pub(super) fn plain() -> Diagnostic {
    Diagnostic {
        range: Range::default(),
        severity: None,
        code: None,
        code_description: None,
        source: None,
        message: String::new().into(),
        tags: None,
        related_information: None,
        data: None,
    }
}

/// Where the page of a rule is. Clients show it also where they do not say that they do.
fn described(rule: &str, library: &Library) -> Option<CodeDescription> {
    let rule = library.rule(rule).filter(|rule| is_builtin(&rule.id))?;
    Some(CodeDescription { href: rule.url().into() })
}

/// A fact that is not declared and would be worth knowing is nothing to underline.
fn severity(finding: &Finding) -> DiagnosticSeverity {
    match (finding.severity, finding.outcome) {
        (Severity::Error, _) => DiagnosticSeverity::Error,
        (Severity::Warning, _) => DiagnosticSeverity::Warning,
        (Severity::Info, Outcome::Fail) => DiagnosticSeverity::Information,
        (Severity::Info, Outcome::Undetermined) => DiagnosticSeverity::Hint,
    }
}

fn with_help(mut message: String, help: Option<&str>) -> String {
    if let Some(help) = help.filter(|help| !help.trim().is_empty()) {
        message.push_str("\nhelp: ");
        message.push_str(help);
    }
    message
}
