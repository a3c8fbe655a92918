//! GitLab Code Quality: what the widget of a merge request lists.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Options, escape, identity, notes, place};
use crate::diagnostic::Severity;
use crate::evaluate::Finding;
use crate::lint::Report;
use crate::source::SourceMap;

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
        serializer.collect_seq(shown.map(|(finding, identity)| self.issue(finding, identity)))
    }
}

impl<'a> Issues<'a> {
    fn issue(&self, finding: &'a Finding, fingerprint: &'a str) -> Issue<'a> {
        let span = finding.primary.span;
        let (start, end) = place::lines(self.sources, span);
        Issue {
            description: notes::message(finding).into_owned(),
            check_name: &finding.rule,
            fingerprint,
            // `critical` and `blocker` stay free for tools that find holes in the code
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location {
                path: place::of_file(&self.options.repository_prefix, self.sources, span.file).into_owned(),
                lines: Lines { begin: start.line, end: end.line },
            },
        }
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
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
