//! GitLab Code Quality: what the widget of a merge request lists.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Options, escape, identity, notes, place};
use crate::diagnostic::{Diagnostic, Severity};
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::source::{SourceMap, Span};

pub(super) fn render(report: &Report, sources: &SourceMap, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let identities = identity::identities(report);
    escape::write_json(&Issues { report, sources, options, identities: &identities }, out)
}

/// Issues are made one by one while they are written.
struct Issues<'a> {
    report: &'a Report,
    sources: &'a SourceMap,
    options: &'a Options,
    identities: &'a [String],
}

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // of issues with one fingerprint GitLab shows the first, so each has its own
        let numbered = self.report.found().zip(self.identities);
        let shown = numbered.filter(|(finding, _)| self.options.show_suppressed || finding.is_visible());
        let refused = self.report.refused.iter().map(|diagnostic| self.refused(diagnostic));
        serializer.collect_seq(refused.chain(shown.map(|(finding, identity)| self.issue(finding, identity))))
    }
}

impl<'a> Issues<'a> {
    fn issue(&self, finding: &'a Finding, fingerprint: &'a str) -> Issue<'a> {
        Issue {
            description: notes::message(finding).into_owned(),
            check_name: Cow::Borrowed(&finding.rule),
            fingerprint: Cow::Borrowed(fingerprint),
            severity: word(finding.severity),
            location: self.location(finding.primary.span),
        }
    }

    /// What could not be judged: without it a report of a file that nobody judged would look clean.
    fn refused(&self, diagnostic: &Diagnostic) -> Issue<'a> {
        Issue {
            description: notes::refused(diagnostic),
            check_name: Cow::Owned(format!("core/{}", diagnostic.code)),
            fingerprint: Cow::Owned(identity::of_refused(diagnostic, self.sources)),
            severity: word(Severity::Error),
            location: self.location(diagnostic.primary.span),
        }
    }

    fn location(&self, span: Span) -> Location {
        let (start, end) = place::lines(self.sources, span);
        Location {
            path: place::of_file(&self.options.repository_prefix, self.sources, span.file).into_owned(),
            lines: Lines { begin: start.line, end: end.line },
        }
    }
}

/// `critical` and `blocker` stay free for tools that find holes in the code.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info => "info",
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: Cow<'a, str>,
    fingerprint: Cow<'a, str>,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}
